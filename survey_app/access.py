"""Who may reach what. Fetching is authorising: a view gets its center or touchpoint only here."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import current_app, g, request
from flask_security import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers.response import Response

from survey_app.device_keys import HEADER, is_signed, signed_message
from survey_app.errors import NotFound, Unauthorised
from survey_app.extensions import db
from survey_app.models import ApiKey, Center, Tablet, Touchpoint, User, VisitImport

View = TypeVar("View", bound=Callable[..., Any])

# What each role includes, per center; network roles hold in every center.
_INCLUDES: dict[str, frozenset[str]] = {
    "viewer": frozenset({"viewer"}),
    "manager": frozenset({"viewer", "manager"}),
    "analyst": frozenset({"viewer", "judge", "witness"}),
    "auditor": frozenset({"viewer", "witness"}),
    "admin": frozenset({"viewer", "manager", "judge", "witness"}),
}
# A judge decides on ratings that were set aside, a witness confirms what a judge proposes. Neither
# may work in the center concerned, whatever else they are.
_IMPARTIAL = frozenset({"judge", "witness"})

# When a key was last used is written down at most this often.
_USE_STEP = timedelta(minutes=1)


def public(view: View) -> View:
    """Mark a view that anybody may call."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def tablets_only(view: View) -> View:
    """Mark a view that only an enrolled tablet may call; it finds itself in `g.tablet`."""
    view.access = "tablet"  # type: ignore[attr-defined]
    return view


def keys_only(view: View) -> View:
    """Mark a view that only a system with an API key may call; the key is in `g.api_key`."""
    view.access = "key"  # type: ignore[attr-defined]
    return view


def may_send(limit: int) -> Callable[[View], View]:
    """Mark a view for programs that takes so many bytes, more than the public may send."""

    def mark(view: View) -> View:
        view.body_limit = limit  # type: ignore[attr-defined]
        return view

    return mark


def guard() -> Response | None:
    """Before every request: let nobody past who has not shown who they are."""
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    access = getattr(view, "access", None)
    # Style sheets and pictures are everybody's (WhiteNoise serves them before we are asked,
    # a development server does not); Flask-Security's views ask for what each of them needs.
    if access == "public" or request.endpoint == "static" or request.blueprint == "security":
        return None
    if access in {"tablet", "key"}:
        token = _token_of_request()
        _receive_body(getattr(view, "body_limit", None))
        if access == "tablet":
            g.tablet = touchpoint_for(db.session, token)
            _demand_signature(g.tablet)
        else:
            g.api_key = key_for(db.session, token, datetime.now(UTC))
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined, no-any-return]
    return None


def token_digest(token: str) -> bytes:
    """What we keep of a token or a key: it is 256 random bits, so one hash suffices."""
    return hashlib.sha256(token.encode()).digest()


def touchpoint_for(session: Session, token: str) -> Tablet:
    """The tablet this token belongs to, with its touchpoint.

    Raises Unauthorised alike for an unknown or revoked token and a retired touchpoint.
    """
    tablet = session.scalar(
        select(Tablet)
        .where(Tablet.token_digest == token_digest(token), Tablet.revoked_at.is_(None))
        .options(joinedload(Tablet.touchpoint).joinedload(Touchpoint.center))
    )
    if tablet is None or tablet.touchpoint.retired_at is not None:
        raise Unauthorised
    return tablet


def key_for(session: Session, token: str, now: datetime) -> ApiKey:
    """The API key of these letters, which notes that it was used; the caller commits.

    Raises Unauthorised alike for an unknown and a revoked key.
    """
    key = session.scalar(
        select(ApiKey).where(ApiKey.digest == token_digest(token), ApiKey.revoked_at.is_(None))
    )
    if key is None:
        raise Unauthorised
    if key.last_used_at is None or now - key.last_used_at >= _USE_STEP:
        key.last_used_at = now
    return key


def centers_for_key(session: Session, key: ApiKey) -> list[Center]:
    """The centers an API key may speak for, by number."""
    statement = select(Center).order_by(Center.number)
    if key.center_id is not None:
        statement = statement.where(Center.id == key.center_id)
    return list(session.scalars(statement))


def centers_for_operator(session: Session, slug: str | None) -> list[Center]:
    """Every center by number, or the one of this name, for whoever has the machine: for commands.

    Raises NotFound when there is none of this name.
    """
    statement = select(Center).order_by(Center.number)
    if slug is not None:
        statement = statement.where(Center.slug == slug)
    centers = list(session.scalars(statement))
    if slug is not None and not centers:
        raise NotFound
    return centers


