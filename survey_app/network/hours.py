"""What is changed about when centers are open: hours from a day on, and holidays.

Only days that are not over can be changed, because reports tell of the others. The caller commits.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.extensions import insert_into
from survey_app.models import LANGUAGES, Center, Holiday, OpeningHours, User
from survey_app.models.base import table_of
from survey_app.timetables import WEEKDAYS, Week
from survey_app.trail import note

# So far ahead hours and holidays are set; a later day is a slip of the pen.
AHEAD = timedelta(days=730)


def set_hours(
    session: Session, center: Center, since: date, week: Week, by: User, now: datetime
) -> None:
    """Let a center have these hours from a day on, until the next day from which others hold.

    Raises ValueError for a day that is over on the center's calendar.
    """
    if since < center.today(now):
        raise ValueError("hours of a day that is over stay as they were")
    insert = insert_into(session, table_of(OpeningHours))
    statement = insert.on_conflict_do_update(
        index_elements=["center_id", "weekday", "since"],
        set_={"opens": insert.excluded.opens, "closes": insert.excluded.closes},
    )
    rows = [
        {"center_id": center.id, "weekday": weekday, "since": since}
        | dict(zip(("opens", "closes"), week.get(weekday, (None, None)), strict=True))
        for weekday in WEEKDAYS
    ]
    session.execute(statement, rows)
    hours = {str(weekday): [f"{each:%H:%M}" for each in week[weekday]] for weekday in sorted(week)}
    note(session, "hours_set", center.id, by, now, since=since.isoformat(), hours=hours)


def withdraw_hours(session: Session, center: Center, since: date, by: User, now: datetime) -> bool:
    """Take back the hours that were to hold from a later day on; False when there are none."""
    if since <= center.today(now):
        return False
    gone = session.scalars(
        delete(table_of(OpeningHours))
        .where(OpeningHours.center_id == center.id, OpeningHours.since == since)
        .returning(OpeningHours.weekday)
    ).all()
    if gone:
        note(session, "hours_withdrawn", center.id, by, now, since=since.isoformat())
    return bool(gone)


def network_today(session: Session, now: datetime) -> date:
    """The first day that is over in no center."""
    return max(
        (center.today(now) for center in session.scalars(select(Center))), default=now.date()
    )


def add_holiday(
    session: Session, day: date, names: Mapping[str, str], by: User, now: datetime
) -> bool:
    """Close the whole network on a day, with its name by language; False when it is a holiday.

    Raises ValueError for a day that is over.
    """
    if day < network_today(session, now):
        raise ValueError("a day that is over stays as it was")
    table = table_of(Holiday)
    named = {f"name_{language}": names[language] for language in LANGUAGES}
    added = session.scalars(
        insert_into(session, table)
        .values(day=day, **named)
        .on_conflict_do_nothing()
        .returning(table.c.day)
    ).all()
    if added:
        note(session, "holiday_added", None, by, now, day=day.isoformat(), name=dict(names))
    return bool(added)


def remove_holiday(session: Session, day: date, by: User, now: datetime) -> bool:
    """Open the network on a day that was to be a holiday; False when it is none, or is over."""
    if day < network_today(session, now):
        return False
    gone = session.scalars(
        delete(table_of(Holiday)).where(Holiday.day == day).returning(Holiday.day)
    ).all()
    if gone:
        note(session, "holiday_removed", None, by, now, day=day.isoformat())
    return bool(gone)
