"""Deciding on ratings: a rule holds them, a person releases them, two people void them.

Ratings keep their rows whatever is decided. Each decision is a Ruling with its reason, moves the
tallies in the same transaction and leaves an audit event; the caller commits. Every verb first
locks the ratings it speaks of, so that two people who decide at once wait for each other, and the
second is told that it has been decided.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from analysis.months import Month
from survey_app import tallies, trail
from survey_app.errors import DomainError
from survey_app.models import (
    Center,
    IntegrityAlert,
    IntegrityCheck,
    Rating,
    Ruling,
    RulingRating,
    User,
)

# What a ruling names as its rule where a person rules.
PERSON = "person"


class AlreadyDecided(DomainError):
    """What was to be decided on has been decided, or is being decided, by somebody else."""

    status = 409
    code = "already_decided"


class SamePerson(DomainError):
    """Voiding needs a second person, and this is the first one."""

    status = 409
    code = "same_person"


def hold(
    session: Session,
    center: Center,
    alert: IntegrityAlert,
    ids: Collection[UUID],
    reason: str,
    now: datetime,
) -> Ruling | None:
    """Set these ratings aside by the alert's rule; None when there was nothing left to hold.

    Only ratings that count are held, and none that a person has released.
    """
    counted = _lock(session, center, ids, "counted")
    free = counted - _released(session, counted)
    if not free:
        return None
    ruling = Ruling(
        center_id=center.id,
        alert=alert,
        kind="hold",
        stage="done",
        rule=alert.rule,
        reason=reason,
        proposed_at=now,
        decided_at=now,
    )
    _add(session, ruling, free)
    tallies.change_state(session, free, state="held", rule=alert.rule)
    _note(session, "ratings_held", ruling, len(free), now, None)
    return ruling


def release(
    session: Session,
    center: Center,
    alert: IntegrityAlert | None,
    ids: Collection[UUID],
    reason: str,
    person: User,
    now: datetime,
) -> Ruling:
    """Let these ratings, which are held, count again.

    No rule holds them again. Raises AlreadyDecided unless all of them are held in this center and
    nobody has proposed to void any of them.
    """
    _lock_undecided(session, center, ids, ("held",))
    ruling = Ruling(
        center_id=center.id,
        alert=alert,
        kind="release",
        stage="done",
        rule=PERSON,
        reason=reason,
        proposed_by=person.id,
        proposed_at=now,
        decided_by=person.id,
        decided_at=now,
    )
    _add(session, ruling, ids)
    tallies.change_state(session, ids, state="counted")
    _note(session, "ratings_released", ruling, len(ids), now, person)
    return ruling


def propose_void(
    session: Session,
    center: Center,
    alert: IntegrityAlert | None,
    ids: Collection[UUID],
    reason: str,
    person: User,
    now: datetime,
) -> Ruling:
    """Propose to void these ratings for good; until a second person confirms, nothing changes.

    Raises AlreadyDecided unless all of them count or are held in this center and nobody has
    proposed to void any of them.
    """
    _lock_undecided(session, center, ids, ("counted", "held"))
    ruling = Ruling(
        center_id=center.id,
        alert=alert,
        kind="void",
        stage="proposed",
        rule=PERSON,
        reason=reason,
        proposed_by=person.id,
        proposed_at=now,
    )
    _add(session, ruling, ids)
    _note(session, "void_proposed", ruling, len(ids), now, person)
    return ruling


def confirm_void(session: Session, ruling: Ruling, person: User, now: datetime) -> int:
    """Void the ratings of a proposal as the second person; how many.

    Raises SamePerson for the person who proposed it, AlreadyDecided when somebody was faster.
    """
    _decide(session, ruling, "done", person, now)
    ids = [each.submission_id for each in ruling.ratings]
    voided = tallies.change_state(session, ids, state="void")
    days = select(Rating.counted_on).where(Rating.submission_id.in_(ids)).distinct()
    for month in {Month.of(day) for day in session.scalars(days)}:
        # One of the rules of a month is about what is void.
        forget_month(session, ruling.center_id, month)
    _note(session, "ratings_voided", ruling, voided, now, person)
    return voided


def decline_void(session: Session, ruling: Ruling, person: User, now: datetime) -> None:
    """Decline a proposal as the second person: the ratings stay as they are.

    Raises SamePerson for the person who proposed it, AlreadyDecided when somebody was faster.
    """
    _decide(session, ruling, "declined", person, now)
    _note(session, "void_declined", ruling, len(ruling.ratings), now, person)


def acknowledge(
    session: Session, alert: IntegrityAlert, note: str, person: User, now: datetime
) -> None:
    """Note that somebody has looked into an alert, and what came of it.

    Raises AlreadyDecided when somebody has noted it before.
    """
    # Two people may press at once: the database lets one of them change an open alert.
    changed = session.execute(
        update(IntegrityAlert)
        .where(IntegrityAlert.id == alert.id, IntegrityAlert.acknowledged_at.is_(None))
        .values(acknowledged_at=now, acknowledged_by=person.id, note=note)
        .returning(IntegrityAlert.id)
    )
    if changed.first() is None:
        raise AlreadyDecided
    trail.note(
        session,
        "alert_acknowledged",
        alert.center_id,
        person,
        now,
        alert=alert.id,
        rule=alert.rule,
        note=note,
    )


def forget_month(session: Session, center_id: int, month: Month) -> None:
    """Have the month's last day, with which the rules of the month are applied, checked again."""
    session.execute(
        delete(IntegrityCheck).where(
            IntegrityCheck.center_id == center_id, IntegrityCheck.day == month.last_day
        )
    )


