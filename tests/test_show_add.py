"""One document as it was read (`show`), and documents that a user adds to the catalogue (`add`, `remove`)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FIXTURES, NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE
from rich.cells import cell_len

import compare as package
from compare.additions import add_document, remove_document
from compare.catalogue import catalogue
from compare.comparison import compare
from compare.errors import DocumentError, OptionError, PolicyCompareError, UnknownDocumentError
from compare.report import document as page


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of its own, with nothing added yet."""
    monkeypatch.setenv("POLICY_COMPARE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "catalogue"


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command."""
    done = subprocess.run(
        [sys.executable, "-m", "compare", *arguments],
        capture_output=True,
        env={**os.environ, **environment},
        encoding="utf-8",
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


# show


@pytest.mark.parametrize("path", [NORTHLAND, SOUTHLAND_CHINESE, FIXTURES / "plain-notice.txt"], ids=lambda p: p.name)
@pytest.mark.parametrize("width", [60, 80, 140])
def test_every_heading_and_passage_is_shown_and_no_line_is_wider_than_asked(path: Path, width: int) -> None:
    document = package.load(str(path))
    shown = [line.plain for line in page.lines(document, width)]
    assert max(cell_len(line) for line in shown) <= width
    text = re.sub(r"\s+", "", "".join(shown))
    for passage in document.passages:
        assert re.search(rf"^[ >]*{passage.order + 1} ", "\n".join(shown), re.MULTILINE)
    for section in document.outline:
        assert re.sub(r"\s+", "", section.path[-1]) in text
    # Numbers and places stand between lines, so long passages are looked for piece by piece.
    pieces = [piece for passage in document.passages for piece in passage.text.split() if len(piece) < 20]
    assert all(piece in text for piece in pieces)


def test_a_passage_is_found_in_its_document_by_its_offsets() -> None:
    document = package.load("us-ai-action-plan-2025", "digest")
    value = json.loads(page.to_json(document))
    assert len(value["passages"]) == len(document.passages) == 312
    for passage in value["passages"]:
        assert value["body"][passage["start"] : passage["end"]] == passage["text"]
    for section in value["outline"]:
        assert value["body"][section["start"] : section["end"]] == section["path"][-1]
    # In order, and never one within another.
    ends = [p["end"] for p in value["passages"]]
    assert all(end <= p["start"] for end, p in zip(ends, value["passages"][1:], strict=False))


def test_one_section_holds_its_own_passages_and_those_below_it() -> None:
    document = package.load(str(NORTHLAND))
    first = next(section for section in document.outline if len(section.path) == 1)
    shown = "\n".join(line.plain for line in page.lines(document, 400, sections=[first]))
    for passage in document.passages:
        assert (passage.text in shown) == (passage.section[:1] == first.path)


def test_sections_are_found_by_a_part_of_their_heading() -> None:
    document = package.load("us-ai-action-plan-2025", "digest")
    assert [s.path[-1] for s in page.find_sections(document, "RED  tape")] == ["Remove Red Tape and Onerous Regulation"]
    # A whole heading comes before headings that hold it.
    assert [s.path for s in page.find_sections(document, "introduction")] == [("Introduction",)]
    with pytest.raises(OptionError, match="Invest in Biosecurity"):
        page.find_sections(document, "biosecurty")
    for nothing in ("", "  ", "zzzz"):
        with pytest.raises(OptionError):
            page.find_sections(document, nothing)


@pytest.mark.parametrize("wanted", ["0", "313", "-1", "x", "", "²", "99999999999999999999"])
def test_passages_that_are_not_there(wanted: str) -> None:
    with pytest.raises(OptionError, match="passages 1 to 312"):
        page.find_passage(package.load("us-ai-action-plan-2025", "digest"), wanted)


def test_a_passage_in_its_context() -> None:
    document = package.load(str(FIXTURES / "plain-notice.txt"))
    passage = page.find_passage(document, "plain-notice:0011")
    shown = "\n".join(line.plain for line in page.context(document, passage, 400))
    assert passage.text == document.passages[10].text and passage.bullet
    assert re.search(rf"^>11 +- {re.escape(passage.text)}$", shown, re.MULTILINE)
    numbers = [int(n) for n in re.findall(r"^[ >](?= *\d) *(\d+) ", shown, re.MULTILINE)]
    assert numbers == [10, 11, 12]
    assert f"characters {passage.start} to {passage.end}" in shown


def test_text_of_a_document_is_never_markup(tmp_path: Path) -> None:
    path = tmp_path / "marked.txt"
    path.write_text("1. [bold]Aims[/bold]\n\nThe council shall [red]act[/red] at once and \x1b[31mreport.\n" * 3)
    code, shown, _ = run("show", str(path))
    assert code == 0 and "[bold]Aims[/bold]" in shown and "[red]act[/red]" in shown and "\x1b" not in shown


def test_the_command_shows_a_document_of_any_length(tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("A short notice\n\nThe reading room is closed on Mondays.\n")
    code, shown, said = run("show", str(path))
    assert (code, said) == (0, "") and "The reading room is closed on Mondays." in shown
    code, shown, said = run("show", str(path), "--text")
    assert (code, said) == (0, "") and shown == "The reading room is closed on Mondays.\n"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--section", "no such heading"], "section no such heading"),
        (["--passage", "9999"], "has passages 1 to"),
        (["--json", "--text"], "use one of them"),
        (["--width", "20"], "--width 20"),
        (["--basis", "mine"], "--basis mine"),
    ],
)
def test_wrong_options_give_one_line(arguments: list[str], what: str) -> None:
    code, shown, said = run("show", str(NORTHLAND), *arguments)
    assert code == 2 and shown == "" and what in said and len(said.splitlines()) == 1


# add and remove


def test_a_document_that_was_added_has_a_name_like_any_other(store: Path) -> None:
    entry, text = add_document(
        str(NORTHLAND), title="The Northland Plan", issuer="Cabinet of Northland", date="2025-03", country="Northland"
    )
    assert entry.name == "the-northland-plan-2025" and entry.added
    assert list(catalogue())[-1] == entry.name and catalogue()[entry.name] == entry
    document = package.load(entry.name)
    assert (document.id, document.title) == ("the-northland-plan-2025", "The Northland Plan")
    assert (document.issuer, document.date, document.basis) == ("Cabinet of Northland", "2025-03", "file")
    assert document.passages == text.passages == package.load(str(NORTHLAND)).passages
    assert sorted(path.name for path in (store / entry.name).iterdir()) == [
        "document.toml",
        "the-northland-plan-2025.md",
    ]


def test_the_name_stands_for_the_text_whatever_becomes_of_the_file(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    path.write_bytes(NORTHLAND.read_bytes())
    entry, _ = add_document(str(path), name="plan")
    before = package.load("plan")
    path.unlink()
    assert package.load("plan") == before
    # A copy that was tampered with is not the text.
    (store / "plan" / "plan.md").write_bytes(SOUTHLAND.read_bytes())
    with pytest.raises(DocumentError, match="add it again"):
        package.load("plan")
    add_document(str(SOUTHLAND), name="plan", replace=True)
    assert package.load("plan").passages == package.load(str(SOUTHLAND)).passages
    assert entry.folder == store / "plan"


def test_added_documents_do_not_decide_between_digest_and_official_text(store: Path, home: Path) -> None:
    add_document(str(NORTHLAND), name="northland")
    added = package.load("northland")
    assert added.basis == "file"
    assert package.load("us-ai-action-plan-2025").basis == "digest"
    # On any basis asked for: it has one text only.
    assert package.load("northland", "official") == package.load("northland", "digest") == added


def test_an_added_document_is_compared_by_its_name(store: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_COMPARE_HOME", str(home))
    add_document(str(NORTHLAND), name="northland")
    try:
        found = compare(["northland", SOUTHLAND])
        assert [(d.id, d.basis) for d in found.texts] == [("northland", "file"), ("southland-appeal", "file")]
    finally:
        remove_document("northland")


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"name": "us-ai-action-plan-2025"}, "a name of the catalogue"),
        ({"name": "../outside"}, "--name ../outside"),
        ({"name": ".hidden"}, "--name .hidden"),
        ({"name": "a\x1b[31m"}, r"--name a\x1b[31m"),
        ({"date": "2025-13"}, "--date 2025-13"),
        ({"date": "26 July 2025"}, "--date 26 July 2025"),
        ({"date": "2025-02-30"}, "--date 2025-02-30"),
        ({"title": "南国计划"}, "--name NAME"),
        ({"pages": "3-2"}, "--pages 3-2"),
        ({"pages": "all"}, "--pages all"),
        ({"file": "no-such-file.pdf"}, "no such file"),
        ({"file": "."}, "a folder"),
        ({"file": "http://a.example/plan.pdf"}, "only https addresses"),
    ],
)
def test_what_cannot_be_added(store: Path, arguments: dict[str, str], what: str) -> None:
    with pytest.raises(PolicyCompareError) as caught:
        add_document(**{"file": str(NORTHLAND), **arguments})
    assert what in str(caught.value) and len(str(caught.value).splitlines()) == 1
    assert not list(store.glob("*")) and not any(entry.added for entry in catalogue().values())


def test_a_name_is_taken_once(store: Path) -> None:
    add_document(str(NORTHLAND), name="northland")
    with pytest.raises(OptionError, match="--replace"):
        add_document(str(SOUTHLAND), name="northland")
    assert package.load("northland").passages == package.load(str(NORTHLAND)).passages


def test_values_come_back_as_they_were_given(store: Path) -> None:
    title, issuer = 'A "plan" of C:\\drive, 南国\x7f\n[x]', "Office = 1\n[[copies]]\nfilename = '/etc/hosts'"
    entry, _ = add_document(str(NORTHLAND), title=title, issuer=issuer, name="odd")
    assert entry.title == 'A "plan" of C:\\drive, 南国[x]'
    assert entry.issuer == "Office = 1 [[copies]] filename = '/etc/hosts'"
    assert len(entry.sources) == 1 and package.load("odd").title == entry.title


def test_what_was_left_behind_half_written_is_no_document(store: Path) -> None:
    add_document(str(NORTHLAND), name="northland")
    (store / "northland").rename(store / ".left")
    assert not any(entry.added for entry in catalogue().values())


def test_a_broken_entry_is_named(store: Path) -> None:
    (store / "broken").mkdir(parents=True)
    (store / "broken" / "document.toml").write_text("title = ")
    code, shown, said = run("corpora")
    assert (code, shown) == (2, "") and "broken" in said and len(said.splitlines()) == 1


def test_removing(store: Path) -> None:
    add_document(str(NORTHLAND), name="northland")
    remove_document("northland")
    assert not list(store.iterdir()) and "northland" not in catalogue()
    for name in ("northland", "us-ai-action-plan-2025", "../x"):
        with pytest.raises(UnknownDocumentError, match="not among the documents that you added"):
            remove_document(name)


def test_the_commands(store: Path) -> None:
    code, shown, said = run(
        "add", str(SOUTHLAND_CHINESE), "--name", "southland", "--date", "2025", "--issuer", "Office"
    )
    assert (code, said) == (0, "") and shown.startswith("southland: 49 passages, 9 headings, zh: ")
    assert shown.splitlines()[1].endswith("policy-compare show southland")
    code, shown, _ = run("corpora", "--width", "120")
    assert code == 0 and re.search(r"^southland .*your file", shown, re.MULTILINE)
    code, shown, _ = run("show", "southland", "--outline")
    assert code == 0 and "六、" in shown
    code, shown, said = run("remove", "southland")
    assert (code, shown, said) == (0, "southland: removed\n", "")
    code, shown, said = run("show", "southland")
    assert code == 2 and len(said.splitlines()) == 1


def test_pages_of_a_pdf_can_be_chosen(store: Path, official: Path) -> None:
    file = official / "cn-ai-development-plan-2017.en.pdf"
    if not file.is_file():
        pytest.skip("official files not at hand (POLICY_COMPARE_CORPORA)")
    add_document(str(file), name="newsletter", pages="2-12")
    document = package.load("newsletter")
    assert {p.page for p in document.passages} <= set(range(2, 13))
    with pytest.raises(DocumentError, match="no pages 40 to 41"):
        add_document(str(file), name="other", pages="40-41")
