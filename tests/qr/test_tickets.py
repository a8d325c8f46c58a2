"""The form behind a ticket: spent once, whoever tries, and silent about why a code is refused."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.codes import TICKET_LENGTH, grouped_code, mint_code
from survey_app.models import AuditEvent, Case, ChannelTally, Rating, Receipt, Ticket
from tests.conftest import Client
from tests.factories import Make, PrintedTicket

REFUSED = "This code is not valid, or it has been used"


def good_until(days: int = 7, **columns: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"visited_at": now, "expires_at": now + timedelta(days=days), **columns}


@pytest.fixture
def ticket(make: Make) -> PrintedTicket:
    return make.ticket(make.tickets_place(make.center()), **good_until())


@pytest.mark.any_database
def test_the_typed_code_and_the_scanned_one_show_the_form(
    client: Client, session: Session, ticket: PrintedTicket
) -> None:
    code, secret = ticket.code, ticket.secret
    for written in (code, code.lower(), grouped_code(code), f" {code} ", secret, secret.lower()):
        answer = client.get(f"/t/{written}?lang=en")
        assert (written, answer.status_code) == (written, 200)
        assert "Question satisfaction (en)" in answer.text
    assert client.get(f"/t/{code}/ru").status_code == 200
    # Looking spends nothing.
    assert session.scalars(select(Ticket.spent)).all() == [False]


def test_a_rating_by_ticket_is_verified_and_of_the_tickets_service(
    client: Client, session: Session, make: Make
) -> None:
    service = make.service()
    ticket = make.ticket(**good_until(service_id=service.id))
    page = client.get(f"/t/{ticket.secret}").text
    assert 'name="service"' not in page
    answer = client.post(f"/t/{ticket.secret}", data=fill(client, ticket))
    assert (answer.status_code, answer.location[:3]) == (303, "/r/")
    (rating,) = session.scalars(select(Rating))
    assert (rating.verified, rating.service_id, rating.state) == (True, service.id, "counted")
    assert rating.touchpoint_id == ticket.ticket.touchpoint_id
    (tally,) = session.scalars(select(ChannelTally))
    assert (tally.verified, tally.scores) == (True, (0, 0, 0, 0, 1))
    assert session.scalars(select(Ticket.spent)).all() == [True]
    assert client.get(f"/t/{ticket.code}").status_code == 404


@pytest.mark.any_database
def test_a_ticket_that_knows_no_service_lets_one_choose(
    client: Client, session: Session, make: Make, ticket: PrintedTicket
) -> None:
    service = make.service()
    assert 'name="service"' in client.get(f"/t/{ticket.code}").text
    client.post(f"/t/{ticket.code}", data=fill(client, ticket) | {"service": service.code})
    assert session.scalars(select(Rating.service_id)).all() == [service.id]


@pytest.mark.any_database
def test_what_is_wrong_with_a_form_spends_nothing(
    client: Client, session: Session, ticket: PrintedTicket
) -> None:
    form = fill(client, ticket)
    assert client.post(f"/t/{ticket.code}", data=form | {"score": ""}).status_code == 422
    assert session.scalars(select(Ticket.spent)).all() == [False]
    assert client.post(f"/t/{ticket.code}", data=form).status_code == 303


def test_a_form_that_comes_again_is_thanked_for_again(
    client: Client, session: Session, ticket: PrintedTicket
) -> None:
    form = fill(client, ticket) | {"comment": "once", "contact": "050 123 45 67"}
    first, second = (client.post(f"/t/{ticket.code}", data=form) for _ in range(2))
    changed = client.post(f"/t/{ticket.code}", data=form | {"score": "1"})
    assert (first.status_code, first.location) == (303, second.location) == (303, changed.location)
    assert len(session.scalars(select(Rating)).all()) == 1
    assert len(session.scalars(select(Receipt)).all()) == 1
    assert len(session.scalars(select(Case)).all()) == 1
    # With another id it is another rating, for which the ticket is no good any more.
    other = client.post(f"/t/{ticket.code}", data=fill_anew(form))
    assert (other.status_code, REFUSED in other.text) == (404, True)


@pytest.mark.any_database
def test_a_chosen_service_that_comes_again_is_no_other_content(
    client: Client, session: Session, make: Make, ticket: PrintedTicket
) -> None:
    form = fill(client, ticket) | {"service": make.service().code}
    first, second = (client.post(f"/t/{ticket.code}", data=form) for _ in range(2))
    assert first.location == second.location
    assert session.scalars(select(AuditEvent.action)).all() == []


@pytest.mark.any_database
def test_where_the_place_was_retired_tickets_are_no_longer_taken(
    client: Client, session: Session, ticket: PrintedTicket
) -> None:
    form = fill(client, ticket)
    ticket.ticket.touchpoint.retired_at = datetime.now(UTC)
    for answer in (client.get(f"/t/{ticket.code}?lang=en"), client.post(f"/t/{ticket.code}")):
        assert answer.status_code == 404
    assert client.post(f"/t/{ticket.code}", data=form).status_code == 404
    assert session.scalars(select(Rating)).all() == []


@pytest.mark.any_database
def test_a_typing_mistake_is_told_at_once(client: Client, ticket: PrintedTicket) -> None:
    wrong = ticket.code[:-1] + ("B" if ticket.code[-1] != "B" else "C")
    answer = client.get(f"/t/{wrong}?lang=en")
    assert answer.status_code == 404
    assert "There is a typing mistake in the code" in answer.text
    assert f'value="{wrong}"' in answer.text


# --- a hundred at once ---------------------------------------------------------------------------


def test_a_hundred_at_once_give_one_rating(
    app: Flask, client: Client, session: Session, ticket: PrintedTicket
) -> None:
    form = fill(client, ticket)
    codes = [ticket.code, ticket.secret] * 50
    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(lambda code: post(app, code, fill_anew(form)), codes))
    assert sorted(statuses) == [303] + [404] * 99
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Rating)) == 1
    assert session.scalar(select(func.sum(ChannelTally.score_5))) == 1
    assert session.scalars(select(Ticket.spent)).all() == [True]


def test_an_impatient_finger_is_thanked_each_time(
    app: Flask, client: Client, session: Session, ticket: PrintedTicket
) -> None:
    form = fill(client, ticket)
    with ThreadPoolExecutor(10) as threads:
        statuses = list(threads.map(lambda _: post(app, ticket.code, form), range(20)))
    assert statuses == [303] * 20
    assert session.scalar(select(func.count()).select_from(Rating)) == 1


# --- unknown, used and expired -------------------------------------------------------------------


def test_refused_codes_are_answered_alike_in_words_and_time(
    client: Client, make: Make, ticket: PrintedTicket
) -> None:
    place = make.tickets_place(make.center())
    form = fill(client, ticket)
    refused = {
        "unknown": [mint_code(TICKET_LENGTH) for _ in range(40)],
        "used": [make.ticket(place, **good_until(spent=True)).code for _ in range(40)],
        "expired": [make.ticket(place, **good_until(-1)).code for _ in range(40)],
    }
    texts, times = set(), {}
    for method in ("GET", "POST"):
        taken: dict[str, list[float]] = {kind: [] for kind in refused}
        for codes in zip(*refused.values(), strict=True):
            for kind, code in zip(refused, codes, strict=True):
                began = time.thread_time()
                answer = client.open(f"/t/{code}?lang=en", method=method, data=fill_anew(form))
                taken[kind].append(time.thread_time() - began)
                assert answer.status_code == 404
                texts.add(without_chance(answer.text, code))
        times[method] = {kind: median(each) for kind, each in taken.items()}
    assert len(texts) == 1
    assert REFUSED in texts.pop()
    # Processor time, which tells the work that was done whatever else this machine does.
    for medians in times.values():
        assert max(medians.values()) < 1.5 * min(medians.values()), times


def test_secrets_are_refused_alike_too(client: Client, make: Make) -> None:
    place = make.tickets_place()
    used, old = make.ticket(place, **good_until(spent=True)), make.ticket(place, **good_until(-1))
    codes = (used.secret, old.secret, "A" * 26, "x", "👍", "1" * 3000, "'--", used.code)
    answers = {
        (answer.status_code, without_chance(answer.text, code))
        for code in codes
        for answer in [client.get(f"/t/{code}", headers={"Accept-Language": "ru"})]
    }
    assert len(answers) == 1


def without_chance(html: str, code: str) -> str:
    """A page without its nonces and without the code it was asked for."""
    html = re.sub(r'nonce="[^"]+"', "", html)
    return re.sub(r'href="/t/[^"?]*', 'href="/t/…', html)


def fill(client: Client, ticket: PrintedTicket) -> dict[str, str]:
    html = client.get(f"/t/{ticket.code}?lang=en").text
    hidden = re.findall(
        r'<input name="(submission_id|seed|version|lang)"[^>]* value="([^"]+)"', html
    )
    assert len(hidden) == 4
    return dict(hidden) | {"score": "5"}


def fill_anew(form: dict[str, str]) -> dict[str, str]:
    """The same form under an id of its own."""
    return form | {"submission_id": str(uuid4())}


def post(app: Flask, code: str, form: dict[str, str]) -> int:
    # Not a client of the test's own kind: that commits the test's session, which no thread shares.
    return FlaskClient(app, app.response_class).post(f"/t/{code}", data=form).status_code
