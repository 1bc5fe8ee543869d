"""Themes: passages of all documents clustered together.

What sets a document apart as a whole (its genre, its voice, its language) is taken away first; otherwise clusters
mirror documents and not subjects. A passage is then read in its context: its heading and its neighbours in the text
count with it. Many k-means clusterings over random parts of the passages, seeds and numbers of clusters are combined
by how often two passages fall together (consensus clustering, Monti et al. 2003), so that no single run decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compare.inference import generator
from compare.terms import Vocabulary, fold, in_english

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_RUNS = 60
_KEPT = 0.8
_NEIGHBOURS = (1.0, 0.15)
_HEADING = 0.35
_RESAMPLES = 6
_NEAR_BEST = 0.12
_CRUMB = 3


def unit(vectors: Floats) -> Floats:
    """Rows at length 1; a row of zeros stays.

    Parameters
    ----------
    vectors : ndarray, shape (n, n_dimensions)
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 1e-12, norms, 1.0))


def centred(vectors: Floats, documents: Integers) -> Floats:
    """Vectors without the mean of their document, at length 1.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        Of unit length.
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    """
    made = np.empty_like(vectors)
    for document in np.unique(documents):
        rows = documents == document
        made[rows] = vectors[rows] - vectors[rows].mean(0)
    return unit(made)


def in_context(vectors: Floats, documents: Integers, headings: Floats | None) -> Floats:
    """Vectors for clustering: document means taken away, heading and neighbours added.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        Of unit length, passages of a document together and in reading order.
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    headings : ndarray or None, shape (n_passages, n_dimensions)
        Vector of the passage's heading; a row of zeros where it has none.

    Returns
    -------
    ndarray, shape (n_passages, n_dimensions)
        Of unit length.
    """
    base = centred(vectors, documents)
    if headings is not None:
        base = base + _HEADING * centred(headings, documents) * (np.linalg.norm(headings, axis=1, keepdims=True) > 0)
    mixed = _NEIGHBOURS[0] * base
    for distance, weight in enumerate(_NEIGHBOURS[1:], start=1):
        same = documents[distance:] == documents[:-distance]
        mixed[distance:][same] += weight * base[:-distance][same]
        mixed[:-distance][same] += weight * base[distance:][same]
    return centred(mixed, documents)


def usual_numbers(passages: int) -> tuple[int, int]:
    """Fewest and most themes that a reader can use for so many passages: half their root and their root.

    Examples
    --------
    >>> usual_numbers(120), usual_numbers(410), usual_numbers(5000)
    ((5, 11), (10, 18), (10, 18))
    """
    root = math.sqrt(passages)
    most = max(2, min(18, round(root)))
    return min(most, max(3, min(10, round(root / 2)))), most


@dataclass(frozen=True, slots=True)
class Partition:
    """A division of all passages into themes.

    Attributes
    ----------
    labels : ndarray of int, shape (n_passages,)
        Theme of each passage, from 0.
    membership : ndarray, shape (n_passages,)
        How often, of the clusterings that held them both, the passage fell together with the rest of its theme;
        between 0 and 1. Low: it stands between themes.
    bootstrap_ari : float
        Mean adjusted Rand index between this division and divisions of random parts (80 %) of the passages.
    seed_ari : float
        The same between this division and divisions of all passages from other random numbers.
    theme_stability : ndarray, shape (n_themes,)
        How well each theme is found again in the random parts: mean of the best Jaccard index (Hennig 2007).
    curve : tuple of (int, float)
        Number of themes and agreement (adjusted Rand index) of two halves of the clusterings cut at that number.
    """

    labels: Integers
    membership: Floats
    bootstrap_ari: float
    seed_ari: float
    theme_stability: Floats
    curve: tuple[tuple[int, float], ...]


