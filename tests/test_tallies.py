"""The tallies: they equal their ratings whatever came, in whatever order, and can be rebuilt."""

import json
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as law
from hypothesis import strategies as some
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.comments.readers import readers_folder
from survey_app.comments.reading import read_new_comments
from survey_app.intake import Arrival, Submission, record_ratings
from survey_app.models import (
    TALLIES,
    AnswerTally,
    ChannelTally,
    CommentReading,
    DayTally,
    Option,
    Question,
    Rating,
)
from survey_app.models.base import table_of
from survey_app.tallies import NO_SERVICE, AnswerCell, Asked, Place
from tests.factories import DAY, MONTH, NOON, submission

PLACE = Place(1, DAY, 12, 7, "tablet", "az", False)
CELLS = {
    "channel_tally": (1, MONTH, "tablet", "az", False),
    "day_tally": (1, DAY),
    "hour_tally": (1, MONTH, 1, 12),
    "service_tally": (1, MONTH, 7),
}


# A version that asks for satisfaction (1), one of two options (2), and many drivers (3).
ASKED = Asked(frozenset({1}), {21: 2, 22: 2, 31: 3, 32: 3, 33: 3}, frozenset({3}))


# --- movements -------------------------------------------------------------------------------


def test_a_counted_rating_moves_its_score_in_all_five():
    movements = tallies.no_movements()
    tallies.count_rating(
        movements,
        PLACE,
        score=4,
        state="counted",
        has_comment=True,
        answered=[AnswerCell(1), AnswerCell(3, 31, 32)],
    )
    assert plain(movements) == {
        name: {key: {"score_4": 1, "comments": 1}} for name, key in CELLS.items()
    } | {
        "answer_tally": {(1, MONTH, 1, 0, 0): {"score_4": 1}, (1, MONTH, 3, 31, 32): {"score_4": 1}}
    }


@pytest.mark.parametrize("state", ["held", "void"])
def test_a_rating_set_aside_moves_neither_scores_nor_comments_nor_answers(state):
    movements = tallies.no_movements()
    tallies.count_rating(
        movements, PLACE, score=4, state=state, has_comment=True, answered=[AnswerCell(1)]
    )
    assert plain(movements) == {name: {key: {state: 1}} for name, key in CELLS.items()}


@pytest.mark.parametrize("state", ["counted", "held", "void"])
def test_a_rating_taken_back_leaves_nothing(state):
    movements = tallies.no_movements()
    for sign in (1, -1):
        tallies.count_rating(
            movements,
            PLACE,
            score=4,
            state=state,
            has_comment=True,
            answered=[AnswerCell(1)],
            sign=sign,
        )
    assert not any(counts for cells in plain(movements).values() for counts in cells.values())


def test_answers_have_cells_by_question_option_and_pair_of_drivers():
    assert tallies.answer_cells(ASKED, []) == {(1, 0, 0)}
    assert tallies.answer_cells(ASKED, [22]) == {(1, 0, 0), (2, 0, 0), (2, 22, 0)}
    # The smaller id stands first in a pair, in whatever order they were chosen; options of
    # a question that is no driver make no pairs.
    assert tallies.answer_cells(ASKED, [33, 21, 31, 22]) == {
        (1, 0, 0),
        (2, 0, 0),
        (2, 21, 0),
        (2, 22, 0),
        (3, 0, 0),
        (3, 31, 0),
        (3, 33, 0),
        (3, 31, 33),
    }


@given(some.sets(some.sampled_from(sorted(ASKED.questions))))
def test_a_rating_has_one_cell_for_each_pair_of_drivers_it_names(chosen):
    cells = tallies.answer_cells(ASKED, chosen)
    drivers = sorted(each for each in chosen if ASKED.questions[each] == 3)
    assert {cell[1:] for cell in cells if cell.other_id} == set(combinations(drivers, 2))
    assert {cell.option_id for cell in cells if cell.option_id and not cell.other_id} == chosen
    assert {cell.question_id for cell in cells if not cell.option_id} == {1} | {
        ASKED.questions[each] for each in chosen
    }


