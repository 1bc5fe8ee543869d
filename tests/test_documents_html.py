"""Reading of HTML: the headings and sentences of a page's text, and nothing of what stands around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compare.documents import ContentsEntry, Text, read
from compare.errors import DocumentError, PolicyCompareError

FIXTURES = Path(__file__).parent / "fixtures"


def texts(text: Text) -> list[str]:
    return [passage.text for passage in text.passages]


def headings(text: Text) -> list[str]:
    return [path[-1] for path in text.sections]


def page(body: str, head: str = "<title>Road Plan</title>") -> Text:
    return read(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(), "page.html")


OPENING = "<p>The keepers of the roads met in the harbour town and agreed on what follows.</p>"
SENTENCE = "The keepers of the roads met in the harbour town and agreed on what follows."

# --- the page as such ---

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Road Appeal | Ministry</title>
<style>p {color: red}</style></head><body>
<nav><a href="/">Home of the ministry.</a></nav><div class="breadcrumb">Home &gt; News.</div>
<div id="content"><h1>Road Appeal</h1><p>Updated: July 1, 2025</p>
<p>The roads of all countries belong together. It is the wish of all that nobody is left at the wayside.</p>
<p><strong>1. Bridges for all</strong></p><p>We call on all to build bridges. They should be open<sup>3</sup>.</p>
<ul><li>Narrow ones are good.</li><li>Wide ones are <b>better</b>.</li></ul>
<p><b>2. Ferries.</b> We propose a ferry on every river. It must be safe.</p>
<p>III. Inns</p><p>We support inns that are open to all.</p>
<script>alert('Not text.')</script><p style="display:none">Hidden words stand here.</p></div>
<footer>All rights are reserved.</footer></body></html>"""


def test_html() -> None:
    got = read(PAGE.encode(), "appeal.html")
    assert got.title == "Road Appeal"
    assert got.sections == (("1. Bridges for all",), ("2. Ferries",), ("III. Inns",))
    assert texts(got) == [
        "The roads of all countries belong together.",
        "It is the wish of all that nobody is left at the wayside.",
        "We call on all to build bridges.",
        "They should be open.",
        "Narrow ones are good.",
        "Wide ones are better.",
        "We propose a ferry on every river.",
        "It must be safe.",
        "We support inns that are open to all.",
    ]
    assert [p.bullet for p in got.passages] == [False] * 4 + [True] * 2 + [False] * 3


def test_html_headings_by_tag() -> None:
    got = read(
        b"<html><body><h1>Plan</h1><h2>Roads</h2><h3>Hills</h3><p>They are steep, and nobody likes to walk on them.</p>"
        b"<h2>Bridges</h2><p>They are high, and nobody likes to walk on them either.</p></body></html>",
        "plan.html",
    )
    assert got.sections == (("Roads",), ("Roads", "Hills"), ("Bridges",))


def test_html_is_told_by_its_content() -> None:
    assert read(PAGE.encode(), "appeal") == read(PAGE.encode(), "appeal.html")
    assert read(PAGE.encode("utf-16"), "appeal").title == "Road Appeal"
    assert read(PAGE.encode(), "https://example.org/a.php?x=1", "text/html; charset=utf-8").title == "Road Appeal"


def test_a_table_alone_is_text() -> None:
    got = page("<table><tr><td>Roads are long and old.</td><td>Bridges are high and new.</td></tr></table>")
    assert texts(got) == ["Roads are long and old.", "Bridges are high and new."]


def test_short_sentences_before_the_first_long_one_stay() -> None:
    got = page(f"<h1>Road Plan</h1><p>3 May 2025</p><p>Roads matter.</p>{OPENING}")
    assert texts(got) == ["Roads matter.", SENTENCE]


# --- pages of the Foreign Ministry and of the State Council ---

