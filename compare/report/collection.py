"""What is told of many documents that stand in groups: change over time, how near they are, each one by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, combinations, zip_longest

from compare.collection import decimal_year
from compare.inference import Interval
from compare.report import text as shared
from compare.report.blocks import Block, Cell, Column, Grid, Paragraph, Part, Span, Tree, led, plain
from compare.report.pictures import interval_line
from compare.report.view import MARK, View, rate, score
from compare.results import Collection, Distances, Member, Pole, Theme, Trend

# Documents in the table of documents, and rows of the table of trends; where everything is told, more.
_FEW, _MANY = 20, 200
# Leaves of a dendrogram that can still be read.
MOST_DRAWN = 40
# Lines of years that are told by default, and columns of the line that draws each.
_YEARS, _LINE = 36, 31
_SET_ASIDE = 10
_DATES = "2025-07-23, 2025-07 or 2025"
_APART = (
    "the theme or tone in which a document and its group are most apart, where their two 95 % intervals do not meet; "
    "not tested, and among so many figures some come out like that by chance"
)
# With more documents than this a group is not spelt out in the head of the report.
MOST_NAMED = 10


def set_aside(view: View) -> Iterator[Paragraph]:
    """Documents that could not be taken in, each with its reason."""
    collection = view.comparison.collection
    if collection is None or not collection.set_aside:
        return
    found = collection.set_aside
    count = len(found)
    spans = [Span("1 document was set aside: " if count == 1 else f"{count:,} documents were set aside: ", "strong")]
    for i, item in enumerate(found[:_SET_ASIDE]):
        spans += [Span("; ")] if i else []
        spans += [Span(item.name, quoted=True), Span(f": {item.reason.rstrip('.')}", quoted=True)]
    if count > _SET_ASIDE:
        spans.append(Span(f"; and {count - _SET_ASIDE:,} more, named in the JSON"))
    yield Paragraph((*spans, Span(".")))


# Each document


def members(view: View) -> Part | None:
    """The documents, group by group."""
    collection = view.comparison.collection
    if collection is None:
        return None
    shown = _shown(collection.members, _MANY if view.full else _FEW)
    columns = (
        Column("Group", "left"),
        Column("Document", "label"),
        Column("Date", "figure"),
        Column("Passages", "figure"),
        Column("Apart from its group in", "text", 96, meaning=_APART),
        Column("Here", "figure", 96, meaning="share of the document's passages, %"),
        Column("Group's", "figure", 96, meaning="share of its group's passages, this document's among them, %"),
    )
    rows = []
    for member in shown:
        about, own, group = _most_apart(view, member)
        rows.append(
            (
                Cell(view.short(member.side)),
                Cell(member.label),
                Cell(member.date or "-"),
                Cell(f"{member.passages:,}", sort=float(member.passages)),
                Cell(about),
                Cell(own),
                Cell(group),
            )
        )
    blocks: list[Block] = [_overview(view, collection)]
    blocks.append(Grid("The documents by group, with date and number of passages", columns, tuple(rows)))
    if len(collection.members) > len(shown):
        more = f"{len(collection.members) - len(shown):,} more documents"
        blocks.append(
            plain(f"{more} are in the CSV, the JSON and .members of Python, each with all figures.", "faint")
            if view.full
            else plain(f"The longest of each group in turn; {more}: {view.whole('members')}", "faint")
        )
    note = "what each group is made of" + ("" if view.full else f", {_FEW} documents at most")
    return Part("members", "Documents", note, tuple(blocks))


def _overview(view: View, collection: Collection) -> Grid:
    """A line a group: documents, dates and passages."""
    groups = _by_side(collection)
    columns = (
        Column("Group", "label"),
        Column("Documents", "figure"),
        Column("Dated", "figure"),
        Column("From", "figure"),
        Column("To", "figure"),
        Column("Passages", "figure"),
    )
    rows = []
    for side, own in groups.items():
        dates = sorted(member.date for member in own if decimal_year(member.date) is not None)
        passages = sum(member.passages for member in own)
        rows.append(
            (
                Cell(view.comparison.document(side).label),
                Cell(f"{len(own):,}", sort=float(len(own))),
                Cell(f"{len(dates):,}", sort=float(len(dates))),
                Cell(dates[0][:4] if dates else "-"),
                Cell(dates[-1][:4] if dates else "-"),
                Cell(f"{passages:,}", sort=float(passages)),
            )
        )
    return Grid("Groups, with the number of their documents", columns, tuple(rows))


def _by_side(collection: Collection) -> dict[str, list[Member]]:
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in collection.members:
        groups[member.side].append(member)
    return groups


def _shown(found: Sequence[Member], most: int) -> list[Member]:
    """Documents for a table: the longest of each group in turn, told group by group from the earliest on."""
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in found:
        groups[member.side].append(member)
    by_length = [sorted(own, key=lambda m: (-m.passages, m.id)) for own in groups.values()]
    taken = [m for m in chain.from_iterable(zip_longest(*by_length)) if m is not None][:most]
    order = list(groups)
    return sorted(taken, key=lambda m: (order.index(m.side), m.date or "9999", m.label, m.id))


def _most_apart(view: View, member: Member) -> tuple[str, str, str]:
    """In which theme or tone a document and its group are most apart, both shares with their intervals."""
    comparison = view.comparison
    best: tuple[float, str, Interval, Interval] | None = None
    if comparison.document(member.side).id == member.id:
        return "", "", ""
    subjects: list[tuple[Theme | Pole, Interval]] = []
    subjects += [(theme, member.themes[theme.id]) for theme in comparison.theme_results if theme.stable]
    subjects += [(pole, member.poles[pole.id]) for tone in comparison.tone_results for pole in tone.poles]
    for subject, own in subjects:
        group = subject.shares[member.side]
        if own.low > group.high or own.high < group.low:
            apart = abs(own.value - group.value)
            if best is None or apart > best[0]:
                best = apart, subject.label, own, group
    return ("-", "", "") if best is None else (best[1], shared.share(best[2]), shared.share(best[3]))


# Change over time


def trends(view: View) -> Part | None:
    """How figures change with the documents' dates."""
    collection = view.comparison.collection
    if collection is None:
        return None
    dated = sum(decimal_year(member.date) is not None for member in collection.members)
    count = len(collection.members)
    found = collection.trends
    if not found:
        said = (
            f"Not told: {dated:,} of {count:,} documents have a date that can be read ({_DATES}). A trend takes six "
            "such documents or more, of two years or more, and more than one of them away from the commonest date."
        )
        return Part("trends", "Change over time", blocks=(plain(said),))
    unstable = {theme.id for theme in view.comparison.theme_results if not theme.stable}
    held = [trend for trend in found if trend.holds and not (trend.kind == "theme" and trend.id in unstable)]
    withheld = [trend for trend in found if trend.holds and trend not in held]
    several = any(trend.side is not None for trend in found)
    looked = "a figure of all documents or of one group" if several else "a figure of all documents"
    said = f"Of {len(found):,} trends looked at ({looked}) "
    if held:
        said += f"{len(held):,} {'holds' if len(held) == 1 else 'hold'}: the interval leaves out zero, and of all "
        said += "that hold so about one in twenty may be chance."
    else:
        said += "none holds: what follows are the three surest, and each may well be chance."
    blocks: list[Block] = [plain(said)]
    shown = held if held and view.full else held[:5] if held else _surest(found, unstable)
    lines = 0
    for number, trend in enumerate(shown):
        blocks.append(_sentence(view, trend))
        if number == 0 or view.full or lines + len(trend.years) <= _YEARS:
            blocks.append(_series(trend))
            lines += len(trend.years)
    if len(held) > len(shown):
        blocks.append(plain(f"{len(held) - len(shown):,} more hold: {view.whole('trends')}", "faint"))
    if withheld:
        names = dict.fromkeys(figure_name(view, trend) for trend in withheld)
        blocks.append(
            led("Withheld, since the theme is not found again well enough to found a claim on it: ", _listed(names))
        )
    if len(_by_side(collection)) > 1:
        blocks.append(
            plain(
                "A trend of all documents together may come of which group's documents fall into which years, without "
                "any group changing.",
                "faint",
            )
        )
    if dated < count:
        left = f"{count - dated:,} of {count:,} documents have no date that can be read ({_DATES}) and are left out."
        blocks.append(plain(left, "faint"))
    blocks.append(
        plain(
            "The interval of a year resamples its documents; of fewer than six, their sections, which tells nothing of "
            "what other documents of that year say.",
            "faint",
        )
    )
    if view.full:
        blocks.append(_table(view, found[:_MANY]))
        if len(found) > _MANY:
            more = len(found) - _MANY
            blocks.append(plain(f"{more:,} less sure ones are in the CSV, the JSON and .trends of Python.", "faint"))
    note = "slope of a regression on the date, documents resampled and permuted; q over all that was looked at"
    return Part("trends", "Change over time", note, tuple(blocks), "trends")


