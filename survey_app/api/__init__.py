"""The API room: what programs call under /api/v1. It knows no cookies and needs no CSRF token."""

from survey_app.api import tickets, views, visits
from survey_app.extensions import csrf

blueprint = views.blueprint
csrf.exempt(blueprint)

__all__ = ["blueprint", "tickets", "views", "visits"]
