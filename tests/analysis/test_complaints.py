"""What became of those who asked for an answer follows from the times alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.building import build_report, data_hash
from analysis.complaint_sentences import asked_and_answered
from analysis.complaints import MINIMUM_ANSWERS, CaseTimes, complaints_handled, month_bounds
from analysis.months import Month
from analysis.report import SatisfactionReport
from analysis.sentences import ReportText
from analysis.wording import PlainWording
from tests.analysis.made_up_center import made_up_inputs

OCTOBER, BAKU = Month(2026, 10), "Asia/Baku"
OPEN_DAYS = [day for day in OCTOBER.days if day.isoweekday() <= 5]
BEGIN, END = month_bounds(OCTOBER, ZoneInfo(BAKU))
HALF_A_YEAR = timedelta(days=180)


def case(opened, answered_after=None, *, counts=True):
    """Somebody who asked on this day of October (0 and less: before) at noon."""
    opened_at = BEGIN + timedelta(days=opened - 1, hours=12)
    closed_at = None if answered_after is None else opened_at + timedelta(hours=answered_after)
    return CaseTimes(opened_at, closed_at, opened_at + HALF_A_YEAR, counts)


def handled(*cases):
    return complaints_handled(cases, OCTOBER, BAKU, OPEN_DAYS)


def test_who_asked_is_answered_or_still_waiting_when_the_month_ends():
    told = handled(case(1, 20), case(5, 100), case(9), case(31, 13)).this
    assert (told.asked, told.answered, told.waiting) == (4, 2, 2)
    assert (told.carried, told.answers, told.all_waiting) == (0, 2, 2)


def test_the_month_ends_at_midnight_of_the_centers_clock():
    """Midnight in Baku is eight in the evening before in Greenwich."""
    assert datetime(2026, 10, 31, 20, tzinfo=UTC) == END
    at_the_end = replace(case(31), opened_at=END - timedelta(seconds=1))
    told = handled(at_the_end, replace(at_the_end, opened_at=END)).this
    assert told.asked == 1
    closed = replace(case(2), closed_at=END)
    assert handled(closed).this.waiting == 1
    assert handled(replace(closed, closed_at=END - timedelta(seconds=1))).this.waiting == 0


def test_half_a_year_is_as_long_where_clocks_are_changed():
    begin, end = month_bounds(Month(2026, 4), ZoneInfo("Europe/Berlin"))
    assert end - begin == timedelta(days=30)
    assert begin - HALF_A_YEAR == datetime(2025, 10, 2, 22, tzinfo=UTC)


def test_who_waited_from_earlier_is_answered_given_up_or_waiting_on():
    told = handled(
        case(-3, 240),  # answered in October
        case(-40),  # waiting on
        case(-170),  # half a year is over in October
        case(-190),  # it was over before
        case(-5, 20),  # answered before
        case(-2, 5000),  # answered much later
    ).this
    assert (told.asked, told.carried) == (0, 4)
    parts = (told.carried_answered, told.carried_unanswered, told.carried_waiting)
    assert parts == (1, 1, 2)


def test_times_are_those_of_all_answers_of_the_month_and_need_five_of_them():
    four = [case(2, 10), case(3, 20), case(4, 30), case(-5, 440)]
    assert handled(*four).this.median_hours is None
    told = handled(*four, case(6, 40)).this
    assert told.answers == MINIMUM_ANSWERS
    assert told.median_hours == 30
    # The fourth of five, and six tenths of the way to the fifth.
    assert told.ninetieth_hours == pytest.approx(40 + 0.6 * 400)


def test_who_asked_by_a_rating_that_does_not_count_is_told_apart():
    told = handled(case(2, 10, counts=False), case(-3, 100, counts=False), case(4))
    assert (told.this.asked, told.this.left_out, told.this.carried) == (1, 1, 0)
    assert told.waiting_long == 1


def test_long_is_more_than_five_open_days_after_the_day_of_asking():
    """In October 2026 the last five open days are those from the 26th to the 30th."""
    assert handled(case(23)).waiting_long == 0
    assert handled(case(22)).waiting_long == 1
    assert handled(case(22, 24)).waiting_long == 0
    assert handled(case(-30), case(-179)).waiting_long == 1


def test_the_month_before_is_told_by_the_same_rule():
    told = handled(case(-3, 240), case(-20, 24), case(-60)).previous
    assert told.month == Month(2026, 9)
    assert (told.asked, told.answered, told.waiting) == (2, 1, 1)
    assert (told.carried, told.carried_waiting) == (1, 1)


WISHES = st.lists(
    st.builds(
        case,
        st.integers(-230, 31),
        st.none() | st.integers(1, 6000),
        counts=st.booleans(),
    ),
    max_size=12,
)


@given(WISHES)
def test_nobody_is_lost_between_two_months(cases):
    told = handled(*cases)
    assert told.previous.all_waiting == told.this.carried
    for counts in (told.this, told.previous):
        assert counts.asked == counts.answered + counts.waiting
        assert counts.carried == (
            counts.carried_answered + counts.carried_unanswered + counts.carried_waiting
        )
    assert 0 <= told.waiting_long <= told.this.all_waiting


@given(WISHES)
def test_an_answer_given_later_alters_no_digit(cases):
    open_then = [
        replace(each, closed_at=None) if each.closed_at and each.closed_at >= END else each
        for each in cases
    ]
    assert handled(*cases) == handled(*open_then)


# ----- in the report


def test_months_without_wishes_keep_their_fingerprint_and_say_that_nobody_asked():
    inputs = made_up_inputs()
    report = build_report(inputs)
    assert ReportText(report, PlainWording()).complaints.rows == []
    said = ReportText(report, PlainWording()).complaints.sentence
    assert said == "Nobody asked for an answer this month."
    assert data_hash(replace(inputs, cases=(case(3),))) != data_hash(inputs)


def test_a_report_from_before_answers_were_counted_says_so():
    report = build_report(made_up_inputs())
    plain = report.to_dict()
    del plain["complaints"]
    older = SatisfactionReport.from_dict(plain)
    text = ReportText(older, PlainWording()).complaints
    assert older.complaints is None
    assert text.sentence.startswith("Not counted")
    assert (text.rows, text.long_sentence, text.left_out_sentence) == ([], "", "")


def test_the_table_tells_what_there_is_and_the_times_in_hours_or_days():
    wishes = (*[case(day, 26) for day in range(1, 6)], case(-5, 440), case(20))
    report = build_report(replace(made_up_inputs(), cases=wishes))
    text = ReportText(report, PlainWording()).complaints
    rows = {row.label: (row.this, row.previous) for row in text.rows}
    assert rows["Asked for an answer"] == ("6", "1")
    assert rows["half of them within"] == ("26 h", "–")
    assert rows["nine in ten within"] == ("9.7 days", "–")
    assert "not answered within 180 days" not in rows
    assert text.long_sentence.endswith("month: 1; of these for more than five working days: 1.")
    few = build_report(replace(made_up_inputs(), cases=wishes[4:]))
    rows = {row.label: row.this for row in ReportText(few, PlainWording()).complaints.rows}
    assert rows["half of them within"] == "too few"


def test_who_waits_long_is_a_step_to_take_and_nobody_else():
    inputs = made_up_inputs(stories=False)
    steps = {f.code for f in build_report(replace(inputs, cases=(case(30),))).todo}
    assert "answer_waiting" not in steps
    report = build_report(replace(inputs, cases=(case(2), case(3), case(30))))
    (step,) = (f for f in report.todo if f.code == "answer_waiting")
    assert ReportText(report, PlainWording()).finding(step) == (
        "Answer those who asked for it: at the end of the month 2 had waited for more than 5 "
        "working days."
    )


def test_several_centers_are_added_up_and_those_that_did_not_count_left_out():
    one, other = handled(case(2, 10), case(30)).this, handled(case(3)).this
    assert asked_and_answered([one, None, other], PlainWording()) == (
        "Asked for an answer: 3. Answered by the end of the month: 1; still waiting then: 2."
    )
    assert asked_and_answered([None], PlainWording()).startswith("Not counted")


def test_the_days_of_the_month_are_those_counted_so_far():
    """On the 6th nobody who asked on the 1st has waited for more than five open days."""
    inputs = replace(made_up_inputs(), cases=(case(1),), counted_until=date(2026, 10, 6))
    assert build_report(inputs).complaints.waiting_long == 0
