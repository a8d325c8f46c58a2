"""The tablet for everybody: every screen measured, keys alone, no movement, rest, and dignity."""

import time

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_app.demo import catalogue
from survey_app.extensions import begin_writing
from survey_app.models import Answer, Rating, Survey
from tests.browser.kiosk_screens import check_layout, check_screen
from tests.browser.kiosk_states import Walk, never_open_now, walk_states
from tests.browser.kiosk_tablet import KioskTablet, always_open
from tests.factories import NOON

pytestmark = pytest.mark.any_database

SMALL_FACES = """(least) => Array.from(document.querySelectorAll(".face img"))
    .filter((each) => each.width < least || each.height < least).length"""
# What an element in focus shows of it, all around.
FOCUS_RING = """() => parseFloat(getComputedStyle(document.activeElement).outlineWidth)"""


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("width", "height"),
    [
        (1280, 800),
        pytest.param(800, 1280, marks=pytest.mark.slow),
        pytest.param(390, 844, marks=pytest.mark.slow),
    ],
)
def test_every_screen_is_accessible_in_every_language(walk_at, width, height):
    walk = walk_at(width, height)
    page = walk.page
    for name in walk_states(walk):
        check_screen(page)
        if width >= 600 and page.locator(".face").count():
            assert page.evaluate(SMALL_FACES, 120) == 0
        page.evaluate("document.documentElement.classList.add('contrast')")
        # The languages give more time: the countdown is looked at as it stands. What lies over
        # the screen lies over the languages too.
        may_turn = page.locator("#languages").is_visible() and name not in {
            "countdown",
            "staff-pin",
            "staff-menu",
            "scanner",
        }
        if may_turn:
            page.locator("[data-language=az]").click()
            check_layout(page)
            page.locator("[data-language=en]").click()
        check_screen(page)
        page.evaluate("document.documentElement.classList.remove('contrast')")
        if may_turn:
            walk.speak()


@pytest.mark.parametrize("aid", ["plain", "larger"])
def test_every_screen_fits_a_small_phone(walk_at, aid):
    walk = walk_at(320, 568, patience=4 if aid == "larger" else 1)
    for name in walk_states(walk):
        resting = name in {"asleep", "paused"}
        if aid == "larger" and not resting:
            walk.page.evaluate("document.documentElement.classList.add('larger')")
        check_layout(walk.page)
        if walk.page.locator(".face").count():
            assert walk.page.evaluate(SMALL_FACES, 44) == 0


def test_a_visit_by_keyboard_alone(tablet, place, session):
    tablet.pair(place)
    page = tablet.page
    press(page, ".face:nth-child(4)", "Enter")
    expect(page.locator(".few")).to_be_visible()
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".face")).to_have_count(5)
    press(page, ".face:nth-child(4)", "Enter")
    expect(page.locator(".few")).to_be_visible()
    press(page, ".few .choice", "Space")
    expect(page.locator(".many")).to_be_visible()
    press(page, ".many .choice:nth-child(2)", "Space")
    assert page.evaluate(FOCUS_RING) >= 3
    press(page, ".way.forward", "Enter")
    expect(page.locator("textarea")).to_be_visible()
    press(page, "textarea", "a")
    press(page, ".way.forward", "Enter")
    expect(page.locator(".about")).to_be_visible()
    press(page, ".chips .choice", "Space")
    press(page, ".way.send", "Enter")
    tablet.expect_thanks()
    tablet.expect_kept(0)
    rating = the_rating(session)
    assert (rating.score, rating.comment) == (4, "a")
    assert len(answers_of(session, rating)) == 3


