"""How far to trust the report, how to cite it, and how to make it again."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from typing import Any

from compare.comparison import Comparison
from compare.documents import Document
from compare.report import text as shared
from compare.report.blocks import Block, Cell, Column, Grid, Paragraph, Part, Span, Style, Subhead, led, plain
from compare.report.collection import MOST_NAMED
from compare.report.view import View
from compare.validity import Validity

LANGUAGES = {"en": "English", "zh": "Chinese"}
_BY_SECTIONS = (
    "Intervals and tests take sections, not sentences, as what might have been otherwise; they speak of what these "
    "authors might have written, not of countries. With few sections they are wide, and still a little too narrow. "
)
_BY_DOCUMENTS = (
    "Intervals and tests of groups take documents as what might have been otherwise (of groups of fewer than six, "
    "their sections); they speak of what other documents like these might say. With few documents they are wide, and "
    "still a little too narrow. "
)
_MEANING = (
    "Nearness in meaning is measured by a language model, which sees subject better than stance; tone adds marker "
    "words and negation to it, and every passage that it rests on is there to be read."
)

_DIGESTS = (
    "Figures measured on digests are figures of our restatement: subjects, actors and the terms that carry a stance "
    "are kept, yet a verb such as should or encourage may be ours. Confirm a figure on the official texts before you "
    "publish it."
)


def method(view: View) -> Part:
    """How far to trust the figures."""
    comparison = view.comparison
    by_documents = "documents" in comparison.method["resampled"].values()
    units = _BY_DOCUMENTS if by_documents else _BY_SECTIONS
    blocks: list[Block] = [plain(shared.how_sure(comparison)), plain(units + _MEANING)]
    if view.ours:
        blocks.append(plain(_DIGESTS))
    floors = [theme.differences[0].difference.floor for theme in comparison.theme_results]
    if view.two and floors:
        middle = 100 * statistics.median(floors)
        blocks.append(
            plain(
                f"Noise floor: halves of one document typically differ by {middle:.0f} points in a theme's share, by "
                f"{100 * max(floors):.0f} in the theme where they differ most; each theme's own stands under Noise on "
                "wide screens."
            )
        )
    weak = {d.id: sum(row.weak for row in comparison.rows if row.document == d.id) for d in view.documents}
    if any(weak.values()):
        counted = ", ".join(f"{weak[d.id]} of {len(d.passages):,} in {d.short}" for d in view.documents)
        blocks.append(plain(f"Passages that stand between themes, and are counted in the nearest: {counted}."))
    curve = comparison.stability.curve
    if len(curve) > 1:
        low, high = min(v for _, v in curve), max(v for _, v in curve)
        tried = (
            f"The number of themes was chosen among {curve[0][0]} to {curve[-1][0]} (agreement {low:.2f} to {high:.2f})"
        )
        if view.full:
            tried += ": " + ", ".join(f"{k} {value:.2f}" for k, value in curve)
        made = len(comparison.theme_results)
        if made > curve[-1][0]:
            tried += f"; themes of which each document had another part were then told apart, which makes {made}"
        another = "compare(..., themes=N)" if view.notebook else "--themes N"
        blocks.append(plain(f"{tried}. {another} sets another number."))
    blocks += _validity(view)
    if view.full:
        blocks.append(Subhead("Steps", folded=True))
        blocks += [plain(f"{step[0].upper()}{step[1:]}.") for step in comparison.method["steps"]]
    return Part("method", "How far to trust this", blocks=tuple(blocks))


def _validity(view: View) -> Iterator[Block]:
    """How well each dimension of tone is told, in each language of the documents."""
    for language, items in view.comparison.validity.items():
        name = LANGUAGES.get(language, language)
        tried = [item for item in items if not math.isnan(item.rest)]
        if not view.full:
            if tried:
                rest, opposite = (statistics.mean(x) for x in zip(*((t.rest, t.opposite) for t in tried), strict=True))
                worst = min(tried, key=lambda item: item.rest)
                label = next(t.label for t in view.comparison.tone_results if t.id == worst.dimension)
                yield plain(
                    f"How well tone is told in {name}, tried on sentences of our own in the prose of policies: a pole "
                    f"is told from all other sentences with an area under the ROC curve of {rest:.2f} on average, from "
                    f"its opposite with {opposite:.2f} (0.5 is chance, 1 never wrong); least well: {label}, "
                    f"{worst.rest:.2f} [{worst.rest_low:.2f}, {worst.rest_high:.2f}]. Each dimension: "
                    f"{view.whole('method')}."
                )
            continue
        said = (
            "area under the ROC curve (0.5 is chance, 1 never wrong), with 95 % intervals, of the poles against all "
            "other sentences, and between the two, on so many sentences (N) that take one; on wide pages, of anchors "
            "each scored without itself; agreement of two halves of what is learnt from; and, near zero if it is no "
            "matter, correlation with the length of the sentence."
        )
        # A dimension of the user's own has no sentences to be tried on.
        placebos = [item.placebo for item in items if not math.isnan(item.placebo)]
        if placebos:
            said += f" A placebo of anchors dealt at random reaches {statistics.mean(placebos):.2f}."
        yield led(f"How well tone is told in {name}, tried on our own sentences: ", said)
        yield _validity_table(view, name, items)


def _validity_table(view: View, name: str, items: tuple[Validity, ...]) -> Grid:
    label = {tone.id: tone.label for tone in view.comparison.tone_results}
    columns = (
        Column("Dimension", "label"),
        Column("N", "figure", meaning="sentences that take one of the poles"),
        Column("Rest", "figure", meaning="a pole against all other sentences"),
        Column("Pole", "figure", meaning="a pole against its opposite"),
        Column("Anchors", "figure", 100, meaning="anchors, each scored without itself"),
        Column("Halves", "figure", 100, meaning="agreement of two halves of what is learnt from"),
        Column("Length", "figure", 100, meaning="correlation with the length of the sentence"),
    )
    rows = []
    for item in items:
        cells = [Cell(label[item.dimension]), Cell(str(item.sentences), sort=float(item.sentences))]
        for value, low, high in (
            (item.rest, item.rest_low, item.rest_high),
            (item.opposite, item.opposite_low, item.opposite_high),
        ):
            cells.append(Cell("-" if math.isnan(value) else f"{value:.2f} [{low:.2f}, {high:.2f}]", sort=value))
        for figure in (item.left_out, item.halves):
            cells.append(Cell("-" if math.isnan(figure) else f"{figure:.2f}", sort=figure))
        cells.append(Cell(shared.signed(item.length, 2), sort=item.length))
        rows.append(tuple(cells))
    return Grid(f"How well tone is told in {name}", columns, tuple(rows))


def source(view: View) -> Part:
    """How to cite it and how to make it again: in every format."""
    comparison = view.comparison
    if view.detail == "brief":
        return Part("source", "", blocks=(led("Cite as: ", citation(comparison, short=True), "faint"),))
    blocks: list[Block] = [led("Cite as: ", citation(comparison), "faint")]
    blocks += [
        Paragraph((Span(f"{name}: ", "faint"), Span(value, _style(name), quoted=True)))
        for name, value in reproduction(comparison)
    ]
    if view.detail == "default":
        more = "--full tells everything, --section NAME one part, --brief one screen; --html FILE a page."
        if view.notebook:
            more = 'to_text(detail="full") tells everything, to_text(sections=[...]) single parts, to_html() is a page.'
        blocks.append(plain(f"More: {more}", "faint"))
    return Part("source", "To cite, and to run it again", blocks=tuple(blocks))


def _texts(comparison: Comparison) -> list[Document]:
    """The documents, those of a group each for itself."""
    return [text for d in comparison.texts for text in d.joined or (d,)]


def _style(name: str) -> Style:
    if name.startswith("Official text"):
        return "address"
    return "code" if name == "Command" or "SHA-256" in name else "faint"


def citation(comparison: Comparison, short: bool = False) -> str:
    """How to cite the comparison: the program with its version, the documents with issuer, date and basis.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    short : bool
        Whether labels take the place of titles, issuers and dates.
    """
    named = []
    for document in comparison.texts:
        basis = {"official": "official text", "digest": "digest", "file": "file"}.get(document.basis, "several texts")
        told = [basis] if short else [", ".join(x for x in (document.issuer, document.date) if x), basis]
        title = document.label if short else document.title
        if comparison.collection is not None and len(document.members) > MOST_NAMED:
            # The titles of all its documents would fill pages.
            title = f"{document.label}, {len(document.members):,} documents"
        named.append(f"{title} ({'; '.join(item for item in told if item)})")
    *others, last = named
    version = comparison.method["versions"]["policy-compare"]
    seed = comparison.method["seed"]
    return f"policy-compare {version}. Comparison of {', '.join(others)} and {last}. Seed {seed}."


def reproduction(comparison: Comparison) -> list[tuple[str, str]]:
    """What is needed to make the comparison again, a name and a value each: command, texts, encoder, versions.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    """
    method = comparison.method
    versions = ", ".join(f"{name} {version}" for name, version in method["versions"].items())
    made = [("Command", method["command"])]
    made += [(f"Text of {d.short} (SHA-256)", d.sha256) for d in comparison.texts]
    made += [(f"Official text of {d.short}", d.source) for d in _texts(comparison) if d.source.startswith("http")]
    made += [
        ("Encoder", _encoder(method)),
        ("Seed", str(method["seed"])),
        ("Versions", versions),
    ]
    return made


def _encoder(method: dict[str, Any]) -> str:
    if method["weights_sha256"] is None:
        return f"{method['model']}, given in Python; its vectors {method['vectors_sha256']}"
    return f"{method['model']}, weights {method['weights_sha256']}"
