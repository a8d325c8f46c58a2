"""Every screen of the tablet, in one walk: each step leads from the screen before it to its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.extensions import begin_writing
from survey_app.models import OpeningHours, Survey, Tablet, Touchpoint
from survey_app.models.network import FROM_THE_BEGINNING
from survey_app.network.pins import hash_pin
from tests.browser.kiosk_tablet import HEARTBEAT_MS, THANKS_MS, KioskTablet, always_open

PIN = "4826"


@dataclass
class Walk:
    """A tablet on its way through the screens, in one language.

    The tablet needs a stopped clock, and the place a survey of its own and several services in
    one area.
    """

    tablet: KioskTablet
    session: Session
    place: Touchpoint
    language: str
    # How much more time the tablet gives: four times as much to those who asked for an aid.
    patience: int = 1

    @property
    def page(self) -> Any:
        """The tablet's page."""
        return self.tablet.page

    def speak(self) -> None:
        """Choose the walk's language."""
        self.page.locator(f"[data-language={self.language}]").click()
        self.settle()

    def settle(self) -> None:
        """Wait until the screen takes touches."""
        self.tablet.settle()

    def forward(self) -> None:
        """Go on without an answer, as far as the next screen."""
        heading = self.page.locator("h1").inner_text()
        self.page.locator(".way.forward, .way.decline").click()
        expect(self.page.locator("h1")).not_to_have_text(heading)
        self.settle()

    def tell_tablet(self, decide: Callable[[], None]) -> None:
        """Decide something at the server, and let the tablet hear of it."""
        self.session.rollback()
        begin_writing(self.session)
        decide()
        self.session.commit()
        self.tablet.hear()

    def expect_screen(self, name: str) -> None:
        """This screen is shown, and takes touches."""
        expect(self.page.locator(f"[data-screen={name}]")).to_be_visible()
        self.settle()


def walk_states(walk: Walk) -> Iterator[str]:
    """Go through all screens; the name of each is given while it is shown."""
    for name, drive in STATES:
        drive(walk)
        walk.settle()
        yield name


def _pairing(walk: Walk) -> None:
    walk.page.goto("/kiosk/")
    walk.expect_screen("pairing")
    walk.speak()


def _pairing_problem(walk: Walk) -> None:
    walk.page.locator("#code").fill("BCDF")
    walk.page.locator("button[type=submit]").click()
    expect(walk.page.locator("#code-problem")).not_to_be_empty()


def _waiting(walk: Walk) -> None:
    walk.page.route("**/api/v1/kiosk", lambda route: route.abort())
    always_open(walk.place)
    walk.place.center.staff_pin = hash_pin(PIN)
    walk.tablet.enrol(walk.place)
    walk.expect_screen("waiting")
    walk.speak()


def _attract(walk: Walk) -> None:
    walk.page.unroute("**/api/v1/kiosk")
    walk.page.clock.fast_forward(HEARTBEAT_MS)
    walk.tablet.expect_clean_start()


def _staff_pin(walk: Walk) -> None:
    walk.speak()
    walk.page.locator("#corner").dispatch_event("pointerdown")
    walk.page.clock.fast_forward(3_100)
    expect(walk.page.locator("#pin")).to_be_visible()


def _staff_menu(walk: Walk) -> None:
    walk.page.locator("#pin").fill(PIN)
    walk.page.locator("#pin").press("Enter")
    expect(walk.page.locator(".state dd").first).to_be_visible()


def _question(walk: Walk) -> None:
    walk.page.keyboard.press("Escape")
    # The dialog shuts first and says so a moment later: then it is emptied, and all begins anew.
    expect(walk.page.locator("dialog.staff > *")).to_have_count(0)
    walk.tablet.expect_clean_start()
    walk.speak()


def _outcome(walk: Walk) -> None:
    walk.tablet.score(2)
    walk.settle()


def _countdown(walk: Walk) -> None:
    walk.page.clock.fast_forward(10_500 * walk.patience)
    expect(walk.page.locator("#countdown")).to_be_visible()


def _ticket(walk: Walk) -> None:
    # Any touch gives more time, and with the first of it the button is gone.
    walk.page.mouse.click(2, 2)
    expect(walk.page.locator("#countdown")).to_be_hidden()
    walk.page.locator(".ticket-way").click()
    expect(walk.page.locator("#ticket")).to_be_visible()
    walk.settle()


def _ticket_problem(walk: Walk) -> None:
    walk.page.locator("#ticket").fill("BCDFGHJKLX")
    expect(walk.page.locator("#ticket-problem")).not_to_be_empty()


def _scanner(walk: Walk) -> None:
    walk.page.locator(".ticket .row .way").last.click()
    # There is no camera here; the screen comes to rest when it has said so.
    expect(walk.page.locator("dialog.scanner")).to_be_visible()
    expect(walk.page.locator("dialog.scanner .sight")).to_be_hidden()


def _drivers(walk: Walk) -> None:
    walk.page.keyboard.press("Escape")
    expect(walk.page.locator("dialog.scanner")).to_have_count(0)
    walk.tablet.go("back")
    expect(walk.page.locator(".few")).to_be_visible()
    walk.settle()
    walk.forward()
    walk.page.locator(".many .choice").first.click()
    expect(walk.page.locator(".way.forward.primary")).to_be_visible()


