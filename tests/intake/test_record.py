"""Recording: once per id, redacted, screened, on the right day, with a verdict for everyone."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as law
from hypothesis import strategies as some
from sqlalchemy import func, select

from survey_app import tallies
from survey_app.intake import Arrival, Submission, record_ratings
from survey_app.intake.record import skew_at
from survey_app.models import (
    Answer,
    AnswerTally,
    AuditEvent,
    ChannelTally,
    Option,
    Question,
    Rating,
)
from tests.factories import DAY, NOON, submission

KEYS = ("the key of today", "the key of yesterday")
SECOND = timedelta(seconds=1)


@pytest.fixture
def tablet(make, center):
    return make.tablet(make.touchpoint(center)).tablet


@pytest.fixture
def poster(make, center):
    return make.poster(center)


@pytest.fixture
def record(session):
    """`record(arrival, …)`: record them, commit, and give (status, reason) of each."""

    def record(*arrivals, keys=KEYS):
        verdicts = record_ratings(session, arrivals, signing_keys=keys)
        session.commit()
        assert [each.submission_id for each in verdicts] == [
            each.submission.submission_id for each in arrivals
        ]
        return [(each.status, each.reason) for each in verdicts]

    return record


RECORDED = ("recorded", None)
KNOWN = ("already_recorded", None)
DIFFERS = ("rejected", "content_differs")
REUSED = ("rejected", "sequence_reused")


# --- once ------------------------------------------------------------------------------------


def test_a_rating_is_stored_as_it_was_given(session, make, center, record):
    service = make.service("03-01-01")
    make.service("03-01-02")
    tablet = make.tablet(make.touchpoint(center)).tablet
    arrival = from_tablet(
        tablet,
        score=2,
        sequence=41,
        service="03-01-01",
        language="ru",
        mode="assisted",
        comment="Долго ждал",
        answers={"outcome": ["partly"], "bad": ["waiting", "information"]},
    )
    assert record(arrival) == [RECORDED]
    rating = session.scalars(select(Rating)).one()
    assert rating.submission_id == arrival.submission.submission_id
    assert (rating.center_id, rating.touchpoint_id) == (center.id, tablet.touchpoint_id)
    assert (rating.tablet_id, rating.sequence) == (tablet.id, 41)
    assert (rating.score, rating.comment, rating.service_id) == (2, "Долго ждал", service.id)
    assert (rating.language, rating.mode, rating.channel) == ("ru", "assisted", "tablet")
    assert (rating.rated_at, rating.received_at) == (NOON, NOON + SECOND)
    assert (rating.counted_on, rating.counted_hour) == (date(2026, 10, 5), 12)
    assert (rating.state, rating.held_rule, rating.clock) == ("counted", None, "device")
    codes = select(Option.code).join(Answer).where(Answer.submission_id == rating.submission_id)
    assert sorted(session.scalars(codes)) == ["information", "partly", "waiting"]
    assert tallies.differences(session) == []


def test_a_retry_gets_its_first_verdict_and_changes_nothing(session, tablet, record):
    arrival = from_tablet(tablet, comment="Sağ olun", answers={"outcome": ["yes"]})
    assert record(arrival) == [RECORDED]
    later = again(arrival, received_at=NOON + timedelta(days=3))
    assert record(later, later) == [KNOWN, KNOWN]
    assert session.scalars(select(Rating)).one().received_at == arrival.received_at
    assert count_of(session, Answer) == 1
    assert count_of(session, AuditEvent) == 0
    assert total(session) == {"score_5": 1, "comments": 1}


def test_the_same_id_with_other_content_is_refused_and_noted(session, tablet, record):
    arrival = from_tablet(tablet, comment="Bu", answers={"outcome": ["yes"]})
    record(arrival)
    changes = [
        {"score": 4},
        {"comment": "Başqa"},
        {"language": "en"},
        {"answers": {"outcome": ["no"]}},
        {"mode": "assisted"},
        {"sequence": 2},
        # Not even acceptable by itself.
        {"service": "no-such"},
    ]
    assert [record(again(arrival, **changed)) for changed in changes] == [[DIFFERS]] * 7
    rating = session.scalars(select(Rating)).one()
    assert (rating.score, rating.comment, rating.sequence) == (5, "Bu", 1)
    assert total(session) == {"score_5": 1, "comments": 1}
    events = session.scalars(select(AuditEvent)).all()
    assert len(events) == 7
    for event in events:
        assert (event.action, event.center_id, event.tablet_id) == (
            "rating_refused",
            tablet.touchpoint.center_id,
            tablet.id,
        )
        assert event.detail == {
            "submission_id": str(arrival.submission.submission_id),
            "touchpoint_id": tablet.touchpoint_id,
            "reason": "content_differs",
        }
        assert event.happened_at == arrival.received_at


def test_a_form_sent_twice_carries_the_time_of_each_sending_and_is_the_same(poster, record):
    arrival = by_poster(poster)
    record(arrival)
    assert record(again(arrival, rated_at=(NOON + SECOND).isoformat())) == [KNOWN]


def test_what_redaction_removed_still_tells_contents_apart(session, tablet, record):
    arrival = from_tablet(tablet, comment="Zəng edin: 050 123 45 67")
    record(arrival)
    assert record(again(arrival)) == [KNOWN]
    assert record(again(arrival, comment="Zəng edin: 050 123 45 68")) == [DIFFERS]


def test_a_key_that_was_replaced_still_knows_its_ratings(tablet, record):
    first, second = from_tablet(tablet), from_tablet(tablet, sequence=2)
    record(first, keys=KEYS[1:])
    assert record(again(first), second, keys=KEYS) == [KNOWN, RECORDED]
    assert record(again(second), keys=KEYS[1:]) == [DIFFERS]


def test_the_same_id_twice_in_one_batch_is_recorded_once(session, tablet, record):
    arrival = from_tablet(tablet)
    assert record(arrival, again(arrival), again(arrival, score=1)) == [RECORDED, KNOWN, DIFFERS]
    assert total(session) == {"score_5": 1}
    assert count_of(session, AuditEvent) == 1


def test_an_unacceptable_twin_does_not_keep_the_good_one_out(session, tablet, record):
    good = from_tablet(tablet)
    bad = again(good, answers={"colour": ["red"]})
    assert record(bad, good, good) == [DIFFERS, RECORDED, KNOWN]
    assert record(bad, good) == [DIFFERS, KNOWN]
    assert total(session) == {"score_5": 1}


def test_a_retry_is_known_even_when_the_rules_have_changed_since(session, make, tablet, record):
    service = make.service()
    arrival = from_tablet(tablet, service=service.code)
    record(arrival)
    service.code = "another-code"
    session.commit()
    assert record(again(arrival)) == [KNOWN]
    assert record(from_tablet(tablet, sequence=2, service=arrival.submission.service)) == [
        ("rejected", "unknown_service")
    ]


def test_a_sequence_number_serves_one_rating(session, tablet, record):
    first = from_tablet(tablet, sequence=7)
    assert record(first) == [RECORDED]
    assert record(from_tablet(tablet, sequence=7, score=1)) == [REUSED]
    assert session.scalars(select(Rating.submission_id)).all() == [first.submission.submission_id]
    assert session.scalars(select(AuditEvent)).one().detail["reason"] == "sequence_reused"
    assert total(session) == {"score_5": 1}


def test_a_sequence_number_serves_one_rating_of_a_batch(session, tablet, record):
    verdicts = record(*(from_tablet(tablet, sequence=7, score=score) for score in (1, 2, 3)))
    assert sorted(verdicts) == [RECORDED, REUSED, REUSED]
    assert count_of(session, Rating) == 1
    assert tallies.differences(session) == []


def test_another_tablet_counts_for_itself_and_posters_do_not_count(make, tablet, poster, record):
    other = make.tablet(tablet.touchpoint).tablet
    arrivals = [from_tablet(each, sequence=7) for each in (tablet, other)]
    posters = [by_poster(poster, sequence=7) for _ in range(2)]
    assert record(*arrivals, *posters) == [RECORDED] * 4


def test_nothing_is_kept_unless_the_caller_commits(session, tablet):
    record_ratings(session, [from_tablet(tablet)], signing_keys=KEYS)
    session.rollback()
    assert count_of(session, Rating) == 0
    assert total(session) == {}


def test_answers_are_tallied_in_the_same_transaction(session, tablet, poster, record):
    both = {"outcome": ["yes"], "good": ["waiting", "information"], "age": ["from_60"]}
    first = from_tablet(tablet, answers=both)
    record(
        first,
        again(first),
        again(first, score=4),
        from_tablet(tablet, sequence=2, answers={"good": ["information"]}, score=4),
        # Nothing chosen, and nothing that could be recorded or counted.
        from_tablet(tablet, sequence=3, answers={"good": []}, score=4),
        from_tablet(tablet, sequence=4, answers={"outcome": ["perhaps"]}),
        Arrival(read(answers=both), tablet.touchpoint, NOON, tablet.id, suspicion="filled_trap/1"),
    )
    # Another survey's questions are others.
    record(by_poster(poster, score=1, answers={"bad": ["waiting"]}))
    assert answers(session, tablet.touchpoint) == {
        ("satisfaction", None): {4: 2, 5: 1},
        ("outcome", None): {5: 1},
        ("outcome", "yes"): {5: 1},
        ("good", None): {4: 1, 5: 1},
        ("good", "waiting"): {5: 1},
        ("good", "information"): {4: 1, 5: 1},
        ("good", "waiting", "information"): {5: 1},
        ("age", None): {5: 1},
        ("age", "from_60"): {5: 1},
    }
    assert answers(session, poster) == {
        ("satisfaction", None): {1: 1},
        ("bad", None): {1: 1},
        ("bad", "waiting"): {1: 1},
    }
    assert tallies.differences(session) == []


def test_an_empty_batch_is_no_mistake(record):
    assert record() == []


# --- who is refused --------------------------------------------------------------------------


UNACCEPTABLE = [
    ({"survey_version": 2}, "unknown_survey_version"),
    ({"survey_version": 3}, "unknown_survey_version"),
    ({"service": "no-such"}, "unknown_service"),
    ({"answers": {"colour": ["red"]}}, "unknown_question"),
    ({"answers": {"outcome": ["perhaps"]}}, "unknown_option"),
    ({"answers": {"outcome": ["yes", "no"]}}, "too_many_answers"),
    ({"answers": {"bad": ["waiting"]}}, "question_not_for_score"),
]


def test_refused_ratings_do_not_disturb_the_others(session, make, tablet, record):
    # A draft is no version to answer, and another survey's third version is not this one's.
    make.survey_version(tablet.touchpoint.survey, 2, published_at=None)
    make.survey("other", versions=3)
    good = [from_tablet(tablet, sequence=sequence) for sequence in (1, 100)]
    bad = [
        from_tablet(tablet, sequence=sequence, **members)
        for sequence, (members, _) in enumerate(UNACCEPTABLE, 2)
    ]
    assert record(good[0], *bad, good[1]) == [
        RECORDED,
        *(("rejected", reason) for _, reason in UNACCEPTABLE),
        RECORDED,
    ]
    assert total(session) == {"score_5": 2}
    assert set(session.scalars(select(Rating.submission_id))) == {
        each.submission.submission_id for each in good
    }
    # They may be sent again, mended, under their own numbers.
    assert record(*(from_tablet(tablet, sequence=number) for number in (2, 3))) == [RECORDED] * 2


def test_a_counter_knows_better_than_the_visitor_what_was_done_there(session, make, center, record):
    own, named = make.service(), make.service()
    counter = make.tablet(make.touchpoint(center, service_id=own.id)).tablet
    arrivals = [
        from_tablet(counter, sequence=number, service=code)
        for number, code in enumerate((named.code, "no-such", None), 1)
    ]
    assert record(*arrivals) == [RECORDED] * 3
    assert set(session.scalars(select(Rating.service_id))) == {own.id}


# --- personal data ---------------------------------------------------------------------------


def test_personal_data_leave_a_comment_before_it_is_stored(session, tablet, record):
    cases = [
        ("Nömrəm 050 123 45 67", "az", "Nömrəm [telefon silinib]"),
        ("Пишите a.b@example.org", "ru", "Пишите [эл. почта удалена]"),
        ("My FIN is 5ZRK1B9", "en", "My FIN is [FIN removed]"),
        ("050 123 45 67", "az", "[telefon silinib]"),
        ("Sağ olun", "az", "Sağ olun"),
        (" \x07\n", "az", None),
        ("", "az", None),
    ]
    record(
        *(
            from_tablet(tablet, sequence=number, comment=comment, language=language)
            for number, (comment, language, _) in enumerate(cases, 1)
        )
    )
    stored = session.scalars(select(Rating.comment).order_by(Rating.sequence)).all()
    assert stored == [kept for _, _, kept in cases]
    assert total(session) == {"score_5": 7, "comments": 5}


# --- held back -------------------------------------------------------------------------------


HELD = {
    "2026-10-05T08:45:00+04:00": None,
    "2026-10-05T08:44:59.999999+04:00": "outside_hours/1",
    "2026-10-05T18:15:00+04:00": None,
    "2026-10-05T18:15:00.000001+04:00": "outside_hours/1",
    # A Sunday, and a holiday on a Tuesday.
    "2026-10-04T12:00:00+04:00": "outside_hours/1",
    "2026-09-29T12:00:00+04:00": "outside_hours/1",
    "2026-09-30T12:00:00+04:00": None,
}


def test_tablets_are_bound_by_the_hours_of_their_center(session, make, tablet, poster, record):
    make.holiday(date(2026, 9, 29))
    received_at = datetime(2026, 10, 5, 16, 0, tzinfo=UTC)
    for sequence, moment in enumerate(HELD, 1):
        told = {"rated_at": moment, "comment": "Nə gözəl", "received_at": received_at}
        record(from_tablet(tablet, sequence=sequence, **told), by_poster(poster, **told))
    found = session.execute(
        select(Rating.rated_at, Rating.state, Rating.held_rule)
        .where(Rating.channel == "tablet")
        .order_by(Rating.sequence)
    ).all()
    assert [tuple(row) for row in found] == [
        (datetime.fromisoformat(moment), "held" if rule else "counted", rule)
        for moment, rule in HELD.items()
    ]
    states = select(Rating.state).where(Rating.channel == "qr").distinct()
    assert session.scalars(states).all() == ["counted"]
    assert total(session) == {"score_5": 10, "comments": 10, "held": 4}
    assert tallies.differences(session) == []


def test_each_center_has_hours_of_its_own(session, make, tablet, record):
    closed = make.center()
    closed.opening_hours = []
    elsewhere = make.tablet(make.touchpoint(closed)).tablet
    record(from_tablet(tablet), from_tablet(elsewhere))
    found = session.execute(select(Rating.center_id, Rating.state))
    assert dict(found.all()) == {tablet.touchpoint.center_id: "counted", closed.id: "held"}


def test_a_late_rating_is_judged_by_the_hours_of_its_day(session, make, tablet, record):
    """The center closes on Mondays from the next one on; what waited on the tablet was open."""
    center = tablet.touchpoint.center
    make.hours(center, DAY + timedelta(days=7), {2: (time(9), time(18))})
    received_at = NOON + timedelta(days=8)
    for sequence, days in enumerate((0, 7), 1):
        told = {"rated_at": (NOON + timedelta(days=days)).isoformat(), "received_at": received_at}
        record(from_tablet(tablet, sequence=sequence, **told))
    rules = session.scalars(select(Rating.held_rule).order_by(Rating.sequence)).all()
    assert rules == [None, "outside_hours/1"]


def test_what_was_rated_before_the_pairing_is_held(session, make, center, record):
    place = make.touchpoint(center)
    for minutes in (2, 3):
        tablet = make.tablet(place, paired_at=NOON + timedelta(minutes=minutes)).tablet
        record(from_tablet(tablet, received_at=NOON + timedelta(hours=1)))
    rules = session.scalars(select(Rating.held_rule).order_by(Rating.tablet_id)).all()
    assert rules == [None, "before_pairing/1"]


def test_the_door_may_hold_a_rating_back(session, poster, record):
    record(Arrival(read(), poster, NOON, suspicion="filled_trap/1"))
    rating = session.scalars(select(Rating)).one()
    assert (rating.state, rating.held_rule) == ("held", "filled_trap/1")


# --- clocks ----------------------------------------------------------------------------------

# When a device says it was rated and sent, counted from our clock; what we make of it.
CLOCKS = [
    # A clock that is right, or nearly.
    ("-1h", "0s", "-1h", "device"),
    ("-1h", None, "-1h", "device"),
    ("-1h", "-120s", "-1h", "device"),
    ("-1h", "120s", "-1h", "device"),
    # A clock that is off by more is corrected by what it showed when it sent.
    ("-1h", "-121s", "-3479s", "corrected"),
    ("-1h", "121s", "-3721s", "corrected"),
    ("-3652d", "-3652d", "0s", "corrected"),
    ("3652d", "3652d", "0s", "corrected"),
    # Two hours before it sent, by a clock a day ahead.
    ("22h", "24h", "-2h", "corrected"),
    # What lies beyond belief after all that counts for the moment it came.
    ("-3652d", "0s", "0s", "server"),
    ("3652d", "0s", "0s", "server"),
    ("0s", "-3652d", "0s", "server"),
    ("0s", "3652d", "0s", "server"),
    # Set right in the midst of the queue.
    ("-3652d", "-1s", "0s", "server"),
    # The edges of belief: two minutes ahead, sixty days behind.
    ("120s", None, "120s", "device"),
    ("121s", None, "0s", "server"),
    ("-60d", None, "-60d", "device"),
    ("-5184001s", None, "0s", "server"),
]


def test_both_times_are_kept_and_the_believable_one_counts(session, tablet, record):
    # A minute before one: what is a little off falls into another hour.
    now = NOON + timedelta(minutes=59)
    arrivals, expected = [], []
    for sequence, (rated, sent, counted, clock) in enumerate(CLOCKS, 1):
        rated_at, local = now + span(rated), now + span(counted) + timedelta(hours=4)
        told = read(sequence=sequence, rated_at=rated_at.isoformat())
        skew = skew_at(now, None if sent is None else now + span(sent))
        arrivals.append(Arrival(told, tablet.touchpoint, now, tablet.id, skew=skew))
        expected.append((rated_at, now, clock, local.date(), local.hour))
    record(*arrivals)
    found = session.execute(
        select(
            Rating.rated_at,
            Rating.received_at,
            Rating.clock,
            Rating.counted_on,
            Rating.counted_hour,
        ).order_by(Rating.sequence)
    ).all()
    assert [tuple(row) for row in found] == expected


def test_the_ends_of_the_calendar_are_survived(session, tablet, record):
    rated = ["1000-01-01T00:00:00Z", "9000-12-31T23:59:59Z"]
    sent = [
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59+00:00",
        "9999-12-31T23:59:59-12:00",
    ]
    cases = [(rated_at, sent_at) for rated_at in rated for sent_at in sent]
    arrivals = [
        Arrival(
            read(sequence=sequence, rated_at=rated_at),
            tablet.touchpoint,
            NOON,
            tablet.id,
            skew=skew_at(NOON, datetime.fromisoformat(sent_at)),
        )
        for sequence, (rated_at, sent_at) in enumerate(cases, 1)
    ]
    assert record(*arrivals) == [RECORDED] * len(cases)
    found = session.scalars(select(Rating).order_by(Rating.sequence)).all()
    assert [each.rated_at for each in found] == [datetime.fromisoformat(at) for at, _ in cases]
    assert {(each.clock, each.counted_on) for each in found} == {("server", date(2026, 10, 5))}


MIDNIGHTS = [
    ("Asia/Baku", "2026-09-30T19:59:59.999999Z", date(2026, 9, 30), 23),
    ("Asia/Baku", "2026-09-30T20:00:00Z", date(2026, 10, 1), 0),
    ("UTC", "2026-09-30T20:00:00Z", date(2026, 9, 30), 20),
    ("Pacific/Kiritimati", "2026-09-30T10:00:00Z", date(2026, 10, 1), 0),
    ("Pacific/Niue", "2026-10-01T10:59:59Z", date(2026, 9, 30), 23),
    ("Asia/Kathmandu", "2026-09-30T18:14:59Z", date(2026, 9, 30), 23),
    ("Asia/Kathmandu", "2026-09-30T18:15:00Z", date(2026, 10, 1), 0),
]


def test_days_and_months_begin_at_midnight_in_the_center(session, make, record):
    posters = [make.poster(make.center(time_zone=zone)) for zone, *_ in MIDNIGHTS]
    record(
        *(
            by_poster(poster, rated_at=instant, received_at=NOON)
            for poster, (_, instant, *_) in zip(posters, MIDNIGHTS, strict=True)
        )
    )
    found = session.execute(
        select(Rating.counted_on, Rating.counted_hour, ChannelTally.month)
        .join(ChannelTally, ChannelTally.center_id == Rating.center_id)
        .order_by(Rating.center_id)
    ).all()
    assert [tuple(row) for row in found] == [
        (day, hour, day.replace(day=1)) for _, _, day, hour in MIDNIGHTS
    ]


def test_the_zone_a_device_names_does_not_matter(session, tablet, record):
    for sequence, moment in enumerate(
        ("2026-10-05T08:00:00Z", "2026-10-05T12:00:00+04:00", "2026-10-04T20:00:00-12:00"), 1
    ):
        record(from_tablet(tablet, sequence=sequence, rated_at=moment))
    found = session.execute(select(Rating.rated_at, Rating.counted_hour)).all()
    assert {tuple(row) for row in found} == {(NOON, 12)}


# --- by the device's own counter ---------------------------------------------------------------

RUN, OTHER_RUN = "0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"


def counted_by(tablet, sequence, device_ms, visit_ms=2_000, run=RUN, **members):
    """What a tablet sends that tells where in its page's run the visit lay."""
    return from_tablet(
        tablet,
        sequence=sequence,
        device_run=run,
        device_ms=device_ms,
        visit_ms=visit_ms,
        **members,
    )


