"""Fitting a reader to the network's own comments, and keeping it only if it reads them better.

Every comment comes with a score, so every comment is a label, if a noisy one. A candidate is
fitted to the shipped corpus and to the network's older comments, and judged on the newest, which
it has never seen. Comments leave this module only as counts.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from analysis.corpus import Comment, load_corpus
from analysis.language import Language
from analysis.model import load_model
from analysis.months import Month
from analysis.quality import f1
from analysis.reading import Reader, shipped_reader
from analysis.training import Example, examples_of, fit_reader
from analysis.words import fold
from survey_app.comments.readers import choose, current_choice, current_reader, keep
from survey_app.extensions import begin_snapshot, begin_writing
from survey_app.models import AuditEvent, CommentCorrection, DayTally, Rating
from survey_app.models.ratings import ASSESSMENTS

# Fewer scored comments, or fewer held out of either side, tell nothing.
LEAST_SCORED = 200
LEAST_HELD_OUT = 30
# A language with at least so many held-out comments, and the test corpus, may lose this much.
LEAST_IN_LANGUAGE = 30
TOLERANCE = 0.01
# How often chance alone may pass for a better reader: half of the usual 5 %, being one-sided.
ERROR = 0.025

# What a comment of the network counts against one of the corpus, which a person has labelled.
# A score is about the visit and not about the words, so it weighs less; 3 says least of all.
_OWN, _OWN_NEUTRAL, _CORRECTED = 0.3, 0.1, 1.0
# The newest comments of a side that are learned from, and judged by. More would take longer
# and teach little: who praises, praises alike.
_MOST_LEARNED, _MOST_HELD_OUT = 6_000, 10_000

Outcome = Literal["learned", "overtaken", "not_better", "too_little"]
# What stands in the audit trail; of too little nothing does.
_NOTED: dict[Outcome, str] = {
    "learned": "reader_learned",
    "overtaken": "reader_kept",
    "not_better": "reader_rejected",
}

Side = Literal["negative", "neutral", "positive"]
_SCORES: dict[Side, tuple[int, ...]] = {"negative": (1, 2), "neutral": (3,), "positive": (4, 5)}


@dataclass(frozen=True)
class Corpus:
    """What a person has labelled: examples to fit to, and comments to measure on."""

    train: Sequence[Example]
    test: Sequence[Comment]


@dataclass(frozen=True)
class Recall:
    """How many held-out comments of either side there are, and how many were read as such."""

    negative: int = 0
    positive: int = 0
    negative_right: int = 0
    positive_right: int = 0

    @property
    def balanced(self) -> float:
        """The mean of both recalls, 0 to 1: a reader that calls everything positive gets 0.5.

        With comments of one side only, its recall; 0 without any.
        """
        recalls = [
            right / count
            for count, right in (
                (self.negative, self.negative_right),
                (self.positive, self.positive_right),
            )
            if count
        ]
        return sum(recalls) / len(recalls) if recalls else 0.0


@dataclass(frozen=True)
class Comparison:
    """The reader in use and the candidate on the same held-out comments of one language."""

    language: str
    before: Recall
    after: Recall

    @property
    def base(self) -> int:
        """How many comments were compared."""
        return self.before.negative + self.before.positive

    @property
    def gain(self) -> float:
        """Balanced accuracy after minus before."""
        return self.after.balanced - self.before.balanced


@dataclass(frozen=True)
class Lesson:
    """What came of learning; printed, it is a table.

    `outcome` is "learned" (the candidate is in use now), "overtaken" (it is better and kept, but
    another reader was chosen meanwhile), "not_better" or "too_little"; `because` says why in words.
    `scored` counts the network's comments with a score other than 3, `own` and `corrected` those
    that were learned from; `held_from` and `held_until` are days, both included. `comparisons`
    begin with all languages together. `chance` is how often a candidate no better than the reader
    in use would seem this much better; `corpus` is the macro-F1 of both on the test corpus.
    """

    outcome: Outcome
    because: str
    before: str
    candidate: str | None = None
    scored: int = 0
    own: int = 0
    corrected: int = 0
    held_from: date | None = None
    held_until: date | None = None
    comparisons: tuple[Comparison, ...] = ()
    chance: float | None = None
    corpus: tuple[float, float] | None = None

    def figures(self) -> dict[str, Any]:
        """The lesson in JSON's types, for the reader's card and the audit trail."""
        return {
            "because": self.because,
            "before": self.before,
            "candidate": self.candidate,
            "learned_from": {"scored": self.own, "corrected": self.corrected},
            "held_out": [str(self.held_from), str(self.held_until)],
            "balanced_accuracy": {
                each.language: {
                    "comments": each.base,
                    "before": round(each.before.balanced, 4),
                    "after": round(each.after.balanced, 4),
                }
                for each in self.comparisons
            },
            "chance": self.chance,
            "corpus_macro_f1": self.corpus and [round(figure, 4) for figure in self.corpus],
        }

    def evaluated_on(self) -> str:
        """Which comments the candidate was measured on, in words."""
        base = self.comparisons[0].base if self.comparisons else 0
        return f"{base} comments of this network, {self.held_from} to {self.held_until}"

    def __str__(self) -> str:
        lines = [f"Learned from: {self.own} scored comments, {self.corrected} corrected ones"]
        if self.comparisons:
            lines += [f"Measured on:  {self.evaluated_on()}, none of them learned from", ""]
            lines.append(_line("", "negative", "positive", self.before, str(self.candidate), ""))
            lines += [
                _line(
                    "all languages" if each.language == "all" else each.language,
                    str(each.before.negative),
                    str(each.before.positive),
                    *_percents(each.before.balanced, each.after.balanced),
                )
                for each in self.comparisons
            ]
        if self.corpus is not None:
            lines.append(_line("test corpus", "", "", *_percents(*self.corpus)))
        if self.chance is not None:
            lines += [
                "",
                "Languages: mean recall of both sides; test corpus: macro-F1 of all four labels.",
                f"A reader no better would seem so with a probability of {self.chance:.4f}.",
            ]
        return "\n".join([*lines, "", self.because])


def _line(*cells: str) -> str:
    widths = (-14, 9, 9, 22, 22, 8)
    return "".join(
        cell.rjust(width) if width > 0 else cell.ljust(-width)
        for cell, width in zip(cells, widths, strict=True)
    ).rstrip()


def _percents(before: float, after: float) -> tuple[str, str, str]:
    return (f"{before:.1%}", f"{after:.1%}", f"{100 * (after - before):+.1f}")


# --- learning ------------------------------------------------------------------------------------


def learn(
    session: Session,
    folder: Path,
    now: datetime,
    *,
    corpus: Corpus | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Lesson:
    """Fit a reader to the network's comments and use it from now on if it is better.

    Better means: on held-out comments of this network the sign of its polarity agrees with the
    score, or with what a person has said instead, clearly more often than that of the reader in
    use (see `chance_of`), in no language clearly less often, and on the test corpus (`corpus`; the
    shipped one unless given) its macro-F1 is not clearly lower. Held out are the newest two whole
    months with comments, or the newest fifth of the comments when there are fewer than three;
    nothing from then on, and no text that also occurs then, is learned from. Comments are balanced
    in each language, so that neither praise as such nor a language as such becomes an opinion.

    The same rows, day and corpus give the same reader. Takes a few minutes and about 1 GB of
    memory, outside any transaction; the choice and its trace in the audit trail are committed.
    Where another reader was chosen meanwhile, a better candidate is kept but not used: it was
    never compared with that one. Raises ValueError when the corpus is too small to fit anything
    to, BrokenReader when the candidate cannot be read back from its file.
    """
    begin_snapshot(session)
    chosen = current_choice(folder).version
    in_use = current_reader(folder)
    scored = _count_scored(session)
    if scored < LEAST_SCORED:
        session.rollback()
        because = f"Too little to learn from: {scored} scored comments, {LEAST_SCORED} are needed."
        return Lesson("too_little", because, in_use.version, scored=scored)
    held_from, held_until = _held_out_days(session, now.date())
    held_out = _held_out(session, held_from, held_until)
    older = _older(session, held_from)
    session.rollback()

    sides = Counter(map(_is_positive, held_out))
    if min(sides[True], sides[False]) < LEAST_HELD_OUT:
        because = (
            f"Too little to judge by: {sides[False]} negative and {sides[True]} positive comments"
            f" from {held_from} to {held_until}, {LEAST_HELD_OUT} of each are needed."
        )
        return Lesson(
            "too_little", because, in_use.version,
            scored=scored, held_from=held_from, held_until=held_until,
        )  # fmt: skip

    progress("Reading the corpus and the older comments")
    corpus = corpus or Corpus(examples_of(load_corpus("train")), load_corpus("test"))
    unseen = {fold(row.comment) for row in held_out} | {fold(each.text) for each in corpus.test}
    own = _own_examples(older, unseen)
    corrected = _corrected_examples(older, unseen)

    progress(f"Fitting a reader to {len(corpus.train) + len(own) + len(corrected)} comments")
    content = fit_reader([*corpus.train, *own, *corrected]).to_bytes()
    # Judged is what will be stored, read back from its file.
    candidate = Reader(load_model(content))

    progress(f"Comparing both on {len(held_out)} held-out comments")
    comparisons, chance = _compare(in_use, candidate, held_out)
    f1 = (macro_f1(in_use, corpus.test), macro_f1(candidate, corpus.test))
    objection = _objection(comparisons, chance, f1)
    lesson = Lesson(
        outcome="not_better" if objection else "learned",
        because=objection
        or f"{candidate.version} is better and reads this network's comments from now on.",
        before=in_use.version,
        candidate=candidate.version,
        scored=scored,
        own=len(own),
        corrected=len(corrected),
        held_from=held_from,
        held_until=held_until,
        comparisons=comparisons,
        chance=chance,
        corpus=f1,
    )
    return _conclude(session, folder, now, lesson, content, chosen)


def _conclude(
    session: Session, folder: Path, now: datetime, lesson: Lesson, content: bytes, chosen: str
) -> Lesson:
    """Note the lesson, and put the candidate to use if it is better than what is in use still.

    `chosen` is the version that was chosen when learning began; returned is the lesson as noted.
    """
    begin_writing(session)
    meanwhile = current_choice(folder).version
    if lesson.outcome == "learned" and meanwhile not in {chosen, lesson.candidate}:
        because = (
            f"{lesson.candidate} is better than {lesson.before}, but {meanwhile} was chosen"
            f" meanwhile and stays. To use the new one: ./run language use {lesson.candidate}"
        )
        lesson = replace(lesson, outcome="overtaken", because=because)
    session.add(AuditEvent(happened_at=now, action=_NOTED[lesson.outcome], detail=lesson.figures()))
    session.flush()
    # All that can fail has been done; a choice whose trace is lost can still be taken back.
    if lesson.outcome != "not_better":
        card = keep(folder, content, now, lesson.evaluated_on(), lesson.figures())
    if lesson.outcome == "learned":
        choose(folder, card.version, now)
    session.commit()
    return lesson


def _objection(
    comparisons: Sequence[Comparison], chance: float, f1: tuple[float, float]
) -> str | None:
    """Why the candidate is not kept, in words; None when it is better."""
    whole, *languages = comparisons
    if whole.gain <= 0 or chance > ERROR:
        return "The candidate is not clearly better. The reader in use stays."
    worse = [
        each.language
        for each in languages
        if each.base >= LEAST_IN_LANGUAGE and _is_worse(each.gain)
    ]
    if worse:
        return f"The candidate reads {', '.join(worse)} worse. The reader in use stays."
    if _is_worse(f1[1] - f1[0]):
        return "The candidate reads the test corpus worse. The reader in use stays."
    return None


def _is_worse(gain: float) -> bool:
    """Whether more was lost than is tolerated; a loss of just so much is not more."""
    return round(gain, 9) < -TOLERANCE


# --- what there is -------------------------------------------------------------------------------

_COMMENTED = (Rating.state == "counted", Rating.comment.is_not(None))


def _count_scored(session: Session) -> int:
    statement = select(func.count()).select_from(Rating).where(*_COMMENTED, Rating.score != 3)
    return session.scalar(statement) or 0


def _held_out_days(session: Session, today: date) -> tuple[date, date]:
    """The first and the last day of what is held out, by the calendars of the centers."""
    days: Counter[date] = Counter()
    for day, count in session.execute(
        select(DayTally.day, func.sum(DayTally.comments))
        .where(DayTally.comments > 0)
        .group_by(DayTally.day)
    ):
        days[day] = int(count)
    months = sorted({Month.of(day) for day in days if Month.of(day) < Month.of(today)})
    if len(months) >= 3:
        return months[-2].first_day, months[-1].last_day
    newest, reached = max(days), 0
    for day in sorted(days, reverse=True):
        newest = day
        reached += days[day]
        if 5 * reached >= days.total():
            break
    return newest, max(days)


def _comments(*where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Counted ratings with a comment and what a person said of it, the newest first."""
    return (
        select(
            Rating.submission_id,
            Rating.comment,
            Rating.score,
            Rating.language,
            CommentCorrection.sentiment.label("corrected"),
            CommentCorrection.topics,
        )
        .outerjoin(CommentCorrection, CommentCorrection.submission_id == Rating.submission_id)
        .where(*_COMMENTED, *where)
        .order_by(Rating.counted_on.desc(), Rating.submission_id.desc())
    )


