"""Who reaches what: every route × every person × own, other and missing center.

A route that is not in ROUTES fails the first test: whoever adds one must say who may call it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from analysis.months import Month
from survey_app.access import (
    center_for,
    centers_for,
    centers_for_operator,
    poster_for,
    touchpoint_for,
)
from survey_app.contacts import ask_for_answer
from survey_app.errors import NotFound, Unauthorised
from survey_app.models import Case, Center, IntegrityAlert, Membership, Ruling, User
from survey_app.reports.network import publish_network_due
from survey_app.reports.publishing import publish_month
from tests.conftest import CAST, Client
from tests.factories import DAY, NOON, SIGNING_KEY, EnrolledTablet, Make, submission

pytestmark = pytest.mark.any_database

# Programs of ours and of others, each with a credential of its own kind.
PROGRAMS = ("tablet", "key")
NOT_SIGNED_IN = ("anonymous", *PROGRAMS)
WHO = (*NOT_SIGNED_IN, *CAST)
OWN, OTHER, MISSING = "own", "other", "missing"
# The center-bound walk goes through these; "own" is the viewer's and the manager's center.
CENTERS = (OWN, OTHER, MISSING)


@dataclass(frozen=True)
class Route:
    """Who may call a route, and what they are answered.

    `access` is "public", "tablet", "key" (another system), "staff" (anybody signed in), "center"
    (whoever may view the center in the address), one of the other HOLDERS or ANYWHERE, or
    "account" (Flask-Security's own, which ask for themselves);
    `status` is the answer to those who may, `signed_in` to people who are signed in where
    that differs. `fill` are the variable parts of the address, `send` what goes along.
    """

    access: str
    status: int = 200
    signed_in: int | None = None
    fill: dict[str, str] = field(default_factory=dict)
    send: dict[str, Any] = field(default_factory=dict)


_MONTH = {"month": "2026-10"}
# A month that is over and not published.
_DRAFT = {"month": "2026-09"}
_POSTER = {"code": "CODEOPEN"}
_RECEIPT = {"code": "BCDFGHJKLMNL"}
_KEY = "the key of another system"

ROUTES = {
    # the public room, and what operators ask
    ("GET", "/"): Route("public", 200, 302),
    ("POST", "/language"): Route("public", 302, send={"data": {"language": "ru"}}),
    ("GET", "/static/<path:filename>"): Route("public", fill={"filename": "css/base.css"}),
    ("GET", "/healthz"): Route("public"),
    # Without a configured token it is nobody's.
    ("GET", "/metrics"): Route("public", 404),
    # the page behind a code
    ("GET", "/q/"): Route("public"),
    ("GET", "/q/<code>"): Route("public", fill=_POSTER),
    ("POST", "/q/<code>"): Route("public", 422, fill=_POSTER),
    ("GET", "/q/<code>/<language>"): Route("public", fill=_POSTER | {"language": "ru"}),
    ("POST", "/q/<code>/<language>"): Route("public", 422, fill=_POSTER | {"language": "ru"}),
    ("GET", "/Q/<code>"): Route("public", 302, fill=_POSTER),
    # that of a visit's ticket, which nobody here has
    ("GET", "/t/<code>"): Route("public", 404, fill=_POSTER),
    ("POST", "/t/<code>"): Route("public", 404, fill=_POSTER),
    ("GET", "/t/<code>/<language>"): Route("public", 404, fill=_POSTER | {"language": "ru"}),
    ("POST", "/t/<code>/<language>"): Route("public", 404, fill=_POSTER | {"language": "ru"}),
    ("GET", "/T/<code>"): Route("public", 302, fill=_POSTER),
    # the receipt of a rating, which is whoever holds its reference
    ("GET", "/r/"): Route("public"),
    ("GET", "/r/thanks"): Route("public"),
    ("GET", "/r/waiting"): Route("public"),
    ("GET", "/r/<code>"): Route("public", fill=_RECEIPT),
    ("GET", "/r/<code>/withdraw"): Route("public", fill=_RECEIPT),
    ("POST", "/r/<code>/withdraw"): Route("public", 303, fill=_RECEIPT),
    ("GET", "/R/<code>"): Route("public", 302, fill=_RECEIPT),
    # the tablet's page; what it sends and asks needs its credential
    ("GET", "/kiosk/"): Route("public"),
    ("GET", "/kiosk/sw.js"): Route("public"),
    ("GET", "/kiosk/manifest.webmanifest"): Route("public"),
    ("POST", "/kiosk/pair"): Route("public", 415),
    ("POST", "/api/v1/ratings"): Route("tablet", send={"json": "a batch"}),
    ("GET", "/api/v1/kiosk"): Route("tablet"),
    ("POST", "/api/v1/kiosk/heartbeat"): Route(
        "tablet", send={"json": {"app_version": "1", "unsent": 0, "last_sequence": 1}}
    ),
    ("POST", "/api/v1/kiosk/unpair"): Route("tablet", send={"json": {}}),
    # figures
    ("GET", "/reports/"): Route("staff"),
    ("GET", "/reports/<slug>/"): Route("center"),
    ("GET", "/reports/<slug>/<month>"): Route("center", fill=_MONTH),
    ("GET", "/reports/<slug>/<month>/draft"): Route("draft", fill=_DRAFT),
    ("GET", "/reports/<slug>/<month>/draft/charts/<name>.svg"): Route(
        "draft", fill=_DRAFT | {"name": "trend"}
    ),
    ("POST", "/reports/<slug>/<month>/draft"): Route("manager", 302, fill=_DRAFT),
    ("GET", "/reports/<slug>/<month>/charts/<name>.svg"): Route(
        "center", fill=_MONTH | {"name": "trend"}
    ),
    ("GET", "/reports/<slug>/<month>/report.<extension>"): Route(
        "center", fill=_MONTH | {"extension": "csv"}
    ),
    # all centers together
    ("GET", "/reports/network/"): Route("network"),
    ("GET", "/reports/network/<month>"): Route("network", fill=_MONTH),
    ("GET", "/reports/network/<month>/charts/<name>.svg"): Route(
        "network", fill=_MONTH | {"name": "trend"}
    ),
    ("GET", "/reports/network/<month>/report.<extension>"): Route(
        "network", fill=_MONTH | {"extension": "csv"}
    ),
    ("GET", "/reports/structures/"): Route("network"),
    ("GET", "/reports/structures/<code>"): Route("network", fill={"code": "labour"}),
    ("GET", "/dashboard/<slug>/"): Route("center"),
    # what was set aside, and who decides on it
    ("GET", "/integrity/"): Route("staff"),
    ("GET", "/integrity/<slug>/"): Route("center"),
    ("GET", "/integrity/<slug>/set-aside"): Route("center"),
    ("POST", "/integrity/<slug>/set-aside"): Route("judge", 422),
    ("GET", "/integrity/<slug>/alerts/<int:alert_id>"): Route("center"),
    ("POST", "/integrity/<slug>/alerts/<int:alert_id>"): Route("judge", 422),
    ("GET", "/integrity/<slug>/rulings/<int:ruling_id>"): Route("center"),
    ("POST", "/integrity/<slug>/rulings/<int:ruling_id>"): Route("witness", 422),
    # who asked for an answer, how to reach them, and that they were answered
    ("GET", "/cases/"): Route("managing"),
    ("GET", "/cases/<slug>/<int:case_id>"): Route("manager"),
    ("POST", "/cases/<slug>/<int:case_id>/contact"): Route("manager"),
    ("POST", "/cases/<slug>/<int:case_id>/close"): Route("manager", 422),
    # places, their tablets, posters to print
    ("GET", "/network/"): Route("staff"),
    ("GET", "/network/<slug>/"): Route("center"),
    ("GET", "/network/<slug>/posters.pdf"): Route("center"),
    ("GET", "/network/<slug>/number"): Route("manager"),
    ("POST", "/network/<slug>/number"): Route("manager", 422),
    ("GET", "/network/<slug>/add"): Route("manager"),
    ("POST", "/network/<slug>/add"): Route("manager", 422),
    ("GET", "/network/<slug>/hours"): Route("manager"),
    ("POST", "/network/<slug>/hours"): Route("manager", 422),
    ("POST", "/network/<slug>/hours/<since>/withdraw"): Route(
        "manager", 303, fill={"since": "2100-01-01"}
    ),
    ("GET", "/network/holidays/"): Route("administering"),
    ("POST", "/network/holidays/"): Route("administering", 422),
    ("POST", "/network/holidays/<day>/remove"): Route(
        "administering", 303, fill={"day": "2100-01-01"}
    ),
    ("GET", "/network/touchpoints/<int:touchpoint_id>"): Route("center"),
    ("GET", "/network/touchpoints/<int:poster_id>/poster.<extension>"): Route(
        "center", fill={"extension": "svg"}
    ),
    ("GET", "/network/touchpoints/<int:touchpoint_id>/change"): Route("manager"),
    ("POST", "/network/touchpoints/<int:touchpoint_id>/change"): Route("manager", 303),
    ("POST", "/network/touchpoints/<int:touchpoint_id>/code"): Route("manager"),
    ("GET", "/network/touchpoints/<int:touchpoint_id>/retire"): Route("manager"),
    ("POST", "/network/touchpoints/<int:touchpoint_id>/retire"): Route("manager", 303),
    ("POST", "/network/touchpoints/<int:touchpoint_id>/reopen"): Route("manager", 303),
    ("GET", "/network/tablets/<int:tablet_id>/name"): Route("manager"),
    ("POST", "/network/tablets/<int:tablet_id>/name"): Route("manager", 303),
    ("GET", "/network/tablets/<int:tablet_id>/move"): Route("manager"),
    ("POST", "/network/tablets/<int:tablet_id>/move"): Route("manager", 422),
    ("POST", "/network/tablets/<int:tablet_id>/pause"): Route("manager", 303),
    ("POST", "/network/tablets/<int:tablet_id>/resume"): Route("manager", 303),
    ("GET", "/network/tablets/<int:tablet_id>/disconnect"): Route("manager"),
    ("POST", "/network/tablets/<int:tablet_id>/disconnect"): Route("manager", 303),
    # people served: what is missing, files of counts, and what another system delivers
    ("GET", "/visits/"): Route("staff"),
    ("POST", "/visits/"): Route("managing", 422),
    ("GET", "/visits/<slug>/"): Route("center"),
    ("GET", "/visits/<slug>/blank-<form>.csv"): Route("center", fill={"form": "days"}),
    ("GET", "/visits/imports/<int:number>"): Route("network", fill={"number": "1"}),
    ("GET", "/visits/imports/<int:number>/rejected.csv"): Route("network", fill={"number": "1"}),
    ("POST", "/api/v1/visits"): Route(
        "key",
        send={
            "json": {
                "visits": [
                    {"center": "own", "day": "2026-10-05", "service": "09-09-09", "served": 1}
                ]
            }
        },
    ),
    ("POST", "/api/v1/tickets"): Route("key", 201, send={"json": {"center": "own"}}),
    # accounts: (anonymous and tablets, signed in)
    ("GET", "/login"): Route("account", 200, 302),
    ("POST", "/login"): Route("account", 200, 302),
    ("POST", "/logout"): Route("account", 302),
    ("GET", "/reset"): Route("account"),
    ("POST", "/reset"): Route("account"),
    ("GET", "/reset/<token>"): Route("account", 302),
    ("POST", "/reset/<token>"): Route("account", 302),
    ("GET", "/change"): Route("account", 302, 200),
    ("POST", "/change"): Route("account", 302, 200),
    ("GET", "/verify"): Route("account", 302, 200),
    ("POST", "/verify"): Route("account", 302, 200),
    ("GET", "/tf-setup"): Route("account", 302, 200),
    ("POST", "/tf-setup"): Route("account", 302, 200),
    ("POST", "/tf-setup/<token>"): Route("account", 302),
    ("GET", "/tf-select"): Route("account", 302),
    ("POST", "/tf-select"): Route("account", 302),
    ("GET", "/tf-validate"): Route("account", 302),
    ("POST", "/tf-validate"): Route("account", 302),
    ("GET", "/tf-rescue"): Route("account", 302),
    ("POST", "/tf-rescue"): Route("account", 302),
    ("GET", "/mf-recovery"): Route("account", 302),
    ("POST", "/mf-recovery"): Route("account", 302),
    ("GET", "/mf-recovery-codes"): Route("account", 302, 200),
    ("POST", "/mf-recovery-codes"): Route("account", 302, 200),
    ("GET", "/wan-signin"): Route("account", 200, 302),
    ("POST", "/wan-signin"): Route("account", 200, 302),
    ("POST", "/wan-signin/<token>"): Route("account", 302),
    ("GET", "/wan-register"): Route("account", 302, 200),
    ("POST", "/wan-register"): Route("account", 302, 200),
    ("POST", "/wan-register/<token>"): Route("account", 302),
    ("GET", "/wan-verify"): Route("account", 302, 200),
    ("POST", "/wan-verify"): Route("account", 302, 200),
    ("POST", "/wan-verify/<token>"): Route("account", 302),
    ("GET", "/wan-delete"): Route("account", 302),
    ("POST", "/wan-delete"): Route("account", 302),
    ("GET", "/fs-static/<path:filename>"): Route("account", fill={"filename": "js/webauthn.js"}),
}
# A browser's cookie plays no part in these, so they ask for no CSRF token.
WITHOUT_CSRF_TOKEN = {
    "/api/v1/ratings",
    "/api/v1/kiosk/heartbeat",
    "/api/v1/kiosk/unpair",
    "/api/v1/visits",
    "/kiosk/pair",
    "/api/v1/tickets",
    "/q/<code>",
    "/q/<code>/<language>",
    "/t/<code>",
    "/t/<code>/<language>",
    "/r/<code>/withdraw",
}
# What the viewer of each center is, and who sees which of the two centers.
SEES = {
    "viewer": {OWN},
    "manager": {OWN},
    "stranger": {OTHER},
    "analyst": {OWN, OTHER},
    "auditor": {OWN, OTHER},
    "admin": {OWN, OTHER},
}
MANAGES = {"manager": {OWN}, "stranger": {OTHER}, "admin": {OWN, OTHER}}
# Who works in a center decides nothing about its ratings.
JUDGES = {"analyst": {OWN, OTHER}, "admin": {OWN, OTHER}}
WITNESSES = JUDGES | {"auditor": {OWN, OTHER}}
# What the route's access asks of a person, in the center that its address names.
HOLDERS = {
    "center": SEES,
    "manager": MANAGES,
    "draft": MANAGES | WITNESSES,
    "judge": JUDGES,
    "witness": WITNESSES,
}
# What it asks of a person where the address names no center.
ANYWHERE = {
    "staff": set(CAST),
    "managing": set(MANAGES),
    "network": {"analyst", "auditor", "admin"},
    "administering": {"admin"},
}


def test_every_route_is_listed_here_and_says_who_may_call_it(app: Flask) -> None:
    registered = {
        (method, rule.rule): declared_access(app, rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    listed = {
        key: "guarded" if route.access in {*ANYWHERE, *HOLDERS} else route.access
        for key, route in ROUTES.items()
    }
    assert registered == listed


def test_whoever_forgets_to_mark_a_view_has_guarded_it(
    app: Flask, new_client: Callable[[], Client]
) -> None:
    app.add_url_rule("/forgotten", view_func=lambda: "secret")
    answer = new_client().get("/forgotten")
    assert (answer.status_code, answer.location) == (302, "/login?next=/forgotten")


@pytest.mark.filterwarnings("ignore:Passing SelectField choices as tuples:DeprecationWarning")
@pytest.mark.parametrize("name", WHO)
def test_everybody_reaches_what_the_table_says(house: "House", name: str) -> None:
    expected, answered = {}, {}
    for (method, rule), route in ROUTES.items():
        for center in CENTERS if route.access in HOLDERS else (OWN,):
            answer = house.call(name, method, rule, center)
            answered[method, rule, center] = answer.status_code
            expected[method, rule, center] = expected_status(route, name, center)
    assert answered == expected


@pytest.mark.parametrize("name", NOT_SIGNED_IN)
def test_strangers_are_sent_to_sign_in_whatever_they_ask_for(house: "House", name: str) -> None:
    for (method, rule), route in ROUTES.items():
        if route.access in {*ANYWHERE, *HOLDERS}:
            for center in CENTERS:
                answer = house.call(name, method, rule, center)
                assert answer.location == f"/login?next={house.path(rule, center)}"


@pytest.mark.parametrize("name", WHO)
def test_without_a_credential_a_program_is_told_so_in_its_own_words(
    house: "House", name: str
) -> None:
    for (method, rule), route in ROUTES.items():
        if route.access in PROGRAMS and route.access != name:
            answer = house.call(name, method, rule, OWN)
            assert answer.mimetype == "application/problem+json"
            assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ["viewer", "manager", "stranger"])
def test_another_center_and_a_missing_one_are_answered_alike(house: "House", name: str) -> None:
    (others,) = {OWN, OTHER} - SEES[name]
    for (method, rule), route in ROUTES.items():
        if route.access in HOLDERS:
            other = house.call(name, method, rule, others)
            missing = house.call(name, method, rule, MISSING)
            assert without_chance(other, others) == without_chance(missing, MISSING)


def test_what_is_posted_with_a_cookie_needs_a_token(
    app: Flask, house: "House", sign_in: Any
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    refused = {
        rule for method, rule in ROUTES if method == "POST" and house.is_refused("manager", rule)
    }
    assert refused == {rule for method, rule in ROUTES if method == "POST"} - WITHOUT_CSRF_TOKEN


def test_a_suspended_person_is_out_at_once(sign_in: Any, viewer: User, session: Session) -> None:
    client = sign_in(viewer)
    assert client.get("/reports/own/").status_code == 200
    viewer.active = False
    assert client.get("/reports/own/").status_code == 302


@pytest.mark.parametrize("name", CAST)
def test_centers_are_found_by_role(
    session: Session, center: Center, other_center: Center, cast: dict[str, User], name: str
) -> None:
    roles = {"viewer": SEES, "manager": MANAGES, "judge": JUDGES, "witness": WITNESSES}
    for role, sees in roles.items():
        allowed = sees.get(name, set())
        found = centers_for(session, cast[name], role)
        assert [each.slug for each in found] == [slug for slug in (OWN, OTHER) if slug in allowed]
        for slug in CENTERS:
            if slug in allowed:
                assert center_for(session, cast[name], slug, role).slug == slug
            else:
                with pytest.raises(NotFound):
                    center_for(session, cast[name], slug, role)


@pytest.mark.any_database
def test_an_operator_names_any_center_or_all(
    session: Session, center: Center, other_center: Center
) -> None:
    assert centers_for_operator(session, None) == [center, other_center]
    assert centers_for_operator(session, "other") == [other_center]
    with pytest.raises(NotFound):
        centers_for_operator(session, "moon")


def test_who_works_in_a_center_cannot_judge_it_whatever_else_they_are(
    session: Session, make: Make, center: Center, other_center: Center, analyst: User
) -> None:
    analyst.memberships.append(Membership(role="viewer", center_id=center.id))
    session.commit()
    assert centers_for(session, analyst, "judge") == [other_center]
    assert center_for(session, analyst, "other", "judge") == other_center
    with pytest.raises(NotFound):
        center_for(session, analyst, "own", "witness")
    assert center_for(session, analyst, "own") == center


def test_a_token_opens_its_own_tablet_only(session: Session, make: Make) -> None:
    tablet = make.tablet()
    make.tablet()
    assert touchpoint_for(session, tablet.token).id == tablet.tablet.id


@pytest.mark.parametrize("ending", ["unknown", "revoked", "retired"])
def test_a_token_that_has_ended_opens_nothing(session: Session, make: Make, ending: str) -> None:
    retired_at = NOON if ending == "retired" else None
    tablet = make.tablet(
        make.touchpoint(retired_at=retired_at), revoked_at=NOON if ending == "revoked" else None
    )
    token = "token-of-nobody" if ending == "unknown" else tablet.token
    with pytest.raises(Unauthorised):
        touchpoint_for(session, token)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic token-1", "token-1", "Bearer token-1 token-1"]
)
def test_only_a_bearer_token_is_a_credential(client: Client, make: Make, header: str) -> None:
    make.tablet()
    answer = client.get("/api/v1/kiosk", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_poster_is_found_by_its_code_even_when_retired(session: Session, make: Make) -> None:
    poster = make.poster(retired_at=NOON)
    make.poster()
    assert poster_for(session, str(poster.code)) == poster
    assert poster_for(session, "NOWHERE") is None


# --- the house the walk goes through ---------------------------------------------------------


class House:
    """Two centers with a published month each, and everybody's way to send a request."""

    def __init__(
        self,
        sign_in: Any,
        new_client: Any,
        cast: dict[str, User],
        tablet: EnrolledTablet,
        numbers: dict[str, dict[str, str]],
    ) -> None:
        self._sign_in, self._new_client = sign_in, new_client
        self._cast = cast
        self._headers = {"tablet": tablet.headers, "key": {"Authorization": f"Bearer {_KEY}"}}
        # By center: the numbers of its rows that addresses name.
        self._numbers = numbers

    def path(self, rule: str, center: str) -> str:
        """The address of a rule with its parts filled in."""
        route = next(route for (_, each), route in ROUTES.items() if each == rule)
        fill = {"slug": center, "token": "none"} | self._numbers[center] | route.fill
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: fill[part.group(1)], rule)

    def call(self, name: str, method: str, rule: str, center: str) -> TestResponse:
        """Send this request as this person, who has just signed in."""
        send = dict(ROUTES[method, rule].send)
        if send.get("json") == "a batch":
            send["json"] = {"sent_at": NOON.isoformat(), "ratings": [submission()]}
        if name in PROGRAMS:
            send["headers"] = self._headers[name]
        client = self._sign_in(self._cast[name]) if name in self._cast else self._new_client()
        answer: TestResponse = client.open(
            self.path(rule, center), method=method, buffered=True, **send
        )
        return answer

    def is_refused(self, name: str, rule: str) -> bool:
        """Whether a POST of this person is refused for want of a CSRF token."""
        answer = self.call(name, "POST", rule, OWN)
        return answer.status_code == 400


