"""Looking into what was set aside and why, and deciding on it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import Row
from werkzeug.wrappers.response import Response

from analysis.months import Month
from survey_app.access import center_for, centers_for, holds
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.i18n import current_language, wording
from survey_app.integrity import queries, ruling
from survey_app.integrity.forms import AlertForm, ProposalForm, alert_form
from survey_app.integrity.queries import Named
from survey_app.integrity.strip import Strip, build_strip
from survey_app.integrity.texts import RuleWords
from survey_app.models import Center, IntegrityAlert, Rating, Touchpoint

blueprint = Blueprint("integrity", __name__, url_prefix="/integrity")

Answer = str | tuple[str, int] | Response
Rows = Sequence[Row[tuple[Rating, Touchpoint]]]


@blueprint.get("/")
def index() -> str:
    """One row per center that the reader may see, with what is open there."""
    centers = centers_for(db.session, current_user)
    counts = queries.count_open(db.session, centers)
    rows = sorted(
        ((center, *counts[center.id]) for center in centers),
        key=lambda row: (-(row[1] + row[2]), row[0].number),
    )
    return render_template("integrity/list.html", rows=rows)


@blueprint.get("/<slug>/")
def center(slug: str) -> str:
    """What was set aside in a center's month, its alerts and decisions."""
    found = center_for(db.session, current_user, slug)
    month = _asked_month(found)
    alerts = queries.alerts_of(db.session, found)
    return render_template(
        "integrity/center.html",
        center=found,
        month=month,
        newest=_this_month(found),
        aside=queries.set_aside_in(db.session, found, month),
        alerts=[(each, _words(each.alert.rule), _strip(found, each)) for each in alerts],
        decisions=queries.rulings_of(db.session, found, None),
        **_permissions(found),
    )


@blueprint.get("/<slug>/alerts/<int:alert_id>")
def alert(slug: str, alert_id: int) -> Answer:
    """One alert: its numbers, the day it speaks of, its ratings, and what was decided."""
    found = center_for(db.session, current_user, slug)
    named = queries.get_alert(db.session, found, alert_id)
    rows = queries.ratings_named(db.session, found, _suspected(named.alert))
    return _alert_page(found, named, rows, alert_form(_open_ones(rows)))


@blueprint.post("/<slug>/alerts/<int:alert_id>")
def decide(slug: str, alert_id: int) -> Answer:
    """Acknowledge an alert, release its ratings, or propose to void them."""
    found = center_for(db.session, current_user, slug, "judge")
    named = queries.get_alert(db.session, found, alert_id)
    rows = queries.ratings_named(db.session, found, _suspected(named.alert))
    form = alert_form(_open_ones(rows), request.form)
    problem = _decide(found, named.alert, form)
    if problem is None:
        return redirect(url_for("integrity.alert", slug=slug, alert_id=alert_id))
    return _alert_page(found, named, rows, form, problem), 422


@blueprint.get("/<slug>/set-aside")
def set_aside(slug: str) -> Answer:
    """The ratings that one rule set aside in a month."""
    found = center_for(db.session, current_user, slug)
    month, rule, rows = _asked_ratings(found)
    return _set_aside_page(found, month, rule, rows, alert_form(()))


@blueprint.post("/<slug>/set-aside")
def decide_on_ratings(slug: str) -> Answer:
    """Release ratings that a rule set aside, or propose to void them."""
    found = center_for(db.session, current_user, slug, "judge")
    month, rule, rows = _asked_ratings(found)
    form = alert_form(_open_ones(rows), request.form)
    problem = _decide(found, None, form)
    if problem is None:
        return redirect(url_for("integrity.center", slug=slug, month=str(month)))
    return _set_aside_page(found, month, rule, rows, form, problem), 422


@blueprint.get("/<slug>/rulings/<int:ruling_id>")
def proposal(slug: str, ruling_id: int) -> str:
    """A proposal to void: what it speaks of, who proposed it and why, and the answer to it."""
    found = center_for(db.session, current_user, slug)
    return _proposal_page(found, ruling_id)


@blueprint.post("/<slug>/rulings/<int:ruling_id>")
def answer_proposal(slug: str, ruling_id: int) -> Answer:
    """Confirm or decline a proposal to void, as the second person."""
    found = center_for(db.session, current_user, slug, "witness")
    asked = queries.get_proposal(db.session, found, ruling_id).ruling
    form = ProposalForm(request.form)
    if not form.validate():
        return _proposal_page(found, ruling_id, form.errors["decision"][0]), 422
    answer = ruling.confirm_void if form.decision.data == "confirm" else ruling.decline_void
    try:
        answer(db.session, asked, current_user, datetime.now(UTC))
    except (ruling.SamePerson, ruling.AlreadyDecided) as problem:
        db.session.rollback()
        return _proposal_page(found, ruling_id, _in_words(problem)), problem.status
    db.session.commit()
    flash(_("Your decision is noted."))
    return redirect(url_for("integrity.proposal", slug=slug, ruling_id=ruling_id))