MINISTRY = [
    "Machines that learn are changing how roads are built and how towns are run.",
    "Southland holds that their benefits belong to every people, near or far from the sea.",
    "In this spirit, Southland puts forward the following plan and invites all partners to join it:",
    "We call on governments, carters' guilds and schools to share what they know about learning machines.",
    "No town should be told to wait until others have finished.",
    "We support workshops that publish their drawings.",
    "Barriers between them need to be lowered step by step, so that a good design in one valley can be tried in the "
    "next.",
    "Machines use water and power.",
    "Common measures of their use should be agreed by 2027, and sparing designs should be preferred.",
    "A machine that steers a cart must be tested before it is let onto the road.",
    "We propose:",
    "1. a register of tested machines, open to all;",
    "2. a common mark for carts that they steer.",
    "Southland will train 300 keepers from the hill countries within three years.",
    "It stands ready to lend them tools on fair terms.",
]
POINTS = [
    "I. Seizing the season together",
    "II. Opening the workshops",
    "III. Caring for water and power",
    "IV. Keeping machines safe",
    "V. Helping those who start late",
]
MINISTRY_PAGE = (FIXTURES / "foreign-ministry-page.html").read_text(encoding="utf-8")
COUNCIL_PAGE = (FIXTURES / "state-council-page.html").read_text(encoding="utf-8")


def ministry_variant(kind: str) -> str:
    """The Foreign Ministry's page with its text marked up in another of the ways that are in use."""
    start = MINISTRY_PAGE.index('<p style="text-align: center;"><strong>')
    end = MINISTRY_PAGE.index('<p style="text-align: center;"><img')
    body = MINISTRY_PAGE[start:end]
    if kind == "plain paragraphs":
        body = body.replace("<strong>", "").replace("</strong>", "")
    elif kind == "arabic numbers in bold":
        for number, roman in enumerate(("I", "II", "III", "IV", "V"), 1):
            body = body.replace(f"<strong>{roman}. ", f"<strong>{number}. ")
        body = body.replace(">1. a reg", ">(1) a reg").replace(">2. a com", ">(2) a com")
    elif kind == "one paragraph with line breaks":
        body = body.replace('<p style="text-indent: 2em; text-align: justify;">', "&emsp;&emsp;")
        body = body.replace('<p style="text-align: center;">', "").replace("</p>", "<br>")
        body = f"<p>{body}</p>"
    elif kind == "line breaks, no bold":
        body = body.replace('<p style="text-indent: 2em; text-align: justify;">', "").replace("</p>", "<br/>\n")
        body = body.replace('<p style="text-align: center;">', "")
        body = "<p>" + body.replace("<strong>", "").replace("</strong>", "") + "</p>"
    elif kind == "divisions and spans":
        body = body.replace("<p ", "<div ").replace("</p>", "</div>").replace("</strong>", "</span>")
        body = body.replace("<strong>", '<span style="font-weight: bold;">')
    elif kind == "indents of wide spaces":
        body = body.replace('<p style="text-indent: 2em; text-align: justify;">', "<p>　　")
    return MINISTRY_PAGE[:start] + body + MINISTRY_PAGE[end:]


@pytest.mark.parametrize(
    "kind",
    [
        "as it is",
        "plain paragraphs",
        "arabic numbers in bold",
        "one paragraph with line breaks",
        "line breaks, no bold",
        "divisions and spans",
        "indents of wide spaces",
    ],
)
def test_a_page_of_the_foreign_ministry(kind: str) -> None:
    got = read(ministry_variant(kind).encode(), "https://www.mfa.example/eng/zy/gb/202507/t20250712_1.html")
    assert got.title == "Southland Action Plan for Shared Roads and Open Machines"
    assert got.language == "en"
    points, sentences = POINTS, MINISTRY
    if kind == "arabic numbers in bold":
        points = [f"{at}. {point.split('. ')[1]}" for at, point in enumerate(POINTS, 1)]
        sentences = [text.replace("1. a", "(1) a").replace("2. a", "(2) a") for text in MINISTRY]
    assert headings(got) == points
    assert texts(got) == sentences
    assert got.notices == ()
    assert {len(path) for path in got.sections} == {1}


def test_a_page_of_the_foreign_ministry_without_the_names_of_its_elements() -> None:
    source = MINISTRY_PAGE.replace("News_Body_Txt_A", "x1").replace("content_text", "x2")
    source = source.replace("trs_editor_view TRS_UEDITOR trs_paper_default trs_web", "x3")
    got = read(source.encode(), "a.html")
    assert (got.title, headings(got), texts(got)) == (
        "Southland Action Plan for Shared Roads and Open Machines",
        POINTS,
        MINISTRY,
    )


