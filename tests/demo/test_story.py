"""What happened in the demo network, told small: from a seed, with the promised stories."""

import os
import random
import subprocess
import sys
from collections import Counter
from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from analysis.months import Month
from survey_app.config import ROOT
from survey_app.demo import story
from survey_app.demo.catalogue import CLOSES, OPENS

CENTERS = {"baku-1": 1.2, "baku-2": 0.85, "baku-3": 1.25, "baku-4": 0.9, "absheron": 0.8}
SERVICES = {"01-01-01": 40.0, story.WORSENING_SERVICE: 4.0, "03-01-01": 50.0, "UC-01": 5.0}
MONTHS = [Month(2025, 10)]
while len(MONTHS) < story.MONTHS:
    MONTHS.append(MONTHS[-1].next())
PEOPLE = 30_000
# How a fresh interpreter, whose sets are in another order, tells the same story.
IN_ANOTHER_PROCESS = """
import hashlib, random
from tests.demo.test_story import ground, story
told = story.tell(ground(4_000), random.Random(7))
print(hashlib.sha256(repr((sorted(told.served.items()), told.presses)).encode()).hexdigest())
"""


def ground(people: int = PEOPLE) -> story.Ground:
    """Workdays of thirteen months; holidays do not matter here."""
    first, last = MONTHS[0].first_day, MONTHS[-1].last_day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    workdays = [day for day in days if day.isoweekday() <= 5]
    return story.Ground(CENTERS, SERVICES, workdays, MONTHS, people)


@pytest.fixture(scope="module")
def told() -> story.Story:
    return story.tell(ground(), random.Random(7))


def test_the_same_seed_tells_the_same_and_another_does_not(told: story.Story) -> None:
    again = story.tell(ground(), random.Random(7))
    assert again == told
    assert story.tell(ground(), random.Random(8)).presses != told.presses


