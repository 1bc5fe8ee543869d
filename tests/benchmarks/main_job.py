"""The main job: for the first time, with vectors at hand, and again, as whole processes.

    python tests/benchmarks/main_job.py [N]

Prints medians of N runs (3) as multiples of what cannot be avoided the first time: importing sentence-transformers,
loading the weights and encoding the passages of both documents, in one process and nothing else. Runs take turns, so
that a busy computer slows all alike. Beside each stands the peak of memory.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

UNAVOIDABLE = """
import os
os.environ["HF_HUB_OFFLINE"] = "1"
import compare
from compare.catalogue import DEFAULT_PAIR
texts = sorted((p.text for name in DEFAULT_PAIR for p in compare.load(name, "digest").passages), key=len)
from compare.encoders import ENGLISH, find_model
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(str(find_model(ENGLISH).weights.parent), device="cpu")
model.encode(texts, batch_size=64, show_progress_bar=False)
"""
REPORT = [sys.executable, "-m", "compare", "report", "--basis", "digest", "--no-pager"]


def timed(command: Sequence[str], home: Path) -> tuple[float, float]:
    """Seconds that a process takes, and megabytes at its peak."""
    environment = {**os.environ, "POLICY_COMPARE_HOME": str(home)}
    environment.pop("POLICY_COMPARE_CORPORA", None)
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, command
    return time.perf_counter() - begun, used.ru_maxrss / 1024


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    found: dict[str, list[tuple[float, float]]] = {}
    for run in range(times):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            for name, command in (
                ("what cannot be avoided", [sys.executable, "-c", UNAVOIDABLE]),
                ("first time", REPORT),
                ("vectors at hand, another seed", [*REPORT, "--seed", str(run + 1)]),
                ("again", REPORT),
                ("again, another part of it", [*REPORT, "--section", "tone"]),
            ):
                found.setdefault(name, []).append(timed(command, home))
    unit = statistics.median(seconds for seconds, _ in found["what cannot be avoided"])
    for name, runs in found.items():
        seconds = statistics.median(seconds for seconds, _ in runs)
        peak = max(peak for _, peak in runs)
        print(f"{name}: {seconds / unit:.2f} ({seconds:.2f} s here), peak {peak:.0f} MB")
    print(f"{os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
