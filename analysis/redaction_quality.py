"""How well personal data are found, measured on lines marked by hand.

`analysis/corpus/redaction/{train,test}.tsv` hold a language and a text each; a datum stands in the
text as ⟦phone:050 123 45 67⟧. All of them are invented. The rules are developed on train.tsv and
only measured on test.tsv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal, cast, get_args

from analysis.corpus import CorpusError, read_table
from analysis.redaction import Finding, Kind, find_personal_data

COLUMNS = ("language", "text")
KINDS: tuple[Kind, ...] = get_args(Kind)

_MARKED = re.compile(r"⟦([a-z_]+):([^⟦⟧]+)⟧")


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A comment without the brackets, and where its personal data stand."""

    language: str
    text: str
    data: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class KindCounts:
    """Counts of one kind: marked data found and missed by it, spans removed that were none."""

    found: int = 0
    missed: int = 0
    false_alarms: int = 0


@dataclass(frozen=True, slots=True)
class RedactionQuality:
    """Marked data that were removed in full, those that were not, and what was removed in vain.

    `right` counts the removed spans that touch a marked datum: two data may go in one span. A
    datum and its miss count under the kind it is marked with, a false alarm under the kind it was
    taken for. `missed_data` and `alarms` are the texts themselves, to be read by a developer.
    """

    found: int
    missed: int
    right: int
    false_alarms: int
    kinds: dict[Kind, KindCounts]
    missed_data: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    alarms: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def recall(self) -> float | None:
        """The share of marked data removed in full; None where nothing is marked."""
        return share(self.found, self.missed)

    @property
    def precision(self) -> float | None:
        """The share of removed spans that touch a marked datum; None where nothing was removed."""
        return share(self.right, self.false_alarms)


def load_redaction_corpus(side: Literal["train", "test"]) -> list[MarkedText]:
    """The marked lines of one side. Raises CorpusError for a line that is not as it should be."""
    file = files("analysis.corpus").joinpath("redaction", f"{side}.tsv")
    rows: list[MarkedText] = []
    for number, cells in read_table(file, COLUMNS):
        try:
            rows.append(read_marked(*cells))
        except ValueError as error:
            raise CorpusError(f"{file.name}, line {number}: {error}") from None
    return rows


def read_marked(language: str, written: str) -> MarkedText:
    """The text without its brackets and the places of its data. Raises ValueError for bad marks."""
    data: list[Finding] = []
    pieces: list[str] = []
    length = start = 0
    for match in _MARKED.finditer(written):
        if match[1] not in KINDS:
            raise ValueError(f"no such kind: {match[1]}")
        before = written[start : match.start()]
        length += len(before)
        data.append(Finding(cast("Kind", match[1]), length, length + len(match[2])))
        pieces += (before, match[2])
        length += len(match[2])
        start = match.end()
    text = "".join((*pieces, written[start:]))
    if "⟦" in text or "⟧" in text:
        raise ValueError("a bracket without its other half")
    return MarkedText(language, text, tuple(data))


def redaction_quality(rows: Iterable[MarkedText]) -> RedactionQuality:
    """What `find_personal_data` finds, misses and takes in vain in marked texts."""
    found = dict.fromkeys(KINDS, 0)
    missed = dict.fromkeys(KINDS, 0)
    false_alarms = dict.fromkeys(KINDS, 0)
    right = 0
    missed_data: list[tuple[str, str]] = []
    alarms: list[tuple[str, str]] = []
    for row in rows:
        removed = find_personal_data(row.text)
        for datum in row.data:
            if _is_removed(datum, removed):
                found[datum.kind] += 1
            else:
                missed[datum.kind] += 1
                missed_data.append((row.text[datum.start : datum.end], row.text))
        for span in removed:
            if any(span.start < datum.end and datum.start < span.end for datum in row.data):
                right += 1
            else:
                false_alarms[span.kind] += 1
                alarms.append((row.text[span.start : span.end], row.text))
    return RedactionQuality(
        found=sum(found.values()),
        missed=sum(missed.values()),
        right=right,
        false_alarms=sum(false_alarms.values()),
        kinds={kind: KindCounts(found[kind], missed[kind], false_alarms[kind]) for kind in KINDS},
        missed_data=tuple(missed_data),
        alarms=tuple(alarms),
    )


def _is_removed(datum: Finding, removed: Iterable[Finding]) -> bool:
    """Whether no sign of the datum is left; adjoining spans count together."""
    left = datum.start
    for span in removed:
        if span.start <= left < span.end:
            left = span.end
    return left >= datum.end


def share(part: int, rest: int) -> float | None:
    """What a part is of itself and the rest, 0 to 1; None where there is neither."""
    return part / (part + rest) if part + rest else None
