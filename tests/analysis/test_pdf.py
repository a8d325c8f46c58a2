"""The PDF is tagged, titled, in its language, small, and fetches nothing."""

import io
import re
from dataclasses import replace
from itertools import pairwise

import jinja2
import pikepdf
import pypdf
import pytest
from weasyprint import HTML

from analysis import charts
from analysis.building import build_report
from analysis.pdf import ForeignResource, _Page, render_pdf
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
    drawn = {f"chart:{name}": charts.draw(report, name, wording, FONTS) for name in charts.CHARTS}
    return render_pdf(page(report, wording), {}, FONTS, drawn, CSS.read_text())


@pytest.fixture(scope="module")
def report():
    return build_report(made_up_inputs(silent_weeks=True, follow_ups=True, revision=3))


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


def structure(node, parents=()):
    """Every element of a PDF's structure with the tags above it, in reading order."""
    if not isinstance(node, pikepdf.Dictionary):
        return
    tag = str(node.get("/S", ""))
    if tag:
        yield node, tag, parents
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        yield from structure(child, (*parents, tag))


@pytest.fixture(scope="module")
def tags(printed):
    with pikepdf.open(io.BytesIO(printed[1])) as document:
        yield list(structure(document.Root.StructTreeRoot))


def test_every_picture_has_its_words(tags):
    figures = [str(node.get("/Alt", "")) for node, tag, _ in tags if tag == "/Figure"]
    assert len(figures) == len(charts.CHARTS)
    assert all(len(alt) > 20 for alt in figures)


def test_headings_descend_one_step_at_a_time(tags):
    levels = [int(tag[2]) for _, tag, _ in tags if re.fullmatch("/H[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert levels.count(2) >= 12
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_cell_knows_its_headers(tags):
    tables = [parents for _, tag, parents in tags if tag == "/Table"]
    assert len(tables) >= 10
    heads = {bytes(node.ID) for node, tag, _ in tags if tag == "/TH" and "/ID" in node}
    cells = [node for node, tag, _ in tags if tag == "/TD"]
    assert len(cells) > 200
    for cell in cells:
        headers = [bytes(header) for header in cell.A.Headers]
        assert len(headers) >= 2  # one of its column, one of its row
        assert heads.issuperset(headers)


def test_lists_and_quotations_are_tagged_as_such(tags, report):
    kinds = [tag for _, tag, _ in tags]
    assert kinds.count("/BlockQuote") == len(report.quotations) + 2  # two stand on the first page
    assert kinds.count("/L") >= 3
    assert all("/Table" in parents for _, tag, parents in tags if tag in ("/TH", "/TD", "/TR"))


def test_the_letters_of_the_language_can_be_copied(printed):
    language, pdf = printed
    text = "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    for letters in {"az": "əğışçöüƏİ", "ru": "ыщёэюяж", "en": "“”–−"}[language]:
        assert letters in text
    assert "./run report verify --center absheron --month 2026-10" in " ".join(text.split())


def test_pages_are_few_full_and_numbered(printed):
    language, pdf = printed
    assert len(pdf) < 1_000_000
    pages = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert 5 <= len(pages) <= 9
    assert all(len(text) > 400 for text in pages)
    assert all(f"{n} / {len(pages)}" in text for n, text in enumerate(pages, 1))
    report_name = {"az": "Abşeron", "ru": "Абшеронский", "en": "Absheron"}[language]
    assert all(report_name in text for text in pages)


def test_the_first_page_is_complete_in_itself(printed, report):
    _, pdf = printed
    first, second = (p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages[:2])
    assert report.passport.data_hash in first
    assert report.passport.data_hash not in second


def test_the_passport_has_no_space_that_a_footnote_would_print(report):
    html = page(report, PlainWording("en"))
    passport = html[html.index("<aside") : html.index("</aside>")]
    assert "\n" not in passport
    assert not re.search(r"(<aside[^>]*>|</h2>|</p>)\s", passport)


def test_only_our_font_is_used(printed):
    _, pdf = printed
    fonts = {
        str(font["/BaseFont"])
        for p in pypdf.PdfReader(io.BytesIO(pdf)).pages
        for font in (f.get_object() for f in p["/Resources"].get("/Font", {}).values())
    }
    assert fonts
    assert all("Noto-Sans" in font or "NotoSans" in font for font in fonts), fonts


def test_only_rules_for_pseudo_elements_are_left_out():
    """Should WeasyPrint write its rules down otherwise, this tells."""
    (whole,) = HTML(string="<p>")._ua_stylesheets()
    (lean,) = _Page(string="<p>")._ua_stylesheets()
    kept = lean.matcher.other_selectors
    left_out = [rule for rule in whole.matcher.other_selectors if rule not in kept]
    assert left_out
    for _test, _specificity, _order, pseudo_element, _declarations in left_out:
        assert isinstance(pseudo_element, str)


def test_same_report_same_bytes(printed, report):
    language, pdf = printed
    if language == "az":  # once is enough: printing is slow
        assert pdf_of(report, language) == pdf


@pytest.mark.parametrize(
    "arguments", [{"ratings": 0}, {"ratings": 12, "follow_ups": True, "revision": 2}]
)
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
    assert html.count("<th ") == len(re.findall(r'<th [^>]*scope="(?:row|col|rowgroup)"', html))
    assert '<blockquote lang="az"' in html


SECTIONS = {
    "What goes with satisfaction", "Equality", "History of revisions",
    "What was set aside, and why", "Coordination centre by structure",
}  # fmt: skip


def sections(report):
    html = page(report, PlainWording("en"))
    return {name for name in SECTIONS if f"<h2>{name}</h2>" in html}


def test_a_section_without_figures_is_left_out(report):
    assert sections(report) == SECTIONS
    plain = report.to_dict()
    since = ("control", "breaks", "funnel", "structures", "drivers", "topic_effects", "outcomes",
             "equality", "uncounted_days", "alerts", "history", "hidden")  # fmt: skip
    old = type(report).from_dict({name: plain[name] for name in plain if name not in since})
    assert sections(old) == {"What was set aside, and why"}
    assert sections(replace(old, set_aside=())) == set()


def test_suspicions_and_what_is_void_are_told(report):
    html = page(report, PlainWording("en"))
    assert "By chance at most once in 430 million days of a tablet." in html
    assert "of them void" in html
    assert "withheld" in html
