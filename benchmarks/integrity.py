"""What the integrity tests find, what they miss, and how often they accuse a clean tablet.

Run: python -m benchmarks.integrity [--days 400000] [--plants 2000] [--seed 5] [--processes 2]

A clean tablet-day is made up to be harder than the tests assume: rush hours, hours that differ
by chance, counters that please more or less, families who rate one after another and mostly
alike, response rates that vary from hour to hour, and the tablet's cooldown. There are days in a
hall, quiet days, days at a single counter with a queue, and hard ones in a hall.
Promised: at most 1.5e-4 false alarms of all tests together per clean tablet-day, its upper 95 %
bound included; 8 presses at 6 to 10 s found in 99 %, the lower bound included.

The days are made in parts with a seed each: the figures are the same with any number of processes.
"""

import argparse
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import exp

import numpy as np

from analysis.estimates import wilson
from analysis.hard_rules import Press
from analysis.integrity import FALSE_DISCOVERY, SELF_HOLDING_P, busy_window, fast_run, regular_gaps
from analysis.integrity_months import (
    channel_divergence,
    similar_answers,
    turnout_coupling,
    voiding_asymmetry,
)
from analysis.tally import ScoreTally

OPENS, HOURS = 9, 9
#: Visitors by hour from nine, relative to the mean.
PROFILE = np.array((1.25, 1.75, 1.6, 1.1, 0.5, 0.95, 1.15, 0.85, 0.4))
#: Part of the visitors who rate that have company which rates next; of those, who bring a third,
#: and of these a fourth.
PAIRS, MORE = 0.20, 0.10
#: Counters whose visitors rate on one tablet in a hall, at most.
COUNTERS = 6
#: Scores 1 to 5.
SCORES = np.array((0.010, 0.008, 0.012, 0.220, 0.750))
WORKING_DAYS = 22
#: Days that are made with one seed.
PART = 2_000


@dataclass
class Day:
    """A tablet's day: when it was pressed, with what score, and who was served in each hour."""

    times: np.ndarray
    scores: np.ndarray
    visits: dict[int, int]

    def presses(self):
        rows = zip(self.times.tolist(), self.scores.tolist(), strict=True)
        return [Press(str(number), at, score, number) for number, (at, score) in enumerate(rows)]


def clean_day(rng, mean=None, hard=False):
    """One day in a hall of `mean` ratings on average; without it 60 to 120, on one day in ten up
    to 200.

    On a hard day twice as many come in company, and a crowd comes: a quarter of an hour at three
    times the visitors.
    """
    pairs = 2 * PAIRS if hard else PAIRS
    if mean is None:
        mean = rng.uniform(120, 180) if rng.random() < 0.1 else rng.uniform(60, 120)
    response = rng.uniform(0.15, 0.35)
    # Quarters of an hour differ by chance. Who came together leaves over three quarters, because
    # visits last about 20 minutes and not all the same.
    crowd = np.repeat(PROFILE, 4) / 4 * rng.gamma(8, 1 / 8, HOURS * 4)
    if hard:
        crowd[rng.integers(HOURS * 4)] *= 3
    crowd = np.convolve(np.concatenate((crowd[:1], crowd, crowd[-1:])), (0.25, 0.5, 0.25), "valid")
    served = rng.poisson(crowd * mean / HOURS / response)
    spread = 1 / 0.02 - 1
    readiness = rng.beta(response * spread, (1 - response) * spread, HOURS)
    arrivals = rng.binomial(served, leading(np.repeat(readiness, 4), pairs))
    times = 900 * (np.repeat(np.arange(HOURS * 4), arrivals) + rng.random(arrivals.sum()))
    visits = served.reshape(HOURS, 4).sum(axis=1)
    return rated(rng, times, visits, pairs, rng.integers(1, COUNTERS + 1))


def quiet_day(rng):
    """A day in a hall with hardly anybody: 5 to 40 ratings on average."""
    return clean_day(rng, rng.uniform(5, 40))


