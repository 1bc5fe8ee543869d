"""What the documents are about: themes, what they hold, where documents meet and where one of them is alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from compare.report import text as shared
from compare.report.blocks import Beside, Block, Cell, Column, Grid, Part, Subhead, ThemeMap, led, plain
from compare.report.view import MARK, Shares, View
from compare.results import Silence, Theme

# Below this a theme is not said to be near a topic.
_TELLING = 0.3
# Parts of a document in which a theme's passages are counted, in the table of themes and in a table of their own.
_COURSE, _LONG_COURSE = 10, 24


def themes(view: View) -> Part:
    """Shares of themes, and the map of passages."""
    comparison = view.comparison
    rows = [
        Shares(
            theme.label,
            theme.shares,
            theme.differences,
            theme.number,
            _flag(theme),
            # Where everything is told, the courses have a table of their own.
            tuple(comparison.course(theme.id, d.id, _COURSE) for d in view.documents)
            if view.two and not view.full
            else (),
        )
        for theme in comparison.theme_results
    ]
    blocks: list[Block] = [plain(_key(view), "faint")]
    blocks += view.tables("Theme", "Share of each document's passages by theme, in per cent", rows)
    if view.full:
        if comparison.positions:
            blocks += _map(view)
        blocks += _courses(view)
    note = "share of each document's passages, % [95 % interval]; the largest on average first"
    return Part("themes", "Themes", note, tuple(blocks), "themes")


def _flag(theme: Theme) -> str:
    return "?" if not theme.stable else "~" if theme.loose else ""


def _key(view: View) -> str:
    parts = [
        "Names of themes are typical words, no summary.",
        f"{MARK} the difference holds.",
    ]
    if any(not theme.stable for theme in view.comparison.theme_results):
        parts.append("? an unstable theme, on which no claim is founded.")
    if any(theme.loose and theme.stable for theme in view.comparison.theme_results):
        parts.append("~ the documents' passages hardly meet in it: it may hold two subjects, read it first.")
    return " ".join(parts)


def _map(view: View) -> Iterator[Block]:
    """Passages on a plane, and the number of each theme where most of its passages lie."""
    comparison = view.comparison
    points = {
        d.id: tuple(
            place for row, place in zip(comparison.rows, comparison.positions, strict=True) if row.document == d.id
        )
        for d in view.documents
    }
    names = [(theme.number, x, y, where) for theme, x, y, where in shared.theme_places(comparison)]
    yield Subhead(
        "Map of the passages",
        "near in meaning and context is near; numbers: themes, where most of their passages lie",
    )
    yield ThemeMap(points, tuple(names))
    kept = comparison.method["map"]["trustworthiness"]
    yield plain(
        f"What is near on the map is near in truth to {kept:.2f} (trustworthiness: 1 is always, 0.5 chance). What lies "
        "far apart on it may be nearer in truth.",
        "faint",
    )


def _courses(view: View) -> Iterator[Block]:
    yield Subhead(
        "Where in a document a theme stands", "from its first passage to its last; higher is more passages", folded=True
    )
    columns = [Column("", "figure"), Column("Theme", "label")]
    columns += [Column(d.short, "line", document=d.id) for d in view.documents[:2]]
    rows = tuple(
        (
            Cell(theme.number, sort=float(theme.number)),
            Cell(theme.label),
            *(Cell(picture=view.comparison.course(theme.id, d.id, _LONG_COURSE)) for d in view.documents[:2]),
        )
        for theme in view.comparison.theme_results
    )
    yield Grid("Where in each document its passages on a theme stand", tuple(columns), rows)


def inside(view: View) -> Part:
    """What themes hold: their parts, the topic that they are nearest to, and a passage of each document."""
    blocks: list[Block] = []
    lines = []
    for theme in view.comparison.theme_results:
        about = ""
        if theme.topic is not None and theme.topic.certainty >= _TELLING and theme.topic.label != theme.label:
            about = f"near the topic {theme.topic.label} ({theme.topic.certainty:.2f})"
        elif theme.topic is not None and theme.topic.label == theme.label:
            about = ", ".join(theme.keywords[:6])
        parts = [
            f"{part.label} {' : '.join(f'{100 * part.shares[d.id].value:.0f}' for d in view.documents)}"
            for part in theme.parts[: None if view.full else 3]
        ]
        told = "; ".join(item for item in (about, " | ".join(parts)) if item)
        if told:
            lines.append(led(f"{theme.label}: ", f"{told}.", "faint"))
    if view.full and lines:
        names = " : ".join(d.short for d in view.documents)
        blocks.append(
            Subhead("Parts and topics", f"parts with their shares, % {names}; nearest topic, certainty", True)
        )
        blocks += lines
        blocks.append(Subhead("Passages", f"the nearest the theme's centre{view.ours}", folded=True))
    shown = _worth_showing(view)
    for theme in shown:
        blocks += _words_of(view, theme)
    if len(view.comparison.theme_results) > len(shown):
        blocks.append(plain(f"All themes, their parts and passages: {view.whole('inside')}", "faint"))
    note = "what they hold" if view.full else f"the passage nearest the theme's centre{view.ours}"
    return Part("inside", "Inside the themes", note, tuple(blocks))


def _words_of(view: View, theme: Theme) -> Iterator[Block]:
    yield plain(f"{theme.number} {theme.label}", "strong")
    yield from view.of_each(theme.evidence, 1, 2, "nothing")


def _worth_showing(view: View) -> list[Theme]:
    """Themes of findings and others that differ, then those all documents treat, then the largest."""
    found = view.comparison.theme_results
    if view.full:
        return list(found)
    stable = [theme for theme in found if theme.stable]
    told = {finding.subject for finding in view.comparison.findings}
    # Themes of findings have their passages there.
    held = [t for t in stable if t.id not in told and any(p.difference.holds for p in t.differences)]
    common = [t for t in stable if t.id not in told and min(s.value for s in t.shares.values()) >= 0.03]
    return list({theme.id: theme for theme in [*held, *common, *stable]}.values())[:2]


def counterparts(view: View) -> Part:
    """Passages that are each other's nearest, side by side."""
    blocks: list[Block] = []
    for first, second in combinations((d.id for d in view.documents), 2):
        pairs = _mutual(view, first, second)
        shown = pairs if view.full else pairs[: 3 if view.two else 1]
        for one, two, similarity in shown:
            theme = view.comparison.theme(view.comparison.rows[one].theme)
            note = f"similarity {similarity:.2f}"
            blocks.append(Beside(view.quotation(first, one), view.quotation(second, two), f"{theme.label} ({note})"))
        if len(pairs) > len(shown) and view.two:
            blocks.append(
                plain(f"{len(pairs) - len(shown)} more such pairs, a theme each: {view.whole('counterparts')}", "faint")
            )
    if not blocks:
        blocks.append(plain("No two passages of one theme are each other's nearest."))
    return Part(
        "counterparts",
        "Where they meet",
        f"passages that are each other's nearest, a pair a theme{view.ours}",
        tuple(blocks),
    )


