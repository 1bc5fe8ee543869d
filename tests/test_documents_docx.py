"""Reading of Word files: what a reader of the printed page reads, and nothing that stands around it."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compare.documents import ContentsEntry, Text, read
from compare.documents.docx import _counted
from compare.errors import DocumentError, PolicyCompareError

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def texts(text: Text) -> list[str]:
    return [passage.text for passage in text.passages]


def headings(text: Text) -> list[str]:
    return [path[-1] for path in text.sections]


def packed(parts: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def word(body: str, styles: str = "", numbering: str = "", **parts: str) -> bytes:
    """A Word file of a body's XML, and of styles and numbers where they are given."""
    made: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS,
        "word/document.xml": f'<?xml version="1.0"?><w:document {SPACES}><w:body>{body}</w:body></w:document>',
    }
    if styles:
        made["word/styles.xml"] = f"<w:styles {SPACES}>{styles}</w:styles>"
    if numbering:
        made["word/numbering.xml"] = f"<w:numbering {SPACES}>{numbering}</w:numbering>"
    made.update({name.replace("__", "/"): content for name, content in parts.items()})
    return packed(made)


def p(text: str, properties: str = "", run: str = "") -> str:
    inner = f"<w:r><w:rPr>{run}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def styled(text: str, style: str) -> str:
    return p(text, f'<w:pStyle w:val="{style}"/>')


def saved(document: docx.document.Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# --- a document as Word and its kin write it ---


def test_a_document_made_by_another_program() -> None:
    document = docx.Document()
    document.core_properties.title = "Word Document"
    document.add_paragraph("A Plan for Roads", style="Title")
    document.add_paragraph("Adopted in the harbour town", style="Subtitle")
    document.add_paragraph("The keepers agreed on this. They signed it.")
    document.add_heading("Roads", 1)
    document.add_paragraph("Roads are long.")
    document.add_paragraph("Mend the roads in this order:")
    document.add_paragraph("Steep roads.", style="List Bullet")
    document.add_paragraph("Northern ones.", style="List Bullet 2")
    document.add_paragraph("Gentle roads.", style="List Number")
    document.add_heading("Hills", 2)
    line = document.add_paragraph("Hills are ")
    line.add_run("steep").bold = True
    line.add_run(" and\thigh.")
    line.runs[-1].add_break()
    line.add_run("They are old.")
    table = document.add_table(2, 2)
    cells = [cell for row in table.rows for cell in row.cells]
    for cell, text in zip(cells, ["One.", "Two.", "Three.", "Four."], strict=True):
        cell.text = text
    document.add_heading("Bridges", 1)
    document.add_paragraph("Bridges are high.")
    document.sections[0].header.paragraphs[0].text = "Draft of the third of May."
    document.sections[0].footer.paragraphs[0].text = "Page 1 of 9."
    got = read(saved(document), "plan.docx")
    assert got.title == "A Plan for Roads"
    assert got.sections == (("Roads",), ("Roads", "Hills"), ("Bridges",))
    assert [(q.text, q.depth) for q in got.passages] == [
        ("The keepers agreed on this.", 0),
        ("They signed it.", 0),
        ("Roads are long.", 0),
        ("Mend the roads in this order:", 0),
        ("Steep roads.", 1),
        ("Northern ones.", 2),
        ("Gentle roads.", 1),
        ("Hills are steep and high.", 0),
        ("They are old.", 0),
        ("One.", 0),
        ("Two.", 0),
        ("Three.", 0),
        ("Four.", 0),
        ("Bridges are high.", 0),
    ]
    assert got.passages[5].lead_in == "Steep roads."
    assert {q.page for q in got.passages} == {None}
    assert all(got.body[q.start : q.end] == q.text for q in got.passages)
    assert got.notices == ()


def test_the_title_of_the_properties() -> None:
    document = docx.Document()
    document.core_properties.title = "A Plan for Roads"
    document.add_paragraph("Roads are long.")
    assert read(saved(document), "plan.docx").title == "A Plan for Roads"
    for template in ("Microsoft Word - plan_v3.doc", "Normal", "Untitled", "plan final.docx", "文档1", ""):
        document.core_properties.title = template
        assert read(saved(document), "plan.docx").title is None, template


def test_what_is_called_heading_in_another_language() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr>'
        '</w:style><w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="Überschrift 2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="a3"><w:name w:val="小标题"/><w:basedOn w:val="a4"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="a4"><w:name w:val="x"/><w:basedOn w:val="a5"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="a5"><w:name w:val="y"/><w:basedOn w:val="a3"/>'
        '<w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="n"><w:name w:val="no heading"/><w:basedOn w:val="1"/>'
        '<w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
    )
    body = (
        styled("Roads", "1") + styled("Hills", "berschrift2") + styled("Steep ones", "a3") + p("They are steep.")
        + p("Direct", '<w:outlineLvl w:val="1"/>') + styled("This is text.", "n") + styled("Bridges", "1")
        + p("They are high.")
    )  # fmt: skip
    got = read(word(body, styles), "plan.docx")
    assert got.sections == (
        ("Roads",),
        ("Roads", "Hills"),
        ("Roads", "Hills", "Steep ones"),
        ("Roads", "Direct"),
        ("Bridges",),
    )
    assert texts(got) == ["They are steep.", "This is text.", "They are high."]


