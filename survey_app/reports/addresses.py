"""What the room's addresses ask for: a month, a language, and a revision that never changes."""

from flask import request

from analysis.months import Month
from survey_app.errors import NotFound
from survey_app.i18n import current_language, speak
from survey_app.models import LANGUAGES

_KEEP = "private, max-age=31536000, immutable"


def asked_month(written: str) -> Month:
    """The month as the address writes it, 2026-10; raises NotFound for anything else."""
    try:
        return Month.parse(written)
    except ValueError:
        raise NotFound from None


def asked_language() -> str:
    """The language in the address, so that a link shows everyone the same; else the reader's.

    From then on the page speaks it.
    """
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        speak(asked)
    return current_language()


def keeping_headers() -> dict[str, str] | None:
    """A revision never changes, so what it shows may be kept as long as the browser likes.

    An address without a revision shows the newest one, which another may follow: no headers.
    """
    return {"Cache-Control": _KEEP} if "revision" in request.args else None
