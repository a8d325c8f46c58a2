"""The workbook holds every figure of the report as a number, and no formula, whoever writes."""

import csv
import io
import shutil
import subprocess
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.building import build_report
from analysis.control import funnel_limits
from analysis.sentences import ReportText
from analysis.wording import PlainWording
from analysis.xlsx import render_xlsx
from analysis.xlsx_figures import figure_tables
from analysis.xlsx_passport import doubt_tables, passport
from analysis.xlsx_reasons import reason_tables
from survey_app.i18n import wording
from survey_app.models import LANGUAGES
from tests.analysis.every_table import everything_report, hostile_report
from tests.analysis.made_up_center import made_up_inputs

SHEETS = [
    "Passport", "Months", "Control limits", "Series breaks", "Areas", "Services", "Service trends",
    "Funnel", "Structures", "Channels", "Verified ratings",
    "Hours", "Days", "Drivers", "Outcome", "Topics",
    "Comments", "Equality", "Complaints handled", "Set aside", "Alerts",
    "Days without visit counts", "Revisions",
]  # fmt: skip


@pytest.fixture(scope="module")
def report():
    return everything_report()


@pytest.fixture(scope="module")
def sheets(report):
    return book(report)


def test_a_sheet_a_table_with_a_frozen_head_and_a_page_setup(sheets):
    assert sheets.sheetnames == SHEETS
    for sheet in sheets:
        assert sheet.freeze_panes is not None
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.print_title_rows == "$1:$1"


