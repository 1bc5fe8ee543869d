"""Calibration: how often a difference is called where there is none, and how often one that was planted is found.

The sections of a document are dealt at random into two halves, and the halves are compared as two documents by the
whole procedure: themes found anew, tone, permutation of sections. Whatever differs then, differs by chance. Planted
differences are made in the themes of such halves, and in those of two documents, by giving one of them so many points
more of a theme than the other has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compare.catalogue import Basis
from compare.comparison import FEWEST_PASSAGES, Comparison, compare, load_documents
from compare.comparison import FEWEST_SECTIONS as FEWEST_RESAMPLED
from compare.documents import Document
from compare.errors import DocumentError, OptionError
from compare.inference import Interval, Sample, adjusted, differences, generator

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# A half must have as many as a comparison resamples by.
FEWEST_SECTIONS = 2 * FEWEST_RESAMPLED
MOST_SPLITS = 5_000
PLANTED = (0.10, 0.20, 0.30)
# Fewer halvings than this are done before other processes would have started.
_WORTH_PROCESSES = 24
_KINDS = {"theme": "shares of themes", "tone": "scores of tone", "pole": "presence of poles"}
_WAYS = {"spread": "spread over sections", "together": "in whole sections"}


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened.

    Attributes
    ----------
    kind, label : str
        What was looked at; for a planted difference, how it lies in the document: "spread" or "together".
    cases : int
        Number of differences looked at.
    plain : Interval
        Part of them with p at most 0.05, between 0 and 1.
    called : Interval
        Part of them that the report would mark as holding: the interval leaves out zero, and the false discovery rate
        over the table is at most 5 %.
    points : float or None
        Size of the planted difference, as a part of all passages; None where none was planted.
    """

    kind: str
    label: str
    cases: int
    plain: Interval
    called: Interval
    points: float | None = None


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
        Planted differences, the smallest first: spread over a half's sections, and in as few of them as hold it.
    """

    document: str
    label: str
    sections: int
    passages: int
    splits: int
    false: tuple[Rate, ...]
    told: Interval
    found: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class PairPower:
    """How often a difference planted between two documents is found.

    Attributes
    ----------
    first, second, label : str
        Ids, and both short names.
    found : tuple of Rate
        Planted differences, as in `Calibration`; in turns one document has more and the other.
    """

    first: str
    second: str
    label: str
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
    processes: int | None = None,
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
    processes : int, optional
        Processes to share the halvings among, which changes no figure; by default one a core.
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
        step = f"halving {document.short}"
        halvings: list[_Halving] = []
        say(step, 0, splits)
        for halving in _halvings(document, splits, themes, codebook, seed, cache, processes):
            halvings.append(halving)
            say(step, len(halvings), splits)
        made.append(_summed(document, halvings, seed))
    return made


def calibrate_pairs(
    docs: Sequence[str | Path | Document],
    *,
    splits: int = 200,
    basis: Basis = "auto",
    themes: int | None = None,
    codebook: str | Path = "auto",
    seed: int = 0,
    cache: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[PairPower]:
    """Measure how often a difference is found that is planted between two documents, in the themes they have.

    There is no rate of false calls here: whether two documents differ in truth, nobody knows.

    Parameters
    ----------
    docs : sequence of str, Path or Document
        Two or more; each two are looked at.
    splits : int
        Number of times that differences are planted, in another theme and other passages each.
    basis, themes, codebook, seed, cache
        As for `compare.comparison.compare`.
    progress : callable, optional
        Called with the name of the step, what is done and what is to do.

    Raises
    ------
    PolicyCompareError
        If a document cannot be found or read.
    """
    say = progress or (lambda step, done, total: None)
    made = []
    for pair in combinations(load_documents(docs, basis, say), 2):
        compared = compare(pair, themes=themes, codebook=codebook, seed=seed, cache=cache)
        labels, first, sections = _as_arrays(compared)
        names = sorted(document.sha256 for document in pair)
        step = f"planting in {pair[0].short} and {pair[1].short}"
        found = []
        for number in range(splits):
            say(step, number, splits)
            rng = generator(seed, "planted", *names, str(number))
            found.append(_planted(labels, first if number % 2 == 0 else ~first, sections, rng))
        say(step, splits, splits)
        rates = _found_rates(found, generator(seed, "rates", *names))
        made.append(PairPower(pair[0].id, pair[1].id, f"{pair[0].short} and {pair[1].short}", rates))
    return made


def _halvings(
    document: Document,
    splits: int,
    themes: int | None,
    codebook: str | Path,
    seed: int,
    cache: bool,
    processes: int | None,
) -> Iterator[_Halving]:
    """What each halving gives, in order."""
    from joblib import Parallel, delayed

    def settings(split: int) -> tuple[Document, int, int | None, str | Path, int, bool]:
        return document, split, themes, codebook, seed, cache

    # The first one puts into the cache what all need.
    yield _halving(*settings(0))
    if splits < _WORTH_PROCESSES or processes == 1:
        yield from (_halving(*settings(split)) for split in range(1, splits))
        return
    workers = Parallel(n_jobs=processes or -1, return_as="generator", pre_dispatch="2*n_jobs")
    yield from workers(delayed(_halving)(*settings(split)) for split in range(1, splits))


def _halving(
    document: Document, split: int, themes: int | None, codebook: str | Path, seed: int, cache: bool
) -> _Halving:
    from threadpoolctl import threadpool_limits

    # Arrays this small are not worth the threads, which would stand in each other's way.
    with threadpool_limits(1):
        halves = halve(document, generator(seed, "calibrate", document.sha256, str(split)), split)
        compared = compare(halves, themes=themes, codebook=codebook, seed=seed, cache=cache)
        return _Halving(compared, generator(seed, "planted", document.sha256, str(split)))


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
        self.planted = _planted(*_as_arrays(compared), rng)


def _as_arrays(compared: Comparison) -> tuple[Integers, NDArray[np.bool_], Integers]:
    """Theme of each passage, whether it is of the first document, and its section; each (n_passages,).

    Paragraphs take the place of sections where the comparison resampled them.
    """
    names = {theme.id: number for number, theme in enumerate(compared.theme_results)}
    labels = np.array([names[row.theme] for row in compared.rows], dtype=np.intp)
    first = np.array([row.document == compared.texts[0].id for row in compared.rows])
    by_section = {name: unit == "sections" for name, unit in compared.method["resampled"].items()}
    keys = [
        (row.document, row.passage.section if by_section[row.document] else row.passage.paragraph)
        for row in compared.rows
    ]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return labels, first, np.array([numbers[key] for key in keys], dtype=np.intp)


def _planted(
    labels: Integers, first: NDArray[np.bool_], sections: Integers, rng: np.random.Generator
) -> dict[tuple[float, str], tuple[bool, bool]]:
    """By size and way of planting: whether p is at most 0.05, and whether the difference would be called."""
    made = {}
    for points in PLANTED:
        for way in _WAYS:
            planted, theme = plant(labels, first, sections, rng, points, together=way == "together")
            made[points, way] = _verdict(planted, first, sections, theme, rng)
    return made


def plant(
    labels: Integers,
    first: NDArray[np.bool_],
    sections: Integers,
    rng: np.random.Generator,
    points: float,
    together: bool,
) -> tuple[Integers, int]:
    """Give the first document so many points more of a theme than the second has.

    Parameters
    ----------
    labels : ndarray of int, shape (n_passages,)
        Theme of each passage.
    first : ndarray of bool, shape (n_passages,)
        Whether a passage is of the first document.
    sections : ndarray of int, shape (n_passages,)
        Section of each passage.
    rng : numpy.random.Generator
        Chooses passages, and the theme among those that have 2 to 20 % of the second document.
    points : float
        The difference, as a part of all passages.
    together : bool
        Whether whole sections are given to the theme, or passages from anywhere in the document.

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
    wanted = min(int(first.sum()), round((shares[theme] + points) * first.sum()))
    own = np.flatnonzero(first & (made == theme))
    if len(own) > wanted:
        # What it has too much of goes to themes that its other passages are in.
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
    return Calibration(
        document=document.id,
        label=document.short,
        sections=len({passage.section for passage in document.passages}),
        passages=len(document.passages),
        splits=len(halvings),
        false=false,
        told=_rate([[halving.told] for halving in halvings], rng),
        found=_found_rates([halving.planted for halving in halvings], rng),
    )


def _found_rates(
    planted: Sequence[dict[tuple[float, str], tuple[bool, bool]]], rng: np.random.Generator
) -> tuple[Rate, ...]:
    return tuple(
        Rate(
            way,
            label,
            len(planted),
            _rate([[found[points, way][0]] for found in planted], rng),
            _rate([[found[points, way][1]] for found in planted], rng),
            points,
        )
        for points in PLANTED
        for way, label in _WAYS.items()
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
