"""Shares and their uncertainty: intervals, differences, trends, bounds.

Every share in Rəy leaves this module with its interval and its base. Shares are fractions
between 0 and 1; points are fractions too (0.012 is 1.2 points). docs/method.md gives each
formula with its source and a worked example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import erfc, exp, isclose, lgamma, sqrt
from statistics import NormalDist
from typing import Literal

LEVEL = 0.95
#: Under this many ratings no share is shown: it would describe persons, not a service.
MINIMUM_BASE = 10
#: One decimal is printed only when the interval reaches no further than this on either side.
FINE_HALF_WIDTH = 0.005

Verdict = Literal["up", "down", "no_clear_change", "not_comparable"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share, or a difference of shares, with its interval and the ratings behind it.

    `value`, `low` and `high` are None together: nothing is known, because nobody answered
    (base 0) or because so few did that the share is withheld. `base` counts ratings; an
    effective base (weighted shares) is rounded down. `withheld` says that not even the base is
    told, because it would give this cell or another away; it is 0 then.
    """

    value: float | None
    low: float | None
    high: float | None
    base: int
    withheld: bool = False

    def __post_init__(self) -> None:
        known = [bound is not None for bound in (self.value, self.low, self.high)]
        if any(known) != all(known):
            raise ValueError("value, low and high are known together or not at all")
        if self.base < 0:
            raise ValueError(f"a base cannot be negative: {self.base}")

    @property
    def known(self) -> bool:
        return self.value is not None

    @property
    def half_width(self) -> float | None:
        """Half the interval's length, in the unit of the value; None when unknown."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


NOTHING = Estimate(None, None, None, 0)
WITHHELD = Estimate(None, None, None, 0, withheld=True)


@dataclass(frozen=True, slots=True)
class Change:
    """A later share minus an earlier one, and what may be said about it.

    `verdict` is "up" or "down" only when the interval of the difference excludes 0;
    "not_comparable" when either side has fewer than MINIMUM_BASE ratings.
    """

    difference: Estimate
    verdict: Verdict


NOT_COMPARABLE = Change(NOTHING, "not_comparable")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The two ends, 0 ≤ low ≤ high ≤ 1, between which a share may lie."""

    low: float
    high: float


@cache
def normal_quantile(level: float) -> float:
    """The z such that a standard normal lies within ±z with probability `level` (0 < level < 1)."""
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1: {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def _check_counts(successes: int, n: int) -> None:
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a share")


def wilson(successes: float, n: float, level: float = LEVEL) -> Estimate:
    """The share successes/n with its score interval (Wilson 1927, JASA 22:209–212).

    The interval stays inside 0…1 and is never empty, also at 0 and at n of n. `n` may be an
    effective base (Kish), then fractional; the estimate's base is n rounded down. With n = 0
    there is nothing to estimate: NOTHING. Raises ValueError unless 0 ≤ successes ≤ n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a share")
    if n == 0:
        return NOTHING
    z2 = normal_quantile(level) ** 2
    share = successes / n
    middle = (successes + z2 / 2) / (n + z2)
    reach = sqrt(z2) / (n + z2) * sqrt(successes * (n - successes) / n + z2 / 4)
    low = 0.0 if successes == 0 else max(0.0, middle - reach)
    high = 1.0 if successes == n else min(1.0, middle + reach)
    return Estimate(share, low, high, int(n))


def newcombe_difference(x1: int, n1: int, x2: int, n2: int, level: float = LEVEL) -> Estimate:
    """x1/n1 − x2/n2 with its interval (Newcombe 1998, Stat. Med. 17:873–890, method 10).

    The hybrid score interval is built from the two Wilson intervals. Its base is the smaller of
    the two. Either base 0: unknown. Raises ValueError for impossible counts.
    """
    first, second = wilson(x1, n1, level), wilson(x2, n2, level)
    return difference_of(first, second)


def difference_of(first: Estimate, second: Estimate) -> Estimate:
    """The difference first − second of independent shares of one level, by Newcombe's hybrid."""
    base = min(first.base, second.base)
    if first.value is None or first.low is None or first.high is None:
        return Estimate(None, None, None, base)
    if second.value is None or second.low is None or second.high is None:
        return Estimate(None, None, None, base)
    value = first.value - second.value
    down = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    up = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Estimate(value, max(-1.0, value - down), min(1.0, value + up), base)


def verdict_on(difference: Estimate) -> Verdict:
    """What may be said of a difference: a direction only if its interval excludes 0."""
    if difference.low is None or difference.high is None:
        return "not_comparable"
    if difference.low > 0:
        return "up"
    return "down" if difference.high < 0 else "no_clear_change"


def change(x1: int, n1: int, x2: int, n2: int, level: float = LEVEL) -> Change:
    """How a later share x1/n1 differs from an earlier one x2/n2, by Newcombe's interval.

    Fewer than MINIMUM_BASE ratings on either side: not comparable, and no difference is given.
    Raises ValueError for impossible counts.
    """
    difference = newcombe_difference(x1, n1, x2, n2, level)
    if difference.base < MINIMUM_BASE:
        return Change(Estimate(None, None, None, difference.base), "not_comparable")
    return Change(difference, verdict_on(difference))


def bounds(share: float, response_rate: float) -> Bounds:
    """Share among all people served if the silent were all dissatisfied, or all satisfied.

    [p·r, p·r + (1 − r)] (Manski 1989). Raises ValueError when a fraction is outside 0…1.
    """
    if not (0 <= share <= 1 and 0 <= response_rate <= 1):
        raise ValueError("a share and a response rate lie between 0 and 1")
    answered = share * response_rate
    return Bounds(answered, answered + (1 - response_rate))


def response_rate(answered: int, served: int | None) -> float | None:
    """Counted ratings over people served (0…1); None when the visits are unknown or cannot be.

    More ratings than people served means the visits were not counted completely: no rate.
    """
    if not served or answered > served:
        return None
    return answered / served


def difference_p_value(x1: int, n1: int, x2: int, n2: int) -> float:
    """Two-sided p for two shares being one: ranks differences and corrects for looking at many.

    Pooled score test (the uncorrected chi-square, 1 df) where every expected count is at least 5
    (Cochran 1954); Fisher's exact test with the smaller tail doubled elsewhere, because the score
    test cries wolf at small bases and shares near 1. Returns 1 when either base is 0 or all
    answers are alike. What is said of a difference rests on its interval as well.
    """
    _check_counts(x1, n1)
    _check_counts(x2, n2)
    pooled, together = x1 + x2, n1 + n2
    if not n1 or not n2 or pooled in (0, together):
        return 1.0
    if min(pooled, together - pooled) * min(n1, n2) >= 5 * together:
        spread = pooled * (together - pooled) / together**2 * (1 / n1 + 1 / n2)
        return _two_sided((x1 / n1 - x2 / n2) / sqrt(spread))
    return _fisher(x1, n1, pooled, together)


def _fisher(x: int, n: int, marked: int, everything: int) -> float:
    """Twice the smaller tail of the hypergeometric law at x marked among n drawn.

    The law's median is its mean rounded up or down, so the tail away from the mean is the smaller
    one, or both are at least one half. It is summed itself: taken from the whole being 1 it would
    keep no digit once it is small.
    """
    if x * everything >= n * marked:
        return min(1.0, 2 * hypergeometric_tail(x, n, marked, everything))
    return min(1.0, 2 * hypergeometric_tail(n - x, n, everything - marked, everything))


def hypergeometric_tail(x: int, drawn: int, marked: int, everything: int) -> float:
    """P(X ≥ x) of marked ones among those drawn without putting back."""

    def log_choose(whole: int, part: int) -> float:
        return lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)

    if x <= max(0, drawn + marked - everything):
        return 1.0
    constant = log_choose(everything, drawn)
    masses = (
        exp(log_choose(marked, k) + log_choose(everything - marked, drawn - k) - constant)
        for k in range(x, min(drawn, marked) + 1)
    )
    return min(1.0, sum(masses))


