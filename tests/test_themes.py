"""Themes join documents where they speak of one subject, and leave a document alone where it is alone."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE
from hypothesis import given, settings
from hypothesis import strategies as st

from compare.comparison import Comparison, compare
from compare.themes import adjusted_rand, centred, find_themes, in_context, usual_numbers


def shares_of(comparison: Comparison, words: tuple[str, ...]) -> dict[str, float]:
    """Of the theme that holds most passages with these words: each document's share."""
    counts: dict[str, int] = {}
    for row in comparison.rows:
        if any(word in row.passage.text.lower() for word in words):
            counts[row.theme] = counts.get(row.theme, 0) + 1
    theme = comparison.theme(max(counts, key=lambda name: counts[name]))
    return {document: share.value for document, share in theme.shares.items()}


def test_a_subject_of_one_document_is_that_documents_theme(comparison: Comparison) -> None:
    north, south = (d.id for d in comparison.texts)
    clinics = shares_of(comparison, ("clinic", "nurse"))
    assert clinics[south] > 0.08 and clinics[north] <= 0.02
    fishing = shares_of(comparison, ("harbour", "fishing", "vessel"))
    assert fishing[north] > 0.08 and fishing[south] <= 0.02


def test_a_subject_of_both_joins_them(comparison: Comparison) -> None:
    shares = shares_of(comparison, ("power grid", "electric", "computing"))
    assert min(shares.values()) > 0.02


def test_a_translation_has_the_themes_of_its_original(home: object) -> None:
    found = compare([SOUTHLAND, SOUTHLAND_CHINESE])
    english, chinese = (d.id for d in found.texts)
    apart = [abs(theme.shares[english].value - theme.shares[chinese].value) for theme in found.theme_results]
    assert sum(apart) / 2 < 0.15
    assert not any(p.difference.holds for theme in found.theme_results for p in theme.differences)
    assert not any(p.difference.holds for tone in found.tone_results for p in tone.differences)


def test_every_passage_has_a_theme_and_a_membership(comparison: Comparison) -> None:
    names = {theme.id for theme in comparison.theme_results}
    assert {row.theme for row in comparison.rows} == names
    assert all(0 <= row.membership <= 1 for row in comparison.rows)
    assert sum(theme.size for theme in comparison.theme_results) == len(comparison.rows)
    for document in comparison.texts:
        total = sum(theme.shares[document.id].value for theme in comparison.theme_results)
        assert total == pytest.approx(1)


def test_labels_tell_themes_apart(comparison: Comparison) -> None:
    labels = [theme.label for theme in comparison.theme_results]
    assert len(set(labels)) == len(labels)
    assert "Unnamed" not in labels
    for label in labels:
        assert label.lower() not in {"ai", "policy", "artificial intelligence"}


def test_the_number_can_be_set(home: object) -> None:
    assert len(compare([NORTHLAND, SOUTHLAND], themes=6).theme_results) == 6


def groups(seed: int, documents: int = 2, size: int = 20, shift: float = 1.5) -> tuple[np.ndarray, ...]:
    """Passages of four subjects in documents that are set apart as a whole."""
    rng = np.random.default_rng(seed)
    subjects = rng.normal(size=(4, 24))
    voices = shift * rng.normal(size=(documents, 24))
    subject = np.tile(np.repeat(np.arange(4), size // 4), documents)
    document = np.repeat(np.arange(documents), size)
    vectors = subjects[subject] + voices[document] + 0.3 * rng.normal(size=(len(subject), 24))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), document, subject


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_what_sets_documents_apart_as_a_whole_does_not_make_themes(seed: int) -> None:
    vectors, document, subject = groups(seed, size=40)
    found = find_themes(in_context(vectors, document, None), document, seed=0, number=4)
    assert adjusted_rand(found.labels, subject) > 0.8
    assert adjusted_rand(found.labels, document) < 0.1


def test_centring_leaves_no_document_mean() -> None:
    vectors, document, _ = groups(1, documents=3)
    made = centred(vectors, document)
    assert np.allclose(np.linalg.norm(made, axis=1), 1)
    raw = [vectors[document == d].mean(0) for d in range(3)]
    now = [made[document == d].mean(0) for d in range(3)]
    assert max(np.linalg.norm(v) for v in now) < 0.3 * min(np.linalg.norm(v) for v in raw)


def test_neighbours_of_another_document_do_not_count() -> None:
    vectors, document, _ = groups(2)
    alone = in_context(vectors[document == 0], document[document == 0], None)
    together = in_context(vectors, document, None)[document == 0]
    assert np.allclose(alone, together)


@given(st.integers(2, 100_000))
def test_the_number_of_themes_stays_readable(passages: int) -> None:
    fewest, most = usual_numbers(passages)
    assert 2 <= fewest <= most <= 18
    assert most <= passages


def test_a_theme_of_one_passage_has_a_name() -> None:
    from compare.labels import label_themes
    from compare.terms import Vocabulary

    vocabulary = Vocabulary(["Harbour cranes move containers."], ["en"])
    (named,) = label_themes(np.array([0]), np.array([0]), vocabulary)
    assert named.label != "Unnamed"
