"""Signing in and out, forgotten passwords, and what the session's cookie may do."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask_security import verify_password
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app import create_app
from survey_app.config import Settings
from survey_app.extensions import db
from survey_app.models import AuditEvent, OutgoingMail, User
from survey_app.people.accounts import (
    SHORTEST_PASSWORD,
    AddressTaken,
    WeakPassword,
    add_person,
    create_account,
)
from tests.conftest import Client
from tests.factories import NOON, PASSWORD, Make

pytestmark = [
    pytest.mark.any_database,
    # Flask-Security builds some of its forms in WTForms' older way.
    pytest.mark.filterwarnings("ignore:Passing SelectField choices as tuples:DeprecationWarning"),
]

NEW_PASSWORD = "another correct horse battery"
COOKIE = "rey"


def test_the_right_password_opens_the_reports(client: Client, person: User) -> None:
    assert client.get("/reports/").location == "/login?next=/reports/"
    answer = sign_in_by_password(client, person.email, PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/reports/")
    assert client.get("/reports/").status_code == 200


def test_signing_in_leads_back_to_what_was_asked_for(client: Client, person: User) -> None:
    page = client.get("/reports/own/").location
    answer = client.submit(page, {"email": person.email, "password": PASSWORD})
    assert answer.location == "/reports/own/"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"]
)
def test_signing_in_never_leads_elsewhere(client: Client, person: User, elsewhere: str) -> None:
    data = {"email": person.email, "password": PASSWORD, "next": elsewhere}
    answer = client.submit("/login", data)
    # Either the form comes again, or the way leads to an address of ours.
    assert answer.status_code == 200 or re.match(r"/[^/\\]", answer.location or "")


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    client: Client, session: Session, person: User
) -> None:
    wrong, unknown, suspended = (
        sign_in_by_password(client, address, password)
        for address, password in (
            (person.email, "not the right password"),
            ("nobody@example.org", PASSWORD),
            (suspend(session, person), PASSWORD),
        )
    )
    assert wrong.status_code == unknown.status_code == suspended.status_code == 200
    assert without_chance(wrong) == without_chance(unknown, "nobody@example.org")
    assert without_chance(wrong) == without_chance(suspended)
    assert "alert" in wrong.text
    assert client.get("/reports/").status_code == 302


def test_what_was_typed_as_password_does_not_come_back(client: Client, person: User) -> None:
    answer = sign_in_by_password(client, person.email, "not the right password")
    assert "not the right password" not in answer.text


def test_a_copied_cookie_is_worthless_after_signing_out(
    client: Client, new_client: Callable[[], Client], person: User
) -> None:
    sign_in_by_password(client, person.email, PASSWORD)
    thief = new_client()
    thief.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    assert thief.get("/reports/").status_code == 200
    client.submit("/reports/", {}, to="/logout")
    assert thief.get("/reports/").status_code == 302


def test_nobody_is_remembered_beyond_the_session(client: Client, person: User) -> None:
    client.submit("/login", {"email": person.email, "password": PASSWORD, "remember": "y"})
    assert client.get("/reports/").status_code == 200
    assert client.get_cookie("remember_token") is None


def test_a_token_opens_nothing(client: Client, person: User, app: Flask) -> None:
    with app.app_context():
        token = db.session.get(User, person.id).get_auth_token()
    answer = client.get("/reports/", headers={"Authentication-Token": token})
    assert answer.status_code == 302


def test_signing_in_is_noted(client: Client, session: Session, person: User) -> None:
    sign_in_by_password(client, person.email, PASSWORD)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.user_id) == ("signed_in", person.id)


def test_guessing_passwords_is_slowed_down(settings: Settings, make: Make) -> None:
    person = make.user("manager")
    app = create_app(settings.model_copy(update={"environment": "demo"}))
    client = app.test_client()
    page = client.get("/login").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
    data = {"email": person.email, "password": "a wrong password", "csrf_token": token}
    statuses = [client.post("/login", data=data).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    with app.app_context():
        db.engine.dispose()


def test_links_in_letters_never_lead_to_another_host(
    client: Client, session: Session, person: User
) -> None:
    page = client.get("/reset").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
    answer = client.post(
        "/reset",
        data={"email": person.email, "csrf_token": token},
        headers={"Host": "evil.example"},
    )
    assert answer.status_code == 400
    assert session.scalars(select(OutgoingMail)).all() == []


def test_signing_out_ends_the_session(client: Client, person: User) -> None:
    sign_in_by_password(client, person.email, PASSWORD)
    answer = client.submit("/reports/", {}, to="/logout")
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/reports/").status_code == 302


def test_nobody_is_signed_out_by_a_link_or_a_foreign_page(client: Client, person: User) -> None:
    sign_in_by_password(client, person.email, PASSWORD)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").status_code == 400
    assert client.get("/reports/").status_code == 200


def test_a_session_from_another_browser_is_not_believed(
    client: Client, new_client: Callable[[], Client], person: User
) -> None:
    sign_in_by_password(client, person.email, PASSWORD)
    stolen = client.get_cookie(COOKIE)
    assert stolen is not None
    thief = new_client()
    thief.set_cookie(COOKIE, stolen.value)
    answer = thief.get("/reports/", headers={"User-Agent": "another browser"})
    assert answer.status_code == 302


def test_a_cookie_that_was_changed_opens_nothing(client: Client, person: User) -> None:
    sign_in_by_password(client, person.email, PASSWORD)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    client.set_cookie(COOKIE, cookie.value[:-2] + ("AA" if cookie.value[-2:] != "AA" else "BB"))
    assert client.get("/reports/").status_code == 302


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("http://127.0.0.1:8000", {"rey", "HttpOnly", "Path=/", "SameSite=Lax"}),
        (
            "https://rey.example.org",
            {"__Host-rey", "HttpOnly", "Path=/", "SameSite=Lax", "Secure"},
        ),
    ],
)
def test_the_cookie_is_bound_as_tightly_as_the_address_allows(
    app: Flask, settings: Settings, base_url: str, expected: set[str]
) -> None:
    installed = create_app(settings.model_copy(update={"base_url": base_url}))
    answer = installed.test_client().get("/login", base_url=base_url)
    name, *flags = answer.headers["Set-Cookie"].split("; ")
    assert {name.split("=")[0], *flags} == expected
    with installed.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("address", ["person@example.org", "nobody@example.org"])
def test_forgetting_a_password_is_answered_alike(
    client: Client, person: User, address: str
) -> None:
    answer = client.submit("/reset", {"email": address})
    assert answer.status_code in {200, 302}
    page = client.get(answer.location) if answer.location else answer
    assert "notice" in page.text
    assert without_chance(page, address) == without_chance(
        ask_for_recovery(client, "third@example.org"), "third@example.org"
    )


def test_a_recovery_letter_waits_in_the_outbox_and_opens_the_account_once(
    client: Client, new_client: Callable[[], Client], session: Session, person: User
) -> None:
    ask_for_recovery(client, person.email)
    (letter,) = session.scalars(select(OutgoingMail))
    assert (letter.recipient, letter.sent_at, letter.attempts) == (person.email, None, 0)
    (link,) = re.findall(r"https?://[^/\s]+(/reset/\S+)", letter.body)
    browser = new_client()
    reset(browser, link)
    session.expire_all()
    assert may_sign_in(new_client(), person.email, NEW_PASSWORD)
    assert not may_sign_in(new_client(), person.email, PASSWORD)
    # The link is used up: it leads back to asking for another.
    assert new_client().get(link).location == "/reset"
    assert [each.recipient for each in session.scalars(select(OutgoingMail))] == [person.email] * 2


def test_no_letter_is_written_to_whom_nobody_knows(client: Client, session: Session) -> None:
    ask_for_recovery(client, "nobody@example.org")
    assert session.scalars(select(OutgoingMail)).all() == []


@pytest.mark.parametrize("password", ["short", "fourteen chars", " " * 3])
def test_a_short_password_is_refused(
    client: Client, session: Session, person: User, password: str
) -> None:
    ask_for_recovery(client, person.email)
    (letter,) = session.scalars(select(OutgoingMail))
    (link,) = re.findall(r"https?://[^/\s]+(/reset/\S+)", letter.body)
    answer = client.submit(link, {"password": password, "password_confirm": password})
    assert answer.status_code == 200
    assert may_sign_in(client, person.email, PASSWORD)


def test_an_account_is_made_with_a_slow_hash_and_ids_of_its_own(
    app: Flask, session: Session
) -> None:
    with app.test_request_context():
        accounts = [
            create_account(session, f"{name}@example.org", PASSWORD, "az", NOON)
            for name in ("first", "second")
        ]
        assert verify_password(PASSWORD, accounts[0].password)
        assert not verify_password(PASSWORD + "!", accounts[0].password)
    session.commit()
    first, second = accounts
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=1\$", first.password or "")
    assert first.password != second.password
    assert first.fs_uniquifier != second.fs_uniquifier
    assert first.fs_webauthn_user_handle != second.fs_webauthn_user_handle
    assert first.active


@pytest.mark.any_database
def test_a_person_is_added_with_one_role(app: Flask, session: Session, make: Make) -> None:
    center = make.center("own")
    with app.app_context():
        add_person(session, "a@example.org", PASSWORD, "ru", "manager", center, NOON)
        add_person(session, "b@example.org", PASSWORD, "az", "auditor", None, NOON)
    session.commit()
    assert [
        (each.email, each.language, [(role.role, role.center_id) for role in each.memberships])
        for each in session.scalars(select(User).order_by(User.email))
    ] == [
        ("a@example.org", "ru", [("manager", center.id)]),
        ("b@example.org", "az", [("auditor", None)]),
    ]


@pytest.mark.any_database
def test_nobody_is_added_twice_or_with_a_weak_password(
    app: Flask, session: Session, person: User
) -> None:
    short = PASSWORD[: SHORTEST_PASSWORD - 1]
    with app.app_context():
        with pytest.raises(AddressTaken):
            add_person(session, person.email.upper(), PASSWORD, "az", "admin", None, NOON)
        with pytest.raises(WeakPassword):
            add_person(session, "new@example.org", short, "az", "admin", None, NOON)
    session.commit()
    assert session.scalars(select(User)).all() == [person]


@pytest.fixture
def person(app: Flask, session: Session, make: Make) -> User:
    """A manager of the center "own" with a password."""
    person = make.user("manager", make.center("own"), email="person@example.org")
    with app.app_context():
        made = create_account(session, "unused@example.org", PASSWORD, "en", NOON)
    session.expunge(made)
    person.password = made.password
    session.commit()
    return person


def sign_in_by_password(client: Client, email: str, password: str) -> TestResponse:
    return client.submit("/login", {"email": email, "password": password})


def may_sign_in(client: Client, email: str, password: str) -> bool:
    sign_in_by_password(client, email, password)
    return client.get("/reports/").status_code == 200


def ask_for_recovery(client: Client, email: str) -> TestResponse:
    answer = client.submit("/reset", {"email": email})
    return client.get(answer.location) if answer.location else answer


def reset(client: Client, link: str) -> None:
    data = {"password": NEW_PASSWORD, "password_confirm": NEW_PASSWORD}
    assert client.submit(link, data).status_code == 302


def suspend(session: Session, person: User) -> str:
    person.active = False
    session.commit()
    return person.email


def without_chance(answer: TestResponse, address: str = "person@example.org") -> tuple[int, str]:
    """An answer without its token, and without the address that was typed."""
    body = re.sub(r'name="csrf_token"[^>]*', "", answer.text)
    body = re.sub(r'nonce="[^"]*"', "", body)
    return answer.status_code, body.replace(address, "…")
