"""The set-up document: what a tablet keeps so that it can work without us."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.documents import instant
from survey_app.models import Rating, Tablet
from survey_app.questionnaire import current_version, describe_services, describe_version
from survey_app.version import APP_VERSION

# A visitor who has not touched the screen for this long has gone.
IDLE_SECONDS = 15


def build_setup(session: Session, tablet: Tablet) -> dict[str, Any]:
    """The set-up document of docs/architecture.md for this tablet."""
    touchpoint = tablet.touchpoint
    center = touchpoint.center
    last_sequence = session.scalar(
        select(func.max(Rating.sequence)).where(Rating.tablet_id == tablet.id)
    )
    return {
        "tablet": {"id": tablet.id, "last_sequence": last_sequence or 0},
        "touchpoint": {
            "label": dict(touchpoint.label),
            "service": touchpoint.service.code if touchpoint.service else None,
        },
        "center": {"slug": center.slug, "name": dict(center.name)},
        "default_language": center.default_language,
        "idle_seconds": IDLE_SECONDS,
        "survey": describe_version(current_version(session, touchpoint.survey_id)),
        "areas": describe_services(session),
        "server_time": instant(datetime.now(UTC)),
        "app_version": APP_VERSION,
    }
