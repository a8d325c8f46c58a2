"""What there is: each center's places with their tablets, its hours, what a form may offer."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from survey_app.models import (
    Center,
    Holiday,
    Service,
    ServiceArea,
    Survey,
    SurveyVersion,
    Tablet,
    Touchpoint,
)
from survey_app.network.conditions import TROUBLES, Condition, condition_of
from survey_app.timetables import load_timetables

HOLIDAYS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """A tablet and how it is doing."""

    tablet: Tablet
    condition: Condition


@dataclass(frozen=True, slots=True)
class Place:
    """A touchpoint with the tablets that stand there, connected ones first."""

    touchpoint: Touchpoint
    tablets: tuple[Standing, ...]

    @property
    def kind(self) -> str:
        """One of places.KINDS."""
        if self.touchpoint.channel == "tablet":
            return "tablet"
        return "tickets" if self.touchpoint.is_for_tickets else "poster"

    @property
    def living(self) -> list[Standing]:
        """The tablets that are connected."""
        return [each for each in self.tablets if each.condition.state != "revoked"]

    @property
    def gone(self) -> list[Standing]:
        """The tablets that were disconnected."""
        return [each for each in self.tablets if each.condition.state == "revoked"]

    @property
    def is_empty(self) -> bool:
        """Whether a tablet should stand here and none does."""
        return self.kind == "tablet" and not self.living


@dataclass(frozen=True, slots=True)
class CenterPlaces:
    """A center with its living places and those that were retired."""

    center: Center
    open_since: datetime | None
    places: tuple[Place, ...]
    retired: tuple[Place, ...]

    @property
    def tablets(self) -> Iterator[Standing]:
        """Every connected tablet at a living place."""
        return (each for place in self.places for each in place.living)

    def count(self, state: str) -> int:
        """How many tablets are in this state."""
        return sum(each.condition.state == state for each in self.tablets)

    @property
    def troubles(self) -> int:
        """How many things somebody should look into: troubled tablets and empty places."""
        return sum(each.condition.state in TROUBLES for each in self.tablets) + self.empty

    @property
    def empty(self) -> int:
        """How many places wait for a tablet."""
        return sum(each.is_empty for each in self.places)

    @property
    def posters(self) -> list[Place]:
        """The living places with a poster."""
        return [each for each in self.places if each.kind == "poster"]


def load_centers(session: Session, centers: Sequence[Center], now: datetime) -> list[CenterPlaces]:
    """These centers, in the same order, each with everything that stands there."""
    ids = [center.id for center in centers]
    opened = _open_since(session, centers, now)
    of_center: defaultdict[int, list[Place]] = defaultdict(list)
    for place in _load_places(session, Touchpoint.center_id.in_(ids), opened, now):
        of_center[place.touchpoint.center_id].append(place)
    return [
        CenterPlaces(
            center,
            opened[center.id],
            tuple(each for each in of_center[center.id] if each.touchpoint.retired_at is None),
            tuple(each for each in of_center[center.id] if each.touchpoint.retired_at is not None),
        )
        for center in centers
    ]


def load_place(session: Session, touchpoint: Touchpoint, now: datetime) -> Place:
    """One touchpoint with its tablets."""
    opened = _open_since(session, [touchpoint.center], now)
    (place,) = _load_places(session, Touchpoint.id == touchpoint.id, opened, now)
    return place


def find_place(session: Session, center_slug: str, slug: str) -> Touchpoint | None:
    """The place of these short names, retired or not; None when there is none."""
    return session.scalar(
        select(Touchpoint)
        .join(Center, Center.id == Touchpoint.center_id)
        .where(Center.slug == center_slug, Touchpoint.slug == slug)
    )


def tablets_by_place(session: Session) -> list[tuple[Touchpoint, list[Tablet]]]:
    """Every place of tablets with every device ever enrolled there, both in the order they came."""
    tablets: defaultdict[int, list[Tablet]] = defaultdict(list)
    for tablet in session.scalars(select(Tablet).order_by(Tablet.id)):
        tablets[tablet.touchpoint_id].append(tablet)
    places = session.scalars(
        select(Touchpoint)
        .where(Touchpoint.channel == "tablet")
        .options(joinedload(Touchpoint.center))
        .order_by(Touchpoint.id)
    )
    return [(place, tablets[place.id]) for place in places]


def _load_places(
    session: Session,
    which: ColumnElement[bool],
    opened: Mapping[int, datetime | None],
    now: datetime,
) -> list[Place]:
    touchpoints = session.scalars(
        select(Touchpoint)
        .where(which)
        .options(joinedload(Touchpoint.survey), joinedload(Touchpoint.service))
        .order_by(Touchpoint.channel.desc(), Touchpoint.id)
    ).all()
    center_ids = {each.id: each.center_id for each in touchpoints}
    tablets: defaultdict[int, list[Standing]] = defaultdict(list)
    for tablet in session.scalars(
        select(Tablet)
        .where(Tablet.touchpoint_id.in_(center_ids))
        .order_by(Tablet.revoked_at.is_not(None), Tablet.id)
    ):
        open_since = opened[center_ids[tablet.touchpoint_id]]
        standing = Standing(tablet, condition_of(tablet, open_since, now))
        tablets[tablet.touchpoint_id].append(standing)
    return [Place(each, tuple(tablets[each.id])) for each in touchpoints]


def next_holidays(session: Session, today: date, limit: int | None = None) -> list[Holiday]:
    """The next days on which the whole network is closed, today included."""
    return list(
        session.scalars(
            select(Holiday).where(Holiday.day >= today).order_by(Holiday.day).limit(limit)
        )
    )


def _open_since(
    session: Session, centers: Collection[Center], now: datetime
) -> dict[int, datetime | None]:
    """By center: the instant at which it opened today; None where it is closed now."""
    timetables = load_timetables(session, [center.id for center in centers])
    opened: dict[int, datetime | None] = dict.fromkeys(timetables)
    for center in centers:
        day, zone = center.today(now), ZoneInfo(center.time_zone)
        of_today = timetables[center.id].on(day)
        if of_today is None:
            continue
        opens, closes = (datetime.combine(day, each, zone).astimezone(UTC) for each in of_today)
        opened[center.id] = opens if opens <= now < closes else None
    return opened


def offered_surveys(session: Session) -> list[Survey]:
    """The surveys that can be asked: those with a published version."""
    published = select(SurveyVersion.survey_id).where(SurveyVersion.published_at.is_not(None))
    return list(session.scalars(select(Survey).where(Survey.id.in_(published)).order_by(Survey.id)))


def offered_services(session: Session) -> dict[ServiceArea, list[Service]]:
    """Every service by area, in the order of their codes."""
    areas: defaultdict[ServiceArea, list[Service]] = defaultdict(list)
    for service in session.scalars(
        select(Service).options(joinedload(Service.area)).order_by(Service.code)
    ):
        areas[service.area].append(service)
    return dict(areas)


def tablet_places(session: Session, centers: Collection[Center]) -> list[Touchpoint]:
    """The living places of tablets in these centers, center by center."""
    return list(
        session.scalars(
            select(Touchpoint)
            .join(Touchpoint.center)
            .where(
                Touchpoint.center_id.in_([center.id for center in centers]),
                Touchpoint.channel == "tablet",
                Touchpoint.retired_at.is_(None),
            )
            .options(joinedload(Touchpoint.center))
            .order_by(Center.number, Touchpoint.id)
        )
    )
