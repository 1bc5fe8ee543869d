"""Does any file break a reader? A fuzzer (atheris: libFuzzer, guided by coverage) over every reader.

    pip install atheris
    python tests/benchmarks/fuzz_readers.py [pdf|docx|html|markdown|plain ...] [--seconds N]

Each reader gets files that grow out of sound ones, byte by byte, for N seconds (60). Whatever is not a reading or a
one-line `PolicyCompareError`, takes longer than 10 seconds or more than 1 GB stops that reader's run; the file that did
it is kept in the folder named in the output, to be made into a test. Prints a line a reader: inputs tried, and faults.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
NAMES = {"pdf": "a.pdf", "docx": "a.docx", "html": "a.html", "markdown": "a.md", "plain": "a.txt"}
LARGEST = 40_000  # bytes of an input


def seeds(reader: str) -> list[bytes]:
    """Sound files to begin with."""
    fixtures = TESTS / "fixtures"
    if reader == "docx":
        import docx

        word = docx.Document()
        word.add_heading("Plan for the harbours", 0)
        word.add_heading("Aims", 1)
        word.add_paragraph("The council shall act. Each port must report:")
        word.add_paragraph("by month,", style="List Bullet")
        word.add_paragraph("and by year.", style="List Bullet 2")
        word.add_paragraph("Number one.", style="List Number")
        cells = word.add_table(1, 2).rows[0].cells
        cells[0].text, cells[1].text = "Port of the north.", "Port of the south."
        out = io.BytesIO()
        word.save(out)
        return [_without_pictures(out.getvalue())]
    if reader == "pdf":
        sys.path.insert(0, str(TESTS))
        from test_documents_pdf import BODY, MORE, T, column, make_pdf

        page = [T(72, 700, "1. Aims of the plan", 16, "F2"), *column(BODY), *column(MORE, y=560)]
        return [make_pdf([page, [*column(MORE), T(300, 40, "2")]], [("1. Aims of the plan", 0)], "/Title (Plan)")]
    endings = {"html": ("*.html",), "markdown": ("*.md",), "plain": ("*.txt", "*.md")}[reader]
    return [path.read_bytes()[:LARGEST] for ending in endings for path in sorted(fixtures.glob(ending))]


def _without_pictures(data: bytes) -> bytes:
    """Leave out what no reader looks at, so that mutations fall on what they do look at."""
    kept = re.compile(r"\[Content_Types\]\.xml|_rels/\.rels|word/(?:document|styles|numbering)\.xml|word/_rels/.*")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if kept.fullmatch(name):
                new.writestr(name, old.read(name))
    return out.getvalue()


def mutate_archive(data: bytes, largest: int, seed: int) -> bytes:
    """Mutate one part inside a Word file, or now and then the file as a whole."""
    import atheris

    chance = random.Random(seed)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:
        parts = {}
    if not parts or chance.random() < 0.1:
        return bytes(atheris.Mutate(data, min(largest, len(data) + 64)))
    name = chance.choice(sorted(parts))
    parts[name] = bytes(atheris.Mutate(parts[name], len(parts[name]) + 256))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, value in parts.items():
            archive.writestr(part, value)
    return out.getvalue() if len(out.getvalue()) <= largest else data[:largest]


def read_here(data: bytes) -> Any:
    """Read a PDF within this process, so that the fuzzer sees which branches are reached, and does not start others."""
    import pypdfium2

    from compare.documents import extract
    from compare.documents.blocks import assemble
    from compare.documents.layout import lay_out
    from compare.errors import DocumentError

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise DocumentError("broken") from None
    try:
        tags = extract.TagReader(0)
        answers = []
        for index in range(min(len(document), 20)):
            try:
                answers.append(json.loads(json.dumps(extract._page(document, index, tags))))
            except extract.TooManyGlyphs:
                raise DocumentError("too many glyphs") from None
        pages = [extract._lines(answer, index) for index, answer in enumerate(answers)]
        outline = [extract.Outline(title, level, page) for title, level, page in extract._outline(document)]
        layout = lay_out(pages, [answer["height"] or 1.0 for answer in answers], outline, 0, False)
        return assemble(layout.blocks, name="a.pdf", title=layout.title, contents=layout.contents)
    finally:
        document.close()


def work(reader: str, seconds: int, folder: Path) -> None:
    """Fuzz one reader in this process until the time is up; does not return."""
    import atheris

    with atheris.instrument_imports(include=["compare.documents"]):
        import compare.documents.docx
        import compare.documents.html
        import compare.documents.layout  # noqa: F401
        from compare.documents import read
        from compare.errors import PolicyCompareError

    def one(data: bytes) -> None:
        try:
            text = read_here(data) if reader == "pdf" else read(data, NAMES[reader])
        except PolicyCompareError as error:
            line = str(error)
            assert line.isprintable() and len(line) < 600, line
            return
        assert all(text.body[p.start : p.end] == p.text for p in text.passages)
        assert all(c.isprintable() for p in text.passages for c in p.text)

    begin = folder / "corpus"
    begin.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds(reader)):
        (begin / f"seed-{number}").write_bytes(seed)
    options: dict[str, Any] = {"custom_mutator": mutate_archive} if reader == "docx" else {}
    atheris.Setup(
        [
            "fuzz",
            f"-max_total_time={seconds}",
            f"-max_len={LARGEST}",
            "-timeout=10",
            "-rss_limit_mb=1024",
            f"-artifact_prefix={folder}/",
            "-seed=1",
            "-print_final_stats=1",
            str(begin),
        ],
        one,
        **options,
    )
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readers", nargs="*", choices=[[], *NAMES], default=[])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.readers[0], arguments.seconds, Path(arguments.work))
    faults = 0
    for reader in arguments.readers or NAMES:
        folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{reader}-"))
        command = [sys.executable, __file__, reader, "--seconds", str(arguments.seconds), "--work", str(folder)]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        tried = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
        covered = re.findall(r"\bcov: (\d+)", done.stderr)
        found = sorted(folder.glob("*-*"))
        found = [path for path in found if path.name.partition("-")[0] in {"crash", "timeout", "oom", "slow"}]
        inputs = int(tried.group(1)) if tried else 0
        print(
            f"{reader}: {inputs:,} inputs, {covered[-1] if covered else 0} branches reached, "
            f"{len(found)} fault{'s' * (len(found) != 1)}{': ' + ', '.join(map(str, found)) if found else ''}",
            flush=True,
        )
        if found or not tried:
            faults += 1
            print("\n".join(done.stderr.splitlines()[-25:]), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
