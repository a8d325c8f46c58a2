"""The nested tables of a report, and which of their cells are withheld.

Each tree below sums up to the month: areas with their services, channels with their languages,
hours of the week, outcomes. `analysis.suppression` says what must be hidden in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeVar

from analysis.estimates import MINIMUM_BASE, WITHHELD, Estimate
from analysis.suppression import Node, hidden_keys
from analysis.tally import (
    ChannelCounts,
    HourCounts,
    OutcomeCounts,
    ScoreTally,
    ServiceCounts,
    total,
)

#: The structure of a service that names none: its area has no level between itself and services.
_NO_STRUCTURE = ""

Row = TypeVar("Row")


Kind = Literal[
    "area",
    "structure",
    "service",
    "channel",
    "language",
    "stratum",
    "weekday",
    "hour",
    "outcome",
    "group",
]


#: The cell of those who gave no answer to "did you get what you came for?".
NO_OUTCOME = "outcome:(none)"


@dataclass(frozen=True, slots=True)
class Hidden:
    """The withheld cells: of this month, of the month before, and of any of a trend's months."""

    now: frozenset[str]
    previous: frozenset[str]
    trend: frozenset[str]


def cell_key(kind: Kind, *parts: str | int) -> str:
    """The name of a cell, the same from revision to revision: "service:07-01-01", "hour:1/9"."""
    return f"{kind}:{'/'.join(map(str, parts))}"


def shown(tally: ScoreTally, withheld: bool = False) -> Estimate:
    """The share satisfied; nothing where it is withheld or the base too small for a share."""
    if withheld:
        return WITHHELD
    if tally.base < MINIMUM_BASE:
        return Estimate(None, None, None, tally.base)
    return tally.satisfied


def hidden_services(
    services: Sequence[ServiceCounts],
    tally_of: Callable[[ServiceCounts], ScoreTally],
    before: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """Withheld areas, structures and services in the month whose tallies `tally_of` gives."""
    rows = [(s, tally) for s in services if (tally := tally_of(s)).base]
    areas = [
        _parent(cell_key("area", code), _structures(members))
        for code, members in _grouped(rows, lambda row: row[0].area_code)
    ]
    return _hidden(areas, before)


def hidden_channels(rows: Sequence[ChannelCounts], before: frozenset[str]) -> frozenset[str]:
    """Withheld channels, and languages within channels."""
    channels = [
        _parent(
            cell_key("channel", channel),
            [Node(cell_key("language", channel, row.language), row.tally) for row in members],
        )
        for channel, members in _grouped(rows, lambda row: row.channel)
    ]
    return _hidden(channels, before)


def hidden_hours(rows: Sequence[HourCounts], before: frozenset[str]) -> frozenset[str]:
    """Withheld hours of the week. They are protected within their weekday, because the report
    tells each day's ratings and thereby each weekday's."""
    weekdays = [
        _parent(
            cell_key("weekday", weekday),
            [Node(cell_key("hour", row.weekday, row.hour), row.tally) for row in members],
        )
        for weekday, members in _grouped(rows, lambda row: str(row.weekday))
    ]
    return _hidden(weekdays, before)


def hidden_outcomes(
    rows: Sequence[OutcomeCounts], month: ScoreTally, before: frozenset[str]
) -> frozenset[str]:
    """Withheld answers to "did you get what you came for?"; who gave none is a cell as well."""
    silent = month.without(total(row.tally for row in rows))
    cells = [Node(cell_key("outcome", row.code), row.tally) for row in rows]
    return _hidden([*cells, Node(NO_OUTCOME, silent)], before)


def _structures(rows: Sequence[tuple[ServiceCounts, ScoreTally]]) -> list[Node]:
    """An area's services, in the coordination centre beneath the structures that own them."""
    nodes: list[Node] = []
    for structure, members in _grouped(rows, lambda row: _structure(row[0])):
        leaves = [Node(cell_key("service", service.code), tally) for service, tally in members]
        if structure == _NO_STRUCTURE:
            nodes += leaves
        else:
            nodes.append(_parent(cell_key("structure", rows[0][0].area_code, structure), leaves))
    return nodes


def _structure(service: ServiceCounts) -> str:
    return service.agency_code if service.kind == "coordination" else _NO_STRUCTURE


def _parent(key: str, children: Sequence[Node]) -> Node:
    return Node(key, total(child.tally for child in children), tuple(children))


def _hidden(children: Sequence[Node], before: frozenset[str]) -> frozenset[str]:
    root = _parent("month", children)
    return frozenset(map(str, hidden_keys(root, hidden_before=before)))


def _grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> list[tuple[str, list[Row]]]:
    ordered = sorted(rows, key=key)
    return [(code, list(members)) for code, members in groupby(ordered, key=key)]
