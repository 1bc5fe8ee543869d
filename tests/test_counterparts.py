"""Counterparts and silences: what is found on fixture documents, and the evidence that they rest on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import NORTHLAND, SOUTHLAND
from hypothesis import given
from hypothesis import strategies as st

from compare.comparison import Comparison, compare
from compare.counterparts import _fragment_vectors

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
