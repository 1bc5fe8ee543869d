"""The report as a person reads it, and as JSON."""

from __future__ import annotations

import json
import re

import pytest
from conftest import NORTHLAND, SOUTHLAND
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from compare.catalogue import DEFAULT_PAIR
from compare.comparison import Comparison, compare
from compare.errors import OptionError
from compare.inference import Interval
from compare.report.blocks import Quotation
from compare.report.colours import COLOURS
from compare.report.json import render_json
from compare.report.outline import SECTIONS, check_sections, outline
from compare.report.pictures import course_line, diverging_bar, map_panel
from compare.report.terminal import Colours, render_text
from compare.report.text import cut, place, wrap
from compare.report.view import Detail, score


def masked(text: str) -> str:
    """The report without what differs between computers: versions, paths, and the map, which no two draw alike."""
    text = re.sub(r"(?s)(Map of the passages).*?(What is near on the map).*?(?=\n\S*\n)", r"\1 ... \2 ...", text)
    # The last part names versions and the paths of the fixtures.
    head, _, _ = text.rpartition("To cite, and to run it again")
    return head


@pytest.mark.parametrize("colours", [None, "truecolor"])
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_report_of_the_fixture_plans(
    comparison: Comparison, width: int, colours: Colours | None, snapshot: SnapshotAssertion
) -> None:
    assert masked(render_text(comparison, width, colours=colours)) == snapshot


@pytest.mark.parametrize("colours", [None, "truecolor"])
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_report_of_plans_in_two_languages(
    mixed: Comparison, width: int, colours: Colours | None, snapshot: SnapshotAssertion
) -> None:
    assert masked(render_text(mixed, width, colours=colours)) == snapshot


