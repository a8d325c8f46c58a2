"""The report as one long table for machines: a row a figure, UTF-8 with a byte order mark.

Columns: table, key, label, measure, value, low, high, base. Keys and measures are stable codes;
labels are in the reader's language. Numbers have a decimal point; shares and differences are
fractions. A withheld figure has neither value nor base. A cell that would begin like a formula is
led by an apostrophe (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from analysis.complaints import CaseCounts
from analysis.control import FUNNEL_LEVELS, funnel_limits
from analysis.drivers import DriverEffect
from analysis.estimates import Bounds, Change, Estimate
from analysis.report import (
    AreaFigure,
    SatisfactionReport,
    ServiceFigure,
    StratumFigure,
    StructureFigure,
)
from analysis.sentences import SENTIMENTS, ReportText
from analysis.wording import Wording

HEAD = ("table", "key", "label", "measure", "value", "low", "high", "base")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Value = str | int | float | None
Row = tuple[str, str, str, str, Value, Value, Value, Value]


def render_csv(report: SatisfactionReport, wording: Wording) -> bytes:
    """The long table's bytes; the same for the same report and language.

    An unknown figure has an empty value, and the base that was too small for it (0: nobody). A
    withheld one has four empty cells, as its base would give it or another away.
    """
    return write_table(_rows(ReportText(report, wording)))


def write_table(rows: Iterable[Row]) -> bytes:
    """The bytes of a long table with these rows under HEAD; every text in them is neutralised."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEAD)
    for row in rows:
        writer.writerow([neutralised(c) if isinstance(c, str) else c for c in row])
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def neutralised(cell: str) -> str:
    """The text as a spreadsheet will show it: never read as a formula."""
    return "'" + cell if cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell


def estimate_row(table: str, key: str, label: str, measure: str, estimate: Estimate) -> Row:
    """A share or a difference with its interval and base; a withheld one has not even a base."""
    base = None if estimate.withheld else estimate.base
    return (table, key, label, measure, estimate.value, estimate.low, estimate.high, base)


def change_rows(table: str, key: str, label: str, measure: str, found: Change) -> Iterator[Row]:
    """The difference as `estimate_row` has it, and what may be said of it (`Change.verdict`)."""
    yield estimate_row(table, key, label, measure, found.difference)
    yield figure_row(table, key, label, f"{measure}_verdict", found.verdict)


def _limits_row(
    table: str, key: str, label: str, measure: str, center_line: float, limits: Bounds
) -> Row:
    """What a share is judged by: the center line as value, the limits as low and high."""
    return (table, key, label, measure, center_line, limits.low, limits.high, None)


def figure_row(table: str, key: str, label: str, measure: str, value: Value) -> Row:
    """A figure or a word that has neither interval nor base."""
    return (table, key, label, measure, value, None, None, None)


def _rows(text: ReportText) -> Iterator[Row]:
    yield from headline_rows(text)
    yield from _months(text)
    yield from control_rows(text)
    yield from breaks_rows(text)
    yield from _areas_and_services(text)
    yield from _funnel(text)
    yield from _channels(text)
    yield from _hours_and_days(text)
    yield from _drivers(text)
    yield from _outcomes(text)
    yield from _comments(text)
    yield from _equality(text)
    yield from _complaints(text)
    yield from _set_aside(text)
    yield from _alerts(text)
    yield from _history(text)
    yield from _passport(text)


def headline_rows(text: ReportText) -> Iterator[Row]:
    """How satisfied in the month, against the months before, its bounds, and ratings by score."""
    headline, center = text.report.headline, text.report.center
    label = text.w.name(center.names)
    for measure, estimate in (
        ("share_satisfied", headline.satisfied),
        ("share_satisfied_weighted", headline.weighted),
        ("share_with_set_aside", text.report.passport.with_set_aside),
    ):
        yield estimate_row("headline", center.slug, label, measure, estimate)
    for measure, found in (
        ("since_previous_month", headline.since_previous_month),
        ("since_year_before", headline.since_year_before),
    ):
        yield from change_rows("headline", center.slug, label, measure, found)
    for measure, value in (
        ("mean_score", headline.mean),
        ("served", headline.served),
        ("response_rate", headline.response_rate),
    ):
        yield figure_row("headline", center.slug, label, measure, value)
    for name, span in (
        ("bounds", headline.bounds),
        ("range_with_set_aside", text.report.passport.with_set_aside_range),
    ):
        if span is not None:
            yield ("headline", center.slug, label, name, None, span.low, span.high, None)
    counts = headline.tally.counts if headline.satisfied.known else (None,) * 5
    for score, count in enumerate(counts, 1):
        yield figure_row("scores", str(score), text.score(score), "ratings", count)


