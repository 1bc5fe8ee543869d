"""One document as it was read: its outline and its passages, each with its place."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from compare.documents import Document, Passage, Section
from compare.documents.numbering import number_of
from compare.errors import OptionError
from compare.report.text import BASIS, cut, page_of, wrap
from compare.shown import printable

SCHEMA = "policy-compare-document/1"


def find_sections(document: Document, wanted: str) -> list[Section]:
    """Sections that a user means: those of that heading, else those whose heading holds the words.

    Parameters
    ----------
    document : Document
        The document.
    wanted : str
        A heading or a part of one; capitals do not count.

    Raises
    ------
    OptionError
        If no heading holds it; the nearest headings are named.
    """
    key = " ".join(wanted.casefold().split())
    headings = [(section, " ".join(section.path[-1].casefold().split())) for section in document.outline]
    found = [section for section, heading in headings if heading == key]
    found = found or [section for section, heading in headings if key and key in heading]
    if found:
        return found
    near = difflib.get_close_matches(key, [heading for _, heading in headings], 3, 0.3)
    names = [cut(section.path[-1], 60) for section, heading in headings if heading in near]
    hint = f"the nearest are: {'; '.join(names)}" if names else f"see the outline: policy-compare show {document.id}"
    raise OptionError(f"--section {printable(wanted)}: no heading of {document.id} holds it; {hint}")


def find_passage(document: Document, wanted: str) -> Passage:
    """Find the passage of a number or an identifier.

    Parameters
    ----------
    document : Document
        The document.
    wanted : str
        "12", or an identifier such as "us-ai-action-plan-2025:0012".

    Raises
    ------
    OptionError
        If there is no such passage.
    """
    number = wanted.rpartition(":")[2]
    count = len(document.passages)
    if not (number.isascii() and number.isdecimal() and 1 <= int(number[:9]) <= count):
        raise OptionError(f"--passage {printable(wanted)}: {document.id} has passages 1 to {count}")
    return document.passages[int(number) - 1]


def lines(
    document: Document,
    width: int,
    *,
    sections: Sequence[Section] | None = None,
    outline: bool = True,
    passages: bool = True,
) -> Iterator[Text]:
    """Lines of the outline and of the passages.

    Parameters
    ----------
    document : Document
        The document.
    width : int
        Columns.
    sections : sequence of Section, optional
        Only these, with the sections below them.
    outline, passages : bool
        What to give.

    Yields
    ------
    Text
        One line, not wider than `width`; text of the document is never taken as markup.
    """
    yield from _head(document, width)
    spans = None if sections is None else [_span(document, section) for section in sections]
    chosen = [p for p in document.passages if spans is None or any(low <= p.start < high for low, high in spans)]
    if outline and document.outline and spans is None:
        yield Text()
        yield Text("Outline", style="bold")
        yield Text()
        for section in document.outline:
            yield from _outline_line(document, section, width)
    if passages:
        yield from _passages(document, chosen, width, None)
        if not chosen:
            yield Text()
            yield Text("No passage stands under it.")


def context(document: Document, passage: Passage, width: int) -> Iterator[Text]:
    """Lines of a passage among its neighbours: its paragraph, with the one before and the one behind it.

    Parameters
    ----------
    document : Document
        The document.
    passage : Passage
        One of its passages.
    width : int
        Columns.

    Yields
    ------
    Text
        One line, not wider than `width`.
    """
    yield from _head(document, width)
    near = [p for p in document.passages if abs(p.paragraph - passage.paragraph) <= 1]
    yield from _passages(document, near, width, passage)
    yield Text()
    where = f"{document.passage_id(passage)}, characters {passage.start} to {passage.end} of the text as read"
    yield from (Text(line, style="dim") for line in wrap(where, width))


def to_json(document: Document) -> str:
    """One document as JSON: what it is, its outline, its passages with their places, and the text as read."""
    value = {
        "schema": SCHEMA,
        "id": document.id,
        "label": document.label,
        "title": document.title,
        "issuer": document.issuer,
        "date": document.date,
        "source": document.source,
        "language": document.language,
        "basis": document.basis,
        "sha256": document.sha256,
        "notices": list(document.notices),
        "outline": [
            {
                "path": list(section.path),
                "page": section.page,
                "page_label": section.page_label,
                "start": section.start,
                "end": section.end,
            }
            for section in document.outline
        ],
        "passages": [
            {
                "id": document.passage_id(p),
                "section": list(p.section),
                "page": p.page,
                "page_label": p.page_label,
                "last_page": p.last_page,
                "paragraph": p.paragraph,
                "depth": p.depth,
                "lead_in": p.lead_in or None,
                "start": p.start,
                "end": p.end,
                "text": p.text,
            }
            for p in document.passages
        ],
        "body": document.body,
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _span(document: Document, section: Section) -> tuple[int, int]:
    """From a heading to the next one that does not stand below it, in characters of the body."""
    at = document.outline.index(section)
    for other in document.outline[at + 1 :]:
        if len(other.path) <= len(section.path):
            return section.start, other.start
    return section.start, len(document.body)


def _head(document: Document, width: int) -> Iterator[Text]:
    yield from (Text(line, style="bold") for line in wrap(document.title, width))
    parts = [document.issuer, document.date, BASIS[document.basis]]
    unit = "characters" if document.language == "zh" else "words"
    parts += [f"{len(document.passages):,} passages", f"{len(document.outline):,} headings"]
    parts += [f"{document.words:,} {unit}", document.language]
    yield from (Text(line) for line in wrap(" - ".join(part for part in parts if part), width))
    yield from (Text(line, style="dim") for line in wrap(f"{document.id}, SHA-256 {document.sha256[:16]}", width))


def _outline_line(document: Document, section: Section, width: int) -> Iterator[Text]:
    low, high = _span(document, section)
    below = [p for p in document.passages if low <= p.start < high]
    orders = [p.order + 1 for p in below]
    # A format without pages gives places to passages only.
    place = page_of(section.page, section.page_label) or (page_of(below[0].page, below[0].page_label) if below else "")
    range_ = f"{orders[0]}-{orders[-1]}" if len(orders) > 1 else "".join(map(str, orders))
    right = f"{place:>11}  {range_:>9}"
    indent = 2 * (len(section.path) - 1)
    indent = min(indent, width // 3)
    room = max(width - indent - len(right) - 2, 8)
    for at, line in enumerate(wrap(section.path[-1], room)):
        text = " " * indent + line
        yield Text(text + " " * (width - len(right) - cell_len(text)) + right if at == 0 else text)


def _passages(document: Document, chosen: Sequence[Passage], width: int, marked: Passage | None) -> Iterator[Text]:
    digits = len(str(len(document.passages)))
    places = [page_of(p.page, p.page_label) for p in chosen]
    column = min(max((cell_len(place) for place in places), default=0), 12)
    margin = digits + 2 + (column + 2 if column else 0)
    previous: Passage | None = None
    sentences = {p.text for p in document.passages}
    for passage, place in zip(chosen, places, strict=True):
        if previous is None or passage.section != previous.section:
            yield Text()
            # Only those of the headings above that are new are said again.
            yield from (Text(line, style="bold") for line in wrap(" > ".join(passage.section) or "(no section)", width))
        if previous is None or passage.paragraph != previous.paragraph:
            # Items of a list stand close, paragraphs apart.
            if not (previous is not None and passage.depth and previous.depth and passage.section == previous.section):
                yield Text()
            opens = previous is None or passage.lead_in != previous.lead_in or passage.section != previous.section
            if passage.lead_in and opens and passage.lead_in not in sentences:
                yield from (Text(" " * margin + line, style="italic") for line in wrap(passage.lead_in, width - margin))
                yield Text()
        item = passage.depth > 0
        first = item and (previous is None or passage.paragraph != previous.paragraph)
        indent = min(2 * passage.depth, (width - margin) // 3)
        style = "bold" if passage is marked else ""
        for at, line in enumerate(wrap(passage.text, width - margin - indent)):
            made = Text()
            number = f"{passage.order + 1:>{digits}}"
            head = f"{'>' if passage is marked else ' '}{number} " if at == 0 else " " * (digits + 2)
            if column:
                head += f"{place if at == 0 else '':<{column}}  "
            made.append(head, style=style or "dim")
            bullet = "- " if first and at == 0 and number_of(passage.text) is None else "  "
            made.append((" " * (indent - 2) + bullet if indent else "") + line, style=style)
            yield made
        previous = passage
