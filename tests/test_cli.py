"""The command line as a user meets it: what goes where, exit codes, and one clear line for what is wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pypdfium2
import pytest
from conftest import NORTHLAND, SOUTHLAND
from rich.cells import cell_len

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
    assert json.loads(first.stdout)["schema"] == "policy-compare/1"
    assert run("report", "--json", NORTHLAND, SOUTHLAND).stdout == first.stdout


def test_files_are_written_beside_the_report(comparison: Comparison, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"report.{kind}" for kind in ("json", "html", "svg")}
    done = run(*PLANS, *(part for kind, file in files.items() for part in (f"--{kind}", file)))
    assert done.returncode == 0 and b"What differs most" in done.stdout
    assert json.loads(files["json"].read_text("utf-8"))["schema"] == "policy-compare/1"
    assert files["html"].read_text("utf-8").startswith("<!DOCTYPE html>")
    assert files["svg"].read_text("utf-8").startswith("<svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json", "report.svg"]


@pytest.mark.parametrize("width", [60, 80, 140])
def test_widths(comparison: Comparison, width: int) -> None:
    done = run(*PLANS, "--width", width)
    lines = done.stdout.decode().splitlines()
    assert max(cell_len(line) for line in lines) <= width
    assert run(*PLANS, COLUMNS=str(width)).stdout == done.stdout


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


def test_documents_that_cannot_be_read(tmp_path: Path) -> None:
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
    for document, word in wanted.items():
        line = refused(run("report", NORTHLAND, document))
        assert word in line, line
        assert Path(str(document)).name in line


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
        ((*PLANS, "--model", "no/such-folder-or-model!"), "model"),
        ((*PLANS, "--nonsense"), "--nonsense"),
        ((*PLANS, "--json", "/no/such/folder/r.json"), "there is no folder"),
        ((*PLANS, "--tone", "/no/such/tone.toml"), "tone.toml"),
        (("fetch", "nosuchplan"), "nosuchplan"),
        (("tone", "/no/such/file"), "/no/such/file"),
        (("jp-ai-basic-plan-2026",), "No such command"),
        (("report", "jp-ai-basic-plan-2026", NORTHLAND), "POLICY_COMPARE_CORPORA"),
        (("report", "us-ai-action-plan-2025", NORTHLAND, "--basis", "official"), "policy-compare fetch"),
    ],
)
def test_options_that_cannot_be_used(arguments: tuple[object, ...], word: str) -> None:
    assert word in refused(run(*arguments, HF_HUB_OFFLINE="1"))


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
    for name in ("us-ai-action-plan-2025", "cn-ai-plus-opinions-2025", "it-ai-strategy-2024", "jp-ai-basic-plan-2026"):
        assert name in text
    assert "cn-global-ai-governance-action-plan-" in text and "cn-ai-development-plan-2017" in text
    assert "digest" in text


def test_version() -> None:
    assert re.fullmatch(rb"policy-compare \S+\n", run("--version").stdout)


def test_an_interrupt_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "compare", *map(str, PLANS), "--no-cache", "--json", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 130, error.decode()
    assert list(tmp_path.iterdir()) == []


def test_official_files_of_two_languages(official: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    done = run(
        "report",
        "us-ai-action-plan-2025",
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
