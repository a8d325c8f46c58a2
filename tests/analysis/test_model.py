"""The fitted tables: as a file, in memory, between threads, and as probabilities."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import features, model
from analysis.corpus import load_corpus
from analysis.lexicons import lists_digest
from analysis.model import (
    FORMAT,
    HEADS,
    LABELS,
    AdditiveTable,
    ReaderModel,
    UnusableReaderError,
    load_model,
    loudest_clause,
    measure,
    probabilities,
)
from analysis.reading import Reader, shipped_model, shipped_reader
from analysis.words import split

TEXTS = [comment.text for comment in islice(load_corpus("test"), 0, None, 5)]
CONTENT = shipped_model().to_bytes()


def fresh_reader() -> Reader:
    """The shipped reader without anything remembered."""
    return Reader(load_model(CONTENT))


def members() -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(CONTENT), allow_pickle=False) as file:
        return dict(file)


def packed(parts: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **parts)  # type: ignore[arg-type]
    return file.getvalue()


def with_heading(text: bytes) -> bytes:
    """An archive with one array, whose heading is this text."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("format.npy", b"\x93NUMPY\x01\x00" + bytes([len(text), 0]) + text)
    return file.getvalue()


def tiny_table() -> AdditiveTable:
    """Three features, known by the last digit of a unit, and two heads."""
    return AdditiveTable(
        np.array([1, 2, 3], dtype=np.uint32),
        np.array([[10, 0], [0, -20], [5, 5]], dtype=np.int8),
        np.array([0.1, 0.01], dtype=np.float32),
        np.array([0.5, 0.0], dtype=np.float32),
        lambda unit: [int(sign) for sign in unit],
    )


def test_a_reader_survives_its_file() -> None:
    again = fresh_reader()

    assert again.version == shipped_reader().version
    assert [again.read(text) for text in TEXTS] == [shipped_reader().read(text) for text in TEXTS]
    assert again.model.to_bytes() == CONTENT


def test_the_version_changes_with_anything_fitted() -> None:
    parts = members()
    versions = {load_model(packed(parts)).version}
    for name in ("language_weights", "opinion_weights", "judge", "side_judge", "topic_limits"):
        changed = {**parts, name: parts[name].copy()}
        changed[name].flat[0] += 1
        versions.add(load_model(packed(changed)).version)
    assert len(versions) == 6


DAMAGED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"not a reader",
    "the beginning of an archive": lambda: b"PK\x03\x04",
    "half": lambda: CONTENT[: len(CONTENT) // 2],
    "without its end": lambda: CONTENT[:-10],
    "without its beginning": lambda: CONTENT[100:],
    "another archive": lambda: packed({"a": np.zeros(3)}),
    "another layout": lambda: packed({**members(), "format": np.array(99)}),
    "fewer heads": lambda: packed({**members(), "heads": np.array(HEADS[:-1])}),
    "other heads": lambda: packed({**members(), "heads": np.array(HEADS[::-1])}),
    "heads alone": lambda: packed({"format": np.array(FORMAT), "heads": np.array(HEADS)}),
    "without a judge": lambda: packed({k: v for k, v in members().items() if k != "judge"}),
    "a heading without its end": lambda: with_heading(b"{'descr': '<f4', 'shape': ("),
    "a heading shifted to the right": lambda: with_heading(b"  {}\n {"),
    "fewer keys": lambda: packed({**members(), "opinion_keys": np.zeros(3, dtype=np.uint32)}),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_bytes_are_refused(damage: str) -> None:
    with pytest.raises(UnusableReaderError):
        load_model(DAMAGED[damage]())


def test_a_file_with_pickled_objects_is_refused() -> None:
    with pytest.raises(UnusableReaderError):
        load_model(packed({"format": np.array([object()])}))


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
@settings(max_examples=15, deadline=None)
def test_a_flipped_byte_is_refused_or_harmless(place: int, change: int) -> None:
    damaged = bytearray(CONTENT)
    damaged[place] ^= change
    try:
        found = load_model(bytes(damaged))
    except UnusableReaderError:
        return
    assert found.version == shipped_model().version


def test_the_sum_of_a_unit_is_that_of_its_features() -> None:
    table = tiny_table()

    expected = [[1.0, -0.2], [0.5, 0.05], [0.0, 0.0], [1.0, 0.0]]
    assert np.allclose(table.sums(["12", "3", "9", "19"]), expected)
    assert np.allclose(table.sums(["12", "3", "9", "19"]), expected)  # remembered
    assert np.allclose(table.sums([1, 2, 7]), [[1.0, 0.0], [0.0, -0.2], [0.0, 0.0]])
    assert table.sums([]).shape == (0, 2)


def test_a_unit_is_looked_up_with_the_share_of_its_features_that_are_known() -> None:
    sums, known = tiny_table().look_up("1299")
    assert np.allclose(sums, [1.0, -0.2])
    assert known == 0.5


def test_the_memory_is_replaced_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "CACHE_LIMIT", 20)
    monkeypatch.setattr(model, "GROWTH", 4)
    table = tiny_table()
    memories = set()
    for number in range(200):
        unit = f"{number:03}"
        assert np.allclose(table.sums([unit, "12"])[0], table.look_up(unit)[0])
        memories.add(id(table._memory))
        assert len(table._memory.rows) <= 3 + 20 + 2
    assert len(memories) > 1


