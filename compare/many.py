"""Comparisons of more documents than one process holds: learnt on some of them, counted on all.

Documents go in batches through three steps, each of which leaves a file that is found again: they are read; their
sentences are encoded and scored; and their sentences are given themes. Between the last two, themes are found in
documents drawn from all groups, as in any other comparison. What is counted are sums over sections and documents, so
that what comes after costs as much for many passages as for few. A batch hangs on nothing but its documents and what
was learnt, so batches may be worked on anywhere, and one whose worker is killed is all that is lost.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.actors import NOBODY, actor_of, asking, kinds
from compare.arrays import FEWEST_SECTIONS, Arrays, heading_vectors, without_names
from compare.cache import ArrayCache, digest
from compare.catalogue import Request
from compare.codebook import read_in, read_topics
from compare.collection import FEWEST_DOCUMENTS, MOST_LEAVES, About, Described, Figure, describe_member
from compare.comparison import (
    FEWEST_PASSAGES,
    Comparison,
    Distinct,
    Options,
    Progress,
    compared,
    requests_of,
    too_short,
)
from compare.documents import Document
from compare.encoders import Encoder, load_here, open_encoder
from compare.engine import Engine, read_one
from compare.errors import PolicyCompareError
from compare.files import checksum
from compare.grouped import as_held
from compare.inference import Sample, generator
from compare.learnt import Counted, Learnt, Side, Tally
from compare.places import cache_folder
from compare.provenance import computing_code, versions_of
from compare.results import Member, SetAside
from compare.saving import from_plain, to_plain
from compare.shards import Shards, check_parquet
from compare.shown import printable
from compare.sides import Sides
from compare.states import own_state
from compare.terms import NOTE_AT_END
from compare.themes import Voices, centred, in_context, looks_of, votes, with_topics
from compare.tone import ToneScorer
from compare.tone_file import ToneSpec
from compare.validity import scored_by

Floats = NDArray[np.float64]

# Documents of a batch: what a worker that is killed has to do again.
BATCH = 20
# Sentences of the documents that themes are found in.
LEARNT_FROM = 10_000
# Parts of a tally, by the name of the column that keeps them.
_TALLY = {
    "sizes": "sizes",
    "tally_sums": "sums",
    "squares": "squares",
    "on": "on",
    "tone": "tone",
    "tone_squares": "tone_squares",
}
_LIBRARIES = (
    "numpy", "scipy", "scikit-learn", "sentencex", "jieba", "lemminflect", "pypdfium2", "trafilatura", "lxml",
    "markdown-it-py", "charset-normalizer", "pyarrow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """A document that was read, in short; or why it could not be.

    Attributes
    ----------
    reason : str
        Why it is set aside; empty where it is not.
    id, label, title, short, language, date, sha256, unit : str
        Of the document; `unit` is what its own intervals resample.
    passages, words : int
        Their number.
    """

    reason: str
    id: str = ""
    label: str = ""
    title: str = ""
    short: str = ""
    language: str = ""
    date: str = ""
    sha256: str = ""
    unit: str = ""
    passages: int = 0
    words: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """A batch of documents: how they are named, and what is read; or the documents themselves."""

    names: tuple[str, ...]
    read: tuple[Request | Document, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A batch that was read."""

    key: bytes
    heard: tuple[Heard, ...]


def compare_many(
    docs: Sequence[str | Path | Document], grouped: Sides, options: Options, engine: Engine, say: Progress
) -> Comparison:
    """Compare more documents than are held at once.

    Parameters
    ----------
    docs : sequence of str, Path or Document
        As for `compare.comparison.compare`.
    grouped : Sides
        Groups in which they stand.
    options : Options
        As for `compare.comparison.compare`.
    engine : Engine
        What does the work.
    say : callable
        As `progress` of `compare.comparison.compare`.

    Raises
    ------
    PolicyCompareError
        As for `compare.comparison.compare`; or if what reads Parquet files is not installed.
    """
    with kept_in(options) as shards:
        return compare_in(shards, docs, grouped, options, engine, say)


