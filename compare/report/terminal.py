"""The terminal report, on rich. A comparison in, text out; nothing is computed here but widths."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from compare.comparison import Comparison
from compare.report import text as shared
from compare.report.blocks import (
    Bars,
    Beside,
    Block,
    Cell,
    Column,
    Grid,
    Paragraph,
    Part,
    Quotation,
    Span,
    Subhead,
    ThemeMap,
    Told,
    Tree,
    highest,
)
from compare.report.colours import COLOURS
from compare.report.outline import outline
from compare.report.pictures import course_line, dendrogram, diverging_bar, map_panel
from compare.report.view import Detail

# Lines of prose longer than this are hard to read, however wide the terminal.
_PROSE = 110
Colours = Literal["auto", "standard", "256", "truecolor", "windows"]
_STYLES = {"": "", "strong": "bold", "faint": "dim", "emphasis": "italic", "code": "dim", "address": "dim"}
# What is drawn with where only ASCII can be shown; the documents' own text is left as it is.
_PLAIN = str.maketrans(
    {"●": "*", "·": "-", "−": "-", "─": "-", "…": "~", "█": "#", "▓": "=", "▸": ">", "“": '"', "”": '"'}
)
# Blanks at the end of a line, with the escapes of colours between them.
_TAIL = re.compile(r"(?:\x1b\[[0-9;]*m| )+$")
# Columns that a label has at least.
_LABEL = 19
_PANEL, _PANEL_LINES = 56, 13
_DENDROGRAM = 120
# Below this two passages side by side are columns too narrow to read.
_BESIDE = 72


class Report:
    """Renders the parts of a report for a console of a width.

    Parameters
    ----------
    comparison : Told
        A comparison, or anything else with documents and passages.
    width : int
        Columns.
    ascii_only : bool
        Whether only ASCII may be drawn with; the documents' own text is left as it is.
    """

    def __init__(self, comparison: Told, width: int, ascii_only: bool = False) -> None:
        self.comparison = comparison
        self.width = width
        self.prose = min(width, _PROSE)
        self.ascii_only = ascii_only
        self.documents = comparison.texts
        self.colour = {d.id: COLOURS[i % len(COLOURS)] for i, d in enumerate(self.documents)}
        self._told: set[str] = set()
        self._left = 2

    def render(self, parts: Iterable[Part]) -> Iterator[RenderableType]:
        """What is printed, piece by piece.

        Parameters
        ----------
        parts : iterable of Part
            As `compare.report.outline.outline` gives them.
        """
        for part in parts:
            # Below a numbered finding its passages stand in line with its words.
            self._left = 4 if any(isinstance(b, Paragraph) and b.number is not None for b in part.blocks) else 2
            if part.title:
                yield self._title(part.title, part.note)
            elif part.name != "head":
                yield Text("")
            for block in part.blocks:
                yield from self._block(block)

    def _block(self, block: Block) -> Iterator[RenderableType]:
        match block:
            case Paragraph():
                yield self._paragraph(block)
            case Subhead():
                yield from self._subhead(block)
            case Quotation():
                yield self._quotation(block)
            case Beside():
                yield from self._beside(block)
            case Grid():
                yield from self._grid(block)
            case ThemeMap():
                yield from self._map(block)
            case Tree():
                yield self._tree(block)

    # Text

    def _plain(self, text: str) -> str:
        return shared.visible(text.translate(_PLAIN) if self.ascii_only else text)

    def _text(self, spans: Iterable[Span]) -> Text:
        made = Text()
        for span in spans:
            style = f"{_STYLES[span.style]} {self.colour.get(span.document, '')}".strip()
            made.append(shared.visible(span.text) if span.quoted else self._plain(span.text), style)
        return made

    def _indented(self, text: RenderableType, left: int = 0) -> RenderableType:
        return Padding(text, (0, self.width - self.prose, 0, left))

    @staticmethod
    def _broken(text: Text, width: int) -> Text:
        """The text in lines of our breaking: rich breaks figures in two, and Chinese before punctuation."""
        lines = text.divide(shared.breaks(text.plain, width))
        for line in lines:
            line.rstrip()
        return Text("\n").join(lines)

    def _paragraph(self, paragraph: Paragraph) -> RenderableType:
        text = self._text(paragraph.spans)
        if paragraph.under:
            return self._indented(self._broken(text, self.prose - 3), 3)
        if paragraph.number is None:
            return self._indented(self._broken(text, self.prose))
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(width=2, justify="right")
        table.add_column()
        table.add_row(Text(str(paragraph.number), style="bold"), self._broken(text, self.prose - 4))
        return self._indented(table)

    def _headed(self, title: str, note: str) -> list[Text]:
        """A heading with its note, on one line where there is room."""
        head = Text(self._plain(title), style="bold")
        if not note:
            return [head]
        if cell_len(title) + cell_len(note) + 2 > self.width:
            return [head, Text(self._plain(note), style="dim")]
        head.append(f"  {self._plain(note)}", style="not bold dim")
        return [head]

    def _title(self, title: str, note: str) -> RenderableType:
        rule = Rule(characters="-" if self.ascii_only else "─", style="dim")
        return Group(Text(""), rule, *self._headed(title, note))

    def _subhead(self, block: Subhead) -> Iterator[RenderableType]:
        yield Text("")
        for line in self._headed(block.text, block.note):
            yield self._indented(line)

    def _lead(self, block: Quotation) -> str:
        short = self.comparison.document(block.document).short
        if block.row is None:
            return f"{short}: "
        place = shared.place(self.comparison.rows[block.row])
        return f"{short}, {place}" + (f", {block.note}" if block.note else "") + ": "

    def _quoted(self, block: Quotation, width: int) -> Text:
        """A passage behind its place, wrapped by us, since rich breaks Chinese before punctuation."""
        lead = shared.visible(self._lead(block))
        if block.row is None:
            return Text(f"{lead}{block.note}.", style="dim")
        found = shared.visible(self.comparison.rows[block.row].passage.text)
        if block.most is not None:
            found = shared.cut(found, block.most)
        head = shared.wrap(lead, width)
        used = cell_len(head[-1]) + 1
        text = Text("\n".join(head), style=self.colour[block.document])
        if used > width - 12:
            text.append("\n")
            used = 0
        else:
            text.append(" ")
        text.append("\n".join(shared.wrap(found, width, used)), style="default")
        return text

    def _quotation(self, block: Quotation) -> RenderableType:
        return self._indented(self._quoted(block, self.prose - self._left), self._left)

    def _beside(self, block: Beside) -> Iterator[RenderableType]:
        if block.heading:
            yield self._indented(self._broken(Text(self._plain(block.heading), style="bold"), self.prose))
        if self.width < _BESIDE:
            yield self._quotation(block.left)
            yield self._quotation(block.right)
            return
        # Wider than prose: each side is a column of its own.
        side = (min(self.width, 2 * _PROSE) - 5) // 2
        table = Table.grid(padding=(0, 3, 0, 0))
        table.add_column(width=side)
        table.add_column(width=side)
        table.add_row(self._quoted(block.left, side), self._quoted(block.right, side))
        yield Padding(table, (0, 0, 0, 2))

    # Tables

    def _grid(self, grid: Grid) -> Iterator[RenderableType]:
        shown = [i for i, column in enumerate(grid.columns) if column.least <= self.width]
        bar = self._bar_width(grid, shown)
        # A key below the table comes too late.
        key = self._key(grid, shown)
        if key:
            yield self._indented(self._broken(Text(self._plain(key), style="dim"), self.prose))
        for fitting in self._fitting(grid, shown, bar):
            yield self._table(grid, fitting, bar)

    def _fitting(self, grid: Grid, shown: Sequence[int], bar: int) -> Iterator[list[int]]:
        """Columns of one table, or of several below each other where not all documents fit: no figure is cut."""

        def needed(i: int) -> int:
            column = grid.columns[i]
            if column.kind in ("label", "text"):
                return _LABEL
            if column.kind == "bars":
                return bar
            texts = [cell_len(row[i].text) for row in grid.rows]
            lines = [len(row[i].picture) for row in grid.rows if isinstance(row[i].picture, tuple)]  # type: ignore[arg-type]
            return max([1, *texts, *lines]) + 1

        apart = [i for i in shown if grid.columns[i].document and not bar]
        always = [i for i in shown if i not in apart]
        room = self.width - sum(map(needed, always))
        while apart:
            taken = [apart.pop(0)]
            while apart and sum(map(needed, [*taken, apart[0]])) <= room:
                taken.append(apart.pop(0))
            yield sorted([*always, *taken])
            if not apart:
                return
        yield always

    def _table(self, grid: Grid, shown: Sequence[int], bar: int) -> Table:
        largest = {i: highest(grid, i) for i in shown}
        table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim", show_edge=False, pad_edge=False)
        for i in shown:
            widest = max((cell_len(row[i].text) for row in grid.rows), default=0)
            self._add_column(table, grid.columns[i], bar, max(8, widest))
        for row in grid.rows:
            table.add_row(*(self._cell(grid.columns[i], row[i], bar, largest[i]) for i in shown))
        return table

    def _bar_width(self, grid: Grid, shown: Sequence[int]) -> int:
        if not any(grid.columns[i].kind == "bars" for i in shown):
            return 0
        return (
            11
            if self.width < 76
            else 15
            if self.width < 90
            else 21
            if self.width < 120
            else 31
            if self.width < 160
            else 45
        )

    def _heading(self, title: str, most: int) -> str:
        """Name of a document above its figures: it may be as wide as they are, or twelve columns, and no wider."""
        most = max(most, 16 if len(self.documents) == 2 else 12)
        title = self._plain(title)
        return title if cell_len(title) <= most else set_cell_size(title, most - 1).rstrip() + "…"

    def _add_column(self, table: Table, column: Column, bar: int, most: int) -> None:
        title = self._heading(column.title, most) if column.document else self._plain(column.title)
        style = self.colour.get(column.document, "")
        match column.kind:
            case "label" | "text":
                table.add_column(title, ratio=1, overflow="fold")
            case "drawn":
                table.add_column(title, no_wrap=True, ratio=1)
            case "bars":
                table.add_column(title, no_wrap=True, width=bar)
            case "mark":
                table.add_column(title, no_wrap=True, width=1)
            case "left" | "line":
                table.add_column(title, no_wrap=True, style=style)
            case "figure":
                plain = style or ("dim" if column.meaning else "")
                table.add_column(title, justify="right", no_wrap=True, style=plain)

    def _cell(self, column: Column, cell: Cell, bar: int, largest: int) -> Text:
        if isinstance(cell.picture, Bars):
            first, second = self.documents[0].id, self.documents[1].id
            drawn = diverging_bar(cell.picture.left, cell.picture.right, cell.picture.largest, bar, self.ascii_only)
            picture = Text(drawn, no_wrap=True)
            picture.stylize(self.colour[first], 0, bar // 2)
            picture.stylize(self.colour[second], bar // 2 + 1, len(drawn))
            return picture
        if cell.picture is not None:
            return Text(course_line(cell.picture, largest, self.ascii_only), no_wrap=True)
        return Text(self._plain(cell.text), style="bold" if cell.strong else "")

    def _key(self, grid: Grid, shown: Sequence[int]) -> str:
        """What the columns mean that need a word, each once in a report."""
        columns = [grid.columns[i] for i in shown]
        said = [
            f"{column.title}: {column.meaning}."
            for column in columns
            if column.title and column.meaning and f"{column.title} {column.meaning}" not in self._told
        ]
        self._told |= {f"{column.title} {column.meaning}" for column in columns}
        bars = next((i for i in shown if grid.columns[i].kind == "bars"), None)
        if bars is not None and grid.rows and "bars" not in self._told:
            picture = grid.rows[0][bars].picture
            full = f" A full side is {100 * picture.largest:.0f} %." if isinstance(picture, Bars) else ""
            left, right = (d.short for d in self.documents)
            said.append(
                f"Bars, {left} to the left and {right} to the right: █ to the lower end of the interval, ▓ on to the "
                f"share, ─ on to the upper end (▸ past the edge).{full}"
            )
            self._told.add("bars")
        if any(column.kind == "line" for column in columns) and "line" not in self._told:
            said.append("Lines: where in the document its passages stand, from first to last.")
            self._told.add("line")
        return " ".join(said)

    # The map

    def _map(self, block: ThemeMap) -> Iterator[RenderableType]:
        """A panel a document, as many beside each other as fit; numbers where themes have most passages."""
        fit = max(1, min(len(block.points), (self.width + 2) // 28))
        panel = min(_PANEL, (self.width + 2) // fit - 2)
        lines = min(_PANEL_LINES, max(8, round(panel * 0.34)))
        listed = list(block.points)
        for start in range(0, len(listed), fit):
            table = Table.grid(padding=(0, 2, 0, 0))
            cells = []
            for document in listed[start : start + fit]:
                table.add_column(width=panel)
                names = [(name, x, y) for name, x, y, where in block.names if document in where]
                text = Text(
                    shared.visible(self.comparison.document(document).short), style=f"bold {self.colour[document]}"
                )
                for line, spans in map_panel(block.points[document], names, panel, lines, self.ascii_only):
                    text.append("\n")
                    drawn = Text(line, style=f"not bold {self.colour[document]}")
                    for begin, end in spans:
                        drawn.stylize("bold default", begin, end)
                    text.append_text(drawn)
                text.no_wrap = True
                cells.append(text)
            table.add_row(*cells)
            yield table

    # Dendrograms

    def _tree(self, block: Tree) -> RenderableType:
        labels = [self._plain(label) for label, _ in block.leaves]
        width = min(self.width, _DENDROGRAM)
        drawn, name = dendrogram(labels, block.joins, block.figures, block.floor, width, self.ascii_only)
        text = Text(no_wrap=True)
        for number, line in enumerate(drawn):
            one = Text(line, style="dim" if number in (0, len(block.leaves) + 1) else "")
            if 1 <= number <= len(block.leaves):
                # A wide character is one character of the line and two columns of it.
                end = len(set_cell_size(line, name).rstrip())
                one.stylize(self.colour.get(block.leaves[number - 1][1], ""), 0, end)
            text.append_text(one).append("\n" if number < len(drawn) - 1 else "")
        return text


def _print(parts: Iterable[RenderableType], console: Console) -> None:
    for part in parts:
        console.print(part, markup=False, highlight=False, emoji=False)


def render_text(
    comparison: Comparison,
    width: int = 100,
    ascii_only: bool = False,
    detail: Detail = "default",
    sections: Sequence[str] = (),
    colours: Colours | None = None,
) -> str:
    """The report as text, no line with blanks at its end.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    width : int
        Columns.
    ascii_only : bool
        Whether only ASCII may be drawn with.
    detail : {"brief", "default", "full"}
        One screen, a few, or everything.
    sections : sequence of str
        Only these parts.
    colours : {"standard", "256", "truecolor", "windows"}, optional
        What the terminal can show; without it there is no escape in the text.
    """
    return drawn(comparison, outline(comparison, detail, sections), width, ascii_only, colours)


def drawn(
    told: Told, parts: Iterable[Part], width: int, ascii_only: bool = False, colours: Colours | None = None
) -> str:
    """Parts of a report as text, no line with blanks at its end.

    Parameters
    ----------
    told : Told
        Where the passages are from.
    parts : iterable of Part
        The report.
    width, ascii_only, colours
        As for `render_text`.
    """
    console = Console(
        file=io.StringIO(),
        width=width,
        height=1000,
        color_system=colours,
        force_terminal=colours is not None,
        legacy_windows=False,
        # Whether there are to be colours was decided by the caller.
        no_color=False,
    )
    with console.capture() as captured:
        _print(Report(told, width, ascii_only).render(parts), console)
    # A line ends where its text does, so that a pager or a pipe is not filled with blanks.
    return "\n".join(_TAIL.sub(lambda tail: tail[0].replace(" ", ""), line) for line in captured.get().split("\n"))


def render_svg(
    comparison: Comparison, width: int = 100, detail: Detail = "default", sections: Sequence[str] = ()
) -> str:
    """A picture of the report as SVG: by default its opening, which is findings, themes and tone.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    width : int
        Columns.
    detail : {"brief", "default", "full"}
        One screen, a few, or everything.
    sections : sequence of str
        Only these parts.
    """
    console = Console(
        file=io.StringIO(),
        width=width,
        height=1000,
        record=True,
        color_system="truecolor",
        force_terminal=True,
        legacy_windows=False,
    )
    if detail == "default" and not sections:
        sections = ("findings", "themes", "tone")
    _print(Report(comparison, width).render(outline(comparison, detail, sections)), console)
    picture = console.export_svg(title="policy-compare", unique_id="policy-compare")
    # A picture fetches nothing: without the font from elsewhere, the reader's own monospaced one serves.
    return re.sub(r"@font-face\s*\{[^}]*\}\s*", "", picture)
