"""Answers asked for: who waits, how to reach them, and that they were answered."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers.response import Response

from analysis.sentences import SCORES
from survey_app.access import center_for, centers_for
from survey_app.cases.answering import close_case, show_contact
from survey_app.cases.forms import CloseForm
from survey_app.cases.queries import NoLongerWaiting, Waiting, get_case, settled_in, waiting_in
from survey_app.contacts import KEPT, UnreadableContact, count_waiting
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.i18n import current_language, wording

blueprint = Blueprint("cases", __name__, url_prefix="/cases")

Answer = str | tuple[str, int] | Response


@blueprint.errorhandler(NoLongerWaiting)
def say_it_is_over(_error: NoLongerWaiting) -> Response:
    """Somebody else was quicker, or the page was open for long: the list shows who still waits."""
    db.session.rollback()
    flash(_("This case is closed already; its contact was erased."))
    return redirect(url_for("cases.index"), 303)


@blueprint.get("/")
def index() -> str:
    """Who waits for an answer in the centers that the reader manages."""
    centers = centers_for(db.session, current_user, "manager")
    if not centers:
        raise NotFound
    waiting = waiting_in(db.session, centers)
    return render_template(
        "cases/list.html",
        rows=[each for each in waiting if not each.is_set_aside],
        set_aside=[each for each in waiting if each.is_set_aside],
        total=count_waiting(db.session, centers),
        settled=settled_in(db.session, centers),
        many=len(centers) > 1,
        days=KEPT.days,
        score_word=_score_word,
    )


@blueprint.get("/<slug>/<int:case_id>")
def case(slug: str, case_id: int) -> str:
    """One case: what was said; the contact is not opened yet."""
    center = center_for(db.session, current_user, slug, "manager")
    return _page(get_case(db.session, center, case_id), CloseForm())


@blueprint.post("/<slug>/<int:case_id>/contact")
def contact(slug: str, case_id: int) -> Answer:
    """Show how to reach the person, and note who looked."""
    center = center_for(db.session, current_user, slug, "manager")
    waiting = get_case(db.session, center, case_id, alone=True)
    keys = current_app.extensions["settings"].signing_keys()
    try:
        shown = show_contact(
            db.session, waiting.case, current_user, signing_keys=keys, now=datetime.now(UTC)
        )
    except UnreadableContact:
        return _page(waiting, CloseForm(formdata=None), is_unreadable=True), 409
    db.session.commit()
    return _page(waiting, CloseForm(formdata=None), shown)


@blueprint.post("/<slug>/<int:case_id>/close")
def close(slug: str, case_id: int) -> Answer:
    """Close a case whose author was answered, and erase the contact."""
    center = center_for(db.session, current_user, slug, "manager")
    waiting = get_case(db.session, center, case_id, alone=True)
    form = CloseForm()
    if not form.validate():
        return _page(waiting, form), 422
    close_case(db.session, waiting.case, current_user, datetime.now(UTC))
    db.session.commit()
    flash(_("The case is closed and the contact erased."))
    return redirect(url_for("cases.index"), 303)


def _page(
    waiting: Waiting, form: CloseForm, shown: str | None = None, *, is_unreadable: bool = False
) -> str:
    return render_template(
        "cases/case.html",
        waiting=waiting,
        form=form,
        contact=shown,
        is_unreadable=is_unreadable,
        score_word=_score_word,
    )


def _score_word(score: int) -> str:
    return wording(current_language()).text(SCORES[score])
