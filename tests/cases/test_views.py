"""The pages of answers asked for: for managers of the center, with every look noted."""

import re

import pytest
from sqlalchemy import select

from survey_app.contacts import ask_for_answer
from survey_app.models import AuditEvent, Case
from tests.factories import NOON, SIGNING_KEY

PHONE = "+994501234567"

pytestmark = pytest.mark.any_database


@pytest.fixture
def ask(session, make, center):
    """`ask(place, contact, **columns)`: somebody rates and asks for an answer."""

    def ask(place=None, contact=PHONE, **columns):
        columns.setdefault("comment", "<b>Zəng</b> edin")
        rating = make.rating(place or make.poster(center), score=1, **columns)
        keys = [SIGNING_KEY]
        ask_for_answer(
            session, rating.submission_id, rating.center_id, contact, signing_keys=keys, now=NOON
        )
        session.commit()
        return session.scalars(select(Case).where(Case.submission_id == rating.submission_id)).one()

    return ask


def actions(session):
    return [
        (each.action, each.user_id)
        for each in session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        if each.action != "signed_in"
    ]


def test_the_list_shows_what_was_said_and_no_contact(session, make, sign_in, manager, ask):
    ask()
    ask(make.poster(make.center()), comment="Başqasının sözü")
    page = sign_in(manager).get("/cases/").text
    assert "&lt;b&gt;Zəng&lt;/b&gt; edin" in page
    assert "Başqasının sözü" not in page
    assert "501234567" not in page
    assert "Answers (1)" in page
    assert actions(session) == []


def test_who_was_set_aside_is_listed_apart_with_a_mark(sign_in, manager, ask):
    held = ask(comment="Proqramın sözü", state="held", held_rule="filled_trap/1")
    client = sign_in(manager)
    # Nobody else waits; still nobody is hidden.
    assert "Proqramın sözü" in client.get("/cases/").text
    ask(comment="İnsanın sözü")
    counted, aside = client.get("/cases/").text.split('id="aside"')
    assert "İnsanın sözü" in counted
    assert "Proqramın sözü" not in counted
    assert "Proqramın sözü" in aside
    assert "A program may have sent" in aside
    assert "A program may have sent" in client.get(f"/cases/own/{held.id}").text


def test_an_empty_list_says_how_it_fills(sign_in, manager):
    page = sign_in(manager).get("/cases/").text
    assert "Nobody waits for an answer" in page
    assert "<span>Answers</span>" in page


@pytest.mark.parametrize("name", ["viewer", "analyst", "auditor"])
def test_who_does_not_manage_sees_neither_the_room_nor_its_door(cast, sign_in, ask, name):
    case = ask()
    client = sign_in(cast[name])
    assert "/cases/" not in client.get("/reports/").text
    for address in ("/cases/", f"/cases/own/{case.id}"):
        assert client.get(address).status_code == 404
    assert client.submit("/change", {}, f"/cases/own/{case.id}/contact").status_code == 404


def test_the_contact_is_shown_to_who_asks_and_that_is_noted(session, sign_in, manager, ask):
    case = ask()
    client, address = sign_in(manager), f"/cases/own/{case.id}"
    assert "501234567" not in client.get(address).text
    shown = client.submit(address, {}, f"{address}/contact")
    assert shown.status_code == 200
    assert f'href="tel:{PHONE}"' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert actions(session) == [("contact_shown", manager.id)]


def test_a_letter_is_a_click_away(sign_in, manager, ask):
    case = ask(contact="aydan@example.com")
    address = f"/cases/own/{case.id}"
    shown = sign_in(manager).submit(address, {}, f"{address}/contact")
    assert 'href="mailto:aydan@example.com"' in shown.text


def test_a_lost_key_is_told_and_nothing_noted(session, sign_in, manager, make, center):
    case = make.case(make.rating(make.poster(center)))
    address = f"/cases/own/{case.id}"
    answer = sign_in(manager).submit(address, {}, f"{address}/contact")
    assert answer.status_code == 409
    assert "The contact cannot be opened" in answer.text
    assert actions(session) == []


def test_closing_needs_a_tick_and_erases_the_contact(session, sign_in, manager, ask):
    case = ask()
    client, address = sign_in(manager), f"/cases/own/{case.id}"
    refused = client.submit(address, {}, f"{address}/close")
    assert refused.status_code == 422
    assert "Please confirm that the person has been answered." in refused.text
    assert session.get(Case, case.id).contact is not None
    done = client.submit(address, {"answered": "y"}, f"{address}/close")
    assert (done.status_code, done.location) == (303, "/cases/")
    closed = session.get(Case, case.id)
    assert (closed.contact, closed.closed_by) == (None, manager.id)
    assert actions(session) == [("case_closed", manager.id)]
    page = client.get("/cases/").text
    assert "The case is closed and the contact erased." in page
    assert "Answered: 1" in page
    assert "Zəng" not in page


def test_who_comes_too_late_is_told(session, sign_in, manager, ask):
    case, other = ask(), ask()
    client, address = sign_in(manager), f"/cases/own/{case.id}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text).group(1)
    client.post(f"{address}/close", data={"answered": "y", "csrf_token": token})
    for again in ("close", "contact"):
        answer = client.post(f"{address}/{again}", data={"answered": "y", "csrf_token": token})
        assert (answer.status_code, answer.location) == (303, "/cases/")
    assert client.get(address).status_code == 303
    assert "This case is closed already" in client.get("/cases/").text
    assert actions(session) == [("case_closed", manager.id)]
    assert session.get(Case, other.id).contact is not None
