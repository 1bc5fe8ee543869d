"""The report as one page of HTML that needs nothing from elsewhere.

All text passes through jinja2's autoescaping; figures are pictures in the page, which no script of theirs can leave;
the page's own style and script are named by their checksums, so that a browser runs no others.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from compare.comparison import Comparison
from compare.report import text as shared
from compare.report.blocks import Bars, Block, Grid, Located, Paragraph, Part, Quotation, Subhead, Told, Tree
from compare.report.colours import COLOURS
from compare.report.outline import outline
from compare.report.pictures import dendrogram
from compare.report.view import Detail

# Beyond this a page is too heavy for a browser, and a table of frames the better place.
_MOST_PASSAGES = 5000
_BAR, _HEIGHT = 90, 14
_DENDROGRAM = 96
_MARKS = {"●": "holds", "?": "unstable", "~": "may hold two subjects"}
# Columns whose smallest figure is what a reader looks for.
_SMALLEST_FIRST = {"", "q"}
_CAPTIONS = {
    "themes": "Share of each document's passages by theme, with 95 % intervals.",
    "tone": "Share of passages in which each pole of tone is heard, with 95 % intervals.",
    "actors": "Share of passages that order or encourage, by whom they ask, with 95 % intervals.",
    "map": "The passages of each document on one plane: near in meaning and context is near.",
    "tone_by_theme": "Differences in mean score within a theme: ● holds, ○ suggested, pale neither, blank too little.",
    "trends": "Figures by year, with 95 % intervals, of the trends told below.",
    "dendrogram": "Dendrogram by average linkage: what joins further left is nearer; beside a join its support in %.",
}


@dataclass(frozen=True, slots=True)
class _Picture:
    source: str
    alternative: str
    caption: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Findings in a row, each with the passages below it, or one other block."""

    numbered: bool
    blocks: tuple[Block, ...]
    items: tuple[tuple[Paragraph, tuple[Paragraph | Quotation, ...]], ...] = ()


def render_html(comparison: Comparison) -> str:
    """The whole report as a page that needs nothing from elsewhere.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    """
    title = " and ".join(document.label for document in comparison.texts)
    return _render(comparison, "full", figures=True, title=f"{title}: policy-compare")


def render_fragment(comparison: Comparison) -> str:
    """The report without figures and without a script, for a notebook.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    """
    return _render(comparison, "default", figures=False, fragment=True)


def _render(comparison: Comparison, detail: Detail, *, figures: bool, title: str = "", fragment: bool = False) -> str:
    parts = outline(comparison, detail, notebook=fragment)
    return page(
        comparison,
        parts,
        title=title,
        version=comparison.method["versions"]["policy-compare"],
        fragment=fragment,
        pictures=_pictures(comparison, [*(part.figure for part in parts), "map", *_trees(parts)]) if figures else {},
        labels={theme.id: theme.label for theme in comparison.theme_results},
        tones=comparison.tone_results,
        listed=not fragment and len(comparison.rows) <= _MOST_PASSAGES,
    )


def _trees(parts: Sequence[Part]) -> list[str]:
    return [block.picture for part in parts for block in part.blocks if isinstance(block, Tree)]


def page(
    told: Told,
    parts: Sequence[Part],
    *,
    title: str,
    version: str,
    heading: str = "",
    fragment: bool = False,
    pictures: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    tones: Sequence[Any] = (),
    listed: bool = False,
) -> str:
    """Parts of a report as a page of HTML, or as a fragment of one.

    Parameters
    ----------
    told : Told
        Where the passages are from.
    parts : sequence of Part
        The report, its head first.
    title, heading : str
        Of the page, and the line above the report; by default the documents.
    version : str
        Of the program.
    fragment : bool
        Whether it is to stand in a notebook.
    pictures : mapping of str to picture, optional
        Figures by name.
    labels : mapping of str to str, optional
        Headings of themes by id.
    tones : sequence of ToneResult
        Dimensions whose scores the list of passages has.
    listed : bool
        Whether all passages are listed at the end.
    """
    head, *rest = parts
    order = {d.id: i % len(COLOURS) for i, d in enumerate(told.texts)}
    style, script = _asset("page.css"), _asset("page.js")
    template = _environment().get_template("page.html.jinja")
    markup = _environment().globals["markup"]
    made: str = template.render(
        head=head,
        parts=rest,
        title=title,
        heading=heading,
        fragment=fragment,
        documents={d.id: d for d in told.texts},
        order=order,
        rows=told.rows,
        labels=labels or {},
        tones=tones,
        listed=listed,
        pictures=pictures or {},
        language=lambda row: _language(told, row),
        full_side=_full_side,
        tree=lambda block: markup(_tree(block)),
        bars=lambda picture: markup(_bars(picture)),
        line=lambda counts: markup(_line(counts)),
        style=markup(style),
        script=markup(script),
        style_hash=_checksum(style),
        script_hash=_checksum(script),
        version=version,
    )
    # Lines that only steer the template are empty in what it makes.
    return re.sub(r"\n(?:[ \t]*\n)+", "\n", made).lstrip()


@functools.cache
def _environment() -> Any:
    import jinja2
    from markupsafe import Markup

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("compare.report", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: shared.visible(value) if type(value) is str else value,
        keep_trailing_newline=True,
    )
    made.globals.update(
        place=shared.place,
        signed=lambda value: shared.signed(value, 1),
        number=lambda value: f"{value:.6g}",
        pairs=lambda one, two: list(zip(one, two, strict=True)),
        groups=lambda blocks: list(_groups(blocks)),
        runs=lambda blocks: list(_runs(blocks)),
        marks=_MARKS,
        ranks={"●": 2, "?": 1, "~": 1},
        smallest_first=_SMALLEST_FIRST,
        markup=Markup,
    )
    return made


