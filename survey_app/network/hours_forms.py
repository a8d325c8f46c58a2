"""What is filled in about when centers are open: the hours of a week, a holiday."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, Field, Form, TimeField
from wtforms.validators import StopValidation

from survey_app.i18n import current_language, wording
from survey_app.network.forms import LabelsForm
from survey_app.network.hours import AHEAD
from survey_app.timetables import WEEKDAYS, Hours, Timetable


def _check_day(form: Any, field: DateField) -> None:
    """Demand a day from `form.today` on."""
    if field.data is None:
        # In place of what the field says in English of a date that it cannot read.
        field.errors = []
        raise StopValidation(_l("Please choose the day."))
    if field.data < form.today:
        raise StopValidation(_l("This day is over. Please choose today or a later day."))
    if field.data > form.today + AHEAD:
        raise StopValidation(_l("This day is too far ahead. Please look at the year."))


class HoursForm(Form):
    """The hours of every weekday (`open_1`, `opens_1`, `closes_1` are Monday's), and since when."""

    since = DateField(
        _l("From which day"),
        description=_l("Days before it keep the hours they had."),
        validators=[_check_day],
    )

    def __init__(
        self, formdata: MultiDict[str, str] | None, today: date, timetable: Timetable
    ) -> None:
        tomorrow = today + timedelta(days=1)
        known: dict[str, Any] = {"since": tomorrow}
        for weekday, (opens, closes) in timetable.week(tomorrow).items():
            known |= {
                f"open_{weekday}": True,
                f"opens_{weekday}": opens,
                f"closes_{weekday}": closes,
            }
        # What was sent is all there is to it: an unticked box is not sent.
        super().__init__(formdata, data=known if formdata is None else None)
        self.today = today

    @property
    def week(self) -> dict[int, Hours]:
        """The hours of the weekdays on which the center is open."""
        return {
            weekday: (self[f"opens_{weekday}"].data, self[f"closes_{weekday}"].data)
            for weekday in WEEKDAYS
            if self[f"open_{weekday}"].data
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields, and that there is a day on which the center is open."""
        is_valid = super().validate(extra_validators)
        if not self.week:
            # Tablets of a center without hours would never sleep.
            self.form_errors.append(_("Please leave the center open on one day at least."))
        return is_valid and bool(self.week)


def _check_opening(weekday: int) -> Callable[[HoursForm, Field], None]:
    def check(form: HoursForm, field: Field) -> None:
        _demand_time(
            form,
            field,
            weekday,
            _l("%(weekday)s: please write when the center opens, such as 09:00."),
        )

    return check


def _check_closing(weekday: int) -> Callable[[HoursForm, Field], None]:
    def check(form: HoursForm, field: Field) -> None:
        _demand_time(
            form,
            field,
            weekday,
            _l("%(weekday)s: please write when the center closes, such as 18:00."),
        )
        opens = form[f"opens_{weekday}"].data
        if opens is not None and field.data <= opens:
            words = _l("%(weekday)s: please let the center close later than it opens.")
            raise StopValidation(_about(words, weekday))

    return check


def _demand_time(form: HoursForm, field: Field, weekday: int, words: Any) -> None:
    """End the checks of a closed weekday; on an open one demand a time."""
    if field.data is None or not form[f"open_{weekday}"].data:
        # In place of what the field says in English of a time that it cannot read.
        field.errors = []
        closed = not form[f"open_{weekday}"].data
        raise StopValidation(None if closed else _about(words, weekday))


def _about(words: Any, weekday: int) -> str:
    name = wording(current_language()).weekday(weekday)
    return str(words) % {"weekday": name[0].upper() + name[1:]}


for _weekday in WEEKDAYS:
    setattr(HoursForm, f"open_{_weekday}", BooleanField(_l("Open")))
    setattr(
        HoursForm,
        f"opens_{_weekday}",
        TimeField(_l("Opens at"), validators=[_check_opening(_weekday)]),
    )
    setattr(
        HoursForm,
        f"closes_{_weekday}",
        TimeField(_l("Closes at"), validators=[_check_closing(_weekday)]),
    )


class HolidayForm(LabelsForm):
    """A day on which the whole network is closed, and how it is called."""

    day = DateField(_l("Day"), validators=[_check_day])

    def __init__(self, formdata: MultiDict[str, str], today: date) -> None:
        super().__init__(formdata)
        self.today = today
