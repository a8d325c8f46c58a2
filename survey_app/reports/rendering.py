"""A frozen report as page, PDF, workbook or table: the same value, in the reader's language."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import current_app, render_template

from analysis.report import SatisfactionReport
from analysis.sentences import ReportText
from survey_app.config import ROOT
from survey_app.i18n import speak, wording
from survey_app.models import Report
from survey_app.reports.publishing import read_report
from survey_app.version import APP_VERSION

STATIC = ROOT / "survey_app" / "static"
FONTS = STATIC / "fonts"

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}


def render_chart(report: SatisfactionReport, name: str, language: str) -> bytes:
    """One chart as SVG; raises KeyError when the report has no such chart."""
    from analysis import charts

    return charts.render_chart(report, name, wording(language), "svg", FONTS)


def render_report(row: Report, language: str, extension: str) -> bytes:
    """The whole report in one of MEDIA_TYPES; raises KeyError for another.

    Rendering needs heavy libraries; each is loaded when first asked for. A PDF takes a second
    of work, so it is kept: neither the frozen value nor this version of the code can change.
    """
    render = _RENDERERS[extension]
    if extension != "pdf":
        return render(row, read_report(row), language)
    kept = _kept_file(row, language)
    if not kept.exists():
        body = render(row, read_report(row), language)
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whole or not at all: another thread or process may be reading or writing it too.
        draft = kept.with_suffix(f".{uuid4().hex}")
        draft.write_bytes(body)
        draft.replace(kept)
    return kept.read_bytes()


def _kept_file(row: Report, language: str) -> Path:
    folder: Path = current_app.extensions["settings"].data_dir / "rendered"
    moment = int(row.published_at.timestamp())
    return folder / f"{row.digest.hex()[:32]}-{moment}-{APP_VERSION}-{language}.pdf"


def render_html(
    row: Report,
    report: SatisfactionReport,
    language: str,
    layout: str,
    chart_url: Callable[[str], str],
    **more: Any,
) -> str:
    """The report as HTML within a layout: 'base.html' on the web, 'reports/print.html' in print."""
    words = wording(language)
    zone = ZoneInfo(report.center.time_zone)
    return render_template(
        "reports/report.html",
        layout=layout,
        report=report,
        w=words,
        text=ReportText(report, words),
        chart_url=chart_url,
        published_on=row.published_at.astimezone(zone).date(),
        **more,
    )


def _pdf(row: Report, report: SatisfactionReport, language: str) -> bytes:
    from analysis import charts, pdf

    speak(language)
    resources = {
        f"charts/{name}.svg": charts.render_chart(report, name, wording(language), "svg", FONTS)
        for name in charts.CHARTS
    }
    resources["report.css"] = (STATIC / "css" / "report.css").read_bytes()
    html = render_html(
        row, report, language, "reports/print.html", lambda name: f"charts/{name}.svg"
    )
    return pdf.render_pdf(html, resources, FONTS)


def _xlsx(_row: Report, report: SatisfactionReport, language: str) -> bytes:
    from analysis import xlsx

    return xlsx.render_xlsx(report, wording(language))


def _csv(_row: Report, report: SatisfactionReport, language: str) -> bytes:
    from analysis import csv_tables

    return csv_tables.render_csv(report, wording(language))


def _json(_row: Report, report: SatisfactionReport, _language: str) -> bytes:
    return json.dumps(report.to_dict(), ensure_ascii=False, sort_keys=True, indent=1).encode()


_RENDERERS: dict[str, Callable[[Report, SatisfactionReport, str], bytes]] = {
    "pdf": _pdf,
    "xlsx": _xlsx,
    "csv": _csv,
    "json": _json,
}
