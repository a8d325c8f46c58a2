"""Verified ratings beside the open channel: what is told of them, and what must not be.

A rating is verified when a one-time ticket binds it to a visit. Verified or not crosses the
channels, so what is published is a table with two sides and both its sums, and not a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.estimates import NOT_COMPARABLE
from analysis.nesting import cell_key, hidden_channels, shown
from analysis.report import StratumFigure
from analysis.suppression import MINIMUM_PROTECTED, Node, hidden_keys
from analysis.tally import ChannelCounts, ChannelName, ScoreTally, VerifiedCounts, change, total

_CHANNELS: tuple[ChannelName, ...] = ("tablet", "qr")
_SIDES = ("verified", "open")


@dataclass(frozen=True, slots=True)
class _Stratum:
    """The verified and the other ratings of one channel, or (None) of all."""

    channel: ChannelName | None
    verified: ScoreTally
    open: ScoreTally

    @property
    def both(self) -> ScoreTally:
        return self.verified + self.open

    @property
    def keys(self) -> tuple[str, str]:
        """The names of its two cells, the verified one first."""
        within = () if self.channel is None else (self.channel,)
        one, other = (cell_key("stratum", *within, side) for side in _SIDES)
        return one, other

    @property
    def parent(self) -> str:
        """The name of the channel's own cell."""
        return cell_key("channel", str(self.channel))

    @property
    def leaves(self) -> tuple[Node, ...]:
        return tuple(map(Node, self.keys, (self.verified, self.open)))


def check_parts(channels: Sequence[ChannelCounts], verified: Sequence[VerifiedCounts]) -> None:
    """Raise ValueError unless the verified ratings are a part of their channel's, once each."""
    if len({row.channel for row in verified}) != len(verified):
        raise ValueError("verified: a key occurs twice")
    for row in verified:
        here = total(c.tally for c in channels if c.channel == row.channel)
        if any(part > whole for part, whole in zip(row.tally.counts, here.counts, strict=True)):
            raise ValueError(
                f"verified by {row.channel}: {row.tally.counts} of {here.counts}: "
                "rebuild the tallies"
            )


def verified_total(verified: Iterable[VerifiedCounts], hidden: frozenset[str]) -> int | None:
    """How many ratings are verified; None where that number is withheld."""
    if cell_key("stratum", "verified") in hidden:
        return None
    return total(row.tally for row in verified).base


def hidden_by_channel(
    channels: Sequence[ChannelCounts],
    verified: Sequence[VerifiedCounts],
    before: frozenset[str],
) -> frozenset[str]:
    """The withheld channels and languages, and the withheld cells of the table channel × verified
    or open; the table's sums over the channels are cells as well.

    A channel is told if both its languages and its strata let it be. The table is told whole if
    the tree month → channel → stratum withholds nothing. Otherwise one cell could be worked out
    from the sums, so that no cell within a channel is told. The sums are told even then if the
    channels are, if neither sum is small, and if who knows them all cannot bound what is within to
    fewer than MINIMUM_PROTECTED ratings or satisfied ratings; else nothing is.
    """
    within = _strata(channels, verified)
    sums = _together(within)
    inside = frozenset(key for row in within for key in row.keys)
    both = frozenset(sums.keys)
    withheld = hidden_channels(channels, before)
    if not sums.verified.base and not before & (inside | both):
        return withheld
    tree = _root([Node(row.parent, row.both, row.leaves) for row in within if row.both.base])
    beneath = frozenset(map(str, hidden_keys(tree, hidden_before=before | withheld)))
    # There are two channels, and one is never withheld alone: the other need not be asked again.
    parents = beneath & {row.parent for row in within}
    withheld |= hidden_channels(channels, before | parents)
    if not beneath & inside and not before & both:
        return withheld
    if hidden_keys(_root(sums.leaves), hidden_before=before) or parents or not _is_wide(within):
        return withheld | inside | both
    return withheld | inside


def stratum_figures(
    channels: Sequence[ChannelCounts],
    verified: Sequence[VerifiedCounts],
    hidden: frozenset[str],
) -> tuple[StratumFigure, ...]:
    """A row for each channel with ratings, and the last for all; none without verified ratings."""
    within = _strata(channels, verified)
    sums = _together(within)
    if not sums.verified.base and not hidden & frozenset(sums.keys):
        return ()
    return tuple(_figure(row, hidden) for row in (*within, sums) if row.both.base)


def _figure(row: _Stratum, hidden: frozenset[str]) -> StratumFigure:
    withheld = bool(hidden & frozenset(row.keys))
    return StratumFigure(
        channel=row.channel,
        verified=shown(row.verified, withheld),
        open=shown(row.open, withheld),
        part=None if withheld else row.verified.base / row.both.base,
        difference=NOT_COMPARABLE if withheld else change(row.verified, row.open),
    )


def _strata(
    channels: Sequence[ChannelCounts], verified: Sequence[VerifiedCounts]
) -> tuple[_Stratum, ...]:
    of_tickets = {row.channel: row.tally for row in verified}
    strata = []
    for channel in _CHANNELS:
        everything = total(row.tally for row in channels if row.channel == channel)
        tickets = of_tickets.get(channel, ScoreTally())
        strata.append(_Stratum(channel, tickets, everything.without(tickets)))
    return tuple(strata)


def _together(within: Sequence[_Stratum]) -> _Stratum:
    return _Stratum(None, total(row.verified for row in within), total(row.open for row in within))


def _root(children: Sequence[Node]) -> Node:
    return Node("month", total(child.tally for child in children), tuple(children))


def _is_wide(within: Sequence[_Stratum]) -> bool:
    """Whether the sums of a table of two by two leave its cells unknown enough.

    Of the satisfied and, independently, of the dissatisfied a cell can be anything between the
    most and the least that its row and column allow; the four cells have the same width. That each
    has a rating may take one from either end.
    """
    satisfied = _width([[row.verified.top_two, row.open.top_two] for row in within])
    others = [[t.base - t.top_two for t in (row.verified, row.open)] for row in within]
    return min(satisfied, satisfied + _width(others) - 2) >= MINIMUM_PROTECTED


def _width(table: Sequence[Sequence[int]]) -> int:
    (first, second), (third, fourth) = table
    row, column = first + second, first + third
    return min(row, column) - max(0, row + column - (first + second + third + fourth))


__all__ = ["check_parts", "hidden_by_channel", "stratum_figures", "verified_total"]
