"""What pdfium gives of a PDF, taken in a process of its own.

A PDF can make its parser go round for hours within one page (forms that draw one another), take all memory, or crash.
None of that can be stopped from within, so pdfium runs in a child process that is bounded in time and memory and that
hands back plain data, page by page. A long document is shared between two children.

The child writes lines of JSON: first one on the document, then one a page.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pypdfium2

from compare.documents.cleaning import squeeze
from compare.documents.glyphs import MAX_GLYPHS, Line, Style, TooManyGlyphs, page_lines
from compare.documents.tags import MAX_ELEMENTS, Tag, TagReader
from compare.errors import DocumentError

MAX_PAGES = 2_000
MAX_CHARACTERS = 10_000_000
PAGE_CHARACTERS = 15_000  # a full page of small print
SPARE_CHARACTERS = 500_000  # for a few pages that are posters or tables
MAX_BOOKMARKS = 2_000
MAX_DEPTH = 6
PAGE_SECONDS = 5  # of processor time for one page, or to open the file
WALL_SECONDS = 60.0  # without a word from a child that may have to share its processor
MEMORY = 900_000_000  # bytes of a child
_SHARED = 120  # pages from which on two children share the work
_HERE = Path(__file__).resolve().parent
# The packages stand without what they import of themselves: a child needs none of the other readers.
_CODE = """
import sys, types
sys.path[:] = {path!r}
for name, folder in {packages!r}:
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
from compare.documents.extract import serve
serve()
"""


@dataclass(slots=True)
class Outline:
    """A bookmark: its title, its level from 0, and the index of the page that it opens, or None."""

    title: str
    level: int
    page: int | None


@dataclass(slots=True)
class Extract:
    """What a PDF holds, before anything is made of it.

    Attributes
    ----------
    count : int
        Pages of the file.
    first : int
        Index of the first page that was read, from 0.
    pages : list of list of Line
        Lines of each page read, in the order of the content stream.
    heights : list of float
        Heights of those pages in points.
    outline : list of Outline
        Bookmarks in order, at most `MAX_BOOKMARKS`.
    title : str
        Title of the document information, empty where there is none.
    unread : list of int
        Indices of pages that could not be read.
    """

    count: int = 0
    first: int = 0
    pages: list[list[Line]] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    outline: list[Outline] = field(default_factory=list)
    title: str = ""
    unread: list[int] = field(default_factory=list)


def extract(data: bytes, name: str, pages: tuple[int, int] | None = None) -> Extract:
    """Take lines, bookmarks and title out of a PDF.

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
        If the file is broken, encrypted, too long or too large, has no such pages, or takes too long.
    """
    with contextlib.ExitStack() as stack:
        child = stack.enter_context(_Child(data, name))
        head = child.head()
        count = int(head["count"])
        if count > MAX_PAGES:
            raise DocumentError(f"{name}: {count:,} pages; up to {MAX_PAGES:,} are read, give a part of it")
        if count == 0:
            raise DocumentError(f"{name}: the PDF has no page; get the file again")
        first, last = (1, count) if pages is None else pages
        if not 1 <= first <= last or first > count:
            raise DocumentError(f"{name}: no pages {first} to {last}; the PDF has {count}")
        last = min(last, count)
        outline = [Outline(str(t), int(level), None if at is None else int(at)) for t, level, at in head["outline"]]
        found = Extract(count, first - 1, outline=outline, title=str(head["title"]))
        size = last - first + 1
        shares = [(first - 1, last)]
        if size >= _SHARED and (os.cpu_count() or 1) > 1:
            middle = first - 1 + (size + 1) // 2
            shares = [(first - 1, middle), (middle, last)]
        children = [child, *(stack.enter_context(_Child(data, name)) for _ in shares[1:])]
        # The threads wait for the children, no more.
        with ThreadPoolExecutor(len(children)) as pool:
            jobs = [pool.submit(one.pages, *share) for one, share in zip(children, shares, strict=True)]
            try:
                read = [page for job in jobs for page in job.result()]
            except BaseException:
                for one in children:
                    one.stop()
                raise
    for height, lines in read:
        if height <= 0:
            found.unread.append(found.first + len(found.pages))
        found.pages.append(lines)
        found.heights.append(height or 1.0)
    if len(found.unread) == size:
        raise DocumentError(f"{name}: the PDF is broken or cut short; get the file again")
    if sum(len(line.text) for page in found.pages for line in page) > MAX_CHARACTERS:
        raise DocumentError(f"{name}: more than {MAX_CHARACTERS:,} characters; give a part of it")
    return found


class _Child:
    """A child process as seen from its parent."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self._data = data
        self._page: int | None = None  # index of the page that it is at
        self._head: dict[str, Any] | None = None
        self._late = False

    def __enter__(self) -> _Child:
        packages = [("compare", str(_HERE.parent)), ("compare.documents", str(_HERE))]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _CODE.format(path=list(sys.path), packages=packages)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError) as error:
            raise DocumentError(f"{self.name}: no process can be started to read it ({error})") from error
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()

    def stop(self) -> None:
        """End the child."""
        self._process.kill()

    def head(self) -> dict[str, Any]:
        """Hand over the file, and get what the child says of the document."""
        if self._head is None:
            self._send(len(self._data).to_bytes(8, "big"), self._data)
            self._head = self._answer()
        return self._head

    def pages(self, start: int, stop: int) -> list[tuple[float, list[Line]]]:
        """Get height and lines of the pages from one index up to another; a height of 0 marks one not read."""
        self.head()
        self._page = start
        self._send(json.dumps([start, stop]).encode() + b"\n")
        found: list[tuple[float, list[Line]]] = []
        characters = 0
        for index in range(start, stop):
            self._page = index
            answer = self._answer()
            found.append((float(answer["height"]), _lines(answer, index)))
            characters += sum(len(line.text) for line in found[-1][1])
            if characters > SPARE_CHARACTERS + PAGE_CHARACTERS * len(found):
                raise DocumentError(
                    f"{self.name}: up to page {index + 1} it holds {characters:,} characters, more than pages of print "
                    "do; give a part of it"
                )
        return found

    def _send(self, *parts: bytes) -> None:
        pipe = self._process.stdin
        if pipe is None:
            return
        with contextlib.suppress(OSError):  # a child that has died shows by its silence
            for part in parts:
                pipe.write(part)
            pipe.flush()

    def _answer(self) -> dict[str, Any]:
        pipe = self._process.stdout
        watch = threading.Timer(WALL_SECONDS, self._give_up)
        watch.daemon = True
        watch.start()
        try:
            line = pipe.readline() if pipe is not None else b""
        finally:
            watch.cancel()
        if not line.endswith(b"\n"):
            raise self._dead()
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise self._refusal(answer)
        return answer

    def _give_up(self) -> None:
        self._late = True
        self.stop()

    def _where(self) -> str:
        return "the PDF" if self._page is None else f"page {self._page + 1}"

    def _dead(self) -> DocumentError:
        code = self._process.wait()
        without = "get the file again" if self._page is None else "give the document without it"
        if self._late or (hasattr(signal, "SIGXCPU") and code == -signal.SIGXCPU):
            return DocumentError(
                f"{self.name}: {self._where()} takes more than {PAGE_SECONDS} seconds to read; {without}"
            )
        return DocumentError(f"{self.name}: {self._where()} is broken or takes more memory than it may; {without}")

    def _refusal(self, answer: dict[str, Any]) -> DocumentError:
        what = answer["error"]
        if what == "password":
            return DocumentError(f"{self.name}: the PDF is encrypted; save a copy without a password and give that")
        if what == "glyphs":
            return DocumentError(
                f"{self.name}: {self._where()} holds {answer['number']:,} characters; up to {MAX_GLYPHS:,} are read,"
                " give the document without it"
            )
        return DocumentError(f"{self.name}: the PDF is broken or cut short; get the file again")


