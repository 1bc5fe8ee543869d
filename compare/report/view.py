"""A comparison as one report looks at it: how much of it, and the names that tables use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from compare.arrays import QUOTABLE
from compare.comparison import Comparison
from compare.documents import Document
from compare.inference import Difference, Interval
from compare.report import text as shared
from compare.report.blocks import Bars, Cell, Column, Grid, Paragraph, Quotation, plain
from compare.results import Pairwise

Detail = Literal["brief", "default", "full"]
MARK = "●"
# Documents that a table sets side by side before it goes on below.
SIDE_BY_SIDE = 4

BY_PASSAGE = "the same interval if passages were independent, which they are not"
NOISE = "what halves of one document typically differ by"


@dataclass(frozen=True, slots=True)
class Shares:
    """A row of a table of shares.

    Attributes
    ----------
    label : str
        What the shares are of.
    shares : dict of str to Interval
        By document, between 0 and 1.
    differences : sequence of Pairwise
        Of each two documents.
    number : str
        Its number; empty where rows have none.
    flag : str
        What to beware of.
    courses : tuple of tuple of int
        For each document, counts along its course; empty where they are not told.
    """

    label: str
    shares: dict[str, Interval]
    differences: Sequence[Pairwise]
    number: str = ""
    flag: str = ""
    courses: tuple[tuple[int, ...], ...] = ()

    @property
    def told(self) -> bool:
        """Whether a difference holds and a claim may be founded on it."""
        return self.flag != "?" and any(pair.difference.holds for pair in self.differences)


@dataclass(frozen=True)
class View:
    """A comparison and how much of it is told.

    Attributes
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    detail : {"brief", "default", "full"}
        One screen, a few, or everything.
    notebook: bool
        Whether its reader is at Python's prompt and not at a command line.
    """

    comparison: Comparison
    detail: Detail = "default"
    notebook: bool = False

    def whole(self, section: str) -> str:
        """How to get a part in full."""
        return f'to_text(detail="full", sections=["{section}"])' if self.notebook else f"--section {section}"

    @property
    def full(self) -> bool:
        """Whether everything is told."""
        return self.detail == "full"

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents, in the order given."""
        return self.comparison.texts

    @property
    def two(self) -> bool:
        """Whether there are two documents, so that one can be set against the other."""
        return len(self.documents) == 2

    def short(self, identifier: str) -> str:
        """Name of a document in tables."""
        return self.comparison.document(identifier).short

    @property
    def ours(self) -> str:
        """What is said beside passages that are not the issuers' words; empty where they are."""
        return "; in our words, not the issuers'" if any(d.basis == "digest" for d in self.documents) else ""

    def quotation(self, document: str, row: int | None, note: str = "") -> Quotation:
        """A passage, whole where everything is told."""
        return Quotation(document, row, note, None if self.full else QUOTABLE)

    def first(self, items: Sequence[int], few: int, many: int | None = None) -> Sequence[int]:
        """The first rows: few of them, or many where everything is told."""
        return items[: many if self.full else few]

    def of_each(self, evidence: dict[str, tuple[int, ...]], few: int, many: int, none: str) -> Iterator[Quotation]:
        """The first passages of each document, and a word where it has none."""
        for document in self.documents:
            rows = self.first(evidence[document.id], few, many)
            for row in rows:
                yield self.quotation(document.id, row)
            if not rows:
                yield self.quotation(document.id, None, none)

    # Tables

    def tables(self, head: str, caption: str, rows: Sequence[Shares]) -> Iterator[Grid | Paragraph]:
        """Shares by document, in per cent: two documents back to back; more in columns, then which pairs differ.

        Parameters
        ----------
        head, caption : str
            What a row is, and what the table shows.
        rows : sequence of Shares
            What stands in it.
        """
        if self.two:
            yield self._back_to_back(head, caption, rows)
            return
        for start in range(0, len(self.documents), SIDE_BY_SIDE):
            yield self._columns(head, caption, rows, self.documents[start : start + SIDE_BY_SIDE])
        held = self._held(rows)
        if held:
            yield plain(f"{MARK} Differences that hold: {held}.")

    def _back_to_back(self, head: str, caption: str, rows: Sequence[Shares]) -> Grid:
        first, second = self.documents
        values = [share.value for row in rows for share in row.shares.values()]
        ends = [share.high for row in rows for share in row.shares.values()]
        # One wide interval must not flatten all bars: the whisker may reach the edge, the value never.
        largest = max(max(values, default=0), min(max(ends, default=0), 1.6 * max(values, default=0)), 0.01)
        columns = [
            Column(first.short, "figure", document=first.id),
            Column("", "bars"),
            Column(second.short, "left", document=second.id),
            Column("Difference", "figure", 76, meaning=f"{first.short} less {second.short}, rounded on its own"),
            Column("q", "figure", 106, meaning="false discovery rate over the table"),
            Column("By passage", "figure", 126, meaning=BY_PASSAGE),
            Column("Noise", "figure", 112, meaning=NOISE),
        ]
        if any(row.courses for row in rows):
            columns += [Column(d.short, "line", 150, d.id) for d in self.documents]
        made = []
        for row in rows:
            difference = row.differences[0].difference
            one, two = row.shares[first.id], row.shares[second.id]
            cells = (
                Cell(shared.share(one), sort=one.value),
                Cell(picture=Bars(one, two, largest)),
                Cell(shared.share(two), sort=two.value),
                Cell(shared.points(difference), sort=difference.value),
                Cell(rate(difference.q), sort=difference.q),
                Cell(by_passages(difference), sort=difference.low_passages),
                Cell(f"{100 * difference.floor:.0f}", sort=difference.floor),
                *(Cell(picture=course) for course in row.courses),
            )
            made.append(cells)
        return self._labelled(head, caption, rows, columns, made)

    def _columns(self, head: str, caption: str, rows: Sequence[Shares], shown: Sequence[Document]) -> Grid:
        columns = [Column(d.short, "figure", document=d.id) for d in shown]
        made = [tuple(Cell(shared.share(row.shares[d.id]), sort=row.shares[d.id].value) for d in shown) for row in rows]
        return self._labelled(head, caption, rows, columns, made)

    def _labelled(
        self,
        head: str,
        caption: str,
        rows: Sequence[Shares],
        columns: Sequence[Column],
        cells: Sequence[tuple[Cell, ...]],
    ) -> Grid:
        """A table with numbers, labels and marks around its cells."""
        numbered = any(row.number for row in rows)
        number = (Column("", "figure"),) if numbered else ()
        made = []
        for row, own in zip(rows, cells, strict=True):
            before = (Cell(row.number, sort=float(row.number)),) if numbered else ()
            mark = Cell(MARK if row.told else row.flag, strong=True)
            made.append((*before, Cell(row.label, row.told), *own, mark))
        return Grid(caption, (*number, Column(head, "label"), *columns, Column("", "mark")), tuple(made))

    def _held(self, rows: Sequence[Shares]) -> str:
        """With three documents and more: which pairs a difference holds between; empty where none does."""
        found = []
        for row in rows:
            for pair in row.differences if row.told else ():
                if pair.difference.holds:
                    more, less = sorted((pair.first, pair.second), key=lambda d: -row.shares[d].value)
                    found.append(f"{row.label}: {self.short(more)} over {self.short(less)}")
        return "; ".join(found)


def rate(q: float) -> str:
    """A false discovery rate: three digits, and never zero."""
    return f"{q:.3f}" if q >= 0.0005 else "<0.001"


def by_passages(difference: Difference) -> str:
    """The interval that passages would give if they were independent."""
    low, high = (
        shared.signed(100 * end).removeprefix("+") for end in (difference.low_passages, difference.high_passages)
    )
    return f"[{low}, {high}]"


def score(interval: Interval) -> str:
    """A mean score with its interval: "+0.5 [0.1, 1.0]"."""
    low, high = shared.signed(interval.low, 1).removeprefix("+"), shared.signed(interval.high, 1).removeprefix("+")
    return f"{shared.signed(interval.value, 1)} [{low}, {high}]"