def visit_import_for(session: Session, user: User, number: int) -> VisitImport:
    """A delivery of visit counts, if the user brought it or sees the whole network.

    Its rejected lines may speak of any center, so it raises NotFound for everybody else, as
    when there is none.
    """
    found = session.get(VisitImport, known_number(number))
    if found is None or not (found.imported_by == user.id or sees_network(user)):
        raise NotFound
    return found


def sees_network(user: User) -> bool:
    """Whether the user may see every center there is and will be."""
    return holds_everywhere(user, "viewer")


def holds_everywhere(user: User, role: str) -> bool:
    """Whether the user holds the role in every center there is and will be."""
    return any(each.center_id is None and role in _INCLUDES[each.role] for each in user.memberships)


def demand_network(user: User, role: str = "viewer") -> None:
    """Let past whoever holds the role in the whole network; raises NotFound for everybody else.

    A month that is published and one that is not must look alike to a stranger, so ask this first.
    """
    if not holds_everywhere(user, role):
        raise NotFound


def poster_for(session: Session, code: str) -> Touchpoint | None:
    """The touchpoint whose poster bears this code, retired or not; None when there is none."""
    return session.scalar(
        select(Touchpoint).where(Touchpoint.code == code).options(joinedload(Touchpoint.center))
    )


def centers_for(session: Session, user: User, role: str = "viewer") -> list[Center]:
    """The centers in which the user holds the role, by number."""
    statement = select(Center).order_by(Center.number)
    working = [each.center_id for each in user.memberships if each.center_id is not None]
    if role in _IMPARTIAL:
        statement = statement.where(Center.id.not_in(working))
    own = {each.center_id for each in user.memberships if role in _INCLUDES[each.role]}
    if None not in own:
        statement = statement.where(Center.id.in_(own))
    return list(session.scalars(statement))


def center_for(session: Session, user: User, slug: str, role: str = "viewer") -> Center:
    """The center of this name, if the user holds the role there.

    Raises NotFound alike when there is none and when it is another's: an address must not
    tell a stranger what exists.
    """
    center = session.scalar(select(Center).where(Center.slug == slug))
    if center is None or not holds(user, center, role):
        raise NotFound
    return center


def place_for(session: Session, user: User, touchpoint_id: int, role: str = "viewer") -> Touchpoint:
    """The place of this number, retired or not, if the user holds the role in its center.

    Raises NotFound alike when there is none and when it is another center's.
    """
    place = session.scalar(
        select(Touchpoint)
        .where(Touchpoint.id == known_number(touchpoint_id))
        .options(joinedload(Touchpoint.center))
    )
    if place is None or not holds(user, place.center, role):
        raise NotFound
    return place


def tablet_of(session: Session, user: User, tablet_id: int, role: str = "viewer") -> Tablet:
    """The tablet of this number, revoked or not, if the user holds the role in its center.

    Raises NotFound alike when there is none and when it stands in another center.
    """
    tablet = session.scalar(
        select(Tablet)
        .where(Tablet.id == known_number(tablet_id))
        .options(joinedload(Tablet.touchpoint).joinedload(Touchpoint.center))
    )
    if tablet is None or not holds(user, tablet.touchpoint.center, role):
        raise NotFound
    return tablet


def known_number(number: int) -> int:
    """The number of a row or a revision; raises NotFound for one that none can have."""
    # Their columns hold 32 bits; SQLite raises an OverflowError for a number beyond 64.
    if number.bit_length() > 31:
        raise NotFound
    return number


def holds(user: User, center: Center, role: str) -> bool:
    """Whether the user holds the role in this center, there or in the whole network."""
    works_there = any(each.center_id == center.id for each in user.memberships)
    if works_there and role in _IMPARTIAL:
        return False
    return any(
        each.center_id in {center.id, None} and role in _INCLUDES[each.role]
        for each in user.memberships
    )


def _receive_body(limit: int | None) -> None:
    """Have the whole body before the database is asked anything.

    On SQLite a request that may write has the turn of all writers from its first statement on,
    and would keep it for as long as a slow line takes to bring the rest.
    """
    if limit is not None:
        request.max_content_length = limit
    request.get_data()


def _demand_signature(tablet: Tablet) -> None:
    """Raise Unauthorised, as for an unknown token, unless the device itself made this request.

    Tablets paired before there were keys have none and go on with their token alone.
    """
    message = signed_message(request.method, request.path, request.get_data())
    if tablet.public_key is not None and not is_signed(
        tablet.public_key, request.headers.get(HEADER, ""), message
    ):
        raise Unauthorised


def _token_of_request() -> str:
    """The bearer token sent along; raises Unauthorised when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised
    return token.strip()
