"""Validity of the dimensions of tone: what a reader should know before trusting one, computed and not claimed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.cache import ArrayCache, digest
from compare.inference import generator
from compare.labelled import Labelled
from compare.tone import Encode, ToneScorer, ToneSpec, load_dimensions

Floats = NDArray[np.float64]

_PLACEBOS = 8
_DRAWS = 1000
# Figures of the package's own tone file and encoders, made by tests/benchmarks/tone_accuracy.py: to compute them takes
# longer than the rest of a first run.
SHIPPED = Path(__file__).parent / "data" / "tone-validity.json"


@dataclass(frozen=True, slots=True)
class Validity:
    """What was found of a dimension, in one language.

    Attributes
    ----------
    dimension : str
        Its id.
    left_out : float
        Area under the ROC curve of the anchors of the first pole against those of the second, each scored without
        itself.
    halves : float
        Correlation (Pearson) of the test sentences' scores from one half of the anchors with those from the other half.
    rest, rest_low, rest_high : float
        On the test sentences: area under the ROC curve of the poles' scores against all other sentences, mean of the
        two, and its 95 % interval by resampling sentences.
    opposite, opposite_low, opposite_high : float
        The same of the dimension's score between sentences of the two poles.
    sentences : int
        Test sentences that take one of the poles and not the other.
    length : float
        Rank correlation (Spearman) of the score with the number of signs of the test sentences; near zero is good.
    placebo : float
        What `opposite` is on the mean when all anchors are dealt to the poles at random and no marker counts; near 0.5
        is good.
    """

    dimension: str
    left_out: float
    halves: float
    rest: float
    rest_low: float
    rest_high: float
    opposite: float
    opposite_low: float
    opposite_high: float
    sentences: int
    length: float
    placebo: float


def area(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, ties counted half; not a number where a class is empty.

    Examples
    --------
    >>> area(np.array([3.0, 2.0, 2.0, 1.0]), np.array([True, True, False, False]))
    0.875
    """
    above, below = scores[positive][:, None], scores[~positive][None, :]
    if not above.size or not below.size:
        return float("nan")
    return float((above > below).mean() + (above == below).mean() / 2)


def validity(spec: ToneSpec, encode: Encode, language: str) -> list[Validity]:
    """Check each dimension of a tone file on its own anchors and on test sentences.

    A tone file without test sentences is tried on those of the package, as far as they are labelled for its poles.

    Parameters
    ----------
    spec : ToneSpec
        The dimensions.
    encode : callable
        From n texts to n vectors, as for `ToneScorer`.
    language : str
        One of ``spec.languages``.
    """
    tried = spec if spec.labels(language, "test")[0] else replace(spec, labelled=load_dimensions().labelled)
    sentences, labels = tried.labels(language, "test")
    texts = [item.text for item in sentences]
    vectors = np.asarray(encode(texts))
    scorer = ToneScorer(spec, encode)
    scores = scorer.score(texts, vectors)
    origin, left_out = scorer.anchor_scores(language)
    halves = [
        ToneScorer(_half(spec, language, half), encode).score(texts, vectors).dimensions
        for half in (slice(0, None, 2), slice(1, None, 2))
    ]
    placebos = [
        ToneScorer(_shuffled(spec, language, draw), encode).score(texts, vectors).dimensions
        for draw in range(_PLACEBOS)
    ]
    ranks = _ranks(np.array([len(text) for text in texts], dtype=float))
    # How often each sentence is drawn, in samples with replacement.
    drawn = generator(0, "test sentences", language).multinomial(
        len(texts), np.full(len(texts), 1 / len(texts)), _DRAWS
    )
    made = []
    for d, dimension in enumerate(spec.dimensions):
        one, two = 2 * d, 2 * d + 1
        anchors = (origin == one) | (origin == two)
        takes = (labels[:, one] == 1) ^ (labels[:, two] == 1)
        first = labels[:, one] == 1
        sides = [(scores.poles[:, p], labels[:, p] == 1, labels[:, p] >= 0) for p in (one, two)]
        sides = [side for side in sides if side[1].any()]
        rest, rest_low, rest_high = _areas(sides, drawn)
        opposite, opposite_low, opposite_high = _areas([(scores.dimensions[:, d], first, takes)], drawn)
        made.append(
            Validity(
                dimension=dimension.id,
                left_out=area((left_out[:, one] - left_out[:, two])[anchors], origin[anchors] == one),
                halves=_correlation(halves[0][:, d], halves[1][:, d]),
                rest=rest,
                rest_low=rest_low,
                rest_high=rest_high,
                opposite=opposite,
                opposite_low=opposite_low,
                opposite_high=opposite_high,
                sentences=int(takes.sum()),
                length=_correlation(_ranks(scores.dimensions[:, d]), ranks),
                placebo=float(np.mean([area(placebo[takes, d], first[takes]) for placebo in placebos])),
            )
        )
    return made


FIELDS = tuple(field.name for field in fields(Validity) if field.name != "dimension")


