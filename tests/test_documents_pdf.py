"""PDFs, made here line by line, so that every position is known."""

from __future__ import annotations

import hashlib
import random
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import pytest

from compare.documents import Text, read
from compare.errors import DocumentError

FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Helvetica-Oblique"}  # F4 is Chinese, F5 has SIGNS
# By code of Helvetica: what the file says that it means, whatever fonts a machine has.
SIGNS = {"\u2010": "-", "\u21a9": "*"}


@dataclass(frozen=True)
class T:
    """A piece of text at a place."""

    x: float
    y: float
    text: str
    size: float = 11
    font: str = "F1"
    colour: str = "0 0 0"
    mark: int = -1  # marked-content identifier, which an element of the structure tree names


class E:
    """An element of the structure tree: its type, and the marks and elements in it, all on one page."""

    def __init__(self, kind: str, *kids: int | E, page: int = 0) -> None:
        self.kind, self.kids, self.page = kind, kids, page


def make_pdf(
    pages: list[list[T]],
    outline: list[tuple[str, int]] = [],  # noqa: B006
    info: str = "",
    trailer: str = "",
    tree: Sequence[E] = (),
    encrypt: Callable[[int, bytes], bytes] = lambda number, data: data,
) -> bytes:
    """Write a PDF with the standard fonts; ``outline`` holds titles and page indices, all at the top level."""
    objects: list[bytes] = []

    def add(body: str | bytes) -> int:
        objects.append(body if isinstance(body, bytes) else body.encode("latin-1"))
        return len(objects)

    catalog, kin = add(""), add("")
    song = add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts"
        f" [{len(objects) + 2} 0 R] >>"
    )
    add(
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
        f" /FontDescriptor {len(objects) + 2} 0 R >>"
    )
    add(
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /Ascent 880 /Descent -120 /CapHeight 880"
        " /ItalicAngle 0 /StemV 93 /FontBBox [-25 -254 1000 880] >>"
    )
    meant = "".join(f"<{ord(code):02x}> <{ord(sign):04x}> " for sign, code in SIGNS.items())
    table = (
        f"begincmap 1 begincodespacerange <00> <ff> endcodespacerange {len(SIGNS)} beginbfchar {meant}endbfchar endcmap"
    )
    signs = add(f"<< /Length {len(table)} >>\nstream\n{table}\nendstream")
    signed = add(f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode {signs} 0 R >>")
    fonts = f"/F4 {song} 0 R /F5 {signed} 0 R " + " ".join(
        f"/{key} {add(f'<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>')} 0 R"
        for key, name in FONTS.items()
    )
    kids = []
    for at, page in enumerate(pages):
        parts = []
        for t in page:
            text = "".join(SIGNS.get(sign, sign) for sign in t.text) if t.font == "F5" else t.text
            text = text.encode("cp1252", "replace")
            text = b"(" + text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"
            if t.font == "F4":
                text = b"<" + t.text.encode("utf-16-be").hex().encode() + b">"
            show = f"{t.colour} rg BT /{t.font} {t.size} Tf 1 0 0 1 {t.x} {t.y} Tm ".encode() + text + b" Tj ET"
            parts.append(b"/P << /MCID %d >> BDC " % t.mark + show + b" EMC" if t.mark >= 0 else show)
        stream = encrypt(len(objects) + 1, b"\n".join(parts))
        content = add(b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream")
        kids.append(
            add(
                f"<< /Type /Page /Parent {kin} 0 R /MediaBox [0 0 612 792] /Contents {content} 0 R /StructParents {at}"
                f" /Resources << /Font << {fonts} >> >> >>"
            )
        )
    objects[kin - 1] = (
        f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    )
    root = f"<< /Type /Catalog /Pages {kin} 0 R"
    if tree:
        top = add("")
        owners: dict[int, dict[int, int]] = {}

        def element(e: E, parent: int) -> int:
            own = add("")
            kids = []
            for kid in e.kids:
                if isinstance(kid, int):
                    owners.setdefault(e.page, {})[kid] = own
                    kids.append(str(kid))
                else:
                    kids.append(f"{element(kid, own)} 0 R")
            objects[own - 1] = (
                f"<< /Type /StructElem /S /{e.kind} /P {parent} 0 R /Pg {kids_of_pages[e.page]} 0 R"
                f" /K [{' '.join(kids)}] >>"
            ).encode()
            return own

        kids_of_pages = kids
        tops = " ".join(f"{element(e, top)} 0 R" for e in tree)
        nums = " ".join(
            f"{page} [{' '.join(f'{by[m]} 0 R' if m in by else 'null' for m in range(max(by) + 1))}]"
            for page, by in sorted(owners.items())
        )
        objects[top - 1] = f"<< /Type /StructTreeRoot /K [{tops}] /ParentTree << /Nums [{nums}] >> >>".encode()
        root += f" /StructTreeRoot {top} 0 R /MarkInfo << /Marked true >>"
    if outline:
        first = len(objects) + 2
        last = first + len(outline) - 1
        top = add(f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(outline)} >>")
        for at, (title, page) in enumerate(outline):
            sides = (f" /Prev {first + at - 1} 0 R" if at else "") + (
                f" /Next {first + at + 1} 0 R" if at + 1 < len(outline) else ""
            )
            add(f"<< /Title ({title}) /Parent {top} 0 R{sides} /Dest [{kids[page]} 0 R /XYZ 0 792 0] >>")
        root += f" /Outlines {top} 0 R"
    objects[catalog - 1] = (root + " >>").encode()
    document = add(f"<< {info} >>")
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += (
        f"trailer << /Size {len(objects) + 1} /Root {catalog} 0 R /Info {document} 0 R {trailer} >>\n"
        f"startxref\n{start}\n%%EOF\n"
    ).encode()
    return bytes(out)


def column(lines: list[str], x: float = 72, y: float = 640, lead: float = 14, **how: float | str) -> list[T]:
    """Set lines under one another; an empty one leaves a gap."""
    return [T(x, y - lead * at, line, **how) for at, line in enumerate(lines) if line]  # type: ignore[arg-type]


BODY = [
    "The ministry of the north builds new roads for every village and town in the hills",
    "and it mends the old ones. Each road has a keeper who walks along it once in a week.",
    "The keepers write down what they see, and the ministry answers them within a month.",
]
MORE = [
    "Bridges are looked at twice a year by two people who do not know each other before.",
    "They report to the council, which decides on the repair and on the money for it all.",
]


def texts(text: Text) -> list[str]:
    return [passage.text for passage in text.passages]


def body(at: int) -> str:
    """A line of body that differs from page to page."""
    return f"Village number {at} has a road of its own that the people keep in order by themselves."


def test_sentences_are_joined_over_lines() -> None:
    got = read(make_pdf([column([*BODY, "", *MORE])]), "roads.pdf")
    assert texts(got)[0] == " ".join([BODY[0], "and it mends the old ones."])
    assert len(got.passages) == 5
    assert [p.paragraph for p in got.passages] == [0, 0, 0, 1, 1]
    assert {p.page for p in got.passages} == {1}
    assert got.language == "en"


def test_running_headers_page_numbers_and_footers_are_left_out() -> None:
    pages = [
        [T(250, 750, "THE ROAD PLAN"), *column([body(at), *MORE]), T(300, 40, str(at + 7)), T(72, 60, "Ministry")]
        for at in range(4)
    ]
    got = read(make_pdf(pages), "roads.pdf")
    assert not any("ROAD PLAN" in t or "Ministry" in t for t in texts(got))
    assert [p.page_label for p in got.passages if p.text.startswith("Village")] == ["7", "8", "9", "10"]
    assert [p.page for p in got.passages if p.text.startswith("Village")] == [1, 2, 3, 4]


def test_numbers_in_the_margin_that_do_not_run_on_are_no_page_labels() -> None:
    pages = [[*column([body(at), *MORE]), T(300, 40, str(number))] for at, number in enumerate((31, 4, 90, 12))]
    assert {p.page_label for p in read(make_pdf(pages), "roads.pdf").passages} == {None}


def test_roman_labels_before_arabic_ones() -> None:
    pages = [[*column([body(at), *MORE]), T(300, 40, label)] for at, label in enumerate(("i", "ii", "1", "2", "3"))]
    got = read(make_pdf(pages), "roads.pdf")
    assert [p.page_label for p in got.passages if p.text.startswith("Village")] == ["i", "ii", "1", "2", "3"]


def test_what_a_browser_prints_around_a_page_is_left_out() -> None:
    pages = [
        [
            T(24, 775, "5/19/2026, 7:11 PM", 8),
            *column([body(at), *MORE]),
            T(24, 15, "https://example.org/plan.html", 8),
            T(560, 15, f"{at + 1}/2", 8),
        ]
        for at in range(2)
    ]
    got = read(make_pdf(pages), "roads.pdf")
    assert not any("example.org" in t or "7:11" in t for t in texts(got))
    assert {p.page_label for p in got.passages} == {"1", "2"}


def test_a_sentence_over_a_page_break_is_whole_and_stands_where_it_begins() -> None:
    first = [
        *column([*BODY[:2], "Where the river is wide a ferry crosses it in the morning and again in the evening,"])
    ]
    second = column(["and it carries carts as well as people. Nobody pays for the ferry in the winter."])
    got = read(make_pdf([first, second]), "roads.pdf")
    ferry = next(p for p in got.passages if p.text.startswith("Where the river"))
    assert ferry.text.endswith("and it carries carts as well as people.")
    assert ferry.page == 1
    assert next(p for p in got.passages if p.text.startswith("Nobody")).page == 2
    assert next(p for p in got.passages if p.text.startswith("Nobody")).paragraph == ferry.paragraph


def test_footnotes_and_their_markers_are_left_out() -> None:
    page = [
        T(72, 700, "The ministry counts the carts on every road in the country, winter and summer."),
        T(470, 704, "1", 6.5),
        T(72, 686, "It publishes the count."),
        T(192, 690, "2, 3", 6.5),
        T(212, 686, "The council reads it, and so can any other person who asks."),
        T(72, 103, "1", 5),
        T(76, 100, "Office of Carts, Yearbook of the Roads, second part.", 8),
        T(72, 90, "2 A later count is in preparation and will be printed soon.", 8),
        T(80, 80, "It goes over two lines of print.", 8),
    ]
    got = read(make_pdf([page]), "roads.pdf")
    assert texts(got) == [
        "The ministry counts the carts on every road in the country, winter and summer.",
        "It publishes the count.",
        "The council reads it, and so can any other person who asks.",
    ]


def test_small_print_without_a_marker_stays() -> None:
    page = [*column(BODY), T(72, 100, "All sums are given in crowns of the year before last.", 8)]
    assert "All sums are given in crowns of the year before last." in texts(read(make_pdf([page]), "roads.pdf"))


def test_headings_by_size_and_weight() -> None:
    page = [
        T(72, 720, "Roads for Everyone", 20, "F2"),
        T(72, 690, "Keepers", 14, "F2"),
        *column(BODY, y=670),
        T(72, 610, "Bridges and the People Who", 14, "F2"),
        T(72, 594, "Look at Them", 14, "F2"),
        *column(MORE, y=574),
    ]
    got = read(make_pdf([page]), "roads.pdf")
    assert got.title == "Roads for Everyone"
    assert got.sections == (("Keepers",), ("Bridges and the People Who Look at Them",))
    assert {p.section for p in got.passages} == set(got.sections)


def test_headings_by_bookmarks() -> None:
    pages = [
        [T(72, 700, "Keepers of the"), T(72, 686, "Hill Roads"), *column(BODY, y=660)],
        [T(72, 700, "Bridges"), *column(MORE, y=680)],
    ]
    got = read(make_pdf(pages, [("Keepers of the Hill Roads", 0), ("Bridges", 1)]), "roads.pdf")
    assert got.sections == (("Keepers of the Hill Roads",), ("Bridges",))
    assert [p.section for p in got.passages] == [("Keepers of the Hill Roads",)] * 3 + [("Bridges",)] * 2


def test_bookmarks_that_match_nothing_are_not_believed() -> None:
    page = [T(72, 690, "Keepers", 14, "F2"), *column(BODY, y=670)]
    got = read(make_pdf([page], [("Slide one", 0), ("Slide two", 0)]), "roads.pdf")
    assert got.sections == (("Keepers",),)


def test_the_table_of_contents_is_left_out() -> None:
    contents = [
        T(72, 720, "Table of Contents", 14, "F2"),
        *column(["Keepers " + "." * 60 + " 2", "Bridges " + "." * 60 + " 3", "Ferries " + "." * 60 + " 3"]),
    ]
    text = [T(72, 720, "Keepers", 14, "F2"), *column(BODY), T(72, 560, "Bridges", 14, "F2"), *column(MORE, y=540)]
    got = read(make_pdf([contents, text]), "roads.pdf")
    assert got.sections == (("Keepers",), ("Bridges",))
    assert not any("...." in t for t in texts(got))


def test_bullets_and_label_headings() -> None:
    page: list[T] = []
    for at, name in enumerate(("Keepers", "Bridges", "Ferries")):
        top = 740 - 230 * at
        page += [
            T(72, top, name, 14, "F2"),
            *column([f"For the {name.lower()} much is left to be done in the years that lie before us."], y=top - 20),
            T(72, top - 40, "What We Will Do", 11, "F3"),
            T(81, top - 60, "•"),
            T(95, top - 60, f"Led by the council, count the {name.lower()} in every part of the country and"),
            T(95, top - 74, "write the count down. Print it."),
            T(81, top - 94, "•"),
            T(95, top - 94, f"Pay the {name.lower()} on time."),
        ]
    got = read(make_pdf([page]), "roads.pdf")
    assert got.sections == (("Keepers",), ("Bridges",), ("Ferries",))
    keepers = [p for p in got.passages if p.section == ("Keepers",)]
    assert [p.bullet for p in keepers] == [False, True, True, True]
    assert keepers[1].text.endswith("in every part of the country and write the count down.")
    assert keepers[1].paragraph == keepers[2].paragraph != keepers[3].paragraph


def test_hyphens_at_line_ends() -> None:
    page = column(
        [
            "The large-scale works in the hills go on, and so does the maintenance of every road-",
            "side inn. The people of the hills like the inns, and they like the large-",
            "scale works as well. The mainten-",
            "ance of the bridges is paid for by the towns.",
        ]
    )
    joined = " ".join(texts(read(make_pdf([page]), "roads.pdf")))
    assert "the large-scale works as well" in joined
    assert "The maintenance of the bridges" in joined


def test_spaces_are_read_from_the_gaps() -> None:
    # The file has no space between "during" and "his"; print has one.
    page = [
        *column(BODY),
        T(72, 560, "Much was done during"),
        T(184.3, 560, "his first days in office, and more was done in the days that came after."),
    ]
    assert "Much was done during his first days" in " ".join(texts(read(make_pdf([page]), "roads.pdf")))


def test_glyphs_printed_twice_are_read_once() -> None:
    page = [
        *[T(72 + shift, 720 - shift, "Keepers of Roads", 16, "F2") for shift in (0, 0.4)],
        *column(BODY),
    ]
    got = read(make_pdf([page, column(MORE)]), "roads.pdf")
    assert got.title == "Keepers of Roads"


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [
        "In the hills the roads are",
        "narrow and the carts are",
        "small. Snow lies on them",
        "for half of the year.",
    ]
    right = ["In the plain the roads are", "wide and the carts are", "large. Rain falls on them", "in every month."]
    page = [T(72, 740, "Hills and Plains", 16, "F2")]
    for at, (a, b) in enumerate(zip(left, right, strict=True)):
        page += [T(72, 700 - 14 * at, a), T(300, 700 - 14 * at, b)]
    filler = column([*BODY, *MORE])
    got = read(make_pdf([page, filler]), "roads.pdf")
    assert texts(got)[:4] == [
        "In the hills the roads are narrow and the carts are small.",
        "Snow lies on them for half of the year.",
        "In the plain the roads are wide and the carts are large.",
        "Rain falls on them in every month.",
    ]


def test_names_under_a_preface_are_left_out() -> None:
    page = [*column(BODY), T(72, 580, "Ada Example"), T(72, 566, "Keeper of the Seals"), *column(MORE, y=520)]
    got = read(make_pdf([page]), "roads.pdf")
    assert "Ada" not in got.body and len(got.passages) == 5


def test_pages_can_be_chosen() -> None:
    data = make_pdf([column([body(at), *MORE]) for at in range(5)])
    got = read(data, "roads.pdf", pages=(2, 3))
    assert [p.text.split()[2] for p in got.passages if p.text.startswith("Village")] == ["1", "2"]
    assert {p.page for p in got.passages} == {2, 3}
    with pytest.raises(DocumentError, match="no pages 9 to 12"):
        read(data, "roads.pdf", pages=(9, 12))
    with pytest.raises(DocumentError):
        read(data, "roads.pdf", pages=(3, 2))


def test_the_title_of_the_file_and_its_absence() -> None:
    assert read(make_pdf([column(BODY)], info="/Title (Roads for Everyone)"), "a.pdf").title == "Roads for Everyone"
    assert read(make_pdf([column(BODY)], info="/Title (Microsoft Word - roads.docx)"), "a.pdf").title is None
    assert read(make_pdf([column(BODY)]), "a.pdf").title is None


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\nnothing of a PDF follows", "broken"),
        (make_pdf([column(BODY)])[:400], "broken|no text|no page"),
        (make_pdf([[]]), "no text layer"),
        (
            make_pdf(
                [column(BODY)],
                trailer="/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
                + "ab" * 32
                + "> /U <"
                + "cd" * 32
                + "> >> /ID [<00> <00>]",
            ),
            "encrypted",
        ),
    ],
    ids=["zero bytes", "garbage", "cut short", "scan", "encrypted"],
)
def test_bad_files_give_one_line(data: bytes, what: str) -> None:
    with pytest.raises(DocumentError, match=what) as caught:
        read(data, "plan.pdf")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("plan.pdf: ")


