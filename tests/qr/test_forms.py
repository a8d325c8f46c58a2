"""The rating form made from a survey version, without a request's way through HTTP."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from survey_app.models import SurveyVersion
from survey_app.qr.forms import build_form, find_problems
from tests.factories import NOON, Make

pytestmark = pytest.mark.any_database

ID = "01920000-0000-7000-8000-000000000001"
AREAS: list[dict[str, Any]] = [
    {"code": "03", "name": {}, "services": [{"code": "03-01-01", "name": {}}]},
    {"code": "07", "name": {}, "services": [{"code": "07-01-01", "name": {}}]},
]


def test_a_new_form_carries_what_travels_with_it(version: SurveyVersion) -> None:
    form = build_form(version, "ru", AREAS)
    assert UUID(form.submission_id.data).version == 7
    assert (form.version.data, form.lang.data, form.score.data) == ("1", "ru", None)


def test_questions_and_options_are_in_the_asked_language(version: SurveyVersion) -> None:
    form = build_form(version, "ru", AREAS)
    assert form["outcome"].label.text == "Question outcome (ru)"
    assert [choice.label for choice in form["good"].iter_choices()] == [
        "Option staff_courtesy (ru)",
        "Option waiting (ru)",
        "Option information (ru)",
    ]


def test_the_list_of_services_is_offered_only_when_there_is_one(version: SurveyVersion) -> None:
    assert "service" in build_form(version, "az", AREAS)
    assert "service" not in build_form(version, "az", [])


def test_a_filled_form_becomes_a_submission(version: SurveyVersion) -> None:
    form = filled(
        version,
        score="2",
        outcome="no",
        bad=["waiting", "information"],
        comment="Pis",
        service="07-01-01",
    )
    assert find_problems(form) == []
    submission = form.to_submission(version, "az", NOON)
    assert submission.model_dump(exclude_none=True) == {
        "submission_id": UUID(ID),
        "survey_version": 1,
        "score": 2,
        "rated_at": NOON,
        "language": "az",
        "service": "07-01-01",
        "answers": {"outcome": ["no"], "bad": ["waiting", "information"]},
        "comment": "Pis",
        "mode": "self",
    }


def test_what_was_left_open_is_absent(version: SurveyVersion) -> None:
    submission = filled(version, score="5", service="").to_submission(version, "az", NOON)
    assert (submission.answers, submission.comment, submission.service) == ({}, None, None)


@pytest.mark.parametrize(("score", "asked"), [(1, "bad"), (3, "bad"), (4, "good"), (5, "good")])
def test_reasons_not_asked_at_this_score_are_left_out(
    version: SurveyVersion, score: int, asked: str
) -> None:
    form = filled(version, score=str(score), good=["waiting"], bad=["waiting"])
    assert form.to_submission(version, "az", NOON).answers == {asked: ["waiting"]}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"score": ""}, "score"),
        ({"score": "6"}, "score"),
        ({"outcome": "perhaps"}, "outcome"),
        ({"good": ["waiting", "weather"]}, "good"),
        ({"service": "99-99-99"}, "service"),
        ({"comment": "x" * 2001}, "comment"),
        ({"submission_id": "none"}, "score"),
        ({"submission_id": ""}, "score"),
    ],
)
def test_a_problem_names_its_field_in_the_citizens_language(
    version: SurveyVersion, sent: dict[str, Any], field: str
) -> None:
    problems = find_problems(filled(version, **({"score": "5"} | sent)))
    assert [name for name, _ in problems] == [field]
    # WTForms' own words would repeat what was sent.
    assert not any("choice" in message for _, message in problems)


def test_a_text_of_the_longest_length_is_fine(version: SurveyVersion) -> None:
    assert find_problems(filled(version, score="5", comment="ə" * 2000)) == []


def test_a_line_break_is_one_character_as_the_citizen_typed_it(version: SurveyVersion) -> None:
    form = filled(version, score="5", comment="\r\n".join(["ə" * 999, "ə" * 1000]))
    assert find_problems(form) == []
    assert len(form.to_submission(version, "az", NOON).comment or "") == 2000


def test_a_form_with_an_unusable_id_gets_another(version: SurveyVersion) -> None:
    form = filled(version, score="5", submission_id="none")
    assert find_problems(form) != []
    assert find_problems(form) == []


def test_a_crafted_text_is_refused_by_the_submission(version: SurveyVersion) -> None:
    form = filled(version, score="5", comment="a\x00b")
    with pytest.raises(ValidationError):
        form.to_submission(version, "az", NOON)


@pytest.fixture
def version(app: Flask, session: Session, make: Make) -> Iterator[SurveyVersion]:
    """A published version, within a request in which messages can be translated."""
    (version,) = make.survey().versions
    with app.test_request_context():
        yield version


def filled(version: SurveyVersion, **sent: Any) -> Any:
    """The form as it came back, with these values."""
    values = {"submission_id": ID, "version": "1", "lang": "az"} | sent
    return build_form(version, "az", AREAS, MultiDict(values))
