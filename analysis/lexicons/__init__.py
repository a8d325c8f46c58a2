"""The readers' word lists: tables of words and stems, loaded on first use and looked up fast.

``az.tsv``, ``ru.tsv`` and ``en.tsv`` hold words and phrases of opinion; their columns are

* ``stem``: a word or several; a star at the end of a word means "any ending";
* ``polarity``: how well the word speaks, -1 to 1 (for ``number`` its value, for ``unit`` its
  length in minutes);
* ``kind``: opinion, verb (its ending may deny it), trouble and solved (a solved trouble is
  forgiven), thanks, neutral, negator (says no to what stands near), before (says no
  to what follows), boost, damp, contrast, only, again, number, unit;
* ``negated``: the polarity of the word when its own ending denies it; empty for "the usual".

``topics.tsv`` holds the cues of each topic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Generic, TypeVar

from analysis.words import fold

Value = TypeVar("Value")

#: Phrases that begin with one word: the words that must follow it, and what the phrase says.
Phrases = tuple[tuple[tuple[str, ...], Value], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a word list: what a word or phrase says, and what it says when denied."""

    polarity: float
    kind: str
    negated: float


@dataclass(frozen=True, slots=True)
class Match(Generic[Value]):
    """What was found for a word: the value, and the ending that the stem left over."""

    value: Value
    ending: str


class StemTable(Generic[Value]):
    """Words, stems and phrases with a value each; the longest stem wins.

    Words are looked up as they are given: fold them first, as the rows were folded for `add`.
    Nothing is cached here; the callers keep what they found for a word.
    """

    def __init__(self) -> None:
        self._words: dict[str, Value] = {}
        self._stems: dict[str, Value] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
        self._phrase_stems: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
        self._longest = 0

    def add(self, stem: str, value: Value) -> None:
        """Add a word ("super"), a stem ("gozel*") or a phrase ("sag ol*"), folded.

        The first row wins, so that a later list can fill gaps without overruling an earlier one.
        """
        first, *rest = stem.split()
        if rest:
            heads = self._phrase_stems if first.endswith("*") else self._phrases
            heads.setdefault(first.rstrip("*"), []).append((tuple(rest), value))
        elif first.endswith("*"):
            self._stems.setdefault(first[:-1], value)
        else:
            self._words.setdefault(first, value)
        self._longest = max(self._longest, len(first))

    def word(self, word: str) -> Match[Value] | None:
        """The best match of one word by itself: the whole word, else its longest stem, or None."""
        value = self._words.get(word)
        if value is not None:
            return Match(value, "")
        for length in self._lengths(word):
            value = self._stems.get(word[:length])
            if value is not None:
                return Match(value, word[length:])
        return None

    def words(self, word: str) -> Iterator[Value]:
        """Every value that matches this one word, whole and by any of its stems."""
        if word in self._words:
            yield self._words[word]
        for length in self._lengths(word):
            value = self._stems.get(word[:length])
            if value is not None:
                yield value

    def heads(self, word: str) -> Phrases[Value]:
        """The phrases that begin with this word."""
        found = list(self._phrases.get(word, ()))
        for length in self._lengths(word):
            found += self._phrase_stems.get(word[:length], ())
        return tuple(found)

    def _lengths(self, word: str) -> range:
        return range(min(len(word), self._longest), 0, -1)


def read_rows(name: str) -> Iterator[list[str]]:
    """The rows of one list without its header; lines that begin with # are remarks.

    Raises FileNotFoundError when the package was installed without its lists.
    """
    text = files(__name__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    for line in lines[1:]:
        yield line.split("\t")


#: The lists of each language; where two know a word, the earlier one is right.
OPINIONS = {"az": ("az",), "ru": ("ru",), "en": ("en", "en_vader", "en_pattern")}


def lists_digest() -> str:
    """A name for the lists as they are now: hexadecimal, another one after any change."""
    digest = hashlib.sha256()
    for name in (*(name for names in OPINIONS.values() for name in names), "topics"):
        digest.update(files(__name__).joinpath(f"{name}.tsv").read_bytes())
    return digest.hexdigest()[:16]


def load_opinions(language: str) -> StemTable[Entry]:
    """The words of opinion of one language (az, ru, en), folded."""
    table: StemTable[Entry] = StemTable()
    for row in (row for name in OPINIONS[language] for row in read_rows(name)):
        stem, polarity, kind = row[0], float(row[1]), row[2]
        if len(row) > 3 and row[3]:
            negated = float(row[3])
        else:
            # Praise denied is a reproach; a reproach denied is only faint praise.
            negated = -0.8 * polarity if polarity > 0 else -0.5 * polarity
        table.add(fold(stem), Entry(polarity, kind, negated))
    return table


def load_cues(language: str) -> StemTable[tuple[str, ...]]:
    """The cues of the topics in one language (az, ru, en), folded; each says its topics."""
    gathered: dict[str, tuple[str, ...]] = {}
    for of_language, topic, cue in read_rows("topics"):
        if of_language == language:
            folded = fold(cue)
            gathered[folded] = (*gathered.get(folded, ()), topic)
    table: StemTable[tuple[str, ...]] = StemTable()
    for cue, topics in gathered.items():
        table.add(cue, topics)
    return table
