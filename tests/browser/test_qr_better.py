"""What the script makes better: no reload, nothing typed is lost, nothing is sent twice, and what
could not be sent is sent later."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_app.abuse import FREE_FROM_NETWORK, UNPROVEN, judge_arrival
from survey_app.models import Rating
from tests.browser.qr_states import furnish
from tests.conftest import PATIENCE_MS

pytestmark = pytest.mark.any_database

# The page itself has the answer as soon as its timings tell when that ended; then it reads it.
FETCHED = """async () => {
    const pause = () => new Promise((resolve) => { setTimeout(resolve, 10); });
    const ends = () => performance.getEntriesByType("resource")
        .filter(({ name }) => name.includes("/r/waiting?")).map(({ responseEnd }) => responseEnd);
    while (!ends().some((end) => end > 0)) await pause();
    await pause();
}"""
STORED = "JSON.stringify([{...sessionStorage}, {...localStorage}])"
NOTHING = "[{},{}]"


@pytest.fixture
def house(make):
    return furnish(make)


@pytest.fixture
def phone(new_page):
    """A phone on which the script has come, and with it the page for a lost connection."""

    def phone(address):
        page = new_page(viewport={"width": 390, "height": 844}, locale="en")
        open_on(page, address)
        return page

    return phone


def open_on(page, address):
    """Open a page, and wait until it has the one for a lost connection, to the last byte."""
    with page.expect_event("requestfinished", lambda request: "/r/waiting?" in request.url):
        page.goto(address)
    page.evaluate(FETCHED)


def given(session):
    """The scores of the ratings that came in during the test."""
    session.rollback()
    return sorted(session.scalars(select(Rating.score).where(Rating.comment.is_not(None))))


def fill(page, score=4, comment="It went well"):
    page.locator(f"#score-{score}").check(force=True)
    page.locator("#comment").fill(comment)


def test_the_first_view_is_one_request(new_page, house):
    page = new_page(locale="en")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    open_on(page, f"/q/{house.poster}")
    assert [url.rpartition("/")[2].partition("?")[0] for url in asked] == [
        house.poster,
        "better.js",
        "proof.js",
        "waiting",
    ]
    # Nothing was asked for before everything that is shown was there.
    began = page.evaluate("performance.getEntriesByType('resource').map((each) => each.startTime)")
    load = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventStart")
    assert min(began) >= load


def test_a_form_is_sent_without_a_reload_and_leaves_nothing(phone, session, house):
    page = phone(f"/q/{house.poster}")
    page.evaluate("window.isTheSamePage = true")
    fill(page)
    page.locator("#contact").fill("12")
    page.locator(".send button").click()
    expect(page.locator(".alert")).to_be_focused()
    expect(page.locator("#comment")).to_have_value("It went well")
    page.locator("#contact").fill("050 123 45 67")
    page.locator(".send button").click()
    expect(page.locator(".reference")).to_be_visible()
    assert page.evaluate("window.isTheSamePage")
    assert page.evaluate(STORED) == NOTHING
    reference = page.locator(".reference").inner_text()
    page.reload()
    expect(page.locator(".reference")).to_have_text(reference)
    # The form is not behind it: going back leads out.
    page.go_back()
    assert page.url == "about:blank"
    assert given(session) == [4]


def test_what_was_typed_outlives_a_reload_and_another_language(phone, house):
    page = phone(f"/q/{house.poster}")
    fill(page, 2, "Long queue")
    page.locator("#bad-waiting").check(force=True)
    page.locator("summary").click()
    page.locator("#age-from_60").check(force=True)
    number = page.locator("[name=submission_id]").input_value()
    for address in (f"/q/{house.poster}", f"/q/{house.poster}?lang=ru"):
        open_on(page, address)
        expect(page.locator("#comment")).to_have_value("Long queue")
        for chosen in ("#score-2", "#bad-waiting", "#age-from_60"):
            expect(page.locator(chosen)).to_be_checked()
        expect(page.locator("details")).to_have_attribute("open", "")
        assert page.locator("[name=submission_id]").input_value() == number
    # It belongs to this code alone.
    open_on(page, f"/t/{house.ticket}")
    expect(page.locator("#comment")).to_have_value("")


def test_what_cannot_be_sent_waits_for_a_connection(phone, session, house):
    page = phone(f"/q/{house.poster}")
    fill(page)
    page.context.set_offline(True)
    page.locator(".send button").click()
    expect(page.get_by_role("heading", name="Not sent yet")).to_be_focused()
    page.locator("[data-again]").click()
    expect(page.get_by_text("It is also kept on this phone")).to_be_visible()
    assert given(session) == []
    page.context.set_offline(False)
    expect(page.locator(".reference")).to_be_visible()
    assert page.evaluate(STORED) == NOTHING
    assert given(session) == [4]


def test_an_answer_lost_on_its_way_makes_no_second_rating(phone, session, house):
    page = phone(f"/t/{house.ticket}")
    fill(page)

    def lose(route):
        # It reaches us; what we answer does not reach the phone.
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/t/*", lose, times=1)
    page.locator(".send button").click()
    expect(page.get_by_role("heading", name="Not sent yet")).to_be_visible()
    assert given(session) == [4]
    page.locator("[data-again]").click()
    # The reference is the one that got lost.
    expect(page.locator(".reference")).to_be_visible()
    assert given(session) == [4]


def test_a_page_that_was_closed_is_caught_up_on_by_the_next(phone, session, house):
    page = phone(f"/q/{house.poster}")
    fill(page)
    # A café's own page is no answer of ours, whatever its status.
    page.route("**/q/*", lambda route: route.fulfill(body="<h1>Welcome to our Wi-Fi</h1>"), times=1)
    page.locator(".send button").click()
    expect(page.get_by_role("heading", name="Not sent yet")).to_be_visible()
    page.goto("about:blank")
    assert given(session) == []
    page.goto("/q/")
    note = page.get_by_role("status")
    expect(note).to_contain_text("Your earlier rating has now been sent.")
    note.get_by_role("link").click()
    expect(page.locator(".reference")).to_be_visible()
    assert page.evaluate(STORED) == NOTHING
    assert given(session) == [4]


def test_a_ticket_that_somebody_else_spent_is_refused_in_place(phone, new_page, session, house):
    page, other = phone(f"/t/{house.ticket}"), phone(f"/t/{house.ticket}")
    for each, score in ((page, 5), (other, 1)):
        fill(each, score)
        each.locator(".send button").click()
        expect(each.locator("form")).to_have_count(0)
    expect(page.locator(".reference")).to_be_visible()
    expect(other.get_by_role("heading")).to_have_text("This code is not valid, or it has been used")
    assert given(session) == [5]


def test_in_a_rush_the_script_proves_itself_and_nobody_is_turned_away(
    phone, new_page, app, session, house
):
    with app.test_request_context(method="POST", environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        # A few more than are free: they weigh less when a new window begins just then.
        for _ in range(FREE_FROM_NETWORK * 5 // 4):
            judge_arrival(session, house.poster, None, datetime.now(UTC))
        session.commit()
    plain = new_page(java_script_enabled=False, locale="en")
    plain.goto(f"/q/{house.poster}")
    fill(plain, 2, "Without a script")
    plain.locator(".send button").click()
    expect(plain.locator(".reference")).to_be_visible()
    page = phone(f"/q/{house.poster}")
    fill(page, 3, "With a script")
    page.locator(".send button").click()
    expect(page.locator(".reference")).to_be_visible(timeout=3 * PATIENCE_MS)
    session.rollback()
    rules = select(Rating.comment, Rating.held_rule).where(Rating.comment.is_not(None))
    assert dict(session.execute(rules).all()) == {
        "Without a script": UNPROVEN,
        "With a script": None,
    }
