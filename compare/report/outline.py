"""The parts of the report, in order, and which of them are told."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from compare.comparison import Comparison
from compare.errors import OptionError
from compare.report.blocks import Part
from compare.report.collection import distances, members, trends
from compare.report.manner import actors, meanings, tone, tone_by_theme, words
from compare.report.method import method, source
from compare.report.opening import findings, head
from compare.report.subjects import counterparts, inside, silences, themes
from compare.report.view import Detail, View

_PARTS: dict[str, Callable[[View], Part | None]] = {
    "findings": findings,
    "themes": themes,
    "inside": inside,
    "counterparts": counterparts,
    "silences": silences,
    "tone": tone,
    "tone-by-theme": tone_by_theme,
    "words": words,
    "meanings": meanings,
    "actors": actors,
    "trends": trends,
    "distances": distances,
    "members": members,
    "method": method,
}
SECTIONS = tuple(_PARTS)


def check_sections(names: Sequence[str]) -> tuple[str, ...]:
    """Names of parts as a user gave them, each known.

    Parameters
    ----------
    names : sequence of str
        Names of parts; capitals do not count.

    Raises
    ------
    OptionError
        If there is no such part.
    """
    from compare.shown import printable

    found = tuple(name.strip().casefold() for name in names)
    for name in found:
        if name not in _PARTS:
            near = difflib.get_close_matches(name, SECTIONS, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise OptionError(f"section {printable(name)}: {hint}the parts are {', '.join(SECTIONS)}")
    return found


def outline(
    comparison: Comparison, detail: Detail = "default", sections: Sequence[str] = (), notebook: bool = False
) -> list[Part]:
    """The parts of a report.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    detail : {"brief", "default", "full"}
        One screen, a few, or everything.
    sections : sequence of str
        Only these parts, with head and source; all where none is named.
    notebook : bool
        Whether its reader is at Python's prompt and not at a command line.

    Returns
    -------
    list of Part
        In the order of the report, whatever the order of `sections`.
    """
    view = View(comparison, detail, notebook)
    if sections:
        wanted = [name for name in SECTIONS if name in sections]
    elif detail == "brief":
        wanted = ["findings"]
    else:
        wanted = list(SECTIONS)
    made = [head(view), *(_PARTS[name](view) for name in wanted), source(view)]
    return [part for part in made if part is not None]
