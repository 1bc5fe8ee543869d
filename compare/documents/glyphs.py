"""From the glyphs of a PDF page to its lines, by where the glyphs stand rather than by what the file says of spaces.

Producers leave out spaces, put some where none are printed (inside ligatures), and print glyphs twice for weight. So
the spaces of the text layer are set aside and read from the gaps between glyphs.
"""

from __future__ import annotations

import ctypes
import math
import re
import statistics
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest
from typing import Any

import pypdfium2.raw as pdfium

from compare.documents.tags import Tag

HYPHEN = "\u0002"  # a hyphen at the end of a line, not yet decided upon
_GAP = 0.1  # of the glyph size: wider gaps are spaces; in print, letters stand within 0.02
_GAP_AT_SPACE = 0.03  # where the text layer has a space as well
MAX_GLYPHS = 250_000  # on one page; a page of a newspaper has some 30,000
_FAR = 1e6  # points; nothing that is read stands so far out
_MOST_ALIKE = 8  # places of one glyph that are kept for one spot
_MOST_BESIDE = 60  # lines beside one another; columns of a wide table
_PIECE, _MOST_PIECES = 3, 1_000  # glyphs of a piece that is drawn after its line; such pieces of a page
_LONGEST = 4_000  # glyphs of a line; a line of print has some 200
_ROWS = 1 << 26  # more than there are rows of cells in twice _FAR
_ADDRESS_OF = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_SPACES = frozenset({0x20, 0xA0, 0x3000, 0x09, 0x0A, 0x0D})
_HYPHENS = frozenset({2, 0xFFFE, 0x2D})
_TWICE = 0.12  # of the glyph size: the same glyph this near is the same glyph printed again
_MARKER = re.compile(r"^[\d\s,;*†‡§()\[\]–-]+$")
_ITEM_NUMBER = re.compile(r"\d{1,2}[.)]|\((?:\d{1,2}|[a-z]|[ivx]{1,5})\)|[a-z][.)]|[ivx]{1,5}[.)]")
_BULLET_GLYPHS = "•●○◦▪■□◆◇▶►➢➤❖‣·∙∗⁃✓✔➔◾◽▸▹▻\uf0b7\uf0a7\uf0d8\uf076\uf0a8\uf06e"
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
    colour : int
        Colour in which the glyphs are filled, 0xRRGGBB.
    """

    font: str
    size: float
    bold: bool
    italic: bool
    marked: bool
    colour: int = 0


@dataclass(slots=True)
class Run:
    """Glyphs of one style, one after another on a baseline."""

    style: Style
    left: float
    right: float
    base: float
    glyphs: list[tuple[str, float, float, bool]] = field(default_factory=list)  # character, left, right, space before
    mark: int = -1  # marked-content identifier of its first glyph

    @property
    def text(self) -> str:
        """The characters, with spaces where the gaps are."""
        size = self.style.size or 1.0
        gaps = [b[1] - a[2] for a, b in pairwise(self.glyphs)]
        # Letters set apart for looks (headings) raise the gap that counts as a space; leaders ". . ." do not.
        apart = [gap for gap, (a, b) in zip(gaps, pairwise(self.glyphs), strict=True) if a[0] != b[0]]
        spread = statistics.median(apart) if len(apart) > 8 else 0.0
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
    marker : str
        The bullet glyph itself.
    plain : bool
        Whether all of it is in one colour.
    outer : float
        Left edge of the bullet glyph, or of the text where there is none, in points.
    tag : Tag or None
        The element of the structure tree that most of it belongs to.
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
    marker: str = ""
    plain: bool = True
    outer: float = 0.0
    tag: Tag | None = None


def page_lines(page: Any, index: int, tags: Mapping[int, Tag] | None = None) -> tuple[list[Line], float]:
    """Lines of a page in the order of its content stream, and the page's height.

    A page whose text runs upwards or downwards, as wide tables do, is turned so that it can be read.

    Parameters
    ----------
    page : pypdfium2.PdfPage
        The page.
    index : int
        Its index, from 0.
    tags : mapping of int to Tag, optional
        Elements of the structure tree by marked-content identifier.

    Returns
    -------
    list of Line
        Lines, not yet in reading order.
    float
        Height of the page as it is read, in points.

    Raises
    ------
    TooManyGlyphs
        If the page holds more than `MAX_GLYPHS` characters.
    """
    tags = tags or {}
    runs, height = _runs(page)
    rows = _put_back(_rows(runs, tags))
    lines = [line for row, below in zip_longest(rows, rows[1:]) if (line := _line(row, index, tags, below)) is not None]
    return _with_bullets(lines), height


def _with_bullets(lines: list[Line]) -> list[Line]:
    """Give bullet glyphs, and numbers of list items, that stand alone to the line on their right."""
    worded = sorted((line for line in lines if line.text), key=lambda line: line.base)
    bases = [line.base for line in worded]
    for alone in [line for line in lines if not line.text]:
        size = alone.style.size
        near = worded[bisect_left(bases, alone.base - 0.5 * size) : bisect_right(bases, alone.base + 0.5 * size)]
        right = [o for o in near if o.left > alone.left]
        if right:
            nearest = min(right, key=lambda line: line.left)
            if nearest.left - alone.right < 6 * size:
                nearest.bullet, nearest.marker, nearest.outer = True, alone.marker, alone.left
    gone: set[int] = set()
    for alone in [line for line in worded if _ITEM_NUMBER.fullmatch(line.text)]:
        size = alone.style.size
        near = worded[bisect_left(bases, alone.base - 0.1 * size) : bisect_right(bases, alone.base + 0.1 * size)]
        if len(near) > _MOST_BESIDE:
            continue
        right = [o for o in near if o.left > alone.right - 0.1 * size and not o.bullet]
        item = min(right, key=lambda line: line.left, default=None)
        if item is not None and item.left - alone.right < 3 * size and item.style.size == size:
            item.text, item.left, item.outer = f"{alone.text} {item.text}", alone.left, alone.left
            gone.add(id(alone))
    return [line for line in lines if line.text and id(line) not in gone]


class TooManyGlyphs(Exception):
    """A page holds more characters than are read; the argument is their number."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """The visible part of a page in its own coordinates, and by how many quarters it is turned to the right."""

    left: float
    bottom: float
    width: float
    height: float
    turn: int = 0

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height when turned."""
        return (self.height, self.width) if self.turn % 2 else (self.width, self.height)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Coordinates of a point from the lower left corner of the turned page."""
        x, y = x - self.left, y - self.bottom
        if self.turn == 0:
            return x, y
        if self.turn == 1:
            return y, self.width - x
        return (self.width - x, self.height - y) if self.turn == 2 else (self.height - y, x)

    def level(self, a: float, b: float) -> bool:
        """Whether a direction runs along the lines of the turned page; stamps and watermarks do not."""
        a, b = ((a, b), (b, -a), (-a, -b), (-b, a))[self.turn]
        return abs(b) <= 0.25 * abs(a) and a >= 0


def _frame(page: Any, handle: Any, count: int) -> _Frame:
    left, bottom, right, top = page.get_bbox()
    if not (10 < right - left < _FAR and 10 < top - bottom < _FAR and abs(left) < _FAR and abs(bottom) < _FAR):
        left, bottom, right, top = 0.0, 0.0, max(page.get_width(), 10.0), max(page.get_height(), 10.0)
    matrix = pdfium.FS_MATRIX()
    turns = [0, 0, 0, 0]
    for at in range(0, count, max(count // 200, 1)):
        if pdfium.FPDFText_GetMatrix(handle, at, matrix) and pdfium.FPDFText_IsGenerated(handle, at) != 1:
            a, b = matrix.a, matrix.b
            turns[(0 if a >= 0 else 2) if abs(a) >= abs(b) else (1 if b > 0 else 3)] += 1
    turn = 0 if turns[0] >= 0.3 * sum(turns) else turns.index(max(turns))
    return _Frame(left, bottom, right - left, top - bottom, turn)


def _runs(page: Any) -> tuple[list[Run], float]:
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count > MAX_GLYPHS:
            raise TooManyGlyphs(count)
        frame = _frame(page, text_page.raw, count)
        return _read_runs(text_page.raw, count, frame), frame.extent[1]
    finally:
        text_page.close()


def _read_runs(handle: Any, count: int, frame: _Frame) -> list[Run]:
    x, y = ctypes.c_double(), ctypes.c_double()
    box = pdfium.FS_RECTF()
    unicode, generated, origin = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_IsGenerated, pdfium.FPDFText_GetCharOrigin
    loose = pdfium.FPDFText_GetLooseCharBox
    # As a plain number, which costs less than a pointer for every character.
    object_of = _ADDRESS_OF(ctypes.cast(pdfium.FPDFText_GetTextObject, ctypes.c_void_p).value or 0)
    bare = ctypes.cast(handle, ctypes.c_void_p)
    styles: dict[int | None, tuple[Style | None, int]] = {}
    runs: list[Run] = []
    seen = _Printed()
    spaced = False
    high = 0
    place, turn, (wide, tall) = frame.place, frame.turn, frame.extent
    for at in range(count):
        code = unicode(handle, at)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        high = 0
        if code in _SPACES:
            if not spaced and runs and generated(handle, at) != 1:
                _end_at(runs[-1], frame, handle, at, x, y)
            spaced = True
            continue
        thing = object_of(bare, at)
        # What pdfium puts in of its own (spaces, hyphens at line ends) belongs to no text object, or is one of these.
        if not thing and code not in _HYPHENS and generated(handle, at) == 1:
            continue
        if thing not in styles:
            styles[thing] = _style(handle, at, frame)
        style, mark = styles[thing]
        if style is None or not loose(handle, at, box):
            continue
        origin(handle, at, x, y)
        left, base = place(x.value, y.value)
        if turn == 0:
            right = box.right - frame.left
        else:
            right = place(*((0, box.top), (box.left, 0), (0, box.bottom))[turn - 1])[0]
        # What stands off the page is not to be seen; nor is it where a coordinate is no number.
        if not (-style.size < left < wide + style.size and -style.size < base < tall + style.size and right < _FAR):
            continue
        character = HYPHEN if code in (2, 0xFFFE, 0xAD) else chr(code) if 0 < code < 0x110000 else "\ufffd"
        last = runs[-1] if runs else None
        # The letters of a ligature share its place: two alike there ("ff", "tt") are no second print.
        twin = last is not None and character in "ft" and last.glyphs[-1][:2] == (character, left)
        if not twin and seen.before(character, left, base, style.size):
            continue
        if (
            last is not None
            and (last.style is style or last.style == style)
            and abs(last.base - base) < 0.15 * style.size
            # Ligatures have boxes wider than what they print, so a run goes on by where its last glyph began.
            and left > last.glyphs[-1][1] - 0.3 * style.size
            and left - last.right < 3 * style.size
            and len(last.glyphs) < _LONGEST
        ):
            last.glyphs.append((character, left, right, spaced))
            last.right = right
        else:
            runs.append(Run(style, left, right, base, [(character, left, right, spaced)], mark))
        spaced = False
    return runs


def _end_at(run: Run, frame: _Frame, handle: Any, at: int, x: Any, y: Any) -> None:
    """Let the last glyph end where the space behind it begins: boxes of italic letters reach over it.

    Not so behind a ligature, whose letters share one place: there a space is often put in that nobody printed.
    """
    pdfium.FPDFText_GetCharOrigin(handle, at, x, y)
    character, left, right, spaced = run.glyphs[-1]
    ligature = len(run.glyphs) > 1 and run.glyphs[-2][1] == left
    end, base = frame.place(x.value, y.value)
    if not ligature and abs(base - run.base) < 0.1 * run.style.size and left < end < right:
        run.glyphs[-1] = (character, left, end, spaced)
        run.right = end


class _Printed:
    """What has been printed where, to tell a glyph that is printed again for weight."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[int, list[tuple[float, float]]]] = {}

    def before(self, character: str, left: float, base: float, size: float) -> bool:
        """Whether the same glyph stands almost there already; if not, it is noted as standing there."""
        reach = _TWICE * size
        cell = 2 * reach if reach > 0.1 else 0.2
        column, row = left // cell, base // cell
        spots = self._cells.get(character)
        if spots is None:
            spots = self._cells[character] = {}
        here = int(column) * _ROWS + int(row)
        # Characters of one ligature share its box; the same character twice in it ("ff") is no second print.
        if character not in "ft":
            # The reach is half a cell at most, so the four cells nearest to the point are all that it can touch.
            across = _ROWS if left - column * cell > cell / 2 else -_ROWS
            along = 1 if base - row * cell > cell / 2 else -1
            for spot in (here, here + across, here + along, here + across + along):
                if spot in spots:
                    for other_left, other_base in spots[spot]:
                        if abs(other_left - left) < reach and abs(other_base - base) < reach:
                            return True
        if here not in spots:
            spots[here] = [(left, base)]
        elif len(spots[here]) < _MOST_ALIKE:
            spots[here].append((left, base))
        return False


