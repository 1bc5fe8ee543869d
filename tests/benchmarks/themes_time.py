"""Seconds and memory of themes, labels and inference on synthetic passages; called by `themes.py --time`."""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np

from compare.inference import Sample, adjusted, contrast, estimate
from compare.labels import label_themes
from compare.terms import Vocabulary, glossary
from compare.themes import adjusted_rand, centred, find_themes, in_context, unit

MOST_MEMORY = 8 * 2**30


def synthetic(passages: int) -> tuple[np.ndarray, ...]:
    """Vectors, headings, documents, sections, subjects and texts of a mixture of 18 subjects in several documents.

    Sections of ten passages have a subject of their own, which two of three passages keep to; each document is set
    apart by a direction of its own. Passages of a subject are as like as in real plans (cosine about 0.3).
    """
    rng = np.random.default_rng(0)
    subjects, dimensions, voices = 18, 384, max(2, min(8, passages // 300))
    section = np.arange(passages) // 10
    document = section * voices // (section[-1] + 1)
    main = rng.integers(subjects, size=section[-1] + 1)
    subject = np.where(rng.random(passages) < 0.67, main[section], rng.integers(subjects, size=passages))
    centres, voice = unit(rng.normal(size=(subjects, dimensions))), unit(rng.normal(size=(voices, dimensions)))
    noise = unit(rng.normal(size=(passages, dimensions)))
    vectors = unit(0.6 * centres[subject] + 0.4 * voice[document] + 0.8 * noise)
    headings = unit(centres[main] + unit(rng.normal(size=(len(main), dimensions))))[section]
    words = np.array(sorted(set(glossary().values())))
    own = rng.permutation(words)[: len(words) // subjects * subjects].reshape(subjects, -1)
    texts = [f"The ministry will support {', '.join(rng.choice(own[s], 4))} and {rng.choice(words)}." for s in subject]
    return vectors, headings, document, section, subject, texts


def once(passages: int) -> dict[str, float]:
    """Seconds of each part in this process, and its peak memory in GB."""
    # A method that takes more fails by itself and not together with all else that this computer does.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    # The libraries that every run needs are loaded before the clock starts, as are the vectors.
    import scipy.cluster.hierarchy  # noqa: F401
    import sklearn.cluster  # noqa: F401

    vectors, headings, documents, sections, subjects, texts = synthetic(passages)
    made = {"memory before": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}
    start = time.perf_counter()
    context = in_context(vectors, documents, headings, sections)
    uncentred = in_context(vectors, documents, headings, sections, centre=False)
    partition = find_themes(
        context.round(5), documents, 0, uncentred=uncentred.round(5), alone=centred(vectors, documents).round(5)
    )
    made["themes"] = time.perf_counter() - start
    start = time.perf_counter()
    labelled = label_themes(partition.labels, documents, Vocabulary(texts, ["en"] * passages))
    made["labels"] = time.perf_counter() - start
    start = time.perf_counter()
    member = np.eye(len(labelled))[partition.labels]
    samples = []
    for document in np.unique(documents):
        rows = documents == document
        samples.append(Sample.of(str(document), member[rows], sections[rows] - sections[rows].min()))
    estimates = [estimate(sample, 0, shares=True) for sample in samples]
    adjusted([contrast(one, two, 0) for one, two in itertools.combinations(estimates, 2)])
    made["inference"] = time.perf_counter() - start
    made["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    made["documents"], made["number"] = len(samples), len(labelled)
    made["agreement"] = adjusted_rand(partition.labels, subjects)
    return made


def run(sizes: Sequence[int], limit: int) -> int:
    """Print a line for each size, each measured in a process of its own and given up after `limit` seconds."""
    for passages in sizes:
        command = [sys.executable, __file__, str(passages)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            print(f"{passages:,} passages: not done in {limit} seconds")
            continue
        if done.returncode:
            said = done.stderr.strip().splitlines()
            print(f"{passages:,} passages: failed ({said[-1] if said else f'exit {done.returncode}'})")
            continue
        found = json.loads(done.stdout)
        parts = ("themes", "labels", "inference")
        print(
            f"{passages:,} passages of {found['documents']} documents: {sum(found[part] for part in parts):.1f} s ("
            + ", ".join(f"{part} {found[part]:.1f}" for part in parts)
            + f"), peak memory {found['memory']:.2f} GB ({found['memory before']:.2f} before); "
            f"{found['number']} themes, adjusted Rand index with the 18 subjects planted {found['agreement']:.2f}"
        )
    return 0


if __name__ == "__main__":
    print(json.dumps(once(int(sys.argv[1]))))
