"""The network's month: its centers compared, made of nothing but their published reports.

Whoever holds the centers' reports can recompute it. Where a center withholds a cell, the network
withholds the sum: with the other centers' figures it would give the cell away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from analysis import network_findings
from analysis.canonical import canonical_json, from_plain, to_plain
from analysis.complaints import CaseCounts
from analysis.control import (
    ControlChart,
    FunnelPlace,
    overdispersion,
    p_chart,
    place_in_funnel,
)
from analysis.estimates import (
    MINIMUM_BASE,
    NOT_COMPARABLE,
    NOTHING,
    WITHHELD,
    Bounds,
    Change,
    Estimate,
    bounds,
    newcombe_difference,
    poststratify,
    response_rate,
    verdict_on,
    wilson,
)
from analysis.findings import Finding
from analysis.months import Month
from analysis.report import SatisfactionReport, SeriesBreak, StratumFigure
from analysis.tally import Names, ScoreTally, changes_among_many, satisfied_or_not, total

FORMAT = 1


@dataclass(frozen=True, slots=True)
class CenterLine:
    """One center among the others. `against_rest` compares it with all others together, after
    Benjamini–Hochberg over the centers; `place` says where it lies in the funnel."""

    slug: str
    names: Names
    revision: int
    data_hash: str
    satisfied: Estimate
    mean: float | None
    served: int | None
    response_rate: float | None
    set_aside: int
    with_set_aside: Estimate
    open_alerts: int
    since_previous_month: Change
    since_year_before: Change
    against_rest: Change
    place: FunnelPlace
    tablet: Estimate
    qr: Estimate
    silent_days: int


@dataclass(frozen=True, slots=True)
class NetworkMonth:
    """A month of the whole network; unknown when a center's share is."""

    month: Month
    satisfied: Estimate
    served: int | None
    response_rate: float | None


@dataclass(frozen=True, slots=True)
class AcrossCenters:
    """An area or a service: its share in the network, and in each center in their order.

    The network's is withheld where a center withholds its own.
    """

    code: str
    names: Names
    satisfied: Estimate
    centers: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class NetworkGroup:
    """A group that an equality question asks about, over all centers that show it."""

    question: str
    question_names: Names
    code: str
    names: Names
    satisfied: Estimate
    gap: Change


