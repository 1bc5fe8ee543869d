"""Rows by group: sums over groups and the rows of each, in time that does not grow with the number of groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.intp]
# Passages whose vectors are held in double precision; those of more would fill the memory.
MOST_DOUBLE = 25_000
# Columns that are laid out anew at once.
_COLUMNS = 32


def as_held(vectors: NDArray[Any], passages: int) -> NDArray[np.float64]:
    """A copy of vectors in double precision; in single precision, as encoders make them, beyond `MOST_DOUBLE` passages.

    Parameters
    ----------
    vectors : ndarray
        Of passages or of what belongs to them.
    passages : int
        Number of passages in all.
    """
    made: NDArray[Any] = vectors.astype(np.float64 if passages <= MOST_DOUBLE else np.float32)
    return made


def sums_of(values: NDArray[np.floating[Any]], groups: Integers, count: int) -> NDArray[np.float64]:
    """Sum of the rows of each group, added in their order whatever else is summed.

    Parameters
    ----------
    values : ndarray, shape (n, n_columns)
        The rows.
    groups : ndarray of int, shape (n,)
        Group of each, from 0.
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float64, shape (count, n_columns)

    Examples
    --------
    >>> sums_of(np.array([[1.0], [2.0], [4.0]]), np.array([1, 0, 1]), 3).tolist()
    [[2.0], [5.0], [0.0]]
    """
    made = np.zeros((count, values.shape[1]))
    if values.shape[1] > 1 and (np.diff(groups) >= 0).all():
        for group, rows in rows_by_group(groups):
            np.add.reduce(values[rows], axis=0, dtype=np.float64, out=made[group])
        return made
    for start in range(0, values.shape[1], _COLUMNS):
        block = np.ascontiguousarray(values[:, start : start + _COLUMNS].T)
        for column, own in enumerate(block, start=start):
            made[:, column] = np.bincount(groups, own, count)
    return made


def rows_by_group(groups: Integers) -> Iterator[tuple[int, slice | Integers]]:
    """Each group that has rows, by number, and its rows in order: a slice where they follow each other.

    Parameters
    ----------
    groups : ndarray of int, shape (n,)
        Group of each row.

    Examples
    --------
    >>> [(group, np.arange(4)[rows].tolist()) for group, rows in rows_by_group(np.array([1, 1, 0, 1]))]
    [(0, [2]), (1, [0, 1, 3])]
    """
    order = np.argsort(groups, kind="stable")
    found, starts = np.unique(groups[order], return_index=True)
    ends = np.append(starts[1:], len(groups))
    for group, start, end in zip(found.tolist(), starts.tolist(), ends.tolist(), strict=True):
        rows = order[start:end]
        first = int(rows[0])
        yield group, slice(first, first + len(rows)) if rows[-1] - first + 1 == len(rows) else rows
