"""The formulas against independent implementations and published examples."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from analysis.estimates import (
    Estimate,
    benjamini_hochberg,
    bounds,
    decimals_for,
    difference_p_value,
    newcombe_difference,
    poststratified,
    response_rate,
    trend_p_value,
    trend_z,
    verdict_on,
    wilson,
)


@st.composite
def shares(draw, most=20_000):
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


@given(shares(), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(share, level):
    x, n = share
    ours = wilson(x, n, level)
    theirs = stats.binomtest(x, n).proportion_ci(level, method="wilson")
    assert ours.low == pytest.approx(theirs.low, abs=1e-9)
    assert ours.high == pytest.approx(theirs.high, abs=1e-9)
    assert ours.value == x / n


@given(shares())
def test_wilson_is_symmetric_and_holds_its_value(share):
    x, n = share
    one, other = wilson(x, n), wilson(n - x, n)
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert one.low == pytest.approx(1 - other.high)
    assert one.low < one.high


def test_wilson_of_nobody_is_unknown():
    assert wilson(0, 0) == Estimate(None, None, None, 0)
    with pytest.raises(ValueError, match="not a share"):
        wilson(3, 2)


# Newcombe 1998, Statistics in Medicine 17:873, table II, method 10.
@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombe_gives_the_published_intervals(x1, n1, x2, n2, low, high):
    ours = newcombe_difference(x1, n1, x2, n2)
    assert ours.low == pytest.approx(low, abs=6e-5)
    assert ours.high == pytest.approx(high, abs=6e-5)


@given(shares(), shares())
def test_newcombe_agrees_with_the_formula_written_out(first, second):
    (x1, n1), (x2, n2) = first, second
    p1, p2 = x1 / n1, x2 / n2
    one = stats.binomtest(x1, n1).proportion_ci(0.95, method="wilson")
    two = stats.binomtest(x2, n2).proportion_ci(0.95, method="wilson")
    low = p1 - p2 - math.hypot(p1 - one.low, two.high - p2)
    high = p1 - p2 + math.hypot(one.high - p1, p2 - two.low)
    ours = newcombe_difference(x1, n1, x2, n2)
    assert ours.low == pytest.approx(max(-1, low), abs=1e-9)
    assert ours.high == pytest.approx(min(1, high), abs=1e-9)
    assert ours.low <= ours.value <= ours.high
    assert ours.base == min(n1, n2)


def test_a_difference_with_nobody_is_unknown():
    difference = newcombe_difference(0, 0, 3, 4)
    assert not difference.known
    assert verdict_on(difference) == "not_comparable"


def test_bounds_of_the_published_claim():
    # 97.4 % among the 20 % who answered: 19.5 to 99.5 % of all people served.
    found = bounds(0.974, 0.20)
    assert found.low == pytest.approx(0.1948)
    assert found.high == pytest.approx(0.9948)


@given(st.floats(0, 1), st.floats(0, 1))
def test_bounds_hold_the_share_and_are_as_wide_as_the_silence(share, rate):
    found = bounds(share, rate)
    assert found.high - found.low == pytest.approx(1 - rate)
    assert found.low - 1e-12 <= share * rate + (1 - rate) * share <= found.high + 1e-12


def test_response_rate_is_unknown_rather_than_impossible():
    assert response_rate(20, 100) == 0.2
    assert response_rate(20, None) is None
    assert response_rate(20, 0) is None
    assert response_rate(120, 100) is None


@given(shares(400), shares(400))
def test_p_value_is_the_score_test_or_fishers(first, second):
    (x1, n1), (x2, n2) = first, second
    assume(0 < x1 + x2 < n1 + n2)
    table = [[x1, n1 - x1], [x2, n2 - x2]]
    ours = difference_p_value(x1, n1, x2, n2)
    if stats.contingency.expected_freq(table).min() >= 5:
        theirs = stats.chi2_contingency(table, correction=False).pvalue
    else:
        tails = [stats.fisher_exact(table, side).pvalue for side in ("less", "greater")]
        theirs = min(1, 2 * min(tails))
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-9)


def test_p_value_of_nothing_to_compare_is_one():
    assert difference_p_value(0, 0, 3, 5) == 1
    assert difference_p_value(5, 5, 7, 7) == 1


def test_trend_is_the_linear_by_linear_association():
    # z² of the Cochran–Armitage test is N·r² for scores and answers (Agresti 2013, 5.3.5).
    satisfied, bases = [48, 45, 40, 41, 33, 30], [50, 50, 50, 52, 48, 50]
    months = [t for t, n in enumerate(bases) for _ in range(n)]
    answers = [int(k < x) for x, n in zip(satisfied, bases, strict=True) for k in range(n)]
    r = stats.pearsonr(months, answers).statistic
    assert trend_z(satisfied, bases) == pytest.approx(r * math.sqrt(sum(bases)))
    assert trend_z(satisfied, bases) < 0
    assert trend_p_value(satisfied, bases) == pytest.approx(
        2 * stats.norm.sf(abs(trend_z(satisfied, bases)))
    )


def test_no_trend_without_two_months_or_two_opinions():
    assert trend_z([3, 0], [5, 0]) == 0
    assert trend_z([5, 7], [5, 7]) == 0
    assert trend_z([], []) == 0


@given(st.lists(st.floats(0, 1), max_size=40), st.sampled_from([0.01, 0.05, 0.2]))
def test_benjamini_hochberg_agrees_with_scipy(p_values, q):
    ours = benjamini_hochberg(p_values, q)
    if p_values:
        adjusted = stats.false_discovery_control(p_values)
        # Where the adjusted value is q to the last bit, either answer is right.
        for mine, theirs in zip(ours, adjusted, strict=True):
            assert mine == (theirs <= q) or theirs == pytest.approx(q, rel=1e-12)
    else:
        assert ours == ()


def test_poststratified_equals_the_raw_share_when_all_answer_alike():
    even = poststratified([(90, 100, 500), (45, 50, 250)])
    assert even.value == pytest.approx(0.9)
    assert even.base == 150  # equal weights: nothing of the base is lost


def test_poststratified_weighs_by_people_served_and_pays_with_its_base():
    uneven = poststratified([(90, 100, 900), (10, 50, 100)])
    assert uneven.value == pytest.approx(0.9 * 0.9 + 0.1 * 0.2)
    assert uneven.base == int(1000**2 / (900**2 / 100 + 100**2 / 50))
    assert not poststratified([(9, 10, 100), (0, 0, 50)]).known
    assert not poststratified([]).known


def test_one_decimal_only_where_the_interval_allows_it():
    assert decimals_for(wilson(3896, 4000)) == 1
    assert decimals_for(wilson(1765, 1812)) == 0
    assert decimals_for(Estimate(None, None, None, 3)) == 0


@pytest.mark.parametrize("n", [50, 200, 1800])
def test_coverage_of_the_interval_is_its_level(n):
    """Exact coverage summed over all outcomes, averaged over shares from 50 to 99 %."""
    intervals = [wilson(x, n) for x in range(n + 1)]
    shares_asked = [0.5 + 0.49 * k / 60 for k in range(61)]
    coverage = [
        sum(
            stats.binom.pmf(x, n, share)
            for x, interval in enumerate(intervals)
            if interval.low <= share <= interval.high
        )
        for share in shares_asked
    ]
    assert 0.94 <= sum(coverage) / len(coverage) <= 0.96
    assert min(coverage) > 0.9
