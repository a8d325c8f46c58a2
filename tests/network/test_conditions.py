"""How a tablet is doing: silent, behind, paused, and what else to mind."""

from datetime import timedelta

import pytest

from survey_app.models import Tablet
from survey_app.network.conditions import condition_of
from tests.factories import NOON

OPENED = NOON - timedelta(hours=3)
MINUTE = timedelta(minutes=1)


def tablet(**columns):
    columns = {"last_seen_at": NOON - MINUTE, "unsent": 0} | columns
    return Tablet(paired_at=NOON - timedelta(days=400), **columns)


def state(open_since=OPENED, **columns):
    return condition_of(tablet(**columns), open_since, NOON).state


def test_a_tablet_heard_of_a_minute_ago_works():
    assert state() == state(open_since=None) == "works"


@pytest.mark.parametrize(
    ("seen", "opened", "expected"),
    [
        # Open: ten minutes. Closed: a day.
        (10 * MINUTE, OPENED, "works"),
        (11 * MINUTE, OPENED, "silent"),
        (11 * MINUTE, None, "works"),
        (timedelta(hours=24), None, "works"),
        (timedelta(hours=25), None, "silent"),
        # Switched off over night, it has ten minutes from opening time on.
        (timedelta(hours=15), NOON - 9 * MINUTE, "works"),
        (timedelta(hours=15), NOON - 11 * MINUTE, "silent"),
    ],
)
def test_silence(seen, opened, expected):
    assert state(opened, last_seen_at=NOON - seen) == expected


def test_a_tablet_never_heard_of_is_silent_from_its_pairing_on():
    fresh = Tablet(paired_at=NOON - 5 * MINUTE)
    assert condition_of(fresh, OPENED, NOON).state == "works"
    fresh.paired_at = NOON - 15 * MINUTE
    assert condition_of(fresh, OPENED, NOON).state == "silent"


@pytest.mark.parametrize(
    ("unsent", "waited", "expected"),
    [
        (0, 60 * MINUTE, "works"),
        (1, 9 * MINUTE, "works"),
        (1, 12 * MINUTE, "behind"),
        # Somebody rates all the time, and nothing leaves.
        (21, timedelta(0), "behind"),
    ],
)
def test_ratings_that_do_not_leave(unsent, waited, expected):
    assert state(unsent=unsent, last_rating_at=NOON - MINUTE - waited) == expected


def test_the_age_of_a_rating_allows_for_the_tablets_clock():
    # By its clock, an hour fast, the rating came fifteen minutes before it was last heard of.
    ahead = timedelta(hours=1)
    given = NOON - MINUTE - 15 * MINUTE + ahead
    assert state(unsent=1, last_rating_at=given, skew_ms=-3_600_000) == "behind"
    assert state(unsent=1, last_rating_at=given, skew_ms=0) == "works"


@pytest.mark.parametrize("skew_ms", [2**53, -(2**53)])
def test_a_clock_beyond_any_calendar_breaks_no_page(skew_ms):
    assert state(unsent=1, last_rating_at=NOON, skew_ms=skew_ms) == "behind"


def test_a_paused_tablet_that_falls_silent_is_silent():
    assert state(paused_at=NOON) == state(paused_at=NOON, unsent=50) == "paused"
    assert state(paused_at=NOON, last_seen_at=NOON - timedelta(days=2)) == "silent"
    assert state(revoked_at=NOON, last_seen_at=None) == "revoked"


@pytest.mark.parametrize(
    ("skew_ms", "said"),
    [(None, None), (120_000, None), (-120_000, None), (-300_000, 5), (300_000, -5)],
)
def test_a_clock_is_said_to_be_wrong_beyond_two_minutes(skew_ms, said):
    expected = None if said is None else said * MINUTE
    assert condition_of(tablet(skew_ms=skew_ms), OPENED, NOON).skew == expected


def test_an_empty_battery_and_a_full_disk_are_noted():
    low = condition_of(tablet(battery_percent=15, storage_free=1000), OPENED, NOON)
    assert (low.is_battery_low, low.is_storage_low) == (True, True)
    fine = condition_of(
        tablet(battery_percent=15, is_charging=True, storage_free=10**9), OPENED, NOON
    )
    unknown = condition_of(tablet(), OPENED, NOON)
    for each in (fine, unknown):
        assert (each.is_battery_low, each.is_storage_low) == (False, False)
