"""The API room: what programs call under /api/v1. It knows no cookies and needs no CSRF token."""

from survey_app.api.views import blueprint
from survey_app.extensions import csrf

csrf.exempt(blueprint)

__all__ = ["blueprint"]
