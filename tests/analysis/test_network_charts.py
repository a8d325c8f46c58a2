"""The network's charts keep their text, stay within their picture, and survive any month."""

from dataclasses import replace

import pytest
from matplotlib.text import Annotation

from analysis import network_charts
from analysis.estimates import NOTHING, WITHHELD
from analysis.network_sentences import NetworkText
from analysis.wording import PlainWording
from survey_app.i18n import wording
from tests.analysis.drawn import demand_legible, words
from tests.analysis.made_up_center import FONTS
from tests.analysis.made_up_network import made_up_network

pytestmark = pytest.mark.any_database

OWN = ("centers", "channels", "funnel")


@pytest.fixture(scope="module")
def network():
    return made_up_network()


@pytest.mark.parametrize("name", OWN)
def test_same_report_same_bytes(network, name):
    once = network_charts.render_chart(network, name, PlainWording("az"), "svg", FONTS)
    assert once == network_charts.render_chart(network, name, PlainWording("az"), "svg", FONTS)
    assert len(once) < 60_000


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_nothing_drawn_leaves_the_picture_or_overlaps(network, name, language):
    demand_legible(network_charts.draw(network, name, wording(language), FONTS))


def test_the_figures_in_the_picture_are_those_of_the_report(network):
    text = NetworkText(network, PlainWording("en"))
    drawn = words(network_charts.render_chart(network, "centers", PlainWording("en"), "svg", FONTS))
    assert {text.cell(center.satisfied) for center in network.centers} <= set(drawn)
    drawn = words(
        network_charts.render_chart(network, "channels", PlainWording("en"), "svg", FONTS)
    )
    assert {text.cell(center.qr) for center in network.centers} <= set(drawn)
    assert {text.cell(center.tablet) for center in network.centers} <= set(drawn)


def test_every_center_is_named_in_the_funnel_and_stands_where_its_figures_say(network):
    text = NetworkText(network, PlainWording("en"))
    figure = network_charts.draw(network, "funnel", PlainWording("en"), FONTS)
    (axes,) = figure.axes
    named = {note.get_text(): note.xy for note in axes.findobj(Annotation) if note.get_text()}
    for center in network.centers:
        assert named[text.center_name(center)] == (center.satisfied.base, center.satisfied.value)


@pytest.mark.parametrize("name", network_charts.CHARTS)
def test_a_month_of_which_hardly_anything_is_known_still_draws(network, name):
    bare = replace(
        network,
        satisfied=WITHHELD,
        funnel_line=None,
        distribution=None,
        control=None,
        trend=(),
        centers=tuple(
            replace(center, satisfied=NOTHING, tablet=NOTHING, qr=WITHHELD)
            for center in network.centers[:1]
        ),
    )
    if name.startswith("trend"):
        assert not NetworkText(bare, PlainWording("en")).captions.worth_drawing(name)
    else:
        assert network_charts.render_chart(bare, name, PlainWording("ru"), "svg", FONTS)


def test_an_unknown_chart_is_a_key_error(network):
    with pytest.raises(KeyError):
        network_charts.render_chart(network, "league_table", PlainWording("en"))


def test_png_is_a_png(network):
    png = network_charts.render_chart(network, "centers", PlainWording("en"), "png", FONTS)
    assert png.startswith(b"\x89PNG")
