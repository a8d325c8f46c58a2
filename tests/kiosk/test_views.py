"""The tablet's page, its service worker and manifest, and the pairing door."""

import hashlib
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from survey_app.access import token_digest
from survey_app.extensions import limiter
from survey_app.models import PairingCode, Tablet
from survey_app.version import APP_VERSION
from survey_app.wsgi import build_wsgi_app
from tests.devices import Device
from tests.factories import NOON

pytestmark = pytest.mark.usefixtures("at_noon")

PAIR = "/kiosk/pair"


@pytest.fixture
def place(make, center):
    return make.touchpoint(center)


# --- the page --------------------------------------------------------------------------------


@pytest.mark.any_database
def test_the_page_is_the_same_for_everybody_and_sets_no_cookie(client, new_client):
    first, second = client.get("/kiosk/"), new_client().get("/kiosk/")
    assert (first.status_code, first.mimetype) == (200, "text/html")
    assert "Set-Cookie" not in first.headers
    nonce = re.compile(r'nonce(=|-)"?[\w-]+')
    assert nonce.sub("", first.text) == nonce.sub("", second.text)
    assert APP_VERSION in first.text
    policy = first.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "worker-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.any_database
def test_the_page_speaks_three_languages(client):
    page = client.get("/kiosk/").text
    config = re.search(
        r'<script type="application/json" id="config">(.*?)</script>', page, re.DOTALL
    )
    texts = json.loads(config.group(1))["texts"]
    assert texts.keys() == {"az", "ru", "en"}
    assert texts["az"].keys() == texts["ru"].keys() == texts["en"].keys()
    assert texts["en"]["thanks"] == "Thank you"
    assert len({words["thanks"] for words in texts.values()}) == 3


