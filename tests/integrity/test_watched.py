"""What the rules look at: presses by the device's counter, and the reference of a month's tests."""

from datetime import timedelta
from uuid import UUID

import pytest

from analysis.months import Month
from analysis.tally import ScoreTally
from survey_app.integrity.watched import load_channels, load_counted, load_day, load_void
from tests.factories import DAY, NOON

OCTOBER = Month.of(DAY)
RUN_ID = UUID("0190a000-0000-7000-8000-000000000001")

pytestmark = pytest.mark.any_database


def months_before(count):
    """Noon of a day so many months earlier."""
    month = OCTOBER
    for _ in range(count):
        month = month.previous()
    return NOON.replace(year=month.year, month=month.month)


def tally(**scores):
    return ScoreTally(tuple(scores.get(f"s{score}", 0) for score in range(1, 6)))


@pytest.mark.parametrize(("months_with_tickets", "by_tickets"), [(3, False), (4, True)])
def test_the_reference_is_verified_once_it_can_be_judged_by(
    session, make, center, months_with_tickets, by_tickets
):
    tablet, poster = make.touchpoint(center), make.poster(center)
    for back in range(months_with_tickets):
        when = months_before(back)
        make.ratings([5] * 3, tablet, rated_at=when)
        make.ratings([4] * 2, tablet, rated_at=when, verified=True)
        make.ratings([2] * 4, poster, rated_at=when)
        make.ratings([1] * 8, poster, rated_at=when, verified=True)
    *_, last = load_channels(session, center, OCTOBER, 6)
    if by_tickets:
        assert last == (tally(s5=3), tally(s4=2, s1=8))
    else:
        assert last == (tally(s5=3, s4=2), tally(s2=4, s1=8))
    assert load_counted(session, center, OCTOBER) == tally(s5=3, s4=2, s2=4, s1=8)


def test_what_citizens_withdrew_is_no_voiding(session, make, center):
    poster = make.poster(center)
    make.rating(poster, score=1, state="void")
    make.rating(poster, score=2, state="void", held_rule="fast_run/1")
    make.rating(poster, score=3, state="void", held_rule="withdrawn/1")
    assert load_void(session, center, OCTOBER) == tally(s1=1, s2=1)


def test_presses_carry_the_devices_counter(session, make, center):
    place = make.touchpoint(center)
    make.rating(place, device_run=RUN_ID, device_ms=12_000, visit_ms=3_500)
    make.rating(place, rated_at=NOON + timedelta(minutes=1))
    ((first, second),) = [tablet.presses for tablet in load_day(session, center, DAY).tablets]
    assert (first.run, first.began, first.ended) == (RUN_ID.hex, 12.0, 15.5)
    assert (second.run, second.began, second.ended) == (None, None, None)
