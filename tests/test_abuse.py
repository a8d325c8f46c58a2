"""Bots on the page behind a code: what asks for a proof, what is held, and that nobody is known."""

import random
import socket
import threading
from datetime import UTC, datetime, timedelta

import altcha
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app import create_app
from survey_app.abuse import (
    CHALLENGE_FROM,
    FLOOD,
    FLOOD_FROM,
    FREE_FROM_CODE,
    FREE_FROM_NETWORK,
    UNPROVEN,
    WINDOW,
    challenge_for,
    erase_traces,
    judge_arrival,
    strain_on,
)
from survey_app.extensions import begin_writing, db, limiter
from survey_app.jobs import run_due
from survey_app.models import DailyKey, Pressure, Rating, SpentProof
from survey_app.models.base import Base
from survey_app.proof import HARDEST, TRIES
from tests.factories import DAY, NOON

WIFI = "203.0.113.7"
SEVERITY = [None, UNPROVEN, FLOOD]


@pytest.fixture
def come(app, session):
    """`come(address, code, at, proof)`: a rating that comes from there; the rule that holds it."""

    def come(address=WIFI, code="CODE", at=NOON, proof=None):
        with app.test_request_context(method="POST", environ_base={"REMOTE_ADDR": address}):
            return judge_arrival(session, code, proof, at)

    return come


@pytest.fixture
def ask(app, session):
    """`ask(address, code, at)`: the challenge of the form that is opened from there."""

    def ask(address=WIFI, code="CODE", at=NOON):
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            return challenge_for(session, code, at)

    return ask


def solve(challenge, start=0):
    asked = altcha.Challenge.from_dict(challenge)
    found = altcha.solve_challenge(asked, counter_start=start)
    return altcha.Payload(asked, found).to_base64(), found.counter


def test_from_one_network_a_crowd_is_free_then_proofs_are_asked_for_then_it_is_a_flood(come):
    flood = FLOOD_FROM * FREE_FROM_NETWORK
    verdicts = [come(f"203.0.113.{number % 250}") for number in range(flood + 3)]
    assert verdicts[:FREE_FROM_NETWORK] == [None] * FREE_FROM_NETWORK
    assert set(verdicts[FREE_FROM_NETWORK:flood]) == {UNPROVEN}
    assert verdicts[flood:] == [FLOOD] * 3
    # What floods from one network speaks of that network alone.
    assert come("198.51.100.7") is None
    assert come("198.51.100.7", code="ANOTHER") is None


@pytest.mark.any_database
def test_while_a_few_networks_flood_a_proof_is_enough_for_all_others(come, ask):
    now = datetime.now(UTC)
    floods = [f"203.0.{third}.7" for third in (110, 111, 112)]
    verdicts = [come(floods[number % 3], at=now) for number in range(3 * 250)]
    assert verdicts[-3:] == [FLOOD] * 3
    assert come(at=now) == UNPROVEN
    assert come(at=now, proof=solve(ask(at=now))[0]) is None


@pytest.mark.any_database
def test_beyond_what_is_free_only_what_is_proven_strains_the_code(app, session, come, ask):
    now = datetime.now(UTC)

    def strain_of_code():
        with app.test_request_context(environ_base={"REMOTE_ADDR": "198.51.100.7"}):
            return round(strain_on(session, "CODE", now).of_code * FREE_FROM_CODE)

    strains = [come(at=now) and strain_of_code() for _ in range(FREE_FROM_NETWORK + 9)]
    assert strains[-9:] == [FREE_FROM_NETWORK] * 9
    assert come(at=now, proof=solve(ask(at=now))[0]) is None
    assert strain_of_code() == FREE_FROM_NETWORK + 1


def test_from_many_networks_the_code_itself_is_watched(come):
    networks = [f"10.{number // 250}.{number % 250}.1" for number in range(500)]
    verdicts = [come(address) for address in networks]
    flood = FLOOD_FROM * FREE_FROM_CODE
    assert verdicts[:FREE_FROM_CODE] == [None] * FREE_FROM_CODE
    assert set(verdicts[FREE_FROM_CODE:flood]) == {UNPROVEN}
    assert set(verdicts[flood:]) == {FLOOD}


