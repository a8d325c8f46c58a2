"""Pairing: a short-lived code turns a device into a tablet with a credential of its own."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.access import token_digest
from survey_app.errors import NotFound
from survey_app.models import AuditEvent, PairingCode, Tablet, Touchpoint

# Twenty consonants that are told apart by eye and form no words (RFC 8628, section 6.1).
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 8
CODE_LIFETIME = timedelta(minutes=10)


def create_pairing_code(session: Session, touchpoint: Touchpoint, now: datetime) -> str:
    """A new code for this touchpoint, written in two groups; it works once, for ten minutes.

    Raises NotFound when the touchpoint is retired or is not a tablet's place.
    """
    if touchpoint.channel != "tablet" or touchpoint.retired_at is not None:
        raise NotFound
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    session.add(
        PairingCode(
            touchpoint_id=touchpoint.id,
            code_digest=token_digest(code),
            expires_at=now + CODE_LIFETIME,
        )
    )
    return f"{code[:4]}-{code[4:]}"


def pair_tablet(session: Session, code: str, now: datetime) -> str:
    """Spend a code and enrol the device; the returned token is shown this once.

    Raises NotFound alike for a wrong, used or expired code.
    """
    plain = "".join(character for character in code.upper() if character.isalnum())
    # Two devices may send the same code at once; only one of them finds it unused.
    touchpoint_id = session.scalar(
        update(PairingCode)
        .where(
            PairingCode.code_digest == token_digest(plain),
            PairingCode.used_at.is_(None),
            PairingCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(PairingCode.touchpoint_id)
    )
    touchpoint = session.get(Touchpoint, touchpoint_id) if touchpoint_id is not None else None
    if touchpoint is None or touchpoint.retired_at is not None:
        raise NotFound
    return enrol(session, touchpoint, now)


def enrol(session: Session, touchpoint: Touchpoint, now: datetime) -> str:
    """Add a tablet to a touchpoint and return its token, of which only a digest is kept."""
    token = secrets.token_urlsafe(32)
    tablet = Tablet(touchpoint_id=touchpoint.id, token_digest=token_digest(token), paired_at=now)
    session.add(tablet)
    session.flush()
    _note(session, tablet, "tablet_paired", touchpoint.center_id, now)
    return token


def revoke(session: Session, tablet_id: int, now: datetime) -> None:
    """End a tablet's credential at once. Raises NotFound unless there is such a live tablet."""
    tablet = session.scalar(
        select(Tablet).where(Tablet.id == tablet_id, Tablet.revoked_at.is_(None))
    )
    if tablet is None:
        raise NotFound
    tablet.revoked_at = now
    _note(session, tablet, "tablet_revoked", tablet.touchpoint.center_id, now)


def _note(session: Session, tablet: Tablet, action: str, center_id: int, now: datetime) -> None:
    session.add(
        AuditEvent(
            happened_at=now,
            action=action,
            center_id=center_id,
            tablet_id=tablet.id,
            detail={"touchpoint_id": tablet.touchpoint_id},
        )
    )
