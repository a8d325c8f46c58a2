"""The report as a workbook: a sheet a table, numbers as numbers, text never as a formula."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Literal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from analysis.estimates import Estimate
from analysis.report import SatisfactionReport
from analysis.sentences import SENTIMENTS, ReportText
from analysis.wording import N_, Wording

Kind = Literal["text", "count", "share", "points", "mean", "date"]
Cell = str | int | float | dt.date | None
Column = tuple[str, Kind]

_NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "count": "#,##0",
    "share": "0.0%",
    "points": "+0.0;\u22120.0;0.0",
    "mean": "0.00",
    "date": "yyyy-mm-dd",
}
_WIDTHS: dict[Kind, int] = {
    "text": 18, "count": 12, "share": 11, "points": 11, "mean": 9, "date": 12,
}  # fmt: skip
_SHARE: tuple[Column, ...] = (
    (N_("Share satisfied"), "share"),
    (N_("Low"), "share"),
    (N_("High"), "share"),
    (N_("Ratings"), "count"),
)
_CHANGE: tuple[Column, ...] = (
    (N_("Points against the month before"), "points"),
    (N_("Low"), "points"),
    (N_("High"), "points"),
    (N_("Meaning"), "text"),
)
_SCORES: tuple[Column, ...] = tuple((str(score), "count") for score in range(1, 6))


def render_xlsx(report: SatisfactionReport, wording: Wording) -> bytes:
    """The workbook's bytes; the same for the same report and language.

    Shares are fractions in a percent format, differences are percentage points. An unknown or
    withheld figure is an empty cell. Every text is written as text, whatever it begins with.
    """
    target = io.BytesIO()
    book = Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    text = ReportText(report, wording)
    counted_until = dt.datetime.combine(report.passport.counted_until, dt.time())
    book.set_properties({"title": text.title, "created": counted_until})
    writer = _Writer(book, wording)
    _passport(writer, text)
    _tables(writer, text)
    book.close()
    return target.getvalue()


class _Writer:
    """Writes tables into new sheets of one workbook."""

    def __init__(self, book: Workbook, wording: Wording) -> None:
        self._book, self._wording = book, wording
        self._head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1}
        )
        self._formats: dict[Kind, Format] = {
            kind: book.add_format({"num_format": pattern, "valign": "top"})
            for kind, pattern in _NUMBER_FORMATS.items()
        }
        self._formats["text"].set_text_wrap()

    def table(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Cell]],
        *,
        first_width: int = 44,
        fixed: int = 1,
    ) -> None:
        """One sheet: a frozen head, `fixed` frozen columns, a filter."""
        sheet = self._book.add_worksheet(self._wording.text(name)[:31])
        written = 0
        for number, (head, kind) in enumerate(columns):
            sheet.write_string(0, number, self._wording.text(head), self._head)
            width = first_width if number == 0 else _WIDTHS[kind]
            sheet.set_column(number, number, width)
        for written, row in enumerate(rows, 1):
            for number, (cell, (_, kind)) in enumerate(zip(row, columns, strict=True)):
                self._write(sheet, written, number, cell, kind)
        sheet.freeze_panes(1, fixed)
        sheet.autofilter(0, 0, max(written, 1), len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def lines(self, name: str, lines: Iterable[tuple[str, Cell, Kind]]) -> None:
        """A sheet of two columns, what and how much, each line with a format of its own."""
        sheet = self._book.add_worksheet(self._wording.text(name)[:31])
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 1, 70)
        sheet.write_string(0, 0, self._wording.text(N_("What")), self._head)
        sheet.write_string(0, 1, self._wording.text(N_("Value")), self._head)
        for row, (label, cell, kind) in enumerate(lines, 1):
            sheet.write_string(row, 0, self._wording.text(label), self._formats["text"])
            self._write(sheet, row, 1, cell, kind)
        sheet.freeze_panes(1, 0)

    def _write(self, sheet: Worksheet, row: int, column: int, cell: Cell, kind: Kind) -> None:
        style = self._formats[kind]
        if cell is None:
            sheet.write_blank(row, column, None, style)
        elif isinstance(cell, dt.date):
            sheet.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), style)
        elif isinstance(cell, str):
            sheet.write_string(row, column, cell, self._formats["text"])
        else:
            sheet.write_number(row, column, cell * 100 if kind == "points" else cell, style)


def _share(estimate: Estimate) -> tuple[Cell, ...]:
    return (estimate.value, estimate.low, estimate.high, estimate.base)


def _tables(writer: _Writer, text: ReportText) -> None:
    report, w = text.report, text.w
    served: tuple[Column, ...] = ((N_("People served"), "count"), (N_("Answered"), "share"))
    writer.table(
        N_("Months"),
        ((N_("Month"), "date"), *_SHARE, *served, (N_("Set aside"), "count")),
        (
            (m.month.first_day, *_share(m.satisfied), m.served, m.response_rate, m.set_aside)
            for m in report.trend
        ),
        first_width=12,
    )
    writer.table(
        N_("Areas"),
        ((N_("Area"), "text"), *_SHARE, (N_("Mean score"), "mean"), *served, *_CHANGE),
        (
            (
                text.area_name(a.kind, a.names),
                *_share(a.satisfied),
                a.mean,
                a.served,
                a.response_rate,
                *_share(a.change.difference)[:3],
                text.verdict(a.change),
            )
            for a in report.areas
        ),
    )
    writer.table(
        N_("Services"),
        (
            (N_("Service"), "text"),
            (N_("Code"), "text"),
            (N_("Area"), "text"),
            (N_("Owner"), "text"),
            *_SHARE,
            (N_("Mean score"), "mean"),
            *_SCORES,
            *served,
            *_CHANGE,
        ),
        (
            (
                text.service_name(s),
                s.code,
                text.area_name(s.kind, s.area_names),
                w.name(s.agency_names),
                *_share(s.satisfied),
                s.mean,
                *(s.tally.counts if s.tally else (None,) * 5),
                s.served,
                s.response_rate,
                *_share(s.change.difference)[:3],
                text.verdict(s.change),
            )
            for s in report.services
        ),
    )
    writer.table(
        N_("Channels"),
        (
            (N_("Channel"), "text"),
            (N_("Language"), "text"),
            *_SHARE,
            (N_("Part of all"), "share"),
            (N_("Set aside"), "count"),
        ),
        (
            (
                text.channel(c.channel),
                text.language(c.language) if c.language else w.text(N_("all")),
                *_share(c.satisfied),
                c.part,
                c.held,
            )
            for c in (*report.channels, *report.channel_languages)
        ),
        first_width=26,
    )
    writer.table(
        N_("Hours"),
        ((N_("Weekday"), "text"), (N_("Hour"), "count"), *_SHARE),
        ((text.weekday(h.weekday), h.hour, *_share(h.satisfied)) for h in report.hours),
        first_width=20,
    )
    writer.table(
        N_("Days"),
        (
            (N_("Day"), "date"),
            (N_("Ratings"), "count"),
            (N_("Set aside"), "count"),
            (N_("Open"), "text"),
        ),
        ((d.day, d.base, d.held, w.text("yes" if d.open else "no")) for d in report.days),
        first_width=12,
    )
    writer.table(
        N_("Topics"),
        ((N_("Topic"), "text"), *((SENTIMENTS[name], "count") for name in SENTIMENTS)),
        (
            (text.topic(t.code), *(getattr(t.comments, name) for name in SENTIMENTS))
            for t in report.topics
        ),
        first_width=30,
    )
    writer.table(
        N_("Comments"),
        (
            (N_("Comment"), "text"),
            (N_("Language"), "text"),
            (N_("Sentiment"), "text"),
            (N_("Score"), "count"),
            (N_("Topic"), "text"),
            (N_("Service"), "text"),
            (N_("Day"), "date"),
        ),
        (
            (
                c.text,
                text.language(c.language or ""),
                text.sentiment(c.sentiment),
                c.score,
                ", ".join(text.topic(t) for t in c.topics),
                text.service(c.service_code),
                c.rated_on,
            )
            for c in report.quotations
        ),
        first_width=70,
    )


def _passport(writer: _Writer, text: ReportText) -> None:
    """The first sheet: the headline and what must stand beside it, a line each."""
    report, w = text.report, text.w
    passport, headline = report.passport, report.headline
    bounds = headline.bounds
    top_two = passport.numerator if headline.satisfied.known else None
    shares: list[tuple[str, Estimate]] = [
        (N_("Share satisfied"), passport.satisfied),
        (N_("Weighted by people served per area"), headline.weighted),
        (N_("With what was set aside"), passport.with_set_aside),
    ]
    lines: list[tuple[str, Cell, Kind]] = [
        (N_("Center"), w.name(report.center.names), "text"),
        (N_("Month"), w.month(report.month), "text"),
        (N_("Question"), w.name(report.survey_question), "text"),
    ]
    for label, estimate in shares:
        lines.append((label, estimate.value, "share"))
        lines.append((N_("Interval, low"), estimate.low, "share"))
        lines.append((N_("Interval, high"), estimate.high, "share"))
    lines += [
        (N_("Satisfied ratings (4 or 5)"), top_two, "count"),
        (N_("Counted ratings"), passport.denominator, "count"),
        *(
            (f"{score} {text.score(score)}", count if headline.satisfied.known else None, "count")
            for score, count in enumerate(headline.tally.counts, 1)
        ),
        (N_("Mean score"), headline.mean, "mean"),
        (N_("People served"), passport.served, "count"),
        (N_("Answered"), passport.response_rate, "share"),
        (N_("All people served, at least"), bounds.low if bounds else None, "share"),
        (N_("All people served, at most"), bounds.high if bounds else None, "share"),
        (N_("Against the month before"), headline.since_previous_month.difference.value, "points"),
        (N_("Meaning"), text.verdict(headline.since_previous_month), "text"),
        (N_("Against a year ago"), headline.since_year_before.difference.value, "points"),
        (N_("Meaning"), text.verdict(headline.since_year_before), "text"),
        *((text.rule(s.rule), s.count, "count") for s in report.set_aside),
        (N_("Set aside"), passport.set_aside, "count"),
        (N_("Survey versions"), ", ".join(map(str, passport.survey_versions)), "text"),
        (N_("Counted until"), passport.counted_until, "date"),
        (N_("Revision"), passport.revision, "count"),
        (N_("Reason"), text.reason(passport.reason), "text"),
        (N_("Program"), passport.code_version, "text"),
        (N_("Comment reader"), passport.reader_version, "text"),
        (N_("Fingerprint of the data (SHA-256)"), passport.data_hash, "text"),
    ]
    writer.lines(N_("Passport"), lines)
