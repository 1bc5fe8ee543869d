"""An article held against the documents that it quotes: what it puts between marks, and what it says of them."""

from __future__ import annotations

import bisect
import functools
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from compare.attribution import attribute
from compare.catalogue import Basis
from compare.documents import Document, Passage
from compare.documents.cleaning import han_share
from compare.encoders import Encoder, Encodes, open_encoder
from compare.errors import OptionError
from compare.locating import Place, place_of
from compare.quotes import Change, Match, Quotation, QuotedText, Words, find_quotations
from compare.shown import printable
from compare.sources import Credit, Sources

if TYPE_CHECKING:
    import pandas as pd

    from compare.claims import Claim

Kind = Literal["document", "person", "term"]
Verdict = Literal["verbatim", "near-verbatim", "elided", "altered", "other-document", "translation", "not-found"]
Progress = Callable[[str, int, int], None]

VERDICTS: tuple[Verdict, ...] = (
    "verbatim", "near-verbatim", "elided", "altered", "other-document", "translation", "not-found",
)  # fmt: skip
# Up to so many words, or Chinese characters, a quotation is a term and is counted.
TERM_WORDS, TERM_CHARACTERS = 3, 6
_CLOSENESS = {"verbatim": 0, "near-verbatim": 1, "elided": 2, "altered": 3}
# Fewer words than these stand in many documents by chance.
_WORDS_OF_ITS_OWN, _LONG_WORDS_OF_ITS_OWN, _CHARACTERS_OF_ITS_OWN = 4, 2, 8
_ALTERED_OF_ITS_OWN = 8
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Count:
    """How often a term stands in a document.

    Attributes
    ----------
    document : str
        Id of the document.
    times : int or None
        None where the document is in another language.
    places : tuple of Place
        Where, each passage once.
    """

    document: str
    times: int | None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A quotation, and what became of it.

    Attributes
    ----------
    quotation : Quotation
        Its words and its place in the article.
    kind : {"document", "person", "term"}
        Words of a document or body, words of a person who speaks, or a few words used as a term or name.
    credit : Credit
        Whom the article credits it to.
    verdict : str or None
        One of `VERDICTS`; None for persons and terms, and where a document credited is at hand as a digest alone, which
        restates its words.
    places : tuple of Place
        Where it stands: the passages that it takes words from, in order.
    match : Match or None
        How it stands there.
    counts : tuple of Count
        For a term: how often it stands in each document.
    nearest : tuple of Place
        Passages nearest in meaning where its words were not found, the nearest first; before them, with a similarity of
        1, passages of a digest that have the same words.
    digests, foreign : tuple of str
        Ids of documents that it may be from and that could not be searched for its words: digests, and documents in
        another language.
    """

    quotation: Quotation
    kind: Kind
    credit: Credit
    verdict: Verdict | None = None
    places: tuple[Place, ...] = ()
    match: Match | None = None
    counts: tuple[Count, ...] = ()
    nearest: tuple[Place, ...] = ()
    digests: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its words, without the marks."""
        return self.quotation.text

    @property
    def place(self) -> Place | None:
        """Where it begins; None where it was not found."""
        return self.places[0] if self.places else None

    @property
    def changes(self) -> tuple[Change, ...]:
        """How it differs from the document, in order."""
        return self.match.changes if self.match is not None else ()


