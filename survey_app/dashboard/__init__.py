"""The dashboard room: the current month as it stands now."""

from survey_app.dashboard.views import blueprint

__all__ = ["blueprint"]