def counter_day(rng):
    """A day at one counter with a queue from morning to evening: its visitors come out one after
    another, which is the steadiest that people come.

    A service takes 4 to 8 minutes on average with a coefficient of variation of 0.5, and of those
    served 20 to 60 % rate.
    """
    mean = rng.uniform(240, 480)
    ends = np.cumsum(rng.gamma(4, mean / 4, int(1.5 * HOURS * 3600 / mean)))
    ends = ends[ends < HOURS * 3600]
    stays = rng.random(len(ends)) < leading(rng.uniform(0.2, 0.6), PAIRS)
    times = ends[stays] + rng.gamma(2, 5, stays.sum())
    return rated(rng, times, np.bincount((ends // 3600).astype(int), minlength=HOURS), PAIRS, 1)


def leading(response, pairs):
    """The part of the visitors that comes first to the tablet: company is served too."""
    return response / (1 + pairs * (1 + MORE * (1 + MORE)))


def rated(rng, times, visits, pairs, counters):
    """The day on which visitors of so many counters come to the tablet at these times."""
    # One day is better than another, and one counter better than another.
    levels = np.cumsum(rng.dirichlet(SCORES * 150, counters), axis=1)[:, :-1]
    times, scores = with_company(rng, times, levels, pairs)
    return Day(
        one_at_a_time(rng, times) + OPENS * 3600,
        scores,
        dict(enumerate(visits.tolist(), OPENS)),
    )


def score(rng, levels, count):
    """Scores of so many visitors, each of any of the counters; `levels` are their cut points."""
    of_counter = levels[rng.integers(len(levels), size=count)]
    return 1 + (rng.random(count)[:, None] > of_counter).sum(axis=1)


def with_company(rng, times, levels, pairs):
    """When and how visitors and their company rate: it comes right after, alike in 85 of 100."""
    scores = score(rng, levels, len(times))
    for chance in (pairs, pairs * MORE, pairs * MORE**2):
        chosen = np.flatnonzero(rng.random(len(times)) < chance)
        later = times[chosen] + 6 + rng.gamma(2, 5, len(chosen))
        is_alike = rng.random(len(chosen)) < 0.85
        own = score(rng, levels, len(chosen))
        times = np.concatenate((times, later))
        scores = np.concatenate((scores, np.where(is_alike, scores[chosen], own)))
    order = np.argsort(times, kind="stable")
    return times[order], scores[order]


def one_at_a_time(rng, times):
    """Nobody can press before the page is open again and they have stepped up to it."""
    pause = 6 + rng.gamma(2, 1.5, len(times))
    before = np.concatenate(([0.0], np.cumsum(pause)[:-1])) if len(times) else pause
    return np.maximum.accumulate(times - before) + before


def planted(rng, day, gaps, together=True):
    """The day with presses of 5 added: at these gaps from some moment on, or spread over it.

    The page is closed for 6 s around each, so who wanted to press just then did not.
    """
    if together:
        start = OPENS * 3600 + rng.uniform(0, HOURS * 3600 - gaps.sum())
        added = start + np.concatenate(([0.0], np.cumsum(gaps)))
    else:
        added = OPENS * 3600 + np.sort(rng.uniform(0, HOURS * 3600, len(gaps) + 1))
    free = np.abs(day.times[:, None] - added).min(axis=1) >= 6
    times = np.concatenate((day.times[free], added))
    order = np.argsort(times, kind="stable")
    scores = np.concatenate((day.scores[free], np.full(len(added), 5)))
    return Day(times[order], scores[order], day.visits)


def stuffed(gaps, together=True, mean=None):
    """Makes a clean day with presses of 5 added; `gaps` draws or gives the seconds between."""

    def make(rng):
        day = clean_day(rng, mean)
        return planted(rng, day, gaps(rng), together)

    return make


SCENARIOS = {
    "8 presses at 6-10 s": stuffed(lambda rng: rng.uniform(6, 10, 7)),
    "12 presses at 20-40 s": stuffed(lambda rng: rng.uniform(20, 40, 11)),
    "20 presses at 45-90 s": stuffed(lambda rng: rng.uniform(45, 90, 19)),
    "25 presses over the day": stuffed(lambda _: np.zeros(24), together=False),
    "20 presses every 30 s": stuffed(lambda _: np.full(19, 30.0)),
    "60 presses every 90 s": stuffed(lambda _: np.full(59, 90.0)),
    "60 at 6.2-10 s, 15 a day": stuffed(lambda rng: rng.uniform(6.2, 10, 59), mean=15),
}
CLEAN = {
    "in a hall": clean_day,
    "quiet": quiet_day,
    "at one counter with a queue": counter_day,
}
HARD = {"hard, in a hall": partial(clean_day, hard=True)}
MAKERS = CLEAN | HARD | SCENARIOS
DAY_TESTS = {
    "T1 fast_run": lambda _, presses: fast_run(presses),
    "T2 busy_window": lambda day, presses: busy_window(presses, day.visits),
    "T3 regular_gaps": lambda _, presses: regular_gaps(presses),
}
TOGETHER = "all three"


def upper_bound(events, trials, level=0.95):
    """The rate at which so few events would be seen with chance 1 − level (Poisson, one-sided)."""
    low, high = 0.0, events + 20.0
    for _ in range(60):
        middle = (low + high) / 2
        term = total = exp(-middle)
        for number in range(1, events + 1):
            term *= middle / number
            total += term
        low, high = (middle, high) if total > 1 - level else (low, middle)
    return high / trials


def of_part(kind, days, seed):
    """On how many of so many days each test alarms, and on how many it holds by itself."""
    rng = np.random.default_rng(seed)
    alarms, holds = Counter(), Counter()
    for _ in range(days):
        day = MAKERS[kind](rng)
        presses = day.presses()
        found = {name: test(day, presses) for name, test in DAY_TESTS.items()}
        p_values = {name: each.p_value for name, each in found.items() if each}
        if p_values:
            p_values[TOGETHER] = min(p_values.values())
        alarms.update(p_values.keys())
        holds.update(name for name, p_value in p_values.items() if p_value < SELF_HOLDING_P)
    return alarms, holds


def of_days(pool, kind, days, seed):
    """`of_part`, of all the parts of these days; each kind of day has its own seeds."""
    parts = [min(PART, days - done) for done in range(0, days, PART)]
    family = np.random.SeedSequence([seed, list(MAKERS).index(kind)])
    alarms, holds = Counter(), Counter()
    for some, held in pool.map(of_part, [kind] * len(parts), parts, family.spawn(len(parts))):
        alarms.update(some)
        holds.update(held)
    return alarms, holds


def print_clean(pool, days, seed):
    """False alarms on clean days, of each kind and of all clean ones, and on hard ones."""
    counts = {"in a hall": days, **dict.fromkeys(list(CLEAN)[1:] + list(HARD), days // 4)}
    told = {kind: (count, *of_days(pool, kind, count, seed)) for kind, count in counts.items()}
    alarms, holds = Counter(), Counter()
    for kind in CLEAN:
        alarms.update(told[kind][1])
        holds.update(told[kind][2])
    told["clean, of every kind"] = (sum(counts[kind] for kind in CLEAN), alarms, holds)
    print("false alarms on tablet-days: rate (upper 95 % bound), held by itself")
    for kind, (count, alarms, holds) in told.items():
        print(f"{count:,} {kind}")
        for name in (*DAY_TESTS, TOGETHER):
            events = alarms[name]
            rate, bound = events / count, upper_bound(events, count)
            print(f"  {name:18}{events:4}  {rate:.1e} (< {bound:.1e}){holds[name]:4}")


def print_stuffed(pool, plants, seed):
    """What is found of each plant; of the first, the promised one, on five times as many days."""
    print("\nstuffed tablet-days: found (held by itself), found by any with its 95 % interval")
    print(f"  {'':26}" + "".join(f"{name:>19}" for name in DAY_TESTS))
    for number, kind in enumerate(SCENARIOS):
        days = plants if number else 5 * plants
        alarms, holds = of_days(pool, kind, days, seed)
        cells = (f"{alarms[test] / days:9.1%} ({holds[test] / days:6.1%})" for test in DAY_TESTS)
        found = wilson(alarms[TOGETHER], days)
        print(
            f"  {kind:26}"
            + "".join(f"{cell:>19}" for cell in cells)
            + f"{found.value:9.2%} ({found.low:.2%} to {found.high:.2%}) of {days:,}"
        )


def month_of_days(rng, stuffed_days=(), part=0.0):
    """A tablet's month as (answered, satisfied, served), some days stuffed by `part`."""
    days = []
    for number in range(WORKING_DAYS):
        served = rng.poisson(rng.uniform(300, 500))
        answered = rng.binomial(served, rng.beta(0.25 * 300, 0.75 * 300))
        satisfied = rng.binomial(answered, rng.beta(0.97 * 300, 0.03 * 300))
        added = round(answered * part) if number in stuffed_days else 0
        days.append((answered + added, satisfied + added, served))
    return days


def tally(satisfied, dissatisfied):
    return ScoreTally((0, 0, int(dissatisfied), 0, int(satisfied)))


def channel_months(rng, last=0.0, always=0.0):
    """Seven months of tablet and QR, the level moving; stuffed by a part, last or always."""
    months = []
    for number in range(7):
        level = rng.beta(0.96 * 800, 0.04 * 800)
        n, m = rng.poisson(1500), rng.poisson(330)
        x, y = rng.binomial(n, level), rng.binomial(m, max(0.0, level - rng.normal(0.12, 0.01)))
        added = round(n * (always + (last if number == 6 else 0.0)))
        months.append((tally(x + added, n - x), tally(y, m - y)))
    return months


def voided(rng, of_dissatisfied, of_satisfied, n=1500):
    dissatisfied = rng.binomial(n, 0.03)
    gone = rng.binomial(dissatisfied, of_dissatisfied)
    lost = rng.binomial(n - dissatisfied, of_satisfied)
    return tally(n - dissatisfied - lost, dissatisfied - gone), tally(lost, gone)


def answers(rng, count, copied=0):
    """Ratings of six questions with a common mood, and some that are all the same."""
    rows = []
    for number in range(count):
        mood = 0.0 if number < copied else rng.gamma(0.7, 0.5)
        likely = [0.0 if number < copied else 0.25 + mood / (1 + mood) / 2] * 6
        rows.append((str(number % 3), tuple(int(each) for each in rng.random(6) < likely)))
    return rows


MONTH_SCENARIOS = {
    "T4 turnout_coupling": (
        turnout_coupling,
        {
            "clean": lambda rng: (month_of_days(rng),),
            "+30 % on 6 of 22 days": lambda rng: (month_of_days(rng, range(6), 0.3),),
            "+15 % on every day": lambda rng: (month_of_days(rng, range(22), 0.15),),
        },
    ),
    "T5 channel_divergence": (
        channel_divergence,
        {
            "clean": lambda rng: (channel_months(rng),),
            "+15 % in the last month": lambda rng: (channel_months(rng, last=0.15),),
            "+100 % in the last month": lambda rng: (channel_months(rng, last=1.0),),
            "+15 % in every month": lambda rng: (channel_months(rng, always=0.15),),
        },
    ),
    "T6 voiding_asymmetry": (
        voiding_asymmetry,
        {
            "clean, 2 % voided": lambda rng: voided(rng, 0.02, 0.02),
            "20 % of low, 1 % of high": lambda rng: voided(rng, 0.2, 0.01),
            "5 % of low, 1 % of high": lambda rng: voided(rng, 0.05, 0.01),
        },
    ),
    "T7 similar_answers": (
        similar_answers,
        {
            "clean": lambda rng: (answers(rng, 60), answers(rng, 400)),
            "12 of 60 copied": lambda rng: (answers(rng, 60, 12), answers(rng, 400)),
            "20 of 60 copied": lambda rng: (answers(rng, 60, 20), answers(rng, 400)),
        },
    ),
}


def print_months(plants, seed):
    print(f"\n{plants:,} months each: p < {FALSE_DISCOVERY}, p < 0.01, p < 0.0001")
    for name, (test, scenarios) in MONTH_SCENARIOS.items():
        for scenario, make in scenarios.items():
            rng = np.random.default_rng(seed + 2)
            found = (test(*make(rng)) for _ in range(plants))
            p_values = np.array([each.p_value if each else 1.0 for each in found])
            cells = "".join(f"{(p_values < limit).mean():9.1%}" for limit in (0.05, 0.01, 1e-4))
            print(f"  {name:22} {scenario:26}{cells}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=400_000)
    parser.add_argument("--plants", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    begin = time.perf_counter()
    with ProcessPoolExecutor(options.processes) as pool:
        print_clean(pool, options.days, options.seed)
        print_stuffed(pool, options.plants, options.seed)
    print_months(options.plants, options.seed)
    print(f"\n{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
