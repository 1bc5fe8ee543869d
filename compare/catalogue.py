"""The catalogue: names of documents and what stands behind them, and how a DOC becomes a `Document`."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from compare.documents import Document, Text, read
from compare.documents.blocks import BETWEEN
from compare.documents.numbering import number_of, numeral
from compare.errors import DocumentError, OptionError, PolicyCompareError, UnknownDocumentError
from compare.files import checksum
from compare.places import added_folder, official_folder, store_folder
from compare.shown import printable

Basis = Literal["auto", "official", "digest"]

DEFAULT_PAIR = ("us-ai-action-plan-2025", "cn-global-ai-governance-action-plan-2025")
LARGEST_FILE = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """One place of an official text: an address to fetch from, or a copy known by its checksum.

    Attributes
    ----------
    kind : str
        "file" (bytes with a checksum), "page" (a web page, checked by its content) or "copy" (never fetched).
    url, filename, media, sha256 : str
        Empty where they do not apply.
    contains : tuple of str
        Texts that a page must hold.
    title : str
        What a page must be headed with; empty where that is not asked.
    points : int or None
        How many numbered points a page must have, from 1 on and without a gap.
    words : tuple of (int, int) or None
        Fewest and most words of a page.
    pages : tuple of (int, int) or None
        Pages of the file that the document takes, 1-based, both inclusive.
    """

    kind: str
    url: str = ""
    filename: str = ""
    media: str = ""
    sha256: str = ""
    contains: tuple[str, ...] = ()
    title: str = ""
    points: int | None = None
    words: tuple[int, int] | None = None
    pages: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the catalogue, as its ``document.toml`` says.

    Attributes
    ----------
    name, title, label, short, issuer, country, date, language, genre, rights : str
        As in the file; `date` in ISO 8601.
    sources : tuple of Source
        In the order in which they are tried.
    expected_words : tuple of (int, int) or None
        Fewest and most words of a sound reading of the official text.
    expected_sections : int or None
        Number of headings of a sound reading.
    folder : Path
        Where its files are.
    first_page : int or None
        Page of the official file, counted from 1, that is printed as page 1.
    added : bool
        Whether a user added it to the local store.
    fields : tuple of (str, str)
        All that the file says of the document in one line each, and its table ``fields``, by name in small letters.
    """

    name: str
    title: str
    label: str
    short: str
    issuer: str
    country: str
    date: str
    language: str
    genre: str
    rights: str
    sources: tuple[Source, ...]
    expected_words: tuple[int, int] | None
    expected_sections: int | None
    folder: Path
    first_page: int | None = None
    added: bool = False
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> Path | None:
        """The digest's file, where the catalogue has one."""
        path = self.folder / "digest.md"
        return path if path.is_file() else None

    @property
    def fetchable(self) -> tuple[Source, ...]:
        """Sources with an address."""
        return tuple(source for source in self.sources if source.url)

    def official(self) -> tuple[Path, Source] | None:
        """The official text at hand: in ``POLICY_COMPARE_CORPORA`` by name or checksum, else in the store.

        Of a document that a user added, the file that was added.
        """
        if self.added:
            source = self.sources[0]
            path = self.folder / source.filename
            return (path, source) if _sha256(path) == source.sha256 else None
        given = official_folder()
        if given is not None:
            for source in self.sources:
                path = given / source.filename
                if os.path.isfile(path) and (
                    _sha256(path) == source.sha256 if source.sha256 else _is_page(path, source)
                ):
                    return path, source
            sums = _checksums(given)
            for source in self.sources:
                if source.sha256 and source.sha256 in sums:
                    return sums[source.sha256], source
        for source in self.sources:
            path = store_folder() / self.name / source.filename
            # Unlike Path.is_file, this is no error where the store may not be entered.
            if os.path.isfile(path) and (not source.sha256 or _sha256(path) == source.sha256):
                return path, source
        return None


@functools.cache
def _sha256_of(path: Path, size: int, changed: int) -> str:
    return checksum(path)


def _sha256(path: Path) -> str:
    """Checksum of a file; empty where it cannot be read, for then it is not the text, whatever its name."""
    try:
        status = path.stat()
        return _sha256_of(path, status.st_size, status.st_mtime_ns)
    except OSError:
        return ""


@functools.cache
def _is_page_of(path: Path, source: Source, size: int, changed: int) -> bool:
    try:
        return page_fault(read(path.read_bytes(), printable(path.name), source.media), source) is None
    except PolicyCompareError:
        return False


