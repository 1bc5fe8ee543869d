"""Files that a user asks for: refused before the work if they cannot be written; written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from compare.errors import OptionError
from compare.shown import printable


def checksum(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_writable(path: Path) -> None:
    """Refuse a file that cannot be written before the work starts.

    Raises
    ------
    OptionError
        If it is a folder, lies in none, or may not be written.
    """
    folder = path.parent
    if path.is_dir():
        raise OptionError(f"{printable(str(path))}: a folder; name a file in it")
    if not folder.is_dir():
        raise OptionError(f"{printable(str(path))}: there is no folder {printable(str(folder))}; make it first")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise OptionError(f"{printable(str(path))}: cannot be written; name another place")


def check_folder_writable(path: Path) -> None:
    """Refuse a folder that cannot be made, or written to, before the work starts.

    Raises
    ------
    OptionError
        If it is a file, lies in no folder, or may not be written.
    """
    if path.is_dir():
        if not os.access(path, os.W_OK | os.X_OK):
            raise OptionError(f"{printable(str(path))}: cannot be written; name another place")
        return
    if path.exists():
        raise OptionError(f"{printable(str(path))}: a file; name a folder")
    check_writable(path)


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    OptionError
        If it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        # A pipe or a device cannot be replaced; it is written to.
        try:
            path.write_bytes(data)
        except OSError as error:
            raise _unwritable(path, error) from None
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from None
        raise


def _umask() -> int:
    """Permissions that the user withholds from new files; they can only be read by setting them."""
    umask = os.umask(0)
    os.umask(umask)
    return umask


def _unwritable(path: Path, error: OSError) -> OptionError:
    return OptionError(f"{printable(str(path))}: cannot be written ({error.strerror})")


def write_folder(path: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder: a new one whole or not at all, in one that is there each file whole or not at all.

    Parameters
    ----------
    path : Path
        The folder.
    files : mapping of str to str
        By name: what stands in it.

    Raises
    ------
    OptionError
        If it cannot be written.
    """
    if path.is_dir():
        for name, text in files.items():
            write_file(path / name, text)
        return
    try:
        made = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        for name, text in files.items():
            write_file(made / name, text)
        made.chmod(0o777 & ~_umask())
        os.rename(made, path)
    except BaseException as error:
        shutil.rmtree(made, ignore_errors=True)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from None
        raise
