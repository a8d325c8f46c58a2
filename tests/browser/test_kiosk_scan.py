"""The tablet's camera reads a visit ticket: a code held before it arrives as letters."""

import io
import os

import pytest
import segno
from PIL import Image
from playwright.sync_api import expect

from survey_app.codes import grouped_code, mint_code
from tests.browser.axe import violations
from tests.browser.kiosk_tablet import KioskTablet
from tests.conftest import CHROMIUM, PATIENCE_MS

pytestmark = pytest.mark.any_database

WIDTH, HEIGHT = 640, 480
CODE = mint_code(10)

OPEN = """async () => {
    const { canScan, openScanner } = await import('/static/kiosk/scan.js');
    const { createLanguage } = await import('/static/kiosk/language.js');
    const texts = JSON.parse(document.getElementById('config').textContent).texts;
    const language = createLanguage(texts);
    language.speak('en');
    window.heard = [];
    window.scanner = openScanner({
        place: document.getElementById('screen'), language,
        onCode: (code) => window.heard.push(code), onClose: () => window.heard.push('closed'),
    });
    return canScan();
}"""
LIVE = "document.querySelector('.scanner video')?.srcObject?.active ?? false"


@pytest.fixture
def camera_page(browser, live_server, tmp_path):
    """`camera_page(text)`: the tablet's page on a device before whose camera this code is held.

    Without a text the camera is refused.
    """
    browsers, troubles = [], []

    def camera_page(text):
        arguments = ["--use-fake-device-for-media-stream"]
        if text:
            film = tmp_path / "held.y4m"
            film.write_bytes(still_film(text))
            arguments.append("--use-fake-ui-for-media-stream")
            arguments.append(f"--use-file-for-fake-video-capture={film}")
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        # What a camera sees is told to Chromium when it starts.
        browsers.append(browser.browser_type.launch(executable_path=CHROMIUM, args=arguments))
        # Without the worker, which would still be fetching when the test is over.
        page = browsers[-1].new_page(base_url=live_server.url, service_workers="block")
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto("/kiosk/")
        expect(page.locator("h1")).to_be_visible()
        return page

    yield camera_page
    for started in browsers:
        started.close()
    assert troubles == []


def test_a_ticket_held_before_the_camera_is_read(camera_page):
    page = camera_page(f"https://rey.example.org/t/{CODE}/ru")
    assert page.evaluate(OPEN)
    expect(page.locator(".scanner")).to_have_count(0, timeout=2 * PATIENCE_MS)
    # The camera is off before anything is done with the letters.
    assert page.evaluate("heard") == ["closed", CODE]


def test_any_other_code_is_told_and_the_camera_goes_off_when_asked(camera_page):
    page = camera_page("https://elsewhere.example.org/t/MENU")
    page.evaluate(OPEN)
    scanner = page.get_by_role("dialog", name="Hold your ticket in front of the camera")
    expect(scanner.get_by_role("status")).to_have_text(
        "This is not the code of a visit ticket.", timeout=2 * PATIENCE_MS
    )
    assert page.evaluate(LIVE)
    assert violations(page) == []
    for button in scanner.get_by_role("button").all():
        assert min(button.bounding_box()[side] for side in ("width", "height")) >= 64

    stream = page.evaluate_handle("document.querySelector('.scanner video').srcObject")
    page.keyboard.press("Escape")
    # Chromium shuts the dialog itself and says so a moment later: only who heard it has the
    # camera turned off and the dialog thrown away.
    expect(page.locator("dialog.scanner")).to_have_count(0)
    assert not stream.evaluate("(stream) => stream.active")
    assert page.evaluate("heard") == ["closed"]


def test_a_refused_camera_leaves_the_way_by_hand(camera_page):
    page = camera_page(None)
    page.evaluate(OPEN)
    status = page.get_by_role("dialog").get_by_role("status")
    expect(status).to_contain_text("This tablet may not use its camera.")
    page.get_by_role("button", name="Close the camera").click()
    assert page.evaluate("heard") == ["closed"]


def test_nobody_is_sent_away_while_the_camera_looks(new_page, session, make):
    page = new_page(service_workers="block")
    tablet = KioskTablet(page, session)
    tablet.stop_clock()
    tablet.pair(make.touchpoint())
    tablet.score(4)
    page.locator(".ticket-way").click()
    expect(page.locator("#ticket")).to_be_visible()
    tablet.settle()
    page.locator(".ticket .row .way").last.click()
    scanner = page.locator("dialog.scanner")
    expect(scanner).to_be_visible()
    # Longer than anybody may rest on the page below it.
    page.clock.run_for(40_000)
    expect(scanner).to_be_visible()
    # Then the camera goes off, and there is as much time as before it.
    page.clock.run_for(6_000)
    expect(scanner).to_have_count(0)
    page.clock.run_for(24_000)
    expect(page.locator("#ticket")).to_be_visible()
    page.clock.run_for(7_000)
    tablet.expect_thanks()


def test_what_counts_as_a_ticket(new_page):
    letters = {
        CODE: CODE,
        grouped_code(CODE).lower(): CODE,
        f"http://127.0.0.1:8000/t/{grouped_code(CODE)}?lang=ru": CODE,
        f"https://rey.example.org/q/{CODE}": None,
        "https://rey.example.org/t/": None,
        # One letter is another.
        CODE[:-1] + ("B" if CODE[-1] != "B" else "C"): None,
        "": None,
    }
    page = new_page(service_workers="block")
    page.goto("/kiosk/")
    found = page.evaluate(
        """async (texts) => {
            const { ticketIn } = await import('/static/kiosk/scan.js');
            return texts.map(ticketIn);
        }""",
        list(letters),
    )
    assert dict(zip(letters, found, strict=True)) == letters


def still_film(text: str) -> bytes:
    """Twenty frames of a printed code held still, in the format Chromium plays as a camera."""
    printed = io.BytesIO()
    segno.make(text, error="m", micro=False).save(printed, kind="png", scale=7, border=4)
    frame = Image.new("L", (WIDTH, HEIGHT), 120)
    code = Image.open(printed).convert("L").rotate(6, expand=True, fillcolor=120)
    frame.paste(code, ((WIDTH - code.width) // 2, (HEIGHT - code.height) // 2))
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    picture = b"FRAME\n" + frame.tobytes() + grey
    return f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + picture * 20
