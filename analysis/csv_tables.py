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
from analysis.report import SatisfactionReport
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
    report, w = text.report, text.w
    headline, passport = report.headline, report.passport
    center, name = report.center.slug, w.name(report.center.names)
    yield _estimate("headline", center, name, "share_satisfied", headline.satisfied)
    yield _estimate("headline", center, name, "share_satisfied_weighted", headline.weighted)
    yield _estimate("headline", center, name, "share_with_set_aside", passport.with_set_aside)
    yield _estimate(
        "headline", center, name, "since_previous_month", headline.since_previous_month.difference
    )
    yield _estimate(
        "headline", center, name, "since_year_before", headline.since_year_before.difference
    )
    yield _figure("headline", center, name, "mean_score", headline.mean)
    yield _figure("headline", center, name, "served", headline.served)
    yield _figure("headline", center, name, "response_rate", headline.response_rate)
    for score, count in enumerate(headline.tally.counts, 1):
        yield _figure("scores", str(score), text.score(score), "ratings", count)
    for m in report.trend:
        key, label = str(m.month), w.month(m.month)
        yield _estimate("months", key, label, "share_satisfied", m.satisfied)
        yield _figure("months", key, label, "served", m.served)
        yield _figure("months", key, label, "response_rate", m.response_rate)
        yield _figure("months", key, label, "set_aside", m.set_aside)
    for a in report.areas:
        label = text.area_name(a.kind, a.names)
        yield _estimate("areas", a.code, label, "share_satisfied", a.satisfied)
        yield _estimate("areas", a.code, label, "since_previous_month", a.change.difference)
        yield _figure("areas", a.code, label, "mean_score", a.mean)
        yield _figure("areas", a.code, label, "served", a.served)
        yield _figure("areas", a.code, label, "response_rate", a.response_rate)
    for s in report.services:
        label = text.service_name(s)
        yield _estimate("services", s.code, label, "share_satisfied", s.satisfied)
        yield _estimate("services", s.code, label, "since_previous_month", s.change.difference)
        yield _figure("services", s.code, label, "mean_score", s.mean)
        yield _figure("services", s.code, label, "served", s.served)
        yield _figure("services", s.code, label, "response_rate", s.response_rate)
    for c in (*report.channels, *report.channel_languages):
        key = c.channel if c.language is None else f"{c.channel}/{c.language}"
        label = text.channel(c.channel)
        label = label if c.language is None else f"{label}, {text.language(c.language)}"
        yield _estimate("channels", key, label, "share_satisfied", c.satisfied)
        yield _figure("channels", key, label, "part_of_all", c.part)
        yield _figure("channels", key, label, "set_aside", c.held)
    gap = report.qr_minus_tablet.difference
    yield _estimate("channels", "qr-tablet", "QR − tablet", "difference", gap)
    for h in report.hours:
        label = f"{text.weekday(h.weekday)}, {text.hours(h.hour, h.hour + 1)}"
        key = f"{h.weekday}/{h.hour:02d}"
        yield _estimate("hours", key, label, "share_satisfied", h.satisfied)
    for d in report.days:
        key, label = d.day.isoformat(), w.date(d.day)
        yield _figure("days", key, label, "ratings", d.base)
        yield _figure("days", key, label, "set_aside", d.held)
        yield _figure("days", key, label, "open", int(d.open))
    for t in report.topics:
        for sentiment in SENTIMENTS:
            count = getattr(t.comments, sentiment)
            yield _figure("topics", t.code, text.topic(t.code), sentiment, count)
    for number, q in enumerate(report.quotations, 1):
        yield _figure("quotations", str(number), q.text, q.sentiment, q.score)
    for rule in report.set_aside:
        yield _figure("set_aside", rule.rule, text.rule(rule.rule), "ratings", rule.count)
    for measure, value in (
        ("numerator", passport.numerator),
        ("denominator", passport.denominator),
        ("interval_level", passport.level),
        ("set_aside", passport.set_aside),
        ("survey_versions", " ".join(map(str, passport.survey_versions))),
        ("counted_until", passport.counted_until.isoformat()),
        ("data_hash", passport.data_hash),
        ("code_version", passport.code_version),
        ("reader_version", passport.reader_version),
        ("revision", passport.revision),
        ("reason", passport.reason),
    ):
        yield _figure("passport", str(report.month), name, measure, value)
