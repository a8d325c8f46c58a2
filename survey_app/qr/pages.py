"""What all pages behind a code have in common: their language, their frame, and short messages."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import render_template, request, url_for
from flask_babel import get_locale

from survey_app.config import ROOT
from survey_app.i18n import DEFAULT_LANGUAGE, OWN_NAMES, preferred_language, speak
from survey_app.models import LANGUAGES, Center
from survey_app.qr.typed import find_mistake, read_code

# What answers a form has its other languages where the form is opened.
_OPENED_AT = {
    "qr.submit": "qr.form",
    "qr.redeem": "qr.ticket_form",
    "qr.withdraw": "qr.confirm_withdrawal",
}


@dataclass(frozen=True)
class Message:
    """A page that says one thing. `state` names it for scripts; `leads_to` is where one goes on:
    "enter" (a code), "look" (a receipt), or nowhere."""

    state: str
    title: str
    advice: tuple[str, ...]
    leads_to: str | None = None


def asked_language() -> str | None:
    """The language that the address or the form asks for."""
    asked = (request.view_args or {}).get("language") or request.values.get("lang")
    return asked if asked in LANGUAGES else None


def choose_language(center: Center | None = None) -> str:
    """Speak as the citizen chose, else as the browser wishes, else as the center is used to."""
    habit = DEFAULT_LANGUAGE if center is None else center.default_language
    language = asked_language() or preferred_language(habit)
    speak(language)
    return language


def show(template: str, state: str, **context: Any) -> str:
    """A page in its frame, with itself in every language."""
    return render_template(
        template,
        state=state,
        lang=str(get_locale()),
        qr_css=_styles(),
        languages=[(each, name, _address_in(each)) for each, name in OWN_NAMES.items()],
        **context,
    )


def show_message(message: Message, status: int) -> tuple[str, int]:
    """A page that says one thing, with its status."""
    return show("qr/message.html", message.state, message=message), status


def show_nowhere(code: str, length: int, message: Message) -> tuple[str, int]:
    """What is answered to a code that leads nowhere, 404: its mistake, or this message.

    A code of so many letters has a check character, which tells whether it was mistyped; then the
    code is given back to be put right.
    """
    mistake = find_mistake(read_code(code), length)
    if mistake is None:
        return show_message(message, 404)
    # Where a message leads is where a code of its kind is typed.
    page = show(f"qr/{message.leads_to}.html", "mistake", typed=code, mistake=mistake)
    return page, 404


def _address_in(language: str) -> str:
    """This page in another language, at an address that is its own."""
    arguments = dict(request.view_args or {})
    arguments.pop("language", None)
    if request.method == "GET":
        arguments |= {name: request.args[name] for name in ("code", "new") if name in request.args}
    endpoint = request.endpoint or ""
    return url_for(_OPENED_AT.get(endpoint, endpoint), **arguments, lang=language)


@cache
def _styles() -> str:
    """The pages' own style sheet, inlined so that the first view is one request."""
    return (ROOT / "survey_app" / "static" / "css" / "qr.css").read_text()
