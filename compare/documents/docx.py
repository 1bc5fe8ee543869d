"""Word (.docx, .docm, .dotx): headings, paragraphs and list items as printed, without what stands around the text.

The archive is bounded and checked before any part of it is parsed, and only the parts that hold text, styles, numbers
and the title are ever opened: no relationship leads out of the file, no macro, picture or embedded file is touched.
The names of elements are those of ECMA-376 (Office Open XML), part 1, in the transitional or the strict namespace.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

import lxml.etree

from compare.documents.blocks import Block, Heading, Paragraph, assemble
from compare.documents.cleaning import clean, han_share, squeeze, width
from compare.documents.contents import key
from compare.documents.model import ContentsEntry, Text
from compare.documents.numbering import number_of, split_run_in
from compare.documents.outline import (
    BULLET,
    CONTENTS,
    END,
    ITEM_KINDS,
    contents_notice,
    join_numbers,
    printed_rank,
)
from compare.documents.plain import take_run_ins
from compare.errors import DocumentError

MAX_PARTS = 5_000
MAX_XML_BYTES = 100_000_000  # of all parts together
MAX_STYLES = 20_000  # Word itself writes some 4,000 at most
_MAX_FIELDS = 100  # within each other
MAX_MARKS = 1_200_000  # "<" and "=" in one part: each costs a node or an attribute of some 100 to 200 bytes
_MAX_DIRECTORY = 20_000  # entries that the archive's directory may list, before it is opened at all

# What zipfile raises on archives that are broken in one way or another.
_BROKEN = (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError, EOFError, LookupError)

_SPACES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w:",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w:",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc:",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m:",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m:",
    "http://purl.org/dc/elements/1.1/": "dc:",
}
# Properties, deleted and moved-away text, what belongs to a note or a comment, readings above characters.
_SKIPPED = frozenset(
    [
        "w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr", "w:tblPr", "w:tblGrid", "w:trPr", "w:tcPr", "w:sectPr", "w:del",
        "w:moveFrom", "w:delText", "w:delInstrText", "w:rt", "w:fldData", "w:ffData", "w:footnote", "w:endnote",
        "w:comment", "w:hdr", "w:ftr", "w:customXmlPr", "w:smartTagPr", "w:tblPrEx",
    ]
)  # fmt: skip
_UNPRINTED_FIELDS = frozenset(["PAGE", "NUMPAGES", "SECTIONPAGES", "SECTION", "XE", "TC", "TA", "RD", "INDEX"])
_OFF = frozenset(["0", "false", "off"])
_HEADING_NAME = re.compile(
    r"(?:heading|überschrift|titre|título|titolo|rubrik|kop|nagłówek|заголовок|标题|標題|見出し|제목)\s*([1-9])", re.I
)
_LIST_NAME = re.compile(r"list(?: bullet| number)? ([2-5])", re.I)  # built-in styles, one for each depth
_CONTENTS_NAME = re.compile(r"(?:toc|verzeichnis|目录|目錄)\s*([1-9])", re.I)
_CONTENTS_STYLES = frozenset(["toc heading", "table of figures", "table of authorities", "toa heading"])
_TITLE_STYLES = frozenset(["title", "标题"])
_HEAD = 8  # lines at the head of a document that may be its title, its number and its date
_REFERENCE = re.compile(r"[〔\[（(]\d{4}[〕\]）)]|\d{4}\s*年|\b\d{1,2}\s+\w+\s+\d{4}$|\b\w+\s+\d{1,2},\s+\d{4}$|号$")
_FRONT_STYLES = frozenset(["subtitle", "author", "date"])
_QUOTE_STYLES = frozenset(
    ["quote", "intense quote", "quotations", "block quote", "block quotation", "block text", "引用", "明显引用"]
)
_TEMPLATE_TITLE = re.compile(
    r"(?:microsoft word\b.*|word document|untitled.*|document ?\d*|dokument ?\d*|文档 ?\d*|normal(\.dotm?)?|template|"
    r"title|\[?document title\]?|powerpoint presentation|.*\.(?:docx?|dotx?|dotm|docm|rtf|pdf|wpd))",
    re.I,
)
_ENTRY = re.compile(r"^(.*?\S)(?:\t\s*|\s*(?:\.\s?){3,}|\s*(?:…\s*)+|\s*·{3,}\s*)([ivxlc]{1,7}|\d{1,4})$", re.I)
_ENTRY_LENGTH = 300  # characters; a line of a table of contents is no longer
_PAGE_LABEL = re.compile(r"[ivxlc]{1,7}|[A-Z]?-?\d{1,4}", re.I)
_CHINESE_FORMATS = frozenset(
    [
        "chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting", "taiwaneseCounting",
        "taiwaneseCountingThousand", "taiwaneseDigital", "japaneseDigitalTenThousand", "koreanDigital2",
    ]
)  # fmt: skip


# --- the archive ------------------------------------------------------------------------------------------------


def open_archive(data: bytes, name: str) -> zipfile.ZipFile:
    """Open a zip archive whose directory is of a bounded size.

    Raises
    ------
    DocumentError
        If it is broken or lists more parts than a document has.
    """
    if data.count(b"PK\x01\x02") > _MAX_DIRECTORY:
        raise DocumentError(f"{name}: an archive of more than {_MAX_DIRECTORY:,} parts; save the document as PDF")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        raise DocumentError(f"{name}: a broken archive; get the file again") from error


def archive_kind(archive: zipfile.ZipFile) -> str:
    """Tell by its names what an archive is: "word", "excel", "powerpoint", "opendocument", "epub" or "archive"."""
    names = {part.lower().lstrip("/") for part in archive.namelist()}
    for folder, kind in (("word/", "word"), ("xl/", "excel"), ("ppt/", "powerpoint")):
        if any(part.startswith(folder) for part in names) and (kind == "word" or "[content_types].xml" in names):
            return kind
    if "mimetype" in names and "content.xml" in names:
        return "opendocument"
    return "epub" if "meta-inf/container.xml" in names else "archive"


class _Package:
    """The parts of a Word file that are read, each bounded."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive = archive
        self.name = name
        entries = archive.infolist()
        if len(entries) > MAX_PARTS:
            raise DocumentError(
                f"{name}: {len(entries):,} parts; Word files of up to {MAX_PARTS:,} are read, save it as PDF"
            )
        # Names of parts count without regard to case. A name is only ever looked up here, so "../" leads nowhere.
        self.entries = {entry.filename.lstrip("/").lower(): entry for entry in entries}
        self.left = MAX_XML_BYTES

    def bytes(self, part: str) -> bytes | None:
        entry = self.entries.get(part.lower())
        if entry is None:
            return None
        if entry.flag_bits & 0x1:
            raise DocumentError(f"{self.name}: its parts are encrypted; save it without a password")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise DocumentError(f"{self.name}: packed in a way that Word does not use; save it again in Word or as PDF")
        too_large = DocumentError(
            f"{self.name}: more than {MAX_XML_BYTES / 1e6:.0f} MB once unpacked; save a part of it, or save it as PDF"
        )
        if entry.file_size > self.left:
            raise too_large
        try:
            with self.archive.open(entry) as source:
                data = source.read(self.left + 1)  # the size that the archive declares may be a lie
        except (
            zipfile.BadZipFile,
            zlib.error,
            ValueError,
            NotImplementedError,
            OSError,
            RuntimeError,
            EOFError,
        ) as error:
            raise DocumentError(f"{self.name}: a broken Word file ({part}); get the file again") from error
        if len(data) > self.left:
            raise too_large
        self.left -= len(data)
        return data

    def xml(self, part: str) -> Any | None:
        data = self.bytes(part)
        return None if data is None else _parse(data, f"{self.name}: {part}")

    def related(self, part: str) -> dict[str, str]:
        """Targets within the file by the last word of their relationship's type ("styles", "numbering")."""
        folder, base = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        targets: dict[str, str] = {}
        for element in root if root is not None else ():
            kind = (element.get("Type") or "").rsplit("/", 1)[-1]
            target = unquote(element.get("Target") or "")
            if (element.get("TargetMode") or "").lower() == "external" or not target:
                continue
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            targets.setdefault(kind, posixpath.normpath(path))
        return targets


