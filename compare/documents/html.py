"""HTML: the main text of a page with its headings and list items, without what stands around it.

The main part is told by the names that content systems of public bodies give it, or by trafilatura; the text itself is
then read from that part of the page, whole and with its structure, because an extractor made for news drops short items
and bold headings of official documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import lxml.etree
import lxml.html

from compare.documents.blocks import Block, Heading, Label, Paragraph, assemble
from compare.documents.cleaning import clean, han_share, squeeze, width
from compare.documents.contents import key
from compare.documents.model import ContentsEntry, Text
from compare.documents.numbering import number_of
from compare.documents.outline import (
    BULLET,
    CONTENTS,
    END,
    ITEM_KINDS,
    contents_notice,
    join_numbers,
    printed_rank,
)
from compare.documents.plain import decode, take_run_ins
from compare.errors import DocumentError

MAX_TAGS = 300_000
MAX_CHARACTERS = 5_000_000  # of text, without tags, scripts and comments
MAX_ATTRIBUTES = 2_000  # of one tag: the parser's time grows with their square
# Of pages with more characters or tags trafilatura is not asked: its time grows faster than the page.
MAX_EXTRACTED = 1_000_000
MAX_EXTRACTED_TAGS = 20_000

_SKIPPED = frozenset(
    [
        "script", "style", "noscript", "template", "nav", "aside", "form", "button", "select", "textarea",
        "svg", "math", "iframe", "object", "embed", "canvas", "audio", "video", "head", "footer", "dialog",
        "menu", "figcaption", "rt", "rp", "del",
    ]
)  # fmt: skip
_BLOCKS = frozenset(
    [
        "p", "div", "section", "article", "main", "header", "ul", "ol", "li", "dl", "dt", "dd", "table",
        "thead", "tbody", "tfoot", "caption", "tr", "td", "th", "blockquote", "pre", "center", "figure", "hr",
        "body", "html", "address", "details", "summary", "fieldset", "hgroup",
    ]
)  # fmt: skip
_CONTAINERS = frozenset(["article", "body", "center", "div", "html", "main", "section", "td"])
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|cite|code|em|font|i|ins|kbd|mark|o:p|q|s|samp|small|span|strike|strong|tt|u|var)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_LAYOUT = re.compile(r"</?(?:article|blockquote|center|div|main|section)(?:\s[^<>]*)?>", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD = frozenset(["b", "strong"])
_AROUND_WORDS = (
    r"(?:nav|navbar|navigation|menu|breadcrumbs?|crumbs?|share|sharing|social|related|recommended|pagination|pager|cookies?|"
    r"consent|gdpr|sidebar|footer|copyright|toolbar|toolbox|search|skip|skiplinks?|advert|banner|comments?|subscribe|"
    r"newsletter|print-?only|visible-print|print-?(?:page|button|btn|link)|pages?-print|page-?tools?|header-?top|"
    r"qr-?codes?|ewm|erweima|back-?to-?top|gotop|byline|post-meta|entry-meta|entry-footer|modal|popup|tooltip|feedback|"
    r"font-?size|xgwd|xglj|bottom-tools?)"
)
_AROUND = re.compile(rf"(?:^|[\s_-]){_AROUND_WORDS}(?:$|[\s_-])", re.IGNORECASE)
# An id may also be the anchor of a section ("social-security"): it has to say no more than this.
_AROUND_ID = re.compile(
    rf"(?:(?:site|page|main|top|global|header)[_-]?)?{_AROUND_WORDS}(?:[_-]?(?:bar|box|list|wrap|wrapper|container|block|\d+))?",
    re.IGNORECASE,
)
_UNSEEN = frozenset(
    [
        "hidden", "is-hidden", "d-none", "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text",
        "govuk-visually-hidden", "usa-sr-only", "element-invisible",
    ]
)  # fmt: skip
# "hidden md:block", "d-none d-md-block": hidden on small screens only.
_SEEN = re.compile(r"(?:^|\s)(?:\w+:(?:block|flex|grid|inline)|d-\w+-(?:block|flex|grid|inline))(?:$|\s)")
_NOTES = re.compile(
    r"(?:^|\s)(?:(?!has-|with-)(?:[\w-]*-)?(?:footnotes?|endnotes?)(?:-(?:list|section|container|wrapper))?|oj-note|"
    r"_?(?:ftn|edn|fn:?|footnote-)\d+|sd(?:foot|end)note\d*|MsoFootnoteText|MsoEndnoteText)(?:$|\s)",
    re.IGNORECASE,
)
_HEADING_CLASS = re.compile(
    r"(?:^|\s)(?:(?:sub|section|chapter|part|block|content|para|paragraph|article|text|item)?[-_]?(?:title|heading)[-_]?\d?|"
    r"(?:oj-)?s?ti-(?:art|grseq-\d+|section-\d+|chapter-\d+))(?:$|\s)",
    re.IGNORECASE,
)
# Where the content systems of public bodies put the text: TRS and its kin (China), WordPress, GOV.UK, Drupal.
_TEXT_IDS = frozenset(["UCAP-CONTENT", "News_Body_Txt_A", "zoom", "Zoom", "ivs_content", "mainText"])
_TEXT_CLASSES = frozenset(
    [
        "TRS_Editor", "trs_editor_view", "TRS_UEDITOR", "pages_content", "content_text", "v_news_content", "govspeak",
        "entry-content", "wp-block-post-content", "article-content", "article-body", "field--name-body",
    ]
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEAVY = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_UNREAD = re.compile(r"<!--|<(?:script|style)(?=[\s/>])", re.IGNORECASE)
_UNREAD_END = {
    "<!--": re.compile("--!?>"),
    "<script": re.compile(r"</script\s*>", re.IGNORECASE),
    "<style": re.compile(r"</style\s*>", re.IGNORECASE),
}
_LONG_TAG = 10_000  # characters
_ATTRIBUTE = re.compile(r"[^\s=/'\"]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s'\"]+))?")
_SUBSET = re.compile(r"<!DOCTYPE[^>\[]{0,1000}\[", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s*>")
# A page of several files put together closes its body before its text; a browser reads on, this parser does not.
_CLOSED = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
# What stands between a title and the text, and below the text.
_IMPRINT = re.compile(
    r"(?:(?:last )?(?:updated|published|posted|released|issued|modified)|source|date|time|editor|author|from|by|views?)"
    r"\s*(?:on|at|date)?\s*[:：]|(?:来源|来\s*源|日期|时间|发布时间|发布日期|更新时间|责任编辑|责编|编辑|作者|浏览次数|字号|字体|"
    r"索\s*引\s*号|主题分类|发文机关|成文日期|标\s*题|发文字号|公文种类|主\s*题\s*词)\s*[:：]|"
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?(?:\s|$)|"
    r"(?:我要)?分享|打印|关闭窗口|扫一扫|微信扫|用微信|【(?:打印|关闭|字号|纠错|我要纠错)|"
    r"skip to\b|share\b.{0,40}$|print\b.{0,20}$|back to top|(?:we|this (?:web ?)?site|this page|.{0,30}gov\.\w+) uses? "
    r".{0,60}cookies|we'd like to (?:set|use) .{0,60}cookies|copyright\b|©|all rights reserved|版权所有|主办单位|"
    r"网站标识码|.{0,4}ICP备|.{0,4}公网安备",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"(?:related (?:news|links?|articles?|documents?|stories|content|information|pages?)|see also|explore the topic|"
    r"more (?:news|stories)|share this (?:page|article)|is this page useful\??|"
    r"相关(?:稿件|链接|文章|新闻|报道|阅读|文件|文档|信息)|"
    r"延伸阅读|推荐阅读|热点推荐|猜你喜欢|附件下载|上一篇|下一篇)[:：]?",
    re.IGNORECASE,
)
_MARKER = re.compile(r"(?:[(（]?(?:\d{1,3}|[a-z]{1,4}|[ivxlc]{1,6}|[A-H])[)）.]|[—–•●▪·-])")
_MARKER_SIGN = frozenset("—–•●▪·-")
_NOTE_MARK = re.compile(r"[\[(（]?(?:\d{1,3}|[a-z]|[ivxlc]{1,6}|[*†‡§¶①-⑳]+|注\d*)[\])）]?")
_SUPERSCRIPTS = str.maketrans("0123456789-−+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺")
_BASE_OF_POWER = re.compile(r"(?:(?<!\d)10|(?<![A-Za-z])(?:[ckmd]?m|ft|CO))\s*$")
_INDENT = re.compile("^[ \t\r\n]*(?:[\u2003\u3000]|\u00a0{2}|\u2002{2})")
_LISTS = frozenset(["ul", "ol", "dl"])
_MARGIN_LEFT = re.compile(r"margin-left\s*:\s*(\d{1,3}(?:\.\d{1,3})?)")
_ENTRY_PAGE = re.compile(r"(?:\t\s*|(?:\.\s?){3,}|…+\s*)([ivxlc]{1,7}|\d{1,4})$")
_MAX_LINKS = 1_000  # of a table of contents
_SENTENCE = 40  # columns; a line shorter than this before the text may be a date or a button
_LABEL = 24  # columns; a line of no more than this that ends without a stop is a button, a signature or a date
_CELL = 300  # characters; cells of a table are shorter, a cell with more lays out the page


def read_html(data: bytes, name: str, media: str | None = None) -> Text:
    """Read an HTML page.

    Parameters
    ----------
    data : bytes
        The page.
    name : str
        File name or address, for errors.
    media : str, optional
        Media type with a character set, as a server gives it.

    Raises
    ------
    DocumentError
        If the page cannot be parsed, is nested too deep, needs JavaScript to show its text, or holds no sentence.
    """
    source = _DECLARATION.sub("", _decode(data, name, media)).replace("\0", "")
    source = _CLOSED.sub("", _without_scripts(_without_subset(source)))
    tree, notices = _tree(source, name)
    if _longer(tree, MAX_CHARACTERS):
        raise DocumentError(
            f"{name}: more than {MAX_CHARACTERS / 1e6:.0f} million characters of text; give a part of the page"
        )
    title = _title(tree)
    main = _main(tree, source)
    sample = _sample(main)
    chinese = han_share(sample) > 0.25
    entries, lists = _contents(tree)
    read = _read(main, chinese, lists)
    if main is not tree and not any(isinstance(one.block, Paragraph) for one in read):
        read = _read(tree, chinese, lists)
    if _needs_script(tree, read):
        raise DocumentError(
            f"{name}: the page shows its text by JavaScript only; open it in a browser and save it as PDF"
        )
    return _assemble(read, name, title, chinese, entries, notices)


def _decode(data: bytes, name: str, media: str | None) -> str:
    named = re.search(r"charset\s*=\s*[\"']?([\w-]+)", media or "", re.IGNORECASE)
    found = _CHARSET.search(data[:4096])
    for label in (named.group(1) if named else None, found.group(1).decode("ascii") if found else None):
        if label is None or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
            continue
        # Pages that say GB2312 use characters of its successors.
        label = "gb18030" if label.lower() in {"gb2312", "gbk", "gb_2312-80"} else label
        try:
            return data.decode(label)
        except (LookupError, UnicodeError):
            continue
    return decode(data, name)


def _without_subset(source: str) -> str:
    """Take off a document type with declarations of its own, which only a parser of XML would heed."""
    start = _SUBSET.search(source, 0, 10_000)
    end = _SUBSET_END.search(source, start.end(), start.end() + 200_000) if start else None
    return source if start is None or end is None else source[: start.start()] + source[end.end() :]


def _without_scripts(source: str) -> str:
    """Take out comments, and what scripts and styles hold, in one pass."""
    kept: list[str] = []
    at = 0
    while (start := _UNREAD.search(source, at)) is not None:
        mark = start.group().lower()
        end = _UNREAD_END[mark].search(source, start.end())
        if end is None:
            break
        kept += [source[at : start.start()], "" if mark == "<!--" else f"{mark}></{mark[1:]}>"]
        at = end.end()
    return "".join([*kept, source[at:]])


# --- the tree and its main part ---------------------------------------------------------------------------------


def _tree(source: str, name: str) -> tuple[Any, list[str]]:
    """Parse a page; where it is nested too deep, as by tags that are never closed, without its layout.

    Returns
    -------
    tree : element
        The root.
    notices : list of str
        A line for the user where the layout was left out.
    """
    if source.count("<") > MAX_TAGS:
        raise DocumentError(f"{name}: more than {MAX_TAGS:,} tags; save a part of the page, or save it as PDF")
    for piece in source.split(">"):
        start = piece.find("<")
        if start >= 0 and len(piece) - start > _LONG_TAG:
            attributes = sum(1 for _ in _ATTRIBUTE.finditer(piece, start))
            if attributes > MAX_ATTRIBUTES:
                raise DocumentError(
                    f"{name}: a tag with more than {MAX_ATTRIBUTES:,} attributes; save the page as PDF or text"
                )
    tree, whole = _parse(source, name)
    if whole:
        return tree, []
    tree, whole = _parse(_INLINE.sub("", source), name)
    if not whole:
        # A rule parts what stands before and behind it, as a layout element does, but holds nothing.
        tree, whole = _parse(_LAYOUT.sub("<hr>", _INLINE.sub("", source)), name)
    if not whole:
        raise DocumentError(f"{name}: its elements are nested too deep to be read; save the page as PDF or text")
    return tree, ["elements are nested too deep (tags never closed?); the page is read without its layout"]


def _parse(source: str, name: str) -> tuple[Any, bool]:
    """Parse a page, and tell whether the parser read it to its end."""
    # With huge_tree the parser follows 2,048 levels, else 256; what lies deeper it drops, and says so in its log alone.
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = lxml.html.document_fromstring(source, parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise DocumentError(f"{name}: the page holds no text; save it as PDF or text") from error
    limits = parser.error_log.filter_types([lxml.etree.ErrorTypes.ERR_RESOURCE_LIMIT])
    return tree, len(limits) == 0


def _title(tree: Any) -> str | None:
    # Behind a heading may stand a link to it.
    headings = [squeeze(element.text_content())[:300].rstrip("¶🔗 ") for element in tree.xpath("//h1")[:8]]
    headings = [text for text in headings if text]
    for path in ("//meta[@name='ArticleTitle']/@content", "//meta[@property='og:title']/@content", "//title"):
        for found in tree.xpath(path)[:1]:
            text = squeeze(found if isinstance(found, str) else found.text_content())[:300]
            for heading in headings:
                # "Title - Site": where the page has the title as a heading, that is where it ends.
                if key(heading) and key(text).startswith(key(heading)):
                    return heading
            # "Title | Site", "Title_Section_Site": what follows is not the title.
            text = re.split(r"\s+\|\s+|_+", text)[0]
            text = re.split(r"\s+[–—]\s+(?=[^–—]*$)", text)[0].strip()
            if text:
                return text
    return None


def _sample(element: Any, limit: int = 200_000) -> str:
    """Text of an element, as far as it takes to tell its language."""
    parts: list[str] = []
    length = 0
    for text in element.itertext():
        parts.append(text)
        length += len(text)
        if length > limit:
            break
    return "".join(parts)


def _main(tree: Any, source: str) -> Any:
    """Element that holds the text: by its name, else by what trafilatura takes for the main text."""
    named = _named(tree)
    return named if named is not None else _extracted(tree, source)


def _named(tree: Any) -> Any | None:
    """Element whose name says that it holds the text, if most sentences of the page stand in it."""
    found = []
    for element in tree.iter("div", "td", "article", "section", "main", "ucapcontent"):
        names = (element.get("class") or "").split()
        if (
            element.get("id") in _TEXT_IDS
            or element.get("itemprop") == "articleBody"
            or any(name in _TEXT_CLASSES for name in names)
        ):
            found.append(element)
            if len(found) > 64:
                return None
    found = [element for element in found if not any(above in found for above in element.iterancestors())]
    if not found:
        return None
    lengths = {element: _sentences(element) for element in found}
    longest = max(found, key=lambda element: lengths[element])
    if lengths[longest] < 80:
        return None
    # Text in several pieces: what holds all that are no teasers.
    pieces = [element for element in found if lengths[element] >= 0.2 * lengths[longest]]
    best = pieces[0]
    for piece in pieces[1:]:
        above = set(piece.iterancestors())
        best = next((one for one in best.iterancestors() if one in above), tree)
    return best if lengths[longest] >= 0.5 * _sentences(tree) or len(pieces) > 1 else None


def _sentences(root: Any) -> int:
    """Characters of text that may be sentences, outside scripts and what is skipped by its tag."""
    count = 0
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            continue
        for text in (element.text, *(child.tail for child in element)):
            if text and len(text) >= 20:
                count += len(text.strip())
    return count


def _extracted(tree: Any, source: str) -> Any:
    """Smallest element that holds nine tenths of what trafilatura takes for the main text."""
    if len(source) > MAX_EXTRACTED or source.count("<") > MAX_EXTRACTED_TAGS:
        return tree
    try:
        # Imported late: it takes half a second, and it fails where lxml_html_clean is not installed beside it.
        import trafilatura

        extracted = trafilatura.extract(source, include_comments=False, include_tables=True, favor_recall=True)
    except Exception:  # the extractor meets pages of any make; without its answer the whole page is read
        extracted = None
    lines = {line for line in (_bare(line) for line in (extracted or "").split("\n")) if len(line) >= 12}
    if not lines:
        return tree
    weights: dict[Any, int] = {}
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag not in _BLOCKS | _HEADINGS.keys():
            continue
        if any(child.tag in _BLOCKS for child in element if isinstance(child.tag, str)):
            continue
        text = _bare(element.text_content())
        if text in lines:
            weights[element] = len(text)
    total = sum(weights.values())
    if total < 0.5 * sum(len(line) for line in lines):
        return tree
    sums = [0]
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            sums.append(weights.get(element, 0))
            continue
        weight = sums.pop()
        if weight >= 0.9 * total:
            return _container(element, tree)
        sums[-1] += weight
    return tree


def _container(element: Any, tree: Any) -> Any:
    """What holds an element and stands around text: trafilatura may have taken one paragraph for the whole."""
    whole = _sentences(tree)
    while element is not tree and (
        element.tag not in _CONTAINERS
        or (element.tag == "td" and _is_data(element))
        or _sentences(element) < 0.5 * whole
    ):
        element = element.getparent()
    return element


def _bare(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _contents(tree: Any) -> tuple[list[ContentsEntry], frozenset[Any]]:
    """The table of contents that a page makes of links to its own places, and the elements that hold it."""
    entries: list[ContentsEntry] = []
    lists: list[Any] = []
    for element in tree.iter("ul", "ol", "dl"):
        if any(above in lists for above in element.iterancestors()) or len(lists) >= 8:
            continue
        anchors = (a for a in element.iter("a") if (a.get("href") or "").startswith("#") and len(a.get("href")) > 1)
        links = list(islice(anchors, _MAX_LINKS + 1))
        if not 3 <= len(links) <= _MAX_LINKS or _longer(element, _MAX_LINKS * 100):
            continue
        linked = sum(len(squeeze(a.text_content())) for a in links)
        if linked < 0.7 * len(squeeze(element.text_content())) or linked < 8 * len(links) / 2:
            continue
        lists.append(element)
        if entries:  # the same table again, for another width of screen
            continue
        for a in links:
            level = sum(above.tag in _LISTS for above in a.iterancestors() if above is not element) - sum(
                above.tag in _LISTS for above in element.iterancestors()
            )
            title = squeeze(a.text_content())
            if title:
                entries.append(ContentsEntry(title, None, level))
    run: list[Any] = []
    last: Any = None
    for element in tree.iter("p"):
        if _leads_within(element):
            if run and element.getprevious() is not last:
                _take_lines(run, entries, lists)
                run = []
            run.append(element)
        last = element
    _take_lines(run, entries, lists)
    return entries, frozenset(lists)


def _leads_within(element: Any) -> bool:
    """Whether a paragraph is nothing but a link to a place on its own page."""
    first = next(element.iter("a"), None)
    if first is None or not (first.get("href") or "").startswith("#") or _longer(element, 300):
        return False
    links = [a for a in element.iter("a") if len(a.get("href") or "") > 1 and a.get("href").startswith("#")]
    linked = sum(len(squeeze(a.text_content())) for a in links)
    return linked > 2 and linked >= 0.9 * len(squeeze(element.text_content()))


def _take_lines(run: list[Any], entries: list[ContentsEntry], lists: list[Any]) -> None:
    """Take paragraphs in a row that lead to places of the page for its table of contents, as word processors write it.

    Indents tell the levels where they are written down.
    """
    if len(run) < 3 or len(run) > _MAX_LINKS:
        return
    lists.extend(run)
    if entries:
        return
    indents = [_MARGIN_LEFT.search(element.get("style") or "") for element in run]
    found = [float(indent[1]) if indent is not None else 0.0 for indent in indents]
    steps = sorted(set(found))
    for element, indent in zip(run, found, strict=True):
        raw = element.text_content().strip()
        label = _ENTRY_PAGE.search(raw)
        title = squeeze(raw[: label.start()] if label is not None else raw)
        if title:
            entries.append(ContentsEntry(title, label[1] if label is not None else None, steps.index(indent)))


def _needs_script(tree: Any, read: Sequence[_Read]) -> bool:
    """Whether a page has next to no text of its own and is built in the browser."""
    text = " ".join(one.block.text for one in read)
    if len(text) > 300 or sum(bool(END.search(one.block.text)) for one in read) > 3:
        return False
    if next(tree.iter("script"), None) is None:
        return False
    said = text + " ".join(element.text_content()[:1000] for element in tree.iter("noscript"))
    if re.search(r"javascript", said, re.IGNORECASE):
        return True
    empty = [one for one in tree.iter("div", "app-root") if one.get("id") in {"root", "app", "__next", "__nuxt"}]
    return not any(END.search(one.block.text) for one in read) and (
        any(not squeeze(one.text_content()) for one in empty) or bool(tree.xpath("//app-root"))
    )


# --- the text ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text of one kind; a line break is a piece of its own."""

    text: str
    bold: bool = False
    link: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """A block, and what tells whether it belongs to the text."""

    block: Block
    linked: bool = False  # nothing but links
    cell: bool = False


