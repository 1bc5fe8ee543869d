"""Pieces to swap, after scikit-learn: themes as a clusterer, tone as a transformer, and clusterers of others.

>>> from compare.estimators import ThemeClusterer
>>> ThemeClusterer(n_clusters=8)
ThemeClusterer(n_clusters=8)
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin, clone
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, has_fit_parameter, validate_data

from compare.encoders import ENGLISH, Encodes, open_encoder
from compare.errors import OptionError
from compare.inference import generator
from compare.themes import (
    KEPT,
    RESAMPLES,
    WEAK,
    Partition,
    adjusted_rand,
    best_jaccard,
    find_themes,
    part_of,
    places_by_size,
    unit,
    votes,
)
from compare.tone import ToneScorer, ToneScores, language_of
from compare.tone_file import load_dimensions

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


class Clusterer(Protocol):
    """A clusterer as scikit-learn has them.

    After `fit` it has ``labels_``, one a row and less than 0 for rows that it leaves out, or a method ``predict``.
    """

    def fit(self, X: Any, y: Any = None) -> Any:
        """Divide the rows."""


class ThemeClusterer(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The themes of this package as an estimator: consensus of clusterings of a graph of nearest passages.

    Parameters
    ----------
    n_clusters : int, optional
        Number of themes; by default the largest at which divisions of random parts agree about as well as at the best.
    random_state : int
        For more passages than are clustered at once; nothing else is random.

    Attributes
    ----------
    labels_ : ndarray of int, shape (n_passages,)
        Theme of each passage, from 0, the largest first.
    membership_ : ndarray, shape (n_passages,)
        How firmly each passage belongs to its theme, between 0 and 1.
    n_clusters_ : int
        Number of themes.
    bootstrap_ari_ : float
        Mean agreement with divisions of random parts of the passages (adjusted Rand index).
    theme_stability_ : ndarray, shape (n_themes,)
        How well each theme is found again in them, between 0 and 1 (Hennig 2007).
    curve_ : tuple of (int, float)
        Number of themes and agreement at it.

    See Also
    --------
    compare.themes.find_themes : The method, with its sources.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> vectors = np.repeat(np.eye(3), 20, axis=0) + rng.normal(0, 0.1, (60, 3))
    >>> ThemeClusterer(n_clusters=3).fit_predict(vectors)[[0, 20, 40]].tolist()
    [0, 1, 2]
    """

    def __init__(self, n_clusters: int | None = None, *, random_state: int = 0) -> None:
        self.n_clusters = n_clusters
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None, *, documents: ArrayLike | None = None) -> Self:
        """Find themes.

        Parameters
        ----------
        X : array-like, shape (n_passages, n_dimensions)
            Vectors; only their directions count.
        y : object
            Not used.
        documents : array-like of int, shape (n_passages,), optional
            Number of each passage's document, the passages of a document together; documents weigh the same. By default
            there is one.

        Raises
        ------
        ValueError
            If there are too few passages for so many themes, or the documents are not as many as the passages.
        """
        vectors = unit(np.asarray(validate_data(self, X, dtype=np.float64, ensure_min_samples=4), np.float64))
        n = len(vectors)
        number = self.n_clusters
        if number is not None and not 1 <= number <= n:
            raise ValueError(f"n_clusters={number}: between 1 and the number of passages, {n}")
        of = (
            np.zeros(n, dtype=np.intp)
            if documents is None
            else np.unique(np.asarray(documents), return_inverse=True)[1]
        )
        if len(of) != n:
            raise ValueError(f"{len(of)} documents but {n} passages")
        if number == 1:
            found = Partition(
                np.zeros(n, np.intp), np.zeros(n, np.intp), np.ones(n), np.zeros(n, bool), 1.0, 1.0, np.ones(1), ()
            )
        else:
            found = find_themes(vectors, of, self.random_state, number)
        self.labels_ = found.labels
        self.membership_ = found.membership
        self.n_clusters_ = len(found.theme_stability)
        self.bootstrap_ari_ = found.bootstrap_ari
        self.theme_stability_ = found.theme_stability
        self.curve_ = found.curve
        self._vectors = vectors
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """How much each theme has of the passages nearest to each row, shape (n_rows, n_themes), rows adding up to 1.

        Parameters
        ----------
        X : array-like, shape (n_rows, n_dimensions)
            Vectors.
        """
        check_is_fitted(self)
        vectors = unit(np.asarray(validate_data(self, X, dtype=np.float64, reset=False), np.float64))
        return votes(vectors, self._vectors, self.labels_, self.membership_, self.n_clusters_)

    def predict(self, X: ArrayLike) -> Integers:
        """Theme that has most of the passages nearest to each row, shape (n_rows,).

        Parameters
        ----------
        X : array-like, shape (n_rows, n_dimensions)
            Vectors.
        """
        return np.asarray(self.transform(X).round(9).argmax(1), dtype=np.intp)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Names of the columns of `transform`: theme0, theme1, ...

        Parameters
        ----------
        input_features : object
            Not used.
        """
        check_is_fitted(self)
        return np.array([f"theme{number}" for number in range(self.n_clusters_)], dtype=object)


class ToneTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The tone of sentences as a transformer: from n texts to n rows of scores, a column a dimension.

    Parameters
    ----------
    tone : str or Path, optional
        File of dimensions; by default the one that ships.
    encoder : str or object, optional
        Name of an encoder, or anything with a method ``encode``; by default, as in a comparison, one for English, or
        the multilingual one where a text that it is fitted on is in another language. Scores depend on it.
    poles : bool
        Whether to give a column a pole instead, each scored on its own.

    Examples
    --------
    >>> ToneTransformer(poles=True).get_params()
    {'encoder': None, 'poles': True, 'tone': None}
    """

    def __init__(
        self, tone: str | Path | None = None, *, encoder: str | Encodes | None = None, poles: bool = False
    ) -> None:
        self.tone = tone
        self.encoder = encoder
        self.poles = poles

    def fit(self, X: Sequence[str], y: object = None) -> Self:
        """Learn the poles from the anchors and labelled sentences of the file, in the languages of the texts.

        Parameters
        ----------
        X : sequence of str
            Texts.
        y : object
            Not used: what is learnt from stands in the file, see ``labelled`` there.

        Raises
        ------
        PolicyCompareError
            If the file or the encoder cannot be used.
        """
        texts = _texts(X)
        spec = load_dimensions(None if self.tone is None else Path(self.tone))
        speaker = open_encoder(
            [language_of(text) for text in texts],
            model=self.encoder if isinstance(self.encoder, str) else None,
            encoder=None if isinstance(self.encoder, str) else self.encoder,
        )
        self.encoder_name_ = speaker.model.name
        self.scorer_ = ToneScorer(spec, speaker.encode)
        for language in sorted({self.scorer_.language(language_of(text)) for text in texts}):
            self.scorer_.anchor_scores(language)
        return self

    def transform(self, X: Sequence[str]) -> Floats:
        """Scores, shape (n_texts, n_dimensions), in standard deviations of policy prose that takes neither pole.

        Parameters
        ----------
        X : sequence of str
            Texts, a sentence each.
        """
        found = self.score_texts(X)
        return found.poles if self.poles else found.dimensions

    def score_texts(self, X: Sequence[str]) -> ToneScores:
        """All that is known of the tone of texts: scores of dimensions and poles, and which poles are heard.

        Parameters
        ----------
        X : sequence of str
            Texts, a sentence each.
        """
        check_is_fitted(self)
        texts = _texts(X)
        if self.encoder_name_ == ENGLISH and any(language_of(text) != "en" for text in texts):
            raise ValueError("fitted on English texts alone; fit on texts of every language that is to be scored")
        scores: ToneScores = self.scorer_.score(texts)
        return scores

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Ids of the dimensions, or of the poles.

        Parameters
        ----------
        input_features : object
            Not used.
        """
        check_is_fitted(self)
        spec = self.scorer_.spec
        return np.array(spec.pole_ids if self.poles else spec.dimension_ids, dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = True
        tags.no_validation = True
        return tags


def _texts(found: Sequence[str]) -> list[str]:
    texts = [found] if isinstance(found, str) else list(found)
    if isinstance(found, str) or not all(isinstance(text, str) for text in texts):
        raise ValueError("expected a sequence of texts (str), a sentence each")
    return texts


def divide_by(clusterer: Clusterer, vectors: Floats, documents: Integers, seed: int) -> Partition:
    """Divide passages by a clusterer of the user's own, and measure how far that can be trusted.

    The clusterer is cloned. Where it takes random numbers and was given none to begin with, they come from `seed`;
    where its `fit` takes ``documents``, it gets them. Passages that it leaves out (labels less than 0) go to the theme
    whose centre is nearest and count as standing between themes. Stability is measured as for our own themes, on the
    same random parts of the passages.

    Parameters
    ----------
    clusterer : Clusterer
        Not fitted.
    vectors : ndarray, shape (n_passages, n_dimensions)
        As `compare.themes.in_context` makes them.
    documents : ndarray of int, shape (n_passages,)
        Number of each passage's document.
    seed : int
        The user's seed.

    Raises
    ------
    OptionError
        If it cannot divide the passages, or puts them all into one cluster.
    """
    labels, left_out = _labels(clusterer, vectors, documents, seed)
    number = int(labels.max()) + 1
    # Agreement is cheap to count by table: pairs of a theme that fall together again, of all that could.
    together, seen = np.zeros(len(labels)), np.zeros(len(labels))
    aris, jaccards = [], []
    for repeat in range(RESAMPLES):
        part = part_of(documents, KEPT, generator(0, "resample", str(repeat)))
        again, _ = _labels(clusterer, vectors[part], documents[part], seed)
        own = labels[part]
        table = np.zeros((number, int(again.max()) + 1))
        np.add.at(table, (own, again), 1)
        mates = table.sum(1)[own] - 1
        together[part] += np.where(mates > 0, table[own, again] - 1, 0)
        seen[part] += mates
        aris.append(adjusted_rand(own, again))
        jaccards.append(best_jaccard(own, again, number))
    membership = np.where(seen > 0, together / np.maximum(seen, 1), 1.0)
    other, _ = _labels(clusterer, vectors, documents, seed + 1)
    with warnings.catch_warnings():
        # A theme that no part holds has no stability to speak of.
        warnings.simplefilter("ignore", RuntimeWarning)
        stability = np.nan_to_num(np.nanmean(np.array(jaccards), axis=0))
    return Partition(
        labels=labels,
        parts=np.zeros(len(labels), dtype=np.intp),
        membership=membership,
        weak=(membership < WEAK) | left_out,
        bootstrap_ari=float(np.mean(aris)),
        seed_ari=adjusted_rand(labels, other),
        theme_stability=stability,
        curve=(),
    )


def _labels(
    clusterer: Clusterer, vectors: Floats, documents: Integers, seed: int
) -> tuple[Integers, NDArray[np.bool_]]:
    """Themes by size, and which passages the clusterer left out."""
    name = type(clusterer).__name__
    try:
        made = clone(clusterer)
        free = [key for key, value in made.get_params().items() if key.endswith("random_state") and value is None]
        made.set_params(**dict.fromkeys(free, int(generator(seed, "clusterer").integers(2**31))))
        given = {"documents": documents} if has_fit_parameter(made, "documents") else {}
        made.fit(vectors, **given)
        # Mixtures keep no labels.
        found = np.asarray(made.labels_ if hasattr(made, "labels_") else made.predict(vectors), dtype=np.intp)
    except (TypeError, ValueError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise OptionError(f"themes: {name} cannot divide {len(vectors)} passages ({reason})") from None
    if found.shape != (len(vectors),):
        raise OptionError(f"themes: {name} gave {found.shape} labels for {len(vectors)} passages; give one a passage")
    left_out = found < 0
    kept = np.unique(found[~left_out])
    if len(kept) < 2:
        raise OptionError(f"themes: {name} found {len(kept)} clusters in {len(vectors)} passages; two are needed")
    labels = np.searchsorted(kept, np.maximum(found, kept[0]))
    if left_out.any():
        centres = np.stack([vectors[~left_out & (labels == theme)].mean(0) for theme in range(len(kept))])
        labels[left_out] = (vectors[left_out] @ unit(centres).T).round(6).argmax(1)
    return places_by_size(labels, documents)[labels], left_out
