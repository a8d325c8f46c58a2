"""The pages behind a code: one form, in the citizen's language, for a poster or for a ticket."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes
from uuid import UUID

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import HTTPException

from survey_app.abuse import challenge_for, judge_arrival
from survey_app.access import poster_for, public
from survey_app.codes import POSTER_LENGTH, RECEIPT_LENGTH, TICKET_LENGTH
from survey_app.compression import compress
from survey_app.contacts import ask_for_answer
from survey_app.errors import LIMIT_WINDOW
from survey_app.extensions import caller_key, db, limit_tries, limiter
from survey_app.intake import Arrival, record_ratings
from survey_app.models import LANGUAGES, Rating, SurveyVersion, Touchpoint
from survey_app.observability import RATINGS
from survey_app.qr.forms import (
    Problem,
    RatingForm,
    build_form,
    find_problems,
    incomplete,
    unreadable_text,
)
from survey_app.qr.pages import Message, choose_language, show, show_message, show_nowhere
from survey_app.qr.receipts import give_receipt, receipt_again
from survey_app.qr.typed import find_mistake, read_code
from survey_app.questionnaire import (
    current_version,
    describe_services,
    describe_version,
    shown_version,
)
from survey_app.tickets import find_ticket

blueprint = Blueprint("qr", __name__)
blueprint.after_request(compress)


def _code_and_caller() -> str:
    # However the code is written in the address, in capitals or with dashes, it is one code.
    return f"{read_code((request.view_args or {})['code'])} {caller_key()}"


# Forms of one code, sent from one network.
limit_forms = limiter.limit("60/minute", key_func=_code_and_caller)
# Forms sent to codes that lead nowhere: to send is no way round the limit of pages opened.
limit_misses = limiter.shared_limit(
    "120/minute",
    scope="misses",
    key_func=caller_key,
    deduct_when=lambda answer: answer.status_code == 404,
)


@dataclass(frozen=True)
class Door:
    """Where a form was opened: the place its rating belongs to, and the ticket if one led here."""

    place: Touchpoint
    knows_service: bool
    ticket: str | None = None


# --- a poster's code -----------------------------------------------------------------------------


@blueprint.get("/q/<code>")
@blueprint.get("/q/<code>/<language>")
@limit_tries
@public
def form(code: str, language: str | None = None) -> ResponseReturnValue:
    """The empty form, at the one address of its poster."""
    poster = _find_poster(code) if _is_spoken(language) else None
    if poster is None or poster.retired_at is not None:
        return _closed(poster, code)
    if code != poster.code:
        asked = request.args.get("lang")
        return redirect(url_for("qr.form", code=poster.code, language=language, lang=asked))
    return _empty(Door(poster, poster.service_id is not None))


@blueprint.post("/q/<code>")
@blueprint.post("/q/<code>/<language>")
@limit_forms
@limit_misses
@public
def submit(code: str, language: str | None = None) -> ResponseReturnValue:
    """Record what was sent and say thank you; or show it again, with what is wrong."""
    is_garbled = _is_garbled()
    poster = _find_poster(code) if _is_spoken(language) else None
    if poster is None or poster.retired_at is not None:
        return _closed(poster, code)
    return _receive(Door(poster, poster.service_id is not None), is_garbled)


def _find_poster(code: str) -> Touchpoint | None:
    # Codes of older shapes are found as they are printed, before anything is made of them.
    return poster_for(db.session, code) or poster_for(db.session, read_code(code))


def _is_spoken(language: str | None) -> bool:
    return language is None or language in LANGUAGES


def _closed(poster: Touchpoint | None, code: str) -> ResponseReturnValue:
    """A friendly page: 410 for a poster that once was, 404 for a code that never existed."""
    choose_language()
    if poster is not None:
        message = Message(
            "retired",
            _("This code is no longer in use"),
            (
                _("The poster was replaced. Please scan another code in the hall."),
                _("A member of staff will gladly help you."),
            ),
            "enter",
        )
        return show_message(message, 410)
    message = Message(
        "unknown",
        _("We do not know this code"),
        (
            _("Please scan the code again, or check the letters you typed."),
            _("A member of staff will gladly help you."),
        ),
        "enter",
    )
    return show_nowhere(code, POSTER_LENGTH, message)


# --- a ticket's code -----------------------------------------------------------------------------


@blueprint.get("/t/<code>")
@blueprint.get("/t/<code>/<language>")
@limit_tries
@public
def ticket_form(code: str, language: str | None = None) -> ResponseReturnValue:
    """The empty form of a ticket that can still be spent; looking spends nothing."""
    door = _ticket_door(code, datetime.now(UTC))
    if door is None or not _is_spoken(language):
        return _refused(code)
    return _empty(door)


@blueprint.post("/t/<code>")
@blueprint.post("/t/<code>/<language>")
@limit_forms
@limit_misses
@public
def redeem(code: str, language: str | None = None) -> ResponseReturnValue:
    """Record a rating and spend its ticket, in one step."""
    is_garbled = _is_garbled()
    door = _ticket_door(code, datetime.now(UTC)) or _door_of_heard()
    if door is None or not _is_spoken(language):
        return _refused(code)
    return _receive(door, is_garbled)


def _ticket_door(code: str, now: datetime) -> Door | None:
    keys = current_app.extensions["settings"].signing_keys()
    plain = read_code(code)
    ticket = find_ticket(db.session, plain, signing_keys=keys, now=now)
    if ticket is None:
        return None
    knows = ticket.service_id is not None or ticket.touchpoint.service_id is not None
    return Door(ticket.touchpoint, knows, plain)


def _door_of_heard() -> Door | None:
    """Where the rating of this form came in, if it has: its ticket is spent, and was spent for it.

    Which service the ticket named is not asked any more: where it named one, the form had no list
    of them, and sends none now either.

    Asked of the rating and not of the ticket, so that a code that was used, one that is too old
    and one that never was are told from each other neither by words nor by time.
    """
    try:
        submission_id = UUID(request.form.get("submission_id", ""))
    except ValueError:
        return None
    place = db.session.scalar(
        select(Touchpoint)
        .join(Rating, Rating.touchpoint_id == Touchpoint.id)
        .where(Rating.submission_id == submission_id)
        .options(joinedload(Touchpoint.center))
    )
    if place is None or not place.is_for_tickets:
        return None
    return Door(place, place.service_id is not None)


def _refused(code: str) -> ResponseReturnValue:
    """One answer for a code that never was, one that was used and one that is too old."""
    choose_language()
    message = Message(
        "refused",
        _("This code is not valid, or it has been used"),
        (
            _("A ticket's code works once, for seven days after the visit."),
            _("You can still rate your visit with the code on a poster in the hall."),
        ),
        "enter",
    )
    return show_nowhere(code, TICKET_LENGTH, message)


# --- typing a code -------------------------------------------------------------------------------


@blueprint.get("/q/")
@limit_tries
@public
def enter() -> ResponseReturnValue:
    """Where a code is typed, a poster's, a ticket's or a receipt's: its length says which."""
    choose_language()
    typed = request.args.get("code", "")
    code = read_code(typed)
    if not code:
        return show("qr/enter.html", "enter", typed=typed)
    # PostgreSQL compares nothing with a NUL, and no browser's field holds one.
    poster = poster_for(db.session, typed.strip().replace("\0", ""))
    if poster is not None:
        return redirect(url_for("qr.form", code=poster.code, lang=request.args.get("lang")))
    for length in (POSTER_LENGTH, TICKET_LENGTH, RECEIPT_LENGTH):
        mistake = find_mistake(code, length)
        if mistake is not None:
            return show("qr/enter.html", "mistake", typed=typed, mistake=mistake), 422
    doors = {TICKET_LENGTH: "qr.ticket_form", RECEIPT_LENGTH: "qr.receipt"}
    leads_to = doors.get(len(code), "qr.form")
    return redirect(url_for(leads_to, code=code, lang=request.args.get("lang")))


