"""Counts of scores that add up, and the counts a report is built from.

SQL fills these; nothing here knows where they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal

from analysis import estimates
from analysis.estimates import (
    LEVEL,
    Change,
    Estimate,
    benjamini_hochberg,
    difference_p_value,
    wilson,
)
from analysis.months import Month

Names = Mapping[str, str]
ServiceKind = Literal["standard", "coordination", "unstated"]
ChannelName = Literal["tablet", "qr"]
Sentiment = Literal["negative", "neutral", "positive", "mixed", "not_assessed"]


@dataclass(frozen=True, slots=True)
class ScoreTally:
    """How many ratings gave score 1, 2, 3, 4, 5. Tallies add up: ``sum(tallies, ScoreTally())``.

    A tally without ratings has base 0, mean None, distribution None and a `satisfied` whose value,
    low and high are None. Raises ValueError for anything but five counts of at least 0.
    """

    counts: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    def __post_init__(self) -> None:
        if len(self.counts) != 5 or any(count < 0 for count in self.counts):
            raise ValueError(f"five counts of at least 0 are needed: {self.counts}")

    def __add__(self, other: ScoreTally | int) -> ScoreTally:
        if other == 0:  # so that sum() works without a start
            return self
        if not isinstance(other, ScoreTally):
            return NotImplemented
        one, two, three, four, five = (
            mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)
        )
        return ScoreTally((one, two, three, four, five))

    __radd__ = __add__

    def without(self, part: ScoreTally) -> ScoreTally:
        """The rest when a part is taken out; ValueError if it is not a part of this tally."""
        one, two, three, four, five = (
            mine - theirs for mine, theirs in zip(self.counts, part.counts, strict=True)
        )
        return ScoreTally((one, two, three, four, five))

    @property
    def base(self) -> int:
        """n: the ratings behind every figure of this tally."""
        return sum(self.counts)

    @property
    def top_two(self) -> int:
        """Ratings of 4 or 5: those who count as satisfied."""
        return self.counts[3] + self.counts[4]

    @property
    def mean(self) -> float | None:
        """Mean score (1…5); None without ratings."""
        if not self.base:
            return None
        return sum(score * count for score, count in enumerate(self.counts, 1)) / self.base

    @property
    def distribution(self) -> tuple[float, ...] | None:
        """Share of each score, 1 to 5 (they sum to 1); None without ratings."""
        base = self.base
        return tuple(count / base for count in self.counts) if base else None

    @property
    def satisfied(self) -> Estimate:
        """Share satisfied (top two of five) with its 95 % Wilson interval."""
        return wilson(self.top_two, self.base, LEVEL)


def change(current: ScoreTally, earlier: ScoreTally) -> Change:
    """How the share satisfied differs from an earlier one (`estimates.change`)."""
    return estimates.change(current.top_two, current.base, earlier.top_two, earlier.base)


def changes_among_many(
    pairs: Sequence[tuple[ScoreTally, ScoreTally]],
) -> tuple[Change, ...]:
    """The change of the first against the second tally of each pair, where many are looked at.

    A direction is given only if the change passes Benjamini–Hochberg over all comparable pairs
    and its interval excludes 0. Pairs that are not comparable take no part in the correction.
    """
    changes = [change(one, other) for one, other in pairs]
    comparable = [found.difference.known for found in changes]
    stands = iter(
        benjamini_hochberg(
            [
                difference_p_value(one.top_two, one.base, other.top_two, other.base)
                for (one, other), may in zip(pairs, comparable, strict=True)
                if may
            ]
        )
    )
    return tuple(
        found if not may or next(stands) else Change(found.difference, "no_clear_change")
        for found, may in zip(changes, comparable, strict=True)
    )


def satisfied_or_not(satisfied: int, base: int) -> ScoreTally:
    """A tally for comparing shares, where only a share and its base are known: its scores stand
    for "satisfied" and "not", so that its mean and distribution say nothing."""
    return ScoreTally((base - satisfied, 0, 0, 0, satisfied))


def total(tallies: Iterable[ScoreTally]) -> ScoreTally:
    """The sum of tallies; an empty tally for none."""
    columns = tuple(map(sum, zip(*(tally.counts for tally in tallies), strict=True)))
    return ScoreTally(columns) if len(columns) == 5 else ScoreTally()


@dataclass(frozen=True, slots=True)
class SentimentCounts:
    """Comments by what they were read as. `not_assessed`: read, but no word was known;
    `unread`: the reader has not come to them yet. Neither is ever called neutral."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0
    mixed: int = 0
    not_assessed: int = 0
    unread: int = 0

    def __post_init__(self) -> None:
        if any(getattr(self, field.name) < 0 for field in fields(self)):
            raise ValueError(f"counts of comments cannot be negative: {self}")

    def __add__(self, other: SentimentCounts) -> SentimentCounts:
        if not isinstance(other, SentimentCounts):
            return NotImplemented
        return SentimentCounts(
            *(getattr(self, field.name) + getattr(other, field.name) for field in fields(self))
        )

    @property
    def total(self) -> int:
        return self.assessed + self.not_assessed + self.unread

    @property
    def assessed(self) -> int:
        """Comments with a known sentiment."""
        return self.negative + self.neutral + self.positive + self.mixed


