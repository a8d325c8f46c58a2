"""The set-up document: what a tablet keeps so that it can work without us."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.documents import instant
from survey_app.errors import NotFound
from survey_app.models import Center, Rating, Tablet
from survey_app.questionnaire import current_version, describe_services, describe_version
from survey_app.timetables import Week, load_timetable
from survey_app.version import APP_VERSION

# A visitor who has not touched the screen for this long has gone.
IDLE_SECONDS = 15
# For how many days ahead a tablet is told when its center stays closed or has other hours.
DAYS_AHEAD = 120


def build_setup(session: Session, tablet: Tablet) -> dict[str, Any]:
    """The set-up document of docs/architecture.md for this tablet.

    Its `tag` changes with whatever a tablet should take over, so neither with the time nor
    with every rating.
    """
    touchpoint = tablet.touchpoint
    now = datetime.now(UTC)
    document: dict[str, Any] = {
        "tablet": {
            "id": tablet.id,
            "name": tablet.name,
            "paused": tablet.paused_at is not None,
        },
        "touchpoint": {
            "id": touchpoint.id,
            "label": dict(touchpoint.label),
            "service": touchpoint.service.code if touchpoint.service else None,
        },
        "center": _describe_center(session, touchpoint.center, now),
        "default_language": touchpoint.center.default_language,
        "idle_seconds": IDLE_SECONDS,
        "staff_pin": touchpoint.center.staff_pin,
        "survey": describe_version(current_version(session, touchpoint.survey_id)),
        "areas": describe_services(session),
        "app_version": APP_VERSION,
    }
    document["tag"] = _tag(document)
    document["server_time"] = instant(now)
    document["tablet"]["last_sequence"] = _last_sequence(session, tablet)
    return document


def setup_tag(session: Session, tablet: Tablet) -> str | None:
    """The tag of the tablet's set-up document, None while there is nothing to ask."""
    try:
        return str(build_setup(session, tablet)["tag"])
    except NotFound:
        return None


def _describe_center(session: Session, center: Center, now: datetime) -> dict[str, Any]:
    timetable, today = load_timetable(session, center.id), center.today(now)
    end = today + timedelta(days=DAYS_AHEAD)
    return {
        "slug": center.slug,
        "name": dict(center.name),
        "time_zone": center.time_zone,
        "hours": _describe_week(timetable.week(today)),
        "hours_next": [
            {"since": since.isoformat(), "hours": _describe_week(timetable.week(since))}
            for since in timetable.changes_after(today)
            if since <= end
        ],
        "closed_days": [
            day.isoformat() for day in sorted(timetable.closed_days) if today <= day <= end
        ],
    }


def _describe_week(week: Week) -> dict[str, list[str]]:
    return {str(weekday): [f"{each:%H:%M}" for each in hours] for weekday, hours in week.items()}


def _last_sequence(session: Session, tablet: Tablet) -> int:
    """The highest number we hold of this tablet; 0 when there is none."""
    return (
        session.scalar(select(func.max(Rating.sequence)).where(Rating.tablet_id == tablet.id)) or 0
    )


def _tag(document: dict[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()
