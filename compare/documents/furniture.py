"""What stands on the pages of a PDF and is no running text: headers, page numbers, notes, contents, the cover."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from compare.documents.cleaning import squeeze, width
from compare.documents.contents import CONTENTS, LEADER
from compare.documents.contents import key as _key
from compare.documents.extract import Outline
from compare.documents.glyphs import Line
from compare.documents.numbering import END, number_of

_MARGIN = 0.12  # share of the page's height in which page numbers stand
_RUNNING = 0.17  # and in which lines that recur are running headers and footers
_PAGE_NUMBER = re.compile(
    r"^(?:[-–—·|\s]*)(?:page|p\.|第)?\s*(\d{1,4}|[ivxlc]{1,7})\s*(?:页)?(?:\s*(?:of|/|-)\s*\d{1,4})?(?:[-–—·|\s]*)$",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?:^|[|·•/–—-]\s*|\bpage\s+|\bp\.\s*|第\s*)(\d{1,4})\s*(?:(?:of|/)\s*\d{1,4}|页)?$|^(\d{1,4})\s*[|·•/–—]",
    re.IGNORECASE,
)
_URL_FOOTER = re.compile(r"^(?:https?://|file:///|www\.)\S+(?:\s+\d{1,4}\s*/\s*\d{1,4})?$")
_PRINT_HEADER = re.compile(r"^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},?\s+\d{1,2}:\d{2}(?:\s*[AP]M)?\b", re.IGNORECASE)
_BLANK = re.compile(
    r"this page (?:is |has been )?(?:intentionally )?left (?:intentionally )?blank|本页(?:无正文|空白)", re.IGNORECASE
)
# A sentence ends within the line and another begins.
_RUNNING_TEXT = re.compile(r"[。！？][”’」』）)]*\w|[a-z]{2}[.!?][”’\"')]*\s+[A-Z“]")
_NUMBERED = re.compile(r"(?:^|[\s.…·_])\d{1,3}$")
_NOTICE_BRACKET = re.compile(r"^【[^】]{2,40}】$")
NOTE_START = re.compile(r"^(?:\d{1,3}|\*|†|‡|\[\d+\])[\s.)]")
_MOST_NOTES = 300  # footnotes of a page
_MOST_NEAR = 50  # lines alike that are looked at in one row


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
    # A heading may open several pages at one height; a running header is on pages next to one another.
    counts = {place: sum(_near_another(at, on) for at in on) for place, on in seen.items() if len(on) >= enough}
    result: list[list[Line]] = []
    running = _beside_numbers(pages, heights) | _rows_apart(pages, heights)
    for page, height in zip(pages, heights, strict=True):
        kept = []
        page = [line for line in page if id(line) not in running]
        # A number beside text that is no running header is a cell, or belongs to an entry of a table of contents.
        rows = {
            line.base
            for line in page
            if _in_margin(line, height)
            and not _PAGE_NUMBER.match(line.text)
            and len(line.text) > 3
            and (line.style.marked or not tagged)
            and counts.get((_pattern(line), int(line.base // 4)), 0) < enough
        }
        for line in page:
            recurs = counts.get((_pattern(line), int(line.base // 4)), 0) >= enough
            if (recurs and _in_margin(line, height)) or (
                recurs and _in_margin(line, height, _RUNNING) and not END.search(line.text)
            ):
                continue
            if _in_margin(line, height) and (
                (_PAGE_NUMBER.match(line.text) and line.base not in rows)
                or (_URL_FOOTER.match(line.text) and _in_margin(line, height, 0.05))
                or _PRINT_HEADER.match(line.text)
                or (tagged and not line.style.marked)
            ):
                continue
            kept.append(line)
        result.append(kept)
    return result


def _beside_numbers(pages: Sequence[list[Line]], heights: Sequence[float]) -> set[int]:
    """Running titles that change with the section, by their identity: what stands beside the page's own number.

    So set are the titles of chapters in books. The number must run on with the pages, and stand with a text beside it
    at one height on three pages.
    """
    labels = {at: int(label) for at, label in page_labels(pages, heights).items() if label.isdigit()}
    if len(labels) < 3:
        return set()
    offset = Counter(at - label for at, label in labels.items()).most_common(1)[0][0]
    rows: dict[int, dict[int, list[Line]]] = defaultdict(dict)
    for page, height in zip(pages, heights, strict=True):
        by_base: dict[int, list[Line]] = defaultdict(list)
        for line in page:
            if _in_margin(line, height):
                by_base[round(line.base)].append(line)
        for base, beside in by_base.items():
            own = str(beside[0].page - offset)
            alone = any(line.text == own for line in beside) and len(beside) > 1
            # The number may be read as one with the text.
            joined = len(beside) == 1 and re.fullmatch(rf"{own}\D.+|.+\D{own}", beside[0].text)
            if alone or joined:
                rows[base][beside[0].page] = beside
    return {id(line) for on in rows.values() if len(on) >= 3 for beside in on.values() for line in beside}


def _rows_apart(pages: Sequence[list[Line]], heights: Sequence[float]) -> set[int]:
    """Running headers that change with the section, by their identity: rows set apart above the text at one height.

    Where text begins at that height, its first line is no further from the second than lines are. The words come
    again, on other pages or as a heading of the page; those of a slide do not.
    """
    size = body_size(line for page in pages for line in page)
    tops: dict[int, list[tuple[bool, bool, list[Line]]]] = defaultdict(list)
    for page, height in zip(pages, heights, strict=True):
        top = max((line.base for line in page), default=0.0)
        bases = sorted({round(line.base, 1) for line in page}, reverse=True)
        gaps = [a - b for a, b in pairwise(bases) if a - b > 2]
        if len(gaps) < 4 or top < (1 - _RUNNING) * height:
            continue
        row = [line for line in page if top - line.base <= 2]
        small = all(line.style.size <= 1.05 * size and len(line.text) <= 100 for line in row)
        words = _pattern(row[0])
        headed = any(_pattern(line) == words for line in page if top - line.base > 2)
        tops[round(top)].append((small and gaps[0] > 1.4 * statistics.median(gaps), headed, row))
    found: set[int] = set()
    for here in tops.values():
        apart = [row for far, _, row in here if far]
        said = Counter(_pattern(row[0]) for row in apart)
        again = sum(headed or said[_pattern(row[0])] > 1 for far, headed, row in here if far)
        if len(apart) >= max(3, 0.3 * len(pages), 0.8 * len(here)) and again >= 0.5 * len(apart):
            found.update(id(line) for row in apart for line in row)
    return found


def _near_another(at: int, pages: set[int]) -> bool:
    return any(other in pages for other in (at - 2, at - 1, at + 1, at + 2))


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
    if not offsets:
        return _counted(pages, heights)
    offset, count = offsets.most_common(1)[0]
    numbered = sum(any(label.isdigit() for label in labels) for labels in found.values())
    for at, labels in found.items():
        for label in labels:
            if not label.isdigit():
                result.setdefault(at, label)
            elif count >= 0.5 * numbered and at - int(label) == offset:
                result[at] = label
    return result


def _counted(pages: Sequence[list[Line]], heights: Sequence[float]) -> dict[int, str]:
    """Page numbers further from the edge, or within a footer ("Ministry of Works | Page 7"), that count the pages."""
    found: dict[int, list[int]] = defaultdict(list)
    for page, height in zip(pages, heights, strict=True):
        for line in page:
            match = _COUNT.search(line.text) if len(line.text) < 150 and _in_margin(line, height, _RUNNING) else None
            if match:
                found[line.page].append(int(match[1] or match[2]))
    offsets = Counter(page - number for page, numbers in found.items() for number in set(numbers))
    offset, count = offsets.most_common(1)[0] if offsets else (0, 0)
    if count < max(3, 0.8 * len(found)):
        return {}
    return {page: str(page - offset) for page, numbers in found.items() if page - offset in numbers}


def without_twins(page: list[Line]) -> list[Line]:
    """Take out lines printed twice, one nearly upon the other."""
    kept: list[Line] = []
    places: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for line in page:
        text, size = re.sub(r"\s+", "", line.text), line.style.size
        row = int(line.base // size)
        near = [o for at in (row - 1, row, row + 1) for o in places[(text, at)][-_MOST_NEAR:]]
        if any(abs(o.base - line.base) < 0.3 * size and abs(o.left - line.left) < 1.5 * size for o in near):
            continue
        places[(text, row)].append(line)
        kept.append(line)
    return kept


def body_size(lines: Iterable[Line]) -> float:
    """Size of most characters, in points."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.style.size] += len(line.text)
    return max(sizes, key=lambda s: sizes[s]) if sizes else 1.0


