"""Do the intervals and limits keep their word: coverage and false alarms, measured.

Run: python -m benchmarks.coverage

Binomial laws are summed exactly for Wilson's interval and the funnel; the rest is simulated from
one seed, so that every run prints the same. The tables stand in docs/method.md. Ends with status
1 when the mean coverage of Wilson or Newcombe leaves 94 to 96 %.
"""

import sys
from collections import Counter

import numpy as np

from analysis.control import funnel_limits, overdispersion, p_chart
from analysis.estimates import newcombe_difference, poststratify, wilson

SEED = 20261101
SHARES = np.linspace(0.5, 0.99, 50)
BASES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
PAIRS = ((20, 30), (50, 80), (100, 100), (200, 1800), (1800, 1800), (5000, 4000))
PROMISE = (0.94, 0.96)


def law(n: int, share: float) -> np.ndarray:
    """P(R = 0), …, P(R = n) of a binomial law, by logarithms of factorials."""
    factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    k = np.arange(n + 1)
    choose = factorial[n] - factorial - factorial[::-1]
    return np.exp(choose + k * np.log(share) + (n - k) * np.log1p(-share))


def wilson_coverage(n: int, shares: np.ndarray = SHARES) -> np.ndarray:
    """Exact probability, for each true share, that the 95 % interval holds it."""
    intervals = [wilson(x, n) for x in range(n + 1)]
    low = np.array([interval.low for interval in intervals])
    high = np.array([interval.high for interval in intervals])
    return np.array([law(n, p)[(low <= p) & (p <= high)].sum() for p in shares])


def newcombe_coverage(
    n1: int, n2: int, rng: np.random.Generator, pairs: int = 40, draws: int = 2000
) -> np.ndarray:
    """For random pairs of true shares, how often the 95 % interval held their difference."""
    held = np.empty(pairs)
    for number, (p1, p2) in enumerate(rng.uniform(0.5, 0.99, (pairs, 2))):
        counts = zip(rng.binomial(n1, p1, draws), rng.binomial(n2, p2, draws), strict=True)
        found = [newcombe_difference(int(x1), n1, int(x2), n2) for x1, x2 in counts]
        held[number] = np.mean([each.low <= p1 - p2 <= each.high for each in found])
    return held


def weighted_coverage(
    rates: tuple[float, float], spread: float, rng: np.random.Generator, months: int = 60
) -> tuple[float, float]:
    """Coverage of the weighted share, and of the raw one, of the share among all people served.

    Eleven areas, unequally visited; response rates between `rates`; the areas' true shares
    within ±spread of 90 %.
    """
    weighted = raw = 0
    draws = 200
    for _ in range(months):
        served = np.maximum(150, rng.dirichlet(np.full(11, 2.0)) * 9000).astype(int)
        rated = np.maximum(10, served * rng.uniform(*rates, 11)).astype(int)
        shares = 0.9 + rng.uniform(-spread, spread, 11)
        truth = float(served @ shares / served.sum())
        for satisfied in rng.binomial(rated, shares, (draws, 11)):
            strata = zip(satisfied.tolist(), rated.tolist(), served.tolist(), strict=True)
            found = poststratify(list(strata))
            plain = wilson(int(satisfied.sum()), int(rated.sum()))
            weighted += found.low <= truth <= found.high
            raw += plain.low <= truth <= plain.high
    return weighted / (months * draws), raw / (months * draws)


def chart_signals(
    months: int,
    share: float,
    rng: np.random.Generator,
    *,
    wobble: float = 0.0,
    drop: float = 0.0,
    ratings: tuple[int, int] = (300, 1800),
    series: int = 10_000,
) -> Counter[str | None]:
    """What the last of `months` months signalled, when it is `drop` lower than the others.

    `wobble` is the standard deviation by which the true share moves from month to month.
    """
    signals: Counter[str | None] = Counter()
    for _ in range(series):
        bases = rng.integers(*ratings, months)
        true = np.clip(share + rng.normal(0, wobble, months), 0, 1)
        true[-1] = max(0.0, true[-1] - drop)
        chart = p_chart(rng.binomial(bases, true).tolist(), bases.tolist())
        signals[chart.points[-1].signal if chart else "no chart"] += 1
    return signals


def funnel_tails(center: float, n: int, level: float) -> tuple[float, float, float]:
    """P(below), P(above), and P(above) had the upper limit been read literally."""
    limits = funnel_limits(center, n, level)
    chances, shares = law(n, center), np.arange(n + 1) / n
    reached = np.cumsum(chances)
    upper = 1 - (1 - level) / 2
    r = min(int(np.searchsorted(reached, upper)), n)
    literal = (r - (reached[r] - upper) / chances[r]) / n
    return (
        chances[shares < limits.low].sum(),
        chances[shares > limits.high].sum(),
        chances[shares > literal].sum(),
    )


