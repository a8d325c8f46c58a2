"""Statistical tests of a center's month for ratings that did not come from visits.

Turnout and share that rise together, a channel that leaves its own past, voiding that spares the
satisfied, answers too much alike. None of them names ratings, so none of them holds any; each
speaks below FALSE_DISCOVERY. See `analysis.integrity` for the tests of a tablet's day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import atan, cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from analysis.estimates import hypergeometric_tail
from analysis.hard_rules import Suspicion, suspicion
from analysis.integrity import FALSE_DISCOVERY
from analysis.tally import ScoreTally

IntArray = NDArray[np.int64]

#: T4. Days with answers that are needed. T5. Months of baseline: at most, at least.
LEAST_DAYS = 8
BASELINE_MONTHS, LEAST_BASELINE = 6, 3
#: T5. Ratings a month needs on either side.
LEAST_RATINGS = 10
#: T7. Random relabellings at most; it stops once this many were as extreme (Besag & Clifford).
PERMUTATIONS, EXCEEDANCES = 20_000, 20


# T4 · turnout and share that rise together


def turnout_coupling(days: Iterable[tuple[int, int, int]]) -> Suspicion | None:
    """T4: on days when more people answered than usual, more were satisfied than usual.

    `days` holds (answered, satisfied, served). Spearman's rank correlation (1904, Am. J. Psychol.
    15:72–101; midranks) of answered/served and satisfied/answered, one-sided, t with n − 2
    degrees of freedom. Stuffing raises both; an honest crowd has no reason to. Days without
    answers or visits are passed over; None with fewer than LEAST_DAYS days or where all days are
    alike.
    """
    usable = [(a / served, s / a) for a, s, served in days if a > 0 and served > 0]
    if len(usable) < LEAST_DAYS:
        return None
    turnout = _midranks([rate for rate, _ in usable])
    share = _midranks([share for _, share in usable])
    correlation = _correlation(turnout, share)
    p_value = spearman_tail(correlation, len(usable))
    if p_value >= FALSE_DISCOVERY:
        return None
    return suspicion("turnout_coupling", p_value, {"correlation": correlation, "days": len(usable)})


def _midranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [(bisect_left(ordered, v) + bisect_right(ordered, v) + 1) / 2 for v in values]


def _correlation(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Pearson's r; 0 where either side does not vary."""
    x, y = np.asarray(xs) - np.mean(xs), np.asarray(ys) - np.mean(ys)
    spread = float((x @ x) * (y @ y))
    return max(-1.0, min(1.0, float(x @ y) / sqrt(spread))) if spread else 0.0


def spearman_tail(correlation: float, n: int) -> float:
    """One-sided p of a rank correlation of n pairs (n ≥ 3) by t = r·√((n−2)/(1−r²))."""
    left = 1 - correlation**2
    if left <= 0:
        return 0.0 if correlation > 0 else 1.0
    return student_tail(correlation * sqrt((n - 2) / left), n - 2)


def student_tail(t: float, freedom: int) -> float:
    """P(T ≥ t) of Student's t with whole degrees of freedom ≥ 1.

    Abramowitz & Stegun 1964, 26.7.3–4: a finite sum of powers of cos² of arctan(t/√ν).
    """
    angle = atan(t / sqrt(freedom))
    sine, cosine = sin(angle), cos(angle)
    odd = freedom % 2
    term, total = (cosine, 0.0) if odd else (1.0, 0.0)
    for index in range(1 + odd, freedom, 2):
        total += term
        term *= cosine**2 * index / (index + 1)
    within = 2 / pi * (angle + sine * total) if odd else sine * total
    return min(1.0, max(0.0, (1 - within) / 2))


# T5 · the watched channel against the other


def channel_divergence(months: Sequence[tuple[ScoreTally, ScoreTally]]) -> Suspicion | None:
    """T5: the watched channel's share satisfied, less the reference's, rose above its own past.

    `months` holds (watched, reference), oldest first, the last one being judged: tablets against
    verified ratings where there are tickets, against QR until then. The baseline is the
    BASELINE_MONTHS before it: their differences pooled by DerSimonian & Laird (1986, Control.
    Clin. Trials 7:177–188) with τ² between months. One-sided
    t = (d − d̄) / √(s² + τ² + se²) with months − 1 degrees of freedom, the prediction of a new
    value (Higgins, Thompson & Spiegelhalter 2009, JRSS A 172:137–159). Months with fewer than
    LEAST_RATINGS ratings on either side are passed over; None with fewer than LEAST_BASELINE
    left, or when the last month is one of them. Stuffing that was always there is the baseline.
    """
    if not months or not _comparable(months[-1]):
        return None
    baseline = [
        _difference(*pair) for pair in months[-1 - BASELINE_MONTHS : -1] if _comparable(pair)
    ]
    if len(baseline) < LEAST_BASELINE:
        return None
    value, variance = _difference(*months[-1])
    usual, error, between = _pooled(baseline)
    t = (value - usual) / sqrt(variance + between + error)
    p_value = student_tail(t, len(baseline) - 1)
    if p_value >= FALSE_DISCOVERY:
        return None
    detail = {"difference": value, "usual": usual, "months": len(baseline), "t": t}
    return suspicion("channel_divergence", p_value, detail)


def _comparable(pair: tuple[ScoreTally, ScoreTally]) -> bool:
    return min(tally.base for tally in pair) >= LEAST_RATINGS