def _mutual(view: View, first: str, second: str) -> list[tuple[int, int, float]]:
    """Pairs that are each other's nearest and stand in one theme, one pair a theme, the nearest first."""
    rows = view.comparison.rows
    pairs = [
        (item.row, *item.nearest[0])
        for item in view.comparison.counterpart_results
        if item.mutual and item.document == second and rows[item.row].document == first
    ]
    pairs.sort(key=lambda pair: (-round(pair[2], 4), pair[0]))
    by_theme: dict[str, tuple[int, int, float]] = {}
    for pair in pairs:
        if rows[pair[0]].theme == rows[pair[1]].theme:
            by_theme.setdefault(rows[pair[0]].theme, pair)
    return list(by_theme.values())


def silences(view: View) -> Part:
    """Themes in which a document's passages meet nothing near in another."""
    blocks: list[Block] = []
    found = view.comparison.silences
    for document in view.documents:
        # With three documents and more a theme may meet nothing in several.
        by_theme: dict[str, list[Silence]] = {}
        for item in found:
            if item.document == document.id:
                by_theme.setdefault(item.theme, []).append(item)
        for theme, items in list(by_theme.items())[: None if view.full else 2]:
            first, *others = items
            said = f": {first.silent} of {first.passages} passages in {document.short} meet nothing near in "
            said += view.short(first.other)
            said += "".join(f", {item.silent} in {view.short(item.other)}" for item in others)
            blocks.append(led(view.comparison.theme(theme).label, f"{said}."))
            blocks += [view.quotation(document.id, row) for row in view.first(first.evidence, 1, 3)]
    if not blocks:
        blocks.append(plain("No theme of which half the passages meet nothing in another document."))
    return Part(
        "silences",
        "What one says and the other does not",
        f"passages that meet nothing near in the other{view.ours}",
        tuple(blocks),
    )
