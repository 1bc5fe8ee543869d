"""What every reader hands over: headings and paragraphs in reading order, and how they become a Text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from compare.documents.cleaning import han_share, squeeze
from compare.documents.model import Passage, Text
from compare.documents.sentences import split_sentences
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


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or list item on one line, with the places where it stands, in order."""

    text: str
    bullet: bool = False
    places: tuple[Place, ...] = ()


Block = Heading | Paragraph

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


def assemble(blocks: Sequence[Block], *, name: str, title: str | None = None, notices: Sequence[str] = ()) -> Text:
    """Make a Text of blocks: sentences with their section, page and paragraph.

    Parameters
    ----------
    blocks : sequence of Heading or Paragraph
        In reading order.
    name : str
        File name, for the error.
    title : str, optional
        Title that the file gives of itself.
    notices : sequence of str
        Lines for the user.

    Raises
    ------
    DocumentError
        If there is no sentence in it.
    """
    paragraphs = [squeeze(b.text) if isinstance(b, Heading) else b.text for b in blocks if isinstance(b, Paragraph)]
    language, notice = detect_language("\n".join(paragraphs))
    blocks = drop_labels(blocks)
    passages: list[Passage] = []
    sections: list[tuple[str, ...]] = []
    path: list[Heading] = []
    number = 0
    for block in blocks:
        if isinstance(block, Heading):
            text = squeeze(block.text)
            if not text:
                continue
            path = [above for above in path if above.level < block.level]
            path.append(Heading(text, block.level))
            sections.append(tuple(above.text for above in path))
            continue
        found = _passages(block, tuple(h.text for h in path), len(passages), number, language)
        passages.extend(found)
        number += bool(found)
    if not passages:
        raise DocumentError(f"{name}: no sentence in it; give a document with running text")
    return Text(
        passages=tuple(passages),
        sections=tuple(dict.fromkeys(sections)),
        title=squeeze(title) or None if title else None,
        language=language,
        notices=(*notices, *([notice] if notice else [])),
    )


def _passages(block: Paragraph, section: tuple[str, ...], order: int, number: int, language: str) -> list[Passage]:
    made: list[Passage] = []
    at = 0
    for sentence in split_sentences(block.text, language):
        # Offsets by the first characters: the splitter may have touched white space inside.
        start = block.text.find(sentence[:12], at)
        at = max(start, at)
        text = squeeze(sentence)
        if any(c.isalnum() for c in text):
            place = Place()
            for candidate in block.places:
                if candidate.start <= at:
                    place = candidate
            made.append(Passage(order + len(made), text, section, place.page, place.label, number, block.bullet))
        at += max(len(sentence) - 12, 1)
    return made


def drop_labels(blocks: Sequence[Block]) -> list[Block]:
    """Take out headings that are labels, so that what they head belongs to the section above them.

    A label has the same words in three sections or more, and heads list items only ("Recommended Policy Actions"
    under each of thirty policies) or is nearly everywhere the only heading of its section ("Description").
    """
    below: dict[str, list[bool]] = defaultdict(list)
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
        else:
            for heading, _ in path:
                below[heading.text].append(block.bullet)
    labels = set()
    for text, parents in above.items():
        if len(parents) < 3 or not below[text]:
            continue
        items = sum(below[text]) >= 0.9 * len(below[text])
        alone = sum(children[parent] == 1 for parent in parents) >= 0.8 * len(parents)
        if items or alone:
            labels.add(text)
    return [b for b in blocks if not (isinstance(b, Heading) and b.text in labels)]
