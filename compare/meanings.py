"""The same word, another meaning: how far the contexts differ in which two documents use a word."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from compare.arrays import Arrays, spread_over_sections
from compare.grouped import sums_of
from compare.inference import false_discovery_rate, generator
from compare.results import WordMeaning
from compare.terms import Vocabulary

Floats = NDArray[np.float64]

# A word is looked at where each document has it in so many passages of so many sections.
FEWEST_PASSAGES, FEWEST_SECTIONS = 4, 3
MOST_WORDS = 40
# Sections that are dealt to the two documents; of a word in more of them so many are drawn, as many of each document.
MOST_SECTIONS = 1000
PERMUTATIONS = 1999
NEIGHBOURS = 5


def word_meanings(
    arrays: Arrays,
    vocabulary: Vocabulary,
    vectors: Floats,
    languages: list[str],
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[WordMeaning, ...]:
    """Words that two documents share, by how far apart the passages are that hold them.

    Parameters
    ----------
    arrays : Arrays
        The passages.
    vocabulary : Vocabulary
        Their terms.
    vectors : ndarray, shape (n_passages, n_dimensions)
        Vectors of the passages without the mean of their document, so that what sets documents apart at large is no
        difference of a word.
    languages : list of str
        Of each document; only documents in one language are compared.
    seed : int
        The user's seed.
    progress : callable, optional
        Called with the words done and to do, of all pairs of documents at most so many.

    Returns
    -------
    tuple of WordMeaning
        The surest first. Sections are dealt to the two documents at random; the false discovery rate is that over all
        words of a pair of documents.
    """
    made = []
    pairs = list(combinations(range(len(arrays.source)), 2))
    for number, (one, two) in enumerate(pairs):
        if languages[one] != languages[two]:
            continue
        rows_of: dict[str, list[int]] = {}
        for row in np.flatnonzero(np.isin(arrays.documents, (one, two))).tolist():
            for term in vocabulary.passages[row]:
                if " " not in term:
                    rows_of.setdefault(term, []).append(row)
        words = [word for word, rows in rows_of.items() if _enough(arrays, rows, one) and _enough(arrays, rows, two)]
        words = sorted(words, key=lambda word: (-len(rows_of[word]), word))[:MOST_WORDS]
        found = []
        for place, word in enumerate(words):
            if progress is not None:
                progress(MOST_WORDS * number + place, MOST_WORDS * len(pairs))
            found.append(_apart(arrays, np.array(rows_of[word]), one, vectors, generator(seed, word)))
        q = false_discovery_rate(np.array([p for _, p in found]))
        for word, (distance, p), adjusted in zip(words, found, q.tolist(), strict=True):
            rows = np.array(rows_of[word])
            neighbours, evidence = {}, {}
            for document in (one, two):
                own = rows[arrays.documents[rows] == document]
                centre = vectors[own].mean(0)
                ranked = own[np.argsort(-(vectors[own] @ centre).round(6), kind="stable")]
                name = arrays.source[document].id
                neighbours[name] = _neighbours(vocabulary, own, rows, word)
                evidence[name] = spread_over_sections(ranked.tolist(), arrays.sections)
            made.append(
                WordMeaning(
                    term=vocabulary.printed(word),
                    first=arrays.source[one].id,
                    second=arrays.source[two].id,
                    distance=distance,
                    p=p,
                    q=adjusted,
                    passages={arrays.source[d].id: int((arrays.documents[rows] == d).sum()) for d in (one, two)},
                    neighbours=neighbours,
                    evidence=evidence,
                )
            )
    made.sort(key=lambda item: (item.q, item.p, item.term))
    return tuple(made)


def _enough(arrays: Arrays, rows: list[int], document: int) -> bool:
    if len(rows) < FEWEST_PASSAGES:
        return False
    own = np.array(rows)[arrays.documents[rows] == document]
    return len(own) >= FEWEST_PASSAGES and len(np.unique(arrays.resampled[own])) >= FEWEST_SECTIONS


def _apart(
    arrays: Arrays, rows: NDArray[np.intp], first: int, vectors: Floats, rng: np.random.Generator
) -> tuple[float, float]:
    """Distance of the two documents' mean vectors of a word (1 - cosine), and its probability by dealing sections."""
    sections, unit = np.unique(arrays.resampled[rows], return_inverse=True)
    sums = sums_of(vectors[rows], unit, len(sections))
    own = np.zeros(len(sections), dtype=bool)
    own[unit[arrays.documents[rows] == first]] = True
    one, two = sums[own].sum(0), sums[~own].sum(0)
    norms = np.linalg.norm(one) * np.linalg.norm(two)
    distance = float(1 - one @ two / max(norms, 1e-12))
    counts = np.bincount(unit).astype(float)
    if len(sections) > MOST_SECTIONS:
        # So many tell as surely whether there is a difference as all of them would.
        sides = [np.flatnonzero(own), np.flatnonzero(~own)]
        most = [
            min(len(side), max(MOST_SECTIONS // 2, MOST_SECTIONS - len(sides[1 - i]))) for i, side in enumerate(sides)
        ]
        drawn = np.sort(
            np.concatenate([rng.choice(s, size, replace=False) for s, size in zip(sides, most, strict=True)])
        )
        sums, counts, own = sums[drawn], counts[drawn], own[drawn]
    order = np.argsort(rng.random((PERMUTATIONS, len(sums))), axis=1)
    deals = np.vstack([own, order < own.sum()]).astype(float)
    # What is tested is how far the means lie apart; their angle, which is told, also hangs on what they share.
    weights = deals / (deals @ counts)[:, None] - (1 - deals) / ((1 - deals) @ counts)[:, None]
    if len(sums) < sums.shape[1]:
        # Lengths come from the products of the sections' sums, which are fewer than dimensions.
        lengths = np.sqrt(np.maximum(np.einsum("ij,ij->i", weights @ (sums @ sums.T), weights), 0))
    else:
        lengths = np.linalg.norm(weights @ sums, axis=1)
    p = (1 + (lengths[1:] >= lengths[0] - 1e-9).sum()) / (1 + PERMUTATIONS)
    return distance, float(p)


def _neighbours(vocabulary: Vocabulary, own: NDArray[np.intp], rows: NDArray[np.intp], word: str) -> tuple[str, ...]:
    """Terms that stand with the word in one document more than in both, in two passages at least."""
    here: Counter[str] = Counter(term for row in own.tolist() for term in vocabulary.passages[row])
    both: Counter[str] = Counter(term for row in rows.tolist() for term in vocabulary.passages[row])
    scores = {
        term: count * math.log((count / len(own)) / ((both[term] + 1) / (len(rows) + 2)))
        for term, count in here.items()
        # Names of agencies say who speaks of it and not what is meant.
        if count > 1 and word not in term.split() and not vocabulary.printed(term).isupper()
    }
    ranked = sorted(scores, key=lambda term: (-scores[term], term))
    return tuple(vocabulary.printed(term) for term in ranked[:NEIGHBOURS])
