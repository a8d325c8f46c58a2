"""What goes with satisfaction: the effect of each driver, and its weight beside the others.

A driver is a thing people name: an option of the questions "what was good" (asked after a 4 or 5)
and "what was not good" (asked after 1 to 3), or a topic of a comment. Its effect is an
*association* of what people name with how satisfied they are. It is not a cause: those who name
waiting are not those who do not, and improving the waiting need not move the share by as much.
As the two lists are asked of different people, an option that stands in one of them alone has
its effect by construction, and says nothing; leave such options out of the counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, count
from math import comb, exp, fsum, lgamma, log, log1p
from typing import TYPE_CHECKING

from analysis.estimates import (
    MINIMUM_BASE,
    NOT_COMPARABLE,
    WITHHELD,
    Change,
    Estimate,
)
from analysis.tally import ScoreTally, changes_among_many

# Numpy is loaded where drivers are weighed, not where a web page counts answers.
if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float64]

#: Under this many answers a joint model says more about chance than about drivers.
MINIMUM_ANSWERS = 50
#: All subsets of the drivers are solved: 4,096 of twelve. Of more, the most often named are taken.
MOST_WEIGHTED = 12
#: The joint model must explain more than chance would in 95 of 100 months.
JOINT_P_VALUE = 0.05
#: What is left of a driver's variance (1) once others are known; less is rounding, not news.
COLLINEAR = 1e-10


@dataclass(frozen=True, slots=True)
class DriverChoice:
    """The ratings that named one driver, by score."""

    code: str
    tally: ScoreTally


@dataclass(frozen=True, slots=True)
class DriverPair:
    """The ratings that named both drivers, by score; first < second. A pair nobody named may be
    left out."""

    first: str
    second: str
    tally: ScoreTally


@dataclass(frozen=True, slots=True)
class DriverCounts:
    """All that is needed of the answers: those who answered, who named what, who named which two.

    `answered` are the ratings that answered the question (named at least one driver).
    """

    answered: ScoreTally
    choices: tuple[DriverChoice, ...]
    pairs: tuple[DriverPair, ...]


@dataclass(frozen=True, slots=True)
class DriverEffect:
    """Those who named a driver against those who answered and did not name it.

    `named` and `others`: their shares satisfied. `effect`: named minus others, as a fraction, an
    association and not a cause. `weight`: the driver's part (0…1) of what all drivers together
    explain; None where nothing can be said.
    """

    code: str
    named: Estimate
    others: Estimate
    effect: Change
    weight: float | None


def driver_effects(counts: DriverCounts) -> tuple[DriverEffect, ...]:
    """The drivers: clear effects first, the largest leading; then the others, most named first.

    An effect is the share satisfied of those who named the driver minus that of those who
    answered without naming it, with Newcombe's interval (1998, method 10). It is "up" or "down"
    if it passes Benjamini–Hochberg over all drivers *and* its interval excludes 0. With fewer
    than MINIMUM_BASE ratings on either side it is not comparable and both shares are withheld.

    The weights are those of Lindeman, Merenda & Gold (1980; Grömping 2007, Am. Stat. 61:139–147),
    which are Shapley's: R² of the linear probability model of "satisfied", shared out by the mean
    gain of each driver over all orders of entry, and divided by the whole, so that they sum to 1.
    The comparable drivers take part, at most MOST_WEIGHTED of them (the most often named); the
    rest have None. All have None under MINIMUM_ANSWERS answers, if all are satisfied or none, or
    if the overall F test gives R² no better than chance (5 %).

    Raises ValueError for counts that cannot be: a choice above those who answered, a pair above
    its choices or below what their sizes force, codes or pairs that repeat, a pair out of order
    or of an unknown driver.
    """
    _check(counts)
    sides = [(choice.tally, counts.answered.without(choice.tally)) for choice in counts.choices]
    weights = _weights(counts)
    effects = [
        DriverEffect(
            choice.code,
            _shown(named, effect),
            _shown(others, effect),
            effect if effect.difference.known else NOT_COMPARABLE,
            weights.get(choice.code),
        )
        for choice, (named, others), effect in zip(
            counts.choices, sides, changes_among_many(sides), strict=True
        )
    ]
    return tuple(sorted(effects, key=_rank))


def _shown(tally: ScoreTally, effect: Change) -> Estimate:
    """A side's share, withheld where the effect is: the other side and the total would give it."""
    return tally.satisfied if effect.difference.known else WITHHELD