def kept_validity(
    spec: ToneSpec, encode: Encode, language: str, store: ArrayCache, measure: bytes, weights: str
) -> list[Validity]:
    """The same, from what ships with the package or from the cache, where it is there.

    Parameters
    ----------
    spec, encode, language
        As for `validity`.
    store : ArrayCache
        The cache.
    measure : bytes
        What tells the tone file, the code that scores by it, and the encoder from all others.
    weights : str
        SHA-256 of the encoder's weights.
    """
    shipped = json.loads(SHIPPED.read_text("utf-8")).get(shipped_key(spec, language, weights))
    if shipped is not None:
        return [_from_figures(dimension.id, shipped[dimension.id]) for dimension in spec.dimensions]
    name = digest("validity", Path(__file__).read_bytes(), measure, language)
    size = len(FIELDS) * len(spec.dimensions)
    kept = store.get([name], "<f8", size).get(name)
    if kept is None:
        found = validity(spec, encode, language)
        store.put({name: np.array([[getattr(item, field) for field in FIELDS] for item in found]).ravel()}, "<f8")
        return found
    table = np.asarray(kept, np.float64).reshape(len(spec.dimensions), len(FIELDS))
    return [
        _from_figures(dimension.id, dict(zip(FIELDS, row, strict=True)))
        for dimension, row in zip(spec.dimensions, table.tolist(), strict=True)
    ]


def shipped_key(spec: ToneSpec, language: str, weights: str) -> str:
    """Under what the figures of a tone file, its language and an encoder ship: another with any change of the code."""
    code = [(Path(__file__).parent / name).read_bytes() for name in ("validity.py", "tone.py", "labelled.py")]
    return digest("shipped validity", *code, spec.sha256, language, weights).hex()


def _from_figures(dimension: str, figures: dict[str, Any]) -> Validity:
    return Validity(dimension=dimension, **{**figures, "sentences": round(figures["sentences"])})


def _areas(
    asked: Sequence[tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]], drawn: NDArray[np.int64]
) -> tuple[float, float, float]:
    """Mean area under the ROC curve, and its 95 % interval over samples of sentences.

    Parameters
    ----------
    asked : sequence of tuple of ndarray, each of shape (n,)
        Scores, which sentences are positive, and which count.
    drawn : ndarray of int, shape (draws, n)
        How often each sentence is in a sample.
    """
    if not asked:
        return float("nan"), float("nan"), float("nan")
    values, samples = [], []
    for scores, positive, counts in asked:
        values.append(area(scores[counts], positive[counts]))
        above, below = np.flatnonzero(positive & counts), np.flatnonzero(~positive & counts)
        wins = np.sign(scores[above][:, None] - scores[below][None, :]) / 2 + 0.5
        one, two = drawn[:, above].astype(float), drawn[:, below].astype(float)
        with np.errstate(invalid="ignore"):
            samples.append(((one @ wins) * two).sum(axis=1) / (one.sum(axis=1) * two.sum(axis=1)))
    means = np.mean(samples, axis=0)
    means = means[np.isfinite(means)]
    low, high = np.quantile(means, [0.025, 0.975]) if means.size else (np.nan, np.nan)
    return float(np.mean(values)), float(low), float(high)


def _correlation(one: Floats, two: Floats) -> float:
    if len(one) < 2 or not one.std() or not two.std():
        return float("nan")
    return float(np.corrcoef(one, two)[0, 1])


def _ranks(values: Floats) -> Floats:
    """Ranks from 0; equal values share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts + 1) / 2)[inverse])


def _half(spec: ToneSpec, language: str, half: slice) -> ToneSpec:
    """The same dimensions learnt from every other sentence."""
    learnt, _ = spec.labels(language, "training")
    anchors = [pole.anchors[language][half] for pole in spec.poles]
    return _with_anchors(spec, language, anchors, learnt[half])


def _shuffled(spec: ToneSpec, language: str, draw: int) -> ToneSpec:
    """The same dimensions with anchors that are dealt to them at random, and nothing else to learn from."""
    sizes = [len(pole.anchors[language]) for pole in spec.poles]
    sentences = [text for pole in spec.poles for text in pole.anchors[language]]
    dealt = [sentences[i] for i in generator(0, "placebo axis", str(draw)).permutation(len(sentences))]
    ends = np.cumsum(sizes)
    dealt_by_pole = [dealt[end - size : end] for size, end in zip(sizes, ends.tolist(), strict=True)]
    unread = replace(spec, negators={}, refusals={}, rejections={}, denials={}, reported={})
    return _with_anchors(unread, language, dealt_by_pole, (), markers=False)


def _with_anchors(
    spec: ToneSpec,
    language: str,
    anchors: Sequence[Sequence[str]],
    labelled: tuple[Labelled, ...],
    markers: bool = True,
) -> ToneSpec:
    """The same dimensions with other anchors, pole by pole, other labelled sentences, and perhaps without markers."""
    given = iter(anchors)
    dimensions = []
    for dimension in spec.dimensions:
        poles = []
        for pole in dimension.poles:
            made = replace(pole, anchors={**pole.anchors, language: tuple(next(given))})
            poles.append(made if markers else replace(made, markers={}, exclusions={}))
        dimensions.append(replace(dimension, poles=(poles[0], poles[1])))
    return replace(spec, dimensions=tuple(dimensions), labelled=labelled)
