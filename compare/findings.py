"""What a reader should know first, in sentences built from the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compare.documents import Document
from compare.inference import Interval
from compare.results import Counterpart, Finding, Place, Pole, Silence, Theme, ToneResult

if TYPE_CHECKING:
    from compare.comparison import Row

MOST_FINDINGS = 5
# Of five findings at most three are of one kind, so that theme and tone are both heard where both differ.
MOST_OF_A_KIND = 3
MOST_SILENCES = 4
_PLACES = 3
# A share below a twentieth in both documents is no matter of the documents, however sure its difference.
_SMALLEST_SHARE = 0.05


def per_cent(interval: Interval) -> str:
    """A share with its interval, in per cent.

    Examples
    --------
    >>> per_cent(Interval(0.184, 0.13, 0.242))
    '18 % [13, 24]'
    """
    return f"{100 * interval.value:.0f} % [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"


def find_findings(
    documents: Sequence[Document],
    themes: Sequence[Theme],
    tone: Sequence[ToneResult],
) -> tuple[Finding, ...]:
    """What differs, the largest difference first: at most five findings, of theme and of tone.

    Only differences whose interval leaves out zero are told; of themes, only those that are found again when parts of
    the passages are left out. Those that hold under the false discovery rate come first. Where they are fewer than
    five, those that are suggested (p at most 20 % before the number of questions asked is reckoned with) follow and say
    that they are no more than that. Of the two poles of a dimension, the one that differs more is told.

    Parameters
    ----------
    documents : sequence of Document
        In the order given.
    themes, tone : sequence of Theme, of ToneResult
        With their differences.
    """
    short = {d.id: d.short for d in documents}
    found = [*_theme_findings(themes, short), *_tone_findings(tone, short)]
    found.sort(
        key=lambda finding: (not finding.holds, -round(finding.points, 6), finding.kind, finding.subject, finding.text)
    )
    chosen: list[Finding] = []
    for finding in found:
        # With three documents and more, a subject is told for the two that differ most.
        told = any(other.subject == finding.subject for other in chosen)
        of_a_kind = sum(other.kind == finding.kind for other in chosen)
        if not told and of_a_kind < MOST_OF_A_KIND and len(chosen) < MOST_FINDINGS:
            chosen.append(finding)
    return tuple(chosen)


def _theme_findings(themes: Sequence[Theme], short: dict[str, str]) -> list[Finding]:
    found: list[Finding] = []
    for theme in themes:
        for pair in theme.differences if theme.stable else ():
            difference = pair.difference
            if not (difference.holds or difference.suggested):
                continue
            more, less = _ordered(pair.first, pair.second, difference.value)
            if theme.shares[more].value < _SMALLEST_SHARE:
                continue
            text = (
                f"{theme.label}: {per_cent(theme.shares[more])} of passages in {short[more]}, "
                f"{per_cent(theme.shares[less])} in {short[less]}. Halves of one document typically differ in it by "
                f"{100 * difference.floor:.0f} points."
            )
            places = _places((more, theme.label, theme.evidence[more]), (less, theme.label, theme.evidence[less]))
            found.append(Finding("theme", theme.id, difference.holds, text, places, 100 * abs(difference.value)))
    return found


def _tone_findings(tone: Sequence[ToneResult], short: dict[str, str]) -> list[Finding]:
    """A pole's presence and the dimension's score must both differ, and the same way."""
    found: list[Finding] = []
    for result in tone:
        told: dict[tuple[str, str], Finding] = {}
        for sign, pole in zip((1, -1), result.poles, strict=True):
            for pair, score in zip(pole.differences, result.differences, strict=True):
                both = (pair.difference, score.difference)
                if not all(d.holds or d.suggested for d in both) or both[0].value * both[1].value * sign <= 0:
                    continue
                more, less = _ordered(pair.first, pair.second, pair.difference.value)
                if pole.shares[more].value < _SMALLEST_SHARE:
                    continue
                holds = all(d.holds for d in both)
                finding = _tone_finding(result, pole, more, less, short, score.difference.effect, holds)
                before = told.get((pair.first, pair.second))
                if before is None or (finding.holds, finding.points) > (before.holds, before.points):
                    told[pair.first, pair.second] = finding
        found.extend(told.values())
    return found


def _ordered(first: str, second: str, difference: float) -> tuple[str, str]:
    return (first, second) if difference >= 0 else (second, first)


def _tone_finding(
    result: ToneResult, pole: Pole, more: str, less: str, short: dict[str, str], effect: float | None, holds: bool
) -> Finding:
    size = "" if effect is None else f" {result.label} as a whole: effect size {abs(effect):.1f}."
    other = result.poles[1] if pole is result.poles[0] else result.poles[0]
    against = next(p.difference for p in other.differences if {p.first, p.second} == {more, less})
    opposed = other.shares[less].value > other.shares[more].value and against.holds and holds
    figures = (
        f"{other.label}, {per_cent(other.shares[less])} in {short[less]}, "
        f"{per_cent(other.shares[more])} in {short[more]}."
    )
    turn = f" The other way round: {figures}" if opposed else f" No such difference in the other pole: {figures}"
    text = (
        f"{pole.label}: heard in {per_cent(pole.shares[more])} of passages in {short[more]}, "
        f"{per_cent(pole.shares[less])} in {short[less]}.{turn}{size}"
    )
    points = 100 * abs(pole.shares[more].value - pole.shares[less].value)
    # Where the document that has less of this pole has more of the other, that is the passage to set beside it.
    beside = other if other.evidence[less] and (opposed or not pole.evidence[less]) else pole
    places = _places((more, pole.label, pole.evidence[more]), (less, beside.label, beside.evidence[less]))
    return Finding("tone", pole.id, holds, text, places, points)


def _places(*evidence: tuple[str, str, tuple[int, ...]]) -> tuple[Place, ...]:
    return tuple(Place(document, of, rows[:_PLACES]) for document, of, rows in evidence if rows)


def find_silences(
    documents: Sequence[Document],
    rows: Sequence[Row],
    counterparts: Sequence[Counterpart],
    themes: Sequence[Theme],
) -> tuple[Silence, ...]:
    """Themes in which a document's passages meet nothing near in another, the most such passages first.

    A theme is told where at least three passages, and at least half of the document's passages in it, are without
    any counterpart.

    Parameters
    ----------
    documents : sequence of Document
        In the order given.
    rows : sequence of Row
        All passages.
    counterparts : sequence of Counterpart
        For each passage and each other document.
    themes : sequence of Theme
        For their ids.
    """
    made: list[Silence] = []
    by_theme: dict[tuple[str, str, str], list[Counterpart]] = {}
    for item in counterparts:
        row = rows[item.row]
        by_theme.setdefault((row.document, item.document, row.theme), []).append(item)
    for document in documents:
        for other in documents:
            if other.id == document.id:
                continue
            found = []
            for theme in themes:
                inside = by_theme.get((document.id, other.id, theme.id), [])
                silent = sorted(
                    (item for item in inside if item.silent), key=lambda item: (item.nearest[0][1], item.row)
                )
                if len(silent) >= 3 and 2 * len(silent) >= len(inside):
                    evidence = _typical(silent, theme.evidence[document.id])
                    found.append(Silence(document.id, other.id, theme.id, len(silent), len(inside), evidence))
            made.extend(sorted(found, key=lambda item: (-item.silent, item.theme))[:MOST_SILENCES])
    return tuple(made)


def _typical(silent: Sequence[Counterpart], central: tuple[int, ...]) -> tuple[int, ...]:
    """Silent passages, those that speak for their theme first, then those farthest from the other document."""
    rows = [item.row for item in silent]
    there, front = set(rows), set(central)
    return tuple(([row for row in central if row in there] + [row for row in rows if row not in front])[:5])
