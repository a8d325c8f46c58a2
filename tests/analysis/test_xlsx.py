"""The workbook holds numbers as numbers and no formula, whatever citizens write."""

import io
from dataclasses import replace

import openpyxl
import pytest

from analysis.report import build_report
from analysis.wording import PlainWording
from analysis.xlsx import render_xlsx
from tests.analysis.made_up_center import made_up_inputs
from tests.analysis.test_report import comment

HOSTILE = '=HYPERLINK("http://evil.example","bax") gözlədim'


@pytest.fixture(scope="module")
def report():
    inputs = made_up_inputs()
    return build_report(replace(inputs, comments=(comment(HOSTILE),)))


def book(report, language="en"):
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(report, PlainWording(language))))


def test_a_sheet_a_table_with_a_frozen_head(report):
    sheets = book(report)
    assert sheets.sheetnames == [
        "Passport", "Months", "Areas", "Services", "Channels", "Hours", "Days", "Topics",
        "Comments",
    ]  # fmt: skip
    for sheet in sheets:
        assert sheet.freeze_panes is not None
        assert sheet.column_dimensions["A"].width > 8


def test_no_cell_is_a_formula(report):
    cells = [cell for sheet in book(report) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert HOSTILE in [cell.value for cell in cells]


def test_shares_are_numbers_in_percent(report):
    sheet = book(report)["Months"]
    head = {cell.value: cell.column for cell in sheet[1]}
    last = sheet[sheet.max_row]
    share = last[head["Share satisfied"] - 1]
    assert share.value == pytest.approx(report.headline.satisfied.value)
    assert share.number_format == "0.0%"
    assert sheet.max_row == 14


def test_services_sum_to_the_headline_and_small_ones_keep_their_share(report):
    sheet = book(report)["Services"]
    head = {cell.value: cell.column - 1 for cell in sheet[1]}
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert sum(row[head["Ratings"]] for row in rows) == report.headline.tally.base
    small = [row for row in rows if row[head["Ratings"]] < 10]
    assert small
    assert all(row[head["Share satisfied"]] is None and row[head["5"]] is None for row in small)


def test_passport_carries_the_fingerprint(report):
    values = [cell.value for cell in book(report)["Passport"]["B"]]
    assert report.passport.data_hash in values
    assert report.passport.denominator in values


def test_same_report_same_bytes(report):
    assert render_xlsx(report, PlainWording("ru")) == render_xlsx(report, PlainWording("ru"))


def test_a_month_without_ratings_is_a_workbook_too():
    assert book(build_report(made_up_inputs(ratings=0)), "az")["Passport"].max_row > 20
