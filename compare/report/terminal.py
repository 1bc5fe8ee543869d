"""The terminal report, on rich. A comparison in, text out; nothing is computed here but widths."""

from __future__ import annotations

import io
import math
import re
import statistics
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from compare.arrays import QUOTABLE
from compare.comparison import Comparison
from compare.documents import Document
from compare.inference import Difference, Interval
from compare.report import text as shared
from compare.results import Pairwise, Theme, ToneResult
from compare.terms import in_english

# Lines of prose longer than this are hard to read, however wide the terminal.
_PROSE = 110
# Told apart also by the colour-blind (Okabe & Ito 2008) and on dark and light grounds; and by side and name besides.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_MARK, _ASCII_MARK = "●", "*"


_MEANING = (
    "Intervals and tests take sections, not sentences, as what might have been otherwise; they speak of what these "
    "authors might have written, not of countries. With few sections they are wide, and still a little too narrow. "
    "Nearness in meaning is measured by a language model, which sees subject better than stance; tone adds marker "
    "words and negation to it, and every passage that it rests on is there to be read."
)


_TELLING = 0.3
_MOST_INSIDE = 8
_STEPS = "▁▂▃▄▅▆▇█"


def _by_passages(difference: Difference) -> tuple[float, float]:
    return difference.low_passages, difference.high_passages