_BREAK = "\n"


class _Reader:
    """Collects blocks while a tree is walked; no recursion, so that nesting costs no stack."""

    def __init__(self, chinese: bool) -> None:
        self.chinese = chinese
        self.read: list[_Read] = []
        self.parts: list[_Piece] = []
        self.items = 0
        self.quoted = 0
        self.quotations = 0
        self.bold = 0
        self.link = 0
        self.heading = 0
        self.titled = 0  # within an element that is a heading by the name of its class
        self.term = 0
        self.rows: list[bool] = []  # of rows that are open: whether a number or bullet stands in a cell of its own
        self.cells: list[bool] = []  # of cells that are open: whether they hold data
        self.marker: str | None = None

    def text(self, text: str | None) -> None:
        if text:
            text = text if text.isascii() and text.isprintable() else clean(text).replace("\n", " ")
            self.parts.append(_Piece(text, self.bold > 0, self.link > 0))

    def line(self) -> None:
        self.parts.append(_Piece(_BREAK))

    def before(self) -> str:
        """What stands in the line before, as far as a superscript needs it."""
        return "".join(part.text for part in self.parts[-3:])[-12:]

    def close(self) -> None:
        parts, self.parts = self.parts, []
        if not parts:
            return
        if self.heading:
            text = _text(parts)
            if any(c.isalnum() for c in text):
                self.read.append(_Read(Heading(text, self.heading)))
            return
        begun = len(self.read)
        for paragraph in _paragraphs(parts, self.chinese):
            self._paragraph(paragraph)
        if self.quoted:
            self.read[begun:] = [_quoted(one, self.quotations) for one in self.read[begun:]]

    def _paragraph(self, parts: list[_Piece]) -> None:
        text = _text(parts)
        if self.rows and self.cells and _MARKER.fullmatch(text):
            self.marker, self.rows[-1] = text, True
            return
        if not any(c.isalnum() for c in text):
            return
        letters = sum(len(part.text.strip()) for part in parts)
        heavy = sum(len(part.text.strip()) for part in parts if part.bold)
        links = sum(len(part.text.strip()) for part in parts if part.link)
        linked, bold = links >= 0.9 * letters, heavy >= 0.95 * letters
        cell = bool(self.cells and self.cells[-1])
        if self.term:
            self.read.append(_Read(Label(text), linked, cell))
            return
        depth = self.items + sum(self.rows)
        if self.marker is not None:
            text = text if self.marker in _MARKER_SIGN else f"{self.marker} {text}"
            self.marker = None
        if depth:
            self.read.append(_Read(Paragraph(text, depth), linked, cell))
            return
        if self.titled and width(text) <= 150 and not END.search(text) and len(text) > 1:
            self.read.append(_Read(Heading(text, printed_rank(text, True, self.chinese) or 7), linked, cell))
            return
        rank = None if cell else printed_rank(text, bold, self.chinese)
        lead = _text(_leading_bold(parts))
        if rank is not None:
            self.read.append(_Read(Heading(text, rank), linked, cell))
        elif (
            0 < len(lead) < len(text)
            and number_of(lead) is not None
            and (rank := printed_rank(lead.rstrip(".:。："), True, self.chinese))
        ):
            # "1. Title." in bold runs into its paragraph.
            self.read.append(_Read(Heading(lead.rstrip(".:。："), rank)))
            self.read.append(_Read(Paragraph(text[len(lead) :].strip())))
        else:
            # A dash in a block quotation is no bullet: behind it stands who wrote it.
            mark = None if self.quoted else BULLET.match(text)
            number = number_of(text)
            item = mark is not None or (number is not None and number.kind in ITEM_KINDS)
            text = text[mark.end() :] if mark else text
            self.read.append(_Read(Paragraph(text, int(item and not cell)), linked, cell))


