"""The tablet's door: ratings in, set-up out, a sign of life."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, g
from flask.typing import ResponseReturnValue

from survey_app.access import may_send, tablets_only
from survey_app.api.documents import BATCH_BYTES, Batch, Heartbeat, Malformed, Unpairing
from survey_app.api.setup import build_setup, setup_tag
from survey_app.api.tablets import count_heartbeat, note_heartbeat
from survey_app.documents import instant, read_document
from survey_app.errors import Unprocessable
from survey_app.extensions import begin_snapshot, db
from survey_app.intake import Arrival, Verdict, record_ratings
from survey_app.intake.record import skew_at
from survey_app.intake.submission import Submission
from survey_app.models import Touchpoint
from survey_app.observability import RATINGS
from survey_app.pairing import left_at, revoke, stood_at

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/ratings")
@tablets_only
@may_send(BATCH_BYTES)
def record() -> ResponseReturnValue:
    """Record a batch and answer a verdict per id: 422 only when every one was rejected."""
    batch = read_document(Batch)
    now = datetime.now(UTC)
    skew = skew_at(now, batch.sent_at)
    places, paired_at = stood_at(db.session, g.tablet)
    left = left_at(db.session, g.tablet)
    given = [
        (each, _place_of(each, places)) for each in batch.ratings if not isinstance(each, Malformed)
    ]
    arrivals = [
        Arrival(each, place, now, g.tablet.id, paired_at, skew, left_at=left.get(place.id))
        for each, place in given
    ]
    keys = current_app.extensions["settings"].signing_keys()
    verdicts = record_ratings(db.session, arrivals, signing_keys=keys)
    # A batch that was recorded on its way and is sent again brings nothing new, and shows no life.
    if any(verdict.status == "recorded" for verdict in verdicts):
        g.tablet.last_seen_at = now
    db.session.commit()
    verdicts += [
        Verdict(each.submission_id, "rejected", f"malformed{each.problem}")
        for each in batch.ratings
        if isinstance(each, Malformed)
    ]
    answer = {"verdicts": [_verdict(each) for each in verdicts], "server_time": instant(now)}
    for verdict in verdicts:
        RATINGS.labels("api", verdict.status).inc()
    if all(verdict.status == "rejected" for verdict in verdicts):
        raise Unprocessable("No rating of this batch could be accepted.", **answer)
    return answer


@blueprint.get("/kiosk")
@tablets_only
def setup() -> ResponseReturnValue:
    """Everything the tablet needs to ask its questions, for two weeks without us."""
    return build_setup(db.session, g.tablet)


@blueprint.post("/kiosk/heartbeat")
@tablets_only
def heartbeat() -> ResponseReturnValue:
    """Note how the tablet is, and tell it the tag of its set-up, so that it asks for a new one."""
    document = read_document(Heartbeat)
    now = datetime.now(UTC)
    count_heartbeat(db.session, g.tablet, document.heartbeats)
    note_heartbeat(g.tablet, document, now)
    db.session.commit()
    # On SQLite a reader keeps nobody waiting: the writers' turn is over by now.
    begin_snapshot(db.session)
    return {"setup": setup_tag(db.session, g.tablet), "server_time": instant(now)}


@blueprint.post("/kiosk/unpair")
@tablets_only
def unpair() -> ResponseReturnValue:
    """End the pairing by the tablet's own wish: its staff said so on the spot."""
    now = datetime.now(UTC)
    count_heartbeat(db.session, g.tablet, read_document(Unpairing).heartbeats)
    revoke(db.session, g.tablet.id, now)
    db.session.commit()
    return {"server_time": instant(now)}


def _place_of(submission: Submission, places: Mapping[int, Touchpoint]) -> Touchpoint:
    """Where a rating was given: where the tablet stood then, if it says so and did stand there."""
    return places.get(submission.place or 0) or g.tablet.touchpoint


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "submission_id": str(verdict.submission_id),
        "status": verdict.status,
        "reason": verdict.reason,
    }