# --- automatic numbers ---


def level(at: int, form: str, text: str, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbered(identifier: int, *levels: str, more: str = "") -> str:
    return (
        f'<w:abstractNum w:abstractNumId="{identifier}">{"".join(levels)}</w:abstractNum>'
        f'<w:num w:numId="{identifier}"><w:abstractNumId w:val="{identifier}"/>{more}</w:num>'
    )


def listed(text: str, number: int, at: int = 0, more: str = "") -> str:
    return p(text, f'{more}<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{number}"/></w:numPr>')


STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="H{n}"><w:name w:val="heading {n}"/><w:pPr><w:numPr>'
    f'<w:ilvl w:val="{n - 1}"/><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="{n - 1}"/></w:pPr></w:style>'
    for n in (1, 2, 3)
)


def test_headings_read_as_they_are_printed() -> None:
    numbers = numbered(
        1, level(0, "decimal", "%1."), level(1, "decimal", "%1.%2"), level(2, "lowerLetter", "(%3)")
    )  # fmt: skip
    body = "".join(
        styled(text, style) + p("Text of it.")
        for text, style in [
            ("Roads", "H1"), ("Hills", "H2"), ("Steep", "H3"), ("Gentle", "H3"), ("Dales", "H2"), ("Bridges", "H1"),
            ("Arches", "H2"),
        ]
    )  # fmt: skip
    got = read(word(body, STYLES, numbers), "plan.docx")
    assert headings(got) == [
        "1. Roads", "1.1 Hills", "(a) Steep", "(b) Gentle", "1.2 Dales", "2. Bridges", "2.1 Arches",
    ]  # fmt: skip


def test_chinese_headings_read_as_they_are_printed() -> None:
    numbers = numbered(
        1,
        level(0, "chineseCountingThousand", "%1、", '<w:suff w:val="nothing"/>'),
        level(1, "chineseCounting", "（%2）", '<w:suff w:val="nothing"/>'),
        level(2, "decimal", "%3."),
    )
    body = (
        styled("总体要求", "H1") + p("坚持先急后缓。") + styled("重点任务", "H1")
        + styled("加强养护。各地要按时养护道路。", "H2") + styled("改进桥梁。每年检查桥梁两次。", "H2")
    )  # fmt: skip
    got = read(word(body, STYLES, numbers), "plan.docx")
    assert got.sections == (
        ("一、总体要求",),
        ("二、重点任务",),
        ("二、重点任务", "（一）加强养护"),
        ("二、重点任务", "（二）改进桥梁"),
    )
    assert texts(got) == ["坚持先急后缓。", "各地要按时养护道路。", "每年检查桥梁两次。"]


def test_numbers_start_and_restart_as_told() -> None:
    numbers = (
        numbered(1, level(0, "upperRoman", "%1."), level(1, "decimal", "%2)", '<w:lvlRestart w:val="0"/>'))
        + '<w:num w:numId="7"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/>'
        "</w:lvlOverride></w:num>"
    )
    heading = '<w:outlineLvl w:val="{}"/>'
    body = "".join(
        listed(text, number, at, heading.format(at)) + p("Text.")
        for text, number, at in [("A", 1, 0), ("B", 1, 1), ("C", 1, 0), ("D", 1, 1), ("E", 7, 0), ("F", 7, 0)]
    )
    assert headings(read(word(body, "", numbers), "a.docx")) == ["I. A", "1) B", "II. C", "2) D", "IV. E", "V. F"]


