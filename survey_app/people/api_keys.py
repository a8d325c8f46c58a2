"""API keys: what another system signs in with; shown once, kept as a digest, revocable."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.access import token_digest
from survey_app.errors import NotFound
from survey_app.models import ApiKey, Center
from survey_app.trail import note

# By it a key that strays into a log or a repository is known for what it is.
PREFIX = "rey_"


def create_api_key(
    session: Session, name: str, center: Center | None, now: datetime
) -> tuple[ApiKey, str]:
    """A key for one center, or for all of them: its row, and the key, which is told this once.

    It has 256 random bits, so one hash suffices to keep it.
    """
    key = PREFIX + secrets.token_urlsafe(32)
    row = ApiKey(
        name=name,
        digest=token_digest(key),
        center_id=center.id if center else None,
        created_at=now,
    )
    session.add(row)
    session.flush()
    _note(session, row, "api_key_created", now)
    return row, key


def revoke_api_key(session: Session, key_id: int, now: datetime) -> None:
    """End a key at once. Raises NotFound unless there is such a live key."""
    row = session.scalar(select(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)))
    if row is None:
        raise NotFound
    row.revoked_at = now
    _note(session, row, "api_key_revoked", now)


def all_api_keys(session: Session) -> Sequence[ApiKey]:
    """Every key there ever was, oldest first."""
    return session.scalars(select(ApiKey).order_by(ApiKey.id)).all()


def _note(session: Session, row: ApiKey, action: str, now: datetime) -> None:
    note(session, action, row.center_id, None, now, api_key_id=row.id, name=row.name)
