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
        Page of the file on which it begins, counted from 1; None where the format has no pages.
    page_label : str or None
        The page or point number as printed in the document.
    paragraph : int
        Number of its paragraph or list item in the document, counted from 0.
    depth : int
        0 in running text; in a list item how deep the list is nested, from 1.
    lead_in : str
        What introduces the list that it stands in: the sentence before the list, the item above a nested list, or a
        label such as "Recommended actions"; empty where nothing does.
    last_page : int or None
        Page of the file on which it ends.
    start, end : int
        Its place in the document's body, in characters (code points): ``body[start:end] == text``.
    """

    order: int
    text: str
    section: tuple[str, ...] = ()
    page: int | None = None
    page_label: str | None = None
    paragraph: int = 0
    depth: int = 0
    lead_in: str = ""
    last_page: int | None = None
    start: int = 0
    end: int = 0

    @property
    def bullet(self) -> bool:
        """Whether it stands in a list item."""
        return self.depth > 0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and where it stands.

    Attributes
    ----------
    path : tuple of str
        The heading with those above it, outermost first.
    start, end : int
        Place of the heading in the document's body, in characters.
    page : int or None
        Page of the file, counted from 1; None where the format has no pages or the page was not told.
    page_label : str or None
        The page or point number as printed.
    """

    path: tuple[str, ...]
    start: int = 0
    end: int = 0
    page: int | None = None
    page_label: str | None = None


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A line of the table of contents that the document prints.

    Attributes
    ----------
    title : str
        As printed, without leaders and page number.
    page_label : str or None
        The page number that it gives.
    level : int
        Depth in the table, from 0, as far as indents or numbers show it.
    """

    title: str
    page_label: str | None = None
    level: int = 0


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
    body : str
        The text as read, headings included: blocks in reading order with an empty line between them. Offsets of
        passages and sections count in it.
    outline : tuple of Section
        The headings with their places, in reading order.
    contents : tuple of ContentsEntry
        The table of contents that the document prints, empty where it prints none.
    quoted : tuple of (int, int)
        Places in the body of block quotations, each with all its paragraphs.
    """

    passages: tuple[Passage, ...]
    sections: tuple[tuple[str, ...], ...] = ()
    title: str | None = None
    language: str = "en"
    notices: tuple[str, ...] = ()
    body: str = ""
    outline: tuple[Section, ...] = ()
    contents: tuple[ContentsEntry, ...] = ()
    quoted: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
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
    first_page : int or None
        Page of the official file, counted from 1, that is printed as page 1; None where unknown.
    notices : tuple of str
        What a user should know about the reading.
    body : str
        The text as read, headings included, in which offsets of passages count.
    outline : tuple of Section
        The headings with their places, in reading order.
    members : tuple of str
        For a group, the labels of its documents.
    joined : tuple of Document
        For a group, its documents, whose passages follow each other in it.
    quoted : tuple of (int, int)
        Places in the body of block quotations, each with all its paragraphs.
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
    first_page: int | None = None
    notices: tuple[str, ...] = field(default=())
    body: str = ""
    outline: tuple[Section, ...] = ()
    members: tuple[str, ...] = ()
    joined: tuple[Document, ...] = ()
    quoted: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        return f"Document({self.id!r}: {self.title}; {self.basis}, {len(self.passages)} passages)"

    @property
    def words(self) -> int:
        """Number of words; of characters in Chinese, where words are not set apart (of both in several languages)."""
        if self.language == "zh":
            return sum(_characters(p.text) for p in self.passages)
        if self.language == "mul":
            return sum(_characters(p.text) or len(p.text.split()) for p in self.passages)
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

    def address(self, passage: Passage) -> str:
        """Web address of the official text at the passage's page; empty where there is none.

        In a PDF the page is named in the address (RFC 8118); of a page of HTML there is the whole.

        Examples
        --------
        >>> plan = Document("x", "X", "X", "en", "digest", "0" * 64, (), source="https://x.org/x.pdf", first_page=4)
        >>> plan.address(Passage(0, "A sentence.", page_label="3"))
        'https://x.org/x.pdf#page=6'
        """
        order = passage.order
        for member in self.joined:
            if order < len(member.passages):
                return member.address(member.passages[order])
            order -= len(member.passages)
        if not self.source.startswith(("https://", "http://")):
            return ""
        if not self.source.partition("#")[0].partition("?")[0].lower().endswith(".pdf"):
            return self.source
        page = passage.page if self.basis != "digest" else None
        label = passage.page_label or ""
        if page is None and self.first_page is not None and label.isascii() and label.isdecimal():
            page = int(label) + self.first_page - 1
        return f"{self.source}#page={page}" if page is not None and "#" not in self.source else self.source


def _characters(text: str) -> int:
    return sum("\u4e00" <= c <= "\u9fff" for c in text)