def test_the_question_turns_until_somebody_is_there(new_page, session, place):
    tablet = tablet_with_clock(new_page, session)
    tablet.pair(place)
    page = tablet.page
    root = page.locator("html")
    expect(root).to_have_attribute("lang", "az")
    expect(page.locator(".also")).to_have_count(0)
    page.clock.run_for(7_200)
    expect(page.locator("h1 span")).to_have_attribute("lang", "ru")
    expect(page.locator("h1")).to_have_text("Question satisfaction (ru)")
    expect(page.locator(".face").first).to_have_text("Option 1 (ru)")
    # Somebody looks closer: it stays, for as long as they may need.
    page.mouse.move(640, 700)
    page.mouse.down()
    page.mouse.up()
    page.clock.run_for(10_000)
    expect(root).to_have_attribute("lang", "ru")
    # They have gone: it begins anew, and turns again.
    page.clock.run_for(6_000)
    expect(root).to_have_attribute("lang", "az")
    # A tap just after a turn belongs to what was read before it.
    page.evaluate(TAP_AT_THE_TURN)
    page.clock.run_for(7_200)
    expect(page.locator(".few")).to_be_visible()
    expect(root).to_have_attribute("lang", "az")
    tablet.go("enough")
    tablet.expect_thanks()
    tablet.expect_kept(0)
    assert the_rating(session).language == "az"


def test_without_movement_the_question_stands_in_three_languages(new_page, session, place):
    tablet = tablet_with_clock(new_page, session, reduced_motion="reduce")
    tablet.pair(place)
    page = tablet.page
    page.clock.run_for(15_000)
    expect(page.locator("h1")).to_have_text("Question satisfaction (az)")
    expect(page.locator(".also")).to_have_text(
        ["Question satisfaction (ru)", "Question satisfaction (en)"]
    )
    expect(page.locator(".also").nth(0)).to_have_attribute("lang", "ru")
    assert page.evaluate("document.getAnimations().length") <= 1  # the edge of a list that scrolls


def test_a_sleeping_tablet_wakes_for_one_visit(new_page, session, place):
    never_open_now(place)
    tablet = tablet_with_clock(new_page, session)
    tablet.enrol(place)
    page = tablet.page
    asleep = page.locator("[data-screen=asleep]")
    expect(asleep).to_be_visible()
    tablet.settle()
    page.mouse.click(5, 5)
    tablet.expect_clean_start()
    # Whoever woke it and left, left nothing; it sleeps again.
    page.clock.run_for(15_500)
    expect(asleep).to_be_visible()
    tablet.settle()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tablet.expect_clean_start()
    tablet.score(5)
    tablet.go("enough")
    tablet.expect_thanks()
    page.clock.run_for(6_500)
    expect(asleep).to_be_visible()
    tablet.expect_kept(0)
    # The server knows the hours too: it is kept, and set aside.
    assert (the_rating(session).state, the_rating(session).held_rule) == ("held", "outside_hours/1")
    session.rollback()
    begin_writing(session)
    always_open(place)
    session.commit()
    tablet.hear()
    tablet.expect_clean_start()


def test_where_there_is_grief_nothing_moves_and_nobody_need_answer(new_page, session, place):
    session.get_one(Survey, place.survey_id).dignity = True
    always_open(place)
    tablet = tablet_with_clock(new_page, session)
    tablet.enrol(place)
    page = tablet.page
    words = page.locator(".word")
    expect(words).to_have_count(5)
    tablet.settle()
    expect(page.locator("main img")).to_have_count(0)
    assert page.evaluate("document.getAnimations().length") <= 1  # the edge of a list that scrolls
    page.clock.run_for(15_000)
    expect(page.locator("html")).to_have_attribute("lang", "az")
    assert len({words.nth(place).evaluate(COLOURS) for place in range(5)}) == 1
    # Who has said something and would rather not have said it takes it back.
    words.nth(0).click()
    expect(page.locator(".few")).to_be_visible()
    tablet.expect_kept(1, "drafts")
    expect(page.locator(".way.decline")).to_be_visible()
    tablet.go("back")
    expect(words).to_have_count(5)
    tablet.settle()
    tablet.go("decline")
    expect(page.locator("[data-screen=farewell]")).to_be_visible()
    tablet.expect_kept(0, "drafts")
    tablet.expect_kept(0, "outbox")
    page.clock.run_for(6_500)
    expect(words).to_have_count(5)
    tablet.settle()
    # What one would rather not say is left out; the rest is thanked for without a seal.
    words.nth(3).click()
    expect(page.locator(".few")).to_be_visible()
    tablet.settle()
    tablet.go("decline")
    expect(page.locator(".many")).to_be_visible()
    tablet.go("enough")
    expect(page.locator("[data-screen=thanks]")).to_be_visible()
    expect(page.locator(".seal")).to_have_count(0)
    tablet.expect_kept(0)
    rating = the_rating(session)
    assert (rating.score, answers_of(session, rating)) == (4, [])


