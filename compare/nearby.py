"""The passages of another document that may be nearest, where there are too many to look at every pair.

Vectors of many dimensions are made into a few whole numbers: what is dense is projected on the directions in which it
is largest, what is sparse falls into columns at random, with signs (Weinberger et al. 2009). Passages of the other
document lie in cells about centres (an inverted file, Sivic & Zisserman 2003), and only the cells nearest to a passage
are looked at, so that its price does not grow with their number. Sums of products of whole numbers are exact, whatever
their order: what is found does not hang on the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.inference import generator

Integers = NDArray[np.intp]
Reals = NDArray[np.float32]

# Passages of the other document that are looked at, those of a cell on the mean, and how many learn its directions.
CANDIDATES, _CELL, _LEARNT = 4096, 256, 20_000
_ROUNDS = 5
_BLOCK = 4096
# The largest whole number of a vector: with up to a thousand dimensions float32 holds all sums exactly.
_LARGEST = 127


@dataclass(frozen=True, slots=True)
class Coarse:
    """Passages by a few whole numbers each.

    Attributes
    ----------
    dense : ndarray of float32, shape (n_passages, n_directions)
        What is known of their meaning.
    all : ndarray of float32, shape (n_passages, n_directions + n_columns)
        The same, and what is known of their words.
    """

    dense: Reals
    all: Reals


def coarse(parts: Sequence[tuple[float, Any]], directions: int, columns: int) -> Coarse:
    """Make the vectors of passages few and whole.

    Parameters
    ----------
    parts : sequence of (float, ndarray or sparse array, shape (n_passages, n_features))
        Weight and vectors of each kind of evidence.
    directions, columns : int
        Dimensions for what is dense and for what is sparse.
    """
    dense = [(np.float32(np.sqrt(weight)), vectors) for weight, vectors in parts if isinstance(vectors, np.ndarray)]
    sparse = [
        (np.float32(np.sqrt(weight)), vectors) for weight, vectors in parts if not isinstance(vectors, np.ndarray)
    ]
    count = dense[0][1].shape[0]
    drawn = np.unique(np.linspace(0, count - 1, min(count, _LEARNT)).astype(np.intp))
    known = np.hstack([weight * vectors[drawn] for weight, vectors in dense]).astype(np.float64)
    _, found = np.linalg.eigh(known.T @ known)
    main = found[:, ::-1][:, :directions].astype(np.float32)
    made = np.empty((count, main.shape[1]), np.float32)
    for start in range(0, count, _BLOCK):
        rows = slice(start, start + _BLOCK)
        made[rows] = np.hstack([weight * vectors[rows] for weight, vectors in dense]) @ main
    scale = _LARGEST / max(float(np.abs(made[drawn]).max()), 1e-9)
    whole = _whole(made, scale)
    if not sparse:
        return Coarse(whole, whole)
    from scipy.sparse import csr_array

    rng = generator(0, "columns")
    words = np.zeros((count, columns), np.float32)
    for weight, vectors in sparse:
        size = vectors.shape[1]
        sign = rng.choice(np.array([-1, 1], np.float32), size)
        mixing = csr_array((sign * weight, (np.arange(size), rng.integers(columns, size=size))), shape=(size, columns))
        words += (vectors @ mixing).toarray()
    return Coarse(whole, np.hstack([whole, _whole(words, scale)]))


def _whole(vectors: Reals, scale: float) -> Reals:
    return np.asarray(np.clip(np.rint(vectors * np.float32(scale)), -_LARGEST, _LARGEST), np.float32)


def nearby(passages: Coarse, own: Integers, others: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Passages of a document in groups, and the rows of another document that may be nearest to a group.

    Parameters
    ----------
    passages : Coarse
        All passages.
    own, others : ndarray of int
        Rows of the two documents.

    Yields
    ------
    own, others : ndarray of int
        Rows of both; each of the first comes once, the second are `CANDIDATES` or somewhat more, or all that there are.
    """
    if len(others) <= CANDIDATES:
        for start in range(0, len(own), _CELL):
            yield own[start : start + _CELL], others
        return
    vectors = passages.dense[others]
    centres = _centres(vectors, max(2, len(others) // _CELL))
    cell, asked = _nearest_centre(vectors, centres), _nearest_centre(passages.dense[own], centres)
    order = np.argsort(cell, kind="stable")
    ends = np.searchsorted(cell[order], np.arange(len(centres) + 1))
    sizes = np.diff(ends)
    for number, centre in enumerate(centres):
        rows = own[asked == number]
        if not len(rows):
            continue
        ranked = np.argsort(((centres - centre) ** 2).sum(1), kind="stable")
        taken = ranked[: int(np.searchsorted(np.cumsum(sizes[ranked]), CANDIDATES)) + 1]
        found = others[np.sort(np.concatenate([order[ends[c] : ends[c + 1]] for c in taken]))]
        for start in range(0, len(rows), 2 * _CELL):
            yield rows[start : start + 2 * _CELL], found


def _centres(vectors: Reals, number: int) -> Reals:
    """Centres of cells, of whole numbers too: a few rounds of k-means from passages of the document."""
    drawn = vectors[np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), 64 * number)).astype(np.intp))]
    centres = drawn[np.unique(np.linspace(0, len(drawn) - 1, number).astype(np.intp))]
    for _ in range(_ROUNDS):
        cell = _nearest_centre(drawn, centres)
        order = np.argsort(cell, kind="stable")
        there, starts = np.unique(cell[order], return_index=True)
        sums = np.add.reduceat(drawn[order], starts, axis=0)
        centres = centres.copy()
        centres[there] = np.rint(sums / np.bincount(cell)[there][:, None])
    return centres


