"""From the lines of a PDF to headings and paragraphs: what is body, in which order, and what heads what."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from compare.documents.blocks import Block, Heading, Paragraph, Place
from compare.documents.cleaning import glue, squeeze, width
from compare.documents.glyphs import HYPHEN, Line
from compare.documents.numbering import Number, number_of, run_in_kinds, split_run_in

_MARGIN = 0.12  # share of the page's height in which page numbers stand
_RUNNING = 0.17  # and in which lines that recur are running headers and footers
_PAGE_NUMBER = re.compile(
    r"^(?:[-–—·|\s]*)(?:page|p\.|第)?\s*(\d{1,4}|[ivxlc]{1,7})\s*(?:页)?(?:\s*(?:of|/|-)\s*\d{1,4})?(?:[-–—·|\s]*)$",
    re.IGNORECASE,
)
_URL_FOOTER = re.compile(r"^(?:https?://|file:///|www\.)\S+(?:\s+\d{1,4}\s*/\s*\d{1,4})?$")
_PRINT_HEADER = re.compile(r"^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},?\s+\d{1,2}:\d{2}(?:\s*[AP]M)?\b", re.IGNORECASE)
_LEADER = re.compile(r"(?:\.\s?){4,}\s*(?:\d{1,4}|[ivxlc]{1,6})?\s*$|…{2,}\s*\d*\s*$|(?:·\s?){4,}\s*\d*\s*$")
_CONTENTS = re.compile(r"^(?:table of contents|contents|index|目\s*录|目\s*次)$", re.IGNORECASE)
_BLANK = re.compile(
    r"this page (?:is |has been )?(?:intentionally )?left (?:intentionally )?blank|本页(?:无正文|空白)", re.IGNORECASE
)
_PRINT_NOTICE = re.compile(
    r"^\s*(?:[【\[]?\s*(?:打印|关闭|打印本页|关闭窗口)\s*[】\]]?\s*)+|仅打印内容|^(?:发布时间|来源|字号|索引号|发文机关|扫一扫)[:：]"
)
_NOTICE_BRACKET = re.compile(r"^【[^】]{2,40}】$")
_END = re.compile(r"[.!?。！？…][”’\"')）\]】»]*$")
_SOFT_END = re.compile(r"[.!?:;。！？：；…][”’\"')）\]】»]*$")
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:[-'’][A-Za-zÀ-ÿ]+)*")
_NOTE_START = re.compile(r"^(?:\d{1,3}|\*|†|‡|\[\d+\])[\s.)]")


@dataclass(slots=True)
class Outline:
    """A bookmark: its title, its level from 0, and the index of the page that it opens, or None."""

    title: str
    level: int
    page: int | None


@dataclass(slots=True)
class Layout:
    """What a PDF's lines come to.

    Attributes
    ----------
    blocks : list of Heading or Paragraph
        In reading order.
    title : str or None
        The largest line of the first page, where it stands out.
    """

    blocks: list[Block]
    title: str | None


def lay_out(
    pages: Sequence[list[Line]], heights: Sequence[float], outline: Sequence[Outline], first: int = 0
) -> Layout:
    """Make blocks of lines.

    Parameters
    ----------
    pages : sequence of list of Line
        Lines of each page, in the order of the file.
    heights : sequence of float
        Height of each page in points.
    outline : sequence of Outline
        Bookmarks, in their order; empty where there are none.
    first : int
        Index of the first of the pages in the file.
    """
    flat = [line for page in pages for line in page]
    body = body_size(flat)
    labels = page_labels(pages, heights, first)
    kept = [_without_twins(page) for page in drop_furniture(pages, heights)]
    ordered = [reading_order(page) for page in kept]
    title = _title(ordered[0] if ordered else [], body)
    rest: list[list[Line]] = []
    for page, height in zip(ordered, heights, strict=True):
        without = drop_notes(page, body, height)
        rest.append([line for line in without if not (_BLANK.search(line.text) or _NOTICE_BRACKET.match(line.text))])
    rest = drop_cover(drop_contents(rest, outline), body)
    lines = [line for page in rest for line in page]
    words = Vocabulary(flat)
    blocks = _Maker(lines, body, words, labels, outline).blocks()
    first_heading = next((block for block in blocks if isinstance(block, Heading)), None)
    if title is not None and first_heading is not None and _key(first_heading.text) == _key(title) and not outline:
        blocks.remove(first_heading)
    return Layout(blocks if outline else _drop_empty(blocks), title)


def _drop_empty(blocks: list[Block]) -> list[Block]:
    """Take out headings with nothing below them: labels of diagrams, mostly."""
    kept: list[Block] = []
    lowest: float = float("-inf")  # level of the outermost heading still without text, from the end on
    for block in reversed(blocks):
        if isinstance(block, Paragraph):
            lowest = float("inf")
            kept.append(block)
        elif isinstance(block, Heading) and block.level < lowest:
            kept.append(block)
            lowest = block.level
    return kept[::-1]


def body_size(lines: Iterable[Line]) -> float:
    """Size of most characters, in points."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.style.size] += len(line.text)
    return max(sizes, key=lambda s: sizes[s]) if sizes else 1.0


