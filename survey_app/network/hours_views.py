"""When centers are open, in a browser: hours from a day on, holidays of the network."""

from datetime import UTC, date, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from survey_app.access import center_for, demand_network
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.network import queries
from survey_app.network.hours import (
    add_holiday,
    network_today,
    remove_holiday,
    set_hours,
    withdraw_hours,
)
from survey_app.network.hours_forms import HolidayForm, HoursForm
from survey_app.network.views import ask, blueprint
from survey_app.timetables import load_timetable


@blueprint.route("/<slug>/hours", methods=["GET", "POST"])
def hours(slug: str) -> ResponseReturnValue:
    """Set the hours of a center from a day on."""
    found = center_for(db.session, current_user, slug, "manager")
    now = datetime.now(UTC)
    today, timetable = found.today(now), load_timetable(db.session, found.id)
    sent = request.form if request.method == "POST" else None
    form = HoursForm(sent, today, timetable)
    if sent is None or not form.validate():
        upcoming = timetable.changes_after(today)
        return ask("network/hours.html", form, found, upcoming=upcoming)
    set_hours(db.session, found, form.since.data, form.week, current_user, now)
    db.session.commit()
    flash(_("The hours are set. Tablets that are connected know them within a minute."))
    return redirect(url_for("network.center", slug=slug), 303)


@blueprint.post("/<slug>/hours/<since>/withdraw")
def take_back_hours(slug: str, since: str) -> ResponseReturnValue:
    """Take back hours that do not hold yet."""
    found = center_for(db.session, current_user, slug, "manager")
    if withdraw_hours(db.session, found, _asked_day(since), current_user, datetime.now(UTC)):
        db.session.commit()
        flash(_("These hours will not hold. The center keeps those it had before."))
    else:
        flash(_("There is no such change any more."), "error")
    return redirect(url_for("network.center", slug=slug), 303)


@blueprint.route("/holidays/", methods=["GET", "POST"])
def holidays() -> ResponseReturnValue:
    """The holidays to come, and one more."""
    demand_network(current_user, "manager")
    now = datetime.now(UTC)
    today = network_today(db.session, now)
    form = HolidayForm(request.form, today)
    if request.method == "POST" and form.validate():
        if add_holiday(db.session, form.day.data, form.labels, current_user, now):
            db.session.commit()
            flash(_("The holiday is added. Tablets that are connected know it within a minute."))
            return redirect(url_for("network.holidays"), 303)
        form.day.errors = [_("This day is a holiday already.")]
    page = render_template(
        "network/holidays.html", form=form, holidays=queries.next_holidays(db.session, today)
    )
    return page, 200 if request.method == "GET" else 422


@blueprint.post("/holidays/<day>/remove")
def drop_holiday(day: str) -> ResponseReturnValue:
    """Open the network on a day that was to be a holiday."""
    demand_network(current_user, "manager")
    if remove_holiday(db.session, _asked_day(day), current_user, datetime.now(UTC)):
        db.session.commit()
        flash(_("The network is open on this day as on any other."))
    else:
        flash(_("There is no such holiday any more."), "error")
    return redirect(url_for("network.holidays"), 303)


def _asked_day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise NotFound from None
