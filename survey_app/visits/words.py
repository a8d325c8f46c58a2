"""What is said of lines and files that could not be taken, in the reader's language."""

from typing import Any

from flask_babel import lazy_gettext as _l

LINES: dict[str, Any] = {
    "unreadable_line": _l("The line has too few or too many columns."),
    "unknown_center": _l("No center of yours has this short name."),
    "unknown_service": _l("No service has this code."),
    "unknown_question": _l("No question about groups has this code."),
    "unknown_option": _l("The question has no answer with this code."),
    "unreadable_day": _l("The day cannot be read. Write 2026-10-05 or 05.10.2026."),
    "day_in_future": _l("The day has not come yet."),
    "day_too_early": _l("The day is before the year 2000."),
    "unreadable_hour": _l("The hour is not a whole number from 0 to 23."),
    "unreadable_number": _l("The number of people is not a whole number."),
    "negative_number": _l("The number of people is below zero."),
    "number_too_large": _l("The number of people is too large to be true."),
    "contradictory": _l("Another line gives another number for the same."),
    "day_and_hours": _l("The file has both the day and its hours for this service."),
    "hours_incomplete": _l("The hours of this day are not complete, so the day is left as it was."),
    "outside_opening_hours": _l("The hour is far from the opening hours. The line was taken."),
}
# These are remarks on lines that were taken.
NOTES = frozenset({"outside_opening_hours"})

FILES: dict[str, Any] = {
    "too_large": _l("The file is larger than 20 MB. Split it, for example by month."),
    "too_many_lines": _l("The file has more than 500,000 lines. Split it, for example by month."),
    "empty_file": _l("The file is empty."),
    "unknown_encoding": _l("The letters of the file cannot be read. Save it as CSV in UTF-8."),
    "workbook": _l("This is a workbook. Save its sheet as CSV and choose that file."),
    "unknown_column": _l("The first line names a column that is not known here:"),
    "repeated_column": _l("The first line names a column twice:"),
    "missing_columns": _l("The first line lacks these columns:"),
    "mixed_columns": _l("The first line mixes the columns of days and of groups."),
}


def say_file(reason: str, detail: str) -> str:
    """Why a file could not be read, with the columns concerned."""
    return f"{FILES[reason]} {detail}".strip()
