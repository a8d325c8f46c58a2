"""What a figure shows stands on the page as lines and text, where the figure has it."""

import io
import re

import pikepdf
import pypdf
import pytest
from matplotlib.figure import Figure

from analysis import charts
from analysis.building import build_report
from analysis.drawing import in_style
from analysis.pdf import render_pdf
from analysis.wording import PlainWording
from tests.analysis.made_up_center import FONTS, made_up_inputs

PAGE = """<html lang="az"><title>t</title><style>@page { size: 288pt 144pt; margin: 0 }
body { margin: 0 } img { display: block; width: 288pt }</style><img alt="a chart" src="chart:x">"""


def printed(figure):
    return render_pdf(PAGE, {}, FONTS, {"chart:x": figure})


def drawn(figure):
    """The operators of the page as lines, in the figure's own points, and its graphics states."""
    with pikepdf.open(io.BytesIO(printed(figure))) as document:
        page = document.pages[0]
        states = [
            {key: float(value) for key, value in state.items() if key in ("/ca", "/CA")}
            for state in page.Resources.get("/ExtGState", {}).values()
        ]
        return page.Contents.read_bytes().decode(), states


def plain_figure():
    with in_style(FONTS):
        figure = Figure(figsize=(4, 2))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, 288), ylim=(0, 144))
        axes.axis("off")
    return figure, axes


def numbers(line):
    return [float(word) for word in line.split()[:-1]]


def test_lines_lie_where_the_figure_has_them_and_keep_to_their_axes():
    figure, axes = plain_figure()
    axes.plot([10, 300], [20, 130], color="#ff0000", linewidth=2, dashes=(3, 2))
    operators, _ = drawn(figure)
    assert "10.000 20.000 m\n300.000 130.000 l" in operators
    assert re.search(r"^0 0 288 144 re\nW", operators, re.MULTILINE)
    assert re.search(r"^1 0 0 RG$", operators, re.MULTILINE)
    assert re.search(r"^2 w$", operators, re.MULTILINE)
    assert re.search(r"^\[6 4\] 0 d$", operators, re.MULTILINE)  # dashes are in widths of the line


def test_areas_let_through_as_much_as_asked():
    figure, axes = plain_figure()
    axes.fill([0, 9, 9], [0, 0, 9], color="#0000ff", alpha=0.25, linewidth=0)
    operators, states = drawn(figure)
    assert {"/ca": 0.25} in states
    assert re.search(r"^h\nf$", operators, re.MULTILINE)


def test_every_point_gets_its_mark():
    figure, axes = plain_figure()
    axes.plot([10, 20, 30], [5, 6, 7], "o")
    operators, _ = drawn(figure)
    marks = re.findall(r"1 0 0 1 (\S+) (\S+) cm", operators)
    assert {(10, 5), (20, 6), (30, 7)} <= {(float(x), float(y)) for x, y in marks}


def test_a_curve_with_one_control_point_ends_where_it_should():
    figure, axes = plain_figure()
    bow = {"arrowstyle": "-", "connectionstyle": "arc3,rad=0.5", "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (10, 50), xytext=(70, 50), arrowprops=bow)
    operators, _ = drawn(figure)
    (curve,) = [numbers(line) for line in operators.splitlines() if line.endswith(" c")]
    # From (70, 50) by (40, 80), or the other way round and down, to (10, 50).
    assert curve[-2:] == pytest.approx([10, 50], abs=0.01)
    assert [curve[0], curve[2]] == pytest.approx([50, 30], abs=0.01)
    assert curve[1] == pytest.approx(curve[3], abs=0.01)
    assert abs(curve[1] - 50) == pytest.approx(20, abs=0.01)


def test_words_stand_upright_or_turned():
    figure, axes = plain_figure()
    with in_style(FONTS):
        axes.text(30, 40, "düz", va="baseline")
        axes.text(90, 40, "yan", rotation=90, va="baseline")
    operators, _ = drawn(figure)
    upright, turned = [numbers(line) for line in operators.splitlines() if line.endswith(" Tm")]
    assert upright == pytest.approx([1, 0, 0, 1, 30, 40], abs=0.01)
    assert turned[:4] == pytest.approx([0, 1, -1, 0], abs=0.01)


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_labels_can_be_copied_as_whole_words(language):
    report = build_report(made_up_inputs())
    figure = charts.draw(report, "hours", PlainWording(language), FONTS)
    words = pypdf.PdfReader(io.BytesIO(printed(figure))).pages[0].extract_text().split()
    weekday = {"az": "Çərşənbə", "ru": "Среда", "en": "Wednesday"}[language]
    assert weekday in words
