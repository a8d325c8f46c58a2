"""The demo's fixed things: how many, named in three languages, and fit for the product's rules."""

import random
import re
from collections import Counter
from datetime import UTC, date, datetime, time

import pytest
from flask import Flask
from flask_security import verify_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.months import Month
from survey_app.codes import POSTER_LENGTH, is_sound
from survey_app.demo import catalogue
from survey_app.models import (
    Agency,
    Center,
    Holiday,
    Membership,
    Option,
    Question,
    Service,
    ServiceArea,
    SurveyVersion,
    Tablet,
    Touchpoint,
    User,
)
from survey_app.questionnaire import NO_ANSWER
from survey_app.tickets import tickets_place
from tests.factories import NOON

TABLES = ("agencies", "areas", "centers", "holidays", "services", "touchpoints")
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def test_the_network_has_its_size(session: Session) -> None:
    catalogue.add_network(session)
    session.commit()
    services = dict(
        session.execute(
            select(ServiceArea.kind, func.count(Service.id))
            .join(Service, Service.area_id == ServiceArea.id)
            .group_by(ServiceArea.kind)
        ).all()
    )
    areas = Counter(session.scalars(select(ServiceArea.kind)))
    structures = session.scalar(
        select(func.count(func.distinct(Service.agency_id)))
        .join(ServiceArea, ServiceArea.id == Service.area_id)
        .where(ServiceArea.kind == "coordination")
    )
    assert session.scalar(select(func.count(Center.id))) == 5
    assert areas == {"standard": 11, "coordination": 1}
    assert services == {"standard": 152, "coordination": 26}
    assert structures == 7


@pytest.mark.any_database
def test_every_agency_and_area_has_services(session: Session) -> None:
    catalogue.add_network(session)
    for owner, column in ((Agency, Service.agency_id), (ServiceArea, Service.area_id)):
        assert set(session.scalars(select(owner.id))) == set(session.scalars(select(column)))


@pytest.mark.parametrize("name", TABLES)
def test_everything_is_named_in_three_languages(name: str) -> None:
    for row in catalogue.read_table(f"{name}.tsv"):
        assert all(row[language].strip() == row[language] != "" for language in ("az", "ru", "en"))
        assert CYRILLIC.search(row["ru"])
        assert not CYRILLIC.search(row["az"])
        assert row["en"].isascii()


@pytest.mark.parametrize("name", ["agencies", "areas", "centers", "services"])
def test_no_two_have_the_same_name(name: str) -> None:
    rows = list(catalogue.read_table(f"{name}.tsv"))
    for language in ("az", "ru", "en"):
        assert [each for each, n in Counter(row[language] for row in rows).items() if n > 1] == []


def test_services_are_real_names_and_coded_by_their_area() -> None:
    for row in catalogue.read_table("services.tsv"):
        assert re.fullmatch(rf"{row['area']}-\d\d-\d\d|{row['area']}-\d\d", row["code"])
        assert not re.search(r"\bservice \d", row["en"], re.IGNORECASE)
        assert 5 <= int(row["minutes"]) <= 180
        assert float(row["weight"]) > 0


def test_holidays_are_known_for_years_to_come() -> None:
    days = [date.fromisoformat(row["date"]) for row in catalogue.read_table("holidays.tsv")]
    assert days == sorted(set(days))
    years = Counter(day.year for day in days)
    assert min(years) <= 2025
    assert max(years) >= 2027
    assert min(years.values()) >= 15


def test_the_survey_changes_with_its_second_version(session: Session) -> None:
    survey = catalogue.add_survey(session, NOON, NOON)
    session.commit()
    options = {
        number: {
            tuple(row)
            for row in session.execute(
                select(Question.code, Option.code)
                .join(Option, Option.question_id == Question.id)
                .join(SurveyVersion, SurveyVersion.id == Question.version_id)
                .where(SurveyVersion.survey_id == survey.id, SurveyVersion.number == number)
            )
        }
        for number in (1, 2)
    }
    assert options[2] - options[1] == {
        ("good", "accessibility"),
        ("bad", "accessibility"),
        ("bad", "fairness"),
        *(("age", code) for code in ("under_30", "from_30_to_59", "from_60", "no_answer")),
        *(("disability", code) for code in ("yes", "no", "no_answer")),
        *(("family", code) for code in ("yes", "no", "no_answer")),
    }
    assert options[1] < options[2]
    for text in (*session.scalars(select(Question)), *session.scalars(select(Option))):
        assert all(text.text[language] for language in ("az", "ru", "en"))