def test_a_level_that_restarts_only_below_an_outer_one() -> None:
    numbers = numbered(
        1,
        level(0, "decimal", "%1."),
        level(1, "decimal", "%2."),
        level(2, "decimal", "%3)", '<w:lvlRestart w:val="1"/>'),
    )
    body = "".join(
        listed(text, 1, at, f'<w:outlineLvl w:val="{at}"/>') + p("Text.")
        for text, at in [("A", 0), ("B", 1), ("C", 2), ("D", 1), ("E", 2), ("F", 0), ("G", 1), ("H", 2)]
    )
    got = read(word(body, "", numbers), "a.docx")
    assert headings(got) == ["1. A", "1. B", "1) C", "2. D", "2) E", "2. F", "1. G", "1) H"]


def test_lists_through_styles_and_levels_and_by_hand() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="L"><w:name w:val="My list"/><w:pPr><w:numPr><w:numId w:val="2"/>'
        "</w:numPr></w:pPr></w:style>"
        '<w:style w:type="paragraph" w:styleId="LL"><w:name w:val="Lower"/><w:basedOn w:val="L"/>'
        '<w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    numbers = numbered(2, level(0, "bullet", "\uf0b7"), level(1, "bullet", "o"), level(2, "lowerRoman", "%3."))
    body = (
        p("The roads are these:") + styled("Steep ones.", "L") + styled("Northern ones.", "LL")
        + listed("Very high ones.", 2, 2) + listed("No list at all.", 0) + p("- Gentle ones.")
        + p("• Narrow ones.", '<w:ind w:left="720"/>') + p("(a) Wide ones.") + p("Roads end here.")
    )  # fmt: skip
    got = read(word(body, styles, numbers), "plan.docx")
    assert [(q.text, q.depth) for q in got.passages] == [
        ("The roads are these:", 0),
        ("Steep ones.", 1),
        ("Northern ones.", 2),
        ("Very high ones.", 3),
        ("No list at all.", 0),
        ("Gentle ones.", 1),
        ("Narrow ones.", 2),
        ("(a) Wide ones.", 1),
        ("Roads end here.", 0),
    ]


@pytest.mark.parametrize(
    ("count", "form", "printed"),
    [
        (4, "upperRoman", "IV"),
        (1999, "lowerRoman", "mcmxcix"),
        (27, "lowerLetter", "aa"),
        (3, "upperLetter", "C"),
        (10, "chineseCounting", "十"),
        (12, "chineseCountingThousand", "十二"),
        (21, "ideographDigital", "二十一"),
        (105, "japaneseCounting", "一百零五"),
        (110, "chineseCounting", "一百一十"),
        (3, "decimalEnclosedCircle", "③"),
        (7, "decimalZero", "07"),
        (2, "ordinal", "2nd"),
        (12, "ordinal", "12th"),
        (2, "ideographTraditional", "乙"),
        (5, "notKnown", "5"),
        (0, "lowerRoman", "0"),
        (5, "bullet", ""),
    ],
)
def test_how_numbers_are_written(count: int, form: str, printed: str) -> None:
    assert _counted(count, form) == printed


# --- without styles ---


def test_headings_that_only_their_print_tells() -> None:
    body = (
        p("A Plan for Roads", '<w:jc w:val="center"/>', "<w:b/>") + p("The keepers agreed on this.")
        + p("Chapter 1 Roads") + p("Roads are long.") + p("Hills", "", "<w:b/>") + p("Hills are steep.")
        + p("Chapter 2 Bridges") + p("Article 1") + p("Arches", "", "<w:b/>") + p("Arches are round.")
        + p("This is important.", "", "<w:b/>") + p("Not bold", "", '<w:b w:val="0"/>')
    )  # fmt: skip
    got = read(word(body), "plan.docx")
    assert got.title == "A Plan for Roads"
    assert headings(got) == ["Chapter 1 Roads", "Hills", "Chapter 2 Bridges", "Article 1 Arches"]
    assert "This is important." in texts(got)


def test_a_chinese_notice_without_styles() -> None:
    body = (
        p("关于修路的意见", '<w:jc w:val="center"/>') + p("各地要修好每一条路。") + p("一、总体要求")
        + p("坚持先急后缓。") + p("二、重点任务") + p("（一）加强养护。各地要按时养护道路。")
        + p("（二）改进桥梁。每年检查桥梁两次。")
    )  # fmt: skip
    got = read(word(body), "plan.docx")
    assert got.title == "关于修路的意见"
    assert got.sections == (
        ("一、总体要求",),
        ("二、重点任务",),
        ("二、重点任务", "（一）加强养护"),
        ("二、重点任务", "（二）改进桥梁"),
    )
    assert texts(got)[-1] == "每年检查桥梁两次。"


