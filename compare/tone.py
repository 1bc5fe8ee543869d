"""Tone: which stance a sentence takes, on dimensions that a data file defines.

Each dimension has two poles, and each pole is scored on its own, from two kinds of evidence:

- *meaning*: a kernel ridge regression on sentence vectors tells the pole's anchor sentences from anchors of the other
  pole on the same subjects, from anchors of unrelated poles and from neutral policy prose (anchors as in contextual
  construct representation, Atari, Omrani & Dehghani 2023; poles set against each other as in the semantic axes of An,
  Kwak & Ahn 2018 and Kozlowski, Taddy & Evans 2019); labelled sentences, where the file names some, are learnt from as
  well, the many that do not take a pole above all;
- *markers*: terms that carry the stance by themselves, with negations, contexts that turn the pole down, and reported
  speech taken into account.

Scores are centred on policy prose that takes neither pole and scaled by it: 0 is its mean and 1 its standard deviation,
so that dimensions and languages can be set side by side. Anchors and labelled sentences are few, so everything that is
learnt from them is judged on scores that leave the sentence in question out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from compare.cache import digest
from compare.errors import DocumentError
from compare.markers import Evidence, read_markers
from compare.tone_file import ToneSpec

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
Floats = NDArray[np.float64]

# Ridge penalty and width of the Gaussian kernel. Means over the poles (AUC, meaning alone) stay within half a point for
# widths from 0.3 to 4; a linear axis comes out a third of a point lower, whatever its penalty from 0.3 to 10.
_PENALTY = 1.0
_GAMMA = 2.0
# How much each group of sentences counts when a pole is learnt, whatever its size.
_SHARES = {"own": 1.5, "opposite": 0.5, "unrelated": 1.5, "neutral": 0.5, "taken": 1.5, "not taken": 3.0}
# Size from which a group counts that whole share; of smaller groups of labelled sentences each counts the same.
_GROUP = 12
# Labelled sentences with a pole from which on its threshold is set on them.
_FEWEST = 5
# Thresholds that are as good as the best: those whose F1 is at most this much lower.
_AS_GOOD = 0.05
# What a stance counts that a sentence reports without taking it.
_REPORTED = 0.5
# Sentences in a product of matrices, always as many: how sums are rounded hangs on the shape.
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class ToneScores:
    """Tone of n sentences on D dimensions with P = 2 D poles.

    Attributes
    ----------
    dimensions : ndarray of float64, shape (n, D)
        Higher is nearer the first pole; 0 is the mean of policy prose that takes neither pole, 1 its standard
        deviation.
    poles : ndarray of float64, shape (n, P)
        Each pole on its own, in the same units; columns 2 d and 2 d + 1 belong to dimension d.
    present : ndarray of bool, shape (n, P)
        Whether the sentence takes the pole's stance.
    dimension_ids, pole_ids : tuple of str
        Names of the columns.
    """

    dimensions: Floats
    poles: Floats
    present: NDArray[np.bool_]
    dimension_ids: tuple[str, ...]
    pole_ids: tuple[str, ...]


def language_of(text: str) -> str:
    """Language of a sentence by its letters: "zh" where Han characters outnumber words in Latin letters.

    Examples
    --------
    >>> language_of("We will act."), language_of("推动AI发展")
    ('en', 'zh')
    """
    han = len(re.findall(r"[\u3400-\u9fff]", text))
    return "zh" if han > len(re.findall(r"[A-Za-z]+", text)) else "en"


def _unit(vectors: NDArray[np.floating[Any]]) -> Floats:
    rows = np.asarray(vectors, dtype=np.float64)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1.0), dtype=np.float64)


def _kernel(left: Floats, right: Floats) -> Floats:
    """Gaussian kernel of unit vectors, (n, d) and (m, d) to (n, m), with one added for the intercept."""
    return np.asarray(np.exp(-_GAMMA * (2.0 - 2.0 * (left @ right.T))) + 1.0, dtype=np.float64)


def _kernel_ridge(kernel: Floats, target: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted kernel ridge regression, with predictions that leave each row out.

    Parameters
    ----------
    kernel : ndarray, shape (m, m)
        Of all rows with each other.
    target, weight : ndarray, shape (m,)
        What to predict, and how much each row counts (0: not at all).

    Returns
    -------
    dual : ndarray, shape (m,)
        Dual coefficients, 0 for rows of weight 0.
    left_out : ndarray, shape (m,)
        Prediction for each row from all the others (Rasmussen & Williams 2006, eq. 5.12); the plain prediction for
        rows of weight 0.
    """
    used = np.flatnonzero(weight > 0)
    inverse = np.linalg.inv(kernel[np.ix_(used, used)] + np.diag(_PENALTY / weight[used]))
    dual = np.zeros(len(target))
    dual[used] = inverse @ target[used]
    left_out = kernel @ dual
    left_out[used] = target[used] - dual[used] / np.diag(inverse)
    return dual, left_out


