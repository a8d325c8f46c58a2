"""How a report speaks: the interface to a language, and one that needs no catalogue of the app.

Message ids are English sentences marked with `N_` where they stand; variables are written
``%(name)s``. `PlainWording` is used in notebooks and tests; the app derives its own from it and
overrides `text` alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from analysis.months import Month

MINUS, NO_BREAK = "\u2212", "\u00a0"


def N_(message: str) -> str:
    """Mark a message for extraction (``pybabel extract -k N_``); it is translated where shown."""
    return message


class Wording(Protocol):
    """A language: its sentences, numbers and dates.

    Shares and differences are fractions; decimals count places of the printed percent or points.
    """

    @property
    def language(self) -> str:
        """The BCP 47 tag for the document's lang attribute: az, ru or en."""

    def text(self, msgid: str, **variables: object) -> str: ...
    def number(self, value: float, decimals: int = 0) -> str: ...
    def percent(self, share: float, decimals: int = 0) -> str: ...

    def signed_points(self, difference: float, decimals: int = 1) -> str:
        """Percentage points with their sign and without a unit: "−1.2", "0.0", "+0.4"."""

    def month(self, month: Month) -> str: ...
    def month_short(self, month: Month) -> str: ...

    def weekday(self, weekday: int) -> str:
        """Name of a weekday, 1 is Monday."""

    def weekday_short(self, weekday: int) -> str: ...
    def date(self, day: dt.date) -> str: ...
    def day_month(self, day: dt.date) -> str: ...
    def name(self, names: Mapping[str, str]) -> str: ...


# fmt: off
_MONTHS = {
    "az": ("yanvar", "fevral", "mart", "aprel", "may", "iyun",
           "iyul", "avqust", "sentyabr", "oktyabr", "noyabr", "dekabr"),
    "ru": ("январь", "февраль", "март", "апрель", "май", "июнь",
           "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
    "en": ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December"),
}
_MONTHS_OF_A_DATE = {
    "az": _MONTHS["az"],
    "ru": ("января", "февраля", "марта", "апреля", "мая", "июня",
           "июля", "августа", "сентября", "октября", "ноября", "декабря"),
    "en": _MONTHS["en"],
}
_MONTHS_SHORT = {
    "az": ("yan", "fev", "mar", "apr", "may", "iyn", "iyl", "avq", "sen", "okt", "noy", "dek"),
    "ru": ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_WEEKDAYS = {
    "az": ("bazar ertəsi", "çərşənbə axşamı", "çərşənbə", "cümə axşamı", "cümə", "şənbə", "bazar"),
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_WEEKDAYS_SHORT = {
    "az": ("B.e.", "Ç.a.", "Ç.", "C.a.", "C.", "Ş.", "B."),
    "ru": ("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
# fmt: on


class PlainWording:
    """A Wording in az, ru or en with numbers and dates of its own.

    `catalogue` maps message ids to sentences of the language; what it lacks stays English.
    Raises ValueError for another language.
    """

    def __init__(self, language: str = "en", catalogue: Mapping[str, str] | None = None) -> None:
        if language not in _MONTHS:
            raise ValueError(f"no wording for language {language!r}")
        self._language = language
        self._catalogue = catalogue or {}

    @property
    def language(self) -> str:
        return self._language

    def text(self, msgid: str, **variables: object) -> str:
        message = self._catalogue.get(msgid, msgid)
        return message % variables if variables else message

    def number(self, value: float, decimals: int = 0) -> str:
        # Decimal of the shortest text: 96.45 rounds as a reader of "96.45" expects.
        rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        written = f"{rounded:,f}".replace("-", MINUS if rounded else "")
        if self._language == "en":
            return written
        return written.replace(",", NO_BREAK).replace(".", ",")

    def percent(self, share: float, decimals: int = 0) -> str:
        # Multiplied in decimal: 0.285 is 28.5 %, not 28.499999999999996.
        sign = "%" if self._language == "en" else NO_BREAK + "%"
        return self.number(float(Decimal(repr(share)) * 100), decimals) + sign

    def signed_points(self, difference: float, decimals: int = 1) -> str:
        points = float(Decimal(repr(difference)) * 100)
        written = self.number(points, decimals)
        return "+" + written if points > 0 and any(c in "123456789" for c in written) else written

    def month(self, month: Month) -> str:
        return f"{_MONTHS[self._language][month.month - 1]} {month.year}"

    def month_short(self, month: Month) -> str:
        return _MONTHS_SHORT[self._language][month.month - 1]

    def weekday(self, weekday: int) -> str:
        return _WEEKDAYS[self._language][weekday - 1]

    def weekday_short(self, weekday: int) -> str:
        return _WEEKDAYS_SHORT[self._language][weekday - 1]

    def date(self, day: dt.date) -> str:
        return f"{self.day_month(day)} {day.year}"

    def day_month(self, day: dt.date) -> str:
        return f"{day.day}{NO_BREAK}{_MONTHS_OF_A_DATE[self._language][day.month - 1]}"

    def name(self, names: Mapping[str, str]) -> str:
        """The name in this language, else in Azerbaijani, else in any."""
        for language in (self._language, "az", *sorted(names)):
            if names.get(language):
                return names[language]
        return ""


def sentence_case(text: str, language: str) -> str:
    """The text with a capital first letter; Azerbaijani i becomes İ."""
    if language == "az" and text.startswith("i"):
        return "İ" + text[1:]
    return text[:1].upper() + text[1:]