def _parse(data: bytes, where: str) -> Any:
    """Parse a part as the standard wants it: UTF-8 or UTF-16, without a document type."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    if data.count(b"<") + data.count(b"=") > MAX_MARKS:
        raise DocumentError(f"{where} has more than {MAX_MARKS:,} marks; save a part of it, or save it as PDF")
    parser = lxml.etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = lxml.etree.fromstring(data, parser)
    except (lxml.etree.LxmlError, ValueError, MemoryError) as error:
        raise DocumentError(
            f"{where} is no well-formed XML, or nested too deep; save the file again in Word"
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentError(f"{where} declares entities or a document type, which Word never does; save it as PDF")
    return root


_names: dict[str, str] = {}


def _name(element: Any) -> str:
    """Name of an element with the usual prefix, "w:p"; "?" for what is of no concern."""
    tag = element.tag
    if not isinstance(tag, str):
        return "?"
    known = _names.get(tag)
    if known is None:
        space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        known = _SPACES[space] + local if space in _SPACES else "?"
        if len(_names) < 4_096:
            _names[tag] = known
    return known


def _child(element: Any | None, *path: str) -> Any | None:
    for step in path:
        if element is None:
            return None
        element = next((child for child in element if _name(child) == step), None)
    return element


def _value(element: Any | None, attribute: str = "val") -> str | None:
    if element is None:
        return None
    for full, value in element.items():
        if full.rpartition("}")[2] == attribute:
            return str(value)
    return None


def _number(value: str | None, low: int, high: int) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"-?\d{1,9}", value) and low <= int(value) <= high else None


def _on(element: Any | None) -> bool | None:
    """Value of a property that is on or off; None where it is not set."""
    if element is None:
        return None
    return (_value(element) or "1").lower() not in _OFF


# --- styles and numbers -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Style:
    """What counts of a paragraph's or a run's properties; None where nothing sets it."""

    name: str = ""
    outline: int | None = None  # 0 to 8; 9 is running text
    list: int | None = None
    level: int | None = None
    bold: bool | None = None
    hidden: bool | None = None
    centred: bool | None = None
    indent: int | None = None

    def over(self, other: _Style) -> _Style:
        """These properties, and the other's where these set nothing."""
        if other is _NOTHING or self is _NOTHING:
            return other if self is _NOTHING else self
        mine = [getattr(self, slot) for slot in _STYLE_SLOTS]
        theirs = [getattr(other, slot) for slot in _STYLE_SLOTS]
        return _Style(self.name or other.name, *(b if a is None else a for a, b in zip(mine, theirs, strict=True)))


