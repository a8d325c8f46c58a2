"""Answering: who looked at a contact is noted, and closing erases it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.contacts import open_contact
from survey_app.models import AuditEvent, Case, User


def show_contact(
    session: Session, case: Case, person: User, *, signing_keys: Sequence[str], now: datetime
) -> str:
    """The contact of a case, for this person to answer; noted. The caller commits.

    Raises contacts.UnreadableContact when the key that locked it is gone.
    """
    contact = open_contact(case, signing_keys)
    _note(session, "contact_shown", case, person, now)
    return contact


def close_case(session: Session, case: Case, person: User, now: datetime) -> None:
    """Close an answered case and erase the contact for good. The caller commits."""
    _note(session, "case_closed", case, person, now)
    case.contact = None
    case.closed_at, case.closed_by = now, person.id


def _note(session: Session, action: str, case: Case, person: User, now: datetime) -> None:
    session.add(
        AuditEvent(
            happened_at=now,
            action=action,
            center_id=case.center_id,
            user_id=person.id,
            detail={"case": case.id},
        )
    )
