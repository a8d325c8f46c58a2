"""A center whose tablet was stuffed at closing time."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from survey_app.integrity.checking import check_day
from tests.factories import DAY, NOON
from tests.integrity.presses import quiet_day, stuffing

TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
def stuffed(session, make, center):
    """The center's tablet with its quiet presses and the stuffed ones, not checked yet."""
    place = make.touchpoint(center)
    make.noise(center)
    quiet = quiet_day(make, place)
    pressed = stuffing(make, place)
    return SimpleNamespace(place=place, quiet=quiet, pressed=pressed)


@pytest.fixture
def alert(session, center, stuffed):
    """The alert of the stuffed day, whose ratings the check has held."""
    (found,) = check_day(session, center, DAY, TOMORROW)
    session.commit()
    assert len(found.detail["ratings"]) == len(stuffed.pressed)
    return found
