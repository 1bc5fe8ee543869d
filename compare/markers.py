"""Words that carry a stance by themselves, with what turns them down and what only reports them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compare.patterns import Patterns
from compare.tone_file import ToneSpec

Floats = NDArray[np.float64]

# A second marker adds half of what the first adds, a third a quarter: one term repeated is not twice the stance.
_FADE = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the markers of one sentence say of each of P poles."""

    weight: Floats  # (P,), 0 without a marker, 1 with one, up to 2
    marked: NDArray[np.bool_]  # (P,), a marker of the pole stands, and none of the other pole rules it
    denied: NDArray[np.bool_]  # (P,), the pole is turned down and nothing else speaks for it
    reported: bool
    negative: bool  # something is turned down in it


_CLAUSE = re.compile(r"[.;:!?,，。；：！？、]")


_NONE = Patterns()


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


def read_markers(text: str, spec: ToneSpec, language: str) -> Evidence:
    """Markers of all poles in one sentence, with what turns them down."""
    count = 2 * len(spec.dimensions)
    hits = np.zeros(count)
    marked = np.zeros(count, dtype=np.bool_)
    denied = np.zeros(count, dtype=np.bool_)
    finder = spec.finder(language)
    there = finder.there(text)

    def in_text(patterns: Patterns) -> Sequence[re.Pattern[str]]:
        return finder.of(patterns, there)

    negators = spec.negators.get(language, _NONE)
    # What is said to be bad or to be prevented: the marker stands before the word that turns it down.
    refused = max((start for start, _ in _spans(in_text(spec.refusals.get(language, _NONE)), text)), default=-1)
    rejected = _spans(in_text(spec.rejections.get(language, _NONE)), text)
    for d, dimension in enumerate(spec.dimensions):
        starts: list[list[int]] = [[], []]
        turned = [0, 0]
        dropped = [0, 0]
        for side, pole in enumerate(dimension.poles):
            found = sorted(_spans(in_text(pole.markers.get(language, _NONE)), text))
            masks = _spans(in_text(pole.masks.get(language, _NONE)), text) if found else []
            excluded = _spans(in_text(pole.exclusions.get(language, _NONE)), text)
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
    reported = any(pattern.search(text) for pattern in in_text(spec.reported.get(language, _NONE)))
    denials = spec.denials.get(language, _NONE)
    negative = refused >= 0 or bool(rejected) or any(pattern.search(text) for pattern in in_text(denials))
    return Evidence(hits, marked, denied, reported, negative)