def test_a_table_without_rows_has_no_sheet():
    report = build_report(made_up_inputs(ratings=0))
    assert set(book(report).sheetnames) < set(SHEETS)
    assert "Funnel" not in book(report).sheetnames
    assert book(report, "az")["Passport"].max_row > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_sheets_are_whole_and_differ(report, language):
    told = wording(language)
    text = ReportText(report, told)
    names = [told.text("Passport"), *(told.text(table.name) for table in tables(text))]
    assert load(render_xlsx(report, told)).sheetnames == names
    assert len({name.casefold() for name in names}) == len(SHEETS)
    # Excel keeps "History" for itself and takes none of these letters.
    assert not [n for n in names if len(n) > 31 or n == "History" or set(n) & set("[]:*?/\\'")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_column_is_as_wide_as_the_longest_word_of_its_head(report, language):
    for sheet in load(render_xlsx(report, wording(language))):
        widths = {
            column: group.width
            for group in sheet.column_dimensions.values()
            for column in range(group.min, group.max + 1)
        }
        for head in sheet[1]:
            assert widths[head.column] > max(map(len, head.value.split())) + 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_read_back_is_what_was_told(report, language):
    """Cell by cell against the report's tables; points are fractions until they are written."""
    text = ReportText(report, wording(language))
    sheets = load(render_xlsx(report, text.w))
    for sheet, table in zip(sheets.worksheets[1:], tables(text), strict=True):
        kinds = [kind for _, kind in table.columns]
        for written, told in zip(rows(sheet), table.rows, strict=True):
            assert list(map(plain, written)) == [
                as_written(*cell) for cell in zip(told, kinds, strict=True)
            ]
    for written, told in zip(rows(sheets.worksheets[0]), passport(text), strict=True):
        assert (written[0], plain(written[1])) == (told[0], as_written(*told[1:]))


def test_shares_are_numbers_in_percent(report, sheets):
    last = records(sheets["Months"])[-1]
    assert last["Share satisfied"] == pytest.approx(report.headline.satisfied.value, rel=1e-15)
    assert last["Ratings"] == report.headline.satisfied.base
    assert last["Complaint"] == report.comments.negative
    assert sheets["Months"]["B2"].number_format == "0.0%"
    assert sheets["Months"].max_row == 14


def test_control_limits_stand_beside_the_months_they_judge(report, sheets):
    told = records(sheets["Control limits"])
    # The question changed in the fourth month: what lies before it judges nothing.
    assert len(told) == len(report.control.points) == 10
    assert told[-1]["Month"].date() == report.month.first_day
    assert told[-1]["Share satisfied"] == pytest.approx(report.headline.satisfied.value, rel=1e-15)
    assert told[-1]["Signal"] == "below the limits"
    assert {row["Center line"] for row in told} == {report.control.center_line}
    assert [row["Low limit"] for row in told] == [point.low for point in report.control.points]


def test_series_breaks_keep_versions_and_parts_apart(sheets):
    question, version, mix = records(sheets["Series breaks"])
    assert (question["Survey version before"], question["Survey version after"]) == (1, 2)
    assert (version["Survey version before"], version["Survey version after"]) == (2, 3)
    assert mix["QR code part before"] == pytest.approx(0.2, abs=0.001)
    assert mix["QR code part after"] == pytest.approx(0.5, abs=0.001)


def test_complaints_handled_stand_beside_the_month_before(report, sheets):
    before, this = records(sheets["Complaints handled"])
    told = report.complaints.this
    assert this["Month"].date() == told.month.first_day
    assert before["Month"].date() == told.month.previous().first_day
    assert (this["Asked for an answer"], this["Of these answered"]) == (told.asked, told.answered)
    assert this["Half of the answers within, hours"] == told.median_hours
    assert this["Waiting for more than five working days"] == report.complaints.waiting_long
    assert before["Waiting for more than five working days"] is None


def test_services_never_tell_more_than_the_headline_and_withheld_ones_tell_nothing(report, sheets):
    told = records(sheets["Services"])
    assert sum(row["Ratings"] or 0 for row in told) <= report.headline.tally.base
    withheld = [row for row in told if row["Note"] == "withheld"]
    assert len(withheld) == sum(s.satisfied.withheld for s in report.services) > 0
    hidden = ("Share satisfied", "Low", "High", "Ratings", "Mean score", "1", "5", "Answered")
    assert {row[head] for row in withheld for head in hidden} == {None}
    assert any(row["5"] for row in told)


def test_funnel_limits_are_those_of_the_figures_dispersion(report, sheets):
    funnel = report.funnel
    for row, point in zip(records(sheets["Funnel"]), funnel.points, strict=True):
        outer = funnel_limits(funnel.center_line, point.base, 0.998, funnel.dispersion)
        assert (row["Low limit, 99.8%"], row["High limit, 99.8%"]) == (outer.low, outer.high)
        assert row["Low limit, 99.8%"] <= row["Low limit, 95%"] <= row["Center line"]
        inside = row["Low limit, 95%"] <= row["Share satisfied"] <= row["High limit, 95%"]
        assert inside == (row["Place"] == "within the limits")


def test_drivers_and_topics_are_told_apart(report, sheets):
    told = records(sheets["Drivers"])
    assert [row["Taken from"] for row in told] == 3 * ["answers chosen"] + 3 * [
        "topics of comments"
    ]
    first, effect = told[0], report.drivers[0]
    assert first["Share of those who named it"] == pytest.approx(effect.named.value, rel=1e-15)
    assert first["Share of the others"] == pytest.approx(effect.others.value, rel=1e-15)
    assert first["Points against the others"] == pytest.approx(
        100 * effect.effect.difference.value, rel=1e-15
    )
    assert first["Weight"] == pytest.approx(effect.weight, rel=1e-15)
    assert first["Meaning"] == "less satisfied"
    assert told[2]["Points against the others"] is None
    assert told[2]["Meaning"] == "cannot be compared"


def test_equality_says_which_groups_are_withheld(sheets):
    told = {(row["Question"], row["Group"]): row for row in records(sheets["Equality"])}
    small = told["disability", "yes"]
    assert small["Note"] == "withheld"
    assert {small[head] for head in ("Share satisfied", "Ratings", "People served")} == {None}
    shown = told["sex", "female"]
    assert shown["Note"] is None
    assert shown["Answered"] == shown["Ratings"] / shown["People served"]
    assert shown["Points against the others"] is not None
    assert told["sex", "Would rather not say"]["Ratings"] > 10


def test_what_there_is_to_doubt(report, sheets):
    with_scores = {row["Rule version"]: row for row in records(sheets["Set aside"])}
    assert (with_scores["1"]["Ratings"], with_scores["1"]["5"]) == (12, 11)
    unknown = with_scores["2"]
    assert (unknown["of them void"], unknown["5"]) == (4, None)
    fast, coupling = records(sheets["Alerts"])
    assert (fast["Place"], fast["Looked into"], fast["Probability by chance"]) == (
        "Hall", "yes", 3e-9
    )  # fmt: skip
    assert coupling["Place"] == "whole center"
    (day,) = records(sheets["Days without visit counts"])
    assert day["Day"].date() == report.uncounted_days[0]
    (past,) = records(sheets["Revisions"])
    assert (past["Revision"], past["Ratings"], str(past["Published"].date())) == (
        1, 1785, "2026-11-05"
    )  # fmt: skip


def test_passport_carries_fingerprint_verified_count_and_the_command(report, sheets):
    told = dict(rows(sheets["Passport"]))
    assert told["Fingerprint of the data (SHA-256)"] == report.passport.data_hash
    assert told["Counted ratings"] == report.passport.denominator
    assert told["Verified by a ticket"] == 120
    assert "./run report verify --center absheron --month 2026-10" in told.values()
    span = report.passport.with_set_aside_range
    assert told["With what was set aside, at least"] == span.low


def test_same_report_same_bytes(report):
    assert render_xlsx(report, PlainWording("ru")) == render_xlsx(report, PlainWording("ru"))


def test_a_withheld_headline_gives_no_score(report):
    few = build_report(made_up_inputs(ratings=7))
    told = dict(rows(book(few)["Passport"]))
    assert told["Counted ratings"] == 7
    assert told["5 Very satisfied"] is None
    assert told["Satisfied ratings (4 or 5)"] is None


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.builds(
            str.__add__,
            st.sampled_from(("=", "+", "-", "@", "\t=", " =", "＝", "{=", "'=", "http://")),
            # Control characters and "_" come back from openpyxl as Excel's escapes of them.
            st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="_")),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_cell_is_a_formula(texts):
    report = hostile_report(texts)
    cells = [cell for sheet in book(report) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert set(texts) <= {cell.value for cell in cells if cell.data_type == "s"}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_every_cell_as_it_was_written(tmp_path):
    """All sheets in all languages, hostile words included, to CSV by a program not ours."""
    for language in LANGUAGES:
        book = render_xlsx(hostile_report(), wording(language))
        (tmp_path / f"{language}.xlsx").write_bytes(book)
    subprocess.run(
        [
            "soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
            # Comma, quote, UTF-8, from line 1; all text quoted; numbers in full; every sheet.
            "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,,,-1",
            "--outdir", tmp_path, *tmp_path.glob("*.xlsx"),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    for language in LANGUAGES:
        sheets = load((tmp_path / f"{language}.xlsx").read_bytes())
        for sheet in sheets:
            converted = (tmp_path / f"{language}-{sheet.title}.csv").read_text("utf-8")
            lines = list(csv.reader(io.StringIO(converted, newline="")))
            written = [list(line) for line in sheet.iter_rows(values_only=True)]
            assert len(lines) == len(written)
            for line, cells in zip(lines, written, strict=True):
                assert [same(*pair) for pair in zip(line, cells, strict=True)] == cells


# ----- local fixtures


def load(body):
    return openpyxl.load_workbook(io.BytesIO(body))


def book(report, language="en"):
    return load(render_xlsx(report, PlainWording(language)))


def tables(text):
    every = (*figure_tables(text), *reason_tables(text), *doubt_tables(text))
    return [table for table in every if table.rows]


def rows(sheet):
    return list(sheet.iter_rows(min_row=2, values_only=True))


def records(sheet):
    """The rows by the heads of their columns; of columns with the same head the first."""
    head = [cell.value for cell in sheet[1]]
    return [dict(zip(reversed(head), reversed(row), strict=True)) for row in rows(sheet)]


def plain(value):
    """A cell as it was told: days without an hour; the file keeps 16 digits of a number."""
    if isinstance(value, datetime):
        return value.date()
    return pytest.approx(value, rel=1e-15) if isinstance(value, int | float) else value


def as_written(cell, kind):
    if cell == "":
        return None
    return cell * 100 if kind == "points" and cell is not None else cell


def same(converted, cell):
    """The cell if the converted text says the same, else the text."""
    if cell is None:
        return cell if converted == "" else converted
    if isinstance(cell, str):
        return cell if converted == cell else converted
    if isinstance(cell, datetime):
        return cell if date.fromisoformat(converted) == cell.date() else converted
    number = float(converted.rstrip("%")) / (100 if converted.endswith("%") else 1)
    return cell if number == pytest.approx(cell, rel=1e-14) else converted
