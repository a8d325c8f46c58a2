"""Where ratings come in: places with a tablet or a code, and the enrolled tablets."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import Base, UtcDateTime, one_of
from survey_app.models.network import Center, Service
from survey_app.models.surveys import Survey

CHANNELS = ("tablet", "qr")


class Touchpoint(Base):
    """A place and a channel; for a poster, the code printed on it."""

    __tablename__ = "touchpoint"
    __table_args__ = (
        UniqueConstraint("center_id", "slug"),
        one_of("channel", CHANNELS),
        CheckConstraint("(channel = 'qr') = (code IS NOT NULL)", name="code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    channel: Mapped[str] = mapped_column(String(6))
    slug: Mapped[str] = mapped_column(String(40))
    label_az: Mapped[str] = mapped_column(Text)
    label_ru: Mapped[str] = mapped_column(Text)
    label_en: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(String(16), unique=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    center: Mapped[Center] = relationship()
    survey: Mapped[Survey] = relationship()
    service: Mapped[Service | None] = relationship()

    @property
    def label(self) -> Mapping[str, str]:
        """The place's label by language."""
        return {"az": self.label_az, "ru": self.label_ru, "en": self.label_en}


class Tablet(Base):
    """An enrolled device. Its token is known to the device alone; we keep a digest."""

    __tablename__ = "tablet"

    id: Mapped[int] = mapped_column(primary_key=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), index=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    paired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    app_version: Mapped[str | None] = mapped_column(String(40))
    # From the last sign of life: what it still has to send, what we refused, how far it counted.
    unsent: Mapped[int | None]
    rejected: Mapped[int | None]
    last_sequence: Mapped[int | None]
    touchpoint: Mapped[Touchpoint] = relationship()


class PairingCode(Base):
    """A short-lived, one-use code that turns a device into a tablet of a touchpoint."""

    __tablename__ = "pairing_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), index=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    touchpoint: Mapped[Touchpoint] = relationship()
