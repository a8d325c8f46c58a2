"""Writing into the audit trail: who did what, in which center, to which tablet."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.models import AuditEvent, Tablet, User


def note(
    session: Session,
    action: str,
    center_id: int | None,
    by: User | None,
    now: datetime,
    tablet: Tablet | None = None,
    **detail: Any,
) -> None:
    """Add an event to the trail; the caller commits it with what it tells of.

    `center_id` is None for what concerns the whole network, `by` for what no signed-in person
    did: an operator's command, a device, a job.
    """
    session.add(
        AuditEvent(
            happened_at=now,
            action=action,
            center_id=center_id,
            user_id=by.id if by is not None else None,
            tablet_id=tablet.id if tablet is not None else None,
            detail=detail,
        )
    )
