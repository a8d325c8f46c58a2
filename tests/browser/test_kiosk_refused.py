"""Ratings that the server refused: kept, shown, asked about again, and in the end let go."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_app.models import Rating
from survey_app.network.pins import hash_pin
from tests.browser.kiosk_tablet import KioskTablet

pytestmark = pytest.mark.any_database

RATINGS = "**/api/v1/ratings"
PIN = "4826"
REMEMBER = """([key, value]) =>
    import("/static/kiosk/store.js").then((store) => store.remember(key, value))"""
# Pretend that the one refused rating was refused at another time.
REFUSED_AT = """(instant) => new Promise((resolve) => {
    const opening = indexedDB.open("rey-kiosk");
    opening.onsuccess = () => {
        const database = opening.result;
        const writing = database.transaction("rejected", "readwrite");
        const entries = writing.objectStore("rejected");
        entries.openCursor().onsuccess = ({ target: { result: cursor } }) => {
            cursor.update({ ...cursor.value, refused_at: instant });
        };
        writing.oncomplete = () => { database.close(); resolve(); };
    };
})"""


def test_staff_have_refused_ratings_sent_again(tablet, session):
    refuse(tablet)
    tablet.rate(4)
    tablet.expect_kept(1, "rejected")
    menu = open_menu(tablet)
    # How many, and since when.
    expect(menu.locator(".state")).to_contain_text(f"1, {datetime.now().astimezone():%d.%m.%Y}")
    again = menu.get_by_role("button", name="Qəbul edilməmiş rəyləri yenidən göndər")
    again.click()
    # Refused again, it keeps the day of the first refusal.
    tablet.expect_kept(0)
    tablet.expect_kept(1, "rejected")
    accept(tablet)
    again.click()
    tablet.expect_kept(0, "rejected")
    tablet.expect_kept(0)
    assert scores(session) == [4]
    tablet.page.clock.run_for(3_000)
    expect(again).to_be_hidden()


def test_a_new_version_of_the_page_asks_again_once(tablet, session):
    refuse(tablet)
    tablet.rate(2)
    tablet.expect_kept(1, "rejected")
    accept(tablet)
    tablet.page.reload()
    tablet.expect_clean_start()
    assert len(tablet.kept("rejected")) == 1
    tablet.page.evaluate(REMEMBER, ["version", "the one before"])
    tablet.page.reload()
    tablet.expect_kept(0, "rejected")
    tablet.expect_kept(0)
    assert scores(session) == [2]


def test_at_unpairing_staff_are_told_how_many_go(tablet, session):
    refuse(tablet)
    tablet.rate(1)
    tablet.expect_kept(1, "rejected")
    menu = open_menu(tablet)
    menu.locator(".acts button").last.click()
    expect(menu).to_contain_text("qəbul edilməmiş rəylər: 1")
    assert len(tablet.kept("rejected")) == 1
    menu.locator(".acts button").last.click()
    expect(menu.locator("[role=status]")).to_be_visible()
    tablet.expect_kept(0, "rejected")


def test_after_ninety_days_by_the_servers_clock_they_are_forgotten(tablet):
    refuse(tablet)
    tablet.rate(5)
    tablet.expect_kept(1, "rejected")
    (entry,) = tablet.kept("rejected")
    # The tablet's clock is a year ahead, and counts for nothing here.
    assert datetime.fromisoformat(entry["refused_at"]) < datetime.now(UTC) + timedelta(days=1)
    for age, left in ((89, 1), (91, 0)):
        tablet.page.evaluate(REFUSED_AT, (datetime.now(UTC) - timedelta(days=age)).isoformat())
        with tablet.page.expect_response("**/kiosk/heartbeat"):
            tablet.page.reload()
        tablet.expect_clean_start()
        tablet.expect_kept(left, "rejected")


def refuse(tablet):
    """From now on the server seems to refuse whatever is sent."""

    def answer(route):
        sent = json.loads(route.request.post_data)["ratings"]
        verdicts = [
            {"submission_id": each["submission_id"], "status": "rejected", "reason": "unknown"}
            for each in sent
        ]
        told = datetime.now(UTC).isoformat(timespec="milliseconds")
        route.fulfill(json={"verdicts": verdicts, "server_time": told})

    tablet.page.route(RATINGS, answer)


def accept(tablet):
    tablet.page.unroute(RATINGS)


def open_menu(tablet):
    """Hold the corner, type the PIN; gives the menu."""
    page = tablet.page
    page.locator("#corner").dispatch_event("pointerdown")
    page.clock.run_for(3_100)
    page.locator("#pin").fill(PIN)
    page.locator("#pin").press("Enter")
    menu = page.locator("dialog.staff")
    expect(menu.locator(".state dd").first).to_be_visible()
    return menu


def scores(session):
    session.rollback()
    return session.scalars(select(Rating.score)).all()


@pytest.fixture
def tablet(request, new_page, session, make):
    """A paired tablet whose clock stands still; a year ahead where the test is about clocks."""
    place = make.touchpoint()
    place.center.staff_pin = hash_pin(PIN)
    page = new_page(viewport={"width": 1280, "height": 800}, service_workers="block")
    tablet = KioskTablet(page, session)
    if "ninety" in request.node.name:
        page.clock.install(time=datetime.now(UTC) + timedelta(days=365))
    else:
        tablet.stop_clock()
    tablet.pair(place)
    return tablet
