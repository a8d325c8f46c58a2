"""Complaints being answered: who asked for an answer, and whether it was given."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import Base, UtcDateTime
from survey_app.models.ratings import Rating


class Case(Base):
    """A citizen's wish to be answered about a rating.

    `contact` is how to reach them, encrypted, apart from the rating; it is erased when the case
    closes, and nothing else here says who they are.
    """

    # "case" is a word of SQL.
    __tablename__ = "feedback_case"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        CheckConstraint("closed_at IS NULL OR contact IS NULL", name="contact"),
        Index("ix_feedback_case_center_id_opened_at", "center_id", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("rating.submission_id"), unique=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    contact: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    rating: Mapped[Rating] = relationship()
