"""How far the tags of a PDF are believed, and what they put out of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from compare.documents.cleaning import width
from compare.documents.contents import CONTENTS
from compare.documents.furniture import NOTE_START, body_size
from compare.documents.glyphs import Line
from compare.documents.numbering import SOFT_END

FLOW = frozenset({"text", "item", "cell", "caption", "heading"})


@dataclass(frozen=True, slots=True)
class Belief:
    """How far the tags of a file are believed; many files are tagged by programs that know nothing of the text.

    Attributes
    ----------
    blocks : bool
        Whether paragraphs, list items and notes are: most lines are in some, and nearly all paragraphs of a dozen words
        that end on their page end with the end of a sentence.
    headings : bool
        Whether headings are: there are several, they are short, and few end as sentences do.
    nested : bool
        Whether lists are, as some are within others.
    """

    blocks: bool = False
    headings: bool = False
    nested: bool = False

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Belief:
        """Weigh the tags of all lines, in reading order."""
        tagged = [line for line in lines if line.tag is not None and line.tag.role]
        if not tagged or len(tagged) < 0.6 * len(lines):
            return cls()
        whole = long = heads = 0
        size: list[int] = []
        ended = covered = 0
        largest = 0
        elements = [list(group) for _, group in groupby(lines, key=lambda line: line.tag.element if line.tag else -1)]
        for at, element in enumerate(elements):
            tag = element[0].tag
            if tag is None:
                continue
            text = " ".join(line.text for line in element)
            words = max(len(text.split()), width(text) // 6)
            if tag.role == "heading":
                heads += 1
                covered += len(element)
                size.append(words)
                ended += bool(re.search(r"[.;。；]$", text))
            elif tag.role in {"text", "item", "cell"} and words >= 12:
                after = elements[at + 1][0] if at + 1 < len(elements) else None
                if after is None or after.page != element[-1].page or after.base >= element[-1].base:
                    continue  # it may go on in the next column or on the next page
                long += 1
                whole += bool(SOFT_END.search(text))
                largest = max(largest, words)
        pages = len({line.page for line in lines})
        return cls(
            blocks=long >= 3 and whole >= 0.75 * long and largest <= 1_200,
            headings=heads >= 2
            and heads >= 0.1 * pages
            and sorted(size)[heads // 2] <= 14
            and covered <= 0.3 * len(lines)
            and ended <= 0.3 * heads,
            nested=any(line.tag is not None and line.tag.depth > 1 for line in lines),
        )


def _is_label(line: Line) -> bool:
    return width(line.text) < 60 and not SOFT_END.search(line.text)


def drop_tagged(pages: Sequence[list[Line]], belief: Belief) -> tuple[list[list[Line]], list[Line]]:
    """Take out what is tagged as note, artifact or table of contents; the lines of the latter come second."""
    lines = [line for page in pages for line in page]
    body = body_size(lines)
    out: list[Line] = []
    # In a file that is tagged throughout, what bears no mark is an artifact; sentences are kept all the same.
    throughout = sum(line.tag is not None for line in lines) >= 0.95 * len(lines)
    for element, group in groupby(lines, key=lambda line: line.tag.element if line.tag is not None else -1):
        of = list(group)
        role = of[0].tag.role if of[0].tag is not None and element >= 0 else ""
        # Word processors put text into notes that only stands behind one; a note is in small print or has a marker.
        marked = of[0].note or bool(NOTE_START.match(of[0].text)) or of[0].style.size <= 0.92 * body
        if throughout and of[0].tag is None:
            out.extend(line for line in of if not line.style.marked and _is_label(line))
            continue
        if role in {"artifact", "contents"} or (role == "note" and marked):
            out.extend(of)
    if not belief.blocks or 2 * len(out) > len(lines):
        return [list(page) for page in pages], []
    gone = {id(line) for line in out}
    table = [line for line in out if line.tag is not None and line.tag.role == "contents"]
    worded = [line for line in table if not CONTENTS.match(line.text.strip())]
    return [[line for line in page if id(line) not in gone] for page in pages], worded
