"""Who may reach what. Fetching is authorising: a view gets its center or touchpoint only here."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request
from flask_security import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers.response import Response

from survey_app.errors import NotFound, Unauthorised
from survey_app.extensions import db
from survey_app.models import Center, Membership, Tablet, Touchpoint, User

View = TypeVar("View", bound=Callable[..., Any])

# What each role includes, per center; network roles hold in every center.
_INCLUDES: dict[str, frozenset[str]] = {
    "viewer": frozenset({"viewer"}),
    "manager": frozenset({"viewer", "manager"}),
    "analyst": frozenset({"viewer"}),
    "auditor": frozenset({"viewer"}),
    "admin": frozenset({"viewer", "manager"}),
}


def public(view: View) -> View:
    """Mark a view that anybody may call."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def tablets_only(view: View) -> View:
    """Mark a view that only an enrolled tablet may call; it finds itself in `g.tablet`."""
    view.access = "tablet"  # type: ignore[attr-defined]
    return view


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
    if access == "tablet":
        g.tablet = _tablet_of_request()
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined, no-any-return]
    return None


def token_digest(token: str) -> bytes:
    """What we keep of a tablet's token: the token is 256 random bits, so one hash suffices."""
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


def poster_for(session: Session, code: str) -> Touchpoint | None:
    """The touchpoint whose poster bears this code, retired or not; None when there is none."""
    return session.scalar(
        select(Touchpoint).where(Touchpoint.code == code).options(joinedload(Touchpoint.center))
    )


def centers_for(session: Session, user: User, role: str = "viewer") -> list[Center]:
    """The centers in which the user holds the role, by number."""
    statement = select(Center).order_by(Center.number)
    if not _holds_everywhere(user, role):
        own = [each.center_id for each in user.memberships if role in _INCLUDES[each.role]]
        statement = statement.where(Center.id.in_(own))
    return list(session.scalars(statement))


def center_for(session: Session, user: User, slug: str, role: str = "viewer") -> Center:
    """The center of this name, if the user holds the role there.

    Raises NotFound alike when there is none and when it is another's: an address must not
    tell a stranger what exists.
    """
    center = session.scalar(select(Center).where(Center.slug == slug))
    if center is None or not (
        _holds_everywhere(user, role) or _holds_in(user.memberships, center, role)
    ):
        raise NotFound
    return center


def _holds_everywhere(user: User, role: str) -> bool:
    return any(each.center_id is None and role in _INCLUDES[each.role] for each in user.memberships)


def _holds_in(memberships: list[Membership], center: Center, role: str) -> bool:
    return any(each.center_id == center.id and role in _INCLUDES[each.role] for each in memberships)


def _tablet_of_request() -> Tablet:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised
    return touchpoint_for(db.session, token.strip())
