"""What visit counts there are: which open days have one, and what was delivered lately."""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.months import Month
from survey_app.access import sees_network
from survey_app.models import (
    AuditEvent,
    Center,
    Service,
    User,
    VisitCount,
    VisitHour,
    VisitImport,
)
from survey_app.timetables import load_timetables

MONTHS_SHOWN = 3
DELIVERIES_SHOWN = 10

State = Literal["counted", "missing", "closed", "ahead"]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a center's calendar; `served` is None where no count is known.

    Missing is an open day that is over and has no count; a closed day with a count is counted.
    """

    day: date
    served: int | None
    state: State


@dataclass(frozen=True, slots=True)
class Coverage:
    """A center's last months, oldest first, day by day."""

    center: Center
    months: tuple[tuple[Month, tuple[Day, ...]], ...]

    @property
    def days(self) -> Iterator[Day]:
        return (day for _, days in self.months for day in days)

    @property
    def missing(self) -> list[date]:
        return [each.day for each in self.days if each.state == "missing"]

    @property
    def counted(self) -> int:
        return sum(each.state == "counted" for each in self.days)

    @property
    def last_counted(self) -> date | None:
        return max((each.day for each in self.days if each.state == "counted"), default=None)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery as one center sees it: how many of its own lines were added or changed."""

    happened_at: datetime
    name: str
    source: str
    months: tuple[Month, ...]
    added: int
    changed: int


def load_coverage(session: Session, centers: Sequence[Center], now: datetime) -> list[Coverage]:
    """The running month and the two before it, of each of these centers, on its calendar."""
    ids = [center.id for center in centers]
    today = {each.id: each.today(now) for each in centers}
    # Where it is already tomorrow is not known before asking, so a little more is read.
    since = min((_months(day)[0].first_day for day in today.values()), default=now.date())
    served: defaultdict[int, dict[date, int]] = defaultdict(dict)
    for row in session.execute(
        select(VisitCount.center_id, VisitCount.day, func.sum(VisitCount.served).label("served"))
        .where(VisitCount.center_id.in_(ids), VisitCount.day >= since)
        .group_by(VisitCount.center_id, VisitCount.day)
    ):
        served[row.center_id][row.day] = row.served
    timetables = load_timetables(session, ids)
    return [
        Coverage(
            center,
            tuple(
                (
                    month,
                    tuple(
                        _day(
                            day,
                            served[center.id].get(day),
                            timetables[center.id].on(day) is not None,
                            today[center.id],
                        )
                        for day in month.days
                    ),
                )
                for month in _months(today[center.id])
            ),
        )
        for center in centers
    ]


def _months(today: date) -> list[Month]:
    months = [Month.of(today)]
    while len(months) < MONTHS_SHOWN:
        months.insert(0, months[0].previous())
    return months


def _day(day: date, served: int | None, is_open: bool, today: date) -> Day:
    if served is not None:
        return Day(day, served, "counted")
    if day >= today:
        return Day(day, None, "ahead")
    return Day(day, None, "missing" if is_open else "closed")


def recent_imports(session: Session, user: User) -> list[VisitImport]:
    """The newest deliveries whose lines the user may see: their own, or the whole network's."""
    statement = select(VisitImport).order_by(VisitImport.id.desc()).limit(DELIVERIES_SHOWN)
    if not sees_network(user):
        statement = statement.where(VisitImport.imported_by == user.id)
    return list(session.scalars(statement))


def deliveries_for(session: Session, center: Center) -> list[Arrival]:
    """The newest deliveries that moved a count of this center, whoever brought them."""
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.center_id == center.id, AuditEvent.action == "visits_imported")
        .order_by(AuditEvent.happened_at.desc(), AuditEvent.id.desc())
        .limit(DELIVERIES_SHOWN)
    )
    return [
        Arrival(
            happened_at=event.happened_at,
            name=event.detail["name"],
            source=event.detail["source"],
            months=tuple(Month.parse(month) for month in sorted(event.detail["months"])),
            added=sum(moved.get("added", 0) for moved in event.detail["months"].values()),
            changed=sum(moved.get("changed", 0) for moved in event.detail["months"].values()),
        )
        for event in events
    ]


def earlier_import(session: Session, row: VisitImport) -> VisitImport | None:
    """The first time the very same bytes were delivered before this; None if never."""
    statement = select(VisitImport).where(VisitImport.digest == row.digest).order_by(VisitImport.id)
    if row.id is not None:
        statement = statement.where(VisitImport.id < row.id)
    return session.scalar(statement.limit(1))


def service_codes(session: Session) -> list[str]:
    """The codes of all services, in their order."""
    return list(session.scalars(select(Service.code).order_by(Service.code)))


def stored_counts(
    session: Session, centers: Set[int], *, by_hour: bool
) -> Iterator[tuple[str | int, ...]]:
    """All counts of these centers as rows of a file: center, day, service, (hour,) served.

    By hour, a day whose hours are not known has an empty hour and its count.
    """
    keys = (Center.slug, VisitCount.day, Service.code)
    of_hour = (VisitHour.hour, func.coalesce(VisitHour.served, VisitCount.served))
    statement = (
        select(*keys, *(of_hour if by_hour else (VisitCount.served,)))
        .select_from(VisitCount)
        .join(Center, Center.id == VisitCount.center_id)
        .join(Service, Service.id == VisitCount.service_id)
        .where(VisitCount.center_id.in_(centers))
        .order_by(*keys)
    )
    if by_hour:
        statement = statement.outerjoin(
            VisitHour,
            (VisitHour.center_id == VisitCount.center_id)
            & (VisitHour.day == VisitCount.day)
            & (VisitHour.service_id == VisitCount.service_id),
        ).order_by(VisitHour.hour)
    for row in session.execute(statement.execution_options(yield_per=1000)):
        yield tuple("" if cell is None else cell for cell in row)
