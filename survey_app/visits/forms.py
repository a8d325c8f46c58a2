"""The form by which a file of visit counts is handed in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SubmitField


class ImportForm(FlaskForm):
    """A file, and what is to be done with it."""

    file = FileField(_l("File"), validators=[FileRequired(_l("Please choose a file."))])
    look = SubmitField()
    store = SubmitField()
