"""Validity of the dimensions of tone: what a reader should know before trusting one, computed and not claimed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.cache import ArrayCache, digest
from compare.inference import generator
from compare.tone import Encode, ToneScorer, ToneSpec

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

_PLACEBOS = 8


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
    rest, opposite : float
        On the test sentences: area under the ROC curve of the poles' scores against all other sentences, mean of the
        two, and of the dimension's score between sentences of the two poles.
    sentences : int
        Test sentences that take one of the poles.
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
    opposite: float
    sentences: int
    length: float
    placebo: float


def labelled_sentences(spec: ToneSpec, language: str, part: str = "test") -> tuple[list[dict[str, Any]], Labels]:
    """Sentences of our own with the poles that they take.

    Parameters
    ----------
    spec : ToneSpec
        Whose poles are asked for.
    language : str
        "en" or "zh".
    part : {"test", "development"}
        Nothing was chosen on the test part.

    Returns
    -------
    rows : list of dict
        "text", and "kind": plain, neither, negated, attributed or mixed.
    labels : ndarray of int, shape (n_sentences, n_poles)
        1 where a sentence takes a pole, 0 where not, -1 where that is open to argument or no sentence is labelled for
        the pole.
    """
    text = resources.files("compare").joinpath("data", "tone-sentences.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    known = {name for row in rows for name in row["poles"]}
    rows = [row for row in rows if row["language"] == language and row["part"] == part]
    labels = [
        [1 if name in row["poles"] else -1 if name in row["open"] or name not in known else 0 for name in spec.pole_ids]
        for row in rows
    ]
    return rows, np.array(labels, dtype=np.intp)


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

    Parameters
    ----------
    spec : ToneSpec
        The dimensions.
    encode : callable
        From n texts to n vectors, as for `ToneScorer`.
    language : str
        One of ``spec.languages``.
    """
    rows, labels = labelled_sentences(spec, language)
    texts = [row["text"] for row in rows]
    vectors = np.asarray(encode(texts))
    scorer = ToneScorer(spec, encode)
    scores = scorer.score(texts, vectors)
    origin, left_out = scorer.anchor_scores(language)
    halves = [
        ToneScorer(_anchors(spec, language, half), encode).score(texts, vectors).dimensions
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
        rest = [
            area(scores.poles[labels[:, p] >= 0, p], labels[labels[:, p] >= 0, p] == 1)
            for p in (one, two)
            if (labels[:, p] == 1).any()
        ]
        made.append(
            Validity(
                dimension=dimension.id,
                left_out=area((left_out[:, one] - left_out[:, two])[anchors], origin[anchors] == one),
                halves=_correlation(halves[0][:, d], halves[1][:, d]),
                rest=float(np.mean(rest)) if rest else float("nan"),
                opposite=area(scores.dimensions[takes, d], first[takes]),
                sentences=int(takes.sum()),
                length=_correlation(_ranks(scores.dimensions[:, d]), ranks),
                placebo=float(np.mean([area(placebo[takes, d], first[takes]) for placebo in placebos])),
            )
        )
    return made


FIELDS = tuple(field.name for field in fields(Validity) if field.name != "dimension")


def kept_validity(spec: ToneSpec, encode: Encode, language: str, store: ArrayCache, measure: bytes) -> list[Validity]:
    """The same, from the cache where it is.

    Parameters
    ----------
    spec, encode, language
        As for `validity`.
    store : ArrayCache
        The cache.
    measure : bytes
        What tells the tone file, the code that scores by it, and the encoder from all others.
    """
    own = resources.files("compare")
    code = [own.joinpath(name).read_bytes() for name in ("validity.py", "data/tone-sentences.jsonl")]
    name = digest("validity", *code, measure, language)
    size = len(FIELDS) * len(spec.dimensions)
    kept = store.get([name], "<f8", size).get(name)
    if kept is None:
        found = validity(spec, encode, language)
        store.put({name: np.array([[getattr(item, field) for field in FIELDS] for item in found]).ravel()}, "<f8")
        return found
    table = np.asarray(kept, np.float64).reshape(len(spec.dimensions), len(FIELDS))
    made = []
    for dimension, (left_out, halves, rest, opposite, sentences, length, placebo) in zip(
        spec.dimensions, table.tolist(), strict=True
    ):
        made.append(Validity(dimension.id, left_out, halves, rest, opposite, round(sentences), length, placebo))
    return made


def _correlation(one: Floats, two: Floats) -> float:
    if len(one) < 2 or not one.std() or not two.std():
        return float("nan")
    return float(np.corrcoef(one, two)[0, 1])


def _ranks(values: Floats) -> Floats:
    """Ranks from 0; equal values share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts + 1) / 2)[inverse])


def _with_anchors(spec: ToneSpec, language: str, anchors: Sequence[Sequence[str]], markers: bool) -> ToneSpec:
    """The same dimensions with other anchors, pole by pole, and perhaps without markers."""
    given = iter(anchors)
    dimensions = []
    for dimension in spec.dimensions:
        poles = []
        for pole in dimension.poles:
            made = replace(pole, anchors={**pole.anchors, language: tuple(next(given))})
            poles.append(made if markers else replace(made, markers={}, exclusions={}))
        dimensions.append(replace(dimension, poles=(poles[0], poles[1])))
    return replace(spec, dimensions=tuple(dimensions))


def _anchors(spec: ToneSpec, language: str, half: slice) -> ToneSpec:
    return _with_anchors(spec, language, [pole.anchors[language][half] for pole in spec.poles], markers=True)


def _shuffled(spec: ToneSpec, language: str, draw: int) -> ToneSpec:
    sizes = [len(pole.anchors[language]) for pole in spec.poles]
    sentences = [text for pole in spec.poles for text in pole.anchors[language]]
    dealt = [sentences[i] for i in generator(0, "placebo axis", str(draw)).permutation(len(sentences))]
    ends = np.cumsum(sizes)
    dealt_by_pole = [dealt[end - size : end] for size, end in zip(sizes, ends.tolist(), strict=True)]
    return _with_anchors(spec, language, dealt_by_pole, markers=False)
