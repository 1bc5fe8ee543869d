"""What became of an article's quotations and claims: for a terminal, as HTML, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from compare.checking import VERDICTS, Check, Checked
from compare.claims import Claim
from compare.claims import Verdict as ClaimVerdict
from compare.documents import Document, Passage
from compare.documents.blocks import BETWEEN
from compare.findings import per_cent
from compare.locating import Place
from compare.quotes import Change
from compare.report import text as shared
from compare.report.blocks import Block, Paragraph, Part, Quotation, Span, Subhead, plain
from compare.report.found import named
from compare.report.json import difference as json_difference
from compare.report.json import interval as json_interval
from compare.report.terminal import Colours

SCHEMA = "policy-compare-quotes/1"
# Columns that a passage beside a quotation fills.
_MOST = 600
# Places of a term that are listed.
_PLACES = 12
_NEAR, _PASSAGES = 2, 3
_CLAIMED: tuple[ClaimVerdict, ...] = ("supported", "not supported", "cannot be told")
_TOLD = {
    "verbatim": "Verbatim",
    "near-verbatim": "Verbatim but for punctuation, capitals or hyphens",
    "elided": "Elided: its pieces stand in this order",
    "altered": "Altered",
    "other-document": "From another document",
    "translation": "Cannot be checked word by word",
    "not-found": "Not found",
}
_COUNTED = {
    "verbatim": "verbatim",
    "near-verbatim": "verbatim but for punctuation, capitals or hyphens",
    "elided": "elided",
    "altered": "altered",
    "other-document": "from another document than credited",
    "translation": "in another language than the document at hand",
    "not-found": "not found",
}


@dataclass(frozen=True, slots=True)
class _Located:
    """A passage with its document."""

    document: str
    passage: Passage


class _Shown:
    """Documents and passages of a check, as renderers take them."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.texts = check.texts
        self.rows: list[_Located] = []
        self._numbers: dict[tuple[str, int], int] = {}

    def document(self, name: str) -> Document:
        """One of the documents, by its id."""
        return self.check.document(name)

    def row(self, place: Place, document: Document | None = None) -> int | None:
        """Number of the passage at a place, of the document as quoted or as given; None for a heading."""
        if place.passage is None:
            return None
        text = document or self.document(place.document)
        key = (text.sha256, place.passage)
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append(_Located(place.document, text.passages[place.passage]))
        return self._numbers[key]


def render_text(check: Check, width: int = 100, ascii_only: bool = False, colours: Colours | None = None) -> str:
    """The report as text, no line with blanks at its end.

    Parameters
    ----------
    check : Check
        What `compare.check` gives.
    width : int
        Columns.
    ascii_only : bool
        Whether only ASCII may be drawn with.
    colours : {"standard", "256", "truecolor", "windows"}, optional
        What the terminal can show.
    """
    from compare.report.terminal import drawn

    shown = _Shown(check)
    return drawn(shown, list(_parts(check, shown)), width, ascii_only, colours)


def render_markdown(check: Check) -> str:
    """The report as Markdown."""
    from compare.report.markdown import written

    shown = _Shown(check)
    return written(shown, list(_parts(check, shown)), f"Quotations in: {_title(check)}")


def render_html(check: Check) -> str:
    """The report as a page of HTML that needs nothing from elsewhere."""
    return _page(check, fragment=False)


def render_fragment(check: Check) -> str:
    """The report for a notebook."""
    return _page(check, fragment=True)


def _page(check: Check, fragment: bool) -> str:
    from compare.report.html import page

    shown = _Shown(check)
    parts = list(_parts(check, shown))
    heading = f"Quotations in: {_title(check)}"
    return page(
        shown,
        parts,
        title=f"{heading}: policy-compare",
        heading=heading,
        version=check.method["version"],
        fragment=fragment,
    )


def _title(check: Check) -> str:
    return shared.visible(check.article.title)


# Parts


def _parts(check: Check, shown: _Shown) -> Iterator[Part]:
    yield Part("head", "", "", tuple(_head(check)))
    by_kind = {kind: [item for item in check.checked if item.kind == kind] for kind in ("document", "term", "person")}
    if by_kind["document"]:
        note = "Words that the article quotes from a document or body, in its order."
        yield Part("quotations", "Quotations of documents", note, tuple(_quotations(check, shown, by_kind["document"])))
    if check.claims:
        note = "Sentences that describe a document. Only a measured figure decides; the rest is for you to read."
        yield Part("claims", "What the article says of the documents", note, tuple(_claims(check, shown)))
    if by_kind["term"]:
        note = "Words and titles between quotation marks, counted as they are written."
        yield Part("terms", "Terms", note, tuple(_term(check, item) for item in _distinct(by_kind["term"])))
    if by_kind["person"]:
        note = "Words of people who speak for themselves: no verdict."
        yield Part("persons", "Quotations of persons", note, tuple(_persons(check, by_kind["person"])))
    yield Part("method", "How this was checked", "", tuple(_method(check)))