_NOTHING = _Style()
_STYLE_SLOTS = ("outline", "list", "level", "bold", "hidden", "centred", "indent")


def _properties(paragraph: Any | None, run: Any | None, name: str = "") -> _Style:
    if paragraph is None and run is None and not name:
        return _NOTHING
    outline = _number(_value(_child(paragraph, "w:outlineLvl")), 0, 9)
    list_ = _number(_value(_child(paragraph, "w:numPr", "w:numId")), 0, 10**9)
    level = _number(_value(_child(paragraph, "w:numPr", "w:ilvl")), 0, 8)
    aligned = _value(_child(paragraph, "w:jc"))
    indents = _child(paragraph, "w:ind")
    left = _value(indents, "left") or _value(indents, "start")
    return _Style(
        name, outline, list_, level, _on(_child(run, "w:b")), _on(_child(run, "w:vanish")),
        None if aligned is None else aligned == "center", _number(left, -(10**6), 10**6),
    )  # fmt: skip


class _Styles:
    """The styles of a document, each with what it takes over from those that it is based on."""

    def __init__(self, root: Any | None) -> None:
        self.raw: dict[str, tuple[_Style, str | None]] = {}
        self.resolved: dict[str, _Style] = {}
        self.defaults: dict[str, str] = {}
        self.base = _NOTHING
        for element in root if root is not None else ():
            if _name(element) == "w:docDefaults":
                self.base = _properties(
                    _child(element, "w:pPrDefault", "w:pPr"), _child(element, "w:rPrDefault", "w:rPr")
                )
            identifier = _value(element, "styleId")
            if _name(element) != "w:style" or identifier is None:
                continue
            name = _value(_child(element, "w:name")) or identifier
            style = _properties(_child(element, "w:pPr"), _child(element, "w:rPr"), name)
            if style.outline is None and (match := _HEADING_NAME.fullmatch(name.strip())):
                style = style.over(_Style(outline=int(match.group(1)) - 1))
            self.raw[identifier] = (style, _value(_child(element, "w:basedOn")))
            if _on_attribute(element, "default"):
                self.defaults.setdefault(_value(element, "type") or "paragraph", identifier)

    def get(self, identifier: str | None, kind: str = "paragraph") -> _Style:
        if identifier is None or identifier not in self.raw:
            # A heading's built-in name may be used although no style of that name is written down.
            match = _HEADING_NAME.fullmatch(identifier or "")
            if match:
                return _Style(identifier or "", int(match.group(1)) - 1)
            identifier = self.defaults.get(kind)
            if identifier is None:
                return _NOTHING
        chain: dict[str, None] = {}
        at: str | None = identifier
        while at is not None and at in self.raw and at not in self.resolved and at not in chain:
            chain[at] = None
            at = self.raw[at][1]
        below = self.resolved.get(at, _NOTHING) if at is not None else _NOTHING
        for one in reversed(chain):
            # A style based on a numbered heading keeps number and level of it unless it sets its own.
            below = self.resolved[one] = self.raw[one][0].over(below)
        return self.resolved[identifier]


def _on_attribute(element: Any, attribute: str) -> bool:
    value = _value(element, attribute)
    return value is not None and value.lower() not in _OFF


