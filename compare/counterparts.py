"""Counterparts and silences: what each passage meets in the other documents, and what meets nothing there."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.grouped import rows_by_group
from compare.nearby import Coarse, coarse, nearby, products, shortlist
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
# Passages that are compared with all of a large document at once.
_FEW = 128
# Passages up to which every pair is looked at. Of more, all that is known of a pair is asked of shortlists alone: of so
# many passages by all evidence, and so many by meaning.
MOST_EXACT = 5000
_SHORT, _SHORT_MEANING = 48, 12
# Dimensions by which shortlists are made: of meaning, and of words.
_DIRECTIONS, _COLUMNS = 96, 160
# Passages of a document that tell what is usual in it, where there are more.
_ASKED = 2000


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike passages are: a mean of cosines, each kind of evidence with its weight.

    Attributes
    ----------
    parts : tuple of (float, ndarray or sparse array of float32, shape (n_passages, n_features), bool)
        Weight, unit vectors (rows of zeros where a passage has none), and whether they also compare passages of two
        languages. They tell which passage is nearest. Terms and fragments of more than `MOST_EXACT` passages are sparse
        (CSR).
    meaning : tuple of (float, ndarray of float32, shape (n_passages, n_features), bool)
        The same for what tells whether there is anything near at all: words in common are found between any two
        subjects, nearness in meaning is not.
    """

    parts: tuple[tuple[float, Any, bool], ...]
    meaning: tuple[tuple[float, Any, bool], ...]

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
            own = vectors[first] @ vectors[second].T
            made += weight * (own if isinstance(own, np.ndarray) else own.toarray())
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
    progress: Callable[[int, int], None] | None = None,
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
    progress : callable, optional
        Called with the kinds of evidence gathered and to be gathered.
    """
    say = progress or (lambda done, total: None)
    white = _whitening(alone, documents)
    say(1, 4)
    parts: list[tuple[float, Any, bool]] = [
        (_CENTRED, np.asarray(unit(centred @ white), np.float32), True),
        (_UNCENTRED, np.asarray(unit(uncentred @ white), np.float32), True),
    ]
    say(2, 4)
    parts.append((_TERMS, _term_vectors(vocabulary.passages), False))
    say(3, 4)
    parts.append((_FRAGMENTS, _fragment_vectors(texts, languages), False))
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
    if len(vectors) <= MOST_EXACT:
        for _, rows in rows_by_group(documents):
            spread += vectors[rows].T @ vectors[rows] / len(vectors[rows])
    else:
        weight = 1.0 / np.bincount(documents)[documents][:, None]
        for start in range(0, len(vectors), _BLOCK):
            own = np.asarray(vectors[start : start + _BLOCK], np.float64)
            spread += own.T @ (weight[start : start + _BLOCK] * own)
    even = np.trace(spread) / size
    values, directions = np.linalg.eigh((1 - _SHRUNK) * spread + _SHRUNK * even * np.eye(size))
    return np.asarray((directions / np.sqrt(np.maximum(values, 1e-12))) @ directions.T)


def _laid_out(rows: Integers, columns: Integers, values: Reals, shape: tuple[int, int]) -> Any:
    """A matrix of what is given by place, several values of one place added: dense where it is small."""
    if shape[0] > MOST_EXACT:
        from scipy.sparse import csr_array

        return csr_array((values, (rows, columns)), shape=shape)
    made = np.zeros(shape, np.float32)
    np.add.at(made, (rows, columns), values)
    return made


def _at_length_one(matrix: Any) -> Any:
    """Rows of a dense or sparse matrix at length 1; a row of zeros stays."""
    if isinstance(matrix, np.ndarray):
        return unit(matrix)
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1), np.float64)).ravel()
    matrix.data /= np.repeat(np.where(norms > 1e-12, norms, 1.0), np.diff(matrix.indptr)).astype(np.float32)
    return matrix


def _term_vectors(passages: Sequence[Counter[str]]) -> Any:
    """TF-IDF vectors of unit length over the terms that two passages or more hold."""
    held: Counter[str] = Counter()
    for counts in passages:
        held.update(counts.keys())
    known = sorted((term for term, count in held.items() if count > 1), key=lambda term: (-held[term], term))
    number = {term: i for i, term in enumerate(known[:_MOST_TERMS])}
    found = [
        (row, number[t], count, held[t]) for row, own in enumerate(passages) for t, count in own.items() if t in number
    ]
    rows, columns, times, spread = np.array(found, dtype=np.intp).reshape(-1, 4).T
    said = {int(count): 1 + math.log(count) for count in np.unique(times)}
    rare = {int(count): math.log(len(passages) / count) for count in np.unique(spread)}
    values = [said[count] * rare[of] for count, of in zip(times.tolist(), spread.tolist(), strict=True)]
    return _at_length_one(_laid_out(rows, columns, np.array(values, np.float32), (len(passages), len(number))))


def _fragment_vectors(texts: Sequence[str], languages: Sequence[str]) -> Any:
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
    # Fragments are in the order of their hashes, so that what shares a column has nothing to do with one another.
    sign = np.where(column // _MOST_TERMS % 2, -1, 1)
    values = (weight * sign).astype(np.float32)
    return _at_length_one(_laid_out(row, column % _MOST_TERMS, values, (len(texts), min(count, _MOST_TERMS))))


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
    alike: Likeness,
    documents: Integers,
    sections: Integers,
    languages: Sequence[str],
    progress: Callable[[int, int], None] | None = None,
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
    progress : callable, optional
        Called with the passages done and to do, each counted for each other document.

    Notes
    -----
    Of up to `MOST_EXACT` passages in all every pair is looked at. Of more, the nearest are chosen from shortlists (see
    `compare.nearby`), and what is usual in a document is told by `_ASKED` of its passages. On passages that were made
    up that finds 98 % of the nearest of 10,000, and 91 % of 100,000 in two groups (what is found is .005 less similar
    on the mean); 99 % are said alike to meet something or nothing (``tests/benchmarks/scale.py --recall``).
    """
    count = len(languages)
    rows_of = [np.flatnonzero(documents == d) for d in range(count)]
    nearest: dict[tuple[int, int], tuple[Integers, Floats]] = {}
    silent: dict[tuple[int, int], NDArray[np.bool_]] = {}
    threshold: dict[tuple[int, int], float] = {}
    usual: dict[tuple[int, bool], float] = {}
    pairs = _AllPairs(alike, sections) if len(documents) <= MOST_EXACT else _Shortlists(alike, sections)
    done, total = 0, (count - 1) * len(documents)

    def step(passages: int) -> None:
        nonlocal done
        done += passages
        if progress is not None:
            progress(done, total)

    step(0)
    for one, other in combinations(range(count), 2):
        foreign = languages[one] != languages[other]
        for a, b in ((one, other), (other, one)):
            if (b, foreign) not in usual:
                # Between languages no terms are shared, so none may count in the measure either.
                usual[b, foreign] = pairs.usual(rows_of[b], foreign)
            nearest[a, b], meant, mean, spread = pairs.best(rows_of[a], rows_of[b], foreign, step)
            threshold[a, b] = mean + usual[b, foreign] * spread
            silent[a, b] = meant < threshold[a, b]
    return Counterparts(nearest, silent, threshold)