def _head(check: Check) -> Iterator[Block]:
    yield plain(f"Quotations in: {_title(check)}", "strong")
    named = "; ".join(f"{document.label}, {shared.BASIS[document.basis]}" for document in check.texts)
    yield plain(f"held against {named}", "faint")
    quoted = [item for item in check.checked if item.kind == "document"]
    counts = Counter(item.verdict for item in quoted)
    told = [f"{counts[verdict]} {_COUNTED[verdict]}" for verdict in VERDICTS if counts[verdict]]
    if counts[None]:
        told.append(f"{counts[None]} that cannot be checked word by word")
    terms = len(_distinct([item for item in check.checked if item.kind == "term"]))
    persons = sum(item.kind == "person" and not item.quotation.depth for item in check.checked)
    line = f"{_number(len(quoted), 'quotation')} of documents" + (f": {', '.join(told)}" if told else "")
    line += f". {_number(terms, 'term')} counted, {_number(persons, 'quotation')} of persons listed"
    if check.method["meaning"]:
        verdicts = Counter(claim.verdict for claim in check.claims)
        each = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in _CLAIMED if verdicts[verdict])
        line += f". {_number(len(check.claims), 'description')} of documents" + (f": {each}" if each else "")
    yield plain(line + ".")
    numbers: dict[str | None, list[str]] = {}
    for number, item in enumerate(quoted, start=1):
        numbers.setdefault(item.verdict, []).append(str(number))
    look = [
        f"{', '.join(numbers[verdict])} ({_COUNTED[verdict]})"
        for verdict in ("other-document", "not-found", "altered")
        if verdict in numbers
    ]
    look += _missed(check)
    if look:
        yield Paragraph((Span("Look first at: ", "strong"), Span("; ".join(look) + ".")))
    digests = [document for document in check.texts if document.basis == "digest"]
    if digests:
        names = " ".join(document.id for document in digests)
        yield plain(
            f"Of {', '.join(d.short for d in digests)} only a digest is at hand, which restates the document: the "
            f"wording of a quotation cannot be held against it. For the official text: policy-compare fetch {names}",
            "faint",
        )


def _missed(check: Check) -> list[str]:
    """Terms that the document credited with them has not."""
    made = []
    for item in _distinct([item for item in check.checked if item.kind == "term" and item.credit.kind != "title"]):
        counts = {count.document: count.times for count in item.counts}
        own = [counts.get(name) for name in item.credit.documents]
        basis = {check.document(name).basis for name in item.credit.documents}
        plainly = item.credit.explicit and item.credit.close and " " in item.text.strip()
        if plainly and own and "digest" not in basis and all(times == 0 for times in own):
            made.append(f"“{shared.visible(item.text.strip(' ,;.'))}” (a term that {item.credit.name} has not)")
    return made


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times" if count else "not once"


def _where(check: Check, place: Place) -> str:
    """Document and page, and the section where there is no page."""
    document = check.document(place.document)
    page = shared.page_of(place.page, place.page_label)
    section = f'"{shared.cut(place.section[-1], 60)}"' if place.section else ""
    return ", ".join(part for part in (document.short, page or section) if part)


def _span(check: Check, places: Sequence[Place]) -> str:
    """Where words stand that run over several passages, told by the first and the last."""
    begins, last = _where(check, places[0]), shared.page_of(places[-1].page, places[-1].page_label)
    begun = shared.page_of(places[0].page, places[0].page_label)
    return begins if not last or last == begun else f"{begins} to {last}"


def _quoted(text: str) -> Span:
    return Span(f"“{shared.visible(' '.join(text.split()))}”", quoted=True)


def _under(*spans: Span) -> Paragraph:
    return Paragraph(spans, under=True)


def _credited(check: Check, item: Checked) -> str:
    """Whom the article credits, and which document that was taken for."""
    where = f"Paragraph {check.article.body.count(BETWEEN, 0, item.quotation.start) + 1}"
    name = " ".join(item.credit.name.split())
    if not name:
        return f"{where}; nobody is plainly credited."
    meant = [check.document(d).short for d in item.credit.documents]
    taken = f" ({' or '.join(meant)})" if meant and [name] != meant else ""
    plainly = "credited to" if item.credit.explicit else "credited, as far as can be told, to"
    return f"{where}; {plainly} {shared.visible(name)}{taken}."