@contextlib.contextmanager
def kept_in(options: Options) -> Iterator[Shards]:
    """Where batches are kept: in the cache, or, where nothing is to be kept, in a folder that is removed.

    Parameters
    ----------
    options : Options
        As for `compare.comparison.compare`.

    Raises
    ------
    OptionError
        If what reads Parquet files is not installed.
    """
    check_parquet()
    folder = cache_folder() / "collections"
    if options.cache and options.encoder is None:
        yield Shards(folder)
        return
    # Nothing tells whether an encoder that was given will make the same vectors tomorrow.
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".run-") as name:
        yield Shards(Path(name))


def read_all(
    shards: Shards, docs: Sequence[str | Path | Document], options: Options, engine: Engine, say: Progress
) -> tuple[list[list[int]], list[Read], dict[int, str]]:
    """Read documents in batches, or find them read.

    Parameters
    ----------
    shards : Shards
        Where batches are kept.
    docs, options, engine, say
        As for `compare_many`.

    Returns
    -------
    parts : list of list of int
        Numbers of the documents of each batch.
    read : list of Read
        The batches.
    aside : dict of int to str
        By number of a document that cannot be taken in, the reason.
    """
    aside: dict[int, str] = {}
    requests = requests_of(docs, options.basis, aside=aside)
    numbers = [number for number in range(len(docs)) if number not in aside]
    parts = [list(numbers[start : start + BATCH]) for start in range(0, len(numbers), BATCH)]
    given = []
    for part in parts:
        own = [docs[i] for i in part]
        names = tuple(doc.id if isinstance(doc, Document) else printable(str(doc)) for doc in own)
        read = tuple(doc if isinstance(doc, Document) else requests[i] for i, doc in zip(part, own, strict=True))
        given.append(Given(names, read))
    made: list[Read] = []
    for batch in engine.run(functools.partial(read_batch, shards), given):
        made.append(batch)
        say("reading", len(made), len(given))
    for part, batch in zip(parts, made, strict=True):
        aside.update({number: one.reason for number, one in zip(part, batch.heard, strict=True) if one.reason})
    return parts, made, aside


def compare_in(
    shards: Shards,
    docs: Sequence[str | Path | Document],
    grouped: Sides,
    options: Options,
    engine: Engine,
    say: Progress,
) -> Comparison:
    """As `compare_many`, with what is kept in a folder of one's own.

    Parameters
    ----------
    shards : Shards
        The folder; it must hold nothing that another encoder made under the same name.
    docs, grouped, options, engine, say
        As for `compare_many`.

    Raises
    ------
    PolicyCompareError
        As for `compare_many`.
    """
    parts, read, aside = read_all(shards, docs, options, engine, say)
    heard: dict[int, Heard] = {}
    distinct = Distinct()
    for part, batch in zip(parts, read, strict=True):
        for number, one in zip(part, batch.heard, strict=True):
            if one.reason:
                continue
            identifier, short, label = distinct.names(one.id, one.short, one.label)
            date = grouped.fields[number].get("date", one.date)
            heard[number] = dataclasses.replace(one, id=identifier, short=short, label=label, date=date)
    # Where fewer than two sides are left, that is said before anything is encoded.
    grouped.without(aside)
    run = _Run(shards, engine, say, options, parts, read, heard, grouped)
    run.prepare()
    drawn = run.drawn()
    members = run.documents(drawn)
    sample = grouped.without([number for number in range(len(docs)) if number not in drawn])
    set_aside = tuple(SetAside(grouped.named[number], reason) for number, reason in sorted(aside.items()))
    return compared(members, sample, grouped.named, options, engine, say, set_aside, run.count)


