"""What a manager fills in: a place, a tablet's name and place, the number of the staff menu."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, StopValidation

from analysis.wording import PlainWording
from survey_app.models import LANGUAGES, Center, Service, ServiceArea, Survey, Touchpoint
from survey_app.network.pins import LONGEST, SHORTEST, is_too_simple

_LABEL_LENGTH = 80
_NAME_LENGTH = 60
_DIGITS = rf"[0-9]{{{SHORTEST},{LONGEST}}}"
_TOO_LONG = _l("Please write at most %(max)d characters.")
_UNKNOWN_CHOICE = _l("This page was out of date. Please look again and choose anew.")


def _strip(text: str | None) -> str | None:
    # PostgreSQL stores no NUL, and a label stands on one line.
    return text and " ".join(text.replace("\0", "").split())


def _label(words: str, missing: str) -> StringField:
    def needed(_form: Form, field: StringField) -> None:
        # InputRequired looks at what was sent, before the blanks are taken away.
        if not field.data:
            raise StopValidation(missing)

    checks = [needed, Length(max=_LABEL_LENGTH, message=_TOO_LONG)]
    return StringField(words, filters=[_strip], validators=checks)


class LabelsForm(Form):
    """How something is called, in every language."""

    label_az = _label(
        _l("What it is called, in Azerbaijani"), _l("Please write its Azerbaijani name.")
    )
    label_ru = _label(_l("What it is called, in Russian"), _l("Please write its Russian name."))
    label_en = _label(_l("What it is called, in English"), _l("Please write its English name."))

    @property
    def labels(self) -> dict[str, str]:
        """The labels by language."""
        return {language: self[f"label_{language}"].data for language in LANGUAGES}


class PlaceForm(LabelsForm):
    """How a place is called, and what is asked there."""

    survey = SelectField(
        _l("Survey"),
        coerce=int,
        invalid_value_message=_UNKNOWN_CHOICE,
        validators=[InputRequired(_l("Please choose a survey."))],
        invalid_choice_message=_UNKNOWN_CHOICE,
    )
    service = SelectField(
        _l("Service"),
        coerce=int,
        invalid_value_message=_UNKNOWN_CHOICE,
        description=_l("Where only one service is given, people are not asked which one it was."),
        invalid_choice_message=_UNKNOWN_CHOICE,
    )

    @property
    def service_id(self) -> int | None:
        """The chosen service; None where any may be given."""
        return self.service.data or None


class NewPlaceForm(PlaceForm):
    """A new place, of one of places.KINDS."""

    kind = RadioField(
        _l("What stands there"),
        choices=[
            SelectChoice("tablet", _l("A tablet")),
            SelectChoice("poster", _l("A poster with a code")),
            SelectChoice("tickets", _l("Nothing: codes are printed on visit tickets")),
        ],
        validators=[InputRequired(_l("Please choose what stands there."))],
        invalid_choice_message=_UNKNOWN_CHOICE,
    )


class TabletNameForm(Form):
    """What staff call a tablet."""

    name = StringField(
        _l("Name of the tablet"),
        description=_l("Only staff see it. Without a name the tablet is known by its number."),
        filters=[_strip],
        validators=[Length(max=_NAME_LENGTH, message=_TOO_LONG)],
    )


class MoveForm(Form):
    """Where a tablet is to stand."""

    place = SelectField(
        _l("New place"),
        coerce=int,
        invalid_value_message=_UNKNOWN_CHOICE,
        validators=[InputRequired(_l("Please choose a place."))],
        invalid_choice_message=_UNKNOWN_CHOICE,
    )


class PinForm(Form):
    """The number that opens the staff menu of a center's tablets."""

    pin = StringField(
        _l("New number"),
        description=_l("Four to eight digits. It is not shown again."),
        filters=[lambda text: text and "".join(text.split())],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": "16"},
    )

    def validate_pin(self, field: StringField) -> None:
        """As many digits as they are asked for, and none that somebody would try first."""
        if not re.fullmatch(_DIGITS, field.data or ""):
            raise StopValidation(_l("Please write four to eight digits."))
        if is_too_simple(field.data):
            raise StopValidation(_l("This number is too easy to guess. Please choose another one."))


def offer(
    form: PlaceForm,
    surveys: Sequence[Survey],
    services: Mapping[ServiceArea, Sequence[Service]],
    wording: PlainWording,
) -> None:
    """Fill in what a place can ask."""
    form.survey.choices = [SelectChoice(str(each.id), wording.name(each.name)) for each in surveys]
    # An option outside every group would stand in one without a name.
    any_service = SelectChoice("0", _l("Any service: people are asked"), optgroup=_l("Any service"))
    form.service.choices = [any_service] + [
        SelectChoice(str(each.id), wording.name(each.name), optgroup=wording.name(area.name))
        for area, of_area in services.items()
        for each in of_area
    ]


def offer_places(
    form: MoveForm, places: Sequence[Touchpoint], here: Touchpoint, wording: PlainWording
) -> None:
    """Fill in where a tablet can go: every place but the one where it stands."""
    centers: dict[int, Center] = {each.center_id: each.center for each in places}
    form.place.choices = [
        SelectChoice(
            str(each.id),
            wording.name(each.label),
            optgroup=wording.name(centers[each.center_id].name),
        )
        for each in places
        if each.id != here.id
    ]


def known_place(place: Touchpoint) -> dict[str, Any]:
    """What the form of an existing place begins with."""
    labels = {f"label_{language}": text for language, text in place.label.items()}
    return labels | {"survey": place.survey_id, "service": place.service_id or 0}
