"""The labelled comments the shipped reader is fitted to and measured on; see README.md beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, cast

COLUMNS = ("text", "language", "spelling", "sentiment", "topics", "kind", "urgent")


CorpusLanguage = Literal["az", "ru", "en", "mixed"]


class CorpusError(ValueError):
    """A corpus file is not as its README says; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A labelled comment.

    `topics` maps each topic to the side taken on it, "+", "-" or "0"; it is None where nobody
    labelled topics.
    """

    text: str
    language: CorpusLanguage
    spelling: str
    sentiment: str
    topics: dict[str, str] | None
    kind: str
    urgent: str | None
    file: str = ""


def load_corpus(side: Literal["train", "test"]) -> list[Comment]:
    """All comments of one side, file by file in order of name.

    Raises CorpusError for a line that does not have the columns.
    """
    folder = files(__name__).joinpath(side)
    found: list[Comment] = []
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".tsv"):
            found += read_comments(file)
    return found


def read_comments(file: Traversable) -> Iterator[Comment]:
    """The comments of one file. Raises CorpusError for a line that does not have the columns."""
    for _, cells in read_table(file, COLUMNS):
        text, language, spelling, sentiment, topics, kind, urgent = cells
        yield Comment(
            text, cast("CorpusLanguage", language), spelling, sentiment,
            read_topics(topics),
            kind, None if urgent == "-" else urgent, file.name,
        )  # fmt: skip


def read_table(file: Traversable, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The lines of a tab-separated file after its header: their numbers and their cells.

    Raises CorpusError when the header or a line does not have the columns.
    """
    # Not splitlines(): a comment may hold one of the stranger line separators.
    lines = file.read_text(encoding="utf-8").rstrip("\n").split("\n")
    if lines[0].split("\t") != list(columns):
        raise CorpusError(f"{file.name}: the header must be {' '.join(columns)}")
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise CorpusError(f"{file.name}, line {number}: {len(cells)} columns")
        yield number, cells


def load_second_annotator() -> list[tuple[str, str, str]]:
    """The text, the sentiment and the topics of the test split as a second annotator labelled them.

    The annotator saw the texts and the guide, and none of the labels.
    """
    file = files(__name__).joinpath("second_annotator.tsv")
    rows = read_table(file, ("text", "sentiment", "topics"))
    return [(text, sentiment, topics) for _, (text, sentiment, topics) in rows]


def read_topics(cell: str) -> dict[str, str] | None:
    """The side taken on each topic of a cell like "waiting- digital0"; None for "?"."""
    if cell == "?":
        return None
    return {mark[:-1]: mark[-1] for mark in cell.split() if mark != "-"}
