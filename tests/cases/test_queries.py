"""Who waits for an answer: in one's own centers, the longest first, and nobody who is over."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey_app.cases import queries
from survey_app.cases.queries import (
    NoLongerWaiting,
    Settled,
    get_case,
    settled_in,
    waiting_in,
)
from survey_app.errors import NotFound
from survey_app.models import Case
from tests.factories import NOON


@pytest.fixture
def wait(make, center):
    """`wait(days, place, **columns)`: a case opened so many days before NOON."""

    def wait(days=0, place=None, **columns):
        rating = make.rating(place or make.poster(center), comment="Zəng edin")
        return make.case(rating, opened_at=NOON - timedelta(days=days), **columns)

    return wait


@pytest.fixture
def over(wait, make, center):
    """A closed case, and one whose contact was erased."""
    closed_by = make.user("manager", center).id
    return (
        wait(9, contact=None, closed_at=NOON, closed_by=closed_by),
        wait(8, contact=None),
    )


def test_the_longest_waiting_come_first_with_what_they_said(
    session, make, center, other_center, wait, over
):
    service = make.service("03-01-01")
    last, first = wait(1), wait(3, make.poster(center, service_id=service.id))
    wait(5, make.poster(other_center))
    found = waiting_in(session, [center])
    assert [each.case.id for each in found] == [first.id, last.id]
    assert (found[0].service.code, found[1].service) == ("03-01-01", None)
    assert found[0].rating.comment == "Zəng edin"
    assert {each.center.id for each in found} == {center.id}
    assert found[0].place.channel == "qr"
    assert len(waiting_in(session, [center, other_center])) == 3


@pytest.mark.any_database
def test_no_more_are_shown_than_fit(session, center, wait, monkeypatch):
    monkeypatch.setattr(queries, "SHOWN", 2)
    newest = wait(1)
    wait(2)
    wait(3)
    shown = [each.case.id for each in waiting_in(session, [center])]
    assert len(shown) == 2
    assert newest.id not in shown


def test_what_is_over_is_counted_by_how_it_ended(session, make, center, other_center, wait, over):
    wait()
    make.case(make.rating(make.poster(other_center)), contact=None)
    assert settled_in(session, [center]) == Settled(answered=1, erased=1)
    assert settled_in(session, []) == Settled(0, 0)


@pytest.mark.any_database
def test_who_was_set_aside_stands_last_and_is_not_left_out(session, center, wait, monkeypatch):
    held = wait(9)
    held.rating.state, held.rating.held_rule = "held", "filled_trap/1"
    counted = wait(1)
    found = waiting_in(session, [center])
    assert [(each.case.id, each.is_set_aside) for each in found] == [
        (counted.id, False),
        (held.id, True),
    ]
    monkeypatch.setattr(queries, "SHOWN", 1)
    assert [each.case.id for each in waiting_in(session, [center])] == [counted.id]


def test_who_reads_a_case_keeps_nobody_from_it(session, center, wait):
    case = wait()
    session.commit()
    # SQLite knows no locks of rows; there a reader never keeps anybody waiting.
    lock = select(Case.id).where(Case.id == case.id).with_for_update(nowait=True)
    get_case(session, center, case.id)
    with Session(session.get_bind()) as other:
        assert other.scalar(lock) == case.id
    session.rollback()
    get_case(session, center, case.id, alone=True)
    if session.get_bind().dialect.name == "postgresql":
        with Session(session.get_bind()) as other, pytest.raises(OperationalError):
            other.scalar(lock)


def test_a_case_is_its_centers_own(session, center, other_center, wait, over):
    case = wait()
    assert get_case(session, center, case.id).case.id == case.id
    for number in (case.id + 1, 2**40):
        with pytest.raises(NotFound):
            get_case(session, center, number)
    with pytest.raises(NotFound):
        get_case(session, other_center, case.id)
    for each in over:
        with pytest.raises(NoLongerWaiting):
            get_case(session, center, each.id)