def drop_notes(page: list[Line], body: float, height: float) -> list[Line]:
    """Take out footnotes: small print at the foot of the page or of a column, from a line with a marker on."""
    result: list[Line] = []
    inside: Line | None = None
    size = 0.0  # of the last note
    large = [line for line in page if line.style.size > 0.92 * body]
    looked = 0
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
        # A note may go on at the foot of the next column.
        goes_on = line.style.size == size and line.base < 0.3 * height
        if small and line.base < 0.5 * height and (line.note or goes_on or NOTE_START.match(line.text)):
            # Small print with a number, and nothing of the body below it in its column.
            looked += 1
            below = looked > _MOST_NOTES or any(
                o.base < line.base and o.left < line.right and o.right > line.left for o in large
            )
            if not below:
                inside, size = line, line.style.size
                continue
        result.append(line)
    return result


def drop_contents(pages: Sequence[list[Line]], outline: Sequence[Outline]) -> tuple[list[list[Line]], list[Line]]:
    """Take out the table of contents, from its heading to its last entry, and lines with leaders anywhere.

    Returns
    -------
    list of list of Line
        The pages without it.
    list of Line
        The lines of the table, its heading apart.
    """
    later: Counter[str] = Counter(_key(line.text) for page in pages for line in page)
    titles = {key for mark in outline if (key := _key(mark.title))}
    result: list[list[Line]] = []
    front: list[Line] = []
    table = front
    inside = False
    for page in pages:
        if front and len(result) >= max(3, 0.5 * len(pages)) and table is front:
            table = []  # what looks like a table from here on is the index at the end of a book
        start = next((at for at, line in enumerate(page) if CONTENTS.match(line.text.strip())), None)
        flags = [_is_entry(line, later, titles) for line in page] if start is not None or inside else []
        if start is not None:
            after = page[start + 1 :]
            text = _first_text(after, flags[start + 1 :])
            # Two columns or a late heading: the whole page is the table if most of it looks so.
            if sum(flags[start + 1 :][:text]) >= 0.4 * text:
                end = _end_of_table(after, flags[start + 1 :])
                # Of what is above the heading only another column is of the table, not the title of the document.
                flags[:start] = [
                    f and bool(_NUMBERED.search(o.text)) for o, f in zip(page, flags[:start], strict=False)
                ]
                table.extend(line for line, flag in zip(page[:start], flags, strict=False) if flag)
                table.extend(after[:end])
                head = [line for line, flag in zip(page[:start], flags, strict=False) if not flag]
                result.append(head + after[end:])
                inside = end == len(after)
                continue
            if sum(flags) >= 0.6 * (len(page) - 1):
                table.extend(line for at, line in enumerate(page) if at != start)
                result.append([])
                inside = True
                continue
        if inside and page and sum(flags) >= 0.6 * len(page):
            end = _end_of_table(page, flags, table)
            table.extend(page[:end])
            result.append(page[end:])
            inside = end == len(page)
            continue
        if inside and sum(flags[:2]) and sum(flags[: (text := _first_text(page, flags))]) >= 0.6 * text:
            # The table ends on this page, above more text than there are entries.
            end = _end_of_table(page, flags, table)
            table.extend(page[:end])
            result.append(page[end:])
            inside = False
            continue
        inside = False
        leaders = sum(bool(LEADER.search(line.text)) for line in page)
        if leaders >= 3:
            led = _led(page)
            table.extend(line for line, flag in zip(page, led, strict=True) if flag)
            page = [line for line, flag in zip(page, led, strict=True) if not flag]
        result.append(list(page))
    return result, front or table


