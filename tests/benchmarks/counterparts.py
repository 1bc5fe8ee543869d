"""Are the counterparts that a reader set side by side among the three nearest?

    python tests/benchmarks/counterparts.py

For every list in `tests/benchmarks/counterparts`, made by reading: the part of its passages of which one of the first
1, 3, 5 and 10 passages of the other document is one that the reader accepts; the same where it is enough that the
passage is among the first of one that the reader accepts (a report shows counterparts from both sides); how many are
said to meet nothing, though they do; and all lists together. Lists whose documents are not at hand are named and passed
over.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import numpy as np

from compare import counterparts
from compare.comparison import compare
from compare.errors import PolicyCompareError

LISTS = Path(__file__).parent / "counterparts"


def line(name: str, ranks: np.ndarray) -> str:
    parts = ", ".join(f"first {k}: {(ranks <= k).mean():.2f}" for k in (1, 3, 5, 10))
    return f"{name}, {len(ranks)} passages: {parts}"


def main() -> int:
    together = []
    for file in sorted(LISTS.glob("*.toml")):
        listed = tomllib.loads(file.read_text("utf-8"))
        counterparts.NEAREST = 10
        try:
            found = compare(listed["documents"], basis=listed["basis"])
        except PolicyCompareError as error:
            print(f"{file.stem}: {error}")
            continue
        nearest = {
            found.rows[item.row].id: [found.rows[row].id for row, _ in item.nearest]
            for item in found.counterpart_results
        }

        def rank(passage: str, other: str, nearest: dict[str, list[str]] = nearest) -> int:
            return nearest[passage].index(other) + 1 if other in nearest[passage] else 99

        silent = {found.rows[item.row].id for item in found.counterpart_results if item.silent}
        own, either, of, missed = [], [], [], []
        for item in listed["items"]:
            passage, right = item["passage"], item["counterparts"]
            own.append(min(rank(passage, other) for other in right))
            either.append(min(own[-1], *(rank(other, passage) for other in right)))
            of.append(passage.split(":")[0])
            missed.append(passage in silent)
        ranks = np.array(own)
        print(line(file.stem, ranks))
        for document in listed["documents"]:
            print(line(f"{file.stem}, of {document}", ranks[np.array(of) == document]))
        print(line(f"{file.stem}, from either side", np.array(either)))
        print(f"{file.stem}: {np.mean(missed):.0%} said to meet nothing")
        together += own
    if together:
        print(line("all lists", np.array(together)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
