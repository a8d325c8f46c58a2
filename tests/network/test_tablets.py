"""What a manager does to a tablet: invite, rename, move, pause, resume."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from survey_app.errors import NotFound
from survey_app.models import AuditEvent, Tablet, TabletPlace
from survey_app.network.tablets import (
    invite_tablet,
    move_tablet,
    pause_tablet,
    rename_tablet,
    resume_tablet,
)
from survey_app.pairing import pair_tablet
from tests.factories import NOON


@pytest.fixture
def tablet(make, center):
    return make.tablet(make.touchpoint(center)).tablet


def events(session):
    rows = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    return [(each.action, each.center_id, each.tablet_id) for each in rows]


def test_an_invited_device_becomes_a_tablet_of_the_place(session, make, center, manager):
    place = make.touchpoint(center)
    code = invite_tablet(session, place, manager, NOON)
    session.commit()
    (event,) = session.scalars(select(AuditEvent))
    assert (event.action, event.user_id) == ("pairing_code_made", manager.id)
    assert event.detail == {"touchpoint_id": place.id}
    pair_tablet(session, code, NOON)
    session.commit()
    assert session.scalars(select(Tablet.touchpoint_id)).one() == place.id


def test_moving_keeps_where_it_stood(session, make, center, manager, tablet):
    target = make.touchpoint(center)
    stood = tablet.touchpoint_id
    move_tablet(session, tablet, target, manager, NOON)
    session.commit()
    assert session.scalars(select(Tablet.touchpoint_id)).one() == target.id
    places = session.execute(
        select(TabletPlace.touchpoint_id, TabletPlace.since).order_by(TabletPlace.since)
    ).all()
    assert places == [(stood, tablet.paired_at), (target.id, NOON)]
    (event,) = session.scalars(select(AuditEvent))
    assert (event.action, event.tablet_id, event.user_id) == (
        "tablet_moved",
        tablet.id,
        manager.id,
    )
    assert event.detail == {"from_touchpoint_id": stood, "to_touchpoint_id": target.id}


def test_both_centers_hear_of_a_move(session, make, center, other_center, admin, tablet):
    move_tablet(session, tablet, make.touchpoint(other_center), admin, NOON)
    session.commit()
    assert set(events(session)) == {
        ("tablet_moved", center.id, tablet.id),
        ("tablet_moved", other_center.id, tablet.id),
    }


@pytest.mark.any_database
def test_moving_to_where_it_stands_changes_nothing(session, manager, tablet):
    move_tablet(session, tablet, tablet.touchpoint, manager, NOON)
    session.commit()
    assert (len(session.scalars(select(TabletPlace)).all()), events(session)) == (1, [])


@pytest.mark.any_database
def test_a_tablet_moves_to_living_places_of_tablets_only(session, make, center, manager, tablet):
    for place in (make.poster(center), make.touchpoint(center, retired_at=NOON)):
        with pytest.raises(NotFound):
            move_tablet(session, tablet, place, manager, NOON)
    assert events(session) == []


@pytest.mark.any_database
def test_a_disconnected_tablet_is_left_alone(session, make, center, manager):
    gone = make.tablet(make.touchpoint(center), revoked_at=NOON).tablet
    with pytest.raises(NotFound):
        move_tablet(session, gone, make.touchpoint(center), manager, NOON)
    for verb in (pause_tablet, resume_tablet):
        with pytest.raises(NotFound):
            verb(session, gone, manager, NOON)
    assert events(session) == []


@pytest.mark.any_database
def test_pausing_and_resuming_twice_is_noted_once(session, center, manager, tablet):
    later = NOON + timedelta(hours=1)
    pause_tablet(session, tablet, manager, NOON)
    pause_tablet(session, tablet, manager, later)
    assert tablet.paused_at == NOON
    resume_tablet(session, tablet, manager, later)
    resume_tablet(session, tablet, manager, later)
    session.commit()
    assert tablet.paused_at is None
    assert events(session) == [
        ("tablet_paused", center.id, tablet.id),
        ("tablet_resumed", center.id, tablet.id),
    ]


@pytest.mark.any_database
def test_a_name_can_be_given_and_taken_away(session, center, manager, tablet):
    for name, kept in (("By the door", "By the door"), ("", None)):
        rename_tablet(session, tablet, name, manager, NOON)
        session.commit()
        assert tablet.name == kept
    assert events(session) == [("tablet_renamed", center.id, tablet.id)] * 2
