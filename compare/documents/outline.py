"""Headings and list items that only their print tells, and the table of contents as a check on the headings found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from compare.documents.blocks import Block, Heading
from compare.documents.cleaning import width
from compare.documents.contents import mismatch
from compare.documents.model import ContentsEntry
from compare.documents.numbering import number_of

END = re.compile(r"[.!?。！？…:：;；][”’\"')）\]】]*$")
CONTENTS = re.compile(
    r"(?:table of contents|list of contents|contents|on this page|in this document|目\s*录|目\s*次)[:：]?",
    re.IGNORECASE,
)
BULLET = re.compile(r"^(?:[-*+•●○◦▪■□‣·–—➢►✓]|[o])\s+(?=\S)|^[•●▪■‣·➢►✓](?=\S)")
# Ways of numbering that count the items of a list where they head a paragraph.
ITEM_KINDS = frozenset(["small", "arabic", "arabic-bracket"])
_ARTICLE = re.compile(r"(?:Article|ARTICLE|Appendix|APPENDIX|Schedule|SCHEDULE)\s+(?:\d+|[IVXLC]+|[A-Z])\b[.:—–-]?\s*")
_ARTICLE_RANK = 35  # below parts, chapters and sections, above all numbers without a name
_NUMBER_ALONE = re.compile(
    r"(?:(?:Part|Title|Chapter|Section|Article|Annex|Appendix|Schedule)\s+(?:\d+|[IVXLC]+|[A-Z])|"
    r"第[一二三四五六七八九十百零〇\d]+[编篇部章节])[.:：]?",
    re.IGNORECASE,
)


def printed_rank(text: str, bold: bool, chinese: bool) -> int | None:
    """Rank of a paragraph that is a heading by its bold print or its number; None for one that is none.

    Parameters
    ----------
    text : str
        The paragraph on one line.
    bold : bool
        Whether all of it is printed bold.
    chinese : bool
        Whether the document is in Chinese.

    Returns
    -------
    int or None
        7 for bold print alone, from 10 on by the way of numbering: always below levels 1 to 6 of marked headings.

    Examples
    --------
    >>> printed_rank("Bridges and ferries", True, False), printed_rank("The keepers met.", True, False)
    (7, None)
    >>> printed_rank("Article 4 Ferries", False, False)
    35
    """
    if width(text) > (80 if chinese else 150) or END.search(text):
        return None
    article = _ARTICLE.match(text)
    if article is not None:
        rest = text[article.end() :]
        return _ARTICLE_RANK if not rest or (rest[:1].isupper() and len(rest.split()) <= 12) else None
    number = number_of(text)
    if chinese and number is not None and number.kind in {"part", "chapter", "section", "han", "han-bracket"}:
        return 10 + number.rank
    if number is not None and number.kind != "small":
        rest = text[number.end :]
        title = rest[:1].isupper() and len(rest.split()) <= 15
        named = number.kind in {"part", "chapter", "section"}
        if bold or (not chinese and (title or not rest) and (named or number.kind in {"roman", "arabic"})):
            return 10 + number.rank
        return None
    return 7 if bold and len(text) > 3 else None


def join_numbers(blocks: Sequence[Block]) -> list[Block]:
    """Join a heading that is a number alone ("Article 3") with the heading in the line below it ("Ferries").

    Examples
    --------
    >>> [block.text for block in join_numbers([Heading("Article 3", 35), Heading("Ferries", 7)])]
    ['Article 3 Ferries']
    """
    made: list[Block] = []
    for block in blocks:
        above = made[-1] if made else None
        if (
            isinstance(block, Heading)
            and isinstance(above, Heading)
            and _NUMBER_ALONE.fullmatch(above.text)
            and not _NUMBER_ALONE.match(block.text)
            and number_of(block.text) is None
        ):
            between = "" if width(above.text[-1]) > 1 else " "
            made[-1] = Heading(above.text + between + block.text, above.level, above.place)
            continue
        made.append(block)
    return made


def contents_notice(contents: Sequence[ContentsEntry], blocks: Sequence[Block]) -> list[str]:
    """Compare the table of contents with the headings found.

    Parameters
    ----------
    contents : sequence of ContentsEntry
        As printed.
    blocks : sequence of Block
        The document's blocks, with its headings.

    Returns
    -------
    list of str
        Empty where every entry is a heading of the document, else one line for the user.
    """
    headings = [block.text for block in blocks if isinstance(block, Heading)]
    line = mismatch([entry.title for entry in contents], headings, "the table of contents", "entries")
    return [] if line is None else [line]