@functools.cache
def _asset(name: str) -> str:
    return (resources.files("compare.report") / name).read_text("utf-8")


def _checksum(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _language(told: Told, row: Located) -> str:
    """Language of a passage where it is not that of the page."""
    code = told.document(row.document).language
    return "" if code in {"en", "mul"} else code


@dataclass(frozen=True, slots=True)
class _Group:
    """What stands under one heading, or before the first."""

    head: Subhead | None
    blocks: tuple[Block, ...]


def _groups(blocks: Sequence[Block]) -> Iterator[_Group]:
    head: Subhead | None = None
    waiting: list[Block] = []
    for block in blocks:
        if isinstance(block, Subhead):
            if head is not None or waiting:
                yield _Group(head, tuple(waiting))
            head, waiting = block, []
        else:
            waiting.append(block)
    yield _Group(head, tuple(waiting))


def _runs(blocks: Sequence[Block]) -> Iterator[_Run]:
    """Numbered blocks that follow each other taken together, each with what stands below it."""
    items: list[tuple[Paragraph, tuple[Paragraph | Quotation, ...]]] = []
    for block in blocks:
        if isinstance(block, Paragraph) and block.number is not None:
            items.append((block, ()))
        elif items and (isinstance(block, Quotation) or (isinstance(block, Paragraph) and block.under)):
            items[-1] = (items[-1][0], (*items[-1][1], block))
        else:
            if items:
                yield _Run(True, (), tuple(items))
                items = []
            yield _Run(False, (block,))
    if items:
        yield _Run(True, (), tuple(items))


def _pictures(comparison: Comparison, names: Sequence[str]) -> dict[str, _Picture]:
    from compare.report.figures import picture

    made = {}
    for name in dict.fromkeys(name for name in names if name):
        if name == "map" and not comparison.positions:
            continue
        drawn = picture(comparison, name)
        size = re.search(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"', drawn)
        width, height = (round(float(part)) for part in size.groups()) if size else (600, 400)
        source = "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()
        documents = ", ".join(d.short for d in comparison.texts)
        below = {"map": "", "tone_by_theme": " The text below gives the figures."}
        alternative = f"Points with intervals for {documents}.{below.get(name, ' The table below gives the figures.')}"
        if name == "map":
            alternative = f"A panel of points for each document: {documents}."
        kind = name.partition(" ")[0]
        if kind == "trends":
            alternative = "Points with intervals by year. The tables below give the figures."
        elif kind == "dendrogram":
            alternative = "A dendrogram. The text below it draws the same with its figures."
        made[name] = _Picture(source, alternative, _CAPTIONS[kind], width, height)
    return made


def _full_side(grid: Grid) -> str:
    """The share at which a side of a table's bars is full, in per cent."""
    pictures = (cell.picture for row in grid.rows for cell in row)
    return f"{100 * next(p.largest for p in pictures if isinstance(p, Bars)):.0f}"


def _bars(picture: Bars) -> str:
    """Two bars back to back with their intervals, an arrow where one goes on; the figures stand beside them."""
    half = _BAR
    scale = half / picture.largest
    drawn = []
    for sign, interval, colour in ((-1, picture.left, COLOURS[0]), (1, picture.right, COLOURS[1])):
        low, value, high = (min(half, scale * x) for x in (interval.low, interval.value, interval.high))
        x = half - value if sign < 0 else half
        drawn.append(f'<rect x="{x:.1f}" y="2" width="{value:.1f}" height="10" fill="{colour}" fill-opacity="0.75"/>')
        one, two = half + sign * low, half + sign * high
        beyond = scale * interval.high > half + 0.5
        tip = f"M{two - 4 * sign:.1f} 3L{two:.1f} 7L{two - 4 * sign:.1f} 11" if beyond else f"M{two:.1f} 4v6"
        drawn.append(f'<path class="whisker" d="M{one:.1f} 7H{two:.1f}{tip}" fill="none"/>')
    size = f'width="{2 * half}" height="{_HEIGHT}" viewBox="0 0 {2 * half} {_HEIGHT}"'
    axis = f'<path class="axis" d="M{half} 0V{_HEIGHT}"/>'
    return f'<svg {size} aria-hidden="true" focusable="false">{"".join(drawn)}{axis}</svg>'


def _tree(block: Tree) -> str:
    """A dendrogram in characters, a leaf a line."""
    labels = [shared.visible(label) for label, _ in block.leaves]
    drawn, _ = dendrogram(labels, block.joins, block.figures, block.floor, _DENDROGRAM)
    return html.escape("\n".join(drawn))


def _line(counts: Sequence[int]) -> str:
    """Passages along a document, a column a part."""
    top = max(max(counts), 1)
    width = 5 * len(counts)
    columns = "".join(
        f'<rect x="{5 * i}" y="{13 - 12 * n / top:.1f}" width="4" height="{12 * n / top:.1f}"/>'
        for i, n in enumerate(counts)
        if n
    )
    label = html.escape(f"passages in {len(counts)} parts of the document: " + ", ".join(map(str, counts)))
    size = f'width="{width}" height="14" viewBox="0 0 {width} 14"'
    return (
        f'<svg {size} role="img" aria-label="{label}" fill="currentColor">'
        f'<path class="axis" d="M0 13.5H{width}"/>{columns}</svg>'
    )