Step = Callable[[int], None]
Best = tuple[tuple[Integers, Floats], Floats, float, float]


class _AllPairs:
    """Every pair of passages is looked at."""

    def __init__(self, alike: Likeness, sections: Integers) -> None:
        self._alike = alike
        self._sections = sections

    def best(self, own: Integers, theirs: Integers, foreign: bool, step: Step) -> Best:
        """Nearest rows with their similarity, the best nearness in meaning of each, and mean and spread of all."""
        found, meant = _Nearest(NEAREST), _Nearest(1)
        for start in range(0, len(own), _BLOCK):
            rows = own[start : start + _BLOCK]
            found.add(self._alike.between(rows, theirs, foreign), theirs)
            meant.add(self._alike.between(rows, theirs, foreign, meaning=True), theirs)
            step(len(rows))
        return (found.rows, found.values), meant.values[:, 0], meant.mean, meant.spread

    def usual(self, own: Integers, foreign: bool) -> float:
        """What nine in ten of a document's passages find in its other sections at least, standardised."""
        found = _Nearest(1)
        for start in range(0, len(own), _BLOCK):
            found.add(_elsewhere(self._alike, own[start : start + _BLOCK], own, self._sections, foreign), own)
        return _standardised(found.values[:, 0], found.mean, found.spread)


