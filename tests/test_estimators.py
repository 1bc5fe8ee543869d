"""Pieces that a user can swap: clusterers, encoders, and tone as a transformer."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from conftest import NORTHLAND, SOUTHLAND
from sklearn.base import BaseEstimator, ClusterMixin, clone
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import compare
from compare import themes
from compare.cache import ArrayCache
from compare.comparison import Comparison
from compare.encoders import ENGLISH, Encoder, GivenEncoder, find_model
from compare.errors import PolicyCompareError
from compare.estimators import ThemeClusterer, ToneTransformer, divide_by
from compare.places import cache_folder

SENTENCES = [
    "We must win the race against our rivals.",
    "All countries should work together on common standards.",
    "Ministries shall publish their data sets by March.",
]


class Counts:
    """An encoder of a dozen lines: how often each letter stands in a text."""

    def encode(self, texts: list[str]) -> list[list[int]]:
        return [[text.casefold().count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]


def both(**options: Any) -> Comparison:
    return compare.compare([NORTHLAND, SOUTHLAND], **options)


def test_the_clusterer_is_an_estimator(monkeypatch: pytest.MonkeyPatch) -> None:
    # How stable and how good themes are is no matter here, and takes its time in each of fifty checks.
    for name, value in (("RESAMPLES", 1), ("_FOLDS", 1), ("_NEAREST", (7,))):
        monkeypatch.setattr(themes, name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(ThemeClusterer(), on_skip=None, on_fail=None)
    assert [check["check_name"] for check in found if check["status"] not in ("passed", "skipped")] == []
    assert sum(check["status"] == "passed" for check in found) > 40


def test_themes_of_vectors_and_of_vectors_not_seen() -> None:
    rng = np.random.default_rng(1)
    vectors = np.repeat(np.eye(4), [30, 24, 18, 12], axis=0) + rng.normal(0, 0.08, (84, 4))
    made = ThemeClusterer(n_clusters=4).fit(vectors)
    assert np.bincount(made.labels_).tolist() == [30, 24, 18, 12]
    assert made.bootstrap_ari_ > 0.95 and (made.membership_ > 0.5).all()
    # Only directions count; a new passage goes where the passages near to it are.
    assert made.predict(5 * np.eye(4)).tolist() == [0, 1, 2, 3]
    assert made.transform(np.eye(4)).sum(1) == pytest.approx(1)
    assert clone(made).get_params() == {"n_clusters": 4, "random_state": 0}
    with pytest.raises(ValueError, match="n_clusters=90"):
        ThemeClusterer(n_clusters=90).fit(vectors)
    with pytest.raises(ValueError, match="3 documents but 84 passages"):
        ThemeClusterer().fit(vectors, documents=[0, 0, 1])


def test_our_clusterer_given_is_our_themes() -> None:
    assert both(themes=ThemeClusterer(n_clusters=6)).to_json() == both(themes=6).to_json()
    assert both(themes=ThemeClusterer()).to_json() == both().to_json()


def test_a_clusterer_of_others_makes_the_themes(comparison: Comparison) -> None:
    found = both(themes=KMeans(7))
    assert len(found.theme_results) == 7 and len(found.rows) == len(comparison.rows)
    # Without a seed of its own it gets ours: the same input, the same bytes.
    assert both(themes=KMeans(7)).to_json() == found.to_json()
    assert 0 < found.stability.bootstrap_ari < 1 and found.stability.seed_ari < 1
    assert {row.theme for row in found.rows} == {theme.id for theme in found.theme_results}
    assert all(0 <= theme.stability <= 1 for theme in found.theme_results)
    text = found.to_text(140)
    assert "themes=KMeans(n_clusters=7)" in " ".join(text.split())
    assert "policy-compare report" not in text
    assert any("KMeans(n_clusters=7)" in step for step in found.method["steps"])
    assert not any("Ward" in step for step in found.method["steps"])
    # What themes have no part in stays as it was.
    assert found.tone_results == comparison.tone_results and found.word_results == comparison.word_results


def test_nothing_random_is_the_same_from_another_seed() -> None:
    assert both(themes=AgglomerativeClustering(5)).stability.seed_ari == 1.0


def test_passages_that_a_clusterer_leaves_out_are_not_lost() -> None:
    vectors = np.repeat(np.eye(3), 20, axis=0) + np.random.default_rng(0).normal(0, 0.05, (60, 3))
    vectors = np.vstack([vectors, [[0.6, 0.5, 0.0], [0.0, 0.5, 0.6]]])
    eps = DBSCAN(eps=0.3, min_samples=5)
    assert (eps.fit(vectors).labels_ == -1).nonzero()[0].tolist() == [60, 61]
    found = divide_by(DBSCAN(eps=0.3, min_samples=5), vectors, np.repeat([0, 1], 31), 0)
    # They go to the theme whose centre is nearest, and count as standing between themes.
    assert found.labels[60] == found.labels[0] and found.labels[61] == found.labels[40]
    assert found.weak.nonzero()[0].tolist() == [60, 61]
    assert (found.membership[:60] > 0.9).all() and found.theme_stability.min() > 0.8


def test_a_mixture_that_keeps_no_labels_divides_as_well() -> None:
    assert len(both(themes=GaussianMixture(5, covariance_type="diag")).theme_results) == 5


def test_a_clusterer_whose_fit_takes_documents_gets_them() -> None:
    class ByDocument(ClusterMixin, BaseEstimator):  # type: ignore[misc]
        def fit(self, X: Any, y: Any = None, documents: Any = None) -> ByDocument:
            self.labels_ = np.asarray(documents)
            return self

    found = both(themes=ByDocument())
    assert [{row.theme for row in found.rows if row.document == d.id} for d in found.texts] in (
        [{"t01"}, {"t02"}],
        [{"t02"}, {"t01"}],
    )


@pytest.mark.parametrize(
    ("themes", "said"),
    [
        (KMeans(5000), "KMeans cannot divide"),
        (DBSCAN(eps=1e-9, min_samples=50), "found 0 clusters"),
        (AgglomerativeClustering(1), "found 1 clusters"),
        (KMeans, "give a number or a clusterer"),
        ("twelve", "give a number or a clusterer"),
        (True, "give a number or a clusterer"),
        (1, "between 2 and"),
        (StandardScaler(), "cannot divide"),
    ],
)
def test_what_makes_no_themes_is_told_in_a_line(themes: Any, said: str) -> None:
    with pytest.raises(PolicyCompareError, match=said) as caught:
        both(themes=themes)
    assert len(str(caught.value).splitlines()) == 1


def test_an_encoder_of_ones_own() -> None:
    found = both(encoder=Counts())
    assert found.method["model"] == "test_estimators.Counts" and found.method["weights_sha256"] is None
    assert len(found.method["vectors_sha256"]) == 64
    text = " ".join(found.to_text(140).split())
    assert "encoder=Counts(...)" in text and found.method["vectors_sha256"] in text
    # A passage's own words find it, with the encoder at hand; without it nothing is guessed.
    row = found.rows[40]
    assert found.search(row.passage.text, 1, encoder=Counts()).index.tolist() == [row.id]
    assert found.passages.search(row.passage.text, 1, encoder=Counts()).index.tolist() == [row.id]
    with pytest.raises(PolicyCompareError, match="give it once more"):
        found.search("chips")


def test_the_packaged_encoder_given_by_hand_says_the_same(comparison: Comparison) -> None:
    """An encoder that is given is asked in one go and nothing is changed of what it says."""
    packaged = Encoder(find_model(ENGLISH), ArrayCache(cache_folder() / "vectors.sqlite"))
    texts = [row.passage.text for row in comparison.rows]
    assert np.allclose(GivenEncoder(packaged).encode(texts), packaged.encode(texts), atol=1e-6)


class Broken:
    def __init__(self, gives: Any) -> None:
        self.gives = gives

    def encode(self, texts: list[str]) -> Any:
        return self.gives(len(texts))


@pytest.mark.parametrize(
    "encoder",
    [
        Broken(lambda n: np.zeros((n, 0))),
        Broken(lambda n: np.zeros((n + 1, 4))),
        Broken(lambda n: np.zeros(n)),
        Broken(lambda n: np.full((n, 4), np.nan)),
        Broken(lambda n: [["a"] * 3] * n),
        Broken(lambda n: None),
        Broken(lambda n: np.zeros((n, 8))),
        Broken(lambda n: np.ones((n, 8))),
        ENGLISH,
        object(),
    ],
)
def test_what_encodes_nothing_is_told_in_a_line(encoder: Any) -> None:
    with pytest.raises(PolicyCompareError, match="encod") as caught:
        both(encoder=encoder)
    assert len(str(caught.value).splitlines()) == 1


def test_model_and_encoder_together_are_refused() -> None:
    with pytest.raises(PolicyCompareError, match="one of the two"):
        both(encoder=Counts(), model=ENGLISH)


def test_tone_is_a_transformer() -> None:
    tone = ToneTransformer()
    scores = tone.fit_transform(SENTENCES)
    names = tone.get_feature_names_out().tolist()
    assert scores.shape == (3, len(names)) and names[0] == "rivalry-cooperation"
    assert scores[0, 0] > 1 > -1 > scores[1, 0]
    # As the command line scores them: a sentence's score is its own.
    assert tone.transform(SENTENCES[1:2])[0] == pytest.approx(scores[1])
    poles = clone(tone).set_params(poles=True).fit(SENTENCES)
    assert poles.get_feature_names_out().tolist()[:2] == ["rivalry", "cooperation"]
    frame = tone.set_output(transform="pandas").transform(SENTENCES)
    assert list(frame.columns) == names
    # As in a comparison, English texts are read by the encoder for English, which knows no other language.
    assert ToneTransformer(encoder=ENGLISH).fit_transform(SENTENCES) == pytest.approx(scores)
    with pytest.raises(ValueError, match="every language"):
        tone.transform(["各国应当合作。"])
    for wrong in ("one text", [1, 2]):
        with pytest.raises(ValueError, match="a sequence of texts"):
            tone.transform(wrong)  # type: ignore[arg-type]


def test_tone_goes_into_a_pipeline() -> None:
    texts = SENTENCES[:2] * 3
    model = make_pipeline(ToneTransformer(encoder=ENGLISH), StandardScaler(), LogisticRegression())
    assert model.fit(texts, [0, 1] * 3).predict(["We must beat our competitors and stay ahead of them."]).tolist() == [
        0
    ]