def test_too_many_pages() -> None:
    with pytest.raises(DocumentError, match="2,001 pages"):
        read(make_pdf([[]] * 2_001), "long.pdf")


# --- structure that the file gives ------------------------------------------------------------------------------


def tagged_plan() -> tuple[list[T], list[E]]:
    """A page whose print shows no heading and no paragraph: every line is set alike."""
    lines = [
        "Roads of the Hills",
        "The keepers of the hill roads live in stone houses along them, each with a garden of its own",
        "and a bell that is rung in fog. They are paid on the first day of every month by the council.",
        "The bells were cast in the town of the north, where the river gives water to the foundries now.",
        "Roads of the Plain",
        "In the plain no bells are rung, since there is no fog, and the keepers live in the villages here.",
        "They walk along their roads twice a week and write down in a book whatever they see on them.",
    ]
    page = [T(72, 700 - 14 * at, line, mark=at) for at, line in enumerate(lines)]
    return page, [E("H1", 0), E("P", 1, 2), E("P", 3), E("H1", 4), E("P", 5), E("P", 6)]


def test_tags_give_headings_and_paragraphs() -> None:
    page, tree = tagged_plan()
    got = read(make_pdf([page], tree=[E("Document", *tree)]), "roads.pdf")
    assert got.sections == (("Roads of the Hills",), ("Roads of the Plain",))
    assert [p.paragraph for p in got.passages] == [0, 0, 1, 2, 3]
    assert got.passages[0].section == ("Roads of the Hills",)
    assert got.passages[0].text.endswith("each with a garden of its own and a bell that is rung in fog.")


