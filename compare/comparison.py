"""A comparison: runs each question on the documents and holds the answers. Knows no format of output."""

from __future__ import annotations

import importlib.metadata
import math
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from compare.actors import actors
from compare.arrays import Arrays, figures_of, heading_vectors, without_names
from compare.atlas import draw_atlas
from compare.cache import ArrayCache, digest
from compare.catalogue import DEFAULT_PAIR, Basis, load, resolve
from compare.codebook import load_codebook, read_topics
from compare.counterparts import Counterparts, find_counterparts, likeness
from compare.division import Division, describe_themes
from compare.documents import Document, Passage
from compare.encoders import Encoder, Model, choose_model, find_model
from compare.errors import DocumentError, OptionError
from compare.fetch import fetch_address
from compare.findings import find_findings, find_silences
from compare.groups import Group, merged, sides
from compare.inference import Difference, Interval
from compare.meanings import word_meanings
from compare.places import cache_folder
from compare.results import (
    Actor,
    Counterpart,
    Finding,
    Pairwise,
    Pole,
    Silence,
    Stability,
    Theme,
    ThemeTone,
    ToneResult,
    Word,
    WordMeaning,
)
from compare.shown import printable
from compare.states import own_state
from compare.terms import NOTE_AT_END, Vocabulary
from compare.theme_tone import tone_by_theme
from compare.themes import centred, in_context
from compare.tone import ToneScorer, ToneScores
from compare.tone_file import ToneSpec, load_dimensions
from compare.validity import Validity, kept_validity, scored_by
from compare.words import distinctive_terms

if TYPE_CHECKING:
    import pandas as pd

    from compare.report.figures import Figures
    from compare.report.view import Detail

_T = TypeVar("_T")
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Progress = Callable[[str, int, int], None]

