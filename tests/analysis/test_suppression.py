"""Hidden cells stay hidden from an attacker with linear programming, at the least cost."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import coo_array, eye_array, kron

from analysis.estimates import MINIMUM_BASE
from analysis.suppression import (
    MINIMUM_PROTECTED,
    Key,
    Node,
    hidden_keys,
)
from analysis.tally import ScoreTally, total

Keys = frozenset[Key]
Publication = tuple[Node, Keys]


# The attacker --------------------------------------------------------------------------------


def widths(
    publications: Sequence[Publication], wanted: Keys, *, least: int = 0
) -> dict[tuple[Key, int, str], float]:
    """How wide the attacker's interval is, by cell, publication and count (base or satisfied).

    Known: base and satisfied count of every cell not hidden, the tree, no count below 0, from one
    publication to the next no count falls, and every hidden leaf has at least `least` ratings.
    One program holds two copies of the unknowns for each question, which are independent, and
    makes the sum of all intervals as wide as possible, hence each.
    """
    attack = _Attack(publications, least)
    asked = [
        (cell, time, what)
        for time, (root, hidden) in enumerate(publications)
        for cell in cells(root)
        if cell.key in wanted & hidden
        for what in ("base", "satisfied")
    ]
    if not asked:
        return {}
    rows = [attack.row(*question) for question in asked]
    aim = np.concatenate([sign * row for row in rows for sign in (-1.0, 1.0)])
    copies = 2 * len(asked)
    answer = linprog(
        aim,
        A_eq=attack.copied(attack.equal, copies),
        b_eq=np.tile([right for _, right in attack.equal], copies),
        A_ub=attack.copied(attack.at_most, copies) if attack.at_most else None,
        b_ub=np.tile([right for _, right in attack.at_most], copies) if attack.at_most else None,
        method="highs",
    )
    assert answer.status == 0, answer.message
    parts = (-aim * answer.x).reshape(len(asked), -1).sum(axis=1)
    return {
        (cell.key, time, what): width
        for (cell, time, what), width in zip(asked, parts, strict=True)
    }


class _Attack:
    """The equations of what was published, over satisfied and dissatisfied of every leaf."""

    def __init__(self, publications: Sequence[Publication], least: int) -> None:
        leaves = [leaf.key for leaf in cells(publications[0][0]) if not leaf.children]
        self.place = {key: 2 * index for index, key in enumerate(leaves)}
        self.revision = 2 * len(leaves)
        self.size = self.revision * len(publications)
        self.equal: list[tuple[np.ndarray, int]] = []
        self.at_most: list[tuple[np.ndarray, int]] = []
        for time, (root, hidden) in enumerate(publications):
            for cell in cells(root):
                if cell.key not in hidden:
                    self.equal.append((self.row(cell, time, "base"), cell.tally.base))
                    self.equal.append((self.row(cell, time, "satisfied"), cell.tally.top_two))
                elif not cell.children and least:
                    self.at_most.append((-self.row(cell, time, "base"), -least))
        for later in range(self.revision, self.size):
            grown = np.zeros(self.size)
            grown[[later - self.revision, later]] = 1.0, -1.0
            self.at_most.append((grown, 0))

    def row(self, cell: Node, time: int, what: str) -> np.ndarray:
        row = np.zeros(self.size)
        for leaf in cells(cell):
            if not leaf.children:
                start = time * self.revision + self.place[leaf.key]
                row[start] = 1.0
                row[start + 1] = 1.0 if what == "base" else 0.0
        return row

    @staticmethod
    def copied(rows: list[tuple[np.ndarray, int]], copies: int) -> coo_array:
        return kron(eye_array(copies), coo_array(np.stack([row for row, _ in rows])), "csr")


# Trees ---------------------------------------------------------------------------------------


def cells(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from cells(child)


def leaf(key: Key, satisfied: int, dissatisfied: int = 0) -> Node:
    return Node(key, ScoreTally((dissatisfied, 0, 0, 0, satisfied)))


def parent(key: Key, *children: Node) -> Node:
    return Node(key, total(child.tally for child in children), children)


def grown(node: Node, more: Iterator[tuple[int, int]]) -> Node:
    """The same tree in a later revision, each leaf with some more ratings."""
    if node.children:
        return parent(node.key, *(grown(child, more) for child in node.children))
    satisfied, dissatisfied = next(more)
    return Node(node.key, node.tally + ScoreTally((dissatisfied, 0, 0, 0, satisfied)))


def backwards(node: Node) -> Node:
    return Node(node.key, node.tally, tuple(backwards(child) for child in node.children[::-1]))


_few, _many = st.integers(0, 9), st.integers(0, 60)
_counts = st.one_of(
    st.just((0, 0)),
    st.tuples(_few, st.integers(0, 3)),
    st.tuples(st.integers(0, 2), st.integers(0, 1)),
    st.tuples(_many, st.integers(0, 5)),
    st.tuples(st.integers(0, 1), st.integers(8, 40)),
)


@st.composite
def trees(draw: st.DrawFn) -> Node:
    """A center of one to four areas, of services or of agencies with services."""
    keys = iter(range(1000))

    def inner(level: int) -> Node:
        key = next(keys)
        if level == 0:
            return leaf(key, *draw(_counts))
        number = draw(st.integers(1, 4 if level < 3 else 3))
        flat = level == 2 and draw(st.booleans())
        return parent(key, *(inner(0 if flat else level - 1) for _ in range(number)))

    return inner(draw(st.integers(1, 3)))


@st.composite
def revisions(draw: st.DrawFn) -> tuple[Node, Node]:
    first = draw(trees())
    step = st.one_of(st.just((0, 0)), st.tuples(st.integers(0, 6), st.integers(0, 2)))
    return first, grown(first, iter(lambda: draw(step), None))


def leaves_with_ratings(root: Node) -> int:
    return sum(1 for cell in cells(root) if not cell.children and cell.tally.base)


def enough(root: Node, least: int) -> bool:
    """Whether the root, which is published, leaves room for any protection at all."""
    room = root.tally.base - least * leaves_with_ratings(root)
    return min(room, root.tally.top_two) >= MINIMUM_PROTECTED


def is_whole(root: Node, key: Key) -> bool:
    """Whether a cell is all of the root, as everything else is 0."""
    return next(c for c in cells(root) if c.key == key).tally.base == root.tally.base


def narrow(found: dict[tuple[Key, int, str], float], *roots: Node) -> dict[Key, float]:
    """The intervals that are too narrow, those of cells which are a whole root left out."""
    return {
        key: width
        for (key, time, _), width in found.items()
        if width < MINIMUM_PROTECTED - 1e-6 and not is_whole(roots[time], key)
    }


# What an attacker learns ---------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(trees(), st.sampled_from([0, 1]))
def test_no_hidden_cell_can_be_bounded_closer_than_five_either_way(root: Node, least: int) -> None:
    hidden = hidden_keys(root)
    assume(hidden and enough(root, least))
    assert not narrow(widths([(root, hidden)], hidden, least=least), root)


@settings(max_examples=40, deadline=None)
@given(revisions(), st.sampled_from([0, 1]))
def test_two_revisions_together_do_not_give_a_hidden_cell_away(
    both: tuple[Node, Node], least: int
) -> None:
    first, second = both
    before = hidden_keys(first)
    assume(before and enough(first, least))
    after = hidden_keys(second, hidden_before=before)
    assert before <= after
    found = widths([(first, before), (second, after)], before, least=least)
    assert not narrow(found, first, second)


def test_the_attacker_wins_where_only_small_cells_are_hidden() -> None:
    root = _center(0)
    small = frozenset(cell.key for cell in cells(root) if 0 < cell.tally.base < MINIMUM_BASE)
    recovered = narrow(widths([(root, small)], small), root)
    assert len(recovered) == 8
    assert min(recovered.values()) == pytest.approx(0.0)
    assert not narrow(widths([(root, hidden_keys(root))], frozenset(recovered)), root)


def test_the_attacker_wins_when_a_later_revision_shows_what_an_earlier_one_hid() -> None:
    first = parent("center", leaf("a", 5), leaf("b", 20), leaf("c", 40))
    second = parent("center", leaf("a", 10), leaf("b", 21), leaf("c", 40))
    before = hidden_keys(first)
    assert before == {"a", "b"}
    for after, safe in (
        (hidden_keys(second), False),
        (hidden_keys(second, hidden_before=before), True),
    ):
        found = widths([(first, before), (second, after)], before)
        assert (not narrow(found, first, second)) is safe


def test_the_attacker_wins_who_counts_the_zeros_if_leaves_are_not_taken_off() -> None:
    """Twelve hidden ratings on eleven services, each known to have one: at most two each."""
    ones = [leaf(number, 1) for number in range(10)]
    area = parent("area", leaf("two", 2), *ones, leaf("none", 0))
    root = parent("center", area, leaf("other", 50), leaf("big", 90))
    naive = frozenset(cell.key for cell in cells(area)) - {"area", "none"}
    assert narrow(widths([(root, naive)], naive, least=1), root)
    hidden = hidden_keys(root)
    assert hidden == naive | {"area", "other"}
    assert not narrow(widths([(root, hidden)], hidden, least=1), root)


# The rule ------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(trees())
def test_small_cells_are_hidden_and_empty_ones_are_not(root: Node) -> None:
    hidden = hidden_keys(root)
    assert root.key not in hidden
    for cell in cells(root):
        if cell.key != root.key:
            assert cell.key in hidden or not 0 < cell.tally.base < MINIMUM_BASE
            assert cell.key not in hidden or cell.tally.base
        if cell.key in hidden:
            assert all(below.key in hidden for below in cells(cell) if below.tally.base)


@settings(max_examples=100, deadline=None)
@given(trees())
def test_order_is_of_no_account_and_a_second_time_hides_no_more(root: Node) -> None:
    hidden = hidden_keys(root)
    assert hidden_keys(backwards(root)) == hidden
    assert hidden_keys(root, hidden_before=hidden) == hidden


@settings(max_examples=100, deadline=None)
@given(st.lists(_counts, min_size=2, max_size=7))
def test_no_cheaper_choice_of_siblings_would_do(counts: list[tuple[int, int]]) -> None:
    root = parent("root", *(leaf(index, *pair) for index, pair in enumerate(counts)))
    tallies = {child.key: child.tally for child in root.children if child.tally.base}
    small = {key for key, tally in tallies.items() if tally.base < MINIMUM_BASE}
    costs = [
        sum(tallies[key].base for key in chosen)
        for size in range(len(tallies) + 1)
        for chosen in map(set, combinations(tallies, size))
        if small <= chosen and _covers([tallies[key] for key in chosen])
    ]
    lost = sum(tallies[key].base for key in hidden_keys(root))
    assert lost == (min(costs, default=root.tally.base) if small else 0)


def _covers(members: list[ScoreTally]) -> bool:
    together = total(members)
    room = min(together.base - len(members), together.top_two)
    return len(members) > 1 and room >= MINIMUM_PROTECTED


def test_a_group_of_dissatisfied_takes_a_satisfied_sibling_with_it() -> None:
    angry = [leaf("a", 0, 6), leaf("b", 1, 8)]
    root = parent("center", *angry, leaf("c", 5, 30), leaf("d", 60), leaf("e", 80))
    assert hidden_keys(root) == {"a", "b", "d"}


def test_two_siblings_go_where_they_cost_less_than_one() -> None:
    half = [leaf("b", 6, 6), leaf("c", 5, 7)]
    root = parent("center", leaf("a", 0, 5), *half, leaf("d", 30), leaf("e", 80))
    assert hidden_keys(root) == {"a", "b", "c"}


def test_an_area_that_cannot_protect_itself_is_hidden_with_its_smallest_sibling() -> None:
    angry = parent("angry", leaf("a", 0, 6), leaf("b", 2, 30))
    other = parent("other", leaf("c", 20), leaf("d", 25))
    root = parent("center", angry, other, leaf("e", 90))
    assert hidden_keys(root) == {"angry", "a", "b", "other", "c", "d"}


def test_a_root_that_cannot_protect_its_children_shows_none() -> None:
    root = parent("center", leaf("a", 3, 30), leaf("b", 4, 40), leaf("c", 1, 1), leaf("d", 0))
    assert hidden_keys(root) == {"a", "b", "c"}


def test_what_an_earlier_revision_hid_stays_hidden_with_all_beneath() -> None:
    root = parent("center", parent("a", leaf("b", 40), leaf("c", 50)), leaf("d", 60))
    assert hidden_keys(root) == frozenset()
    assert hidden_keys(root, hidden_before=frozenset({"b"})) == {"b", "c"}
    assert hidden_keys(root, hidden_before=frozenset({"a"})) == {"a", "b", "c", "d"}


def test_a_hidden_cell_that_lost_its_ratings_protects_nobody() -> None:
    root = parent("center", leaf("a", 0), leaf("b", 40), leaf("c", 50), leaf("d", 60))
    assert hidden_keys(root, hidden_before=frozenset({"a", "b"})) == {"a", "b", "c"}


def test_a_tree_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="do not sum"):
        hidden_keys(Node("root", ScoreTally((0, 0, 0, 0, 9)), (leaf("a", 4), leaf("b", 4))))
    with pytest.raises(ValueError, match="occurs twice"):
        hidden_keys(parent("root", parent("a", leaf("b", 4)), leaf("b", 4)))


# What it costs -------------------------------------------------------------------------------


def _center(seed: int, ratings: int = 1800) -> Node:
    """178 services in 12 areas, the last of seven agencies; visits by Zipf's law."""
    rng = np.random.default_rng(seed)
    weights = rng.permutation(1 / np.arange(1, 179))
    bases = rng.multinomial(ratings, weights / weights.sum())
    services = [
        Node(f"service {number:03}", ScoreTally(tuple(map(int, rng.multinomial(base, _SCORES)))))
        for number, base in enumerate(bases)
    ]

    def parts(name: str, of: list[Node], number: int) -> list[Node]:
        cuts = [0, *sorted(rng.choice(np.arange(1, len(of)), number - 1, replace=False)), len(of)]
        return [
            parent(f"{name} {index}", *of[start:end])
            for index, (start, end) in enumerate(pairwise(cuts))
        ]

    areas = parts("area", services[:152], 11)
    return parent("center", *areas, parent("area 11", *parts("agency", services[152:], 7)))


_SCORES = (0.02, 0.02, 0.03, 0.18, 0.75)


def test_protection_costs_few_services_that_have_enough_ratings() -> None:
    """The figures of the method text: means over 100 made-up centers of 1 800 ratings."""
    centers = []
    for seed in range(100):
        root = _center(seed)
        hidden = hidden_keys(root)
        large = [cell for cell in cells(root) if cell.tally.base >= MINIMUM_BASE]
        services = [cell for cell in large if not cell.children]
        lost = [cell for cell in services if cell.key in hidden]
        areas = [area for area in root.children if area in large]
        centers.append(
            (
                len(services),
                len(lost),
                sum(cell.tally.base for cell in lost) / root.tally.base,
                len(areas),
                sum(area.key in hidden for area in areas),
            )
        )
    means, most = np.mean(centers, axis=0), np.max(centers, axis=0)
    assert means == pytest.approx([33.94, 3.37, 0.0535, 10.95, 0.75], abs=1e-3)
    assert most == pytest.approx([40, 8, 0.2894, 12, 2], abs=1e-3)
