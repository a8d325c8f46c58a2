"""Stopping the server or the database in the midst of sending, and sending again."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.extensions import begin_writing
from survey_app.models import Rating
from tests.factories import submission
from tests.faults.sender import Sender

pytestmark = pytest.mark.slow


def test_a_server_stopped_mid_batch_loses_and_doubles_nothing(session, make, center, serve):
    enrolled = make.tablet(make.touchpoint(center))
    batches = []
    session.rollback()
    served = serve()
    sender = Sender(served.url, enrolled.token)

    def send():
        while True:
            batches.append(ratings_of(10, first=10 * len(batches) + 1))
            if not sender.post(batches[-1]):
                return
            time.sleep(0.01)

    thread = threading.Thread(target=send)
    thread.start()
    while len(sender.verdicts) < 50:
        assert thread.is_alive()
        time.sleep(0.001)
    # An orderly end: whoever was being served is answered first.
    assert served.stop() == 0
    thread.join()
    sender.close()
    thanked = sender.verdicts.keys()
    assert thanked == {str(one) for one in session.scalars(select(Rating.submission_id))}
    assert tallies.differences(session) == []
    session.rollback()

    again = Sender(serve().url, enrolled.token)
    for batch in batches:
        again.send(batch)
    again.close()
    assert {one for one, status in again.verdicts.items() if status != "recorded"} == thanked
    assert session.scalar(select(func.count()).select_from(Rating)) == 10 * len(batches)
    assert tallies.differences(session) == []


def test_a_database_that_fails_is_503_and_the_same_batch_is_taken_later(
    app, session, make, center, client
):
    enrolled = make.tablet(make.touchpoint(center))
    batch = {"ratings": ratings_of(50)}

    def send():
        return client.post("/api/v1/ratings", json=batch, headers=enrolled.headers)

    with ThreadPoolExecutor(1) as threads, Session(session.get_bind()) as other:
        begin_writing(other)
        if other.get_bind().dialect.name == "postgresql":
            other.execute(text("LOCK TABLE rating IN EXCLUSIVE MODE"))
        # On SQLite the other writer now holds the file for longer than anybody is ready to wait.
        answer = threads.submit(send)
        if other.get_bind().dialect.name == "postgresql":
            cut_off_who_waits(session.get_bind())
        failed = answer.result()
    assert (failed.status_code, failed.mimetype) == (503, "application/problem+json")
    assert int(failed.headers["Retry-After"]) > 0
    assert session.scalar(select(func.count()).select_from(Rating)) == 0

    assert {each["status"] for each in send().json["verdicts"]} == {"recorded"}
    assert session.scalar(select(func.count()).select_from(Rating)) == 50
    assert tallies.differences(session) == []


# --- how -------------------------------------------------------------------------------------


def ratings_of(many, first=1):
    now = datetime.now(UTC).isoformat()
    return [submission(sequence=first + number, rated_at=now) for number in range(many)]


def cut_off_who_waits(engine):
    """End the connection that waits for a lock, as a database that is restarted does."""
    waiting = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 60
    cut_off = []
    while not cut_off:
        assert time.monotonic() < deadline
        time.sleep(0.01)
        # A transaction sees the same activity all the time, so each look is one of its own.
        with engine.connect() as connection:
            cut_off = connection.scalars(waiting).all()
