"""The cache on disk: arrays found by a key that says all that went into them.

SQLite in write-ahead mode: several processes may write at once, and a process killed in the middle leaves no half
entry. Each entry carries a checksum; one that does not match is treated as missing and is made again. A file that is
no database any more is removed and begun anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Seconds to wait for another process.
_PATIENCE = 20.0
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
        self._told = False

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        if self.path is None:
            yield None
            return
        connection = None
        try:
            try:
                connection = _connect(self.path)
            except sqlite3.DatabaseError as error:
                if not self._removed(error):
                    raise
                connection = _connect(self.path)
        except (sqlite3.Error, OSError) as error:
            if not self._told:
                print(f"note: cache {self.path} cannot be used ({error}); going on without it", file=sys.stderr)
                self._told = True
        try:
            yield connection
        finally:
            if connection is not None:
                connection.close()

    def _removed(self, error: sqlite3.Error) -> bool:
        """Whether the error says that the file is broken beyond use; then it is removed, to be begun anew."""
        if self.path is None or _kind(error) not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            return False
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self.path.with_name(self.path.name + suffix).unlink()
        return True

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
        try:
            with self._open() as connection:
                return {} if connection is None else _read(connection, keys, dtype, width)
        except sqlite3.Error as error:
            self._removed(error)
            return {}

    def put(self, entries: Mapping[bytes, NDArray[np.generic]], dtype: str) -> dict[bytes, NDArray[np.generic]]:
        """Store entries in one transaction; a failure to write is not an error.

        Parameters
        ----------
        entries : mapping of bytes to ndarray
            By key, as made by `digest`.
        dtype : str
            NumPy type of their items.

        Returns
        -------
        dict of bytes to ndarray
            What holds from now on. Of entries of the same key and size the first stays: another process may have made
            it in the meantime, and the last digits of a vector depend on what else was encoded with it.
        """
        made = {key: np.ascontiguousarray(array, dtype) for key, array in entries.items()}
        try:
            with self._open() as connection:
                if connection is not None:
                    with connection:
                        connection.execute("BEGIN IMMEDIATE")
                        there = _read(connection, made, dtype)
                        kept = {key: array for key, array in there.items() if array.size == made[key].size}
                        rows = [
                            (key, value := array.tobytes(), _sum(value))
                            for key, array in made.items()
                            if key not in kept
                        ]
                        connection.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", rows)
                    return {**made, **kept}
        except sqlite3.Error as error:
            self._removed(error)
        return dict(made)


def _read(
    connection: sqlite3.Connection, keys: Iterable[bytes], dtype: str, width: int | None = None
) -> dict[bytes, NDArray[np.generic]]:
    """Entries that are whole."""
    found: dict[bytes, NDArray[np.generic]] = {}
    wanted = list(dict.fromkeys(keys))
    size = np.dtype(dtype).itemsize
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ",".join("?" * len(part))
        query = f"SELECT key, value, sum FROM entry WHERE key IN ({marks})"
        for key, value, checksum in connection.execute(query, part):
            if not isinstance(value, bytes) or _sum(value) != checksum or len(value) % size:
                continue
            if width is None or len(value) == width * size:
                found[key] = np.frombuffer(value, dtype)
    return found


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + _PATIENCE
    while True:
        connection = sqlite3.connect(path, timeout=_PATIENCE)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(_SCHEMA)
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            # SQLite does not wait for another process that turns write-ahead mode on or off at this moment.
            if _kind(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        except BaseException:
            connection.close()
            raise


def _kind(error: sqlite3.Error) -> int:
    """SQLite's primary code: the lowest byte; those above it say more."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _sum(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=8).digest()
