"""What is due: each job asks the tables; a failing one does not keep the others from running."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from survey_app import create_app
from survey_app.config import Settings
from survey_app.extensions import db
from survey_app.jobs import build_clock, run_due
from survey_app.models import CommentReading, Report
from survey_app.pairing import create_pairing_code
from tests.factories import NOON, Make
from tests.postgresql import free_port


def test_when_nothing_is_due_nothing_is_done(app: Flask) -> None:
    jobs = (
        "read_comments",
        "check_integrity",
        "publish_reports",
        "publish_network",
        "send_mail",
        "erase_contacts",
        "erase_traces",
    )
    assert run_due(app) == dict.fromkeys(jobs, 0)


def test_one_round_reads_publishes_and_is_then_done(
    app: Flask, session: Session, make: Make
) -> None:
    place = make.touchpoint()
    make.user("manager", place.center)
    make.rating(place, comment="Çox sağ olun", rated_at=NOON)
    assert datetime.now(UTC) > NOON.replace(month=11, day=10)
    # What one job does makes the next one due, in the same round.
    done = run_due(app)
    # The rules look two months back from today, and nowhere does this test say when that is.
    done.pop("check_integrity")
    assert done == {
        "read_comments": 1, "publish_reports": 1, "publish_network": 1, "send_mail": 0,
        "erase_contacts": 0, "erase_traces": 0,
    }  # fmt: skip
    assert set(run_due(app).values()) == {0}
    session.rollback()
    counts = [
        session.scalar(select(func.count()).select_from(each)) for each in (CommentReading, Report)
    ]
    assert counts == [1, 1]


@pytest.mark.any_database
def test_a_day_that_is_over_is_checked_once(app: Flask, session: Session, make: Make) -> None:
    make.rating(rated_at=datetime.now(UTC) - timedelta(days=2))
    # Two where a month has ended since: its last day is looked at as well.
    assert run_due(app)["check_integrity"] in {1, 2}
    assert run_due(app)["check_integrity"] == 0


@pytest.mark.any_database
def test_what_nobody_can_use_any_more_is_erased(app: Flask, session: Session, make: Make) -> None:
    create_pairing_code(session, make.touchpoint(), NOON - timedelta(days=400))
    session.commit()
    assert run_due(app)["erase_traces"] == 1
    assert run_due(app)["erase_traces"] == 0


@pytest.mark.any_database
def test_letters_wait_without_a_mail_server(app: Flask, session: Session, make: Make) -> None:
    letter = make.mail(due_at=NOON)
    assert run_due(app)["send_mail"] == 0
    session.refresh(letter)
    assert (letter.attempts, letter.sent_at) == (0, None)


@pytest.mark.any_database
def test_letters_are_tried_with_one(settings: Settings, session: Session, make: Make) -> None:
    letter = make.mail(due_at=NOON)
    url = SecretStr(f"smtp://127.0.0.1:{free_port()}")
    app = create_app(settings.model_copy(update={"smtp_url": url}))
    assert run_due(app)["send_mail"] == 0
    session.refresh(letter)
    assert letter.attempts == 1
    with app.app_context():
        db.engine.dispose()


def test_a_failing_job_does_not_keep_the_others_from_running(
    app: Flask, session: Session, make: Make
) -> None:
    make.rating(make.touchpoint(), comment="Yaxşı", rated_at=NOON)
    session.execute(text("ALTER TABLE comment_reading RENAME TO elsewhere"))
    session.commit()
    done = run_due(app)
    assert "read_comments" not in done
    assert (done["publish_reports"], done["send_mail"]) == (0, 0)
    session.execute(text("ALTER TABLE elsewhere RENAME TO comment_reading"))
    session.commit()
    # It was still due.
    assert run_due(app)["read_comments"] == 1


@pytest.mark.any_database
def test_the_clock_asks_every_minute(app: Flask) -> None:
    clock = build_clock(app)
    noon = datetime(2026, 10, 5, 12, 0)  # noqa: DTZ001 - huey's clock is naive
    due = [
        task.name
        for minute in range(60)
        for task in clock.read_periodic(noon.replace(minute=minute))
    ]
    assert due == ["every_minute"] * 60


@pytest.mark.any_database
@pytest.mark.slow
def test_a_worker_does_at_its_start_what_is_due_and_stops_when_told(
    environment: dict[str, str], session: Session, make: Make
) -> None:
    make.rating(make.touchpoint(), comment="Çox sağ olun", rated_at=NOON)
    worker = subprocess.Popen([sys.executable, "-P", "-m", "survey_app", "worker"], env=environment)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not session.scalar(select(func.count(Report.id))):
        session.rollback()
        time.sleep(0.1)
    assert worker.poll() is None
    worker.send_signal(signal.SIGINT)
    assert worker.wait(60) == 0
    session.rollback()
    assert session.scalar(select(func.count(CommentReading.submission_id))) == 1
