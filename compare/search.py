"""The passages of documents that are nearest in meaning to a text, across languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from compare.catalogue import Basis
from compare.documents import Document, Passage
from compare.encoders import ENGLISH, MULTILINGUAL, Encoder, Encodes, open_encoder
from compare.errors import DocumentError, OptionError
from compare.inference import generator
from compare.results import Counts, SetAside
from compare.sides import MOST_SIDES
from compare.tone import language_of

if TYPE_CHECKING:
    from compare.engine import Engine

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

# Passages by which the yardstick is measured: more would not move it.
_MEASURED = 500
# Passages that are held at once; more are searched through an index.
MOST_HELD = 200_000


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that a search found.

    Attributes
    ----------
    document : Document
        Where it stands.
    passage : Passage
        Text and place.
    similarity : float
        Cosine of its vector with that of the text looked for.
    standing : float
        The same in standard deviations above the mean of all passages in its language.
    """

    document: Document
    passage: Passage
    similarity: float
    standing: float


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found.

    Attributes
    ----------
    text : str
        What was looked for.
    documents : tuple of Document
        Where.
    found : tuple of Found
        The nearest first.
    yardstick : float or None
        What a passage of these documents typically (median) finds as its nearest in another section or document of its
        language: there is always a nearest passage, and this tells whether it is near. None where there is one section.
    model, weights_sha256 : str or None
        The encoder; of one that was given in Python there is no checksum.
    counts : Counts or None
        Among how much it was searched, where that is more than is held; `documents` are then only those found in.
    exact : bool
        Whether all passages were looked at, and not an index that may miss one.
    set_aside : tuple of SetAside
        Documents that could not be read, where there are so many.
    """

    text: str
    documents: tuple[Document, ...]
    found: tuple[Found, ...]
    yardstick: float | None
    model: str
    weights_sha256: str | None
    counts: Counts | None = None
    exact: bool = True
    set_aside: tuple[SetAside, ...] = ()


def search_documents(
    text: str,
    docs: Sequence[str | Path | Document],
    *,
    most: int = 10,
    basis: Basis = "auto",
    model: str | None = None,
    encoder: Encodes | None = None,
    cache: bool = True,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Search:
    """Find the passages nearest in meaning to a text.

    Parameters
    ----------
    text : str
        A question, a claim or a few words, in English or in Chinese whatever the language of the documents.
    docs : sequence of str, Path or Document
        One document or more, as for `compare.comparison.compare`.
    most : int
        Number of passages.
    basis, model, encoder, cache, engine, progress
        As for `compare.comparison.compare`.

    Raises
    ------
    PolicyCompareError
        If the text is empty, or a document or the encoder cannot be had.
    """
    from compare.comparison import Options, reading
    from compare.engine import Local

    words = " ".join(text.split()) if isinstance(text, str) else ""
    if not words or most < 1:
        raise OptionError("search: give a text, and a number of passages from 1 up")
    if not docs:
        raise OptionError("search: no document was given; give one or more, by name, path or address")
    say = progress or (lambda step, done, total: None)
    documents: list[Document] = []
    size = 0
    # Of a few documents each is meant; of many, one that cannot be read is set aside.
    aside: dict[int, str] | None = {} if len(docs) > MOST_SIDES else None
    for document in reading(docs, basis, say, fewest=1, aside=aside, engine=engine):
        size += len(document.passages)
        documents.append(document)
        if size > MOST_HELD:
            from compare.search_many import search_many

            options = Options(basis, model=model, encoder=encoder, cache=cache)
            return search_many(words, docs, most, options, engine or Local(), say)
    if not documents:
        raise DocumentError(
            f"none of {len(docs):,} documents can be read; the first: {next(iter((aside or {}).values()))}"
        )
    # One space for the text and all documents.
    speaker = open_encoder(
        [language_of(words), *(document.language for document in documents)],
        model=model,
        encoder=encoder,
        cache=cache,
        progress=lambda done, total: say("encoding", done, total),
    )
    rows = [(document, passage) for document in documents for passage in document.passages]
    spoken = [document.language for document, _ in rows]
    ranked, similarity, standing = nearest_passages(words, [passage.text for _, passage in rows], spoken, speaker)
    found = [Found(*rows[i], float(similarity[i]), float(standing[i])) for i in ranked[:most]]
    return Search(
        words,
        tuple(documents),
        tuple(found),
        _yardstick(rows, speaker),
        speaker.model.name,
        None if encoder is not None else speaker.model.checksum,
        set_aside=tuple(SetAside(str(docs[number]), reason) for number, reason in sorted((aside or {}).items())),
    )


def nearest_passages(
    text: str, passages: Sequence[str], languages: Sequence[str], encoder: Encoder
) -> tuple[list[int], Floats, Floats]:
    """How near each passage is to a text.

    Between languages all similarities are lower than within one, so a similarity is also given as it stands out among
    the passages of its own language, and passages of several languages are ranked by that.

    Parameters
    ----------
    text : str
        What is looked for.
    passages : sequence of str
        Where.
    languages : sequence of str
        Language of each passage.
    encoder : Encoder
        Of the passages' vectors.

    Returns
    -------
    ranked : list of int
        Numbers of the passages, the nearest first.
    similarity, standing : ndarray of float, shape (n_passages,)
        Cosine of the vectors, and the same in standard deviations above the mean of its language.

    Raises
    ------
    OptionError
        If the encoder is for English and the text is not.
    """
    return Passages(passages, languages, encoder).nearest(text)


class Passages:
    """Passages among which the nearest to any text are found.

    Parameters
    ----------
    passages, languages, encoder
        As for `nearest_passages`.
    """

    def __init__(self, passages: Sequence[str], languages: Sequence[str], encoder: Encoder) -> None:
        self.encoder = encoder
        self.languages = np.array(languages)
        self.vectors = np.asarray(encoder.encode(list(passages)), np.float64)

    def nearest(self, text: str) -> tuple[list[int], Floats, Floats]:
        """How near each passage is to a text; see `nearest_passages`."""
        encoder = self.encoder
        if encoder.model.base == ENGLISH and language_of(text) != "en":
            raise OptionError(f"search: the encoder {ENGLISH} is for English; ask so with model={MULTILINGUAL!r}")
        similarity = self.vectors @ np.asarray(encoder.encode([text]), np.float64)[0]
        standing = np.zeros(len(similarity))
        spoken = set(self.languages.tolist())
        for language in spoken:
            own = similarity[self.languages == language]
            spread = own.std()
            standing[self.languages == language] = (own - own.mean()) / spread if spread > 0 else 0.0
        by = standing if len(spoken) > 1 else similarity
        return np.argsort(-by.round(6), kind="stable").tolist(), similarity, standing


def _yardstick(rows: Sequence[tuple[Document, Passage]], encoder: Encoder) -> float | None:
    vectors = np.asarray(encoder.encode([passage.text for _, passage in rows]), np.float64)
    number: dict[tuple[str, tuple[str, ...]], int] = {}
    sections = np.array([number.setdefault((d.id, passage.section), len(number)) for d, passage in rows])
    spoken = np.array([document.language for document, _ in rows])
    chosen = np.arange(len(rows))
    if len(chosen) > _MEASURED:
        chosen = np.sort(generator(0, "yardstick").choice(len(rows), _MEASURED, replace=False))
    near = vectors[chosen] @ vectors.T
    near[(sections[chosen][:, None] == sections[None, :]) | (spoken[chosen][:, None] != spoken[None, :])] = -np.inf
    best = near.max(axis=1)
    best = best[np.isfinite(best)]
    return float(np.median(best)) if len(best) else None
