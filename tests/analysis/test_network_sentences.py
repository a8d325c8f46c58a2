"""The network speaks of its centers honestly: a difference only where there is one."""

from dataclasses import replace

import pytest

from analysis.captions import ChartCaptions
from analysis.estimates import NOTHING, WITHHELD, Change, wilson
from analysis.findings import Finding
from analysis.network_charts import CHARTS
from analysis.network_comparisons import compare_channels, compare_services
from analysis.network_findings import find
from analysis.network_sentences import PRINTED_SERVICES, NetworkText
from analysis.wording import PlainWording
from survey_app.i18n import wording
from survey_app.models import LANGUAGES
from tests.analysis.made_up_network import made_up_network

pytestmark = pytest.mark.any_database

CENTER = {"az": "Mərkəz", "ru": "Центр", "en": "Somewhere"}
FINDINGS = {
    "center_silent": {"open_days": 8},
    "explain_center": {"open_days": 8},
    "center_set_aside": {"count": 60, "base": 700},
    "look_into_center": {"count": 60, "base": 700},
    "center_below": {"share": 0.8, "base": 700, "difference": -0.1},
    "visit_center": {"share": 0.8, "base": 700, "difference": -0.1},
    "center_above": {"share": 0.99, "base": 700, "difference": 0.05},
    "center_rarely_answers": {"rate": 0.04},
}


@pytest.fixture(scope="module")
def network():
    return made_up_network()


@pytest.fixture(params=LANGUAGES)
def text(request, network):
    return NetworkText(network, wording(request.param))


@pytest.fixture
def english(network):
    return NetworkText(network, PlainWording("en"))


def test_every_finding_on_a_center_has_a_sentence_with_its_figures(text):
    for code, parameters in FINDINGS.items():
        said = text.finding(Finding(code, {"center": CENTER, **parameters}))
        assert said != code
        assert CENTER[text.w.language] in said
        assert "%(" not in said
    below = text.finding(
        Finding("center_below", {"center": CENTER, "share": 0.8, "base": 700, "difference": -0.1})
    )
    assert text.fraction(0.8) in below
    assert text.w.signed_points(-0.1) in below


def test_what_the_rules_find_is_said(text, network):
    changed, todo = find(network)
    assert len(text.changed) == len(changed) == 3
    assert len(text.todo) == len(todo)
    assert not {finding.code for finding in (*changed, *todo)} & {*text.changed, *text.todo}


def test_the_one_center_apart_is_named_and_no_other(english):
    assert [center.slug for center in english.apart] == ["baku-3"]
    assert "No. 3" in english.captions.title("centers")
    assert english.captions.title("funnel").endswith("clearly below the other centers")
    assert english.place(english.apart[0]) in (
        "below the 95% limits, within the 99.8% limits",
        "below the 99.8% limits",
    )


def test_a_center_outside_the_funnel_alone_is_not_called_apart(network):
    quiet = Change(NOTHING, "no_clear_change")
    centers = tuple(replace(center, against_rest=quiet) for center in network.centers)
    text = NetworkText(replace(network, centers=centers), PlainWording("en"))
    assert text.apart == []
    assert text.captions.title("centers") == "No center is clearly apart from the others"
    assert text.captions.title("funnel").startswith("No center differs")


def test_without_a_funnel_no_center_has_a_place(network):
    text = NetworkText(replace(network, funnel_line=None), PlainWording("en"))
    assert {text.place(center) for center in network.centers} == {"–"}
    assert text.dispersion_sentence == ""
    assert not text.captions.worth_drawing("funnel")


def test_dispersion_is_said_whether_it_widens_the_curves_or_not(network, english):
    assert "5.0" in english.dispersion_sentence
    assert "widened by 2.2" in english.captions.subtitle("funnel")
    alike = NetworkText(replace(network, dispersion=1.0), PlainWording("en"))
    assert "not widened" in alike.dispersion_sentence
    assert "widened" not in alike.captions.subtitle("funnel")


def test_captions_tell_the_shares_of_the_centers(text, network):
    for name in ("centers", "funnel", "channels"):
        told = text.captions.alt_text(name)
        assert told.startswith(text.captions.title(name))
        assert "%(" not in told
        for center in network.centers:
            assert text.center_name(center) in told
    assert isinstance(text.captions, ChartCaptions)
    assert all(text.captions.title(name) for name in CHARTS)


def test_services_are_compared_with_the_rest_and_corrected_for_being_many(network):
    compared = compare_services(network)
    assert {row.service.code for row in compared} == {
        service.code for service in network.services if service.satisfied.known
    }
    for row in compared:
        share = row.service.satisfied
        rest = network.tally.base - share.base
        happy = network.tally.top_two - round(share.value * share.base)
        assert row.against_rest.difference.value == pytest.approx(share.value - happy / rest)
    assert {row.against_rest.verdict for row in compared} <= {"up", "down", "no_clear_change"}


def test_a_service_that_is_far_below_is_found(network):
    first = next(service for service in network.services if service.satisfied.known)
    low = replace(first, satisfied=wilson(40, 120))
    services = tuple(low if s is first else s for s in network.services)
    text = NetworkText(replace(network, services=services), PlainWording("en"))
    assert text.lowest_services[0].service == low
    assert text.lowest_services[0].against_rest.verdict == "down"


def test_no_service_stands_at_both_ends(english):
    lowest = {row.service.code for row in english.lowest_services}
    highest = {row.service.code for row in english.highest_services}
    assert len(lowest) == PRINTED_SERVICES
    assert highest
    assert not lowest & highest


def test_a_withheld_service_is_counted_and_not_named_among_the_compared(english, network):
    withheld = [s for s in network.services if s.satisfied.withheld]
    assert withheld
    assert str(len(withheld)) in english.services_sentence
    codes = {row.service.code for row in english.compared_services}
    assert not codes & {s.code for s in withheld}


def test_channels_are_compared_within_each_center(network):
    gaps = compare_channels(network)
    for center, gap in zip(network.centers, gaps, strict=True):
        assert gap.difference.value == pytest.approx(center.qr.value - center.tablet.value)
    few = replace(network.centers[0], qr=WITHHELD)
    unknown = replace(network, centers=(few, *network.centers[1:]))
    assert compare_channels(unknown)[0].verdict == "not_comparable"
    assert NetworkText(unknown, PlainWording("en")).channel_gaps[1:] == gaps[1:]


def test_the_passport_names_every_report_it_is_made_of(text, network):
    for center in network.centers:
        assert f"{center.slug} {center.revision} {center.data_hash[:8]}" in text.made_of
    assert text.w.number(network.tally.top_two) in text.passport_sentence
    assert text.interval(network.satisfied) in text.passport_sentence