def _style(handle: Any, at: int, frame: _Frame) -> tuple[Style | None, int]:
    """Style of the text object that a character belongs to, and its marked-content identifier or -1."""
    thing = pdfium.FPDFText_GetTextObject(handle, at)
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(handle, at, matrix)
    if not frame.level(matrix.a, matrix.b):
        return None, -1
    across = math.hypot(matrix.b, matrix.d) if frame.turn % 2 == 0 else math.hypot(matrix.a, matrix.c)
    size = pdfium.FPDFText_GetFontSize(handle, at) * across
    name, weight, mark = "", 0, -1
    if thing:
        font = pdfium.FPDFTextObj_GetFont(thing)
        buffer = ctypes.create_string_buffer(128)
        pdfium.FPDFFont_GetBaseFontName(font, buffer, 128)
        name = buffer.value.decode("latin-1", "replace")
        weight = pdfium.FPDFFont_GetWeight(font)
        mark = pdfium.FPDFPageObj_GetMarkedContentID(thing)
    name = re.sub(r"^[A-Z]{6}\+", "", name)
    if not size < _FAR:  # also where it is no number
        return None, -1
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    pdfium.FPDFText_GetFillColor(handle, at, red, green, blue, alpha)
    style = Style(
        font=name,
        size=round(abs(size) * 4) / 4 or 1.0,
        bold=weight >= 600 or bool(re.search(r"bold|black|heavy|demi", name, re.IGNORECASE)),
        italic=bool(re.search(r"italic|oblique", name, re.IGNORECASE)),
        marked=mark >= 0,
        colour=(red.value << 16 | green.value << 8 | blue.value) & 0xFFFFFF,
    )
    return style, mark


