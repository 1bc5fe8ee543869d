"""The nearest passages are those that all pairs tell, nearly so through an index, and the same on every run."""

from __future__ import annotations

import builtins
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from compare.errors import DocumentError, OptionError
from compare.index import MOST_EXACT, PassageIndex

Rows = NDArray[np.int64]
Reals = NDArray[np.float32]

COUNT, DIMENSIONS, QUESTIONS = 5000, 48, 200
# Of the nearest of 5,000 an index finds 98 in 100; fewer than this is a fault.
LEAST_FOUND = 0.95


def unit(vectors: NDArray[Any]) -> Reals:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def passages(count: int = COUNT, seed: int = 0) -> Reals:
    """Passages about things that others speak of too."""
    draw = np.random.default_rng([seed, 0])
    things = np.random.default_rng(1).standard_normal((300, DIMENSIONS))
    return unit(things[draw.integers(300, size=count)] + 0.7 * draw.standard_normal((count, DIMENSIONS)))


def blocks(vectors: Reals, size: int) -> Iterator[Reals]:
    return (vectors[start : start + size] for start in range(0, len(vectors), size))


def of_all_pairs(vectors: Reals, questions: Reals, most: int) -> tuple[Rows, NDArray[np.float64]]:
    similar = (questions.astype(np.float64) @ vectors.astype(np.float64).T).round(5)
    rows = np.argsort(-similar, axis=1, kind="stable")[:, :most]
    return rows, np.take_along_axis(similar, rows, axis=1)


