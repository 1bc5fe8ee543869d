"""The passages nearest in meaning to a text, on the command line and in Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE
from rich.cells import cell_len

from compare.errors import PolicyCompareError
from compare.report.found import lines, to_json
from compare.search import Search, search_documents


@pytest.fixture(scope="module")
def found(home: object) -> Search:
    return search_documents("who pays for training when machines replace workers", [NORTHLAND, SOUTHLAND], most=6)


def run(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "compare", "search", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False)


def test_the_nearest_come_first_and_say_where_they_stand(found: Search) -> None:
    similarities = [item.similarity for item in found.found]
    assert similarities == sorted(similarities, reverse=True) and len(similarities) == 6
    assert "Workers" in found.found[0].passage.section[-1]
    assert found.yardstick is not None and 0.2 < found.yardstick < 0.9
    # The words of a passage find it, wherever it stands.
    passage = found.documents[1].passages[20]
    again = search_documents(passage.text, [NORTHLAND, SOUTHLAND], most=1).found[0]
    assert again.passage == passage and again.similarity == pytest.approx(1, abs=1e-5)
    nonsense = search_documents("xqzzy", [NORTHLAND], most=1)
    assert nonsense.yardstick is not None and nonsense.found[0].similarity < nonsense.yardstick / 2


def test_an_english_question_finds_chinese_passages_and_a_chinese_one_english_passages() -> None:
    asked = search_documents("clean energy for data centres", [NORTHLAND, SOUTHLAND_CHINESE], most=6)
    assert {item.document.id for item in asked.found} == {document.id for document in asked.documents}
    assert any("清洁能源" in " ".join(item.passage.section) for item in asked.found)
    chinese = search_documents("数据中心的清洁能源", [NORTHLAND], most=3)
    assert chinese.model != search_documents("clean energy", [NORTHLAND], most=1).model
    assert any("Grid" in item.passage.section[-1] or "Computing" in item.passage.section[-1] for item in chinese.found)


@pytest.mark.parametrize("width", [60, 100])
def test_it_is_whole_and_no_line_is_too_wide(found: Search, width: int) -> None:
    made = [line.plain for line in lines(found, width)]
    assert max(map(cell_len, made)) <= width
    flat = " ".join(" ".join(made).split())
    assert all(" ".join(item.passage.text.split()) in flat for item in found.found)
    assert f"{found.found[0].similarity:.2f}" in flat and f"{found.yardstick:.2f} (median)" in flat


def test_as_json(found: Search, tmp_path: Path) -> None:
    data = json.loads(to_json(found))
    assert data["schema"] == "policy-compare-search/1" and len(data["passages"]) == 6
    first = data["passages"][0]
    assert first["id"] == found.documents[0].passage_id(found.found[0].passage)
    assert set(first) >= {"document", "section", "page", "page_label", "text", "similarity", "standing"}
    assert len(data["method"]["weights_sha256"]) == 64
    out = tmp_path / "found.json"
    text = "who pays for training when machines replace workers"
    done = run(text, NORTHLAND, SOUTHLAND, "--most", 6, "--json", out)
    assert (done.returncode, done.stderr) == (0, b"") and out.read_text("utf-8") == to_json(found)
    assert run(text, NORTHLAND, SOUTHLAND, "--most", 6, "--json").stdout.decode() == to_json(found)


def test_what_cannot_be_searched_is_told_in_a_line(tmp_path: Path) -> None:
    for arguments, word in (
        (("chips", "no-such-plan"), "no-such-plan"),
        ((" ", NORTHLAND), "give a text"),
        (("chips", NORTHLAND, "--most", "0"), "--most 0"),
        (("chips",), "Missing argument"),
        (("chips", NORTHLAND, "--json", tmp_path / "no" / "such.json"), "such.json"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, b""), arguments
        assert word in done.stderr.decode() and len(done.stderr.decode().splitlines()) == 1
    with pytest.raises(PolicyCompareError, match="no document"):
        search_documents("chips", [])


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "hostile.md"
    sentences = [f"The office answers letter {n} with [bold red]care[/] and :smile: for all." for n in range(12)]
    file.write_text("# Plan [link=http://x.y]\n\n" + " ".join(sentences))
    found = search_documents("the office [bold]answers[/] \x1b[31m letters", [file], most=2)
    shown = "\n".join(line.plain for line in lines(found, 80))
    assert "\x1b" not in shown and all(not line.spans or line.style != "red" for line in lines(found, 80))
    assert "[bold red]care[/] and :smile:" in shown and "[bold]answers[/]" in shown
