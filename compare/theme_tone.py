"""The same theme, two tones: where documents speak of one thing differently."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from compare.arrays import FEWEST_SECTIONS, Arrays, spread_over_sections
from compare.inference import MOST_FALSE, Difference, Sample, adjusted, contrast, estimate
from compare.results import ThemeTone
from compare.tone import ToneScores

# Fewer passages of a theme in a document say nothing of the tone that it has there.
FEWEST_PASSAGES = 6


def tone_by_theme(
    arrays: Arrays, scores: ToneScores, labels: NDArray[np.intp], themes: tuple[str, ...], seed: int
) -> tuple[tuple[ThemeTone, ...], int]:
    """Cells of the grid of themes and dimensions in which two documents differ.

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

    Returns
    -------
    cells : tuple of ThemeTone
        Those that hold (the interval of the difference leaves out zero and the false discovery rate over all cells
        looked at is at most 5 %) and those suggested (the same with 20 %), the surest first.
    looked_at : int
        Number of cells in which both documents have enough passages.

    Notes
    -----
    A theme stands in few sections. Where these are fewer than six, its paragraphs are resampled, which are less
    independent than sections are; such a cell is surer than it should be.
    """
    paragraphs = np.array([passage.paragraph for passage in arrays.passages])
    table: list[list[Difference]] = []
    places: list[tuple[int, dict[int, NDArray[np.intp]]]] = []
    for theme, name in enumerate(themes):
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
            places.append((theme, {one: rows_of[one], two: rows_of[two]}))
    cells = []
    for (theme, rows_of), row in zip(places, adjusted(table), strict=True):
        first, second = (arrays.source[document].id for document in rows_of)
        for k, difference in enumerate(row):
            if not difference.clear or difference.q > MOST_FALSE:
                continue
            means, evidence = {}, {}
            for document, sign in zip(rows_of, np.sign([difference.value, -difference.value]), strict=True):
                rows, name = rows_of[document], arrays.source[document].id
                values = scores.dimensions[rows, k]
                means[name] = float(values.mean())
                ranked = rows[np.argsort(-sign * values.round(6), kind="stable")]
                evidence[name] = spread_over_sections(ranked.tolist(), arrays.sections)
            cells.append(ThemeTone(themes[theme], scores.dimension_ids[k], first, second, means, difference, evidence))
    cells.sort(key=lambda cell: (cell.difference.q, -abs(cell.difference.effect or 0), cell.theme, cell.dimension))
    return tuple(cells), sum(len(row) for row in table)
