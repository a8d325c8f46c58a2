"""What every test may ask for: databases, the application, people, a server, a browser."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import flask
import hypothesis
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_security import login_user
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from survey_app import create_app, database
from survey_app.config import ROOT, Settings, sqlite_module
from survey_app.extensions import db, tune_sqlite
from survey_app.models import Center, User
from tests import postgresql as postgresql_server
from tests.factories import NOON, SIGNING_KEY, Make

pytest_plugins = ["tests.busy_center"]

CHROMIUM = "/usr/bin/chromium"
# How long a browser may take for anything; a machine with more to do than it can is slow.
PATIENCE_MS = 30_000
CAST = ("viewer", "manager", "stranger", "analyst", "auditor", "admin")
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]

_database_numbers = count(1)

# The gate tries the same examples everywhere, and a slow machine may take its time over them.
hypothesis.settings.register_profile(
    "gate",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("gate")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what drives Chromium, so that `-m "not browser"` leaves it out.

    Sweeps take many minutes and run when they are asked for by name: `-m sweep`.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    if "sweep" not in config.option.markexpr:
        items[:] = [item for item in items if item.get_closest_marker("sweep") is None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what touches a database on SQLite and on PostgreSQL, unless it says `any_database`."""
    indifferent = metafunc.definition.get_closest_marker("any_database")
    for fixture in {"database_url", "empty_database_url"} & set(metafunc.fixturenames):
        databases = DATABASES[:1] if indifferent else DATABASES
        metafunc.parametrize(fixture, databases, indirect=True)