@pytest.mark.parametrize("core", ["", "Another document altogether"])
def test_the_title_that_is_printed_counts(core: str) -> None:
    properties = (
        f'<cp:coreProperties xmlns:cp="x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{core}</dc:title>'
        "</cp:coreProperties>"
    )
    centred = '<w:jc w:val="center"/>'
    chinese = p("关于深入修好", centred) + p("全国道路的意见", centred) + p("南发〔2025〕6号", centred)
    chinese += p("各地要修好每一条路。")
    got = read(word(chinese, "", "", **{"docProps__core.xml": properties}), "a.docx")
    assert got.title == "关于深入修好全国道路的意见"
    assert texts(got) == ["各地要修好每一条路。"]
    english = p("A Plan for Roads", centred, "<w:b/>") + p("3 May 2025", centred) + p("Roads are long.")
    got = read(word(english, "", "", **{"docProps__core.xml": properties}), "a.docx")
    assert (got.title, texts(got), got.sections) == ("A Plan for Roads", ["Roads are long."], ())


# --- the table of contents ---

CONTENTS_STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="TOC{n}"><w:name w:val="toc {n}"/></w:style>' for n in (1, 2)
) + "".join(
    f'<w:style w:type="paragraph" w:styleId="H{n}"><w:name w:val="heading {n}"/></w:style>' for n in (1, 2)
)  # fmt: skip


def entry(text: str, page: str, style: str, before: str = "", after: str = "") -> str:
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{before}<w:r><w:t>{text}</w:t></w:r><w:r><w:tab/></w:r>'
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGEREF _Toc1 \\h</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{page}</w:t></w:r>'
        f'<w:r><w:fldChar w:fldCharType="end"/></w:r>{after}</w:p>'
    )


BEGIN = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TOC \\o "1-3" \\h </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
)
END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
FOUND = (
    styled("Roads", "H1") + p("Roads are long.") + styled("Hills", "H2") + p("Hills are steep.")
    + styled("Bridges", "H1") + p("Bridges are high.")
)  # fmt: skip
WANTED = (ContentsEntry("Roads", "3"), ContentsEntry("Hills", "4", 1), ContentsEntry("Bridges", "iv"))


@pytest.mark.parametrize("way", ["frame", "field", "styles"])
def test_the_table_of_contents_is_no_text(way: str) -> None:
    begin, end = (BEGIN, END) if way == "field" else ("", "")
    style = ("TOC1", "TOC2") if way != "field" else ("Normal", "Normal")
    table = p("Contents", "", "<w:b/>") + entry("Roads", "3", style[0], begin) + entry("Hills", "4", style[1])
    table += entry("Bridges", "iv", style[0], "", end)
    if way == "frame":
        table = (
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
            f"<w:sdtContent>{table}</w:sdtContent></w:sdt>"
        )
    got = read(word(p("The keepers agreed.") + table + FOUND, CONTENTS_STYLES), "plan.docx")
    assert texts(got) == ["The keepers agreed.", "Roads are long.", "Hills are steep.", "Bridges are high."]
    assert headings(got) == ["Roads", "Hills", "Bridges"]
    assert [(e.title, e.page_label) for e in got.contents] == [(e.title, e.page_label) for e in WANTED]
    if way != "field":
        assert got.contents == WANTED
    assert got.notices == ()