@pytest.mark.any_database
def test_whoever_has_a_whole_48_is_one_network(come):
    addresses = [f"2001:db8:1:{number:x}::1" for number in range(FREE_FROM_NETWORK)]
    assert {come(address) for address in addresses} == {None}
    assert come("2001:db8:1:ffff::1") == UNPROVEN
    assert come("2001:db8:2::1") is None


def test_a_proof_makes_it_count_once(come, ask):
    now = datetime.now(UTC)
    for _ in range(FREE_FROM_NETWORK):
        come(at=now)
    proof, _ = solve(ask(at=now))
    assert come(at=now, proof=proof) is None
    assert come(at=now, proof=proof) == UNPROVEN
    assert come(at=now, proof=solve(ask(code="CODE", at=now))[0], code="CODE") is None


@pytest.mark.any_database
def test_a_proof_does_not_open_a_flood(come, ask):
    now = datetime.now(UTC)
    for _ in range(FLOOD_FROM * FREE_FROM_NETWORK):
        come(at=now)
    assert come(at=now, proof=solve(ask(at=now))[0]) == FLOOD


@pytest.mark.any_database
@pytest.mark.parametrize("seed", range(2))
def test_the_more_come_the_stricter_it_gets_and_never_the_other_way(come, seed):
    """Without proofs, within a window, wherever the others come from."""
    dice = random.Random(seed)
    worst = {}
    for _ in range(500):
        network = dice.choice([1, 1, 1, 2, 3, dice.randrange(250)])
        verdict = SEVERITY.index(come(f"10.0.{network}.{dice.randrange(250)}"))
        assert verdict >= worst.get(network, 0)
        worst[network] = verdict
    assert max(worst.values()) == SEVERITY.index(FLOOD)


@pytest.mark.any_database
def test_a_quiet_code_asks_nothing_and_a_form_opened_before_the_limit_has_its_challenge(
    come, ask, session
):
    opened = []
    for _ in range(FREE_FROM_NETWORK):
        opened.append(ask())
        come()
    begins = int(CHALLENGE_FROM * FREE_FROM_NETWORK)
    assert opened[:begins] == [None] * begins
    assert None not in opened[begins:]
    # What a form carries names its code and nothing about who asked.
    (data,) = {str(each["parameters"]["data"]) for each in opened[begins:]}
    assert data == "{'code': 'CODE'}"


