"""Topic models that `themes.py` sets beside ours, each on the passages, vectors and terms of a comparison.

Each takes the material of a comparison, a number of topics and a seed, and gives the topic of each passage (-1: none)
and the ten terms of each topic. Settings are the libraries' own unless a comment says why not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

TOP = 10
# Terms may hold blanks and hyphens; this character is in no text.
MARK = "\x1f"


def split(text: str) -> list[str]:
    """The terms of a passage as `counting` joins them."""
    return [term for part in text.split(MARK) if (term := part.strip())]


def counting(material: Any, tfidf: bool = False, fewest: int = 2) -> tuple[list[str], Any]:
    """Passages as strings of terms, and what counts the terms that at least so many passages hold."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    vectorizer = (TfidfVectorizer if tfidf else CountVectorizer)(analyzer=split, min_df=fewest)
    return [MARK + MARK.join(tokens) + MARK for tokens in material.tokens], vectorizer


def strongest(weights: np.ndarray) -> np.ndarray:
    """The topic with the greatest weight, none where all are zero."""
    return np.where(np.abs(weights).max(1) > 0, weights.argmax(1), -1)


def _factors(model: Any, material: Any, tfidf: bool) -> tuple[np.ndarray, list[list[str]]]:
    passages, vectorizer = counting(material, tfidf)
    weights = model.fit_transform(vectorizer.fit_transform(passages))
    names = vectorizer.get_feature_names_out()
    return strongest(weights), [[names[i] for i in np.argsort(-row)[:TOP]] for row in model.components_]


def nmf(material: Any, number: int, seed: int) -> tuple[np.ndarray, list[list[str]]]:
    """Non-negative matrix factorisation of tf-idf (scikit-learn)."""
    from sklearn.decomposition import NMF

    return _factors(NMF(number, random_state=seed, max_iter=1000), material, tfidf=True)


def lda(material: Any, number: int, seed: int) -> tuple[np.ndarray, list[list[str]]]:
    """Latent Dirichlet allocation on counts (scikit-learn)."""
    from sklearn.decomposition import LatentDirichletAllocation

    return _factors(LatentDirichletAllocation(number, random_state=seed, max_iter=50), material, tfidf=False)


def bertopic(clusters: str) -> Callable[[Any, int, int], tuple[np.ndarray, list[list[str]]]]:
    """BERTopic with UMAP and HDBSCAN as it sets them, but for small corpora.

    Parameters
    ----------
    clusters : {"own", "reduced", "k-means"}
        HDBSCAN's own number of clusters of five passages or more; or the leaves of its tree, for by themselves the
        clusters are often two, the documents, merged by BERTopic to the number wanted where they are more; or k-means
        in the place of HDBSCAN.
    """

    def fit(material: Any, number: int, seed: int) -> tuple[np.ndarray, list[list[str]]]:
        from bertopic import BERTopic
        from hdbscan import HDBSCAN
        from sklearn.cluster import KMeans
        from umap import UMAP

        # BERTopic counts terms in topics and not in passages, so a least number of passages cannot be asked for.
        passages, vectorizer = counting(material, fewest=1)
        if clusters == "k-means":
            clusterer = KMeans(number, n_init=10, random_state=seed)
        else:
            method = "leaf" if clusters == "reduced" else "eom"
            clusterer = HDBSCAN(min_cluster_size=5, cluster_selection_method=method, prediction_data=True)
        model = BERTopic(
            # With "english" it would take all that is not Latin out of the texts.
            language="multilingual",
            embedding_model=None,
            umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed),
            hdbscan_model=clusterer,
            vectorizer_model=vectorizer,
        )
        model.fit(passages, embeddings=material.vectors)
        if clusters == "reduced" and max(model.topics_) + 1 > number:
            # The passages without a topic count as one of the number that BERTopic is given.
            model.reduce_topics(passages, nr_topics=number + (-1 in model.topics_))
        labels = np.array(model.topics_)
        # Topics of few terms are filled up with empty ones.
        tops = [[term for term, _ in model.get_topic(topic)[:TOP] if term] for topic in range(labels.max() + 1)]
        return labels, tops

    return fit


class _Encoder:
    """The encoder of the comparison in the form that turftopic calls."""

    def __init__(self, encode: Callable[[Sequence[str]], np.ndarray]) -> None:
        self._encode = encode

    def encode(self, texts: Sequence[str], **_: object) -> np.ndarray:
        return self._encode([str(text) for text in texts])


def turftopic(name: str) -> Callable[[Any, int, int], tuple[np.ndarray, list[list[str]]]]:
    """A model of turftopic: "KeyNMF", "SemanticSignalSeparation" or "GMM"."""

    def fit(material: Any, number: int, seed: int) -> tuple[np.ndarray, list[list[str]]]:
        import turftopic as library

        passages, vectorizer = counting(material)
        options = {}
        if name == "KeyNMF":
            options["cross_lingual"] = len({document.language for document in material.source}) > 1
        encoder = _Encoder(material.encode)
        model = getattr(library, name)(number, encoder=encoder, vectorizer=vectorizer, random_state=seed, **options)
        weights = model.fit_transform(passages, embeddings=material.vectors)
        known = {term for tokens in material.tokens for term in tokens}
        return strongest(weights), [[_first(str(term), known) for term, _ in top] for _, top in model.get_topics(TOP)]

    return fit


def _first(term: str, known: set[str]) -> str:
    """The first of the terms of one meaning in several languages that KeyNMF has joined by hyphens."""
    parts = term.split("-")
    return next((joined for i in range(len(parts), 0, -1) if (joined := "-".join(parts[:i])) in known), term)


def class_tfidf(tokens: Sequence[Sequence[str]], labels: np.ndarray) -> list[list[str]]:
    """Top terms of divisions that come without any: class-based TF-IDF (Grootendorst 2022)."""
    counts: dict[int, Counter[str]] = {int(theme): Counter() for theme in np.unique(labels) if theme >= 0}
    everywhere: Counter[str] = Counter()
    for passage, theme in zip(tokens, labels.tolist(), strict=True):
        if theme >= 0:
            counts[theme].update(passage)
            everywhere.update(passage)
    average = everywhere.total() / max(len(counts), 1)
    made = []
    for count in counts.values():
        score = {term: n / count.total() * math.log(1 + average / everywhere[term]) for term, n in count.items()}
        made.append(sorted(score, key=lambda term: (-score[term], term))[:TOP])
    return made
