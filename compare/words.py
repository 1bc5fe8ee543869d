"""Distinctive vocabulary: which terms set one document apart from another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compare.terms import Vocabulary


@dataclass(frozen=True, slots=True)
class DistinctiveTerm:
    """A term that one document uses more than the rest do.

    Attributes
    ----------
    term : str
        As most often printed.
    document : int
        Number of the document that it sets apart.
    z : float or None
        Log-odds ratio in standard errors; None where documents share no language and only counts can be given.
    counts : tuple of int
        Number of times in each document.
    passages : tuple of int
        Rows of the document's passages that hold it, one a section first.
    """

    term: str
    document: int
    z: float | None
    counts: tuple[int, ...]
    passages: tuple[int, ...]


def distinctive_terms(
    vocabulary: Vocabulary,
    documents: Sequence[int],
    sections: Sequence[int],
    languages: Sequence[str],
    most: int = 20,
) -> list[DistinctiveTerm]:
    """Terms by the log-odds ratio with an informative Dirichlet prior.

    The prior is the documents' joint vocabulary, its weight a tenth of all counts. Terms with z above 1 are listed, of
    which those above 1.96 are distinctive beyond chance. A term must stand in two sections at least, so that one
    section does not make a document's vocabulary. Documents are compared with all others of their language; where a
    document is alone with its language, its most frequent terms are given with counts and without z.

    Parameters
    ----------
    vocabulary : Vocabulary
        Of all passages.
    documents, sections : sequence of int, length n_passages
        Number of each passage's document, and of its section (unique over documents).
    languages : sequence of str, length n_documents
        Language of each document.
    most : int
        Most terms a document.

    References
    ----------
    Monroe, Colaresi & Quinn 2008, Fightin' Words, Political Analysis 16.
    """
    count_of = len(languages)
    rows_of = [[row for row, d in enumerate(documents) if d == document] for document in range(count_of)]
    totals = [vocabulary.total(rows) for rows in rows_of]
    where: dict[str, list[int]] = {}
    for row, counts in enumerate(vocabulary.passages):
        for term in counts:
            where.setdefault(term, []).append(row)
    made = []
    for document in range(count_of):
        others = [d for d in range(count_of) if d != document and languages[d] == languages[document]]
        rest: Counter[str] = Counter()
        for other in others:
            rest.update(totals[other])
        scored: list[tuple[float, str]]
        if others:
            scored = [(z, term) for term, z in log_odds(totals[document], rest).items() if z > 1.0]
        else:
            scored = [(float(n), term) for term, n in totals[document].items()]
        kept: list[DistinctiveTerm] = []
        for score, term in sorted(scored, key=lambda pair: (-pair[0], pair[1])):
            own = [row for row in where[term] if documents[row] == document]
            by_section: dict[int, int] = {}
            for row in own:
                by_section.setdefault(sections[row], row)
            if len(by_section) < 2 or _covered(term, totals[document], kept):
                continue
            passages = list(by_section.values()) + [row for row in own if row not in by_section.values()]
            kept.append(
                DistinctiveTerm(
                    vocabulary.printed(term),
                    document,
                    score if others else None,
                    tuple(total[term] for total in totals),
                    tuple(passages),
                )
            )
            if len(kept) == most:
                break
        made.extend(kept)
    return made


def log_odds(first: Counter[str], second: Counter[str]) -> dict[str, float]:
    """Log-odds ratio of each term with an informative Dirichlet prior, in standard errors.

    Examples
    --------
    >>> z = log_odds(Counter(race=9, data=20), Counter(share=9, data=20))
    >>> z["race"] > 2 > abs(z["data"])
    True
    """
    both = first + second
    n1, n2 = first.total(), second.total()
    prior_size = 0.1 * (n1 + n2)
    made = {}
    for term, count in both.items():
        prior = prior_size * count / (n1 + n2)
        one, two = first[term] + prior, second[term] + prior
        odds_one = np.log(one) - np.log(n1 + prior_size - one)
        odds_two = np.log(two) - np.log(n2 + prior_size - two)
        made[term] = float((odds_one - odds_two) / np.sqrt(1 / one + 1 / two))
    return made


def _covered(term: str, total: Counter[str], kept: Sequence[DistinctiveTerm]) -> bool:
    """Whether a listed phrase already holds this word (or a listed word this phrase) nearly every time."""
    for other in kept:
        longer, shorter = sorted((term, other.term.lower()), key=len, reverse=True)
        if " " in longer and f" {shorter} " in f" {longer} ":
            own = total[term]
            theirs = other.counts[other.document]
            if min(own, theirs) >= 0.5 * max(own, theirs):
                return True
    return False
