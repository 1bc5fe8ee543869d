"""Figures of a comparison, by Altair: for notebooks, and as pictures for the page of HTML.

Documents are told apart by colour and by shape, and every figure carries its interval.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from compare.comparison import Comparison, Row
from compare.errors import OptionError
from compare.inference import Interval
from compare.report import text as shared
from compare.report.collection import chosen, figure_name, leaf_names, slope, told_trends, whose
from compare.report.colours import COLOURS, SHAPES
from compare.report.view import View, rate
from compare.results import Collection, Distances, Pairwise, Theme
from compare.shown import printable

if TYPE_CHECKING:
    import altair as alt

_WIDTH = 520
_LOOK = {
    "font": "sans-serif",
    "background": "white",
    "view": {"stroke": "#ddd"},
    "axis": {"labelFontSize": 12, "titleFontSize": 12},
    "legend": {"labelFontSize": 12, "titleFontSize": 12},
    "header": {"labelFontSize": 13},
}
_PARTS = 40
# Documents in one figure.
_MOST_MEMBERS = 200
# Label, shares by document, and their differences.
_Subject = tuple[str, dict[str, Interval], Sequence[Pairwise]]
_REFERENCE = re.compile(r"(?<=[\"#])(?:gradient_|clip)\d+(?=[\")])")


class Figures:
    """Figures of a comparison; each method gives an Altair chart.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    """

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._short = {d.id: d.short for d in comparison.texts}
        self._names = [d.short for d in comparison.texts]

    def __repr__(self) -> str:
        return f"Figures: {', '.join(f'{name}()' for name in self.__dir__())}"

    def __dir__(self) -> list[str]:
        return sorted((*NAMES, *(COLLECTION if self._comparison.collection is not None else ())))

    def _scales(self) -> dict[str, Any]:
        import altair as alt

        count = len(self._names)
        colours = [COLOURS[i % len(COLOURS)] for i in range(count)]
        shapes = [SHAPES[i % len(SHAPES)] for i in range(count)]
        legend = alt.Legend(orient="top", title=None)
        return {
            "color": alt.Color("document:N", scale=alt.Scale(domain=self._names, range=colours), legend=legend),
            "shape": alt.Shape("document:N", scale=alt.Scale(domain=self._names, range=shapes), legend=legend),
        }

    def _intervals(self, rows: Sequence[dict[str, Any]], order: Sequence[str], title: str) -> alt.LayerChart:
        """Points with their intervals, a line a subject, documents below each other."""
        import altair as alt

        scales = self._scales()
        base = _chart(rows).encode(
            y=alt.Y("subject:N", sort=list(order), title=None, axis=alt.Axis(labelLimit=340, grid=True)),
            yOffset=alt.YOffset("document:N", sort=self._names),
            color=scales["color"],
            tooltip=["subject:N", "document:N", "value:Q", "low:Q", "high:Q"],
        )
        whiskers = base.mark_rule(strokeWidth=1.5).encode(x=alt.X("low:Q", title=title), x2="high:Q")
        points = base.mark_point(filled=True, size=55, opacity=1).encode(x=alt.X("value:Q"), shape=scales["shape"])
        made: alt.LayerChart = (whiskers + points).properties(width=_WIDTH, height=alt.Step(13))
        return made

    def _shares(self, items: Sequence[_Subject], title: str) -> alt.LayerChart:
        labels = [f"{label} ●" if _holds(differences) else label for label, _, differences in items]
        rows = [
            {"subject": label, "document": self._short[d], **_interval(share, 100, 1)}
            for label, (_, shares, _) in zip(labels, items, strict=True)
            for d, share in shares.items()
        ]
        return self._intervals(rows, labels, f"{title}; {self._mark}")

    @property
    def _mark(self) -> str:
        return "● the difference holds" if len(self._names) == 2 else "● some difference holds"

    def themes(self) -> alt.LayerChart:
        """Shares of themes with 95 % intervals."""
        items = [(_named(t), t.shares, t.differences) for t in self._comparison.theme_results]
        return self._shares(items, "share of the document's passages, %")

    def tone(self) -> alt.LayerChart:
        """Shares of passages in which each pole of tone is heard, with 95 % intervals."""
        poles = [pole for tone in self._comparison.tone_results for pole in tone.poles]
        items = [(pole.label, pole.shares, pole.differences) for pole in poles]
        return self._shares(items, "share of the document's passages, %")

    def scores(self) -> alt.LayerChart:
        """Mean score of each dimension of tone with 95 % intervals."""
        import altair as alt

        results = self._comparison.tone_results
        labels = [f"{tone.label} ●" if _holds(tone.differences) else tone.label for tone in results]
        rows = [
            {"subject": label, "document": self._short[d], **_interval(score, 1, 2)}
            for label, tone in zip(labels, results, strict=True)
            for d, score in tone.scores.items()
        ]
        title = f"mean score, SD of sentences of neither pole; right is the first pole; {self._mark}"
        zero = _chart([{"x": 0}]).mark_rule(color="#555").encode(x=alt.X("x:Q", title=title))
        made: alt.LayerChart = zero + self._intervals(rows, labels, title)
        return made

    def actors(self) -> alt.LayerChart:
        """Shares of passages that ask something of each kind of actor, with 95 % intervals."""
        actors = [actor for actor in self._comparison.actor_results if actor.matters]
        items = [(actor.label, actor.shares, actor.differences) for actor in actors]
        return self._shares(items, "share of the document's passages, %")

    def _passages(self) -> Iterator[tuple[Row, dict[str, Any]]]:
        """Each passage, and what figures show of it."""
        comparison = self._comparison
        labels = {theme.id: _named(theme) for theme in comparison.theme_results}
        for row, (x, y) in zip(comparison.rows, comparison.positions, strict=True):
            yield (
                row,
                {
                    "document": self._short[row.document],
                    "x": x,
                    "y": y,
                    "theme": labels[row.theme],
                    "place": shared.place(row),
                    "passage": shared.visible(row.passage.text),
                },
            )

    def map(self, colour: str = "document") -> alt.FacetChart:
        """Passages on a plane, a panel a document, and the numbers of themes; under the mouse a passage with its page.

        Parameters
        ----------
        colour : str
            "document", "theme", or the id of a dimension of tone, or of one of its poles, whose scores are then the
            colours.

        Raises
        ------
        OptionError
            If there is no such dimension.
        """
        import altair as alt

        comparison = self._comparison
        dimensions = {tone.id: tone.label for tone in comparison.tone_results}
        poles = {pole.id: tone for tone in comparison.tone_results for pole in tone.poles}
        if colour in poles:
            colour = poles[colour].id
        if colour not in {"document", "theme", *dimensions}:
            known = ", ".join(["document", "theme", *dimensions])
            raise OptionError(f"map: {printable(colour)} is no colour; take {known}")
        rows = [
            {**told, "kind": "passage", **{dimensions[name]: round(score, 1) for name, score in row.tone.items()}}
            for row, told in self._passages()
        ]
        for theme, x, y, where in shared.theme_places(comparison):
            name = {"kind": "theme", "theme": _named(theme), "x": x, "y": y, "number": theme.number}
            rows += [{**name, "document": self._short[document]} for document in theme.shares if document in where]
        bare = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
        place: dict[str, Any] = {
            "x": alt.X("x:Q", axis=bare, scale=alt.Scale(domain=[-0.03, 1.03])),
            "y": alt.Y("y:Q", axis=bare, scale=alt.Scale(domain=[-0.03, 1.03])),
        }
        color = self._scales()["color"].legend(None)
        if colour == "theme":
            order = [_named(theme) for theme in comparison.theme_results]
            color = alt.Color("theme:N", sort=order, scale=alt.Scale(scheme="tableau20"))
            color = color.legend(alt.Legend(title=None, labelLimit=320))
        elif colour != "document":
            plus = next(tone for tone in comparison.tone_results if tone.id == colour).poles[0].label
            # A few extreme passages must not leave all others pale.
            sizes = sorted(abs(row.tone[colour]) for row in comparison.rows)
            most = sizes[int(0.95 * (len(sizes) - 1))] or 1.0
            scale = alt.Scale(domain=[-most, 0, most], range=[COLOURS[1], "#e8e8e8", COLOURS[0]], clamp=True)
            legend = alt.Legend(titleLimit=300, title=[dimensions[colour], f"score, SD; above 0: {plus}"])
            color = alt.Color(f"{_escaped(dimensions[colour])}:Q", scale=scale, legend=legend)
        told = ["document:N", "place:N", "theme:N", "passage:N"]
        points = (
            alt.Chart()
            .transform_filter("datum.kind == 'passage'")
            .mark_circle(
                size=22 if colour == "document" else 32, opacity=0.6 if colour == "document" else 0.9, aria=False
            )
            .encode(**place, color=color, tooltip=told + [f"{_escaped(label)}:Q" for label in dimensions.values()])
        )
        numbers = (
            alt.Chart().transform_filter("datum.kind == 'theme'").encode(**place, text="number:N", tooltip="theme:N")
        )
        # A light rim keeps a number apart from the points below it.
        rim = numbers.mark_text(fontSize=13, fontWeight="bold", stroke="white", strokeWidth=3, strokeJoin="round")
        ink = numbers.mark_text(fontSize=13, fontWeight="bold")
        panel = alt.layer(points, rim, ink, data=_chart(rows).data).properties(width=340, height=290)
        return panel.facet(facet=alt.Facet("document:N", sort=self._names, title=None), columns=2)

    def explore(self) -> alt.HConcatChart:
        """The map with a table: the passages within a rectangle that the mouse draws, the first dozen of them."""
        import altair as alt

        rows = [
            {**told, "line": f"{told['document']}, {told['place']}: {shared.cut(told['passage'], 110)}"}
            for _, told in self._passages()
        ]
        brush = alt.selection_interval()
        bare = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
        scales = self._scales()
        chart = _chart(rows)
        points = (
            chart.mark_point(filled=True, size=30)
            .encode(
                x=alt.X("x:Q", axis=bare),
                y=alt.Y("y:Q", axis=bare),
                shape=scales["shape"].legend(None),
                color=alt.condition(brush, scales["color"], alt.value("#ccc")),
                tooltip=["document:N", "place:N", "theme:N", "passage:N"],
            )
            .add_params(brush)
            .properties(width=420, height=380)
        )
        listed = (
            chart.transform_filter(brush)
            .transform_window(number="row_number()")
            .transform_filter("datum.number <= 12")
            .mark_text(align="left", baseline="top", limit=640, fontSize=11)
            .encode(
                x=alt.value(4),
                y=alt.Y("number:O", axis=None),
                text="line:N",
                tooltip=["place:N", "theme:N", "passage:N"],
            )
            .properties(width=640, height=380, title="Passages within the rectangle")
        )
        made: alt.HConcatChart = (points | listed).resolve_legend(color="independent")
        return made

    def words(self) -> alt.LayerChart:
        """Distinctive words of each document: log-odds in standard errors, or counts where languages differ."""
        import altair as alt

        comparison = self._comparison
        tested = any(word.z is not None for word in comparison.word_results)
        rows: list[dict[str, Any]] = [
            {
                "word": shared.visible(word.term),
                "document": self._short[word.document],
                "value": round(word.z, 2) if word.z is not None else word.counts[word.document],
                "counts": ", ".join(f"{self._short[d]} {n}" for d, n in word.counts.items()),
            }
            for document in comparison.texts
            for word in [word for word in comparison.word_results if word.document == document.id][:12]
        ]
        title = "z of the log-odds; beyond the line it is sure" if tested else "count"
        order = [row["word"] for row in rows]
        bars = (
            _chart(rows)
            .mark_bar(height=9)
            .encode(
                x=alt.X("value:Q", title=title),
                y=alt.Y("word:N", sort=order, title=None, axis=alt.Axis(labelLimit=200)),
                color=self._scales()["color"],
                tooltip=["word:N", "document:N", "value:Q", "counts:N"],
            )
        )
        sure = _chart([{"x": 1.96}]).mark_rule(color="#333", strokeDash=[3, 3]).encode(x=alt.X("x:Q", title=title))
        layers = [bars, sure] if tested else [bars]
        made: alt.LayerChart = alt.LayerChart(layer=layers).properties(width=_WIDTH, height=alt.Step(15))
        return made

    def stability(self) -> alt.LayerChart:
        """How far divisions of random parts agree, by number of themes (adjusted Rand index)."""
        import altair as alt

        stability = self._comparison.stability
        rows = [{"themes": k, "agreement": round(value, 3)} for k, value in stability.curve]
        base = _chart(rows).encode(
            x=alt.X("themes:Q", title="number of themes", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(zero=False)),
            y=alt.Y("agreement:Q", title="agreement (adjusted Rand index)", scale=alt.Scale(domain=[0, 1])),
            tooltip=["themes:Q", "agreement:Q"],
        )
        line, points = base.mark_line(color=COLOURS[0]), base.mark_point(filled=True, color=COLOURS[0])
        made: alt.LayerChart = (line + points).properties(width=_WIDTH, height=220)
        return made

    def course(self) -> alt.FacetChart:
        """Where in each document the passages on a theme stand, from first to last."""
        import altair as alt

        comparison = self._comparison
        labels = [_named(theme) for theme in comparison.theme_results]
        rows = [
            {"theme": label, "document": document.short, "part": 100 * i / _PARTS, "to": 100 * (i + 1) / _PARTS, "n": n}
            for label, theme in zip(labels, comparison.theme_results, strict=True)
            for document in comparison.texts
            for i, n in enumerate(comparison.course(theme.id, document.id, _PARTS))
            if n
        ]
        chart = (
            _chart(rows)
            .mark_rect()
            .encode(
                x=alt.X("part:Q", title="part of the document, %", scale=alt.Scale(domain=[0, 100])),
                x2="to:Q",
                y=alt.Y("theme:N", sort=labels, title=None, axis=alt.Axis(labelLimit=340, grid=True)),
                color=self._scales()["color"].legend(None),
                opacity=alt.Opacity("n:Q", scale=alt.Scale(range=[0.35, 1]), legend=None),
                tooltip=["theme:N", "document:N", "n:Q"],
            )
            .properties(width=300, height=alt.Step(17))
        )
        made: alt.FacetChart = chart.facet(facet=alt.Facet("document:N", sort=self._names, title=None), columns=2)
        return made

    def tone_by_theme(self, first: str | None = None, second: str | None = None) -> alt.VConcatChart:
        """Grid of themes and dimensions: how far apart two documents that both speak of a theme do so.

        A cell has the difference of the mean scores; ● marks what holds, ○ what is suggested, and what is neither is
        pale. A cell is empty where one of the documents has too few passages on the theme.

        Parameters
        ----------
        first, second : str, optional
            Two documents, as for `Comparison.document`; by default all pairs, a panel each.

        Raises
        ------
        OptionError
            If a name stands for no document, or only one is given.
        """
        import altair as alt

        comparison = self._comparison
        if (first is None) != (second is None):
            raise OptionError("tone_by_theme: name two documents, or none for all pairs")
        wanted = {comparison.document(name).id for name in (first, second) if name is not None}
        label = {tone.id: tone.label for tone in comparison.tone_results}
        named = {theme.id: _named(theme) for theme in comparison.theme_results}
        rows: list[dict[str, Any]] = []
        for cell in comparison.theme_tone_results:
            if wanted and wanted != {cell.first, cell.second}:
                continue
            one, two = self._short[cell.first], self._short[cell.second]
            mark = "●" if cell.difference.holds else "○" if cell.told else ""
            told = [
                f"{self._short[name]}: {shared.signed(cell.means[name].value, 1)} "
                f"[{shared.signed(cell.means[name].low, 1)}, {shared.signed(cell.means[name].high, 1)}], "
                f"{cell.passages[name]} passages"
                for name in (cell.first, cell.second)
            ]
            rows.append(
                {
                    "theme": named[cell.theme],
                    "dimension": label[cell.dimension],
                    "pair": f"{one} less {two}",
                    "first": told[0],
                    "second": told[1],
                    **_interval(Interval(cell.difference.value, cell.difference.low, cell.difference.high), 1, 2),
                    "q": round(cell.difference.q, 3),
                    "told": cell.told,
                    "text": f"{shared.signed(cell.difference.value, 1)} {mark}".strip(),
                }
            )
        most = max((abs(row["value"]) for row in rows), default=1)
        base = alt.Chart().encode(
            x=alt.X(
                "dimension:N", sort=list(label.values()), title=None, axis=alt.Axis(labelAngle=-35, labelLimit=220)
            ),
            y=alt.Y("theme:N", sort=list(named.values()), title=None, axis=alt.Axis(labelLimit=340)),
            tooltip=[
                *("theme:N", "dimension:N", "pair:N", "value:Q", "low:Q", "high:Q", "q:Q"),
                *("first:N", "second:N"),
            ],
        )
        scale = alt.Scale(domain=[-most, 0, most], range=[COLOURS[1], "#f7f7f7", COLOURS[0]])
        cells = base.mark_rect().encode(
            color=alt.Color("value:Q", scale=scale, title="difference, SD"),
            opacity=alt.condition("datum.told", alt.value(1), alt.value(0.2)),
        )
        texts = base.mark_text(fontSize=11).encode(
            text="text:N", opacity=alt.condition("datum.told", alt.value(1), alt.value(0.75))
        )
        pairs = [f"{one} less {two}" for one, two in combinations(self._names, 2)]
        by_pair = [(pair, [row for row in rows if row["pair"] == pair]) for pair in pairs]
        # Not facets: these would give every pair the themes of all.
        panels = [
            alt.layer(cells, texts, data=_chart(own).data, title=alt.TitleParams(pair, fontSize=12)).properties(
                width=alt.Step(72), height=alt.Step(22)
            )
            for pair, own in by_pair
            if own or not rows
        ]
        return alt.VConcatChart(vconcat=panels)

    def _collection(self) -> Collection:
        if self._comparison.collection is None:
            raise OptionError("no groups of documents were compared: give groups, or --group on the command line")
        return self._comparison.collection

    def members(self, subject: str) -> alt.LayerChart:
        """One figure of every document that stands in a group, with 95 % intervals, the earliest first.

        Parameters
        ----------
        subject : str
            The id of a pole of tone or of a dimension, whose mean score is then shown (where both have one id, the
            pole), or a theme, as for `Comparison.theme`. Of more than 200 documents the longest are shown.

        Raises
        ------
        OptionError
            If there is no such figure, or documents do not stand in groups.
        """
        import altair as alt

        comparison, collection = self._comparison, self._collection()
        tones = {tone.id: tone.label for tone in comparison.tone_results}
        poles = {pole.id: pole.label for tone in comparison.tone_results for pole in tone.poles}
        theme = None if subject in tones or subject in poles else comparison.theme(subject)
        label = theme.label if theme is not None else poles.get(subject) or tones[subject]
        longest = sorted(collection.members, key=lambda member: (-member.passages, member.id))[:_MOST_MEMBERS]
        order = {document.id: number for number, document in enumerate(comparison.texts)}
        rows: list[dict[str, Any]] = []
        for member in sorted(longest, key=lambda member: (order[member.side], member.date or "9999", member.id)):
            share = member.themes[theme.id] if theme is not None else member.poles.get(subject)
            figure = _interval(share, 100, 1) if share is not None else _interval(member.scores[subject], 1, 2)
            name = f"{shared.cut(shared.visible(member.label), 60)}{f' ({member.date[:4]})' if member.date else ''}"
            # Two documents may have one name.
            name += " " * sum(row["subject"].rstrip() == name for row in rows)
            rows.append(
                {
                    "subject": name,
                    "document": self._short[member.side],
                    "date": member.date,
                    "passages": member.passages,
                    **figure,
                }
            )
        scored = theme is None and subject not in poles
        unit = "mean score, SD" if scored else "share of the document's passages, %"
        title, scales = f"{label}: {unit}", self._scales()
        base = _chart(rows).encode(
            y=alt.Y("subject:N", sort=[row["subject"] for row in rows], title=None, axis=alt.Axis(labelLimit=340)),
            color=scales["color"],
            tooltip=["subject:N", "document:N", "date:N", "passages:Q", "value:Q", "low:Q", "high:Q"],
        )
        whiskers = base.mark_rule(strokeWidth=1.5).encode(x=alt.X("low:Q", title=title), x2="high:Q")
        points = base.mark_point(filled=True, size=55, opacity=1).encode(x="value:Q", shape=scales["shape"])
        made: alt.LayerChart = (whiskers + points).properties(width=_WIDTH, height=alt.Step(16))
        return made

    def trends(self) -> alt.VConcatChart:
        """Figures by year with 95 % intervals, a panel a trend: those that hold, or the three surest where none does.

        Raises
        ------
        OptionError
            If documents do not stand in groups, or too few are dated.
        """
        import altair as alt

        comparison, collection = self._comparison, self._collection()
        if not collection.trends:
            raise OptionError("trends: too few documents have a date; see .members")
        unstable = {theme.id for theme in comparison.theme_results if not theme.stable}
        view = View(comparison)
        panels = []
        for trend in told_trends(collection, unstable):
            tone = trend.kind == "tone"
            rows = [
                {
                    "year": year.year,
                    "documents": year.documents,
                    **(_interval(year.figure, 1, 2) if tone else _interval(year.figure, 100, 1)),
                }
                for year in trend.years
            ]
            first, last = trend.years[0].year, trend.years[-1].year
            axis = alt.Axis(format="d", tickMinStep=1, tickCount=min(last - first + 1, 12))
            base = _chart(rows).encode(
                x=alt.X("year:Q", title=None, axis=axis, scale=alt.Scale(domain=[first - 0.5, last + 0.5])),
                tooltip=["year:Q", "documents:Q", "value:Q", "low:Q", "high:Q"],
            )
            colour = COLOURS[0] if trend.side is None else self._colour(trend.side)
            side = "mean score, SD" if tone else "share, %"
            # Shares begin at zero; of scores the place of zero says which pole is heard more.
            whiskers = base.mark_rule(strokeWidth=1.5, color=colour).encode(y=alt.Y("low:Q", title=side), y2="high:Q")
            line = base.mark_line(color=colour, opacity=0.4).encode(y="value:Q")
            points = base.mark_point(filled=True, size=55, opacity=1, color=colour).encode(y="value:Q")
            heading = alt.TitleParams(
                f"{figure_name(view, trend)}, {whose(view, trend)}{' ●' if trend.holds else ''}",
                subtitle=f"{slope(trend)}, q {rate(trend.q)}; {trend.documents:,} documents",
                anchor="start",
                fontSize=13,
            )
            panels.append(alt.layer(whiskers, line, points, title=heading).properties(width=_WIDTH, height=150))
        return alt.VConcatChart(vconcat=panels)

    def _colour(self, side: str) -> str:
        place = [document.id for document in self._comparison.texts].index(side)
        return COLOURS[place % len(COLOURS)]

    def _distances(self, kind: str, of: str | None) -> Distances:
        collection = self._collection()
        of = of or chosen(collection)
        found = next((item for item in collection.distances if (item.kind, item.of) == (kind, of)), None)
        if found is None:
            at_hand = ", ".join(f"{item.kind} of {item.of}" for item in collection.distances) or "none"
            raise OptionError(f"distances by {printable(str(kind))} of {printable(of)}: there are {at_hand}")
        return found

    def _leaves(self, found: Distances) -> list[str]:
        """Names of the leaves in the order of the ids, no two alike."""
        made: list[str] = []
        for name, _ in leaf_names(View(self._comparison), found):
            name = shared.cut(shared.visible(name), 60)
            made.append(name + " " * sum(other.rstrip() == name for other in made))
        return made

    def distances(self, kind: str = "themes", of: str | None = None) -> alt.LayerChart:
        """A matrix of distances in the order of the dendrogram; what lies below the noise floor is framed.

        Parameters
        ----------
        kind : {"themes", "tone"}
            By shares of themes, or by shares of the poles of tone.
        of : {"documents", "groups"}, optional
            By default documents, or groups where there are many documents.

        Raises
        ------
        OptionError
            If there are no such distances.
        """
        import altair as alt

        found = self._distances(kind, of)
        names, n = self._leaves(found), len(found.ids)
        scale, digits = (1, 2) if kind == "themes" else (100, 1)
        apart = dict(zip(combinations(range(n), 2), found.values, strict=True))
        rows: list[dict[str, Any]] = [
            {
                "first": names[i],
                "second": names[j],
                "value": round(scale * apart[min(i, j), max(i, j)], digits),
                "beyond": apart[min(i, j), max(i, j)] > found.floor,
            }
            for i in found.order
            for j in found.order
            if i != j
        ]
        order = [names[i] for i in found.order]
        title = "Hellinger distance" if kind == "themes" else "distance, points"
        base = _chart(rows).encode(
            x=alt.X("first:N", sort=order, title=None, axis=alt.Axis(labelAngle=-45, labelLimit=200)),
            y=alt.Y("second:N", sort=order, title=None, axis=alt.Axis(labelLimit=300)),
            tooltip=["first:N", "second:N", "value:Q", alt.Tooltip("beyond:N", title="beyond the noise floor")],
        )
        most = max((row["value"] for row in rows), default=1)
        shade = alt.Scale(domain=[0, most], range=[COLOURS[0], "#f7f7f7"])
        cells = base.mark_rect().encode(color=alt.Color("value:Q", scale=shade, title=title))
        floor = f"framed: no farther apart than halves of one {found.of.removesuffix('s')}, "
        floor += f"{scale * found.floor:.{digits}f}"
        frames = base.transform_filter("!datum.beyond").mark_rect(fill=None, stroke="#333", strokeWidth=1)
        layers = [cells, frames]
        if n <= 20:
            layers.append(
                base.mark_text(fontSize=10, color="#1d1d1f").encode(text=alt.Text("value:Q", format=f".{digits}f"))
            )
        heading = alt.TitleParams(floor, anchor="start", fontSize=12, fontWeight="normal")
        size = alt.Step(30 if n <= 20 else max(4, 640 // n))
        made: alt.LayerChart = alt.LayerChart(layer=layers, title=heading).properties(width=size, height=size)
        return made

    def dendrogram(self, kind: str = "themes", of: str | None = None) -> alt.LayerChart:
        """A dendrogram by average linkage, with the support of its joins in per cent and the noise floor.

        Parameters
        ----------
        kind, of
            As for `distances`.

        Raises
        ------
        OptionError
            If there are no such distances.
        """
        import altair as alt

        found = self._distances(kind, of)
        names, n = self._leaves(found), len(found.ids)
        scale = 1 if kind == "themes" else 100
        at = {leaf: (0.0, float(row)) for row, leaf in enumerate(found.order)}
        lines: list[dict[str, Any]] = []
        supports: list[dict[str, Any]] = []
        for number, join in enumerate(found.joins, start=n):
            x, ends = scale * join.distance, [at[join.first], at[join.second]]
            lines += [{"x": start, "to": x, "y": row, "down": row} for start, row in ends]
            lines.append({"x": x, "to": x, "y": ends[0][1], "down": ends[1][1]})
            at[number] = x, (ends[0][1] + ends[1][1]) / 2
            if join.size < n:
                supports.append({"x": x, "y": at[number][1], "support": f"{100 * join.support:.0f}"})
        sides = [side for _, side in leaf_names(View(self._comparison), found)]
        leaves = [
            {"name": names[leaf], "y": float(row), "document": self._short[sides[leaf]]}
            for row, leaf in enumerate(found.order)
        ]
        title = (
            "Hellinger distance of the shares of themes"
            if kind == "themes"
            else "distance of the poles of tone, points"
        )
        down = alt.Scale(domain=[-0.6, n - 0.4], reverse=True, nice=False)
        place: dict[str, Any] = {
            "x": alt.X("x:Q", title=title, scale=alt.Scale(domainMin=0)),
            "y": alt.Y("y:Q", axis=None, scale=down),
        }
        branches = _chart(lines).mark_rule(color="#555", strokeWidth=1.2).encode(**place, x2="to:Q", y2="down:Q")
        layers = [branches]
        if found.floor:
            floor = [{"x": scale * found.floor, "told": "noise floor"}]
            rule = (
                _chart(floor)
                .mark_rule(color=COLOURS[1], strokeDash=[4, 3])
                .encode(x=place["x"], tooltip=["told:N", "x:Q"])
            )
            layers.append(rule)
        layers.append(
            _chart(supports)
            .mark_text(align="left", dx=3, dy=-5, fontSize=10, color="#333")
            .encode(**place, text="support:N")
        )
        colour = self._scales()["color"].legend(None)
        layers.append(
            _chart(leaves)
            .mark_text(align="right", dx=-6, fontSize=12, limit=330)
            .encode(x=alt.XDatum(0), y=place["y"], text="name:N", color=colour, tooltip=["name:N", "document:N"])
        )
        heading = alt.TitleParams(
            "beside a join its support, %; dashed: noise floor", anchor="start", fontSize=12, fontWeight="normal"
        )
        made: alt.LayerChart = alt.LayerChart(layer=layers, title=heading).properties(
            width=_WIDTH, height=max(60, 22 * n)
        )
        return made


# Of documents that stand in groups.
COLLECTION = ("dendrogram", "distances", "members", "trends")
NAMES = (
    "actors",
    "course",
    "explore",
    "map",
    "scores",
    "stability",
    "themes",
    "tone",
    "tone_by_theme",
    "words",
)


def show_offline() -> None:
    """Let figures show in a notebook without a network, unless the user has chosen a way to show them.

    Altair's default loads its drawing code from the internet. Its own way without is a widget, which needs the package
    anywidget; where that is missing, figures are pictures.
    """
    import altair as alt

    if alt.renderers.active != "default":
        return
    if importlib.util.find_spec("anywidget") is not None:
        alt.renderers.enable("jupyter", offline=True)
    else:
        alt.renderers.enable("svg")


def _chart(rows: Sequence[dict[str, Any]]) -> Any:
    """A chart with its data in it."""
    import altair as alt

    return alt.Chart(alt.Data(values=list(rows)))  # type: ignore[no-untyped-call]


def _escaped(field: str) -> str:
    """A field's name as Vega-Lite's shorthand takes it."""
    return re.sub(r"([.:\[\]\\])", r"\\\1", field)


def _interval(interval: Interval, scale: float, digits: int) -> dict[str, float]:
    return {name: round(scale * getattr(interval, name), digits) for name in ("value", "low", "high")}


def _holds(differences: Sequence[Pairwise]) -> bool:
    return any(pair.difference.holds for pair in differences)


def _named(theme: Theme) -> str:
    return f"{theme.number} {theme.label}"


def picture(comparison: Comparison, name: str) -> str:
    """A figure as SVG, drawn without a browser and without a network.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    name : str
        One of `NAMES` or `COLLECTION`, with what it is called with behind blanks: "dendrogram themes groups".
    """
    import vl_convert

    name, *given = name.split()
    figure: Callable[..., alt.Chart] = getattr(Figures(comparison), name)
    spec = figure(*given).to_dict(validate=False)
    spec.setdefault("config", {}).update(_LOOK)
    made: str = vl_convert.vegalite_to_svg(json.dumps(spec), allowed_base_urls=[])
    # The library numbers what a drawing refers to from where its last drawing stopped.
    names = list(dict.fromkeys(_REFERENCE.findall(made)))
    return _REFERENCE.sub(lambda found: f"{found[0].rstrip('0123456789')}{names.index(found[0])}", made)
