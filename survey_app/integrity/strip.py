"""The presses of one place on one day as a strip: where each stands, and which are in question."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

# The hours a strip shows at least, by the center's clock; it grows where presses lie outside.
_MORNING, _EVENING = 9, 18


@dataclass(frozen=True)
class Press:
    """One press: how far along the strip (0 to 100), its score, and whether it is in question."""

    x: float
    score: int
    suspected: bool


@dataclass(frozen=True)
class Strip:
    """A day's presses between two hours of the center's clock; `ticks` are (x, hour)."""

    presses: tuple[Press, ...]
    ticks: tuple[tuple[float, int], ...]

    @property
    def suspected(self) -> int:
        """How many presses are in question."""
        return sum(press.suspected for press in self.presses)


def build_strip(
    rows: Sequence[tuple[UUID, datetime, int]],
    suspected: Collection[UUID],
    day: date,
    time_zone: str,
) -> Strip:
    """The strip of these (rating, when, score).

    A press whose device's clock says another day stands at the end nearer to it.
    """
    zone = ZoneInfo(time_zone)
    midnight = datetime.combine(day, time(0), zone).astimezone(UTC)
    hours = [(when - midnight) / timedelta(hours=1) for _, when, _ in rows]
    within = [hour for hour in hours if 0 <= hour < 24]
    first = min([_MORNING, *map(int, within)])
    last = max([_EVENING, *(int(hour) + 1 for hour in within)])
    width = last - first
    presses = tuple(
        Press(min(100.0, max(0.0, (hour - first) / width * 100)), score, rating in suspected)
        for hour, (rating, _, score) in zip(hours, rows, strict=True)
    )
    step = 1 if width <= 10 else 3
    ticks = tuple(
        ((hour - first) / width * 100, hour % 24) for hour in range(first, last + 1, step)
    )
    return Strip(presses, ticks)