def _quoted(one: _Read, number: int) -> _Read:
    return replace(one, block=replace(one.block, quoted=number)) if isinstance(one.block, Paragraph) else one


def _text(parts: Iterable[_Piece]) -> str:
    # The pieces are clean already.
    return " ".join("".join(" " if part.text == _BREAK else part.text for part in parts).split())


def _leading_bold(parts: list[_Piece]) -> list[_Piece]:
    made: list[_Piece] = []
    for part in parts:
        if not part.bold and part.text.strip():
            break
        made.append(part)
    return made


def _paragraphs(parts: list[_Piece], chinese: bool) -> list[list[_Piece]]:
    """Cut a block at its line breaks where they part paragraphs, and not lines of one."""
    if not any(part.text == _BREAK for part in parts):
        return [parts]
    lines: list[list[_Piece]] = [[]]
    for part in parts:
        if part.text == _BREAK:
            lines.append([])
        else:
            lines[-1].append(part)
    said = [_text(line) for line in lines]
    ends = [bool(END.search(text)) for text in said if text]
    # Where most lines end with a stop, each is a paragraph; lines of verse, addresses and wrapped text do not.
    each = len(ends) > 2 and sum(ends) >= 0.5 * len(ends) and all(said[:-1])
    made: list[list[_Piece]] = []
    open_, above = False, lines[0]
    for line, text in zip(lines, said, strict=True):
        if not text:
            open_ = False
            continue
        if open_ and not _parted(above, line, text, chinese or each):
            made[-1] += [_Piece(_BREAK), *line]
        else:
            made.append(list(line))
        open_, above = True, line
    return made


