"""From the tally of answers to what `analysis` needs: what was asked, drivers, outcomes, groups."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from analysis.drivers import DriverChoice, DriverCounts, DriverPair
from analysis.equality import GroupCounts
from analysis.months import Month
from analysis.tally import AskedCounts, Names, OutcomeCounts, ScoreTally, total
from survey_app.models import AnswerTally, Center, GroupServed, Question, SurveyVersion
from survey_app.tallies import scores_of

Key = tuple[int, int, int]


@dataclass(frozen=True)
class Answers:
    """What the ratings of a center answered: `asked` by month, the rest for the last month.

    `question` is the wording of the satisfaction question most of them answered, None without any.
    """

    asked: Mapping[date, tuple[AskedCounts, ...]]
    question: Names | None
    drivers: DriverCounts | None
    outcomes: tuple[OutcomeCounts, ...]
    groups: tuple[GroupCounts, ...]


def load_answers(session: Session, center: Center, months: Sequence[Month]) -> Answers:
    """The answers of a center's months, oldest first; five statements whatever their number."""
    rows = _tallies(session, center, months)
    questions = _questions(session, {row.question_id for row in rows})
    this = {
        (row.question_id, row.option_id, row.other_id): scores_of(row)
        for row in rows
        if row.month == months[-1].first_day
    }
    asked = _asked(rows, questions)
    return Answers(
        asked=asked,
        question=_wording(asked.get(months[-1].first_day, ()), questions),
        drivers=_drivers(this, questions),
        outcomes=_outcomes(this, questions),
        groups=_groups(this, questions, _served(session, center, months[-1])),
    )


def _tallies(session: Session, center: Center, months: Sequence[Month]) -> list[Row[Any]]:
    """All of the last month; of those before only how many answered which version."""
    satisfaction = select(Question.id).where(Question.role == "satisfaction")
    columns = AnswerTally.__table__.columns
    earlier = select(*columns).where(
        AnswerTally.center_id == center.id,
        AnswerTally.month.between(months[0].first_day, months[-1].first_day),
        AnswerTally.question_id.in_(satisfaction),
    )
    last = select(*columns).where(
        AnswerTally.center_id == center.id, AnswerTally.month == months[-1].first_day
    )
    return list(session.execute(earlier.union(last)))


def _questions(session: Session, ids: Iterable[int]) -> dict[int, Question]:
    """All questions of the versions that these questions belong to, with their options, the newest
    version first. Also those nobody answered: they tell what could have been chosen."""
    versions = select(Question.version_id).where(Question.id.in_(ids))
    found = session.scalars(
        select(Question)
        .join(Question.version)
        .where(Question.version_id.in_(versions))
        .order_by(SurveyVersion.number.desc(), Question.position)
        .options(selectinload(Question.options), contains_eager(Question.version))
    )
    return {question.id: question for question in found}


def _of_role(questions: Mapping[int, Question], role: str) -> list[Question]:
    return [question for question in questions.values() if question.role == role]


def _asked(
    rows: Iterable[Row[Any]], questions: Mapping[int, Question]
) -> dict[date, tuple[AskedCounts, ...]]:
    asked: defaultdict[date, list[AskedCounts]] = defaultdict(list)
    satisfaction = {
        question.id: (question.version.number, _fingerprint(question))
        for question in _of_role(questions, "satisfaction")
    }
    for row in rows:
        if row.question_id in satisfaction and (base := scores_of(row).base):
            asked[row.month].append(AskedCounts(*satisfaction[row.question_id], base))
    return {month: tuple(sorted(each, key=lambda a: a.version)) for month, each in asked.items()}