def test_heading_levels_come_from_tags() -> None:
    page, tree = tagged_plan()
    tree[3] = E("H2", 4)
    got = read(make_pdf([page], tree=tree), "roads.pdf")
    assert got.sections == (("Roads of the Hills",), ("Roads of the Hills", "Roads of the Plain"))


def test_tags_of_one_line_each_are_not_believed() -> None:
    page, _ = tagged_plan()
    got = read(make_pdf([page], tree=[E("P", at) for at in range(7)]), "roads.pdf")
    assert "each with a garden of its own and a bell that is rung in fog." in got.body


def test_headings_all_over_are_not_believed() -> None:
    lines = [*BODY, *MORE, *[body(at) for at in range(6)]]
    page = [T(72, 700 - 14 * at, line, mark=at) for at, line in enumerate(lines)]
    got = read(make_pdf([page], tree=[E("H1", at) for at in range(len(lines))]), "roads.pdf")
    assert got.sections == () and len(got.passages) == 11


def test_notes_by_tags_go_and_a_heading_tagged_as_note_stays() -> None:
    page, tree = tagged_plan()
    page += [
        T(72, 400, "Ferries of the Lakes", 15, "F2", mark=7),
        T(72, 380, "The ferries go from morning to night in every season but the winter, when there is ice.", mark=8),
        T(72, 300, "Yearbook of the council, part two, on keepers and on what they are paid.", 8, mark=9),
    ]
    got = read(make_pdf([page], tree=[*tree, E("Note", 7), E("P", 8), E("Note", E("P", 9))]), "roads.pdf")
    assert got.sections[-1][-1] == "Ferries of the Lakes"
    assert "Yearbook" not in got.body


def test_artifacts_do_not_break_a_sentence() -> None:
    page, tree = tagged_plan()
    page += [T(72, 440 - 14 * at, body(at), mark=7 + at) for at in range(14)]
    tree += [E("P", 7 + at) for at in range(14)]
    tree[1] = E("P", 1, 2)
    page.insert(2, T(300, 679, "Map of the hills", 7))
    got = read(make_pdf([page], tree=tree), "roads.pdf")
    assert "Map of the hills" not in got.body
    assert got.passages[0].text.endswith("each with a garden of its own and a bell that is rung in fog.")


def on_page(page: int, e: E) -> E:
    return E(e.kind, *[kid if isinstance(kid, int) else on_page(page, kid) for kid in e.kids], page=page)


def test_contents_cells_and_notes_by_tags() -> None:
    entries = ["Roads of the Hills 2", "Roads of the Plain 2", "Lamps of the Lakes 3"]
    table = [T(72, 740, "What stands where", 14, "F2", mark=0)]
    table += [T(72, 700 - 16 * at, entry, mark=1 + at) for at, entry in enumerate(entries)]
    tree = [E("TOC", E("H1", 0), *[E("TOCI", 1 + at) for at in range(3)])]
    page, plan = tagged_plan()
    rows = (("Count the roads of the hills and of the plain.", "Council"), ("Pay the keepers on time.", "Treasury"))
    cells = []
    for at, (what, who) in enumerate(rows):
        mark = 7 + 2 * at
        page += [T(72, 500 - 12 * at, what, 10, mark=mark), T(320, 500 - 12 * at, who, 10, mark=mark + 1)]
        cells.append(E("TR", E("TD", E("P", mark)), E("TD", E("P", mark + 1))))
    tree += [on_page(1, e) for e in [*plan, E("Table", *cells)]]
    last = [
        T(72, 700, "The lamps of the lakes burn all night long, and they are lit by the ferrymen when it is", mark=0),
        T(72, 686, "dark.", mark=1),
        T(72, 672, "12 Yearbook of the council, on lamps and on ferries, as printed in the north.", mark=2),
    ]
    tree += [on_page(2, E("P", 0, 1)), on_page(2, E("FENote", E("P", 2)))]
    got = read(make_pdf([table, page, last], tree=tree), "roads.pdf")
    assert [(c.title, c.page_label) for c in got.contents] == [(e[:-2], e[-1]) for e in entries]
    assert texts(got)[-3:] == [rows[0][0], rows[1][0], " ".join(t.text for t in last[:2])]
    assert "Yearbook" not in got.body and "What stands where" not in got.body
    assert len(got.notices) == 1 and got.notices[0].endswith(
        '1 of 3 entries of the table of contents was not found as a heading: "Lamps of the Lakes"'
    )


def test_list_depth_from_nested_lists() -> None:
    page, tree = tagged_plan()
    items = ["Count the bells.", "Ring each of them.", "Mend the broken ones.", "Count the gardens."]
    page += [T(90, 500 - 14 * at, "• " + item, mark=10 + at) for at, item in enumerate(items)]
    inner = E("L", E("LI", E("LBody", 11)), E("LI", E("LBody", 12)))
    tree.append(E("L", E("LI", E("LBody", 10), inner), E("LI", E("LBody", 13))))
    got = read(make_pdf([page], tree=tree), "roads.pdf")
    last = got.passages[-4:]
    assert [p.depth for p in last] == [1, 2, 2, 1]
    assert [p.lead_in for p in last[1:3]] == ["Count the bells."] * 2