@dataclass(frozen=True)
class NetworkReport:
    """The network's month, complete. `to_dict` and `from_dict` are exact inverses.

    `left_out` names centers with too few ratings for a share: no figure here contains them, or the
    others' would give theirs away. `funnel_line` and `dispersion` draw the funnel of the centers.
    In the share weighted to people served each center counts as much as it serves. `strata`
    (verified ratings beside the open channel) and `complaints` (what became of those who asked for
    an answer; None where that was not counted) have a row a center in their order; both are empty
    in reports from before there were such rows.
    """

    month: Month
    revision: int
    counted_until: date
    code_version: str
    data_hash: str
    survey_question: Names
    satisfied: Estimate
    tally: ScoreTally
    mean: float | None
    distribution: tuple[float, ...] | None
    served: int | None
    response_rate: float | None
    bounds: Bounds | None
    weighted: Estimate
    set_aside: int
    with_set_aside: Estimate
    since_previous_month: Change
    since_year_before: Change
    funnel_line: float | None
    dispersion: float
    centers: tuple[CenterLine, ...]
    left_out: tuple[Names, ...]
    trend: tuple[NetworkMonth, ...]
    control: ControlChart | None
    breaks: tuple[SeriesBreak, ...]
    areas: tuple[AcrossCenters, ...]
    services: tuple[AcrossCenters, ...]
    groups: tuple[NetworkGroup, ...]
    changed: tuple[Finding, ...]
    todo: tuple[Finding, ...]
    strata: tuple[StratumFigure, ...] = ()
    complaints: tuple[CaseCounts | None, ...] = ()

    @property
    def verified(self) -> int | None:
        """How many ratings are bound to a visit in all centers; None where one does not tell."""
        known = self.strata and not any(row.verified.withheld for row in self.strata)
        return sum(row.verified.base for row in self.strata) if known else None

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values only, to be frozen in a row."""
        return {"format": FORMAT, **to_plain(self)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> NetworkReport:
        """The report from `to_dict`; ValueError for another format or other members."""
        if plain.get("format") != FORMAT:
            raise ValueError(f"a network report of format {plain.get('format')!r} cannot be read")
        return from_plain(cls, {name: plain[name] for name in plain if name != "format"})


def build_network_report(reports: Sequence[SatisfactionReport], revision: int = 1) -> NetworkReport:
    """Put the centers' reports of one month beside each other.

    Raises ValueError without reports, for reports of different months, or two of one center.
    """
    _check(reports)
    ordered, left_out = _told(sorted(reports, key=lambda report: report.center.slug))
    whole = total(report.headline.tally for report in ordered)
    shown = _shown(whole)
    served = _added(report.headline.served for report in ordered)
    rate = _rate((r.headline.response_rate, r.headline.served) for r in ordered)
    trend, breaks = _trend(ordered), _breaks(ordered)
    line, dispersion = _funnel(ordered, whole)
    centers = _centers(ordered, whole, line, dispersion)
    months = {figure.month: figure.satisfied for figure in trend}
    this = ordered[0].month
    network = NetworkReport(
        month=this,
        revision=revision,
        counted_until=min(report.passport.counted_until for report in ordered),
        code_version=ordered[0].passport.code_version,
        data_hash=_data_hash(ordered),
        survey_question=ordered[0].survey_question,
        satisfied=shown,
        tally=whole,
        mean=whole.mean if shown.known else None,
        distribution=whole.distribution if shown.known else None,
        served=served,
        response_rate=rate,
        bounds=None if rate is None or shown.value is None else bounds(shown.value, rate),
        weighted=_weighted(ordered),
        set_aside=sum(report.passport.set_aside for report in ordered),
        with_set_aside=_with_set_aside(ordered, whole),
        since_previous_month=_since(shown, months.get(this.previous(), NOTHING)),
        since_year_before=_since(shown, months.get(this.year_before(), NOTHING)),
        funnel_line=line,
        dispersion=dispersion,
        centers=centers,
        left_out=tuple(report.center.names for report in left_out),
        trend=trend,
        control=_control(trend, breaks),
        breaks=breaks,
        areas=_across(ordered, "areas"),
        services=_across(ordered, "services"),
        groups=_groups(ordered),
        changed=(),
        todo=(),
        strata=tuple(map(_stratum, ordered)),
        complaints=tuple(r.complaints.this if r.complaints else None for r in ordered),
    )
    changed, todo = network_findings.find(network)
    return replace(network, changed=changed, todo=todo)


def _check(reports: Sequence[SatisfactionReport]) -> None:
    if not reports:
        raise ValueError("a network report is made of at least one center's")
    if len({report.month for report in reports}) > 1:
        raise ValueError("the reports are of different months")
    if len({report.center.slug for report in reports}) != len(reports):
        raise ValueError("a center stands twice among the reports")


def _told(
    reports: list[SatisfactionReport],
) -> tuple[list[SatisfactionReport], list[SatisfactionReport]]:
    """The centers whose figures can be told, and those with too few ratings. Where all have too
    few, all are told: nothing but their sum is known then."""
    few = [r for r in reports if 0 < r.headline.tally.base < MINIMUM_BASE]
    if len(few) == len(reports):
        return reports, []
    return [report for report in reports if report not in few], few


def _shown(tally: ScoreTally) -> Estimate:
    return tally.satisfied if tally.base >= MINIMUM_BASE else WITHHELD


def _added(numbers: Iterable[int | None]) -> int | None:
    """The sum; None as soon as one is not known."""
    together = 0
    for number in numbers:
        if number is None:
            return None
        together += number
    return together


def _rate(centers: Iterable[tuple[float | None, int | None]]) -> float | None:
    """The centers' response rates together, each by the people it served: ratings of days whose
    visits nobody counted are in none of them. None as soon as one is not known."""
    answered = people = 0
    for rate, served in centers:
        if rate is None or served is None:
            return None
        answered, people = answered + round(rate * served), people + served
    return response_rate(answered, people)


def _satisfied(estimate: Estimate) -> int:
    """How many were satisfied, from a share and its base: exact, because both came from counts."""
    return round((estimate.value or 0.0) * estimate.base)


def _sum(estimates: Iterable[Estimate]) -> Estimate:
    """The share over several centers; withheld as soon as one of them is not told."""
    satisfied = base = 0
    for estimate in estimates:
        if estimate.withheld or (estimate.base and not estimate.known):
            return WITHHELD
        satisfied, base = satisfied + _satisfied(estimate), base + estimate.base
    return wilson(satisfied, base)


def _since(now: Estimate, then: Estimate) -> Change:
    if not (now.known and then.known):
        return NOT_COMPARABLE
    difference = newcombe_difference(_satisfied(now), now.base, _satisfied(then), then.base)
    return Change(difference, verdict_on(difference))


def _data_hash(reports: Sequence[SatisfactionReport]) -> str:
    """SHA-256 of one line a center: its short name, revision and fingerprint."""
    lines = [f"{r.center.slug}\t{r.revision}\t{r.passport.data_hash}" for r in reports]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _weighted(reports: Sequence[SatisfactionReport]) -> Estimate:
    strata = []
    for report in reports:
        tally, served = report.headline.tally, report.headline.served
        if served is None or (served and tally.base < MINIMUM_BASE):
            return NOTHING
        strata.append((tally.top_two, tally.base, served))
    return poststratify(strata)


def _with_set_aside(reports: Sequence[SatisfactionReport], whole: ScoreTally) -> Estimate:
    aside = [row.tally for report in reports for row in report.set_aside]
    if None in aside:
        return NOTHING
    return _shown(whole + total(tally for tally in aside if tally is not None))


def _trend(reports: Sequence[SatisfactionReport]) -> tuple[NetworkMonth, ...]:
    """The months every center's report tells of."""
    by_center = [{figure.month: figure for figure in report.trend} for report in reports]
    months = sorted(set.intersection(*(set(figures) for figures in by_center)))
    trend = []
    for month in months:
        figures = [known[month] for known in by_center]
        satisfied = _sum(figure.satisfied for figure in figures)
        served = _added(figure.served for figure in figures)
        rate = _rate((figure.response_rate, figure.served) for figure in figures)
        trend.append(NetworkMonth(month, satisfied, served, rate))
    return tuple(trend)


