"""Migrations are numbered, reversible, keep rows, and end where the models are."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Time, column, func, inspect, select, table
from sqlalchemy.orm import Session

from survey_app import database, tallies
from survey_app.config import ROOT
from survey_app.models import AnswerTally, Base, CommentReading, VisitMonth
from survey_app.models.base import table_of
from survey_app.models.network import FROM_THE_BEGINNING
from survey_app.timetables import load_timetable
from tests.conftest import engine_for
from tests.factories import NOON, Make

REVISIONS = [
    script.revision
    for script in reversed(list(ScriptDirectory(str(ROOT / "migrations")).walk_revisions()))
]


def test_numbers_follow_each_other() -> None:
    expected = [f"{number:04}" for number in range(1, len(REVISIONS) + 1)]
    assert expected == REVISIONS
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        assert re.fullmatch(r"\d{4}_[a-z_]+", path.stem)
        assert f'revision: str = "{path.stem[:4]}"' in path.read_text()


def test_models_and_migrations_agree(engine: Engine) -> None:
    database.upgrade(engine)
    with engine.connect() as connection:
        command.check(database.migration_config(connection))


def test_down_step_by_step_with_rows_and_up_again(engine: Engine) -> None:
    database.upgrade(engine)
    make_a_row_of_everything(engine)
    for revision in [*reversed(REVISIONS[:-1]), "base"]:
        downgrade(engine, revision)
    assert tables(engine) == set()
    database.upgrade(engine)
    assert tables(engine) == set(Base.metadata.tables)
    # The second time everything must work as the first time: rows go in, constraints hold.
    make_a_row_of_everything(engine)


@pytest.mark.parametrize("revision", REVISIONS[1:])
def test_a_step_down_and_up_keeps_every_row(engine: Engine, revision: str) -> None:
    before = REVISIONS[REVISIONS.index(revision) - 1]
    database.upgrade(engine, revision)
    if revision != REVISIONS[-1]:
        pytest.skip("the factories make rows of the newest schema only")
    make_a_row_of_everything(engine)
    counts = row_counts(engine)
    downgrade(engine, before)
    kept = row_counts(engine)
    assert kept == {name: counts[name] for name in kept}
    database.upgrade(engine, revision)
    # What a migration fills is filled again from what is still there.
    lost = counts.keys() - kept.keys() - {"answer_tally", "tablet_place"}
    assert row_counts(engine) == counts | dict.fromkeys(lost, 0)


def test_readings_older_than_sides_say_nothing_of_them(engine: Engine) -> None:
    database.upgrade(engine)
    with Session(engine) as session:
        make = Make(session)
        make.reading(
            make.rating(comment="Çox gözlədim"), sides=["negative"], confidence=0.9, urgent="threat"
        )
    downgrade(engine, "0002")
    database.upgrade(engine)
    with Session(engine) as session:
        reading = session.scalars(select(CommentReading)).one()
        assert (reading.sides, reading.urgent) == (None, None)
        assert (reading.script, reading.confidence) == ("none", 0.0)
        # What was read before is as it was.
        assert (reading.sentiment, reading.topics) == ("positive", ["staff_courtesy"])


def test_answers_given_before_there_was_a_tally_are_tallied(engine: Engine) -> None:
    database.upgrade(engine)
    with Session(engine) as session:
        make = Make(session)
        for place in (make.touchpoint(), make.poster()):
            for score, answers in (
                (5, ["yes", "waiting", "information", "staff_courtesy", "from_60"]),
                (4, ["waiting", "information"]),
                (2, ["no", "waiting", "information"]),
                (3, []),
            ):
                for state in ("counted", "counted", "held", "void"):
                    make.rating(place, answers, score=score, state=state)
            # The last day of the year, and a satisfaction that was also told as an answer.
            make.rating(place, ["5"], rated_at=NOON + timedelta(days=87))
        before = answer_tally(session)
    assert any(row["other_id"] for row in before)
    downgrade(engine, "0003")
    database.upgrade(engine)
    with Session(engine) as session:
        assert answer_tally(session) == before
        assert tallies.differences(session) == []


def test_months_whose_visits_moved_are_told_by_the_trail(engine: Engine) -> None:
    database.upgrade(engine)
    with Session(engine) as session:
        make = Make(session)
        center, other = make.center().id, make.center().id
        for center_id, days, months in (
            (center, 3, ["2026-09", "2026-10"]),
            (center, 1, ["2026-10"]),
            (other, 2, ["2026-10"]),
        ):
            make.audit_event(
                "visits_imported",
                center_id=center_id,
                happened_at=NOON + timedelta(days=days),
                detail={"months": {month: {"added": 1} for month in months}},
            )
        make.audit_event(center_id=other, detail={"months": {"2026-08": {}}})
        session.commit()
    downgrade(engine, "0006")
    database.upgrade(engine)
    with Session(engine) as session:
        rows = session.execute(
            select(VisitMonth.center_id, VisitMonth.month, VisitMonth.moved_at)
        ).all()
    assert set(rows) == {
        (center, date(2026, 9, 1), NOON + timedelta(days=3)),
        (center, date(2026, 10, 1), NOON + timedelta(days=3)),
        (other, date(2026, 10, 1), NOON + timedelta(days=2)),
    }


def test_the_program_before_knows_the_hours_that_are_in_force(engine: Engine) -> None:
    today = datetime.now(UTC).date()
    now, later = (
        {weekday: (time(opens), time(18)) for weekday in open_on}
        for opens, open_on in ((8, range(2, 7)), (10, range(1, 8)))
    )
    database.upgrade(engine)
    with Session(engine) as session:
        make = Make(session)
        center = make.center()
        make.hours(center, today - timedelta(days=30), now)
        make.hours(center, today + timedelta(days=30), later)
        session.commit()
        center_id = center.id
    downgrade(engine, "0005")
    stored = table(
        "opening_hours", column("weekday"), column("opens", Time), column("closes", Time)
    )
    with engine.connect() as connection:
        rows = connection.execute(select(stored.c.weekday, stored.c.opens, stored.c.closes)).all()
    assert {weekday: (opens, closes) for weekday, opens, closes in rows} == now
    database.upgrade(engine)
    with Session(engine) as session:
        timetable = load_timetable(session, center_id)
    assert timetable.changes_after(FROM_THE_BEGINNING) == []
    assert timetable.week(FROM_THE_BEGINNING) == now


def test_every_table_has_a_row_in_these_tests(engine: Engine) -> None:
    """A new table needs a factory, and its place in `make_a_row_of_everything`."""
    database.upgrade(engine)
    make_a_row_of_everything(engine)
    assert [name for name, count in row_counts(engine).items() if count == 0] == []


def test_processes_that_start_together_migrate_once(
    empty_database_url: str, engine: Engine, tmp_path: Path
) -> None:
    environment = os.environ | {
        "REY_DATABASE_URL": empty_database_url,
        "REY_DATA_DIR": str(tmp_path),
        "REY_ENVIRONMENT": "test",
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "survey_app", "migrate"],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 3, said
    assert tables(engine) == set(Base.metadata.tables)


def downgrade(engine: Engine, revision: str) -> None:
    # As on the way up: a table made anew must not take rows of other tables with it.
    with engine.connect() as connection:
        if sqlite := connection.dialect.name == "sqlite":
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        command.downgrade(database.migration_config(connection), revision)
        connection.commit()
        if sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=ON")


def tables(engine: Engine) -> set[str]:
    """Every table but Alembic's own."""
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def row_counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table(name))) or 0
            for name in sorted(tables(engine))
        }


def make_a_row_of_everything(engine: Engine) -> None:
    with Session(engine) as session:
        make = Make(session)
        center = make.center()
        make.noise(center)
        make.holiday()
        make.passkey(make.user("admin"))
        place = make.touchpoint(center)
        make.pairing_code(place)
        make.rating(place, answers=["yes", "waiting"])
        make.correction(make.rating(place, comment="Çox gözlədim"))
        make.mail()
        make.receipt(make.rating(place))
        make.case(make.rating(make.poster(center)))
        make.ticket(make.tickets_place(center))
        make.daily_key()
        make.pressure()
        make.spent_proof()
        make.api_key(center)
        make.visit_import()
        make.visit_month(center)
        make.publish_failure(center)
        make.network_report()


def answer_tally(session: Session) -> list[dict[str, Any]]:
    table = table_of(AnswerTally)
    rows = session.execute(select(table).order_by(*table.primary_key.columns)).mappings()
    return [dict(row) for row in rows]


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """An engine on a database without tables."""
    engine = engine_for(empty_database_url)
    yield engine
    engine.dispose()
