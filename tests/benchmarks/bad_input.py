"""What does the program say of bad input? Every kind is made, compared with a sound plan, and watched.

    python tests/benchmarks/bad_input.py [--only WORD] [--seconds N]

Each file is made in a temporary folder and given to `python -m compare report BAD tests/fixtures/northland-plan.md` in
a process of its own. A kind passes with exit code 2 and one line on standard error, or with exit code 0 and a report
where the input can be read after all, within 10 seconds and 1000 MB. Under "verdict" stands what fails. Where a report
is made, only the time of reading counts, which stands under "reading" and is measured once more, alone: the rest goes
into loading the encoder and comparing. Where the run is ended or slow, it tells which of both it was. Times are those
of the processor, which a busy machine leaves as they are; "seconds" are those on the clock.

Kinds called "just within" keep to the sizes that are read, and so try what the readers do rather than the limits.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent))

from reading import Watch

ROOT = Path(__file__).resolve().parents[2]
SOUND = ROOT / "tests" / "fixtures" / "northland-plan.md"
SECONDS, MEGABYTES = 10, 1000
PROSE = "The ministry will open its data to schools. Councils must report every year on what they spend. "
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/>'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Override PartName="/word/document.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="word/document.xml"/></Relationships>'
)


@dataclass
class Kind:
    name: str
    file: str
    make: Callable[[Path], None]
    readable: bool = False  # whether a sound reading is an answer too


# PDF


def pdf(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """Objects numbered from 1, the first of them the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def stream(data: bytes, extra: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n" % (len(packed), extra) + packed + b"\nendstream"


def text_page(lines: int = 30) -> bytes:
    rows = [b"BT /F1 11 Tf 72 %d Td (%s) Tj ET" % (740 - 20 * n, PROSE.strip().encode()) for n in range(lines)]
    return b"\n".join(rows)


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 900 792] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>"


def plain_pdf(trailer: bytes = b"", catalog: bytes = b"", more: list[bytes] | None = None) -> bytes:
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
            b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            FONT,
            PAGE,
            stream(text_page()),
            *(more or []),
        ],
        trailer,
    )


def encrypted(path: Path) -> None:
    # A dictionary of encryption with made-up keys: no password, and not the empty one either, opens it.
    rng = random.Random(0)
    keys = [bytes(rng.randrange(256) for _ in range(32)).hex().encode() for _ in range(2)]
    entry = b"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <%s> /U <%s> >>" % (keys[0], keys[1])
    path.write_bytes(plain_pdf(b"/Encrypt 6 0 R /ID [<00112233> <00112233>]", more=[entry]))


