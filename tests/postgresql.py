"""A PostgreSQL server of the test session's own, in a directory of its own, gone at the end."""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

# The server refuses to run as root; Debian's package brings this user for it.
SERVER_USER = "postgres"
START_SECONDS = 120
# What tests do not need and would wait for: survival of a power cut.
_HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True)
class Server:
    """A running server."""

    directory: Path
    port: int
    password: str

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database, through the socket in our private directory."""
        return f"postgresql+psycopg://rey@/{database}?host={self.directory}&port={self.port}"

    def tcp_url(self, database: str) -> str:
        """The same over the loopback interface, for tests that put something in between."""
        return f"postgresql+psycopg://rey:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str = "template0") -> None:
        """Create a database as a copy of another, which nobody may be connected to."""
        # Copying files is faster than PostgreSQL's default of copying through the log.
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )

    def drop_database(self, name: str) -> None:
        """Drop a database, cutting off whoever is still connected."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.directory),
            port=self.port,
            user="rey",
            dbname="postgres",
            autocommit=True,
        )


def find_programs() -> Path | None:
    """The directory of the newest installed server's programs; None when there is none."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: int(path.parts[-3])).parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


@contextmanager
def run_server(*, durable: bool = False) -> Iterator[Server]:
    """Run a server on a socket and on a loopback port.

    `durable` leaves it as careful with the disk as it is in production, for tests that kill it.
    Raises FileNotFoundError when PostgreSQL is not installed.
    """
    programs = find_programs()
    if programs is None:
        raise FileNotFoundError(
            "PostgreSQL is not installed. `./run test` installs it;"
            ' `pytest -m "not postgresql"` does without.'
        )
    # Not pytest's own temporary directory: only root may enter that one when root runs the
    # tests, and the path of a socket may have 107 characters at most.
    directory = Path(tempfile.mkdtemp(prefix="rey-pg-"))
    try:
        account = _server_account()
        if account:
            os.chown(directory, account["user"], account["group"])
        password = _initialise(programs, directory, account)
        port = free_port()
        settings = [
            f"port={port}",
            f"unix_socket_directories={directory}",
            "listen_addresses=127.0.0.1",
            "max_connections=120",
            *(() if durable else _HASTY),
        ]
        with (directory / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", directory / "data", *_options(settings)],
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call, taking no lock
                **account,
            )
        try:
            server = Server(directory, port, password)
            _wait_for(server, process)
            yield server
        finally:
            # Fast shutdown: clients that are still connected are cut off.
            process.send_signal(signal.SIGINT)
            process.wait()
    finally:
        shutil.rmtree(directory)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _server_account() -> dict[str, Any]:
    """The arguments of Popen that give up root's rights; none are needed by anybody else."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(SERVER_USER)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _initialise(programs: Path, directory: Path, account: dict[str, Any]) -> str:
    """Lay out the data directory; the password of `rey` over TCP."""
    password = secrets.token_urlsafe(16)
    kept = directory / "password"
    kept.write_text(password)
    if account:
        os.chown(kept, account["user"], account["group"])
    subprocess.run(
        [
            programs / "initdb",
            f"--pgdata={directory / 'data'}",
            "--username=rey",
            f"--pwfile={kept}",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ],
        cwd=directory,
        stdout=subprocess.DEVNULL,
        check=True,
        **account,
    )
    return password


def _options(settings: list[str]) -> list[str]:
    return [part for setting in settings for part in ("-c", setting)]


def _end_with_parent() -> None:
    """Make Linux end the server with this process, even when that is killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server._connect().close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((server.directory / "log").read_text()) from None
            time.sleep(0.02)
        else:
            return
