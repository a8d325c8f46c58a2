"""Which reader is used: chosen, taken back, noticed by a running worker, and never a broken one."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.corpus import load_corpus
from analysis.model import UnusableReaderError
from analysis.reading import Reader, shipped_reader
from analysis.training import examples_of, fit_reader
from survey_app.comments import readers
from survey_app.comments.readers import (
    SHIPPED,
    BrokenReader,
    NoSuchReader,
    choose,
    current_choice,
    current_reader,
    find_readers,
    keep,
    roll_back,
)
from survey_app.comments.reading import BATCH, read_new_comments
from survey_app.models import CommentReading
from tests.comments.conftest import NOVEMBER
from tests.factories import DAY

pytestmark = pytest.mark.any_database
LATER = NOVEMBER + timedelta(days=1)


def test_the_shipped_reader_reads_where_nothing_was_chosen(folder: Path) -> None:
    assert current_reader(folder) is shipped_reader()
    assert current_choice(folder).version == SHIPPED
    assert find_readers(folder) == []


def test_a_kept_reader_is_used_once_it_is_chosen(folder: Path, kept: str) -> None:
    assert current_reader(folder) is shipped_reader()
    choice = choose(folder, kept, LATER)
    assert (choice.version, choice.chosen_at, choice.before) == (kept, LATER, SHIPPED)
    assert current_choice(folder) == choice
    assert current_reader(folder).version == kept
    assert current_reader(folder) is current_reader(folder)


def test_what_was_fitted_is_listed_with_what_it_was_measured_on(
    folder: Path, weak_content: bytes
) -> None:
    figures = {"all": {"before": 0.8, "after": 0.9}}
    card = keep(folder, weak_content, NOVEMBER, "40 comments", figures)
    assert find_readers(folder) == [card]
    assert (card.evaluated_on, card.figures) == ("40 comments", figures)
    choose(folder, card.version, LATER)
    said = json.loads((folder / "current.json").read_text())
    assert said["version"] == card.version
    assert said["earlier"] == [SHIPPED]
    assert said["card"]["fitted_at"] == NOVEMBER.isoformat()
    assert said["card"]["evaluated_on"] == "40 comments"
    assert said["card"]["figures"] == figures


def test_the_newest_stands_first(folder: Path, kept: str, another: bytes) -> None:
    newer = keep(folder, another, LATER, "nothing", {})
    assert [card.version for card in find_readers(folder)] == [newer.version, kept]


def test_choices_are_taken_back_one_after_the_other(
    folder: Path, kept: str, another: bytes
) -> None:
    newer = keep(folder, another, LATER, "nothing", {}).version
    for version in (kept, newer, newer, SHIPPED):
        choose(folder, version, LATER)
    for expected in (newer, kept, SHIPPED):
        assert roll_back(folder, LATER).version == expected
        in_use = current_reader(folder).version
        assert in_use == (shipped_reader().version if expected == SHIPPED else expected)
    with pytest.raises(NoSuchReader, match="No reader was in use before"):
        roll_back(folder, LATER)


def test_only_the_last_choices_are_remembered(folder: Path, kept: str) -> None:
    for _ in range(30):
        choose(folder, kept, LATER)
        choose(folder, SHIPPED, LATER)
    assert len(current_choice(folder).earlier) == 20


@pytest.mark.parametrize("version", ["additive-00000000", "../current", "", "current", "a/b", "ə"])
def test_an_unknown_version_is_not_chosen(folder: Path, kept: str, version: str) -> None:
    choose(folder, kept, NOVEMBER)
    with pytest.raises(NoSuchReader):
        choose(folder, version, LATER)
    assert current_choice(folder).version == kept


def test_what_is_no_reader_is_not_kept(folder: Path) -> None:
    with pytest.raises(UnusableReaderError):
        keep(folder, b"not a reader", NOVEMBER, "nothing", {})
    assert not folder.exists()


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def _put_another_content(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + os.urandom(200))


DAMAGES: dict[str, Callable[[Path, str], Any]] = {
    "a reader cut short": lambda folder, version: _truncate(folder / f"{version}.npz"),
    "another file": lambda folder, version: _put_another_content(folder / f"{version}.npz"),
    "a reader gone": lambda folder, version: (folder / f"{version}.npz").unlink(),
    "a folder instead": lambda folder, version: (
        (folder / f"{version}.npz").unlink(),
        (folder / f"{version}.npz").mkdir(),
    ),
    "an empty choice": lambda folder, _: (folder / "current.json").write_bytes(b""),
    "a choice of bytes": lambda folder, _: (folder / "current.json").write_bytes(b"\xff\xfe"),
    "a choice without a version": lambda folder, _: (folder / "current.json").write_text("{}"),
    "a choice that is a list": lambda folder, _: (folder / "current.json").write_text("[1]"),
    "a choice that describes another": lambda folder, version: (folder / "current.json").write_text(
        (folder / "current.json").read_text().replace(f'"{version}"', '"additive-0"', 1)
    ),
    "a path instead of a version": lambda folder, version: (folder / "current.json").write_text(
        (folder / "current.json").read_text().replace(version, "../../etc/passwd")
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_broken_reader_is_logged_once_and_the_shipped_one_reads(
    folder: Path, kept: str, damage: Callable[[Path, str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    choose(folder, kept, LATER)
    assert current_reader(folder).version == kept
    damage(folder, kept)
    for _ in range(3):
        assert current_reader(folder) is shipped_reader()
    assert capsys.readouterr().out.count("reader unusable") == 1


def test_a_broken_reader_is_not_chosen(folder: Path, kept: str) -> None:
    _truncate(folder / f"{kept}.npz")
    with pytest.raises(BrokenReader, match=kept):
        choose(folder, kept, LATER)
    assert current_choice(folder).version == SHIPPED


def test_a_broken_card_is_not_listed(folder: Path, kept: str) -> None:
    (folder / f"{kept}.json").write_text("{}")
    assert find_readers(folder) == []
    with pytest.raises(BrokenReader, match="its card cannot be read"):
        choose(folder, kept, LATER)


def test_a_mended_reader_is_used_again(folder: Path, kept: str, weak_content: bytes) -> None:
    choose(folder, kept, LATER)
    _truncate(folder / f"{kept}.npz")
    assert current_reader(folder) is shipped_reader()
    keep(folder, weak_content, NOVEMBER, "nothing", {})
    assert current_reader(folder).version == kept


def test_from_a_broken_choice_another_can_be_made(folder: Path, kept: str) -> None:
    choose(folder, kept, LATER)
    (folder / "current.json").write_text("nonsense")
    assert current_choice(folder).version == SHIPPED
    assert choose(folder, kept, LATER).version == kept
    assert current_reader(folder).version == kept


def test_who_looks_while_another_chooses_gets_a_whole_reader(folder: Path, kept: str) -> None:
    def look(_number: int) -> str:
        return current_reader(folder).version

    with ThreadPoolExecutor(4) as threads:
        seen = []
        for number in range(40):
            seen.append(threads.submit(look, number))
            choose(folder, (SHIPPED, kept)[number % 2], LATER)
        versions = {each.result() for each in seen}
    assert versions <= {kept, shipped_reader().version}
    assert current_reader(folder).version == kept


def test_nothing_is_left_lying_about(folder: Path, kept: str) -> None:
    choose(folder, kept, LATER)
    roll_back(folder, LATER)
    names = {path.name for path in folder.iterdir()}
    assert names == {"current.json", f"{kept}.json", f"{kept}.npz"}
    assert folder.stat().st_mode & 0o077 == 0


def test_a_running_worker_changes_readers_with_the_next_batch(
    session: Session,
    worker: Session,
    folder: Path,
    kept: str,
    say: Callable[..., None],
) -> None:
    say((DAY, 5, f"Çox yaxşı xidmət {number}") for number in range(3 * BATCH))
    chosen = iter((kept, SHIPPED, SHIPPED))

    def choose_another(_count: int) -> None:
        choose(folder, next(chosen), LATER)

    read_new_comments(worker, LATER, folder, choose_another)
    versions = session.scalars(
        select(CommentReading.reader).order_by(CommentReading.submission_id)
    ).all()
    shipped = shipped_reader().version
    assert versions == [shipped] * BATCH + [kept] * BATCH + [shipped] * BATCH


@pytest.fixture(scope="session")
def another_content() -> bytes:
    """The file of a second reader."""
    return fit_reader(examples_of(load_corpus("train")[7::60])).to_bytes()


@pytest.fixture
def another(another_content: bytes, weak: Reader) -> bytes:
    """The file of a reader that is not the weak one."""
    return another_content


@pytest.fixture(autouse=True)
def _forget() -> None:
    """No reader that an earlier test opened."""
    readers._opened.clear()
