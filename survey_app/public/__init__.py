"""The public room: the front door and the choice of language."""

from survey_app.public.views import blueprint

__all__ = ["blueprint"]
