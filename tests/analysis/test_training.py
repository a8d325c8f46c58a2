"""Fitting: the solver against another one, and readers fitted to few comments."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from analysis import training
from analysis.corpus import load_corpus
from analysis.language import LANGUAGES
from analysis.lexicons import read_rows
from analysis.model import LABELS
from analysis.reading import Reader
from analysis.training import (
    Example,
    Sparse,
    _best_limit,
    _descend,
    _fit_logistic,
    examples_of,
    fit_both,
    fit_heads,
)
from analysis.training import fit_reader as fit

MANY = 250


def sparse(matrix: NDArray[np.float64]) -> Sparse:
    return Sparse(
        [np.flatnonzero(row).astype(np.int32) for row in matrix],
        [row[row != 0].astype(np.float32) for row in matrix],
        matrix.shape[1],
    )


def objective(
    matrix: NDArray[np.float64],
    target: NDArray[np.float64],
    cost: NDArray[np.float64],
    weights: NDArray[np.float64],
    last: NDArray[np.float64] | None = None,
) -> tuple[float, NDArray[np.float64]]:
    """L2-regularised squared hinge loss, and its gradient; the last feature is the bias."""
    design = np.c_[matrix, np.ones(len(matrix)) if last is None else last]
    counts = target != 0
    short = np.maximum(0.0, 1.0 - target * (design @ weights)) * counts
    loss = 0.5 * weights @ weights + (cost * short**2).sum()
    return float(loss), weights - 2 * design.T @ (cost * short * target)


@given(st.integers(0, 10_000), st.integers(2, 25), st.integers(1, 8), st.integers(1, 3))
@settings(max_examples=12, deadline=None)
def test_heads_are_where_another_solver_finds_them(
    seed: int, count: int, width: int, heads: int
) -> None:
    dice = np.random.default_rng(seed)
    matrix = dice.integers(0, 3, (count, width)).astype(float)
    targets = dice.integers(-1, 2, (count, heads)).astype(np.float32)
    cost = dice.uniform(0.01, 1.0, (count, heads)).astype(np.float32)

    weights, bias = fit_heads(sparse(matrix), targets, cost, rounds=400)

    for head in range(heads):
        target, price = targets[:, head].astype(float), cost[:, head].astype(float)
        best = minimize(
            lambda w, t=target, p=price: objective(matrix, t, p, w),
            np.zeros(width + 1),
            jac=True,
            method="L-BFGS-B",
            options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 5000},
        )
        found = np.append(weights[:, head], bias[head]).astype(float)
        assert objective(matrix, target, price, found)[0] == pytest.approx(best.fun, rel=1e-4)
        assert np.allclose(found, best.x, atol=2e-2)


def test_heads_do_not_disturb_each_other() -> None:
    dice = np.random.default_rng(3)
    matrix = dice.integers(0, 2, (30, 6)).astype(float)
    targets = dice.choice([-1, 1], (30, 2)).astype(np.float32)
    cost = np.full_like(targets, 0.1)

    together, bias = fit_heads(sparse(matrix), targets, cost, rounds=300)
    alone, bias_alone = fit_heads(sparse(matrix), targets[:, :1], cost[:, :1], rounds=300)

    assert np.allclose(together[:, :1], alone, atol=1e-3)
    assert np.allclose(bias[:1], bias_alone, atol=1e-3)


def test_two_kinds_of_comments_share_what_another_solver_finds() -> None:
    dice = np.random.default_rng(11)
    matrix = dice.integers(0, 2, (24, 5)).astype(float)
    kinds = dice.integers(0, 2, 24).astype(np.int8)
    target = dice.choice([-1, 1], 24).astype(float)
    price = np.full(24, 0.3)

    shared, own = _descend(
        sparse(matrix),
        target[:, None].astype(np.float32),
        price[:, None].astype(np.float32),
        kinds,
        600,
        0,
    )

    # Every feature three times: for all comments, and for those of each kind.
    row = np.c_[matrix, np.ones(24)]
    design = np.c_[row, row * (kinds == 0)[:, None], row * (kinds == 1)[:, None]]
    best = minimize(
        lambda w: objective(design[:, :-1], target, price, w, design[:, -1:]),
        np.zeros(18),
        jac=True,
        method="L-BFGS-B",
        options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 5000},
    )
    found = np.concatenate([shared, own[0], own[1]])[:, 0].astype(float)
    assert objective(design[:, :-1], target, price, found, design[:, -1:])[0] == pytest.approx(
        best.fun, rel=1e-4
    )


def test_comments_from_elsewhere_have_weights_of_their_own() -> None:
    matrix = np.array([[1.0], [1.0], [1.0], [1.0]])
    targets = np.array([[1.0], [1.0], [-1.0], [-1.0]], dtype=np.float32)
    elsewhere = np.array([False, False, True, True])

    here, there = fit_both(sparse(matrix), targets, np.ones_like(targets), elsewhere)

    assert here.sum() > 0 > there.sum()


def test_a_row_that_does_not_count_moves_nothing() -> None:
    matrix = np.array([[1.0, 0.0], [0.0, 1.0]])
    targets = np.array([[1.0], [0.0]], dtype=np.float32)
    weights, _ = fit_heads(sparse(matrix), targets, np.ones_like(targets))

    assert weights[0, 0] > 0
    assert weights[1, 0] == 0


def test_the_judge_is_where_another_solver_finds_it() -> None:
    dice = np.random.default_rng(5)
    measures = dice.normal(size=(120, 3)) * [1.0, 5.0, 0.2] + [0.0, 3.0, -1.0]
    labels = (measures @ [1.0, -0.3, 2.0] + dice.normal(size=120) > -3).astype(np.int64)
    labels[:10] = 2
    weight = dice.uniform(0.2, 1.0, 120)

    judge = _fit_logistic(measures, labels, weight, 3, rounds=5000)

    mean, spread = measures.mean(axis=0), measures.std(axis=0) + 1e-6
    design = np.c_[(measures - mean) / spread, np.ones(120)]

    def loss(flat: NDArray[np.float64]) -> float:
        scores = design @ flat.reshape(4, 3)
        scores -= scores.max(axis=1, keepdims=True)
        chances = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        picked = chances[np.arange(120), labels]
        return float(-(picked * weight).sum() / weight.sum() + 0.5e-3 * flat @ flat)

    best = minimize(loss, np.zeros(12), method="L-BFGS-B", options={"ftol": 1e-13})
    slopes = judge[:-1] * spread[:, None]
    found = np.vstack([slopes, judge[-1] + mean @ judge[:-1]])
    assert loss(found.ravel()) == pytest.approx(best.fun, rel=1e-4)


def test_the_limit_is_where_f1_is_highest() -> None:
    sums = np.array([0.9, 0.8, 0.7, 0.1])
    assert _best_limit(sums, np.array([True, True, False, False])) == pytest.approx(0.75)
    assert _best_limit(sums, np.array([True, True, True, True])) <= 0.1


@pytest.fixture(autouse=True)
def few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the lexicons, which teach the languages, so that fitting takes little time."""
    monkeypatch.setattr(training, "read_rows", lambda name: islice(read_rows(name), 0, None, 40))