@dataclass(frozen=True)
class Check:
    """What an article quotes and says, held against documents.

    Attributes
    ----------
    article : Document
        The article as read.
    texts : tuple of Document
        The documents.
    checked : tuple of Checked
        Its quotations, in order.
    claims : tuple of Claim
        Sentences that describe a document, in order.
    measured : tuple of Document
        The documents as the figures of claims were taken from them, all on one basis; empty where none was taken.
    method : dict
        Encoder, versions and options.
    """

    article: Document
    texts: tuple[Document, ...]
    checked: tuple[Checked, ...]
    claims: tuple[Claim, ...]
    measured: tuple[Document, ...]
    method: dict[str, Any]

    def document(self, name: str) -> Document:
        """One of the documents, by its id.

        Raises
        ------
        OptionError
            If there is none.
        """
        found = next((document for document in self.texts if document.id == name), None)
        if found is None:
            raise OptionError(f"{printable(name)}: no document; they are {', '.join(d.id for d in self.texts)}")
        return found

    def passage(self, place: Place) -> Passage | None:
        """The passage at a place; None for a heading."""
        return None if place.passage is None else self.document(place.document).passages[place.passage]

    def passage_id(self, place: Place | None) -> str | None:
        """Identifier of the passage at a place; None for a heading, or where there is no place."""
        passage = None if place is None else self.passage(place)
        return None if place is None or passage is None else self.document(place.document).passage_id(passage)

    @property
    def quotations(self) -> pd.DataFrame:
        """A row a quotation of a document: its words, who is credited, the verdict and the place."""
        from compare.frames import quotation_frame

        return quotation_frame(self)

    @property
    def terms(self) -> pd.DataFrame:
        """A row a term and document: how often, and where."""
        from compare.frames import term_frame

        return term_frame(self)

    @property
    def characterisations(self) -> pd.DataFrame:
        """A row a sentence that describes a document: the verdict, the figure and the nearest passages."""
        from compare.frames import claim_frame

        return claim_frame(self)

    def to_json(self) -> str:
        """All of it as JSON, schema ``policy-compare-quotes/1``."""
        from compare.report.checked import to_json

        return to_json(self)

    def to_text(self, width: int = 100) -> str:
        """The report as text.

        Parameters
        ----------
        width : int
            Columns, 60 at least.
        """
        from compare.report.checked import render_text

        return render_text(self, width)

    def to_markdown(self) -> str:
        """The report as Markdown."""
        from compare.report.checked import render_markdown

        return render_markdown(self)

    def to_html(self) -> str:
        """The report as a page of HTML that needs nothing from elsewhere."""
        from compare.report.checked import render_html

        return render_html(self)

    def _repr_html_(self) -> str:
        from compare.report.checked import render_fragment

        return render_fragment(self)

    def __repr__(self) -> str:
        return f"Check({self.article.title!r}: {len(self.checked)} quotations, {len(self.texts)} documents)"


def check(
    article: str | Path | Document,
    docs: Sequence[str | Path | Document],
    *,
    basis: Basis = "auto",
    meaning: bool = True,
    model: str | None = None,
    encoder: Encodes | None = None,
    cache: bool = True,
    seed: int = 0,
    progress: Progress | None = None,
) -> Check:
    """Hold an article's quotations, and what it says of documents, against the documents.

    Parameters
    ----------
    article : str, Path or Document
        A path (text, Markdown, HTML, Word, PDF), an https address, or what `compare.load` gives.
    docs : sequence of str, Path or Document
        One document or more, as for `compare.compare`.
    basis : {"auto", "official", "digest"}
        Which text of catalogue documents; "auto" takes the official text of each that has one at hand. A digest
        restates a document, so that the wording of a quotation cannot be held against it.
    meaning : bool
        Whether passages nearest in meaning are looked for and sentences that describe a document are checked, which
        takes an encoder. Without it only words are compared.
    model, encoder, cache, seed, progress
        As for `compare.compare`.

    Raises
    ------
    PolicyCompareError
        If the article or a document cannot be had, or the article is one of the documents.

    Notes
    -----
    That an article names a document's own words is not all that makes a quotation fair: what stands around them counts,
    and is for a reader to judge.
    """
    from compare.comparison import load_documents, version

    say = progress or (lambda step, done, total: None)
    if not isinstance(docs, (list, tuple)) or not docs:
        raise OptionError("quotes: no document was given; give the article, then one document or more")
    say("reading", 0, len(docs) + 1)
    (source,) = load_documents([article], "auto", fewest=1)
    documents = load_documents(docs, basis, say, fewest=1, together=False)
    same = next((document for document in documents if document.sha256 == source.sha256), None)
    if same is not None:
        raise OptionError(f"{printable(str(article))}: the article is one of the documents; give the others alone")
    found = find_quotations(source.body, source.quoted)
    credits, sentences = attribute(source.body, found, Sources(documents, source.language, source.body))
    checker = _Checker(source, documents)
    checked = []
    for number, (quotation, credit) in enumerate(zip(found, credits, strict=True)):
        say("checking", number, len(found))
        checked.append(checker.checked(quotation, credit))
    claims: tuple[Claim, ...] = ()
    measured: tuple[Document, ...] = ()
    told: dict[str, str | None] = {"model": None, "weights_sha256": None}
    if meaning:
        from compare.claims import find_claims

        @functools.cache
        def speaker() -> Encoder:
            spoken = [source.language, *(document.language for document in documents)]
            made = open_encoder(
                spoken,
                model=model,
                encoder=encoder,
                cache=cache,
                progress=lambda done, total: say("encoding", done, total),
            )
            told.update(model=made.model.name, weights_sha256=None if encoder else made.model.checksum)
            return made

        if any(_wants_nearest(item) for item in checked):
            checked = _with_nearest(checked, documents, speaker())
        claims, measured = find_claims(
            source,
            sentences,
            checked,
            docs,
            documents,
            speaker,
            basis=basis,
            model=model,
            encoder=encoder,
            cache=cache,
            seed=seed,
            progress=say,
        )
    named = [doc.id if isinstance(doc, Document) else str(doc) for doc in (article, *docs)]
    command = ["policy-compare", "quotes", *named]
    for flag, value, usual in (("--basis", basis, "auto"), ("--model", model, None), ("--seed", seed, 0)):
        command += [flag, str(value)] if value != usual else []
    command += [] if meaning else ["--words-only"]
    method = {
        **told,
        "meaning": meaning,
        "basis": basis,
        "seed": seed,
        "version": version(),
        "command": shlex.join(printable(word) for word in command),
    }
    return Check(source, tuple(documents), tuple(checked), claims, measured, method)