@blueprint.get("/Q/<code>")
@blueprint.get("/T/<code>")
@blueprint.get("/R/<code>")
@public
def in_capitals(code: str) -> ResponseReturnValue:
    """An address typed all in capitals, as it may be printed."""
    return redirect(f"/{request.path[1].lower()}/{read_code(code)}")


# --- the form ------------------------------------------------------------------------------------


def _empty(door: Door) -> ResponseReturnValue:
    language = choose_language(door.place.center)
    version = current_version(db.session, door.place.survey_id)
    areas = _areas(door)
    return _page(door, version, areas, build_form(version, language, areas), [])


def _receive(door: Door, is_garbled: bool) -> ResponseReturnValue:
    language = choose_language(door.place.center)
    version = shown_version(db.session, door.place.survey_id, request.form.get("version"))
    areas = _areas(door)
    filled = build_form(version, language, areas, request.form)
    problems = [unreadable_text()] if is_garbled else find_problems(filled)
    if problems:
        return _page(door, version, areas, filled, problems), 422
    return _record(door, version, language, areas, filled)


def _record(
    door: Door,
    version: SurveyVersion,
    language: str,
    areas: list[dict[str, Any]],
    filled: RatingForm,
) -> ResponseReturnValue:
    """Record a form whose fields are fine, and commit: thanks, or what a crafted one is told."""
    now = datetime.now(UTC)
    try:
        submission = filled.to_submission(version, language, now, door.ticket)
    except ValidationError:
        return _page(door, version, areas, filled, [unreadable_text()]), 422
    suspicion = "filled_trap/1" if filled.website.data else _judge(door, now)
    keys = current_app.extensions["settings"].signing_keys()
    (verdict,) = record_ratings(
        db.session, [Arrival(submission, door.place, now, suspicion=suspicion)], signing_keys=keys
    )
    reference: str | None
    if verdict.status == "recorded":
        reference = give_receipt(db.session, verdict.submission_id, filled.seed.data or "", keys)
        if filled.contact.data:
            ask_for_answer(
                db.session,
                verdict.submission_id,
                door.place.center_id,
                filled.contact.data,
                signing_keys=keys,
                now=now,
            )
    else:
        reference = receipt_again(db.session, verdict.submission_id, filled.seed.data or "", keys)
    db.session.commit()
    RATINGS.labels("qr", verdict.status).inc()
    if verdict.reason == "ticket_not_valid":
        # Somebody spent it while this form was being filled in.
        return _refused(door.ticket or "")
    # A form sent twice, even with a changed answer, has been heard once; thanks are due anyway.
    if verdict.status == "rejected" and verdict.reason != "content_differs":
        return _page(door, version, areas, filled, [incomplete()]), 422
    if reference is None:
        return redirect(url_for("qr.thanks", lang=language), 303)
    return redirect(url_for("qr.receipt", code=reference, lang=language, new=1), 303)


