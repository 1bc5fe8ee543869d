"""How well are real documents read? Headings, words, breaks between pages, speed, against references made by hand.

    python tests/benchmarks/reading.py [--corpora FOLDER] [--gold FILE] [--pages N] [--misses]

FOLDER (default: POLICY_COMPARE_CORPORA) holds the official files; tests/benchmarks/references holds, for each, which
lines of its raw text are headings, body, footnotes and so on, made by hand as numbers of lines. Texts are compared by
letters and digits only, in lower case. --misses lists what is wrong, with pages. Exit code 2 if there is no folder.

Headings. "own table" are the entries of the document's table of contents, taken from its raw text. Precision is over
all headings as deep as the deepest one that is an entry of the table, or shallower: those are right that are entries,
or headings in the hand-made list which the table leaves out ("beside"). "by hand" are all headings of the document;
nesting is the share of those found that have the right heading above them.

Words. A word of the body is kept if all of its letters stand in a passage, in order; what stands out of order is moved.
Noise is a word of a passage with a letter from elsewhere: running headers, footnotes and their markers, contents,
headings. Words of diagrams and tables count on neither side and stand in a column of their own. "hyphens" are
words over two lines that are joined as they should be, with the hyphen where it belongs to the word.

Breaks. At each break of page or column, hand-marked: where a sentence runs over, its two sides must stand side by side
in one passage, or it is broken; where none does, one passage must end and another begin there, or it is glued. Lost:
one side is in no passage. "small" are passages that begin with a lower-case letter, "open" those without an end mark.

Labelled sentences (--gold). Of those whose letters stand in the body in a row, how many are a passage, up to white
space, or a part of one. The others have running headers, headings or notes in them, or slips of character recognition.

Speed. Seconds on the clock, and of the processor, which a busy machine leaves as they are, with those of processes that
the reading starts; least of three runs, one for the made PDF. "plain text" is the processor's time against that of
plain text extraction by pypdfium2. Memory is that of all processes together.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import unicodedata
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pypdfium2
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from compare.documents import Passage, Text, read  # noqa: E402

REFERENCES = Path(__file__).parent / "references"
NAMES = {
    "us-ai-action-plan-2025": "US plan",
    "jp-ai-basic-plan-2026.en": "Japan",
    "it-ai-strategy-2024.en": "Italy",
    "cn-ai-plus-opinions-2025.zh": "AI Plus",
    "cn-ai-development-plan-2017.en": "China 2017",
}
HEADING_TARGETS = {"US plan": 0.97, "Japan": 0.97, "Italy": 0.9}
SIDE = 15  # letters looked at on each side of a break


def letters(text: str) -> str:
    """Letters and digits in lower case, by which texts are compared."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


@dataclass(frozen=True)
class Title:
    """A heading of a reference."""

    level: int
    page: int
    line: int
    text: str


@dataclass
class Reference:
    """A document's raw text, each line with its class."""

    name: str
    path: Path
    pages: tuple[int, int] | None
    lines: dict[tuple[int, int], str]
    hyphens: set[tuple[int, int]]  # lines that end in a hyphen
    kept: set[tuple[int, int]]  # those of them whose hyphen belongs to the word
    body: list[tuple[int, int]]  # in reading order
    titles: list[Title]
    others: dict[str, str]  # by class: letters of what is not body
    breaks: list[tuple[tuple[int, int], tuple[int, int], bool]]
    contents: list[tuple[int, int, str]] = field(default_factory=list)  # page, line, title
    same: dict[tuple[int, int], str] = field(default_factory=dict)


def raw_lines(document: pypdfium2.PdfDocument) -> Iterator[tuple[int, int, str, str]]:
    """Page, line, text, and what ends the line."""
    for number, page in enumerate(document, 1):
        parts = [*re.split("(\r\n|[\r\n\ufffe])", page.get_textpage().get_text_range()), ""]
        for line, (text, end) in enumerate(zip(parts[::2], parts[1::2], strict=True), 1):
            yield number, line, text, end


def spans(given: str) -> Iterator[tuple[int, int]]:
    for part in given.split(","):
        first, _, last = part.strip().partition("-")
        yield int(first), int(last or first)


