"""The network's month follows from its centers' reports, gives none of their cells away, and finds
what was planted."""

import json
from dataclasses import replace
from functools import cache

import pytest

from analysis.building import build_report
from analysis.estimates import NOTHING, wilson
from analysis.months import Month
from analysis.network import NetworkReport, build_network_report
from analysis.network_sentences import NetworkText
from analysis.tally import ScoreTally, SetAside, VerifiedCounts, total
from analysis.wording import PlainWording
from tests.analysis.made_up_center import case_times, made_up_inputs

pytestmark = pytest.mark.any_database


@cache
def center(number, *, stories=False, **changes):
    """A center's report; centers differ in nothing but chance unless one has stories."""
    inputs = made_up_inputs(seed=number, stories=stories, ratings=700)
    place = replace(inputs.center, slug=f"center-{number}")
    return build_report(replace(inputs, center=place, set_aside=(), **changes))


@pytest.fixture(scope="module")
def reports():
    return [center(1, stories=True), *(center(number) for number in range(2, 6))]


@pytest.fixture(scope="module")
def network(reports):
    return build_network_report(reports)


def codes(findings):
    return [finding.code for finding in findings]


def test_the_whole_is_the_sum_of_the_centers(network, reports):
    whole = total(report.headline.tally for report in reports)
    assert network.tally == whole
    assert network.satisfied == wilson(whole.top_two, whole.base)
    assert network.served == sum(report.headline.served for report in reports)
    assert network.response_rate == whole.base / network.served
    assert network.bounds.low <= network.satisfied.value <= network.bounds.high
    assert [figure.month for figure in network.trend] == [m.month for m in reports[0].trend]
    assert network.trend[-1].satisfied == network.satisfied


def test_the_share_of_a_past_month_comes_back_exactly(network, reports):
    for place, figure in enumerate(network.trend):
        shares = [report.trend[place].satisfied for report in reports]
        happy = sum(round(share.value * share.base) for share in shares)
        assert figure.satisfied == wilson(happy, sum(share.base for share in shares))


def test_the_order_of_the_centers_is_of_no_account(network, reports):
    assert build_network_report(reports[::-1]) == network
    assert [line.slug for line in network.centers] == sorted(r.center.slug for r in reports)