def bare(text: str) -> str:
    """Text without the escapes of colours, which take no room."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("detail", ["brief", "default", "full"])
@pytest.mark.parametrize("width", [60, 61, 71, 79, 80, 100, 119, 140, 200])
def test_no_line_is_wider_than_asked(comparison: Comparison, mixed: Comparison, width: int, detail: Detail) -> None:
    for found in (comparison, mixed):
        text = render_text(found, width, detail=detail)
        assert max(cell_len(line) for line in text.splitlines()) <= width
        assert "\x1b" not in text
        # Colours change nothing else.
        assert bare(render_text(found, width, detail=detail, colours="256")) == text
        plain = render_text(found, width, True, detail)
        assert max(cell_len(line) for line in plain.splitlines()) <= width


@pytest.mark.parametrize("width", [60, 80, 140])
def test_every_figure_is_whole_at_every_width(comparison: Comparison, width: int) -> None:
    text = render_text(comparison, width)
    for theme in comparison.theme_results:
        for share in theme.shares.values():
            figure = f"{100 * share.value:.0f} [{100 * share.low:.0f}, {100 * share.high:.0f}]"
            assert figure in text
    # No line ends within a figure, or between "p." and its number.
    assert not re.search(r"(\[[^\]\n]*|\d|\bp\.|\bpoint)\n\s*(%|[\d−, ]*\]|\d+[,.])", text)


def test_ascii_where_only_that_can_be_shown(comparison: Comparison) -> None:
    for detail in ("brief", "default", "full"):
        text = render_text(comparison, 80, ascii_only=True, detail=detail)  # type: ignore[arg-type]
        drawn = {c for c in text if ord(c) > 127}
        passages = {c for row in comparison.rows for c in row.passage.text if ord(c) > 127}
        assert drawn <= passages | {"…"}


def test_colours_are_told_apart_from_both_grounds() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in COLOURS:
        light = luminance(colour)
        # WCAG 2.2, 1.4.11: 3 to 1 for what is not running text.
        assert min(1.05 / (light + 0.05), (light + 0.05) / 0.05) >= 3


def test_brief_is_one_screen_and_full_is_everything(main_job: Comparison) -> None:
    brief, usual, full = (render_text(main_job, 80, detail=detail) for detail in ("brief", "default", "full"))  # type: ignore[arg-type]
    assert len(brief.splitlines()) <= 26
    assert len(render_text(main_job, 100).splitlines()) <= 270
    for finding in main_job.findings:
        assert finding.text.split(":")[0] in brief
    for note in main_job.notices:
        assert note.split()[-1] in brief
    assert len(usual) < len(full)
    for theme in main_job.theme_results:
        for rows in theme.evidence.values():
            for row in rows[:2]:
                assert "".join(main_job.rows[row].passage.text.split()) in "".join(full.split())


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_alone(comparison: Comparison, name: str) -> None:
    text = render_text(comparison, 100, detail="full", sections=[name])
    titles = {part.name: part.title for part in outline(comparison, "full")}
    shown = [other for other, title in titles.items() if title and re.search(rf"\n{re.escape(title)}(\n|  )", text)]
    assert shown == [name, "source"] if name in titles else shown == ["source"]
    assert text.startswith(comparison.texts[0].label)


def test_a_section_that_is_not_there() -> None:
    with pytest.raises(OptionError, match="did you mean tone-by-theme"):
        check_sections(["tone-by-them"])


def test_a_passage_is_cut_only_where_its_page_stands_beside_it(main_job: Comparison) -> None:
    whole = {"".join(row.passage.text.split()) for row in main_job.rows}
    for part in outline(main_job):
        for block in part.blocks:
            if isinstance(block, Quotation) and block.row is not None:
                passage = main_job.rows[block.row].passage
                shown = cut(passage.text, block.most or 10**6)
                assert shown == passage.text or (shown.endswith(" …") and place(main_job.rows[block.row]))
    text = render_text(main_job, 80, detail="full")
    assert "…" not in text
    assert any(passage in "".join(text.split()) for passage in whole)


def test_findings_open_the_report_and_are_built_from_the_numbers(main_job: Comparison) -> None:
    text = " ".join(render_text(main_job, 100).split())
    assert 3 <= len(main_job.findings) <= 5
    assert text.index("What differs most") < text.index("Themes share of")
    for finding in main_job.findings:
        assert " ".join(finding.text.split()) in text
        contrasts = [t for t in main_job.theme_results if t.id == finding.subject]
        contrasts += [p for tone in main_job.tone_results for p in tone.poles if p.id == finding.subject]  # type: ignore[misc]
        (found,) = contrasts
        (pair,) = found.differences
        assert pair.difference.low > 0 or pair.difference.high < 0
        assert pair.difference.holds or not finding.holds
        assert finding.places
        figures = [int(n) for n in re.findall(r"(\d+) %", re.split("The other way|No such", finding.text)[0])]
        assert sorted(figures) == sorted(round(100 * s.value) for s in found.shares.values())


def test_the_main_job_tells_what_anyone_sees_in_the_two_plans(main_job: Comparison) -> None:
    us, china = (d.id for d in main_job.texts)
    tone = {t.id: t for t in main_job.tone_results}
    rivalry = tone["rivalry-cooperation"].differences[0].difference
    assert rivalry.holds and rivalry.value > 0
    world = tone["national-global"].differences[0].difference
    assert world.holds and world.value > 0
    controls = max(main_job.theme_results, key=lambda t: "xport" in t.label)
    assert "xport" in controls.label
    assert controls.shares[us].value > 0.05 > controls.shares[china].value
    assert all(d.basis == "digest" for d in main_job.texts)


def test_mixed_languages_are_told(mixed: Comparison) -> None:
    assert any("language" in notice for notice in mixed.notices)
    assert all(word.z is None for word in mixed.word_results)


def test_four_documents(home: object) -> None:
    found = compare([NORTHLAND, SOUTHLAND, *DEFAULT_PAIR])
    assert all(len(theme.differences) == 6 for theme in found.theme_results)
    for width in (60, 80, 100):
        text = render_text(found, width)
        assert max(cell_len(line) for line in text.splitlines()) <= width
        # However many columns there are, no figure is cut.
        for theme in found.theme_results:
            for share in theme.shares.values():
                assert f" {100 * share.value:.0f} [{100 * share.low:.0f}, {100 * share.high:.0f}]" in text
        for tone in found.tone_results:
            assert all(score(interval) in text for interval in tone.scores.values())
    data = json.loads(render_json(found))
    assert len(data["themes"][0]["differences"]) == 6
    assert any("unlike bases" in notice for notice in found.notices)


def test_json_is_the_contract(main_job: Comparison) -> None:
    data = json.loads(render_json(main_job))
    assert data["schema"] == "policy-compare/1"
    assert {"documents", "passages", "themes", "tone", "words", "counterparts", "stability", "method"} <= set(data)
    ids = [d["id"] for d in data["documents"]]
    passages = {p["id"]: p for p in data["passages"]}
    assert len(passages) == sum(d["passages"] for d in data["documents"])
    for document in data["documents"]:
        assert {"id", "label", "title", "language", "basis", "sha256", "sections", "passages", "words"} <= set(document)
        assert re.fullmatch(r"[0-9a-f]{64}", document["sha256"])
    for passage in passages.values():
        assert {"id", "document", "section", "page", "page_label", "text", "theme"} <= set(passage)
    for theme in data["themes"]:
        assert {"id", "label", "keywords", "size", "topic", "shares", "difference", "evidence"} <= set(theme)
        assert set(theme["shares"]) == set(theme["evidence"]) == set(ids)
        assert {"value", "low", "high", "p", "q"} <= set(theme["difference"])
        for document, rows in theme["evidence"].items():
            assert all(passages[row]["document"] == document and passages[row]["theme"] == theme["id"] for row in rows)
    wanted = "rivalry-cooperation innovation-precaution national-global deregulation-governance security-development"
    assert [t["id"] for t in data["tone"]] == [*wanted.split(), "obligation", "urgency"]
    for tone in data["tone"]:
        assert {"id", "label", "poles", "scores", "difference", "evidence"} <= set(tone)
        assert {"value", "low", "high", "p", "q", "effect"} <= set(tone["difference"])
        assert set(tone["evidence"]) == set(ids)
    for word in data["words"]:
        assert {"term", "document", "z", "count"} <= set(word) and set(word["count"]) == set(ids)
    for item in data["counterparts"]:
        assert {"passage", "document", "nearest", "silent"} <= set(item)
        assert all(passages[near["passage"]]["document"] == item["document"] for near in item["nearest"])
    assert {"bootstrap_ari", "seed_ari", "themes"} <= set(data["stability"])
    assert {"model", "weights_sha256", "versions", "seed", "options"} <= set(data["method"])


def test_frames_say_what_the_report_says(main_job: Comparison) -> None:
    themes = main_job.themes
    assert set(themes.columns) >= {"theme", "label", "document", "share", "low", "high"}
    assert themes.groupby("document")["share"].sum().round(6).eq(1).all()
    assert len(main_job.passages) == len(main_job.rows)
    assert main_job.passages.index.is_unique
    assert {"kind", "value", "low", "high", "p", "q", "holds"} <= set(main_job.differences.columns)
    assert len(main_job.documents) == 2 and len(main_job.words) and len(main_job.counterparts)
    actors = main_job.actors
    asked = main_job.passages["actor"].dropna()
    assert (actors["low"] <= actors["share"]).all() and (actors["share"] <= actors["high"]).all()
    assert (actors["orders"] + actors["encouragements"]).sum() == len(asked)
    assert set(main_job.differences["kind"]) == {"theme", "tone", "pole", "actor"}
    validity = main_job.tone_validity.set_index("dimension")
    assert (validity["rest_low"] <= validity["rest"]).all() and (validity["sentences"] >= 10).all()
    assert list(validity.index) == [tone.id for tone in main_job.tone_results]
    assert len(main_job.meanings) == len(main_job.meaning_results) > 0
    assert (main_job.meanings["q"] >= main_job.meanings["p"] - 1e-12).all()
    cells = main_job.tone_by_theme
    assert len(cells) == len(main_job.theme_tone_results) > 0
    assert ((cells["first_mean"] - cells["second_mean"]) - cells["value"]).abs().max() < 1e-9
    assert (cells["first_low"] <= cells["first_mean"]).all() and (cells["first_mean"] <= cells["first_high"]).all()
    # What the report tells comes first; the rest of the grid after it.
    told = [cell.told for cell in main_job.theme_tone_results]
    assert told == sorted(told, reverse=True) and not all(told)


def test_the_same_input_gives_the_same_bytes(comparison: Comparison) -> None:
    assert render_json(compare([NORTHLAND, SOUTHLAND])) == render_json(comparison)


shares = st.floats(0, 1)


@given(shares, shares, shares, shares, st.integers(2, 40).map(lambda n: 2 * n + 1))
def test_bars_fill_their_width(a: float, b: float, c: float, d: float, width: int) -> None:
    left, right = Interval(min(a, b), 0, max(a, b)), Interval(min(c, d), 0, max(c, d))
    largest = max(left.value, right.value, 0.01)
    drawn = diverging_bar(left, right, largest, width)
    assert len(drawn) == width and drawn[width // 2] == "│"


@given(
    st.lists(st.tuples(shares, shares), max_size=60),
    st.lists(st.tuples(st.sampled_from(["1", "12", "20"]), shares, shares), max_size=25),
    st.integers(4, 60),
    st.integers(3, 20),
    st.booleans(),
)
def test_a_map_keeps_its_size_and_loses_no_place(
    points: list[tuple[float, float]], names: list[tuple[str, float, float]], width: int, height: int, plain: bool
) -> None:
    drawn = map_panel(points, names, width, height, plain)
    assert len(drawn) == height and all(len(line) == width for line, _ in drawn)
    assert all(line[a:b] in {"1", "12", "20"} for line, spans in drawn for a, b in spans)
    if points and not names:
        assert any(line.strip() for line, _ in drawn)
    if plain:
        assert all(line.isascii() for line, _ in drawn)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_a_line_shows_where_there_is_something(counts: list[int]) -> None:
    drawn = course_line(counts, max(counts))
    assert len(drawn) == len(counts)
    assert [c != "·" for c in drawn] == [n > 0 for n in counts]


def test_the_course_of_a_theme_counts_each_passage_once(main_job: Comparison) -> None:
    for document in main_job.texts:
        counted = sum(sum(main_job.course(theme.id, document.id, 13)) for theme in main_job.theme_results)
        assert counted == len(document.passages)


def test_the_map_holds_every_passage(main_job: Comparison) -> None:
    assert len(main_job.positions) == len(main_job.rows)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in main_job.positions)
    # Passages of one theme lie nearer to each other than to others, or the map would say nothing.
    assert main_job.method["map"]["trustworthiness"] > 0.9
    assert main_job.passages[["x", "y"]].notna().all().all()


@settings(max_examples=200)
@example(text=" \u3000\u3000\u3000aa", width=4, first=0)
@given(st.text(alphabet="ab 推动，。“”… \u3000", max_size=120), st.integers(4, 30), st.integers(0, 10))
def test_wrapping_loses_nothing_and_keeps_the_width(text: str, width: int, first: int) -> None:
    lines = wrap(text, width, min(first, width))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width + 4 for line in lines)
