"""`./run report`, in processes of its own; verifying is tested with tests/reports/."""

import json

import pytest

from analysis.months import Month
from survey_app.reports.publishing import publish_month
from tests.busy_center import LATER, OCTOBER

pytestmark = pytest.mark.any_database


def test_a_report_is_written_for_one_center_or_for_all(rey, session, busy_center, tmp_path):
    publish_month(session, busy_center, OCTOBER, LATER)
    session.commit()
    target = tmp_path / "folder" / "own.json"
    asked = ("--month", "2026-10", "--format", "json", "--out", str(target))
    assert rey("report", "--center", "own", *asked).returncode == 0
    assert Month.parse(json.loads(target.read_text())["month"]) == OCTOBER
    assert "Nothing is published" in rey("report", "--center", "own", "--month", "2026-09").stderr
    assert rey("report", "--month", "2026-10").returncode == 2
    assert rey("report", "--center", "own", "--month", "10/2026").returncode == 2
