"""How passages are divided into themes, kept from run to run, and what is said of each theme."""

from __future__ import annotations

import copy
import importlib.metadata
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from compare.arrays import Arrays, figures_of, shares_of
from compare.cache import ArrayCache, digest
from compare.codebook import Topics
from compare.errors import OptionError
from compare.grouped import rows_by_group, sums_of
from compare.labels import WordClasses, label_themes
from compare.learnt import Learnt
from compare.results import NearestTopic, SubTheme, Theme
from compare.shown import printable
from compare.terms import Vocabulary
from compare.themes import (
    Partition,
    Voices,
    assign_topics,
    clustered,
    find_themes,
    load_libraries,
    looks_of,
    usual_roots,
    with_topics,
)

if TYPE_CHECKING:
    from compare.estimators import Clusterer

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Progress = Callable[[str, int, int], None]

_BLOCK = 4096


class Division:
    """How the passages are divided into themes, and what the codebook says of them.

    Attributes
    ----------
    topics : Topics or None
        What the codebook says of the passages; None without one.
    assigned : bool
        Whether the topics are the themes.
    helped : bool
        Whether the topics help to find the themes.
    """

    def __init__(self, arrays: Arrays, topics: Topics | None, found: bool) -> None:
        self.topics = topics
        self._arrays = arrays
        self.assigned = topics is not None and not found
        self.helped = topics is not None and found and topics.on_subject(arrays.members)
        self.numbers: Integers | None = None

    @property
    def voice(self) -> Floats | None:
        """Topics that tell a document's voice from what it speaks of, where they may be used."""
        return self.topics.help() if self.topics is not None and (self.helped or self.assigned) else None

    def place(self, context: Floats, uncentred: Floats, alone: Floats) -> None:
        """Take in the vectors of the passages, in context and alone."""
        self._uncentred, self._alone = uncentred, alone
        help_ = self.voice
        self._space = context if help_ is None else with_topics(context, help_, self._arrays.members)

    @property
    def space(self) -> Floats:
        """Vectors in which passages are divided, shape (n_passages, n_dimensions)."""
        return self._space

    def partition(self, seed: int, themes: int | Clusterer | None, store: ArrayCache, say: Progress) -> Partition:
        """The division, from the cache where it is; by a clusterer of the user's own where one is given."""
        order = self._arrays.canonical
        documents = _renumbered(self._arrays.documents[order])
        vectors, plain, alone = (_rounded(made, order) for made in (self._space, self._uncentred, self._alone))
        certainties: list[Floats] = []
        if self.topics is not None and self.assigned:
            certainties = [made[order] for made in (self.topics.certainty, *self.topics.again)]
        back = np.argsort(order)
        if not (themes is None or isinstance(themes, int)):
            from compare.estimators import divide_by

            say("finding themes", 0, 1)
            load_libraries()
            partition = divide_by(themes, vectors, documents, seed)
            self.numbers = np.full(len(partition.theme_stability), -1, dtype=np.intp)
            return _taken(partition, back)
        versions = importlib.metadata.version("scikit-learn") + importlib.metadata.version("scipy")
        code = (Path(__file__).parent / "themes.py").read_bytes()
        data = (np.ascontiguousarray(a).data for a in (vectors, plain, alone, documents, *certainties))
        key = digest("partition", code, versions, f"{seed} {themes} {self.assigned}", *data)
        kept = store.get([key], "<f8").get(key)
        unpacked = _unpack(np.asarray(kept, np.float64), len(order)) if kept is not None else None
        if unpacked is None:
            unpacked = self._made(vectors, plain, alone, documents, certainties, seed, themes, say)
            store.put({key: _pack(*unpacked)}, "<f8")
        partition, self.numbers = unpacked
        return _taken(partition, back)

    def learnt(
        self, partition: Partition, voices: Voices, topic_voices: Mapping[str, Voices], headings: bool, seed: int
    ) -> Learnt:
        """What tells the themes of other documents.

        Parameters
        ----------
        partition : Partition
            As `partition` made it.
        voices : Voices
            That of the vectors alone and in context.
        topic_voices : mapping of str to Voices
            By language, where topics were read.
        headings : bool
            Whether any passage has a heading.
        seed : int
            The user's seed.
        """
        order = self._arrays.canonical
        drawn = order[clustered(_renumbered(self._arrays.documents[order]), seed)]
        topics, help_ = self.topics, self.voice
        return Learnt(
            voices=tuple(voices.learnt),
            topic_voices={language: tuple(own.learnt) for language, own in topic_voices.items()},
            helped=self.helped,
            assigned=self.assigned,
            headings=headings,
            usual=None if topics is None else topics.usual,
            roots=None if help_ is None else usual_roots(help_, self._arrays.members),
            known=looks_of(np.round(self._space[drawn], 5), np.round(self._alone[drawn], 5)),
            labels=partition.labels[drawn],
            membership=partition.membership[drawn],
            themes=int(partition.labels.max()) + 1,
            topics=np.full(0, -1) if self.numbers is None else self.numbers,
        )

    def _made(
        self,
        vectors: Floats,
        plain: Floats,
        alone: Floats,
        documents: Integers,
        certainties: list[Floats],
        seed: int,
        number: int | None,
        say: Progress,
    ) -> tuple[Partition, Integers]:
        load_libraries()
        if self.assigned:
            return assign_topics(vectors, documents, certainties, plain)
        found = find_themes(
            vectors,
            documents,
            seed,
            number,
            lambda done, total: say("finding themes", done, total),
            plain,
            alone,
            self.helped,
            self._arrays.run,
        )
        return found, np.full(len(found.theme_stability), -1, dtype=np.intp)

    def nearest(self, theme: int, labels: Integers) -> NearestTopic | None:
        """The topic that a theme is nearest to."""
        if self.topics is None or self.numbers is None:
            return None
        certainty = self.topics.certainty
        documents = self._arrays.documents
        rows = labels == theme
        means = np.mean([certainty[rows & (documents == d)].mean(0) for d in np.unique(documents[rows])], axis=0)
        number = int(self.numbers[theme]) if self.assigned else int(np.argmax(means.round(6)))
        topic = self.topics.codebook.topics[number]
        return NearestTopic(topic.id, topic.label, float(means[number]))