def _months(text: ReportText) -> Iterator[Row]:
    for m in text.report.trend:
        key, label = str(m.month), text.w.month(m.month)
        yield estimate_row("months", key, label, "share_satisfied", m.satisfied)
        yield figure_row("months", key, label, "served", m.served)
        yield figure_row("months", key, label, "response_rate", m.response_rate)
        yield figure_row("months", key, label, "set_aside", m.set_aside)
        for sentiment in SENTIMENTS:
            count = getattr(m.comments, sentiment)
            yield figure_row("months", key, label, f"comments_{sentiment}", count)


def control_rows(text: ReportText) -> Iterator[Row]:
    """The control chart's center line, and limits and signal a month; none without a chart."""
    control, trend = text.report.control, text.report.trend
    if control is None:
        return
    yield figure_row("control", "all", "", "center_line", control.center_line)
    yield figure_row("control", "all", "", "sigma_z", control.sigma_z)
    months = trend[len(trend) - len(control.points) :]
    for m, point in zip(months, control.points, strict=True):
        key, label = str(m.month), text.w.month(m.month)
        if point.low is not None and point.high is not None:
            limits = Bounds(point.low, point.high)
            yield _limits_row("control", key, label, "limits", control.center_line, limits)
            yield figure_row("control", key, label, "signal", point.signal)


def breaks_rows(text: ReportText) -> Iterator[Row]:
    """What the series was before and after each of its breaks."""
    for found in text.report.breaks:
        key, label = f"{found.month}/{found.kind}", text.w.month(found.month)
        for measure, told in (("before", found.before), ("after", found.after)):
            value = float(told) if found.kind == "channel_mix" else int(told)
            yield figure_row("breaks", key, label, measure, value)


def _areas_and_services(text: ReportText) -> Iterator[Row]:
    rows: list[tuple[str, AreaFigure | ServiceFigure | StructureFigure, str]] = [
        *(("areas", a, text.area_name(a.kind, a.names)) for a in text.report.areas),
        *(("structures", s, text.w.name(s.names)) for s in text.report.structures),
        *(("services", s, text.service_name(s)) for s in text.report.services),
    ]
    for table, row, label in rows:
        yield estimate_row(table, row.code, label, "share_satisfied", row.satisfied)
        yield from change_rows(table, row.code, label, "since_previous_month", row.change)
        yield figure_row(table, row.code, label, "mean_score", row.mean)
        yield figure_row(table, row.code, label, "served", row.served)
        yield figure_row(table, row.code, label, "response_rate", row.response_rate)
        if isinstance(row, ServiceFigure):
            yield from _service(row, label)


def _service(service: ServiceFigure, label: str) -> Iterator[Row]:
    """What is told of a service alone: its scores, the others, its trend."""
    code, drift = service.code, service.drift
    yield from change_rows("services", code, label, "against_rest", service.against_rest)
    for score, count in enumerate(service.tally.counts if service.tally else (), 1):
        yield figure_row("services", code, label, f"score_{score}", count)
    if drift is not None:
        yield figure_row("services", code, label, "trend_since", str(drift.since))
        yield estimate_row("services", code, label, "trend_first_half", drift.earlier)
        yield estimate_row("services", code, label, "trend_second_half", drift.later)
        yield from change_rows("services", code, label, "trend", drift.difference)
        yield figure_row("services", code, label, "trend_p_value", drift.p_value)