def _is_page(path: Path, source: Source) -> bool:
    """Whether a file is the page of a source: it carries no checksum, its content says what it is."""
    try:
        status = path.stat()
        return _is_page_of(path, source, status.st_size, status.st_mtime_ns)
    except OSError:
        return False


def page_fault(text: Text, source: Source) -> str | None:
    """Say in what a page is not the text that the catalogue describes; None where it is.

    Parameters
    ----------
    text : Text
        The page as read.
    source : Source
        What it should hold: its title, texts, numbered points, and in how many words (characters in Chinese).

    Returns
    -------
    str or None
        All that is not as it should be, on one line.
    """
    faults = []
    blocks = text.body.split(BETWEEN)
    if source.title and not _is_headed(text, blocks, source.title):
        faults.append(f"its title is not “{source.title}”")
    body = "\n".join([text.title or "", *blocks])
    faults += [f"it does not hold “{needed}”" for needed in source.contains if needed.casefold() not in body.casefold()]
    if source.points is not None:
        fault = _points_fault(blocks, source.points)
        faults += [fault] if fault else []
    if source.words is not None:
        han = sum("\u4e00" <= c <= "\u9fff" for c in body)
        words = han if text.language == "zh" else len(body.split())
        low, high = source.words
        if not low <= words <= high:
            faults.append(f"{words} words, {low} to {high} are expected")
    return ", ".join(faults) or None


def _is_headed(text: Text, blocks: Sequence[str], title: str) -> bool:
    """Whether a title stands in the page's own title, in a heading or in its first lines, letters alone compared."""

    def letters(line: str) -> str:
        return "".join(c for c in unicodedata.normalize("NFKC", line).casefold() if c.isalpha())

    # A title may be printed on two lines: the first blocks count as one.
    first = "".join(blocks[:5])[:1000]
    places = (text.title or "", first, *(path[-1] for path in text.sections))
    return any(letters(title) in letters(place) for place in places)


def _points_fault(blocks: Sequence[str], expected: int) -> str | None:
    """Say in what the numbered points of a text are not those expected; None where one way of numbering has them all.

    Points are headings or paragraphs with a number at their head. Parts may be numbered in one way and what is in them
    in another: a way that runs from 1 to the number expected, in order, is what is looked for.
    """
    runs: dict[str, list[int]] = {}
    for block in blocks:
        number = number_of(block)
        value = numeral(block[: number.end]) if number is not None and number.kind != "decimal" else 0
        if number is not None and value:
            runs.setdefault(number.kind, []).append(value)
    wanted = list(range(1, expected + 1))
    if wanted in runs.values():
        return None
    if not runs:
        return f"it has no numbered points, {expected} are expected"
    nearest = min(runs.values(), key=lambda run: abs(len(run) - expected))
    missing = [str(value) for value in wanted if value not in nearest]
    if missing:
        shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        return f"of {expected} numbered points it has not {shown}"
    if len(nearest) > expected:
        return f"{len(nearest)} numbered points, {expected} are expected"
    return f"its {expected} numbered points are not in order"


def _checksums(folder: Path) -> dict[str, Path]:
    """Checksums of the documents in a folder; other files, and files too large to be read, are passed over."""
    kinds = {".pdf", ".html", ".htm", ".shtml", ".txt", ".md"}
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in kinds and path.is_file())
    except OSError as error:
        raise OptionError(
            f"POLICY_COMPARE_CORPORA: {folder} cannot be listed ({error.strerror}); name a folder of official files"
        ) from None
    return {_sha256(path): path for path in files if path.stat().st_size <= LARGEST_FILE}


