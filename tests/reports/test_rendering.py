"""One frozen value, many renderings: they agree to the last digit."""

import csv
import io
import json
import subprocess

import openpyxl
import pytest
from pypdf import PdfReader

from analysis.report import SatisfactionReport
from analysis.sentences import ReportText
from survey_app.i18n import wording
from survey_app.models import LANGUAGES
from survey_app.reports.publishing import publish_month, read_report
from survey_app.reports.rendering import render_chart, render_report
from tests.busy_center import LATER, OCTOBER


@pytest.fixture
def row(app, session, busy_center):
    row = publish_month(session, busy_center, OCTOBER, LATER)
    session.commit()
    return row


@pytest.fixture
def render(app, row):
    """Render the published report as the command line does."""

    def render(language, extension):
        with app.test_request_context():
            return render_report(row, language, extension)

    return render


def test_json_is_the_frozen_value(render, row):
    value = SatisfactionReport.from_dict(json.loads(render("en", "json")))
    assert value == read_report(row)


def test_the_csv_has_the_headline_to_the_last_digit(render, row):
    satisfied = read_report(row).headline.satisfied
    table = list(csv.DictReader(io.StringIO(render("en", "csv").decode("utf-8-sig"))))
    (line,) = [
        each
        for each in table
        if each["table"] == "headline" and each["measure"] == "share_satisfied"
    ]
    assert float(line["value"]) == satisfied.value
    assert (float(line["low"]), float(line["high"])) == (satisfied.low, satisfied.high)
    assert int(line["base"]) == satisfied.base


def test_services_in_the_csv_tell_no_more_than_the_headline(render, row):
    """Few ratings are withheld, hence told bases do not add up; what is withheld is empty."""
    report = read_report(row)
    table = csv.DictReader(io.StringIO(render("en", "csv").decode("utf-8-sig")))
    services = {
        each["key"]: each
        for each in table
        if each["table"] == "services" and each["measure"] == "share_satisfied"
    }
    assert services.keys() == {service.code for service in report.services}
    told = [int(each["base"]) for each in services.values() if each["base"]]
    assert sum(told) <= report.headline.satisfied.base
    withheld = [services[s.code] for s in report.services if s.satisfied.withheld]
    assert withheld
    assert {each[name] for each in withheld for name in ("value", "low", "high", "base")} == {""}


def test_the_workbook_holds_the_same_numbers_as_numbers(render, row):
    report = read_report(row)
    book = openpyxl.load_workbook(io.BytesIO(render("en", "xlsx")))
    cells = {
        cell.value
        for sheet in book.worksheets
        for line in sheet.iter_rows()
        for cell in line
        if isinstance(cell.value, int | float)
    }
    satisfied = report.headline.satisfied
    assert {satisfied.value, satisfied.low, satisfied.high, satisfied.base} <= cells
    assert report.headline.response_rate in cells


def test_no_cell_of_the_workbook_is_a_formula(render, make, busy_center):
    book = openpyxl.load_workbook(io.BytesIO(render("az", "xlsx")))
    kinds = {
        cell.data_type for sheet in book.worksheets for line in sheet.iter_rows() for cell in line
    }
    assert "f" not in kinds


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.any_database
def test_the_pdf_says_the_headline_in_the_language(render, row, language):
    text = ReportText(read_report(row), wording(language))
    pdf = render(language, "pdf")
    pages = PdfReader(io.BytesIO(pdf)).pages
    first = plain(pages[0].extract_text())
    assert plain(text.share(text.report.headline.satisfied)) in first
    assert plain(text.base_line) in first
    assert plain(text.month(OCTOBER)) in first
    assert len(pdf) < 1_000_000


@pytest.mark.any_database
def test_a_pdf_is_drawn_once_for_a_language(app, render, row, settings):
    first = render("en", "pdf")
    (kept,) = (settings.data_dir / "rendered").iterdir()
    kept.write_bytes(first + b" ")
    assert render("en", "pdf") == first + b" "
    assert render("ru", "pdf") != first


@pytest.mark.any_database
def test_the_pdf_is_tagged_titled_and_names_its_language(render, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(render("az", "pdf"))
    told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert "Tagged:          yes" in told
    assert "Center own (az)" in told
    assert str(PdfReader(path).trailer["/Root"]["/Lang"]).startswith("az")


@pytest.mark.any_database
def test_a_chart_nobody_drew_is_not_found(app, row):
    with app.test_request_context(), pytest.raises(KeyError):
        render_chart(read_report(row), "unicorns", "en")


@pytest.mark.any_database
def test_charts_drawn_in_parallel_are_those_drawn_alone(app, row):
    """Drawing changes matplotlib's settings, and the web server draws in several threads."""
    from concurrent.futures import ThreadPoolExecutor

    report = read_report(row)
    jobs = [(name, language) for language in LANGUAGES for name in ("trend", "hours", "days")]
    alone = [render_chart(report, *job) for job in jobs]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda job: render_chart(report, *job), jobs))
    assert together == alone


# ----- local fixtures


def plain(text):
    """Text without its kinds of white space, which differ between a page and a PDF."""
    return " ".join(text.split())
