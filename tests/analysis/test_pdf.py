"""The PDF is tagged, titled, in its language, small, and fetches nothing."""

import io
import re
from itertools import pairwise

import jinja2
import pikepdf
import pypdf
import pytest

from analysis import charts
from analysis.pdf import ForeignResource, render_pdf
from analysis.report import build_report
from analysis.sentences import ReportText
from analysis.wording import PlainWording
from tests.analysis.made_up_center import FONTS, ROOT, made_up_inputs

CSS = ROOT / "survey_app" / "static" / "css" / "report.css"


def page(report, wording):
    """The report's HTML in its print layout, without the application around it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("reports/report.html").render(
        layout="reports/print.html",
        report=report,
        w=wording,
        text=ReportText(report, wording),
        chart_url=lambda name: f"chart:{name}",
        published_on=None,
        verify_url=None,
        formats=None,
    )


def pdf_of(report, language):
    wording = PlainWording(language)
    drawn = {
        f"chart:{name}": charts.render_chart(report, name, wording, "svg", FONTS)
        for name in charts.CHARTS
    }
    return render_pdf(page(report, wording), {**drawn, "report.css": CSS.read_bytes()}, FONTS)


@pytest.fixture(scope="module")
def report():
    return build_report(made_up_inputs(silent_weeks=True))


@pytest.fixture(scope="module", params=["az", "ru", "en"])
def printed(request, report):
    return request.param, pdf_of(report, request.param)


def test_tags_title_and_language(printed, report):
    language, pdf = printed
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == language
        assert root.ViewerPreferences.DisplayDocTitle
        assert "/StructTreeRoot" in root
        metadata = document.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert str(document.docinfo.Title) == ReportText(report, PlainWording(language)).title
        assert not [name for name in ("AA", "OpenAction", "AcroForm") if f"/{name}" in root]


def test_every_picture_has_its_words(printed):
    _, pdf = printed
    figures = []

    def walk(node):
        if isinstance(node, pikepdf.Dictionary):
            if node.get("/S") == "/Figure":
                figures.append(str(node.get("/Alt", "")))
            children = node.get("/K", [])
            for child in children if isinstance(children, pikepdf.Array) else [children]:
                walk(child)

    with pikepdf.open(io.BytesIO(pdf)) as document:
        walk(document.Root.StructTreeRoot)
    assert len(figures) >= len(charts.CHARTS)
    assert all(len(alt) > 20 for alt in figures if alt)
    assert sum(bool(alt) for alt in figures) >= len(charts.CHARTS)


def test_pages_are_few_full_and_numbered(printed):
    language, pdf = printed
    assert len(pdf) < 1_000_000
    pages = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert 5 <= len(pages) <= 8
    assert all(len(text) > 400 for text in pages)
    assert all(f"{n} / {len(pages)}" in text for n, text in enumerate(pages, 1))
    report_name = {"az": "Abşeron", "ru": "Абшеронский", "en": "Absheron"}[language]
    assert all(report_name in text for text in pages)


def test_only_our_font_is_used(printed):
    _, pdf = printed
    fonts = {
        str(font["/BaseFont"])
        for p in pypdf.PdfReader(io.BytesIO(pdf)).pages
        for font in (f.get_object() for f in p["/Resources"].get("/Font", {}).values())
    }
    assert fonts
    assert all("Noto-Sans" in font or "NotoSans" in font for font in fonts), fonts


def test_same_report_same_bytes(printed, report):
    language, pdf = printed
    if language == "az":  # once is enough: printing is slow
        assert pdf_of(report, language) == pdf


@pytest.mark.parametrize("arguments", [{"ratings": 0}, {"ratings": 12}])
def test_any_month_can_be_printed(arguments):
    assert pdf_of(build_report(made_up_inputs(**arguments)), "ru").startswith(b"%PDF")


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a.svg",
        "http://127.0.0.1/a.svg",
        "file:///etc/passwd",
        "data:image/svg+xml,<svg/>",
        "../secret.svg",
        "ftp://example.org/a",
    ],
)
def test_nothing_else_is_fetched(address):
    with pytest.raises(ForeignResource):
        render_pdf(f'<html lang="az"><title>t</title><img alt="a" src="{address}">', {}, FONTS)


def test_nor_from_inside_a_picture():
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    html = '<html lang="az"><title>t</title><img alt="a" src="chart:x">'
    with pytest.raises(ForeignResource):
        render_pdf(html, {"chart:x": svg}, FONTS)


def test_citizens_text_is_escaped(report):
    plain = report.to_dict()
    plain["quotations"][0]["text"] = '<img src="https://evil.example/x"> gözlədim'
    html = page(type(report).from_dict(plain), PlainWording("az"))
    assert "&lt;img src=" in html
    assert 'evil.example/x">' not in html


def test_the_page_obeys_a_strict_policy_and_its_headings_descend(report):
    html = page(report, PlainWording("en"))
    assert "<script" not in html
    assert " style=" not in html
    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert html.count("<th ") == len(re.findall(r'<th [^>]*scope="(?:row|col)"', html))
    assert '<blockquote lang="az"' in html