def _quotations(check: Check, shown: _Shown, items: Sequence[Checked]) -> Iterator[Block]:
    before: int | None = None
    for number, item in enumerate(items, start=1):
        yield Paragraph((_quoted(item.text), Span(f" {_credited(check, item)}", "faint")), number)
        rows = [row for place in item.places[:_PASSAGES] if (row := shown.row(place)) is not None]
        same = len(rows) == 1 and rows[0] == before
        verdict = "Cannot be checked word by word" if item.verdict is None else _TOLD[item.verdict]
        document = item.place.document if item.place is not None else ""
        spans = [Span(verdict, "strong", document), Span(_told(check, item))]
        yield _under(*spans, *([Span(" In the passage above.", "faint")] if same else []))
        if item.match is not None and item.match.verdict in {"elided", "altered"}:
            yield _under(*_difference(item.changes))
        if not same:
            yield from (Quotation(shown.rows[row].document, row, most=_MOST) for row in rows)
        before = rows[0] if len(rows) == 1 else None
        for place in item.nearest[:_NEAR]:
            near = "nearest in meaning" if place.similarity != 1 else "the digest has the same words"
            note = f"{near}, {place.similarity:.2f}" if place.similarity != 1 else near
            yield Quotation(place.document, shown.row(place), note, _MOST)


def _told(check: Check, item: Checked) -> str:
    """What stands behind a verdict."""
    if item.places and item.match is not None:
        text = f": {_span(check, item.places)}"
        if item.match.times > 1:
            text += f", and {item.match.times - 1} more"
        if item.verdict == "other-document":
            how = "" if item.match.verdict == "verbatim" else f" ({_COUNTED[item.match.verdict]})"
            return f"{text}{how}. The article credits {shared.visible(item.credit.name)}."
        if item.credit.documents and item.places[0].document not in item.credit.documents:
            return f"{text}. The article does not say plainly that it is from there."
        return f"{text}."
    digests = ", ".join(check.document(d).short for d in item.digests)
    foreign = ", ".join(check.document(d).short for d in item.foreign)
    if item.verdict is None:
        unread = [f"of {digests} only a digest is at hand, which restates it"] if digests else []
        unread += [f"{foreign} is at hand in another language"] if foreign else []
        searched = ", ".join(d.short for d in check.texts if d.id not in {*item.digests, *item.foreign})
        also = f"not found in {searched}; " if searched and not item.credit.documents else ""
        return f": {also}{'; '.join(unread)}."
    if item.verdict == "translation":
        return f": {foreign} is at hand in another language. As for a translation, read what is nearest."
    searched = ", ".join(d.short for d in check.texts if d.id not in {*item.digests, *item.foreign})
    text = f" in {searched}" if searched else ""
    if item.credit.explicit and not item.credit.documents:
        text += ". What the article credits is not among these documents"
    left = ", ".join(part for part in (digests, foreign) if part)
    if left:
        text += f"; {left} could not be searched for its words"
    return f"{text}."


def _difference(changes: Sequence[Change]) -> Iterator[Span]:
    """A difference as running text, what differs in brackets."""
    yield Span("Difference: ", "faint")
    for number, change in enumerate(changes):
        blank = " " if number else ""
        match change.kind:
            case "same":
                yield Span(blank + shared.visible(" ".join(change.document.split())), quoted=True)
            case "left out":
                yield Span(f"{blank}[left out: {shared.visible(change.document)}]", "strong")
            case "put in":
                yield Span(f"{blank}[put in: {shared.visible(change.quotation)}]", "strong")
            case "changed":
                words = f"[document: {shared.visible(change.document)}; article: {shared.visible(change.quotation)}]"
                yield Span(blank + words, "strong")


def _distinct(items: Sequence[Checked]) -> list[Checked]:
    """Terms once, however often the article has them."""
    seen: dict[str, Checked] = {}
    for item in items:
        seen.setdefault(" ".join(item.text.casefold().strip(" ,.;:!?").split()), item)
    return list(seen.values())