class _Checker:
    """Holds quotations against documents."""

    def __init__(self, article: Document, documents: Sequence[Document]) -> None:
        self.article = article
        self.documents = {document.id: document for document in documents}
        self._texts: dict[str, QuotedText] = {}
        self._starts = {d.id: [p.start for p in d.passages] for d in documents}

    def text(self, document: str) -> QuotedText:
        """A document ready to look for quotations in."""
        if document not in self._texts:
            self._texts[document] = QuotedText(self.documents[document])
        return self._texts[document]

    def checked(self, quotation: Quotation, credit: Credit) -> Checked:
        """One quotation with its verdict."""
        words = Words.of(quotation.text).words
        if credit.kind == "person":
            return self._person(quotation, credit, words)
        short = len(words) <= (TERM_CHARACTERS if self._language(quotation) == "zh" else TERM_WORDS)
        if credit.kind == "title" or short:
            return Checked(quotation, "term", credit, counts=tuple(self._counts(quotation, words)))
        return self._document(quotation, credit, words)

    def _language(self, quotation: Quotation) -> str:
        """Language of a quotation, which may stand in an article of another."""
        if han_share(quotation.text) > 0.25:
            return "zh"
        return "en" if self.article.language == "zh" else self.article.language

    def place(self, document: str, at: int) -> Place:
        """What stands at a place of a document's body, in characters."""
        text = self.documents[document]
        number = bisect.bisect_right(self._starts[document], at) - 1
        if number >= 0 and at < text.passages[number].end:
            return place_of(text, text.passages[number])
        section = next((s for s in reversed(text.outline) if s.start <= at), None)
        if section is None:
            return Place(document, None)
        return Place(document, None, section.path, section.page, section.page_label)

    def places(self, document: str, match: Match) -> tuple[Place, ...]:
        """The passages that hold the words of a match, or the heading that does."""
        first = self.place(document, match.start)
        starts = self._starts[document]
        last = bisect.bisect_left(starts, match.end)
        passages = self.documents[document].passages
        begun = bisect.bisect_right(starts, match.start)
        rest = [place_of(self.documents[document], passages[number]) for number in range(begun, last)]
        return (first, *rest)

    def _person(self, quotation: Quotation, credit: Credit, words: Sequence[str]) -> Checked:
        """A person's words get no verdict; where they are a document's, that is told."""
        best = self._best(quotation, self._searchable(quotation)) if _own(words) else None
        if best is None or best[1].verdict == "altered":
            return Checked(quotation, "person", credit)
        if quotation.depth:
            # What a person quotes and a document has is the document's.
            return self._found(quotation, Credit("document"), best)
        return Checked(quotation, "person", credit, places=self.places(*best), match=best[1])

    def _counts(self, quotation: Quotation, words: Sequence[str]) -> Iterator[Count]:
        language = self._language(quotation)
        # "AI+" is not "AI".
        bare = quotation.text.strip(" ,.;:!?，。；：！？")
        signs = re.compile(re.escape(bare), re.IGNORECASE) if re.search(r"[+&/#@%$€]", bare) else None
        for document in self.documents.values():
            if document.language != language and not all(word.isascii() for word in words):
                yield Count(document.id, None)
                continue
            text = self.text(document.id)
            found = text.occurrences(words)
            if signs is not None:
                found = [first for first in found if signs.match(text.body, text.tokens.starts[first])]
            if not found and document.language != language:
                yield Count(document.id, None)
                continue
            places = [self.place(document.id, text.tokens.starts[first]) for first in found]
            yield Count(document.id, len(found), tuple(dict.fromkeys(places)))

    def _searchable(self, quotation: Quotation) -> list[str]:
        language = self._language(quotation)
        return [d.id for d in self.documents.values() if d.language == language and d.basis != "digest"]

    def _best(self, quotation: Quotation, documents: Sequence[str]) -> tuple[str, Match] | None:
        """The document that has the words most nearly, the first of several."""
        best: tuple[str, Match] | None = None
        # Where its words stand somewhere, no place with other words is nearer.
        for altered in (False, True):
            for document in documents:
                match = self.text(document).match(quotation.text, altered)
                if match is not None and (best is None or _closeness(match) < _closeness(best[1])):
                    best = document, match
                    if match.verdict == "verbatim":
                        return best
            if best is not None:
                break
        return best

    def _document(self, quotation: Quotation, credit: Credit, words: Sequence[str]) -> Checked:
        searchable = self._searchable(quotation)
        inside = [document for document in searchable if document in credit.documents]
        outside = [document for document in searchable if document not in credit.documents]
        own = self._best(quotation, inside)
        if own is not None and own[1].verdict != "altered":
            return self._found(quotation, credit, own)
        other = self._best(quotation, outside)
        if other is not None and own is not None and _closeness(other[1]) >= _closeness(own[1]):
            other = None
        if other is not None and (not credit.explicit or own is None or other[1].verdict != "altered"):
            # Where the words may be meant to be the other document's, or where any document may have them, nobody is
            # accused.
            if not credit.explicit or (other[0] in credit.rivals and not credit.close and own is None):
                return self._found(quotation, replace(credit, explicit=False), other)
            if _own(words) and (other[1].verdict != "altered" or len(words) >= _ALTERED_OF_ITS_OWN):
                return replace(self._found(quotation, credit, other), verdict="other-document")
        if own is not None:
            return self._found(quotation, credit, own)
        # Where no document is credited, the words may be from any of them.
        left = [document for document in credit.documents or self.documents if document not in searchable]
        digests = tuple(d for d in left if self.documents[d].basis == "digest")
        foreign = tuple(d for d in left if d not in digests)
        verdict: Verdict | None = "not-found"
        if credit.documents:
            verdict = None if digests else "translation" if foreign else "not-found"
        elif (digests or foreign) and not (credit.explicit and searchable):
            # It may be from one that could not be searched.
            verdict = "translation" if foreign and not digests and not searchable else None
        near = tuple(
            replace(self.place(name, found.start), similarity=1.0)
            for name in digests
            if self.documents[name].language == self._language(quotation)
            and (found := self.text(name).match(quotation.text, False)) is not None
        )
        near = tuple(place for place in near if place.passage is not None)
        return Checked(quotation, "document", credit, verdict, nearest=near, digests=digests, foreign=foreign)

    def _found(self, quotation: Quotation, credit: Credit, found: tuple[str, Match]) -> Checked:
        document, match = found
        return Checked(quotation, "document", credit, match.verdict, self.places(document, match), match)