FEWEST_PASSAGES = 10
# Themes, tone, actors, tone by theme, counterparts, meanings of words: each resampled for itself.
_QUESTIONS = 6
# Some two gigabytes, and some minutes, at this number.
MOST_PASSAGES = 25_000


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
        Themes of which two documents speak in different tones, for sure or as the figures suggest; the surest first.
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
        return _named(name, names, "document", [d.id for d in self.texts])

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
        return _named(name, names, "theme", [f"{t.id} {t.label}" for t in themes])

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

    def search(self, text: str, most: int = 10, document: str | None = None) -> pd.DataFrame:
        """Find the passages nearest in meaning to a text, across languages.

        Parameters
        ----------
        text : str
            A question, a claim or a few words.
        most : int
            Number of passages.
        document : str, optional
            Only of this document, as for `document`.

        Returns
        -------
        DataFrame
            Indexed by passage id, the nearest first; with document, place, section, theme_label, text, similarity
            (cosine of the vectors) and standing (the same in standard deviations above the mean of all passages in its
            language, by which passages of several languages are ranked).

        Raises
        ------
        PolicyCompareError
            If the text is empty, no document goes by the name, or the encoder is not at hand.
        """
        from compare.report.text import place
        from compare.search import nearest_passages

        if not text.strip() or most < 1:
            raise OptionError("search: give a text, and a number of passages from 1 up")
        only = None if document is None else self.document(document).id
        encoder = Encoder(find_model(self.method["model"]), ArrayCache(cache_folder() / "vectors.sqlite"))
        spoken = [self.document(row.document).language for row in self.rows]
        languages = sorted(set(spoken))
        groups = np.array([languages.index(language) for language in spoken], dtype=np.intp)
        texts = [row.passage.text for row in self.rows]
        similarity, standing = nearest_passages(text, texts, groups, encoder)
        ranked = np.argsort(-(standing if len(languages) > 1 else similarity).round(6), kind="stable")
        chosen = [i for i in ranked.tolist() if only is None or self.rows[i].document == only][:most]
        labels = {theme.id: theme.label for theme in self.theme_results}
        return _frame(
            (
                {
                    "passage": self.rows[i].id,
                    "document": self.rows[i].document,
                    "place": place(self.rows[i]),
                    "section": " > ".join(self.rows[i].passage.section),
                    "theme_label": labels[self.rows[i].theme],
                    "text": texts[i],
                    "similarity": float(similarity[i]),
                    "standing": float(standing[i]),
                }
                for i in chosen
            ),
            "passage",
        )

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
        return _frame(
            (
                {
                    "document": d.id,
                    "label": d.label,
                    "title": d.title,
                    "language": d.language,
                    "basis": d.basis,
                    "sections": len(d.sections),
                    "passages": len(d.passages),
                    "words": d.words,
                }
                for d in self.texts
            ),
            "document",
        )

    @property
    def passages(self) -> pd.DataFrame:
        """Passages, one a row, indexed by id, with place, theme and a column a dimension of tone."""
        labels = {theme.id: theme.label for theme in self.theme_results}
        places = self.positions or ((math.nan, math.nan),) * len(self.rows)
        return _frame(
            (
                {
                    "passage": row.id,
                    "document": row.document,
                    "section": " > ".join(row.passage.section),
                    "page": row.passage.page,
                    "page_label": row.passage.page_label,
                    "paragraph": row.passage.paragraph,
                    "lead_in": row.passage.lead_in,
                    "start": row.passage.start,
                    "end": row.passage.end,
                    "text": row.passage.text,
                    "theme": row.theme,
                    "theme_label": labels[row.theme],
                    "part": row.part,
                    "membership": row.membership,
                    "weak": row.weak,
                    "actor": row.actor,
                    "x": x,
                    "y": y,
                    **row.tone,
                }
                for row, (x, y) in zip(self.rows, places, strict=True)
            ),
            "passage",
        ).astype({"page": "Int64"})

    @property
    def themes(self) -> pd.DataFrame:
        """Shares of themes, one theme and document a row, between 0 and 1."""
        return _frame(
            {
                "theme": theme.id,
                "label": theme.label,
                "document": document,
                **_of_interval("share", share),
                "stability": theme.stability,
                "topic": theme.topic.id if theme.topic else None,
                "certainty": theme.topic.certainty if theme.topic else None,
                "keywords": ", ".join(theme.keywords),
            }
            for theme in self.theme_results
            for document, share in theme.shares.items()
        )

    @property
    def tone(self) -> pd.DataFrame:
        """Tone, one dimension and document a row: score with interval, and the share of passages with each pole."""
        return _frame(
            {
                "dimension": tone.id,
                "document": document,
                **_of_interval("score", score),
                "first_pole": tone.poles[0].id,
                "first_share": tone.poles[0].shares[document].value,
                "second_pole": tone.poles[1].id,
                "second_share": tone.poles[1].shares[document].value,
            }
            for tone in self.tone_results
            for document, score in tone.scores.items()
        )

    @property
    def tone_by_theme(self) -> pd.DataFrame:
        """Themes of which two documents speak in different tones, the surest first, one theme and dimension a row."""
        return _frame(
            {
                "theme": cell.theme,
                "label": self.theme(cell.theme).label,
                "dimension": cell.dimension,
                "first": cell.first,
                "second": cell.second,
                "first_mean": cell.means[cell.first],
                "second_mean": cell.means[cell.second],
                **_of_difference(cell.difference),
            }
            for cell in self.theme_tone_results
        )

    @property
    def tone_validity(self) -> pd.DataFrame:
        """How well each dimension of tone is told, one language and dimension a row."""
        return _frame(
            {"language": language, **asdict(item)} for language, items in self.validity.items() for item in items
        )

    @property
    def actors(self) -> pd.DataFrame:
        """Who is asked to do what, one kind of actor and document a row: share, orders, encouragements."""
        return _frame(
            {
                "actor": actor.id,
                "label": actor.label,
                "document": document,
                **_of_interval("share", share),
                "orders": actor.orders[document],
                "encouragements": actor.encouragements[document],
            }
            for actor in self.actor_results
            for document, share in actor.shares.items()
        )

    @property
    def meanings(self) -> pd.DataFrame:
        """Words that two documents share, by how surely they mean another thing, one word and pair a row."""
        return _frame(
            {
                "term": word.term,
                "first": word.first,
                "second": word.second,
                "distance": word.distance,
                "p": word.p,
                "q": word.q,
                "holds": word.holds,
                "first_passages": word.passages[word.first],
                "second_passages": word.passages[word.second],
                "beside_in_first": ", ".join(word.neighbours[word.first]),
                "beside_in_second": ", ".join(word.neighbours[word.second]),
            }
            for word in self.meaning_results
        )

    @property
    def differences(self) -> pd.DataFrame:
        """All differences of documents, in shares of themes, tone and actors, with interval, p, q and effect."""
        groups: list[tuple[str, str, str, tuple[Pairwise, ...]]] = [
            ("theme", theme.id, theme.label, theme.differences) for theme in self.theme_results
        ]
        for tone in self.tone_results:
            groups.append(("tone", tone.id, tone.label, tone.differences))
            groups.extend(("pole", pole.id, pole.label, pole.differences) for pole in tone.poles)
        groups.extend(("actor", actor.id, actor.label, actor.differences) for actor in self.actor_results)
        return _frame(
            {
                "kind": kind,
                "id": identifier,
                "label": label,
                "first": pair.first,
                "second": pair.second,
                **_of_difference(pair.difference),
            }
            for kind, identifier, label, pairs in groups
            for pair in pairs
        )

    @property
    def words(self) -> pd.DataFrame:
        """Distinctive terms, one a row, with a column of counts a document."""
        return _frame(
            {"term": word.term, "document": word.document, "z": word.z, **word.counts} for word in self.word_results
        )

    @property
    def counterparts(self) -> pd.DataFrame:
        """Nearest passages in other documents, one passage and neighbour a row."""
        return _frame(
            {
                "passage": self.rows[item.row].id,
                "document": item.document,
                "rank": rank,
                "nearest": self.rows[row].id,
                "similarity": similarity,
                "silent": item.silent,
                "mutual": item.mutual and rank == 1,
            }
            for item in self.counterpart_results
            for rank, (row, similarity) in enumerate(item.nearest, start=1)
        )

    @property
    def plot(self) -> Figures:
        """Figures by Altair: ``themes()``, ``tone()``, ``scores()``, ``map()``, ``course()``, ``actors()`` and more."""
        from compare.report.figures import Figures

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
        from compare.report.terminal import render_text

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


