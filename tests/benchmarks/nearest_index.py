"""Which index finds the nearest of very many passages: time, memory, disk and what each loses, beside exact search.

    python tests/benchmarks/nearest_index.py [--sizes N ...] [--dimensions 384|512] [--questions N] [--only NAME ...]

The vectors are made up, as those of ``scale.py`` are: the centre of a codebook's topic, a voice of the document's own
and noise. Noise has about the spectrum that the vectors of the codebook's sentences have, for an index that learns from
data gains where it falls off. So that there is something to find, a passage says one of many things that others say
too, each in its own words, and one in ten repeats another nearly word for word. The questions are passages of further
documents, which are not in the index.

Each candidate is run in a process of its own: it reads the vectors from a file in blocks, builds, is written to disk,
and answers all questions with one thread and with two; times are the best of `ROUNDS`. Of building, and of one thread,
it is processor time, which other work on the computer changes least; of two threads the time that passes. Candidates
in cells share their centres; the work on those counts for each. Of an index that rounds much ("-again"), `SHORT`
passages for each that is asked for are ranked again by vectors of half precision, which lie in a file beside it and are
read through a memory map. "MB" is the largest resident size of the process after building, some 100 MB of Python and
libraries among it, "MB asked" after all answers; pages of the mapped file count in that. "x exact" divides times by
those of the exact search for the same questions and as many threads. "first" and "three" are the shares of the nearest
and of the three nearest that are found, "lost" is how much less similar the nearest that was found is, on the mean.
"exact" and "chosen" are `compare.index.PassageIndex`; "effort" is how many cells are looked at, or how wide a graph is
searched.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

SIZES = (200_000, 1_000_000)
QUESTIONS, NEAREST, ROUNDS, SHORT = 1000, 3, 3, 30
BLOCK = 10_000
# Passages of each cell that learn its centre.
LEARNT = 32
# Seconds of work that an earlier candidate did for this one.
SAVED: list[float] = []
PER_DOCUMENT = 100
# Passages, on the mean, that say the same thing; and how many of them repeat another.
SAME, REPEATED = 20, 0.1
Rows = np.ndarray


class Candidate(NamedTuple):
    """How an index is made: by which library, of which form, and how thoroughly it is searched."""

    library: str
    form: str
    efforts: tuple[int, ...]
    again: bool = False


_PROBES, _WIDTHS = (32, 64, 128), (64, 128, 256)
CANDIDATES = {
    "exact": Candidate("numpy", "", (0,)),
    "ivf-flat": Candidate("faiss", "IVF{cells},Flat", _PROBES),
    "ivf-f16": Candidate("faiss", "IVF{cells},SQfp16", _PROBES),
    "ivf-sq8": Candidate("faiss", "IVF{cells},SQ8", _PROBES),
    "ivf-sq8-again": Candidate("faiss", "IVF{cells},SQ8", _PROBES, again=True),
    "ivf-pq-again": Candidate("faiss", "IVF{cells},PQ{half}x4fs", _PROBES, again=True),
    "ivf-rabitq-again": Candidate("faiss", "IVF{cells},RaBitQfs", _PROBES, again=True),
    "hnsw-sq8-again": Candidate("faiss", "HNSW32_SQ8", _WIDTHS, again=True),
    "usearch-f16": Candidate("usearch", "f16", _WIDTHS),
    "usearch-i8-again": Candidate("usearch", "i8", _WIDTHS, again=True),
    "chosen": Candidate("compare", "", _PROBES),
}


def cells_of(count: int) -> int:
    """Cells of an inverted file: about four times the root of the number of passages, a power of two."""
    return int(2 ** round(np.log2(4 * count**0.5)))


def made(number: int, count: int, dimensions: int, middle: Rows) -> Rows:
    """A block of passages, the same whatever blocks are made beside it; of so many passages in all."""
    draw = np.random.default_rng([1, number])
    spectrum = (1 + np.arange(dimensions) / 8) ** -0.6
    spectrum /= np.linalg.norm(spectrum)
    documents = number * BLOCK // PER_DOCUMENT + np.arange(BLOCK // PER_DOCUMENT)
    voice = np.repeat(_drawn(2, documents, spectrum), PER_DOCUMENT, axis=0)
    things = draw.integers(max(1, count // SAME), size=BLOCK)
    subject = things % len(middle)
    said = _drawn(3, things, spectrum)
    own = draw.standard_normal((BLOCK, dimensions), dtype=np.float32) * spectrum.astype(np.float32)
    repeated = draw.random(BLOCK) < REPEATED
    own[repeated] *= 0.15
    voice[repeated] *= 0.15
    vectors = 0.8 * middle[subject] + 0.4 * voice + 0.6 * said + 0.8 * own
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _drawn(kind: int, numbers: Rows, spectrum: Rows) -> Rows:
    """Directions of what has a number: sums of a few of a fixed set, for a generator each would take too long."""
    base = np.random.default_rng([kind]).standard_normal((4096, len(spectrum)), dtype=np.float32)
    state = numbers.astype(np.uint64) + np.uint64(1)
    total = np.zeros((len(numbers), len(spectrum)), np.float32)
    for turn in range(4):
        # A step of SplitMix64 (Steele, Lea & Flood 2014).
        state = (state + np.uint64(turn)) * np.uint64(0x9E3779B97F4A7C15)
        state ^= state >> np.uint64(30)
        sign = np.where(state >> np.uint64(63), 1, -1).astype(np.float32)[:, None]
        total += sign * base[(state >> np.uint64(40)).astype(np.intp) % len(base)]
    return total / 2 * spectrum.astype(np.float32)


def prepare(folder: Path, count: int, dimensions: int, asked: int) -> None:
    """Write the vectors, the questions and nothing else into a folder."""
    from scale import centres

    from compare.encoders import ENGLISH, MULTILINGUAL, find_model

    middle = centres(find_model(ENGLISH if dimensions == 384 else MULTILINGUAL).checksum)
    # The spectrum lies along no axis, as that of an encoder does not.
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((dimensions, dimensions)))[0].astype(np.float32)
    blocks = count // BLOCK
    with (folder / "vectors").open("wb") as stream:
        for number in range(blocks):
            (made(number, count, dimensions, middle) @ turned).tofile(stream)
    questions = made(blocks, count, dimensions, middle)[:: BLOCK // asked][:asked]
    np.save(folder / "questions.npy", questions @ turned)


def blocks_of(folder: Path, dimensions: int) -> Iterator[Rows]:
    with (folder / "vectors").open("rb") as stream:
        while len(block := np.fromfile(stream, np.float32, BLOCK * dimensions)):
            yield block.reshape(-1, dimensions)


Search = Callable[[Rows, int, int, int], Rows]


def faiss_index(candidate: Candidate, folder: Path, count: int, dimensions: int, threads: int) -> tuple[Search, Path]:
    import faiss

    faiss.omp_set_num_threads(threads)
    cells = cells_of(count)
    index = faiss.index_factory(
        dimensions, candidate.form.format(cells=cells, half=dimensions // 4), faiss.METRIC_INNER_PRODUCT
    )
    if not index.is_trained:
        each = min(BLOCK, -(-LEARNT * cells * BLOCK // count))
        sample = np.empty((count // BLOCK * each, dimensions), np.float32)
        for number, block in enumerate(blocks_of(folder, dimensions)):
            sample[number * each : (number + 1) * each] = block[:: BLOCK // each][:each]
        if hasattr(index, "nprobe"):
            index.quantizer.add(centres_of(sample, cells, folder))
        index.train(sample)
        del sample
    for block in blocks_of(folder, dimensions):
        index.add(block)
    path = folder / "index"
    faiss.write_index(index, str(path))

    def search(questions: Rows, most: int, effort: int, threads: int) -> Rows:
        faiss.omp_set_num_threads(threads)
        with threadpool_limits(threads):
            if hasattr(index, "nprobe"):
                index.nprobe = effort
            else:
                index.hnsw.efSearch = effort
            return index.search(questions, most)[1]

    return search, path


def centres_of(sample: Rows, cells: int, folder: Path) -> Rows:
    """Centres of cells, by k-means; they are the same for all that have cells, and made once."""
    import faiss

    kept = folder / "centres.npy"
    if not kept.exists():
        begun = time.process_time()
        means = faiss.Kmeans(sample.shape[1], cells, niter=10, spherical=True, max_points_per_centroid=LEARNT)
        means.train(sample)
        np.save(kept, means.centroids)
        (folder / "centres.txt").write_text(str(time.process_time() - begun))
    else:
        SAVED.append(float((folder / "centres.txt").read_text()))
    return np.load(kept)


def usearch_index(candidate: Candidate, folder: Path, count: int, dimensions: int, threads: int) -> tuple[Search, Path]:
    from usearch.index import Index

    index = Index(ndim=dimensions, metric="cos", dtype=candidate.form)
    done = 0
    for block in blocks_of(folder, dimensions):
        index.add(np.arange(done, done + len(block)), block, threads=threads)
        done += len(block)
    path = folder / "index"
    index.save(path)

    def search(questions: Rows, most: int, effort: int, threads: int) -> Rows:
        index.expansion_search = effort
        return np.asarray(index.search(questions, most, threads=threads).keys).astype(np.int64)

    return search, path


def exact_index(candidate: Candidate, folder: Path, count: int, dimensions: int, threads: int) -> tuple[Search, Path]:
    from compare.index import PassageIndex

    index = PassageIndex.build(blocks_of(folder, dimensions), count, most_exact=count + 1)

    def search(questions: Rows, most: int, effort: int, threads: int) -> Rows:
        return index.nearest(questions, most, threads=threads)[0]

    return search, folder / "vectors"


def chosen_index(candidate: Candidate, folder: Path, count: int, dimensions: int, threads: int) -> tuple[Search, Path]:
    import compare.index
    from compare.index import PassageIndex

    index = PassageIndex.build(blocks_of(folder, dimensions), count, most_exact=0)
    path = folder / "index"
    index.save(path)

    def search(questions: Rows, most: int, effort: int, threads: int) -> Rows:
        compare.index._PROBES = effort
        return index.nearest(questions, most, threads=threads)[0]

    return search, path


MAKERS = {"faiss": faiss_index, "usearch": usearch_index, "numpy": exact_index, "compare": chosen_index}


def ranked_again(search: Search, vectors: Rows) -> Search:
    """Search whose first answers are ranked by vectors of half precision."""

    def again(questions: Rows, most: int, effort: int, threads: int) -> Rows:
        rows = search(questions, most * SHORT, effort, threads)
        made = np.empty((len(rows), most), np.int64)
        for i, (row, question) in enumerate(zip(rows, questions, strict=True)):
            row = np.sort(row[row >= 0])
            order = np.argsort(-(vectors[row].astype(np.float32) @ question), kind="stable")[:most]
            made[i] = row[order]
        return made

    return again


def peak() -> float:
    """Largest resident size of this process so far, MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage tells is not below the size of the process that started this one.
        return int(re.search(r"VmHWM:\s*(\d+)", status.read_text())[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def once(name: str, folder: Path, count: int, dimensions: int, threads: int) -> None:
    """Build and search one candidate; what was found goes to a file in the folder."""
    candidate = CANDIDATES[name]
    questions = np.load(folder / "questions.npy")
    begun = time.process_time()
    search, path = MAKERS[candidate.library](candidate, folder, count, dimensions, threads)
    work = time.process_time() - begun + sum(SAVED)
    memory, disk = peak(), path.stat().st_size
    if candidate.again:
        beside = folder / "half"
        with beside.open("wb") as stream:
            for block in blocks_of(folder, dimensions):
                block.astype(np.float16).tofile(stream)
        disk += beside.stat().st_size
        search = ranked_again(search, np.memmap(beside, np.float16, "r", shape=(count, dimensions)))
    runs = []
    for effort in candidate.efforts:
        seconds = {}
        for used in (1, 2):
            spent = []
            for _ in range(ROUNDS):
                clock = time.process_time if used == 1 else time.perf_counter
                begun = clock()
                rows = search(questions, NEAREST, effort, used)
                spent.append(clock() - begun)
            seconds[used] = min(spent)
        runs.append({"effort": effort, "seconds": [seconds[1], seconds[2]], "rows": rows.tolist()})
    told = {"work": work, "memory": memory, "searched": peak(), "disk": disk, "runs": runs}
    (folder / "told.json").write_text(json.dumps(told))


def judged(folder: Path, rows: Rows, right: Rows, count: int, dimensions: int) -> tuple[float, float, float]:
    """Share of the nearest and of the three nearest that were found, and similarity lost of the nearest."""
    vectors = np.memmap(folder / "vectors", np.float32, "r", shape=(count, dimensions))
    questions = np.load(folder / "questions.npy").astype(np.float64)

    def similar(which: Rows) -> Rows:
        return (vectors[which].astype(np.float64) * questions).sum(1)

    best, found = similar(right[:, 0]), similar(rows[:, 0])
    three = np.mean([len(set(a) & set(b)) / NEAREST for a, b in zip(rows.tolist(), right.tolist(), strict=True)])
    # Of passages that are equally near either is right.
    return float((found > best - 1e-6).mean()), float(three), float(np.maximum(best - found, 0).mean())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help=f"passages, in multiples of {BLOCK:,}")
    parser.add_argument("--dimensions", type=int, default=384, choices=(384, 512))
    parser.add_argument("--questions", type=int, default=QUESTIONS, help=f"at most {BLOCK:,}")
    parser.add_argument("--only", nargs="+", choices=CANDIDATES, default=list(CANDIDATES))
    parser.add_argument("--build-threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--once", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        name, folder, *numbers = given.once
        once(name, Path(folder), *map(int, numbers))
        return 0
    if any(size % BLOCK for size in given.sizes):
        parser.error(f"sizes are multiples of {BLOCK:,}")
    names = ["exact", *(name for name in given.only if name != "exact")]
    for count in given.sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            prepare(folder, count, given.dimensions, given.questions)
            print(f"{count:,} passages, {given.dimensions} dimensions, built with {given.build_threads} threads")
            print(
                f"{'':<18}{'effort':>6}{'build s':>9}{'MB':>7}{'MB asked':>9}{'disk MB':>8}"
                f"{'ms 1 thr':>10}{'ms 2 thr':>10}{'x exact':>16}{'first':>7}{'three':>7}{'lost':>9}",
                flush=True,
            )
            exact: Any = None
            for name in names:
                numbers = [str(n) for n in (count, given.dimensions, given.build_threads)]
                ran = subprocess.run([sys.executable, __file__, "--once", name, str(folder), *numbers], check=False)
                if ran.returncode:
                    print(f"{name:<18}failed, exit code {ran.returncode}", flush=True)
                    continue
                told = json.loads((folder / "told.json").read_text())
                exact = exact or told["runs"][0]
                right = np.array(exact["rows"])
                for run in told["runs"]:
                    first, three, lost = judged(folder, np.array(run["rows"]), right, count, given.dimensions)
                    one, two = (1e3 * seconds / given.questions for seconds in run["seconds"])
                    over = "/".join(f"{a / b:.4f}" for a, b in zip(run["seconds"], exact["seconds"], strict=True))
                    print(
                        f"{name:<18}{run['effort']:>6}{told['work']:>9.1f}{told['memory']:>7.0f}"
                        f"{told['searched']:>9.0f}{told['disk'] / 1e6:>8.0f}{one:>10.3f}{two:>10.3f}{over:>16}"
                        f"{first:>7.3f}{three:>7.3f}{lost:>9.5f}",
                        flush=True,
                    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
