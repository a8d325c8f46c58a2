"""The readers' word lists: tables of words and stems, loaded on first use and looked up fast.

``az.tsv``, ``ru.tsv`` and ``en.tsv`` hold words of opinion; their columns are

* ``stem``: a word or several; a star at the end of a word means "any ending";
* ``polarity``: how well the word speaks, -1 to 1 (for ``number`` its value, for ``unit`` its
  length in minutes, for ``boost`` and ``damp`` the factor put on the next word of opinion);
* ``kind``: opinion, verb (its ending may deny it), trouble and solved (a solved trouble is
  forgiven), thanks, neutral, negator (says no to what stands near), before (says no
  to what follows), boost, damp, contrast, only, again, number, unit;
* ``negated``: the polarity of the word when it is denied; empty for "the usual".

``topics.tsv`` holds the cues of each topic and ``words.tsv`` common words of each language. All of
it was written for this project; nothing was copied from another lexicon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Generic, TypeVar

Value = TypeVar("Value")

#: A hostile stream of invented words must not fill the memory; past this the cache starts anew.
CACHE_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a word list: what a word or phrase says, and what it says when denied."""

    polarity: float
    kind: str
    negated: float


@dataclass(frozen=True, slots=True)
class Match(Generic[Value]):
    """What was found at a word: the value, how many words it spans, and the ending left over."""

    value: Value
    span: int
    ending: str


class StemTable(Generic[Value]):
    """Words, stems and phrases with a value each; the longest match wins.

    Words are looked up as they are given: fold them first, with the same folding that was given to
    `add`. Looking a word up costs one dictionary access once it has been seen.
    """

    def __init__(self) -> None:
        self._words: dict[str, Value] = {}
        self._stems: dict[str, Value] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
        self._phrase_stems: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
        self._longest = 0
        self._single: dict[str, Match[Value] | None] = {}
        self._heads: dict[str, tuple[tuple[tuple[str, ...], Value], ...]] = {}

    def add(self, stem: str, value: Value) -> None:
        """Add a word ("super"), a stem ("gözəl*") or a phrase ("sağ ol*") that was folded.

        The first row wins, so that a later list can fill gaps without overruling an earlier one.
        """
        first, *rest = stem.split()
        if rest:
            open_head = first.endswith("*")
            heads = self._phrase_stems if open_head else self._phrases
            heads.setdefault(first.rstrip("*"), []).append((tuple(rest), value))
        elif first.endswith("*"):
            self._stems.setdefault(first[:-1], value)
        else:
            self._words.setdefault(first, value)
        self._longest = max(self._longest, len(first))
        self._single.clear()
        self._heads.clear()

    def __contains__(self, word: str) -> bool:
        """Whether the word is one of the whole words or bare stems of the table."""
        return word in self._words or word in self._stems

    def word(self, word: str) -> Match[Value] | None:
        """The best match of one word by itself: the whole word, else its longest stem, or None."""
        try:
            return self._single[word]
        except KeyError:
            found = self._find_word(word)
            if len(self._single) >= CACHE_LIMIT:
                self._single.clear()
            self._single[word] = found
            return found

    def at(self, words: list[str], index: int) -> Match[Value] | None:
        """The best match at words[index]: the longest phrase, else the word itself, or None."""
        heads = self._heads_of(words[index])
        if heads:
            best: Match[Value] | None = None
            for rest, value in heads:
                span = len(rest) + 1
                if (best is None or span > best.span) and _follows(words, index + 1, rest):
                    ending = words[index + span - 1][len(rest[-1].rstrip("*")) :]
                    best = Match(value, span, ending)
            if best is not None:
                return best
        return self.word(words[index])

    def all_at(self, words: list[str], index: int) -> Iterator[Value]:
        """Every value that matches at words[index], phrases, whole words and stems alike."""
        word = words[index]
        for rest, value in self._heads_of(word):
            if _follows(words, index + 1, rest):
                yield value
        if word in self._words:
            yield self._words[word]
        for length in range(min(len(word), self._longest), 0, -1):
            value_of_stem = self._stems.get(word[:length])
            if value_of_stem is not None:
                yield value_of_stem

    def has_phrases(self, word: str) -> bool:
        """Whether some phrase of the table begins with this word."""
        return bool(self._heads_of(word))

    def _find_word(self, word: str) -> Match[Value] | None:
        value = self._words.get(word)
        if value is not None:
            return Match(value, 1, "")
        for length in range(min(len(word), self._longest), 0, -1):
            value = self._stems.get(word[:length])
            if value is not None:
                return Match(value, 1, word[length:])
        return None

    def _heads_of(self, word: str) -> tuple[tuple[tuple[str, ...], Value], ...]:
        try:
            return self._heads[word]
        except KeyError:
            found = list(self._phrases.get(word, ()))
            for length in range(min(len(word), self._longest), 0, -1):
                found += self._phrase_stems.get(word[:length], ())
            if len(self._heads) >= CACHE_LIMIT:
                self._heads.clear()
            self._heads[word] = heads = tuple(found)
            return heads


def _follows(words: list[str], start: int, rest: tuple[str, ...]) -> bool:
    """Whether the words from `start` on are the rest of a phrase."""
    if start + len(rest) > len(words):
        return False
    for offset, expected in enumerate(rest):
        word = words[start + offset]
        if expected[-1] == "*":
            if not word.startswith(expected[:-1]):
                return False
        elif word != expected:
            return False
    return True


def read_rows(name: str) -> Iterator[list[str]]:
    """The rows of one list without its header; lines that begin with # are remarks.

    Raises FileNotFoundError when the package was installed without its lists.
    """
    text = files(__name__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    for line in lines[1:]:
        yield line.split("\t")


def load_opinions(name: str, fold: Callable[[str], str]) -> StemTable[Entry]:
    """The words of opinion of one language, each folded with `fold`."""
    table: StemTable[Entry] = StemTable()
    for row in read_rows(name):
        stem, polarity, kind = row[0], float(row[1]), row[2]
        if len(row) > 3 and row[3]:
            negated = float(row[3])
        else:
            # Praise denied is a reproach; a reproach denied is only faint praise.
            negated = -0.8 * polarity if polarity > 0 else -0.5 * polarity
        table.add(fold(stem), Entry(polarity, kind, negated))
    return table
