"""What stands in the demo today, after the story: how the tablets are, and the survey that the
coordination centre's rooms ask from now on.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from analysis.months import Month
from survey_app.demo import catalogue
from survey_app.models import Center, Rating, Tablet, Touchpoint
from survey_app.network.pins import hash_pin
from survey_app.version import APP_VERSION

COORDINATION = "coordination"
# The tablets that somebody should look after: by center and place.
SILENT, BEHIND = ("absheron", "waiting"), ("baku-3", "hall-exit")
PAUSED, LOW = ("baku-4", "waiting"), ("baku-1", "waiting")
_GIGABYTE = 1024**3


def add_present(session: Session, last_month: Month, now: datetime) -> None:
    """Add all of it. The caller commits."""
    _describe_tablets(session, now)
    _set_pins(session)
    _change_survey(session, last_month)


def _describe_tablets(session: Session, now: datetime) -> None:
    tablets = session.scalars(
        select(Tablet)
        .join(Tablet.touchpoint)
        .join(Touchpoint.center)
        .options(contains_eager(Tablet.touchpoint).contains_eager(Touchpoint.center))
        .order_by(Center.number, Touchpoint.id)
    )
    for place, tablet in enumerate(tablets):
        center = tablet.touchpoint.center
        where = (center.slug, tablet.touchpoint.slug)
        tablet.name = f"{center.number}-{1 + place % 3}"
        tablet.app_version = APP_VERSION
        tablet.last_seen_at = now - timedelta(seconds=7 + place)
        tablet.last_rating_at = now - timedelta(minutes=4 + 3 * place)
        tablet.last_sequence = session.scalar(
            select(Rating.sequence)
            .where(Rating.tablet_id == tablet.id)
            .order_by(Rating.sequence.desc())
            .limit(1)
        )
        tablet.unsent = tablet.rejected = 0
        tablet.skew_ms = 40 * place - 250
        tablet.battery_percent, tablet.is_charging = 100 - 3 * place, True
        tablet.storage_free, tablet.storage_persistent = 11 * _GIGABYTE, True
        if where == SILENT:
            tablet.last_seen_at = now - timedelta(days=3, hours=2)
            tablet.last_rating_at = tablet.last_seen_at - timedelta(minutes=9)
            tablet.is_charging = False
        elif where == BEHIND:
            tablet.unsent, tablet.last_rating_at = 34, now - timedelta(hours=2)
        elif where == PAUSED:
            tablet.paused_at = now - timedelta(hours=20)
        elif where == LOW:
            tablet.battery_percent, tablet.is_charging = 11, False


def _set_pins(session: Session) -> None:
    # Hashed once for all: it is slow on purpose, and this number is no secret.
    pin = hash_pin(catalogue.STAFF_PIN)
    for center in session.scalars(select(Center)):
        center.staff_pin = pin


def _change_survey(session: Session, last_month: Month) -> None:
    """From the running month on the coordination centre's rooms ask a survey of their own."""
    published = catalogue.at(last_month.next().first_day, time(7))
    survey = catalogue.add_coordination_survey(session, published)
    for place in session.scalars(select(Touchpoint).where(Touchpoint.slug == COORDINATION)):
        place.survey = survey
