"""One long table: every figure once, text neutralised, numbers as written by the report."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.building import build_report
from analysis.control import funnel_limits
from analysis.csv_tables import HEAD, neutralised, render_csv
from analysis.wording import PlainWording
from tests.analysis.every_table import everything_report, hostile_report
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


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_every_figure_stands_once(language):
    table = rows(everything_report(), language)
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


def test_told_bases_stay_under_the_headline_and_withheld_rows_are_empty(report):
    table = [
        row
        for row in rows(report)
        if row["table"] == "services" and row["measure"] == "share_satisfied"
    ]
    bases = [int(row["base"]) for row in table if row["base"]]
    assert 0 < sum(bases) <= report.headline.tally.base
    withheld = {s.code for s in report.services if s.satisfied.withheld}
    empty = {row["key"] for row in table if not row["base"]}
    assert withheld
    assert empty == withheld
    assert all(row["value"] == row["low"] == row["high"] == "" for row in table if not row["base"])


def test_no_base_is_told_of_a_withheld_cell_in_any_table():
    report = everything_report()
    table = rows(report)
    hidden = {("services", s.code) for s in report.services if s.satisfied.withheld} | {
        ("equality", "disability/yes"),
        ("equality", "disability/no_answer"),
    }
    empty = {
        (row["table"], row["key"])
        for row in table
        if row["measure"] == "share_satisfied" and not row["base"]
    }
    assert hidden & empty
    rates = [
        row["value"]
        for row in table
        if row["measure"] == "response_rate" and (row["table"], row["key"]) in empty
    ]
    assert rates
    assert not any(rates)


def test_every_part_of_the_report_has_its_table():
    report = everything_report()
    cells = told(report)
    assert {table for table, _, _ in cells} == {
        "headline", "scores", "months", "control", "breaks", "areas", "structures", "services",
        "funnel", "channels", "strata", "hours",
        "days", "drivers", "topic_effects", "outcomes", "topics",
        "quotations", "equality", "complaints", "set_aside", "alerts", "history", "passport",
    }  # fmt: skip
    driver, point = report.drivers[0], report.control.points[-1]
    assert figures(cells["drivers", driver.code, "share_satisfied_named"]) == (
        driver.named.value, driver.named.low, driver.named.high
    )  # fmt: skip
    assert cells["drivers", driver.code, "effect_verdict"]["value"] == driver.effect.verdict
    assert float(cells["drivers", driver.code, "weight"]["value"]) == driver.weight
    assert figures(cells["control", "2026-10", "limits"]) == (
        report.control.center_line, point.low, point.high
    )  # fmt: skip
    assert cells["control", "2026-10", "signal"]["value"] == "below"
    funnel = report.funnel
    limits = funnel_limits(funnel.center_line, funnel.points[0].base, 0.998, funnel.dispersion)
    assert figures(cells["funnel", funnel.points[0].code, "limits_0.998"]) == (
        funnel.center_line, limits.low, limits.high
    )  # fmt: skip
    assert cells["set_aside", "fast_run/2", "void"]["value"] == "4"
    assert ("set_aside", "fast_run/2", "score_5") not in cells
    assert cells["set_aside", "outside_hours/1", "score_5"]["value"] == "11"
    assert cells["alerts", "1", "place"]["value"] == "Hall"
    assert cells["days", report.uncounted_days[0].isoformat(), "visits_counted"]["value"] == "0"
    assert cells["history", "1", "share_satisfied"]["base"] == "1785"
    assert cells["passport", "2026-10", "verified"]["value"] == "120"
    handled = report.complaints
    assert cells["complaints", "2026-10", "asked"]["value"] == str(handled.this.asked)
    assert cells["complaints", "2026-09", "waiting"]["value"] == str(handled.previous.waiting)
    assert cells["complaints", "2026-10", "median_hours"]["base"] == str(handled.this.answers)
    assert cells["complaints", "2026-10", "waiting_long"]["value"] == str(handled.waiting_long)
    both = report.strata[-1]
    assert figures(cells["strata", "all", "share_verified"]) == (
        both.verified.value, both.verified.low, both.verified.high
    )  # fmt: skip
    assert cells["strata", "qr", "share_verified"]["base"] == "120"
    gap = report.strata[1].difference
    assert cells["strata", "qr", "verified_minus_open_verdict"]["value"] == gap.verdict
    assert cells["passport", "2026-10", "verify"]["value"].endswith("absheron --month 2026-10")


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


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.builds(
            str.__add__,
            st.sampled_from(("=", "+", "-", "@", "\t=", " =", "＝", "\r", "\n=", '"=')),
            st.text(st.characters(exclude_categories=("Cs",))),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_text_begins_like_a_formula_whatever_people_write(texts):
    for row in rows(hostile_report(texts)):
        for cell in row.values():
            assert is_number(cell) or not cell.lstrip(" ").startswith(tuple("=+-@\t\r\n＝＋－＠"))


def test_same_report_same_bytes():
    report = everything_report()
    assert render_csv(report, PlainWording("az")) == render_csv(report, PlainWording("az"))


# ----- local fixtures


def told(report):
    return {(row["table"], row["key"], row["measure"]): row for row in rows(report)}


def figures(row):
    return tuple(float(row[name]) for name in ("value", "low", "high"))


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True
