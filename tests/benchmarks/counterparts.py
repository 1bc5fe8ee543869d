"""Are the counterparts that a reader set side by side among the three nearest?

    python tests/benchmarks/counterparts.py

For every list in `tests/benchmarks/counterparts`, made by reading: the part of its passages of which one of the first
1, 3, 5 and 10 passages of the other document is one that the reader accepts. Lists whose documents are not at hand are
named and passed over.
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


def main() -> int:
    for file in sorted(LISTS.glob("*.toml")):
        listed = tomllib.loads(file.read_text("utf-8"))
        counterparts.NEAREST = 10
        try:
            found = compare(listed["documents"], basis=listed["basis"])
        except PolicyCompareError as error:
            print(f"{file.stem}: {error}")
            continue
        nearest = {found.rows[item.row].id: item for item in found.counterpart_results}
        ranks = []
        for item in listed["items"]:
            ids = [found.rows[row].id for row, _ in nearest[item["passage"]].nearest]
            right = [rank for rank, name in enumerate(ids, start=1) if name in item["counterparts"]]
            ranks.append((item["passage"].split(":")[0], min(right, default=99)))
        for document in (None, *listed["documents"]):
            own = np.array([rank for of, rank in ranks if document in (None, of)])
            parts = ", ".join(f"first {k}: {(own <= k).mean():.2f}" for k in (1, 3, 5, 10))
            print(f"{file.stem}, {len(own)} passages{f' of {document}' if document else ''}: {parts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
