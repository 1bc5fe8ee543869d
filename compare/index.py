"""The nearest of very many passages, by the cosine of their vectors: exact for most, through an index for very many.

Below `MOST_EXACT` passages every pair is looked at, in blocks of a matrix product. From there on passages lie in cells
about centres (an inverted file, Sivic & Zisserman 2003; here that of Faiss, Douze et al. 2024), in half precision, and
only the cells nearest to a question are looked at. Which cells those are is told by whole numbers, whose sums of
products are exact whatever their order: what is found hangs neither on the number of threads nor on what else is asked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from compare.errors import DocumentError, OptionError
from compare.inference import generator
from compare.shown import printable

# Chosen by ``python tests/benchmarks/nearest_index.py``. A million passages of 384 dimensions, one thread: exact search
# takes 9.1 ms a question; cells in half precision, of which 64 are looked at, 1.2 ms, and find 98 % of the nearest and
# of the three nearest (what is found is .001 less similar on the mean); to build them takes 125 s of processor time. Of
# 200,000: 1.9 and .43 ms, 99.7 %, 22 s. Cells of bytes, ranked again by a file of half precision, are no faster. Codes
# of 48 bytes, ranked again so, take .24 ms of a million, but find 90 % of the three nearest, read a file at random, and
# which of equal passages they give is left open. Graphs take .7 ms of 200,000 for 99 %, 63 s and more to build, and
# hang on the order in which threads add to them.
Rows = NDArray[np.int64]
Reals = NDArray[np.float32]

# Passages from which on an index is used.
MOST_EXACT = 200_000
# Passages of a block of a product, questions of one, and questions that an index is asked at once.
_BLOCK, _ASKED, _ASKED_CELLS = 4096, 512, 16_384
# Decimals of a similarity; what agrees in them is equally near, and the lower row goes first.
_DECIMALS = 5
# How far a product of unit vectors in single precision, rounded, can lie from the true one; and of passages equally
# near at the end of a list, how many are looked at beyond it.
_NEAR, _EQUALS = 1.5e-5, 32
# The length of a vector in whole numbers: float32 holds sums of products of two such exactly, below 2 ** 24, and the
# squares of their distances too.
_LENGTH = 1024
# Cells that are looked at, passages for each that learn the centres, and rounds of k-means.
_PROBES, _LEARNT, _ROUNDS = 64, 32, 10
_MAGIC = b"policy-compare passages/1\n"
_DIGEST = hashlib.sha256().digest_size


class PassageIndex:
    """Passages among which the nearest are looked for.

    Made by `build` or by `open`. To another process it goes as a file.

    Attributes
    ----------
    count, dimensions : int
        Passages, and numbers of the vector of each.
    exact : bool
        Whether all passages are looked at; else those of the cells nearest to a question.
    """

    def __init__(self, held: _All | _Cells) -> None:
        self._held = held
        self.count, self.dimensions = held.count, held.dimensions
        self.exact = isinstance(held, _All)

    @classmethod
    def build(cls, blocks: Iterable[Reals], count: int, seed: int = 0, *, most_exact: int = MOST_EXACT) -> PassageIndex:
        """Take in passages.

        Parameters
        ----------
        blocks : iterable of ndarray of float32, shape (n_i, n_dimensions)
            Unit vectors, in the order of rows; each block is let go before the next is asked for.
        count : int
            Passages of all blocks.
        seed : int
            Which passages learn the cells.
        most_exact : int
            From so many passages on an index is used.

        Returns
        -------
        PassageIndex
            The same for the same vectors and seed, whatever the blocks and the number of threads.

        Raises
        ------
        OptionError
            If there are too many passages for exact search and Faiss is not installed, or no room for temporary files.
        ValueError
            If there are not `count` passages, or vectors differ in length.

        Notes
        -----
        In memory a passage takes 4 bytes a dimension where search is exact. In an index it takes 2 a dimension and 8
        for its number: 776 of 384 dimensions, 1,032 of 512. While it is built, vectors in half precision lie in a
        temporary file too (2 bytes a dimension and passage), and a sample of at most 32 passages a cell in memory. The
        process that builds an index of a million passages of 384 dimensions takes 860 MB at most. Centres, cells and
        answers of 200,000 were the same to the byte with one thread and with two, so that building may use all.
        """
        checked = _checked(blocks, count)
        return cls(_All.build(checked, count) if count < most_exact else _Cells.build(checked, count, seed))

    def nearest(self, vectors: Reals, most: int, *, threads: int | None = None) -> tuple[Rows, Reals]:
        """The passages nearest to each vector; not to be called from several threads at once.

        Parameters
        ----------
        vectors : ndarray of float32, shape (m, n_dimensions)
            Unit vectors.
        most : int
            Passages for each; no more than there are.
        threads : int, optional
            Threads; as many as libraries take by themselves, if not given. Changes nothing in what is found.

        Returns
        -------
        rows : ndarray of int64, shape (m, most)
            Rows of passages, the nearest first; of those that are equally near, the lowest.
        similarities : ndarray of float32, shape (m, most)
            Cosines, rounded to five decimals. Those of an index are of vectors in half precision: they lie within
            .0005 of the true ones, on the mean within .00001.

        Raises
        ------
        ValueError
            If vectors have another length than those of passages, or `most` is below 1.
        """
        vectors = np.ascontiguousarray(vectors, np.float32)
        if vectors.ndim != 2 or vectors.shape[1] != self.dimensions:
            raise ValueError(f"vectors of shape {vectors.shape}, of passages with {self.dimensions} dimensions")
        if most < 1:
            raise ValueError(f"{most} nearest")
        most = min(most, self.count)
        rows, similarities = np.empty((len(vectors), most), np.int64), np.empty((len(vectors), most), np.float32)
        with threadpool_limits(threads):
            for start in range(0, len(vectors), self._held.asked):
                part = slice(start, start + self._held.asked)
                rows[part], similarities[part] = self._held.nearest(vectors[part], most)
        return rows, similarities

    def save(self, path: Path | str) -> None:
        """Write the index into one file, whole or not at all.

        Parameters
        ----------
        path : Path or str
            Where to; a file that is there is replaced.

        Raises
        ------
        OptionError
            If it cannot be written.
        """
        path = Path(path)
        head = {"exact": self.exact, "count": self.count, "dimensions": self.dimensions, **self._held.head()}
        with _written(path) as write:
            write(_MAGIC + json.dumps(head).encode() + b"\n")
            for array in self._held.arrays():
                write(array)

    @classmethod
    def open(cls, path: Path | str) -> PassageIndex:
        """Read an index that was saved; nothing in the file is ever run.

        Parameters
        ----------
        path : Path or str
            The file.

        Raises
        ------
        DocumentError
            If it cannot be read, is no such file, or is not as it was saved.
        OptionError
            If it is not exact and Faiss is not installed.
        """
        path = Path(path)
        name = printable(str(path))
        try:
            with path.open("rb") as stream:
                if stream.read(len(_MAGIC)) != _MAGIC:
                    raise DocumentError(f"{name}: not an index of passages; name a file that was saved as one")
                line = stream.readline(1000)
                read = _Read(stream, hashlib.sha256(_MAGIC + line))
                size = os.fstat(stream.fileno()).st_size - len(_MAGIC) - len(line) - _DIGEST
                held = _held(line, read, size)
                if held is not None and stream.read() == read.digest():
                    return cls(held)
        except OSError as error:
            raise DocumentError(f"{name}: cannot be read ({error.strerror})") from None
        raise DocumentError(f"{name}: an index of passages that was cut off or changed; make it again")


def _checked(blocks: Iterable[Reals], count: int) -> Iterator[Reals]:
    """Blocks as they come, of one length of vectors and no more than was said; at their end, no fewer either."""
    done, dimensions = 0, None
    for given in blocks:
        block = np.ascontiguousarray(given, np.float32)
        if block.ndim != 2 or block.shape[1] != (dimensions or block.shape[1]):
            raise ValueError(f"a block of shape {block.shape}, behind blocks with {dimensions} dimensions")
        dimensions = block.shape[1]
        done += len(block)
        if done > count:
            raise ValueError(f"more than {count} passages")
        yield block
    if done < count or dimensions is None:
        raise ValueError(f"{done} passages, and not {count}")


class _All:
    """All passages in single precision; every one is looked at."""

    asked = _ASKED

    def __init__(self, vectors: Reals) -> None:
        self._vectors = vectors
        self.count, self.dimensions = vectors.shape

    @classmethod
    def build(cls, blocks: Iterator[Reals], count: int) -> _All:
        made, done = np.empty((0, 0), np.float32), 0
        for block in blocks:
            if not done:
                made = np.empty((count, block.shape[1]), np.float32)
            made[done : done + len(block)] = block
            done += len(block)
        return cls(made)

    def nearest(self, questions: Reals, most: int) -> tuple[Rows, Reals]:
        """Nearest rows and similarities of a block of questions.

        Products in single precision, whose last bits hang on threads and blocks, only tell which passages may be among
        the nearest; those are then ordered by products in double precision, rounded.
        """
        kept = _Kept(len(questions), most)
        for start in range(0, self.count, _BLOCK):
            block = questions @ self._vectors[start : start + _BLOCK].T
            if not start and block.shape[1] > most:
                kept.least = _least(block, most)
            # Most questions find nothing better in most blocks.
            some = np.flatnonzero(block.max(1) >= kept.least)
            asked, places = _at_least(block[some], kept.least[some])
            kept.add(some[asked], places + start, block[some[asked], places])
        return kept.ordered(questions, self._vectors)

    def head(self) -> dict[str, int]:
        return {}

    def arrays(self) -> Iterator[NDArray[Any]]:
        yield self._vectors


class _Kept:
    """Of similarities as they come what may be among the best of each question.

    Attributes
    ----------
    least : ndarray of float32, shape (n_questions,)
        What is below this is not among the best.
    """

    def __init__(self, questions: int, most: int) -> None:
        self._most = most
        self.least = np.full(questions, -np.inf, np.float32)
        self._asked = self._places = np.empty(0, np.int64)
        self._values = np.empty(0, np.float32)

    def add(self, asked: Rows, places: Rows, values: Reals) -> None:
        """Take in similarities of some questions with passages, by the places of those."""
        asked, places = np.concatenate([self._asked, asked]), np.concatenate([self._places, places])
        values = np.concatenate([self._values, values])
        order = np.lexsort((places, -values, asked))
        asked, places, values = asked[order], places[order], values[order]
        last = _rank(asked) == self._most - 1
        self.least[asked[last]] = values[last] - np.float32(_NEAR)
        # Of a few that are surely nearer all are kept, of many that are equally near at the end those that come first.
        sure = values > self.least[asked] + np.float32(2 * _NEAR)
        order = np.lexsort((places, ~sure, asked))
        keep = order[(values >= self.least[asked])[order]]
        keep = keep[_rank(asked[keep]) < self._most + _EQUALS]
        self._asked, self._places, self._values = asked[keep], places[keep], values[keep]

    def ordered(self, questions: Reals, vectors: Reals) -> tuple[Rows, Reals]:
        """The best of each question, by products in double precision, rounded.

        Those in single precision, whose last bits hang on threads and blocks, only tell what may be among them.
        """
        asked, places = self._asked, self._places
        values = np.empty(len(asked))
        for start in range(0, len(asked), _BLOCK):
            part = slice(start, start + _BLOCK)
            one, two = questions[asked[part]].astype(np.float64), vectors[places[part]].astype(np.float64)
            values[part] = np.einsum("ij,ij->i", one, two)
        values = values.round(_DECIMALS)
        order = np.lexsort((places, -values, asked))
        order = order[_rank(asked[order]) < self._most]
        shape = len(questions), self._most
        return places[order].reshape(shape), values[order].astype(np.float32).reshape(shape)


def _least(block: Reals, most: int) -> Reals:
    """What the similarities of each question must reach to be among the best of a block, with room for rounding."""
    made: Reals = np.partition(block, -most, axis=1)[:, -most] - np.float32(_NEAR)
    return made


def _at_least(block: Reals, least: Reals) -> tuple[Rows, Rows]:
    # Several times as fast as `nonzero` of two dimensions.
    found = np.flatnonzero((block >= least[:, None]).ravel())
    return found // block.shape[1], found % block.shape[1]


def _rank(groups: Rows) -> Rows:
    """Place of each among those of its group, from 0; groups lie together."""
    starts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1])) if len(groups) else np.empty(0, np.int64)
    return np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups))))


class _Cells:
    """Passages in cells, in half precision; those of a few cells are looked at."""

    asked = _ASKED_CELLS

    def __init__(self, centres: NDArray[np.int16], sizes: Rows) -> None:
        faiss = _faiss()
        self.dimensions = centres.shape[1]
        self._whole_centres, self._sizes = centres, sizes
        self._centres = faiss.IndexFlatL2(self.dimensions)
        self._centres.add(centres.astype(np.float32))
        self._index = faiss.IndexIVFScalarQuantizer(
            self._centres, self.dimensions, len(centres), faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT, False,
        )  # fmt: skip
        self._index.is_trained = True
        # Room for all at once: cells that grow as they are filled take half as much again.
        for cell, size in enumerate(sizes.tolist()):
            self._index.invlists.resize(cell, size)
            self._index.invlists.resize(cell, 0)

    @property
    def count(self) -> int:
        return int(self._index.ntotal)

    @classmethod
    def build(cls, blocks: Iterator[Reals], count: int, seed: int) -> _Cells:
        faiss = _faiss()
        # About four times the root of the number of passages, a power of two.
        number = min(count, 2 ** round(np.log2(4 * count**0.5)))
        drawn = np.sort(generator(seed, "cells").choice(count, min(count, _LEARNT * number), replace=False))
        with tempfile.TemporaryFile() as spool:
            done, sample = 0, np.empty((0, 0), np.float32)
            for half in _spooled(blocks, spool):
                if not done:
                    sample = np.empty((len(drawn), half.shape[1]), np.float32)
                first, last = np.searchsorted(drawn, [done, done + len(half)])
                sample[first:last] = _whole(half[drawn[first:last] - done])
                done += len(half)
            dimensions = sample.shape[1]
            means = faiss.Kmeans(
                dimensions, number, niter=_ROUNDS, seed=seed % 2**31, int_centroids=True, min_points_per_centroid=1
            )
            means.train(sample)
            centres = np.rint(means.centroids).astype(np.int16)
            del sample, means
            flat = faiss.IndexFlatL2(dimensions)
            flat.add(centres.astype(np.float32))
            cells = np.concatenate([flat.search(_whole(half), 1)[1][:, 0] for half in _read_back(spool, dimensions)])
            made = cls(centres, np.bincount(cells, minlength=number))
            for start, half in zip(range(0, count, _BLOCK), _read_back(spool, dimensions), strict=True):
                vectors, own = half.astype(np.float32), cells[start : start + _BLOCK]
                made._index.add_core(len(own), faiss.swig_ptr(vectors), None, faiss.swig_ptr(own))
        return made

    def nearest(self, questions: Reals, most: int) -> tuple[Rows, Reals]:
        """Nearest rows and similarities of a block of questions."""
        found, values = self._looked(questions, most, min(_PROBES, len(self._sizes)))
        # Where the cells hold too few passages all are looked at.
        short = np.flatnonzero(found[:, -1] < 0)
        if len(short):
            found[short], values[short] = self._looked(questions[short], most, len(self._sizes))
        return found, values

    def _looked(self, questions: Reals, most: int, probes: int) -> tuple[Rows, Reals]:
        _, cells = self._centres.search(_whole(questions), probes)
        self._index.nprobe = probes
        many = min(most + _EQUALS, self.count)
        values, found = self._index.search_preassigned(questions, many, cells, np.zeros(cells.shape, np.float32))
        values = np.where(found < 0, -np.inf, values.astype(np.float64).round(_DECIMALS)).astype(np.float32)
        order = np.lexsort((found, -values), axis=1)[:, :most]
        return np.take_along_axis(found, order, axis=1), np.take_along_axis(values, order, axis=1)

    def head(self) -> dict[str, int]:
        return {"cells": len(self._sizes)}

    def arrays(self) -> Iterator[NDArray[Any]]:
        faiss = _faiss()
        lists = self._index.invlists
        yield self._whole_centres
        yield self._sizes
        for cell, size in enumerate(self._sizes.tolist()):
            if size:
                yield faiss.rev_swig_ptr(lists.get_ids(cell), size)
                yield faiss.rev_swig_ptr(lists.get_codes(cell), size * lists.code_size)

    @classmethod
    def read(cls, read: _Read, count: int, dimensions: int, number: int) -> _Cells | None:
        """What `arrays` gave; None where it does not fit together."""
        faiss = _faiss()
        centres = read.array(np.int16, (number, dimensions))
        sizes = read.array(np.int64, (number,))
        if sizes.min() < 0 or sizes.max() > count or sizes.sum() != count:
            return None
        made = cls(centres, sizes)
        for cell, size in enumerate(sizes.tolist()):
            if size:
                ids, codes = read.array(np.int64, (size,)), read.array(np.uint8, (size * 2 * dimensions,))
                made._index.invlists.add_entries(cell, size, faiss.swig_ptr(ids), faiss.swig_ptr(codes))
        made._index.ntotal = count
        return made


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise OptionError(
            f'more than {MOST_EXACT:,} sentences are searched with faiss-cpu; run: pip install "policy-compare[ray]"'
        ) from None
    return faiss


def _whole(vectors: NDArray[np.floating[Any]]) -> Reals:
    """Vectors in whole numbers."""
    made: Reals = np.rint(vectors.astype(np.float32) * np.float32(_LENGTH))
    return made


def _spooled(blocks: Iterator[Reals], spool: IO[bytes]) -> Iterator[NDArray[np.float16]]:
    """Blocks in half precision, as they are written one behind the other into a temporary file."""
    for block in blocks:
        half = block.astype(np.float16)
        try:
            spool.write(half.data)
            spool.flush()
        except OSError as error:
            place = printable(tempfile.gettempdir())
            raise OptionError(f"{place}: cannot be written ({error.strerror}); set TMPDIR to another folder") from None
        yield half


def _read_back(spool: IO[bytes], dimensions: int) -> Iterator[NDArray[np.float16]]:
    spool.seek(0)
    while data := spool.read(_BLOCK * dimensions * 2):
        yield np.frombuffer(data, np.float16).reshape(-1, dimensions)


@contextlib.contextmanager
def _written(path: Path) -> Iterator[Callable[[Any], None]]:
    """Write a file under another name and give it its own at the end; behind all stands a checksum."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    checksum = hashlib.sha256()
    try:
        with part.open("xb") as stream:

            def write(data: Any) -> None:
                data = memoryview(data).cast("B")
                checksum.update(data)
                stream.write(data)

            yield write
            stream.write(checksum.digest())
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):
            raise OptionError(f"{printable(str(path))}: cannot be written ({error.strerror})") from None
        raise


class _Read:
    """Arrays of a file one after the other, and the checksum of all."""

    def __init__(self, stream: BufferedReader, checksum: Any) -> None:
        self._stream = stream
        self._checksum = checksum

    def array(self, kind: type[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        made = np.empty(shape, kind)
        self._stream.readinto(made.data.cast("B"))
        self._checksum.update(made.data)
        return made

    def digest(self) -> bytes:
        made: bytes = self._checksum.digest()
        return made


def _held(line: bytes, read: _Read, size: int) -> _All | _Cells | None:
    """What a file holds behind its head, in `size` bytes; None where that is not what the head says."""
    try:
        head = json.loads(line)
        exact = head["exact"] is True
        count, dimensions = int(head["count"]), int(head["dimensions"])
        cells = 0 if exact else int(head["cells"])
    except (ValueError, TypeError, KeyError):
        return None
    wanted = 4 * count * dimensions if exact else (count + cells) * (2 * dimensions + 8)
    # Nothing is set aside for what is not there.
    if count < 1 or dimensions < 1 or (cells < 1 and not exact) or size != wanted:
        return None
    if exact:
        return _All(read.array(np.float32, (count, dimensions)))
    return _Cells.read(read, count, dimensions, cells)
