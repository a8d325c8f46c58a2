"""Tables of the workbook: how satisfied, by month, area, service, channel, hour and day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analysis.control import FUNNEL_LEVELS, funnel_limits
from analysis.report import SeriesBreak, StratumFigure
from analysis.sentences import ReportText
from analysis.wording import N_
from analysis.xlsx_cells import (
    CHANGE,
    INTERVAL,
    POINTS,
    RATINGS,
    SCORES,
    SENTIMENT_COUNTS,
    SERVED,
    SHARE,
    Cell,
    Column,
    Row,
    Table,
    base,
    change,
    comment_counts,
    difference,
    interval,
    scores,
    share,
)

SIGNALS = {
    "above": N_("above the limits"),
    "below": N_("below the limits"),
    "run": N_("long on one side"),
}
BREAKS = {
    "question": N_("Another question"),
    "survey_version": N_("Another version of the survey"),
    "channel_mix": N_("Another mix of channels"),
}
PLACES = {
    "inside": N_("within the limits"),
    "above_95": N_("above the limit of 95%"),
    "above_998": N_("above the limit of 99.8%"),
    "below_95": N_("below the limit of 95%"),
    "below_998": N_("below the limit of 99.8%"),
}

STRATA: tuple[Column, ...] = (
    (N_("Verified or open"), "text"),
    *SHARE,
    (N_("Part of all"), "share"),
    (N_("Verified minus open channel"), "points"),
    *POINTS,
)


def figure_tables(text: ReportText) -> Iterator[Table]:
    """The tables of shares, in the order of the report."""
    yield _months(text)
    yield control_table(text)
    yield breaks_table(text)
    yield _areas(text)
    yield _services(text)
    yield _trends(text)
    yield _funnel(text)
    yield _structures(text)
    yield _channels(text)
    yield _strata(text)
    yield _hours(text)
    yield _days(text)


# The months --------------------------------------------------------------------------------------


def _months(text: ReportText) -> Table:
    return Table(
        N_("Months"),
        ((N_("Month"), "date"), *SHARE, *SERVED, (N_("Set aside"), "count"), *SENTIMENT_COUNTS),
        tuple(
            (
                m.month.first_day,
                *share(text, m.satisfied),
                m.served,
                m.response_rate,
                m.set_aside,
                *comment_counts(m.comments),
            )
            for m in text.report.trend
        ),
        first_width=12,
    )


def control_table(text: ReportText) -> Table:
    """Each month's share against its control limits; no rows where there is no control chart."""
    control, trend = text.report.control, text.report.trend
    rows: Iterable[Row] = ()
    if control is not None:
        months = trend[len(trend) - len(control.points) :]
        rows = (
            (
                m.month.first_day,
                point.share,
                control.center_line,
                point.low,
                point.high,
                text.w.text(SIGNALS[point.signal]) if point.signal else None,
                control.sigma_z,
            )
            for m, point in zip(months, control.points, strict=True)
        )
    return Table(
        N_("Control limits"),
        (
            (N_("Month"), "date"),
            (N_("Share satisfied"), "share"),
            (N_("Center line"), "share"),
            (N_("Low limit"), "share"),
            (N_("High limit"), "share"),
            (N_("Signal"), "text"),
            (N_("Variation (1: chance alone)"), "mean"),
        ),
        tuple(rows),
        first_width=12,
    )


def breaks_table(text: ReportText) -> Table:
    """From which month on the series cannot be compared with the months before, and why."""
    return Table(
        N_("Series breaks"),
        (
            (N_("From month"), "date"),
            (N_("What changed"), "text"),
            (N_("Survey version before"), "count"),
            (N_("Survey version after"), "count"),
            (N_("QR code part before"), "share"),
            (N_("QR code part after"), "share"),
        ),
        tuple(
            (found.month.first_day, text.w.text(BREAKS[found.kind]), *_break_cells(found))
            for found in text.report.breaks
        ),
        first_width=12,
    )


def _break_cells(found: SeriesBreak) -> Row:
    if found.kind == "channel_mix":
        return (None, None, float(found.before), float(found.after))
    return (int(found.before), int(found.after), None, None)


# Areas and services ------------------------------------------------------------------------------


def _areas(text: ReportText) -> Table:
    return Table(
        N_("Areas"),
        ((N_("Area"), "text"), *SHARE, (N_("Mean score"), "mean"), *SERVED, *CHANGE),
        tuple(
            (
                text.area_name(a.kind, a.names),
                *share(text, a.satisfied),
                a.mean,
                a.served,
                a.response_rate,
                *change(text, a.change),
            )
            for a in text.report.areas
        ),
    )


def _services(text: ReportText) -> Table:
    return Table(
        N_("Services"),
        (
            (N_("Service"), "text"),
            (N_("Code"), "note"),
            (N_("Area"), "text"),
            (N_("Owner"), "text"),
            *SHARE,
            (N_("Mean score"), "mean"),
            *SCORES,
            *SERVED,
            *CHANGE,
            (N_("Points against the others"), "points"),
            *POINTS,
        ),
        tuple(
            (
                text.service_name(s),
                s.code,
                text.area_name(s.kind, s.area_names),
                text.w.name(s.agency_names),
                *share(text, s.satisfied),
                s.mean,
                *scores(s.tally),
                s.served,
                s.response_rate,
                *change(text, s.change),
                *difference(text, s.against_rest),
            )
            for s in text.report.services
        ),
    )


