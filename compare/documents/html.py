"""HTML: the main text of a page with its headings and list items, without what stands around it.

trafilatura tells where the main text is; the text itself is then read from that part of the page, whole and with its
structure, because an extractor made for news drops short items and bold headings of official documents.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import lxml.etree
import lxml.html

from compare.documents.blocks import Block, Heading, Paragraph, assemble
from compare.documents.cleaning import clean, han_share, squeeze, width
from compare.documents.model import Text
from compare.documents.numbering import number_of
from compare.documents.plain import decode, take_run_ins
from compare.errors import DocumentError

_SKIPPED = frozenset(
    [
        "script", "style", "noscript", "template", "nav", "aside", "form", "button", "select", "textarea",
        "svg", "math", "iframe", "object", "embed", "canvas", "audio", "video", "head", "footer", "dialog",
        "menu", "sup",
    ]
)  # fmt: skip
_BLOCKS = frozenset(
    [
        "p", "div", "section", "article", "main", "header", "ul", "ol", "li", "dl", "dt", "dd", "table",
        "thead", "tbody", "tr", "td", "th", "blockquote", "pre", "center", "figure", "figcaption", "hr",
        "body", "html", "address",
    ]
)  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD = frozenset(["b", "strong"])
_AROUND = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|share|social|related|pagination|pager|cookie|sidebar|footer|copyright|"
    r"toolbar|search|skip|advert|banner|comments?|subscribe|newsletter|print-?only|page-?tools?|header-?top)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEAVY = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_END = re.compile(r"[.!?。！？…:：;；][”’\"')）\]】]*$")
_MAX_DEPTH = 200


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
        If the page cannot be parsed or holds no sentence.
    """
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", _decode(data, name, media)).replace("\0", "")
    try:
        tree = lxml.html.fromstring(source, parser=lxml.html.HTMLParser(remove_comments=True, remove_pis=True))
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise DocumentError(f"{name}: the page holds no text; save it as PDF or text") from error
    title = _title(tree)
    main = _main(tree, source)
    chinese = han_share(main.text_content()[:200_000] if main is not None else "") > 0.25
    blocks = _blocks(main, chinese)
    if sum(isinstance(block, Paragraph) for block in blocks) == 0:
        blocks = _blocks(tree, chinese)
    return _assemble(blocks, name, title, chinese)


def _assemble(blocks: list[Block], name: str, title: str | None, chinese: bool) -> Text:
    first = [block for block in blocks if isinstance(block, Heading) and block.level == 1]
    if len(first) == 1:
        title = first[0].text
        blocks = [block for block in blocks if block is not first[0]]
    elif title is not None:
        blocks = [b for b in blocks if not (isinstance(b, Heading) and _same(b.text, title))]
    blocks = _without_imprint(blocks)
    return assemble(take_run_ins(blocks) if chinese else blocks, name=name, title=title)


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


def _title(tree: Any) -> str | None:
    for path in ("//meta[@property='og:title']/@content", "//meta[@name='ArticleTitle']/@content", "//title"):
        for found in tree.xpath(path)[:1]:
            text = squeeze(found if isinstance(found, str) else found.text_content())
            # "Title | Site", "Title_Section_Site": what follows is not the title.
            text = re.split(r"\s+[|–—]\s+|_+", text)[0].strip()
            if text:
                return text[:300]
    return None


def _main(tree: Any, source: str) -> Any:
    """Smallest element that holds nine tenths of what trafilatura takes for the main text."""
    try:
        # Imported late: it takes half a second, and it fails where lxml_html_clean is not installed beside it.
        import trafilatura

        extracted = trafilatura.extract(source, include_comments=False, include_tables=True, favor_recall=True)
    except Exception:  # the extractor meets pages of any make; without its answer the whole page is read
        extracted = None
    lines = {_bare(line) for line in (extracted or "").split("\n")} - {""}
    lines = {line for line in lines if len(line) >= 12}
    if not lines:
        return tree
    weights: Counter[Any] = Counter()
    total = 0
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag not in _BLOCKS | _HEADINGS.keys():
            continue
        if any(child.tag in _BLOCKS for child in element if isinstance(child.tag, str)):
            continue
        text = _bare(element.text_content())
        if not text or text not in lines:
            continue
        total += len(text)
        weights[element] += len(text)
        for above in element.iterancestors():
            weights[above] += len(text)
    if total < 0.5 * sum(len(line) for line in lines):
        return tree
    best = tree
    for element, weight in weights.items():
        if weight >= 0.9 * total and (weights[best] > weight or _depth(element) > _depth(best)):
            best = element
    return best


def _depth(element: Any) -> int:
    return sum(1 for _ in element.iterancestors())


