"""One rating, from the tap on a tablet without a network to the PDF a manager downloads."""

import io
from datetime import UTC, datetime, time, timedelta

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy import select

from analysis.months import Month
from survey_app import tallies
from survey_app.comments.readers import readers_folder
from survey_app.comments.reading import read_new_comments
from survey_app.models import OpeningHours, Rating, Report
from survey_app.models.network import FROM_THE_BEGINNING
from survey_app.pairing import create_pairing_code
from survey_app.reports.publishing import publish_due
from tests.browser.waiting import wait_until
from tests.factories import BAKU

COMMENT = "Növbə çox uzun idi, iki saat gözlədim. Nömrəm 050 123 45 67"


@pytest.fixture
def center(make):
    """A center that never closes: the tap happens at whatever hour the tests run."""
    center = make.center("own")
    center.opening_hours = [
        OpeningHours(
            weekday=weekday, since=FROM_THE_BEGINNING, opens=time(0), closes=time(23, 59, 59)
        )
        for weekday in range(1, 8)
    ]
    make.session.commit()
    return center


@pytest.fixture
def place(make, center):
    """A tablet's place where eleven satisfied people have rated today."""
    place = make.touchpoint(center, service_id=make.service("03-01-01").id)
    for _ in range(11):
        make.rating(place, score=5, rated_at=datetime.now(UTC))
    return place


def test_a_tap_without_a_network_reaches_the_pdf(
    app, session, live_server, new_page, sign_in, center, place, manager
):
    code = create_pairing_code(session, place, datetime.now(UTC))
    session.commit()
    page = new_page(viewport={"width": 1280, "height": 800}, locale="az")
    pair(page, code)

    live_server.stop()
    page.reload()
    tap(page)
    assert waiting(page) == 1
    assert count_ratings(session) == 11

    live_server.start()
    rating = wait_for_rating(page, session)
    assert (rating.score, rating.sequence, rating.state) == (2, 1, "counted")
    assert rating.comment == COMMENT.replace("050 123 45 67", "[telefon silinib]")
    expect_nothing_waiting(page)
    page.close()

    month = Month.of(datetime.now(BAKU).date())
    publish_after(app, session, month)
    text = pdf_text(sign_in(manager), center, month)
    assert "Ratings: 12." in text
    assert "92%" in text
    assert "iki saat gözlədim" in text
    assert "123 45 67" not in text
    assert tallies.differences(session) == []


def test_the_report_before_and_after_a_late_rating_are_both_kept(
    app, session, make, sign_in, center, place, manager
):
    month = Month.of(datetime.now(BAKU).date())
    publish_after(app, session, month)
    make.rating(place, score=1, rated_at=datetime.now(UTC))
    publish_after(app, session, month)
    client = sign_in(manager)
    assert "Ratings: 12." in pdf_text(client, center, month)
    assert "Ratings: 11." in pdf_text(client, center, month, revision=1)


# ----- what people and machines do


def pair(page, code):
    page.goto(f"/kiosk/#code={code.replace('-', '')}")
    page.locator("button[type=submit]").click()
    expect(page.locator("button.face")).to_have_count(5)
    # The page is kept for the days without a network once its worker is ready.
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def tap(page):
    """Rate 2 of 5, leave the other questions, write a comment, send."""
    page.locator("button.face").nth(1).click()
    while not page.locator("textarea").count():
        heading = page.locator("h1").inner_text()
        page.locator("#steps button").last.click()
        expect(page.locator("h1")).not_to_have_text(heading)
    page.locator("textarea").fill(COMMENT)
    page.locator("#steps button").last.click()
    # Questions about the visitor come last and may be passed over.
    page.locator(".way.send").click()
    # Thanks are given once the disk has it.
    expect(page.locator(".seal")).to_be_visible()


def waiting(page):
    """How many ratings the tablet keeps for sending."""
    return page.evaluate(
        """() => new Promise((resolve, reject) => {
            const opening = indexedDB.open("rey-kiosk");
            opening.onerror = () => reject(opening.error);
            opening.onsuccess = () => {
                const database = opening.result;
                const counting = database.transaction("outbox").objectStore("outbox").count();
                counting.onsuccess = () => { database.close(); resolve(counting.result); };
            };
        })"""
    )


def expect_nothing_waiting(page):
    """The tablet lets go of what the server acknowledged."""
    wait_until(page, lambda: waiting(page) == 0)


def count_ratings(session):
    session.rollback()
    return len(session.scalars(select(Rating.submission_id)).all())


def wait_for_rating(page, session):
    """The rating that is not satisfied, once the outbox has delivered it."""

    def look():
        session.rollback()
        return session.scalar(select(Rating).where(Rating.score == 2))

    return wait_until(page, look)


def publish_after(app, session, month):
    """What the worker does once the month is over."""
    later = datetime.combine(month.last_day, time(12), BAKU) + timedelta(days=5)
    with app.test_request_context():
        read_new_comments(session, later, readers_folder(app.extensions["settings"]))
        assert publish_due(session, later, 2, "https://rey.example.org") == 1
    session.expire_all()
    assert session.scalars(select(Report)).all()


def pdf_text(client, center, month, revision=None):
    query = "?lang=en" + (f"&revision={revision}" if revision else "")
    answer = client.get(f"/reports/{center.slug}/{month}/report.pdf{query}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    pages = PdfReader(io.BytesIO(answer.data)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)
