"""Plain text: encodings, wrapped lines, headings by their number, capitals or underline, and list items."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from charset_normalizer import from_bytes

from compare.documents.blocks import Block, Heading, Paragraph, assemble
from compare.documents.cleaning import clean, han_share, join_lines, squeeze, width
from compare.documents.model import Text
from compare.documents.numbering import number_of, run_in_kinds, split_run_in
from compare.errors import DocumentError

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
          (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip
_BULLET = re.compile(r"^(?:[-*+•●○◦▪■‣·–—]|[o])\s+(?=\S)|^[•●▪■‣·](?=\S)")
_QUOTE = re.compile(r"^ {0,3}(?:>[ ]?)+(?=\S|$)")
_UNDERLINE = re.compile(r"^\s*(?:={3,}|-{3,}|~{3,}|\*{3,}|\^{3,}|\"{3,}|\+{3,}|#{3,})\s*$")
_TO_PAGE = re.compile(r"(?:(?:\. ?){4,}|…{2,} ?|(?:[·_] ?){4,})(?:\d{1,4}|[ivxlc]{1,6})$")
_PAGE_FOOT = re.compile(r"\[page \d{1,4}\]\s*$", re.IGNORECASE)
_TERMINAL = re.compile(r"[.!?。！？；;:：,，、…][”’\"')）】]*$")
_LETTER = re.compile(r"[^\W\d_]")
MAX_LINES = 200_000
_SAMPLE = 1 << 18  # bytes looked at to tell an encoding
_CAPITALS, _UNDERLINED = 9, 0  # ranks of headings without a number: above all numbers


def decode(data: bytes, name: str) -> str:
    """Decode a text file: UTF-8, UTF-16 and UTF-32 by their marks, GB18030, Latin-1 and others by their bytes.

    Raises
    ------
    DocumentError
        If the bytes are no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) if encoding == "utf-8" else 0 :].decode(encoding, "replace").lstrip("\ufeff")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _guess(data)
    # Text without a mark but with a zero at every other byte is UTF-16.
    if text.count("\0") > len(text) // 8:
        even, odd = data[::2].count(0), data[1::2].count(0)
        text = data.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
    unreadable = sum(1 for c in text[:4096] if (c < " " and c not in "\t\n\r\f\x1b") or c == "\ufffd")
    if unreadable > 0.1 * len(text[:4096]):
        raise DocumentError(f"{name}: it is no text in a known encoding; save it as PDF or as UTF-8 text")
    return text


def _guess(data: bytes) -> str:
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        chinese = ""
    # Chinese text decodes to Han characters in common use; other bytes that happen to decode do not.
    common = sum("\u4e00" <= c <= "\u9fa5" or c in "，。、；：“”（）" for c in chinese)
    if chinese and common > 0.9 * sum(c > "\x7f" for c in chinese):
        return chinese
    best = from_bytes(data[:_SAMPLE]).best()
    return data.decode(best.encoding if best else "latin-1", "replace")


def read_plain(source: str, name: str) -> Text:
    """Read a plain text.

    Parameters
    ----------
    source : str
        The text, decoded.
    name : str
        File name, for errors.

    Raises
    ------
    DocumentError
        If there is no sentence in it, or more lines than any document has.
    """
    lines = _without_furniture([line.rstrip() for line in clean(source).split("\n")])
    if len(lines) > MAX_LINES:
        raise DocumentError(f"{name}: more than {MAX_LINES:,} lines; give a part of it")
    chinese = han_share(source[:_SAMPLE]) > 0.25
    blocks, title = _blocks(lines, chinese)
    return assemble(blocks, name=name, title=title)


def _blocks(lines: Sequence[str], chinese: bool) -> tuple[list[Block], str | None]:
    widths = sorted(width(line) for line in lines if line.strip())
    measure = widths[int(0.9 * (len(widths) - 1))] if widths else 0
    wrapped = measure <= 132
    blocks: list[Block] = []
    open_lines: list[str] = []
    depth = 0
    quoted = False
    quotations = 0
    underlines: dict[str, int] = {}
    indents: list[int] = []  # of the lists that are open, outermost first
    title: str | None = None

    def close() -> None:
        nonlocal open_lines, depth
        if open_lines:
            blocks.append(
                Paragraph(join_lines([squeeze(line) for line in open_lines]), depth, quoted=quotations if quoted else 0)
            )
            if not depth:
                indents.clear()
        open_lines, depth = [], 0

    skip = -1
    for at, raw in enumerate(lines):
        aside = _QUOTE.match(raw)
        if (aside is not None) != quoted:
            close()
            quoted = aside is not None
            quotations += quoted
        raw = raw[aside.end() :] if aside else raw
        line = squeeze(raw)
        if at == skip or not line or _UNDERLINE.match(raw):
            close()
            continue
        before = lines[at - 1].strip() if at else ""
        after = lines[at + 1] if at + 1 < len(lines) else ""
        level = None if quoted else _heading_rank(line, before, after, chinese, underlines)
        if level is not None:
            close()
            # The first line of all is the title, where it has no number and a heading or a blank line follows it.
            if not blocks and title is None and number_of(line) is None:
                title = line
            else:
                blocks.append(Heading(line, level))
            continue
        if not blocks and not open_lines and title is None and _is_title(line, after):
            title = line
            continue
        mark = None if quoted else _BULLET.match(line)
        number = number_of(line) if mark is None else None
        new_item = mark is not None or (number is not None and _starts_item(open_lines))
        if new_item or (open_lines and _breaks(open_lines[-1], raw, measure, wrapped, chinese)):
            close()
        if mark is not None or (new_item and number is not None and number.kind not in {"han", "han-bracket"}):
            indent = width(raw) - width(raw.lstrip())
            while indents and indent < indents[-1]:
                indents.pop()
            if not indents or indent > indents[-1]:
                indents.append(indent)
            depth = len(indents)
        if mark is not None:
            raw = line = line[mark.end() :]
        open_lines.append(raw)
    close()
    return (take_run_ins(blocks) if chinese else blocks), title


