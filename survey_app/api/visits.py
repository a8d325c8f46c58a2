"""The door for people served: counts in, what became of each of them out."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from flask import g, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from survey_app.access import centers_for_key, keys_only, may_send
from survey_app.api.views import blueprint
from survey_app.documents import places, read_document
from survey_app.errors import Unprocessable
from survey_app.extensions import db
from survey_app.visit_counts import (
    Delivery,
    Line,
    Problem,
    build_import,
    check_lines,
    load_network,
    note_import,
    record,
)

COUNTS_LIMIT = 10_000
# Room for as many counts with generous white space.
COUNTS_BYTES = 4 * 1024 * 1024
_LONGEST_NAME = 40


class Count(BaseModel):
    """How many people a center served on a day, or in one hour of it, for a service."""

    model_config = ConfigDict(extra="forbid", strict=True)

    center: Annotated[str, Field(max_length=_LONGEST_NAME)]
    day: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    service: Annotated[str, Field(max_length=16)]
    served: int
    hour: int | None = None


class Malformed(BaseModel):
    """A count that could not be read: `reason` names the member; what else could be read of it
    tells the rules which day and service lack a count."""

    reason: str
    center: str = ""
    day: str = ""
    service: str = ""


def _read_one(value: Any) -> Count | Malformed:
    """Read one count: a malformed one is rejected by itself, as a line of a file is."""
    try:
        return Count.model_validate(value, strict=True)
    except ValidationError as error:
        reason = f"malformed{places(error)[0]['pointer']}".rstrip("/")
        told = value if isinstance(value, dict) else {}
        known = {
            name: told[name]
            for name in ("center", "day", "service")
            # Nothing that any rule knows is longer.
            if isinstance(told.get(name), str) and len(told[name]) <= _LONGEST_NAME
        }
        return Malformed(reason=reason, **known)


class Counts(BaseModel):
    """What a queue system sends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    visits: Annotated[
        list[Annotated[Count | Malformed, PlainValidator(_read_one)]],
        Field(min_length=1, max_length=COUNTS_LIMIT),
    ]


@blueprint.post("/visits")
@keys_only
@may_send(COUNTS_BYTES)
def record_visits() -> ResponseReturnValue:
    """Store counts; 422 only when every one was rejected."""
    digest = hashlib.sha256(request.get_data()).digest()
    document = read_document(Counts)
    now = datetime.now(UTC)
    network = load_network(db.session, centers_for_key(db.session, g.api_key), now)
    checked = check_lines(_lines(document), network)
    outcome = record(db.session, checked)
    delivery = Delivery("api", g.api_key.name, digest, api_key_id=g.api_key.id)
    note_import(db.session, build_import(delivery, outcome, {}, now), outcome)
    db.session.commit()
    answer = {fate: outcome.lines[fate] for fate in ("added", "changed", "unchanged")} | {
        "rejected": [
            {"index": each.line, "reason": _reason(document.visits[each.line], each)}
            for each in checked.problems
        ]
    }
    if len(checked.problems) == len(document.visits):
        raise Unprocessable("No count could be accepted.", **answer)
    return answer


def _lines(document: Counts) -> Iterator[Line]:
    """The counts as lines, numbered by their place in the document; a malformed one lacks its
    number, so that no rule takes it."""
    for index, each in enumerate(document.visits):
        if isinstance(each, Malformed):
            yield Line(index, each.center, each.day, each.service, "", "")
        else:
            hour = "" if each.hour is None else str(each.hour)
            yield Line(index, each.center, each.day, each.service, hour, str(each.served))


def _reason(count: Count | Malformed, problem: Problem) -> str:
    return count.reason if isinstance(count, Malformed) else problem.reason