def own_number(themes: int | Clusterer | None) -> int | Clusterer | None:
    """The number of themes where our own estimator is given, which `find_themes` makes with all that it knows.

    Parameters
    ----------
    themes : int, Clusterer or None
        As `compare.comparison.compare` takes it.

    Raises
    ------
    OptionError
        If it is neither a number nor a clusterer.
    """
    if themes is None or (isinstance(themes, int) and not isinstance(themes, bool)):
        return themes
    if isinstance(themes, type) or not callable(getattr(themes, "fit", None)):
        raise OptionError(f"themes={printable(repr(themes))[:60]}: give a number or a clusterer, such as KMeans(12)")
    from compare.estimators import ThemeClusterer

    return themes.n_clusters if isinstance(themes, ThemeClusterer) else themes


def _taken(partition: Partition, rows: Integers) -> Partition:
    """A partition with its passages in another order."""
    return replace(
        partition,
        labels=partition.labels[rows],
        parts=partition.parts[rows],
        membership=partition.membership[rows],
        weak=partition.weak[rows],
    )


def _rounded(vectors: Floats, order: Integers) -> Floats:
    """Vectors in an order, rounded: sums in another order, on another computer, differ in the last bits."""
    made = vectors[order]
    return np.asarray(np.round(made, 5, out=made))


def _renumbered(documents: Integers) -> Integers:
    """Documents numbered in the order in which they come."""
    number = np.zeros(int(documents.max()) + 1, dtype=np.intp)
    _, first = np.unique(documents, return_index=True)
    for i, row in enumerate(np.sort(first)):
        number[documents[row]] = i
    return np.asarray(number[documents])


def _pack(partition: Partition, topics: Integers) -> Floats:
    curve = np.array(partition.curve, dtype=np.float64).ravel()
    head = [partition.bootstrap_ari, partition.seed_ari, len(partition.theme_stability), len(curve)]
    rows = [partition.labels, partition.parts, partition.membership, partition.weak]
    return np.concatenate([head, partition.theme_stability, topics, curve, *rows])


def _unpack(packed: Floats, passages: int) -> tuple[Partition, Integers] | None:
    """The partition and its topics, or None where the entry is not one of this many passages."""
    if len(packed) < 4:
        return None
    themes, points = int(packed[2]), int(packed[3])
    if len(packed) != 4 + 2 * themes + points + 4 * passages:
        return None
    ends = np.cumsum([themes, themes, points, passages, passages, passages])
    stability, topics, curve, labels, parts, membership, weak = np.split(packed[4:], ends)
    partition = Partition(
        labels=labels.astype(np.intp),
        parts=parts.astype(np.intp),
        membership=membership,
        weak=weak > 0.5,
        bootstrap_ari=float(packed[0]),
        seed_ari=float(packed[1]),
        theme_stability=stability,
        curve=tuple((int(k), float(v)) for k, v in curve.reshape(-1, 2)),
    )
    return partition, topics.astype(np.intp)


