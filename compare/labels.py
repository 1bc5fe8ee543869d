"""Labels: what a theme is called, in nouns and noun phrases that are its own."""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compare.cache import ArrayCache, digest
from compare.terms import Vocabulary, adjectives, fold, gerunds, in_english

Integers = NDArray[np.intp]

KEYWORDS = 10
_LABEL = 3
_POOL = 120
_NOUN, _ADJECTIVE, _KNOWN = 1, 2, 4


@dataclass(frozen=True, slots=True)
class ThemeLabel:
    """What a theme is called.

    Attributes
    ----------
    label : str
        Up to three terms, in title case.
    keywords : tuple of str
        Up to ten terms, most characteristic first.
    """

    label: str
    keywords: tuple[str, ...]


class WordClasses:
    """Which English words can be nouns and which adjectives, by the dictionary of lemminflect.

    Parameters
    ----------
    words : iterable of str
        Folded words that will be asked for.
    store : ArrayCache
        Where the answers are kept, so that the dictionary is loaded once for the same words.
    """

    def __init__(self, words: Iterable[str], store: ArrayCache) -> None:
        listed = sorted({word for word in words if word.isascii()})
        key = digest("word classes", importlib.metadata.version("lemminflect"), "\n".join(listed))
        kept = store.get([key], "<f4").get(key)
        if kept is None or len(kept) != len(listed):
            kept = np.array([_looked_up(word) for word in listed], np.float32)
            store.put({key: kept}, "<f4")
        self._classes: Mapping[str, int] = dict(zip(listed, np.asarray(kept, int).tolist(), strict=True))

    @classmethod
    def of(cls, vocabulary: Vocabulary, store: ArrayCache) -> WordClasses:
        """Of all words of a vocabulary.

        Parameters
        ----------
        vocabulary : Vocabulary
            Terms of passages.
        store : ArrayCache
            As for `WordClasses`.
        """
        words = (word for term, language in vocabulary.language.items() if language != "zh" for word in term.split())
        return cls(words, store)

    def noun(self, word: str) -> bool:
        """Whether a word can be a noun; a word that no dictionary knows mostly is one ("deepfake")."""
        if word in gerunds():
            return True
        if word in adjectives() or word.endswith("ly"):
            return False
        found = self._classes.get(word, 0)
        return bool(found & _NOUN) or not found & _KNOWN

    def modifier(self, word: str) -> bool:
        """Whether a word can stand before a noun and make a term with it ("critical" infrastructure)."""
        found = self._classes.get(word, 0)
        return self.noun(word) or word in adjectives() or bool(found & _ADJECTIVE)


def _looked_up(word: str) -> int:
    from lemminflect import getAllLemmas

    found = getAllLemmas(word)
    return sum(
        value
        for value, there in ((_NOUN, "NOUN" in found), (_ADJECTIVE, "ADJ" in found), (_KNOWN, bool(found)))
        if there
    )


def label_themes(
    labels: Integers,
    documents: Integers,
    vocabulary: Vocabulary,
    language: str = "en",
    classes: WordClasses | None = None,
) -> list[ThemeLabel]:
    """Name themes by the terms that are theirs and no other theme's.

    Class-based TF-IDF (Grootendorst 2022) in which documents weigh the same, times the part of the theme's passages
    that hold the term: a term that one passage repeats is no label. Terms are nouns and noun phrases. After the first,
    each keyword is also chosen by how often it stands in one passage with those before it, so that together they tell
    of one thing.

    Parameters
    ----------
    labels : ndarray of int, shape (n_passages,)
        Theme of each passage.
    documents : ndarray of int, shape (n_passages,)
        Document of each passage.
    vocabulary : Vocabulary
        Of the passages.
    language : str
        Terms of this language are preferred where passages mix languages.
    classes : WordClasses, optional
        Of the words of the vocabulary, where they were looked up before.
    """
    themes = int(labels.max()) + 1
    sizes = np.bincount(documents)
    count = len(np.unique(documents))
    weight: list[dict[str, float]] = [{} for _ in range(themes)]
    rows: list[dict[str, list[int]]] = [{} for _ in range(themes)]
    for row, counts in enumerate(vocabulary.passages):
        theme = labels[row]
        for term, number in counts.items():
            weight[theme][term] = weight[theme].get(term, 0.0) + min(number, 2) / sizes[documents[row]]
            rows[theme].setdefault(term, []).append(row)
    overall: dict[str, float] = {}
    for of_theme in weight:
        for term, value in of_theme.items():
            overall[term] = overall.get(term, 0.0) + value
    average = sum(overall.values()) / max(themes, 1)
    totals = [sum(of_theme.values()) or 1.0 for of_theme in weight]
    highest: dict[str, float] = {}
    for theme, of_theme in enumerate(weight):
        for term, value in of_theme.items():
            highest[term] = max(highest.get(term, 0.0), value / totals[theme])
    classes = classes or WordClasses.of(vocabulary, ArrayCache(None))
    everywhere: dict[str, list[int]] = {}
    for of_theme_rows in rows:
        for term, held in of_theme_rows.items():
            everywhere.setdefault(term, []).extend(held)
    made = []
    for theme in range(themes):
        size = int((labels == theme).sum())
        total = totals[theme]
        spoken = len(np.unique(documents[labels == theme]))
        scored: list[tuple[float, str]] = []
        for term, value in weight[theme].items():
            held = rows[theme][term]
            score = value / total * math.log(1 + average / overall[term]) * math.sqrt(len(held) / size)
            score *= _standing(term, vocabulary, classes, language)
            if value / total < highest[term]:
                # A term tells of the theme that has most of it.
                score *= 0.3
            if len(held) < 2:
                # What one passage alone says names the theme only where nothing else does.
                score *= 0.05
            elif spoken > 1 and count > 1 and len({int(documents[row]) for row in held}) > 1:
                # What all documents of the theme say is what joins them.
                score *= 1.3
            scored.append((score, term))
        ranked = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:_POOL]
        made.append(_label(ranked, vocabulary, {term: frozenset(everywhere[term]) for _, term in ranked}, len(labels)))
    return made


