"""The table of contents that a document prints: its entries, and whether the headings found agree with it."""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

from compare.documents.cleaning import glue, squeeze, width
from compare.documents.glyphs import HYPHEN, Line
from compare.documents.model import ContentsEntry
from compare.documents.numbering import bare, number_of

MAX_ENTRIES = 2_000
CONTENTS = re.compile(
    r"^(?:table of contents|contents|contents page|index|in this document|目\s*录|目\s*次)\s*[:：]?$", re.IGNORECASE
)
LEADER = re.compile(r"(?:\.\s?){4,}\s*(?:\d{1,4}|[ivxlc]{1,6})?\s*$|…{2,}\s*\d*\s*$|(?:[·_]\s?){4,}\s*\d*\s*$")
_PAGE = re.compile(
    r"^(?P<title>.*?)(?P<between>[\s.…·_]*)(?<![\d,/-])(?<!\d\.)(?P<page>\d{1,4}|[ivxlc]{1,7})\s*$", re.DOTALL
)
_LEAD_PAGE = re.compile(r"^(?P<page>\d{1,3})\s+(?P<title>\D.*)$")
_DECIMAL = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s")
_DOTS = re.compile(r"(?:[.…·_]\s?){5,}")
_LONGEST = 300  # characters of a title
_MOST_COMPARED = 400  # titles that are compared letter by letter
_SHOWN, _SHOWN_LENGTH = 3, 36


