"""The tablet's door for ratings: verdicts by id, problems in one form, never a 5xx."""

import json
from datetime import timedelta
from http.client import HTTPConnection

import pytest
from sqlalchemy import func, select

from survey_app import tallies
from survey_app.api.documents import BATCH_BYTES
from survey_app.models import TALLIES, AuditEvent, Rating, TabletPlace
from tests.devices import Device
from tests.factories import NOON, submission

pytestmark = pytest.mark.usefixtures("at_noon")

RATINGS = "/api/v1/ratings"


@pytest.fixture
def enrolled(make, center):
    return make.tablet(make.touchpoint(center))


@pytest.fixture
def send(client, enrolled):
    """`send(rating, …)`: the tablet sends a batch; the answer."""

    def send(*ratings, headers=enrolled.headers, **members):
        return client.post(RATINGS, json={"ratings": ratings} | members, headers=headers)

    return send


@pytest.fixture
def post(client, enrolled):
    """`post(body)`: the tablet sends these bytes as JSON; the answer."""

    def post(body, content_type="application/json"):
        body = body.encode() if isinstance(body, str) else body
        return client.post(RATINGS, data=body, headers=enrolled.headers, content_type=content_type)

    return post


# --- what is taken ---------------------------------------------------------------------------


def test_a_batch_is_answered_with_a_verdict_for_each_id(session, enrolled, send):
    ratings = [submission(sequence=number, score=number) for number in (1, 2, 3)]
    answer = send(*ratings, sent_at=NOON.isoformat())
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == {
        "verdicts": [
            {"submission_id": each["submission_id"], "status": "recorded", "reason": None}
            for each in ratings
        ],
        "server_time": "2026-10-05T08:00:00.000Z",
    }
    found = session.execute(select(Rating.score, Rating.tablet_id, Rating.state)).all()
    assert sorted(map(tuple, found)) == [(n, enrolled.tablet.id, "counted") for n in (1, 2, 3)]
    assert tallies.differences(session) == []
    assert enrolled.tablet.last_seen_at == NOON
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_a_retry_is_already_recorded(session, send):
    rating = submission()
    send(rating)
    answer = send(rating, rating)
    assert [each["status"] for each in answer.json["verdicts"]] == ["already_recorded"] * 2
    assert answer.status_code == 200
    assert count_of(session, Rating) == 1


def test_the_clock_of_the_tablet_is_corrected_by_what_it_showed_when_it_sent(session, send):
    ahead = timedelta(days=3652)
    rated_at = NOON + ahead - timedelta(hours=2)
    send(submission(rated_at=rated_at.isoformat()), sent_at=(NOON + ahead).isoformat())
    rating = session.scalars(select(Rating)).one()
    assert (rating.rated_at, rating.received_at) == (rated_at, NOON)
    assert (rating.clock, rating.counted_on, rating.counted_hour) == ("corrected", NOON.date(), 10)


def test_clocks_at_the_ends_of_the_calendar_do_no_harm(session, send):
    for sequence, sent_at in enumerate(
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-12:00"), 1
    ):
        answer = send(submission(sequence=sequence), sent_at=sent_at)
        assert (sent_at, answer.status_code) == (sent_at, 200)
    assert set(session.scalars(select(Rating.counted_on))) == {NOON.date()}


def test_ratings_from_before_the_pairing_are_held(session, make, center, client):
    enrolled = make.tablet(make.touchpoint(center), paired_at=NOON)
    rating = submission(rated_at=(NOON - timedelta(hours=1)).isoformat())
    client.post(RATINGS, json={"ratings": [rating]}, headers=enrolled.headers)
    assert session.scalars(select(Rating.held_rule)).one() == "before_pairing/1"


def test_a_hundred_ratings_fit_and_one_more_does_not(session, send):
    hundred = [submission(sequence=number) for number in range(1, 101)]
    answer = send(*hundred, submission(sequence=101))
    assert (answer.status_code, "verdicts" in answer.json) == (422, False)
    assert count_of(session, Rating) == 0
    assert send(*hundred).status_code == 200
    assert count_of(session, Rating) == 100


