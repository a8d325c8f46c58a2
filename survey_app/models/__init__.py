"""Every table, one file per part of the domain."""

from survey_app.models.audit import AuditEvent
from survey_app.models.base import LANGUAGES, Base
from survey_app.models.mail import OutgoingMail
from survey_app.models.network import (
    Agency,
    Center,
    Holiday,
    OpeningHours,
    Service,
    ServiceArea,
)
from survey_app.models.people import Membership, Passkey, User
from survey_app.models.ratings import (
    TALLIES,
    Answer,
    ChannelTally,
    CommentCorrection,
    CommentReading,
    DayTally,
    HourTally,
    Rating,
    ServiceTally,
)
from survey_app.models.reports import Report
from survey_app.models.surveys import Option, Question, Survey, SurveyVersion
from survey_app.models.touchpoints import PairingCode, Tablet, Touchpoint
from survey_app.models.visits import VisitCount

__all__ = [
    "LANGUAGES",
    "TALLIES",
    "Agency",
    "Answer",
    "AuditEvent",
    "Base",
    "Center",
    "ChannelTally",
    "CommentCorrection",
    "CommentReading",
    "DayTally",
    "Holiday",
    "HourTally",
    "Membership",
    "OpeningHours",
    "Option",
    "OutgoingMail",
    "PairingCode",
    "Passkey",
    "Question",
    "Rating",
    "Report",
    "Service",
    "ServiceArea",
    "ServiceTally",
    "Survey",
    "SurveyVersion",
    "Tablet",
    "Touchpoint",
    "User",
    "VisitCount",
]
