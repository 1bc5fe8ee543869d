"""The command line as a user meets it: what goes where, exit codes, and one clear line for what is wrong."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from conftest import NORTHLAND, SOUTHLAND, Here
from rich.cells import cell_len

from compare.catalogue import catalogue
from compare.comparison import Comparison

CLEAN = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "POLICY_COMPARE_CORPORA", "PYTHONIOENCODING")


def run(*arguments: object, given: str | bytes | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, with the home of this test run."""
    clean = {name: value for name, value in os.environ.items() if name not in CLEAN}
    return subprocess.run(
        [sys.executable, "-m", "compare", *map(str, arguments)],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        env={**clean, "PYTHONUTF8": "1", **environment},
        timeout=300,
        check=False,
    )


PLANS = ("report", NORTHLAND, SOUTHLAND)


def test_without_arguments_the_two_plans_are_compared(main_job: Comparison) -> None:
    done = run()
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert text.startswith("US AI Action Plan (2025)  |  China's Global AI Governance Action Plan (2025)")
    for part in ("What differs most", "Themes", "Tone", "Distinctive words", "How far to trust this"):
        assert part in text
    assert "digests" in text and "policy-compare fetch" in text


def test_a_second_run_imports_no_heavy_module(main_job: Comparison) -> None:
    script = (
        "import sys\nfrom compare.cli import main\n"
        "try:\n    main([])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'sklearn', 'scipy', 'pandas'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr.decode()


def test_json_alone_goes_to_standard_output(comparison: Comparison) -> None:
    first, second = run(*PLANS, "--json"), run(*PLANS, "--json")
    assert (first.returncode, first.stderr) == (0, b"")
    assert first.stdout == second.stdout
    check_contract(json.loads(first.stdout))
    assert run("report", "--json", NORTHLAND, SOUTHLAND).stdout == first.stdout


INTERVAL, DIFFERENCE = {"value", "low", "high"}, {"value", "low", "high", "p", "q"}


def check_contract(data: dict[str, Any]) -> None:
    """The keys that programs rely on, and that what they refer to is there."""
    assert data["schema"] == "policy-compare/1"
    parts = {
        "documents": {"id", "label", "title", "language", "basis", "sha256", "sections", "passages", "words"},
        "passages": {"id", "document", "section", "page", "page_label", "text", "theme"},
        "themes": {"id", "label", "keywords", "size", "topic", "shares", "difference", "evidence"},
        "tone": {"id", "label", "poles", "scores", "difference", "evidence"},
        "words": {"term", "document", "z", "count"},
        "counterparts": {"passage", "document", "nearest", "silent"},
    }
    for part, keys in parts.items():
        assert data[part], part
        for row in data[part]:
            assert keys <= row.keys(), part
    assert {"bootstrap_ari", "seed_ari", "themes"} <= data["stability"].keys()
    assert {"model", "weights_sha256", "versions", "seed", "options"} <= data["method"].keys()
    documents = {row["id"] for row in data["documents"]}
    places = {row["id"]: row["document"] for row in data["passages"]}
    themes = [row["id"] for row in data["themes"]]
    assert set(places.values()) == documents and len(places) == sum(row["passages"] for row in data["documents"])
    assert {row["theme"] for row in data["passages"]} == set(themes) and len(set(themes)) == data["stability"]["themes"]
    for row in (*data["themes"], *data["tone"]):
        figures = row.get("shares", row.get("scores"))
        assert figures.keys() == documents == row["evidence"].keys()
        assert all(figure.keys() >= INTERVAL and figure["low"] <= figure["high"] for figure in figures.values())
        assert row["difference"].keys() >= DIFFERENCE
        assert 0 < row["difference"]["p"] <= row["difference"]["q"] <= 1
        first, second = (figures[document["id"]]["value"] for document in data["documents"])
        assert row["difference"]["value"] == pytest.approx(first - second, abs=2e-4)
        assert all(places[name] == document for document, names in row["evidence"].items() for name in names)
    assert all("effect" in row["difference"] for row in data["tone"])
    for row in data["counterparts"]:
        assert places[row["passage"]] != row["document"]
        assert {places[near["passage"]] for near in row["nearest"]} == {row["document"]}


def test_files_are_written_beside_the_report(comparison: Comparison, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"report.{kind}" for kind in ("json", "html", "svg", "markdown", "csv")}
    done = run(*PLANS, *(part for kind, file in files.items() for part in (f"--{kind}", file)))
    assert done.returncode == 0 and b"What differs most" in done.stdout
    assert json.loads(files["json"].read_text("utf-8"))["schema"] == "policy-compare/1"
    assert files["html"].read_text("utf-8").startswith("<!DOCTYPE html>")
    assert files["svg"].read_text("utf-8").startswith("<svg")
    assert files["markdown"].read_text("utf-8").startswith("# Leading from the North")
    assert (files["csv"] / "themes.csv").read_text("utf-8").startswith("theme,label,document,share,low,high")
    assert sorted(tmp_path.iterdir()) == sorted(files.values())
    # Tables go into a folder that is there, beside what else is in it.
    (files["csv"] / "notes.txt").write_text("mine")
    (files["csv"] / "themes.csv").unlink()
    assert run(*PLANS, "--csv", files["csv"], "--brief").returncode == 0
    assert (files["csv"] / "themes.csv").is_file() and (files["csv"] / "notes.txt").read_text() == "mine"


def test_as_much_of_the_report_as_is_wanted(comparison: Comparison, tmp_path: Path) -> None:
    picture = tmp_path / "words.svg"
    usual = run(*PLANS).stdout.decode()
    brief, section = run(*PLANS, "--brief").stdout.decode(), run(*PLANS, "--section", "words", "--svg", picture)
    assert len(brief.splitlines()) < 40 < len(usual.splitlines())
    assert "Distinctive words" in section.stdout.decode() and "What differs most" not in section.stdout.decode()
    assert "Distinctive" in picture.read_text("utf-8") and "differs" not in picture.read_text("utf-8")


def on_a_terminal(*arguments: object, **environment: str) -> tuple[int, str]:
    """Exit code and what a terminal of 80 columns is sent on standard output."""
    import pty

    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "compare", *map(str, arguments)],
        stdin=end,
        stdout=end,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "PYTHONUTF8": "1", **environment},
    )
    os.close(end)
    shown = b""
    with open(terminal, "rb", buffering=0) as stream, contextlib.suppress(OSError):
        while piece := stream.read(4096):
            shown += piece
    return process.wait(timeout=120), shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of POSIX")
