"""Time and memory of a whole comparison of 1,000, 10,000 and 100,000 passages.

    python tests/benchmarks/scale.py [--recall] [PASSAGES ...]

The documents are made up: Markdown files of a hundred passages each, in ten sections, sentences put together by a
seeded generator from terms of 18 subjects; half of the documents stand on one side and half on the other. The vectors
of all their texts lie in the cache beforehand, made and not encoded: the centre of a codebook's topic, a direction of
the document's own and noise, by the text alone.

Each size is run in a process of its own, which reads the documents, compares them, packs the comparison as it is kept
from run to run, and renders the report for a terminal. In the figure is all that a first run with vectors at hand
does, the start of Python and its libraries too; not in it is the encoding of the texts, which grows with their number
alone. "x n log n" is the processor time of a passage as a multiple of that at the size before, over what n log n would
make it: at most 1 where a step grows no faster. Processor time is what other work on the computer changes least.

With --recall counterparts are compared with the exact answer, for a sample of passages (its time counts in that step):
how many of the nearest, and of the three nearest, are found; how much less similar what is found is on the mean; and
for how many it is said alike whether they meet anything.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.cache import ArrayCache, digest
from compare.codebook import load_codebook
from compare.encoders import ENGLISH, Encoder, find_model, shipped
from compare.terms import glossary

if TYPE_CHECKING:
    from compare.counterparts import Counterparts, Likeness

SIZES = (1_000, 10_000, 100_000)
PER_DOCUMENT, PER_SECTION, SUBJECTS = 100, 10, 18
# Steps that take less than this at the largest size are too short for a rate.
LEAST_SECONDS = 3.0
# Passages of each side that are compared with all of the other.
SAMPLE = 1000
_WHO = (
    "The ministry", "Every regional office", "Each operator", "The council", "Public employers", "Small firms",
    "Universities", "The regulator", "Local schools", "A joint committee", "Providers", "National laboratories",
)  # fmt: skip
_MUST = ("must", "shall", "should", "will", "may", "could", "is encouraged to", "is required to", "ought to")
_DO = (
    "support", "expand", "fund", "review", "protect", "publish", "measure", "limit", "prepare", "share", "test",
    "strengthen", "monitor", "simplify", "extend",
)  # fmt: skip
_WHY = (
    "so that {} can be trusted", "in order to win the race for {}", "because {} is a risk that must be prevented",
    "with partners who share {}", "to seize the opportunity of {}", "without new burdens on {}",
    "and to report on {} every year", "where {} is not at hand", "as a first step towards {}",
)  # fmt: skip
_SYLLABLES = ("ba", "den", "fi", "gor", "hal", "ko", "lim", "mar", "nes", "or", "pel", "ru", "sta", "tov", "un", "vi")


@dataclass(frozen=True)
class Made:
    """A document: its Markdown, its sentences and headings, and the subject of each."""

    markdown: str
    sentences: tuple[tuple[str, int], ...]
    headings: tuple[tuple[str, int], ...]


def subjects() -> list[list[str]]:
    """Terms of each subject."""
    words = sorted({term for term in glossary().values() if term == term.lower() and " " in term})
    random.Random(0).shuffle(words)
    size = len(words) // SUBJECTS
    return [words[i * size : (i + 1) * size] for i in range(SUBJECTS)]


def name_of(draw: random.Random) -> str:
    """A name of a place or programme; the more documents, the more names, as in true ones."""
    rank = int(2 ** draw.uniform(0, 14))
    digits = []
    while rank:
        digits.append(_SYLLABLES[rank % 16])
        rank //= 16
    return "".join(digits).capitalize()


def document(number: int) -> Made:
    """A document of its own, the same whatever others are made."""
    draw = random.Random(number)
    terms = subjects()
    # What a document speaks of more than others.
    own = draw.sample(range(SUBJECTS), 6)
    lines, sentences, headings = [f"# Plan of {name_of(draw)} No. {number + 1}", ""], [], []
    for section in range(PER_DOCUMENT // PER_SECTION):
        main = draw.choice(own) if draw.random() < 0.5 else draw.randrange(SUBJECTS)
        heading = f"{draw.choice(terms[main]).capitalize()} and {draw.choice(terms[main])}"
        headings.append((heading, main))
        lines += [f"## {heading}", ""]
        paragraph = []
        for i in range(PER_SECTION):
            subject = main if draw.random() < 0.67 else draw.randrange(SUBJECTS)
            one, two, three = draw.sample(terms[subject], 3)
            place = f" in {name_of(draw)}" if draw.random() < 0.5 else ""
            sentence = (
                f"{draw.choice(_WHO)} {draw.choice(_MUST)} {draw.choice(_DO)} {one} and {two}{place} "
                f"{draw.choice(_WHY).format(three)}, in line with measure {number + 1}.{section + 1}.{i + 1}."
            )
            sentences.append((sentence, subject))
            paragraph.append(sentence)
            if i % 3 == 2:
                lines += [" ".join(paragraph), ""]
                paragraph = []
        lines += [" ".join(paragraph), ""]
    return Made("\n".join(lines), tuple(sentences), tuple(headings))


def centres(checksum: str) -> np.ndarray:
    """Where subjects lie: at topics of the codebook on AI policy, so that it is of use as it is on true documents."""
    known = shipped(checksum)
    anchors: dict[int, list[np.ndarray]] = {}
    for topic, _, text in load_codebook().sentences(["en"]):
        anchors.setdefault(topic, []).append(known[digest("vector", checksum, text)])
    return _unit(np.array([np.mean(anchors[topic], axis=0) for topic in range(SUBJECTS)]))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _direction(name: str, dimensions: int) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return _unit(np.random.default_rng(seed).standard_normal(dimensions))


def vectors(made: Made, number: int, middle: np.ndarray, encoder: Encoder) -> Iterator[tuple[bytes, np.ndarray]]:
    """Vectors of a document's texts, by key of the cache."""
    size = middle.shape[1]
    voice = _direction(f"voice {number}", size)
    for text, subject in (*made.sentences, *made.headings):
        vector = _unit(0.8 * middle[subject] + 0.4 * voice + 0.8 * _direction(text, size))
        yield encoder.vector_key(text), vector.astype(np.float32)


