"""Codebooks: topics with a definition and anchor sentences, which passages are held against.

A codebook says what a passage is about in the same words from one comparison to the next: content analysis with a
fixed scheme (Krippendorff 2018), where themes that are found anew belong to their documents alone.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.resources
import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.cache import ArrayCache, digest
from compare.encoders import Encoder
from compare.errors import OptionError
from compare.grouped import as_held, rows_by_group
from compare.inference import generator
from compare.themes import Voices, centred, in_context

Floats = NDArray[np.float64]

LANGUAGES = ("en", "zh")
SHIPPED = ("ai-policy",)
_LARGEST = 2_000_000
_MOST_TOPICS = 100
_MOST_ANCHORS = 500
_LONGEST = 2_000
_FEWEST_ANCHORS = 3
# Inverse of the penalty; phi across documents stays within .02 from 5 to 50.
_FIT = 10.0
# Models learnt again from parts of the anchors, by which the stability of a division into topics is measured.
LEARNT_AGAIN = 8
# Cosine with the nearest anchor from which on a passage is on the subject, and up to which it is not at all.
_ON_SUBJECT = 0.42
_FAR = 0.3
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject of a codebook.

    Attributes
    ----------
    id, label, definition : str
        Identifier, heading, and what belongs to it.
    anchors : mapping of str to tuple of str
        Sentences on the subject, by language ("en", "zh").
    """

    id: str
    label: str
    definition: str
    anchors: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Codebook:
    """Topics that passages are held against.

    Attributes
    ----------
    name : str
        Name of one that ships, or of the file.
    sha256 : str
        Checksum of the file.
    topics : tuple of Topic
        In the order of the file.
    """

    name: str
    sha256: str
    topics: tuple[Topic, ...]

    def sentences(self, languages: Sequence[str] = LANGUAGES) -> list[tuple[int, str, str]]:
        """Anchors as (number of the topic, language, sentence), in the order of the file.

        Parameters
        ----------
        languages : sequence of str
            Those wanted; a topic without a sentence in any of them gives what it has.
        """
        made: list[tuple[int, str, str]] = []
        for number, topic in enumerate(self.topics):
            wanted = [name for name in LANGUAGES if name in languages and topic.anchors.get(name)]
            for language in wanted or [name for name in LANGUAGES if topic.anchors.get(name)]:
                made.extend((number, language, sentence) for sentence in topic.anchors[language])
        return made


def load_codebook(name: str | Path = "ai-policy") -> Codebook:
    """Read a codebook.

    Parameters
    ----------
    name : str or Path
        One that ships (`SHIPPED`), or a TOML file in the form of ``compare/data/codebook-ai-policy.toml``.

    Raises
    ------
    OptionError
        If there is no such file, or it is not a codebook.

    Examples
    --------
    >>> len(load_codebook("ai-policy").topics)
    20
    """
    shown = "".join(c if c.isprintable() else "?" for c in str(name))
    if str(name) in SHIPPED:
        data = importlib.resources.files("compare").joinpath("data", f"codebook-{name}.toml").read_bytes()
    else:
        known = ", ".join(SHIPPED)
        try:
            path = Path(name)
            if path.stat().st_size > _LARGEST:
                raise OptionError(f"--codebook {shown}: over {_LARGEST // 1_000_000} MB; give a codebook in TOML")
            data = path.read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a path"
            raise OptionError(
                f"--codebook {shown}: cannot be read ({reason}); give none, {known}, or a TOML file"
            ) from None
    try:
        parsed = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        form = "the form is that of codebook-ai-policy.toml"
        raise OptionError(f"--codebook {shown}: not TOML ({reason}); {form}") from None
    listed = parsed.get("topics")
    if not isinstance(listed, list) or not 2 <= len(listed) <= _MOST_TOPICS:
        raise OptionError(f"--codebook {shown}: needs 2 to {_MOST_TOPICS} tables [[topics]]")
    topics: list[Topic] = []
    for number, item in enumerate(listed, start=1):
        topic = _topic(item, f"--codebook {shown}: topic {number}")
        if any(topic.id == other.id for other in topics):
            raise OptionError(f"--codebook {shown}: topic {number}: the id {topic.id} is given twice")
        topics.append(topic)
    title = str(name) if str(name) in SHIPPED else Path(name).name
    return Codebook(title, hashlib.sha256(data).hexdigest(), tuple(topics))