def _rows(runs: list[Run], tags: Mapping[int, Tag]) -> list[list[Run]]:
    """Put runs that follow one another on a line together; columns come apart at wide gaps."""
    rows: list[list[Run]] = []
    for run in runs:
        row = rows[-1] if rows else None
        if row is not None:
            last = row[-1]
            size = max(last.style.size, run.style.size)
            near = abs(last.base - run.base) < 0.15 * size
            raised = abs(last.base - run.base) < 0.55 * size and (
                min(last.style.size, run.style.size) < 0.8 * size
                or min(r.style.size for r in row) < 0.8 * size
                or _is_raised_marker(run, last)
                or _is_raised_marker(last, run)
            )
            gap = run.left - last.right
            opening = len(row) == 1 and _is_bullet(row[0])
            here, before = tags.get(run.mark), tags.get(last.mark)
            if here is not None and before is not None and here.element != before.element and here.role == "cell":
                rows.append([run])
                continue
            if sum(len(part.glyphs) for part in row[-8:]) + len(run.glyphs) > _LONGEST:
                rows.append([run])
                continue
            if (near or raised) and -0.6 * size < gap < (4 if opening else 1.6) * size:
                row.append(run)
                continue
        rows.append([run])
    return rows


def _put_back(rows: list[list[Run]]) -> list[list[Run]]:
    """Put back pieces that are drawn after their line and stand in a gap of it.

    So word processors draw the quotation marks of Chinese, which they take from another font.
    """
    pieces = [row for row in rows if len(row) == 1 and len(row[0].glyphs) <= _PIECE and not _is_bullet(row[0])]
    if not pieces or len(pieces) > _MOST_PIECES:
        return rows
    apart = {id(row) for row in pieces}
    hosts = sorted((row for row in rows if id(row) not in apart), key=lambda row: row[0].base)
    bases = [row[0].base for row in hosts]
    gone: set[int] = set()
    for row in pieces:
        base, size = row[0].base, row[0].style.size
        near = hosts[bisect_left(bases, base - 0.15 * size) : bisect_right(bases, base + 0.15 * size)]
        if len(near) <= _MOST_BESIDE and any(_takes(host, row[0]) for host in near):
            gone.add(id(row))
    return [row for row in rows if id(row) not in gone]


