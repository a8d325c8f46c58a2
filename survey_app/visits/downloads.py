"""The CSV files this room gives: one to be filled in, and the lines that were rejected."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date

from analysis.csv_tables import neutralised
from analysis.months import Month
from survey_app.models import VisitImport
from survey_app.visit_counts import KnownCenter
from survey_app.visits.files import GROUPS, VISITS, VISITS_BY_HOUR
from survey_app.visits.words import LINES, NOTES

# Spreadsheets of these languages take a comma for the decimal sign.
_DELIMITERS = {"az": ";", "ru": ";", "en": ","}


def blank_days(slug: str, days: Sequence[date], services: Sequence[str], language: str) -> str:
    """A line for each of these days and services, without its number."""
    rows = [(slug, day, _as_text(code), "") for day in days for code in services]
    return _csv(VISITS, rows, language)


def blank_hours(
    slug: str, center: KnownCenter, days: Sequence[date], services: Sequence[str], language: str
) -> str:
    """A line for each opening hour of these days and each service, without its number."""
    rows = [
        (slug, day, _as_text(code), hour, "")
        for day in days
        for code in services
        for hour in center.open_hours(day)
    ]
    return _csv(VISITS_BY_HOUR, rows, language)


def blank_groups(slug: str, month: Month, groups: Mapping[str, Set[str]], language: str) -> str:
    """A line for each group that is asked about, without its number."""
    rows = [
        (slug, month, question, option, "")
        for question in sorted(groups)
        for option in sorted(groups[question])
    ]
    return _csv(GROUPS, rows, language)


def rejected_lines(row: VisitImport, language: str) -> str:
    """The kept lines of a delivery that were rejected: number, why, and what stood there."""
    rows = [
        (each["line"], str(LINES[each["reason"]]), neutralised(each["text"]))
        for each in row.problems
        if each["reason"] not in NOTES
    ]
    return _csv(("line", "reason", "text"), rows, language)


def _as_text(code: str) -> str:
    """A code that a spreadsheet would otherwise take for a date."""
    return f'="{code}"'


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]], language: str) -> str:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=_DELIMITERS[language], lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    # By the mark a spreadsheet knows that it is UTF-8.
    return "\ufeff" + target.getvalue()
