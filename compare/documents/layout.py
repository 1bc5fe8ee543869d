"""From the lines of a PDF to headings and paragraphs: what is body, in which order, and what heads what."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from compare.documents.belief import FLOW, Belief, drop_tagged
from compare.documents.blocks import Block, Heading, Paragraph, Place
from compare.documents.cleaning import glue, squeeze, width
from compare.documents.contents import CONTENTS, entries, mismatch
from compare.documents.contents import key as _key
from compare.documents.extract import Outline
from compare.documents.furniture import (
    body_size,
    drop_blank,
    drop_contents,
    drop_cover,
    drop_furniture,
    drop_notes,
    page_labels,
    title_of,
    without_twins,
)
from compare.documents.glyphs import HYPHEN, Line
from compare.documents.hyphens import Vocabulary
from compare.documents.lists import ListDepth
from compare.documents.model import ContentsEntry
from compare.documents.numbering import (
    END,
    SOFT_END,
    Number,
    bare,
    labels_before,
    number_of,
    numeral,
    run_in_kinds,
    split_run_in,
)
from compare.documents.order import reading_order

_PRINT_NOTICE = re.compile(
    r"^\s*(?:[【\[]?\s*(?:打印|关闭|打印本页|关闭窗口)\s*[】\]]?\s*)+|仅打印内容|^(?:发布时间|来源|字号|索引号|发文机关|扫一扫)[:：]"
)
_CAPTION = re.compile(
    r"^(?:figure|fig\.?|chart|exhibit|table|图|表)\s*\d+(?:[.-]\d+)?\s*(?P<mark>[.:：|—–])?", re.IGNORECASE
)
_STOPPED = re.compile(r"[。！？][”’」』）)]*\w|[a-z]{2}[.!?][”’\"')]*\s+[A-Z“]")
_BACK_LINK = re.compile(r"\s*[↩⏎]\ufe0e?$")  # behind an endnote: leads back to its marker in the text
_SOURCE = re.compile(r"^[(（]?\s*(?:sources?|资料来源|来源)\s*[:：]", re.IGNORECASE)


@dataclass(slots=True)
class Layout:
    """What a PDF's lines come to.

    Attributes
    ----------
    blocks : list of Heading or Paragraph
        In reading order.
    title : str or None
        The largest line of the first page, where it stands out.
    contents : list of ContentsEntry
        The printed table of contents, empty where there is none.
    notices : list of str
        What a user should know: titles of the table of contents, or else bookmarks, that are no headings.
    """

    blocks: list[Block]
    title: str | None
    contents: list[ContentsEntry] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def lay_out(
    pages: Sequence[list[Line]],
    heights: Sequence[float],
    outline: Sequence[Outline],
    first: int = 0,
    partial: bool = False,
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
    partial : bool
        Whether the pages are a part of the file, so that the table of contents may speak of others.
    """
    flat = [line for page in pages for line in page]
    body = body_size(flat)
    labels = page_labels(pages, heights, first)
    kept = [without_twins(page) for page in drop_furniture(pages, heights)]
    ordered = [reading_order(page) for page in kept]
    title = title_of(ordered[0] if ordered else [], body)
    belief = Belief.of([line for page in ordered for line in page])
    ordered, tagged = drop_tagged(ordered, belief)
    rest: list[list[Line]] = []
    for page, height in zip(ordered, heights, strict=True):
        without = drop_notes(page, body, height)
        rest.append(drop_blank(without))
    rest, table = drop_contents(rest, outline)
    # Some programs tag a part of the table only.
    contents = entries(sorted([*tagged, *table], key=lambda line: line.page))
    rest = drop_cover(rest, body)
    lines = [line for page in rest for line in page]
    pseudo = _as_outline(contents, labels)
    maker = _Maker(lines, body, Vocabulary(flat), labels, outline, belief, pseudo)
    blocks = maker.blocks()
    first_heading = next((block for block in blocks if isinstance(block, Heading)), None)
    if (
        title is not None
        and first_heading is not None
        and maker.source != "bookmarks"
        and _key(first_heading.text) == _key(title)
    ):
        blocks.remove(first_heading)
    else:
        alone = _title_among(blocks)
        if alone is not None:
            title = alone.text
            blocks.remove(alone)
    if maker.source != "bookmarks":
        blocks = _drop_empty(blocks, maker.sure)
    # Not told: entries for pages that were not read, and bookmarks of covers and of the table itself.
    opening = min((line.page for line in lines), default=0)
    read = set(labels.values())
    expected = [
        entry.title
        for entry in contents
        if (not partial or entry.page_label in read)
        and not _CAPTION.match(entry.title)
        and not CONTENTS.match(entry.title)
    ]
    marks = [
        mark.title
        for mark in outline
        if maker.source == "bookmarks"
        and not CONTENTS.match(mark.title)
        and mark.page is not None
        and mark.page >= opening
    ]
    headings = [block.text for block in blocks if isinstance(block, Heading)]
    headings += [title] if title else []
    notice = mismatch(expected, headings, "the table of contents", "entries") if len(expected) > 2 else None
    if notice is None:
        notice = mismatch(marks, headings, "the file", "bookmarks")
    return Layout(blocks, title, contents, [notice] if notice else [])


