"""Visit counts that another system delivers."""

import hashlib
import io
import json

import pytest
from sqlalchemy import func, select

from survey_app.extensions import db
from survey_app.models import VisitCount, VisitHour, VisitImport
from tests.factories import NOON

pytestmark = pytest.mark.usefixtures("at_noon")

VISITS = "/api/v1/visits"


@pytest.fixture
def headers(make, center):
    key = make.api_key(center, "of the queue")
    make.service("01-01-01")
    make.service("02-01-01")
    assert key.last_used_at is None
    return {"Authorization": "Bearer of the queue"}


def count(**more):
    return {"center": "own", "day": "2026-10-05", "service": "01-01-01", "served": 41} | more


def test_counts_are_stored_and_told(session, client, make, headers, center):
    answer = client.post(
        VISITS, json={"visits": [count(), count(day="2026-10-04")]}, headers=headers
    )
    assert (answer.status_code, answer.json) == (
        200,
        {"added": 2, "changed": 0, "unchanged": 0, "rejected": []},
    )
    again = {"visits": [count(), count(day="2026-10-04", served=3)]}
    assert client.post(VISITS, json=again, headers=headers).json == {
        "added": 0,
        "changed": 1,
        "unchanged": 1,
        "rejected": [],
    }
    assert session.scalar(select(func.sum(VisitCount.served))) == 44
    first, second = session.scalars(select(VisitImport).order_by(VisitImport.id))
    assert (first.source, first.name, first.added) == ("api", "Queue system", 2)
    assert (first.api_key_id, first.imported_by) == (second.api_key_id, None)
    assert len(first.digest) == len(hashlib.sha256().digest())


def test_hours_are_stored(session, client, headers):
    told = [count(hour=hour, served=hour) for hour in range(9, 18)]
    assert client.post(VISITS, json={"visits": told}, headers=headers).json["added"] == 9
    assert session.scalar(select(VisitCount.served)) == sum(range(9, 18))
    assert session.scalar(select(func.count()).select_from(VisitHour)) == 9


def test_a_malformed_hour_takes_its_service_along(session, client, headers):
    told = [count(hour=hour, served=hour) for hour in range(9, 18)]
    told += [each | {"service": "02-01-01"} for each in told]
    told[3]["served"] = "12"
    answer = client.post(VISITS, json={"visits": told}, headers=headers).json
    assert answer["added"] == 9
    assert {each["index"]: each["reason"] for each in answer["rejected"]} == dict.fromkeys(
        range(9), "hours_incomplete"
    ) | {3: "malformed/served"}


def test_bad_counts_are_rejected_by_their_place(session, client, headers, other_center):
    wrong = [
        (count(center="other"), "unknown_center"),
        (count(center="moon"), "unknown_center"),
        (count(service="x"), "unknown_service"),
        (count(day="2026-10-06"), "day_in_future"),
        (count(day="2026-02-30"), "unreadable_day"),
        (count(day="05.10.2026"), "malformed/day"),
        (count(served=-1), "negative_number"),
        (count(served=20_001), "number_too_large"),
        (count(served="41"), "malformed/served"),
        (count(served=True), "malformed/served"),
        (count(served=41.0), "malformed/served"),
        (count(served=10**30), "unreadable_number"),
        (count(hour=24), "unreadable_hour"),
        (count(hour=9), "hours_incomplete"),
        (count(surplus=1), "malformed/surplus"),
        ({"center": "own"}, "malformed/day"),
        (None, "malformed"),
        ([], "malformed"),
    ]
    document = {"visits": [each for each, _ in wrong] + [count(service="02-01-01")]}
    answer = client.post(VISITS, json=document, headers=headers)
    assert (answer.status_code, answer.json["added"]) == (200, 1)
    assert answer.json["rejected"] == [
        {"index": index, "reason": reason} for index, (_, reason) in enumerate(wrong)
    ]
    (row,) = session.scalars(select(VisitImport))
    assert row.rejected == len(wrong)


def test_when_every_count_is_bad_the_whole_is(session, client, headers):
    answer = client.post(VISITS, json={"visits": [count(served=-1)]}, headers=headers)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["rejected"] == [{"index": 0, "reason": "negative_number"}]
    assert session.scalar(select(func.count()).select_from(VisitCount)) == 0


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'{"visits": []}', 422),
        (b'{"visits": {}}', 422),
        (b'{"visits": [{}], "more": 1}', 422),
        (json.dumps({"visits": [count()] * 10_001}).encode(), 422),
        (b" " * (4 * 1024 * 1024 + 1), 413),
    ],
)
def test_a_document_of_another_form_is_a_problem(client, headers, body, status):
    answer = client.post(VISITS, data=body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.mark.any_database
def test_ten_thousand_counts_fit(client, headers):
    document = {"visits": [count()] * 10_000}
    answer = client.post(VISITS, json=document, headers=headers)
    assert (answer.json["added"], answer.json["unchanged"]) == (1, 9_999)


@pytest.mark.any_database
def test_other_bodies_than_json_are_refused(client, headers):
    assert client.post(VISITS, data="center,day", headers=headers).status_code == 415


@pytest.mark.any_database
def test_only_a_live_key_opens(session, client, make, headers, center):
    tablet = make.tablet(make.touchpoint(center))
    make.api_key(center, "ended", revoked_at=NOON)
    for wrong in (
        {},
        tablet.headers,
        {"Authorization": "Bearer ended"},
        {"Authorization": "Basic of the queue"},
        {"Authorization": "Bearer "},
    ):
        answer = client.post(VISITS, json={"visits": [count()]}, headers=wrong)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert session.scalar(select(func.count()).select_from(VisitCount)) == 0


@pytest.mark.any_database
def test_an_unbound_key_speaks_for_every_center(client, make, headers, other_center):
    make.api_key(None, "unbound")
    document = {"visits": [count(), count(center="other")]}
    answer = client.post(VISITS, json=document, headers={"Authorization": "Bearer unbound"})
    assert answer.json["added"] == 2


class WatchedBody(io.BytesIO):
    """A body that notes, whenever some of it is read, whether a transaction was open."""

    def __init__(self, body):
        super().__init__(body)
        self.transactions = set()

    def readinto(self, buffer):
        self.transactions.add(db.session.in_transaction())
        return super().readinto(buffer)


@pytest.mark.any_database
def test_a_slow_sender_keeps_nobody_from_writing(client, headers):
    """On SQLite the first statement of a request that may write makes all others wait."""
    text = json.dumps({"visits": [count()]}).encode()
    body = WatchedBody(text)
    answer = client.post(
        VISITS,
        input_stream=body,
        content_length=len(text),
        content_type="application/json",
        headers=headers,
    )
    assert (answer.json["added"], body.transactions) == (1, {False})
