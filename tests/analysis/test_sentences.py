"""What a report says in words: cautious where it must be, silent where there is nothing to say."""

from dataclasses import replace
from datetime import date

import pytest

from analysis.building import build_report
from analysis.estimates import NOTHING, WITHHELD, Estimate
from analysis.findings import Finding
from analysis.months import Month
from analysis.report import SeriesBreak
from analysis.sentences import ReportText
from analysis.tally import AlertNote
from analysis.wording import PlainWording
from tests.analysis.made_up_center import made_up_inputs

pytestmark = pytest.mark.any_database


@pytest.fixture(scope="module")
def report():
    return build_report(made_up_inputs(follow_ups=True, revision=3))


def said(report, language="en"):
    return ReportText(report, PlainWording(language))


def test_a_withheld_figure_tells_not_even_its_base(report):
    text = said(report)
    assert (text.share(WITHHELD), text.base(WITHHELD)) == ("withheld", "–")
    assert text.answered(WITHHELD, None) == "–"
    few = Estimate(None, None, None, 4)
    assert (text.share(few), text.base(few), text.answered(few, 0.2)) == ("too few", "4", "20%")
    assert (text.share(NOTHING), text.base(NOTHING)) == ("–", "0")


def test_a_break_within_the_year_is_said_once_a_kind(report):
    assert said(report).breaks == [
        "The survey changed in June 2026 (version 1, then 2): compare with care."
    ]
    broken = replace(
        report,
        breaks=(
            SeriesBreak(Month(2025, 10), "question", "1", "2"),  # as old as the year compared with
            SeriesBreak(Month(2026, 2), "channel_mix", "0.120", "0.280"),
            SeriesBreak(Month(2026, 3), "channel_mix", "0.280", "0.401"),
        ),
    )
    assert said(broken).breaks == [
        "The mix of channels changed in March 2026 (by QR code 28%, then 40%): compare with care."
    ]


def test_days_nobody_counted_are_said(report):
    assert len(report.uncounted_days) == 2
    assert "visit counts: 2" in said(report).uncounted_sentence
    assert said(replace(report, uncounted_days=())).uncounted_sentence == ""


def test_an_open_channel_is_called_open(report):
    assert said(report).verified_sentence.startswith("Open channel: no rating")
    bound = replace(report, passport=replace(report.passport, verified=620))
    assert said(bound).verified_sentence.startswith("Bound to a visit ticket: 620 of 1,800")


def test_what_moved_since_the_last_revision(report):
    sentence = said(report).moved_sentence
    assert sentence.startswith("Ratings that arrived late: 15. Since revision 2: ratings 1,785 → ")
    assert said(replace(report, history=())).moved_sentence == ""
    corrected = replace(report, passport=replace(report.passport, reason="corrected"))
    assert said(corrected).moved_sentence.startswith("Corrected. Since revision 2:")


@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (0.0, "On a tablet that works as built this does not happen."),
        (2.3e-7, "By chance at most once in 4 million days of a tablet."),
        (1e-6, "By chance at most once in 1 million days of a tablet."),
        (2e-5, "By chance at most once in 50 thousand days of a tablet."),
        (1e-40, "By chance this practically never happens."),
    ],
)
def test_a_chance_is_never_said_to_be_smaller_than_it_is(report, p_value, words):
    day = date(2026, 10, 5)
    alert = AlertNote("fast_run/1", day, day, None, p_value, 9, acknowledged=False)
    assert said(report).chance(alert) == words


def test_some_rules_speak_of_months(report):
    day = date(2026, 10, 5)
    alert = AlertNote("turnout_coupling/1", day, day, None, 0.004, 0, acknowledged=False)
    assert said(report).chance(alert) == "By chance at most once in 250 months of a center."


def test_groups_clearly_below_are_named_and_hidden_counts_are_not(report):
    text = said(report)
    assert text.equality_sentence == (
        "Clearly below the others: “Do you have a disability?” – “Yes”"
    )
    hidden = replace(report.equality[0], skipped=None)
    assert "not asked or passed over: withheld." in text.asked_sentence(hidden)
    assert "Answered of those served: Yes 7%." in text.asked_sentence(report.equality[1])
    alike = replace(report, equality=report.equality[:1])
    assert said(alike).equality_sentence == "No group is clearly above or below the others"
    assert said(replace(report, equality=report.equality[2:])).equality_sentence == ""


def test_the_outcomes_are_compared_only_where_two_are_known(report):
    assert said(report).outcome_sentence.startswith("Of those who answered “Yes” ")
    assert said(replace(report, outcomes=report.outcomes[:1])).outcome_sentence == ""


def test_services_to_print_hold_all_that_stand_out(report):
    rows = said(report).notable_services
    outside = {p.code for p in report.funnel.points if p.place != "inside"}
    assert outside <= {service.code for service in rows}
    shares = [service.satisfied.value for service in rows]
    assert shares == sorted(shares, reverse=True)
    assert 10 <= len(rows) <= 16


def test_every_service_of_a_structure_stands_under_it(report):
    listed = [(s.code, [x.code for x in rows]) for s, rows in said(report).structure_services]
    assert len(listed) == 7
    coordination = {s.code for s in report.services if s.kind == "coordination"}
    assert {code for _, codes in listed for code in codes} == coordination


NEW_FINDINGS = [
    Finding("set_aside", {"rule": "fast_run/1", "count": 31, "base": 1800}),
    Finding("look_into_set_aside", {"rule": "fast_run/1", "count": 31, "base": 1800, "alerts": 0}),
    Finding("look_into_set_aside", {"rule": "fast_run/1", "count": 31, "base": 1800, "alerts": 2}),
    Finding("beyond_limits_above", {"share": 0.97, "low_limit": 0.91, "high_limit": 0.95}),
    Finding("beyond_limits_below", {"share": 0.88, "low_limit": 0.91, "high_limit": 0.95}),
    Finding("driver_pulls", {"topic": "waiting", "share": 0.6, "base": 80, "rest": 0.9}),
    Finding("begin_with_driver", {"topic": "waiting", "share": 0.6, "base": 80, "rest": 0.9}),
]


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_the_new_findings_have_their_sentences(report, language):
    text = said(report, language)
    for finding in (*NEW_FINDINGS, *report.changed, *report.todo):
        sentence = text.finding(finding)
        assert sentence.endswith((".", "?"))
        assert "%(" not in sentence
        assert finding.code not in sentence
    assert "looked into: 2." in said(report).finding(NEW_FINDINGS[2])
    assert "91% to 95%" in said(report).finding(NEW_FINDINGS[4])


def test_a_finding_of_a_later_version_shows_its_code(report):
    assert said(report).finding(Finding("moon_phase", {"share": 0.5})) == "moon_phase"


def test_the_command_names_the_report(report):
    assert said(report).verify_command == ("./run report verify --center absheron --month 2026-10")