def test_a_version_tells_what_it_asks(session, make):
    version = make.survey().versions[0]
    asked = tallies.asked_by(version)
    codes = {question.id: question.code for question in version.questions}
    assert {codes[each] for each in asked.satisfaction} == {"satisfaction"}
    assert {codes[each] for each in asked.drivers} == {"good", "bad"}
    assert Counter(codes[each] for each in asked.questions.values()) == {
        "satisfaction": 5,
        "outcome": 3,
        "good": 3,
        "bad": 3,
        "age": 4,
    }


def test_a_reading_taken_back_leaves_nothing():
    movements = tallies.no_movements()
    tallies.count_reading(movements, PLACE, sentiment="mixed")
    assert plain(movements) == {name: {key: {"mixed": 1}} for name, key in CELLS.items()}
    tallies.count_reading(movements, PLACE, sentiment="mixed", sign=-1)
    assert plain(movements) == {name: {key: {}} for name, key in CELLS.items()}


def test_a_rating_without_a_service_has_a_row_of_its_own():
    movements = tallies.no_movements()
    place = PLACE._replace(service_id=None)
    tallies.count_rating(movements, place, score=1, state="counted", has_comment=False, answered=())
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
    assert mine["channel_tally"][center.id, MONTH, "qr", "ru", False] == {("score_3", 1)}
    assert mine["channel_tally"][center.id, MONTH, "qr", "az", False] == {("held", 1)}


def test_answers_add_up_by_question_option_and_pair(session, make, center):
    place = make.touchpoint(center)
    make.rating(place, ["yes", "waiting", "information"], score=5)
    make.rating(place, ["yes", "waiting"], score=4)
    make.rating(place, ["no", "waiting", "information"], score=1)
    make.rating(place, score=5)
    for state in ("held", "void"):
        make.rating(place, ["yes", "waiting", "information"], score=5, state=state)
    make.rating(place, ["yes"], score=5, rated_at=NOON + timedelta(days=31))
    make.noise(center)
    version_id = place.survey.versions[0].id
    assert answers_of(session, center, version_id) == {
        ("satisfaction", None, None): (1, 0, 0, 1, 2),
        ("outcome", None, None): (1, 0, 0, 1, 1),
        ("outcome", "yes", None): (0, 0, 0, 1, 1),
        ("outcome", "no", None): (1, 0, 0, 0, 0),
        ("good", None, None): (0, 0, 0, 1, 1),
        ("good", "waiting", None): (0, 0, 0, 1, 1),
        ("good", "information", None): (0, 0, 0, 0, 1),
        ("good", "waiting", "information"): (0, 0, 0, 0, 1),
        ("bad", None, None): (1, 0, 0, 0, 0),
        ("bad", "waiting", None): (1, 0, 0, 0, 0),
        ("bad", "information", None): (1, 0, 0, 0, 0),
        ("bad", "waiting", "information"): (1, 0, 0, 0, 0),
    }
    assert tallies.differences(session) == []


def test_a_survey_that_does_not_ask_for_satisfaction_has_no_answers_to_tally():
    movements = tallies.no_movements()
    cells = tallies.answer_cells(Asked(frozenset(), {}, frozenset()), [])
    tallies.count_rating(
        movements, PLACE, score=4, state="counted", has_comment=True, answered=cells
    )
    assert plain(movements).keys() == CELLS.keys()


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
    make.reading(make.rating(place, ["no"], score=2, comment="Pis"), "negative")
    make.noise(center)
    before = everything(session)
    assert tallies.differences(session) == []
    wrong = {"score_2": 9} | ({} if table is AnswerTally else {"negative": 0})
    session.execute(update(table).where(table.center_id == center.id).values(wrong))
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


# --- another state ---------------------------------------------------------------------------


