"""`./run integrity`: checking by hand, and the list of open alerts."""

import pytest

pytestmark = pytest.mark.any_database


def test_a_day_is_checked_by_hand_and_its_alerts_are_listed(rey, stuffed):
    checked = rey("integrity", "check", "--center", "own", "--day", "2026-10-05")
    assert (checked.returncode, checked.stdout) == (0, "new alerts: 1\n")
    listed = rey("integrity", "alerts")
    assert "own 2026-10-05 fast_run/1" in listed.stdout
    assert "ratings=10" in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--center", "own"), "Name both --center and --day"),
        (("--center", "nowhere", "--day", "2026-10-05"), "There is no center named nowhere."),
    ],
)
def test_half_an_order_is_refused(rey, arguments, problem):
    refused = rey("integrity", "check", *arguments)
    assert refused.returncode != 0
    assert problem in refused.stderr
