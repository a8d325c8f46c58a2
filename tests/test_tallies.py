"""The tallies: they equal their ratings whatever came, in whatever order, and can be rebuilt."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as law
from hypothesis import strategies as some
from sqlalchemy import select, update

from survey_app import tallies
from survey_app.intake import Arrival, Submission, record_ratings
from survey_app.models import (
    TALLIES,
    ChannelTally,
    CommentReading,
    DayTally,
    HourTally,
)
from survey_app.tallies import NO_SERVICE, Place
from tests.factories import DAY, MONTH, NOON, submission

PLACE = Place(1, DAY, 12, 7, "tablet", "az")
CELLS = {
    "channel_tally": (1, MONTH, "tablet", "az"),
    "day_tally": (1, DAY),
    "hour_tally": (1, MONTH, 1, 12),
    "service_tally": (1, MONTH, 7),
}


# --- movements -------------------------------------------------------------------------------


def test_a_counted_rating_moves_its_score_in_all_four():
    movements = tallies.no_movements()
    tallies.count_rating(movements, PLACE, score=4, state="counted", has_comment=True)
    assert plain(movements) == {
        name: {key: {"score_4": 1, "comments": 1}} for name, key in CELLS.items()
    }


@pytest.mark.parametrize("state", ["held", "void"])
def test_a_rating_set_aside_moves_neither_scores_nor_comments(state):
    movements = tallies.no_movements()
    tallies.count_rating(movements, PLACE, score=4, state=state, has_comment=True)
    assert plain(movements) == {name: {key: {state: 1}} for name, key in CELLS.items()}


def test_a_reading_taken_back_leaves_nothing():
    movements = tallies.no_movements()
    tallies.count_reading(movements, PLACE, sentiment="mixed")
    assert plain(movements) == {name: {key: {"mixed": 1}} for name, key in CELLS.items()}
    tallies.count_reading(movements, PLACE, sentiment="mixed", sign=-1)
    assert plain(movements) == {name: {key: {}} for name, key in CELLS.items()}


def test_a_rating_without_a_service_has_a_row_of_its_own():
    movements = tallies.no_movements()
    place = PLACE._replace(service_id=None)
    tallies.count_rating(movements, place, score=1, state="counted", has_comment=False)
    assert plain(movements)["service_tally"] == {(1, MONTH, NO_SERVICE): {"score_1": 1}}


# --- in the database -------------------------------------------------------------------------


def test_movements_add_up_in_their_own_cells(session, make, center):
    service = make.service()
    place = make.touchpoint(center, service_id=service.id)
    poster = make.poster(center)
    sunday = NOON - timedelta(days=1)
    make.ratings([5, 5, 1], place, comment="Söz")
    make.rating(place, score=5, rated_at=sunday)
    make.rating(poster, score=3, language="ru", rated_at=NOON + timedelta(hours=3))
    make.rating(poster, score=3, state="held")
    make.noise(center)
    mine = {each.__tablename__: rows_of(session, each, center) for each in TALLIES}
    assert mine["day_tally"][center.id, DAY] >= {"score_5": 2, "score_1": 1, "score_3": 1}.items()
    assert mine["day_tally"][center.id, DAY - timedelta(days=1)] == {("score_5", 1)}
    assert mine["hour_tally"][center.id, MONTH, 1, 15] == {("score_3", 1)}
    assert mine["hour_tally"][center.id, MONTH, 7, 12] == {("score_5", 1)}
    assert mine["service_tally"][center.id, MONTH, service.id] == {
        ("score_5", 3),
        ("score_1", 1),
        ("comments", 3),
    }
    assert mine["channel_tally"][center.id, MONTH, "qr", "ru"] == {("score_3", 1)}
    assert mine["channel_tally"][center.id, MONTH, "qr", "az"] == {("held", 1)}


def test_nothing_to_move_moves_nothing(session):
    tallies.move(session, tallies.no_movements())
    assert everything(session) == {each.__tablename__: [] for each in TALLIES}


def test_one_center_can_be_counted_afresh_by_itself(session, make, center):
    make.reading(make.rating(make.touchpoint(center), score=2, comment="Pis"), "negative")
    other = make.noise()
    movements = tallies.from_ratings(session, center.id)
    assert plain(movements)["day_tally"] == {
        (center.id, DAY): {"score_2": 1, "comments": 1, "negative": 1}
    }
    everyone = plain(tallies.from_ratings(session))["day_tally"]
    assert everyone.keys() == {(center.id, DAY), (other.id, DAY)}


@pytest.mark.parametrize("table", TALLIES)
def test_a_tally_that_differs_is_named_and_mended(session, make, center, table):
    place = make.touchpoint(center)
    make.reading(make.rating(place, score=2, comment="Pis"), "negative")
    make.noise(center)
    before = everything(session)
    assert tallies.differences(session) == []
    session.execute(update(table).where(table.center_id == center.id).values(score_2=9, negative=0))
    lines = tallies.differences(session)
    assert lines
    assert all(line.startswith(table.__tablename__) for line in lines)
    assert "'score_2': 9" in lines[0]
    tallies.rebuild(session)
    assert tallies.differences(session) == []
    assert everything(session) == before


def test_rows_too_many_or_missing_are_differences(session, make, center):
    make.rating(make.touchpoint(center))
    row = session.scalars(select(DayTally)).one()
    session.delete(row)
    session.add(DayTally(center_id=center.id, day=date(2020, 1, 1), void=1))
    session.commit()
    lines = tallies.differences(session)
    assert [line.split(":")[0] for line in lines] == [
        f"day_tally {(center.id, date(2020, 1, 1))}",
        f"day_tally {(center.id, DAY)}",
    ]
    tallies.rebuild(session)
    assert tallies.differences(session) == []
    assert session.scalars(select(DayTally.day)).all() == [DAY]


def test_the_reading_of_a_rating_set_aside_is_not_counted(session, make, center):
    rating = make.rating(make.touchpoint(center), state="held", comment="Pis")
    make.reading(rating, "negative")
    assert session.scalars(select(CommentReading)).one().sentiment == "negative"
    assert tallies.differences(session) == []
    assert {name for row in rows_of(session, ChannelTally, center).values() for name, _ in row} == {
        "held"
    }


def test_the_commands_check_and_rebuild(session, make, center, rey):
    make.rating(make.touchpoint(center))
    assert rey("tally", "check").returncode == 0
    session.execute(update(HourTally).values(score_5=7))
    session.commit()
    checked = rey("tally", "check")
    assert (checked.returncode, "hour_tally" in checked.stdout) == (1, True)
    assert rey("tally", "rebuild").returncode == 0
    session.rollback()
    assert tallies.differences(session) == []
    assert session.scalars(select(HourTally.score_5)).all() == [1]


# --- laws ------------------------------------------------------------------------------------

BATCHES = some.lists(
    some.lists(
        some.tuples(
            some.integers(0, 2),  # which door
            some.integers(1, 5),  # score
            some.sampled_from([None, "Gözlədim", "\t"]),
            some.integers(-40 * 24, 0),  # hours before now
            some.sampled_from(["az", "ru", "en"]),
            some.booleans(),  # names a service
            some.sampled_from(["new", "new", "retry", "other", "malformed"]),
        ),
        max_size=5,
    ),
    min_size=1,
    max_size=4,
)
LAW = law(
    derandomize=True,
    max_examples=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def doors(make, center, other_center):
    """Two tablets, one of them at a counter, and a poster, in two centers."""
    service = make.service("03-01-01")
    return [
        make.tablet(make.touchpoint(center, service_id=service.id)).tablet,
        make.tablet(make.touchpoint(other_center)).tablet,
        make.poster(center),
    ]


@given(batches=BATCHES)
@LAW
def test_after_any_batches_the_tallies_equal_their_ratings(session, doors, batches):
    for arrivals in arrivals_of(doors, batches):
        record_ratings(session, arrivals, signing_keys=["a key"])
        assert tallies.differences(session) == []
    before = everything(session)
    tallies.rebuild(session)
    assert everything(session) == before
    session.rollback()


@given(batches=BATCHES, dice=some.randoms(use_true_random=False))
@LAW
def test_the_order_of_arrival_means_nothing(session, doors, batches, dice):
    arrivals = [
        each
        for batch in arrivals_of(doors, batches, kinds={"new", "retry", "malformed"})
        for each in batch
    ]
    record_ratings(session, arrivals, signing_keys=["a key"])
    at_once = everything(session)
    session.rollback()
    dice.shuffle(arrivals)
    while arrivals:
        size = dice.randint(1, len(arrivals))
        record_ratings(session, arrivals[:size], signing_keys=["a key"])
        del arrivals[:size]
    assert everything(session) == at_once
    session.rollback()


# --- how -------------------------------------------------------------------------------------


def arrivals_of(doors, batches, kinds=frozenset({"new", "retry", "other", "malformed"})):
    """Arrivals for what Hypothesis drew; a retry or another content repeats the one before."""
    sent = []
    for batch in batches:
        arrivals = []
        for which, score, comment, hours, language, named, kind in batch:
            members = {
                "score": score,
                "comment": comment,
                "language": language,
                "service": "03-01-01" if named else None,
                "rated_at": (NOON + timedelta(hours=hours)).isoformat(),
                "sequence": len(sent) + 1,
            }
            door = doors[which]
            if kind == "malformed":
                members["answers"] = {"colour": ["red"]}
            elif kind in kinds & {"retry", "other"} and sent:
                door, told = sent[-1]
                members = told | ({"score": told["score"] % 5 + 1} if kind == "other" else {})
            sent.append((door, submission(**members)))
            arrivals.append(arrival_of(*sent[-1]))
        yield arrivals


def arrival_of(door, told):
    read = Submission.model_validate_json(json.dumps(told), strict=True)
    now = datetime(2026, 10, 5, 8, 1, tzinfo=UTC)
    if hasattr(door, "touchpoint"):
        return Arrival(read, door.touchpoint, now, door.id, door.paired_at)
    return Arrival(read, door, now)


def plain(movements):
    """Movements as dictionaries by the name of the table, zeros left out."""
    return {
        table.name: {
            key: {name: count for name, count in counts.items() if count}
            for key, counts in cells.items()
        }
        for table, cells in movements.items()
    }


def rows_of(session, table, center):
    """The counters of a center's rows that are not zero, as a set, by key."""
    keys = [column.name for column in table.__table__.primary_key.columns]
    return {
        tuple(getattr(row, key) for key in keys): {
            (name, getattr(row, name)) for name in tallies.COUNTERS if getattr(row, name)
        }
        for row in session.scalars(select(table).where(table.center_id == center.id))
    }


def everything(session):
    """All rows of all tallies as plain values, in order."""
    return {
        each.__tablename__: sorted(
            tuple(row) for row in session.execute(select(*each.__table__.columns))
        )
        for each in TALLIES
    }