def catalogue_folder() -> Path:
    """Folder of the catalogue: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "corpora"
    return installed if installed.is_dir() else package.parent / "corpora"


def catalogue() -> dict[str, Entry]:
    """All documents of the catalogue by name, in the order of their names; those that a user added come last.

    Raises
    ------
    DocumentError
        If a ``document.toml`` is not as it should be.
    """
    return built_in() | _entries(added_folder(), added=True)


@functools.cache
def built_in() -> dict[str, Entry]:
    """Give the documents of the catalogue that come with the project."""
    return _entries(catalogue_folder(), added=False)


def _entries(folder: Path, added: bool) -> dict[str, Entry]:
    entries = {}
    for path in sorted(folder.glob("*/document.toml")):
        if path.parent.name.startswith("."):
            continue  # being written, or left behind by one who was
        try:
            entries[path.parent.name] = dataclasses.replace(_entry(path), added=added)
        except OSError as error:
            raise DocumentError(
                f"{printable(str(path))}: cannot be read ({error.strerror}); mend or remove it"
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
            raise DocumentError(f"{printable(str(path))}: not a catalogue entry ({error}); mend or remove it") from None
    return entries


def _range(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    low, high = value
    return int(low), int(high)


def _entry(path: Path) -> Entry:
    with path.open("rb") as stream:
        given = tomllib.load(stream)
    sources = tuple(
        Source(
            kind=item.get("kind", "copy"),
            url=item.get("url", ""),
            filename=item["filename"],
            media=item.get("media", ""),
            sha256=item.get("sha256", ""),
            contains=tuple(item.get("contains", ())),
            title=item.get("title", ""),
            points=int(item["points"]) if "points" in item else None,
            words=_range(item.get("words")),
            pages=_range(item.get("pages")),
        )
        for item in (*given.get("sources", ()), *given.get("copies", ()))
    )
    expected = given.get("expected", {})
    return Entry(
        name=path.parent.name,
        title=given["title"],
        label=given["label"],
        short=given["short"],
        issuer=given["issuer"],
        country=given["country"],
        date=str(given["date"]),
        language=given["language"],
        genre=given["genre"],
        rights=given["rights"],
        sources=sources,
        expected_words=_range(expected.get("words")),
        expected_sections=expected.get("sections"),
        folder=path.parent,
        first_page=expected.get("first_page"),
        fields=tuple(
            (name.casefold(), printable(" ".join(str(value).split())))
            for name, value in (given | given.get("fields", {})).items()
            if not isinstance(value, (dict, list)) and str(value).strip()
        ),
    )


@dataclass(frozen=True, slots=True)
class Request:
    """What a DOC was resolved to, before it is read.

    Attributes
    ----------
    entry : Entry or None
        The catalogue's entry, if DOC is a name.
    path : Path
        The file to read.
    source : Source or None
        The source whose text the file is, if it is an official one.
    basis : str
        "official", "digest" or "file".
    """

    entry: Entry | None
    path: Path
    source: Source | None
    basis: str


def resolve(docs: Sequence[str], basis: Basis = "auto", together: bool = True) -> list[Request]:
    """Find the file behind each DOC, all on one basis where that can be.

    Parameters
    ----------
    docs : sequence of str
        Catalogue names or paths.
    basis : {"auto", "official", "digest"}
        "auto" takes the official texts if all catalogue documents have one at hand, else the digests if all have
        one; where neither holds, each document's best text, which the comparison says in its head.
    together : bool
        Whether "auto" keeps to one basis; if not, it takes the official text of each document that has one at hand.

    Raises
    ------
    UnknownDocumentError
        If a DOC is neither a name nor a file.
    DocumentError
        If a document has no text on the basis asked for.
    OptionError
        If two names stand for one file.
    """
    if basis not in get_args(Basis):
        raise OptionError(f"basis {printable(str(basis))}: one of {', '.join(get_args(Basis))}")
    known = catalogue()
    for doc in docs:
        if doc not in known:
            check_path(doc)
    entries = [known[doc] for doc in docs if doc in known and not known[doc].added]
    official = {entry.name: entry.official() for entry in entries}
    if basis == "auto":
        if together and all(official.values()):
            chosen = dict.fromkeys(official, "official")
        elif together and all(entry.digest for entry in entries):
            chosen = dict.fromkeys(official, "digest")
        else:
            chosen = {name: "official" if found else "digest" for name, found in official.items()}
    else:
        chosen = dict.fromkeys(official, str(basis))
    made = []
    for doc in docs:
        if doc not in known:
            made.append(Request(None, Path(doc), None, "file"))
            continue
        entry = known[doc]
        if entry.added:
            given = entry.official()
            if given is None:
                raise DocumentError(f"{doc}: its file in the local store is gone or was changed; add it again")
            made.append(Request(entry, *given, "file"))
        elif chosen[doc] == "official":
            found = official[doc]
            if found is None:
                raise DocumentError(f"{doc}: no official text at hand; {_how_to_get(entry)}")
            made.append(Request(entry, found[0], found[1], "official"))
        elif entry.digest is not None:
            made.append(Request(entry, entry.digest, None, "digest"))
        elif basis == "digest":
            raise DocumentError(f"{doc}: the catalogue has no digest of it; use --basis official or auto")
        else:
            raise DocumentError(f"{doc}: neither an official text at hand nor a digest; {_how_to_get(entry)}")
    _check_distinct(docs, made)
    return made


def _check_distinct(docs: Sequence[str], requests: Sequence[Request]) -> None:
    """Refuse one file under two names: a link, another spelling of its path, or the catalogue's own file."""
    seen: dict[Path, str] = {}
    for doc, request in zip(docs, requests, strict=True):
        other = seen.setdefault(request.path.resolve(), doc)
        if other != doc:
            raise OptionError(
                f"{printable(other)} and {printable(doc)}: one and the same file; compare a document with another one"
            )


