"""The hard rules that hold a rating back, at their edges."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from survey_app.intake.screening import (
    SCREEN_MS,
    THANKS_MS,
    Visit,
    came_too_soon,
    find_holding_rule,
)
from tests.factories import BAKU, DAY, NOON, timetable

WORKDAYS = {weekday: (time(9), time(18)) for weekday in range(1, 6)}
OPEN = timetable(WORKDAYS)
TOLERANCE = timedelta(minutes=15)
INSTANT = timedelta(microseconds=1)


def at(hour, minute=0, day=DAY):
    """That wall-clock time in Baku."""
    return datetime.combine(day, time(hour, minute), BAKU)


def rule_for(local, *, channel="tablet", table=OPEN, paired_at=None, left_at=None, visit=None):
    return find_holding_rule(
        channel=channel,
        counted_at=local.astimezone(UTC),
        local=local,
        timetable=table,
        paired_at=paired_at,
        left_at=left_at,
        visit=visit or Visit(),
    )


@pytest.mark.parametrize(
    ("local", "covered"),
    [
        (at(9), True),
        (at(9) - INSTANT, False),
        (at(18), True),
        (at(18) + INSTANT, False),
        (at(0), False),
        (at(23, 59), False),
    ],
)
def test_hours_without_tolerance_end_when_the_doors_do(local, covered):
    assert OPEN.covers(local) is covered


@pytest.mark.parametrize(
    ("local", "rule"),
    [
        (at(8, 45), None),
        (at(8, 45) - INSTANT, "outside_hours/1"),
        (at(12), None),
        (at(18, 15), None),
        (at(18, 15) + INSTANT, "outside_hours/1"),
        (at(3), "outside_hours/1"),
    ],
)
def test_a_quarter_of_an_hour_either_side_is_ordinary_business(local, rule):
    assert rule_for(local) == rule


@pytest.mark.parametrize("days", [5, 6])
def test_a_weekday_without_hours_is_closed(days):
    assert rule_for(at(12, day=DAY + timedelta(days=days))) == "outside_hours/1"


def test_each_weekday_has_its_own_hours():
    saturday = date(2026, 10, 10)
    table = timetable(WORKDAYS | {6: (time(10), time(14))})
    assert rule_for(at(13, day=saturday), table=table) is None
    assert rule_for(at(16, day=saturday), table=table) == "outside_hours/1"
    assert rule_for(at(16), table=table) is None


def test_a_holiday_is_closed_all_day_and_no_other_day_is():
    table = timetable(WORKDAYS, DAY)
    assert rule_for(at(12), table=table) == "outside_hours/1"
    assert rule_for(at(12, day=DAY + timedelta(days=1)), table=table) is None


def test_hours_are_the_wall_clock_of_the_center_on_the_night_of_a_change_too():
    # In Berlin the clock shows 02:30 twice on this Sunday; both are within these hours.
    berlin = ZoneInfo("Europe/Berlin")
    table = timetable({7: (time(2), time(3))})
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(berlin)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(berlin)
    assert first.time() == second.time()
    assert [table.covers(first), table.covers(second)] == [True, True]


@pytest.mark.parametrize(
    ("before", "rule"),
    [
        (timedelta(0), None),
        (timedelta(minutes=2), None),
        (timedelta(minutes=2) + INSTANT, "before_pairing/1"),
        (timedelta(days=400), "before_pairing/1"),
    ],
)
def test_what_precedes_the_pairing_was_not_rated_on_this_tablet(before, rule):
    local = NOON.astimezone(BAKU)
    assert rule_for(local, paired_at=NOON + before) == rule


@pytest.mark.parametrize(
    ("after", "rule"),
    [
        (timedelta(0), None),
        (timedelta(minutes=2), None),
        (timedelta(minutes=2) + INSTANT, "revoked/1"),
    ],
)
def test_what_follows_the_end_of_its_pairing_was_not_rated_there(after, rule):
    assert rule_for(NOON.astimezone(BAKU), left_at=NOON - after) == rule


def test_of_two_rules_the_graver_is_named():
    assert rule_for(at(3), paired_at=NOON) == "before_pairing/1"


def test_posters_are_read_at_home_too():
    assert rule_for(at(3), channel="qr", paired_at=NOON) is None


@pytest.mark.parametrize(
    ("lasted_ms", "screens", "rule"),
    [
        (0, 0, None),
        (SCREEN_MS, 1, None),
        (SCREEN_MS - 1, 1, "too_fast/1"),
        (3 * SCREEN_MS, 3, None),
        (3 * SCREEN_MS - 1, 3, "too_fast/1"),
        (None, 3, None),
    ],
)
def test_nobody_answers_faster_than_the_page_takes_a_touch(lasted_ms, screens, rule):
    assert rule_for(at(12), visit=Visit(5_000, lasted_ms, screens)) == rule


@pytest.mark.parametrize(
    ("began_ms", "before", "too_soon"),
    [
        (20_000 + THANKS_MS, Visit(12_000, 8_000), False),
        (20_000 + THANKS_MS - 1, Visit(12_000, 8_000), True),
        (15_000, Visit(12_000, 8_000), True),
        (12_000 + THANKS_MS, Visit(12_000, None), False),
        (12_000 + THANKS_MS - 1, Visit(12_000, None), True),
        (12_000, Visit(None, 8_000), False),
        (None, Visit(12_000, 8_000), False),
    ],
)
def test_the_next_visit_begins_after_the_thanks(began_ms, before, too_soon):
    assert came_too_soon(Visit(began_ms, 1_000), before) is too_soon


# As the page does: no touch for 350 ms after a screen comes, then somebody's finger; the thanks
# stand for six seconds; and somebody else comes, perhaps at once.
FINGERS = some.lists(some.integers(350, 20_000), max_size=8)
FAMILY = some.lists(some.tuples(FINGERS, some.integers(0, 60_000)), min_size=2, max_size=5)


@given(some.integers(0, 2**40), FAMILY)
def test_a_family_that_rates_one_after_another_through_the_page_is_never_accused(began, family):
    before = None
    for taps, pause in family:
        visit = Visit(began, sum(taps), len(taps))
        assert rule_for(at(12), visit=visit) is None
        assert before is None or not came_too_soon(visit, before)
        began, before = began + sum(taps) + 6_000 + pause, visit
