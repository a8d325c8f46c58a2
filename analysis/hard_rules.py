"""The integrity rules that need no statistics, and the words all integrity rules speak in.

A hard rule names something that cannot happen on a tablet that works as built, so its suspicion
has p-value 0. Hours, pairing and the page's own pace (H2, H5, H6) are judged where a rating comes
in, by `survey_app/intake/screening.py`; their codes stand here so that every code has one version.
docs/integrity.md gives each rule with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

#: Seconds the tablet's page stays closed after a press.
COOLDOWN = 6.0
#: Under this many seconds the page was bypassed. One second is left for the device's clock, which
#: may be set a little while the page waits, and for its timers.
BYPASSED = 5.0

#: Every rule's code and its version. A changed threshold is a new version, because what is held
#: names the version that held it.
RULE_VERSIONS: Mapping[str, int] = MappingProxyType(
    {
        "cooldown": 1,
        "too_fast": 1,
        "outside_hours": 1,
        "sequence_gap": 1,
        "more_than_visits": 1,
        "before_pairing": 1,
        "revoked": 1,
        "fast_run": 1,
        "busy_window": 1,
        "regular_gaps": 1,
        "turnout_coupling": 1,
        "channel_divergence": 1,
        "voiding_asymmetry": 1,
        "similar_answers": 1,
    }
)
#: Those that judge a center's month; the others judge a rating, or a tablet's day.
MONTH_RULES = ("turnout_coupling", "channel_divergence", "voiding_asymmetry", "similar_answers")


@dataclass(frozen=True, slots=True)
class Press:
    """One rating on one tablet on one day.

    `at` is seconds since that day's local midnight by the device's own clock; `sequence` is the
    tablet's running number, None where there is none; `key` is opaque and comes back in
    suspicions. `run` names the run of the page, by whose counter, which no setting of the clock
    moves, the visit went from `began` to `ended` seconds; None where the tablet tells none. Raises
    ValueError for a score outside 1…5.
    """

    key: str
    at: float
    score: int
    sequence: int | None = None
    run: str | None = None
    began: float | None = None
    ended: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.score <= 5:
            raise ValueError(f"a score lies between 1 and 5: {self.score}")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a rule found, for a person to judge.

    `p_value` is the chance of something as extreme on a clean day or month; hard rules have 0.
    `keys` are the ratings it speaks of, empty when it speaks of a day or a month. `detail` is
    plain JSON: shares are fractions, times are seconds since local midnight.
    """

    test: str
    version: int
    p_value: float
    keys: tuple[str, ...]
    detail: Mapping[str, float | int | str]

    def __post_init__(self) -> None:
        if not 0 <= self.p_value <= 1:
            raise ValueError(f"a p-value lies between 0 and 1: {self.p_value}")


def suspicion(
    test: str,
    p_value: float,
    detail: Mapping[str, float | int | str],
    keys: Iterable[str] = (),
) -> Suspicion:
    """A suspicion under the current version of a rule; KeyError for an unknown rule."""
    return Suspicion(test, RULE_VERSIONS[test], p_value, tuple(keys), detail)


def cooldown(presses: Iterable[Press]) -> tuple[Suspicion, ...]:
    """H1: presses that followed the one before in less than BYPASSED seconds; one suspicion each.

    Order is the tablet's own numbering where there is one, else time. The page opens again only
    after COOLDOWN seconds, so a shorter gap means the press did not come from the page. Within one
    run of the page its counter tells the gap, from the end of a visit to the next beginning; else
    the clock does, and there a later number with a much earlier time is a clock set back and says
    nothing of the press.
    """
    ordered = sorted(presses, key=lambda press: (press.sequence or 0, press.at))
    found = []
    for earlier, later in pairwise(ordered):
        gap = _counted_gap(earlier, later)
        if gap is None:
            gap = later.at - earlier.at
            is_bypassed = abs(gap) < BYPASSED
        else:
            is_bypassed = gap < BYPASSED
        if is_bypassed:
            detail = {"gap": gap, "cooldown": COOLDOWN, "at": later.at}
            found.append(suspicion("cooldown", 0.0, detail, [later.key]))
    return tuple(found)


def _counted_gap(earlier: Press, later: Press) -> float | None:
    """Seconds between two visits by the counter of the run they share; None if they share none."""
    if later.run is None or later.run != earlier.run:
        return None
    if later.began is None or earlier.ended is None:
        return None
    return later.began - earlier.ended


def sequence_gaps(sequences: Iterable[int], already: int | None) -> tuple[Suspicion, ...]:
    """H3: ranges of running numbers that never arrived; one suspicion for each range.

    `already` is the highest number that was looked at before: what is missing below it has been
    named. None on the first look, then the lowest number seen is the beginning. It alerts and
    holds nothing: a missing number may still sit in the tablet's queue.
    """
    seen = sorted(set(sequences))
    if already is not None:
        seen = [already, *(number for number in seen if number > already)]
    return tuple(
        suspicion(
            "sequence_gap",
            0.0,
            {"first": before + 1, "last": after - 1, "missing": after - before - 1},
        )
        for before, after in pairwise(seen)
        if after - before > 1
    )


def more_than_visits(
    ratings: Mapping[tuple[str, int], Sequence[Press]], visits: Mapping[tuple[str, int], int]
) -> tuple[Suspicion, ...]:
    """H4: more ratings than people served, by (service code, hour 0…23); the latest are in excess.

    Who was served before the hour may rate within it: of those served in the hour before, as many
    as did not rate then. Cells without a count of visits say nothing and are passed over.
    """
    found = []
    for (service, hour), presses in sorted(ratings.items()):
        served = visits.get((service, hour))
        if served is None:
            continue
        before = (service, hour - 1)
        served += max(0, visits.get(before, 0) - len(ratings.get(before, ())))
        if len(presses) <= served:
            continue
        ordered = sorted(presses, key=lambda press: (press.at, press.sequence or 0, press.key))
        detail: dict[str, float | int | str] = {
            "service": service,
            "hour": hour,
            "ratings": len(ordered),
            "visits": served,
        }
        keys = [press.key for press in ordered[served:]]
        found.append(suspicion("more_than_visits", 0.0, detail, keys))
    return tuple(found)
