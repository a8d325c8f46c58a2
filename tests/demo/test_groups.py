"""Which groups people of the demo say they belong to: as many as planned, and always the same."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from uuid import UUID

import pytest

from survey_app.demo.groups import (
    SHARE_ANSWERING,
    SHARE_DECLINING,
    answers_of,
    count_served,
)
from survey_app.demo.story import Press
from survey_app.questionnaire import NO_ANSWER

PEOPLE = 20_000
# Of 1,000 people 26 are dissatisfied, as in the network.
DISSATISFIED = 26


def press(number: int, *, score: int = 5, area: str = "07", risk: float = 1.0) -> Press:
    return Press(
        "baku-1",
        "hall-exit",
        "tablet",
        datetime.combine(date(2026, 10, 5), time(12)),
        None,
        area,
        "az",
        relative_risk=risk,
        score=2 if number % 1_000 < DISSATISFIED else score,
    )


def said(**columns: float | str) -> Iterator[tuple[Press, dict[str, list[str]]]]:
    """What each of PEOPLE says."""
    for number in range(PEOPLE):
        one = press(number, **columns)  # type: ignore[arg-type]
        yield one, answers_of(one, UUID(int=number))


def test_a_third_answer_and_a_tenth_of_them_would_rather_not() -> None:
    answers = [answered for _, answered in said() if answered]
    assert len(answers) == pytest.approx(SHARE_ANSWERING * PEOPLE, rel=0.05)
    for question in ("age", "disability", "family"):
        declined = sum(answered[question] == [NO_ANSWER] for answered in answers)
        assert declined == pytest.approx(SHARE_DECLINING * len(answers), rel=0.12)


def test_the_same_person_always_says_the_same() -> None:
    assert [*said()] == [*said()]


def test_who_stuffs_a_tablet_says_nothing() -> None:
    assert not any(answered for _, answered in said(risk=0.0))


def test_people_with_a_disability_are_less_satisfied_and_no_age_is() -> None:
    satisfied: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    for one, answered in said():
        for question, (option,) in answered.items():
            asked[question, option] += 1
            satisfied[question, option] += one.score >= 4
    shares = {key: satisfied[key] / count for key, count in asked.items()}
    assert 0.02 < shares["disability", "no"] - shares["disability", "yes"] < 0.06
    ages = [shares["age", option] for option in ("under_30", "from_30_to_59", "from_60")]
    assert max(ages) - min(ages) < 0.025


def test_the_coordination_centre_serves_families_of_martyrs() -> None:
    for area, low, high in (("UC", 0.84, 0.92), ("07", 0.04, 0.08)):
        answers = [answered["family"] for _, answered in said(area=area) if answered]
        named = [option for (option,) in answers if option != NO_ANSWER]
        assert low < named.count("yes") / len(named) < high


def test_groups_of_those_served_sum_to_them() -> None:
    counts = count_served("baku-1", 9_000)
    assert counts == count_served("baku-1", 9_000)
    assert counts != count_served("baku-2", 9_000)
    for question, groups in (("age", 3), ("disability", 2)):
        of_it = [count for (asked, _), count in counts.items() if asked == question]
        assert (len(of_it), sum(of_it)) == (groups, 9_000)
    assert NO_ANSWER not in {option for _, option in counts}
