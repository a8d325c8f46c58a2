"""Statistical tests for ratings that did not come from visits, and what may be done with them.

Here a tablet's day is tested: `fast_run`, `busy_window`, `regular_gaps`. A center's month is tested
in `analysis.integrity_months`, the hard rules are in `analysis.hard_rules`. Each test gives a
Suspicion or None.
A test of a day speaks only below ALERT_P, a test of a month below FALSE_DISCOVERY; which of a
family's alerts stand is for `standing` to say. Nothing is ever deleted, and only ratings named by
a suspicion below SELF_HOLDING_P are held without a person.

Rejected on purpose: Benford's law and last digits (five scores and counts of a hundred have no
digits to speak of) and long runs of equal scores without regard to time (where nine in ten give a
5, a day of 100 has 30 in a row on every third day, and 88 are needed to be remarkable).

False-alarm rates and power are measured by `python -m benchmarks.integrity`; docs/integrity.md
gives them, and says what cannot be found.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, expm1, lgamma, log, pi, sqrt

import numpy as np

from analysis.estimates import benjamini_hochberg
from analysis.hard_rules import COOLDOWN, Press, Suspicion, suspicion

#: Only ratings named by a statistical test below this are held without a person.
SELF_HOLDING_P = 1e-6
#: Share of false ones among the alerts that stand; also what a test of a month needs to speak.
FALSE_DISCOVERY = 0.05
#: What a test of a tablet's day needs to speak. There are thousands of such days in a year, and
#: near a run the rate is known from a handful of presses, which makes small p smaller than true.
ALERT_P = 1e-5

#: T1. Seconds between presses under which they make a fast run.
FAST_GAPS = (10.0, 20.0, 40.0, 60.0)
#: Fewer equal presses in a row are a family, whatever the rate.
SHORTEST_RUN = 5
#: Chance that who presses has company that presses next, and alike; and that the company has more.
COMPANY, MORE_COMPANY = 0.25, 0.05
#: Mean seconds in which company follows once the page is open again.
COMPANY_DELAY = 10.0
#: No score is taken to be rarer than this: dissatisfied people come in clumps too.
RAREST_SCORE = 0.3
#: The rate is the highest of the day's and of those within these seconds of the run (rush hours).
NEIGHBOURHOODS = (900.0, 1800.0)

#: T2. Intra-hour correlation of answering: whether people answer varies from hour to hour.
CORRELATION = 0.03

#: T3. Numbers of consecutive gaps looked at, and the coefficient of variation that is regular.
REGULAR_LENGTHS = (12, 24, 48)
REGULAR_CV = 0.30


def standing(suspicions: Sequence[Suspicion], tests_made: int) -> tuple[Suspicion, ...]:
    """The suspicions that stand when at most FALSE_DISCOVERY of them may be false.

    Benjamini & Hochberg 1995, JRSS B 57:289–300, over all `tests_made`: a test that gave None
    counts as p = 1, which changes nothing because no p above FALSE_DISCOVERY can stand. Raises
    ValueError when there are more suspicions than tests.
    """
    silent = tests_made - len(suspicions)
    if silent < 0:
        raise ValueError(f"{len(suspicions)} suspicions of {tests_made} tests")
    p_values = [each.p_value for each in suspicions] + [1.0] * silent
    stand = benjamini_hochberg(p_values, FALSE_DISCOVERY)
    return tuple(each for each, stands in zip(suspicions, stand, strict=False) if stands)


# T1 · fast runs of equal scores


@dataclass(frozen=True, slots=True)
class _Run:
    """Presses `first` … `last` of the day, equal in score, each less than `gap` s after another."""

    first: int
    last: int
    gap: float

    @property
    def presses(self) -> range:
        """Their places in the day."""
        return range(self.first, self.last + 1)

    @property
    def length(self) -> int:
        return len(self.presses)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A run, its p-value, and what it was held against: presses a second, share of its score."""

    run: _Run
    p_value: float
    rate: float
    share: float


def fast_run(presses: Iterable[Press]) -> Suspicion | None:
    """T1: runs of equal scores in quick succession that chance and company do not explain.

    With n presses on the day at a rate λ a second, share p of the run's score, and
    q = 1 − e^(−λ(g−6)) the chance that somebody else comes within g seconds, the expected number
    of runs of k is E = n·p·(p·q)^(k−1) for single visitors. Visitors come with company, so each
    of the k−1 steps is one of two kinds (`_chain`), which without company is that formula.
    p = min(1, 4·E) by Markov's inequality and Bonferroni over g ∈ {10, 20, 40, 60} s.

    λ and p leave out the run itself, and then every run already found, so that stuffing does not
    hide itself; λ is the highest of the day's rate and the rates within 15 and 30 minutes of the
    run, so that rush hours do not accuse. (At g = 12 s families in a rush hour cannot be told from
    a burst of 8; at 10 s they can.) The suspicion names the presses of every run below
    ALERT_P that overlaps no clearer one; its p-value and detail are those of the clearest.
    """
    day = sorted(presses, key=lambda press: press.at)
    runs = [run for gap in FAST_GAPS for run in _runs(day, gap)]
    found: list[_Judged] = []
    marked: set[int] = set()
    while runs:
        clearest = min(
            (_judge(run, day, marked) for run in runs),
            key=lambda each: (each.p_value, -each.run.length),
        )
        if clearest.p_value >= ALERT_P:
            break
        found.append(clearest)
        marked.update(clearest.run.presses)
        runs = [run for run in runs if marked.isdisjoint(run.presses)]
    return _fast_run_suspicion(day, found) if found else None