def _parted(above: list[_Piece], line: list[_Piece], text: str, each: bool) -> bool:
    """Whether a line opens a paragraph although no blank line stands before it, as each does in Chinese text."""
    before = _text(above)
    heavy = [all(part.bold or not part.text.strip() for part in side) for side in (above, line)]
    if all(heavy) and not END.search(before) and number_of(text) is None:
        return False  # a title on two lines
    return (
        each
        or bool(END.search(before))
        or bool(_INDENT.match("".join(part.text for part in line)))
        or number_of(text) is not None
        or BULLET.match(text) is not None
        or heavy[0] != heavy[1]
        or printed_rank(before, False, False) is not None
    )


def _read(root: Any, chinese: bool, contents: frozenset[Any]) -> list[_Read]:
    reader = _Reader(chinese)
    context = lxml.etree.iterwalk(root, events=("start", "end"))
    skipped = False
    for event, element in context:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            skipped = element is not root and (element in contents or _skip(element, tag, reader))
            if skipped:
                context.skip_subtree()
            else:
                _enter(reader, element, tag)
            continue
        # The end of a skipped element follows its start at once.
        if skipped:
            skipped = False
            if tag in _BLOCKS or tag in _HEADINGS:
                reader.close()
        else:
            _leave(reader, element, tag)
        if element is not root:
            reader.text(element.tail)
    reader.close()
    return reader.read


