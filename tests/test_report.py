"""The report as a person reads it, and as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from compare.comparison import Comparison, compare
from compare.inference import Interval
from compare.report.html import render_html
from compare.report.json import render_json
from compare.report.terminal import render_svg, render_text
from compare.report.text import diverging_bar, wrap


def masked(text: str) -> str:
    """The report without what differs between computers: versions."""
    return re.sub(r"(?s)policy-compare \S+ ?.*?torch \S+?\.(?=\s)", "VERSIONS.", text)


@pytest.mark.parametrize("width", [60, 80, 140])
def test_report_of_the_fixture_plans(comparison: Comparison, width: int, snapshot: SnapshotAssertion) -> None:
    assert masked(render_text(comparison, width)) == snapshot


@pytest.mark.parametrize("width", [60, 61, 79, 80, 100, 140, 200])
def test_no_line_is_wider_than_asked(comparison: Comparison, width: int) -> None:
    text = render_text(comparison, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [60, 80, 140])
def test_every_figure_is_whole_at_every_width(comparison: Comparison, width: int) -> None:
    text = render_text(comparison, width)
    for theme in comparison.theme_results:
        for share in theme.shares.values():
            figure = f"{100 * share.value:.0f} [{100 * share.low:.0f}, {100 * share.high:.0f}]"
            assert figure in text


def test_ascii_where_only_that_can_be_shown(comparison: Comparison) -> None:
    text = render_text(comparison, 80, ascii_only=True)
    drawn = {c for c in text if ord(c) > 127}
    passages = {c for row in comparison.rows for c in row.passage.text if ord(c) > 127}
    assert drawn <= passages | {"…"}


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
        figures = [int(n) for n in re.findall(r"(\d+) %", finding.text.split("The other way")[0])]
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


def test_mixed_languages_keep_their_columns(home: object) -> None:
    found = compare([NORTHLAND, SOUTHLAND_CHINESE])
    for width in (60, 80, 140):
        assert max(cell_len(line) for line in render_text(found, width).splitlines()) <= width
    assert any("language" in notice for notice in found.notices)
    assert all(word.z is None for word in found.word_results)


def test_three_documents(home: object) -> None:
    found = compare([NORTHLAND, SOUTHLAND, "us-ai-action-plan-2025"])
    assert all(len(theme.differences) == 3 for theme in found.theme_results)
    text = render_text(found, 80)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    data = json.loads(render_json(found))
    assert len(data["themes"][0]["differences"]) == 3
    assert any("unlike bases" in notice for notice in found.notices)


def test_text_of_a_document_stays_text(tmp_path: Path, home: object) -> None:
    path = tmp_path / "evil [red]<b>.txt"
    sentence = (
        "The [link=x]harbour[/link] <script>alert({n})</script> must not \x1b[31mburn\x1b]8;;http://x\x07 in {n}."
    )
    parts = [
        f"{part + 1}. Part [bold]{part}[/bold] <i>\n\n" + " ".join(sentence.format(n=5 * part + n) for n in range(5))
        for part in range(8)
    ]
    path.write_text("[red]Evil[/red] <img src=x onerror=alert(1)>\n\n" + "\n\n".join(parts), "utf-8")
    found = compare([path, SOUTHLAND])
    text = render_text(found, 100)
    assert "[link=x]harbour[/link]" in " ".join(text.split())
    page, picture = render_html(found), render_svg(found)
    for output in (text, page, picture):
        assert "\x1b" not in output and "\x07" not in output
    for output in (page, picture):
        assert "<script" not in output and "<img" not in output
        # Nothing is fetched when it is looked at.
        assert not re.search(r"<[^>]*\s(?:src|href)\s*=|url\(\s*[\"']?http|@import", output)
    assert "&lt;script&gt;" in page


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


def test_the_same_input_gives_the_same_bytes(comparison: Comparison) -> None:
    assert render_json(compare([NORTHLAND, SOUTHLAND])) == render_json(comparison)


shares = st.floats(0, 1)


@given(shares, shares, shares, shares, st.integers(2, 40).map(lambda n: 2 * n + 1))
def test_bars_fill_their_width(a: float, b: float, c: float, d: float, width: int) -> None:
    left, right = Interval(min(a, b), 0, max(a, b)), Interval(min(c, d), 0, max(c, d))
    largest = max(left.value, right.value, 0.01)
    drawn = diverging_bar(left, right, largest, width)
    assert len(drawn) == width and drawn[width // 2] == "│"


@settings(max_examples=200)
@given(st.text(alphabet="ab 推动，。“”… \u3000", max_size=120), st.integers(4, 30), st.integers(0, 10))
def test_wrapping_loses_nothing_and_keeps_the_width(text: str, width: int, first: int) -> None:
    lines = wrap(text, width, min(first, width))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width + 4 for line in lines)
