"""The one way in for a rating: what a valid one is, which are held back, and the record."""

from survey_app.intake.record import Arrival, Verdict, record_ratings
from survey_app.intake.submission import Submission

__all__ = ["Arrival", "Submission", "Verdict", "record_ratings"]
