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
from compare.tone import Encode, ToneScorer
from compare.tone_file import ToneSpec, load_dimensions

Floats = NDArray[np.float64]

_PLACEBOS = 8
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
        two, and the mean of their 95 % intervals.
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
    made = []
    for d, dimension in enumerate(spec.dimensions):
        one, two = 2 * d, 2 * d + 1
        anchors = (origin == one) | (origin == two)
        takes = (labels[:, one] == 1) ^ (labels[:, two] == 1)
        first = labels[:, one] == 1
        heard = [p for p in (one, two) if (labels[:, p] == 1).any()]
        sides = [_with_interval(scores.poles[labels[:, p] >= 0, p], labels[labels[:, p] >= 0, p] == 1) for p in heard]
        rest, rest_low, rest_high = np.mean(sides, axis=0).tolist() if sides else [float("nan")] * 3
        opposite, opposite_low, opposite_high = _with_interval(scores.dimensions[takes, d], first[takes]).tolist()
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


def kept_validity(spec: ToneSpec, encode: Encode, language: str, store: ArrayCache, measure: bytes) -> list[Validity]:
    """The same, from what ships with the package or from the cache, where it is there.

    Parameters
    ----------
    spec, encode, language
        As for `validity`.
    store : ArrayCache
        The cache.
    measure : bytes
        What the scores are made by, from `scored_by`.
    """
    key = validity_key(measure, language)
    shipped = json.loads(SHIPPED.read_text("utf-8")).get(key.hex())
    if shipped is not None:
        return [_from_figures(dimension.id, shipped[dimension.id]) for dimension in spec.dimensions]
    name = digest(key, np.__version__)
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


def scored_by(spec: ToneSpec, weights: str) -> bytes:
    """What tells a tone file, the code that scores by it and an encoder's weights (SHA-256) from all others."""
    own = Path(__file__).parent
    return digest(
        "tone",
        *(
            (own / name).read_bytes()
            for name in ("tone.py", "tone_file.py", "markers.py", "patterns.py", "labelled.py")
        ),
        spec.sha256,
        weights,
    )


def validity_key(measure: bytes, language: str) -> bytes:
    """Under what figures ship and are kept."""
    return digest("validity", Path(__file__).read_bytes(), measure, language)


def _from_figures(dimension: str, figures: dict[str, Any]) -> Validity:
    return Validity(dimension=dimension, **{**figures, "sentences": round(figures["sentences"])})


def _with_interval(scores: Floats, positive: NDArray[np.bool_]) -> Floats:
    """Area under the ROC curve and the ends of its 95 % interval (Newcombe 2006, method 5), which is never a point."""
    value = area(scores, positive)
    above, below = int(positive.sum()), int((~positive).sum())
    if not above or not below:
        return np.full(3, np.nan)
    tried = np.linspace(0, 1, 10_001)
    pairs = (above + below) / 2 - 1
    variance = tried * (1 - tried) * (1 + pairs * ((1 - tried) / (2 - tried) + tried / (1 + tried))) / (above * below)
    inside = tried[np.abs(value - tried) <= 1.96 * np.sqrt(variance)]
    # The area itself may lie between two of those tried.
    return np.array([value, min(value, inside.min(initial=value)), max(value, inside.max(initial=value))])


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
    return _with_anchors(spec, language, dealt_by_pole, (), words=False)


def _with_anchors(
    spec: ToneSpec,
    language: str,
    anchors: Sequence[Sequence[str]],
    labelled: tuple[Labelled, ...],
    words: bool = True,
) -> ToneSpec:
    """The same dimensions with other anchors, pole by pole, other labelled sentences, and perhaps by meaning alone."""
    if not words:
        spec = replace(spec, negators={}, refusals={}, rejections={}, denials={}, reported={})
    given = iter(anchors)
    dimensions = []
    for dimension in spec.dimensions:
        poles = []
        for pole in dimension.poles:
            made = replace(pole, anchors={**pole.anchors, language: tuple(next(given))})
            poles.append(made if words else replace(made, markers={}, exclusions={}))
        dimensions.append(replace(dimension, poles=(poles[0], poles[1])))
    return replace(spec, dimensions=tuple(dimensions), labelled=labelled)