def _rank(effect: DriverEffect) -> tuple[bool, float, str]:
    value = effect.effect.difference.value
    if value is not None and effect.effect.verdict in {"up", "down"}:
        return (False, -abs(value), effect.code)
    return (True, -effect.named.base, effect.code)


def _check(counts: DriverCounts) -> None:
    choices = {choice.code: choice.tally for choice in counts.choices}
    if len(choices) != len(counts.choices):
        raise ValueError("a driver stands twice in the counts")
    for code, tally in choices.items():
        if not _within(tally, counts.answered):
            raise ValueError(f"more ratings named {code} than answered")
    if len({(pair.first, pair.second) for pair in counts.pairs}) != len(counts.pairs):
        raise ValueError("a pair of drivers stands twice in the counts")
    for pair in counts.pairs:
        if pair.first >= pair.second or not {pair.first, pair.second} <= choices.keys():
            raise ValueError(f"not a pair of two drivers in order: {pair.first}, {pair.second}")
    both = {(pair.first, pair.second): pair.tally for pair in counts.pairs}
    for first, second in combinations(sorted(choices), 2):
        tally = both.get((first, second), ScoreTally())
        if not (_within(tally, choices[first]) and _within(tally, choices[second])):
            raise ValueError(f"more ratings named both {first} and {second} than one of them")
        if not _within(choices[first] + choices[second], counts.answered + tally):
            raise ValueError(f"too few ratings named both {first} and {second}")


def _within(part: ScoreTally, whole: ScoreTally) -> bool:
    return all(p <= w for p, w in zip(part.counts, whole.counts, strict=True))


def _weights(counts: DriverCounts) -> dict[str, float]:
    """Each driver's part of R²; nothing where nothing can be said."""
    answered = counts.answered
    drivers = _weighable(counts)
    if answered.base < MINIMUM_ANSWERS or answered.top_two in {0, answered.base} or not drivers:
        return {}
    explained, rank = _explained_by_subsets(_correlations(drivers, counts))
    whole = float(explained[-1])
    if _p_value_of_r_squared(whole, rank, answered.base) > JOINT_P_VALUE:
        return {}
    gains = [max(0.0, gain) for gain in _mean_gains(explained, len(drivers))]
    together = fsum(gains)
    return {driver.code: gain / together for driver, gain in zip(drivers, gains, strict=True)}


def _weighable(counts: DriverCounts) -> list[DriverChoice]:
    """The drivers of the joint model: comparable (hence not constant), the most often named."""
    most = counts.answered.base - MINIMUM_BASE
    comparable = [c for c in counts.choices if MINIMUM_BASE <= c.tally.base <= most]
    return sorted(comparable, key=lambda c: (-c.tally.base, c.code))[:MOST_WEIGHTED]


def _correlations(drivers: Sequence[DriverChoice], counts: DriverCounts) -> Matrix:
    """Correlations of the drivers' indicators and, last, of "satisfied".

    Indicators are 0 or 1, so that their products are counts: those who named both. The centred
    products n·Σxy − Σx·Σy are whole numbers, exact up to 90 million ratings.
    """
    import numpy as np

    size = len(drivers)
    products = np.zeros((size + 1, size + 1))
    both = {(pair.first, pair.second): pair.tally.base for pair in counts.pairs}
    for (i, one), (j, other) in combinations(enumerate(drivers), 2):
        pair = min(one.code, other.code), max(one.code, other.code)
        products[i, j] = products[j, i] = both.get(pair, 0)
    for i, driver in enumerate(drivers):
        products[i, i] = driver.tally.base
        products[i, size] = products[size, i] = driver.tally.top_two
    products[size, size] = counts.answered.top_two
    sums = np.diag(products)
    centred = counts.answered.base * products - np.outer(sums, sums)
    spread = np.sqrt(np.diag(centred))
    correlations: Matrix = centred / np.outer(spread, spread)
    return correlations


