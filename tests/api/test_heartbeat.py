"""A tablet's sign of life."""

import json

import pytest
import time_machine

from tests.factories import NOON

HEARTBEAT = "/api/v1/kiosk/heartbeat"
LIVES = {"app_version": "0123456789ab", "unsent": 7, "last_sequence": 41}


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def enrolled(make, center):
    return make.tablet(make.touchpoint(center))


def test_a_heartbeat_is_noted_for_its_tablet_alone(make, enrolled, client):
    other = make.tablet(enrolled.tablet.touchpoint)
    answer = client.post(HEARTBEAT, json=LIVES, headers=enrolled.headers)
    assert (answer.status_code, answer.data) == (204, b"")
    tablet = enrolled.tablet
    assert (tablet.last_seen_at, tablet.app_version, tablet.unsent) == (NOON, "0123456789ab", 7)
    assert (other.tablet.last_seen_at, other.tablet.unsent) == (None, None)


def test_what_an_older_or_newer_tablet_says_is_taken(enrolled, client):
    for document in ({"app_version": "", "unsent": 0}, LIVES | {"rejected": 3}):
        answer = client.post(HEARTBEAT, json=document, headers=enrolled.headers)
        assert answer.status_code == 204


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


@pytest.mark.any_database
def test_a_stranger_has_no_pulse(make, center, client):
    revoked = make.tablet(make.touchpoint(center), revoked_at=NOON)
    for headers in ({}, {"Authorization": "Bearer unknown"}, revoked.headers):
        assert client.post(HEARTBEAT, json=LIVES, headers=headers).status_code == 401
    assert revoked.tablet.last_seen_at is None