def _enter(reader: _Reader, element: Any, tag: str) -> None:
    if tag == "br":
        reader.line()
        return
    if reader.quoted and tag in {"footer", "cite"}:
        reader.close()
        reader.text("— ")
    if tag in _BLOCKS or tag in _HEADINGS:
        reader.close()
        reader.heading = _HEADINGS.get(tag, reader.heading)
        reader.items += tag in {"li", "dd"} or _is_inner_list(element, tag)
        reader.quoted += tag == "blockquote"
        reader.quotations += tag == "blockquote" and reader.quoted == 1
        reader.term += tag == "dt"
        if tag == "tr":
            reader.rows.append(False)
        elif tag in {"td", "th"}:
            reader.cells.append(_is_data(element))
        reader.titled += _is_titled(element, tag)
    reader.bold += _is_bold(element, tag)
    reader.link += tag == "a" and element.get("href") is not None
    if tag == "sup":
        reader.text((element.text or "").translate(_SUPERSCRIPTS) if _is_power(element, reader) else element.text)
    else:
        reader.text(element.text)


def _leave(reader: _Reader, element: Any, tag: str) -> None:
    if reader.quoted and tag in {"footer", "cite"}:
        reader.close()
    if tag in _BLOCKS or tag in _HEADINGS:
        reader.close()
        reader.items -= tag in {"li", "dd"} or _is_inner_list(element, tag)
        reader.quoted -= tag == "blockquote"
        reader.term -= tag == "dt"
        reader.titled -= _is_titled(element, tag)
        if tag == "tr" and reader.rows:
            reader.rows.pop()
            reader.marker = None
        elif tag in {"td", "th"} and reader.cells:
            reader.cells.pop()
        if tag in _HEADINGS:
            reader.heading = 0
    reader.bold -= _is_bold(element, tag)
    reader.link -= tag == "a" and element.get("href") is not None


