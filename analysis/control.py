"""What chance alone may do to a share: funnel limits between units, control charts over time.

Limits here belong to a share that is given (the network's, the months' before); the intervals of
`analysis/estimates.py` belong to a share that was found. docs/method.md gives each formula with
its source, a worked example and its measured false alarms.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import fsum, sqrt
from statistics import fmean, quantiles
from typing import Literal

from analysis.estimates import LEVEL, MINIMUM_BASE, Bounds

#: Fewer earlier periods than this tell too little of how the share varies by itself.
BASELINE_PERIODS = 5
#: So many periods in a row on one side of the center line are a signal (Nelson 1984 asks for
#: nine, the Western Electric handbook of 1956 for eight).
RUN = 8
#: Limits of a control chart lie this many standard deviations off the center line.
SIGMAS = 3
#: Mean range of two values of a standard normal law, 2/√π (d₂ of the quality control tables).
MEAN_RANGE = 1.128
# Outcomes less likely than this, beside the likeliest, change no digit of a tail.
NEGLIGIBLE = 1e-30

Signal = Literal["above", "below", "run"]
FunnelPlace = Literal["inside", "above_95", "above_998", "below_95", "below_998"]
#: The two pairs of funnel limits (Spiegelhalter 2005): beyond the inner one looks, beyond the outer
#: one chance is no explanation.
FUNNEL_LEVELS = (0.95, 0.998)


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One period: its share, the limits it is judged by, and what it signals.

    Share and limits are None together: the period has too few ratings to show a share. `signal`
    is "above" or "below" when the share is beyond a limit, "run" when it is within but the
    eighth or a later one in a row on one side of the center line.
    """

    share: float | None
    low: float | None
    high: float | None
    signal: Signal | None


@dataclass(frozen=True, slots=True)
class ControlChart:
    """Periods in their order, with the center line they are judged by.

    `sigma_z` compares how the share varies from period to period with what chance alone would
    do (1); the limits are widened by it where it is over 1.
    """

    center_line: float
    sigma_z: float
    points: tuple[ControlPoint, ...]


def funnel_limits(
    center_line: float, n: int, level: float = LEVEL, dispersion: float = 1.0
) -> Bounds:
    """The shares that a unit with n ratings may show by chance when its true share is given.

    Exact binomial limits, interpolated between whole counts after Spiegelhalter 2005 (Statistics
    in Medicine 24:1185–1202, A.1.1): with p = (1 − level)/2 and r the smallest count for which
    P(R ≤ r) ≥ p, the lower limit is (r − α)/n, α = (P(R ≤ r) − p) / P(R = r). The upper limit is
    found in the same way from the ratings that are *not* satisfied, so that neither side is
    passed by chance more often than p. (His formula for the upper side is passed by every unit
    without a dissatisfied rating, however small.) Both are moved away from the center line by
    √dispersion (see `overdispersion`) and kept within 0…1. At a center line of 0 or 1 there is
    no chance and no room. A share is remarkable when it lies outside, not when it is equal.

    Raises ValueError for a center line outside 0…1, n < 1, a level not between 0 and 1, or a
    dispersion under 1.
    """
    if not 0 <= center_line <= 1 or n < 1:
        raise ValueError(f"no funnel around {center_line} for {n} ratings")
    if not 0 < level < 1 or dispersion < 1:
        raise ValueError(f"no limits of level {level} with dispersion {dispersion}")
    if center_line in (0, 1):
        return Bounds(center_line, center_line)
    fewest, law = _binomial(center_line, n)
    tail = (1 - level) / 2
    low = (fewest + _interpolated(law, tail)) / n
    high = (fewest + len(law) - 1 - _interpolated(law[::-1], tail)) / n
    reach = sqrt(dispersion)
    return Bounds(
        max(0.0, center_line - reach * (center_line - low)),
        min(1.0, center_line + reach * (high - center_line)),
    )


def place_in_funnel(
    successes: int, n: int, center_line: float, dispersion: float = 1.0
) -> FunnelPlace:
    """On which side of which funnel limits the share successes/n lies."""
    share = successes / n
    inner, outer = (funnel_limits(center_line, n, level, dispersion) for level in FUNNEL_LEVELS)
    if share > inner.high:
        return "above_998" if share > outer.high else "above_95"
    if share < inner.low:
        return "below_998" if share < outer.low else "below_95"
    return "inside"


def _binomial(share: float, n: int) -> tuple[int, list[float]]:
    """The least count worth looking at, and the probabilities of it and those that follow.

    Built outwards from the likeliest count by ratios of neighbours, which keeps every digit where
    factorials would lose them; √n steps each way, so that a million ratings take milliseconds.
    """
    mode = min(n, int((n + 1) * share))
    odds = share / (1 - share)
    below: list[float] = []
    weight, k = 1.0, mode
    while k > 0 and (weight := weight * k / ((n - k + 1) * odds)) > NEGLIGIBLE:
        below.append(weight)
        k -= 1
    above: list[float] = []
    weight, k = 1.0, mode
    while k < n and (weight := weight * (n - k) * odds / (k + 1)) > NEGLIGIBLE:
        above.append(weight)
        k += 1
    weights = [*reversed(below), 1.0, *above]
    total = fsum(weights)
    return mode - len(below), [weight / total for weight in weights]


