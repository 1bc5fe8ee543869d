"""The answers of a comparison as pandas frames.

Long tables, one observation a row. What things are counted by (documents, themes, dimensions) are categories in the
order of the report, so that ``groupby`` and ``pivot`` keep that order and not the alphabet's.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from compare.errors import OptionError
from compare.names import the_one
from compare.shown import printable

if TYPE_CHECKING:
    from compare.checking import Check
    from compare.comparison import Comparison
    from compare.encoders import Encodes
    from compare.inference import Difference, Interval
    from compare.locating import Place
    from compare.quotes import Change
    from compare.results import Pairwise

Kind = Literal["theme", "pole", "tone", "actor"]
_DIFFERENCE = ("value", "low", "high", "p", "q", "floor", "effect", "holds", "suggested")


class Reading(pd.DataFrame):
    """A frame of texts that a notebook shows whole, set to the left."""

    @property
    def _constructor(self) -> type[Reading]:
        return Reading

    def __repr__(self) -> str:
        if "text" not in self.columns:
            return str(super().__repr__())
        return "\n".join(
            f"{where}: {textwrap.fill(text, 96, initial_indent='    ', subsequent_indent='    ').strip()}"
            if len(where) + len(text) < 96
            else f"{where}\n{textwrap.fill(text, 100, initial_indent='    ', subsequent_indent='    ')}"
            for where, text in zip(self.index.astype(str), self["text"], strict=True)
        )

    def _repr_html_(self) -> str:
        with pd.option_context("display.max_colwidth", None):
            made = self.to_html(justify="left", max_rows=60, notebook=True)
        # What stands between tags is escaped, so a tag is one of pandas' own.
        return made.replace("<td>", '<td style="text-align: left">')


class Passages(pd.DataFrame):
    """Passages of a comparison, one a row, indexed by id: a frame that can be narrowed and searched.

    Examples
    --------
    >>> us = comparison.passages.select(document="us", theme="export", tone="rivalry")  # doctest: +SKIP
    >>> us.search("sales of chips to hostile states", 3)  # doctest: +SKIP
    """

    _metadata = ["comparison"]  # noqa: RUF012 - pandas looks for a list of this name
    comparison: Comparison

    @property
    def _constructor(self) -> type[Passages]:
        return Passages

    def select(
        self,
        *,
        document: str | Sequence[str] | None = None,
        section: str | None = None,
        page: int | str | tuple[int, int] | None = None,
        theme: str | Sequence[str] | None = None,
        tone: str | Sequence[str] | None = None,
        actor: str | Sequence[str] | None = None,
    ) -> Passages:
        """Narrow the passages down; what is not given does not count. Of several names any will do.

        Parameters
        ----------
        document, theme : str or sequence of str, optional
            As for `Comparison.document` and `Comparison.theme`.
        section : str, optional
            What its headings hold; capitals do not count.
        page : int, str or (int, int), optional
            A page as printed, or as the file has it where none is printed; a label ("point 4"); or the first and the
            last of several pages.
        tone : str or sequence of str, optional
            A pole whose stance the passage takes, by its id or a part of its label: "rivalry"; or a dimension, for
            either of its poles.
        actor : str or sequence of str, optional
            Whom the passage asks for something, by the id or a part of the label.

        Raises
        ------
        OptionError
            If a name stands for nothing or for more than one, or no passage of the comparison is in such a section or
            on such a page.

        Notes
        -----
        For anything else there is pandas: ``passages[passages["urgency"] > 1]``.
        """
        whole, found = self.comparison, self
        if document is not None:
            found = found[found["document"].isin([whole.document(name).id for name in _several(document)])]
        if theme is not None:
            found = found[found["theme"].isin([whole.theme(name).id for name in _several(theme)])]
        if section is not None:
            headings = [" > ".join(row.passage.section).casefold() for row in whole.rows]
            if not isinstance(section, str) or not any(section.casefold() in heading for heading in headings):
                raise OptionError(f"section {printable(str(section))}: no heading holds it; see the column section")
            found = found[found["section"].str.contains(section, case=False, regex=False)]
        if page is not None:
            on = _on_page(page)
            if not any(on(row.passage.page_label, row.passage.page) for row in whole.rows):
                raise OptionError(f"page {printable(str(page))}: no passage stands there; see the column place")
            found = found[[on(label, number) for label, number in _pages(found)]]
        if tone is not None:
            wanted = {pole for name in _several(tone) for pole in _poles(whole, name)}
            found = found[[not wanted.isdisjoint(heard.split(", ")) for heard in found["poles"]]]
        if actor is not None:
            actors = [(a, (a.id, a.label)) for a in whole.actor_results]
            known = [f"{a.id} ({a.label})" for a in whole.actor_results]
            asked = [the_one(name, actors, "actor", known).id for name in _several(actor)]
            found = found[found["actor"].isin(asked)]
        return found

    def read(self) -> Reading:
        """A table to read: the theme and the text of each passage, by where it stands ("US plan, p. 20").

        Raises
        ------
        OptionError
            If columns that say where passages stand were taken away.
        """
        if not {"document", "place", "theme_label", "text"} <= set(self.columns):
            raise OptionError("read: the columns document, place, theme_label and text are needed; read before cutting")
        short = {document.id: document.short for document in self.comparison.texts}
        stands = [
            ", ".join(part for part in (short[document], where) if part)
            for document, where in zip(self["document"], self["place"], strict=True)
        ]
        columns = {"where": stands, "theme": list(self["theme_label"]), "text": list(self["text"])}
        if "similarity" in self.columns:
            columns["similarity"] = [f"{value:.2f}" for value in self["similarity"]]
        return Reading(pd.DataFrame(columns).set_index("where"))

    def search(self, text: str, most: int = 10, encoder: Encodes | None = None) -> Passages:
        """Find those of these passages that are nearest in meaning to a text; see `Comparison.search`.

        Parameters
        ----------
        text : str
            A question, a claim or a few words.
        most : int
            Number of passages.
        encoder : object, optional
            As for `Comparison.search`.

        Raises
        ------
        PolicyCompareError
            As `Comparison.search`, or if the passages have lost their ids.
        """
        if self.index.name != "passage":
            raise OptionError("search: the passages have lost their ids; search before reset_index")
        if most < 1:
            raise OptionError("search: give a text, and a number of passages from 1 up")
        found = self.comparison.search(text, len(self.comparison.rows), encoder=encoder)
        return found[found.index.isin(self.index)].head(most)


def _several(names: str | Sequence[str]) -> list[str]:
    return list(names) if isinstance(names, (list, tuple, set, frozenset, pd.Index, pd.Series)) else [names]  # type: ignore[list-item]


def _poles(comparison: Comparison, name: str) -> list[str]:
    """Ids of the pole, or of both poles of the dimension, that goes by a name."""
    for tone in comparison.tone_results:
        if name in (tone.id, tone.label):
            return [pole.id for pole in tone.poles]
    poles = [pole for tone in comparison.tone_results for pole in tone.poles]
    return [the_one(name, [(p, (p.id, p.label)) for p in poles], "pole", [p.id for p in poles]).id]


def _pages(frame: pd.DataFrame) -> Iterable[tuple[str | None, int | None]]:
    for label, number in zip(frame["page_label"], frame["page"], strict=True):
        yield (None if pd.isna(label) else str(label)), (None if pd.isna(number) else int(number))


def _on_page(page: int | str | tuple[int, int]) -> Callable[[str | None, int | None], bool]:
    """Whether a passage with a label and a page of the file is where `page` says."""
    if isinstance(page, str):
        wanted = page.casefold().removeprefix("p.").strip()
        return lambda label, number: label is not None and label.casefold() == wanted
    pages = list(page) if isinstance(page, (tuple, list)) else [page, page]
    if len(pages) != 2 or not all(isinstance(end, int) for end in pages) or pages[0] > pages[1]:
        raise OptionError(f"page {printable(str(page))}: give a page, a label, or the first and the last page")
    first, last = pages

    def on(label: str | None, number: int | None) -> bool:
        stands = int(label) if label is not None and label.isdecimal() else number if label is None else None
        return stands is not None and first <= stands <= last

    return on


def evidence(comparison: Comparison, subject: str, most: int) -> Passages:
    """See `Comparison.evidence`."""
    if most < 1:
        raise OptionError("evidence: give a number of passages from 1 up")
    poles = [pole for tone in comparison.tone_results for pole in tone.poles]
    subjects: list[Any] = [*comparison.theme_results, *poles, *comparison.actor_results]
    named = [(item, (item.id, item.label)) for item in subjects]
    found = the_one(subject, named, "subject", [f"{item.id} ({item.label})" for item in subjects])
    rows = [row for document in comparison.texts for row in found.evidence.get(document.id, ())[:most]]
    made = passages(comparison).iloc[rows]
    made.comparison = comparison
    return made


def documents(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.documents`."""
    columns = ("label", "title", "language", "basis", "sections", "passages", "words")
    return _frame(
        ["document", *columns],
        (
            (
                d.id,
                d.label,
                d.title,
                d.language,
                d.basis,
                len(d.sections),
                comparison.counts(d).passages,
                comparison.counts(d).words,
            )
            for d in comparison.texts
        ),
    ).set_index("document")