def _surest(found: Sequence[Trend], unstable: set[str]) -> list[Trend]:
    return [trend for trend in found if not (trend.kind == "theme" and trend.id in unstable)][:3]


def told_trends(collection: Collection, unstable: set[str], most: int = 5) -> list[Trend]:
    """The trends that hold, of stable themes, or if none does the three surest: what a figure shows.

    Parameters
    ----------
    collection : Collection
        With trends.
    unstable : set of str
        Ids of themes on which no claim is founded.
    most : int
        Of those that hold.
    """
    held = [trend for trend in collection.trends if trend.holds]
    return _surest(held, unstable)[:most] if _surest(held, unstable) else _surest(collection.trends, unstable)


def _listed(names: dict[str, None]) -> str:
    return "; ".join(names) + "."


def figure_name(view: View, trend: Trend) -> str:
    """What a trend is of."""
    comparison = view.comparison
    if trend.kind == "theme":
        return comparison.theme(trend.id).label
    for tone in comparison.tone_results:
        if trend.kind == "tone" and tone.id == trend.id:
            return f"{tone.label} (mean score)"
        for pole in tone.poles:
            if trend.kind == "pole" and pole.id == trend.id:
                return f"{pole.label} (tone)"
    return trend.id


def whose(view: View, trend: Trend) -> str:
    """Whose documents a trend is of."""
    return "all documents" if trend.side is None else view.comparison.document(trend.side).label


