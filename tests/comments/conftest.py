"""What tests of the comments room share: the worker's session, people who comment, readers."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from analysis.corpus import load_corpus
from analysis.model import load_model
from analysis.reading import Reader
from analysis.training import examples_of, fit_reader
from survey_app.comments.learning import Corpus
from survey_app.comments.readers import keep, readers_folder
from survey_app.config import Settings
from survey_app.extensions import db
from survey_app.intake import Arrival, Submission, record_ratings
from tests.factories import Make

# When readers are fitted and chosen here: in the month after the last comments.
NOVEMBER = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)

Said = tuple[date, int, str]


@pytest.fixture
def folder(settings: Settings) -> Path:
    """Where the application under test keeps its readers; nothing is there yet."""
    return readers_folder(settings)


@pytest.fixture
def worker(app: Flask) -> Iterator[Session]:
    """The session a job works with."""
    with app.app_context():
        yield db.session


@pytest.fixture
def say(session: Session, make: Make) -> Callable[..., None]:
    """`say([(day, score, comment), …], language="az")`: comments at one poster, at noon."""
    posters = []

    def say(said: Iterable[Said], language: str = "az") -> None:
        if not posters:
            posters.append(make.poster())
        arrivals = []
        for day, score, comment in said:
            moment = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
            submission = Submission(
                submission_id=make.uuid(),
                survey_version=1,
                score=score,
                rated_at=moment,
                language=language,
                comment=comment,
            )
            arrivals.append(Arrival(submission, posters[0], moment))
        verdicts = record_ratings(session, arrivals, signing_keys=["key"])
        assert {verdict.status for verdict in verdicts} == {"recorded"}
        session.commit()

    return say


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """A small part of the shipped corpus, so that fitting takes about a second."""
    train = examples_of(load_corpus("train")[::60])
    return Corpus(train, load_corpus("test")[::8])


@pytest.fixture(scope="session")
def weak_content(corpus: Corpus) -> bytes:
    """The file of a reader that knows little."""
    return fit_reader(corpus.train).to_bytes()


@pytest.fixture
def weak(weak_content: bytes) -> Reader:
    """A reader that knows little, and that nobody uses yet."""
    return Reader(load_model(weak_content))


@pytest.fixture
def kept(folder: Path, weak: Reader, weak_content: bytes) -> str:
    """The version of the weak reader, kept in the folder to be chosen."""
    card = keep(folder, weak_content, NOVEMBER, "nothing", {})
    assert card.version == weak.version
    return card.version
