"""What goes wrong, said to people as a page in their language and to programs as problem+json."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, TooManyRequests

from survey_app import create_app
from survey_app.access import public
from survey_app.config import Settings
from survey_app.errors import NotFound, Unauthorised, Unprocessable, UnsupportedMediaType
from survey_app.models import User
from tests.conftest import Client


class _Driver(Exception):
    """A driver's exception; PostgreSQL's carry a state."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("the driver's words, with secret values")
        self.sqlstate = sqlstate


def _database(kind: type[DBAPIError], sqlstate: str | None) -> DBAPIError:
    return kind("SELECT secret", {}, _Driver(sqlstate))


# What a view may raise: (exception, status, code).
RAISED: dict[str, tuple[Exception, int, str]] = {
    "not-found": (NotFound(), 404, "not_found"),
    "unauthorised": (Unauthorised(), 401, "unauthorised"),
    "unprocessable": (Unprocessable("No good.", errors=[1]), 422, "unprocessable"),
    "not-json": (UnsupportedMediaType(), 415, "unsupported_media_type"),
    "http": (BadRequest("secret"), 400, "bad_request"),
    "limit": (TooManyRequests(retry_after=7), 429, "too_many_requests"),
    "bug": (ZeroDivisionError("secret"), 500, "internal_server_error"),
    "away": (_database(OperationalError, None), 503, "service_unavailable"),
    "serialisation": (_database(DBAPIError, "40001"), 503, "service_unavailable"),
    "deadlock": (_database(DBAPIError, "40P01"), 503, "service_unavailable"),
    "constraint": (_database(DBAPIError, "23505"), 500, "internal_server_error"),
    "driver": (_database(DBAPIError, None), 500, "internal_server_error"),
}


@pytest.mark.any_database
@pytest.mark.parametrize("name", RAISED)
def test_a_program_gets_a_problem_document(raising: Client, name: str) -> None:
    exception, status, code = RAISED[name]
    answer = raising.get(f"/api/raise/{name}")
    more = {"detail": "No good.", "errors": [1]} if isinstance(exception, Unprocessable) else {}
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert (
        answer.json
        == {
            "type": f"urn:rey:problem:{code}",
            "title": code.replace("_", " "),
            "status": status,
        }
        | more
    )


@pytest.mark.any_database
@pytest.mark.parametrize("name", RAISED)
def test_a_person_gets_a_page_with_advice(raising: Client, name: str) -> None:
    _, status, _ = RAISED[name]
    answer = raising.get(f"/raise/{name}", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert '<html lang="en">' in answer.text
    assert "<h1>" in answer.text
    assert not [word for word in ("secret", "Traceback", "SELECT") if word in answer.text]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("name", "seconds"), [("away", "5"), ("deadlock", "5"), ("limit", "7"), ("bug", None)]
)
def test_who_should_try_again_is_told_when(raising: Client, name: str, seconds: str | None) -> None:
    for path in (f"/raise/{name}", f"/api/raise/{name}"):
        assert raising.get(path).headers.get("Retry-After") == seconds


@pytest.mark.any_database
def test_a_missing_credential_is_asked_for_by_its_scheme(raising: Client) -> None:
    challenge = "WWW-Authenticate"
    assert raising.get("/api/raise/unauthorised").headers[challenge] == "Bearer"
    # A browser would open a window that nobody can fill.
    assert challenge not in raising.get("/raise/unauthorised").headers


@pytest.mark.any_database
def test_the_allowed_methods_are_named(client: Client) -> None:
    answer = client.post("/api/v1/kiosk")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("method", "path", "is_problem"),
    [
        ("GET", "/api/v1/nowhere", True),
        ("GET", "/kiosk/nowhere", False),
        ("POST", "/kiosk/nowhere", True),
        ("GET", "/nowhere", False),
        ("GET", "/<script>alert(1)</script>", False),
    ],
)
def test_who_asks_decides_the_form(
    client: Client, method: str, path: str, is_problem: bool
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == 404
    assert (answer.mimetype == "application/problem+json") == is_problem
    assert "<script>alert" not in answer.text


def test_an_address_with_a_nul_leads_nowhere(
    viewer: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(viewer)
    for path in ("/q/%00", "/reports/%00/", "/reports/own/%00", "/dashboard/a%00b/", "/%00"):
        assert (path, client.get(path).status_code) == (path, 404)


@pytest.mark.any_database
def test_a_database_that_is_away_is_said_to_be_away(settings: Settings, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite'}"
    app = create_app(settings.model_copy(update={"database_url": url}))
    for path in ("/healthz", "/q/nowhere", "/api/v1/kiosk"):
        answer = app.test_client().get(path, headers={"Authorization": "Bearer token"})
        assert (path, answer.status_code) == (path, 503)
        assert answer.headers["Retry-After"] == "5"


@pytest.mark.any_database
def test_a_person_signed_in_is_told_so_too(
    viewer: User, sign_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(viewer)

    def fail(*_: object, **__: object) -> None:
        raise RAISED["away"][0]

    # Asking again who is signed in would fail again.
    for name in ("execute", "get", "scalar", "scalars"):
        monkeypatch.setattr(Session, name, fail)
    answer = client.get("/reports/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "<h1>" in answer.text


@pytest.fixture
def raising(app: Flask, new_client: Callable[[], Client]) -> Client:
    """A client of an application with addresses at which each exception is raised."""

    @public
    def fail(name: str) -> Any:
        raise RAISED[name][0]

    app.add_url_rule("/raise/<name>", "fail_page", fail)
    app.add_url_rule("/api/raise/<name>", "fail_api", fail)
    return new_client()