def test_a_pager_on_a_terminal_alone(comparison: Comparison, tmp_path: Path) -> None:
    paged = tmp_path / "paged"
    code, shown = on_a_terminal(*PLANS, PAGER=f"cat > '{paged}'")
    assert (code, shown) == (0, "")
    text = paged.read_text("utf-8")
    # The pager gets the colours that the terminal takes, and no line filled with blanks.
    assert "\x1b[" in text and "What differs most" in text
    assert not re.search(r" (\x1b\[0m)?\n", text)
    for arguments, environment in (
        (["--no-pager"], {"PAGER": "false"}),
        ([], {"PAGER": "false", "POLICY_COMPARE_PAGER": "cat"}),
        ([], {"PAGER": "no-such-pager-here"}),
        ([], {"PAGER": "false", "TERM": "dumb"}),
    ):
        code, shown = on_a_terminal(*PLANS, "--brief", *arguments, **environment)
        assert code == 0 and "What differs most" in shown, environment
    # A reader who leaves the pager early has done nothing wrong.
    assert on_a_terminal(*PLANS, PAGER="true") == (0, "")


def test_widths(comparison: Comparison) -> None:
    done = run(*PLANS, "--width", 63)
    lines = done.stdout.decode().splitlines()
    assert max(cell_len(line) for line in lines) <= 63
    assert run(*PLANS, COLUMNS="63").stdout == done.stdout


@pytest.mark.parametrize(
    "environment",
    [{}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "dumb", "COLUMNS": "100"}],
)
def test_a_pipe_gets_no_escapes(comparison: Comparison, environment: dict[str, str]) -> None:
    done = run(*PLANS, **environment)
    assert done.returncode == 0 and b"\x1b" not in done.stdout
    assert max(map(len, done.stdout.decode().splitlines())) <= int(environment.get("COLUMNS", "80"))


def test_colour_where_it_is_asked_for(comparison: Comparison) -> None:
    assert b"\x1b[" in run(*PLANS, FORCE_COLOR="1", TERM="xterm-256color").stdout


def test_a_terminal_that_is_not_utf8(comparison: Comparison) -> None:
    done = run(*PLANS, PYTHONUTF8="0", PYTHONIOENCODING="ascii", LANG="C", LC_ALL="C")
    assert done.returncode == 0
    text = done.stdout.decode("ascii")
    assert "#|" in text and "What differs most" in text and "?" not in text.split("How far")[1]


def pdf_without_text(path: Path) -> Path:
    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    document.save(str(path))
    return path