def trend_z(successes: Sequence[int], bases: Sequence[int]) -> float:
    """Cochran–Armitage z for a straight trend of shares over equally spaced periods.

    Negative means falling. Periods without ratings weigh nothing. 0 when no trend can be seen
    (fewer than two periods with ratings, or all answers alike). Source: Armitage 1955,
    Biometrics 11:375–386, with the conditional variance N/(N−1) left out.
    """
    if len(successes) != len(bases):
        raise ValueError("as many bases as successes")
    for x, n in zip(successes, bases, strict=True):
        _check_counts(x, n)
    total, pooled = sum(bases), sum(successes)
    if not total or pooled in (0, total):
        return 0.0
    share = pooled / total
    centre = sum(t * n for t, n in enumerate(bases)) / total
    above = sum(
        (t - centre) * (x - n * share)
        for t, (x, n) in enumerate(zip(successes, bases, strict=True))
    )
    spread = share * (1 - share) * sum((t - centre) ** 2 * n for t, n in enumerate(bases))
    return 0.0 if isclose(spread, 0.0, abs_tol=1e-15) else above / sqrt(spread)


def trend_p_value(successes: Sequence[int], bases: Sequence[int]) -> float:
    """Two-sided p of `trend_z`."""
    return _two_sided(trend_z(successes, bases))


def _two_sided(z: float) -> float:
    return erfc(abs(z) / sqrt(2))  # 2Φ(−|z|), exact far out in the tail too


def benjamini_hochberg(p_values: Sequence[float], q: float = 0.05) -> tuple[bool, ...]:
    """Which of many findings stand when at most a share `q` of them may be false.

    Benjamini & Hochberg 1995, JRSS B 57:289–300. Order of the answer is that of `p_values`.
    """
    ranked = sorted(p_values)
    passing = [p for rank, p in enumerate(ranked, 1) if p <= q * rank / len(ranked)]
    limit = max(passing, default=-1.0)
    return tuple(p <= limit for p in p_values)


def poststratify(strata: Sequence[tuple[int, int, int]], level: float = LEVEL) -> Estimate:
    """Share weighted so that every stratum counts as much as the people served in it.

    `strata` holds (satisfied, ratings, served): Σ W·x/n with W the stratum's part of all people
    served (Cochran 1977, 5A.9). The interval is Wilson's on Kish's effective base (Σw)² / Σw²,
    w being people served per rating (Kish 1965, 11.7). Unknown when a stratum with visits has no
    ratings, or nobody was served. Raises ValueError for impossible counts.
    """
    for satisfied, ratings, served in strata:
        _check_counts(satisfied, ratings)
        if served < 0:
            raise ValueError(f"people served cannot be negative: {served}")
    live = [(x, n, served) for x, n, served in strata if served > 0]
    if not live or any(n == 0 for _, n, _ in live):
        return NOTHING
    everyone = sum(served for _, _, served in live)
    share = sum(x / n * served for x, n, served in live) / everyone
    effective = everyone**2 / sum(served**2 / n for _, n, served in live)
    return wilson(min(share, 1.0) * effective, effective, level)


def decimals_for(estimate: Estimate) -> int:
    """1 where the 95 % half-width is at most 0.5 points, else 0: no precision that is not there."""
    half = estimate.half_width
    return 1 if half is not None and half <= FINE_HALF_WIDTH else 0