def test_a_small_memory_changes_no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [shipped_reader().read(text) for text in TEXTS]
    monkeypatch.setattr(model, "CACHE_LIMIT", 50)
    monkeypatch.setattr(model, "GROWTH", 64)
    reader = fresh_reader()

    assert [reader.read(text) for text in TEXTS] == expected


def test_threads_that_read_at_once_give_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [shipped_reader().read(text) for text in TEXTS]
    # Memories that fill up all the time, and threads that are interrupted all the time.
    monkeypatch.setattr(model, "CACHE_LIMIT", 200)
    monkeypatch.setattr(model, "GROWTH", 64)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        reader = fresh_reader()
        with ThreadPoolExecutor(4) as pool:
            for readings in pool.map(lambda _: [reader.read(text) for text in TEXTS], range(4)):
                assert readings == expected
    finally:
        sys.setswitchinterval(interval)


def test_probabilities_are_those_of_a_softmax() -> None:
    judge = np.array([[1.0, 0.0], [0.0, 2.0], [0.5, 0.0]])
    expected = np.exp([2.5, 6.0]) / np.exp([2.5, 6.0]).sum()

    assert np.allclose(probabilities(judge, [2.0, 3.0]), expected)
    assert np.isclose(sum(probabilities(judge * 1000, [2.0, 3.0])), 1.0)


def test_measures_do_not_depend_on_how_many_clauses_say_nothing() -> None:
    found = shipped_model()
    for text in ("Xidmət yaxşıdır, amma növbə uzundur", "", "👍", "?"):
        encoding = features.encode(split(text), "az")
        clauses = found.clause_sums(encoding)
        measured = measure(clauses, found.totals(clauses), encoding)
        assert len(measured) == len(found.judge) - 1
        assert np.isfinite(measured).all()
        assert len(clauses) == len(encoding.starts)
        assert len(probabilities(found.judge, measured)) == len(LABELS)


def test_clauses_add_up_to_the_whole() -> None:
    found: ReaderModel = shipped_model()
    encoding = features.encode(split("Xidmət yaxşıdır amma növbə uzundur"), "az")
    clauses = found.clause_sums(encoding)

    assert len(clauses) == 2
    assert np.allclose(
        found.totals(clauses),
        found.opinion.sums(encoding.units).sum(axis=0) + found.opinion.bias,
        atol=1e-4,
    )
    assert loudest_clause(clauses, 0) == 1  # the second clause speaks of waiting


def test_the_shipped_reader_was_fitted_with_the_lists_as_they_are() -> None:
    # After a change of a list: python -m analysis fit. Else stored readings would name a reader
    # that did not make them.
    assert shipped_model().lists == lists_digest()
