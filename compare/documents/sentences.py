"""Sentences of English and Chinese, cut where a careful reader cuts them.

The cutting itself is the library sentencex's. What is mended here was found on real plans: numbers behind an
abbreviation, enumerators that stand alone, sentences in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import segment

from compare.documents.cleaning import glue

# A sentence does not end behind these when what follows could belong to them.
_BEFORE_NUMBER = re.compile(
    r"(?:\b(?:No|Nos|Art|Arts|Sec|Secs|Ch|Fig|Figs|Par|Para|Paras|p|pp|Vol|Pub|Stat|cf|approx|ca|c|est|Rev|Doc)|§|\b[A-Z])\.$",
    re.IGNORECASE,
)
_NEVER_LAST = re.compile(
    r"(?:^|[\s(\[“\"])(?:e\.g|i\.e|cf|vs|approx|Dr|Mr|Mrs|Ms|Prof|Sen|Rep|Gen|Gov|Dept|Sec|viz|Hon|St)\.$",
    re.IGNORECASE,
)
_ABBREVIATION_BEFORE_NAME = re.compile(r"\b(?:U\.S|U\.K|U\.N|E\.U|D\.C|P\.R|[A-Z]\.[A-Z]|[A-Z])\.$")
# Words that open a sentence and are not part of a name: "the U.S. It ended".
_OPENERS = frozenset(
    [
        "A",
        "An",
        "And",
        "As",
        "At",
        "Both",
        "But",
        "By",
        "Each",
        "For",
        "From",
        "However",
        "If",
        "In",
        "It",
        "Its",
        "Many",
        "On",
        "Our",
        "Several",
        "Since",
        "So",
        "Some",
        "Such",
        "That",
        "The",
        "Their",
        "There",
        "These",
        "They",
        "This",
        "Those",
        "To",
        "Under",
        "We",
        "What",
        "When",
        "Where",
        "While",
        "With",
        "You",
    ]
)
_ENUMERATOR = re.compile(
    r"^(?:[(（]?(?:\d{1,3}|[ivxIVX]{1,5}|[A-Za-z]|[一二三四五六七八九十]{1,3})[.)）、．]|[-–•·*])$"
)
_AFTER_BRACKET = re.compile(r"(?<=[.!?][)\]])\s+(?=[“\"‘(\[]?[A-Z])|(?<=[.!?][”\"’][)\]])\s+(?=[“\"‘(\[]?[A-Z])")
_AFTER_WIDE_BRACKET = re.compile(r"(?<=[。！？][）)])(?=[^，。；、！？”）)])")
_PLAIN_END = re.compile(r"[a-z]{4}[.!?][”’\")]*(?= +[“\"‘(]?[A-Z])|[。！？][”’）]*")
_CLOSERS = re.compile(r"^[”’\"'）)\]】》」』〉]+")
_TAIL = 24  # characters that the end of a sentence is looked at by: longer than any abbreviation
_LONGEST = 5_000  # characters of a paragraph
_LONG_QUOTATION = 250  # characters
_OPENING = ("“", '"', "「", "(")
_ITEM = re.compile(r"[(（](?:\d{1,3}|[ivxIVX]{1,5}|[A-Za-z])[)）]\s*(?=\S)")
_TAGS = re.compile(r"(?:\[[^\[\]]{2,300}\]\s*)+")


def split_sentences(text: str, language: str = "en") -> list[str]:
    """Cut a paragraph into sentences.

    A Chinese full-width semicolon ends no sentence: it joins the limbs of one. Closing quotation marks and brackets
    stay with the sentence that they close.

    Parameters
    ----------
    text : str
        A paragraph on one line.
    language : str
        ISO 639-1 code.

    Returns
    -------
    list of str
        Sentences without white space around them; joined they give the paragraph again, white space apart.

    Examples
    --------
    >>> split_sentences("The U.S. leads (e.g. in chips). See No. 12 of Title III. Others follow.")
    ['The U.S. leads (e.g. in chips).', 'See No. 12 of Title III.', 'Others follow.']
    >>> split_sentences("坚持开放；反对垄断。“真的吗？”大家同意。", "zh")
    ['坚持开放；反对垄断。', '“真的吗？”', '大家同意。']
    """
    text = text.strip()
    if not text:
        return []
    if len(text) > _LONGEST:
        return [sentence for part in _parts(text) for sentence in split_sentences(part, language)]
    pieces: list[str] = []
    for rough in _segment(text, language):
        piece = rough.strip()
        if not piece:
            continue
        inside = _AFTER_WIDE_BRACKET if language == "zh" else _AFTER_BRACKET
        pieces.extend(part for part in inside.split(piece) if part)
    merged: list[str] = []
    for piece in _take_tags(pieces):
        if merged and (_belongs(merged[-1], piece, language) or _in_a_word(text, merged[-1], piece)):
            closing = _CLOSERS.match(piece)
            between = "" if closing and len(closing.group()) == len(piece) else _between(text, merged[-1], piece)
            merged[-1] += between + piece
        else:
            merged.append(piece)
    return merged


def _parts(text: str) -> Iterator[str]:
    """Parts of a text too long for a paragraph of print, so that the time stays in proportion to the length."""
    at = _solid(text, 0)
    while at < len(text):
        part = text[at : at + _LONGEST + 1]
        if len(part) > _LONGEST:
            # The library's time grows with the square of the dots that end no sentence.
            size = _cut(part) if part.count(".") < _LONGEST // 10 else _LONGEST // 5
        else:
            size = len(part)
        yield part[:size]
        at = _solid(text, at + size)


def sentence_spans(text: str, language: str = "en") -> Iterator[tuple[int, int]]:
    """Where the sentences of a paragraph stand in it.

    Parameters
    ----------
    text : str
        A paragraph on one line.
    language : str
        ISO 639-1 code.

    Yields
    ------
    (int, int)
        Offsets of the first character of each sentence and of the one behind its last, in order.

    Examples
    --------
    >>> text = "One thing. Another."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['One thing.', 'Another.']
    """
    at = 0
    for sentence in (sentence for part in _parts(text) for sentence in split_sentences(part, language)):
        start = end = _solid(text, at)
        if text.startswith(sentence, start):
            end = start + len(sentence)
        else:
            # The cutting keeps every character but white space.
            for _ in "".join(sentence.split()):
                end = _solid(text, end) + 1
        if end > start:
            yield start, end
        at = end


def _solid(text: str, at: int) -> int:
    """Offset of the next character that is no white space."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _cut(text: str) -> int:
    """Where to cut a text too long for a paragraph: behind a sentence, else at a space, else anywhere."""
    ends = [found.end() for found in _PLAIN_END.finditer(text, _LONGEST // 2, _LONGEST)]
    if ends:
        return ends[-1]
    for marks in (".!?。！？", " "):
        cut = max(text.rfind(mark, _LONGEST // 2, _LONGEST) + 1 for mark in marks)
        if cut:
            return cut
    return _LONGEST


def _segment(text: str, language: str) -> list[str]:
    """Cut with sentencex, which leaves whole what begins with a bracket or is one long quotation; those are opened."""
    item = _ITEM.match(text)
    if item is not None:
        # "(i) Promote this. Do that.": the number is set aside and put back.
        rest = _segment(text[item.end() :], language)
        return [item.group() + rest[0], *rest[1:]] if rest else [text]
    pieces: list[str] = []
    for piece in segment(language, text):
        stripped = piece.strip()
        opened = stripped[:1] in _OPENING and len(stripped) > _LONG_QUOTATION
        inner = list(segment(language, stripped[1:])) if opened else []
        if len(inner) > 1:
            pieces.extend([stripped[0] + inner[0], *inner[1:]])
        else:
            pieces.append(piece)
    return pieces


def _take_tags(pieces: list[str]) -> list[str]:
    """Give bracketed tags behind a sentence, such as the ministries in charge, to that sentence."""
    made: list[str] = []
    for piece in pieces:
        tag = _TAGS.match(piece) if made else None
        if tag is None:
            made.append(piece)
            continue
        made[-1] += " " + tag.group().strip()
        if piece[tag.end() :].strip():
            made.append(piece[tag.end() :].strip())
    return made


def _in_a_word(text: str, left: str, right: str) -> bool:
    """Whether the cut is at a dot within a name, such as "Data.GOV"."""
    return (
        re.search(r"[A-Za-z0-9]\.$", left[-2:]) is not None
        and re.match(r"[A-Z]{2,}\b|[a-z0-9]", right) is not None
        and left[-_TAIL:] + right[:_TAIL] in text
    )


def _between(text: str, left: str, right: str) -> str:
    """White space as it stood between two pieces of the paragraph."""
    left, right = left[-_TAIL:], right[:_TAIL]
    if left + right in text:
        return ""
    return " " if f"{left} {right}" in text else glue(left, right)


def _belongs(left: str, right: str, language: str) -> bool:
    """Whether the right piece goes on with the sentence of the left."""
    closing = _CLOSERS.match(right)
    if closing and len(closing.group()) == len(right):
        return True
    if _ENUMERATOR.match(left):
        return True
    if language == "zh":
        return bool(closing) and right[:1] not in "\"'"
    end = left[-_TAIL:]
    if _NEVER_LAST.search(end) or (_BEFORE_NUMBER.search(end) and right[:1].isdigit()):
        return True
    if left.endswith(("etc.)", "etc.,")):
        return True
    if right[:1].islower() and not left.endswith(("!", "?", ":", ";")):
        return True
    if _ABBREVIATION_BEFORE_NAME.search(end):
        first = re.match(r"[“\"‘(]?([A-Z][A-Za-z’'-]*)", right)
        return first is not None and first.group(1) not in _OPENERS
    return False