def _term(check: Check, item: Checked) -> Paragraph:
    spans = [_quoted(item.text.strip(" ,;"))]
    if item.credit.kind == "title" and item.credit.documents:
        named = ", ".join(check.document(d).short for d in item.credit.documents)
        return Paragraph((*spans, Span(f": title of {named}.", "faint")))
    if item.credit.kind == "title":
        spans.append(Span(" (a title)", "faint"))
    elif item.credit.name and item.credit.explicit:
        spans.append(Span(f" (credited to {shared.visible(item.credit.name)})", "faint"))
    for number, count in enumerate(item.counts):
        document = check.document(count.document)
        spans.append(Span("; " if number else ": "))
        if count.times is None:
            spans.append(Span(f"{document.short} is in another language"))
            continue
        spans.append(Span(f"{document.short} {_times(count.times)}", "strong" if count.times else "", document.id))
        if document.basis == "digest":
            spans.append(Span(" in the digest", "faint"))
        places = list(dict.fromkeys(shared.page_of(p.page, p.page_label) or _section(p) for p in count.places))
        places = [place for place in places if place]
        if places:
            more = f", and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
            spans.append(Span(f" ({', '.join(_pages(places[:_PLACES]))}{more})"))
    spans.append(Span("."))
    return Paragraph(tuple(spans))


def _section(place: Place) -> str:
    return f'"{shared.cut(place.section[-1], 40)}"' if place.section else ""


def _pages(places: Sequence[str]) -> list[str]:
    """Pages of one kind named once: "p. 3", "4"."""
    made: list[str] = []
    head = ""
    for place in places:
        lead, _, number = place.rpartition(" ")
        if lead and lead == head and number:
            made.append(number)
        else:
            made.append(place)
        head = lead if lead in {"p.", "point", "file p."} else ""
    return made


def _persons(check: Check, items: Sequence[Checked]) -> Iterator[Block]:
    names: dict[str, list[Checked]] = {}
    for item in items:
        # What a person quotes in turn stands in the person's own words already.
        if not item.quotation.depth or item.places:
            names.setdefault(" ".join(item.credit.name.split()) or "Somebody", []).append(item)
    for name, own in names.items():
        yield Subhead(shared.visible(name))
        for item in own:
            spans = [_quoted(item.text)]
            if item.places:
                spans.append(Span(f" The same words stand in {_span(check, item.places)}.", "strong"))
            yield Paragraph(tuple(spans))


def _claims(check: Check, shown: _Shown) -> Iterator[Block]:
    digests = [document for document in check.measured if document.basis == "digest"]
    if digests and any(document.basis != "digest" for document in check.texts):
        yield plain("Figures are taken from the digests, so that all documents are measured alike.", "faint")
    number = 0
    before: tuple[int, int] | None = None
    for claim in check.claims:
        if (claim.start, claim.end) != before:
            number += 1
            sentence = Span(shared.visible(" ".join(claim.text.split())), "emphasis", quoted=True)
            yield Paragraph((sentence,), number)
        before = (claim.start, claim.end)
        yield from _claim(check, shown, claim)


def _claim(check: Check, shown: _Shown, claim: Claim) -> Iterator[Block]:
    about = check.document(claim.documents[0]).short
    spans = [Span(claim.verdict[0].upper() + claim.verdict[1:], "strong"), Span(f" ({about})")]
    if claim.clause and claim.direction:
        spans += [Span(": "), _quoted(claim.clause)]
    if claim.reason:
        spans.append(Span(f"; {claim.reason}"))
    figures = _figures(check, claim)
    spans.append(Span(f". {figures}" if figures else "."))
    yield _under(*spans)
    measured = {document.id: document for document in check.measured}
    for place in claim.evidence:
        note = f"{claim.label}, in the digest" if measured[place.document].basis == "digest" else claim.label
        yield Quotation(place.document, shown.row(place, measured[place.document]), note, _MOST)
    if (not claim.evidence or claim.kind == "presence") and claim.kind != "count":
        for place in claim.nearest[:_NEAR]:
            yield Quotation(place.document, shown.row(place), f"nearest in meaning, {place.similarity:.2f}", _MOST)


def _figures(check: Check, claim: Claim) -> str:
    if claim.subject == "term" and claim.times is not None:
        return f"“{shared.visible(claim.label)}” stands there {_times(claim.times)}."
    if not claim.shares:
        return ""
    what = "heard in" if claim.subject == "pole" else "takes"
    each = ", ".join(f"{per_cent(share)} of {check.document(d).short}" for d, share in claim.shares.items())
    text = f"{claim.label}: {what} {each}, by passages"
    if claim.differences:
        told = "; ".join(
            f"{shared.points(difference)} points against {check.document(other).short}"
            + (", beyond chance" if difference.holds else "")
            for other, difference in zip(claim.documents[1:], claim.differences, strict=True)
        )
        text += f"; difference {told}"
    return text + "."


