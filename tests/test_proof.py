"""Proofs of work: right for one code, once, for two hours; and a browser can make them."""

import base64
import json
import threading
from datetime import UTC, datetime, timedelta

import altcha
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.extensions import begin_writing
from survey_app.models import SpentProof
from survey_app.proof import HARDEST, LIFETIME, TRIES, make_challenge, spend_proof
from tests.factories import SIGNING_KEY

KEYS = (SIGNING_KEY,)
OLD_KEY = "the key that signed before " + SIGNING_KEY


def test_a_proof_counts_once(session):
    proof = solved(challenge())
    assert spends(session, proof)
    session.commit()
    assert not spends(session, proof)
    (row,) = session.scalars(select(SpentProof))
    assert timedelta(0) < row.expires_at - now() <= LIFETIME


def test_written_otherwise_it_is_the_same_proof(session):
    """JSON has many ways to write the same, and base64 some."""
    proof = solved(challenge())
    assert spends(session, proof)
    value = json.loads(base64.b64decode(proof))
    value["challenge"]["signature"] = value["challenge"]["signature"].upper()
    value["solution"]["time"] = 12.5
    for again in (json.dumps(value, indent=1), json.dumps(value, sort_keys=True)):
        assert not spends(session, base64.b64encode(again.encode()).decode())
    assert not spends(session, proof + "\n")


def test_of_many_who_hand_it_in_at_once_one_is_believed(app, session):
    proof, believed = solved(challenge()), []
    engine = session.get_bind()

    def hand_in():
        with Session(engine) as own:
            begin_writing(own)
            believed.append(spends(own, proof))
            own.commit()

    session.rollback()
    threads = [threading.Thread(target=hand_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(believed) == [False] * 7 + [True]


@pytest.mark.any_database
def test_it_is_good_for_its_code_only(session):
    assert not spends(session, solved(challenge("OTHER")))


@pytest.mark.any_database
def test_it_expires(session):
    assert not spends(session, solved(challenge(at=now() - LIFETIME - timedelta(seconds=2))))
    assert not spends(session, solved(challenge()), at=now() + LIFETIME + timedelta(seconds=2))
    assert spends(session, solved(challenge(at=now() - LIFETIME + timedelta(minutes=1))))


@pytest.mark.any_database
def test_a_key_that_was_replaced_still_opens_it_and_a_strange_one_does_not(session):
    assert spends(session, solved(challenge(keys=(OLD_KEY,))), keys=(SIGNING_KEY, OLD_KEY))
    assert not spends(session, solved(challenge(keys=(OLD_KEY,))))


@pytest.mark.any_database
@pytest.mark.parametrize(
    "member", ["cost", "expiresAt", "data", "nonce", "keyPrefix", "derivedKey"]
)
def test_nothing_in_it_can_be_changed(session, member):
    value = json.loads(base64.b64decode(solved(challenge())))
    changed = value["solution"] if member == "derivedKey" else value["challenge"]["parameters"]
    changed[member] = {"data": {"code": "CODE "}, "cost": 1}.get(member, "00" * 16)
    assert not spends(session, base64.b64encode(json.dumps(value).encode()).decode())


@pytest.mark.any_database
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.text(max_size=60), st.binary(max_size=60).map(base64.b64encode).map(bytes.decode))
)
def test_whatever_else_is_sent_is_no_proof(session, text):
    assert not spends(session, text)


@pytest.mark.any_database
@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        None,
        {"challenge": {}, "solution": {}},
        {"challenge": {"parameters": []}, "solution": []},
        {"challenge": {"parameters": {"data": {"__proto__": 1}}}},
    ],
)
def test_nor_is_json_of_another_shape(session, value):
    assert not spends(session, base64.b64encode(json.dumps(value).encode()).decode())
    deep = base64.b64encode(b"[" * 1_400).decode()
    assert not spends(session, deep)


@pytest.mark.parametrize("hardness", [-1, 0, 1, 3, HARDEST, 1_000])
def test_the_answer_lies_where_it_was_said_to(hardness):
    tries = TRIES * min(max(hardness, 1), HARDEST)
    asked = altcha.Challenge.from_dict(challenge(hardness=hardness))
    found = altcha.solve_challenge(asked, counter_start=tries // 2)
    assert tries // 2 <= found.counter < tries


@pytest.mark.any_database
def test_a_browser_makes_one_unasked(new_page, session):
    """By the script of the page behind a code, under our content security policy."""
    page = new_page()
    # Any page of ours will do: the form is made here.
    page.goto("/")
    expect(page.locator("h1")).to_be_visible()
    proof = page.evaluate(PROVE, challenge(hardness=2))
    assert spends(session, proof)
    # Without a challenge there is nothing to do, and what is no challenge harms nobody.
    assert page.evaluate(PROVE, None) == ""
    assert page.evaluate(PROVE, {"parameters": {}}) == ""


# Gives what stands in the field in the end.
PROVE = """async (challenge) => {
    const { prove } = await import("/static/qr/proof.js");
    const form = document.createElement("form");
    const field = document.createElement("input");
    field.name = "proof";
    form.append(field);
    if (challenge) form.dataset.challenge = JSON.stringify(challenge);
    await prove(form);
    return field.value;
}"""


def now():
    return datetime.now(UTC)


def solved(challenge):
    """The proof as a browser sends it."""
    asked = altcha.Challenge.from_dict(challenge)
    return altcha.Payload(asked, altcha.solve_challenge(asked)).to_base64()


def challenge(code="CODE", hardness=1, keys=KEYS, at=None):
    return make_challenge(code, hardness, signing_keys=keys, now=at or now())


def spends(session, proof, code="CODE", keys=KEYS, at=None):
    return spend_proof(session, code, proof, signing_keys=keys, now=at or now())
