"""A made-up report with something in every table, and the hostile texts a table has to survive."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from analysis.building import build_report
from analysis.drivers import DriverChoice, DriverCounts
from analysis.equality import GroupCounts
from analysis.estimates import wilson
from analysis.report import PastRevision
from analysis.tally import (
    AlertNote,
    AskedCounts,
    OutcomeCounts,
    QuotableComment,
    ScoreTally,
    SetAside,
    VerifiedCounts,
)
from tests.analysis.made_up_center import case_times, made_up_inputs

#: As the first letters of a comment, a name or a rule.
HOSTILE = (
    '=HYPERLINK("http://evil.example","bax") gözlədim',
    "=cmd|' /C calc'!A0",
    "+994501234567",
    "-2+3",
    "@SUM(1+1)*cmd",
    "\t=1+1",
    "  =1+1",
    "＝1＋1",
    "'=1+1",
    '"; =1+1; "',
    "{=1+1}",
    "http://evil.example/",
    "1234567890123456789",
    "sətir bir\n=sətir iki",
)
#: So many services are enough for every hostile text to be the name of two.
FEW = 30


def part_of(tally, divisor):
    """A part of the ratings, about one in `divisor` of each score."""
    return ScoreTally(tuple(count // divisor for count in tally.counts))


def everything_inputs(**members):
    """The made-up center with drivers, outcomes, groups, breaks, alerts and an earlier revision."""
    inputs = made_up_inputs(revision=2)
    whole = inputs.months[-1].tally
    days = [day for day in inputs.days if day.open]
    given = {
        "months": tuple(
            replace(
                counts,
                asked=(AskedCounts(1 + (i > 2) + (i > 8), "ab"[i > 2], counts.tally.base),),
                qr=counts.tally.base // (2 if i > 10 else 5),
            )
            for i, counts in enumerate(inputs.months)
        ),
        "services": tuple(
            replace(s, agency_code=s.agency_names["en"][:20]) if s.agency_names["en"] else s
            for s in inputs.services
        ),
        "days": tuple(
            replace(day, served=400 if day.open and day != days[3] else None) for day in inputs.days
        ),
        "comments": (*map(comment, HOSTILE), *inputs.comments),
        "set_aside": (
            SetAside("outside_hours/1", 12, ScoreTally((0, 0, 0, 1, 11))),
            SetAside("fast_run/2", 19, None, 4),
        ),
        "drivers": drivers("waiting", "staff_courtesy", "digital"),
        "topic_drivers": drivers("fairness", "information", "facilities"),
        "outcomes": tuple(
            OutcomeCounts(code, in_all(code), tally)
            for code, tally in (
                ("yes", part_of(whole, 2)),
                ("partly", part_of(whole, 5)),
                ("no", ScoreTally((1, 1, 0, 0, 1))),
            )
        ),
        "groups": tuple(
            GroupCounts(question, in_all(question), code, in_all(code), tally, served)
            for question, code, tally, served in (
                ("sex", "female", part_of(whole, 3), 4000),
                ("sex", "male", part_of(whole, 4), None),
                ("sex", "no_answer", part_of(whole, 8), None),
                ("disability", "yes", ScoreTally((0, 0, 0, 1, 2)), 30),
                ("disability", "no", part_of(whole, 2), 7000),
                ("disability", "no_answer", part_of(whole, 9), None),
            )
        ),
        "alerts": (
            AlertNote("fast_run/2", days[4].day, days[4].day, in_all("Hall"), 3e-9, 19, True),
            AlertNote("turnout_coupling", days[0].day, days[-1].day, None, 4e-5, 0, False),
        ),
        "cases": tuple(case_times()),
        "verified": (VerifiedCounts("qr", ScoreTally((4, 3, 5, 30, 78))),),
        "history": (
            PastRevision(1, date(2026, 11, 5), "first", wilson(1590, 1785), 1785, 8600, 30),
        ),
    }
    return replace(inputs, **{**given, **members})


@cache
def everything_report():
    """The report of these inputs."""
    return build_report(everything_inputs())


def hostile_report(texts=HOSTILE):
    """The same report, with fewer services, and hostile words wherever words come from outside."""
    report = everything_report()
    pick = [texts[i % len(texts)] for i in range(FEW)]
    return replace(
        report,
        center=replace(report.center, names=in_all(pick[0])),
        survey_question=in_all(pick[1]),
        services=tuple(
            replace(s, names=in_all(text), area_names=in_all(text), agency_names=in_all(text))
            for s, text in zip(report.services, pick, strict=False)
        ),
        areas=tuple(replace(a, names=in_all(t)) for a, t in zip(report.areas, pick, strict=False)),
        structures=tuple(
            replace(s, names=in_all(t)) for s, t in zip(report.structures, pick, strict=False)
        ),
        outcomes=tuple(
            replace(o, names=in_all(t)) for o, t in zip(report.outcomes, pick, strict=False)
        ),
        equality=tuple(replace(q, names=in_all(pick[0])) for q in report.equality),
        set_aside=tuple(replace(s, rule=t) for s, t in zip(report.set_aside, pick, strict=False)),
        alerts=tuple(
            replace(a, rule=t, place=in_all(t)) for a, t in zip(report.alerts, pick, strict=False)
        ),
        quotations=tuple(map(comment, texts)),
    )


def in_all(text):
    """The same words in every language."""
    return dict.fromkeys(("az", "ru", "en"), text)


def comment(text):
    return QuotableComment(
        text, "az", "negative", ("waiting",), 2, None, date(2026, 10, 5) + timedelta(days=1)
    )


def drivers(low, high, rare):
    return DriverCounts(
        ScoreTally((50, 50, 100, 200, 600)),
        (
            DriverChoice(low, ScoreTally((40, 30, 30, 20, 10))),
            DriverChoice(high, ScoreTally((5, 10, 30, 100, 400))),
            DriverChoice(rare, ScoreTally((0, 0, 1, 1, 1))),
        ),
        (),
    )
