"""Who waits for an answer: in one's own centers, the longest first, and nobody who is over."""

from datetime import timedelta

import pytest

from survey_app.cases import queries
from survey_app.cases.queries import (
    NoLongerWaiting,
    Settled,
    get_case,
    settled_in,
    waiting_in,
)
from survey_app.errors import NotFound
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