@dataclass(frozen=True, slots=True)
class AskedCounts:
    """How many counted ratings of a month answered one version of the survey. `question` tells
    whether the question itself, its wording and its answers, is the same as in another version."""

    version: int
    question: str
    base: int


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """One month of one center. `held` and `void` count ratings set aside; `served` is None when
    nobody counted the visits. `qr` counts those of the ratings that came by QR code."""

    month: Month
    tally: ScoreTally
    held: int
    void: int
    served: int | None
    comments: SentimentCounts
    asked: tuple[AskedCounts, ...] = ()
    qr: int = 0


@dataclass(frozen=True, slots=True)
class ServiceCounts:
    """One service in the report's month. `kind` "unstated" collects ratings without a service.
    `previous` is the month before; `year` the 13 months up to and including this one."""

    code: str
    names: Names
    area_code: str
    area_names: Names
    kind: ServiceKind
    agency_names: Names
    tally: ScoreTally
    previous: ScoreTally
    year: tuple[ScoreTally, ...] | None
    served: int | None
    agency_code: str = ""


@dataclass(frozen=True, slots=True)
class ChannelCounts:
    """Ratings by the way they came in and the language they were given in. `held` counts those
    set aside, the void ones among them."""

    channel: ChannelName
    language: str
    tally: ScoreTally
    held: int


@dataclass(frozen=True, slots=True)
class VerifiedCounts:
    """Those of a channel's ratings that a one-time ticket binds to a visit: a part of the channel's
    `ChannelCounts`, whatever their language."""

    channel: ChannelName
    tally: ScoreTally


@dataclass(frozen=True, slots=True)
class HourCounts:
    """Ratings of one hour of the week: weekday 1 (Monday) … 7, hour 0…23, center's clock."""

    weekday: int
    hour: int
    tally: ScoreTally

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= 7 or not 0 <= self.hour <= 23:
            raise ValueError(f"no such hour of the week: {self.weekday}, {self.hour}")


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Ratings of one day; `held` counts those set aside, the void ones among them. `open` says
    whether the center received visitors, `served` how many people were counted (None when nobody
    counted)."""

    day: date
    tally: ScoreTally
    held: int
    open: bool
    served: int | None = None


@dataclass(frozen=True, slots=True)
class TopicCounts:
    """Comments that speak of one topic, by the side they take on it.

    `mixed` counts only readings from before sides were read, which tell of the whole comment.
    """

    code: str
    comments: SentimentCounts


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Ratings by the answer to "did you get what you came for?"."""

    code: str
    names: Names
    tally: ScoreTally


@dataclass(frozen=True, slots=True)
class AlertNote:
    """A suspicion of the integrity rules that stands: which rule, when, at which place (None: the
    whole center), how probable by chance, how many ratings it speaks of, and whether somebody has
    looked into it."""

    rule: str
    day: date
    last_day: date
    place: Names | None
    p_value: float
    ratings: int
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class QuotableComment:
    """A comment that may be quoted: personal data has left its text already."""

    text: str
    language: str | None
    sentiment: Sentiment
    topics: tuple[str, ...]
    score: int
    service_code: str | None
    rated_on: date


@dataclass(frozen=True, slots=True)
class SetAside:
    """Ratings that do not count, by the rule that set them aside. With their `tally` the report
    gives the exact figure with them; without it, the range that figure could have. `void` counts
    those of them that two persons have voided."""

    rule: str
    count: int
    tally: ScoreTally | None = None
    void: int = 0

    def __post_init__(self) -> None:
        if self.count < 0 or (self.tally is not None and self.tally.base != self.count):
            raise ValueError(f"set aside by {self.rule}: the count is not that of its scores")


__all__ = [
    "AlertNote",
    "AskedCounts",
    "Change",
    "ChannelCounts",
    "ChannelName",
    "DayCounts",
    "Estimate",
    "HourCounts",
    "MonthCounts",
    "Names",
    "OutcomeCounts",
    "QuotableComment",
    "ScoreTally",
    "Sentiment",
    "SentimentCounts",
    "ServiceCounts",
    "ServiceKind",
    "SetAside",
    "TopicCounts",
    "change",
    "changes_among_many",
    "satisfied_or_not",
    "total",
]
