"""Counterparts and silences: what each passage meets in the other documents, and what meets nothing there."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from compare.terms import Vocabulary
from compare.themes import unit

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Reals = NDArray[np.float32]

NEAREST = 3
# What each kind of evidence counts. Recall on pairs set by hand stays within .04 for a third more or less of each.
_CENTRED, _UNCENTRED, _TERMS, _FRAGMENTS, _TOPICS = 0.25, 0.2, 0.25, 0.25, 0.1
_MEANING = 0.5
_SHRUNK = 0.7
# Passages that a reader set beside others are called silent in a tenth of cases, subjects foreign to a document always.
_QUANTILE = 0.1
_MOST_TERMS = 4096
# Letters of a fragment: "skill" is in upskilling, reskilling and skills. Two signs of Chinese are about a word.
_FRAGMENT = {"zh": 2}
_USUAL_FRAGMENT = 5
_LETTERS = re.compile(r"[^\W_]+")
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike passages are: a mean of cosines, each kind of evidence with its weight.

    Attributes
    ----------
    parts : tuple of (float, ndarray of float32, shape (n_passages, n_features), bool)
        Weight, unit vectors (rows of zeros where a passage has none), and whether they also compare passages of two
        languages. They tell which passage is nearest.
    meaning : tuple of (float, ndarray of float32, shape (n_passages, n_features), bool)
        The same for what tells whether there is anything near at all: words in common are found between any two
        subjects, nearness in meaning is not.
    """

    parts: tuple[tuple[float, Reals, bool], ...]
    meaning: tuple[tuple[float, Reals, bool], ...]

    def between(self, first: Integers, second: Integers, languages: bool, *, meaning: bool = False) -> Reals:
        """Similarities, between -1 and 1, shape (n_first, n_second).

        Parameters
        ----------
        first, second : ndarray of int
            Rows of passages.
        languages : bool
            Whether the passages are in two languages.
        meaning : bool
            Whether nearness in meaning alone counts.
        """
        parts = self.meaning if meaning else self.parts
        used = [(weight, vectors) for weight, vectors, across in parts if across or not languages]
        made = np.zeros((len(first), len(second)), np.float32)
        for weight, vectors in used:
            made += weight * (vectors[first] @ vectors[second].T)
        return made / np.float32(sum(weight for weight, _ in used))


def likeness(
    centred: Floats,
    uncentred: Floats,
    alone: Floats,
    documents: Integers,
    vocabulary: Vocabulary,
    texts: Sequence[str],
    languages: Sequence[str],
    topics: Floats | None,
) -> Likeness:
    """Gather what tells that two passages speak of the same thing.

    Parameters
    ----------
    centred, uncentred : ndarray, shape (n_passages, n_dimensions)
        Vectors with heading and neighbours, without and with the mean of their document. Centring takes away hubs,
        passages that are near to everything (Suzuki et al. 2013); what foreign subjects have in common is told by the
        vectors with the mean.
    alone : ndarray, shape (n_passages, n_dimensions)
        Vectors of the passages by themselves, without the mean of their document. Directions in which most of them vary
        (broad subjects, style) are made to count less in the two above (Su et al. 2021).
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    vocabulary : Vocabulary
        Terms of the passages: shared rare terms say more than nearness of meaning alone.
    texts : sequence of str
        The passages, for the fragments of words that they share (Cavnar & Trenkle 1994): "try-first" is near "try it
        out first", "permits" near "permitting".
    languages : sequence of str
        Language of each passage.
    topics : ndarray, shape (n_passages, n_topics), or None
        Unit vectors of the passages' topics, where a codebook is used.
    """
    white = _whitening(alone, documents)
    parts = [
        (_CENTRED, np.asarray(unit(centred @ white), np.float32), True),
        (_UNCENTRED, np.asarray(unit(uncentred @ white), np.float32), True),
        (_TERMS, _term_vectors(vocabulary.passages), False),
        (_FRAGMENTS, _fragment_vectors(texts, languages), False),
    ]
    meaning = [(_MEANING, np.asarray(uncentred, np.float32), True)]
    if topics is not None:
        of_topics = (_TOPICS, np.asarray(topics, np.float32), True)
        parts.append(of_topics)
        meaning.append(of_topics)
    return Likeness(tuple(parts), tuple(meaning))


