"""The integrity pages in Chromium: accessible, within the screen."""

import pytest
from playwright.sync_api import expect

from survey_app.integrity.checking import check_day
from tests.browser.axe import choose_language, violations
from tests.factories import DAY
from tests.integrity.conftest import TOMORROW
from tests.integrity.presses import quiet_day, stuffing

pytestmark = pytest.mark.any_database

CENTER = "/integrity/own/?month=2026-10"
HELD = "/integrity/own/set-aside?month=2026-10&rule=outside_hours/1"


@pytest.fixture
def alert_address(session, make, center):
    """The page of an alert on a stuffed tablet, in a center where intake held a rating too."""
    place = make.touchpoint(center)
    quiet_day(make, place)
    stuffing(make, place)
    make.rating(make.touchpoint(center), state="held")
    alert = check_day(session, center, DAY, TOMORROW)[0]
    session.commit()
    return f"/integrity/own/alerts/{alert.id}"


@pytest.mark.parametrize(("width", "language"), [(1280, "az"), (390, "ru"), (320, "en")])
def test_the_pages_are_accessible(new_page, sign_in_page, analyst, alert_address, width, language):
    page = new_page(viewport={"width": width, "height": 800}, locale=language)
    page.goto("/")
    sign_in_page(page, analyst)
    page.goto("/integrity/")
    choose_language(page, language)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for address in ("/integrity/", CENTER, HELD, alert_address):
            page.goto(address)
            check(page)
    page.locator("details.more summary").click()
    check(page)


def test_two_people_void(new_page, sign_in_page, session, analyst, auditor, alert_address):
    first, second = (new_page(locale="en") for _ in range(2))
    for page, person in ((first, analyst), (second, auditor)):
        page.goto("/")
        sign_in_page(page, person)
    first.goto(alert_address)
    first.get_by_role("button", name="Propose to void the chosen ratings").click()
    # Without a reason nothing happens, and it is said where.
    expect(first.get_by_role("alert")).to_contain_text("Please write a reason.")
    check(first)
    first.get_by_label("Reason").fill("The guard pressed it; the camera shows him.")
    first.get_by_role("button", name="Propose to void the chosen ratings").click()
    expect(first.get_by_role("status")).to_contain_text("Your proposal is noted.")
    second.goto(CENTER)
    second.get_by_role("link", name="Proposed to be voided").click()
    # A click does not wait for the page it leads to; what only that page shows does.
    void = second.get_by_role("button", name="Void these ratings for good")
    expect(void).to_be_visible()
    check(second)
    void.click()
    expect(second.locator("h1 + .lede")).to_have_text("It was confirmed: these ratings are void.")
    check(second)


def check(page):
    """No violation, and nothing to be scrolled to at the side."""
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
