"""From counts to the report: `build_report`, and the fingerprint of what it was built from.

What is withheld is decided first (`analysis.nesting`); then each table is figured, and at the end
the findings are drawn from the finished figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby, pairwise

from analysis import findings
from analysis.by_service import (
    TREND_MONTHS,
    area_figures,
    funnel_figure,
    service_figures,
    structure_figures,
    weighted_share,
)
from analysis.canonical import canonical_json, field_names
from analysis.complaints import complaints_handled
from analysis.control import ControlChart, p_chart
from analysis.drivers import DriverCounts, DriverEffect, driver_effects
from analysis.equality import (
    ANSWERED,
    NO_ANSWER,
    SKIPPED,
    EqualityQuestion,
    equality_gaps,
    hidden_cells,
)
from analysis.estimates import (
    MINIMUM_BASE,
    NOT_COMPARABLE,
    NOTHING,
    Bounds,
    Change,
    bounds,
    response_rate,
)
from analysis.nesting import (
    NO_OUTCOME,
    Hidden,
    cell_key,
    hidden_hours,
    hidden_outcomes,
    hidden_services,
    shown,
)
from analysis.quotations import choose_quotations
from analysis.report import (
    ChannelFigure,
    DayFigure,
    Headline,
    HourFigure,
    MonthFigure,
    OutcomeFigure,
    Passport,
    ReportInputs,
    SatisfactionReport,
    SeriesBreak,
    Silence,
)
from analysis.strata import check_parts, hidden_by_channel, stratum_figures, verified_total
from analysis.tally import (
    AskedCounts,
    ChannelCounts,
    MonthCounts,
    ScoreTally,
    ServiceCounts,
    change,
    total,
)

#: Channels are mixed anew when the part that came by QR moves by as many points from one month to
#: the next, or more.
CHANNEL_MIX_BREAK = 0.10


def build_report(inputs: ReportInputs) -> SatisfactionReport:
    """Turn counts into the report. Equal inputs give equal reports; their order is of no account.

    Raises ValueError when the months have a gap, a key occurs twice, or the parts of the month
    do not sum to the whole.
    """
    _check(inputs)
    this = inputs.months[-1]
    before = frozenset(inputs.hidden_before)
    hidden = _hidden(inputs, before)
    equality = _equality(inputs, before)
    services = service_figures(inputs, hidden)
    breaks = tuple(_breaks(inputs.months))
    report = SatisfactionReport(
        center=inputs.center,
        month=inputs.month,
        survey_question=inputs.survey_question,
        headline=_headline(inputs, hidden),
        trend=_trend(inputs),
        control=_control(inputs.months, breaks),
        breaks=breaks,
        areas=area_figures(inputs, hidden),
        services=services,
        funnel=funnel_figure(services, this.tally),
        structures=structure_figures(inputs, hidden),
        channels=_channels(inputs.channels, this.tally, hidden.now, by_language=False),
        channel_languages=_channels(inputs.channels, this.tally, hidden.now, by_language=True),
        qr_minus_tablet=_qr_minus_tablet(inputs.channels, hidden.now),
        strata=stratum_figures(inputs.channels, inputs.verified, hidden.now),
        hours=tuple(
            HourFigure(
                cell.weekday,
                cell.hour,
                shown(cell.tally, cell_key("hour", cell.weekday, cell.hour) in hidden.now),
            )
            for cell in sorted(inputs.hours, key=lambda c: (c.weekday, c.hour))
        ),
        weak_hours=findings.weak_hours(
            findings.Evidence(
                hours=tuple(
                    (c.weekday, c.hour, c.tally)
                    for c in inputs.hours
                    if cell_key("hour", c.weekday, c.hour) not in hidden.now
                ),
                everything=this.tally,
                comments=inputs.comments,
            )
        ),
        days=tuple(
            DayFigure(d.day, d.tally.base, d.held, d.open)
            for d in sorted(inputs.days, key=lambda d: d.day)
        ),
        silences=_silences(inputs),
        uncounted_days=tuple(_uncounted_days(inputs)),
        comments=this.comments,
        topics=tuple(
            sorted(
                (t for t in inputs.topics if t.comments.total),
                key=lambda t: (-t.comments.total, t.code),
            )
        ),
        quotations=choose_quotations(
            inputs.comments, {s.code for s in services if s.satisfied.known}
        )
        if this.tally.base >= MINIMUM_BASE
        else (),
        drivers=_effects(inputs.drivers),
        topic_effects=_effects(inputs.topic_drivers),
        outcomes=_outcomes(inputs, hidden.now),
        equality=equality,
        complaints=complaints_handled(
            inputs.cases,
            inputs.month,
            inputs.center.time_zone,
            [d.day for d in inputs.days if d.open and d.day <= inputs.counted_until],
        ),
        set_aside=tuple(
            sorted((s for s in inputs.set_aside if s.count), key=lambda s: (-s.count, s.rule))
        ),
        alerts=tuple(sorted(inputs.alerts, key=lambda a: (a.p_value, a.rule, a.day))),
        history=tuple(sorted(inputs.history, key=lambda past: past.revision)),
        hidden=tuple(
            sorted(hidden.now | {cell_key("group", *cell) for cell in hidden_cells(equality)})
        ),
        changed=(),
        todo=(),
        passport=_passport(inputs, hidden.now),
    )
    changed, todo = findings.find(report)
    return replace(report, changed=changed, todo=todo)


def _check(inputs: ReportInputs) -> None:
    months = [counts.month for counts in inputs.months]
    if not months or months[-1] != inputs.month:
        raise ValueError("the months must end with the month of the report")
    if any(earlier.next() != later for earlier, later in pairwise(months)):
        raise ValueError("the months must follow each other without a gap")
    headline = inputs.months[-1].tally
    parts: dict[str, list[tuple[object, ScoreTally]]] = {
        "services": [(s.code, s.tally) for s in inputs.services],
        "channels": [((c.channel, c.language), c.tally) for c in inputs.channels],
        "hours": [((h.weekday, h.hour), h.tally) for h in inputs.hours],
        "days": [(d.day, d.tally) for d in inputs.days],
    }
    check_parts(inputs.channels, inputs.verified)
    for name, rows in parts.items():
        if len({key for key, _ in rows}) != len(rows):
            raise ValueError(f"{name}: a key occurs twice")
        together = total(tally for _, tally in rows)
        if together != headline:
            raise ValueError(
                f"{name} sum to {together.counts}, the month to {headline.counts}: "
                "rebuild the tallies"
            )
    for service in inputs.services:
        if service.year is not None and (not service.year or service.year[-1] != service.tally):
            raise ValueError(f"service {service.code}: its year does not end with this month")


# What is withheld ------------------------------------------------------------------------------


def _hidden(inputs: ReportInputs, before: frozenset[str]) -> Hidden:
    services = inputs.services
    previous = hidden_services(services, lambda s: s.previous)
    # Without a year nothing is said of a service's trend, so that nothing of it need be hidden.
    months = range(-TREND_MONTHS, -2) if any(s.year for s in services) else ()
    earlier = [hidden_services(services, partial(_tally_of, month)) for month in months]
    here = hidden_services(services, lambda s: s.tally, before)
    return Hidden(
        now=here
        | hidden_by_channel(inputs.channels, inputs.verified, before)
        | hidden_hours(inputs.hours, before)
        | hidden_outcomes(inputs.outcomes, inputs.months[-1].tally, before),
        previous=previous,
        trend=here.union(previous, *earlier),
    )


def _tally_of(month: int, service: ServiceCounts) -> ScoreTally:
    """The service's tally so many months from the end of its year."""
    year = service.year or ()
    return year[month] if len(year) >= -month else ScoreTally()