def _standing(term: str, vocabulary: Vocabulary, classes: WordClasses, language: str) -> float:
    """How well a term serves as a label, by what kind of term it is; none serves at 0."""
    score = 1.0
    printed = vocabulary.printed(term).split()
    if vocabulary.language[term] != language:
        # Readers of one language are given its terms first, and others by their translation.
        score *= 0.3 if in_english(term) != term else 0.05
    if vocabulary.language[term] == "zh":
        return score
    parts = term.split()
    if not classes.noun(parts[-1]) or not all(classes.modifier(part) for part in parts[:-1]):
        return 0.001 * score
    if len(parts) > 1:
        # A phrase says more than its words, but its words are counted with it each time.
        score *= 1.6
    if any(word.removesuffix("'s").removesuffix("’s").isupper() for word in printed):
        # Acronyms are mostly the bodies that a plan charges, not what it charges them with.
        score *= 0.3
    elif len(printed) > 1 and all(word[:1].isupper() for word in printed):
        # So are names.
        score *= 0.5
    return score


def _label(
    ranked: Sequence[tuple[float, str]], vocabulary: Vocabulary, held: Mapping[str, frozenset[int]], passages: int
) -> ThemeLabel:
    """Label and keywords without two terms that share a word, Chinese terms in English where there is a word for it."""
    chosen: list[tuple[str, str]] = []
    taken: set[str] = set()
    left = [(score, term, in_english(term)) for score, term in ranked]
    while left and len(chosen) < KEYWORDS:
        # The label is what is most characteristic; the keywords after it are what stands beside it.
        fit = _fit([term for term, _ in chosen] if len(chosen) >= 2 else [], held, passages)
        score, term, english = max(left, key=lambda item: (item[0] * fit(item[1]), item[1]))
        if score <= 0 or (chosen and score < 1e-3 * ranked[0][0]):
            break
        chosen.append((term, english))
        taken |= {fold(word) for word in english.split()}
        left = [item for item in left if not {fold(word) for word in item[2].split()} & taken]
    printed = [(vocabulary.printed(term), term, english) for term, english in chosen]
    label = ", ".join(title_case(form if term == english else english) for form, term, english in printed[:_LABEL])
    keywords = tuple(form if term == english else f"{english} ({form})" for form, term, english in printed)
    return ThemeLabel(label or "Unnamed", keywords)


def _fit(chosen: Sequence[str], held: Mapping[str, frozenset[int]], passages: int) -> Callable[[str], float]:
    """How much a term counts beside those chosen: the less, the more rarely it stands in one passage with them."""

    def fit(term: str) -> float:
        if not chosen:
            return 1.0
        found = []
        for other in chosen:
            both = len(held[term] & held[other])
            if both == 0:
                found.append(0.0)
                continue
            # Normalised pointwise mutual information (Bouma 2009), from -1 to 1.
            likely = math.log(both * passages / (len(held[term]) * len(held[other])))
            found.append(max(0.0, likely / -math.log(both / passages) if both < passages else 1.0))
        return (0.03 + sum(found) / len(found)) ** 3

    return fit


def title_case(text: str) -> str:
    """Capitals at the start of words that have none.

    Examples
    --------
    >>> title_case("open-source models"), title_case("NIST standards")
    ('Open-Source Models', 'NIST Standards')
    """
    return " ".join(
        "-".join(part if any(c.isupper() for c in part) else part[:1].upper() + part[1:] for part in word.split("-"))
        for word in text.split(" ")
    )
