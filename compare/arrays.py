"""Passages of all documents in rows, and figures of documents made from figures of passages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from compare.documents import Document, Passage
from compare.encoders import Encoder
from compare.grouped import MOST_DOUBLE, as_held
from compare.inference import Difference, Estimate, Interval, Sample, adjusted, contrast, estimate, intervals
from compare.learnt import Counted
from compare.results import Pairwise
from compare.states import State, without_name
from compare.tasks import Run, in_turn

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

EVIDENCE = 5
# Columns of a terminal that a passage may fill where it is quoted, and among how many the shorter goes first.
QUOTABLE = 320
_FEW = 6
# Below this many headings, resampling by section says nothing; paragraphs are resampled instead. And of a group of
# fewer documents, these are no sample of others; its sections are resampled.
FEWEST_SECTIONS = 6


class Arrays:
    """Passages of all documents in rows.

    Attributes
    ----------
    texts : list of str
        Of all passages, document by document in the order given.
    passages : list of Passage
        The same.
    documents, sections : ndarray of int, shape (n_passages,)
        Number of each passage's document, and of its section (unique over documents).
    members : ndarray of int, shape (n_passages,)
        The same as `documents`, but for groups, whose documents it tells apart.
    names : list of str
        For each document, what its random numbers are drawn by: the same whatever the order of the input.
    units : list of str
        For each document, what is resampled: "sections" or "paragraphs"; of a group of six documents or more,
        "documents".
    resampled : ndarray of int, shape (n_passages,)
        Number of each passage's unit of resampling (unique over documents).
    run : callable
        Does what can be done in parts, here or elsewhere.
    counted : Counted or None
        Figures of far more documents than these, which then stand for these.
    """

    def __init__(
        self, documents: Sequence[Document], members: Sequence[Document] | None = None, run: Run = in_turn
    ) -> None:
        self.source = documents
        self.passages: list[Passage] = [p for d in documents for p in d.passages]
        self.texts = [p.text for p in self.passages]
        self.documents: Integers = np.concatenate(
            [np.full(len(d.passages), i, dtype=np.intp) for i, d in enumerate(documents)]
        )
        self.members: Integers = np.concatenate(
            [np.full(len(d.passages), i, dtype=np.intp) for i, d in enumerate(members or documents)]
        )
        sections: list[int] = []
        self.units: list[str] = []
        resampled: list[Integers] = []
        offset = 0
        for document in documents:
            keys: list[tuple[str, ...] | int] = [p.section for p in document.passages]
            self.units.append("sections")
            if len(set(keys)) < FEWEST_SECTIONS:
                keys = [p.paragraph for p in document.passages]
                self.units[-1] = "paragraphs"
            number = {key: offset + i for i, key in enumerate(dict.fromkeys(keys))}
            offset += len(number)
            own = [number[key] for key in keys]
            sections.extend(own)
            resampled.append(np.array(own, dtype=np.intp))
            if len(document.joined) >= FEWEST_SECTIONS:
                self.units[-1] = "documents"
                resampled[-1] = np.repeat(
                    np.arange(len(document.joined)), [len(member.passages) for member in document.joined]
                )
        self.sections: Integers = np.array(sections, dtype=np.intp)
        # Units of one document are numbered from one document's last on.
        starts = np.cumsum([0, *(int(own.max() - own.min()) + 1 for own in resampled)])
        self.resampled: Integers = np.concatenate(
            [own - own.min() + start for own, start in zip(resampled, starts, strict=False)]
        )
        sums = [d.sha256 for d in documents]
        self.names = []
        before: Counter[str] = Counter()
        for checksum in sums:
            self.names.append(f"{checksum}:{before[checksum]}")
            before[checksum] += 1
        # Clustering sees documents in an order of their own, so that the order of the input changes nothing.
        order = sorted(range(len(documents)), key=lambda i: self.names[i])
        self.canonical: Integers = np.concatenate([np.flatnonzero(self.documents == i) for i in order])
        self.run = run
        self.counted: Counted | None = None

    def sample(self, document: int, values: Floats) -> Sample:
        """Figures of one document's passages, values of shape (n_passages of all, n_figures)."""
        rows = self.documents == document
        own = self.resampled[rows]
        return Sample.of(self.names[document], values[rows], own - own.min(), len(self.texts) <= MOST_DOUBLE)

    def evidence(self, ranked: Integers) -> dict[str, tuple[int, ...]]:
        """By document, the first of its rows in the order given, spread over its sections.

        Among the first few, those that can be quoted whole go before those that cannot.
        """
        chosen = {}
        for i, d in enumerate(self.source):
            rows = ranked[self.documents[ranked] == i].tolist()
            few = sorted(rows[:_FEW], key=lambda row: cell_len(self.texts[row]) > QUOTABLE)
            chosen[d.id] = spread_over_sections([*few, *rows[_FEW:]], self.sections)
        return chosen