@pytest.fixture(scope="module")
def few() -> list[Example]:
    """A few hundred examples of every language."""
    comments = load_corpus("train")
    return examples_of(comments[:: len(comments) // MANY])


def test_fitting_is_the_same_each_time_and_beats_chance(few: list[Example]) -> None:
    reader = fit(few)
    unseen = load_corpus("test")[::3]
    readings = [Reader(reader).read(comment.text) for comment in unseen]
    right = sum(r.sentiment == c.sentiment for r, c in zip(readings, unseen, strict=True))
    most_frequent = max(sum(c.sentiment == label for c in unseen) for label in LABELS)
    told = sum(r.language == c.language for r, c in zip(readings, unseen, strict=True))

    assert fit(few).to_bytes() == reader.to_bytes()
    assert right > 1.3 * most_frequent
    assert told > 0.9 * len(unseen)


def test_topics_that_nobody_labelled_are_no_denial(few: list[Example]) -> None:
    waiting = [each for each in few if each.topics and "waiting" in each.topics]
    assert waiting
    general = [replace(each, topics=None, sides={}) for each in few if each not in waiting]
    reader = Reader(fit([*waiting, *general]))

    assert "waiting" in reader.read("Növbə çox uzundur").topics


def test_every_sentiment_needs_examples(few: list[Example]) -> None:
    with pytest.raises(ValueError, match="every sentiment needs"):
        fit([each for each in few if each.sentiment != "mixed"])
    with pytest.raises(ValueError, match="every sentiment needs"):
        fit([])


def test_comments_of_the_corpus_become_examples() -> None:
    comments = load_corpus("test")[:200]
    for comment, example in zip(comments, examples_of(comments), strict=True):
        assert (example.text, example.sentiment) == (comment.text, comment.sentiment)
        assert example.language in (*LANGUAGES, "mixed")
        assert example.topics == (None if comment.topics is None else comment.topics.keys())
        assert example.weight == 1.0
        assert not example.elsewhere
