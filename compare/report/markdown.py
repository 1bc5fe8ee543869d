"""The report as Markdown for a wiki (CommonMark with GitHub's tables)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence

from compare.comparison import Comparison
from compare.report import text as shared
from compare.report.blocks import (
    Beside,
    Block,
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
from compare.report.outline import outline
from compare.report.pictures import course_line, dendrogram, map_panel
from compare.report.view import Detail

_MAP_WIDTH, _MAP_LINES = 48, 14
_DENDROGRAM = 96
# In a report that is not told in full, the columns of a wide terminal but for the widest.
_USUAL_COLUMNS = 112


def escape(text: str) -> str:
    r"""Text as Markdown that shows it as it is.

    Only what can mean something within a line, or at its start, is escaped, or prose would be full of backslashes.

    Examples
    --------
    >>> escape("*no* [link](x) <b>")
    '\\*no\\* \\[link\\]\\(x\\) &lt;b&gt;'
    >>> escape("1. no list, https://x.org"), escape("- no list")
    ('1\\. no list, https\\://x.org', '\\- no list')
    """
    made = shared.visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    made = re.sub(r"([\\`*_\[\]()|~$^])", r"\\\1", made)
    # Addresses that some readers make links of.
    made = re.sub(r"(?i)\b(https?|ftp|mailto|www)([:.])", r"\1\\\2", made)
    return re.sub(r"^(\s*)(?:(\d+)(?=[.])|(?=[-+#=]))", r"\1\2\\", made)


def code(text: str) -> str:
    """Text as a span of code, whatever backticks are in it.

    Examples
    --------
    >>> code("a ` b")
    '``a ` b``'
    """
    text = shared.visible(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def render_markdown(comparison: Comparison, detail: Detail = "default", sections: Sequence[str] = ()) -> str:
    """The report as Markdown.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    detail : {"brief", "default", "full"}
        One screen, a few, or everything.
    sections : sequence of str
        Only these parts.
    """
    title = " and ".join(d.label for d in comparison.texts)
    return written(comparison, outline(comparison, detail, sections), title, detail)


def written(told: Told, parts: Iterable[Part], title: str, detail: Detail = "default") -> str:
    """Parts of a report as Markdown.

    Parameters
    ----------
    told : Told
        Where the passages are from.
    parts : iterable of Part
        The report; the first block of its head is the title's.
    title : str
        Its heading.
    detail : {"brief", "default", "full"}
        How wide its tables may be.
    """
    writer = _Writer(told, detail)
    lines: list[str] = []
    for part in parts:
        if part.name == "head":
            lines += [f"# {escape(title)}", ""]
            blocks: Iterable[Block] = part.blocks[1:]
        else:
            if part.title:
                lines += [f"## {escape(part.title)}", ""]
            if part.note:
                lines += [f"*{escape(part.note)}*", ""]
            blocks = part.blocks
        for block in blocks:
            lines += writer.block(block)
    return "\n".join(lines).rstrip() + "\n"


class _Writer:
    def __init__(self, comparison: Told, detail: Detail) -> None:
        self.comparison = comparison
        self.widest = math.inf if detail == "full" else _USUAL_COLUMNS

    def block(self, block: Block) -> Iterator[str]:
        match block:
            case Paragraph():
                number = "" if block.number is None else f"{block.number}. "
                yield number + "".join(map(self._span, block.spans)).strip()
                yield ""
            case Subhead():
                yield f"### {escape(block.text)}"
                yield ""
                if block.note:
                    yield f"*{escape(block.note)}*"
                    yield ""
            case Quotation():
                yield from self._quotation(block)
            case Beside():
                if block.heading:
                    yield f"**{escape(block.heading)}**"
                    yield ""
                yield from self._quotation(block.left)
                yield from self._quotation(block.right)
            case Grid():
                yield from self._grid(block)
            case ThemeMap():
                yield from self._map(block)
            case Tree():
                yield from self._tree(block)

    def _span(self, span: Span) -> str:
        if span.style == "code":
            return code(span.text)
        if span.style == "address":
            return f"[{escape(span.text)}](<{_address(shared.visible(span.text))}>)"
        text = escape(span.text)
        mark = {"strong": "**", "emphasis": "*"}.get(span.style, "")
        if not mark or not text.strip():
            return text
        inner = text.strip()
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        # A mark must touch the word it marks.
        return f"{before}{mark}{inner}{mark}{after}"

    def _quotation(self, block: Quotation) -> Iterator[str]:
        document = self.comparison.document(block.document)
        if block.row is None:
            yield f"{escape(document.short)}: {escape(block.note)}."
            yield ""
            return
        row = self.comparison.rows[block.row]
        text = row.passage.text if block.most is None else shared.cut(row.passage.text, block.most)
        place, address = escape(shared.place(row)), document.address(row.passage)
        where = f"[{place}](<{_address(address)}>)" if address else place
        note = f", {escape(block.note)}" if block.note else ""
        yield f"> {escape(text)}"
        yield ">"
        yield f"> {escape(document.short)}, {where}{note}"
        yield ""

    def _grid(self, grid: Grid) -> Iterator[str]:
        shown = [
            i
            for i, column in enumerate(grid.columns)
            if column.kind == "line" or (column.kind != "bars" and column.least <= self.widest)
        ]
        columns = [grid.columns[i] for i in shown]
        largest = {i: highest(grid, i) for i in shown}
        yield "| " + " | ".join(escape(column.title) or " " for column in columns) + " |"
        yield "|" + "|".join(_rule(column) for column in columns) + "|"
        for row in grid.rows:
            cells = []
            for i in shown:
                cell = row[i]
                drawn = course_line(cell.picture, largest[i]) if isinstance(cell.picture, tuple) else escape(cell.text)
                cells.append(f"**{drawn}**" if cell.strong and drawn else drawn)
            yield "| " + " | ".join(cells) + " |"
        yield ""
        meant = [f"{column.title}: {column.meaning}." for column in columns if column.title and column.meaning]
        if meant:
            yield escape(" ".join(meant))
            yield ""

    def _map(self, block: ThemeMap) -> Iterator[str]:
        for document, points in block.points.items():
            names = [(name, x, y) for name, x, y, where in block.names if document in where]
            yield f"{escape(self.comparison.document(document).short)}:"
            yield ""
            yield "```text"
            yield from (line.rstrip() for line, _ in map_panel(points, names, _MAP_WIDTH, _MAP_LINES))
            yield "```"
            yield ""

    def _tree(self, block: Tree) -> Iterator[str]:
        labels = [shared.visible(label) for label, _ in block.leaves]
        drawn, _ = dendrogram(labels, block.joins, block.figures, block.floor, _DENDROGRAM)
        # Longer than any backticks in a label, which could end it.
        longest = max((len(run) for line in drawn for run in re.findall("`+", line)), default=0)
        fence = "`" * max(3, longest + 1)
        yield f"{fence}text"
        yield from drawn
        yield fence
        yield ""


def _rule(column: Column) -> str:
    return " ---: " if column.kind == "figure" else " --- "


def _address(address: str) -> str:
    return address.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
