"""The number of the staff menu: not one that is tried first, and never readable."""

import base64
import hashlib

import pytest
from sqlalchemy import select

from survey_app.models import AuditEvent
from survey_app.network.pins import hash_pin, is_too_simple, set_pin
from tests.factories import NOON


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize(
    "pin", ["0000", "1234", "4321", "7890", "0987", "1212", "77777777", "454545", "12345678"]
)
def test_what_somebody_would_try_first_is_too_simple(pin):
    assert is_too_simple(pin)


@pytest.mark.parametrize("pin", ["2580", "1357", "1223", "9021", "12348765", "12312"])
def test_other_numbers_are_not(pin):
    assert not is_too_simple(pin)


def test_a_tablet_can_check_the_number_with_what_it_is_given():
    kept = hash_pin("2580")
    salt, digest = decoded(kept["salt"]), decoded(kept["hash"])
    assert kept["iterations"] >= 200_000
    assert len(salt) == 16
    assert hashlib.pbkdf2_hmac("sha256", b"2580", salt, kept["iterations"]) == digest
    assert hash_pin("2580")["salt"] != kept["salt"]


@pytest.mark.any_database
def test_setting_a_number_is_noted_without_it(session, center, manager):
    set_pin(session, center, hash_pin("2580"), manager, NOON)
    session.commit()
    assert set(center.staff_pin) == {"salt", "iterations", "hash"}
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.center_id, event.user_id, event.detail) == (
        "staff_pin_set",
        center.id,
        manager.id,
        {},
    )
