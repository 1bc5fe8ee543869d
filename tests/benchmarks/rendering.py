"""How long each format takes to render some 600 passages, once the figures are there.

    python tests/benchmarks/rendering.py

The digests of the two plans, the fixtures of the tests and the digest in Chinese are compared once (vectors from the
cache where they are). Each format is then rendered several times; the median is given in seconds and as a ratio to the
0.3 seconds that a reader may be made to wait. The page of HTML is timed with and without its figures, which Vega draws
and which are most of it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from compare.catalogue import DEFAULT_PAIR
from compare.comparison import compare
from compare.report import html
from compare.report.tables import render_tables
from compare.report.terminal import render_svg, render_text

FIXTURES = Path(__file__).parents[1] / "fixtures"
ALLOWED, TIMES = 0.3, 7


def main() -> None:
    documents = [*DEFAULT_PAIR, *(FIXTURES / name for name in ("northland-plan.md", "southland-appeal.md"))]
    found = compare([*documents, FIXTURES / "governance-digest.zh.md"], basis="digest")
    print(f"{len(found.rows)} passages of {len(found.texts)} documents, {len(found.theme_results)} themes")
    formats: dict[str, Callable[[], object]] = {
        "terminal, brief": lambda: render_text(found, 100, detail="brief"),
        "terminal": lambda: render_text(found, 100),
        "terminal, in colour": lambda: render_text(found, 100, colours="truecolor"),
        "terminal, full": lambda: render_text(found, 100, detail="full"),
        "Markdown": found.to_markdown,
        "JSON": found.to_json,
        "picture (SVG)": lambda: render_svg(found, 100),
        "tables (CSV)": lambda: render_tables(found),
        "HTML without figures": lambda: html._render(found, "full", figures=False, title="Report"),
        "HTML": found.to_html,
    }
    for name, render in formats.items():
        render()
        times = []
        for _ in range(TIMES):
            start = time.perf_counter()
            render()
            times.append(time.perf_counter() - start)
        middle = statistics.median(times)
        print(f"{name:22} {middle:6.3f} s  {middle / ALLOWED:5.2f} of {ALLOWED} s")


if __name__ == "__main__":
    main()
