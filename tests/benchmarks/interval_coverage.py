"""How often do the 95 % intervals hold the truth? Simulated documents whose shares are known.

    python tests/benchmarks/interval_coverage.py

A document is some sections, each with a share of its own drawn about a true one of 13 % (intraclass correlation as
given); prints the part of intervals that hold 13 %, and of tests between two such documents with p <= 0.05.
"""

from __future__ import annotations

import sys

import numpy as np

from compare.inference import Sample, intervals, permutation_test

TRUTH, FIGURES, RUNS = 0.13, 40, 20


def document(name: str, sections: int, size: int, correlation: float, rng: np.random.Generator) -> Sample:
    spread = 1 / correlation - 1
    shares = rng.beta(TRUTH * spread, (1 - TRUTH) * spread, (sections, FIGURES)).repeat(size, axis=0)
    values = (rng.random(shares.shape) < shares).astype(float)
    return Sample.of(name, values, np.arange(sections).repeat(size))


def main() -> int:
    rng = np.random.default_rng(0)
    for (sections, size), (others, other_size), correlation in (
        ((10, 4), (34, 20), 0.05),
        ((14, 7), (34, 9), 0.3),
        ((14, 7), (14, 7), 0.2),
        ((34, 9), (34, 9), 0.2),
    ):
        held, called = [], []
        for run in range(RUNS):
            one = document(f"a{run}", sections, size, correlation, rng)
            two = document(f"b{run}", others, other_size, correlation, rng)
            held += [interval.low <= TRUTH <= interval.high for interval in intervals(one, run, shares=True)]
            called += (permutation_test(one, two, run) <= 0.05).tolist()
        print(
            f"{sections} sections of {size}, correlation {correlation}: intervals hold the truth in "
            f"{100 * np.mean(held):.0f} %; p <= 0.05 against {others} of {other_size} in {100 * np.mean(called):.1f} %"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