def passages(comparison: Comparison) -> Passages:
    """See `Comparison.passages`."""
    from compare.report.text import place

    labels = {theme.id: theme.label for theme in comparison.theme_results}
    places = comparison.positions or ((math.nan, math.nan),) * len(comparison.rows)
    dimensions = [tone.id for tone in comparison.tone_results]
    columns = [
        "passage",
        "document",
        "section",
        "place",
        "page",
        "page_label",
        "paragraph",
        "lead_in",
        "start",
        "end",
        "text",
    ]
    columns += ["theme", "theme_label", "part", "membership", "weak", "actor", "poles", "x", "y", *dimensions]
    frame = _frame(
        columns,
        (
            (
                row.id,
                row.document,
                " > ".join(row.passage.section),
                place(row),
                row.passage.page,
                row.passage.page_label,
                row.passage.paragraph,
                row.passage.lead_in,
                row.passage.start,
                row.passage.end,
                row.passage.text,
                row.theme,
                labels[row.theme],
                row.part,
                row.membership,
                row.weak,
                row.actor,
                ", ".join(row.poles),
                x,
                y,
                *(row.tone[name] for name in dimensions),
            )
            for row, (x, y) in zip(comparison.rows, places, strict=True)
        ),
        {
            "document": _documents(comparison),
            "theme": [theme.id for theme in comparison.theme_results],
            "theme_label": list(dict.fromkeys(labels.values())),
        },
    )
    made = Passages(frame.astype({"page": "Int64"}).set_index("passage"))
    made.comparison = comparison
    return made


