"""One long table: every figure once, text neutralised, numbers as written by the report."""

import csv
import io
from dataclasses import replace

import pytest

from analysis.csv_tables import HEAD, neutralised, render_csv
from analysis.report import build_report
from analysis.wording import PlainWording
from tests.analysis.made_up_center import made_up_inputs
from tests.analysis.test_report import comment

HOSTILE = "=cmd|' /C calc'!A0 gözlədim, çox gözlədim"


@pytest.fixture(scope="module")
def report():
    return build_report(replace(made_up_inputs(), comments=(comment(HOSTILE),)))


def rows(report, language="en"):
    written = render_csv(report, PlainWording(language))
    assert written.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))


def test_every_figure_stands_once(report):
    table = rows(report)
    assert tuple(table[0]) == HEAD
    keys = [(row["table"], row["key"], row["measure"]) for row in table]
    assert len(set(keys)) == len(keys)


def test_the_headline_is_exact(report):
    (row,) = (
        r for r in rows(report) if r["table"] == "headline" and r["measure"] == "share_satisfied"
    )
    headline = report.headline.satisfied
    assert float(row["value"]) == headline.value
    assert (float(row["low"]), float(row["high"])) == (headline.low, headline.high)
    assert int(row["base"]) == headline.base


def test_services_add_up_and_few_have_no_share(report):
    table = [
        row
        for row in rows(report)
        if row["table"] == "services" and row["measure"] == "share_satisfied"
    ]
    assert sum(int(row["base"]) for row in table) == report.headline.tally.base
    assert all((row["value"] == "") == (int(row["base"]) < 10) for row in table)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "  =1", "＝1", "\n@x"]
)
def test_text_that_begins_like_a_formula_is_neutralised(text):
    assert neutralised(text) == "'" + text


def test_ordinary_text_is_left_alone():
    assert neutralised("Gözləmə – uzun = pis") == "Gözləmə – uzun = pis"


def test_citizens_text_is_no_formula(report):
    labels = [row["label"] for row in rows(report) if row["table"] == "quotations"]
    assert labels == ["'" + HOSTILE]
    for row in rows(report, "az"):
        assert not row["label"].startswith(("=", "+", "-", "@"))