def _funnel(text: ReportText) -> Iterator[Row]:
    funnel = text.report.funnel
    if funnel is None:
        return
    yield figure_row("funnel", "all", "", "center_line", funnel.center_line)
    yield figure_row("funnel", "all", "", "dispersion", funnel.dispersion)
    for point in funnel.points:
        label, line = text.service(point.code), funnel.center_line
        yield ("funnel", point.code, label, "share", point.share, None, None, point.base)
        yield figure_row("funnel", point.code, label, "place", point.place)
        for level in FUNNEL_LEVELS:
            limits = funnel_limits(line, point.base, level, funnel.dispersion)
            yield _limits_row("funnel", point.code, label, f"limits_{level}", line, limits)


def _channels(text: ReportText) -> Iterator[Row]:
    report = text.report
    for c in (*report.channels, *report.channel_languages):
        key, label = str(c.channel), text.channel(c.channel)
        if c.language is not None:
            key, label = f"{key}/{c.language}", f"{label}, {text.language(c.language)}"
        yield estimate_row("channels", key, label, "share_satisfied", c.satisfied)
        yield figure_row("channels", key, label, "mean_score", c.mean)
        yield figure_row("channels", key, label, "part_of_all", c.part)
        yield figure_row("channels", key, label, "set_aside", c.held)
    label = f"{text.channel('qr')} − {text.channel('tablet')}"
    yield from change_rows("channels", "qr-tablet", label, "difference", report.qr_minus_tablet)
    for row in report.strata:
        yield from stratum_rows(row.channel or "all", text.stratum_channel(row), row)


def stratum_rows(key: str, label: str, row: StratumFigure) -> Iterator[Row]:
    """Verified ratings beside those of the open channel, of one channel or one center."""
    yield estimate_row("strata", key, label, "share_verified", row.verified)
    yield estimate_row("strata", key, label, "share_open", row.open)
    yield figure_row("strata", key, label, "part_verified", row.part)
    yield from change_rows("strata", key, label, "verified_minus_open", row.difference)


def _hours_and_days(text: ReportText) -> Iterator[Row]:
    for h in text.report.hours:
        label = f"{text.weekday(h.weekday)}, {text.hours(h.hour, h.hour + 1)}"
        key = f"{h.weekday}/{h.hour:02d}"
        yield estimate_row("hours", key, label, "share_satisfied", h.satisfied)
    for d in text.report.days:
        key, label = d.day.isoformat(), text.w.date(d.day)
        yield figure_row("days", key, label, "ratings", d.base)
        yield figure_row("days", key, label, "set_aside", d.held)
        yield figure_row("days", key, label, "open", int(d.open))
    for day in text.report.uncounted_days:
        yield figure_row("days", day.isoformat(), text.w.date(day), "visits_counted", 0)


def _drivers(text: ReportText) -> Iterator[Row]:
    yield from _effects("drivers", text.report.drivers, text)
    yield from _effects("topic_effects", text.report.topic_effects, text)


def _effects(table: str, effects: Sequence[DriverEffect], text: ReportText) -> Iterator[Row]:
    for effect in effects:
        label = text.topic(effect.code)
        yield estimate_row(table, effect.code, label, "share_satisfied_named", effect.named)
        yield estimate_row(table, effect.code, label, "share_satisfied_others", effect.others)
        yield from change_rows(table, effect.code, label, "effect", effect.effect)
        yield figure_row(table, effect.code, label, "weight", effect.weight)


def _outcomes(text: ReportText) -> Iterator[Row]:
    for outcome in text.report.outcomes:
        label = text.w.name(outcome.names)
        yield estimate_row("outcomes", outcome.code, label, "share_satisfied", outcome.satisfied)
        yield figure_row("outcomes", outcome.code, label, "part_of_answers", outcome.part)


def _comments(text: ReportText) -> Iterator[Row]:
    for t in text.report.topics:
        for sentiment in SENTIMENTS:
            count = getattr(t.comments, sentiment)
            yield figure_row("topics", t.code, text.topic(t.code), sentiment, count)
    for number, q in enumerate(text.report.quotations, 1):
        yield figure_row("quotations", str(number), q.text, q.sentiment, q.score)


