"""What a report costs: its figures, its charts, its PDF.

Run: python -m benchmarks.report

Promised: figures in 10 ms. Aimed at and missed (docs/operations.md): the PDF, charts included, at
most twice the cost of drawing its charts, as the web page shows them (SVG). Told are CPU seconds of
this process. All is done in turn, ROUNDS times, so that a busy machine slows down each alike: a row
gives the fastest round, the ratio is the median of those of the rounds. The first report of a
process is told apart: it also reads fonts and style sheets, which the process keeps. No finished
picture or page is kept.
The report is the made-up one of the tests: 1,800 ratings, 178 services.

The PDF is printed twice more, to tell where its time goes: with every chart left blank, and then
without the style sheet. What is left is what WeasyPrint takes to set the text.
"""

import json
import statistics
import time

import jinja2
from matplotlib.figure import Figure

from analysis import charts, pdf
from analysis.building import build_report
from analysis.csv_tables import render_csv
from analysis.sentences import ReportText
from analysis.wording import PlainWording
from analysis.xlsx import render_xlsx
from tests.analysis.made_up_center import FONTS, ROOT, made_up_inputs

ROUNDS = 9


def cost(work):
    """CPU seconds of a run, and what it made."""
    begin = time.process_time()
    made = work()
    return time.process_time() - begin, made


def size(made):
    """Bytes of a file, a page or a report as it is kept."""
    if isinstance(made, bytes):
        return len(made)
    text = made if isinstance(made, str) else json.dumps(made.to_dict(), ensure_ascii=False)
    return len(text.encode())


def main():
    inputs, wording = made_up_inputs(), PlainWording("az")
    report = build_report(inputs)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"), autoescape=True
    )
    style = (ROOT / "survey_app" / "static" / "css" / "report.css").read_text(encoding="utf-8")

    def draw():
        return b"".join(
            charts.render_chart(report, name, wording, "svg", FONTS) for name in charts.CHARTS
        )

    def figures():
        return {
            f"chart:{name}": charts.draw(report, name, wording, FONTS) for name in charts.CHARTS
        }

    def write():
        return environment.get_template("reports/report.html").render(
            layout="reports/print.html",
            report=report,
            w=wording,
            text=ReportText(report, wording),
            chart_url=lambda name: f"chart:{name}",
        )

    blanks = {name: Figure(each.get_size_inches()) for name, each in figures().items()}
    works = {
        "figures": lambda: build_report(inputs),
        "charts": draw,
        "page": write,
        "PDF": lambda: pdf.render_pdf(write(), {}, FONTS, figures(), style),
        " no charts": lambda: pdf.render_pdf(write(), {}, FONTS, blanks, style),
        " text alone": lambda: pdf.render_pdf(write(), {}, FONTS, blanks),
        "workbook": lambda: render_xlsx(report, wording),
        "CSV": lambda: render_csv(report, wording),
    }
    first, _ = cost(works["PDF"])
    rounds = [{name: cost(work) for name, work in works.items()} for _ in range(ROUNDS)]
    for name in works:
        seconds, made = min(each[name][0] for each in rounds), rounds[0][name][1]
        print(f"{name:11} {1000 * seconds:8.1f} ms CPU {size(made) / 1000:9.1f} kB")
    print(f"the first PDF of the process: {1000 * first:.1f} ms CPU")
    ratio = statistics.median(each["PDF"][0] / each["charts"][0] for each in rounds)
    print(f"the whole PDF costs {ratio:.1f} × its charts (aim: at most 2)")


if __name__ == "__main__":
    main()
