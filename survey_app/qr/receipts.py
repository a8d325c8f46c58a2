"""The citizen's receipt: a reference to see a rating's state, or to withdraw it with."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.codes import RECEIPT_LENGTH, code_digest, code_digests, derive_code
from survey_app.contacts import forget_contact
from survey_app.models import (
    Answer,
    AuditEvent,
    CommentCorrection,
    CommentReading,
    Rating,
    Receipt,
)

# The rule of a rating that its citizen took back, with its version.
WITHDRAWN = "withdrawn/1"

State = Literal["counted", "held", "void", "withdrawn"]


def new_seed() -> str:
    """What travels with an empty form, so that the same form gives the same reference again."""
    return secrets.token_urlsafe(12)


def give_receipt(
    session: Session, submission_id: UUID, seed: str, signing_keys: Sequence[str]
) -> str:
    """Add the receipt of a rating that was recorded just now; its reference. The caller commits.

    The reference is made from the form's seed, which is kept nowhere: whoever knows a rating's id
    from the database or from staff's pages cannot find out the reference that withdraws it.
    """
    code = _code(submission_id, seed or new_seed(), signing_keys[0])
    digest = code_digest("receipt", code, signing_keys[0])
    session.add(Receipt(submission_id=submission_id, digest=digest))
    return code


def receipt_again(
    session: Session, submission_id: UUID, seed: str, signing_keys: Sequence[str]
) -> str | None:
    """The reference of a rating whose form came once more, as when the first answer was lost on
    its way; None unless it is the very form."""
    stored = session.scalar(select(Receipt.digest).where(Receipt.submission_id == submission_id))
    for key in signing_keys:
        code = _code(submission_id, seed, key)
        if stored is not None and hmac.compare_digest(stored, code_digest("receipt", code, key)):
            return code
    return None


def rating_of(session: Session, code: str, signing_keys: Sequence[str]) -> Rating | None:
    """The rating of this reference, None alike for one that never was and for a misspelt one."""
    return session.scalar(
        select(Rating)
        .join(Receipt, Receipt.submission_id == Rating.submission_id)
        .where(Receipt.digest.in_(code_digests("receipt", code, signing_keys)))
    )


def state_of(rating: Rating) -> State:
    """How it stands with a rating, as its citizen is told."""
    if rating.state == "void" and rating.held_rule == WITHDRAWN:
        return "withdrawn"
    state: State = rating.state  # type: ignore[assignment]
    return state


def withdraw(session: Session, rating: Rating, now: datetime) -> None:
    """Take a rating back for its citizen: it counts no longer, and all it said but the score goes.

    The score stays in the row, which the database lets nobody delete, as a void one. The tallies
    move in the same transaction, which must be a writing one; the caller commits. A rating
    withdrawn before is left as it is; one that two people voided stays theirs, and is emptied
    and noted once.
    """
    # Not a whole lock: a comment of it that is being read just now refers to it.
    session.refresh(rating, with_for_update={"key_share": True})
    if state_of(rating) == "withdrawn" or (rating.state == "void" and _is_noted(session, rating)):
        return
    before = {"was": rating.state, "rule": rating.held_rule}
    named = rating.submission_id
    # The reading moves with its rating as long as both are there; what is void counts nowhere.
    tallies.change_state(session, [named], state="void", rule=WITHDRAWN)
    for about in (CommentReading, CommentCorrection, Answer):
        session.execute(delete(about).where(about.submission_id == named))
    session.execute(update(Rating).where(Rating.submission_id == named).values(comment=None))
    # Nobody is to be called about what was taken back.
    forget_contact(session, named)
    session.add(
        AuditEvent(
            happened_at=now,
            action="rating_withdrawn",
            center_id=rating.center_id,
            detail={"submission_id": str(named), **before},
        )
    )
    session.flush()
    session.refresh(rating)


def _is_noted(session: Session, rating: Rating) -> bool:
    """Whether the trail has a withdrawal of this rating, which is younger than the rating."""
    noted = select(AuditEvent.id).where(
        AuditEvent.center_id == rating.center_id,
        AuditEvent.happened_at >= rating.received_at,
        AuditEvent.action == "rating_withdrawn",
        AuditEvent.detail["submission_id"].as_string() == str(rating.submission_id),
    )
    return session.scalar(noted.limit(1)) is not None


def _code(submission_id: UUID, seed: str, key: str) -> str:
    said = f"reference {submission_id} {seed}".encode()
    return derive_code(hmac.digest(key.encode(), said, "sha256"), RECEIPT_LENGTH)