def slope(trend: Trend) -> str:
    """A slope with its interval and its unit.

    Examples
    --------
    >>> slope(Trend("theme", "t01", None, 9, Interval(0.021, 0.008, 0.035), 0.001, 0.01, ()))
    '+2.1 [0.8, 3.5] points a year'
    """
    if trend.kind == "tone":
        return f"{shared.points(trend.slope, 1, 2)} SD a year"
    return f"{shared.points(trend.slope, 100, 1)} points a year"


def _sentence(view: View, trend: Trend) -> Paragraph:
    first, last = trend.years[0].year, trend.years[-1].year
    mark = f" {MARK}" if trend.holds else ""
    said = f", {whose(view, trend)}: {slope(trend)}, q {rate(trend.q)}; {trend.documents:,} documents of {first} to "
    return led(f"{figure_name(view, trend)}{mark}", f"{said}{last}.", document=trend.side or "")


def _series(trend: Trend) -> Grid:
    """The figure by year."""
    tone = trend.kind == "tone"
    lowest = min(year.figure.low for year in trend.years) if tone else 0.0
    highest = max(year.figure.high for year in trend.years)
    columns = (
        Column("Year", "left"),
        Column("Documents", "figure"),
        Column("Mean score" if tone else "Share, %", "figure"),
        Column("", "drawn"),
    )
    rows = tuple(
        (
            Cell(str(year.year), sort=float(year.year)),
            Cell(f"{year.documents:,}", sort=float(year.documents)),
            Cell(score(year.figure) if tone else shared.share(year.figure), sort=year.figure.value),
            Cell(interval_line(year.figure, lowest, highest, _LINE)),
        )
        for year in trend.years
    )
    return Grid("The figure by year, with its 95 % interval", columns, rows)


def _table(view: View, found: Sequence[Trend]) -> Grid:
    columns = (
        Column("Figure", "label"),
        Column("Documents of", "text"),
        Column("Change", "figure", meaning="in a year, in points; of mean scores in SD"),
        Column("q", "figure", 76, meaning="false discovery rate over all trends"),
        Column("", "mark"),
    )
    rows = tuple(
        (
            Cell(figure_name(view, trend), trend.holds),
            Cell(whose(view, trend)),
            Cell(slope(trend).rpartition("]")[0] + "]", sort=trend.slope.value),
            Cell(rate(trend.q), sort=trend.q),
            Cell(MARK if trend.holds else "", strong=True),
        )
        for trend in found
    )
    return Grid("All trends, the surest first", columns, rows)


# How near they are


