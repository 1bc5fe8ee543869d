"""Documents that a user adds to the catalogue, so that a name stands for a file used often."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import tempfile
import unicodedata
from pathlib import Path

from compare.catalogue import Entry, built_in, catalogue, check_path
from compare.documents import Text, read
from compare.documents.cleaning import squeeze
from compare.errors import DocumentError, OptionError, UnknownDocumentError
from compare.fetch import fetch_address
from compare.places import added_folder
from compare.shown import printable

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_LONGEST_NAME = 48  # characters of a name made of a title
_LONGEST_FIELD = 500


def add_document(
    file: str,
    *,
    title: str | None = None,
    issuer: str = "",
    date: str = "",
    name: str | None = None,
    label: str | None = None,
    country: str = "",
    pages: str | None = None,
    replace: bool = False,
) -> tuple[Entry, Text]:
    """Put a document under a name into the local store's catalogue.

    The file is read first and copied, so that the name goes on standing for the same text whatever becomes of the
    file. It is written whole or not at all.

    Parameters
    ----------
    file : str
        A path or an https address.
    title : str, optional
        Full title; by default the one that the file gives of itself, else its name.
    issuer, country : str
        Who issued it, and the state.
    date : str
        When, as YYYY, YYYY-MM or YYYY-MM-DD; empty where unknown.
    name : str, optional
        Name in the catalogue: small letters, digits, dots, hyphens and underscores. By default made of the title and
        the year.
    label : str, optional
        Short name for tables; by default the title.
    pages : str, optional
        Pages of a PDF to be read, such as "2-12", counted from 1.
    replace : bool
        Whether a document that was added under the same name may be replaced.

    Returns
    -------
    entry : Entry
        As the catalogue has it from now on.
    text : Text
        The document as read.

    Raises
    ------
    PolicyCompareError
        If the file cannot be read, a value is wrong, or the name is taken.
    """
    chosen = _pages(pages)
    _check_date(date)
    path = fetch_address(file) if re.match(r"[a-z]+://", file) else Path(file)
    check_path(str(path))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{printable(file)}: cannot be read ({error.strerror})") from None
    text = read(data, printable(path.name), pages=chosen)
    title = _field(title) or _field(text.title) or _field(path.stem) or "document"
    name = _name(name, title, date)
    if name in built_in():
        raise OptionError(f"{name}: a name of the catalogue; choose another one: --name NAME")
    if name in catalogue() and not replace:
        raise OptionError(f"{name}: added before; use --replace, or choose another name: --name NAME")
    suffix = path.suffix.lower() if re.fullmatch(r"\.[a-z0-9]{1,8}", path.suffix.lower()) else ""
    label = _field(label) or title
    values: dict[str, str] = {
        "title": title,
        "label": label,
        "short": label if len(label) <= 16 else name[:24],
        "issuer": _field(issuer),
        "country": _field(country),
        "date": date,
        "language": text.language,
        "genre": "",
        "rights": "",
    }
    lines = [f"{key} = {_quoted(value)}" for key, value in values.items()]
    lines += ["", "[[copies]]", f"filename = {_quoted(name + suffix)}"]
    lines += [f"sha256 = {_quoted(hashlib.sha256(data).hexdigest())}"]
    if chosen is not None:
        lines.append(f"pages = [{chosen[0]}, {chosen[1]}]")
    _store(name, {name + suffix: data, "document.toml": ("\n".join(lines) + "\n").encode()})
    return catalogue()[name], text


def remove_document(name: str) -> None:
    """Take a document that was added out of the local store.

    Raises
    ------
    UnknownDocumentError
        If no document was added under that name.
    """
    entry = catalogue().get(name)
    if entry is None or not entry.added:
        added = ", ".join(other.name for other in catalogue().values() if other.added) or "none"
        raise UnknownDocumentError(f"{printable(name)}: not among the documents that you added ({added})")
    try:
        _discard(entry.folder)
    except OSError as error:
        raise OptionError(f"{printable(str(entry.folder))}: cannot be removed ({error.strerror})") from None


def _pages(pages: str | None) -> tuple[int, int] | None:
    if pages is None:
        return None
    found = re.fullmatch(r"\s*(\d{1,6})\s*(?:[-–]\s*(\d{1,6})\s*)?", pages)
    first, last = (int(found.group(1)), int(found.group(2) or found.group(1))) if found else (0, 0)
    if not 1 <= first <= last:
        raise OptionError(f"--pages {printable(pages)}: give the first and the last page, such as 2-12")
    return first, last


def _check_date(date: str) -> None:
    parts = [int(part) for part in date.split("-")] if _DATE.fullmatch(date) else []
    try:
        if date:
            datetime.date(*[*parts, 1, 1][:3])
    except (ValueError, TypeError):
        raise OptionError(f"--date {printable(date)}: give it as 2025, 2025-07 or 2025-07-26") from None


def _field(value: str | None) -> str:
    return squeeze(value or "")[:_LONGEST_FIELD].strip()


def _name(name: str | None, title: str, date: str) -> str:
    if name is not None:
        if not _NAME.fullmatch(name):
            raise OptionError(
                f"--name {printable(name)}: use small letters, digits, dots, hyphens and underscores, 64 at most"
            )
        return name
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", plain))
    if sum(len(word) for word in words) < 3 or sum(c.isalpha() for c in title) > 2 * sum(map(len, words)):
        raise OptionError(f"“{printable(title)}” makes no name; choose one: --name NAME")
    made = ""
    for word in words:
        if made and len(made) + 1 + len(word) > _LONGEST_NAME:
            break
        made += f"-{word}" if made else word[:_LONGEST_NAME]
    made = re.sub(r"(?:-(?:a|an|and|for|in|of|on|or|the|to|with))+$", "", made)
    return made if not date or date[:4] in made else f"{made}-{date[:4]}"


def _quoted(value: str) -> str:
    """Write a basic string of TOML, which JSON's strings are but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _store(name: str, files: dict[str, bytes]) -> None:
    """Write the folder of a document beside its place, then move it there."""
    folder = added_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Names that begin with a dot are no entries of the catalogue.
        made = Path(tempfile.mkdtemp(prefix=".", dir=folder))
        try:
            for file, data in files.items():
                (made / file).write_bytes(data)
            made.chmod(0o755)
            if (folder / name).exists():
                _discard(folder / name)
            os.rename(made, folder / name)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise OptionError(f"the store {printable(str(folder))} cannot be written ({error.strerror})") from None


def _discard(folder: Path) -> None:
    """Remove a document's folder so that it is never seen with half its files."""
    away = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
    os.rename(folder, away / folder.name)
    shutil.rmtree(away, ignore_errors=True)
