"""Every rule has its words, every number of every rule its label, and a chance is said plainly."""

import pytest

from analysis.hard_rules import MONTH_RULES, RULE_VERSIONS
from analysis.wording import PlainWording
from survey_app.integrity.texts import RuleWords
from survey_app.integrity.watched import DAY_RULES

WORDS = RuleWords("fast_run/1", PlainWording("en"))
OF_MONTH = RuleWords("turnout_coupling/1", PlainWording("en"))


# What the page behind a code holds by itself, and what its citizen takes back.
OF_THE_CODE = ("filled_trap", "flood", "unproven", "withdrawn")


@pytest.mark.parametrize("code", sorted({*RULE_VERSIONS, *OF_THE_CODE, "void"}))
def test_every_rule_has_a_name(code):
    assert RuleWords(f"{code}/1", PlainWording("en")).name != code


@pytest.mark.parametrize("code", [*DAY_RULES, *MONTH_RULES, *OF_THE_CODE])
def test_every_rule_that_is_applied_is_explained(code):
    words = RuleWords(f"{code}/1", PlainWording("en"))
    assert len(words.explanation) > 60
    assert words.is_of_month == (code in MONTH_RULES)


@pytest.mark.parametrize(
    ("p_value", "said"),
    [
        (0, "On a tablet that works as built this does not happen."),
        (1e-40, "By chance this practically never happens."),
        (1 / 123, "By chance at most once in 120 days of a tablet."),
        (1 / 3_040, "By chance at most once in 3 thousand days of a tablet."),
        (1 / 3_260_000, "By chance at most once in 3 million days of a tablet."),
        (1 / 47.6e9, "By chance at most once in 47 billion days of a tablet."),
        (1e-14, "By chance at most once in 100 trillion days of a tablet."),
        (1, "By chance at most once in 1 days of a tablet."),
    ],
)
def test_a_chance_is_said_in_words(p_value, said):
    assert WORDS.chance(p_value) == said


def test_a_months_chance_is_counted_in_months():
    assert OF_MONTH.chance(0.01) == "By chance at most once in 100 months of a center."


def test_numbers_are_written_as_what_they_are():
    detail = {"from": 43_205.7, "share": 0.947, "per_hour": 11.25, "gap": 12.0, "presses": 1200}
    assert [value for _, value in WORDS.numbers(detail)] == [
        "12:00:05",
        "95%",
        "11.25",
        "12",
        "1,200",
    ]


def test_what_is_not_known_is_left_out():
    assert WORDS.numbers({"something_new": 3}) == []


def test_the_same_word_means_another_thing_in_another_rule():
    similar = RuleWords("similar_answers/1", PlainWording("en"))
    diverging = RuleWords("channel_divergence/1", PlainWording("en"))
    assert similar.numbers({"usual": 3.25}) == [("Such pairs to be expected", "3.25")]
    assert diverging.numbers({"usual": 0.0325}) == [("The same in the months before", "+3.3")]
