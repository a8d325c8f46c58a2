"""The reports room: figures from tallies, publishing, and reading what was published."""

from survey_app.reports import network_views, structure_views
from survey_app.reports.views import blueprint

__all__ = ["blueprint", "network_views", "structure_views"]