# The month --------------------------------------------------------------------------------------


def _headline(inputs: ReportInputs, hidden: Hidden) -> Headline:
    this = inputs.months[-1]
    earlier = {counts.month: counts.tally for counts in inputs.months}
    share = shown(this.tally)
    rate = _month_rate(inputs)
    return Headline(
        satisfied=share,
        tally=this.tally,
        mean=this.tally.mean if share.known else None,
        distribution=this.tally.distribution if share.known else None,
        served=this.served,
        response_rate=rate,
        bounds=None if rate is None or share.value is None else bounds(share.value, rate),
        weighted=weighted_share(inputs.services, hidden),
        since_previous_month=change(this.tally, earlier.get(inputs.month.previous(), ScoreTally())),
        since_year_before=change(this.tally, earlier.get(inputs.month.year_before(), ScoreTally())),
    )


def _month_rate(inputs: ReportInputs) -> float | None:
    """Ratings over people served, on the days whose visits were counted."""
    this = inputs.months[-1]
    counted = [day for day in inputs.days if day.served is not None]
    if not counted:
        return response_rate(this.tally.base, this.served)
    return response_rate(
        sum(day.tally.base for day in counted), sum(day.served or 0 for day in counted)
    )


def _uncounted_days(inputs: ReportInputs) -> Sequence[date]:
    """Open days up to now whose visits nobody counted, in a month in which they were counted."""
    if all(day.served is None for day in inputs.days):
        return ()
    return sorted(
        day.day
        for day in inputs.days
        if day.open and day.served is None and day.day <= inputs.counted_until
    )


