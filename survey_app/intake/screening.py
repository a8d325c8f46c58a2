"""The hard rules that hold a rating back from the figure: set aside, kept, and reported.

Here stands only what one rating shows by itself, or beside the one before it on its tablet; what
many show together is for statistics.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from survey_app.timetables import Timetable

# What a held rating names: the rule and its version. Another threshold is another version, so that
# what was held keeps saying by which rule.
BEFORE_PAIRING = "before_pairing/1"
REVOKED = "revoked/1"
OUTSIDE_HOURS = "outside_hours/1"
TOO_FAST = "too_fast/1"
COOLDOWN = "cooldown/1"
# Staff open early and close late; a quarter of an hour either side is ordinary business.
OPENING_TOLERANCE = timedelta(minutes=15)
# Clocks drift; a tablet's first rating may seem to precede its pairing by this much, and its last
# one to follow the end of it.
CLOCK_TOLERANCE = timedelta(minutes=2)
# The page takes no touch for 350 ms after each screen, and none for 6 s after a visit. What is left
# over is for timers and roundings of the device.
SCREEN_MS = 300
THANKS_MS = 5_000


@dataclass(frozen=True)
class Visit:
    """How one visit went, by the counter of the device it was rated on.

    It began at `began_ms` of the page's run, went on for `lasted_ms` after the first tap, and
    answered something on so many `screens` after the score. Unknown is None.
    """

    began_ms: int | None = None
    lasted_ms: int | None = None
    screens: int = 0


def find_holding_rule(
    *,
    channel: str,
    counted_at: datetime,
    local: datetime,
    timetable: Timetable,
    paired_at: datetime | None,
    left_at: datetime | None = None,
    visit: Visit = Visit(),
) -> str | None:
    """The rule with its version that holds this rating back, or None when it counts.

    `counted_at` is the instant the rating counts for, `local` the same on the center's
    clock. Posters are read at home too, so opening hours bind tablets only.
    """
    if channel != "tablet":
        return None
    if paired_at is not None and counted_at < paired_at - CLOCK_TOLERANCE:
        return BEFORE_PAIRING
    if left_at is not None and counted_at > left_at + CLOCK_TOLERANCE:
        return REVOKED
    if not timetable.covers(local, OPENING_TOLERANCE):
        return OUTSIDE_HOURS
    if visit.lasted_ms is not None and visit.lasted_ms < SCREEN_MS * visit.screens:
        return TOO_FAST
    return None


def came_too_soon(visit: Visit, before: Visit) -> bool:
    """Whether a visit began sooner after the one before, in the same run, than the page allows.

    Without both beginnings nothing is said. Of a visit whose length is unknown the beginning is
    taken for its end, which speaks for the later one.
    """
    if visit.began_ms is None or before.began_ms is None:
        return False
    return visit.began_ms - before.began_ms - (before.lasted_ms or 0) < THANKS_MS