def _nearest_centre(vectors: Reals, centres: Reals) -> Integers:
    made = np.empty(len(vectors), dtype=np.intp)
    half = (centres**2).sum(1) / 2
    for start in range(0, len(vectors), _BLOCK):
        made[start : start + _BLOCK] = (vectors[start : start + _BLOCK] @ centres.T - half).argmax(1)
    return made


def shortlist(passages: Reals, rows: Integers, others: Integers, most: int) -> Integers:
    """Of each row the others that are nearest to it by whole numbers, shape (n_rows, most), in the order of rows.

    Parameters
    ----------
    passages : ndarray of float32, shape (n_passages, n_dimensions)
        Of `Coarse`.
    rows, others : ndarray of int
        Rows of passages.
    most : int
        Number of them.
    """
    if len(others) <= most:
        return np.repeat(others[None, :], len(rows), axis=0)
    near = passages[rows] @ passages[others].T
    return np.sort(others[np.argpartition(near, len(others) - most, axis=1)[:, -most:]], axis=1)


def products(vectors: Any, rows: Integers, others: Integers) -> Reals:
    """Products of each row with its own others, shape (n_rows, n_others).

    Parameters
    ----------
    vectors : ndarray or sparse array (CSR) of float32, shape (n_passages, n_features)
        Of all passages.
    rows : ndarray of int, shape (n_rows,)
        Rows of passages.
    others : ndarray of int, shape (n_rows, n_others)
        Those that each is compared with.
    """
    if isinstance(vectors, np.ndarray):
        return np.stack(
            [np.einsum("j,kj->k", vectors[row], vectors[own]) for row, own in zip(rows, others, strict=True)]
        )
    size = vectors.shape[1]
    asked = vectors[rows].toarray().ravel()
    held = vectors[others.ravel()]
    lengths = np.diff(held.indptr)
    pair = np.repeat(np.arange(others.size), lengths)
    found = asked[pair // others.shape[1] * size + held.indices] * held.data
    return np.bincount(pair, found, others.size).reshape(others.shape).astype(np.float32)
