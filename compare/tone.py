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

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.errors import DocumentError, OptionError
from compare.labelled import LANGUAGES, Labelled, label_matrix, read_labelled

SCHEMA = "policy-compare-tone/1"
_OWN = Path(__file__).parent / "data" / "tone.toml"
# Bytes that a tone file or a file of labelled sentences may have.
_LARGEST = 8 << 20

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
# A second marker adds half of what the first adds, a third a quarter: one term repeated is not twice the stance.
_FADE = 0.5
# What a stance counts that a sentence reports without taking it.
_REPORTED = 0.5


@dataclass(frozen=True, slots=True)
class Pole:
    """One end of a dimension and what it is recognised by.

    Attributes
    ----------
    id, label : str
        Identifier and human name.
    anchors : mapping of str to tuple of str
        Sentences that take the stance, by language ("en", "zh").
    markers, exclusions, masks : mapping of str to tuple of re.Pattern
        Terms that carry the stance; contexts that turn it down; contexts in which a marker means something else.
    kin : tuple of str
        Poles that often go together with this one; their anchors are no counter-examples.
    negatable : bool
        Whether a negation before a marker turns the pole down.
    """

    id: str
    label: str
    anchors: Mapping[str, tuple[str, ...]]
    markers: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    exclusions: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    masks: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    kin: tuple[str, ...] = ()
    negatable: bool = True


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of tone between two poles; higher scores are nearer the first.

    Attributes
    ----------
    id, label, definition, source : str
        Identifier, human name, meaning, and the literature it comes from.
    poles : tuple of two Pole
        The two ends.
    marker_weight : float
        What one marker adds, in standard deviations of neutral prose.
    first : bool
        Whether the marker that comes first rules the sentence.
    """

    id: str
    label: str
    definition: str
    source: str
    poles: tuple[Pole, Pole]
    marker_weight: float = 1.5
    first: bool = False


@dataclass(frozen=True, slots=True)
class ToneSpec:
    """All that a tone file says.

    Attributes
    ----------
    dimensions : tuple of Dimension
        In the order of the file, which is the order of all scores.
    reference : mapping of str to tuple of str
        Neutral policy sentences by language.
    negators, refusals, rejections, denials, reported : mapping of str to tuple of re.Pattern
        Words that turn down what follows soon; words that turn down what stands before them; stretches of text in which
        everything is turned down; words that turn down a sentence, so that vectors alone, which hardly see them, do not
        say what it is for; phrases that report a stance without taking it.
    window : int
        How far before a marker a negator works: words in English, characters in Chinese.
    labelled : tuple of Labelled
        Sentences that the scores learn from (part "training") or are tried on.
    sha256 : str
        Of the files that it was read from.
    """

    dimensions: tuple[Dimension, ...]
    reference: Mapping[str, tuple[str, ...]]
    negators: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    refusals: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    rejections: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    denials: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    reported: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    window: int = 4
    labelled: tuple[Labelled, ...] = ()
    sha256: str = ""

    def labels(self, language: str, part: str) -> tuple[tuple[Labelled, ...], NDArray[np.intp]]:
        """Labelled sentences of a language and part, and their labels.

        Parameters
        ----------
        language : str
            "en" or "zh".
        part : {"training", "development", "test"}
            The scores learn from the first; words were chosen on the second; nothing was chosen on the third.

        Returns
        -------
        sentences : tuple of Labelled
            n sentences.
        labels : ndarray of int, shape (n, P)
            1 where a sentence takes a pole, 0 where not, -1 where that is open to argument or where no sentence at all
            is labelled for the pole.
        """
        known = frozenset(name for item in self.labelled for name in item.poles)
        chosen = tuple(item for item in self.labelled if (item.language, item.part) == (language, part))
        return chosen, label_matrix(chosen, self.pole_ids, known)

    @property
    def poles(self) -> tuple[Pole, ...]:
        """All poles: the two of the first dimension, then the two of the second, and so on."""
        return tuple(pole for dimension in self.dimensions for pole in dimension.poles)

    @property
    def dimension_ids(self) -> tuple[str, ...]:
        """Identifiers of the dimensions, in the order of the columns of ``ToneScores.dimensions``."""
        return tuple(dimension.id for dimension in self.dimensions)

    @property
    def pole_ids(self) -> tuple[str, ...]:
        """Identifiers of the poles, in the order of the columns of ``ToneScores.poles``."""
        return tuple(pole.id for pole in self.poles)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have reference sentences and anchors for every pole."""
        return tuple(
            code
            for code in LANGUAGES
            if self.reference.get(code) and all(pole.anchors.get(code) for pole in self.poles)
        )


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