def read_batch(shards: Shards, given: Given) -> Read:
    """Read a batch, or find it read; documents that cannot be are told and left out.

    Parameters
    ----------
    shards : Shards
        Where batches are kept.
    given : Given
        The batch.
    """
    made: list[Document | PolicyCompareError] = []
    told = []
    for name, one in zip(given.names, given.read, strict=True):
        if isinstance(one, Document):
            told.append(f"{one.id}\n{one.sha256}")
            continue
        try:
            told.append(f"{name}\n{one.basis}\n{one.source!r}\n{one.entry!r}\n{checksum(one.path)}")
        except OSError:
            told.append(f"{name}\nunreadable")
    key = digest("read", computing_code(), versions_of(_LIBRARIES), *told)
    if shards.there(key, "documents"):
        kept = shards.read(key, "documents", ["heard"])["heard"]
        return Read(key, tuple(Heard(**json.loads(line)) for line in kept))
    made = [one if isinstance(one, Document) else read_one(one) for one in given.read]
    heard, packed = [], []
    for name, document in zip(given.names, made, strict=True):
        if isinstance(document, Document) and len(document.passages) < FEWEST_PASSAGES:
            document = too_short(name, len(document.passages))
        if isinstance(document, PolicyCompareError):
            heard.append(Heard(str(document)))
            packed.append(b"")
            continue
        heard.append(
            Heard(
                "",
                *(document.id, document.label, document.title, document.short, document.language, document.date),
                document.sha256,
                Arrays([document]).units[0],
                len(document.passages),
                document.words,
            )
        )
        packed.append(zlib.compress(json.dumps(to_plain(document)).encode(), 1))
    lines = [json.dumps(dataclasses.asdict(one)) for one in heard]
    shards.write(key, "documents", {"heard": lines, "document": packed})
    return Read(key, tuple(heard))


def documents_of(shards: Shards, key: bytes) -> list[Document | None]:
    """Documents of a batch that was read; None in place of those set aside.

    Parameters
    ----------
    shards : Shards
        Where batches are kept.
    key : bytes
        Of the batch.
    """
    packed = shards.read(key, "documents", ["document"])["document"]
    return [from_plain(Document, json.loads(zlib.decompress(one))) if one else None for one in packed]


