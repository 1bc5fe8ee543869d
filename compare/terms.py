"""Terms of a passage: words and two-word phrases, without function words and boilerplate."""

from __future__ import annotations

import functools
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from compare.places import data_table

_WORD = re.compile(r"[A-Za-z][A-Za-z'’\-]*[A-Za-z]|[A-Z]")
# The bodies in charge, which some plans put in brackets behind a measure.
NOTE_AT_END = re.compile(r"\s*[\[［【]([^\[\]［］【】]{2,300})[\]］】]\s*$")
# Passages between two words on progress.
_OFTEN = 1000
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")


@functools.cache
def stop_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Function words, and all words kept out of labels and lists, of a language.

    Parameters
    ----------
    language : str
        ISO 639-1 code; a language without a list gives empty sets.
    """
    lists = data_table("stopwords.toml").get(language, {})
    function = frozenset(lists.get("function", "").split())
    kept = ("function", "boilerplate", "citation")
    return function, function.union(*(lists.get(name, "").split() for name in kept))


@functools.cache
def _never_alone(language: str) -> frozenset[str]:
    """Words that are terms only together with another one."""
    return frozenset(data_table("stopwords.toml").get(language, {}).get("alone", "").split())


@functools.cache
def gerunds() -> frozenset[str]:
    """English words in -ing that are subjects of policies, though dictionaries know them as verbs alone."""
    return frozenset(data_table("stopwords.toml")["en"]["gerunds"].split())


@functools.cache
def adjectives() -> frozenset[str]:
    """English words that dictionaries also know as nouns but that policies use as adjectives."""
    return frozenset(data_table("stopwords.toml")["en"]["adjectives"].split())


def fold(word: str) -> str:
    """Lower case, without possessive and plural, so that "model" and "Models" are one term.

    Examples
    --------
    >>> fold("Agencies"), fold("models"), fold("process"), fold("America's"), fold("crisis")
    ('agency', 'model', 'process', 'america', 'crisis')
    """
    word = word.lower().replace("’", "'").removesuffix("'s").strip("'-")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def terms(text: str, language: str) -> list[tuple[str, str]]:
    """Terms of a text as (folded, as printed) pairs, in reading order, phrases after their words.

    Parameters
    ----------
    text : str
        A passage.
    language : str
        "zh" cuts words with jieba; other languages are cut at blanks and punctuation.

    Examples
    --------
    >>> [folded for folded, _ in terms("Export controls bind allies.", "en")]
    ['export', 'control', 'bind', 'ally', 'export control', 'control bind', 'bind ally']
    """
    if language == "zh":
        return [(word, word) for word in _chinese_words(text) if word not in stop_words("zh")[1]]
    function, kept_out = stop_words("en")
    words: list[tuple[str, str]] = []
    phrases: list[tuple[str, str]] = []
    before: tuple[str, str] | None = None
    end = -1
    for found in _WORD.finditer(text):
        printed = found.group()
        folded = fold(printed)
        plain = printed.lower().replace("’", "'").removesuffix("'s")
        # A phrase does not run across punctuation.
        adjacent = before is not None and not text[end : found.start()].strip()
        end = found.end()
        if len(folded) < 2 or plain in function or folded in function:
            before = None
            continue
        boilerplate = plain in kept_out or folded in kept_out
        if not boilerplate and plain not in _never_alone("en"):
            words.append((folded, printed))
        if adjacent and before is not None:
            phrases.append((f"{before[0]} {folded}", f"{before[1]} {printed}"))
        before = (folded, printed)
    return words + [(a, b) for a, b in phrases if not _dull(a, kept_out)]


def _dull(phrase: str, kept_out: frozenset[str]) -> bool:
    """Whether a phrase has a boilerplate word: it would say no more than its other word."""
    return any(word in kept_out for word in phrase.split())


@functools.cache
def glossary() -> dict[str, str]:
    """English for Chinese policy terms, lower case but for names."""
    return dict(data_table("glossary-zh-en.toml")["terms"])


def in_english(term: str) -> str:
    """English of a Chinese term where the glossary has one, else the term itself.

    Examples
    --------
    >>> in_english("算力"), in_english("open source")
    ('computing power', 'open source')
    """
    return glossary().get(term, term)


@functools.cache
def _cutter() -> Any:
    """The Chinese cutter, with the glossary's terms as words of their own; one for this package alone."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    cutter.initialize()
    for term in glossary():
        cutter.add_word(term)
    return cutter


def _chinese_words(text: str) -> list[str]:
    return [word for part in _HAN.findall(text) for word in _cutter().cut(part) if len(word) > 1]


class Vocabulary:
    """Terms of many passages, with the form in which each is printed most often.

    Parameters
    ----------
    texts : sequence of str
        Passages.
    languages : sequence of str
        Language of each passage.
    progress : callable, optional
        Called with the passages done and to do.

    Attributes
    ----------
    passages : list of Counter
        Number of times that each passage holds each folded term.
    """

    def __init__(
        self, texts: Sequence[str], languages: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> None:
        self.passages: list[Counter[str]] = []
        printed: dict[str, Counter[str]] = {}
        self.language: dict[str, str] = {}
        for text, language in zip(texts, languages, strict=True):
            if progress is not None and len(self.passages) % _OFTEN == 0:
                progress(len(self.passages), len(texts))
            pairs = terms(text, language)
            self.passages.append(Counter(folded for folded, _ in pairs))
            for folded, as_printed in pairs:
                printed.setdefault(folded, Counter())[as_printed] += 1
                self.language.setdefault(folded, language)
        self._printed = {folded: _usual(forms) for folded, forms in printed.items()}

    def printed(self, folded: str) -> str:
        """Form in which a term stands most often in the passages."""
        return self._printed[folded]

    def total(self, rows: Iterable[int]) -> Counter[str]:
        """Counts of terms over some passages."""
        made: Counter[str] = Counter()
        for row in rows:
            made.update(self.passages[row])
        return made


def _usual(forms: Counter[str]) -> str:
    """Most frequent form; lower case unless the term is nearly always capitalised; ties by the alphabet."""
    lower: Counter[str] = Counter()
    for form, count in forms.items():
        lower[form.lower()] += count
    best = min(lower, key=lambda form: (-lower[form], form))
    same = {form: count for form, count in forms.items() if form.lower() == best}
    capitalised = {form: count for form, count in same.items() if form != best}
    if capitalised and sum(capitalised.values()) > 0.8 * sum(same.values()):
        return min(capitalised, key=lambda form: (-capitalised[form], form))
    return best