class Report:
    """Renders a comparison for a console of a width.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    width : int
        Columns.
    ascii_only : bool
        Whether only ASCII may be drawn with; the documents' own text is left as it is.
    """

    def __init__(self, comparison: Comparison, width: int, ascii_only: bool = False) -> None:
        self.comparison = comparison
        self.width = width
        self.prose = min(width, _PROSE)
        self.ascii_only = ascii_only
        self.mark = _ASCII_MARK if ascii_only else _MARK
        self.documents = comparison.texts
        self.two = len(self.documents) == 2
        self.colour = {d.id: _COLOURS[i % len(_COLOURS)] for i, d in enumerate(self.documents)}

    def opening(self) -> Iterator[RenderableType]:
        """What fits into a picture: head, findings, and the tables of themes and tone."""
        yield from self._head()
        yield from self._findings()
        yield from self._themes()
        yield from self._tone_tables()

    def parts(self) -> Iterator[RenderableType]:
        """The parts of the report, in order."""
        yield from self._head()
        yield from self._findings()
        yield from self._themes()
        yield from self._within_themes()
        yield from self._tone_tables()
        yield from self._tone_passages()
        yield from self._tone_by_theme()
        yield from self._actors()
        yield from self._words()
        yield from self._meanings()
        yield from self._counterparts()
        yield from self._silences()
        yield from self._method()

    # Head and findings

    def _head(self) -> Iterator[RenderableType]:
        names = Text()
        for i, document in enumerate(self.documents):
            names.append("  |  " if i else "")
            year = f" ({document.date[:4]})" if document.date and document.date[:4] not in document.label else ""
            names.append(f"{document.label}{year}", style=f"bold {self.colour[document.id]}")
        yield self._prose(names)
        facts = Text()
        bases = list(dict.fromkeys(d.basis for d in self.documents))
        if bases == ["digest"]:
            facts.append(
                "Read from digests, the plans restated in our words. For the official texts: policy-compare fetch"
            )
        elif len(bases) == 1:
            facts.append("Read from the official texts." if bases == ["official"] else "Read from the files given.")
        else:
            facts.append("Read from: " + "; ".join(f"{d.short}: {shared.BASIS[d.basis]}" for d in self.documents) + ".")
        counts = " and ".join(f"{len(d.passages)}" for d in self.documents)
        dot = "-" if self.ascii_only else "·"
        facts.append(
            f"\n{counts} passages {dot} {len(self.comparison.theme_results)} themes, "
            f"stability {self.comparison.stability.bootstrap_ari:.2f} {dot} {self.comparison.method['model']}"
        )
        yield self._prose(facts, "dim")
        if any(d.short != d.label for d in self.documents):
            legend = "In the tables: " + "; ".join(
                f"{d.short} is {d.label}" for d in self.documents if d.short != d.label
            )
            yield self._prose(Text(legend + "."), "dim")
        for document in self.documents:
            if document.members:
                yield self._prose(Text(f"{document.short} stands for: " + "; ".join(document.members) + "."), "dim")
        for notice in self.comparison.notices:
            yield self._prose(Text(f"Note: {notice}"), "dim")

    def _findings(self) -> Iterator[RenderableType]:
        yield self._title("What differs most")
        if not any(finding.holds for finding in self.comparison.findings):
            yield self._prose(
                Text("Nothing that holds: no difference in theme or in tone is larger than chance would give.")
            )
        for number, finding in enumerate(self.comparison.findings, start=1):
            if not finding.holds and (number == 1 or self.comparison.findings[number - 2].holds):
                yield self._prose(
                    Text(
                        "Suggested, not established: the interval leaves out zero, yet among so many questions chance "
                        "alone could give it."
                    ),
                    "italic",
                )
            subject, rest = finding.text.split(": ", 1)
            line = Text()
            line.append(f"{subject}: ", style="bold")
            line.append(rest)
            where = ". ".join(
                f"{self._short(document)}: {shared.places(self.comparison, rows)}" for document, rows in finding.places
            )
            line.append(f" See {where}.", style="dim")
            yield self._numbered(number, line)
        yield self._prose(Text(""))
        for line in self._beside_findings():
            yield self._prose(line)

    def _beside_findings(self) -> Iterator[Text]:
        """What the reader should weigh the findings with: what does not differ, what is uncertain, what is missing."""
        same: list[str] = []
        unsure: list[tuple[float, str]] = []
        for theme in self.comparison.theme_results:
            values = {document: share.value for document, share in theme.shares.items()}
            told = any(finding.subject == theme.id for finding in self.comparison.findings)
            if told or not theme.stable or theme.loose:
                continue
            if max(values.values()) - min(values.values()) >= 0.05:
                figures = ", ".join(f"{self._short(d)} {100 * value:.0f} %" for d, value in values.items())
                unsure.append((min(values.values()) - max(values.values()), f"{theme.label} ({figures})"))
            elif min(values.values()) >= 0.03:
                same.append(theme.label)
        withheld = [
            theme.label
            for theme in self.comparison.theme_results
            if not theme.stable and any(pair.difference.holds for pair in theme.differences)
        ]
        if withheld:
            yield self._led("Withheld, since the theme is not found again well enough to found a claim on it", withheld)
        if unsure:
            most = [text for _, text in sorted(unsure)[:4]]
            if len(unsure) > len(most):
                most.append(f"{len(unsure) - len(most)} more under Themes")
            yield self._led("Apart by five points or more, but not surely so", most)
        if same:
            yield self._led("No difference shown, which does not say that there is none", same)
        if self.two:
            for document in self.documents:
                rows = self.comparison.rows
                own = [item for item in self.comparison.counterpart_results if rows[item.row].document == document.id]
                alone = sum(item.silent for item in own)
                themes = [
                    self.comparison.theme(item.theme).label
                    for item in self.comparison.silences
                    if item.document == document.id
                ][:2]
                figure = f"{100 * alone / len(own):.0f} % of passages (usual is 10 %)" + (
                    ", above all on" if themes else ""
                )
                lead = f"In {document.short} without a counterpart in {self._short(own[0].document)}"
                yield self._led(f"{lead}: {figure}" if themes else lead, themes or [figure])

    def _led(self, lead: str, items: Sequence[str]) -> Text:
        line = Text(f"{lead}: " if not lead.endswith(" on") else f"{lead} ", style="bold")
        line.append("; ".join(items) + ".", style="not bold")
        return line

    # Themes

    def _themes(self) -> Iterator[RenderableType]:
        yield self._title("Themes", "share of each document's passages, %")
        themes = self.comparison.theme_results
        if self.two:
            rows = [(theme.label, theme.shares, theme.differences, self._flag(theme)) for theme in themes]
            yield self._diverging(rows, "Theme")
        else:
            yield from self._columns("Theme", [(t.label, t.shares, t.differences, self._flag(t)) for t in themes])
        yield self._prose(Text(self._key()), "dim")
        yield from self._inside_themes()

    def _inside_themes(self) -> Iterator[RenderableType]:
        """The parts of the largest themes, and the topic of the codebook that they are nearest to."""
        lines = []
        for theme in self.comparison.theme_results:
            about = ""
            if theme.topic is not None and theme.topic.certainty >= _TELLING and theme.topic.label != theme.label:
                about = f"near the topic {theme.topic.label} ({theme.topic.certainty:.2f})"
            elif theme.topic is not None and theme.topic.label == theme.label:
                about = ", ".join(theme.keywords[:6])
            parts = []
            for part in theme.parts[:3]:
                shares = " : ".join(f"{100 * part.shares[d.id].value:.0f}" for d in self.documents)
                parts.append(f"{part.label} {shares}")
            told = "; ".join(item for item in (about, " | ".join(parts)) if item)
            if told and (theme.parts or about):
                line = Text(f"{theme.label}: ", style="bold")
                line.append(told + ".", style="not bold dim")
                lines.append(line)
        if lines:
            names = " : ".join(d.short for d in self.documents)
            yield self._title("Inside the themes", f"parts with their shares, % {names}; nearest topic, certainty")
            for line in lines[:_MOST_INSIDE]:
                yield self._prose(line)

    @staticmethod
    def _flag(theme: Theme) -> str:
        return "?" if not theme.stable else "~" if theme.loose else ""

    def _key(self) -> str:
        light = "-" if self.ascii_only else "─"
        parts = [
            "[ ] 95 % interval by resampling sections.",
            f"{self.mark} the difference holds: its interval leaves out zero, its false discovery rate is below 5 %.",
        ]
        if any(not theme.stable for theme in self.comparison.theme_results):
            parts.append("? an unstable theme, on which no claim is founded.")
        if any(theme.loose for theme in self.comparison.theme_results):
            parts.append("~ the documents' passages hardly meet in it: it may hold two subjects, read it first.")
        if self.two and self.width >= 120:
            parts.append("By passage: the same interval if passages were independent, which they are not.")
        if self.two and self.width >= 96:
            parts.append("Noise: what halves of one document typically differ by.")
        if self.two:
            parts.append(f"Bars: full to the share, {light} on to the upper end of the interval.")
        return " ".join(parts)

    def _diverging(
        self,
        rows: Sequence[tuple[str, dict[str, Interval], Sequence[Pairwise], str]],
        head: str,
    ) -> RenderableType:
        first, second = self.documents
        bar = 13 if self.width < 76 else 17 if self.width < 96 else 31 if self.width < 130 else 45
        with_difference = self.width >= 76
        table = self._table()
        table.add_column(head, ratio=1, overflow="fold")
        table.add_column(first.short, justify="right", no_wrap=True, style=self.colour[first.id])
        table.add_column("", justify="left", no_wrap=True, width=bar)
        table.add_column(second.short, justify="left", no_wrap=True, style=self.colour[second.id])
        if with_difference:
            table.add_column("Difference", justify="right", no_wrap=True)
        # Beside the interval by sections: the one that takes passages for independent, and what is noise at any rate.
        by_passages, with_floor = self.width >= 120, self.width >= 96
        if by_passages:
            table.add_column("By passage", justify="right", no_wrap=True, style="dim")
        if with_floor:
            table.add_column("Noise", justify="right", no_wrap=True, style="dim")
        table.add_column("", no_wrap=True, width=1)
        ends = [share.high for _, shares, _, _ in rows for share in shares.values()]
        values = [share.value for _, shares, _, _ in rows for share in shares.values()]
        # One wide interval must not flatten all bars: the whisker may reach the edge, the value never.
        largest = max(max(values, default=0), min(max(ends, default=0), 1.6 * max(values, default=0)), 0.01)
        for label, shares, pairs, flag in rows:
            difference = pairs[0].difference
            drawn = shared.diverging_bar(shares[first.id], shares[second.id], largest, bar, self.ascii_only)
            middle = bar // 2
            picture = Text(drawn, no_wrap=True)
            picture.stylize(self.colour[first.id], 0, middle)
            picture.stylize(self.colour[second.id], middle + 1, len(drawn))
            told = difference.holds and flag != "?"
            mark = self.mark if told else flag
            cells: list[RenderableType] = [
                Text(label, style="bold" if told else ""),
                Text(shared.share(shares[first.id])),
                picture,
                Text(shared.share(shares[second.id])),
            ]
            if with_difference:
                cells.append(Text(self._plain(shared.points(difference))))
            if by_passages:
                low, high = (shared.signed(100 * end).removeprefix("+") for end in _by_passages(difference))
                cells.append(Text(self._plain(f"[{low}, {high}]")))
            if with_floor:
                cells.append(Text(f"{100 * difference.floor:.0f}"))
            table.add_row(*cells, Text(mark, style="bold"))
        return table

    def _columns(
        self, head: str, rows: Sequence[tuple[str, dict[str, Interval], Sequence[Pairwise], str]]
    ) -> Iterator[RenderableType]:
        """For three documents and more: a column each, as many at a time as fit."""
        room = max(1, (self.width - 26) // 15)
        for start in range(0, len(self.documents), room):
            shown = self.documents[start : start + room]
            table = self._table()
            table.add_column(head, ratio=1, overflow="fold")
            for document in shown:
                table.add_column(
                    shared.cut(document.short, 13), justify="right", no_wrap=True, style=self.colour[document.id]
                )
            for label, shares, _, flag in rows:
                name = Text(f"{label} {flag}".rstrip())
                table.add_row(name, *(Text(shared.share(shares[d.id])) for d in shown))
            yield table
        held = []
        for label, shares, pairs, flag in rows:
            for pair in pairs:
                if pair.difference.holds and flag != "?":
                    more, less = sorted((pair.first, pair.second), key=lambda d: -shares[d].value)
                    held.append(f"{label}: {self._short(more)} over {self._short(less)}")
        if held:
            yield self._prose(Text(f"{self.mark} Differences that hold: " + "; ".join(held) + "."))

    def _within_themes(self) -> Iterator[RenderableType]:
        yield self._title("What each says in a theme", "the passage nearest the theme's centre")
        shown = self._worth_showing()
        for theme in shown:
            yield self._prose(Text(theme.label, style="bold"))
            for document in self.documents:
                rows = theme.evidence[document.id]
                if rows:
                    yield self._passage(document, rows[0])
                else:
                    yield self._prose(Text(f"  {document.short}: nothing."), "dim")

    def _worth_showing(self) -> list[Theme]:
        """Themes of findings and others that differ, then those all documents treat, then the largest; six in all."""
        themes = [theme for theme in self.comparison.theme_results if theme.stable]
        told = {finding.subject for finding in self.comparison.findings}
        first = [t for t in themes if t.id in told or any(p.difference.holds for p in t.differences)]
        common = [t for t in themes if min(s.value for s in t.shares.values()) >= 0.03]
        return list({theme.id: theme for theme in [*first, *common, *themes]}.values())[:6]

    # Tone

    def _tone_tables(self) -> Iterator[RenderableType]:
        yield self._title("Tone", "share of passages in which each pole is heard, %")
        rows = [
            (pole.label, pole.shares, pole.differences, "")
            for tone in self.comparison.tone_results
            for pole in tone.poles
        ]
        if self.two:
            yield self._diverging(rows, "Pole")
        else:
            yield from self._columns("Pole", rows)
        yield self._title(
            "Tone by dimension",
            "mean score in SD of sentences that take neither pole, + is the first pole; effect size in SD of passages",
        )
        table = self._table()
        table.add_column("Dimension", ratio=1, overflow="fold")
        room = max(1, (self.width - 22) // 19) if not self.two else 2
        shown = self.documents[:room]
        for document in shown:
            table.add_column(
                shared.cut(document.short, 16), justify="right", no_wrap=True, style=self.colour[document.id]
            )
        if self.two:
            table.add_column("Effect" if self.width < 90 else "Effect size", justify="right", no_wrap=True)
            if self.width >= 90:
                table.add_column("q", justify="right", no_wrap=True)
            table.add_column("", no_wrap=True, width=1)
        for tone in self.comparison.tone_results:
            cells = [Text(f"{tone.label}")]
            cells += [Text(self._plain(self._score(tone.scores[d.id]))) for d in shown]
            if self.two:
                difference = tone.differences[0].difference
                effect = "" if difference.effect is None else shared.signed(difference.effect, 1)
                cells.append(Text(self._plain(effect)))
                if self.width >= 90:
                    cells.append(Text(f"{difference.q:.3f}" if difference.q >= 0.0005 else "<0.001"))
                cells.append(Text(self.mark if difference.holds else "", style="bold"))
            table.add_row(*cells)
        yield table
        split = [tone.label for tone in self.comparison.tone_results if self._disagree(tone)]
        if split:
            text = "Presence and mean score disagree, so that nothing is told of it: "
            yield self._prose(Text(text + "; ".join(split) + "."))

    @staticmethod
    def _disagree(tone: ToneResult) -> bool:
        """Whether a pole's presence and the mean score both differ for sure, but opposite ways."""
        return any(
            pair.difference.holds
            and score.difference.holds
            and sign * pair.difference.value * score.difference.value < 0
            for sign, pole in zip((1, -1), tone.poles, strict=True)
            for pair, score in zip(pole.differences, tone.differences, strict=True)
        )

    def _tone_passages(self) -> Iterator[RenderableType]:
        yield self._title("Tone in their words", "the passages that carry the difference")
        for tone in self.comparison.tone_results:
            if not any(pair.difference.holds for pair in tone.differences):
                continue
            yield self._prose(Text(tone.label, style="bold"))
            for document in self.documents:
                for row in tone.evidence[document.id][: 2 if self.two else 1]:
                    yield self._passage(document, row)
                if not tone.evidence[document.id]:
                    yield self._prose(Text(f"  {document.short}: no passage in which its side is heard."), "dim")

    def _tone_by_theme(self) -> Iterator[RenderableType]:
        looked_at = self.comparison.method["tone_by_theme_cells"]
        yield self._title("Tone by theme", "one theme, two tones: mean scores as above, of its passages alone")
        cells = self.comparison.theme_tone_results
        sure = sum(cell.difference.holds for cell in cells)
        if not looked_at:
            yield self._prose(Text("No theme has passages enough in both for a tone of its own."))
            return
        said = f"Of {looked_at} cells (a theme that two speak of, a dimension) {sure or 'none'} "
        said += "holds" if sure <= 1 else "hold"
        if len(cells) > sure:
            said += f"; {len(cells) - sure} {'is' if len(cells) - sure == 1 else 'are'} suggested, of which one in "
            said += "five may be chance"
        yield self._prose(Text(f"{said}."))
        label = {tone.id: tone.label for tone in self.comparison.tone_results}
        for cell in cells[:5]:
            difference = cell.difference
            effect = "" if difference.effect is None else f"; effect size {shared.signed(difference.effect, 1)}"
            means = ", ".join(
                f"{shared.signed(cell.means[name], 1)} in {self._short(name)}" for name in (cell.first, cell.second)
            )
            line = Text(f"{self.comparison.theme(cell.theme).label}", style="bold")
            if difference.holds:
                line.append(f" {self.mark}")
            figure = self._score(Interval(difference.value, difference.low, difference.high))
            line.append(self._plain(f", {label[cell.dimension]}: {means}; difference {figure}{effect}."), "not bold")
            yield self._prose(line)
            for document in self.documents:
                for row in cell.evidence.get(document.id, ())[:1]:
                    yield self._passage(document, row)

    def _actors(self) -> Iterator[RenderableType]:
        actors = [
            actor
            for actor in self.comparison.actor_results
            if max(share.value for share in actor.shares.values()) >= 0.01
        ]
        if not actors:
            return
        yield self._title("Who is asked to do what", "share of passages that order or encourage, by whom they ask, %")
        rows = [(actor.label, actor.shares, actor.differences, "") for actor in actors]
        if self.two:
            yield self._diverging(rows, "Asked")
        else:
            yield from self._columns("Asked", rows)
        for document in self.documents:
            line = Text(f"{document.short}, orders : encouragements: ", style=f"bold {self.colour[document.id]}")
            counted = [
                f"{actor.label} {actor.orders[document.id]} : {actor.encouragements[document.id]}"
                for actor in actors
                if actor.orders[document.id] + actor.encouragements[document.id]
            ]
            line.append("; ".join(counted) + "." if counted else "none.", style="not bold default")
            yield self._prose(line)
        for actor in [actor for actor in actors if any(pair.difference.holds for pair in actor.differences)][:3]:
            yield self._prose(Text(actor.label, style="bold"))
            for document in self.documents:
                for row in actor.evidence[document.id][:1]:
                    yield self._passage(document, row)
        yield self._prose(
            Text('Found by the words before the verb of duty, behind "led by" or in brackets; some are misread.'), "dim"
        )

    def _score(self, score: Interval) -> str:
        low, high = shared.signed(score.low, 1).removeprefix("+"), shared.signed(score.high, 1).removeprefix("+")
        return f"{shared.signed(score.value, 1)} [{low}, {high}]"

    # Words, counterparts, silences

    def _words(self) -> Iterator[RenderableType]:
        words = self.comparison.word_results
        tested = any(word.z is not None for word in words)
        yield self._title(
            "Distinctive words",
            "z of the log-odds (counts here : there); bold is beyond 1.96"
            if tested
            else "counts; languages differ, so no test",
        )
        for document in self.documents:
            own = [word for word in words if word.document == document.id][:12]
            line = Text(f"{document.short}: ", style=f"bold {self.colour[document.id]}")
            if not own:
                line.append("no word that stands in several sections sets it apart.", style="not bold default")
            for i, word in enumerate(own):
                sure = word.z is None or word.z > 1.96
                if i:
                    before = own[i - 1]
                    was_sure = before.z is None or before.z > 1.96
                    line.append("; " if sure or not was_sure else "; less surely ", style="not bold default")
                elif not sure:
                    line.append("none for sure; less surely ", style="not bold default")
                english = in_english(word.term)
                shown = word.term if english == word.term else f"{english} {word.term}"
                line.append(shown, style="bold default" if sure else "not bold default")
                others = ", ".join(str(word.counts[d.id]) for d in self.documents if d.id != document.id)
                count = f"{word.counts[document.id]}:{others}" if word.z is not None else f"{word.counts[document.id]}"
                line.append(f" {word.z:.1f} ({count})" if word.z is not None else f" {count}", style="not bold dim")
            yield self._prose(line)
        if any(d.basis == "digest" for d in self.documents):
            yield self._prose(
                Text("Words of a digest are ours but for the terms it keeps; count words in official texts."), "dim"
            )

    def _meanings(self) -> Iterator[RenderableType]:
        words = self.comparison.meaning_results
        if not words:
            return
        yield self._title("The same word, another meaning", "words of both, by how far apart their passages are")
        sure = [word for word in words if word.holds]
        suggested = [word for word in words if word.suggested]
        line = f"Of {len(words)} words that both use often enough, {len(sure) or 'none'} for sure in another meaning"
        if suggested:
            line += f"; {len(suggested)} suggested, of which one in five may be chance"
        yield self._prose(Text(f"{line}."))
        for word in [*sure, *suggested][:4]:
            text = Text(f"{word.term}{f' {self.mark}' if word.holds else ''}", style="bold")
            beside = "; ".join(
                f"in {self._short(name)} ({word.passages[name]} passages) "
                + (f"beside {', '.join(word.neighbours[name])}" if word.neighbours[name] else "beside nothing often")
                for name in (word.first, word.second)
            )
            text.append(f": {beside}.", "not bold")
            yield self._prose(text)
            for document in self.documents:
                for row in word.evidence.get(document.id, ())[:1]:
                    yield self._passage(document, row)

    def _counterparts(self) -> Iterator[RenderableType]:
        if not self.two:
            return
        pairs = self._mutual()
        if not pairs:
            return
        yield self._title("Where they meet", "passages that are each other's nearest, a pair a theme")
        first, second = self.documents
        for one, two, similarity in pairs:
            yield self._passage(first, one)
            yield self._passage(second, two, f"similarity {similarity:.2f}")

    def _mutual(self, most: int = 3) -> list[tuple[int, int, float]]:
        """Pairs that are each other's nearest and stand in one theme, one pair a theme, the nearest first."""
        first = self.documents[0]
        rows = self.comparison.rows
        best = {
            item.row: item.nearest[0]
            for item in self.comparison.counterpart_results
            if item.nearest and not item.silent
        }
        pairs = [
            (row, other, similarity)
            for row, (other, similarity) in best.items()
            if rows[row].document == first.id and best.get(other, (None, 0))[0] == row
        ]
        pairs.sort(key=lambda pair: (-round(pair[2], 4), pair[0]))
        by_theme: dict[str, tuple[int, int, float]] = {}
        for pair in pairs:
            if rows[pair[0]].theme == rows[pair[1]].theme:
                by_theme.setdefault(rows[pair[0]].theme, pair)
        return list(by_theme.values())[:most]

    def _silences(self) -> Iterator[RenderableType]:
        yield self._title("What one says and the other does not", "passages that meet nothing near in the other")
        if not self.comparison.silences:
            yield self._prose(Text("No theme of which half the passages meet nothing in the other document."))
        for document in self.documents:
            for item in self.comparison.silences:
                if item.document != document.id:
                    continue
                theme = self.comparison.theme(item.theme)
                line = Text(theme.label, style="bold")
                line.append(
                    f": {item.silent} of {item.passages} passages in {document.short} meet nothing near in "
                    f"{self._short(item.other)}.",
                    style="not bold",
                )
                yield self._prose(line)
                yield self._passage(document, item.evidence[0])

    # Method

    def _method(self) -> Iterator[RenderableType]:
        yield self._title("How far to trust this")
        yield self._prose(Text(shared.how_sure(self.comparison)))
        yield self._prose(Text(_MEANING))
        yield from self._weak_and_curve()
        yield from self._validity()
        floors = [theme.differences[0].difference.floor for theme in self.comparison.theme_results]
        if self.two and floors:
            middle = 100 * statistics.median(floors)
            text = f"Noise floor: halves of one document typically differ by {middle:.0f} points in a theme's share"
            yield self._prose(Text(f"{text}, by {100 * max(floors):.0f} in the theme where they differ most."))
        method = self.comparison.method
        versions = ", ".join(f"{name} {version}" for name, version in method["versions"].items())
        texts = " ".join(f"{d.short} {d.sha256[:16]}." for d in self.documents)
        line = f"Encoder {method['model']}, weights {method['weights_sha256'][:16]}; seed {method['seed']}; {versions}."
        yield self._prose(Text(f"{line} Texts (SHA-256): {texts}"), "dim")

    def _weak_and_curve(self) -> Iterator[RenderableType]:
        weak = {d.id: sum(row.weak for row in self.comparison.rows if row.document == d.id) for d in self.documents}
        if any(weak.values()):
            counted = ", ".join(f"{weak[d.id]} of {len(d.passages)} in {d.short}" for d in self.documents)
            yield self._prose(Text(f"Passages that stand between themes, and are counted in the nearest: {counted}."))
        curve = self.comparison.stability.curve
        if len(curve) > 1:
            low, high = min(v for _, v in curve), max(v for _, v in curve)
            if self.ascii_only:
                picture = " ".join(f"{k}:{value:.2f}" for k, value in curve)
            else:
                scale = (len(_STEPS) - 1) / max(high - low, 0.1)
                steps = "".join(_STEPS[min(len(_STEPS) - 1, round((value - low) * scale))] for _, value in curve)
                picture = f"{curve[0][0]} {steps} {curve[-1][0]}"
            line = f"Agreement by number of themes: {picture} (from {low:.2f} to {high:.2f}); --themes N sets another."
            yield self._prose(Text(line))

    def _validity(self) -> Iterator[RenderableType]:
        """How well each dimension of tone is told, in each language of the documents."""
        label = {tone.id: tone.label for tone in self.comparison.tone_results}
        for language, items in self.comparison.validity.items():
            name = {"en": "English", "zh": "Chinese"}.get(language, language)
            narrow = self.width < 100
            head = Text(f"How well tone is told in {name}, tried on our own sentences: ", style="bold")
            said = (
                "area under the ROC curve (0.5 is chance, 1 never wrong), with 95 % intervals, of the poles against "
                "all other sentences, and between the two, on so many sentences (N) that take one"
            )
            if not narrow:
                said += (
                    "; of anchors each scored without itself; agreement of two halves of what is learnt from; and, "
                    "near zero if it is no matter, correlation with the length of the sentence"
                )
            head.append(f"{said}.", "not bold")
            # A dimension of the user's own has no sentences to be tried on.
            placebos = [item.placebo for item in items if not math.isnan(item.placebo)]
            if placebos:
                reached = f" A placebo of anchors dealt at random reaches {statistics.mean(placebos):.2f}."
                head.append(reached, "not bold")
            yield self._prose(head)
            table = self._table()
            table.add_column("Dimension", ratio=1, overflow="fold")
            for title in ("N", "Rest", "Pole", "Anchors", "Halves", "Length")[: 3 if narrow else 6]:
                table.add_column(title, justify="right", no_wrap=True)
            for item in items:
                cells = [Text(label[item.dimension]), Text(str(item.sentences))]
                for value, low, high in (
                    (item.rest, item.rest_low, item.rest_high),
                    (item.opposite, item.opposite_low, item.opposite_high),
                ):
                    cells.append(Text("-" if math.isnan(value) else f"{value:.2f} [{low:.2f}, {high:.2f}]"))
                if not narrow:
                    figures = (item.left_out, item.halves)
                    cells += [Text("-" if math.isnan(figure) else f"{figure:.2f}") for figure in figures]
                    cells.append(Text(self._plain(shared.signed(item.length, 2))))
                table.add_row(*cells)
            yield table

    # Pieces

    def _title(self, title: str, note: str = "") -> RenderableType:
        text = Text(title, style="bold")
        if note:
            text.append(f"  {note}", style="not bold dim")
        rule = Rule(characters="-" if self.ascii_only else "─", style="dim")
        if note and len(title) + len(note) + 2 > self.width:
            return Group(Text(""), rule, Text(title, style="bold"), Text(note, style="dim"))
        return Group(Text(""), rule, text)

    def _table(self) -> Table:
        return Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim", show_edge=False, pad_edge=False)

    def _prose(self, text: Text, style: str = "") -> RenderableType:
        text.style = text.style or style
        return Padding(text, (0, self.width - self.prose, 0, 0))

    def _numbered(self, number: int, line: Text) -> RenderableType:
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(width=2, justify="right")
        table.add_column(ratio=1, overflow="fold")
        table.add_row(Text(str(number), style="bold"), line)
        return Padding(table, (0, self.width - self.prose, 0, 0))

    def _passage(self, document: Document, row: int, note: str = "") -> RenderableType:
        found = self.comparison.rows[row]
        lead = f"{document.short}, {shared.place(found)}" + (f", {note}" if note else "") + ": "
        lines = shared.wrap(
            shared.cut(found.passage.text, QUOTABLE), self.prose - 2, min(cell_len(lead), self.prose - 12)
        )
        text = Text()
        text.append(lead, style=self.colour[document.id])
        text.append("\n".join(lines))
        return Padding(text, (0, self.width - self.prose, 0, 2))

    def _short(self, identifier: str) -> str:
        return self.comparison.document(identifier).short

    def _plain(self, text: str) -> str:
        return text.replace("−", "-") if self.ascii_only else text


def _print(parts: Iterable[RenderableType], console: Console) -> None:
    for part in parts:
        console.print(part, markup=False, highlight=False, emoji=False)


def print_report(comparison: Comparison, console: Console) -> None:
    """Print the report.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    console : rich.console.Console
        With its width and height set.
    """
    ascii_only = not console.encoding.lower().startswith("utf")
    _print(Report(comparison, console.width, ascii_only).parts(), console)


def render_text(comparison: Comparison, width: int = 100, ascii_only: bool = False) -> str:
    """The report as plain text without escapes, no line with blanks at its end.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    width : int
        Columns.
    ascii_only : bool
        Whether only ASCII may be drawn with.
    """
    console = Console(file=io.StringIO(), width=width, height=1000, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        _print(Report(comparison, width, ascii_only).parts(), console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def record_report(comparison: Comparison, width: int = 100, opening: bool = False) -> Console:
    """The report on a console that has recorded it in colour, for its exports.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    width : int
        Columns.
    opening : bool
        Whether only the opening is recorded.
    """
    console = Console(
        file=io.StringIO(),
        width=width,
        height=1000,
        record=True,
        color_system="truecolor",
        force_terminal=True,
        legacy_windows=False,
    )
    report = Report(comparison, width)
    _print(report.opening() if opening else report.parts(), console)
    return console


def render_svg(comparison: Comparison, width: int = 100) -> str:
    """A picture of the report's opening as SVG: findings, themes, tone.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    width : int
        Columns.
    """
    picture = record_report(comparison, width, opening=True).export_svg(
        title="policy-compare", unique_id="policy-compare"
    )
    # A picture fetches nothing: without the font from elsewhere, the reader's own monospaced one serves.
    return re.sub(r"@font-face\s*\{[^}]*\}\s*", "", picture)