class _Run:
    """A comparison of many documents, from what was read to what is counted."""

    def __init__(
        self,
        shards: Shards,
        engine: Engine,
        say: Progress,
        options: Options,
        parts: Sequence[Sequence[int]],
        read: Sequence[Read],
        heard: dict[int, Heard],
        grouped: Sides,
    ) -> None:
        self._shards, self._engine, self._say, self._options = shards, engine, say, options
        self._parts, self._read, self._heard, self._grouped = parts, read, heard, grouped
        self._keys: list[bytes] = []
        self._spec = options.dimensions()
        self._languages = sorted({one.language for one in heard.values()})

    def prepare(self) -> None:
        """Encode and score all passages, or find it done."""
        given = [(batch.key, self._spoken(part)) for part, batch in zip(self._parts, self._read, strict=True)]
        for key in prepare(self._shards, self._options, self._languages, given, self._engine):
            self._keys.append(key)
            self._say("encoding and scoring", len(self._keys), len(given))

    def _spoken(self, part: Sequence[int]) -> tuple[bool, ...]:
        return tuple(number in self._heard for number in part)

    def drawn(self) -> set[int]:
        """Documents that themes are found in: of each group, and each language in it, as many passages as of others."""
        strata: dict[tuple[int, str], list[int]] = {}
        for side, (_, own) in enumerate(self._grouped.parted):
            for number in own:
                if number in self._heard:
                    strata.setdefault((side, self._heard[number].language), []).append(number)
        made: set[int] = set()
        left = LEARNT_FROM
        sizes = {name: sum(self._heard[number].passages for number in own) for name, own in strata.items()}
        # The smallest first: what they leave is for the others.
        for rank, name in enumerate(sorted(strata, key=lambda name: (sizes[name], name))):
            room = left // (len(strata) - rank)
            numbers = sorted(strata[name], key=lambda number: (self._heard[number].sha256, self._heard[number].id))
            order = generator(self._options.seed, "documents", *(self._heard[n].sha256 for n in numbers[:100]))
            taken = 0
            for number in order.permutation(numbers).tolist():
                size = self._heard[number].passages
                if taken and taken + size > room:
                    continue
                made.add(number)
                taken += size
                if taken >= room:
                    break
            left -= taken
        return made

    def documents(self, numbers: set[int]) -> list[Document]:
        """Documents by number, under the names that they go by here."""
        made = {}
        for part, batch in zip(self._parts, self._read, strict=True):
            if not numbers.intersection(part):
                continue
            for number, document in zip(part, documents_of(self._shards, batch.key), strict=True):
                if number in numbers and document is not None:
                    one = self._heard[number]
                    made[number] = dataclasses.replace(document, id=one.id, short=one.short, label=one.label)
        return [made[number] for number in sorted(made)]

    def count(self, learnt: Learnt) -> Counted:
        """Give every passage a theme, and count."""
        options, spec, grouped = self._options, self._spec, self._grouped
        side_of = {number: side for side, (_, own) in enumerate(grouped.parted) for number in own}
        held = [[number for number in own if number in self._heard] for _, own in grouped.parted]
        units = ["documents" if len(own) >= FEWEST_SECTIONS else "sections" for own in held]
        ids = [f"t{theme + 1:02d}" for theme in range(learnt.themes)]
        figures = (
            *(Figure("theme", name) for name in ids),
            *(Figure("pole", name) for name in spec.pole_ids),
            *(Figure("tone", name) for name in spec.dimension_ids),
        )
        light = self._light(held)
        placing = functools.partial(_Placing, self._shards, options, self._languages, learnt, spec, figures)
        given = []
        for part, key in zip(self._parts, self._keys, strict=True):
            own = [number for number in part if number in self._heard]
            about = tuple(
                About(one.id, one.label, one.title, str(side_of[number]), one.date, one.unit)
                for number in own
                for one in (self._heard[number],)
            )
            by_section = tuple(units[side_of[number]] == "sections" for number in own)
            given.append((key, about, by_section, tuple(number in light for number in own)))
        tallies: dict[int, list[Tally]] = {side: [] for side in range(len(held))}
        bound: dict[int, NDArray[np.int64]] = {}
        described: list[tuple[int, int, Described]] = []
        for number, (part, placed) in enumerate(zip(self._parts, self._engine.flow(given, placing), strict=True), 1):
            own = [i for i in part if i in self._heard]
            for i, (one, tally, asked) in zip(own, placed, strict=True):
                side = side_of[i]
                tallies[side].append(tally)
                bound[side] = bound.get(side, 0) + asked
                described.append((side, i, one))
            self._say("giving themes", number, len(given))
        names = _kinds()
        edges = np.cumsum([0, len(ids), len(spec.pole_ids), len(spec.dimension_ids), len(names)]).tolist()
        columns = {
            name: slice(start, end)
            for name, start, end in zip(("themes", "poles", "scores", "actors"), edges, edges[1:], strict=False)
        }
        sides = []
        for side, own in enumerate(held):
            # Random numbers are drawn by what they are drawn by where all is held.
            sums = [self._heard[number].sha256 for number in own]
            name = sums[0] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest()
            orders, encouragements = bound[side].tolist()
            sides.append(
                Side(
                    f"{name}:0",
                    units[side],
                    len(own),
                    sum(self._heard[number].passages for number in own),
                    sum(self._heard[number].words for number in own),
                    Tally.joined(tallies[side]),
                    dict(zip(names, orders, strict=True)),
                    dict(zip(names, encouragements, strict=True)),
                )
            )
        asked_of = [
            name for k, name in enumerate(names) if any(side.tally.sums[:, edges[3] + k].any() for side in sides)
        ]
        kept = [names.index(name) for name in asked_of]
        if len(kept) < len(names):
            sides = [_without(side, edges[3], kept) for side in sides]
            columns["actors"] = slice(edges[3], edges[3] + len(kept))
        described.sort(key=lambda one: one[:2])
        return Counted(tuple(sides), columns, tuple(asked_of), tuple(one for _, _, one in described), figures)

    def _light(self, held: Sequence[Sequence[int]]) -> set[int]:
        """Documents whose own resamples nothing asks for; of very many, they would fill the memory."""
        if len(self._heard) <= MOST_LEAVES:
            return set()
        years = {number: one.date[:4] for number, one in self._heard.items()}
        often = Counter(years.values())
        made: set[int] = set()
        for own in held:
            in_group = Counter(years[number] for number in own)
            if len(own) >= FEWEST_DOCUMENTS:
                few = FEWEST_DOCUMENTS
                made.update(n for n in own if in_group[years[n]] >= few and often[years[n]] >= few)
        return made


