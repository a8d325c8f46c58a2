"""Every table, one file per part of the domain."""

from survey_app.models.abuse import DailyKey, Pressure, SpentProof
from survey_app.models.audit import AuditEvent
from survey_app.models.base import LANGUAGES, Base
from survey_app.models.cases import Case
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
    Receipt,
    ServiceTally,
)
from survey_app.models.reports import NetworkReport, PublishFailure, Report
from survey_app.models.surveys import Option, Question, Survey, SurveyVersion
from survey_app.models.touchpoints import PairingCode, Tablet, TabletPlace, Ticket, Touchpoint
from survey_app.models.visits import (
    GroupServed,
    VisitCount,
    VisitHour,
    VisitImport,
    VisitMonth,
)

__all__ = [
    "LANGUAGES",
    "TALLIES",
    "Agency",
    "Answer",
    "AnswerTally",
    "ApiKey",
    "AuditEvent",
    "Base",
    "Case",
    "Center",
    "ChannelTally",
    "CommentCorrection",
    "CommentReading",
    "DailyKey",
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
    "Pressure",
    "PublishFailure",
    "Question",
    "Rating",
    "Receipt",
    "Report",
    "Ruling",
    "RulingRating",
    "Service",
    "ServiceArea",
    "ServiceTally",
    "SpentProof",
    "Survey",
    "SurveyVersion",
    "Tablet",
    "TabletPlace",
    "Ticket",
    "Touchpoint",
    "User",
    "VisitCount",
    "VisitHour",
    "VisitImport",
    "VisitMonth",
]
