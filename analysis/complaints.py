"""Complaints handled: how many citizens asked for an answer, and what became of it.

Everything is told as it stood when the month ended on the center's clock, and follows from the
times alone. So an answer given later alters no digit of a month, every center and month is measured
by the same rule, and whoever publishes early or late changes nothing. What waited when a month
ended is what waits from earlier months in the next.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analysis.months import Month

#: Under so many answers no time is told: it would be that of a person.
MINIMUM_ANSWERS = 5
#: Who has waited for more open days than these, waits long.
LONG_WAIT = 5

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CaseTimes:
    """A citizen's wish to be answered: its times, in UTC.

    `closed_at` is when a person closed the case as answered, None while nobody had. Until
    `kept_until` somebody can still be reached, who then waits no longer. `counts` tells whether the
    rating counts: of what was set aside or withdrawn a program may be the author, or nobody.
    """

    opened_at: datetime
    closed_at: datetime | None
    kept_until: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """What became of the wishes to be answered, as it stood at the end of the month.

    Of those who `asked` in the month, some were `answered` in it and the others were `waiting`. Of
    the `carried`, who were waiting when it began, some were answered in it, some were given up
    unanswered because their contact was erased, and the others were still waiting. The times are
    elapsed hours from the wish to the answer, over all answers given in the month: the median and
    the 90th percentile, None under MINIMUM_ANSWERS. `left_out` asked in the month by ratings that
    do not count; no other figure contains them.
    """

    month: Month
    asked: int
    answered: int
    waiting: int
    carried: int
    carried_answered: int
    carried_unanswered: int
    carried_waiting: int
    median_hours: float | None
    ninetieth_hours: float | None
    left_out: int

    @property
    def answers(self) -> int:
        """Answers given in the month, whenever they were asked for."""
        return self.answered + self.carried_answered

    @property
    def all_waiting(self) -> int:
        """Who waited for an answer when the month ended, since whenever."""
        return self.waiting + self.carried_waiting


@dataclass(frozen=True, slots=True)
class Complaints:
    """The month beside the one before. Of all who waited at its end, `waiting_long` had waited for
    more than LONG_WAIT open days of this month."""

    this: CaseCounts
    previous: CaseCounts
    waiting_long: int


def complaints_handled(
    cases: Sequence[CaseTimes], month: Month, time_zone: str, open_days: Collection[date]
) -> Complaints:
    """What became of the wishes in a month and in the one before.

    `cases` hold all who could still be waiting when the month before began. `open_days` are those
    of the month, up to the day to which was counted. `time_zone` is an IANA name.
    """
    zone = ZoneInfo(time_zone)
    _, end = month_bounds(month, zone)
    still = [
        case
        for case in cases
        if case.counts
        and case.opened_at < end < case.kept_until
        and not _is_closed(case, before=end)
    ]
    long = sum(
        sum(case.opened_at.astimezone(zone).date() < day for day in open_days) > LONG_WAIT
        for case in still
    )
    return Complaints(
        _case_counts(cases, month, zone), _case_counts(cases, month.previous(), zone), long
    )


def month_bounds(month: Month, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants (UTC) at which a month begins and ends on a clock; the end is not part of it."""
    # In UTC half a year before is 180 times 24 hours, also where clocks are changed between.
    first, last = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (month.first_day, month.next().first_day)
    )
    return first, last


def _case_counts(cases: Sequence[CaseTimes], month: Month, zone: ZoneInfo) -> CaseCounts:
    begin, end = month_bounds(month, zone)
    new = [case for case in cases if begin <= case.opened_at < end]
    asked = [case for case in new if case.counts]
    carried = [
        case
        for case in cases
        if case.counts
        and case.opened_at < begin < case.kept_until
        and not _is_closed(case, before=begin)
    ]
    answered, old_answered = (
        [case for case in group if _is_closed(case, before=end)] for group in (asked, carried)
    )
    unanswered = sum(
        case.kept_until <= end and not _is_closed(case, before=end) for case in carried
    )
    hours = [
        (case.closed_at - case.opened_at) / _HOUR
        for case in (*answered, *old_answered)
        if case.closed_at is not None
    ]
    told = len(hours) >= MINIMUM_ANSWERS
    return CaseCounts(
        month=month,
        asked=len(asked),
        answered=len(answered),
        waiting=len(asked) - len(answered),
        carried=len(carried),
        carried_answered=len(old_answered),
        carried_unanswered=unanswered,
        carried_waiting=len(carried) - len(old_answered) - unanswered,
        median_hours=statistics.median(hours) if told else None,
        ninetieth_hours=_ninetieth(hours) if told else None,
        left_out=len(new) - len(asked),
    )


def _is_closed(case: CaseTimes, *, before: datetime) -> bool:
    return case.closed_at is not None and case.closed_at < before


def _ninetieth(hours: Sequence[float]) -> float:
    """The 90th percentile, interpolated between neighbours (Hyndman & Fan 1996, definition 7)."""
    return statistics.quantiles(hours, n=10, method="inclusive")[-1]