class _Shortlists:
    """A few pairs are looked at: those that vectors of few dimensions take for the nearest."""

    def __init__(self, alike: Likeness, sections: Integers) -> None:
        self._alike = alike
        self._sections = sections
        self._coarse: dict[bool, Coarse] = {}
        self._summed: dict[int, tuple[Floats, Floats]] = {}
        # All nearness in meaning works between languages.
        total = sum(weight for weight, _, _ in alike.meaning)
        self._meaning = [(weight / total, vectors) for weight, vectors, _ in alike.meaning]
        self._meant = coarse(self._meaning, _DIRECTIONS, 0).dense

    def best(self, own: Integers, theirs: Integers, foreign: bool, step: Step) -> Best:
        """As `_AllPairs.best`, from shortlists; mean and spread of all pairs are exact."""
        parts = [(weight, vectors) for weight, vectors, across in self._alike.parts if across or not foreign]
        if foreign not in self._coarse:
            self._coarse[foreign] = coarse(parts, _DIRECTIONS, _COLUMNS)
        few = self._coarse[foreign]
        place = np.empty(int(own.max()) + 1, dtype=np.intp)
        place[own] = np.arange(len(own))
        most = min(NEAREST, len(theirs))
        nearest, values = np.empty((len(own), most), dtype=np.intp), np.empty((len(own), most))
        meant = np.empty(len(own))
        for rows, others in nearby(few, own, theirs):
            listed = shortlist(few.all, rows, others, _SHORT)
            found = _summed(parts, rows, listed)
            best = np.argsort(-found, axis=1, kind="stable")[:, :most]
            nearest[place[rows]] = np.take_along_axis(listed, best, axis=1)
            values[place[rows]] = np.take_along_axis(found, best, axis=1)
            listed = shortlist(self._meant, rows, others, _SHORT_MEANING)
            meant[place[rows]] = _summed(self._meaning, rows, listed).max(1)
            step(len(rows))
        mean, spread = self._of_all_pairs(own, theirs, None)
        return (nearest, values), meant, mean, spread

    def usual(self, own: Integers, foreign: bool) -> float:
        """As `_AllPairs.usual`, of some of the passages, which are compared with all."""
        asked = own[np.unique(np.linspace(0, len(own) - 1, min(len(own), _ASKED)).astype(np.intp))]
        parts = (asked[start : start + _FEW] for start in range(0, len(asked), _FEW))
        best = [_elsewhere(self._alike, rows, own, self._sections, foreign).max(1) for rows in parts]
        mean, spread = self._of_all_pairs(own, own, self._sections)
        return _standardised(np.concatenate(best).astype(np.float64).round(5), mean, spread)

    def _of_all_pairs(self, own: Integers, theirs: Integers, sections: Integers | None) -> tuple[float, float]:
        """Mean and spread of nearness in meaning, which come from sums: no pair is ever held.

        With sections, pairs within one are left out.
        """
        one, two = self._sums(own), self._sums(theirs)
        pairs, total, squares = float(len(own) * len(theirs)), float(one[0] @ two[0]), float((one[1] * two[1]).sum())
        if sections is not None:
            for _, rows in rows_by_group(sections[own]):
                block = self._together(own[rows])
                inner = block @ block.T
                pairs -= inner.size
                total -= float(inner.sum())
                squares -= float((inner**2).sum())
        mean = total / max(pairs, 1)
        return mean, math.sqrt(max(squares / max(pairs, 1) - mean**2, 0))

    def _sums(self, rows: Integers) -> tuple[Floats, Floats]:
        """Sum of a document's vectors of meaning, and of their products with themselves."""
        document = int(rows[0])
        if document not in self._summed:
            width = sum(vectors.shape[1] for _, vectors in self._meaning)
            sums, squares = np.zeros(width), np.zeros((width, width))
            for start in range(0, len(rows), _BLOCK):
                block = self._together(rows[start : start + _BLOCK])
                sums += block.sum(0)
                squares += block.T @ block
            self._summed[document] = sums, squares
        return self._summed[document]

    def _together(self, rows: Integers) -> Floats:
        return np.hstack(
            [math.sqrt(weight) * np.asarray(vectors[rows], np.float64) for weight, vectors in self._meaning]
        )


def _elsewhere(alike: Likeness, rows: Integers, own: Integers, sections: Integers, foreign: bool) -> Reals:
    """Nearness in meaning of passages and all of their document, minus infinity within a section."""
    block = alike.between(rows, own, foreign, meaning=True)
    block[sections[rows][:, None] == sections[own][None, :]] = -np.inf
    return block


def _standardised(best: Floats, mean: float, spread: float) -> float:
    best = best[np.isfinite(best)]
    if not len(best) or spread <= 0:
        return -math.inf
    return float((np.quantile(best, _QUANTILE) - mean) / spread)


def _summed(parts: Sequence[tuple[float, Any]], rows: Integers, listed: Integers) -> Floats:
    """Similarities of each row with those listed for it, shape (n_rows, n_listed)."""
    made = np.zeros(listed.shape, np.float32)
    for weight, vectors in parts:
        made += np.float32(weight) * products(vectors, rows, listed)
    return (made / np.float32(sum(weight for weight, _ in parts))).astype(np.float64).round(5)


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
