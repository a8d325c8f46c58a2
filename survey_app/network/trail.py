"""What this room writes into the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.models import AuditEvent, Tablet, User


def note(
    session: Session,
    action: str,
    center_id: int,
    by: User,
    now: datetime,
    tablet: Tablet | None = None,
    **detail: Any,
) -> None:
    """Add an event: who did what in which center, to which tablet."""
    session.add(
        AuditEvent(
            happened_at=now,
            action=action,
            center_id=center_id,
            user_id=by.id,
            tablet_id=tablet.id if tablet is not None else None,
            detail=detail,
        )
    )