# --- where it was given ----------------------------------------------------------------------


def test_a_rating_belongs_to_the_place_the_tablet_stood_at(session, make, center, client):
    """Moved within its center, then paired anew in another one, with a queue from both places."""
    device = Device()
    survey = make.survey("visit")
    first, second = (make.touchpoint(center, survey_id=survey.id) for _ in range(2))
    elsewhere = make.touchpoint(make.center("elsewhere"), survey_id=survey.id)
    never = make.touchpoint(center, survey_id=survey.id)
    before = make.tablet(
        first, public_key=device.public_key, paired_at=NOON - timedelta(days=9), revoked_at=NOON
    )
    moved = {"since": NOON - timedelta(days=5), "touchpoint_id": second.id}
    session.add(TabletPlace(tablet_id=before.tablet.id, **moved))
    enrolled = make.tablet(elsewhere, public_key=device.public_key, paired_at=NOON)
    stranger = make.tablet(never, public_key=Device().public_key)
    assert stranger.tablet.touchpoint_id == never.id
    places = [first, second, elsewhere, never, None]
    ratings = [
        submission(sequence=number, place=place and place.id, score=number)
        | {"rated_at": (NOON - timedelta(minutes=number)).isoformat()}
        for number, place in enumerate(places, 1)
    ]
    session.commit()
    answer = device.post(client, RATINGS, {"ratings": ratings}, enrolled.token)
    assert {each["status"] for each in answer.json["verdicts"]} == {"recorded"}
    found = session.execute(
        select(Rating.touchpoint_id, Rating.center_id, Rating.held_rule).order_by(Rating.sequence)
    ).all()
    # Where it never stood it cannot have asked: such a rating is one of the present place.
    expected = [first, second, elsewhere, elsewhere, elsewhere]
    assert [tuple(each) for each in found] == [
        (place.id, place.center_id, None) for place in expected
    ]


def test_who_took_a_device_over_adds_nothing_to_the_place_it_was_taken_from(
    session, make, center, client
):
    device, survey = Device(), make.survey("visit")
    taken_from = make.touchpoint(center, survey_id=survey.id)
    make.tablet(
        taken_from,
        public_key=device.public_key,
        paired_at=NOON - timedelta(days=9),
        revoked_at=NOON - timedelta(hours=1),
    )
    elsewhere = make.touchpoint(make.center("elsewhere"), survey_id=survey.id)
    enrolled = make.tablet(elsewhere, public_key=device.public_key, paired_at=NOON)
    ratings = [
        submission(sequence=number, place=taken_from.id)
        | {"rated_at": (NOON - timedelta(minutes=minutes)).isoformat()}
        for number, minutes in enumerate((90, 30), 1)
    ]
    device.post(client, RATINGS, {"ratings": ratings}, enrolled.token)
    found = session.execute(
        select(Rating.touchpoint_id, Rating.held_rule).order_by(Rating.sequence)
    )
    assert [tuple(each) for each in found] == [
        (taken_from.id, None),
        (taken_from.id, "revoked/1"),
    ]


@pytest.mark.any_database
def test_a_device_without_a_key_is_known_by_its_one_pairing(session, make, center, client):
    survey = make.survey("visit")
    first, second = (make.touchpoint(center, survey_id=survey.id) for _ in range(2))
    make.tablet(first)
    enrolled = make.tablet(second)
    client.post(RATINGS, json={"ratings": [submission(place=first.id)]}, headers=enrolled.headers)
    assert session.scalars(select(Rating.touchpoint_id)).one() == second.id


