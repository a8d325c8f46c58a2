"""What a valid submission is: its form, one comment in one form, and its survey version's rules."""

import json
import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as law
from hypothesis import strategies as some
from pydantic import ValidationError

from survey_app.intake.submission import (
    COMMENT_LIMIT,
    Submission,
    Unacceptable,
    load_rules,
)
from tests.factories import NOON, submission


def read(**members):
    """A submission as it comes out of JSON."""
    return Submission.model_validate_json(json.dumps(submission(**members)), strict=True)


def test_every_member_is_kept():
    sent = submission(
        score=2,
        service="03-01-01",
        answers={"outcome": ["no"], "bad": ["waiting", "information"]},
        comment="Gözlədim",
        mode="assisted",
        language="ru",
        sequence=41,
        ticket="BCDFG-HJKLM",
        place=3,
        device_run="01920000-0000-7000-8000-000000000001",
        device_ms=61_000,
        lead_ms=2_000,
        visit_ms=9_000,
    )
    told = Submission.model_validate_json(json.dumps(sent), strict=True)
    assert told.model_dump(mode="json") == sent | {
        "answers": {"bad": ["waiting", "information"], "outcome": ["no"]},
        "rated_at": "2026-10-05T08:00:00Z",
    }


@pytest.mark.parametrize("empty", [{}, {"service": None, "answers": None, "comment": None}])
def test_what_a_hurried_citizen_leaves_out_may_be_absent_or_null(empty):
    sent = submission() | empty
    for name in {"service", "answers", "comment", "mode", "sequence"} - empty.keys():
        del sent[name]
    told = Submission.model_validate_json(json.dumps(sent), strict=True)
    assert (told.service, told.answers, told.comment, told.mode) == (None, None, None, "self")


@pytest.mark.parametrize("score", [0, 6, -1, 10**30, "5", 5.0, True, None, [], {}, float("nan")])
def test_a_score_is_a_whole_number_from_1_to_5(score):
    assert _refused_at(score=score) == ("score",)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("submission_id", "not an id"),
        ("submission_id", 5),
        ("sequence", 0),
        ("sequence", 2**31),
        ("sequence", "1"),
        ("sequence", 1.5),
        ("survey_version", 0),
        ("survey_version", 10**6),
        ("language", "de"),
        ("language", "AZ"),
        ("language", None),
        ("mode", "other"),
        ("mode", None),
        ("service", ""),
        ("service", "x" * 41),
        ("service", "03 01"),
        ("service", "03\n"),
        ("service", "03\x00"),
        ("service", 3),
        ("answers", []),
        ("answers", "yes"),
        ("answers", {f"q{number}": [] for number in range(41)}),
        ("comment", 5),
        ("comment", ["a"]),
        ("comment", "x\x00y"),
    ],
)
def test_a_member_of_the_wrong_form_is_refused(member, value):
    assert _refused_at(**{member: value}) == (member,)


@pytest.mark.parametrize(
    "answers",
    [{"outcome": "yes"}, {"outcome": None}, {"outcome": [1]}, {"good": ["a"] * 41}, {"": ["yes"]}],
)
def test_answers_are_lists_of_codes_by_code(answers):
    assert _refused_at(answers=answers)[0] == "answers"


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+04:00",
        "0999-12-31T23:59:59Z",
        "9001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "2026-10-05T08:00:00",
        "2026-10-05",
        "2026-02-30T08:00:00Z",
        "yesterday",
        1_791_187_200,
        None,
    ],
)
def test_a_time_needs_a_zone_and_a_place_in_the_calendar(moment):
    assert _refused_at(rated_at=moment) == ("rated_at",)


@pytest.mark.parametrize("moment", ["1000-01-01T00:00:00Z", "9000-12-31T23:59:59Z"])
def test_times_far_from_now_are_kept_as_they_are(moment):
    assert read(rated_at=moment).rated_at.isoformat().replace("+00:00", "Z") == moment


def test_an_unknown_member_is_refused():
    assert _refused_at(name="Aygün") == ("name",)


def test_the_order_in_which_questions_were_answered_means_nothing():
    same = submission()
    first = same | {"answers": {"outcome": ["yes"], "good": ["waiting"]}}
    second = same | {"answers": {"good": ["waiting"], "outcome": ["yes"]}}
    told = [Submission.model_validate_json(json.dumps(each)) for each in (first, second)]
    assert told[0].model_dump_json() == told[1].model_dump_json()


# --- the comment -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Çox yaxşı", "Çox yaxşı"),
        ("C\u0327ox s\u0327ad", "Çox şad"),
        ("a\x01\u0301", "á"),
        ("bir\r\niki\rüç", "bir\niki\nüç"),
        ("\x1b[31mqırmızı\x07", "[31mqırmızı"),
        ("  boşluq \n", "boşluq"),
        ("\x85\x1f \n", ""),
        ("\u202eolleh", "\u202eolleh"),
    ],
)
def test_a_comment_is_kept_in_one_normal_form(sent, kept):
    assert read(comment=sent).comment == kept


