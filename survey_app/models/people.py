"""The people who work with the figures, and what each may see."""

from datetime import datetime
from typing import Any

from flask_security import AsaList, UserMixin, WebAuthnMixin
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import LANGUAGES, Base, UtcDateTime, one_of, only_where
from survey_app.models.network import Center

CENTER_ROLES = ("viewer", "manager")
NETWORK_ROLES = ("analyst", "auditor", "admin")


class User(Base, UserMixin):
    """Somebody who signs in. The columns are those Flask-Security asks for.

    Its mixins declare some types more narrowly than their own documentation does.
    """

    __tablename__ = "user_account"
    __table_args__ = (one_of("language", LANGUAGES),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool]
    language: Mapped[str] = mapped_column(String(2), default="az")
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(  # type: ignore[assignment]
        String(64), unique=True
    )
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )
    webauthn: Mapped[list["Passkey"]] = relationship(  # type: ignore[assignment]
        back_populates="user", cascade="all, delete-orphan"
    )

    @property
    def roles(self) -> list[Any]:  # type: ignore[override]
        """Flask-Security's own roles, which we do not use: see Membership."""
        return []


class Passkey(Base, WebAuthnMixin):
    """A passkey registered by a user."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int | None] = mapped_column(default=0)  # type: ignore[assignment]
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))
    create_datetime: Mapped[datetime] = mapped_column(UtcDateTime)
    lastuse_datetime: Mapped[datetime] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship(back_populates="webauthn")


class Membership(Base):
    """What a user may do: a role in one center, or a role in the whole network."""

    __tablename__ = "membership"
    __table_args__ = (
        one_of("role", CENTER_ROLES + NETWORK_ROLES),
        # Center roles name their center; network roles name none.
        CheckConstraint("(role IN ('viewer', 'manager')) = (center_id IS NOT NULL)", name="scope"),
        Index(
            "uq_membership_user_id_center_id",
            "user_id",
            "center_id",
            unique=True,
            **only_where("center_id IS NOT NULL"),
        ),
        Index(
            "uq_membership_user_id_network",
            "user_id",
            unique=True,
            **only_where("center_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"), index=True)
    role: Mapped[str] = mapped_column(String(8))
    user: Mapped[User] = relationship(back_populates="memberships")
    center: Mapped[Center | None] = relationship()


class ApiKey(Base):
    """What another system signs in with: a random key, of which we keep a digest. It delivers
    visit counts, for one center or (`center_id` None) for all."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
