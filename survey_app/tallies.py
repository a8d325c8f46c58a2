"""The four tallies: how a rating and a reading move them, and how they are rebuilt from scratch.

Reports and dashboards read tallies and never scan ratings. Every movement happens in the
transaction of what caused it, so a tally can be rebuilt at any time and must come out equal.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Table, delete, func, select, text
from sqlalchemy.orm import Session

from survey_app.extensions import insert_into
from survey_app.models import (
    TALLIES,
    ChannelTally,
    CommentReading,
    DayTally,
    HourTally,
    Rating,
    ServiceTally,
)
from survey_app.models.base import table_of
from survey_app.models.ratings import SENTIMENTS

COUNTERS = tuple(column.name for column in table_of(ServiceTally).columns if not column.primary_key)
# What stands in a service tally's key for ratings that name no service.
NO_SERVICE = 0


class Place(NamedTuple):
    """The cells of the tallies that one rating belongs to."""

    center_id: int
    counted_on: date
    counted_hour: int
    service_id: int | None
    channel: str
    language: str


Key = tuple[Any, ...]
Movements = defaultdict[Table, defaultdict[Key, Counter[str]]]


def no_movements() -> Movements:
    """An empty set of movements to add to."""
    return defaultdict(lambda: defaultdict(Counter))


def count_rating(
    movements: Movements, place: Place, *, score: int, state: str, has_comment: bool
) -> None:
    """Add one rating: its score and comment if it counts, else one set aside."""
    counted = state == "counted"
    for cell in _cells(movements, place):
        cell[f"score_{score}" if counted else state] += 1
        if counted and has_comment:
            cell["comments"] += 1


def count_reading(movements: Movements, place: Place, *, sentiment: str, sign: int = 1) -> None:
    """Add the reading of a counted rating's comment; `sign` −1 takes an earlier one back.

    Held ratings' comments are read as well, and those readings count nowhere. So whatever changes
    a rating's state (nothing does yet) must move the reading with the rating: add it here when the
    rating comes to count, take it back when it no longer does, in the same transaction. On
    PostgreSQL that begins with LOCK TABLE comment_reading IN EXCLUSIVE MODE, so that nobody stores
    a reading by the old state meanwhile. A comment not read yet needs no more: the worker finds it
    by the rating's new state.
    """
    for cell in _cells(movements, place):
        cell[sentiment] += sign


def _cells(movements: Movements, place: Place) -> Iterator[Counter[str]]:
    center, day = place.center_id, place.counted_on
    month = day.replace(day=1)
    yield movements[table_of(ChannelTally)][center, month, place.channel, place.language]
    yield movements[table_of(DayTally)][center, day]
    yield movements[table_of(HourTally)][center, month, day.isoweekday(), place.counted_hour]
    yield movements[table_of(ServiceTally)][center, month, place.service_id or NO_SERVICE]


def move(session: Session, movements: Movements) -> None:
    """Apply the movements within the session's transaction.

    Tables and keys are taken in one order by every writer, so that two writers that meet
    wait for each other instead of deadlocking.
    """
    for table in sorted(movements, key=lambda each: each.name):
        keys = [column.name for column in table.primary_key.columns]
        insert = insert_into(session, table)
        statement = insert.on_conflict_do_update(
            index_elements=keys,
            set_={name: table.c[name] + insert.excluded[name] for name in COUNTERS},
        )
        rows = [
            dict(zip(keys, key, strict=True)) | {name: counts[name] for name in COUNTERS}
            for key, counts in sorted(movements[table].items())
        ]
        session.execute(statement, rows)


def count_unread(session: Session) -> int:
    """How many comments wait to be read; the day tallies know, so no rating is looked at."""
    read = sum((getattr(DayTally, name) for name in SENTIMENTS), start=0)
    return int(session.scalar(select(func.coalesce(func.sum(DayTally.comments - read), 0))) or 0)


def from_ratings(session: Session, center_id: int | None = None) -> Movements:
    """Count everything afresh from ratings and readings, for one center or all."""
    movements = no_movements()
    for place, score, state, has_comment, sentiment in _stored(session, center_id):
        count_rating(movements, place, score=score, state=state, has_comment=has_comment)
        if sentiment is not None and state == "counted":
            count_reading(movements, place, sentiment=sentiment)
    return movements


def rebuild(session: Session) -> None:
    """Replace all tallies by what the ratings say. The caller commits."""
    _keep_writers_out(session)
    movements = from_ratings(session)
    for tally in TALLIES:
        session.execute(delete(tally))
    move(session, movements)


def _keep_writers_out(session: Session) -> None:
    """Let nobody else move a tally until this transaction ends.

    A rating recorded between our count and our delete would be missing from the tallies for
    ever. Whoever has moved a tally by now we wait for, and count; whoever comes later waits
    for us, and adds. SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        # The order in which `move` takes them, or the two would deadlock.
        names = ", ".join(sorted(tally.__tablename__ for tally in TALLIES))
        session.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))


def differences(session: Session) -> list[str]:
    """Where stored tallies and ratings disagree, one line a cell; empty when they agree."""
    expected = from_ratings(session)
    lines = []
    for tally in TALLIES:
        table = table_of(tally)
        keys = [column.name for column in table.primary_key.columns]
        stored = {
            tuple(row[name] for name in keys): {name: row[name] for name in COUNTERS}
            for row in session.execute(select(table)).mappings()
        }
        for key in sorted(stored.keys() | expected[table].keys()):
            have = stored.get(key, dict.fromkeys(COUNTERS, 0))
            want = {name: expected[table][key][name] for name in COUNTERS}
            if have != want:
                lines.append(f"{table.name} {key}: stored {have}, ratings say {want}")
    return lines


def _stored(
    session: Session, center_id: int | None
) -> Iterable[tuple[Place, int, str, bool, str | None]]:
    statement = (
        select(
            Rating.center_id,
            Rating.counted_on,
            Rating.counted_hour,
            Rating.service_id,
            Rating.channel,
            Rating.language,
            Rating.score,
            Rating.state,
            Rating.comment.is_not(None),
            CommentReading.sentiment,
        )
        .outerjoin(CommentReading, CommentReading.submission_id == Rating.submission_id)
        .execution_options(yield_per=10_000)
    )
    if center_id is not None:
        statement = statement.where(Rating.center_id == center_id)
    for *place, score, state, has_comment, sentiment in session.execute(statement):
        yield Place(*place), score, state, has_comment, sentiment