def test_list_depth_from_indents_over_a_page_break() -> None:
    def item(depth: int, y: float, text: str, glyph: str = "•") -> list[T]:
        return [T(60 + 20 * depth, y, glyph), T(74 + 20 * depth, y, text)]

    first = [
        *column([*BODY, "In the coming year the council will do all of these things in this order:"], y=700),
        *item(1, 640, "Count the roads in every part of the country, and write down what was counted"),
        T(94, 626, "in the book that is kept in the hall of the council."),
        *item(2, 610, "Begin in the hills.", "o"),
        *item(3, 594, "Take the keepers along."),
        *item(2, 578, "End in the plain.", "o"),
        *item(1, 562, "Print the book."),
    ]
    second = [
        *item(2, 700, "Use good paper.", "o"),
        *item(1, 684, "Send the book to every town."),
        *column(MORE, y=640),
    ]
    got = read(make_pdf([first, second]), "roads.pdf")
    depths = {p.text: p.depth for p in got.passages}
    assert [depths[t] for t in ("Begin in the hills.", "Take the keepers along.", "End in the plain.")] == [2, 3, 2]
    assert [depths[t] for t in ("Print the book.", "Use good paper.", "Send the book to every town.")] == [1, 2, 1]
    assert depths[MORE[0]] == 0
    leads = {p.text: p.lead_in for p in got.passages}
    assert leads["Print the book."].endswith("in this order:")
    assert leads["Take the keepers along."] == "Begin in the hills."
    assert leads["Use good paper."] == "Print the book."


def test_numbered_items_are_nested_by_their_numbers() -> None:
    lines = [
        *BODY,
        "The council has three aims in this and in the coming years, which are these:",
        "(1) to have good roads in the hills, in the plain and along the rivers;",
        "(a) of stone in the hills;",
        "(b) of sand in the plain;",
        "(2) to have keepers who are paid well and on time.",
        "",
        *MORE,
    ]
    got = read(make_pdf([column(lines)]), "roads.pdf")
    depths = [p.depth for p in got.passages]
    assert depths == [0, 0, 0, 0, 1, 2, 2, 1, 0, 0]


def test_an_enumeration_within_a_sentence_is_no_list() -> None:
    lines = [
        "The keepers of the roads have many things to do, namely (i) to walk along the road, (ii)",
        "to mend the holes in it before the rain comes, (iii) to write down what they have seen, and",
        "(iv) to ring the bell whenever there is fog upon the road. All of this is paid for in full.",
    ]
    got = read(make_pdf([column([*lines, "", *MORE])]), "roads.pdf")
    assert [p.depth for p in got.passages] == [0] * 4
    assert got.passages[0].text.endswith("(iv) to ring the bell whenever there is fog upon the road.")


# --- table of contents ------------------------------------------------------------------------------------------


def plan_with_contents(entries: list[tuple[float, str, str]], headings: list[str]) -> list[list[T]]:
    """A table of contents, then a page a heading, the headings set as the body is."""
    table = [T(72, 740, "Contents", 14, "F2")]
    y = 700.0
    for x, title, number in entries:
        for at, part in enumerate(title.split("|")):
            table.append(T(x + (14 if at else 0), y, part))
            y -= 14
        if number:
            table.append(T(520, y + 14, number))
        y -= 8
    pages = [table]
    for at, heading in enumerate(headings):
        pages.append([T(72, 720, heading), *column([body(at), *MORE], y=680), T(300, 40, str(at + 2))])
    return pages


ENTRIES = [
    (72.0, "1. Keepers", "2"),
    (90.0, "Keepers of the hill roads and of all other|roads above the line of the snow", "3"),
    (72.0, "2. Bridges", "4"),
    (72.0, "3. Ferries", "5"),
]


def test_a_preface_on_a_roman_page() -> None:
    pages = plan_with_contents(
        [(72.0, "Preface", "iii"), *ENTRIES], ["Preface", *(t.replace("|", " ") for _, t, _ in ENTRIES)]
    )
    got = read(make_pdf(pages), "roads.pdf")
    assert [(c.title, c.page_label) for c in got.contents][:2] == [("Preface", "iii"), ("1. Keepers", "2")]
    assert got.sections[0] == ("Preface",) and got.notices == ()


def test_entries_of_the_table_of_contents() -> None:
    headings = [title.replace("|", " ") for _, title, _ in ENTRIES]
    got = read(make_pdf(plan_with_contents(ENTRIES, headings)), "roads.pdf")
    assert [(c.title, c.page_label, c.level) for c in got.contents] == [
        ("1. Keepers", "2", 0),
        ("Keepers of the hill roads and of all other roads above the line of the snow", "3", 1),
        ("2. Bridges", "4", 0),
        ("3. Ferries", "5", 0),
    ]
    # Nothing in their print sets the headings apart: they are found by the table, with its levels.
    assert got.sections == (("1. Keepers",), ("1. Keepers", headings[1]), ("2. Bridges",), ("3. Ferries",))
    assert got.notices == ()
    assert not any("Contents" in t or "snow" in t for t in texts(got))


@pytest.mark.parametrize("leader", [" . . . . . . . . . . . . ", " " + "." * 40 + " ", "." * 40, " …………… "])
def test_leaders_of_any_kind(leader: str) -> None:
    table = [
        T(72, 740, "TABLE OF CONTENTS"),
        *column([f"{t}{leader}{n}" for t, n in (("Keepers", 2), ("Bridges", 3), ("Ferries", 4))]),
    ]
    pages = [
        [T(72, 720, t, 14, "F2"), *column([body(at), *MORE], y=680)]
        for at, t in enumerate(("Keepers", "Bridges", "Ferries"))
    ]
    got = read(make_pdf([table, *pages]), "roads.pdf")
    assert [(c.title, c.page_label) for c in got.contents] == [("Keepers", "2"), ("Bridges", "3"), ("Ferries", "4")]
    assert got.sections == (("Keepers",), ("Bridges",), ("Ferries",)) and got.notices == ()


def song(lines: list[str], y: float, size: float = 11) -> list[T]:
    """Set lines of Chinese under one another."""
    return [T(72, y - 18 * at, line, size, "F4") for at, line in enumerate(lines)]


def test_a_chinese_plan() -> None:
    table = [
        *song(["目  录"], 740, 16),
        *song(["一、总则……………………2", "（一）道路的看护……………2", "二、桥梁……………………3", "附则……………………………3"], 700),
    ]
    first = [
        *song(["北方道路规划"], 765, 9),
        *song(
            ["一、总则", "道路把村庄和城镇连在一起，使粮食、木材和石料能在冬天之前", "运到各地。看路人要做两件事："],
            680,
        ),
        *song(["（1）每周沿路巡查一次；", "（2）发现损坏及时修补。", "（一）道路的看护"], 626),
        *song(["看路人住在路边的石屋里，每逢大雾就敲钟。钟由北方铸成，编"], 572),
        T(290, 40, "— 2 —", 9, "F4"),
    ]
    second = [
        *song(["北方道路规划"], 765, 9),
        *song(["号记在账册上。", "二、桥梁", "桥梁每年检查两次。", "附则", "本规划自公布之日起施行。"], 680),
        T(290, 40, "— 3 —", 9, "F4"),
    ]
    got = read(make_pdf([table, first, second]), "规划.pdf")
    assert got.language == "zh" and got.notices == ()
    assert [(c.title, c.page_label, c.level) for c in got.contents] == [
        ("一、总则", "2", 0), ("（一）道路的看护", "2", 1), ("二、桥梁", "3", 0), ("附则", "3", 0)
    ]  # fmt: skip
    assert got.sections == (("一、总则",), ("一、总则", "（一）道路的看护"), ("二、桥梁",), ("附则",))
    assert texts(got) == [
        "道路把村庄和城镇连在一起，使粮食、木材和石料能在冬天之前运到各地。",
        "看路人要做两件事：",
        "（1）每周沿路巡查一次；",
        "（2）发现损坏及时修补。",
        "看路人住在路边的石屋里，每逢大雾就敲钟。",
        "钟由北方铸成，编号记在账册上。",
        "桥梁每年检查两次。",
        "本规划自公布之日起施行。",
    ]
    assert [p.depth for p in got.passages] == [0, 0, 1, 1, 0, 0, 0, 0]
    assert [(p.page, p.last_page, p.page_label) for p in got.passages[5:6]] == [(2, 3, "2")]


