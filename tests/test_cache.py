"""The cache gives back what was put into it, and whatever happens to its file is never the user's problem."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from compare.cache import ArrayCache, digest

NOBODY = 65534
VECTORS = {digest("a text", str(i)): np.linspace(-1, 1, 8, dtype=np.float32) * (i + 1) for i in range(40)}


def same(found: dict[bytes, NDArray[np.generic]], wanted: dict[bytes, NDArray[np.float32]]) -> bool:
    return found.keys() == wanted.keys() and all(np.array_equal(found[key], wanted[key]) for key in wanted)


def change(path: Path, statement: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement, values).rowcount == 1


@pytest.fixture
def cache(tmp_path: Path) -> ArrayCache:
    made = ArrayCache(tmp_path / "deep" / "vectors.sqlite")
    made.put(VECTORS, "<f4")
    return made


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that this process cannot write to, also where the tests run as root."""
    folder.chmod(0o555)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        if os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            pytest.skip("folders cannot be made read-only here")
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


# What is put comes back


def test_vectors_come_back_equal_in_another_run(cache: ArrayCache) -> None:
    again = ArrayCache(cache.path)
    assert same(again.get(VECTORS, "<f4"), VECTORS)
    assert same(again.get(VECTORS, "<f4", width=8), VECTORS)
    first = next(iter(VECTORS))
    assert again.get([first, first, digest("never put")], "<f4").keys() == {first}
    assert again.get([], "<f4") == {}


def test_more_keys_than_a_query_takes(tmp_path: Path) -> None:
    many = {digest(str(i)): np.array([i], np.float32) for i in range(1201)}
    cache = ArrayCache(tmp_path / "vectors.sqlite")
    cache.put(many, "<f4")
    assert same(cache.get(many, "<f4"), many)


def test_a_later_value_takes_the_place_of_an_earlier_one(cache: ArrayCache) -> None:
    key = next(iter(VECTORS))
    cache.put({key: np.zeros(3, np.float32)}, "<f4")
    assert np.array_equal(cache.get([key], "<f4")[key], np.zeros(3))


def test_an_entry_of_another_width_is_missing(cache: ArrayCache) -> None:
    assert cache.get(VECTORS, "<f4", width=7) == {}
    key = digest("three bytes")
    cache.put({key: np.frombuffer(b"abc", "u1")}, "u1")
    assert cache.get([key], "<f4") == {}


