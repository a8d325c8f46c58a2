"""The hard rules that hold a rating back from the figure: set aside, kept, and reported.

Here stands only what one rating shows by itself; what many show together is for statistics.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# What a held rating names: the rule and its version. Another threshold is another version, so that
# what was held keeps saying by which rule.
BEFORE_PAIRING = "before_pairing/1"
OUTSIDE_HOURS = "outside_hours/1"
# Staff open early and close late; a quarter of an hour either side is ordinary business.
OPENING_TOLERANCE = timedelta(minutes=15)
# Clocks drift; a tablet's first rating may seem to precede its pairing by this much.
CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Hours:
    """When a center is open: hours by ISO weekday, less the days it is closed."""

    weekdays: Mapping[int, tuple[time, time]]
    closed_days: Set[date]

    def covers(self, local: datetime, tolerance: timedelta = timedelta(0)) -> bool:
        """Whether this wall-clock time of the center lies within its hours ± tolerance."""
        hours = self.weekdays.get(local.isoweekday())
        if hours is None or local.date() in self.closed_days:
            return False
        wall = local.replace(tzinfo=None)
        opens, closes = (datetime.combine(wall.date(), hour) for hour in hours)
        return opens - tolerance <= wall <= closes + tolerance


def find_holding_rule(
    *, channel: str, counted_at: datetime, local: datetime, hours: Hours, paired_at: datetime | None
) -> str | None:
    """The rule with its version that holds this rating back, or None when it counts.

    `counted_at` is the instant the rating counts for, `local` the same on the center's
    clock. Posters are read at home too, so opening hours bind tablets only.
    """
    if channel != "tablet":
        return None
    if paired_at is not None and counted_at < paired_at - CLOCK_TOLERANCE:
        return BEFORE_PAIRING
    if not hours.covers(local, OPENING_TOLERANCE):
        return OUTSIDE_HOURS
    return None
