"""The structures of the coordination centre over a year, in the whole network: the values.

A structure has few ratings a month in one center, so the centers' reports withhold most of its
cells; twelve months of all centers carry a figure. What is shown here must not give those cells
away. A year's total is one more equation over the month-and-center cells beneath it: the cells
that were published are taken off it, and the rest is the sum of those that were withheld. Most
structures have some fifty of these, but a large one may have one or two, and a single one would be
the difference itself. So a sum is shown only when it covers no withheld cell or a group of them
that the rule of `analysis.suppression` calls protected (`_keeps_secret`). Each such sum is judged
by itself, the year by its quarters, because successive years differ by whole quarters; what all
of them tell together with the centers' reports is not proved here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from analysis import estimates
from analysis.estimates import MINIMUM_BASE, Bounds, Change, Estimate, response_rate
from analysis.months import Month
from analysis.nesting import cell_key, shown
from analysis.suppression import MINIMUM_PROTECTED, Node, hidden_keys
from analysis.tally import Names, ScoreTally, changes_among_many, total

#: A year is shown in parts of so many months.
MONTHS_OF_A_PART = 3
#: What a center's report withheld: center, month, code of the structure or of the service.
Cell = tuple[str, Month, str]

#: What rows are grouped by: a code, or structure and center or quarter.
Key = TypeVar("Key", str, tuple[str, str])


@dataclass(frozen=True, slots=True)
class StructureCounts:
    """One service of a structure (`code`) in one center and month. `served` is None when that
    center counted no visits of the coordination centre that month."""

    code: str
    names: Names
    service: str
    service_names: Names
    center: str
    center_names: Names
    month: Month
    tally: ScoreTally
    served: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a structure's year: a service, a center, or the quarter from `code` (YYYY-MM) on;
    a quarter has no names."""

    code: str
    names: Names
    satisfied: Estimate


@dataclass(frozen=True, slots=True)
class StructureYear:
    """Twelve months of one structure in all centers.

    `served` is None when a center with ratings counted no visits in some month; without it, or
    where the figure is withheld, there is neither a response rate nor bounds. `change` is against
    the twelve months before; its direction holds after Benjamini–Hochberg over all structures.
    """

    code: str
    names: Names
    satisfied: Estimate
    served: int | None
    response_rate: float | None
    bounds: Bounds | None
    change: Change
    quarters: tuple[Part, ...]
    services: tuple[Part, ...]
    centers: tuple[Part, ...]


def build_structures(
    counts: Sequence[StructureCounts],
    before: Sequence[StructureCounts],
    withheld: frozenset[Cell],
    last: Month,
) -> tuple[StructureYear, ...]:
    """Every structure that owns a service in `counts`, by code.

    `counts` are the twelve months up to `last`, `before` the twelve before them (empty: they are
    not there to compare with), `withheld` what the centers' reports of all these months withheld.
    Raises ValueError for a count outside the twelve months.
    """
    quarters = quarters_up_to(last)
    if any(not quarters[0] <= row.month <= last for row in counts):
        raise ValueError(f"counts outside the twelve months up to {last}")

    def quarter(row: StructureCounts) -> str:
        return str(max(first for first in quarters if first <= row.month))

    hidden = _hidden_in_year(counts, withheld)
    structures = _grouped(counts, lambda row: row.code)
    gone = frozenset(code for code in structures if cell_key("structure", code) in hidden)
    by_center = _Crossed(counts, lambda row: row.center, withheld, gone)
    by_quarter = _Crossed(counts, quarter, withheld, gone)
    changes = _changes(structures, before, gone, withheld)
    return tuple(
        _year(
            rows,
            code in gone,
            change,
            quarters=tuple(by_quarter.part(code, str(first), {}) for first in quarters),
            services=tuple(_services(rows, hidden)),
            centers=tuple(
                by_center.part(code, center, of_center[0].center_names)
                for center, of_center in _grouped(rows, lambda row: row.center).items()
            ),
        )
        for (code, rows), change in zip(structures.items(), changes, strict=True)
    )