_REFERENCE = -1
_LABELLED = -2


@dataclass(frozen=True, slots=True)
class _Fit:
    """What is learnt from the m anchors, reference and labelled sentences of one language."""

    rows: Floats  # (m, d) their vectors
    dual: Floats  # (m, P) coefficients
    scale: Floats  # (2, P) mean and standard deviation of meaning over the reference
    pole_scale: Floats  # (2, P) of meaning and markers together
    dimension_scale: Floats  # (2, D) of the difference of the two poles
    threshold: Floats  # (P,) pole scores above it are presence
    origin: NDArray[np.intp]  # (m,) the pole whose anchor each row is, or _REFERENCE or _LABELLED
    left_out: Floats  # (m, P) pole scores of these sentences, each learnt without it


# What was learnt last in this process, the oldest first, by tone file, language and vectors; a tone file is held with
# it, so that its identity stays its own.
_LEARNT: dict[tuple[int, str, bytes], tuple[ToneSpec, _Fit]] = {}
_MOST_LEARNT = 6


class ToneScorer:
    """Scores sentences on the dimensions of a tone file.

    Parameters
    ----------
    spec : ToneSpec
        Dimensions, anchors and reference sentences, from ``load_dimensions``.
    encode : callable
        From n texts to n vectors of unit length, float32, shape (n, d). It is asked for the anchors of a language when
        a sentence of that language comes first.

    Notes
    -----
    A sentence's score depends on the sentence, the file and the encoder, and on nothing else in the batch.
    """

    def __init__(self, spec: ToneSpec, encode: Encode) -> None:
        self.spec = spec
        self._encode = encode
        self._fits: dict[str, _Fit] = {}

    def score(self, texts: Sequence[str], vectors: NDArray[np.floating[Any]] | None = None) -> ToneScores:
        """Score sentences.

        Parameters
        ----------
        texts : sequence of str
            n sentences; each is scored in its own language.
        vectors : ndarray, shape (n, d), optional
            Their vectors where they are at hand already, from the same encoder.

        Returns
        -------
        ToneScores
            One row a sentence.

        Raises
        ------
        ValueError
            The number of vectors is not the number of texts.
        """
        spec = self.spec
        n, columns = len(texts), 2 * len(spec.dimensions)
        poles = np.zeros((n, columns))
        dimensions = np.zeros((n, len(spec.dimensions)))
        present = np.zeros((n, columns), dtype=np.bool_)
        if n:
            if vectors is None:
                # One at a time: within a batch, an encoder's rounding depends on what else is in it.
                vectors = np.vstack([self._encode([text]) for text in texts])
            rows = _unit(vectors)
            if len(rows) != n:
                raise ValueError(f"{n} texts but {len(rows)} vectors")
            languages = np.array([self.language(language_of(text)) for text in texts])
            for code in sorted(set(languages.tolist())):
                chosen = np.flatnonzero(languages == code)
                fit = self._fit(code)
                meaning = self._meaning(rows[chosen], fit)
                evidence = [read_markers(texts[i], spec, language_of(texts[i])) for i in chosen.tolist()]
                raw = self._combine(meaning, evidence)
                poles[chosen] = (raw - fit.pole_scale[0]) / fit.pole_scale[1]
                difference = raw[:, 0::2] - raw[:, 1::2]
                dimensions[chosen] = (difference - fit.dimension_scale[0]) / fit.dimension_scale[1]
                # Vectors find in both poles what both speak of: by meaning alone the nearer one is heard.
                # Markers are few and precise, so that one of them is enough, for both poles of a mixed sentence too.
                opposite = poles[chosen].reshape(len(chosen), -1, 2)[:, :, ::-1].reshape(len(chosen), -1)
                meant = (poles[chosen] > fit.threshold) & (poles[chosen] >= opposite)
                meant &= np.stack([~np.array(found.negative) | (found.weight > 0) for found in evidence])
                taken = ~np.array([[found.reported] for found in evidence])
                present[chosen] = (meant | np.stack([found.marked for found in evidence])) & taken
        return ToneScores(dimensions, poles, present, spec.dimension_ids, spec.pole_ids)

    def learnt(self, languages: Iterable[str]) -> ToneScorer:
        """A scorer for sentences in these languages that has learnt, and needs no encoder: vectors come with the texts.

        Parameters
        ----------
        languages : iterable of str
            ISO 639-1 codes.
        """
        made = ToneScorer(self.spec, _without_encoder)
        made._fits = {code: self._fit(code) for code in sorted({self.language(language) for language in languages})}
        return made

    def score_together(self, texts: Sequence[str]) -> ToneScores:
        """As `score`, encoded all at once: for encoders, as ours are, of which a vector hangs on its text alone.

        Parameters
        ----------
        texts : sequence of str
            n sentences.
        """
        return self.score(texts, self._encode(texts) if texts else None)

    def anchor_scores(self, language: str) -> tuple[NDArray[np.intp], Floats]:
        """Scores of the sentences that are learnt from, each learnt without the sentence itself.

        Parameters
        ----------
        language : str
            One of ``ToneSpec.languages``.

        Returns
        -------
        origin : ndarray of int, shape (m,)
            Number of the pole whose anchor each sentence is; less than 0 for reference and labelled sentences.
        scores : ndarray, shape (m, P)
            Pole scores.
        """
        fit = self._fit(language)
        return fit.origin, fit.left_out

    def language(self, language: str) -> str:
        """Language whose anchors sentences in a language are compared with: its own, or the first that there is."""
        return language if language in self.spec.languages else self.spec.languages[0]

    def _meaning(self, rows: Floats, fit: _Fit) -> Floats:
        """Pole scores from the vectors alone, (n, P), in standard deviations of the reference."""
        raw = np.empty((len(rows), fit.dual.shape[1]))
        block = np.zeros((_BLOCK, rows.shape[1]))
        # By one thread and in blocks of one shape, a sentence has the same score bit for bit in any company.
        with threadpool_limits(1):
            for start in range(0, len(rows), _BLOCK):
                part = rows[start : start + _BLOCK]
                block[: len(part)] = part
                raw[start : start + _BLOCK] = (_kernel(block, fit.rows) @ fit.dual)[: len(part)]
        return np.asarray((raw - fit.scale[0]) / fit.scale[1], dtype=np.float64)

    def _combine(self, meaning: Floats, evidence: Sequence[Evidence]) -> Floats:
        """Meaning and markers together, (n, P)."""
        weights = np.repeat([dimension.marker_weight for dimension in self.spec.dimensions], 2)
        combined = meaning.copy()
        for row, found in zip(combined, evidence, strict=True):
            # Vectors hardly see a negation: a pole turned down in words is not there, whatever the vector says.
            row[found.denied] = np.minimum(row[found.denied], 0.0)
            row += weights * found.weight
            if found.reported:
                row[row > 0] *= _REPORTED
        return combined

    def _fit(self, code: str) -> _Fit:
        if code not in self._fits:
            sentences = self._sentences(code)
            rows = _unit(self._encode(sentences))
            # Comparisons made one after another learn the same from the same, which takes a second each time.
            key = (id(self.spec), code, digest(rows.tobytes()))
            made = _LEARNT.pop(key, None)
            if made is None:
                # By one thread: another number of them would round sums in another way.
                with threadpool_limits(1):
                    made = (self.spec, self._learn(code, sentences, rows))
            _LEARNT[key] = made
            if len(_LEARNT) > _MOST_LEARNT:
                _LEARNT.pop(next(iter(_LEARNT)))
            self._fits[code] = made[1]
        return self._fits[code]

    def _sentences(self, code: str) -> list[str]:
        """What is learnt from in a language: reference, anchors pole by pole, labelled sentences."""
        spec = self.spec
        anchors = [text for pole in spec.poles for text in pole.anchors[code]]
        return [*spec.reference[code], *anchors, *(item.text for item in spec.labels(code, "training")[0])]

    def _learn(self, code: str, sentences: Sequence[str], rows: Floats) -> _Fit:
        spec = self.spec
        poles = spec.poles
        owner = [_REFERENCE] * len(spec.reference[code])
        for p, pole in enumerate(poles):
            owner += [p] * len(pole.anchors[code])
        labelled, labels = spec.labels(code, "training")
        owner += [_LABELLED] * len(labelled)
        origin = np.array(owner)
        neutral = origin == _REFERENCE
        known = np.full((len(sentences), len(poles)), -1)
        known[origin == _LABELLED] = labels
        kernel = _kernel(rows, rows)
        number = {pole.id: p for p, pole in enumerate(poles)}
        duals = np.zeros((len(rows), len(poles)))
        left_out = np.zeros((len(rows), len(poles)))
        counter = np.zeros((len(rows), len(poles)), dtype=np.bool_)
        for p, pole in enumerate(poles):
            opposite = p ^ 1
            kin = {number[name] for name in pole.kin} - {opposite}
            groups = {
                "own": origin == p,
                "opposite": origin == opposite,
                "unrelated": np.array([o >= 0 and o not in kin and o not in (p, opposite) for o in owner]),
                "neutral": neutral,
                "taken": known[:, p] == 1,
                "not taken": known[:, p] == 0,
            }
            weight = np.zeros(len(rows))
            for group, members in groups.items():
                count = members.sum()
                if count:
                    least = _GROUP if group in ("taken", "not taken") else 1
                    weight[members] = _GROUP * _SHARES[group] / max(count, least)
            taken = groups["own"] | groups["taken"]
            counter[:, p] = (weight > 0) & ~taken & (origin != _LABELLED)
            duals[:, p], left_out[:, p] = _kernel_ridge(kernel, np.where(taken, 1.0, -1.0), weight)
        scale = _scale(left_out[neutral])
        evidence = [read_markers(sentence, spec, code) for sentence in sentences]
        raw = self._combine((left_out - scale[0]) / scale[1], evidence)
        difference = raw[:, 0::2] - raw[:, 1::2]
        pole_scale = np.empty((2, len(poles)))
        dimension_scale = np.empty((2, len(spec.dimensions)))
        for d in range(len(spec.dimensions)):
            # Policy prose that takes neither pole, on whatever else: the more of it, the better two languages agree.
            plain = neutral | (known[:, 2 * d : 2 * d + 2] == 0).all(axis=1)
            pole_scale[:, 2 * d : 2 * d + 2] = _scale(raw[plain, 2 * d : 2 * d + 2])
            dimension_scale[:, d : d + 1] = _scale(difference[plain, d : d + 1])
        scores = (raw - pole_scale[0]) / pole_scale[1]
        threshold = np.array(
            [
                _best_threshold(scores[known[:, p] >= 0, p], known[known[:, p] >= 0, p] == 1)
                if (known[:, p] == 1).sum() >= _FEWEST
                else _threshold(scores[origin == p, p], scores[counter[:, p], p])
                for p in range(len(poles))
            ]
        )
        return _Fit(rows, duals, scale, pole_scale, dimension_scale, threshold, origin, scores)


