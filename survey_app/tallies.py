"""The five tallies: how a rating and a reading move them, and how they are rebuilt from scratch.

Reports and dashboards read tallies and never scan ratings. Every movement happens in the
transaction of what caused it, so a tally can be rebuilt at any time and must come out equal.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, delete, func, select, text, update
from sqlalchemy.orm import Session, selectinload

from analysis.tally import ScoreTally
from survey_app.extensions import insert_into
from survey_app.models import (
    TALLIES,
    Answer,
    AnswerTally,
    ChannelTally,
    CommentReading,
    DayTally,
    HourTally,
    Question,
    Rating,
    ServiceTally,
    SurveyVersion,
)
from survey_app.models.base import table_of
from survey_app.models.ratings import SENTIMENTS, STATES

# What the tallies of ratings count; the tally of answers counts scores only.
COUNTERS = tuple(column.name for column in table_of(ServiceTally).columns if not column.primary_key)
# What stands in a service tally's key for ratings that name no service.
NO_SERVICE = 0
# So many ratings are named in one statement; no database takes any number of parameters.
CHUNK = 1000


class Place(NamedTuple):
    """The cells of the tallies that one rating belongs to."""

    center_id: int
    counted_on: date
    counted_hour: int
    service_id: int | None
    channel: str
    language: str
    verified: bool


Key = tuple[Any, ...]
Movements = defaultdict[Table, defaultdict[Key, Counter[str]]]


def scores_of(row: Any) -> ScoreTally:
    """The counts of the scores 1 to 5 in a row of any tally."""
    return ScoreTally((row.score_1, row.score_2, row.score_3, row.score_4, row.score_5))


def tally_of(counts: Mapping[int, int]) -> ScoreTally:
    """A tally from counts by score, 1 to 5; a score that is not named was not given."""
    one, two, three, four, five = (counts.get(score, 0) for score in range(1, 6))
    return ScoreTally((one, two, three, four, five))


def no_movements() -> Movements:
    """An empty set of movements to add to."""
    return defaultdict(lambda: defaultdict(Counter))


class AnswerCell(NamedTuple):
    """A cell of the tally of answers, in a center's month; see AnswerTally for the zeros."""

    question_id: int
    option_id: int = 0
    other_id: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What the tally of answers must know of a survey version.

    `satisfaction` are the questions that every rating answers by its score, `questions` tells
    the question of each option, and `drivers` are those of which pairs are kept.
    """

    satisfaction: frozenset[int]
    questions: Mapping[int, int]
    drivers: frozenset[int]


def asked_by(version: SurveyVersion) -> Asked:
    """What a survey version asks."""
    roles = {question.id: question.role for question in version.questions}
    return Asked(
        satisfaction=frozenset(each for each, role in roles.items() if role == "satisfaction"),
        questions={
            option.id: question.id for question in version.questions for option in question.options
        },
        drivers=frozenset(each for each, role in roles.items() if role == "driver"),
    )


def answer_cells(asked: Asked, chosen: Iterable[int]) -> set[AnswerCell]:
    """The cells that one rating of this version belongs to, by the ids of the options chosen."""
    options: defaultdict[int, list[int]] = defaultdict(list)
    for option_id in sorted(chosen):
        options[asked.questions[option_id]].append(option_id)
    cells = {AnswerCell(question_id) for question_id in asked.satisfaction | options.keys()}
    for question_id, those in options.items():
        cells.update(AnswerCell(question_id, option_id) for option_id in those)
        if question_id in asked.drivers:
            cells.update(AnswerCell(question_id, *pair) for pair in combinations(those, 2))
    return cells


def count_rating(
    movements: Movements,
    place: Place,
    *,
    score: int,
    state: str,
    has_comment: bool,
    answered: Iterable[AnswerCell],
    sign: int = 1,
) -> None:
    """Add one rating: its score, comment and answers if it counts, else one set aside.

    `sign` −1 takes it back.
    """
    counted = state == "counted"
    for cell in _cells(movements, place):
        cell[f"score_{score}" if counted else state] += sign
        if counted and has_comment:
            cell["comments"] += sign
    month = place.counted_on.replace(day=1)
    for each in answered if counted else ():
        cell = movements[table_of(AnswerTally)][place.center_id, month, *each]
        cell[f"score_{score}"] += sign


def count_reading(movements: Movements, place: Place, *, sentiment: str, sign: int = 1) -> None:
    """Add the reading of a counted rating's comment; `sign` −1 takes an earlier one back.

    Held ratings' comments are read as well, and those readings count nowhere. So `change_state`,
    and whatever else may come to change a rating's state, moves the reading with the rating.
    """
    for cell in _cells(movements, place):
        cell[sentiment] += sign


def _cells(movements: Movements, place: Place) -> Iterator[Counter[str]]:
    center, day = place.center_id, place.counted_on
    month = day.replace(day=1)
    yield movements[table_of(ChannelTally)][
        center, month, place.channel, place.language, place.verified
    ]
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
        counters = _counters(table)
        rows = [
            dict(zip(keys, key, strict=True)) | {name: counts[name] for name in counters}
            for key, counts in sorted(movements[table].items())
        ]
        session.execute(_adding(session, table), rows)


# To write the statements anew for every batch would take longer than to run them.
_STATEMENTS: dict[tuple[Table, str], Any] = {}


def _adding(session: Session, table: Table) -> Any:
    """What adds to the counters of a tally's cells, and makes the cells that are missing."""
    kind = (table, session.get_bind().dialect.name)
    if kind not in _STATEMENTS:
        insert = insert_into(session, table)
        _STATEMENTS[kind] = insert.on_conflict_do_update(
            index_elements=[column.name for column in table.primary_key.columns],
            set_={name: table.c[name] + insert.excluded[name] for name in _counters(table)},
        )
    return _STATEMENTS[kind]