def _how_to_get(entry: Entry) -> str:
    if entry.fetchable:
        return f"run: policy-compare fetch {entry.name}"
    return "put the issuer's file into a folder and name that folder in POLICY_COMPARE_CORPORA, or give the file itself"


def check_path(doc: str) -> None:
    """Refuse, in one clear line, what is no file that can be read."""
    if not doc.strip():
        raise UnknownDocumentError("a document's name is empty; give a name of the catalogue or a file")
    shown = printable(doc)
    path = Path(doc)
    try:
        if path.is_dir():
            raise DocumentError(f"{shown}: a folder, not a document; name one of its files")
        if path.is_file():
            if path.stat().st_size > LARGEST_FILE:
                raise DocumentError(f"{shown}: larger than {LARGEST_FILE // 2**20} MB; give a smaller file")
            if path.stat().st_size == 0:
                raise DocumentError(f"{shown}: the file is empty; give the document itself")
            return
        if path.is_symlink():
            raise UnknownDocumentError(f"{shown}: a link that leads nowhere; name the file itself")
        if path.exists():
            raise DocumentError(f"{shown}: not a regular file; save it to a file first")
    except (OSError, ValueError):
        pass
    if re.match(r"https?://", doc):
        return
    if path.suffix or "/" in doc:
        raise UnknownDocumentError(f"{shown}: no such file; check the path, or see the names: policy-compare corpora")
    names = ", ".join(catalogue())
    raise UnknownDocumentError(f"{shown}: neither a name of the catalogue nor a file; the names are {names}")


def load(request: Request, identifier: str | None = None) -> Document:
    """Read the document behind a request.

    Parameters
    ----------
    request : Request
        As `resolve` gives it.
    identifier : str, optional
        The document's id; by default the catalogue's name, or one made of the file's name.

    Raises
    ------
    DocumentError
        If it cannot be read, or holds no sentence.
    """
    try:
        data = request.path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{printable(str(request.path))}: cannot be read ({error.strerror})") from None
    pages = request.source.pages if request.source else None
    media = request.source.media if request.source and request.source.media else None
    text = read(data, printable(request.path.name), media, pages)
    if not text.passages:
        raise DocumentError(f"{printable(str(request.path))}: no sentence was found in it; give a document with text")
    checksum = hashlib.sha256(data).hexdigest()
    entry = request.entry
    if entry is None:
        stem = re.sub(r"[^\w.-]+", "-", request.path.stem).strip("-") or "document"
        title = text.title or request.path.stem
        return _document(text, identifier or stem, printable(title), printable(title), "file", checksum)
    document = _document(
        text, identifier or entry.name, printable(entry.label), printable(entry.title), request.basis, checksum
    )
    document = dataclasses.replace(
        document,
        short=printable(entry.short),
        genre=entry.genre,
        issuer=printable(entry.issuer),
        date=entry.date,
        source=next((source.url for source in entry.sources if source.url), ""),
        first_page=entry.first_page,
    )
    return dataclasses.replace(document, notices=(*document.notices, *_surprises(document, entry, request.basis)))


def _document(text: Text, identifier: str, label: str, title: str, basis: str, checksum: str) -> Document:
    return Document(
        id=identifier,
        label=label,
        title=title,
        short=label if len(label) <= 16 else identifier[:16],
        language=text.language,
        basis=basis,
        sha256=checksum,
        passages=text.passages,
        sections=text.sections,
        body=text.body,
        outline=text.outline,
        notices=text.notices,
        quoted=text.quoted,
    )


def _surprises(document: Document, entry: Entry, basis: str) -> list[str]:
    """Where a reading of an official text is not what the catalogue expects."""
    if basis != "official":
        return []
    made = []
    if entry.expected_words and not entry.expected_words[0] <= document.words <= entry.expected_words[1]:
        low, high = entry.expected_words
        made.append(f"{entry.name}: {document.words} words were read, {low} to {high} are expected")
    if entry.expected_sections and len(document.sections) != entry.expected_sections:
        made.append(
            f"{entry.name}: {len(document.sections)} headings were read, {entry.expected_sections} are expected"
        )
    return made
