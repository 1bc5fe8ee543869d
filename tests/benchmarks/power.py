"""How often is a difference of ten points found between documents of the plans' size, and how often could it be?

    python tests/benchmarks/power.py [--runs N]

Synthetic documents of the size of the American and Chinese plans (34 sections of nine passages, 14 of seven), and of
the American and Japanese ones (34 of nine, 28 of six). A theme has a share of 5 % in one and 15 % in the other, or 10
and 20 %, or the other way round; in each section its probability is drawn from a beta distribution, so that passages
of a section hang together as much as the intra-section correlation says. Fifteen other themes share the rest. Prints,
by correlation, how often p is at most 0.05, how often it would be for a test that knew the true variance (no honest
test finds more), and how often the difference would be called (interval without zero, false discovery rate over sixteen
themes at most 5 %); the same where there is no difference. The correlation of the themes of the digests stands beside.
"""

from __future__ import annotations

import argparse
import math
import sys
from statistics import NormalDist

import numpy as np

from compare.comparison import compare
from compare.inference import Sample, adjusted, differences

THEMES = 16
SIZES = {"America and China": ((34, 9), (14, 7)), "America and Japan": ((34, 9), (28, 6))}


def document(name: str, share: float, size: tuple[int, int], correlation: float, rng: np.random.Generator) -> Sample:
    """A document of which the first theme has a share."""
    sections, passages = size
    if correlation > 0:
        rest = (1 - correlation) / correlation
        chances = rng.beta(share * rest, (1 - share) * rest, size=sections)
    else:
        chances = np.full(sections, share)
    section = np.repeat(np.arange(sections), passages)
    own = rng.random(len(section)) < chances[section]
    main = rng.integers(1, THEMES, size=sections)[section]
    elsewhere = rng.random(len(section)) > correlation**0.5
    theme = np.where(own, 0, np.where(elsewhere, rng.integers(1, THEMES, size=len(section)), main))
    return Sample.of(name, np.eye(THEMES)[theme], section)


def correlations() -> list[float]:
    """Intra-section correlation of the shares of themes in the two digests, theme by theme and document by document."""
    found = compare(basis="digest")
    made = []
    for text in found.texts:
        rows = [row for row in found.rows if row.document == text.id]
        section = np.unique([" > ".join(row.passage.section) for row in rows], return_inverse=True)[1]
        sizes = np.bincount(section).astype(float)
        mean_size = (len(rows) - (sizes**2).sum() / len(rows)) / (len(sizes) - 1)
        for theme in found.theme_results:
            member = np.array([row.theme == theme.id for row in rows], float)
            if member.sum() < 5:
                continue
            means = np.bincount(section, member) / sizes
            between = (sizes * (means - member.mean()) ** 2).sum() / (len(sizes) - 1)
            within = ((member - means[section]) ** 2).sum() / (len(rows) - len(sizes))
            # Estimator of one-way analysis of variance (Donner 1986).
            made.append(float((between - within) / (between + (mean_size - 1) * within)))
    return made


def possible(shares: tuple[float, float], sizes: tuple[tuple[int, int], ...], correlation: float) -> float:
    """Power at 5 % of a test that knows the variance: of a share, times the design effect of its sections (Kish)."""
    variances = [
        share * (1 - share) / (sections * passages) * (1 + (passages - 1) * correlation)
        for share, (sections, passages) in zip(shares, sizes, strict=True)
    ]
    away = abs(shares[0] - shares[1]) / math.sqrt(sum(variances))
    normal = NormalDist()
    return normal.cdf(away - 1.96) + normal.cdf(-away - 1.96)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    arguments = parser.parse_args()
    found = correlations()
    print(
        f"correlation within sections, themes of the digests: median {np.median(found):.2f}, "
        f"a quarter below {np.quantile(found, 0.25):.2f}, a quarter above {np.quantile(found, 0.75):.2f}"
    )
    pairs = ((0.05, 0.15), (0.15, 0.05), (0.10, 0.20), (0.20, 0.10), (0.10, 0.10))
    for name, sizes in SIZES.items():
        for correlation in (0.0, 0.02, 0.05, 0.1, 0.3):
            parts = []
            for shares in pairs:
                plain, called = [], []
                for run in range(arguments.runs):
                    rng = np.random.default_rng(run)
                    samples = [
                        document(f"{run}-{i}", share, size, correlation, rng)
                        for i, (share, size) in enumerate(zip(shares, sizes, strict=True))
                    ]
                    cell = adjusted([differences(*samples, seed=run, shares=True)])[0][0]
                    plain.append(cell.p <= 0.05)
                    called.append(cell.holds)
                parts.append(
                    f"{100 * shares[0]:.0f} against {100 * shares[1]:.0f} %: p <= 0.05 in {100 * np.mean(plain):.0f} "
                    f"of {100 * possible(shares, sizes, correlation):.0f} %, called {100 * np.mean(called):.0f} %"
                )
            print(f"{name}, correlation {correlation:.2f}: " + "; ".join(parts), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