def held_by_sequence(session):
    """The rule that holds each rating, by its number; None where it counts."""
    found = session.execute(select(Rating.sequence, Rating.held_rule).order_by(Rating.sequence))
    return dict(found.all())


def test_a_rating_sooner_than_the_thanks_allow_is_held_in_one_batch_and_in_two(
    session, tablet, record
):
    record(counted_by(tablet, 2, 108_000), counted_by(tablet, 1, 100_000))
    record(counted_by(tablet, 3, 113_000), counted_by(tablet, 4, 121_000))
    record(counted_by(tablet, 6, 128_000 - 1))
    assert held_by_sequence(session) == {
        1: None,
        2: None,
        3: "cooldown/1",
        4: None,
        6: "cooldown/1",
    }
    assert tallies.differences(session) == []


def test_another_run_and_another_tablet_have_counters_of_their_own(
    session, make, center, tablet, record
):
    other = make.tablet(make.touchpoint(center)).tablet
    record(
        counted_by(tablet, 1, 100_000),
        counted_by(tablet, 2, 103_000, run=OTHER_RUN),
        counted_by(other, 3, 103_000),
        from_tablet(tablet, sequence=4),
    )
    assert set(held_by_sequence(session).values()) == {None}


def test_what_is_answered_faster_than_the_screens_come_is_held(session, tablet, record):
    # The questions about groups stand on one screen; the comment has one of its own.
    answers = {"outcome": ["yes"], "good": [], "age": ["under_30"]}
    said = {"answers": answers, "comment": "Gözlədim"}
    record(counted_by(tablet, 1, 100_000, visit_ms=900, **said))
    record(counted_by(tablet, 2, 200_000, visit_ms=899, **said))
    assert held_by_sequence(session) == {1: None, 2: "too_fast/1"}