def _decide(found: Center, alert: IntegrityAlert | None, form: AlertForm) -> str | None:
    """Do what a filled form says; what stands in the way, or None when it is done."""
    if not form.validate():
        return str(_("Please check this before you send:"))
    now, reason = datetime.now(UTC), form.reason.data
    try:
        if form.decision.data == "release":
            ruling.release(db.session, found, alert, form.chosen, reason, current_user, now)
            said = _("The ratings count again. Published months get a new revision by themselves.")
        elif form.decision.data == "void":
            ruling.propose_void(db.session, found, alert, form.chosen, reason, current_user, now)
            said = _("Your proposal is noted. It takes effect when a second person confirms it.")
        elif alert is not None:
            ruling.acknowledge(db.session, alert, reason, current_user, now)
            said = _("Your note is kept with the alert.")
        else:
            raise NotFound
    except ruling.AlreadyDecided as problem:
        db.session.rollback()
        return _in_words(problem)
    db.session.commit()
    flash(said)
    return None


def _in_words(problem: ruling.AlreadyDecided | ruling.SamePerson) -> str:
    if isinstance(problem, ruling.SamePerson):
        return str(_("Voiding needs two people. You proposed it, so somebody else has to decide."))
    return str(
        _("Somebody has decided on this since you opened the page. It now shows how it stands.")
    )


def _alert_page(
    found: Center, named: Named, rows: Rows, form: AlertForm, problem: str | None = None
) -> str:
    return render_template(
        "integrity/alert.html",
        center=found,
        named=named,
        words=_words(named.alert.rule),
        strip=_strip(found, named),
        rows=rows,
        proposed=queries.proposed_among(db.session, [row.Rating.submission_id for row in rows]),
        decisions=queries.rulings_of(db.session, found, named.alert),
        form=form,
        problem=problem,
        **_permissions(found),
    )


def _set_aside_page(
    found: Center,
    month: Month,
    rule: str,
    rows: Rows,
    form: AlertForm,
    problem: str | None = None,
) -> str:
    return render_template(
        "integrity/set_aside.html",
        center=found,
        month=month,
        words=_words(rule),
        rows=rows,
        proposed=queries.proposed_among(db.session, [row.Rating.submission_id for row in rows]),
        most=queries.SHOWN,
        form=form,
        problem=problem,
        **_permissions(found),
    )


def _proposal_page(found: Center, ruling_id: int, problem: str | None = None) -> str:
    decision = queries.get_proposal(db.session, found, ruling_id)
    ids = [each.submission_id for each in decision.ruling.ratings]
    return render_template(
        "integrity/proposal.html",
        center=found,
        decision=decision,
        rows=queries.ratings_named(db.session, found, ids),
        is_own=decision.ruling.proposed_by == current_user.id,
        problem=problem,
        **_permissions(found),
    )


def _permissions(found: Center) -> dict[str, Any]:
    """What the templates of this room need to know of the reader, and how they write a rule."""
    return {
        "may_judge": holds(current_user, found, "judge"),
        "may_witness": holds(current_user, found, "witness"),
        "rule_words": _words,
    }


def _words(rule: str) -> RuleWords:
    return RuleWords(rule, wording(current_language()))


def _strip(found: Center, named: Named) -> Strip | None:
    alert = named.alert
    # What speaks of a month has no day to draw.
    if alert.touchpoint_id is None or alert.last_day > alert.day:
        return None
    rows = queries.presses_of_day(db.session, found, alert.touchpoint_id, alert.day)
    return build_strip(rows, set(_suspected(alert)), alert.day, found.time_zone)


def _suspected(alert: IntegrityAlert) -> list[UUID]:
    return [UUID(each) for each in alert.detail.get("ratings", ())]


def _open_ones(rows: Rows) -> list[UUID]:
    """Those of the ratings that can still be decided on."""
    return [row.Rating.submission_id for row in rows if row.Rating.state != "void"]


def _this_month(found: Center) -> Month:
    return Month.of(found.today(datetime.now(UTC)))


def _asked_month(found: Center) -> Month:
    newest = _this_month(found)
    try:
        month = Month.parse(request.args["month"]) if "month" in request.args else newest
    except ValueError:
        raise NotFound from None
    # No center is older, and months are compared with those around them.
    if not Month(2000, 1) <= month <= newest:
        raise NotFound
    return month


def _asked_ratings(found: Center) -> tuple[Month, str, Rows]:
    month, rule = _asked_month(found), request.args.get("rule", "")
    # PostgreSQL refuses to compare with a NUL, and no rule has one.
    if "\0" in rule:
        raise NotFound
    return month, rule, queries.set_aside_ratings(db.session, found, month, rule)
