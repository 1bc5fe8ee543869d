"""Themes join documents where they speak of one subject, and leave a document alone where it is alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import NORTHLAND, SOUTHLAND
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import KMeans

from compare.comparison import Comparison, compare
from compare.documents import Passage
from compare.themes import _improved, adjusted_rand, centred, cuts, find_themes, in_context, usual_numbers


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


def test_a_translation_has_the_themes_of_its_original(translated: Comparison) -> None:
    found = translated
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


@settings(max_examples=3, deadline=None)
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


@pytest.mark.parametrize("seed", range(2))
def test_position_alone_joins_nothing(seed: int) -> None:
    """Passages without content, in sections and among neighbours: themes of position, none across documents."""
    rng = np.random.default_rng(seed)
    document = np.repeat([0, 1], 100)
    vectors = rng.normal(size=(200, 48))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = find_themes(in_context(vectors, document, None, np.arange(200) // 5), document, seed=0, number=10)
    first, second = found.labels[:100], found.labels[100:]
    by_chance = (np.bincount(first, minlength=10) / 100) @ (np.bincount(second, minlength=10) / 100)
    assert abs((first == second).mean() - by_chance) < 0.25


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 1000))
def test_what_a_passage_says_counts_more_than_where_it_stands(seed: int) -> None:
    """Every fourth passage is on another subject than its section."""
    rng = np.random.default_rng(seed)
    subjects = rng.normal(size=(6, 48))
    document, section = np.repeat([0, 1], 96), np.arange(192) // 8
    main = rng.permutation(np.repeat(np.arange(6), 4))[section]
    strays = np.arange(192) % 4 == 3
    subject = np.where(strays, (main + 1 + rng.integers(0, 5, 192)) % 6, main)
    vectors = subjects[subject] + rng.normal(size=(2, 48))[document] + 0.8 * rng.normal(size=(192, 48))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = find_themes(
        in_context(vectors, document, None, section), document, 0, number=6, alone=centred(vectors, document)
    )
    assert adjusted_rand(found.labels, subject) > 0.8


def test_another_seed_gives_the_same_themes() -> None:
    vectors, document, _ = groups(3, size=60)
    context = in_context(vectors, document)
    one, two = (find_themes(context, document, seed) for seed in (0, 1))
    assert one.seed_ari == 1.0
    assert np.array_equal(one.labels, two.labels)


@settings(max_examples=2, deadline=None)
@given(st.permutations([0, 1, 2]))
def test_the_order_of_the_documents_changes_nothing(order: list[int]) -> None:
    texts = [NORTHLAND, SOUTHLAND, Path(__file__).parent / "fixtures" / "plain-notice.txt"]
    usual, found = compare(texts), compare([texts[i] for i in order])
    names = {row.passage.text: row.theme for row in usual.rows}
    assert all(names[row.passage.text] == row.theme for row in found.rows)
    assert [theme.label for theme in found.theme_results] == [theme.label for theme in usual.theme_results]
    for one, two in zip(usual.theme_results, found.theme_results, strict=True):
        assert all(one.shares[document] == two.shares[document] for document in one.shares)


LIGHTHOUSES = (
    "Every lighthouse on the northern coast shall be repainted within four years.",
    "Fog horns are kept where fishing crews ask for them.",
    "Buoys that drift in storms must be put back within two days.",
    "Keepers' cottages will be let to visitors, and the rent shall pay for repairs.",
    "The lantern lenses of cut glass are to be protected as monuments.",
    "Lightships out of use should be given to harbour museums.",
    "Leading lights at river mouths are to be checked each autumn.",
    "Ice damages piers, and stone must be stored nearby for repairs.",
    "Mariners shall be told of any light that has failed by radio notice.",
    "Solar lamps will replace oil on remote skerries.",
    "Channel marks must follow the sandbanks as they move.",
    "A fund for towers in danger of falling into the sea is to be set up.",
)


@pytest.mark.parametrize("into", [0, 1])
def test_a_planted_subject_is_a_theme_that_the_other_document_has_no_part_in(main_job: Comparison, into: int) -> None:
    documents = list(main_job.texts)
    whole = documents[into]
    middle = len(whole.passages) // 2
    at = next(i for i in range(middle, 0, -1) if whole.passages[i].section != whole.passages[i - 1].section)
    new = [Passage(0, text, section=("Lights at sea",), paragraph=10_000 + i) for i, text in enumerate(LIGHTHOUSES)]
    passages = [*whole.passages[:at], *new, *whole.passages[at:]]
    documents[into] = replace(
        whole, passages=tuple(replace(p, order=i) for i, p in enumerate(passages)), sha256="1" * 64
    )
    found = compare(documents)
    planted = [row for row in found.rows if row.passage.section == ("Lights at sea",)]
    theme = max(found.theme_results, key=lambda t: sum(row.theme == t.id for row in planted))
    own = [row for row in found.rows if row.theme == theme.id and row.document == documents[into].id]
    inside = sum(row.theme == theme.id for row in planted)
    assert inside >= 0.8 * len(planted) and inside >= 2 / 3 * len(own)
    other = documents[1 - into].id
    assert theme.shares[other].value <= max(0.01, theme.differences[0].difference.floor)
    assert theme.shares[other].value < 0.03
    assert theme.stable


def test_sub_themes_divide_their_theme(main_job: Comparison) -> None:
    divided = [theme for theme in main_job.theme_results if theme.parts]
    assert divided
    for theme in main_job.theme_results:
        rows = [row for row in main_job.rows if row.theme == theme.id]
        assert {row.part for row in rows} == ({part.id for part in theme.parts} or {None})
        if theme.parts:
            assert sum(part.size for part in theme.parts) == theme.size
            assert len({part.label for part in theme.parts}) == len(theme.parts)
            for document, share in theme.shares.items():
                assert sum(part.shares[document].value for part in theme.parts) == pytest.approx(share.value)


def test_the_curve_shows_how_stable_each_number_is(main_job: Comparison) -> None:
    curve = dict(main_job.stability.curve)
    assert list(curve) == list(range(min(curve), max(curve) + 1))
    assert all(0.5 < value <= 1 for value in curve.values())
    assert main_job.stability.bootstrap_ari >= 0.7
    # Themes that are told apart afterwards make more of the number that the curve was cut at, never fewer.
    assert min(curve) <= main_job.stability.themes <= 1.5 * max(curve)


@given(st.integers(2, 100_000))
def test_the_number_of_themes_stays_readable(passages: int) -> None:
    fewest, most = usual_numbers(passages)
    assert 2 <= fewest <= most <= 16
    assert most <= passages


def test_a_theme_of_one_passage_has_a_name() -> None:
    from compare.labels import label_themes
    from compare.terms import Vocabulary

    vocabulary = Vocabulary(["Harbour cranes move containers."], ["en"])
    (named,) = label_themes(np.array([0]), np.array([0]), vocabulary)
    assert named.label != "Unnamed"


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 60), st.integers(0, 999), st.sampled_from(["ward", "average"]), st.booleans())
def test_trees_are_cut_as_scipy_cuts_them(size: int, seed: int, method: str, ties: bool) -> None:
    drawn = np.random.default_rng(seed)
    points = drawn.integers(0, 3, (size, 2)).astype(float) if ties else drawn.normal(size=(size, 3))
    tree = linkage(points, method)
    for number, labels in enumerate(cuts(tree, range(1, size + 1)), 1):
        assert set(labels) == set(range(number))
        theirs = fcluster(tree, number, "maxclust")
        if theirs.max() == number:
            assert adjusted_rand(labels, theirs) == 1
        else:
            # Of joins that are equally high all or none are undone there; each group of ours lies within one of theirs.
            assert len({*zip(labels, theirs, strict=True)}) == number


@settings(max_examples=30, deadline=None)
@given(st.integers(12, 80), st.integers(2, 6), st.integers(0, 999))
def test_clusters_are_improved_as_scikit_learn_improves_them(size: int, number: int, seed: int) -> None:
    drawn = np.random.default_rng(seed)
    points, weight = drawn.normal(size=(size, 4)), drawn.uniform(0.5, 2, size)
    labels = np.concatenate([np.arange(number), drawn.integers(0, number, size - number)])
    centres = np.stack([np.average(points[labels == k], axis=0, weights=weight[labels == k]) for k in range(number)])
    theirs = KMeans(number, init=centres, n_init=1, max_iter=10).fit(points, sample_weight=weight).labels_
    assert adjusted_rand(_improved(points, labels, weight), theirs) == 1
