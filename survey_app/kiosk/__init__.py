"""The tablet's room: the page it shows, its service worker, and pairing."""

from survey_app.kiosk.views import blueprint

__all__ = ["blueprint"]