def _control(trend: Sequence[NetworkMonth], breaks: Sequence[SeriesBreak]) -> ControlChart | None:
    """The control chart of the months since the question was last changed in any center, as in a
    center's report. A month without a share has no part in it."""
    since = max((b.month for b in breaks if b.kind == "question"), default=trend[0].month)
    alike = [figure.satisfied for figure in trend if figure.month >= since]
    known = [estimate if estimate.known else NOTHING for estimate in alike]
    return p_chart([_satisfied(e) for e in known], [e.base for e in known])


def _breaks(reports: Sequence[SatisfactionReport]) -> tuple[SeriesBreak, ...]:
    """What broke the series in any center, each once."""
    found = {canonical_json(b): b for report in reports for b in report.breaks}
    surveys = [b for b in found.values() if b.kind != "channel_mix"]
    return tuple(sorted(surveys, key=lambda b: (b.month, b.kind, b.after)))


# The centers --------------------------------------------------------------------------------------


def _funnel(reports: Sequence[SatisfactionReport], whole: ScoreTally) -> tuple[float | None, float]:
    """The network's share as the center line, and how much more than chance centers differ."""
    units = [
        (r.headline.tally.top_two, r.headline.tally.base)
        for r in reports
        if r.headline.tally.base >= MINIMUM_BASE
    ]
    if len(units) < 2 or whole.top_two in (0, whole.base):
        return None, 1.0
    line = whole.top_two / whole.base
    return line, overdispersion(units, line)


