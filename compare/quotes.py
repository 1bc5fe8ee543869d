"""Quotations: what an article puts between quotation marks, held word by word against the documents.

A quotation is looked for by its words alone, so that capitals, punctuation, hyphens and typographic marks do not hide
it; what differs is then told. What an article joins with dots is looked for piece by piece, in order. What is not there
as it is quoted is laid beside the place that shares most of its words in order, and the difference is told word by
word.
"""

from __future__ import annotations

import bisect
import difflib
import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from compare.documents import Document

Verdict = Literal["verbatim", "near-verbatim", "elided", "altered", "not-found"]

# A run of letters and digits, or one Han character; an apostrophe inside a word belongs to it, but a possessive ending
# stands for itself, so that "America" is found in "America's".
_TOKEN = re.compile(r"[\u3400-\u9fff]|(?<=\w)['’]s\b|[^\W_\u3400-\u9fff]+(?:['’](?!s\b)[^\W_\u3400-\u9fff]+)*")
_DOTS = re.compile(r"\s*[\[(（【]?\s*(?:\.\s?\.\s?\.+|…+|\*\s?\*\s?\*)\s*[\])）】]?\s*")
# What an editor put into a quotation: "[the United States]".
_PUT_IN = re.compile(r"\s*\[[^\[\]]{1,60}\]\s*")
_SIGNED = re.compile(
    r"\n\s*[—–-]+\s*[^\n]{1,120}\Z|\s*\((?=[^()]*(?:\bpp?\. ?|\bpages? |§ ?|\b[Ss]ection )\d)[^()\n]{3,120}\)\s*\Z"
)
_OPENING = {"“": "”", "„": "“”", "«": "»", "「": "」", "『": "』", "《": "》", "‘": "’", '"': '"', "'": "'"}
# Words left out between two pieces of a quotation at most.
_MOST_LEFT_OUT = 400
# A place is the altered source of a quotation from these parts of its words, and of its longer words, on.
_SAME, _SAME_LONG = 0.6, 0.5
_RARE = 60
# What is set apart with fewer words than these is no quotation.
_FEWEST_SET_APART = 4


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands between quotation marks.

    Attributes
    ----------
    text : str
        Without the marks.
    start, end : int
        Its place in the article, in characters, without the marks.
    mark : str
        The opening mark; ">" of a block quotation.
    depth : int
        0, or how many other quotations it stands in.
    """

    text: str
    start: int
    end: int
    mark: str
    depth: int


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a difference.

    Attributes
    ----------
    kind : {"same", "left out", "put in", "changed"}
        Seen from the document: words that the quotation leaves out, puts in, or has otherwise.
    document, quotation : str
        The words on either side; one is empty where there are none.
    """

    kind: Literal["same", "left out", "put in", "changed"]
    document: str
    quotation: str


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quotation stands in a document.

    Attributes
    ----------
    verdict : str
        "verbatim"; "near-verbatim" (but for punctuation, capitals, hyphens); "elided" (its pieces, in order);
        "altered" (some words otherwise).
    start, end : int
        Its place in the text of the document as read, in characters.
    text : str
        The document's words there.
    changes : tuple of Change
        How the quotation differs, in order; empty where it is verbatim.
    times : int
        How often it stands there.
    """

    verdict: Verdict
    start: int
    end: int
    text: str
    changes: tuple[Change, ...]
    times: int


def find_quotations(text: str, blocks: Sequence[tuple[int, int]] = ()) -> list[Quotation]:
    r"""Quotations of a text, in order; those in others come behind the ones that they stand in.

    A quotation that runs over paragraphs, each opened anew and only the last closed, is one. A mark that nothing closes
    opens none.

    Parameters
    ----------
    text : str
        Paragraphs parted by line breaks.
    blocks : sequence of (int, int)
        Places of what is set apart as a quotation. Marks in it are those of quotations in a quotation, but for those
        around the whole.

    Examples
    --------
    >>> [q.text for q in find_quotations('It says "we will act" and “he said ‘no’ twice”.')]
    ['we will act', 'he said ‘no’ twice', 'no']
    >>> [q.text for q in find_quotations("The states' rights and a 6\" pipe: 'all of it'.")]
    ['all of it']
    >>> [q.text for q in find_quotations("文件说“落实‘港口+’计划”。")]
    ['落实‘港口+’计划', '港口+']
    """
    found: list[Quotation] = []
    open_: list[tuple[str, int]] = []
    for start, end in _paragraphs(text):
        # Only a quotation whose mark opens the next paragraph again goes on.
        kept = [item for item in open_[:1] if text[start] == item[0]]
        open_ = kept
        at = start + len(kept)
        while at < end:
            char = text[at]
            before = text[at - 1] if at > start else " "
            after = text[at + 1] if at + 1 < end else " "
            closes = next((n for n in range(len(open_) - 1, -1, -1) if char in _OPENING[open_[n][0]]), None)
            if closes is not None and _may_close(char, before, after, open_[closes][0]):
                mark, begun = open_[closes]
                del open_[closes:]
                if text[begun:at].strip():
                    found.append(Quotation(text[begun:at], begun, at, mark, closes))
            elif char in _OPENING and _may_open(char, before, after):
                open_.append((char, at + 1))
            at += 1
    return _nested(_with_blocks(text, found, blocks))


def _nested(found: list[Quotation]) -> list[Quotation]:
    """In order, each with the number of those that it stands in: a mark that nothing closed holds no other."""
    made: list[Quotation] = []
    open_: list[Quotation] = []
    for item in sorted(found, key=lambda item: (item.start, -item.end)):
        while open_ and open_[-1].end <= item.start:
            open_.pop()
        made.append(replace(item, depth=len(open_)))
        open_.append(item)
    return made


def _with_blocks(text: str, found: list[Quotation], blocks: Sequence[tuple[int, int]]) -> list[Quotation]:
    for start, end in sorted(blocks):
        if len(Words.of(text[start:end]).words) < _FEWEST_SET_APART:
            continue
        # The name of who wrote it may stand below it, behind a dash, or in brackets with a page.
        last = _SIGNED.search(text[start:end])
        end = start + last.start() if last is not None else end
        inside = [item for item in found if start <= item.start and item.end <= end]
        around = (text[start : item.start - 1] + text[item.end + 1 : end] for item in inside)
        whole = next((item for item, left in zip(inside, around, strict=True) if not left.strip()), None)
        if whole is None:
            found.append(Quotation(text[start:end].rstrip(), start, start + len(text[start:end].rstrip()), ">", 0))
        else:
            found[found.index(whole)] = replace(whole, mark=">")
    return found


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    for paragraph in re.finditer(r"[^\n]*\S[^\n]*", text):
        lead = len(paragraph[0]) - len(paragraph[0].lstrip())
        yield paragraph.start() + lead, paragraph.end()


def _in_word(char: str) -> bool:
    """Whether a character joins others to a word; Han characters stand for themselves."""
    return char.isalnum() and not "\u3400" <= char <= "\u9fff"


def _may_open(char: str, before: str, after: str) -> bool:
    if char in "\"'‘":
        return not _in_word(before) and not after.isspace() and after not in ".,;:!?)"
    return True


def _may_close(char: str, before: str, after: str, opened: str) -> bool:
    if char in "'’":
        # An apostrophe inside a word closes nothing.
        return not before.isspace() and not _in_word(after)
    if char == '"':
        return not before.isspace() and not (_in_word(after) and not _in_word(before))
    return char != opened or char == "“"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in a form that is compared, and where they stand.

    Attributes
    ----------
    words : list of str
        Small letters, one form of apostrophe.
    starts, ends : list of int
        Place of each in the text, in characters.
    """

    words: list[str]
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> Words:
        """Words of a text.

        Examples
        --------
        >>> Words.of("America’s open-weight models").words, Words.of("共建AI").words
        (['america', "'s", 'open', 'weight', 'models'], ['共', '建', 'ai'])
        """
        found = list(_TOKEN.finditer(text))
        words = [unicodedata.normalize("NFKC", item[0]).casefold().replace("’", "'") for item in found]
        return cls(words, [item.start() for item in found], [item.end() for item in found])


