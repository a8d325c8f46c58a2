"""The tablet as a device: its keys, what lies in its store, its queue, what staff do at it."""

import contextlib
import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from survey_app.extensions import begin_writing
from survey_app.models import Rating, Tablet
from survey_app.network.pins import hash_pin
from tests.browser.kiosk_tablet import HEARTBEAT_MS, KioskTablet
from tests.browser.waiting import wait_until
from tests.factories import submission

pytestmark = pytest.mark.any_database

RATINGS = "**/api/v1/ratings"
COMMENT = "Çox sağ olun, hər şey yaxşı idi"

# Everything in the tablet's store as text: bytes are written as the letters they may hide.
_EVERYTHING = """async () => {
    const database = await new Promise((resolve, reject) => {
        const opening = indexedDB.open("rey-kiosk");
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
    });
    const written = (value) => {
        if (value instanceof CryptoKey) return value.extractable ? "EXTRACTABLE" : "a key";
        if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
            const bytes = new Uint8Array(value.buffer ?? value);
            return new TextDecoder().decode(bytes) + new TextDecoder("utf-16").decode(bytes);
        }
        if (value === null || typeof value !== "object") return String(value);
        return Object.entries(value).map(([name, each]) => `${name}=${written(each)}`).join(";");
    };
    const found = {};
    for (const name of database.objectStoreNames) {
        found[name] = await new Promise((resolve) => {
            const reading = database.transaction(name).objectStore(name).getAll();
            reading.onsuccess = () => resolve(reading.result.map(written).join("|"));
        });
    }
    database.close();
    return found;
}"""

# A store as the page of the version before made it, filled.
_OLD_STORE = """({ token, waiting, draft, refused }) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("rey-kiosk", 1);
    opening.onerror = () => reject(opening.error);
    opening.onupgradeneeded = () => {
        const database = opening.result;
        database.createObjectStore("meta");
        database.createObjectStore("drafts", { keyPath: "submission_id" });
        database.createObjectStore("outbox", { keyPath: "sequence" });
        database.createObjectStore("rejected", { keyPath: "submission_id" });
    };
    opening.onsuccess = () => {
        const database = opening.result;
        const writing = database.transaction(["meta", "drafts", "outbox", "rejected"], "readwrite");
        writing.objectStore("meta").put(token, "token");
        writing.objectStore("meta").put(7, "sequence");
        waiting.forEach((entry) => writing.objectStore("outbox").put(entry));
        writing.objectStore("drafts").put(draft);
        writing.objectStore("rejected").put(refused);
        writing.oncomplete = () => { database.close(); resolve(); };
    };
})"""

# Ratings as the page's own modules seal them, written in one transaction.
_FILL = """async ({ ratings }) => {
    const { seal } = await import("/static/kiosk/keys.js");
    const entries = [];
    for (const { submission_id, sequence, ...rating } of ratings) {
        entries.push({ submission_id, sequence, sealed: await seal(rating, submission_id) });
    }
    await new Promise((resolve, reject) => {
        const opening = indexedDB.open("rey-kiosk");
        opening.onsuccess = () => {
            const database = opening.result;
            const writing = database.transaction(["meta", "outbox"], "readwrite");
            entries.forEach((entry) => writing.objectStore("outbox").put(entry));
            writing.objectStore("meta").put(entries.length, "sequence");
            writing.oncomplete = () => { database.close(); resolve(); };
            writing.onabort = () => reject(writing.error);
        };
    });
}"""