def test_heads_of_a_table_head_no_section() -> None:
    rows = [
        ("What is done", "Who does it", "Until when"),
        ("Count the roads of the hills", "Council of the North", "May of next year"),
        ("and write the count down.", "", ""),
        ("Pay the keepers on time.", "Treasury", "every month"),
    ]
    page = [T(72, 720, "1. Keepers", 14, "F2"), *column(BODY, y=700), T(72, 440, "2. Bridges", 14, "F2")]
    for at, row in enumerate(rows):
        page += [
            T(x, 600 - 14 * at, cell, 10, "F1" if at else "F2") for x, cell in zip((72, 260, 420), row, strict=True)
        ]
    got = read(make_pdf([[*page, *column(MORE, y=420)]]), "roads.pdf")
    assert got.sections == (("1. Keepers",), ("2. Bridges",))
    assert "Count the roads of the hills and write the count down." in texts(got)


def test_text_behind_the_table_on_its_page_stays() -> None:
    table = [
        T(72, 740, "Contents", 14, "F2"),
        *column([f"{t} {'.' * 50} {n}" for t, n in (("Keepers", 1), ("Bridges", 2), ("Ferries", 3))], y=720),
        T(72, 640, "Keepers", 14, "F2"),
        *column(BODY, y=620),
    ]
    rest = [[T(72, 720, t, 14, "F2"), *column(MORE, y=680)] for t in ("Bridges", "Ferries")]
    got = read(make_pdf([table, *rest]), "roads.pdf")
    assert [c.title for c in got.contents] == ["Keepers", "Bridges", "Ferries"]
    assert got.sections == (("Keepers",), ("Bridges",), ("Ferries",))
    assert got.passages[0].text.startswith("The ministry of the north")


def test_headings_that_the_table_promises_and_the_text_lacks() -> None:
    names = ("Keepers", "Bridges", "Ferries", "Lamps", "Bells of the Northern Towns and of the Villages around Them")
    entries = [(72.0, f"{at + 1}. {name}", str(at + 2)) for at, name in enumerate(names)]
    got = read(make_pdf(plan_with_contents(entries, ["1. KEEPERS", "Bridges", "3 Ferries"])), "roads.pdf")
    (notice,) = got.notices
    assert notice.startswith("roads.pdf: 2 of 5 entries of the table of contents were not found as headings:")
    assert '"4. Lamps"' in notice and len(notice) < 200
    # The pages of the missing ones are not read here, so nothing is said of them.
    whole = plan_with_contents(ENTRIES, [c[1] for c in ENTRIES])
    assert read(make_pdf(whole), "roads.pdf", pages=(1, 2)).notices == ()


def test_bookmarks_that_head_nothing_are_told() -> None:
    page = [
        T(72, 690, "Keepers", 14, "F2"),
        *column(BODY, y=670),
        T(72, 600, "Bridges", 14, "F2"),
        *column(MORE, y=580),
    ]
    got = read(make_pdf([page], [("Keepers", 0), ("Bridges", 0), ("Lamps", 0)]), "roads.pdf")
    assert got.notices == ('roads.pdf: 1 of 3 bookmarks of the file was not found as a heading: "Lamps"',)


# --- boxes, colours, columns ------------------------------------------------------------------------------------


def test_lines_in_a_colour_of_their_own_are_headings() -> None:
    page: list[T] = []
    for at, name in enumerate(("Keepers walk the roads", "Ferries cross the lakes")):
        page += [T(72, 700 - 100 * at, name, colour="0 0 1"), *column([body(at), *MORE], y=680 - 100 * at)]
    got = read(make_pdf([page]), "roads.pdf")
    assert got.sections == (("Keepers walk the roads",), ("Ferries cross the lakes",))


def test_labels_of_a_diagram_and_captions_are_left_out() -> None:
    page = [
        *column([*BODY, "", *MORE], y=720),
        T(100, 600, "Count it", colour="1 0.5 0"),
        T(100, 588, "Roads and bridges and ferries", colour="0.4 0.4 0.4"),
        T(100, 560, "Print it", colour="1 0.5 0"),
        T(100, 548, "Books and maps", colour="0.4 0.4 0.4"),
        T(100, 520, "Figure 1: How the roads are counted in the hills and in the plain."),
        T(100, 500, "Source: yearbook of the council."),
        *column([body(1), body(2)], y=460),
    ]
    got = read(make_pdf([page]), "roads.pdf")
    assert texts(got)[-2:] == [body(1), body(2)] and got.sections == ()
    assert len(got.passages) == 7


def test_bold_openings_of_items_head_them() -> None:
    page = column(BODY, y=720)
    for at, name in enumerate(("The danger of snow", "The danger of fog")):
        y = 640 - 80 * at
        page += [
            T(72, y, "•"),
            T(90, y, name, 11, "F2"),
            T(90, y - 14, "In the winter nobody can walk along the roads of the hills without a lamp and"),
            T(90, y - 28, "a bell."),
        ]
    got = read(make_pdf([page]), "roads.pdf")
    assert got.sections == (("The danger of snow",), ("The danger of fog",))
    assert texts(got)[-1].startswith("In the winter nobody")


def test_a_sentence_from_column_to_column_is_whole() -> None:
    left = ["Snow lies on the hills.", "In the hills the roads are", "narrow, and whoever meets",
            "a cart has to go back to the"]  # fmt: skip
    right = ["next place where two carts", "can pass.", "Nobody likes to go back", "through the snow on the hills."]
    page = [T(72, 700 - 14 * at, a) for at, a in enumerate(left)]
    page += [T(300, 700 - 14 * at, b) for at, b in enumerate(right)]
    got = read(make_pdf([page, column([*BODY, *MORE])]), "roads.pdf")
    assert texts(got)[1].endswith("has to go back to the next place where two carts can pass.")


def test_a_heading_at_the_top_of_some_pages_is_no_running_header() -> None:
    pages = []
    for at in range(12):
        top = [T(72, 760, "What We Will Do", 14, "F2")] if at in (1, 5, 9) else []
        name = [T(72, 740, f"Part {at // 4 + 1} of the Plan", 18, "F2")] if at % 4 == 0 else []
        pages.append([*top, *name, *column([body(at), *MORE], y=680)])
    got = read(make_pdf(pages), "roads.pdf")
    assert got.body.count("What We Will Do") == 3
    assert [p.section for p in got.passages if p.text == body(5)] == [("Part 2 of the Plan",)]


# --- hostile and large files ------------------------------------------------------------------------------------


