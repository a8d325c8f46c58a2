"""Plays a plan: a real Chromium as a tablet, a real server, and the fault proxy between them."""

import contextlib
import os
import signal
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, expect
from playwright.sync_api import TimeoutError as NotInTimeError
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app import pairing
from survey_app.extensions import begin_writing
from survey_app.models import Answer, Option, Question, Rating, Tablet, Touchpoint
from tests.browser.kiosk_tablet import KioskTablet
from tests.browser.waiting import SECONDS, wait_until
from tests.conftest import PATIENCE_MS
from tests.faults.proxy import PASS, Fault, FaultProxy
from tests.faults.tablet_plan import REFUSE, Scene

VIEWPORT = {"width": 1280, "height": 800}
STORES = ("drafts", "outbox", "rejected")
# After how long something is tried once more that may have been without effect.
TRY_MS = 10_000
# Longer than the thanks, than a disk that failed is left alone, than any pause between two tries.
THANKS_MS, DISK_MS, RETRY_MS = 6_100, 15_100, 301_000
# Room for everything a tablet keeps, in bytes; and what is told to somebody who asks for more.
DISK = 40_000_000
TOO_MUCH = """(size) => new Promise((resolve) => {
    const opening = indexedDB.open("rey-kiosk");
    opening.onsuccess = () => {
        const database = opening.result;
        const writing = database.transaction("meta", "readwrite");
        const end = () => { database.close(); resolve(writing.error?.name); };
        writing.onabort = writing.oncomplete = end;
        // Larger values are kept as files, which are counted otherwise.
        for (let given = 0; given < size; given += 50_000) {
            writing.objectStore("meta").put(new Uint8Array(50_000), `too much ${given}`);
        }
    };
})"""
LOOK_FOR_PROGRAM = """() => void navigator.serviceWorker.getRegistration("/kiosk/")
    .then((registration) => registration.update()).catch(() => {})"""