def _trends(text: ReportText) -> Table:
    return Table(
        N_("Service trends"),
        (
            (N_("Service"), "text"),
            (N_("Code"), "note"),
            (N_("Since month"), "date"),
            (N_("Share in the first half"), "share"),
            *INTERVAL,
            RATINGS,
            (N_("Share in the second half"), "share"),
            *INTERVAL,
            RATINGS,
            (N_("Difference in points"), "points"),
            *POINTS,
            (N_("Probability by chance"), "p_value"),
        ),
        tuple(_trend_rows(text)),
    )


def _trend_rows(text: ReportText) -> Iterator[Row]:
    for s in text.report.services:
        if (drift := s.drift) is not None:
            yield (
                text.service_name(s),
                s.code,
                drift.since.first_day,
                *interval(drift.earlier),
                base(drift.earlier),
                *interval(drift.later),
                base(drift.later),
                *change(text, drift.difference),
                drift.p_value,
            )


def _funnel(text: ReportText) -> Table:
    return Table(
        N_("Funnel"),
        (
            (N_("Service"), "text"),
            (N_("Code"), "note"),
            RATINGS,
            (N_("Share satisfied"), "share"),
            (N_("Place"), "text"),
            (N_("Center line"), "share"),
            (N_("Low limit, 95%"), "share"),
            (N_("High limit, 95%"), "share"),
            (N_("Low limit, 99.8%"), "share"),
            (N_("High limit, 99.8%"), "share"),
            (N_("Variation (1: chance alone)"), "mean"),
        ),
        tuple(_funnel_rows(text)),
    )


def _funnel_rows(text: ReportText) -> Iterator[Row]:
    funnel = text.report.funnel
    if funnel is None:
        return
    for point in funnel.points:
        limits: list[Cell] = []
        for level in FUNNEL_LEVELS:
            found = funnel_limits(funnel.center_line, point.base, level, funnel.dispersion)
            limits += [found.low, found.high]
        yield (
            text.service(point.code),
            point.code,
            point.base,
            point.share,
            text.w.text(PLACES[point.place]),
            funnel.center_line,
            *limits,
            funnel.dispersion,
        )


def _structures(text: ReportText) -> Table:
    return Table(
        N_("Structures"),
        (
            (N_("Structure"), "text"),
            (N_("Code"), "note"),
            *SHARE,
            (N_("Mean score"), "mean"),
            *SERVED,
            *CHANGE,
            (N_("Services"), "text"),
        ),
        tuple(
            (
                text.w.name(s.names),
                s.code,
                *share(text, s.satisfied),
                s.mean,
                s.served,
                s.response_rate,
                *change(text, s.change),
                ", ".join(s.services),
            )
            for s in text.report.structures
        ),
    )


# When and how ------------------------------------------------------------------------------------


def _channels(text: ReportText) -> Table:
    return Table(
        N_("Channels"),
        (
            (N_("Channel"), "text"),
            (N_("Language"), "text"),
            *SHARE,
            (N_("Mean score"), "mean"),
            (N_("Part of all"), "share"),
            (N_("Set aside"), "count"),
        ),
        tuple(
            (
                text.channel(c.channel),
                text.language(c.language) if c.language else text.w.text(N_("all")),
                *share(text, c.satisfied),
                c.mean,
                c.part,
                c.held,
            )
            for c in (*text.report.channels, *text.report.channel_languages)
        ),
        first_width=26,
    )


def _strata(text: ReportText) -> Table:
    return Table(
        N_("Verified ratings"),
        ((N_("Channel"), "text"), *STRATA),
        tuple(
            cells
            for row in text.report.strata
            for cells in stratum_rows(text, text.stratum_channel(row), row)
        ),
        first_width=26,
    )


def stratum_rows(text: ReportText, label: str, row: StratumFigure) -> Iterator[Row]:
    """The verified ratings of a channel or a center and those of the open channel, as STRATA names
    their cells."""
    told = difference(text, row.difference)
    rest = None if row.part is None else 1 - row.part
    verified, others = text.w.text(N_("Verified")), text.w.text(N_("Open channel"))
    yield (label, verified, *share(text, row.verified), row.part, *told)
    yield (label, others, *share(text, row.open), rest, None, None, None, None)


def _hours(text: ReportText) -> Table:
    return Table(
        N_("Hours"),
        ((N_("Weekday"), "text"), (N_("Hour"), "count"), *SHARE),
        tuple(
            (text.weekday(h.weekday), h.hour, *share(text, h.satisfied)) for h in text.report.hours
        ),
        first_width=20,
    )


def _days(text: ReportText) -> Table:
    return Table(
        N_("Days"),
        ((N_("Day"), "date"), RATINGS, (N_("Set aside"), "count"), (N_("Open"), "note")),
        tuple(
            (d.day, d.base, d.held, text.w.text("yes" if d.open else "no"))
            for d in text.report.days
        ),
        first_width=12,
    )
