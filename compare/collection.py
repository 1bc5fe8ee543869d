"""Many documents that stand in groups: each one's own figures, change over time, and how far they are apart.

Of each document only sums over its sections are needed, so what is done here does not grow with the number of
passages. Documents differ from each other more than the sections of one do; so where something is said of many
documents, documents are what is resampled and permuted, as the units that were sampled (Davison & Hinkley 1997, chapter
3.8).
"""

from __future__ import annotations

import builtins
import datetime
import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from compare.grouped import rows_by_group
from compare.inference import (
    PERMUTATIONS,
    RESAMPLES,
    Interval,
    Sample,
    false_discovery_rate,
    generator,
    intervals,
    wilson,
)
from compare.results import Collection, Distances, Join, Member, SetAside, Trend, Year

if TYPE_CHECKING:
    from compare.arrays import Arrays
    from compare.documents import Document

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# Resamples of each document that its place in a dendrogram is tried with, and of how many leaves on fewer are used.
SUPPORT, MANY_LEAVES, SUPPORT_OF_MANY = 200, 400, 50
# Random halves of a document for the noise floor of its distances.
HALVES = 40
# Beyond this many documents only groups are set against each other: the price grows with the square.
MOST_LEAVES = 2000
# Below so many documents a trend is not looked for, and resampling documents says nothing of a year or group.
FEWEST_DOCUMENTS = 6
_NORMAL = 1.959964
# Distances that are alike to this many digits are ties, whatever the computer's last bit says.
_DIGITS = 6
# Numbers of a block of draws that are in memory at once, and trees that one task makes.
_BLOCK, _TREES = 2_000_000, 10
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that every document has.

    Attributes
    ----------
    kind : {"theme", "pole", "tone"}
        Themes and poles are shares of passages, tone is a mean score in standard deviations.
    id : str
        Of the theme, pole or dimension.
    """

    kind: Literal["theme", "pole", "tone"]
    id: str


@dataclass(frozen=True, slots=True)
class About:
    """What a document is called, and where it stands.

    Attributes
    ----------
    id, label, title : str
        Of the document.
    side : str
        Id of its group; its own where it stands alone.
    date : str
        ISO 8601, as far as it is known; empty where it is not.
    unit : str
        What is resampled: "sections" or "paragraphs".
    """

    id: str
    label: str
    title: str
    side: str
    date: str
    unit: str


@dataclass(frozen=True, slots=True)
class Described:
    """One document, and all that is needed of it to set it beside others: no passages.

    Attributes
    ----------
    member : Member
        What is told of it.
    name : str
        What makes its random numbers its own; see `Sample.name`.
    sums : ndarray, shape (n_figures,)
        Sum over its passages of each figure.
    size : float
        Number of passages.
    units : int
        Number of its sections, or of whatever is resampled.
    floors : tuple of (float or None, float or None)
        Median distance of random halves of it, by themes and by tone; None where it has but one unit.
    resampled : ndarray of float32, shape (SUPPORT, n_figures)
        Its figures when its units are drawn with replacement.
    """

    member: Member
    name: str
    sums: Floats
    size: float
    units: int
    floors: tuple[float | None, float | None]
    resampled: NDArray[np.float32]


# One document


def describe_member(about: About, sample: Sample, figures: Sequence[Figure], seed: int) -> Described:
    """One document's figures with their intervals, and what setting it beside others needs.

    It depends on nothing but its arguments, so documents may be described anywhere, in any order.

    Parameters
    ----------
    about : About
        What it is called.
    sample : Sample
        Its figures as sums over its units, which may be of one unit alone.
    figures : sequence of Figure
        What the columns of the sample are.
    seed : int
        The user's seed; random numbers hang on it and on ``sample.name``.

    Raises
    ------
    ValueError
        If the sample has another number of columns than there are figures.
    """
    if sample.sums.shape[1] != len(figures):
        raise ValueError(f"{sample.sums.shape[1]} columns for {len(figures)} figures")
    resampled = _resampled(sample, _shares(figures), seed)
    by_kind: dict[str, dict[str, Interval]] = {"theme": {}, "pole": {}, "tone": {}}
    for column, (figure, interval) in enumerate(zip(figures, _intervals(sample, figures, seed), strict=True)):
        if figure.kind == "tone" and len(sample.sizes) == 1:
            # One unit says nothing of its own spread; its passages say something.
            half = _NORMAL * float(resampled[:, column].std())
            interval = Interval(interval.value, interval.value - half, interval.value + half)
        by_kind[figure.kind][figure.id] = interval
    member = Member(
        id=about.id,
        label=about.label,
        title=about.title,
        side=about.side,
        date=about.date,
        passages=sample.passages,
        unit=about.unit,
        themes=by_kind["theme"],
        poles=by_kind["pole"],
        scores=by_kind["tone"],
    )
    return Described(
        member=member,
        name=sample.name,
        sums=sample.sums.sum(0),
        size=float(sample.sizes.sum()),
        units=len(sample.sizes),
        floors=_halves(sample.sums, sample.sizes, figures, generator(seed, "distance of halves", sample.name)),
        resampled=resampled,
    )


def _intervals(sample: Sample, figures: Sequence[Figure], seed: int) -> list[Interval]:
    """Each figure with its interval, as a share or as a mean."""
    found: dict[int, Interval] = {}
    for shares in (True, False):
        columns = np.flatnonzero(_shares(figures) == shares)
        if len(columns):
            values = None if sample.values is None else sample.values[:, columns]
            squares = None if sample.squares is None else sample.squares[columns]
            own = Sample(sample.name, sample.sums[:, columns], sample.sizes, values, squares)
            found.update(zip(columns.tolist(), intervals(own, seed, shares), strict=True))
    return [found[column] for column in range(len(figures))]


def _shares(figures: Sequence[Figure]) -> NDArray[np.bool_]:
    return np.array([figure.kind != "tone" for figure in figures], dtype=bool)


def _resampled(sample: Sample, shares: NDArray[np.bool_], seed: int) -> NDArray[np.float32]:
    """Figures when units are drawn with replacement, n - 1 of n (Rao & Wu 1988); of one unit, its passages."""
    rng = generator(seed, "support", sample.name)
    n = len(sample.sizes)
    if n > 1:
        made = [(drawn @ sample.sums) / (drawn @ sample.sizes)[:, None] for drawn in _draws(n, SUPPORT, rng)]
        return np.concatenate(made).astype(np.float32)
    mean, size = sample.mean, sample.passages
    if sample.values is None and sample.squares is None:
        # Scores are in standard deviations of sentences without a stance, of which most passages are.
        variance = np.where(shares, mean * (1 - mean), 1.0)
    else:
        variance = sample.variance
    drawn = mean + rng.standard_normal((SUPPORT, len(mean))) * np.sqrt(np.maximum(variance, 0) / max(size - 1, 1))
    return np.where(shares, np.clip(drawn, 0, 1), drawn).astype(np.float32)


def _draws(n: int, times: int, rng: np.random.Generator) -> Iterator[Floats]:
    """How often each of n is drawn when n - 1 are, in blocks of shape (n_draws, n), so many times in all."""
    block = max(1, _BLOCK // n)
    for start in range(0, times, block):
        rows = min(block, times - start)
        drawn = rng.integers(n, size=(rows, n - 1)) + n * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(float)


def _halves(
    sums: Floats, sizes: Floats, figures: Sequence[Figure], rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """Median distance of random halves, by themes and by tone; units may be sections or documents."""
    n = len(sizes)
    if n < 2:
        return None, None
    first = (rng.random((HALVES, n)).argsort(axis=1) < n // 2).astype(float)
    one, two = ((mask @ sums) / (mask @ sizes)[:, None] for mask in (first, 1 - first))
    made = []
    for kind in ("themes", "tone"):
        apart = _coordinates(one, figures, kind) - _coordinates(two, figures, kind)
        made.append(float(np.median(np.sqrt((apart**2).sum(1)))))
    return made[0], made[1]


# Distances


def hellinger(first: Floats, second: Floats) -> float:
    """Hellinger's distance of two distributions: 0 where they are the same, 1 where they have nothing in common.

    Parameters
    ----------
    first, second : ndarray, shape (n,)
        Parts of a whole, such as the shares of themes; they are made to add up to 1.

    Examples
    --------
    >>> hellinger(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    1.0
    """
    one, two = _roots(first[None, :])[0], _roots(second[None, :])[0]
    return min(1.0, float(np.sqrt(((one - two) ** 2).sum())))


def _roots(shares: Floats) -> Floats:
    """Points whose Euclidean distance is Hellinger's distance of the rows (Hellinger 1909)."""
    whole = shares.sum(1, keepdims=True)
    return np.asarray(np.sqrt(np.maximum(shares, 0) / np.where(whole > 0, whole, 1) / 2))


def _coordinates(means: Floats, figures: Sequence[Figure], kind: str) -> Floats:
    """Points whose Euclidean distance is the distance of a kind, shape (n, n_coordinates)."""
    if kind == "themes":
        return _roots(means[:, [figure.kind == "theme" for figure in figures]])
    poles = means[:, [figure.kind == "pole" for figure in figures]]
    return np.asarray(poles / math.sqrt(max(poles.shape[1], 1)))


def _between(points: Floats) -> Floats:
    """Distance of each two points, condensed as SciPy has it."""
    from scipy.spatial.distance import pdist

    return np.asarray(pdist(points).round(_DIGITS))


def _tree(condensed: Floats, ordered: bool) -> Floats:
    """Average linkage (Sokal & Michener 1958), leaves ordered by Bar-Joseph et al. (2001) where asked for."""
    from scipy.cluster.hierarchy import linkage

    return np.asarray(linkage(condensed, "average", optimal_ordering=ordered))


def _branches(tree: Floats, marks: Sequence[int]) -> list[int]:
    """For each join a number that tells its set of leaves from any other: the sum of their marks, of 64 bits."""
    below = list(marks)
    for first, second in tree[:, :2].astype(int).tolist():
        below.append((below[first] + below[second]) & 0xFFFFFFFFFFFFFFFF)
    return below[len(marks) :]


def _found_again(block: Floats, marks: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """In how many of some trees each branch is found; block of shape (n_trees, n_leaves, n_coordinates)."""
    counts = [0] * len(wanted)
    for points in block:
        found = set(_branches(_tree(_between(points.astype(float)), False), marks))
        for i, branch in enumerate(wanted):
            counts[i] += branch in found
    return counts


def _key(names: Iterable[str]) -> str:
    """What a set of documents is known by, whatever their order."""
    return hashlib.sha256("\0".join(sorted(names)).encode()).hexdigest()


def _distances(
    kind: str,
    of: str,
    ids: Sequence[str],
    names: Sequence[str],
    points: Floats,
    resampled: Callable[[int], Floats],
    floors: Sequence[float | None],
    map: Callable[..., Iterable[Any]],
) -> Distances:
    """Distances and dendrogram.

    Parameters
    ----------
    kind, of, ids
        As in `Distances`.
    names : sequence of str
        By leaf: what it is known by whatever the order of the input.
    points : ndarray, shape (n_leaves, n_coordinates)
        See `_coordinates`.
    resampled : callable
        Gives the points of a resample by its number.
    floors : sequence of float or None
        By document or group.
    map : callable
        As for `gather`.
    """
    from scipy.cluster.hierarchy import leaves_list
    from scipy.spatial.distance import squareform

    n = len(ids)
    # Of ties the first is taken: the order of the names, and not that of the input, says which is first.
    canonical = sorted(range(n), key=lambda i: names[i])
    back = np.argsort(canonical)
    condensed = _between(points[canonical])
    tree = _tree(condensed, n <= MANY_LEAVES)
    marks = [int.from_bytes(hashlib.sha256(names[i].encode()).digest()[:8], "big") for i in canonical]
    wanted = _branches(tree, marks)
    times = SUPPORT if n <= MANY_LEAVES else SUPPORT_OF_MANY
    blocks = (
        np.stack([resampled(b)[canonical] for b in range(start, min(start + _TREES, times))]).astype(np.float32)
        for start in range(0, times, _TREES)
    )
    counted = np.zeros(n - 1)
    for counts in map(partial(_found_again, marks=marks, wanted=wanted), blocks):
        counted += counts

    def leaf(branch: float) -> int:
        return canonical[int(branch)] if branch < n else int(branch)

    joins = tuple(
        Join(leaf(first), leaf(second), round(float(distance), _DIGITS), int(size), float(found / times))
        for (first, second, distance, size), found in zip(tree.tolist(), counted.tolist(), strict=True)
    )
    square = squareform(condensed)[np.ix_(back, back)]
    known = [floor for floor in floors if floor is not None]
    return Distances(
        kind=kind,
        of=of,
        ids=tuple(ids),
        values=tuple(square[np.triu_indices(n, 1)].tolist()),
        floor=float(np.median(known)) if known else 0.0,
        joins=joins,
        order=tuple(canonical[i] for i in leaves_list(tree).tolist()),
    )


def _of_documents(
    described: Sequence[Described], figures: Sequence[Figure], map: Callable[..., Iterable[Any]]
) -> Iterator[Distances]:
    if not 3 <= len(described) <= MOST_LEAVES:
        return
    means = np.stack([item.sums / item.size for item in described])
    for number, kind in enumerate(_kinds(figures)):

        def resampled(b: int, kind: str = kind) -> Floats:
            return _coordinates(np.stack([item.resampled[b] for item in described]).astype(float), figures, kind)

        yield _distances(
            kind,
            "documents",
            [item.member.id for item in described],
            [item.name for item in described],
            _coordinates(means, figures, kind),
            resampled,
            [item.floors[number] for item in described],
            map,
        )


def _of_groups(
    groups: dict[str, list[Described]], figures: Sequence[Figure], seed: int, map: Callable[..., Iterable[Any]]
) -> Iterator[Distances]:
    if len(groups) < 3 or all(len(own) == 1 for own in groups.values()):
        return
    names, means, drawn, floors = [], [], [], []
    for own in groups.values():
        names.append(_key(item.name for item in own))
        sums, sizes = _table(own)
        means.append(sums.sum(0) / sizes.sum())
        drawn.append(_group_resampled(own, seed))
        # What a group is made of are its documents, so its halves are halves of these.
        halves = generator(seed, "distance of halves", names[-1])
        floors.append(own[0].floors if len(own) == 1 else _halves(sums, sizes, figures, halves))
    for number, kind in enumerate(_kinds(figures)):

        def resampled(b: int, kind: str = kind) -> Floats:
            return _coordinates(np.stack([own[b] for own in drawn]), figures, kind)

        yield _distances(
            kind,
            "groups",
            list(groups),
            names,
            _coordinates(np.stack(means), figures, kind),
            resampled,
            [floor[number] for floor in floors],
            map,
        )


def _kinds(figures: Sequence[Figure]) -> tuple[str, ...]:
    return ("themes", "tone") if any(figure.kind == "pole" for figure in figures) else ("themes",)


def _table(own: Sequence[Described]) -> tuple[Floats, Floats]:
    """Sums, shape (n_documents, n_figures), and sizes, shape (n_documents,)."""
    return np.stack([item.sums for item in own]), np.array([item.size for item in own])


def _group_resampled(own: Sequence[Described], seed: int) -> Floats:
    """Figures of a group with its documents resampled, of few documents their sections; (SUPPORT, n_figures)."""
    sums, sizes = _table(own)
    if len(own) < FEWEST_DOCUMENTS:
        made = np.zeros(own[0].resampled.shape)
        for item in own:
            made += item.size * item.resampled
        return np.asarray(made / sizes.sum())
    rng = generator(seed, "support", _key(item.name for item in own))
    return np.concatenate([(d @ sums) / (d @ sizes)[:, None] for d in _draws(len(own), SUPPORT, rng)])


# Change over time


def decimal_year(date: str) -> float | None:
    """A date as a year with its fraction: the middle of the day, month or year, as far as it is known.

    Parameters
    ----------
    date : str
        ISO 8601: "2025-07-23", "2025-07" or "2025".

    Returns
    -------
    float or None
        None where it is no such date.

    Examples
    --------
    >>> decimal_year("2025"), round(decimal_year("2025-07"), 2), decimal_year("July 2025")
    (2025.5, 2025.54, None)
    """
    found = _DATE.fullmatch(date.strip()[:10])
    if found is None:
        return None
    year, month, day = (None if part is None else int(part) for part in found.groups())
    assert year is not None
    try:
        start = datetime.date(year, month or 1, day or 1)
        if month is None:
            return year + 0.5
        length = datetime.date(year, 12, 31).timetuple().tm_yday
        if day is None:
            last = datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(1)
            return year + (start.timetuple().tm_yday - 1 + last.day / 2) / length
    except ValueError:
        return None
    return year + (start.timetuple().tm_yday - 0.5) / length


@dataclass(frozen=True, slots=True)
class _Dated:
    """Documents of known date, sorted by name.

    Attributes
    ----------
    side : str or None
        Whose they are.
    key : str
        What they are known by together.
    dates : ndarray, shape (n_documents,)
        In years.
    sums : ndarray, shape (n_documents, n_figures)
    sizes : ndarray, shape (n_documents,)
    spread : dict of int to (ndarray, int)
        By year of few documents: standard error of each figure by resampling their sections, and its degrees of
        freedom.
    """

    side: str | None
    key: str
    dates: Floats
    sums: Floats
    sizes: Floats
    spread: dict[int, tuple[Floats, int]]


def _dated(side: str | None, own: Sequence[Described]) -> _Dated | None:
    """Documents in which a trend can be looked for; None where there are too few, or too few dates."""
    known = [(date, item) for item in own if (date := decimal_year(item.member.date)) is not None]
    known.sort(key=lambda pair: pair[1].name)
    dates = np.array([date for date, _ in known])
    items = [item for _, item in known]
    if len(items) < FEWEST_DOCUMENTS or len(set(np.floor(dates).tolist())) < 2:
        return None
    # Where all but one are of one date, the slope is that one document.
    if len(items) - max(Counter(dates.tolist()).values()) < 2:
        return None
    by_year: dict[int, list[Described]] = defaultdict(list)
    for date, item in zip(dates.tolist(), items, strict=True):
        by_year[int(date)].append(item)
    spread = {}
    for year, few in by_year.items():
        if len(few) < FEWEST_DOCUMENTS:
            drawn = _group_resampled(few, 0)
            freedom = sum(item.units - 1 if item.units > 1 else int(item.size) - 1 for item in few)
            spread[year] = drawn.std(axis=0, ddof=1), freedom
    return _Dated(side, _key(item.name for item in items), dates, *_table(items), spread)


def _regression(dates: Floats, sums: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """Slopes and their standard errors, both of shape (n_deals, n_figures).

    Least squares over passages, which sums over documents suffice for. The error is robust against unequal spread and
    takes the passages of one document for one cluster (Liang & Zeger 1986).

    Parameters
    ----------
    dates : ndarray, shape (n_deals, n_documents)
    sums : ndarray, shape (n_documents, n_figures)
    sizes : ndarray, shape (n_documents,)
    """
    total = sizes.sum()
    apart = dates - (dates @ sizes / total)[:, None]
    squared = apart**2
    spread = (squared @ sizes)[:, None]
    rest = sums - sizes[:, None] * (sums.sum(0) / total)
    slopes = apart @ rest / spread
    # Sum over documents of (date * residual) squared, the residual being rest - slope * size * date.
    scores = squared @ rest**2
    scores -= 2 * slopes * ((squared * apart) @ (sizes[:, None] * rest))
    scores += slopes**2 * ((squared**2) @ sizes**2)[:, None]
    return slopes, np.sqrt(np.maximum(scores, 0)) / spread


def _studentised(dates: Floats, sums: Floats, sizes: Floats) -> Floats:
    slopes, errors = _regression(dates, sums, sizes)
    sure = np.where(np.abs(slopes) > 1e-12, np.inf, 0.0)
    return np.asarray(np.where(errors > 1e-12, np.abs(slopes) / np.where(errors > 1e-12, errors, 1), sure))


def slopes(dates: Floats, sums: Floats, sizes: Floats, key: str, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Change of figures in a year, with its interval and the probability of one as steep by chance.

    The slope is that of a regression over passages. Its interval resamples documents, n - 1 of n, and is stretched by
    Student's quantile as in `compare.inference.intervals`. The probability comes from dealing the dates to documents at
    random; what is compared is the slope over its robust standard error, so that the test keeps its level though
    documents differ in length and spread (DiCiccio & Romano 2017).

    Parameters
    ----------
    dates : ndarray, shape (n_documents,)
        In years, not all the same.
    sums : ndarray, shape (n_documents, n_figures)
        Sums over each document's passages.
    sizes : ndarray, shape (n_documents,)
        Numbers of passages.
    key : str
        What the documents are known by; random numbers hang on it.
    seed : int
        The user's seed.

    Returns
    -------
    slopes, low, high, p : ndarray, shape (n_figures,)
    """
    n = len(dates)
    scale = float(np.abs(dates - dates.mean()).max())
    x = (dates - dates.mean()) / scale
    # A constant taken from a figure does not change its slope, and keeps small numbers small.
    sums = sums - sizes[:, None] * (sums.sum(0) / sizes.sum())
    observed, _ = _regression(x[None, :], sums, sizes)
    drawn = []
    moments = np.column_stack([sizes, sizes * x, sizes * x**2])
    for counts in _draws(n, RESAMPLES, generator(seed, "trend", key)):
        size, first, second = (counts @ moments).T
        whole, along = counts @ sums, counts @ (sums * x[:, None])
        spread = second - first**2 / size
        # A resample of one date alone has no slope.
        told = spread > 1e-9 * size
        middle = (first / size)[told, None]
        drawn.append((along[told] - middle * whole[told]) / spread[told, None])
    low, high = np.percentile(np.concatenate(drawn), [2.5, 97.5], axis=0)
    stretch = _student(n - 2) / _NORMAL
    value = observed[0]
    low, high = np.minimum(value - stretch * (value - low), value), np.maximum(value + stretch * (high - value), value)
    statistic = _studentised(x[None, :], sums, sizes)[0]
    as_large = np.zeros(len(value))
    rng = generator(seed, "dates", key)
    block = max(1, _BLOCK // n)
    for start in range(0, PERMUTATIONS, block):
        dealt = rng.permuted(np.tile(x, (min(block, PERMUTATIONS - start), 1)), axis=1)
        as_large += (_studentised(dealt, sums, sizes) >= statistic - 1e-9).sum(0)
    return value / scale, low / scale, high / scale, (1 + as_large) / (1 + PERMUTATIONS)


def _student(freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(max(freedom, 3), 0.975))


def _trends(part: _Dated, figures: Sequence[Figure], seed: int) -> list[Trend]:
    """Trends of some documents, `q` being set by `gather`, which looks at all."""
    value, low, high, p = slopes(part.dates, part.sums, part.sizes, part.key, seed)
    years = np.floor(part.dates).astype(int)
    by_year: list[tuple[int, int, list[Interval]]] = []
    for year in sorted(set(years.tolist())):
        rows = years == year
        found = _year(part, rows, year, figures, seed)
        by_year.append((year, int(rows.sum()), found))
    return [
        Trend(
            kind=figure.kind,
            id=figure.id,
            side=part.side,
            documents=len(part.dates),
            slope=Interval(float(value[k]), float(low[k]), float(high[k])),
            p=float(p[k]),
            q=float(p[k]),
            years=tuple(Year(year, documents, found[k]) for year, documents, found in by_year),
        )
        for k, figure in enumerate(figures)
    ]


def _year(part: _Dated, rows: NDArray[np.bool_], year: int, figures: Sequence[Figure], seed: int) -> list[Interval]:
    """Figures of the documents of a year, as `Year` says; intervals as `compare.inference.intervals` makes them."""
    sums, sizes, shares = part.sums[rows], part.sizes[rows], _shares(figures)
    n = float(sizes.sum())
    mean = sums.sum(0) / n
    if year in part.spread:
        error, freedom = part.spread[year]
        half = _student(freedom) * error
        low, high = mean - half, mean + half
    else:
        rng = generator(seed, "year", part.key, str(year))
        drawn = [(counts @ sums) / (counts @ sizes)[:, None] for counts in _draws(len(sizes), RESAMPLES, rng)]
        low, high = np.percentile(np.concatenate(drawn), [2.5, 97.5], axis=0)
        stretch = _student(len(sizes) - 1) / _NORMAL
        low, high = mean - stretch * (mean - low), mean + stretch * (high - mean)
    # Of a share never narrower than as many independent passages would give (Wilson 1927).
    least, most = wilson(mean, n)
    low = np.where(shares, np.clip(np.minimum(low, least), 0, 1), low)
    high = np.where(shares, np.clip(np.maximum(high, most), 0, 1), high)
    low, high = np.minimum(low, mean), np.maximum(high, mean)
    return [Interval(float(v), float(a), float(b)) for v, a, b in zip(mean, low, high, strict=True)]


# All together


def gather(
    described: Sequence[Described],
    figures: Sequence[Figure],
    field: str,
    seed: int,
    set_aside: Sequence[SetAside] = (),
    map: Callable[..., Iterable[Any]] = builtins.map,
) -> Collection:
    """Set documents beside each other: change over time, distances, dendrograms.

    The order of the documents changes nothing but the order in which they are told.

    Parameters
    ----------
    described : sequence of Described
        The documents, in the order of the groups.
    figures : sequence of Figure
        As they were described with.
    field : str
        What they were put into groups by; within groups of one year or date no trend is looked for.
    seed : int
        The user's seed.
    set_aside : sequence of SetAside
        Documents that could not be taken in.
    map : callable
        Applies a function to items, as the built-in does; one that works in parallel may take its place. Function and
        items can be pickled.
    """
    groups: dict[str, list[Described]] = defaultdict(list)
    for item in described:
        groups[item.member.side].append(item)
    # Within a group documents are added up and drawn in an order of their own, whatever that of the input.
    for own in groups.values():
        own.sort(key=lambda item: item.name)
    sides: list[tuple[str | None, Sequence[Described]]] = [(None, described)]
    if field not in {"year", "date"} and len(groups) > 1:
        sides += groups.items()
    parts = [part for side, own in sides if (part := _dated(side, own)) is not None]
    # Groups that stand beside undated documents alone would tell again what all together tell.
    parts = parts[:1] + [part for part in parts[1:] if len(part.dates) < len(parts[0].dates)]
    found = [trend for made in map(partial(_trends, figures=figures, seed=seed), parts) for trend in made]
    rates = false_discovery_rate(np.array([trend.p for trend in found])).tolist()
    trends = [replace(trend, q=q) for trend, q in zip(found, rates, strict=True)]
    # All documents before single groups, and else in the order of the figures.
    trends.sort(key=lambda trend: (trend.p, trend.side is not None))
    return Collection(
        field=field,
        members=tuple(item.member for item in described),
        trends=tuple(trends),
        distances=(*_of_documents(described, figures, map), *_of_groups(groups, figures, seed, map)),
        set_aside=tuple(set_aside),
    )


def collect(
    arrays: Arrays,
    members: Sequence[Document],
    sides: Sequence[str],
    values: Floats,
    figures: Sequence[Figure],
    field: str,
    seed: int,
    set_aside: Sequence[SetAside] = (),
) -> Collection:
    """Describe the documents of a comparison, and set them beside each other.

    Parameters
    ----------
    arrays : Arrays
        Passages of all documents, and what does work in parts.
    members : sequence of Document
        The documents, each for itself, as ``arrays.members`` numbers them.
    sides : sequence of str
        By document: id of its group.
    values : ndarray, shape (n_passages, n_figures)
        Figures of passages: 1 or 0 for themes and poles, scores for tone.
    figures : sequence of Figure
        What the columns are.
    field, seed, set_aside
        As for `gather`.
    """
    names = _names(members, sides)

    def given() -> Iterator[tuple[About, Sample]]:
        for number, rows in rows_by_group(arrays.members):
            document = members[number]
            units, unit = _units(document)
            about = About(document.id, document.label, document.title, sides[number], document.date, unit)
            yield about, Sample.of(names[number], values[rows], units, held=False)

    described = list(arrays.run(partial(_described, figures=figures, seed=seed), given()))
    return gather(described, figures, field, seed, set_aside, arrays.run)


def _described(given: tuple[About, Sample], figures: Sequence[Figure], seed: int) -> Described:
    return describe_member(*given, figures, seed)


def _names(members: Sequence[Document], sides: Sequence[str]) -> list[str]:
    """What each document's random numbers hang on: its checksum, and where two have the same, their order of date."""
    order = sorted(range(len(members)), key=lambda i: (members[i].sha256, members[i].date, sides[i], members[i].title))
    before: Counter[str] = Counter()
    names = [""] * len(members)
    for i in order:
        names[i] = f"{members[i].sha256}:{before[members[i].sha256]}"
        before[members[i].sha256] += 1
    return names


def _units(document: Document) -> tuple[Integers, str]:
    """Number of each passage's section, or of its paragraph where there are few sections; and which of the two."""
    from compare.arrays import FEWEST_SECTIONS

    keys: list[tuple[str, ...] | int] = [passage.section for passage in document.passages]
    unit = "sections"
    if len(set(keys)) < FEWEST_SECTIONS:
        keys, unit = [passage.paragraph for passage in document.passages], "paragraphs"
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], dtype=np.intp), unit