def _decide(session: Session, ruling: Ruling, stage: str, person: User, now: datetime) -> None:
    if person.id == ruling.proposed_by:
        raise SamePerson
    # Two people may decide at once: the second waits here for the first, and then finds that the
    # proposal is open no longer.
    decided = session.execute(
        update(Ruling)
        .where(Ruling.id == ruling.id, Ruling.stage == "proposed", Ruling.kind == "void")
        .values(stage=stage, decided_by=person.id, decided_at=now)
        .returning(Ruling.id)
    )
    if decided.first() is None:
        raise AlreadyDecided


def _lock(session: Session, center: Center, ids: Collection[UUID], *states: str) -> set[UUID]:
    """Those of the ratings that are in one of the states, kept so until the transaction ends."""
    found = session.execute(
        select(Rating.submission_id, Rating.state)
        .where(Rating.submission_id.in_(ids), Rating.center_id == center.id)
        .order_by(Rating.submission_id)
        # Weak enough for a reading of the comment to be stored meanwhile.
        .with_for_update(key_share=True)
    )
    return {submission_id for submission_id, state in found if state in states}


def _lock_undecided(
    session: Session, center: Center, ids: Collection[UUID], states: tuple[str, ...]
) -> None:
    if not ids or _lock(session, center, ids, *states) != set(ids):
        raise AlreadyDecided
    is_proposed = exists().where(
        RulingRating.submission_id.in_(ids),
        RulingRating.ruling_id == Ruling.id,
        Ruling.stage == "proposed",
    )
    if session.scalar(select(is_proposed)):
        raise AlreadyDecided


def _released(session: Session, ids: Collection[UUID]) -> set[UUID]:
    return set(
        session.scalars(
            select(RulingRating.submission_id)
            .join(Ruling, Ruling.id == RulingRating.ruling_id)
            .where(
                RulingRating.submission_id.in_(ids),
                Ruling.kind == "release",
                Ruling.stage == "done",
            )
        )
    )


def _add(session: Session, ruling: Ruling, ids: Collection[UUID]) -> None:
    ruling.ratings = [RulingRating(submission_id=each) for each in sorted(ids)]
    session.add(ruling)
    # The number of the ruling stands in the audit event.
    session.flush()


def _note(
    session: Session,
    action: str,
    ruling: Ruling,
    count: int,
    now: datetime,
    person: User | None,
) -> None:
    detail: dict[str, Any] = {"ruling": ruling.id, "rule": ruling.rule, "ratings": count}
    if ruling.alert_id is not None:
        detail["alert"] = ruling.alert_id
    detail["reason"] = ruling.reason
    trail.note(session, action, ruling.center_id, person, now, **detail)