def test_a_ticket_says_what_the_visit_was_for(tablet, make, place, session):
    service = make.service("03-01-01")
    tickets = make.tickets_place(place.center)
    printed = make.ticket(tickets, service_id=service.id, visited_at=NOON, expires_at=in_an_hour())
    tablet.pair(place)
    page = tablet.page
    tablet.score(4)
    page.locator(".ticket-way").click()
    field = page.locator("#ticket")
    mistyped = printed.code[:-1] + next(c for c in "BCDFG" if c != printed.code[-1])
    field.fill(mistyped.lower())
    expect(field).to_have_value(f"{mistyped[:5]}-{mistyped[5:]}")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#ticket-problem")).not_to_be_empty()
    # Another language keeps what was typed.
    page.locator("[data-language=en]").click()
    expect(field).to_have_value(f"{mistyped[:5]}-{mistyped[5:]}")
    field.fill(printed.code)
    page.keyboard.press("Enter")
    expect(page.locator(".ticket-way")).to_contain_text(printed.code[:5])
    expect(page.locator(".few")).to_be_visible()
    tablet.go("forward")
    expect(page.locator(".many")).to_be_visible()
    tablet.go("forward")
    # The step that asks for the service is skipped.
    expect(page.locator("textarea")).to_be_visible()
    tablet.go("enough")
    tablet.expect_thanks()
    tablet.expect_kept(0)
    rating = the_rating(session)
    assert (rating.verified, rating.service_id) == (True, service.id)


TAP_AT_THE_TURN = """() => new MutationObserver((turns, observer) => {
    observer.disconnect();
    document.querySelectorAll(".face")[3].click();
}).observe(document.querySelector("h1"), { childList: true, subtree: true })"""

COLOURS = """(word) => {
    const { color, backgroundColor, borderColor } = getComputedStyle(word);
    return [color, backgroundColor, borderColor].join();
}"""


def in_an_hour():
    return NOON.fromtimestamp(time.time() + 3600, NOON.tzinfo)


def press(page, selector, key):
    """Reach an element with the Tab key and press a key on it."""
    expect(page.locator(selector).first).to_be_visible()
    expect(page.locator(".settling")).to_have_count(0)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            page.keyboard.press(key)
            return
    raise AssertionError(f"the Tab key does not reach {selector}")


def the_rating(session):
    session.rollback()
    return session.scalars(select(Rating)).one()


def answers_of(session, rating):
    return session.scalars(select(Answer).where(Answer.submission_id == rating.submission_id)).all()


def tablet_with_clock(new_page, session, **options):
    """A tablet whose time passes only where the test says so.

    Without its worker, which fetches the recordings when time has moved on, and would still do so
    when the test is over.
    """
    page = new_page(viewport={"width": 1280, "height": 800}, service_workers="block", **options)
    tablet = KioskTablet(page, session)
    tablet.stop_clock()
    return tablet


@pytest.fixture
def place(make):
    return make.touchpoint()


@pytest.fixture
def tablet(new_page, session):
    """A tablet on its side, not yet paired."""
    return KioskTablet(new_page(viewport={"width": 1280, "height": 800}), session)


@pytest.fixture
def walk_at(new_page, session, make):
    """`walk_at(width, height)`: a walk in Russian, the longest, through the demo's survey."""

    def walk_at(width, height, patience=1):
        center = catalogue.add_network(session)[0]
        survey = catalogue.add_survey(session, NOON, NOON)
        session.commit()
        place = make.touchpoint(center, survey_id=survey.id)
        page = new_page(
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            service_workers="block",
        )
        tablet = KioskTablet(page, session)
        tablet.stop_clock()
        return Walk(tablet, session, place, "ru", patience)

    return walk_at
