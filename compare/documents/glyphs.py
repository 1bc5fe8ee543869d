"""From the glyphs of a PDF page to its lines, by where the glyphs stand rather than by what the file says of spaces.

Producers leave out spaces, put some where none are printed (inside ligatures), and print glyphs twice for weight. So
the spaces of the text layer are set aside and read from the gaps between glyphs.
"""

from __future__ import annotations

import ctypes
import math
import re
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

HYPHEN = "\u0002"  # a hyphen at the end of a line, not yet decided upon
_GAP = 0.1  # of the glyph size: wider gaps are spaces; in print, letters stand within 0.02
_GAP_AT_SPACE = 0.03  # where the text layer has a space as well
_TWICE = 0.12  # of the glyph size: the same glyph this near is the same glyph printed again
_MARKER = re.compile(r"^[\d\s,;*†‡§()\[\]–-]+$")
_BULLET_GLYPHS = "•●○◦▪■□◆◇▶►➢➤❖‣·∙\uf0b7\uf0a7\uf0d8\uf076\uf0a8\uf06e"
_WIDE_GLYPH = re.compile("[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Style:
    """How a run of glyphs is set.

    Attributes
    ----------
    font : str
        Name of the font, without its subset prefix.
    size : float
        Height of the em on the page, in points.
    bold, italic : bool
        By the font's name and weight.
    marked : bool
        Whether it belongs to the tagged content; page furniture of a tagged file does not.
    """

    font: str
    size: float
    bold: bool
    italic: bool
    marked: bool


@dataclass(slots=True)
class Run:
    """Glyphs of one style, one after another on a baseline."""

    style: Style
    left: float
    right: float
    base: float
    glyphs: list[tuple[str, float, float, bool]] = field(default_factory=list)  # character, left, right, space before

    @property
    def text(self) -> str:
        """The characters, with spaces where the gaps are."""
        size = self.style.size or 1.0
        gaps = [b[1] - a[2] for a, b in pairwise(self.glyphs)]
        # Letters set apart for looks (headings) raise the gap that counts as a space.
        spread = statistics.median(gaps) if len(gaps) > 8 else 0.0
        spread = spread if spread > 0.06 * size else 0.0
        out: list[str] = []
        for at, (character, _, _, spaced) in enumerate(self.glyphs):
            if at:
                gap = gaps[at - 1] - spread
                if is_gap(gap, spaced, size, self.glyphs[at - 1][0], character):
                    out.append(" ")
            out.append(character)
        return "".join(out)


def is_gap(gap: float, spaced: bool, size: float, left: str, right: str) -> bool:
    """Whether a gap between two glyphs is a space."""
    if right in ".,;:!?)]”" and gap < 3 * size:
        return False  # where a footnote's marker stood, or before loosely set punctuation
    if _WIDE_GLYPH.match(left) or _WIDE_GLYPH.match(right):
        return gap > 0.6 * size and not (_WIDE_GLYPH.match(left) and _WIDE_GLYPH.match(right))
    return gap > (_GAP_AT_SPACE if spaced else _GAP) * size


@dataclass(slots=True)
class Line:
    """A line of print.

    Attributes
    ----------
    text : str
        Characters; a hyphen at the end that may be one of division is U+0002.
    style : Style
        Of most of its characters.
    uniform : bool
        Whether all of it is set in that style (bullet glyphs and markers apart).
    page : int
        Index of the page, from 0.
    left, right, base, top : float
        Edges, baseline and upper edge in points, from the lower left corner of the page.
    bullet : bool
        Whether it opens with a bullet glyph, which is not in the text.
    indent : float
        Left edge of the text behind the bullet, in points.
    note : bool
        Whether it opens with a raised marker, as footnotes do.
    """

    text: str
    style: Style
    uniform: bool
    page: int
    left: float
    right: float
    base: float
    top: float
    bullet: bool = False
    indent: float = 0.0
    note: bool = False


def page_lines(page: Any, index: int) -> list[Line]:
    """Lines of a page in the order of its content stream.

    Parameters
    ----------
    page : pypdfium2.PdfPage
        The page.
    index : int
        Its index, from 0.

    Returns
    -------
    list of Line
        Lines, not yet in reading order.
    """
    lines = [line for runs in _rows(_runs(page)) if (line := _line(runs, index)) is not None]
    return _with_bullets(lines)


def _with_bullets(lines: list[Line]) -> list[Line]:
    """Give bullet glyphs that stand alone to the line on their right."""
    for alone in [line for line in lines if not line.text]:
        size = alone.style.size
        right = [o for o in lines if o.text and o.left > alone.left and abs(o.base - alone.base) < 0.5 * size]
        if right:
            nearest = min(right, key=lambda line: line.left)
            nearest.bullet = nearest.left - alone.right < 6 * size or nearest.bullet
    return [line for line in lines if line.text]


def _runs(page: Any) -> list[Run]:
    text_page = page.get_textpage()
    try:
        return _read_runs(text_page.raw, text_page.count_chars())
    finally:
        text_page.close()


def _read_runs(handle: Any, count: int) -> list[Run]:
    x, y = ctypes.c_double(), ctypes.c_double()
    box = pdfium.FS_RECTF()
    styles: dict[int, Style | None] = {}
    runs: list[Run] = []
    seen: dict[tuple[str, int, int], list[tuple[float, float]]] = defaultdict(list)
    spaced = False
    high = 0
    for at in range(count):
        code = pdfium.FPDFText_GetUnicode(handle, at)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        high = 0
        if code in (0x20, 0xA0, 0x3000, 0x09, 0x0A, 0x0D):
            if not spaced and runs and pdfium.FPDFText_IsGenerated(handle, at) != 1:
                _end_at(runs[-1], handle, at, x, y)
            spaced = True
            continue
        if pdfium.FPDFText_IsGenerated(handle, at) == 1 and code not in (2, 0xFFFE, 0x2D):
            continue
        thing = pdfium.FPDFText_GetTextObject(handle, at)
        key = ctypes.cast(thing, ctypes.c_void_p).value or 0
        if key not in styles:
            styles[key] = _style(handle, at, thing)
        style = styles[key]
        pdfium.FPDFText_GetCharOrigin(handle, at, x, y)
        if style is None or not pdfium.FPDFText_GetLooseCharBox(handle, at, box):
            continue
        left, right, base = x.value, box.right, y.value
        character = HYPHEN if code in (2, 0xFFFE, 0xAD) else chr(code) if code else "\ufffd"
        last = runs[-1] if runs else None
        # The letters of a ligature share its place: two alike there ("ff", "tt") are no second print.
        twin = last is not None and character in "ft" and last.glyphs[-1][:2] == (character, left)
        if not twin and _printed_before(seen, character, left, base, style.size):
            continue
        if (
            last is not None
            and last.style == style
            and abs(last.base - base) < 0.15 * style.size
            # Ligatures have boxes wider than what they print, so a run goes on by where its last glyph began.
            and left > last.glyphs[-1][1] - 0.3 * style.size
            and left - last.right < 3 * style.size
        ):
            last.glyphs.append((character, left, right, spaced))
            last.right = right
        else:
            runs.append(Run(style, left, right, base, [(character, left, right, spaced)]))
        spaced = False
    return runs


def _end_at(run: Run, handle: Any, at: int, x: Any, y: Any) -> None:
    """Let the last glyph end where the space behind it begins: boxes of italic letters reach over it.

    Not so behind a ligature, whose letters share one place: there a space is often put in that nobody printed.
    """
    pdfium.FPDFText_GetCharOrigin(handle, at, x, y)
    character, left, right, spaced = run.glyphs[-1]
    ligature = len(run.glyphs) > 1 and run.glyphs[-2][1] == left
    if not ligature and abs(y.value - run.base) < 0.1 * run.style.size and left < x.value < right:
        run.glyphs[-1] = (character, left, x.value, spaced)
        run.right = x.value


def _printed_before(
    seen: dict[tuple[str, int, int], list[tuple[float, float]]], character: str, left: float, base: float, size: float
) -> bool:
    reach = _TWICE * size
    cell = max(reach, 0.1)
    column, row = int(left // cell), int(base // cell)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for other_left, other_base in seen.get((character, column + dx, row + dy), ()):
                # Characters of one ligature share its box; the same character twice in it ("ff") is no second print.
                if abs(other_left - left) < reach and abs(other_base - base) < reach and character not in "ft":
                    return True
    seen[(character, column, row)].append((left, base))
    return False


def _style(handle: Any, at: int, thing: Any) -> Style | None:
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(handle, at, matrix)
    if abs(matrix.b) > abs(matrix.a):
        return None  # turned by a right angle: watermarks and marginal stamps
    size = pdfium.FPDFText_GetFontSize(handle, at) * math.hypot(matrix.b, matrix.d)
    name, weight, mark = "", 0, -1
    if thing:
        font = pdfium.FPDFTextObj_GetFont(thing)
        buffer = ctypes.create_string_buffer(128)
        pdfium.FPDFFont_GetBaseFontName(font, buffer, 128)
        name = buffer.value.decode("latin-1", "replace")
        weight = pdfium.FPDFFont_GetWeight(font)
        mark = pdfium.FPDFPageObj_GetMarkedContentID(thing)
    name = re.sub(r"^[A-Z]{6}\+", "", name)
    return Style(
        font=name,
        size=round(abs(size) * 4) / 4 or 1.0,
        bold=weight >= 600 or bool(re.search(r"bold|black|heavy|demi", name, re.IGNORECASE)),
        italic=bool(re.search(r"italic|oblique", name, re.IGNORECASE)),
        marked=mark >= 0,
    )


def _rows(runs: list[Run]) -> list[list[Run]]:
    """Put runs that follow one another on a line together; columns come apart at wide gaps."""
    rows: list[list[Run]] = []
    for run in runs:
        row = rows[-1] if rows else None
        if row is not None:
            last = row[-1]
            size = max(last.style.size, run.style.size)
            near = abs(last.base - run.base) < 0.15 * size
            raised = abs(last.base - run.base) < 0.55 * size and (
                min(last.style.size, run.style.size) < 0.8 * size or min(r.style.size for r in row) < 0.8 * size
            )
            gap = run.left - last.right
            opening = len(row) == 1 and _is_bullet(row[0])
            if (near or raised) and -0.6 * size < gap < (4 if opening else 1.6) * size:
                row.append(run)
                continue
        rows.append([run])
    return rows


def _is_bullet(run: Run) -> bool:
    return len(run.glyphs) == 1 and (
        run.glyphs[0][0] in _BULLET_GLYPHS
        or "Symbol" in run.style.font
        or (run.glyphs[0][0] in "-–—o" and "Courier" in run.style.font)
    )


def _line(runs: list[Run], index: int) -> Line | None:
    bullet = _is_bullet(runs[0])
    if bullet:
        mark, runs = runs[0], runs[1:]
        if not runs:
            return Line("", mark.style, True, index, mark.left, mark.right, mark.base, mark.base, bullet=True)
    elif runs[0].glyphs[0][0] in _BULLET_GLYPHS and len(runs[0].glyphs) > 1:
        bullet = True
        first = runs[0]
        runs = [Run(first.style, first.glyphs[1][1], first.right, first.base, first.glyphs[1:]), *runs[1:]]
    sizes: dict[float, int] = defaultdict(int)
    for run in runs:
        sizes[run.style.size] += len(run.glyphs)
    main = max(sizes, key=lambda size: (sizes[size], size))
    bases = [run.base for run in runs if run.style.size >= 0.8 * main]
    base = bases[0] if bases else runs[0].base
    note = False
    kept: list[Run] = []
    for run in runs:
        small = run.style.size < 0.8 * main and run.base > base + 0.15 * main
        if small and _MARKER.match(run.text):
            note = note or not kept
            continue
        kept.append(run)
    if not kept:
        return None
    text = ""
    styles: dict[Style, int] = defaultdict(int)
    previous: Run | None = None
    for run in kept:
        styles[run.style] += len(run.glyphs)
        piece = run.text
        if previous is not None:
            gap = run.left - previous.right
            size = min(run.style.size, previous.style.size)
            spaced = run.glyphs[0][3]
            if is_gap(gap, spaced, size, previous.glyphs[-1][0], run.glyphs[0][0]):
                text += " "
        text += piece
        previous = run
    style = max(styles, key=lambda s: styles[s])
    uniform = styles[style] >= 0.9 * sum(styles.values()) or all(
        s.bold == style.bold and s.italic == style.italic and abs(s.size - style.size) < 0.35 * main for s in styles
    )
    return Line(
        text=text.strip(),
        style=style,
        uniform=uniform,
        page=index,
        left=runs[0].left,
        right=max(run.right for run in runs),
        base=base,
        top=base + 0.8 * main,
        bullet=bullet,
        indent=runs[0].left,
        note=note,
    )
