"""The network's PDF is tagged, in its language, its pictures have words, its first page is one."""

import io
import re
from dataclasses import replace
from itertools import pairwise

import jinja2
import pikepdf
import pypdf
import pytest

from analysis import network_charts
from analysis.network_sentences import FRONT_CENTERS, PAGE_WIDTH_CENTERS, NetworkText
from analysis.pdf import render_pdf
from survey_app.i18n import wording
from survey_app.models import LANGUAGES
from tests.analysis.made_up_center import FONTS, ROOT
from tests.analysis.made_up_network import made_up_network

pytestmark = pytest.mark.any_database

CSS = ROOT / "survey_app" / "static" / "css" / "report.css"


def page(network, words):
    """The report's HTML in its print layout, without the application around it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    text = NetworkText(network, words)
    return environment.get_template("reports/network.html").render(
        layout="reports/print.html",
        network=network,
        report=text.report,
        w=words,
        text=text,
        chart_url=lambda name: f"chart:{name}",
        published_on=None,
        formats=None,
        center_url=None,
    )


def pdf_of(network, language):
    words = wording(language)
    drawn = {
        f"chart:{name}": network_charts.draw(network, name, words, FONTS)
        for name in network_charts.CHARTS
    }
    return render_pdf(page(network, words), {}, FONTS, drawn, CSS.read_text())


def of_size(count):
    """A network of so many centers, which repeat those of the made-up one."""
    network = made_up_network()
    places = [number % len(network.centers) for number in range(count)]
    return replace(
        network,
        centers=tuple(
            replace(network.centers[place], slug=f"center-{number}")
            for number, place in enumerate(places)
        ),
        areas=tuple(
            replace(area, centers=tuple(area.centers[place] for place in places))
            for area in network.areas
        ),
        strata=tuple(network.strata[place] for place in places),
        complaints=tuple(network.complaints[place] for place in places),
    )


@pytest.fixture(scope="module", params=LANGUAGES)
def printed(request):
    return request.param, pdf_of(made_up_network(), request.param)


def elements(root, kind):
    """The structure elements of a kind beneath one, in reading order."""
    found = []

    def walk(node):
        if isinstance(node, pikepdf.Dictionary):
            if node.get("/S") == kind:
                found.append(node)
            children = node.get("/K", [])
            for child in children if isinstance(children, pikepdf.Array) else [children]:
                walk(child)

    walk(root)
    return found


def test_tags_title_and_language(printed):
    language, pdf = printed
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == language
        assert root.ViewerPreferences.DisplayDocTitle
        assert document.open_metadata()["pdfuaid:part"] == "1"
        title = NetworkText(made_up_network(), wording(language)).title
        assert str(document.docinfo.Title) == title


def test_every_picture_has_its_words_and_every_table_its_heads(printed):
    _, pdf = printed
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pictures = [
            str(each.get("/Alt", "")) for each in elements(document.Root.StructTreeRoot, "/Figure")
        ]
        assert sum(len(alt) > 20 for alt in pictures) == len(network_charts.CHARTS)
        tables = elements(document.Root.StructTreeRoot, "/Table")
        assert len(tables) >= 8
        assert all(len(elements(table, "/TH")) > 3 for table in tables)


def test_the_first_page_is_one_page_and_all_are_full(printed):
    language, pdf = printed
    text = NetworkText(made_up_network(), wording(language))
    pages = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert 5 <= len(pages) <= 7
    assert all(len(words) > 400 for words in pages)
    assert made_up_network().data_hash in pages[0]
    assert said(text.share(text.network.satisfied)) in said(pages[0])
    assert said(text.order_sentence) in said(pages[1])


def test_headings_descend_and_every_head_has_a_scope():
    html = page(made_up_network(), wording("en"))
    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert html.count("<th ") == len(re.findall(r'<th [^>]*scope="(?:row|col)(?:group)?"', html))
    assert "<script" not in html
    assert " style=" not in html


@pytest.mark.parametrize("count", [1, FRONT_CENTERS, PAGE_WIDTH_CENTERS + 1])
def test_any_number_of_centers_fits(count):
    network = of_size(count)
    pdf = pdf_of(network, "az")
    pages = [said(p.extract_text()) for p in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert network.data_hash in pages[0]
    assert said(NetworkText(network, wording("az")).order_sentence) in pages[1]
    everything = " ".join(pages)
    assert all(center.slug in everything for center in network.centers)


def said(text):
    return " ".join(text.split())
