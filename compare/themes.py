"""Themes: passages of all documents clustered together.

What sets a document apart as a whole (its genre, its voice, its language) is taken away first; otherwise clusters
mirror documents and not subjects. A passage is then read in its context: its heading, its section and its neighbours
in the text count with it. Context alone would make themes of position, so passages are joined by what is nearest to
them in each document, their own and every other, and not by bare distance (a graph with local scaling). Many
clusterings of that graph, of parts of the passages, at several numbers of clusters and settings, are combined by how
often two passages fall together (consensus clustering, Monti et al. 2003), so that no single run decides.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from compare.grouped import rows_by_group, sums_of
from compare.inference import generator
from compare.tasks import Run, counted, in_turn

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Reals = NDArray[np.floating[Any]]
Vectors = TypeVar("Vectors", NDArray[np.float64], NDArray[np.float32])

_HEADING = 0.35
_SECTION = 0.25
_NEIGHBOURS = (1.0, 0.3, 0.15)
# Consensus: every setting of the graph times every dimension of its embedding, on all passages but one fold.
_FOLDS = 5
_NEAREST = (5, 7, 10)
_FOLDS_OF_PARTS = 1
RESAMPLES = 6
KEPT = 0.8
_NEAR_BEST = 0.08
_CRUMB = 3
# Steps of k-means, at most.
_MEANS = 10
_SMALLEST = 0.025
_APART = 0.2
_FEWEST_APART = 5
_LEANING = 2.5
# So many passages are clustered at once, pair by pair; the others of a larger comparison follow their nearest ones.
MOST_CLUSTERED = 1500
_FOLLOWED = 7
_BLOCK = 2048
WEAK = 0.5
# How much the topics of a codebook count beside the vectors; and how far, in how many steps, nearest passages lend each
# other theirs.
_TOPICS = 1.5
# How much more nearness counts between passages of two documents: little where topics join them, else much.
_ACROSS, _ACROSS_UNHELPED = 1.1, 1.9
_ALONE = 3.0
_LENT = 0.3
_STEPS = 10
_LOADING = threading.Lock()


def unit(vectors: Vectors) -> Vectors:
    """Rows at length 1; a row of zeros stays.

    Parameters
    ----------
    vectors : ndarray, shape (n, n_dimensions)
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 1e-12, norms, 1.0))


class Voices:
    """Voices of documents, and what was learnt in telling them from topics, to tell those of other documents by.

    What is learnt is a place of each topic and the mean of all voices, anew each time that voices are asked for. One
    that was given what another has learnt tells voices by that, in the order in which the other was asked.

    Parameters
    ----------
    learnt : sequence of (ndarray, ndarray), optional
        What another has learnt: places of topics, shape (n_topics, n_dimensions), and a mean, (n_dimensions,).

    Attributes
    ----------
    learnt : list of (ndarray, ndarray)
        The same of this one.
    """

    def __init__(self, learnt: Sequence[tuple[Floats, Floats]] | None = None) -> None:
        self.learnt = [] if learnt is None else list(learnt)
        self._given = iter(learnt) if learnt is not None else None

    def of(self, vectors: Floats, documents: Integers, topics: Floats) -> Floats:
        """Voice of each document, shape (n_documents, n_dimensions); arguments as for `centred`."""
        if self._given is None:
            voices, parts, middle = _voices(vectors, documents, topics)
            self.learnt.append((parts, middle))
            return voices
        parts, middle = next(self._given)
        count = int(documents.max()) + 1
        sums, held = sums_of(vectors, documents, count), sums_of(topics, documents, count)
        own = (sums - held @ parts) / np.bincount(documents, minlength=count)[:, None]
        return np.asarray(own - middle + parts.mean(0))


def centred(vectors: Floats, documents: Integers, topics: Floats | None = None, voices: Voices | None = None) -> Floats:
    """Vectors without what sets their document apart as a whole, at length 1.

    Without topics that is the mean of the document. With them it is the mean that the document would have if it spoke
    of every topic as much: its voice is taken away, and what it speaks of more than others stays.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        Of unit length.
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    topics : ndarray, shape (n_passages, n_topics), optional
        How surely each passage is on each topic of a codebook, rows adding up to 1.
    voices : Voices, optional
        What tells voices, where that is to be learnt from or was learnt before.
    """
    made = np.empty_like(vectors)
    told = None if topics is None else (voices or Voices()).of(vectors, documents, topics)
    for document, rows in rows_by_group(documents):
        own = vectors[rows]
        mean = own.mean(0, dtype=np.float64) if told is None else told[document]
        made[rows] = unit(own - mean.astype(own.dtype))
    return made


