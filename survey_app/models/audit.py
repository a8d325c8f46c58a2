"""The audit trail: what was done, by whom, to what."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime


class AuditEvent(Base):
    """One event; rows are only ever added."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_center_id_happened_at", "center_id", "happened_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(40))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    tablet_id: Mapped[int | None] = mapped_column(ForeignKey("tablet.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
