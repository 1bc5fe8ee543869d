"""The cache on disk: arrays found by a key that says all that went into them.

SQLite in write-ahead mode: several processes may write at once, and a process killed in the middle leaves no half
entry. Each entry carries a checksum; one that does not match is treated as missing and is made again. A file that is
no database any more is removed and begun anew. Beyond its size, what was not used for longest goes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import sys
import time
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Seconds to wait for another process.
_PATIENCE = 20.0
# Large pages, and an index apart from the rows: vectors are read six times as fast and take a third of the room.
_PAGE = 16_384
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL, sum BLOB NOT NULL, "
    "used INTEGER NOT NULL DEFAULT 0)"
)
# Bytes of entries kept by default, and the part of them that stays once they are more.
LARGEST = 2_000_000_000
_STAYS = 0.8


def digest(*parts: str | bytes | memoryview) -> bytes:
    """Key of 32 bytes made from parts of which each counts in its place.

    Examples
    --------
    >>> digest("ab", "c") == digest("a", "bc")
    False
    """
    made = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update((data.nbytes if isinstance(data, memoryview) else len(data)).to_bytes(8, "big"))
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
    largest : int, optional
        Bytes that its entries may take; by default what ``POLICY_COMPARE_CACHE_MB`` says, else two gigabytes. Once they
        are more, those that were not used for longest are dropped, counted in days.
    """

    def __init__(self, path: Path | None, largest: int | None = None) -> None:
        self.path = path
        self.largest = _largest() if largest is None else largest
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
                            (key, value := array.tobytes(), _sum(key, value), _today())
                            for key, array in made.items()
                            if key not in kept
                        ]
                        connection.executemany(
                            "INSERT OR REPLACE INTO entries (key, value, sum, used) VALUES (?, ?, ?, ?)", rows
                        )
                        _drop_oldest(connection, self.largest, made)
                    return {**made, **kept}
        except sqlite3.Error as error:
            self._removed(error)
        return dict(made)


def _read(
    connection: sqlite3.Connection, keys: Iterable[bytes], dtype: str, width: int | None = None
) -> dict[bytes, NDArray[np.generic]]:
    """Entries that are whole."""
    found: dict[bytes, NDArray[np.generic]] = {}
    today, old = _today(), []
    wanted = list(dict.fromkeys(keys))
    size = np.dtype(dtype).itemsize
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ",".join("?" * len(part))
        query = f"SELECT key, value, sum, used FROM entries WHERE key IN ({marks})"
        for key, value, checksum, used in connection.execute(query, part):
            if not isinstance(value, bytes) or _sum(key, value) != checksum or len(value) % size:
                continue
            if width is None or len(value) == width * size:
                found[key] = np.frombuffer(value, dtype)
                if used != today:
                    old.append((today, key))
    if old and not connection.in_transaction:
        # Once a day it is noted that an entry was used; where that cannot be written, it is as old as it was.
        with contextlib.suppress(sqlite3.Error), connection:
            connection.executemany("UPDATE entries SET used = ? WHERE key = ?", old)
    return found


def _drop_oldest(connection: sqlite3.Connection, largest: int, fresh: Container[bytes]) -> None:
    """Drop what was not used for longest, if entries take too much."""

    def number(pragma: str) -> int:
        return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])

    if (number("page_count") - number("freelist_count")) * number("page_size") <= largest:
        return
    rows = connection.execute("SELECT key, length(value) FROM entries ORDER BY used, key").fetchall()
    left = sum(size for _, size in rows)
    gone = []
    for key, size in rows:
        if left <= _STAYS * largest:
            break
        if key not in fresh:
            gone.append((key,))
            left -= size
    connection.executemany("DELETE FROM entries WHERE key = ?", gone)


def _largest() -> int:
    """Bytes that entries may take, as the environment says."""
    given = os.environ.get("POLICY_COMPARE_CACHE_MB", "")
    return int(given) * 1_000_000 if given.isdecimal() else LARGEST


def _today() -> int:
    return int(time.time() // 86_400)


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + _PATIENCE
    while True:
        connection = sqlite3.connect(path, timeout=_PATIENCE)
        try:
            connection.execute(f"PRAGMA page_size={_PAGE}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(_SCHEMA)
            _take_over(connection)
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            # SQLite does not wait for another process that turns write-ahead mode on or off at this moment.
            if _kind(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        except UnicodeDecodeError as error:
            # SQLite tells with the broken name what is broken.
            connection.close()
            broken = sqlite3.DatabaseError(f"the file is broken ({error.reason})")
            broken.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise broken from None
        except BaseException:
            connection.close()
            raise


def _take_over(connection: sqlite3.Connection) -> None:
    """Take over the entries of an earlier version's table, which did not know when they were used."""
    old = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'entry'"
    if connection.execute(old).fetchone() is None:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute(old).fetchone() is not None:
            rows = connection.execute("SELECT key, value, sum FROM entry")
            whole = ((k, v, _sum(k, v)) for k, v, s in rows if isinstance(v, bytes) and _sum(b"", v) == s)
            connection.executemany("INSERT OR IGNORE INTO entries (key, value, sum) VALUES (?, ?, ?)", whole)
            connection.execute("DROP TABLE entry")


def _kind(error: sqlite3.Error) -> int:
    """SQLite's primary code: the lowest byte; those above it say more."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _sum(key: bytes, value: bytes) -> bytes:
    """Checksum of an entry; with its key, for a broken index may lead to another one's row."""
    return hashlib.blake2b(key + value, digest_size=8).digest()
