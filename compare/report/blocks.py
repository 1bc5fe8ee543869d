"""What a report is made of, whatever the format: paragraphs, passages, tables, pictures.

The wording of a report and the choice of what it shows are made once, as these pieces; terminal, HTML and Markdown each
draw them in their own way. Text in a piece is plain text: it is for the renderer to see that it stays text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from compare.documents import Document, Passage
from compare.inference import Interval
from compare.results import Join

Style = Literal["", "strong", "faint", "emphasis", "code", "address"]


@dataclass(frozen=True, slots=True)
class Span:
    """Words in one style.

    Attributes
    ----------
    text : str
        Plain text.
    style : {"", "strong", "faint", "emphasis", "code", "address"}
        How it stands out.
    document : str
        Id of the document in whose colour it stands; empty for none.
    quoted : bool
        Whether it is a document's own text, of which no character may be replaced.
    row : int or None
        The passage that it names, a position in `Comparison.rows`, for formats that can lead there.
    """

    text: str
    style: Style = ""
    document: str = ""
    quoted: bool = False
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text.

    Attributes
    ----------
    spans : tuple of Span
        Its words.
    number : int or None
        Number in a list of findings; None in plain text.
    under : bool
        Whether it belongs to the numbered paragraph above it.
    """

    spans: tuple[Span, ...]
    number: int | None = None
    under: bool = False

    @property
    def text(self) -> str:
        """The words without their styles."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Subhead:
    """A heading within a part.

    Attributes
    ----------
    text, note : str
        The heading, and what stands beside it.
    folded : bool
        Whether what follows may be folded away, in formats that can.
    """

    text: str
    note: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Quotation:
    """A passage with its place.

    Attributes
    ----------
    document : str
        Id of its document.
    row : int or None
        Its position in `Comparison.rows`; None where the document has none.
    note : str
        What is said beside the place.
    most : int or None
        Columns it may fill before it is cut at a word; None to show it whole.
    """

    document: str
    row: int | None
    note: str = ""
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """Passages of two documents, side by side where there is room.

    Attributes
    ----------
    left, right : Quotation
        The two passages.
    heading : str
        What they are about.
    """

    left: Quotation
    right: Quotation
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Figures of two documents, drawn back to back, full at `largest`."""

    left: Interval
    right: Interval
    largest: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    text : str
        What stands in it.
    strong : bool
        Whether it stands out.
    picture : Bars or tuple of int, optional
        Bars, or counts along a document for a sparkline.
    sort : float, optional
        What a column of figures is sorted by.
    """

    text: str = ""
    strong: bool = False
    picture: Bars | tuple[int, ...] | None = None
    sort: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
        Its heading.
    kind : {"label", "figure", "left", "bars", "line", "mark", "text", "drawn"}
        What stands in it; "left" is a figure set to the left, "line" a sparkline, "text" words beside the label,
        "drawn" a picture made of characters of one width, which a page of HTML leaves out.
    least : int
        Width of the report, in columns, from which it is shown.
    document : str
        Id of the document that it is about; empty for none.
    meaning : str
        The heading in full, for formats with room.
    """

    title: str
    kind: Literal["label", "figure", "left", "bars", "line", "mark", "text", "drawn"]
    least: int = 0
    document: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes
    ----------
    caption : str
        What it shows, for those who do not see it.
    columns : tuple of Column
        Its columns.
    rows : tuple of tuple of Cell
        As many cells a row as there are columns.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class ThemeMap:
    """The passages of each document on one plane, a panel a document.

    Attributes
    ----------
    points : dict of str to tuple of (float, float)
        By document: places of its passages, both coordinates between 0 and 1.
    names : tuple of (str, float, float, frozenset of str)
        What is written into the map, where, and into the panels of which documents.
    """

    points: dict[str, tuple[tuple[float, float], ...]]
    names: tuple[tuple[str, float, float, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A dendrogram.

    Attributes
    ----------
    leaves : tuple of (str, str)
        From above to below: what a leaf is called, and the id of the document or group in whose colour it stands.
    joins : tuple of Join
        The nearest first, leaves numbered in that order.
    figures : tuple of str
        The joins' distances as they are told.
    floor : (float, str) or None
        The noise floor, and how it is told.
    picture : str
        Name of the figure that shows the same.
    """

    leaves: tuple[tuple[str, str], ...]
    joins: tuple[Join, ...]
    figures: tuple[str, ...]
    floor: tuple[float, str] | None
    picture: str = ""


def highest(grid: Grid, column: int) -> int:
    """The highest count that sparklines of a column show; 1 at least."""
    counted = (row[column].picture for row in grid.rows)
    return max((max(picture, default=1) for picture in counted if isinstance(picture, tuple)), default=1)


Block = Paragraph | Subhead | Quotation | Beside | Grid | ThemeMap | Tree


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report.

    Attributes
    ----------
    name : str
        What ``--section`` calls it.
    title : str
        Its heading; empty for the head of the report.
    note : str
        What the figures in it are.
    blocks : tuple of Block
        What it holds, in order.
    figure : str
        Name of the figure that shows the same, for formats with figures; empty for none.
    """

    name: str
    title: str
    note: str = ""
    blocks: tuple[Block, ...] = field(default=())
    figure: str = ""


class Located(Protocol):
    """A passage with its document."""

    @property
    def document(self) -> str:
        """Id of its document."""

    @property
    def passage(self) -> Passage:
        """Text and place."""


class Told(Protocol):
    """What a renderer takes documents and passages from."""

    @property
    def texts(self) -> tuple[Document, ...]:
        """The documents."""

    @property
    def rows(self) -> Sequence[Located]:
        """Passages that pieces of the report name by their position."""

    def document(self, name: str) -> Document:
        """One of the documents, by its id."""


def plain(text: str, style: Style = "") -> Paragraph:
    """A paragraph in one style."""
    return Paragraph((Span(text, style),))


def led(lead: str, text: str, style: Style = "", document: str = "") -> Paragraph:
    """A paragraph that opens with words that stand out."""
    return Paragraph((Span(lead, "strong", document), Span(text, style)))


def listed(items: Sequence[str]) -> str:
    """Items in one sentence, set apart by semicolons, with a full stop."""
    return "; ".join(items) + "."
