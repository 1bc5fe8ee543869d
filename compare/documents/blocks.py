"""What every reader hands over: headings and paragraphs in reading order, and how they become a Text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from compare.documents.cleaning import han_share, squeeze
from compare.documents.model import ContentsEntry, Passage, Section, Text
from compare.documents.sentences import sentence_spans
from compare.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Place:
    """From which character of a paragraph on it stands on which page.

    Attributes
    ----------
    start : int
        Offset into the paragraph's text, in characters.
    page : int or None
        Page of the file, counted from 1.
    label : str or None
        Page or point number as printed.
    """

    start: int = 0
    page: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is outermost, and only the order of levels counts."""

    text: str
    level: int
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Label:
    """A line that heads a list and no section: "Recommended actions" under each of many policies."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or list item on one line, with the places where it stands, in order.

    Attributes
    ----------
    text : str
        On one line.
    depth : int
        0 for running text; for a list item how deep its list is nested, from 1.
    places : tuple of Place
        In order; empty where the format has no pages.
    quoted : int
        Number of the block quotation that it belongs to, from 1; 0 where it belongs to none.
    """

    text: str
    depth: int = 0
    places: tuple[Place, ...] = ()
    quoted: int = 0


Block = Heading | Paragraph | Label

MAX_PASSAGES = 100_000
# No print has sentences of a page each; a short text may.
LONGEST_ON_AVERAGE, MOST_WITHOUT_END = 1_500, 50_000  # characters
BETWEEN = "\n\n"  # what stands between blocks in a body
# Where more of a text than this stands in block quotations, they only indent it.
_MOST_QUOTED = 0.85

# The most frequent words that tell these languages apart (the project's own choice).
_STOP_WORDS = {
    "en": "the of and to in is that for with as by on are be this will from we it an or at have has not our which",
    "fr": "le la les des et du une dans est pour que qui sur par au aux avec ce sont pas nous plus ses leur être",
    "de": "der die und das den von zu mit ist auf für im dem nicht eine als auch es an werden aus sich wird oder bei",
    "es": "el los las del y que en una por con para es se al lo como más sus su este entre ser son también",
    "it": "il di che è della e per un una nel con le dei del gli alla sono delle anche più come dal al si",
    "pt": "o os as do da dos das e que em um uma para com não por mais como ao se são pela pelo à no na",
    "nl": "de het een van en in is dat op te voor met zijn aan niet door ook bij om worden als deze naar",
}
_NAMES = {
    "fr": "French", "de": "German", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "ja": "Japanese", "ko": "Korean", "ru": "Russian or another language in Cyrillic", "ar": "Arabic",
}  # fmt: skip
_SCRIPTS = {"ja": "[\u3040-\u30ff]", "ko": "[\uac00-\ud7af]", "ru": "[\u0400-\u04ff]", "ar": "[\u0600-\u06ff]"}
_LIMIT = 200_000  # characters looked at to tell the language


def detect_language(text: str) -> tuple[str, str | None]:
    """Tell the language of a text.

    Chinese by its share of Han characters; others by script or by their most frequent words.

    Returns
    -------
    language : str
        ISO 639-1 code; "en" where nothing else is clear.
    notice : str or None
        A line for the user where the language is neither English nor Chinese, or is not clear.
    """
    text = text[:_LIMIT]
    letters = sum(c.isalpha() for c in text) or 1
    for code, pattern in _SCRIPTS.items():
        if len(re.findall(pattern, text)) / letters > 0.15:
            return code, _foreign(code)
    if han_share(text) > 0.25:
        return "zh", None
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = Counter(words)
    shares = {
        code: sum(counts[word] for word in stops.split()) / (len(words) or 1) for code, stops in _STOP_WORDS.items()
    }
    best = max(shares, key=lambda code: (shares[code], code == "en"))
    if len(words) >= 20 and shares[best] >= 0.12 and best != "en" and shares[best] > 1.3 * shares["en"]:
        return best, _foreign(best)
    if len(words) >= 40 and shares["en"] < 0.12:
        return "en", "The text does not look English; it is read as English"
    return "en", None


def _foreign(code: str) -> str:
    return f"The text looks {_NAMES[code]}; themes and tone are made for English and Chinese"


