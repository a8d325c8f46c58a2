"""The hours of a day are those that held on it."""

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as some

from survey_app.models.network import FROM_THE_BEGINNING
from survey_app.timetables import WEEKDAYS, Timetable, load_timetable, load_timetables
from tests.factories import DAY, timetable

NINE_TO_SIX = (time(9), time(18))
WORKDAYS = dict.fromkeys(range(1, 6), NINE_TO_SIX)
# From a Wednesday on: later, and on Saturdays too.
CHANGE = date(2026, 10, 14)
LATER = dict.fromkeys(range(1, 7), (time(10), time(19)))

days = some.dates(date(2026, 9, 1), date(2026, 12, 31))
hours = some.none() | some.tuples(some.times(max_value=time(11)), some.times(min_value=time(12)))
weeks = some.fixed_dictionaries(dict.fromkeys(WEEKDAYS, hours))


def followed_by(table: Timetable, since: date, week: dict) -> Timetable:
    """The timetable after another week was entered from a day on, as the page stores it."""
    return Timetable(
        {
            weekday: sorted(
                [each for each in table.changes.get(weekday, ()) if each[0] != since]
                + [(since, week[weekday])],
                key=lambda each: each[0],
            )
            for weekday in WEEKDAYS
        },
        table.closed_days,
    )


@given(first=weeks, second=weeks, third=weeks, since=days, later=days, closed=some.sets(days))
def test_a_change_moves_no_day_before_it_and_every_day_from_it_on(
    first, second, third, since, later, closed
):
    since, later = sorted([since, later])
    before = followed_by(Timetable({}, closed), FROM_THE_BEGINNING, first)
    once = followed_by(before, since, second)
    twice = followed_by(once, later, third)
    for number in range(-10, 140):
        day = since + timedelta(days=number)
        expected = third if day >= later else second if day >= since else first
        assert twice.on(day) == (None if day in closed else expected[day.isoweekday()])
        if day < later:
            assert twice.on(day) == once.on(day)
        if day < since:
            assert twice.on(day) == before.on(day)


def test_hours_are_loaded_as_they_stood_on_each_day(session, make):
    center, other = make.center(), make.center()
    make.hours(center, CHANGE, LATER)
    make.holiday(CHANGE + timedelta(days=1))
    found = load_timetables(session, [center.id, other.id])
    table = found[center.id]
    assert table.on(CHANGE - timedelta(days=1)) == NINE_TO_SIX
    assert table.on(CHANGE) == (time(10), time(19))
    assert table.on(CHANGE + timedelta(days=1)) is None
    saturday = date(2026, 10, 10)
    assert table.on(saturday) is None
    assert table.on(saturday + timedelta(days=7)) == (time(10), time(19))
    assert (table.week(DAY), table.week(CHANGE)) == (WORKDAYS, LATER)
    assert table.changes_after(DAY) == [CHANGE]
    assert table.changes_after(CHANGE) == []
    assert found[other.id].week(CHANGE) == WORKDAYS
    assert found[other.id] == load_timetable(session, other.id)


def test_a_center_without_hours_is_closed():
    assert timetable({}).on(DAY) is None
    assert timetable({}).covers(datetime.combine(DAY, time(12))) is False
