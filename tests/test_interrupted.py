"""Work that is broken off goes on where it stopped, and comes to the same end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import NORTHLAND, SOUTHLAND
from markdown_it import MarkdownIt

import compare
from compare.cache import ArrayCache
from compare.catalogue import Request
from compare.kept_documents import load_kept
from compare.saving import pack

# Compares, counting what is read and scored; killed where it is told to be, as by a power cut.
RUN = """
import json, os, signal, sys
from pathlib import Path
from compare import comparison, kept_documents, tone
from compare.saving import pack

comparison._SCORED = 20
done = {"read": 0, "scored": 0}
load, score = kept_documents.load, tone.ToneScorer.score

def reading(request):
    done["read"] += 1
    return load(request)

def scoring(self, texts, vectors=None):
    done["scored"] += len(texts)
    return score(self, texts, vectors)

def say(step, at, total):
    if [step, str(at)] == sys.argv[2:4]:
        os.kill(os.getpid(), signal.SIGKILL)

kept_documents.load, tone.ToneScorer.score = reading, scoring
found = comparison.compare(["north.html", "south.html"], progress=say)
Path(sys.argv[1]).write_bytes(pack(found))
print(json.dumps(done))
"""


def _pages(folder: Path) -> None:
    for name, source in (("north", NORTHLAND), ("south", SOUTHLAND)):
        body = MarkdownIt().render(source.read_text("utf-8"))
        (folder / f"{name}.html").write_text(f"<!doctype html><html><body><main>{body}</main></body></html>", "utf-8")


def test_a_run_that_was_killed_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while it reads and again while it scores: what was kept is not made again, and the bytes are the same."""
    _pages(tmp_path)
    monkeypatch.chdir(tmp_path)

    def run(*killed: str) -> dict[str, int] | None:
        done = subprocess.run(
            [sys.executable, "-c", RUN, "made", *killed],
            env={**os.environ, "POLICY_COMPARE_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            check=False,
        )
        if killed:
            assert done.returncode == -signal.SIGKILL, done.stderr
            return None
        assert done.returncode == 0, done.stderr
        made: dict[str, int] = json.loads(done.stdout)
        return made

    run("reading", "1")
    run("scoring", "40")
    whole = compare.compare(["north.html", "south.html"])
    scored = len({row.passage.text for row in whole.rows})
    assert scored > 60 and run() == {"read": 0, "scored": scored - 40}
    assert Path("made").read_bytes() == pack(whole)


def test_a_document_is_read_back_as_it_was_read_and_anew_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from compare import kept_documents

    _pages(tmp_path)
    read: list[str] = []
    load = kept_documents.load
    monkeypatch.setattr(kept_documents, "load", lambda request: (read.append(request.path.name), load(request))[1])
    store = ArrayCache(tmp_path / "cache.sqlite")
    page = tmp_path / "north.html"
    request = Request(None, page, None, "file")
    first = load_kept(request, store)
    assert load_kept(request, store) == first
    assert read == ["north.html"]
    page.write_text(page.read_text("utf-8").replace("</main>", "<p>One more sentence stands here.</p></main>"), "utf-8")
    assert len(load_kept(request, store).passages) == len(first.passages) + 1
    # Its name is in its title and its notices.
    (tmp_path / "other.html").write_bytes(page.read_bytes())
    assert load_kept(Request(None, tmp_path / "other.html", None, "file"), store).id == "other"
    assert read == ["north.html", "north.html", "other.html"]


def test_a_damaged_entry_is_no_document(tmp_path: Path) -> None:
    """What cannot be read back is read anew."""
    import numpy as np

    _pages(tmp_path)
    store = ArrayCache(tmp_path / "cache.sqlite")
    request = Request(None, tmp_path / "north.html", None, "file")
    first = load_kept(request, store)
    put = store.put

    class Damaged(ArrayCache):
        def get(self, keys, dtype, width=None):  # type: ignore[no-untyped-def]
            return {key: np.frombuffer(b"no document", np.uint8) for key in keys}

    damaged = Damaged(store.path)
    damaged.put = put  # type: ignore[method-assign]
    assert load_kept(request, damaged) == first
