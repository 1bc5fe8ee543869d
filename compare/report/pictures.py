"""Pictures made of text: bars with whiskers, lines of where a theme stands, a map of passages."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from compare.inference import Interval
from compare.results import Join

_STEPS, _ASCII_STEPS = "▁▂▃▄▅▆▇█", ".:-=+*#@"
_NONE = "·"
# Dots of a braille character, by column and row from above (Unicode 15, block 2800).
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


def half_bar(interval: Interval, largest: float, width: int, ascii_only: bool = False) -> str:
    """A bar with its interval: full to the lower end, shaded to the value, a line to the upper end.

    Parameters
    ----------
    interval : Interval
        The figure.
    largest : float
        Value at which the bar is full.
    width : int
        Columns.
    ascii_only : bool
        Whether only ASCII may be used.

    Examples
    --------
    >>> half_bar(Interval(0.3, 0.2, 0.5), 1, 10)
    '██▓─┤'
    >>> half_bar(Interval(0.3, 0.2, 2.0), 1, 10, ascii_only=True)
    '##=------>'
    """
    full, shade, line, end, beyond = "#=-+>" if ascii_only else "█▓─┤▸"
    scale = width / largest if largest > 0 else 0
    value = min(width, round(interval.value * scale))
    if value == 0 and interval.value > 0:
        value = 1
    low = min(value, round(interval.low * scale))
    high = round(interval.high * scale)
    drawn = full * low + shade * (value - low)
    if high > value:
        whisker = min(width, high) - value
        tip = beyond if high > width else end
        drawn += line * (whisker - 1) + tip if whisker > 0 else ""
    return drawn


_MIRRORED = {"┤": "├", "▸": "◂", ">": "<"}


def diverging_bar(left: Interval, right: Interval, largest: float, width: int, ascii_only: bool = False) -> str:
    """Two bars back to back: the first document grows to the left, the second to the right.

    Parameters
    ----------
    left, right : Interval
        The figures of the two documents.
    largest : float
        Value at which a side is full.
    width : int
        Columns in all, odd: the middle one is the axis.
    ascii_only : bool
        Whether only ASCII may be used.

    Examples
    --------
    >>> diverging_bar(Interval(0.2, 0.1, 0.4), Interval(0.1, 0, 0.1), 0.4, 9, ascii_only=True)
    '+-=#|=   '
    """
    side = width // 2
    one = "".join(_MIRRORED.get(c, c) for c in reversed(half_bar(left, largest, side, ascii_only))).rjust(side)
    two = half_bar(right, largest, side, ascii_only).ljust(side)
    return one + ("|" if ascii_only else "│") + two


def course_line(counts: Sequence[int], largest: int, ascii_only: bool = False) -> str:
    """A line of where along a document something stands, one character a part.

    Parameters
    ----------
    counts : sequence of int
        Passages in each part.
    largest : int
        Count that is drawn highest.
    ascii_only : bool
        Whether only ASCII may be used.

    Examples
    --------
    >>> course_line((0, 1, 4, 8), 8)
    '·▁▄█'
    """
    steps = _ASCII_STEPS if ascii_only else _STEPS
    none = " " if ascii_only else _NONE
    scale = (len(steps) - 1) / max(largest - 1, 1)
    return "".join(none if not count else steps[min(len(steps) - 1, round((count - 1) * scale))] for count in counts)


def interval_line(interval: Interval, lowest: float, highest: float, width: int) -> str:
    """A figure as a block on a line as long as its interval, between two ends of a scale.

    Parameters
    ----------
    interval : Interval
        The figure.
    lowest, highest : float
        What the first and the last column stand for.
    width : int
        Columns.

    Examples
    --------
    >>> interval_line(Interval(0.3, 0.2, 0.5), 0, 1, 11)
    '  ─█──'
    """
    scale = (width - 1) / (highest - lowest) if highest > lowest else 0

    def column(value: float) -> int:
        return min(width - 1, max(0, round((value - lowest) * scale)))

    low, value, high = column(interval.low), column(interval.value), column(interval.high)
    return " " * low + "─" * (value - low) + "█" + "─" * (high - value)


# Characters of lines by the sides that they go to: 1 up, 2 down, 4 left, 8 right.
_LINES = " │││─┘┐┤─└┌├─┴┬┼"
_ASCII_LINES = " |||-+++-+++-+++"
# Columns of the figures beside a dendrogram, and the fewest and most of its labels.
_FIGURES, _LEAST_LABEL, _MOST_LABEL = 17, 17, 48


def dendrogram(
    labels: Sequence[str],
    joins: Sequence[Join],
    figures: Sequence[str],
    floor: tuple[float, str] | None,
    width: int,
    ascii_only: bool = False,
) -> tuple[list[str], int]:
    r"""A dendrogram in lines, a leaf a line, true to scale; beside a leaf, how it is joined to what is above.

    Between each two leaves that follow each other exactly one join closes, so every join has a line for its figures.

    Parameters
    ----------
    labels : sequence of str
        Of the leaves, from above to below.
    joins : sequence of Join
        The nearest first, leaves numbered as the labels are.
    figures : sequence of str
        The joins' distances as they are told.
    floor : (float, str) or None
        The noise floor, and how it is told.
    width : int
        Columns, 60 at least.
    ascii_only : bool
        Whether only ASCII may be drawn with.

    Returns
    -------
    list of str
        A heading, the leaves, and below them the noise floor; none wider than `width`.
    int
        Columns that labels take.

    Examples
    --------
    >>> joins = [Join(0, 1, 0.2, 2, 0.9), Join(3, 2, 0.4, 3, 1.0)]
    >>> made, _ = dendrogram(["A", "B", "C"], joins, ["0.20", "0.40"], (0.1, "0.10"), 60, ascii_only=True)
    >>> print("\n".join(line.rstrip() for line in made))
                                                 Joined  Support
    A                 ------------+-----------+
    B                 ------------+           |    0.20     90 %
    C                 ------------------------+    0.40
    noise floor 0.10        ^
    """
    n = len(labels)
    name = min(max([_LEAST_LABEL, *map(cell_len, labels)]), _MOST_LABEL, max(_LEAST_LABEL, round(0.4 * width)))
    columns = width - name - 1 - _FIGURES
    largest = max([joins[-1].distance, floor[0] if floor else 0]) or 1.0
    lines = [[0] * columns for _ in range(n)]
    # Of each branch its line, where it has come to, and its first leaf.
    at = [(row, 0, row) for row in range(n)]
    beside = [""] * n

    def column(distance: float) -> int:
        return min(columns - 1, round(distance / largest * (columns - 1)))

    for join, figure in zip(joins, figures, strict=True):
        x = column(join.distance)
        (upper, above, first), (lower, below, second) = sorted((at[join.first], at[join.second]))
        for row, start in ((upper, above), (lower, below)):
            for c in range(start, x):
                lines[row][c] |= 8
                lines[row][c + 1] |= 4
        for row in range(upper, lower):
            lines[row][x] |= 2
            lines[row + 1][x] |= 1
        at.append(((upper + lower) // 2, x, min(first, second)))
        # All leaves meet in every tree: that they do supports nothing.
        support = f"{100 * join.support:.0f} %" if join.size < n else ""
        beside[max(first, second)] = f"{figure:>8}{support:>9}"
    characters = _ASCII_LINES if ascii_only else _LINES
    made = [" " * (name + 1 + columns) + f"{'Joined':>8}{'Support':>9}"]
    for label, line, figures_beside in zip(labels, lines, beside, strict=True):
        drawn = "".join(characters[sides] for sides in line)
        made.append(f"{fitted(label, name, ascii_only)} {drawn}{figures_beside}".rstrip())
    if floor is not None:
        pointer = "^" if ascii_only else "▲"
        made.append(f"noise floor {floor[1]}".ljust(name + 1) + " " * column(floor[0]) + pointer)
    return made, name


def fitted(label: str, width: int, ascii_only: bool = False) -> str:
    """A label in exactly so many columns: cut with an ellipsis, or filled with blanks."""
    if cell_len(label) > width:
        label = set_cell_size(label, width - 1).rstrip() + ("~" if ascii_only else "…")
    return set_cell_size(label, width)


def map_panel(
    points: Sequence[tuple[float, float]],
    names: Sequence[tuple[str, float, float]],
    width: int,
    height: int,
    ascii_only: bool = False,
) -> list[tuple[str, list[tuple[int, int]]]]:
    """A map of points in braille, or in ASCII by how many there are, with names written into it.

    Parameters
    ----------
    points : sequence of (float, float)
        Places, both coordinates between 0 and 1; the second grows upwards.
    names : sequence of (str, float, float)
        What is written where.
    width, height : int
        Columns and lines.
    ascii_only : bool
        Whether only ASCII may be used.

    Returns
    -------
    list of (str, list of (int, int))
        A line and the columns from and to which a name stands in it.
    """
    dots = [[0] * width for _ in range(height)]
    for x, y in points:
        column, row = min(2 * width - 1, int(x * 2 * width)), min(4 * height - 1, int((1 - y) * 4 * height))
        cell = dots[row // 4]
        if ascii_only:
            cell[column // 2] += 1
        else:
            cell[column // 2] |= _DOTS[column % 2][row % 4]
    if ascii_only:
        lines = [[" .:*#"[min(4, count)] for count in row] for row in dots]
    else:
        lines = [[chr(0x2800 + pattern) if pattern else " " for pattern in row] for row in dots]
    spans: list[list[tuple[int, int]]] = [[] for _ in range(height)]
    for name, x, y in names:
        row = min(height - 1, int((1 - y) * height))
        start = max(0, min(width - len(name), int(x * width) - len(name) // 2))
        placed = _free(spans, row, start, len(name), width, height)
        if placed is None:
            continue
        row, start = placed
        lines[row][start : start + len(name)] = list(name)
        spans[row].append((start, start + len(name)))
    return [("".join(line), sorted(span)) for line, span in zip(lines, spans, strict=True)]


def _free(
    spans: Sequence[Sequence[tuple[int, int]]], row: int, start: int, length: int, width: int, height: int
) -> tuple[int, int] | None:
    """The nearest place where a name fits without touching another, a line or a few columns away at most."""
    moves = sorted(
        ((r, c) for r in (-1, 0, 1) for c in range(-4, 5)), key=lambda move: (2 * abs(move[0]) + abs(move[1]), move)
    )
    for down, along in moves:
        r, s = row + down, start + along
        if not (0 <= r < height and 0 <= s <= width - length):
            continue
        if all(s + length < a or s > b for a, b in spans[r]):
            return r, s
    return None
