"""Reading comments that nobody has read yet, and counting what was understood."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.extensions import begin_writing, insert_into
from survey_app.models import CommentReading, DayTally, Rating
from survey_app.models.base import table_of
from survey_app.models.ratings import SENTIMENTS

# Small enough that intake never waits long for the writing lock, large enough to be quick.
BATCH = 250
_PLACE = [getattr(Rating, name) for name in tallies.Place._fields]


def read_new_comments(
    session: Session, now: datetime, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Read every unread comment of counted ratings, batch by batch; how many were read.

    The day tallies know which days have unread comments, so nothing is scanned when there
    are none. Each batch is one transaction: a worker killed at any line loses nothing.
    """
    # The readers bring their lexicons along; a process that reads nothing does without.
    from analysis.reading import READER_VERSION, read_comment

    done = 0
    while batch := _unread(session):
        # Reading takes its time, so it happens before the writing lock is asked for.
        session.rollback()
        readings = {
            rating.submission_id: {
                "submission_id": rating.submission_id,
                "language": reading.language,
                "sentiment": reading.sentiment,
                "polarity": reading.polarity,
                "topics": list(reading.topics),
                "reader": READER_VERSION,
                "read_at": now,
            }
            for rating in batch
            for reading in [read_comment(rating.comment or "", rating.language)]
        }
        begin_writing(session)
        _store(session, batch, readings)
        session.commit()
        done += len(batch)
        progress(len(batch))
    session.rollback()
    return done


def count_unread(session: Session) -> int:
    """How many comments wait to be read."""
    read = sum((getattr(DayTally, name) for name in SENTIMENTS), start=0)
    return int(session.scalar(select(func.coalesce(func.sum(DayTally.comments - read), 0))) or 0)


def _unread(session: Session) -> list[Row[Any]]:
    read = sum((getattr(DayTally, name) for name in SENTIMENTS), start=0)
    days = (
        select(DayTally.center_id, DayTally.day)
        .where(DayTally.comments > read)
        .order_by(DayTally.day, DayTally.center_id)
        # Each day has at least one unread comment, so this many are enough for a batch.
        .limit(BATCH)
        .subquery()
    )
    return list(
        session.execute(
            select(Rating.submission_id, Rating.comment, *_PLACE)
            .join(days, (days.c.center_id == Rating.center_id) & (days.c.day == Rating.counted_on))
            .outerjoin(CommentReading, CommentReading.submission_id == Rating.submission_id)
            .where(
                Rating.comment.is_not(None),
                Rating.state == "counted",
                CommentReading.submission_id.is_(None),
            )
            .order_by(Rating.submission_id)
            .limit(BATCH)
        )
    )


def _store(session: Session, batch: list[Row[Any]], readings: dict[UUID, dict[str, Any]]) -> None:
    """Insert the readings and move the tallies for those that this transaction inserted.

    Two workers may read the same comment at once; the primary key lets one of them count it.
    """
    table = table_of(CommentReading)
    statement = (
        insert_into(session, table).on_conflict_do_nothing().returning(table.c.submission_id)
    )
    inserted = set(session.scalars(statement, list(readings.values())))
    movements = tallies.no_movements()
    for row in batch:
        if row.submission_id in inserted:
            place = tallies.Place(*(getattr(row, name) for name in tallies.Place._fields))
            sentiment = readings[row.submission_id]["sentiment"]
            tallies.count_reading(movements, place, sentiment=sentiment)
    tallies.move(session, movements)
