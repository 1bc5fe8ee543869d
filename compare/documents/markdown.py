"""Markdown: headings, paragraphs and list items, and the places in braces that a digest gives them."""

from __future__ import annotations

import re
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from compare.documents.blocks import Block, Heading, Paragraph, Place, assemble
from compare.documents.cleaning import clean, squeeze
from compare.documents.model import Text
from compare.errors import DocumentError

# "{p. 3}", "{pp. 20-21}", "{preamble}", "{point 4}" at the end of a paragraph or list item.
_PLACE = re.compile(r"\s*\{\s*(?:(?:pp?\.|pages?)\s*)?([^{}]{1,40}?)\s*\}\s*$")
MAX_LINES, MAX_MARKS = 50_000, 100_000
_MARKUP = re.compile(r"[*_\[\]<>&!|`~\\]")
_FRONT_MATTER = re.compile(r"\A---[ ]*\n(.*?)\n(?:---|\.\.\.)[ ]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE)
_UNSEEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def read_markdown(source: str, name: str) -> Text:
    """Read a Markdown text (CommonMark and tables).

    The first heading of level 1 is the title where it is the only one; headings below it make the sections. A
    paragraph or list item may end with its place in braces, which becomes the label of its passages.

    Parameters
    ----------
    source : str
        The text, decoded.
    name : str
        File name, for errors.

    Raises
    ------
    DocumentError
        If there is no sentence in it, or more lines or marks than any document has.
    """
    source = clean(source)
    if source.count("\n") > MAX_LINES or len(_MARKUP.findall(source)) > MAX_MARKS:
        raise DocumentError(f"{name}: too many lines or marks for a document in Markdown; give a part of it")
    title: str | None = None
    front = _FRONT_MATTER.match(source)
    if front:
        named = _FRONT_TITLE.search(front.group(1))
        title = named.group(1) if named else None
        source = source[front.end() :]
    blocks = _blocks(MarkdownIt("commonmark").enable("table").parse(source))
    first = [block for block in blocks if isinstance(block, Heading) and block.level == 1]
    if len(first) == 1:
        title = first[0].text
        blocks = [block for block in blocks if block is not first[0]]
    return assemble(blocks, name=name, title=title)


def _blocks(tokens: list[Token]) -> list[Block]:
    blocks: list[Block] = []
    heading = 0
    items = quoted = quotations = 0
    row: list[str] | None = None
    for token in tokens:
        if token.type == "heading_open":
            heading = int(token.tag[1])
        elif token.type == "heading_close":
            heading = 0
        elif token.type in {"list_item_open", "list_item_close"}:
            items += token.nesting
        elif token.type in {"blockquote_open", "blockquote_close"}:
            quoted += token.nesting
            quotations += token.nesting == 1 and quoted == 1
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            blocks.append(_paragraph("; ".join(cell for cell in row or [] if cell), 0))
            row = None
        elif token.type == "inline":
            text = squeeze(_inline(token.children or []))
            if row is not None:
                row.append(text)
            elif heading:
                blocks.append(Heading(_PLACE.sub("", text), heading))
            else:
                blocks.append(replace(_paragraph(text, items), quoted=quotations if quoted else 0))
        elif token.type in {"code_block", "fence"}:
            blocks.append(_paragraph(squeeze(token.content), items))
        elif token.type == "html_block":
            blocks.append(_paragraph(squeeze(_TAG.sub(" ", _UNSEEN.sub(" ", token.content))), items))
    return [block for block in blocks if block.text]


def _paragraph(text: str, depth: int) -> Paragraph:
    place = _PLACE.search(text)
    if place is None:
        return Paragraph(text, depth)
    return Paragraph(text[: place.start()], depth, (Place(0, None, place.group(1)),))


def _inline(tokens: list[Token]) -> str:
    parts: list[str] = []
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            parts.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
    return "".join(parts)
