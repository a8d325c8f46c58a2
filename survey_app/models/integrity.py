"""What the integrity rules found, and what was decided on the ratings they speak of."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import Base, UtcDateTime, one_of, only_where

KINDS = ("hold", "release", "void")
STAGES = ("proposed", "done", "declined")


class IntegrityCheck(Base):
    """A center's day that the rules have looked at, and as it stood then: another look is due
    when other ratings or visits are there, or when the rules are newer."""

    __tablename__ = "integrity_check"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    ratings: Mapped[int]
    rules: Mapped[str] = mapped_column(String(64))
    tests_made: Mapped[int]
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IntegrityAlert(Base):
    """A suspicion that stands: which rule, where, when, how improbable by chance, and why.

    `day` is the first day it speaks of, `last_day` the last; `touchpoint_id` is None when it
    speaks of the whole center. `detail` has the numbers a person needs to judge it.
    """

    __tablename__ = "integrity_alert"
    __table_args__ = (
        CheckConstraint("p_value BETWEEN 0 AND 1", name="p_value"),
        CheckConstraint("last_day >= day", name="days"),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (note IS NULL)"
            " AND (acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name="acknowledged",
        ),
        Index(
            "uq_integrity_alert_touchpoint",
            "center_id",
            "rule",
            "day",
            "touchpoint_id",
            unique=True,
            **only_where("touchpoint_id IS NOT NULL"),
        ),
        Index(
            "uq_integrity_alert_center",
            "center_id",
            "rule",
            "day",
            unique=True,
            **only_where("touchpoint_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    touchpoint_id: Mapped[int | None] = mapped_column(ForeignKey("touchpoint.id"))
    # The rule's code and version, for example "fast_run/1".
    rule: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    last_day: Mapped[date]
    p_value: Mapped[float]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str | None] = mapped_column(Text)


class Ruling(Base):
    """A decision on ratings: hold them, release them to the figure, or void them for good.

    A rule holds by itself (`proposed_by` and `decided_by` are None); releasing and voiding need
    a person and a reason, voiding two persons. Rows are added; only an open proposal may change,
    once, into done or declined.
    """

    __tablename__ = "ruling"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("stage", STAGES),
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint("kind = 'hold' OR proposed_by IS NOT NULL", name="proposed_by"),
        CheckConstraint(
            "kind <> 'void' OR stage = 'proposed'"
            " OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name="two_persons",
        ),
        CheckConstraint("(stage = 'proposed') = (decided_at IS NULL)", name="decided"),
        Index("ix_ruling_center_id_proposed_at", "center_id", "proposed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("integrity_alert.id"))
    kind: Mapped[str] = mapped_column(String(7))
    stage: Mapped[str] = mapped_column(String(8))
    # What holds them: a rule with its version, or "person" when somebody does.
    rule: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    alert: Mapped[IntegrityAlert | None] = relationship()
    ratings: Mapped[list["RulingRating"]] = relationship(cascade="all, delete-orphan")


class RulingRating(Base):
    """One rating that a ruling speaks of."""

    __tablename__ = "ruling_rating"

    ruling_id: Mapped[int] = mapped_column(ForeignKey("ruling.id"), primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("rating.submission_id"), primary_key=True, index=True
    )
