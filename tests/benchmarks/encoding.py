"""Encoders: how fast beside `SentenceTransformer.encode`, how near to it, and what another form costs in quality.

    python tests/benchmarks/encoding.py [speed [N]]
    python tests/benchmarks/encoding.py quality [--gold FILE]

`speed` encodes the passages of the main job's digests N times (3), with the model loaded before: by
`SentenceTransformer.encode` on sorted input, by ours, and in the forms "@onnx" and "@onnx-int8". Each is a process of
its own; they take turns. Printed are medians as multiples of the first, and how far vectors are from the first (1 less
the cosine, the farthest text). `quality` prints, for each form, the mean area under the ROC curve of tone on our
own test sentences (as `tone_accuracy.py`), the adjusted Rand index of the main job's themes with those of the usual
form, and, with labelled sentences (as for `themes.py`), their phi across the US and the Japanese plan.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import compare
from compare.cache import ArrayCache
from compare.catalogue import DEFAULT_PAIR
from compare.comparison import load_documents
from compare.encoders import ENGLISH, Encoder, find_model
from compare.encoding import SentenceModel
from compare.themes import adjusted_rand

THEIRS = "SentenceTransformer.encode"
OURS = (ENGLISH, f"{ENGLISH}@onnx", f"{ENGLISH}@onnx-int8")


def texts() -> list[str]:
    return sorted((p.text for name in DEFAULT_PAIR for p in compare.load(name, "digest").passages), key=len)


def once(name: str, path: str) -> None:
    """Encode in this process, write the vectors, and print the seconds."""
    listed = texts()
    if name == THEIRS:
        model = SentenceModel(find_model(ENGLISH).folder).model

        def run() -> np.ndarray:
            return np.asarray(model.encode(listed, batch_size=64, show_progress_bar=False))

    else:
        encoder = Encoder(find_model(name), ArrayCache(None))
        encoder.encode(["Loads the model."])

        def run() -> np.ndarray:
            return encoder.encode(listed)

    begun = time.perf_counter()
    made = run()
    seconds = time.perf_counter() - begun
    np.save(path, made)
    print(json.dumps(seconds))


def speed(times: int) -> int:
    found: dict[str, list[float]] = {}
    far: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "POLICY_COMPARE_HOME": folder}
        environment.pop("POLICY_COMPARE_CORPORA", None)
        theirs = None
        for _ in range(times):
            for name in (THEIRS, *OURS):
                path = f"{folder}/made.npy"
                command = [sys.executable, __file__, "once", name, path]
                done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
                found.setdefault(name, []).append(json.loads(done.stdout.splitlines()[-1]))
                made = np.load(path)
                theirs = made if theirs is None else theirs
                far[name] = max(far.get(name, 0.0), float(1 - (made * theirs).sum(1).min()))
    unit = statistics.median(found[THEIRS])
    print(f"{len(texts())} texts; {THEIRS} on sorted input is 1 ({unit:.2f} s here, {os.cpu_count()} cores)")
    for name, seconds in found.items():
        print(f"{name}: {statistics.median(seconds) / unit:.2f}, farthest vector {far[name]:.1e}")
    return 0


def quality(gold: Path | None) -> int:
    sys.path.insert(0, str(Path(__file__).parent))
    import themes
    import tone_accuracy

    spec = tone_accuracy.load_dimensions()
    rows, labels = tone_accuracy.own_sentences(spec, "en", "test")
    usual = None
    for name in OURS:
        scores = tone_accuracy.ToneScorer(spec, Encoder(find_model(name), ArrayCache(None)).encode).score(
            [row.text for row in rows]
        )
        rest = tone_accuracy.means(scores.poles, labels, spec)[0]
        signed = np.repeat(scores.dimensions, 2, axis=1) * np.tile([1, -1], len(spec.dimensions))
        pole = tone_accuracy.means(signed / 2, labels, spec)[1]
        divided = [row.theme for row in compare.compare(basis="digest", model=name).rows]
        usual = divided if usual is None else usual
        line = f"{name}: tone, mean area against the rest {rest:.3f}, against the other pole {pole:.3f}; "
        line += f"themes, agreement with the usual form {adjusted_rand(np.array(usual), np.array(divided)):.2f}"
        if gold is not None:
            documents = load_documents((themes.US, themes.JAPAN), "official")
            labelled = themes.Gold(gold, SimpleNamespace(source=documents))
            found = compare.compare(documents, model=name)
            line += f", phi {labelled.phi(np.array([int(row.theme[1:]) for row in found.rows])):.2f}"
        print(line, flush=True)
    return 0


def main() -> int:
    match sys.argv[1:]:
        case ["once", name, path]:
            once(name, path)
            return 0
        case [] | ["speed"]:
            return speed(3)
        case ["speed", number]:
            return speed(int(number))
        case ["quality"]:
            return quality(None)
        case ["quality", "--gold", path]:
            return quality(Path(path))
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