def _without_encoder(texts: Sequence[str]) -> NDArray[np.float32]:
    raise ValueError("this scorer was made for some languages, and takes vectors with the texts")


def _scale(values: Floats) -> Floats:
    """Mean and standard deviation of each column, (2, k)."""
    return np.stack([values.mean(axis=0), values.std(axis=0, ddof=1)])


def _threshold(own: Floats, others: Floats) -> float:
    """Score above which a pole is present: midway between the 95 % of counter-examples and 90 % of anchors."""
    return float((np.quantile(others, 0.95) + np.quantile(own, 0.10)) / 2)


def _best_threshold(scores: Floats, takes: NDArray[np.bool_]) -> float:
    """Score above which labelled sentences take the pole with the best F1: the strictest of all about as good."""
    tried = np.unique(scores)
    above = scores > tried[:, None]
    hits = (above & takes).sum(axis=1)
    f1 = 2 * hits / (above.sum(axis=1) + takes.sum())
    return float(tried[f1 >= f1.max() - _AS_GOOD].max())


# ---------------------------------------------------------------------------------------------------------------------
# Lines of a file


def _texts(lines: Iterable[str], source: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        stripped = line.strip().lstrip("\ufeff")
        if not stripped:
            continue
        if not stripped.startswith("{"):
            yield stripped
            continue
        try:
            entry = json.loads(stripped)
        except json.JSONDecodeError as error:
            raise DocumentError(
                f"{source}: line {number} begins as JSON but is none ({error.msg}); give a JSON object or plain text"
            ) from None
        text = entry.get("text")
        if not isinstance(text, str) or not text.strip():
            raise DocumentError(f'{source}: line {number} has no "text"; give each JSON line a text to score')
        yield text


def score_lines(
    lines: Iterable[str], scorer: ToneScorer | Mapping[str, ToneScorer], source: str = "input", batch: int = 256
) -> Iterator[dict[str, Any]]:
    """Score the lines of a file one by one.

    Parameters
    ----------
    lines : iterable of str
        A sentence a line: plain, or a JSON object with "text". Empty lines are left out.
    scorer : ToneScorer or mapping of str to ToneScorer
        One for all lines, or one for each language ("en", "zh").
    source : str
        Name of the file, for errors.
    batch : int
        Number of lines scored at a time.

    Yields
    ------
    dict
        ``text``, ``language``, ``scores`` (dimension to float), ``poles`` (pole to float) and ``present`` (pole to
        bool), in the order of the lines; numbers are rounded to six digits after the point.

    Raises
    ------
    DocumentError
        A line begins as JSON but is none, or has no text.
    """
    waiting: list[str] = []
    for text in _texts(lines, source):
        waiting.append(text)
        if len(waiting) == batch:
            yield from _score_batch(waiting, scorer)
            waiting = []
    yield from _score_batch(waiting, scorer)


def _score_batch(texts: Sequence[str], scorer: ToneScorer | Mapping[str, ToneScorer]) -> Iterator[dict[str, Any]]:
    languages = [language_of(text) for text in texts]
    found: dict[int, dict[str, Any]] = {}
    for code in sorted(set(languages)):
        chosen = [i for i, language in enumerate(languages) if language == code]
        own = scorer if isinstance(scorer, ToneScorer) else scorer[code]
        scores = own.score_together([texts[i] for i in chosen])
        for row, i in enumerate(chosen):
            found[i] = {
                "text": texts[i],
                "language": code,
                "scores": dict(zip(scores.dimension_ids, scores.dimensions[row].round(6).tolist(), strict=True)),
                "poles": dict(zip(scores.pole_ids, scores.poles[row].round(6).tolist(), strict=True)),
                "present": dict(zip(scores.pole_ids, scores.present[row].tolist(), strict=True)),
            }
    for i in range(len(texts)):
        yield found[i]
