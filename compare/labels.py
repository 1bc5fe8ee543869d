"""Labels: what a theme is called."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compare.terms import Vocabulary, fold, in_english

Integers = NDArray[np.intp]


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


def label_themes(
    labels: Integers, documents: Integers, vocabulary: Vocabulary, language: str = "en"
) -> list[ThemeLabel]:
    """Name themes by the terms that are theirs and no other theme's.

    Class-based TF-IDF (Grootendorst 2022) in which documents weigh the same, times the part of the theme's passages
    that hold the term: a term that one passage repeats is no label.

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
    """
    themes = int(labels.max()) + 1
    sizes = np.bincount(documents)
    weight: list[dict[str, float]] = [{} for _ in range(themes)]
    holds: list[dict[str, int]] = [{} for _ in range(themes)]
    for row, counts in enumerate(vocabulary.passages):
        theme = labels[row]
        for term, count in counts.items():
            weight[theme][term] = weight[theme].get(term, 0.0) + min(count, 2) / sizes[documents[row]]
            holds[theme][term] = holds[theme].get(term, 0) + 1
    overall: dict[str, float] = {}
    for counts_of_theme in weight:
        for term, value in counts_of_theme.items():
            overall[term] = overall.get(term, 0.0) + value
    average = sum(overall.values()) / max(themes, 1)
    made = []
    for theme in range(themes):
        size = int((labels == theme).sum())
        total = sum(weight[theme].values()) or 1.0
        scored = []
        for term, value in weight[theme].items():
            held = holds[theme][term]
            score = value / total * math.log(1 + average / overall[term]) * math.sqrt(held / size)
            if held < 2:
                # What one passage alone says names the theme only where nothing else does.
                score *= 0.1
            elif " " in term:
                # A phrase says more than its words, but its words are counted with it each time.
                score *= 1.6
            if any(word.removesuffix("'s").removesuffix("’s").isupper() for word in vocabulary.printed(term).split()):
                # Acronyms are mostly the bodies that a plan charges, not what it charges them with.
                score *= 0.3
            if vocabulary.language[term] != language:
                # Readers of one language are given its terms first, and others by their translation.
                score *= 0.3 if in_english(term) != term else 0.05
            scored.append((score, term))
        made.append(_label([term for _, term in sorted(scored, key=lambda pair: (-pair[0], pair[1]))], vocabulary))
    return made


def _label(ranked: list[str], vocabulary: Vocabulary) -> ThemeLabel:
    """Label and keywords without two terms that share a word, Chinese terms in English where there is a word for it."""
    chosen: list[tuple[str, str]] = []
    taken: set[str] = set()
    for term in ranked:
        english = in_english(term)
        words = {fold(word) for word in english.split()}
        if not words & taken:
            chosen.append((term, english))
            taken |= words
        if len(chosen) == 10:
            break
    printed = [(vocabulary.printed(term), term, english) for term, english in chosen]
    label = ", ".join(title_case(form if term == english else english) for form, term, english in printed[:3])
    keywords = tuple(form if term == english else f"{english} ({form})" for form, term, english in printed)
    return ThemeLabel(label or "Unnamed", keywords)


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