def test_what_is_kept_cannot_be_read_and_a_stolen_token_opens_nothing(
    tablet, place, session, new_page
):
    tablet.page.route(RATINGS, lambda route: route.abort())
    tablet.pair(place)
    tablet.score(4)
    # The survey of the tests asks for words last.
    tablet.go_on_to("textarea")
    tablet.page.locator("textarea").fill(COMMENT)
    tablet.go("enough")
    tablet.expect_thanks()
    tablet.expect_clean_start()
    everything = tablet.page.evaluate(_EVERYTHING)
    assert everything["drafts"] == ""
    # The public half is for everybody to read.
    assert "privateKey=a key" in everything["keys"]
    assert "sealing=a key" in everything["keys"]
    assert "submission_id" in everything["outbox"]
    for word in (COMMENT, "score", "comment", "language", "answers", "visit_ms"):
        assert word not in everything["outbox"]
    assert COMMENT not in " ".join(everything.values())
    tablet.page.unroute(RATINGS)
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.expect_kept(0)
    rating = rows(session, select(Rating))[0]
    assert (rating.comment, rating.score, rating.touchpoint_id) == (COMMENT, 4, place.id)
    assert rating.device_run is not None
    assert 0 <= rating.lead_ms < rating.device_ms
    assert rating.visit_ms > 400
    assert len(rows(session, select(Tablet.public_key))[0]) == 65
    # Comes with the first sign of life.
    assert wait_until(tablet.page, lambda: rows(session, select(Tablet.storage_free))[0]) > 0

    token = tablet.page.evaluate("import('/static/kiosk/store.js').then((s) => s.recall('token'))")
    thief = KioskTablet(new_page(service_workers="block"), session)
    thief.page.goto("/kiosk/")
    thief.page.evaluate(
        "(token) => import('/static/kiosk/store.js').then((s) => s.keepToken(token))", token
    )
    thief.page.reload()
    expect(thief.page.locator("#code")).to_be_visible()


def test_what_the_version_before_kept_goes_out_and_is_sealed_until_then(
    tablet, place, session, make
):
    enrolled = make.tablet(place)
    session.commit()
    said = {"rated_at": datetime.now(UTC).isoformat(), "comment": COMMENT}
    kept = [submission(sequence=number, score=number - 4) | said for number in (5, 6, 7)]
    begun = submission(score=4) | said
    refused = submission(sequence=3) | said | {"reason": "unknown_service"}
    del begun["sequence"]
    tablet.page.route(RATINGS, lambda route: route.abort())
    tablet.page.goto("/kiosk/manifest.webmanifest")
    store = {"token": enrolled.token, "waiting": kept, "draft": begun, "refused": refused}
    tablet.page.evaluate(_OLD_STORE, store)
    tablet.page.goto("/kiosk/")
    # What was refused is asked about again by a new version of the page.
    tablet.expect_kept(5)
    wait_until(tablet.page, lambda: COMMENT not in str(tablet.page.evaluate(_EVERYTHING)))
    tablet.page.unroute(RATINGS)
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.expect_kept(0)
    found = rows(session, select(Rating).order_by(Rating.sequence))
    expected = [(3, 5), (5, 1), (6, 2), (7, 3), (8, 4)]
    assert [(each.sequence, each.score) for each in found] == expected
    assert {each.comment for each in found} == {COMMENT}
    assert tablet.kept("rejected") == []


@pytest.mark.timeout(300)
def test_two_thousand_ratings_are_sent_without_a_failed_try(tablet, place, session):
    tablet.pair(place)
    ratings = [
        submission(sequence=number, score=number % 5 + 1, place=place.id, comment=COMMENT)
        | {"rated_at": datetime.now(UTC).isoformat()}
        for number in range(1, 2001)
    ]
    tablet.page.evaluate(_FILL, {"ratings": ratings})
    sent = []
    tablet.page.on("requestfinished", lambda request: sent.append(request.url))
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.expect_kept(0, seconds=240)
    # Nothing was tried twice, so nothing was waited for between one batch and the next.
    assert sum(url.endswith("/api/v1/ratings") for url in sent) == 2000 / 50
    assert rows(session, select(func.count()).select_from(Rating)) == [2000]
    assert len(tablet.kept("rejected")) == 0


def test_what_a_manager_decides_reaches_the_tablet_with_its_next_sign_of_life(
    tablet, place, session
):
    tablet.page.clock.install()
    tablet.pair(place)
    # The staff menu closes by itself: it must not lie in front of the next citizen.
    tablet.page.clock.run_for(500)
    tablet.page.locator("#corner").focus()
    tablet.page.keyboard.down("Enter")
    tablet.page.clock.run_for(3_100)
    expect(tablet.page.locator("dialog.staff")).to_be_visible()
    tablet.page.keyboard.up("Enter")
    tablet.page.clock.fast_forward(HEARTBEAT_MS)
    expect(tablet.page.locator("dialog.staff")).to_be_hidden()
    session.commit()
    # As the manager's page does: the tablet may be writing at the same time.
    begin_writing(session)
    enrolled = session.scalars(select(Tablet)).one()
    enrolled.paused_at = datetime.now(UTC)
    session.commit()
    pass_minutes_until(tablet.page, "[data-screen=paused]")
    session.expire_all()
    assert (enrolled.unsent, enrolled.is_charging) == (0, True)
    # The page's clock was moved ahead of ours by what was run through.
    assert -1_000_000 < enrolled.skew_ms < 1_000