def test_a_rating_held_released_held_and_voided_takes_all_along(session, make, center):
    place = make.touchpoint(center)
    make.noise(center)
    key = (center.id, MONTH, "tablet", "az", False)
    before = dict(rows_of(session, ChannelTally, center)[key])
    rating = make.rating(
        place, ["no", "waiting", "information"], score=2, state="held", comment="Pis"
    )
    make.reading(rating, "negative")
    steps = [
        # state, rule named, rule kept, what is counted in the center's month then
        ("counted", None, None, {"score_2": 1, "comments": 1, "negative": 1}),
        ("held", "fast_run/1", "fast_run/1", {"held": 1}),
        ("void", None, "fast_run/1", {"void": 1}),
        ("void", "ignored", "fast_run/1", {"void": 1}),
        ("counted", "ignored", None, {"score_2": 1, "comments": 1, "negative": 1}),
        ("void", "person", "person", {"void": 1}),
    ]
    for state, named, kept, counted in steps:
        already = rating.state == state
        changed = tallies.change_state(session, [rating.submission_id], state=state, rule=named)
        session.commit()
        assert changed == (0 if already else 1)
        assert (rating.state, rating.held_rule) == (state, kept)
        grown = Counter(dict(rows_of(session, ChannelTally, center)[key]))
        grown.subtract(before)
        assert {name: count for name, count in grown.items() if count} == counted
        # The question of satisfaction; the outcome and its option; drivers, two and their pair.
        answered = answers_of(session, center, rating.survey_version_id)
        assert len(answered) == (7 if state == "counted" else 0)
        assert tallies.differences(session) == []


def test_only_the_ratings_named_change(session, make, center):
    place = make.touchpoint(center)
    held = [make.rating(place, score=score, state="held") for score in (1, 5)]
    counted = make.rating(place)
    other = make.noise(center)
    rows = everything(session)
    named = [held[0].submission_id, counted.submission_id, make.uuid(), held[0].submission_id]
    assert tallies.change_state(session, named, state="counted") == 1
    assert [each.state for each in (*held, counted)] == ["counted", "held", "counted"]
    assert tallies.differences(session) == []
    # Elsewhere nothing moved, and nothing at all when nobody is named.
    elsewhere = {
        name: [row for row in before if row[0] == other.id] for name, before in rows.items()
    }
    now = everything(session)
    assert elsewhere == {name: [row for row in now[name] if row[0] == other.id] for name in now}
    assert tallies.change_state(session, [], state="void") == 0
    assert everything(session) == now


def test_a_state_must_be_known_and_holding_names_its_rule(session, make):
    rating = make.rating()
    with pytest.raises(ValueError, match="not lost"):
        tallies.change_state(session, [rating.submission_id], state="lost")
    with pytest.raises(ValueError, match="by a rule"):
        tallies.change_state(session, [rating.submission_id], state="held")
    session.rollback()
    assert rating.state == "counted"


def test_more_ratings_than_one_statement_takes(session, make, center, monkeypatch):
    monkeypatch.setattr(tallies, "CHUNK", 3)
    ratings = make.ratings([1, 2, 3, 4, 5, 5, 5, 5], make.touchpoint(center), comment="Söz")
    ids = [each.submission_id for each in ratings]
    assert tallies.change_state(session, ids, state="held", rule="fast_run/1") == 8
    assert tallies.change_state(session, ids, state="held", rule="fast_run/1") == 0
    assert tallies.differences(session) == []
    assert rows_of(session, DayTally, center) == {(center.id, DAY): {("held", 8)}}


def test_a_comment_read_while_its_rating_is_released_is_counted(session, make, settings):
    rating = make.rating(state="held", comment="Əla")
    folder, engine = readers_folder(settings), session.get_bind()
    with Session(engine) as own:
        # So that the reader is in memory, and the thread has nothing to do but store.
        assert read_new_comments(own, NOON, folder) == 1
    held = make.rating(state="held", comment="Əla")
    assert tallies.change_state(session, [held.submission_id], state="counted") == 1

    def read():
        with Session(engine) as own:
            read_new_comments(own, NOON, folder)

    reading = threading.Thread(target=read)
    reading.start()
    # It waits: by what it can see, the rating is still held.
    reading.join(0.4)
    assert reading.is_alive()
    session.commit()
    reading.join()
    assert tallies.differences(session) == []
    assert session.scalar(select(func.sum(DayTally.positive))) == 1
    assert tallies.change_state(session, [rating.submission_id], state="counted") == 1
    assert session.scalar(select(func.sum(DayTally.positive))) == 2


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
            some.sets(some.sampled_from(["waiting", "information", "staff_courtesy"])),
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


