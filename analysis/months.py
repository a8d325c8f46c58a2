"""A calendar month: the period a report speaks about."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_WRITTEN = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A month of the Gregorian calendar, ordered in time and written ``2026-10``.

    Raises ValueError for a month outside 1–12 or a year outside 1–9999.
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12 or not 1 <= self.year <= 9999:
            raise ValueError(f"no such month: {self.year}-{self.month}")

    @classmethod
    def parse(cls, written: str) -> Month:
        """Read ``YYYY-MM``; anything else raises ValueError."""
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise ValueError(f"not a month written YYYY-MM: {written!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month a day falls in."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of the month, first to last."""
        first = self.first_day
        return tuple(first + timedelta(n) for n in range(self.last_day.day))

    def previous(self) -> Month:
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)

    def next(self) -> Month:
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)

    def year_before(self) -> Month:
        """The same month of the year before: the comparison that season does not disturb."""
        return Month(self.year - 1, self.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
