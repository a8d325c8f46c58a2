"""A visit at the tablet: what counts, what is kept, and that nothing stays for the next person."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_app.api.setup import IDLE_SECONDS
from survey_app.codes import check_character
from survey_app.demo import catalogue
from survey_app.models import Answer, Option, Rating
from tests.browser.kiosk_screens import check_screen
from tests.browser.kiosk_tablet import KioskTablet
from tests.factories import NOON

pytestmark = pytest.mark.any_database

# From the last touch to the end of a visit.
IDLE_MS = IDLE_SECONDS * 1000
# Ten letters with the right check character; whether there is such a ticket is the server's affair.
SOUND_TICKET = "BCDFGHJKL" + check_character("BCDFGHJKL")

# Where anything of a visit could be read: document, fields, storages, and every store.
_READ_ALL = """async () => {
    const stores = [];
    for (const { name, version } of await indexedDB.databases()) {
        const database = await new Promise((resolve, reject) => {
            const opening = indexedDB.open(name, version);
            opening.onsuccess = () => resolve(opening.result);
            opening.onerror = () => reject(opening.error);
        });
        for (const store of database.objectStoreNames) {
            stores.push([store, await new Promise((resolve) => {
                const reading = database.transaction(store).objectStore(store).getAll();
                reading.onsuccess = () => resolve(reading.result);
            })]);
        }
        database.close();
    }
    const fields = Array.from(document.querySelectorAll("input, textarea"), ({ value }) => value);
    const page = [document.documentElement.outerHTML, location.href, document.title, history.state];
    return {
        page: JSON.stringify([page, fields, { ...localStorage }, { ...sessionStorage }]),
        stores: JSON.stringify(stores.filter(([, rows]) => rows.length > 0)),
        pressed: document.querySelectorAll("main [aria-pressed=true]").length,
    };
}"""

SCROLLING = """() => Array.from(document.querySelectorAll(".screen, .answers"))
    .filter((each) => ["auto", "scroll"].includes(getComputedStyle(each).overflowY))
    .filter((each) => each.scrollHeight > each.clientHeight)
    .map((each) => [each.className, each.scrollHeight, each.clientHeight])"""


def test_the_first_tap_counts_though_the_visitor_walks_away(tablet, place, session):
    tablet.pair(place)
    tablet.score(2)
    countdown = tablet.page.locator("#countdown")
    tablet.page.clock.run_for(IDLE_MS - 6_000)
    expect(countdown).to_be_hidden()
    tablet.page.clock.run_for(2_000)
    expect(countdown).to_be_visible()
    tablet.page.clock.run_for(5_000)
    tablet.expect_thanks()
    tablet.expect_kept(0)
    rating = the_rating(session)
    assert rating.score == 2
    # From the tap to the end, and from when the question could be answered to the tap.
    assert IDLE_MS <= rating.visit_ms <= IDLE_MS + 1_000
    assert 0 <= rating.lead_ms < rating.device_ms


def test_a_touch_during_the_countdown_gives_more_time(tablet, place):
    tablet.pair(place)
    tablet.score(2)
    countdown = tablet.page.locator("#countdown")
    tablet.page.clock.run_for(IDLE_MS - 3_000)
    expect(countdown).to_be_visible()
    tablet.page.mouse.click(2, 2)
    expect(countdown).to_be_hidden()
    tablet.page.clock.run_for(IDLE_MS - 3_000)
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


def test_four_taps_tell_the_score_the_outcome_and_what_was_not_good(tablet, place, make, session):
    # Though this place asks for the service: that comes after what is told most often.
    make.service("03-01-01")
    tablet.pair(place)
    page = tablet.page
    tablet.score(2)
    page.locator(".few .choice").last.click()
    expect(page.locator(".many")).to_be_visible()
    tablet.settle()
    page.locator(".many .choice").first.click()
    tablet.go("enough")
    tablet.expect_thanks()
    tablet.expect_kept(0)
    assert len(answers_of(session)) == 2


def test_nothing_of_a_visit_is_left_for_the_next_person(tablet, place, session):
    tablet.pair(place)
    page = tablet.page
    language = page.locator("html").get_attribute("lang")
    entries = page.evaluate("history.length")
    page.locator("[data-language=ru]").click()
    page.locator("[data-aid=contrast]").click()
    tablet.score(3)
    ticket_button(tablet).click()
    page.locator("#ticket").fill(SOUND_TICKET)
    tablet.settle()
    page.locator(".ticket button[type=submit]").click()
    expect(ticket_button(tablet)).to_contain_text(SOUND_TICKET[:5])
    comment_of(tablet).fill("WHAT-I-WROTE")
    page.locator("textarea").select_text()
    tablet.go("forward")
    tablet.settle()
    chip(tablet, "from_60").click()
    tablet.go("send")
    tablet.expect_thanks()
    assert traces(page) == []
    tablet.expect_clean_start()
    tablet.expect_kept(0)
    assert traces(page) == []
    assert page.evaluate("history.length") == entries
    assert page.evaluate("String(getSelection())") == ""
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_class("")
    assert the_rating(session).language == "ru"
    # Neither the way back nor the way forth shows it again.
    page.goto("about:blank")
    page.go_back()
    tablet.expect_clean_start()
    assert traces(page) == []


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


def test_what_was_said_of_groups_is_kept_though_the_visitor_walks_away(tablet, place, session):
    tablet.pair(place)
    tablet.score(4)
    groups_of(tablet)
    chip(tablet, "no_answer").click()
    tablet.expect_kept(1, "drafts")
    # Who has most to read has twice the time.
    tablet.page.clock.run_for(2 * IDLE_MS)
    tablet.expect_thanks()
    tablet.expect_kept(0)
    assert answers_of(session) == ["no_answer"]


def test_group_answers_survive_a_step_back_and_another_language(tablet, place, session):
    tablet.pair(place)
    tablet.score(4)
    groups_of(tablet)
    chip(tablet, "under_30").click()
    tablet.go("back")
    expect(tablet.page.locator("textarea")).to_be_visible()
    tablet.settle()
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
    page = new_page(
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        service_workers="block",
    )
    tablet = KioskTablet(page, session)
    tablet.stop_clock()
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


def traces(page):
    """What can be found of the visit of the test above."""
    found = page.evaluate(_READ_ALL)
    plain = SOUND_TICKET, f"{SOUND_TICKET[:5]}-{SOUND_TICKET[5:]}", "WHAT-I-WROTE"
    left = [word for word in plain if word in found["page"] + found["stores"]]
    # The set-up, in `meta`, names every option that can be chosen; the page must show none.
    left += [word for word in ("from_60",) if word in found["page"]]
    return left + ["pressed"] * found["pressed"]


def ticket_button(tablet):
    return tablet.page.locator(".ticket-way")


def comment_of(tablet):
    """Skip to the comment."""
    tablet.go_on_to("textarea")
    return tablet.page.locator("textarea")


def groups_of(tablet):
    """Skip to the last screen, the questions about groups."""
    comment_of(tablet)
    tablet.go("forward")
    expect(tablet.page.locator(".about").first).to_be_visible()
    tablet.settle()


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


def the_rating(session):
    session.rollback()
    return session.scalars(select(Rating)).one()


@pytest.fixture
def place(make):
    return make.touchpoint()


@pytest.fixture
def tablet(new_page, session):
    """A tablet on its side, not yet paired, whose time passes only where the test says so.

    Without its worker, which fetches the recordings when time has moved on.
    """
    page = new_page(viewport={"width": 1280, "height": 800}, service_workers="block")
    tablet = KioskTablet(page, session)
    tablet.stop_clock()
    return tablet
