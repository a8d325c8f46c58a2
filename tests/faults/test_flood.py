"""A flood of scripted forms on loopback: the figures do not move, and nothing is lost.

The whole flood of a hundred thousand: `pytest -m sweep tests/faults/test_flood.py` (20 minutes of
one core: a form costs 10 ms and two dozen statements, whatever becomes of it).
"""

import random
import re
from collections import Counter
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from sqlalchemy import func, select

from survey_app import abuse, tallies
from survey_app.abuse import FREE_FROM_CODE, FREE_FROM_NETWORK
from survey_app.models import Rating
from tests.factories import NOON

WIFI = "203.0.113"
HONEST = 60
FLOOD = 1_000
WHOLE_FLOOD = 100_000

pytestmark = pytest.mark.any_database


@pytest.fixture
def hour(client, session, make):
    """An hour at one poster, from NOON on."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield Hour(client, make, make.poster(), clock)
        session.rollback()


class Hour:
    """What visitors and programs send by one poster; programs rate 1, visitors 5."""

    def __init__(self, client, make, poster, clock):
        self._client, self._make, self.poster, self._clock = client, make, poster, clock
        self.visitors = 0

    def visitors_come(self, count, first, last):
        """Visitors on the center's Wi-Fi, evenly between two minutes, without JavaScript."""
        for number in range(count):
            minute = first + (last - first) * number / count
            self._clock.move_to(NOON + timedelta(minutes=minute))
            origin = {"REMOTE_ADDR": f"{WIFI}.{self.visitors % 200 + 1}"}
            address = f"/q/{self.poster.code}"
            page = self._client.get(address, environ_base=origin).text
            hidden = dict(re.findall(r'type="hidden"[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
            hidden |= dict(re.findall(r'name="(\w+)" type="hidden" value="([^"]*)"', page))
            form = {name: unescape(value) for name, value in hidden.items()} | {"score": "5"}
            assert self._client.post(address, data=form, environ_base=origin).status_code == 303
            self.visitors += 1

    def flood_comes(self, addresses, first, last):
        """One form from each of these addresses, evenly between two minutes."""
        for number, address in enumerate(addresses):
            minute = first + (last - first) * number / len(addresses)
            self._clock.move_to(NOON + timedelta(minutes=minute))
            form = {
                "submission_id": str(self._make.uuid()),
                "version": "1",
                "lang": "az",
                "score": "1",
                "proof": "bm90IGEgcHJvb2Y=",
            }
            answer = self._client.post(
                f"/q/{self.poster.code}", data=form, environ_base={"REMOTE_ADDR": address}
            )
            assert answer.status_code == 303


def test_of_a_flood_on_the_shared_wifi_no_more_counts_than_of_a_crowd(hour, session):
    """Whatever its size: what is free is free once. The visitors of the same hour all count."""
    hour.visitors_come(HONEST // 2, 0, 18)
    hour.flood_comes([f"{WIFI}.{number % 250 + 1}" for number in range(FLOOD)], 20, 34)
    # Two windows later the network has been forgotten.
    hour.visitors_come(HONEST // 2, 50, 59)
    ratings = judged(session)
    assert ratings["counted", None, 5] == HONEST
    assert ratings["counted", None, 1] <= FREE_FROM_NETWORK
    # Nothing is lost: what does not count is held, and says why.
    assert sum(ratings.values()) == HONEST + FLOOD
    assert {rule for state, rule, _ in ratings if state == "held"} == {abuse.UNPROVEN, abuse.FLOOD}
    assert tallies.differences(session) == []


@pytest.mark.sweep
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("seed", [1])
def test_of_a_hundred_thousand_from_everywhere_a_thousandth_counts(hour, session, seed):
    dice = random.Random(seed)
    hour.visitors_come(HONEST // 2, 0, 18)
    hour.flood_comes([somewhere(dice) for _ in range(WHOLE_FLOOD)], 20, 34)
    hour.visitors_come(HONEST // 2, 55, 59)
    ratings = judged(session)
    assert ratings["counted", None, 5] == HONEST
    assert ratings["counted", None, 1] <= min(FREE_FROM_CODE, WHOLE_FLOOD // 1_000)
    assert sum(ratings.values()) == HONEST + WHOLE_FLOOD
    assert tallies.differences(session) == []


def somewhere(dice):
    """The shared Wi-Fi, a rented /48, or any network of a botnet."""
    return dice.choice(
        [
            f"{WIFI}.{dice.randrange(250) + 1}",
            f"2001:db8:1:{dice.randrange(65_536):x}::1",
            f"10.{dice.randrange(256)}.{dice.randrange(256)}.1",
        ]
    )


def judged(session):
    """How many ratings there are by state, rule and score."""
    session.rollback()
    columns = (Rating.state, Rating.held_rule, Rating.score)
    rows = session.execute(select(*columns, func.count()).group_by(*columns))
    return Counter({tuple(key): count for *key, count in rows})
