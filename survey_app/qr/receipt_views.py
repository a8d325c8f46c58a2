"""The pages of a receipt: thanks with the reference, how it stands with the rating, taking it back.

Whoever has the reference is the citizen: there is no account and no cookie.
"""

from datetime import UTC, datetime
from typing import Any

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.access import public
from survey_app.codes import RECEIPT_LENGTH, grouped_code
from survey_app.errors import NotFound
from survey_app.extensions import db, limit_tries
from survey_app.models import Center, Rating
from survey_app.qr import receipts
from survey_app.qr.pages import Message, asked_language, choose_language, show, show_nowhere
from survey_app.qr.typed import read_code
from survey_app.qr.views import blueprint


@blueprint.get("/r/")
@limit_tries
@public
def look() -> ResponseReturnValue:
    """Where a reference is typed."""
    choose_language()
    code = read_code(request.args.get("code", ""))
    if code:
        return redirect(url_for("qr.receipt", code=code, lang=request.args.get("lang")))
    return show("qr/look.html", "look", typed="")


@blueprint.get("/r/thanks")
@public
def thanks() -> ResponseReturnValue:
    """Thanks for a form that had been received before, and whose reference we cannot tell."""
    choose_language()
    return show("qr/thanks.html", "thanks")


@blueprint.get("/r/waiting")
@public
def waiting() -> ResponseReturnValue:
    """What the page's script shows while a phone has no connection; it asks for it beforehand."""
    choose_language()
    return show("qr/waiting.html", "waiting")


@blueprint.get("/r/<code>")
@limit_tries
@public
def receipt(code: str) -> ResponseReturnValue:
    """How it stands with a rating; straight after sending it, thanks with its reference."""
    rating = _get_rating(code)
    is_new = "new" in request.args
    return _show_rating(
        "qr/receipt.html",
        "thanks" if is_new else "receipt",
        code,
        rating,
        reference=grouped_code(read_code(code)),
        is_new=is_new,
        rating_state=receipts.state_of(rating),
        has_words=rating.comment is not None,
    )


@blueprint.get("/r/<code>/withdraw")
@limit_tries
@public
def confirm_withdrawal(code: str) -> ResponseReturnValue:
    """What withdrawing means, and the button that does it."""
    return _show_rating("qr/withdraw.html", "withdraw", code, _get_rating(code))


@blueprint.post("/r/<code>/withdraw")
@limit_tries
@public
def withdraw(code: str) -> ResponseReturnValue:
    """Take the rating back; once more does nothing."""
    # Before the database is asked: on SQLite that takes the writers' lock, which must not wait
    # for a slow sender.
    request.get_data()
    receipts.withdraw(db.session, _get_rating(code), datetime.now(UTC))
    db.session.commit()
    return redirect(url_for("qr.receipt", code=read_code(code), lang=asked_language()), 303)


class UnknownReference(NotFound):
    """No rating is known by what was typed."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


def _get_rating(code: str) -> Rating:
    """The rating of a reference as somebody typed it; raises UnknownReference."""
    keys = current_app.extensions["settings"].signing_keys()
    rating = receipts.rating_of(db.session, read_code(code), keys)
    if rating is None:
        raise UnknownReference(code)
    return rating


def _show_rating(template: str, state: str, code: str, rating: Rating, **context: Any) -> str:
    """A page on one rating, in the language its center is used to unless another is asked for."""
    center = db.session.get_one(Center, rating.center_id)
    choose_language(center)
    return show(
        template,
        state,
        center=center.name,
        code=read_code(code),
        day=rating.counted_on,
        **context,
    )


@blueprint.errorhandler(UnknownReference)
def say_unknown(error: UnknownReference) -> ResponseReturnValue:
    """A friendly page for a reference that leads nowhere, with the mistake if it was mistyped."""
    choose_language()
    message = Message(
        "unknown",
        _("We do not know this reference"),
        (_("Please check its twelve letters and type it again."),),
        "look",
    )
    return show_nowhere(error.typed, RECEIPT_LENGTH, message)