def assemble(
    blocks: Sequence[Block],
    *,
    name: str,
    title: str | None = None,
    notices: Sequence[str] = (),
    contents: Sequence[ContentsEntry] = (),
) -> Text:
    """Make a Text of blocks: sentences with their section, page, paragraph and offsets.

    Parameters
    ----------
    blocks : sequence of Heading, Paragraph or Label
        In reading order.
    name : str
        File name, for the error.
    title : str, optional
        Title that the file gives of itself.
    notices : sequence of str
        Lines for the user.
    contents : sequence of ContentsEntry
        The table of contents as printed.

    Raises
    ------
    DocumentError
        If there is no sentence in it, or the ends of sentences cannot be told.
    """
    language, notice = detect_language("\n".join(b.text for b in blocks if isinstance(b, Paragraph)))
    passages: list[Passage] = []
    outline: list[Section] = []
    body: list[str] = []
    path: list[Heading] = []
    leads: dict[int, str] = {}  # by depth: what introduces a list nested deeper
    quoted: list[tuple[int, int]] = []
    within = 0  # the block quotation that the last paragraph belongs to
    at = number = 0
    for block in drop_labels(drop_listed_headings(blocks)):
        text = squeeze(block.text)
        if not text:
            continue
        if isinstance(block, Heading):
            path = [above for above in path if above.level < block.level]
            path.append(Heading(text, block.level))
            headings = tuple(above.text for above in path)
            outline.append(Section(headings, at, at + len(text), block.place.page, block.place.label))
            leads = {}
        elif isinstance(block, Label):
            leads = {0: text}
        else:
            section = tuple(above.text for above in path)
            lead_in = next((leads[d] for d in sorted(leads, reverse=True) if d < block.depth), "")
            found = _passages(block, text, section, len(passages), number, language, lead_in, at)
            passages.extend(found)
            if len(passages) > MAX_PASSAGES:
                raise DocumentError(f"{name}: more than {MAX_PASSAGES:,} sentences; give a part of it")
            number += bool(found)
            last = found[-1].text if found else ""
            leads = {d: lead for d, lead in leads.items() if d < block.depth}
            if last and (block.depth or last.endswith((":", "：", ":—", "：—"))):
                leads[block.depth] = last
            if block.quoted:
                # The paragraphs of one block quotation are one piece.
                begun = quoted.pop()[0] if block.quoted == within else at
                quoted.append((begun, at + len(text)))
            within = block.quoted
        body.append(text)
        at += len(text) + len(BETWEEN)
    if not passages:
        raise DocumentError(f"{name}: no sentence in it; give a document with running text")
    size = sum(len(p.text) for p in passages)
    if size > MOST_WITHOUT_END and size / len(passages) > LONGEST_ON_AVERAGE:
        raise DocumentError(
            f"{name}: its sentences have {size // len(passages):,} characters on average, so their ends are not told; "
            "give a document with full stops"
        )
    return Text(
        passages=tuple(passages),
        sections=tuple(dict.fromkeys(section.path for section in outline)),
        title=squeeze(title) or None if title else None,
        language=language,
        notices=tuple(f"{name}: {line}" for line in (*notices, *([notice] if notice else []))),
        body=BETWEEN.join(body),
        outline=tuple(outline),
        contents=tuple(contents),
        quoted=tuple(quoted) if sum(end - start for start, end in quoted) <= _MOST_QUOTED * at else (),
    )


def _passages(
    block: Paragraph,
    text: str,
    section: tuple[str, ...],
    order: int,
    number: int,
    language: str,
    lead_in: str,
    offset: int,
) -> list[Passage]:
    places = _moved(block, text)
    made: list[Passage] = []
    for start, end in sentence_spans(text, language):
        if not any(c.isalnum() for c in text[start:end]):
            continue
        if len(made) > MAX_PASSAGES:
            break
        first, last = _place(places, start), _place(places, end - 1)
        made.append(
            Passage(
                order=order + len(made),
                text=text[start:end],
                section=section,
                page=first.page,
                page_label=first.label,
                paragraph=number,
                depth=block.depth,
                lead_in=lead_in,
                last_page=last.page,
                start=offset + start,
                end=offset + end,
            )
        )
    return made


def _place(places: Sequence[Place], at: int) -> Place:
    found = Place()
    for place in places:
        if place.start <= at:
            found = place
    return found


def _moved(block: Paragraph, text: str) -> Sequence[Place]:
    """Places by their offsets into the text with its white space squeezed."""
    if len(block.places) < 2 or text == block.text:
        return block.places
    solid = [at for at, c in enumerate(text) if not c.isspace()]
    moved = []
    for place in block.places:
        before = sum(not c.isspace() for c in block.text[: place.start])
        moved.append(replace(place, start=solid[before] if before < len(solid) else len(text)))
    return moved


def drop_listed_headings(blocks: Sequence[Block]) -> list[Block]:
    """Take out tables of contents without page numbers: three or more lines in a row that are headings further on.

    Only before the first heading: later on, the points of a summary may come back as headings.
    """

    def letters(text: str) -> str:
        return "".join(c for c in text.casefold() if c.isalnum())

    last = {letters(block.text): at for at, block in enumerate(blocks) if isinstance(block, Heading)}
    dropped: set[int] = set()
    run: list[int] = []
    for at, block in enumerate((*blocks, None)):
        if isinstance(block, Paragraph) and last.get(letters(block.text), -1) > at:
            run.append(at)
            continue
        if len(run) >= 3:
            dropped.update(run)
        run = []
        if isinstance(block, Heading) and at + 1 < len(blocks):
            break
    return [block for at, block in enumerate(blocks) if at not in dropped]


def drop_labels(blocks: Sequence[Block]) -> list[Block]:
    """Turn headings into labels where they are such, so that what they head belongs to the section above them.

    A label has the same words in three sections or more, and is nearly everywhere the only heading of its section:
    "Recommended Policy Actions" under each of thirty policies. Beside others of its rank it is a section.
    """
    followed: set[str] = set()
    above: dict[str, set[int]] = defaultdict(set)
    children: Counter[int] = Counter()
    path: list[tuple[Heading, int]] = []
    for at, block in enumerate(blocks):
        if isinstance(block, Heading):
            path = [(heading, where) for heading, where in path if heading.level < block.level]
            parent = path[-1][1] if path else -1
            above[block.text].add(parent)
            children[parent] += 1
            path.append((block, at))
        elif isinstance(block, Paragraph):
            followed.update(heading.text for heading, _ in path)
    labels = {
        text
        for text, parents in above.items()
        if len(parents) >= 3
        and text in followed
        and sum(children[parent] == 1 for parent in parents) >= 0.8 * len(parents)
    }
    return [Label(b.text) if isinstance(b, Heading) and b.text in labels else b for b in blocks]
