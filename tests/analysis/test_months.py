"""Months: their order, their neighbours, their days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.months import Month

months = st.builds(Month, st.integers(2, 9998), st.integers(1, 12))


def test_parse_reads_what_str_writes():
    assert Month.parse("2026-10") == Month(2026, 10)
    assert str(Month(986, 3)) == "0986-03"


@pytest.mark.parametrize(
    "written", ["2026-13", "2026-00", "26-10", "2026-1", "2026-10-01", "٢٠٢٦-10", ""]
)
def test_parse_refuses_what_is_no_month(written):
    with pytest.raises(ValueError, match=r"month|-"):
        Month.parse(written)


@given(months)
def test_neighbours_are_inverse_and_ordered(month):
    assert month.next().previous() == month == month.previous().next()
    assert month.previous() < month < month.next()
    assert Month.parse(str(month)) == month


@given(months)
def test_twelve_steps_back_are_a_year(month):
    back = month
    for _ in range(12):
        back = back.previous()
    assert back == month.year_before()


@given(months)
def test_days_are_the_days_of_the_month(month):
    assert month.days[0] == month.first_day
    assert month.days[-1] == month.last_day
    assert all(Month.of(day) == month for day in month.days)
    assert Month.of(date.fromordinal(month.last_day.toordinal() + 1)) == month.next()


def test_february_of_a_leap_year():
    assert len(Month(2028, 2).days) == 29
