"""The structure tree of a tagged PDF: which element of it each piece of a page's content belongs to.

Roles follow ISO 32000-2, 14.8.4 (standard structure types). The tree comes from the file and may loop, be as deep or
as large as a hostile writer likes; pdfium breaks loops, and depth and number of elements are bounded here.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

MAX_DEPTH = 40
MAX_ELEMENTS = 20_000  # a page
_MANY = 1_000  # children of one element; above that those of the page are looked for near those of the page before
_AWAY = 400  # children in a row that are not of the page, before the search ends

_HEADING = re.compile(r"^(?:h|heading[ _-]?)([1-9])?$", re.IGNORECASE)
_INLINE = frozenset(
    ["Span", "Em", "Strong", "Quote", "Reference", "BibEntry", "Code", "Link", "Annot", "Ruby", "RB", "RT", "RP",
     "Warichu", "WT", "WP", "Lbl", "Sub"]
)  # fmt: skip
_GROUPS = frozenset(
    ["", "Document", "DocumentFragment", "Part", "Art", "Sect", "Div", "Aside", "NonStruct", "Private", "Table", "TR",
     "THead", "TBody", "TFoot", "Index", "StructTreeRoot"]
)  # fmt: skip
_LASTING = {
    "Note": "note", "FENote": "note", "Footnote": "note", "Endnote": "note", "TOC": "contents", "TOCI": "contents",
    "Artifact": "artifact", "Figure": "figure", "Formula": "figure", "Form": "figure", "Caption": "caption",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tag:
    """The element of the structure tree that a piece of content belongs to.

    Attributes
    ----------
    element : int
        Number of the nearest heading, paragraph, list item or cell around it, unique in the document.
    role : str
        "heading", "text", "item", "cell", "note", "contents", "caption", "figure", "artifact", or "" where it stands
        in no such element.
    level : int
        Of a heading, from 1; 0 for a title, 1 where the file does not say.
    depth : int
        How deep the list is nested, 0 outside lists.
    """

    element: int
    role: str
    level: int = 0
    depth: int = 0


@dataclass(slots=True)
class _Around:
    """What an element hands down to those within it."""

    element: int = 0
    role: str = ""
    level: int = 0
    depth: int = 0
    opened: bool = False  # a list item or cell that has had its first paragraph


@dataclass(slots=True)
class TagReader:
    """Reads the tags of one page after another.

    Elements of one page are told apart from those of others, so an element that runs over a page break counts as two.
    """

    last: int = 0
    _where: dict[tuple[int, ...], int] = field(default_factory=dict)

    def page(self, page: Any) -> dict[int, Tag]:
        """Tags of a page, by marked-content identifier; empty where the page has none.

        Parameters
        ----------
        page : pypdfium2.PdfPage
            The page.
        """
        tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
        if not tree:
            return {}
        try:
            return self._read(tree)
        finally:
            pdfium.FPDF_StructTree_Close(tree)

    def _read(self, tree: Any) -> dict[int, Tag]:
        # A plain identifier is of the element's own page, one in a reference perhaps of the page before or after it,
        # and neither says which page that is. An element that began on the page before comes first in the tree.
        tags: dict[int, Tag] = {}
        referred: dict[int, Tag] = {}
        self.last += 1
        count = min(max(pdfium.FPDF_StructTree_CountChildren(tree), 0), MAX_ELEMENTS)
        root = _Around(self.last)
        stack: list[tuple[Any, _Around, tuple[int, ...]]] = [
            (pdfium.FPDF_StructTree_GetChildAtIndex(tree, at), root, (at,)) for at in reversed(range(count))
        ]
        seen = looked = 0
        while stack and seen < MAX_ELEMENTS and looked < 20 * MAX_ELEMENTS:
            element, around, path = stack.pop()
            if not element:
                continue
            seen += 1
            here = self._enter(_type(element), around)
            within: list[tuple[Any, _Around, tuple[int, ...]]] = []
            children = max(pdfium.FPDF_StructElement_CountChildren(element), 0)
            start = max(self._where.get(path, 0) - _AWAY, 0) if children > _MANY else 0
            found = 0
            for at in range(start, children):
                looked += 1
                mark = pdfium.FPDF_StructElement_GetChildMarkedContentID(element, at)
                if mark >= 0:
                    tags[mark] = Tag(here.element, here.role, here.level, here.depth)
                    found = at
                    continue
                mark = pdfium.FPDF_StructElement_GetMarkedContentIdAtIndex(element, at)
                if mark >= 0:
                    referred[mark] = Tag(here.element, here.role, here.level, here.depth)
                    found = at
                    continue
                child = pdfium.FPDF_StructElement_GetChildAtIndex(element, at)
                if child and len(path) < MAX_DEPTH:
                    within.append((child, here, (*path, at)))
                    found = at
                elif (found and at - found > _AWAY and children > _MANY) or looked >= 20 * MAX_ELEMENTS:
                    break
            if children > _MANY:
                self._where[path] = found
            stack.extend(reversed(within))
        return referred | tags

    def _enter(self, kind: str, around: _Around) -> _Around:
        """What holds within an element of this type."""
        if around.role in {"note", "contents", "artifact", "figure", "caption"}:
            if kind in _INLINE or kind in _GROUPS:
                return around
            if around.role == "contents" and _HEADING.match(kind):
                return _Around(self._next(), "artifact")  # "Contents" itself is no entry
            return _Around(self._next(), around.role, around.level, around.depth)
        heading = _HEADING.match(kind)
        if heading is not None or kind == "Title":
            level = int(heading.group(1) or 1) if heading is not None else 0
            return _Around(self._next(), "heading", level, 0)
        if kind in _LASTING:
            return _Around(self._next(), _LASTING[kind], 0, around.depth)
        if kind in _INLINE or (kind in _GROUPS and around.role != "cell"):
            return around
        if kind == "L":
            return _Around(around.element, "", 0, around.depth + 1)
        if kind == "LI":
            return _Around(self._next(), "item", 0, max(around.depth, 1))
        if kind == "LBody":
            return around
        if kind in {"TD", "TH"}:
            return _Around(self._next(), "cell", 0, 0)
        if around.role in {"item", "cell"} and not around.opened:
            around.opened = True
            return around
        return _Around(self._next(), around.role or "text", 0, around.depth)

    def _next(self) -> int:
        self.last += 1
        return self.last


def _type(element: Any) -> str:
    """Standard type of an element, the file's own names mapped to it by the file."""
    size = pdfium.FPDF_StructElement_GetType(element, None, 0)
    if not 2 < size <= 256:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_StructElement_GetType(element, buffer, size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")