def load(path: Path, corpora: Path) -> Reference:
    """A reference with its document's raw text; fails where a line has no class or two."""
    given: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    file = corpora / given["file"]
    lines: dict[tuple[int, int], str] = {}
    hyphens: set[tuple[int, int]] = set()
    for number, line, text, end in raw_lines(pypdfium2.PdfDocument(file)):
        lines[number, line] = text
        if end == "\ufffe":
            hyphens.add((number, line))
    for page, line, marker, *which in given.get("markers", []):
        found = list(re.finditer(rf"{marker}(?!\d)", lines[page, line]))
        assert which or len(found) == 1, f"{path.name}: marker {marker} stands {len(found)} times in {page}:{line}"
        at = found[which[0] - 1 if which else 0]
        lines[page, line] = f"{at.string[: at.start()]} {at.string[at.end() :]}"
    titles: list[Title] = []
    others: dict[str, list[str]] = {}
    for page, line, level in given.get("run_in", []):
        head, stop, rest = lines[page, line].partition("。")
        titles.append(Title(level, page, line, head + stop))
        others.setdefault("run-in", []).append(head)
        lines[page, line] = rest
    body: list[tuple[int, int]] = []
    seen: Counter[tuple[int, int]] = Counter()
    for name, classes in given["page"].items():
        page = int(name)
        made: list[Title] = []
        for kind, value in classes.items():
            if kind == "headings":
                for entry in value:
                    level, _, where = entry.partition(":")
                    ((first, last),) = spans(where)
                    seen.update((page, n) for n in range(first, last + 1))
                    text = " ".join(lines[page, n] for n in range(first, last + 1))
                    made.append(Title(int(level), page, first, text))
                    others.setdefault("heading", []).append(text)
                continue
            for first, last in spans(value):
                rows = [(page, n) for n in range(first, last + 1)]
                seen.update(rows)
                if kind == "body":
                    body += rows
                else:
                    others.setdefault(kind, []).append(" ".join(lines[row] for row in rows))
        if "run_in" in given:  # in these files the order on the page is that of the lines
            made += [title for title in titles if title.page == page]
            titles = [title for title in titles if title.page != page]
            made.sort(key=lambda title: title.line)
        titles += made
    first, last = given.get("pages", (1, 10**6))
    for place, text in lines.items():
        if (first <= place[0] <= last and letters(text)) or seen[place]:
            assert seen[place] == 1, f"{path.name}: line {place[0]}:{place[1]} has {seen[place]} classes"
    name = path.name.removesuffix(".toml")
    reference = Reference(
        name=NAMES.get(name, name),
        path=file,
        pages=tuple(given["pages"]) if "pages" in given else None,
        lines=lines,
        hyphens=hyphens,
        kept={(page, line) for page, line in given.get("kept", [])},
        body=body,
        titles=titles,
        others={kind: "\n".join(map(letters, texts)) for kind, texts in others.items()},
        breaks=[((a, b), (c, d), runs) for a, b, c, d, runs in given["breaks"]],
    )
    if "contents" in given:
        reference.contents = list(contents_entries(lines, given["contents"]))
        starts = {(title.page, title.line): title.text for title in titles}
        reference.same = {(a, b): starts[c, d] for a, b, c, d in given.get("same", [])}
    return reference


def contents_entries(lines: dict[tuple[int, int], str], where: list[list[int]]) -> Iterator[tuple[int, int, str]]:
    """Entries of a table of contents; one without a page number at its line's end goes on in the next line.

    In a table without page numbers an entry begins with the word of a part and its number.
    """
    rows = [
        (page, n, lines[page, n].strip())
        for page, first, last in where
        for n in range(first, last + 1)
        if letters(lines[page, n])
    ]
    numbered = sum(bool(re.search(r"[ .]\d+$", text)) for _, _, text in rows) > len(rows) / 2
    open_entry: tuple[int, int, str] | None = None
    for page, line, text in rows:
        if numbered:
            start = open_entry or (page, line, "")
            entry = (start[0], start[1], f"{start[2]} {text}".strip())
            if match := re.fullmatch(r"(.*?)[ .]+\d+", entry[2]):
                yield entry[0], entry[1], match[1]
                open_entry = None
            else:
                open_entry = entry
        elif open_entry and not re.match(r"(Chapter|Section|Part|Annex) \d", text):
            open_entry = (open_entry[0], open_entry[1], f"{open_entry[2]} {text}")
        else:
            if open_entry:
                yield open_entry
            open_entry = (page, line, text)
    if open_entry:
        yield open_entry


# Headings


@dataclass
class HeadingScore:
    entries: int
    found: int  # entries that are a heading of the reading
    told: int  # headings of the reading at the levels covered
    right: int
    nested: int | None = None
    beside: int | None = None  # right ones that the table leaves out
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.entries

    @property
    def precision(self) -> float:
        return self.right / max(1, self.told)