def _end_of_table(lines: Sequence[Line], flags: Sequence[bool], above: Sequence[Line] = ()) -> int:
    """Where running text begins behind the last entry: its sentences end, and it has more than a line."""
    last = max((at for at, flag in enumerate(flags[: _first_text(lines, flags)]) if flag), default=-1)
    behind = lines[last + 1 :]
    # A heading right above the text repeats an entry and is no entry itself.
    if any(END.search(line.text) and width(line.text) >= (30 if len(behind) > 1 else 60) for line in behind):
        least = max(last - 10, 0 if above else 1)
        while last >= least and not (LEADER.search(lines[last].text) or _NUMBERED.search(lines[last].text)):
            previous = _key(lines[last].text)
            if not any(_key(line.text).startswith(previous) for line in (*above, *lines[:last])):
                break
            last = max((at for at in range(last) if flags[at]), default=-1)
        return last + 1
    return len(lines)


def _led(page: Sequence[Line]) -> list[bool]:
    """Which lines have leaders, or are the first of an entry on two lines, of which the second has them."""
    led = [bool(LEADER.search(line.text)) for line in page]
    for at, line in enumerate(page[:-1]):
        below = page[at + 1]
        if led[at] or not led[at + 1] or END.search(line.text) or line.style.size != below.style.size:
            continue
        begins = number_of(line.text) is not None and number_of(below.text) is None
        led[at] = (at > 0 and led[at - 1] and 0 < line.base - below.base < 2 * line.style.size) or begins
    return led


