"""Fitting a reader: a linear support vector machine over all heads at once, and its judge.

Pure numpy, so that a network can fit its own reader on the machine it runs on. The solver is dual
coordinate descent for the L2-regularised squared hinge loss (Hsieh, Chang, Lin, Keerthi and
Sundararajan, "A dual coordinate descent method for large-scale linear SVM", ICML 2008), which has
no learning rate and is exact; all heads share one pass over the comments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from analysis import features, language
from analysis.corpus import Comment
from analysis.language import Language
from analysis.lexicons import lists_digest, read_rows
from analysis.model import (
    COUNTED,
    ELSEWHERE_FROM,
    FITTED,
    LABELS,
    PRAISE,
    REPROACH,
    TOPICS_FROM,
    AdditiveTable,
    Floats,
    Judge,
    ReaderModel,
    measure,
    measure_side,
    probabilities,
)
from analysis.topics import TOPICS
from analysis.words import split

#: What a mistake costs against the pull to zero; chosen by cross-validation on the corpus.
COST, LANGUAGE_COST = 0.015, 0.02
ROUNDS = 12
#: A feature of one or two comments is memory, not knowledge.
RAREST = 3
FOLDS = 5
_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_CAREFUL = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya"
_CARELESS = "a b v g d e j z i i k l m n o p r s t u f x c ch w sch - i - e u a"
#: How people type Russian in Latin letters, in two habits; and Azerbaijani on a Russian keyboard.
_LATIN_HABITS = tuple(
    str.maketrans(dict(zip(_RUSSIAN, (sign.strip("-") for sign in habit.split()), strict=True)))
    for habit in (_CAREFUL, _CARELESS)
)
_CYRILLIC_HABIT = str.maketrans("abcdefghijkqlmnoprstuvxyz", "абчдефгхижкглмнопрстувхйз")


@dataclass(frozen=True, slots=True)
class Example:
    """A comment to learn from.

    `language` is az, ru, en or mixed; `sentiment` one of `LABELS`; `topics` None when nobody said
    what it is about; `sides` the side taken on some of them ("+", "-" or "0"); `weight` what it
    counts against a comment of the corpus. `elsewhere` says that it is not about a visit to a
    center; such comments teach the reader words that it will meet one day.
    """

    text: str
    language: Language
    sentiment: str
    topics: frozenset[str] | None
    weight: float = 1.0
    sides: Mapping[str, str] = field(default_factory=dict)
    elsewhere: bool = False


def examples_of(comments: Iterable[Comment]) -> list[Example]:
    """The comments of a corpus as examples."""
    return [
        Example(
            comment.text,
            comment.language,
            comment.sentiment,
            None if comment.topics is None else frozenset(comment.topics),
            sides=comment.topics or {},
            elsewhere="general" in comment.file,
        )
        for comment in comments
    ]


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows of a sparse matrix: the columns and the values of each."""

    columns: list[NDArray[np.int32]]
    values: list[Floats]
    width: int


def fit_heads(
    rows: Sparse, targets: Floats, cost: Floats, rounds: int = ROUNDS, seed: int = 0
) -> tuple[Floats, Floats]:
    """Weights (columns x heads) and bias (heads) of one linear SVM per head.

    `targets` is rows x heads with 1 for yes, -1 for no and 0 for "does not count"; `cost` is rows x
    heads, what a mistake costs.
    """
    weights, _ = _descend(rows, targets, cost, None, rounds, seed)
    return weights[:-1], weights[-1]


