"""When a month is due, what is frozen, and when another revision follows."""

import json
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, text

from analysis.months import Month
from analysis.report import SatisfactionReport
from survey_app.figures import live_report
from survey_app.integrity import ruling
from survey_app.models import AuditEvent, OutgoingMail, PublishFailure, Report, VisitMonth
from survey_app.reports import publishing
from survey_app.reports.publishing import (
    due_months,
    newest_report,
    publish_due,
    publish_month,
    read_report,
)
from survey_app.reports.queries import drafts
from survey_app.tallies import COUNTERS
from survey_app.visit_counts import (
    Delivery,
    Line,
    build_import,
    check_lines,
    load_network,
    note_import,
    record,
)
from tests.factories import DAY, NOON

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
    monkeypatch.setattr(publishing, "revisions_of", lambda *_: [])
    monkeypatch.setattr(publishing, "newest_counters", lambda *_: {})
    assert publish(OVER) == 0
    assert len(session.scalars(select(Report)).all()) == 1
    assert session.scalars(select(PublishFailure)).all() == []


# ----- what later revisions know of earlier ones


def test_a_revision_tells_what_those_before_it_said(session, make, center, place, publish):
    publish(OVER)
    make.rating(place, score=1)
    # 21:00 in Greenwich is the next day in Baku.
    publish(OVER.replace(day=5, hour=21))
    make.rating(place, score=1)
    publish(OVER.replace(day=7))
    rows = session.scalars(select(Report).order_by(Report.revision)).all()
    history = read_report(rows[-1]).history
    assert [(past.revision, past.reason, past.base) for past in history] == [
        (1, "first", 12),
        (2, "late_ratings", 13),
    ]
    assert [past.published_on.isoformat() for past in history] == ["2026-11-03", "2026-11-06"]
    assert [past.satisfied for past in history] == [
        read_report(row).headline.satisfied for row in rows[:-1]
    ]


def test_what_one_revision_withheld_no_later_one_tells(session, make, center, publish):
    """Neither when the cell has grown enough, nor when it was in no table for a while."""
    small, large = make.service("03-01-01"), make.service("04-01-01")
    place = make.touchpoint(center, service_id=small.id)
    few = [make.rating(place, score=5) for _ in range(4)]
    for _ in range(30):
        make.rating(place, score=5, service_id=large.id)
    publish(OVER)
    alert = make.integrity_alert(center)
    ruling.hold(session, center, alert, [each.submission_id for each in few], "Pressed", OVER)
    session.commit()
    publish(OVER + timedelta(days=1))
    for _ in range(20):
        make.rating(place, score=5)
    publish(OVER + timedelta(days=2))
    rows = session.scalars(select(Report).order_by(Report.revision)).all()
    said = [
        {each.code: each.satisfied.withheld for each in read_report(row).services} for row in rows
    ]
    assert said[0]["03-01-01"]
    assert "03-01-01" not in said[1]
    assert said[2]["03-01-01"]
    assert "service:03-01-01" in read_report(rows[2]).hidden


def test_a_revision_follows_a_report_of_the_first_format(session, make, center, place, publish):
    """Reports published before history and hidden cells were kept are history all the same."""
    plain = live_report(session, center, OCTOBER, OVER).to_dict()
    newer = {field.name for field in fields(SatisfactionReport) if field.default is not MISSING}
    older = {name: plain[name] for name in plain if name not in newer} | {"format": 1}
    older["services"] = [service | {"year": None} for service in plain["services"]]
    make.report(center, value=json.dumps(older), counters=[0] * 13, published_at=OVER)
    make.rating(place, score=1)
    assert publish(OVER + timedelta(days=1)) == 1
    (past,) = read_report(newest_report(session, center, OCTOBER)).history
    assert (past.revision, past.base, past.satisfied.value) == (1, 12, 10 / 12)


# ----- what makes the next revision, and what does not


def test_a_ruling_makes_a_corrected_revision(session, make, center, place, publish):
    rating = make.rating(place, score=1)
    publish(OVER)
    alert = make.integrity_alert(center)
    ruling.hold(session, center, alert, [rating.submission_id], "Pressed by the guard", OVER)
    session.commit()
    assert publish(OVER + timedelta(days=1)) == 1
    newest = newest_report(session, center, OCTOBER)
    assert (newest.revision, newest.reason) == (2, "corrected")
    assert read_report(newest).passport.set_aside == 1


