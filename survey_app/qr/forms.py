"""The rating form, made from the survey version it asks."""

from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    Form,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from survey_app.contacts import UnusableContact, read_contact
from survey_app.intake.submission import COMMENT_LIMIT, Submission
from survey_app.models import Question, SurveyVersion
from survey_app.qr.receipts import new_seed

# A field's name, or nothing when the whole form is meant, and what is wrong with it.
Problem = tuple[str, str]

# Said of what no browser sends; WTForms would say it in English and repeat what was sent.
_INCOMPLETE = _l("The form was incomplete. Please send it again.")


def _check_contact(_form: Form, field: StringField) -> None:
    """Refuse what is neither a phone number nor an e-mail; what is one is kept as it is called."""
    try:
        field.data = read_contact(field.data)
    except UnusableContact as problem:
        raise ValidationError(str(problem)) from None


class RatingForm(Form):
    """What every version has: the score, a comment, and what travels with them."""

    submission_id = HiddenField()
    seed = HiddenField()
    version = HiddenField()
    lang = HiddenField()
    # People do not see this field; programs that fill every field do.
    website = StringField()
    comment = TextAreaField(
        # A browser sends two characters for each line break; only one of them was typed.
        filters=[lambda text: text and text.replace("\r\n", "\n")],
        validators=[
            Length(
                max=COMMENT_LIMIT,
                message=_l("Please shorten your text to %(max)d characters."),
            )
        ],
    )
    # How to reach somebody who would like an answer. It is kept apart from the rating.
    contact = StringField(validators=[Optional(), _check_contact])

    def to_submission(
        self, version: SurveyVersion, language: str, now: datetime, ticket: str | None = None
    ) -> Submission:
        """The submission this filled form stands for, spending the ticket if one led to it.

        Lists that are not asked at this score are left out: a browser without `:has()`
        shows them all. Raises pydantic's ValidationError for what only a crafted form holds.
        """
        score = int(self.score.data)
        answers = {
            question.code: _chosen(self[question.code].data)
            for question in version.questions
            if question.kind in {"single", "multiple"}
            and question.min_score <= score <= question.max_score
        }
        return Submission(
            submission_id=UUID(self.submission_id.data),
            survey_version=version.number,
            score=score,
            rated_at=now,
            # Submission accepts only ours, whatever the type says.
            language=language,  # type: ignore[arg-type]
            service=self.service.data or None if "service" in self else None,
            answers={code: chosen for code, chosen in answers.items() if chosen},
            comment=self.comment.data or None,
            ticket=ticket,
        )


def build_form(
    version: SurveyVersion,
    language: str,
    areas: list[dict[str, Any]],
    data: MultiDict[str, str] | None = None,
) -> RatingForm:
    """The form for one survey version in one language; `areas` is empty when the poster
    knows the service."""
    fields: dict[str, Any] = {
        question.code: _field(question, language)
        for question in version.questions
        if question.kind in {"single", "multiple"}
    }
    score = next(question for question in version.questions if question.kind == "score")
    fields["score"] = RadioField(
        score.text[language],
        choices=_choices(score, language),
        validators=[InputRequired(_l("Please choose one of the five faces."))],
        invalid_choice_message=_INCOMPLETE,
    )
    if areas:
        codes = [""] + [each["code"] for area in areas for each in area["services"]]
        # The template writes the list by area; here only what may come back is needed.
        fields["service"] = SelectField(
            choices=[SelectChoice(code) for code in codes],
            invalid_choice_message=_INCOMPLETE,
            default="",
        )
    form: RatingForm = type("VersionForm", (RatingForm,), fields)(data)
    if data is None:
        form.submission_id.data = str(uuid_utils.compat.uuid7())
        form.seed.data = new_seed()
        form.version.data = str(version.number)
        form.lang.data = language
    return form


def find_problems(form: RatingForm) -> list[Problem]:
    """What is wrong with a filled form, as (field, message); empty when it is fine.

    A form without a usable id is given a new one, so that sending it again can succeed.
    """
    problems = (
        []
        if form.validate()
        else [
            (name, str(messages[0])) for name, messages in form.errors.items() if name and messages
        ]
    )
    try:
        UUID(form.submission_id.data or "")
    except ValueError:
        form.submission_id.data = str(uuid_utils.compat.uuid7())
        problems.append(incomplete())
    return problems


def incomplete() -> Problem:
    """The problem of a form that was sent in part, or made up by a program."""
    return "score", str(_INCOMPLETE)


def unreadable_text() -> Problem:
    """The problem of a text that only a program sends."""
    return "comment", str(_l("The text contains characters we cannot store."))


def _field(question: Question, language: str) -> Any:
    # An unanswered question is an answer too: only the score is needed.
    kind = OptionalRadioField if question.kind == "single" else SelectMultipleField
    return kind(
        question.text[language],
        choices=_choices(question, language),
        invalid_choice_message=_INCOMPLETE,
    )


class OptionalRadioField(RadioField):
    """A single choice that may be left open."""

    def pre_validate(self, form: Any) -> None:
        """Accept no choice at all; anything chosen must be one of the choices."""
        if self.raw_data:
            super().pre_validate(form)


def _choices(question: Question, language: str) -> list[SelectChoice]:
    return [SelectChoice(option.code, option.text[language]) for option in question.options]


def _chosen(value: str | list[str] | None) -> list[str]:
    # WTForms writes a single choice that was left open as the word "None".
    if not value or value == "None":
        return []
    return [value] if isinstance(value, str) else value
