"""A tablet's sign of life."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from survey_app.models import AuditEvent, Tablet
from survey_app.pairing import enrol
from tests.devices import Device
from tests.factories import NOON

pytestmark = pytest.mark.usefixtures("at_noon")

HEARTBEAT, UNPAIR = "/api/v1/kiosk/heartbeat", "/api/v1/kiosk/unpair"
LIVES = {"app_version": "0123456789ab", "unsent": 7, "last_sequence": 41}


@pytest.fixture
def enrolled(make, center):
    return make.tablet(make.touchpoint(center))


def test_a_heartbeat_is_noted_for_its_tablet_alone(make, enrolled, client):
    other = make.tablet(enrolled.tablet.touchpoint)
    answer = client.post(HEARTBEAT, json=LIVES, headers=enrolled.headers)
    assert (answer.status_code, answer.json["server_time"]) == (200, "2026-10-05T08:00:00.000Z")
    tablet = enrolled.tablet
    assert (tablet.last_seen_at, tablet.app_version, tablet.unsent) == (NOON, "0123456789ab", 7)
    assert (other.tablet.last_seen_at, other.tablet.unsent) == (None, None)


def test_how_the_device_is_is_kept(enrolled, client):
    document = LIVES | {
        "rejected": 3,
        "last_rating_at": "2026-10-05T11:58:00.500+04:00",
        "skew_ms": -86_400_000,
        "battery": {"percent": 41, "charging": False},
        "storage": {"free": 10**10, "persistent": True},
    }
    assert client.post(HEARTBEAT, json=document, headers=enrolled.headers).status_code == 200
    tablet = enrolled.tablet
    assert (tablet.rejected, tablet.last_sequence, tablet.skew_ms) == (3, 41, -86_400_000)
    assert tablet.last_rating_at == NOON - timedelta(seconds=119, milliseconds=500)
    assert (tablet.battery_percent, tablet.is_charging) == (41, False)
    assert (tablet.storage_free, tablet.storage_persistent) == (10**10, True)
    # What it says no more is not known any more.
    client.post(HEARTBEAT, json=LIVES, headers=enrolled.headers)
    assert (tablet.battery_percent, tablet.storage_persistent, tablet.skew_ms) == (None,) * 3


# As the pages of the two versions before this one said it.
@pytest.mark.parametrize(
    "body",
    [
        '{"app_version":"49ef03a29eff","unsent":2,"last_sequence":41}',
        '{"app_version":"4937750b4d92","unsent":0,"rejected":1,"last_sequence":41}',
    ],
)
def test_what_the_two_versions_before_say_is_taken(enrolled, client, body):
    answer = client.post(
        HEARTBEAT, data=body, content_type="application/json", headers=enrolled.headers
    )
    assert answer.status_code == 200
    assert enrolled.tablet.last_sequence == 41


def test_a_malformed_heartbeat_is_a_problem_and_changes_nothing(enrolled, client):
    wrong = [
        {},
        [],
        LIVES | {"unsent": -1},
        LIVES | {"unsent": 10**9},
        LIVES | {"unsent": "7"},
        LIVES | {"unsent": True},
        LIVES | {"unsent": 1.5},
        LIVES | {"unsent": None},
        LIVES | {"last_sequence": 2**31},
        LIVES | {"rejected": -1},
        LIVES | {"app_version": "x" * 41},
        LIVES | {"app_version": "x\x00"},
        LIVES | {"app_version": "x\ud800"},
        LIVES | {"app_version": 5},
        LIVES | {"name": "x"},
        LIVES | {"last_rating_at": "2026-10-05T08:00:00"},
        LIVES | {"last_rating_at": "0001-01-01T00:00:00+14:00"},
        LIVES | {"skew_ms": 0.5},
        LIVES | {"skew_ms": 2**60},
        LIVES | {"battery": {"percent": 101, "charging": True}},
        LIVES | {"battery": {"percent": 50}},
        LIVES | {"storage": {"free": -1, "persistent": True}},
        LIVES | {"storage": {"free": 2**70, "persistent": True}},
        LIVES | {"heartbeats": 0},
        LIVES | {"heartbeats": 2**53},
        LIVES | {"heartbeats": "1"},
    ]
    for document in wrong:
        answer = client.post(
            HEARTBEAT,
            data=json.dumps(document),
            content_type="application/json",
            headers=enrolled.headers,
        )
        assert (document, answer.status_code) == (document, 422)
        assert answer.mimetype == "application/problem+json"
    assert (enrolled.tablet.last_seen_at, enrolled.tablet.app_version) == (None, None)


def test_a_sign_of_life_that_was_recorded_is_not_taken_again(session, make, center, client):
    device = Device()
    token = make.tablet(make.touchpoint(center), public_key=device.public_key).token

    def said(**members):
        answer = device.post(client, HEARTBEAT, LIVES | members, token)
        return answer.status_code, json.loads(answer.data).get("heartbeats")

    with time_machine.travel(NOON, tick=False) as clock:
        assert said(heartbeats=1) == said(heartbeats=2) == (200, None)
        clock.shift(timedelta(hours=1))
        # The same again, an earlier one, and one of a page that did not count yet.
        replayed = [said(heartbeats=2), said(heartbeats=1), said(unsent=0)]
        assert replayed == [(409, 2)] * 3
        tablet = session.scalars(select(Tablet)).one()
        assert (tablet.last_seen_at, tablet.unsent, tablet.heartbeats) == (NOON, 7, 2)
        # A device that was restored from an older copy goes on from what it was told.
        assert said(heartbeats=3) == (200, None)
        session.expire_all()
        assert (tablet.last_seen_at, tablet.heartbeats) == (NOON + timedelta(hours=1), 3)


@pytest.mark.any_database
def test_what_a_device_signed_before_it_was_paired_anew_is_not_taken(session, make, center, client):
    device, place = Device(), make.touchpoint(center)
    former = make.tablet(place, public_key=device.public_key, heartbeats=41)
    token = enrol(session, place, NOON, device.public_key)
    for path, document in ((HEARTBEAT, LIVES | {"heartbeats": 41}), (UNPAIR, {"heartbeats": 41})):
        answer = device.post(client, path, document, token)
        assert (path, answer.status_code, answer.mimetype) == (
            path, 409, "application/problem+json",
        )  # fmt: skip
    assert former.tablet.revoked_at == NOON
    assert device.post(client, UNPAIR, {}, token).status_code == 409
    assert device.post(client, UNPAIR, {"heartbeats": 42}, token).status_code == 200


def test_of_two_signs_of_life_at_once_the_later_one_stays(app, session, make, center):
    enrolled = make.tablet(make.touchpoint(center), heartbeats=1)
    session.commit()
    told = range(2, 14)

    def say(count):
        return app.test_client().post(
            HEARTBEAT, json=LIVES | {"heartbeats": count}, headers=enrolled.headers
        )

    with ThreadPoolExecutor(4) as several:
        statuses = [answer.status_code for answer in several.map(say, reversed(told))]
    assert set(statuses) <= {200, 409}
    session.expire_all()
    assert enrolled.tablet.heartbeats == max(told)


def test_a_tablet_may_leave_by_itself(session, make, enrolled, client):
    other = make.tablet(enrolled.tablet.touchpoint)
    answer = client.post(UNPAIR, json={}, headers=enrolled.headers)
    assert answer.status_code == 200
    assert (enrolled.tablet.revoked_at, other.tablet.revoked_at) == (NOON, None)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.tablet_id) == ("tablet_revoked", enrolled.tablet.id)
    assert client.post(HEARTBEAT, json=LIVES, headers=enrolled.headers).status_code == 401


@pytest.mark.any_database
def test_a_stranger_has_no_pulse(make, center, client):
    revoked = make.tablet(make.touchpoint(center), revoked_at=NOON)
    for headers in ({}, {"Authorization": "Bearer unknown"}, revoked.headers):
        assert client.post(HEARTBEAT, json=LIVES, headers=headers).status_code == 401
    assert revoked.tablet.last_seen_at is None