def prepare(folder: Path, passages: int) -> dict[str, int]:
    """Write documents and vectors into a folder; the subject of each sentence."""
    encoder = Encoder(find_model(ENGLISH), ArrayCache(None))
    middle = centres(encoder.model.checksum)
    store = ArrayCache(folder / "home" / "cache" / "vectors.sqlite")
    (folder / "documents").mkdir(parents=True)
    planted: dict[str, int] = {}
    waiting: dict[bytes, np.ndarray] = {}
    for number in range(passages // PER_DOCUMENT):
        made = document(number)
        (folder / "documents" / f"plan-{number + 1:05d}.md").write_text(made.markdown, "utf-8")
        planted.update(made.sentences)
        waiting.update(vectors(made, number, middle, encoder))
        if len(waiting) > 5000:
            store.put(waiting, "<f4")
            waiting = {}
    store.put(waiting, "<f4")
    return planted


def loss(alike: Likeness, documents: np.ndarray, sections: np.ndarray, found: Counterparts) -> dict[str, float]:
    """What counterparts lack of the exact answer, by a sample of the passages of each document."""
    from compare.counterparts import _AllPairs

    exact = _AllPairs(alike, sections)
    first, three, less, alike_silent, threshold = [], [], [], [], []
    for (one, other), (rows, values) in found.nearest.items():
        own, theirs = np.flatnonzero(documents == one), np.flatnonzero(documents == other)
        asked = np.unique(np.linspace(0, len(own) - 1, SAMPLE).astype(int))
        right, best, meant = [], [], []
        for start in range(0, len(asked), 50):
            (near, similar), nearest, _, _ = exact.best(own[asked[start : start + 50]], theirs, False, lambda _: None)
            right, best, meant = [*right, *near], [*best, *similar], [*meant, *nearest]
        first += [row[0] == own_right[0] for row, own_right in zip(rows[asked], right, strict=True)]
        three += [len(set(row) & set(own_right)) / 3 for row, own_right in zip(rows[asked], right, strict=True)]
        less += [own_best[0] - value[0] for value, own_best in zip(values[asked], best, strict=True)]
        alike_silent += ((np.array(meant) < found.threshold[one, other]) == found.silent[one, other][asked]).tolist()
        threshold.append(found.silent[one, other].mean())
    return {
        "nearest found": float(np.mean(first)),
        "of three nearest": float(np.mean(three)),
        "similarity lost": float(np.mean(less)),
        "silence alike": float(np.mean(alike_silent)),
        "silent": float(np.mean(threshold)),
    }


def once(folder: Path, recall: bool) -> None:
    """Compare the documents of a folder in this process; what was found goes to a file in it."""
    begun = time.perf_counter()
    from compare import comparison
    from compare.comparison import compare
    from compare.groups import Group
    from compare.report.terminal import render_text
    from compare.saving import pack

    steps = [("starting", begun, 0.0)]
    longest: dict[str, float] = {}
    last = [time.perf_counter()]

    def say(step: str, done: int, total: int) -> None:
        now = time.perf_counter()
        longest[steps[-1][0]] = max(longest.get(steps[-1][0], 0.0), now - last[0])
        last[0] = now
        if step != steps[-1][0]:
            steps.append((step, now, time.process_time()))

    lost: dict[str, float] = {}
    if recall:
        find = comparison.find_counterparts

        def judged(alike, documents, sections, languages, progress=None):
            made = find(alike, documents, sections, languages, progress)
            say("comparing with all pairs", 0, 1)
            lost.update(loss(alike, documents, sections, made))
            return made

        comparison.find_counterparts = judged
    os.chdir(folder)
    files = [str(path) for path in sorted(Path("documents").iterdir())]
    half = len(files) // 2
    groups = (Group("North", tuple(files[:half])), Group("South", tuple(files[half:])))
    found = compare(files, groups=groups, progress=say)
    say("packing", 0, 1)
    packed = pack(found, lambda done, total: say("packing", done, total))
    say("report", 0, 1)
    report = render_text(found, width=100)
    say("end", 1, 1)
    seconds: dict[str, list[float]] = {}
    for (name, *start), (_, *end) in itertools.pairwise(steps):
        before = seconds.get(name, [0.0, 0.0])
        seconds[name] = [spent + b - a for spent, a, b in zip(before, start, end, strict=True)]
    made = {
        "seconds": seconds,
        "silent": longest,
        "lost": lost,
        "labels": {row.passage.text: row.theme for row in found.rows},
        "themes": len(found.theme_results),
        "packed": len(packed),
        "sha256": hashlib.sha256(packed + report.encode()).hexdigest(),
    }
    (folder / "found.json").write_text(json.dumps(made), "utf-8")


def measured(passages: int, recall: bool) -> dict[str, Any]:
    """Run one size in a process of its own."""
    from sklearn.metrics import adjusted_rand_score

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        planted = prepare(folder, passages)
        environment = {**os.environ, "POLICY_COMPARE_HOME": str(folder / "home"), "POLICY_COMPARE_CACHE_MB": "4000"}
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, __file__, "--once", str(folder), *["--recall"] * recall], env=environment
        )
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{passages:,} passages: failed")
        whole = time.perf_counter() - begun
        found = json.loads((folder / "found.json").read_text("utf-8"))
    labels = {text: theme for text, theme in found["labels"].items() if text in planted}
    agreement = adjusted_rand_score([planted[text] for text in labels], list(labels.values()))
    return {
        **found,
        "passages": len(found["labels"]),
        "whole": whole,
        "processor": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / 2**20,
        "agreement": agreement,
    }


