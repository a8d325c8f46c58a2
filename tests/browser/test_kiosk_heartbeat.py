"""A tablet's signs of life: counted for as long as the device lives."""

import contextlib
import json

import pytest
from sqlalchemy import select

from survey_app.models import Tablet
from tests.browser.kiosk_tablet import HEARTBEAT_MS, KioskTablet
from tests.browser.waiting import wait_until

FULL_DISK = """() => {
    IDBObjectStore.prototype.put = function () { this.transaction.abort(); };
}"""

pytestmark = pytest.mark.any_database


def test_signs_of_life_are_counted_whatever_happens_to_the_page(new_page, session, make):
    page = new_page(service_workers="block")
    said = []
    page.on("response", lambda answer: said.extend(beat_of(answer)))
    tablet = KioskTablet(page, session)
    tablet.pair(make.touchpoint())
    wait_until(page, lambda: said)
    page.reload()
    wait_until(page, lambda: len(said) > 1)
    assert said == [(1, 200), (2, 200)]
    # The device's store is brought back from a copy of last year: it goes on from what it is told.
    page.evaluate("import('/static/kiosk/store.js').then((s) => s.remember('beats', undefined))")
    page.reload()
    wait_until(page, lambda: len(said) > 3)
    assert said[2:] == [(1, 409), (3, 200)]
    session.rollback()
    assert session.scalars(select(Tablet.heartbeats)).all() == [3]
    # Its farewell is counted too.
    with page.expect_request("**/kiosk/unpair") as asked:
        page.evaluate("import('/static/kiosk/unpairing.js').then((u) => u.unpair())")
    assert json.loads(asked.value.post_data) == {"heartbeats": 4}


def test_a_full_disk_does_not_silence_a_tablet(new_page, session, make):
    page = new_page(service_workers="block")
    said = []
    page.on("response", lambda answer: said.extend(beat_of(answer)))
    tablet = KioskTablet(page, session)
    tablet.stop_clock()
    tablet.pair(make.touchpoint())
    wait_until(page, lambda: said)
    page.evaluate(FULL_DISK)
    while len(said) < 3:
        # Only once the one before was answered, or it would be given up; and again where the next
        # one was not yet due.
        heard = len(said)
        page.clock.fast_forward(HEARTBEAT_MS)
        with contextlib.suppress(AssertionError):
            wait_until(page, lambda heard=heard: len(said) > heard, 10)
    assert said[:3] == [(1, 200), (2, 200), (3, 200)]


def beat_of(answer):
    if not answer.url.endswith("/heartbeat"):
        return []
    return [(json.loads(answer.request.post_data)["heartbeats"], answer.status)]
