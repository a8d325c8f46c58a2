"""The demo's fixed things: centers, services, agencies, holidays, the survey, places, people."""

import csv
import random
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from survey_app.codes import ALPHABET, POSTER_LENGTH, check_character
from survey_app.models import (
    Agency,
    Center,
    Holiday,
    Membership,
    OpeningHours,
    Option,
    Question,
    Service,
    ServiceArea,
    Survey,
    SurveyVersion,
    Touchpoint,
)
from survey_app.pairing import enrol
from survey_app.people.accounts import create_account

DATA = Path(__file__).parent / "data"
TIME_ZONE = "Asia/Baku"
OPENS, CLOSES = time(9), time(18)
ACCOUNT_DOMAIN = "demo.example.org"
# The short name of the place where a center's visit tickets come in.
TICKETS = "tickets"
# What opens the staff menu of the demo's tablets; as public as the password.
STAFF_PIN = "2580"
# Long enough for the rule every account obeys; printed at the start of the demo.
PASSWORD = "demo-network-only"  # noqa: S105 - the demo's password is public on purpose


def read_table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a tab-separated file of the demo's data."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _named(row: dict[str, str], prefix: str = "name") -> dict[str, str]:
    return {f"{prefix}_{language}": row[language] for language in ("az", "ru", "en")}


def add_network(session: Session) -> list[Center]:
    """Centers with hours, holidays, agencies, areas and services."""
    session.add_all(
        Holiday(day=date.fromisoformat(row["date"]), **_named(row))
        for row in read_table("holidays.tsv")
    )
    agencies = {
        row["code"]: Agency(code=row["code"], **_named(row)) for row in read_table("agencies.tsv")
    }
    areas = {
        row["code"]: ServiceArea(code=row["code"], kind=row["kind"], **_named(row))
        for row in read_table("areas.tsv")
    }
    session.add_all(
        Service(
            code=row["code"],
            area=areas[row["area"]],
            agency=agencies[row["agency"]],
            standard_minutes=int(row["minutes"]),
            **_named(row),
        )
        for row in read_table("services.tsv")
    )
    centers = [
        Center(
            slug=row["slug"],
            number=int(row["number"]),
            time_zone=TIME_ZONE,
            default_language="az",
            opening_hours=[
                OpeningHours(weekday=weekday, opens=OPENS, closes=CLOSES) for weekday in range(1, 6)
            ],
            **_named(row),
            **{
                f"address_{language}": row[f"address_{language}"] for language in ("az", "ru", "en")
            },
        )
        for row in read_table("centers.tsv")
    ]
    session.add_all(centers)
    session.flush()
    return centers


def add_survey(session: Session, first: datetime, second: datetime) -> Survey:
    """The survey, its first version published at `first`, its second at `second`."""
    return _add_described(session, "survey.toml", (first, second))


def add_coordination_survey(session: Session, published_at: datetime) -> Survey:
    """The survey of the coordination centre's rooms: the same codes, in words instead of faces."""
    return _add_described(session, "coordination.toml", (published_at,))


def _add_described(session: Session, name: str, published: Sequence[datetime]) -> Survey:
    """The survey that a file describes, with a version published at each of these instants."""
    described = tomllib.loads((DATA / name).read_text(encoding="utf-8"))
    survey = Survey(
        code=described["code"],
        dignity=described.get("dignity", False),
        **_named(described["name"]),
    )
    session.add(survey)
    for number, published_at in enumerate(published, 1):
        version = SurveyVersion(
            number=number, questions=[*_questions(described["question"], number)]
        )
        survey.versions.append(version)
        # Only a version that is not yet published takes questions.
        session.flush()
        version.published_at = published_at
        session.flush()
    return survey


def _questions(described: list[dict[str, Any]], number: int) -> Iterator[Question]:
    asked = [each for each in described if each.get("since", 1) <= number]
    for position, question in enumerate(asked, 1):
        options = [each for each in question["options"] if each.get("since", 1) <= number]
        yield Question(
            position=position,
            code=question["code"],
            role=question["role"],
            kind=question["kind"],
            min_score=question.get("min_score", 1),
            max_score=question.get("max_score", 5),
            options=[
                Option(position=place, code=option["code"], **_named(option, "text"))
                for place, option in enumerate(options, 1)
            ],
            **_named(question["text"], "text"),
        )


def add_places(
    session: Session, centers: list[Center], survey: Survey, opened: datetime, rng: random.Random
) -> list[Touchpoint]:
    """Tablets and posters of every center; every tablet's place gets an enrolled device."""
    by_slug = {center.slug: center for center in centers}
    places = [
        Touchpoint(
            center=by_slug[row["center"]],
            channel=row["kind"],
            slug=row["slug"],
            code=_poster_code(rng) if row["kind"] == "qr" else None,
            survey=survey,
            created_at=opened,
            **_named(row, "label"),
        )
        for row in read_table("touchpoints.tsv")
    ]
    session.add_all(places)
    session.flush()
    for place in places:
        if place.channel == "tablet":
            enrol(session, place, opened)
    return places


def _poster_code(rng: random.Random) -> str:
    letters = "".join(rng.choice(ALPHABET) for _ in range(POSTER_LENGTH - 1))
    return letters + check_character(letters)


def add_tickets_places(
    session: Session, centers: list[Center], survey: Survey, since: datetime
) -> list[Touchpoint]:
    """Where each center's visit tickets come in."""
    places = [
        Touchpoint(
            center=center,
            channel="qr",
            slug=TICKETS,
            survey=survey,
            created_at=since,
            label_az="Növbə talonu",
            label_ru="Талон очереди",
            label_en="Visit ticket",
        )
        for center in centers
    ]
    session.add_all(places)
    session.flush()
    return places


def add_people(session: Session, centers: list[Center], now: datetime) -> None:
    """A manager for each center, and one person of every other role."""
    people: list[tuple[str, str, Center | None, str]] = [
        (f"manager.{center.slug}", "manager", center, "az") for center in centers
    ]
    people += [
        ("viewer.absheron", "viewer", next(c for c in centers if c.slug == "absheron"), "ru"),
        ("analyst", "analyst", None, "az"),
        ("auditor", "auditor", None, "en"),
        ("admin", "admin", None, "az"),
    ]
    for name, role, center, language in people:
        account = create_account(session, f"{name}@{ACCOUNT_DOMAIN}", PASSWORD, language, now)
        account.memberships.append(Membership(role=role, center_id=center.id if center else None))


def at(day: date, wall: time) -> datetime:
    """A wall-clock time in Baku as an instant; the country has no summer time."""
    from zoneinfo import ZoneInfo

    return datetime.combine(day, wall, ZoneInfo(TIME_ZONE)).astimezone(UTC)
