"""Fields of documents: who issued them, when, and what else a catalogue entry or a table says of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from compare.catalogue import catalogue
from compare.documents import Document
from compare.documents.plain import decode
from compare.errors import OptionError
from compare.groups import LONGEST_NAME, Group
from compare.shown import printable

_LARGEST_TABLE = 20 * 1024 * 1024
# Under what heads a table may name its documents, tried in this order; else its first column does.
_NAMES = ("document", "doc", "file", "path", "name", "id")

Fields = dict[str, str]


def read_metadata(path: str | Path) -> dict[str, Fields]:
    """Read a table of fields: CSV, a line a document and a column a field.

    Parameters
    ----------
    path : str or Path
        With a head. The column "document" (or "file", "path", "name", "id"; else the first one) says which document a
        line is about: by its name in the catalogue, its path, or the name of its file with or without its ending.

    Returns
    -------
    dict of str to dict of str to str
        Fields by name, small letters, of each document named.

    Raises
    ------
    OptionError
        If it cannot be read, has no head or no lines, or names a document twice.
    """
    shown = printable(str(path))
    try:
        if Path(path).stat().st_size > _LARGEST_TABLE:
            raise OptionError(f"--metadata {shown}: larger than {_LARGEST_TABLE // 2**20} MB; give a smaller table")
        data = Path(path).read_bytes()
    except OSError as error:
        raise OptionError(f"--metadata {shown}: cannot be read ({error.strerror}); give a CSV file") from None
    text = decode(data, shown)
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t")
    except csv.Error:
        dialect = "excel"
    try:
        lines = [
            line for line in csv.reader(io.StringIO(text, newline=""), dialect) if any(cell.strip() for cell in line)
        ]
    except csv.Error as error:
        raise OptionError(f"--metadata {shown}: no CSV that can be read ({error}); save it once more as CSV") from None
    if len(lines) < 2 or len(lines[0]) < 2:
        raise OptionError(f"--metadata {shown}: give a line of heads, and below it a line a document with its fields")
    head = [" ".join(cell.split()).casefold() for cell in lines[0]]
    column = next((head.index(name) for name in _NAMES if name in head), 0)
    made: dict[str, Fields] = {}
    for number, line in enumerate(lines[1:], 2):
        if len(line) <= column or not line[column].strip():
            raise OptionError(f"--metadata {shown}: line {number} names no document; its column is “{head[column]}”")
        name = line[column].strip()
        if name in made:
            raise OptionError(f"--metadata {shown}: {printable(name)} stands in it twice; keep one line")
        made[name] = {
            key: printable(" ".join(value.split()))
            for key, value in zip(head, line, strict=False)
            if key and value.strip()
        }
    return made


def fields_of(doc: str | Path | Document, metadata: Mapping[str, Fields] | None = None) -> Fields:
    """What is known of a document before it is read.

    Parameters
    ----------
    doc : str, Path or Document
        As for `compare.comparison.compare`.
    metadata : mapping, optional
        As `read_metadata` gives it; what it says goes before what the catalogue says.

    Returns
    -------
    dict of str to str
        Fields of its ``document.toml`` and of its line of the table; with "year" where "date" begins with one.
    """
    made: Fields = {}
    if isinstance(doc, Document):
        known = ("issuer", "date", "language", "genre", "title", "label", "short")
        made = {name: value for name in known if (value := getattr(doc, name))}
        names = [doc.id]
    else:
        name = str(doc)
        entry = catalogue().get(name)
        if entry is not None:
            made = dict(entry.fields)
        names = [name, Path(name).name, Path(name).stem]
    if metadata:
        made |= next((metadata[name] for name in names if name in metadata), {})
    if "year" not in made and (found := re.match(r"\d{4}(?!\d)", made.get("date", ""))):
        made["year"] = found.group()
    if "date" not in made and re.fullmatch(r"\d{4}", made.get("year", "")):
        made["date"] = made["year"]
    return made


def groups_by(field: str, docs: Sequence[str | Path | Document], metadata: Mapping[str, Fields] | None) -> list[Group]:
    """Put documents that have the same value of a field into one group.

    Parameters
    ----------
    field : str
        Its name; capitals do not count.
    docs : sequence of str, Path or Document
        As for `compare.comparison.compare`.
    metadata : mapping, optional
        As `read_metadata` gives it.

    Returns
    -------
    list of Group
        In the order of the values (of numbers by size); last, documents of which the field is not known.

    Raises
    ------
    OptionError
        If no document has the field, or all have the same value.
    """
    wanted = " ".join(field.split()).casefold()
    fields = [fields_of(doc, metadata) for doc in docs]
    known = sorted({name for own in fields for name in own})
    if wanted not in known:
        listed = f"; fields known of them are {', '.join(known)}" if known else ""
        raise OptionError(
            f"--group {printable(field)[:60]}: no document has this field{listed}; give --metadata FILE.csv, or "
            "NAME=DOC,DOC"
        )
    values: dict[str, list[str]] = {}
    for doc, own in zip(docs, fields, strict=True):
        values.setdefault(own.get(wanted, ""), []).append(doc.id if isinstance(doc, Document) else str(doc))
    if len(values) == 1:
        only = next(iter(values))
        raise OptionError(f"--group {wanted}: it is “{only}” of all documents, which leaves nothing to compare")
    order = sorted(values, key=lambda value: (value == "", [_piece(piece) for piece in re.split(r"(\d+)", value)]))
    made: list[Group] = []
    taken: set[str] = set()
    for value in order:
        name = value or f"{wanted} not known"
        if len(name) > LONGEST_NAME:
            name = f"{name[: LONGEST_NAME - 1].rstrip()}…"
        if name in taken:
            name = f"{name[: LONGEST_NAME - 5]} ({len(made) + 1})"
        taken.add(name)
        made.append(Group(name, tuple(values[value])))
    return made


def _piece(text: str) -> tuple[int, int, str]:
    return (0, int(text), "") if text.isdecimal() else (1, 0, text.casefold())