def test_a_late_rating_that_is_held_at_once_arrived_late_all_the_same(
    session, make, center, place, publish
):
    publish(OVER)
    make.rating(place, score=1, state="held")
    publish(OVER + timedelta(days=1))
    assert newest_report(session, center, OCTOBER).reason == "late_ratings"


def test_visits_delivered_late_make_a_corrected_revision_once(
    session, center, place, deliver, publish
):
    publish(OVER)
    deliver(60, OVER + timedelta(hours=2))
    assert publish(OVER + timedelta(hours=3)) == 1
    newest = newest_report(session, center, OCTOBER)
    assert (newest.revision, newest.reason) == (2, "corrected")
    assert read_report(newest).headline.served == 60
    assert publish(OVER + timedelta(hours=4)) == 0


def test_visits_moved_from_one_service_to_another_make_a_revision(
    session, make, center, place, deliver, publish
):
    deliver(60, OVER, "03-01-01")
    deliver(40, OVER, "04-01-01")
    publish(OVER)
    deliver(40, OVER + timedelta(days=1), "03-01-01")
    deliver(60, OVER + timedelta(days=1), "04-01-01")
    assert publish(OVER + timedelta(days=1)) == 1


def test_a_delivery_that_changes_nothing_is_not_looked_at_for_ever(
    session, center, place, deliver, publish
):
    """Changed and changed back, its month is compared each minute, and never tried again."""
    deliver(60, OVER)
    publish(OVER)
    deliver(61, OVER + timedelta(days=1))
    deliver(60, OVER + timedelta(days=1))
    assert due(session, OVER + timedelta(days=2)) == []


def test_visits_of_another_month_leave_this_one_alone(
    session, make, center, place, deliver, publish
):
    publish(OVER)
    deliver(60, OVER + timedelta(days=1), day=DAY.replace(month=9, day=7))
    assert due(session, OVER + timedelta(days=2)) == []


def test_asking_what_is_due_reads_no_more_after_many_deliveries(session, place, deliver, publish):
    """It is asked every minute, and queue systems deliver every hour."""
    publish(OVER)
    said = []
    event.listen(
        session.get_bind(), "before_cursor_execute", lambda *args: said.append(args[2].split())
    )

    def tables_read():
        said.clear()
        assert due(session, OVER + timedelta(days=9)) == []
        return [word for words in said for word in words if "_" in word and "." not in word]

    deliver(1, OVER + timedelta(days=3), day=DAY.replace(month=9))
    once = tables_read()
    for served in range(2, 12):
        deliver(served, OVER + timedelta(days=3), day=DAY.replace(month=9))
    assert tables_read() == once
    assert "visit_month" in once
    assert not {"audit_event", "visit_count"} & set(once)
    assert session.scalar(select(func.count()).select_from(VisitMonth)) == 1


def test_a_row_of_an_earlier_program_makes_nothing_due(
    session, make, center, place, deliver, publish
):
    """Its counters told nothing of visits; those it told have not moved."""
    counters = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    for name, count in {"score_1": 2, "score_4": 1, "score_5": 9}.items():
        counters[COUNTERS.index(name)] = count
    make.report(center, counters=counters, published_at=OVER)
    deliver(60, OVER + timedelta(days=1))
    assert due(session, OVER + timedelta(days=2)) == []


def test_a_month_is_never_published_before_it_is_over(session, place, center):
    last_moment = datetime(2026, 10, 31, 19, 59, 59, tzinfo=UTC)
    with pytest.raises(ValueError, match="not over"):
        publish_month(session, center, OCTOBER, last_moment)
    assert publish_month(session, center, OCTOBER, last_moment + timedelta(seconds=1))


# ----- drafts, and months that could not be published