def without_names(arrays: Arrays, bodies: Sequence[str], states: Sequence[State | None]) -> tuple[list[str], list[str]]:
    """Passages, and the innermost heading of each ("" where there is none), as themes see them.

    Without the name of their own state, which says whose the measure is and not what it is about.
    """

    def unnamed(text: str, document: int) -> str:
        state = states[document]
        return text if state is None else without_name(text, state)

    documents = arrays.members.tolist()
    texts = [unnamed(text, d) for text, d in zip(bodies, documents, strict=True)]
    headings = [
        unnamed(_without_number(p.section[-1]), d) if p.section else ""
        for p, d in zip(arrays.passages, documents, strict=True)
    ]
    return texts, headings


def heading_vectors(headings: Sequence[str], encoder: Encoder) -> Floats | None:
    """Vectors of headings, shape (n_passages, n_dimensions), zeros where there is none; None without any heading."""
    if not any(headings):
        return None
    vectors = as_held(encoder.encode(headings), len(headings))
    vectors[[not heading for heading in headings]] = 0
    return vectors


def _without_number(heading: str) -> str:
    """Heading without "Pillar II:", "1." or "（一）" before it, where something is left."""
    pattern = (
        r"^\s*(?:(?:pillar|chapter|section|part|point|article)\s+[\divxlc]+\s*[:.–—-]?\s*"
        r"|\(?\d+(?:\.\d+)*[.)．、]?\s+|[（(]?[一二三四五六七八九十]+[）)、．.]\s*|\d+[.．、]\s*)"
    )
    return re.sub(pattern, "", heading, flags=re.IGNORECASE).strip() or heading


def shares_of(arrays: Arrays, values: Floats, seed: int) -> list[dict[str, Interval]]:
    """Shares by document, with intervals, of each column of values."""
    given = [(arrays.sample(i, values), seed, True) for i in range(len(arrays.source))]
    by_document = list(arrays.run(_intervals, given))
    return [{d.id: by_document[i][k] for i, d in enumerate(arrays.source)} for k in range(values.shape[1])]


def figures_of(
    arrays: Arrays, values: Floats, seed: int, shares: bool, kind: str
) -> tuple[list[dict[str, Interval]], list[tuple[Pairwise, ...]]]:
    """Intervals by document, and differences of each two documents, of each column of values.

    Where far more documents than these were counted, of their figures of this kind.
    """
    documents = arrays.source
    if arrays.counted is not None:
        return compared(arrays.counted.samples(kind), [d.id for d in documents], seed, shares, arrays.run)
    return compared(
        [arrays.sample(i, values) for i in range(len(documents))], [d.id for d in documents], seed, shares, arrays.run
    )


def compared(
    samples: Sequence[Sample], ids: Sequence[str], seed: int, shares: bool, run: Run
) -> tuple[list[dict[str, Interval]], list[tuple[Pairwise, ...]]]:
    """Intervals by document, and differences of each two documents, of each figure of their samples."""
    estimates = list(run(estimate_of, [(sample, seed, shares) for sample in samples]))
    pairs = list(combinations(range(len(samples)), 2))
    table = adjusted(list(run(contrast_of, [(estimates[i], estimates[j], seed) for i, j in pairs])))
    number = samples[0].sums.shape[1]
    figures = [{name: estimates[i].intervals[k] for i, name in enumerate(ids)} for k in range(number)]
    contrasts = [
        tuple(Pairwise(ids[i], ids[j], row[k]) for (i, j), row in zip(pairs, table, strict=True)) for k in range(number)
    ]
    return figures, contrasts


def _intervals(given: tuple[Sample, int, bool]) -> list[Interval]:
    return intervals(*given)


def estimate_of(given: tuple[Sample, int, bool]) -> Estimate:
    """As `compare.inference.estimate`, of one argument that can be sent elsewhere."""
    return estimate(*given)


def contrast_of(given: tuple[Estimate, Estimate, int]) -> list[Difference]:
    """As `compare.inference.contrast`, of one argument that can be sent elsewhere."""
    return contrast(*given)


def spread_over_sections(rows: Iterable[int], sections: Integers, most: int = EVIDENCE) -> tuple[int, ...]:
    """The first rows, but one a section before any section gives a second."""
    listed = list(rows)
    first: dict[int, int] = {}
    for row in listed:
        first.setdefault(int(sections[row]), row)
    chosen = list(first.values())
    if len(chosen) < most:
        taken = set(chosen)
        chosen += [row for row in listed if row not in taken]
    return tuple(chosen[:most])
