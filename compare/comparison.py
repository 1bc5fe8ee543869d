"""A comparison: runs each question on the documents and holds the answers. Knows no format of output."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from compare.actors import actors
from compare.arrays import Arrays, figures_of, heading_vectors, without_names
from compare.atlas import draw_atlas
from compare.beside import Beside
from compare.cache import ArrayCache, digest
from compare.catalogue import DEFAULT_PAIR, Basis, Request, resolve
from compare.codebook import Codebook, load_codebook, read_topics
from compare.counterparts import Counterparts, find_counterparts, likeness
from compare.division import Division, describe_themes, own_number
from compare.documents import Document, Passage
from compare.encoders import Encoder, Encodes, GivenEncoder, open_encoder
from compare.engine import Engine, Local
from compare.errors import DocumentError, FetchError, OptionError, PolicyCompareError, UnknownDocumentError
from compare.fetch import fetch_address
from compare.fields import Fields
from compare.findings import find_findings, find_silences
from compare.grouped import as_held
from compare.groups import Group
from compare.labels import WordClasses
from compare.learnt import Counted, Learnt
from compare.meanings import word_meanings
from compare.names import the_one
from compare.places import cache_folder
from compare.results import (
    Actor,
    Collection,
    Counterpart,
    Counts,
    Finding,
    Pole,
    SetAside,
    Silence,
    Stability,
    Theme,
    ThemeTone,
    ToneResult,
    Word,
    WordMeaning,
)
from compare.shown import printable
from compare.sides import Sides, joined, sides_of
from compare.states import own_state
from compare.terms import NOTE_AT_END, Vocabulary
from compare.theme_tone import tone_by_theme
from compare.themes import Partition, Voices, centred, in_context, load_libraries
from compare.tone import ToneScorer, ToneScores, language_of
from compare.tone_file import ToneSpec, load_dimensions
from compare.validity import Validity, kept_validity, scored_by
from compare.words import distinctive_terms

if TYPE_CHECKING:
    import pandas as pd

    from compare.estimators import Clusterer
    from compare.frames import Kind, Passages
    from compare.report.figures import Figures
    from compare.report.view import Detail

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Progress = Callable[[str, int, int], None]

FEWEST_PASSAGES = 10
# Themes, tone, actors: each resampled for itself.
_QUESTIONS = 3
# Six gigabytes, and seven minutes on two cores with vectors at hand, at this number.
MOST_PASSAGES = 200_000
# Passages that are scored, and then kept, at once.
_SCORED = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """A passage in a comparison.

    Attributes
    ----------
    id : str
        Identifier over all documents.
    document : str
        Id of its document.
    passage : Passage
        Text and place.
    theme : str
        Id of its theme.
    part : str or None
        Id of its sub-theme; None where the theme has none.
    membership : float
        How firmly it belongs to its theme, between 0 and 1.
    weak : bool
        Whether it stands between themes: most clusterings put it elsewhere than the rest of its theme (with a
        codebook's topics as themes: it is about as sure of another topic as of its own).
    tone : dict of str to float
        By dimension: its score, in standard deviations of policy sentences that take neither pole.
    poles : tuple of str
        Ids of the poles of tone whose stance it takes.
    actor : str or None
        Kind of actor that it asks for something ("unnamed" where it names nobody); None where it asks for nothing.
    """

    id: str
    document: str
    passage: Passage
    theme: str
    part: str | None
    membership: float
    weak: bool
    tone: dict[str, float]
    poles: tuple[str, ...] = ()
    actor: str | None = None


@dataclass(frozen=True)
class Comparison:
    """The answers.

    Attributes
    ----------
    texts : tuple of Document
        The documents, in the order given.
    rows : tuple of Row
        All passages, document by document.
    theme_results : tuple of Theme
        Themes, the largest first.
    tone_results : tuple of ToneResult
        Dimensions of tone.
    theme_tone_results : tuple of ThemeTone
        The tone in which two documents speak of one theme, the surest difference first.
    validity : dict of str to tuple of Validity
        By language, for each dimension how well it is told.
    actor_results : tuple of Actor
        Who is asked for something, and how much of each document that is.
    word_results : tuple of Word
        Distinctive terms, by document.
    meaning_results : tuple of WordMeaning
        Words that two documents share, the surest to be used differently first.
    counterpart_results : tuple of Counterpart
        For each passage and each other document.
    silences : tuple of Silence
        Themes in which one document meets nothing in another.
    findings : tuple of Finding
        What differs most.
    stability : Stability
        How far the themes can be trusted.
    method : dict
        All that is needed to run it again.
    positions : tuple of (float, float)
        For each passage its place on a plane where what is near in meaning is near, between 0 and 1.
    notices : tuple of str
        What a reader should know, a line each.
    collection : Collection or None
        What is told of documents that stand in groups; None without groups.
    """

    texts: tuple[Document, ...]
    rows: tuple[Row, ...]
    theme_results: tuple[Theme, ...]
    tone_results: tuple[ToneResult, ...]
    theme_tone_results: tuple[ThemeTone, ...]
    validity: dict[str, tuple[Validity, ...]]
    actor_results: tuple[Actor, ...]
    word_results: tuple[Word, ...]
    meaning_results: tuple[WordMeaning, ...]
    counterpart_results: tuple[Counterpart, ...]
    silences: tuple[Silence, ...]
    findings: tuple[Finding, ...]
    stability: Stability
    method: dict[str, Any]
    positions: tuple[tuple[float, float], ...] = field(default=())
    notices: tuple[str, ...] = field(default=())
    collection: Collection | None = field(default=None)

    def counts(self, document: Document) -> Counts:
        """How much a document or group holds, with all that was counted and is not held.

        Parameters
        ----------
        document : Document
            One of `texts`.
        """
        own = Counts(len(document.joined) or 1, len(document.passages), document.words)
        return own if self.collection is None else self.collection.counts.get(document.id, own)

    def document(self, name: str) -> Document:
        """Find a document by its id, or by what tells it from the others: a part of its id, label or title.

        Parameters
        ----------
        name : str
            Capitals do not count.

        Raises
        ------
        OptionError
            If no document, or more than one, goes by it.
        """
        for document in self.texts:
            if document.id == name:
                return document
        names = [(d, (d.id, d.short, d.label, d.title)) for d in self.texts]
        return the_one(name, names, "document", [d.id for d in self.texts])

    def theme(self, name: str) -> Theme:
        """Find a theme by its id or number, or by a part of its label or a keyword that it alone has.

        Parameters
        ----------
        name : str
            "t07", "7", or words; capitals do not count.

        Raises
        ------
        OptionError
            If no theme, or more than one, goes by it.
        """
        themes = self.theme_results
        for theme in themes:
            if theme.id == name:
                return theme
        names = [(t, (t.id, t.number, t.label, *t.keywords)) for t in themes]
        return the_one(name, names, "theme", [f"{t.id} {t.label}" for t in themes])

    def between(self, first: str, second: str) -> pd.DataFrame:
        """All differences of two documents, the first less the second: themes, tone, poles and actors.

        Parameters
        ----------
        first, second : str
            As for `document`.

        Returns
        -------
        DataFrame
            Indexed by kind and id; with label, value, low, high, p, q, floor, effect, holds and suggested.

        Raises
        ------
        OptionError
            If a name stands for no document, or both for one.
        """
        one, two = self.document(first), self.document(second)
        if one.id == two.id:
            raise OptionError(
                f"between: {printable(first)} and {printable(second)} are both {one.id}; name two documents"
            )
        frame = self.differences
        given = frame[(frame["first"] == one.id) & (frame["second"] == two.id)]
        turned = frame[(frame["first"] == two.id) & (frame["second"] == one.id)].copy()
        turned[["value", "effect"]] *= -1
        turned[["low", "high"]] = -turned[["high", "low"]].to_numpy()
        found = given if len(given) else turned
        return found.drop(columns=["first", "second"]).set_index(["kind", "id"])

    def summary(self, kind: Kind = "theme") -> pd.DataFrame:
        """A table to read: figures with their intervals as text, and all differences, with marks.

        Parameters
        ----------
        kind : {"theme", "pole", "tone", "actor"}
            Shares of themes, shares of poles of tone, mean scores of tone, or who is asked.

        Returns
        -------
        DataFrame
            Indexed by label; a column a document ("18 % [13, 24]") and a column a pair of documents, the first less
            the second, in points of share or standard deviations: ● holds, ○ is suggested.

        Raises
        ------
        OptionError
            If there is no such kind.
        """
        from compare import frames

        return frames.summary(self, kind)

    def evidence(self, subject: str, most: int = 3) -> Passages:
        """The passages that a theme, a pole of tone or a kind of actor rests on, of each document the best first.

        Parameters
        ----------
        subject : str
            Its id, or a part of its label that no other subject has: "rivalry", "t07", "export controls".
        most : int
            Passages of each document.

        Raises
        ------
        OptionError
            If nothing, or more than one subject, goes by it.
        """
        from compare import frames

        return frames.evidence(self, subject, most)

    def search(
        self, text: str, most: int = 10, document: str | None = None, encoder: Encodes | None = None
    ) -> Passages:
        """Find the passages nearest in meaning to a text, across languages where the documents are in several.

        Parameters
        ----------
        text : str
            A question, a claim or a few words.
        most : int
            Number of passages.
        document : str, optional
            Only of this document, as for `document`.
        encoder : object, optional
            The encoder that was given to `compare`; only needed where one was.

        Returns
        -------
        Passages
            As in `passages`, the nearest first, with similarity (cosine of the vectors) and standing (the same in
            standard deviations above the mean of all passages in its language, by which passages of several languages
            are ranked). There is always a nearest passage: read it before you take it for an answer.

        Raises
        ------
        PolicyCompareError
            If the text is empty or in a language that the encoder does not know, no document goes by the name, or the
            encoder is not at hand.
        """
        from compare.frames import nearest
        from compare.search import nearest_passages

        if not isinstance(text, str) or not text.strip() or most < 1:
            raise OptionError("search: give a text, and a number of passages from 1 up")
        only = None if document is None else self.document(document).id
        given = self.method["weights_sha256"] is None
        if given and encoder is None:
            raise OptionError("search: an encoder of your own made this comparison; give it once more: encoder=...")
        # An encoder that is given takes the place of the comparison's own.
        speaker = open_encoder((), model=self.method["model"] if encoder is None else None, encoder=encoder)
        language = {d.id: d.language for d in self.texts}
        texts, spoken = [row.passage.text for row in self.rows], [language[row.document] for row in self.rows]
        ranked, similarity, standing = nearest_passages(text, texts, spoken, speaker)
        chosen = [i for i in ranked if only is None or self.rows[i].document == only][:most]
        return nearest(self, [(i, float(similarity[i]), float(standing[i])) for i in chosen])

    def course(self, theme: str, document: str, parts: int) -> tuple[int, ...]:
        """Passages on a theme in each of so many parts of a document, as equal as can be, from first to last.

        Parameters
        ----------
        theme, document : str
            Ids.
        parts : int
            Number of parts.
        """
        counts = [0] * parts
        size = len(self.document(document).passages)
        for row in self.rows:
            if row.document == document and row.theme == theme:
                counts[row.passage.order * parts // size] += 1
        return tuple(counts)

    @property
    def documents(self) -> pd.DataFrame:
        """Documents, one a row, indexed by id."""
        from compare import frames

        return frames.documents(self)

    @property
    def passages(self) -> Passages:
        """Passages, one a row, indexed by id, with place, theme, poles heard and a column a dimension of tone.

        The frame can be narrowed and searched; see `compare.frames.Passages`.
        """
        from compare import frames

        return frames.passages(self)

    @property
    def themes(self) -> pd.DataFrame:
        """Shares of themes, one theme and document a row, between 0 and 1."""
        from compare import frames

        return frames.themes(self)

    @property
    def tone(self) -> pd.DataFrame:
        """Tone, one dimension and document a row: score with interval, and the share of passages with each pole."""
        from compare import frames

        return frames.tone(self)

    @property
    def poles(self) -> pd.DataFrame:
        """Shares of the passages in which each pole of tone is heard, one pole and document a row."""
        from compare import frames

        return frames.poles(self)

    @property
    def tone_by_theme(self) -> pd.DataFrame:
        """The tone in which two documents speak of one theme, one theme, dimension and pair a row, the surest first."""
        from compare import frames

        return frames.tone_by_theme(self)

    @property
    def tone_validity(self) -> pd.DataFrame:
        """How well each dimension of tone is told, one language and dimension a row."""
        from compare import frames

        return frames.tone_validity(self)

    @property
    def actors(self) -> pd.DataFrame:
        """Who is asked to do what, one kind of actor and document a row: share, orders, encouragements."""
        from compare import frames

        return frames.actors(self)

    @property
    def meanings(self) -> pd.DataFrame:
        """Words that two documents share, by how surely they mean another thing, one word and pair a row."""
        from compare import frames

        return frames.meanings(self)

    @property
    def differences(self) -> pd.DataFrame:
        """All differences of documents, in shares of themes, tone and actors, with interval, p, q and effect."""
        from compare import frames

        return frames.differences(self)

    @property
    def words(self) -> pd.DataFrame:
        """Distinctive terms, one a row, with a column of counts a document."""
        from compare import frames

        return frames.words(self)

    @property
    def counterparts(self) -> pd.DataFrame:
        """Nearest passages in other documents, one passage and neighbour a row."""
        from compare import frames

        return frames.counterparts(self)

    @property
    def members(self) -> pd.DataFrame:
        """Documents that stand in groups, one a row, with a column a theme, a pole and a dimension of tone."""
        from compare import frames

        return frames.members(self)

    @property
    def trends(self) -> pd.DataFrame:
        """Change over time, one figure and group a row, the surest first."""
        from compare import frames

        return frames.trends(self)

    @property
    def years(self) -> pd.DataFrame:
        """Figures by year, one figure, group and year a row."""
        from compare import frames

        return frames.years(self)

    def distances(self, kind: str = "themes", of: str = "documents") -> pd.DataFrame:
        """How far documents, or groups, are from each other: a square matrix, in the order of the dendrogram.

        Parameters
        ----------
        kind : {"themes", "tone"}
            By shares of themes, or by shares of the poles of tone.
        of : {"documents", "groups"}
            Rows and columns.

        Raises
        ------
        OptionError
            If the comparison has no such distances.
        """
        from compare import frames

        return frames.distances(self, kind, of)

    @property
    def plot(self) -> Figures:
        """Figures by Altair: ``themes()``, ``tone()``, ``scores()``, ``map()``, ``course()``, ``actors()`` and more.

        They show without a network, and ``save`` writes them: as SVG, as PNG or, with ``inline=True``, as HTML that
        needs none either. With the package anywidget they answer to the mouse in a notebook; without it, unless
        ``altair.renderers`` says otherwise, they are pictures there.
        """
        from compare.report.figures import Figures, show_offline

        show_offline()
        return Figures(self)

    def save(self, path: str | Path) -> None:
        """Write the comparison into one file, which `compare.open` reads: packed JSON, nothing that is run.

        Parameters
        ----------
        path : str or Path
            Where to; a file that is there is replaced.

        Raises
        ------
        PolicyCompareError
            If it cannot be written.
        """
        from compare.saving import save

        save(self, Path(path))

    def to_json(self) -> str:
        """The comparison as JSON, schema ``policy-compare/1``."""
        from compare.report.json import render_json

        return render_json(self)

    def to_text(self, width: int = 100, detail: Detail = "default", sections: Sequence[str] = ()) -> str:
        """The terminal report as plain text.

        Parameters
        ----------
        width : int
            Columns, 60 at least.
        detail : {"brief", "default", "full"}
            One screen, a few, or everything.
        sections : sequence of str
            Only these parts; see `compare.report.outline.SECTIONS`.
        """
        from compare.report.outline import check_sections
        from compare.report.terminal import render_text

        sections = check_sections(sections)
        return render_text(self, width=width, detail=detail, sections=sections)

    def to_markdown(self, detail: Detail = "default", sections: Sequence[str] = ()) -> str:
        """The report as Markdown, for a wiki.

        Parameters
        ----------
        detail : {"brief", "default", "full"}
            How much of it.
        sections : sequence of str
            Only these parts.
        """
        from compare.report.markdown import render_markdown
        from compare.report.outline import check_sections

        sections = check_sections(sections)
        return render_markdown(self, detail, sections)

    def to_html(self) -> str:
        """The report as one page of HTML."""
        from compare.report.html import render_html

        return render_html(self)

    def to_csv(self) -> dict[str, str]:
        """The frames as CSV by file name, with ``method.csv``, which says how they were made."""
        from compare.report.tables import render_tables

        return render_tables(self)

    def _repr_html_(self) -> str:
        from compare.report.html import render_fragment

        return render_fragment(self)

    def __repr__(self) -> str:
        names = " | ".join(d.label for d in self.texts)
        return f"Comparison({names}: {len(self.rows)} passages, {len(self.theme_results)} themes)"


def compare(
    docs: Sequence[str | Path | Document] = DEFAULT_PAIR,
    *,
    basis: Basis = "auto",
    themes: int | Clusterer | None = None,
    codebook: str | Path = "auto",
    groups: Sequence[Group] | str = (),
    metadata: str | Path | None = None,
    model: str | None = None,
    encoder: Encodes | None = None,
    seed: int = 0,
    cache: bool = True,
    tone: str | Path | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare two or more policy documents.

    Parameters
    ----------
    docs : sequence of str, Path or Document
        Catalogue names, paths, https addresses, or documents that were loaded before.
    basis : {"auto", "official", "digest"}
        Which text of catalogue documents to take; see `compare.catalogue.resolve`.
    themes : int or clusterer, optional
        Number of themes; by default the finest division at which clusterings still agree nearly as well as at the best.
        A clusterer as scikit-learn has them, such as ``KMeans(12)``, makes the themes in place of ours, of the vectors
        of passages in context; see `compare.estimators`.
    codebook : {"auto", "none", "ai-policy"} or Path
        A codebook's name or file makes its topics the themes. By default themes are found in the documents, with the
        topics of AI policy as a help where the documents are on them; "none" leaves every codebook out.
    groups : sequence of Group, or str
        Documents that stand on one side together, as one; see `compare.groups.read_group`. The name of a field, such as
        "issuer" or "year", puts documents of the same value together. Of groups, documents are what is resampled, where
        there are six or more; and a document that cannot be read is set aside and not an error.
    metadata : str or Path, optional
        Table of fields of the documents; see `compare.fields.read_metadata`.
    model : str, optional
        Name of an encoder; by default one for English, or a multilingual one where a document is in another language.
    encoder : object, optional
        An encoder of one's own in place of a name: a ``SentenceTransformer``, or anything with a method ``encode`` that
        makes a list of texts into vectors. Its vectors are not kept on disk.
    seed : int
        For all random numbers: the same input and seed give the same answers.
    cache : bool
        Whether vectors and partitions are kept on disk and taken from there.
    tone : str or Path, optional
        File of dimensions of tone in the form of the one that ships.
    engine : Engine, optional
        What does the work: this process by default, or many; see `compare.engine`.
    progress : callable, optional
        Called with the name of the step, what is done and what is to do.

    Raises
    ------
    PolicyCompareError
        If a document cannot be found or read, or an option cannot be used.
    """
    if isinstance(docs, (str, Path)):
        raise OptionError(f"{printable(str(docs))[:60]}: give a list of two documents or more")
    if len(docs) < 2:
        one = "one document alone has nothing to be compared with" if docs else "no document was given"
        raise OptionError(f"{one}; give two or more, by name, path or address")
    if themes is not None and str(codebook) not in ("auto", "none"):
        raise OptionError("--themes and --codebook: a codebook's topics are the themes; give one of the two")
    say = progress or (lambda step, done, total: None)
    grouped = sides_of(docs, groups, metadata)
    options = Options(basis, own_number(themes), str(codebook), groups, metadata, tone, model, encoder, seed, cache)
    engine = engine or Local()
    aside: dict[int, str] = {}
    members: list[Document] = []
    size = 0
    for member in reading(
        docs, basis, say, store=options.store(), aside=aside if grouped.grouped else None, engine=engine
    ):
        size += len(member.passages)
        if size > MOST_PASSAGES:
            members = []
            break
        members.append(member)
    if not members:
        if not grouped.grouped:
            raise OptionError(
                f"more than {MOST_PASSAGES:,} sentences; so many are compared in groups: --group FIELD, or "
                "--group NAME=DOC,DOC"
            )
        from compare.many import compare_many

        return compare_many(docs, grouped, options, engine, say)
    set_aside = tuple(SetAside(grouped.named[number], reason) for number, reason in sorted(aside.items()))
    return compared(members, grouped.without(aside), grouped.named, options, engine, say, set_aside)


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a comparison, as for `compare`."""

    basis: Basis = "auto"
    themes: int | Clusterer | None = None
    codebook: str = "auto"
    groups: Sequence[Group] | str = ()
    metadata: str | Path | None = None
    tone: str | Path | None = None
    model: str | None = None
    encoder: Encodes | None = None
    seed: int = 0
    cache: bool = True

    def store(self) -> ArrayCache:
        """Where what is made is kept."""
        return ArrayCache(cache_folder() / "vectors.sqlite" if self.cache else None)

    def book(self) -> Codebook | None:
        """The codebook; None without one."""
        if self.codebook == "none":
            return None
        return load_codebook("ai-policy" if self.codebook == "auto" else self.codebook)

    def dimensions(self) -> ToneSpec:
        """The dimensions of tone."""
        return load_dimensions(None if self.tone is None else Path(self.tone))


def compared(
    members: Sequence[Document],
    grouped: Sides,
    named: Sequence[str],
    options: Options,
    engine: Engine,
    say: Progress,
    set_aside: tuple[SetAside, ...] = (),
    counting: Callable[[Learnt], Counted] | None = None,
) -> Comparison:
    """Compare documents that were read.

    Parameters
    ----------
    members : sequence of Document
        As `load_documents` gives them.
    grouped : Sides
        On which sides they stand.
    named : sequence of str
        All documents as the user named them.
    options : Options
        As for `compare`.
    engine : Engine
        What does the work.
    say : callable
        As `progress` of `compare`.
    set_aside : tuple of SetAside
        Documents that could not be taken in.
    counting : callable, optional
        Counts far more documents than these, by what was learnt of these; then all figures come from there.

    Raises
    ------
    PolicyCompareError
        As for `compare`.
    """
    seed, themes, encoder, model = options.seed, options.themes, options.encoder, options.model
    store = options.store()
    members, documents, owners, fields = joined(members, grouped)
    size = sum(len(document.passages) for document in members)
    spec = options.dimensions()
    spoken = [d.language for d in members]
    arrays = Arrays(documents, members, engine.run)
    book = options.book()
    if isinstance(themes, int) and not 2 <= themes <= len(arrays.texts) // 3:
        raise OptionError(
            f"--themes {themes}: between 2 and {len(arrays.texts) // 3} for {len(arrays.texts)} passages, or auto"
        )
    if encoder is not None:
        # Nothing tells whether the same encoder will make the same vectors tomorrow.
        store = ArrayCache(None)

    def encoding(done: int, total: int) -> None:
        say("encoding", done, total)

    speakers: dict[str, Encoder] = {}

    def speaker(languages: Sequence[str]) -> Encoder:
        """The encoder for texts in these languages, each loaded once."""
        own = open_encoder(
            languages, model=model, encoder=encoder, cache=options.cache, progress=encoding, elsewhere=engine.source
        )
        return speakers.setdefault(own.model.name, own)

    speaks = speaker(spoken)
    scorer = ToneScorer(spec, speaks.encode)
    heard_in = sorted({scorer.language(language) for language in spoken})
    states = []
    for number, member in enumerate(members):
        say("telling whose plans they are", number, len(members))
        states.append(own_state([p.text for p in member.passages]))
    say("gathering vectors", 0, 3)
    # The bodies in charge that some plans put in brackets behind a measure are neither its subject nor its words.
    bodies = [NOTE_AT_END.sub("", text) or text for text in arrays.texts]
    unnamed, headings = without_names(arrays, bodies, states)
    # One call for everything that a run needs a vector of: the model is loaded once or not at all. While it is, in a
    # process of its own, all is done that needs no vector.
    fresh = speaks.begin([*arrays.texts, *unnamed, *headings])
    languages = [spoken[d] for d in arrays.members]
    # A state's own name is no subject: a semicolon in its place keeps the words around it from making a phrase.
    nameless = [
        text if (state := states[d]) is None else state.pattern.sub(" ; ", text)
        for text, d in zip(bodies, arrays.members, strict=True)
    ]

    def step(name: str) -> Callable[[int, int], None]:
        return lambda done, total: say(name, done, total)

    vocabulary = Vocabulary(nameless, languages, step("counting words"))
    classes = WordClasses.of(vocabulary, store)
    if fresh:
        load_libraries()
        for code in heard_in:
            # What tone is told by is learnt from sentences of which vectors are at hand.
            scorer.anchor_scores(code)
    say("gathering vectors", 1, 3)
    bare = as_held(speaks.encode(unnamed), size)
    topics = None
    topic_voices: dict[str, Voices] = {}
    voices = Voices()
    if book is not None:
        topics = read_topics(
            book,
            unnamed,
            headings,
            arrays.members,
            arrays.sections,
            spoken,
            lambda language: speaker([language]),
            store,
            lambda done, total: say("reading topics", done, total),
            lambda language: topic_voices.setdefault(language, Voices()),
        )
    say("reading in context", 0, 3)
    division = Division(arrays, topics, options.codebook == "auto")
    above = heading_vectors(headings, speaks)
    plain = centred(bare, arrays.members, division.voice, voices)
    context = in_context(bare, arrays.members, above, arrays.sections, division.voice, voices)
    say("reading in context", 1, 3)
    division.place(context, in_context(bare, arrays.members, above, arrays.sections, centre=False), plain)
    # What tone is measured with, told from all else: a sentence's score depends on this and the sentence alone.
    measure = scored_by(spec, speaks.key)
    # One thread here and one for the map, in which libraries may not take more: sums would come in another order.
    with threadpool_limits(1):
        drawing = Beside(lambda: draw_atlas(division.space[arrays.canonical], seed, store))
        partition = division.partition(seed, themes, store, say)
        if counting is not None:
            partition = replace(partition, parts=np.zeros_like(partition.parts))
            arrays.counted = counting(division.learnt(partition, voices, topic_voices, above is not None, seed))
            arrays.units = [side.unit for side in arrays.counted.sides]
        scores = _scores(arrays.texts, speaks, scorer, digest(measure, np.__version__), store, say, engine)
        theme_results = describe_themes(
            arrays, partition, division, plain, context, vocabulary, classes, seed, step("describing themes")
        )
        say("resampling", 1, _QUESTIONS)
        tone_results = _tone(arrays, spec, scores, seed)
        say("resampling", 2, _QUESTIONS)
        actor_results, asked = actors(arrays, arrays.texts, scores, seed)
        say("resampling", 3, _QUESTIONS)
        names = tuple(t.id for t in theme_results)
        theme_tones = tone_by_theme(arrays, scores, partition.labels, names, seed, step("comparing tone by theme"))
        say("drawing the map", 0, 1)
        atlas = drawing.result()
    places = atlas.places[np.argsort(arrays.canonical)].tolist()
    say("judging tone", 0, 1)
    known = scored_by(spec, speaks.model.shipped_as)
    checked = {code: tuple(kept_validity(spec, speaks.encode, code, store, known)) for code in heard_in}
    say("preparing counterparts", 0, 4)
    alike = likeness(
        in_context(bare, arrays.members, above, None, division.voice),
        in_context(bare, arrays.members, above, centre=False),
        plain,
        arrays.members,
        vocabulary,
        unnamed,
        languages,
        None if topics is None else centred(np.sqrt(topics.certainty), arrays.members),
        step("preparing counterparts"),
    )
    found = find_counterparts(
        alike, arrays.documents, arrays.sections, [d.language for d in documents], step("finding counterparts")
    )
    say("putting together", 0, 2)
    counterpart_results = _counterparts(arrays, found)
    rows = tuple(
        Row(
            id=documents[d].passage_id(passage),
            document=documents[d].id,
            passage=passage,
            theme=theme_results[partition.labels[i]].id,
            part=_part_id(theme_results[partition.labels[i]], int(partition.parts[i])),
            membership=float(partition.membership[i]),
            weak=bool(partition.weak[i]),
            tone={dimension.id: float(scores.dimensions[i, k]) for k, dimension in enumerate(spec.dimensions)},
            poles=tuple(pole for pole, heard in zip(spec.pole_ids, scores.present[i], strict=True) if heard),
            actor=asked[i],
        )
        for i, (d, passage) in enumerate(zip(arrays.documents, arrays.passages, strict=True))
    )
    collection = None
    if grouped.grouped:
        say("comparing documents", 0, 1)
        collection = _collection(
            members, owners, fields, arrays, partition, theme_results, scores, spec, grouped.field, seed, set_aside
        )
    # Of passages that were not looked at, none can be said to meet nothing.
    silences = () if counting is not None else find_silences(documents, rows, counterpart_results, theme_results)
    findings = find_findings(documents, theme_results, tone_results)
    stability = Stability(partition.bootstrap_ari, partition.seed_ari, len(theme_results), partition.curve)
    say("putting together", 1, 2)
    every = vocabulary if nameless == bodies else Vocabulary(bodies, languages, step("counting words"))
    say("comparing words", 0, 1)
    words = _words(arrays, every)
    meanings = word_meanings(
        arrays, vocabulary, plain, [d.language for d in documents], seed, step("comparing meanings of words")
    )
    return Comparison(
        texts=tuple(documents),
        rows=rows,
        theme_results=theme_results,
        tone_results=tone_results,
        theme_tone_results=theme_tones,
        validity=checked,
        actor_results=actor_results,
        word_results=words,
        meaning_results=meanings,
        counterpart_results=counterpart_results,
        silences=silences,
        findings=findings,
        stability=stability,
        method=_method(speaks, seed, options.basis, themes, options.codebook, division, arrays, found.threshold)
        | {
            "tone_by_theme_cells": len(theme_tones),
            "map": {"of": "t-SNE, perplexity 30, from principal components", "trustworthiness": atlas.trustworthiness},
            "command": _command(named, options),
        },
        positions=tuple((x, y) for x, y in places),
        notices=_notices(documents, arrays),
        collection=collection,
    )


def load_documents(
    docs: Sequence[str | Path | Document],
    basis: Basis = "auto",
    say: Progress | None = None,
    fewest: int = FEWEST_PASSAGES,
    together: bool = True,
) -> list[Document]:
    """Find and read documents, each under an id of its own; see `reading`."""
    return list(reading(docs, basis, say, fewest, together))


def reading(
    docs: Sequence[str | Path | Document],
    basis: Basis = "auto",
    say: Progress | None = None,
    fewest: int = FEWEST_PASSAGES,
    together: bool = True,
    store: ArrayCache | None = None,
    aside: dict[int, str] | None = None,
    engine: Engine | None = None,
) -> Iterator[Document]:
    """Find documents, and read one after another, each under an id of its own.

    Parameters
    ----------
    docs : sequence of str, Path or Document
        As for `compare`.
    basis : {"auto", "official", "digest"}
        As for `compare`.
    say : callable, optional
        As `progress` of `compare`.
    fewest : int
        Passages that a document must have.
    together : bool
        As for `compare.catalogue.resolve`.
    store : ArrayCache, optional
        Where documents are kept once they are read.
    aside : dict of int to str, optional
        Where it is given, a document that cannot be taken in is no error: its number and the reason go here.
    engine : Engine, optional
        What reads them.

    Raises
    ------
    PolicyCompareError
        If a document cannot be found or read, is given twice, or is too short to be compared.
    """
    names = [str(doc) for doc in docs if not isinstance(doc, Document)]
    twice = _twice(names)
    if twice is not None:
        raise OptionError(f"{printable(twice)}: given twice; compare a document with another one")
    failed = {} if aside is None else aside
    requests = requests_of(docs, basis, together, aside)
    read = (engine or Local()).read([requests[i] for i in sorted(requests)], store)
    distinct = Distinct()
    for number, doc in enumerate(docs):
        if say is not None:
            say("reading", number, len(docs))
        if number in failed:
            continue
        document = doc if isinstance(doc, Document) else next(read)
        if isinstance(document, Document) and len(document.passages) < fewest:
            name = document.id if isinstance(doc, Document) else printable(str(doc))
            document = too_short(name, len(document.passages), fewest)
        if isinstance(document, PolicyCompareError):
            if aside is None:
                raise document
            failed[number] = str(document)
            continue
        if not isinstance(doc, Document) and _is_address(str(doc)) and not document.source:
            document = replace(document, source=str(doc))
        identifier, short, label = distinct.names(document.id, document.short, document.label)
        yield replace(document, id=identifier, short=short, label=label)


def too_short(name: str, passages: int, fewest: int = FEWEST_PASSAGES) -> DocumentError:
    """What is said of a document that has too few passages."""
    return DocumentError(f"{name}: too few sentences to compare ({passages}); give a document of {fewest} or more")


class Distinct:
    """Names of documents, each told from those before it."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._shorts: set[str] = set()
        self._labels: set[str] = set()
        # Numbers that are given to documents of one id begin at 2.
        self._before: dict[str, int] = defaultdict(lambda: 1)

    def names(self, name: str, short: str, label: str) -> tuple[str, str, str]:
        """Id, short name and label of the next document, changed where another has them already."""
        identifier = name
        while identifier in self._ids:
            self._before[name] += 1
            identifier = f"{name}-{self._before[name]}"
        self._ids.add(identifier)
        short = short or label[:16]
        if short in self._shorts:
            short = identifier[:24]
        self._shorts.add(short)
        if label in self._labels:
            label = f"{label} ({identifier})"
        self._labels.add(label)
        return identifier, short, label


def _is_address(name: str) -> bool:
    return re.match(r"[a-z]+://", name) is not None


def requests_of(
    docs: Sequence[str | Path | Document], basis: Basis, together: bool = True, aside: dict[int, str] | None = None
) -> dict[int, Request]:
    """What is to be read, by number of the document; those already read are left out.

    Parameters
    ----------
    docs, basis, together, aside
        As for `reading`.

    Raises
    ------
    PolicyCompareError
        As for `reading`.
    """
    numbers = [number for number, doc in enumerate(docs) if not isinstance(doc, Document)]
    paths: dict[int, str] = {}
    seen: dict[Path, str] = {}
    for number in numbers:
        name = str(docs[number])
        try:
            paths[number] = str(fetch_address(name)) if _is_address(name) else name
            if aside is not None:
                # One by one, so that what is wrong with one is not said of all.
                (request,) = resolve([paths[number]], basis, together)
                other = seen.setdefault(request.path.resolve(), name)
                if other != name:
                    raise DocumentError(f"{printable(name)}: the same file as {printable(other)}")
        except (DocumentError, UnknownDocumentError, FetchError) as error:
            if aside is None:
                raise
            aside[number] = str(error)
    left = [number for number in numbers if aside is None or number not in aside]
    return dict(zip(left, resolve([paths[number] for number in left], basis, together), strict=True))


def _twice(names: Sequence[str]) -> str | None:
    """The first name that comes a second time."""
    known: set[str] = set()
    for name in names:
        if name in known:
            return name
        known.add(name)
    return None


def _part_id(theme: Theme, part: int) -> str | None:
    return theme.parts[part].id if theme.parts else None


def _scores(
    texts: Sequence[str],
    encoder: Encoder,
    scorer: ToneScorer,
    measure: bytes,
    store: ArrayCache,
    say: Progress,
    engine: Engine,
) -> ToneScores:
    """Tone of all passages; those that were scored before, by the same `measure`, are kept.

    They are scored and kept a part at a time, so that a run that is broken off goes on where it stopped.
    """
    spec = scorer.spec
    keys = [digest("score", measure, text) for text in texts]
    dimensions, poles = len(spec.dimension_ids), len(spec.pole_ids)
    kept = store.get(keys, "<f8", dimensions + 2 * poles)
    missing = list({key: i for i, key in enumerate(keys) if key not in kept}.values())
    parts = [missing[start : start + _SCORED] for start in range(0, len(missing), _SCORED)]
    if parts:
        say("scoring", 0, len(missing))
    given = ((own := [texts[i] for i in part], encoder.encode(own)) for part in parts)
    call = functools.partial(_scored, scorer.learnt({language_of(texts[i]) for i in missing}))
    for number, (part, rows) in enumerate(zip(parts, engine.run(call, given), strict=True), 1):
        fresh = {keys[i]: row for i, row in zip(part, rows, strict=True)}
        store.put(fresh, "<f8")
        kept.update(fresh)
        say("scoring", min(number * _SCORED, len(missing)), len(missing))
    table = np.stack([np.asarray(kept[key], np.float64) for key in keys])
    first, second, third = np.split(table, [dimensions, dimensions + poles], axis=1)
    return ToneScores(first, second, third > 0.5, spec.dimension_ids, spec.pole_ids)


def _scored(scorer: ToneScorer, given: tuple[list[str], NDArray[np.float32]]) -> Floats:
    texts, vectors = given
    made = scorer.score(texts, vectors=vectors)
    return np.hstack([made.dimensions, made.poles, made.present.astype(float)])


def _tone(arrays: Arrays, spec: ToneSpec, scores: ToneScores, seed: int) -> tuple[ToneResult, ...]:
    by_score, score_contrasts = figures_of(arrays, scores.dimensions, seed, shares=False, kind="scores")
    by_pole, pole_contrasts = figures_of(arrays, scores.present.astype(float), seed, shares=True, kind="poles")
    made = []
    for k, dimension in enumerate(spec.dimensions):
        poles = []
        for side, pole in enumerate(dimension.poles):
            column = 2 * k + side
            strength = scores.poles[:, column]
            ranked = np.argsort(-strength.round(6), kind="stable")
            evidence = arrays.evidence(ranked[scores.present[ranked, column]])
            poles.append(Pole(pole.id, pole.label, by_pole[column], pole_contrasts[column], evidence))
        means = {d.id: by_score[k][d.id].value for d in arrays.source}
        middle = float(np.mean(list(means.values())))
        carried = {d: poles[0 if means[d] >= middle else 1].evidence[d] for d in means}
        made.append(
            ToneResult(
                id=dimension.id,
                label=dimension.label,
                definition=dimension.definition,
                source=dimension.source,
                poles=(poles[0], poles[1]),
                scores=by_score[k],
                differences=score_contrasts[k],
                evidence=carried,
            )
        )
    return tuple(made)


def _collection(
    members: Sequence[Document],
    owners: Sequence[str],
    fields: Sequence[Fields],
    arrays: Arrays,
    partition: Partition,
    themes: Sequence[Theme],
    scores: ToneScores,
    spec: ToneSpec,
    field: str,
    seed: int,
    set_aside: tuple[SetAside, ...],
) -> Collection:
    """What is told of the documents that stand in groups."""
    from compare.collection import Figure, collect, gather

    if arrays.counted is not None:
        # Sides were numbered, for what they are called is told here alone.
        ids = [d.id for d in arrays.source]
        described = [
            replace(one, member=replace(one.member, side=ids[int(one.member.side)])) for one in arrays.counted.described
        ]
        found = gather(described, arrays.counted.figures, field, seed, set_aside, arrays.run)
        sides = zip(ids, arrays.counted.sides, strict=True)
        return replace(found, counts={name: Counts(side.documents, side.passages, side.words) for name, side in sides})
    figures = [
        *(Figure("theme", theme.id) for theme in themes),
        *(Figure("pole", name) for name in spec.pole_ids),
        *(Figure("tone", name) for name in spec.dimension_ids),
    ]
    member = np.zeros((len(arrays.texts), len(themes)))
    member[np.arange(len(member)), partition.labels] = 1
    values = np.hstack([member, scores.present.astype(float), scores.dimensions])
    dated = [replace(d, date=own.get("date", d.date)) for d, own in zip(members, fields, strict=True)]
    return collect(arrays, dated, owners, values, figures, field, seed, set_aside)


def _words(arrays: Arrays, vocabulary: Vocabulary) -> tuple[Word, ...]:
    documents = arrays.source
    found = distinctive_terms(
        vocabulary, arrays.documents.tolist(), arrays.resampled.tolist(), [d.language for d in documents]
    )
    return tuple(
        Word(
            term=item.term,
            document=documents[item.document].id,
            z=item.z,
            counts={d.id: item.counts[i] for i, d in enumerate(documents)},
            passages=item.passages,
        )
        for item in found
    )


def _counterparts(arrays: Arrays, found: Counterparts) -> tuple[Counterpart, ...]:
    best: dict[tuple[int, int], int] = {}
    for (one, other), (rows, _) in found.nearest.items():
        own = np.flatnonzero(arrays.documents == one)
        silent = found.silent[one, other]
        best.update({(int(row), other): int(rows[i, 0]) for i, row in enumerate(own) if not silent[i]})
    made = []
    for (one, other), (rows, similarities) in found.nearest.items():
        for i, row in enumerate(np.flatnonzero(arrays.documents == one)):
            pairs = tuple((int(r), float(s)) for r, s in zip(rows[i], similarities[i], strict=True))
            nearest = best.get((int(row), other))
            mutual = nearest is not None and best.get((nearest, one)) == int(row)
            silent_here = bool(found.silent[one, other][i])
            made.append(Counterpart(int(row), arrays.source[other].id, pairs, silent_here, mutual))
    return tuple(sorted(made, key=lambda item: (item.row, item.document)))


def _method(
    encoder: Encoder,
    seed: int,
    basis: str,
    themes: int | Clusterer | None,
    codebook: str,
    division: Division,
    arrays: Arrays,
    threshold: dict[tuple[int, int], float],
) -> dict[str, Any]:
    names = ("sentence-transformers", "scikit-learn", "numpy", "scipy", "torch")
    documents = arrays.source
    return {
        "model": encoder.model.name,
        **_checksum(encoder, arrays),
        "versions": {"policy-compare": version(), **{name: importlib.metadata.version(name) for name in names}},
        "seed": seed,
        "options": {"basis": basis, "themes": _told(themes), "codebook": codebook},
        "codebook": None
        if division.topics is None
        else {
            "name": division.topics.codebook.name,
            "sha256": division.topics.codebook.sha256,
            "use": "topics are the themes" if division.assigned else "help" if division.helped else "names only",
        },
        "resampled": {d.id: unit for d, unit in zip(documents, arrays.units, strict=True)},
        "silence_threshold": {f"{documents[i].id} in {documents[j].id}": value for (i, j), value in threshold.items()},
        "steps": [
            "names of own states and bodies in brackets left out; what sets each document apart as a whole taken away",
            "0.35 of the heading's vector, 0.25 of the rest of the section's, 0.3 and 0.15 of the neighbours' added",
            "topics of the codebook, where used, learnt from its anchors; each document read in its own language",
            *(
                _OWN_THEMES
                if themes is None or isinstance(themes, int)
                else [f"themes of these vectors by {_told(themes)}"]
            ),
            "95 % intervals from 2,000 resamples of sections (n - 1 of n), Student's; shares at least Wilson's",
            "4,999 permutations of sections, studentised; false discovery rate by Benjamini & Hochberg in each table",
        ],
    }


_OWN_THEMES = (
    "graph of nearest passages, local scaling; Ward's clusterings of its leading eigenvectors, of five folds, "
    "three graphs, three dimensions and five numbers of clusters, combined by average linkage",
    "each passage looked at again by its own words; themes whose parts lean to different documents told apart",
)


def _checksum(encoder: Encoder, arrays: Arrays) -> dict[str, str | None]:
    """What tells the encoder: its weights, or, of one that was given, the vectors that it made."""
    if not isinstance(encoder, GivenEncoder):
        return {"weights_sha256": encoder.model.checksum}
    vectors = encoder.encode(arrays.texts).round(3) + np.float32(0)
    return {"weights_sha256": None, "vectors_sha256": hashlib.sha256(vectors.tobytes()).hexdigest()}


def _told(themes: int | Clusterer | None) -> int | str:
    """How themes are made, in a word."""
    if themes is None:
        return "auto"
    return themes if isinstance(themes, int) else " ".join(repr(themes).split())


def version() -> str:
    """Version of policy-compare as installed."""
    try:
        return importlib.metadata.version("policy-compare")
    except importlib.metadata.PackageNotFoundError:
        return "0+checkout"


def _command(docs: Sequence[str], options: Options) -> str:
    """The command that makes the comparison again, what is usual left out; the call where only Python can give it."""
    themes, groups, encoder = options.themes, options.groups, options.encoder
    chosen: list[tuple[str, str, Any, bool]] = [
        ("--basis", "basis", options.basis, options.basis != "auto"),
        ("--themes", "themes", themes, themes is not None),
        ("--codebook", "codebook", options.codebook, options.codebook != "auto"),
        ("--group", "groups", groups, isinstance(groups, str) and bool(groups)),
        ("--metadata", "metadata", str(options.metadata), options.metadata is not None),
        ("--tone", "tone", str(options.tone), options.tone is not None),
        ("--model", "model", options.model, options.model is not None),
        ("--seed", "seed", options.seed, options.seed != 0),
    ]
    given = [(flag, name, value) for flag, name, value, told in chosen if told]
    if encoder is None and (themes is None or isinstance(themes, int)):
        words = ["policy-compare", "report", *docs]
        for flag, _, value in given:
            words += [flag, str(value)]
        for group in () if isinstance(groups, str) else groups:
            words += ["--group", f"{group.name}={','.join(group.members)}"]
        return shlex.join(printable(word) for word in words)
    # Of an encoder nothing but its kind is known.
    call = [
        repr(list(docs)),
        *(f"{name}={_told(value) if name == 'themes' else repr(value)}" for _, name, value in given),
    ]
    if groups and not isinstance(groups, str):
        call.append(f"groups={list(groups)!r}")
    if encoder is not None:
        call.append(f"encoder={type(encoder).__name__}(...)")
    return printable(f"compare.compare({', '.join(call)})")


def _notices(documents: Sequence[Document], arrays: Arrays) -> tuple[str, ...]:
    made = []
    if arrays.counted is not None:
        sides = arrays.counted.sides
        looked_at = sum(len(d.joined) or 1 for d in documents)
        made.append(
            f"{sum(side.passages for side in sides):,} sentences of "
            f"{sum(side.documents for side in sides):,} documents were counted: shares, tone, actors and change over "
            f"time are of all of them. Themes were found in {len(arrays.texts):,} sentences of {looked_at:,} "
            "documents, drawn from all groups alike; words, counterparts, evidence and map are of these."
        )
    made += [notice for d in documents for notice in d.notices]
    bases = {d.basis for d in documents}
    if "digest" in bases and len(bases) > 1:
        which = "; ".join(f"{d.short}: {_BASIS[d.basis]}" for d in documents)
        made.append(
            f"The documents stand on unlike bases ({which}): wording, and so tone and words, compare less well."
        )
    counts = [len(d.joined) for d in documents]
    if arrays.counted is not None:
        counts = [side.documents for side in arrays.counted.sides]
    for d, unit, count in zip(documents, arrays.units, counts, strict=True):
        if d.joined and unit != "documents":
            made.append(
                f"{d.short}: {count} documents are too few to be resampled, so its intervals resample their "
                "sections: they tell how sure the figures of these documents are, not those of others like them."
            )
        if unit == "paragraphs":
            made.append(
                f"{d.short}: too few headings were found, so intervals resample paragraphs instead of sections."
            )
    if len({d.language for d in documents}) > 1:
        made.append(
            "The documents are in different languages: passages meet in a multilingual space after each document's "
            "mean was taken away, and words are not compared across languages."
        )
    genres = [d for d in documents if d.genre]
    if len({d.genre for d in genres}) > 1:
        made.append(
            "The documents are of different kinds ("
            + "; ".join(f"{d.short}: {d.genre}" for d in genres)
            + "): part of any difference is owed to that."
        )
    return tuple(made)


_BASIS = {"official": "official text", "digest": "digest", "file": "file given", "several": "texts of several kinds"}
