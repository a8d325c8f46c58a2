"""Reading the network's months: for those who see every center, and nobody else."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, render_template, request, url_for
from flask_security import current_user

from analysis.network import CenterLine
from analysis.network_sentences import NetworkText
from survey_app.access import demand_network, sees_network
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.i18n import current_language, wording
from survey_app.models import NetworkReport
from survey_app.reports.addresses import asked_language, asked_month, keeping_headers
from survey_app.reports.network import (
    failed_network_months,
    get_network_report,
    network_months,
    read_network_report,
)
from survey_app.reports.network_rendering import (
    ZONE,
    render_network_chart,
    render_network_html,
    render_network_report,
)
from survey_app.reports.printing import MEDIA_TYPES
from survey_app.reports.queries import oldest_month
from survey_app.reports.views import blueprint
from survey_app.version import APP_VERSION


@blueprint.context_processor
def may_see_network() -> dict[str, bool]:
    """Tells the room's pages whether to link to the network's."""
    return {"may_see_network": current_user.is_authenticated and sees_network(current_user)}


@blueprint.get("/network/")
def network_index() -> str:
    """Every month of the network, newest first."""
    demand_network(current_user)
    words = wording(current_language())
    months = [
        (row, NetworkText(read_network_report(row), words)) for row in network_months(db.session)
    ]
    return render_template(
        "reports/network_list.html",
        months=months,
        failures=failed_network_months(db.session, oldest_month(datetime.now(UTC))),
        zone=ZONE.key,
    )


@blueprint.get("/network/<month>")
def network(month: str) -> str:
    """The network's month as a page."""
    row, language = _asked_report(month), asked_language()
    where: dict[str, Any] = {"month": month, "revision": row.revision, "lang": language}

    def chart_url(name: str) -> str:
        return url_for("reports.network_chart", name=name, v=APP_VERSION, **where)

    def center_url(center: CenterLine) -> str:
        revision = center.revision
        return url_for(
            "reports.show", slug=center.slug, month=month, revision=revision, lang=language
        )

    formats = [
        (url_for("reports.network_download", extension=extension, **where), extension.upper())
        for extension in MEDIA_TYPES
    ]
    value = read_network_report(row)
    more = {"formats": formats, "center_url": center_url}
    return render_network_html(row, value, language, "base.html", chart_url, **more)


@blueprint.get("/network/<month>/charts/<name>.svg")
def network_chart(month: str, name: str) -> Response:
    """One chart of the network's month."""
    row = _asked_report(month)
    try:
        drawn = render_network_chart(read_network_report(row), name, asked_language())
    except KeyError:
        raise NotFound from None
    return Response(drawn, mimetype="image/svg+xml", headers=keeping_headers())


@blueprint.get("/network/<month>/report.<extension>")
def network_download(month: str, extension: str) -> Response:
    """The network's month as a file."""
    row = _asked_report(month)
    if extension not in MEDIA_TYPES:
        raise NotFound
    language = asked_language()
    body = render_network_report(row, language, extension)
    name = f"rey-network-{month}-r{row.revision}-{language}.{extension}"
    return Response(
        body,
        mimetype=MEDIA_TYPES[extension],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _asked_report(month: str) -> NetworkReport:
    demand_network(current_user)
    revision = request.args.get("revision", type=int)
    return get_network_report(db.session, asked_month(month), revision)
