"""The front door and the choice of language."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_security import current_user
from werkzeug.wrappers.response import Response

from survey_app.access import public
from survey_app.models import LANGUAGES

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@public
def home() -> str | Response:
    """Staff go to their reports; anybody else reads what this is."""
    if current_user.is_authenticated:
        return redirect(url_for("reports.index"))
    return render_template("public/home.html")


@blueprint.post("/language")
@public
def choose_language() -> Response:
    """Keep the language somebody chose, and go back to where they were."""
    language = request.form.get("language")
    if language in LANGUAGES:
        session["language"] = language
    return redirect(_own_path(request.form.get("next", "/")))


def _own_path(address: str) -> str:
    """The path if it is one of ours; a crafted form must not lead elsewhere."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    # A browser takes a backslash for a slash, and leaves out line breaks and tabs.
    is_own = address.isprintable() and not parts.scheme and not parts.netloc
    return address if is_own and address[:1] == "/" and address[1:2] not in {"/", "\\"} else "/"