COUNCIL = [
    "各州人民政府，政务院各部门、各直属机构：",
    "为推动学习机器与道路养护深度结合，方便群众出行，现提出以下意见。",
    "坚持先急后缓、量力而行。",
    "到2027年，主要道路装上测路仪器，养护效率明显提高。",
    "到2030年，全国道路连成一张智慧的网。",
    "各州要用仪器查看路面，及时修补坑洞。",
    "鼓励养路队公开记录，互相学习。",
    "推行一张路票走遍全国。",
    "支持车行按统一标准售票。",
    "对山区车夫减收路费，减收的部分由州里承担。",
    "未经检验的学习机器不得上路。",
    "三年内培训养路员三百名。",
    "各州各部门要把本意见落到实处，每年向政务院报告一次。",
]
COUNCIL_POINTS = [
    ("一、总体要求",),
    ("二、抓紧办好几件大事",),
    ("二、抓紧办好几件大事", "（一）改进养护方式"),
    ("二、抓紧办好几件大事", "（二）便利车夫出行"),
    ("二、抓紧办好几件大事", "（二）便利车夫出行", "1.开放路票接口"),
    ("二、抓紧办好几件大事", "（二）便利车夫出行", "2.照顾山区车夫"),
    ("三、强化安全保障",),
    ("三、强化安全保障", "（三）守住安全底线"),
    ("三、强化安全保障", "（四）培养养路人才"),
    ("四、组织实施",),
]


def council_variant(kind: str) -> str:
    """The State Council's page with its text marked up in another of the ways that are in use."""
    start = COUNCIL_PAGE.index("<p>各州人民政府")
    end = COUNCIL_PAGE.index("</div>\n</div>\n</td>")
    body = COUNCIL_PAGE[start:end]
    if kind == "line breaks":
        body = "<p>" + body.replace("<p>", "").replace('<p style="text-align: right;">', "")
        body = body.replace("</p>\n", "<br/>") + "</p>"
    elif kind == "plain paragraphs":
        for bold in ('<span style="font-family: 黑体; font-weight: bold;">', '<span style="font-weight: bold;">'):
            body = body.replace(bold, "")
        body = body.replace("</span>", "")
    elif kind == "em spaces":
        body = body.replace("　　", "&emsp;&emsp;")
    elif kind == "strong":
        body = body.replace('<span style="font-weight: bold;">', "<strong>")
        body = body.replace("方式。</span>", "方式。</strong>").replace("出行。</span>", "出行。</strong>")
    page = COUNCIL_PAGE[:start] + body + COUNCIL_PAGE[end:]
    if kind == "no names":
        page = page.replace("pages_content", "x1").replace("UCAP-CONTENT", "x2")
        page = page.replace("trs_editor_view TRS_UEDITOR trs_paper_default trs_word", "x3")
    return page


