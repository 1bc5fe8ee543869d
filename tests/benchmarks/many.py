"""Very many documents: time and memory of a comparison that is learnt on some and counted on all, here and on Ray.

    python tests/benchmarks/many.py [--engine local|ray] [--keep=FOLDER] [PASSAGES ...]

Documents are those of `tests/benchmarks/scale.py`, a hundred passages each, in eight groups by issuer and dated from
2016 to 2025 by a table. Their vectors are made by the benchmark as they are asked for: the centre of the subject that a
sentence is on, a direction of its document's own and noise, all by the text alone. With Ray two workers are started on
this computer.

Each size is run in a process of its own, which begins with nothing kept. Printed are seconds by step, seconds a
passage as a multiple of those at the size before, and the most memory that the process that asks (the driver) and the
largest of the workers held. With --keep the report and the JSON of each size go to a folder, to be held
against those of the other engine.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import importlib
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import scale

from compare.cache import digest
from compare.encoders import ENGLISH, find_model, shipped

SIZES = (100_000, 1_000_000)
ISSUERS = 8


class Made:
    """An encoder that makes vectors up: by the subject whose terms a text has, and by its document."""

    def __init__(self) -> None:
        checksum = find_model(ENGLISH).checksum
        self._checksum = checksum
        self._middle = scale.centres(checksum).astype(np.float32)
        self._subject = {term: number for number, terms in enumerate(scale.subjects()) for term in terms}
        self._pattern = re.compile("|".join(re.escape(term) for term in sorted(self._subject, key=len, reverse=True)))
        self._voices: dict[str, np.ndarray] = {}

    def encode(self, texts: list[str]) -> np.ndarray:
        known = shipped(self._checksum)
        made = np.empty((len(texts), self._middle.shape[1]), np.float32)
        for row, text in enumerate(texts):
            there = known.get(digest("vector", self._checksum, text))
            made[row] = self._one(text) if there is None else there
        return made

    def _one(self, text: str) -> np.ndarray:
        found = self._pattern.findall(text.lower())
        number = re.search(r"measure (\d+)\.", text)
        middle = self._middle[self._subject[found[0]]] if found else np.zeros(self._middle.shape[1], np.float32)
        voice = _voice(number.group(1)) if number else 0.0
        return 0.8 * middle + 0.4 * voice + 0.8 * _noise(text, self._middle.shape[1])


@functools.lru_cache(maxsize=1000)
def _voice(number: str) -> np.ndarray:
    return _noise(f"voice {number}", 384)


def _noise(text: str, size: int) -> np.ndarray:
    """A direction by the text: uniform numbers, which point anywhere nearly as normal ones do, from its digest."""
    stream = hashlib.shake_128(text.encode()).digest(size)
    made = np.frombuffer(stream, np.uint8).astype(np.float32) - 127.5
    return made / np.linalg.norm(made)


def prepare(folder: Path, passages: int) -> None:
    """Write documents and their table into a folder."""
    (folder / "documents").mkdir(parents=True)
    with (folder / "fields.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["document", "issuer", "date"])
        for number in range(passages // scale.PER_DOCUMENT):
            name = f"plan-{number + 1:06d}.md"
            (folder / "documents" / name).write_text(scale.document(number).markdown, "utf-8")
            table.writerow([name, f"Issuer {number % ISSUERS + 1}", f"{2016 + number // ISSUERS % 10}-06-30"])


def once(folder: Path, engine: str) -> None:
    """Compare the documents of a folder in this process; what was found goes to a file in it."""
    from compare.comparison import Options
    from compare.engine import open_engine
    from compare.many import compare_many
    from compare.report.terminal import render_text
    from compare.sides import sides_of

    steps = [("starting", time.perf_counter())]

    def say(step: str, done: int, total: int) -> None:
        if step != steps[-1][0]:
            steps.append((step, time.perf_counter()))

    os.chdir(folder)
    files = [str(path) for path in sorted(Path("documents").iterdir())]
    # Workers find what this file defines under its name alone.
    encoder = importlib.import_module("many").Made()
    options = Options(groups="issuer", metadata="fields.csv", encoder=encoder, cache=False)
    with open_engine(engine) as working:
        found = compare_many(files, sides_of(files, "issuer", "fields.csv"), options, working, say)
    say("report", 0, 1)
    report = render_text(found, width=100)
    say("end", 1, 1)
    seconds: dict[str, float] = {}
    for (name, start), (_, end) in itertools.pairwise(steps):
        seconds[name] = seconds.get(name, 0.0) + end - start
    made = {
        "seconds": seconds,
        "themes": len(found.theme_results),
        "report": report,
        "json": found.to_json(),
        "sha256": hashlib.sha256((report + found.to_json()).encode()).hexdigest(),
    }
    (folder / "found.json").write_text(json.dumps(made), "utf-8")


def measured(passages: int, engine: str, keep: Path | None = None) -> dict[str, Any]:
    """Run one size in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, passages)
        environment = {**os.environ, "POLICY_COMPARE_HOME": str(folder / "home")}
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, __file__, "--once", str(folder), engine], env=environment)
        driver, worker, workers = 0, 0, 0
        while process.poll() is None:
            own, others = _memory(process.pid)
            driver, worker, workers = max(driver, own), max(worker, *others, 0), max(workers, len(others))
            time.sleep(0.5)
        if process.returncode:
            raise SystemExit(f"{passages:,} passages: failed")
        whole = time.perf_counter() - begun
        found = json.loads((folder / "found.json").read_text("utf-8"))
        if keep is not None:
            (keep / f"{engine}-{passages}.txt").write_text(found["report"])
            (keep / f"{engine}-{passages}.json").write_text(found["json"])
    return {**found, "whole": whole, "driver": driver / 2**30, "worker": worker / 2**30}


def _memory(number: int) -> tuple[int, list[int]]:
    """Bytes that a process holds for itself, and each of the Python processes below it."""
    try:
        process = psutil.Process(number)
        own = _held(process)
        below = [child for child in process.children(recursive=True) if "ray::" in " ".join(child.cmdline())]
        return own, [_held(child) for child in below]
    except psutil.Error:
        return 0, []


def _held(process: psutil.Process) -> int:
    try:
        used = process.memory_info()
        # What lies in Ray's store of objects is shared by all, and counted for none.
        return int(used.rss - used.shared)
    except psutil.Error:
        return 0


def main() -> int:
    engine = "ray" if "ray" in sys.argv else "local"
    keep = next((Path(word.partition("=")[2]) for word in sys.argv if word.startswith("--keep=")), None)
    sizes = [int(size) for size in sys.argv[1:] if size.isdecimal()] or list(SIZES)
    before = 0.0
    for size in sizes:
        found = measured(size, engine, keep)
        each = 1e3 * found["whole"] / size
        ratio = f", {each / before:.2f} times that at the size before" if before else ""
        print(
            f"{size:,} passages of {size // scale.PER_DOCUMENT:,} documents, {engine}: {found['whole']:.0f} s, "
            f"{each:.2f} ms a passage{ratio}; driver {found['driver']:.2f} GB, largest worker "
            f"{found['worker']:.2f} GB; "
            f"{found['themes']} themes, sha256 {found['sha256'][:12]}"
        )
        print("  " + ", ".join(f"{name} {spent:.1f} s" for name, spent in found["seconds"].items()), flush=True)
        before = each
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        once(Path(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(main())
