"""Reading comments: each once, whoever reads and whatever ends them; counted as they are read."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from analysis.reading import Reader, shipped_reader
from survey_app import tallies
from survey_app.comments import reading as worker_reading
from survey_app.comments.reading import BATCH, read_new_comments
from survey_app.extensions import begin_writing, db
from survey_app.intake import Arrival, Submission, record_ratings
from survey_app.models import ChannelTally, CommentReading, Rating, Touchpoint
from survey_app.tallies import count_unread
from tests.factories import NOON, Make

SENTIMENTS = ("negative", "neutral", "positive", "mixed", "not_assessed")
READ_AT = datetime(2026, 10, 6, 6, 0, tzinfo=UTC)


def test_comments_are_read_with_their_language_and_mood(
    session: Session, worker: Session, make: Make, folder: Path
) -> None:
    place = make.touchpoint()
    said = {
        "Çox sağ olun, əla xidmət": ("az", "positive"),
        "Kobud münasibət, iki saat gözlədim": ("az", "negative"),
        "Спасибо, всё отлично": ("ru", "positive"),
        "The staff was rude and I waited for hours": ("en", "negative"),
    }
    for comment, (language, _) in said.items():
        make.rating(place, comment=comment, language=language)
    assert read_new_comments(worker, READ_AT, folder) == len(said)
    read = {
        comment: (reading.language, reading.sentiment)
        for comment, reading in session.execute(
            select(Rating.comment, CommentReading).join_from(CommentReading, Rating)
        )
    }
    assert read == said
    readings = session.scalars(select(CommentReading)).all()
    assert {reading.read_at for reading in readings} == {READ_AT}
    for reading in readings:
        understood = shipped_reader().read(reading.rating.comment or "", reading.rating.language)
        assert reading.reader == shipped_reader().version
        assert (reading.script, reading.urgent) == (understood.script, understood.urgent)
        assert reading.confidence == pytest.approx(understood.confidence)
        assert (tuple(reading.topics), tuple(reading.sides or ())) == (
            understood.topics,
            understood.sides,
        )
    assert {reading.script for reading in readings} == {"latin", "cyrillic"}


def test_the_tallies_move_with_the_reading(
    session: Session, worker: Session, make: Make, folder: Path
) -> None:
    center = make.center()
    make.noise(center)
    before = counters(session, center.id)
    place = make.touchpoint(center)
    make.rating(place, comment="Çox sağ olun, əla xidmət", language="az")
    make.rating(place, comment="Kobud münasibət", language="az")
    make.rating(place, comment="qwrtp zxcvb", language="az")
    read_new_comments(worker, READ_AT, folder)
    after = counters(session, center.id)
    grown = {name: after[name] - before[name] for name in after}
    assert grown["comments"] == 3
    assert grown["positive"] == 1
    assert grown["not_assessed"] >= 1
    assert sum(grown[name] for name in SENTIMENTS) == 3
    assert tallies.differences(session) == []


def test_what_was_read_is_not_read_again(
    session: Session, worker: Session, make: Make, folder: Path
) -> None:
    make.rating(comment="Yaxşı")
    assert read_new_comments(worker, READ_AT, folder) == 1
    assert read_new_comments(worker, READ_AT + timedelta(days=1), folder) == 0
    assert session.scalars(select(CommentReading.read_at)).all() == [READ_AT]


def test_voided_ratings_are_not_read(
    session: Session, worker: Session, make: Make, folder: Path
) -> None:
    make.rating(comment="Əla", state="void")
    counted = make.rating(comment="Əla")
    assert read_new_comments(worker, READ_AT, folder) == 1
    read = session.scalars(select(CommentReading.submission_id)).all()
    assert read == [counted.submission_id]


def test_held_ratings_are_read_after_the_others_and_counted_nowhere(
    session: Session, worker: Session, make: Make, folder: Path
) -> None:
    place = make.touchpoint()
    held = [
        make.rating(place, comment=f"Səni öldürəcəyəm {n}", state="held") for n in range(BATCH + 3)
    ]
    make.rating(place, state="held")
    make.rating(place, comment="Əla")
    before = counters(session, place.center_id)
    counts: list[int] = []
    assert read_new_comments(worker, READ_AT, folder, counts.append) == BATCH + 4
    assert counts == [1, BATCH, 3]
    assert read_new_comments(worker, READ_AT, folder) == 0
    ids = [rating.submission_id for rating in held]
    urgent = session.scalars(
        select(CommentReading.urgent).where(CommentReading.submission_id.in_(ids))
    ).all()
    assert urgent == ["threat"] * len(held)
    after = counters(session, place.center_id)
    assert sum(after[name] - before[name] for name in SENTIMENTS) == 1
    assert tallies.differences(session) == []
    session.rollback()
    begin_writing(session)
    tallies.rebuild(session)
    session.commit()
    assert counters(session, place.center_id) == after


@pytest.mark.parametrize(("before", "then"), [("held", "counted"), ("counted", "held")])
def test_a_rating_whose_state_changes_while_it_is_read_counts_as_it_stands_then(
    session: Session,
    worker: Session,
    make: Make,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: str,
    then: str,
) -> None:
    rating = make.rating(comment="Əla", state=before, held_rule="outside_hours")

    def meanwhile(_folder: Path) -> Reader:
        rating.state = then
        session.flush()
        tallies.rebuild(session)
        session.commit()
        return shipped_reader()

    monkeypatch.setattr(worker_reading, "current_reader", meanwhile)
    assert read_new_comments(worker, READ_AT, folder) == 1
    assert tallies.differences(session) == []


@pytest.mark.any_database
def test_held_comments_are_found_by_their_own_index(session: Session) -> None:
    plans = []

    def note(
        _connection: object, cursor: Any, statement: str, parameters: object, *_: object
    ) -> None:
        if statement.startswith("SELECT rating."):
            plan = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append([row[3] for row in plan])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    assert worker_reading._unread_held(session) == []
    ((first, *others),) = plans
    assert "USING INDEX ix_rating_held_comments" in first
    assert all(step.startswith("SEARCH comment_reading") for step in others)


def test_what_waits_is_counted(session: Session, make: Make) -> None:
    assert count_unread(session) == 0
    make.rating(comment="Əla")
    make.rating(comment="Əla", state="held")
    make.rating()
    make.reading(make.rating(comment="Pis", score=1), "negative")
    assert count_unread(session) == 1


def test_who_is_killed_between_batches_loses_and_repeats_nothing(
    session: Session, worker: Session, crowd: Callable[[int], None], folder: Path
) -> None:
    crowd(BATCH + 10)

    def end(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_new_comments(worker, READ_AT, folder, end)
    worker.rollback()
    assert count_unread(session) == 10
    session.rollback()
    counts: list[int] = []
    assert read_new_comments(worker, READ_AT, folder, counts.append) == 10
    assert counts == [10]
    assert readings(session) == BATCH + 10
    assert tallies.differences(session) == []


def test_who_is_killed_before_the_commit_has_done_nothing(
    session: Session, worker: Session, crowd: Callable[[int], None], folder: Path
) -> None:
    crowd(5)

    def end(_session: Session) -> None:
        raise KeyboardInterrupt

    event.listen(worker, "before_commit", end)
    with pytest.raises(KeyboardInterrupt):
        read_new_comments(worker, READ_AT, folder)
    event.remove(worker, "before_commit", end)
    worker.rollback()
    assert (readings(session), count_unread(session)) == (0, 5)
    session.rollback()
    assert read_new_comments(worker, READ_AT, folder) == 5
    assert tallies.differences(session) == []


def test_workers_that_read_the_same_count_it_once(
    app: Flask, session: Session, crowd: Callable[[int], None], folder: Path
) -> None:
    crowd(2 * BATCH + 7)

    def work(_number: int) -> int:
        with app.app_context():
            return read_new_comments(db.session, READ_AT, folder)

    with ThreadPoolExecutor(4) as workers:
        done = list(workers.map(work, range(4)))
    # Each may have read comments that another one stored first.
    assert sum(done) >= 2 * BATCH + 7
    assert readings(session) == 2 * BATCH + 7
    assert count_unread(session) == 0
    assert tallies.differences(session) == []


def counters(session: Session, center_id: int) -> dict[str, int]:
    names = ("comments", *SENTIMENTS)
    sums = [func.sum(getattr(ChannelTally, name)) for name in names]
    row = session.execute(select(*sums).where(ChannelTally.center_id == center_id)).one()
    session.rollback()
    return {name: int(value or 0) for name, value in zip(names, row, strict=True)}


def readings(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CommentReading)) or 0


@pytest.fixture
def crowd(session: Session, make: Make) -> Callable[[int], None]:
    """`crowd(n)`: this many people comment at one poster, within two days."""

    def crowd(count: int) -> None:
        poster = make.poster()
        arrivals = [arrival(make, poster, number) for number in range(count)]
        verdicts: Sequence[object] = record_ratings(session, arrivals, signing_keys=["key"])
        assert len(verdicts) == count
        session.commit()

    return crowd


def arrival(make: Make, poster: Touchpoint, number: int) -> Arrival:
    moment = NOON + timedelta(days=number % 2, seconds=number)
    submission = Submission(
        submission_id=make.uuid(),
        survey_version=1,
        score=1 + number % 5,
        rated_at=moment,
        language="az",
        comment=f"Çox yaxşı xidmət {number}",
    )
    return Arrival(submission, poster, moment)
