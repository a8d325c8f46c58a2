"""Who reaches what: every route × every person × own, other and missing center.

A route that is not in ROUTES fails the first test: whoever adds one must say who may call it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from analysis.months import Month
from survey_app.access import center_for, centers_for, poster_for, touchpoint_for
from survey_app.errors import NotFound, Unauthorised
from survey_app.models import Center, Rating, User
from survey_app.reports.publishing import publish_month
from tests.conftest import CAST, Client
from tests.factories import NOON, EnrolledTablet, Make, submission

pytestmark = pytest.mark.any_database

NOT_SIGNED_IN = ("anonymous", "tablet")
WHO = (*NOT_SIGNED_IN, *CAST)
OWN, OTHER, MISSING = "own", "other", "missing"
# The center-bound walk goes through these; "own" is the viewer's and the manager's center.
CENTERS = (OWN, OTHER, MISSING)


@dataclass(frozen=True)
class Route:
    """Who may call a route, and what they are answered.

    `access` is "public", "tablet", "staff" (anybody signed in), "center" (whoever may view the
    center in the address) or "account" (Flask-Security's own, which ask for themselves);
    `status` is the answer to those who may, `signed_in` to people who are signed in where
    that differs. `fill` are the variable parts of the address, `send` what goes along.
    """

    access: str
    status: int = 200
    signed_in: int | None = None
    fill: dict[str, str] = field(default_factory=dict)
    send: dict[str, Any] = field(default_factory=dict)


_ACCOUNT_ONLY = Route("account", 302, 200)
_SENT_TO_REPORTS = Route("account", 200, 302)
_MONTH = {"month": "2026-10"}
# Made by the fixture `house`, which fills in the codes and tokens of its rows.
_POSTER = {"code": "CODEOPEN"}

ROUTES = {
    # the public room, and what operators ask
    ("GET", "/"): Route("public", 200, 302),
    ("POST", "/language"): Route("public", 302, send={"data": {"language": "ru"}}),
    ("GET", "/static/<path:filename>"): Route("public", fill={"filename": "css/base.css"}),
    ("GET", "/healthz"): Route("public"),
    # Without a configured token it is nobody's.
    ("GET", "/metrics"): Route("public", 404),
    # the page behind a code
    ("GET", "/q/<code>"): Route("public", fill=_POSTER),
    ("POST", "/q/<code>"): Route("public", 422, fill=_POSTER),
    ("GET", "/q/<code>/thanks"): Route("public", fill=_POSTER),
    # the tablet's page; what it sends and asks needs its credential
    ("GET", "/kiosk/"): Route("public"),
    ("GET", "/kiosk/sw.js"): Route("public"),
    ("GET", "/kiosk/manifest.webmanifest"): Route("public"),
    ("POST", "/kiosk/pair"): Route("public", 415),
    ("POST", "/api/v1/ratings"): Route("tablet", send={"json": "a batch"}),
    ("GET", "/api/v1/kiosk"): Route("tablet"),
    ("POST", "/api/v1/kiosk/heartbeat"): Route(
        "tablet", 204, send={"json": {"app_version": "1", "unsent": 0, "last_sequence": 1}}
    ),
    # figures
    ("GET", "/reports/"): Route("staff"),
    ("GET", "/reports/<slug>/"): Route("center"),
    ("GET", "/reports/<slug>/<month>"): Route("center", fill=_MONTH),
    ("GET", "/reports/<slug>/<month>/charts/<name>.svg"): Route(
        "center", fill=_MONTH | {"name": "trend"}
    ),
    ("GET", "/reports/<slug>/<month>/report.<extension>"): Route(
        "center", fill=_MONTH | {"extension": "csv"}
    ),
    ("GET", "/dashboard/<slug>/"): Route("center"),
    # accounts
    ("GET", "/login"): _SENT_TO_REPORTS,
    ("POST", "/login"): _SENT_TO_REPORTS,
    ("POST", "/logout"): Route("account", 302),
    ("GET", "/change"): _ACCOUNT_ONLY,
    ("POST", "/change"): _ACCOUNT_ONLY,
    ("GET", "/verify"): _ACCOUNT_ONLY,
    ("POST", "/verify"): _ACCOUNT_ONLY,
    ("GET", "/reset"): _SENT_TO_REPORTS,
    ("POST", "/reset"): _SENT_TO_REPORTS,
    ("GET", "/reset/<token>"): Route("account", 302, fill={"token": "none"}),
    ("POST", "/reset/<token>"): Route("account", 302, fill={"token": "none"}),
}
