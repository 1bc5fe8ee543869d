"""PDF: what the file gives is taken out by extract.py, layout.py makes blocks of it, and here it becomes a Text."""

from __future__ import annotations

from compare.documents.blocks import assemble
from compare.documents.extract import extract
from compare.documents.layout import lay_out
from compare.documents.model import Text
from compare.errors import DocumentError


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
        If the file is broken, encrypted, too long or too large, has no such pages, takes too long, or has no text
        layer.
    """
    found = extract(data, name, pages)
    characters = sum(len(line.text) for page in found.pages for line in page)
    if characters < 20 * min(len(found.pages), 3):
        raise DocumentError(
            f"{name}: the PDF has no text layer (a scan); run character recognition on it and give the result"
        )
    first, last = found.first, found.first + len(found.pages)
    partial = len(found.pages) < found.count
    bookmarks = [mark for mark in found.outline if not partial or mark.page is None or first <= mark.page < last]
    layout = lay_out(found.pages, found.heights, bookmarks, first, partial)
    notices = list(layout.notices)
    if found.unread:
        notices.append(f"{len(found.unread)} of {len(found.pages)} pages are broken and were not read")
    empty = sum(not page for page in found.pages) - len(found.unread)
    if empty > max(2, len(found.pages) // 10):
        notices.append(f"{empty} of {len(found.pages)} pages have no text layer and were not read")
    unknown = sum(line.text.count("\ufffd") for page in found.pages for line in page)
    if unknown:
        notices.append(f"{unknown} characters are not told by the file's fonts and are shown as \ufffd")
    return assemble(
        layout.blocks,
        name=name,
        title=_title(found.title) or layout.title,
        notices=notices,
        contents=layout.contents,
    )


def _title(value: str) -> str | None:
    """Title of the document information, unless it is what word processors put there: file names and "untitled"."""
    if (
        len(value) < 6
        or value.startswith("<")
        or value.lower().endswith((".doc", ".docx", ".indd", ".pdf", ".ppt", ".pptx"))
    ):
        return None
    return None if value.lower().startswith(("microsoft word", "untitled", "powerpoint")) else value
