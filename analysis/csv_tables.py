"""The report as one long table for machines: a row a figure, UTF-8 with a byte order mark.

Columns: table, key, label, measure, value, low, high, base. Keys and measures are stable codes;
labels are in the reader's language. Numbers have a decimal point; shares and differences are
fractions. A cell that would begin like a formula is led by an apostrophe (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from analysis.estimates import Estimate
from analysis.report import AreaFigure, SatisfactionReport, ServiceFigure
from analysis.sentences import SENTIMENTS, ReportText
from analysis.wording import Wording

HEAD = ("table", "key", "label", "measure", "value", "low", "high", "base")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Value = str | int | float | None
Row = tuple[str, str, str, str, Value, Value, Value, Value]


def render_csv(report: SatisfactionReport, wording: Wording) -> bytes:
    """The long table's bytes. An unknown or withheld figure has an empty value and its base."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEAD)
    for row in _rows(ReportText(report, wording)):
        writer.writerow([neutralised(c) if isinstance(c, str) else c for c in row])
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def neutralised(cell: str) -> str:
    """The text as a spreadsheet will show it: never read as a formula."""
    return "'" + cell if cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell


def _estimate(table: str, key: str, label: str, measure: str, estimate: Estimate) -> Row:
    value, low, high = estimate.value, estimate.low, estimate.high
    return (table, key, label, measure, value, low, high, estimate.base)


def _figure(table: str, key: str, label: str, measure: str, value: Value) -> Row:
    return (table, key, label, measure, value, None, None, None)


def _rows(text: ReportText) -> Iterator[Row]:
    yield from _headline(text)
    yield from _months(text)
    yield from _areas_and_services(text)
    yield from _channels(text)
    yield from _hours_and_days(text)
    yield from _comments(text)
    yield from _passport(text)


def _headline(text: ReportText) -> Iterator[Row]:
    headline, center = text.report.headline, text.report.center
    for measure, estimate in (
        ("share_satisfied", headline.satisfied),
        ("share_satisfied_weighted", headline.weighted),
        ("share_with_set_aside", text.report.passport.with_set_aside),
        ("since_previous_month", headline.since_previous_month.difference),
        ("since_year_before", headline.since_year_before.difference),
    ):
        yield _estimate("headline", center.slug, text.w.name(center.names), measure, estimate)
    for measure, value in (
        ("mean_score", headline.mean),
        ("served", headline.served),
        ("response_rate", headline.response_rate),
    ):
        yield _figure("headline", center.slug, text.w.name(center.names), measure, value)
    counts = headline.tally.counts if headline.satisfied.known else (None,) * 5
    for score, count in enumerate(counts, 1):
        yield _figure("scores", str(score), text.score(score), "ratings", count)


def _months(text: ReportText) -> Iterator[Row]:
    for m in text.report.trend:
        key, label = str(m.month), text.w.month(m.month)
        yield _estimate("months", key, label, "share_satisfied", m.satisfied)
        yield _figure("months", key, label, "served", m.served)
        yield _figure("months", key, label, "response_rate", m.response_rate)
        yield _figure("months", key, label, "set_aside", m.set_aside)


def _areas_and_services(text: ReportText) -> Iterator[Row]:
    rows: list[tuple[str, AreaFigure | ServiceFigure, str]] = [
        *(("areas", a, text.area_name(a.kind, a.names)) for a in text.report.areas),
        *(("services", s, text.service_name(s)) for s in text.report.services),
    ]
    for table, row, label in rows:
        yield _estimate(table, row.code, label, "share_satisfied", row.satisfied)
        yield _estimate(table, row.code, label, "since_previous_month", row.change.difference)
        yield _figure(table, row.code, label, "mean_score", row.mean)
        yield _figure(table, row.code, label, "served", row.served)
        yield _figure(table, row.code, label, "response_rate", row.response_rate)


def _channels(text: ReportText) -> Iterator[Row]:
    report = text.report
    for c in (*report.channels, *report.channel_languages):
        key, label = str(c.channel), text.channel(c.channel)
        if c.language is not None:
            key, label = f"{key}/{c.language}", f"{label}, {text.language(c.language)}"
        yield _estimate("channels", key, label, "share_satisfied", c.satisfied)
        yield _figure("channels", key, label, "part_of_all", c.part)
        yield _figure("channels", key, label, "set_aside", c.held)
    gap = report.qr_minus_tablet.difference
    label = f"{text.channel('qr')} − {text.channel('tablet')}"
    yield _estimate("channels", "qr-tablet", label, "difference", gap)


def _hours_and_days(text: ReportText) -> Iterator[Row]:
    for h in text.report.hours:
        label = f"{text.weekday(h.weekday)}, {text.hours(h.hour, h.hour + 1)}"
        key = f"{h.weekday}/{h.hour:02d}"
        yield _estimate("hours", key, label, "share_satisfied", h.satisfied)
    for d in text.report.days:
        key, label = d.day.isoformat(), text.w.date(d.day)
        yield _figure("days", key, label, "ratings", d.base)
        yield _figure("days", key, label, "set_aside", d.held)
        yield _figure("days", key, label, "open", int(d.open))


def _comments(text: ReportText) -> Iterator[Row]:
    for t in text.report.topics:
        for sentiment in SENTIMENTS:
            count = getattr(t.comments, sentiment)
            yield _figure("topics", t.code, text.topic(t.code), sentiment, count)
    for number, q in enumerate(text.report.quotations, 1):
        yield _figure("quotations", str(number), q.text, q.sentiment, q.score)


def _passport(text: ReportText) -> Iterator[Row]:
    report, passport = text.report, text.report.passport
    for rule in report.set_aside:
        yield _figure("set_aside", rule.rule, text.rule(rule.rule), "ratings", rule.count)
    values: dict[str, Value] = {
        "numerator": passport.numerator if passport.satisfied.known else None,
        "denominator": passport.denominator,
        "interval_level": passport.level,
        "set_aside": passport.set_aside,
        "survey_versions": " ".join(map(str, passport.survey_versions)),
        "counted_until": passport.counted_until.isoformat(),
        "data_hash": passport.data_hash,
        "code_version": passport.code_version,
        "reader_version": passport.reader_version,
        "revision": passport.revision,
        "reason": passport.reason,
    }
    for measure, value in values.items():
        label = text.w.name(report.center.names)
        yield _figure("passport", str(report.month), label, measure, value)
