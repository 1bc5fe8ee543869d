"""What a document is once it has been read: sections, passages, and where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence of the body, with the place where a reader finds it.

    Attributes
    ----------
    order : int
        Position in the document, counted from 0.
    text : str
        The sentence as printed, with lines joined and hyphenation at line ends undone.
    section : tuple of str
        Headings above it, outermost first; empty where the document has none.
    page : int or None
        Page of the file, counted from 1; None where the format has no pages.
    page_label : str or None
        The page or point number as printed in the document.
    paragraph : int
        Number of its paragraph or list item in the document, counted from 0.
    bullet : bool
        Whether it stands in a list item.
    """

    order: int
    text: str
    section: tuple[str, ...] = ()
    page: int | None = None
    page_label: str | None = None
    paragraph: int = 0
    bullet: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """What a reader takes out of one file, before a catalogue or a user gives it a name.

    Attributes
    ----------
    passages : tuple of Passage
        All passages, in reading order.
    sections : tuple of tuple of str
        Every heading path in reading order, also those without a passage of their own.
    title : str or None
        The title that the file gives of itself.
    language : str
        ISO 639-1 code, "en" or "zh".
    notices : tuple of str
        What a user should know about the reading, a line each.
    """

    passages: tuple[Passage, ...]
    sections: tuple[tuple[str, ...], ...] = ()
    title: str | None = None
    language: str = "en"
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document, read and named.

    Attributes
    ----------
    id : str
        Catalogue name, or a name made of the file's.
    label : str
        Short name for tables and bars.
    title : str
        Full title.
    language : str
        ISO 639-1 code.
    basis : str
        "official" (the issuer's text), "digest" (the project's restatement) or "file" (a user's file).
    sha256 : str
        Checksum of the bytes that were read, 64 hexadecimal digits.
    passages : tuple of Passage
        All passages, in reading order.
    sections : tuple of tuple of str
        Heading paths in reading order.
    short : str
        Name of a word or two, for bars and columns.
    genre : str
        What kind of text it is and whom it addresses; empty where unknown.
    issuer, date, source : str
        Who issued it, when (ISO 8601) and where its official text stands; empty where unknown.
    notices : tuple of str
        What a user should know about the reading.
    """

    id: str
    label: str
    title: str
    language: str
    basis: str
    sha256: str
    passages: tuple[Passage, ...]
    sections: tuple[tuple[str, ...], ...] = ()
    short: str = ""
    genre: str = ""
    issuer: str = ""
    date: str = ""
    source: str = ""
    notices: tuple[str, ...] = field(default=())

    @property
    def words(self) -> int:
        """Number of words; of characters in Chinese, where words are not set apart."""
        if self.language == "zh":
            return sum(sum("\u4e00" <= c <= "\u9fff" for c in p.text) for p in self.passages)
        return sum(len(p.text.split()) for p in self.passages)

    def passage_id(self, passage: Passage) -> str:
        """Identifier of a passage across documents.

        Examples
        --------
        >>> d = Document("x", "X", "X", "en", "file", "0" * 64, (Passage(0, "A sentence."),))
        >>> d.passage_id(d.passages[0])
        'x:0001'
        """
        return f"{self.id}:{passage.order + 1:04d}"
