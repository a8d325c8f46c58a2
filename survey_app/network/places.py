"""What a manager does to a place: add, change, retire, open again. The caller commits."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.codes import POSTER_LENGTH, mint_code
from survey_app.errors import DomainError
from survey_app.models import LANGUAGES, Center, Touchpoint, User
from survey_app.trail import note

# What a person may add: a tablet's place, a poster, the place where visit tickets come in.
KINDS = ("tablet", "poster", "tickets")
_SLUG_LENGTH = 40
# Twenty billion codes: meeting a taken one twice in a row is a sign of something else.
_TRIES = 5


class TicketsTaken(DomainError):
    """A center has one place for its visit tickets, and there is one already."""

    status = 409
    code = "tickets_taken"


def add_place(
    session: Session,
    center: Center,
    kind: str,
    labels: Mapping[str, str],
    survey_id: int,
    service_id: int | None,
    by: User,
    now: datetime,
) -> Touchpoint:
    """Add a place of one of KINDS, with its labels by language.

    Raises TicketsTaken for a second place of visit tickets.
    """
    if kind == "tickets":
        _demand_no_tickets(session, center.id)
    for tries_left in reversed(range(_TRIES)):
        place = Touchpoint(
            center_id=center.id,
            channel="tablet" if kind == "tablet" else "qr",
            slug=_free_slug(session, center, labels["en"]),
            code=mint_code(POSTER_LENGTH) if kind == "poster" else None,
            survey_id=survey_id,
            service_id=service_id,
            created_at=now,
            **{f"label_{language}": labels[language] for language in LANGUAGES},
        )
        try:
            with session.begin_nested():
                session.add(place)
        except IntegrityError:
            # Another place got the code or the short name first; look and draw again.
            if kind == "tickets":
                _demand_no_tickets(session, center.id)
            if not tries_left:
                raise
        else:
            break
    note(session, "touchpoint_added", center.id, by, now, touchpoint_id=place.id, kind=kind)
    return place


def rename_place(
    session: Session, place: Touchpoint, labels: Mapping[str, str], by: User, now: datetime
) -> None:
    """Give a place other labels; its address and code stay."""
    for language in LANGUAGES:
        setattr(place, f"label_{language}", labels[language])
    note(session, "touchpoint_renamed", place.center_id, by, now, touchpoint_id=place.id)


def ask_at_place(
    session: Session,
    place: Touchpoint,
    survey_id: int,
    service_id: int | None,
    by: User,
    now: datetime,
) -> None:
    """Ask another survey at a poster or of tickets, or about another service.

    Raises ValueError for a tablet's place: what its tablets still have to send was asked by the
    survey they were set up with, and would be judged by another. Another place is added for
    another survey, and the tablets are moved there.
    """
    if place.channel == "tablet":
        raise ValueError("a tablet's place keeps its survey and service")
    if (place.survey_id, place.service_id) == (survey_id, service_id):
        return
    place.survey_id, place.service_id = survey_id, service_id
    note(
        session,
        "touchpoint_asks",
        place.center_id,
        by,
        now,
        touchpoint_id=place.id,
        survey_id=survey_id,
        service_id=service_id,
    )


def retire_place(session: Session, place: Touchpoint, by: User, now: datetime) -> None:
    """Take no more ratings at a place; what was said there stays."""
    if place.retired_at is None:
        place.retired_at = now
        note(session, "touchpoint_retired", place.center_id, by, now, touchpoint_id=place.id)


def reopen_place(session: Session, place: Touchpoint, by: User, now: datetime) -> None:
    """Take ratings again at a retired place, whose printed codes are good once more.

    Raises TicketsTaken when the center's visit tickets come in at another place by now.
    """
    if place.retired_at is None:
        return
    if place.is_for_tickets:
        _demand_no_tickets(session, place.center_id)
    try:
        with session.begin_nested():
            place.retired_at = None
    except IntegrityError:
        # Somebody added one since we looked.
        raise TicketsTaken from None
    note(session, "touchpoint_reopened", place.center_id, by, now, touchpoint_id=place.id)


def _demand_no_tickets(session: Session, center_id: int) -> None:
    living = select(Touchpoint.id).where(
        Touchpoint.center_id == center_id,
        Touchpoint.channel == "qr",
        Touchpoint.code.is_(None),
        Touchpoint.retired_at.is_(None),
    )
    if session.scalar(living) is not None:
        raise TicketsTaken


def _free_slug(session: Session, center: Center, label: str) -> str:
    """A short name made from the label that no place of the center has, retired or not."""
    ascii_only = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:_SLUG_LENGTH].strip("-") or "place"
    taken = set(session.scalars(select(Touchpoint.slug).where(Touchpoint.center_id == center.id)))
    slug, number = stem, 1
    while slug in taken:
        number += 1
        ending = f"-{number}"
        slug = stem[: _SLUG_LENGTH - len(ending)] + ending
    return slug
