"""Documents kept as they were read: a file that was read once is not taken apart again.

A document is kept under a key of all that its reading hangs on: the bytes of the file and its name, what the catalogue
says of it, the code of the readers and the versions of the libraries that they read with.
"""

from __future__ import annotations

import functools
import json
import zlib

import numpy as np

from compare.cache import ArrayCache, digest
from compare.catalogue import Request, load
from compare.documents import Document
from compare.files import checksum
from compare.provenance import PACKAGE, code_of, versions_of

_LIBRARIES = ("pypdfium2", "trafilatura", "lxml", "markdown-it-py", "charset-normalizer", "sentencex", "jieba")
# Not kept: a PDF is read back in a tenth of the time that it takes to read, but Markdown in half of it, and to keep it
# takes as long as to read it.
_QUICK = frozenset({".md", ".markdown", ".mdown", ".mkd", ".txt", ".text"})
# Bytes of a document unpacked: more than any that is read.
_LARGEST = 1 << 28


def load_kept(request: Request, store: ArrayCache | None) -> Document:
    """Read the document behind a request, or read back what was kept of it.

    Parameters
    ----------
    request : Request
        As `compare.catalogue.resolve` gives it.
    store : ArrayCache or None
        Where documents are kept; None keeps nothing.

    Raises
    ------
    DocumentError
        As for `compare.catalogue.load`.
    """
    if store is None or store.path is None or request.path.suffix.lower() in _QUICK:
        return load(request)
    try:
        read = checksum(request.path)
    except OSError:
        return load(request)
    told = f"{request.path.name}\n{request.basis}\n{request.source!r}\n{request.entry!r}"
    key = digest("document", _code(), versions_of(_LIBRARIES), told, read)
    there = store.get([key], "<u1").get(key)
    kept = _unpacked(there.tobytes()) if there is not None else None
    if kept is not None:
        return kept
    made = load(request)
    packed = _packed(made)
    # A file that was changed while it was read is kept under no key.
    if packed is not None and made.sha256 == read:
        store.put({key: np.frombuffer(packed, np.uint8)}, "<u1")
    return made


def _packed(document: Document) -> bytes | None:
    from compare.saving import to_plain

    try:
        return zlib.compress(json.dumps(to_plain(document), ensure_ascii=False, separators=(",", ":")).encode(), 1)
    except UnicodeEncodeError:
        # Half a character in a broken file: JSON has no form for it.
        return None


def _unpacked(packed: bytes) -> Document | None:
    """The document, or None where it is none."""
    from compare.saving import from_plain

    try:
        text = zlib.decompressobj().decompress(packed, _LARGEST)
        made: Document = from_plain(Document, json.loads(text))
    except (zlib.error, ValueError, KeyError, TypeError, RecursionError):
        return None
    return made


@functools.cache
def _code() -> bytes:
    """Checksum of the code that reads, and of the tables that it reads by."""
    names = ("catalogue.py", "shown.py", "sources.py", "saving.py")
    return code_of([*(PACKAGE / "documents").glob("*.py"), *(PACKAGE / name for name in names)])