# As the pages of the two versions before this one sent it.
@pytest.mark.parametrize(
    "body",
    [
        (
            '{"sent_at":"2026-10-05T08:00:00.000Z","ratings":[{"submission_id":'
            '"0199b36d-8a00-7abc-8def-0123456789ab","rated_at":"2026-10-05T07:59:30.000Z",'
            '"language":"az","mode":"self","survey_version":1,"score":4,"service":null,'
            '"answers":{"outcome":["yes"]},"comment":null,"sequence":1}]}'
        ),
        (
            '{"ratings":[{"submission_id":"0199b36d-8a00-7abc-8def-0123456789ab","sequence":1,'
            '"survey_version":1,"score":4,"rated_at":"2026-10-05T07:59:30.000Z","language":"az"}]}'
        ),
    ],
)
def test_what_the_two_versions_before_send_is_recorded(session, post, body):
    answer = post(body)
    assert [each["status"] for each in answer.json["verdicts"]] == ["recorded"]
    rating = session.scalars(select(Rating)).one()
    assert (rating.score, rating.device_run, rating.visit_ms) == (4, None, None)


def test_what_the_devices_own_counter_says_is_kept(session, send):
    run = "0199b36d-8a00-7abc-8def-0123456789ab"
    send(submission(device_run=run, device_ms=81_000, lead_ms=4_000, visit_ms=12_500))
    rating = session.scalars(select(Rating)).one()
    assert (str(rating.device_run), rating.device_ms) == (run, 81_000)
    assert (rating.lead_ms, rating.visit_ms) == (4_000, 12_500)


# --- verdicts of refusal ---------------------------------------------------------------------


def test_one_bad_entry_does_not_disturb_the_others(session, send):
    good = [submission(sequence=number) for number in (1, 9)]
    bad = [
        (submission(sequence=2, score=6), "malformed/score"),
        (submission(sequence=3, comment="x\x00"), "malformed/comment"),
        (submission(sequence=4, rated_at="0001-01-01T00:00:00Z"), "malformed/rated_at"),
        (submission(sequence=5, name="Aygün"), "malformed/name"),
        (submission(sequence=6, answers={"colour": ["red"]}), "unknown_question"),
        (submission(sequence=7, survey_version=2), "unknown_survey_version"),
        (submission(sequence=8, answers={"good": ["x"] * 41}), "malformed/answers/good"),
        ({"submission_id": submission()["submission_id"]}, "malformed/survey_version"),
    ]
    answer = send(good[0], *(each for each, _ in bad), good[1])
    assert answer.status_code == 200
    verdicts = {each["submission_id"]: each for each in answer.json["verdicts"]}
    assert len(verdicts) == 10
    for each in good:
        assert verdicts[each["submission_id"]]["status"] == "recorded"
    for each, reason in bad:
        verdict = verdicts[each["submission_id"]]
        assert (verdict["status"], verdict["reason"]) == ("rejected", reason)
    assert count_of(session, Rating) == 2
    assert tallies.differences(session) == []


def test_the_same_id_with_other_content_is_refused_and_noted(session, enrolled, send):
    rating = submission()
    send(rating)
    answer = send(rating | {"score": 1})
    assert answer.status_code == 422
    assert answer.json["verdicts"] == [
        {
            "submission_id": rating["submission_id"],
            "status": "rejected",
            "reason": "content_differs",
        }
    ]
    assert session.scalars(select(Rating.score)).one() == 5
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.tablet_id) == ("rating_refused", enrolled.tablet.id)


def test_422_with_verdicts_when_every_one_is_rejected(session, send):
    ratings = [submission(score=9), submission(service="no-such")]
    answer = send(*ratings)
    assert problem_of(answer) == 422
    assert {each["submission_id"]: each["reason"] for each in answer.json["verdicts"]} == {
        ratings[0]["submission_id"]: "malformed/score",
        ratings[1]["submission_id"]: "unknown_service",
    }
    assert answer.json["server_time"] == "2026-10-05T08:00:00.000Z"
    assert count_of(session, Rating) == 0


def test_a_known_rating_beside_rejected_ones_is_not_a_refused_batch(send):
    known = submission()
    send(known)
    assert send(known, submission(score=9)).status_code == 200


# --- documents as a whole --------------------------------------------------------------------

