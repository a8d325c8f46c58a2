"""Answering: who looked at a contact is noted, and closing erases it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.contacts import open_contact
from survey_app.models import Case, User
from survey_app.trail import note


def show_contact(
    session: Session, case: Case, person: User, *, signing_keys: Sequence[str], now: datetime
) -> str:
    """The contact of a case, for this person to answer; noted. The caller commits.

    Raises contacts.UnreadableContact when the key that locked it is gone.
    """
    contact = open_contact(case, signing_keys)
    note(session, "contact_shown", case.center_id, person, now, case=case.id)
    return contact


def close_case(session: Session, case: Case, person: User, now: datetime) -> None:
    """Close an answered case and erase the contact for good. The caller commits."""
    note(session, "case_closed", case.center_id, person, now, case=case.id)
    case.contact = None
    case.closed_at, case.closed_by = now, person.id