def fit_both(
    rows: Sparse, targets: Floats, cost: Floats, elsewhere: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """The weights for comments on visits and for those from elsewhere, (columns + 1) x heads.

    Both kinds share weights and have weights of their own besides: what is said of telephones
    helps to read what is said of a visit, and does not overrule it (Daumé, "Frustratingly easy
    domain adaptation", ACL 2007). The last row is the bias. For the parameters see `fit_heads`.
    """
    shared, own = _descend(rows, targets, cost, elsewhere.astype(np.int8), ROUNDS, 0)
    return shared + own[0], shared + own[1]


def _descend(
    rows: Sparse,
    targets: Floats,
    cost: Floats,
    kinds: NDArray[np.int8] | None,
    rounds: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """The weights all rows share, and those of each kind; the bias is their last row."""
    count, heads = targets.shape
    shared = np.zeros((rows.width + 1, heads), dtype=np.float32)
    own = np.zeros((2, rows.width + 1, heads), dtype=np.float32)
    dual = np.zeros((count, heads), dtype=np.float32)
    damping = (0.5 / cost).astype(np.float32)
    counts = (targets != 0).astype(np.float32)
    # The bias is a feature that is 1 in every row.
    columns = [np.append(places, np.int32(rows.width)) for places in rows.columns]
    values = [np.append(numbers, np.float32(1.0)) for numbers in rows.values]
    length = np.array([float((v * v).sum()) for v in values], dtype=np.float32)
    if kinds is not None:
        length *= 2
    generator = np.random.default_rng(seed)
    for _ in range(rounds):
        for row in generator.permutation(count).tolist():
            places, numbers, target = columns[row], values[row], targets[row]
            weights = shared[places]
            if kinds is not None:
                weights += own[kinds[row]][places]
            gradient = target * (numbers @ weights) - 1.0 + damping[row] * dual[row]
            moved = np.maximum(dual[row] - gradient / (length[row] + damping[row]), 0.0)
            moved *= counts[row]
            step = (moved - dual[row]) * target
            if np.abs(step).max(initial=0.0) < 1e-6:
                continue
            dual[row] = moved
            change = numbers[:, None] * step
            shared[places] += change
            if kinds is not None:
                own[kinds[row]][places] += change
    return shared, own


def fit_reader(examples: Sequence[Example]) -> ReaderModel:
    """A reader fitted to the examples, the same for the same examples in the same order.

    Raises ValueError when one of the four sentiments has fewer than `FOLDS` examples.
    """
    counts = Counter(example.sentiment for example in examples)
    if min(counts[label] for label in LABELS) < FOLDS:
        raise ValueError(f"every sentiment needs {FOLDS} examples, not {dict(counts)}")
    encodings = [
        features.encode(language.respell(split(each.text), each.language), each.language)
        for each in examples
    ]
    columns, rows, clauses = _vectorise([_clauses(each) for each in encodings], features.expand)
    targets = np.array([_targets(each) for each in examples], dtype=np.float32)
    cost = COST * np.repeat(
        np.array([[each.weight] for each in examples], dtype=np.float32), len(FITTED), axis=1
    )
    elsewhere = np.array([each.elsewhere for each in examples])
    counted = _counted(columns, encodings)
    judges = _fit_judges(examples, encodings, counted, rows, clauses, targets, cost, elsewhere)
    weights, bias = _fit_table(rows, targets, cost, elsewhere, counted)
    opinion = _quantised(columns, weights, bias, features.expand)
    language_table = _fit_language(examples)
    return ReaderModel(language_table, opinion, *judges, lists_digest())


def _targets(example: Example) -> list[float]:
    """What each head should answer: 1 yes, -1 no, 0 unknown."""
    said = example.sentiment
    answers = [said in ("positive", "mixed"), said in ("negative", "mixed")]
    answers += [said == label for label in LABELS]
    signs = [1.0 if answer else -1.0 for answer in answers]
    if example.topics is None:
        return [*signs, *([0.0] * len(TOPICS))]
    return [*signs, *(1.0 if topic in example.topics else -1.0 for topic in TOPICS)]


def _clauses(encoding: features.Encoding) -> list[list[features.Unit]]:
    """The units of each clause."""
    return [
        encoding.units[start:end]
        for start, end in pairwise([*encoding.starts, len(encoding.units)])
    ]


def _vectorise(
    documents: Sequence[Sequence[Sequence[features.Unit]]], expand: features.Expand
) -> tuple[list[int], Sparse, list[Sparse]]:
    """The features kept, one row per document, and one matrix of clauses per document."""
    expanded: dict[str, Sequence[int]] = {}
    counted: list[list[Counter[int]]] = []
    seen: Counter[int] = Counter()
    for document in documents:
        clauses = []
        for units in document:
            counts: Counter[int] = Counter()
            for unit in units:
                if isinstance(unit, int):
                    counts[unit] += 1
                    continue
                if unit not in expanded:
                    expanded[unit] = expand(unit)
                counts.update(expanded[unit])
            clauses.append(counts)
        counted.append(clauses)
        seen.update({key for counts in clauses for key in counts})
    kept = sorted(key for key, count in seen.items() if count >= RAREST)
    places = {key: place for place, key in enumerate(kept)}
    whole = _sparse([_added(clauses) for clauses in counted], places)
    return kept, whole, [_sparse(clauses, places) for clauses in counted]


def _added(clauses: Iterable[Counter[int]]) -> Counter[int]:
    total: Counter[int] = Counter()
    for counts in clauses:
        total.update(counts)
    return total


def _sparse(rows: Sequence[Counter[int]], places: dict[int, int]) -> Sparse:
    found = Sparse([], [], len(places))
    for counts in rows:
        known = [(places[key], count) for key, count in counts.items() if key in places]
        found.columns.append(np.array([place for place, _ in known], dtype=np.int32))
        found.values.append(np.array([count for _, count in known], dtype=np.float32))
    return found


def _fit_judges(
    examples: Sequence[Example],
    encodings: Sequence[features.Encoding],
    counted: Floats,
    rows: Sparse,
    clauses: Sequence[Sparse],
    targets: Floats,
    cost: Floats,
    elsewhere: NDArray[np.bool_],
) -> tuple[Judge, Judge, tuple[float, ...]]:
    """The judge, the judge of sides and the limits of the topics.

    They are fitted to sums each comment had no part in: the heads are fitted `FOLDS` times without
    a part of the comments, which are then measured. On the comments it was fitted to, a table
    looks surer than it is.
    """
    fold = np.arange(len(examples)) % FOLDS
    sums: list[Floats] = [np.empty(0, dtype=np.float32)] * len(examples)
    totals: list[list[float]] = [[]] * len(examples)
    for left_out in range(FOLDS):
        inside = np.flatnonzero(fold != left_out)
        part = Sparse(
            [rows.columns[i] for i in inside], [rows.values[i] for i in inside], rows.width
        )
        table, bias = _fit_table(part, targets[inside], cost[inside], elsewhere[inside], counted)
        for i in np.flatnonzero(fold == left_out).tolist():
            sums[i] = np.stack(
                [v @ table[c] for c, v in zip(clauses[i].columns, clauses[i].values, strict=True)]
            )
            totals[i] = (sums[i].sum(axis=0) + bias).tolist()
    measures = np.array([measure(*each) for each in zip(sums, totals, encodings, strict=True)])
    labels = np.array([LABELS.index(each.sentiment) for each in examples])
    judge = _fit_logistic(
        measures, labels, np.array([each.weight for each in examples]), len(LABELS)
    )
    side_measures, sides = [], []
    for i, example in enumerate(examples):
        chances = probabilities(judge, measures[i])
        for topic, side in example.sides.items():
            side_measures.append(measure_side(sums[i], chances, TOPICS.index(topic)))
            sides.append("-0+".index(side))
    side_judge = _fit_logistic(
        np.array(side_measures), np.array(sides), np.ones(len(sides)), len("-0+")
    )
    topic_sums = np.array(totals)[:, TOPICS_FROM:ELSEWHERE_FROM]
    labelled = np.array([each.topics is not None for each in examples])
    wanted = targets[labelled, -len(TOPICS) :] > 0
    limits = [_best_limit(topic_sums[labelled, k], wanted[:, k]) for k in range(len(TOPICS))]
    return judge, side_judge, tuple(limits)


def _counted(columns: Sequence[int], encodings: Sequence[features.Encoding]) -> Floats:
    """The weights of the heads that are counted and not fitted, columns x heads."""
    places = {key: place for place, key in enumerate(columns)}
    counted = np.zeros((len(columns), len(COUNTED)), dtype=np.float32)
    words = {unit for each in encodings for unit in each.units if isinstance(unit, str)}
    for unit in words:
        place = places.get(crc32(unit.encode("utf-8", "replace")))
        if place is None:
            continue
        if unit[0] in features.WORDS:
            counted[place, 0] = 1
        elif unit[0] == "c":
            worth = features.WORTH.get(unit[1:], 0.0)
            counted[place, 1:] = max(worth, 0.0), max(-worth, 0.0)
    return counted


def _fit_table(
    rows: Sparse,
    targets: Floats,
    cost: Floats,
    elsewhere: NDArray[np.bool_],
    counted: Floats,
) -> tuple[Floats, Floats]:
    """Weights and bias of all heads: `FITTED`, `ELSEWHERE` and `COUNTED`."""
    here, there = fit_both(rows, targets, cost, elsewhere)
    is_there = np.where(elsewhere, 1.0, -1.0).astype(np.float32)[:, None]
    place, place_bias = fit_heads(rows, is_there, cost[:, :1])
    said_there = there[:, [PRAISE, REPROACH, 2 + LABELS.index("neutral")]]
    nothing = np.zeros(len(COUNTED), dtype=np.float32)
    weights = np.hstack([here[:-1], said_there[:-1], place, counted])
    return weights, np.concatenate([here[-1], said_there[-1], place_bias, nothing])


def _best_limit(sums: NDArray[np.float64], wanted: NDArray[np.bool_]) -> float:
    """The sum from which saying yes gives the highest F1."""
    order = np.argsort(-sums)
    hits = np.cumsum(wanted[order])
    scores = 2 * hits / (np.arange(1, len(sums) + 1) + max(1, wanted.sum()))
    best = int(np.argmax(scores))
    following = sums[order[min(best + 1, len(sums) - 1)]]
    return float((sums[order[best]] + following) / 2)


def _fit_logistic(
    measures: NDArray[np.float64],
    labels: NDArray[np.int64],
    weight: NDArray[np.float64],
    count: int,
    pull: float = 1e-3,
    rounds: int = 600,
) -> Judge:
    """Multinomial logistic regression by accelerated gradient descent; (measures + 1) x labels."""
    mean, spread = measures.mean(axis=0), measures.std(axis=0) + 1e-6
    design = np.c_[(measures - mean) / spread, np.ones(len(measures))]
    wanted = np.eye(count)[labels]
    share = weight / weight.sum()
    found = np.zeros((design.shape[1], count))
    ahead = found
    # The step of a function whose curvature is bounded by half the largest eigenvalue.
    step = 1.0 / (0.5 * np.linalg.eigvalsh((design * share[:, None]).T @ design)[-1] + pull)
    for number in range(1, rounds + 1):
        scores = design @ ahead
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        excess = powers / powers.sum(axis=1, keepdims=True) - wanted
        after = ahead - step * (design.T @ (excess * share[:, None]) + pull * ahead)
        ahead = after + (number - 1) / (number + 2) * (after - found)
        found = after
    slopes = found[:-1] / spread[:, None]
    return np.vstack([slopes, found[-1] - mean @ slopes])


def _quantised(
    columns: Sequence[int], weights: Floats, bias: Floats, expand: features.Expand
) -> AdditiveTable:
    """The table in whole numbers of one byte, without the features that became zero."""
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    whole = np.rint(weights / scales).astype(np.int8)
    kept = whole.any(axis=1)
    keys = np.array(columns, dtype=np.uint32)[kept]
    return AdditiveTable(keys, whole[kept], scales.astype(np.float32), bias, expand)


def _fit_language(examples: Sequence[Example]) -> AdditiveTable:
    """The language table, from the examples and from the words of the lexicons."""
    texts: list[tuple[str, str]] = [
        (each.text, each.language) for each in examples if each.language != "mixed"
    ]
    for listed in language.LANGUAGES:
        texts += [(row[0].replace("*", ""), listed) for row in read_rows(listed)]
    texts += [(cue.replace("*", ""), of_language) for of_language, _, cue in read_rows("topics")]
    documents: list[list[str]] = []
    answers: list[str] = []
    for number, (text, name) in enumerate(texts):
        words = [token.spelled for token in split(text) if token.kind in ("latin", "cyrillic")]
        documents.append(words)
        answers.append(name)
        # Russian is also typed in Latin letters, and Azerbaijani in Cyrillic ones.
        other = _other_script(words, name, number)
        if other is not None:
            documents.append(other)
            answers.append(name)
    columns, rows, _ = _vectorise([[words] for words in documents], language.expand)
    targets = np.array(
        [[1.0 if name == each else -1.0 for each in language.LANGUAGES] for name in answers],
        dtype=np.float32,
    )
    weights, bias = fit_heads(rows, targets, np.full_like(targets, LANGUAGE_COST))
    return _quantised(columns, weights, np.zeros_like(bias), language.expand)


def _other_script(words: Sequence[str], name: str, number: int) -> list[str] | None:
    """The words as typed on the wrong keyboard; of Azerbaijani only every third comment."""
    if name == "ru":
        return [word.translate(_LATIN_HABITS[number % 2]) for word in words]
    if name == "az" and number % 3 == 0:
        return [word.translate(_CYRILLIC_HABIT) for word in words]
    return None
