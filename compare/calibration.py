"""Calibration: how often a difference is called where there is none, and how often one that was planted is found.

The sections of a document are dealt at random into two halves, and the halves are compared as two documents by the
whole procedure: themes found anew, tone, permutation of sections. Whatever differs then, differs by chance. A planted
difference is made in the themes of such halves, by giving one of them ten more points of a theme.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compare.catalogue import Basis
from compare.comparison import FEWEST_PASSAGES, Comparison, compare, load_documents
from compare.documents import Document
from compare.errors import DocumentError, OptionError
from compare.inference import Interval, Sample, adjusted, differences, generator

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

FEWEST_SECTIONS = 8
MOST_SPLITS = 5_000
PLANTED = 0.10
_KINDS = {"theme": "shares of themes", "tone": "scores of tone", "pole": "presence of poles"}


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened.

    Attributes
    ----------
    kind, label : str
        What was looked at.
    cases : int
        Number of differences looked at.
    plain : Interval
        Part of them with p at most 0.05, between 0 and 1.
    called : Interval
        Part of them that the report would mark as holding: the interval leaves out zero, and the false discovery rate
        over the table is at most 5 %.
    """

    kind: str
    label: str
    cases: int
    plain: Interval
    called: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the procedure makes of halves of one document.

    Attributes
    ----------
    document, label : str
        Id and short name.
    sections, passages, splits : int
        Of the document, and how often it was halved.
    false : tuple of Rate
        Differences between halves: by chance alone.
    told : Interval
        Part of the halvings in which a report would open with a finding that holds.
    found : tuple of Rate
        A planted difference of ten points: spread over a half's sections, and in as few of them as hold it.
    """

    document: str
    label: str
    sections: int
    passages: int
    splits: int
    false: tuple[Rate, ...]
    told: Interval
    found: tuple[Rate, ...]


def calibrate(
    docs: Sequence[str | Path | Document],
    *,
    splits: int = 200,
    basis: Basis = "auto",
    themes: int | None = None,
    codebook: str | Path = "auto",
    seed: int = 0,
    cache: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Calibration]:
    """Measure error rates and power on halves of documents.

    Parameters
    ----------
    docs : sequence of str, Path or Document
        As for `compare.comparison.compare`; each is halved by itself.
    splits : int
        Number of halvings of each document.
    basis, themes, codebook, seed, cache
        As for `compare.comparison.compare`.
    progress : callable, optional
        Called with the name of the step, what is done and what is to do.

    Raises
    ------
    PolicyCompareError
        If a document cannot be found or read, or has too few sections to be halved.
    """
    if not docs:
        raise OptionError("no document was given; give one or more, by name, path or address")
    if not 5 <= splits <= MOST_SPLITS:
        raise OptionError(f"--splits {splits}: give a number from 5 to {MOST_SPLITS:,}")
    say = progress or (lambda step, done, total: None)
    documents = load_documents(docs, basis, say)
    for document in documents:
        sections = len({passage.section for passage in document.passages})
        if sections < FEWEST_SECTIONS or len(document.passages) < 4 * FEWEST_PASSAGES:
            raise DocumentError(
                f"{document.id}: {sections} sections and {len(document.passages)} sentences are too few to be halved; "
                f"give a document of {FEWEST_SECTIONS} sections and {4 * FEWEST_PASSAGES} sentences or more"
            )
    made = []
    for document in documents:
        halvings = []
        for split in range(splits):
            say(f"halving {document.short}", split, splits)
            halves = halve(document, generator(seed, "calibrate", document.sha256, str(split)), split)
            compared = compare(halves, themes=themes, codebook=codebook, seed=seed, cache=cache)
            halvings.append(_Halving(compared, generator(seed, "planted", document.sha256, str(split))))
        say(f"halving {document.short}", splits, splits)
        made.append(_summed(document, halvings, seed))
    return made


def halve(document: Document, rng: np.random.Generator, split: int = 0) -> list[Document]:
    """Two documents, each of half the sections of one, dealt at random.

    Parameters
    ----------
    document : Document
        With two sections or more.
    rng : numpy.random.Generator
        Deals the sections.
    split : int
        Number of the halving, which goes into the halves' checksums.
    """
    sections = list(dict.fromkeys(passage.section for passage in document.passages))
    first = {sections[i] for i in rng.permutation(len(sections))[: len(sections) // 2]}
    halves = []
    for name, inside in (("a", True), ("b", False)):
        passages = [passage for passage in document.passages if (passage.section in first) == inside]
        halves.append(
            replace(
                document,
                id=f"half-{name}",
                label=f"half {name}",
                short=f"half {name}",
                sha256=f"{document.sha256}-{split}-{name}",
                passages=tuple(replace(passage, order=i) for i, passage in enumerate(passages)),
                notices=(),
            )
        )
    return halves


class _Halving:
    """What one halving gave: p and verdict of each difference, by kind; and of planted ones."""

    def __init__(self, compared: Comparison, rng: np.random.Generator) -> None:
        self.plain: dict[str, list[bool]] = {kind: [] for kind in _KINDS}
        self.called: dict[str, list[bool]] = {kind: [] for kind in _KINDS}
        pairs = [("theme", theme.differences) for theme in compared.theme_results]
        pairs += [("tone", tone.differences) for tone in compared.tone_results]
        pairs += [("pole", pole.differences) for tone in compared.tone_results for pole in tone.poles]
        for kind, found in pairs:
            self.plain[kind].append(found[0].difference.p <= 0.05)
            self.called[kind].append(found[0].difference.holds)
        self.told = any(finding.holds for finding in compared.findings)
        self.planted: dict[str, tuple[bool, bool]] = {}
        names = [theme.id for theme in compared.theme_results]
        labels = np.array([names.index(row.theme) for row in compared.rows])
        first = np.array([row.document == compared.texts[0].id for row in compared.rows])
        sections = np.unique([" > ".join(row.passage.section) for row in compared.rows], return_inverse=True)[1]
        for kind in ("spread", "together"):
            planted, theme = plant(labels, first, sections, rng, together=kind == "together")
            self.planted[kind] = _verdict(planted, first, sections, theme, rng)


def plant(
    labels: Integers, first: NDArray[np.bool_], sections: Integers, rng: np.random.Generator, together: bool
) -> tuple[Integers, int]:
    """Give the first half ten more points of a theme than the second has.

    Parameters
    ----------
    labels : ndarray of int, shape (n_passages,)
        Theme of each passage.
    first : ndarray of bool, shape (n_passages,)
        Whether a passage is of the first half.
    sections : ndarray of int, shape (n_passages,)
        Section of each passage.
    rng : numpy.random.Generator
        Chooses theme and passages.
    together : bool
        Whether whole sections are given to the theme, or passages from anywhere in the half.

    Returns
    -------
    ndarray of int, shape (n_passages,)
        Themes with the difference planted.
    int
        The theme.
    """
    shares = np.array([(labels[~first] == theme).mean() for theme in range(int(labels.max()) + 1)])
    usual = np.flatnonzero((shares >= 0.02) & (shares <= 0.2))
    theme = int(rng.choice(usual if len(usual) else np.arange(len(shares))))
    made = labels.copy()
    wanted = round((shares[theme] + PLANTED) * first.sum())
    own = np.flatnonzero(first & (made == theme))
    if len(own) > wanted:
        # What the half has too much of goes to themes that other passages of the half are in.
        others = made[first & (made != theme)]
        made[rng.choice(own, len(own) - wanted, replace=False)] = rng.choice(others, len(own) - wanted)
        return made, theme
    free = np.flatnonzero(first & (made != theme))
    if together:
        order = {int(section): i for i, section in enumerate(rng.permutation(np.unique(sections[free])))}
        free = np.array(sorted(free.tolist(), key=lambda row: order[int(sections[row])]), dtype=np.intp)
    else:
        free = rng.permutation(free)
    made[free[: wanted - len(own)]] = theme
    return made, theme


def _verdict(
    labels: Integers, first: NDArray[np.bool_], sections: Integers, theme: int, rng: np.random.Generator
) -> tuple[bool, bool]:
    """Whether the difference in a theme has p at most 0.05, and whether it would be called."""
    member = np.eye(int(labels.max()) + 1)[labels]
    seed = int(rng.integers(2**31 - 1))
    samples = []
    for name, rows in (("a", first), ("b", ~first)):
        own = np.unique(sections[rows], return_inverse=True)[1]
        samples.append(Sample.of(name, member[rows], own.astype(np.intp)))
    found = adjusted([differences(samples[0], samples[1], seed, shares=True)])[0][theme]
    return found.p <= 0.05, found.holds


def _summed(document: Document, halvings: Sequence[_Halving], seed: int) -> Calibration:
    rng = generator(seed, "rates", document.sha256)
    false = tuple(
        Rate(
            kind,
            label,
            sum(len(halving.plain[kind]) for halving in halvings),
            _rate([halving.plain[kind] for halving in halvings], rng),
            _rate([halving.called[kind] for halving in halvings], rng),
        )
        for kind, label in _KINDS.items()
    )
    found = tuple(
        Rate(
            kind,
            label,
            len(halvings),
            _rate([[halving.planted[kind][0]] for halving in halvings], rng),
            _rate([[halving.planted[kind][1]] for halving in halvings], rng),
        )
        for kind, label in (("spread", "spread over sections"), ("together", "in whole sections"))
    )
    return Calibration(
        document=document.id,
        label=document.short,
        sections=len({passage.section for passage in document.passages}),
        passages=len(document.passages),
        splits=len(halvings),
        false=false,
        told=_rate([[halving.told] for halving in halvings], rng),
        found=found,
    )


def _rate(cases: Sequence[Sequence[bool]], rng: np.random.Generator) -> Interval:
    """A rate with its 95 % interval; halvings are what is resampled, for the differences of one hang together."""
    sums, sizes = np.array([sum(case) for case in cases], float), np.array([len(case) for case in cases], float)
    value = float(sums.sum() / sizes.sum())
    n = len(cases)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=2000)
    low, high = np.percentile((weights @ sums) / (weights @ sizes), [2.5, 97.5])
    # What never happened may still happen: as many halvings as there are leave room for it (Wilson 1927).
    z = 1.959964
    centre = (value + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(value * (1 - value) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    if value in (0.0, 1.0):
        low, high = min(low, centre - half), max(high, centre + half)
    return Interval(value, max(0.0, min(float(low), value)), min(1.0, max(float(high), value)))
