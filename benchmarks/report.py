"""What a report costs: its figures, its charts, its PDF.

Run: python -m benchmarks.report

Promises (docs/architecture.md, PRODUCT): figures in 10 ms; the PDF, charts included, at most twice
the cost of drawing its charts. CPU seconds of this process, the best of seven, so that a busy
machine does not decide. The report is the made-up one of the tests: 1,800 ratings, 178 services.

The PDF is printed twice more, to tell where its time goes: with every chart left blank, and then
without the style sheet. What is left is what WeasyPrint takes to set the text.
"""

import json
import time

import jinja2

from analysis import charts, pdf
from analysis.building import build_report
from analysis.csv_tables import render_csv
from analysis.sentences import ReportText
from analysis.wording import PlainWording
from analysis.xlsx import render_xlsx
from tests.analysis.made_up_center import FONTS, ROOT, made_up_inputs

ROUNDS = 7


def best(work):
    """CPU seconds of the fastest of ROUNDS runs, and what the last one made."""
    fastest, made = float("inf"), None
    for _ in range(ROUNDS):
        begin = time.process_time()
        made = work()
        fastest = min(fastest, time.process_time() - begin)
    return fastest, made


def blank(chart):
    """A chart's SVG with nothing in it, as large as it was."""
    return chart[: chart.index(b">", chart.index(b"<svg")) + 1] + b"</svg>"


def main():
    inputs, wording = made_up_inputs(), PlainWording("az")
    figures, report = best(lambda: build_report(inputs))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"), autoescape=True
    )
    sheet = (ROOT / "survey_app" / "static" / "css" / "report.css").read_bytes()

    def draw():
        return {
            f"chart:{name}": charts.render_chart(report, name, wording, "svg", FONTS)
            for name in charts.CHARTS
        }

    def write():
        return environment.get_template("reports/report.html").render(
            layout="reports/print.html",
            report=report,
            w=wording,
            text=ReportText(report, wording),
            chart_url=lambda name: f"chart:{name}",
        )

    drawing, drawn = best(draw)
    writing, html = best(write)
    printing, printed = best(lambda: pdf.render_pdf(html, {**drawn, "report.css": sheet}, FONTS))
    blanks = {name: blank(chart) for name, chart in drawn.items()}
    without_charts, blanked = best(
        lambda: pdf.render_pdf(html, {**blanks, "report.css": sheet}, FONTS)
    )
    text_alone, plain = best(lambda: pdf.render_pdf(html, {**blanks, "report.css": b""}, FONTS))
    workbook, book = best(lambda: render_xlsx(report, wording))
    table, text = best(lambda: render_csv(report, wording))
    kept = json.dumps(report.to_dict(), ensure_ascii=False).encode()
    for name, seconds, made in (
        ("figures", figures, kept),
        ("charts", drawing, b"".join(drawn.values())),
        ("page", writing, html.encode()),
        ("PDF", printing, printed),
        (" no charts", without_charts, blanked),
        (" text alone", text_alone, plain),
        ("workbook", workbook, book),
        ("CSV", table, text),
    ):
        print(f"{name:11} {1000 * seconds:8.1f} ms CPU {len(made) / 1000:9.1f} kB")
    ratio = (drawing + writing + printing) / drawing
    print(f"the whole PDF costs {ratio:.1f} × its charts (aim: at most 2)")


if __name__ == "__main__":
    main()