def encrypted_pdf(path: Path) -> Path:
    """A small PDF whose trailer names an encryption that no empty password opens."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [<00> <00>] >>\nstartxref\n{len(body)}\n%%EOF\n"
    path.write_bytes((body + f"xref\n0 5\n0000000000 65535 f \n{table}" + trailer).encode())
    return path


def refused(done: subprocess.CompletedProcess[bytes]) -> str:
    """The one line of a refusal: exit code 2, nothing on standard output, no traceback."""
    error = done.stderr.decode()
    assert done.returncode == 2, error
    assert done.stdout == b""
    assert len(error.splitlines()) == 1 and error.startswith("policy-compare: "), error
    return error


def test_documents_that_cannot_be_read(tmp_path: Path, here: Here) -> None:
    empty = tmp_path / "empty.md"
    empty.touch()
    short = tmp_path / "short.txt"
    short.write_text("One sentence only.", "utf-8")
    cut = tmp_path / "cut.pdf"
    cut.write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    wanted = {
        tmp_path / "nothing.pdf": "no such file",
        empty: "empty",
        pdf_without_text(tmp_path / "scan.pdf"): "text",
        encrypted_pdf(tmp_path / "locked.pdf"): "encrypted",
        cut: "PDF",
        short: "too few",
        tmp_path: "folder",
        "nosuchplan": "us-ai-action-plan-2025",
    }
    files = [tmp_path / "out" / f"report.{kind}" for kind in ("json", "html", "svg", "markdown", "csv")]
    files[0].parent.mkdir()
    files[0].write_text("an earlier report")
    for document, word in wanted.items():
        asked = [part for file in files for part in (f"--{file.suffix[1:]}", file)]
        line = refused(here("report", NORTHLAND, document, *asked))
        assert word in line, line
        assert Path(str(document)).name in line
    assert list(files[0].parent.iterdir()) == [files[0]] and files[0].read_text() == "an earlier report"


def test_a_name_with_control_characters_is_shown_harmless() -> None:
    assert "\\x1b" in refused(run("report", NORTHLAND, "plan\x1b[31m.pdf"))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("report", NORTHLAND), "one document alone"),
        (("report", NORTHLAND, NORTHLAND), "given twice"),
        ((*PLANS, "--themes", "0"), "--themes"),
        ((*PLANS, "--themes", "x"), "--themes"),
        ((*PLANS, "--basis", "x"), "--basis"),
        ((*PLANS, "--width", "10"), "--width"),
        ((*PLANS, "--seed", "-1"), "--seed"),
        ((*PLANS, "--nonsense"), "--nonsense"),
        ((*PLANS, "--json", "/no/such/folder/r.json"), "there is no folder"),
        ((*PLANS, "--tone", "/no/such/tone.toml"), "tone.toml"),
        ((*PLANS, "--brief", "--full"), "use one of them"),
        ((*PLANS, "--section", "wrods"), "did you mean words?"),
        ((*PLANS, "--csv", NORTHLAND), "a file; name a folder"),
        ((*PLANS, "--csv", "/no/such/folder/tables"), "there is no folder"),
        ((*PLANS, "--html", "report.out", "--markdown", "./report.out"), "give each its own"),
        ((*PLANS, "--tone", os.devnull), os.devnull),
        ((*PLANS, "--themes", "1000"), "--themes 1000: between 2 and"),
        (("report", NORTHLAND, NORTHLAND.parent / ".." / "fixtures" / NORTHLAND.name), "one and the same file"),
        (("report", NORTHLAND, ""), "name is empty"),
        (("fetch", "nosuchplan"), "nosuchplan"),
        (("tone", "/no/such/file"), "/no/such/file"),
        (("tone", os.devnull), "no sentence"),
        (("tone",), "'FILE'; see: policy-compare tone --help"),
        (("jp-ai-basic-plan-2026",), "No such command 'jp-ai-basic-plan-2026'; see: policy-compare --help"),
        (("report", "it-ai-strategy-2024", NORTHLAND), "POLICY_COMPARE_CORPORA"),
        (("report", "us-ai-action-plan-2025", NORTHLAND, "--basis", "official"), "policy-compare fetch"),
    ],
)
def test_options_that_cannot_be_used(arguments: tuple[object, ...], word: str, here: Here) -> None:
    assert word in refused(here(*arguments))


def test_a_model_that_is_not_there() -> None:
    assert "model" in refused(run(*PLANS, "--model", "no/such-folder-or-model!", HF_HUB_OFFLINE="1"))
    assert "--nonsense" in refused(run(*PLANS, "--nonsense"))


def test_tone_of_sentences(comparison: Comparison) -> None:
    lines = "We must beat our rivals in this race.\n\n" + json.dumps({"text": "各国应当加强合作与对话。"}) + "\n"
    done = run("tone", "-", given=lines)
    assert done.returncode == 0, done.stderr.decode()
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [row["language"] for row in rows] == ["en", "zh"]
    assert rows[0]["scores"]["rivalry-cooperation"] > 1 > -1 > rows[1]["scores"]["rivalry-cooperation"]
    assert {"rivalry", "cooperation", "obligation", "urgency"} <= set(rows[0]["poles"])
    assert "no sentence" in refused(run("tone", "-", given="\n \n"))


@pytest.mark.parametrize("width", [60, 120])
def test_the_catalogue(width: int) -> None:
    done = run("corpora", "--width", width)
    text = done.stdout.decode()
    assert done.returncode == 0
    assert max(map(len, text.splitlines())) <= width
    # A name that is broken over two lines can be neither copied nor typed.
    assert [line.split()[0] for line in text.splitlines() if re.match(r"\w+-[\w-]+", line)] == list(catalogue())
    for entry in catalogue().values():
        assert entry.date in text and entry.title.split()[0] in text
    assert text.count("digest") == 5


def test_a_reader_who_leaves_early_is_no_error(comparison: Comparison) -> None:
    for arguments in (("corpora",), PLANS, (*PLANS, "--json")):
        for colour in ({}, {"FORCE_COLOR": "1", "TERM": "xterm"}):
            process = subprocess.Popen(
                [sys.executable, "-m", "compare", *map(str, arguments)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, **colour},
            )
            assert process.stdout is not None and process.stderr is not None
            process.stdout.close()
            with process.stderr as stream:
                assert stream.read() == b""
            assert process.wait(timeout=120) == 0


def test_version() -> None:
    assert re.fullmatch(rb"policy-compare \S+\n", run("--version").stdout)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_in_one_line(comparison: Comparison) -> None:
    with open("/dev/full", "wb") as full:
        for arguments in (("corpora",), (*PLANS, "--json")):
            done = subprocess.run(
                [sys.executable, "-m", "compare", *map(str, arguments)],
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
            assert done.returncode == 2 and re.fullmatch(rb"policy-compare: there is no room .*\n", done.stderr)
    done = run(*PLANS, "--svg", "/dev/full")
    assert done.returncode == 2 and re.fullmatch(rb"policy-compare: /dev/full: cannot be written .*\n", done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of POSIX")
@pytest.mark.parametrize(("option", "step"), [("--seed=417", b"finding themes"), ("--no-cache", b"passages/s")])
def test_an_interrupt_ends_with_130_and_leaves_nothing(
    comparison: Comparison, tmp_path: Path, option: str, step: bytes
) -> None:
    import pty

    # A terminal on standard error shows the steps, so that the interrupt falls into the work and not before it.
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "compare", *map(str, PLANS), option, "--csv", str(tmp_path / "tables")],
        stdout=subprocess.PIPE,
        stderr=end,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        # A test run in the background of a shell has interrupts ignored, and its children would ignore them too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    os.close(end)
    shown = b""
    with open(terminal, "rb", buffering=0) as stream, contextlib.suppress(OSError):
        while piece := stream.read(4096):
            shown += piece
            if step in shown and process.poll() is None:
                process.send_signal(signal.SIGINT)
                break
        while piece := stream.read(4096):
            shown += piece
    output, _ = process.communicate(timeout=120)
    assert (process.returncode, output) == (130, b""), shown.decode()
    assert b"policy-compare: interrupted" in shown and b"Traceback" not in shown
    assert list(tmp_path.iterdir()) == []


def test_official_files_of_two_languages(official: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    done = run(
        "report",
        "cn-ai-development-plan-2017",
        "cn-ai-plus-opinions-2025",
        "--json",
        out,
        POLICY_COMPARE_CORPORA=str(official),
    )
    assert done.returncode == 0, done.stderr.decode()
    text, data = done.stdout.decode(), json.loads(out.read_text("utf-8"))
    assert "Read from the official texts." in text
    assert [d["basis"] for d in data["documents"]] == ["official", "official"]
    assert [d["language"] for d in data["documents"]] == ["en", "zh"]
    joint = [theme for theme in data["themes"] if min(share["value"] for share in theme["shares"].values()) >= 0.02]
    assert len(joint) >= 4
    assert max(cell_len(line) for line in text.splitlines()) <= 80
