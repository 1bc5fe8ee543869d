"""Reading of Markdown and plain text, the sentences, and what every reader promises."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compare.documents import Passage, Text, read
from compare.documents.blocks import Heading, Paragraph, detect_language, drop_labels
from compare.documents.cleaning import clean, join_lines, squeeze
from compare.documents.numbering import number_of
from compare.documents.sentences import split_sentences
from compare.errors import DocumentError, PolicyCompareError

FIXTURES = Path(__file__).parent / "fixtures"


def texts(text: Text) -> list[str]:
    return [passage.text for passage in text.passages]


def read_text(source: str, name: str = "plan.txt") -> Text:
    return read(source.encode(), name)


# --- sentences ---


@pytest.mark.parametrize(
    "sentences",
    [
        ["The U.S. government acts.", "Others follow (e.g. Canada, i.e. the neighbour)."],
        ["See No. 12 of Title III.", "It replaces Act No. 130 of 1995.", "Dr. J. R. Smith et al. wrote it."],
        ["We must ask: “Who pays?”", "Nobody knows."],
        ["He called it “a new beginning.”", "It was none."],
        ["The rule is short (see Annex B.)", "It has ten words."],
        ["(i) Count the carts.", "(ii) Count the roads."],
        ["Under Sec. 12 the council decides.", "The rate is 3.5 percent."],
        [
            "The U.S. Department of Roads reports to the U.N. Secretariat.",
            "It ended in the U.S.",
            "It did not come back.",
        ],
        ["Pay the keepers, carters, etc. on time.", "Print the list."],
        ["The records lie at Roads.GOV and are open.", "The office DATA.IT keeps them."],
        ["The ministry counts carts. [Ministry of Roads, Ministry of Carts]", "It then prints the count."],
    ],
)
def test_english_sentences(sentences: list[str]) -> None:
    assert split_sentences(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["坚持开放；反对垄断。", "推动合作！", "这是真的吗？"],
        ["他说：“道路要修好。”", "大家同意。"],
        ["（修路的办法另行规定。）", "本办法自发布之日起施行。"],
        ["到2027年，修路3.5公里。", "到2030年，全部修完。"],
    ],
)
def test_chinese_sentences(sentences: list[str]) -> None:
    assert split_sentences("".join(sentences), "zh") == sentences


def test_a_long_quotation_is_cut_inside() -> None:
    inside = ["Roads are the beginning of everything that a country may hope to become in the future."] * 4
    assert len(split_sentences("“" + " ".join(inside) + "”")) == 4


@given(st.text(max_size=300), st.sampled_from(["en", "zh"]))
@settings(max_examples=150, deadline=None)
def test_sentences_lose_and_invent_nothing(text: str, language: str) -> None:
    cleaned = squeeze(text)
    joined = "".join(split_sentences(cleaned, language))
    assert "".join(joined.split()) == "".join(cleaned.split())


# --- cleaning ---


@given(st.text(max_size=200))
@example("\x1b]0;title\x07text\x9b31m\u202eevil\u2066\u200b\ufeff\U000e0041")
@settings(max_examples=200, deadline=None)
def test_nothing_unreadable_is_left(text: str) -> None:
    cleaned = clean(text)
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"} for c in cleaned)


def test_cleaning_normalises() -> None:
    assert clean("cafe\u0301 \ufb01rst") == "café first"
    assert clean("\x1b[31mred\x1b[0m") == "red"
    assert squeeze("a\u00a0\u2003b\r\n  c") == "a b c"


def test_lines_are_joined_as_the_script_wants() -> None:
    assert join_lines(["open", "models"]) == "open models"
    assert join_lines(["开放", "模型"]) == "开放模型"
    assert join_lines(["到", "2027", "年"]) == "到2027年"


# --- numbers and languages ---


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("第一章 总则", "chapter"),
        ("一、总体要求", "han"),
        ("（十四）提升能力", "han-bracket"),
        ("1. Purpose", "arabic"),
        ("1.加速进程", "arabic"),
        ("2.3 Bridges", "decimal"),
        ("IV. Ferries", "roman"),
        ("Chapter 2 Ferries", "chapter"),
        ("(iii) Ferries", "small"),
        ("2025 was a good year", None),
        ("3.5 percent of roads", "decimal"),
        ("I think so", None),
    ],
)
def test_numbers(line: str, kind: str | None) -> None:
    number = number_of(line)
    assert (number.kind if number else None) == kind


def test_languages() -> None:
    assert detect_language("The roads of the country are in the hands of the keepers and of the towns.") == ("en", None)
    assert detect_language("道路由各地负责养护。")[0] == "zh"
    language, notice = detect_language(
        "Les routes du pays sont dans les mains des gardiens et des villes, et la loi de la République est la même pour"
        " tous ceux qui les empruntent avec une charrette."
    )
    assert language == "fr"
    assert notice is not None and "French" in notice
    assert detect_language("Ключевые дороги страны находятся в руках смотрителей.")[0] == "ru"
    assert detect_language("zzz qqq " * 40)[1] == "The text does not look English; it is read as English"


# --- labels ---


def test_labels_head_no_sections() -> None:
    blocks = [
        block
        for name in ("Roads", "Bridges", "Ferries")
        for block in (Heading(name, 2), Paragraph("Text."), Heading("Actions", 3), Paragraph("Do.", True))
    ]
    kept = [block.text for block in drop_labels(blocks) if isinstance(block, Heading)]
    assert kept == ["Roads", "Bridges", "Ferries"]


def test_sections_with_siblings_are_no_labels() -> None:
    blocks = [
        block
        for name in ("Roads", "Bridges", "Ferries")
        for block in (
            Heading(name, 2),
            Heading("Overview", 3),
            Paragraph("Text of it."),
            Heading("Aims", 3),
            Paragraph("More of it."),
        )
    ]
    assert drop_labels(blocks) == blocks


# --- Markdown ---


def test_northland() -> None:
    got = read((FIXTURES / "northland-plan.md").read_bytes(), "northland-plan.md")
    assert got.title == "Leading from the North: Northland's Plan for Artificial Intelligence"
    assert got.language == "en"
    assert ("Part I: Free the Builders", "Cutting Red Tape") in got.sections
    assert all(path[0].startswith("Part") for path in got.sections)
    assert got.passages[0].section == ()
    assert any(p.bullet for p in got.passages) and not got.passages[0].bullet
    assert [p.order for p in got.passages] == list(range(len(got.passages)))


def test_southland_in_both_languages() -> None:
    english, chinese = (
        read((FIXTURES / name).read_bytes(), name) for name in ("southland-appeal.md", "southland-appeal.zh.md")
    )
    assert (english.language, chinese.language) == ("en", "zh")
    assert len(english.sections) == len(chinese.sections)
    assert len(english.passages) == len(chinese.passages)
    assert all(text.endswith(("。", "！", "？", "”")) for text in texts(chinese))


def test_places_in_braces_become_labels() -> None:
    got = read_text(
        "# Plan\n\nWe begin. We go on. {preamble}\n\n## Roads\n\n- Mend the roads. {p. 3}\n"
        "- Mend {them} now. {pp. 4-5}\n"
        "\nNo place here.\n\n1. A point. {point 4}\n",
        "digest.md",
    )
    assert [(p.text, p.page_label, p.bullet) for p in got.passages] == [
        ("We begin.", "preamble", False),
        ("We go on.", "preamble", False),
        ("Mend the roads.", "3", True),
        ("Mend {them} now.", "4-5", True),
        ("No place here.", None, False),
        ("A point.", "point 4", True),
    ]
    assert {p.page for p in got.passages} == {None}


def test_markdown_is_text_and_not_markup() -> None:
    got = read_text(
        "---\ntitle: A Plan\n---\n\n## Roads & *Bridges*\n\nA [link](https://example.org) and **bold** and `code`.\n\n"
        "<script>alert('no.')</script>\n\n<!-- hidden. -->\n\n[red]Not a colour.[/red]\n\n| A | B |\n|---|---|\n"
        "| Roads are long. | Bridges are high. |\n",
        "plan.md",
    )
    assert got.title == "A Plan"
    assert got.sections == (("Roads & Bridges",),)
    assert texts(got)[0] == "A link and bold and code."
    assert "[red]Not a colour." in "".join(texts(got))
    assert "alert" not in "".join(texts(got)) and "hidden" not in "".join(texts(got))
    assert "https" not in "".join(texts(got))


def test_two_top_headings_are_sections() -> None:
    got = read_text("# Roads\n\nThey are long.\n\n# Bridges\n\nThey are high.\n", "plan.md")
    assert got.title is None
    assert got.sections == (("Roads",), ("Bridges",))


# --- plain text ---


def test_plain_notice() -> None:
    got = read((FIXTURES / "plain-notice.txt").read_bytes(), "plain-notice.txt")
    assert got.title == "Notice on the Use of Automated Tools in the Municipal Archives"
    assert [path[-1].split(".")[0] for path in got.sections] == [str(n) for n in range(1, len(got.sections) + 1)]
    assert ("1. Purpose",) in got.sections
    items = [p for p in got.passages if p.bullet]
    assert items and {p.section for p in items} == {("3. Permitted uses",)}
    assert all("\n" not in text and "  " not in text for text in texts(got))


def test_plain_notice_in_chinese() -> None:
    got = read((FIXTURES / "plain-notice.zh.txt").read_bytes(), "plain-notice.zh.txt")
    assert got.language == "zh"
    assert got.title == "关于规范公共图书馆使用智能工具的通知"
    assert ("一、总体要求", "（一）基本原则") in got.sections
    assert all(len(path) <= 2 for path in got.sections)
    assert any(p.bullet for p in got.passages)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_encodings(encoding: str) -> None:
    source = (FIXTURES / "plain-notice.zh.txt").read_text(encoding="utf-8")
    assert read(source.encode(encoding), "a.txt") == read(source.encode(), "a.txt")


def test_latin_1() -> None:
    source = "The café of the village is open. Its owner, Zoë, keeps the road in order.\n" * 3
    assert "café" in texts(read(source.encode("latin-1"), "a.txt"))[0]


def test_run_in_headings_of_chinese_text() -> None:
    got = read_text(
        "关于修路的意见\n\n一、总体要求\n坚持先急后缓，修好\n每一条路。\n\n二、重点任务\n"
        "（一）加强养护。各地要按时养护道路。养护费用由各地承担。\n（二）改进桥梁。每年检查桥梁两次。\n"
    )
    assert got.sections == (
        ("一、总体要求",),
        ("二、重点任务",),
        ("二、重点任务", "（一）加强养护"),
        ("二、重点任务", "（二）改进桥梁"),
    )
    assert texts(got)[0] == "坚持先急后缓，修好每一条路。"


def test_headings_by_capitals_and_underline() -> None:
    got = read_text(
        "ROADS OF THE LAND\n\nTHE ROADS\n\nThey are long. They are\nold.\n\nBridges\n-------\nThey are high.\n\n"
        "PART II\n\nFerries are slow.\n"
    )
    assert got.title == "ROADS OF THE LAND"
    assert [path[-1] for path in got.sections] == ["THE ROADS", "Bridges", "PART II"]
    assert "They are old." in texts(got)


def test_a_file_with_a_paragraph_a_line() -> None:
    long = "The keepers walk along the roads of the country and write down what they see there every day of the week. "
    got = read_text((long * 3 + "\n") * 4)
    assert {p.paragraph for p in got.passages} == {0, 1, 2, 3}


# --- what every reader promises ---

HOSTILE = (
    "Roads \x1b[2J\x1b]0;gone\x07 are\x00 long\u202e and\u200b old\u2028. "
    "\x9b31mThey\u00ad are [bold]mended[/bold].\x7f"
)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.txt", "{0}\n\n1. Title {0}\n\nMore text of it. {0}\n"),
        ("a.md", "# {0}\n\n## {0}\n\n{0} {{p. 3\x1b[1m}}\n\n- {0}\n"),
        ("a.html", "<html><title>{0}</title><body><h1>{0}</h1><h2>{0}</h2><p>{0}</p><li>{0}</li></body></html>"),
    ],
)
def test_hostile_text(name: str, form: str) -> None:
    got = read(form.format(HOSTILE).encode("utf-8", "surrogatepass"), name)
    pieces = [*texts(got), *(h for path in got.sections for h in path), got.title or ""]
    pieces += [p.page_label or "" for p in got.passages]
    assert all(piece.isprintable() for piece in pieces)
    assert "\x1b" not in repr(pieces) and "[bold]" in "".join(pieces)


def office_file(part: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(part, "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "what"),
    [
        (b"", "a.txt", "empty"),
        (b"   \n\n ", "a.txt", "no sentence"),
        (b"", "a.md", "empty"),
        (b"# Only a title\n", "a.md", "no sentence"),
        (b"<html><body></body></html>", "a.html", "no sentence"),
        (b"<html></html>", "a.html", "no"),
        (office_file("word/document.xml"), "a.docx", "no sentence"),
        (office_file("xl/workbook.xml"), "a.xlsx", "cannot be read"),
        (b"PK\x03\x04broken", "a.docx", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "a.doc", "Office"),
        (b"\x89PNG\r\n\x1a\n....", "a.png", "picture"),
        (b"no PDF at all", "a.pdf", "no PDF"),
        (bytes(range(256)) * 20, "a.txt", "no text"),
    ],
)
def test_bad_input_gives_one_line(data: bytes, name: str, what: str) -> None:
    with pytest.raises(DocumentError, match=what) as caught:
        read(data, name)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{name}: ")


def test_lists_are_tied_to_what_leads_in() -> None:
    got = read(
        b"# Plan\n\n## Aims\n\nThere are two aims. Each ministry shall:\n\n- act at once;\n- report:\n  - by month,\n"
        b"  - and by year;\n- learn.\n\nThat is all.\n\n- A list that nothing introduces.\n",
        "a.md",
    )
    found = [(p.text, p.depth, p.lead_in) for p in got.passages]
    assert found == [
        ("There are two aims.", 0, ""),
        ("Each ministry shall:", 0, ""),
        ("act at once;", 1, "Each ministry shall:"),
        ("report:", 1, "Each ministry shall:"),
        ("by month,", 2, "report:"),
        ("and by year;", 2, "report:"),
        ("learn.", 1, "Each ministry shall:"),
        ("That is all.", 0, ""),
        ("A list that nothing introduces.", 1, ""),
    ]


def test_a_label_that_heads_lists_leads_in() -> None:
    text = "".join(f"## Policy {n}\n\nIt is needed.\n\n### Actions\n\n- Do {n}.\n\n" for n in "ABCD")
    got = read(text.encode(), "a.md")
    assert [p.lead_in for p in got.passages] == ["", "Actions"] * 4
    assert [s.path for s in got.outline] == [(f"Policy {n}",) for n in "ABCD"]
    assert got.body.count("Actions") == 4


def test_nested_lists_of_plain_text() -> None:
    got = read(
        b"Rules\n\nStaff must do these things:\n\n- Check the list.\n    - Twice a day.\n    - On paper.\n"
        b"- Sign it.\n\nThe rest is up to them.\n",
        "a.txt",
    )
    assert [p.depth for p in got.passages] == [0, 1, 2, 2, 1, 0]
    assert [p.lead_in for p in got.passages[2:4]] == ["Check the list."] * 2


@given(
    st.lists(
        st.sampled_from(
            ["# A", "## B b", "- item:", "  - sub", "Text. More.", "一、总则", "说明。又一句。", "", "  x  y "]
        )
    )
)
def test_offsets_point_at_the_text(lines: list[str]) -> None:
    for name in ("a.md", "a.txt"):
        try:
            got = read("\n".join(lines).encode(), name)
        except DocumentError:
            continue
        assert all(got.body[p.start : p.end] == p.text for p in got.passages)
        assert all(got.body[s.start : s.end] == s.path[-1] for s in got.outline)
        assert [p.start for p in got.passages] == sorted(p.start for p in got.passages)


def test_pages_of_a_plain_text_are_put_together() -> None:
    page = "Harbour Office          Notice          [Page {}]\n\n\nNotice 12       On Quays       May 2025\n\n"
    got = read(
        (
            "On Quays\n\n1. Aims ............ 1\n2. Duties .......... 2\n3. Costs ........... 2\n\n1. Aims\n\n"
            "Quays are to be swept daily, and what is found on them is to be\n" + page.format(1) + "brought "
            "ashore at once. The office says where.\n\n2. Duties\n\nEach boat has a keeper of its own.\n"
            + page.format(2)
            + "3. Costs\n\nThe boats pay for it.\n"
        ).encode(),
        "a.txt",
    )
    assert [p.text for p in got.passages] == [
        "Quays are to be swept daily, and what is found on them is to be brought ashore at once.",
        "The office says where.",
        "Each boat has a keeper of its own.",
        "The boats pay for it.",
    ]
    assert [s.path for s in got.outline] == [("1. Aims",), ("2. Duties",), ("3. Costs",)]


def test_contents_without_page_numbers_are_left_out() -> None:
    names = ("Aims of it", "Duties of boats", "Costs of it")
    listed = "".join(f"- {name}\n" for name in names)
    text = "".join(f"## {name}\n\nThe office looks after the {name.lower()}.\n\n" for name in names)
    got = read(f"# Quays\n\nThis is a notice.\n\n{listed}\n{text}".encode(), "a.md")
    assert [p.text for p in got.passages][:2] == ["This is a notice.", "The office looks after the aims of it."]
    assert len(got.passages) == 4


def test_marks_of_underlining_make_levels() -> None:
    got = read(b"Title\n*****\n\nOne\n===\n\nThe one.\n\nSub\n---\n\nThe sub.\n\nTwo\n===\n\nThe two.\n", "a.txt")
    assert [s.path for s in got.outline] == [("One",), ("One", "Sub"), ("Two",)]


def test_sizes_are_bounded() -> None:
    with pytest.raises(DocumentError, match="up to 100 MB"):
        read(bytes(100_000_001), "a.pdf")
    with pytest.raises(DocumentError, match="up to 20 MB"):
        read(b"<html>" + b"a" * 20_000_001, "a.html")
    with pytest.raises(DocumentError, match="up to 5 MB"):
        read(b"a" * 5_000_001, "a.txt")
    with pytest.raises(DocumentError, match="more than 200,000 lines"):
        read(b"a.\n" * 200_001, "a.txt")
    with pytest.raises(DocumentError, match="too many lines or marks"):
        read(b"*" * 100_001, "a.md")
    with pytest.raises(DocumentError, match="give a document with full stops"):
        read(b"the council builds roads and " * 3_000, "a.txt")
    with pytest.raises(DocumentError, match="more than 100,000 sentences"):
        read(b"Ab cd. " * 100_002, "a.txt")


def test_a_name_cannot_bring_lines_or_colours_into_an_error() -> None:
    with pytest.raises(DocumentError) as caught:
        read(b"", "a\n\x1b[31mb.txt")
    assert str(caught.value).isprintable()


def only_text_or_error(data: bytes, name: str, media: str | None = None) -> None:
    try:
        got = read(data, name, media)
    except PolicyCompareError as error:
        assert str(error).isprintable()
        return
    assert isinstance(got, Text)
    assert got.passages
    for at, passage in enumerate(got.passages):
        assert isinstance(passage, Passage)
        assert passage.order == at
        assert passage.text == passage.text.strip() != ""
        assert passage.text.isprintable()
        assert passage.section == () or passage.section in got.sections


NAMES = st.sampled_from(["a.txt", "a.md", "a.html", "a.pdf", "a.docx", "a", "a.zh.txt"])
MEDIA = st.sampled_from([None, "text/html", "text/html; charset=gb2312", "application/pdf", "text/plain; charset=x"])
HEADS = st.sampled_from([b"", b"%PDF-1.7\n", b"<html>", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"# ", b"---\n"])


@given(HEADS, st.binary(max_size=400), NAMES, MEDIA)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes(head: bytes, data: bytes, name: str, media: str | None) -> None:
    only_text_or_error(head + data, name, media)


@given(st.text(max_size=400), NAMES)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text(text: str, name: str) -> None:
    only_text_or_error(text.encode("utf-8", "surrogatepass"), name)


@given(
    st.lists(
        st.sampled_from(
            [
                *("<div>", "</div>", "<p>", "<b>", "</b>", "<li>", "<br>", "<h2>", "</h2>", "<table><tr><td>", "<!--"),
                *("-->", "<script>", "</script>", "<nav>", "1. Roads ", "一、道路", "They are long. ", "&#x1b;[0m"),
                *("<![CDATA[", "]]>"),
            ]
        ),
        max_size=40,
    )
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_tag_soup(parts: list[str]) -> None:
    only_text_or_error("".join(parts).encode(), "a.html")


@given(
    st.lists(
        st.sampled_from(
            ["# ", "## ", "- ", "1. ", "\n", "\n\n", "    ", "> ", "{p. 3}", "{", "}", "Roads are long. ", "```"]
        )
        | st.sampled_from(
            ["|a|b|\n|-|-|\n|c|d|\n", "[x](y)", "***", "<p>", "---\n", "一、", "（一）", "。", "\x1b[0m"]
        ),
        max_size=40,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_markdown(parts: list[str]) -> None:
    only_text_or_error("".join(parts).encode(), "a.md")
    only_text_or_error("".join(parts).encode(), "a.txt")