def _named(name: str, named: Sequence[tuple[_T, tuple[str, ...]]], kind: str, known: Sequence[str]) -> _T:
    """The one of several that a name stands for: as a whole, else as the beginning of a word, else as any part."""
    wanted = " ".join(name.casefold().split())
    # "us" is the US plan before it is a part of "industry".
    steps = (rf"\A{re.escape(wanted)}\Z", rf"(?<!\w){re.escape(wanted)}", re.escape(wanted)) if wanted else ()
    found: list[_T] = []
    for step in steps:
        found = found or [item for item, names in named if any(re.search(step, text.casefold()) for text in names)]
    if len(found) == 1:
        return found[0]
    what = f"stands for {len(found)} {kind}s" if found else f"stands for no {kind}"
    raise OptionError(f"{printable(name)}: {what}; the {kind}s are {'; '.join(known)}")


def _of_interval(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.value, "low": interval.low, "high": interval.high}


def _of_difference(difference: Difference) -> dict[str, Any]:
    names = ("value", "low", "high", "p", "q", "floor", "effect", "holds", "suggested")
    return {name: getattr(difference, name) for name in names}


def _frame(records: Iterable[dict[str, Any]], index: str | None = None) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame.from_records(list(records))
    return frame.set_index(index) if index and len(frame) else frame


