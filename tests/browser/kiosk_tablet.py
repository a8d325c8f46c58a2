"""A tablet for the tests: the page, what a visitor does with it, and what it keeps."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from playwright.sync_api import expect
from sqlalchemy.orm import Session

from survey_app.extensions import begin_writing
from survey_app.models import OpeningHours, Touchpoint
from survey_app.models.network import FROM_THE_BEGINNING
from survey_app.pairing import create_pairing_code
from tests.browser.waiting import SECONDS, wait_until

# The server holds back ratings closer than this, so the thanks stay that long.
THANKS_MS = 6_000
# Longer than a tablet takes to hear of what was decided at the server.
HEARTBEAT_MS = 60_000

_READ_STORE = """(name) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("rey-kiosk");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const database = opening.result;
        const reading = database.transaction(name).objectStore(name).getAll();
        reading.onsuccess = () => { database.close(); resolve(reading.result); };
    };
})"""

_IS_KEPT = """navigator.serviceWorker.getRegistration("/kiosk/")
    .then((registration) => Boolean(registration?.active))"""


class KioskTablet:
    """One tablet at one place."""

    def __init__(self, page: Any, session: Session) -> None:
        self.page = page
        self._session = session
        self._is_clock_stopped = False

    # --- time --------------------------------------------------------------------------------

    def stop_clock(self) -> None:
        """From now on time passes on the page only where the test says so.

        However slow the machine, nobody is taken for gone while the test still looks. To be
        called before the page is loaded.
        """
        now = datetime.now(UTC)
        # A clock can be stopped at what lies ahead of it only.
        self.page.clock.install(time=now - timedelta(minutes=1))
        self.page.clock.pause_at(now)
        self._is_clock_stopped = True

    def settle(self) -> None:
        """Wait until the screen takes touches."""
        settling = self.page.locator(".settling")
        while self._is_clock_stopped and settling.count():
            self.page.clock.run_for(100)
        expect(settling).to_have_count(0)

    def hear(self) -> None:
        """Let a minute pass, and fetch what was decided at the server until then.

        A sign of life that was on its way gives up when a minute passes all at once, and the
        next one is not due yet: the tablet is told, as by its browser, that the network is back.
        """
        self.page.clock.fast_forward(HEARTBEAT_MS)
        self.page.evaluate("dispatchEvent(new Event('online'))")

    # --- staff -------------------------------------------------------------------------------

    def pair(self, place: Touchpoint) -> None:
        """Pair with a fresh code, at a center that never closes, and wait for the question."""
        self._begin_writing()
        always_open(place)
        self.enrol(place)
        self.expect_clean_start()

    def enrol(self, place: Touchpoint) -> None:
        """Pair with a fresh code, whatever is shown then."""
        self._begin_writing()
        code = create_pairing_code(self._session, place, datetime.now(UTC))
        self._session.commit()
        self.page.goto("/kiosk/")
        expect(self.page.locator("#code")).to_be_visible()
        self.settle()
        self.page.locator("#code").fill(code)
        self.page.locator("button[type=submit]").click()

    def _begin_writing(self) -> None:
        # SQLite lets nobody write who has read before a tablet wrote: write first.
        self._session.commit()
        begin_writing(self._session)

    def wait_for_worker(self) -> None:
        """Wait until the page is kept for the days without a network."""
        # Not `serviceWorker.ready`, which waits for ever where a file could not be had.
        wait_until(self.page, lambda: self.page.evaluate(_IS_KEPT), 2 * SECONDS)

    # --- visitors ----------------------------------------------------------------------------

    def score(self, score: int) -> None:
        """Touch a face and wait for the question after it."""
        self.settle()
        self.page.locator(".face").nth(score - 1).click()
        self.settle()
        expect(self.page.locator(".faces")).to_have_count(0)

    def go(self, way: str) -> None:
        """Take a way on: back, enough, forward or send."""
        self.settle()
        self.page.locator(f".way.{way}").click()

    def go_on_to(self, selector: str) -> None:
        """Leave questions unanswered as far as the screen with such an element."""
        while not self.page.locator(selector).count():
            heading = self.page.locator("h1").inner_text()
            self.go("forward")
            expect(self.page.locator("h1")).not_to_have_text(heading)
        self.settle()

    def rate(self, score: int) -> None:
        """Touch a face, say that this is all, be thanked, and leave."""
        self.score(score)
        self.go("enough")
        self.expect_thanks()
        self.expect_clean_start()

    # --- what is shown and kept --------------------------------------------------------------

    def expect_thanks(self) -> None:
        """The thanks are shown: the rating is on the disk."""
        expect(self.page.locator(".seal")).to_be_visible()

    def expect_clean_start(self) -> None:
        """Five faces, none of them chosen, that take touches."""
        if self._is_clock_stopped and self.page.locator("[data-screen=thanks]").count():
            self.page.clock.run_for(THANKS_MS)
        expect(self.page.locator(".face[aria-pressed=false]")).to_have_count(5)
        self.settle()

    def kept(self, store: str = "outbox") -> list[dict[str, Any]]:
        """What a store of the tablet holds."""
        return list(self.page.evaluate(_READ_STORE, store))

    def expect_kept(self, number: int, store: str = "outbox", seconds: float = SECONDS) -> None:
        """Wait until a store holds this many."""
        wait_until(self.page, lambda: len(self.kept(store)) == number, seconds)


def always_open(place: Touchpoint) -> None:
    """The center never closes."""
    place.center.opening_hours = [
        OpeningHours(weekday=weekday, since=FROM_THE_BEGINNING, opens=time.min, closes=time(23, 59))
        for weekday in range(1, 8)
    ]
