"""Workbook and long table hold the network's figures to the last digit, and no formula."""

import csv
import io
from dataclasses import replace

import openpyxl
import pytest

from analysis.estimates import wilson
from analysis.network_tables import render_csv, render_xlsx
from survey_app.i18n import wording
from survey_app.models import LANGUAGES
from tests.analysis.every_table import HOSTILE
from tests.analysis.made_up_network import made_up_network

pytestmark = pytest.mark.any_database


@pytest.fixture(scope="module")
def network():
    return made_up_network()


def book(network, language="en"):
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(network, wording(language))))


def lines(network, language="en"):
    return list(
        csv.DictReader(io.StringIO(render_csv(network, wording(language)).decode("utf-8-sig")))
    )


def test_every_center_stands_in_the_workbook_with_its_figures(network):
    rows = list(book(network)["Centers"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(network.centers)
    for row, center in zip(rows, network.centers, strict=True):
        satisfied = center.satisfied
        assert row[0] == center.names["en"]
        # A workbook keeps sixteen digits of a number.
        assert row[1:4] == pytest.approx(
            (satisfied.value, satisfied.low, satisfied.high), rel=1e-15
        )
        assert row[4] == satisfied.base
        assert row[7:9] == (center.served, pytest.approx(center.response_rate, rel=1e-15))
        assert row[10] == pytest.approx(100 * center.against_rest.difference.value, rel=1e-15)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_have_names_of_the_language_that_a_workbook_allows(network, language):
    names = book(network, language).sheetnames
    assert len(names) == len({name.lower() for name in names}) == 12
    assert all(len(name) <= 31 for name in names)


def test_each_figure_is_in_the_long_table_exactly(network):
    table = {(row["table"], row["key"], row["measure"]): row for row in lines(network)}
    assert len(table) == len(lines(network))
    headline = table["headline", "network", "share_satisfied"]
    assert float(headline["value"]) == network.satisfied.value
    for center in network.centers:
        for measure, estimate in (
            ("share_satisfied", center.satisfied),
            ("share_tablet", center.tablet),
            ("share_qr", center.qr),
        ):
            row = table["centers", center.slug, measure]
            assert float(row["value"]) == estimate.value
            assert (float(row["low"]), float(row["high"])) == (estimate.low, estimate.high)
            assert int(row["base"]) == estimate.base
        assert table["centers", center.slug, "data_hash"]["value"] == center.data_hash
        assert table["centers", center.slug, "place_in_funnel"]["value"] == center.place
    assert table["passport", "2026-10", "data_hash"]["value"] == network.data_hash


def test_verified_ratings_and_answers_have_a_row_a_center(network):
    tickets = replace(network.strata[0], verified=wilson(40, 42), part=0.06)
    told = replace(network, strata=(tickets, *network.strata[1:]))
    sheet = [*book(told)["Verified ratings"].iter_rows(min_row=2, values_only=True)]
    assert len(sheet) == 2 * len(network.centers)
    assert sheet[0][:2] == (network.centers[0].names["en"], "Verified")
    assert (sheet[0][5], sheet[0][7]) == (42, 0.06)
    slug = network.centers[0].slug
    table = {(row["table"], row["key"], row["measure"]): row for row in lines(told)}
    assert table["strata", slug, "share_verified"]["base"] == "42"
    assert table["passport", "2026-10", "verified"]["value"] == "42"
    answers = [*book(network)["Complaints handled"].iter_rows(min_row=2, values_only=True)]
    for row, center, counts in zip(answers, network.centers, network.complaints, strict=True):
        assert row[:3] == (center.names["en"], counts.asked, counts.answered)
        assert row[9] == counts.median_hours
        told_asked = table["complaints", center.slug, "asked"]["value"]
        assert told_asked == str(counts.asked)


def test_a_withheld_cell_is_empty_in_both(network):
    hidden = [
        (row.code, center.slug)
        for row in network.services
        for center, cell in zip(network.centers, row.centers, strict=True)
        if cell.withheld
    ]
    assert hidden
    table = {(row["table"], row["key"]): row for row in lines(network)}
    for code, slug in hidden:
        row = table["services", f"{code}/{slug}"]
        assert {row[column] for column in ("value", "low", "high", "base")} == {""}
    sheet = book(network)["Services and centers"]
    told = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[-1] == "withheld"]
    summed = sum(row.satisfied.withheld for row in network.services)
    assert len(told) == len(hidden) + summed
    assert all(row[3:7] == (None,) * 4 for row in told)


def test_no_cell_begins_a_formula_whatever_centers_and_areas_are_called(network):
    names = [{"en": name} for name in HOSTILE]
    places = len(network.centers)
    odd = replace(
        network,
        centers=tuple(map(lambda c, n: replace(c, names=n), network.centers, names[:places])),
        areas=tuple(map(lambda a, n: replace(a, names=n), network.areas, names[places:])),
    )
    assert places + len(odd.areas) == len(HOSTILE)
    kinds = {cell.data_type for sheet in book(odd) for row in sheet for cell in row}
    assert "f" not in kinds
    table = lines(odd)
    labels = [row["label"].lstrip("'") for row in table]
    assert all(any(label.startswith(n["en"].lstrip("'")) for label in labels) for n in names)
    starts = {
        row[column].lstrip(" ")[:1] for row in table for column in ("key", "label", "measure")
    }
    assert not starts & set("=+-@\t\r\n\uff1d")
