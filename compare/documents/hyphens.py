"""Hyphens at the ends of lines: whether they divide a word or belong to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from compare.documents.glyphs import HYPHEN, Line

_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:[-'’][A-Za-zÀ-ÿ]+)*")
_HYPHENED = frozenset({"self", "quasi", "ex", "vice", "cross", "well", "ever", "half"})
# Halves of compounds that a document may hold nowhere else.
_FIRST = frozenset(
    [
        "high",
        "low",
        "long",
        "short",
        "fixed",
        "large",
        "full",
        "real",
        "open",
        "medium",
        "mid",
        "one",
        "two",
        "three",
        "fast",
        "first",
        "next",
        "multi",
        "machine",
        "user",
        "risk",
        "data",
    ]
)
_SECOND = frozenset(
    [
        "term",
        "tech",
        "scale",
        "time",
        "level",
        "based",
        "driven",
        "related",
        "led",
        "wide",
        "specific",
        "oriented",
        "quality",
        "making",
        "minded",
        "readable",
        "tiered",
        "friendly",
        "intensive",
        "ready",
        "neutral",
        "powered",
        "enabled",
        "centric",
        "centered",
        "centred",
        "edge",
        "reaching",
        "ranging",
        "growing",
        "sized",
        "round",
        "party",
        "sector",
        "border",
        "depth",
        "makers",
        "setting",
        "sharing",
    ]
)


class Vocabulary:
    """The words of the document itself, to decide on hyphens at line ends.

    Parameters
    ----------
    lines : iterable of Line
        All lines; words broken at a line's end are not counted.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self._counts: Counter[str] = Counter()
        broken = False
        for line in lines:
            found = _WORD.findall(line.text)
            if broken:
                found = found[1:]
            broken = line.text.endswith(HYPHEN)
            if broken:
                found = found[:-1]
            for word in found:
                self._counts[word.lower()] += 1
                if "-" in word:
                    for part in re.findall(r"(?=(?:^|-)([^-]+-[^-]+))", word.lower()):
                        self._counts[part] += word.lower() != part

    def join(self, left: str, right: str) -> str:
        """Join two halves of a line broken at a hyphen: with the hyphen or without it.

        With it where the document writes the word so elsewhere; without it where the document writes it in one.
        Else with it if both halves are words of the document or a capital or digit follows.
        """
        first = re.search(r"[A-Za-zÀ-ÿ]+$", left)
        second = re.match(r"[A-Za-zÀ-ÿ]+", right)
        if first is None or second is None:
            return left + "-" + right
        a, b = first.group().lower(), second.group().lower()
        hyphened, joined = self._counts[f"{a}-{b}"], self._counts[a + b]
        if hyphened or joined:
            keep = hyphened >= joined
        elif first.group().isupper() and second.group().isupper() and not (self._counts[a] and self._counts[b]):
            keep = False  # a name in capitals whose halves are no words
        elif not second.group()[0].islower() or a in _HYPHENED:
            keep = True
        elif right[second.end() :][:1] == "-":  # on-the-|ground-led, but so|cio-technical
            keep = len(a) > 2 and self._counts[a] > 0
        else:
            known = (self._counts[a] or a in _FIRST) and (self._counts[b] or b in _SECOND)
            keep = bool(known) and len(a) > 2 and len(b) > 2
        return left + ("-" if keep else "") + right
