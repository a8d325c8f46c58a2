"""Languages: which one a person reads, and numbers, dates and names written in it."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.support import Translations
from flask import Flask, g, has_request_context, request, session
from flask_babel import get_locale, refresh
from flask_security import current_user

from analysis.wording import PlainWording
from survey_app.config import ROOT
from survey_app.models import LANGUAGES

# Every language under the name its own speakers use.
OWN_NAMES = {"az": "Azərbaycanca", "ru": "Русский", "en": "English"}
DEFAULT_LANGUAGE = "az"
TRANSLATIONS = ROOT / "survey_app" / "translations"


def current_language() -> str:
    """The language of this request: what a view decided, else the person's own choice."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        chosen = session.get("language")
        if chosen not in LANGUAGES:
            own = current_user.language if current_user.is_authenticated else None
            chosen = own or preferred_language(DEFAULT_LANGUAGE)
        g.language = chosen
    return str(g.language)


def preferred_language(default: str) -> str:
    """The first of our languages that the browser asks for, else the default."""
    return request.accept_languages.best_match(LANGUAGES) or default


def speak(language: str) -> None:
    """Answer this request in this language, whatever the person's settings."""
    g.language = language
    # Flask-Babel remembers the locale it was first asked for in this request.
    refresh()


class CatalogueWording(PlainWording):
    """The words and numbers of one language, its sentences from our translation catalogue.

    It depends on no request, so that a job can write a report in any language.
    """

    def __init__(self, language: str) -> None:
        super().__init__(language)
        # English is the source language and has no catalogue.
        self._translations = Translations.load(str(TRANSLATIONS), [language])

    def text(self, msgid: str, **variables: object) -> str:
        """The translation of an English source text, with its variables filled in."""
        message = self._translations.gettext(msgid)
        return message % variables if variables else message

    def moment(self, instant: datetime, time_zone: str) -> str:
        """An instant on the clock of a time zone: "5 October 2026, 14:05"."""
        local = instant.astimezone(ZoneInfo(time_zone))
        return f"{self.date(local.date())}, {local:%H:%M}"


@cache
def wording(language: str) -> CatalogueWording:
    """The wording of a language; raises ValueError for one we do not speak."""
    return CatalogueWording(language)


def init_app(app: Flask) -> None:
    """Give templates the filters that write numbers, dates and names."""

    def current() -> CatalogueWording:
        return wording(str(get_locale()))

    app.add_template_filter(lambda value, decimals=0: current().number(value, decimals), "number")
    app.add_template_filter(lambda value, decimals=0: current().percent(value, decimals), "percent")
    app.add_template_filter(lambda value: current().signed_points(value), "signed_points")
    app.add_template_filter(lambda value: current().date(value), "day")
    app.add_template_filter(lambda value: current().month(value), "month_name")
    app.add_template_filter(lambda value: current().weekday(value), "weekday_name")
    app.add_template_filter(lambda value: current().name(value), "name")
    app.add_template_filter(
        lambda value, time_zone="UTC": current().moment(value, time_zone), "moment"
    )

    @app.context_processor
    def languages() -> dict[str, Any]:
        return {
            "language": str(get_locale()) if has_request_context() else "en",
            "languages": OWN_NAMES,
        }