def _closeness(match: Match) -> tuple[int, int]:
    changed = sum(len(change.document) + len(change.quotation) for change in match.changes if change.kind != "same")
    return _CLOSENESS[match.verdict], changed if match.verdict == "altered" else 0


def _own(words: Sequence[str]) -> bool:
    """Whether words are so many that they do not stand in a document by chance."""
    han = sum("\u3400" <= word <= "\u9fff" for word in words)
    if han > len(words) / 2:
        return len(words) >= _CHARACTERS_OF_ITS_OWN
    long = sum(len(word) > 4 for word in words)
    return len(words) >= _WORDS_OF_ITS_OWN and long >= _LONG_WORDS_OF_ITS_OWN


def _wants_nearest(item: Checked) -> bool:
    return item.kind == "document" and item.verdict in {None, "translation", "not-found"}


def _with_nearest(checked: Sequence[Checked], documents: Sequence[Document], encoder: Any) -> list[Checked]:
    """Quotations with the passages nearest in meaning, of the documents that they are credited to if any."""
    from compare.search import Passages

    ready: dict[tuple[str, ...], tuple[list[tuple[Document, Passage]], Passages]] = {}
    made = []
    for item in checked:
        words = " ".join(re.sub(r"\s*(?:\.\s?\.\s?\.|…)+\s*", " ", item.text).split())
        if not _wants_nearest(item) or not words:
            made.append(item)
            continue
        asked = [d for d in documents if not item.credit.documents or d.id in item.credit.documents]
        key = tuple(document.id for document in asked)
        if key not in ready:
            rows = [(document, passage) for document in asked for passage in document.passages]
            spoken = [document.language for document, _ in rows]
            ready[key] = rows, Passages([passage.text for _, passage in rows], spoken, encoder)
        rows, passages = ready[key]
        ranked, similarity, _ = passages.nearest(words)
        there = {(place.document, place.passage) for place in item.nearest}
        near = [place_of(*rows[number], float(similarity[number])) for number in ranked[: _NEAREST + len(there)]]
        near = [place for place in near if (place.document, place.passage) not in there]
        made.append(replace(item, nearest=(*item.nearest, *near[:_NEAREST])))
    return made
