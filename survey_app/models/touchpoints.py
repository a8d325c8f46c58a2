"""Where ratings come in: places with a tablet or a code, the enrolled tablets, visit tickets."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import Base, UtcDateTime, one_of, only_where
from survey_app.models.network import Center, Service
from survey_app.models.surveys import Survey

CHANNELS = ("tablet", "qr")


class Touchpoint(Base):
    """A place and a channel; for a poster, the code printed on it.

    A `qr` touchpoint without a code is where a center's visit tickets come in: each ticket bears
    a code of its own. A center has one of them at most.
    """

    __tablename__ = "touchpoint"
    __table_args__ = (
        UniqueConstraint("center_id", "slug"),
        one_of("channel", CHANNELS),
        CheckConstraint("channel = 'qr' OR code IS NULL", name="code"),
        Index(
            "uq_touchpoint_tickets",
            "center_id",
            unique=True,
            **only_where("channel = 'qr' AND code IS NULL AND retired_at IS NULL"),
        ),
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
    def is_for_tickets(self) -> bool:
        """Whether the codes of visit tickets, rather than a poster's, lead here."""
        return self.channel == "qr" and self.code is None

    @property
    def label(self) -> Mapping[str, str]:
        """The place's label by language."""
        return {"az": self.label_az, "ru": self.label_ru, "en": self.label_en}


class Tablet(Base):
    """An enrolled device. Its token is known to the device alone; we keep a digest.

    `public_key` is the device's own P-256 key, an uncompressed point (SEC 1, 65 bytes): what the
    tablet sends must be signed with it. Tablets paired before there were keys have none.
    """

    __tablename__ = "tablet"
    __table_args__ = (
        CheckConstraint("battery_percent BETWEEN 0 AND 100", name="battery_percent"),
        CheckConstraint("storage_free >= 0", name="storage_free"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), index=True)
    # What staff call it; without a name it is known by its number.
    name: Mapped[str | None] = mapped_column(String(60))
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(65), index=True)
    paired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Resting by a manager's wish: it asks nothing and goes on sending what it keeps.
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    app_version: Mapped[str | None] = mapped_column(String(40))
    # How many signs of life the device has counted: one recorded and sent again counts no further.
    heartbeats: Mapped[int | None] = mapped_column(BigInteger)
    # From the last sign of life: what it still has to send, what we refused, how far it counted;
    # when somebody last rated, by its clock; our clock less its own; its battery and its disk.
    unsent: Mapped[int | None]
    rejected: Mapped[int | None]
    last_sequence: Mapped[int | None]
    last_rating_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    skew_ms: Mapped[int | None] = mapped_column(BigInteger)
    battery_percent: Mapped[int | None] = mapped_column(SmallInteger)
    is_charging: Mapped[bool | None]
    storage_free: Mapped[int | None] = mapped_column(BigInteger)
    storage_persistent: Mapped[bool | None]
    touchpoint: Mapped[Touchpoint] = relationship()


class TabletPlace(Base):
    """From when on a tablet stood at a touchpoint: what it queued before it was moved was said
    at the place before."""

    __tablename__ = "tablet_place"

    tablet_id: Mapped[int] = mapped_column(ForeignKey("tablet.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"))


class PairingCode(Base):
    """A short-lived, one-use code that turns a device into a tablet of a touchpoint."""

    __tablename__ = "pairing_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), index=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    touchpoint: Mapped[Touchpoint] = relationship()


class Ticket(Base):
    """A visit's one-time code. Nothing leads from here to the rating that spent it.

    Codes are kept as keyed digests: `code_digest` of the ten characters people type,
    `secret_digest` of the 128 bits in the ticket's QR code.
    """

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    counter: Mapped[str | None] = mapped_column(String(20))
    visited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    spent: Mapped[bool] = mapped_column(server_default=false())
    touchpoint: Mapped[Touchpoint] = relationship()
    service: Mapped[Service | None] = relationship()
