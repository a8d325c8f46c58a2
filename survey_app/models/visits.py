"""How many people were served: the denominator of every response rate, and where it came from."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime, one_of

SOURCES = ("web", "api", "cli")


class VisitCount(Base):
    """People served in one center on one day for one service."""

    __tablename__ = "visit_count"
    __table_args__ = (
        CheckConstraint("served >= 0", name="served"),
        # A report adds up a year of these, some 28,000 rows: from the index alone, in order.
        Index("ix_visit_count_served", "center_id", "day", "service_id", "served"),
    )

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    served: Mapped[int]


class VisitHour(Base):
    """People served in one hour of a VisitCount's day, where the hours are known. The day's hours
    together are that day's count."""

    __tablename__ = "visit_hour"
    __table_args__ = (
        CheckConstraint("served >= 0", name="served"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
    )

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    served: Mapped[int]


class GroupServed(Base):
    """People served in a month who belong to a group an equality question asks about, where the
    network knows it: `question` and `option` are the survey's stable codes."""

    __tablename__ = "group_served"
    __table_args__ = (CheckConstraint("served >= 0", name="served"),)

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    option: Mapped[str] = mapped_column(String(40), primary_key=True)
    served: Mapped[int]


class VisitMonth(Base):
    """When a delivery last moved the people served of a center's month: one row, however many
    deliveries there were, because every minute it is asked whether a published month moved."""

    __tablename__ = "visit_month"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VisitImport(Base):
    """One delivery of visit counts and what became of its lines; a line is a row of the file.

    `problems` holds the first rejected lines as {line, reason, text}.
    """

    __tablename__ = "visit_import"
    __table_args__ = (one_of("source", SOURCES),)

    id: Mapped[int] = mapped_column(primary_key=True)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_key.id"))
    source: Mapped[str] = mapped_column(String(3))
    name: Mapped[str] = mapped_column(Text)
    # SHA-256 of the delivered bytes: the same file twice is seen at once.
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    rejected: Mapped[int]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
