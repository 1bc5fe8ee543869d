"""Counterparts and silences: what is found on fixture documents, and the evidence that they rest on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import NORTHLAND, SOUTHLAND
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from compare import counterparts, nearby
from compare.comparison import Comparison, compare
from compare.counterparts import Likeness, _fragment_vectors, find_counterparts
from compare.themes import unit

# Passages of the southern appeal, by what they begin with, and the northern section that is on their subject.
PAIRS = {
    "We encourage operators to run their data": "The Power Grid",
    "Schools ought to teach every child": "Workers and Trades",
    "Good data are the soil": "Science and Data",
}


@pytest.mark.parametrize("start", PAIRS)
def test_a_passage_finds_its_subject_in_the_other_document(comparison: Comparison, start: str) -> None:
    """One of the three nearest passages stands in the section that is on the same subject."""
    row = next(i for i, row in enumerate(comparison.rows) if row.passage.text.startswith(start))
    found = next(item for item in comparison.counterpart_results if item.row == row)
    assert PAIRS[start] in {comparison.rows[near].passage.section[-1] for near, _ in found.nearest}
    assert not found.silent


def test_a_translation_is_its_original_s_counterpart(translated: Comparison) -> None:
    """Most passages find the passage that they translate among the first three, and few meet nothing."""
    found = translated
    english = [i for i, row in enumerate(found.rows) if row.document == found.texts[0].id]
    chinese = [i for i, row in enumerate(found.rows) if row.document == found.texts[1].id]
    assert len(english) == len(chinese)
    own = dict(zip(english, chinese, strict=True))
    items = [item for item in found.counterpart_results if item.row in own]
    right = [own[item.row] in {near for near, _ in item.nearest} for item in items]
    assert np.mean(right) >= 0.8
    assert np.mean([item.silent for item in items]) <= 0.25


def test_a_subject_foreign_to_the_other_document_meets_nothing(tmp_path: Path) -> None:
    """Passages on bees, planted into one plan, are said to be without a counterpart."""
    bees = [
        "Every apiary should have two inspections of its hives a year.",
        "Beekeepers will be paid for colonies that a hard winter has killed.",
        "Wild flowers on the verges of roads must not be mown before July.",
        "A register of queen breeders keeps foreign strains of bees away.",
        "Honey that is sold in jars has to name the valley that it comes from.",
        "Mites in the brood are to be treated without chemicals where this can be done.",
    ]
    planted = tmp_path / "planted.md"
    planted.write_text(NORTHLAND.read_text("utf-8") + "\n### Bees\n\n" + " ".join(bees) + "\n", "utf-8")
    found = compare([planted, SOUTHLAND])
    silent = [item.silent for item in found.counterpart_results if found.rows[item.row].passage.text in bees]
    assert len(silent) == len(bees)
    assert np.mean(silent) >= 0.8


def test_words_that_share_a_stem_are_near_and_others_are_not() -> None:
    """Fragments join forms of a word that term lists keep apart."""
    texts = [
        "They permitted reskilling.",
        "Permitting upskilling is due.",
        "Grids carry current.",
        "Grids are carrying it.",
    ]
    made = _fragment_vectors(texts, ["en"] * 4)
    likeness = made @ made.T
    assert likeness[0, 1] > 0.3
    assert likeness[2, 3] > 0.2
    assert abs(likeness[:2, 2:]).max() < 0.05


def test_chinese_words_share_fragments_of_two_signs() -> None:
    made = _fragment_vectors(["加强数据安全。", "数据安全很重要。", "发展清洁能源。"], ["zh"] * 3)
    assert made[0] @ made[1] > 0.3
    assert made[0] @ made[2] == 0


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8), st.sampled_from(["en", "zh"]))
def test_any_text_gives_vectors_of_unit_length_or_none(texts: list[str], language: str) -> None:
    """Also blanks, marks and lone surrogates; and the same text the same vector, whatever its place."""
    made = _fragment_vectors(texts, [language] * len(texts))
    lengths = np.linalg.norm(made, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))
    turned = _fragment_vectors(texts[::-1], [language] * len(texts))[::-1]
    np.testing.assert_array_equal(made, turned)


def _evidence(passages: int) -> tuple[Likeness, np.ndarray, np.ndarray]:
    """Passages of two documents on thirty subjects, some words of their own in each."""
    rng = np.random.default_rng(3)
    subject = rng.integers(30, size=passages)
    centres = rng.standard_normal((30, 64))
    meaning = unit(centres[subject] + 0.7 * rng.standard_normal((passages, 64))).astype(np.float32)
    rows = np.repeat(np.arange(passages), 8)
    columns = np.where(rng.random(8 * passages) < 0.5, subject[rows] * 20, 0) + rng.integers(400, size=8 * passages)
    words = counterparts._at_length_one(
        counterparts._laid_out(rows, columns, np.ones(len(rows), np.float32), (passages, 1000))
    )
    sections = np.arange(passages) // 10
    parts = ((0.5, meaning, True), (0.5, words, False))
    return Likeness(parts, ((0.5, meaning, True),)), np.arange(passages) * 2 // passages, sections


@pytest.mark.parametrize("foreign", [False, True])
def test_shortlists_find_what_all_pairs_find(monkeypatch: pytest.MonkeyPatch, foreign: bool) -> None:
    """Nearly all nearest passages, the same similarities, and the same passages that meet nothing."""
    monkeypatch.setattr(nearby, "CANDIDATES", 400)
    monkeypatch.setattr(counterparts, "MOST_EXACT", 0)
    alike, documents, sections = _evidence(3000)
    languages = ["en", "zh" if foreign else "en"]
    short = find_counterparts(alike, documents, sections, languages)
    monkeypatch.setattr(counterparts, "MOST_EXACT", 3000)
    exact = find_counterparts(alike, documents, sections, languages)
    for pair in ((0, 1), (1, 0)):
        (rows, values), (right, best) = short.nearest[pair], exact.nearest[pair]
        assert rows.shape == right.shape
        assert np.mean(rows[:, 0] == right[:, 0]) > 0.9
        assert np.mean(best[:, 0] - values[:, 0]) < 0.01
        # The same pair has the same similarity, whichever way it was found.
        same = rows == right
        np.testing.assert_allclose(values[same], best[same], atol=2e-5)
        assert short.threshold[pair] == pytest.approx(exact.threshold[pair], abs=1e-3)
        assert np.mean(short.silent[pair] == exact.silent[pair]) > 0.95


def test_what_shortlists_find_does_not_hang_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "CANDIDATES", 400)
    monkeypatch.setattr(counterparts, "MOST_EXACT", 0)
    alike, documents, sections = _evidence(3000)
    made = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            made.append(find_counterparts(alike, documents, sections, ["en", "en"]))
    for pair in made[0].nearest:
        np.testing.assert_array_equal(made[0].nearest[pair][0], made[1].nearest[pair][0])
        np.testing.assert_array_equal(made[0].nearest[pair][1], made[1].nearest[pair][1])
        np.testing.assert_array_equal(made[0].silent[pair], made[1].silent[pair])


def test_every_passage_of_a_large_document_is_asked_once() -> None:
    """Whatever cells it falls into, empty ones too."""
    vectors = np.rint(40 * np.random.default_rng(1).standard_normal((9000, 4))).astype(np.float32)
    vectors[:3000] = 5
    own, others = np.arange(3000, 9000)[::2], np.arange(0, 9000, 1)
    asked = []
    for rows, found in nearby.nearby(nearby.Coarse(vectors, vectors), own, others):
        asked += rows.tolist()
        assert len(np.unique(found)) == len(found) >= nearby.CANDIDATES
    assert sorted(asked) == own.tolist()
