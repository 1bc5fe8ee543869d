"""Does a subject that one document alone has come out as its own theme, without company from the other?

    python tests/benchmarks/planted.py [--subject WORD...] [--pair WORD...] [--purity 0.8]

A section of twelve sentences is planted into the middle of one of two documents, and the two are compared: twenty
subjects of planted_subjects.toml, ten foreign to AI policy and ten of it, into either document of each pair (into one in
Chinese those that were written in Chinese too). The pairs are the fixture plans, the digests of the main job and, where
the official files are at hand, the US plan with Japan's and with AI Plus.

- found: one theme holds at least 80 % of the planted sentences, and these are at least 80 % of what their document has
  in it (`--purity` sets this second bound; the rate at two thirds is printed beside).
- apart: the other document's share in that theme is not above what may be there when none of its passages is on a
  subject: the upper end of Wilson's interval for none of n.

Prints each run that fails, and the rates by pair and by kind of subject.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from compare.comparison import compare, load_documents
from compare.documents import Document, Passage
from compare.errors import PolicyCompareError

FIXTURES = Path(__file__).parent.parent / "fixtures"
SUBJECTS = Path(__file__).parent / "planted_subjects.toml"
US = "us-ai-action-plan-2025"
PAIRS = (
    (str(FIXTURES / "northland-plan.md"), str(FIXTURES / "southland-appeal.md"), "auto"),
    (US, "cn-global-ai-governance-action-plan-2025", "digest"),
    (US, "jp-ai-basic-plan-2026", "official"),
    (US, "cn-ai-plus-opinions-2025", "official"),
)
KEPT_TOGETHER, LOOSER = 0.8, 2 / 3
_NORMAL = 1.959964


@dataclass(frozen=True)
class Run:
    """One subject in one document.

    Attributes
    ----------
    inside, planted : planted sentences in the theme that has most of them, and all of them
    own, other : passages of the planted document, and of the other one, in that theme
    share, bound : share of the other document in it, and the most that is within the noise of none
    stability : of the theme
    """

    inside: int
    planted: int
    own: int
    other: int
    share: float
    bound: float
    stability: float

    def is_found(self, purity: float) -> bool:
        return self.inside >= KEPT_TOGETHER * self.planted and self.inside >= purity * self.own - 1e-9

    @property
    def is_apart(self) -> bool:
        return self.share <= self.bound


def plant(document: Document, name: str, sentences: Sequence[str]) -> Document:
    """The document with a section more, at the boundary of sections nearest before its middle."""
    passages = document.passages
    middle = len(passages) // 2
    at = next((i for i in range(middle, 0, -1) if passages[i].section != passages[i - 1].section), middle)
    new = [Passage(0, text, section=(name,), paragraph=100_000 + i) for i, text in enumerate(sentences)]
    made = [*passages[:at], *new, *passages[at:]]
    return replace(
        document,
        passages=tuple(replace(passage, order=i) for i, passage in enumerate(made)),
        sha256=f"{document.sha256[:40]}{name.encode().hex():0<24.24}",
    )


def run(pair: Sequence[Document], into: int, name: str, sentences: Sequence[str]) -> Run:
    """Plant a subject and look where it went."""
    documents = list(pair)
    documents[into] = plant(pair[into], name, sentences)
    compared = compare(documents)
    rows = [row for row in compared.rows if row.document == documents[into].id]
    new = [row for row in rows if row.passage.section == (name,)]
    counts = {theme.id: sum(row.theme == theme.id for row in new) for theme in compared.theme_results}
    theme = max(compared.theme_results, key=lambda theme: counts[theme.id])
    other = documents[1 - into]
    size = len(other.passages)
    return Run(
        inside=counts[theme.id],
        planted=len(new),
        own=sum(row.theme == theme.id for row in rows),
        other=sum(row.theme == theme.id for row in compared.rows if row.document == other.id),
        share=theme.shares[other.id].value,
        bound=_NORMAL**2 / (size + _NORMAL**2),
        stability=theme.stability,
    )


def told(runs: Sequence[Run], purity: float) -> str:
    found = [run for run in runs if run.is_found(purity)]
    looser = sum(run.is_found(LOOSER) and run.is_apart for run in runs)
    both = sum(run.is_apart for run in found)
    return (
        f"{len(runs)} runs: found {len(found)}, and apart {both} ({100 * both / len(runs):.0f} %); "
        f"at two thirds {looser} ({100 * looser / len(runs):.0f} %)"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subject", nargs="*", default=[], help="only subjects whose name holds one of these words")
    parser.add_argument("--pair", nargs="*", default=[], help="only pairs in whose names one of these words is")
    parser.add_argument("--purity", type=float, default=0.8)
    arguments = parser.parse_args()
    subjects = [
        subject
        for subject in tomllib.loads(SUBJECTS.read_text(encoding="utf-8"))["subject"]
        if not arguments.subject or any(word.lower() in subject["name"].lower() for word in arguments.subject)
    ]
    runs: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for *names, basis in PAIRS:
        if arguments.pair and not any(word in name for word in arguments.pair for name in names):
            continue
        try:
            pair = load_documents(names, basis)
        except PolicyCompareError as error:
            print(f"left out: {error}")
            continue
        title = f"{pair[0].short} and {pair[1].short}"
        for subject in subjects:
            for into in (0, 1):
                key = "sentences" if pair[into].language == "en" else "chinese"
                if key not in subject:
                    continue
                made = run(pair, into, subject["name"], subject[key])
                runs[title, subject["kind"]].append(made)
                if not (made.is_found(arguments.purity) and made.is_apart):
                    print(
                        f"  {subject['name']} in {pair[into].short}, beside {pair[1 - into].short}: {made.inside} of "
                        f"{made.planted} in a theme with {made.own} of its own passages, {made.other} of the other's "
                        f"({100 * made.share:.1f} %, bound {100 * made.bound:.1f} %), stability {made.stability:.2f}",
                        flush=True,
                    )
    for (title, kind), of_kind in runs.items():
        print(f"{title}, {kind}: {told(of_kind, arguments.purity)}")
    for kind in dict.fromkeys(kind for _, kind in runs):
        print(f"all, {kind}: {told([run for (_, k), own in runs.items() if k == kind for run in own], arguments.purity)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