def find_themes(
    vectors: Floats,
    documents: Integers,
    seed: int,
    number: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Partition:
    """Divide passages into themes.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        As `in_context` makes them.
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document; documents weigh the same, however long they are.
    seed : int
        For the random numbers.
    number : int, optional
        Number of themes; by default the largest of `usual_numbers` at which the clusterings agree about as well as at
        the best.
    progress : callable, optional
        Called with the clusterings done and to do.

    References
    ----------
    Monti, Tamayo, Mesirov & Golub 2003, Consensus clustering, Machine Learning 52.
    Ben-Hur, Elisseeff & Guyon 2002, A stability based method for discovering structure in clustered data.
    Hennig 2007, Cluster-wise assessment of cluster stability.
    """
    n = len(vectors)
    fewest, most = usual_numbers(n)
    total = 2 * _RUNS + _RESAMPLES * _RUNS // 2
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    rows = np.arange(n)
    halves = [
        _together(vectors, documents, rows, _RUNS // 2, generator(seed, "themes", str(half)), step) for half in (0, 1)
    ]
    trees = [_tree(_share(*half)) for half in halves]
    share = _share(halves[0][0] + halves[1][0], halves[0][1] + halves[1][1])
    tree = _tree(share)
    numbers = list(range(fewest, most + 1))
    cuts = [_cuts(half, numbers) for half in trees]
    curve = tuple((k, adjusted_rand(cuts[0][:, i], cuts[1][:, i])) for i, k in enumerate(numbers))
    chosen = number if number is not None else _best(curve)
    cut = _cut(tree, chosen)
    # A number that the user asks for is kept; otherwise crumbs go to the theme that they fell together with most.
    labels = _ordered(cut if number is not None else _without_crumbs(cut, share), documents)
    chosen = int(labels.max()) + 1

    other = _together(vectors, documents, rows, _RUNS, generator(seed, "other seed"), step)
    seed_ari = adjusted_rand(labels, _cut(_tree(_share(*other)), chosen))
    aris, jaccards = [], []
    for repeat in range(_RESAMPLES):
        rng = generator(seed, "resample", str(repeat))
        part = _part(documents, rows, _KEPT, rng)
        counts = _together(vectors[part], documents[part], np.arange(len(part)), _RUNS // 2, rng, step)
        again = _cut(_tree(_share(*counts)), min(chosen, len(part)))
        aris.append(adjusted_rand(labels[part], again))
        jaccards.append(_jaccard(labels[part], again, labels.max() + 1))
    return Partition(
        labels=labels,
        membership=_membership(share, labels),
        bootstrap_ari=float(np.mean(aris)),
        seed_ari=seed_ari,
        theme_stability=np.nanmean(np.array(jaccards), axis=0),
        curve=curve,
    )


def _part(documents: Integers, rows: Integers, kept: float, rng: np.random.Generator) -> Integers:
    """A random part of the passages, the same portion of each document."""
    chosen = []
    for document in np.unique(documents):
        own = rows[documents == document]
        chosen.append(rng.choice(own, max(1, math.ceil(kept * len(own))), replace=False))
    return np.sort(np.concatenate(chosen))


def _together(
    vectors: Floats,
    documents: Integers,
    rows: Integers,
    runs: int,
    rng: np.random.Generator,
    step: Callable[[], None],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How often each pair fell into one cluster, and how often both were in the clustering; each (n, n)."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    n = len(vectors)
    vectors = np.asarray(vectors, np.float32)
    together, seen = np.zeros((n, n), np.float32), np.zeros((n, n), np.float32)
    fewest, most = usual_numbers(n)
    weights = 1.0 / np.bincount(documents)[documents]
    weights /= weights.mean()
    # So small a clustering gains nothing from threads, and loses much where those of PyTorch wait beside them.
    with threadpool_limits(1):
        for _ in range(runs):
            part = _part(documents, rows, _KEPT, rng)
            # Around the numbers that may be chosen: coarser and finer clusterings both tell who belongs together.
            k = min(int(rng.integers(max(2, fewest - 2), most + 7)), max(2, len(part) // 3))
            state = int(rng.integers(2**31 - 1))
            found = KMeans(k, n_init=1, random_state=state).fit(vectors[part], sample_weight=weights[part]).labels_
            member = np.zeros((n, k), np.float32)
            member[part, found] = 1
            inside = member.sum(1)
            together += member @ member.T
            seen += np.outer(inside, inside)
            step()
    return together, seen


def _share(together: NDArray[np.float32], seen: NDArray[np.float32]) -> Floats:
    return np.asarray(together / np.maximum(seen, 1), dtype=np.float64)


def _tree(share: Floats) -> Floats:
    """Tree of average linkage over 1 - share."""
    from scipy.cluster.hierarchy import linkage

    n = len(share)
    return np.asarray(linkage(1 - share[np.triu_indices(n, 1)], "average"))


def _cuts(tree: Floats, numbers: Sequence[int]) -> Integers:
    """Divisions of a tree at several numbers of groups, shape (n, n_numbers)."""
    from scipy.cluster.hierarchy import cut_tree

    possible = [max(1, min(number, len(tree) + 1)) for number in numbers]
    return np.asarray(cut_tree(tree, n_clusters=possible), dtype=np.intp)


def _cut(tree: Floats, number: int) -> Integers:
    return np.asarray(_cuts(tree, [number])[:, 0])


def _best(curve: Sequence[tuple[int, float]]) -> int:
    """The largest number at which agreement, smoothed over its neighbours, is within `_NEAR_BEST` of the highest.

    Of divisions that hold about as well the finer one is told: a coarse theme puts subjects together that a reader
    would keep apart, and gives a document a share in what it never mentions.
    """
    values = np.array([value for _, value in curve])
    padded = np.pad(values, 1, mode="edge")
    smooth = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    return max(number for (number, _), value in zip(curve, smooth, strict=True) if value >= smooth.max() - _NEAR_BEST)


def _without_crumbs(labels: Integers, share: Floats) -> Integers:
    """Labels in which groups of fewer than `_CRUMB` passages are dealt to the groups nearest to each passage."""
    found, sizes = np.unique(labels, return_counts=True)
    kept = found[sizes >= _CRUMB]
    if len(kept) < 2 or len(kept) == len(found):
        return labels
    nearness = np.stack([share[:, labels == group].mean(1) for group in kept], axis=1)
    made = labels.copy()
    crumbs = ~np.isin(labels, kept)
    made[crumbs] = kept[np.argmax(nearness[crumbs].round(9), axis=1)]
    return made


def _ordered(labels: Integers, documents: Integers) -> Integers:
    """Numbers by size, the largest mean share first; of equals the one that comes first in the text."""
    found = np.unique(labels)
    sizes = {
        theme: np.mean([(labels[documents == d] == theme).mean() for d in np.unique(documents)]) for theme in found
    }
    first = {theme: int(np.flatnonzero(labels == theme)[0]) for theme in found}
    rank = {theme: i for i, theme in enumerate(sorted(found, key=lambda t: (-round(float(sizes[t]), 9), first[t])))}
    return np.array([rank[label] for label in labels], dtype=np.intp)


def _membership(share: Floats, labels: Integers) -> Floats:
    made = np.ones(len(labels))
    for theme in np.unique(labels):
        rows = np.flatnonzero(labels == theme)
        if len(rows) > 1:
            block = share[np.ix_(rows, rows)]
            made[rows] = (block.sum(1) - block.diagonal()) / (len(rows) - 1)
    return made


def _jaccard(labels: Integers, again: Integers, themes: int) -> Floats:
    made = np.full(themes, np.nan)
    for theme in range(themes):
        own = labels == theme
        if own.any():
            made[theme] = max(
                float((own & (again == other)).sum() / (own | (again == other)).sum()) for other in np.unique(again)
            )
    return made


def adjusted_rand(first: Integers, second: Integers) -> float:
    """Adjusted Rand index of two divisions (Hubert & Arabie 1985): 1 is the same, 0 is chance.

    Parameters
    ----------
    first, second : ndarray of int, shape (n,)
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(first, second))


@dataclass(frozen=True, slots=True)
class ThemeLabel:
    """What a theme is called.

    Attributes
    ----------
    label : str
        Up to three terms, in title case.
    keywords : tuple of str
        Up to ten terms, most characteristic first.
    """

    label: str
    keywords: tuple[str, ...]


def label_themes(
    labels: Integers, documents: Integers, vocabulary: Vocabulary, language: str = "en"
) -> list[ThemeLabel]:
    """Name themes by the terms that are theirs and no other theme's.

    Class-based TF-IDF (Grootendorst 2022) in which documents weigh the same, times the part of the theme's passages
    that hold the term: a term that one passage repeats is no label.

    Parameters
    ----------
    labels : ndarray of int, shape (n_passages,)
        Theme of each passage.
    documents : ndarray of int, shape (n_passages,)
        Document of each passage.
    vocabulary : Vocabulary
        Of the passages.
    language : str
        Terms of this language are preferred where passages mix languages.
    """
    themes = int(labels.max()) + 1
    sizes = np.bincount(documents)
    weight: list[dict[str, float]] = [{} for _ in range(themes)]
    holds: list[dict[str, int]] = [{} for _ in range(themes)]
    for row, counts in enumerate(vocabulary.passages):
        theme = labels[row]
        for term, count in counts.items():
            weight[theme][term] = weight[theme].get(term, 0.0) + min(count, 2) / sizes[documents[row]]
            holds[theme][term] = holds[theme].get(term, 0) + 1
    overall: dict[str, float] = {}
    for counts_of_theme in weight:
        for term, value in counts_of_theme.items():
            overall[term] = overall.get(term, 0.0) + value
    average = sum(overall.values()) / max(themes, 1)
    made = []
    for theme in range(themes):
        size = int((labels == theme).sum())
        total = sum(weight[theme].values()) or 1.0
        scored = []
        for term, value in weight[theme].items():
            held = holds[theme][term]
            score = value / total * math.log(1 + average / overall[term]) * math.sqrt(held / size)
            if held < 2:
                # What one passage alone says names the theme only where nothing else does.
                score *= 0.1
            elif " " in term:
                # A phrase says more than its words, but its words are counted with it each time.
                score *= 1.6
            if any(word.removesuffix("'s").removesuffix("’s").isupper() for word in vocabulary.printed(term).split()):
                # Acronyms are mostly the bodies that a plan charges, not what it charges them with.
                score *= 0.3
            if vocabulary.language[term] != language:
                # Readers of one language are given its terms first, and others by their translation.
                score *= 0.3 if in_english(term) != term else 0.05
            scored.append((score, term))
        made.append(_label([term for _, term in sorted(scored, key=lambda pair: (-pair[0], pair[1]))], vocabulary))
    return made


def _label(ranked: list[str], vocabulary: Vocabulary) -> ThemeLabel:
    """Label and keywords without two terms that share a word, Chinese terms in English where there is a word for it."""
    chosen: list[tuple[str, str]] = []
    taken: set[str] = set()
    for term in ranked:
        english = in_english(term)
        words = {fold(word) for word in english.split()}
        if not words & taken:
            chosen.append((term, english))
            taken |= words
        if len(chosen) == 10:
            break
    printed = [(vocabulary.printed(term), term, english) for term, english in chosen]
    label = ", ".join(title_case(form if term == english else english) for form, term, english in printed[:3])
    keywords = tuple(form if term == english else f"{english} ({form})" for form, term, english in printed)
    return ThemeLabel(label or "Unnamed", keywords)


def title_case(text: str) -> str:
    """Capitals at the start of words that have none.

    Examples
    --------
    >>> title_case("open-source models"), title_case("NIST standards")
    ('Open-Source Models', 'NIST Standards')
    """
    return " ".join(
        "-".join(part if any(c.isupper() for c in part) else part[:1].upper() + part[1:] for part in word.split("-"))
        for word in text.split(" ")
    )
