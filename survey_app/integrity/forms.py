"""What a person fills in to decide: which ratings, what with them, and why."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form, RadioField, SelectChoice, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, StopValidation

# A reason is read by auditors years later; a page of it is enough, and a word is too little.
SHORTEST_REASON, LONGEST_REASON = 10, 1_000

_UNKNOWN_CHOICE = _l("This page was out of date. Please look again and choose anew.")


def _strip(text: str | None) -> str | None:
    # A browser sends two characters for each line break; PostgreSQL stores no NUL.
    return text and text.replace("\r\n", "\n").replace("\0", "").strip()


def _needed(_form: Form, field: TextAreaField) -> None:
    # InputRequired looks at what was sent, before the blanks are taken away.
    if not field.data:
        raise StopValidation(_l("Please write a reason."))


class AlertForm(Form):
    """What to do about an alert, or about ratings that were set aside, and why.

    The page's buttons are the choices of `decision`. `ratings` are the chosen ones of those the
    page offered; only releasing and voiding need any.
    """

    reason = TextAreaField(
        _l("Reason"),
        filters=[_strip],
        validators=[
            _needed,
            Length(
                SHORTEST_REASON,
                LONGEST_REASON,
                message=_l("Please write a reason of %(min)d to %(max)d characters."),
            ),
        ],
    )
    decision = RadioField(
        choices=[SelectChoice(each) for each in ("release", "void", "acknowledge")],
        validators=[InputRequired(_l("Please choose one of the buttons."))],
        invalid_choice_message=_UNKNOWN_CHOICE,
    )
    ratings = SelectMultipleField(invalid_choice_message=_UNKNOWN_CHOICE)

    @property
    def chosen(self) -> list[UUID]:
        """The ratings that the filled form names."""
        # A crafted form may name one twice.
        return [UUID(each) for each in dict.fromkeys(self.ratings.data)]

    def validate_ratings(self, field: SelectMultipleField) -> None:
        """At least one rating, where ratings are decided on."""
        if self.decision.data in {"release", "void"} and not field.data:
            raise StopValidation(_l("Please choose at least one rating."))


class ProposalForm(Form):
    """The second person's answer to a proposal to void."""

    decision = RadioField(
        choices=[SelectChoice(each) for each in ("confirm", "decline")],
        validators=[InputRequired(_l("Please choose one of the buttons."))],
        invalid_choice_message=_UNKNOWN_CHOICE,
    )


def alert_form(offered: Sequence[UUID], data: MultiDict[str, str] | None = None) -> AlertForm:
    """The form of a page that offers these ratings; all of them are chosen at first."""
    form = AlertForm(data)
    form.ratings.choices = [SelectChoice(str(each)) for each in offered]
    if data is None:
        form.ratings.data = [str(each) for each in offered]
    return form
