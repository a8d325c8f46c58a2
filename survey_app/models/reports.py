"""Published reports: frozen values with numbered revisions."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import Base, UtcDateTime, one_of
from survey_app.models.network import Center

REASONS = ("first", "late_ratings", "corrected")


class Report(Base):
    """One revision of a center's month. The database refuses to change or delete it."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("center_id", "month", "revision"),
        CheckConstraint("revision > 0", name="revision"),
        one_of("reason", REASONS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    month: Mapped[date]
    revision: Mapped[int]
    reason: Mapped[str] = mapped_column(String(12))
    # The SatisfactionReport as canonical JSON, and the SHA-256 of exactly these bytes.
    value: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    # The month's sums of every tally counter when this was published, then the people served
    # (−1: not counted) and a fingerprint of how they are spread; once they differ from what is
    # there, another revision is due.
    counters: Mapped[list[int]] = mapped_column(JSON)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    center: Mapped[Center] = relationship()


class NetworkReport(Base):
    """One revision of the whole network's month, made of the centers' newest revisions. Frozen
    like a Report."""

    __tablename__ = "network_report"
    __table_args__ = (
        UniqueConstraint("month", "revision"),
        CheckConstraint("revision > 0", name="revision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date]
    revision: Mapped[int]
    value: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    # The ids of the centers' reports it was made of.
    made_of: Mapped[list[int]] = mapped_column(JSON)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PublishFailure(Base):
    """A month that could not be published, and why; gone once it is."""

    __tablename__ = "publish_failure"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    problem: Mapped[str] = mapped_column(Text)
    failed_at: Mapped[datetime] = mapped_column(UtcDateTime)
