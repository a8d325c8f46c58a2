"""Every state of the pages behind a code, each with a function that brings a browser page into it.

What walks through them (axe, sheets of screenshots) needs a house: `furnish(make)`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from survey_app.codes import RECEIPT_LENGTH, mint_code
from tests.factories import Make


@dataclass(frozen=True)
class House:
    """The codes that the states need."""

    poster: str
    retired: str
    ticket: str
    used_ticket: str
    receipts: dict[str, str]


State = Callable[[Page, House, str], None]


def furnish(make: Make, center: Any = None, survey_id: int | None = None) -> House:
    """A poster, a retired one, tickets and receipts of one center."""
    center = center or make.center()
    place = {} if survey_id is None else {"survey_id": survey_id}
    now = datetime.now(UTC)
    good = {"visited_at": now, "expires_at": now + timedelta(days=7)}
    poster = make.poster(center, **place)
    tickets = make.tickets_place(center, **place)
    receipts = {}
    for state, columns in {
        "counted": {},
        "held": {"state": "held", "held_rule": "filled_trap/1"},
        "void": {"state": "void"},
        "withdrawn": {"state": "void", "held_rule": "withdrawn/1"},
    }.items():
        receipts[state] = mint_code(RECEIPT_LENGTH)
        make.receipt(make.rating(poster, **columns), receipts[state])
    return House(
        poster=str(poster.code),
        retired=str(make.poster(center, retired_at=now, **place).code),
        ticket=make.ticket(tickets, **good).code,
        used_ticket=make.ticket(tickets, **good, spent=True).code,
        receipts=receipts,
    )


def form_empty(page: Page, house: House, language: str) -> None:
    # Without what was typed into it in an earlier state, which it would put back.
    page.goto("/r/waiting")
    page.evaluate("sessionStorage.clear()")
    page.goto(f"/q/{house.poster}?lang={language}")


def form_opened(page: Page, house: House, language: str) -> None:
    form_empty(page, house, language)
    page.locator("#score-2").check(force=True)
    page.locator("summary").click()
    expect(page.locator("details")).to_have_attribute("open", "")


def form_errors(page: Page, house: House, language: str) -> None:
    form_empty(page, house, language)
    page.locator("#score-2").check(force=True)
    page.locator("#contact").fill("12")
    page.locator(".send button").click()
    expect(page.locator(".alert")).to_be_visible()


def form_by_ticket(page: Page, house: House, language: str) -> None:
    page.goto(f"/t/{house.ticket}?lang={language}")
    page.locator("#score-5").check(force=True)


def thanks(page: Page, house: House, language: str) -> None:
    form_empty(page, house, language)
    page.locator("#score-5").check(force=True)
    page.locator(".send button").click()
    expect(page.locator(".reference")).to_be_visible()


def thanks_again(page: Page, house: House, language: str) -> None:
    page.goto(f"/r/thanks?lang={language}")


def waiting(page: Page, house: House, language: str) -> None:
    page.goto(f"/r/waiting?lang={language}")


def retired(page: Page, house: House, language: str) -> None:
    page.goto(f"/q/{house.retired}?lang={language}")


def unknown(page: Page, house: House, language: str) -> None:
    page.goto(f"/q/nowhere?lang={language}")


def typing(page: Page, house: House, language: str) -> None:
    page.goto(f"/q/?lang={language}")


def mistyped(page: Page, house: House, language: str) -> None:
    page.goto(f"/q/BCDFGHJL?lang={language}")


def mistyped_letters(page: Page, house: House, language: str) -> None:
    page.goto(f"/q/?code=BCDA-0HJK&lang={language}")


def ticket_refused(page: Page, house: House, language: str) -> None:
    page.goto(f"/t/{house.used_ticket}?lang={language}")


def looking_up(page: Page, house: House, language: str) -> None:
    page.goto(f"/r/?lang={language}")


def receipt_unknown(page: Page, house: House, language: str) -> None:
    page.goto(f"/r/none?lang={language}")


def receipt_counted(page: Page, house: House, language: str) -> None:
    page.goto(f"/r/{house.receipts['counted']}?lang={language}")


def receipt_held(page: Page, house: House, language: str) -> None:
    page.goto(f"/r/{house.receipts['held']}?lang={language}")


def receipt_void(page: Page, house: House, language: str) -> None:
    page.goto(f"/r/{house.receipts['void']}?lang={language}")


def withdraw_asked(page: Page, house: House, language: str) -> None:
    page.goto(f"/r/{house.receipts['counted']}/withdraw?lang={language}")


def withdrawn(page: Page, house: House, language: str) -> None:
    page.goto(f"/r/{house.receipts['withdrawn']}?lang={language}")


STATES: dict[str, State] = {
    state.__name__.replace("_", "-"): state
    for state in (
        form_empty,
        form_opened,
        form_errors,
        form_by_ticket,
        thanks,
        thanks_again,
        waiting,
        retired,
        unknown,
        typing,
        mistyped,
        mistyped_letters,
        ticket_refused,
        looking_up,
        receipt_unknown,
        receipt_counted,
        receipt_held,
        receipt_void,
        withdraw_asked,
        withdrawn,
    )
}