def _title_among(blocks: Sequence[Block]) -> Heading | None:
    """Find the heading that opens the document and stands above all others: its title, set as a heading."""
    headings = [block for block in blocks if isinstance(block, Heading)]
    if len(headings) < 3 or headings[0].level >= min(other.level for other in headings[1:]):
        return None
    # A numbered one is a chapter that was taken out of a larger document.
    return headings[0] if number_of(headings[0].text) is None else None


def _as_outline(contents: Sequence[ContentsEntry], labels: dict[int, str]) -> list[Outline]:
    """Entries of the table of contents as if they were bookmarks, at the pages that the printed numbers lead to."""
    pages = {label: page for page, label in reversed(labels.items())}
    return [
        Outline(entry.title, entry.level, pages.get(entry.page_label) if entry.page_label else None)
        for entry in contents
    ]


def _drop_empty(blocks: list[Block], sure: set[int]) -> list[Block]:
    """Take out headings with nothing below them, which are labels of diagrams, mostly.

    They stay where the file says that they are headings, and where nearly all others of their level have text.
    """
    empty: set[int] = set()
    lowest: float = float("-inf")  # level of the outermost heading still without text, from the end on
    filled: Counter[int] = Counter()
    bare_ones: Counter[int] = Counter()
    for block in reversed(blocks):
        if isinstance(block, Paragraph):
            lowest = float("inf")
        elif isinstance(block, Heading) and block.level < lowest:
            filled[block.level] += 1
            lowest = block.level
        elif isinstance(block, Heading):
            bare_ones[block.level] += 1
            empty.add(id(block))
    return [
        block
        for block in blocks
        if id(block) not in empty
        or id(block) in sure
        or (isinstance(block, Heading) and bare_ones[block.level] <= 0.25 * filled[block.level])
    ]


@dataclass(slots=True)
class _Group:
    """Lines that make one heading or one paragraph, with the offset at which each begins."""

    lines: list[Line]
    text: str = ""
    starts: tuple[int, ...] = ()
    opens: bool = False  # whether it is the bold first line of a list item, which heads the rest


_Look = tuple[float, bool, bool, bool, bool]  # size, bold, capitals, italic, set apart by colour alone
_BACK = 40  # lines that an enumeration within a sentence may go back
_PREFIX = 4  # letters by which lines are looked up


def _contrasts(lines: Sequence[Line]) -> set[int]:
    """Lines, by their identity, that stand out by their colour: one to three above lines in another colour.

    Neither are lines with an address in them: those are coloured as links.
    """
    found: set[int] = set()
    runs = [
        list(run) for _, run in groupby(lines, key=lambda line: (line.page, line.style.colour if line.plain else -1))
    ]
    for at, run in enumerate(runs[:-1]):
        after = runs[at + 1][0]
        if len(run) > 3 or after.page != run[0].page or not (run[0].plain and after.plain):
            continue
        if after.base > run[-1].base or any("://" in line.text or "www." in line.text for line in run):
            continue
        if (END.search(run[-1].text) and number_of(run[0].text) is None) or any(
            number_of(line.text) or line.bullet for line in run[1:]
        ):
            continue  # a sentence, or items of a list
        before = runs[at - 1][-1] if at else None
        if before is not None and before.page == run[0].page and not SOFT_END.search(before.text):
            # The colour changes within a sentence, unless a gap or another size sets the two apart.
            close = 0 < before.base - run[0].base < 1.7 * before.style.size
            if close and abs(before.style.size - run[0].style.size) < 0.5 and before.plain:
                continue
        found.update(id(line) for line in run)
    return found


