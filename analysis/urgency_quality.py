"""How well urgent comments are found, measured on lines written by hand.

`analysis/corpus/urgency/test.tsv` holds a language, a reason ("-" for none) and a text each: urgent
comments of all kinds and spellings, and comments that only sound so. The rules are developed on the
training corpus.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import NamedTuple, cast

from analysis.corpus import CorpusError, read_table
from analysis.redaction_quality import share
from analysis.urgency import URGENCIES, Urgency

COLUMNS = ("language", "urgent", "text")


class UrgencyLine(NamedTuple):
    """A comment, its language (az, ru, en, mixed) and why it is urgent, if it is."""

    language: str
    urgent: Urgency | None
    text: str


@dataclass(frozen=True, slots=True)
class UrgencyQuality:
    """Urgent comments found and missed, false alarms, and how many were found for the reason given.

    `misses` and `alarms` are the lines themselves, to be read by a developer.
    """

    found: int
    right_reason: int
    quiet: int
    misses: tuple[UrgencyLine, ...] = field(default=(), repr=False)
    alarms: tuple[UrgencyLine, ...] = field(default=(), repr=False)

    @property
    def recall(self) -> float | None:
        """The share of urgent comments that were found; None where there are none."""
        return share(self.found, len(self.misses))

    @property
    def precision(self) -> float | None:
        """The share of alarms that were right; None where there were none."""
        return share(self.found, len(self.alarms))

    @property
    def alarm_rate(self) -> float | None:
        """The share of alarms among the comments that are not urgent; None where there are none."""
        return share(len(self.alarms), self.quiet)


def load_urgency_test() -> list[UrgencyLine]:
    """The lines of the test. Raises CorpusError for a line that is not as it should be."""
    file = files("analysis.corpus").joinpath("urgency", "test.tsv")
    rows: list[UrgencyLine] = []
    for number, (language, urgent, text) in read_table(file, COLUMNS):
        if urgent not in (*URGENCIES, "-"):
            raise CorpusError(f"{file.name}, line {number}: no such reason: {urgent}")
        rows.append(UrgencyLine(language, None if urgent == "-" else cast("Urgency", urgent), text))
    return rows


def urgency_quality(rows: Iterable[UrgencyLine]) -> UrgencyQuality:
    """What the shipped reader finds, misses and takes for urgent in vain."""
    from analysis.reading import read_comment

    found = right = quiet = 0
    misses: list[UrgencyLine] = []
    alarms: list[UrgencyLine] = []
    for row in rows:
        reason = read_comment(row.text).urgent
        if row.urgent is None:
            quiet += reason is None
            if reason is not None:
                alarms.append(row)
        elif reason is None:
            misses.append(row)
        else:
            found += 1
            right += reason == row.urgent
    return UrgencyQuality(found, right, quiet, tuple(misses), tuple(alarms))
