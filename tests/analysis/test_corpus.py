"""The labelled comments: every file is as the README beside them says."""

from __future__ import annotations

import csv
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from analysis.corpus import COLUMNS, Comment, CorpusError, load_corpus, read_comments
from analysis.model import LABELS
from analysis.topics import TOPICS
from analysis.urgency import URGENCIES
from analysis.words import fold

SPELLINGS = {
    "az": {"full", "folded", "chat", "cyrillic"},
    "ru": {"full", "latin"},
    "en": {"full"},
    "mixed": {"full", "folded", "chat", "cyrillic", "latin"},
}
KINDS = {
    "plain", "negated", "thanks", "no_complaint", "told", "solved", "contrast", "comparison",
    "suggestion", "question", "irony", "intense", "short", "emoji", "typos", "long",
}  # fmt: skip
FILES = sorted(
    path
    for side in ("train", "test")
    for path in Path(str(files("analysis.corpus"))).joinpath(side).glob("*.tsv")
)
DEMO = sorted(Path(str(files("survey_app"))).joinpath("demo/data/comments").glob("*.tsv"))


def plain(text: str) -> str:
    """The words of a text; the text itself where it has none."""
    return re.sub(r"[\W_]+", " ", fold(text)).strip() or text


def problems(comment: Comment) -> list[str]:
    """What is not as the README says."""
    found = []
    if comment.text != comment.text.strip() or not comment.text:
        found.append("text")
    if comment.spelling not in SPELLINGS.get(comment.language, ()):
        found.append("language or spelling")
    if comment.sentiment not in LABELS:
        found.append("sentiment")
    if comment.kind not in KINDS:
        found.append("kind")
    if comment.urgent not in (*URGENCIES, None):
        found.append("urgent")
    for topic, sign in (comment.topics or {}).items():
        if topic not in TOPICS or sign not in "+-0":
            found.append(f"topic {topic}{sign}")
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_line_is_as_the_readme_says(file: Path) -> None:
    wrong = [
        f"line {number}: {', '.join(found)}: {comment.text}"
        for number, comment in enumerate(read_comments(file), start=2)
        if (found := problems(comment))
    ]
    assert wrong == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_topic_has_its_side_once(file: Path) -> None:
    for line in file.read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]:
        cell = line.split("\t")[4]
        marks = cell.split()
        assert cell in {"-", "?"} or all(mark[-1] in "+-0" for mark in marks), line
        assert len({mark.rstrip("+-0") for mark in marks}) == len(marks), line


def test_no_comment_is_on_both_sides() -> None:
    train = {plain(comment.text): comment.file for comment in load_corpus("train")}
    both = [
        f"test/{comment.file} and train/{train[key]}: {comment.text}"
        for comment in load_corpus("test")
        if (key := plain(comment.text)) in train
    ]
    assert both == []


def test_no_comment_of_the_demo_is_measured_on() -> None:
    tested = {plain(comment.text) for comment in load_corpus("test")}
    both: list[str] = []
    for file in DEMO:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        both += [f"{file.name}: {row['text']}" for row in rows if plain(row["text"]) in tested]
    assert DEMO
    assert both == []


def test_no_comment_is_twice_in_the_test_split() -> None:
    counts = Counter(plain(comment.text) for comment in load_corpus("test"))
    assert [text for text, count in counts.items() if count > 1] == []


def test_there_is_enough_of_everything() -> None:
    for side, least in (("train", 8_000), ("test", 1_000)):
        comments = load_corpus(side)  # type: ignore[arg-type]
        assert len(comments) >= least
        assert {comment.language for comment in comments} == SPELLINGS.keys()
        assert {comment.sentiment for comment in comments} == set(LABELS)
        assert {comment.kind for comment in comments} == KINDS
        assert {topic for comment in comments for topic in comment.topics or ()} == set(TOPICS)
    general = [comment for comment in load_corpus("train") if comment.topics is None]
    assert {comment.language for comment in general} >= {"az", "ru", "en"}


def test_files_are_read_in_the_order_of_their_names() -> None:
    names = [comment.file for comment in load_corpus("train")]
    assert list(dict.fromkeys(names)) == sorted(set(names))


def test_a_comment_keeps_what_its_line_says(tmp_path: Path) -> None:
    file = tmp_path / "some.tsv"
    rows = [
        "\t".join(COLUMNS),
        "Çox yaxşı\u2028idi\taz\tfull\tpositive\twaiting+ outcome0\tplain\t-",
        "pul istədilər\taz\tfull\tnegative\t-\ttold\tbribery",
        "ok\ten\tfull\tneutral\t?\tshort\t-",
    ]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")

    first, second, third = read_comments(file)

    assert first == Comment(
        "Çox yaxşı\u2028idi", "az", "full", "positive",
        {"waiting": "+", "outcome": "0"}, "plain", None, "some.tsv",
    )  # fmt: skip
    assert (second.topics, second.urgent) == ({}, "bribery")
    assert third.topics is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "header"),
        ("text\tsentiment\nok\tneutral\n", "header"),
        ("\t".join(COLUMNS) + "\nok\ten\n", r"some.tsv, line 2: 2 columns"),
    ],
)
def test_a_file_that_is_no_corpus_is_refused(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "some.tsv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        list(read_comments(file))