@dataclass(slots=True)
class _Row:
    """One row of print in the table."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    page: int
    number: str | None = None


def entries(lines: Sequence[Line]) -> list[ContentsEntry]:
    """Read the entries of a table of contents.

    Page numbers may stand in a column of their own; an entry may go over several rows; levels are read from indents,
    else from the numbering, else from bold print.

    Parameters
    ----------
    lines : sequence of Line
        Lines of the table without its heading, in reading order.

    Returns
    -------
    list of ContentsEntry
        In order; at most `MAX_ENTRIES`.
    """
    rows = _rows(lines)
    if not rows:
        return []
    merged = _merge(rows)[:MAX_ENTRIES]
    found = [
        ContentsEntry(title, row.number, level)
        for row, level in zip(merged, _levels(merged), strict=True)
        if (title := squeeze(row.text.replace(HYPHEN, "-"))) and any(c.isalpha() for c in title)
    ]
    return found


def _rows(lines: Sequence[Line]) -> list[_Row]:
    """Lines at one height are one row, unless the table is set in columns."""
    pages: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        pages[line.page].append(line)
    made: list[_Row] = []
    for page in pages.values():
        for column in _columns(page):
            made.extend(_column_rows(column))
    return made


def _columns(lines: list[Line]) -> list[list[Line]]:
    """Parts of a page that are tables beside one another: both have words and their own page numbers."""
    spans = sorted((line.left, line.right) for line in lines)
    reach = spans[0][1]
    for left, right in spans[1:]:
        if left - reach > 6:
            cut = (left + reach) / 2
            sides = [[line for line in lines if (line.right <= cut) == side] for side in (True, False)]
            worded = [sum(any(c.isalpha() for c in line.text) for line in side) for side in sides]
            numbered = [sum(bool(re.search(r"\d\s*$", line.text)) for line in side) for side in sides]
            if all(w >= 2 for w in worded) and all(n >= 2 for n in numbered):
                return [*_columns(sides[0]), *_columns(sides[1])]
        reach = max(reach, right)
    return [lines]


def _column_rows(lines: list[Line]) -> list[_Row]:
    made: list[_Row] = []
    row: list[Line] = []
    for line in [*sorted(lines, key=lambda line: -line.base), None]:
        if line is not None and row and row[0].base - line.base < 0.5 * min(line.style.size, row[0].style.size):
            row.append(line)
            continue
        if row:
            row.sort(key=lambda part: part.left)
            first = next((part for part in row if any(c.isalpha() for c in part.text)), row[0])
            text = " ".join(part.text for part in row)
            title, number = _split(text)
            right = max(part.right for part in row if part is row[0] or any(c.isalpha() for c in part.text))
            made.append(
                _Row(title, row[0].left, right, first.base, first.style.size, first.style.bold, first.page, number)
            )
        row = [line] if line is not None else []
    return made


def _split(text: str) -> tuple[str, str | None]:
    """Title and page number of a row."""
    text = _DOTS.sub(" ..... ", text.strip())
    if len(text) > 2 * _LONGEST:
        text = f"{text[:_LONGEST]} {text[-20:]}"
    if re.fullmatch(r"\d{1,4}", text):
        return "", text
    match = _PAGE.match(text)
    if match and match["title"].strip(" .…·_"):
        leads = bool(re.search(r"\s|[.…·_]{2}", match["between"]))
        # A roman number is one only behind leaders: "mix" and "civil" are words.
        roman = not match["page"].isdigit()
        if leads and (not roman or re.search(r"[.…·_]{3}|(?:\.\s){3}", match["between"])):
            return match["title"].strip(" .…·_"), match["page"]
    return re.sub(r"[\s.…·_]+$", "", text) if LEADER.search(text) else text, None


def _merge(rows: list[_Row]) -> list[_Row]:
    """Put rows of one entry together."""
    numbered = sum(row.number is not None for row in rows) >= 0.5 * len(rows)
    listed = sum(number_of(row.text) is not None for row in rows) >= 0.5 * len(rows)
    gaps = [a.base - b.base for a, b in pairwise(rows) if a.page == b.page and a.base > b.base]
    usual = statistics.median(gaps) if gaps else 0.0
    edge = max(row.right for row in rows)
    if not numbered and _leading(rows):
        for row in rows:
            match = _LEAD_PAGE.match(row.text)
            if match:
                row.text, row.number = match["title"], match["page"]
    if numbered:
        # A preface may be on page iii, before the first Arabic number.
        for row in rows[: next(at for at, row in enumerate(rows) if row.number is not None)]:
            roman = re.match(r"^(.*\S)\s+([ivxl]{1,6})$", row.text)
            if roman:
                row.text, row.number = roman.group(1), roman.group(2)
    made: list[_Row] = []
    last: _Row | None = None
    for row in rows:
        before = made[-1] if made else None
        if before is None or last is None or not _goes_on(before, last, row, numbered, listed, usual, edge):
            made.append(replace(row))
        else:
            before.text = before.text.removesuffix(HYPHEN) + (
                "" if before.text.endswith(HYPHEN) else glue(before.text, row.text)
            ) + row.text  # fmt: skip
            before.number = before.number or row.number
            before.text = before.text[:_LONGEST]
        last = row
    return [row for row in made if row.text]


def _leading(rows: list[_Row]) -> bool:
    """Whether the page numbers stand before the titles: they never fall, and are no count of the entries."""
    found = [int(match["page"]) for row in rows if (match := _LEAD_PAGE.match(row.text))]
    if len(found) < 3 or len(found) < 0.7 * len(rows):
        return False
    rises = all(a <= b for a, b in pairwise(found))
    return rises and found != list(range(found[0], found[0] + len(found)))


def _goes_on(entry: _Row, last: _Row, row: _Row, numbered: bool, listed: bool, usual: float, edge: float) -> bool:
    """Whether a row goes on with the entry before it."""
    if not row.text:
        return entry.number is None
    if last.page != row.page or number_of(row.text) is not None or abs(row.size - last.size) > 0.5:
        return False
    if not entry.text:
        return True
    if numbered and entry.number is not None:
        return row.text[:1].islower() and row.number is None
    if row.text[:1].islower() or last.text.endswith(HYPHEN):
        return True
    long = last.right - last.left > 0.6 * (edge - last.left)
    tight = 0 < last.base - row.base < 1.25 * usual
    if row.left < entry.left - 2 or row.bold != entry.bold or not long:
        return False
    if numbered:
        return tight
    return (listed and number_of(entry.text) is not None) or 0 < last.base - row.base < 0.8 * usual


def _levels(rows: Sequence[_Row]) -> list[int]:
    if not rows:
        return []
    decimal = [_DECIMAL.match(row.text) for row in rows]
    if sum(number is not None for number in decimal) >= 0.8 * len(rows) and any(n and "." in n[1] for n in decimal):
        return [number[1].count(".") if number is not None else 0 for number in decimal]
    least: dict[int, float] = {}
    for row in rows:
        least[row.page] = min(least.get(row.page, row.left), row.left)
    # A page may begin at another edge, as facing pages do, or only with entries that are set in.
    first = rows[0].page
    known = [row.left for row in rows if row.page == first]
    edges = {
        page: least[first] if any(abs(left - other) < 1.5 for other in known) else left for page, left in least.items()
    }
    indents = [row.left - edges[row.page] for row in rows]
    steps: list[float] = []
    for indent in sorted(indents):
        if not steps or indent - steps[-1] > 3:
            steps.append(indent)
    if 2 <= len(steps) <= 6:
        return [max(at for at, step in enumerate(steps) if step <= indent + 0.01) for indent in indents]
    numbers = [number_of(row.text) for row in rows]
    ranks = sorted({number.rank for number in numbers if number is not None})
    if len(ranks) > 1:
        return [ranks.index(number.rank) if number is not None else 0 for number in numbers]
    if rows[0].bold and any(not row.bold for row in rows):
        return [int(not row.bold) for row in rows]
    return [0] * len(rows)


def key(text: str) -> str:
    """Letters and digits of a text in lower case, by which titles are compared."""
    return "".join(c for c in text.lower() if c.isalnum())


def missing(titles: Sequence[str], headings: Sequence[str]) -> list[str]:
    """Titles that are not among the headings.

    Case, spaces and punctuation do not count, nor numbers set before a title, nor a part behind it; small differences
    in wording (a ratio of `difflib` of 0.8 and more) do not count either.

    Parameters
    ----------
    titles, headings : sequence of str
        Titles in a table of contents or bookmarks, and headings found in the text.
    """
    whole = {key(heading) for heading in headings}
    whole |= {key(bare(heading)) for heading in headings}
    whole.discard("")
    pool = sorted(whole)[:MAX_ENTRIES]
    bags = {bag for heading in headings if (bag := _words(heading))}
    compared = 0
    absent: list[str] = []
    for title in titles[:MAX_ENTRIES]:
        wanted = [k for k in (key(title), key(bare(title))) if k]
        # "Chapter 1" alone on its line is the number of the title below it.
        if not key(bare(title)) or any(k in whole for k in wanted):
            continue
        if any(_begins(k, other) for k in wanted for other in pool) or _words(title) in bags:
            continue
        compared += 1
        if compared <= _MOST_COMPARED and any(_alike(wanted[0], other) for other in pool):
            continue
        absent.append(title)
    return absent


def _words(title: str) -> frozenset[str]:
    """Words of a title that carry its sense: "Strategy for Training" has those of "Training Strategy"."""
    return frozenset(re.findall(r"\w{4,}", bare(title).lower()))


def _begins(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return len(short) >= (4 if width(short) > len(short) else 10) and long.startswith(short)


def _alike(a: str, b: str) -> bool:
    if not 0.6 < len(a) / max(len(b), 1) < 1.6 or len(a) > _LONGEST:
        return False
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= 0.8 and matcher.ratio() >= 0.8


def mismatch(titles: Sequence[str], headings: Sequence[str], where: str, what: str) -> str | None:
    """Say in one line which titles have no heading in the text.

    Parameters
    ----------
    titles : sequence of str
        Titles given by the file.
    headings : sequence of str
        Headings found.
    where, what : str
        Names for the line: "the table of contents", "entries".

    Returns
    -------
    str or None
        None where every title has its heading.
    """
    absent = missing(titles, headings)
    if not absent:
        return None
    shown = ", ".join(f'"{_short(title)}"' for title in absent[:_SHOWN])
    more = ", ..." if len(absent) > _SHOWN else ""
    verb = "was not found as a heading" if len(absent) == 1 else "were not found as headings"
    return f"{len(absent)} of {len(titles)} {what} of {where} {verb}: {shown}{more}"


def _short(title: str) -> str:
    title = squeeze(title).replace('"', "'")
    return title if len(title) <= _SHOWN_LENGTH else title[: _SHOWN_LENGTH - 3].rstrip() + "..."