@pytest.mark.any_database
def test_the_challenge_gets_harder(come, ask):
    now = datetime.now(UTC)
    hardness = []
    for strain in range(1, FLOOD_FROM + 1):
        for _ in range(FREE_FROM_NETWORK):
            come(at=now)
        _, counter = solve(ask(at=now), TRIES * strain // 2)
        hardness.append(counter // (TRIES * strain // 2))
    # Each time the answer lay between half the tries and all of them.
    assert hardness == [1] * FLOOD_FROM
    assert FLOOD_FROM < HARDEST


@pytest.mark.any_database
def test_opening_a_form_writes_nothing(ask, session):
    ask()
    for model in (DailyKey, Pressure, SpentProof):
        assert session.scalar(select(func.count()).select_from(model)) == 0


@pytest.mark.any_database
def test_a_flood_that_goes_on_finds_no_fresh_allowance(come):
    counted = 0
    for second in range(0, 3 * 600, 6):
        counted += come(at=NOON + timedelta(seconds=second)) is None
    assert counted == FREE_FROM_NETWORK


@pytest.mark.any_database
def test_two_windows_later_it_is_forgotten(come):
    for _ in range(FLOOD_FROM * FREE_FROM_NETWORK):
        come()
    assert come(at=NOON + WINDOW) == FLOOD
    assert come(at=NOON + 2 * WINDOW - timedelta(seconds=1)) is None
    assert come(at=NOON + 2 * WINDOW) is None


@pytest.mark.any_database
def test_midnight_changes_the_key_and_not_the_count(come, session):
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    for _ in range(2 * FREE_FROM_NETWORK):
        come(at=midnight - timedelta(seconds=1))
    assert come(at=midnight + timedelta(seconds=1)) == UNPROVEN
    first, second = session.scalars(select(DailyKey).order_by(DailyKey.day))
    assert (first.day, second.day) == (DAY, DAY + timedelta(days=1))
    assert first.key != second.key
    assert len(first.key) == len(second.key) == 32


def test_many_at_once_make_one_key_and_all_are_counted(app, session):
    session.rollback()
    barrier = threading.Barrier(8)

    def come():
        with app.test_request_context(method="POST", environ_base={"REMOTE_ADDR": WIFI}):
            barrier.wait()
            with Session(db.engine) as own:
                begin_writing(own)
                judge_arrival(own, "CODE", None, NOON)
                own.commit()

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.scalar(select(func.count()).select_from(DailyKey)) == 1
    # The code's bucket and the network's.
    assert session.scalars(select(Pressure.ratings)).all() == [8, 8]


def test_keys_are_destroyed_long_before_two_days_are_over(come, session, make):
    come()
    make.spent_proof()
    kept = []
    for hours in range(49):
        erase_traces(session, NOON + timedelta(hours=hours))
        rows = [session.scalar(select(func.count()).select_from(each)) for each in TRACES]
        kept.append(rows)
    assert kept[0] == [1, 2, 1]
    assert kept[1] == [1, 0, 1]
    assert kept[2] == [1, 0, 0]
    # The day's key is older by twelve hours than what came at noon.
    assert kept[48 - 12] == [0, 0, 0]


TRACES = (DailyKey, Pressure, SpentProof)


def test_the_job_erases(app, session, make):
    make.daily_key(datetime.now(UTC).date() - timedelta(days=2))
    make.pressure()
    make.spent_proof()
    make.ticket(expires_at=NOON - timedelta(days=365), visited_at=NOON - timedelta(days=372))
    today = make.daily_key(datetime.now(UTC).date())
    assert run_due(app)["erase_traces"] == 4
    session.expire_all()
    assert session.scalars(select(DailyKey)).all() == [today]
    assert run_due(app)["erase_traces"] == 0


# --- nobody is known ---------------------------------------------------------------------------


@pytest.fixture
def limited(app, settings):
    """An application that also limits, as in production."""
    app = create_app(settings.model_copy(update={"environment": "demo"}))
    yield app
    with app.app_context():
        db.engine.dispose()


ADDRESSES = ("203.0.113.77", "2001:db8:77:88:99::aa")
# As a network, in any of its usual spellings.
TELLING = ("203.0.113", "2001:db8:77", "2001:0db8:0077", "cb00714d", "20010db80077")


@pytest.mark.any_database
def test_no_address_is_in_the_database_the_logs_or_the_limits(
    limited, session, make, caplog, capfd
):
    poster = make.poster()
    session.commit()
    caplog.set_level("DEBUG")
    client = limited.test_client()
    statuses = set()
    for address in ADDRESSES:
        origin = {"REMOTE_ADDR": address}
        headers = {"X-Forwarded-For": address, "Forwarded": f"for={address}"}
        client.get(f"/q/{poster.code}", environ_base=origin, headers=headers)
        client.get("/q/NOWHERE", environ_base=origin, headers=headers)
        for number in range(62):
            form = {"score": "5", "version": "1", "lang": "az", "submission_id": str(make.uuid())}
            form["comment"] = "Yaxşı" * (number % 2)
            answer = client.post(
                f"/q/{poster.code}", data=form, environ_base=origin, headers=headers
            )
            statuses.add(answer.status_code)
    assert statuses == {303, 429}
    # What was read before is an older moment.
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Rating)) == 120
    told = [caplog.text, *capfd.readouterr(), repr(vars(limiter.storage)), dump(session)]
    assert [(text, sign) for text in told for sign in TELLING if sign in text.lower()] == []


def dump(session):
    """All rows of all tables, bytes written in hexadecimal."""
    return "\n".join(
        value.hex() if isinstance(value, bytes) else str(value)
        for table in Base.metadata.tables.values()
        for row in session.execute(select(table))
        for value in row
    )


@pytest.mark.any_database
def test_a_real_server_writes_no_address_down_whatever_is_sent(serve, session, make, capfd):
    poster = make.poster()
    session.commit()
    served = serve()
    # The whole of 127/8 is this machine.
    caller = "127.0.0.77"
    for request in (
        f"GET /q/{poster.code} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "NONSENSE\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        f"POST /q/{poster.code} HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    ):
        line = socket.create_connection(("127.0.0.1", served.port), 60, (caller, 0))
        with line:
            line.sendall(request.encode())
            assert line.recv(100)
    served.stop()
    assert caller not in "".join(capfd.readouterr())
