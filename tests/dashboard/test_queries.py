"""The urgent comments of a center's last 30 days, and no others."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from survey_app.dashboard.queries import DAYS, SHOWN, UrgentComments, urgent_comments
from survey_app.models.ratings import URGENCIES
from tests.factories import DAY, NOON

WORDS = "Məndən pul istədilər"


@pytest.fixture
def place(make, center):
    return make.touchpoint(center, service_id=make.service("03-01-01").id, label_en="Hall exit")


@pytest.fixture
def write(make, place):
    """`write(text, days, **columns)`: an urgent comment of so many days before DAY."""

    def write(text=WORDS, days=0, urgent="bribery", language="az", **columns):
        columns.setdefault("rated_at", NOON - timedelta(days=days))
        rating = make.rating(columns.pop("place", place), score=1, comment=text, **columns)
        return make.reading(rating, "negative", language=language, urgent=urgent)

    return write


def texts(session, center):
    return [each.text for each in urgent_comments(session, center, DAY).shown]


def test_it_tells_what_was_written_why_it_is_urgent_and_where_it_comes_from(session, center, write):
    write()
    (comment,) = urgent_comments(session, center, DAY).shown
    assert (comment.reason, comment.text, comment.language) == ("bribery", WORDS, "az")
    assert (comment.day, comment.score) == (DAY, 1)
    assert (comment.channel, comment.place["en"]) == ("tablet", "Hall exit")
    assert (comment.service_code, comment.service["en"]) == ("03-01-01", "Service 03-01-01 (en)")


def test_a_rating_may_name_no_service_and_a_comment_no_language(session, make, center, write):
    write(place=make.poster(center), language="mixed")
    (comment,) = urgent_comments(session, center, DAY).shown
    assert (comment.channel, comment.service_code, comment.service) == ("qr", None, None)
    assert comment.language is None


def test_every_reason_is_shown_and_comments_that_are_not_urgent_are_not(
    session, make, center, place, write
):
    for urgency in URGENCIES:
        write(urgency, urgent=urgency)
    make.reading(make.rating(place, comment="Çox sağ olun"))
    make.rating(place, comment="Hələ oxunmayıb")
    make.noise(center)
    assert sorted(texts(session, center)) == sorted(URGENCIES)


def test_the_newest_comes_first_whatever_the_order_of_arrival(session, center, write):
    write("two days ago", days=2)
    write("today at nine", rated_at=NOON - timedelta(hours=3))
    write("today, later in that hour", rated_at=NOON - timedelta(hours=3) + timedelta(minutes=5))
    write("yesterday", days=1)
    write("today at noon")
    assert texts(session, center) == [
        "today at noon",
        "today, later in that hour",
        "today at nine",
        "yesterday",
        "two days ago",
    ]


def test_no_more_are_shown_than_fit_and_the_others_are_counted(session, make, center, write):
    for number in range(SHOWN):
        write(str(number), days=1)
    assert urgent_comments(session, center, DAY).more == 0
    write("older", days=3)
    write("older still", days=5)
    write("too old", days=DAYS)
    write("of another center", place=make.touchpoint())
    found = urgent_comments(session, center, DAY)
    assert (len(found.shown), found.more) == (SHOWN, 2)
    assert "older" not in texts(session, center)


def test_thirty_days_are_looked_back_at_with_today(session, center, write):
    write("the last day", days=DAYS - 1)
    write("too old", days=DAYS)
    assert texts(session, center) == ["the last day"]


def test_another_centers_comments_are_its_own(session, make, center, other_center, write):
    write("ours")
    write("theirs", place=make.touchpoint(other_center))
    assert texts(session, center) == ["ours"]
    assert texts(session, other_center) == ["theirs"]


def test_held_comments_are_shown_voided_and_erased_ones_are_not(session, center, write):
    write("counted")
    write("held", state="held")
    write("void", state="void")
    erased = write("erased")
    erased.rating.comment = None
    session.commit()
    assert sorted(texts(session, center)) == ["counted", "held"]


def test_a_quiet_center_has_none(session, make, center):
    make.noise(center)
    assert urgent_comments(session, center, DAY) == UrgentComments((), 0)


@pytest.mark.any_database
def test_ratings_are_found_by_an_index(session, center):
    with_plans = []

    def note(_connection, cursor, statement, parameters, *_):
        if "urgent" in statement and not statement.startswith("EXPLAIN"):
            plan = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            with_plans.append([row[3] for row in plan])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    urgent_comments(session, center, DAY)
    ((*steps,),) = with_plans
    assert any(step.startswith("SEARCH rating") for step in steps)
    assert not any(step.startswith(("SCAN rating", "SCAN comment_reading")) for step in steps)
