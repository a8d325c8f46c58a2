"""Tickets that a queue system asks for, and what its printer gets."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from zxingcpp import read_barcodes

from survey_app import create_app
from survey_app.codes import is_sound, plain_code
from survey_app.config import Settings
from survey_app.extensions import db
from survey_app.models import Center, Ticket, Touchpoint
from survey_app.tickets import find_ticket
from tests.conftest import Client
from tests.factories import NOON, SIGNING_KEY, Make

pytestmark = pytest.mark.usefixtures("at_noon")

TICKETS = "/api/v1/tickets"


@pytest.fixture
def place(make: Make, center: Center) -> Touchpoint:
    return make.tickets_place(center)


@pytest.fixture
def headers(make: Make, center: Center) -> dict[str, str]:
    make.api_key(center, "of the queue")
    return {"Authorization": "Bearer of the queue"}


def test_a_ticket_is_issued_for_a_visit(
    client: Client, session: Session, make: Make, place: Touchpoint, headers: dict[str, str]
) -> None:
    service = make.service("01-01-01")
    at = (NOON - timedelta(minutes=3)).isoformat()
    told = {"center": "own", "service": "01-01-01", "counter": "7", "at": at}
    answer = client.post(TICKETS, json=told, headers=headers)
    assert answer.status_code == 201
    (row,) = session.scalars(select(Ticket))
    assert (row.touchpoint_id, row.service_id, row.counter) == (place.id, service.id, "7")
    assert row.visited_at == NOON - timedelta(minutes=3)
    assert answer.json["expires_at"] == "2026-10-12T07:57:00.000Z"
    secret = answer.json["address"].rpartition("/t/")[2]
    for code in (answer.json["code"], answer.json["code"].lower(), secret):
        found = find_ticket(session, code, signing_keys=[SIGNING_KEY], now=NOON)
        assert found is not None
        assert found.id == row.id
    assert is_sound(plain_code(answer.json["code"]))


@pytest.mark.any_database
def test_nothing_need_be_said_by_a_key_of_one_center(
    client: Client, session: Session, place: Touchpoint, headers: dict[str, str]
) -> None:
    assert client.post(TICKETS, json={}, headers=headers).status_code == 201
    (row,) = session.scalars(select(Ticket))
    assert (row.touchpoint_id, row.service_id, row.visited_at) == (place.id, None, NOON)


def test_the_same_visit_gets_the_same_ticket(
    client: Client, session: Session, place: Touchpoint, headers: dict[str, str]
) -> None:
    first, again, other = (
        client.post(TICKETS, json=told, headers=headers).json
        for told in (
            {"visit": "A-17", "at": "2026-10-05T07:00:00Z"},
            {"visit": "A-17"},
            {"visit": "A-18"},
        )
    )
    assert first == again
    assert other["code"] != first["code"]
    assert len(session.scalars(select(Ticket)).all()) == 2


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"center": "other"}, "center"),
        ({"center": "nowhere"}, "center"),
        ({"service": "99-99-99"}, "service"),
        ({"at": "2026-09-28T08:00:00Z"}, "at"),
        ({"at": "2026-10-05T09:00:00Z"}, "at"),
        ({"at": "2026-10-05T08:00:00"}, None),
        ({"counter": "x" * 21}, None),
        ({"counter": "a\x00"}, None),
        ({"service": "a\x00"}, None),
        ({"visit": ""}, None),
        ({"visitor": "somebody"}, None),
        ([], None),
    ],
)
def test_what_cannot_be_issued_is_said(
    client: Client,
    session: Session,
    place: Touchpoint,
    other_center: Center,
    headers: dict[str, str],
    told: Any,
    reason: str | None,
) -> None:
    answer = client.post(TICKETS, json=told, headers=headers)
    problem = json.loads(answer.data)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert problem.get("reason") == reason
    assert (reason is None) == bool(problem.get("errors"))
    assert session.scalars(select(Ticket)).all() == []


@pytest.mark.any_database
def test_a_center_that_takes_no_tickets_says_so(
    client: Client, center: Center, headers: dict[str, str]
) -> None:
    answer = client.post(TICKETS, json={}, headers=headers)
    assert answer.status_code == 422
    assert "a manager can add them" in json.loads(answer.data)["detail"]


@pytest.mark.any_database
def test_a_key_of_all_centers_has_to_name_one(
    client: Client, make: Make, place: Touchpoint, other_center: Center
) -> None:
    make.api_key(None, "of all")
    headers = {"Authorization": "Bearer of all"}
    statuses = [
        client.post(TICKETS, json=told, headers=headers).status_code
        for told in ({}, {"center": "own"})
    ]
    assert statuses == [422, 201]


@pytest.mark.any_database
def test_what_is_printed_can_be_scanned_and_read(
    client: Client, place: Touchpoint, headers: dict[str, str]
) -> None:
    answer = client.post(TICKETS, json={}, headers=headers).json
    printed = base64.b64decode(answer["escpos"])
    image, text = rasters(printed)
    assert image.width == 576
    (found,) = read_barcodes(image)
    assert found.text == answer["address"]
    # Ink keeps away from the code as the standard demands: four modules, of which it has 33.
    left, top, right, bottom = image.convert("L").point(lambda dot: 255 - dot).getbbox()
    module = (right - left) / 33
    assert min(left, top, image.width - right, image.height - bottom) >= 4 * module
    assert answer["code"].encode() + b"\n" in text
    assert b"127.0.0.1:8000/q/\n" in text
    assert answer["qr"].startswith("<svg ")
    assert answer["qr"].endswith("</svg>")


@pytest.mark.any_database
def test_the_line_to_be_typed_keeps_the_path_of_the_installation(
    settings: Settings, session: Session, make: Make, place: Touchpoint, headers: dict[str, str]
) -> None:
    session.commit()
    base_url = "https://eservice.example.az/rey/"
    app = create_app(settings.model_copy(update={"base_url": base_url}))
    answer = app.test_client().post(TICKETS, json={}, headers=headers)
    _, text = rasters(base64.b64decode(answer.get_json()["escpos"]))
    assert b"eservice.example.az/rey/q/\n" in text
    with app.app_context():
        db.engine.dispose()


def rasters(printed: bytes) -> tuple[Image.Image, bytes]:
    """The image of a print job's only GS v 0 command as paper shows it, and what follows it."""
    before, after = printed.split(b"\x1dv0\x00")
    assert before == b"\x1b@\x1ba\x01"
    width, height = (int.from_bytes(after[each : each + 2], "little") for each in (0, 2))
    dots = after[4 : 4 + width * height]
    # A set bit is black on paper; in an image of one bit a dot it is white.
    image = Image.frombytes("1", (width * 8, height), bytes(255 - byte for byte in dots))
    return image, after[4 + width * height :]