def _judge(door: Door, now: datetime) -> str | None:
    """Why what comes through this door just now is held; a ticket proves enough."""
    code = door.place.code
    return code and judge_arrival(db.session, code, request.form.get("proof"), now)


def _is_garbled() -> bool:
    """Whether a form holds bytes that are no text, which the parser would quietly replace.

    The whole form is read here, before the database is asked: on SQLite that takes the writers'
    lock, which must not wait for a slow sender.
    """
    body = request.get_data()
    if request.mimetype == "application/x-www-form-urlencoded":
        body = unquote_to_bytes(body)
    try:
        body.decode()
    except UnicodeDecodeError:
        return True
    return False


@blueprint.errorhandler(429)
def wait(error: RateLimitExceeded) -> ResponseReturnValue:
    """Too many at once: whoever had filled in a form gets it back as it was.

    Where codes are being tried, nobody learns of any: then none is looked up here.
    """
    problem: Problem = ("", _("Please wait a minute and send it again. Nothing you wrote is lost."))
    door = None
    try:
        # As in _is_garbled, a slow sender keeps nobody from the database.
        request.form.get("lang")
    except HTTPException as refusal:
        return current_app.handle_http_exception(refusal)
    if error.limit.key_func is _code_and_caller:
        code = str((request.view_args or {}).get("code", ""))
        if request.endpoint == "qr.redeem":
            door = _ticket_door(code, datetime.now(UTC))
        elif request.endpoint == "qr.submit":
            poster = _find_poster(code)
            if poster is not None and poster.retired_at is None:
                door = Door(poster, poster.service_id is not None)
    headers = {"Retry-After": str(LIMIT_WINDOW)}
    if door is None:
        choose_language()
        message = Message("wait", _("Please wait a minute"), (_("Then try again."),))
        return *show_message(message, 429), headers
    language = choose_language(door.place.center)
    version = shown_version(db.session, door.place.survey_id, request.form.get("version"))
    areas = _areas(door)
    filled = build_form(version, language, areas, request.form)
    return _page(door, version, areas, filled, [problem]), 429, headers


def _areas(door: Door) -> list[dict[str, Any]]:
    return [] if door.knows_service else describe_services(db.session)


def _page(
    door: Door,
    version: SurveyVersion,
    areas: list[dict[str, Any]],
    filled: RatingForm,
    problems: list[Problem],
) -> str:
    code, now = door.place.code, datetime.now(UTC)
    return show(
        "qr/form.html",
        "form",
        form=filled,
        survey=describe_version(version),
        areas=areas,
        touchpoint=door.place.label,
        center=door.place.center.name,
        errors=problems,
        # A ticket proves enough.
        challenge=None if code is None else challenge_for(db.session, code, now),
    )