def prepare(
    shards: Shards,
    options: Options,
    languages: Sequence[str],
    given: Sequence[tuple[bytes, tuple[bool, ...]]],
    engine: Engine,
) -> Iterator[bytes]:
    """Encode and score the passages of batches that were read, or find it done.

    Parameters
    ----------
    shards : Shards
        Where batches are kept.
    options : Options
        As for `compare.comparison.compare`.
    languages : sequence of str
        Of all documents.
    given : sequence of (bytes, tuple of bool)
        Key of each batch, and which of its documents are taken in.
    engine : Engine
        What does the work.

    Yields
    ------
    bytes
        Key of the batch with vectors and scores.
    """
    spec = options.dimensions()
    encoder = open_encoder(languages, model=options.model, encoder=options.encoder, cache=options.cache)
    scorer = ToneScorer(spec, encoder.encode).learnt(languages)
    measure = scored_by(spec, encoder.key)
    yield from engine.flow(given, functools.partial(_Preparing, shards, options, languages, scorer, measure))


def _without(side: Side, start: int, kept: Sequence[int]) -> Side:
    """A side with only some kinds of actor."""
    chosen = [*range(start), *(start + k for k in kept)]
    tally = dataclasses.replace(side.tally, sums=side.tally.sums[:, chosen], squares=side.tally.squares[chosen])
    return dataclasses.replace(side, tally=tally)


def _kinds() -> list[str]:
    return [*(kind.id for kind in kinds()), NOBODY]


class _Speakers:
    """Encoders of a worker: that of all documents together, and those in which topics are read by language."""

    def __init__(self, options: Options, languages: Sequence[str]) -> None:
        self._options = options
        self._made: dict[str, Encoder] = {}
        self.main = self.of(languages)

    def of(self, languages: Sequence[str]) -> Encoder:
        """The encoder for texts in these languages, each loaded once."""
        own = open_encoder(
            languages,
            model=self._options.model,
            encoder=self._options.encoder,
            cache=False,
            elsewhere=None if self._options.encoder is not None else load_here,
        )
        return self._made.setdefault(own.model.name, own)


class _Preparing:
    """Encodes and scores batches, in a worker that holds the models."""

    def __init__(
        self, shards: Shards, options: Options, languages: Sequence[str], scorer: ToneScorer, measure: bytes
    ) -> None:
        self._shards, self._scorer, self._measure = shards, scorer, measure
        self._book = options.book()
        self._speakers = _Speakers(options, languages)

    def __call__(self, given: tuple[bytes, tuple[bool, ...]]) -> bytes:
        source, taken = given
        own = self._speakers.main
        key = digest(
            "prepared",
            source,
            computing_code(),
            own.key,
            self._measure,
            bytes(taken),
            self._book.sha256 if self._book else "",
        )
        # Written last.
        if not any(taken) or self._shards.there(key, "passages"):
            return key
        documents = [d for d, there in zip(documents_of(self._shards, source), taken, strict=True) if there and d]
        arrays = Arrays(documents)
        states = [own_state([p.text for p in document.passages]) for document in documents]
        bodies = [NOTE_AT_END.sub("", text) or text for text in arrays.texts]
        unnamed, headings = without_names(arrays, bodies, states)
        vectors = own.encode([*arrays.texts, *unnamed, *headings])
        scores = self._scorer.score(arrays.texts, vectors=vectors[: len(arrays.texts)])
        spoken: dict[str, tuple[Encoder, list[str]]] = {own.model.name: (own, [*arrays.texts, *unnamed, *headings])}
        if self._book is not None:
            languages = [document.language for document in documents]
            for language in sorted(set(languages)):
                other = self._speakers.of([read_in(self._book, language)])
                rows = [i for i, d in enumerate(arrays.documents.tolist()) if languages[d] == language]
                _, texts = spoken.setdefault(other.model.name, (other, []))
                texts += [*(unnamed[i] for i in rows), *(headings[i] for i in rows)]
        place: dict[bytes, int] = {}
        for encoder, texts in spoken.values():
            encoder.encode(texts)
            held = encoder.held(texts)
            columns = {"key": list(held), "vector": np.stack(list(held.values()))}
            if encoder is own:
                place = {name: number for number, name in enumerate(held)}
            self._shards.write(key, vectors_kind(encoder), columns)
            encoder.hold({})
        asks = asking(scores.pole_ids, scores.present)
        # Of what asks for nothing, nobody is asked.
        actors = ["" for _ in arrays.texts]
        for row in np.flatnonzero(asks.any(0)).tolist():
            actors[row] = actor_of(arrays.texts[row])
        self._shards.write(
            key,
            "passages",
            {
                "document": arrays.documents.astype(np.int32),
                "section": arrays.sections.astype(np.int32),
                "vector": np.array([place[own.vector_key(text)] for text in arrays.texts], np.int32),
                "text": arrays.texts,
                "headings": [list(p.section) for p in arrays.passages],
                "page": [p.page for p in arrays.passages],
                "page_label": [p.page_label for p in arrays.passages],
                "unnamed": unnamed,
                "heading": headings,
                "actor": actors,
                "tone": scores.dimensions,
                "poles": scores.present.astype(np.int8),
            },
            {"documents": [document.id for document in documents], "languages": [d.language for d in documents]},
        )
        return key