def quarters_up_to(last: Month) -> tuple[Month, ...]:
    """The first months of the four parts of the twelve months up to `last`, oldest first."""
    months = [last]
    while len(months) < 12:
        months.append(months[-1].previous())
    return tuple(reversed(months))[::MONTHS_OF_A_PART]


def _year(
    rows: Sequence[StructureCounts],
    is_hidden: bool,
    change: Change,
    *,
    quarters: tuple[Part, ...],
    services: tuple[Part, ...],
    centers: tuple[Part, ...],
) -> StructureYear:
    tally, served = _tally(rows), _served(rows)
    satisfied = shown(tally, is_hidden)
    # With the people served a rate would tell the base that is withheld.
    rate = None if is_hidden else response_rate(tally.base, served)
    bounds = None
    if rate is not None and satisfied.value is not None:
        bounds = estimates.bounds(satisfied.value, rate)
    return StructureYear(
        rows[0].code, rows[0].names, satisfied, served, rate, bounds, change,
        quarters, services, centers,
    )  # fmt: skip


def _served(rows: Iterable[StructureCounts]) -> int | None:
    """People served; None as soon as some who rated were not counted."""
    rows = list(rows)
    if any(row.served is None and row.tally.base for row in rows):
        return None
    counted = [row.served for row in rows if row.served is not None]
    return sum(counted) if counted else None


def _services(rows: Sequence[StructureCounts], hidden: frozenset[str]) -> Iterable[Part]:
    for code, members in _grouped(rows, lambda row: row.service).items():
        is_hidden = cell_key("service", code) in hidden
        yield Part(code, members[0].service_names, shown(_tally(members), is_hidden))


def _changes(
    structures: Mapping[str, Sequence[StructureCounts]],
    before: Sequence[StructureCounts],
    gone: frozenset[str],
    withheld: frozenset[Cell],
) -> tuple[Change, ...]:
    """Each structure against its year before; a side that is withheld cannot be compared."""
    hidden = _hidden_in_year(before, withheld)
    earlier = _grouped(before, lambda row: row.code)
    nothing = ScoreTally(), ScoreTally()
    return changes_among_many(
        [
            nothing
            if code in gone or cell_key("structure", code) in hidden
            else (_tally(rows), _tally(earlier.get(code, ())))
            for code, rows in structures.items()
        ]
    )


# --- what is withheld ------------------------------------------------------------------------


def _hidden_in_year(counts: Sequence[StructureCounts], withheld: frozenset[Cell]) -> frozenset[str]:
    """Withheld structures and services in the tree of all ratings of the coordination centre."""
    forced: set[str] = set()
    structures = []
    for code, rows in _grouped(counts, lambda row: row.code).items():
        key = cell_key("structure", code)
        if not _quarters_keep_secret(rows, withheld, lambda row: row.code):
            forced.add(key)
        leaves = []
        for service, members in _grouped(rows, lambda row: row.service).items():
            leaves.append(Node(cell_key("service", service), _tally(members)))
            if not _quarters_keep_secret(members, withheld, lambda row: row.service):
                forced.add(cell_key("service", service))
        structures.append(Node(key, _tally(rows), tuple(leaves)))
    root = Node("year", _tally(counts), tuple(structures))
    return frozenset(map(str, hidden_keys(root, hidden_before=frozenset(forced))))


def _quarters_keep_secret(
    rows: Sequence[StructureCounts],
    withheld: frozenset[Cell],
    code: Callable[[StructureCounts], str],
) -> bool:
    """Whether each quarter's sum keeps its secret: successive years differ by single quarters."""
    quarters = _grouped(rows, lambda row: f"{row.month.year}/{(row.month.month - 1) // 3}")
    return all(_keeps_secret(quarter, withheld, code) for quarter in quarters.values())


