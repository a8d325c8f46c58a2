"""Reading what was published: lists, the report page, its charts and downloads."""

from datetime import UTC, datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers.response import Response as Answer

from analysis.months import Month
from analysis.report import SatisfactionReport
from analysis.sentences import ReportText
from survey_app.access import center_for, centers_for, holds, sees_network
from survey_app.config import Settings
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.figures import live_report
from survey_app.i18n import current_language, wording
from survey_app.models import Center, PublishFailure, Report
from survey_app.reports.addresses import asked_language, asked_month, keeping_headers
from survey_app.reports.printing import MEDIA_TYPES
from survey_app.reports.publishing import newest_report, publish_alone, read_report
from survey_app.reports.queries import (
    Draft,
    all_of_center,
    drafts,
    failures_of,
    get_draft,
    get_report,
    newest_by_center,
)
from survey_app.reports.rendering import render_chart, render_html, render_report
from survey_app.version import APP_VERSION

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


@blueprint.get("/")
def index() -> str:
    """One row per center that the reader may see."""
    centers = centers_for(db.session, current_user)
    newest = newest_by_center(db.session, centers)
    waiting = drafts(db.session, centers, datetime.now(UTC), _settings().publish_after_days)
    rows = [
        (center, _in_words(newest[center.id]) if center.id in newest else None)
        for center in centers
    ]
    return render_template(
        "reports/list.html",
        rows=rows,
        waiting=[(center, draft) for center in centers for draft in waiting.get(center.id, ())],
        may_open={center.id: _may_see_drafts(center) for center in centers},
        stuck=_stuck(centers, waiting),
    )


@blueprint.get("/<slug>/")
def center(slug: str) -> str:
    """Every month of a center with its revisions."""
    found = center_for(db.session, current_user, slug)
    waiting = drafts(db.session, [found], datetime.now(UTC), _settings().publish_after_days)
    return render_template(
        "reports/center.html",
        center=found,
        reports=[(row, _in_words(row), older) for row, older in all_of_center(db.session, found)],
        waiting=[(found, draft) for draft in waiting.get(found.id, ())],
        may_open={found.id: _may_see_drafts(found)},
        stuck=_stuck([found], waiting),
    )


@blueprint.get("/<slug>/<month>")
def show(slug: str, month: str) -> str:
    """The report as a page."""
    found, row = _asked_report(slug, month)
    language = asked_language()
    where: dict[str, Any] = {
        "slug": found.slug,
        "month": month,
        "revision": row.revision,
        "lang": language,
    }

    def chart_url(name: str) -> str:
        return url_for("reports.chart", name=name, v=APP_VERSION, **where)

    formats = [
        (url_for("reports.download", extension=extension, **where), extension.upper())
        for extension in MEDIA_TYPES
    ]
    report = read_report(row)
    return render_html(row, report, language, "base.html", chart_url, formats=formats)


@blueprint.get("/<slug>/<month>/draft")
def draft(slug: str, month: str) -> str | Answer:
    """A month that is over, as it would be published, and what it waits for."""
    found, asked = _center_with_drafts(slug), asked_month(month)
    if newest_report(db.session, found, asked) is not None:
        return redirect(url_for("reports.show", slug=slug, month=month))
    now = datetime.now(UTC)
    about = {
        "center": found,
        "waiting": get_draft(db.session, found, asked, now, _settings().publish_after_days),
        "may_publish": holds(current_user, found, "manager"),
    }
    try:
        report = live_report(db.session, found, asked, now)
    except ValueError as problem:
        return render_template("reports/draft.html", report=None, problem=problem, **about)
    return _draft_page(report, **about)


def _draft_page(report: SatisfactionReport, **about: Any) -> str:
    words = wording(asked_language())
    where: dict[str, Any] = {
        "slug": report.center.slug,
        "month": str(report.month),
        "lang": words.language,
    }
    return render_template(
        "reports/report.html",
        layout="reports/draft.html",
        report=report,
        w=words,
        text=ReportText(report, words),
        chart_url=lambda name: url_for("reports.draft_chart", name=name, **where),
        **about,
    )


@blueprint.post("/<slug>/<month>/draft")
def publish(slug: str, month: str) -> Answer:
    """Publish a month that is over before it publishes itself."""
    found, asked = center_for(db.session, current_user, slug, "manager"), asked_month(month)
    if newest_report(db.session, found, asked) is None:
        now, settings = datetime.now(UTC), _settings()
        get_draft(db.session, found, asked, now, settings.publish_after_days)
        me = current_user.id
        if not publish_alone(db.session, found, asked, now, settings.address, me):
            return redirect(url_for("reports.draft", slug=slug, month=month))
        flash(_("The report is published, and those responsible get a letter."))
    return redirect(url_for("reports.show", slug=slug, month=month))


@blueprint.get("/<slug>/<month>/draft/charts/<name>.svg")
def draft_chart(slug: str, month: str, name: str) -> Response:
    """One chart of a month that is over and not published."""
    found, asked, now = _center_with_drafts(slug), asked_month(month), datetime.now(UTC)
    get_draft(db.session, found, asked, now, _settings().publish_after_days)
    try:
        report = live_report(db.session, found, asked, now)
        drawn = render_chart(report, name, asked_language())
    except (KeyError, ValueError):
        raise NotFound from None
    return Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


@blueprint.get("/<slug>/<month>/charts/<name>.svg")
def chart(slug: str, month: str, name: str) -> Response:
    """One chart of the report."""
    _, row = _asked_report(slug, month)
    try:
        drawn = render_chart(read_report(row), name, asked_language())
    except KeyError:
        raise NotFound from None
    return Response(drawn, mimetype="image/svg+xml", headers=keeping_headers())


@blueprint.get("/<slug>/<month>/report.<extension>")
def download(slug: str, month: str, extension: str) -> Response:
    """The report as a file."""
    found, row = _asked_report(slug, month)
    if extension not in MEDIA_TYPES:
        raise NotFound
    language = asked_language()
    body = render_report(row, language, extension)
    name = f"rey-{found.slug}-{month}-r{row.revision}-{language}.{extension}"
    return Response(
        body,
        mimetype=MEDIA_TYPES[extension],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _in_words(row: Report) -> ReportText:
    return ReportText(read_report(row), wording(current_language()))


def _asked_report(slug: str, month: str) -> tuple[Center, Report]:
    found = center_for(db.session, current_user, slug)
    revision = request.args.get("revision", type=int)
    return found, get_report(db.session, found, asked_month(month), revision)


def _may_see_drafts(found: Center) -> bool:
    """Whether the reader manages the center or sees the whole network."""
    return holds(current_user, found, "manager") or sees_network(current_user)


def _center_with_drafts(slug: str) -> Center:
    found = center_for(db.session, current_user, slug)
    if not _may_see_drafts(found):
        raise NotFound
    return found


def _stuck(
    centers: list[Center], waiting: dict[int, list[Draft]]
) -> list[tuple[Center, Month, PublishFailure]]:
    """Published months of which the next revision could not be made."""
    unpublished = {
        (center_id, draft.month.first_day) for center_id, each in waiting.items() for draft in each
    }
    by_id = {center.id: center for center in centers}
    return [
        (by_id[key[0]], Month.of(key[1]), failure)
        for key, failure in failures_of(db.session, centers).items()
        if key not in unpublished
    ]


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
