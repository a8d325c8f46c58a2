"""Closing a case erases the contact, and both looking and closing are noted."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.cases.answering import close_case, show_contact
from survey_app.contacts import UnreadableContact, ask_for_answer
from survey_app.models import AuditEvent, Case
from tests.factories import NOON, SIGNING_KEY

PHONE = "+994501234567"


@pytest.fixture
def case(session, make, center):
    rating = make.rating(make.poster(center))
    ask_for_answer(
        session, rating.submission_id, center.id, PHONE, signing_keys=[SIGNING_KEY], now=NOON
    )
    session.commit()
    return session.scalars(select(Case)).one()


def events(session):
    session.flush()
    return [
        (each.action, each.user_id, each.detail) for each in session.scalars(select(AuditEvent))
    ]


def test_who_looks_sees_the_contact_and_is_noted(session, case, manager):
    shown = show_contact(session, case, manager, signing_keys=[SIGNING_KEY], now=NOON)
    assert shown == PHONE
    assert events(session) == [("contact_shown", manager.id, {"case": case.id})]


def test_what_cannot_be_opened_was_not_seen(session, case, manager):
    with pytest.raises(UnreadableContact):
        show_contact(session, case, manager, signing_keys=["another" * 8], now=NOON)
    assert events(session) == []


def test_closing_erases_the_contact_and_keeps_the_rating(session, case, manager):
    close_case(session, case, manager, NOON)
    session.commit()
    assert (case.contact, case.closed_at, case.closed_by) == (None, NOON, manager.id)
    assert case.rating.score == 5
    # The trail says that it was done and nothing about whom it was done for.
    assert events(session) == [("case_closed", manager.id, {"case": case.id})]


def test_the_database_refuses_a_closed_case_with_a_contact(session, case, manager):
    case.closed_at, case.closed_by = NOON, manager.id
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