def _is_bold(element: Any, tag: str) -> bool:
    return tag in _BOLD or bool(_HEAVY.search(element.get("style") or ""))


def _is_inner_list(element: Any, tag: str) -> bool:
    """Whether a list stands in a list and in none of its items, as word processors write nested lists."""
    above = element.getparent() if tag in {"ul", "ol"} else None
    return above is not None and above.tag in {"ul", "ol"}


def _is_titled(element: Any, tag: str) -> bool:
    return tag in {"div", "p"} and bool(_HEADING_CLASS.search(element.get("class") or ""))


def _is_data(cell: Any) -> bool:
    """Whether a cell holds an entry of a table, and does not lay out the page."""
    row = cell.getparent()
    others = row is not None and any(one.tag in ("td", "th") for one in row if one is not cell)
    return others and not _longer(cell, _CELL)


def _is_power(element: Any, reader: _Reader) -> bool:
    return bool(re.fullmatch(r"[-−+]?\d{1,3}", squeeze(element.text or ""))) and bool(
        _BASE_OF_POWER.search(reader.before())
    )


def _skip(element: Any, tag: str, reader: _Reader) -> bool:
    if tag == "footer" and reader.quoted:
        return False
    if tag in _SKIPPED or not tag:
        # The heading of a section that folds up may be a button; a form may hold a whole page.
        return not (tag == "button" and reader.heading) and not (tag == "form" and _longer(element, 400))
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if tag == "sup":
        inner = squeeze(element.text_content())
        linked = any(True for _ in element.iter("a"))
        return linked or (bool(_NOTE_MARK.fullmatch(inner)) and not _is_power(element, reader))
    if tag == "a" and (element.get("href") or "").startswith("#"):
        inner = squeeze(element.text_content())
        if re.fullmatch(r"[\[(]\d{1,3}[\])]|↩︎?|↑|\^|[¶§#🔗]", inner) or "footnote" in (element.get("role") or ""):
            return True
    if _HIDDEN.search(element.get("style") or ""):
        return True
    role = element.get("role") or ""
    if role in {
        "navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog", "alertdialog",
        "doc-endnotes", "doc-footnote", "doc-toc", "doc-noteref",
    }:  # fmt: skip
        return True
    if tag == "div" and element.get("title") in {"header", "footer"}:
        return not _longer(element, 2_000)  # of the printed page
    classes, identifier = element.get("class") or "", element.get("id") or ""
    if (not classes and not identifier) or tag in {"body", "html", "main", "article"}:
        return False
    if _NOTES.search(classes) or _NOTES.search(identifier):
        return True
    # The names are a hint only: a "menu" that holds most of the text is none, and headings carry names of any kind.
    around = tag not in _HEADINGS and (
        bool(_AROUND.search(_hyphened(classes)))
        or (tag not in {"p", "li", "section"} and bool(_AROUND_ID.fullmatch(_hyphened(identifier))))
    )
    unseen = not _UNSEEN.isdisjoint(classes.split()) and not _SEEN.search(classes)
    return (around or unseen) and not _longer(element, 2_000)


