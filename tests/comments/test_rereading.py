"""Reading again and correcting: each reading once, the tallies with it, stopped at any moment."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as law
from hypothesis import strategies as some
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from analysis.reading import Reader, shipped_reader
from analysis.topics import TOPICS
from survey_app import tallies
from survey_app.comments.correcting import correct_reading
from survey_app.comments.readers import choose
from survey_app.comments.reading import BATCH, read_new_comments
from survey_app.comments.rereading import count_outdated, reread
from survey_app.errors import NotFound, Unprocessable
from survey_app.extensions import begin_writing, db
from survey_app.models import AuditEvent, CommentCorrection, CommentReading, Rating, User
from survey_app.models.ratings import ASSESSMENTS
from tests.comments.conftest import NOVEMBER
from tests.factories import DAY, Make

Rey = Callable[..., subprocess.CompletedProcess[str]]
LATER = NOVEMBER + timedelta(days=1)
SAID = (
    "Çox sağ olun, əla xidmət",
    "Kobud münasibət, iki saat gözlədim",
    "qwrtp zxcvb",
    "Növbə çox uzun idi, amma işçilər mehriban idi",
    "Сотрудники вежливые, спасибо",
    "The staff was rude",
)


# --- reading again -----------------------------------------------------------------------------


def test_readings_of_another_reader_are_replaced(
    session: Session, worker: Session, make: Make, weak: Reader
) -> None:
    place = make.touchpoint()
    for comment in SAID:
        make.reading(make.rating(place, comment=comment), "neutral", reader="older")
    assert count_outdated(session, weak.version) == len(SAID)
    seen: list[int] = []
    done = reread(worker, LATER, weak, seen.append)
    session.rollback()
    stored = session.scalars(select(CommentReading)).all()
    assert {reading.reader for reading in stored} == {weak.version}
    assert {reading.read_at for reading in stored} == {LATER}
    for reading in stored:
        again = weak.read(reading.rating.comment or "", reading.rating.language)
        assert reading.sentiment == again.sentiment
        assert reading.topics == list(again.topics)
        assert reading.sides == list(again.sides)
        assert (reading.script, reading.urgent) == (again.script, again.urgent)
        assert reading.confidence == pytest.approx(again.confidence)
    assert done.changes == Counter(("neutral", reading.sentiment) for reading in stored)
    assert (done.read, done.stopped, sum(seen)) == (len(SAID), False, len(SAID))
    assert done.changed == len(SAID) - done.changes["neutral", "neutral"]
    assert count_outdated(session, weak.version) == 0
    assert tallies.differences(session) == []


def test_what_this_reader_has_read_is_left_alone(
    session: Session, worker: Session, make: Make, weak: Reader
) -> None:
    make.reading(make.rating(comment="Pis"), "positive", reader=weak.version)
    assert reread(worker, LATER, weak).read == 0
    assert session.scalars(select(CommentReading.sentiment)).all() == ["positive"]


def test_the_reading_of_an_erased_comment_stays(
    session: Session, worker: Session, make: Make, weak: Reader
) -> None:
    rating = make.rating(comment="Pis")
    make.reading(rating, "negative", reader="older")
    session.execute(update(Rating).values(comment=None))
    session.commit()
    assert reread(worker, LATER, weak).read == 0
    assert session.scalars(select(CommentReading.reader)).all() == ["older"]


def test_a_rating_set_aside_since_is_reread_without_moving_a_tally(
    session: Session, worker: Session, make: Make, weak: Reader
) -> None:
    make.reading(make.rating(comment="Çox sağ olun", state="held"), "negative", reader="older")
    assert reread(worker, LATER, weak).read == 1
    assert tallies.differences(session) == []


def test_a_rating_set_aside_is_corrected_without_moving_a_tally(
    session: Session, worker: Session, make: Make, manager: User, folder: Path
) -> None:
    rating = make.rating(comment="Çox sağ olun", state="held")
    assert read_new_comments(worker, NOVEMBER, folder) == 1
    correct(worker, rating, "negative", ["waiting"], manager)
    session.rollback()
    assert session.scalars(select(CommentReading.sentiment)).all() == ["negative"]
    assert tallies.differences(session) == []


def test_rereading_can_be_stopped_between_batches_and_resumed(
    session: Session, worker: Session, crowd: None, weak: Reader
) -> None:
    asked = iter((False, False, True))
    done = reread(worker, LATER, weak, should_stop=lambda: next(asked))
    assert (done.read, done.stopped) == (2 * BATCH, True)
    assert count_outdated(session, weak.version) == 7
    assert tallies.differences(session) == []
    session.rollback()
    done = reread(worker, LATER, weak)
    assert (done.read, done.stopped) == (7, False)
    assert tallies.differences(session) == []


def test_who_is_killed_while_rereading_loses_and_repeats_nothing(
    session: Session, worker: Session, crowd: None, weak: Reader
) -> None:
    def end(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reread(worker, LATER, weak, end)
    worker.rollback()
    assert count_outdated(session, weak.version) == BATCH + 7
    assert tallies.differences(session) == []
    session.rollback()
    assert reread(worker, LATER, weak).read == BATCH + 7
    assert tallies.differences(session) == []


def test_two_at_once_replace_every_reading_once(
    app: Flask, session: Session, crowd: None, weak: Reader
) -> None:
    def work(_number: int) -> Counter[tuple[str, str]]:
        with app.app_context():
            return reread(db.session, LATER, weak).changes

    with ThreadPoolExecutor(2) as workers:
        done = list(workers.map(work, range(2)))
    assert (done[0] + done[1]).total() == 2 * BATCH + 7
    assert count_outdated(session, weak.version) == 0
    assert tallies.differences(session) == []


def test_who_corrects_meanwhile_is_not_overruled(
    app: Flask, session: Session, crowd: None, weak: Reader
) -> None:
    ids = session.scalars(select(CommentReading.submission_id)).all()
    session.rollback()

    def correct(_number: int) -> None:
        with app.app_context():
            for submission_id in ids[:: BATCH // 10]:
                begin_writing(db.session)
                correct_reading(db.session, submission_id, "negative", ["waiting"], None, LATER)
                db.session.commit()

    def work(_number: int) -> None:
        with app.app_context():
            reread(db.session, LATER, weak)

    with ThreadPoolExecutor(2) as people:
        list(people.map(lambda each: each(0), (correct, work)))
    corrected = session.scalars(
        select(CommentReading.submission_id).where(CommentReading.reader == "corrected")
    ).all()
    assert set(corrected) == set(ids[:: BATCH // 10])
    assert tallies.differences(session) == []


# --- correcting --------------------------------------------------------------------------------


def test_a_correction_is_stored_counted_and_noted(
    session: Session, worker: Session, make: Make, manager: User
) -> None:
    rating = make.rating(comment="Əla, daha nə deyim", score=1)
    make.reading(rating, "positive", topics=["staff_courtesy"], sides=["positive"])
    correct(worker, rating, "negative", ["information", "waiting"], manager)
    session.rollback()
    correction = session.scalars(select(CommentCorrection)).one()
    assert (correction.sentiment, correction.topics) == ("negative", ["waiting", "information"])
    assert (correction.corrected_by, correction.corrected_at) == (manager.id, LATER)
    reading = session.scalars(select(CommentReading)).one()
    assert (reading.sentiment, reading.polarity, reading.confidence) == ("negative", -1.0, 1.0)
    assert (reading.topics, reading.sides) == (correction.topics, ["negative", "negative"])
    assert (reading.reader, reading.read_at) == ("corrected", LATER)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.center_id, event.user_id) == (
        "reading_corrected",
        rating.center_id,
        manager.id,
    )
    assert event.detail["from"]["sentiment"] == "positive"
    assert event.detail["to"] == {"sentiment": "negative", "topics": correction.topics}
    assert "deyim" not in str(event.detail)
    assert tallies.differences(session) == []


def test_the_newest_word_counts(session: Session, worker: Session, make: Make) -> None:
    rating = make.rating(comment="Pis deyil")
    make.reading(rating, "negative")
    correct(worker, rating, "neutral", [], None)
    correct(worker, rating, "positive", ["outcome"], None)
    session.rollback()
    correction = session.scalars(select(CommentCorrection)).one()
    assert (correction.sentiment, correction.topics) == ("positive", ["outcome"])
    assert len(session.scalars(select(AuditEvent)).all()) == 2
    assert tallies.differences(session) == []


def test_in_a_mixed_comment_each_topic_keeps_the_side_that_was_read(
    session: Session, worker: Session, make: Make
) -> None:
    rating = make.rating(comment="Növbə uzun, işçilər mehriban")
    make.reading(
        rating,
        "positive",
        topics=["waiting", "staff_courtesy"],
        sides=["negative", "positive"],
    )
    correct(worker, rating, "mixed", ["waiting", "staff_courtesy", "facilities"], None)
    session.rollback()
    reading = session.scalars(select(CommentReading)).one()
    sides = dict(zip(reading.topics, reading.sides or [], strict=True))
    assert sides == {"waiting": "negative", "staff_courtesy": "positive", "facilities": "neutral"}


def test_a_corrected_comment_is_not_reread(
    session: Session, worker: Session, make: Make, weak: Reader
) -> None:
    rating = make.rating(comment="Çox sağ olun")
    make.reading(rating, "positive", reader="older")
    correct(worker, rating, "negative", [], None)
    assert reread(worker, LATER, weak).read == 0
    session.rollback()
    assert session.scalars(select(CommentReading.sentiment)).all() == ["negative"]


@pytest.mark.parametrize(
    ("sentiment", "topics"), [("not_assessed", []), ("angry", []), ("negative", ["weather"])]
)
def test_what_is_no_correction_is_refused(
    session: Session, worker: Session, make: Make, sentiment: str, topics: list[str]
) -> None:
    rating = make.rating(comment="Yaxşı")
    make.reading(rating)
    with pytest.raises(Unprocessable):
        correct(worker, rating, sentiment, topics, None)
    worker.rollback()
    assert session.scalars(select(CommentCorrection)).all() == []


def test_an_unread_comment_cannot_be_corrected(worker: Session, make: Make) -> None:
    with pytest.raises(NotFound):
        correct(worker, make.rating(comment="Yaxşı"), "positive", [], None)
    worker.rollback()


# --- laws --------------------------------------------------------------------------------------

STEPS = some.lists(
    some.one_of(
        some.tuples(some.just("reread"), some.sampled_from(["weak", "shipped"])),
        some.tuples(
            some.just("correct"),
            some.integers(0, len(SAID) - 1),
            some.sampled_from(ASSESSMENTS),
            some.sets(some.sampled_from(TOPICS), max_size=3),
        ),
        some.tuples(some.just("say"), some.sampled_from(SAID)),
        some.tuples(some.just("read")),
    ),
    max_size=8,
)


@given(steps=STEPS)
@law(
    derandomize=True,
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_after_any_steps_the_tallies_equal_their_readings(
    session: Session, worker: Session, make: Make, folder: Path, weak: Reader, steps: list[tuple]
) -> None:
    place = make.touchpoint()
    ratings = [make.rating(place, comment=comment) for comment in SAID]
    read_new_comments(worker, LATER, folder)
    corrected: dict[UUID, str] = {}
    for step, *more in steps:
        if step == "reread":
            reread(worker, LATER, weak if more[0] == "weak" else shipped_reader())
        elif step == "correct":
            number, sentiment, topics = more
            correct(worker, ratings[number], sentiment, topics, None)
            corrected[ratings[number].submission_id] = sentiment
        elif step == "say":
            make.rating(place, comment=more[0])
        else:
            read_new_comments(worker, LATER, folder)
        assert tallies.differences(session) == []
        session.rollback()
    pairs = select(CommentReading.submission_id, CommentReading.sentiment)
    stored = dict(session.execute(pairs).all())
    assert {key: stored[key] for key in corrected} == corrected
    session.rollback()


# --- the command -------------------------------------------------------------------------------


@pytest.mark.any_database
def test_the_command_rereads_and_says_what_changed(
    session: Session, crowd: None, folder: Path, kept: str, rey: Rey
) -> None:
    choose(folder, kept, LATER)
    done = rey("language", "reread")
    assert done.returncode == 0, done.stderr
    assert f"{kept}: {2 * BATCH + 7} read again" in done.stdout
    assert "not_assessed → " in done.stdout
    assert tallies.differences(session) == []
    assert f"{kept}: 0 read again, 0 changed." in rey("language", "reread").stdout


@pytest.mark.any_database
def test_the_command_does_not_reread_with_another_reader_than_the_chosen_one(
    session: Session, make: Make, folder: Path, kept: str, rey: Rey
) -> None:
    make.reading(make.rating(comment="Çox sağ olun"), reader="older")
    choose(folder, kept, LATER)
    (folder / f"{kept}.npz").write_bytes(b"damaged")
    done = rey("language", "reread")
    assert done.returncode == 1
    assert f"Error: {kept}: the file is not the one that was written. Choose" in done.stderr
    assert session.scalars(select(CommentReading.reader)).all() == ["older"]


@pytest.mark.any_database
def test_the_command_stops_when_asked_to_and_says_what_is_left(
    session: Session, crowd: None, environment: dict[str, str]
) -> None:
    # The signal comes after the first batch, wherever the process is then.
    program = (
        "import os, signal, sys\n"
        "from survey_app.comments import rereading\n"
        "replace = rereading._replace\n"
        "def interrupted(*arguments):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return replace(*arguments)\n"
        "rereading._replace = interrupted\n"
        "from survey_app.commands import main\n"
        "sys.argv = ['rey', 'language', 'reread']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"Stopped, {BATCH + 7} are left. The same command goes on." in done.stderr
    assert count_outdated(session, shipped_reader().version) == BATCH + 7
    assert tallies.differences(session) == []


# --- what these tests share --------------------------------------------------------------------


def correct(
    worker: Session, rating: Rating, sentiment: str, topics: list[str], account: User | None
) -> None:
    """Correct as a request does: in a transaction of its own."""
    worker.rollback()
    begin_writing(worker)
    correct_reading(worker, rating.submission_id, sentiment, topics, account, LATER)
    worker.commit()


@pytest.fixture
def crowd(session: Session, worker: Session, say: Callable[..., None]) -> None:
    """Two batches of readings and seven, as an older reader left them: nothing was understood."""
    say((DAY, 1 + number % 5, f"{SAID[number % 6]} {number}") for number in range(2 * BATCH + 7))
    begin_writing(worker)
    worker.execute(
        insert(CommentReading),
        [
            {
                "submission_id": submission_id,
                "language": "any",
                "sentiment": "not_assessed",
                "polarity": None,
                "topics": [],
                "reader": "older",
                "read_at": NOVEMBER,
            }
            for submission_id in worker.scalars(select(Rating.submission_id))
        ],
    )
    tallies.rebuild(worker)
    worker.commit()
