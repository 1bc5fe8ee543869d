"""How headings and list items are numbered, and how sentences end, in English and in Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

END = re.compile(r"[.!?。！？…][”’\"')）\]】»]*$")
SOFT_END = re.compile(r"[.!?:;。！？：；…][”’\"')）\]】»]*$")

_HAN = "一二三四五六七八九十百零〇"
_NAME = r"(?:\d+|[IVXLC]+|[A-Z])\b[.:—–-]?\s*"
# Outermost first. Kinds further down stand below those further up wherever both are used.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("part", re.compile(rf"(?:PART|Part|TITLE|Title|PILLAR|Pillar)\s+{_NAME}|第[{_HAN}\d]+[编篇部]\s*")),
    ("chapter", re.compile(rf"(?:CHAPTER|Chapter|ANNEX|Annex)\s+{_NAME}|第[{_HAN}\d]+章\s*")),
    ("section", re.compile(rf"(?:SECTION|Section)\s+{_NAME}|第[{_HAN}\d]+节\s*")),
    ("han", re.compile(rf"[{_HAN}]{{1,4}}、\s*")),
    ("han-bracket", re.compile(rf"[(（][{_HAN}]{{1,4}}[)）]\s*")),
    ("roman", re.compile(r"(?:[IVX]{1,6})[.)]\s+")),
    ("capital", re.compile(r"[A-H][.)]\s+")),
    ("decimal", re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}\.?\s+")),
    ("arabic", re.compile(r"\d{1,2}(?:[.、．]\s*(?!\d)|\)\s+)")),
    ("arabic-bracket", re.compile(r"[(（]\d{1,2}[)）]\s*")),
    ("small", re.compile(r"[(（](?:[a-h]|[ivx]{1,5})[)）]\s+|[a-h][.)]\s+|[ivx]{2,5}[.)]\s+")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """The number at the head of a line.

    Attributes
    ----------
    kind : str
        Name of the way of numbering, for instance "chapter", "han" (一、), "han-bracket" (（一）), "arabic" (1.).
    rank : int
        Place in the order of kinds, outermost first; a decimal number (1.2.3) counts its depth.
    end : int
        Offset of the first character behind the number.
    value : int
        The number itself where it is in Arabic digits, small Roman ones or single letters, else 0.
    """

    kind: str
    rank: int
    end: int
    value: int = 0


def number_of(line: str) -> Number | None:
    """Read the number at the head of a line.

    Examples
    --------
    >>> number_of("（一）总体要求").kind, number_of("1. Purpose").kind, number_of("2024 was a good year")
    ('han-bracket', 'arabic', None)
    """
    for rank, (kind, pattern) in enumerate(_KINDS):
        match = pattern.match(line)
        if match:
            depth = match.group().strip().rstrip(".").count(".") if kind == "decimal" else 0
            # Depth goes below "arabic", so that 1. stands above 1.1 and 1.1 above 1.1.1.
            place = 10 * (rank + 2 * (kind == "decimal")) + depth - 5 * (kind == "decimal")
            return Number(kind, place, match.end(), _value(match.group()))
    return None


_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")


def labels_before(label: str) -> list[str]:
    """What may stand before a small letter or a small Roman number: its predecessor in either reading.

    Examples
    --------
    >>> labels_before("(vi)"), labels_before("(c)"), labels_before("(i)")
    (['v'], ['b'], ['h'])
    """
    inner = label.strip("()（）.、． \u3000").lower()
    found = []
    if inner in _ROMANS[1:]:
        found.append(_ROMANS[_ROMANS.index(inner) - 1])
    if len(inner) == 1 and "b" <= inner <= "z":
        found.append(chr(ord(inner) - 1))
    return found


def bare(line: str) -> str:
    """A line without the number at its head.

    Examples
    --------
    >>> bare("1.2 Purpose"), bare("Chapter 3: Scope"), bare("Purpose")
    ('Purpose', 'Scope', 'Purpose')
    """
    number = number_of(line)
    return line[number.end :] if number is not None else line


def _value(text: str) -> int:
    bare = text.strip("()（）.、． \u3000").lower()
    if bare.isdigit() and bare.isascii():
        return int(bare)
    if bare in _ROMANS:
        return _ROMANS.index(bare) + 1
    return ord(bare) - ord("a") + 1 if len(bare) == 1 and "a" <= bare <= "h" else 0


def split_run_in(text: str, number: Number) -> tuple[str, str] | None:
    """Cut a numbered Chinese paragraph into its run-in heading and the rest.

    "（一）加强数据供给。以应用为导向……": the lead-in up to the first full stop heads what follows it.

    Returns
    -------
    tuple of str, or None
        Heading without its full stop, and the rest (empty where the paragraph is a heading alone); None where the
        lead-in is longer than a heading (30 characters) or is a sentence of limbs.
    """
    stop = text.find("。", number.end)
    head = text[: stop if stop >= 0 else len(text)]
    lead = head[number.end :]
    if not 2 <= sum("\u3400" <= c <= "\u9fff" for c in lead) <= 30 or re.search(r"[；，：:;,]", lead):
        return None
    return head, text[stop + 1 :].strip() if stop >= 0 else ""


def run_in_kinds(paragraphs: list[str]) -> frozenset[str]:
    """Ways of numbering whose lead-ins are headings throughout a Chinese text.

    One numbered item may look like a heading by chance; a way of numbering counts if four in five of its paragraphs
    do, with text behind the lead-in in at least one of them.
    """
    fits: dict[str, list[bool]] = {}
    follows: dict[str, bool] = {}
    for text in paragraphs:
        number = number_of(text)
        if number is None or number.kind not in _CHINESE_KINDS:
            continue
        lead = split_run_in(text, number)
        fits.setdefault(number.kind, []).append(lead is not None)
        follows[number.kind] = follows.get(number.kind, False) or (lead is not None and bool(lead[1]))
    return frozenset(kind for kind, good in fits.items() if sum(good) >= 0.8 * len(good) and follows[kind])


_CHINESE_KINDS = frozenset({"han", "han-bracket", "arabic", "arabic-bracket"})


_HAN_DIGITS = {c: value for value, c in enumerate("〇一二三四五六七八九")} | {"零": 0}
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def numeral(marker: str) -> int:
    """Value of the Arabic, Chinese or Roman numeral in a marker such as "13.", "（十三）" or "Part XIII"; 0 if none."""
    found = re.search(r"\d+|[〇零一二三四五六七八九十百]+|\b(?:[IVXLC]+|[ivx]+)\b", marker)
    if found is None:
        return 0
    numeral = found.group()
    if numeral.isdecimal():
        return int(numeral)
    if numeral[0].upper() in _ROMAN_DIGITS:
        values = [_ROMAN_DIGITS[c] for c in numeral.upper()]
        return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
    total = digit = 0
    for c in numeral:
        if c in "十百":
            total += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
        else:
            digit = _HAN_DIGITS[c]
    return total + digit
