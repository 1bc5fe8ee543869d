"""Sentences of which it is known which poles of tone they take: what the scores learn from and are tried on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.errors import OptionError

LANGUAGES = ("en", "zh")
PARTS = ("training", "development", "test")
_FIELDS = ("text", "language", "part", "poles")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence and the poles that it takes.

    Attributes
    ----------
    text, language : str
        The sentence, and "en" or "zh".
    part : {"training", "development", "test"}
        Scores learn from the first; the second was looked at while words were chosen; the third is only scored.
    poles : frozenset of str
        Poles that all its readers hear in it.
    open : frozenset of str
        Poles on which its readers differ or that they call open to argument.
    kind : str
        What it is an example of: plain, neither, negated, attributed or mixed; may be empty.
    """

    text: str
    language: str
    part: str
    poles: frozenset[str]
    open: frozenset[str] = frozenset()
    kind: str = ""


def read_labelled(text: str, source: str) -> tuple[Labelled, ...]:
    """Labelled sentences from JSON lines.

    Parameters
    ----------
    text : str
        A JSON object a line with "text", "language", "part" and "poles", and perhaps "open" and "kind"; other fields
        are left alone.
    source : str
        Name of the file, for errors.

    Raises
    ------
    OptionError
        A line is no such object; it is named.
    """
    made = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            row = None
        wrong = _fault(row)
        if wrong:
            raise OptionError(f"{source}: line {number}: {wrong}")
        poles, unsure = frozenset(row["poles"]), frozenset(row.get("open", ()))
        made.append(Labelled(row["text"], row["language"], row["part"], poles, unsure - poles, row.get("kind", "")))
    return tuple(made)


def _fault(row: Any) -> str:
    if not isinstance(row, dict):
        return 'is no JSON object; give one a line, with "text", "language", "part" and "poles"'
    for field in _FIELDS:
        if field not in row:
            return f'has no "{field}"'
    if not isinstance(row["text"], str) or not row["text"].strip():
        return '"text" must be a text that is not empty'
    if row["language"] not in LANGUAGES:
        return f'"language" must be one of {", ".join(LANGUAGES)}'
    if row["part"] not in PARTS:
        return f'"part" must be one of {", ".join(PARTS)}'
    for field in ("poles", "open"):
        value = row.get(field, [])
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            return f'"{field}" must be a list of names of poles'
    return "" if isinstance(row.get("kind", ""), str) else '"kind" must be a text'


def label_matrix(sentences: Sequence[Labelled], poles: Sequence[str], known: frozenset[str]) -> NDArray[np.intp]:
    """Labels of sentences for some poles, as numbers.

    Parameters
    ----------
    sentences : sequence of Labelled
        n sentences.
    poles : sequence of str
        P poles.
    known : frozenset of str
        Poles that sentences were read for; of others nothing is known.

    Returns
    -------
    ndarray of int, shape (n, P)
        1 where a sentence takes a pole, 0 where not, -1 where that is open or unknown.

    Examples
    --------
    >>> one = Labelled("We must act.", "en", "test", frozenset({"obligation"}), frozenset({"urgency"}))
    >>> known = frozenset({"obligation", "urgency", "rivalry"})
    >>> label_matrix([one], ["obligation", "urgency", "rivalry", "mine"], known)
    array([[ 1, -1,  0, -1]])
    """
    rows = [
        [1 if pole in item.poles else -1 if pole in item.open or pole not in known else 0 for pole in poles]
        for item in sentences
    ]
    return np.array(rows, dtype=np.intp).reshape(len(sentences), len(poles))
