"""Who is asked to do what: the actor that a passage gives a task to, and how strongly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.arrays import Arrays, figures_of
from compare.places import data_table
from compare.results import Actor
from compare.terms import NOTE_AT_END
from compare.tone import ToneScores, language_of

NOBODY = "unnamed"
# Poles of tone that ask for something.
_ASKING = {"obligation", "encouragement"}
_LED_FIRST = re.compile(r"^\W*(?:\w\)\s*)?led by ([^,;]{2,160})", re.IGNORECASE)
_LED = re.compile(r"\b(?:led by|under the (?:auspices|leadership) of) ([^,;]{2,80})", re.IGNORECASE)
_CALLED = re.compile(
    r"\b(?:(?:encourag|invit|urg|requir|oblig)(?:e|es|ed|ing)|call(?:s|ed|ing)? (?:up)?on|ask(?:s|ed)?|direct(?:s|ed)?|"
    r"mandate(?:s|d)?) (?!to\b)(?:that )?([^.;]{2,90}?) (?:to|in|for)\b",
    re.IGNORECASE,
)
_CALLED_ZH = re.compile(r"(?:鼓励|支持|引导|推动|呼吁|要求|倡导|邀请)([^，。；]{1,16})")
_DUTY = re.compile(
    r"\b(?:must|shall|should|will|ought to|may|might|could|can|needs? to|ha(?:s|ve) to|(?:is|are) to|"
    r"(?:is|are) (?:required|obliged|expected|encouraged|invited|called (?:up)?on))\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\W*(?:when|whenever|if|as|to|by|in|once|where|wherever|through|after|before|while|for|with|because|although|so|"
    r"since|from|on|at|under|over|given|until|unless|without|and|or|but|which|who|that)\b",
    re.IGNORECASE,
)
_BEFORE_ZH = re.compile("(?:到|为|在|对|按照|根据|围绕|通过|依托|结合)")
_DUTY_ZH = re.compile("必须|应当|应|要|须|可以|可|需")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of actor.

    Attributes
    ----------
    id, label : str
        Identifier and human name.
    patterns : dict of str to tuple of re.Pattern
        By language, words that name one.
    """

    id: str
    label: str
    patterns: dict[str, tuple[re.Pattern[str], ...]]


@cache
def kinds() -> tuple[Kind, ...]:
    """The kinds of actor of the file that ships, in the order in which they are looked for."""
    return tuple(
        Kind(
            item["id"],
            item["label"],
            {code: tuple(re.compile(pattern, re.IGNORECASE) for pattern in item[code]) for code in ("en", "zh")},
        )
        for item in data_table("actors.toml")["actors"]
    )


def actor_of(text: str) -> str:
    """Id of the kind of actor that a sentence gives a task to; "unnamed" where it names none.

    Parameters
    ----------
    text : str
        A sentence of a policy.

    Examples
    --------
    >>> actor_of("Led by DOC, convene industry and universities.")
    'government'
    >>> actor_of("We encourage all parties to share what works.")
    'everyone'
    >>> actor_of("Operators must keep logs for ten years.")
    'firms'
    >>> actor_of("Establish new centres of excellence.")
    'unnamed'
    """
    language = language_of(text)
    for phrase in _phrases(text, language):
        parts = re.split("[,，(（]", phrase)
        # Who acts stands behind what is said first: "When agencies use it, operators must".
        while len(parts) > 1 and (_BEFORE.match(parts[0]) or _BEFORE_ZH.match(parts[0])):
            parts = parts[1:]
        for part in parts:
            found = [
                (match.start(), number, kind.id)
                for number, kind in enumerate(kinds())
                for pattern in kind.patterns[language]
                if (match := pattern.search(part))
            ]
            if found:
                # The actor named first; of two that begin at one place, the one that stands first in the file.
                return min(found)[2]
    return NOBODY


