"""The fitted part of the reader: additive tables, and what turns their sums into probabilities.

Every feature of a comment has one small number per question ("head") in an `AdditiveTable`; what a
comment says is the sum. There is no norm, so the contribution of a word is the same in every
comment: it is looked up once and remembered, and it can be shown as the reason for a reading.
"""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from tokenize import TokenError
from typing import Any, Final
from zlib import error as packing_error

import numpy as np
from numpy.typing import NDArray

from analysis import features, language
from analysis.topics import TOPICS
from analysis.words import CACHE_LIMIT

Floats = NDArray[np.float32]
#: A multinomial logistic regression, (measures + 1) x labels; the last row is the constant.
Judge = NDArray[np.float64]

# What NumPy raises for bytes that are no archive of arrays; a damaged heading of an array is read
# as Python, and refused as that.
_UNREADABLE: Final = (
    OSError,
    ValueError,
    TypeError,
    EOFError,
    SyntaxError,
    TokenError,
    zipfile.BadZipFile,
    packing_error,
)

#: The layout of the file. A file of another layout is refused.
FORMAT: Final = 1
LABELS: Final = ("negative", "neutral", "positive", "mixed")
#: How many rows of words a table makes room for at once.
GROWTH: Final = 16_384
#: What the opinion table answers: is there praise, is there reproach, is it one of the four
#: labels, is it about a topic.
FITTED: Final = ("praise", "reproach", *LABELS, *TOPICS)
#: The same for comments about other things than a visit, and whether this is one of them.
ELSEWHERE: Final = ("praise_elsewhere", "reproach_elsewhere", "neutral_elsewhere", "elsewhere")
#: What it counts besides: words the corpus knows, and what the lexicons alone say.
COUNTED: Final = ("familiar", "listed_praise", "listed_reproach")
HEADS: Final = (*FITTED, *ELSEWHERE, *COUNTED)
#: Where the heads stand.
PRAISE, REPROACH, TOPICS_FROM, ELSEWHERE_FROM = 0, 1, 2 + len(LABELS), len(FITTED)


#: How many numbers `measure` and `measure_side` give.
MEASURES, SIDE_MEASURES = 31, 7
_SHAPES: Final[dict[str, tuple[int, ...]]] = {
    "judge": (MEASURES + 1, len(LABELS)),
    "side_judge": (SIDE_MEASURES + 1, 3),
    "topic_limits": (len(TOPICS),),
    "lists": (),
}


class UnusableReaderError(ValueError):
    """The file is not a reader of this program, or it is damaged."""


class _Memory:
    """The row of every feature and of every word seen; replaced as a whole when it is full.

    The first rows of `sums` are the features themselves, then comes a row of zeros, then one row
    for each word seen: the sum of its features.
    """

    def __init__(self, index: Mapping[features.Unit, int], table: Floats) -> None:
        self.rows = dict(index)
        self.nothing = len(table)
        self.used = len(table) + 1
        self.sums = np.vstack([table, np.zeros((1 + GROWTH, table.shape[1]), dtype=np.float32)])
        self.adding = Lock()

    def add(self, unit: features.Unit, keys: Sequence[int]) -> None:
        """Remember a unit that stands for these features."""
        get = self.rows.get
        places = [row for key in keys if (row := get(key)) is not None]
        with self.adding:
            if not places:
                self.rows[unit] = self.nothing
            elif len(places) == 1:
                self.rows[unit] = places[0]
            else:
                if self.used == len(self.sums):
                    room = np.zeros((GROWTH, self.sums.shape[1]), dtype=np.float32)
                    self.sums = np.concatenate([self.sums, room])
                self.sums[self.used] = self.sums[places].sum(axis=0)
                self.rows[unit] = self.used
                self.used += 1


