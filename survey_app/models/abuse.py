"""What keeps programs from posing as citizens, without keeping who anybody is."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime


class DailyKey(Base):
    """The key under which a day's networks are hashed; destroyed two days later at the latest,
    after which nobody can tell whose a bucket was."""

    __tablename__ = "daily_key"

    day: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(32))


class Pressure(Base):
    """How many ratings came in a window of time from one bucket: a code, or a code and a network
    (a keyed hash of its address prefix)."""

    __tablename__ = "pressure"
    __table_args__ = (CheckConstraint("ratings > 0", name="ratings"),)

    window: Mapped[datetime] = mapped_column("window_start", UtcDateTime, primary_key=True)
    bucket: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    ratings: Mapped[int]


class SpentProof(Base):
    """A proof of work that was handed in: it counts once. Kept until it would expire anyway."""

    __tablename__ = "spent_proof"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
