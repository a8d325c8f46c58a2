"""What a valid line of visit counts is. Every line is judged by itself; nothing is guessed."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from survey_app.timetables import Timetable

# More than this in one center, day and service is a slip of the pen: a whole center serves
# about 400 people a day.
SERVED_LIMIT = 20_000
# A month's count of a group may be as large as so many days of the largest count.
MONTH_LIMIT = 31 * SERVED_LIMIT
# No network that counts its visitors is older.
FIRST_DAY = date(2000, 1, 1)
# Staff stay for whoever came in time; further from the opening hours a count is noted.
HOUR_TOLERANCE = 3
# Stands for the hour in a line that speaks of a whole day.
WHOLE_DAY = -1

# No day or month is written as long; of a longer text no more is remembered.
_LONGEST_DATE = 11
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_WRITTEN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})", re.ASCII)
_WRITTEN_MONTH = re.compile(r"(\d{1,2})\.(\d{4})", re.ASCII)
# "12", "1 234", and Excel's "12,0" or "12.00"; "1.234" might be either number, so it is neither.
_COUNT = re.compile(r"(\d{1,12}|\d{1,3}(?:[ \u00a0\u202f]\d{3})+)(?:[.,]0{1,2})?", re.ASCII)
_NEGATIVE = re.compile(r"[-\u2212]\s*\d", re.ASCII)
_HOUR = re.compile(r"(\d{1,2})(?::00(?::00)?)?", re.ASCII)


class Unusable(Exception):
    """A line cannot be taken; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Line(NamedTuple):
    """A line as it was delivered: text, whoever sent it; `hour` is "" for a whole day."""

    number: int
    center: str
    day: str
    service: str
    hour: str
    served: str


class GroupLine(NamedTuple):
    """A line on a month's people of a group: the option of an equality question."""

    number: int
    center: str
    month: str
    question: str
    option: str
    served: str


