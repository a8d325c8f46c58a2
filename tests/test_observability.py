"""What an operator sees: health, metrics for who holds the token, logs that name nobody."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy.orm import Session

from survey_app import create_app
from survey_app.config import Settings
from survey_app.extensions import db
from survey_app.models import Touchpoint
from tests.conftest import Client
from tests.factories import Make

TOKEN = "a token for the metrics"


def test_health_is_told_to_anybody(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.any_database
@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ə"]
)
def test_metrics_are_for_the_holder_of_the_token(measured: Flask, given: str | None) -> None:
    client = measured.test_client()
    headers = {} if given is None else {"Authorization": given.encode().decode("latin-1")}
    assert client.get("/metrics", headers=headers).status_code == 404
    allowed = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (allowed.status_code, allowed.mimetype) == (200, "text/plain")


@pytest.mark.any_database
def test_without_a_token_metrics_are_nobodys(client: Client) -> None:
    for given in ("Bearer ", "Bearer None", "Bearer"):
        assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


@pytest.mark.any_database
def test_requests_and_verdicts_are_counted(measured: Flask, make: Make, session: Session) -> None:
    poster: Touchpoint = make.poster()
    session.commit()
    client = measured.test_client()
    before = metrics(measured)
    form = {"score": "5", "version": "1", "lang": "az", "submission_id": str(make.uuid())}
    for _ in range(2):
        assert client.post(f"/q/{poster.code}", data=form).status_code == 303
    client.get("/no/such/page")
    after = metrics(measured)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown['rey_ratings_total{door="qr",status="recorded"}'] == 1
    assert grown['rey_ratings_total{door="qr",status="already_recorded"}'] == 1
    assert grown['rey_request_seconds_count{endpoint="qr.submit",status="303"}'] == 2
    # Addresses are not labels: a scanner would fill the memory with them.
    assert grown['rey_request_seconds_count{endpoint="none",status="404"}'] == 1


def test_comments_that_wait_to_be_read_are_told(measured: Flask, make: Make) -> None:
    make.reading(make.rating(comment="Əla"))
    assert metrics(measured)["rey_comments_unread"] == 0
    for comment in ("Yaxşı", "Pis"):
        make.rating(comment=comment)
    make.rating(comment="Sayılmır", state="held")
    assert metrics(measured)["rey_comments_unread"] == 2


@pytest.mark.any_database
def test_logs_are_one_json_document_a_line_and_name_nobody(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(settings.model_copy(update={"log_format": "json"}))

    def fail() -> None:
        raise ZeroDivisionError

    fail.access = "public"  # type: ignore[attr-defined]
    app.add_url_rule("/fail", view_func=fail)
    answer = app.test_client().get("/fail?secret=1", environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert answer.status_code == 500
    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"], entry["endpoint"]) == (
        "unexpected error",
        "error",
        "fail",
    )
    assert "ZeroDivisionError" in entry["exception"]
    assert entry["timestamp"].endswith("Z")
    assert "203.0.113" not in line
    assert "secret=1" not in line


@pytest.fixture
def measured(settings: Settings, app: Flask) -> Iterator[Flask]:
    """The application with a token for its metrics, on the test's database."""
    measured = create_app(settings.model_copy(update={"metrics_token": SecretStr(TOKEN)}))
    yield measured
    with measured.app_context():
        db.engine.dispose()


def metrics(app: Flask) -> dict[str, float]:
    """The counters by name and labels."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
