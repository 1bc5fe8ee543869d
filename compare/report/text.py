"""Pieces of text that every format of the report shares: places, figures, lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from compare.comparison import Comparison
from compare.inference import Difference, Interval
from compare.report.blocks import Located
from compare.results import Theme
from compare.shown import printable

# A Chinese character with the punctuation around it, or a word with the blanks behind it.
_WIDE = "\u2e80-\u2fdf\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff"
_OPEN, _CLOSE = "“‘（《〈「『【", "，。、；：？！”’）》〉」』】…"
# What belongs to a figure or to a place stays on one line: "18 % [13, 24]", "p. 3", "point 4".
_FIGURE = (
    r"(?:[+−-]?\d[\d.,]* (?:% )?)?\[[−\d., ]+\][^\s\[]*\s*|\d[\d.,]* %[^\s]*\s*|(?<!\w)(?:p\.|points?) \d[^\s]*\s*"
)
# Plain quotation marks open behind a blank and close behind a character.
_BEFORE, _AFTER = r"(?:(?<!\S)[\"'(\[]+)?", r"\"'.,;:)!?\]"
_PIECES = re.compile(f"{_FIGURE}|{_BEFORE}[{_OPEN}]*[{_WIDE}][{_CLOSE}{_AFTER}]*\\s*|[^\\s{_WIDE}]+\\s*|\\s+")

# A theme is named in the map's panel of a document that gives it so much of its passages.
_NAMED = 0.02
BASIS = {
    "official": "official text",
    "digest": "digest (the plan restated in our words)",
    "file": "file given",
    "several": "documents of several kinds",
}


def place(row: Located) -> str:
    """Where a passage stands, as one cites it: printed page or point, else page of the file, else section.

    Examples
    --------
    >>> from compare.comparison import Row
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


def places(comparison: Comparison, rows: Sequence[int]) -> list[tuple[str, int | None]]:
    """Several places together, "p. 3, 20" rather than "p. 3, p. 20": pieces of text, and the row that each names.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    rows : sequence of int
        Passages.
    """
    groups: dict[str, dict[str, int]] = {}
    for row in rows:
        found = place(comparison.rows[row])
        head, _, tail = found.rpartition(" ")
        if head not in {"p.", "point", "file p."}:
            head, tail = "", found
        groups.setdefault(head, {}).setdefault(tail, row)
    pieces: list[tuple[str, int | None]] = []
    for head, tails in groups.items():
        named = list(tails.items())
        if head:
            named.sort(key=lambda item: (int(item[0]) if item[0].isdecimal() else -1, item[0]))
        plural = "points" if head == "point" and len(named) > 1 else head
        before = (", " if pieces else "") + (f"{plural} " if plural else "")
        for tail, row in named:
            pieces += [(before, None)] if before else []
            pieces.append((tail, row))
            before = ", "
    return pieces


def visible(text: str) -> str:
    r"""Text with characters that act on a terminal or on the direction of writing shown as escapes.

    Readers take such characters out of documents; this is for what did not come through a reader.

    Examples
    --------
    >>> visible("a\u202eb\x1b[31m")
    'a\\u202eb\\x1b[31m'
    """
    if text.isprintable():
        return text
    return printable(text)


def breaks(text: str, width: int, first: int = 0) -> list[int]:
    """Where the lines of a text begin, but for the first; see `wrap`."""
    found: list[int] = []
    at, used, begun = 0, first, False
    for piece in _PIECES.findall(text):
        size = cell_len(piece.rstrip())
        if used + size > width and (begun or first):
            found.append(at)
            used, first, begun = 0, 0, False
        while cell_len(piece.rstrip()) > width:
            # A word longer than a line, such as an address, is broken where the line ends.
            part = set_cell_size(piece, width).rstrip()
            at += len(part)
            found.append(at)
            piece = piece[len(part) :]
        # Blanks that a line begins with are not shown.
        used += cell_len(piece) if begun or first or piece.strip() else 0
        begun = begun or bool(piece.strip())
        at += len(piece)
    return found


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
    >>> wrap("heard in 18 % [13, 24] of them", 14)
    ['heard in', '18 % [13, 24]', 'of them']
    >>> wrap("推动开放，共享成果。", 8), wrap('See "序言".', 9)
    (['推动开', '放，共享', '成果。'], ['See "序', '言".'])
    """
    ends = breaks(text, width, first)
    starts = [0, *ends]
    lines = [text[start:end].rstrip() for start, end in zip(starts, [*ends, len(text)], strict=True)]
    return [lines[0] if first else lines[0].lstrip(), *(line.lstrip() for line in lines[1:])]


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


def points(difference: Difference | Interval, scale: float = 100, digits: int = 0) -> str:
    """A difference, or a change, with its interval: "+18 [12, 24]"."""
    low, high = (_end(scale * end, digits) for end in (difference.low, difference.high))
    return f"{signed(scale * difference.value, digits)} [{low}, {high}]"


def _end(value: float, digits: int) -> str:
    """An end of an interval, with a digit more where it would come out as zero and is not: zero in or out matters."""
    finer = digits + 1 if value and not float(f"{value:.{digits}f}") and float(f"{value:.{digits + 1}f}") else digits
    return signed(value, finer).removeprefix("+")


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


def theme_places(comparison: Comparison) -> list[tuple[Theme, float, float, frozenset[str]]]:
    """For each theme where on the map most of its passages lie, and in which documents' panels it is named.

    Parameters
    ----------
    comparison : Comparison
        With places of its passages.
    """
    own: dict[str, list[tuple[float, float]]] = {}
    for row, place in zip(comparison.rows, comparison.positions, strict=True):
        own.setdefault(row.theme, []).append(place)
    return [
        (theme, *most_central(own[theme.id]), frozenset(d for d, s in theme.shares.items() if s.value >= _NAMED))
        for theme in comparison.theme_results
    ]


def most_central(places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The place with most others around it; a mean may lie where none is.

    Parameters
    ----------
    places : sequence of (float, float)
        One at least.
    """
    return min(places, key=lambda a: sum(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 for b in places))
