"""Recording ratings: idempotent, screened, redacted, counted; one transaction, the caller's."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, union_all
from sqlalchemy.orm import Session

from analysis.redaction import redact
from survey_app import tallies
from survey_app.extensions import insert_into
from survey_app.intake.screening import (
    COOLDOWN,
    Visit,
    came_too_soon,
    find_holding_rule,
)
from survey_app.intake.submission import Submission, SurveyRules, Unacceptable, load_rules
from survey_app.models import (
    Answer,
    AuditEvent,
    Rating,
    Service,
    Ticket,
    Touchpoint,
)
from survey_app.models.base import table_of
from survey_app.tickets import give_back_tickets, redeem_ticket
from survey_app.timetables import Timetable, load_timetables

# A device whose clock is further off than this is corrected by the skew seen when it sent.
SKEW_TOLERANCE = timedelta(seconds=120)
# Tablets queue for two weeks, and may stand in a cupboard for longer; beyond this we do
# not believe a device's calendar and take our own.
OLDEST = timedelta(days=60)
# So far back we look for the rating before: numbers between may have been refused.
SEQUENCE_BACK = 20

Status = Literal["recorded", "already_recorded", "rejected"]


@dataclass(frozen=True)
class Arrival:
    """A submission, and what we know of how it reached us.

    `paired_at` is when the device was first paired, `left_at` when its last pairing at this
    touchpoint ended, None while one lasts;
    `skew` is our clock less the device's at the moment of sending, None when unknown;
    `suspicion` names the rule by which the door it came through holds it back.
    """

    submission: Submission
    touchpoint: Touchpoint
    received_at: datetime
    tablet_id: int | None = None
    paired_at: datetime | None = None
    skew: timedelta | None = None
    suspicion: str | None = None
    left_at: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """What became of one submission; `reason` is a stable code when it was rejected."""

    submission_id: UUID
    status: Status
    reason: str | None = None


class _Prepared(NamedTuple):
    """What an acceptable submission comes to: a rating's row, the options chosen, their rules."""

    row: dict[str, Any]
    chosen: list[int]
    rules: SurveyRules
    ticket: Ticket | None


def record_ratings(
    session: Session, arrivals: Sequence[Arrival], *, signing_keys: Sequence[str]
) -> list[Verdict]:
    """Record each arrival once, move the tallies, and say what became of each, in order.

    The same id with the same content is `already_recorded`; with other content it is
    rejected and noted in the audit trail. Rejections never disturb the others. The first
    signing key makes the content digests, all of them are accepted when comparing.
    """
    prepared, refusals = _prepare(session, arrivals, signing_keys)
    new_ids = _insert_ratings(session, [each.row for each in prepared.values()])
    give_back_tickets(
        [each.ticket for new, each in prepared.items() if each.ticket and new not in new_ids]
    )
    if new_ids:
        chosen = [
            {"submission_id": submission_id, "option_id": option_id}
            for submission_id in sorted(new_ids)
            for option_id in prepared[submission_id].chosen
        ]
        if chosen:
            session.execute(insert(table_of(Answer)), chosen)
        tallies.move(session, _movements(prepared[submission_id] for submission_id in new_ids))
    digests = _stored_digests(session, [arrival.submission.submission_id for arrival in arrivals])
    result = []
    for index, arrival in enumerate(arrivals):
        submission_id = arrival.submission.submission_id
        verdict = refusals.get(index)
        # An id that is stored is compared with what is stored, whatever the rules say by now.
        if verdict is None or submission_id in digests:
            fresh = verdict is None and submission_id in new_ids
            verdict = _verdict(arrival, fresh, digests.get(submission_id), signing_keys)
            if fresh:
                new_ids.remove(submission_id)
            if verdict.status == "rejected":
                _note_conflict(session, arrival, verdict)
        result.append(verdict)
    return result


def _prepare(
    session: Session, arrivals: Sequence[Arrival], signing_keys: Sequence[str]
) -> tuple[dict[UUID, _Prepared], dict[int, Verdict]]:
    """What is to be recorded by id, and refusals of the rules by position."""
    rules = load_rules(
        session,
        {(each.touchpoint.survey_id, each.submission.survey_version) for each in arrivals},
    )
    services = _service_ids(session, {each.submission.service for each in arrivals} - {None})
    timetables = load_timetables(session, {each.touchpoint.center_id for each in arrivals})
    # A rating that is here already has spent its ticket; it must not spend another.
    known = _stored_digests(
        session, [each.submission.submission_id for each in arrivals if each.submission.ticket]
    )
    prepared: dict[UUID, _Prepared] = {}
    refusals: dict[int, Verdict] = {}
    for index, arrival in enumerate(arrivals):
        submission = arrival.submission
        if submission.submission_id in prepared:
            # The same id twice in one batch: the first is recorded, this one compared with it.
            continue
        try:
            version = _rules_for(arrival, rules)
            chosen = version.chosen_options(submission)
            service_id = _service_for(arrival, services)
            ticket = None
            if submission.submission_id not in known:
                ticket = _ticket_for(session, arrival, signing_keys)
        except Unacceptable as problem:
            refusals[index] = Verdict(submission.submission_id, "rejected", problem.reason)
            continue
        if ticket is not None and ticket.service_id is not None:
            service_id = ticket.service_id
        row = _row(arrival, version, service_id, timetables[arrival.touchpoint.center_id])
        row["verified"] = ticket is not None
        row["content_digest"] = content_digest(submission, signing_keys[0])
        prepared[submission.submission_id] = _Prepared(row, chosen, version, ticket)
    _hold_what_came_too_soon(session, [each.row for each in prepared.values()])
    return prepared, refusals