@pytest.fixture
def house(
    app: Flask,
    session: Session,
    make: Make,
    sign_in: Any,
    new_client: Callable[[], Client],
    center: Center,
    other_center: Center,
    cast: dict[str, User],
) -> House:
    # Who may call what is shown here; that posts need a token has a test of its own.
    app.config["WTF_CSRF_ENABLED"] = False
    for each in (center, other_center):
        make.rating(make.touchpoint(each), rated_at=NOON - timedelta(days=30))
        make.rating(make.touchpoint(each))
        # A structure's year ends with a quarter, hence June.
        make.rating(make.touchpoint(each), rated_at=NOON - timedelta(days=110))
        for month in (Month(2026, 6), Month(2026, 10)):
            assert publish_month(session, each, month, NOON + timedelta(days=40)) is not None
    session.commit()
    publish_network_due(session, NOON + timedelta(days=41), Month(2026, 10))
    poster = make.poster(center, code=_POSTER["code"])
    make.receipt(make.rating(poster), _RECEIPT["code"])
    make.tickets_place(center)
    make.api_key(center, _KEY)
    make.service("09-09-09")
    make.service("UC-01-01", make.area(kind="coordination"), agency_id=make.agency("labour").id)
    make.visit_import()
    numbers = {each.slug: judged(session, each, cast["analyst"]) for each in (center, other_center)}
    for each in (center, other_center):
        numbers[each.slug]["case_id"] = str(waiting(session, make, each))
        numbers[each.slug] |= standing(make, each)
    nowhere = {"touchpoint_id": "7777", "poster_id": "7777", "tablet_id": "7777"}
    numbers[MISSING] = numbers[OTHER] | nowhere
    return House(sign_in, new_client, cast, make.tablet(make.touchpoint(center)), numbers)


