"""What a search found: for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from compare.documents import Document
from compare.report.text import BASIS, page_of, visible, wrap
from compare.search import Found, Search

SCHEMA = "policy-compare-search/1"


def lines(search: Search, width: int) -> Iterator[Text]:
    """Lines of the passages found, each with its place.

    Parameters
    ----------
    search : Search
        What was found.
    width : int
        Columns.

    Yields
    ------
    Text
        One line, not wider than `width`; text of a document is never taken as markup.
    """
    yield from (Text(line, style="bold") for line in wrap(f"Nearest in meaning to: {visible(search.text)}", width))
    named = "; ".join(f"{document.label}, {BASIS[document.basis]}" for document in search.documents)
    if search.counts is not None:
        named = f"{search.counts.passages:,} passages of {search.counts.documents:,} documents"
        named += "" if search.exact else ", through an index, which finds some 98 of 100 nearest passages"
    if search.set_aside:
        named += f"; {len(search.set_aside):,} documents were set aside, the first: {search.set_aside[0].reason}"
    yield from (Text(line) for line in wrap(f"in {visible(named)}", width))
    told = "There is always a nearest passage; read it before you take it for an answer."
    if search.yardstick is not None:
        told += (
            f" A passage of these documents finds its own nearest, in another section, at {search.yardstick:.2f} "
            "(median)."
        )
    yield from (Text(line, style="dim") for line in wrap(told, width))
    digits = len(str(len(search.found)))
    for rank, found in enumerate(search.found, start=1):
        yield Text()
        where = ", ".join(
            part for part in (found.document.short, page_of(found.passage.page, found.passage.page_label)) if part
        )
        yield from (
            Text(line, style="bold") for line in wrap(f"{rank:>{digits}}  {where}  {found.similarity:.2f}", width)
        )
        indent = " " * (digits + 2)
        section = visible(" > ".join(found.passage.section))
        yield from (Text(indent + line, style="dim") for line in wrap(section, width - len(indent)) if line)
        yield from (Text(indent + line) for line in wrap(visible(found.passage.text), width - len(indent)))


def to_json(search: Search) -> str:
    """What was found as JSON, schema ``policy-compare-search/1``."""
    value = {
        "schema": SCHEMA,
        "text": search.text,
        "documents": [named(document) for document in search.documents],
        **_many(search),
        "passages": [_passage(found) for found in search.found],
        "yardstick": None if search.yardstick is None else round(search.yardstick, 4),
        "method": {"model": search.model, "weights_sha256": search.weights_sha256},
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _many(search: Search) -> dict[str, Any]:
    lost = [{"name": item.name, "reason": item.reason} for item in search.set_aside]
    made: dict[str, Any] = {"set_aside": lost} if lost else {}
    if search.counts is not None:
        among = {"documents": search.counts.documents, "passages": search.counts.passages, "exact": search.exact}
        made["searched"] = among
    return made


def named(document: Document) -> dict[str, Any]:
    """What a document is, as JSON has it."""
    return {
        "id": document.id,
        "label": document.label,
        "title": document.title,
        "language": document.language,
        "basis": document.basis,
        "sha256": document.sha256,
        "passages": len(document.passages),
    }


def _passage(found: Found) -> dict[str, Any]:
    passage = found.passage
    return {
        "id": found.document.passage_id(passage),
        "document": found.document.id,
        "section": list(passage.section),
        "page": passage.page,
        "page_label": passage.page_label,
        "address": found.document.address(passage) or None,
        "text": passage.text,
        "similarity": round(found.similarity, 4),
        "standing": round(found.standing, 4),
    }
