"""The extensions, created once and bound to an application by create_app."""

import hmac
import secrets
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import has_request_context, request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

db = SQLAlchemy(session_options={"expire_on_commit": False})
babel = Babel()
csrf = CSRFProtect()

_READING_METHODS = {"GET", "HEAD", "OPTIONS"}
# The execution option that marks a connection's transactions as writing ones.
WRITES = "rey_writes"


# Known to this process alone and never written down: what the limits remember of a caller's
# network tells it to nobody.
_LIMITS_KEY = secrets.token_bytes(32)


def address_networks() -> tuple[str, ...]:
    """The caller's networks rather than the caller: /24 for IPv4, /64 and then /48 for IPv6.

    A household or an office has a /64 at least, and who means harm may easily have a /48.
    """
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ("unknown",)
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    lengths = (24,) if address.version == 4 else (64, 48)
    return tuple(str(ip_network((address, length), strict=False)) for length in lengths)


def caller_key() -> str:
    """What the limits know a caller by: a keyed hash of the narrowest network.

    Limits are kept per network, and generous, because everyone in a center shares its Wi-Fi.
    """
    network = address_networks()[0]
    return hmac.digest(_LIMITS_KEY, network.encode(), "sha256").hex()


# Counted in each process: with several of them the limits are that much more generous.
limiter = Limiter(key_func=caller_key, storage_uri="memory://")
# For every page that a code leads to: many more than a center's visitors open on its Wi-Fi in
# a minute, and far too few to find a code by trying.
limit_tries = limiter.shared_limit("120/minute", scope="codes", key_func=caller_key)


def begin_writing(session: Session) -> None:
    """Open the session's transaction as a writing one.

    On SQLite a transaction that first reads and then writes can be refused when another
    writer came between, so writers take their turn from the start (BEGIN IMMEDIATE).
    Requests that may write do so by themselves; jobs and commands say it, first thing.
    Raises RuntimeError in the middle of a transaction, where it would come too late.
    """
    if session.in_transaction():
        raise RuntimeError("begin_writing must come before the transaction's first statement")
    session.connection(execution_options={WRITES: True})


def begin_snapshot(session: Session, *, writes: bool = False) -> None:
    """Open the session's transaction so that all its statements see the same moment.

    PostgreSQL shows each statement the latest state unless told otherwise, so figures read
    one after the other may disagree about a rating that came in between. On SQLite every
    transaction sees one moment. Requests that only read do so by themselves. Raises
    RuntimeError in the middle of a transaction.
    """
    if session.in_transaction():
        raise RuntimeError("begin_snapshot must come before the transaction's first statement")
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    else:
        session.connection(execution_options={WRITES: writes})


def insert_into(session: Session, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the dialect of the session's database."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _request_only_reads() -> bool | None:
    """Whether this request has no business to write; None outside a request."""
    return request.method in _READING_METHODS if has_request_context() else None


def tune(engine: Engine) -> None:
    """Set up an engine's connections and transactions for its database."""
    if engine.dialect.name == "postgresql":
        tune_postgresql(engine)
    else:
        tune_sqlite(engine)


def tune_postgresql(engine: Engine) -> None:
    """Let a request that only reads see one moment of a PostgreSQL database."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if _request_only_reads():
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def tune_sqlite(engine: Engine) -> None:
    """Give an SQLite engine durable, concurrent, constraint-checking connections."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling would begin too late; see the listener below.
        connection.isolation_level = None
        cursor = connection.cursor()
        # First of all: changing the journal's mode already needs a lock.
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # Without it, INSERT OR REPLACE would pass by the triggers that freeze rows.
        cursor.execute("PRAGMA recursive_triggers=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        if writes is None:
            writes = _request_only_reads() is False
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")