HALF = json.dumps({"ratings": [submission(comment="x\ud800")]})
RAW_HALF = json.dumps({"ratings": [submission(comment="HALF")]}).encode()
UNREADABLE = {
    "nothing": "",
    "no JSON": "score=5",
    "half a document": '{"ratings": [',
    "a number": "5",
    "null": "null",
    "a list": "[]",
    "no ratings": "{}",
    "empty ratings": '{"ratings": []}',
    "ratings of the wrong type": '{"ratings": {"score": 5}}',
    "a rating of the wrong type": '{"ratings": ["5"]}',
    "a rating that is null": '{"ratings": [null]}',
    "a rating without an id": '{"ratings": [{"score": 5}]}',
    "an id of the wrong type": json.dumps({"ratings": [submission(submission_id=5)]}),
    "an id that is none": json.dumps({"ratings": [submission(submission_id="\x00")]}),
    "an unknown member": json.dumps({"ratings": [submission()], "extra": 1}),
    "a time of sending without a zone": json.dumps(
        {"ratings": [submission()], "sent_at": "2026-10-05T08:00:00"}
    ),
    "a time of sending of the wrong type": json.dumps({"ratings": [submission()], "sent_at": 5}),
    "half a character": HALF,
    "half a character as bytes": RAW_HALF.replace(b"HALF", b"\xed\xa0\x80"),
    "half a character in a name": HALF.replace("comment", "\\udfff"),
    "no UTF-8": RAW_HALF.replace(b"HALF", b"\xff\xfe"),
    "UTF-16": json.dumps({"ratings": [submission()]}).encode("utf-16"),
    "lists without end": "[" * 50_000,
    "objects without end": '{"ratings":' * 4_000,
    "depth inside a rating": json.dumps({"ratings": [submission(score="DEEP")]}).replace(
        '"DEEP"', "[" * 5_000 + "]" * 5_000
    ),
    "an endless number": json.dumps({"ratings": [submission(score=0)]}).replace(
        '"score": 0', '"score": ' + "9" * 50_000
    ),
    "an endless exponent": json.dumps({"ratings": [submission(score=0)]}).replace(
        '"score": 0', '"score": 1e999999'
    ),
    "not a number": json.dumps({"ratings": [submission(score=float("nan"))]}),
    "infinity": json.dumps({"ratings": [submission(sequence=float("inf"))]}),
    "a large number": json.dumps({"ratings": [submission(score=10**4000)]}),
    "true": json.dumps({"ratings": [submission(score=True)]}),
    "a number as text": json.dumps({"ratings": [submission(score="5")]}),
    "a whole number with a point": json.dumps({"ratings": [submission(score=5.0)]}),
    "no score": json.dumps({"ratings": [submission(score=0)]}),
    "a score of six": json.dumps({"ratings": [submission(score=6)]}),
    "a NUL in a comment": json.dumps({"ratings": [submission(comment="\x00")]}),
    "a NUL in a service": json.dumps({"ratings": [submission(service="03\x00")]}),
    "a NUL in a question": json.dumps({"ratings": [submission(answers={"\x00": ["yes"]})]}),
    "a NUL in an option": json.dumps({"ratings": [submission(answers={"outcome": ["\x00"]})]}),
    "a NUL in a name": json.dumps({"ratings": [submission(**{"\x00": 1})]}),
}


def test_what_cannot_be_read_is_a_problem_of_the_sender_and_stores_nothing(session, make, post):
    for name, body in UNREADABLE.items():
        answer = post(body)
        assert (name, problem_of(answer)) == (name, 422)
    assert count_of(session, Rating) == 0
    assert [count_of(session, each) for each in TALLIES] == [0] * len(TALLIES)
    # The door is still open.
    assert post(json.dumps({"ratings": [submission()]})).status_code == 200


def test_a_problem_says_where_and_does_not_repeat_what_was_sent(post):
    secret = "5ZRK1B9"
    answer = post(json.dumps({"ratings": [{"score": 1, "comment": secret}], "sent_at": secret}))
    assert problem_of(answer) == 422
    pointers = {each["pointer"] for each in answer.json["errors"]}
    assert pointers >= {"/sent_at", "/ratings/0/submission_id"}
    assert secret not in answer.text


