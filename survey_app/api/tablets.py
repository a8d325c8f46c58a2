"""What a tablet says of itself: taken once each, so that nothing recorded can be played back."""

from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.api.documents import Heartbeat
from survey_app.errors import DomainError
from survey_app.models import Tablet


class AlreadyHeard(DomainError):
    """The tablet has counted further than this; `more` names how far, for the device to go on."""

    status = 409
    code = "already_heard"

    def __init__(self, heartbeats: int) -> None:
        super().__init__()
        self.more = {"heartbeats": heartbeats}


def count_heartbeat(session: Session, tablet: Tablet, count: int | None) -> None:
    """Take what a tablet signed only when it has counted further than ever before.

    A signature bears no date: without the count, what was recorded once would be good for ever.
    Pages from before there was one are heard until the tablet's first count. Raises AlreadyHeard.
    """
    # The same words may come twice at once: the second waits here for what the first has counted.
    session.refresh(tablet, ["heartbeats"], with_for_update={"of": Tablet})
    if tablet.heartbeats is not None and (count is None or count <= tablet.heartbeats):
        raise AlreadyHeard(tablet.heartbeats)
    tablet.heartbeats = count


def note_heartbeat(tablet: Tablet, document: Heartbeat, now: datetime) -> None:
    """Keep what the tablet says of itself; what it does not say is no longer known."""
    tablet.last_seen_at = now
    tablet.app_version = document.app_version
    tablet.unsent = document.unsent
    tablet.rejected = document.rejected
    tablet.last_sequence = document.last_sequence
    tablet.last_rating_at = document.last_rating_at
    tablet.skew_ms = document.skew_ms
    battery, storage = document.battery, document.storage
    tablet.battery_percent = battery.percent if battery else None
    tablet.is_charging = battery.charging if battery else None
    tablet.storage_free = storage.free if storage else None
    tablet.storage_persistent = storage.persistent if storage else None