@pytest.mark.parametrize("kind", ["as it is", "line breaks", "plain paragraphs", "em spaces", "strong", "no names"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_page_of_the_state_council(kind: str, encoding: str) -> None:
    source = council_variant(kind).replace("charset=utf-8", f"charset={'gb2312' if encoding == 'gb18030' else 'utf-8'}")
    got = read(source.encode(encoding), "https://www.gov.example/zhengce/content/202509/content_1.htm")
    assert got.title == "南洲政务院关于深入实施“智慧道路”行动的意见"
    assert got.language == "zh"
    assert list(got.sections) == COUNCIL_POINTS
    assert texts(got) == COUNCIL
    assert got.notices == ()


def test_a_chinese_government_page() -> None:
    source = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
        "<title>关于修路的意见_文件_某网</title></head><body><div class='menu'><a>首页</a></div><div class='text'>"
        "<p>国发〔2025〕1号</p><p>各省人民政府：</p><p>为修好全国的道路，方便群众出行，现提出以下意见，请认真执行。</p>"
        "<p><span style='font-weight: bold'>　　一、总体要求</span></p>"
        "<p>　　坚持先急后缓。到2027年，修完全部道路。</p>"
        "<p><b>（一）加强养护。</b>各地要按时养护道路。</p><p>（二）改进桥梁。每年检查桥梁两次。</p>"
        "<p><strong>二、组织实施</strong></p><p>各地要认真落实本意见。</p></div></body></html>"
    )
    got = read(source.encode("gb18030"), "page.htm")
    assert got.title == "关于修路的意见"
    assert got.language == "zh"
    assert [path[-1] for path in got.sections] == ["一、总体要求", "（一）加强养护", "（二）改进桥梁", "二、组织实施"]
    assert texts(got)[0].startswith("为修好全国的道路")


def test_text_behind_a_body_closed_too_early_is_read() -> None:
    got = read(
        f"<html><body><p>{SENTENCE}</p></body></html><div><h2>Roads</h2><p>Roads are long.</p></div></body>".encode(),
        "a.html",
    )
    assert texts(got) == [SENTENCE, "Roads are long."]


# --- other pages of governments ---


def test_an_article_of_a_presidents_site() -> None:
    got = page(
        """<a class="skip-link screen-reader-text" href="#main">Skip to main content</a>
<div id="cookie-notice" role="dialog"><p>We use cookies to give you the best experience on our site.</p></div>
<header class="site-header" role="banner"><a href="/">The House on the Hill</a><nav><ul><li><a href="/news/">News</a>
</li></ul></nav></header>
<main id="main"><article><header class="entry-header"><div class="wp-block-post-terms">Presidential Actions</div>
<h1 class="wp-block-post-title">Freeing the Carters of Northland</h1>
<div class="wp-block-post-date"><time datetime="2025-05-05">May 5, 2025</time></div></header>
<div class="entry-content wp-block-post-content">
<p>By the authority vested in me by the laws of Northland, it is hereby ordered:</p>
<p><u>Section 1</u>. <u>Purpose</u>. Northland leads the world in carts. It must go on leading.</p>
<p><strong>Sec. 2. Policy.</strong> It is the policy of Northland to free its carters.</p>
<p>(a) Every agency shall review its rules within 90 days.</p>
<p>(b) Rules that hinder carters shall be withdrawn.</p>
<figure><img src="a.jpg"><figcaption>Photo: the signing of the order.</figcaption></figure>
<p>THE HOUSE ON THE HILL,<br>May 5, 2025.</p>
</div><div class="share-buttons"><a href="#">Share</a></div></article></main>
<aside><h2>More news</h2><p>Another page tells another story of the same length as this.</p></aside>
<footer><p>Copyright. All rights are reserved by the House on the Hill.</p></footer>""",
        "<title>Freeing the Carters of Northland – The House on the Hill</title>"
        '<meta property="og:title" content="Freeing the Carters of Northland">',
    )
    assert got.title == "Freeing the Carters of Northland"
    assert texts(got)[0] == "By the authority vested in me by the laws of Northland, it is hereby ordered:"
    joined = " ".join(texts(got))
    assert "Northland leads the world in carts." in texts(got)
    assert "It is the policy of Northland to free its carters." in joined
    assert [p.depth for p in got.passages if p.text.startswith("(")] == [1, 1]
    for foreign in ("cookies", "Skip", "Photo", "Share", "Copyright", "Another page", "Presidential Actions"):
        assert foreign not in joined


def test_a_publication_in_govspeak() -> None:
    got = page(
        """<div class="gem-c-cookie-banner" role="region"><h2>Cookies on this site</h2>
<p>We use some essential cookies to make this website work.</p></div>
<main><h1 class="gem-c-title__text">A Pro-Cart Approach</h1>
<p class="gem-c-metadata">Published 3 August 2023</p>
<nav class="gem-c-contents-list" role="navigation"><h2>Contents</h2><ol>
<li><a href="#introduction"><span>1.</span> Introduction</a></li>
<li><a href="#roads"><span>2.</span> Roads</a><ol><li><a href="#hills">2.1 Hills</a></li></ol></li>
<li><a href="#annex-c-lost">Annex C: Lost things</a></li></ol></nav>
<div class="govspeak"><h2 id="introduction"><span class="number">1. </span>Introduction</h2>
<p>Carts bring many benefits.<sup id="fnref:1" role="doc-noteref"><a href="#fn:1">[footnote 1]</a></sup>
They also bring risks.</p>
<h2 id="roads"><span class="number">2. </span>Roads</h2>
<p>12. We will mend 10<sup>3</sup> roads on the 1<sup>st</sup> of May. They cover 40 km<sup>2</sup>.</p>
<h3 id="hills">2.1 Hills</h3>
<ul><li>Steep hills come first.<ul><li>Northern hills come before southern ones.<ul><li>They are higher.</li></ul></li>
</ul></li><li>Gentle hills come last.</li></ul>
<div class="call-to-action"><p>Tell us what you think by Monday.</p></div>
<div class="footnotes" role="doc-endnotes"><ol><li id="fn:1" role="doc-endnote"><p>Keepers' Report, page 7.
<a href="#fnref:1" class="reversefootnote" role="doc-backlink">↩</a></p></li></ol></div></div></main>
<footer class="govuk-footer"><p>All content is available under the licence of the state.</p></footer>""",
        "<title>A Pro-Cart Approach - GOV.UK</title>",
    )
    assert got.title == "A Pro-Cart Approach"
    assert got.sections == (("1. Introduction",), ("2. Roads",), ("2. Roads", "2.1 Hills"))
    assert texts(got) == [
        "Carts bring many benefits.",
        "They also bring risks.",
        "12. We will mend 10³ roads on the 1st of May.",
        "They cover 40 km².",
        "Steep hills come first.",
        "Northern hills come before southern ones.",
        "They are higher.",
        "Gentle hills come last.",
        "Tell us what you think by Monday.",
    ]
    assert [p.depth for p in got.passages][4:8] == [1, 2, 3, 1]
    assert got.passages[5].lead_in == "Steep hills come first."
    assert got.contents == (
        ContentsEntry("1. Introduction"),
        ContentsEntry("2. Roads"),
        ContentsEntry("2.1 Hills", None, 1),
        ContentsEntry("Annex C: Lost things"),
    )
    assert got.notices == (
        'page.html: 1 of 4 entries of the table of contents was not found as a heading: "Annex C: Lost things"',
    )


def test_a_regulation_with_points_in_tables() -> None:
    def row(number: str, text: str) -> str:
        return (
            f'<table width="100%"><col width="4%"/><col width="96%"/><tbody><tr><td><p class="oj-normal">{number}</p>'
            f'</td><td><p class="oj-normal">{text}</p></td></tr></tbody></table>'
        )

    inner = row("(i)", "carts with two wheels;") + row("(ii)", "carts with four wheels;")
    got = page(
        f"""<p class="oj-doc-ti">REGULATION ON CARTS</p>
<p class="oj-ti-section-1">CHAPTER I</p><p class="oj-ti-section-2">GENERAL PROVISIONS</p>
<p class="oj-ti-art">Article 1</p><p class="oj-sti-art">Subject matter</p>
<p class="oj-normal">This Regulation lays down rules for carts that move without horses:</p>
{row("(a)", f"for those who build them, namely:</p>{inner}<p>").replace("<p></p>", "")}
{row("(b)", "for those who drive them.")}{row("—", "and for nobody else.")}
<p class="oj-ti-art">Article 2</p><p class="oj-sti-art">Definitions</p>
<p class="oj-normal">1.   A cart is a thing on wheels.</p>""",
        "<title>L_2025001EN.01000101.xml</title>",
    )
    assert [path[-1] for path in got.sections][-2:] == ["Article 1 Subject matter", "Article 2 Definitions"]
    assert [(p.text, p.depth) for p in got.passages] == [
        ("This Regulation lays down rules for carts that move without horses:", 0),
        ("(a) for those who build them, namely:", 1),
        ("(i) carts with two wheels;", 2),
        ("(ii) carts with four wheels;", 2),
        ("(b) for those who drive them.", 1),
        ("and for nobody else.", 1),
        ("1. A cart is a thing on wheels.", 1),
    ]
    assert got.passages[2].lead_in == "(a) for those who build them, namely:"


def test_definition_lists() -> None:
    got = page(f"{OPENING}<dl><dt>Cart</dt><dd>A thing on wheels.</dd><dt>Ferry</dt><dd>A thing on water.</dd></dl>")
    assert [(p.text, p.lead_in, p.depth) for p in got.passages[1:]] == [
        ("A thing on wheels.", "Cart", 1),
        ("A thing on water.", "Ferry", 1),
    ]


def test_lines_of_one_paragraph_and_paragraphs_parted_by_breaks() -> None:
    got = page(f"{OPENING}<p>The roads of the north<br>are long.<br><br>The roads of the south are not.</p>")
    assert [p.text for p in got.passages[1:]] == ["The roads of the north are long.", "The roads of the south are not."]
    assert got.passages[1].paragraph != got.passages[2].paragraph


def test_headings_by_the_names_of_their_classes() -> None:
    got = page(
        f'{OPENING}<div class="section-title">Roads</div><p>Roads are long.</p><div class="title">Bridges</div>'
        "<p>Bridges are high.</p>"
    )
    assert got.sections == (("Roads",), ("Bridges",))


def test_contents_made_of_links_are_no_text() -> None:
    got = page(
        f"<h1>Road Plan</h1><p><b>Contents</b></p><ul><li><a href='#a'>Roads of the land</a></li>"
        f"<li><a href='#b'>Bridges and ferries</a></li><li><a href='#c'>Inns by the wayside</a></li></ul>{OPENING}"
        "<h2 id='a'>Roads of the land</h2><p>They are long.</p><h2 id='b'>Bridges and ferries</h2><p>They are high.</p>"
        "<h2 id='c'>Inns by the wayside</h2><p>They are open.</p>"
    )
    assert texts(got) == [SENTENCE, "They are long.", "They are high.", "They are open."]
    assert [entry.title for entry in got.contents] == headings(got)
    assert got.notices == ()


@pytest.mark.parametrize(
    "around",
    [
        "<iframe src='a.html'>A frame is not shown.</iframe>",
        "<noscript>Turn on scripts to see this page.</noscript>",
        "<div class='print-only'>Printed on the third of May.</div>",
        "<div style='display: none'>This is hidden from you.</div>",
        "<div hidden>This is hidden from you.</div>",
        "<span class='sr-only'>This is for readers of screens.</span>",
        "<div aria-hidden='true'>This is a picture of text.</div>",
        "<div class='shareBox share'><p>Share this page with your friends.</p></div>",
        "<template><p>This is a template.</p></template>",
        "<del>This was struck out.</del>",
        "<div class='pageTools page-tools'><a href='#'>Print this page.</a></div>",
        "<!-- A comment is no text. -->",
        "<ol class='wp-block-footnotes'><li id='a1'>This is a note of the editor. <a href='#b1'>↩︎</a></li></ol>",
        "<div id='ftn1'><p class='MsoFootnoteText'><a href='#_ftnref1'>[1]</a> This is a note too.</p></div>",
    ],
)
def test_what_is_not_printed_is_not_read(around: str) -> None:
    got = page(f"<h1>Road Plan</h1>{OPENING}{around}<p>Roads are long.</p>")
    assert texts(got) == [SENTENCE, "Roads are long."]


@pytest.mark.parametrize(
    "within",
    [
        "<h2 id='social-protection'>Roads</h2><p>{}</p>",
        "<h2 id='consent' class='search'>Roads</h2><p>{}</p>",
        "<h2>Roads</h2><p id='footer'>{}</p>",
        "<h2>Roads</h2><div class='overflow-hidden'>{}</div>",
        "<h2>Roads</h2><div class='hidden md:block'>{}</div>",
        "<h2>Roads</h2><div class='d-none d-md-block'>{}</div>",
        "<h2>Roads</h2><div id='printBody' class='print-content'>{}</div>",
        "<section id='related'><h2>Roads</h2>{}</section>",
        "<h2><button aria-expanded='false'>Roads</button></h2><div>{}</div>",
        "<h2>Roads</h2><details><summary></summary>{}</details>",
    ],
)
def test_what_only_sounds_like_the_surroundings_is_read(within: str) -> None:
    got = page(f"<h1>Road Plan</h1>{OPENING}{within.format('Roads are long.')}")
    assert (headings(got), texts(got)) == (["Roads"], [SENTENCE, "Roads are long."])


def test_a_page_within_a_form_is_read() -> None:
    got = page(f"<form id='aspnetForm'><h1>Road Plan</h1>{OPENING * 8}<label>Search</label><button>Go</button></form>")
    assert texts(got) == [SENTENCE] * 8


# --- pages that cannot be read, or only in part ---


@pytest.mark.parametrize(
    "body",
    [
        '<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div><script src="a.js">'
        "</script>",
        '<div id="app"></div><script src="a.js"></script>',
        "<p>Please enable JavaScript to view this document.</p><script>start()</script>",
    ],
)
def test_a_page_that_needs_javascript_says_so(body: str) -> None:
    with pytest.raises(DocumentError, match=r"^page.html: the page shows its text by JavaScript only; open it in a br"):
        page(body)


def test_entities_of_a_document_type_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The password is swordfish.", encoding="utf-8")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    source = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd" ['
        f'<!ENTITY l0 "ha ">{laughs}<!ENTITY xxe SYSTEM "{secret.as_uri()}">]>'
        f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{OPENING}<p>Caf&eacute;s are open. &l11; &xxe;</p></body>'
        "</html>"
    )
    got = read(source.encode(), "a.xhtml")
    assert texts(got)[0] == SENTENCE
    assert "Cafés are open." in texts(got)
    assert "swordfish" not in got.body and "ha ha" not in got.body
    assert "]>" not in got.body


@pytest.mark.parametrize("tag", ["div", "b", "span", "font", "p", "blockquote", "section"])
def test_deep_nesting_is_read(tag: str) -> None:
    data = f"<html><body>{OPENING}{f'<{tag}>' * 30_000}Deep text is here.</body></html>".encode()
    got = read(data, "deep.html")
    assert texts(got) == [SENTENCE, "Deep text is here."]
    assert bool(got.notices) == (tag != "p")


@pytest.mark.parametrize("tag", ["ul><li", "table><tr><td", "x-y"])
def test_nesting_too_deep_is_refused(tag: str) -> None:
    data = f"<html><body>{OPENING}{f'<{tag}>' * 30_000}Deep text is here.</body></html>".encode()
    with pytest.raises(DocumentError, match=r"^deep.html: its elements are nested too deep to be read; save the page"):
        read(data, "deep.html")


def test_what_a_page_may_hold_is_bounded() -> None:
    with pytest.raises(
        DocumentError, match=r"^a.html: more than 5 million characters of text; give a part of the page"
    ):
        read(b"<html><body><p>" + b"Roads are long. " * 320_000, "a.html")
    attributes = " ".join(f"a{n}='b'" for n in range(2_001))
    with pytest.raises(DocumentError, match=r"^a.html: a tag with more than 2,000 attributes; save the page as PDF"):
        read(f"<html><body>{OPENING}<p {attributes}>Roads.".encode(), "a.html")


def test_large_pictures_and_scripts_within_a_page_do_no_harm() -> None:
    picture = "<img src='data:image/png;base64," + "iVBORw0KGgo=" * 500_000 + "'>"
    script = "<script>var a = '<p>Not text.</p><' + 'b>'.repeat(3); if (a<b) {}" + "<b>" * 350_000 + "</script>"
    got = page(f"{OPENING}{picture}<!-- <script> -->{script}<p>Roads are long.</p><!-- </script> -->")
    assert texts(got) == [SENTENCE, "Roads are long."]


def test_a_million_tags_are_refused() -> None:
    with pytest.raises(DocumentError, match=r"^a.html: more than 300,000 tags; save a part"):
        read(b"<html>" + b"<b>" * 300_001, "a.html")


def only_text_or_error(data: bytes) -> None:
    try:
        got = read(data, "a.html")
    except PolicyCompareError as error:
        assert str(error).isprintable()
        assert str(error).startswith("a.html: ")
        return
    assert got.passages
    for passage in got.passages:
        assert got.body[passage.start : passage.end] == passage.text
        assert passage.text.isprintable()
        assert passage.section == () or passage.section in got.sections
    for section in got.outline:
        assert got.body[section.start : section.end] == section.path[-1]


SEEDS = st.sampled_from([PAGE.encode(), MINISTRY_PAGE.encode(), COUNCIL_PAGE.encode(), COUNCIL_PAGE.encode("gb18030")])


@given(SEEDS, st.lists(st.tuples(st.integers(0, 12_000), st.integers(0, 40), st.binary(max_size=12)), max_size=12))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_mutation_of_a_page(seed: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    data = seed
    for at, length, new in changes:
        data = data[:at] + new + data[at + length :]
    only_text_or_error(data)


TAGS = [
    *("<div>", "</div>", "<p>", "<b>", "</b>", "<li>", "<ul>", "</ul>", "<br>", "<h1>", "</h1>", "<h2>", "</h2>"),
    *(
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</tr>",
        "</table>",
        "<dl>",
        "<dt>",
        "<dd>",
        "<sup>",
        "</sup>",
        "<a href='#x'>",
    ),
    *("</a>", "<ol>", "<!--", "-->", "<script>", "</script>", "<nav>", "<p class='title'>", "<td>(a)</td>", "</body>"),
    *("1. Roads ", "一、道路", "（一）道路。", "They are long. ", "&#x1b;[0m", "<![CDATA[", "]]>", "Article 1", "—"),
    *("<div id='UCAP-CONTENT'>", "<div class='footnotes'>", "相关稿件", "10", "<!DOCTYPE x [", "]>", SENTENCE),
]


@given(st.lists(st.sampled_from(TAGS), max_size=40))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_tag_soup(parts: list[str]) -> None:
    only_text_or_error("".join(parts).encode())


# --- as word processors and makers of manuals write pages ---


def test_a_page_that_a_word_processor_wrote() -> None:
    got = page(
        """<div title="header"><p>Ministry of Roads</p></div><h1>Road Plan</h1>
        <div id="Table of Contents1"><p><b>Contents</b></p>
        <p style="margin-left: 0in"><a href="#_1">Keepers\t1</a></p>
        <p style="margin-left: 0.2in"><a href="#_2">Their Duties\t2</a></p>
        <p style="margin-left: 0in"><a href="#_3">Bridges\t3</a></p></div>
        <h2><a name="_1"></a>Keepers</h2><p>The keepers of the roads met in the harbour town.<a class="sdfootnoteanc"
        name="sdfootnote1anc" href="#sdfootnote1sym"><sup>1</sup></a></p>
        <h3><a name="_2"></a>Their Duties</h3>
        <ul><li><p>They mend the roads of the hills.</p></ul>
        <ul><ul><li><p>They begin in the spring.</p><li><p>They end before the snow.</p></ul></ul>
        <ul><ul><ul><li><p>Nobody works in the snow.</p></ul></ul></ul>
        <ul><li><p>They count the carts.</p></ul>
        <h2><a name="_3"></a>Bridges</h2><p>The bridges are looked at twice in every year.</p>
        <div id="sdfootnote1"><p class="sdfootnote"><a class="sdfootnotesym" href="#sdfootnote1anc">1</a>The town is the
        one on the lake.</p></div><div title="footer"><p>Ministry of Roads | Page 3.</p></div>"""
    )
    assert got.title == "Road Plan"
    assert [(p.depth, p.text) for p in got.passages] == [
        (0, "The keepers of the roads met in the harbour town."),
        (1, "They mend the roads of the hills."),
        (2, "They begin in the spring."),
        (2, "They end before the snow."),
        (3, "Nobody works in the snow."),
        (1, "They count the carts."),
        (0, "The bridges are looked at twice in every year."),
    ]
    assert got.contents == (
        ContentsEntry("Keepers", "1", 0),
        ContentsEntry("Their Duties", "2", 1),
        ContentsEntry("Bridges", "3", 0),
    )
    assert got.sections == (("Keepers",), ("Keepers", "Their Duties"), ("Bridges",))
    assert got.notices == ()


def test_links_behind_headings_are_no_part_of_them() -> None:
    got = page(
        f"""<h1>Road Plan<a class="headerlink" href="#plan">¶</a></h1>{OPENING}
        <h2>Keepers<a class="headerlink" href="#keepers" title="Permalink">¶</a></h2>{OPENING}
        <h2>Bridges <a href="#bridges">#</a></h2>{OPENING}""",
        head="<title>Road Plan — Roads</title>",
    )
    assert got.title == "Road Plan" and headings(got) == ["Keepers", "Bridges"]


def test_a_table_of_contents_in_a_list_of_terms() -> None:
    got = page(
        f"""<h1>Road Plan</h1><div class="toc"><dl><dt><a href="#k">1. Keepers of the Roads</a></dt>
        <dd><dl><dt><a href="#d">1.1. Their Duties</a></dt></dl></dd><dt><a href="#b">2. Bridges</a></dt></dl></div>
        <h2>1. Keepers of the Roads</h2>{OPENING}<h3>1.1. Their Duties</h3>{OPENING}<h2>2. Bridges</h2>{OPENING}"""
    )
    assert [(entry.title, entry.level) for entry in got.contents] == [
        ("1. Keepers of the Roads", 0),
        ("1.1. Their Duties", 1),
        ("2. Bridges", 0),
    ]
    assert texts(got) == [SENTENCE] * 3
