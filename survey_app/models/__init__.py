"""Every table, one file per part of the domain."""

from survey_app.models.audit import AuditEvent
from survey_app.models.base import LANGUAGES, Base
from survey_app.models.integrity import (
    IntegrityAlert,
    IntegrityCheck,
    Ruling,
    RulingRating,
)
from survey_app.models.mail import OutgoingMail
from survey_app.models.network import (
    Agency,
    Center,
    Holiday,
    OpeningHours,
    Service,
    ServiceArea,
)
from survey_app.models.people import ApiKey, Membership, Passkey, User
from survey_app.models.ratings import (
    TALLIES,
    Answer,
    AnswerTally,
    ChannelTally,
    CommentCorrection,
    CommentReading,
    DayTally,
    HourTally,
    Rating,
    ServiceTally,
)
from survey_app.models.reports import NetworkReport, PublishFailure, Report
from survey_app.models.surveys import Option, Question, Survey, SurveyVersion
from survey_app.models.touchpoints import PairingCode, Tablet, Touchpoint
from survey_app.models.visits import GroupServed, VisitCount, VisitHour, VisitImport

__all__ = [
    "LANGUAGES",
    "TALLIES",
    "Agency",
    "Answer",
    "AnswerTally",
    "ApiKey",
    "AuditEvent",
    "Base",
    "Center",
    "ChannelTally",
    "CommentCorrection",
    "CommentReading",
    "DayTally",
    "GroupServed",
    "Holiday",
    "HourTally",
    "IntegrityAlert",
    "IntegrityCheck",
    "Membership",
    "NetworkReport",
    "OpeningHours",
    "Option",
    "OutgoingMail",
    "PairingCode",
    "Passkey",
    "PublishFailure",
    "Question",
    "Rating",
    "Report",
    "Ruling",
    "RulingRating",
    "Service",
    "ServiceArea",
    "ServiceTally",
    "Survey",
    "SurveyVersion",
    "Tablet",
    "Touchpoint",
    "User",
    "VisitCount",
    "VisitHour",
    "VisitImport",
]