@pytest.mark.any_database
def test_everything_the_worker_keeps_is_there(client, settings):
    answer = client.get("/kiosk/sw.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert APP_VERSION in answer.text
    digests = dict(re.findall(r'"(/static/[\w./-]+)": "([0-9a-f]{64})"', answer.text))
    addresses = sorted(digests)
    assert {"/static/kiosk/outbox.js", "/static/faces/1.svg", "/static/faces/5.svg"} <= set(
        addresses
    )
    # As served: WhiteNoise answers for static files.
    served = build_wsgi_app(settings).test_client()
    for address in addresses:
        kept = served.get(address)
        assert (address, kept.status_code) == (address, 200)
        assert (address, hashlib.sha256(kept.data).hexdigest()) == (address, digests[address])
        kept.close()


@pytest.mark.any_database
def test_the_manifest_makes_the_page_installable(client, settings):
    answer = client.get("/kiosk/manifest.webmanifest")
    assert (answer.status_code, answer.mimetype) == (200, "application/manifest+json")
    manifest = json.loads(answer.text)
    assert (manifest["display"], manifest["start_url"], manifest["scope"]) == (
        "fullscreen",
        "/kiosk/",
        "/kiosk/",
    )
    assert manifest["icons"]
    served = build_wsgi_app(settings).test_client()
    for icon in manifest["icons"]:
        file = served.get(icon["src"])
        assert (file.status_code, file.mimetype) == (200, icon["type"])
        file.close()


# --- the pairing door ------------------------------------------------------------------------


def test_a_device_trades_its_code_for_a_token_that_opens_the_door(session, make, place, client):
    make.pairing_code(place, "BCDFGHJK")
    answer = client.post(PAIR, json={"code": "bcdf-ghjk"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json.keys() == {"token"}
    assert "Set-Cookie" not in answer.headers
    assert "no-store" in answer.headers["Cache-Control"]
    token = answer.json["token"]
    tablet = session.scalars(select(Tablet)).one()
    assert (tablet.token_digest, tablet.touchpoint_id) == (token_digest(token), place.id)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/kiosk", headers=headers).status_code == 200


def test_a_device_is_known_by_its_key_from_then_on(session, make, place, client):
    make.pairing_code(place, "BCDFGHJK")
    device = Device()
    asked = {"code": "BCDFGHJK", "public_key": device.public_text}
    answer = device.post(client, PAIR, asked)
    assert answer.status_code == 200
    assert session.scalars(select(Tablet.public_key)).one() == device.public_key
    bearer = {"Authorization": f"Bearer {answer.json['token']}"}
    signed = {"X-Rey-Signature": device.signature("GET", "/api/v1/kiosk")}
    assert client.get("/api/v1/kiosk", headers=bearer).status_code == 401
    assert client.get("/api/v1/kiosk", headers=bearer | signed).status_code == 200


@pytest.mark.any_database
def test_nobody_pairs_with_a_key_that_is_not_theirs(session, make, place, client):
    make.pairing_code(place, "BCDFGHJK")
    owner, thief = Device(), Device()
    asked = {"code": "BCDFGHJK", "public_key": owner.public_text}
    assert problem_of(thief.post(client, PAIR, asked)) == 422
    assert problem_of(client.post(PAIR, json=asked)) == 422
    assert problem_of(thief.post(client, PAIR, asked | {"public_key": "x"})) == 422
    assert session.scalars(select(Tablet)).all() == []
    assert session.scalars(select(PairingCode.used_at)).one() is None


def test_a_wrong_used_or_expired_code_is_answered_alike(session, make, place, client):
    make.pairing_code(place, "BCDFGHJK", used_at=NOON - timedelta(minutes=1))
    make.pairing_code(place, "LMNPQRST", expires_at=NOON)
    answers = [client.post(PAIR, json={"code": code}) for code in ("BCDFGHJK", "LMNPQRST", "ZZ")]
    assert [problem_of(each) for each in answers] == [404] * 3
    assert len({each.data for each in answers}) == 1
    assert session.scalars(select(Tablet)).all() == []


def test_what_is_no_pairing_request_is_the_senders_problem(session, make, place, client):
    make.pairing_code(place, "BCDFGHJK")
    bodies = {
        "nothing": "",
        "no JSON": "code",
        "a list": "[]",
        "no code": "{}",
        "an empty code": '{"code": ""}',
        "a long code": json.dumps({"code": "B" * 41}),
        "a number": '{"code": 5}',
        "null": '{"code": null}',
        "half a character": '{"code": "BCDF\\ud800"}',
        "bytes": b'{"code": "\xed\xa0\x80"}',
        "more than a code": '{"code": "BCDFGHJK", "name": "x"}',
        "lists without end": "[" * 50_000,
    }
    for name, body in bodies.items():
        answer = client.post(PAIR, data=body, content_type="application/json")
        assert (name, problem_of(answer)) == (name, 422)
    assert problem_of(client.post(PAIR, json={"code": "BCDF\x00"})) == 404
    assert problem_of(client.post(PAIR, data={"code": "BCDFGHJK"})) == 415
    large = json.dumps({"code": "B" * 10_000_000})
    assert problem_of(client.post(PAIR, data=large, content_type="application/json")) == 413
    assert session.scalars(select(PairingCode.used_at)).one() is None
    assert session.scalars(select(Tablet)).all() == []


@pytest.mark.any_database
class TestGuessing:
    @pytest.fixture
    def settings(self, settings):
        """Limits are off in tests, and are what is tested here."""
        yield settings.model_copy(update={"environment": "demo"})
        limiter.reset()

    def test_guessing_is_slowed_down_for_the_network_it_comes_from(self, make, place, client):
        limiter.reset()
        make.pairing_code(place, "BCDFGHJK")
        guess = {"json": {"code": "ZZZZZZZZ"}}
        # What is no guess costs none: a center has several tablets to pair.
        for code in ("LMNPQRST", "LMNPQRSV", "LMNPQRSW"):
            make.pairing_code(place, code)
            assert client.post(PAIR, json={"code": code}).status_code == 200
        assert problem_of(client.post(PAIR, json={})) == 422
        for _ in range(5):
            assert problem_of(client.post(PAIR, **guess)) == 404
        # Not even the right code is taken now, from this network.
        right = {"json": {"code": "BCDFGHJK"}}
        answer = client.post(PAIR, **right, environ_base={"REMOTE_ADDR": "127.0.0.9"})
        assert problem_of(answer) == 429
        assert answer.headers["Retry-After"] == "600"
        elsewhere = {"REMOTE_ADDR": "10.1.2.3"}
        assert client.post(PAIR, **right, environ_base=elsewhere).status_code == 200


# --- how -------------------------------------------------------------------------------------


def problem_of(answer):
    """The status of an answer that is problem+json, of which it is sure to be."""
    assert answer.mimetype == "application/problem+json", answer.data[:200]
    assert answer.json["status"] == answer.status_code
    return answer.status_code