def _runs(day: Sequence[Press], gap: float) -> Iterator[_Run]:
    """Longest runs of equal scores with every gap below `gap`, SHORTEST_RUN presses or more."""
    first = 0
    for index in range(1, len(day) + 1):
        if (
            index < len(day)
            and day[index].at - day[index - 1].at < gap
            and day[index].score == day[index - 1].score
        ):
            continue
        if index - first >= SHORTEST_RUN:
            yield _Run(first, index - 1, gap)
        first = index


def _judge(run: _Run, day: Sequence[Press], found: set[int]) -> _Judged:
    score = day[run.first].score
    left_out = found.union(run.presses)
    rest = [press for index, press in enumerate(day) if index not in left_out]
    equal = sum(press.score == score for press in rest)
    # As if ten more had been seen, eight of them alike: a quiet day teaches little.
    share = max(RAREST_SCORE, (equal + (8 if score == 5 else 0)) / (len(rest) + 10))
    begin, end = day[run.first].at, day[run.last].at
    rate = _clean_rate(begin, end, [press.at for press in rest])
    by_chance = -expm1(-rate * (run.gap - COOLDOWN))
    expected = len(day) * share * _chain(run.length - 1, run.gap, share * by_chance)
    return _Judged(run, min(1.0, len(FAST_GAPS) * expected), rate, share)


def _clean_rate(begin: float, end: float, rest: Sequence[float]) -> float:
    """The highest rate (a second) among the rest of the day's: on the whole, and near the run.

    One press more than was seen is counted, so that no rate is 0. Near the day's ends only the
    side that has people counts.
    """
    opening, closing = (rest[0], rest[-1]) if rest else (begin, end)
    rates = [(len(rest) + 1) / max(3600.0, closing - opening)]
    for reach in NEIGHBOURHOODS:
        near = bisect_right(rest, end + reach) - bisect_left(rest, begin - reach)
        exposed = min(reach, max(0.0, begin - opening)) + min(reach, max(0.0, closing - end))
        rates.append((near + 1) / max(reach, exposed))
    return max(rates)


def _chain(steps: int, gap: float, alike: float) -> float:
    """Chance that `steps` presses more follow, each within `gap` s and of equal score.

    A step is made by company, or by the next visitor, who is alike with chance `alike`. Company
    is likelier after a visitor (COMPANY) than after company (MORE_COMPANY), and it comes within
    `gap` with an exponential delay of mean COMPANY_DELAY after the cooldown.
    """
    in_time = -expm1(-(gap - COOLDOWN) / COMPANY_DELAY)
    visitor, company = 1.0, 0.0
    for _ in range(steps):
        visitor, company = (
            alike * (visitor * (1 - COMPANY) + company * (1 - MORE_COMPANY)),
            in_time * (visitor * COMPANY + company * MORE_COMPANY),
        )
    return visitor + company


def _fast_run_suspicion(day: Sequence[Press], found: Sequence[_Judged]) -> Suspicion:
    """One suspicion for the day: the clearest run in detail, the presses of all as keys."""
    clearest = found[0]
    run = clearest.run
    marked = sorted(index for each in found for index in each.run.presses)
    detail = {
        "presses": len(marked),
        "runs": len(found),
        "clearest": run.length,
        "gap": run.gap,
        "from": day[run.first].at,
        "to": day[run.last].at,
        "score": day[run.first].score,
        "share": clearest.share,
        "per_hour": clearest.rate * 3600,
    }
    return suspicion("fast_run", clearest.p_value, detail, [day[index].key for index in marked])


# T2 · busy windows given the visits


