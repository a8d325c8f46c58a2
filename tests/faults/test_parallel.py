"""Many at once: however many send the same ratings, each is stored and counted once."""

import json
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.extensions import begin_writing
from survey_app.intake import Arrival, Submission, record_ratings
from survey_app.models import AuditEvent, DayTally, Rating, Tablet
from tests.factories import NOON, submission
from tests.faults import sender

PROCESSES = 50
RATINGS = 1000

pytestmark = pytest.mark.slow


def test_fifty_processes_sending_the_same_thousand_store_a_thousand(
    session, make, center, serve, rey, tmp_path
):
    enrolled = make.tablet(make.touchpoint(center))
    now = datetime.now(UTC)
    ratings = [
        submission(
            sequence=number,
            score=number % 5 + 1,
            language=("az", "ru", "en")[number % 3],
            comment="Gözlədim" if number % 4 == 0 else None,
            answers={"outcome": ["yes"]},
            rated_at=(now - timedelta(minutes=number)).isoformat(),
        )
        for number in range(1, RATINGS + 1)
    ]
    file = tmp_path / "ratings.json"
    file.write_text(json.dumps(ratings))
    session.rollback()
    url = serve().url
    # -I and -S: nothing of ours to load, so that they start together.
    command = [sys.executable, "-I", "-S", Path(sender.__file__), url, enrolled.token, file]
    processes = [
        subprocess.Popen([*command, str(seed)], stdout=subprocess.PIPE, text=True)
        for seed in range(PROCESSES)
    ]
    # An operator looks in the midst of it: the figures agree with each other all the time.
    checked = rey("tally", "check")
    assert (checked.returncode, checked.stdout) == (0, "Every tally equals its ratings.\n")
    verdicts = Counter()
    for process in processes:
        told, _ = process.communicate(timeout=240)
        assert process.returncode == 0
        verdicts.update(json.loads(told)[0])
    assert verdicts == {"recorded": RATINGS, "already_recorded": (PROCESSES - 1) * RATINGS}
    assert set(session.scalars(select(Rating.submission_id).distinct())) == {
        Submission.model_validate(each).submission_id for each in ratings
    }
    assert session.scalar(select(func.count()).select_from(Rating)) == RATINGS
    assert counted(session) == RATINGS
    assert tallies.differences(session) == []
    assert session.scalars(select(AuditEvent)).all() == []


def test_tablets_that_quarrel_over_their_numbers_lose_nothing_that_was_thanked_for(
    session, make, center
):
    """Two devices share a credential and number their ratings alike: one of each pair stays."""
    tablet = make.tablet(make.touchpoint(center)).tablet
    told = [[submission(sequence=number) for number in range(1, 41)] for _ in range(4)]
    verdicts = in_threads(
        session,
        tablet,
        [[each[start : start + 8] for start in range(0, 40, 8)] for each in told],
    )
    statuses = Counter((each.status, each.reason) for each in verdicts)
    assert statuses == {("recorded", None): 40, ("rejected", "sequence_reused"): 120}
    thanked = {each.submission_id for each in verdicts if each.status == "recorded"}
    assert set(session.scalars(select(Rating.submission_id))) == thanked
    assert tallies.differences(session) == []


def test_rebuilding_while_ratings_come_in_loses_none(session, make, center):
    tablets = make.tablet(make.touchpoint(center)).tablet
    told = [
        [[submission(sequence=1 + which + 2 * number)] for number in range(30)]
        for which in range(2)
    ]
    engine = session.get_bind()
    over = threading.Event()

    def rebuild():
        # With pauses: SQLite lets nobody write meanwhile.
        while not over.wait(0.05):
            with Session(engine) as own:
                begin_writing(own)
                tallies.rebuild(own)
                own.commit()

    rebuilding = threading.Thread(target=rebuild)
    rebuilding.start()
    try:
        verdicts = in_threads(session, tablets, told)
    finally:
        over.set()
        rebuilding.join()
    assert Counter(each.status for each in verdicts) == {"recorded": 60}
    assert tallies.differences(session) == []
    assert counted(session) == 60


# --- how -------------------------------------------------------------------------------------


def in_threads(session, tablet, senders):
    """The verdicts on what several senders, each with batches of its own, send at once."""
    engine, tablet_id = session.get_bind(), tablet.id
    session.commit()
    verdicts, failures = [], []
    start = threading.Barrier(len(senders))

    def send(batches):
        start.wait()
        for batch in batches:
            with Session(engine) as own:
                begin_writing(own)
                same = own.get(Tablet, tablet_id)
                arrivals = [
                    Arrival(
                        Submission.model_validate_json(json.dumps(each)),
                        same.touchpoint,
                        NOON,
                        tablet_id,
                    )
                    for each in batch
                ]
                told = record_ratings(own, arrivals, signing_keys=["a key"])
                own.commit()
                verdicts.extend(told)

    def guarded(batches):
        try:
            send(batches)
        except Exception as error:  # noqa: BLE001 - raised again in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(batches,)) for batches in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return verdicts


def counted(session):
    """How many ratings the tallies of days know of."""
    scores = sum(getattr(DayTally, f"score_{score}") for score in range(1, 6))
    return session.scalar(select(func.sum(scores + DayTally.held)))