# --- within the child -------------------------------------------------------------------------------------------


def serve() -> None:
    """Answer the parent over standard input and output."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    data = source.read(int.from_bytes(source.read(8), "big"))
    limits = _Limits()
    limits.next()
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        _say(sink, {"error": "password" if "password" in str(error).lower() else "broken"})
        return
    count = len(document)
    outline = _outline(document) if count <= MAX_PAGES else []
    _say(sink, {"count": count, "outline": outline, "title": squeeze(document.get_metadata_value("Title") or "")})
    asked = source.readline()
    if not asked:
        return
    start, stop = json.loads(asked)
    limits.of(stop - start)
    # Elements of pages read by another child must not have the same numbers.
    tags = TagReader(start * (MAX_ELEMENTS + 2))
    for index in range(start, stop):
        limits.next()
        try:
            _say(sink, _page(document, index, tags))
        except TooManyGlyphs as error:
            _say(sink, {"error": "glyphs", "number": error.args[0]})
            return


def _page(document: Any, index: int, tags: TagReader) -> dict[str, Any]:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return {"height": 0.0, "styles": [], "lines": []}
    try:
        lines, height = page_lines(page, index, tags.page(page))
    except pypdfium2.PdfiumError:
        return {"height": 0.0, "styles": [], "lines": []}
    finally:
        page.close()
    styles: dict[Style, int] = {}
    rows = [
        [
            line.text, styles.setdefault(line.style, len(styles)), line.uniform, line.left, line.right, line.base,
            line.top, line.bullet, line.indent, line.note, line.marker, line.plain, line.outer,
            None if line.tag is None else [line.tag.element, line.tag.role, line.tag.level, line.tag.depth],
        ]
        for line in lines
    ]  # fmt: skip
    table = [[s.font, s.size, s.bold, s.italic, s.marked, s.colour] for s in styles]
    return {"height": height if 0 < height < 1e6 else 1.0, "styles": table, "lines": rows}


def _lines(answer: dict[str, Any], index: int) -> list[Line]:
    styles = [Style(*style) for style in answer["styles"]]
    tags: dict[tuple[Any, ...], Tag] = {}
    made: list[Line] = []
    for text, style, uniform, *places, tag in answer["lines"]:
        said = tags.setdefault(tuple(tag), Tag(*tag)) if tag else None
        values: tuple[Any, ...] = (text, styles[style], uniform, index, *places, said)
        made.append(Line(*values))
    return made


def _outline(document: Any) -> list[tuple[str, int, int | None]]:
    marks: list[tuple[str, int, int | None]] = []
    for item in document.get_toc(max_depth=MAX_DEPTH):
        destination = item.get_dest()
        title = squeeze(item.get_title() or "")[:500]
        marks.append((title, item.level, destination.get_index() if destination is not None else None))
        if len(marks) >= MAX_BOOKMARKS:
            break
    return marks


def _say(sink: IO[bytes], what: dict[str, Any]) -> None:
    sink.write(json.dumps(what, separators=(",", ":")).encode() + b"\n")
    sink.flush()


class _Limits:
    """Bounds of time and memory, where the system has them; elsewhere the parent waits no longer than it will."""

    def __init__(self) -> None:
        self._end = float("inf")
        try:
            import resource
        except ImportError:  # Windows
            self._resource: Any = None
            return
        self._resource = resource
        for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
            _, hard = resource.getrlimit(kind)
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, hard))

    def of(self, pages: int) -> None:
        """Give as many pages their time together."""
        if self._resource is not None:
            self._end = self._used() + PAGE_SECONDS + 0.2 * pages

    def next(self) -> None:
        """Give one step its time."""
        if self._resource is not None:
            kind = self._resource.RLIMIT_CPU
            _, hard = self._resource.getrlimit(kind)
            most = math.ceil(min(self._used() + PAGE_SECONDS, max(self._end, self._used() + 1)))
            with contextlib.suppress(ValueError, OSError):
                self._resource.setrlimit(kind, (most, hard))

    def _used(self) -> float:
        usage = self._resource.getrusage(self._resource.RUSAGE_SELF)
        return float(usage.ru_utime + usage.ru_stime)
