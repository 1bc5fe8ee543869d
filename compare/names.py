"""What a name that a reader types stands for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import TypeVar

from compare.errors import OptionError
from compare.shown import printable

T = TypeVar("T")


def the_one(name: str, named: Sequence[tuple[T, tuple[str, ...]]], kind: str, known: Sequence[str]) -> T:
    """The one of several that a name stands for: as a whole, else as the beginning of a word, else as any part.

    Parameters
    ----------
    name : str
        Capitals do not count.
    named : sequence of (object, tuple of str)
        Each with the names that it goes by.
    kind : str
        What they are, for the error.
    known : sequence of str
        What there is, for the error.

    Raises
    ------
    OptionError
        If none, or more than one, goes by it.
    """
    if not isinstance(name, str):
        raise OptionError(f"{printable(repr(name))[:60]}: name the {kind} as text; the {kind}s are {'; '.join(known)}")
    wanted = " ".join(name.casefold().split())
    # "us" is the US plan before it is a part of "industry".
    steps = (rf"\A{re.escape(wanted)}\Z", rf"(?<!\w){re.escape(wanted)}", re.escape(wanted)) if wanted else ()
    found: list[T] = []
    for step in steps:
        found = found or [item for item, names in named if any(re.search(step, text.casefold()) for text in names)]
    if len(found) == 1:
        return found[0]
    what = f"stands for {len(found)} {kind}s" if found else f"stands for no {kind}"
    ways = {text.casefold(): text for _, names in named for text in names}
    near = difflib.get_close_matches(wanted, ways, 1) if not found else []
    hint = f" (did you mean {printable(ways[near[0]])}?)" if near else ""
    raise OptionError(f"{printable(name) or 'an empty name'}: {what}{hint}; the {kind}s are {'; '.join(known)}")
