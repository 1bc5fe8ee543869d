"""Comparisons that are read back from an earlier run: the same to the byte, and made anew when anything is another."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import NORTHLAND, SOUTHLAND

from compare import kept
from compare.comparison import compare
from compare.errors import PolicyCompareError
from compare.kept import kept_comparison

# What a report on documents that were compared before has no need of.
HEAVY = frozenset(
    [
        "torch", "transformers", "sentence_transformers", "tokenizers", "huggingface_hub", "pandas", "sklearn", "scipy",
        "altair", "vl_convert", "jinja2", "jieba", "lemminflect", "trafilatura", "lxml", "pypdfium2", "pooch",
        "requests", "IPython",
    ]
)  # fmt: skip


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two documents of one's own, and a cache in which no comparison is kept yet."""
    shared = Path(os.environ["POLICY_COMPARE_HOME"]) / "cache"
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    if (shared / "vectors.sqlite").is_file():
        # Vectors that are there need not be made again.
        with (
            contextlib.closing(sqlite3.connect(shared / "vectors.sqlite")) as there,
            contextlib.closing(sqlite3.connect(home / "cache" / "vectors.sqlite")) as here,
        ):
            there.backup(here)
    monkeypatch.setenv("POLICY_COMPARE_HOME", str(home))
    for path in (NORTHLAND, SOUTHLAND):
        shutil.copy(path, tmp_path / path.name)
    return [str(tmp_path / NORTHLAND.name), str(tmp_path / SOUTHLAND.name)]


def made_anew(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A list that grows with each comparison that is made and not read back."""
    calls: list[object] = []

    def counted(*arguments: object, **options: object) -> object:
        calls.append(options)
        return compare(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "compare", counted)
    return calls


def test_what_is_read_back_is_the_same_to_the_byte(pair: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    calls = made_anew(monkeypatch)
    first, second = kept_comparison(pair), kept_comparison(pair)
    assert len(calls) == 1 and first == second
    direct = compare(pair)
    for text in ("to_json", "to_html", "to_markdown", "to_csv"):
        assert getattr(first, text)() == getattr(second, text)() == getattr(direct, text)()
    assert first.to_text(100, "full") == second.to_text(100, "full") == direct.to_text(100, "full")


def test_whatever_is_another_gives_another_comparison(
    pair: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = made_anew(monkeypatch)
    kept_comparison(pair)
    kept_comparison(pair[::-1])
    kept_comparison(pair, seed=1)
    kept_comparison(pair, themes=6)
    assert len(calls) == 4
    # A changed document, under the same name.
    text = Path(pair[0]).read_text("utf-8")
    Path(pair[0]).write_text(text.replace("herring", "mackerel"), encoding="utf-8")
    changed = kept_comparison(pair)
    assert len(calls) == 5 and "mackerel" in changed.to_json()
    Path(pair[0]).write_text(text, encoding="utf-8")
    assert "herring" in kept_comparison(pair).to_json() and len(calls) == 5
    # Without a cache nothing is read back.
    kept_comparison(pair, cache=False)
    assert len(calls) == 6
    # Other code, or another library, is another key.
    monkeypatch.setattr(kept, "versions_of", lambda libraries: "others")
    kept_comparison(pair)
    assert len(calls) == 7


def test_labelled_sentences_that_a_tone_file_names_count(
    pair: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = made_anew(monkeypatch)
    own = Path(kept.__file__).parent / "data"
    tone, labelled = tmp_path / "tone.toml", tmp_path / "tone-sentences.jsonl"
    shutil.copy(own / "tone.toml", tone)
    lines = (own / "tone-sentences.jsonl").read_text("utf-8").splitlines(keepends=True)
    labelled.write_text("".join(lines), encoding="utf-8")
    kept_comparison(pair, tone=tone)
    kept_comparison(pair, tone=tone)
    assert len(calls) == 1
    labelled.write_text("".join(lines[:-1]), encoding="utf-8")
    kept_comparison(pair, tone=tone)
    assert len(calls) == 2


def test_a_broken_entry_is_made_again(pair: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    calls = made_anew(monkeypatch)
    first = kept_comparison(pair)
    monkeypatch.setattr(kept, "pack", lambda *_: b"no comparison")
    kept_comparison(pair, seed=3)
    assert len(calls) == 2
    monkeypatch.undo()
    calls = made_anew(monkeypatch)
    monkeypatch.setenv("POLICY_COMPARE_HOME", str(Path(pair[0]).parent / "home"))
    assert kept_comparison(pair) == first and not calls
    assert kept_comparison(pair, seed=3).method["seed"] == 3 and len(calls) == 1


def test_what_is_wrong_is_told_as_ever(pair: list[str]) -> None:
    for docs, options in ((pair[:1], {}), ([*pair, "no-such-plan"], {}), (pair, {"model": "no-such-model"})):
        with pytest.raises(PolicyCompareError) as told:
            kept_comparison(docs, **options)  # type: ignore[arg-type]
        with pytest.raises(PolicyCompareError) as directly:
            compare(docs, **options)  # type: ignore[arg-type]
        assert str(told.value) == str(directly.value)


@pytest.mark.parametrize("read_back", [True, False])
def test_a_report_imports_no_more_than_it_needs(pair: list[str], read_back: bool) -> None:
    """A budget by module: neither what is read back nor what is compared anew from kept vectors needs these."""
    code = (
        "import sys, io, contextlib\n"
        "from compare.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    main(['report', *{pair!r}, '--no-pager'])\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    kept_comparison(pair) if read_back else compare(pair)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & HEAVY == set()
