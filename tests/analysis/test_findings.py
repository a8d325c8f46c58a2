"""Planted stories are found, and noise is not taken for one."""

from collections import Counter
from dataclasses import replace

import pytest

from analysis.building import build_report
from analysis.findings import weakest_block
from analysis.sentences import ReportText
from analysis.tally import ScoreTally, total
from analysis.wording import PlainWording
from tests.analysis.made_up_center import DECLINING, made_up_inputs

pytestmark = pytest.mark.any_database


def codes(findings):
    return [finding.code for finding in findings]


def test_the_stories_of_the_month_are_found():
    report = build_report(made_up_inputs())
    assert codes(report.changed) == ["service_declines", "weak_hours", "qr_below_tablet"]
    assert codes(report.todo) == ["review_service", "relieve_hours", "hear_phones"]
    declining = next(s for s in report.services if s.code == DECLINING)
    decline, hours, _ = (finding.parameters for finding in report.changed)
    assert decline["service"] == declining.names
    assert (hours["weekday"], hours["first"], hours["end"]) == (1, 9, 11)
    assert hours["waiting"] > hours["waiting_all"] / 2


def test_two_silent_weeks_come_first():
    report = build_report(made_up_inputs(silent_weeks=True))
    assert [s.open_days for s in report.silences] == [10]
    silence = report.changed[0]
    assert silence.code == "silence"
    assert (silence.parameters["first"], silence.parameters["last"]) == ("2026-10-12", "2026-10-23")
    assert report.todo[0].code == "explain_silence"


def test_days_yet_to_come_are_not_silent():
    inputs = made_up_inputs(silent_weeks=True)
    running = replace(inputs, counted_until=inputs.days[13].day)
    assert [s.open_days for s in build_report(running).silences] == [3]


def test_noise_is_rarely_taken_for_a_story():
    """25 centers where nothing happens, about 180 services and 45 hours each."""
    told = Counter()
    for seed in range(25):
        report = build_report(made_up_inputs(stories=False, seed=seed))
        told.update({*codes(report.changed), *codes(report.todo)} - {"topic"})
    assert all(count <= 3 for count in told.values()), told


def test_stories_are_found_again_and_again():
    told = Counter()
    for seed in range(10):
        told.update(codes(build_report(made_up_inputs(seed=seed)).changed))
    for story in ("service_declines", "weak_hours", "qr_below_tablet"):
        assert told[story] >= 8, told


def test_the_weakest_block_is_the_whole_of_it_and_needs_a_base():
    good, bad = ScoreTally((1, 1, 0, 0, 48)), ScoreTally((15, 5, 0, 0, 30))
    week = {(day, hour): good for day in range(1, 6) for hour in range(9, 18)}

    def weakest(withheld=None):
        cells = [(*key, tally) for key, tally in week.items() if key != withheld]
        return weakest_block(cells, total(week.values()))

    assert weakest() is None
    week[3, 14] = week[3, 15] = bad
    block = weakest()
    assert (block.weekday, block.first, block.end) == (3, 14, 16)
    assert block.outside == total(week.values()).without(block.inside)
    # An hour that is withheld is no part of the block, or the block would give it away.
    assert weakest(withheld=(3, 15)).end == 15
    week[3, 14] = week[3, 15] = ScoreTally((3, 0, 0, 0, 2))
    assert weakest() is None
    assert weakest_block([], ScoreTally()) is None


@pytest.mark.parametrize(
    ("served", "code"), [(None, "count_visits"), (10, "check_visits"), (40_000, "invite_more")]
)
def test_thin_ground_is_pointed_out_when_nothing_else_calls(served, code):
    inputs = made_up_inputs(stories=False, ratings=600)
    months = (*inputs.months[:-1], replace(inputs.months[-1], served=served))
    report = build_report(replace(inputs, months=months, topics=()))
    assert code in codes(report.todo)


def test_visits_of_some_days_are_not_held_against_the_ratings_of_all():
    inputs = made_up_inputs(stories=False, ratings=600)
    some = inputs.days[0].tally.base + inputs.days[1].tally.base
    days = tuple(
        replace(day, served=2 * day.tally.base if place < 2 else None)
        for place, day in enumerate(inputs.days)
    )
    months = (*inputs.months[:-1], replace(inputs.months[-1], served=2 * some))
    report = build_report(replace(inputs, months=months, days=days, topics=()))
    assert report.headline.response_rate == 0.5
    assert report.headline.tally.base > report.headline.served
    assert "check_visits" not in codes(report.todo)


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_every_finding_has_its_sentence(language):
    for arguments in ({}, {"silent_weeks": True}, {"stories": False}, {"ratings": 0}):
        report = build_report(made_up_inputs(**arguments))
        text = ReportText(report, PlainWording(language))
        for sentence in (*text.changed, *text.todo, *text.judgement):
            assert "%(" not in sentence
            assert sentence.endswith((".", "?"))
