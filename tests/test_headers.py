"""Security headers: what a browser may do with each kind of page."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey_app import create_app
from survey_app.config import Settings
from survey_app.extensions import db
from survey_app.models import User
from tests.conftest import Client
from tests.factories import Make

pytestmark = pytest.mark.any_database

ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Nothing is allowed but what is named; neither inline code, nor other hosts, nor frames.
EVERYWHERE = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "style-src": "'self' 'nonce-…'",
    "script-src": "'self' 'nonce-…'",
    "connect-src": "'self'",
}
TRUSTED_TYPES = {"require-trusted-types-for": "'script'"}
KIOSK = {"manifest-src": "'self'", "worker-src": "'self'"}


def test_every_answer_carries_them(client: Client, make: Make) -> None:
    poster = make.poster()
    for path in ("/", "/healthz", "/login", "/nowhere", "/api/v1/kiosk", "/reports/"):
        headers = client.get(path).headers
        assert {name: headers[name] for name in ALWAYS} == ALWAYS, path
    for answer in (client.get(f"/q/{poster.code}"), client.post(f"/q/{poster.code}")):
        assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS


def test_only_a_tablet_may_ask_for_a_camera(client: Client) -> None:
    headers = client.get("/kiosk/").headers
    camera = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
    assert {name: headers[name] for name in ALWAYS} == ALWAYS | {"Permissions-Policy": camera}


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/", TRUSTED_TYPES),
        ("/nowhere", TRUSTED_TYPES),
        ("/q/nowhere", TRUSTED_TYPES),
        ("/kiosk/", TRUSTED_TYPES | KIOSK),
        # Its passkey pages write text into the page through innerHTML.
        ("/login", {}),
    ],
)
def test_a_page_may_do_only_what_it_needs(client: Client, path: str, more: dict[str, str]) -> None:
    assert policy_of(client, path) == EVERYWHERE | more


def test_each_answer_has_a_nonce_of_its_own_which_its_page_uses(client: Client) -> None:
    nonces = []
    for _ in range(2):
        answer = client.get("/kiosk/")
        (nonce,) = set(re.findall(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"]))
        assert f'nonce="{nonce}"' in answer.text
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert all(len(nonce) >= 22 for nonce in nonces)


def test_pages_stay_out_of_shared_caches_and_assets_do_not(
    client: Client, viewer: User, sign_in: Callable[[User], Client]
) -> None:
    for path in ("/", "/login", "/q/nowhere", "/nowhere"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path
    assert sign_in(viewer).get("/reports/").headers["Cache-Control"] == "no-store"
    asset = client.get("/static/css/base.css", buffered=True)
    assert asset.status_code == 200
    assert "no-store" not in asset.headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("http://127.0.0.1:8000", None),
        ("https://rey.example.org", "max-age=31536000; includeSubDomains"),
    ],
)
def test_browsers_are_bound_to_tls_only_where_there_is_tls(
    settings: Settings, session: Session, base_url: str, expected: str | None
) -> None:
    app: Flask = create_app(settings.model_copy(update={"base_url": base_url}))
    answer = app.test_client().get("/", base_url=base_url)
    assert answer.headers.get("Strict-Transport-Security") == expected
    with app.app_context():
        db.engine.dispose()


def policy_of(client: Client, path: str) -> dict[str, str]:
    header = client.get(path).headers["Content-Security-Policy"]
    header = re.sub(r"nonce-[\w-]+", "nonce-…", header)
    return dict(rule.split(" ", 1) for rule in header.split("; "))