def test_the_limit_of_a_comment_counts_what_is_kept():
    assert len(read(comment="a\u0301" * COMMENT_LIMIT).comment) == COMMENT_LIMIT
    assert len(read(comment="ə" * COMMENT_LIMIT).comment) == COMMENT_LIMIT
    assert _refused_at(comment="ə" * (COMMENT_LIMIT + 1)) == ("comment",)
    # One sign that the normal form writes as three.
    assert _refused_at(comment="\U0001d160" * COMMENT_LIMIT) == ("comment",)


def test_half_a_character_is_refused():
    members = submission(rated_at=NOON)
    with pytest.raises(ValidationError, match="comment"):
        Submission.model_validate(members | {"comment": "x\ud800"})
    assert Submission.model_validate(members | {"comment": "x\U0001f600"}).comment == "x\U0001f600"


@given(some.text(max_size=60))
@law(derandomize=True, max_examples=200, deadline=None, database=None)
def test_what_is_kept_of_any_comment_is_clean_and_stays_as_it_is(comment):
    if "\x00" in comment:
        assert _refused_at(comment=comment) == ("comment",)
        return
    kept = read(comment=comment).comment
    assert unicodedata.is_normalized("NFC", kept)
    assert not any(unicodedata.category(sign) == "Cc" for sign in kept.replace("\n", ""))
    assert read(comment=kept).comment == kept


# --- the rules of a survey version ---------------------------------------------------------------


@pytest.fixture
def survey(make):
    return make.survey("visit")


@pytest.fixture
def rules(session, survey):
    return load_rules(session, {(survey.id, 1)})[survey.id, 1]


def test_options_are_found_by_their_codes(session, survey, rules):
    questions = {each.code: each for each in survey.versions[0].questions}
    chosen = rules.chosen_options(
        read(score=5, answers={"outcome": ["partly"], "good": ["waiting", "staff_courtesy"]})
    )
    codes = {each.id: (code, each.code) for code in questions for each in questions[code].options}
    assert [codes[option] for option in chosen] == [
        ("good", "waiting"),
        ("good", "staff_courtesy"),
        ("outcome", "partly"),
    ]


@pytest.mark.parametrize("answers", [None, {}, {"outcome": []}, {"bad": []}])
def test_an_unanswered_question_chooses_nothing(rules, answers):
    assert rules.chosen_options(read(score=5, answers=answers)) == []


@pytest.mark.parametrize(
    ("score", "answers", "reason"),
    [
        (5, {"colour": ["red"]}, "unknown_question"),
        (5, {"colour": []}, "unknown_question"),
        # The score and the comment have members of their own.
        (5, {"satisfaction": ["5"]}, "unknown_question"),
        (5, {"comment": ["text"]}, "unknown_question"),
        (5, {"outcome": ["perhaps"]}, "unknown_option"),
        (5, {"good": ["waiting", "perhaps"]}, "unknown_option"),
        (5, {"outcome": ["yes", "no"]}, "too_many_answers"),
        (5, {"good": ["waiting", "waiting"]}, "too_many_answers"),
        (3, {"good": ["waiting"]}, "question_not_for_score"),
        (4, {"bad": ["waiting"]}, "question_not_for_score"),
    ],
)
def test_what_breaks_a_rule_is_named(rules, score, answers, reason):
    with pytest.raises(Unacceptable) as caught:
        rules.chosen_options(read(score=score, answers=answers))
    assert caught.value.reason == reason


@pytest.mark.parametrize(("score", "code"), [(1, "bad"), (3, "bad"), (4, "good"), (5, "good")])
def test_a_question_is_open_to_the_scores_at_both_ends_of_its_range(rules, score, code):
    assert len(rules.chosen_options(read(score=score, answers={code: ["waiting"]}))) == 1


def test_only_published_versions_of_the_surveys_asked_for_are_loaded(session, make, survey):
    make.survey_version(survey, 2, published_at=None)
    make.survey_version(survey, 3, published_at=NOON - timedelta(days=1))
    other = make.survey("other", versions=4)
    asked = {(survey.id, number) for number in (1, 2, 3, 4)}
    assert {key for key in load_rules(session, asked) if key[0] == survey.id} == {
        (survey.id, 1),
        (survey.id, 3),
    }
    assert (other.id, 1) not in load_rules(session, asked)
    assert load_rules(session, set()) == {}


def _refused_at(**members):
    """Where a submission with these members is wrong."""
    with pytest.raises(ValidationError) as caught:
        read(**members)
    return caught.value.errors()[0]["loc"]