def _without_furniture(lines: list[str]) -> list[str]:
    """Take out lines with leaders to page numbers, and footers that count pages with the headers below them."""
    leaders = {at for at, line in enumerate(lines) if _TO_PAGE.search(line)}
    feet = [at for at, line in enumerate(lines) if _PAGE_FOOT.search(line)]
    dropped = leaders if len(leaders) >= 3 else set()
    if len(feet) < 2:
        return [line for at, line in enumerate(lines) if at not in dropped]
    heads = [next((at for at in range(foot + 1, min(foot + 6, len(lines))) if lines[at].strip()), -1) for foot in feet]
    seen = Counter(lines[at].strip() for at in heads if at >= 0)
    dropped = dropped | set(feet) | {at for at in heads if at >= 0 and seen[lines[at].strip()] >= 2}
    # What a page's break left open goes on: the empty lines around it are no ends of paragraphs.
    for foot, head in zip(feet, heads, strict=True):
        above = foot - 1
        while above >= 0 and not lines[above].strip():
            above -= 1
        if above >= 0 and not _TERMINAL.search(lines[above]):
            below = max(foot, head if head in dropped else foot) + 1
            while below < len(lines) and not lines[below].strip():
                below += 1
            dropped.update(range(above + 1, below))
    return [line for at, line in enumerate(lines) if at not in dropped]


def _starts_item(open_lines: list[str]) -> bool:
    """Whether a numbered line can open an item here: at the head of a paragraph, or behind a finished line."""
    return (
        not open_lines or bool(_TERMINAL.search(open_lines[-1].strip())) or number_of(open_lines[0].strip()) is not None
    )


def _is_title(line: str, after: str) -> bool:
    return not after.strip() and width(line) <= 120 and not _TERMINAL.search(line) and _BULLET.match(line) is None


def _heading_rank(line: str, before: str, after: str, chinese: bool, underlines: dict[str, int]) -> int | None:
    """Rank of a heading, outermost lowest; None for a line that is no heading."""
    if _UNDERLINE.match(after) and _LETTER.search(line) and width(line) <= 120 and not before:
        # Marks of underlining rank in the order in which they come up.
        return _UNDERLINED + underlines.setdefault(after.strip()[0], len(underlines))
    if width(line) > 100 or _BULLET.match(line) or _TERMINAL.search(line) or not _LETTER.search(line):
        return None
    number = number_of(line)
    if number is not None:
        alone = not before or not after.strip() or chinese
        named = number.kind in {"part", "chapter", "section", "han"}
        rest = line[number.end :]
        titled = chinese or (rest[:1].isupper() and len(rest.split()) <= 12)
        if (
            (named or number.kind != "small")
            and alone
            and (titled or named)
            and (not after.strip() or chinese or named or not before)
        ):
            return 10 + number.rank
        return None
    letters = [c for c in line if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    if not chinese and len(letters) >= 4 and capitals == len(letters) and (not before or not after.strip()):
        return _CAPITALS
    return None


def _breaks(previous: str, raw: str, measure: int, wrapped: bool, chinese: bool) -> bool:
    """Whether a line opens a new paragraph although no blank line stands before it."""
    if not wrapped:
        return True
    if raw.startswith("\u3000") or (len(raw) - len(raw.lstrip()) >= 2 and not previous.startswith(" ")):
        return bool(_TERMINAL.search(previous))
    return width(previous) < 0.6 * measure and bool(re.search(r"[.!?。！？][”’\"')）]*$", previous))


def take_run_ins(blocks: list[Block]) -> list[Block]:
    """Take Chinese run-in headings off their paragraphs."""
    kinds = run_in_kinds([block.text for block in blocks if isinstance(block, Paragraph)])
    made: list[Block] = []
    for block in blocks:
        number = number_of(block.text) if isinstance(block, Paragraph) else None
        lead = split_run_in(block.text, number) if number is not None and number.kind in kinds else None
        if number is None or lead is None:
            made.append(block)
            continue
        made.append(Heading(lead[0], 10 + number.rank))
        if lead[1]:
            made.append(Paragraph(lead[1]))
    return made
