"""The tablet's outbox: a rating leaves only on a verdict that names it, and arrives once."""

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_app import pairing
from survey_app.extensions import begin_writing
from survey_app.models import Rating, Tablet
from tests.browser.kiosk_tablet import KioskTablet
from tests.browser.waiting import wait_until

pytestmark = pytest.mark.any_database

RATINGS = "**/api/v1/ratings"
SEQUENCE = "import('/static/kiosk/store.js').then((store) => store.recall('sequence'))"
# What a tablet may be told instead of a verdict: by a server in trouble, by a portal, by a proxy.
NOT_A_VERDICT = {
    "refused": None,
    "portal": {"status": 200, "content_type": "text/html", "body": "<h1>Wi-Fi</h1>"},
    "portal speaking JSON": {"status": 200, "content_type": "application/json", "body": "{}"},
    "half": {"status": 200, "content_type": "application/json", "body": '{"verdicts": [{"su'},
    "somebody else's": {
        "status": 200,
        "content_type": "application/json",
        "body": json.dumps({"verdicts": [{"submission_id": "0", "status": "recorded"}]}),
    },
    "redirect": {"status": 302, "headers": {"Location": "/kiosk/"}},
    "401 of a portal": {"status": 401, "content_type": "text/html", "body": "log in"},
    "429": {"status": 429, "content_type": "application/problem+json", "body": "{}"},
    "500": {"status": 500, "content_type": "application/problem+json", "body": "{}"},
    "503": {"status": 503, "headers": {"Retry-After": "1"}, "body": ""},
}


@pytest.mark.parametrize("name", NOT_A_VERDICT)
def test_whatever_is_not_a_verdict_keeps_everything(tablet, place, session, name):
    tablet.pair(place)
    answer = NOT_A_VERDICT[name]
    tablet.page.route(
        RATINGS, lambda route: route.fulfill(**answer) if answer else route.abort(), times=1
    )
    with tablet.page.expect_request(RATINGS):
        tablet.score(5)
        tablet.go("enough")
    tablet.expect_thanks()
    tablet.expect_kept(0)
    assert scores(session) == [5]


def test_an_answer_that_got_lost_is_not_counted_twice(tablet, place, session):
    tablet.pair(place)

    def swallow(route):
        route.fetch()
        route.abort()

    tablet.page.route(RATINGS, swallow, times=1)
    tablet.rate(3)
    tablet.expect_kept(0)
    assert scores(session) == [3]


def test_days_without_a_server(new_page, live_server, place, session):
    tablet = KioskTablet(new_page(viewport={"width": 1280, "height": 800}), session)
    tablet.pair(place)
    tablet.wait_for_worker()
    live_server.stop()
    tablet.page.reload()
    for score in (1, 4):
        tablet.rate(score)
    tablet.page.reload()
    tablet.expect_kept(2)
    live_server.start()
    tablet.expect_kept(0)
    assert scores(session) == [1, 4]


def test_a_rejected_rating_is_set_aside(tablet, place, session):
    tablet.pair(place)

    def reject(route):
        (rating,) = route.request.post_data_json["ratings"]
        verdict = {"submission_id": rating["submission_id"], "status": "rejected", "reason": "x"}
        route.fulfill(json={"verdicts": [verdict], "server_time": "2026-10-05T08:00:00Z"})

    tablet.page.route(RATINGS, reject, times=1)
    tablet.rate(1)
    tablet.expect_kept(0)
    assert [entry["reason"] for entry in tablet.kept("rejected")] == ["x"]
    tablet.rate(2)
    tablet.expect_kept(0)
    assert scores(session) == [2]


def test_a_batch_too_large_is_halved(tablet, place, session):
    tablet.pair(place)
    tablet.page.route(RATINGS, lambda route: route.abort())
    for score in (1, 2):
        tablet.rate(score)
    tablet.page.unroute(RATINGS)

    def small_only(route):
        if len(route.request.post_data_json["ratings"]) > 1:
            route.fulfill(status=413, content_type="text/html", body="too large")
        else:
            route.fallback()

    tablet.page.route(RATINGS, small_only)
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.expect_kept(0)
    assert scores(session) == [1, 2]


def test_when_the_pairing_has_ended_nothing_is_lost(tablet, place, session):
    tablet.pair(place)
    # The visit has begun when the pairing ends; else the page might say so before the tap.
    tablet.score(2)
    tablet_id = session.scalars(select(Tablet.id)).one()
    session.commit()
    # As the command does: the tablet may be writing at the same time.
    begin_writing(session)
    pairing.revoke(session, tablet_id, datetime.now(UTC))
    session.commit()
    tablet.go("enough")
    tablet.expect_thanks()
    expect(tablet.page.locator("#code")).to_be_visible()
    tablet.expect_kept(1)
    tablet.pair(place)
    tablet.expect_kept(0)
    assert scores(session) == [2]


def test_the_sequence_goes_on_from_what_the_server_has_seen(tablet, place, session):
    tablet.pair(place)
    tablet.rate(5)
    tablet.expect_kept(0)
    # As after a restored profile: older than what was sent since.
    tablet.page.evaluate(
        "import('/static/kiosk/store.js').then((s) => s.remember('sequence', undefined))"
    )
    tablet.page.reload()
    tablet.expect_clean_start()
    # Not before the answer is on the disk.
    wait_until(tablet.page, lambda: tablet.page.evaluate(SEQUENCE) == 1)
    tablet.rate(4)
    tablet.expect_kept(0)
    assert session.scalars(select(Rating.sequence).order_by(Rating.sequence)).all() == [1, 2]


def scores(session):
    session.rollback()
    return list(session.scalars(select(Rating.score).order_by(Rating.sequence)))


@pytest.fixture
def place(make):
    return make.touchpoint()


@pytest.fixture
def tablet(new_page, session):
    """A tablet without its service worker: Playwright's routes do not see past one."""
    page = new_page(viewport={"width": 1280, "height": 800}, service_workers="block")
    return KioskTablet(page, session)