def _topic(item: Any, where: str) -> Topic:
    if not isinstance(item, dict):
        raise OptionError(f"{where}: must be a table with id, label, definition and anchors")
    identifier = item.get("id")
    if not isinstance(identifier, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", identifier):
        raise OptionError(f"{where}: id must be a word of small letters, digits and hyphens")
    texts = {}
    for key in ("label", "definition"):
        value = item.get(key, "")
        if not isinstance(value, str) or len(value) > _LONGEST or (key == "label" and not value.strip()):
            raise OptionError(f"{where} ({identifier}): {key} must be a text")
        texts[key] = " ".join(value.split())
    anchors = item.get("anchors")
    if not isinstance(anchors, list) or len(anchors) > _MOST_ANCHORS:
        raise OptionError(f"{where} ({identifier}): anchors must be a list of up to {_MOST_ANCHORS} sentences")
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for anchor in anchors:
        by_language = {"en": anchor} if isinstance(anchor, str) else anchor
        if not isinstance(by_language, dict) or not by_language or not set(by_language) <= set(LANGUAGES):
            raise OptionError(f'{where} ({identifier}): an anchor is a sentence, or {{ en = "...", zh = "..." }}')
        for language, sentence in by_language.items():
            if not isinstance(sentence, str) or not sentence.strip() or len(sentence) > _LONGEST:
                raise OptionError(f"{where} ({identifier}): an anchor is empty, too long, or not a text")
            found[language].append(" ".join(sentence.split()))
    if max(len(sentences) for sentences in found.values()) < _FEWEST_ANCHORS:
        raise OptionError(f"{where} ({identifier}): give {_FEWEST_ANCHORS} anchor sentences or more (ten do better)")
    kept = {language: tuple(sentences) for language, sentences in found.items() if sentences}
    return Topic(identifier, texts["label"], texts["definition"], kept)


class TopicModel:
    """Tells how surely a passage is on each topic of a codebook.

    A multinomial logistic regression on the vectors of the anchor sentences, the mean of each language taken away as
    the mean of each document is from passages. It is learnt from the anchors alone, never from the documents compared.

    Parameters
    ----------
    codebook : Codebook
        The topics.
    encoder : Encoder
        That of the passages.
    languages : sequence of str
        Languages (ISO 639-1) whose anchors are learnt from.
    store : ArrayCache
        Where the coefficients are kept.

    Attributes
    ----------
    anchors : ndarray, shape (n_anchors, n_dimensions)
        Vectors of the anchor sentences.
    """

    def __init__(self, codebook: Codebook, encoder: Encoder, languages: Sequence[str], store: ArrayCache) -> None:
        self.codebook = codebook
        sentences = codebook.sentences(languages)
        versions = importlib.metadata.version("scikit-learn") + np.__version__
        listed = "\n".join(f"{topic} {language} {text}" for topic, language, text in sentences)
        code = Path(__file__).read_bytes()
        key = digest("topics", code, versions, codebook.sha256, encoder.key, listed)
        kept = store.get([key], "<f8").get(key)
        shape = (1 + LEARNT_AGAIN, len(codebook.topics), -1)
        self.anchors = np.asarray(encoder.encode([text for _, _, text in sentences]), np.float64)
        if kept is None or kept.size % (shape[0] * shape[1]):
            kept = self._learn(sentences)
            store.put({key: kept.ravel()}, "<f8")
        self._weights = np.asarray(kept, np.float64).reshape(shape)

    def _learn(self, sentences: Sequence[tuple[int, str, str]]) -> Floats:
        topics = np.array([topic for topic, _, _ in sentences])
        languages = np.unique([language for _, language, _ in sentences], return_inverse=True)[1].astype(np.intp)
        centre = centred(self.anchors, languages).round(5)
        made = [_coefficients(centre, topics, len(self.codebook.topics))]
        for again in range(LEARNT_AGAIN):
            # How much hangs on the choice of sentences: four in five of each topic's, drawn anew.
            rng = generator(0, "anchors", self.codebook.sha256, str(again))
            drawn = [
                rng.choice(own, max(2, math.ceil(0.8 * len(own))), replace=False)
                for own in (np.flatnonzero(topics == topic) for topic in range(len(self.codebook.topics)))
            ]
            rows = np.sort(np.concatenate(drawn))
            made.append(_coefficients(centre[rows], topics[rows], len(self.codebook.topics)))
        return np.stack(made)

    def certainty(self, vectors: Floats) -> Floats:
        """How surely each passage is on each topic, shape (n_passages, n_topics), rows adding up to 1.

        Parameters
        ----------
        vectors : ndarray, shape (n_passages, n_dimensions)
            Document means taken away, alone or in context, as `compare.themes.in_context` makes them.
        """
        return np.asarray(self.certainties(vectors, 1)[0])

    def certainties(self, vectors: Floats, models: int = 1 + LEARNT_AGAIN) -> Floats:
        """The same by several models, shape (models, n_passages, n_topics).

        Parameters
        ----------
        vectors : ndarray, shape (n_passages, n_dimensions)
            As for `certainty`.
        models : int
            The first is learnt from all anchors, the others from random parts of them.
        """
        weights = self._weights[:models]
        made = np.empty((models, len(vectors), weights.shape[1]))
        for start in range(0, len(vectors), _BLOCK):
            block = np.asarray(vectors[start : start + _BLOCK], np.float64)
            scores = block @ weights[:, :, :-1].transpose(0, 2, 1) + weights[:, None, :, -1]
            scores = np.exp(scores - scores.max(2, keepdims=True))
            made[:, start : start + _BLOCK] = scores / scores.sum(2, keepdims=True)
        return made


@dataclass(frozen=True, slots=True)
class Topics:
    """What a codebook says of passages.

    Attributes
    ----------
    codebook : Codebook
        The topics.
    certainty : ndarray, shape (n_passages, n_topics)
        How surely each passage is on each topic, rows adding up to 1.
    again : tuple of ndarray, shape (n_passages, n_topics)
        The same by models learnt from random parts of the anchors.
    nearness : ndarray, shape (n_passages,)
        Cosine of each passage and the anchor nearest to it.
    """

    codebook: Codebook
    certainty: Floats
    again: tuple[Floats, ...]
    nearness: Floats

    def on_subject(self, documents: NDArray[np.intp]) -> bool:
        """Whether all documents are on the codebook's subject.

        Passages of plans on AI come within .48 to .57 (median) of their nearest anchor of the AI codebook; those on
        health, climate, trade or beekeeping within .30 to .37.

        Parameters
        ----------
        documents : ndarray of int, shape (n_passages,)
            Number of each passage's document.
        """
        return all(float(np.median(self.nearness[rows])) >= _ON_SUBJECT for _, rows in rows_by_group(documents))

    @property
    def usual(self) -> Floats:
        """How surely passages are on each topic on average, shape (n_topics,)."""
        return np.asarray(self.certainty.mean(0))

    def help(self, usual: Floats | None = None) -> Floats:
        """Certainties in which a passage that is far from all anchors is as sure of each topic as passages usually are.

        Parameters
        ----------
        usual : ndarray, shape (n_topics,), optional
            How sure passages usually are; by default these ones.

        Returns
        -------
        ndarray, shape (n_passages, n_topics)
        """
        weight = np.clip((self.nearness - _FAR) / (_ON_SUBJECT - _FAR), 0, 1)[:, None]
        return np.asarray(weight * self.certainty + (1 - weight) * (self.usual if usual is None else usual))


def read_in(codebook: Codebook, language: str) -> str:
    """Language whose encoder reads documents in a language: its own, where the codebook has sentences in it.

    Parameters
    ----------
    codebook : Codebook
        The topics.
    language : str
        ISO 639-1 code.
    """
    spoken = {name for _, name, _ in codebook.sentences([language])}
    return "en" if language == "en" and spoken == {"en"} else language if language != "en" else "zh"


def read_topics(
    codebook: Codebook,
    passages: Sequence[str],
    headings: Sequence[str],
    documents: NDArray[np.intp],
    sections: NDArray[np.intp],
    languages: Sequence[str],
    encoder: Callable[[str], Encoder],
    store: ArrayCache,
    progress: Callable[[int, int], None] | None = None,
    voices: Callable[[str], Voices] | None = None,
) -> Topics:
    """Hold passages against a codebook, each document with the encoder and the anchors of its own language.

    Topics are the same in every language, so that a Chinese and an English document meet in them without a common
    space of vectors. A passage is read alone, with heading and neighbours, and with its section; the mean counts.

    Parameters
    ----------
    codebook : Codebook
        The topics.
    passages, headings : sequence of str
        Texts, and the innermost heading of each ("" where there is none).
    documents, sections : ndarray of int, shape (n_passages,)
        Number of each passage's document and section.
    languages : sequence of str
        Of each document (ISO 639-1).
    encoder : callable
        Gives the encoder for a language.
    store : ArrayCache
        Where coefficients are kept.
    progress : callable, optional
        Called with the steps done and to do.
    voices : callable, optional
        Gives for a language what tells the voices of its documents; see `compare.themes.Voices`.
    """
    say = progress or (lambda done, total: None)
    done, steps = 0, (3 + 3) * len(set(languages))
    number = len(codebook.topics)
    certainties = [np.zeros((len(passages), number)) for _ in range(1 + LEARNT_AGAIN)]
    nearness = np.zeros(len(passages))
    for language in sorted(set(languages)):
        rows = np.flatnonzero(np.array([spoken == language for spoken in languages])[documents])
        listed = rows.tolist()
        own = encoder(read_in(codebook, language))
        say(done, steps)
        own.encode([*(passages[row] for row in listed), *(headings[row] for row in listed)])
        model = TopicModel(codebook, own, [language], store)
        vectors = as_held(own.encode([passages[row] for row in listed]), len(passages))
        above = as_held(own.encode([headings[row] for row in listed]), len(passages))
        above[[not headings[row] for row in listed]] = 0
        say(done := done + 1, steps)
        of, part = documents[rows], np.unique(sections[rows], return_inverse=True)[1].astype(np.intp)
        of = np.unique(of, return_inverse=True)[1].astype(np.intp)
        first: Floats | None = None
        told = None if voices is None else voices(language)
        for _ in range(2):
            # Once with plain means, once with means that do not hang on what a document speaks of most.
            levels = (
                centred(vectors, of, first, told),
                in_context(vectors, of, above, None, first, told),
                in_context(vectors, of, above, part, first, told),
            )
            first = np.mean([model.certainty(level) for level in levels], axis=0)
            say(done := done + 1, steps)
        for level in levels:
            for made, found in zip(certainties, model.certainties(level), strict=True):
                made[rows] += found
            say(done := done + 1, steps)
        for made in certainties:
            made[rows] /= len(levels)
        for start in range(0, len(rows), _BLOCK):
            block = np.asarray(vectors[start : start + _BLOCK], np.float64)
            nearness[rows[start : start + _BLOCK]] = (block @ model.anchors.T).max(1)
    # Sums in another order, on another computer, differ in the last bits; rounding takes that away.
    rounded = [made.round(4) for made in certainties]
    return Topics(codebook, rounded[0], tuple(rounded[1:]), nearness.round(4))


def _coefficients(vectors: Floats, topics: NDArray[np.intp], number: int) -> Floats:
    """Coefficients and intercept of each topic, shape (n_topics, n_dimensions + 1)."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    # Topics weigh the same, however many anchors each has.
    model = LogisticRegression(C=_FIT, class_weight="balanced", max_iter=2000)
    with threadpool_limits(1):
        model.fit(vectors, topics)
    weights = np.hstack([model.coef_, model.intercept_[:, None]])
    if number == 2:
        # Of two topics scikit-learn gives the weights of the second alone.
        weights = np.vstack([-weights / 2, weights / 2])
    return np.asarray(weights.round(5), np.float64)
