"""What the workbook's tables are made of: kinds of cells, columns they share, parts of rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from analysis.complaints import CaseCounts
from analysis.estimates import Change, Estimate
from analysis.sentences import SENTIMENTS, TOO_FEW, WITHHELD, ReportText
from analysis.tally import ScoreTally, SentimentCounts
from analysis.wording import N_

#: `note` is a short text; `points` are fractions here and percentage points in the workbook.
Kind = Literal["text", "note", "count", "share", "points", "mean", "hours", "p_value", "date"]
Cell = str | int | float | dt.date | None
Row = tuple[Cell, ...]
Column = tuple[str, Kind]
Line = tuple[str, Cell, Kind]

#: What may be said of a difference that is no change in time.
DIFFERENCES = {
    "up": N_("higher"),
    "down": N_("lower"),
    "no_clear_change": N_("no clear difference"),
    "not_comparable": N_("cannot be compared"),
}

INTERVAL: tuple[Column, ...] = ((N_("Low"), "share"), (N_("High"), "share"))
RATINGS: Column = (N_("Ratings"), "count")
SHARE: tuple[Column, ...] = (
    (N_("Share satisfied"), "share"),
    *INTERVAL,
    RATINGS,
    (N_("Note"), "note"),
)
POINTS: tuple[Column, ...] = (
    (N_("Low"), "points"),
    (N_("High"), "points"),
    (N_("Meaning"), "text"),
)
CHANGE: tuple[Column, ...] = ((N_("Points against the month before"), "points"), *POINTS)
SCORES: tuple[Column, ...] = tuple((str(score), "count") for score in range(1, 6))
SENTIMENT_COUNTS: tuple[Column, ...] = tuple((head, "count") for head in SENTIMENTS.values())
CASES: tuple[Column, ...] = (
    (N_("Asked for an answer"), "count"),
    (N_("Of these answered"), "count"),
    (N_("Of these still waiting"), "count"),
    (N_("Waiting from earlier months"), "count"),
    (N_("Of the earlier answered"), "count"),
    (N_("Of the earlier not answered within 180 days"), "count"),
    (N_("Of the earlier still waiting"), "count"),
    (N_("Answers given in the month"), "count"),
    (N_("Half of the answers within, hours"), "hours"),
    (N_("Nine in ten within, hours"), "hours"),
    (N_("Note"), "note"),
    (N_("Asked by ratings that do not count"), "count"),
)
SERVED: tuple[Column, ...] = ((N_("People served"), "count"), (N_("Answered"), "share"))


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its name, its columns, its rows. `first_width` counts letters; so many first
    columns (`fixed`) stay in sight."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    first_width: int = 44
    fixed: int = 1


def interval(estimate: Estimate) -> Row:
    """Value, low and high; three empty cells where they are not known."""
    return (estimate.value, estimate.low, estimate.high)


def base(estimate: Estimate) -> int | None:
    """The ratings behind it; nothing where not even they are told."""
    return None if estimate.withheld else estimate.base


def share(text: ReportText, estimate: Estimate) -> Row:
    """Share, interval and base, and why they are empty if they are."""
    note = None
    if estimate.withheld:
        note = text.w.text(WITHHELD)
    elif estimate.base and not estimate.known:
        note = text.w.text(TOO_FEW)
    return (*interval(estimate), base(estimate), note)


def change(text: ReportText, found: Change) -> Row:
    """A change in time with its interval, and what may be said of it."""
    return (*interval(found.difference), text.verdict(found))


def difference(text: ReportText, found: Change) -> Row:
    """A difference of people, not of times, with its interval, and what may be said of it."""
    return (*interval(found.difference), text.w.text(DIFFERENCES[found.verdict]))


def scores(tally: ScoreTally | None) -> Row:
    """Ratings by score, 1 to 5; empty cells where they are not told."""
    return (None,) * 5 if tally is None else tally.counts


def case_cells(text: ReportText, counts: CaseCounts) -> Row:
    """What became of the wishes to be answered, as CASES names it."""
    few = counts.answers and counts.median_hours is None
    return (
        counts.asked,
        counts.answered,
        counts.waiting,
        counts.carried,
        counts.carried_answered,
        counts.carried_unanswered,
        counts.carried_waiting,
        counts.answers,
        counts.median_hours,
        counts.ninetieth_hours,
        text.too_few if few else None,
        counts.left_out,
    )


def comment_counts(counts: SentimentCounts) -> Row:
    """Comments by what they were read as, as SENTIMENT_COUNTS names them."""
    return tuple(getattr(counts, name) for name in SENTIMENTS)
