"""The pages behind a code in Chromium: every state of them, accessible, on the smallest phone, by
keyboard, and without any script."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_app.models import LANGUAGES, Rating
from tests.browser.axe import violations
from tests.browser.qr_states import STATES, furnish

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_is_accessible(new_page, make, language):
    make.service("03-01-01")
    house = furnish(make)
    page = new_page(locale=language)
    for name, state in STATES.items():
        page.set_viewport_size({"width": 320, "height": 568})
        page.emulate_media(color_scheme="light")
        state(page, house, language)
        expect(page.locator("html")).to_have_attribute("lang", language)
        check(page, name)
        page.set_viewport_size({"width": 390, "height": 844})
        page.emulate_media(color_scheme="dark")
        check(page, name)


def test_large_text_forced_colours_and_paper_lose_nothing(new_page, make):
    house = furnish(make)
    page = new_page(viewport={"width": 320, "height": 568}, locale="az")
    for name in ("form-opened", "form-errors", "thanks", "mistyped-letters", "withdraw-asked"):
        STATES[name](page, house, "az")
        page.evaluate("document.documentElement.style.fontSize = '212.5%'")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.emulate_media(forced_colors="active")
        assert violations(page) == [], name
        page.emulate_media(forced_colors="none")
    page.emulate_media(media="print")
    expect(page.locator("nav")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()


def test_a_keyboard_is_enough(new_page, session, make):
    house = furnish(make)
    page = new_page(viewport={"width": 390, "height": 844}, locale="en")
    page.goto(f"/q/{house.poster}")
    press_until(page, "#score-1")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#score-4")).to_be_checked()
    press_until(page, "#good-waiting")
    page.keyboard.press("Space")
    press_until(page, "#comment")
    page.keyboard.type("Thank you")
    press_until(page, "#contact")
    page.keyboard.type("12")
    press_until(page, ".send button")
    page.keyboard.press("Enter")
    # The summary has the focus, and its link leads to what is wrong.
    expect(page.locator(".alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#contact")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("somebody@example.org")
    press_until(page, ".send button")
    page.keyboard.press("Enter")
    expect(page.locator(".reference")).to_be_visible()
    expect(page.locator("h1")).to_be_focused()
    press_until(page, "main a")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It counts.")).to_be_visible()
    press_until(page, "main button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This cannot be undone.")).to_be_visible()
    press_until(page, "main button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You withdrew it.")).to_be_visible()
    assert session.scalars(select(Rating.held_rule).where(Rating.score == 4)).all() == [
        "withdrawn/1"
    ]


def test_no_script_is_needed(new_page, session, make):
    house = furnish(make)
    page = new_page(java_script_enabled=False, locale="en")
    page.goto("/")
    page.get_by_role("link", name="Type your code").click()
    page.get_by_label("The code from a poster or from your ticket").fill("BCDF-GHJL")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("There is a typing mistake in the code")).to_be_visible()
    page.get_by_label("The code from a poster or from your ticket").fill(house.ticket.lower())
    page.get_by_role("button", name="Go on").click()
    page.locator("#score-5").check(force=True)
    page.locator("#contact").fill("12")
    page.get_by_role("button", name="Send my rating").click()
    # A click does not wait for the page it leads to; what only that page shows does.
    expect(page.locator(".alert")).to_be_visible()
    page.locator("#contact").fill("")
    page.get_by_role("button", name="Send my rating").click()
    reference = page.locator(".reference").inner_text()
    page.goto("/r/")
    page.get_by_label("Reference").fill(reference)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Withdraw my rating").click()
    page.get_by_role("button", name="Yes, withdraw it").click()
    expect(page.get_by_text("You withdrew it.")).to_be_visible()
    (rating,) = session.scalars(select(Rating).where(Rating.verified))
    assert (rating.state, rating.held_rule) == ("void", "withdrawn/1")


def press_until(page, selector):
    """Press the tab key until this has the focus."""
    wanted = page.locator(selector).first
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not get to {selector}")


def check(page, name):
    """No violation, and nothing to be scrolled to at the side."""
    assert violations(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