def _whitening(vectors: Floats, documents: Integers) -> Floats:
    """Map that makes all directions vary alike, shape (n_dimensions, n_dimensions).

    Documents weigh the same. The covariance is shrunk towards the same variance in all directions (Ledoit & Wolf 2004),
    so that fewer passages than dimensions do.
    """
    size = vectors.shape[1]
    spread = np.zeros((size, size))
    for document in np.unique(documents):
        own = vectors[documents == document]
        spread += own.T @ own / len(own)
    even = np.trace(spread) / size
    values, directions = np.linalg.eigh((1 - _SHRUNK) * spread + _SHRUNK * even * np.eye(size))
    return np.asarray((directions / np.sqrt(np.maximum(values, 1e-12))) @ directions.T)


def _term_vectors(passages: Sequence[Counter[str]]) -> Reals:
    """TF-IDF vectors of unit length over the terms that two passages or more hold."""
    held: Counter[str] = Counter()
    for counts in passages:
        held.update(counts.keys())
    known = sorted((term for term, count in held.items() if count > 1), key=lambda term: (-held[term], term))
    number = {term: i for i, term in enumerate(known[:_MOST_TERMS])}
    made = np.zeros((len(passages), len(number)), np.float32)
    for row, counts in enumerate(passages):
        for term, count in counts.items():
            if term in number:
                made[row, number[term]] = (1 + math.log(count)) * math.log(len(passages) / held[term])
    return unit(made)


