"""One way in: bytes and a name become a Text."""

from __future__ import annotations

import re
from pathlib import PurePath

from compare.documents.markdown import read_markdown
from compare.documents.model import Text
from compare.documents.plain import decode, read_plain
from compare.errors import DocumentError

MAX_BYTES = 100_000_000
MAX_HTML_BYTES = 20_000_000  # tags take up more than the text
MAX_TEXT_BYTES = 5_000_000
_HTML = re.compile(
    r"^[ÿþï»¿]*\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_WORD_SUFFIXES = frozenset({".docx", ".docm", ".dotx", ".dotm"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = {
    "excel": "an Excel workbook holds tables and no running text; save the text as PDF or Word",
    "powerpoint": "a PowerPoint file cannot be read; save it as PDF",
    "opendocument": "an OpenDocument file cannot be read; save it as Word (.docx) or PDF",
    "epub": "an EPUB book cannot be read; save it as PDF or text",
    "archive": "an archive cannot be read; unpack it and give the document in it",
}
_OTHER = (
    (b"{\\rtf", "an RTF file cannot be read"),
    (b"%!PS", "a PostScript file cannot be read"),
    (b"\x89PNG\r\n", "a picture holds no text"),
    (b"\xff\xd8\xff", "a picture holds no text"),
    (b"GIF8", "a picture holds no text"),
    (b"II*\0", "a picture holds no text"),
    (b"\x1f\x8b", "a compressed file cannot be read"),
    (b"7z\xbc\xaf", "a compressed file cannot be read"),
    (b"\x7fELF", "a program holds no text"),
    (b"MZ\x90", "a program holds no text"),
)


def read(data: bytes, name: str, media: str | None = None, pages: tuple[int, int] | None = None) -> Text:
    """Read a document of any format known, told by its content first and by its name second.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        File name or address, for the suffix and for errors.
    media : str, optional
        Media type as a server gives it ("application/pdf", "text/html; charset=gb2312"); helps where the content
        tells nothing.
    pages : tuple of int, optional
        First and last page to be read of a PDF, counted from 1, both included.

    Returns
    -------
    Text
        Passages, sections, title, language and notices.

    Raises
    ------
    DocumentError
        If the file is empty, too large, of a format that is not read, broken, encrypted, or holds no text.
    """
    name = "".join(c if c.isprintable() else "?" for c in name) or "document"
    if not data:
        raise DocumentError(f"{name}: the file is empty (0 bytes); give a PDF, Word, HTML, Markdown or text file")
    if len(data) > MAX_BYTES:
        raise DocumentError(
            f"{name}: {len(data) / 1e6:.0f} MB; files up to {MAX_BYTES / 1e6:.0f} MB are read, give a smaller one"
        )
    suffix = PurePath(name.split("?")[0]).suffix.lower()
    kind = (media or "").split(";")[0].strip().lower()
    if data[:1024].lstrip().startswith(b"%PDF-") or b"%PDF-" in data[:1024]:
        from compare.documents.pdf import read_pdf

        return read_pdf(data, name, pages)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_archive(data, name)
    if data.startswith(_OLE):
        raise DocumentError(f"{name}: {_old_office(data)}")
    for magic, what in _OTHER:
        if data.startswith(magic):
            raise DocumentError(f"{name}: {what}; save it as PDF or text")
    if suffix in _WORD_SUFFIXES:
        raise DocumentError(f"{name}: it is no Word file, or a broken one; get the file again")
    if suffix == ".pdf" or kind == "application/pdf":
        raise DocumentError(f"{name}: it is no PDF, or a broken one; get the file again")
    looks_html = bool(_HTML.match(data[:4096].decode("latin-1").replace("\0", "")))
    if looks_html or (suffix in _HTML_SUFFIXES) or (kind in {"text/html", "application/xhtml+xml"}):
        _check_size(data, name, MAX_HTML_BYTES)
        from compare.documents.html import read_html

        return read_html(data, name, media)
    _check_size(data, name, MAX_TEXT_BYTES)
    source = decode(data, name)
    if suffix in _MARKDOWN_SUFFIXES or kind in {"text/markdown", "text/x-markdown"}:
        return read_markdown(source, name)
    return read_plain(source, name)


def _check_size(data: bytes, name: str, most: int) -> None:
    if len(data) > most:
        raise DocumentError(
            f"{name}: {len(data) / 1e6:.0f} MB of text; up to {most / 1e6:.0f} MB are read, give a part of it"
        )


def _read_archive(data: bytes, name: str) -> Text:
    from compare.documents.docx import archive_kind, open_archive, read_docx

    with open_archive(data, name) as archive:
        kind = archive_kind(archive)
    if kind != "word":
        raise DocumentError(f"{name}: {_ARCHIVES[kind]}")
    return read_docx(data, name)


def _old_office(data: bytes) -> str:
    """Tell what a compound file (the container of Office up to 2003, and of encrypted files since) holds."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "an Office file protected by a password; take the password off in Word and save it again"
    if "WordDocument".encode("utf-16-le") in data:
        return "a Word file of the old kind (.doc); save it as .docx or PDF"
    return "an old Office file cannot be read; save it as .docx or PDF"
