"""Encoding in a process of its own: the same vectors whatever is encoded beside them, and nothing lost when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import NORTHLAND, SOUTHLAND

import compare
from compare import encoding
from compare.cache import ArrayCache
from compare.encoders import ENGLISH, MULTILINGUAL, Encoder, find_model
from compare.encoding import SentenceModel, batches, export_file
from compare.errors import ModelError
from compare.places import cache_folder

FORMS = (ENGLISH, f"{ENGLISH}@onnx", f"{ENGLISH}@onnx-int8")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [passage.text for path in (NORTHLAND, SOUTHLAND) for passage in compare.load(str(path)).passages]


@pytest.fixture(scope="module")
def usual(texts: list[str], home: Path) -> np.ndarray:
    """As sentence-transformers itself has them."""
    model = SentenceModel(find_model(ENGLISH).folder).model
    return np.asarray(model.encode(texts, show_progress_bar=False))


def fresh(name: str = ENGLISH, path: Path | None = None, **options: object) -> Encoder:
    return Encoder(find_model(name), ArrayCache(path), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "far"), list(zip(FORMS, (1e-6, 1e-6, 0.03), strict=True)))
def test_vectors_are_those_of_sentence_transformers(name: str, far: float, texts: list[str], usual: np.ndarray) -> None:
    made = fresh(name).encode(texts)
    assert 1 - (made * usual).sum(1).min() < far


@pytest.mark.parametrize("name", [*FORMS, MULTILINGUAL])
def test_a_vector_does_not_hang_on_what_is_encoded_beside_it(name: str, texts: list[str]) -> None:
    whole = fresh(name).encode(texts)
    rng = np.random.default_rng(0)
    for size in (1, 2, 7, 40):
        chosen = rng.permutation(len(texts))[:size]
        assert np.array_equal(fresh(name).encode([texts[i] for i in chosen]), whole[chosen])


def test_a_text_that_is_cut_does_not_hang_on_it_either(texts: list[str]) -> None:
    long = [" ".join(texts), " ".join(reversed(texts)), texts[0]]
    assert np.array_equal(fresh().encode(long)[[1]], fresh().encode([long[1]]))


def test_the_number_of_threads_changes_no_byte(comparison: compare.Comparison, tmp_path: Path) -> None:
    """What one thread made (several, where tests have no workers), three make anew."""
    environment = {**os.environ, "OMP_NUM_THREADS": "3", "POLICY_COMPARE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "compare", "report", str(NORTHLAND), str(SOUTHLAND), "--json"]
    said = subprocess.run(command, env=environment, capture_output=True, check=True).stdout.decode()
    assert said.strip() == comparison.to_json().strip() and len(said) > 10_000


def test_what_was_encoded_before_a_run_is_broken_off_is_kept(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compare.encoders._TOGETHER", 16)
    path = tmp_path / "vectors.sqlite"

    def stop(done: int, total: int) -> None:
        if done >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fresh(path=path, progress=stop).encode(texts)
    steps: list[tuple[int, int]] = []
    made = fresh(path=path, progress=lambda done, total: steps.append((done, total))).encode(texts)
    assert 0 < steps[0][1] <= len(set(texts)) - 30
    assert np.array_equal(made, fresh().encode(texts))


def test_vectors_of_other_libraries_are_made_anew(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may differ in the last bit, which a division into themes can hang on."""
    path = tmp_path / "vectors.sqlite"
    fresh(path=path).encode(texts[:5])
    assert not fresh(path=path)._missing(texts[:5])
    monkeypatch.setattr("compare.encoders.versions_of", lambda libraries: "others")
    assert len(fresh(path=path)._missing(texts[:5])) == 5


def test_a_process_that_is_killed_is_told_in_a_line_and_costs_what_it_had_in_hand(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compare.encoders._TOGETHER", 16)
    path = tmp_path / "vectors.sqlite"
    killed = []

    def kill(done: int, total: int) -> None:
        if done and not killed:
            process = next(iter(encoding._processes.values()))._process
            killed.append(process.send_signal(signal.SIGSTOP))
            process.kill()

    many = [f"{text} Part {number}." for number in range(20) for text in texts]
    with pytest.raises(ModelError, match=r"the process that encodes has ended \(signal 9"):
        fresh(path=path, progress=kill).encode(many)
    assert 0 < len(fresh(path=path)._missing(many)) < len(set(many))
    assert fresh(path=path).encode(many[:40]).shape == (40, 384)


def test_where_no_process_can_be_started_the_model_runs_here(
    texts: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = fresh().encode(texts[:9])
    monkeypatch.setattr(encoding, "_processes", {})
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    assert np.array_equal(fresh().encode(texts[:9]), there)


def test_a_model_that_cannot_be_loaded_is_told_in_a_line(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(ModelError, match=r"^model .*model: it cannot be loaded or run \(.+\)$"):
        fresh(str(folder)).encode(["A text."])


def test_an_export_needs_no_pytorch_and_is_made_again_where_it_is_broken(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = find_model(FORMS[1])
    made = fresh(FORMS[1]).encode(texts[:5])
    whole = export_file(cache_folder() / "onnx", model.key).read_bytes()
    monkeypatch.setenv("POLICY_COMPARE_HOME", str(tmp_path))
    broken = export_file(cache_folder() / "onnx", model.key)
    broken.parent.mkdir(parents=True)
    broken.write_bytes(whole[:5000])
    assert np.array_equal(fresh(FORMS[1]).encode(texts[:5]), made)
    program = (
        "import sys; from compare.cache import ArrayCache; from compare.encoders import Encoder, find_model; "
        f"Encoder(find_model({FORMS[1]!r}), ArrayCache(None)).encode(['A text.']); print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"


def test_a_report_says_in_which_form_the_model_ran() -> None:
    found = compare.compare([NORTHLAND, SOUTHLAND], model=FORMS[1])
    assert found.method["model"] == FORMS[1] and FORMS[1] in found.method["command"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (f"{ENGLISH}@int4", "the forms are"),
        (f"{MULTILINGUAL}@onnx", "has no other form"),
        ("nowhere/at-all@onnx", "nowhere/at-all"),
    ],
)
def test_a_form_that_there_is_not(name: str, line: str) -> None:
    with pytest.raises(ModelError, match=line):
        find_model(name)


def test_batches_hold_every_row_once() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(0, 300, 500).tolist()
    made = batches(lengths, 256, 1024)
    assert sorted(row for _, rows in made for row in rows) == list(range(500))
    assert all(length * len(rows) <= 1024 or len(rows) == 1 for length, rows in made)
    assert all(min(lengths[row], 256) <= length <= 256 for length, rows in made for row in rows)
