"""From tallies to report inputs: all that counts in this center and month, and nothing else."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import insert

from analysis.building import build_report
from analysis.months import Month
from analysis.tally import ScoreTally, SentimentCounts
from survey_app.figures import Edition, load_inputs, open_days_of
from survey_app.models import VisitCount
from tests.factories import DAY, NOON

OCTOBER = Month(2026, 10)
EDITION = Edition(OCTOBER.last_day)


@pytest.fixture
def place(make, center):
    return make.touchpoint(center, service_id=make.service("03-01-01").id)


def load(session, center, month=OCTOBER):
    return load_inputs(session, center, month, EDITION)


def test_the_month_is_the_sum_of_its_counted_ratings(session, make, center, place):
    for score in (1, 4, 5, 5):
        make.rating(place, score=score)
    make.noise(center)
    inputs = load(session, center)
    assert inputs.months[-1].tally == ScoreTally((1, 0, 0, 1, 2))
    assert (inputs.months[-1].held, inputs.months[-1].void) == (1, 1)


def test_a_center_without_a_published_survey_has_an_empty_month(session, center):
    inputs = load(session, center)
    assert inputs.survey_question["en"] == "—"
    assert build_report(inputs).headline.satisfied.base == 0


def test_every_breakdown_adds_up_to_the_month(session, make, center, place):
    poster = make.poster(center, survey_id=place.survey_id)
    for place_, score, hours in ((place, 5, 0), (place, 2, 1), (poster, 4, 2), (poster, 1, 30)):
        make.rating(place_, score=score, rated_at=NOON + timedelta(hours=hours))
    make.noise(center)
    inputs = load(session, center)
    for parts in (inputs.services, inputs.channels, inputs.hours, inputs.days):
        assert sum((part.tally for part in parts), ScoreTally()) == inputs.months[-1].tally
    assert build_report(inputs).headline.satisfied.base == 4


def test_ratings_without_a_service_stand_in_a_row_of_their_own(session, make, center):
    poster = make.poster(center)
    make.rating(poster, score=3)
    unstated = [row for row in load(session, center).services if row.kind == "unstated"]
    assert [row.tally for row in unstated] == [ScoreTally((0, 0, 1, 0, 0))]


def test_thirteen_months_end_with_the_asked_one_and_keep_empty_ones(session, make, center, place):
    make.rating(place, rated_at=NOON - timedelta(days=370))
    make.rating(place)
    months = load(session, center).months
    assert [months[0].month, months[-1].month] == [Month(2025, 10), OCTOBER]
    assert [each.tally.base for each in months] == [0] * 12 + [1]
    assert load(session, center, Month(2025, 9)).months[-1].tally.base == 1


def test_people_served_are_summed_by_month_and_service(session, make, center, place):
    other = make.service("04-01-01")
    make.visits(center, place.service, 30)
    make.visits(center, place.service, 12, day=DAY + timedelta(days=1))
    make.visits(center, other, 5)
    make.visits(center, other, 99, day=date(2026, 9, 30))
    make.noise(center)
    inputs = load(session, center)
    assert [inputs.months[-2].served, inputs.months[-1].served] == [99, 47]
    served = {row.code: row.served for row in inputs.services}
    assert (served["03-01-01"], served["04-01-01"]) == (42, 5)


def test_a_month_nobody_counted_visits_in_has_no_number_of_people(session, make, center, place):
    make.rating(place)
    inputs = load(session, center)
    assert inputs.months[-1].served is None
    assert {row.served for row in inputs.services} == {None}
    assert build_report(inputs).headline.response_rate is None


def test_read_and_unread_comments_are_told_apart(session, make, center, place):
    make.reading(make.rating(place, comment="Yaxşı"), "positive")
    make.reading(make.rating(place, comment="Zzz"), "not_assessed", topics=[])
    make.rating(place, comment="Hələ oxunmayıb")
    make.noise(center)
    comments = load(session, center).months[-1].comments
    assert comments == SentimentCounts(positive=1, not_assessed=1, unread=1)


def test_topics_and_quotable_comments_come_from_readings_of_the_month(session, make, center, place):
    make.reading(
        make.rating(place, score=2, comment="Çox gözlədim"), "negative", topics=["waiting"]
    )
    make.noise(center)
    inputs = load(session, center)
    (topic,) = inputs.topics
    assert (topic.code, topic.comments) == ("waiting", SentimentCounts(negative=1))
    (comment,) = inputs.comments
    assert (comment.text, comment.score, comment.service_code) == ("Çox gözlədim", 2, "03-01-01")


def test_urgent_comments_are_counted_but_never_quoted(session, make, center, place):
    """They may accuse somebody who is recognised, and a report is published."""
    make.ratings([5] * 10, place)
    accusing = make.rating(place, score=1, comment="3 nömrəli pəncərədəki qız məndən pul istədi")
    make.reading(accusing, "negative", topics=["fairness"], urgent="bribery")
    waited = make.rating(place, score=1, comment="Üç saat növbədə gözlədik")
    make.reading(waited, "negative", topics=["waiting"])
    inputs = load(session, center)
    assert [each.text for each in inputs.comments] == [waited.comment]
    report = build_report(inputs)
    assert [each.text for each in report.quotations] == [waited.comment]
    assert inputs.months[-1].comments.negative == 2
    assert {each.code for each in inputs.topics} == {"fairness", "waiting"}


def test_each_topic_is_counted_by_the_side_taken_on_it(session, make, center, place):
    said = make.rating(place, score=3, comment="İşçilər mehriban, növbə uzun")
    both = ["waiting", "staff_courtesy"]
    make.reading(said, "mixed", topics=both, sides=["negative", "positive"])
    other = make.rating(place, score=1, comment="Çox gözlədim, binaya söz yoxdur")
    make.reading(other, "negative", topics=["waiting", "facilities"], sides=["negative", "neutral"])
    make.reading(make.rating(place, comment="Əla"), "positive", topics=[], sides=[])
    make.noise(center)
    topics = {each.code: each.comments for each in load(session, center).topics}
    assert topics == {
        "waiting": SentimentCounts(negative=2),
        "staff_courtesy": SentimentCounts(positive=1),
        "facilities": SentimentCounts(neutral=1),
    }


def test_an_older_reading_speaks_as_a_whole_for_each_of_its_topics(session, make, center, place):
    said = make.rating(place, score=3, comment="İşçilər mehriban, növbə uzun")
    make.reading(said, "mixed", topics=["waiting", "staff_courtesy"], sides=None)
    topics = {each.code: each.comments for each in load(session, center).topics}
    assert topics == dict.fromkeys(("waiting", "staff_courtesy"), SentimentCounts(mixed=1))


def test_what_was_set_aside_keeps_its_rule_and_its_scores(session, make, center, place):
    make.rating(place, score=5, state="held", held_rule="outside_hours")
    make.rating(place, score=1, state="held", held_rule="outside_hours")
    make.rating(place, score=4, state="held", held_rule="before_pairing")
    make.rating(place, score=3)
    make.noise()
    aside = {each.rule: each.tally for each in load(session, center).set_aside}
    assert aside == {
        "outside_hours": ScoreTally((1, 0, 0, 0, 1)),
        "before_pairing": ScoreTally((0, 0, 0, 1, 0)),
    }


def test_open_days_leave_out_weekends_and_holidays(session, make, center):
    make.holiday(DAY)
    days = open_days_of(session, center, OCTOBER)
    assert DAY not in days
    assert len(days) == 21
    assert all(day.isoweekday() <= 5 for day in days)


def test_open_days_are_those_of_the_hours_that_held_then(session, make, center):
    make.hours(center, date(2026, 10, 19), {6: (time(10), time(14))})
    days = open_days_of(session, center, OCTOBER)
    assert [day.day for day in days] == [1, 2, *range(5, 10), *range(12, 17), 24, 31]


def test_all_survey_versions_in_use_are_named(session, make, center):
    survey = make.survey(versions=3)
    place = make.touchpoint(center, survey_id=survey.id)
    for version in (survey.versions[0], survey.versions[2]):
        make.rating(place, survey_version_id=version.id)
    assert sorted(load(session, center).survey_versions) == [1, 3]


def test_who_asked_for_an_answer_is_taken_as_it_stood_when_the_month_ended(
    session, make, center, place
):
    manager = make.user("manager", center)
    end = datetime(2026, 10, 31, 20, tzinfo=UTC)
    times = {
        "answered": (NOON, NOON + timedelta(days=2)),
        "answered later": (NOON, end),
        "waiting": (NOON - timedelta(days=100), None),
        "answered long ago": (NOON - timedelta(days=60), NOON - timedelta(days=50)),
        "given up long ago": (NOON - timedelta(days=230), None),
        "asked later": (end, None),
    }
    for opened_at, closed_at in times.values():
        closing = {"contact": None, "closed_at": closed_at, "closed_by": manager.id}
        make.case(make.rating(place), opened_at=opened_at, **(closing if closed_at else {}))
    make.case(make.rating(place, state="held", held_rule="cooldown/1"))
    make.case(make.rating(make.touchpoint(make.center())))
    cases = load(session, center).cases
    told = sorted((each.opened_at, each.closed_at is not None, each.counts) for each in cases)
    assert told == [
        (NOON - timedelta(days=100), False, True),
        (NOON, False, False),
        (NOON, False, True),
        (NOON, True, True),
    ]
    assert all(each.kept_until - each.opened_at == timedelta(days=180) for each in cases)


@pytest.mark.any_database
def test_figures_do_not_read_more_rows_when_ratings_grow(session, make, center, place, statements):
    """Tallies are read instead of ratings, so the number of statements is fixed."""
    make.rating(place)
    load(session, center)
    with statements() as few:
        load(session, center)
    for minute in range(30):
        make.rating(place, rated_at=NOON + timedelta(minutes=minute))
    session.execute(
        insert(VisitCount),
        [
            {
                "center_id": center.id,
                "service_id": place.service_id,
                "day": DAY + timedelta(days=offset),
                "served": 1,
            }
            for offset in range(20)
        ],
    )
    session.commit()
    load(session, center)
    with statements() as many:
        load(session, center)
    assert len(many) == len(few)


# ----- local fixtures


@pytest.fixture
def statements(session):
    """`with statements() as seen:` collects the SQL that runs inside."""
    from contextlib import contextmanager

    from sqlalchemy import event

    @contextmanager
    def collect():
        seen = []

        def note(_connection, _cursor, statement, *_):
            seen.append(statement)

        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        yield seen
        event.remove(engine, "before_cursor_execute", note)

    return collect


def test_only_readers_of_counted_comments_are_named(session, make, center, place):
    make.reading(make.rating(place, comment="Yaxşı"), reader="one")
    make.reading(make.rating(place, comment="Pis", state="held"), "negative", reader="other")
    assert load(session, center).reader_version == "one"
