"""The JSON documents that programs send us."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
)
from pydantic_core import to_json

from survey_app.documents import places
from survey_app.intake.submission import Submission, storable

BATCH_LIMIT = 100
# Room for a full batch of the longest comments in Cyrillic.
BATCH_BYTES = 512 * 1024


class Malformed(BaseModel):
    """A rating that could not be read, under the id it came with."""

    submission_id: UUID
    problem: str


def _read_one(value: Any) -> Submission | Malformed:
    """Read one rating; a malformed one with an id gets its own verdict.

    Were it to fail the whole batch, a single bad entry would keep a tablet's queue from
    ever being emptied.
    """
    try:
        # A strict reader takes a time written as text from JSON only, and this is Python by now.
        return Submission.model_validate_json(to_json(value), strict=True)
    except ValidationError as error:
        try:
            submission_id = UUID(value["submission_id"])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise error from None
        return Malformed(submission_id=submission_id, problem=places(error)[0]["pointer"])


class Batch(BaseModel):
    """What a tablet sends: its own clock at the moment of sending, and ratings."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sent_at: AwareDatetime | None = None
    ratings: Annotated[
        list[Annotated[Submission | Malformed, PlainValidator(_read_one)]],
        Field(min_length=1, max_length=BATCH_LIMIT),
    ]


def _without_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("the text contains a NUL character")
    return value


class Battery(BaseModel):
    """How long the tablet can go on without a plug."""

    model_config = ConfigDict(extra="forbid", strict=True)

    percent: Annotated[int, Field(ge=0, le=100)]
    charging: bool


class Storage(BaseModel):
    """The bytes the browser may still keep, and whether it promised never to clear them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    free: Annotated[int, Field(ge=0, le=2**53)]
    persistent: bool


# How many signs of life a device has counted. The pages of the two versions before do not say it.
Count = Annotated[int, Field(ge=1, le=2**53 - 1)] | None


class Heartbeat(BaseModel):
    """A tablet's sign of life. `skew_ms` is our clock less its own."""

    model_config = ConfigDict(extra="forbid", strict=True)

    app_version: Annotated[str, Field(max_length=40), AfterValidator(_without_nul)]
    unsent: Annotated[int, Field(ge=0, le=1_000_000)]
    rejected: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    last_sequence: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    last_rating_at: Annotated[AwareDatetime, AfterValidator(storable)] | None = None
    skew_ms: Annotated[int, Field(ge=-(2**53), le=2**53)] | None = None
    battery: Battery | None = None
    storage: Storage | None = None
    heartbeats: Count = None


class Unpairing(BaseModel):
    """A tablet's farewell, counted like its signs of life."""

    model_config = ConfigDict(extra="forbid", strict=True)

    heartbeats: Count = None
