"""While nobody is there the question turns before the eyes alone; a tap is answered at once."""

import pytest
from playwright.sync_api import expect

from tests.browser.kiosk_tablet import KioskTablet

pytestmark = pytest.mark.any_database

TURN_MS = 7_200


def test_who_hears_the_screen_hears_nothing_of_the_turning(tablet, place):
    tablet.pair(place)
    page = tablet.page
    # Comes with the list of recordings.
    expect(page.locator("[data-aid=listen]")).to_be_visible()
    told = names_of(page)
    assert ("heading", "Question satisfaction (az)") in told
    assert ("button", "Option 1 (az)") in told
    page.clock.run_for(TURN_MS)
    expect(page.locator("h1")).to_have_text("Question satisfaction (ru)")
    expect(page.locator("h1 span")).to_have_attribute("lang", "ru")
    expect(page.locator(".face span").first).to_have_attribute("lang", "ru")
    expect(page.locator("html")).to_have_attribute("lang", "az")
    assert names_of(page) == told
    # What reads the screen to somebody goes to an answer: no key and no finger came before it.
    page.evaluate("document.querySelector('.face').focus()")
    expect(page.locator("h1")).to_have_text("Question satisfaction (az)")
    page.clock.run_for(TURN_MS)
    expect(page.locator("h1")).to_have_text("Question satisfaction (az)")
    assert names_of(page) == told


def test_who_sees_the_question_goes_on_in_the_language_that_was_seen(tablet, place):
    tablet.pair(place)
    page = tablet.page
    page.clock.run_for(TURN_MS)
    expect(page.locator("h1")).to_have_text("Question satisfaction (ru)")
    page.keyboard.press("Tab")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    assert ("heading", "Question satisfaction (ru)") in names_of(page)
    assert "(az)" not in str(names_of(page))


def test_a_face_is_answered_by_the_next_question_at_once(tablet, place):
    tablet.pair(place)
    page = tablet.page
    # No time passes on this page: whatever waited for a while would never come.
    page.locator(".face").nth(1).click()
    expect(page.locator(".few .choice").first).to_be_visible()
    expect(page.locator(".faces")).to_have_count(0)
    face = page.locator("#chosen img")
    expect(face).to_have_css("pointer-events", "none")
    assert face.evaluate("(face) => face.getAnimations().length") <= 1


def test_without_movement_no_face_flies(new_page, session, place):
    tablet = stopped(new_page(service_workers="block", reduced_motion="reduce"), session)
    tablet.pair(place)
    tablet.page.locator(".face").nth(1).click()
    expect(tablet.page.locator("#chosen img")).to_be_visible()
    assert tablet.page.locator("#chosen img").evaluate("(face) => face.getAnimations()") == []


def names_of(page):
    """(role, name) of all that assistive technology is told of, in order; no bare text."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    return [
        (each["role"]["value"], each["name"]["value"])
        for each in tree["nodes"]
        if not each["ignored"]
        and each.get("name", {}).get("value")
        and each["role"]["value"] not in {"StaticText", "InlineTextBox"}
    ]


def stopped(page, session):
    tablet = KioskTablet(page, session)
    tablet.stop_clock()
    return tablet


@pytest.fixture
def place(make):
    return make.touchpoint()


@pytest.fixture
def tablet(new_page, session):
    return stopped(
        new_page(viewport={"width": 1280, "height": 800}, service_workers="block"), session
    )