def _runs_on(group: Sequence[Line], label: str, number: Number) -> bool:
    """Whether a number at the head of a line goes on with an enumeration within the sentence, "(i) ..., (ii) ...".

    So it does where the number before it stands within a line above, not at its head.
    """
    if number.value < 2 or number.kind not in {"small", "arabic-bracket"} or not label.startswith(("(", "（")):
        return False
    shapes = [str(number.value - 1)] if number.kind == "arabic-bracket" else labels_before(label)
    before = [left + shape + right for shape in shapes for left, right in ("()", "（）")]
    return any(line.text.find(shape, 1) > 0 for line in group[-_BACK:] for shape in before)


_COUNTED = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
# The line above the title of a chapter: "CHAPTER", "TWO", "Chapter 2.", "Appendix B".
_SECTION_NUMBER = re.compile(r"(?:\d{1,2}|[A-Z](?=\.\d))(?:\.\d{1,2}){0,4}\.?\s+(?=\S)")
_NUMBER_LINE = re.compile(
    rf"(?:(?:chapter|part|section|annex|appendix|title)\s*)?(?:\d{{1,3}}|[IVXL]{{1,6}}|[A-Z]|{'|'.join(_COUNTED.split())}|"
    r"eighteen|nineteen|(?:twenty|thirty)[ -]?(?:one|two|three|four|five|six|seven|eight|nine)?)?[.:]?",
    re.IGNORECASE,
)