def against_table(reference: Reference, text: Text) -> HeadingScore:
    left = [(letters(section.path[-1]), len(section.path), section) for section in text.outline]
    depths, missed, found = [], [], 0
    for page, line, title in reference.contents:
        wanted = letters(reference.same.get((page, line), title))
        at = next((i for i, (name, _, _) in enumerate(left) if name == wanted), None)
        if at is None:
            missed.append(f"missed: {title}")
            continue
        found += 1
        depths.append(left.pop(at)[1])
    deepest = max(depths, default=1)
    real = Counter(letters(title.text) for title in reference.titles)
    real.subtract(letters(reference.same.get((page, line), title)) for page, line, title in reference.contents)
    beside, wrong = 0, missed
    for name, depth, section in left:
        if depth > deepest:
            continue
        if real[name] > 0:
            real[name] -= 1
            beside += 1
        else:
            wrong.append(f"p. {section.page}: no heading: {section.path[-1]}")
    told = found + beside + len(wrong) - (len(reference.contents) - found)
    return HeadingScore(len(reference.contents), found, told, found + beside, beside=beside, wrong=wrong)


def against_hand(reference: Reference, text: Text) -> HeadingScore:
    parents: list[tuple[str, str, Title]] = []
    path: list[Title] = []
    for title in reference.titles:
        path = [above for above in path if above.level < title.level]
        parents.append((letters(title.text), letters(path[-1].text) if path else "", title))
        path.append(title)
    names = set(reference.others.get("title", "").split("\n"))
    left = [section for section in text.outline if letters(section.path[-1]) not in names]
    told, found, nested, wrong = len(left), 0, 0, []
    for name, parent, title in parents:
        same = [i for i, section in enumerate(left) if letters(section.path[-1]) == name]
        if not same:
            wrong.append(f"p. {title.page}: missed: {title.text}")
            continue
        at = min(same, key=lambda i: abs((left[i].page or 0) - title.page))
        section = left.pop(at)
        found += 1
        above = [letters(part) for part in section.path[:-1] if letters(part) not in names]
        if (above[-1] if above else "") == parent:
            nested += 1
        else:
            wrong.append(f"p. {title.page}: stands under another heading: {' > '.join(section.path)}")
    wrong += [f"p. {section.page}: no heading: {section.path[-1]}" for section in left]
    return HeadingScore(len(parents), found, told, found, nested=nested, wrong=wrong)


# Words


@dataclass
class Stretch:
    """Letters, each with the number of its word; words with their text and place."""

    text: str = ""
    word: list[int] = field(default_factory=list)
    words: list[tuple[str, int]] = field(default_factory=list)  # text, page


def stretch(pieces: Iterable[tuple[str, int, bool]], by_letter: bool) -> Stretch:
    """Of pieces (text, page, whether its last word goes on in the next piece)."""
    made = Stretch()
    parts: list[str] = []
    goes_on = False
    for text, page, hyphen in pieces:
        for n, word in enumerate(text.split()):
            if not (plain := letters(word)):
                continue
            parts.append(plain)
            if by_letter:
                made.word += range(len(made.words), len(made.words) + len(plain))
                made.words += [(c, page) for c in plain]
            elif goes_on and n == 0 and made.words:
                made.word += [len(made.words) - 1] * len(plain)
                made.words[-1] = (made.words[-1][0] + word, page)
            else:
                made.word += [len(made.words)] * len(plain)
                made.words.append((word, page))
        goes_on = hyphen
    made.text = "".join(parts)
    return made


