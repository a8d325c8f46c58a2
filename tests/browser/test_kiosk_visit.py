"""A visit at the tablet: what counts, what is kept, and that nothing stays for the next person."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_app.api import setup
from survey_app.demo import catalogue
from survey_app.models import Answer, Option, Rating
from tests.browser.axe import violations
from tests.browser.kiosk_tablet import KioskTablet
from tests.factories import NOON

pytestmark = pytest.mark.any_database

SMALL_TARGETS = """() => Array.from(document.querySelectorAll("button, input, textarea"))
    .filter((each) => each.checkVisibility())
    .filter((each) => each.offsetWidth < 64 || each.offsetHeight < 64)
    .map((each) => each.outerHTML)"""

SCROLLING = """() => Array.from(document.querySelectorAll(".screen, .answers"))
    .filter((each) => ["auto", "scroll"].includes(getComputedStyle(each).overflowY))
    .filter((each) => each.scrollHeight > each.clientHeight)
    .map((each) => [each.className, each.scrollHeight, each.clientHeight])"""


def test_the_first_tap_counts_though_the_visitor_walks_away(tablet, place, session, monkeypatch):
    monkeypatch.setattr(setup, "IDLE_SECONDS", 6)
    tablet.pair(place)
    tablet.score(2)
    expect(tablet.page.locator("#countdown")).to_be_visible()
    tablet.expect_thanks()
    tablet.expect_kept(0)
    assert the_rating(session).score == 2


def test_a_touch_during_the_countdown_gives_more_time(tablet, place, monkeypatch):
    monkeypatch.setattr(setup, "IDLE_SECONDS", 6)
    tablet.pair(place)
    tablet.score(2)
    countdown = tablet.page.locator("#countdown")
    expect(countdown).to_be_visible()
    tablet.page.mouse.click(2, 2)
    expect(countdown).to_be_hidden()
    expect(tablet.page.locator(".choices")).to_be_visible()


def test_a_tablet_switched_off_in_the_middle_keeps_the_tap(tablet, place, session):
    tablet.pair(place)
    tablet.score(4)
    tablet.expect_kept(1, "drafts")
    tablet.page.reload()
    tablet.expect_clean_start()
    tablet.expect_kept(0, "drafts")
    tablet.expect_kept(0)
    assert the_rating(session).score == 4


def test_a_score_can_be_corrected_before_it_is_sent(tablet, place, session):
    tablet.pair(place)
    tablet.score(1)
    tablet.go("back")
    tablet.score(5)
    tablet.go("enough")
    tablet.expect_thanks()
    tablet.expect_kept(0)
    assert the_rating(session).score == 5


def test_nothing_of_a_visit_is_left_for_the_next_person(tablet, place, session):
    tablet.pair(place)
    page = tablet.page
    language = page.locator("html").get_attribute("lang")
    page.locator("[data-language=ru]").click()
    page.locator("[data-aid=contrast]").click()
    tablet.score(3)
    comment_of(tablet).fill("WHAT-I-WROTE")
    tablet.go("forward")
    chip(tablet, "from_60").click()
    tablet.go("send")
    tablet.expect_thanks()
    tablet.expect_clean_start()
    tablet.expect_kept(0)
    stores = [tablet.kept(name) for name in ("meta", "drafts", "outbox", "rejected")]
    left = page.evaluate("document.documentElement.outerHTML + location.href + document.title")
    assert "WHAT-I-WROTE" not in f"{stores}{left}"
    # The set-up, in `meta`, names every option that can be chosen.
    assert "from_60" not in f"{stores[1:]}{left}"
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_class("")
    assert the_rating(session).language == "ru"


def test_no_thanks_when_the_rating_cannot_be_stored(tablet, place, session):
    tablet.pair(place)
    tablet.page.evaluate(
        """() => {
            const put = IDBObjectStore.prototype.put;
            IDBObjectStore.prototype.put = function (...given) {
                if (this.name === "drafts") throw new DOMException("full", "QuotaExceededError");
                return put.apply(this, given);
            };
        }"""
    )
    tablet.page.locator(".face").nth(4).click()
    expect(tablet.page.locator(".notice")).to_be_visible()
    expect(tablet.page.locator(".seal")).to_have_count(0)
    assert session.scalar(select(Rating)) is None


def test_a_visit_by_keyboard_alone(tablet, place, session):
    tablet.pair(place)
    page = tablet.page
    press(page, ".face:nth-child(4)", "Enter")
    expect(page.locator("h1")).to_be_focused()
    press(page, ".choice", "Space")
    press(page, ".way.enough", "Enter")
    tablet.expect_thanks()
    tablet.expect_kept(0)
    assert the_rating(session).score == 4


def test_group_questions_come_last_and_all_at_once(tablet, place, session):
    tablet.pair(place)
    tablet.score(5)
    groups_of(tablet)
    page = tablet.page
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("h1")).to_have_attribute("aria-describedby", "purpose")
    expect(page.get_by_role("group", name="Question age (az)")).to_have_attribute(
        "aria-describedby", "purpose"
    )
    expect(page.locator(".way")).to_have_count(2)
    # Another word replaces the first; the same word again takes it back.
    for option in ("under_30", "from_60", "no_answer", "no_answer", "from_30_to_59"):
        chip(tablet, option).click()
    expect(page.locator(".chips [aria-pressed=true]")).to_have_count(1)
    tablet.go("send")
    tablet.expect_thanks()
    tablet.expect_kept(0)
    assert answers_of(session) == ["from_30_to_59"]


def test_what_was_said_of_groups_is_kept_though_the_visitor_walks_away(
    tablet, place, session, monkeypatch
):
    monkeypatch.setattr(setup, "IDLE_SECONDS", 4)
    tablet.pair(place)
    tablet.score(4)
    groups_of(tablet)
    chip(tablet, "no_answer").click()
    tablet.expect_kept(1, "drafts")
    expect(tablet.page.locator(".seal")).to_be_visible(timeout=20_000)
    tablet.expect_kept(0)
    assert answers_of(session) == ["no_answer"]


def test_group_answers_survive_a_step_back_and_another_language(tablet, place, session):
    tablet.pair(place)
    tablet.score(4)
    groups_of(tablet)
    chip(tablet, "under_30").click()
    tablet.go("back")
    expect(tablet.page.locator("textarea")).to_be_visible()
    tablet.page.locator("[data-language=ru]").click()
    tablet.go("forward")
    expect(chip(tablet, "under_30", "ru")).to_have_attribute("aria-pressed", "true")
    tablet.go("send")
    tablet.expect_thanks()
    tablet.expect_kept(0)
    assert answers_of(session) == ["under_30"]


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (800, 1280)])
def test_three_group_questions_are_seen_without_scrolling(new_page, session, make, width, height):
    survey = catalogue.add_survey(session, NOON, NOON)
    session.commit()
    place = make.touchpoint(survey_id=survey.id)
    page = new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    tablet = KioskTablet(page, session)
    tablet.pair(place)
    tablet.score(4)
    groups_of(tablet)
    expect(page.locator(".about")).to_have_count(3)
    for language in ("az", "ru", "en"):
        page.locator(f"[data-language={language}]").click()
        assert page.evaluate(SCROLLING) == []
        page.locator("[data-aid=lower]").click()
        assert page.evaluate(SCROLLING) == []
        check_screen(page)
        page.locator("[data-aid=lower]").click()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (800, 1280), (390, 844), (320, 568)])
@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_every_screen_is_accessible(new_page, session, make, place, language, width, height):
    for number in range(1, 5):
        make.service(f"03-01-0{number}")
    page = new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    tablet = KioskTablet(page, session)
    tablet.pair(place)
    page.locator(f"[data-language={language}]").click()
    check_screen(page)
    tablet.score(2)
    while not page.locator(".about").count():
        check_screen(page)
        heading = page.locator("h1").inner_text()
        tablet.go("forward")
        expect(page.locator("h1")).not_to_have_text(heading)
    chip(tablet, "no_answer").click()
    check_screen(page)
    tablet.go("send")
    tablet.expect_thanks()
    check_screen(page)


def check_screen(page):
    """No violation, no target below 64 px, nothing beyond the side of the screen."""
    # While a screen settles it takes no touch, which axe would take for disabled.
    expect(page.locator(".settling")).to_have_count(0)
    assert violations(page, "color-contrast-enhanced", "target-size") == []
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def comment_of(tablet):
    """Skip to the comment."""
    page = tablet.page
    while not page.locator("textarea").count():
        heading = page.locator("h1").inner_text()
        tablet.go("forward")
        expect(page.locator("h1")).not_to_have_text(heading)
    return page.locator("textarea")


def groups_of(tablet):
    """Skip to the last screen, the questions about groups."""
    comment_of(tablet)
    tablet.go("forward")
    expect(tablet.page.locator(".about").first).to_be_visible()
    expect(tablet.page.locator(".settling")).to_have_count(0)


def chip(tablet, option, language=None):
    """The button of an option of the factories' group question."""
    language = language or tablet.page.locator("html").get_attribute("lang")
    return tablet.page.get_by_role("button", name=f"Option {option} ({language})")


def answers_of(session):
    """Codes of the options chosen in the one rating."""
    return session.scalars(
        select(Option.code)
        .join(Answer, Answer.option_id == Option.id)
        .where(Answer.submission_id == the_rating(session).submission_id)
    ).all()


def press(page, selector, key):
    """Reach an element with the Tab key and press a key on it."""
    expect(page.locator(selector).first).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            page.keyboard.press(key)
            return
    raise AssertionError(f"the Tab key does not reach {selector}")


def the_rating(session):
    session.rollback()
    return session.scalars(select(Rating)).one()


@pytest.fixture
def place(make):
    return make.touchpoint()


@pytest.fixture
def tablet(new_page, session):
    """A tablet on its side, not yet paired."""
    return KioskTablet(new_page(viewport={"width": 1280, "height": 800}), session)
