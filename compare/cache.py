"""The cache on disk: arrays found by a key that says all that went into them.

SQLite in write-ahead mode: several processes may write at once, and a process killed in the middle leaves no half
entry. Each entry carries a checksum; one that does not match is treated as missing and is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, value BLOB NOT NULL, sum BLOB NOT NULL) WITHOUT ROWID"
)


def digest(*parts: str | bytes) -> bytes:
    """Key of 32 bytes made from parts of which each counts in its place.

    Examples
    --------
    >>> digest("ab", "c") == digest("a", "bc")
    False
    """
    made = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "big"))
        made.update(data)
    return made.digest()


class ArrayCache:
    """Arrays by key, kept in one SQLite file.

    A cache that cannot be opened or written (read-only folder, full disk) is never an error: what it would have
    held is computed again.

    Parameters
    ----------
    path : Path or None
        The file; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        if self.path is None:
            yield None
            return
        connection = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=20)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            print(f"note: cache {self.path} cannot be used ({error}); going on without it", file=sys.stderr)
            if connection is not None:
                connection.close()
                connection = None
        try:
            yield connection
        finally:
            if connection is not None:
                connection.close()

    def get(self, keys: Iterable[bytes], dtype: str, width: int | None = None) -> dict[bytes, NDArray[np.generic]]:
        """Entries at hand, as arrays of one dimension.

        Parameters
        ----------
        keys : iterable of bytes
            As made by `digest`.
        dtype : str
            NumPy type of the entries' items, such as "<f4".
        width : int, optional
            Number of items an entry must have; others are treated as missing.
        """
        found: dict[bytes, NDArray[np.generic]] = {}
        wanted = list(dict.fromkeys(keys))
        with self._open() as connection:
            if connection is None:
                return found
            size = np.dtype(dtype).itemsize
            try:
                for start in range(0, len(wanted), 500):
                    part = wanted[start : start + 500]
                    marks = ",".join("?" * len(part))
                    query = f"SELECT key, value, sum FROM entry WHERE key IN ({marks})"
                    for key, value, checksum in connection.execute(query, part):
                        sound = hashlib.blake2b(value, digest_size=8).digest() == checksum and len(value) % size == 0
                        if sound and (width is None or len(value) == width * size):
                            found[key] = np.frombuffer(value, dtype)
            except sqlite3.Error:
                return {}
        return found

    def put(self, entries: Mapping[bytes, NDArray[np.generic]], dtype: str) -> None:
        """Store entries in one transaction; a failure to write is not an error."""
        with self._open() as connection:
            if connection is None:
                return
            rows = []
            for key, array in entries.items():
                value = np.ascontiguousarray(array, dtype).tobytes()
                rows.append((key, value, hashlib.blake2b(value, digest_size=8).digest()))
            with contextlib.suppress(sqlite3.Error), connection:
                connection.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", rows)
