"""Live figures: the same functions as the report, on a month that is not over."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from flask_security import current_user

from analysis.months import Month
from analysis.sentences import ReportText
from survey_app.access import center_for
from survey_app.dashboard.queries import urgent_comments
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.figures import live_report
from survey_app.i18n import current_language, wording

blueprint = Blueprint("dashboard", __name__, url_prefix="/dashboard")

# No center is older; a month is shown beside the year before it, and the calendar begins in 1.
_FIRST = Month(2000, 1)


@blueprint.get("/<slug>/")
def center(slug: str) -> str:
    """The current month of a center, or the one asked for."""
    found = center_for(db.session, current_user, slug)
    now = datetime.now(UTC)
    today = found.today(now)
    this_month = Month.of(today)
    try:
        month = Month.parse(request.args["month"]) if "month" in request.args else this_month
    except ValueError:
        raise NotFound from None
    if not _FIRST <= month <= this_month:
        raise NotFound
    report = live_report(db.session, found, month, now)
    return render_template(
        "dashboard/center.html",
        center=found,
        text=ReportText(report, wording(current_language())),
        is_current=month == this_month,
        urgent=urgent_comments(db.session, found, today) if month == this_month else None,
    )
