"""What a comparison learns of some documents, and what is counted of many more by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from compare.grouped import sums_of
from compare.inference import Sample

if TYPE_CHECKING:
    from compare.collection import Described, Figure

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

Voice = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that is needed to tell the themes of documents that were not among those that themes were found in.

    Attributes
    ----------
    voices : tuple of (ndarray, ndarray)
        What tells voices, as `compare.themes.Voices` learns it: of passages, and in context.
    topic_voices : dict of str to tuple
        The same by language, where topics are read.
    helped, assigned : bool
        Whether topics of the codebook help to find the themes, or are the themes.
    headings : bool
        Whether any passage has a heading.
    usual : ndarray, shape (n_topics,), or None
        How surely passages usually are on each topic.
    roots : ndarray, shape (n_topics,), or None
        Mean root of certainties.
    known : ndarray of float32, shape (n_known, n_looks)
        Passages that were clustered, as they are held against others.
    labels, membership : ndarray, shape (n_known,)
        Their themes, and how firmly they belong to them.
    themes : int
        Number of themes.
    topics : ndarray of int, shape (n_themes,)
        Topic of each theme, where topics are the themes.
    """

    voices: tuple[Voice, ...]
    topic_voices: dict[str, tuple[Voice, ...]]
    helped: bool
    assigned: bool
    headings: bool
    usual: Floats | None
    roots: Floats | None
    known: NDArray[np.float32]
    labels: Integers
    membership: Floats
    themes: int
    topics: Integers


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over units of resampling: figures of passages, and scores of tone theme by theme.

    Attributes
    ----------
    sizes : ndarray, shape (n_units,)
        Passages.
    sums : ndarray, shape (n_units, n_figures)
        Of each figure.
    squares : ndarray, shape (n_figures,)
        Of each figure's square, over all units.
    on : ndarray, shape (n_units, n_themes)
        Passages on each theme.
    tone : ndarray, shape (n_units, n_themes, n_dimensions)
        Sums of scores of the passages on each theme.
    tone_squares : ndarray, shape (n_themes, n_dimensions)
        The same of squares, over all units.
    """

    sizes: Floats
    sums: Floats
    squares: Floats
    on: Floats
    tone: Floats
    tone_squares: Floats

    @classmethod
    def of(cls, values: Floats, scores: Floats, labels: Integers, themes: int, units: Integers) -> Tally:
        """Count passages.

        Parameters
        ----------
        values : ndarray, shape (n_passages, n_figures)
            Figures.
        scores : ndarray, shape (n_passages, n_dimensions)
            Of tone.
        labels, units : ndarray of int, shape (n_passages,)
            Theme and unit of each passage, units from 0 and each used.
        themes : int
            Number of themes.
        """
        count = int(units.max()) + 1
        cells = units * themes + labels
        squares = np.zeros((themes, scores.shape[1]))
        np.add.at(squares, labels, scores**2)
        return cls(
            np.bincount(units, minlength=count).astype(float),
            sums_of(values, units, count),
            (values**2).sum(0),
            np.bincount(cells, minlength=count * themes).reshape(count, themes).astype(float),
            sums_of(scores, cells, count * themes).reshape(count, themes, -1),
            squares,
        )

    @classmethod
    def joined(cls, tallies: Sequence[Tally]) -> Tally:
        """Several as one, their units one after another."""
        return cls(
            np.concatenate([tally.sizes for tally in tallies]),
            np.concatenate([tally.sums for tally in tallies]),
            np.sum([tally.squares for tally in tallies], axis=0),
            np.concatenate([tally.on for tally in tallies]),
            np.concatenate([tally.tone for tally in tallies]),
            np.sum([tally.tone_squares for tally in tallies], axis=0),
        )


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison, as it was counted.

    Attributes
    ----------
    name : str
        What its random numbers are drawn by.
    unit : str
        What is resampled: "documents" or "sections".
    documents, passages, words : int
        How many there are.
    tally : Tally
        Sums over its units.
    orders, encouragements : dict of str to int
        By kind of actor, passages that bind it, and passages that only invite it.
    """

    name: str
    unit: str
    documents: int
    passages: int
    words: int
    tally: Tally
    orders: dict[str, int]
    encouragements: dict[str, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """Figures of all documents, counted by what was learnt of some.

    Attributes
    ----------
    sides : tuple of Side
        In the order of the comparison.
    columns : dict of str to slice
        Which figures are "themes", "poles", "scores" and "actors".
    actors : tuple of str
        Kinds of actor, in the order of their figures.
    described : tuple of Described
        Documents one by one.
    figures : tuple of Figure
        What they were described by.
    """

    sides: tuple[Side, ...]
    columns: dict[str, slice]
    actors: tuple[str, ...]
    described: tuple[Described, ...]
    figures: tuple[Figure, ...]

    def samples(self, kind: str) -> list[Sample]:
        """Figures of a kind, of each side."""
        own = self.columns[kind]
        return [
            Sample(side.name, side.tally.sums[:, own], side.tally.sizes, squares=side.tally.squares[own])
            for side in self.sides
        ]

    def theme_sizes(self) -> list[int]:
        """Passages on each theme."""
        return np.sum([side.tally.on.sum(0) for side in self.sides], axis=0).astype(int).tolist()  # type: ignore[no-any-return]

    def tone_sample(self, side: int, theme: int, name: str, fewest: int) -> Sample | None:
        """Scores of tone of one side's passages on one theme; None where fewer units than `fewest` have any."""
        tally = self.sides[side].tally
        units = np.flatnonzero(tally.on[:, theme])
        if len(units) < fewest:
            return None
        return Sample(
            f"{self.sides[side].name}:{name}",
            tally.tone[units, theme],
            tally.on[units, theme],
            squares=tally.tone_squares[theme],
        )
