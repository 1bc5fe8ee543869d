"""PDFs, made here line by line, so that every position is known."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from compare.documents import Text, read
from compare.errors import DocumentError

FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Helvetica-Oblique"}


@dataclass(frozen=True)
class T:
    """A piece of text at a place."""

    x: float
    y: float
    text: str
    size: float = 11
    font: str = "F1"


def make_pdf(
    pages: list[list[T]],
    outline: list[tuple[str, int]] = [],  # noqa: B006
    info: str = "",
    trailer: str = "",
) -> bytes:
    """Write a PDF with the standard fonts; ``outline`` holds titles and page indices, all at the top level."""
    objects: list[bytes] = []

    def add(body: str | bytes) -> int:
        objects.append(body if isinstance(body, bytes) else body.encode("latin-1"))
        return len(objects)

    catalog, tree = add(""), add("")
    fonts = " ".join(
        f"/{key} {add(f'<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>')} 0 R"
        for key, name in FONTS.items()
    )
    kids = []
    for page in pages:
        parts = []
        for t in page:
            text = t.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            parts.append(f"BT /{t.font} {t.size} Tf 1 0 0 1 {t.x} {t.y} Tm (".encode() + text + b") Tj ET")
        stream = b"\n".join(parts)
        content = add(b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream")
        kids.append(
            add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 612 792] /Contents {content} 0 R"
                f" /Resources << /Font << {fonts} >> >> >>"
            )
        )
    objects[tree - 1] = (
        f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    )
    root = f"<< /Type /Catalog /Pages {tree} 0 R"
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
    page = [*column(BODY), T(72, 600, "Ada Example"), T(72, 586, "Keeper of the Seals"), *column(MORE, y=540)]
    assert not any("Ada" in t for t in texts(read(make_pdf([page]), "roads.pdf")))


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


def test_hostile_text_in_a_pdf() -> None:
    page = column([BODY[0] + " \x1b[31m" + "red" + "\x07 ", *BODY[1:]])
    got = read(make_pdf([page], info="/Title (Roads \\033[2J for Everyone)"), "roads.pdf")
    everything = str(got.title) + "".join(texts(got))
    assert everything.isprintable()