def test_a_month_is_a_draft_from_its_end_until_it_is_published(
    session, make, center, place, publish
):
    make.noise()
    waiting = {
        moment: drafts(session, [center], moment, 2).get(center.id, [])
        for moment in (OVER - timedelta(days=2, seconds=1), OVER - timedelta(days=2), OVER)
    }
    session.rollback()
    assert [
        [(str(each.month), each.days_left, each.is_overdue) for each in found]
        for found in waiting.values()
    ] == [[], [("2026-10", 2, False)], [("2026-10", 0, False)]]
    assert drafts(session, [center], OVER + timedelta(days=1), 2)[center.id][0].is_overdue
    session.rollback()
    publish(OVER)
    assert drafts(session, [center], OVER + timedelta(days=1), 2) == {}


def test_a_month_whose_counts_disagree_is_noted_until_they_agree(
    session, make, center, place, publish
):
    """Another center's month is published all the same."""
    other = make.center()
    for _ in range(3):
        make.rating(make.touchpoint(other))
    break_tally(session, center, 1)
    assert publish(OVER) == 1
    assert publish(OVER + timedelta(minutes=1)) == 0
    failure = session.scalars(select(PublishFailure)).one()
    assert (failure.center_id, failure.failed_at) == (center.id, OVER)
    assert "rebuild the tallies" in failure.problem
    break_tally(session, center, -1)
    assert publish(OVER + timedelta(minutes=2)) == 1
    assert session.scalars(select(PublishFailure)).all() == []


def test_what_the_database_refuses_for_good_is_noted_as_a_failure(
    session, make, center, place, publish
):
    make.report(center, month=date(2026, 9, 1))
    session.execute(text("CREATE UNIQUE INDEX once ON report (center_id)"))
    session.commit()
    assert [publish(OVER), publish(OVER + timedelta(minutes=1))] == [0, 0]
    failure = session.scalars(select(PublishFailure)).one()
    assert (failure.month, failure.failed_at) == (OCTOBER.first_day, OVER)
    assert "unique" in failure.problem.lower()
    session.execute(text("DROP INDEX once"))
    session.commit()
    assert publish(OVER + timedelta(minutes=2)) == 1
    assert session.scalars(select(PublishFailure)).all() == []


def test_what_is_no_longer_due_has_no_longer_failed(session, make, center, place, publish):
    publish(OVER)
    make.publish_failure(center)
    publish(OVER + timedelta(minutes=1))
    assert session.scalars(select(PublishFailure)).all() == []


# ----- letters


def test_the_letter_of_a_later_revision_says_what_moved(session, make, center, place, publish):
    make.user("manager", center)
    publish(OVER)
    make.rating(place, score=1)
    publish(OVER + timedelta(days=1))
    first, second = session.scalars(select(OutgoingMail).order_by(OutgoingMail.id))
    assert "Since revision" not in first.body
    assert "Revision 2 · Ratings arrived late" in second.body
    assert "Since revision 1: ratings 12 → 13, share satisfied 83% → 77%" in second.body


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_the_letter_has_figure_interval_base_served_and_rate_in_every_language(
    session, make, center, place, deliver, publish, language
):
    make.user("manager", center, language=language)
    deliver(48, OVER)
    publish(OVER)
    body = session.scalars(select(OutgoingMail)).one().body
    for figure in ("83", "55–95", "12", "48", "25"):
        assert figure in body, figure


def test_the_instant_of_the_fixtures_lies_in_october():
    assert Month.of(NOON.date()) == OCTOBER


# ----- local fixtures


@pytest.fixture
def deliver(session, make, center):
    """`deliver(served, at)`: a queue system delivers a count of people served."""
    make.service("03-01-01")
    make.service("04-01-01")

    def deliver(served, at, service="03-01-01", day=DAY):
        network = load_network(session, [center], at)
        outcome = record(
            session, check_lines([Line(2, "own", str(day), service, "", str(served))], network)
        )
        assert not outcome.problems
        delivery = Delivery("cli", "visits.csv", bytes(32))
        note_import(session, build_import(delivery, outcome, {}, at), outcome)
        session.commit()

    return deliver


def break_tally(session, center, by):
    """Move one service's tally away from its ratings, or back."""
    from survey_app.models import ServiceTally

    tally = session.scalars(select(ServiceTally).where(ServiceTally.center_id == center.id)).one()
    tally.score_5 += by
    session.commit()


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
