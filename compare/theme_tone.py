"""The same theme, two tones: where documents speak of one thing differently."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from compare.arrays import FEWEST_SECTIONS, Arrays, spread_over_sections
from compare.inference import Difference, Estimate, Sample, adjusted, contrast, estimate
from compare.results import ThemeTone
from compare.tone import ToneScores

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
        Called with the themes done and to do.

    Returns
    -------
    tuple of ThemeTone
        All cells in which both documents have enough passages, the surest first; the false discovery rate is over all
        of them.

    Notes
    -----
    A theme stands in few sections. Where these are fewer than six, its paragraphs are resampled, which are less
    independent than sections are; such a cell is surer than it should be.
    """
    paragraphs = np.array([passage.paragraph for passage in arrays.passages])
    table: list[list[Difference]] = []
    places: list[tuple[int, dict[int, tuple[NDArray[np.intp], Estimate]]]] = []
    for theme, name in enumerate(themes):
        if progress is not None:
            progress(theme, len(themes))
        rows_of = {}
        estimates = {}
        for document in range(len(arrays.source)):
            rows = np.flatnonzero((labels == theme) & (arrays.documents == document))
            if len(rows) < FEWEST_PASSAGES:
                continue
            sections = np.unique(arrays.sections[rows], return_inverse=True)[1]
            if sections.max() + 1 < FEWEST_SECTIONS:
                sections = np.unique(paragraphs[rows], return_inverse=True)[1]
            sample = Sample.of(f"{arrays.names[document]}:{name}", scores.dimensions[rows], sections)
            rows_of[document], estimates[document] = rows, estimate(sample, seed, shares=False)
        for one, two in combinations(rows_of, 2):
            table.append(contrast(estimates[one], estimates[two], seed))
            places.append((theme, {document: (rows_of[document], estimates[document]) for document in (one, two)}))
    cells = []
    for (theme, found), row in zip(places, adjusted(table), strict=True):
        first, second = (arrays.source[document].id for document in found)
        for k, difference in enumerate(row):
            names = {document: arrays.source[document].id for document in found}
            cell = ThemeTone(
                themes[theme],
                scores.dimension_ids[k],
                first,
                second,
                {names[document]: estimated.intervals[k] for document, (_, estimated) in found.items()},
                {names[document]: len(rows) for document, (rows, _) in found.items()},
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
