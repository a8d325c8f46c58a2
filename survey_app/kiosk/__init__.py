"""The tablet's room: the page it shows, its service worker, and the pairing door."""

from survey_app.kiosk.views import blueprint

__all__ = ["blueprint"]
