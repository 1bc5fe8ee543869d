"""What made a thing that is kept: code and libraries, for the key that it is kept under."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).parent


def code_of(files: Iterable[Path]) -> bytes:
    """Checksum of files of this package, by place and content, 32 bytes.

    Parameters
    ----------
    files : iterable of Path
        In `PACKAGE`; their order does not matter.
    """
    made = hashlib.sha256()
    for path in sorted(files):
        made.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return made.digest()


@functools.cache
def versions_of(libraries: tuple[str, ...]) -> str:
    """Python, the kind of computer, and versions of libraries, a line each.

    Parameters
    ----------
    libraries : tuple of str
        Names of distributions; one that is not installed is said to be none.
    """
    found = [platform.python_version(), platform.machine()]
    for name in libraries:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} none")
    return "\n".join(found)


@functools.cache
def computing_code() -> bytes:
    """Checksum of all that makes a comparison: code and data, without what only renders it."""
    kinds, without = {".py", ".toml", ".json", ".jsonl", ".npz"}, {"report", "corpora"}
    return code_of(
        path
        for path in PACKAGE.rglob("*")
        if path.suffix in kinds and path.relative_to(PACKAGE).parts[0] not in without
    )