def _hyphened(name: str) -> str:
    """Write a name in camel case with hyphens: pageTools as page-Tools."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name)


def _longer(element: Any, limit: int) -> bool:
    """Whether an element holds more characters than the limit; stops counting there."""
    count = 0
    for text in element.itertext():
        count += len(text)
        if count > limit:
            return True
    return False


# --- what belongs to the text ------------------------------------------------------------------------------------


def _assemble(
    read: list[_Read],
    name: str,
    title: str | None,
    chinese: bool,
    contents: list[ContentsEntry],
    notices: list[str],
) -> Text:
    read = [one for one in read if not (contents and CONTENTS.fullmatch(one.block.text))]
    first = [one for one in read if isinstance(one.block, Heading) and one.block.level == 1]
    if len(first) == 1:
        title = first[0].block.text
        read = [one for one in read if one is not first[0]]
    elif title is not None:
        same = key(title)
        read = [one for one in read if not (isinstance(one.block, Heading) and key(one.block.text) == same)]
    read = _without_imprint(_without_tail(read), title)
    blocks = [one.block for one in read]
    blocks = join_numbers(take_run_ins(blocks) if chinese else blocks)
    notices = notices + contents_notice(contents, [*blocks, *([Heading(title, 1)] if title else [])])
    return assemble(blocks, name=name, title=title, notices=notices, contents=contents)


def _without_tail(read: list[_Read]) -> list[_Read]:
    """Take off what follows the text: related links with their heading, and lines of links."""
    for at in range(max(len(read) - 61, 1), len(read)):
        if not _RELATED.fullmatch(read[at].block.text):
            continue
        rest = read[at + 1 :]
        if sum(END.search(below.block.text) is not None for below in rest) <= 0.2 * len(rest):
            read = read[:at]
            break
    end = len(read)
    while end > 0:
        last, text = read[end - 1], read[end - 1].block.text
        imprint = _IMPRINT.match(text) is not None
        if not ((last.linked or imprint) and not END.search(text)) and not (imprint and width(text) < 2 * _SENTENCE):
            break
        end -= 1
    return read[:end] if any(isinstance(one.block, Paragraph) for one in read[:end]) else read


def _without_imprint(read: list[_Read], title: str | None) -> list[_Read]:
    """Take out what stands between the title and the text (date, source, size of type), and buttons among the text."""
    start = next((at for at, one in enumerate(read) if _is_sentence(one)), None)
    if start is None:
        return read
    kept = [
        one
        for one in read[:start]
        if (isinstance(one.block, Heading) and not one.linked)
        or (isinstance(one.block, Paragraph) and _stops(one.block.text) and not _IMPRINT.match(one.block.text))
    ]
    same = key(title or "")
    for one in read[start:]:
        block = one.block
        if isinstance(block, Paragraph) and not block.depth and not END.search(block.text):
            if width(block.text) < _LABEL and not one.cell:
                continue
            if key(block.text) == same or _IMPRINT.match(block.text):
                continue
        kept.append(one)
    return kept


def _stops(text: str) -> bool:
    return bool(re.search(r"[.!?。！？][”’\"')）\]】]*$", text))


def _is_sentence(one: _Read) -> bool:
    text = one.block.text
    return (
        isinstance(one.block, Paragraph)
        and bool(END.search(text))
        and width(text) >= _SENTENCE
        and not one.linked
        and not _IMPRINT.match(text)
    )