def standing(make: Make, center: Center) -> dict[str, str]:
    """The numbers of a tablet of this center, of its place, and of a poster."""
    place = make.touchpoint(center)
    tablet = make.tablet(place).tablet
    numbers = {"touchpoint_id": place.id, "poster_id": make.poster(center).id}
    return {name: str(number) for name, number in {**numbers, "tablet_id": tablet.id}.items()}


def waiting(session: Session, make: Make, center: Center) -> int:
    """The number of a case of this center whose author waits for an answer."""
    rating = make.rating(make.poster(center))
    ask_for_answer(
        session,
        rating.submission_id,
        center.id,
        "+994501234567",
        signing_keys=[SIGNING_KEY],
        now=NOON,
    )
    statement = select(Case.id).where(Case.submission_id == rating.submission_id)
    return session.scalars(statement).one()


def judged(session: Session, center: Center, person: User) -> dict[str, str]:
    """The numbers of an alert of this center and of a proposal to void."""
    more = {"rule": "cooldown/1", "day": DAY, "last_day": DAY, "p_value": 0.0, "found_at": NOON}
    detail = {"ratings": [], "findings": 0, "numbers": []}
    alert = IntegrityAlert(center_id=center.id, detail=detail, **more)
    ruling = Ruling(
        center_id=center.id,
        kind="void",
        stage="proposed",
        rule="person",
        reason="Pressed by the guard.",
        proposed_by=person.id,
        proposed_at=NOON,
    )
    session.add_all([alert, ruling])
    session.commit()
    return {"alert_id": str(alert.id), "ruling_id": str(ruling.id)}