@dataclass(slots=True)
class _Level:
    """How one level of a list is numbered."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    joined: bool = False  # nothing stands between number and text
    restart: int | None = None
    legal: bool = False
    style: str | None = None


def _level(element: Any) -> _Level:
    start = _number(_value(_child(element, "w:start")), 0, 10**6)
    return _Level(
        start=1 if start is None else start,
        format=_value(_child(element, "w:numFmt")) or "decimal",
        text=(_value(_child(element, "w:lvlText")) or "")[:100],
        joined=_value(_child(element, "w:suff")) == "nothing",
        restart=_number(_value(_child(element, "w:lvlRestart")), 0, 9),
        legal=_on(_child(element, "w:isLgl")) is True,
        style=_value(_child(element, "w:pStyle")),
    )


class _Numbers:
    """Counts the lists of a document as Word does when it prints them."""

    def __init__(self, root: Any | None, styles: _Styles) -> None:
        self.levels: dict[int, dict[int, _Level]] = {}
        self.abstract: dict[int, int] = {}
        self.starts: dict[tuple[int, int], int] = {}
        self.overrides: dict[int, dict[int, _Level]] = {}
        self.counts: dict[int, dict[int, int]] = {}
        self.begun: set[tuple[int, int]] = set()
        links: dict[int, str] = {}
        for element in root if root is not None else ():
            if _name(element) == "w:abstractNum":
                number = _number(_value(element, "abstractNumId"), 0, 10**9)
                if number is None:
                    continue
                self.levels[number] = _levels(element)
                link = _value(_child(element, "w:numStyleLink"))
                if link is not None:
                    links[number] = link
            elif _name(element) == "w:num":
                number = _number(_value(element, "numId"), 0, 10**9)
                abstract = _number(_value(_child(element, "w:abstractNumId")), 0, 10**9)
                if number is None or abstract is None:
                    continue
                self.abstract[number] = abstract
                for override in element:
                    level = _number(_value(override, "ilvl"), 0, 8)
                    if _name(override) != "w:lvlOverride" or level is None:
                        continue
                    start = _number(_value(_child(override, "w:startOverride")), 0, 10**6)
                    if start is not None:
                        self.starts[number, level] = start
                    inner = _child(override, "w:lvl")
                    if inner is not None:
                        self.overrides.setdefault(number, {})[level] = _level(inner)
        # A list that takes its levels from a list style: the style names a list, and that one has the levels.
        for number, link in links.items():
            through = self.abstract.get(styles.get(link, "numbering").list or 0)
            if not self.levels[number] and through is not None:
                self.levels[number] = self.levels.get(through, {})

    def level_of_style(self, number: int, style: str | None) -> int | None:
        """Level that a list gives to a paragraph style."""
        levels = self.levels.get(self.abstract.get(number, -1), {})
        return next((at for at, level in levels.items() if style is not None and level.style == style), None)

    def get(self, number: int, at: int) -> _Level | None:
        found = self.overrides.get(number, {}).get(at)
        return found or self.levels.get(self.abstract.get(number, -1), {}).get(at)

    def next(self, number: int, at: int) -> tuple[str, _Level] | None:
        """Count one paragraph of a list, and give its number as printed; None where there is no such list."""
        level = self.get(number, at)
        if level is None:
            return None
        counts = self.counts.setdefault(self.abstract[number], {})
        if (number, at) in self.starts and (number, at) not in self.begun:
            counts[at] = self.starts[number, at] - 1
        self.begun.add((number, at))
        counts[at] = counts.get(at, level.start - 1) + 1
        for deeper in [d for d in counts if d > at]:
            below = self.get(number, deeper)
            restart = below.restart if below is not None else None
            if restart is None or (restart > 0 and at < restart):
                del counts[deeper]
        if level.format in {"bullet", "none"} and "%" not in level.text:
            return ("", level) if level.format == "bullet" else (level.text, level)

        def one(match: re.Match[str]) -> str:
            which = int(match.group(1)) - 1
            its = self.get(number, which) or _Level()
            count = counts.get(which, self.starts.get((number, which), its.start))
            return _counted(count, "decimal" if level.legal and its.format != "none" else its.format)

        return re.sub(r"%([1-9])", one, level.text), level


def _levels(element: Any) -> dict[int, _Level]:
    made = {}
    for child in element:
        at = _number(_value(child, "ilvl"), 0, 8)
        if _name(child) == "w:lvl" and at is not None:
            made[at] = _level(child)
    return made


_HAN = "〇一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_CIRCLES = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def _counted(count: int, form: str) -> str:
    """Write a number in one of the forms that lists have (ECMA-376, ST_NumberFormat)."""
    if form in {"bullet", "none"}:
        return ""
    if count > 0 and form in {"lowerRoman", "upperRoman"}:
        roman = _roman(count)
        return roman.lower() if form == "lowerRoman" else roman
    if count > 0 and form in {"lowerLetter", "upperLetter"}:
        # After z come aa, bb, cc.
        letter = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 20)
        return letter if form == "lowerLetter" else letter.upper()
    if form in _CHINESE_FORMATS:
        return _han(count)
    if form == "ideographTraditional" and 0 < count <= len(_STEMS):
        return _STEMS[count - 1]
    if form.startswith(("decimalEnclosedCircle", "ideographEnclosedCircle")) and 0 < count <= len(_CIRCLES):
        return _CIRCLES[count - 1]
    if form in {"decimalFullWidth", "decimalFullWidth2"}:
        return "".join(chr(ord(c) + 0xFEE0) for c in str(count))
    if form == "decimalEnclosedParen":
        return f"({count})"
    if form == "decimalEnclosedFullstop":
        return f"{count}."
    if form == "decimalZero":
        return f"{count:02d}"
    if form == "ordinal":
        ending = "th" if count % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
        return f"{count}{ending}"
    return str(count)


def _roman(count: int) -> str:
    made = "M" * min(count // 1000, 20)
    count %= 1000
    for value, sign in ((900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
                        (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):  # fmt: skip
        made += sign * (count // value)
        count %= value
    return made


def _han(count: int) -> str:
    """Write a number in Han characters, up to 999: 十, 十二, 二十一, 一百零五."""
    if not 0 < count < 1000:
        return "".join(_HAN[int(c)] if c.isdigit() else c for c in str(count))
    hundreds, tens, ones = count // 100, count // 10 % 10, count % 10
    made = f"{_HAN[hundreds]}百" if hundreds else ""
    if tens:
        made += f"{_HAN[tens] if tens > 1 or hundreds else ''}十"
    elif hundreds and ones:
        made += "零"
    return made + (_HAN[ones] if ones else "")


# --- the text ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Field:
    """A field that is open: what it asks for, and whether its result has begun."""

    code: str = ""
    result: bool = False

    @property
    def kind(self) -> str:
        words = self.code.split()
        return words[0].upper() if words else ""


@dataclass(slots=True)
class _Open:
    """A paragraph that is being read."""

    style: _Style
    identifier: str | None = None
    parts: list[tuple[str, bool]] = field(default_factory=list)  # text, and whether it is bold
    contents: bool = False
    nested: list[_Read] = field(default_factory=list)  # paragraphs of text boxes that hang on it
    runs_on: bool = False  # its mark is deleted, or it is a drop cap: the next paragraph continues it
    cells: int = 0

    @property
    def text(self) -> str:
        return "".join(part for part, _ in self.parts)


@dataclass(frozen=True, slots=True)
class _Read:
    """A paragraph as read: raw text with tabs, and what its style says."""

    raw: str
    text: str
    style: _Style
    bold: bool
    lead: str  # its beginning as far as it is bold
    in_table: bool
    contents: bool
    printed: str = ""  # its automatic number
    level: _Level | None = None
    depth: int = 0


class _Walker:
    """Walks the tree once, without recursion, and collects paragraphs in reading order."""

    def __init__(self, styles: _Styles, numbers: _Numbers, spanning: bool = True) -> None:
        self.styles = styles
        self.numbers = numbers
        self.spanning = spanning  # whether a field may reach over several paragraphs
        self.read: list[_Read] = []
        self.open: list[_Open] = []
        self.fields: list[_Field] = []
        self.deeper = 0  # fields within more fields than are followed
        self.run: list[tuple[bool, bool]] = []  # bold, hidden
        self.contents = 0
        self.cells = 0
        self.carried: list[tuple[str, bool]] = []
        self.left_out = 0

    def walk(self, root: Any) -> None:
        context = lxml.etree.iterwalk(root, events=("start", "end"))
        for event, element in context:
            name = _name(element)
            if name == "w:p" and not len(element):
                continue
            if event == "start":
                if name in _SKIPPED or self._unprinted(element, name):
                    context.skip_subtree()
                self._start(element, name)
            else:
                self._end(element, name)
        if self.carried:
            self.open.append(_Open(_NOTHING))
            self._close_paragraph()

    @staticmethod
    def _unprinted(element: Any, name: str) -> bool:
        if name == "w:sdt":
            return _on(_child(element, "w:sdtPr", "w:showingPlcHdr")) is True
        if name == "w:tr":
            return _child(element, "w:trPr", "w:del") is not None
        if name == "w:tc":
            return _child(element, "w:tcPr", "w:cellDel") is not None
        if name == "mc:Fallback" or name == "mc:Choice":
            # Of alternatives one is printed: the first that is offered.
            first = element.getparent()[0]
            return first is not element and _name(first) == "mc:Choice"
        return False

    def _start(self, element: Any, name: str) -> None:
        if name == "w:p":
            self._open_paragraph(element)
        elif name == "w:r":
            properties = _child(element, "w:rPr")
            own = _properties(None, properties)
            style = self.styles.get(_value(_child(properties, "w:rStyle")), "character")
            above = self.open[-1].style if self.open else _NOTHING
            whole = own.over(style).over(above)
            self.run.append((whole.bold is True, whole.hidden is True))
        elif name in {"w:t", "m:t"}:
            self._text(element.text or "")
        elif name in {"w:tab", "w:ptab"}:
            self._text("\t")
        elif name in {"w:br", "w:cr"}:
            self._text("\n")
        elif name == "w:noBreakHyphen":
            self._text("-")
        elif name == "w:sym":
            code = _value(element, "char") or ""
            symbol = chr(int(code, 16)) if re.fullmatch(r"[0-9A-Fa-f]{4}", code) else ""
            # Characters of symbol fonts stand in the private use area and mean nothing outside that font.
            self._text(symbol if symbol.isprintable() else " ")
        elif name == "w:fldChar":
            self._field(_value(element, "fldCharType") or "")
        elif name == "w:fldSimple":
            # The parser bounds how deep these nest.
            self.fields.append(_Field((_value(element, "instr") or "")[:200], True))
        elif name == "w:instrText":
            if self.fields and not self.fields[-1].result:
                self.fields[-1].code = (self.fields[-1].code + (element.text or ""))[:200]
        elif name == "w:sdt":
            self.contents += self._is_contents(element)
        elif name == "w:tc":
            self.cells += 1
        elif name in {"w:altChunk", "w:subDoc"}:
            self.left_out += 1

    def _end(self, element: Any, name: str) -> None:
        if name == "w:p" and self.open:
            self._close_paragraph()
        elif name == "w:r" and self.run:
            self.run.pop()
        elif name == "w:fldSimple" and self.fields:
            self.fields.pop()
        elif name == "w:sdt":
            self.contents -= self._is_contents(element)
        elif name == "w:tc":
            self.cells -= 1

    @staticmethod
    def _is_contents(element: Any) -> bool:
        gallery = _value(_child(element, "w:sdtPr", "w:docPartObj", "w:docPartGallery"))
        return gallery == "Table of Contents"

    def _field(self, kind: str) -> None:
        if kind == "begin":
            if len(self.fields) < _MAX_FIELDS:
                self.fields.append(_Field())
            else:
                self.deeper += 1
        elif self.deeper:
            self.deeper -= kind == "end"
        elif kind == "separate" and self.fields:
            self.fields[-1].result = True
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _text(self, text: str) -> None:
        if not self.open or self.deeper or (self.run and self.run[-1][1]):
            return
        for one in self.fields:
            if not one.result or one.kind in _UNPRINTED_FIELDS:
                return
            if one.kind == "TOC" and self.spanning and text.strip():
                self.open[-1].contents = True
        self.open[-1].parts.append((text, bool(self.run and self.run[-1][0])))

    def _open_paragraph(self, element: Any) -> None:
        properties = _child(element, "w:pPr")
        identifier = _value(_child(properties, "w:pStyle"))
        style = self.styles.get(identifier)
        mark = _child(properties, "w:rPr")
        # The properties of a paragraph's mark are not those of its text.
        whole = _properties(properties, None).over(style).over(self.styles.base)
        paragraph = _Open(whole, identifier or self.styles.defaults.get("paragraph"), cells=self.cells)
        paragraph.contents = self.contents > 0
        paragraph.runs_on = (
            _child(mark, "w:del") is not None
            or _child(mark, "w:moveFrom") is not None
            or _value(_child(properties, "w:framePr"), "dropCap") in {"drop", "margin"}
        )
        self.open.append(paragraph)

    def _close_paragraph(self) -> None:
        paragraph = self.open.pop()
        if not self.spanning and not self.open:
            self.fields, self.deeper = [], 0
        if paragraph.runs_on:
            self.carried += paragraph.parts
            paragraph.parts = []
        else:
            paragraph.parts[:0], self.carried = self.carried, []
        # An empty paragraph counts where it stands in a list.
        empty = paragraph.runs_on or (not paragraph.parts and not paragraph.style.list)
        made = [] if empty else [self._finished(paragraph)]
        made += paragraph.nested
        if self.open:
            self.open[-1].nested += made
        else:
            self.read += made

    def _finished(self, paragraph: _Open) -> _Read:
        parts = [(clean(part).replace("\n", " "), bold) for part, bold in paragraph.parts]
        letters = sum(len(part.strip()) for part, _ in parts)
        heavy = sum(len(part.strip()) for part, bold in parts if bold)
        lead = ""
        for part, bold in parts:
            if not bold and part.strip():
                break
            lead += part
        printed, level, depth = "", None, 0
        number = paragraph.style.list
        if number:
            at = paragraph.style.level
            if at is None or at == 0:
                at = self.numbers.level_of_style(number, paragraph.identifier) or at or 0
            counted = self.numbers.next(number, at) if not paragraph.contents else None
            if counted is not None:
                printed, level = squeeze(counted[0]), counted[1]
            built_in = _LIST_NAME.fullmatch(paragraph.style.name.strip())
            depth = max(at + 1, int(built_in.group(1)) if built_in else 0)
        raw = "".join(part for part, _ in paragraph.parts)
        return _Read(
            raw=raw,
            text=squeeze(raw),
            style=paragraph.style,
            bold=letters > 0 and heavy >= 0.95 * letters,
            lead=squeeze(lead),
            in_table=paragraph.cells > 0,
            contents=paragraph.contents,
            printed=printed,
            level=level,
            depth=depth,
        )


def read_docx(data: bytes, name: str) -> Text:
    """Read a Word file.

    Headings are told by outline levels and styles, by automatic numbers, and where neither is used by print and
    number as in other formats. Footnotes, endnotes, comments, headers, footers, page numbers, deleted and hidden
    text stay out; the table of contents becomes ``Text.contents``.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        File name, for errors.

    Raises
    ------
    DocumentError
        If the file is broken, encrypted, too large once unpacked, or holds no sentence.
    """
    with open_archive(data, name) as archive:
        package = _Package(archive, name)
        main = package.related("").get("officeDocument", "word/document.xml")
        root = package.xml(main)
        if root is None and main != "word/document.xml":
            main = "word/document.xml"
            root = package.xml(main)
        if root is None:
            raise DocumentError(f"{name}: no text in it (word/document.xml is missing); get the file again")
        related = package.related(main)
        folder = posixpath.dirname(main)
        sheet = package.xml(related.get("styles", posixpath.join(folder, "styles.xml")))
        if sheet is not None and len(sheet) > MAX_STYLES:
            raise DocumentError(f"{name}: more than {MAX_STYLES:,} styles; save it again in Word or as PDF")
        styles = _Styles(sheet)
        numbering = package.xml(related.get("numbering", posixpath.join(folder, "numbering.xml")))
        core = package.xml(package.related("").get("core-properties", "docProps/core.xml"))
    walker = _Walker(styles, _Numbers(numbering, styles))
    walker.walk(root)
    if walker.fields or walker.deeper:
        # A field that is never closed would swallow the rest of the document.
        walker = _Walker(styles, _Numbers(numbering, styles), spanning=False)
        walker.walk(root)
    notices = []
    if walker.left_out:
        notices.append("parts taken in from other files are not read; save the document whole in Word")
    return _assemble(walker.read, _core_title(core), name, notices)


def _core_title(core: Any | None) -> str | None:
    element = _child(core, "dc:title")
    title = squeeze(element.text or "")[:300] if element is not None else ""
    return title if title and not _TEMPLATE_TITLE.fullmatch(title) else None


def _assemble(read: Sequence[_Read], core: str | None, name: str, notices: list[str]) -> Text:
    chinese = han_share("".join(one.raw for one in read)[:200_000]) > 0.25
    contents, rest = _take_contents(read)
    printed, rest = _take_printed_title(rest, chinese)
    blocks: list[Block] = []
    titles: list[str] = [printed] if printed else []
    typed = _Typed()
    quotations, before = 0, False
    for one in rest:
        if not any(c.isalnum() for c in one.text):
            continue
        style = one.style.name.lower()
        if style in _TITLE_STYLES and one.style.outline is None:
            if not any(isinstance(block, Paragraph) for block in blocks):
                titles.append(one.text)
            else:
                blocks.append(Heading(one.text, 1))
            continue
        if style in _FRONT_STYLES and not blocks:
            continue
        made = _block(one, chinese, typed)
        # Paragraphs in a row in such a style are one quotation.
        quoted = style in _QUOTE_STYLES
        quotations += quoted and not before
        if quoted:
            made = [replace(block, quoted=quotations) if isinstance(block, Paragraph) else block for block in made]
        before = quoted
        blocks.extend(made)
    title = squeeze(" ".join(titles)) or core
    title, blocks = _take_title(title, bool(titles), blocks)
    blocks = join_numbers(take_run_ins(blocks) if chinese else blocks)
    notices += contents_notice(contents, [*blocks, *([Heading(title, 1)] if title else [])])
    return assemble(blocks, name=name, title=title, notices=notices, contents=contents)


class _Typed:
    """Depth of list items whose marks are typed by hand, by their indents."""

    def __init__(self) -> None:
        self.indents: list[int] = []

    def depth(self, indent: int) -> int:
        while self.indents and indent < self.indents[-1]:
            self.indents.pop()
        if not self.indents or indent > self.indents[-1]:
            self.indents.append(indent)
        return len(self.indents)


def _joined(printed: str, text: str, level: _Level | None) -> str:
    if not printed:
        return text
    wide = width(printed[-1]) > 1
    return printed + ("" if wide or (level is not None and level.joined) else " ") + text


def _block(one: _Read, chinese: bool, typed: _Typed) -> list[Block]:
    text = one.text
    full = _joined(one.printed, text, one.level)
    outline = one.style.outline
    if outline is not None and outline < 9:
        number = number_of(full)
        lead = split_run_in(full, number) if chinese and number is not None else None
        if lead is not None and lead[1]:
            return [Heading(lead[0], outline + 1), Paragraph(lead[1])]
        # An outline level on a paragraph of several lines is a slip of its author, not a heading.
        if not (len(text) > (60 if chinese else 200) and END.search(text)):
            typed.indents = []
            return [Heading(full, outline + 1)]
    numbered = one.level is not None and bool(one.printed)
    spelled = numbered and (any(c.isalpha() for c in (one.level.text if one.level else "").replace("%", "")) or chinese)
    # "第一条", "Article 1", "一、": such a number is part of the text, and its paragraph no item of a list.
    own = full if spelled and _is_own(one.printed, full) else None
    if not one.in_table:
        rank = printed_rank(full, one.bold, chinese)
        listed = one.depth > 0 and own is None
        if rank is not None and (not listed or (one.bold and numbered)):
            typed.indents = []
            return [Heading(full, rank)]
        if not listed and one.lead and len(one.lead) < len(text):
            lead_text = _joined(one.printed, one.lead.rstrip(".:。："), one.level)
            if number_of(lead_text) is not None and (rank := printed_rank(lead_text, True, chinese)):
                # "1. Title." in bold runs into its paragraph.
                typed.indents = []
                return [Heading(lead_text, rank), Paragraph(text[len(one.lead) :].strip())]
    if own is not None:
        return [Paragraph(own)]
    if one.depth:
        typed.indents = []
        return [Paragraph(text, one.depth)]
    mark = BULLET.match(text)
    number = number_of(text) if mark is None else None
    if mark is not None or (number is not None and number.kind in ITEM_KINDS):
        indent = (one.style.indent or 0) + 120 * (len(one.raw) - len(one.raw.lstrip()))
        return [Paragraph(text[mark.end() :] if mark else text, typed.depth(indent))]
    typed.indents = []
    return [Paragraph(text)]


def _is_own(printed: str, full: str) -> bool:
    number = number_of(full)
    return any(c.isalpha() for c in printed) if number is None else number.kind not in ITEM_KINDS


def _take_contents(read: Sequence[_Read]) -> tuple[list[ContentsEntry], list[_Read]]:
    """Take out the table of contents: by its styles, its field or its frame, or typed by hand below its heading."""
    contents: list[ContentsEntry] = []
    rest: list[_Read] = []
    typed = False
    for one in read:
        style = one.style.name.lower()
        toc = _CONTENTS_NAME.fullmatch(style.strip())
        entry = _ENTRY.match(one.raw.strip()) if len(one.raw) <= _ENTRY_LENGTH else None
        if toc or one.contents or style in _CONTENTS_STYLES or (typed and entry and one.text):
            if one.text and not CONTENTS.fullmatch(one.text) and "figures" not in style and style != "toc heading":
                contents.append(_entry(one, int(toc.group(1)) - 1 if toc else None))
            if rest and not contents[1:] and CONTENTS.fullmatch(rest[-1].text):
                rest.pop()
            continue
        if CONTENTS.fullmatch(one.text):
            typed = True
        elif one.text:
            typed = False
        rest.append(one)
    return contents, rest


def _entry(one: _Read, level: int | None) -> ContentsEntry:
    raw = one.raw.strip()
    label = None
    if len(raw) <= _ENTRY_LENGTH and (match := _ENTRY.match(raw)):
        raw, label = match.group(1), match.group(2)
    elif "\t" in raw and _PAGE_LABEL.fullmatch(raw.rpartition("\t")[2].strip()):
        raw, _, label = (part.strip() for part in raw.rpartition("\t"))
    title = squeeze(raw)
    number = number_of(title)
    if level is None:
        level = number.rank % 10 if number is not None and number.kind == "decimal" else 0
    return ContentsEntry(title, label, level)


def _take_printed_title(read: list[_Read], chinese: bool) -> tuple[str | None, list[_Read]]:
    """Take the centred lines at the head of a document for its title where no style marks one.

    Document numbers and dates among them go; a title in Chinese may stand on several lines.
    """
    if any(one.style.name.lower() in _TITLE_STYLES for one in read):
        return None, read
    head: list[_Read] = []
    for one in [one for one in read if one.text][:_HEAD]:
        plain = one.style.outline in {None, 9} and not one.depth and not one.in_table
        if not plain or not one.style.centred or END.search(one.text) or width(one.text) > 160 or number_of(one.text):
            break
        head.append(one)
    lines = [one for one in head if not _REFERENCE.search(one.text)]
    if not lines:
        return None, read
    title = lines if chinese else lines[:1]
    gone = {id(one) for one in head if one in title or _REFERENCE.search(one.text)}
    return squeeze(("" if chinese else " ").join(one.text for one in title)), [o for o in read if id(o) not in gone]


def _take_title(title: str | None, marked: bool, blocks: list[Block]) -> tuple[str | None, list[Block]]:
    """Find the title where no style and no print marks it, and take it out of the text."""
    top = [block for block in blocks if isinstance(block, Heading)]
    if not marked and top:
        first = min(block.level for block in top)
        outermost = [block for block in top if block.level == first]
        if len(outermost) == 1 and outermost[0] is blocks[0] and len(top) > 1 and number_of(outermost[0].text) is None:
            return outermost[0].text, blocks[1:]
    head = blocks[0] if blocks else None
    if title is None and isinstance(head, Heading) and head.level == 7 and number_of(head.text) is None:
        return head.text, blocks[1:]
    if title is not None:
        for at, block in enumerate(blocks[:3]):
            if key(block.text) == key(title):
                return title, blocks[:at] + blocks[at + 1 :]
    return title, blocks
