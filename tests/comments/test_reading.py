"""Reading comments: each once, whoever reads and whatever ends them; counted as they are read."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.comments.reading import BATCH, count_unread, read_new_comments
from survey_app.extensions import db
from survey_app.intake import Arrival, Submission, record_ratings
from survey_app.models import ChannelTally, CommentReading, Rating, Touchpoint
from tests.factories import NOON, Make

SENTIMENTS = ("negative", "neutral", "positive", "mixed", "not_assessed")
READ_AT = datetime(2026, 10, 6, 6, 0, tzinfo=UTC)


def test_comments_are_read_with_their_language_and_mood(
    session: Session, worker: Session, make: Make
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
    assert read_new_comments(worker, READ_AT) == len(said)
    read = {
        comment: (reading.language, reading.sentiment)
        for comment, reading in session.execute(
            select(Rating.comment, CommentReading).join_from(CommentReading, Rating)
        )
    }
    assert read == said
    readings = session.scalars(select(CommentReading)).all()
    assert {reading.read_at for reading in readings} == {READ_AT}
    assert all(reading.reader for reading in readings)


def test_the_tallies_move_with_the_reading(session: Session, worker: Session, make: Make) -> None:
    center = make.center()
    make.noise(center)
    before = counters(session, center.id)
    place = make.touchpoint(center)
    make.rating(place, comment="Çox sağ olun, əla xidmət", language="az")
    make.rating(place, comment="Kobud münasibət", language="az")
    make.rating(place, comment="qwrtp zxcvb", language="az")
    read_new_comments(worker, READ_AT)
    after = counters(session, center.id)
    grown = {name: after[name] - before[name] for name in after}
    assert grown["comments"] == 3
    assert grown["positive"] == 1
    assert grown["not_assessed"] >= 1
    assert sum(grown[name] for name in SENTIMENTS) == 3
    assert tallies.differences(session) == []


def test_what_was_read_is_not_read_again(session: Session, worker: Session, make: Make) -> None:
    make.rating(comment="Yaxşı")
    assert read_new_comments(worker, READ_AT) == 1
    assert read_new_comments(worker, READ_AT + timedelta(days=1)) == 0
    assert session.scalars(select(CommentReading.read_at)).all() == [READ_AT]


@pytest.mark.parametrize("state", ["held", "void"])
def test_what_is_set_aside_is_not_read(
    session: Session, worker: Session, make: Make, state: str
) -> None:
    make.rating(comment="Əla", state=state)
    counted = make.rating(comment="Əla")
    assert read_new_comments(worker, READ_AT) == 1
    read = session.scalars(select(CommentReading.submission_id)).all()
    assert read == [counted.submission_id]


def test_what_waits_is_counted(session: Session, make: Make) -> None:
    assert count_unread(session) == 0
    make.rating(comment="Əla")
    make.rating(comment="Əla", state="held")
    make.rating()
    make.reading(make.rating(comment="Pis", score=1), "negative")
    assert count_unread(session) == 1


def test_who_is_killed_between_batches_loses_and_repeats_nothing(
    session: Session, worker: Session, crowd: Callable[[int], None]
) -> None:
    crowd(BATCH + 10)

    def end(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_new_comments(worker, READ_AT, end)
    worker.rollback()
    assert count_unread(session) == 10
    session.rollback()
    counts: list[int] = []
    assert read_new_comments(worker, READ_AT, counts.append) == 10
    assert counts == [10]
    assert readings(session) == BATCH + 10
    assert tallies.differences(session) == []


def test_who_is_killed_before_the_commit_has_done_nothing(
    session: Session, worker: Session, crowd: Callable[[int], None]
) -> None:
    crowd(5)

    def end(_session: Session) -> None:
        raise KeyboardInterrupt

    event.listen(worker, "before_commit", end)
    with pytest.raises(KeyboardInterrupt):
        read_new_comments(worker, READ_AT)
    event.remove(worker, "before_commit", end)
    worker.rollback()
    assert (readings(session), count_unread(session)) == (0, 5)
    session.rollback()
    assert read_new_comments(worker, READ_AT) == 5
    assert tallies.differences(session) == []


def test_workers_that_read_the_same_count_it_once(
    app: Flask, session: Session, crowd: Callable[[int], None]
) -> None:
    crowd(2 * BATCH + 7)

    def work(_number: int) -> int:
        with app.app_context():
            return read_new_comments(db.session, READ_AT)

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
def worker(app: Flask) -> Iterator[Session]:
    """The session a job works with."""
    with app.app_context():
        yield db.session


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
