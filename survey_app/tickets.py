"""Visit tickets: one-time codes that bind a rating to a visit, and to nobody.

A ticket has two codes that mean the same: ten letters to type, and 128 bits in a QR code. It knows
its center and service. Spending it leaves no trace of which rating it was spent for.
"""

import base64
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session, joinedload

from survey_app.codes import (
    TICKET_LENGTH,
    code_digest,
    code_digests,
    derive_code,
    is_sound,
    mint_code,
    plain_code,
)
from survey_app.errors import Unprocessable
from survey_app.extensions import insert_into
from survey_app.models import Center, Ticket, Touchpoint
from survey_app.models.base import table_of

# People rate at home too, but what they remember after a week is another visit.
LIFETIME = timedelta(days=7)
# An expired ticket says nothing to anybody; it is kept for a while to count what was issued.
KEPT = timedelta(days=90)
_SECRET_BYTES = 16


@dataclass(frozen=True)
class IssuedTicket:
    """The two codes of a new ticket, which are known this once, and until when they are good."""

    code: str
    secret: str
    expires_at: datetime


def tickets_place(session: Session, center: Center) -> Touchpoint:
    """The touchpoint where the center's tickets come in.

    Raises Unprocessable when the center has none: a manager adds it on the network's pages.
    """
    place = session.scalar(
        select(Touchpoint).where(
            Touchpoint.center_id == center.id,
            Touchpoint.channel == "qr",
            Touchpoint.code.is_(None),
            Touchpoint.retired_at.is_(None),
        )
    )
    if place is None:
        raise Unprocessable("The center takes no visit tickets yet; a manager can add them.")
    return place


def issue_ticket(
    session: Session,
    place: Touchpoint,
    *,
    visited_at: datetime,
    signing_keys: Sequence[str],
    service_id: int | None = None,
    counter: str | None = None,
    visit: str | None = None,
) -> IssuedTicket:
    """Add a ticket for one visit. The caller commits.

    `visit` is the queue system's own word for the visit: asked again for the same one, the
    same ticket is given, so that a request sent twice prints no second vote. It is not kept.
    """
    code, secret = _codes_of(place, visit, signing_keys[0])
    expires_at = visited_at + LIFETIME
    row = {
        "code_digest": code_digest("ticket", code, signing_keys[0]),
        "secret_digest": code_digest("ticket secret", secret, signing_keys[0]),
        "touchpoint_id": place.id,
        "service_id": service_id,
        "counter": counter,
        "visited_at": visited_at,
        "expires_at": expires_at,
        "spent": False,
    }
    session.execute(insert_into(session, table_of(Ticket)).on_conflict_do_nothing(), row)
    # A ticket that is given again is good for as long as when it was given first.
    ticket = select(Ticket.expires_at).where(Ticket.code_digest == row["code_digest"])
    return IssuedTicket(code, secret, session.execute(ticket).scalar_one())


def find_ticket(
    session: Session, code: str, *, signing_keys: Sequence[str], now: datetime
) -> Ticket | None:
    """The ticket of this code if it can still be spent.

    None alike for a code that never was, one that was used, one that is too old and one whose
    place was retired.
    """
    return session.scalar(
        select(Ticket)
        .where(*_can_be_spent(code, signing_keys, now))
        .options(joinedload(Ticket.touchpoint).joinedload(Touchpoint.center))
    )


def redeem_ticket(
    session: Session, center_id: int, code: str, *, signing_keys: Sequence[str], now: datetime
) -> Ticket | None:
    """Spend the ticket of this code at its center; None when it cannot be spent there.

    A hundred may try at once; the one statement lets one of them find it unspent.
    """
    places = select(Touchpoint.id).where(Touchpoint.center_id == center_id)
    ticket_id = session.scalar(
        update(Ticket)
        .where(*_can_be_spent(code, signing_keys, now), Ticket.touchpoint_id.in_(places))
        .values(spent=True)
        .returning(Ticket.id)
    )
    return None if ticket_id is None else session.get(Ticket, ticket_id, populate_existing=True)


def give_back_tickets(tickets: Collection[Ticket]) -> None:
    """Undo the spending of tickets for which nothing came to be recorded after all."""
    for ticket in tickets:
        ticket.spent = False


def erase_tickets(session: Session, now: datetime) -> int:
    """Delete tickets long expired; how many there were. The caller commits."""
    erased = session.scalars(
        delete(Ticket).where(Ticket.expires_at < now - KEPT).returning(Ticket.id)
    )
    return len(erased.all())


def _can_be_spent(
    code: str, signing_keys: Sequence[str], now: datetime
) -> tuple[ColumnElement[bool], ...]:
    plain = plain_code(code)
    if len(plain) == TICKET_LENGTH and is_sound(plain):
        named = Ticket.code_digest.in_(code_digests("ticket", plain, signing_keys))
    else:
        named = Ticket.secret_digest.in_(code_digests("ticket secret", plain, signing_keys))
    # Where a place was retired, codes on tickets are no longer taken.
    living = select(Touchpoint.id).where(Touchpoint.retired_at.is_(None))
    return (
        named,
        Ticket.spent.is_(False),
        Ticket.expires_at > now,
        Ticket.touchpoint_id.in_(living),
    )


def _codes_of(place: Touchpoint, visit: str | None, key: str) -> tuple[str, str]:
    if visit is None:
        return mint_code(TICKET_LENGTH), _written(secrets.token_bytes(_SECRET_BYTES))
    # The same visit gives the same bytes again, which nobody without the key can foretell.
    noise = hmac.digest(key.encode(), f"visit {place.id} {visit}".encode(), "sha256")
    code = derive_code(noise[_SECRET_BYTES:], TICKET_LENGTH)
    return code, _written(noise[:_SECRET_BYTES])


def _written(secret: bytes) -> str:
    """The bytes in capitals and digits, which make the smallest QR code."""
    return base64.b32encode(secret).decode().rstrip("=")