def _voices(vectors: Floats, documents: Integers, topics: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean vector of each document over topics that weigh the same, shape (n_documents, n_dimensions).

    With the places of topics and the mean that were learnt.

    Vectors are taken for the sum of a part of their topics and a part of their document, fitted in turns. A topic of
    few passages is drawn towards the mean of all, as if three passages more stood there.
    """
    count = int(documents.max()) + 1
    sizes = np.bincount(documents, minlength=count)
    weight = 1.0 / sizes
    weight /= weight[documents].mean()
    # All that is asked for are sums over documents: passages are gone through once and not in each turn.
    sums, held = sums_of(vectors, documents, count), sums_of(topics, documents, count)
    on = np.zeros((topics.shape[1], vectors.shape[1]))
    for document, rows in rows_by_group(documents):
        on += weight[document] * (topics[rows].T @ np.asarray(vectors[rows], np.float64))
    weighted = held * weight[:, None]
    voices = np.zeros((count, vectors.shape[1]))
    parts, middle = voices[:1], voices[0]
    for _ in range(10):
        mean = weight @ (sums - sizes[:, None] * voices) / (weight @ sizes)
        parts = (on - weighted.T @ voices + 3 * mean) / (weighted.sum(0)[:, None] + 3)
        voices = (sums - held @ parts) / sizes[:, None]
        middle = voices.mean(0)
        voices = voices - middle
    return np.asarray(voices + parts.mean(0)), parts, middle


def in_context(
    vectors: Floats,
    documents: Integers,
    headings: Floats | None = None,
    sections: Integers | None = None,
    topics: Floats | None = None,
    voices: Voices | None = None,
    *,
    centre: bool = True,
) -> Floats:
    """Vectors for clustering: document means taken away; heading, section and neighbours added.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        Of unit length, passages of a document together and in reading order.
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    headings : ndarray, shape (n_passages, n_dimensions), optional
        Vector of the passage's heading; a row of zeros where it has none.
    sections : ndarray of int, shape (n_passages,), optional
        Number of each passage's section, unique over documents.
    topics, voices : optional
        As for `centred`.
    centre : bool
        Whether document means are taken away.

    Returns
    -------
    ndarray, shape (n_passages, n_dimensions)
        Of unit length.
    """

    def middle(rows: Floats) -> Floats:
        return centred(rows, documents, topics, voices) if centre else unit(rows)

    own = middle(vectors)
    above = None if headings is None else middle(headings)
    mixed = np.empty_like(own)
    for rows in _whole_documents(documents):
        base = own[rows]
        if headings is not None and above is not None:
            there = np.linalg.norm(headings[rows], axis=1, keepdims=True) > 0
            base = base + _HEADING * above[rows] * there
        if sections is not None:
            _, inside, sizes = np.unique(sections[rows], return_inverse=True, return_counts=True)
            sums = sums_of(own[rows], inside, len(sizes)).astype(own.dtype)
            # The rest of its section: a passage does not count twice for itself.
            base = base + _SECTION * unit(sums[inside] - own[rows]) * (sizes[inside] > 1)[:, None]
        block = _NEIGHBOURS[0] * base
        for distance, weight in enumerate(_NEIGHBOURS[1:], start=1):
            same = documents[rows][distance:] == documents[rows][:-distance]
            block[distance:][same] += weight * base[:-distance][same]
            block[:-distance][same] += weight * base[distance:][same]
        mixed[rows] = block
    return middle(mixed)


def _whole_documents(documents: Integers) -> Iterator[slice]:
    """Rows in blocks of whole documents, which stay in the processor's cache while they are worked on."""
    ends = [*(np.flatnonzero(np.diff(documents)) + 1).tolist(), len(documents)]
    start = 0
    for end in ends:
        if end - start >= _BLOCK or end == len(documents):
            yield slice(start, end)
            start = end


def usual_numbers(passages: int) -> tuple[int, int]:
    """Fewest and most themes that a reader can use for so many passages: half their root and four fifths of it.

    Examples
    --------
    >>> usual_numbers(120), usual_numbers(410), usual_numbers(5000)
    ((5, 9), (10, 16), (10, 16))
    """
    root = math.sqrt(passages)
    most = max(2, min(16, round(0.8 * root)))
    return min(most, max(3, min(10, round(root / 2)))), most


@dataclass(frozen=True, slots=True)
class Partition:
    """A division of all passages into themes.

    Attributes
    ----------
    labels : ndarray of int, shape (n_passages,)
        Theme of each passage, from 0.
    parts : ndarray of int, shape (n_passages,)
        Sub-theme of each passage within its theme, from 0; all 0 where a theme has none.
    membership : ndarray, shape (n_passages,)
        How often, of the clusterings that held them both, the passage fell together with the rest of its theme;
        between 0 and 1. Low: it stands between themes.
    weak : ndarray of bool, shape (n_passages,)
        Whether the passage stands between themes: most clusterings put it elsewhere than the rest of its theme, or it
        is about as sure of another topic of a codebook as of its own.
    bootstrap_ari : float
        Mean adjusted Rand index between this division and divisions of random parts (80 %) of the passages.
    seed_ari : float
        The same between this division and the division of all passages from another seed.
    theme_stability : ndarray, shape (n_themes,)
        How well each theme is found again in the random parts: mean of the best Jaccard index (Hennig 2007).
    curve : tuple of (int, float)
        Number of themes and agreement (adjusted Rand index) with divisions of random parts at that number.
    """

    labels: Integers
    parts: Integers
    membership: Floats
    weak: NDArray[np.bool_]
    bootstrap_ari: float
    seed_ari: float
    theme_stability: Floats
    curve: tuple[tuple[int, float], ...]


def load_libraries() -> None:
    """Import what finding themes and drawing them needs, which takes a second, while other work waits.

    Of two threads that import libraries which import each other one may see a half of one, so they do it in turn.
    """
    with _LOADING:
        import scipy.cluster.hierarchy  # noqa: F401
        import sklearn.cluster
        import sklearn.linear_model
        import sklearn.manifold
        import sklearn.metrics  # noqa: F401


def find_themes(
    vectors: Floats,
    documents: Integers,
    seed: int,
    number: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    uncentred: Floats | None = None,
    alone: Floats | None = None,
    helped: bool = False,
    run: Run = in_turn,
) -> Partition:
    """Divide passages into themes.

    Nothing in the division of up to `MOST_CLUSTERED` passages is random, and the parts that its stability is measured
    on are drawn the same whatever the seed. Of more passages as many of each document are drawn, and the others
    take the theme of those nearest to them.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        As `in_context` makes them.
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document; documents weigh the same, however long they are.
    seed : int
        For the random numbers.
    number : int, optional
        Number of themes; by default the largest of `usual_numbers` at which divisions of random parts agree about as
        well as at the best.
    progress : callable, optional
        Called with the clusterings done and to do.
    uncentred : ndarray, shape (n_passages, n_dimensions), optional
        The vectors in context with the document means left in. They tell which passages are so far from all of another
        document that they can have no company there; without them none is.
    alone : ndarray, shape (n_passages, n_dimensions), optional
        The passages' own vectors, document means taken away. Context makes the themes, but which one a passage belongs
        to is looked at once more by what it says itself.
    helped : bool
        Whether the vectors have topics in them, as `with_topics` makes them, which join documents by themselves.
    run : callable
        Calls a function for each of several arguments, here or elsewhere.

    References
    ----------
    Monti, Tamayo, Mesirov & Golub 2003, Consensus clustering, Machine Learning 52.
    Ben-Hur, Elisseeff & Guyon 2002, A stability based method for discovering structure in clustered data.
    Hennig 2007, Cluster-wise assessment of cluster stability.
    """
    vectors = np.asarray(vectors, np.float32)
    plain = None if uncentred is None else np.asarray(uncentred, np.float32)

    looks = looks_of(vectors, alone)

    def divided(rows: Integers, number: int | None, resamples: int) -> Partition:
        near = None if plain is None else _company(plain[rows], documents[rows])
        across = _ACROSS if helped else _ACROSS_UNHELPED
        return _divide(vectors[rows], looks[rows], documents[rows], near, across, number, resamples, progress, run)

    if len(vectors) <= MOST_CLUSTERED:
        return divided(np.arange(len(vectors)), number, RESAMPLES)
    drawn = clustered(documents, seed)
    found = divided(drawn, number, RESAMPLES)
    whole = _followed(found, looks, documents, drawn)
    # A second draw tells how much hangs on the first.
    drawn = _drawn(documents, generator(seed, "drawn", "again"))
    again = divided(drawn, len(found.theme_stability), 0)
    seed_ari = adjusted_rand(whole.labels, _followed(again, looks, documents, drawn).labels)
    return replace(whole, seed_ari=seed_ari)


def looks_of(vectors: Reals, alone: Reals | None) -> NDArray[np.float32]:
    """Passages as they are held against themes, in context and alone, shape (n_passages, n_looks)."""
    held = np.asarray(vectors, np.float32)
    return held if alone is None else np.hstack([held, _ALONE * np.asarray(alone, np.float32)])


def clustered(documents: Integers, seed: int) -> Integers:
    """Rows of the passages that are clustered: all, or those that are drawn where there are too many.

    Parameters
    ----------
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    seed : int
        The user's seed.
    """
    if len(documents) <= MOST_CLUSTERED:
        return np.arange(len(documents))
    return _drawn(documents, generator(seed, "drawn"))


def _company(plain: Reals, documents: Integers) -> NDArray[np.bool_]:
    """Whether each passage has anything near in each document, (n_passages, n_documents).

    With document means taken away, whatever is foreign to both documents' common subject looks alike. With the means
    left in, a passage whose best matches in another document are two and a half standard deviations below what its own
    document usually finds there has no company.
    """
    count = int(documents.max()) + 1
    made = np.ones((len(plain), count), dtype=bool)
    for one in range(count):
        own = np.flatnonzero(documents == one)
        for other in range(count):
            theirs = documents == other
            if one == other or not len(own) or not theirs.any():
                continue
            best = _best_mean(plain[own] @ plain[theirs].T, 3)
            middle, lower = np.median(best), np.quantile(best, 0.25)
            made[own, other] = best > middle - 2.5 * float(middle - lower) / 0.6745 - 1e-6
    return made


def _company_or_all(plain: Reals | None, documents: Integers) -> NDArray[np.bool_]:
    if plain is None:
        return np.ones((len(documents), int(documents.max()) + 1), dtype=bool)
    return _company(plain, documents)


def usual_roots(certainty: Floats, documents: Integers) -> Floats:
    """Mean root of certainties, shape (n_topics,); arguments as for `with_topics`."""
    roots = np.sqrt(certainty)
    return np.asarray(np.mean([roots[rows].mean(0) for _, rows in rows_by_group(documents)], axis=0))


def with_topics(vectors: Floats, certainty: Floats, documents: Integers, usual: Floats | None = None) -> Floats:
    """Vectors in which passages on the same topics of a codebook are nearer to each other.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        As `in_context` makes them.
    certainty : ndarray, shape (n_passages, n_topics)
        How surely each passage is on each topic, rows adding up to 1.
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    usual : ndarray, shape (n_topics,), optional
        As `usual_roots` makes it; by default of these documents.

    Returns
    -------
    ndarray, shape (n_passages, n_dimensions + n_topics)
        Of unit length.
    """
    # Roots of probabilities lie on a sphere, as unit vectors do (Hellinger distance). Documents weigh the same in their
    # mean; each keeps its own, for a topic that one has more of is no voice.
    roots = np.sqrt(certainty)
    mean = usual_roots(certainty, documents) if usual is None else usual
    return unit(np.hstack([vectors, (_TOPICS * unit(roots - mean)).astype(vectors.dtype)]))


def assign_topics(
    vectors: Floats,
    documents: Integers,
    certainty: Sequence[Floats],
    uncentred: Floats | None = None,
) -> tuple[Partition, Integers]:
    """Divide passages by the topics of a codebook, refined on the documents at hand.

    What the anchors tell of each passage is spread along the graph of nearest passages, in its own document and in the
    others (Zhou et al. 2004), so that the documents' own ways of speaking count.

    Parameters
    ----------
    vectors : ndarray, shape (n_passages, n_dimensions)
        As `in_context` makes them.
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    certainty : sequence of ndarray, shape (n_passages, n_topics)
        How surely each passage is on each topic; first by all anchors, then by random parts of them.
    uncentred : ndarray, shape (n_passages, n_dimensions), optional
        As for `find_themes`.

    Returns
    -------
    Partition
        Themes are the topics that any passage is on, by size.
    ndarray of int, shape (n_themes,)
        Number of each theme's topic.

    References
    ----------
    Zhou, Bousquet, Lal, Weston & Schoelkopf 2004, Learning with local and global consistency.
    """
    vectors = np.asarray(vectors, np.float32)
    plain = None if uncentred is None else np.asarray(uncentred, np.float32)
    spread = _spread(vectors, documents, plain, certainty[0])
    labels = spread.argmax(1)
    rng = generator(0, "topics")
    aris, jaccards = [], []
    for again in certainty[1:]:
        part = part_of(documents, KEPT, rng)
        own = None if plain is None else plain[part]
        found = _spread(vectors[part], documents[part], own, again[part]).argmax(1)
        aris.append(adjusted_rand(labels[part], found))
        jaccards.append(_jaccard_of_same(labels[part], found, spread.shape[1]))
    used = np.unique(labels)
    compact = np.searchsorted(used, labels)
    order = places_by_size(compact, documents)
    labels_in_order = order[compact]
    topics = used[np.argsort(order)]
    # A part without a single passage of a topic does not find it again.
    stability = np.nan_to_num(np.array(jaccards))[:, topics].mean(0) if jaccards else np.ones(len(topics))
    return (
        Partition(
            labels=labels_in_order,
            parts=_parts_of_topics(vectors, documents, plain, labels_in_order),
            membership=spread.max(1),
            weak=_undecided(spread),
            bootstrap_ari=float(np.mean(aris)) if aris else 1.0,
            seed_ari=1.0,
            theme_stability=stability,
            curve=(),
        ),
        topics,
    )


def _undecided(certainty: Floats) -> NDArray[np.bool_]:
    """Whether each passage is not half as sure again of its topic as of the next."""
    if certainty.shape[1] < 2:
        return np.zeros(len(certainty), dtype=bool)
    best = np.sort(certainty, axis=1)[:, -2:]
    return np.asarray(best[:, 1] < 1.5 * best[:, 0])


def _spread(vectors: Reals, documents: Integers, plain: Reals | None, certainty: Floats) -> Floats:
    """Certainties spread along the graph; as they are where there are too many passages for one."""
    if len(vectors) > MOST_CLUSTERED:
        return certainty
    company = _company_or_all(plain, documents)
    graph = _graph(vectors, documents, company, _ACROSS, _NEAREST[0]).astype(np.float64)
    graph /= np.maximum(graph.sum(1, keepdims=True), 1e-9)
    made = certainty
    for _ in range(_STEPS):
        made = (1 - _LENT) * certainty + _LENT * (graph @ made)
    return np.asarray((made / made.sum(1, keepdims=True)).round(6))


def _parts_of_topics(vectors: Reals, documents: Integers, plain: Reals | None, labels: Integers) -> Integers:
    if len(vectors) > MOST_CLUSTERED:
        return np.zeros(len(labels), dtype=np.intp)
    company = _company_or_all(plain, documents)
    _, fine = _consensus(vectors, documents, company, _ACROSS, _FOLDS_OF_PARTS, in_turn)
    return _sub_themes(labels, fine)


def _jaccard_of_same(labels: Integers, again: Integers, number: int) -> Floats:
    """Jaccard index of each topic in two divisions by the same topics."""
    made = np.full(number, np.nan)
    for topic in np.unique(labels):
        own, found = labels == topic, again == topic
        made[topic] = float((own & found).sum() / (own | found).sum())
    return made


def _drawn(documents: Integers, rng: np.random.Generator) -> Integers:
    """`MOST_CLUSTERED` passages, of each document as many as of the others as far as it has them."""
    sizes = np.bincount(documents)
    left, share = MOST_CLUSTERED, np.zeros(len(sizes), dtype=np.intp)
    for rank, document in enumerate(np.argsort(sizes, kind="stable")):
        share[document] = min(sizes[document], left // (len(sizes) - rank))
        left -= int(share[document])
    return _sample(documents, np.arange(len(documents)), share, rng)


def part_of(documents: Integers, kept: float, rng: np.random.Generator) -> Integers:
    """A random part of the passages, the same portion of each document; their rows, in order.

    Parameters
    ----------
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    kept : float
        The portion, between 0 and 1.
    rng : Generator
        Random numbers.
    """
    share = np.ceil(kept * np.bincount(documents)).astype(np.intp)
    return _sample(documents, np.arange(len(documents)), share, rng)


def _sample(documents: Integers, rows: Integers, sizes: Integers, rng: np.random.Generator) -> Integers:
    drawn = [rng.choice(rows[documents == d], size, replace=False) for d, size in enumerate(sizes) if size]
    return np.sort(np.concatenate(drawn))


def _member(labels: Integers, membership: Floats, themes: int) -> Floats:
    made = np.zeros((len(labels), themes), np.float32)
    made[np.arange(len(labels)), labels] = membership
    return np.asarray(made)


def _nearest_votes(rows: Reals, known: Reals, member: Reals) -> tuple[Integers, Reals, Reals]:
    """Of each row the nearest known ones, their weights, and how much of these weights each theme has."""
    near = rows @ known.T
    few = min(_FOLLOWED, len(known))
    best = np.argpartition(-near, few - 1, axis=1)[:, :few]
    weight = np.maximum(np.take_along_axis(near, best, axis=1), 0)
    share = np.einsum("ij,ijk->ik", weight, member[best]) / np.maximum(weight.sum(1), 1e-9)[:, None]
    return best, weight, share


def votes(rows: Reals, known: Reals, labels: Integers, membership: Floats, themes: int) -> Floats:
    """How much each theme has of the known passages nearest to each row, shape (n_rows, n_themes).

    Parameters
    ----------
    rows : ndarray, shape (n_rows, n_dimensions)
        Of unit length.
    known : ndarray, shape (n_passages, n_dimensions)
        Of unit length.
    labels, membership : ndarray, shape (n_passages,)
        Theme of each known passage, and how firmly it belongs to it.
    themes : int
        Their number.
    """
    member = _member(labels, membership, themes)
    made = np.empty((len(rows), themes))
    for start in range(0, len(rows), _BLOCK):
        made[start : start + _BLOCK] = _nearest_votes(rows[start : start + _BLOCK], known, member)[2]
    total = made.sum(1, keepdims=True)
    # A row that nothing is near to is as much of every theme.
    return np.where(total > 1e-9, made / np.maximum(total, 1e-9), 1 / themes)


def _followed(found: Partition, vectors: Reals, documents: Integers, drawn: Integers) -> Partition:
    """A division of drawn passages, carried to all passages by those nearest to each."""
    themes = len(found.theme_stability)
    # Documents weigh the same among the drawn, and a passage that stands firmly in its theme counts more.
    member = _member(found.labels, found.membership, themes)
    labels, parts = np.empty(len(vectors), dtype=np.intp), np.zeros(len(vectors), dtype=np.intp)
    membership = np.empty(len(vectors))
    for start in range(0, len(vectors), _BLOCK):
        block = slice(start, start + _BLOCK)
        best, weight, share = _nearest_votes(vectors[block], vectors[drawn], member)
        labels[block] = share.argmax(1)
        membership[block] = share.max(1)
        same = np.where(found.labels[best] == labels[block][:, None], weight, -1)
        parts[block] = found.parts[best[np.arange(len(best)), same.argmax(1)]]
    labels[drawn], parts[drawn], membership[drawn] = found.labels, found.parts, found.membership
    order = places_by_size(labels, documents)
    return replace(
        found,
        labels=order[labels],
        parts=parts,
        membership=membership,
        weak=membership < WEAK,
        theme_stability=found.theme_stability[np.argsort(order)],
    )


def _divide(
    vectors: Reals,
    looks: Reals,
    documents: Integers,
    company: NDArray[np.bool_] | None,
    across: float,
    number: int | None,
    resamples: int,
    progress: Callable[[int, int], None] | None,
    run: Run,
) -> Partition:
    """`find_themes` of passages that are all clustered, pair by pair."""
    fewest, most = usual_numbers(len(vectors))
    numbers = list(range(fewest, most + 1))
    if number is not None and number not in numbers:
        numbers.append(number)
    near = np.ones((len(vectors), int(documents.max()) + 1), dtype=bool) if company is None else company
    # Drawn the same whatever the seed: the number of themes is chosen by them.
    drawn = [part_of(documents, KEPT, generator(0, "resample", str(repeat))) for repeat in range(resamples)]
    work = [(vectors, documents, near, across, _FOLDS, fold) for fold in range(_FOLDS)]
    work += [(vectors[part], documents[part], near[part], across, _FOLDS_OF_PARTS, 0) for part in drawn]
    made = counted(run, _fold, work, progress)
    coarse, fine = _shares(made[:_FOLDS])
    divisions = _divisions(coarse, looks, documents, near, numbers)
    parts = []
    for part, found in zip(drawn, made[_FOLDS:], strict=True):
        again, again_fine = _shares([found])
        parts.append((part, _divisions(again, looks[part], documents[part], near[part], numbers), again_fine))
    agreement = [
        float(np.mean([adjusted_rand(divisions[part, i], again[:, i]) for part, again, _ in parts])) if parts else 1.0
        for i in range(len(numbers))
    ]
    curve = tuple(sorted(zip(numbers, agreement, strict=True)))
    usual = [(k, value) for k, value in curve if fewest <= k <= most]
    column = numbers.index(number if number is not None else _best(usual))
    labels, repeated = divisions[:, column], [again[:, column] for _, again, _ in parts]
    if number is None:
        labels = _told_apart(labels, fine, documents)
        repeated = [
            _told_apart(again, share, documents[part]) for again, (part, _, share) in zip(repeated, parts, strict=True)
        ]
    order = places_by_size(labels, documents)
    labels = order[labels]
    aris = [adjusted_rand(labels[part], again) for again, (part, _, _) in zip(repeated, parts, strict=True)]
    jaccards = [
        best_jaccard(labels[part], again, len(order)) for again, (part, _, _) in zip(repeated, parts, strict=True)
    ]
    return Partition(
        labels=labels,
        parts=_sub_themes(labels, fine),
        membership=(membership := _membership(coarse, labels)),
        weak=membership < WEAK,
        bootstrap_ari=float(np.mean(aris)) if aris else 1.0,
        # Nothing in a division is random, so that another seed gives the same one.
        seed_ari=1.0,
        theme_stability=np.nanmean(np.array(jaccards), axis=0) if parts else np.ones(len(order)),
        curve=curve,
    )


def _told_apart(labels: Integers, share: Reals, documents: Integers) -> Integers:
    """Labels in which a theme is parted where its parts lean to different documents.

    A theme of which one document has one part and another document the other would say that they speak of one thing as
    much, where each speaks of its own. Parted are themes with two parts of five passages or more, of each of which
    another document has `_LEANING` times the share that the other has.
    """
    parts = _sub_themes(labels, share)
    sizes = np.bincount(documents)
    made = labels.copy()
    for theme in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == theme)
        number = int(parts[rows].max()) + 1
        if number < 2:
            continue
        shares = np.zeros((number, len(sizes)))
        np.add.at(shares, (parts[rows], documents[rows]), 1 / sizes[documents[rows]])
        large = [part for part in range(number) if (parts[rows] == part).sum() >= _FEWEST_APART]
        pairs = [
            (min(shares[one].max(), shares[two].max()), one, two)
            for one in large
            for two in large
            if one < two and _lean_apart(shares[one], shares[two])
        ]
        if not pairs:
            continue
        _, one, two = max(pairs)
        first, second = rows[parts[rows] == one], rows[parts[rows] == two]
        # Smaller parts go with the one that they fall together with more.
        other = np.setdiff1d(rows, np.concatenate([first, second]))
        nearer = share[np.ix_(other, second)].mean(1) > share[np.ix_(other, first)].mean(1)
        made[np.concatenate([second, other[nearer]])] = int(made.max()) + 1
    return made


def _lean_apart(one: Floats, two: Floats) -> bool:
    """Whether two parts, by their share in each document, lean to different documents."""
    first, second = int(one.argmax()), int(two.argmax())
    return first != second and one[first] >= _LEANING * one[second] and two[second] >= _LEANING * two[first]


def _consensus(
    vectors: Reals,
    documents: Integers,
    company: NDArray[np.bool_],
    across: float,
    folds: int,
    run: Run,
) -> tuple[Reals, Reals]:
    """How often each pair fell into one cluster of those that held both, coarse and fine; each (n, n).

    Each fold leaves out every `folds`-th passage of each document. A clustering is Ward's over the leading eigenvectors
    of a graph, cut at several numbers, each cut then improved by k-means in which documents weigh the same.
    """
    return _shares(list(run(_fold, [(vectors, documents, company, across, folds, fold) for fold in range(folds)])))


@dataclass(frozen=True, slots=True)
class _Fold:
    """How often pairs of some rows of n fell together, coarse and fine, and of how many clusterings."""

    n: int
    rows: Integers
    together: tuple[NDArray[np.uint16], NDArray[np.uint16]]
    clusterings: tuple[int, int]


def _shares(folds: Sequence[_Fold]) -> tuple[Reals, Reals]:
    """Of the clusterings that held both, the part in which each pair fell together; the order of folds is the same."""
    n = folds[0].n
    together = [np.zeros((n, n), np.int32), np.zeros((n, n), np.int32)]
    seen = np.zeros((n, n), np.int32)
    for fold in folds:
        at = np.ix_(fold.rows, fold.rows)
        for kind in range(2):
            together[kind][at] += fold.together[kind]
        seen[at] += 1
    seen = np.maximum(seen, 1)
    made = [(count / (seen * folds[0].clusterings[kind])).astype(np.float32) for kind, count in enumerate(together)]
    return made[0], made[1]


def _fold(
    given: tuple[Reals, Integers, NDArray[np.bool_], float, int, int],
) -> _Fold:
    """The clusterings of one fold, in each setting of the graph and each dimension."""
    from scipy.cluster.hierarchy import linkage
    from threadpoolctl import threadpool_limits

    vectors, documents, company, across, folds, fold = given
    n = len(vectors)
    fewest, most = usual_numbers(n)
    coarse = np.unique(np.linspace(fewest, most + 4, 5).round().astype(int))
    fine = np.unique(np.array([n / 16, n / 12, n / 9]).round().astype(int).clip(most + 1, 60))
    dimensions = [max(2, fewest - 2), fewest, fewest + 2]
    position = np.concatenate([np.arange(size) for size in np.bincount(documents)])
    rows = np.flatnonzero(position % folds != fold) if folds > 1 else np.arange(n)
    weight = 1.0 / np.bincount(documents[rows])[documents[rows]]
    weight /= weight.mean()
    together = [np.zeros((len(rows), len(rows)), np.float32), np.zeros((len(rows), len(rows)), np.float32)]
    # So small a clustering gains nothing from threads, and loses much where those of PyTorch wait beside them.
    with threadpool_limits(1):
        for nearest in _NEAREST:
            graph = _graph(vectors[rows], documents[rows], company[rows], across, nearest)
            graph *= np.sqrt(np.outer(weight, weight))
            leading = _leading(graph, min(dimensions[-1], len(rows) - 1))
            for dimension in dimensions:
                points = unit(leading[:, :dimension])
                tree = linkage(points, "ward")
                for kind, numbers in enumerate((coarse, fine)):
                    member = np.zeros((len(rows), int(numbers.sum())), np.float32)
                    divided = cuts(tree, numbers.tolist())
                    for labels, number, end in zip(divided, numbers, np.cumsum(numbers), strict=True):
                        if kind == 0:
                            labels = _improved(points, labels, weight)
                        member[np.arange(len(rows)), end - number + labels] = 1
                    together[kind] += member @ member.T
    counted = len(_NEAREST) * len(dimensions)
    return _Fold(
        n,
        rows,
        (together[0].astype(np.uint16), together[1].astype(np.uint16)),
        (counted * len(coarse), counted * len(fine)),
    )


def _improved(points: Floats, labels: Integers, weight: Floats) -> Integers:
    """Clusters after some steps of k-means (Lloyd 1982) from their own centres, passages weighing as given.

    As scikit-learn's ``KMeans`` makes them. Written out, since this is done hundreds of times on few points, where that
    mostly checks its input.
    """
    number = int(labels.max()) + 1
    enough = 1e-4 * points.var(axis=0).mean()
    centres = _centres(points, labels, weight, np.zeros((number, points.shape[1])))
    before = np.full(len(points), -1)
    for _ in range(_MEANS):
        found = _nearest_centre(points, centres)
        moved = _centres(points, found, weight, centres)
        shift = ((moved - centres) ** 2).sum()
        centres = moved
        if np.array_equal(found, before):
            return found
        before = found
        if shift <= enough:
            break
    return _nearest_centre(points, centres)


def _nearest_centre(points: Floats, centres: Floats) -> Integers:
    return np.asarray(np.argmin((centres**2).sum(axis=1) - 2 * (points @ centres.T), axis=1))


def _centres(points: Floats, labels: Integers, weight: Floats, before: Floats) -> Floats:
    """Mean of each cluster; one that is left without passages takes the passage farthest from its own centre."""
    member = np.zeros((len(before), len(points)))
    member[labels, np.arange(len(points))] = weight
    mass = member.sum(axis=1)
    sums = member @ points
    empty = np.flatnonzero(mass == 0)
    if len(empty):
        far = ((points - before[labels]) ** 2).sum(axis=1)
        # The farthest first; of equals the one that comes first.
        taken = np.argsort(-far.round(9), kind="stable")[: len(empty)]
        moved = weight[taken, None] * points[taken]
        np.subtract.at(sums, labels[taken], moved)
        np.subtract.at(mass, labels[taken], weight[taken])
        sums[empty], mass[empty] = moved, weight[taken]
    # Nothing may be left of a cluster of which the one passage was taken.
    return np.asarray(np.where(mass[:, None] > 1e-12, sums / np.maximum(mass, 1e-12)[:, None], before))


def _graph(vectors: Reals, documents: Integers, company: NDArray[np.bool_], across: float, nearest: int) -> Reals:
    """Graph of the nearest passages, symmetric, (n, n): each is tied to so many others of all documents.

    Nearness is the cosine, of passages in two documents `across` times as much, less what is usual for both passages
    (cross-domain similarity local scaling, Conneau et al. 2018), so that no passage is everybody's neighbour. A passage
    is tied to as many passages of another document as are near to it, which may be none: to give each document the same
    number of ties would join more, and make the shares of documents alike that are not.
    """
    n = len(vectors)
    near = vectors @ vectors.T
    apart = documents[:, None] != documents[None, :]
    near[apart] *= np.float32(across)
    meets = company[np.arange(n)[:, None], documents[None, :]]
    near[apart & ~(meets & meets.T)] = -9
    np.fill_diagonal(near, -9)
    few = max(1, min(nearest, n // 4))
    usual = np.partition(near, -few, axis=1)[:, -few:].mean(1)
    scaled = 2 * near - usual[:, None] - usual[None, :]
    ties = np.zeros_like(near)
    np.put_along_axis(ties, np.argpartition(-scaled, few - 1, axis=1)[:, :few], 1, axis=1)
    return (ties + ties.T) / 2


def _best_mean(near: Reals, most: int) -> Reals:
    """Mean of the best `most` of each row, of a quarter of the row at most."""
    few = max(1, min(most, near.shape[1] // 4))
    return np.asarray(np.partition(near, -few, axis=1)[:, -few:].mean(1))


def _leading(graph: Reals, dimensions: int) -> Floats:
    """Leading eigenvectors of the normalised graph, (n, dimensions) (Ng, Jordan & Weiss 2002)."""
    from scipy.linalg import eigh

    scale = 1 / np.sqrt(np.maximum(graph.sum(1), 1e-9))
    n = len(graph)
    _, found = eigh((scale[:, None] * graph * scale).astype(np.float64), subset_by_index=[n - dimensions, n - 1])
    return np.asarray(found[:, ::-1])


def _divisions(
    share: Reals, looks: Reals, documents: Integers, company: NDArray[np.bool_], numbers: Sequence[int]
) -> Integers:
    """Divisions into so many groups each, shape (n, n_numbers), by average linkage over 1 - share.

    Small groups are not counted: they are dealt to the groups that they fell together with
    most, and the tree is cut finer until there are as many others as asked, if there ever are.
    """
    from scipy.cluster.hierarchy import linkage

    n = len(share)
    tree = linkage((1 - share)[np.triu_indices(n, 1)].astype(np.float64), "average")
    levels = cuts(tree, range(1, min(n, 3 * max(numbers) + 20) + 1))
    kept = np.array([_large(cut, documents).sum() for cut in levels])
    made = np.empty((n, len(numbers)), dtype=np.intp)
    for i, number in enumerate(numbers):
        enough = np.flatnonzero(kept >= number)
        level = int(enough[0]) if len(enough) else int(np.flatnonzero(kept == kept.max())[0])
        labels = _without_crumbs(levels[level], _large(levels[level], documents), share)
        made[:, i] = _without_strays(labels, share, looks, documents, company)
    return made


def _without_strays(
    labels: Integers, share: Reals, looks: Reals, documents: Integers, company: NDArray[np.bool_]
) -> Integers:
    """Labels after two looks at each passage: does it belong to its theme by the theme's centre as well.

    A tree never takes a join back, so that passages that came early to one neighbour stay where that one went. And what
    is left over in two documents is no common subject: a theme that is another document's, most of whose passages there
    have no company in a passage's own document, is closed to it.
    """
    # Documents weigh the same in a centre, by the part of them that is in the theme.
    weight = 1.0 / np.bincount(documents)[documents]
    for _ in range(2):
        themes = range(int(labels.max()) + 1)
        together = np.stack([share[:, labels == theme].mean(1) for theme in themes], axis=1)
        centres = np.stack([(weight[labels == theme, None] * looks[labels == theme]).sum(0) for theme in themes])
        closed = _closed(labels, documents, company, weight)[documents]
        found = np.argmax((together + looks @ unit(centres).T).round(5) - 9 * closed, axis=1)
        if len(np.unique(found)) < len(themes):
            break
        labels = found
    return labels


def _closed(labels: Integers, documents: Integers, company: NDArray[np.bool_], weight: Floats) -> NDArray[np.bool_]:
    """Whether each theme is closed to passages of each document, shape (n_documents, n_themes)."""
    themes, count = int(labels.max()) + 1, company.shape[1]
    made = np.zeros((count, themes), dtype=bool)
    for document in range(count):
        own = documents == document
        theirs = np.bincount(labels[~own], weight[~own], themes)
        alone = np.bincount(labels[~own], weight[~own] * ~company[~own, document], themes)
        made[document] = (alone > theirs / 2) & (np.bincount(labels[own], weight[own], themes) < theirs)
    return made


def cuts(tree: Floats, numbers: Iterable[int]) -> list[Integers]:
    """Groups, from 0, of a tree cut at each of several numbers of groups.

    Where joins are equally high the last of them is undone first, so that there are as many groups as asked; `fcluster`
    of scipy then gives fewer, and looks through the whole tree for each number.

    Parameters
    ----------
    tree : ndarray, shape (n - 1, 4)
        Joins, the lowest first, as `scipy.cluster.hierarchy.linkage` gives them.
    numbers : iterable of int
        Groups wanted, between 1 and n.

    Returns
    -------
    list of ndarray of int, shape (n,)
    """
    n = len(tree) + 1
    pairs, sizes = tree[:, :2].astype(np.intp).tolist(), [1] * n + tree[:, 3].astype(np.intp).tolist()
    # In the order of the leaves each branch is a stretch; a join parts its stretch where its second branch begins.
    begins = [0] * (2 * n - 1)
    for join in range(n - 2, -1, -1):
        first, second = pairs[join]
        begins[first] = begins[n + join]
        begins[second] = begins[n + join] + sizes[first]
    place = np.array(begins[:n])
    parted = np.array(begins)[[second for _, second in pairs]]
    made = []
    for number in numbers:
        starts = np.zeros(n, dtype=np.intp)
        starts[parted[n - number :]] = 1
        made.append(np.cumsum(starts)[place])
    return made


def _large(labels: Integers, documents: Integers) -> NDArray[np.bool_]:
    """Whether each group is one of three passages at least, and one fortieth of a document."""
    sizes = np.bincount(documents)
    shares = [
        np.bincount(labels[documents == d], minlength=int(labels.max()) + 1) / sizes[d] for d in np.unique(documents)
    ]
    return np.asarray((np.bincount(labels) >= _CRUMB) & (np.max(shares, axis=0) >= _SMALLEST))


def _without_crumbs(labels: Integers, large: NDArray[np.bool_], share: Reals) -> Integers:
    """Labels from 0, passages of groups that are not large dealt to the large group nearest to each."""
    kept = np.flatnonzero(large)
    if len(kept) == 0:
        return labels
    made = np.searchsorted(kept, labels).clip(0, len(kept) - 1)
    crumbs = ~large[labels]
    if crumbs.any():
        nearness = np.stack([share[np.ix_(crumbs, labels == group)].mean(1) for group in kept], axis=1)
        made[crumbs] = np.argmax(nearness.round(5), axis=1)
    return np.asarray(made, dtype=np.intp)


def _best(curve: Sequence[tuple[int, float]]) -> int:
    """The largest number at which agreement, smoothed over its neighbours, is within `_NEAR_BEST` of the highest.

    Of divisions that hold about as well the finer one is told: a coarse theme puts subjects together that a reader
    would keep apart, and gives a document a share in what it never mentions.
    """
    values = np.array([value for _, value in curve])
    padded = np.pad(values, 1, mode="edge")
    smooth = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    return max(number for (number, _), value in zip(curve, smooth, strict=True) if value >= smooth.max() - _NEAR_BEST)


def places_by_size(labels: Integers, documents: Integers) -> Integers:
    """New number of each theme: by size, the largest mean share first; of equals the one that comes first.

    Parameters
    ----------
    labels, documents : ndarray of int, shape (n_passages,)
        Theme, from 0, and number of the document of each passage.
    """
    found = range(int(labels.max()) + 1)
    sizes = [np.mean([(labels[documents == d] == theme).mean() for d in np.unique(documents)]) for theme in found]
    first = [int(np.flatnonzero(labels == theme)[0]) if (labels == theme).any() else len(labels) for theme in found]
    ranked = sorted(found, key=lambda theme: (-round(float(sizes[theme]), 9), first[theme]))
    return np.argsort(np.array(ranked, dtype=np.intp))


def _sub_themes(labels: Integers, share: Reals) -> Integers:
    """Sub-theme of each passage within its theme, from 0, the largest first.

    A theme is parted, in two to five, where the parts stand well apart by how often their passages fall together in
    fine clusterings (silhouette, Rousseeuw 1987); otherwise it stays whole.
    """
    from scipy.cluster.hierarchy import linkage
    from sklearn.metrics import silhouette_score

    made = np.zeros(len(labels), dtype=np.intp)
    for theme in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == theme)
        most = min(5, len(rows) // 4)
        if most < 2:
            continue
        apart = (1 - share[np.ix_(rows, rows)]).astype(np.float64)
        np.fill_diagonal(apart, 0)
        own = share[np.ix_(rows, rows)]
        tree = linkage(apart[np.triu_indices(len(rows), 1)], "average")
        best = _APART
        for number, cut in enumerate(cuts(tree, range(2, most + 1)), 2):
            parts = _without_crumbs(cut, np.bincount(cut) >= _CRUMB, own)
            if parts.max() == 0:
                continue
            score = float(silhouette_score(apart, parts, metric="precomputed"))
            if score > best + 0.02 * number:
                best = score
                sizes = np.bincount(parts)
                made[rows] = np.argsort(np.argsort(-sizes, kind="stable"))[parts]
    return made


def _membership(share: Reals, labels: Integers) -> Floats:
    made = np.ones(len(labels))
    for theme in np.unique(labels):
        rows = np.flatnonzero(labels == theme)
        if len(rows) > 1:
            block = share[np.ix_(rows, rows)].astype(np.float64)
            made[rows] = (block.sum(1) - block.diagonal()) / (len(rows) - 1)
    return made


def best_jaccard(labels: Integers, again: Integers, themes: int) -> Floats:
    """How well each theme is found in another division, shape (n_themes,): the best Jaccard index (Hennig 2007).

    Parameters
    ----------
    labels, again : ndarray of int, shape (n_passages,)
        Theme of each passage in one division and in the other.
    themes : int
        Number of themes of the first; one that no passage is in has no figure (NaN).
    """
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
