"""A frozen report as page, PDF, workbook or table: the same value, in the reader's language."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template

from analysis.report import SatisfactionReport
from analysis.sentences import ReportText
from survey_app.i18n import speak, wording
from survey_app.models import Report
from survey_app.reports.printing import FONTS, chart_address, kept_pdf, print_pdf, to_json
from survey_app.reports.publishing import read_report


def render_chart(report: SatisfactionReport, name: str, language: str) -> bytes:
    """One chart as SVG; raises KeyError when the report has no such chart."""
    from analysis import charts

    return charts.render_chart(report, name, wording(language), "svg", FONTS)


def render_report(row: Report, language: str, extension: str) -> bytes:
    """The whole report in one of MEDIA_TYPES; raises KeyError for another.

    Rendering needs heavy libraries; each is loaded when first asked for.
    """
    render = _RENDERERS[extension]
    if extension == "pdf":
        return kept_pdf(row, language, lambda: render(row, read_report(row), language))
    return render(row, read_report(row), language)


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
    from analysis import charts

    speak(language)
    html = render_html(row, report, language, "reports/print.html", chart_address)
    words = wording(language)
    return print_pdf(
        html, {name: charts.draw(report, name, words, FONTS) for name in charts.CHARTS}
    )


def _xlsx(_row: Report, report: SatisfactionReport, language: str) -> bytes:
    from analysis import xlsx

    return xlsx.render_xlsx(report, wording(language))


def _csv(_row: Report, report: SatisfactionReport, language: str) -> bytes:
    from analysis import csv_tables

    return csv_tables.render_csv(report, wording(language))


def _json(_row: Report, report: SatisfactionReport, _language: str) -> bytes:
    return to_json(report.to_dict())


_RENDERERS: dict[str, Callable[[Report, SatisfactionReport, str], bytes]] = {
    "pdf": _pdf,
    "xlsx": _xlsx,
    "csv": _csv,
    "json": _json,
}