def dispersion_found(
    units: int, wobble: float, rng: np.random.Generator, networks: int = 2000
) -> tuple[float, float]:
    """How often over-dispersion was taken for real, and the mean φ returned."""
    found = []
    for _ in range(networks):
        bases = rng.integers(100, 2000, units)
        satisfied = rng.binomial(bases, np.clip(rng.normal(0.9, wobble, units), 0, 1))
        pairs = list(zip(satisfied.tolist(), bases.tolist(), strict=True))
        found.append(overdispersion(pairs, float(satisfied.sum() / bases.sum())))
    return float(np.mean(np.array(found) > 1)), float(np.mean(found))


def print_intervals(rng: np.random.Generator) -> bool:
    """Coverage of the intervals, printed; whether the promise holds."""
    print("Wilson, 95 %: exact coverage over true shares 50–99 %")
    print(f"{'n':>12} {'mean':>7} {'least':>7} {'most':>7}")
    means = []
    for n in BASES:
        held = wilson_coverage(n)
        means.append(held.mean())
        print(f"{n:>12} {held.mean():7.3f} {held.min():7.3f} {held.max():7.3f}")
    wilson_mean = float(np.mean(means))
    print(f"{'all':>12} {wilson_mean:7.3f}\n")
    print("Newcombe, 95 %: simulated coverage over random pairs of shares 50–99 %")
    print(f"{'n1, n2':>12} {'mean':>7} {'least':>7} {'most':>7}")
    means = []
    for n1, n2 in PAIRS:
        held = newcombe_coverage(n1, n2, rng)
        means.append(held.mean())
        print(f"{f'{n1}, {n2}':>12} {held.mean():7.3f} {held.min():7.3f} {held.max():7.3f}")
    newcombe_mean = float(np.mean(means))
    print(f"{'all':>12} {newcombe_mean:7.3f}\n")
    return all(PROMISE[0] <= mean <= PROMISE[1] for mean in (wilson_mean, newcombe_mean))


def print_weighted(rng: np.random.Generator) -> None:
    print("Share among all people served, 11 areas: coverage of the 95 % interval")
    print(f"{'response rates':>16} {'areas 90 % ±':>13} {'weighted':>9} {'raw':>7}")
    for rates, spread in (
        ((0.2, 0.2), 0.05),
        ((0.1, 0.3), 0.05),
        ((0.05, 0.5), 0.05),
        ((0.05, 0.5), 0.09),
    ):
        weighted, raw = weighted_coverage(rates, spread, rng)
        asked = f"{rates[0]:.0%} to {rates[1]:.0%}"
        print(f"{asked:>16} {spread:>13.0%} {weighted:9.3f} {raw:7.3f}")
    print()


def print_chart(rng: np.random.Generator) -> None:
    print("Control chart: signals of the month being judged (300–1,800 ratings a month)")
    print(f"{'months before':>14} {'share':>7} {'wobble':>7} {'drop':>6}", end="")
    print(f" {'below':>7} {'above':>7} {'run':>7}")
    cases = [
        (before, share, wobble, 0.0)
        for wobble in (0.0, 0.02)
        for before in (5, 11, 23)
        for share in (0.9, 0.974)
        if share + 2 * wobble < 1
    ]
    cases += [(11, 0.9, 0.0, 0.03), (11, 0.9, 0.0, 0.05), (11, 0.9, 0.02, 0.05)]
    for before, share, wobble, drop in cases:
        signals = chart_signals(before + 1, share, rng, wobble=wobble, drop=drop)
        below, above, run = (signals[name] / signals.total() for name in ("below", "above", "run"))
        print(f"{before:>14} {share:7.1%} {wobble:7.1%} {drop:6.1%}", end="")
        print(f" {below:7.2%} {above:7.2%} {run:7.2%}")
    print()


def print_funnel(rng: np.random.Generator) -> None:
    print("Funnel: exact chance of a unit of the network's own share to lie outside")
    print(f"{'level':>7} {'center':>7} {'n':>6} {'below':>7} {'above':>7} {'literal above':>14}")
    for level in (0.95, 0.998):
        for center in (0.8, 0.9, 0.974):
            for n in (10, 50, 200, 1000, 5000):
                below, above, literal = funnel_tails(center, n, level)
                print(f"{level:7.1%} {center:7.1%} {n:>6}", end="")
                print(f" {below:7.2%} {above:7.2%} {literal:14.2%}")
    print("\nOver-dispersion: how often taken for real, and the mean φ (100–2,000 ratings a unit)")
    print(f"{'units':>6} {'true spread':>12} {'taken':>7} {'mean φ':>7}")
    for wobble in (0.0, 0.02, 0.05):
        for units in (7, 30, 150):
            taken, phi = dispersion_found(units, wobble, rng)
            print(f"{units:>6} {wobble:12.1%} {taken:7.1%} {phi:7.2f}")


def main() -> int:
    rng = np.random.default_rng(SEED)
    kept = print_intervals(rng)
    print_weighted(rng)
    print_chart(rng)
    print_funnel(rng)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
