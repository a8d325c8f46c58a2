"""What a valid line of visit counts is."""

from datetime import date, time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.visit_counts.checking import (
    Count,
    GroupLine,
    KnownCenter,
    Line,
    Network,
    check_groups,
    check_lines,
)
from tests.factories import timetable

MONDAY = date(2026, 10, 5)
# Open from 9 to 12 on workdays: three hours make a day complete.
WORKDAYS = dict.fromkeys(range(1, 6), (time(9), time(12)))
OWN = KnownCenter(1, date(2026, 10, 20), timetable(WORKDAYS, date(2026, 10, 9)))
NETWORK = Network(
    {"own": OWN, "far": KnownCenter(2, date(2026, 10, 21), timetable(WORKDAYS))},
    {"01-01-01": 11, "02-01-01": 12},
    {"age": {"under_30", "from_60"}},
)


def line(
    number=2, center="own", day="2026-10-05", service="01-01-01", hour="", served="41"
) -> Line:
    return Line(number, center, day, service, hour, served)


def hours(*told: str, first=2, **more) -> list[Line]:
    """A line for each "hour=served"."""
    pairs = [each.split("=") for each in told]
    return [
        line(number, hour=hour, served=served, **more)
        for number, (hour, served) in enumerate(pairs, first)
    ]


def reasons(checked) -> list[tuple[int, str]]:
    return [tuple(problem) for problem in checked.problems]


def test_a_good_line_is_a_count():
    checked = check_lines([line()], NETWORK)
    assert checked.counts == [Count(1, MONDAY, (11,), 41, None, 1, 0)]
    assert (checked.kind, checked.problems, checked.notes) == ("visits", [], [])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"center": "moon"}, "unknown_center"),
        ({"center": ""}, "unknown_center"),
        ({"service": "1"}, "unknown_service"),
        ({"service": "02.01.2001"}, "unknown_service"),
        ({"day": ""}, "unreadable_day"),
        ({"day": "2026-02-30"}, "unreadable_day"),
        ({"day": "10/05/2026"}, "unreadable_day"),
        ({"day": "05.10.26"}, "unreadable_day"),
        ({"day": "٢٠٢٦-10-05"}, "unreadable_day"),
        ({"day": "2026-10-21"}, "day_in_future"),
        ({"day": "1999-12-31"}, "day_too_early"),
        ({"served": ""}, "unreadable_number"),
        ({"served": "many"}, "unreadable_number"),
        ({"served": "12,5"}, "unreadable_number"),
        ({"served": "1.234"}, "unreadable_number"),
        ({"served": "1e3"}, "unreadable_number"),
        ({"served": "٤١"}, "unreadable_number"),
        ({"served": "=1+1"}, "unreadable_number"),
        ({"served": "-1"}, "negative_number"),
        ({"served": "\u22121"}, "negative_number"),
        ({"served": "20001"}, "number_too_large"),
        ({"served": "9" * 12}, "number_too_large"),
        ({"hour": "24"}, "unreadable_hour"),
        ({"hour": "9:30"}, "unreadable_hour"),
        ({"hour": "nine"}, "unreadable_hour"),
    ],
)
def test_a_bad_line_is_rejected_by_itself(wrong, reason):
    checked = check_lines([line(7, **wrong), line(8, service="02-01-01")], NETWORK)
    assert reasons(checked) == [(7, reason)]
    assert [count.key for count in checked.counts] == [(12,)]


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        ("0", 0),
        (" 41 ", 41),
        ("41,0", 41),
        ("41.00", 41),
        ("1 234", 1234),
        ("1\u00a0234", 1234),
        ("20000", 20_000),
        ("007", 7),
    ],
)
def test_numbers_as_spreadsheets_write_them(served, expected):
    assert check_lines([line(served=served)], NETWORK).counts[0].served == expected


@pytest.mark.parametrize("day", ["2026-10-05", "2026-10-5", "05.10.2026", " 5.10.2026 "])
def test_days_in_both_ways_of_writing(day):
    assert check_lines([line(day=day)], NETWORK).counts[0].day == MONDAY


def test_today_is_the_centers_own():
    checked = check_lines([line(day="2026-10-21"), line(3, "FAR", "2026-10-21")], NETWORK)
    assert reasons(checked) == [(2, "day_in_future")]
    assert [count.center_id for count in checked.counts] == [2]


def test_the_same_line_twice_is_counted_once():
    (count,) = check_lines([line(2), line(3), line(4)], NETWORK).counts
    assert (count.served, count.lines, count.repeats) == (41, 3, 2)


def test_lines_that_contradict_each_other_are_both_rejected():
    checked = check_lines([line(2), line(3, served="42"), line(4), line(5, "far")], NETWORK)
    assert reasons(checked) == [(2, "contradictory"), (3, "contradictory"), (4, "contradictory")]
    assert [count.center_id for count in checked.counts] == [2]


def test_hours_add_up_to_their_day():
    (count,) = check_lines(hours("9=5", "10:00=0", "11=7"), NETWORK).counts
    assert (count.served, count.hours, count.lines) == (12, ((9, 5), (10, 0), (11, 7)), 3)


def test_hours_that_lack_an_opening_hour_are_rejected_for_the_whole_day():
    other = hours("9=1", service="02-01-01", first=4)
    checked = check_lines(hours("9=5", "10=3") + other, NETWORK)
    assert reasons(checked) == [(number, "hours_incomplete") for number in (2, 3, 4)]
    assert checked.counts == []


