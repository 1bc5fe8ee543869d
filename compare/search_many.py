"""Search among more passages than are held at once: through an index that is kept beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.cache import digest
from compare.comparison import Distinct, Options, Progress
from compare.documents import Document
from compare.encoders import ENGLISH, MULTILINGUAL, Encoder, open_encoder
from compare.engine import Engine
from compare.errors import DocumentError, OptionError
from compare.index import PassageIndex
from compare.inference import generator
from compare.many import documents_of, kept_in, prepare, read_all, vectors_kind
from compare.results import Counts, SetAside
from compare.search import Found, Search
from compare.shards import Shards
from compare.tone import language_of

# Passages by which similarities of a language are measured, and by which the yardstick is.
_MEASURED, _YARDSTICK = 2000, 500
# How many near passages of one are looked at to find one in another section.
_NEAR = 40


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where passages of a language stand: batch, document in it, section and row, each of shape (n_passages,)."""

    batch: NDArray[np.int32]
    document: NDArray[np.int32]
    section: NDArray[np.int32]
    row: NDArray[np.int32]


def search_many(
    text: str, docs: Sequence[str | Path | Document], most: int, options: Options, engine: Engine, say: Progress
) -> Search:
    """Find the passages nearest in meaning to a text, as `compare.search.search_documents` does.

    Documents that cannot be read are set aside.

    Parameters
    ----------
    text : str
        What is looked for.
    docs, options, engine, say
        As for `compare.comparison.compare`.
    most : int
        Number of passages.

    Raises
    ------
    PolicyCompareError
        As for `compare.search.search_documents`.
    """
    with kept_in(options) as shards:
        _, read, aside = read_all(shards, docs, options, engine, say)
        heard = [one for batch in read for one in batch.heard if not one.reason]
        if not heard:
            raise DocumentError(f"none of {len(docs):,} documents can be read; the first: {next(iter(aside.values()))}")
        languages = sorted({language_of(text), *(one.language for one in heard)})
        sources = [(batch.key, tuple(not one.reason for one in batch.heard)) for batch in read]
        keys = []
        for key in prepare(shards, options, languages, sources, engine):
            keys.append(key)
            say("encoding and scoring", len(keys), len(sources))
        encoder = open_encoder(languages, model=options.model, encoder=options.encoder, cache=options.cache)
        if encoder.model.base == ENGLISH and language_of(text) != "en":
            raise OptionError(f"search: the encoder {ENGLISH} is for English; ask so with model={MULTILINGUAL!r}")
        found, yardstick, exact = _searched(text, most, shards, keys, encoder, say)
        made = []
        distinct = Distinct()
        names = {}
        for number, batch in enumerate(read):
            for place, one in enumerate(one for one in batch.heard if not one.reason):
                names[number, place] = distinct.names(one.id, one.short, one.label)
        held: dict[int, list[Document]] = {}
        for (number, place, row), similarity, standing in found:
            if number not in held:
                held[number] = [one for one in documents_of(shards, read[number].key) if one is not None]
            document = held[number][place]
            first = sum(len(one.passages) for one in held[number][:place])
            identifier, short, label = names[number, place]
            document = replace(document, id=identifier, short=short, label=label)
            made.append(Found(document, document.passages[row - first], similarity, standing))
    return Search(
        text,
        tuple({found.document.id: found.document for found in made}.values()),
        tuple(made),
        yardstick,
        encoder.model.name,
        None if options.encoder is not None else encoder.model.checksum,
        Counts(len(heard), sum(one.passages for one in heard), sum(one.words for one in heard)),
        exact,
        tuple(SetAside(str(docs[number]), reason) for number, reason in sorted(aside.items())),
    )


Place = tuple[int, int, int]