def _method(check: Check) -> Iterator[Block]:
    yield plain(
        "A quotation is looked for by its words, whatever its capitals, punctuation and hyphens; then by its pieces in "
        "order, where the article has dots; then by the place that shares most of its words in order. Whom the article "
        "credits is read from the sentence around it; where it only implies one, that is said, and nobody is accused "
        "by it. That words stand in a document does not make a quotation fair: read what stands around them."
    )
    yield plain(
        "Words are never called verbatim across languages. There always is a nearest passage, near or not: read it "
        "before you take it for an answer."
    )
    if any(claim.measurable for claim in check.claims):
        yield plain(
            "A description is held against the measured share of a tone where its words name that tone, or of a theme "
            "where it says that there is more or less of it. A difference must hold beyond chance (false discovery "
            "rate 5 %); a tone must be heard in more passages than it is wrongly heard in among labelled sentences. "
            "All else cannot be told."
        )
    yield Subhead("To run this again")
    yield Paragraph((Span(check.method["command"], "code"),))
    model = check.method["model"]
    if model:
        weights = check.method["weights_sha256"]
        yield plain(f"Encoder: {model}" + (f" (weights {weights[:12]})" if weights else ""), "faint")
    for document in (check.article, *check.texts):
        yield plain(f"{document.label}: {document.basis}, SHA-256 {document.sha256}", "faint")
    yield plain(f"policy-compare {check.method['version']}, seed {check.method['seed']}", "faint")


# JSON


def to_json(check: Check) -> str:
    """All of it as JSON, schema ``policy-compare-quotes/1``."""
    value = {
        "schema": SCHEMA,
        "article": {
            "id": check.article.id,
            "title": check.article.title,
            "language": check.article.language,
            "sha256": check.article.sha256,
        },
        "documents": [named(document) for document in check.texts],
        "quotations": [_item(check, item) for item in check.checked],
        "claims": [_claimed(check, claim) for claim in check.claims],
        "measured": [{"id": d.id, "basis": d.basis, "sha256": d.sha256} for d in check.measured],
        "method": check.method,
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _item(check: Check, item: Checked) -> dict[str, Any]:
    place = item.place
    return {
        "text": item.text,
        "start": item.quotation.start,
        "end": item.quotation.end,
        "depth": item.quotation.depth,
        "speaker": item.credit.name or None,
        "credited": list(item.credit.documents),
        "explicit": item.credit.explicit,
        "kind": item.kind,
        "verdict": item.verdict,
        "document": None if place is None else place.document,
        "section": None if place is None else list(place.section),
        "page": None if place is None else place.page,
        "page_label": None if place is None else place.page_label,
        "passage": check.passage_id(place),
        "passages": _identifiers(check, item.places),
        "words": None if item.match is None else " ".join(item.match.text.split()),
        "times": None if item.match is None else item.match.times,
        "difference": [
            {"kind": change.kind, "document": change.document, "quotation": change.quotation} for change in item.changes
        ]
        or None,
        "counts": [
            {"document": count.document, "count": count.times, "passages": _identifiers(check, count.places)}
            for count in item.counts
        ],
        "nearest": [_near(check, place) for place in item.nearest],
        "digests": list(item.digests),
        "other_languages": list(item.foreign),
    }


def _identifiers(check: Check, places: Sequence[Place]) -> list[str]:
    """Passages at several places, without headings."""
    return [identifier for place in places if (identifier := check.passage_id(place)) is not None]


def _near(check: Check, place: Place, texts: Sequence[Document] = ()) -> dict[str, Any]:
    document = next(document for document in texts or check.texts if document.id == place.document)
    passage = None if place.passage is None else document.passages[place.passage]
    return {
        "passage": None if passage is None else document.passage_id(passage),
        "document": place.document,
        "section": list(place.section),
        "page": place.page,
        "page_label": place.page_label,
        "text": None if passage is None else passage.text,
        "similarity": place.similarity,
    }


def _claimed(check: Check, claim: Claim) -> dict[str, Any]:
    return {
        "text": claim.text,
        "start": claim.start,
        "end": claim.end,
        "clause": claim.clause or None,
        "documents": list(claim.documents),
        "verdict": claim.verdict,
        "kind": claim.kind or None,
        "direction": claim.direction,
        "subject": claim.subject or None,
        "measure": claim.measure or None,
        "label": claim.label or None,
        "times": claim.times,
        "shares": {name: json_interval(share) for name, share in (claim.shares or {}).items()},
        "differences": [
            {"document": other, **json_difference(difference, effect=False)}
            for other, difference in zip(claim.documents[1:], claim.differences, strict=False)
        ],
        "reason": claim.reason or None,
        "nearest": [_near(check, place) for place in claim.nearest],
        "evidence": [_near(check, place, check.measured) for place in claim.evidence],
    }
