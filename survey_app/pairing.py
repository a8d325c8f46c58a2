"""Pairing: a short-lived code turns a device into a tablet with a credential of its own."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from survey_app.access import token_digest
from survey_app.codes import ALPHABET, grouped_code, plain_code
from survey_app.errors import NotFound
from survey_app.models import PairingCode, Tablet, TabletPlace, Touchpoint, User
from survey_app.trail import note

CODE_LENGTH = 8
CODE_LIFETIME = timedelta(minutes=10)
# What was used or ran out is of no more use to anybody; the audit trail keeps who made a code.
CODE_KEPT = timedelta(days=1)


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
    return grouped_code(code)


def code_address(base: str, code: str) -> str:
    """Where a device is paired with this code; `base` is where people reach this installation.

    The code stands behind the #, which browsers keep to themselves and no log receives.
    """
    return f"{base}/kiosk/#code={code.replace('-', '')}"


def pair_tablet(session: Session, code: str, now: datetime, public_key: bytes | None = None) -> str:
    """Spend a code and enrol the device; the returned token is shown this once.

    `public_key` is the device's own, by which its earlier pairings are known. Raises NotFound
    alike for a wrong, used or expired code.
    """
    # Two devices may send the same code at once; only one of them finds it unused.
    touchpoint_id = session.scalar(
        update(PairingCode)
        .where(
            PairingCode.code_digest == token_digest(plain_code(code)),
            PairingCode.used_at.is_(None),
            PairingCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(PairingCode.touchpoint_id)
    )
    touchpoint = session.get(Touchpoint, touchpoint_id) if touchpoint_id is not None else None
    if touchpoint is None or touchpoint.retired_at is not None:
        raise NotFound
    return enrol(session, touchpoint, now, public_key)


def erase_codes(session: Session, now: datetime) -> int:
    """Delete codes that ran out a day ago, used or not; how many. The caller commits."""
    erased = session.scalars(
        delete(PairingCode)
        .where(PairingCode.expires_at < now - CODE_KEPT)
        .returning(PairingCode.id)
    )
    return len(erased.all())


def enrol(
    session: Session, touchpoint: Touchpoint, now: datetime, public_key: bytes | None = None
) -> str:
    """Add a tablet to a touchpoint and return its token, of which only a digest is kept.

    The device keeps one token: what it was paired as before ends here, or staff would be told
    of a silent tablet that stands in front of them.
    """
    for former in _living_with(session, public_key):
        former.revoked_at = now
        _note(session, former, "tablet_revoked", now)
    token = secrets.token_urlsafe(32)
    tablet = Tablet(
        touchpoint_id=touchpoint.id,
        token_digest=token_digest(token),
        public_key=public_key,
        heartbeats=_counted_by(session, public_key),
        paired_at=now,
    )
    session.add(tablet)
    session.flush()
    session.add(TabletPlace(tablet_id=tablet.id, since=now, touchpoint_id=touchpoint.id))
    _note(session, tablet, "tablet_paired", now)
    return token


def revoke(session: Session, tablet_id: int, now: datetime, by: User | None = None) -> None:
    """End a tablet's credential at once, by a person or by an operator's command.

    Raises NotFound unless there is such a live tablet.
    """
    tablet = session.scalar(
        select(Tablet).where(Tablet.id == tablet_id, Tablet.revoked_at.is_(None))
    )
    if tablet is None:
        raise NotFound
    tablet.revoked_at = now
    _note(session, tablet, "tablet_revoked", now, by)


def stood_at(session: Session, tablet: Tablet) -> tuple[dict[int, Touchpoint], datetime]:
    """The places this device ever stood at, by number, and when it was first paired.

    A device is known by its key, however often it was paired; without a key it is this one row.
    """
    same = Tablet.id == tablet.id
    if tablet.public_key is not None:
        same = Tablet.public_key == tablet.public_key
    places = session.scalars(
        select(Touchpoint)
        .where(
            Touchpoint.id.in_(
                select(TabletPlace.touchpoint_id)
                .join(Tablet, Tablet.id == TabletPlace.tablet_id)
                .where(same)
            )
        )
        .options(joinedload(Touchpoint.center))
    )
    paired_at = session.scalars(select(func.min(Tablet.paired_at)).where(same)).one()
    return {place.id: place for place in places}, paired_at


def left_at(session: Session, tablet: Tablet) -> dict[int, datetime]:
    """When this device left the places, by number, where it stood only in pairings that have ended.

    Whoever paired it anew may be another center's: what it claims to have asked there later, it
    has not.
    """
    if tablet.public_key is None:
        return {}
    rows = session.execute(
        select(TabletPlace.touchpoint_id, func.max(Tablet.revoked_at))
        .join(Tablet, Tablet.id == TabletPlace.tablet_id)
        .where(Tablet.public_key == tablet.public_key)
        .group_by(TabletPlace.touchpoint_id)
        .having(func.count() == func.count(Tablet.revoked_at))
    )
    return {place_id: ended for place_id, ended in rows if ended is not None}


def _living_with(session: Session, public_key: bytes | None) -> Sequence[Tablet]:
    if public_key is None:
        return []
    return session.scalars(
        select(Tablet).where(Tablet.public_key == public_key, Tablet.revoked_at.is_(None))
    ).all()


def _counted_by(session: Session, public_key: bytes | None) -> int | None:
    """How far the device had counted its signs of life: what it signed earlier stays worthless."""
    if public_key is None:
        return None
    return session.scalar(
        select(func.max(Tablet.heartbeats)).where(Tablet.public_key == public_key)
    )


def _note(
    session: Session, tablet: Tablet, action: str, now: datetime, by: User | None = None
) -> None:
    place = tablet.touchpoint
    note(session, action, place.center_id, by, now, tablet, touchpoint_id=place.id)