class QuotedText:
    """A document made ready to look for quotations in.

    Parameters
    ----------
    document : Document
        The document; its body is searched, headings included.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.body = document.body
        self.tokens = Words.of(document.body)
        self._joined = " " + " ".join(self.tokens.words) + " "
        offsets, at = [], 1
        for word in self.tokens.words:
            offsets.append(at)
            at += len(word) + 1
        self._offsets = offsets
        self._begun = [passage.start for passage in document.passages]
        self._positions: dict[str, list[int]] = {}
        for number, word in enumerate(self.tokens.words):
            self._positions.setdefault(word, []).append(number)

    def occurrences(self, words: Sequence[str]) -> list[int]:
        """Numbers of the words at which a run of words begins.

        Parameters
        ----------
        words : sequence of str
            As `Words` has them.
        """
        if not words or any(word not in self._positions for word in words):
            return []
        wanted = " " + " ".join(words) + " "
        found, at = [], self._joined.find(wanted)
        while at >= 0:
            found.append(bisect.bisect_left(self._offsets, at + 1))
            at = self._joined.find(wanted, at + 1)
        return found

    def match(self, quotation: str, altered: bool = True) -> Match | None:
        """Where a quotation stands, and how it differs there; None where nothing like it does.

        Parameters
        ----------
        quotation : str
            Without its marks.
        altered : bool
            Whether words may be otherwise.
        """
        core = quotation.strip()
        words, inside, parted = _read(core)
        if not words:
            return None
        if len(parted) == 1:
            whole = self.occurrences(words)
            if whole:
                return self._whole(core, whole, len(words))
        else:
            found = self._in_pieces(core, parted)
            if found is not None:
                return found
        return self._altered(inside) if altered else None

    def _in_passage(self, at: int) -> bool:
        number = bisect.bisect_right(self._begun, at) - 1
        return number >= 0 and at < self.document.passages[number].end

    def _span(self, first: int, last: int) -> tuple[int, int]:
        return self.tokens.starts[first], self.tokens.ends[last]

    def _whole(self, core: str, found: list[int], count: int) -> Match:
        best: Match | None = None
        # A passage says more than a heading with the same words.
        for first in sorted(found, key=lambda first: not self._in_passage(self.tokens.starts[first])):
            start, end = self._span(first, first + count - 1)
            text = self.body[start:end]
            # The article's own full stop or comma may stand inside its marks.
            same = _plain(text) == _plain(_stripped(core))
            if same:
                return Match("verbatim", start, end, text, (), len(found))
            if best is None:
                change = Change("changed", " ".join(text.split()), " ".join(_stripped(core).split()))
                best = Match("near-verbatim", start, end, text, (change,), len(found))
        assert best is not None
        return best

    def _in_pieces(self, core: str, pieces: Sequence[str]) -> Match | None:
        """The pieces in order, with as little between them as can be."""
        runs = [Words.of(piece).words for piece in pieces]
        best: list[int] | None = None
        for first in self.occurrences(runs[0]):
            chain, after = [first], first + len(runs[0])
            for run in runs[1:]:
                following = next((n for n in self.occurrences(run) if after <= n <= after + _MOST_LEFT_OUT), None)
                if following is None:
                    break
                chain.append(following)
                after = following + len(run)
            if len(chain) == len(runs) and (best is None or chain[-1] - chain[0] < best[-1] - best[0]):
                best = chain
        if best is None:
            return None
        changes: list[Change] = []
        for number, (first, run) in enumerate(zip(best, runs, strict=True)):
            start, end = self._span(first, first + len(run) - 1)
            if number:
                before = self._span(best[number - 1], best[number - 1] + len(runs[number - 1]) - 1)[1]
                between = " ".join(self.body[before:start].split())
                changes.append(Change("left out", between, ""))
            changes.append(Change("same", self.body[start:end], pieces[number]))
        start, end = self._span(best[0], best[-1] + len(runs[-1]) - 1)
        if not any(Words.of(change.document).words for change in changes if change.kind == "left out"):
            # Dots that leave nothing out.
            return Match("near-verbatim", start, end, self.body[start:end], (), 1)
        return Match("elided", start, end, self.body[start:end], tuple(changes), 1)

    def _altered(self, words: Sequence[str]) -> Match | None:
        """The place that shares most words in order, if it shares enough."""
        count = len(words)
        if count < 4:
            return None
        shifts: list[int] = []
        common: list[str] = []
        for number, word in enumerate(words):
            places = self._positions.get(word, ())
            if len(places) <= _RARE:
                shifts += [place - number for place in places]
            else:
                common.append(word)
        if not _may_be_enough(words, common, shifts):
            return None
        votes = Counter(shift // 4 for shift in shifts)
        best: tuple[int, list[tuple[str, int, int, int, int]], int] | None = None
        own, tried = Counter(words), set[int]()
        for bucket, _ in votes.most_common(8):
            if tried & {bucket - 1, bucket + 1}:
                # Nearly the same words.
                continue
            tried.add(bucket)
            low = max(0, 4 * bucket - 6)
            window = self.tokens.words[low : low + count + count // 2 + 16]
            if (own & Counter(window)).total() < _SAME * count:
                continue
            steps = _steps(window, words)
            size = sum(i2 - i1 for kind, i1, i2, _, _ in steps if kind == "equal")
            if best is None or size > best[0]:
                best = (size, steps, low)
        if best is None:
            return None
        size, steps, low = best
        equal = [step for step in steps if step[0] == "equal"]
        if not equal or not _enough(words, equal, size):
            return None
        # difflib takes the longest runs first, which is not the smallest difference.
        low, high = low + max(0, equal[0][1] - 3), low + equal[-1][2] + 3
        steps = _smallest(self.tokens.words[low:high], words)
        equal = [step for step in steps if step[0] == "equal"]
        changes: list[Change] = []
        inside = steps[steps.index(equal[0]) : steps.index(equal[-1]) + 1]
        for kind, i1, i2, j1, j2 in inside:
            there = self.body[self.tokens.starts[low + i1] : self.tokens.ends[low + i2 - 1]] if i2 > i1 else ""
            changes.append(Change(_KINDS[kind], " ".join(there.split()), " ".join(words[j1:j2])))
        # Words of the quotation before and behind all that is the same stand nowhere.
        head, tail = words[: equal[0][3]], words[equal[-1][4] :]
        changes[:0] = [Change("put in", "", " ".join(head))] if head else []
        changes += [Change("put in", "", " ".join(tail))] if tail else []
        start, end = self._span(low + equal[0][1], low + equal[-1][2] - 1)
        return Match("altered", start, end, self.body[start:end], tuple(changes), 1)


_KINDS: dict[str, Literal["same", "left out", "put in", "changed"]] = {
    "equal": "same",
    "delete": "left out",
    "insert": "put in",
    "replace": "changed",
}


@functools.lru_cache(maxsize=4096)
def _read(core: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Words of a quotation; those of its pieces; and its pieces, at dots and at what an editor put in."""
    pieces = [piece for piece in _DOTS.split(core) if Words.of(piece).words]
    parted = tuple(part for piece in pieces for part in _PUT_IN.split(piece) if Words.of(part).words)
    inside = tuple(word for piece in pieces for word in Words.of(piece).words)
    return tuple(Words.of(core).words), inside, parted


