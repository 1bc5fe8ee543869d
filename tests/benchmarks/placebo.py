"""How often is a difference called where there is none? Random halves of one document against each other.

    python tests/benchmarks/placebo.py [DOC] [--splits N]

The sections of DOC (default: the US plan) are dealt at random into two halves, which are compared as two documents. Any
difference called is false. Prints the rate over all themes, over all dimensions and poles of tone, and the part of
splits in which anything at all was called; and the rate of plain p <= 0.05.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys

import numpy as np

from compare.comparison import compare, load_documents


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("doc", nargs="?", default="us-ai-action-plan-2025")
    parser.add_argument("--splits", type=int, default=40)
    arguments = parser.parse_args()
    (document,) = load_documents([arguments.doc])
    sections = list(dict.fromkeys(p.section for p in document.passages))
    rng = np.random.default_rng(0)
    called: dict[str, list[bool]] = {"theme": [], "tone": [], "pole": []}
    plain: dict[str, list[bool]] = {"theme": [], "tone": [], "pole": []}
    told, suggested = 0, 0
    for split in range(arguments.splits):
        dealt = rng.permutation(len(sections))
        first = {sections[i] for i in dealt[: len(sections) // 2]}
        halves = [
            dataclasses.replace(
                document,
                id=f"half-{name}",
                short=f"half {name}",
                sha256=f"{document.sha256}-{split}-{name}",
                passages=tuple(p for p in document.passages if (p.section in first) == inside),
            )
            for name, inside in (("a", True), ("b", False))
        ]
        found = compare(halves)
        for kind, holds, p in found.differences[["kind", "holds", "p"]].itertuples(index=False):
            called[kind].append(bool(holds))
            plain[kind].append(p <= 0.05)
        told += any(finding.holds for finding in found.findings)
        suggested += any(not finding.holds for finding in found.findings)
    for kind, name in (("theme", "shares of themes"), ("tone", "scores of tone"), ("pole", "presence of poles")):
        print(
            f"{name}: {len(called[kind])} differences, called {100 * np.mean(called[kind]):.1f} %, "
            f"p <= 0.05 in {100 * np.mean(plain[kind]):.1f} %"
        )
    n = arguments.splits
    print(f"splits with a finding that holds: {told} of {n}; with one suggested: {suggested} of {n}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
