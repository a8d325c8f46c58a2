"""The room of cases: who asked for an answer, and whether it was given."""

from survey_app.cases.views import blueprint

__all__ = ["blueprint"]
