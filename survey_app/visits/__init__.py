"""The visits room: how many people were served, which days are missing, files that bring them."""

from survey_app.visits.views import blueprint

__all__ = ["blueprint"]
