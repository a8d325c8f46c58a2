"""Limits of chance against scipy's binomial law, and charts against numpy and made-up months."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.control import (
    BASELINE_PERIODS,
    RUN,
    ControlPoint,
    funnel_limits,
    overdispersion,
    p_chart,
)
from analysis.estimates import MINIMUM_BASE, Bounds
from benchmarks.coverage import chart_signals

LEVELS = st.sampled_from([0.5, 0.8, 0.95, 0.99, 0.998])
CENTERS = st.one_of(st.floats(0.001, 0.999), st.sampled_from([0.5, 0.974, 1e-9, 1 - 1e-9]))
SIZES = st.one_of(st.integers(1, 30), st.integers(1, 10_000))


def interpolated_by_scipy(center, n, tail):
    """Spiegelhalter's lower limit (2005, A.1.1), as printed, with scipy's law."""
    law = stats.binom(n, center)
    r = law.ppf(tail)
    return (r - (law.cdf(r) - tail) / law.pmf(r)) / n


@settings(deadline=None)
@given(CENTERS, SIZES, LEVELS)
def test_funnel_agrees_with_scipy(center, n, level):
    tail = (1 - level) / 2
    ours = funnel_limits(center, n, level)
    assert ours.low == pytest.approx(max(0, interpolated_by_scipy(center, n, tail)), abs=1e-9)
    above = 1 - interpolated_by_scipy(1 - center, n, tail)
    assert ours.high == pytest.approx(min(1, above), abs=1e-9)


@pytest.mark.parametrize("center", [0.5, 0.974])
def test_funnel_agrees_with_scipy_for_a_million_ratings(center):
    ours = funnel_limits(center, 10**6, 0.998)
    assert ours.low == pytest.approx(interpolated_by_scipy(center, 10**6, 0.001), abs=1e-9)
    assert ours.high == pytest.approx(1 - interpolated_by_scipy(1 - center, 10**6, 0.001), abs=1e-9)


@settings(deadline=None)
@given(CENTERS, st.integers(1, 400), LEVELS)
def test_chance_passes_neither_limit_more_often_than_said(center, n, level):
    limits = funnel_limits(center, n, level)
    counts = np.arange(n + 1)
    chances = stats.binom.pmf(counts, n, center)
    tail = (1 - level) / 2 + 1e-9
    assert chances[counts / n < limits.low].sum() <= tail
    assert chances[counts / n > limits.high].sum() <= tail


@settings(deadline=None)
@given(CENTERS, st.integers(1, 2000), LEVELS, st.floats(1, 9))
def test_funnel_holds_its_center_mirrors_and_widens(center, n, level, dispersion):
    limits = funnel_limits(center, n, level)
    assert 0 <= limits.low <= center <= limits.high <= 1
    mirrored = funnel_limits(1 - center, n, level)
    assert mirrored.low == pytest.approx(1 - limits.high, abs=1e-9)
    assert mirrored.high == pytest.approx(1 - limits.low, abs=1e-9)
    surer = funnel_limits(center, n, 0.9999)
    assert surer.low <= limits.low
    assert limits.high <= surer.high
    wider = funnel_limits(center, n, level, dispersion)
    if wider.low > 0:
        assert center - wider.low == pytest.approx(math.sqrt(dispersion) * (center - limits.low))
    if wider.high < 1:
        assert wider.high - center == pytest.approx(math.sqrt(dispersion) * (limits.high - center))
    assert wider.low <= limits.low
    assert limits.high <= wider.high


def test_a_small_unit_without_a_dissatisfied_rating_is_not_remarkable():
    # Of true shares of 97.4 % one unit of 50 ratings in four has none.
    assert funnel_limits(0.974, 50, 0.998).high == 1
    assert funnel_limits(0.974, 1000, 0.998).high < 1


def test_a_funnel_without_chance_has_no_room():
    assert funnel_limits(1.0, 20) == Bounds(1.0, 1.0)
    assert funnel_limits(0.0, 20, dispersion=4) == Bounds(0.0, 0.0)


@pytest.mark.parametrize(
    ("center", "n", "level", "dispersion"),
    [(1.1, 9, 0.95, 1), (-0.1, 9, 0.95, 1), (0.9, 0, 0.95, 1), (0.9, 9, 1, 1), (0.9, 9, 0.95, 0.9)],
)
def test_impossible_funnels_are_refused(center, n, level, dispersion):
    with pytest.raises(ValueError, match=r"no funnel|no limits"):
        funnel_limits(center, n, level, dispersion)


UNITS = st.lists(
    st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=40,
)


@given(UNITS, st.floats(0.05, 0.95))
def test_overdispersion_agrees_with_numpy(units, center):
    x, n = np.array(units).T
    z = (x - n * center) / np.sqrt(n * center * (1 - center))
    drawn_in = np.clip(z, *np.quantile(z, [0.1, 0.9]))
    phi, limit = np.mean(drawn_in**2), 1 + math.sqrt(8 / len(units))
    assume(abs(phi - limit) > 1e-9)
    ours = overdispersion([*units, (0, 0)], center)
    assert ours == pytest.approx(phi if phi > limit else 1, rel=1e-9)
    assert ours == pytest.approx(overdispersion([(n - x, n) for x, n in units], 1 - center))


def test_one_unit_that_stands_apart_does_not_widen_the_funnel():
    ordinary = [(900 + step, 1000) for step in range(-9, 10)]
    assert overdispersion(ordinary, 0.9) == 1
    assert overdispersion([*ordinary, (500, 1000)], 0.9) == 1
    # When most stand apart, that is how these units are.
    assert overdispersion([(900 + 5 * step, 1000) for step in range(-9, 10)], 0.9) > 4


def test_overdispersion_needs_units_and_chance():
    assert overdispersion([], 0.9) == 1
    assert overdispersion([(10, 100)], 0.9) == 1
    assert overdispersion([(10, 100), (100, 100)], 1.0) == 1
    with pytest.raises(ValueError, match="center line"):
        overdispersion([(1, 2), (1, 2)], 1.5)
    with pytest.raises(ValueError, match="more satisfied"):
        overdispersion([(3, 2), (1, 2)], 0.5)


MONTHS = st.lists(
    st.integers(MINIMUM_BASE, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=BASELINE_PERIODS + 1,
    max_size=30,
)


@given(MONTHS)
def test_chart_agrees_with_numpy(months):
    x, n = np.array(months).T
    center = x[:-1].sum() / n[:-1].sum()
    assume(0 < center < 1)
    chance = np.sqrt(center * (1 - center) / n)
    z = ((x / n - center) / chance)[:-1]
    sigma = np.abs(np.diff(z)).mean() / 1.128
    chart = p_chart(x.tolist(), n.tolist())
    assert chart.center_line == pytest.approx(center, abs=1e-9)
    assert chart.sigma_z == pytest.approx(sigma, abs=1e-9)
    reach = 3 * max(1, sigma) * chance
    for point, share, low, high in zip(
        chart.points, x / n, center - reach, center + reach, strict=True
    ):
        assert point.share == pytest.approx(share, abs=1e-9)
        assert point.low == pytest.approx(max(0, low), abs=1e-9)
        assert point.high == pytest.approx(min(1, high), abs=1e-9)
        beyond = "above" if share > high else "below" if share < low else None
        assert point.signal == beyond or (point.signal == "run" and beyond is None)


@given(MONTHS)
def test_chart_of_the_dissatisfied_is_its_mirror(months):
    x, n = zip(*months, strict=True)
    chart = p_chart(x, n)
    mirror = p_chart([base - count for count, base in months], n)
    if chart is None:
        assert mirror is None
        return
    # A share on a limit, or on the center line, may fall on either side of its rounding.
    assume(
        all(
            min(abs(p.share - edge) for edge in (p.low, p.high, chart.center_line)) > 1e-12
            for p in chart.points
        )
    )
    turned = {"above": "below", "below": "above", "run": "run", None: None}
    for here, there in zip(chart.points, mirror.points, strict=True):
        assert there.signal == turned[here.signal]
        assert there.low == pytest.approx(1 - here.high, abs=1e-9)


@given(MONTHS, st.integers(0, 500))
def test_the_month_being_judged_cannot_move_its_own_limits(months, x):
    x1, n1 = zip(*[*months, (x, 500)], strict=True)
    x2, n2 = zip(*[*months, (500 - x, 500)], strict=True)
    one, other = p_chart(x1, n1), p_chart(x2, n2)
    assume(one is not None)
    assert one.points[:-1] == other.points[:-1]
    assert (one.points[-1].low, one.points[-1].high) == (
        other.points[-1].low,
        other.points[-1].high,
    )


def test_a_jump_is_seen_and_a_quiet_month_is_not():
    before = [364, 356, 361, 359, 363, 357]
    bases = [400] * 7
    quiet, fell, rose = (p_chart([*before, last], bases) for last in (352, 340, 380))
    # 0.9 ± 3·√(0.9·0.1/400): the months vary less than chance would have them.
    assert quiet.sigma_z < 1
    assert quiet.points[-1] == ControlPoint(
        0.88, pytest.approx(0.855, abs=1e-9), pytest.approx(0.945, abs=1e-9), None
    )
    assert fell.points[-1].signal == "below"
    assert rose.points[-1].signal == "above"


def test_months_that_always_vary_widen_the_limits():
    # z = ±4 in turn: every moving range is 8.
    chart = p_chart([384, 336] * 4, [400] * 8)
    plain = 3 * math.sqrt(chart.center_line * (1 - chart.center_line) / 400)
    assert chart.sigma_z > 6
    assert chart.points[-1].high == 1
    assert chart.center_line - chart.points[-1].low == pytest.approx(plain * chart.sigma_z)
    assert {point.signal for point in chart.points} == {None}


def test_the_eighth_on_one_side_is_a_run_and_thin_months_do_not_interrupt_it():
    lower, higher = [(355, 400)] * 8, [(365, 400)] * 4
    ended = p_chart(*zip(*higher, *lower[:-1], strict=True))
    assert {point.signal for point in ended.points} == {None}
    chart = p_chart(*zip(*higher, *lower, (355, 400), strict=True))
    assert [point.signal for point in chart.points[-3:]] == [None, "run", "run"]
    thin = [(0, 0), (1, MINIMUM_BASE - 1)]
    with_gaps = p_chart(*zip(*higher, *lower[:5], *thin, *lower[5:], strict=True))
    assert with_gaps.points[9:11] == (ControlPoint(None, None, None, None),) * 2
    assert with_gaps.points[-1].signal == "run"
    back = p_chart(*zip(*higher, *lower[:5], (365, 400), *lower[5:], strict=True))
    assert back.points[-1].signal is None
    assert RUN == 8


def test_a_month_upon_the_center_line_ends_a_run():
    apart = [(365, 400)] * 7 + [(355, 400)] * 7
    unbroken = p_chart(*zip(*apart, (355, 400), strict=True))
    broken = p_chart(*zip(*apart, (360, 400), (355, 400), strict=True))
    assert unbroken.center_line == broken.center_line == 0.9
    assert unbroken.points[-1].signal == "run"
    assert broken.points[-1].signal is None


def test_thin_months_move_no_limit():
    months = [(364, 400), (356, 400), (361, 400), (359, 400), (363, 400), (352, 400)]
    full = p_chart(*zip(*months, strict=True))
    holed = p_chart(*zip(*months[:2], (0, 0), *months[2:4], (1, 9), *months[4:], strict=True))
    assert replace(holed, points=()) == replace(full, points=())
    assert tuple(point for point in holed.points if point.share is not None) == full.points


def test_no_chart_without_enough_months_or_two_opinions():
    assert p_chart([], []) is None
    assert p_chart([90] * BASELINE_PERIODS, [100] * BASELINE_PERIODS) is None
    assert p_chart([90] * 6, [100] * 6) is not None
    assert p_chart([*[90] * 4, 9, 90], [*[100] * 4, 9, 100]) is None
    assert p_chart([100] * 9, [100] * 9) is None
    with pytest.raises(ValueError, match="more successes"):
        p_chart([3], [2])
    with pytest.raises(ValueError, match="shorter"):
        p_chart([3], [])


def test_false_alarms_of_a_quiet_center_are_rare_and_a_fall_is_found():
    rng = np.random.default_rng(5)
    quiet = chart_signals(12, 0.9, rng, series=800)
    assert (quiet["below"] + quiet["above"]) / quiet.total() < 0.01
    fallen = chart_signals(12, 0.9, rng, drop=0.05, series=300)
    assert fallen["below"] / fallen.total() > 0.75
