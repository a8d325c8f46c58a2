"""The demo's published figures agree with a second implementation, and follow from its ratings."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Center
from survey_app.reports.verifying import verify
from tests.demo.conftest import LAST_MONTH
from tests.reports.independent import Check, check_database

WHERE = (
    ("headline", "satisfied", "low"),
    ("headline", "response_rate"),
    ("headline", "bounds", "high"),
    ("headline", "weighted", "low"),
    ("headline", "since_year_before", "difference", "high"),
    ("trend", 3, "satisfied", "value"),
    ("areas", 0, "satisfied", "value"),
    ("channels", 1, "satisfied", "high"),
    ("channels", 0, "part"),
    ("hours", 3, "satisfied", "low"),
    ("days", 1, "base"),
    ("outcomes", 0, "satisfied", "value"),
    ("drivers", 0, "effect", "difference", "low"),
    ("complaints", "this", "answered"),
    ("complaints", "this", "carried_unanswered"),
    ("complaints", "previous", "waiting"),
    ("complaints", "this", "ninetieth_hours"),
    ("complaints", "waiting_long"),
    ("topic_effects", 0, "others", "value"),
    ("set_aside", 0, "count"),
    ("passport", "with_set_aside", "value"),
)


@pytest.fixture(scope="module")
def checks(demo_app: Any) -> list[tuple[str, Check]]:
    """The last month of every center, checked."""
    path = Path(demo_app.extensions["settings"].database.removeprefix("sqlite:///"))
    return list(check_database(path, {str(LAST_MONTH)}))


def test_every_published_figure_agrees_with_the_second_implementation(
    checks: list[tuple[str, Check]],
) -> None:
    assert {name: check.wrong for name, check in checks if check.wrong} == {}
    assert len(checks) == 5
    assert min(check.figures for _, check in checks) > 1000


@pytest.mark.parametrize("where", WHERE, ids=lambda where: "-".join(map(str, where)))
def test_a_figure_that_is_off_is_found(checks: list[tuple[str, Check]], where: tuple[Any]) -> None:
    good = next(check for _, check in checks if check.report[where[0]])
    report = copy.deepcopy(good.report)
    *way, last = where
    place = report
    for step in way:
        place = place[step]
    place[last] += 1 if isinstance(place[last], int) else 1e-8 * max(1, place[last])
    assert len(Check(good.center, report, set()).run().wrong) == 1


def test_a_small_cell_that_is_told_is_found(checks: list[tuple[str, Check]]) -> None:
    good = checks[0][1]
    report = copy.deepcopy(good.report)
    small = next(each for each in report["services"] if each["satisfied"]["withheld"])
    small["satisfied"]["withheld"] = False
    report["hidden"].remove(f"service:{small['code']}")
    assert any("not withheld" in line for line in Check(good.center, report, set()).run().wrong)


def test_a_cell_withheld_without_a_reason_is_found(checks: list[tuple[str, Check]]) -> None:
    good = checks[0][1]
    report = json.loads(json.dumps(good.report))
    report["hidden"].append("channel:tablet")
    report["channels"][0]["satisfied"]["withheld"] = True
    wrong = Check(good.center, report, set()).run().wrong
    assert any("without a reason" in line for line in wrong)


def test_a_published_report_is_recomputed_from_its_ratings(demo: Session) -> None:
    center = demo.scalars(select(Center).order_by(Center.number)).first()
    assert center is not None
    done = verify(demo, center, LAST_MONTH, None)
    assert (done.differences, done.wrong_tallies) == ((), ())
