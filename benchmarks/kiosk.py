"""What the tablet costs: a tap until the next screen, the page in bytes, the sending of a queue.

    .venv/bin/python -m benchmarks.kiosk [visits] [queue]

A real Chromium, slowed down six times as a cheap tablet is, walks through visits; the time from
each tap until the screen after it is painted stands beside that of a bare page, whose only button
replaces its only heading. Then a queue of ratings, kept while there was no network, is sent,
beside a bare loop that posts as many to the same server in batches of the same size.
"""

import gzip
import json
import logging
import os
import re
import statistics
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import expect, sync_playwright
from sqlalchemy.orm import Session

from survey_app import create_app, database
from survey_app.config import Settings
from survey_app.demo import catalogue
from survey_app.extensions import db
from tests.browser.kiosk_tablet import KioskTablet
from tests.conftest import CHROMIUM, PATIENCE_MS, LiveServer
from tests.factories import NOON, SIGNING_KEY, EnrolledTablet, Make, submission
from tests.faults.sender import Sender

SLOWER = 6
BATCH = 50
VIEWPORT = {"width": 1280, "height": 800}
BARE_PAGE = """<!DOCTYPE html><main id="screen"><h1>0</h1></main><button>Next</button>
<script>let number = 0;
document.querySelector("button").onclick = () => {
  const heading = document.createElement("h1");
  heading.textContent = number += 1;
  document.querySelector("main").replaceChildren(heading);
};</script>"""
# From the touch, as the system saw it, until the frame after the screen's change was handed over.
MEASURE = """() => {
    globalThis.taps = [];
    addEventListener("click", ({ timeStamp }) => {
        const seen = new MutationObserver(() => {
            seen.disconnect();
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => taps.push(performance.now() - timeStamp);
                port2.postMessage(null);
            });
        });
        seen.observe(document.querySelector("#screen"), { childList: true });
    }, { capture: true });
}"""
# Visits as the page itself keeps them, with a comment in every fourth.
QUEUE = """async (count) => {
    const { advance, startVisit } = await import("/static/kiosk/flow.js");
    const { beginSubmission } = await import("/static/kiosk/submission.js");
    const { recall } = await import("/static/kiosk/store.js");
    const setup = await recall("setup");
    const keep = async (number) => {
        const score = number % 5 + 1;
        const visit = advance(startVisit(setup), { type: "score", score });
        const comment = number % 4 === 0 ? "Növbə uzun idi, amma əməkdaşlar mehriban idi." : "";
        const own = beginSubmission(() => {}, { device_ms: 1000 * number, lead_ms: 3000 });
        own.keep(visit, "az");
        await own.finish({ ...visit, comment }, "az");
    };
    const numbers = Array.from({ length: count }, (_, number) => number);
    while (numbers.length > 0) await Promise.all(numbers.splice(0, 50).map(keep));
}"""
WAITING = "import('/static/kiosk/store.js').then((s) => s.counts()).then((each) => each.waiting)"