def test_a_table_of_contents_typed_by_hand() -> None:
    def line(text: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    table = line("CONTENTS") + line("1. Roads ........ 3") + line("2. Bridges…………12")
    body = (
        p("The keepers agreed.") + table + p("1. Roads") + p("Roads are long.") + p("2. Bridges")
        + p("Bridges are high.")
    )  # fmt: skip
    got = read(word(body), "plan.docx")
    assert texts(got) == ["The keepers agreed.", "Roads are long.", "Bridges are high."]
    assert got.contents == (ContentsEntry("1. Roads", "3"), ContentsEntry("2. Bridges", "12"))


def test_headings_that_the_table_of_contents_has_and_the_text_has_not() -> None:
    table = entry("Roads", "3", "TOC1") + entry("1.1 Hills", "4", "TOC2") + entry("Inns", "5", "TOC1")
    got = read(word(table + FOUND, CONTENTS_STYLES), "plan.docx")
    assert got.notices == ('plan.docx: 1 of 3 entries of the table of contents was not found as a heading: "Inns"',)


@pytest.mark.parametrize("begin", [BEGIN, BEGIN.replace("TOC", "REF"), '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'])
def test_a_field_that_never_ends_swallows_nothing(begin: str) -> None:
    body = p("Roads are long.") + f"<w:p>{begin}</w:p>" + p("Bridges are high.") + p("Inns are open.")
    assert texts(read(word(body), "a.docx")) == ["Roads are long.", "Bridges are high.", "Inns are open."]


# --- what is printed, and what is not ---


def r(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def field(code: str, result: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{code[:3]}</w:instrText></w:r><w:r><w:instrText>{code[3:]}</w:instrText></w:r>"
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize(
    ("inner", "printed"),
    [
        (r("Roads") + f"<w:del>{r(' never')}</w:del><w:ins>{r(' always')}</w:ins>" + r(" end."), "Roads always end."),
        (r("Roads") + f"<w:moveFrom>{r(' never')}</w:moveFrom>" + r(" end."), "Roads end."),
        (r("Roads") + f"<w:moveTo>{r(' may')}</w:moveTo>" + r(" end."), "Roads may end."),
        (r("Roads") + r(" secretly", "<w:vanish/>") + r(" end."), "Roads end."),
        (r("Roads") + r(" openly", '<w:vanish w:val="false"/>') + r(" end."), "Roads openly end."),
        (f'<w:hyperlink r:id="r9">{r("Roads")}</w:hyperlink>' + r(" end."), "Roads end."),
        (f"<w:sdt><w:sdtContent>{r('Roads')}</w:sdtContent></w:sdt>" + r(" end."), "Roads end."),
        (f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('Click here.')}</w:sdtContent></w:sdt>"
         + r("Roads end."), "Roads end."),
        (f"<w:smartTag>{r('Roads')}</w:smartTag>" + r(" end."), "Roads end."),
        (r("Roads") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + r(" end."), "Roads end."),
        (r("Roads end on page") + field(" PAGE ", "7") + r("."), "Roads end on page."),
        (r("Roads end at ") + field(" REF a \\h ", "Hill") + r("."), "Roads end at Hill."),
        (r("Roads end ") + f'<w:fldSimple w:instr=" REF a ">{r("here")}</w:fldSimple>' + r("."), "Roads end here."),
        ("<w:r><w:t>Roads</w:t><w:br/><w:t>end</w:t><w:tab/><w:t>here.</w:t></w:r>", "Roads end here."),
        ("<w:r><w:t>Ro</w:t><w:softHyphen/><w:t>ads\u00ad run north</w:t><w:noBreakHyphen/><w:t>south.</w:t></w:r>",
         "Roads run north-south."),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0A7"/></w:r>' + r("\uf0b7 Roads end."), "Roads end."),
        (r("Roads end ") + '<w:r><w:sym w:font="Symbol" w:char="00B1"/></w:r>' + r("2 miles off."),
         "Roads end ±2 miles off."),
        (f"<w:r><w:ruby><w:rt>{r('dao')}</w:rt><w:rubyBase>{r('Roads')}</w:rubyBase></w:ruby></w:r>" + r(" end."),
         "Roads end."),
        (r("Roads end at ") + "<m:oMath><m:r><m:t>x=2</m:t></m:r></m:oMath>" + r("."), "Roads end at x=2."),
        (f"<w:commentRangeStart w:id='1'/>{r('Roads end.')}<w:commentRangeEnd w:id='1'/>"
         "<w:r><w:commentReference w:id='1'/></w:r>", "Roads end."),
    ],
)  # fmt: skip
def test_what_of_a_paragraph_is_printed(inner: str, printed: str) -> None:
    assert read(word(f"<w:p>{inner}</w:p>"), "a.docx").body == printed


def test_notes_comments_headers_and_footers_stay_out() -> None:
    foreign = f"<w:x {SPACES}>{p('Foreign words stand here.')}</w:x>"
    names = ("footnotes", "endnotes", "comments", "header1", "footer1")
    parts = {f"word__{name}.xml": foreign for name in names}
    assert texts(read(word(p("Roads are long."), "", "", **parts), "a.docx")) == ["Roads are long."]


def test_a_box_is_read_once_and_behind_its_paragraph() -> None:
    box = f"<w:txbxContent>{p('In the box.')}</w:txbxContent>"
    body = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>" + box + "</wps:txbx></mc:Choice>"
        "<mc:Fallback><w:pict><v:textbox>" + box + "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        + r("Around the box.") + "</w:p>" + p("After the box.")
    )  # fmt: skip
    assert texts(read(word(body), "a.docx")) == ["Around the box.", "In the box.", "After the box."]


def test_paragraphs_joined_by_a_deletion_and_initials_that_hang() -> None:
    body = (
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + r("Roads are ") + "</w:p>" + p("long.")
        + p("B", '<w:framePr w:dropCap="drop"/>') + p("ridges are high.")
        + f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:del>{r('Gone.')}</w:del></w:p>" + p("Inns are open.")
    )  # fmt: skip
    assert texts(read(word(body), "a.docx")) == ["Roads are long.", "Bridges are high.", "Inns are open."]


def test_tables_row_by_row_without_deleted_rows() -> None:
    def row(*cells: str, properties: str = "") -> str:
        return (
            f"<w:tr><w:trPr>{properties}</w:trPr>"
            + "".join(f"<w:tc>{p(c, '', '<w:b/>')}</w:tc>" for c in cells)
            + "</w:tr>"
        )

    inner = f"<w:tbl>{row('An inner cell.')}</w:tbl>"
    body = (
        p("The keepers agreed.") + "<w:tbl>" + row("Road", "Length", properties="<w:tblHeader/>")
        + row("The first.", "Long.") + row("Gone.", "Gone.", properties="<w:del/>")
        + f"<w:tr><w:tc>{inner}{p('The last.')}</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    got = read(word(body), "a.docx")
    assert texts(got) == [
        "The keepers agreed.", "Road", "Length", "The first.", "Long.", "An inner cell.", "The last.",
    ]  # fmt: skip
    assert got.sections == ()


def test_parts_of_other_files_are_told() -> None:
    got = read(word(p("Roads are long.") + '<w:altChunk r:id="r5"/>'), "a.docx")
    assert got.notices == ("a.docx: parts taken in from other files are not read; save the document whole in Word",)


# --- the ways in which Word writes files ---


def test_the_strict_namespace_and_other_names_of_parts() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    got = packed(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELATIONS.replace("word/document.xml", "/word/main2.xml"),
            "Word/Main2.xml": f'<w:document xmlns:w="{strict}"><w:body><w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr>'
            "<w:r><w:t>Roads</w:t></w:r></w:p><w:p><w:r><w:t>Roads are long.</w:t></w:r></w:p></w:body></w:document>",
        }
    )
    text = read(got, "a.docx")
    assert (headings(text), texts(text)) == (["Roads"], ["Roads are long."])


@pytest.mark.parametrize("name", ["a.docm", "a.dotx", "a", "https://example.org/a.docx?download=1"])
def test_word_files_of_any_name(name: str) -> None:
    assert texts(read(word(p("Roads are long.")), name)) == ["Roads are long."]


def test_utf_16() -> None:
    source = (
        f'<?xml version="1.0" encoding="UTF-16"?><w:document {SPACES}><w:body>{p("道路很长。")}</w:body></w:document>'
    )
    got = read(packed({"_rels/.rels": RELATIONS, "word/document.xml": source.encode("utf-16")}), "a.docx")
    assert texts(got) == ["道路很长。"]


# --- hostile files ---

DOCUMENT = f"<w:document {SPACES}><w:body>{p('Roads are long.')}</w:body></w:document>"


def refused(data: bytes, name: str = "a.docx") -> str:
    with pytest.raises(DocumentError) as caught:
        read(data, name)
    line = str(caught.value)
    assert line.isprintable() and line.startswith(f"{name}: ")
    return line


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "word/numbering.xml", "docProps/core.xml"])
@pytest.mark.parametrize("kind", ["laughs", "external", "parameter"])
def test_document_types_are_refused(part: str, kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("swordfish", encoding="utf-8")
    subset = {
        "laughs": '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)),
        "external": f'<!ENTITY l11 SYSTEM "{secret.as_uri()}">',
        "parameter": f'<!ENTITY % x SYSTEM "{secret.as_uri()}">%x;<!ENTITY l11 "ha">',
    }[kind]
    root = DOCUMENT.replace("Roads are long.", "&l11;") if part == "word/document.xml" else "<x>&l11;</x>"
    parts: dict[str, str | bytes] = {"_rels/.rels": RELATIONS, "word/document.xml": DOCUMENT}
    parts[part] = f"<!DOCTYPE x [{subset}]>{root}"
    line = refused(packed(parts))
    assert part in line and "swordfish" not in line


def test_an_entity_within_an_attribute_is_refused() -> None:
    laughs = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    root = DOCUMENT.replace("<w:body>", '<w:body w:x="&l11;">')
    assert "word/document.xml" in refused(packed({"word/document.xml": f"<!DOCTYPE x [{laughs}]>{root}"}))


@pytest.mark.parametrize("tag", ["w:sdt", "w:tbl", "w:p", "w:r", "x"])
def test_nesting_too_deep_is_refused(tag: str) -> None:
    deep = f"<{tag}>" * 100_000 + f"</{tag}>" * 100_000
    assert "nested too deep" in refused(packed({"word/document.xml": DOCUMENT.replace("<w:body>", f"<w:body>{deep}")}))


def test_sizes_are_bounded() -> None:
    assert "more than 100 MB once unpacked" in refused(packed({"word/document.xml": b"<x>" + bytes(100_000_001)}))
    many = {f"word/{n}": "" for n in range(5_001)}
    assert "5,001 parts; Word files of up to 5,000 are read" in refused(packed(many, zipfile.ZIP_STORED))
    marks = b"<w:p/>" * 1_200_001
    assert "more than 1,200,000 marks" in refused(packed({"word/document.xml": b"<x>" + marks + b"</x>"}))


def test_styles_are_bounded_and_may_loop() -> None:
    style = '<w:style w:type="paragraph" w:styleId="s{}"><w:basedOn w:val="s{}"/></w:style>'
    body = styled("Roads are long.", "s0")
    ring = "".join(style.format(n, (n + 1) % 20_000) for n in range(20_000))
    assert texts(read(word(body, ring), "a.docx")) == ["Roads are long."]
    assert "more than 20,000 styles" in refused(word(body, ring + style.format("x", "y")))


def test_a_size_that_the_archive_belies() -> None:
    data = packed({"word/document.xml": DOCUMENT + " " * 3_000_000})
    size = (len(DOCUMENT.encode()) + 3_000_000).to_bytes(4, "little")
    assert data.count(size) == 2
    line = refused(data.replace(size, (100).to_bytes(4, "little")))
    assert "word/document.xml" in line


def test_archives_that_are_broken_or_locked() -> None:
    good = word(p("Roads are long."))
    assert "broken archive" in refused(good[: len(good) // 2])
    assert "broken archive" in refused(b"PK\x03\x04" + b"x" * 50)
    assert "word/document.xml is missing" in refused(packed({"word/styles.xml": "<x/>"}))
    # The bit that says "encrypted", in the entries of the directory.
    locked = bytearray(good)
    at = locked.find(b"PK\x01\x02")
    while at >= 0:
        locked[at + 8] |= 1
        at = locked.find(b"PK\x01\x02", at + 1)
    assert "encrypted; save it without a password" in refused(bytes(locked))
    assert "packed in a way" in refused(packed({"word/document.xml": DOCUMENT}, zipfile.ZIP_LZMA))
    body = zlib.compress(DOCUMENT.encode())
    stored = packed({"word/document.xml": body}, zipfile.ZIP_STORED)
    assert "no well-formed XML" in refused(stored)


def test_names_that_lead_out_of_the_archive_lead_nowhere(tmp_path: Path) -> None:
    relations = RELATIONS.replace("word/document.xml", "../../../../etc/passwd")
    external = RELATIONS.replace('Target="word', 'TargetMode="External" Target="https://example.org/word')
    for one in (relations, external):
        data = packed({"_rels/.rels": one, "../../evil.txt": "x", "/word/document.xml": DOCUMENT})
        assert texts(read(data, "a.docx")) == ["Roads are long."]


@pytest.mark.parametrize(
    ("parts", "name", "what"),
    [
        ({"[Content_Types].xml": TYPES, "xl/workbook.xml": "<x/>"}, "a.xlsx", "an Excel workbook"),
        ({"[Content_Types].xml": TYPES, "ppt/presentation.xml": "<x/>"}, "a.pptx", "a PowerPoint file"),
        (
            {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"},
            "a.odt",
            "an OpenDocument file",
        ),
        ({"mimetype": "application/epub+zip", "META-INF/container.xml": "<x/>"}, "a.epub", "an EPUB book"),
        ({"plan.pdf": "x"}, "a.zip", "an archive cannot be read; unpack it"),
        ({}, "a.zip", "an archive cannot be read; unpack it"),
    ],
)
def test_other_archives(parts: dict[str, str | bytes], name: str, what: str) -> None:
    assert what in refused(packed(parts), name)


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        ("EncryptedPackage", "protected by a password; take the password off"),
        ("WordDocument", "a Word file of the old kind"),
        ("Workbook", "an old Office file"),
    ],
)
def test_old_and_locked_office_files(inside: str, what: str) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + inside.encode("utf-16-le") + bytes(512)
    assert what in refused(data, "a.docx")


def test_a_word_file_that_is_none() -> None:
    assert "it is no Word file" in refused(b"Roads are long.", "a.docx")


# --- any file ---


def only_text_or_error(data: bytes) -> None:
    try:
        got = read(data, "a.docx")
    except PolicyCompareError as error:
        assert str(error).isprintable()
        assert str(error).startswith("a.docx: ")
        return
    assert got.passages
    for passage in got.passages:
        assert got.body[passage.start : passage.end] == passage.text
        assert passage.text.isprintable()
        assert passage.section == () or passage.section in got.sections
    for section in got.outline:
        assert got.body[section.start : section.end] == section.path[-1]


def seed() -> bytes:
    document = docx.Document()
    document.add_heading("Roads", 1)
    document.add_paragraph("Roads are long.", style="List Number 2")
    document.element.body.insert(0, parse_xml(f"<w:p {SPACES}>{BEGIN}{r('Roads')}{END}</w:p>"))
    return saved(document)


SEED = seed()
with zipfile.ZipFile(io.BytesIO(SEED)) as _archive:
    PARTS = {name: _archive.read(name) for name in _archive.namelist()}
CHANGES = st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 20), st.binary(max_size=8)), max_size=8)