def test_without_a_file_nothing_is_kept() -> None:
    cache = ArrayCache(None)
    cache.put(VECTORS, "<f4")
    assert cache.get(VECTORS, "<f4") == {}


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(
        arrays.arrays("<f8", st.integers(0, 6), elements=st.floats(allow_nan=False)), min_size=1, max_size=5
    )
)
def test_any_array_comes_back_bit_for_bit(values: list[NDArray[np.float64]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = ArrayCache(Path(folder) / "vectors.sqlite")
        entries = {digest(str(i)): value for i, value in enumerate(values)}
        cache.put(entries, "<f8")
        found = cache.get(entries, "<f8")
        assert {key: value.tobytes() for key, value in found.items()} == {k: v.tobytes() for k, v in entries.items()}


# Damage


@pytest.mark.parametrize(
    "value",
    [b"", b"\0" * 32, b"\0" * 31, "a text and no bytes", 7],
    ids=["empty", "other numbers", "cut short", "text", "number"],
)
def test_a_corrupted_entry_is_missing_and_made_again(cache: ArrayCache, value: object) -> None:
    assert cache.path is not None
    key, *others = VECTORS
    change(cache.path, "UPDATE entries SET value = ? WHERE key = ?", value, key)
    assert cache.get(VECTORS, "<f4").keys() == set(others)
    cache.put({key: VECTORS[key]}, "<f4")
    assert same(cache.get(VECTORS, "<f4"), VECTORS)


def test_an_entry_whose_checksum_was_changed_is_missing(cache: ArrayCache) -> None:
    assert cache.path is not None
    key, *others = VECTORS
    change(cache.path, "UPDATE entries SET sum = ? WHERE key = ?", b"12345678", key)
    assert cache.get(VECTORS, "<f4").keys() == set(others)


def test_flipped_bits_never_give_a_wrong_vector(cache: ArrayCache, capsys: pytest.CaptureFixture[str]) -> None:
    assert cache.path is not None
    sound = cache.path.read_bytes()
    for place in range(0, len(sound), 97):
        spoilt = bytearray(sound)
        spoilt[place] ^= 0xFF
        for suffix in ("-wal", "-shm"):
            cache.path.with_name(cache.path.name + suffix).unlink(missing_ok=True)
        cache.path.write_bytes(spoilt)
        for key, vector in cache.get(VECTORS, "<f4").items():
            assert np.array_equal(vector, VECTORS[key]), place
        cache.put(VECTORS, "<f4")


@pytest.mark.parametrize(
    "content",
    [b"no database at all, but a text that somebody saved here\n" * 100, b"\0" * 5000, b"", b"SQLite format 3\0 cut"],
    ids=["text", "zeros", "empty", "cut short"],
)
def test_a_file_that_is_no_database_is_made_again(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(content)
    cache = ArrayCache(path)
    assert cache.get(VECTORS, "<f4") == {}
    cache.put(VECTORS, "<f4")
    assert same(ArrayCache(path).get(VECTORS, "<f4"), VECTORS)
    assert capsys.readouterr() == ("", "")


def test_a_database_cut_in_the_middle_is_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "vectors.sqlite"
    many = {digest(str(i)): np.full(384, i, np.float32) for i in range(300)}
    ArrayCache(path).put(many, "<f4")
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size // 2)
    for _ in range(2):  # the first try may find out only while it writes
        cache = ArrayCache(path)
        assert all(np.array_equal(vector, many[key]) for key, vector in cache.get(many, "<f4").items())
        cache.put(many, "<f4")
    assert same(ArrayCache(path).get(many, "<f4"), many)
    assert capsys.readouterr() == ("", "")


# Where nothing can be kept


def test_a_read_only_folder_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    # A folder of its own: those that pytest makes cannot be entered by another user.
    with tempfile.TemporaryDirectory() as name:
        with read_only(Path(name)):
            cache = ArrayCache(Path(name) / "vectors.sqlite")
            cache.put(VECTORS, "<f4")
            assert cache.get(VECTORS, "<f4") == {}
        assert list(Path(name).iterdir()) == []
    output, notes = capsys.readouterr()
    assert output == "" and len(notes.splitlines()) == 1, "one note on standard error, once"
    assert f"{name}/vectors.sqlite" in notes and "going on without it" in notes


def test_a_filled_cache_that_became_read_only_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        cache = ArrayCache(Path(name) / "vectors.sqlite")
        cache.put(VECTORS, "<f4")
        with read_only(Path(name)):
            found = cache.get(VECTORS, "<f4")
            assert found == {} or same(found, VECTORS)
            cache.put({digest("new"): np.zeros(8, np.float32)}, "<f4")
        assert same(ArrayCache(cache.path).get([*VECTORS, digest("new")], "<f4"), VECTORS)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("place", ["under a file", "a folder"])
def test_a_place_that_cannot_hold_a_file_is_no_error(
    tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "folder").mkdir()
    cache = ArrayCache(tmp_path / "file" / "vectors.sqlite" if place == "under a file" else tmp_path / "folder")
    cache.put(VECTORS, "<f4")
    assert cache.get(VECTORS, "<f4") == {}
    assert "going on without it" in capsys.readouterr().err
    assert (tmp_path / "folder").is_dir() and (tmp_path / "file").read_text() == "a file"


# Several processes

WRITER = """
import sys
from pathlib import Path
import numpy as np
from compare.cache import ArrayCache, digest

path, number = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for i in range(50):
    ArrayCache(path).put({digest("shared", str(i)): np.full(64, i, np.float32),
                          digest(str(number), str(i)): np.full(64, number, np.float32)}, "<f4")
"""


def test_processes_writing_at_once_lose_nothing(tmp_path: Path) -> None:
    path, count = tmp_path / "vectors.sqlite", 3
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        assert writer.communicate(timeout=120) == ("", "") and writer.returncode == 0
    wanted = {digest("shared", str(i)): np.full(64, i, np.float32) for i in range(50)}
    wanted |= {digest(str(n), str(i)): np.full(64, n, np.float32) for n in range(count) for i in range(50)}
    assert same(ArrayCache(path).get(wanted, "<f4"), wanted)


# Keys

PARTS = st.lists(st.one_of(st.text(max_size=8), st.binary(max_size=8)), max_size=5)


def as_bytes(parts: list[str | bytes]) -> list[bytes]:
    return [part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in parts]


@settings(deadline=None)
@given(PARTS, PARTS)
def test_keys_are_equal_only_for_equal_parts(one: list[str | bytes], other: list[str | bytes]) -> None:
    assert len(digest(*one)) == 32
    assert (digest(*one) == digest(*other)) == (as_bytes(one) == as_bytes(other))


@settings(deadline=None)
@given(st.text(min_size=2, max_size=12), st.data())
def test_where_a_text_is_cut_counts(text: str, data: st.DataObject) -> None:
    places = st.integers(0, len(text))
    one, other = data.draw(places), data.draw(places)
    equal = digest(text[:one], text[one:]) == digest(text[:other], text[other:])
    assert equal == (one == other)


@settings(deadline=None)
@given(PARTS)
def test_the_order_and_the_number_of_parts_count(parts: list[str | bytes]) -> None:
    backwards = parts[::-1]
    assert (digest(*parts) == digest(*backwards)) == (as_bytes(parts) == as_bytes(backwards))
    assert digest(*parts) != digest(*parts, "")


def test_a_lone_surrogate_has_a_key() -> None:
    assert digest("\ud800") != digest("\ud801")


def test_of_two_that_make_the_same_entry_the_first_is_kept(tmp_path: Path) -> None:
    """Two processes encode the same text in other batches: all later runs, and both of these, go on with one vector."""
    one, other = ArrayCache(tmp_path / "c.sqlite"), ArrayCache(tmp_path / "c.sqlite")
    key, wider = digest("vector"), digest("wider")
    first, second = np.array([0.1, 0.2], "<f4"), np.array([0.1000001, 0.2], "<f4")
    assert one.put({key: first}, "<f4")[key].tolist() == first.tolist()
    assert other.put({key: second, wider: second}, "<f4")[key].tolist() == first.tolist()
    assert one.get([key, wider], "<f4")[key].tolist() == first.tolist()
    assert one.get([wider], "<f4")[wider].tolist() == second.tolist()
    # An entry of another size is no entry.
    one.put({key: np.array([0.5], "<f4")}, "<f4")
    assert other.get([key], "<f4")[key].tolist() == [0.5]
    assert ArrayCache(None).put({key: second}, "<f4")[key].tolist() == second.tolist()


def used_days_ago(path: Path, days: int, keys: list[bytes]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("UPDATE entries SET used = used - ? WHERE key = ?", [(days, key) for key in keys])


def test_beyond_its_size_what_was_not_used_for_longest_goes(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    cache = ArrayCache(path, 400_000)
    keys = [digest("entry", str(i)) for i in range(120)]
    for n in range(0, 80, 20):
        cache.put({key: np.full(1000, i, "<f4") for i, key in enumerate(keys[n : n + 20], n)}, "<f4")
        used_days_ago(path, 1, keys[: n + 20])
    # Reading notes the use: the oldest are now among the youngest.
    assert len(cache.get(keys[:10], "<f4")) == 10
    cache.put({key: np.full(1000, i, "<f4") for i, key in enumerate(keys[80:], 80)}, "<f4")
    there = cache.get(keys, "<f4")
    assert set(keys[80:]) | set(keys[:10]) <= set(there)
    assert not set(keys[10:40]) & set(there) and sum(array.nbytes for array in there.values()) <= 400_000
    for i, key in enumerate(keys):
        assert key not in there or (there[key] == i).all()
    # The file does not grow beyond what its entries may take.
    for n in range(30):
        cache.put({digest("more", str(n)): np.zeros(5000, "<f4")}, "<f4")
    assert path.stat().st_size < 900_000


def test_more_than_fits_at_once_is_kept_for_the_run(tmp_path: Path) -> None:
    cache = ArrayCache(tmp_path / "vectors.sqlite", 10_000)
    entries = {digest("entry", str(i)): np.full(1000, i, "<f4") for i in range(20)}
    assert same(cache.put(entries, "<f4"), entries)  # type: ignore[arg-type]


def test_a_file_of_an_earlier_version_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE entry (key BLOB PRIMARY KEY, value BLOB NOT NULL, sum BLOB NOT NULL) WITHOUT ROWID"
        )
        rows = [
            (key, value := vector.tobytes(), hashlib.blake2b(value, digest_size=8).digest())
            for key, vector in VECTORS.items()
        ]
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?)", rows)
    assert same(ArrayCache(path).get(VECTORS, "<f4"), VECTORS)


def test_the_environment_says_how_large_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_COMPARE_CACHE_MB", "50")
    assert ArrayCache(None).largest == 50_000_000
    for wrong in ("", "many", "-3"):
        monkeypatch.setenv("POLICY_COMPARE_CACHE_MB", wrong)
        assert ArrayCache(None).largest == 2_000_000_000


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_writer_killed_at_any_moment_leaves_whole_entries(tmp_path: Path) -> None:
    script = Path(__file__).parent / "benchmarks" / "cache.py"
    done = subprocess.run(
        [sys.executable, str(script), "kills", "200", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("200 kills") and "0 entries that are not whole" in done.stdout
