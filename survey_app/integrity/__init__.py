"""The integrity room: what the rules found, and what people decide on it."""

from survey_app.integrity.views import blueprint

__all__ = ["blueprint"]
