"""Twelve months of the coordination centre's structures, from tallies and counts of visits."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session, joinedload

from analysis.months import Month
from analysis.report import SatisfactionReport
from analysis.structures import (
    Cell,
    StructureCounts,
    StructureYear,
    build_structures,
    quarters_up_to,
)
from analysis.tally import ScoreTally
from survey_app.models import (
    Center,
    ChannelTally,
    Report,
    Service,
    ServiceArea,
    ServiceTally,
    VisitCount,
)
from survey_app.reports.publishing import read_report

#: A center and one of its months; with a service's id a cell of the tallies.
_CenterMonth = tuple[int, Month]
_ServiceMonth = tuple[int, Month, int]
# Sixty reports take a second to read, and what a digest stands for never changes.
_WITHHELD_BY_DIGEST: dict[bytes, frozenset[Cell]] = {}
_IS_COORDINATION = Service.area_id.in_(
    select(ServiceArea.id).where(ServiceArea.kind == "coordination")
)


@dataclass(frozen=True, slots=True)
class Structures:
    """The structures over the twelve months from `first` to `last`."""

    first: Month
    last: Month
    years: tuple[StructureYear, ...]


def find_structures(session: Session) -> Structures | None:
    """The structures over the four calendar quarters up to the newest one whose last month every
    center with ratings has published; None before there is such a month. Only published months
    count. Whole quarters, so that two successive years do not differ by single months."""
    reports = _newest_reports(session)
    last = _last_complete(session, set(reports))
    if last is None:
        return None
    first, first_before = _first_of_year(last), _first_of_year(last.year_before())
    now = {key for key in reports if first <= key[1] <= last}
    before = {key for key in reports if first_before <= key[1] < first}
    # Twelve months against fewer would compare seasons, not years.
    if len({month for _, month in before}) < 12:
        before = set()
    years = build_structures(
        _counts(session, now),
        _counts(session, before),
        _withheld(session, {reports[key] for key in now | before}),
        last,
    )
    return Structures(first, last, years)


def _newest_reports(session: Session) -> dict[_CenterMonth, int]:
    """The newest revision's id of each published month of each center."""
    rows = session.execute(
        select(Report.center_id, Report.month, Report.id).order_by(Report.revision)
    )
    # Later revisions take the place of earlier ones.
    return {(center_id, Month.of(month)): report_id for center_id, month, report_id in rows}


def _last_complete(session: Session, published: set[_CenterMonth]) -> Month | None:
    """The newest published month that ends a quarter and in which no center with ratings is
    missing."""
    rated: defaultdict[Month, set[int]] = defaultdict(set)
    for month, center_id in session.execute(
        select(ChannelTally.month, ChannelTally.center_id).distinct()
    ):
        rated[Month.of(month)].add(center_id)
    complete = (
        month
        for _, month in published
        if month.month % 3 == 0
        and all((center_id, month) in published for center_id in rated[month])
    )
    return max(complete, default=None)


def _first_of_year(last: Month) -> Month:
    return quarters_up_to(last)[0]


def _withheld(session: Session, report_ids: set[int]) -> frozenset[Cell]:
    """What these reports withhold of structures and services."""
    digests = set(session.scalars(select(Report.digest).where(Report.id.in_(report_ids))))
    new = digests - _WITHHELD_BY_DIGEST.keys()
    for row in session.scalars(select(Report).where(Report.digest.in_(new))) if new else ():
        _WITHHELD_BY_DIGEST[row.digest] = _withheld_in(read_report(row))
    return frozenset().union(*(_WITHHELD_BY_DIGEST[digest] for digest in digests))


def _withheld_in(report: SatisfactionReport) -> frozenset[Cell]:
    slug, month = report.center.slug, report.month
    structures = {each.code for each in report.structures if each.satisfied.withheld}
    services = {each.code for each in report.services if each.satisfied.withheld}
    return frozenset((slug, month, code) for code in structures | services)


def _counts(session: Session, published: set[_CenterMonth]) -> list[StructureCounts]:
    """Each coordination service in each of these center-months, with or without ratings."""
    if not published:
        return []
    months = [month for _, month in published]
    first, last = min(months), max(months)
    tallies = _tallies(session, first, last)
    served = _served(session, first, last)
    counted = {(center_id, month) for center_id, month, _ in served}
    centers = {center.id: center for center in session.scalars(select(Center))}
    return [
        StructureCounts(
            code=service.agency.code,
            names=dict(service.agency.name),
            service=service.code,
            service_names=dict(service.name),
            center=centers[center_id].slug,
            center_names=dict(centers[center_id].name),
            month=month,
            tally=tallies.get((center_id, month, service.id), ScoreTally()),
            # Where visits are counted at all, a service without a row was asked by nobody.
            served=served.get((center_id, month, service.id), 0)
            if (center_id, month) in counted
            else None,
        )
        for service in session.scalars(
            select(Service).where(_IS_COORDINATION).options(joinedload(Service.agency))
        )
        for center_id, month in sorted(published)
    ]


def _tallies(session: Session, first: Month, last: Month) -> dict[_ServiceMonth, ScoreTally]:
    scores = [getattr(ServiceTally, f"score_{score}") for score in range(1, 6)]
    statement = (
        select(ServiceTally.center_id, ServiceTally.month, ServiceTally.service_id, *scores)
        .join(Service, Service.id == ServiceTally.service_id)
        .where(
            ServiceTally.month.between(first.first_day, last.first_day),
            _IS_COORDINATION,
        )
    )
    return {
        (center_id, Month.of(month), service_id): ScoreTally(tuple(counts))
        for center_id, month, service_id, *counts in session.execute(statement)
    }


def _served(session: Session, first: Month, last: Month) -> dict[_ServiceMonth, int]:
    place = (
        VisitCount.center_id,
        VisitCount.service_id,
        extract("year", VisitCount.day),
        extract("month", VisitCount.day),
    )
    statement = (
        select(*place, func.sum(VisitCount.served))
        .join(Service, Service.id == VisitCount.service_id)
        .where(VisitCount.day.between(first.first_day, last.last_day), _IS_COORDINATION)
        .group_by(*place)
    )
    return {
        (center_id, Month(int(year), int(month)), service_id): int(served)
        for center_id, service_id, year, month, served in session.execute(statement)
    }