def align(one: str, two: str, least: int = 4) -> Iterator[tuple[int, int, int]]:
    """Matching blocks in order (start in one, start in two, length); anchors are letter sequences unique in both."""
    todo = [(0, len(one), 0, len(two), 32)]
    while todo:
        a, b, c, d, width = todo.pop()
        n = 0
        while a + n < b and c + n < d and one[a + n] == two[c + n]:
            n += 1
        if n:
            yield a, c, n
            a, c = a + n, c + n
        n = 0
        while a < b - n and c < d - n and one[b - n - 1] == two[d - n - 1]:
            n += 1
        if n:
            yield b - n, d - n, n
            b, d = b - n, d - n
        if a == b or c == d:
            continue
        if (b - a) * (d - c) <= 250_000:
            blocks = SequenceMatcher(None, one[a:b], two[c:d], autojunk=False).get_matching_blocks()
            yield from ((a + i, c + j, n) for i, j, n in blocks if n >= least)
            continue
        anchors = _anchors(one[a:b], two[c:d], width)
        if not anchors:
            if width > 8:
                todo.append((a, b, c, d, width // 2))
            continue
        i, j = a, c
        for x, y in anchors:
            if a + x < i or c + y < j:
                continue
            todo.append((i, a + x, j, c + y, width))
            yield a + x, c + y, width
            i, j = a + x + width, c + y + width
        todo.append((i, b, j, d, width))


def _anchors(one: str, two: str, width: int) -> list[tuple[int, int]]:
    def unique(text: str) -> dict[str, int]:
        counts = Counter(text[i : i + width] for i in range(len(text) - width + 1))
        return {text[i : i + width]: i for i in range(len(text) - width + 1) if counts[text[i : i + width]] == 1}

    first, second = unique(one), unique(two)
    pairs = sorted((i, second[part]) for part, i in first.items() if part in second)
    # The longest run of pairs that rises in both (patience sorting).
    ends: list[int] = []
    best: list[int] = []
    before: list[int] = []
    for n, (_, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        before.append(best[at - 1] if at else -1)
        ends[at : at + 1] = [j]
        best[at : at + 1] = [n]
    chain = []
    n = best[-1] if best else -1
    while n >= 0:
        chain.append(pairs[n])
        n = before[n]
    return chain[::-1]


def settle(given: Stretch, taken: bytearray) -> None:
    """Move each stretch of letters not taken, where the letters around it allow, so that it begins with a word."""
    text, word = given.text, given.word
    for start, end in list(runs(taken)):
        for step in (-1, 1):
            a, b = start, end
            while a > 0 and b < len(text) and word[a] == word[a - 1]:
                if step < 0 and taken[a - 1] and text[a - 1] == text[b - 1]:
                    a, b = a - 1, b - 1
                elif step > 0 and taken[b] and text[a] == text[b]:
                    a, b = a + 1, b + 1
                else:
                    break
            if a == 0 or word[a] != word[a - 1]:
                taken[start:end] = b"\1" * (end - start)
                taken[a:b] = b"\0" * (b - a)
                break


def runs(taken: bytearray) -> Iterator[tuple[int, int]]:
    """Stretches of letters not taken yet."""
    for match in re.finditer(b"\0+", taken):
        yield match.start(), match.end()


@dataclass
class WordScore:
    words: int
    kept: int
    moved: int
    noise: int
    figures: int
    told: int
    hyphens: int
    joined: int  # words over two lines that are joined as they should be
    wrong: list[str] = field(default_factory=list)


def word_score(reference: Reference, text: Text) -> WordScore:
    chinese = text.language == "zh"
    want = stretch(
        ((reference.lines[at], at[0], at in reference.hyphens) for at in reference.body),
        chinese,
    )
    got = stretch(((p.text, p.page or 0, False) for p in text.passages), chinese)
    in_want, in_got = bytearray(len(want.text)), bytearray(len(got.text))
    least = 2 if chinese else 4
    for i, j, n in align(want.text, got.text, least):
        in_want[i : i + n] = in_got[j : j + n] = b"\1" * n
    settle(want, in_want)
    settle(got, in_got)
    # What stands elsewhere.
    moved = set()
    for start, end in list(runs(in_want)):
        while end - start >= 2 * least:
            part = want.text[start:end]
            best = max(
                (
                    (m.size, start + m.a, x + m.b)
                    for x, y in runs(in_got)
                    if y - x >= 2 * least
                    for m in [SequenceMatcher(None, part, got.text[x:y], autojunk=False).find_longest_match()]
                ),
                default=(0, 0, 0),
            )
            size, i, j = best
            if size < 2 * least:
                break
            in_want[i : i + size] = in_got[j : j + size] = b"\1" * size
            moved.update(want.word[i : i + size])
            if i + size - start > end - i:
                end = i
            else:
                start = i + size
    lost = sorted({want.word[i] for i, taken in enumerate(in_want) if not taken})
    noise: set[int] = set()
    figures: set[int] = set()
    wrong = []
    for start, end in runs(in_got):
        part = got.text[start:end]
        words = sorted(set(got.word[start:end]))
        shown = " ".join(got.words[w][0] for w in words)
        kinds = [kind for kind, whole in reference.others.items() if part in whole]
        neutral = [kind for kind in kinds if kind in {"figure", "run-in", "title"}]
        if not neutral and "figure" in reference.others:
            # Cells in another order than in the raw text: word by word.
            whole = reference.others["figure"]
            if all(letters(got.words[w][0]) in whole for w in words):
                neutral = ["figure"]
        if neutral:
            figures.update(words if "figure" in neutral else ())
            continue
        noise.update(words)
        wrong.append(f"p. {got.words[words[0]][1]}: noise ({', '.join(kinds) or 'other'}): {shown}")
    for group in _together(lost):
        wrong.append(f"p. {want.words[group[0]][1]}: lost: {' '.join(want.words[w][0] for w in group)}")
    for group in _together(sorted(moved - set(lost))):
        wrong.append(f"p. {want.words[group[0]][1]}: moved: {' '.join(want.words[w][0] for w in group)}")
    whole = " ".join(passage.text for passage in text.passages)
    hyphens = joined = 0
    for at, after in pairwise(reference.body):
        if at in reference.hyphens:
            left, right = reference.lines[at].split()[-1], reference.lines[after].split()[0]
            shown = f"{left}-{right}" if at in reference.kept else left + right
            hyphens += 1
            joined += shown in whole
            if shown not in whole:
                wrong.append(f"p. {at[0]}: hyphen: {shown}")
    return WordScore(
        len(want.words),
        len(want.words) - len(lost),
        len(moved - set(lost)),
        len(noise - figures),
        len(figures),
        len(got.words),
        hyphens,
        joined,
        wrong,
    )


def _together(numbers: Sequence[int]) -> Iterator[list[int]]:
    group: list[int] = []
    for n in numbers:
        if group and n > group[-1] + 1:
            yield group
            group = []
        group.append(n)
    if group:
        yield group


# Breaks


@dataclass
class BreakScore:
    breaks: int
    broken: int = 0
    glued: int = 0
    lost: int = 0
    small: int = 0
    open: int = 0
    wrong: list[str] = field(default_factory=list)


def break_score(reference: Reference, text: Text) -> BreakScore:
    score = BreakScore(len(reference.breaks))
    plain = [letters(passage.text) for passage in text.passages]
    joined = "".join(plain)
    bounds = set(accumulate(map(len, plain), initial=0))
    order = {at: n for n, at in enumerate(reference.body)}
    for before, after, over in reference.breaks:
        left = _side(reference, order[before], -1)
        right = _side(reference, order[after], 1)
        where = f"p. {before[0]} to {after[0]}: {left} | {right}"
        ends = [at + len(left) for at in places(joined, left)]
        begins = places(joined, right)
        if over:
            if any(at in begins and at not in bounds for at in ends):
                continue
            kind = "broken"
        else:
            if any(at in bounds for at in ends) and any(at in bounds for at in begins):
                continue
            kind = "glued"
        if not ends or not begins:
            kind = "lost"
        setattr(score, kind, getattr(score, kind) + 1)
        score.wrong.append(f"{kind}: {where}")
    for passage in text.passages:
        small, unended = shape(passage)
        score.small += small
        score.open += unended
        if small or unended:
            name = " and ".join(n for n, holds in (("small", small), ("open", unended)) if holds)
            score.wrong.append(f"{name}: p. {passage.page}: {passage.text[:50]} ... {passage.text[-40:]}")
    return score


def places(text: str, part: str) -> list[int]:
    """Where a part begins in a text, also where it overlaps itself."""
    return [match.start() for match in re.finditer(f"(?={re.escape(part)})", text)]


def _side(reference: Reference, at: int, step: int) -> str:
    """Letters on one side of a break; goes on over lines in reading order."""
    made = ""
    while 0 <= at < len(reference.body) and len(made) < SIDE:
        line = letters(reference.lines[reference.body[at]])
        made = made + line if step > 0 else line + made
        at += step
    return made[:SIDE] if step > 0 else made[-SIDE:]


def shape(passage: Passage) -> tuple[bool, bool]:
    """Whether it begins with a lower-case letter, and whether it has no end mark.

    An enumerator at its beginning and a note in square brackets at its end are left aside.
    """
    text = re.sub(r"\s*\[[^\]]*\]$", "", re.sub(r"^[(（]?(?:\w{1,4}[)）]|\d+\.)\s*", "", passage.text))
    first = next((c for c in text if c.isalnum()), "")
    return first.islower(), not re.search(r"[.!?:;…。！？：；][\"'”’»)\]）」』]*$", text)


# Speed and memory


def tree(root: int) -> list[int]:
    """Process ids of a process and of all that it has started, from /proc."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found = [root]
    for process in found:
        found += [number for number, parent in parents.items() if parent == process]
    return found


class Watch:
    """Peak memory, in megabytes, of a process with all that it has started, looked at every 20 ms.

    The kernel keeps each process's own peak; the sum over the processes alive together is what stands here. The usage
    that a process tells of its children (getrusage) would hold the size of the one which started them, too.
    """

    def __init__(self, process: int) -> None:
        self.megabytes = 0.0
        self._process = process
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.02):
            total = 0
            for number in tree(self._process):
                with contextlib.suppress(OSError):
                    if peak := re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{number}/status").read_text()):
                        total += int(peak[1]) * 1024
            self.megabytes = max(self.megabytes, total / 1e6)

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self.megabytes


def timed(path: Path, pages: tuple[int, int] | None, times: int) -> dict[str, float]:
    """Read a file in a process of its own: pages, seconds of reading and of plain text extraction, peak megabytes."""
    command = [sys.executable, __file__, "--child", str(path), str(times), *(str(page) for page in pages or ())]
    environment = os.environ | {"OMP_NUM_THREADS": "2"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    watch = Watch(process.pid)
    out, _ = process.communicate()
    megabytes = watch.stop()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    answer: dict[str, float] = json.loads(out)
    return answer | {"megabytes": megabytes}


def processor() -> float:
    """Seconds of processor time of this process and of those that it started and that have ended."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def child(path: str, times: str, *pages: str) -> int:
    data = Path(path).read_bytes()
    given = (int(pages[0]), int(pages[1])) if pages else None
    first, last = given or (1, len(pypdfium2.PdfDocument(data)))
    floor = seconds = clock = float("inf")
    for _ in range(int(times)):
        start = processor()
        document = pypdfium2.PdfDocument(data)
        for number in range(first - 1, last):
            document[number].get_textpage().get_text_range()
        floor = min(floor, processor() - start)
        document.close()
    for _ in range(int(times)):
        start, began = processor(), time.perf_counter()
        read(data, Path(path).name, pages=given)
        seconds, clock = min(seconds, processor() - start), min(clock, time.perf_counter() - began)
    json.dump({"pages": last - first + 1, "seconds": seconds, "clock": clock, "floor": floor}, sys.stdout)
    return 0


TEXT = (
    "the agencies will support regional programmes for open research and train public staff in safe use of new tools "
    "each ministry shall report on progress every year local councils can ask for advice where rules are unclear small "
    "firms receive grants to test models before they reach schools hospitals and courts trusted data remain under "
    "national law partners abroad are invited to share standards and methods of audit costs must stay below plan"
)
WORDS = TEXT.split()
# Widths of Helvetica in thousandths of the font size, by letter; 556 where none is given.
NARROW = dict.fromkeys("ijl", 222) | dict.fromkeys("ft ,.:", 278) | {"r": 333, "m": 833, "w": 722}
NARROW |= dict.fromkeys("cksvxyz", 500)


def width(text: str, size: float) -> float:
    return sum(NARROW.get(c, 556) for c in text) * size / 1000


@dataclass
class Made:
    data: bytes
    sentences: list[str]
    headings: list[str]


def made_plan(pages: int, seed: int = 0) -> Made:
    """A PDF of that many pages: headings, paragraphs, list items, footnotes, running headers, page numbers."""
    rng = random.Random(seed)
    sentences: list[str] = []
    headings: list[str] = []
    streams: list[bytes] = []
    page: list[str] = []
    notes: list[str] = []
    height, number, note = 700.0, 1, 0

    def put(x: float, y: float, size: float, font: str, text: str) -> None:
        safe = re.sub(r"([()\\])", r"\\\1", text)
        page.append(f"BT /{font} {size} Tf {x:.1f} {y:.1f} Td ({safe}) Tj ET")

    def close() -> None:
        nonlocal page, notes, height, number
        put(72, 760, 9, "F1", "Northland Plan for Learning Machines")
        put(300, 40, 9, "F1", str(number))
        for n, text in enumerate(notes):
            put(72, 66 + 10 * (len(notes) - 1 - n), 7, "F1", text)
        streams.append("\n".join(page).encode("latin-1"))
        page, notes, height = [], [], 700.0
        number += 1

    def sentence() -> str:
        words = [rng.choice(WORDS) for _ in range(rng.randint(8, 22))]
        return " ".join(words).capitalize() + "."

    def write(text: str, x: float, marker: str = "") -> None:
        nonlocal height
        lines: list[str] = [""]
        for word in text.split():
            if lines[-1] and x + width(f"{lines[-1]} {word}", 11) > 540:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        for n, line in enumerate(lines):
            if height < 110:
                close()
            if n == 0 and x > 72:
                put(x - 14, height, 11, "F1", "\x95")
            put(x, height, 11, "F1", line)
            if marker and n == len(lines) - 1:
                put(x + width(line, 11), height + 4, 6, "F1", marker)
                notes.append(f"{marker} Northland Gazette, issue {marker}, page {rng.randint(1, 90)}.")
            height -= 14
        height -= 8

    def head(text: str, size: float) -> None:
        nonlocal height
        if height < 200:
            close()
        height -= 10
        put(72, height, size, "F2", text)
        if number <= pages:
            headings.append(text)
        height -= size + 12

    chapter = section = 0
    put(72, height, 28, "F2", "Northland Plan for Learning Machines")
    height -= 60
    while number <= pages:
        if section % 6 == 0:
            chapter += 1
            if chapter > 1:
                close()
                if number > pages:
                    break
            head(f"Chapter {chapter} Work on {rng.choice(WORDS)} and {rng.choice(WORDS)}", 18)
        section += 1
        head(f"Aims for {rng.choice(WORDS)} {rng.choice(WORDS)} number {section}", 14)
        for _ in range(rng.randint(2, 4)):
            block = [sentence() for _ in range(rng.randint(2, 5))]
            marker = ""
            if rng.random() < 0.2:
                note += 1
                marker = str(note)
            write(" ".join(block), 72, marker)
            if number <= pages:
                sentences += block
        for _ in range(rng.randint(2, 5)):
            item = sentence()
            write(item, 96)
            if number <= pages:
                sentences.append(item)
    return Made(_pdf(streams[:pages]), sentences, headings)


def _pdf(streams: Sequence[bytes]) -> bytes:
    objects: list[bytes] = []
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(streams)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode())
    for font in ("Helvetica", "Helvetica-Bold"):
        objects.append(f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>".encode())
    for n, stream in enumerate(streams):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> "
            + f"/Contents {6 + 2 * n} 0 R >>".encode()
        )
        packed = zlib.compress(stream)
        objects.append(f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode() + packed + b"\nendstream")
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{n} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


# Tables


def percent(part: float, whole: float) -> str:
    return f"{100 * part / max(1, whole):.2f} %"


def table(title: str, *columns: str) -> Table:
    made = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for n, column in enumerate(columns):
        made.add_column(column, justify="left" if n == 0 else "right")
    return made


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        return child(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--corpora", type=Path, default=os.environ.get("POLICY_COMPARE_CORPORA"))
    parser.add_argument("--gold", type=Path, help="labelled sentences, JSON lines with document and text")
    parser.add_argument("--pages", type=int, default=500, help="pages of the PDF that is made to measure speed")
    parser.add_argument("--misses", action="store_true", help="list what is wrong, with pages")
    options = parser.parse_args()
    if options.corpora is None or not Path(options.corpora).is_dir():
        print("no folder of official files: give --corpora FOLDER or set POLICY_COMPARE_CORPORA", file=sys.stderr)
        return 2
    corpora = Path(options.corpora)
    console = Console(width=None if sys.stdout.isatty() else 120)
    references = [load(path, corpora) for name in NAMES if (path := REFERENCES / f"{name}.toml").is_file()]
    texts = {r.name: read(r.path.read_bytes(), r.path.name, pages=r.pages) for r in references}
    misses: list[tuple[str, str, list[str]]] = []

    shown = table(
        "Headings", "document", "against", "entries", "found", "recall", "precision", "target", "beside", "nesting"
    )
    for r in references:
        scores = [("by hand", against_hand(r, texts[r.name]))]
        if r.contents:
            scores.insert(0, ("own table", against_table(r, texts[r.name])))
        for against, h in scores:
            target = HEADING_TARGETS.get(r.name) if against == "own table" else None
            shown.add_row(
                r.name,
                against,
                str(h.entries),
                str(h.found),
                f"{h.recall:.3f}",
                f"{h.precision:.3f} ({h.right} of {h.told})",
                f"≥ {target}" if target else "",
                "" if h.beside is None else str(h.beside),
                "" if h.nested is None else f"{h.nested / max(1, h.found):.3f}",
            )
            misses.append((r.name, f"headings, {against}", h.wrong))
        if r.name == "AI Plus":
            depths = Counter(len(section.path) for section in texts[r.name].outline)
            parts = "/".join(str(depths[n]) for n in (1, 2, 3))
            shown.add_row(r.name, "numbered parts", "4/14/17", parts, "", "", "4/14/17", "", "")
    console.print(shown, "")

    shown = table(
        "Words", "document", "of the body", "kept", "target", "moved", "noise", "target", "diagrams", "hyphens"
    )
    for r in references:
        w = word_score(r, texts[r.name])
        held = r.name == "US plan"
        shown.add_row(
            r.name,
            f"{w.words:,}",
            percent(w.kept, w.words),
            "≥ 99.5 %" if held else "",
            str(w.moved),
            f"{percent(w.noise, w.told)} ({w.noise})",
            "< 0.5 %" if held else "",
            str(w.figures),
            f"{w.joined} of {w.hyphens}" if w.hyphens else "",
        )
        misses.append((r.name, "words", w.wrong))
    console.print(shown, "")

    shown = table(
        "Breaks", "document", "breaks", "run over", "broken", "glued", "lost", "target", "passages", "small", "open"
    )
    targets = {"US plan": "0", "Japan": "0", "Italy": "< 1 % of passages"}
    for r in references:
        b = break_score(r, texts[r.name])
        shown.add_row(
            r.name,
            str(b.breaks),
            str(sum(over for _, _, over in r.breaks)),
            str(b.broken),
            str(b.glued),
            str(b.lost),
            targets.get(r.name, ""),
            str(len(texts[r.name].passages)),
            str(b.small),
            str(b.open),
        )
        misses.append((r.name, "breaks", b.wrong))
    console.print(shown, "")

    if options.gold:
        shown = table(
            "Labelled sentences", "document", "sentences", "in the body", "a passage", "in a passage", "neither"
        )
        rows = [json.loads(line) for line in options.gold.read_text("utf-8").splitlines() if line.strip()]
        by_file = {r.path.name.split(".")[0]: r for r in references}
        for name in dict.fromkeys(row["document"] for row in rows):
            known = by_file.get(name.split(".")[0])
            if known is None:
                continue
            body = "".join(letters(known.lines[at]) for at in known.body)
            labelled = [row["text"] for row in rows if row["document"] == name]
            sound = ["".join(text.split()) for text in labelled if letters(text) in body]
            solid = ["".join(passage.text.split()) for passage in texts[known.name].passages]
            solid_set = set(solid)
            equal = sum(text in solid_set for text in sound)
            absent = [text for text in sound if text not in solid_set and not any(text in p for p in solid)]
            shown.add_row(
                known.name,
                str(len(labelled)),
                str(len(sound)),
                str(equal),
                str(len(sound) - equal - len(absent)),
                str(len(absent)),
            )
            misses.append((known.name, "labelled sentences", absent))
        console.print(shown, "")

    shown = table("Speed", "document", "pages", "seconds", "CPU", "pages per CPU s", "plain text", "peak MB", "target")
    with tempfile.TemporaryDirectory() as folder:
        plan = made_plan(options.pages)
        path = Path(folder) / "made-plan.pdf"
        path.write_bytes(plan.data)
        for name, file, pages, times, goal in [
            (f"made, {options.pages} pages", path, None, 1, "< 1000 MB"),
            *((r.name, r.path, r.pages, 3, "") for r in references),
        ]:
            t = timed(file, pages, times)
            shown.add_row(
                name,
                f"{t['pages']:.0f}",
                f"{t['clock']:.2f}",
                f"{t['seconds']:.2f}",
                f"{t['pages'] / t['seconds']:.0f}",
                f"{t['seconds'] / t['floor']:.1f} times",
                f"{t['megabytes']:.0f}",
                goal,
            )
        got = read(plan.data, path.name)
        passages = Counter(passage.text for passage in got.passages)
        exact = sum(min(n, passages[text]) for text, n in Counter(plan.sentences).items())
        heads = Counter(section.path[-1] for section in got.outline)
        right = sum(min(n, heads[text]) for text, n in Counter(plan.headings).items())
    console.print(shown)
    console.print(
        f"made plan: {exact} of {len(plan.sentences)} sentences are a passage, {len(got.passages)} passages; "
        f"{right} of {len(plan.headings)} headings, {len(got.outline)} told\n"
    )
    if options.misses:
        for name, what, listed in misses:
            for line in listed:
                console.print(f"{name}, {what}: {line}", markup=False, highlight=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
