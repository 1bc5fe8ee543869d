"""Counterparts and silences: what each passage meets in the other documents, and what meets nothing there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from compare.inference import generator

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

NEAREST = 3
_DRAWS = 40
_QUANTILE = 0.25


@dataclass(frozen=True, slots=True)
class Counterparts:
    """Nearest passages of every passage in every other document.

    Attributes
    ----------
    nearest : dict of (int, int) to (ndarray of int, ndarray of float)
        By (document, other): rows of the nearest passages of `other`, best first, and their similarity (cosine of
        the vectors without their document's mean, between -1 and 1), both of shape (n_passages, n_nearest).
    silent : dict of (int, int) to ndarray of bool, shape (n_passages,)
        By (document, other): whether `other` has nothing that is near.
    threshold : dict of (int, int) to float
        Similarity below which a best match counts as none; the same both ways.
    """

    nearest: dict[tuple[int, int], tuple[Integers, Floats]]
    silent: dict[tuple[int, int], NDArray[np.bool_]]
    threshold: dict[tuple[int, int], float]


def find_counterparts(
    vectors: Floats, documents: Integers, sections: Integers, names: Sequence[str], seed: int
) -> Counterparts:
    """Find counterparts between each two documents.

    When is a best match none at all? The documents themselves are the measure: three in four of their passages find a
    better one in another section of their own document, when that is given as few candidates as the shorter of the two
    documents offers. The threshold is the mean of the two documents' quartiles.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        Unit vectors without their document's mean.
    documents, sections : ndarray of int, shape (n_passages,)
        Number of each passage's document, and of its section (unique over documents).
    names : sequence of str, length n_documents
        What each document's random numbers are drawn by.
    seed : int
        For the random numbers.
    """
    nearest: dict[tuple[int, int], tuple[Integers, Floats]] = {}
    silent: dict[tuple[int, int], NDArray[np.bool_]] = {}
    threshold: dict[tuple[int, int], float] = {}
    rows_of = [np.flatnonzero(documents == d) for d in range(len(names))]
    inside = []
    for rows in rows_of:
        own = vectors[rows] @ vectors[rows].T
        own[sections[rows][:, None] == sections[rows][None, :]] = -np.inf
        inside.append(own)
    for one, other in combinations(range(len(names)), 2):
        size = min(len(rows_of[one]), len(rows_of[other]))
        usual = [_usual(inside[d], size, generator(seed, "counterparts", names[d], str(size))) for d in (one, other)]
        threshold[one, other] = threshold[other, one] = float(np.mean(usual))
        across = vectors[rows_of[one]] @ vectors[rows_of[other]].T
        for a, b, similarity in ((one, other, across), (other, one, across.T)):
            order = np.argsort(-similarity.round(6), axis=1, kind="stable")[:, :NEAREST]
            nearest[a, b] = (rows_of[b][order], np.take_along_axis(similarity, order, axis=1))
            silent[a, b] = similarity.max(1) < threshold[a, b]
    return Counterparts(nearest, silent, threshold)


def _usual(inside: Floats, size: int, rng: np.random.Generator) -> float:
    """Lower quartile of best matches in other sections of one document, among `size` candidates."""
    n = inside.shape[1]
    best = []
    for _ in range(_DRAWS if size < n else 1):
        columns = rng.choice(n, min(size, n), replace=False)
        values = inside[:, columns].max(1)
        best.append(values[np.isfinite(values)])
    found = np.concatenate(best)
    return float(np.quantile(found, _QUANTILE)) if len(found) else -1.0