def _keeps_secret(
    rows: Iterable[StructureCounts],
    withheld: frozenset[Cell],
    code: Callable[[StructureCounts], str],
) -> bool:
    """Whether the sum of these rows, less all that centers published of it, leaves nothing or a
    protected group: two cells at least, with S and R − F of MINIMUM_PROTECTED (see
    `hidden_keys`)."""
    silent = [
        row for row in rows if row.tally.base and (row.center, row.month, code(row)) in withheld
    ]
    if not silent:
        return True
    tally = _tally(silent)
    return (
        len({(row.center, row.month) for row in silent}) > 1
        and tally.top_two >= MINIMUM_PROTECTED
        and tally.base - len(silent) >= MINIMUM_PROTECTED
    )


class _Crossed:
    """Structures × centers, or × quarters: which cells are withheld.

    The totals of both sides are known: a structure's from its page, and the coordination centre's
    in a center or quarter from the centers' reports. *Rule.* A cell of 1 to MINIMUM_BASE − 1
    ratings or one that would give away a center's withheld cells is hidden, and with it the whole
    rectangle of the rows and columns of such cells, the zeros too. To the rectangle rows and
    columns are added, those with the fewest ratings first, until every row and column of it has
    MINIMUM_PROTECTED satisfied ratings within it and leaves as many to the others.
    *Guarantee.* Of the rectangle nothing is known but its margins, and a cell of a table with
    margins r, c and sum n takes every value from max(0, r + c − n) to min(r, c) (Fréchet bounds):
    a width of min(r, c, n − r, n − c). Satisfied and dissatisfied ratings are two such tables, so
    the base is bounded no closer. If the whole table does not suffice, all of it is hidden.
    """

    def __init__(
        self,
        counts: Sequence[StructureCounts],
        column: Callable[[StructureCounts], str],
        withheld: frozenset[Cell],
        gone: frozenset[str],
    ) -> None:
        grouped = _grouped(counts, lambda row: (row.code, column(row)))
        self._cells = {crossing: _tally(rows) for crossing, rows in grouped.items()}
        sides = [sorted({crossing[side] for crossing in self._cells}) for side in (0, 1)]
        risky = {
            crossing
            for crossing, rows in grouped.items()
            if 0 < self._cells[crossing].base < MINIMUM_BASE
            or crossing[0] in gone
            or not _keeps_secret(rows, withheld, lambda row: row.code)
        }
        self._hidden = [{crossing[side] for crossing in risky} for side in (0, 1)]
        spare = [(side, name) for side in (0, 1) for name in sides[side]]
        spare = [(side, name) for side, name in spare if name not in self._hidden[side]]
        spare.sort(key=lambda one: (self._sum({one[1]}, one[0]).base, one))
        for side, name in spare if risky else ():
            if self._is_protected():
                break
            self._hidden[side].add(name)

    def part(self, row: str, column: str, names: Names) -> Part:
        """The figure of a cell, or that it is withheld."""
        is_hidden = row in self._hidden[0] and column in self._hidden[1]
        return Part(column, names, shown(self._cells.get((row, column), ScoreTally()), is_hidden))

    def _sum(self, names: set[str], side: int) -> ScoreTally:
        return total(tally for crossing, tally in self._cells.items() if crossing[side] in names)

    def _is_protected(self) -> bool:
        rows, columns = self._hidden
        margins: defaultdict[tuple[int, str], int] = defaultdict(int)
        together = 0
        for crossing, tally in self._cells.items():
            if crossing[0] in rows and crossing[1] in columns:
                together += tally.top_two
                for side, name in enumerate(crossing):
                    margins[side, name] += tally.top_two
        return all(
            MINIMUM_PROTECTED <= margins[side, name] <= together - MINIMUM_PROTECTED
            for side in (0, 1)
            for name in self._hidden[side]
        )


def _tally(rows: Iterable[StructureCounts]) -> ScoreTally:
    return total(row.tally for row in rows)


def _grouped(
    rows: Iterable[StructureCounts], key: Callable[[StructureCounts], Key]
) -> dict[Key, list[StructureCounts]]:
    """The rows by key, keys in their order."""
    groups: defaultdict[Key, list[StructureCounts]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: groups[name] for name in sorted(groups)}


__all__ = [
    "Cell",
    "Part",
    "StructureCounts",
    "StructureYear",
    "build_structures",
    "quarters_up_to",
]