def _interpolated(law: Sequence[float], tail: float) -> float:
    """Where the running sum of a law reaches `tail`, in steps from its first outcome."""
    reached = list(accumulate(law))
    r = min(bisect_left(reached, tail), len(law) - 1)
    return r - (reached[r] - tail) / law[r]


def overdispersion(units: Sequence[tuple[int, int]], center_line: float) -> float:
    """By how much units vary more than chance allows: Spiegelhalter's φ, at least 1.

    `units` holds (satisfied, ratings); those without ratings take no part. φ is the mean of z²
    with z = (x/n − center) / √(center·(1 − center)/n), after the tenth of largest and the tenth of
    smallest z are drawn in to the outermost deciles, so that one unit that stands apart does not
    widen the funnel that should show it (Spiegelhalter 2005, Statistics in Medicine
    24:1185–1202; Qual. Saf. Health Care 14:347–351). Of I units that differ by chance alone, φ
    has mean 1 and variance 2/I; only a φ above 1 + 2·√(2/I) is taken for real, else 1 is
    returned. Also 1 with fewer than two units, or a center line of 0 or 1.

    Raises ValueError for impossible counts or a center line outside 0…1.
    """
    if not 0 <= center_line <= 1:
        raise ValueError(f"a center line lies between 0 and 1: {center_line}")
    if any(not 0 <= x <= n for x, n in units):
        raise ValueError("a unit cannot have more satisfied ratings than ratings, or fewer than 0")
    rated = [(x, n) for x, n in units if n]
    if len(rated) < 2 or center_line in (0, 1):
        return 1.0
    scores = [_z(x, n, center_line) for x, n in rated]
    deciles = quantiles(scores, n=10, method="inclusive")
    phi = fmean(min(max(z, deciles[0]), deciles[-1]) ** 2 for z in scores)
    return phi if phi > 1 + 2 * sqrt(2 / len(scores)) else 1.0


def p_chart(successes: Sequence[int], bases: Sequence[int]) -> ControlChart | None:
    """Shares over time with the limits within which they vary by themselves.

    The *last* period is the one being judged. Center line and limits therefore come from the
    periods before it only, so that a jump cannot widen the limits that should show it; the
    earlier points are drawn against the same limits, for comparison. Center line: pooled share.
    Limits: center ± 3·σ_z·√(center·(1 − center)/n), within 0…1, with σ_z the mean moving range of
    the periods' z-scores over 1.128 where that is more than 1 (Laney 2002, Quality Engineering
    14:531–537), else 1, which is the plain p-chart (Shewhart 1931).

    Periods with fewer than MINIMUM_BASE ratings have no share, no limits and no part in either,
    and do not interrupt a run. None when fewer than BASELINE_PERIODS earlier periods have enough
    ratings, or all their answers are alike: then nothing is known of how the share varies.
    Raises ValueError for impossible counts or lists of different length.
    """
    periods = list(zip(successes, bases, strict=True))
    if any(not 0 <= x <= n for x, n in periods):
        raise ValueError("a period cannot have more successes than ratings, or fewer than 0")
    baseline = [(x, n) for x, n in periods[:-1] if n >= MINIMUM_BASE]
    if len(baseline) < BASELINE_PERIODS:
        return None
    center_line = sum(x for x, _ in baseline) / sum(n for _, n in baseline)
    if center_line in (0, 1):
        return None
    scores = [_z(x, n, center_line) for x, n in baseline]
    sigma_z = fmean(abs(later - earlier) for earlier, later in pairwise(scores)) / MEAN_RANGE
    reach = SIGMAS * max(1.0, sigma_z) * sqrt(center_line * (1 - center_line))
    points: list[ControlPoint] = []
    run = 0
    for x, n in periods:
        if n < MINIMUM_BASE:
            points.append(ControlPoint(None, None, None, None))
            continue
        share = x / n
        run = _run(run, share - center_line)
        low, high = center_line - reach / sqrt(n), center_line + reach / sqrt(n)
        signal = _signal(share, low, high, run)
        points.append(ControlPoint(share, max(0.0, low), min(1.0, high), signal))
    return ControlChart(center_line, sigma_z, tuple(points))


def _z(x: int, n: int, center_line: float) -> float:
    return (x / n - center_line) / sqrt(center_line * (1 - center_line) / n)


def _run(run: int, distance: float) -> int:
    """The run with one more point: its length, negative below the center line, 0 upon it."""
    if distance == 0:
        return 0
    side = 1 if distance > 0 else -1
    return run + side if run * side > 0 else side


def _signal(share: float, low: float, high: float, run: int) -> Signal | None:
    if share > high:
        return "above"
    if share < low:
        return "below"
    return "run" if abs(run) >= RUN else None