def same(one: tuple[Rows, Reals], other: tuple[Rows, Reals]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


VECTORS, ASKED = passages(), passages(QUESTIONS, seed=5)


@pytest.fixture(scope="module")
def cells() -> PassageIndex:
    pytest.importorskip("faiss")
    return PassageIndex.build(blocks(VECTORS, 700), COUNT, most_exact=1000)


@pytest.fixture(scope="module")
def exact() -> PassageIndex:
    return PassageIndex.build(blocks(VECTORS, 700), COUNT)


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 120),
    different=st.integers(1, 120),
    dimensions=st.integers(1, 9),
    most=st.integers(1, 7),
    size=st.integers(1, 130),
    seed=st.integers(0, 10**6),
)
def test_exact_search_finds_what_all_pairs_tell(
    count: int, different: int, dimensions: int, most: int, size: int, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    # Many passages are equal, others lie on a coarse grid: there are ties of all kinds.
    grid = unit(draw.integers(-2, 3, (different, dimensions)) + np.float32(0.5))
    vectors, questions = grid[draw.integers(different, size=count)], unit(draw.standard_normal((5, dimensions)))
    rows, similar = PassageIndex.build(blocks(vectors, size), count).nearest(questions, most)
    wanted, values = of_all_pairs(vectors, questions, most)
    assert np.array_equal(rows, wanted)
    assert np.array_equal(similar, values.astype(np.float32))
    assert (rows.dtype, similar.dtype) == (np.int64, np.float32)


def test_blocks_of_the_product_change_nothing(exact: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = exact.nearest(ASKED, 5)
    assert np.array_equal(wanted[0], of_all_pairs(VECTORS, ASKED, 5)[0])
    for size in (3, 64, 999):
        monkeypatch.setattr("compare.index._BLOCK", size)
        assert same(exact.nearest(ASKED[:20], 5), (wanted[0][:20], wanted[1][:20]))


@pytest.mark.parametrize("kind", ["exact", "cells"])
def test_neither_threads_nor_other_questions_change_an_answer(kind: str, request: pytest.FixtureRequest) -> None:
    index = request.getfixturevalue(kind)
    wanted = index.nearest(ASKED, 4)
    assert same(index.nearest(ASKED, 4, threads=1), wanted)
    assert same(index.nearest(ASKED, 4, threads=3), wanted)
    for size in (1, 30):
        found = [index.nearest(part, 4) for part in blocks(ASKED, size)]
        rows, similar = (np.concatenate(parts) for parts in zip(*found, strict=True))
        assert same((rows, similar), wanted)


def test_an_index_finds_nearly_all(cells: PassageIndex, exact: PassageIndex) -> None:
    assert (exact.exact, cells.exact) == (True, False)
    assert (cells.count, cells.dimensions) == (COUNT, DIMENSIONS)
    (rows, similar), (wanted, values) = cells.nearest(ASKED, 3), exact.nearest(ASKED, 3)
    found = rows[:, 0] == wanted[:, 0]
    assert found.mean() > LEAST_FOUND
    assert np.abs(similar[found, 0] - values[found, 0]).max() < 5e-4
    assert (np.diff(similar, axis=1) <= 0).all()


def test_two_builds_find_the_same(cells: PassageIndex) -> None:
    from threadpoolctl import threadpool_limits

    wanted = cells.nearest(ASKED, 3)
    with threadpool_limits(1):
        again = PassageIndex.build(blocks(VECTORS, 1234), COUNT, most_exact=1000)
    assert same(again.nearest(ASKED, 3), wanted)


@pytest.mark.parametrize("most_exact", [MOST_EXACT, 100])
def test_of_equal_passages_the_lowest_rows_go_first(most_exact: int) -> None:
    if most_exact < COUNT:
        pytest.importorskip("faiss")
    rows = np.random.default_rng(3).permutation(np.repeat(np.arange(20), 100))
    vectors = VECTORS[rows]
    found, _ = PassageIndex.build([vectors], len(vectors), most_exact=most_exact).nearest(VECTORS[:20], 5)
    assert np.array_equal(found, [np.flatnonzero(rows == i)[:5] for i in range(20)])


def test_all_cells_are_looked_at_where_few_hold_too_little(cells: PassageIndex) -> None:
    rows, similar = cells.nearest(ASKED[:2], COUNT + 1)
    assert np.array_equal(np.sort(rows, axis=1), np.tile(np.arange(COUNT), (2, 1)))
    assert np.isfinite(similar).all()


@pytest.mark.parametrize("kind", ["exact", "cells"])
def test_what_is_saved_is_read_back(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    index = request.getfixturevalue(kind)
    path = tmp_path / "passages.index"
    path.write_text("what was there before")
    index.save(path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    again = PassageIndex.open(path)
    assert (again.exact, again.count, again.dimensions) == (index.exact, COUNT, DIMENSIONS)
    assert same(again.nearest(ASKED, 3), index.nearest(ASKED, 3))
    again.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("kind", ["exact", "cells"])
def test_a_broken_file_is_refused_in_one_line(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    path = tmp_path / "passages.index"
    request.getfixturevalue(kind).save(path)
    whole = path.read_bytes()
    head = whole.index(b"\n", whole.index(b"{"))
    places = [30, head - 2, head + 1, head + 2000, len(whole) // 2, len(whole) - 1]
    broken = [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in places]
    broken += [whole[:cut] for cut in (0, 5, 26, head, head + 1, len(whole) // 2, len(whole) - 1)]
    broken += [whole + b"\0", b"%PDF-1.7\n", whole[:26] + b"[]\n", whole[:26] + b"{" * 2000]
    for data in broken:
        path.write_bytes(data)
        with pytest.raises(DocumentError, match="index of passages") as caught:
            PassageIndex.open(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(DocumentError, match="cannot be read"):
        PassageIndex.open(tmp_path / "none")
    with pytest.raises(DocumentError, match="cannot be read"):
        PassageIndex.open(tmp_path)


def test_a_file_is_written_whole_or_not_at_all(
    exact: PassageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "passages.index"
    path.write_text("what was there before")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("compare.index.os.fsync", full)
    with pytest.raises(OptionError, match="cannot be written"):
        exact.save(path)
    assert path.read_text() == "what was there before"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    with pytest.raises(OptionError, match="cannot be written"):
        exact.save(tmp_path / "none" / "passages.index")


def test_what_is_missing_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    known = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "faiss":
            raise ImportError(name)
        return known(name, *rest)

    monkeypatch.setattr("builtins.__import__", without)
    with pytest.raises(OptionError) as caught:
        PassageIndex.build(iter(()), MOST_EXACT)
    assert str(caught.value) == (
        'more than 200,000 sentences are searched with faiss-cpu; run: pip install "policy-compare[ray]"'
    )


@pytest.mark.parametrize("most_exact", [MOST_EXACT, 100])
def test_vectors_that_do_not_fit_are_refused(most_exact: int) -> None:
    if most_exact < COUNT:
        pytest.importorskip("faiss")
    for given_blocks in ([VECTORS[:150]], [VECTORS[:150], VECTORS[:51]], [VECTORS[:150], VECTORS[:50, 1:]], []):
        with pytest.raises(ValueError):
            PassageIndex.build(given_blocks, 200, most_exact=most_exact)
    index = PassageIndex.build([VECTORS[:200]], 200, most_exact=most_exact)
    with pytest.raises(ValueError, match="dimensions"):
        index.nearest(VECTORS[:, 1:], 1)
    with pytest.raises(ValueError, match="nearest"):
        index.nearest(VECTORS, 0)
    assert index.nearest(VECTORS[:0], 2)[0].shape == (0, 2)