def _held_out(session: Session, first: date, last: date) -> list[Row[Any]]:
    """The newest comments of either side; what a person has said of one goes before its score."""
    rows: list[Row[Any]] = []
    inside = Rating.counted_on.between(first, last)
    for side in ("negative", "positive"):
        by_score = CommentCorrection.sentiment.is_(None) & Rating.score.in_(_SCORES[side])
        on_side = by_score | (CommentCorrection.sentiment == side)
        rows += session.execute(_comments(inside, on_side).limit(_MOST_HELD_OUT))
    return rows


def _older(session: Session, before: date) -> list[Row[Any]]:
    """The newest comments of every side before this day, and all corrected ones."""
    rows: dict[Any, Row[Any]] = {}
    earlier = Rating.counted_on < before
    selections = [
        _comments(earlier, Rating.score.in_(scores)).limit(_MOST_LEARNED)
        for scores in _SCORES.values()
    ]
    selections.append(_comments(earlier, CommentCorrection.sentiment.is_not(None)))
    for statement in selections:
        rows |= {row.submission_id: row for row in session.execute(statement)}
    return list(rows.values())


# --- what is learned -----------------------------------------------------------------------------


def _own_examples(rows: Iterable[Row[Any]], unseen: Collection[str]) -> list[Example]:
    """Comments labelled by their score, in each language as much praise as complaint.

    What many wrote in the same words counts once: it is one thing said. A comment in no known
    language has no words to learn from.
    """
    groups: defaultdict[Language, defaultdict[Side, dict[str, str]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for row in rows:
        folded = fold(row.comment)
        if row.corrected is None and folded not in unseen:
            language = _language_of(row)
            if language != "any":
                groups[language][_side_of(row.score)].setdefault(folded, row.comment)
    examples = []
    for language, sides in sorted(groups.items()):
        smaller = min(len(sides["negative"]), len(sides["positive"]))
        for side, texts in sorted(sides.items()):
            if smaller and texts:
                whole = _OWN_NEUTRAL if side == "neutral" else _OWN
                weight = whole * min(1.0, smaller / len(texts))
                examples += [Example(text, language, side, None, weight) for text in texts.values()]
    return examples


def _corrected_examples(rows: Iterable[Row[Any]], unseen: Collection[str]) -> list[Example]:
    """Comments that a person has labelled; what no word tells is in the language of the form."""
    examples = []
    for row in rows:
        if row.corrected is not None and fold(row.comment) not in unseen:
            language = _language_of(row)
            if language == "any":
                language = cast("Language", row.language)
            topics = frozenset(row.topics)
            examples.append(Example(row.comment, language, row.corrected, topics, _CORRECTED))
    return examples


def _language_of(row: Row[Any]) -> Language:
    # Always by the shipped reader: a network's own must not teach itself what it believes.
    return shipped_reader().read(row.comment, row.language).language


def _is_positive(row: Row[Any]) -> bool:
    """The side of a held-out comment: what a person has said of it, else its score."""
    return bool(row.score > 3 if row.corrected is None else row.corrected == "positive")


def _side_of(score: int) -> Side:
    return "negative" if score < 3 else "positive" if score > 3 else "neutral"


# --- which is better -----------------------------------------------------------------------------


def _compare(
    before: Reader, after: Reader, rows: Sequence[Row[Any]]
) -> tuple[tuple[Comparison, ...], float]:
    """Both readers on all rows and in each language, and the chance of such a difference."""
    judged: defaultdict[str, Counter[tuple[bool, bool, bool]]] = defaultdict(Counter)
    for row in rows:
        positive = _is_positive(row)
        verdict = (positive, _agrees(before, row, positive), _agrees(after, row, positive))
        judged["all"][verdict] += 1
        judged[_language_of(row)][verdict] += 1
    languages = ["all", *sorted(judged.keys() - {"all"})]
    comparisons = [
        Comparison(name, _recall(judged[name], before=True), _recall(judged[name], before=False))
        for name in languages
    ]
    counts = judged["all"]
    chance = chance_of(
        *(
            Discordant(
                better=counts[positive, False, True],
                worse=counts[positive, True, False],
                base=sum(count for key, count in counts.items() if key[0] == positive),
            )
            for positive in (False, True)
        )
    )
    return tuple(comparisons), chance


def _agrees(reader: Reader, row: Row[Any], positive: bool) -> bool:
    """Whether the polarity takes the comment's side; without a side it does not."""
    polarity = reader.read(row.comment, row.language).polarity
    return polarity is not None and polarity != 0 and (polarity > 0) == positive


def _recall(counts: Counter[tuple[bool, bool, bool]], *, before: bool) -> Recall:
    found: Counter[tuple[bool, bool]] = Counter()
    for (positive, earlier, later), count in counts.items():
        found[positive, earlier if before else later] += count
    return Recall(
        negative=found[False, True] + found[False, False],
        positive=found[True, True] + found[True, False],
        negative_right=found[False, True],
        positive_right=found[True, True],
    )


@dataclass(frozen=True)
class Discordant:
    """Of `base` comments of one side, those that only the candidate or only the other got right."""

    better: int
    worse: int
    base: int


def chance_of(negative: Discordant, positive: Discordant) -> float:
    """How often a candidate that is no better would gain as much in balanced accuracy, 0 to 1.

    The exact paired randomisation test: were both readers equally good, each comment on which
    they differ could as well have gone the other way, so every choice of signs is equally likely.
    With one side only this is McNemar's exact test (McNemar, "Note on the sampling error of the
    difference between correlated proportions or percentages", Psychometrika 12, 1947); for
    statistics other than accuracy see Yeh, "More accurate tests for the statistical significance
    of result differences", COLING 2000. Here the two sides weigh alike whatever their numbers,
    and the sum over all signs is computed, not sampled. One-sided.
    """
    # The gain times twice the product of both bases, so that it is a whole number.
    per_negative, per_positive = max(positive.base, 1), max(negative.base, 1)
    gain = (negative.better - negative.worse) * per_negative
    gain += (positive.better - positive.worse) * per_positive
    n = negative.better + negative.worse
    p = positive.better + positive.worse
    # at_least[k]: the probability that k or more of the p go the candidate's way.
    at_least = np.append(np.cumsum(_coins(p)[::-1])[::-1], 0.0)
    from_negative = (2 * np.arange(n + 1) - n) * per_negative
    # The fewest of the p that still make up for it, rounded up.
    needed = -((-(gain - from_negative + p * per_positive)) // (2 * per_positive))
    return float(min(1.0, _coins(n) @ at_least[np.clip(needed, 0, p + 1)]))


def _coins(count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The probabilities of 0, 1, … heads among so many fair coins."""
    logs = [
        math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        for k in range(count + 1)
    ]
    return np.exp(np.array(logs) - count * math.log(2))


def macro_f1(reader: Reader, comments: Iterable[Comment]) -> float:
    """The mean F1 of the four sentiments on labelled comments, 0 to 1; not assessed is a miss.

    Mixed is one of them, because no score says "mixed": a candidate may unlearn it without
    anybody in the network noticing. A label that does not occur is left out of the mean.
    """
    counts: Counter[tuple[str, str]] = Counter(
        (each.sentiment, reader.read(each.text).sentiment) for each in comments
    )
    scores = [score for label in ASSESSMENTS if (score := f1(counts, label)) is not None]
    return sum(scores) / len(scores) if scores else 0.0