class Problem(NamedTuple):
    """What is to be said of a line; `reason` is a stable code."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class KnownCenter:
    """A center that the sender may speak for: what its lines are checked against.

    `today` is the day on its own calendar.
    """

    id: int
    today: date
    timetable: Timetable

    def open_hours(self, day: date) -> range:
        """The full or begun hours of a day in which the center serves; empty when it is closed."""
        hours = self.timetable.on(day)
        if hours is None:
            return range(0)
        opens, closes = hours
        # An hour that is begun at closing time still has people to be counted.
        return range(opens.hour, closes.hour + (closes.minute > 0))


@dataclass(frozen=True, slots=True)
class Network:
    """The centers the sender may speak for by short name, services and groups by code."""

    centers: Mapping[str, KnownCenter]
    services: Mapping[str, int]
    groups: Mapping[str, Set[str]] = field(default_factory=dict)


class Count(NamedTuple):
    """What valid lines say together about one day and service, or one month and group.

    `key` is the row's key after the center and the day (or the month's first day); `hours` are
    (hour, served) in order, None where only the day is known; `lines` is how many lines said it,
    `repeats` how many of those said it again.
    """

    center_id: int
    day: date
    key: tuple[int] | tuple[str, str]
    served: int
    hours: tuple[tuple[int, int], ...] | None
    lines: int
    repeats: int


@dataclass(slots=True)
class Checked:
    """A delivery after the check: counts in the order of their keys, problems and notes in the
    order of the lines. `kind` is "visits" or "groups"."""

    kind: str
    counts: list[Count] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


class _Entry(NamedTuple):
    """A readable line. Entries sort by what they speak of, whatever the order of the lines."""

    center_id: int
    day: date
    key: tuple[int] | tuple[str, str]
    hour: int
    served: int
    line: int


def check_lines(lines: Iterable[Line], network: Network) -> Checked:
    """Judge the lines of a delivery of visit counts.

    A count is taken from each center, day and service on which all lines agree. Lines with an
    hour are taken only where they are complete: every opening hour of the center's day must
    be named by some line, and no line of that day and service may be rejected.
    """
    checked = Checked("visits")
    entries: list[_Entry] = []
    broken: set[tuple[int, date, int]] = set()
    centers = {center.id: center for center in network.centers.values()}
    for line in lines:
        try:
            entry = _read_line(line, network, broken)
        except Unusable as problem:
            checked.problems.append(Problem(line.number, problem.reason))
            continue
        entries.append(entry)
        if entry.hour != WHOLE_DAY and _is_odd_hour(entry, centers[entry.center_id]):
            checked.notes.append(Problem(line.number, "outside_opening_hours"))
    entries.sort()
    for (center_id, day), group in groupby(entries, key=lambda each: each[:2]):
        of_day = list(group)
        named = {entry.hour for entry in of_day}
        is_complete = named.issuperset(centers[center_id].open_hours(day))
        for (service_id,), of_service in groupby(of_day, key=lambda each: each.key):
            is_whole = is_complete and (center_id, day, service_id) not in broken
            _judge(list(of_service), is_whole, SERVED_LIMIT, checked)
    _put_in_order(checked)
    return checked


def check_groups(lines: Iterable[GroupLine], network: Network) -> Checked:
    """Judge the lines of a delivery of groups: one count for each month, question and option."""
    checked = Checked("groups")
    entries: list[_Entry] = []
    for line in lines:
        try:
            entries.append(_read_group(line, network))
        except Unusable as problem:
            checked.problems.append(Problem(line.number, problem.reason))
    entries.sort()
    for _key, group in groupby(entries, key=lambda each: each[:3]):
        _judge(list(group), True, MONTH_LIMIT, checked)
    _put_in_order(checked)
    return checked


def _put_in_order(checked: Checked) -> None:
    checked.problems.sort()
    # What is rejected needs no remark besides.
    rejected = {problem.line for problem in checked.problems}
    checked.notes = sorted(note for note in checked.notes if note.line not in rejected)


def _read_line(line: Line, network: Network, broken: set[tuple[int, date, int]]) -> _Entry:
    center = _center(line.center, network)
    day = _past(_read_day(line.day.strip()[:_LONGEST_DATE]), center)
    service_id = network.services.get(line.service.strip())
    if service_id is None:
        raise Unusable("unknown_service")
    try:
        hour, served = _hour(line.hour), _served(line.served, SERVED_LIMIT)
    except Unusable:
        # The hours of this day and service are no longer all there.
        broken.add((center.id, day, service_id))
        raise
    return _Entry(center.id, day, (service_id,), hour, served, line.number)


def _read_group(line: GroupLine, network: Network) -> _Entry:
    center = _center(line.center, network)
    month = _past(_read_month(line.month.strip()[:_LONGEST_DATE]), center)
    question, option = line.question.strip(), line.option.strip()
    if question not in network.groups:
        raise Unusable("unknown_question")
    if option not in network.groups[question]:
        raise Unusable("unknown_option")
    served = _served(line.served, MONTH_LIMIT)
    return _Entry(center.id, month, (question, option), WHOLE_DAY, served, line.number)


def _center(written: str, network: Network) -> KnownCenter:
    center = network.centers.get(written.strip().lower())
    if center is None:
        # Alike for a center that is not the sender's: a file must not tell what exists.
        raise Unusable("unknown_center")
    return center


def _past(day: date | None, center: KnownCenter) -> date:
    if day is None:
        raise Unusable("unreadable_day")
    if day > center.today:
        raise Unusable("day_in_future")
    if day < FIRST_DAY:
        raise Unusable("day_too_early")
    return day


@lru_cache(maxsize=4096)
def _read_day(written: str) -> date | None:
    """The day of "2026-10-05" or "05.10.2026"; None for anything else."""
    if match := _ISO_DAY.fullmatch(written):
        return _day_of(match[1], match[2], match[3])
    if match := _WRITTEN_DAY.fullmatch(written):
        return _day_of(match[3], match[2], match[1])
    return None


@lru_cache(maxsize=4096)
def _read_month(written: str) -> date | None:
    """The first day of the month of "2026-10" or "10.2026", or of its first day."""
    if match := _ISO_MONTH.fullmatch(written):
        return _day_of(match[1], match[2], "1")
    if match := _WRITTEN_MONTH.fullmatch(written):
        return _day_of(match[2], match[1], "1")
    day = _read_day(written)
    return day if day is not None and day.day == 1 else None


def _day_of(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _hour(written: str) -> int:
    written = written.strip()
    if not written:
        return WHOLE_DAY
    match = _HOUR.fullmatch(written)
    if match is None or int(match[1]) > 23:
        raise Unusable("unreadable_hour")
    return int(match[1])


def _served(written: str, limit: int) -> int:
    written = written.strip()
    match = _COUNT.fullmatch(written)
    if match is None:
        raise Unusable("negative_number" if _NEGATIVE.match(written) else "unreadable_number")
    served = int("".join(match[1].split()))
    if served > limit:
        raise Unusable("number_too_large")
    return served


def _is_odd_hour(entry: _Entry, center: KnownCenter) -> bool:
    hours = center.open_hours(entry.day)
    if not hours:
        return True
    return not hours.start - HOUR_TOLERANCE <= entry.hour < hours.stop + HOUR_TOLERANCE


def _judge(entries: Sequence[_Entry], is_whole: bool, limit: int, checked: Checked) -> None:
    """Take what these lines on one day and service say together, or reject them.

    `is_whole` says whether hours, if these lines have any, would be complete.
    """
    first = entries[0]
    by_hour = {entry.hour: entry.served for entry in entries}
    has_hours = by_hour.keys() != {WHOLE_DAY}
    served = sum(by_hour.values())
    disputed = {entry.hour for entry in entries if by_hour[entry.hour] != entry.served}
    if has_hours and WHOLE_DAY in by_hour:
        reason = "day_and_hours"
    elif disputed or (has_hours and not is_whole):
        reason = "hours_incomplete"
    elif served > limit:
        reason = "number_too_large"
    else:
        hours = tuple(sorted(by_hour.items())) if has_hours else None
        repeats = len(entries) - len(by_hour)
        checked.counts.append(Count(*first[:3], served, hours, len(entries), repeats))
        return
    checked.problems += [
        Problem(entry.line, "contradictory" if entry.hour in disputed else reason)
        for entry in entries
    ]