def _centers(
    reports: Sequence[SatisfactionReport], whole: ScoreTally, line: float | None, dispersion: float
) -> tuple[CenterLine, ...]:
    against = changes_among_many(
        [(report.headline.tally, whole.without(report.headline.tally)) for report in reports]
    )
    lines = []
    for report, rest in zip(reports, against, strict=True):
        headline, passport = report.headline, report.passport
        channels = {figure.channel: figure.satisfied for figure in report.channels}
        lines.append(
            CenterLine(
                slug=report.center.slug,
                names=report.center.names,
                revision=report.revision,
                data_hash=passport.data_hash,
                satisfied=headline.satisfied,
                mean=headline.mean,
                served=headline.served,
                response_rate=headline.response_rate,
                set_aside=passport.set_aside,
                with_set_aside=passport.with_set_aside,
                open_alerts=sum(not alert.acknowledged for alert in report.alerts),
                since_previous_month=headline.since_previous_month,
                since_year_before=headline.since_year_before,
                against_rest=rest,
                place=_place(headline.tally, line, dispersion),
                tablet=channels.get("tablet", NOTHING),
                qr=channels.get("qr", NOTHING),
                silent_days=max((s.open_days for s in report.silences), default=0),
            )
        )
    return tuple(lines)


def _stratum(report: SatisfactionReport) -> StratumFigure:
    """A center's verified ratings beside its others, as it tells them itself."""
    for row in report.strata:
        if row.channel is None:
            return row
    return StratumFigure(None, NOTHING, report.headline.satisfied, 0.0, NOT_COMPARABLE)


def _place(tally: ScoreTally, line: float | None, dispersion: float) -> FunnelPlace:
    if line is None or tally.base < MINIMUM_BASE:
        return "inside"
    return place_in_funnel(tally.top_two, tally.base, line, dispersion)


# Areas, services and groups across centers -------------------------------------------------------


def _across(
    reports: Sequence[SatisfactionReport], member: Literal["areas", "services"]
) -> tuple[AcrossCenters, ...]:
    """Each area or service in all centers; one that a center does not know has no ratings there."""
    names: dict[str, Names] = {}
    cells: dict[str, list[Estimate]] = {}
    for place, report in enumerate(reports):
        for figure in getattr(report, member):
            if figure.kind == "unstated":
                continue
            names.setdefault(figure.code, figure.names)
            row = cells.setdefault(figure.code, [NOTHING] * len(reports))
            row[place] = figure.satisfied
    return tuple(
        AcrossCenters(code, names[code], _sum(row), tuple(row))
        for code, row in sorted(cells.items())
        if any(estimate.known for estimate in row)
    )


def _groups(reports: Sequence[SatisfactionReport]) -> tuple[NetworkGroup, ...]:
    """The groups that every center shows with their gap, added up; gaps among many."""
    found: dict[tuple[str, str], list[tuple[ScoreTally, ScoreTally]]] = {}
    words: dict[tuple[str, str], tuple[Names, Names]] = {}
    for report in reports:
        for question in report.equality:
            for group in question.groups:
                gap = group.gap.difference
                if gap.value is None or question.answered is None or group.hidden:
                    continue
                others = question.answered - group.satisfied.base
                happy = round(((group.satisfied.value or 0.0) - gap.value) * others)
                key = (question.code, group.code)
                words.setdefault(key, (question.names, group.names))
                found.setdefault(key, []).append(
                    (
                        satisfied_or_not(_satisfied(group.satisfied), group.satisfied.base),
                        satisfied_or_not(happy, others),
                    )
                )
    shown = {key: pairs for key, pairs in found.items() if len(pairs) == len(reports)}
    sums = [(total(a for a, _ in pairs), total(b for _, b in pairs)) for pairs in shown.values()]
    return tuple(
        NetworkGroup(key[0], words[key][0], key[1], words[key][1], group.satisfied, gap)
        for key, (group, _), gap in zip(shown, sums, changes_among_many(sums), strict=True)
    )