def _counters(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if not column.primary_key)


def change_state(
    session: Session, ids: Collection[UUID], *, state: str, rule: str | None = None
) -> int:
    """Put these ratings into a state, with their readings, in all tallies; how many changed.

    Those that are in the state already, or that nobody knows, are left as they are. Holding
    names its rule, and a held rating keeps the rule that held it until it is released;
    voiding may name another. The caller is in a writing transaction, leaves the audit event
    and commits. Raises ValueError for an unknown state, or for holding without a rule.
    """
    if state not in STATES:
        raise ValueError(f"a rating is {', '.join(STATES)}, not {state}")
    if state == "held" and rule is None:
        raise ValueError("what is held is held by a rule")
    _keep_readers_out(session)
    columns: dict[str, str | None] = {"state": state}
    if state == "counted" or rule is not None:
        columns["held_rule"] = None if state == "counted" else rule
    movements = no_movements()
    changed = 0
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), CHUNK):
        named = Rating.submission_id.in_(ordered[start : start + CHUNK])
        for told in _stored(session, named, Rating.state != state):
            _count(movements, told, told.state, sign=-1)
            _count(movements, told, state)
            changed += 1
        session.execute(update(Rating).where(named, Rating.state != state).values(columns))
    move(session, movements)
    return changed


def _keep_readers_out(session: Session) -> None:
    """Let nobody store a reading or change a state until this transaction ends.

    Whoever stores a reading counts it by the state that its rating has. Whoever has stored one
    by now we wait for, and move it; whoever comes later waits for us, and sees the new state.
    Readings come before tallies, as for everybody who writes both. A comment not read yet needs
    no more: the worker finds it by its rating's new state. SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE comment_reading IN EXCLUSIVE MODE"))


def count_unread(session: Session) -> int:
    """How many comments wait to be read; the day tallies know, so no rating is looked at."""
    read = sum((getattr(DayTally, name) for name in SENTIMENTS), start=0)
    return int(session.scalar(select(func.coalesce(func.sum(DayTally.comments - read), 0))) or 0)


def from_ratings(session: Session, center_id: int | None = None) -> Movements:
    """Count everything afresh from ratings and readings, for one center or all."""
    movements = no_movements()
    criteria = [] if center_id is None else [Rating.center_id == center_id]
    for told in _stored(session, *criteria):
        _count(movements, told, told.state)
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
    """Where stored tallies and ratings disagree, one line a cell; empty when they agree.

    A row of zeros says no more than no row: it stays behind where nothing counts any longer.
    """
    expected = from_ratings(session)
    lines = []
    for tally in TALLIES:
        table = table_of(tally)
        keys = [column.name for column in table.primary_key.columns]
        counters = _counters(table)
        stored = {
            tuple(row[name] for name in keys): {name: row[name] for name in counters}
            for row in session.execute(select(table)).mappings()
        }
        for key in sorted(stored.keys() | expected[table].keys()):
            have = stored.get(key, dict.fromkeys(counters, 0))
            want = {name: expected[table][key][name] for name in counters}
            if have != want:
                lines.append(f"{table.name} {key}: stored {have}, ratings say {want}")
    return lines


class _Stored(NamedTuple):
    """A rating as the tallies see it."""

    place: Place
    score: int
    state: str
    has_comment: bool
    sentiment: str | None
    answered: set[AnswerCell]


def _count(movements: Movements, told: _Stored, state: str, sign: int = 1) -> None:
    """Add a rating and its reading as if its state were this one, or take them back."""
    count_rating(
        movements,
        told.place,
        score=told.score,
        state=state,
        has_comment=told.has_comment,
        answered=told.answered,
        sign=sign,
    )
    if told.sentiment is not None and state == "counted":
        count_reading(movements, told.place, sentiment=told.sentiment, sign=sign)


def _stored(session: Session, *criteria: ColumnElement[bool]) -> Iterator[_Stored]:
    """The ratings for which all criteria hold, one by one, in the order of their ids.

    One statement gives ratings, readings and answers as they were at one moment: a row for each
    option chosen, and one row for a rating without any.
    """
    asked = _load_asked(session)
    statement = (
        select(
            Rating.submission_id,
            Rating.survey_version_id,
            *(getattr(Rating, name) for name in Place._fields),
            Rating.score,
            Rating.state,
            Rating.comment.is_not(None).label("has_comment"),
            CommentReading.sentiment,
            Answer.option_id,
        )
        .outerjoin(CommentReading, CommentReading.submission_id == Rating.submission_id)
        .outerjoin(Answer, Answer.submission_id == Rating.submission_id)
        .where(*criteria)
        .order_by(Rating.submission_id)
        .execution_options(yield_per=10_000)
    )
    for _, rows in groupby(session.execute(statement), key=attrgetter("submission_id")):
        yield _told(list(rows), asked)


def _told(rows: list[Row[Any]], asked: dict[int, Asked]) -> _Stored:
    first = rows[0]
    chosen = [row.option_id for row in rows if row.option_id is not None]
    return _Stored(
        place=Place(*(getattr(first, name) for name in Place._fields)),
        score=first.score,
        state=first.state,
        has_comment=first.has_comment,
        sentiment=first.sentiment,
        answered=answer_cells(asked[first.survey_version_id], chosen),
    )


def _load_asked(session: Session) -> dict[int, Asked]:
    """What each survey version asks, by its id."""
    versions = session.scalars(
        select(SurveyVersion).options(
            selectinload(SurveyVersion.questions).selectinload(Question.options)
        )
    )
    return {version.id: asked_by(version) for version in versions}
