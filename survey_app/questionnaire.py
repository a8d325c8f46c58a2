"""The questionnaire as citizens' devices receive it: the current version, in every language."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from survey_app.errors import NotFound
from survey_app.models import Option, Question, Service, ServiceArea, SurveyVersion

# The option "I would rather not say" of every equality question.
NO_ANSWER = "no_answer"


def current_version(session: Session, survey_id: int) -> SurveyVersion:
    """The newest published version with its questions; raises NotFound when there is none."""
    version = session.scalar(_published(survey_id).limit(1))
    if version is None:
        raise NotFound
    return version


def shown_version(session: Session, survey_id: int, number: str | None) -> SurveyVersion:
    """The version a form was filled from, by the number it came back with.

    Answers are judged by the version that was read, even if a newer one was published
    meanwhile. It is the newest when the number is not that of a published version.
    """
    if number and number.isascii() and number.isdigit() and len(number) < 7:
        version = session.scalar(
            _published(survey_id).where(SurveyVersion.number == int(number)).limit(1)
        )
        if version is not None:
            return version
    return current_version(session, survey_id)


def _published(survey_id: int) -> Select[SurveyVersion]:
    return (
        select(SurveyVersion)
        .where(SurveyVersion.survey_id == survey_id, SurveyVersion.published_at.is_not(None))
        .order_by(SurveyVersion.number.desc())
        .options(selectinload(SurveyVersion.questions).selectinload(Question.options))
    )


def describe_version(version: SurveyVersion) -> dict[str, Any]:
    """A version as a JSON-ready document: number, dignity, questions, options, texts by language.

    Whatever order it was written in, the questions about groups come last, and in each question
    the option not to say.
    """
    return {
        "version": version.number,
        "dignity": version.survey.dignity,
        "questions": [
            {
                "code": question.code,
                "role": question.role,
                "kind": question.kind,
                "min_score": question.min_score,
                "max_score": question.max_score,
                "text": dict(question.text),
                "options": [
                    {"code": option.code, "text": dict(option.text)}
                    for option in sorted(question.options, key=_is_no_answer)
                ],
            }
            for question in sorted(version.questions, key=_is_about_groups)
        ],
    }


def _is_about_groups(question: Question) -> bool:
    return question.role == "equality"


def _is_no_answer(option: Option) -> bool:
    return option.code == NO_ANSWER


def describe_services(session: Session) -> list[dict[str, Any]]:
    """All services by area, each with its names by language."""
    areas: dict[str, dict[str, Any]] = {}
    for service, area in session.execute(
        select(Service, ServiceArea)
        .join(ServiceArea, ServiceArea.id == Service.area_id)
        .order_by(ServiceArea.kind.desc(), ServiceArea.code, Service.code)
    ):
        entry = areas.setdefault(
            area.code, {"code": area.code, "name": dict(area.name), "services": []}
        )
        entry["services"].append({"code": service.code, "name": dict(service.name)})
    return list(areas.values())
