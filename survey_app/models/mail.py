"""Letters waiting to be sent; the outbox is in the database so that none is lost or sent early."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime, only_where


class OutgoingMail(Base):
    """One letter to one person."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(
            "ix_outgoing_mail_due_at",
            "due_at",
            **only_where("sent_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(Text)
