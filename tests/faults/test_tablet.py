"""Whatever befalls network and tablet: who was thanked is stored, exactly and once.

pytest -m sweep tests/faults/test_tablet.py            200 runs
pytest -m sweep tests/faults/test_tablet.py -k "[7]"   one of them
TABLET_SCENES=0,3 pytest …                             only some scenes of its plan
"""

import os

import pytest

from tests.faults.proxy import ANSWERS, SPOILED, FaultProxy
from tests.faults.tablet_plan import EVENTS, LEAVINGS, MOMENTS, REFUSE, plan_of
from tests.faults.tablet_run import TabletRun

pytestmark = [pytest.mark.any_database, pytest.mark.browser, pytest.mark.timeout(300)]

# Chosen so that the ten together meet everything, in few visits.
GATE = (214, 10, 282, 7, 380, 52, 176, 1, 393, 50)
SWEEP = range(1_000, 1_200)


def test_the_gate_meets_every_fault_and_event():
    scenes = [scene for seed in GATE for scene in gate_plan(seed)]
    kinds = {fault.kind for scene in scenes for fault in scene.weather}
    assert kinds == {*ANSWERS, *SPOILED, REFUSE.kind}
    assert {scene.event for scene in scenes} == {None, *EVENTS}
    assert {scene.leaving for scene in scenes} == set(LEAVINGS)
    for event in ("reload", "kill"):
        assert {scene.moment for scene in scenes if scene.event == event} == set(MOMENTS)


@pytest.mark.parametrize("seed", GATE)
def test_thanked_is_stored_once(play, seed):
    play(seed, gate_plan(seed))


@pytest.mark.sweep
@pytest.mark.parametrize("seed", SWEEP)
def test_thanked_is_stored_once_whatever_happens(play, seed):
    play(seed, plan_of(seed))


def gate_plan(seed):
    return plan_of(seed, 4, 4)


@pytest.fixture
def play(playwright, chromium, live_server, session, make, tmp_path):
    """`play(seed, scenes)`: live through them and check the law; a failure tells what happened."""
    proxy = FaultProxy(live_server.port)
    proxy.start()
    runs = []

    def play(seed, scenes):
        chosen = os.environ.get("TABLET_SCENES")
        if chosen:
            numbers = {int(number) for number in chosen.split(",")}
            scenes = [scene for scene in scenes if scene.number in numbers]
        place = make.touchpoint()
        profile = tmp_path / "profile"
        run = TabletRun(playwright, chromium, profile, proxy, session, place, seed)
        runs.append(run)
        try:
            run.play(scenes)
            run.check()
        except BaseException:
            print(f"Seed {seed}. What happened:", *proxy.log, sep="\n")
            raise

    yield play
    for run in runs:
        run.close()
    proxy.stop()
