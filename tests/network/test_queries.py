"""What the command line asks of the network's places."""

import pytest

from survey_app.network.queries import find_place, tablets_by_place
from tests.factories import NOON

pytestmark = pytest.mark.any_database


def test_a_place_is_found_by_its_centers_name_and_its_own(session, make, center, other_center):
    hall = make.touchpoint(center, slug="hall", retired_at=NOON)
    make.touchpoint(center, slug="door")
    theirs = make.poster(other_center, slug="hall")
    assert find_place(session, "own", "hall") == hall
    assert find_place(session, "other", "hall") == theirs
    assert find_place(session, "other", "door") is None
    assert find_place(session, "", "") is None


def test_every_place_of_tablets_is_told_with_every_device_it_had(
    session, make, center, other_center
):
    hall, empty = make.touchpoint(center), make.touchpoint(other_center)
    make.poster(center)
    first = make.tablet(hall, revoked_at=NOON).tablet
    door = make.touchpoint(other_center, retired_at=NOON)
    lonely, second = make.tablet(door).tablet, make.tablet(hall).tablet
    assert tablets_by_place(session) == [
        (hall, [first, second]),
        (empty, []),
        (door, [lonely]),
    ]
