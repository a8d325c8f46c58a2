"""From the tally of answers to report inputs: what was asked, what was chosen, and by whom."""

from datetime import timedelta

import pytest

from analysis.months import Month
from analysis.tally import ScoreTally
from survey_app.answer_figures import load_answers
from survey_app.figures import live_report
from survey_app.models import SurveyVersion
from tests.factories import NOON

OCTOBER = Month(2026, 10)
SEPTEMBER = Month(2026, 9)


@pytest.fixture
def place(make, center):
    return make.touchpoint(center)


@pytest.fixture
def answers(session, center):
    return lambda: load_answers(session, center, [SEPTEMBER, OCTOBER])


def test_drivers_are_counted_with_who_chose_two(make, center, place, answers):
    make.rating(place, score=5, answers=["waiting", "information"])
    make.rating(place, score=4, answers=["waiting"])
    make.rating(place, score=1, answers=["waiting", "staff_courtesy"])
    make.rating(place, score=3)
    make.noise(center)
    counts = answers().drivers
    assert counts.answered == ScoreTally((1, 0, 0, 1, 1))
    assert {choice.code: choice.tally.counts for choice in counts.choices} == {
        "information": (0, 0, 0, 0, 1),
        "staff_courtesy": (1, 0, 0, 0, 0),
        "waiting": (1, 0, 0, 1, 1),
    }
    assert {(pair.first, pair.second): pair.tally.counts for pair in counts.pairs} == {
        ("information", "waiting"): (0, 0, 0, 0, 1),
        ("staff_courtesy", "waiting"): (1, 0, 0, 0, 0),
    }


def test_a_driver_only_the_dissatisfied_are_offered_is_left_out(session, make, center, answers):
    survey = make.survey(versions=0)
    version = make.survey_version(survey, published_at=None)
    (bad,) = [question for question in version.questions if question.code == "bad"]
    bad.options[0].code = "only_bad"
    session.commit()
    version.published_at = NOON
    session.commit()
    place = make.touchpoint(center, survey_id=survey.id)
    make.rating(place, score=1, answers=["only_bad", "waiting"])
    counts = answers().drivers
    assert [choice.code for choice in counts.choices] == ["waiting"]
    assert counts.pairs == ()
    assert counts.answered == ScoreTally((1, 0, 0, 0, 0))


def test_nobody_answered_is_not_zero_of_everybody(make, place, answers):
    make.rating(place, score=5)
    found = answers()
    assert found.drivers is None
    assert (found.outcomes, found.groups) == ((), ())


def test_outcomes_and_groups_have_every_option_in_the_surveys_order(
    session, make, center, place, answers
):
    make.rating(place, score=2, answers=["no", "from_60"])
    make.rating(place, score=5, answers=["yes", "no_answer"])
    make.group_served(center, month=OCTOBER.first_day, question="age", option="from_60", served=70)
    make.noise(center)
    found = answers()
    assert [(row.code, row.tally.base) for row in found.outcomes] == [
        ("yes", 1),
        ("partly", 0),
        ("no", 1),
    ]
    assert [(row.code, row.tally.counts, row.served) for row in found.groups] == [
        ("under_30", (0, 0, 0, 0, 0), None),
        ("from_30_to_59", (0, 0, 0, 0, 0), None),
        ("from_60", (0, 1, 0, 0, 0), 70),
        ("no_answer", (0, 0, 0, 0, 1), None),
    ]
    assert {row.question for row in found.groups} == {"age"}


def test_versions_in_the_same_words_are_one_question(session, make, center, place, answers):
    survey = session.get_one(SurveyVersion, make.rating(place).survey_version_id).survey
    make.rating(place, rated_at=NOON - timedelta(days=20))
    second = make.survey_version(survey, 2)
    make.ratings((5, 4), place, survey_version_id=second.id)
    found = answers()
    (before,) = found.asked[SEPTEMBER.first_day]
    first, then = found.asked[OCTOBER.first_day]
    assert (before.version, before.base) == (1, 1)
    assert [(each.version, each.base) for each in (first, then)] == [(1, 1), (2, 2)]
    assert first.question == then.question == before.question
    assert found.question["en"] == "Question satisfaction (en)"


def test_another_wording_is_another_question(session, make, center, place, answers):
    survey = session.get_one(SurveyVersion, make.rating(place).survey_version_id).survey
    second = make.survey_version(survey, 2, published_at=None)
    second.questions[0].text_ru = "Иначе"
    session.commit()
    second.published_at = NOON
    session.commit()
    make.rating(place, survey_version_id=second.id)
    first, then = answers().asked[OCTOBER.first_day]
    assert first.question != then.question


@pytest.mark.any_database
def test_two_surveys_side_by_side_are_no_break_and_lose_no_drivers(
    session, make, center, place, answers
):
    # In the coordination centre's room another survey is asked, in other words, by the same codes.
    gentle = make.survey(versions=0)
    version = make.survey_version(gentle, published_at=None)
    version.questions[0].text_en = "How were you received?"
    session.commit()
    version.published_at = NOON
    session.commit()
    room = make.touchpoint(center, survey_id=gentle.id)
    for when in (NOON, NOON - timedelta(days=30)):
        make.ratings([5] * 70, place, answers=["waiting"], rated_at=when)
        make.ratings([5] * 60, room, answers=["waiting"], rated_at=when)
    found = answers()
    asked = place.survey.versions[0].questions[0]
    assert found.question == dict(asked.text)
    (choice,) = found.drivers.choices
    assert choice.tally == ScoreTally((0, 0, 0, 0, 130))
    report = live_report(session, center, OCTOBER, NOON + timedelta(days=30))
    assert report.breaks == ()
    assert report.passport.survey_versions == (1,)
    assert report.survey_question == dict(asked.text)
