"""The same theme, two tones: where documents speak of one thing differently."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from compare.arrays import FEWEST_SECTIONS, Arrays, contrast_of, estimate_of, spread_over_sections
from compare.grouped import MOST_DOUBLE
from compare.inference import Sample, adjusted
from compare.results import ThemeTone
from compare.tasks import counted
from compare.tone import ToneScores

Rows = NDArray[np.intp]

# Fewer passages of a theme in a document say nothing of the tone that it has there.
FEWEST_PASSAGES = 6


def tone_by_theme(
    arrays: Arrays,
    scores: ToneScores,
    labels: NDArray[np.intp],
    themes: tuple[str, ...],
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[ThemeTone, ...]:
    """The grid of themes and dimensions: how two documents that both speak of a theme do so.

    Parameters
    ----------
    arrays : Arrays
        The passages.
    scores : ToneScores
        Their tone.
    labels : ndarray of int, shape (n_passages,)
        Their themes.
    themes : tuple of str
        Ids of the themes, by number.
    seed : int
        The user's seed.
    progress : callable, optional
        Called with the themes of documents done and to do.

    Returns
    -------
    tuple of ThemeTone
        All cells in which both documents have enough passages, the surest first; the false discovery rate is over all
        of them.

    Notes
    -----
    A theme stands in few sections. Where these are fewer than six, its paragraphs are resampled, which are less
    independent than sections are; such a cell is surer than it should be. So with the documents of a group, where a
    theme stands in fewer than six of them: then its sections are.
    """
    paragraphs = np.array([passage.paragraph for passage in arrays.passages])
    places: list[tuple[int, int, Rows]] = []
    samples: list[Sample] = []
    for theme, name in enumerate(themes):
        for document in range(len(arrays.source)):
            rows = np.flatnonzero((labels == theme) & (arrays.documents == document))
            if arrays.counted is not None:
                sample = arrays.counted.tone_sample(document, theme, name, FEWEST_SECTIONS)
                if sample is not None:
                    places.append((theme, document, rows))
                    samples.append(sample)
                continue
            if len(rows) < FEWEST_PASSAGES:
                continue
            for units in (arrays.resampled, arrays.sections, paragraphs):
                sections = np.unique(units[rows], return_inverse=True)[1]
                if sections.max() + 1 >= FEWEST_SECTIONS:
                    break
            places.append((theme, document, rows))
            name_of = f"{arrays.names[document]}:{name}"
            samples.append(Sample.of(name_of, scores.dimensions[rows], sections, len(labels) <= MOST_DOUBLE))
    estimates = counted(arrays.run, estimate_of, [(sample, seed, False) for sample in samples], progress)
    pairs = [(one, two) for one, two in combinations(range(len(places)), 2) if places[one][0] == places[two][0]]
    table = list(arrays.run(contrast_of, [(estimates[one], estimates[two], seed) for one, two in pairs]))
    cells = []
    for (one, two), row in zip(pairs, adjusted(table), strict=True):
        theme = places[one][0]
        found = {places[i][1]: (places[i][2], estimates[i]) for i in (one, two)}
        names = {document: arrays.source[document].id for document in found}
        first, second = names.values()
        for k, difference in enumerate(row):
            cell = ThemeTone(
                themes[theme],
                scores.dimension_ids[k],
                first,
                second,
                {names[document]: estimated.intervals[k] for document, (_, estimated) in found.items()},
                {names[document]: estimated.sample.passages for document, (_, estimated) in found.items()},
                difference,
                {},
            )
            if cell.told:
                for document, sign in zip(found, np.sign([difference.value, -difference.value]), strict=True):
                    rows = found[document][0]
                    ranked = rows[np.argsort(-sign * scores.dimensions[rows, k].round(6), kind="stable")]
                    cell.evidence[names[document]] = spread_over_sections(ranked.tolist(), arrays.sections)
            cells.append(cell)
    cells.sort(
        key=lambda cell: (
            not cell.told,
            cell.difference.q,
            -abs(cell.difference.effect or 0),
            cell.theme,
            cell.dimension,
        )
    )
    return tuple(cells)
