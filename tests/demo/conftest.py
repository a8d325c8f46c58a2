"""The whole demo network, loaded once for all tests and processes that look at it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from analysis.months import Month
from survey_app import create_app
from survey_app.config import Settings
from survey_app.demo.load import load_demo
from survey_app.extensions import db
from tests.factories import SIGNING_KEY

SEED = 2021
LAST_MONTH = Month(2026, 10)


@pytest.fixture(scope="session")
def demo_app(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Flask]:
    """An application on the whole demo network, which tests only read."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    path = folder / "demo.sqlite"
    with _alone(folder / "demo.lock"):
        if not path.exists():
            _load(path.with_suffix(".loading"), sqlite_template)
            path.with_suffix(".loading").rename(path)
    app = create_app(_settings(path))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def demo(demo_app: Flask) -> Iterator[Session]:
    """A session on the whole demo network, to read with."""
    with demo_app.app_context():
        yield db.session


def _settings(path: Path) -> Settings:
    return Settings(environment="test", database_url=f"sqlite:///{path}", secret_key=SIGNING_KEY)


def _load(path: Path, template: Path) -> None:
    shutil.copyfile(template, path)
    app = create_app(_settings(path))
    with app.app_context():
        load_demo(db.session, app.extensions["settings"], seed=SEED, last_month=LAST_MONTH)
        db.session.close()
        # The last connection writes the log back, so that the file alone is the database.
        db.engine.dispose()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
