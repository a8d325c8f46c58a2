"""kill -9 in the midst of a batch: what was thanked for is there, and nothing is there twice."""

import os
import random
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey_app import tallies
from survey_app.models import Answer, Rating
from tests.factories import submission
from tests.faults.sender import Sender

# Whom we kill: those who answer requests, and then everybody at once.
ROUNDS = ("workers", "everybody")
SENDERS = 3
BATCHES = 20
BATCH = 10

pytestmark = pytest.mark.slow


def test_a_server_killed_mid_batch_loses_and_doubles_nothing(session, make, center, serve):
    place = make.touchpoint(center)
    tablets = [make.tablet(place) for _ in range(SENDERS)]
    session.rollback()
    dice = random.Random(20261005)
    told = 0
    served = serve()
    for round_number, victims in enumerate(ROUNDS):
        queues = [queue_of(round_number) for _ in tablets]
        told += SENDERS * BATCHES * BATCH
        senders = [Sender(served.url, enrolled.token) for enrolled in tablets]
        kill_while_sending(served, victims, senders, queues, dice)
        thanked = {one for sender in senders for one in sender.verdicts}
        stored = {str(one) for one in session.scalars(select(Rating.submission_id))}
        assert thanked <= stored
        # A rating, its answers and its place in the tallies came together or not at all.
        assert tallies.differences(session) == []
        assert count_of(session, Answer) == len(stored)
        session.rollback()

        if victims == "everybody":
            served = serve()
        for enrolled, queue in zip(tablets, queues, strict=True):
            again = Sender(served.url, enrolled.token)
            for batch in queue:
                again.send(batch)
            again.close()
            known = {one for one, status in again.verdicts.items() if status != "recorded"}
            assert known == again.verdicts.keys() & stored
        assert count_of(session, Rating) == count_of(session, Answer) == told
        assert tallies.differences(session) == []
        session.rollback()


# --- how -------------------------------------------------------------------------------------


def queue_of(round_number):
    """What one tablet still has to send, in batches; its numbers go on from round to round."""
    first = round_number * BATCHES * BATCH + 1
    ratings = [
        submission(
            sequence=first + number,
            score=number % 5 + 1,
            answers={"outcome": ["yes"]},
            rated_at=datetime.now(UTC).isoformat(),
        )
        for number in range(BATCHES * BATCH)
    ]
    return [ratings[start : start + BATCH] for start in range(0, len(ratings), BATCH)]


def kill_while_sending(served, victims, senders, queues, dice):
    """Kill the victims once enough batches were answered, before all were."""

    def send(sender, queue):
        for batch in queue:
            if not sender.post(batch):
                return

    threads = [
        threading.Thread(target=send, args=pair) for pair in zip(senders, queues, strict=True)
    ]
    for thread in threads:
        thread.start()
    enough = dice.randint(1, SENDERS * BATCHES * BATCH // 2)
    while sum(len(sender.verdicts) for sender in senders) < enough:
        assert any(thread.is_alive() for thread in threads)
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 0.01))
    family = family_of(served.process.pid)
    for number in family if victims == "everybody" else workers_of(family):
        os.kill(number, signal.SIGKILL)
    for thread in threads:
        thread.join()
    for sender in senders:
        sender.close()
    assert any(sender.retries for sender in senders)


def family_of(number):
    """A process and all it started, by their ids."""
    found = [number]
    for each in found:
        for task in Path(f"/proc/{each}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def workers_of(family):
    """Those of a family that answer requests: gunicorn's children."""
    found = [
        number
        for number in family
        if "gunicorn" in command_of(number) and "gunicorn" in command_of(parent_of(number))
    ]
    assert found
    return found


def command_of(number):
    return Path(f"/proc/{number}/cmdline").read_text()


def parent_of(number):
    # Before the last bracket stands the program's name, which may hold spaces.
    return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])


def count_of(session, table):
    return session.scalar(select(func.count()).select_from(table))
