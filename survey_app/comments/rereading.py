"""Reading comments again after another reader was chosen; the tallies follow each reading."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.comments.reading import BATCH, PLACE, columns_of, place_of
from survey_app.extensions import begin_writing
from survey_app.models import CommentReading, Rating
from survey_app.models.base import table_of
from survey_app.models.ratings import CORRECTED

if TYPE_CHECKING:
    from analysis.reading import Reader


@dataclass
class Rereading:
    """What a run did. `changes` counts readings by sentiment before and after, equal ones too."""

    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    stopped: bool = False

    @property
    def read(self) -> int:
        """How many readings this run replaced."""
        return self.changes.total()

    @property
    def changed(self) -> int:
        """How many of them say something else now."""
        return sum(count for (old, new), count in self.changes.items() if old != new)


def reread(
    session: Session,
    now: datetime,
    reader: "Reader",
    progress: Callable[[int], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Rereading:
    """Replace every reading that is not this reader's, batch by batch, oldest comments first.

    Each batch is one transaction, and what is done is told by the reader's version in the rows:
    a run that was stopped or killed is resumed by starting it again, and several may run at
    once. What a person has corrected stays, and so does the reading of a comment since erased.
    `should_stop` is asked between batches.
    """
    done = Rereading()
    last: UUID | None = None
    while batch := _outdated(session, reader.version, last):
        if should_stop():
            done.stopped = True
            break
        # Reading takes its time, so it happens before the writing lock is asked for.
        session.rollback()
        readings = {
            row.submission_id: columns_of(
                reader.read(row.comment, row.language), reader.version, now
            )
            for row in batch
        }
        begin_writing(session)
        changes = _replace(session, readings, reader.version)
        session.commit()
        done.changes += changes
        # What another run replaced meanwhile is done too.
        progress(len(batch))
        last = batch[-1].submission_id
    session.rollback()
    return done


def count_outdated(session: Session, version: str) -> int:
    """How many readings `reread` would replace."""
    statement = (
        select(func.count())
        .select_from(CommentReading)
        .join(Rating, Rating.submission_id == CommentReading.submission_id)
        .where(*_is_outdated(version))
    )
    return session.scalar(statement) or 0


def lock_readings(session: Session, ids: Iterable[UUID]) -> list[Row[Any]]:
    """These readings and their places as they stand, which nobody else changes until the end.

    A reading is locked before the tallies it counts in, by everybody, and readings in the order
    of their keys: so two writers that meet wait for each other instead of deadlocking.
    """
    return list(
        session.execute(
            select(
                CommentReading.submission_id,
                CommentReading.sentiment,
                CommentReading.topics,
                CommentReading.sides,
                CommentReading.reader,
                Rating.state,
                *PLACE,
            )
            .join(Rating, Rating.submission_id == CommentReading.submission_id)
            .where(CommentReading.submission_id.in_(list(ids)))
            .order_by(CommentReading.submission_id)
            .with_for_update(of=CommentReading)
        )
    )


def count_change(movements: tallies.Movements, row: Row[Any], sentiment: str) -> None:
    """Move a locked reading from the sentiment it has to another one, if its rating counts."""
    if row.state == "counted":
        tallies.count_reading(movements, place_of(row), sentiment=row.sentiment, sign=-1)
        tallies.count_reading(movements, place_of(row), sentiment=sentiment)


def _is_outdated(version: str) -> tuple[ColumnElement[bool], ...]:
    return (
        CommentReading.reader.not_in([version, CORRECTED]),
        Rating.comment.is_not(None),
    )


def _outdated(session: Session, version: str, last: UUID | None) -> list[Row[Any]]:
    statement = (
        select(CommentReading.submission_id, Rating.comment, Rating.language)
        .join(Rating, Rating.submission_id == CommentReading.submission_id)
        .where(*_is_outdated(version))
        .order_by(CommentReading.submission_id)
        .limit(BATCH)
    )
    if last is not None:
        # So that the rows already done are not looked at again for every batch.
        statement = statement.where(CommentReading.submission_id > last)
    return list(session.execute(statement))


def _replace(
    session: Session, readings: dict[UUID, dict[str, Any]], version: str
) -> Counter[tuple[str, str]]:
    """Store the readings that are still outdated, and move the tallies with them."""
    changes: Counter[tuple[str, str]] = Counter()
    movements = tallies.no_movements()
    rows = []
    for row in lock_readings(session, readings):
        # Another run may have replaced it since, or a person corrected it.
        if row.reader not in {version, CORRECTED}:
            fresh = readings[row.submission_id]
            changes[row.sentiment, fresh["sentiment"]] += 1
            if row.sentiment != fresh["sentiment"]:
                count_change(movements, row, fresh["sentiment"])
            rows.append({"key": row.submission_id, **fresh})
    if rows:
        table = table_of(CommentReading)
        session.execute(update(table).where(table.c.submission_id == bindparam("key")), rows)
    tallies.move(session, movements)
    return changes