def test_staff_open_their_menu_with_a_pin(tablet, place, session):
    place.center.staff_pin = hash_pin("4826") | {"note": "kept"}
    tablet.stop_clock()
    tablet.pair(place)
    page = tablet.page
    menu = page.locator("dialog.staff")
    # Not by chance, and not while somebody rates.
    page.locator("#corner").click()
    tablet.score(3)
    page.evaluate("document.getElementById('corner').dispatchEvent(new Event('pointerdown'))")
    page.clock.run_for(3_300)
    expect(menu).to_be_hidden()
    tablet.go("enough")
    tablet.expect_thanks()
    tablet.expect_clean_start()

    hold(tablet)
    enter(page, "1111")
    expect(page.locator("#pin-problem")).to_contain_text("4")
    for digit in "4826":
        page.get_by_role("button", name=digit, exact=True).click()
    page.locator(".digits .primary").click()
    expect(page.locator(".state dd").first).to_be_visible()
    shown = page.locator(".state").inner_text()
    assert place.label["az"] in shown
    assert place.center.name["az"] in shown
    page.locator("#own-language").select_option("ru")
    page.locator(".staff header button").click()
    expect_closed(menu)
    expect(page.locator("html")).to_have_attribute("lang", "ru")

    # Five wrong tries lock it, and a reload gives none of them back.
    hold(tablet)
    for _ in range(5):
        enter(page, "9999")
        expect(page.locator("#pin")).to_have_value("")
    expect(page.locator("#pin-problem")).to_contain_text(re.compile(r"\d:\d\d"))
    page.reload()
    tablet.expect_clean_start()
    hold(tablet)
    enter(page, "4826")
    expect(page.locator("#pin-problem")).to_contain_text(re.compile(r"\d:\d\d"))
    expect(page.locator(".state")).to_have_count(0)
    page.evaluate("import('/static/kiosk/store.js').then((s) => s.remember('pin', undefined))")

    # What is not sent is named before the tablet is disconnected, and stays.
    page.route(RATINGS, lambda route: route.abort())
    page.keyboard.press("Escape")
    expect_closed(menu)
    tablet.rate(2)
    hold(tablet)
    enter(page, "4826")
    page.locator(".acts button").last.click()
    # The question whether it is meant so stands where the state was.
    expect(menu.locator(".acts")).to_be_visible()
    expect(menu.locator(".state")).to_have_count(0)
    expect(menu).to_contain_text("1")
    page.locator(".acts button").last.click()
    expect(menu.locator("[role=status]")).to_be_visible()
    page.locator(".staff header button").click()
    expect(page.locator("#code")).to_be_visible()
    tablet.expect_kept(1)
    assert rows(session, select(Tablet.revoked_at)) != [None]
    # The way back: the rating goes out with the next pairing.
    page.unroute(RATINGS)
    tablet.pair(place)
    tablet.expect_kept(0)
    assert sorted(rows(session, select(Rating.score))) == [2, 3]
    assert len(set(rows(session, select(Tablet.public_key)))) == 1


# center × instant → open. Baku is four hours ahead of UTC; New York changes its clocks on
# 1 November 2026, from four hours behind to five.
HOURS = {str(day): ["09:00", "18:00"] for day in range(1, 6)}
BAKU = {"time_zone": "Asia/Baku", "hours": HOURS, "closed_days": ["2026-11-09"]}
# Without a network for so long that other hours hold by now, and others again.
MOVED = BAKU | {
    "hours_next": [
        {"since": "2026-10-06", "hours": {"2": ["14:00", "20:00"], "6": ["10:00", "12:00"]}},
        {"since": "2026-10-13", "hours": HOURS},
    ]
}
NEW_YORK = {"time_zone": "America/New_York", "hours": HOURS, "closed_days": []}
TIMES = [
    (BAKU, "2026-10-05T04:44:59Z", False),
    (BAKU, "2026-10-05T04:45:00Z", True),
    (BAKU, "2026-10-05T14:15:00Z", True),
    (BAKU, "2026-10-05T14:15:01Z", False),
    # Friday evening, and a Monday that is a holiday.
    (BAKU, "2026-11-06T20:30:00Z", False),
    (BAKU, "2026-11-09T08:00:00Z", False),
    (NEW_YORK, "2026-10-31T12:00:00Z", False),
    (NEW_YORK, "2026-10-30T13:00:00Z", True),
    (MOVED, "2026-10-05T08:00:00Z", True),
    (MOVED, "2026-10-06T08:00:00Z", False),
    (MOVED, "2026-10-06T15:00:00Z", True),
    (MOVED, "2026-10-07T08:00:00Z", False),
    (MOVED, "2026-10-10T07:00:00Z", True),
    (MOVED, "2026-10-12T19:59:59Z", False),
    (MOVED, "2026-10-13T08:00:00Z", True),
    ({"time_zone": "Asia/Baku", "hours": {}, "closed_days": []}, "2026-10-05T00:00Z", True),
    ({"slug": "from before there were hours"}, "2026-10-05T00:00:00Z", True),
]


