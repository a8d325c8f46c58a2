"""The page behind a code: one form, one thank-you, in the citizen's language."""

from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from survey_app.access import poster_for, public
from survey_app.compression import compress
from survey_app.config import ROOT
from survey_app.extensions import address_prefix, db, limiter
from survey_app.i18n import DEFAULT_LANGUAGE, OWN_NAMES, preferred_language, speak
from survey_app.intake import Arrival, record_ratings
from survey_app.models import LANGUAGES, SurveyVersion, Touchpoint
from survey_app.observability import RATINGS
from survey_app.qr.forms import (
    RatingForm,
    build_form,
    find_problems,
    incomplete,
    unreadable_text,
)
from survey_app.questionnaire import (
    current_version,
    describe_services,
    describe_version,
    shown_version,
)

blueprint = Blueprint("qr", __name__, url_prefix="/q")
blueprint.after_request(compress)


@blueprint.get("/<code>")
@public
def form(code: str) -> ResponseReturnValue:
    """The empty form."""
    poster = _open_poster(code)
    if poster is None:
        return _closed(code)
    language = _language(poster)
    version = current_version(db.session, poster.survey_id)
    areas = _areas(poster)
    return _page(poster, version, language, areas, build_form(version, language, areas), [])


@blueprint.post("/<code>")
@public
@limiter.limit("60/minute", key_func=lambda: f"{request.path} {address_prefix()}")
def submit(code: str) -> ResponseReturnValue:
    """Record what was sent and say thank you; or show it again, with what is wrong."""
    # The whole form is read before the database is asked: on SQLite that takes the writers' lock,
    # which must not wait for a slow sender.
    is_garbled = _is_garbled()
    poster = _open_poster(code)
    if poster is None:
        return _closed(code)
    language = _language(poster)
    version = shown_version(db.session, poster.survey_id, request.form.get("version"))
    areas = _areas(poster)
    filled = build_form(version, language, areas, request.form)
    problems = [unreadable_text()] if is_garbled else find_problems(filled)
    problems = problems or _record(poster, version, language, filled)
    if problems:
        return _page(poster, version, language, areas, filled, problems), 422
    return redirect(url_for("qr.thanks", code=code, lang=language), 303)


def _record(
    poster: Touchpoint, version: SurveyVersion, language: str, filled: RatingForm
) -> list[tuple[str, str]]:
    """Record a form whose fields are fine, and commit; what a crafted one was refused for."""
    now = datetime.now(UTC)
    try:
        submission = filled.to_submission(version, language, now)
    except ValidationError:
        return [unreadable_text()]
    suspicion = "filled_trap/1" if filled.website.data else None
    keys = current_app.extensions["settings"].signing_keys()
    (verdict,) = record_ratings(
        db.session, [Arrival(submission, poster, now, suspicion=suspicion)], signing_keys=keys
    )
    db.session.commit()
    RATINGS.labels("qr", verdict.status).inc()
    # A form sent twice, even with a changed answer, has been heard once; thanks are due anyway.
    is_heard = verdict.status != "rejected" or verdict.reason == "content_differs"
    return [] if is_heard else [incomplete()]


def _is_garbled() -> bool:
    """Whether a form holds bytes that are no text, which the parser would quietly replace."""
    body = request.get_data()
    if request.mimetype == "application/x-www-form-urlencoded":
        body = unquote_to_bytes(body)
    try:
        body.decode()
    except UnicodeDecodeError:
        return True
    return False


@blueprint.get("/<code>/thanks")
@public
def thanks(code: str) -> ResponseReturnValue:
    """A quiet thank-you at an address of its own, so that reloading sends nothing again."""
    poster = _open_poster(code)
    if poster is None:
        return _closed(code)
    language = _language(poster)
    return render_template(
        "qr/thanks.html", center=poster.center.name, lang=language, **_surroundings(code, "thanks")
    )


def _open_poster(code: str) -> Touchpoint | None:
    poster = poster_for(db.session, code)
    return None if poster is None or poster.retired_at is not None else poster


def _closed(code: str) -> ResponseReturnValue:
    """A friendly page: 410 for a poster that once was, 404 for a code that never existed."""
    poster = poster_for(db.session, code)
    speak(_asked_language() or preferred_language(DEFAULT_LANGUAGE))
    page = render_template("qr/closed.html", **_surroundings(code, "form"))
    return page, 404 if poster is None else 410


def _asked_language() -> str | None:
    asked = request.values.get("lang")
    return asked if asked in LANGUAGES else None


def _language(poster: Touchpoint) -> str:
    """What the citizen chose, else the browser's wish, else the center's habit."""
    language = _asked_language() or preferred_language(poster.center.default_language)
    speak(language)
    return language


def _areas(poster: Touchpoint) -> list[dict[str, Any]]:
    return [] if poster.service_id is not None else describe_services(db.session)


def _page(
    poster: Touchpoint,
    version: SurveyVersion,
    language: str,
    areas: list[dict[str, Any]],
    filled: RatingForm,
    problems: list[tuple[str, str]],
) -> str:
    return render_template(
        "qr/form.html",
        form=filled,
        survey=describe_version(version),
        areas=areas,
        touchpoint=poster.label,
        center=poster.center.name,
        lang=language,
        errors=problems,
        **_surroundings(str(poster.code), "form"),
    )


def _surroundings(code: str, page: str) -> dict[str, Any]:
    return {
        "qr_css": _styles(),
        "languages": [
            (language, own_name, url_for(f"qr.{page}", code=code, lang=language))
            for language, own_name in OWN_NAMES.items()
        ],
    }


@cache
def _styles() -> str:
    """The page's own style sheet, inlined so that the first view is one request."""
    return (ROOT / "survey_app" / "static" / "css" / "qr.css").read_text()