def _trend(inputs: ReportInputs) -> tuple[MonthFigure, ...]:
    """The months; the last has the headline's response rate. Of the others' days nothing is known
    here, so theirs are of the whole month."""
    *earlier, this = (_month_figure(counts) for counts in inputs.months)
    return (*earlier, replace(this, response_rate=_month_rate(inputs)))


def _month_figure(counts: MonthCounts) -> MonthFigure:
    return MonthFigure(
        month=counts.month,
        satisfied=shown(counts.tally),
        served=counts.served,
        response_rate=response_rate(counts.tally.base, counts.served),
        set_aside=counts.held + counts.void,
        comments=counts.comments,
    )


def _control(months: Sequence[MonthCounts], breaks: Sequence[SeriesBreak]) -> ControlChart | None:
    """The control chart of the months since the question was last changed: limits from answers to
    another question would judge nothing. Its points end with the report's month."""
    since = max((b.month for b in breaks if b.kind == "question"), default=months[0].month)
    alike = [counts.tally for counts in months if counts.month >= since]
    return p_chart([tally.top_two for tally in alike], [tally.base for tally in alike])


def _breaks(months: Sequence[MonthCounts]) -> Iterable[SeriesBreak]:
    """Where the series is broken; a month counts as asked what most of its ratings answered."""
    with_ratings = [counts for counts in months if counts.tally.base]
    before: AskedCounts | None = None
    for earlier, later in pairwise(with_ratings):
        if earlier.asked:
            before = max(earlier.asked, key=lambda a: (a.base, a.version))
        if before is not None and later.asked:
            after = max(later.asked, key=lambda a: (a.base, a.version))
            if before.question != after.question:
                yield SeriesBreak(later.month, "question", str(before.version), str(after.version))
            elif before.version != after.version:
                yield SeriesBreak(
                    later.month, "survey_version", str(before.version), str(after.version)
                )
        mix = [counts.qr / counts.tally.base for counts in (earlier, later)]
        if (
            abs(mix[1] - mix[0]) >= CHANNEL_MIX_BREAK
            and min(earlier.tally.base, later.tally.base) >= 10 * MINIMUM_BASE
        ):
            yield SeriesBreak(later.month, "channel_mix", *map(_to_a_tenth, mix))


def _to_a_tenth(part: float) -> str:
    """A channel's part, rounded: a finer one would tell the base of a channel that is withheld.
    Next to nothing is 0.05 and next to all 0.95, so that neither is called nothing or all."""
    return f"{part if part in (0, 1) else min(0.95, max(0.05, round(part, 1))):.2f}"


def _silences(inputs: ReportInputs) -> tuple[Silence, ...]:
    """Runs of open days without a rating, up to the day the counting went."""
    open_days = sorted(
        (d for d in inputs.days if d.open and d.day <= inputs.counted_until), key=lambda d: d.day
    )
    silences = []
    for silent, run in groupby(open_days, key=lambda d: d.tally.base + d.held == 0):
        days = [d.day for d in run]
        if silent:
            silences.append(Silence(days[0], days[-1], len(days)))
    return tuple(silences)


# Channels, outcomes, drivers, groups -------------------------------------------------------------


def _channels(
    rows: Sequence[ChannelCounts],
    headline: ScoreTally,
    hidden: frozenset[str],
    *,
    by_language: bool,
) -> tuple[ChannelFigure, ...]:
    def key(row: ChannelCounts) -> tuple[bool, str, str]:
        return (row.channel != "tablet", row.channel, row.language if by_language else "")

    figures = []
    for (_, channel, language), grouped in groupby(sorted(rows, key=key), key=key):
        group = list(grouped)
        tally, held = total(c.tally for c in group), sum(c.held for c in group)
        if not tally.base and not held:
            continue
        cell = (
            cell_key("language", channel, language) if by_language else cell_key("channel", channel)
        )
        satisfied = shown(tally, cell in hidden)
        figures.append(
            ChannelFigure(
                channel=group[0].channel,
                language=language if by_language else None,
                satisfied=satisfied,
                mean=tally.mean if satisfied.known else None,
                part=None
                if satisfied.withheld or not headline.base
                else tally.base / headline.base,
                held=held,
            )
        )
    return tuple(figures)


