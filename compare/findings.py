"""What a reader should know first, in sentences built from the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compare.documents import Document
from compare.inference import Interval
from compare.results import Counterpart, Finding, Pole, Silence, Theme, ToneResult

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
    rows: Sequence[Row],
    themes: Sequence[Theme],
    tone: Sequence[ToneResult],
) -> tuple[Finding, ...]:
    """Differences that hold, the largest first: at most five, of theme and of tone.

    Only differences whose interval leaves out zero and whose false discovery rate is at most 5 % are told; of themes,
    only those that are found again when parts of the passages are left out. Of the two poles of a dimension, the one
    that differs more is told.

    Parameters
    ----------
    documents : sequence of Document
        In the order given.
    rows : sequence of Row
        All passages.
    themes, tone : sequence of Theme, of ToneResult
        With their differences.
    """
    short = {d.id: d.short for d in documents}
    found: list[Finding] = []
    for theme in themes:
        if not theme.stable:
            continue
        for pair in theme.differences:
            if not pair.difference.holds:
                continue
            more, less = _ordered(pair.first, pair.second, pair.difference.value)
            if theme.shares[more].value < _SMALLEST_SHARE:
                continue
            text = (
                f"{theme.label}: {per_cent(theme.shares[more])} of passages in {short[more]}, "
                f"{per_cent(theme.shares[less])} in {short[less]}."
            )
            places = _places(((more, theme.evidence[more]), (less, theme.evidence[less])))
            found.append(Finding("theme", theme.id, text, places, 100 * abs(pair.difference.value)))
    for result in tone:
        told: dict[tuple[str, str], Finding] = {}
        for pole in result.poles:
            for pair in pole.differences:
                # The presence of the pole and the dimension's score must both say so, and say the same.
                score = next(p for p in result.differences if (p.first, p.second) == (pair.first, pair.second))
                sign = 1 if pole is result.poles[0] else -1
                if not (pair.difference.holds and score.difference.holds):
                    continue
                if pair.difference.value * score.difference.value * sign <= 0:
                    continue
                more, less = _ordered(pair.first, pair.second, pair.difference.value)
                if pole.shares[more].value < _SMALLEST_SHARE:
                    continue
                finding = _tone_finding(result, pole, more, less, short, score.difference.effect)
                key = (pair.first, pair.second)
                if key not in told or finding.points > told[key].points:
                    told[key] = finding
        found.extend(told.values())
    found.sort(key=lambda finding: (-round(finding.points, 6), finding.kind, finding.subject, finding.text))
    chosen: list[Finding] = []
    for finding in found:
        if sum(other.kind == finding.kind for other in chosen) < MOST_OF_A_KIND and len(chosen) < MOST_FINDINGS:
            chosen.append(finding)
    return tuple(chosen)


def _ordered(first: str, second: str, difference: float) -> tuple[str, str]:
    return (first, second) if difference >= 0 else (second, first)


def _tone_finding(
    result: ToneResult, pole: Pole, more: str, less: str, short: dict[str, str], effect: float | None
) -> Finding:
    size = "" if effect is None else f" {result.label} as a whole: {abs(effect):.1f} SD apart."
    text = (
        f"{pole.label}: heard in {per_cent(pole.shares[more])} of passages in {short[more]}, "
        f"in {per_cent(pole.shares[less])} in {short[less]}.{size}"
    )
    points = 100 * abs(pole.shares[more].value - pole.shares[less].value)
    other = result.poles[1] if pole is result.poles[0] else result.poles[0]
    # Where the document that has less of this pole has more of the other, that is the passage to set beside it.
    against = other.evidence[less] or pole.evidence[less]
    return Finding("tone", pole.id, text, _places(((more, pole.evidence[more]), (less, against))), points)


def _places(evidence: Sequence[tuple[str, tuple[int, ...]]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((document, passages[:_PLACES]) for document, passages in evidence if passages)


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
    for document in documents:
        for other in documents:
            if other.id == document.id:
                continue
            own = [item for item in counterparts if item.document == other.id and rows[item.row].document == document.id]
            found = []
            for theme in themes:
                inside = [item for item in own if rows[item.row].theme == theme.id]
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
    first = [row for row in central if row in set(rows)]
    return tuple((first + [row for row in rows if row not in set(first)])[:5])
