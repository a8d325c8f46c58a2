"""One comment read: language, sentiment, topics and urgency in one frozen value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from analysis import features
from analysis.language import Language, LanguageFinder, Script, respell, script_of
from analysis.model import (
    LABELS,
    PRAISE,
    REPROACH,
    Floats,
    ReaderModel,
    load_model,
    loudest_clause,
    measure,
    measure_side,
    probabilities,
)
from analysis.topics import TOPICS, Mention, Side
from analysis.urgency import Urgency, urgency_of
from analysis.words import MARKS, READ_LIMIT, TOKEN, Token, split

Sentiment = Literal["negative", "neutral", "positive", "mixed", "not_assessed"]

_SIDES: tuple[Side, ...] = ("negative", "neutral", "positive")
_NEGATIVE, _NEUTRAL, _POSITIVE, _MIXED = range(len(LABELS))
#: A word no lexicon lists is understood if this share of its pieces was seen in the corpus.
_UNDERSTOOD = 0.6
#: A comment that takes a side has at least so much polarity on it.
_FAINTEST = 0.01


@dataclass(frozen=True, slots=True)
class CommentReading:
    """What was read in a comment.

    `polarity` runs from -1 to 1 and is None exactly when `sentiment` is not_assessed;
    `confidence` is the probability that the sentiment is right, 0 to 1 (0 when not assessed);
    `topics` are codes of `analysis.topics.TOPICS` in that order and `sides` what is said of each;
    `urgent` names why somebody should look today, or is None.
    """

    language: Language
    script: Script
    sentiment: Sentiment
    polarity: float | None
    confidence: float
    topics: tuple[str, ...]
    sides: tuple[Side, ...]
    urgent: Urgency | None


class Reason(NamedTuple):
    """A word that helped to decide: text[start:end], and how far it pulled to praise (> 0)."""

    word: str
    pull: float
    start: int
    end: int


class Reader:
    """Reads comments with one fitted model. Safe to share between threads."""

    def __init__(self, model: ReaderModel) -> None:
        self.model = model
        self.languages = LanguageFinder(model.language)
        self._pairs = model.opinion.index

    @property
    def version(self) -> str:
        """Names the model; stored with every reading."""
        return self.model.version

    def read(
        self, text: str, hint: str | None = None, language: Language | None = None
    ) -> CommentReading:
        """Read one comment.

        `hint` is the language of the form it was written in; `language` (az, ru, en, mixed) reads
        it as that language whatever it looks like. Only the first `READ_LIMIT` characters are
        read. A comment in which nothing is understood is not assessed, which is not the same as
        neutral. Never raises on any string.
        """
        written, tokens, spoken = self._tokens(text, hint, language)
        encoding = features.encode(tokens, spoken, self._pairs)
        clauses = self.model.clause_sums(encoding)
        totals = self.model.totals(clauses)
        script = script_of(written)
        urgent = urgency_of(tokens)
        if not (encoding.known or self._understands(encoding)):
            return CommentReading(spoken, script, "not_assessed", None, 0.0, (), (), urgent)
        chances = probabilities(self.model.judge, measure(clauses, totals, encoding))
        confidence = max(chances)
        label = chances.index(confidence)
        leaning = 0.5 if totals[PRAISE] > totals[REPROACH] else -0.5
        polarity = chances[_POSITIVE] - chances[_NEGATIVE] + leaning * chances[_MIXED]
        if label == _POSITIVE:
            polarity = max(polarity, _FAINTEST)
        elif label == _NEGATIVE:
            polarity = min(polarity, -_FAINTEST)
        found = self.model.topics(totals)
        return CommentReading(
            spoken, script, LABELS[label], round(polarity, 4), round(confidence, 4),
            tuple([TOPICS[place] for place in found]),
            tuple([self._side(place, clauses, chances, label) for place in found]),
            urgent,
        )  # fmt: skip

    def mentions(self, text: str, hint: str | None = None) -> tuple[Mention, ...]:
        """The topics of a comment with the clause that speaks of each; see `find_topics`."""
        reading = self.read(text, hint)
        if not reading.topics:
            return ()
        encoding = self._encode(text, hint)
        clauses = self.model.clause_sums(encoding)
        spans = _clause_spans(text, encoding)
        return tuple(
            Mention(topic, side, *spans[loudest_clause(clauses, TOPICS.index(topic))])
            for topic, side in zip(reading.topics, reading.sides, strict=True)
        )

    def reasons(self, text: str, hint: str | None = None, limit: int = 5) -> tuple[Reason, ...]:
        """The words that decided the sentiment, the strongest first, at most `limit`.

        A word's pull is its part in the sum for praise less its part in the sum for reproach;
        what it says together with a neighbour counts for the later of the two. Empty where
        nothing was understood.
        """
        if self.read(text, hint).polarity is None:
            return ()
        encoding = self._encode(text, hint)
        sums = self.model.opinion.sums(encoding.units)
        pulls = (sums[:, PRAISE] - sums[:, REPROACH]).tolist()
        places = TOKEN.finditer(text[:READ_LIMIT])
        reasons = [
            Reason(found[0], round(sum(pulls[start:end]), 3), *found.span())
            for found, (start, end) in zip(places, pairwise([0, *encoding.ends]), strict=True)
            if end > start and found[0] not in MARKS
        ]
        return tuple(sorted(reasons, key=lambda reason: -abs(reason.pull))[:limit])

    def _encode(self, text: str, hint: str | None) -> features.Encoding:
        _, tokens, spoken = self._tokens(text, hint, None)
        return features.encode(tokens, spoken, self._pairs)

    def _tokens(
        self, text: str, hint: str | None, language: Language | None
    ) -> tuple[Sequence[Token], Sequence[Token], Language]:
        """The tokens as written and as spelled in the lexicons, and their language."""
        written = split(text)
        spoken = language or self.languages.find(written, hint)
        return written, respell(written, spoken), spoken

    def _understands(self, encoding: features.Encoding) -> bool:
        return any(
            self.model.opinion.look_up(unit)[1] >= _UNDERSTOOD
            for unit in encoding.units
            if isinstance(unit, str) and unit[0] in features.WORDS and unit[1] not in "#:"
        )

    def _side(self, topic: int, clauses: Floats, chances: Sequence[float], label: int) -> Side:
        """A comment that takes one side takes it on all its topics."""
        if label != _MIXED:
            return _SIDES[label]
        judged = probabilities(self.model.side_judge, measure_side(clauses, chances, topic))
        return _SIDES[judged.index(max(judged))]


def _clause_spans(text: str, encoding: features.Encoding) -> list[tuple[int, int]]:
    places = [found.span() for found in TOKEN.finditer(text[:READ_LIMIT])]
    bounds = [*encoding.clause_tokens, len(places)]
    return [(places[first][0], places[after - 1][1]) for first, after in pairwise(bounds)]


@cache
def shipped_model() -> ReaderModel:
    """The model that comes with this version of the program, loaded once."""
    return load_model(files("analysis.readers").joinpath("shipped.npz").read_bytes())


@cache
def shipped_reader() -> Reader:
    """The reader that comes with this version of the program."""
    return Reader(shipped_model())


def open_reader(path: Path) -> Reader:
    """A reader from a file that `ReaderModel.to_bytes` wrote.

    Raises OSError when it cannot be read and UnusableReaderError when it is no reader.
    """
    return Reader(load_model(path.read_bytes()))


def read_comment(text: str, hint: str | None = None) -> CommentReading:
    """Read one comment with the shipped reader; see `Reader.read`."""
    return shipped_reader().read(text, hint)
