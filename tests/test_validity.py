"""What is said of the dimensions of tone themselves, and of the tone of single themes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import FIXTURES, NORTHLAND
from hypothesis import given
from hypothesis import strategies as st

from compare.arrays import Arrays
from compare.cache import ArrayCache
from compare.comparison import Comparison, compare, load_documents
from compare.encoders import ENGLISH, MULTILINGUAL, Encoder, find_model
from compare.theme_tone import tone_by_theme
from compare.tone import ToneScores
from compare.tone_file import load_dimensions
from compare.validity import FIELDS, SHIPPED, _ranks, _with_interval, area, kept_validity, scored_by, validity_key

SPEC = load_dimensions()


def test_each_dimension_is_told_and_the_placebo_is_not(comparison: Comparison) -> None:
    """Ours is far above anchors dealt at random, which tell about as much as chance."""
    items = comparison.validity["en"]
    assert [item.dimension for item in items] == list(SPEC.dimension_ids)
    for item in items:
        assert item.sentences >= 10
        assert item.rest > 0.9 and item.opposite > 0.85
        assert item.rest_low <= item.rest <= item.rest_high <= 1
        assert item.opposite_low <= item.opposite <= item.opposite_high <= 1
        assert item.opposite_low < 1
        assert item.rest_high - item.rest_low > 0.01
        assert item.left_out > 0.8 and item.halves > 0.7
        assert abs(item.length) < 0.3
    assert 0.35 < np.mean([item.placebo for item in items]) < 0.65


@pytest.mark.parametrize(("name", "language"), [(ENGLISH, "en"), (MULTILINGUAL, "zh")])
def test_what_ships_is_what_is_found_now(name: str, language: str, home: Path) -> None:
    """Figures that ship are those that the code, the tone file and its sentences give; those in the cache likewise."""
    model = find_model(name)
    encoder = Encoder(model, ArrayCache(None), lambda done, total: None)
    store = ArrayCache(home / f"kept-{language}.sqlite")
    measure = scored_by(SPEC, model.checksum)
    assert validity_key(measure, language).hex() in json.loads(SHIPPED.read_text("utf-8"))
    shipped = kept_validity(SPEC, encoder.encode, language, store, measure)
    found, kept = (kept_validity(SPEC, encoder.encode, language, store, b"another") for _ in range(2))
    for one, two, three in zip(shipped, found, kept, strict=True):
        assert one.dimension == two.dimension == three.dimension
        for field in FIELDS:
            assert getattr(one, field) == pytest.approx(getattr(two, field), abs=1e-3, nan_ok=True)
            assert getattr(two, field) == pytest.approx(getattr(three, field), nan_ok=True)


def test_all_encoders_that_come_with_the_package_have_their_figures() -> None:
    keys = {
        validity_key(scored_by(SPEC, find_model(name).checksum), language).hex()
        for name, language in ((ENGLISH, "en"), (MULTILINGUAL, "en"), (MULTILINGUAL, "zh"))
    }
    assert keys == set(json.loads(SHIPPED.read_text("utf-8")))


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=40), st.data())
def test_area_turned_round_is_its_complement(values: list[float], data: st.DataObject) -> None:
    scores = np.array(values)
    positive = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))))
    found, turned = area(scores, positive), area(scores, ~positive)
    if positive.all() or not positive.any():
        assert np.isnan(found)
    else:
        assert found == pytest.approx(1 - turned)


def test_no_interval_of_an_area_is_a_point() -> None:
    """Sentences told apart without error leave the more open, the fewer they are; more of them narrow any interval."""
    few = _with_interval(np.array([3.0, 2.0, 1.0, 0.0]), np.array([True, True, False, False]))
    many = _with_interval(np.arange(40.0), np.arange(40) >= 20)
    assert few[0] == many[0] == few[2] == many[2] == 1
    assert few[1] < many[1] < 1
    assert np.isnan(_with_interval(np.arange(3.0), np.ones(3, bool))).all()
    chance = _with_interval(np.tile([0.0, 1.0, 1.0, 0.0], 50), np.tile([True, True, False, False], 50))
    # Hanley & McNeil 1982: at an area of one half the standard error of 100 against 100 is 0.041.
    assert chance == pytest.approx([0.5, 0.421, 0.579], abs=0.002)


def test_equal_values_share_their_mean_rank() -> None:
    assert _ranks(np.array([2.0, 1.0, 2.0, 5.0])).tolist() == [1.5, 0.0, 1.5, 3.0]


def test_two_tones_of_one_theme_are_found_and_one_tone_is_not() -> None:
    """A theme in which one document scores two points higher on a dimension is told, on this dimension alone."""
    documents = load_documents([NORTHLAND], fewest=1)
    arrays = Arrays([documents[0], replace(documents[0], id="again")])
    rng = np.random.default_rng(0)
    n, d = len(arrays.texts), len(SPEC.dimension_ids)
    labels = np.arange(n) % 2
    values = rng.normal(size=(n, d))
    values[(labels == 0) & (arrays.documents == 0), 3] += 2
    scores = ToneScores(values, np.zeros((n, 2 * d)), np.zeros((n, 2 * d), bool), SPEC.dimension_ids, SPEC.pole_ids)
    cells = tone_by_theme(arrays, scores, labels, ("t01", "t02"), 0)
    assert len(cells) == 2 * d
    sure = [cell for cell in cells if cell.difference.holds]
    assert [(cell.theme, cell.dimension) for cell in sure] == [("t01", SPEC.dimension_ids[3])]
    assert sure[0] == cells[0] and sure[0].difference.value > 1
    assert all(cell.told == bool(cell.evidence) for cell in cells)
    for cell in cells:
        for number, document in enumerate((cell.first, cell.second)):
            rows = (arrays.documents == number) & (labels == int(cell.theme == "t02"))
            mean = values[rows, SPEC.dimension_ids.index(cell.dimension)].mean()
            assert cell.passages[document] == rows.sum() and cell.means[document].value == pytest.approx(mean)
            assert cell.means[document].low <= mean <= cell.means[document].high
    for document, rows in sure[0].evidence.items():
        assert all(arrays.source[arrays.documents[row]].id == document and labels[row] == 0 for row in rows)


@pytest.mark.parametrize("document", ["appeal", "digest"])
def test_a_translation_has_the_tone_of_its_original(document: str, translated: Comparison) -> None:
    """The same document in English and in Chinese differs for sure on no dimension and in no pole."""
    digests = ["cn-global-ai-governance-action-plan-2025", FIXTURES / "governance-digest.zh.md"]
    found = translated if document == "appeal" else compare(digests)
    differences = [pair for tone in found.tone_results for pair in tone.differences]
    differences += [pair for tone in found.tone_results for pole in tone.poles for pair in pole.differences]
    assert len(differences) == 21
    assert not any(pair.difference.holds for pair in differences)
    assert set(found.validity) == {"en", "zh"}
