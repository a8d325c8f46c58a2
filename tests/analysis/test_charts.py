"""Charts are the same bytes each time, keep their text, and survive any report."""

from dataclasses import replace
from itertools import combinations

import pytest
from matplotlib.text import Text

from analysis import charts, drawing
from analysis.building import build_report
from analysis.report import FunnelPoint
from analysis.sentences import ReportText
from analysis.wording import PlainWording
from tests.analysis.drawn import demand_legible, words
from tests.analysis.made_up_center import FONTS, made_up_inputs


@pytest.fixture(scope="module")
def report():
    return build_report(made_up_inputs(silent_weeks=True, follow_ups=True, revision=3))


@pytest.mark.parametrize("name", charts.CHARTS)
def test_same_report_same_bytes(report, name):
    once = charts.render_chart(report, name, PlainWording("az"), "svg", FONTS)
    assert once == charts.render_chart(report, name, PlainWording("az"), "svg", FONTS)
    assert b"dc:date" not in once
    assert len(once) < 60_000


@pytest.mark.parametrize("name", charts.CHARTS)
@pytest.mark.parametrize("ratings", [0, 12])
def test_hardly_any_ratings_still_draw(name, ratings):
    report = build_report(made_up_inputs(ratings=ratings))
    assert words(charts.render_chart(report, name, PlainWording("ru"), "svg", FONTS)) is not None


@pytest.mark.parametrize("name", charts.CHARTS)
@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_nothing_drawn_leaves_the_picture_or_overlaps(report, name, language):
    demand_legible(charts.draw(report, name, PlainWording(language), FONTS))


def test_text_stays_text_in_the_letters_of_the_language(report):
    drawn = words(charts.render_chart(report, "hours", PlainWording("az"), "svg", FONTS))
    assert "Bazar ertəsi" in drawn
    svg = charts.render_chart(report, "trend", PlainWording("ru"), "svg", FONTS)
    assert "окт" in words(svg)
    assert b"Noto Sans" in svg


def test_a_dollar_in_a_name_is_a_dollar(report):
    plain = report.to_dict()
    for service in plain["services"]:
        service["names"] = {"en": "Costs $5 & <more>, $x^2$"}
    odd = type(report).from_dict(plain)
    svg = charts.render_chart(odd, "funnel", PlainWording("en"), "svg", FONTS)
    assert "Costs $5 & <more>, $x^2$" in words(svg)


def marks(figure, marker):
    """Where marks of one shape stand in the first axes, in data."""
    lines = [line for line in figure.axes[0].lines if line.get_marker() == marker]
    return sorted((x, y) for line in lines for x, y in line.get_xydata())


def test_the_funnel_shows_every_service_and_marks_and_names_those_outside(report):
    figure = charts.draw(report, "funnel", PlainWording("en"), FONTS)
    low = sorted((p.base, p.share) for p in report.funnel.points if p.place.startswith("below"))
    others = sorted(
        (p.base, p.share) for p in report.funnel.points if not p.place.startswith("below")
    )
    assert low
    assert marks(figure, "D") == low
    assert marks(figure, "o") == others
    drawn = [text.get_text() for text in figure.findobj(Text)]
    assert any(text.startswith("Application for targeted state social") for text in drawn)
    assert {"95%", "99.8%", "center 89%"} <= set(drawn)


def test_many_services_outside_are_named_without_hiding_each_other(report):
    points = tuple(
        FunnelPoint(p.code, p.base, p.share - 0.2 if p.base > 20 else p.share, "below_998")
        for p in report.funnel.points
    )
    crowded = replace(report, funnel=replace(report.funnel, points=points))
    figure = charts.draw(crowded, "funnel", PlainWording("ru"), FONTS)
    names = {ReportText(report, PlainWording("ru")).service(p.code) for p in points}
    labels = [
        text
        for text in figure.findobj(Text)
        if any(name.startswith(text.get_text().removesuffix(" …")) for name in names)
        and text.get_text()
    ]
    assert 3 <= len(labels) <= 8
    boxes = [text.get_window_extent() for text in labels]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_a_month_beyond_its_limits_is_a_diamond(report):
    signals = [point.signal for point in report.control.points]
    assert signals[-1] == "below"
    figure = charts.draw(report, "trend", PlainWording("en"), FONTS)
    assert len(marks(figure, "D")) == len([s for s in signals if s in ("above", "below")])
    assert marks(figure, "D")[-1] == (12, report.headline.satisfied.value)


def test_a_break_of_the_series_is_drawn_before_its_month_and_named(report):
    figure = charts.draw(report, "trend", PlainWording("en"), FONTS)
    assert "survey version 2" in [text.get_text() for text in figure.findobj(Text)]
    dashed = [line for line in figure.axes[0].lines if list(line.get_xdata()) == [7.5, 7.5]]
    assert len(dashed) == 1  # June is the ninth of the thirteen months


def test_clear_drivers_are_strong_and_unclear_ones_grey(report):
    figure = charts.draw(report, "drivers", PlainWording("en"), FONTS)
    clear = [d for d in report.drivers if d.effect.verdict == "down"]
    assert len(marks(figure, "D")) == len(clear) > 0
    grey = [line for line in figure.axes[0].lines if line.get_color() == drawing.GREY]
    assert len(grey) == sum(d.effect.verdict == "no_clear_change" for d in report.drivers) > 0


def test_an_old_report_without_the_new_members_draws_too(report):
    plain = report.to_dict()
    old = type(report).from_dict(
        {name: plain[name] for name in plain if name not in ("control", "breaks", "funnel",
                                                             "drivers")}
    )  # fmt: skip
    for name in ("trend", "trend_small", "funnel", "drivers"):
        assert charts.render_chart(old, name, PlainWording("az"), "svg", FONTS)
    assert not ReportText(old, PlainWording("az")).captions.worth_drawing("funnel")


def test_png_is_a_png(report):
    png = charts.render_chart(report, "trend", PlainWording("en"), "png", FONTS)
    assert png.startswith(b"\x89PNG")


def test_an_unknown_chart_is_a_key_error(report):
    with pytest.raises(KeyError):
        charts.render_chart(report, "pie", PlainWording("en"))


@pytest.mark.parametrize("name", charts.CHARTS)
def test_alt_text_states_the_finding_first(report, name):
    wording = PlainWording("en")
    alt = charts.alt_text(report, name, wording)
    assert alt.startswith(ReportText(report, wording).captions.title(name))
    assert "%(" not in alt


def test_alt_text_tells_the_stories(report):
    wording = PlainWording("en")
    assert "Monday, 9:00–11:00" in charts.alt_text(report, "hours", wording)
    assert "12\u00a0October" in charts.alt_text(report, "days", wording)
    assert "fewer are satisfied" in charts.alt_text(report, "channels", wording)
    assert "below its control limits" in charts.alt_text(report, "trend", wording)
    assert "lower than chance explains" in charts.alt_text(report, "funnel", wording)
    assert "less often satisfied" in charts.alt_text(report, "drivers", wording)
