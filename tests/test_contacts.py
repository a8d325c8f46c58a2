"""Contacts: what is read as one, that they open with our keys only, and that they go."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from survey_app.contacts import (
    CONTACT_LIMIT,
    KEPT,
    UnreadableContact,
    UnusableContact,
    ask_for_answer,
    count_waiting,
    erase_old_contacts,
    forget_contact,
    open_contact,
    read_contact,
)
from survey_app.models import AuditEvent, Case
from tests.factories import NOON, SIGNING_KEY

KEYS = (SIGNING_KEY,)
NEW_KEY = "the key that signs from now on " + SIGNING_KEY
PHONE = "+994501234567"


@pytest.fixture
def ask(session, make, center):
    """`ask(contact, rating)`: a case of a rating, opened at NOON."""

    def ask(contact=PHONE, rating=None, at=NOON, place=center):
        rating = rating or make.rating(make.poster(place))
        ask_for_answer(
            session, rating.submission_id, rating.center_id, contact, signing_keys=KEYS, now=at
        )
        session.commit()
        statement = select(Case).where(Case.submission_id == rating.submission_id)
        return session.scalars(statement).one()

    return ask


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("050 123 45 67", PHONE),
        ("(050) 123-45-67", PHONE),
        ("50 123 45 67", PHONE),
        ("+994 50 123 45 67", PHONE),
        ("994501234567", PHONE),
        ("00994 50 123 45 67", PHONE),
        ("012 345 67 89", "+994123456789"),
        ("+7 912 345-67-89", "+79123456789"),
        ("+49 30 1234567", "+49301234567"),
        (" aydan@example.com ", "aydan@example.com"),
        ("Aydan.K+x@Example.COM", "Aydan.K+x@example.com"),
        ("ayd\u0259n@n\u00fcmun\u0259.az", "ayd\u0259n@n\u00fcmun\u0259.az"),
    ],
)
def test_a_contact_is_read_as_people_write_it(written, read):
    assert read_contact(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "Aydan",
        "12345",
        "050 123 45",
        "0501234567890123",
        "+994 50 123 45",
        "+0501234567",
        "1234567890123",
        "٠٥٠١٢٣٤٥٦٧",
        "050 123 45 67 or 055",
        "a@b",
        "a@b.",
        "@example.com",
        "a b@example.com",
        "a@b@example.com",
        "<a@example.com>",
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        "x" * CONTACT_LIMIT + "@example.com",
    ],
)
def test_what_is_none_is_refused_with_advice(app, written):
    with app.test_request_context(), pytest.raises(UnusableContact) as problem:
        read_contact(written)
    assert "phone number" in str(problem.value)


@given(st.text(max_size=CONTACT_LIMIT + 5))
def test_what_was_read_is_read_as_itself(text):
    try:
        read = read_contact(text)
    except UnusableContact:
        return
    assert read_contact(read) == read
    assert "\n" not in read


def test_the_database_holds_no_contact_that_can_be_read(session, ask):
    case = ask()
    assert b"501234567" not in case.contact
    assert open_contact(case, KEYS) == PHONE
    assert (case.opened_at, case.closed_at) == (NOON, None)


def test_a_form_sent_twice_opens_one_case_and_the_first_contact_stands(make, ask):
    rating = make.rating(make.poster())
    first = ask(rating=rating)
    second = ask("other@example.com", rating, NOON + timedelta(days=1))
    assert second.id == first.id
    assert (open_contact(second, KEYS), second.opened_at) == (PHONE, NOON)


@pytest.mark.any_database
def test_an_older_key_still_opens_it_and_without_it_nobody_can(ask):
    case = ask()
    assert open_contact(case, (NEW_KEY, SIGNING_KEY)) == PHONE
    with pytest.raises(UnreadableContact):
        open_contact(case, (NEW_KEY,))


@pytest.mark.any_database
def test_what_is_erased_cannot_be_opened(session, ask):
    case, other = ask(), ask()
    forget_contact(session, case.submission_id)
    session.commit()
    with pytest.raises(ValueError, match="erased"):
        open_contact(case, KEYS)
    assert open_contact(other, KEYS) == PHONE


def test_who_waits_is_counted_in_the_centers_asked_about(session, ask, make, center, other_center):
    ask()
    erased = ask()
    ask(place=other_center)
    forget_contact(session, erased.submission_id)
    assert count_waiting(session, [center]) == 1
    assert count_waiting(session, [center, other_center]) == 2
    assert count_waiting(session, []) == 0


def test_after_half_a_year_a_contact_is_erased_and_that_is_noted(session, ask, center):
    old, young = ask(), ask(at=NOON + timedelta(days=1))
    now = NOON + KEPT + timedelta(seconds=1)
    assert erase_old_contacts(session, now) == 1
    session.commit()
    assert (old.contact, young.contact is None) == (None, False)
    (event,) = session.scalars(select(AuditEvent))
    assert (event.action, event.center_id, event.detail) == (
        "contact_erased",
        center.id,
        {"case": old.id},
    )
    assert erase_old_contacts(session, now) == 0
