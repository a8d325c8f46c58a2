"""The extensions: durable SQLite connections, writers that take turns, networks as callers."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from survey_app.config import sqlite_module
from survey_app.extensions import (
    address_networks,
    begin_snapshot,
    begin_writing,
    caller_key,
    db,
)
from survey_app.models import Center, Holiday
from tests.conftest import Client
from tests.factories import DAY, Make


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("203.0.113.7", ("203.0.113.0/24",)),
        ("203.0.113.200", ("203.0.113.0/24",)),
        ("203.0.114.7", ("203.0.114.0/24",)),
        ("2001:db8:1:2:3:4:5:6", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("2001:db8:1:2::9", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("2001:db8::ffff:1", ("2001:db8::/64", "2001:db8::/48")),
        ("::ffff:203.0.113.7", ("203.0.113.0/24",)),
        ("not an address", ("unknown",)),
        ("", ("unknown",)),
    ],
)
def test_a_caller_is_known_by_the_network_only(
    app: Flask, address: str, networks: tuple[str, ...]
) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert address_networks() == networks


@pytest.mark.any_database
def test_the_limits_know_a_network_by_a_hash_of_it(app: Flask) -> None:
    def key_of(address: str) -> str:
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            return caller_key()

    assert key_of("203.0.113.7") == key_of("203.0.113.200") != key_of("203.0.114.7")
    assert "203.0" not in key_of("203.0.113.7")
    assert len(key_of("203.0.113.7")) == 64


@pytest.mark.any_database
def test_sqlite_keeps_what_it_acknowledged(session: Session) -> None:
    pragmas = {
        name: session.scalar(text(f"PRAGMA {name}"))
        for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
    }
    # synchronous 2 is FULL: a commit is on the disk before it is answered.
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 5000,
        "foreign_keys": 1,
    }


def test_a_row_that_points_nowhere_is_refused(session: Session, make: Make) -> None:
    center = make.center()
    statement = text("UPDATE opening_hours SET center_id = 999 WHERE center_id = :id")
    with pytest.raises(IntegrityError):
        session.execute(statement, {"id": center.id})


@pytest.mark.parametrize("begin", [begin_writing, begin_snapshot])
def test_in_the_middle_of_a_transaction_it_is_too_late(
    session: Session, begin: Callable[[Session], None]
) -> None:
    session.scalar(select(Center.id))
    with pytest.raises(RuntimeError, match="first statement"):
        begin(session)


@pytest.mark.any_database
def test_two_writers_take_turns_from_the_start(app: Flask) -> None:
    with app.app_context(), Session(db.engine) as first, Session(db.engine) as second:
        begin_writing(first)
        # A reader is not held up, a second writer is; here it would be for five seconds.
        assert second.scalar(select(Center.id)) is None
        second.rollback()
        second.connection().exec_driver_sql("PRAGMA busy_timeout=1")
        second.rollback()
        with pytest.raises(OperationalError, match="locked"):
            begin_writing(second)
        first.commit()
        second.rollback()
        begin_writing(second)


def test_a_snapshot_does_not_see_what_comes_after_it(app: Flask, make: Make) -> None:
    with app.app_context(), Session(db.engine) as reader:
        begin_snapshot(reader)
        assert reader.scalars(select(Holiday)).all() == []
        make.holiday(DAY)
        assert reader.scalars(select(Holiday)).all() == []
        reader.rollback()
        assert len(reader.scalars(select(Holiday)).all()) == 1


@pytest.mark.any_database
def test_requests_that_may_write_take_their_turn(
    app: Flask, session: Session, new_client: Callable[[], Client]
) -> None:
    begun: list[str] = []

    def view() -> str:
        db.session.scalar(select(Center.id))
        # SQLite lets another connection begin to write only if this one has not.
        other = sqlite_module().connect(db.engine.url.database, timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite_module().OperationalError:
            begun.append("writing")
        else:
            begun.append("reading")
        other.close()
        return ""

    view.access = "public"  # type: ignore[attr-defined]
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/turn", view_func=view, methods=["GET", "POST"])
    client = new_client()
    for method in ("GET", "POST", "HEAD"):
        assert client.open("/turn", method=method).status_code == 200
    assert begun == ["reading", "writing", "reading"]


def test_a_page_sees_one_moment_of_the_database(app: Flask, make: Make) -> None:
    """Figures are read tally by tally; a rating that comes in between must not split them."""
    make.center()
    with app.test_request_context(method="GET"):
        before = len(db.session.scalars(select(Center.id)).all())
        make.center()
        assert len(db.session.scalars(select(Center.id)).all()) == before
    with app.test_request_context(method="GET"):
        assert len(db.session.scalars(select(Center.id)).all()) == before + 1