def _searched(
    text: str, most: int, shards: Shards, keys: Sequence[bytes], encoder: Encoder, say: Progress
) -> tuple[list[tuple[Place, float, float]], float | None, bool]:
    """The nearest passages, each with similarity and standing; the yardstick; and whether all were looked at."""
    of_language: dict[str, list[tuple[int, NDArray[np.int32], dict[str, Any]]]] = {}
    for number, key in enumerate(keys):
        if not shards.there(key, "passages"):
            continue
        spoken = np.array(shards.about(key, "passages")["languages"])
        there = shards.read(key, "passages", ["document", "section", "vector"])
        for language in sorted(set(spoken.tolist())):
            rows = np.flatnonzero(spoken[there["document"]] == language).astype(np.int32)
            of_language.setdefault(language, []).append((number, rows, there))
    question = np.asarray(encoder.encode([text]), np.float32)
    nearest: list[tuple[str, int, float, float]] = []
    told: dict[str, _Rows] = {}
    medians, exact = [], True
    for done, (language, parts) in enumerate(sorted(of_language.items())):
        say("indexing", done, len(of_language))
        stand = told[language] = _Rows(
            np.concatenate([np.full(len(own), number, np.int32) for number, own, _ in parts]),
            np.concatenate([there["document"][own] for _, own, there in parts]),
            np.concatenate([there["section"][own] for _, own, there in parts]),
            np.concatenate([own for _, own, _ in parts]),
        )
        key = digest("index", language, encoder.key, *(keys[number] for number, _, _ in parts))
        index = _index(shards, key, keys, parts, encoder, len(stand.row))
        exact &= index.exact
        rng = generator(0, "yardstick", language)
        drawn = np.sort(rng.choice(len(stand.row), min(_MEASURED, len(stand.row)), replace=False))
        sample = _vectors_of(shards, keys, stand, drawn, encoder)
        usual = sample @ question[0]
        spread = float(usual.std()) or 1.0
        found, similarity = index.nearest(question, most)
        for row, value in zip(found[0].tolist(), similarity[0].tolist(), strict=True):
            nearest.append((language, row, value, (value - float(usual.mean())) / spread))
        medians.append(_best_elsewhere(index, stand, drawn[:: max(1, len(drawn) // _YARDSTICK)], shards, keys, encoder))
    several = len(told) > 1
    nearest.sort(key=lambda one: (-round(one[3] if several else one[2], 6), one[0], one[1]))
    places: list[tuple[Place, float, float]] = []
    for language, row, value, standing in nearest[:most]:
        own = told[language]
        places.append(((int(own.batch[row]), int(own.document[row]), int(own.row[row])), value, standing))
    best = np.concatenate(medians) if medians else np.zeros(0)
    return places, float(np.median(best)) if len(best) else None, exact


def _index(
    shards: Shards,
    key: bytes,
    keys: Sequence[bytes],
    parts: Sequence[tuple[int, NDArray[np.int32], dict[str, Any]]],
    encoder: Encoder,
    count: int,
) -> PassageIndex:
    """The index of passages, built where it is not kept."""
    path = shards.folder / "index" / f"{key.hex()[:40]}.index"
    if path.is_file():
        try:
            return PassageIndex.open(path)
        except DocumentError:
            # Broken, or of another form: it is built again.
            pass
    kind = vectors_kind(encoder)

    def blocks() -> Iterator[NDArray[np.float32]]:
        for number, rows, there in parts:
            yield shards.read(keys[number], kind, ["vector"])["vector"][there["vector"][rows]]

    index = PassageIndex.build(blocks(), count)
    path.parent.mkdir(parents=True, exist_ok=True)
    index.save(path)
    return index


def _vectors_of(
    shards: Shards, keys: Sequence[bytes], rows: _Rows, chosen: NDArray[np.intp], encoder: Encoder
) -> NDArray[np.float32]:
    made = []
    kind = vectors_kind(encoder)
    for number in np.unique(rows.batch[chosen]).tolist():
        own = rows.row[chosen[rows.batch[chosen] == number]]
        place = shards.read(keys[number], "passages", ["vector"])["vector"][own]
        made.append(shards.read(keys[number], kind, ["vector"])["vector"][place])
    return np.concatenate(made)


def _best_elsewhere(
    index: PassageIndex,
    rows: _Rows,
    chosen: NDArray[np.intp],
    shards: Shards,
    keys: Sequence[bytes],
    encoder: Encoder,
) -> NDArray[np.float64]:
    """How near the nearest passage in another section is, of those passages of which one is found."""
    found, similarity = index.nearest(_vectors_of(shards, keys, rows, chosen, encoder), _NEAR)
    other = rows.section[found] != rows.section[chosen][:, None]
    other |= (rows.batch[found] != rows.batch[chosen][:, None]) | (
        rows.document[found] != rows.document[chosen][:, None]
    )
    best = np.where(other, similarity, -np.inf).max(axis=1)
    return np.asarray(best[np.isfinite(best)], np.float64)
