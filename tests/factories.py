"""Rows for tests: `make.center()`, `make.rating(…)`; each with everything it needs, committed.

Every method makes one thing, fills in what the test does not name, and commits, so that a
request or another process sees the row at once. Times are fixed: nothing depends on today.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import uuid_utils.compat
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.access import token_digest
from survey_app.codes import TICKET_LENGTH, code_digest, mint_code
from survey_app.models import (
    Agency,
    Answer,
    ApiKey,
    AuditEvent,
    Base,
    Case,
    Center,
    CommentCorrection,
    CommentReading,
    DailyKey,
    GroupServed,
    Holiday,
    IntegrityAlert,
    IntegrityCheck,
    Membership,
    NetworkReport,
    OpeningHours,
    Option,
    OutgoingMail,
    PairingCode,
    Passkey,
    Pressure,
    PublishFailure,
    Question,
    Rating,
    Receipt,
    Report,
    Ruling,
    RulingRating,
    Service,
    ServiceArea,
    SpentProof,
    Survey,
    SurveyVersion,
    Tablet,
    TabletPlace,
    Ticket,
    Touchpoint,
    User,
    VisitCount,
    VisitHour,
    VisitImport,
    VisitMonth,
)
from survey_app.models.network import FROM_THE_BEGINNING
from survey_app.models.people import CENTER_ROLES
from survey_app.timetables import WEEKDAYS, Hours, Timetable

Row = TypeVar("Row", bound=Base)

# A Monday on which every center is open, and the instant at which things happen on it.
DAY = date(2026, 10, 5)
MONTH = date(2026, 10, 1)
NOON = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
BAKU = ZoneInfo("Asia/Baku")
# What the application under test signs and keys digests with.
SIGNING_KEY = "a signing key for tests, which guards nothing"
# Everybody's password; hashing one takes a tenth of a second, so it is hashed on demand.
PASSWORD = "correct horse battery staple"

# code, role, kind, lowest and highest score it is asked of, codes of its options
QUESTIONS: tuple[tuple[str, str, str, int, int, tuple[str, ...]], ...] = (
    ("satisfaction", "satisfaction", "score", 1, 5, ("1", "2", "3", "4", "5")),
    ("outcome", "outcome", "single", 1, 5, ("yes", "partly", "no")),
    ("good", "driver", "multiple", 4, 5, ("staff_courtesy", "waiting", "information")),
    ("bad", "driver", "multiple", 1, 3, ("staff_courtesy", "waiting", "information")),
    ("comment", "free", "text", 1, 5, ()),
    ("age", "equality", "single", 1, 5, ("under_30", "from_30_to_59", "from_60", "no_answer")),
)


@dataclass(frozen=True)
class EnrolledTablet:
    """A tablet and the token that it alone knows."""

    tablet: Tablet
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What the tablet sends along with every request."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class PrintedTicket:
    """A visit ticket and the two codes that are printed on it."""

    ticket: Ticket
    code: str
    secret: str


def timetable(week: Mapping[int, Hours], *closed_days: date) -> Timetable:
    """Hours by weekday that have always held, less these days."""
    changes = {weekday: [(FROM_THE_BEGINNING, hours)] for weekday, hours in week.items()}
    return Timetable(changes, frozenset(closed_days))


class Make:
    """Makes rows in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._numbers = count(1)
        self._commit = session.commit

    @contextmanager
    def together(self) -> Iterator[None]:
        """Commit once for all that is made within: many rows cost half of what they do singly."""
        self._commit = self.session.flush
        yield
        self._commit = self.session.commit
        self._commit()

    # --- the network -----------------------------------------------------------------------

    def center(self, slug: str | None = None, **columns: Any) -> Center:
        """A center open on workdays from 9 to 18."""
        number = next(self._numbers)
        slug = slug or f"center-{number}"
        center = Center(
            slug=slug,
            **{
                "number": number,
                "time_zone": "Asia/Baku",
                "default_language": "az",
                **_named(f"Center {slug}"),
                **_texts("address", f"Street {number}"),
                **columns,
            },
        )
        center.opening_hours = [
            OpeningHours(weekday=weekday, opens=time(9), closes=time(18)) for weekday in range(1, 6)
        ]
        return self._keep(center)

    def hours(self, center: Center, since: date, week: Mapping[int, Hours]) -> None:
        """The hours of a center from a day on; weekdays that are not named are closed."""
        for weekday in WEEKDAYS:
            opens, closes = week.get(weekday, (None, None))
            self.session.add(
                OpeningHours(
                    center_id=center.id, weekday=weekday, since=since, opens=opens, closes=closes
                )
            )
        self._commit()

    def holiday(self, day: date = DAY, **columns: Any) -> Holiday:
        """A day on which the network is closed."""
        return self._keep(Holiday(day=day, **(_named("Holiday") | columns)))

    def agency(self, code: str | None = None, **columns: Any) -> Agency:
        """An agency."""
        code = code or f"agency-{next(self._numbers)}"
        return self._keep(Agency(code=code, **(_named(f"Agency {code}") | columns)))

    def area(self, code: str | None = None, kind: str = "standard", **columns: Any) -> ServiceArea:
        """A service area."""
        code = code or f"{next(self._numbers):02}"
        return self._keep(ServiceArea(code=code, kind=kind, **(_named(f"Area {code}") | columns)))

    def service(
        self, code: str | None = None, area: ServiceArea | None = None, **columns: Any
    ) -> Service:
        """A service of an area, by default of one of its own."""
        area = area or self.area()
        code = code or f"{area.code}-01-{next(self._numbers):02}"
        columns.setdefault("agency_id", None)
        columns["agency_id"] = columns["agency_id"] or self.agency().id
        return self._keep(
            Service(
                code=code,
                area_id=area.id,
                **({"standard_minutes": 20} | _named(f"Service {code}") | columns),
            )
        )

    def visits(
        self, center: Center, service: Service, served: int = 40, day: date = DAY
    ) -> VisitCount:
        """How many people a center served on a day for a service."""
        return self._keep(
            VisitCount(center_id=center.id, service_id=service.id, day=day, served=served)
        )

    def visit_hour(
        self, center: Center, service: Service, hour: int = 12, served: int = 5, day: date = DAY
    ) -> VisitHour:
        """How many of a day's people were served in one hour; their count is made apart."""
        return self._keep(
            VisitHour(center_id=center.id, service_id=service.id, day=day, hour=hour, served=served)
        )

    def group_served(
        self,
        center: Center,
        option: str = "from_60",
        served: int = 300,
        question: str = "age",
        month: date = MONTH,
    ) -> GroupServed:
        """How many people of a group a center served in a month."""
        return self._keep(
            GroupServed(
                center_id=center.id, month=month, question=question, option=option, served=served
            )
        )

    def visit_month(
        self, center: Center, month: date = MONTH, moved_at: datetime = NOON
    ) -> VisitMonth:
        """When a delivery last moved a month's people served."""
        return self._keep(VisitMonth(center_id=center.id, month=month, moved_at=moved_at))

    def visit_import(self, **columns: Any) -> VisitImport:
        """One delivery of visit counts, of which every line was new."""
        number = next(self._numbers)
        return self._keep(
            VisitImport(
                **{
                    "imported_at": NOON,
                    "source": "cli",
                    "name": f"visits-{number}.csv",
                    "digest": hashlib.sha256(f"visits {number}".encode()).digest(),
                    "added": 1,
                    "changed": 0,
                    "unchanged": 0,
                    "rejected": 0,
                    "problems": [],
                    **columns,
                }
            )
        )

    # --- people ----------------------------------------------------------------------------

    def user(self, role: str | None = None, center: Center | None = None, **columns: Any) -> User:
        """Somebody who can sign in; with a role in a center or, without one, in the network."""
        number = next(self._numbers)
        user = User(
            **{
                "email": f"{role or 'nobody'}-{number}@example.org",
                "password": None,
                "active": True,
                "language": "en",
                "fs_uniquifier": f"{number:064}",
                "created_at": NOON,
                **columns,
            }
        )
        if role is not None:
            if role in CENTER_ROLES and center is None:
                center = self.center()
            user.memberships = [Membership(role=role, center_id=center.id if center else None)]
        return self._keep(user)

    def passkey(self, user: User, **columns: Any) -> Passkey:
        """A registered passkey, whose key nobody holds."""
        number = next(self._numbers)
        return self._keep(
            Passkey(
                user_id=user.id,
                **{
                    "credential_id": number.to_bytes(32, "big"),
                    "public_key": b"a public key",
                    "sign_count": 0,
                    "backup_state": False,
                    "device_type": "single_device",
                    "name": f"key {number}",
                    "usage": "first",
                    "create_datetime": NOON,
                    "lastuse_datetime": NOON,
                    **columns,
                },
            )
        )

    def api_key(
        self, center: Center | None = None, secret: str | None = None, **columns: Any
    ) -> ApiKey:
        """What another system signs in with: this secret, for one center or for all."""
        secret = secret or f"secret-{next(self._numbers)}"
        return self._keep(
            ApiKey(
                digest=token_digest(secret),
                center_id=center.id if center else None,
                **({"name": "Queue system", "created_at": NOON} | columns),
            )
        )

    # --- what is asked ---------------------------------------------------------------------

    def survey(self, code: str | None = None, versions: int = 1) -> Survey:
        """A survey with this many published versions."""
        code = code or f"survey-{next(self._numbers)}"
        survey = self._keep(Survey(code=code, **_named(f"Survey {code}")))
        for number in range(1, versions + 1):
            self.survey_version(survey, number)
        return survey

    def survey_version(
        self, survey: Survey, number: int = 1, published_at: datetime | None = NOON
    ) -> SurveyVersion:
        """A version with the questions of QUESTIONS; None leaves it a draft."""
        version = SurveyVersion(survey_id=survey.id, number=number)
        version.questions = [
            Question(
                position=position,
                code=code,
                role=role,
                kind=kind,
                min_score=lowest,
                max_score=highest,
                options=[
                    Option(position=place, code=option, **_texts("text", f"Option {option}"))
                    for place, option in enumerate(options, 1)
                ],
                **_texts("text", f"Question {code}"),
            )
            for position, (code, role, kind, lowest, highest, options) in enumerate(QUESTIONS, 1)
        ]
        self._keep(version)
        # A published version takes no more questions: the database sees to it.
        version.published_at = published_at
        return self._keep(version)

    # --- where ratings come in -------------------------------------------------------------

    def touchpoint(
        self, center: Center | None = None, channel: str = "tablet", **columns: Any
    ) -> Touchpoint:
        """A place with a tablet or a poster, asking a survey of its own unless told."""
        number = next(self._numbers)
        center = center or self.center()
        columns.setdefault("survey_id", None)
        columns["survey_id"] = columns["survey_id"] or self.survey().id
        return self._keep(
            Touchpoint(
                center_id=center.id,
                channel=channel,
                **{
                    "slug": f"place-{number}",
                    "code": f"CODE{number:04}" if channel == "qr" else None,
                    "created_at": NOON - timedelta(days=400),
                    **_texts("label", f"Place {number}"),
                    **columns,
                },
            )
        )

    def poster(self, center: Center | None = None, **columns: Any) -> Touchpoint:
        """A touchpoint with a printed code."""
        return self.touchpoint(center, "qr", **columns)

    def tablet(self, touchpoint: Touchpoint | None = None, **columns: Any) -> EnrolledTablet:
        """An enrolled tablet with its token."""
        touchpoint = touchpoint or self.touchpoint()
        token = f"token-{next(self._numbers)}"
        tablet = Tablet(
            touchpoint_id=touchpoint.id,
            token_digest=token_digest(token),
            **({"paired_at": NOON - timedelta(days=400)} | columns),
        )
        self._keep(tablet)
        place = {"since": tablet.paired_at, "touchpoint_id": touchpoint.id}
        self._keep(TabletPlace(tablet_id=tablet.id, **place))
        return EnrolledTablet(tablet, token)

    def tickets_place(self, center: Center | None = None, **columns: Any) -> Touchpoint:
        """The touchpoint where a center's visit tickets come in."""
        return self.touchpoint(center, "qr", code=None, **columns)

    def ticket(self, place: Touchpoint | None = None, **columns: Any) -> PrintedTicket:
        """A visit ticket with its codes, good from NOON on."""
        place = place or self.tickets_place()
        code, secret = mint_code(TICKET_LENGTH), f"SECRET{next(self._numbers):020}"
        ticket = Ticket(
            touchpoint_id=place.id,
            code_digest=code_digest("ticket", code, SIGNING_KEY),
            secret_digest=code_digest("ticket secret", secret, SIGNING_KEY),
            **{"visited_at": NOON, "expires_at": NOON + timedelta(days=7), **columns},
        )
        return PrintedTicket(self._keep(ticket), code, secret)

    def pairing_code(
        self, touchpoint: Touchpoint, code: str = "BCDFGHJK", **columns: Any
    ) -> PairingCode:
        """A pairing code that is good for ten minutes from NOON."""
        return self._keep(
            PairingCode(
                touchpoint_id=touchpoint.id,
                code_digest=token_digest(code),
                **({"expires_at": NOON + timedelta(minutes=10)} | columns),
            )
        )

    # --- ratings ---------------------------------------------------------------------------

    def receipt(self, rating: Rating, code: str = "BCDFGHJKLMNL") -> Receipt:
        """What the citizen holds of a rating."""
        digest = code_digest("receipt", code, SIGNING_KEY)
        return self._keep(Receipt(submission_id=rating.submission_id, digest=digest))

    def case(self, rating: Rating, **columns: Any) -> Case:
        """A citizen's wish to be answered about a rating."""
        return self._keep(
            Case(
                submission_id=rating.submission_id,
                center_id=rating.center_id,
                **{"contact": b"locked", "opened_at": NOON, **columns},
            )
        )

    def daily_key(self, day: date = DAY) -> DailyKey:
        """The key under which a day's networks are hashed."""
        return self._keep(DailyKey(day=day, key=b"k" * 32))

    def pressure(self, **columns: Any) -> Pressure:
        """A bucket with one rating in the window that begins at NOON."""
        return self._keep(
            Pressure(**{"window": NOON, "bucket": b"b" * 32, "ratings": 1, **columns})
        )

    def spent_proof(self, digest: bytes = b"p" * 32) -> SpentProof:
        """A proof of work that was handed in."""
        return self._keep(SpentProof(digest=digest, expires_at=NOON + timedelta(hours=1)))

    def rating(
        self, touchpoint: Touchpoint | None = None, answers: Iterable[str] = (), **columns: Any
    ) -> Rating:
        """A rating, and its place in the tallies.

        `answers` are codes of options of its survey version. `rated_at` moves the day it
        counts for along with it. A tablet's rating takes the tablet's next sequence number.
        """
        touchpoint = touchpoint or self.touchpoint()
        rated_at = columns.setdefault("rated_at", NOON)
        local = rated_at.astimezone(ZoneInfo(touchpoint.center.time_zone))
        submission_id = columns.setdefault("submission_id", self.uuid())
        if touchpoint.channel == "tablet":
            columns.setdefault("tablet_id", self._tablet_id(touchpoint))
            columns.setdefault("sequence", next(self._numbers))
        rating = Rating(
            touchpoint_id=touchpoint.id,
            center_id=touchpoint.center_id,
            channel=touchpoint.channel,
            **{
                "survey_version_id": self._newest_version_id(touchpoint),
                "service_id": touchpoint.service_id,
                "score": 5,
                "language": "az",
                "mode": "self",
                "received_at": rated_at,
                "clock": "device",
                "counted_on": local.date(),
                "counted_hour": local.hour,
                "state": "counted",
                "verified": False,
                "held_rule": "outside_hours/1" if columns.get("state") == "held" else None,
                "content_digest": hashlib.sha256(submission_id.bytes).digest(),
                **columns,
            },
        )
        self._keep(rating)
        chosen = self._option_ids(rating, answers)
        for option_id in chosen:
            self.session.add(Answer(submission_id=submission_id, option_id=option_id))
        version = self.session.get_one(SurveyVersion, rating.survey_version_id)
        movements = tallies.no_movements()
        tallies.count_rating(
            movements,
            _place(rating),
            score=rating.score,
            state=rating.state,
            has_comment=rating.comment is not None,
            answered=tallies.answer_cells(tallies.asked_by(version), chosen),
        )
        tallies.move(self.session, movements)
        self._commit()
        return rating

    def ratings(
        self, scores: Iterable[int], touchpoint: Touchpoint | None = None, **columns: Any
    ) -> list[Rating]:
        """One rating for each of these scores, at one touchpoint."""
        touchpoint = touchpoint or self.touchpoint()
        return [self.rating(touchpoint, score=score, **columns) for score in scores]

    def reading(
        self, rating: Rating | None = None, sentiment: str = "positive", **columns: Any
    ) -> CommentReading:
        """What was read in a rating's comment, and its place in the tallies."""
        rating = rating or self.rating(comment="Çox sağ olun")
        usual = {"negative": -0.6, "neutral": 0.0, "positive": 0.6, "mixed": 0.1}
        reading = CommentReading(
            submission_id=rating.submission_id,
            sentiment=sentiment,
            **{
                "language": rating.language,
                "polarity": usual.get(sentiment),
                "topics": ["staff_courtesy"],
                "reader": "test",
                "read_at": NOON,
                **columns,
            },
        )
        movements = tallies.no_movements()
        if rating.state == "counted":
            tallies.count_reading(movements, _place(rating), sentiment=sentiment)
        self._keep(reading)
        tallies.move(self.session, movements)
        self._commit()
        return reading

    def correction(
        self, rating: Rating, sentiment: str = "negative", **columns: Any
    ) -> CommentCorrection:
        """What somebody says a rating's comment means; its reading and the tallies stay."""
        return self._keep(
            CommentCorrection(
                submission_id=rating.submission_id,
                sentiment=sentiment,
                **({"topics": ["waiting"], "corrected_at": NOON} | columns),
            )
        )

    def uuid(self) -> UUID:
        """A time-ordered id, as a client mints it."""
        return uuid_utils.compat.uuid7()

    # --- what the rules made of them -------------------------------------------------------

    def integrity_check(self, center: Center, day: date = DAY, **columns: Any) -> IntegrityCheck:
        """A center's day that the rules have looked at."""
        usual = {"ratings": 0, "rules": "1", "tests_made": 0, "checked_at": NOON}
        return self._keep(IntegrityCheck(center_id=center.id, day=day, **(usual | columns)))

    def integrity_alert(
        self, center: Center, touchpoint: Touchpoint | None = None, **columns: Any
    ) -> IntegrityAlert:
        """A suspicion that stands, of a touchpoint or of the whole center, for one day."""
        day = columns.setdefault("day", DAY)
        return self._keep(
            IntegrityAlert(
                center_id=center.id,
                touchpoint_id=touchpoint.id if touchpoint else None,
                **{
                    "rule": "fast_run/1",
                    "last_day": day,
                    "p_value": 1e-5,
                    "detail": {},
                    "found_at": NOON,
                    **columns,
                },
            )
        )

    def ruling(
        self, ratings: Iterable[Rating], kind: str = "hold", stage: str = "done", **columns: Any
    ) -> Ruling:
        """A decision on ratings of one center, which stay in the state they are in.

        A hold is the rule's own; for the others a manager proposes and an auditor decides.
        """
        ratings = list(ratings)
        if kind != "hold":
            center = self.session.get_one(Center, ratings[0].center_id)
            columns.setdefault("proposed_by", self.user("manager", center).id)
            if stage != "proposed":
                columns.setdefault("decided_by", self.user("auditor").id)
        ruling = Ruling(
            center_id=ratings[0].center_id,
            kind=kind,
            stage=stage,
            **{
                "rule": "fast_run/1" if kind == "hold" else "person",
                "reason": "Eight times five within a minute",
                "proposed_at": NOON,
                "decided_at": NOON if stage != "proposed" else None,
                **columns,
            },
        )
        ruling.ratings = [RulingRating(submission_id=each.submission_id) for each in ratings]
        return self._keep(ruling)

    # --- what comes of it ------------------------------------------------------------------

    def report(
        self, center: Center | None = None, month: date = MONTH, revision: int = 1, **columns: Any
    ) -> Report:
        """A published revision. Give `value` where it is to be shown: the usual one is empty."""
        value = columns.setdefault("value", json.dumps({}))
        return self._keep(
            Report(
                center_id=(center or self.center()).id,
                month=month,
                revision=revision,
                **{
                    "reason": "first" if revision == 1 else "late_ratings",
                    "digest": hashlib.sha256(value.encode()).digest(),
                    "counters": [0] * len(tallies.COUNTERS),
                    "published_at": NOON + timedelta(days=30),
                    **columns,
                },
            )
        )

    def network_report(
        self, month: date = MONTH, revision: int = 1, **columns: Any
    ) -> NetworkReport:
        """A published revision of the whole network's month."""
        value = columns.setdefault("value", json.dumps({}))
        return self._keep(
            NetworkReport(
                month=month,
                revision=revision,
                **{
                    "digest": hashlib.sha256(value.encode()).digest(),
                    "made_of": [],
                    "published_at": NOON + timedelta(days=30),
                    **columns,
                },
            )
        )

    def publish_failure(
        self, center: Center, month: date = MONTH, **columns: Any
    ) -> PublishFailure:
        """A month that could not be published."""
        usual = {"problem": "ValueError: the tallies disagree", "failed_at": NOON}
        return self._keep(PublishFailure(center_id=center.id, month=month, **(usual | columns)))

    def mail(self, recipient: str = "manager@example.org", **columns: Any) -> OutgoingMail:
        """A letter that waits to be sent."""
        letter = {"subject": "Subject", "body": "Body", "created_at": NOON, "due_at": NOON}
        return self._keep(OutgoingMail(recipient=recipient, **(letter | columns)))

    def audit_event(self, action: str = "signed_in", **columns: Any) -> AuditEvent:
        """Something that was noted."""
        event = {"happened_at": NOON, "detail": {}} | columns
        return self._keep(AuditEvent(action=action, **event))

    # --- noise -----------------------------------------------------------------------------

    def noise(self, center: Center | None = None, at: datetime = NOON) -> Center:
        """Rows that a correct query leaves out, so that one without its filter fails.

        Another center (returned) gets a little of everything at the same time. In `center`,
        if one is given, ratings are added that are held or void, and some of the month
        before and the month after.
        """
        other = self.center()
        service = self.service()
        for channel in ("tablet", "qr"):
            place = self.touchpoint(other, channel, service_id=service.id)
            for score in (1, 2, 3, 4, 5):
                self.rating(place, score=score, rated_at=at)
            self.reading(self.rating(place, score=1, comment="Pis", rated_at=at), "negative")
            self.rating(place, score=2, comment="Oxunmayıb", rated_at=at)
        day = at.astimezone(BAKU).date()
        self.visits(other, service, day=day)
        self.visit_hour(other, service, day=day)
        self.group_served(other, month=day.replace(day=1))
        self.integrity_check(other, day)
        self.integrity_alert(other, day=day)
        self.ruling([self.rating(place, state="held", rated_at=at)], proposed_at=at, decided_at=at)
        self.user("manager", other)
        self.report(other, day.replace(day=1))
        self.audit_event(center_id=other.id)
        if center is not None:
            self._noise_inside(center, at)
        return other

    def _noise_inside(self, center: Center, at: datetime) -> None:
        place = self.touchpoint(center)
        for state in ("held", "void"):
            self.rating(place, score=1, state=state, comment="Set aside", rated_at=at)
        for moved in (at - timedelta(days=31), at + timedelta(days=31)):
            self.reading(self.rating(place, score=1, comment="Moved", rated_at=moved), "negative")

    # --- how -------------------------------------------------------------------------------

    def _keep(self, row: Row) -> Row:
        self.session.add(row)
        self._commit()
        return row

    def _tablet_id(self, touchpoint: Touchpoint) -> int:
        known = select(Tablet.id).where(Tablet.touchpoint_id == touchpoint.id).limit(1)
        return self.session.scalar(known) or self.tablet(touchpoint).tablet.id

    def _newest_version_id(self, touchpoint: Touchpoint) -> int:
        return self.session.scalars(
            select(SurveyVersion.id)
            .where(SurveyVersion.survey_id == touchpoint.survey_id)
            .order_by(SurveyVersion.number.desc())
            .limit(1)
        ).one()

    def _option_ids(self, rating: Rating, codes: Iterable[str]) -> list[int]:
        """The option of each code, in the question that is asked at this rating's score."""
        return [
            self.session.scalars(
                select(Option.id)
                .join(Question, Question.id == Option.question_id)
                .where(
                    Question.version_id == rating.survey_version_id,
                    Question.min_score <= rating.score,
                    Question.max_score >= rating.score,
                    Option.code == code,
                )
            ).one()
            for code in codes
        ]


def submission(**members: Any) -> dict[str, Any]:
    """One rating as a tablet sends it, in JSON's types."""
    return {
        "submission_id": str(uuid_utils.compat.uuid7()),
        "sequence": 1,
        "survey_version": 1,
        "score": 5,
        "rated_at": NOON.isoformat(),
        "language": "az",
        "service": None,
        "answers": {},
        "comment": None,
        "mode": "self",
    } | members


def _texts(name: str, text: str) -> dict[str, str]:
    """The same text in three languages, told apart by its ending."""
    return {f"{name}_{language}": f"{text} ({language})" for language in ("az", "ru", "en")}


def _named(text: str) -> dict[str, str]:
    return _texts("name", text)


def _place(rating: Rating) -> tallies.Place:
    return tallies.Place(*(getattr(rating, name) for name in tallies.Place._fields))
