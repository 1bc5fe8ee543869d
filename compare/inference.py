"""Uncertainty: bootstrap, permutation and false discovery rate. The only place with random numbers.

Two documents are a sample of what their authors might have written (Benoit, Laver & Mikhaylov 2009), and the
sentences of one section are not independent of each other. So sections are what is resampled and permuted (Davison &
Hinkley 1997, chapter 3.8), never single sentences.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from compare.grouped import sums_of

Floats = NDArray[np.float64]

RESAMPLES = 2000
PERMUTATIONS = 4999
SPLITS = 400
_NORMAL = 1.959964
# Numbers of a block of draws that are in memory at once.
_BLOCK = 20_000_000
# Units from which on draws are made one by one and counted, ten times as fast as a count for each unit.
_MANY = 2500
# Of differences in a long table that hold, and of those that are suggested, so many may be chance.
MOST_FALSE_SURE, MOST_FALSE = 0.05, 0.2


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval, in the figure's unit."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """First document less second.

    Attributes
    ----------
    value, low, high : float
        The difference and its 95 % interval by resampling sections, in the figure's unit.
    low_passages, high_passages : float
        The same interval by resampling single passages, which takes them for independent and is too narrow.
    p, q : float
        Probability by permuting sections between the two documents, plain and adjusted for the number of
        figures looked at (Benjamini & Hochberg 1995).
    floor : float
        Noise floor: the difference that halves of one document typically show against each other (median; of the
        two documents, the larger).
    effect : float or None
        Difference in standard deviations of passages, where the figure is a mean.
    """

    value: float
    low: float
    high: float
    low_passages: float
    high_passages: float
    p: float
    q: float
    floor: float
    effect: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the interval leaves out zero and the false discovery rate is at most 5 %."""
        return self.clear and self.q <= MOST_FALSE_SURE

    @property
    def suggested(self) -> bool:
        """Whether it does not hold, but the interval leaves out zero and p alone is at most 20 %."""
        return self.clear and self.p <= 0.20 and not self.holds

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def generator(seed: int, *names: str) -> np.random.Generator:
    """Random numbers that depend on a seed and on what they are for, and on nothing else.

    Parameters
    ----------
    seed : int
        The user's seed.
    names : str
        What the numbers are for, such as the checksum of a document: the same whatever the order of the input.
    """
    made = hashlib.sha256("\0".join((str(seed), *names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(made[:16], "big"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One document's figures, as sums over its sections: all that resampling needs.

    Attributes
    ----------
    name : str
        What makes its random numbers its own: the checksum of its text.
    sums : ndarray, shape (n_sections, n_figures)
        Sum over the section's passages of each figure (of 0 and 1 for a share).
    sizes : ndarray, shape (n_sections,)
        Number of passages.
    values : ndarray, shape (n_passages, n_figures), optional
        The figures themselves; None where there are too many passages to hold them.
    squares : ndarray, shape (n_figures,), optional
        Sum over all passages of each figure's square; only needed without `values`.
    """

    name: str
    sums: Floats
    sizes: Floats
    values: Floats | None = None
    squares: Floats | None = None

    @classmethod
    def of(cls, name: str, values: Floats, sections: NDArray[np.intp], held: bool = True) -> Sample:
        """Sum figures over sections.

        Parameters
        ----------
        name : str
            As `Sample.name`.
        values : ndarray, shape (n_passages, n_figures)
            Figures of passages.
        sections : ndarray of int, shape (n_passages,)
            Number of each passage's section, from 0, each used.
        held : bool
            Whether the values are held, and not their sums alone.
        """
        sizes = np.bincount(sections).astype(float)
        sums = sums_of(values, sections, len(sizes))
        return cls(name, sums, sizes, values) if held else cls(name, sums, sizes, squares=(values**2).sum(0))

    @property
    def passages(self) -> int:
        """Number of passages."""
        return int(self.sizes.sum()) if self.values is None else len(self.values)

    @property
    def mean(self) -> Floats:
        """Mean over passages, shape (n_figures,)."""
        if self.values is None:
            return np.asarray(self.sums.sum(0) / self.sizes.sum())
        return np.asarray(self.values.mean(0))

    @property
    def variance(self) -> Floats:
        """Variance over passages, shape (n_figures,)."""
        if self.values is not None:
            return np.asarray(self.values.var(0))
        if self.squares is None:
            raise ValueError("a sample without values needs their squares")
        return np.maximum(self.squares / self.passages - self.mean**2, 0)


def _resampled(sums: Floats, sizes: Floats, seed: int, *names: str) -> Floats:
    """Means under resampling, shape (RESAMPLES, n_figures).

    Of n units n - 1 are drawn, which makes the variance right also for few (Rao & Wu 1988).
    """
    n = len(sizes)
    if n == 1:
        return np.repeat(sums / sizes[:, None], RESAMPLES, axis=0)
    if n < _MANY:
        weights = generator(seed, *names).multinomial(n - 1, np.full(n, 1 / n), size=RESAMPLES).astype(float)
        return np.asarray((weights @ sums) / (weights @ sizes)[:, None])
    made = []
    for drawn in _drawn(n, seed, *names):
        weights = drawn.astype(float)
        made.append((weights @ sums) / (weights @ sizes)[:, None])
    return np.concatenate(made)


@functools.lru_cache(maxsize=4)
def _drawn(n: int, seed: int, *names: str) -> tuple[NDArray[np.uint8], ...]:
    """How often each of many units is drawn, in blocks of resamples; the same for whatever figures are asked for."""
    rng = generator(seed, *names)
    block = max(1, _BLOCK // n)
    return tuple(
        np.stack(
            [
                np.bincount(rng.integers(n, size=n - 1), minlength=n).astype(np.uint8)
                for _ in range(min(block, RESAMPLES - start))
            ]
        )
        for start in range(0, RESAMPLES, block)
    )


def resample_sections(sample: Sample, seed: int) -> Floats:
    """Means of the figures when sections are drawn with replacement, shape (RESAMPLES, n_figures)."""
    return _resampled(sample.sums, sample.sizes, seed, "sections", sample.name)


def resample_passages(sample: Sample, seed: int) -> Floats:
    """Means of the figures when passages are drawn with replacement, shape (RESAMPLES, n_figures).

    Where the passages themselves are not held, there are so many that their means are normal (central limit theorem).
    """
    if sample.values is None:
        drawn = generator(seed, "passages", sample.name).standard_normal((RESAMPLES, sample.sums.shape[1]))
        return np.asarray(sample.mean + drawn * np.sqrt(sample.variance / sample.passages))
    return _resampled(sample.values, np.ones(len(sample.values)), seed, "passages", sample.name)


def intervals(sample: Sample, seed: int, shares: bool) -> list[Interval]:
    """Mean of each figure with its 95 % interval by resampling sections.

    The percentile interval is stretched about the mean by Student's quantile over the normal one, for few sections tell
    little of their own spread. An interval of a share is never narrower than the one that as many independent passages
    would give (Wilson 1927): a subject that no passage touches may still have been touched.

    Parameters
    ----------
    sample : Sample
        One document's figures.
    seed : int
        The user's seed.
    shares : bool
        Whether the figures are 0 or 1 for each passage, and their means shares.
    """
    low, high = np.percentile(resample_sections(sample, seed), [2.5, 97.5], axis=0)
    mean = sample.mean
    stretch = _student(len(sample.sizes) - 1) / _NORMAL
    low, high = mean - stretch * (mean - low), mean + stretch * (high - mean)
    if shares:
        least, most = wilson(mean, sample.passages)
        low = np.clip(np.minimum(low, least), 0, 1)
        high = np.clip(np.maximum(high, most), 0, 1)
    # Resampling hardly ever leaves out the mean itself, but nothing forbids it.
    low, high = np.minimum(low, mean), np.maximum(high, mean)
    return [Interval(float(v), float(a), float(b)) for v, a, b in zip(mean, low, high, strict=True)]


def wilson(mean: Floats, n: float) -> tuple[Floats, Floats]:
    """Ends of the 95 % intervals of shares of n independent passages (Wilson 1927), each of shape (n_figures,).

    Parameters
    ----------
    mean : ndarray, shape (n_figures,)
        The shares.
    n : float
        Number of passages.
    """
    centre = (mean + _NORMAL**2 / (2 * n)) / (1 + _NORMAL**2 / n)
    half = _NORMAL * np.sqrt(np.maximum(mean * (1 - mean), 0) / n + _NORMAL**2 / (4 * n**2)) / (1 + _NORMAL**2 / n)
    return centre - half, centre + half


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's distribution, by Cornish-Fisher expansion; exact to 1 % from 4 degrees on.

    Examples
    --------
    >>> round(_student(13), 2), round(_student(5), 2), round(_student(1000), 2)
    (2.16, 2.57, 1.96)
    """
    z, v = _NORMAL, max(freedom, 3)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / v + second / v**2 + third / v**3


def _studentised(sums: Floats, sizes: Floats, mask: Floats) -> Floats:
    """Difference of the means of two groups of sections over its standard error, shape (n_deals, n_figures).

    Parameters
    ----------
    sums : ndarray, shape (n_sections, n_figures)
    sizes : ndarray, shape (n_sections,)
    mask : ndarray, shape (n_deals, n_sections)
        1 where a deal puts the section into the first group.
    """
    squares, products = sums**2, sums * sizes[:, None]
    means, variances = [], []
    for group in (mask, 1 - mask):
        count, size = group.sum(1)[:, None], (group @ sizes)[:, None]
        mean = (group @ sums) / size
        # Variance of a ratio of sums, linearised, with sections as the units (Cochran 1977, chapter 6).
        spread = group @ squares - 2 * mean * (group @ products) + mean**2 * (group @ sizes**2)[:, None]
        means.append(mean)
        variances.append(np.maximum(spread, 0) / size**2 * count / np.maximum(count - 1, 1))
    error = np.sqrt(variances[0] + variances[1])
    return np.asarray((means[0] - means[1]) / np.where(error > 1e-12, error, np.inf))


def _dealt(times: int, sections: int, first: int, rng: np.random.Generator) -> Floats:
    """Random deals of sections, shape (times, n_sections): 1 for the `first` of them that go to the first group."""
    mask = np.zeros((times, sections))
    drawn = rng.random((times, sections))
    if first < sections:
        np.put_along_axis(mask, np.argpartition(drawn, first, axis=1)[:, :first], 1.0, axis=1)
    else:
        mask[:] = 1
    return mask


@functools.lru_cache(maxsize=1)
def _deals(seed: int, one: str, two: str, sections: int, first: int) -> tuple[NDArray[np.uint8], ...]:
    """Deals of the sections of two documents, a bit for each section; the same for whatever figures are tested."""
    rng = generator(seed, "permutation", one, two)
    block = max(1, _BLOCK // sections)
    return tuple(
        np.packbits(_dealt(min(block, PERMUTATIONS - start), sections, first, rng).astype(bool), axis=1)
        for start in range(0, PERMUTATIONS, block)
    )


def permutation_test(first: Sample, second: Sample, seed: int) -> Floats:
    """Two-sided probability of a difference as large when sections are dealt to the two documents at random.

    What is compared is the difference over its standard error, so that documents may differ in the number, length and
    spread of their sections and the test still keeps its level (Janssen 1997; Chung & Romano 2013).

    Returns
    -------
    ndarray, shape (n_figures,)
        With one added above and below, so that it is never zero (Davison & Hinkley 1997, chapter 4).
    """
    # Sorted by name, so that the order of the documents does not change the numbers drawn.
    one, two = sorted((first, second), key=lambda sample: sample.name)
    sums, sizes = np.vstack([one.sums, two.sums]), np.concatenate([one.sizes, two.sizes])
    n, m = len(sizes), len(one.sizes)
    observed = np.abs(_studentised(sums, sizes, (np.arange(n) < m).astype(float)[None, :]))[0]
    as_large = np.zeros(sums.shape[1])
    for deals in _deals(seed, one.name, two.name, n, m):
        statistic = np.abs(_studentised(sums, sizes, np.unpackbits(deals, axis=1, count=n).astype(float)))
        as_large += (statistic >= observed - 1e-9).sum(0)
    return np.asarray((1 + as_large) / (1 + PERMUTATIONS))


def noise_floor(sample: Sample, seed: int) -> Floats:
    """Median difference between random halves (by sections) of one document, shape (n_figures,)."""
    n = len(sample.sizes)
    if n < 2:
        return np.zeros(sample.sums.shape[1])
    rng = generator(seed, "halves", sample.name)
    mask = _dealt(SPLITS, n, n // 2, rng)
    one, size_one = mask @ sample.sums, (mask @ sample.sizes)[:, None]
    two, size_two = sample.sums.sum(0) - one, sample.sizes.sum() - size_one
    return np.asarray(np.median(np.abs(one / size_one - two / size_two), axis=0))


def false_discovery_rate(p: Floats) -> Floats:
    """Adjusted probabilities (Benjamini & Hochberg 1995), shape as given.

    Examples
    --------
    >>> false_discovery_rate(np.array([0.01, 0.04, 0.03, 0.5])).round(3).tolist()
    [0.04, 0.053, 0.053, 0.5]
    """
    n = len(p)
    if n == 0:
        return p
    order = np.argsort(p)
    scaled = p[order] * n / np.arange(1, n + 1)
    adjusted = np.minimum.accumulate(scaled[::-1])[::-1]
    made = np.empty(n)
    made[order] = np.minimum(adjusted, 1)
    return made


@dataclass(frozen=True, slots=True)
class Estimate:
    """One document's figures with what its own sections say of their uncertainty.

    Attributes
    ----------
    sample : Sample
        The figures.
    intervals : list of Interval
        Of each figure.
    by_passages : ndarray, shape (RESAMPLES, n_figures)
        Means under resampling of single passages.
    floor : ndarray, shape (n_figures,)
        Noise floor.
    shares : bool
        Whether the figures are shares.
    """

    sample: Sample
    intervals: list[Interval]
    by_passages: Floats
    floor: Floats
    shares: bool


def estimate(sample: Sample, seed: int, shares: bool) -> Estimate:
    """What is drawn for one document, once for all documents that it is compared with.

    Parameters
    ----------
    sample : Sample
        One document's figures.
    seed : int
        The user's seed.
    shares : bool
        Whether the figures are 0 or 1 for each passage, and their means shares.
    """
    return Estimate(
        sample, intervals(sample, seed, shares), resample_passages(sample, seed), noise_floor(sample, seed), shares
    )


def differences(first: Sample, second: Sample, seed: int, shares: bool) -> list[Difference]:
    """Differences of two documents in each figure, first less second; see `contrast`."""
    return contrast(estimate(first, seed, shares), estimate(second, seed, shares), seed)


def contrast(first: Estimate, second: Estimate, seed: int) -> list[Difference]:
    """Differences of two documents in each figure, first less second.

    The interval of a difference is made of the intervals of the two figures (Newcombe 1998; Zou & Donner 2008), so that
    it is never surer than they are. `Difference.q` is set by `adjusted`, which looks at a whole table.

    Parameters
    ----------
    first, second : Estimate
        Of the same figures. For means, not shares, an effect size is given as well (Cohen's d: the difference in
        standard deviations of passages, pooled).
    seed : int
        The user's seed.
    """
    low_passages, high_passages = np.percentile(first.by_passages - second.by_passages, [2.5, 97.5], axis=0)
    p = permutation_test(first.sample, second.sample, seed)
    floor = np.maximum(first.floor, second.floor)
    spread = np.sqrt((first.sample.variance + second.sample.variance) / 2)
    made = []
    for i, (one, two) in enumerate(zip(first.intervals, second.intervals, strict=True)):
        value = one.value - two.value
        made.append(
            Difference(
                value=value,
                low=value - math.hypot(one.value - one.low, two.high - two.value),
                high=value + math.hypot(one.high - one.value, two.value - two.low),
                low_passages=float(low_passages[i]),
                high_passages=float(high_passages[i]),
                p=float(p[i]),
                q=float(p[i]),
                floor=float(floor[i]),
                effect=None if first.shares or spread[i] <= 0 else float(value / spread[i]),
            )
        )
    return made


def adjusted(table: Sequence[Sequence[Difference]]) -> list[list[Difference]]:
    """A table of differences with the false discovery rate over all of its cells.

    Parameters
    ----------
    table : sequence of sequences of Difference
        For instance, one row a pair of documents and one cell a theme.
    """
    q = iter(false_discovery_rate(np.array([cell.p for row in table for cell in row])).tolist())
    return [[replace(cell, q=next(q)) for cell in row] for row in table]
