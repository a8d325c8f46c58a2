"""Areas, structures and services in the report: their shares, changes, trends and the funnel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from analysis.control import overdispersion, place_in_funnel
from analysis.estimates import (
    MINIMUM_BASE,
    NOT_COMPARABLE,
    NOTHING,
    Change,
    Estimate,
    benjamini_hochberg,
    poststratify,
    response_rate,
    trend_p_value,
    trend_z,
)
from analysis.months import Month
from analysis.nesting import Hidden, cell_key, shown
from analysis.report import (
    AreaFigure,
    Drift,
    Funnel,
    FunnelPoint,
    ReportInputs,
    ServiceFigure,
    StructureFigure,
)
from analysis.tally import ScoreTally, ServiceCounts, change, changes_among_many, total

#: A trend is sought over this many months: two quarters, compared with each other.
TREND_MONTHS = 6
#: Fewer services than this make no funnel: there is nothing to compare with.
FUNNEL_SERVICES = 5

_WITHHELD_PAIR = (ScoreTally(), ScoreTally())


class _Parts(NamedTuple):
    """What an area, a structure and a service have in common."""

    satisfied: Estimate
    mean: float | None
    served: int | None
    response_rate: float | None


def _by_area(services: Sequence[ServiceCounts]) -> list[tuple[str, list[ServiceCounts]]]:
    ordered = sorted(services, key=lambda s: (s.kind == "unstated", s.area_code, s.code))
    return [
        (key[1], list(group))
        for key, group in groupby(ordered, key=lambda s: (s.kind == "unstated", s.area_code))
    ]


def _served(services: Iterable[ServiceCounts]) -> int | None:
    """People served over all of them; None as soon as one was not counted."""
    together = 0
    for service in services:
        if service.served is None:
            return None
        together += service.served
    return together


def area_figures(inputs: ReportInputs, hidden: Hidden) -> tuple[AreaFigure, ...]:
    """The areas with ratings or visits, by code; ratings that name no service come last."""
    groups = [
        group
        for _, group in _by_area(inputs.services)
        if any(s.tally.base for s in group) or _served(group)
    ]
    keys = [cell_key("area", group[0].area_code) for group in groups]
    return tuple(
        AreaFigure(
            code=group[0].area_code,
            names=group[0].area_names,
            kind=group[0].kind,
            change=found,
            **_parts(group, key in hidden.now)._asdict(),
        )
        for group, key, found in zip(groups, keys, _changes(groups, keys, hidden), strict=True)
    )


def structure_figures(inputs: ReportInputs, hidden: Hidden) -> tuple[StructureFigure, ...]:
    """The coordination centre by the structures that own its services."""
    owned = sorted(
        (s for s in inputs.services if s.kind == "coordination" and s.agency_code),
        key=lambda s: (s.area_code, s.agency_code, s.code),
    )
    groups = [
        list(group) for _, group in groupby(owned, key=lambda s: (s.area_code, s.agency_code))
    ]
    keys = [cell_key("structure", group[0].area_code, group[0].agency_code) for group in groups]
    return tuple(
        StructureFigure(
            code=group[0].agency_code,
            names=group[0].agency_names,
            services=tuple(s.code for s in group),
            change=found,
            **_parts(group, key in hidden.now)._asdict(),
        )
        for group, key, found in zip(groups, keys, _changes(groups, keys, hidden), strict=True)
    )


def _parts(group: Sequence[ServiceCounts], withheld: bool) -> _Parts:
    tally, served = total(s.tally for s in group), _served(group)
    satisfied = shown(tally, withheld)
    return _Parts(
        satisfied,
        tally.mean if satisfied.known else None,
        served,
        # With the people served a rate would tell the base that is withheld.
        None if satisfied.withheld else response_rate(tally.base, served),
    )


def _changes(
    groups: Sequence[Sequence[ServiceCounts]], keys: Sequence[str], hidden: Hidden
) -> tuple[Change, ...]:
    """Each group against the month before; a withheld side cannot be compared."""
    withheld = hidden.now | hidden.previous
    pairs = [
        _WITHHELD_PAIR
        if key in withheld
        else (total(s.tally for s in group), total(s.previous for s in group))
        for group, key in zip(groups, keys, strict=True)
    ]
    return tuple(
        replace(found, difference=NOTHING) if found.verdict == "not_comparable" else found
        for found in changes_among_many(pairs)
    )


def service_figures(inputs: ReportInputs, hidden: Hidden) -> tuple[ServiceFigure, ...]:
    """The services with ratings or visits, in the order of their areas."""
    rows = [s for _, group in _by_area(inputs.services) for s in group if s.tally.base or s.served]
    whole = inputs.months[-1].tally
    keys = [cell_key("service", s.code) for s in rows]
    changes = _changes([[s] for s in rows], keys, hidden)
    apart = changes_among_many(
        [
            _WITHHELD_PAIR if key in hidden.now else (s.tally, whole.without(s.tally))
            for s, key in zip(rows, keys, strict=True)
        ]
    )
    drifts = _drifts(rows, inputs.month, hidden.trend)
    figures = []
    for s, key, found, rest, drift in zip(rows, keys, changes, apart, drifts, strict=True):
        parts = _parts([s], key in hidden.now)
        known = parts.satisfied.known
        figures.append(
            ServiceFigure(
                code=s.code,
                names=s.names,
                area_code=s.area_code,
                area_names=s.area_names,
                kind=s.kind,
                agency_names=s.agency_names,
                tally=s.tally if known else None,
                change=found,
                against_rest=rest if known else NOT_COMPARABLE,
                drift=drift,
                **parts._asdict(),
            )
        )
    return tuple(figures)


def _drifts(
    rows: Sequence[ServiceCounts], month: Month, withheld: frozenset[str]
) -> list[Drift | None]:
    """The trend of each service that was shown in every month of it: the sums of two quarters
    would tell a month that was withheld."""
    since = month
    for _ in range(TREND_MONTHS - 1):
        since = since.previous()
    half = TREND_MONTHS // 2
    drifts: list[Drift | None] = []
    for service in rows:
        recent = (service.year or ())[-TREND_MONTHS:]
        if len(recent) < TREND_MONTHS or cell_key("service", service.code) in withheld:
            drifts.append(None)
            continue
        earlier, later = total(recent[:half]), total(recent[half:])
        if min(earlier.base, later.base) < 3 * MINIMUM_BASE:
            drifts.append(None)
            continue
        satisfied, bases = [t.top_two for t in recent], [t.base for t in recent]
        found = change(later, earlier)
        # A share may be higher in the later quarter as a whole and fall within both.
        if trend_z(satisfied, bases) * (found.difference.value or 0.0) <= 0:
            found = _unclear(found)
        drifts.append(
            Drift(
                since=since,
                earlier=earlier.satisfied,
                later=later.satisfied,
                difference=found,
                p_value=trend_p_value(satisfied, bases),
            )
        )
    stands = iter(benjamini_hochberg([d.p_value for d in drifts if d is not None]))
    return [
        d if d is None or next(stands) else replace(d, difference=_unclear(d.difference))
        for d in drifts
    ]


def _unclear(found: Change) -> Change:
    return Change(found.difference, "no_clear_change")


def funnel_figure(services: Sequence[ServiceFigure], whole: ScoreTally) -> Funnel | None:
    """Every service with a share against the center's own share."""
    tallies = [(s.code, s.tally) for s in services if s.tally is not None and s.kind != "unstated"]
    if len(tallies) < FUNNEL_SERVICES or whole.top_two in (0, whole.base):
        return None
    line = whole.top_two / whole.base
    dispersion = overdispersion([(t.top_two, t.base) for _, t in tallies], line)
    return Funnel(
        line,
        dispersion,
        tuple(
            FunnelPoint(
                code,
                tally.base,
                tally.top_two / tally.base,
                place_in_funnel(tally.top_two, tally.base, line, dispersion),
            )
            for code, tally in tallies
        ),
    )


def weighted_share(services: Sequence[ServiceCounts], hidden: Hidden) -> Estimate:
    """The share weighted by area to people served; unknown unless every area was counted and has
    at least MINIMUM_BASE ratings, and none is withheld: it would be one more sum to work with."""
    strata = []
    for _, group in _by_area(services):
        if group[0].kind == "unstated":
            continue
        tally, served = total(s.tally for s in group), _served(group)
        withheld = cell_key("area", group[0].area_code) in hidden.now
        if served is None or withheld or (served and tally.base < MINIMUM_BASE):
            return NOTHING
        strata.append((tally.top_two, tally.base, served))
    return poststratify(strata)