def test_every_process_tells_the_same() -> None:
    heard = {
        subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(heard) == 1


def test_as_many_come_as_the_ground_holds(told: story.Story) -> None:
    assert told.served.total() == pytest.approx(PEOPLE, rel=0.02)
    rated = PEOPLE * story.RATINGS / story.PEOPLE_SERVED
    stuffed = story.STUFFED_AFTERNOONS * story.STUFFED_PRESSES
    assert len(told.presses) == pytest.approx(rated + stuffed + 45, rel=0.05)


def test_the_hours_of_visits_are_known_for_the_last_months(told: story.Story) -> None:
    per_day: Counter[tuple[str, date, str]] = Counter()
    for (center, day, service, hour), people in told.served_hourly.items():
        assert OPENS.hour <= hour < CLOSES.hour
        per_day[center, day, service] += people
    since = MONTHS[-story.MONTHS_WITH_HOURS].first_day
    assert per_day == {key: served for key, served in told.served.items() if key[1] >= since}
    assert min(day for _, day, _ in per_day) < MONTHS[-1].first_day


def test_the_share_satisfied_is_the_well_known_one(told: story.Story) -> None:
    satisfied = sum(press.score >= 4 for press in told.presses)
    assert satisfied == len(told.presses) - round(len(told.presses) * (1 - 0.974))


def test_presses_are_in_order_and_within_the_day(told: story.Story) -> None:
    moments = [press.rated for press in told.presses]
    assert moments == sorted(moments)
    outside = [press for press in told.presses if not OPENS <= press.rated.time() < CLOSES]
    assert len(outside) == 45
    assert {press.rated.isoweekday() for press in told.presses} == {1, 2, 3, 4, 5}


def test_nobody_rates_a_service_that_nobody_came_for(told: story.Story) -> None:
    named = [press for press in told.presses if press.service]
    assert all(told.served[each.center, each.rated.date(), str(each.service)] for each in named)


def test_the_coordination_room_knows_its_services(told: story.Story) -> None:
    in_the_room = [press for press in told.presses if press.place == "coordination"]
    assert in_the_room
    assert {press.service for press in in_the_room} == {"UC-01"}


def test_reasons_fit_the_score(told: story.Story) -> None:
    for press in told.presses:
        assert (press.cause is not None) == (press.score <= 3)
        assert press.outcome in {None, "yes", "partly", "no"}
        assert press.drivers == sorted(set(press.drivers))
        assert 1 <= press.score <= 5


def test_a_center_is_silent_for_two_weeks_in_which_people_came(told: story.Story) -> None:
    last = MONTHS[-1].first_day
    came = {day for center, day, _ in told.served if center == story.SILENT_CENTER and day >= last}
    rated = {press.rated.date() for press in told.presses if press.center == story.SILENT_CENTER}
    silent = sorted(came - rated)
    assert len(silent) >= story.SILENT_DAYS
    longest = silent[-1] - silent[0]
    assert longest <= timedelta(days=3 * story.SILENT_DAYS)


def test_one_tablet_is_stuffed_on_six_afternoons(told: story.Story) -> None:
    stuffed = [press for press in told.presses if press.relative_risk == 0]
    by_day = Counter(press.rated.date() for press in stuffed)
    assert list(by_day.values()) == [story.STUFFED_PRESSES] * story.STUFFED_AFTERNOONS
    assert {(press.center, press.place, press.score) for press in stuffed} == {
        (story.STUFFED_CENTER, story.STUFFED_PLACE, 5)
    }
    assert all(Month.of(day) == MONTHS[-1] for day in by_day)
    assert all(time(15) < press.rated.time() < time(17) for press in stuffed)
    gaps = [
        (after.rated - before.rated).total_seconds()
        for before, after in pairwise(stuffed)
        if before.rated.date() == after.rated.date()
    ]
    # Not so fast that the tablet's own pause of six seconds would catch it.
    assert min(gaps) >= 6
    assert max(gaps) <= 10


def test_the_risk_of_the_worsening_service_grows_month_by_month(told: story.Story) -> None:
    risks = {}
    for press in told.presses:
        is_monday = press.center == story.MONDAY_CENTER and press.rated.isoweekday() == 1
        if press.service == story.WORSENING_SERVICE and not is_monday:
            risks[Month.of(press.rated.date())] = press.story_risk
    quiet = len(MONTHS) - len(story.WORSENING)
    assert [risks[month] for month in MONTHS] == [0.0] * quiet + list(story.WORSENING)


def test_monday_mornings_are_risky_in_one_center_only(told: story.Story) -> None:
    risky = Counter(
        (press.center, press.rated.isoweekday(), press.rated.hour)
        for press in told.presses
        if press.story_risk == story.MONDAY_RISK and press.service != story.WORSENING_SERVICE
    )
    mornings = {(story.MONDAY_CENTER, 1, hour) for hour in story.MONDAY_HOURS}
    assert mornings <= set(risky)
    # Who came for the worsening service in its fifth month, unnamed, bears the same risk.
    elsewhere = sum(count for place, count in risky.items() if place not in mornings)
    assert elsewhere < 0.1 * risky.total()


def test_summer_is_quiet_and_spring_is_busy(told: story.Story) -> None:
    per_month: Counter[Month] = Counter()
    for (_, day, _), people in told.served.items():
        per_month[Month.of(day)] += people
    assert per_month[Month(2026, 3)] > 1.1 * per_month[Month(2026, 8)]


def test_an_end_date_moves_the_whole_story() -> None:
    moved = ground(4_000)
    told = story.tell(moved, random.Random(7))
    assert min(press.rated.date() for press in told.presses) >= date(2025, 10, 1)
    assert max(press.rated.date() for press in told.presses) <= date(2026, 10, 31)


def test_some_rate_on_their_phones_by_ticket_in_the_last_two_months(told: story.Story) -> None:
    since = MONTHS[-story.MONTHS_WITH_TICKETS].first_day
    phones = [p for p in told.presses if p.channel == "qr" and p.rated.date() >= since]
    by_ticket = [press for press in told.presses if press.has_ticket]
    assert all(press in phones for press in by_ticket)
    assert len(by_ticket) == pytest.approx(story.TICKET_PART * len(phones), rel=0.25)
