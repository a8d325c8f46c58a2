"""Reading what was published: lists, the report page, its charts and downloads."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_security import current_user

from analysis.months import Month
from analysis.sentences import ReportText
from survey_app.access import center_for, centers_for
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.i18n import current_language, speak, wording
from survey_app.models import LANGUAGES, Center, Report
from survey_app.reports.publishing import read_report
from survey_app.reports.queries import all_of_center, get_report, newest_by_center
from survey_app.reports.rendering import MEDIA_TYPES, render_chart, render_html, render_report
from survey_app.version import APP_VERSION

blueprint = Blueprint("reports", __name__, url_prefix="/reports")

# A revision never changes, so its charts may be kept as long as the browser likes.
_KEEP = "private, max-age=31536000, immutable"


@blueprint.get("/")
def index() -> str:
    """One row per center that the reader may see."""
    centers = centers_for(db.session, current_user)
    newest = newest_by_center(db.session, centers)
    rows = [
        (center, _in_words(newest[center.id]) if center.id in newest else None)
        for center in centers
    ]
    return render_template("reports/list.html", rows=rows)


@blueprint.get("/<slug>/")
def center(slug: str) -> str:
    """Every month of a center with its revisions."""
    found = center_for(db.session, current_user, slug)
    reports = [(row, _in_words(row)) for row in all_of_center(db.session, found)]
    return render_template("reports/center.html", center=found, reports=reports)


@blueprint.get("/<slug>/<month>")
def show(slug: str, month: str) -> str:
    """The report as a page."""
    found, row = _asked_report(slug, month)
    language = _asked_language()
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


@blueprint.get("/<slug>/<month>/charts/<name>.svg")
def chart(slug: str, month: str, name: str) -> Response:
    """One chart of the report."""
    _, row = _asked_report(slug, month)
    try:
        drawn = render_chart(read_report(row), name, _asked_language())
    except KeyError:
        raise NotFound from None
    # Without a revision the address shows the newest one, which another may follow.
    headers = {"Cache-Control": _KEEP} if "revision" in request.args else None
    return Response(drawn, mimetype="image/svg+xml", headers=headers)


@blueprint.get("/<slug>/<month>/report.<extension>")
def download(slug: str, month: str, extension: str) -> Response:
    """The report as a file."""
    found, row = _asked_report(slug, month)
    if extension not in MEDIA_TYPES:
        raise NotFound
    language = _asked_language()
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
    try:
        asked = Month.parse(month)
    except ValueError:
        raise NotFound from None
    revision = request.args.get("revision", type=int)
    return found, get_report(db.session, found, asked, revision)


def _asked_language() -> str:
    """The language in the address, so that a link shows everyone the same; else the reader's."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        speak(asked)
    return current_language()