class AdditiveTable:
    """Weights per feature and head, with a memory of the words already seen.

    `keys` are the numbers of the features, `weights` whole numbers (features x heads), `scales`
    what one of them is worth in each head, `bias` the sum of an empty comment; `expand` gives the
    features of a unit; `index` says in which row a feature stands.
    """

    def __init__(
        self,
        keys: NDArray[np.uint32],
        weights: NDArray[np.int8],
        scales: Floats,
        bias: Floats,
        expand: features.Expand,
    ) -> None:
        self.keys = keys
        self.weights = weights
        self.scales = scales
        self.bias = bias
        self.index: dict[features.Unit, int] = dict(
            zip(keys.tolist(), range(len(keys)), strict=True)
        )
        self._expand = expand
        self._memory: _Memory | None = None

    def sums(self, units: Sequence[features.Unit]) -> Floats:
        """The contribution of each unit to each head, units x heads."""
        memory = self._memory
        if memory is None or len(memory.rows) > len(self.index) + CACHE_LIMIT:
            # A thread that still reads from the old memory keeps it whole.
            memory = self._memory = self._empty_memory()
        try:
            rows = [memory.rows[unit] for unit in units]
        except KeyError:
            for unit in units:
                if unit not in memory.rows:
                    memory.add(unit, (unit,) if isinstance(unit, int) else self._expand(unit))
            rows = [memory.rows[unit] for unit in units]
        # Three times as fast as an index of many rows.
        found: Floats = memory.sums.take(rows, axis=0)
        return found

    def look_up(self, unit: str) -> tuple[list[float], float]:
        """A unit by itself, not remembered: its sums, and the share of its features known here."""
        keys = self._expand(unit)
        get = self.index.get
        places = [place for key in keys if (place := get(key)) is not None]
        sums = (self.weights[places].sum(axis=0, dtype=np.int32) * self.scales).tolist()
        return sums, len(places) / len(keys)

    def _empty_memory(self) -> _Memory:
        return _Memory(self.index, (self.weights * self.scales).astype(np.float32))


@dataclass(frozen=True)
class ReaderModel:
    """Everything fitted that a reader needs.

    `judge` turns the measures of a comment into chances for `LABELS`, `side_judge` those of a topic
    into chances for negative, neutral and positive; `topic_limits` is the sum from which a comment
    is about a topic; `lists` names the word lists it was fitted with.
    """

    language: AdditiveTable
    opinion: AdditiveTable
    judge: Judge
    side_judge: Judge
    topic_limits: tuple[float, ...]
    lists: str

    @cached_property
    def version(self) -> str:
        """A name that changes whenever anything fitted does; stored with every reading."""
        digest = hashlib.sha256()
        for table in (self.language, self.opinion):
            for part in (table.keys, table.weights, table.scales, table.bias):
                digest.update(part.tobytes())
        digest.update(self.judge.tobytes() + self.side_judge.tobytes())
        digest.update(np.array(self.topic_limits).tobytes() + self.lists.encode())
        return f"additive-{digest.hexdigest()[:10]}"

    def clause_sums(self, encoding: features.Encoding) -> Floats:
        """What each clause says, clauses x heads, without the bias."""
        sums = self.opinion.sums(encoding.units)
        if len(encoding.starts) == 1:
            whole: Floats = np.add.reduce(sums, axis=0, keepdims=True)
            return whole
        found: Floats = np.add.reduceat(sums, encoding.starts, axis=0)
        return found

    def totals(self, clauses: Floats) -> list[float]:
        """What the whole comment says, one number per head."""
        found: list[float] = (np.add.reduce(clauses, axis=0) + self.opinion.bias).tolist()
        return found

    def topics(self, totals: Sequence[float]) -> list[int]:
        """The places in `TOPICS` of what a comment is about."""
        return [
            place
            for place, (score, limit) in enumerate(
                zip(totals[TOPICS_FROM:ELSEWHERE_FROM], self.topic_limits, strict=True)
            )
            if score > limit
        ]

    def to_bytes(self) -> bytes:
        """The reader as a file; `load_model` reads it."""
        members: dict[str, Any] = {
            "format": FORMAT,
            "heads": np.array(HEADS),
            "judge": self.judge,
            "side_judge": self.side_judge,
            "topic_limits": np.array(self.topic_limits),
            "lists": np.array(self.lists),
        }
        for name, table in (("language", self.language), ("opinion", self.opinion)):
            members[f"{name}_keys"] = table.keys
            # A head after the other packs better: most of its numbers are small or zero.
            members[f"{name}_weights"] = table.weights.T
            members[f"{name}_scales"] = table.scales
            members[f"{name}_bias"] = table.bias
        file = io.BytesIO()
        np.savez_compressed(file, **members)
        return file.getvalue()