# --- laws ------------------------------------------------------------------------------------

ENTRIES = some.lists(
    some.tuples(
        some.integers(0, 5),  # which id
        some.sampled_from([1, 5]),  # score
        some.sampled_from([None, "Gözlədim", "050 123 45 67"]),
        some.sampled_from([0, 11]),  # hours after noon: open, closed
        some.booleans(),  # an answer that no question knows
    ),
    max_size=8,
)


@given(ENTRIES)
@law(
    derandomize=True,
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_sending_a_batch_again_changes_nothing(session, make, tablet, entries):
    ids = [str(make.uuid()) for _ in range(6)]
    batch = [
        from_tablet(
            tablet,
            submission_id=ids[which],
            sequence=which + 1,
            score=score,
            comment=comment,
            rated_at=(NOON + timedelta(hours=hours)).isoformat(),
            received_at=NOON + timedelta(days=1),
            answers={"colour": ["red"]} if unknown else {},
        )
        for which, score, comment, hours, unknown in entries
    ]
    first = record_ratings(session, batch, signing_keys=KEYS)
    once = everything(session)
    second = record_ratings(session, batch, signing_keys=KEYS)
    assert everything(session) == once
    assert [each.reason for each in second] == [each.reason for each in first]
    assert "recorded" not in {each.status for each in second}
    assert tallies.differences(session) == []
    session.rollback()


GAPS = some.lists(some.sampled_from([-3_000, 0, 4_999, 5_000, 6_000, 60_000]), max_size=6)


@pytest.mark.any_database
@given(GAPS, some.integers(0, 6))
@law(
    derandomize=True,
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_how_a_queue_is_cut_into_batches_makes_no_difference(session, tablet, gaps, cut):
    batch = [counted_by(tablet, 1, 100_000)]
    for number, gap in enumerate(gaps, 2):
        began = batch[-1].submission.device_ms + 2_000 + gap
        batch.append(counted_by(tablet, number, began))
    for part in (batch[:cut], batch[cut:]):
        record_ratings(session, part, signing_keys=KEYS)
    expected = ["cooldown/1" if gap < 5_000 else None for gap in gaps]
    assert list(held_by_sequence(session).values()) == [None, *expected]
    session.rollback()


# --- how -------------------------------------------------------------------------------------


def read(**members):
    return Submission.model_validate_json(json.dumps(submission(**members)), strict=True)


def from_tablet(tablet, received_at=NOON + SECOND, **members):
    """What a tablet sends, as it arrives."""
    return Arrival(
        read(**members), tablet.touchpoint, received_at, tablet.id, paired_at=tablet.paired_at
    )


def by_poster(poster, received_at=NOON + SECOND, **members):
    """What is sent through a poster's form, as it arrives."""
    return Arrival(read(**members), poster, received_at)


def again(arrival, received_at=NOON + SECOND, **changed):
    """The same id, with some members changed."""
    members = arrival.submission.model_dump(mode="json") | changed
    told = Submission.model_validate_json(json.dumps(members), strict=True)
    return Arrival(told, arrival.touchpoint, received_at, arrival.tablet_id, arrival.paired_at)


def span(text):
    """A number of days, hours or seconds: "-60d"."""
    return timedelta(**{{"d": "days", "h": "hours", "s": "seconds"}[text[-1]]: int(text[:-1])})


def count_of(session, table):
    return session.scalar(select(func.count()).select_from(table))


def total(session):
    """All that the channel tallies hold, by counter; zeros left out."""
    rows = session.scalars(select(ChannelTally)).all()
    sums = {name: sum(getattr(row, name) for row in rows) for name in tallies.COUNTERS}
    return {name: value for name, value in sums.items() if value}


def answers(session, touchpoint):
    """Counts by score of what was answered to the survey asked there, by codes."""
    options = dict(session.execute(select(Option.id, Option.code)).all())
    found = session.execute(
        select(Question.code, AnswerTally)
        .join(Question, Question.id == AnswerTally.question_id)
        .where(Question.version_id == touchpoint.survey.versions[0].id)
    )
    return {
        (code, options.get(row.option_id), *([options[row.other_id]] if row.other_id else [])): {
            score: count for score, count in enumerate(row.scores, 1) if count
        }
        for code, row in found
    }


def everything(session):
    """Ratings, answers and tallies as plain values."""
    tables = [Rating, Answer, *tallies.TALLIES]
    return [
        sorted(map(repr, session.execute(select(*each.__table__.columns)).all())) for each in tables
    ]
