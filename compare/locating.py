"""Where a passage stands, as quotations and claims name it."""

from __future__ import annotations

from dataclasses import dataclass

from compare.documents import Document, Passage


@dataclass(frozen=True, slots=True)
class Place:
    """A passage of one of the documents.

    Attributes
    ----------
    document : str
        Id of the document.
    passage : int or None
        Number of the passage in the document, from 0; None for a heading.
    section : tuple of str
        Headings above it, outermost first.
    page : int or None
        Page of the file, counted from 1.
    page_label : str or None
        The page or point number as printed.
    similarity : float or None
        Cosine of its vector with that of the quotation, where it was found by meaning.
    """

    document: str
    passage: int | None
    section: tuple[str, ...] = ()
    page: int | None = None
    page_label: str | None = None
    similarity: float | None = None


def place_of(document: Document, passage: Passage, similarity: float | None = None) -> Place:
    """Where a passage stands.

    Parameters
    ----------
    document, passage
        The passage and its document.
    similarity : float, optional
        With what it was found by.
    """
    return Place(
        document.id,
        passage.order,
        passage.section,
        passage.page,
        passage.page_label,
        None if similarity is None else round(similarity, 4),
    )