def _first_text(lines: Sequence[Line], flags: Sequence[bool]) -> int:
    """Where the first line of running text stands, if it is behind three entries or more, else the number of lines."""
    entries = 0
    for at, (line, flag) in enumerate(zip(lines, flags, strict=True)):
        entries += flag
        if not flag and _RUNNING_TEXT.search(line.text):
            return at if entries > 2 else len(lines)
    return len(lines)


def _is_entry(line: Line, later: Counter[str], titles: set[str]) -> bool:
    text = line.text
    entry = _key(re.sub(r"[\s.]*\d{1,4}$", "", text))
    return bool(
        LEADER.search(text)
        or (re.search(r"\s\d{1,3}$", text) and not END.search(text.rstrip("0123456789").rstrip()))
        or re.fullmatch(r"\d{1,3}", text)
        or entry in titles
        # Headings come once or twice more; what comes again and again is something else.
        or (not END.search(text) and (entry == _key(text)) < later[entry] < 6)
        or (bool(entry) and any(title.startswith(entry) or (len(entry) > 12 and entry in title) for title in titles))
    )


def drop_blank(page: list[Line]) -> list[Line]:
    """Take out "this page is left blank" and notices in heavy brackets."""
    return [line for line in page if not (_BLANK.search(line.text) or _NOTICE_BRACKET.match(line.text))]


def drop_cover(pages: Sequence[list[Line]], body: float) -> list[list[Line]]:
    """Take out the pages before the first with running text: some lines of it, and the end of a sentence."""
    for at, page in enumerate(pages[:4]):
        plain = [line for line in page if line.style.size <= 1.7 * body]
        long = [line for line in plain if width(line.text) >= 40]
        ends = sum(bool(END.search(line.text)) for line in plain)
        if (len(long) >= 2 and ends) or (ends >= 2 and sum(len(line.text) for line in plain) >= 150):
            return [[] for _ in pages[:at]] + list(pages[at:])
    return list(pages)


def title_of(lines: list[Line], body: float) -> str | None:
    """Take the largest print of the first page, if it is larger than the body by a fifth."""
    if not lines:
        return None
    lines = [line for line in lines if not CONTENTS.match(line.text)]
    wordy = [line for line in lines if len(line.text.split()) >= 2 or width(line.text) >= 12]
    size = max((line.style.size for line in wordy), default=0.0)
    if size < 1.2 * body:
        return None
    first = next(at for at, line in enumerate(lines) if line.style.size == size and line in wordy)
    run: list[Line] = []
    for line in lines[first:]:
        if line.style.size < 0.8 * size or len(run) == 4 or (run and line.style.bold != run[0].style.bold):
            break
        run.append(line)
    text = squeeze(" ".join(line.text for line in run))
    return text if 4 <= len(text) <= 200 and number_of(text) is None else None