def test_each_centers_verified_ratings_stand_beside_its_open_channel(reports):
    channels = made_up_inputs(seed=7, stories=False, ratings=700).channels
    phones = total(row.tally for row in channels if row.channel == "qr")
    tickets = ScoreTally(tuple(count // 2 for count in phones.counts))
    with_tickets = center(7, verified=(VerifiedCounts("qr", tickets),))
    network = build_network_report([*reports[1:3], with_tickets])
    assert network.verified == tickets.base
    *without, told = network.strata
    assert told == next(row for row in with_tickets.strata if row.channel is None)
    assert [(row.verified, row.part) for row in without] == [(NOTHING, 0.0)] * 2
    assert [row.open for row in without] == [r.headline.satisfied for r in reports[1:3]]


def test_a_center_that_withholds_its_verified_ratings_withholds_the_sum(reports):
    few = center(7, verified=(VerifiedCounts("qr", ScoreTally((0, 0, 0, 1, 2))),))
    network = build_network_report([*reports[1:3], few])
    assert network.strata[-1].verified.withheld
    assert network.verified is None


def test_answers_are_told_a_center_each_and_are_no_rank(reports):
    asked = center(7, cases=tuple(case_times()))
    network = build_network_report([*reports[1:3], asked])
    assert [each.asked for each in network.complaints] == [0, 0, asked.complaints.this.asked]
    assert network.complaints[-1] == asked.complaints.this
    older = replace(asked, complaints=None)
    assert build_network_report([*reports[1:3], older]).complaints[-1] is None


def test_a_network_report_from_before_these_rows_is_read(network):
    plain = network.to_dict()
    del plain["strata"], plain["complaints"]
    older = NetworkReport.from_dict(plain)
    assert (older.strata, older.complaints, older.verified) == ((), (), None)
    text = NetworkText(older, PlainWording())
    assert (text.center_strata, text.complaint_rows) == ([], [])
    assert text.complaints_sentence.startswith("Not counted")
    assert "each center's report tells" in text.verified_sentence


def test_it_is_frozen_and_read_again_exactly(network):
    again = NetworkReport.from_dict(json.loads(json.dumps(network.to_dict())))
    assert again == network
    with pytest.raises(ValueError, match="format 9"):
        NetworkReport.from_dict({**network.to_dict(), "format": 9})


def test_a_sum_is_told_only_where_every_center_tells_its_part(network, reports):
    by_center = [{s.code: s.satisfied for s in r.services} for r in reports]
    told = withheld = 0
    for service in network.services:
        cells = [known.get(service.code) for known in by_center]
        if any(cell is not None and cell.withheld for cell in cells):
            assert service.satisfied.withheld
            withheld += 1
        else:
            assert service.satisfied.base == sum(cell.base for cell in cells if cell)
            told += 1
    assert told
    assert withheld


def test_the_center_that_is_apart_is_found_and_no_other(network):
    (apart,) = [line for line in network.centers if line.place != "inside"]
    assert apart.slug == "center-1"
    assert apart.against_rest.verdict == "down"
    assert codes(network.changed)[0] == "center_below"
    assert codes(network.todo)[0] == "visit_center"


def test_equal_centers_are_left_in_peace():
    quiet = build_network_report([center(number) for number in range(2, 7)])
    assert {line.place for line in quiet.centers} == {"inside"}
    assert not [code for code in codes(quiet.changed) if code.startswith("center_")]


def test_a_silent_or_doubted_center_comes_first(reports):
    aside = SetAside("fast_run/1", 60, ScoreTally((0, 0, 0, 0, 60)))
    inputs = made_up_inputs(seed=9, stories=False, ratings=700, silent_weeks=True)
    place = replace(inputs.center, slug="center-9")
    strange = build_report(replace(inputs, center=place, set_aside=(aside,)))
    found = build_network_report([*reports, strange])
    assert codes(found.changed)[:2] == ["center_silent", "center_set_aside"]
    assert found.set_aside == 60
    assert found.with_set_aside.base == found.tally.base + 60


def test_a_center_that_did_not_count_its_visits_leaves_the_rate_unknown(reports):
    inputs = made_up_inputs(seed=4, stories=False, ratings=700)
    months = (*inputs.months[:-1], replace(inputs.months[-1], served=None))
    place = replace(inputs.center, slug="center-4")
    uncounted = build_report(replace(inputs, center=place, months=months))
    found = build_network_report([reports[0], uncounted])
    assert (found.served, found.response_rate, found.bounds) == (None, None, None)
    assert not found.weighted.known


def test_a_center_with_few_ratings_is_in_no_figure(network, reports):
    inputs = made_up_inputs(seed=8, stories=False, ratings=7)
    place = replace(inputs.center, slug="center-8", names={"en": "Small"})
    small = build_report(replace(inputs, center=place, set_aside=()))
    found = build_network_report([*reports, small])
    assert found.left_out == ({"en": "Small"},)
    assert (found.tally, found.trend, found.areas) == (network.tally, network.trend, network.areas)
    # Several small ones hide each other, and only their sum is told.
    other = replace(small, center=replace(place, slug="center-9"))
    alone = build_network_report([small, other])
    assert (alone.left_out, alone.tally.base) == ((), 14)
    assert not any(line.satisfied.known for line in alone.centers)


def test_what_does_not_belong_together_is_refused(reports):
    with pytest.raises(ValueError, match="at least one"):
        build_network_report([])
    with pytest.raises(ValueError, match="twice"):
        build_network_report([reports[0], reports[0]])
    with pytest.raises(ValueError, match="different months"):
        build_network_report([reports[0], replace(reports[1], month=Month(2026, 9))])


def test_the_fingerprint_is_that_of_the_centers_reports(network, reports):
    other = replace(reports[0], passport=replace(reports[0].passport, data_hash="0" * 64))
    assert build_network_report([other, *reports[1:]]).data_hash != network.data_hash
    assert build_network_report(reports, revision=2).data_hash == network.data_hash
