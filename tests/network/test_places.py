"""Places: added, changed, retired, opened again; codes and short names are nobody else's."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from survey_app.codes import is_sound
from survey_app.models import AuditEvent, Touchpoint
from survey_app.network import places
from survey_app.network.places import (
    TicketsTaken,
    add_place,
    ask_at_place,
    rename_place,
    reopen_place,
    retire_place,
)
from tests.factories import NOON

LABELS = {"az": "Çıxışda", "ru": "У выхода", "en": "At the exit"}


@pytest.fixture
def add(session, make, center, manager):
    """`add(kind)`: add a place of this kind to the manager's center."""
    survey = make.survey()

    def add(kind="tablet", labels=LABELS, service_id=None):
        place = add_place(session, center, kind, labels, survey.id, service_id, manager, NOON)
        session.commit()
        return place

    return add


def actions(session):
    return session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()


def test_a_tablets_place_is_added(session, add, make, center, manager):
    service = make.service()
    place = add(service_id=service.id)
    assert (place.channel, place.code, place.slug) == ("tablet", None, "at-the-exit")
    assert (place.center_id, dict(place.label)) == (center.id, LABELS)
    assert (place.service_id, place.created_at, place.retired_at) == (service.id, NOON, None)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.center_id, event.user_id) == (
        "touchpoint_added",
        center.id,
        manager.id,
    )
    assert event.detail == {"touchpoint_id": place.id, "kind": "tablet"}


def test_a_poster_gets_a_code_that_shows_mistypings(add):
    codes = {add("poster").code for _ in range(3)}
    assert len(codes) == 3
    assert all(len(code) == 8 and is_sound(code) for code in codes)


def test_a_code_that_is_taken_is_drawn_again(add, make, other_center, monkeypatch):
    taken = make.poster(other_center, code="BCDFGHJK")
    drawn = iter([taken.code, taken.code, "LMNPQRST"])
    monkeypatch.setattr(places, "mint_code", lambda _length: next(drawn))
    assert add("poster").code == "LMNPQRST"


def test_it_is_not_drawn_for_ever(session, add, make, other_center, monkeypatch):
    make.poster(other_center, code="BCDFGHJK")
    monkeypatch.setattr(places, "mint_code", lambda _length: "BCDFGHJK")
    with pytest.raises(IntegrityError):
        add("poster")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("label", "slugs"),
    [
        ("At the exit", ["at-the-exit", "at-the-exit-2", "at-the-exit-3"]),
        ("  Café / No. 1!", ["cafe-no-1", "cafe-no-1-2", "cafe-no-1-3"]),
        ("Çıxış", ["cxs", "cxs-2", "cxs-3"]),
        ("выход", ["place", "place-2", "place-3"]),
        ("x" * 80, ["x" * 40, "x" * 38 + "-2", "x" * 38 + "-3"]),
    ],
)
def test_short_names_come_from_the_english_label(add, label, slugs):
    assert [add(labels=LABELS | {"en": label}).slug for _ in range(3)] == slugs


def test_a_center_has_one_place_for_its_tickets(session, add, make, other_center):
    make.tickets_place(other_center)
    first = add("tickets")
    assert first.is_for_tickets
    with pytest.raises(TicketsTaken):
        add("tickets")
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Touchpoint)) == 2


def test_a_retired_place_for_tickets_makes_room_and_waits_until_there_is_some(
    session, add, manager
):
    first = add("tickets")
    retire_place(session, first, manager, NOON)
    session.commit()
    second = add("tickets")
    with pytest.raises(TicketsTaken):
        reopen_place(session, first, manager, NOON)
    session.rollback()
    retire_place(session, second, manager, NOON)
    reopen_place(session, first, manager, NOON)
    session.commit()
    assert (first.retired_at, second.retired_at) == (None, NOON)


def test_changing_a_place_keeps_its_code_and_address(session, add, make, manager):
    place = add("poster")
    code, slug = place.code, place.slug
    other, service = make.survey(), make.service()
    labels = {language: f"New {language}" for language in LABELS}
    rename_place(session, place, labels, manager, NOON)
    for _ in range(2):
        ask_at_place(session, place, other.id, service.id, manager, NOON)
    session.commit()
    assert (dict(place.label), place.survey_id, place.service_id) == (labels, other.id, service.id)
    assert (place.code, place.slug) == (code, slug)
    assert actions(session) == ["touchpoint_added", "touchpoint_renamed", "touchpoint_asks"]


@pytest.mark.any_database
def test_a_tablets_place_keeps_its_survey_because_tablets_queue(session, add, make, manager):
    place = add("tablet")
    with pytest.raises(ValueError, match="keeps its survey"):
        ask_at_place(session, place, make.survey().id, None, manager, NOON)


@pytest.mark.any_database
def test_retiring_and_opening_twice_is_done_and_noted_once(session, add, manager):
    place = add("poster")
    for verb in (retire_place, retire_place, reopen_place, reopen_place):
        verb(session, place, manager, NOON)
        session.commit()
    assert place.retired_at is None
    assert actions(session) == ["touchpoint_added", "touchpoint_retired", "touchpoint_reopened"]
