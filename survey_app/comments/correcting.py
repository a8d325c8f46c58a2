"""Putting right what a reader misread: a person's word counts, and the reader learns from it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.comments.rereading import count_change, lock_readings
from survey_app.errors import NotFound, Unprocessable
from survey_app.extensions import insert_into
from survey_app.models import AuditEvent, CommentCorrection, CommentReading, User
from survey_app.models.base import table_of
from survey_app.models.ratings import ASSESSMENTS, CORRECTED

# A person is certain; of a mixed comment neither side outweighs the other.
_POLARITY = {"negative": -1.0, "neutral": 0.0, "positive": 1.0, "mixed": 0.0}


def correct_reading(
    session: Session,
    submission_id: UUID,
    sentiment: str,
    topics: Collection[str],
    account: User | None,
    now: datetime,
) -> None:
    """Store what a person says a comment means, in place of any earlier word about it.

    The correction, the reading, the tallies and the audit trail move together; the caller
    commits, in a writing transaction. Whether the person may do so is the caller's question.
    Raises NotFound when the comment was not read yet, Unprocessable for an unknown sentiment or
    topic.
    """
    from analysis.topics import TOPICS

    if sentiment not in ASSESSMENTS:
        raise Unprocessable(f"A comment is {', '.join(ASSESSMENTS)}, not {sentiment}.")
    if unknown := sorted(set(topics) - set(TOPICS)):
        raise Unprocessable(f"There are no topics {', '.join(unknown)}.")
    ordered = [topic for topic in TOPICS if topic in topics]
    # Whoever corrects the same comment at the same moment waits here for the other.
    rows = lock_readings(session, [submission_id])
    if not rows:
        raise NotFound
    row = rows[0]
    corrected = {
        "sentiment": sentiment,
        "topics": ordered,
        "corrected_by": account.id if account else None,
        "corrected_at": now,
    }
    session.execute(
        insert_into(session, table_of(CommentCorrection))
        .values(submission_id=submission_id, **corrected)
        .on_conflict_do_update(index_elements=["submission_id"], set_=corrected)
    )
    session.execute(
        update(CommentReading)
        .where(CommentReading.submission_id == submission_id)
        .values(
            sentiment=sentiment,
            polarity=_POLARITY[sentiment],
            confidence=1.0,
            topics=ordered,
            sides=_sides(row, sentiment, ordered),
            reader=CORRECTED,
            read_at=now,
        )
    )
    movements = tallies.no_movements()
    count_change(movements, row, sentiment)
    tallies.move(session, movements)
    session.add(
        AuditEvent(
            happened_at=now,
            action="reading_corrected",
            center_id=row.center_id,
            user_id=corrected["corrected_by"],
            detail={
                "submission_id": str(submission_id),
                "from": {"sentiment": row.sentiment, "topics": row.topics, "reader": row.reader},
                "to": {"sentiment": sentiment, "topics": ordered},
            },
        )
    )


def _sides(row: Row[Any], sentiment: str, topics: list[str]) -> list[str]:
    """The side taken on each topic: the comment's own; in a mixed one as it was read before.

    A topic that the reader had not found in a mixed comment counts for neither side.
    """
    if sentiment != "mixed":
        return [sentiment] * len(topics)
    read = dict(zip(row.topics, row.sides or [], strict=False))
    return [read.get(topic, "neutral") for topic in topics]