def test_the_centers_time_is_told_from_any_clock(new_page):
    page = new_page(timezone_id="Pacific/Auckland")
    page.goto("/kiosk/")
    found = page.evaluate(
        """async (times) => {
            const { isOpen } = await import("/static/kiosk/clock.js");
            return times.map(([center, instant]) => isOpen(center, Date.parse(instant)));
        }""",
        [[center, instant] for center, instant, _ in TIMES],
    )
    assert found == [is_open for _, _, is_open in TIMES]
    told = page.evaluate(
        """async () => {
            const { correctedNow, skewOf } = await import("/static/kiosk/clock.js");
            const sent = "2026-10-05T08:00:00.000Z";
            const at = Date.parse(sent);
            return [
                skewOf(sent, 400, at + 200), skewOf(sent, 400, at + 3_600_200),
                skewOf(sent, 6_000, at),
                skewOf(undefined, 1, at), skewOf("soon", 1, at),
                correctedNow(null, 5), correctedNow(1_000, 5), correctedNow(-60_000, 100_000),
            ];
        }"""
    )
    assert told == [0, -3_600_000, None, None, None, 5, 5, 40_000]


def test_a_store_that_was_cleared_under_a_visit_thanks_nobody(tablet, place, session):
    tablet.stop_clock()
    tablet.pair(place)
    tablet.score(5)
    tablet.expect_kept(1, "drafts")
    # Whoever is writing just then is waited for.
    tablet.page.evaluate(
        """() => new Promise((resolve, reject) => {
            const clearing = indexedDB.deleteDatabase("rey-kiosk");
            clearing.onsuccess = () => resolve();
            clearing.onerror = () => reject(clearing.error);
        })"""
    )
    tablet.go("enough")
    expect(tablet.page.locator("[data-screen=broken]")).to_be_visible()
    expect(tablet.page.locator(".seal")).to_have_count(0)
    # With the store went the credential: it asks to be connected again, by itself.
    tablet.page.clock.run_for(15_000)
    expect(tablet.page.locator("#code")).to_be_visible()
    tablet.pair(place)
    tablet.rate(4)
    tablet.expect_kept(0)
    assert rows(session, select(Rating.score)) == [4]


def pass_minutes_until(page, shown):
    """Let a minute pass, and another where the one before came amid a sign of life.

    A sign of life that takes a minute is given up, and the next one comes a minute later.
    """
    for _ in range(10):
        page.clock.fast_forward(HEARTBEAT_MS)
        with contextlib.suppress(AssertionError):
            return expect(page.locator(shown)).to_be_visible(timeout=5_000)
    raise AssertionError(f"in ten minutes no {shown}")


def hold(tablet):
    """Hold the corner until the menu opens."""
    # A screen that has just come up takes no touch.
    tablet.settle()
    page = tablet.page
    box = page.locator("#corner").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.clock.run_for(3_100)
    expect(page.locator("dialog.staff")).to_be_visible()
    page.mouse.up()


def expect_closed(menu):
    """The menu is shut, and the page has heard of it: it is emptied, and all begins anew."""
    expect(menu).to_be_hidden()
    expect(menu.locator("> *")).to_have_count(0)


def enter(page, pin):
    """Type a PIN on a keyboard."""
    page.locator("#pin").fill(pin)
    page.locator("#pin").press("Enter")


def rows(session, statement):
    session.rollback()
    return list(session.scalars(statement))


@pytest.fixture
def place(make):
    return make.touchpoint()


@pytest.fixture
def tablet(new_page, session):
    """A tablet without its service worker: Playwright's routes do not see past one."""
    page = new_page(viewport={"width": 1280, "height": 800}, service_workers="block")
    return KioskTablet(page, session)