def load_model(content: bytes) -> ReaderModel:
    """A reader from what `ReaderModel.to_bytes` wrote.

    Raises UnusableReaderError when the bytes are damaged or of another layout.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            members: dict[str, NDArray[Any]] = dict(file)
    except _UNREADABLE as error:
        raise UnusableReaderError(f"This is not a reader: {error}") from error
    heads = {"language": language.LANGUAGES, "opinion": HEADS}
    if (
        members.get("format") != FORMAT
        or tuple(members.get("heads", ())) != HEADS
        or not _SHAPES.keys() <= members.keys()
        or any(members[name].shape != shape for name, shape in _SHAPES.items())
        or not all(_fits(members, name, len(names)) for name, names in heads.items())
    ):
        raise UnusableReaderError("The reader was made by another version of the program.")
    tables = [
        AdditiveTable(
            members[f"{name}_keys"],
            np.ascontiguousarray(members[f"{name}_weights"].T),
            members[f"{name}_scales"],
            members[f"{name}_bias"],
            expand,
        )
        for name, expand in (("language", language.expand), ("opinion", features.expand))
    ]
    limits = tuple(members["topic_limits"].tolist())
    judges = members["judge"], members["side_judge"]
    return ReaderModel(tables[0], tables[1], *judges, limits, str(members["lists"]))


def _fits(members: Mapping[str, NDArray[Any]], name: str, heads: int) -> bool:
    """Whether the parts of a table are there and belong together."""
    parts = [members.get(f"{name}_{part}") for part in ("keys", "weights", "scales", "bias")]
    if any(part is None for part in parts):
        return False
    keys, weights, scales, bias = (part for part in parts if part is not None)
    return (
        keys.shape == (weights.shape[-1],)
        and weights.shape == (heads, len(keys))
        and scales.shape == bias.shape == (heads,)
    )


def probabilities(judge: Judge, measured: Sequence[float]) -> list[float]:
    """One probability per label of the judge, adding up to 1."""
    scores = (np.dot(measured, judge[:-1]) + judge[-1]).tolist()
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def measure(clauses: Floats, totals: Sequence[float], encoding: features.Encoding) -> list[float]:
    """What the judge decides by: the sums of the whole, and the best and worst of the clauses.

    A comment with praise in one clause and reproach in another is mixed though the sums may
    cancel; that is why clauses are measured apart. Where few words are familiar, the lexicons are
    the better guide, and what is not about a visit is better judged by what was learned elsewhere;
    that is why the judge sees all three, and how far each may be trusted.
    """
    there_praise, there_reproach, there_neutral, there, *counted = totals[ELSEWHERE_FROM:]
    familiar, listed_praise, listed_reproach = counted
    strange = 1.0 - familiar / max(1, encoding.words)
    elsewhere = 0.5 + 0.5 * math.tanh(there)
    listed = math.tanh(listed_praise - listed_reproach)
    side = math.tanh(totals[PRAISE] - totals[REPROACH])
    there_side = math.tanh(there_praise - there_reproach)
    praise = clauses[:, PRAISE].tolist()
    reproach = clauses[:, REPROACH].tolist()
    sides = [p - r for p, r in zip(praise, reproach, strict=True)]
    best, worst = max(sides), min(sides)
    return [
        *totals[:TOPICS_FROM],
        best,
        worst,
        min(best, -worst),
        max(praise),
        max(reproach),
        sides[0],
        sides[-1],
        float(encoding.contrast),
        float(encoding.question),
        math.log(len(encoding.units)),
        float(len(sides) > 1),
        min(listed_praise, 3.0),
        min(listed_reproach, 3.0),
        listed,
        strange,
        strange * listed,
        strange * side,
        there_praise,
        there_reproach,
        there_neutral,
        elsewhere,
        elsewhere * side,
        elsewhere * there_side,
        elsewhere * listed,
        elsewhere * there_neutral,
    ]


def measure_side(clauses: Floats, chances: Sequence[float], topic: int) -> list[float]:
    """What the judge of sides decides by for the topic at this place of `TOPICS`.

    Where the comment takes one side, so it does on its topics; in a mixed one the clause that
    speaks of the topic is compared with the others.
    """
    sides = clauses[:, PRAISE] - clauses[:, REPROACH]
    own = float(sides[loudest_clause(clauses, topic)])
    apart = own - float(sides.mean())
    mixed = chances[LABELS.index("mixed")]
    return [*chances, mixed * math.tanh(own), mixed * math.tanh(2 * apart), math.tanh(own)]


def loudest_clause(clauses: Floats, topic: int) -> int:
    """The clause that speaks most of the topic at this place of `TOPICS`."""
    return int(clauses[:, TOPICS_FROM + topic].argmax())
