"""The form by which a case is closed."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import InputRequired


class CloseForm(FlaskForm):
    """The tick stands for the answer: nobody closes a case by a slip of the hand."""

    answered = BooleanField(
        _l("The person has been answered."),
        validators=[InputRequired(_l("Please confirm that the person has been answered."))],
    )
