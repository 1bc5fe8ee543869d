"""Uncertainty: bootstrap, permutation and false discovery rate. The only place with random numbers.

Two documents are a sample of what their authors might have written (Benoit, Laver & Mikhaylov 2009), and the
sentences of one section are not independent of each other. So sections are what is resampled and permuted (Davison &
Hinkley 1997, chapter 3.8), never single sentences.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 2000
PERMUTATIONS = 4999
SPLITS = 400


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
        return self._clear and self.q <= 0.05

    @property
    def suggested(self) -> bool:
        """Whether it does not hold, but the interval leaves out zero and p alone is at most 20 %."""
        return self._clear and self.p <= 0.20 and not self.holds

    @property
    def _clear(self) -> bool:
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
    values : ndarray, shape (n_passages, n_figures)
        The figures themselves.
    """

    name: str
    sums: Floats
    sizes: Floats
    values: Floats

    @classmethod
    def of(cls, name: str, values: Floats, sections: NDArray[np.intp]) -> Sample:
        """Sum figures over sections.

        Parameters
        ----------
        name : str
            As `Sample.name`.
        values : ndarray, shape (n_passages, n_figures)
            Figures of passages.
        sections : ndarray of int, shape (n_passages,)
            Number of each passage's section, from 0, each used.
        """
        sizes = np.bincount(sections).astype(float)
        sums = np.zeros((len(sizes), values.shape[1]))
        np.add.at(sums, sections, values)
        return cls(name, sums, sizes, values)

    @property
    def mean(self) -> Floats:
        """Mean over passages, shape (n_figures,)."""
        return np.asarray(self.values.mean(0))


def _resampled(sums: Floats, sizes: Floats, rng: np.random.Generator) -> Floats:
    """Means under resampling, shape (RESAMPLES, n_figures).

    Of n units n - 1 are drawn, which makes the variance right also for few (Rao & Wu 1988).
    """
    n = len(sizes)
    if n == 1:
        return np.repeat(sums / sizes[:, None], RESAMPLES, axis=0)
    weights = rng.multinomial(n - 1, np.full(n, 1 / n), size=RESAMPLES).astype(float)
    return np.asarray((weights @ sums) / (weights @ sizes)[:, None])


def resample_sections(sample: Sample, seed: int) -> Floats:
    """Means of the figures when sections are drawn with replacement, shape (RESAMPLES, n_figures)."""
    return _resampled(sample.sums, sample.sizes, generator(seed, "sections", sample.name))


def resample_passages(sample: Sample, seed: int) -> Floats:
    """Means of the figures when passages are drawn with replacement, shape (RESAMPLES, n_figures)."""
    rng = generator(seed, "passages", sample.name)
    return _resampled(sample.values, np.ones(len(sample.values)), rng)


def intervals(sample: Sample, seed: int) -> list[Interval]:
    """Mean of each figure with its 95 % percentile interval by resampling sections."""
    low, high = np.percentile(resample_sections(sample, seed), [2.5, 97.5], axis=0)
    return [Interval(float(v), float(a), float(b)) for v, a, b in zip(sample.mean, low, high, strict=True)]


def permutation_test(first: Sample, second: Sample, seed: int) -> Floats:
    """Two-sided probability of a difference as large when sections are dealt to the two documents at random.

    What is dealt is each section's own mean, and sections count the same: the sections of one document may be longer
    than the other's throughout, and dealing their sums would then compare long sections with short ones.

    Returns
    -------
    ndarray, shape (n_figures,)
        With one added above and below, so that it is never zero (Davison & Hinkley 1997, chapter 4).
    """
    # Sorted by name, so that the order of the documents does not change the numbers drawn.
    one, two = sorted((first, second), key=lambda sample: sample.name)
    means = np.vstack([one.sums, two.sums]) / np.concatenate([one.sizes, two.sizes])[:, None]
    rng = generator(seed, "permutation", one.name, two.name)
    n, m = len(means), len(one.sizes)
    dealt = np.argsort(rng.random((PERMUTATIONS, n)), axis=1)[:, :m]
    mask = np.zeros((PERMUTATIONS, n))
    np.put_along_axis(mask, dealt, 1.0, axis=1)
    in_one = mask @ means
    differences = np.abs(in_one / m - (means.sum(0) - in_one) / (n - m))
    observed = np.abs(means[:m].mean(0) - means[m:].mean(0))
    return np.asarray((1 + (differences >= observed - 1e-12).sum(0)) / (1 + PERMUTATIONS))


def noise_floor(sample: Sample, seed: int) -> Floats:
    """Median difference between random halves (by sections) of one document, shape (n_figures,)."""
    n = len(sample.sizes)
    if n < 2:
        return np.zeros(sample.sums.shape[1])
    rng = generator(seed, "halves", sample.name)
    dealt = np.argsort(rng.random((SPLITS, n)), axis=1)[:, : n // 2]
    mask = np.zeros((SPLITS, n))
    np.put_along_axis(mask, dealt, 1.0, axis=1)
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


def differences(first: Sample, second: Sample, seed: int, effects: bool = False) -> list[Difference]:
    """Differences of two documents in each figure, first less second.

    Parameters
    ----------
    first, second : Sample
        With the same figures.
    seed : int
        The user's seed.
    effects : bool
        Whether to give the difference in standard deviations of passages as well (Cohen's d, pooled).
    """
    by_sections = resample_sections(first, seed) - resample_sections(second, seed)
    by_passages = resample_passages(first, seed) - resample_passages(second, seed)
    low, high = np.percentile(by_sections, [2.5, 97.5], axis=0)
    low_passages, high_passages = np.percentile(by_passages, [2.5, 97.5], axis=0)
    p = permutation_test(first, second, seed)
    q = false_discovery_rate(p)
    floor = np.maximum(noise_floor(first, seed), noise_floor(second, seed))
    value = first.mean - second.mean
    spread = np.sqrt((first.values.var(0) + second.values.var(0)) / 2)
    return [
        Difference(
            value=float(value[i]),
            low=float(low[i]),
            high=float(high[i]),
            low_passages=float(low_passages[i]),
            high_passages=float(high_passages[i]),
            p=float(p[i]),
            q=float(q[i]),
            floor=float(floor[i]),
            effect=float(value[i] / spread[i]) if effects and spread[i] > 0 else None,
        )
        for i in range(len(value))
    ]
