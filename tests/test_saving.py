"""A comparison saved and opened again."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from conftest import NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import compare
from compare.comparison import Comparison
from compare.errors import PolicyCompareError
from compare.groups import read_group


def packed(content: object) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(json.dumps(content).encode()) + packer.flush()


@pytest.fixture(scope="module")
def saved(main_job: Comparison, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "plans.comparison"
    main_job.save(path)
    return path.read_bytes()


def test_what_was_saved_is_what_is_opened(main_job: Comparison, saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plans.comparison"
    path.write_bytes(saved)
    opened = compare.open(path)
    assert opened == main_job
    assert opened.to_json() == main_job.to_json()
    assert opened.to_text(100, "full") == main_job.to_text(100, "full")
    assert opened.to_html() == main_job.to_html()
    assert opened.passages.equals(main_job.passages)
    # The same comparison gives the same bytes, also the second time round.
    opened.save(path)
    assert path.read_bytes() == saved
    assert list(tmp_path.iterdir()) == [path]


def test_groups_and_languages_are_kept(home: object, tmp_path: Path) -> None:
    found = compare.compare(
        [NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE],
        groups=[read_group(f"South={SOUTHLAND},{SOUTHLAND_CHINESE}")],
    )
    found.save(tmp_path / "c")
    opened = compare.open(str(tmp_path / "c"))
    assert opened == found and opened.to_json() == found.to_json()


def test_opening_needs_no_heavy_module(saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_bytes(saved)
    script = (
        f"import sys, compare\ncompare.open({str(path)!r}).to_text()\n"
        "heavy = {'torch', 'sentence_transformers', 'sklearn', 'scipy', 'pandas', 'altair'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()


def refused(data: bytes, path: Path) -> str:
    path.write_bytes(data)
    with pytest.raises(PolicyCompareError) as caught:
        compare.open(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)
    return str(caught.value)


def test_files_that_are_none(saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c"
    content = json.loads(zlib.decompress(saved, 31))
    assert "damaged" in refused(b"", path)
    assert "damaged" in refused(b"not packed", path)
    assert "damaged" in refused(saved[:-20], path)
    assert "damaged" in refused(saved + b"more", path)
    assert "damaged" in refused(packed([1, 2]), path)
    assert "does not know" in refused(packed({"schema": "policy-compare-comparison/99"}), path)
    assert "does not know" in refused(packed({"schema": "\x1b[31mred"}), path) and "\x1b" not in refused(b"", path)
    for change in (
        {"texts": None},
        {"rows": [{"id": 3}]},
        {"unknown": 1},
        {"positions": [[0.5]]},
        {"stability": {"bootstrap_ari": "high", "seed_ari": 1, "themes": 2, "curve": []}},
    ):
        broken = {**content, "comparison": {**content["comparison"], **change}}
        assert "damaged" in refused(packed(broken), path)
    # Deep nesting is no way to bring it down.
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    deep = packer.compress(b"[" * 200_000) + packer.flush()
    assert "damaged" in refused(deep, path)
    with pytest.raises(PolicyCompareError, match="cannot be read"):
        compare.open(tmp_path / "nothing")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 255))
def test_a_changed_byte_gives_one_line_or_the_same(
    main_job: Comparison, saved: bytes, tmp_path: Path, place: int, byte: int
) -> None:
    data = bytearray(saved)
    data[place % len(data)] = byte
    path = tmp_path / "c"
    path.write_bytes(bytes(data))
    try:
        opened = compare.open(path)
    except PolicyCompareError:
        return
    assert opened == main_job


def test_a_place_that_cannot_be_written(main_job: Comparison, tmp_path: Path) -> None:
    with pytest.raises(PolicyCompareError, match="cannot be written"):
        main_job.save(tmp_path / "no" / "such" / "folder")
