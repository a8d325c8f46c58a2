"""How a tablet is doing: what its signs of life say, and whether somebody should go and look."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from survey_app.models import Tablet

# A tablet gives a sign of life every minute; after ten something is wrong with it or its network.
SILENT_WHEN_OPEN = timedelta(minutes=10)
# While the center is closed a tablet may be switched off.
SILENT_ANYWAY = timedelta(days=1)
# Ratings leave within a minute; those that are older than this wait for something.
WAITS_TOO_LONG = timedelta(minutes=10)
# Where people rate all the time, the newest is never old; then the number tells.
WAITING_TOO_MANY = 20
# A clock that is wrong by more may put a rating into another hour.
SKEW_SAID = timedelta(minutes=2)
BATTERY_LOW = 15
# Two weeks of ratings need a hundredth of it; the browser clears up before a disk is full.
STORAGE_LOW = 100 * 1024 * 1024

State = Literal["works", "behind", "silent", "paused", "revoked"]
# What somebody should look into.
TROUBLES = frozenset({"silent", "behind"})


@dataclass(frozen=True, slots=True)
class Condition:
    """A tablet's state in one word, and what else to mind about it.

    `skew` is how far its clock is ahead (positive) or behind, None if that does not matter.
    """

    state: State
    skew: timedelta | None
    is_battery_low: bool
    is_storage_low: bool


def condition_of(tablet: Tablet, open_since: datetime | None, now: datetime) -> Condition:
    """How a tablet is doing at this instant.

    `open_since` is when its center opened today; None while it is closed.
    """
    # Our clock less its own, the other way round than people say it.
    ahead = timedelta(milliseconds=-(tablet.skew_ms or 0))
    battery, free = tablet.battery_percent, tablet.storage_free
    return Condition(
        state=_state(tablet, open_since, now),
        skew=ahead if abs(ahead) > SKEW_SAID else None,
        is_battery_low=battery is not None and battery <= BATTERY_LOW and not tablet.is_charging,
        is_storage_low=free is not None and free < STORAGE_LOW,
    )


def _state(tablet: Tablet, open_since: datetime | None, now: datetime) -> State:
    if tablet.revoked_at is not None:
        return "revoked"
    if _is_silent(tablet, open_since, now):
        return "silent"
    if tablet.paused_at is not None:
        return "paused"
    return "behind" if _is_behind(tablet) else "works"


def _is_silent(tablet: Tablet, open_since: datetime | None, now: datetime) -> bool:
    seen = tablet.last_seen_at or tablet.paired_at
    if now - seen > SILENT_ANYWAY:
        return True
    # Switched off over night, it has these minutes from opening time on to wake up.
    return open_since is not None and now - max(seen, open_since) > SILENT_WHEN_OPEN


def _is_behind(tablet: Tablet) -> bool:
    if not tablet.unsent or tablet.last_seen_at is None:
        return False
    if tablet.unsent > WAITING_TOO_MANY or tablet.last_rating_at is None:
        return True
    # The newest rating's time is the tablet's own; put on our clock before they are compared.
    try:
        given = tablet.last_rating_at + timedelta(milliseconds=tablet.skew_ms or 0)
    except OverflowError:
        # A clock beyond any calendar tells nothing of when; that something waits is known.
        return True
    return tablet.last_seen_at - given > WAITS_TOO_LONG