def _fragment_vectors(texts: Sequence[str], languages: Sequence[str]) -> Reals:
    """TF-IDF vectors of unit length over fragments of words that two passages or more hold.

    More fragments than `_MOST_TERMS` share their columns at random, with signs, which leaves cosines as they are but
    for a small noise (Weinberger et al. 2009).
    """
    rows: list[Integers] = []
    keys: list[NDArray[np.uint64]] = []
    for language in sorted(set(languages)):
        own = np.array([row for row, spoken in enumerate(languages) if spoken == language])
        row, key = _fragments([texts[row] for row in own], _FRAGMENT.get(language, _USUAL_FRAGMENT))
        rows.append(own[row])
        keys.append(key)
    fragments, number = np.unique(np.concatenate(keys), return_inverse=True)
    count = max(len(fragments), 1)
    cells, times = np.unique(np.concatenate(rows) * count + number, return_counts=True)
    row, column = cells // count, cells % count
    held = np.bincount(column, minlength=count)
    shared = held[column] > 1
    row, column, times = row[shared], column[shared], times[shared]
    weight = (1 + np.log(times)) * np.log(len(texts) / held[column])
    made = np.zeros((len(texts), min(count, _MOST_TERMS)), np.float32)
    # Fragments are in the order of their hashes, so that what shares a column has nothing to do with one another.
    sign = np.where(column // _MOST_TERMS % 2, -1, 1)
    np.add.at(made, (row, column % _MOST_TERMS), (weight * sign).astype(np.float32))
    return unit(made)


def _fragments(texts: Sequence[str], size: int) -> tuple[Integers, NDArray[np.uint64]]:
    """Row of the text and hash of each run of `size` signs within a word, blanks at its ends counted."""
    joined = "".join(f" {' '.join(_LETTERS.findall(text.lower()))} \n" for text in texts)
    signs = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    if len(signs) < size:
        return np.zeros(0, np.intp), np.zeros(0, np.uint64)
    runs = np.lib.stride_tricks.sliding_window_view(signs, size)
    key = np.full(len(runs), size, np.uint64)
    for place in range(size):
        key = (key ^ runs[:, place]) * np.uint64(0x100000001B3)  # FNV-1a
        key ^= key >> np.uint64(29)
    within = ~(runs == ord("\n")).any(1) & ~(runs[:, 1:-1] == ord(" ")).any(1)
    row = np.cumsum(signs == ord("\n"))[: len(runs)]
    return row[within].astype(np.intp), key[within]


@dataclass(frozen=True, slots=True)
class Counterparts:
    """Nearest passages of every passage in every other document.

    Attributes
    ----------
    nearest : dict of (int, int) to (ndarray of int, ndarray of float)
        By (document, other): rows of the nearest passages of `other`, best first, and their similarity (between -1 and
        1), both of shape (n_passages, n_nearest).
    silent : dict of (int, int) to ndarray of bool, shape (n_passages,)
        By (document, other): whether `other` has nothing that is near.
    threshold : dict of (int, int) to float
        Nearness in meaning below which a best match in `other` counts as none.
    """

    nearest: dict[tuple[int, int], tuple[Integers, Floats]]
    silent: dict[tuple[int, int], NDArray[np.bool_]]
    threshold: dict[tuple[int, int], float]


def find_counterparts(
    alike: Likeness, documents: Integers, sections: Integers, languages: Sequence[str]
) -> Counterparts:
    """Find counterparts between each two documents.

    When is a best match none at all? The other document is the measure: a passage is silent in it if its best match
    there stands out less than what nine in ten of that document's own passages find in another of its sections. Both
    choose among the same candidates, so that the length of the documents does not matter; and both are counted in
    standard deviations from the mean of all such pairs, so that a common style, or another language, does not either.

    Parameters
    ----------
    alike : Likeness
        Of the passages.
    documents, sections : ndarray of int, shape (n_passages,)
        Number of each passage's document, and of its section (unique over documents).
    languages : sequence of str
        Of each document.
    """
    count = len(languages)
    rows_of = [np.flatnonzero(documents == d) for d in range(count)]
    nearest: dict[tuple[int, int], tuple[Integers, Floats]] = {}
    silent: dict[tuple[int, int], NDArray[np.bool_]] = {}
    threshold: dict[tuple[int, int], float] = {}
    usual: dict[tuple[int, bool], float] = {}
    for one, other in combinations(range(count), 2):
        foreign = languages[one] != languages[other]
        for a, b in ((one, other), (other, one)):
            if (b, foreign) not in usual:
                # Between languages no terms are shared, so none may count in the measure either.
                usual[b, foreign] = _usual(alike, rows_of[b], sections, foreign)
            found, meant = _Nearest(NEAREST), _Nearest(1)
            for start in range(0, len(rows_of[a]), _BLOCK):
                own = rows_of[a][start : start + _BLOCK]
                found.add(alike.between(own, rows_of[b], foreign), rows_of[b])
                meant.add(alike.between(own, rows_of[b], foreign, meaning=True), rows_of[b])
            nearest[a, b] = found.rows, found.values
            threshold[a, b] = meant.mean + usual[b, foreign] * meant.spread
            silent[a, b] = meant.values[:, 0] < threshold[a, b]
    return Counterparts(nearest, silent, threshold)


class _Nearest:
    """The best of blocks of similarities, and the mean and spread of all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: list[Integers] = []
        self._values: list[Floats] = []
        self._sums = np.zeros(3)

    def add(self, block: Reals, theirs: Integers) -> None:
        """Take in similarities of some passages with all of another document; minus infinity is none."""
        # Rounded: the last bits hang on the size of the block, and must not decide between equals.
        found = block.astype(np.float64).round(5)
        counted = found[np.isfinite(found)]
        self._sums += (len(counted), counted.sum(), (counted**2).sum())
        rows, values = [], []
        for _ in range(min(self._most, found.shape[1])):
            # The first of equals, as sorting would have it, at a tenth of the price.
            best = found.argmax(1)[:, None]
            values.append(np.take_along_axis(found, best, axis=1))
            rows.append(theirs[best])
            np.put_along_axis(found, best, -np.inf, axis=1)
        self._rows.append(np.hstack(rows))
        self._values.append(np.hstack(values))

    @property
    def rows(self) -> Integers:
        return np.concatenate(self._rows)

    @property
    def values(self) -> Floats:
        return np.concatenate(self._values)

    @property
    def mean(self) -> float:
        return float(self._sums[1] / max(self._sums[0], 1))

    @property
    def spread(self) -> float:
        return math.sqrt(max(float(self._sums[2] / max(self._sums[0], 1)) - self.mean**2, 0))


def _usual(alike: Likeness, own: Integers, sections: Integers, foreign: bool) -> float:
    """What nine in ten of a document's passages find in its other sections at least, standardised."""
    found = _Nearest(1)
    for start in range(0, len(own), _BLOCK):
        rows = own[start : start + _BLOCK]
        block = alike.between(rows, own, foreign, meaning=True)
        block[sections[rows][:, None] == sections[own][None, :]] = -np.inf
        found.add(block, own)
    best = found.values[:, 0]
    best = best[np.isfinite(best)]
    if not len(best) or found.spread <= 0:
        return -math.inf
    return float((np.quantile(best, _QUANTILE) - found.mean) / found.spread)
