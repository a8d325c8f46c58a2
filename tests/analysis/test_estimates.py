"""The formulas against independent implementations and published examples."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis.estimates import (
    MINIMUM_BASE,
    Estimate,
    benjamini_hochberg,
    bounds,
    change,
    decimals_for,
    difference_p_value,
    hypergeometric_tail,
    newcombe_difference,
    poststratify,
    response_rate,
    trend_p_value,
    trend_z,
    verdict_on,
    wilson,
)
from benchmarks.coverage import newcombe_coverage, wilson_coverage

LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.998])


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


@st.composite
def sized_shares(draw):
    """Of one rating or of a billion, with nobody, somebody or everybody satisfied."""
    n = draw(st.one_of(st.integers(1, 12), st.integers(1, 20_000), st.integers(10**8, 10**9)))
    x = draw(st.one_of(st.just(0), st.just(n), st.just(1), st.just(n - 1), st.integers(0, n)))
    return x, n


@given(sized_shares(), LEVELS)
def test_wilson_agrees_with_statsmodels_at_any_size(share, level):
    x, n = share
    ours = wilson(x, n, level)
    low, high = proportion_confint(x, n, alpha=1 - level, method="wilson")
    assert ours.low == pytest.approx(low, abs=1e-9)
    assert ours.high == pytest.approx(high, abs=1e-9)


@given(sized_shares(), LEVELS)
def test_wilson_moves_with_what_is_known(share, level):
    x, n = share
    ours = wilson(x, n, level)
    if x < n:
        better = wilson(x + 1, n, level)
        assert better.low >= ours.low
        assert better.high >= ours.high
    more = wilson(3 * x, 3 * n, level)
    assert more.high - more.low < ours.high - ours.low
    surer = wilson(x, n, 0.999)
    assert surer.low <= ours.low <= ours.high <= surer.high


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


@given(sized_shares(), sized_shares(), LEVELS)
def test_newcombe_agrees_with_statsmodels_at_any_size(first, second, level):
    (x1, n1), (x2, n2) = first, second
    ours = newcombe_difference(x1, n1, x2, n2, level)
    low, high = confint_proportions_2indep(
        x1, n1, x2, n2, method="newcomb", compare="diff", alpha=1 - level
    )
    assert ours.low == pytest.approx(max(-1, low), abs=1e-9)
    assert ours.high == pytest.approx(min(1, high), abs=1e-9)


@given(sized_shares(), sized_shares())
def test_newcombe_mirrors_and_moves_with_what_is_known(first, second):
    (x1, n1), (x2, n2) = first, second
    ours = newcombe_difference(x1, n1, x2, n2)
    turned = newcombe_difference(x2, n2, x1, n1)
    complement = newcombe_difference(n2 - x2, n2, n1 - x1, n1)
    for other, low, high in (
        (turned, -ours.high, -ours.low),
        (complement, ours.low, ours.high),
    ):
        assert other.low == pytest.approx(low, abs=1e-12)
        assert other.high == pytest.approx(high, abs=1e-12)
    if x1 < n1:
        better = newcombe_difference(x1 + 1, n1, x2, n2)
        assert better.low >= ours.low - 1e-15
        assert better.high >= ours.high - 1e-15
    more = newcombe_difference(3 * x1, 3 * n1, 3 * x2, 3 * n2)
    assert more.high - more.low < ours.high - ours.low
    surer = newcombe_difference(x1, n1, x2, n2, 0.999)
    assert surer.low <= ours.low <= ours.high <= surer.high


@given(shares(400), shares(400))
def test_a_change_is_called_where_statsmodels_interval_excludes_nothing(first, second):
    (x1, n1), (x2, n2) = first, second
    found = change(x1, n1, x2, n2)
    assert found.difference.base == min(n1, n2)
    if min(n1, n2) < MINIMUM_BASE:
        assert found.verdict == "not_comparable"
        assert not found.difference.known
        return
    low, high = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb", compare="diff")
    assume(min(abs(low), abs(high)) > 1e-9)
    assert found.verdict == ("up" if low > 0 else "down" if high < 0 else "no_clear_change")


def test_a_change_is_surer_at_a_lower_level():
    assert change(90, 100, 84, 100).verdict == "no_clear_change"
    assert change(90, 100, 84, 100, level=0.6).verdict == "up"
    assert change(0, 0, 84, 100).verdict == "not_comparable"
    assert change(0, MINIMUM_BASE - 1, 84, 100).verdict == "not_comparable"
    assert change(0, MINIMUM_BASE, 84, 100).verdict == "down"
    with pytest.raises(ValueError, match="not a share"):
        change(9, 8, 0, 5)


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


@st.composite
def drawn(draw):
    everything = draw(st.integers(1, 400))
    taken, marked = draw(st.integers(0, everything)), draw(st.integers(0, everything))
    lowest, highest = max(0, taken + marked - everything), min(taken, marked)
    return draw(st.integers(lowest, highest)), taken, marked, everything


@given(drawn())
def test_the_hypergeometric_tail_agrees_with_scipy(case):
    x, taken, marked, everything = case
    table = [[x, taken - x], [marked - x, everything - taken - marked + x]]
    theirs = stats.fisher_exact(table, alternative="greater").pvalue
    assert hypergeometric_tail(*case) == pytest.approx(theirs, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2"),
    [(25, 100, 1, 99_900), (12, 60, 1, 10**6), (75, 100, 99_899, 99_900), (0, 30, 99_998, 100_000)],
)
def test_a_tiny_p_value_of_fishers_keeps_its_digits(x1, n1, x2, n2):
    law = stats.hypergeom(n1 + n2, x1 + x2, n1)
    theirs = 2 * min(law.cdf(x1), law.sf(x1 - 1))
    assert difference_p_value(x1, n1, x2, n2) == pytest.approx(theirs, rel=1e-6, abs=0)


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


@given(st.lists(shares(60), min_size=2, max_size=12))
def test_trend_agrees_with_numpys_correlation(months):
    satisfied, bases = zip(*months, strict=True)
    assume(0 < sum(satisfied) < sum(bases))
    when = np.repeat(np.arange(len(bases)), bases)
    answers = np.concatenate([np.arange(n) < x for x, n in months])
    r = np.corrcoef(when, answers)[0, 1]
    assert trend_z(satisfied, bases) == pytest.approx(r * math.sqrt(sum(bases)), abs=1e-9)


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


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_benjamini_hochberg_agrees_with_statsmodels_in_any_order(p_values, random):
    ours = benjamini_hochberg(p_values)
    theirs, adjusted, *_ = multipletests(p_values, alpha=0.05, method="fdr_bh")
    assume(all(abs(p - 0.05) > 1e-12 for p in adjusted))
    assert list(ours) == theirs.tolist()
    order = list(range(len(p_values)))
    random.shuffle(order)
    shuffled = benjamini_hochberg([p_values[k] for k in order])
    assert shuffled == tuple(ours[k] for k in order)


@given(
    st.lists(st.tuples(shares(500), st.integers(1, 10**6)), min_size=1, max_size=12),
    LEVELS,
)
def test_poststratify_agrees_with_a_weight_on_every_rating(areas, level):
    """Each rating weighs served/ratings of its area; fractions, so that nothing is rounded."""
    weights = [Fraction(served, n) for (_, n), served in areas]
    total = sum(w * n for w, ((_, n), _) in zip(weights, areas, strict=True))
    share = sum(w * x for w, ((x, _), _) in zip(weights, areas, strict=True)) / total
    squares = sum(w * w * n for w, ((_, n), _) in zip(weights, areas, strict=True))
    effective = total**2 / squares
    ours = poststratify([(x, n, served) for (x, n), served in areas], level)
    low, high = proportion_confint(
        float(share * effective), float(effective), alpha=1 - level, method="wilson"
    )
    assert ours.value == pytest.approx(float(share), abs=1e-9)
    assert ours.low == pytest.approx(low, abs=1e-9)
    assert ours.high == pytest.approx(high, abs=1e-9)
    # Where it is a whole number, rounding may take the last one off.
    assert int(effective) - 1 <= ours.base <= int(effective) <= sum(n for (_, n), _ in areas)


@pytest.mark.parametrize("stratum", [(3, 2, 10), (-1, 2, 10), (1, 2, -10)])
def test_poststratify_refuses_impossible_counts(stratum):
    with pytest.raises(ValueError, match=r"not a share|negative"):
        poststratify([(90, 100, 900), stratum])


def test_poststratify_equals_the_raw_share_when_all_answer_alike():
    even = poststratify([(90, 100, 500), (45, 50, 250)])
    assert even.value == pytest.approx(0.9)
    assert even.base == 150  # equal weights: nothing of the base is lost


def test_poststratify_weighs_by_people_served_and_pays_with_its_base():
    uneven = poststratify([(90, 100, 900), (10, 50, 100)])
    assert uneven.value == pytest.approx(0.9 * 0.9 + 0.1 * 0.2)
    assert uneven.base == int(1000**2 / (900**2 / 100 + 100**2 / 50))
    assert not poststratify([(9, 10, 100), (0, 0, 50)]).known
    assert not poststratify([]).known


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


def test_coverage_of_the_difference_is_its_level():
    rng = np.random.default_rng(5)
    held = [
        newcombe_coverage(n1, n2, rng, pairs=20, draws=250).mean()
        for n1, n2 in ((50, 80), (200, 1800), (1800, 1800))
    ]
    assert 0.94 <= sum(held) / len(held) <= 0.96


def test_mean_coverage_over_small_and_large_bases_is_the_level():
    held = [wilson_coverage(n, np.linspace(0.5, 0.99, 15)).mean() for n in (10, 30, 1000)]
    assert 0.94 <= sum(held) / len(held) <= 0.96
