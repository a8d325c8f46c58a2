"""The network: centers with their hours, the agencies, and what citizens come for."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import LANGUAGES, Base, Named, one_of

AREA_KINDS = ("standard", "coordination")
# Hours that hold from the first counted day on.
FROM_THE_BEGINNING = date(2000, 1, 1)


class Center(Named, Base):
    """A one-stop center; its time zone decides which day and month a rating belongs to."""

    __tablename__ = "center"
    __table_args__ = (one_of("default_language", LANGUAGES),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    number: Mapped[int] = mapped_column(unique=True)
    address_az: Mapped[str] = mapped_column(Text)
    address_ru: Mapped[str] = mapped_column(Text)
    address_en: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(String(40))
    default_language: Mapped[str] = mapped_column(String(2))
    # What opens the staff menu of the center's tablets, slowly hashed: {"salt", "iterations",
    # "hash"}, for tablets to check without a network.
    staff_pin: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    opening_hours: Mapped[list["OpeningHours"]] = relationship(
        order_by="OpeningHours.weekday, OpeningHours.since", cascade="all, delete-orphan"
    )

    def today(self, now: datetime) -> date:
        """The day it is on the center's own calendar."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


class OpeningHours(Base):
    """When a center serves citizens on one weekday (ISO: Monday is 1), from a day on.

    A later row for the weekday takes over on its day and leaves the days before as they were;
    one without times closes the weekday, as does none at all. `timetables` reads them.
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("opens < closes", name="order"),
        CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="both"),
    )

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True, default=FROM_THE_BEGINNING)
    opens: Mapped[time | None]
    closes: Mapped[time | None]


class Holiday(Named, Base):
    """A day on which the whole network is closed."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(primary_key=True)


class Agency(Named, Base):
    """The public body that owns a service."""

    __tablename__ = "agency"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)


class ServiceArea(Named, Base):
    """One of the areas services are grouped in; the coordination centre is one of its own kind."""

    __tablename__ = "service_area"
    __table_args__ = (one_of("kind", AREA_KINDS),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    kind: Mapped[str] = mapped_column(String(12))


class Service(Named, Base):
    """What a citizen came for."""

    __tablename__ = "service"
    __table_args__ = (CheckConstraint("standard_minutes > 0", name="standard_minutes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("service_area.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    standard_minutes: Mapped[int]
    area: Mapped[ServiceArea] = relationship()
    agency: Mapped[Agency] = relationship()