def changed(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, new in changes:
        at %= len(data) + 1
        data = data[:at] + new + data[at + length :]
    return data


@given(CHANGES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_mutation_of_the_archive(changes: list[tuple[int, int, bytes]]) -> None:
    only_text_or_error(changed(SEED, changes))


@given(
    st.sampled_from(["word/document.xml", "word/styles.xml", "word/numbering.xml", "_rels/.rels", "docProps/core.xml",
                     "word/_rels/document.xml.rels"]),
    CHANGES,
)  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_mutation_of_a_part(part: str, changes: list[tuple[int, int, bytes]]) -> None:
    only_text_or_error(packed({**PARTS, part: changed(PARTS[part], changes)}, zipfile.ZIP_STORED))


PIECES = [
    *("<w:p>", "</w:p>", "<w:r>", "</w:r>", "<w:t>Roads are long.</w:t>", "<w:t>1. Roads</w:t>", "<w:tbl><w:tr><w:tc>"),
    *("</w:tc></w:tr></w:tbl>", "<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>", BEGIN, END, field("PAGE", "7")),
    *(
        "<w:del>",
        "</w:del>",
        "<w:pPr><w:pStyle w:val='Heading1'/></w:pPr>",
        "<w:pPr><w:outlineLvl w:val='99'/></w:pPr>",
    ),
    *(
        "<w:pPr><w:numPr><w:ilvl w:val='3'/><w:numId w:val='1'/></w:numPr></w:pPr>",
        "<w:t>一、道路</w:t>",
        p("Contents"),
    ),
    *("<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>", "<w:txbxContent>", "</w:txbxContent>", "<w:t>\x85（一）道路。</w:t>"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_of_elements(pieces: list[str]) -> None:
    opened: list[str] = []
    body = ""
    for piece in pieces:
        if piece.startswith("</"):
            if piece not in opened:
                continue
            while opened[-1] != piece:
                body += opened.pop()
            body += opened.pop()
            continue
        body += piece
        for start, end in (("<w:p>", "</w:p>"), ("<w:r>", "</w:r>"), ("<w:del>", "</w:del>"),
                           ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"), ("<w:txbxContent>", "</w:txbxContent>"),
                           ("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>")):  # fmt: skip
            if piece == start:
                opened.append(end)
    only_text_or_error(word(body + "".join(reversed(opened)), STYLES, numbered(1, level(3, "lowerRoman", "%1%4."))))
