"""What a sign of life changes of a tablet."""

from datetime import datetime

from survey_app.api.documents import Heartbeat
from survey_app.models import Tablet


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