def test_only_json_is_read(session, post):
    body = json.dumps({"ratings": [submission()]})
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "text/json", None):
        answer = post(body, content_type=content_type)
        assert (content_type, problem_of(answer)) == (content_type, 415)
    assert count_of(session, Rating) == 0
    assert post(body, content_type="application/json; charset=utf-8").status_code == 200


def test_a_body_of_ten_megabytes_is_not_read(session, post):
    rating = submission(comment="x" * 10_000_000)
    assert problem_of(post(json.dumps({"ratings": [rating]}))) == 413
    assert problem_of(post(b" " * (BATCH_BYTES + 1))) == 413
    # One byte less is read, and found to be empty.
    assert problem_of(post(b" " * BATCH_BYTES)) == 422
    assert count_of(session, Rating) == 0


@pytest.mark.any_database
def test_a_large_body_in_pieces_is_not_read_either(session, enrolled, live_server):
    """Without a Content-Length the size shows only while reading."""
    session.commit()
    connection = HTTPConnection("127.0.0.1", live_server.port, timeout=60)
    headers = enrolled.headers | {"Content-Type": "application/json"}
    pieces = (b" " * 10_000 for _ in range(100))
    connection.request("POST", RATINGS, pieces, headers, encode_chunked=True)
    answer = connection.getresponse()
    # Werkzeug cuts such a body off at the limit, so the document may only look incomplete.
    assert answer.status in {413, 422}
    connection.close()
    assert count_of(session, Rating) == 0


def test_fifty_ratings_of_ordinary_length_fit(session, post):
    comment = "Növbə uzun idi, amma əməkdaşlar çox mehriban və diqqətli oldular. " * 8
    ratings = [
        submission(sequence=number, comment=comment, answers={"outcome": ["yes"]})
        for number in range(1, 51)
    ]
    assert post(json.dumps({"ratings": ratings}, ensure_ascii=False)).status_code == 200
    assert count_of(session, Rating) == 50


# --- who is let in ---------------------------------------------------------------------------


def test_without_a_living_credential_all_are_turned_away_alike(session, make, center, client):
    revoked = make.tablet(make.touchpoint(center), revoked_at=NOON - timedelta(days=1))
    retired = make.tablet(make.touchpoint(center, retired_at=NOON - timedelta(days=1)))
    living = make.tablet(make.touchpoint(center))
    credentials = [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer unknown",
        "Bearer \xe9\xff",
        f"Bearer {'x' * 5000}",
        f"Basic {living.token}",
        living.token,
        revoked.headers["Authorization"],
        retired.headers["Authorization"],
    ]
    answers = set()
    for credential in credentials:
        headers = {} if credential is None else {"Authorization": credential}
        answer = client.post(RATINGS, json={"ratings": [submission()]}, headers=headers)
        assert (credential, problem_of(answer)) == (credential, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        answers.add(answer.data)
    assert len(answers) == 1
    assert count_of(session, Rating) == 0
    headers = {"Authorization": f"bearer  {living.token} "}
    assert (
        client.post(RATINGS, json={"ratings": [submission()]}, headers=headers).status_code == 200
    )


def test_a_revoked_tablet_is_turned_away_from_its_next_request_on(session, enrolled, send):
    assert send(submission()).status_code == 200
    enrolled.tablet.revoked_at = NOON
    assert problem_of(send(submission(sequence=2))) == 401
    assert count_of(session, Rating) == 1


@pytest.mark.any_database
def test_the_door_opens_to_post_only(client, enrolled):
    answer = client.get(RATINGS, headers=enrolled.headers)
    assert problem_of(answer) == 405
    assert "POST" in answer.headers["Allow"]


# --- how -------------------------------------------------------------------------------------


def problem_of(answer):
    """The status of an answer that is problem+json, of which it is sure to be."""
    assert answer.mimetype == "application/problem+json", answer.data[:200]
    assert answer.json["status"] == answer.status_code
    assert answer.json["type"].startswith("urn:rey:problem:")
    assert answer.json["title"]
    return answer.status_code


def count_of(session, table):
    return session.scalar(select(func.count()).select_from(table))