def _qr_minus_tablet(rows: Sequence[ChannelCounts], hidden: frozenset[str]) -> Change:
    if hidden & {cell_key("channel", "qr"), cell_key("channel", "tablet")}:
        return NOT_COMPARABLE
    return change(
        total(c.tally for c in rows if c.channel == "qr"),
        total(c.tally for c in rows if c.channel == "tablet"),
    )


def _outcomes(inputs: ReportInputs, hidden: frozenset[str]) -> tuple[OutcomeFigure, ...]:
    """The answers to "did you get what you came for?". A part would tell how many answered, and
    with that how many did not: there are no parts where that cell is withheld."""
    answered = total(row.tally for row in inputs.outcomes).base
    if NO_OUTCOME in hidden:
        answered = 0
    figures = []
    for row in inputs.outcomes:
        satisfied = shown(row.tally, cell_key("outcome", row.code) in hidden)
        part = None if satisfied.withheld or not answered else row.tally.base / answered
        figures.append(OutcomeFigure(row.code, row.names, satisfied, part))
    return tuple(figures)


def _effects(counts: DriverCounts | None) -> tuple[DriverEffect, ...]:
    return () if counts is None else driver_effects(counts)


def _equality(inputs: ReportInputs, before: frozenset[str]) -> tuple[EqualityQuestion, ...]:
    questions = {row.question for row in inputs.groups}
    codes = {row.code for row in inputs.groups} | {ANSWERED, SKIPPED, NO_ANSWER}
    hidden = {
        (question, code)
        for question in questions
        for code in codes
        if cell_key("group", question, code) in before
    }
    return equality_gaps(inputs.groups, inputs.months[-1].tally, frozenset(hidden))


# The passport ------------------------------------------------------------------------------------


def _passport(inputs: ReportInputs, withheld: frozenset[str]) -> Passport:
    this = inputs.months[-1]
    share = shown(this.tally)
    aside = sum(s.count for s in inputs.set_aside)
    tallies = [s.tally for s in inputs.set_aside if s.tally is not None]
    with_aside, span = NOTHING, None
    if len(tallies) == len(inputs.set_aside):
        with_aside = shown(this.tally + total(tallies))
    elif this.tally.base + aside:
        known = this.tally + total(tallies)
        hidden = this.tally.base + aside - known.base
        everything = known.base + hidden
        span = Bounds(known.top_two / everything, (known.top_two + hidden) / everything)
    return Passport(
        numerator=this.tally.top_two,
        denominator=this.tally.base,
        served=this.served,
        response_rate=_month_rate(inputs),
        level=0.95,
        satisfied=share,
        set_aside=aside,
        with_set_aside=with_aside,
        with_set_aside_range=span,
        survey_versions=tuple(sorted(inputs.survey_versions)),
        counted_until=inputs.counted_until,
        data_hash=data_hash(inputs),
        code_version=inputs.code_version,
        reader_version=inputs.reader_version,
        revision=inputs.revision,
        reason=inputs.reason,
        verified=verified_total(inputs.verified, withheld),
    )


_NOT_DATA = {"counted_until", "code_version", "revision", "reason", "history", "hidden_before"}


def data_hash(inputs: ReportInputs) -> str:
    """SHA-256 (hex) of what the figures were computed from, so that equal hashes mean equal data.

    The hashed text has one line for each member of the inputs, and one for each row where the
    member is a list: name, tab, canonical JSON (keys sorted, no spaces). Lines are sorted by code
    point, joined by a line feed and encoded in UTF-8. Left out is what is not data:
    `counted_until`, `code_version`, `revision`, `reason`, `history`, `hidden_before`.
    """
    lines = []
    for name in field_names(ReportInputs):
        if name not in _NOT_DATA:
            value = getattr(inputs, name)
            rows = value if isinstance(value, tuple) else (value,)
            lines += [f"{name}\t{canonical_json(row)}" for row in rows]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