def truncated(path: Path) -> None:
    data = plain_pdf()
    path.write_bytes(data[: len(data) // 3])


def scanned(path: Path) -> None:
    rng = random.Random(0)
    image = bytes(rng.choice((0, 255)) for _ in range(200 * 260))
    picture = b"/Type /XObject /Subtype /Image /Width 200 /Height 260 /ColorSpace /DeviceGray /BitsPerComponent 8"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 3 0 R >> >> "
    kids = b"4 0 R " * 12
    path.write_bytes(
        pdf(
            [
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Kids [%s] /Count 12 >>" % kids,
                stream(image, picture),
                page + b"/Contents 5 0 R >>",
                stream(b"q 595 0 0 842 0 0 cm /I Do Q"),
            ]
        )
    )


def looping_pages(path: Path) -> None:
    path.write_bytes(
        pdf(
            [
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Kids [4 0 R 2 0 R 3 0 R] /Count 1000000 >>",
                b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 999999 >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R >>",
                stream(b""),
            ]
        )
    )


def many_bookmarks(path: Path, count: int = 1_000_000) -> None:
    first = 7
    marks = [
        b"<< /Title (Part %d) /Parent 6 0 R /Dest [4 0 R /Fit] %s %s >>"
        % (
            n,
            b"/Prev %d 0 R" % (first + n - 1) if n else b"",
            b"/Next %d 0 R" % (first + n + 1) if n + 1 < count else b"",
        )
        for n in range(count)
    ]
    outlines = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>" % (first, first + count - 1, count)
    path.write_bytes(plain_pdf(catalog=b"/Outlines 6 0 R", more=[outlines, *marks]))


def looping_bookmarks(path: Path) -> None:
    outlines = b"<< /Type /Outlines /First 7 0 R /Last 8 0 R /Count 2 >>"
    one = b"<< /Title (Part 1) /Parent 6 0 R /Next 8 0 R /First 8 0 R /Last 8 0 R /Dest [4 0 R /Fit] >>"
    two = b"<< /Title (Part 2) /Parent 7 0 R /Next 7 0 R /First 7 0 R /Last 7 0 R /Dest [4 0 R /Fit] >>"
    path.write_bytes(plain_pdf(catalog=b"/Outlines 6 0 R", more=[outlines, one, two]))


def many_pages(path: Path) -> None:
    count = 200_000
    kids = b" ".join([b"4 0 R"] * count)
    path.write_bytes(
        pdf(
            [
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
                FONT,
                PAGE,
                stream(text_page()),
            ]
        )
    )


def one_page_of_letters(path: Path) -> None:
    rows = b"\n".join(b"BT /F1 1 Tf 10 %d Td (%s) Tj ET" % (n % 780, PROSE.encode() * 40) for n in range(3000))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        FONT,
        PAGE,
        stream(rows),
    ]
    path.write_bytes(pdf(objects))


def flate_bomb(path: Path) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 10**7) for _ in range(200)) + packer.flush()
    for _ in range(1):
        packed = zlib.compress(packed, 9)
    body = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(packed) + packed + b"\nendstream"
    path.write_bytes(
        pdf(
            [
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
                FONT,
                PAGE,
                body,
            ]
        )
    )


# Word


def word(path: Path, document: bytes, entries: dict[str, bytes] | None = None) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/document.xml", document)
        for name, data in (entries or {}).items():
            archive.writestr(name, data)


def paragraphs(inside: str, before: str = "") -> bytes:
    return (f'<?xml version="1.0"?>{before}<w:document xmlns:w="{W}"><w:body>{inside}</w:body></w:document>').encode()


PARAGRAPH = f"<w:p><w:r><w:t>{PROSE}</w:t></w:r></w:p>"


def word_bomb(path: Path) -> None:
    head, _, tail = paragraphs("\0").partition(b"\0")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        with archive.open("word/document.xml", "w", force_zip64=True) as out:
            out.write(head)
            block = PARAGRAPH.encode() * 20_000
            for _ in range(1000):
                out.write(block)
            out.write(tail)


