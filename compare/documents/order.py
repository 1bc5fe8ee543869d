"""The order in which the lines of a page are read."""

from __future__ import annotations

from itertools import pairwise

from compare.documents.glyphs import Line

_MAX_CUTS = 60  # cuts within one another; a page of print needs a dozen


def reading_order(lines: list[Line], depth: int = 0) -> list[Line]:
    """Order the lines of a page: columns one after another, from the top to the bottom (recursive X-Y cut).

    Source of the method: Nagy & Seth 1984, "Hierarchical representation of optically scanned documents"; here the
    vertical cut comes first, so that columns are not torn at paragraphs that end at the same height.
    """
    if len(lines) < 2:
        return list(lines)
    if depth > _MAX_CUTS:
        return _by_rows(lines)
    cut = _vertical_cut(lines)
    if cut is not None:
        left = [line for line in lines if line.right <= cut]
        right = [line for line in lines if line.right > cut]
        return reading_order(left, depth + 1) + reading_order(right, depth + 1)
    ranked = sorted(lines, key=lambda line: -line.base)
    if not _side_by_side(ranked):
        return ranked
    # The widest horizontal gap first; the parts may then have columns of their own.
    bottom, gap, where = ranked[0].base, 0.0, 0
    for at, line in enumerate(ranked[1:], 1):
        if bottom - line.top > gap:
            gap, where = bottom - line.top, at
        bottom = min(bottom, line.base)
    if where == 0:
        return _by_rows(lines)
    return reading_order(ranked[:where], depth + 1) + reading_order(ranked[where:], depth + 1)


def _by_rows(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-round(line.base / max(line.style.size, 1)), line.left))


def _side_by_side(ranked: list[Line]) -> bool:
    return any(abs(a.base - b.base) < 0.7 * min(a.style.size, b.style.size) for a, b in pairwise(ranked))


def _vertical_cut(lines: list[Line]) -> float | None:
    """Middle of the widest strip that no line crosses, with lines on both sides that overlap in height."""
    spans = sorted((line.left, line.right) for line in lines)
    reach, best, gap = spans[0][1], None, 0.0
    for left, right in spans[1:]:
        if left - reach > gap:
            gap, best = left - reach, (left + reach) / 2
        reach = max(reach, right)
    size = sorted(line.style.size for line in lines)[len(lines) // 2]
    if best is None or gap < 0.6 * size:
        return None
    sides = [[line for line in lines if (line.right <= best) == side] for side in (True, False)]
    # One line beside many is a label in the margin; it is read before them.
    if min(len(side) for side in sides) < (2 if gap < 1.2 * size else 1):
        return None
    top = min(max(line.top for line in side) for side in sides)
    bottom = max(min(line.base for line in side) for side in sides)
    heights = [max(line.top for line in side) - min(line.base for line in side) for side in sides]
    return best if top - bottom > 0.5 * min(heights) else None