def _difference(watched: ScoreTally, reference: ScoreTally) -> tuple[float, float]:
    """Difference of the shares satisfied and its variance.

    One satisfied and one dissatisfied rating are added on either side (Agresti & Caffo 2000, Am.
    Stat. 54:280–288), because shares near 1 would seem certain.
    """
    value, variance = 0.0, 0.0
    for sign, tally in ((1, watched), (-1, reference)):
        share, n = (tally.top_two + 1) / (tally.base + 2), tally.base + 2
        value += sign * share
        variance += share * (1 - share) / n
    return value, variance


def _pooled(differences: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Mean of differences with known variances, its variance, and τ² between them."""
    values, variances = np.array(differences).T
    weights = 1 / variances
    mean = float(weights @ values / weights.sum())
    scatter = float(weights @ (values - mean) ** 2)
    scale = float(weights.sum() - (weights @ weights) / weights.sum())
    between = max(0.0, (scatter - (len(values) - 1)) / scale)
    weights = 1 / (variances + between)
    return float(weights @ values / weights.sum()), float(1 / weights.sum()), between


# T6 · what is voided


def voiding_asymmetry(counted: ScoreTally, void: ScoreTally) -> Suspicion | None:
    """T6: dissatisfied ratings (1 to 3) were voided more often than satisfied ones.

    Fisher's exact test (1935, JRSS 98:39–82), one-sided: the chance of so many dissatisfied
    among the void if they were drawn blindly from all. Voiding a stuffed run, all of it
    satisfied, does not alarm. None when nothing was voided.
    """
    dissatisfied = void.base - void.top_two
    kept = counted.base - counted.top_two
    p_value = hypergeometric_tail(
        dissatisfied, void.base, dissatisfied + kept, counted.base + void.base
    )
    if p_value >= FALSE_DISCOVERY:
        return None
    return suspicion(
        "voiding_asymmetry",
        p_value,
        {
            "void": void.base,
            "void_dissatisfied": dissatisfied,
            "counted": counted.base,
            "counted_dissatisfied": kept,
        },
    )


# T7 · answers that are too alike

Answers = Sequence[tuple[str, tuple[str | int | None, ...]]]


def similar_answers(watched: Answers, others: Answers, seed: int = 7) -> Suspicion | None:
    """T7: one tablet's or day's answers are more alike than others to the same services.

    A rating is (service code, its answers in the survey's order, None where not answered), all of
    one survey version. The statistic counts the pairs of watched ratings to one service that
    agree in every answer. It is compared with what it is when, service by service, the watched
    are drawn anew from watched and others together (a permutation test; Good 2005, ch. 3): how
    alike honest people are is learnt from people, and no fixed likeness such as 85 % (Kuriakose &
    Robbins 2016, Stat. J. IAOS 32:283–291) is fraud. Compare like with like: tablets with
    tablets. Stops early by Besag & Clifford (1991, Biometrika 78:301–304); p is never below
    1/(PERMUTATIONS + 1). None where no service has two watched ratings and one other.
    """
    groups = list(_groups(watched, others))
    if not groups:
        return None
    pairs = sum(_equal_pairs(group.watched) for group in groups)
    p_value, usual = _drawn_anew(groups, int(pairs), np.random.default_rng(seed))
    if p_value >= FALSE_DISCOVERY:
        return None
    detail = {
        "equal_pairs": int(pairs),
        "usual": usual,
        "pairs": sum(group.drawn * (group.drawn - 1) // 2 for group in groups),
        "ratings": sum(group.drawn for group in groups),
    }
    return suspicion("similar_answers", p_value, detail)


@dataclass(frozen=True, slots=True)
class _Group:
    """One service: how often each combination of answers was given, by the watched and by all."""

    watched: IntArray
    everyone: IntArray

    @property
    def drawn(self) -> int:
        return int(self.watched.sum())


def _groups(watched: Answers, others: Answers) -> Iterator[_Group]:
    of_watched, of_others = Counter(watched), Counter(others)
    by_service: dict[str, set[tuple[str | int | None, ...]]] = {}
    for service, answers in [*watched, *others]:
        by_service.setdefault(service, set()).add(answers)
    for service, combinations in by_service.items():
        mine = np.array([of_watched[service, each] for each in combinations])
        theirs = np.array([of_others[service, each] for each in combinations])
        if mine.sum() >= 2 and theirs.sum() >= 1:
            yield _Group(np.sort(mine), np.sort(mine + theirs))


def _equal_pairs(counts: IntArray) -> IntArray:
    """Pairs that agree, from how often each combination (last axis) was given."""
    return np.asarray((counts * (counts - 1) // 2).sum(axis=-1))


def _drawn_anew(
    groups: Sequence[_Group], pairs: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Besag and Clifford's p of so many equal pairs, and the mean number of the draws."""
    drawn = np.empty(0, dtype=np.int64)
    while len(drawn) < PERMUTATIONS:
        batch = (
            _equal_pairs(
                rng.multivariate_hypergeometric(
                    group.everyone, group.drawn, size=PERMUTATIONS // 20, method="count"
                )
            )
            for group in groups
        )
        drawn = np.concatenate((drawn, np.sum(list(batch), axis=0)))
        as_extreme = np.flatnonzero(drawn >= pairs)
        if len(as_extreme) >= EXCEEDANCES:
            stopped = int(as_extreme[EXCEEDANCES - 1]) + 1
            return EXCEEDANCES / stopped, float(drawn[:stopped].mean())
    return (len(as_extreme) + 1) / (len(drawn) + 1), float(drawn.mean())