# --- databases -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.Server]:
    """This process's PostgreSQL server."""
    with postgresql_server.run_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql: postgresql_server.Server) -> str:
    """The name of a migrated database; migrating once and copying is what makes tests quick."""
    postgresql.create_database("migrated")
    _migrate(postgresql.url("migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database without rows, on SQLite and then on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "rey.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("postgresql_template")
        yield from _postgresql_database(request.getfixturevalue("postgresql"), template)


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table, on SQLite and then on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        yield from _postgresql_database(request.getfixturevalue("postgresql"), "template0")


def _postgresql_database(server: postgresql_server.Server, template: str) -> Iterator[str]:
    name = f"test_{next(_database_numbers)}"
    server.create_database(name, template)
    yield server.url(name)
    server.drop_database(name)


def engine_for(url: str) -> Any:
    """An engine set up as the application sets up its own."""
    if not url.startswith("sqlite"):
        return create_engine(url)
    engine = create_engine(url, module=sqlite_module())
    tune_sqlite(engine)
    return engine


def _migrate(url: str) -> None:
    engine = engine_for(url)
    database.upgrade(engine)
    engine.dispose()


# --- the application -------------------------------------------------------------------------


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of the application under test."""
    return Settings(
        environment="test",
        data_dir=tmp_path / "var",
        database_url=database_url,
        secret_key=SIGNING_KEY,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on a database of its own."""
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The test's own session on the application's database; no request ever shares it."""
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


@pytest.fixture
def make(session: Session) -> Make:
    """The factories, bound to the test's session."""
    return Make(session)


class Client(FlaskClient):
    """A browser without a screen.

    What the test's session holds is committed before a request, so that the application sees
    it and nobody waits for a lock; after the request the session reads everything afresh.
    """

    test_session: Session

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        self.test_session.commit()
        try:
            return super().open(*args, **kwargs)
        finally:
            self.test_session.expire_all()

    def submit(self, page: str, data: dict[str, Any], to: str | None = None) -> TestResponse:
        """Fill the form on a page and send it as a person does, with the page's CSRF token."""
        html = self.get(page).text
        token = re.search(r'name="csrf_token"[^>]*\bvalue="([^"]+)"', html)
        assert token, f"no form with a CSRF token on {page}"
        return self.post(to or page, data=data | {"csrf_token": token.group(1)})


@pytest.fixture
def new_client(app: Flask, session: Session) -> Callable[[], Client]:
    """Makes a client with a cookie jar of its own."""
    app.test_client_class = Client

    def new() -> Client:
        client = app.test_client()
        assert isinstance(client, Client)
        client.test_session = session
        return client

    return new


@pytest.fixture
def client(new_client: Callable[[], Client]) -> Client:
    """Somebody who is not signed in."""
    return new_client()


# --- people ----------------------------------------------------------------------------------


@pytest.fixture
def center(make: Make) -> Center:
    """The center of the viewer and the manager."""
    return make.center("own")


@pytest.fixture
def other_center(make: Make) -> Center:
    """The stranger's center."""
    return make.center("other")


@pytest.fixture
def viewer(make: Make, center: Center) -> User:
    """May read the reports of `center`."""
    return make.user("viewer", center)


@pytest.fixture
def manager(make: Make, center: Center) -> User:
    """Manages `center`."""
    return make.user("manager", center)


@pytest.fixture
def stranger(make: Make, other_center: Center) -> User:
    """Manages `other_center` and has no business in `center`."""
    return make.user("manager", other_center)


@pytest.fixture
def analyst(make: Make) -> User:
    """Reads the whole network."""
    return make.user("analyst")


@pytest.fixture
def auditor(make: Make) -> User:
    """Doubts the whole network's figures."""
    return make.user("auditor")


@pytest.fixture
def admin(make: Make) -> User:
    """Administers the whole network."""
    return make.user("admin")


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> dict[str, User]:
    """All of them, by name."""
    return {name: request.getfixturevalue(name) for name in CAST}


@pytest.fixture
def sign_in(app: Flask, session: Session, new_client: Callable[[], Client]) -> Any:
    """`sign_in(user)`: a client that is signed in as this person, at no password's cost."""

    def sign_in(user: User) -> Client:
        client = new_client()
        sessions = _signed_in_session(app, session, user, client.environ_base["HTTP_USER_AGENT"])
        with client.session_transaction() as cookie:
            cookie.update(sessions)
        return client

    return sign_in


def _signed_in_session(app: Flask, session: Session, user: User, agent: str) -> dict[str, Any]:
    """What the session cookie holds after this person signed in with this browser."""
    session.commit()
    base = {"REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": agent}
    with app.test_request_context(environ_base=base):
        found = db.session.get(User, user.id)
        assert login_user(found)
        return dict(flask.session)


# --- the clock -------------------------------------------------------------------------------


@pytest.fixture
def at_noon() -> Iterator[None]:
    """The clock of this process stands still at NOON."""
    with time_machine.travel(NOON, tick=False):
        yield


# --- processes -------------------------------------------------------------------------------


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The environment of a process on the same database: os.environ and our settings."""
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "REY_ENVIRONMENT": settings.environment,
        "REY_DATABASE_URL": settings.database,
        "REY_DATA_DIR": str(settings.data_dir),
        "REY_SECRET_KEY": SIGNING_KEY,
    }


@pytest.fixture
def rey(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`rey("tally", "check")`: run a command of ours to its end, whatever its exit status.

    Keywords are variables of its environment; `cwd` is where it runs.
    """

    def rey(*arguments: str, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "survey_app", *arguments],
            cwd=cwd,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    return rey


class ServedProcess:
    """`./run serve` as a process: web and worker, on a port of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = postgresql_server.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "survey_app", "serve", "--port", str(self.port)],
            env=environment,
            stdin=subprocess.DEVNULL,
        )

    def wait_until_it_answers(self, seconds: float = 90) -> None:
        """Return once /healthz is answered; TimeoutError if that takes too long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
            else:
                return
        raise TimeoutError(f"no answer on {self.url}, exit status {self.process.poll()}")

    def stop(self) -> int:
        """Ask it to stop, as an operator does; its exit status."""
        self.process.terminate()
        return self.process.wait(90)


@pytest.fixture
def serve(environment: dict[str, str]) -> Iterator[Callable[..., ServedProcess]]:
    """`serve(**variables)`: start the whole product as a process, and wait until it answers."""
    started: list[ServedProcess] = []

    def serve(**variables: str) -> ServedProcess:
        served = ServedProcess(environment | variables)
        started.append(served)
        served.wait_until_it_answers()
        return served

    yield serve
    for served in started:
        served.stop()


# --- a server in a thread, and a browser -----------------------------------------------------


class LiveServer:
    """The application behind a loopback port, in a thread; it can go away and come back."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._answering = 0
        self._answered = threading.Condition()
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The server's address without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        handler = self._counting_handler()
        self._server = make_server(
            "127.0.0.1", self.port, self._app, threaded=True, request_handler=handler
        )
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from now on, and end what is being answered."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None
        # Whatever comes next, be it the end of the database, nobody is in the midst of anything.
        with self._answered:
            self._answered.wait_for(lambda: self._answering == 0, timeout=10)

    def _counting_handler(self) -> type[WSGIRequestHandler]:
        live = self

        class Handler(WSGIRequestHandler):
            def run_wsgi(self) -> None:
                live._count(1)
                try:
                    super().run_wsgi()
                finally:
                    live._count(-1)

        return Handler

    def _count(self, more: int) -> None:
        with self._answered:
            self._answering += more
            self._answered.notify_all()


@pytest.fixture
def live_server(app: Flask) -> Iterator[LiveServer]:
    """A running server; `live_server.url`, `.stop()`, `.start()`."""
    server = LiveServer(app)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    """What drives the browsers, started once."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium() -> dict[str, Any]:
    """Debian's Chromium, and how it is started."""
    arguments = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    if os.geteuid() == 0:
        # Chromium refuses to run as root with its sandbox.
        arguments.append("--no-sandbox")
    return {"executable_path": CHROMIUM, "args": arguments}


@pytest.fixture(scope="session")
def browser(playwright: Any, chromium: dict[str, Any]) -> Iterator[Any]:
    """A Chromium, started once."""
    browser = playwright.chromium.launch(**chromium)
    yield browser
    browser.close()


@pytest.fixture
def new_page(browser: Any, live_server: LiveServer) -> Iterator[Any]:
    """`new_page(**context)`: a page with cookies and storage of its own, relative to the server.

    The test fails when a script fails or the content security policy refuses something.
    """
    contexts: list[Any] = []
    troubles: list[str] = []

    def new_page(**options: Any) -> Any:
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        context.on("console", lambda message: _note_refusal(message.text, troubles))
        return context.new_page()

    yield new_page
    for context in contexts:
        for page in context.pages:
            # What is still asked for has nobody any more to be answered for.
            page.unroute_all(behavior="ignoreErrors")
        context.close()
    assert not troubles


def _note_refusal(message: str, troubles: list[str]) -> None:
    if "Content Security Policy" in message or "Trusted" in message:
        troubles.append(message)


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """One page in English, of the size of a laptop's screen."""
    return new_page(locale="en-GB")


@pytest.fixture
def sign_in_page(app: Flask, session: Session, live_server: LiveServer) -> Any:
    """`sign_in_page(page, user)`: give this page's browser the cookie of a signed-in person."""

    def sign_in_page(page: Any, user: User) -> None:
        # An answer still on its way could put the cookie of nobody over ours.
        page.wait_for_load_state("networkidle")
        agent = page.evaluate("navigator.userAgent")
        cookie = app.session_interface.get_signing_serializer(app)
        value = cookie.dumps(_signed_in_session(app, session, user, agent))
        name = app.config["SESSION_COOKIE_NAME"]
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])

    return sign_in_page