def themes(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.themes`."""
    results = comparison.theme_results
    columns = ["theme", "label", "document", "share", "low", "high", "passages", "stability"]
    counts: dict[tuple[str, str], int] = {}
    for row in comparison.rows:
        counts[row.theme, row.document] = counts.get((row.theme, row.document), 0) + 1
    return _frame(
        [*columns, "topic", "certainty", "keywords"],
        (
            (
                theme.id,
                theme.label,
                document,
                *_interval(share),
                counts.get((theme.id, document), 0),
                theme.stability,
                theme.topic.id if theme.topic else None,
                theme.topic.certainty if theme.topic else None,
                ", ".join(theme.keywords),
            )
            for theme in results
            for document, share in theme.shares.items()
        ),
        {
            "theme": [theme.id for theme in results],
            "label": list(dict.fromkeys(theme.label for theme in results)),
            "document": _documents(comparison),
        },
    )


def tone(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.tone`."""
    columns = ["dimension", "document", "score", "low", "high"]
    columns += ["first_pole", "first_share", "second_pole", "second_share"]
    return _frame(
        columns,
        (
            (
                tone.id,
                document,
                *_interval(score),
                tone.poles[0].id,
                tone.poles[0].shares[document].value,
                tone.poles[1].id,
                tone.poles[1].shares[document].value,
            )
            for tone in comparison.tone_results
            for document, score in tone.scores.items()
        ),
        {"dimension": _dimensions(comparison), "document": _documents(comparison)},
    )


def poles(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.poles`."""
    return _frame(
        ["pole", "label", "dimension", "document", "share", "low", "high"],
        (
            (pole.id, pole.label, tone.id, document, *_interval(share))
            for tone in comparison.tone_results
            for pole in tone.poles
            for document, share in pole.shares.items()
        ),
        {
            "pole": [pole.id for tone in comparison.tone_results for pole in tone.poles],
            "dimension": _dimensions(comparison),
            "document": _documents(comparison),
        },
    )


def tone_by_theme(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.tone_by_theme`."""
    labels = {theme.id: theme.label for theme in comparison.theme_results}
    columns = ["theme", "label", "dimension", "first", "second"]
    for side in ("first", "second"):
        columns += [f"{side}_{name}" for name in ("mean", "low", "high", "passages")]
    return _frame(
        [*columns, *_DIFFERENCE],
        (
            (
                cell.theme,
                labels[cell.theme],
                cell.dimension,
                cell.first,
                cell.second,
                *_interval(cell.means[cell.first]),
                cell.passages[cell.first],
                *_interval(cell.means[cell.second]),
                cell.passages[cell.second],
                *_difference(cell.difference),
            )
            for cell in comparison.theme_tone_results
        ),
        {
            "theme": list(labels),
            "label": list(dict.fromkeys(labels.values())),
            "dimension": _dimensions(comparison),
            "first": _documents(comparison),
            "second": _documents(comparison),
        },
    )


def tone_validity(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.tone_validity`."""
    rows = [{"language": language, **asdict(item)} for language, items in comparison.validity.items() for item in items]
    return pd.DataFrame.from_records(rows)


def actors(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.actors`."""
    return _frame(
        ["actor", "label", "document", "share", "low", "high", "orders", "encouragements"],
        (
            (
                actor.id,
                actor.label,
                document,
                *_interval(share),
                actor.orders[document],
                actor.encouragements[document],
            )
            for actor in comparison.actor_results
            for document, share in actor.shares.items()
        ),
        {"actor": [actor.id for actor in comparison.actor_results], "document": _documents(comparison)},
    )


def meanings(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.meanings`."""
    columns = ["term", "first", "second", "distance", "p", "q", "holds", "first_passages", "second_passages"]
    return _frame(
        [*columns, "beside_in_first", "beside_in_second"],
        (
            (
                word.term,
                word.first,
                word.second,
                word.distance,
                word.p,
                word.q,
                word.holds,
                word.passages[word.first],
                word.passages[word.second],
                ", ".join(word.neighbours[word.first]),
                ", ".join(word.neighbours[word.second]),
            )
            for word in comparison.meaning_results
        ),
        {"first": _documents(comparison), "second": _documents(comparison)},
    )


def differences(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.differences`."""
    groups: list[tuple[str, str, str, tuple[Pairwise, ...]]] = [
        ("theme", theme.id, theme.label, theme.differences) for theme in comparison.theme_results
    ]
    for result in comparison.tone_results:
        groups.append(("tone", result.id, result.label, result.differences))
        groups.extend(("pole", pole.id, pole.label, pole.differences) for pole in result.poles)
    groups.extend(("actor", actor.id, actor.label, actor.differences) for actor in comparison.actor_results)
    return _frame(
        ["kind", "id", "label", "first", "second", *_DIFFERENCE],
        (
            (kind, identifier, label, pair.first, pair.second, *_difference(pair.difference))
            for kind, identifier, label, pairs in groups
            for pair in pairs
        ),
        {
            "kind": ["theme", "tone", "pole", "actor"],
            "first": _documents(comparison),
            "second": _documents(comparison),
        },
    )


def summary(comparison: Comparison, kind: Kind = "theme") -> pd.DataFrame:
    """See `Comparison.summary`."""
    from compare.report import text
    from compare.report.view import score

    kinds: dict[Kind, list[Any]] = {
        "theme": list(comparison.theme_results),
        "pole": [pole for tone in comparison.tone_results for pole in tone.poles],
        "tone": list(comparison.tone_results),
        "actor": [actor for actor in comparison.actor_results if actor.matters],
    }
    if kind not in kinds:
        raise OptionError(f"summary: {printable(str(kind))} is none of {', '.join(kinds)}")
    short = {document.id: document.short for document in comparison.texts}
    rows = []
    for item in kinds[kind]:
        figures = item.scores if kind == "tone" else item.shares
        row = {"label": item.label}
        for name, interval in figures.items():
            row[short[name]] = score(interval) if kind == "tone" else text.share(interval).replace(" ", " % ", 1)
        for pair in item.differences:
            found = pair.difference
            told = text.points(found, 1, 1) if kind == "tone" else text.points(found)
            mark = " ●" if found.holds else " ○" if found.suggested else ""
            row[f"{short[pair.first]} − {short[pair.second]}"] = told + mark
        rows.append(row)
    return pd.DataFrame(rows).set_index("label")


def words(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.words`."""
    names = _documents(comparison)
    return _frame(
        ["term", "document", "z", *names],
        (
            (word.term, word.document, word.z, *(word.counts[name] for name in names))
            for word in comparison.word_results
        ),
        {"document": names},
    )


def counterparts(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.counterparts`."""
    return _frame(
        ["passage", "document", "rank", "nearest", "similarity", "silent", "mutual"],
        (
            (
                comparison.rows[item.row].id,
                item.document,
                rank,
                comparison.rows[row].id,
                similarity,
                item.silent,
                item.mutual and rank == 1,
            )
            for item in comparison.counterpart_results
            for rank, (row, similarity) in enumerate(item.nearest, start=1)
        ),
        {"document": _documents(comparison)},
    )


def members(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.members`: of each figure also ``_low`` and ``_high``, of a dimension ``_score``.

    There is no row where documents do not stand in groups.
    """
    collection = comparison.collection
    figures = [theme.id for theme in comparison.theme_results]
    figures += [pole.id for tone in comparison.tone_results for pole in tone.poles]
    # A pole and its dimension may have one id.
    figures += [f"{name}_score" for name in _dimensions(comparison)]
    rows = []
    for member in collection.members if collection is not None else ():
        found = {**member.themes, **member.poles, **{f"{name}_score": own for name, own in member.scores.items()}}
        own = [end for name in figures for end in _interval(found[name])]
        rows.append(
            (member.id, member.label, member.title, member.side, member.date, member.passages, member.unit, *own)
        )
    columns = ["document", "label", "title", "group", "date", "passages", "unit"]
    columns += [f"{name}{end}" for name in figures for end in ("", "_low", "_high")]
    return _frame(columns, rows, {"group": _documents(comparison)}).set_index("document").copy()


def trends(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.trends`: group "" is all documents together; no row where nothing is told of time."""
    labels = figure_labels(comparison)
    found = comparison.collection.trends if comparison.collection is not None else ()
    return _frame(
        ["kind", "id", "label", "group", "documents", "slope", "low", "high", "p", "q", "holds"],
        (
            (
                trend.kind,
                trend.id,
                labels[trend.kind, trend.id],
                trend.side or "",
                trend.documents,
                *_interval(trend.slope),
                trend.p,
                trend.q,
                trend.holds,
            )
            for trend in found
        ),
        {"kind": ["theme", "pole", "tone"], "group": ["", *_documents(comparison)]},
    )


def years(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.years`: group "" is all documents together; no row where nothing is told of time."""
    labels = figure_labels(comparison)
    found = comparison.collection.trends if comparison.collection is not None else ()
    return _frame(
        ["kind", "id", "label", "group", "year", "documents", "value", "low", "high"],
        (
            (
                trend.kind,
                trend.id,
                labels[trend.kind, trend.id],
                trend.side or "",
                year.year,
                year.documents,
                *_interval(year.figure),
            )
            for trend in found
            for year in trend.years
        ),
        {"kind": ["theme", "pole", "tone"], "group": ["", *_documents(comparison)]},
    )


def figure_labels(comparison: Comparison) -> dict[tuple[str, str], str]:
    """Headings of themes, poles and dimensions of tone, by kind and id."""
    made = {("theme", theme.id): theme.label for theme in comparison.theme_results}
    made |= {("tone", tone.id): tone.label for tone in comparison.tone_results}
    return made | {("pole", pole.id): pole.label for tone in comparison.tone_results for pole in tone.poles}


def distances(comparison: Comparison, kind: str = "themes", of: str = "documents") -> pd.DataFrame:
    """See `Comparison.distances`."""
    collection = comparison.collection
    known = collection.distances if collection is not None else ()
    found = next((item for item in known if (item.kind, item.of) == (kind, of)), None)
    if found is None:
        at_hand = ", ".join(f"{item.kind} of {item.of}" for item in known)
        raise OptionError(
            f"distances: none by {printable(str(kind))} of {printable(str(of))}; "
            + (f"there are {at_hand}" if known else "they need three documents or more, in groups")
        )
    square = np.zeros((len(found.ids), len(found.ids)))
    upper = np.triu_indices(len(found.ids), 1)
    square[upper] = found.values
    square += square.T
    order = list(found.order)
    names = pd.Index([found.ids[i] for i in order], name=found.of.removesuffix("s"))
    return pd.DataFrame(square[np.ix_(order, order)], index=names, columns=list(names))


def nearest(comparison: Comparison, found: Sequence[tuple[int, float, float]]) -> Passages:
    """Passages that a search found: number of the row, similarity and standing of each; see `Comparison.search`."""
    made = passages(comparison).iloc[[row for row, _, _ in found]]
    made = Passages(made.assign(similarity=[s for _, s, _ in found], standing=[s for _, _, s in found]))
    made.comparison = comparison
    return made


def _documents(comparison: Comparison) -> list[str]:
    return [document.id for document in comparison.texts]


def _dimensions(comparison: Comparison) -> list[str]:
    return [tone.id for tone in comparison.tone_results]


def _interval(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high


def _difference(difference: Difference) -> tuple[Any, ...]:
    return tuple(getattr(difference, name) for name in _DIFFERENCE)


def _frame(
    columns: Sequence[str], rows: Iterable[tuple[Any, ...]], categories: Mapping[str, Sequence[str]] | None = None
) -> pd.DataFrame:
    """A frame that has its columns even where it has no row."""
    frame = pd.DataFrame.from_records(list(rows), columns=list(columns))
    kinds = {name: pd.CategoricalDtype(list(values)) for name, values in (categories or {}).items()}
    return frame.astype(kinds)


# Of an article held against documents


def quotation_frame(check: Check) -> pd.DataFrame:
    """A row a quotation of a document or person, in the order of the article."""
    rows = []
    for item in check.checked:
        if item.kind == "term":
            continue
        place = item.place
        rows.append(
            {
                "text": item.text,
                "speaker": item.credit.name,
                "explicit": item.credit.explicit,
                "kind": item.kind,
                "verdict": item.verdict,
                "document": None if place is None else place.document,
                "section": "" if place is None else " > ".join(place.section),
                "page": None if place is None else place.page,
                "page_label": None if place is None else place.page_label,
                "passage": check.passage_id(place),
                "difference": " ".join(_step(change) for change in item.changes),
                "nearest": _nearest(check, item.nearest),
            }
        )
    columns = (
        "text", "speaker", "explicit", "kind", "verdict", "document", "section", "page", "page_label", "passage",
        "difference", "nearest",
    )  # fmt: skip
    made = pd.DataFrame(rows, columns=list(columns))
    made["page"] = made["page"].astype("Int64")
    return made


def _step(change: Change) -> str:
    if change.kind == "same":
        return " ".join(change.document.split())
    words = " -> ".join(part for part in (change.document, change.quotation) if part)
    return f"[{change.kind}: {words}]"


def _nearest(check: Check, places: Sequence[Place]) -> str:
    return ", ".join(identifier for place in places if (identifier := check.passage_id(place)) is not None)


def term_frame(check: Check) -> pd.DataFrame:
    """A row a term and document: how often it stands there, missing where the document is in another language."""
    rows = [
        {
            "term": item.text,
            "title": item.credit.kind == "title",
            "document": count.document,
            "count": count.times,
            "passages": _nearest(check, count.places),
        }
        for item in check.checked
        for count in item.counts
    ]
    made = pd.DataFrame(rows, columns=["term", "title", "document", "count", "passages"])
    made["count"] = made["count"].astype("Int64")
    return made


def claim_frame(check: Check) -> pd.DataFrame:
    """A row a description of a document: the verdict, and what was measured."""
    rows = []
    for claim in check.claims:
        share = (claim.shares or {}).get(claim.documents[0])
        difference = claim.differences[0] if len(claim.differences) == 1 else None
        rows.append(
            {
                "text": claim.text,
                "clause": claim.clause,
                "document": claim.documents[0],
                "others": ", ".join(claim.documents[1:]),
                "verdict": claim.verdict,
                "measure": claim.label,
                **{name: math.nan if share is None else getattr(share, part) for name, part in _SHARE.items()},
                **{name: math.nan if difference is None else getattr(difference, part) for name, part in _LESS.items()},
                "reason": claim.reason,
                "nearest": _nearest(check, claim.nearest),
            }
        )
    columns = ("text", "clause", "document", "others", "verdict", "measure", *_SHARE, *_LESS, "reason", "nearest")
    return pd.DataFrame(rows, columns=list(columns))


_SHARE = {"share": "value", "share_low": "low", "share_high": "high"}
_LESS = {"difference": "value", "difference_low": "low", "difference_high": "high", "q": "q"}
