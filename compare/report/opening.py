"""How the report opens: what was compared, and what a reader should know first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compare.documents import Document
from compare.report import text as shared
from compare.report.blocks import Block, Paragraph, Part, Span, led, listed, plain
from compare.report.collection import MOST_NAMED, set_aside
from compare.report.view import MARK, View
from compare.results import Finding

_SURE = (
    f"Each of these holds ({MARK}): its 95 % interval leaves out zero, and its false discovery rate over all that was "
    f"looked at is at most 5 %. Of twenty differences with {MARK}, expect about one to be a false alarm."
)
_BRIEFLY_SURE = "Each of these holds: interval without zero, false discovery rate at most 5 %."
_SUGGESTED = (
    "Suggested, not established: the interval leaves out zero, yet among so many questions chance alone could give it "
    "(of tone, both presence and mean score must hold)."
)


def head(view: View) -> Part:
    """What was compared, on what basis, and what to beware of."""
    names: list[Span] = []
    for i, document in enumerate(view.documents):
        year = f" ({document.date[:4]})" if document.date and document.date[:4] not in document.label else ""
        names += [Span("  |  ")] if i else []
        names.append(Span(f"{document.label}{year}", "strong", document.id))
    blocks: list[Block] = [Paragraph(tuple(names))]
    comparison = view.comparison
    themes = f"{len(comparison.theme_results)} themes, stability {comparison.stability.bootstrap_ari:.2f} of 1"
    if view.detail == "brief":
        *others, last = (f"{comparison.counts(d).passages:,}" for d in view.documents)
        blocks.append(plain(f"{_basis(view)} {', '.join(others)} and {last} passages · {themes}.", "faint"))
    else:
        *others, last = (_size(view, d) for d in view.documents)
        facts = f"Passages (sentences): {', '.join(others)} and {last} · {themes}"
        # That passages are not the issuers' words must not be overlooked.
        ours = bool(view.ours)
        blocks += [
            plain(_basis(view), "strong" if ours else "faint"),
            plain(f"{facts} · {comparison.method['model']}", "faint"),
        ]
        if any(d.short != d.label for d in view.documents):
            legend = "; ".join(f"{d.short} is {d.label}" for d in view.documents if d.short != d.label)
            blocks.append(plain(f"In the tables: {legend}.", "faint"))
        if any(row.passage.page is not None and not row.passage.page_label for row in comparison.rows):
            blocks.append(plain('"file p." is the page of the file, where no page number is printed.', "faint"))
        for document in view.documents:
            if comparison.collection is not None and len(document.members) > MOST_NAMED:
                many = comparison.counts(document).documents
                blocks.append(plain(f"{document.short} stands for {many:,} documents.", "faint"))
            elif document.members:
                blocks.append(plain(f"{document.short} stands for: {listed(document.members)}", "faint"))
    # What to beware of is never left out, however little is told.
    blocks += set_aside(view)
    blocks += [plain(f"Note: {notice}", "faint") for notice in comparison.notices]
    return Part("head", "", blocks=tuple(blocks))


def _size(view: View, document: Document) -> str:
    """Passages of a document, and in how many sections or documents they stand."""
    counts = view.comparison.counts(document)
    if counts.passages > len(document.passages):
        return f"{counts.passages:,} in {counts.documents:,} documents"
    return f"{counts.passages:,} in {len({p.section for p in document.passages}):,} sections"


def _basis(view: View) -> str:
    """Which texts were read, and how to get the others."""
    bases = list(dict.fromkeys(d.basis for d in view.documents))
    if bases == ["digest"]:
        if view.detail == "brief":
            return "Read from digests, the plans restated in our words (official texts: policy-compare fetch)."
        return (
            "Read from digests: the plans restated in our words, with pages and points of the official texts. Do not "
            "quote passages as the issuers' words: get the official texts (policy-compare fetch) and run it again."
        )
    if len(bases) == 1:
        return "Read from the official texts." if bases == ["official"] else "Read from the files given."
    return "Read from: " + "; ".join(f"{d.short}: {shared.BASIS[d.basis]}" for d in view.documents) + "."


def findings(view: View) -> Part:
    """Three to five sentences, each with figure, interval and place, and what to weigh them with."""
    comparison = view.comparison
    blocks: list[Block] = []
    told = comparison.findings
    sure = sum(finding.holds for finding in told)
    if not sure:
        blocks.append(plain("Nothing that holds: no difference in theme or in tone is larger than chance would give."))
    for number, finding in enumerate(told, start=1):
        if number == sure + 1:
            blocks.append(plain(_SUGGESTED, "emphasis"))
        blocks += _finding(view, finding, number)
        if number == sure:
            said = _BRIEFLY_SURE if view.detail == "brief" else _SURE
            blocks.append(plain(said if sure > 1 else said.replace("Each of these", "This"), "faint"))
    blocks += _briefly_beside(view) if view.detail == "brief" else _beside(view)
    note = "" if view.detail == "brief" else "in theme and in tone, in order of points of share [95 % interval]"
    return Part("findings", "What differs most", note, tuple(blocks))


def _finding(view: View, finding: Finding, number: int) -> Iterator[Block]:
    """The sentence with its places, and where it holds a passage of each document."""
    subject, rest = finding.text.split(": ", 1)
    brief = view.detail == "brief"
    if brief:
        # The other pole and the effect size are for those who read on.
        rest = rest.split(". ", 1)[0].rstrip(".") + "."
    spans = [Span(f"{subject}: ", "strong"), Span(f"{rest} "), Span("See ", "faint")]
    quoted = []
    for i, found in enumerate(finding.places[:1] if brief else finding.places):
        of = "" if found.of == subject else _within(found.of)
        spans.append(Span(f"{'. ' if i else ''}{view.short(found.document)}{f' ({of})' if of else ''}: ", "faint"))
        spans += [Span(text, "faint", row=row) for text, row in shared.places(view.comparison, found.rows)]
        quoted.append(view.quotation(found.document, found.rows[0], of))
    yield Paragraph((*spans, Span(".", "faint")), number)
    if finding.holds and not brief:
        yield from quoted


def _figures(view: View, values: dict[str, float]) -> str:
    """Shares by document, in per cent."""
    return ", ".join(f"{view.short(d)} {100 * value:.0f} %" for d, value in values.items())


def _within(label: str) -> str:
    """A label within a sentence."""
    return label[0].lower() + label[1:]


def _other_themes(view: View) -> tuple[list[str], list[str], list[str]]:
    """Labels of themes that no finding tells of: apart but not surely so, not apart, and withheld."""
    same: list[str] = []
    unsure: list[tuple[float, str]] = []
    themes = view.comparison.theme_results
    for theme in themes:
        values = {document: share.value for document, share in theme.shares.items()}
        told = any(finding.subject == theme.id for finding in view.comparison.findings)
        if told or not theme.stable or theme.loose:
            continue
        # As a reader sees them, in whole points.
        if round(100 * (max(values.values()) - min(values.values()))) >= 5:
            unsure.append((min(values.values()) - max(values.values()), f"{theme.label} ({_figures(view, values)})"))
        elif min(values.values()) >= 0.03:
            same.append(theme.label)
    unsure += _unsure_poles(view)
    withheld = [t.label for t in themes if not t.stable and any(pair.difference.holds for pair in t.differences)]
    return [text for _, text in sorted(unsure)], same, withheld


def _unsure_poles(view: View) -> list[tuple[float, str]]:
    """Poles of tone that are apart by five points and whose interval leaves out zero, but which do not hold."""
    told = {finding.subject for finding in view.comparison.findings}
    made = []
    for result in view.comparison.tone_results:
        for pole in result.poles:
            clear = any(pair.difference.clear and not pair.difference.holds for pair in pole.differences)
            values = {document: share.value for document, share in pole.shares.items()}
            apart = max(values.values()) - min(values.values())
            if pole.id not in told and clear and round(100 * apart) >= 5:
                made.append((-apart, f"the tone of {_within(pole.label)} ({_figures(view, values)})"))
    return made


def _also_held(view: View) -> list[str]:
    """What holds besides the findings: poles, dimensions of tone, themes and who is asked."""
    told = {finding.subject for finding in view.comparison.findings}
    held: list[str] = []
    themes = [(theme.id, theme.label, theme.differences) for theme in view.comparison.theme_results if theme.stable]
    for result in view.comparison.tone_results:
        of_poles = [(pole.id, pole.label, pole.differences) for pole in result.poles]
        if {pole.id for pole in result.poles} & told:
            # The finding tells of the dimension, and of the other pole where that goes the other way.
            continue
        themes += [*of_poles, (result.id, f"{result.label} (mean score)", result.differences)]
    for identifier, label, pairs in themes:
        if identifier not in told and any(pair.difference.holds for pair in pairs):
            held.append(label)
    asked = [a.label for a in view.comparison.actor_results if any(pair.difference.holds for pair in a.differences)]
    if asked:
        held.append(f"who is asked ({'; '.join(asked)})")
    return held


def _briefly_beside(view: View) -> Iterator[Paragraph]:
    unsure, same, withheld = _other_themes(view)
    told = f"and tones {len(unsure)} are apart by five points or more, but not surely so; {len(same)} themes show none."
    also = _also_held(view)
    if also:
        yield led("Also held: ", listed(also))
    if withheld:
        told += f" Withheld as unstable: {listed(withheld)}"
    yield led("Of the other themes ", told)


def _beside(view: View) -> Iterator[Paragraph]:
    """What does not differ, what is uncertain, what is missing."""
    unsure, same, withheld = _other_themes(view)
    also = _also_held(view)
    if also:
        yield _led(f"Also marked {MARK} below", also)
    if withheld:
        yield _led("Withheld, since the theme is not found again well enough to found a claim on it", withheld)
    if unsure:
        most = unsure[:4] + (
            [f"{len(unsure) - 4} more under Themes and Tone (themes marked ? or ~ left out)"] if len(unsure) > 4 else []
        )
        yield _led("Apart by five points or more, but not surely so, and not to be told as differences", most)
    if same:
        yield _led("No difference shown, which does not say that there is none", same)
    if not view.two:
        return
    for document, (name, share) in zip(view.documents, _alone(view), strict=True):
        labels = [
            view.comparison.theme(item.theme).label for item in view.comparison.silences if item.document == document.id
        ][:2]
        other = next(d.short for d in view.documents if d.id != document.id)
        figure = f"{100 * share:.0f} % of passages"
        if labels:
            figure += f", above all on {'; '.join(labels)}"
        yield led(f"In {name} with nothing near in {other}: ", f"{figure}.")
    yield plain(
        "Of a document's own passages, one in ten finds nothing so near in another of its sections. That nothing is "
        "near does not prove that the subject is missing.",
        "faint",
    )


def _alone(view: View) -> list[tuple[str, float]]:
    """For each of two documents its name, and the share of its passages that meet nothing near in the other."""
    rows = view.comparison.rows
    made = []
    for document in view.documents:
        own = [item for item in view.comparison.counterpart_results if rows[item.row].document == document.id]
        made.append((document.short, sum(item.silent for item in own) / len(own)))
    return made


def _led(lead: str, items: Sequence[str]) -> Paragraph:
    return led(f"{lead}: ", listed(items))
