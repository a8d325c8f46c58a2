"""Small numbers: which cells of a nested table are hidden so that none can be worked out.

The tables of a report are trees: a center's ratings are those of its areas, an area's those of its
services. Hiding a cell is of no use if it is its parent less its visible siblings, so others are
hidden with it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from analysis.estimates import MINIMUM_BASE
from analysis.tally import ScoreTally, total

Key = Hashable

#: The interval within which a hidden count stays unknown is at least this wide (±5).
MINIMUM_PROTECTED = 10

#: What must still be covered, or what a cell adds to it, one number for each demand.
_Amounts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A cell of a nested table. With children, its tally is their sum. Keys are unique in a tree
    and differ in their `repr`, which breaks ties; they stay the same from revision to revision."""

    key: Key
    tally: ScoreTally
    children: tuple[Node, ...] = ()


def hidden_keys(root: Node, *, hidden_before: frozenset[Key] = frozenset()) -> frozenset[Key]:
    """The keys of the cells not to be shown; beneath a hidden cell all are hidden.

    *Rule.* Hidden are cells of 1 to MINIMUM_BASE − 1 ratings and those in `hidden_before` (all that
    earlier revisions of this report hid; keys no longer there are ignored). The hidden children of
    a visible parent must be at least two with ratings, with S ≥ MINIMUM_PROTECTED satisfied ratings
    and R − F ≥ MINIMUM_PROTECTED in sum, where R is their ratings and F the leaves among and
    beneath them that have ratings. To reach that, siblings are hidden that cost the fewest ratings.
    If all siblings do not suffice, the parent is hidden with all beneath it and its own siblings
    protect it. The root is published and never in the answer; if its children cannot be protected,
    all of them are hidden. A cell without ratings is not hidden unless it was before.

    *Guarantee.* Who knows all visible cells and totals, and that every hidden cell has a rating
    (one without is shown as 0), cannot bound the base or the satisfied count of a hidden cell to an
    interval narrower than MINIMUM_PROTECTED. Two exceptions: a root with S or R − F below
    MINIMUM_PROTECTED, where S and R themselves bound every cell (who does not use the zeros is
    held off as long as S is large enough); and a cell that is the whole root, all else being 0.

    *Proof.* A hidden cell has no visible descendant with ratings, so of the hidden children of one
    visible parent nothing is published but their sum: S satisfied and D = R − S dissatisfied, each
    leaf with a rating at least. Such groups have no unknown in common, so the bounds within each
    are the exact ones. Let a cell have f of the group's F leaves; with two members, f < F. Its base
    takes every value from f to f + R − F: width R − F. Its satisfied count runs from max(0, f − D),
    as many of the satisfied as fit being elsewhere, to min(S, R − F + f), as few as can be being
    elsewhere: width at least min(S, R − F). Trees of one report have only the root in common, and
    any rows of one fit any rows of another with that root (the transport problem with equal sums
    always has a solution), so each may be protected by itself.

    *Two revisions.* Let counts only grow and the second revision hide at least what the first hid.
    Take any counts that agree with the first and add the growth of each group to any of its
    members: they agree with the second. So the second tells nothing of the first's hidden counts,
    and the intervals of the new counts are no narrower. What was once visible cannot be taken back:
    such a cell is known to have grown by no more than its group, hidden or not.

    O(n log n) for n cells of a tree of bounded depth. Raises ValueError when children do not sum to
    their parent or a key occurs twice.
    """
    _check(root)
    hidden = _hidden_beneath(root, hidden_before)
    if hidden is None:
        hidden = _hideable(root, hidden_before)
    return frozenset(hidden) - {root.key}


def _check(root: Node) -> None:
    keys: set[Key] = set()
    for node in _cells(root):
        if node.key in keys:
            raise ValueError(f"the key {node.key!r} occurs twice")
        keys.add(node.key)
        if node.children and total(child.tally for child in node.children) != node.tally:
            raise ValueError(f"the children of {node.key!r} do not sum to it")


def _cells(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _cells(child)


def _hideable(node: Node, before: frozenset[Key]) -> set[Key]:
    """The node and all beneath it, but for cells shown as 0."""
    return {cell.key for cell in _cells(node) if cell.tally.base or cell.key in before}


def _hidden_beneath(parent: Node, before: frozenset[Key]) -> set[Key] | None:
    """What to hide beneath a parent whose own tally is known; None if that cannot be enough."""
    if not parent.children:
        return set()
    members: list[Node] = []
    visible: list[tuple[Node, set[Key]]] = []
    for child in sorted(parent.children, key=lambda node: (node.tally.base, repr(node.key))):
        beneath = None if _must_hide(child, before) else _hidden_beneath(child, before)
        if beneath is None:
            members.append(child)
        else:
            visible.append((child, beneath))
    chosen: frozenset[int] | None = frozenset()
    if members:
        missing = _less((2, MINIMUM_PROTECTED, MINIMUM_PROTECTED), map(_cover, members))
        chosen = _cheapest(((child.tally.base, _cover(child)) for child, _ in visible), missing)
    if chosen is None:
        return None
    hidden: set[Key] = set()
    for member in members:
        hidden |= _hideable(member, before)
    for index, (child, beneath) in enumerate(visible):
        hidden |= _hideable(child, before) if index in chosen else beneath
    return hidden


def _must_hide(node: Node, before: frozenset[Key]) -> bool:
    return 0 < node.tally.base < MINIMUM_BASE or node.key in before


def _cover(node: Node) -> _Amounts:
    """What a hidden cell adds: a member, satisfied ratings, ratings beyond one a leaf."""
    base = node.tally.base
    return (int(base > 0), node.tally.top_two, base - _leaves(node))


def _leaves(node: Node) -> int:
    """How many leaves at or beneath a node have ratings."""
    if node.children:
        return sum(map(_leaves, node.children))
    return int(node.tally.base > 0)


def _less(needed: _Amounts, parts: Iterable[_Amounts]) -> _Amounts:
    """What is still missing of each demand when the parts are taken off."""
    for part in parts:
        needed = tuple(max(0, n - p) for n, p in zip(needed, part, strict=True))
    return needed


def _cheapest(
    candidates: Iterable[tuple[int, _Amounts]], missing: _Amounts
) -> frozenset[int] | None:
    """The candidates (cost, amounts), by index, that cover what is missing at the least cost, then
    the fewest, then the first; None if all of them do not.

    Dynamic programming over what is still missing: the demands are small, so there are at most
    3 · 11 · 11 states whatever the number of candidates.
    """
    if not any(missing):
        return frozenset()
    best: dict[_Amounts, tuple[int, int, tuple[int, ...]]] = {missing: (0, 0, ())}
    for index, (cost, amounts) in enumerate(candidates):
        for still, (spent, number, chosen) in list(best.items()):
            rest = _less(still, (amounts,))
            way = (spent + cost, number + 1, (*chosen, index))
            if rest not in best or way < best[rest]:
                best[rest] = way
    covered = best.get((0,) * len(missing))
    return None if covered is None else frozenset(covered[2])


__all__ = ["MINIMUM_PROTECTED", "Key", "Node", "hidden_keys"]
