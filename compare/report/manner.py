"""How the documents speak: tone, tone by theme, words, meanings of words, who is asked."""

from __future__ import annotations

from collections.abc import Iterator

from compare.inference import Interval
from compare.report import text as shared
from compare.report.blocks import Block, Cell, Column, Grid, Paragraph, Part, Span, Subhead, led, plain
from compare.report.view import MARK, SIDE_BY_SIDE, Shares, View, rate, score
from compare.results import ToneResult, Word
from compare.terms import in_english

_SURE = 1.96


def tone(view: View) -> Part:
    """Share of passages with each pole, mean scores, and the passages that carry the difference."""
    results = view.comparison.tone_results
    rows = [Shares(pole.label, pole.shares, pole.differences) for result in results for pole in result.poles]
    blocks: list[Block] = [*view.tables("Pole", "Share of passages in which each pole is heard, in per cent", rows)]
    blocks.append(
        Subhead(
            "By dimension",
            "mean score: 0 is a sentence that takes neither side, + the first-named side, in SD",
        )
    )
    blocks += _scores(view)
    split = [result.label for result in results if _disagree(result)]
    if split:
        blocks.append(plain(f"Presence and mean score disagree, so that nothing is told of it: {'; '.join(split)}."))
    if view.full:
        blocks += _in_their_words(view)
        blocks.append(Subhead("Dimensions", "what is measured", folded=True))
        blocks += [
            led(f"{result.label}: ", result.definition + (f" ({result.source})" if result.source else ""), "faint")
            for result in results
        ]
    note = "share of passages in which each pole, one end of a dimension, is heard, %"
    return Part("tone", "Tone", note, tuple(blocks), "tone")


def _scores(view: View) -> Iterator[Grid]:
    results = view.comparison.tone_results
    for start in range(0, len(view.documents), SIDE_BY_SIDE):
        shown = view.documents[start : start + SIDE_BY_SIDE]
        columns = [Column("Dimension", "label")]
        columns += [Column(d.short, "figure", document=d.id) for d in shown]
        if view.two:
            columns += [
                Column(
                    "Effect",
                    "figure",
                    meaning="difference in SD of the documents' own passages, which vary more; 0.2 is small, 0.8 large",
                ),
                Column("q", "figure", 90, meaning="false discovery rate over the table"),
            ]
        columns.append(Column("", "mark"))
        rows = []
        for result in results:
            cells = [Cell(result.label)]
            cells += [Cell(score(result.scores[d.id]), sort=result.scores[d.id].value) for d in shown]
            if view.two:
                difference = result.differences[0].difference
                effect = "" if difference.effect is None else shared.signed(difference.effect, 1)
                cells.append(Cell(effect, sort=difference.effect))
                cells.append(Cell(rate(difference.q), sort=difference.q))
            holds = any(pair.difference.holds for pair in result.differences)
            rows.append((*cells, Cell(MARK if holds else "", strong=True)))
        yield Grid("Mean score of each dimension of tone", tuple(columns), tuple(rows))


def _disagree(result: ToneResult) -> bool:
    """Whether a pole's presence and the mean score both differ for sure, but opposite ways."""
    return any(
        pair.difference.holds and score.difference.holds and sign * pair.difference.value * score.difference.value < 0
        for sign, pole in zip((1, -1), result.poles, strict=True)
        for pair, score in zip(pole.differences, result.differences, strict=True)
    )


def _in_their_words(view: View) -> Iterator[Block]:
    held = [r for r in view.comparison.tone_results if any(pair.difference.holds for pair in r.differences)]
    held.sort(key=lambda r: -max(abs(pair.difference.effect or 0) for pair in r.differences))
    if held:
        yield Subhead("Passages", f"those that carry the difference{view.ours}")
    for result in held:
        yield plain(result.label, "strong")
        yield from view.of_each(result.evidence, 1, 4 if view.two else 2, "no passage in which its side is heard")


def tone_by_theme(view: View) -> Part:
    """Where documents speak of one theme in two tones."""
    looked_at = len(view.comparison.theme_tone_results)
    cells = [cell for cell in view.comparison.theme_tone_results if cell.told]
    sure = sum(cell.difference.holds for cell in cells)
    blocks: list[Block] = []
    if not looked_at:
        blocks.append(plain("No theme has passages enough in both for a tone of its own."))
    else:
        said = f"Of {looked_at:,} comparisons (a theme that two speak of, a dimension of tone) {sure or 'none'} "
        said += "holds once so many are looked at" if sure <= 1 else "hold once so many are looked at"
        if len(cells) > sure:
            said += f"; {len(cells) - sure} {'is' if len(cells) - sure == 1 else 'are'} suggested, of which one in "
            said += "five may be chance"
        blocks.append(plain(f"{said}."))
    label = {result.id: result.label for result in view.comparison.tone_results}
    for cell in cells if view.full else cells[:3]:
        difference = cell.difference
        effect = "" if difference.effect is None else f"; effect size {shared.signed(difference.effect, 1)}"
        means = ", ".join(
            f"{shared.signed(cell.means[name].value, 1)} in {view.short(name)}" for name in (cell.first, cell.second)
        )
        figure = score(Interval(difference.value, difference.low, difference.high))
        mark = f" {MARK}" if difference.holds else ""
        blocks.append(
            led(
                f"{view.comparison.theme(cell.theme).label}{mark}",
                f", {label[cell.dimension]}: {means}; difference {figure}, q {rate(difference.q)}{effect}.",
            )
        )
        for document in view.documents if view.full or difference.holds else ():
            rows = cell.evidence.get(document.id, ())
            blocks += [view.quotation(document.id, row) for row in view.first(rows, 1, 2)]
    return Part(
        "tone-by-theme",
        "Tone by theme",
        f"one theme, two tones: mean scores as above, of its passages alone{view.ours if view.full else ''}",
        tuple(blocks),
        "tone_by_theme" if cells else "",
    )