STEPS = some.lists(
    some.tuples(
        some.sets(some.integers(0, 9)),  # which of ten ratings
        some.sampled_from(["counted", "held", "void"]),
        some.sampled_from(["fast_run/1", "person"]),
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture
def judged(make, center, other_center):
    """Ten ratings in two centers and two months, of every state, read and unread."""
    places = [make.touchpoint(center), make.poster(other_center)]
    ratings = []
    for number in range(10):
        state = ("counted", "held", "void")[number % 3]
        rating = make.rating(
            places[number % 2],
            ["waiting", "information"][: number % 3],
            score=1 + number % 5,
            state=state,
            comment="Söz" if number % 4 else None,
            rated_at=NOON - timedelta(days=number),
        )
        if number % 4 > 1:
            make.reading(rating, ("negative", "not_assessed", "mixed")[number % 3])
        ratings.append(rating)
    return ratings


@given(steps=STEPS)
@LAW
def test_whatever_is_decided_the_tallies_equal_their_ratings(session, judged, steps):
    was = {each.submission_id: (each.state, each.held_rule) for each in judged}
    for those, state, rule in steps:
        ids = {judged[each].submission_id for each in those}
        expected = {each for each in ids if was[each][0] != state}
        assert tallies.change_state(session, ids, state=state, rule=rule) == len(expected)
        was |= dict.fromkeys(expected, (state, None if state == "counted" else rule))
        stored = session.execute(select(Rating.submission_id, Rating.state, Rating.held_rule))
        assert {each: (its_state, its_rule) for each, its_state, its_rule in stored} == was
        assert tallies.differences(session) == []
    session.rollback()


# --- how -------------------------------------------------------------------------------------


def arrivals_of(doors, batches, kinds=frozenset({"new", "retry", "other", "malformed"})):
    """Arrivals for what Hypothesis drew; a retry or another content repeats the one before."""
    sent = []
    for batch in batches:
        arrivals = []
        for which, score, comment, hours, language, named, drivers, kind in batch:
            members = {
                "score": score,
                "comment": comment,
                "language": language,
                "service": "03-01-01" if named else None,
                "answers": {"good" if score > 3 else "bad": sorted(drivers), "outcome": ["yes"]},
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
    columns = table_of(table).columns
    return {
        tuple(row[column.name] for column in columns if column.primary_key): {
            (column.name, row[column.name])
            for column in columns
            if not column.primary_key and row[column.name]
        }
        for row in session.execute(select(*columns).where(table.center_id == center.id)).mappings()
    }


def answers_of(session, center, version_id):
    """Scores of a center's answers in MONTH by the codes of question, option and other option.

    Rows of zeros are left out: what no longer counts may leave them behind.
    """
    codes = {0: None} | dict(session.execute(select(Option.id, Option.code)).all())
    questions = dict(
        session.execute(
            select(Question.id, Question.code).where(Question.version_id == version_id)
        ).all()
    )
    rows = session.scalars(
        select(AnswerTally)
        .where(
            AnswerTally.center_id == center.id,
            AnswerTally.month == MONTH,
            AnswerTally.question_id.in_(questions),
        )
        .execution_options(populate_existing=True)
    )
    return {
        (questions[row.question_id], codes[row.option_id], codes[row.other_id]): row.scores
        for row in rows
        if any(row.scores)
    }


def everything(session):
    """All rows of all tallies as plain values, in order."""
    return {
        each.__tablename__: sorted(
            tuple(row) for row in session.execute(select(*each.__table__.columns))
        )
        for each in TALLIES
    }