def _rules_for(arrival: Arrival, rules: dict[tuple[int, int], SurveyRules]) -> SurveyRules:
    try:
        return rules[arrival.touchpoint.survey_id, arrival.submission.survey_version]
    except KeyError:
        raise Unacceptable("unknown_survey_version") from None


def _service_for(arrival: Arrival, services: dict[str, int]) -> int | None:
    # A touchpoint at a service's own counter knows better than the visitor.
    if arrival.touchpoint.service_id is not None:
        return arrival.touchpoint.service_id
    if arrival.submission.service is None:
        return None
    try:
        return services[arrival.submission.service]
    except KeyError:
        raise Unacceptable("unknown_service") from None


def _ticket_for(session: Session, arrival: Arrival, signing_keys: Sequence[str]) -> Ticket | None:
    """Spend the ticket that came with a submission, if any.

    A tablet thanked its visitor long ago, perhaps without a network: its rating is heard even
    when the ticket is worth nothing, as one of the open channel. What the ticket was worth is
    asked of the moment it was shown: the rating may have waited for longer than tickets last.
    Where only tickets lead, Unacceptable is raised.
    """
    code, touchpoint = arrival.submission.ticket, arrival.touchpoint
    ticket = None
    if code is not None:
        ticket = redeem_ticket(
            session,
            touchpoint.center_id,
            code,
            signing_keys=signing_keys,
            now=_believable_time(arrival)[0],
        )
    if ticket is None and touchpoint.is_for_tickets:
        raise Unacceptable("ticket_not_valid")
    return ticket


def _row(
    arrival: Arrival, rules: SurveyRules, service_id: int | None, timetable: Timetable
) -> dict[str, Any]:
    submission, touchpoint = arrival.submission, arrival.touchpoint
    counted_at, clock = _believable_time(arrival)
    local = counted_at.astimezone(ZoneInfo(touchpoint.center.time_zone))
    rule = arrival.suspicion or find_holding_rule(
        channel=touchpoint.channel,
        counted_at=counted_at,
        local=local,
        timetable=timetable,
        paired_at=arrival.paired_at,
        left_at=arrival.left_at,
        visit=Visit(submission.device_ms, submission.visit_ms, rules.screens_answered(submission)),
    )
    return {
        "submission_id": submission.submission_id,
        "center_id": touchpoint.center_id,
        "touchpoint_id": touchpoint.id,
        "tablet_id": arrival.tablet_id,
        "sequence": submission.sequence if arrival.tablet_id is not None else None,
        "survey_version_id": rules.version_id,
        "service_id": service_id,
        "score": submission.score,
        "comment": redact(submission.comment, submission.language) if submission.comment else None,
        "language": submission.language,
        "channel": touchpoint.channel,
        "mode": submission.mode,
        "rated_at": submission.rated_at,
        "received_at": arrival.received_at,
        "clock": clock,
        "counted_on": local.date(),
        "counted_hour": local.hour,
        "state": "counted" if rule is None else "held",
        "held_rule": rule,
        "device_run": submission.device_run,
        "device_ms": submission.device_ms,
        "lead_ms": submission.lead_ms,
        "visit_ms": submission.visit_ms,
        "skew_ms": None if arrival.skew is None else arrival.skew // timedelta(milliseconds=1),
    }


