"""Pictures made of text: bars with whiskers, lines of where a theme stands, a map of passages."""

from __future__ import annotations

from collections.abc import Sequence

from compare.inference import Interval

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