def _explained_by_subsets(correlations: Matrix) -> tuple[Matrix, int]:
    """R² of the last variable on every subset of the others, and the rank of all of them.

    Subset s holds variable k if bit k of s is set. Variables are taken one by one, for all
    subsets of those before at once: in one half of the subsets the variable is left out, in the
    other the covariances are made conditional on it (a Schur complement). A variable that those
    before it determine adds nothing, which is what a pseudo-inverse would say.
    """
    import numpy as np

    conditional = correlations[np.newaxis]
    rank = 0
    for _ in range(len(correlations) - 1):
        left, column = conditional[:, 0, 0], conditional[:, 0, 1:]
        rest = conditional[:, 1:, 1:]
        usable = left > COLLINEAR
        scale = np.divide(1.0, left, out=np.zeros_like(left), where=usable)
        taken = column[:, :, np.newaxis] * column[:, np.newaxis, :] * scale[:, None, None]
        conditional = np.concatenate([rest, rest - taken])
        rank += int(usable[-1])
    return np.clip(1 - conditional[:, 0, 0], 0.0, 1.0), rank


def _mean_gains(explained: Matrix, drivers: int) -> Iterator[float]:
    """What each driver adds to R², averaged over all orders in which drivers can enter."""
    import numpy as np

    subsets = np.arange(len(explained))
    sizes = np.array([int(subset).bit_count() for subset in subsets])
    orders = np.array([1 / (drivers * comb(drivers - 1, size)) for size in range(drivers)])
    for driver in range(drivers):
        before = subsets[subsets & (1 << driver) == 0]
        gains = (explained[before | 1 << driver] - explained[before]) * orders[sizes[before]]
        # The exact sum does not depend on the machine, so that a report can be recomputed.
        yield fsum(gains.tolist())


def _p_value_of_r_squared(r_squared: float, rank: int, n: int) -> float:
    """The overall F test: p of an R² as large if no driver mattered.

    F = (R²/d₁) / ((1−R²)/d₂) exceeds its value exactly if R², which is Beta(d₁/2, d₂/2) without
    any effect, exceeds its own; d₁ = rank, d₂ = n − rank − 1.
    """
    return beta_upper_tail(r_squared, rank / 2, (n - rank - 1) / 2)


def beta_upper_tail(x: float, a: float, b: float) -> float:
    """P(X > x) for X ~ Beta(a, b): 1 − Iₓ(a, b), the regularised incomplete beta function.

    By its continued fraction (DLMF 8.17.22), on the side of the mean where it converges fast.
    Raises ValueError unless 0 ≤ x ≤ 1 and a, b > 0.
    """
    if not (0 <= x <= 1 and a > 0 and b > 0):
        raise ValueError(f"no beta distribution has such a tail: {x}, {a}, {b}")
    if x in {0.0, 1.0}:
        return 1.0 - x
    front = exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b))
    if x < (a + 1) / (a + b + 2):
        return max(0.0, 1 - front * _continued_fraction(_beta_terms(x, a, b)) / a)
    return min(1.0, front * _continued_fraction(_beta_terms(1 - x, b, a)) / b)


def _beta_terms(x: float, a: float, b: float) -> Iterator[float]:
    """The numerators d₁, d₂, … of DLMF 8.17.22."""
    for m in count():
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        yield (m + 1) * (b - m - 1) * x / ((a + 2 * m + 1) * (a + 2 * m + 2))


def _continued_fraction(numerators: Iterable[float]) -> float:
    """1 / (1 + d₁/(1 + d₂/(1 + …))) from the front (Lentz 1976, Appl. Opt. 15:668–671)."""
    value, upper, lower = 1.0, 1.0, 0.0
    for d in numerators:
        lower = 1 / (1 + d * lower)
        upper = 1 + d / upper
        value *= upper * lower
        if abs(upper * lower - 1) < 1e-15:
            break
    return 1 / value
