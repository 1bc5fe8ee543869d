"""The cache: what is left when its writer is killed, and how fast it is beside LMDB.

    python tests/benchmarks/cache.py kills [N] [FOLDER]
    python tests/benchmarks/cache.py speed [N]

`kills` starts a process that writes and kills it (SIGKILL) after a moment that is drawn anew each time, N times (200);
after each kill every entry that is there must be whole and the file sound. `speed` writes and reads N vectors (100,000)
of 384 numbers and prints times as multiples of what copying as many bytes in memory takes, beside LMDB where its
package is installed (`pip install lmdb`).
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from compare.cache import ArrayCache, digest

_WIDTH = 384


def vector(number: int) -> np.ndarray:
    return np.random.default_rng(number).standard_normal(_WIDTH).astype("<f4")


def _write(path: Path, begin: int) -> None:
    """Write for ever, in batches of any size; the cache is small, so that old entries are dropped as well."""
    cache, number = ArrayCache(path, 3_000_000), begin
    while True:
        size = 1 + number % 50
        cache.put({digest("v", str(n)): vector(n) for n in range(number, number + size)}, "<f4")
        number += size


def kills(times: int, folder: Path) -> int:
    rng = random.Random(0)
    path = folder / "vectors.sqlite"
    ArrayCache(path).put({digest("first"): vector(0)}, "<f4")
    broken = seen = 0
    for n in range(times):
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                _write(path, n * 10_000)
            os._exit(1)
        time.sleep(rng.uniform(0.001, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0]
        broken += sound != "ok"
        wanted = {digest("v", str(i)): i for i in range(n * 10_000, n * 10_000 + 2_000)}
        there = ArrayCache(path).get(wanted, "<f4", _WIDTH)
        seen += len(there)
        broken += sum(not np.array_equal(array, vector(wanted[key])) for key, array in there.items())
    print(f"{times} kills, {seen} entries of killed writers read back, {broken} entries that are not whole")
    return int(broken > 0 or not seen)


def speed(number: int) -> int:
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((number, _WIDTH)).astype("<f4")
    keys = [digest("v", str(i)) for i in range(number)]

    def timed(work: Callable[[], object]) -> float:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    unit = min(timed(lambda: matrix.copy()) for _ in range(5))
    with tempfile.TemporaryDirectory() as folder:
        cache = ArrayCache(Path(folder) / "vectors.sqlite")
        batches = [range(start, min(start + 10_000, number)) for start in range(0, number, 10_000)]

        def write() -> None:
            for batch in batches:
                cache.put({keys[i]: matrix[i] for i in batch}, "<f4")

        def read() -> None:
            found = cache.get(keys, "<f4", _WIDTH)
            assert np.array_equal(np.stack([found[key] for key in keys]), matrix)

        print(f"{number} vectors of {_WIDTH} numbers; copying them in memory is 1")
        print(f"SQLite: write {timed(write) / unit:.0f}, read {min(timed(read) for _ in range(3)) / unit:.0f}")
        try:
            import lmdb
        except ImportError:
            print("LMDB: its package is not installed")
            return 0
        store = lmdb.open(str(Path(folder) / "vectors.lmdb"), map_size=8 * matrix.nbytes)

        def write_lmdb() -> None:
            for batch in batches:
                with store.begin(write=True) as transaction:
                    for i in batch:
                        transaction.put(keys[i], matrix[i].tobytes())

        def read_lmdb() -> None:
            with store.begin(buffers=True) as transaction:
                rows = [np.frombuffer(transaction.get(key), "<f4") for key in keys]
                assert np.array_equal(np.stack(rows), matrix)

        print(f"LMDB: write {timed(write_lmdb) / unit:.0f}, read {min(timed(read_lmdb) for _ in range(3)) / unit:.0f}")
        store.close()
    return 0


def main() -> int:
    match sys.argv[1:]:
        case ["kills", *rest]:
            folder = Path(rest[1]) if len(rest) > 1 else Path(tempfile.mkdtemp())
            return kills(int(rest[0]) if rest else 200, folder)
        case ["speed", *rest]:
            return speed(int(rest[0]) if rest else 100_000)
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
