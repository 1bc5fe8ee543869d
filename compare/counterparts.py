"""Counterparts and silences: what each passage meets in the other documents, and what meets nothing there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

NEAREST = 3
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
        Similarity below which a best match in `other` counts as none.
    """

    nearest: dict[tuple[int, int], tuple[Integers, Floats]]
    silent: dict[tuple[int, int], NDArray[np.bool_]]
    threshold: dict[tuple[int, int], float]


def find_counterparts(vectors: Floats, documents: Integers, sections: Integers, count: int) -> Counterparts:
    """Find counterparts between each two documents.

    When is a best match none at all? The other document is the measure: a passage is silent in it if its best match
    there is worse than what three in four of that document's own passages find in another of its sections. Both choose
    among the same candidates, so that the length of the documents does not matter.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        Unit vectors without their document's mean.
    documents, sections : ndarray of int, shape (n_passages,)
        Number of each passage's document, and of its section (unique over documents).
    count : int
        Number of documents.
    """
    nearest: dict[tuple[int, int], tuple[Integers, Floats]] = {}
    silent: dict[tuple[int, int], NDArray[np.bool_]] = {}
    threshold: dict[tuple[int, int], float] = {}
    rows_of = [np.flatnonzero(documents == d) for d in range(count)]
    usual = [_usual(vectors[rows], sections[rows]) for rows in rows_of]
    for one, other in combinations(range(count), 2):
        across = vectors[rows_of[one]] @ vectors[rows_of[other]].T
        for a, b, similarity in ((one, other, across), (other, one, across.T)):
            threshold[a, b] = usual[b]
            order = np.argsort(-similarity.round(6), axis=1, kind="stable")[:, :NEAREST]
            nearest[a, b] = (rows_of[b][order], np.take_along_axis(similarity, order, axis=1))
            silent[a, b] = similarity.max(1) < threshold[a, b]
    return Counterparts(nearest, silent, threshold)


def _usual(vectors: Floats, sections: Integers) -> float:
    """Lower quartile of the best matches that a document's passages find in its other sections."""
    inside = vectors @ vectors.T
    inside[sections[:, None] == sections[None, :]] = -np.inf
    best = inside.max(1)
    best = best[np.isfinite(best)]
    return float(np.quantile(best, _QUANTILE)) if len(best) else -1.0
