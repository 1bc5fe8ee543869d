"""How faithful are the digests? Shares of themes and tone, digest against official text.

    POLICY_COMPARE_CORPORA=FOLDER python tests/benchmarks/digest_fidelity.py [NAME ...]

Both texts of a plan are compared as two documents. A faithful digest has, in every theme, the share that the official
text has, and in every section the tone; prints the differences, and the correlations over the sections. By default of
all digests whose official text is at hand. The digest of a Chinese text is in English, so that there the languages are
compared as well.
"""

from __future__ import annotations

import sys

import numpy as np

from compare.catalogue import catalogue, load, resolve
from compare.comparison import compare


def main() -> int:
    names = sys.argv[1:] or [n for n, entry in catalogue().items() if entry.digest is not None and entry.official()]
    if not names:
        print("no official text at hand: name a folder of them in POLICY_COMPARE_CORPORA")
        return 2
    for name in names:
        measure(name)
    return 0


def measure(name: str) -> None:
    """Print what sets the two texts of a plan apart."""
    official = load(resolve([name], "official")[0], "official")
    digest = load(resolve([name], "digest")[0], "digest")
    print(f"\n{name}")
    found = compare([official, digest])
    print(f"passages: official {len(official.passages)}, digest {len(digest.passages)}")
    apart = [abs(t.shares["official"].value - t.shares["digest"].value) for t in found.theme_results]
    called = sum(t.differences[0].difference.holds for t in found.theme_results)
    print(
        f"themes: {len(apart)}, share of passages in another theme {50 * sum(apart):.1f} %, "
        f"largest difference {100 * max(apart):.1f} points, differences called {called}"
    )
    # The digest shortens some headings: sections are matched by their order.
    tables = []
    for document in (official, digest):
        order = {section: number for number, section in enumerate(document.sections)}
        rows = [row for row in found.rows if row.document == document.id and row.passage.section in order]
        number = np.array([order[row.passage.section] for row in rows])
        tables.append(
            {
                tone.id: np.array(
                    [
                        np.mean([row.tone[tone.id] for row, n in zip(rows, number, strict=True) if n == k])
                        for k in set(number)
                    ]
                )
                for tone in found.tone_results
            }
        )
    for tone in found.tone_results:
        one, two = tables[0][tone.id], tables[1][tone.id]
        correlation = np.corrcoef(one, two)[0, 1] if len(one) == len(two) else float("nan")
        difference = tone.differences[0].difference
        print(
            f"{tone.id}: over {len(one)} sections r {correlation:.2f}; official less digest {difference.value:+.2f} SD "
            f"[{difference.low:.2f}, {difference.high:.2f}], q {difference.q:.2f}{' holds' if difference.holds else ''}"
        )
    poles = [pole for tone in found.tone_results for pole in tone.poles]
    held = [pole.label for pole in poles if pole.differences[0].difference.holds]
    most = max(abs(pole.differences[0].difference.value) for pole in poles)
    print(f"poles: largest difference {100 * most:.1f} points, differences called: {', '.join(held) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
