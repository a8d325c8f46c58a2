"""The command line, as an operator uses it: in processes of its own."""

import json
import sqlite3
import sys
from types import ModuleType

import pytest
from click.testing import CliRunner

from analysis.months import Month
from analysis.reading import shipped_reader
from survey_app.cli import commands
from survey_app.models import Membership, Tablet, User
from survey_app.reports.publishing import publish_month
from tests.busy_center import LATER, OCTOBER

pytestmark = pytest.mark.any_database


def test_a_database_without_tables_is_said_in_words(rey, tmp_path, environment):
    environment["REY_DATABASE_URL"] = f"sqlite:///{tmp_path / 'nothing.sqlite'}"
    done = rey("tablet", "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The database has no tables yet. Run ./run migrate first.\n"


def test_an_unknown_setting_is_named(rey, environment):
    environment["REY_SECRET_KEYS"] = "misspelt"
    done = rey("tablet", "list")
    assert done.returncode == 2
    assert "REY_SECRET_KEYS" in done.stderr


def test_migrate_can_be_repeated(rey, environment, tmp_path):
    environment["REY_DATABASE_URL"] = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    for _ in range(2):
        assert rey("migrate").returncode == 0
    with sqlite3.connect(tmp_path / "fresh.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM center").fetchone() == (0,)


def test_demo_refuses_a_database_with_a_network(rey, center):
    done = rey("demo")
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert rey("demo", "--if-empty").returncode == 0


def test_a_pairing_code_is_given_for_a_tablets_place_only(rey, make, center):
    make.touchpoint(center, slug="hall")
    make.poster(center, slug="wall")
    done = rey("tablet", "code", "own/hall")
    code, address = done.stdout.split()
    assert address.endswith(f"/kiosk/#code={code.replace('-', '')}")
    assert rey("tablet", "code", "own/wall").returncode == 1
    assert "no place own/moon" in rey("tablet", "code", "own/moon").stderr


def test_tablets_are_listed_and_revoked_once(rey, session, make):
    enrolled = make.tablet()
    tablet_id = str(enrolled.tablet.id)
    assert f"{tablet_id}: paired" in rey("tablet", "list").stdout
    assert rey("tablet", "revoke", tablet_id).returncode == 0
    session.rollback()
    assert session.get(Tablet, enrolled.tablet.id).revoked_at is not None
    assert rey("tablet", "revoke", tablet_id).returncode == 1
    assert f"{tablet_id}: revoked" in rey("tablet", "list").stdout


def test_tallies_are_checked_and_rebuilt(rey, session, make, center):
    rating = make.rating(make.touchpoint(center))
    assert rey("tally", "check").returncode == 0
    from survey_app.models import DayTally

    session.get(DayTally, (center.id, rating.counted_on)).score_5 = 7
    session.commit()
    wrong = rey("tally", "check")
    assert wrong.returncode == 1
    assert "day_tally" in wrong.stdout
    assert rey("tally", "rebuild").returncode == 0
    assert rey("tally", "check").returncode == 0


def test_a_manager_is_added_with_a_center(rey, session, center):
    password = "a long enough password"
    add = ("user", "create", "new@example.org", "--role", "manager", "--password", password)
    assert rey(*add).returncode == 2
    assert rey(*add, "--center", "nowhere").returncode == 1
    assert rey(*add, "--center", "own").returncode == 0
    assert rey(*add, "--center", "own").returncode == 1
    user = session.query(User).one()
    assert [(each.role, each.center_id) for each in user.memberships] == [("manager", center.id)]


def test_a_short_password_is_refused(rey, session):
    done = rey("user", "create", "a@example.org", "--role", "admin", "--password", "short")
    assert (done.returncode, session.query(Membership).count()) == (1, 0)
    assert "15 characters" in done.stderr


def test_a_report_is_written_for_one_center_or_for_all(rey, session, busy_center, tmp_path):
    publish_month(session, busy_center, OCTOBER, LATER)
    session.commit()
    target = tmp_path / "folder" / "own.json"
    asked = ("--month", "2026-10", "--format", "json", "--out", str(target))
    assert rey("report", "--center", "own", *asked).returncode == 0
    assert Month.parse(json.loads(target.read_text())["month"]) == OCTOBER
    assert "Nothing is published" in rey("report", "--center", "own", "--month", "2026-09").stderr
    assert rey("report", "--month", "2026-10").returncode == 2
    assert rey("report", "--center", "own", "--month", "10/2026").returncode == 2


def test_the_worker_does_what_is_due_once(rey, make, center):
    make.rating(make.touchpoint(center), comment="Çox sağ olun")
    done = rey("worker", "--once")
    assert done.returncode == 0
    assert "read_comments: 1" in done.stdout
    assert "read_comments: 0" in rey("worker", "--once").stdout


def test_quality_is_measured_on_the_file_named(monkeypatch, environment, tmp_path):
    asked = []
    measuring = ModuleType("analysis.quality")
    measuring.main = lambda arguments, *, reader: asked.append((list(arguments), reader)) or 3
    monkeypatch.setitem(sys.modules, "analysis.quality", measuring)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "labelled.tsv"
    file.touch()
    quality = ["language", "quality"]
    for arguments in (quality, [*quality, "--in", str(file)]):
        assert CliRunner().invoke(commands, arguments).exit_code == 3
    assert asked == [([], shipped_reader()), (["--in", str(file)], shipped_reader())]
    missing = CliRunner().invoke(commands, [*quality, "--in", str(tmp_path / "nowhere.tsv")])
    assert (missing.exit_code, "does not exist" in missing.output) == (2, True)


def test_welcome_says_where_the_pages_are(rey, make, center):
    poster = make.poster(center)
    said = rey("welcome").stdout
    assert f"/q/{poster.code}" in said
    assert "/login" in said
