"""The network's frozen month as page, PDF, workbook or table: the same value in any language."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template

from analysis.network import NetworkReport as NetworkValue
from analysis.network_sentences import NetworkText
from survey_app.i18n import speak, wording
from survey_app.models import NetworkReport
from survey_app.reports.network import read_network_report
from survey_app.reports.printing import FONTS, chart_address, kept_pdf, print_pdf, to_json

# The network has no clock of its own; all its centers are on this one.
ZONE = ZoneInfo("Asia/Baku")


def render_network_chart(network: NetworkValue, name: str, language: str) -> bytes:
    """One chart as SVG; raises KeyError when the report has no such chart."""
    from analysis import network_charts

    return network_charts.render_chart(network, name, wording(language), "svg", FONTS)


def render_network_report(row: NetworkReport, language: str, extension: str) -> bytes:
    """The whole report in one of MEDIA_TYPES; raises KeyError for another."""
    render = _RENDERERS[extension]
    if extension == "pdf":
        return kept_pdf(row, language, lambda: render(row, read_network_report(row), language))
    return render(row, read_network_report(row), language)


def render_network_html(
    row: NetworkReport,
    network: NetworkValue,
    language: str,
    layout: str,
    chart_url: Callable[[str], str],
    **more: Any,
) -> str:
    """The report as HTML within a layout: 'base.html' on the web, 'reports/print.html' in print."""
    words = wording(language)
    text = NetworkText(network, words)
    return render_template(
        "reports/network.html",
        layout=layout,
        network=network,
        report=text.report,
        w=words,
        text=text,
        chart_url=chart_url,
        published_on=row.published_at.astimezone(ZONE).date(),
        **{"center_url": None, "formats": None, **more},
    )


def _pdf(row: NetworkReport, network: NetworkValue, language: str) -> bytes:
    from analysis import network_charts

    speak(language)
    html = render_network_html(row, network, language, "reports/print.html", chart_address)
    words = wording(language)
    charts = network_charts.CHARTS
    return print_pdf(
        html, {name: network_charts.draw(network, name, words, FONTS) for name in charts}
    )


def _xlsx(_row: NetworkReport, network: NetworkValue, language: str) -> bytes:
    from analysis import network_tables

    return network_tables.render_xlsx(network, wording(language))


def _csv(_row: NetworkReport, network: NetworkValue, language: str) -> bytes:
    from analysis import network_tables

    return network_tables.render_csv(network, wording(language))


def _json(_row: NetworkReport, network: NetworkValue, _language: str) -> bytes:
    return to_json(network.to_dict())


_RENDERERS: dict[str, Callable[[NetworkReport, NetworkValue, str], bytes]] = {
    "pdf": _pdf,
    "xlsx": _xlsx,
    "csv": _csv,
    "json": _json,
}