class _Placing:
    """Gives themes to the passages of batches and counts them, by what was learnt."""

    def __init__(
        self,
        shards: Shards,
        options: Options,
        languages: Sequence[str],
        learnt: Learnt,
        spec: ToneSpec,
        figures: Sequence[Figure],
    ) -> None:
        self._shards, self._learnt, self._spec, self._figures = shards, learnt, spec, figures
        self._seed = options.seed
        self._book = options.book()
        self._speakers = _Speakers(options, languages)
        # Topics are learnt once in a worker; what they are learnt from comes with the package or is encoded here.
        self._store = ArrayCache(None)
        voices = (array for voice in learnt.voices for array in voice)
        parts = (learnt.known, learnt.labels, learnt.membership, learnt.topics, *voices)
        told = f"{options.seed} {learnt.assigned}"
        self._by = digest("learnt", *(np.ascontiguousarray(part).data for part in parts), told)

    def __call__(self, given: tuple[bytes, tuple[About, ...], tuple[bool, ...], tuple[bool, ...]]) -> list[_Placed]:
        source, about, by_section, light = given
        if not about:
            return []
        key = digest("placed", source, computing_code(), self._by, repr(about), bytes(by_section), bytes(light))
        if self._shards.there(key, "themes", "counted"):
            return self._kept(key, len(by_section))
        there = self._shards.read(source, "passages")
        documents = there["document"].astype(np.intp)
        sections = there["section"].astype(np.intp)
        labels, membership = self._themes(source, there, documents, sections)
        asks = asking(self._spec.pole_ids, there["poles"])
        names = _kinds()
        actor = np.array([[float(own == name) for name in names] for own in there["actor"]])
        member = np.zeros((len(labels), self._learnt.themes))
        member[np.arange(len(labels)), labels] = 1
        values = np.hstack([member, there["poles"].astype(float), there["tone"], actor])
        made = []
        for number, (one, apart) in enumerate(zip(about, by_section, strict=True)):
            rows = documents == number
            units = np.unique(sections[rows], return_inverse=True)[1].astype(np.intp)
            own = values[rows]
            sample = Sample.of(f"{one.id}:{one.side}", own[:, : len(self._figures)], units)
            described = describe_member(one, sample, self._figures, self._seed)
            if light[number]:
                described = dataclasses.replace(described, resampled=described.resampled[:0])
            whole = units if apart else np.zeros(len(units), dtype=np.intp)
            tally = Tally.of(own, there["tone"][rows], labels[rows], self._learnt.themes, whole)
            asked = np.stack([actor[rows & ask].sum(0) for ask in asks]).astype(np.int64)
            made.append((described, tally, asked))
        self._keep(key, made, documents, labels, membership)
        return made

    def _themes(
        self, source: bytes, there: dict[str, Any], documents: NDArray[np.intp], sections: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], Floats]:
        """Theme of each passage, and how firmly it belongs to it."""
        learnt, main = self._learnt, self._speakers.main
        unnamed, headings = there["unnamed"], there["heading"]
        languages = self._shards.about(source, "passages")["languages"]
        self._hold(source, main)
        bare = as_held(main.encode(unnamed), len(unnamed))
        above = heading_vectors(headings, main) if learnt.headings else None
        if learnt.headings and above is None:
            above = np.zeros_like(bare)
        topics, help_ = None, None
        if self._book is not None:
            topics = read_topics(
                self._book,
                unnamed,
                headings,
                documents,
                sections,
                languages,
                lambda language: self._hold(source, self._speakers.of([language])),
                self._store,
                voices=lambda language: Voices(learnt.topic_voices[language]),
            )
            if learnt.helped or learnt.assigned:
                help_ = topics.help(learnt.usual)
        if learnt.assigned and topics is not None:
            certainty = topics.certainty[:, learnt.topics]
            return certainty.argmax(1).astype(np.intp), certainty.max(1)
        voices = Voices(learnt.voices)
        plain = centred(bare, documents, help_, voices)
        space = in_context(bare, documents, above, sections, help_, voices)
        if help_ is not None:
            space = with_topics(space, help_, documents, learnt.roots)
        looks = looks_of(np.round(space, 5), np.round(plain, 5))
        shares = votes(looks, learnt.known, learnt.labels, learnt.membership, learnt.themes)
        return shares.argmax(1).astype(np.intp), shares.max(1)

    def _hold(self, source: bytes, encoder: Encoder) -> Encoder:
        kind = vectors_kind(encoder)
        if self._shards.there(source, kind):
            kept = self._shards.read(source, kind)
            encoder.hold(dict(zip(kept["key"], kept["vector"], strict=True)))
        return encoder

    def _keep(
        self,
        key: bytes,
        made: Sequence[_Placed],
        documents: NDArray[np.intp],
        labels: NDArray[np.intp],
        membership: Floats,
    ) -> None:
        self._shards.write(
            key, "themes", {"document": documents, "theme": labels.astype(np.int32), "membership": membership}
        )
        columns: dict[str, list[Any]] = {name: [] for name in ("described", "asked", "sums", "resampled", *_TALLY)}
        for described, tally, asked in made:
            told = {name: to_plain(getattr(described, name)) for name in ("member", "name", "size", "units", "floors")}
            columns["described"].append(json.dumps(told))
            columns["asked"].append(asked.tobytes())
            columns["sums"].append(np.asarray(described.sums, np.float64).tobytes())
            columns["resampled"].append(np.asarray(described.resampled, np.float32).tobytes())
            for name, part in _TALLY.items():
                columns[name].append(np.asarray(getattr(tally, part), np.float64).tobytes())
        self._shards.write(key, "counted", columns)

    def _kept(self, key: bytes, number: int) -> list[_Placed]:
        there = self._shards.read(key, "counted")
        made = []
        dimensions, themes, figures = len(self._spec.dimension_ids), self._learnt.themes, len(self._figures)
        for i in range(number):
            told = json.loads(there["described"][i])
            arrays = {name: np.frombuffer(there[name][i], np.float64) for name in ("sums", *_TALLY)}
            units = len(arrays["sizes"])
            described = Described(
                member=from_plain(Member, told["member"]),
                name=told["name"],
                sums=arrays["sums"],
                size=told["size"],
                units=told["units"],
                floors=(told["floors"][0], told["floors"][1]),
                resampled=np.frombuffer(there["resampled"][i], np.float32).reshape(-1, figures),
            )
            tally = Tally(
                sizes=arrays["sizes"],
                sums=arrays["tally_sums"].reshape(units, -1),
                squares=arrays["squares"],
                on=arrays["on"].reshape(units, themes),
                tone=arrays["tone"].reshape(units, themes, dimensions),
                tone_squares=arrays["tone_squares"].reshape(themes, dimensions),
            )
            made.append((described, tally, np.frombuffer(there["asked"][i], np.int64).reshape(2, -1)))
        return made


_Placed = tuple[Described, Tally, NDArray[np.int64]]


def vectors_kind(encoder: Encoder) -> str:
    """Kind of the files that hold an encoder's vectors."""
    return "vectors-" + digest(encoder.key).hex()[:12]
