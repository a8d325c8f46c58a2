"""The tablet's door: ratings in, set-up out, a sign of life."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, g
from flask.typing import ResponseReturnValue

from survey_app.access import may_send, tablets_only
from survey_app.api.documents import BATCH_BYTES, Batch, Heartbeat, Malformed
from survey_app.api.setup import build_setup
from survey_app.documents import instant, read_document
from survey_app.errors import Unprocessable
from survey_app.extensions import db
from survey_app.intake import Arrival, Verdict, record_ratings
from survey_app.intake.record import skew_at
from survey_app.observability import RATINGS

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/ratings")
@tablets_only
@may_send(BATCH_BYTES)
def record() -> ResponseReturnValue:
    """Record a batch and answer a verdict per id: 422 only when every one was rejected."""
    batch = read_document(Batch)
    now = datetime.now(UTC)
    skew = skew_at(now, batch.sent_at)
    arrivals = [
        Arrival(each, g.tablet.touchpoint, now, g.tablet.id, g.tablet.paired_at, skew)
        for each in batch.ratings
        if not isinstance(each, Malformed)
    ]
    keys = current_app.extensions["settings"].signing_keys()
    verdicts = record_ratings(db.session, arrivals, signing_keys=keys)
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
    """Note that the tablet lives, what it runs and how much it still has to send."""
    document = read_document(Heartbeat)
    g.tablet.last_seen_at = datetime.now(UTC)
    g.tablet.app_version = document.app_version
    g.tablet.unsent = document.unsent
    g.tablet.rejected = document.rejected
    g.tablet.last_sequence = document.last_sequence
    db.session.commit()
    return "", 204


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "submission_id": str(verdict.submission_id),
        "status": verdict.status,
        "reason": verdict.reason,
    }
