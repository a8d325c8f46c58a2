"""A tablet's signature: a token alone opens nothing, and an older tablet without a key goes on."""

import json

import pytest
import time_machine
from sqlalchemy import select

from survey_app.models import Rating
from tests.devices import Device
from tests.factories import NOON, submission

pytestmark = pytest.mark.usefixtures("at_noon")

RATINGS, HEARTBEAT, SETUP = "/api/v1/ratings", "/api/v1/kiosk/heartbeat", "/api/v1/kiosk"
LIVES = {"app_version": "1", "unsent": 0}


@pytest.fixture
def device():
    return Device()


@pytest.fixture
def enrolled(make, center, survey, device):
    return make.tablet(make.touchpoint(center, survey_id=survey.id), public_key=device.public_key)


@pytest.fixture
def survey(make):
    return make.survey()


def test_what_the_device_signed_is_taken(session, device, enrolled, client):
    answer = device.post(client, RATINGS, {"ratings": [submission()]}, enrolled.token)
    assert answer.status_code == 200
    assert session.scalars(select(Rating.tablet_id)).one() == enrolled.tablet.id
    assert device.post(client, HEARTBEAT, LIVES, enrolled.token).status_code == 200
    asked = {"X-Rey-Signature": device.signature("GET", SETUP)}
    assert client.get(SETUP, headers=enrolled.headers | asked).status_code == 200


def test_a_stolen_token_alone_opens_nothing(session, make, device, enrolled, client):
    other = Device()
    make.tablet(enrolled.tablet.touchpoint, public_key=other.public_key)
    body = json.dumps({"ratings": [submission()]}).encode()
    changed = body.replace(b'"score": 5', b'"score": 1')
    for what, signature in {
        "none": None,
        "nonsense": "x",
        "another tablet's": other.signature("POST", RATINGS, body),
        "a changed body's": device.signature("POST", RATINGS, changed),
        "another path's": device.signature("POST", HEARTBEAT, body),
        "another verb's": device.signature("GET", RATINGS, body),
    }.items():
        headers = enrolled.headers | ({"X-Rey-Signature": signature} if signature else {})
        answer = client.post(RATINGS, data=body, headers=headers, content_type="application/json")
        assert (what, answer.status_code) == (what, 401)
        assert answer.mimetype == "application/problem+json"
    assert client.get(SETUP, headers=enrolled.headers).status_code == 401
    assert client.post(HEARTBEAT, json=LIVES, headers=enrolled.headers).status_code == 401
    assert session.scalars(select(Rating)).all() == []
    assert enrolled.tablet.last_seen_at is None


def test_a_batch_that_was_recorded_on_its_way_shows_no_life(session, device, enrolled, client):
    body = {"ratings": [submission(), submission(sequence=2, score=9)]}
    with time_machine.travel(NOON, tick=False) as clock:
        first, again = [], []
        for answers in (first, again):
            answer = device.post(client, RATINGS, body, enrolled.token)
            answers += [each["status"] for each in answer.json["verdicts"]]
            clock.shift(3600)
    assert (first, again) == (["recorded", "rejected"], ["already_recorded", "rejected"])
    assert enrolled.tablet.last_seen_at == NOON
    assert len(session.scalars(select(Rating)).all()) == 1


@pytest.mark.any_database
def test_a_tablet_from_before_there_were_keys_goes_on(make, survey, center, device, client):
    older = make.tablet(make.touchpoint(center, survey_id=survey.id))
    assert client.get(SETUP, headers=older.headers).status_code == 200
    # A newer page signs what it sends; the server knows no key of it and does not mind.
    assert device.post(client, HEARTBEAT, LIVES, older.token).status_code == 200