def distances(view: View) -> Part | None:
    """Distances beside their noise floor, and the dendrograms."""
    collection = view.comparison.collection
    if collection is None or not collection.distances:
        return None
    of = chosen(collection)
    blocks: list[Block] = []
    count = len(collection.members)
    if of == "groups" and count > MOST_DRAWN:
        blocks.append(
            plain(
                f"Of groups, since {count:,} documents are too many to draw; the CSV and the JSON have their distances."
                if any(item.of == "documents" for item in collection.distances)
                else f"Of groups, since {count:,} documents are too many to set each against each."
            )
        )
    kinds = [item for item in collection.distances if item.of == of]
    if view.full:
        kinds += [item for item in collection.distances if item.of != of and len(item.ids) <= MOST_DRAWN]
    for number, found in enumerate(kinds):
        blocks += _told(view, found, number == 0 or view.full or len(found.ids) <= 12)
    drawn = {item.of for item in kinds}
    resampled = ["each document's sections"] if "documents" in drawn else []
    resampled += ["each group's documents (of fewer than six, their sections)"] if "groups" in drawn else []
    blocks.append(
        plain(
            "A leaf is joined to what is above it at the distance beside it. Support: the percentage of trees, made "
            f"with {' or '.join(resampled)} resampled, in which the same leaves and no others meet; do not build on a "
            "branch below some 70 %. Halves are shorter than the whole and, where each section has a subject of its "
            "own, hold other themes: the noise floor is rather too high than too low.",
            "faint",
        )
    )
    note = f"distances of {of}: by shares of themes, and by tone"
    return Part("distances", f"How near the {of} are", note, tuple(blocks), "")


def chosen(collection: Collection) -> str:
    """Whether documents or groups are drawn: documents, as long as there are not too many of them.

    Parameters
    ----------
    collection : Collection
        With distances.
    """
    sizes = {item.of: len(item.ids) for item in collection.distances}
    if "groups" in sizes and sizes.get("documents", MOST_DRAWN + 1) > MOST_DRAWN:
        return "groups"
    return "documents" if "documents" in sizes else "groups"


def leaf_names(view: View, found: Distances) -> list[tuple[str, str]]:
    """What leaves are called, in the order of the ids, and in which group's colour each stands.

    Parameters
    ----------
    view : View
        The comparison.
    found : Distances
        Of its documents or groups.
    """
    comparison = view.comparison
    if found.of == "groups":
        return [(comparison.document(name).label, name) for name in found.ids]
    assert comparison.collection is not None
    by_id = {member.id: member for member in comparison.collection.members}
    sides = {document.id: document.short for document in comparison.texts}
    made = []
    for name in found.ids:
        member = by_id[name]
        alone = member.side == member.id
        made.append((member.label if alone else f"{sides[member.side]}: {member.label}", member.side))
    return made


def _figure(found: Distances, value: float) -> str:
    return f"{value:.2f}" if found.kind == "themes" else f"{100 * value:.1f}"


def _told(view: View, found: Distances, drawn: bool) -> Iterator[Block]:
    names = leaf_names(view, found)
    themes = found.kind == "themes"
    unit = "" if themes else " points"
    beyond = sum(value > found.floor for value in found.values)
    pairs = len(found.values)
    what = "document" if found.of == "documents" else "group"
    if themes:
        lead = "By themes"
        said = " (Hellinger distance of the shares: 0 the same, 1 nothing in common)"
    else:
        lead = "By tone"
        said = " (root of the mean squared difference of the shares of all poles, in points)"
    if found.floor:
        said += f": halves of one {what} are {_figure(found, found.floor)}{unit} apart, the noise floor; "
        if beyond in (0, pairs):
            said += f"{'all' if beyond else 'none'} of the {pairs:,} pairs {'are' if beyond else 'is'} farther apart."
        else:
            said += f"{beyond:,} of the {pairs:,} pairs {'is' if beyond == 1 else 'are'} farther apart."
    else:
        said += f": the noise floor is not known, since no {what} has two parts."
    yield led(f"{lead}, {found.of}", said)
    if drawn and len(found.ids) <= MOST_DRAWN:
        place = {leaf: row for row, leaf in enumerate(found.order)}
        n = len(found.ids)
        yield Tree(
            leaves=tuple(names[i] for i in found.order),
            joins=tuple(
                type(join)(
                    place[join.first] if join.first < n else join.first,
                    place[join.second] if join.second < n else join.second,
                    join.distance,
                    join.size,
                    join.support,
                )
                for join in found.joins
            ),
            figures=tuple(_figure(found, join.distance) for join in found.joins),
            floor=(found.floor, _figure(found, found.floor)) if found.floor else None,
            picture=f"dendrogram {found.kind} {found.of}",
        )
    ranked = sorted(
        (value, names[i][0], names[j][0])
        for value, (i, j) in zip(found.values, combinations(range(len(found.ids)), 2), strict=True)
    )
    most = min(10 if view.full else 3, (pairs + 1) // 2)
    for lead, some in (("Nearest: ", ranked[:most]), ("Farthest: ", ranked[::-1][: min(most, pairs - most)])):
        if some:
            told = [f"{one} and {two} {_figure(found, value)}{unit}" for value, one, two in some]
            yield led(lead, "; ".join(told) + ".")
