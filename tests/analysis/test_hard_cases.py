"""Hard comments, read as a stranger would understand them."""

from __future__ import annotations

from collections import Counter

import pytest

from analysis.corpus import load_corpus
from analysis.model import LABELS
from analysis.reading import read_comment
from analysis.words import fold, from_chat_spelling
from tests.analysis.hard_cases import HELD, OPEN, HardCase, load_cases

CASES, OPEN_CASES = load_cases(HELD), load_cases(OPEN)
EVERY_CASE = [*CASES, *OPEN_CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_reads_as_a_stranger_would(case: HardCase) -> None:
    assert read_comment(case.text).sentiment == case.sentiment


def test_nearly_all_cases_are_read_right() -> None:
    wrong = [
        (case, reading)
        for case in EVERY_CASE
        if (reading := read_comment(case.text).sentiment) != case.sentiment
    ]
    for case, reading in wrong:
        print(f"{case.language} {case.kind}: {case.sentiment} read as {reading}: {case.text}")
    assert len(wrong) <= 0.1 * len(EVERY_CASE)


def test_the_cases_are_many_and_of_many_kinds() -> None:
    languages = Counter(case.language for case in EVERY_CASE)
    kinds = Counter(case.kind for case in EVERY_CASE)
    labels = Counter(case.sentiment for case in EVERY_CASE)

    assert len(set(EVERY_CASE)) == len({case.text for case in EVERY_CASE}) == len(EVERY_CASE)
    assert languages["az"] >= 130
    assert languages["ru"] >= 100
    assert languages["en"] >= 100
    assert languages.keys() == {"az", "ru", "en"}
    assert len(kinds) >= 15
    assert labels.keys() == set(LABELS)
    assert len(CASES) >= 300


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_diacritics_and_capitals_do_not_matter(language: str) -> None:
    for case in CASES:
        if case.language == language:
            assert read_comment(fold(case.text)).sentiment == case.sentiment, case.text
            assert read_comment(case.text.capitalize()).sentiment == case.sentiment, case.text


def test_the_test_split_is_not_among_the_cases() -> None:
    tested = {from_chat_spelling(fold(each.text)) for each in load_corpus("test")}
    long_cases = [case for case in EVERY_CASE if len(case.text.split()) > 4]
    assert [case for case in long_cases if from_chat_spelling(fold(case.text)) in tested] == []
