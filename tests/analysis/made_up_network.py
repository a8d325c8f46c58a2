"""A made-up month of the demo's five centers: one has stories and is apart from the others."""

from dataclasses import replace
from functools import cache

from analysis.building import build_report
from analysis.network import build_network_report
from analysis.report import CenterName
from analysis.tally import ScoreTally, SetAside
from tests.analysis.made_up_center import made_up_inputs, names, rows


@cache
def made_up_reports(ratings=900):
    """The centers' reports, the same for the same size; each center has a size of its own."""
    reports = []
    for number, row in enumerate(rows("centers.tsv"), 1):
        inputs = made_up_inputs(
            seed=number,
            stories=number == 3,
            ratings=round(ratings * float(row["weight"])),
            follow_ups=True,
        )
        place = CenterName(row["slug"], names(row), "Asia/Baku")
        aside = () if number == 2 else (SetAside("fast_run/1", 9, ScoreTally((0, 0, 0, 0, 9))),)
        reports.append(build_report(replace(inputs, center=place, set_aside=aside)))
    return tuple(reports)


@cache
def made_up_network(ratings=900):
    return build_network_report(made_up_reports(ratings))