def _fingerprint(question: Question) -> str:
    """Equal for versions that ask the same in the same words with the same answers."""
    said = [
        question.kind,
        dict(question.text),
        [(option.code, dict(option.text)) for option in question.options],
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def _wording(
    asked: Sequence[AskedCounts], questions: Mapping[int, Question]
) -> Mapping[str, str] | None:
    if not asked:
        return None
    most = max(asked, key=lambda each: (each.base, each.version))
    # By number and wording: two surveys asked side by side number their versions alike.
    return next(
        dict(question.text)
        for question in _of_role(questions, "satisfaction")
        if (question.version.number, _fingerprint(question)) == (most.version, most.question)
    )


def _drivers(
    tallies: Mapping[Key, ScoreTally], questions: Mapping[int, Question]
) -> DriverCounts | None:
    """What was good and what was bad together, over all versions, by the codes that can be chosen
    at every score: one that only the dissatisfied are offered explains nothing."""
    asked = _of_role(questions, "driver")
    codes = {
        option.id: option.code
        for question in asked
        for option in question.options
        if _offeredscores_of(asked, option.code) == set(range(1, 6))
    }
    choices: defaultdict[str, list[ScoreTally]] = defaultdict(list)
    pairs: defaultdict[tuple[str, str], list[ScoreTally]] = defaultdict(list)
    answered = []
    for (question_id, option_id, other_id), tally in tallies.items():
        if questions[question_id].role != "driver":
            continue
        if not option_id:
            answered.append(tally)
        elif option_id not in codes or (other_id and other_id not in codes):
            continue
        elif not other_id:
            choices[codes[option_id]].append(tally)
        else:
            first, second = sorted((codes[option_id], codes[other_id]))
            pairs[first, second].append(tally)
    if not answered:
        return None
    return DriverCounts(
        total(answered),
        tuple(DriverChoice(code, total(choices[code])) for code in sorted(choices)),
        tuple(DriverPair(*both, total(pairs[both])) for both in sorted(pairs)),
    )


def _offeredscores_of(asked: Sequence[Question], code: str) -> set[int]:
    return {
        score
        for question in asked
        if any(option.code == code for option in question.options)
        for score in range(question.min_score, question.max_score + 1)
    }


def _options(
    tallies: Mapping[Key, ScoreTally], asked: Sequence[Question]
) -> dict[str, tuple[Names, ScoreTally]]:
    """The options of one question through its versions, in the newest version's words."""
    found: dict[str, tuple[Names, ScoreTally]] = {}
    for question in asked:
        for option in question.options:
            names, so_far = found.get(option.code, (dict(option.text), ScoreTally()))
            tally = tallies.get((question.id, option.id, 0), ScoreTally())
            found[option.code] = (names, so_far + tally)
    return found


def _outcomes(
    tallies: Mapping[Key, ScoreTally], questions: Mapping[int, Question]
) -> tuple[OutcomeCounts, ...]:
    asked = [q for q in _of_role(questions, "outcome") if (q.id, 0, 0) in tallies]
    return tuple(
        OutcomeCounts(code, names, tally)
        for code, (names, tally) in _options(tallies, asked).items()
    )


def _groups(
    tallies: Mapping[Key, ScoreTally],
    questions: Mapping[int, Question],
    served: Mapping[tuple[str, str], int],
) -> tuple[GroupCounts, ...]:
    by_code: defaultdict[str, list[Question]] = defaultdict(list)
    for question in _of_role(questions, "equality"):
        if (question.id, 0, 0) in tallies:
            by_code[question.code].append(question)
    return tuple(
        GroupCounts(
            question=code,
            question_names=dict(asked[0].text),
            code=option,
            names=names,
            tally=tally,
            served=served.get((code, option)),
        )
        for code, asked in by_code.items()
        for option, (names, tally) in _options(tallies, asked).items()
    )


def _served(session: Session, center: Center, month: Month) -> dict[tuple[str, str], int]:
    rows = session.execute(
        select(GroupServed.question, GroupServed.option, GroupServed.served).where(
            GroupServed.center_id == center.id, GroupServed.month == month.first_day
        )
    )
    return {(question, option): served for question, option, served in rows}