def compare(
    docs: Sequence[str | Path | Document] = DEFAULT_PAIR,
    *,
    basis: Basis = "auto",
    themes: int | None = None,
    codebook: str | Path = "auto",
    groups: Sequence[Group] = (),
    model: str | None = None,
    seed: int = 0,
    cache: bool = True,
    tone: Path | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare two or more policy documents.

    Parameters
    ----------
    docs : sequence of str, Path or Document
        Catalogue names, paths, https addresses, or documents that were loaded before.
    basis : {"auto", "official", "digest"}
        Which text of catalogue documents to take; see `compare.catalogue.resolve`.
    themes : int, optional
        Number of themes; by default the finest division at which clusterings still agree nearly as well as at the best.
    codebook : {"auto", "none", "ai-policy"} or Path
        A codebook's name or file makes its topics the themes. By default themes are found in the documents, with the
        topics of AI policy as a help where the documents are on them; "none" leaves every codebook out.
    groups : sequence of Group
        Documents that stand on one side together, as one; see `compare.groups.read_group`.
    model : str, optional
        Encoder; by default one for English, or a multilingual one where a document is in another language.
    seed : int
        For all random numbers: the same input and seed give the same answers.
    cache : bool
        Whether vectors and partitions are kept on disk and taken from there.
    tone : Path, optional
        File of dimensions of tone in the form of the one that ships.
    progress : callable, optional
        Called with the name of the step, what is done and what is to do.

    Raises
    ------
    PolicyCompareError
        If a document cannot be found or read, or an option cannot be used.
    """
    if len(docs) < 2:
        one = "one document alone has nothing to be compared with" if docs else "no document was given"
        raise OptionError(f"{one}; give two or more, by name, path or address")
    say = progress or (lambda step, done, total: None)
    members = load_documents(docs, basis, say)
    named = [doc.id if isinstance(doc, Document) else str(doc) for doc in docs]
    parted = sides(named, groups) if groups else [(None, (i,)) for i in range(len(members))]
    members, documents = _sides(members, parted)
    size = sum(len(document.passages) for document in members)
    if size > MOST_PASSAGES:
        raise OptionError(
            f"{size:,} sentences in all; up to {MOST_PASSAGES:,} are compared at once, give fewer documents or parts"
        )
    spec = load_dimensions(tone)
    spoken = [d.language for d in members]
    chosen = find_model(model or choose_model(spoken))
    arrays = Arrays(documents, members)
    if themes is not None and str(codebook) not in ("auto", "none"):
        raise OptionError("--themes and --codebook: a codebook's topics are the themes; give one of the two")
    book = None if str(codebook) == "none" else load_codebook("ai-policy" if str(codebook) == "auto" else codebook)
    if themes is not None and not 2 <= themes <= len(arrays.texts) // 3:
        raise OptionError(
            f"--themes {themes}: between 2 and {len(arrays.texts) // 3} for {len(arrays.texts)} passages, or auto"
        )
    store = ArrayCache(cache_folder() / "vectors.sqlite" if cache else None)
    encoder = Encoder(chosen, store, lambda done, total: say("encoding", done, total))
    scorer = ToneScorer(spec, encoder.encode)
    states = [own_state([p.text for p in d.passages]) for d in members]
    # The bodies in charge that some plans put in brackets behind a measure are neither its subject nor its words.
    bodies = [NOTE_AT_END.sub("", text) or text for text in arrays.texts]
    unnamed, headings = without_names(arrays, bodies, states)
    # One call for everything that a run needs a vector of: the model is loaded once or not at all.
    encoder.encode([*arrays.texts, *unnamed, *headings])
    vectors = np.asarray(encoder.encode(arrays.texts), np.float64)
    bare = np.asarray(encoder.encode(unnamed), np.float64)
    topics = None
    if book is not None:
        speakers = {chosen.name: encoder}

        def speaker(language: str) -> Encoder:
            own = find_model(model or choose_model([language]))
            return speakers.setdefault(own.name, Encoder(own, store, lambda done, total: say("encoding", done, total)))

        topics = read_topics(book, unnamed, headings, arrays.members, arrays.sections, spoken, speaker, store)
    division = Division(arrays, topics, str(codebook) == "auto")
    above = heading_vectors(headings, encoder)
    plain = centred(bare, arrays.members, division.voice)
    context = in_context(bare, arrays.members, above, arrays.sections, division.voice)
    division.place(context, in_context(bare, arrays.members, above, arrays.sections, centre=False), plain)
    partition = division.partition(seed, themes, store, say)
    say("drawing the map", 0, 1)
    atlas = draw_atlas(division.space[arrays.canonical], seed, store)
    places = atlas.places[np.argsort(arrays.canonical)].tolist()
    say("resampling", 0, _QUESTIONS)
    # What tone is measured with, told from all else: a sentence's score depends on this and the sentence alone.
    measure = scored_by(spec, chosen.checksum)
    scores = _scores(arrays.texts, vectors, scorer, digest(measure, np.__version__), store)
    languages = [spoken[d] for d in arrays.members]
    # A state's own name is no subject: a semicolon in its place keeps the words around it from making a phrase.
    nameless = [
        text if (state := states[d]) is None else state.pattern.sub(" ; ", text)
        for text, d in zip(bodies, arrays.members, strict=True)
    ]
    vocabulary = Vocabulary(nameless, languages)
    theme_results = describe_themes(arrays, partition, division, plain, context, vocabulary, store, seed)
    say("resampling", 1, _QUESTIONS)
    tone_results = _tone(arrays, spec, scores, seed)
    say("resampling", 2, _QUESTIONS)
    actor_results, asked = actors(arrays, arrays.texts, scores, seed)
    checked = {
        code: tuple(kept_validity(spec, encoder.encode, code, store, measure))
        for code in sorted({scorer.language(language) for language in spoken})
    }
    say("resampling", 3, _QUESTIONS)
    theme_tones, cells = tone_by_theme(arrays, scores, partition.labels, tuple(t.id for t in theme_results), seed)
    say("resampling", 4, _QUESTIONS)
    alike = likeness(
        in_context(bare, arrays.members, above, None, division.voice),
        in_context(bare, arrays.members, above, centre=False),
        plain,
        arrays.members,
        vocabulary,
        unnamed,
        languages,
        None if topics is None else centred(np.sqrt(topics.certainty), arrays.members),
    )
    found = find_counterparts(alike, arrays.documents, arrays.sections, [d.language for d in documents])
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
            actor=asked[i],
        )
        for i, (d, passage) in enumerate(zip(arrays.documents, arrays.passages, strict=True))
    )
    silences = find_silences(documents, rows, counterpart_results, theme_results)
    findings = find_findings(documents, theme_results, tone_results)
    stability = Stability(partition.bootstrap_ari, partition.seed_ari, len(theme_results), partition.curve)
    say("resampling", 5, _QUESTIONS)
    words = _words(arrays, Vocabulary(bodies, languages))
    meanings = word_meanings(arrays, vocabulary, plain, [d.language for d in documents], seed)
    say("resampling", _QUESTIONS, _QUESTIONS)
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
        method=_method(chosen, seed, basis, themes, str(codebook), division, arrays, found.threshold)
        | {
            "tone_by_theme_cells": cells,
            "map": {"of": "t-SNE, perplexity 30, from principal components", "trustworthiness": atlas.trustworthiness},
            "command": _command(named, basis, themes, str(codebook), groups, tone, model, seed),
        },
        positions=tuple((x, y) for x, y in places),
        notices=_notices(documents, arrays),
    )


def load_documents(
    docs: Sequence[str | Path | Document],
    basis: Basis = "auto",
    say: Progress | None = None,
    fewest: int = FEWEST_PASSAGES,
) -> list[Document]:
    """Find and read documents, each under an id of its own.

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

    Raises
    ------
    PolicyCompareError
        If a document cannot be found or read, is given twice, or is too short to be compared.
    """
    names = [str(doc) for doc in docs if not isinstance(doc, Document)]
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise OptionError(f"{printable(twice)}: given twice; compare a document with another one")
    paths = {name: str(fetch_address(name)) for name in names if re.match(r"[a-z]+://", name)}
    requests = dict(zip(names, resolve([paths.get(name, name) for name in names], basis), strict=True))
    made: list[Document] = []
    taken: set[str] = set()
    for number, doc in enumerate(docs):
        if say is not None:
            say("reading", number, len(docs))
        document = doc if isinstance(doc, Document) else load(requests[str(doc)])
        if str(doc) in paths and not document.source:
            document = replace(document, source=str(doc))
        if len(document.passages) < fewest:
            name = document.id if isinstance(doc, Document) else printable(str(doc))
            raise DocumentError(
                f"{name}: too few sentences to compare ({len(document.passages)}); give a document of {fewest} or more"
            )
        identifier, count = document.id, 2
        while identifier in taken:
            identifier, count = f"{document.id}-{count}", count + 1
        taken.add(identifier)
        short = document.short or document.label[:16]
        if any(short == other.short for other in made):
            short = identifier[:24]
        label = document.label
        if any(label == other.label for other in made):
            label = f"{label} ({identifier})"
        made.append(replace(document, id=identifier, short=short, label=label))
    return made


def _sides(
    members: Sequence[Document], parted: Sequence[tuple[str | None, tuple[int, ...]]]
) -> tuple[list[Document], list[Document]]:
    """Documents in the order of the sides, and the sides: documents alone, and groups made into one."""
    ordered: list[Document] = []
    made: list[Document] = []
    taken: set[str] = set()
    for name, numbers in parted:
        own = [members[number] for number in numbers]
        ordered += own
        side = merged(name, own) if name is not None else own[0]
        if side.id in taken:
            side = replace(side, id=f"{side.id}-{len(made) + 1}")
        taken.add(side.id)
        made.append(side)
    return ordered, made


def _part_id(theme: Theme, part: int) -> str | None:
    return theme.parts[part].id if theme.parts else None


def _scores(texts: Sequence[str], vectors: Floats, scorer: ToneScorer, measure: bytes, store: ArrayCache) -> ToneScores:
    """Tone of all passages; those that were scored before, by the same `measure`, are kept."""
    spec = scorer.spec
    keys = [digest("score", measure, text) for text in texts]
    dimensions, poles = len(spec.dimension_ids), len(spec.pole_ids)
    kept = store.get(keys, "<f8", dimensions + 2 * poles)
    missing = [i for i, key in enumerate(keys) if key not in kept]
    if missing:
        made = scorer.score([texts[i] for i in missing], vectors=vectors[missing])
        rows = np.hstack([made.dimensions, made.poles, made.present.astype(float)])
        fresh = {keys[i]: row for i, row in zip(missing, rows, strict=True)}
        store.put(fresh, "<f8")
        kept.update(fresh)
    table = np.stack([np.asarray(kept[key], np.float64) for key in keys])
    first, second, third = np.split(table, [dimensions, dimensions + poles], axis=1)
    return ToneScores(first, second, third > 0.5, spec.dimension_ids, spec.pole_ids)


def _tone(arrays: Arrays, spec: ToneSpec, scores: ToneScores, seed: int) -> tuple[ToneResult, ...]:
    by_score, score_contrasts = figures_of(arrays, scores.dimensions, seed, shares=False)
    by_pole, pole_contrasts = figures_of(arrays, scores.present.astype(float), seed, shares=True)
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


def _words(arrays: Arrays, vocabulary: Vocabulary) -> tuple[Word, ...]:
    documents = arrays.source
    found = distinctive_terms(
        vocabulary, arrays.documents.tolist(), arrays.sections.tolist(), [d.language for d in documents]
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
    model: Model,
    seed: int,
    basis: str,
    themes: int | None,
    codebook: str,
    division: Division,
    arrays: Arrays,
    threshold: dict[tuple[int, int], float],
) -> dict[str, Any]:
    names = ("sentence-transformers", "scikit-learn", "numpy", "scipy", "torch")
    documents = arrays.source
    return {
        "model": model.name,
        "weights_sha256": model.checksum,
        "versions": {"policy-compare": version(), **{name: importlib.metadata.version(name) for name in names}},
        "seed": seed,
        "options": {"basis": basis, "themes": themes if themes is not None else "auto", "codebook": codebook},
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
            "graph of nearest passages, local scaling; Ward's clusterings of its leading eigenvectors, of five folds, "
            "three graphs, three dimensions and five numbers of clusters, combined by average linkage",
            "each passage looked at again by its own words; themes whose parts lean to different documents told apart",
            "95 % intervals from 2,000 resamples of sections (n - 1 of n), Student's; shares at least Wilson's",
            "4,999 permutations of sections, studentised; false discovery rate by Benjamini & Hochberg in each table",
        ],
    }


def version() -> str:
    """Version of policy-compare as installed."""
    try:
        return importlib.metadata.version("policy-compare")
    except importlib.metadata.PackageNotFoundError:
        return "0+checkout"


def _command(
    docs: Sequence[str],
    basis: str,
    themes: int | None,
    codebook: str,
    groups: Sequence[Group],
    tone: Path | None,
    model: str | None,
    seed: int,
) -> str:
    """The command that makes the comparison again, what is usual left out."""
    words = ["policy-compare", "report", *docs]
    words += [] if basis == "auto" else ["--basis", basis]
    words += [] if themes is None else ["--themes", str(themes)]
    words += [] if codebook == "auto" else ["--codebook", codebook]
    for group in groups:
        words += ["--group", f"{group.name}={','.join(group.members)}"]
    words += [] if tone is None else ["--tone", str(tone)]
    words += [] if model is None else ["--model", model]
    words += [] if seed == 0 else ["--seed", str(seed)]
    return shlex.join(printable(word) for word in words)


def _notices(documents: Sequence[Document], arrays: Arrays) -> tuple[str, ...]:
    made = [notice for d in documents for notice in d.notices]
    bases = {d.basis for d in documents}
    if "digest" in bases and len(bases) > 1:
        which = "; ".join(f"{d.short}: {_BASIS[d.basis]}" for d in documents)
        made.append(
            f"The documents stand on unlike bases ({which}): wording, and so tone and words, compare less well."
        )
    for d, unit in zip(documents, arrays.units, strict=True):
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
