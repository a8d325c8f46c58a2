"""The network room: each center's places, their tablets with how they are, posters to print."""

from survey_app.network import hours_views
from survey_app.network.views import blueprint

__all__ = ["blueprint", "hours_views"]