def word_entries(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/document.xml", paragraphs(PARAGRAPH * 20))
        for n in range(300_000):
            archive.writestr(f"word/media/{n}.xml", b"")


def word_lies(path: Path) -> None:
    """The sizes that the archive declares are smaller than those it unpacks to."""
    word(path, paragraphs(PARAGRAPH * 2_000_000))
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        real = archive.getinfo("word/document.xml").file_size
    path.write_bytes(data.replace(real.to_bytes(4, "little"), (5000).to_bytes(4, "little")))


def word_overlap(path: Path) -> None:
    """Many directory entries that all point to the same packed bytes, one of them the text."""
    head, _, tail = paragraphs("\0").partition(b"\0")
    word(path, head + PARAGRAPH.encode() * 400_000 + tail)
    data = path.read_bytes()
    start = data.rindex(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    entry = data[start:end]
    name = b"word/document.xml"
    copies = b"".join(entry.replace(name, b"word/documen%05d" % n) for n in range(20_000))
    first = data.index(b"PK\x01\x02")
    directory = data[first:end] + copies
    total = 3 + 20_000
    tail_record = b"PK\x05\x06\0\0\0\0" + total.to_bytes(2, "little") * 2
    tail_record += len(directory).to_bytes(4, "little") + first.to_bytes(4, "little") + b"\0\0"
    path.write_bytes(data[:first] + directory + tail_record)


def laughs() -> str:
    entities = ['<!ENTITY a0 "ha ha ha ha ha ha ha ha">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    return f"<!DOCTYPE w [{''.join(entities)}]>"


def word_laughs(path: Path) -> None:
    word(path, paragraphs(f"{PARAGRAPH}<w:p><w:r><w:t>&a11;</w:t></w:r></w:p>", laughs()))


def word_external(path: Path) -> None:
    secret = path.parent / "secret.txt"
    secret.write_text("The hidden ministry will buy nine hundred hidden gardens.")
    doctype = f'<!DOCTYPE w [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>'
    word(path, paragraphs(f"{PARAGRAPH * 3}<w:p><w:r><w:t>&leak; It ends.</w:t></w:r></w:p>", doctype))


def word_deep(path: Path) -> None:
    deep = 300_000
    inside = "<w:sdt><w:sdtContent>" * deep + PARAGRAPH + "</w:sdtContent></w:sdt>" * deep
    word(path, paragraphs(PARAGRAPH + inside))


def word_macros(path: Path) -> None:
    word(path, b"<w:document", {})


def archive_of_text(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("plan.txt", PROSE * 50)


def locked_archive(path: Path) -> None:
    word(path, paragraphs(PARAGRAPH * 20))
    data = bytearray(path.read_bytes())
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for match in re.finditer(re.escape(magic), bytes(data)):
            data[match.start() + at] |= 1
    path.write_bytes(data)


# HTML


def html(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>Plan</title>{head}</head><body>{body}</body></html>"


def html_nested(tags: tuple[str, ...], close: bool, count: int = 1_000_000) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        opened = "".join(f"<{tags[n % len(tags)]}>" for n in range(count))
        closed = "".join(f"</{tags[n % len(tags)]}>" for n in reversed(range(count))) if close else ""
        path.write_text(html(f"<p>{PROSE * 3}</p>{opened}{PROSE}{closed}"))

    return make


def html_siblings(path: Path) -> None:
    path.write_text(html("".join(f"<p>Council {n} will report.</p>" for n in range(400_000))))


def html_scripts(path: Path) -> None:
    script = "<script>while (true) { document.write('The hidden ministry will pay.') }</script>"
    path.write_text(
        html(
            f'<h1>Plan</h1><p onclick="x()">{PROSE * 5}</p>{script * 2000}<iframe src="file:///etc/passwd"></iframe>'
            f'<img src=x onerror="alert(1)"><p>{PROSE}</p>',
            script,
        )
    )


def xhtml_laughs(path: Path) -> None:
    path.write_text(
        f'<?xml version="1.0"?>{laughs().replace("DOCTYPE w", "DOCTYPE html")}'
        f'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{PROSE * 5}</p><p>&a11;</p></body></html>'
    )


def xhtml_external(path: Path) -> None:
    secret = path.parent / "secret.txt"
    secret.write_text("The hidden ministry will buy nine hundred hidden gardens.")
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>'
        f'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{PROSE * 5}</p><p>&leak; It ends.</p></body></html>'
    )


def html_attributes(path: Path) -> None:
    attributes = " ".join(f'a{n}="{n}"' for n in range(500_000))
    path.write_text(html(f"<p {attributes}>{PROSE * 5}</p>"))


def html_table(path: Path) -> None:
    path.write_text(html(f"<p>{PROSE * 3}</p>" + "<table><tr><td>" * 200_000 + PROSE))


# Text and files of other kinds


def sparse(path: Path) -> None:
    with path.open("wb") as out:
        out.truncate(2_000_000_000)


def sparse_pdf(path: Path) -> None:
    with path.open("wb") as out:
        out.write(b"%PDF-1.7\n")
        out.truncate(2_000_000_000)


def one_line(path: Path) -> None:
    path.write_text((PROSE * (20_000_000 // len(PROSE)))[:19_999_999])


def one_word(path: Path) -> None:
    path.write_text("a" * 19_999_999)


def many_lines(path: Path) -> None:
    path.write_text("a.\n" * 5_000_000)


def many_headings(path: Path) -> None:
    path.write_text("".join(f"# Part {n}\n\nThe council will report.\n\n" for n in range(400_000)))


def quotes(path: Path) -> None:
    path.write_text(f"{PROSE}\n\n" + ">" * 1_000_000 + " The end.\n" + "- " * 500_000 + "x\n" + "[" * 500_000)


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(0).randbytes(2_000_000))


def odd_utf16(path: Path) -> None:
    path.write_bytes(b"\xff\xfe" + (PROSE * 30).encode("utf-16-le") + b"\x41")


def lone_surrogates(path: Path) -> None:
    path.write_bytes(b"\xff\xfe" + (PROSE * 30).encode("utf-16-le") + b"\x00\xd8" * 50)


def controls(path: Path) -> None:
    path.write_text(f"{PROSE * 5}\x1b[2J\x1b]0;gone\x07 The \u202ecouncil\u202c will \x00 report. {PROSE * 3}")


def directory(path: Path) -> None:
    path.mkdir()


def dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere.txt")


def link_loop(path: Path) -> None:
    path.symlink_to(path)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def unreadable(path: Path) -> None:
    path.write_text(PROSE * 30)
    path.chmod(0)


def write(data: bytes | str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    return make


def kinds() -> Iterator[Kind]:
    yield Kind("encrypted PDF", "encrypted.pdf", encrypted)
    yield Kind("truncated PDF", "truncated.pdf", truncated)
    yield Kind("scanned PDF", "scanned.pdf", scanned)
    yield Kind("PDF, pages that loop", "pages-loop.pdf", looping_pages)
    yield Kind("PDF, million bookmarks", "bookmarks.pdf", many_bookmarks, True)
    yield Kind("PDF, bookmarks that loop", "bookmarks-loop.pdf", looping_bookmarks, True)
    yield Kind("PDF, 200,000 pages", "pages.pdf", many_pages, True)
    yield Kind("PDF, 11 million letters on a page", "letters.pdf", one_page_of_letters, True)
    yield Kind("PDF, packed stream of 2 GB", "flate.pdf", flate_bomb)
    yield Kind("PDF name, 2 GB sparse", "sparse.pdf", sparse)
    yield Kind("PDF head, 2 GB sparse", "sparse-head.pdf", sparse_pdf)
    yield Kind("text name, 2 GB sparse", "sparse.txt", sparse)
    yield Kind("Word name, 2 GB sparse", "sparse.docx", sparse)
    yield Kind("zero bytes, .pdf", "zero.pdf", write(b""))
    yield Kind("zero bytes, .txt", "zero.txt", write(b""))
    yield Kind("zero bytes, .docx", "zero.docx", write(b""))
    yield Kind("white space only", "white.txt", write(" \n\t\n" * 1000))
    yield Kind("a directory", "folder.pdf", directory)
    yield Kind("no such file", "missing.pdf", lambda path: None)
    yield Kind("dangling link", "dangling.txt", dangling)
    yield Kind("link to itself", "loop.txt", link_loop)
    yield Kind("FIFO", "fifo.txt", fifo)
    yield Kind("unreadable file", "unreadable.txt", unreadable, os.geteuid() == 0)
    yield Kind("name with control characters", "pl\x1b[31man\n\x07.txt", write(b""))
    yield Kind("name not in UTF-8", os.fsdecode(b"pl\xff\xfean.txt"), write(b""))
    yield Kind("Word, sound", "sound.docx", lambda path: word(path, paragraphs(PARAGRAPH * 20)), True)
    yield Kind("Word, zip bomb of 4 GB", "bomb.docx", word_bomb)
    yield Kind("Word, 300,000 entries", "entries.docx", word_entries, True)
    yield Kind("Word, sizes that lie", "lies.docx", word_lies)
    yield Kind("Word, overlapping entries", "overlap.docx", word_overlap)
    yield Kind("Word, billion laughs", "laughs.docx", word_laughs)
    yield Kind("Word, external entity", "external.docx", word_external, True)
    yield Kind("Word, 600,000 tags deep", "deep.docx", word_deep, True)
    yield Kind("Word, broken XML", "broken.docx", word_macros)
    yield Kind("Word, locked", "locked.docx", locked_archive)
    yield Kind("Word name, archive of a text", "archive.docx", archive_of_text)
    yield Kind("Word name, plain text", "text.docx", write(PROSE * 30), True)
    yield Kind("HTML, scripts", "scripts.html", html_scripts, True)
    for tag in ("div", "span", "blockquote", "ul", "a"):
        yield Kind(f"HTML, million nested {tag}", f"nested-{tag}.html", html_nested((tag,), True), True)
    yield Kind("HTML, million nested, mixed", "nested.html", html_nested(("div", "span", "b", "ul", "li"), True), True)
    for tag in ("p", "b", "font", "h2"):
        yield Kind(f"HTML, million unclosed {tag}", f"open-{tag}.html", html_nested((tag,), False), True)
    yield Kind("HTML, unclosed p b font", "open.html", html_nested(("p", "b", "font"), False), True)
    yield Kind("HTML, 200,000 nested tables", "tables.html", html_table, True)
    yield Kind("HTML, 400,000 paragraphs", "siblings.html", html_siblings, True)
    yield Kind("HTML, 500,000 attributes", "attributes.html", html_attributes, True)
    yield Kind("XHTML, billion laughs", "laughs.xhtml", xhtml_laughs, True)
    yield Kind("XHTML, external entity", "external.xhtml", xhtml_external, True)
    yield Kind("text of one 20 MB line", "line.txt", one_line, True)
    yield Kind("text of one 20 MB word", "word.txt", one_word, True)
    yield Kind("text of 5 million lines", "lines.txt", many_lines, True)
    yield Kind("Markdown, 400,000 headings", "headings.md", many_headings, True)
    yield Kind("Markdown, deep quotes and lists", "quotes.md", quotes, True)
    yield Kind("random bytes, .txt", "random.txt", random_bytes)
    yield Kind("random bytes, .pdf", "random.pdf", random_bytes)
    yield Kind("random bytes, .docx", "random.docx", random_bytes)
    yield Kind("random bytes, .html", "random.html", random_bytes)
    yield Kind("UTF-16, odd bytes", "odd.txt", odd_utf16, True)
    yield Kind("UTF-16, lone surrogates", "surrogates.txt", lone_surrogates, True)
    yield Kind("text with control characters", "controls.txt", controls, True)


def within() -> Iterator[Kind]:
    """Kinds just within the limits of size that the readers have: bytes of text, tags, letters on a page."""
    mega, tags_read = 4_900_000, 290_000

    def letters_pdf(path: Path) -> None:
        # 40 pages, each of 240,000 letters.
        rows = b"\n".join(b"BT /F1 1 Tf 10 %d Td (%s) Tj ET" % (n % 780, PROSE.encode() * 4) for n in range(620))
        kids = b"4 0 R " * 40
        path.write_bytes(
            pdf(
                [
                    b"<< /Type /Catalog /Pages 2 0 R >>",
                    b"<< /Type /Pages /Kids [%s] /Count 40 >>" % kids,
                    FONT,
                    PAGE,
                    stream(rows),
                ]
            )
        )

    def pages_pdf(path: Path) -> None:
        kids = b"4 0 R " * 2000
        path.write_bytes(
            pdf(
                [
                    b"<< /Type /Catalog /Pages 2 0 R >>",
                    b"<< /Type /Pages /Kids [%s] /Count 2000 >>" % kids,
                    FONT,
                    PAGE,
                    stream(text_page(36)),
                ]
            )
        )

    def strokes_pdf(path: Path) -> None:
        rows = b"\n".join(b"%d %d m %d %d l S" % (n % 600, n % 777, n % 577, n % 790) for n in range(1_000_000))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            FONT,
            PAGE,
            stream(text_page() + b"\n" + rows),
        ]
        path.write_bytes(pdf(objects))

    yield Kind("just within: PDF, 40 pages of 240,000 letters", "letters.pdf", letters_pdf, True)
    yield Kind("just within: PDF, 2,000 pages", "pages.pdf", pages_pdf, True)
    yield Kind("just within: PDF, a million strokes", "strokes.pdf", strokes_pdf, True)
    yield Kind("just within: PDF, 700,000 bookmarks", "bookmarks.pdf", lambda path: many_bookmarks(path, 700_000), True)
    tags: tuple[str, ...]
    for tags in (("div",), ("span",), ("b",), ("ul", "li"), ("div", "span", "b", "ul", "li")):
        make = html_nested(tags, True, tags_read // 2)
        yield Kind(f"just within: HTML, nested {' '.join(tags)}", f"nested-{tags[0]}.html", make, True)
    for tags in (("p",), ("b",), ("p", "b", "font"), ("h2",)):
        make = html_nested(tags, False, tags_read)
        yield Kind(f"just within: HTML, unclosed {' '.join(tags)}", f"open-{tags[0]}.html", make, True)
    deep = "".join(f"<div>{PROSE}" for _ in range(200)) + PROSE * 1000
    yield Kind("just within: HTML, 200 deep", "deep.html", write(html(deep)), True)
    siblings = "".join(f"<p>Council {n} will report.</p>" for n in range(140_000))
    yield Kind("just within: HTML, 140,000 paragraphs", "siblings.html", write(html(siblings)), True)
    cells = "".join(f"<tr><td>{n}</td><td>Council</td></tr>" for n in range(45_000))
    yield Kind("just within: HTML, 45,000 rows", "rows.html", write(html(f"{PROSE * 5}<table>{cells}</table>")), True)
    yield Kind("just within: text of one line", "line.txt", write(PROSE * (mega // len(PROSE))), True)
    yield Kind("just within: text of one word", "word.txt", write("a" * mega), True)
    yield Kind("just within: text, no end marks", "unended.txt", write("council report " * (mega // 15)), True)
    yield Kind("just within: text of end marks", "dots.txt", write("." * mega), True)
    yield Kind("just within: text of initials", "initials.txt", write("U.S. e.g. A. B. " * (mega // 16)), True)
    yield Kind("just within: text of open quotes", "quotes.txt", write("(“a " * (mega // 8)), True)
    yield Kind("just within: text, million lines", "lines.txt", write("ab.\n" * (mega // 4)), True)
    yield Kind("just within: text, empty lines", "empty.txt", write(PROSE * 10 + "\n" * (mega - 2000)), True)
    yield Kind(
        "just within: text, numbered lines",
        "numbers.txt",
        write("".join(f"{n}. An item\n" for n in range(300_000))),
        True,
    )
    headings = "".join(f"# Part {n}\n\nThe council will report.\n\n" for n in range(120_000))
    yield Kind("just within: Markdown, headings", "headings.md", write(headings), True)
    yield Kind("just within: Markdown, quotes", "quotes.md", write(">" * 2_000_000 + " x\n" + PROSE * 10), True)
    yield Kind("just within: Markdown, brackets", "brackets.md", write(PROSE * 10 + "[" * 2_000_000), True)
    yield Kind("just within: Markdown, stars", "stars.md", write(PROSE * 10 + "**a " * 1_000_000), True)
    yield Kind("just within: Markdown, backticks", "ticks.md", write("".join("`" * n + " " for n in range(3000))), True)
    lists = "".join("  " * n + "- item\n" for n in range(1500))
    yield Kind("just within: Markdown, nested list", "lists.md", write(PROSE * 10 + "\n\n" + lists), True)
    chinese = "各级政府要公开数据，" * (mega // 30)
    yield Kind("just within: Chinese of one sentence", "line.zh.txt", write(chinese), True)
    body = paragraphs(PARAGRAPH * 48_000)
    yield Kind("just within: Word, 48,000 paragraphs", "large.docx", lambda path: word(path, body), True)
    nested = "<w:sdt><w:sdtContent>" * 100 + PARAGRAPH * 20 + "</w:sdtContent></w:sdt>" * 100
    yield Kind("just within: Word, 200 tags deep", "deep.docx", lambda path: word(path, paragraphs(nested)), True)


@dataclass
class Outcome:
    code: int
    out: str
    err: str
    seconds: float
    processor: float
    megabytes: float


READ = """
import sys
from pathlib import Path
from compare.documents import read
from compare.errors import PolicyCompareError
try:
    read(Path(sys.argv[1]).read_bytes(), Path(sys.argv[1]).name)
except PolicyCompareError:
    pass
"""


def watch(path: Path, home: Path, limit: float, alone: bool = False) -> Outcome:
    """Run the program on a file, or the reading alone; its own time and peak memory; ended after the limit."""
    command = [sys.executable, "-m", "compare", "report", str(path), str(SOUND)]
    if alone:
        command = [sys.executable, "-c", READ, str(path)]
    environment = os.environ | {"POLICY_COMPARE_HOME": str(home), "OMP_NUM_THREADS": "2", "NO_COLOR": "1"}
    start = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        watched = Watch(process.pid)
        ended = threading.Timer(limit, process.kill)
        ended.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        ended.cancel()
        seconds = time.perf_counter() - start
        megabytes = watched.stop()
        out.seek(0)
        err.seek(0)
        return Outcome(
            code,
            out.read().decode("utf-8", "replace"),
            err.read().decode("utf-8", "replace"),
            seconds,
            usage.ru_utime + usage.ru_stime,
            megabytes,
        )


def verdict(kind: Kind, got: Outcome, reading: Outcome | None, limit: float) -> str:
    lines = got.err.splitlines()
    faults = []
    if got.seconds >= limit:
        faults.append(f"ended after {limit:.0f} s")
    elif got.code not in ({0, 2} if kind.readable else {2}):
        faults.append(f"exit {got.code}")
    if got.code == 2 and len(lines) != 1:
        faults.append(f"{len(lines)} lines")
    if got.code == 0 and not got.out.strip():
        faults.append("no report")
    if got.code == 0 and (foreign := [line for line in lines if not line.startswith(("policy-compare: ", "note: "))]):
        faults.append(f"foreign lines: {len(foreign)}")
    if "Traceback" in got.err:
        faults.append("traceback")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", got.out + got.err):
        faults.append("control characters")
    if "hidden" in got.out + got.err:
        faults.append("hidden text told")
    if (reading.processor if reading else got.processor) > SECONDS:
        faults.append("slow")
    if got.megabytes > MEGABYTES:
        faults.append("large")
    return ", ".join(faults)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    parser.add_argument("--seconds", type=float, default=60, help="a run is ended after so many seconds")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 200)
    shown = Table(box=None, pad_edge=False)
    for name in ("kind", "exit", "lines", "seconds", "CPU", "reading", "MB", "verdict", "the line"):
        shown.add_column(
            name, justify="right" if name in {"exit", "lines", "seconds", "CPU", "reading", "MB"} else "left"
        )
    failed = count = 0
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        (folder / "home").mkdir()
        watch(SOUND, folder / "home", options.seconds)  # what is set up once is set up here
        for kind in (*kinds(), *within()):
            if options.only.lower() not in kind.name.lower():
                continue
            place = folder / "bad"
            place.mkdir()
            path = place / kind.file
            kind.make(path)
            got = watch(path, folder / "home", options.seconds)
            slow = got.processor > SECONDS or got.seconds >= options.seconds
            reading = watch(path, folder / "home", options.seconds, True) if got.code == 0 or slow else None
            fault = verdict(kind, got, reading, options.seconds)
            failed += bool(fault)
            count += 1
            line = next(iter(got.err.splitlines()), "").replace(str(place), "")
            safe = "".join(c if c.isprintable() else "?" for c in line)
            shown.add_row(
                kind.name,
                str(got.code),
                str(len(got.err.splitlines())),
                f"{got.seconds:.1f}",
                f"{got.processor:.1f}",
                f"{reading.processor:.1f}" if reading else "",
                f"{got.megabytes:.0f}",
                fault or "ok",
                safe,
            )
            if sys.stderr.isatty():
                print(f"{kind.name}: {fault or 'ok'}", file=sys.stderr)
            for item in place.iterdir():
                if item.is_dir():
                    item.rmdir()
                else:
                    item.unlink()
            place.rmdir()
    console.print(shown, markup=False)
    console.print(f"{count} kinds, {failed} fail (limits: {SECONDS} s, {MEGABYTES} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