def describe_themes(
    arrays: Arrays,
    partition: Partition,
    division: Division,
    plain: Floats,
    context: Floats,
    vocabulary: Vocabulary,
    classes: WordClasses,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Theme, ...]:
    """Themes with labels, shares, differences and evidence.

    Parameters
    ----------
    arrays : Arrays
        The passages.
    partition : Partition
        Their themes.
    division : Division
        What the codebook says of them.
    plain, context : ndarray, shape (n_passages, n_dimensions)
        Vectors without their document's voice, alone and in context: what is near to a theme's centre in both speaks
        for it.
    vocabulary : Vocabulary
        Terms of the passages.
    classes : WordClasses
        Of their words.
    seed : int
        The user's seed.
    progress : callable, optional
        Called with the steps done and to do: three for all themes together, and one for each.
    """
    labels = partition.labels
    number = int(labels.max()) + 1
    say = progress or (lambda done, total: None)
    say(0, number + 3)
    member = np.zeros((len(labels), number))
    member[np.arange(len(labels)), labels] = 1
    shares, contrasts = figures_of(arrays, member, seed, shares=True, kind="themes")
    sizes = np.bincount(labels, minlength=number).tolist() if arrays.counted is None else arrays.counted.theme_sizes()
    say(1, number + 3)
    joined = _joined(arrays, labels, plain)
    say(2, number + 3)
    languages = {d.language for d in arrays.source}
    language = "en" if "en" in languages else min(languages)
    named = label_themes(labels, arrays.documents, vocabulary, language, classes)

    def evidence_of(rows: Integers) -> dict[str, tuple[int, ...]]:
        # Near the centre by its own words as well as by its context: a passage must speak for the theme alone.
        near = _nearness(plain, rows) + _nearness(context, rows)
        return arrays.evidence(rows[np.argsort(-near.round(6), kind="stable")])

    made = []
    for theme in range(number):
        say(theme + 3, number + 3)
        rows = np.flatnonzero(labels == theme)
        topic = division.nearest(theme, labels)
        identifier = f"t{theme + 1:02d}"
        parts = []
        if partition.parts[rows].any():
            inside = partition.parts[rows]
            names = label_themes(inside, arrays.documents[rows], _only(vocabulary, rows), language, classes)
            chosen = np.zeros((len(labels), len(names)))
            chosen[rows, inside] = 1
            by_document = shares_of(arrays, chosen, seed)
            for part, name in enumerate(names):
                own = rows[inside == part]
                letter = f"{identifier}{chr(ord('a') + part)}"
                parts.append(SubTheme(letter, name.label, len(own), by_document[part], evidence_of(own)))
        made.append(
            Theme(
                id=identifier,
                label=topic.label if topic is not None and division.assigned else named[theme].label,
                keywords=named[theme].keywords,
                size=sizes[theme],
                stability=float(partition.theme_stability[theme]),
                joined=joined[theme],
                shares=shares[theme],
                differences=contrasts[theme],
                evidence=evidence_of(rows),
                topic=topic,
                parts=tuple(parts),
            )
        )
    return tuple(made)


def _only(vocabulary: Vocabulary, rows: Integers) -> Vocabulary:
    """The vocabulary of some passages."""
    made = copy.copy(vocabulary)
    made.passages = [vocabulary.passages[row] for row in rows]
    return made


def _joined(arrays: Arrays, labels: Integers, plain: Floats) -> list[float | None]:
    """`Theme.joined` of each theme."""
    number = int(labels.max()) + 1
    least: list[float | None] = [None] * number
    sizes = np.bincount(arrays.documents)
    # Means over all pairs of passages come from sums of vectors: no pair is ever held.
    rows_of = [rows for _, rows in rows_by_group(arrays.documents)]
    sums = np.stack([plain[rows].sum(0, dtype=np.float64) for rows in rows_of])
    squares = [_products(plain, rows) for rows in rows_of]
    cells = arrays.documents * number + labels
    counts = np.bincount(cells, minlength=len(sizes) * number).reshape(len(sizes), number)
    of = sums_of(plain, cells, len(sizes) * number).reshape(len(sizes), number, -1)
    for one, two in combinations(range(len(sizes)), 2):
        pairs = sizes[one] * sizes[two]
        mean = float(sums[one] @ sums[two]) / pairs
        spread = math.sqrt(max(float((squares[one] * squares[two]).sum()) / pairs - mean**2, 0)) or 1.0
        for theme in range(number):
            if counts[one, theme] and counts[two, theme]:
                found = float(of[one, theme] @ of[two, theme]) / (counts[one, theme] * counts[two, theme]) / spread
                before = least[theme]
                least[theme] = found if before is None else min(before, found)
    return least


def _products(vectors: Floats, rows: slice | Integers) -> Floats:
    """Sum of the products of each row with itself, shape (n_dimensions, n_dimensions)."""
    own = vectors[rows]
    if own.dtype == np.float64:
        return np.asarray(own.T @ own)
    blocks = (np.asarray(own[start : start + _BLOCK], np.float64) for start in range(0, len(own), _BLOCK))
    return np.asarray(np.sum([block.T @ block for block in blocks], axis=0))


def _nearness(vectors: Floats, rows: Integers) -> Floats:
    centre = vectors[rows].mean(0, dtype=np.float64)
    norm = np.linalg.norm(centre)
    return np.asarray(vectors[rows] @ (centre / norm if norm > 0 else centre))
