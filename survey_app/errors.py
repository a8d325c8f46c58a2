"""What can go wrong in the domain, and the one place that says so to people and programs."""

from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import UnicodeConverter

log = structlog.get_logger()

# A client that comes back after this many seconds most likely finds us well again.
RETRY_AFTER = 5
# Most of our limits count by the minute.
LIMIT_WINDOW = 60
# Serialisation failure and deadlock: another try with the same ids will succeed.
_RETRY_STATES = {"40001", "40P01"}


class DomainError(Exception):
    """Something the caller can act on. Subclasses fix the HTTP status and a stable code."""

    status = 400
    code = "bad_request"


class NotFound(DomainError):
    """There is nothing here for this caller."""

    status = 404
    code = "not_found"


class Unauthorised(DomainError):
    """The credential is missing, unknown or revoked."""

    status = 401
    code = "unauthorised"


class Unprocessable(DomainError):
    """The document is well-formed and still unusable; `detail` and `more` say why."""

    status = 422
    code = "unprocessable"

    def __init__(self, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.more = more


class UnsupportedMediaType(DomainError):
    """The body is not JSON."""

    status = 415
    code = "unsupported_media_type"


class _TextConverter(UnicodeConverter):
    """A variable part of an address, without NUL: PostgreSQL refuses to compare with one."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.regex = self.regex.replace("[^/]", r"[^/\x00]")


def init_app(app: Flask) -> None:
    """Answer every error with a page in the person's language, or with problem+json."""
    app.url_map.converters["default"] = app.url_map.converters["string"] = _TextConverter
    app.register_error_handler(DomainError, _answer_domain)
    app.register_error_handler(SecurityError, _answer_foreign_host)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(DBAPIError, _answer_database)
    app.register_error_handler(Exception, _answer_unexpected)


def _answer_domain(error: DomainError) -> Response:
    more = getattr(error, "more", {})
    return _answer(error.status, error.code, getattr(error, "detail", None), more)


def _answer_foreign_host(_error: SecurityError) -> Response:
    # No page of ours can be made for a host that is not ours: its links would lead there.
    return Response("This host name is not served here.\n", 400, mimetype="text/plain")


def _answer_http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    answer = _answer(error.code, error.name.lower().replace(" ", "_"))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    if error.code == 429:
        # A limit of ours says over how long it counts; a proxy's would not come through here.
        limit = getattr(error, "limit", None)
        seconds = limit.limit.get_expiry() if limit else LIMIT_WINDOW
        answer.headers.setdefault("Retry-After", str(seconds))
    return answer


def _answer_database(error: DBAPIError) -> Response:
    is_busy_or_gone = isinstance(error, OperationalError)
    if not is_busy_or_gone and getattr(error.orig, "sqlstate", None) not in _RETRY_STATES:
        return _answer_unexpected(error)
    log.error("database unavailable", error=str(error.orig))
    answer = _answer(503, "service_unavailable")
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _answer_unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error, endpoint=request.endpoint)
    return _answer(500, "internal_server_error")


def wants_problem() -> bool:
    """Whether this request comes from a program rather than a person's browser."""
    # No page of the kiosk has a form: what is posted there comes from its script.
    return request.path.startswith("/api/") or (
        request.method == "POST" and request.path.startswith("/kiosk/")
    )


def _answer(
    status: int, code: str, detail: str | None = None, more: dict[str, object] | None = None
) -> Response:
    if wants_problem():
        body = {
            "type": f"urn:rey:problem:{code}",
            "title": code.replace("_", " "),
            "status": status,
        }
        if detail:
            body["detail"] = detail
        answer = jsonify(body | (more or {}))
        answer.mimetype = "application/problem+json"
    else:
        if status >= 500:
            _forget_person()
        answer = Response(
            render_template("errors/page.html", status=status, **_words(status)),
            mimetype="text/html",
        )
    answer.status_code = status
    if status == 401 and wants_problem():
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _forget_person() -> None:
    """Let this request's page be made without asking the database who is signed in.

    It may be gone, or refuse everything more in a transaction that failed; asking it again
    would turn the error's page into another error. The session stays as it is.
    """
    # Where Flask-Login keeps the person of a request; it has no public way to say this.
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]


def _words(status: int) -> dict[str, str]:
    """A title and one sentence of advice for an error page."""
    if status in {404, 410}:
        return {
            "title": _("This page does not exist"),
            "advice": _("Check the address, or go back to the start page."),
        }
    if status in {401, 403}:
        return {
            "title": _("You cannot see this page"),
            "advice": _("Sign in with an account that may see it."),
        }
    if status == 413:
        return {
            "title": _("That was too much to send"),
            "advice": _("Shorten your text and send it again."),
        }
    if status == 429:
        return {
            "title": _("Too many attempts"),
            "advice": _("Wait a minute and try again."),
        }
    if status == 503:
        return {
            "title": _("We cannot answer just now"),
            "advice": _("Nothing was lost. Try again in a few seconds."),
        }
    if status >= 500:
        return {
            "title": _("Something went wrong on our side"),
            "advice": _("We have noted it. Try again in a moment."),
        }
    return {
        "title": _("We could not understand the request"),
        "advice": _("Go back and try again."),
    }