def _phrases(text: str, language: str) -> list[str]:
    """Phrases that may name who acts, the surest first."""
    made = []
    if found := NOTE_AT_END.search(text):
        made.append(found.group(1))
        text = text[: found.start()]
    if language == "zh":
        made += [match.group(1) for match in _CALLED_ZH.finditer(text)][:1]
        if duty := _DUTY_ZH.search(text):
            made.append(re.split("[。；：]", text[: duty.start()])[-1])
        return made
    made += [match.group(1) for match in _LED_FIRST.finditer(text)]
    made += [match.group(1) for match in _CALLED.finditer(text)][:1]
    if duty := _DUTY.search(text):
        made.append(re.split(r"[;:.]", text[: duty.start()])[-1])
    made += [match.group(1) for match in _LED.finditer(text)][:1]
    return made


def asking(pole_ids: Sequence[str], present: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each passage orders something, and whether it only encourages it, shape (2, n_passages).

    Parameters
    ----------
    pole_ids : sequence of str
        Poles of tone; without those of orders and encouragement no passage asks for anything.
    present : ndarray, shape (n_passages, n_poles)
        Which of them are heard.
    """
    if not set(pole_ids) >= _ASKING:
        return np.zeros((2, len(present)), dtype=bool)
    ordered, encouraged = (present[:, pole_ids.index(name)].astype(bool) for name in ("obligation", "encouragement"))
    return np.stack([ordered, encouraged & ~ordered])


def actors(
    arrays: Arrays, texts: Sequence[str], scores: ToneScores, seed: int
) -> tuple[tuple[Actor, ...], list[str | None]]:
    """How much of each document falls to each kind of actor.

    Parameters
    ----------
    arrays : Arrays
        The passages.
    texts : sequence of str
        Their texts.
    scores : ToneScores
        Their tone: a passage asks for something where an order or an encouragement is heard in it; none does where the
        tone file has no such poles.
    seed : int
        The user's seed.

    Returns
    -------
    table : tuple of Actor
        Kinds that are asked for something, the most asked first, and last what is asked of nobody by name.
    of_passages : list of str or None
        Id of each passage's actor; None where it asks for nothing.
    """
    if not set(scores.pole_ids) >= _ASKING:
        return (), [None] * len(texts)
    order, encouragement = (scores.pole_ids.index(name) for name in ("obligation", "encouragement"))
    ordered, encouraged = asking(scores.pole_ids, scores.present)
    asks = ordered | encouraged
    found = [actor_of(text) if asked else None for text, asked in zip(texts, asks.tolist(), strict=True)]
    label = {kind.id: kind.label for kind in kinds()} | {NOBODY: "Nobody by name"}
    counted = arrays.counted
    named = [kind for kind in label if kind in set(found)] if counted is None else list(counted.actors)
    member = np.array([[float(name == kind) for kind in named] for name in found]).reshape(len(found), len(named))
    shares, contrasts = figures_of(arrays, member, seed, shares=True, kind="actors")
    made = []
    for column, kind in enumerate(named):
        rows = np.flatnonzero(member[:, column] > 0)
        strength = np.maximum(scores.poles[rows, order], scores.poles[rows, encouragement])
        ranked = rows[np.argsort(-strength.round(6), kind="stable")]
        documents = arrays.documents[rows]
        made.append(
            Actor(
                id=kind,
                label=label[kind],
                shares=shares[column],
                differences=contrasts[column],
                orders={
                    d.id: int(ordered[rows[documents == i]].sum()) if counted is None else counted.sides[i].orders[kind]
                    for i, d in enumerate(arrays.source)
                },
                encouragements={
                    d.id: int(encouraged[rows[documents == i]].sum())
                    if counted is None
                    else counted.sides[i].encouragements[kind]
                    for i, d in enumerate(arrays.source)
                },
                evidence=arrays.evidence(ranked),
            )
        )
    made.sort(key=lambda actor: (actor.id == NOBODY, -sum(share.value for share in actor.shares.values()), actor.id))
    return tuple(made), found