def _hold_what_came_too_soon(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Hold tablets' ratings that came sooner after the one before than the page allows.

    The one before is the next lower number of the same run of the page, in this batch or stored.
    A tablet sends in order, so that none in between comes later.
    """
    runs: defaultdict[tuple[int, UUID], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["sequence"] is not None and row["device_run"] is not None:
            runs[row["tablet_id"], row["device_run"]].append(row)
    stored = _visits_before(session, runs)
    for run, those in runs.items():
        before = stored.get(run)
        for row in sorted(those, key=itemgetter("sequence")):
            visit = Visit(row["device_ms"], row["visit_ms"])
            if before is not None and row["state"] == "counted" and came_too_soon(visit, before):
                row["state"], row["held_rule"] = "held", COOLDOWN
            before = visit


def _visits_before(
    session: Session, runs: Mapping[tuple[int, UUID], Iterable[Mapping[str, Any]]]
) -> dict[tuple[int, UUID], Visit]:
    """Of each run the last stored visit before the first of these."""
    if not runs:
        return {}
    earlier = [
        select(Rating.tablet_id, Rating.device_run, Rating.device_ms, Rating.visit_ms)
        .where(
            Rating.tablet_id == tablet_id,
            Rating.sequence < min(row["sequence"] for row in those),
            Rating.sequence >= min(row["sequence"] for row in those) - SEQUENCE_BACK,
            Rating.device_run == run,
        )
        .order_by(Rating.sequence.desc())
        .limit(1)
        .subquery()
        for (tablet_id, run), those in runs.items()
    ]
    found = session.execute(union_all(*map(select, earlier)))
    return {
        (tablet_id, run): Visit(began_ms, lasted_ms)
        for tablet_id, run, began_ms, lasted_ms in found
    }


def _believable_time(arrival: Arrival) -> tuple[datetime, str]:
    """The instant a rating counts for, and whose clock said so."""
    rated_at, clock = arrival.submission.rated_at, "device"
    if arrival.skew is not None and abs(arrival.skew) > SKEW_TOLERANCE:
        try:
            rated_at, clock = rated_at + arrival.skew, "corrected"
        except OverflowError:
            return arrival.received_at, "server"
    age = arrival.received_at - rated_at
    if -SKEW_TOLERANCE <= age <= OLDEST:
        return rated_at, clock
    return arrival.received_at, "server"


def _insert_ratings(session: Session, rows: list[dict[str, Any]]) -> set[UUID]:
    """Insert what is not there yet; the ids that this transaction added."""
    if not rows:
        return set()
    # Core, not ORM: a row costs half as much.
    table = table_of(Rating)
    statement = (
        insert_into(session, table).on_conflict_do_nothing().returning(table.c.submission_id)
    )
    # In one order, so that two senders of the same ids wait for each other; never deadlock.
    ordered = sorted(rows, key=lambda row: row["submission_id"])
    return set(session.scalars(statement, ordered))


def _movements(recorded: Iterable[_Prepared]) -> tallies.Movements:
    movements = tallies.no_movements()
    for row, chosen, rules, _ in recorded:
        place = tallies.Place(*(row[name] for name in tallies.Place._fields))
        tallies.count_rating(
            movements,
            place,
            score=row["score"],
            state=row["state"],
            has_comment=row["comment"] is not None,
            answered=tallies.answer_cells(rules.asked, chosen),
        )
    return movements


def content_digest(submission: Submission, key: str) -> bytes:
    """A keyed SHA-256 of what the citizen said, to tell a retry from another content.

    The time is left out: a form sent twice carries the time of each sending. So is the ticket,
    or whoever has the key could try tickets until one fits the rating. So is what the client
    left open: a member added to Submission must not change the digest of a rating
    that was recorded before and is sent again after. It is keyed so that a stolen database
    does not let anyone test guesses at the words that redaction removed.
    """
    said = submission.model_dump_json(exclude={"rated_at", "ticket"}, exclude_defaults=True)
    return hmac.digest(key.encode(), said.encode(), hashlib.sha256)


def _stored_digests(session: Session, ids: list[UUID]) -> dict[UUID, bytes]:
    if not ids:
        return {}
    found = session.execute(
        select(Rating.submission_id, Rating.content_digest).where(Rating.submission_id.in_(ids))
    )
    return dict(found.all())


def _verdict(
    arrival: Arrival, fresh: bool, stored: bytes | None, signing_keys: Sequence[str]
) -> Verdict:
    submission = arrival.submission
    if fresh:
        return Verdict(submission.submission_id, "recorded")
    if stored is None:
        # Nothing is stored under this id, so what stood in the way was the sequence number.
        return Verdict(submission.submission_id, "rejected", "sequence_reused")
    if any(hmac.compare_digest(stored, content_digest(submission, key)) for key in signing_keys):
        return Verdict(submission.submission_id, "already_recorded")
    return Verdict(submission.submission_id, "rejected", "content_differs")


def _note_conflict(session: Session, arrival: Arrival, verdict: Verdict) -> None:
    session.add(
        AuditEvent(
            happened_at=arrival.received_at,
            action="rating_refused",
            center_id=arrival.touchpoint.center_id,
            tablet_id=arrival.tablet_id,
            detail={
                "submission_id": str(verdict.submission_id),
                "touchpoint_id": arrival.touchpoint.id,
                "reason": verdict.reason,
            },
        )
    )


def _service_ids(session: Session, codes: set[str | None]) -> dict[str, int]:
    if not codes:
        return {}
    found = session.execute(select(Service.code, Service.id).where(Service.code.in_(codes)))
    return dict(found.all())


def skew_at(received_at: datetime, sent_at: datetime | None) -> timedelta | None:
    """Our clock less the device's, from the time it says it sent; None when it did not say."""
    return None if sent_at is None else received_at - sent_at
