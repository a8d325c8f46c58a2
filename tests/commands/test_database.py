"""`./run migrate` and `./run tally`, in processes of their own."""

import sqlite3

import pytest
from sqlalchemy import select, update

from survey_app.models import HourTally


@pytest.mark.any_database
def test_migrate_can_be_repeated(rey, environment, tmp_path):
    environment["REY_DATABASE_URL"] = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    for _ in range(2):
        assert rey("migrate").returncode == 0
    with sqlite3.connect(tmp_path / "fresh.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM center").fetchone() == (0,)


def test_tallies_are_checked_and_rebuilt(rey, session, make, center):
    make.rating(make.touchpoint(center))
    assert rey("tally", "check").stdout == "Every tally equals its ratings.\n"
    session.execute(update(HourTally).values(score_5=7))
    session.commit()
    wrong = rey("tally", "check")
    assert (wrong.returncode, "hour_tally" in wrong.stdout) == (1, True)
    assert rey("tally", "rebuild").returncode == 0
    session.rollback()
    assert session.scalars(select(HourTally.score_5)).all() == [1]
    assert rey("tally", "check").returncode == 0