def _takes(host: list[Run], piece: Run) -> bool:
    """Set a piece into the gap of a row that it stands in; whether there is one."""
    reach = 0.15 * piece.style.size
    for at, run in enumerate(host):
        if abs(run.style.size - piece.style.size) > reach:
            continue
        if not run.glyphs[0][1] < piece.left < run.right + reach:
            continue
        for cut in range(1, len(run.glyphs)):
            before, after = run.glyphs[cut - 1], run.glyphs[cut]
            if before[2] - reach <= piece.left and piece.right <= after[1] + reach and after[1] - before[2] > reach:
                parts = (run.glyphs[:cut], run.glyphs[cut:])
                left, right = (Run(run.style, p[0][1], p[-1][2], run.base, p, run.mark) for p in parts)
                host[at : at + 1] = [left, piece, right]
                return True
        after_run = host[at + 1] if at + 1 < len(host) else None
        if after_run is not None and run.right - reach <= piece.left and piece.right <= after_run.left + reach:
            host.insert(at + 1, piece)
            return True
    return False


def _is_raised_marker(run: Run, beside: Run) -> bool:
    """Whether a run is a footnote's marker set as a superscript that is hardly smaller, as browsers do."""
    size = beside.style.size
    return (
        run.style.size < 0.95 * size
        and 0.25 * size < run.base - beside.base < 0.6 * size
        and _MARKER.match(run.text) is not None
    )


