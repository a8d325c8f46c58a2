"""Tallies add up, and their figures agree with each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.estimates import MINIMUM_BASE
from analysis.tally import ScoreTally, SentimentCounts, SetAside, change, total

counts = st.tuples(*[st.integers(0, 5000)] * 5)
tallies = st.builds(ScoreTally, counts)


@given(tallies, tallies, tallies)
def test_tallies_add_up_in_any_order(a, b, c):
    assert (a + b) + c == a + (b + c) == sum([c, b, a]) == total([a, c, b])
    assert a + ScoreTally() == a
    assert (a + b).base == a.base + b.base
    assert (a + b).without(b) == a


@given(tallies)
def test_figures_of_a_tally_agree_with_each_other(tally):
    if not tally.base:
        assert tally.mean is None
        assert tally.distribution is None
        assert tally.satisfied.value is None
        return
    assert sum(tally.distribution) == pytest.approx(1)
    assert tally.satisfied.value == pytest.approx(tally.distribution[3] + tally.distribution[4])
    assert 1 <= tally.mean <= 5
    assert tally.satisfied.base == tally.base


def test_a_tally_is_five_counts_of_at_least_nothing():
    for wrong in ((1, 2, 3, 4), (1, 1, 1, 1, -1)):
        with pytest.raises(ValueError, match="five counts"):
            ScoreTally(wrong)
    with pytest.raises(ValueError, match="five counts"):
        ScoreTally((1, 0, 0, 0, 0)).without(ScoreTally((2, 0, 0, 0, 0)))
    with pytest.raises(TypeError):
        ScoreTally() + 1


@given(tallies, tallies)
def test_change_turns_round_with_its_arguments(a, b):
    there, back = change(a, b), change(b, a)
    if min(a.base, b.base) < MINIMUM_BASE:
        assert there.verdict == back.verdict == "not_comparable"
        assert there.difference.value is None
        return
    assert there.difference.value == pytest.approx(-back.difference.value)
    opposite = {"up": "down", "down": "up", "no_clear_change": "no_clear_change"}
    assert back.verdict == opposite[there.verdict]


def test_change_is_called_only_when_the_interval_excludes_nothing():
    month = ScoreTally((0, 0, 20, 0, 80))
    assert change(ScoreTally((0, 0, 10, 0, 90)), month).verdict == "up"
    assert change(ScoreTally((0, 0, 15, 0, 85)), month).verdict == "no_clear_change"
    assert change(ScoreTally((0, 0, 40, 0, 60)), month).verdict == "down"


def test_unassessed_comments_are_not_neutral():
    counts = SentimentCounts(3, 1, 5, 1, not_assessed=7, unread=2)
    assert counts.assessed == 10
    assert counts.total == 19
    assert counts + counts == SentimentCounts(6, 2, 10, 2, 14, 4)


def test_set_aside_counts_its_own_scores():
    with pytest.raises(ValueError, match="fast_run"):
        SetAside("fast_run", 3, ScoreTally((0, 0, 0, 0, 2)))
