"""Storing checked visit counts: upserts, hours, history; the same again changes nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from analysis.months import Month
from survey_app.models import AuditEvent, GroupServed, VisitCount, VisitHour, VisitImport
from survey_app.visit_counts import (
    PROBLEMS_KEPT,
    Delivery,
    GroupLine,
    Line,
    build_import,
    check_groups,
    check_lines,
    load_network,
    note_import,
    record,
)
from tests.factories import DAY, MONTH, NOON

NOW = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)
OCTOBER = Month(2026, 10)


@pytest.fixture
def services(make):
    return [make.service("01-01-01"), make.service("02-01-01")]


@pytest.fixture
def deliver(session, center, other_center, services):
    """`deliver(("own", day, service, hour, served), …)`: check and store; the outcome."""

    def deliver(*told, store=True, centers=(center, other_center)):
        network = load_network(session, centers, NOW)
        lines = [Line(number, *map(str, cells)) for number, cells in enumerate(told, 2)]
        return record(session, check_lines(lines, network), store=store)

    return deliver


def day(served, day=DAY, service="01-01-01", center="own"):
    return (center, day, service, "", served)


def whole_day(*served):
    """Nine opening hours, the first of which have these counts."""
    told = [*served, *[0] * (9 - len(served))]
    return [("own", DAY, "01-01-01", hour, count) for hour, count in enumerate(told, 9)]


def fates(outcome):
    return {fate: count for fate, count in outcome.lines.items() if count}


def counts(session):
    rows = session.execute(
        select(VisitCount.center_id, VisitCount.day, VisitCount.service_id, VisitCount.served)
    )
    return {tuple(row[:3]): row.served for row in rows}


def hours(session):
    return {row.hour: row.served for row in session.execute(select(VisitHour.__table__))}


def test_counts_are_added_then_unchanged_then_changed(session, deliver, center, services, make):
    make.visits(make.center("noise"), services[0], 7)
    place = (center.id, DAY, services[0].id)
    assert fates(deliver(day(41), day(5, service="02-01-01"))) == {"added": 2}
    assert counts(session)[place] == 41
    assert fates(deliver(day(41), day(5, service="02-01-01"))) == {"unchanged": 2}
    outcome = deliver(day(42), day(5, service="02-01-01"), day(1, center="other"))
    assert fates(outcome) == {"added": 1, "changed": 1, "unchanged": 1}
    assert counts(session)[place] == 42
    assert outcome.months[center.id, OCTOBER] == {"changed": 1}
    assert sorted(counts(session).values()) == [1, 5, 7, 42]


def test_looking_changes_nothing_and_tells_the_same(session, deliver):
    told = [day(41), day(3, DAY - timedelta(days=40)), day(9, service="?")]
    looked = deliver(*told, store=False)
    assert counts(session) == {}
    assert fates(looked) == fates(deliver(*told)) == {"added": 2, "rejected": 1}
    assert [month for _, month in looked.months] == [Month(2026, 8), OCTOBER]


def test_repeated_lines_are_unchanged(session, deliver):
    assert fates(deliver(day(41), day(41), day(41))) == {"added": 1, "unchanged": 2}


def test_hours_are_stored_with_their_sum_and_replaced_as_a_whole(session, deliver, make, center):
    assert fates(deliver(*whole_day(5, 7), ("own", DAY, "01-01-01", 18, 2))) == {"added": 10}
    assert list(counts(session).values()) == [14]
    assert hours(session)[18] == 2
    assert fates(deliver(*whole_day(5, 7))) == {"changed": 9}
    assert list(counts(session).values()) == [12]
    assert hours(session) == {9: 5, 10: 7} | dict.fromkeys(range(11, 18), 0)
    assert fates(deliver(*whole_day(5, 7))) == {"unchanged": 9}
    # The same sum at other hours is another truth.
    assert fates(deliver(*whole_day(7, 5))) == {"changed": 9}
    assert hours(session)[9] == 7


def test_a_days_count_keeps_hours_that_add_up_to_it_and_ends_others(session, deliver):
    deliver(*whole_day(5, 7))
    assert fates(deliver(day(12))) == {"unchanged": 1}
    assert hours(session)[9] == 5
    assert fates(deliver(day(13))) == {"changed": 1}
    assert (hours(session), list(counts(session).values())) == ({}, [13])
    assert fates(deliver(*whole_day(13))) == {"changed": 9}
    assert hours(session)[9] == 13


def test_hours_of_others_are_left_alone(session, deliver, make, center, other_center, services):
    deliver(*whole_day(5))
    kept = [
        make.visit_hour(other_center, services[0], 9, 1),
        make.visit_hour(center, services[1], 9, 1),
        make.visit_hour(center, services[0], 9, 1, day=DAY + timedelta(days=1)),
    ]
    deliver(day(99))
    assert len(hours(session)) == 1
    assert all(session.get(VisitHour, _key(row)) is not None for row in kept)


def test_groups_are_upserted(session, make, center):
    make.survey()
    make.group_served(center, "under_30", 7)
    make.group_served(center, "from_60", 7, month=date(2026, 9, 1))
    network = load_network(session, [center], NOW)
    assert network.groups == {"age": {"under_30", "from_30_to_59", "from_60", "no_answer"}}

    def deliver(served):
        lines = [
            GroupLine(2, "own", "2026-10", "age", "from_60", str(served)),
            GroupLine(3, "own", "2026-10", "age", "under_30", "7"),
        ]
        return fates(record(session, check_groups(lines, network)))

    assert deliver(310) == {"added": 1, "unchanged": 1}
    assert deliver(311) == {"changed": 1, "unchanged": 1}
    assert session.get(GroupServed, (center.id, MONTH, "age", "from_60")).served == 311
    assert session.get(GroupServed, (center.id, date(2026, 9, 1), "age", "from_60")).served == 7


def test_only_published_equality_questions_have_groups(session, make, center):
    make.survey_version(make.survey(versions=0), published_at=None)
    assert load_network(session, [center], NOW).groups == {}


def test_what_a_center_is_checked_against(session, make, center):
    make.holiday(DAY)
    known = load_network(session, [center], datetime(2026, 10, 5, 21, 0, tzinfo=UTC)).centers["own"]
    assert known.today == DAY + timedelta(days=1)  # It is past midnight in Baku.
    assert list(known.open_hours(DAY)) == []
    assert list(known.open_hours(DAY + timedelta(days=1))) == list(range(9, 18))
    assert list(known.open_hours(date(2026, 10, 10))) == []


def test_a_delivery_is_noted_with_an_event_for_each_center_whose_counts_moved(
    session, deliver, make, center, other_center, services, admin
):
    key = make.api_key()
    make.visits(other_center, services[0], 1)
    outcome = deliver(day(41), day(1, center="other"), day(2, date(2026, 9, 1)), day("x"))
    delivery = Delivery("api", "queue", b"\0" * 32, user_id=admin.id, api_key_id=key.id)
    row = build_import(delivery, outcome, {5: "what stood there"}, NOON)
    note_import(session, row, outcome)
    session.commit()
    (stored,) = session.scalars(select(VisitImport))
    assert (stored.added, stored.changed, stored.unchanged, stored.rejected) == (2, 0, 1, 1)
    assert stored.problems == [
        {"line": 5, "reason": "unreadable_number", "text": "what stood there"}
    ]
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "visits_imported"))
    assert (event.center_id, event.user_id, event.happened_at) == (center.id, admin.id, NOON)
    assert event.detail["import"] == stored.id
    assert event.detail["months"] == {"2026-09": {"added": 1}, "2026-10": {"added": 1}}


def test_so_many_problems_are_kept(deliver):
    outcome = deliver(*[day("x")] * (PROBLEMS_KEPT + 5))
    assert outcome.lines["rejected"] == PROBLEMS_KEPT + 5
    assert [each.line for each in outcome.kept] == list(range(2, PROBLEMS_KEPT + 2))


def _key(row):
    return (row.center_id, row.day, row.service_id, row.hour)
