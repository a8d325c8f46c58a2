"""When a center serves citizens: the hours of each day as they stood on it, less the holidays.

Whoever asks about a day asks here, so that a change of the hours moves no day before it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Holiday, OpeningHours

WEEKDAYS = range(1, 8)

# When a center opens and closes, on its own clock.
Hours = tuple[time, time]
# Hours by ISO weekday (Monday is 1); a weekday that is not named is closed.
Week = Mapping[int, Hours]


@dataclass(frozen=True, slots=True)
class Timetable:
    """A center's hours and the days on which it is closed.

    `changes` has for each ISO weekday the days from which its hours hold, in their order, with the
    hours, None where the weekday is closed from then on.
    """

    changes: Mapping[int, Sequence[tuple[date, Hours | None]]]
    closed_days: Set[date] = frozenset()

    def on(self, day: date) -> Hours | None:
        """The hours of a day; None when the center is closed, by its weekday or as a holiday."""
        return None if day in self.closed_days else self._in_force(day.isoweekday(), day)

    def week(self, day: date) -> dict[int, Hours]:
        """The hours that are in force on a day, for every weekday; holidays play no part."""
        week = {weekday: self._in_force(weekday, day) for weekday in WEEKDAYS}
        return {weekday: hours for weekday, hours in week.items() if hours is not None}

    def changes_after(self, day: date) -> list[date]:
        """The later days from which other hours hold, in their order."""
        return sorted({since for each in self.changes.values() for since, _ in each if since > day})

    def covers(self, local: datetime, tolerance: timedelta = timedelta(0)) -> bool:
        """Whether this wall-clock time of the center lies within its hours ± tolerance."""
        hours = self.on(local.date())
        if hours is None:
            return False
        wall = local.replace(tzinfo=None)
        opens, closes = (datetime.combine(wall.date(), each) for each in hours)
        return opens - tolerance <= wall <= closes + tolerance

    def _in_force(self, weekday: int, day: date) -> Hours | None:
        for since, hours in reversed(self.changes.get(weekday, ())):
            if since <= day:
                return hours
        return None


def load_timetables(session: Session, center_ids: Collection[int]) -> dict[int, Timetable]:
    """By center: its timetable."""
    closed_days = frozenset(session.scalars(select(Holiday.day)))
    changes: dict[int, defaultdict[int, list[tuple[date, Hours | None]]]] = {
        center_id: defaultdict(list) for center_id in center_ids
    }
    for center_id, weekday, since, opens, closes in session.execute(
        select(
            OpeningHours.center_id,
            OpeningHours.weekday,
            OpeningHours.since,
            OpeningHours.opens,
            OpeningHours.closes,
        )
        .where(OpeningHours.center_id.in_(center_ids))
        .order_by(OpeningHours.since)
    ):
        hours = None if opens is None or closes is None else (opens, closes)
        changes[center_id][weekday].append((since, hours))
    return {
        center_id: Timetable(dict(of_center), closed_days)
        for center_id, of_center in changes.items()
    }


def load_timetable(session: Session, center_id: int) -> Timetable:
    """The timetable of one center."""
    return load_timetables(session, [center_id])[center_id]
