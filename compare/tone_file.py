"""Dimensions of tone as a data file defines them: poles with anchors and markers, and what turns a stance down."""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.errors import OptionError
from compare.labelled import LANGUAGES, Labelled, label_matrix, read_labelled
from compare.patterns import Finder, Patterns

SCHEMA = "policy-compare-tone/1"
_OWN = Path(__file__).parent / "data" / "tone.toml"
# Bytes that a tone file or a file of labelled sentences may have.
_LARGEST = 8 << 20


@dataclass(frozen=True, slots=True)
class Pole:
    """One end of a dimension and what it is recognised by.

    Attributes
    ----------
    id, label : str
        Identifier and human name.
    anchors : mapping of str to tuple of str
        Sentences that take the stance, by language ("en", "zh").
    markers, exclusions, masks : mapping of str to Patterns
        Terms that carry the stance; contexts that turn it down; contexts in which a marker means something else.
    kin : tuple of str
        Poles that often go together with this one; their anchors are no counter-examples.
    negatable : bool
        Whether a negation before a marker turns the pole down.
    """

    id: str
    label: str
    anchors: Mapping[str, tuple[str, ...]]
    markers: Mapping[str, Patterns] = field(default_factory=dict)
    exclusions: Mapping[str, Patterns] = field(default_factory=dict)
    masks: Mapping[str, Patterns] = field(default_factory=dict)
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
    negators, refusals, rejections, denials, reported : mapping of str to Patterns
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
    negators: Mapping[str, Patterns] = field(default_factory=dict)
    refusals: Mapping[str, Patterns] = field(default_factory=dict)
    rejections: Mapping[str, Patterns] = field(default_factory=dict)
    denials: Mapping[str, Patterns] = field(default_factory=dict)
    reported: Mapping[str, Patterns] = field(default_factory=dict)
    window: int = 4
    labelled: tuple[Labelled, ...] = ()
    sha256: str = ""
    _finders: dict[str, Finder] = field(default_factory=dict, init=False, repr=False, compare=False)

    def finder(self, language: str) -> Finder:
        """What tells which of the patterns of a language may be in a text.

        Parameters
        ----------
        language : str
            "en" or "zh".
        """
        if language not in self._finders:
            groups = [self.refusals, self.rejections, self.denials, self.reported]
            groups += [group for pole in self.poles for group in (pole.markers, pole.masks, pole.exclusions)]
            self._finders[language] = Finder(group[language] for group in groups if language in group)
        return self._finders[language]

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


def _patterns(table: Mapping[str, Any], name: str, source: str, where: str) -> dict[str, Patterns]:
    found: dict[str, Patterns] = {}
    for code in LANGUAGES:
        compiled = []
        for item in _strings(table, f"{name}_{code}", source, where):
            try:
                compiled.append(re.compile(item, re.IGNORECASE))
            except re.error as error:
                raise _wrong(source, where, f"'{name}_{code}': {item!r} is no regular expression ({error})") from None
            if compiled[-1].match(""):
                raise _wrong(source, where, f"'{name}_{code}': {item!r} matches the empty text; make it longer")
        found[code] = Patterns(compiled)
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
    return _own() if path is None else _read(Path(path), str(path))


@functools.cache
def _own() -> ToneSpec:
    return _read(_OWN, "tone.toml")


def _read(place: Path, source: str) -> ToneSpec:
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