def busy_window(
    presses: Iterable[Press],
    visits_by_hour: Mapping[int, int],
    correlation: float = CORRELATION,
) -> Suspicion | None:
    """T2: one or two hours with more presses than the people served there explain.

    A scan statistic (Kulldorff 1997, Communications in Statistics A 26:1481–1496) with a
    beta-binomial law: of v people served in a window X press, with the response rate r of the
    day's other hours and intra-class correlation ρ (Williams 1975, Biometrics 31:949–952), because
    neighbours in a hall answer alike. Presses and people are counted in parties of 1 + COMPANY,
    because who comes together answers together. p = (number of windows) · P(X ≥ x), Bonferroni.

    `visits_by_hour` maps hours 0…23 to people served where the tablet stands; hours not in it are
    passed over. X cannot exceed v in this law; what is beyond is for `more_than_visits`. It names
    no ratings, since most of a window's may be honest, and so holds none.
    """
    pressed = Counter(int(press.at // 3600) for press in presses)
    hours = sorted(hour for hour, visits in visits_by_hour.items() if visits > 0)
    windows = [(hour, hour) for hour in hours]
    windows += [(one, other) for one, other in pairwise(hours) if other == one + 1]
    everyone = sum(visits_by_hour[hour] for hour in hours)
    every_press = sum(min(pressed[hour], visits_by_hour[hour]) for hour in hours)
    best: tuple[float, int, int, float, int, int] | None = None
    for first, last in windows:
        within = {first, last}
        visits = sum(visits_by_hour[hour] for hour in within)
        count = sum(min(pressed[hour], visits_by_hour[hour]) for hour in within)
        if visits == everyone:
            continue
        rate = (every_press - count + 1) / (everyone - visits + 2)
        if count <= visits * rate:
            continue
        parties, came = int(count / (1 + COMPANY)), round(visits / (1 + COMPANY))
        p_value = min(1.0, len(windows) * beta_binomial_tail(parties, came, rate, correlation))
        if best is None or p_value < best[0]:
            best = (p_value, first, last, rate, visits, count)
    if best is None or best[0] >= ALERT_P:
        return None
    p_value, first, last, rate, visits, count = best
    return suspicion(
        "busy_window",
        p_value,
        {
            "from_hour": first,
            "to_hour": last + 1,
            "presses": count,
            "visits": visits,
            "expected": visits * rate,
        },
    )


def beta_binomial_tail(x: int, n: int, mean: float, correlation: float) -> float:
    """P(X ≥ x) of n trials whose chance is Beta with this mean and intra-class correlation."""
    weight = 1 / correlation - 1
    a, b = mean * weight, (1 - mean) * weight
    # The first term, then each by its ratio to the one before; in logarithms nothing underflows.
    first = lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) + lgamma(a + b) - lgamma(n + a + b)
    first += lgamma(x + a) - lgamma(a) + lgamma(n - x + b) - lgamma(b)
    k = np.arange(x, n)
    ratios = (n - k) * (a + k) / ((k + 1) * (n - k - 1 + b))
    later = float(np.exp(first + np.cumsum(np.log(ratios))).sum())
    return min(1.0, exp(first) + later)


# T3 · gaps that are too regular


def regular_gaps(presses: Iterable[Press]) -> Suspicion | None:
    """T3: twelve or more consecutive gaps that are nearly the same, as a machine's are.

    Gaps less the cooldown are exponential where people come by chance, whatever the rate. The
    coefficient of variation (CV) of m such gaps is that of Greenwood's spacings (1946, JRSS
    109:85–110), and P(CV ≤ c) is at most the content of a ball in a simplex (`regularity_tail`).
    Windows of 12, 24 and 48 gaps are looked at where CV < REGULAR_CV; p = (number of windows) · P,
    Bonferroni. Rush hours only make gaps less regular. Names the presses of every window below
    ALERT_P.
    """
    day = sorted(presses, key=lambda press: press.at)
    if len(day) <= REGULAR_LENGTHS[0]:
        return None
    gaps = np.maximum(np.diff([press.at for press in day]) - COOLDOWN, 0.0)
    sums = np.concatenate(([0.0], np.cumsum(gaps)))
    squares = np.concatenate(([0.0], np.cumsum(gaps**2)))
    looked_at = sum(max(0, len(gaps) - length + 1) for length in REGULAR_LENGTHS)
    marked: set[int] = set()
    best = (1.0, 0, 0, 0.0)
    for length in REGULAR_LENGTHS:
        totals = sums[length:] - sums[:-length]
        spread = length * (squares[length:] - squares[:-length]) / np.maximum(totals, 1e-9) ** 2
        variation = np.sqrt(np.maximum(spread - 1, 0.0))
        for start in np.flatnonzero(variation < REGULAR_CV).tolist():
            p_value = min(1.0, looked_at * regularity_tail(length, float(variation[start])))
            if p_value < ALERT_P:
                marked.update(range(start, start + length + 1))
            best = min(best, (p_value, start, length, float(variation[start])))
    if not marked:
        return None
    p_value, start, length, cv = best
    detail = {
        "presses": len(marked),
        "mean_gap": float(sums[start + length] - sums[start]) / length + COOLDOWN,
        "variation": cv,
        "from": day[start].at,
        "to": day[start + length].at,
    }
    keys = [day[index].key for index in sorted(marked)]
    return suspicion("regular_gaps", p_value, detail, keys)


def regularity_tail(gaps: int, variation: float) -> float:
    """P(CV ≤ variation) of so many exponential gaps; exact up to CV = 1/√(gaps − 1), above an
    upper bound.

    Divided by their sum, exponential gaps are uniform on a simplex; CV ≤ c is a ball around its
    centre with radius c/√m. Its content over the simplex's, √m/(m−1)!, is the chance as long as
    the ball lies inside.
    """
    m, dimension = gaps, gaps - 1
    if variation <= 0:
        return 0.0
    ball = dimension / 2 * log(pi) - lgamma(dimension / 2 + 1)
    ball += dimension * log(variation / sqrt(m))
    return min(1.0, exp(min(0.0, ball + lgamma(m) - log(m) / 2)))