def _bare(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _same(a: str, b: str) -> bool:
    return bool(_bare(a)) and _bare(a).lower() == _bare(b).lower()


class _Reader:
    """Collects blocks while a tree is walked; no recursion, so that nesting costs no stack."""

    def __init__(self, chinese: bool) -> None:
        self.chinese = chinese
        self.blocks: list[Block] = []
        self.parts: list[tuple[str, bool]] = []
        self.items = 0
        self.bold = 0
        self.heading = 0

    def text(self, text: str | None) -> None:
        if text:
            self.parts.append((clean(text).replace("\n", " "), self.bold > 0))

    def close(self) -> None:
        parts, self.parts = self.parts, []
        text = squeeze("".join(part for part, _ in parts))
        if not any(c.isalnum() for c in text):
            return
        if self.heading:
            self.blocks.append(Heading(text, self.heading))
            return
        letters = sum(len(part.strip()) for part, _ in parts)
        heavy = sum(len(part.strip()) for part, bold in parts if bold)
        if self.items:
            self.blocks.append(Paragraph(text, self.items))
            return
        lead = squeeze("".join(part for part, bold in _leading_bold(parts)))
        rank = _bold_heading(text, heavy >= 0.95 * letters and letters > 0, self.chinese)
        if rank is not None:
            self.blocks.append(Heading(text, rank))
        elif (
            0 < len(lead) < len(text)
            and number_of(lead) is not None
            and (rank := _bold_heading(lead.rstrip(".:。："), True, self.chinese))
        ):
            # "1. Title." in bold runs into its paragraph.
            self.blocks.append(Heading(lead.rstrip(".:。："), rank))
            self.blocks.append(Paragraph(text[len(lead) :].strip()))
        else:
            self.blocks.append(Paragraph(text))


def _leading_bold(parts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    made: list[tuple[str, bool]] = []
    for part, bold in parts:
        if not bold and part.strip():
            break
        made.append((part, bold))
    return made


def _bold_heading(text: str, bold: bool, chinese: bool) -> int | None:
    """Level of a paragraph that is a heading by its bold print or its number, below those of h1 to h6."""
    number = number_of(text)
    if width(text) > (80 if chinese else 150) or _END.search(text):
        return None
    if chinese and number is not None and number.kind in {"part", "chapter", "section", "han", "han-bracket"}:
        return 10 + number.rank
    if number is not None and number.kind != "small":
        rest = text[number.end :]
        title = rest[:1].isupper() and len(rest.split()) <= 15
        named = number.kind in {"part", "chapter", "section"}
        if bold or (not chinese and title and (named or number.kind in {"roman", "arabic"})):
            return 10 + number.rank
        return None
    return 7 if bold and len(text) > 3 else None


def _blocks(root: Any, chinese: bool) -> list[Block]:
    reader = _Reader(chinese)
    skipped = depth = 0
    breaks = 0
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            depth += 1
            if skipped or _skip(element, tag, root) or depth > _MAX_DEPTH:
                skipped += 1
                continue
            if tag == "br":
                breaks += 1
                if breaks > 1 or chinese:
                    reader.close()
                else:
                    reader.text(" ")
            elif tag in _BLOCKS or tag in _HEADINGS:
                reader.close()
                reader.heading = _HEADINGS.get(tag, reader.heading)
                reader.items += tag == "li"
            reader.bold += _is_bold(element, tag)
            if element.text and element.text.strip():
                breaks = 0
            reader.text(element.text)
            continue
        depth -= 1
        if skipped:
            skipped -= 1
        else:
            if tag in _BLOCKS or tag in _HEADINGS:
                reader.close()
                reader.items -= tag == "li"
                if tag in _HEADINGS:
                    reader.heading = 0
            reader.bold -= _is_bold(element, tag)
        if not skipped and element is not root:
            if element.tail and element.tail.strip():
                breaks = 0
            reader.text(element.tail)
    reader.close()
    return reader.blocks


def _is_bold(element: Any, tag: str) -> bool:
    return tag in _BOLD or bool(_HEAVY.search(element.get("style") or ""))


def _skip(element: Any, tag: str, root: Any) -> bool:
    if element is root:
        return False
    if tag in _SKIPPED or not tag:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(element.get("style") or ""):
        return True
    role = element.get("role") or ""
    if role in {"navigation", "banner", "contentinfo", "search", "complementary", "menu"}:
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    # The names are a hint only: a "menu" that holds most of the text is none.
    return (
        bool(_AROUND.search(names)) and tag not in {"body", "html", "main", "article"} and not _longer(element, 2_000)
    )


def _longer(element: Any, limit: int) -> bool:
    """Whether an element holds more characters than the limit; stops counting there."""
    count = 0
    for text in element.itertext():
        count += len(text)
        if count > limit:
            return True
    return False


def _without_imprint(blocks: list[Block]) -> list[Block]:
    """Take out what stands between the title and the text (date, source, size of type), and buttons among the text."""
    start = next(
        (at for at, b in enumerate(blocks) if isinstance(b, Paragraph) and _END.search(b.text) and width(b.text) >= 40),
        None,
    )
    if start is None:
        return blocks
    kept: list[Block] = [b for b in blocks[:start] if isinstance(b, Heading)]
    for block in blocks[start:]:
        if isinstance(block, Paragraph) and not block.depth and not _END.search(block.text) and width(block.text) < 24:
            continue
        kept.append(block)
    return kept
