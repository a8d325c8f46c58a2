"""A frozen report as a page, a PDF, a workbook or a table: the same value, the reader's language."""

from collections.abc import Callable

from flask import render_template

from analysis.report import SatisfactionReport
from survey_app.config import ROOT
from survey_app.i18n import wording

FONTS = ROOT / "survey_app" / "static" / "fonts"

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


def render_report(report: SatisfactionReport, language: str, format: str) -> bytes:
    """The whole report in one of MEDIA_TYPES; raises KeyError for another format.

    Rendering needs heavy libraries; each is loaded when first asked for.
    """
    return _RENDERERS[format](report, language)


def render_html(
    report: SatisfactionReport, language: str, layout: str, chart_url: Callable[[str], str]
) -> str:
    """The report as HTML within a layout: 'base.html' on the web, 'reports/print.html' in print."""
    from analysis import charts

    words = wording(language)
    return render_template(
        "reports/report.html",
        layout=layout,
        report=report,
        w=words,
        chart_url=chart_url,
        alt=lambda name: charts.alt_text(report, name, words),
    )


def _pdf(report: SatisfactionReport, language: str) -> bytes:
    from analysis import charts, pdf

    drawn = {
        f"chart:{name}": charts.render_chart(report, name, wording(language), "svg", FONTS)
        for name in charts.CHARTS
    }
    html = render_html(report, language, "reports/print.html", lambda name: f"chart:{name}")
    return pdf.render_pdf(html, drawn, FONTS)


def _xlsx(report: SatisfactionReport, language: str) -> bytes:
    from analysis import xlsx

    return xlsx.render_xlsx(report, wording(language))


def _csv(report: SatisfactionReport, language: str) -> bytes:
    from analysis import csv_tables

    return csv_tables.render_csv(report, wording(language))


def _json(report: SatisfactionReport, _language: str) -> bytes:
    import json

    return json.dumps(report.to_dict(), ensure_ascii=False, sort_keys=True, indent=1).encode()


_RENDERERS: dict[str, Callable[[SatisfactionReport, str], bytes]] = {
    "pdf": _pdf,
    "xlsx": _xlsx,
    "csv": _csv,
    "json": _json,
}
