"""Pieces of text that every format of the report shares: places, figures, bars."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from compare.comparison import Comparison, Row
from compare.inference import Difference, Interval

# A Chinese character with the punctuation around it, or a word with the blanks behind it.
_WIDE = "\u2e80-\u2fdf\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff"
_OPEN, _CLOSE = "“‘（《〈「『【", "，。、；：？！”’）》〉」』】…"
_PIECES = re.compile(f"[{_OPEN}]*[{_WIDE}][{_CLOSE}]*\\s*|[^\\s{_WIDE}]+\\s*|\\s+")

BASIS = {
    "official": "official text",
    "digest": "digest (the plan restated in our words)",
    "file": "file given",
    "several": "documents of several kinds",
}


def place(row: Row) -> str:
    """Where a passage stands, as one cites it: printed page or point, else page of the file, else section.

    Examples
    --------
    >>> from compare.documents import Passage
    >>> place(Row("x:0001", "x", Passage(0, "A.", page=5, page_label="3"), "t01", None, 1.0, False, {}))
    'p. 3'
    """
    passage = row.passage
    found = page_of(passage.page, passage.page_label)
    if found:
        return found
    return f'"{cut(passage.section[-1], 48)}"' if passage.section else f"paragraph {passage.paragraph + 1}"


def page_of(page: int | None, label: str | None) -> str:
    """Printed page or point, else page of the file; empty where there is neither.

    Examples
    --------
    >>> page_of(5, "3"), page_of(5, None), page_of(None, "point 4")
    ('p. 3', 'file p. 5', 'point 4')
    """
    if label:
        return label if " " in label or not _is_number(label) else f"p. {label}"
    return f"file p. {page}" if page is not None else ""


def _is_number(label: str) -> bool:
    return label.isdecimal() or set(label.lower()) <= set("ivxlc")


def places(comparison: Comparison, rows: Sequence[int]) -> str:
    """Several places together: "p. 3, 20" rather than "p. 3, p. 20"."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        found = place(comparison.rows[row])
        head, _, tail = found.rpartition(" ")
        if head not in {"p.", "point", "file p."}:
            head, tail = "", found
        if tail not in groups.setdefault(head, []):
            groups[head].append(tail)
    parts = []
    for head, tails in groups.items():
        tails = sorted(tails, key=lambda tail: (int(tail) if tail.isdecimal() else -1, tail)) if head else tails
        plural = "points" if head == "point" and len(tails) > 1 else head
        parts.append(f"{plural} {', '.join(tails)}".strip())
    return ", ".join(parts)


def wrap(text: str, width: int, first: int = 0) -> list[str]:
    """Lines of a text, broken at blanks, and in Chinese between any two characters but before no punctuation.

    Parameters
    ----------
    text : str
        One paragraph.
    width : int
        Columns of a line; a Chinese character takes two.
    first : int
        Columns that are taken already on the first line.

    Examples
    --------
    >>> wrap("one two three", 7)
    ['one two', 'three']
    >>> wrap("推动开放，共享成果。", 8)
    ['推动开', '放，共享', '成果。']
    """
    lines: list[str] = []
    line, used = "", first
    for piece in _PIECES.findall(text):
        size = cell_len(piece.rstrip())
        if used + size > width and (line.strip() or first):
            lines.append(line.rstrip())
            line, used, first = "", 0, 0
            piece = piece.lstrip()
        while cell_len(piece.rstrip()) > width:
            # A word longer than a line, such as an address, is broken where the line ends.
            part = set_cell_size(piece, width).rstrip()
            lines.append(part)
            piece = piece[len(part) :]
        line += piece
        used += cell_len(piece)
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def share(interval: Interval) -> str:
    """A share in per cent with its interval, without the sign: "18 [13, 24]"."""
    return f"{100 * interval.value:.0f} [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"


def signed(value: float, digits: int = 0) -> str:
    """A number with its sign, a real minus, and no sign on zero.

    Examples
    --------
    >>> signed(-4.2), signed(0.3), signed(3)
    ('−4', '0', '+3')
    """
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else "−") + text


def points(difference: Difference, scale: float = 100, digits: int = 0) -> str:
    """A difference with its interval: "+18 [12, 24]"."""
    low, high = (signed(scale * end, digits).removeprefix("+") for end in (difference.low, difference.high))
    return f"{signed(scale * difference.value, digits)} [{low}, {high}]"


def half_bar(interval: Interval, largest: float, width: int, ascii_only: bool = False) -> str:
    """A bar of at most `width` columns: full to the value, light to the upper end of the interval.

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
    """
    full, light = ("#", "-") if ascii_only else ("█", "─")
    scale = width / largest if largest > 0 else 0
    value = min(width, round(interval.value * scale))
    if value == 0 and interval.value > 0:
        value = 1
    high = max(value, min(width, round(interval.high * scale)))
    return full * value + light * (high - value)


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
    '--##|#   '
    """
    side = width // 2
    one = half_bar(left, largest, side, ascii_only)[::-1].rjust(side)
    two = half_bar(right, largest, side, ascii_only).ljust(side)
    return one + ("|" if ascii_only else "│") + two


def cut(text: str, most: int) -> str:
    """Text cut at a word with an ellipsis, where it is longer than `most` characters.

    Examples
    --------
    >>> cut("one two three", 9)
    'one two …'
    """
    if len(text) <= most:
        return text
    short = text[: most - 1]
    if " " in short[most // 2 :]:
        short = short.rpartition(" ")[0] + " "
    return short + "…"


def how_sure(comparison: Comparison) -> str:
    """How far to trust the themes, in two sentences that say it by the figure; and which ones not to build on."""
    value = comparison.stability.bootstrap_ari
    if value >= 0.75:
        text = "The themes hang together well"
    elif value >= 0.5:
        text = "The themes hold in the main, not in every passage"
    else:
        text = "The themes are loose; read them as a sorting aid, not as a finding"
    text += (
        f": when a fifth of the passages is left out, the division comes out alike to {value:.2f} (adjusted Rand "
        "index; 1 is the same, 0 is chance). Part of that is owed to neighbouring sentences staying together, so "
        "what a theme is about is for its passages to show, and a share is only as good as they are"
    )
    use = (comparison.method.get("codebook") or {}).get("use")
    if use == "help":
        text += "; topics of a codebook of AI policy helped to join passages of different documents."
    elif use == "topics are the themes":
        text += "; the themes are the topics of a codebook, told by sentences that stand for each."
    else:
        text += "."
    weak = [theme.label for theme in comparison.theme_results if not theme.stable]
    if weak:
        text += f" Not stable enough to found a claim on: {'; '.join(weak)}."
    return text
