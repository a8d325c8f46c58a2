"""The word lists: every row is sound, and looking up finds the longest."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from analysis.lexicons import OPINIONS, StemTable, load_cues, load_opinions, read_rows
from analysis.topics import TOPICS
from analysis.words import fold

LISTS = sorted({name for names in OPINIONS.values() for name in names})
KINDS = {
    "opinion", "verb", "trouble", "solved", "thanks", "neutral", "negator", "before", "boost",
    "damp", "contrast", "only", "again", "number", "unit",
}  # fmt: skip
OPINIONATED = {"opinion", "verb", "trouble", "solved", "thanks"}
FOLDER = files("analysis.lexicons")


def found(table: StemTable[str], word: str) -> tuple[str, str] | None:
    match = table.word(word)
    return None if match is None else (match.value, match.ending)


@pytest.mark.parametrize("name", LISTS)
def test_every_row_of_opinion_is_sound(name: str) -> None:
    for row in read_rows(name):
        assert len(row) == 4, row
        stem, polarity, kind, negated = row
        assert stem == " ".join(stem.split()), row
        assert all(word.rstrip("*") and "*" not in word[:-1] for word in stem.split()), row
        assert fold(stem).strip(" *"), row
        assert kind in KINDS, row
        if kind in OPINIONATED:
            assert -1.0 <= float(polarity) <= 1.0, row
        if kind in ("unit", "number"):
            assert float(polarity) >= 0, row
        assert not negated or -1.0 <= float(negated) <= 1.0, row
        # Words have no punctuation; of marks only a comma may stand between them.
        assert not {sign for sign in stem.replace(" , ", " ") if sign in ".,;:!?()"}, row


@pytest.mark.parametrize("name", LISTS)
def test_no_list_contradicts_itself(name: str) -> None:
    said: dict[str, tuple[float, str]] = {}
    for stem, polarity, kind, _ in read_rows(name):
        key, value = fold(stem), float(polarity)
        earlier, earlier_kind = said.setdefault(key, (value, kind))
        if kind in OPINIONATED and earlier_kind in OPINIONATED:
            assert earlier * value >= 0, f"{name}: {stem} is both praise and reproach"


@pytest.mark.parametrize("name", LISTS)
def test_a_strong_word_denied_changes_its_side(name: str) -> None:
    for row in read_rows(name):
        if row[2] == "opinion" and row[3] and abs(float(row[1])) >= 0.65:
            assert float(row[1]) * float(row[3]) <= 0, row


@pytest.mark.parametrize("name", ["az", "ru", "en"])
def test_our_own_lists_are_long_and_know_every_kind(name: str) -> None:
    rows = list(read_rows(name))
    kinds = {row[2] for row in rows}
    assert len(rows) > 800
    assert OPINIONATED - {"verb"} | {"negator", "boost", "contrast", "unit", "number"} <= kinds


def test_every_cue_has_a_language_and_a_topic() -> None:
    rows = list(read_rows("topics"))

    assert {row[1] for row in rows} == set(TOPICS)
    assert {row[0] for row in rows} == {"az", "ru", "en"}
    for row in rows:
        assert len(row) == 3, row
        assert row[2] == " ".join(row[2].split()), row
        assert fold(row[2]).strip(" *"), row
    for language in ("az", "ru", "en"):
        assert {topic for name, topic, _ in rows if name == language} == set(TOPICS)


@pytest.mark.parametrize("name", sorted(set(LISTS) - {"az", "ru", "en"}))
def test_borrowed_lists_name_their_licence_and_bring_its_text(name: str) -> None:
    remarks = " ".join(
        line
        for line in FOLDER.joinpath(f"{name}.tsv").read_text(encoding="utf-8").splitlines()
        if line.startswith("#")
    )
    assert "MIT License" in remarks or "Public Domain Dedication and License" in remarks
    named = set(re.findall(r"LICENSE-\w+", remarks))
    assert named or "Public Domain" in remarks
    for licence in named:
        text = FOLDER.joinpath(licence).read_text(encoding="utf-8")
        assert "Permission is hereby granted" in text
        assert "Copyright (c)" in text


@pytest.mark.parametrize("name", ["az", "ru", "en", "topics"])
def test_our_own_lists_say_so(name: str) -> None:
    first = FOLDER.joinpath(f"{name}.tsv").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("#")
    assert "written for this project" in first


def test_the_longest_stem_wins() -> None:
    table: StemTable[str] = StemTable()
    for stem in ("ela", "elaqe*", "sag*", "sagl*", "a b c", "ol* sag*"):
        table.add(stem, stem)

    assert found(table, "ela") == ("ela", "")
    assert found(table, "elaqeler") == ("elaqe*", "ler")
    assert found(table, "sagdir") == ("sag*", "dir")
    assert found(table, "saglam") == ("sagl*", "am")
    assert found(table, "elan") is None
    assert found(table, "a") is None
    assert table.heads("a") == ((("b", "c"), "a b c"),)
    assert table.heads("olun") == ((("sag*",), "ol* sag*"),)
    assert table.heads("ela") == ()
    assert list(table.words("saglam")) == ["sagl*", "sag*"]


def test_the_earlier_list_is_right() -> None:
    table: StemTable[int] = StemTable()
    table.add("sick", -1)
    table.add("sick", 1)
    match = table.word("sick")
    assert match is not None
    assert match.value == -1


def test_what_a_denied_word_says() -> None:
    opinions = load_opinions("az")
    for word, sign in (("yaxsi", 1), ("pis", -1)):
        match = opinions.word(word)
        assert match is not None
        assert match.value.polarity * sign > 0
        assert match.value.negated * sign < 0


def test_lists_of_other_authors_fill_the_gaps_only() -> None:
    own: dict[str, float] = {}
    for row in read_rows("en"):
        own.setdefault(fold(row[0]), float(row[1]))
    english = load_opinions("en")
    for word, polarity in own.items():
        if " " not in word and "*" not in word:
            match = english.word(word)
            assert match is not None
            assert match.value.polarity == polarity
    borrowed = next(row for row in read_rows("en_pattern") if english.word(row[0]))
    assert english.word(borrowed[0]) is not None


def test_a_cue_may_name_several_topics() -> None:
    gathered: dict[str, set[str]] = {}
    for language, topic, cue in read_rows("topics"):
        if language == "en" and " " not in cue:
            gathered.setdefault(fold(cue), set()).add(topic)
    cues = load_cues("en")
    for cue, topics in gathered.items():
        assert topics <= {t for value in cues.words(cue.rstrip("*")) for t in value}


def test_a_missing_list_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        list(read_rows("klingon"))
