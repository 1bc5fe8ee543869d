"""The main job beside BERTopic on the same passages with the same weights, each as a whole process.

    python tests/benchmarks/beside_bertopic.py [N]

BERTopic (`pip install -e '.[benchmark]'`) runs as its documentation has it: import, load the encoder, `fit_transform`,
the table of topics; it is handed the passages and need not read documents. Its "vectors at hand" is the same with
vectors that were saved before. Ours is the whole command: reading, themes with their stability, tone, intervals,
tests, counterparts, the report. Where ONNX Runtime is installed (`pip install -e '.[onnx]'`), it also runs with the
same weights in ONNX, an export that is made once for a computer, before what is timed. Runs take turns, N times (3);
printed are medians, and how many times as long as ours BERTopic takes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from main_job import REPORT, timed

import compare
from compare.catalogue import DEFAULT_PAIR
from compare.encoders import ENGLISH, find_model

THEIRS = """
import json, os, sys
os.environ["HF_HUB_OFFLINE"] = "1"
import numpy as np
from bertopic import BERTopic
texts, folder, kept = json.load(open(sys.argv[1])), sys.argv[2], sys.argv[3]
if os.path.exists(kept):
    model = BERTopic()
    model.fit_transform(texts, np.load(kept))
else:
    from sentence_transformers import SentenceTransformer
    encoder = SentenceTransformer(folder, device="cpu")
    vectors = encoder.encode(texts, show_progress_bar=False)
    model = BERTopic()
    model.fit_transform(texts, vectors)
    np.save(kept, vectors)
print(model.get_topic_info())
"""


def main() -> int:
    try:
        import bertopic
    except ImportError:
        print("BERTopic is not installed: pip install -e '.[benchmark]'")
        return 2
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    found: dict[str, list[float]] = {}
    onnx = all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime"))
    exported = Path(tempfile.mkdtemp())
    in_onnx = [*REPORT, "--model", f"{ENGLISH}@onnx"]
    if onnx:
        timed(in_onnx, exported)
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            home, texts, kept = Path(folder), Path(folder) / "texts.json", Path(folder) / "vectors.npy"
            listed = [p.text for name in DEFAULT_PAIR for p in compare.load(name, "digest").passages]
            texts.write_text(json.dumps(listed))
            theirs = [sys.executable, "-c", THEIRS, str(texts), str(find_model(ENGLISH).folder), str(kept)]
            for name, command in (
                ("BERTopic", theirs),
                ("ours, first time", REPORT),
                ("BERTopic, vectors at hand", theirs),
                ("ours, vectors at hand", [*REPORT, "--seed", "1"]),
                ("ours, again", REPORT),
            ):
                found.setdefault(name, []).append(timed(command, home)[0])
            if onnx:
                # The export is kept, and nothing else.
                for file in exported.rglob("vectors.sqlite*"):
                    file.unlink()
                found.setdefault("ours in ONNX, first time", []).append(timed(in_onnx, exported)[0])
    shutil.rmtree(exported)
    middle = {name: statistics.median(seconds) for name, seconds in found.items()}
    print(f"BERTopic {bertopic.__version__}, {len(listed)} passages, {os.cpu_count()} cores")
    for name, seconds in middle.items():
        print(f"{name}: {seconds:.1f} s here")
    for name in ("ours, first time", "ours in ONNX, first time"):
        if name in middle:
            print(f"{name}: BERTopic takes {middle['BERTopic'] / middle[name]:.1f} times as long")
    for name in ("ours, vectors at hand", "ours, again"):
        print(f"{name}: BERTopic takes {middle['BERTopic, vectors at hand'] / middle[name]:.1f} times as long")
    return 0


if __name__ == "__main__":
    sys.exit(main())
