"""The state whose plan a document is, and the text without its name."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from compare.places import data_table

# A state that fewer than one passage in thirty names is not the one whose plan it is.
_FEWEST = 1 / 30


@dataclass(frozen=True, slots=True)
class State:
    """A state's names and what is called after it.

    Attributes
    ----------
    name : str
        The first of its names.
    words : tuple of str
        Its names and what is called after it.
    pattern : re.Pattern
        Any of them in a text; group "name" or "theirs" says which kind, group "of" a possessive ending.
    """

    name: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]


@functools.cache
def states() -> tuple[State, ...]:
    """All states of the list that ships."""
    listed = data_table("states.toml")["states"]
    return tuple(
        State(item["names"][0], (*item["names"], *item["theirs"]), _pattern(item["names"], item["theirs"]))
        for item in listed
    )


def _pattern(names: Sequence[str], theirs: Sequence[str]) -> re.Pattern[str]:
    latin = sorted((n for n in names if n.isascii() or "ü" in n), key=len, reverse=True)
    other = sorted((n for n in names if n not in latin), key=len, reverse=True)
    words = "|".join(map(re.escape, latin)).replace("'", "['’]")
    after = "|".join(map(re.escape, sorted(theirs, key=len, reverse=True)))
    # "U.S." ends in a full stop, behind which no word boundary stands.
    article = "(?:[Tt]he )?"
    pattern = rf"{article}(?<!\w)(?P<name>{words})(?!\w)(?P<of>['’]s)?|(?<!\w)(?P<theirs>{after})(?!\w)"
    return re.compile(f"{pattern}|(?P<han>{'|'.join(other)})" if other else f"{pattern}|(?P<han>(?!))")


def own_state(texts: Sequence[str]) -> State | None:
    """The state that most passages name, if that is at least one passage in thirty.

    Parameters
    ----------
    texts : sequence of str
        Passages of one document.

    Examples
    --------
    >>> own_state(["Japan must lead.", "Japanese firms act.", "Cooperation with India."]).name
    'Japan'
    >>> own_state(["All countries cooperate."]) is None
    True
    """
    joined = "\n".join(texts)
    # A plain search rules out most states at once; typographic apostrophes are the pattern's business.
    plain = joined.replace("’", "'")
    named = [state for state in states() if any(word in plain for word in state.words)]
    if not named:
        return None
    state = max(named, key=lambda state: sum(1 for _ in state.pattern.finditer(joined)))
    if sum(bool(state.pattern.search(text)) for text in texts) < _FEWEST * len(texts):
        return None
    return state


def without_name(text: str, state: State) -> str:
    """A text in which the state is just "the country".

    Parameters
    ----------
    text : str
        A passage or heading.
    state : State
        As `own_state` gives it.

    Examples
    --------
    >>> us = states()[0]
    >>> without_name("The U.S. leads; America’s grid serves American firms, not China.", us)
    "the country leads; the country's grid serves national firms, not China."
    >>> without_name("加快我国发展", states()[1])
    '加快本国发展'
    """

    def instead(found: re.Match[str]) -> str:
        if found["han"]:
            return "本国"
        if found["theirs"]:
            return "national"
        return "the country's" if found["of"] else "the country"

    return state.pattern.sub(instead, text)