def _may_be_enough(words: Sequence[str], common: Sequence[str], shifts: list[int]) -> bool:
    """Whether so many words stand near each other that `_enough` may hold; without this each place would be tried.

    Parameters
    ----------
    words : sequence of str
        Of the quotation.
    common : sequence of str
        Those of them that stand in too many places to be told apart by.
    shifts : list of int
        For each other word and each place where it stands: that place less its place in the quotation.
    """
    count = len(words)
    long = _long_words(tuple(words))
    needed = max(_SAME * count - len(common), _SAME_LONG * long - sum(map(_is_long, common)), 1)
    if len(shifts) < needed:
        return False
    ordered = sorted(shifts)
    # Words left out or put in move what follows them by no more than the document's place may be longer.
    reach, ahead = count + 6, math.ceil(needed) - 1
    return any(ordered[i + ahead] - ordered[i] <= reach for i in range(len(ordered) - ahead))


@functools.lru_cache(maxsize=4096)
def _long_words(words: tuple[str, ...]) -> int:
    return sum(map(_is_long, words))


def _is_long(word: str) -> bool:
    return len(word) > 4 or not word.isascii()


def _smallest(window: Sequence[str], words: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """How a part of a window becomes the words of a quotation by the fewest changes of a word, as difflib tells it.

    What stands in the window before and behind that part costs nothing (Sellers 1980).
    """
    rows, columns = len(words) + 1, len(window) + 1
    # Of two ways with as many changes, the one that keeps more words.
    change = 1 + rows
    cost = [[0] * columns]
    for j, word in enumerate(words, start=1):
        above, row, left = cost[-1], [change * j], change * j
        for i, other in enumerate(window):
            best = above[i] - 1 if word == other else above[i] + change
            left = min(best, above[i + 1] + change, left + change)
            row.append(left)
        cost.append(row)
    j = len(words)
    i = min(range(columns), key=lambda i: (cost[j][i], i))
    path: list[tuple[str, int, int]] = []
    while j:
        if i and cost[j][i] == cost[j - 1][i - 1] + (change if words[j - 1] != window[i - 1] else -1):
            i, j = i - 1, j - 1
            path.append(("equal" if words[j] == window[i] else "replace", i, j))
        elif cost[j][i] == cost[j - 1][i] + change:
            j -= 1
            path.append(("insert", i, j))
        else:
            i -= 1
            path.append(("delete", i, j))
    made: list[tuple[str, int, int, int, int]] = []
    for kind, i, j in reversed(path):
        end = (i + (kind != "insert"), j + (kind != "delete"))
        if made and (made[-1][0] == kind or (kind != "equal" and made[-1][0] != "equal")):
            joined = kind if made[-1][0] == kind else "replace"
            made[-1] = (joined, made[-1][1], end[0], made[-1][3], end[1])
        else:
            made.append((kind, i, end[0], j, end[1]))
    return made


def _steps(window: Sequence[str], words: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """How the words of a window become those of a quotation."""
    return [*difflib.SequenceMatcher(None, window, words, autojunk=False).get_opcodes()]


def _enough(words: Sequence[str], equal: Sequence[tuple[str, int, int, int, int]], size: int) -> bool:
    """Whether a place shares enough with a quotation to be its source."""
    count = len(words)
    if size < max(_SAME * count, min(count - 1, 5)) or max(step[2] - step[1] for step in equal) < 2:
        return False
    # A source may have somewhat more words, not words from all over a page.
    if equal[-1][2] - equal[0][1] > 1.5 * count + 3:
        return False
    long = Counter(word for word in words if _is_long(word))
    kept = Counter(words[j] for _, _, _, j1, j2 in equal for j in range(j1, j2))
    same = sum(min(n, kept[word]) for word, n in long.items())
    return same >= _SAME_LONG * sum(long.values())


def _stripped(text: str) -> str:
    """Text without the punctuation around its first and last word."""
    words = _TOKEN.search(text), list(_TOKEN.finditer(text))
    return text[words[0].start() : words[1][-1].end()] if words[0] else text


# Kinds of quotation marks are alike: an article sets double ones as single ones inside its own.
_MARKS = str.maketrans({**dict.fromkeys('’‘“”"「」『』«»', "'"), "\u00a0": " ", "\u2011": "-"})


def _plain(text: str) -> str:
    return " ".join(text.translate(_MARKS).split())
