"""Documents that stand in groups: known answers, properties that always hold, and what is told of them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

import compare
from compare.arrays import Arrays
from compare.collection import (
    About,
    Described,
    Figure,
    collect,
    decimal_year,
    describe_member,
    gather,
    hellinger,
    slopes,
)
from compare.comparison import Comparison
from compare.errors import OptionError
from compare.inference import Interval, Sample
from compare.report.html import render_fragment, render_html
from compare.report.markdown import render_markdown
from compare.report.pictures import dendrogram
from compare.report.tables import render_tables
from compare.report.terminal import render_text
from compare.results import Collection, Distances, Join, SetAside

FIGURES = (
    *(Figure("theme", f"t{i}") for i in range(4)),
    *(Figure("pole", f"p{i}") for i in range(3)),
    Figure("tone", "d0"),
)


def document(
    name: str,
    themes: Sequence[float],
    rng: np.random.Generator,
    *,
    side: str = "a",
    date: str = "",
    sections: int = 12,
    poles: Sequence[float] = (0.2, 0.1, 0.3),
    figures: Sequence[Figure] = FIGURES,
    label: str = "",
) -> Described:
    """A document whose passages are drawn with given shares."""
    sizes = rng.integers(3, 9, sections)
    drawn = np.array([rng.multinomial(size, np.asarray(themes) / np.sum(themes)) for size in sizes])
    heard = rng.binomial(sizes[:, None], poles)
    tones = sum(figure.kind == "tone" for figure in figures)
    scores = rng.normal(0.3, 0.5, (sections, tones)) * sizes[:, None]
    sample = Sample(name, np.hstack([drawn, heard, scores]).astype(float), sizes.astype(float))
    about = About(name, label or f"Plan {name}", f"Title of {name}", side, date, "sections")
    return describe_member(about, sample, figures, 0)


def found(collection: Collection, kind: str, of: str) -> Distances:
    (made,) = (item for item in collection.distances if (item.kind, item.of) == (kind, of))
    return made


def apart(distances: Distances) -> dict[frozenset[str], float]:
    return {
        frozenset((one, two)): value
        for (one, two), value in zip(combinations(distances.ids, 2), distances.values, strict=True)
    }


def branches(distances: Distances) -> dict[frozenset[str], float]:
    """Leaves of each branch, and its support."""
    below = [frozenset((name,)) for name in distances.ids]
    made = {}
    for join in distances.joins:
        below.append(below[join.first] | below[join.second])
        made[below[-1]] = join.support
    return made


@pytest.fixture(scope="module")
def planted() -> list[Described]:
    """Thirty documents of three groups, in which the first pole rises by two points a year."""
    rng = np.random.default_rng(1)
    shares = {"a": (8, 1, 1, 1), "b": (1, 8, 1, 1), "c": (1, 1, 8, 1)}
    made = []
    for i in range(30):
        side, year = "abc"[i % 3], 2010 + i % 15
        poles = (0.05 + 0.02 * (year - 2010), 0.1, 0.3)
        made.append(document(f"n{i:02}", shares[side], rng, side=side, date=f"{year}-07-01", poles=poles))
    return sorted(made, key=lambda item: item.member.side)


@pytest.fixture(scope="module")
def gathered(planted: list[Described]) -> Collection:
    return gather(planted, FIGURES, "issuer", 0)


# Dates


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("2025", 2025.5),
        ("2024-02", 2024 + (31 + 14.5) / 366),
        ("2025-12", 2025 + (334 + 15.5) / 365),
        ("2025-01-01", 2025 + 0.5 / 365),
        ("2025-12-31", 2025 + 364.5 / 365),
        ("2025-02-30", None),
        ("2025-13", None),
        ("0000", None),
        ("July 2025", None),
        ("", None),
    ],
)
def test_a_date_is_the_middle_of_what_is_known(date: str, year: float | None) -> None:
    assert decimal_year(date) == (None if year is None else pytest.approx(year))


# One document


def test_a_document_is_described_by_its_sums_alone() -> None:
    rng = np.random.default_rng(0)
    values = np.hstack([np.eye(4)[rng.integers(0, 4, 60)], rng.random((60, 3)) < 0.2, rng.normal(0, 1, (60, 1))])
    sections = np.arange(60) // 6
    about = About("x", "X", "Title", "a", "2025", "sections")
    whole = Sample.of("x", values, sections)
    described = describe_member(about, whole, FIGURES, 0)
    assert described.member.passages == 60 and described.units == 10
    assert described.member.themes["t1"].value == pytest.approx(values[:, 1].mean())
    assert described.member.scores["d0"].value == pytest.approx(values[:, 7].mean())
    assert described.sums == pytest.approx(values.sum(0)) and described.size == 60
    bare = describe_member(about, Sample("x", whole.sums, whole.sizes), FIGURES, 0)
    assert (bare.resampled == described.resampled).all()
    for name, figure in bare.member.themes.items():
        assert figure.low == pytest.approx(described.member.themes[name].low)
    # The same seed and text give the same figures, another seed others.
    assert describe_member(about, whole, FIGURES, 0).member == described.member
    assert (describe_member(about, whole, FIGURES, 1).resampled != described.resampled).any()
    with pytest.raises(ValueError, match="8 columns for 7"):
        describe_member(about, whole, FIGURES[1:], 0)


def test_resamples_spread_as_the_interval_does() -> None:
    described = document("x", (4, 3, 2, 1), np.random.default_rng(2), sections=40)
    for k, figure in enumerate(FIGURES[:4]):
        interval = described.member.themes[figure.id]
        spread = (interval.high - interval.low) / 2 / 1.96
        assert described.resampled[:, k].std() == pytest.approx(spread, rel=0.25)


@pytest.mark.parametrize("given_values", [True, False])
def test_a_document_of_one_section(given_values: bool, planted: list[Described]) -> None:
    rng = np.random.default_rng(4)
    values = np.hstack([np.eye(4)[rng.integers(0, 4, 20)], rng.random((20, 3)) < 0.3, rng.normal(0, 1, (20, 1))])
    sample = Sample.of("one", values, np.zeros(20, dtype=np.intp))
    if not given_values:
        sample = Sample("one", sample.sums, sample.sizes)
    one = describe_member(About("one", "One", "One", "a", "2015", "paragraphs"), sample, FIGURES, 0)
    assert one.floors == (None, None)
    # Not surer than its passages are.
    score = one.member.scores["d0"]
    assert score.low < score.value - 0.2 and score.high > score.value + 0.2
    assert all(share.high - share.low > 0.1 for share in one.member.themes.values())
    collection = gather([*planted, one], FIGURES, "issuer", 0)
    assert len(found(collection, "themes", "documents").ids) == 31
    alone = gather([replace(one, name=f"{n}", member=replace(one.member, id=f"{n}")) for n in range(3)], FIGURES, "", 0)
    assert [item.floor for item in alone.distances] == [0, 0]


# Change over time


def test_a_planted_trend_is_found_with_its_slope(gathered: Collection) -> None:
    first = gathered.trends[0]
    assert (first.kind, first.id, first.side) == ("pole", "p0", None)
    assert first.holds and first.documents == 30
    assert first.slope.low < 0.02 < first.slope.high and abs(first.slope.value - 0.02) < 0.006
    # Each group rises too.
    assert {trend.side for trend in gathered.trends[:4]} == {None, "a", "b", "c"}
    assert all(trend.id == "p0" and trend.holds for trend in gathered.trends[:4])
    # Of the others hardly any is called.
    assert sum(trend.holds for trend in gathered.trends[4:]) <= 1
    assert len(gathered.trends) == len(FIGURES) * 4
    assert [year.year for year in first.years] == list(range(2010, 2025))
    assert sum(year.documents for year in first.years) == 30
    for trend in gathered.trends:
        assert trend.p <= trend.q
        for figure in (trend.slope, *(year.figure for year in trend.years)):
            assert figure.low <= figure.value <= figure.high


def test_a_trend_on_one_line_is_the_line() -> None:
    dates, sizes = np.arange(8.0), np.full(8, 50.0)
    sums = np.column_stack([sizes * (0.1 + 0.03 * dates), sizes * 0.2])
    value, low, high, p = slopes(dates, sums, sizes, "k", 0)
    assert value == pytest.approx([0.03, 0], abs=1e-9)
    assert low[0] == pytest.approx(0.03) and high[0] == pytest.approx(0.03)
    assert p[0] < 0.01 and p[1] == 1


def test_a_placebo_is_called_about_as_often_as_its_level() -> None:
    rng = np.random.default_rng(5)
    called = 0
    for number in range(12):
        # Documents of unequal length, and twice as spread in the later years.
        sizes = np.exp(rng.normal(4, 0.8, 15)).round() + 5
        dates = rng.integers(2015, 2023, 15).astype(float)
        shares = np.clip(0.3 + rng.normal(0, 0.05, (15, 40)) * (1 + (dates > 2019))[:, None], 0, 1)
        _, low, high, p = slopes(dates, sizes[:, None] * shares, sizes, f"placebo {number}", 0)
        called += int(((p <= 0.05) & ((low > 0) | (high < 0))).sum())
    assert called <= 0.08 * 12 * 40


def test_where_no_trend_is_looked_for() -> None:
    rng = np.random.default_rng(6)

    def trends(dates: Sequence[str], field: str = "issuer") -> set[str | None]:
        own = [document(f"x{i}", (1, 1, 1, 1), rng, side="ab"[i % 2], date=date) for i, date in enumerate(dates)]
        return {trend.side for trend in gather(own, FIGURES, field, 0).trends}

    years = [str(2010 + i % 5) for i in range(14)]
    assert trends(years) == {None, "a", "b"}
    assert trends(years, "year") == {None}
    assert trends(years[:5]) == set()
    assert trends([*years[:5], "", "soon"]) == set()
    assert trends(["2020"] * 14) == set()
    # All but one of one date: the slope would be that one document.
    assert trends(["2020"] * 13 + ["2021"]) == set()
    assert trends(years[:10]) == {None}


# Distances


def test_hellinger_by_hand() -> None:
    # 1 - (sqrt(0.5 * 0.9) + sqrt(0.5 * 0.1)) = 0.10557, of which the root.
    assert hellinger(np.array([0.5, 0.5]), np.array([0.9, 0.1])) == pytest.approx(0.32492, abs=1e-5)
    assert hellinger(np.array([3.0, 1.0]), np.array([0.75, 0.25])) == pytest.approx(0)


def test_distances_are_those_of_the_shares(planted: list[Described], gathered: Collection) -> None:
    themes, tone = (apart(found(gathered, kind, "documents")) for kind in ("themes", "tone"))
    for one, two in [(0, 1), (0, 29), (7, 12)]:
        a, b = planted[one], planted[two]
        pair = frozenset((a.member.id, b.member.id))
        shares, others = ([figure.value for figure in item.member.themes.values()] for item in (a, b))
        assert themes[pair] == pytest.approx(hellinger(np.array(shares), np.array(others)), abs=1e-6)
        poles = [a.member.poles[name].value - b.member.poles[name].value for name in a.member.poles]
        assert tone[pair] == pytest.approx(np.sqrt(np.mean(np.square(poles))), abs=1e-6)


def test_planted_clusters_are_found_and_supported(planted: list[Described], gathered: Collection) -> None:
    for of in ("documents", "groups"):
        assert len(found(gathered, "themes", of).joins) == len(found(gathered, "themes", of).ids) - 1
    tree = found(gathered, "themes", "documents")
    supports = branches(tree)
    order = [tree.ids[i] for i in tree.order]
    for side in "abc":
        own = frozenset(item.member.id for item in planted if item.member.side == side)
        assert supports[own] >= 0.95
        places = sorted(order.index(name) for name in own)
        assert places == list(range(places[0], places[0] + len(own)))
    # By tone there are no such clusters.
    by_tone = branches(found(gathered, "tone", "documents"))
    assert max(by_tone.get(frozenset(i.member.id for i in planted if i.member.side == s), 0) for s in "abc") < 0.5
    assert [join.distance for join in tree.joins] == sorted(join.distance for join in tree.joins)
    assert 0 < found(gathered, "themes", "groups").floor < tree.floor


def test_the_order_of_the_input_changes_nothing(planted: list[Described], gathered: Collection) -> None:
    mixed = [planted[i] for i in np.random.default_rng(9).permutation(30)]
    other = gather(mixed, FIGURES, "issuer", 0)
    assert {(t.kind, t.id, t.side): t for t in other.trends} == {(t.kind, t.id, t.side): t for t in gathered.trends}
    for one, two in ((found(other, d.kind, d.of), d) for d in gathered.distances):
        assert apart(one) == apart(two) and branches(one) == branches(two) and one.floor == two.floor
        assert [one.ids[i] for i in one.order] == [two.ids[i] for i in two.order]


def test_parallel_work_changes_nothing(planted: list[Described], gathered: Collection) -> None:
    import pickle

    def elsewhere(function: object, items: object) -> list[object]:
        # As tasks on other machines: function and items are sent, and the last may be done first.
        sent = [pickle.dumps((function, item)) for item in items]  # type: ignore[attr-defined]
        done = {}
        for number in reversed(range(len(sent))):
            called, item = pickle.loads(sent[number])
            done[number] = called(item)
        return [done[number] for number in range(len(sent))]

    assert gather(planted, FIGURES, "issuer", 0, map=elsewhere) == gathered


def test_many_documents_take_little_time(planted: list[Described]) -> None:
    many = [
        replace(item, name=f"{item.name} {copy}", member=replace(item.member, id=f"{item.member.id} {copy}"))
        for copy in range(70)
        for item in planted
    ]
    started = time.perf_counter()
    collection = gather(many, FIGURES, "issuer", 0)
    assert time.perf_counter() - started < 20
    # Too many to set each against each; groups are.
    assert [(item.kind, item.of) for item in collection.distances] == [("themes", "groups"), ("tone", "groups")]
    assert collection.trends[0].documents == 2100


shares = st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda found: sum(found) > 0.01)


@given(shares, shares, shares)
def test_hellinger_is_a_distance(one: list[float], two: list[float], three: list[float]) -> None:
    a, b, c = (np.array(item) for item in (one, two, three))
    assert 0 <= hellinger(a, b) <= 1
    assert hellinger(a, b) == pytest.approx(hellinger(b, a), abs=1e-12)
    assert hellinger(a, a) == 0
    assert hellinger(a, c) <= hellinger(a, b) + hellinger(b, c) + 1e-9


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(shares, st.integers(1, 6)), min_size=3, max_size=6), st.integers(0, 5))
def test_what_always_holds(given_shares: list[tuple[list[float], int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = [document(f"x{i}", p, rng, sections=n, side="ab"[i % 2]) for i, (p, n) in enumerate(given_shares)]
    collection = gather(own, FIGURES, "issuer", seed)
    for item in own:
        assert all(floor is None or floor >= 0 for floor in item.floors)
        for figure in (*item.member.themes.values(), *item.member.poles.values()):
            assert 0 <= figure.low <= figure.value <= figure.high <= 1
    for distances in collection.distances:
        n = len(distances.ids)
        assert all(0 <= value <= 1 for value in distances.values) and len(distances.values) == n * (n - 1) // 2
        assert sorted(distances.order) == list(range(n)) and distances.floor >= 0
        assert distances.joins[-1].size == n and distances.joins[-1].support == 1
        assert all(0 <= join.support <= 1 for join in distances.joins)


@given(st.integers(2, 20), st.integers(0, 1000), st.sampled_from([60, 80, 140]), st.booleans())
def test_a_drawn_dendrogram_has_every_figure_and_fits(n: int, seed: int, width: int, ascii_only: bool) -> None:
    from scipy.cluster.hierarchy import leaves_list, linkage

    rng = np.random.default_rng(seed)
    tree = linkage(rng.random((n, 2)), "average")
    place = {leaf: row for row, leaf in enumerate(leaves_list(tree).tolist())}
    joins = [Join(*(place.get(int(b), int(b)) for b in row[:2]), row[2], int(row[3]), rng.random()) for row in tree]
    labels = [rng.choice(["推动开放，共享成果" * 4, "A plan", "A long name of a plan " * 4]) for _ in range(n)]
    figures = [f"{join.distance:.2f}" for join in joins]
    made, _ = dendrogram(labels, joins, figures, (0.3, "0.30"), width, ascii_only)
    assert len(made) == n + 2 and all(cell_len(line) <= width for line in made)
    told = sorted(re.findall(r"(\d\.\d\d)(?:\s+(\d+) %)?$", "\n".join(made[1:-1]), re.MULTILINE))
    assert told == sorted(
        (f, f"{100 * j.support:.0f}" if j.size < n else "") for f, j in zip(figures, joins, strict=True)
    )


# Of a comparison


def figures_of(comparison: Comparison) -> tuple[Figure, ...]:
    return (
        *(Figure("theme", theme.id) for theme in comparison.theme_results),
        *(Figure("pole", pole.id) for tone in comparison.tone_results for pole in tone.poles),
        *(Figure("tone", tone.id) for tone in comparison.tone_results),
    )


HOSTILE = "[red]Evil[/red] <b onclick=x> `x` ``` | \u202edlrow"


@pytest.fixture(scope="module")
def told(comparison: Comparison) -> Comparison:
    """The fixture plans as if each were a group of documents of several years."""
    rng = np.random.default_rng(11)
    figures, sides = figures_of(comparison), [d.id for d in comparison.texts]
    themes, poles = (sum(figure.kind == kind for figure in figures) for kind in ("theme", "pole"))
    base = rng.dirichlet(np.full(themes, 2.0), 2) + 0.02
    made = []
    for i in range(28):
        year = 2015 + i % 10
        heard = np.clip(rng.uniform(0.05, 0.3, poles), 0, 1)
        heard[0] = 0.05 + 0.05 * (year - 2015)
        label = HOSTILE if i == 3 else f"Plan {i} of the ministry of industry and of trade"
        date = f"{year}-0{1 + i % 9}" if i % 9 else ""
        made.append(
            document(f"d{i}", base[i % 2], rng, side=sides[i % 2], date=date, poles=heard, figures=figures, label=label)
        )
    made.sort(key=lambda item: sides.index(item.member.side))
    aside = [SetAside(f"file-{i}.pdf", "the file is damaged.") for i in range(11)]
    return replace(comparison, collection=gather(made, figures, "issuer", 0, aside))


@pytest.fixture(scope="module")
def page(told: Comparison) -> str:
    return render_html(told)


PARTS = ("trends", "distances", "members")


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_report_fits_and_no_figure_is_cut(told: Comparison, width: int) -> None:
    assert told.collection is not None
    for detail in ("default", "full"):
        text = render_text(told, width, detail=detail, sections=PARTS)  # type: ignore[arg-type]
        assert max(cell_len(line) for line in text.splitlines()) <= width
        assert "\x1b" not in text and "\u202e" not in text
        assert not re.search(r"(\[[^\]\n]*|\d|\bp\.)\n\s*(%|[\d−, ]*\]|\d+[,.])", text.rpartition("To cite")[0])
        trend = told.collection.trends[0]
        assert trend.holds and trend.kind == "pole"
        for year in trend.years:
            interval = f"[{100 * year.figure.low:.0f}, {100 * year.figure.high:.0f}]"
            line = rf"\n{year.year} +{year.documents} +{100 * year.figure.value:.0f} {re.escape(interval)}"
            assert re.search(line, text)
        slope = f"{100 * trend.slope.value:.1f} [{100 * trend.slope.low:.1f}, {100 * trend.slope.high:.1f}]"
        assert f"+{slope}" in " ".join(text.split())
        for join in found(told.collection, "themes", "documents").joins[:-1]:
            assert re.search(rf" {join.distance:.2f} +{100 * join.support:.0f} %\n", text)
        plain = render_text(told, width, True, detail, PARTS)  # type: ignore[arg-type]
        assert all(ord(c) < 128 for c in plain.rpartition("To cite")[0].replace("\u202e", ""))
        assert max(map(len, plain.splitlines())) <= width
        coloured = render_text(told, width, detail=detail, sections=PARTS, colours="256")  # type: ignore[arg-type]
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text
    default = render_text(told, width, sections=PARTS)
    assert "8 more documents: --section members" in " ".join(default.split())


def test_what_was_set_aside_is_named_at_the_head(told: Comparison, page: str) -> None:
    for detail in ("brief", "default", "full"):
        text = " ".join(render_text(told, 80, detail=detail).split())  # type: ignore[arg-type]
        assert "11 documents were set aside: file-0.pdf: the file is damaged; file-1.pdf" in text
        assert "and 1 more, named in the JSON." in text
    assert "11 documents were set aside" in page
    assert "11 documents were set aside" in render_markdown(told, "brief")


def test_no_trend_is_said_plainly(told: Comparison) -> None:
    assert told.collection is not None
    trends = tuple(replace(t, p=max(t.p, 0.2), q=0.6) for t in told.collection.trends)
    none = replace(told, collection=replace(told.collection, trends=trends))
    text = " ".join(render_text(none, 100, sections=["trends"]).split())
    assert "none holds: what follows are the three surest, and each may well be chance" in text and "●" not in text
    undated = replace(told, collection=replace(told.collection, trends=()))
    assert "Not told: 24 of 28 documents have a date that can be read" in " ".join(
        render_text(undated, 100, sections=["trends"]).split()
    )


def test_a_report_without_groups_stays_as_it_is(comparison: Comparison) -> None:
    assert comparison.collection is None
    full = render_text(comparison, 100, detail="full")
    assert "Change over time" not in full and "set aside" not in full
    assert render_text(comparison, 100, sections=PARTS) == render_text(comparison, 100, sections=["trends"])
    assert not {"members", "trends", "distances", "set_aside", "group_field"} & set(json.loads(comparison.to_json()))
    assert "members.csv" not in render_tables(comparison)
    assert len(comparison.members) == len(comparison.trends) == len(comparison.years) == 0
    assert "t01" in comparison.members.columns and "slope" in comparison.trends.columns
    with pytest.raises(OptionError, match="three documents or more"):
        comparison.distances()
    with pytest.raises(OptionError, match="give groups"):
        comparison.plot.trends()
    assert "trends" not in dir(comparison.plot)


def test_frames_and_json_say_the_same(told: Comparison) -> None:
    assert told.collection is not None
    data = json.loads(told.to_json())
    assert data["group_field"] == "issuer" and len(data["members"]) == len(told.members) == 28
    assert len(data["set_aside"]) == 11 and data["set_aside"][0] == {
        "name": "file-0.pdf",
        "reason": "the file is damaged.",
    }
    assert len(data["trends"]) == len(told.trends) == len(told.collection.trends)
    assert data["trends"][0]["slope"]["value"] == pytest.approx(told.trends["slope"][0], abs=1e-6)
    assert len(told.years) == sum(len(trend["years"]) for trend in data["trends"])
    member = data["members"][0]
    row = told.members.loc[member["id"]]
    # A pole and its dimension may have one id.
    assert row["urgency"] == pytest.approx(member["poles"]["urgency"]["value"], abs=1e-4)
    assert row["urgency_score_low"] == pytest.approx(member["tone"]["urgency"]["low"], abs=1e-4)
    square = told.distances("tone")
    (matrix,) = (item for item in data["distances"] if item["kind"] == "tone")
    assert (square.to_numpy() == square.to_numpy().T).all() and list(square.index) == list(square.columns)
    for (one, two), value in zip(combinations(matrix["ids"], 2), matrix["values"], strict=True):
        assert square.loc[one, two] == pytest.approx(value, abs=1e-4)
    assert list(square.index) == [matrix["ids"][i] for i in matrix["order"]]
    tables = render_tables(told)
    assert {"members.csv", "trends.csv", "years.csv", "distances_documents_themes.csv"} <= set(tables)
    assert len(tables["members.csv"].splitlines()) == 29 and "Set aside: file-3.pdf" in tables["method.csv"]
    with pytest.raises(OptionError, match="none by mood of documents; there are themes of documents"):
        told.distances("mood")


def test_it_is_saved_and_opened(told: Comparison, tmp_path: Path) -> None:
    told.save(tmp_path / "c")
    opened = compare.open(tmp_path / "c")
    assert opened == told and opened.to_json() == told.to_json()


def test_hostile_names_stay_text(told: Comparison, page: str) -> None:
    for made in (page, render_fragment(told)):
        assert "<b onclick" not in made and "\u202e" not in made and "&lt;b onclick=x&gt;" in made
    markdown = render_markdown(told, "full", PARTS)
    made = MarkdownIt("commonmark").enable("table").render(markdown)
    assert "<b onclick" not in made and "\u202e" not in made
    # The name does not end the block that the dendrogram stands in.
    assert made.count("<pre>") == 2 and made.count("noise floor 0") == 1


def test_figures_stand_alone(told: Comparison, tmp_path: Path) -> None:
    plot = told.plot
    assert {"trends", "distances", "dendrogram", "members"} <= set(dir(plot))
    for name, chart in {
        "trends": plot.trends(),
        "distances": plot.distances(),
        "members": plot.members("rivalry"),
    }.items():
        chart.save(tmp_path / f"{name}.svg")
        drawn = (tmp_path / f"{name}.svg").read_text("utf-8")
        assert drawn.startswith("<svg") and "http" not in drawn.replace("http://www.w3.org/", "")
    for subject, title in (("rivalry-cooperation", "mean score"), ("urgency", "share of"), ("t01", "share of")):
        assert title in json.dumps(plot.members(subject).to_dict())
    plot.dendrogram("tone", "documents").save(tmp_path / "d.png")
    assert (tmp_path / "d.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OptionError, match="there are themes of documents"):
        plot.distances("themes", "groups")


def test_documents_of_a_comparison_are_collected(comparison: Comparison) -> None:
    documents = comparison.texts
    figures = figures_of(comparison)
    values = np.array(
        [
            [
                float(row.theme == f.id)
                if f.kind == "theme"
                else float(f.id in row.poles)
                if f.kind == "pole"
                else row.tone[f.id]
                for f in figures
            ]
            for row in comparison.rows
        ]
    )
    collection = collect(Arrays(documents), documents, [d.id for d in documents], values, figures, "", 0)
    assert [member.id for member in collection.members] == [d.id for d in documents]
    assert not collection.trends and not collection.distances
    for member in collection.members:
        for theme in comparison.theme_results:
            own, whole = member.themes[theme.id], theme.shares[member.id]
            assert own.value == pytest.approx(whole.value)
            # The same sections resampled by other random numbers.
            assert own.low == pytest.approx(whole.low, abs=0.03) and own.high == pytest.approx(whole.high, abs=0.03)
    shown = render_text(replace(comparison, collection=collection), 100, sections=PARTS)
    assert "How near" not in shown and all(d.label in shown for d in documents)


def test_intervals_of_years_hold_to_their_kind(gathered: Collection) -> None:
    for trend in gathered.trends:
        if trend.kind != "tone":
            assert all(y.figure.low >= 0 and y.figure.high <= 1 for y in trend.years)
        assert isinstance(trend.slope, Interval)
