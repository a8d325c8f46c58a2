"""A tablet for the tests: the page, what a visitor does with it, and what it keeps."""

from datetime import UTC, datetime, time
from time import monotonic
from typing import Any

from playwright.sync_api import expect
from sqlalchemy.orm import Session

from survey_app.models import OpeningHours, Touchpoint
from survey_app.pairing import create_pairing_code

# The server holds back ratings closer than this, so the thanks stay that long.
THANKS_MS = 9_000

_READ_STORE = """(name) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("rey-kiosk");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const database = opening.result;
        const reading = database.transaction(name).objectStore(name).getAll();
        reading.onsuccess = () => { database.close(); resolve(reading.result); };
    };
})"""


class KioskTablet:
    """One tablet at one place."""

    def __init__(self, page: Any, session: Session) -> None:
        self.page = page
        self._session = session

    def pair(self, place: Touchpoint) -> None:
        """Pair with a fresh code, at a center that never closes, and wait for the question."""
        place.center.opening_hours = [
            OpeningHours(weekday=weekday, opens=time.min, closes=time(23, 59))
            for weekday in range(1, 8)
        ]
        self.enrol(place)
        self.expect_clean_start()

    def enrol(self, place: Touchpoint) -> None:
        """Pair with a fresh code, whatever is shown then."""
        code = create_pairing_code(self._session, place, datetime.now(UTC))
        self._session.commit()
        self.page.goto("/kiosk/")
        self.page.locator("#code").fill(code)
        self.page.locator("button[type=submit]").click()

    def wait_for_worker(self) -> None:
        """Wait until the page is kept for the days without a network."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def score(self, score: int) -> None:
        """Touch a face and wait for the question after it."""
        self.page.locator(".face").nth(score - 1).click()
        expect(self.page.locator(".faces")).to_have_count(0)

    def go(self, way: str) -> None:
        """Take a way on: back, enough, forward or send."""
        self.page.locator(f".way.{way}").click()

    def rate(self, score: int) -> None:
        """Touch a face, say that this is all, be thanked, and leave."""
        self.score(score)
        self.go("enough")
        self.expect_thanks()
        self.expect_clean_start()

    def expect_thanks(self) -> None:
        """The thanks are shown: the rating is on the disk."""
        expect(self.page.locator(".seal")).to_be_visible(timeout=THANKS_MS)

    def expect_clean_start(self) -> None:
        """Five faces, none of them chosen."""
        expect(self.page.locator(".face[aria-pressed=false]")).to_have_count(5, timeout=THANKS_MS)

    def kept(self, store: str = "outbox") -> list[dict[str, Any]]:
        """What a store of the tablet holds."""
        return list(self.page.evaluate(_READ_STORE, store))

    def expect_kept(self, number: int, store: str = "outbox", seconds: float = 20) -> None:
        """Wait until a store holds this many."""
        deadline = monotonic() + seconds
        while (found := len(self.kept(store))) != number:
            assert monotonic() < deadline, f"{found} in {store} instead of {number}"
            self.page.wait_for_timeout(100)
