"""Halves of a document differ by chance alone, and a calibration says how often that would be called."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conftest import NORTHLAND
from hypothesis import given, settings
from hypothesis import strategies as st

from compare import cli
from compare.calibration import PLANTED, Calibration, calibrate, halve, plant
from compare.comparison import load_documents
from compare.errors import DocumentError, OptionError
from compare.report.calibration import reading, to_json


@pytest.fixture(scope="module")
def found(home: object) -> Calibration:
    return calibrate([NORTHLAND], splits=5)[0]


def test_halves_share_no_section_and_lose_no_passage() -> None:
    (document,) = load_documents([NORTHLAND])
    halves = halve(document, np.random.default_rng(0))
    sections = [{passage.section for passage in half.passages} for half in halves]
    assert not sections[0] & sections[1]
    assert sorted(p.text for half in halves for p in half.passages) == sorted(p.text for p in document.passages)
    assert abs(len(sections[0]) - len(sections[1])) <= 1


def test_chance_is_seldom_called(found: Calibration) -> None:
    assert [rate.kind for rate in found.false] == ["theme", "tone", "pole"]
    for rate in found.false:
        assert 0 <= rate.plain.low <= rate.plain.value <= rate.plain.high <= 1
        assert rate.called.value <= 0.15
        assert rate.cases >= 5
    assert found.told.value <= 0.4


def test_the_same_seed_gives_the_same_figures(found: Calibration) -> None:
    assert calibrate([NORTHLAND], splits=5)[0] == found


def test_the_reading_has_two_sentences_and_json_its_shape(found: Calibration) -> None:
    assert reading(found).count(". ") == 1
    made = json.loads(to_json([found], {"splits": 5}))
    assert made["schema"] == "policy-compare-calibration/1"
    assert made["documents"][0]["planted"]["points"] == 10


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_what_is_planted_are_ten_points(seed: int, together: bool) -> None:
    rng = np.random.default_rng(seed)
    sections = np.repeat(np.arange(30), 8)
    first = sections < 15
    labels = rng.integers(0, 12, size=len(sections))
    made, theme = plant(labels, first, sections, rng, together)
    assert (made[first] == theme).mean() - (made[~first] == theme).mean() == pytest.approx(PLANTED, abs=0.01)
    assert np.array_equal(made[~first], labels[~first])


def test_what_cannot_be_halved_is_refused(tmp_path: object, home: object) -> None:
    with pytest.raises(OptionError, match="no document"):
        calibrate([])
    with pytest.raises(OptionError, match="--splits 3"):
        calibrate([NORTHLAND], splits=3)
    with pytest.raises(DocumentError, match="too few to be halved"):
        calibrate([NORTHLAND.parent / "plain-notice.txt"])


def test_the_command(capsys: pytest.CaptureFixture[str], home: object) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["calibrate", str(NORTHLAND), "--splits", "5", "--width", "80"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "shares of themes" in told and "Ten points planted" in told
    assert max(len(line) for line in told.splitlines()) <= 80