def main() -> int:
    recall = "--recall" in sys.argv
    sizes = [int(size) for size in sys.argv[1:] if size.isdecimal()] or list(SIZES)
    before: dict[str, Any] | None = None
    for size in sizes:
        found = measured(size, recall)
        n, seconds = found["passages"], {**found["seconds"], "in all": [found["whole"], found["processor"]]}
        print(
            f"{n:,} passages of {size // PER_DOCUMENT:,} documents: {found['whole']:.1f} s "
            f"({found['processor']:.1f} s of processor time), peak memory {found['memory']:.2f} GB, {found['themes']} "
            f"themes, adjusted Rand index with the {SUBJECTS} subjects planted {found['agreement']:.2f}, packed "
            f"{found['packed'] / 1e6:.1f} MB, sha256 {found['sha256'][:12]}"
        )
        for step, (spent, processor) in seconds.items():
            line = (
                f"  {step}: {spent:.1f} s, of processor time {processor:.1f} s, {1e3 * processor / n:.3f} ms a passage"
            )
            if step in found["silent"]:
                line += f", silent for {found['silent'][step]:.1f} s at most"
            earlier = None if before is None else before.get(step)
            if before is not None and earlier and processor >= LEAST_SECONDS:
                less = before["passages"]
                ratio = processor / n / (earlier[1] / less)
                line += f", {ratio:.2f} times that at {less:,} ({ratio / (math.log(n) / math.log(less)):.2f} x n log n)"
            print(line, flush=True)
        if found["lost"]:
            print("  counterparts: " + ", ".join(f"{name} {value:.3f}" for name, value in found["lost"].items()))
        before = {**seconds, "passages": n}
    print(f"{os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        once(Path(sys.argv[2]), "--recall" in sys.argv)
    else:
        sys.exit(main())
