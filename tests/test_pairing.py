"""Pairing: a code works once, for ten minutes, at a living tablet's place."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.access import token_digest, touchpoint_for
from survey_app.codes import ALPHABET
from survey_app.errors import NotFound, Unauthorised
from survey_app.extensions import begin_writing
from survey_app.models import AuditEvent, PairingCode, Tablet, TabletPlace
from survey_app.pairing import (
    CODE_KEPT,
    CODE_LENGTH,
    CODE_LIFETIME,
    create_pairing_code,
    enrol,
    erase_codes,
    left_at,
    pair_tablet,
    revoke,
    stood_at,
)
from tests.devices import Device
from tests.factories import NOON

INSTANT = timedelta(microseconds=1)


@pytest.fixture
def place(make, center):
    return make.touchpoint(center)


def test_a_code_becomes_a_tablet_with_a_credential_of_its_own(session, place):
    code = create_pairing_code(session, place, NOON)
    later = NOON + timedelta(minutes=9)
    token = pair_tablet(session, code, later)
    session.commit()
    tablet = touchpoint_for(session, token)
    assert (tablet.touchpoint_id, tablet.paired_at, tablet.revoked_at) == (place.id, later, None)
    assert session.scalars(select(PairingCode.used_at)).one() == later
    stood = session.scalars(select(TabletPlace)).one()
    assert (stood.tablet_id, stood.touchpoint_id, stood.since) == (tablet.id, place.id, later)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.tablet_id, event.center_id, event.happened_at) == (
        "tablet_paired",
        tablet.id,
        place.center_id,
        later,
    )
    assert event.detail == {"touchpoint_id": place.id}


def test_codes_that_ran_out_are_erased_a_day_later_used_or_not(session, place):
    pair_tablet(session, create_pairing_code(session, place, NOON), NOON)
    create_pairing_code(session, place, NOON)
    create_pairing_code(session, place, NOON + INSTANT)
    session.commit()
    gone = NOON + CODE_LIFETIME + CODE_KEPT
    assert [erase_codes(session, when) for when in (gone, gone + INSTANT, gone + INSTANT)] == [
        0, 2, 0,
    ]  # fmt: skip
    session.commit()
    assert session.scalars(select(PairingCode.used_at)).all() == [None]
    assert session.scalars(select(Tablet)).one().touchpoint_id == place.id


def test_neither_code_nor_token_can_be_read_from_the_database(session, place):
    code = create_pairing_code(session, place, NOON)
    token = pair_tablet(session, code, NOON)
    session.commit()
    stored = session.scalars(select(PairingCode)).one()
    assert stored.code_digest == token_digest(code.replace("-", ""))
    assert session.scalars(select(Tablet.token_digest)).one() == token_digest(token)
    # 256 random bits.
    assert len(token) == 43


def test_codes_are_written_in_two_groups_of_letters_told_apart_by_eye(session, place):
    codes = {create_pairing_code(session, place, NOON) for _ in range(50)}
    assert len(codes) == 50
    for code in codes:
        assert (len(code), code[4]) == (CODE_LENGTH + 1, "-")
        assert set(code.replace("-", "")) <= set(ALPHABET)


@pytest.mark.parametrize("written", ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "B-C-D-F.G.H.J.K\x00"])
@pytest.mark.any_database
def test_a_code_may_be_written_as_people_write(session, make, place, written):
    make.pairing_code(place, "BCDFGHJK")
    assert pair_tablet(session, written, NOON)


def test_a_code_works_once(session, make, place):
    make.pairing_code(place, "BCDFGHJK")
    make.pairing_code(place, "LMNPQRST")
    pair_tablet(session, "BCDFGHJK", NOON)
    session.commit()
    with pytest.raises(NotFound):
        pair_tablet(session, "BCDFGHJK", NOON)
    assert pair_tablet(session, "LMNPQRST", NOON)
    assert session.scalar(select(func.count()).select_from(Tablet)) == 2


def test_a_code_expires_after_ten_minutes(session, place):
    code = create_pairing_code(session, place, NOON)
    session.commit()
    with pytest.raises(NotFound):
        pair_tablet(session, code, NOON + CODE_LIFETIME)
    session.rollback()
    assert pair_tablet(session, code, NOON + CODE_LIFETIME - INSTANT)
    assert timedelta(minutes=10) == CODE_LIFETIME


@pytest.mark.parametrize("wrong", ["", "-", "BCDFGHJ", "BCDFGHJKL", "ßßßß", "\x00", "B" * 40])
@pytest.mark.any_database
def test_a_wrong_code_pairs_nothing(session, make, place, wrong):
    make.pairing_code(place, "BCDFGHJK")
    with pytest.raises(NotFound):
        pair_tablet(session, wrong, NOON)
    assert session.scalars(select(PairingCode.used_at)).one() is None
    assert session.scalars(select(Tablet)).all() == []


def test_a_place_without_a_tablet_gives_no_code(session, make, center):
    for place in (make.poster(center), make.touchpoint(center, retired_at=NOON)):
        with pytest.raises(NotFound):
            create_pairing_code(session, place, NOON)
    assert session.scalars(select(PairingCode)).all() == []


def test_a_place_retired_since_takes_no_tablet(session, make, place):
    make.pairing_code(place, "BCDFGHJK")
    place.retired_at = NOON
    session.commit()
    with pytest.raises(NotFound):
        pair_tablet(session, "BCDFGHJK", NOON)
    assert session.scalars(select(Tablet)).all() == []


def test_of_many_devices_with_one_code_a_single_one_is_paired(session, make, place):
    make.pairing_code(place, "BCDFGHJK")
    engine = session.get_bind()

    def pair(_):
        with Session(engine) as own:
            begin_writing(own)
            try:
                token = pair_tablet(own, "BCDFGHJK", NOON)
            except NotFound:
                return None
            own.commit()
            return token

    with ThreadPoolExecutor(8) as threads:
        tokens = [token for token in threads.map(pair, range(8)) if token]
    assert len(tokens) == 1
    assert session.scalars(select(Tablet.token_digest)).all() == [token_digest(tokens[0])]


def test_a_device_paired_anew_keeps_its_places_and_loses_its_old_credential(session, make, place):
    make.pairing_code(place, "BCDFGHJK")
    device, later = Device(), NOON + timedelta(days=3)
    former = enrol(session, place, NOON, device.public_key)
    other = enrol(session, make.touchpoint(), NOON, Device().public_key)
    session.commit()
    new_place = make.touchpoint()
    token = enrol(session, new_place, later, device.public_key)
    session.commit()
    tablet = touchpoint_for(session, token)
    places, first_paired = stood_at(session, tablet)
    assert places == {place.id: place, new_place.id: new_place}
    assert first_paired == NOON
    with pytest.raises(Unauthorised):
        touchpoint_for(session, former)
    assert touchpoint_for(session, other).revoked_at is None
    revoked = session.scalars(select(AuditEvent).where(AuditEvent.action == "tablet_revoked")).one()
    assert (revoked.happened_at, revoked.center_id) == (later, place.center_id)


def test_a_device_has_left_where_no_pairing_lasts(session, make, place):
    key, ended, elsewhere = Device().public_key, NOON + timedelta(days=1), make.touchpoint()
    first = touchpoint_for(session, enrol(session, place, NOON, key))
    assert left_at(session, first) == {}
    revoke(session, first.id, ended)
    again = ended + timedelta(days=1)
    second = touchpoint_for(session, enrol(session, elsewhere, again, key))
    assert left_at(session, second) == {place.id: ended}
    again += timedelta(days=1)
    third = touchpoint_for(session, enrol(session, place, again, key))
    assert left_at(session, third) == {elsewhere.id: again}


def test_a_tablet_without_a_key_has_its_own_places_only(session, make, place):
    make.tablet(place)
    alone = make.tablet(make.touchpoint(), paired_at=NOON).tablet
    places, first_paired = stood_at(session, alone)
    assert (list(places), first_paired) == ([alone.touchpoint_id], NOON)


# --- revoking --------------------------------------------------------------------------------


def test_a_revoked_token_opens_nothing_any_more(session, place):
    first, second = enrol(session, place, NOON), enrol(session, place, NOON)
    session.commit()
    tablet = touchpoint_for(session, first)
    revoke(session, tablet.id, NOON + timedelta(hours=1))
    session.commit()
    with pytest.raises(Unauthorised):
        touchpoint_for(session, first)
    assert touchpoint_for(session, second).touchpoint_id == place.id
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "tablet_revoked")).one()
    assert (event.tablet_id, event.center_id) == (tablet.id, place.center_id)


@pytest.mark.any_database
def test_only_a_living_tablet_can_be_revoked(session, make, place):
    gone = make.tablet(place, revoked_at=NOON).tablet
    for number in (gone.id, gone.id + 1, 0, -1):
        with pytest.raises(NotFound):
            revoke(session, number, NOON + timedelta(hours=1))
    assert gone.revoked_at == NOON
    assert session.scalars(select(AuditEvent)).all() == []