class _Maker:
    """Makes groups of lines, then blocks of groups, with what is known of the whole document at hand."""

    def __init__(
        self,
        lines: list[Line],
        body: float,
        words: Vocabulary,
        labels: dict[int, str],
        outline: Sequence[Outline],
        belief: Belief,
        contents: Sequence[Outline],
    ) -> None:
        self.lines = lines
        self.belief = belief
        self.contents = contents
        self._unnumbered: dict[_Look, int] = {}  # see _ranks_without_number
        self.source = ""  # where the headings come from: "bookmarks", "tags", "contents" or the print alone
        self.sure: set[int] = set()  # headings, by their identity, that the file itself gives
        self.lists = ListDepth(0.5 * body)
        self._keys = [_key(line.text) for line in lines]
        self._starts: dict[str, list[int]] = defaultdict(list)
        # Bookmarks may be without the numbers of the headings, as LaTeX makes them.
        self._unnumbered_keys = {
            at: _key(line.text[number.end() :])
            for at, line in enumerate(lines)
            if (number := _SECTION_NUMBER.match(line.text)) is not None
        }
        for at, key in enumerate(self._keys):
            if key:
                self._starts[key[:_PREFIX]].append(at)
            if self._unnumbered_keys.get(at):
                self._starts[self._unnumbered_keys[at][:_PREFIX]].append(at)
        self.contrasts = _contrasts(lines)
        self.cells: set[int] = set()
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
        self._rights: dict[tuple[int, int], float] = {}  # rightmost end of the lines that begin at one place
        for line in lines:
            self._by_page[line.page].append(line)
            begin = (line.page, round(line.left))
            self._rights[begin] = max(self._rights.get(begin, 0.0), line.right)

    def _spacing(self) -> float:
        gaps: Counter[float] = Counter()
        for a, b in pairwise(self.lines):
            if a.page == b.page and a.style.size == b.style.size == self.body and 0 < a.base - b.base < 4 * self.body:
                gaps[round((a.base - b.base) * 2) / 2] += 1
        return max(gaps, key=lambda g: (gaps[g], -g)) if gaps else 1.3 * self.body

    def _head_cells(self) -> set[int]:
        """Heads of a table's columns, by their identity: three or more beside one another, all set as headings are."""
        found: set[int] = set()
        for page in self._by_page.values():
            rows: dict[int, list[Line]] = defaultdict(list)
            for line in page:
                rows[round(line.base)].append(line)
            for base, row in rows.items():
                row = row + rows.get(base + 1, [])
                if len(row) > 2 and all(self._headlike(line) and len(line.text) < 60 for line in row):
                    found.update(id(line) for line in row)
        return found

    def blocks(self) -> list[Block]:
        self.cells = self._head_cells()
        matched = self._given()
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
            while at < len(self.lines) and at not in matched and self._continues(group, self.lines[at], at):
                group.append(self.lines[at])
                at += 1
            groups.append((self._join(group), None))
        return self._rank(self._open_items(groups))

    def _open_items(self, groups: list[tuple[_Group, int | None]]) -> list[tuple[_Group, int | None]]:
        """Cut off the bold first lines of list items where at least two items have one."""
        opened = {at for at, (group, level) in enumerate(groups) if level is None and self._has_opening(group.lines)}
        if len(opened) < 2:
            return groups
        made: list[tuple[_Group, int | None]] = []
        for at, (group, level) in enumerate(groups):
            if at not in opened:
                made.append((group, level))
                continue
            head = self._join(group.lines[:1])
            head.opens = True
            made += [(head, None), (self._join(group.lines[1:]), None)]
        return made

    def _has_opening(self, lines: list[Line]) -> bool:
        first = lines[0]
        return (
            len(lines) > 1
            and first.bullet
            and first.uniform
            and first.style.bold
            and not lines[1].style.bold
            and lines[1].text[:1].isupper()
            and 2 <= len(first.text.split()) <= 12
            and not SOFT_END.search(first.text)
            and first.right < self._edge(first) - 1.5 * self.body
        )

    def _given(self) -> dict[int, tuple[int, int, str]]:
        """Headings that the file gives: bookmarks first, then tags, then the table of contents.

        Returns
        -------
        dict of int to (int, int, str)
            By index of the first line: number of lines, level, and title.
        """
        found = self._match_outline(self.outline)
        if found and self._better_printed():
            printed = self._match_outline(self.contents)
            found = found if len(printed) < 0.95 * len(found) else {}
        self.source = "bookmarks" if found else ""
        if self.belief.headings:
            found = self._with_tags(found)
            self.source = self.source or ("tags" if found else "")
        if not found and len(self.contents) > 1:
            found = {
                at: (
                    count,
                    level,
                    title
                    if _NUMBER_LINE.fullmatch(self.lines[at].text)
                    else self._join(self.lines[at : at + count]).text,
                )
                for at, (count, level, title) in self._match_outline(self.contents).items()
            }
            self.source = "contents" if found else ""
        return found

    def _better_printed(self) -> bool:
        """Whether the printed table of contents has the numbers of the headings, and the bookmarks do not."""
        shares = [
            sum(_SECTION_NUMBER.match(entry.title) is not None for entry in entries) / max(len(entries), 1)
            for entries in (self.outline, self.contents)
        ]
        return shares[0] < 0.2 and shares[1] > 0.5

    def _with_tags(self, found: dict[int, tuple[int, int, str]]) -> dict[int, tuple[int, int, str]]:
        """Add headings by tags to those by bookmarks, at the levels that both have in common."""
        covered = {line: level for at, (count, level, _) in found.items() for line in range(at, at + count)}
        shared: dict[int, Counter[int]] = defaultdict(Counter)
        more: list[tuple[int, int, int, str]] = []
        at = 0
        while at < len(self.lines):
            tag = self.lines[at].tag
            count = 1
            if tag is None or tag.role != "heading":
                at += 1
                continue
            while at + count < len(self.lines):
                other = self.lines[at + count].tag
                if other is None or other.element != tag.element:
                    break
                count += 1
            common = next((covered[line] for line in range(at, at + count) if line in covered), None)
            if common is not None:
                shared[tag.level][common] += 1
            else:
                text = self._join(self.lines[at : at + count]).text
                words = len(text.split())
                if any(c.isalpha() for c in text) and words <= 40 and not (END.search(text) and words > 20):
                    more.append((at, count, tag.level, text))
            at += count
        for at, count, level, text in more:
            if not shared:
                place = level
            elif level in shared:
                place = shared[level].most_common(1)[0][0]
            else:
                place = 1 + max((max(shared[above]) for above in shared if above < level), default=-1)
            found[at] = (count, place, text)
        return dict(sorted(found.items()))

    def _match_outline(self, outline: Sequence[Outline]) -> dict[int, tuple[int, int, str]]:
        """Find the lines that the bookmarks head: index of the first line, number of lines, level, title."""
        found: dict[int, tuple[int, int, str]] = {}
        start = 0
        for mark in outline:
            # The title may be printed without its number, or below it ("Chapter 2", "The Archive").
            bare_title = re.sub(r"^(?:\d+|[A-Z])(?:\.\d+)*\.?\s+", "", mark.title)
            forms = [mark.title, bare(mark.title), bare_title]
            if bare_title != mark.title:
                forms[1:1] = [f"{kind} {mark.title}" for kind in ("Chapter", "Part", "Section", "Annex", "Appendix")]
            keys = list(dict.fromkeys(k for k in map(_key, forms) if k))
            if not keys or CONTENTS.match(mark.title.strip()):
                continue
            for key in keys:
                hit = self._find(key, start, mark.page)
                if hit is not None:
                    at, count = hit
                    start = at + count
                    while at > 0 and self.lines[at - 1].page == self.lines[at].page and at - 1 not in found:
                        if not _NUMBER_LINE.fullmatch(self.lines[at - 1].text) or at - 1 < start - count - 2:
                            break
                        at, count = at - 1, count + 1
                    title = squeeze(mark.title)
                    if self._unnumbered_keys.get(at) and not self._keys[at].startswith(keys[0][:_PREFIX]):
                        title = self._join(self.lines[at : at + count]).text
                    found[at] = (count, mark.level, title)
                    break
        return found if 2 * len(found) >= len(outline) else {}

    def _find(self, key: str, start: int, page: int | None) -> tuple[int, int] | None:
        """First lines from ``start`` on, at about a page, whose letters are those of a title."""
        places = [self._starts.get(key[:size], []) for size in range(1, _PREFIX + 1)]
        found: list[int] = []
        for hits in places:
            low = bisect_left(hits, start)
            found.extend(hits[low : low + 200])
        for at in sorted(found):
            line = self.lines[at]
            if page is not None and line.page > page + 1:
                return None
            if page is not None and line.page < page:
                continue
            for text in (self._keys[at], self._unnumbered_keys.get(at, "")):
                count = 1
                while at + count < len(self.lines) and count < 6 and 0 < len(text) < len(key):
                    text += self._keys[at + count]
                    count += 1
                if text == key:
                    return at, count
        return None

    def _continues(self, group: list[Line], line: Line, at: int) -> bool:
        last = group[-1]
        opens = line.bullet or self._opens_numbered(group, line)
        heads = self._headlike(group[0])
        if opens:
            return False
        if self.belief.blocks and (said := self._tags_say(last, line)) is not None:
            return said if heads == self._headlike(line) else said and self._emphasis_goes_on(group, line)
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
        apart = last.plain and line.plain and last.style.colour != line.style.colour
        if last.page != line.page or line.base > last.base + 0.5 * self.body:
            if apart:
                return False
            # A new page or column: the paragraph goes on if its sentence does, or if it hangs as the item before did.
            full = last.right > self._edge(last) - 8 * self.body and last.right - last.left > 12 * self.body
            full = full or last.text.endswith((",", "，", "、"))
            if not SOFT_END.search(last.text) and (full or line.text[:1].islower()):
                return True
            if full and last.text.endswith((":", ";")) and line.text[:1].islower() and last.left <= line.left + 1:
                return True
            if last.text.endswith(".") and line.text[:1].islower():
                return True  # "U.S." at the end of a page
            return group[0].bullet and abs(line.left - group[0].indent) < 2 and line.page != last.page
        if not self._near(last, line, 1.2):
            if apart:
                return False
            # Sentences that plainly go on are joined over a wider gap (a picture, a changed line spacing).
            return (
                bool(re.match(r"[a-zà-ÿ]", line.text))
                and not SOFT_END.search(last.text)
                and self._near(last, line, 2.2)
                and abs(line.left - last.left) < 3 * self.body
                and last.right > 0.75 * self._edge(last)
            )
        if self.han and len(group) == 1 and self._short_heading(last):
            return False
        indented = line.left - last.left
        ended = bool(END.search(last.text))
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
        following = self.lines[at + 1] if at + 1 < len(self.lines) else None
        if (
            len(group) == 1
            and not group[0].bullet
            and not SOFT_END.search(last.text)
            and last.right < line.right - 6 * self.body
            and following is not None
            and self._near(line, following, 1.2)
            and line.left > following.left + 0.8 * self.body
        ):
            return False  # so too where the line below it opens a paragraph with an indent
        short = last.right < self._edge(last) - 4 * self.body or (
            len(group) > 1 and last.right < column_right - 2 * self.body
        )
        # "U.S." may end a line; no sentence begins with a small letter.
        return not (ended and short) or (last.text.endswith(".") and re.match(r"[a-zà-ÿ]{2}", line.text) is not None)

    def _short_heading(self, line: Line) -> bool:
        """Whether a numbered line of Chinese ends far before the edge: no word is too long to go on there."""
        number = number_of(line.text)
        return (
            number is not None
            and number.kind in {"part", "chapter", "section", "han", "han-bracket"}
            and not re.search(r"[。；，：！？]", line.text[number.end :])
            and line.right < self._edge(line) - 6 * self.body
        )

    def _tags_say(self, last: Line, line: Line) -> bool | None:
        """Whether two lines are of one paragraph by their tags; None where the tags leave it open."""
        here, before = line.tag, last.tag
        if here is None or before is None or here.role not in FLOW or before.role not in FLOW:
            return None
        if here.element == before.element:
            return True
        if last.page != line.page or line.base > last.base + 0.5 * self.body:
            # A sentence may go on in the next column or on the next page, but not from a cell into the text.
            apart = {"cell", "caption", "heading"}
            return False if before.role != here.role and {before.role, here.role} & apart else None
        if last.text.endswith(HYPHEN) or (line.text[:1].islower() and not SOFT_END.search(last.text)):
            return None
        return False

    def _emphasis_goes_on(self, group: list[Line], line: Line) -> bool:
        """Whether a change to or from bold or italic print falls within a paragraph rather than at a heading."""
        last = group[-1]
        if abs(last.style.size - line.style.size) > 0.1 * self.body or not self._near(last, line, 1.15):
            return False
        if line.text[:1].islower() or last.text.endswith(HYPHEN):
            return True
        return not SOFT_END.search(last.text) and last.right > self._edge(last) - 3 * self.body and len(group) > 1

    def _edge(self, line: Line) -> float:
        """Right edge of the column that a line stands in."""
        key = (line.page, round(line.left))
        if key not in self._edges:
            reach = min(max(round(2 * self.body), 1), 100)
            near = [self._rights.get((line.page, key[1] + step), 0.0) for step in range(-reach, reach + 1)]
            self._edges[key] = max(near)
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
        if _runs_on(group, line.text[: number.end], number):
            return False
        before = number_of(group[0].text)
        if before is not None and before.kind == number.kind and number.value == before.value + 1 > 1:
            return True
        return (
            bool(SOFT_END.search(last.text))
            or not self._near(last, line, 1.2)
            or last.right < self._edge(last) - 3 * self.body
        )

    def _same_look(self, a: Line, b: Line) -> bool:
        return (a.style.size, a.style.bold, a.style.italic) == (b.style.size, b.style.bold, b.style.italic) and (
            (id(a) in self.contrasts) == (id(b) in self.contrasts)
        )

    def _headlike(self, line: Line) -> bool:
        """Whether a line is set as headings are: larger than the body, or wholly bold or italic where that is not."""
        if line.bullet:
            return False
        size, bold, italic = self.body_style
        if line.style.size >= 1.12 * size:
            return True
        if not line.uniform or line.style.size < 0.9 * size:
            return False
        return (line.style.bold and not bold) or (line.style.italic and not italic) or id(line) in self.contrasts

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
        given = self._given_looks(groups)
        blocks: list[Block] = []
        headed = weak = False
        first_heading = next((at for at, (_, level) in enumerate(groups) if level is not None), 0) if outlined else 0
        depth = max((level for _, level in groups if level is not None), default=-1)
        for at, (group, level) in enumerate(groups):
            if level is not None:
                blocks.append(Heading(group.text, level, self._place(group)))
                self.sure.add(id(blocks[-1]))
                self.lists.clear()
                headed, weak = True, False
                continue
            if group.opens:
                place = 100 * (len(looks) + 2)
                blocks.append(Heading(group.text, depth + 1 + place if outlined else place, self._place(group)))
                self.lists.clear()
                headed, weak = True, False
                continue
            following = groups[at + 1] if at + 1 < len(groups) else None
            beside = [g for g, _ in groups[max(at - 1, 0) : at] + groups[at + 1 : at + 2]]
            rank = self._heading_rank(group, beside, following is not None, looks)
            if rank is not None and at >= first_heading:
                place = depth + 1 + rank if outlined else rank
                place = given.get(self._look(group.lines[0]), place) if self._headlike(group.lines[0]) else place
                blocks.append(Heading(group.text.rstrip(":： "), place, self._place(group)))
                self.lists.clear()
                headed, weak = True, self._weak(group.lines[0])
                continue
            if rank is None:
                made = self._paragraph(group, kinds, depth + 1 if outlined else 0, headed)
                if weak and not made:
                    blocks.pop()  # it heads a label of a diagram, and is one itself
                weak = False
                blocks.extend(made)
        return blocks

    def _weak(self, line: Line) -> bool:
        """Whether only its colour makes a line a heading."""
        size, bold, italic = self.body_style
        return (
            id(line) in self.contrasts
            and line.style.size < 1.12 * size
            and (line.style.bold, line.style.italic) == (bold, italic)
            and number_of(line.text) is None
        )

    def _place(self, group: _Group) -> Place:
        page = group.lines[0].page
        return Place(0, page + 1, self.labels.get(page))

    def _look(self, line: Line) -> _Look:
        letters = [c for c in line.text if c.isalpha()]
        capitals = bool(letters) and all(c.isupper() for c in letters) and len(letters) > 3
        return (line.style.size, line.style.bold, capitals, line.style.italic, self._weak(line))

    def _looks(self, groups: list[tuple[_Group, int | None]]) -> dict[_Look, int]:
        """Rank of each look of a heading, outermost first: larger, bold, in capitals, upright first."""
        found: dict[_Look, int] = {}
        counts: Counter[_Look] = Counter()
        for at, (group, level) in enumerate(groups):
            if level is None and self._headlike(group.lines[0]) and self._heading_text(group):
                found.setdefault(self._look(group.lines[0]), at)
                counts[self._look(group.lines[0])] += 1
        # Below headings that the file gives, capitals are as often labels as chapters: what comes first is above.
        below = any(level is not None for _, level in groups)
        upright = {look: 2 * look[3] for look in found}
        for look in found:
            # Italic print stands below upright, unless it comes first and no more often: word processors have such
            # headings of the second level above upright ones of the third.
            other = (*look[:3], False, look[4])
            if look[3] and other in found and found[look] < found[other] and counts[look] <= counts[other]:
                upright[other] = 2
                upright[look] = 1
        ranked = sorted(
            found,
            key=lambda k: (
                (-k[0], -k[1], upright[k], k[4], found[k]) if below else (-k[0], -k[1], -k[2], upright[k], k[4])
            ),
        )
        self._unnumbered = self._ranks_without_number(groups)
        return {look: at for at, look in enumerate(ranked)}

    def _ranks_without_number(self, groups: list[tuple[_Group, int | None]]) -> dict[_Look, int]:
        """Rank of an unnumbered heading among numbered ones of its look where it stands beside them, not above.

        It does where there are one or two of them ("Introduction", "Conclusion") with a single run of numbers.
        """
        numbered: dict[_Look, list[tuple[int, int]]] = defaultdict(list)
        others: Counter[_Look] = Counter()
        for group, level in groups:
            if level is not None or not self._headlike(group.lines[0]) or not self._heading_text(group):
                continue
            number = number_of(group.text)
            look = self._look(group.lines[0])
            if number is None:
                others[look] += 1
            else:
                numbered[look].append((number.rank, numeral(group.text[: number.end])))
        found: dict[_Look, int] = {}
        for look, numbers in numbered.items():
            outermost = min(rank for rank, _ in numbers)
            values = [value for rank, value in numbers if rank == outermost]
            if others[look] <= 2 and len(values) >= 3 and values.count(1) <= 1:
                found[look] = outermost
        return found

    def _given_looks(self, groups: list[tuple[_Group, int | None]]) -> dict[_Look, int]:
        """Levels of the looks in which the headings are set that the file gives, where a look is at one level only."""
        found: dict[_Look, Counter[int]] = defaultdict(Counter)
        for group, level in groups:
            if level is not None and self._headlike(group.lines[0]):
                found[self._look(group.lines[0])][level] += 1
        return {look: next(iter(levels)) for look, levels in found.items() if len(levels) == 1 and levels.total() >= 2}

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
        sentence = bool(END.search(text)) and len(words) > (12 if text.endswith("?") else 4)
        sentence = sentence and not text.endswith("etc.")
        return len(words) <= 40 and len(text) > 2 and not sentence

    def _heading_rank(self, group: _Group, beside: list[_Group], heads: bool, looks: dict[_Look, int]) -> int | None:
        """Rank of a heading among those without a bookmark: 100 a look, plus its way of numbering; None for a body."""
        number = number_of(group.text)
        line = group.lines[0]
        if id(line) in self.cells:
            return None
        if not heads or not (self._heading_text(group) or self._heading_sentence(group, number, beside)):
            return None
        if self._headlike(line):
            look = self._look(line)
            return 100 * (1 + looks.get(look, len(looks))) + (number.rank if number else self._unnumbered.get(look, 0))
        return self._plain_rank(group, beside, number, looks)

    def _heading_sentence(self, group: _Group, number: Number | None, beside: list[_Group]) -> bool:
        """Whether a numbered sentence is a heading: it is set as one, and what stands beside it is not."""
        return (
            number is not None
            and not self.han
            and len(group.text.split()) <= 20
            and len(group.lines) <= 3
            and group.text[number.end :][:1].isupper()
            and not re.search(r"[.!?:;]\s+\S", group.text[number.end :])
            and all(self._headlike(line) for line in group.lines)
            and not any(self._headlike(other.lines[0]) and number_of(other.text) for other in beside)
        )

    def _plain_rank(
        self,
        group: _Group,
        beside: list[_Group],
        number: Number | None,
        looks: dict[_Look, int],
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
        if END.search(rest) and not rest.endswith("etc."):
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
        line = group.lines[0]
        if not self._worth(group, headed) or _BACK_LINK.search(text):
            return []
        number = number_of(text)
        if self.han and number is not None and number.kind in kinds and not line.bullet:
            lead = split_run_in(text, number)
            if lead is not None:
                self.lists.clear()
                head, rest = lead
                made: list[Block] = [Heading(head, depth + 10_000 + number.rank, self._place(group))]
                shift = len(text) - len(rest)
                moved = tuple(replace(p, start=max(p.start - shift, 0)) for p in places)
                return [*made, Paragraph(rest, 0, moved)] if rest else made
        return [Paragraph(text, self._list_depth(group, number), places)]

    def _list_depth(self, group: _Group, number: Number | None) -> int:
        """How deep the list is nested that a paragraph is an item of: by tags where lists are nested there."""
        line = group.lines[0]
        listed = number is not None and number.kind in {"arabic", "arabic-bracket", "small"}
        if line.bullet or not listed or number is None:
            kind, value = line.marker or "bullet", 0
        else:
            kind, value = number.kind, number.value
        if not line.bullet and not listed:
            edge = min(other.left for other in group.lines if other.page == line.page)
            depth = self.lists.text(edge if len(group.lines) > 1 else 0.0, line.page, line.base)
            said = line.tag is not None and line.tag.role == "item" and self.belief.blocks
            return max(depth, line.tag.depth) if said and line.tag is not None else depth
        depth = self.lists.item(kind, value, line.outer, line.page, line.base)
        last = group.lines[-1]
        broken = any(b.page != a.page or b.base > a.base for a, b in pairwise(group.lines))
        self.lists.reach(last.page, last.base, last.left - line.indent if broken else 0.0)
        if self.belief.blocks and self.belief.nested and line.tag is not None and line.tag.role == "item":
            return line.tag.depth
        return depth

    def _worth(self, group: _Group, headed: bool) -> bool:
        """Whether a paragraph is running text: not a name under a preface, a label in a diagram, a line of a cover."""
        text = group.text
        if _PRINT_NOTICE.search(text) and len(text) < 60:
            return False
        caption = _CAPTION.match(text)
        captions = caption is not None and bool(caption["mark"] or not END.search(text))
        if (captions or _SOURCE.match(text)) and width(text) <= 200:
            return False
        if group.lines[0].bullet:
            return True
        ended = bool(END.search(text)) or text.endswith((":", "：", ";", "；"))
        if self.han:
            size = sum("\u3400" <= c <= "\u9fff" for c in text)
            return (size >= 4 and ended and (headed or bool(END.search(text)))) or _STOPPED.search(text) is not None
        size = len(text.split())
        if number_of(text) is not None and size >= 3:
            return headed or bool(SOFT_END.search(text))
        if text.startswith("(") and text.endswith(")") and size >= 8:
            return headed
        # Without the end of a sentence it is a label or a name, unless it is too long for one or holds a sentence.
        return (
            (size >= 12 and _STOPPED.search(text) is not None)
            or (ended and size >= (8 if not headed else 3))
            or (headed and size >= 25)
        )