def declared_access(app: Flask, rule: Rule) -> str:
    """What the view of a rule declares; views that declare nothing are guarded."""
    if rule.endpoint.startswith("security."):
        return "account"
    if rule.endpoint == "static":
        return "public"
    return getattr(app.view_functions[rule.endpoint], "access", "guarded")


def expected_status(route: Route, name: str, center: str) -> int:
    is_signed_in = name not in NOT_SIGNED_IN
    if route.access in {"public", "account"}:
        return route.signed_in or route.status if is_signed_in else route.status
    if route.access in PROGRAMS:
        return route.status if name == route.access else 401
    if not is_signed_in:
        return 302
    if route.access in ANYWHERE:
        return route.status if name in ANYWHERE[route.access] else 404
    is_allowed = center in HOLDERS[route.access].get(name, set())
    return route.status if is_allowed else 404


def without_chance(answer: TestResponse, center: str) -> tuple[int, dict[str, str], str]:
    """An answer without what differs by chance or repeats what was asked."""
    headers = {
        name: re.sub(r"nonce-[\w-]+", "nonce", value)
        for name, value in answer.headers
        if name not in {"Content-Length", "Set-Cookie"}
    }
    body = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
    body = re.sub(r"(?<=/)(alerts|rulings|touchpoints|tablets)/\d+", r"\1/…", body)
    return answer.status_code, headers, body.replace(f"/{center}/", "/…/")