def main(visits: int = 8, queue: int = 2_000) -> None:
    """Measure all three and print them."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with _house() as (make, url), _chromium() as browser:
        center = catalogue.add_network(make.session)[0]
        survey = catalogue.add_survey(make.session, NOON, NOON)
        place = make.touchpoint(center, survey_id=survey.id)
        bare = _bare_taps(browser)
        page = browser.new_context(base_url=url, viewport=VIEWPORT).new_page()
        page.set_default_timeout(30_000)
        tablet = KioskTablet(page, make.session)
        tablet.pair(place)
        tablet.wait_for_worker()
        _print_taps(bare, _tablet_taps(tablet, visits))
        _print_size(url)
        tablet.expect_kept(0)
        _print_queue(queue, _sync(tablet, queue), _post(make.tablet(place), url, queue))
        page.context.close()


# --- a tap ---------------------------------------------------------------------------------------


def _bare_taps(browser: Any) -> list[float]:
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.set_content(BARE_PAGE)
    _slow_down(page)
    page.evaluate(MEASURE)
    for number in range(1, 41):
        page.get_by_role("button").click()
        page.get_by_role("heading", name=str(number), exact=True).wait_for()
        page.wait_for_timeout(100)
    taps = page.evaluate("taps")
    page.context.close()
    return list(taps)


def _tablet_taps(tablet: KioskTablet, visits: int) -> dict[str, list[float]]:
    """The taps on a face, which begin a visit, and all the other ones."""
    page = tablet.page
    taps: dict[str, list[float]] = {"face": [], "other": []}
    slower = _slow_down(page)
    page.evaluate(MEASURE)

    def tap(kind: str, target: Any) -> None:
        # The screen takes no touch while it settles.
        expect(page.locator(".settling")).to_have_count(0)
        known = len(page.evaluate("taps"))
        target.click()
        while len(found := page.evaluate("taps")) == known:
            page.wait_for_timeout(20)
        taps[kind].append(found[-1])

    for number in range(visits):
        tablet.expect_clean_start()
        tap("face", page.locator(".face").nth(number % 5))
        page.locator(".few").wait_for()
        tap("other", page.locator(".few .choice").first)
        while not page.locator(".way.send").count():
            tap("other", page.locator(".way.forward"))
        tap("other", page.locator(".way.send"))
        tablet.expect_thanks()
    slower.detach()
    tablet.expect_clean_start()
    return taps


def _slow_down(page: Any) -> Any:
    slower = page.context.new_cdp_session(page)
    slower.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return slower


def _print_taps(bare: list[float], taps: dict[str, list[float]]) -> None:
    base = statistics.median(bare)
    print(f"A tap until the next screen, {SLOWER} times slower:       median      p95   ratio")
    rows = {"bare page": bare, "all taps": taps["face"] + taps["other"]}
    rows |= {"a face": taps["face"], "anything else": taps["other"]}
    for name, measured in rows.items():
        median, high = statistics.median(measured), statistics.quantiles(measured, n=20)[-1]
        head = f"  {name} ({len(measured)})"
        print(f"{head:<45} {median:6.0f} ms {high:5.0f} ms {median / base:7.1f}")


# --- the page ------------------------------------------------------------------------------------


def _print_size(url: str) -> None:
    """All that the worker keeps, packed as a server packs it; what is packed already stays."""
    worker = _fetched(f"{url}/kiosk/sw.js").decode()
    kept = {"/kiosk/", *json.loads(re.findall(r"ASSETS = .*?(\{.*?\})", worker)[0])}
    raw = {path: _fetched(url + path) for path in kept if "/voice/" not in path}
    packed = {path: min(len(each), len(gzip.compress(each, 9))) for path, each in raw.items()}
    total = sum(packed.values())
    plain = sum(map(len, raw.values()))
    print(f"The page: {len(packed)} files, {total / 1024:.0f} KB packed, {plain / total:.1f} times")
    for path, size in sorted(packed.items(), key=lambda each: -each[1])[:5]:
        print(f"  {size / 1024:6.1f} KB {path}")


def _fetched(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:  # noqa: S310  (our own server)
        return bytes(answer.read())


# --- a queue -------------------------------------------------------------------------------------


def _sync(tablet: KioskTablet, queue: int) -> float:
    """Seconds from the network's return until nothing waits any more."""
    page = tablet.page
    page.context.set_offline(True)
    page.evaluate(QUEUE, queue)
    if page.evaluate(WAITING) != queue:
        raise RuntimeError("something was sent already, or not kept")
    start = time.perf_counter()
    page.context.set_offline(False)
    while page.evaluate(WAITING):
        page.wait_for_timeout(50)
    return time.perf_counter() - start


def _post(enrolled: EnrolledTablet, url: str, queue: int) -> float:
    sender = Sender(url, enrolled.token)
    now = datetime.now(UTC).isoformat()
    ratings = [
        submission(sequence=number + 1, score=number % 5 + 1, rated_at=now)
        for number in range(queue)
    ]
    start = time.perf_counter()
    for first in range(0, queue, BATCH):
        sender.send(ratings[first : first + BATCH])
    taken = time.perf_counter() - start
    sender.close()
    return taken


def _print_queue(queue: int, taken: float, bare: float) -> None:
    print(f"A queue of {queue} ratings: {taken:.1f} s, {taken / bare:.1f} times", end=" ")
    print(f"a bare loop of {-(-queue // BATCH)} posts ({bare:.1f} s)")


# --- the house -----------------------------------------------------------------------------------


@contextmanager
def _house() -> Iterator[tuple[Make, str]]:
    """A server on a database of its own, what makes rows in it, and its address."""
    with TemporaryDirectory() as folder:
        settings = Settings(
            environment="test",
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/benchmark.sqlite",
            secret_key=SIGNING_KEY,
        )
        app = create_app(settings)
        with app.app_context():
            engine = db.engine
        database.upgrade(engine)
        server = LiveServer(app)
        server.start()
        try:
            with Session(engine) as session:
                yield Make(session), server.url
        finally:
            server.stop()
            engine.dispose()


@contextmanager
def _chromium() -> Iterator[Any]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
