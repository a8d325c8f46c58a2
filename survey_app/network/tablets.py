"""What a manager does to a tablet: invite, rename, move, pause, resume. The caller commits.

A tablet hears of it with its next sign of life, within a minute. Disconnecting one is
`pairing.revoke`.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import Tablet, TabletPlace, Touchpoint, User
from survey_app.pairing import create_pairing_code
from survey_app.trail import note


def invite_tablet(session: Session, place: Touchpoint, by: User, now: datetime) -> str:
    """A pairing code for this place, in two groups; raises NotFound unless it takes tablets."""
    code = create_pairing_code(session, place, now)
    note(session, "pairing_code_made", place.center_id, by, now, touchpoint_id=place.id)
    return code


def rename_tablet(session: Session, tablet: Tablet, name: str, by: User, now: datetime) -> None:
    """Call a tablet by a name; an empty one takes its name away."""
    tablet.name = name or None
    note(session, "tablet_renamed", tablet.touchpoint.center_id, by, now, tablet, name=tablet.name)


def move_tablet(
    session: Session, tablet: Tablet, place: Touchpoint, by: User, now: datetime
) -> None:
    """Let a living tablet stand at another place of tablets from now on.

    What it still keeps was said where it stood. Raises NotFound for a tablet that was
    disconnected and for a place that takes none.
    """
    _demand_living(tablet)
    if place.channel != "tablet" or place.retired_at is not None:
        raise NotFound
    left = tablet.touchpoint
    if place.id == left.id:
        return
    session.add(TabletPlace(tablet_id=tablet.id, since=now, touchpoint_id=place.id))
    tablet.touchpoint = place
    # Both centers' trails tell of it.
    for center_id in {left.center_id, place.center_id}:
        way = {"from_touchpoint_id": left.id, "to_touchpoint_id": place.id}
        note(session, "tablet_moved", center_id, by, now, tablet, **way)


def pause_tablet(session: Session, tablet: Tablet, by: User, now: datetime) -> None:
    """Let a tablet rest; raises NotFound for one that was disconnected."""
    _demand_living(tablet)
    if tablet.paused_at is None:
        tablet.paused_at = now
        note(session, "tablet_paused", tablet.touchpoint.center_id, by, now, tablet)


def resume_tablet(session: Session, tablet: Tablet, by: User, now: datetime) -> None:
    """Let a resting tablet ask again; raises NotFound for one that was disconnected."""
    _demand_living(tablet)
    if tablet.paused_at is not None:
        tablet.paused_at = None
        note(session, "tablet_resumed", tablet.touchpoint.center_id, by, now, tablet)


def _demand_living(tablet: Tablet) -> None:
    if tablet.revoked_at is not None:
        raise NotFound
