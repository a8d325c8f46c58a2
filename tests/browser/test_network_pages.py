"""The network pages in Chromium: accessible, within the screen, all of it without JavaScript."""

from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.axe import choose_language, violations
from tests.factories import BAKU

pytestmark = pytest.mark.any_database

SCREENS = [
    (1280, "az", ("light",)),
    (390, "ru", ("light", "dark")),
    (320, "en", ("dark",)),
]


@pytest.fixture
def addresses(make, center):
    """Every page of a center with a tablet in trouble, a poster, a retired place and other hours
    to come."""
    place = make.touchpoint(center)
    tablet = make.tablet(
        place,
        unsent=30,
        rejected=2,
        battery_percent=9,
        storage_free=10**6,
        storage_persistent=False,
        skew_ms=600_000,
    ).tablet
    make.tablet(place, revoked_at=tablet.paired_at)
    make.touchpoint(center)
    poster = make.poster(center)
    retired = make.poster(center, retired_at=tablet.paired_at)
    tomorrow = datetime.now(BAKU).date() + timedelta(days=1)
    make.hours(center, tomorrow, {6: (time(10), time(14))})
    make.holiday(tomorrow)
    make.service()
    pages = [
        "",
        "own/",
        "own/add",
        "own/number",
        "own/hours",
        "holidays/",
        f"touchpoints/{retired.id}",
    ]
    pages += [f"touchpoints/{each.id}" for each in (place, poster)]
    pages += [f"touchpoints/{place.id}/{verb}" for verb in ("change", "retire")]
    pages += [f"tablets/{tablet.id}/{verb}" for verb in ("name", "move", "disconnect")]
    return [f"/network/{page}" for page in pages]


@pytest.mark.parametrize(("width", "language", "schemes"), SCREENS)
def test_the_pages_are_accessible(
    new_page, sign_in_page, admin, addresses, width, language, schemes
):
    page = new_page(viewport={"width": width, "height": 800}, locale=language)
    page.goto("/")
    sign_in_page(page, admin)
    page.goto("/network/")
    choose_language(page, language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    for address in addresses:
        page.goto(address)
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            check(page)


def test_a_manager_sets_up_a_place_without_javascript(new_page, sign_in_page, make, manager):
    make.survey()
    # Who is signed in is put into the cookie by a page that may run scripts.
    first = new_page(locale="en")
    first.goto("/")
    sign_in_page(first, manager)
    agent = first.evaluate("navigator.userAgent")
    page = new_page(locale="en", java_script_enabled=False, user_agent=agent)
    page.context.add_cookies(first.context.cookies())
    page.goto("/network/own/")
    page.get_by_role("link", name="Add a place").click()
    page.get_by_role("button", name="Add this place").click()
    expect(page.get_by_role("alert")).to_contain_text("Please choose what stands there.")
    page.get_by_label("A tablet").check()
    for language, words in (("Azerbaijani", "Çıxış"), ("Russian", "Выход"), ("English", "Exit")):
        page.get_by_label(f"What it is called, in {language}").fill(words)
    page.get_by_role("button", name="Add this place").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Exit")
    page.get_by_role("button", name="Make a connection code").click()
    expect(page.get_by_alt_text("The connection code as a QR code")).to_be_visible()
    page.get_by_role("link", name="Back to the place").click()
    page.get_by_role("link", name="Retire the place").click()
    page.get_by_role("button", name="Retire the place").click()
    expect(page.get_by_role("status")).to_have_text("The place takes no more ratings.")
    page.get_by_role("button", name="Take ratings again").click()
    expect(page.get_by_role("status")).to_have_text("The place takes ratings again.")


def check(page):
    """No violation, and nothing to be scrolled to at the side."""
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