def words(view: View) -> Part:
    """Terms that set a document apart."""
    found = view.comparison.word_results
    tested = any(word.z is not None for word in found)
    note = "counts; languages differ, so no test"
    if tested:
        note = f"z of the log-odds (counts here : there); sure is beyond {_SURE}"
    blocks: list[Block] = []
    by_document = {d.id: [word for word in found if word.document == d.id] for d in view.documents}
    for document, own in by_document.items():
        blocks.append(_line_of_words(view, document, own if view.full else own[:10]))
    if view.ours:
        blocks.append(
            plain("Words of a digest are ours but for the terms it keeps; count words in official texts.", "faint")
        )
    if view.full:
        blocks.append(Subhead("In context", f"a passage for each of the surest{view.ours}", folded=True))
        for document, own in by_document.items():
            surest = [word for word in own if (word.z is None or word.z > _SURE) and word.passages][:8]
            blocks += [view.quotation(document, word.passages[0], _shown(word)) for word in surest]
    return Part("words", "Distinctive words", note, tuple(blocks))


def _shown(word: Word) -> str:
    english = in_english(word.term)
    return word.term if english == word.term else f"{english} {word.term}"


def _line_of_words(view: View, document: str, own: list[Word]) -> Paragraph:
    spans = [Span(f"{view.short(document)}: ", "strong", document)]
    if not own:
        spans.append(Span("no word that stands in several sections sets it apart"))
    was_sure = True
    for i, word in enumerate(own):
        sure = word.z is None or word.z > _SURE
        if i:
            spans.append(Span("; " if sure or not was_sure else "; less surely "))
        elif not sure:
            spans.append(Span("none for sure; less surely "))
        was_sure = sure
        spans.append(Span(_shown(word), "strong" if sure else "", quoted=True))
        others = ", ".join(str(word.counts[d.id]) for d in view.documents if d.id != document)
        count = f"{word.counts[document]}:{others}" if word.z is not None else f"{word.counts[document]}"
        spans.append(Span(f" {word.z:.1f} ({count})" if word.z is not None else f" {count}", "faint"))
    return Paragraph((*spans, Span(".")))


def meanings(view: View) -> Part | None:
    """Words that documents share and use differently."""
    found = view.comparison.meaning_results
    if not found:
        return None
    sure = [word for word in found if word.holds]
    suggested = [word for word in found if word.suggested]
    users = "both" if view.two else "two of them"
    line = f"Of {len(found)} words that {users} use often enough, {len(sure) or 'none'} for sure in other company"
    if suggested:
        line += f"; {len(suggested)} suggested, of which one in five may be chance"
    line += ". Other company is a hint at another meaning, no proof"
    blocks: list[Block] = [plain(f"{line}.")]
    for word in [*sure, *suggested][: None if view.full else 2]:
        beside = "; ".join(
            f"in {view.short(name)} ({word.passages[name]} passages) "
            + (f"beside {', '.join(word.neighbours[name])}" if word.neighbours[name] else "beside nothing often")
            for name in (word.first, word.second)
        )
        blocks.append(led(f"{word.term}{f' {MARK}' if word.holds else ''}", f": {beside}."))
        for document in view.documents if view.full else ():
            blocks += [view.quotation(document.id, row) for row in word.evidence.get(document.id, ())[:2]]
    if view.full and len(found) > len(sure) + len(suggested):
        rest = [word.term for word in found if not word.holds and not word.suggested]
        blocks.append(plain(f"In like company, as far as can be told: {', '.join(rest)}.", "faint"))
    return Part(
        "meanings",
        "The same word, another meaning",
        "words of both, by how far apart their passages are",
        tuple(blocks),
    )


def actors(view: View) -> Part | None:
    """Who is asked to do what."""
    found = [actor for actor in view.comparison.actor_results if actor.matters]
    if not found:
        return None
    rows = [Shares(actor.label, actor.shares, actor.differences) for actor in found]
    caption = "Share of passages that order or encourage, by whom they ask, in per cent"
    blocks: list[Block] = [*view.tables("Asked", caption, rows)]
    for document in view.documents:
        counted = [
            f"{actor.label} {actor.orders[document.id]} : {actor.encouragements[document.id]}"
            for actor in found
            if actor.orders[document.id] + actor.encouragements[document.id]
        ]
        lead = f"{document.short}, passages that bind : that invite: "
        blocks.append(led(lead, "; ".join(counted) + "." if counted else "none.", document=document.id))
    blocks.append(
        plain(
            "To bind is to order (must, shall, should, is to, a bare command) or to commit oneself (we will), whatever "
            "its force in law; to invite is to "
            'encourage, support or explore. Found by the words before the verb of duty, behind "led by" or in '
            "brackets; some are misread.",
            "faint",
        )
    )
    # Who is surely asked more in one document is shown asked; where everything is told, all are.
    held = [actor for actor in found if any(pair.difference.holds for pair in actor.differences)]
    shown = found if view.full else held[:2]
    if shown:
        blocks.append(Subhead("Passages", f"those that ask most strongly{view.ours}", folded=True))
    for actor in shown:
        blocks.append(plain(actor.label, "strong"))
        blocks += [view.quotation(d.id, row) for d in view.documents for row in view.first(actor.evidence[d.id], 1, 2)]
    return Part(
        "actors",
        "Who is asked to do what",
        "share of all passages, %, that order or encourage, by whom they ask",
        tuple(blocks),
        "actors",
    )
