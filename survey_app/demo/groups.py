"""Which groups the demo's people belong to: who says so at the end of the survey, and how many
of those served they are.

Chance comes from generators of their own, so that no dice of the rest of the story move.
"""

import random
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from survey_app.demo.story import Press
from survey_app.questionnaire import NO_ANSWER

FIRST_VERSION = 2
# Chosen, like the demo's own, so that the story is seen in the reports of most centers.
_SEED = 43
# Of those asked, how many answer; and how many of their answers are "rather not say".
SHARE_ANSWERING, SHARE_DECLINING = 0.35, 0.10
# Age has nothing to do with satisfaction.
_AGE = {"under_30": 0.22, "from_30_to_59": 0.47, "from_60": 0.31}
# Dissatisfied and satisfied people with a disability. That there are more among the dissatisfied
# is the story: 4 to 5 points less are satisfied than of the others.
_DISABILITY = {
    False: {"yes": 0.55, "no": 0.45},
    True: {"yes": 0.25, "no": 0.75},
}
# The coordination centre serves families of martyrs and veterans; others come from everywhere.
_FAMILY = {
    True: {"yes": 0.88, "no": 0.12},
    False: {"yes": 0.06, "no": 0.94},
}
# Of all people served, as the network's own register knows them.
_SERVED: Mapping[str, Mapping[str, float]] = {
    "age": {"under_30": 0.19, "from_30_to_59": 0.45, "from_60": 0.36},
    "disability": {"yes": 0.19, "no": 0.81},
}


def answers_of(press: Press, submission_id: UUID) -> dict[str, list[str]]:
    """What this person says to the group questions, by question; nothing if they pass over them.

    Whoever stuffs a tablet says nothing at all.
    """
    rng = random.Random(f"{_SEED} {submission_id}")
    if press.relative_risk == 0 or rng.random() >= SHARE_ANSWERING:
        return {}
    groups = {
        "age": _AGE,
        "disability": _DISABILITY[press.score >= 4],
        "family": _FAMILY[press.area == "UC"],
    }
    return {question: [_say(options, rng)] for question, options in groups.items()}


def _say(options: Mapping[str, float], rng: random.Random) -> str:
    if rng.random() < SHARE_DECLINING:
        return NO_ANSWER
    return _draw(options, rng)


def _draw(options: Mapping[str, float], rng: random.Random) -> str:
    return rng.choices(list(options), list(options.values()))[0]


def count_served(center: str, served: int) -> dict[tuple[str, str], int]:
    """How many of the people a center served belong to each group, by question and option."""
    counts: dict[tuple[str, str], int] = {}
    for question, options in _SERVED.items():
        rng = random.Random(f"{question} of those served in {center}")
        drawn = Counter(_draw(options, rng) for _ in range(served))
        counts |= {(question, option): drawn[option] for option in options}
    return counts