def raw_pdf(*objects: str | bytes, trailer: str = "") -> bytes:
    """Write objects as they are given; the first is the catalogue."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + (body if isinstance(body, bytes) else body.encode()) + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        bytes(out) + f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF".encode()
    )


def stream(text: str, entries: str = "") -> bytes:
    return f"<< /Length {len(text)} {entries} >>\nstream\n{text}\nendstream".encode()


FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
TEXT = "\n".join(f"BT /F1 11 Tf 1 0 0 1 72 {640 - 14 * at} Tm ({line}) Tj ET" for at, line in enumerate(BODY))
PAGE = (
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /StructParents 0"
    " /Resources << /Font << /F1 4 0 R >> /XObject << /X 6 0 R >> >> >>"
)
PAGES = "<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X 6 0 R >> >>"
CATALOG = "<< /Type /Catalog /Pages 2 0 R >>"
MARKED = "/P << /MCID 0 >> BDC " + TEXT + " EMC"
HARMLESS = {
    "the page tree loops": raw_pdf(
        CATALOG, PAGES.replace("1 /Kids [3 0 R", "2 /Kids [3 0 R 2 0 R"), PAGE, FONT, stream(TEXT)
    ),
    "the structure tree loops": raw_pdf(
        "<< /Type /Catalog /Pages 2 0 R /StructTreeRoot 6 0 R >>", PAGES, PAGE, FONT, stream(MARKED),
        "<< /Type /StructTreeRoot /K [7 0 R] /ParentTree << /Nums [0 [8 0 R]] >> >>",
        "<< /Type /StructElem /S /Sect /P 8 0 R /K [8 0 R 7 0 R] >>",
        "<< /Type /StructElem /S /P /P 7 0 R /Pg 3 0 R /K [0 7 0 R 8 0 R] >>",
    ),
    "bookmarks loop": raw_pdf(
        "<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>", PAGES, PAGE, FONT, stream(TEXT),
        "<< /Type /Outlines /First 7 0 R /Last 8 0 R >>",
        "<< /Title (Keepers) /Parent 6 0 R /First 7 0 R /Next 8 0 R /Dest [3 0 R /Fit] >>",
        "<< /Title (Bridges) /Parent 7 0 R /First 6 0 R /Next 7 0 R /Dest [3 0 R /Fit] >>",
    ),
    "the cross-reference table loops": (lambda data: data.replace(
        b"trailer <<", b"trailer << /Prev %d" % int(re.findall(rb"startxref\n(\d+)", data)[0])
    ))(make_pdf([column(BODY)])),
    "glyphs far out, of no size, of huge size": make_pdf(
        [[*column(BODY), T(1e9, 1e9, "Far away."), T(-3e38, 3, "x"), T(72, 90, "Nothing.", 0), T(72, 70, "Huge.", 1e7)]]
    ),
    "numbers that are none": raw_pdf(
        CATALOG, PAGES, PAGE, FONT,
        stream(TEXT + " BT /F1 11 Tf 1e999 nan 0 1e400 -1e400 1e400 Tm (Nowhere.) Tj /F1 nan Tf (x) Tj ET"),
    ),
    "a page without extent": make_pdf([column(BODY)]).replace(b"/MediaBox [0 0 612 792]", b"/MediaBox [0 0 0 0]    "),
    "thirty thousand bookmarks": make_pdf([column(BODY)], [(f"Mark {at}", 0) for at in range(30_000)]),
    "a bomb of blanks": raw_pdf(
        CATALOG, PAGES, PAGE, FONT,
        (lambda packed: b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream")(
            zlib.compress(TEXT.encode() + b" " * 50_000_000, 9)
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS.keys())
def test_hostile_files_are_read(data: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    got = read(data, "roads.pdf")
    assert texts(got) == texts(read(make_pdf([column(BODY)]), "roads.pdf"))
    assert capfd.readouterr() == ("", "")


HARMFUL = {
    "a form that draws itself": raw_pdf(
        CATALOG, PAGES, PAGE, FONT, stream(TEXT + " /X Do"), stream("/X Do /X Do", FORM)
    ),
    "forms within forms": raw_pdf(
        CATALOG, PAGES, PAGE, FONT, stream(TEXT + " /X Do"),
        *(stream("/X Do " * 10, FORM.replace("/X 6", f"/X {at}")) for at in range(7, 30)), stream("q Q"),
    ),
    "too much on a page": make_pdf(
        [[T(10, 780 - 2.5 * at, "Roads are mended in the north. " * 30, 1) for at in range(300)]]
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", HARMFUL.values(), ids=HARMFUL.keys())
def test_pages_that_never_end_give_one_line(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"^roads\.pdf: page 1 .+; .+") as caught:
        read(data, "roads.pdf")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rotate", [0, 90], ids=["sideways", "turned by the file"])
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_pages_set_sideways(turn: int, rotate: int) -> None:
    across = {1: "0 1 -1 0", 2: "-1 0 0 -1", 3: "0 -1 1 0"}[turn]
    shown = []
    for at, line in enumerate([*BODY, *MORE]):
        x, y = {1: (200 + 14 * at, 72), 2: (540, 200 + 14 * at), 3: (400 - 14 * at, 700)}[turn]
        shown.append(f"BT /F1 11 Tf {across} {x} {y} Tm ({line}) Tj ET")
    page = PAGE.replace("/StructParents", f"/Rotate {rotate} /StructParents")
    got = read(raw_pdf(CATALOG, PAGES, page, FONT, stream("\n".join(shown))), "roads.pdf")
    assert texts(got) == texts(read(make_pdf([column([*BODY, *MORE])]), "roads.pdf"))


def test_watermarks_and_what_is_cut_off_are_left_out() -> None:
    shown = TEXT + "\nBT /F1 90 Tf 0.7 0.7 -0.7 0.7 150 400 Tm (DRAFT) Tj ET\nBT /F1 9 Tf 72 20 Td (roads.indd 7) Tj ET"
    page = PAGE.replace("[0 0 612 792]", "[0 0 612 792] /CropBox [40 40 572 752]")
    got = read(raw_pdf(CATALOG, PAGES, page, FONT, stream(shown)), "roads.pdf")
    assert got.body == "\n\n".join([" ".join(BODY)])


def test_broken_pages_are_told_and_the_others_read() -> None:
    data = make_pdf([column([*BODY, *MORE])]).replace(b"/Count 1", b"/Count 9")
    got = read(data, "roads.pdf")
    assert len(got.passages) == 5
    assert got.notices == ("roads.pdf: 8 of 9 pages are broken and were not read",)


def test_twenty_thousand_pieces_of_text() -> None:
    words = ["road", "cart", "mill", "lamp", "bell", "snow", "lake", "tree", "town", "hill"]
    page = []
    for row in range(200):
        line = ["Every", *(words[(row * 7 + at) % 10] for at in range(98)), "stays."]
        page += [T(10 + 5.8 * at, 790 - 3.9 * row, word, 2) for at, word in enumerate(line)]
    assert len(page) == 20_000
    got = read(make_pdf([page]), "roads.pdf")
    assert sum(t.count("Every") for t in texts(got)) == 200


@pytest.mark.parametrize(
    "text", ["." * 90_000 + "x", "Contents" + " ." * 40_000 + " x", ")." * 45_000, "(a) (ii) " * 10_000]
)
def test_endless_lines(text: str) -> None:
    pieces = [text[at : at + 30_000] for at in range(0, len(text), 30_000)]
    page = [*column(BODY), *(T(10, 500 - 20 * at, piece, 0.2) for at, piece in enumerate(pieces))]
    assert texts(read(make_pdf([page]), "roads.pdf"))[0].startswith("The ministry of the north")


def rc4(key: bytes, data: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def test_an_encrypted_file_that_opens_without_a_password() -> None:
    # ISO 32000-1, 7.6.3, revision 2: a key of 40 bits from the empty user password.
    pad = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    owner, rights = bytes(range(32)), -4
    key = hashlib.md5(pad + owner + rights.to_bytes(4, "little", signed=True) + b"ab").digest()[:5]

    def encrypt(number: int, data: bytes) -> bytes:
        return rc4(hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10], data)

    entry = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P {rights} /O <{owner.hex()}> /U <{rc4(key, pad).hex()}> >>"
    got = read(make_pdf([column(BODY)], trailer=entry + " /ID [<6162> <6162>]", encrypt=encrypt), "roads.pdf")
    assert len(got.passages) == 3


def test_a_long_file_is_read_in_order() -> None:
    data = make_pdf([[*column([body(at), *MORE]), T(300, 40, str(at + 1))] for at in range(150)])
    got = read(data, "roads.pdf")
    first = [p for p in got.passages if p.text.startswith("Village")]
    assert [p.text for p in first] == [body(at) for at in range(150)]
    assert [p.page for p in first] == list(range(1, 151)) and first[99].page_label == "100"


def test_files_cut_short_or_changed_give_a_text_or_one_line() -> None:
    page, tree = tagged_plan()
    whole = make_pdf(
        [page, column([*BODY, *MORE])], [("Roads of the Hills", 0)], tree=tree, info="/Title (Roads of All)"
    )
    random_ = random.Random(7)
    spoilt = [whole[: len(whole) * at // 8] for at in range(1, 8)]
    for _ in range(24):
        data = bytearray(whole)
        for _ in range(random_.choice([1, 4, 30])):
            at = random_.randrange(9, len(data))
            if random_.random() < 0.5:
                data[at] = random_.randrange(256)
            else:
                data[at : at + random_.randrange(8)] = random_.choice(
                    [b"", b"0", b"99999999999", b"<<", b"]", b"7 0 R"]
                )
        spoilt.append(bytes(data))
    for data in spoilt:
        try:
            got = read(data, "roads.pdf")
        except DocumentError as error:
            assert str(error).startswith("roads.pdf: ") and "\n" not in str(error)
        else:
            assert got.passages and all(got.body[p.start : p.end] == p.text for p in got.passages)


def test_hostile_text_in_a_pdf() -> None:
    page = column([BODY[0] + " \x1b[31m" + "red" + "\x07 ", *BODY[1:]])
    got = read(make_pdf([page], info="/Title (Roads \\033[2J for Everyone)"), "roads.pdf")
    everything = str(got.title) + "".join(texts(got))
    assert everything.isprintable()


# --- as real programs set their pages ---------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "rise"), [(9.2, 4.5), (9.9, 4.9), (6.5, 4)], ids=["browser", "paged CSS", "Word"])
def test_markers_of_notes_hardly_smaller_than_the_text(size: float, rise: float) -> None:
    page = [
        T(72, 700, "The ministry counts the carts on every road in the hills and in the towns,"),
        T(72, 686, "and it prints the count"),
        T(186, 686 + rise, "12", size),
        T(200, 686, "for all to read."),
        T(280, 686 + rise, "13", size),
        T(298, 686, "The council reads it and answers."),
    ]
    assert texts(read(make_pdf([page]), "roads.pdf")) == [
        "The ministry counts the carts on every road in the hills and in the towns, and it prints the count for all"
        " to read.",
        "The council reads it and answers.",
    ]


def test_a_dash_near_its_item_is_a_bullet() -> None:
    """LaTeX sets dashes half an em before the items of lists within lists, in a font of their own."""
    page = [
        *column(["The keepers of the roads in the hills have these duties:"], y=700),
        *[T(86, 680, "•"), T(96, 680, "Mend the roads of the hills before the winter comes to them.")],
        *[T(104, 660, "–", font="F2"), T(116, 660, "Write down every stone that has fallen on the road, and")],
        *[T(116, 646, "count those that are left at the end of the week.")],
        *[T(104, 626, "–", font="F2"), T(116, 626, "Tell the council about every bridge that has lost")],
        *[T(116, 612, "a plank.")],
        *[T(86, 592, "•"), T(96, 592, "Walk along the road once in a week.")],
    ]
    got = read(make_pdf([page]), "roads.pdf")
    assert [(p.depth, p.text.split()[0]) for p in got.passages] == [
        (0, "The"), (1, "Mend"), (2, "Write"), (2, "Tell"), (1, "Walk")
    ]  # fmt: skip
    assert got.passages[3].text == "Tell the council about every bridge that has lost a plank."


def test_numbers_that_are_printed_apart_from_their_items() -> None:
    # All marks first, then all text, as some programs write a list.
    lines = ["Mend the roads of the hills.", "Count the carts once in a week.", "Tell the council of the towns."]
    page = [
        *column(["The council of the town asks for three things:"], y=700),
        *[T(82, 680 - 20 * at, f"{at + 1}.") for at in range(3)],
        *[T(97, 680 - 20 * at, line) for at, line in enumerate(lines)],
    ]
    got = read(make_pdf([page]), "roads.pdf")
    assert [(p.depth, p.text) for p in got.passages[1:]] == [(1, f"{at + 1}. {t}") for at, t in enumerate(lines)]


def test_words_divided_with_a_hyphen_of_its_own() -> None:
    page = [
        T(72, 700, "Every keeper tells the council about the num"),
        T(288.5, 700, "\u2010", font="F5"),
        T(72, 686, "ber of the carts and about the number of the bridges."),
    ]
    assert texts(read(make_pdf([page]), "roads.pdf")) == [
        "Every keeper tells the council about the number of the carts and about the number of the bridges."
    ]


def test_running_titles_that_change_with_the_chapter() -> None:
    chapters = ["Keepers of the Hills", "Bridges and Planks", "Ferries on the Lake", "Lamps", "Bells"]
    pages = []
    for at in range(10):
        chapter = chapters[at // 2]
        opening = [T(72, 690, chapter, 13, "F2")] if at % 2 == 0 else []
        top = 650 if opening else 700
        pages.append([T(72, 740, chapter, 11, "F3"), *opening, *column([body(at), *BODY, *MORE], y=top)])
    got = read(make_pdf(pages), "roads.pdf")
    assert got.sections == tuple((chapter,) for chapter in chapters)
    assert len(got.outline) == 5
    assert not any(chapter in t for t in texts(got) for chapter in chapters)


def test_first_lines_of_pages_are_no_running_titles() -> None:
    # Each page begins at the same height, with a paragraph of one line.
    days = ["first", "second", "third", "fourth", "fifth"]
    pages = [
        column([f"The keepers of the road met again on the {day} day of May.", "", *BODY, *MORE], y=740) for day in days
    ]
    got = read(make_pdf(pages), "roads.pdf")
    assert [t.split()[9] for t in texts(got) if t.startswith("The keepers of the road met")] == days


@pytest.mark.parametrize("footer", ["Ministry of Roads | Page {}", "{} | Road Plan", "Page {} of 4", "第{}页"])
def test_page_numbers_within_footers(footer: str) -> None:
    font = "F4" if "页" in footer else "F1"
    pages = [
        [*column([body(at), *MORE]), T(230, 95, footer.format(at + 1), font=font), *column(["Ministry"], y=30)]
        for at in range(4)
    ]
    got = read(make_pdf(pages), "roads.pdf")
    assert [p.page_label for p in got.passages if p.text.startswith("Village")] == ["1", "2", "3", "4"]


def test_notes_at_the_end_that_lead_back_are_left_out() -> None:
    page = [
        T(72, 720, "Keepers", 14, "F2"),
        *column(BODY, y=700),
        T(72, 600, "1. The count stands in the Yearbook of the Roads, second part."),
        T(380, 600, "\u21a9", font="F5"),
        T(72, 580, "2. A later count is in preparation and will be printed soon."),
        T(366, 580, "\u21a9", font="F5"),
    ]
    got = read(make_pdf([page]), "roads.pdf")
    assert len(got.passages) == 3 and not any("Yearbook" in t or "later count" in t for t in texts(got))


def test_a_note_that_goes_on_in_the_next_column() -> None:
    left = [
        T(72, 730, "Keepers", 14, "F2"),
        *column(
            ["The keepers mend the roads of the", "hills, and they count the carts", "that come by in the morning."],
            y=700,
        ),
        T(72, 92, "1 Yearbook of the Roads, which is", 8),
        T(72, 82, "printed every winter for the", 8),
    ]
    right = [
        *column(
            ["The council reads what they write", "and answers them in a month.", "Nobody waits for longer."],
            x=330,
            y=700,
        ),
        T(330, 92, "council and for the keepers.", 8),
    ]
    got = read(make_pdf([[*left, *right]]), "roads.pdf")
    assert len(got.passages) == 3 and not any("council and for" in t for t in texts(got))


def test_bookmarks_without_the_numbers_of_the_headings() -> None:
    """Those that LaTeX writes of itself are so."""
    titles = [
        ("Why does the council count the carts on all roads, and who reads", "what was counted?"),
        ("How often does a keeper of the hill roads look at the bridges, and", "what does he write?"),
        ("Where do the ferries of the lake lie in the winter, and does anybody", "pay for them?"),
    ]
    pages = [
        [T(72, 720, f"{at + 1} {first}"), T(82, 706, second), *column([body(at), *MORE], y=680)]
        for at, (first, second) in enumerate(titles)
    ]
    got = read(make_pdf(pages, outline=[(" ".join(title), at) for at, title in enumerate(titles)]), "roads.pdf")
    assert got.sections == tuple((f"{at + 1} {first} {second}",) for at, (first, second) in enumerate(titles))


def test_italic_headings_above_upright_ones_of_one_size() -> None:
    """Word processors set the second level in bold italic and the third in bold, both of fourteen points."""
    fonts = {**FONTS, "F3": "Helvetica-BoldOblique"}
    page: list[T] = [T(72, 740, "A Plan for the Roads of the North", 18, "F2")]
    y = 700.0
    for name, font in [("Hills", "F3"), ("Keepers", "F2"), ("Bridges", "F2"), ("Coast", "F3"), ("Ferries", "F2")]:
        page += [T(72, y, name, 14, font), *column([*MORE, ""], y=y - 20)]
        y -= 80
    data = make_pdf([page]).replace(b"/BaseFont /Helvetica-Oblique", b"/BaseFont /" + fonts["F3"].encode())
    assert read(data, "roads.pdf").sections == (
        ("Hills",), ("Hills", "Keepers"), ("Hills", "Bridges"), ("Coast",), ("Coast", "Ferries")
    )  # fmt: skip


def chapters_with_contents(names: list[str]) -> list[list[T]]:
    return [
        [T(72, 720, name, 14, "F2"), *column([body(at), *MORE], y=680), T(300, 40, str(at + 3))]
        for at, name in enumerate(names)
    ]


def numbered_names() -> tuple[list[str], list[str]]:
    """Titles of chapters and sections, and the lines of their table of contents."""
    names = [
        name
        for at in range(1, 5)
        for name in (f"{at} Roads of the {'NESW'[at - 1]}", f"{at}.1 Keepers", f"{at}.2 Bridges")
    ]
    return names, [f"{name} {'.' * 40} {at + 3}" for at, name in enumerate(names)]


def test_a_table_that_ends_above_the_text_of_its_second_page() -> None:
    names, _ = numbered_names()

    def row(title: str, number: int, y: float) -> list[T]:
        return [T(92 if "." in title else 72, y, title), T(520, y, str(number))]

    rows = [row(name, at + 3, (700 if at < 8 else 852) - 14 * at) for at, name in enumerate(names)]
    first = [T(72, 740, "Contents", 14, "F2"), *chain(*rows[:8])]
    # The second page begins with entries that are set in, and has more text than entries.
    second = [
        *chain(*rows[8:]),
        T(72, 640, "1 Roads of the N", 14, "F2"),
        *column([*BODY, *MORE, "", *map(body, range(20, 28))], y=600),
    ]
    got = read(make_pdf([first, second, *chapters_with_contents(names)[1:]]), "roads.pdf")
    assert [(c.title, c.level) for c in got.contents] == [(name, int("." in name)) for name in names]
    assert [len(path) for path in got.sections] == [1, 2, 2] * 4
    assert got.notices == () and got.passages[0].text.startswith("The ministry of the north")
    assert len(got.passages) == 5 + 8 + 11 * 3


def test_one_line_of_text_below_the_table() -> None:
    names, lines = numbered_names()
    said = "This plan is made in four parts, and the council reads it again at the end of every year."
    first = [T(72, 740, "Contents", 14, "F2"), *column(lines, y=700), T(72, 480, said)]
    got = read(make_pdf([first, *chapters_with_contents(names)]), "roads.pdf")
    assert len(got.contents) == 12 and not any("....." in t for t in texts(got))


def test_entries_on_two_lines_without_a_heading_above_the_table() -> None:
    names, lines = numbered_names()
    lines[1:2] = [
        "1.1 Keepers of the hill roads and of all the other roads that are",
        f"above the line of the snow {'.' * 30} 4",
    ]
    names[1] = "1.1 Keepers of the hill roads and of all the other roads that are above the line of the snow"
    pages = chapters_with_contents(names)
    pages[1][0] = T(72, 720, names[1], 10.5, "F2")
    got = read(make_pdf([[T(72, 740, "The Road Plan", 20, "F2"), *column(lines, y=700)], *pages]), "roads.pdf")
    assert [c.title for c in got.contents] == names
    assert not any("that are" in t for t in texts(got)) and got.notices == ()


def test_the_index_of_a_book_is_no_table_of_contents() -> None:
    names, lines = numbered_names()
    front = [T(72, 740, "Contents", 14, "F2"), *column(lines, y=700)]
    back = [
        T(72, 740, "Index", 14, "F2"),
        *column(
            [
                f"{word}, of the {side} {'.' * 30} {at + 3}"
                for at, word in enumerate(("carts", "oxen"))
                for side in "nesw"
            ],
            y=700,
        ),
    ]
    got = read(make_pdf([front, *chapters_with_contents(names), back]), "roads.pdf")
    assert [c.title for c in got.contents] == names
    assert got.notices == () and not any("oxen" in t for t in texts(got))


def test_a_line_between_the_table_and_the_first_heading() -> None:
    names, lines = numbered_names()
    said = "This plan is made in four parts, and the council reads it again every year."
    front = [
        T(72, 740, "1 Roads of the North and South", 16, "F2"),
        T(72, 715, "Contents", 14, "F2"),
        *column(lines, y=690),
        T(72, 500, said),
        T(72, 470, names[0], 14, "F2"),
        *column([*BODY, *MORE], y=440),
    ]
    got = read(make_pdf([front, *chapters_with_contents(names)[1:]]), "roads.pdf")
    assert [c.title for c in got.contents] == names
    assert texts(got)[0] == said
    assert [len(path) for path in got.sections] == [1, 2, 2] * 4


def test_chinese_headings_in_the_print_of_the_text() -> None:
    """Where paragraphs of one line prevail, the gap between paragraphs is the usual one."""
    page: list[T] = []
    y = 740.0
    for heading in ("一、总体要求", "（一）修路", "（二）守桥", "二、保障措施", "（一）点灯", "（二）造船"):
        page += song([heading], y)
        if "、" not in heading:
            page += song([f"{heading[3:]}的人每天清早出门，傍晚回家，把路上看到的事情都记下来，一件也不漏掉。"], y - 28)
            y -= 28
        y -= 28
    got = read(make_pdf([page]), "roads.pdf")
    assert got.sections == (
        ("一、总体要求",),
        ("一、总体要求", "（一）修路"),
        ("一、总体要求", "（二）守桥"),
        ("二、保障措施",),
        ("二、保障措施", "（一）点灯"),
        ("二、保障措施", "（二）造船"),
    )
    assert len(got.passages) == 4 and all(t[:2] in "修路守桥点灯造船" for t in texts(got))


def test_quotation_marks_that_are_drawn_after_their_line() -> None:
    # One piece of text, with gaps in which the marks stand.
    page = [
        *song(["村里的人说\u3000路长在脚下\u3000，大家都记得这句话，也照着做。"], 700),
        *[T(130, 700, "\u201c"), T(196, 700, "\u201d")],
        *song(["他们每天清早出门，傍晚回家，把路上看到的事情都记下来。"], 682),
    ]
    assert texts(read(make_pdf([page]), "roads.pdf")) == [
        "村里的人说\u201c路长在脚下\u201d，大家都记得这句话，也照着做。",
        "他们每天清早出门，傍晚回家，把路上看到的事情都记下来。",
    ]


def test_a_table_with_numbers_is_better_than_bookmarks_without() -> None:
    """The number of a chapter may stand in words above its title, and in the table alone in digits."""
    names = ["Keepers", "Bridges", "Ferries"]
    front = [
        T(72, 740, "Contents", 14, "F2"),
        *column([f"{at + 1} {name} {'.' * 40} {at + 2}" for at, name in enumerate(names)], y=700),
    ]
    pages = [
        [
            *[T(480, 740, "CHAPTER", 11, "F2"), T(480, 720, number, 14, "F2"), T(440, 690, name.upper(), 14, "F2")],
            *column([body(at), *MORE], y=640),
            T(300, 40, str(at + 2)),
        ]
        for at, (number, name) in enumerate(zip(["ONE", "TWO", "THREE"], names, strict=True))
    ]
    marks = [(name, at + 1) for at, name in enumerate(names)]
    got = read(make_pdf([front, *pages], outline=marks), "roads.pdf")
    assert got.sections == (("1 Keepers",), ("2 Bridges",), ("3 Ferries",)) and got.notices == ()


def test_a_table_of_contents_that_was_never_filled() -> None:
    names = ["A Plan for the Roads and the Bridges", "Hills of the North", "Keepers", "Ferries"]
    page = [
        T(72, 740, "Table of Contents", 16),
        *[T(72, 700, "A Plan for the Roads", 16, "F2"), T(72, 682, "and the Bridges", 16, "F2")],
        *column([*BODY[:2]], y=650),
        *[T(72, 600, names[1], 14, "F2"), T(72, 570, names[2], 12, "F2")],
        *column(["The lamps burn all night. Nobody puts them out before the morning comes.", *MORE], y=546),
        T(72, 480, names[3], 12, "F2"),
        *column(list(map(body, range(8))), y=456),
    ]
    got = read(make_pdf([page], outline=[(name, 0) for name in names]), "roads.pdf")
    assert [path[-1] for path in got.sections][-3:] == names[1:]
    assert len(got.passages) == 2 + 4 + 8 and got.contents == ()