def test_an_hour_named_for_another_service_needs_no_line_of_its_own():
    """Queue systems write no line where nobody came for a service."""
    other = hours("11=1", service="02-01-01", first=4)
    checked = check_lines(hours("9=5", "10=3") + other, NETWORK)
    assert [(count.key, count.served) for count in checked.counts] == [((11,), 8), ((12,), 1)]


@pytest.mark.parametrize(
    ("bad", "reason"), [("10=x", "unreadable_number"), ("25=3", "unreadable_hour")]
)
def test_a_rejected_hour_takes_its_service_along(bad, reason):
    other = hours("9=1", "10=1", "11=1", service="02-01-01", first=9)
    checked = check_lines([*hours("9=5", bad, "11=7"), *other], NETWORK)
    assert reasons(checked) == [(2, "hours_incomplete"), (3, reason), (4, "hours_incomplete")]
    assert [count.key for count in checked.counts] == [(12,)]


def test_hours_that_contradict_each_other_take_their_service_along():
    checked = check_lines(hours("9=5", "10=3", "11=7", "11=8"), NETWORK)
    assert reasons(checked) == [
        (2, "hours_incomplete"),
        (3, "hours_incomplete"),
        (4, "contradictory"),
        (5, "contradictory"),
    ]


def test_a_day_and_its_hours_do_not_go_together():
    checked = check_lines([*hours("9=5", "10=3", "11=7"), line(9, served="15")], NETWORK)
    assert {reason for _, reason in reasons(checked)} == {"day_and_hours"}
    assert len(checked.problems) == 4


def test_hours_may_not_add_up_to_what_no_day_can_have():
    checked = check_lines(hours("9=9000", "10=9000", "11=9000"), NETWORK)
    assert {reason for _, reason in reasons(checked)} == {"number_too_large"}


def test_an_hour_far_from_the_opening_hours_is_a_note_only():
    told = hours("5=1", "6=1", "9=5", "10=3", "11=7", "14=1", "15=1")
    checked = check_lines(told, NETWORK)
    assert [tuple(note) for note in checked.notes] == [
        (2, "outside_opening_hours"),
        (8, "outside_opening_hours"),
    ]
    assert checked.counts[0].served == 19
    holiday = check_lines(hours("9=1", day="2026-10-09"), NETWORK)
    assert (len(holiday.notes), len(holiday.counts)) == (1, 1)


def test_what_is_rejected_needs_no_remark():
    checked = check_lines(hours("5=1"), NETWORK)
    assert (reasons(checked), checked.notes) == ([(2, "hours_incomplete")], [])


@pytest.mark.parametrize("month", ["2026-09", "09.2026", "9.2026", "2026-09-01", "01.09.2026"])
def test_groups_are_counted_by_month(month):
    checked = check_groups([GroupLine(2, "own", month, "age", "from_60", "310")], NETWORK)
    september = date(2026, 9, 1)
    assert checked.counts == [Count(1, september, ("age", "from_60"), 310, None, 1, 0)]
    assert checked.kind == "groups"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"center": "moon"}, "unknown_center"),
        ({"month": "2026-09-15"}, "unreadable_day"),
        ({"month": "2026-13"}, "unreadable_day"),
        ({"month": "2026-11"}, "day_in_future"),
        ({"question": "shoes"}, "unknown_question"),
        ({"option": "from_99"}, "unknown_option"),
        ({"served": "x"}, "unreadable_number"),
        ({"served": "620001"}, "number_too_large"),
    ],
)
def test_a_bad_group_is_rejected_by_itself(wrong, reason):
    good = GroupLine(2, "own", "2026-09", "age", "from_60", "310")
    checked = check_groups([good, good._replace(number=3, **wrong)], NETWORK)
    assert reasons(checked) == [(3, reason)]
    assert len(checked.counts) == 1


def test_groups_that_contradict_each_other_are_both_rejected():
    good = GroupLine(2, "own", "2026-09", "age", "from_60", "310")
    checked = check_groups([good, good._replace(number=3, served="311")], NETWORK)
    assert reasons(checked) == [(2, "contradictory"), (3, "contradictory")]


lines = st.lists(
    st.builds(
        line,
        center=st.sampled_from(["own", "far", "moon"]),
        day=st.sampled_from(["2026-10-05", "06.10.2026", "2026-10-30", "x"]),
        service=st.sampled_from(["01-01-01", "02-01-01"]),
        hour=st.sampled_from(["", "9", "10", "11", "3", "x"]),
        served=st.sampled_from(["0", "1", "2", "-1"]),
    ),
    max_size=30,
).map(lambda made: [each._replace(number=number) for number, each in enumerate(made, 2)])


@given(lines, st.randoms())
def test_the_order_of_the_lines_makes_no_difference(made: list[Line], random: Random):
    before = check_lines(made, NETWORK)
    random.shuffle(made)
    assert check_lines(made, NETWORK) == before


@given(lines)
def test_every_line_is_taken_or_rejected_once(made: list[Line]):
    checked = check_lines(made, NETWORK)
    rejected = [problem.line for problem in checked.problems]
    assert len(rejected) == len(set(rejected))
    assert sum(count.lines for count in checked.counts) + len(rejected) == len(made)
    assert all(
        count.hours is None or sum(served for _, served in count.hours) == count.served
        for count in checked.counts
    )


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_no_text_is_too_strange(center, day, service, hour, served):
    checked = check_lines([line(2, center, day, service, hour, served)], NETWORK)
    assert len(checked.counts) + len(checked.problems) == 1
    told = [line(3, day=day), line(4, hour=hour), line(5, served=served)]
    assert sum(count.lines for count in check_lines(told, NETWORK).counts) <= 3
