"""When a month is due, what is frozen, and when another revision follows."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from analysis.months import Month
from survey_app.models import AuditEvent, OutgoingMail, Report
from survey_app.reports import publishing
from survey_app.reports.publishing import due_months, newest_report, publish_due, read_report
from tests.factories import NOON

OCTOBER = Month(2026, 10)
# Midnight of 3 November in Baku: two whole days after the month's end have passed.
OVER = datetime(2026, 11, 2, 20, 0, tzinfo=UTC)
BASE_URL = "https://rey.example.org"


@pytest.fixture
def place(make, center):
    place = make.touchpoint(center)
    for score in (5,) * 9 + (4, 1, 1):
        make.rating(place, score=score)
    return place


@pytest.fixture
def publish(app, session):
    """Publish what is due at an instant, as the worker does."""

    def publish(now):
        with app.test_request_context():
            published = publish_due(session, now, 2, BASE_URL)
        session.expire_all()
        return published

    return publish


def due(session, now):
    found = [(center.slug, str(month)) for center, month in due_months(session, now, 2)]
    session.rollback()
    return found


def test_a_month_is_due_two_days_after_its_end_by_the_centers_clock(session, place):
    assert due(session, OVER - timedelta(seconds=1)) == []
    assert due(session, OVER) == [("own", "2026-10")]


def test_a_month_waits_until_its_comments_are_read(session, make, place):
    rating = make.rating(place, comment="Oxunmayıb")
    assert due(session, OVER) == []
    make.reading(rating, "neutral")
    assert due(session, OVER) == [("own", "2026-10")]


def test_a_published_month_is_frozen_with_its_digest_and_noted(session, center, place, publish):
    assert publish(OVER) == 1
    row = newest_report(session, center, OCTOBER)
    assert (row.revision, row.reason, row.published_at) == (1, "first", OVER)
    report = read_report(row)
    assert (report.headline.satisfied.base, report.headline.satisfied.value) == (12, 10 / 12)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "report_published")).one()
    assert event.detail == {"month": "2026-10", "revision": 1, "reason": "first"}


def test_what_is_published_is_not_due_again(session, place, publish):
    publish(OVER)
    assert publish(OVER + timedelta(days=1)) == 0
    assert len(session.scalars(select(Report)).all()) == 1


def test_a_late_rating_makes_the_next_revision_and_leaves_the_first(
    session, make, center, place, publish
):
    publish(OVER)
    make.rating(place, score=2, received_at=OVER + timedelta(days=1))
    assert publish(OVER + timedelta(days=2)) == 1
    rows = session.scalars(select(Report).order_by(Report.revision)).all()
    assert [(row.revision, row.reason) for row in rows] == [(1, "first"), (2, "late_ratings")]
    assert [read_report(row).headline.satisfied.base for row in rows] == [12, 13]
    assert read_report(rows[1]).passport.revision == 2


def test_a_comment_read_late_makes_a_corrected_revision(session, make, center, place, publish):
    rating = make.rating(place, score=5, comment="Təşəkkür")
    make.reading(rating, "not_assessed", topics=[])
    publish(OVER)
    reread(session, rating)
    assert publish(OVER + timedelta(days=1)) == 1
    newest = newest_report(session, center, OCTOBER)
    assert (newest.revision, newest.reason) == (2, "corrected")
    assert read_report(newest).comments.positive == 1


def test_a_center_without_ratings_in_a_month_has_nothing_due(session, center):
    assert due(session, OVER) == []


def test_managers_of_the_center_get_a_letter_with_figures_and_no_comment(
    session, make, center, place, publish
):
    manager = make.user("manager", center)
    for someone in (make.user("viewer", center), make.user("manager"), make.user("admin")):
        assert someone.email
    make.user("manager", center, active=False)
    make.reading(make.rating(place, score=5, comment="Gizli qalmalı söz"), "positive")
    publish(OVER)
    letter = session.scalars(select(OutgoingMail)).one()
    assert letter.recipient == manager.email
    assert "October 2026" in letter.subject
    assert f"{BASE_URL}/reports/own/2026-10" in letter.body
    assert "85%" in letter.body
    assert "Gizli" not in letter.body


def test_a_stored_value_that_was_tampered_with_is_not_read(session, make, center):
    row = make.report(center, value='{"format": 1}', digest=b"\0" * 32)
    with pytest.raises(ValueError, match="digest"):
        read_report(row)


def test_two_workers_publish_a_month_once(app, session, make, center, place, publish):
    """The second worker finds nothing left to do once the first has committed."""
    from sqlalchemy.orm import Session

    from survey_app.reports.publishing import publish_month

    publish(OVER)
    make.rating(place, score=3)
    with app.test_request_context(), Session(session.get_bind()) as other:
        theirs = publish_month(other, other.merge(center, load=True), OCTOBER, OVER)
        assert theirs.revision == 2
        other.commit()
        assert publish(OVER) == 0
    assert [row.revision for row in session.scalars(select(Report).order_by(Report.revision))] == [
        1,
        2,
    ]


def test_a_revision_that_another_worker_took_meanwhile_stops_nothing(
    session, make, center, place, publish, monkeypatch
):
    """Each sees only its own moment, so the second learns of the first from the database."""
    make.user("manager", center)
    publish(OVER)
    monkeypatch.setattr(publishing, "newest_report", lambda *_: None)
    monkeypatch.setattr(publishing, "_published_counters", lambda *_: {})
    assert publish(OVER) == 0
    assert len(session.scalars(select(Report)).all()) == 1


def test_the_instant_of_the_fixtures_lies_in_october():
    assert Month.of(NOON.date()) == OCTOBER


# ----- local fixtures


def reread(session, rating):
    """What the reread command will do: the reading changes, and the tallies with it."""
    from survey_app import tallies
    from survey_app.models import CommentReading

    reading = session.get(CommentReading, rating.submission_id)
    reading.sentiment, reading.polarity, reading.topics = "positive", 0.8, ["staff_courtesy"]
    movements = tallies.no_movements()
    place = tallies.Place(*(getattr(rating, name) for name in tallies.Place._fields))
    tallies.count_reading(movements, place, sentiment="not_assessed", sign=-1)
    tallies.count_reading(movements, place, sentiment="positive")
    tallies.move(session, movements)
    session.commit()
