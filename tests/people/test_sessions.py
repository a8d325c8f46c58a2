"""A session ends half an hour after the last request, and twelve hours after signing in."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

pytestmark = pytest.mark.any_database

MORNING = datetime(2026, 10, 5, 5, 0, tzinfo=UTC)


@pytest.fixture
def client(sign_in, manager):
    with time_machine.travel(MORNING, tick=False):
        return sign_in(manager)


def is_signed_in(client, after):
    with time_machine.travel(MORNING + after, tick=False):
        return client.get("/reports/").status_code == 200


def test_a_person_who_works_on_stays_signed_in(client):
    for minutes in range(0, 300, 29):
        assert is_signed_in(client, timedelta(minutes=minutes))


def test_half_an_hour_without_a_request_ends_it(client):
    assert is_signed_in(client, timedelta(minutes=29))
    assert not is_signed_in(client, timedelta(minutes=60))


def test_twelve_hours_end_it_even_for_who_works_on(client):
    for minutes in range(0, 12 * 60, 20):
        assert is_signed_in(client, timedelta(minutes=minutes))
    assert not is_signed_in(client, timedelta(hours=12, minutes=5))


def test_after_that_the_sign_in_page_is_shown(client):
    with time_machine.travel(MORNING + timedelta(hours=1), tick=False):
        answer = client.get("/reports/")
    assert answer.status_code == 302
    assert "/login" in answer.headers["Location"]
