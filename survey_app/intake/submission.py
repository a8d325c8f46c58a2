"""What a valid submission is: its form, and the rules of the survey version it answers."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from survey_app import tallies
from survey_app.models import Question, SurveyVersion

COMMENT_LIMIT = 2000
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.-]+$")]


def _plain_text(text: str) -> str:
    """The comment in one normal form, or an error for what no database should be given.

    Half a character (a lone surrogate) never gets here: pydantic takes no such string.
    """
    if "\x00" in text:
        raise ValueError("the text contains a NUL character")
    # A tab separates words: those beside it must not become one.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    # Control characters carry no meaning in a comment and break XML and terminals. They go
    # first: one may stand between a letter and its accent, which then become one letter.
    text = "".join(
        character for character in text if character == "\n" or not _is_control(character)
    )
    return unicodedata.normalize("NFC", text).strip()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"


def storable(instant: datetime) -> datetime:
    """Refuse instants so near the calendar's ends that no time zone can be applied."""
    if not 1000 <= instant.year <= 9000:
        raise ValueError("the time is beyond any calendar we can store")
    return instant


def _in_order(answers: dict[str, list[str]]) -> dict[str, list[str]]:
    """The answers by question code: the members of a JSON object have no order of their own."""
    return dict(sorted(answers.items()))


class Submission(BaseModel):
    """One rating as a client sends it. Unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    submission_id: UUID
    survey_version: Annotated[int, Field(ge=1, le=100_000)]
    score: Annotated[int, Field(ge=1, le=5)]
    rated_at: Annotated[AwareDatetime, AfterValidator(storable)]
    language: Literal["az", "ru", "en"]
    sequence: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    service: Code | None = None
    answers: (
        Annotated[
            dict[Code, Annotated[list[Code], Field(max_length=40)]],
            Field(max_length=40),
            AfterValidator(_in_order),
        ]
        | None
    ) = None
    # Room for what normalisation takes away; the limit itself is checked after it.
    comment: (
        Annotated[
            str,
            Field(max_length=2 * COMMENT_LIMIT),
            AfterValidator(_plain_text),
            Field(max_length=COMMENT_LIMIT),
        ]
        | None
    ) = None
    mode: Literal["self", "assisted"] = "self"
    # The one-time code of the visit, typed or scanned.
    ticket: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    # Of a tablet: the touchpoint it stood at, and what its own counter says; see Rating.
    place: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    device_run: UUID | None = None
    device_ms: Annotated[int, Field(ge=0, le=2**53)] | None = None
    lead_ms: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    visit_ms: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class Unacceptable(Exception):
    """The submission breaks a rule of its survey version; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class QuestionRules:
    """What one question accepts."""

    multiple: bool
    scores: range
    options: Mapping[str, int]
    # Those about groups stand on one screen together.
    is_about_groups: bool = False


@dataclass(frozen=True)
class SurveyRules:
    """What one published survey version accepts, and what its answers are tallied under."""

    version_id: int
    questions: Mapping[str, QuestionRules]
    asked: tallies.Asked

    def chosen_options(self, submission: Submission) -> list[int]:
        """Ids of the options chosen.

        Raises Unacceptable for an unknown question or option, an option given twice, more
        than one answer to a single-answer question, or a question not asked at this score.
        """
        chosen = []
        for code, answers in (submission.answers or {}).items():
            question = self.questions.get(code)
            if question is None:
                raise Unacceptable("unknown_question")
            if answers and submission.score not in question.scores:
                raise Unacceptable("question_not_for_score")
            if len(set(answers)) != len(answers) or (len(answers) > 1 and not question.multiple):
                raise Unacceptable("too_many_answers")
            try:
                chosen += [question.options[answer] for answer in answers]
            except KeyError:
                raise Unacceptable("unknown_option") from None
        return chosen

    def screens_answered(self, submission: Submission) -> int:
        """On how many of the tablet's screens after the score something was answered.

        At least so many: whether the service was chosen there or known cannot be told.
        """
        answered = [code for code, answers in (submission.answers or {}).items() if answers]
        own = [code for code in answered if not self.questions[code].is_about_groups]
        return len(own) + (len(own) < len(answered)) + bool(submission.comment)


def load_rules(
    session: Session, versions: set[tuple[int, int]]
) -> dict[tuple[int, int], SurveyRules]:
    """Rules of the published versions among these (survey id, version number) pairs."""
    found = session.scalars(
        select(SurveyVersion)
        .where(
            SurveyVersion.survey_id.in_({survey for survey, _ in versions}),
            SurveyVersion.number.in_({number for _, number in versions}),
            SurveyVersion.published_at.is_not(None),
        )
        .options(selectinload(SurveyVersion.questions).selectinload(Question.options))
    )
    return {(version.survey_id, version.number): _rules(version) for version in found}


def _rules(version: SurveyVersion) -> SurveyRules:
    # The score and the comment have members of their own in a submission.
    return SurveyRules(
        version_id=version.id,
        questions={
            question.code: QuestionRules(
                multiple=question.kind == "multiple",
                scores=range(question.min_score, question.max_score + 1),
                options={option.code: option.id for option in question.options},
                is_about_groups=question.role == "equality",
            )
            for question in version.questions
            if question.kind in {"single", "multiple"}
        },
        asked=tallies.asked_by(version),
    )