# ---------------------------------------------------------------------------------------------------------------------
# Reading a tone file


def _wrong(source: str, where: str, what: str) -> OptionError:
    return OptionError(f"{source}: {where}: {what}")


def _string(table: Mapping[str, Any], key: str, source: str, where: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or not (value.strip() or default is not None):
        raise _wrong(source, where, f"'{key}' must be a text that is not empty")
    return value.strip()


def _strings(table: Mapping[str, Any], key: str, source: str, where: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise _wrong(source, where, f"'{key}' must be a list of texts that are not empty")
    return tuple(item.strip() for item in value)


def _patterns(table: Mapping[str, Any], name: str, source: str, where: str) -> dict[str, tuple[re.Pattern[str], ...]]:
    found: dict[str, tuple[re.Pattern[str], ...]] = {}
    for code in LANGUAGES:
        compiled = []
        for item in _strings(table, f"{name}_{code}", source, where):
            try:
                compiled.append(re.compile(item, re.IGNORECASE))
            except re.error as error:
                raise _wrong(source, where, f"'{name}_{code}': {item!r} is no regular expression ({error})") from None
            if compiled[-1].match(""):
                raise _wrong(source, where, f"'{name}_{code}': {item!r} matches the empty text; make it longer")
        found[code] = tuple(compiled)
    return found


def _known(table: Mapping[str, Any], keys: Iterable[str], source: str, where: str) -> None:
    allowed = sorted(keys)
    for key in table:
        if key not in allowed:
            raise _wrong(source, where, f"unknown field '{key}'; known are {', '.join(allowed)}")


def _by_language(*names: str) -> set[str]:
    return {f"{name}_{code}" for name in names for code in LANGUAGES}


def _tables(table: Mapping[str, Any], key: str, source: str, where: str) -> list[dict[str, Any]]:
    value = table.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise _wrong(source, where, f"needs tables named '{key}'")
    return value


def _pole(table: dict[str, Any], source: str, where: str) -> Pole:
    _known(
        table,
        {"id", "label", "kin", "negatable"} | _by_language("anchors", "markers", "exclusions", "masks"),
        source,
        where,
    )
    name = _string(table, "id", source, where)
    where = f"{where}, pole '{name}'"
    anchors = {code: _strings(table, f"anchors_{code}", source, where) for code in LANGUAGES}
    for code, sentences in anchors.items():
        if 0 < len(sentences) < 3:
            raise _wrong(source, where, f"'anchors_{code}' needs 3 sentences or more, not {len(sentences)}")
    if not any(anchors.values()):
        raise _wrong(source, where, "needs 'anchors_en' or 'anchors_zh', 3 sentences or more")
    negatable = table.get("negatable", True)
    if not isinstance(negatable, bool):
        raise _wrong(source, where, "'negatable' must be true or false")
    return Pole(
        id=name,
        label=_string(table, "label", source, where),
        anchors=anchors,
        markers=_patterns(table, "markers", source, where),
        exclusions=_patterns(table, "exclusions", source, where),
        masks=_patterns(table, "masks", source, where),
        kin=_strings(table, "kin", source, where),
        negatable=negatable,
    )


def _dimension(table: dict[str, Any], number: int, source: str) -> Dimension:
    where = f"dimension {number}"
    _known(table, {"id", "label", "definition", "source", "marker_weight", "first", "poles"}, source, where)
    name = _string(table, "id", source, where)
    where = f"dimension '{name}'"
    poles = [_pole(entry, source, where) for entry in _tables(table, "poles", source, where)]
    if len(poles) != 2:
        raise _wrong(source, where, f"needs two poles, not {len(poles)}")
    weight = table.get("marker_weight", 1.5)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 100:
        raise _wrong(source, where, "'marker_weight' must be a number from 0 to 100")
    first = table.get("first", False)
    if not isinstance(first, bool):
        raise _wrong(source, where, "'first' must be true or false")
    return Dimension(
        id=name,
        label=_string(table, "label", source, where),
        definition=_string(table, "definition", source, where),
        source=_string(table, "source", source, where, default=""),
        poles=(poles[0], poles[1]),
        marker_weight=float(weight),
        first=first,
    )


def load_dimensions(path: Path | None = None) -> ToneSpec:
    """Read a tone file.

    Parameters
    ----------
    path : Path, optional
        A TOML file in the form of the package's own ``tone.toml``, which is read where none is given.

    Returns
    -------
    ToneSpec
        Checked dimensions, poles, reference sentences, contexts and labelled sentences.

    Raises
    ------
    OptionError
        The file, or the file of labelled sentences that it names, is missing, or is no TOML or JSON lines, or a field
        is wrong; the line names file, dimension and field.
    """
    source = "tone.toml" if path is None else str(path)
    place = _OWN if path is None else Path(path)
    content = _content(place, source, "give a TOML file of tone dimensions")
    try:
        data = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{source}: is no TOML ({error})") from None
    spec = _spec(data, source)
    name = _string(data, "labelled", source, "top level", default="")
    if not name:
        return replace(spec, sha256=hashlib.sha256(content.encode()).hexdigest())
    listed = place.parent / name
    if not listed.is_file() and name == Path(name).name and (_OWN.parent / name).is_file():
        # A copy of the package's own file, edited elsewhere, goes on with the package's own sentences.
        listed = _OWN.parent / name
    sentences = _content(listed, str(listed), f"{source} names it under 'labelled'")
    return replace(
        spec,
        labelled=read_labelled(sentences, str(listed)),
        sha256=hashlib.sha256(f"{content}\0{sentences}".encode()).hexdigest(),
    )


def _content(path: Path, source: str, remedy: str) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise OptionError(f"{source}: larger than {_LARGEST >> 20} MB; {remedy}")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise OptionError(f"{source}: cannot be read ({reason}); {remedy}") from None


def _spec(data: dict[str, Any], source: str) -> ToneSpec:
    _known(data, {"schema", "labelled", "dimensions", "context", "reference"}, source, "top level")
    if data.get("schema") != SCHEMA:
        raise _wrong(source, "top level", f"'schema' must be \"{SCHEMA}\"")
    tables = _tables(data, "dimensions", source, "top level")
    dimensions = tuple(_dimension(table, number, source) for number, table in enumerate(tables, 1))
    seen: set[str] = set()
    for dimension in dimensions:
        for name in (dimension.id, *(pole.id for pole in dimension.poles)):
            # A dimension may be called as its first pole ("obligation").
            if name in seen and name != dimension.poles[0].id:
                raise _wrong(source, f"dimension '{dimension.id}'", f"the id '{name}' is taken already")
        names = {dimension.id, *(pole.id for pole in dimension.poles)}
        if seen & names or dimension.poles[0].id == dimension.poles[1].id:
            name = min(seen & names) if seen & names else dimension.poles[0].id
            raise _wrong(source, f"dimension '{dimension.id}'", f"the id '{name}' is taken already")
        seen |= names
    for dimension in dimensions:
        for pole in dimension.poles:
            for other in pole.kin:
                if other not in {p.id for d in dimensions for p in d.poles}:
                    where = f"dimension '{dimension.id}', pole '{pole.id}'"
                    raise _wrong(source, where, f"'kin' names '{other}', which is no pole of this file")
    table = data.get("reference", {})
    if not isinstance(table, dict):
        raise _wrong(source, "reference", "must be a table")
    _known(table, _by_language("sentences"), source, "reference")
    reference = {code: _strings(table, f"sentences_{code}", source, "reference") for code in LANGUAGES}
    for code, sentences in reference.items():
        if 0 < len(sentences) < 20:
            raise _wrong(source, "reference", f"'sentences_{code}' needs 20 sentences or more, not {len(sentences)}")
    context = data.get("context", {})
    if not isinstance(context, dict):
        raise _wrong(source, "context", "must be a table")
    _known(
        context,
        {"window"} | _by_language("negators", "refusals", "rejections", "denials", "reported"),
        source,
        "context",
    )
    window = context.get("window", 4)
    if isinstance(window, bool) or not isinstance(window, int) or not 0 <= window <= 50:
        raise _wrong(source, "context", "'window' must be a whole number from 0 to 50")
    spec = ToneSpec(
        dimensions=dimensions,
        reference=reference,
        negators=_patterns(context, "negators", source, "context"),
        refusals=_patterns(context, "refusals", source, "context"),
        rejections=_patterns(context, "rejections", source, "context"),
        denials=_patterns(context, "denials", source, "context"),
        reported=_patterns(context, "reported", source, "context"),
        window=window,
    )
    if not spec.languages:
        raise _wrong(source, "reference", "no language has anchors for every pole and reference sentences as well")
    return spec


# ---------------------------------------------------------------------------------------------------------------------
# Markers


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the markers of one sentence say of each of P poles."""

    weight: Floats  # (P,), 0 without a marker, 1 with one, up to 2
    marked: NDArray[np.bool_]  # (P,), a marker of the pole stands, and none of the other pole rules it
    denied: NDArray[np.bool_]  # (P,), the pole is turned down and nothing else speaks for it
    reported: bool
    negative: bool  # something is turned down in it


_CLAUSE = re.compile(r"[.;:!?,，。；：！？、]")


def _spans(patterns: Iterable[re.Pattern[str]], text: str) -> list[tuple[int, int]]:
    return [match.span() for pattern in patterns for match in pattern.finditer(text)]


def _inside(span: tuple[int, int], holders: Sequence[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in holders)


def _negated(text: str, start: int, negators: Sequence[re.Pattern[str]], window: int, language: str) -> bool:
    before = text[:start]
    breaks = [match.end() for match in _CLAUSE.finditer(before)]
    clause = before[breaks[-1] :] if breaks else before
    if language == "zh":
        near = clause[-2 * window :]
    else:
        words = list(re.finditer(r"\S+", clause))
        near = clause[words[-window].start() :] if len(words) > window else clause
    return any(pattern.search(near) for pattern in negators)


def _read_markers(text: str, spec: ToneSpec, language: str) -> _Evidence:
    """Markers of all poles in one sentence, with what turns them down."""
    count = 2 * len(spec.dimensions)
    hits = np.zeros(count)
    marked = np.zeros(count, dtype=np.bool_)
    denied = np.zeros(count, dtype=np.bool_)
    negators = spec.negators.get(language, ())
    # What is said to be bad or to be prevented: the marker stands before the word that turns it down.
    refused = max((start for start, _ in _spans(spec.refusals.get(language, ()), text)), default=-1)
    rejected = _spans(spec.rejections.get(language, ()), text)
    for d, dimension in enumerate(spec.dimensions):
        starts: list[list[int]] = [[], []]
        turned = [0, 0]
        dropped = [0, 0]
        for side, pole in enumerate(dimension.poles):
            found = sorted(_spans(pole.markers.get(language, ()), text))
            masks = _spans(pole.masks.get(language, ()), text) if found else []
            excluded = _spans(pole.exclusions.get(language, ()), text)
            turned[side] = int(bool(excluded))
            taken: list[tuple[int, int]] = []
            for span in found:
                if _inside(span, masks) or _inside(span, excluded) or _inside(span, taken):
                    continue
                if _inside(span, rejected):
                    dropped[side] = 1
                    continue
                if span[0] < refused or (pole.negatable and _negated(text, span[0], negators, spec.window, language)):
                    turned[side] = 1
                    continue
                taken.append(span)
                starts[side].append(span[0])
        for side in (0, 1):
            p = 2 * d + side
            # A pole turned down speaks for the other one, as one marker would.
            amount = float(len(starts[side]) + turned[1 - side])
            weight = (1 - _FADE**amount) / (1 - _FADE)
            ruled = dimension.first and starts[side] and starts[1 - side] and min(starts[side]) > min(starts[1 - side])
            if ruled:
                weight = 0.0
            marked[p] = bool(starts[side]) and not ruled
            hits[p] = weight
            denied[p] = bool(turned[side] or dropped[side]) and not starts[side]
    reported = any(pattern.search(text) for pattern in spec.reported.get(language, ()))
    denials = spec.denials.get(language, ())
    negative = refused >= 0 or bool(rejected) or any(pattern.search(text) for pattern in denials)
    return _Evidence(hits, marked, denied, reported, negative)


# ---------------------------------------------------------------------------------------------------------------------
# Scoring


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
                evidence = [_read_markers(texts[i], spec, language_of(texts[i])) for i in chosen.tolist()]
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
        raw = _kernel(rows, fit.rows) @ fit.dual
        return np.asarray((raw - fit.scale[0]) / fit.scale[1], dtype=np.float64)

    def _combine(self, meaning: Floats, evidence: Sequence[_Evidence]) -> Floats:
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
            self._fits[code] = self._learn(code)
        return self._fits[code]

    def _learn(self, code: str) -> _Fit:
        spec = self.spec
        poles = spec.poles
        sentences = list(spec.reference[code])
        owner = [_REFERENCE] * len(sentences)
        for p, pole in enumerate(poles):
            sentences += pole.anchors[code]
            owner += [p] * len(pole.anchors[code])
        labelled, labels = spec.labels(code, "training")
        sentences += [item.text for item in labelled]
        owner += [_LABELLED] * len(labelled)
        origin = np.array(owner)
        neutral = origin == _REFERENCE
        known = np.full((len(sentences), len(poles)), -1)
        known[origin == _LABELLED] = labels
        rows = _unit(self._encode(sentences))
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
        evidence = [_read_markers(sentence, spec, code) for sentence in sentences]
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
        scores = (scorer if isinstance(scorer, ToneScorer) else scorer[code]).score([texts[i] for i in chosen])
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
