"""The report as a workbook: a sheet a table, numbers as numbers, text never as a formula."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from math import ceil
from textwrap import wrap

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from analysis.report import SatisfactionReport
from analysis.sentences import ReportText
from analysis.wording import N_, Wording
from analysis.xlsx_cells import Cell, Kind, Line, Table
from analysis.xlsx_figures import figure_tables
from analysis.xlsx_passport import doubt_tables, passport
from analysis.xlsx_reasons import reason_tables

_NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "note": "@",
    "count": "#,##0",
    "share": "0.0%",
    "points": "+0.0;\u22120.0;0.0",
    "mean": "0.00",
    "hours": "#,##0.0",
    "p_value": "0.0E+00",
    "date": "yyyy-mm-dd",
}
_WIDTHS: dict[Kind, int] = {
    "text": 26, "note": 12, "count": 11, "share": 11, "points": 11, "mean": 9, "hours": 11,
    "p_value": 12, "date": 12,
}  # fmt: skip
#: Room beside the longest word of a head, for bold type and the button of the filter.
_HEAD_ROOM = 3
_LEFT: tuple[Kind, ...] = ("text", "note", "date")
_LIST = (48, 70)
#: Letters across a printed page; a wider table goes on to the next, under its first columns.
_PAGE_WIDTH = 180
#: A column holds its width in digits; of wide letters, in the widest of fonts, so much of it.
_LINE_FILLED = 0.9
_LINE_HEIGHT, _MOST_LINES = 15, 27
#: Excel allows a sheet's name so many letters.
_NAME_LENGTH = 31
_A4 = 9


def render_xlsx(report: SatisfactionReport, wording: Wording) -> bytes:
    """The workbook's bytes; the same for the same report and language.

    Shares are fractions in a percent format, differences are percentage points. An unknown or
    withheld figure is an empty cell. Every text is written as text, whatever it begins with. A
    table without rows has no sheet.
    """
    text = ReportText(report, wording)
    tables = (*figure_tables(text), *reason_tables(text), *doubt_tables(text))
    return write_workbook(
        text.title, report.passport.counted_until, passport(text), tables, wording
    )


def write_workbook(
    title: str,
    counted_until: dt.date,
    passport_lines: Iterable[Line],
    tables: Iterable[Table],
    wording: Wording,
) -> bytes:
    """A workbook of a passport and a sheet a table; equal contents give equal bytes.

    A table without rows has no sheet. The file is dated by the day up to which was counted.
    """
    target = io.BytesIO()
    options = ("strings_to_formulas", "strings_to_numbers", "strings_to_urls")
    book = Workbook(target, {"in_memory": True} | dict.fromkeys(options, False))
    created = dt.datetime.combine(counted_until, dt.time())
    book.set_properties({"title": title, "created": created})
    writer = _Writer(book, wording)
    writer.lines(N_("Passport"), passport_lines)
    for table in tables:
        if table.rows:
            writer.table(table)
    book.close()
    return target.getvalue()


class _Writer:
    """Writes tables into new sheets of one workbook."""

    def __init__(self, book: Workbook, wording: Wording) -> None:
        self._book, self._wording = book, wording
        self._cells = self._formats({"valign": "top"})
        # In a list of unlike values numbers stand under each other's beginning, as the text does.
        self._listed = self._formats({"valign": "top", "align": "left", "indent": 1})
        self._heads = self._formats({"bold": True, "valign": "bottom", "bottom": 1})

    def _formats(self, style: dict[str, str | int]) -> dict[Kind, Format]:
        """A format for each kind of cell: text to the left with some room, numbers to the right."""
        left = {"align": "left", "indent": 1, "text_wrap": True}
        right = {"align": "right", "text_wrap": "bold" in style}
        return {
            kind: self._book.add_format(
                {**(left if kind in _LEFT else right), **style, "num_format": pattern}
            )
            for kind, pattern in _NUMBER_FORMATS.items()
        }

    def table(self, table: Table) -> None:
        """One sheet: a frozen head, frozen first columns, a filter."""
        sheet = self._sheet(table.name)
        heads = [self._wording.text(head) for head, _ in table.columns]
        kinds = [kind for _, kind in table.columns]
        widths = [
            max(_WIDTHS[kind], _longest(head)) for head, kind in zip(heads, kinds, strict=True)
        ]
        widths[0] = max(table.first_width, _longest(heads[0]))
        for column, (head, kind, width) in enumerate(zip(heads, kinds, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, self._heads[kind])
        _set_height(sheet, 0, zip(heads, widths, strict=True))
        for row, cells in enumerate(table.rows, 1):
            for column, (cell, kind) in enumerate(zip(cells, kinds, strict=True)):
                _write(sheet, row, column, cell, kind, self._cells)
            _set_height(sheet, row, zip(cells, widths, strict=True))
        sheet.freeze_panes(1, table.fixed)
        sheet.autofilter(0, 0, len(table.rows), len(kinds) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(ceil(sum(widths) / _PAGE_WIDTH), 0)
        sheet.repeat_columns(0, table.fixed - 1)

    def lines(self, name: str, lines: Iterable[Line]) -> None:
        """A sheet of two columns, what and how much, each line with a format of its own."""
        sheet = self._sheet(name)
        for column, (head, width) in enumerate(zip((N_("What"), N_("Value")), _LIST, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, self._wording.text(head), self._heads["text"])
        for row, (label, cell, kind) in enumerate(lines, 1):
            sheet.write_string(row, 0, label, self._cells["text"])
            _write(sheet, row, 1, cell, kind, self._listed)
            _set_height(sheet, row, zip((label, cell), _LIST, strict=True))
        sheet.freeze_panes(1, 0)
        sheet.fit_to_pages(1, 0)

    def _sheet(self, name: str) -> Worksheet:
        sheet = self._book.add_worksheet(self._wording.text(name)[:_NAME_LENGTH])
        sheet.set_paper(_A4)
        sheet.repeat_rows(0)
        return sheet


def _longest(head: str) -> int:
    """The width a head needs so that none of its words is broken."""
    return max(map(len, head.split()), default=0) + _HEAD_ROOM


def _set_height(sheet: Worksheet, row: int, cells: Iterable[tuple[Cell, int]]) -> None:
    """Room for the longest text of a row: not every program finds the height by itself."""
    lines = max(
        (
            sum(len(wrap(part, int(width * _LINE_FILLED))) or 1 for part in cell.split("\n"))
            for cell, width in cells
            if isinstance(cell, str)
        ),
        default=1,
    )
    if lines > 1:
        sheet.set_row(row, min(lines, _MOST_LINES) * _LINE_HEIGHT)


def _write(
    sheet: Worksheet, row: int, column: int, cell: Cell, kind: Kind, formats: dict[Kind, Format]
) -> None:
    style = formats[kind]
    if cell is None or cell == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), style)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell, formats["text"])
    else:
        sheet.write_number(row, column, cell * 100 if kind == "points" else cell, style)
