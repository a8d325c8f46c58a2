"""Reading comments that nobody has read yet, and counting what was understood."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.comments.readers import current_reader
from survey_app.extensions import begin_writing, insert_into
from survey_app.models import CommentReading, DayTally, Rating
from survey_app.models.base import table_of
from survey_app.models.ratings import SENTIMENTS

if TYPE_CHECKING:
    from analysis.reading import CommentReading as Understood

# Small enough that intake never waits long for the writing lock, large enough to be quick.
BATCH = 250
PLACE = [getattr(Rating, name) for name in tallies.Place._fields]


def read_new_comments(
    session: Session,
    now: datetime,
    folder: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Read every unread comment of counted ratings, then of held ones; how many were read.

    A held rating's comment moves no tally, but a threat in it is one all the same. Nothing that
    was read is scanned: the day tallies know which days have unread comments of counted ratings,
    and held ones with a comment are few and have an index of their own. Each batch is one
    transaction: a worker killed at any line loses nothing. `folder` holds the network's own
    readers; another one chosen meanwhile reads from the next batch on.
    """
    done = 0
    while batch := _unread(session) or _unread_held(session):
        # Reading takes its time, so it happens before the writing lock is asked for.
        session.rollback()
        reader = current_reader(folder)
        readings = {
            rating.submission_id: {"submission_id": rating.submission_id}
            | columns_of(reader.read(rating.comment, rating.language), reader.version, now)
            for rating in batch
        }
        begin_writing(session)
        _store(session, batch, readings)
        session.commit()
        done += len(batch)
        progress(len(batch))
    session.rollback()
    return done


def columns_of(understood: "Understood", version: str, now: datetime) -> dict[str, Any]:
    """What a reader understood, as the columns of a stored reading."""
    return {
        "language": understood.language,
        "script": understood.script,
        "sentiment": understood.sentiment,
        "polarity": understood.polarity,
        "confidence": understood.confidence,
        "topics": list(understood.topics),
        "sides": list(understood.sides),
        "urgent": understood.urgent,
        "reader": version,
        "read_at": now,
    }


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
            select(Rating.submission_id, Rating.comment, *PLACE)
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


def _unread_held(session: Session) -> list[Row[Any]]:
    return list(
        session.execute(
            select(Rating.submission_id, Rating.comment, *PLACE)
            .outerjoin(CommentReading, CommentReading.submission_id == Rating.submission_id)
            .where(
                # Word for word what ix_rating_held_comments holds, or no database would use it.
                text("rating.state = 'held' AND rating.comment IS NOT NULL"),
                CommentReading.submission_id.is_(None),
            )
            .order_by(Rating.submission_id)
            .limit(BATCH)
        )
    )


def _store(session: Session, batch: list[Row[Any]], readings: dict[UUID, dict[str, Any]]) -> None:
    """Insert the readings and move the tallies for those that this transaction inserted.

    Two workers may read the same comment at once; the primary key lets one of them count it.
    Whether a rating counts is asked now: reading took its time.
    """
    table = table_of(CommentReading)
    statement = (
        insert_into(session, table).on_conflict_do_nothing().returning(table.c.submission_id)
    )
    inserted = set(session.scalars(statement, list(readings.values())))
    counted = set(
        session.scalars(
            select(Rating.submission_id).where(
                Rating.submission_id.in_(inserted), Rating.state == "counted"
            )
        )
    )
    movements = tallies.no_movements()
    for row in batch:
        if row.submission_id in counted:
            sentiment = readings[row.submission_id]["sentiment"]
            tallies.count_reading(movements, place_of(row), sentiment=sentiment)
    tallies.move(session, movements)


def place_of(row: Row[Any]) -> tallies.Place:
    """Where a row that holds PLACE stands in the tallies."""
    return tallies.Place(*(getattr(row, name) for name in tallies.Place._fields))