# --- page furniture ---------------------------------------------------------------------------------------------


_MAX_CUTS = 60  # cuts within one another; a page of print needs a dozen


def _in_margin(line: Line, height: float, share: float = _MARGIN) -> bool:
    return line.base > (1 - share) * height or line.top < share * height


def _pattern(line: Line) -> str:
    return re.sub(r"\d+", "#", re.sub(r"\s+", "", line.text)).lower()


def drop_furniture(pages: Sequence[list[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Take out running headers and footers, page numbers, and what a browser prints around a page.

    A line in the margin is furniture if it recurs (digits apart) at its height on three pages or on half of them, if
    it is a page number, an address or a print date, or if the file is tagged and the line is not of its content.
    """
    marked = sum(line.style.marked for page in pages for line in page)
    tagged = marked > 0.8 * sum(len(page) for page in pages)
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for at, (page, height) in enumerate(zip(pages, heights, strict=True)):
        for line in page:
            if _in_margin(line, height, _RUNNING):
                for row in (-1, 0, 1):
                    seen[(_pattern(line), int(line.base // 4) + row)].add(at)
    enough = min(3, max(2, len(pages) // 2))
    result: list[list[Line]] = []
    for page, height in zip(pages, heights, strict=True):
        kept = []
        for line in page:
            recurs = len(seen[(_pattern(line), int(line.base // 4))]) >= enough
            if (recurs and _in_margin(line, height)) or (
                recurs and _in_margin(line, height, _RUNNING) and not _END.search(line.text)
            ):
                continue
            if _in_margin(line, height) and (
                _PAGE_NUMBER.match(line.text)
                or (_URL_FOOTER.match(line.text) and _in_margin(line, height, 0.05))
                or _PRINT_HEADER.match(line.text)
                or (tagged and not line.style.marked)
            ):
                continue
            kept.append(line)
        result.append(kept)
    return result


def page_labels(pages: Sequence[list[Line]], heights: Sequence[float], first: int = 0) -> dict[int, str]:
    """Read the page numbers as printed: by index of the page; none where they do not run on with the pages."""
    found: dict[int, list[str]] = {}
    for page, height in zip(pages, heights, strict=True):
        for line in page:
            match = _PAGE_NUMBER.match(line.text) if _in_margin(line, height) else None
            if match:
                found.setdefault(line.page, []).append(match.group(1))
    offsets = Counter(
        line_page - int(label) for line_page, labels in found.items() for label in labels if label.isdigit()
    )
    result: dict[int, str] = {}
    offset, count = offsets.most_common(1)[0] if offsets else (0, 0)
    numbered = sum(any(label.isdigit() for label in labels) for labels in found.values())
    for at, labels in found.items():
        for label in labels:
            if not label.isdigit():
                result.setdefault(at, label)
            elif count >= 0.5 * numbered and at - int(label) == offset:
                result[at] = label
    return result


def _without_twins(page: list[Line]) -> list[Line]:
    """Take out lines printed twice, one nearly upon the other."""
    kept: list[Line] = []
    places: dict[str, list[Line]] = defaultdict(list)
    for line in page:
        near = places[re.sub(r"\s+", "", line.text)]
        size = line.style.size
        if any(abs(o.base - line.base) < 0.3 * size and abs(o.left - line.left) < 1.5 * size for o in near):
            continue
        near.append(line)
        kept.append(line)
    return kept


# --- reading order ----------------------------------------------------------------------------------------------


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


# --- footnotes, contents ----------------------------------------------------------------------------------------


def drop_notes(page: list[Line], body: float, height: float) -> list[Line]:
    """Take out footnotes: small print at the foot of the page or of a column, from a line with a marker on."""
    result: list[Line] = []
    inside: Line | None = None
    for line in page:
        small = line.style.size <= 0.92 * body
        if (
            inside is not None
            and small
            and line.base <= inside.base + 1
            and abs(line.style.size - inside.style.size) < 1
        ):
            inside = line
            continue
        inside = None
        if small and line.base < 0.5 * height and (line.note or _NOTE_START.match(line.text)):
            # Small print with a number, and nothing of the body below it in its column.
            below = [
                o for o in page
                if o.base < line.base and o.style.size > 0.92 * body and o.left < line.right and o.right > line.left
            ]  # fmt: skip
            if not below:
                inside = line
                continue
        result.append(line)
    return result


def drop_contents(pages: Sequence[list[Line]], outline: Sequence[Outline]) -> list[list[Line]]:
    """Take out the table of contents, from its heading to the end of its pages, and lines with leaders anywhere."""
    later: Counter[str] = Counter(_key(line.text) for page in pages for line in page)
    titles = {_key(mark.title) for mark in outline}
    result: list[list[Line]] = []
    inside = False
    for page in pages:
        start = next((at for at, line in enumerate(page) if _CONTENTS.match(line.text.strip())), None)
        entries = sum(_is_entry(line, later, titles) for line in page)
        if start is not None:
            after = page[start + 1 :]
            # Two columns or a late heading: the whole page is the table if most of it looks so.
            if sum(_is_entry(line, later, titles) for line in after) >= 0.4 * len(after):
                result.append([line for line in page[:start] if not _is_entry(line, later, titles)])
                inside = True
                continue
            if entries >= 0.6 * (len(page) - 1):
                result.append([])
                inside = True
                continue
        if inside and entries >= 0.6 * len(page) and page:
            result.append([])
            continue
        inside = False
        leaders = sum(bool(_LEADER.search(line.text)) for line in page)
        result.append([line for line in page if not (leaders >= 3 and _LEADER.search(line.text))])
    return result


def _is_entry(line: Line, later: Counter[str], titles: set[str]) -> bool:
    text = line.text
    bare = _key(re.sub(r"[\s.]*\d{1,4}$", "", text))
    return bool(
        _LEADER.search(text)
        or (re.search(r"\s\d{1,3}$", text) and not _END.search(text[: text.rstrip("0123456789").__len__()].rstrip()))
        or re.fullmatch(r"\d{1,3}", text)
        or bare in titles
        or later[bare] > (bare == _key(text))
        or any(title.startswith(bare) or (len(bare) > 12 and bare in title) for title in titles)
    )


def drop_cover(pages: Sequence[list[Line]], body: float) -> list[list[Line]]:
    """Take out the pages before the first with running text: some lines of it, and the end of a sentence."""
    for at, page in enumerate(pages[:4]):
        plain = [line for line in page if line.style.size <= 1.7 * body]
        long = [line for line in plain if width(line.text) >= 40]
        ends = sum(bool(_END.search(line.text)) for line in plain)
        if (len(long) >= 2 and ends) or (ends >= 2 and sum(len(line.text) for line in plain) >= 150):
            return [[] for _ in pages[:at]] + list(pages[at:])
    return list(pages)


def _key(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _title(lines: list[Line], body: float) -> str | None:
    """Take the largest print of the first page, if it is larger than the body by a fifth."""
    if not lines:
        return None
    wordy = [line for line in lines if len(line.text.split()) >= 2 or width(line.text) >= 12]
    size = max((line.style.size for line in wordy), default=0.0)
    if size < 1.2 * body:
        return None
    first = next(at for at, line in enumerate(lines) if line.style.size == size and line in wordy)
    run: list[Line] = []
    for line in lines[first:]:
        if line.style.size < 0.8 * size or len(run) == 4:
            break
        run.append(line)
    text = squeeze(" ".join(line.text for line in run))
    return text if 4 <= len(text) <= 200 else None


# --- hyphens ----------------------------------------------------------------------------------------------------


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
        elif not second.group()[0].islower() or a in _HYPHENED:
            keep = True
        elif right[second.end() :][:1] == "-":  # on-the-|ground-led, but so|cio-technical
            keep = len(a) > 2 and self._counts[a] > 0
        else:
            known = (self._counts[a] or a in _FIRST) and (self._counts[b] or b in _SECOND)
            keep = bool(known) and len(a) > 2 and len(b) > 2
        return left + ("-" if keep else "") + right


# --- headings and paragraphs ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """Lines that make one heading or one paragraph, with the offset at which each begins."""

    lines: list[Line]
    text: str = ""
    starts: tuple[int, ...] = ()


class _Maker:
    """Makes groups of lines, then blocks of groups, with what is known of the whole document at hand."""

    def __init__(
        self,
        lines: list[Line],
        body: float,
        words: Vocabulary,
        labels: dict[int, str],
        outline: Sequence[Outline],
    ) -> None:
        self.lines = lines
        self.body = body
        self.words = words
        self.labels = labels
        self.outline = outline
        styles: Counter[tuple[float, bool, bool]] = Counter()
        for line in lines:
            if line.style.size == body:
                styles[(line.style.size, line.style.bold, line.style.italic)] += len(line.text)
        self.body_style = max(styles, key=lambda s: styles[s]) if styles else (body, False, False)
        self.han = sum("\u3400" <= c <= "\u9fff" for line in lines for c in line.text) > sum(
            0.25 * len(line.text) for line in lines
        )
        self.spacing = self._spacing()
        self._edges: dict[tuple[int, int], float] = {}
        self._by_page: dict[int, list[Line]] = defaultdict(list)
        for line in lines:
            self._by_page[line.page].append(line)

    def _spacing(self) -> float:
        gaps: Counter[float] = Counter()
        for a, b in pairwise(self.lines):
            if a.page == b.page and a.style.size == b.style.size == self.body and 0 < a.base - b.base < 4 * self.body:
                gaps[round((a.base - b.base) * 2) / 2] += 1
        return max(gaps, key=lambda g: (gaps[g], -g)) if gaps else 1.3 * self.body

    def blocks(self) -> list[Block]:
        matched = self._match_outline()
        groups: list[tuple[_Group, int | None]] = []
        at = 0
        while at < len(self.lines):
            if at in matched:
                count, level, title = matched[at]
                groups.append((_Group(self.lines[at : at + count], title), level))
                at += count
                continue
            group = [self.lines[at]]
            at += 1
            while at < len(self.lines) and at not in matched and self._continues(group, self.lines[at]):
                group.append(self.lines[at])
                at += 1
            groups.append((self._join(group), None))
        return self._rank(groups)

    def _match_outline(self) -> dict[int, tuple[int, int, str]]:
        """Find the lines that the bookmarks head: index of the first line, number of lines, level, title."""
        found: dict[int, tuple[int, int, str]] = {}
        start = 0
        for mark in self.outline:
            key = _key(mark.title)
            if not key or _CONTENTS.match(mark.title.strip()):
                continue
            hit = self._find(key, start, mark.page)
            if hit is not None:
                at, count = hit
                found[at] = (count, mark.level, squeeze(mark.title))
                start = at + count
        return found if 2 * len(found) >= len(self.outline) else {}

    def _find(self, key: str, start: int, page: int | None) -> tuple[int, int] | None:
        for at in range(start, len(self.lines)):
            line = self.lines[at]
            if page is not None and line.page > page + 1:
                return None
            if (page is not None and line.page < page) or not key.startswith(_key(line.text) or "\0"):
                continue
            text, count = "", 0
            while at + count < len(self.lines) and count < 6 and len(text) < len(key):
                text += _key(self.lines[at + count].text)
                count += 1
            if text == key:
                return at, count
        return None

    def _continues(self, group: list[Line], line: Line) -> bool:
        last = group[-1]
        opens = line.bullet or self._opens_numbered(group, line)
        heads = self._headlike(group[0])
        if opens:
            return False
        if heads != self._headlike(line):
            return self._emphasis_goes_on(group, line)
        if heads:
            return (
                self._same_look(last, line) and self._near(last, line, 1.7) and not self._separate_headings(group, line)
            )
        if abs(last.style.size - line.style.size) > 0.15 * self.body:
            return False
        if last.text.endswith(HYPHEN):
            return True
        if last.page != line.page or line.base > last.base + 0.5 * self.body:
            # A new page or column: the paragraph goes on if its sentence does, or if it hangs as the item before did.
            full = last.right > self._edge(last) - 8 * self.body
            if not _SOFT_END.search(last.text) and (full or line.text[:1].islower()):
                return True
            return group[0].bullet and abs(line.left - group[0].indent) < 2 and line.page != last.page
        if not self._near(last, line, 1.2):
            # Sentences that plainly go on are joined over a wider gap (a picture, a changed line spacing).
            return (
                bool(re.match(r"[a-zà-ÿ]", line.text))
                and not _SOFT_END.search(last.text)
                and self._near(last, line, 2.2)
                and abs(line.left - last.left) < 3 * self.body
                and last.right > 0.75 * self._edge(last)
            )
        indented = line.left - last.left
        ended = bool(_END.search(last.text))
        column_right = max(other.right for other in group)
        if indented > 0.8 * self.body and ended and (len(group) > 1 or not self._hanging(group[0])):
            return False
        if (
            indented > 0.8 * self.body
            and len(group) == 1
            and last.right < line.right - 6 * self.body
            and not group[0].bullet
        ):
            return False  # a short line above an indented one: a heading in the print of the body
        short = last.right < self._edge(last) - 4 * self.body or (
            len(group) > 1 and last.right < column_right - 2 * self.body
        )
        return not (ended and short)

    def _emphasis_goes_on(self, group: list[Line], line: Line) -> bool:
        """Whether a change to or from bold or italic print falls within a paragraph rather than at a heading."""
        last = group[-1]
        if abs(last.style.size - line.style.size) > 0.1 * self.body or not self._near(last, line, 1.15):
            return False
        if line.text[:1].islower() or last.text.endswith(HYPHEN):
            return True
        return not _SOFT_END.search(last.text) and last.right > self._edge(last) - 3 * self.body and len(group) > 1

    def _edge(self, line: Line) -> float:
        """Right edge of the column that a line stands in."""
        key = (line.page, round(line.left))
        if key not in self._edges:
            near = [o.right for o in self._by_page[line.page] if abs(o.left - line.left) < 2 * self.body]
            self._edges[key] = max(near, default=line.right)
        return max(self._edges[key], line.right)

    def _hanging(self, line: Line) -> bool:
        """Whether lines below this one may be indented as its continuation."""
        return line.bullet or number_of(line.text) is not None

    def _near(self, last: Line, line: Line, times: float) -> bool:
        gap = last.base - line.base
        usual = max(self.spacing * max(last.style.size, line.style.size) / self.body, 1.0)
        return last.page == line.page and -0.2 * self.body < gap <= times * usual

    def _opens_numbered(self, group: list[Line], line: Line) -> bool:
        number = number_of(line.text)
        if number is None:
            return False
        last = group[-1]
        before = number_of(group[0].text)
        if before is not None and before.kind == number.kind and number.value == before.value + 1 > 1:
            return True
        return (
            bool(_SOFT_END.search(last.text))
            or not self._near(last, line, 1.2)
            or last.right < self._edge(last) - 3 * self.body
        )

    def _same_look(self, a: Line, b: Line) -> bool:
        return (a.style.size, a.style.bold, a.style.italic) == (b.style.size, b.style.bold, b.style.italic)

    def _headlike(self, line: Line) -> bool:
        """Whether a line is set as headings are: larger than the body, or wholly bold or italic where that is not."""
        if line.bullet:
            return False
        size, bold, italic = self.body_style
        if line.style.size >= 1.12 * size:
            return True
        if not line.uniform or line.style.size < 0.9 * size:
            return False
        return (line.style.bold and not bold) or (line.style.italic and not italic)

    def _separate_headings(self, group: list[Line], line: Line) -> bool:
        number = number_of(line.text)
        return number is not None and number.kind in {"part", "chapter", "section", "han", "han-bracket"}

    def _join(self, group: list[Line]) -> _Group:
        text = ""
        starts: list[int] = []
        for line in group:
            piece = line.text
            if not text:
                starts.append(0)
                text = piece
                continue
            if text.endswith(HYPHEN):
                text = self.words.join(text[:-1], piece)
            elif text.endswith(("—", "/")) and not text.endswith((" —", " /")):
                text += piece
            else:
                text += glue(text, piece) + piece
            starts.append(len(text) - len(piece))
        return _Group(group, text.replace(HYPHEN, "-"), tuple(starts))

    def _rank(self, groups: list[tuple[_Group, int | None]]) -> list[Block]:
        outlined = any(level is not None for _, level in groups)
        kinds = run_in_kinds([g.text for g, level in groups if level is None]) if self.han else frozenset()
        looks = self._looks(groups)
        blocks: list[Block] = []
        headed = False
        first_heading = next((at for at, (_, level) in enumerate(groups) if level is not None), 0) if outlined else 0
        depth = max((level for _, level in groups if level is not None), default=-1)
        for at, (group, level) in enumerate(groups):
            if level is not None:
                blocks.append(Heading(group.text, level, self._place(group)))
                headed = True
                continue
            following = groups[at + 1] if at + 1 < len(groups) else None
            beside = [g for g, _ in groups[max(at - 1, 0) : at] + groups[at + 1 : at + 2]]
            rank = self._heading_rank(group, beside, following is not None, looks)
            if rank is not None and at >= first_heading:
                blocks.append(
                    Heading(group.text.rstrip(":： "), depth + 1 + rank if outlined else rank, self._place(group))
                )
                headed = True
                continue
            if rank is None:
                blocks.extend(self._paragraph(group, kinds, depth + 1 if outlined else 0, headed))
        return blocks

    def _place(self, group: _Group) -> Place:
        page = group.lines[0].page
        return Place(0, page + 1, self.labels.get(page))

    def _look(self, line: Line) -> tuple[float, bool, bool, bool]:
        letters = [c for c in line.text if c.isalpha()]
        capitals = bool(letters) and all(c.isupper() for c in letters) and len(letters) > 3
        return (line.style.size, line.style.bold, capitals, line.style.italic)

    def _looks(self, groups: list[tuple[_Group, int | None]]) -> dict[tuple[float, bool, bool, bool], int]:
        """Rank of each look of a heading, outermost first: larger, bold, in capitals, upright first."""
        found = {
            self._look(group.lines[0])
            for group, level in groups
            if level is None and self._headlike(group.lines[0]) and self._heading_text(group)
        }
        ranked = sorted(found, key=lambda look: (-look[0], -look[1], -look[2], look[3]))
        return {look: at for at, look in enumerate(ranked)}

    def _heading_text(self, group: _Group) -> bool:
        text = group.text
        words = text.split()
        if len(group.lines) > 4 or not any(c.isalpha() for c in text):
            return False
        if self.han:
            return width(text) <= 90 and not re.search(r"[。；，,]$", text)
        if text[0].islower() or (re.match(r"\([a-z]", text) and not number_of(text)):
            return False
        # A question may head a section, a statement does not.
        sentence = bool(_END.search(text)) and len(words) > (12 if text.endswith("?") else 4)
        sentence = sentence and not text.endswith("etc.")
        return len(words) <= 40 and len(text) > 2 and not sentence

    def _heading_rank(
        self, group: _Group, beside: list[_Group], heads: bool, looks: dict[tuple[float, bool, bool, bool], int]
    ) -> int | None:
        """Rank of a heading among those without a bookmark: 100 a look, plus its way of numbering; None for a body."""
        if not heads or not self._heading_text(group):
            return None
        number = number_of(group.text)
        line = group.lines[0]
        if self._headlike(line):
            return 100 * (1 + looks.get(self._look(line), len(looks))) + (number.rank if number else 0)
        return self._plain_rank(group, beside, number, looks)

    def _plain_rank(
        self,
        group: _Group,
        beside: list[_Group],
        number: Number | None,
        looks: dict[tuple[float, bool, bool, bool], int],
    ) -> int | None:
        """Rank of a heading that only its number and its shortness set apart, and that is no item of a list."""
        if number is None or group.lines[0].bullet or len(group.lines) > 2:
            return None
        rest = group.text[number.end :]
        base = 100 * (len(looks) + 1)
        if self.han:
            if number.kind in {"part", "chapter", "section", "han", "han-bracket"} and not re.search(
                r"[。；，：]", rest
            ):
                return base + number.rank
            return None
        if number.kind in {"small", "capital"} or rest.endswith((";", ",")):
            return None
        if _END.search(rest) and not rest.endswith("etc."):
            return None
        neighbours = [number_of(other.text) for other in beside]
        if any(other is not None and other.kind == number.kind for other in neighbours):
            return None
        if (
            len(rest.split()) <= 14
            and rest[:1].isupper()
            and group.lines[-1].right < self._edge(group.lines[-1]) - self.body
        ):
            return base + number.rank
        return None

    def _paragraph(self, group: _Group, kinds: frozenset[str], depth: int, headed: bool) -> list[Block]:
        text = group.text
        places = tuple(
            Place(start, line.page + 1, self.labels.get(line.page))
            for start, line, before in zip(group.starts, group.lines, [None, *group.lines], strict=False)
            if before is None or line.page != before.page
        )
        depth_of_list = int(group.lines[0].bullet)
        if not self._worth(group, headed):
            return []
        number = number_of(text)
        if self.han and number is not None and number.kind in kinds and not depth_of_list:
            lead = split_run_in(text, number)
            if lead is not None:
                head, rest = lead
                made: list[Block] = [Heading(head, depth + 10_000 + number.rank, self._place(group))]
                shift = len(text) - len(rest)
                moved = tuple(replace(p, start=max(p.start - shift, 0)) for p in places)
                return [*made, Paragraph(rest, 0, moved)] if rest else made
        if number is not None and number.kind in {"arabic", "arabic-bracket", "small"}:
            depth_of_list = 1
        return [Paragraph(text, depth_of_list, places)]

    def _worth(self, group: _Group, headed: bool) -> bool:
        """Whether a paragraph is running text: not a name under a preface, a label in a diagram, a line of a cover."""
        text = group.text
        if _PRINT_NOTICE.search(text) and len(text) < 60:
            return False
        if group.lines[0].bullet:
            return True
        ended = bool(_END.search(text)) or text.endswith((":", "：", ";", "；"))
        if self.han:
            size = sum("\u3400" <= c <= "\u9fff" for c in text)
            return size >= 4 and ended and (headed or bool(_END.search(text)))
        size = len(text.split())
        if number_of(text) is not None and size >= 3:
            return headed or bool(_END.search(text))
        if text.startswith("(") and text.endswith(")") and size >= 8:
            return headed
        # Without the end of a sentence it is a label or a name, unless it is too long for one.
        return (ended and size >= (8 if not headed else 3)) or (headed and size >= 25)
