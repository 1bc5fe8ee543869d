"""PDF, with pypdfium2: the file's checks, its bookmarks, and its lines; layout.py makes blocks of them."""

from __future__ import annotations

from typing import Any

import pypdfium2

from compare.documents.blocks import assemble
from compare.documents.cleaning import squeeze
from compare.documents.glyphs import Line, page_lines
from compare.documents.layout import Outline, lay_out
from compare.documents.model import Text
from compare.errors import DocumentError

MAX_PAGES = 2_000
MAX_CHARACTERS = 10_000_000


def read_pdf(data: bytes, name: str, pages: tuple[int, int] | None = None) -> Text:
    """Read a PDF.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        File name, for errors.
    pages : tuple of int, optional
        First and last page, counted from 1, both included.

    Raises
    ------
    DocumentError
        If the file is broken, encrypted, too long, has no such pages, or has no text layer.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise DocumentError(
                f"{name}: the PDF is encrypted; save a copy without a password and give that"
            ) from error
        raise DocumentError(f"{name}: the PDF is broken or cut short; get the file again") from error
    try:
        return _read(document, name, pages)
    except pypdfium2.PdfiumError as error:
        raise DocumentError(f"{name}: the PDF is broken or cut short; get the file again") from error
    finally:
        document.close()


def _read(document: Any, name: str, pages: tuple[int, int] | None) -> Text:
    count = len(document)
    if count > MAX_PAGES:
        raise DocumentError(f"{name}: {count:,} pages; up to {MAX_PAGES:,} are read, give a part of it")
    if count == 0:
        raise DocumentError(f"{name}: the PDF has no page; get the file again")
    first, last = (1, count) if pages is None else pages
    if not 1 <= first <= last or first > count:
        raise DocumentError(f"{name}: no pages {first} to {last}; the PDF has {count}")
    last = min(last, count)
    read: list[list[Line]] = []
    heights: list[float] = []
    characters = 0
    for index in range(first - 1, last):
        page = document[index]
        try:
            heights.append(page.get_height())
            read.append(page_lines(page, index))
            characters += sum(len(line.text) for line in read[-1])
        finally:
            page.close()
        if characters > MAX_CHARACTERS:
            raise DocumentError(f"{name}: more than {MAX_CHARACTERS:,} characters; give a part of it")
    if characters < 20 * min(len(read), 3):
        raise DocumentError(
            f"{name}: the PDF has no text layer (a scan); run character recognition on it and give the result"
        )
    bookmarks = _outline(document)
    layout = lay_out(read, heights, bookmarks, first - 1)
    notices: list[str] = []
    empty = sum(1 for page_read in read if not page_read)
    if empty > max(2, len(read) // 10):
        notices.append(f"{empty} of {len(read)} pages have no text layer and were not read")
    title = _metadata(document, "Title") or layout.title
    return assemble(layout.blocks, name=name, title=title, notices=notices)


def _outline(document: Any) -> list[Outline]:
    marks: list[Outline] = []
    for item in document.get_toc(max_depth=6):
        title = squeeze(item.get_title() or "")
        destination = item.get_dest()
        marks.append(Outline(title, item.level, destination.get_index() if destination is not None else None))
        if len(marks) >= 2_000:
            break
    return marks


def _metadata(document: Any, key: str) -> str | None:
    value = squeeze(document.get_metadata_value(key) or "")
    # Word processors put file names and "untitled" there.
    if (
        len(value) < 6
        or value.startswith("<")
        or value.lower().endswith((".doc", ".docx", ".indd", ".pdf", ".ppt", ".pptx"))
    ):
        return None
    return None if value.lower().startswith(("microsoft word", "untitled", "powerpoint")) else value