def _equality(text: ReportText) -> Iterator[Row]:
    for question in text.report.equality:
        label = text.w.name(question.names)
        for measure, count in (
            ("answered", question.answered),
            ("declined", question.declined),
            ("skipped", question.skipped),
        ):
            yield figure_row("equality", question.code, label, measure, count)
        for group in question.groups:
            key, name = f"{question.code}/{group.code}", f"{label} – {text.w.name(group.names)}"
            yield estimate_row("equality", key, name, "share_satisfied", group.satisfied)
            yield from change_rows("equality", key, name, "gap", group.gap)
            yield figure_row("equality", key, name, "served", group.served)
            yield figure_row("equality", key, name, "response_rate", group.response_rate)


def _complaints(text: ReportText) -> Iterator[Row]:
    told = text.report.complaints
    if told is None:
        return
    for counts in (told.previous, told.this):
        yield from case_rows("complaints", str(counts.month), text.w.month(counts.month), counts)
    key, label = str(told.this.month), text.w.month(told.this.month)
    yield figure_row("complaints", key, label, "waiting_long", told.waiting_long)


def case_rows(table: str, key: str, label: str, counts: CaseCounts) -> Iterator[Row]:
    """What became of the wishes to be answered in one month; times are hours, their base is the
    number of answers."""
    for measure in (
        "asked",
        "answered",
        "waiting",
        "carried",
        "carried_answered",
        "carried_unanswered",
        "carried_waiting",
        "left_out",
    ):
        yield figure_row(table, key, label, measure, getattr(counts, measure))
    for measure in ("median_hours", "ninetieth_hours"):
        yield (table, key, label, measure, getattr(counts, measure), None, None, counts.answers)


def _set_aside(text: ReportText) -> Iterator[Row]:
    for aside in text.report.set_aside:
        label = text.rule(aside.rule)
        yield figure_row("set_aside", aside.rule, label, "ratings", aside.count)
        yield figure_row("set_aside", aside.rule, label, "void", aside.void)
        for score, count in enumerate(aside.tally.counts if aside.tally else (), 1):
            yield figure_row("set_aside", aside.rule, label, f"score_{score}", count)


def _alerts(text: ReportText) -> Iterator[Row]:
    for number, alert in enumerate(text.report.alerts, 1):
        values: dict[str, Value] = {
            "rule": alert.rule,
            "first_day": alert.day.isoformat(),
            "last_day": alert.last_day.isoformat(),
            "place": text.w.name(alert.place) if alert.place else None,
            "p_value": alert.p_value,
            "ratings": alert.ratings,
            "acknowledged": int(alert.acknowledged),
        }
        for measure, value in values.items():
            yield figure_row("alerts", str(number), text.rule(alert.rule), measure, value)


def _history(text: ReportText) -> Iterator[Row]:
    for past in text.report.history:
        key, label = str(past.revision), text.reason(past.reason)
        yield estimate_row("history", key, label, "share_satisfied", past.satisfied)
        values: dict[str, Value] = {
            "published_on": past.published_on.isoformat(),
            "reason": past.reason,
            "ratings": past.base,
            "served": past.served,
            "set_aside": past.set_aside,
        }
        for measure, value in values.items():
            yield figure_row("history", key, label, measure, value)


def _passport(text: ReportText) -> Iterator[Row]:
    report, passport = text.report, text.report.passport
    values: dict[str, Value] = {
        "numerator": passport.numerator if passport.satisfied.known else None,
        "denominator": passport.denominator,
        "verified": passport.verified,
        "interval_level": passport.level,
        "set_aside": passport.set_aside,
        "survey_versions": " ".join(map(str, passport.survey_versions)),
        "counted_until": passport.counted_until.isoformat(),
        "data_hash": passport.data_hash,
        "code_version": passport.code_version,
        "reader_version": passport.reader_version,
        "revision": passport.revision,
        "reason": passport.reason,
        "verify": text.verify_command,
    }
    for measure, value in values.items():
        label = text.w.name(report.center.names)
        yield figure_row("passport", str(report.month), label, measure, value)
