"""Charts are the same bytes each time, keep their text, and survive any report."""

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from matplotlib.text import Text

from analysis import charts
from analysis.report import build_report
from analysis.sentences import ReportText
from analysis.wording import PlainWording
from tests.analysis.made_up_center import FONTS, made_up_inputs

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def report():
    return build_report(made_up_inputs(silent_weeks=True))


def words(svg):
    return [node.text for node in ET.fromstring(svg).iter(SVG + "text")]  # noqa: S314 (our own)


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
    figure = charts.draw(report, name, PlainWording(language), FONTS)
    width, height = figure.bbox.width, figure.bbox.height
    boxes = []
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent()
            inside = box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1
            assert inside, (text.get_text(), box)
            boxes.append((text.get_text(), box))
    for (one, first), (other, second) in combinations(boxes, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        along = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across < 2 or along < 2, (one, other)


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
    svg = charts.render_chart(odd, "services", PlainWording("en"), "svg", FONTS)
    assert "Costs $5 & <more>, $x^2$" in words(svg)


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
    assert alt.startswith(ReportText(report, wording).chart_title(name))
    assert "%(" not in alt


def test_alt_text_tells_the_stories(report):
    wording = PlainWording("en")
    assert "Monday, 9:00–11:00" in charts.alt_text(report, "hours", wording)
    assert "12\u00a0October" in charts.alt_text(report, "days", wording)
    assert "fewer are satisfied" in charts.alt_text(report, "channels", wording)
