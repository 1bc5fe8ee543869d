"""The passages of documents that are nearest in meaning to a text, across languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compare.cache import ArrayCache
from compare.catalogue import Basis
from compare.documents import Document, Passage
from compare.encoders import Encoder, Encodes, GivenEncoder, choose_model, find_model
from compare.errors import OptionError
from compare.inference import generator
from compare.places import cache_folder
from compare.tone import language_of

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Progress = Callable[[str, int, int], None]

# Passages by which the yardstick is measured: more would not move it.
_MEASURED = 500


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
    """

    text: str
    documents: tuple[Document, ...]
    found: tuple[Found, ...]
    yardstick: float | None
    model: str
    weights_sha256: str | None


def search_documents(
    text: str,
    docs: Sequence[str | Path | Document],
    *,
    most: int = 10,
    basis: Basis = "auto",
    model: str | None = None,
    encoder: Encodes | None = None,
    cache: bool = True,
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
    basis, model, encoder, cache, progress
        As for `compare.comparison.compare`.

    Raises
    ------
    PolicyCompareError
        If the text is empty, or a document or the encoder cannot be had.
    """
    from compare.comparison import load_documents

    words = " ".join(text.split()) if isinstance(text, str) else ""
    if not words or most < 1:
        raise OptionError("search: give a text, and a number of passages from 1 up")
    if not docs:
        raise OptionError("search: no document was given; give one or more, by name, path or address")
    if model is not None and encoder is not None:
        raise OptionError("model and encoder: give one of the two")
    say = progress or (lambda step, done, total: None)
    documents = load_documents(docs, basis, say, fewest=1)

    def encoding(done: int, total: int) -> None:
        say("encoding", done, total)

    speaker: Encoder
    if encoder is not None:
        speaker = GivenEncoder(encoder, encoding)
    else:
        # One space for the text and all documents.
        name = model or choose_model([language_of(words), *(document.language for document in documents)])
        speaker = Encoder(find_model(name), ArrayCache(cache_folder() / "vectors.sqlite" if cache else None), encoding)
    rows = [(document, passage) for document in documents for passage in document.passages]
    languages = sorted({document.language for document in documents})
    groups = np.array([languages.index(document.language) for document, _ in rows], dtype=np.intp)
    texts = [passage.text for _, passage in rows]
    similarity, standing = nearest_passages(words, texts, groups, speaker)
    ranked = ranking(similarity, standing, several=len(languages) > 1)
    found = [Found(*rows[i], float(similarity[i]), float(standing[i])) for i in ranked[:most]]
    return Search(
        words,
        tuple(documents),
        tuple(found),
        _yardstick(rows, groups, speaker),
        speaker.model.name,
        None if encoder is not None else speaker.model.checksum,
    )


def nearest_passages(text: str, passages: Sequence[str], groups: Integers, encoder: Encoder) -> tuple[Floats, Floats]:
    """How near each passage is to a text.

    Between languages all similarities are lower than within one, so a similarity is also given as it stands out among
    the passages of its own group.

    Parameters
    ----------
    text : str
        What is looked for.
    passages : sequence of str
        Where.
    groups : ndarray of int, shape (n_passages,)
        Number of each passage's language, within which similarities compare.
    encoder : Encoder
        Of the passages' vectors.

    Returns
    -------
    similarity, standing : ndarray of float, shape (n_passages,)
        Cosine of the vectors, and the same in standard deviations above the mean of its group.
    """
    vectors = np.asarray(encoder.encode(list(passages)), np.float64)
    similarity = vectors @ np.asarray(encoder.encode([text]), np.float64)[0]
    standing = np.zeros(len(similarity))
    for group in np.unique(groups):
        own = similarity[groups == group]
        spread = own.std()
        standing[groups == group] = (own - own.mean()) / spread if spread > 0 else 0.0
    return similarity, standing


def ranking(similarity: Floats, standing: Floats, several: bool) -> list[int]:
    """Rows, the nearest first; of passages in several languages by how they stand out in their own.

    Parameters
    ----------
    similarity, standing : ndarray of float, shape (n_passages,)
        As `nearest_passages` gives them.
    several : bool
        Whether there are several languages.
    """
    found: list[int] = np.argsort(-(standing if several else similarity).round(6), kind="stable").tolist()
    return found


def _yardstick(rows: Sequence[tuple[Document, Passage]], groups: Integers, encoder: Encoder) -> float | None:
    vectors = np.asarray(encoder.encode([passage.text for _, passage in rows]), np.float64)
    number: dict[tuple[str, tuple[str, ...]], int] = {}
    sections = np.array([number.setdefault((d.id, passage.section), len(number)) for d, passage in rows])
    chosen = np.arange(len(rows))
    if len(chosen) > _MEASURED:
        chosen = np.sort(generator(0, "yardstick").choice(len(rows), _MEASURED, replace=False))
    near = vectors[chosen] @ vectors.T
    near[(sections[chosen][:, None] == sections[None, :]) | (groups[chosen][:, None] != groups[None, :])] = -np.inf
    best = near.max(axis=1)
    best = best[np.isfinite(best)]
    return float(np.median(best)) if len(best) else None