class TabletRun:
    """One tablet through one plan; `thanked` is what the screen has said thank you for."""

    def __init__(
        self, playwright: Any, launch: dict[str, Any], profile: Path, proxy: FaultProxy,
        session: Session, place: Touchpoint, seed: int,
    ) -> None:  # fmt: skip
        self.thanked: dict[str, tuple[int, dict[str, list[str]]]] = {}
        self.taps = 0
        self._chromium, self._launch, self._profile = playwright.chromium, launch, profile
        self._proxy, self._session, self._place, self._seed = proxy, session, place, seed
        self._seen: set[str] = set()
        self._programs = 0
        self._current = ""
        self._answers: dict[str, list[str]] = {}
        self._context: Any = None
        self._disk: Any = None
        self._is_full = False
        self._tablet: KioskTablet
        self._switch_on()

    @property
    def _page(self) -> Any:
        return self._tablet.page

    # --- from beginning to end -------------------------------------------------------------

    def play(self, scenes: list[Scene]) -> None:
        """Pair, live through the scenes, and wait in calm weather until everything is sent."""
        self._tablet.pair(self._place)
        self._tablet.wait_for_worker()
        for scene in scenes:
            self._proxy.log.append(f"--- {scene}")
            self._change_weather(scene)
            self._play(scene)
            self._page.clock.fast_forward(scene.pause * 1000)
        self._proxy.log.append("--- calm")
        self._calm()
        self._drain()

    def close(self) -> None:
        """Switch the tablet off."""
        with contextlib.suppress(Error):
            self._context.close()

    def _play(self, scene: Scene) -> None:
        if scene.moment == "before":
            self._befall(scene)
        if not self._visit(scene):
            return
        if scene.moment == "during":
            self._befall(scene)
            if scene.event in {"reload", "kill"}:
                return
        if self._leave(scene) and scene.moment == "thanked":
            self._befall(scene)
        self._page.clock.fast_forward(THANKS_MS)

    # --- the visitor -----------------------------------------------------------------------

    def _visit(self, scene: Scene) -> bool:
        """Touch a face and answer some questions; False when nothing could be begun."""
        self._tap(scene.score)
        self.taps += 1
        if scene.event == "full disk" and scene.moment == "before":
            expect(self._page.locator("[data-screen=broken]")).to_be_visible()
            assert self._tablet.kept("drafts") == []
            self._free_disk()
            return False
        self._current = self._new_draft()
        self._answers = {}
        if scene.steps > 0:
            self._page.locator(".few .choice").first.click()
            expect(self._page.locator(".few")).to_have_count(0)
            self._answers["outcome"] = ["yes"]
        if scene.steps > 1:
            while not self._page.locator(".many").count():
                self._forward()
            self._page.locator(".many .choice").first.click()
            self._answers["good" if scene.score > 3 else "bad"] = ["staff_courtesy"]
        return True

    def _tap(self, score: int) -> None:
        """Touch a face until the screen answers: one that comes up just then takes no touch."""
        ends = self._page.locator(".few, [data-screen=broken]")
        for _ in range(5):
            self._expect_question()
            with contextlib.suppress(NotInTimeError, AssertionError):
                self._page.locator(".face").nth(score - 1).click(timeout=TRY_MS)
                return expect(ends).not_to_have_count(0, timeout=TRY_MS)
        raise AssertionError("the question cannot be answered")

    def _forward(self) -> None:
        heading = self._page.locator("h1").inner_text()
        self._page.locator(".way.forward").click()
        expect(self._page.locator("h1")).not_to_have_text(heading)

    def _leave(self, scene: Scene) -> bool:
        """End the visit in one of the ways there are; whether the visitor was thanked."""
        page = self._page
        ends = page.locator("[data-screen=thanks], [data-screen=broken]")
        if scene.leaving == "away":
            # A walk-away is saved as it stands. The thanks last longer than each of these steps.
            for _ in range(30):
                page.clock.fast_forward(3_000)
                page.wait_for_timeout(30)
                if ends.count():
                    break
        else:
            # On a full disk the next step would already say what is wrong.
            sends = scene.leaving == "send" and scene.event != "full disk"
            while sends and not page.locator(".way.send").count():
                self._forward()
            ways = page.locator(".way.enough, .way.send")
            # A full disk may be told of before: answers are kept while they are given.
            expect(ways.or_(ends).first).to_be_visible()
            with contextlib.suppress(NotInTimeError):
                ways.first.click(timeout=3_000 if scene.event == "full disk" else PATIENCE_MS)
        expect(ends).to_be_visible()
        if scene.event == "full disk" and scene.moment == "during":
            # Where nothing can be written nobody is thanked.
            assert ends.get_attribute("data-screen") == "broken"
            self._free_disk()
            return False
        assert ends.get_attribute("data-screen") == "thanks"
        self.thanked[self._current] = (int(scene.score), self._answers)
        return True

    def _new_draft(self) -> str:
        """The id of the rating just begun."""

        def look() -> set[str]:
            return {draft["submission_id"] for draft in self._tablet.kept("drafts")} - self._seen

        fresh = wait_until(self._page, look)
        self._seen |= fresh
        return str(fresh.pop())

    def _expect_question(self) -> None:
        """Wait, as long as that takes on the tablet's clock, until somebody may rate."""
        deadline = time.monotonic() + SECONDS
        pause = 100.0
        while self._page.locator(".face[aria-pressed=false]").count() != 5:
            assert time.monotonic() < deadline, self._page.locator("#kiosk").inner_html()
            if self._page.locator("#code").count():
                self._pair_again()
            self._page.clock.fast_forward(1_000)
            self._page.wait_for_timeout(pause)
            pause = longer(pause)
        expect(self._page.locator(".settling")).to_have_count(0)

    # --- what befalls the tablet -----------------------------------------------------------

    def _befall(self, scene: Scene) -> None:
        page = self._page
        if scene.event == "reload":
            page.reload()
            self._expect_shell()
        elif scene.event == "kill":
            self._switch_on(self._pull_plug())
            self._page.goto("/kiosk/")
            self._expect_shell()
        elif scene.event == "new program":
            self._programs += 1
            self._proxy.version = f"{self._seed}.{self._programs}"
            page.evaluate(LOOK_FOR_PROGRAM)
        elif scene.event == "full disk" and scene.moment != "thanked":
            self._fill_disk()
        elif scene.event == "clock":
            page.clock.set_system_time(page.evaluate("Date.now()") / 1000 + scene.jump)
        elif scene.event == "revoked":
            self._revoke()

    def _expect_shell(self) -> None:
        """However bad the network, the tablet comes up: its page is kept."""
        expect(self._page.locator("#kiosk[data-screen]")).to_be_visible()

    def _switch_on(self, now: float | None = None) -> None:
        """Start the browser on its profile; `now` is what the tablet's clock shows."""
        # After a power cut Chromium asks, over the page, whether to restore what was open.
        arguments = [*self._launch["args"], "--hide-crash-restore-bubble"]
        self._context = self._chromium.launch_persistent_context(
            str(self._profile),
            base_url=self._proxy.url,
            viewport=VIEWPORT,
            **{**self._launch, "args": arguments},
        )
        self._context.set_default_timeout(PATIENCE_MS)
        page = self._context.pages[0]
        # Whoever waits for a minute here moves the tablet's clock on instead.
        page.clock.install(**({"time": now / 1000} if now else {}))
        self._disk = self._context.new_cdp_session(page)
        self._give_disk(DISK)
        self._tablet = KioskTablet(page, self._session)

    def _pull_plug(self) -> float:
        """Kill the browser and all that belongs to it; what its clock showed."""
        now = float(self._page.evaluate("Date.now()"))
        family = processes_of(self._profile)
        assert family
        for number in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        deadline = time.monotonic() + SECONDS
        while processes_of(self._profile):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.close()
        for left in self._profile.glob("Singleton*"):
            left.unlink()
        return now

    def _fill_disk(self) -> None:
        """Leave no room at all, and let the browser, which remembers the room, notice."""
        self._is_full = True
        self._give_disk(1)
        assert self._page.evaluate(TOO_MUCH, 2 * DISK) == "QuotaExceededError"

    def _free_disk(self) -> None:
        self._is_full = False
        self._give_disk(DISK)
        self._page.clock.fast_forward(DISK_MS)

    def _give_disk(self, room: int) -> None:
        quota = {"origin": self._proxy.url, "quotaSize": room}
        self._disk.send("Storage.overrideQuotaForOrigin", quota)

    def _revoke(self) -> None:
        # As the staff's page does: the tablet may be writing at the same time.
        self._session.rollback()
        begin_writing(self._session)
        living = select(Tablet.id).where(Tablet.revoked_at.is_(None))
        for number in self._session.scalars(living).all():
            pairing.revoke(self._session, number, datetime.now(UTC))
        self._session.commit()

    def _pair_again(self) -> None:
        """Staff come with a new code; they see to network and disk first."""
        choose, self._proxy.choose = self._proxy.choose, lambda _path: PASS
        self._proxy.accept()
        self._give_disk(DISK)
        for _ in range(5):
            # A page that takes over a new program just then loses what was typed, or is left.
            self._session.rollback()
            with contextlib.suppress(AssertionError, Error):
                self._tablet.enrol(self._place)
                expect(self._page.locator(".face").first).to_be_visible(timeout=TRY_MS)
                break
        self._proxy.choose = choose
        if self._is_full:
            self._fill_disk()

    # --- the network -----------------------------------------------------------------------

    def _change_weather(self, scene: Scene) -> None:
        counted: Counter[str] = Counter()

        def choose(path: str) -> Fault:
            number = counted[path]
            counted[path] += 1
            return scene.fault(self._seed, path, number)

        self._proxy.choose = choose
        if REFUSE in scene.weather:
            self._proxy.refuse()
        else:
            self._proxy.accept()

    def _calm(self) -> None:
        self._proxy.choose = lambda _path: PASS
        self._proxy.accept()
        self._proxy.release()

    def _drain(self) -> None:
        """Let hours pass on the tablet's clock until nothing is left to be sent."""
        deadline = time.monotonic() + SECONDS
        pause = 200.0
        while any(self._tablet.kept(store) for store in ("drafts", "outbox")):
            assert time.monotonic() < deadline, {
                store: self._tablet.kept(store) for store in STORES
            }
            self._page.clock.fast_forward(RETRY_MS)
            # What is under way when so much time passes is given up by the tablet: a machine on
            # which the server takes longer is left more and more time.
            self._page.wait_for_timeout(pause)
            pause = longer(pause)
            if self._page.locator("#code").count():
                self._pair_again()
        assert self._tablet.kept("rejected") == []

    # --- the law ---------------------------------------------------------------------------

    def check(self) -> None:
        """Thanked is stored exactly, once each; nothing else is stored but what was begun."""
        self._session.rollback()
        stored = {
            str(each.submission_id): (each.score, self._answers_of(each))
            for each in self._session.scalars(select(Rating))
        }
        found = {number: stored.get(number) for number in self.thanked}
        assert found == self.thanked
        assert stored.keys() <= self._seen
        assert len(stored) <= self.taps

    def _answers_of(self, rating: Rating) -> dict[str, list[str]]:
        told: dict[str, list[str]] = {}
        chosen = (
            select(Question.code, Option.code)
            .join(Option, Option.question_id == Question.id)
            .join(Answer, Answer.option_id == Option.id)
            .where(Answer.submission_id == rating.submission_id)
        )
        for question, option in self._session.execute(chosen):
            told.setdefault(question, []).append(option)
        return told


def longer(pause: float) -> float:
    """The pause after this one, in milliseconds."""
    return min(1.25 * pause, 5_000)


def processes_of(profile: Path) -> list[int]:
    """The processes of the browser that keeps its things here, zombies left out."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and str(profile).encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found