def _is_bullet(run: Run) -> bool:
    return len(run.glyphs) == 1 and (
        run.glyphs[0][0] in _BULLET_GLYPHS
        or "Symbol" in run.style.font
        or (run.glyphs[0][0] in "-–—o" and "Courier" in run.style.font)
    )


def _set_apart(runs: list[Run], below: list[Run] | None) -> bool:
    """Whether a line opens with a dash or a small o that stands as a bullet.

    It is as far off as no word would be, or the line below is set under the word behind it.
    """
    run = runs[0]
    opening = [*run.glyphs[:2], *(runs[1].glyphs[:1] if len(runs) > 1 else [])]
    if len(opening) < 2 or opening[0][0] not in "-–—o":
        return False
    right, left, size = opening[0][2], opening[1][1], run.style.size
    hangs = (
        below is not None
        and abs(below[0].left - left) < 0.1 * size
        and 0.8 * size < run.base - below[0].base < 2.2 * size
        and below[0].style.size == size
    )
    return left - right > (0.35 if hangs else 0.6) * size


def _line(runs: list[Run], index: int, tags: Mapping[int, Tag], below: list[Run] | None) -> Line | None:
    bullet = _is_bullet(runs[0])
    marker = runs[0].glyphs[0][0] if bullet else ""
    outer = runs[0].left
    if bullet:
        mark, runs = runs[0], runs[1:]
        if not runs:
            return Line(
                "", mark.style, True, index, mark.left, mark.right, mark.base, mark.base, bullet=True, marker=marker
            )
    elif (len(runs[0].glyphs) > 1 and runs[0].glyphs[0][0] in _BULLET_GLYPHS) or _set_apart(runs, below):
        bullet = True
        first, runs = runs[0], runs[1:]
        marker = first.glyphs[0][0]
        if len(first.glyphs) > 1:
            rest = first.glyphs[1:]
            runs = [Run(first.style, rest[0][1], first.right, first.base, rest, first.mark), *runs]
    sizes: dict[float, int] = defaultdict(int)
    for run in runs:
        sizes[run.style.size] += len(run.glyphs)
    main = max(sizes, key=lambda size: (sizes[size], size))
    bases = [run.base for run in runs if run.style.size >= 0.8 * main]
    base = bases[0] if bases else runs[0].base
    note = False
    kept: list[Run] = []
    for run in runs:
        small = (run.style.size < 0.8 * main and run.base > base + 0.15 * main) or (
            run.style.size < 0.95 * main and run.base > base + 0.25 * main
        )
        if small and _MARKER.match(run.text):
            note = note or not kept
            continue
        kept.append(run)
    if not kept:
        return None
    text = ""
    styles: dict[Style, int] = defaultdict(int)
    marks: dict[int, int] = defaultdict(int)
    previous: Run | None = None
    for run in kept:
        styles[run.style] += len(run.glyphs)
        marks[run.mark] += len(run.glyphs)
        piece = run.text
        if previous is not None:
            gap = run.left - previous.right
            size = min(run.style.size, previous.style.size)
            spaced = run.glyphs[0][3]
            if is_gap(gap, spaced, size, previous.glyphs[-1][0], run.glyphs[0][0]):
                text += " "
        text += piece
        previous = run
    # Some producers divide words with a hyphen of its own (U+2010), which stands at the end of a line only.
    text = re.sub(r"(?<=[^\W\d_])\u2010\s*$", HYPHEN, text)
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
        marker=marker,
        outer=outer,
        plain=len({run.style.colour for run in kept}) == 1,
        tag=tags.get(max(marks, key=lambda m: marks[m])),
    )