def _areas(walk: Walk) -> None:
    walk.forward()
    expect(walk.page.locator(".search")).to_be_visible()


def _services(walk: Walk) -> None:
    walk.page.locator(".list .choice").first.click()
    expect(walk.page.locator(".search")).to_have_count(0)
    walk.settle()


def _search(walk: Walk) -> None:
    walk.tablet.go("back")
    walk.page.locator(".search input").fill("zzz")
    expect(walk.page.locator(".hint[role=status]")).not_to_be_empty()


def _comment(walk: Walk) -> None:
    walk.forward()
    walk.page.locator("textarea").fill("abc")


def _groups(walk: Walk) -> None:
    walk.forward()
    walk.page.locator(".chips .choice").first.click()


def _thanks(walk: Walk) -> None:
    walk.tablet.go("send")
    walk.tablet.expect_thanks()
    walk.settle()


def _dignity(walk: Walk) -> None:
    walk.tablet.expect_clean_start()
    walk.tablet.expect_kept(0)
    walk.tell_tablet(lambda: _set_dignity(walk, dignity=True))
    expect(walk.page.locator(".word")).to_have_count(5)
    walk.settle()
    walk.speak()


def _dignity_outcome(walk: Walk) -> None:
    walk.page.locator(".word").nth(3).click()
    expect(walk.page.locator(".few")).to_be_visible()
    walk.settle()


def _dignity_groups(walk: Walk) -> None:
    while not walk.page.locator(".about").count():
        walk.forward()


def _dignity_thanks(walk: Walk) -> None:
    walk.tablet.go("send")
    walk.expect_screen("thanks")


def _farewell(walk: Walk) -> None:
    walk.page.clock.fast_forward(THANKS_MS)
    expect(walk.page.locator(".word")).to_have_count(5)
    walk.settle()
    walk.speak()
    walk.tablet.go("decline")
    walk.expect_screen("farewell")


def _asleep(walk: Walk) -> None:
    walk.page.clock.fast_forward(THANKS_MS)
    expect(walk.page.locator(".word")).to_have_count(5)

    def decide() -> None:
        never_open_now(walk.place)
        _set_dignity(walk, dignity=False)

    walk.tell_tablet(decide)
    walk.expect_screen("asleep")


def _paused(walk: Walk) -> None:
    walk.tell_tablet(lambda: setattr(the_tablet(walk), "paused_at", datetime.now(UTC)))
    walk.expect_screen("paused")


def _ended(walk: Walk) -> None:
    walk.tell_tablet(lambda: setattr(the_tablet(walk), "revoked_at", datetime.now(UTC)))
    walk.expect_screen("pairing")
    walk.speak()


def _broken(walk: Walk) -> None:
    walk.tablet.enrol(_reopened(walk))
    walk.tablet.expect_clean_start()
    walk.speak()
    walk.page.evaluate(
        """() => {
            IDBObjectStore.prototype.put = () => {
                throw new DOMException("full", "QuotaExceededError");
            };
        }"""
    )
    walk.page.locator(".face").nth(3).click()
    walk.expect_screen("broken")


def _set_dignity(walk: Walk, *, dignity: bool) -> None:
    walk.session.get_one(Survey, walk.place.survey_id).dignity = dignity


def _reopened(walk: Walk) -> Touchpoint:
    walk.session.rollback()
    begin_writing(walk.session)
    always_open(walk.place)
    return walk.place


def never_open_now(place: Touchpoint) -> None:
    """The center opens on two days a week, neither of them today nor a neighbour of it."""
    today = place.center.today(datetime.now(UTC)).isoweekday()
    place.center.opening_hours = [
        OpeningHours(
            weekday=(today + ahead - 1) % 7 + 1,
            since=FROM_THE_BEGINNING,
            opens=time(9),
            closes=time(18),
        )
        for ahead in (3, 4)
    ]


def the_tablet(walk: Walk) -> Tablet:
    """The tablet that stands here now."""
    return walk.session.scalars(
        select(Tablet).where(Tablet.touchpoint_id == walk.place.id, Tablet.revoked_at.is_(None))
    ).one()


STATES: list[tuple[str, Callable[[Walk], None]]] = [
    ("pairing", _pairing),
    ("pairing-problem", _pairing_problem),
    ("waiting", _waiting),
    ("attract", _attract),
    ("staff-pin", _staff_pin),
    ("staff-menu", _staff_menu),
    ("question", _question),
    ("outcome", _outcome),
    ("countdown", _countdown),
    ("ticket", _ticket),
    ("ticket-problem", _ticket_problem),
    ("scanner", _scanner),
    ("drivers", _drivers),
    ("areas", _areas),
    ("services", _services),
    ("search", _search),
    ("comment", _comment),
    ("groups", _groups),
    ("thanks", _thanks),
    ("dignity", _dignity),
    ("dignity-outcome", _dignity_outcome),
    ("dignity-groups", _dignity_groups),
    ("dignity-thanks", _dignity_thanks),
    ("farewell", _farewell),
    ("asleep", _asleep),
    ("paused", _paused),
    ("ended", _ended),
    ("broken", _broken),
]