def test_group_questions_come_last_and_need_not_be_answered(session: Session) -> None:
    _, second = catalogue.add_survey(session, NOON, NOON).versions
    questions = second.questions
    roles = [question.role for question in questions]
    assert roles.index("equality") > roles.index("free")
    assert roles.count("equality") == 3
    for question in (each for each in questions if each.role == "equality"):
        assert (question.kind, question.min_score, question.max_score) == ("single", 1, 5)
        assert question.options[-1].code == NO_ANSWER


@pytest.mark.any_database
def test_every_center_has_three_tablets_and_three_posters(session: Session) -> None:
    centers = catalogue.add_network(session)
    survey = catalogue.add_survey(session, NOON, NOON)
    places = catalogue.add_places(session, centers, survey, NOON, random.Random(1))
    assert Counter((place.center.slug, place.channel) for place in places) == {
        (center.slug, channel): 3 for center in centers for channel in ("tablet", "qr")
    }
    enrolled = session.scalars(select(Tablet.touchpoint_id)).all()
    assert sorted(enrolled) == sorted(
        session.scalars(select(Touchpoint.id).where(Touchpoint.channel == "tablet"))
    )
    codes = [place.code for place in places if place.code]
    assert len(set(codes)) == len(codes)
    assert all(is_sound(code) and len(code) == POSTER_LENGTH for code in codes)


@pytest.mark.any_database
def test_every_center_takes_visit_tickets(session: Session) -> None:
    centers = catalogue.add_network(session)
    survey = catalogue.add_survey(session, NOON, NOON)
    places = catalogue.add_tickets_places(session, centers, survey, NOON)
    assert [tickets_place(session, center) for center in centers] == places


@pytest.mark.any_database
def test_the_coordination_centre_is_asked_the_same_in_words_that_fit(session: Session) -> None:
    _, usual = catalogue.add_survey(session, NOON, NOON).versions
    survey = catalogue.add_coordination_survey(session, NOON)
    session.commit()
    (gentle,) = survey.versions
    assert survey.dignity
    codes = {
        version: [
            (question.code, question.role, [option.code for option in question.options])
            for question in version.questions
            if question.role != "equality"
        ]
        for version in (usual, gentle)
    }
    assert codes[gentle] == codes[usual]
    # Nothing about the person; and the same question, so that its figures can be added up.
    assert {question.role for question in gentle.questions} == {
        "satisfaction", "outcome", "driver", "free"
    }  # fmt: skip
    assert dict(gentle.questions[0].text) == dict(usual.questions[0].text)
    words = [*gentle.questions, *(each for q in gentle.questions for each in q.options)]
    assert all(word.text[language] for word in words for language in ("az", "ru", "en"))


@pytest.mark.any_database
def test_somebody_of_every_role_can_sign_in(app: Flask, session: Session) -> None:
    centers = catalogue.add_network(session)
    with app.app_context():
        catalogue.add_people(session, centers, NOON)
        session.commit()
        (admin,) = session.scalars(select(User).where(User.email.startswith("admin@")))
        assert verify_password(catalogue.PASSWORD, admin.password)
    roles = Counter(session.scalars(select(Membership.role)))
    assert roles == {"manager": 5, "viewer": 1, "analyst": 1, "auditor": 1, "admin": 1}
    managed = session.scalars(select(Membership.center_id).where(Membership.role == "manager"))
    assert set(managed) == {center.id for center in centers}


def test_a_wall_clock_time_is_bakus() -> None:
    assert catalogue.at(date(2026, 10, 5), time(9)) == datetime(2026, 10, 5, 5, tzinfo=UTC)
    assert catalogue.at(date(2026, 7, 5), time(9)) == datetime(2026, 7, 5, 5, tzinfo=UTC)


@pytest.mark.any_database
def test_centers_are_open_on_workdays_only(session: Session) -> None:
    for center in catalogue.add_network(session):
        hours = {each.weekday: (each.opens, each.closes) for each in center.opening_hours}
        assert hours == {weekday: (time(9), time(18)) for weekday in range(1, 6)}
    holidays = set(session.scalars(select(Holiday.day)))
    assert date(2026, 3, 20) in holidays
    assert Month(2026, 10).first_day not in holidays
