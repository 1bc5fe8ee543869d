"""A comparison in one file, and back: JSON, packed; nothing in it is ever run."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
import typing
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from compare.comparison import Comparison, version
from compare.errors import DocumentError
from compare.files import write_file
from compare.shown import printable

SCHEMA = "policy-compare-comparison/1"
# Bytes of a file, packed and unpacked: some ten times what the largest comparison takes.
_PACKED, _UNPACKED = 1 << 28, 1 << 30
# Of a long part of a comparison so many items are written at once.
_ITEMS = 2000


def save(comparison: Comparison, path: Path) -> None:
    """Write a comparison into one file, whole or not at all.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    path : Path
        Where to; a file that is there is replaced.

    Raises
    ------
    OptionError
        If it cannot be written.
    """
    write_file(path, pack(comparison))


def pack(comparison: Comparison, progress: Callable[[int, int], None] | None = None) -> bytes:
    """A comparison as bytes.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    progress : callable, optional
        Called with the parts done and to do.
    """
    # The header of gzip without a time of day: the same comparison gives the same bytes.
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    made = []
    fields = dataclasses.fields(comparison)
    for number, field in enumerate(fields):
        if progress is not None:
            progress(number, len(fields))
        head = (
            f',"{field.name}":'
            if number
            else f'{{"schema":"{SCHEMA}","version":{_json(version())},"comparison":{{"{field.name}":'
        )
        made += [packer.compress(piece.encode()) for piece in (head, *_pieces(getattr(comparison, field.name)))]
    return b"".join([*made, packer.compress(b"}}"), packer.flush()])


def _pieces(value: Any) -> Iterator[str]:
    """JSON of a value, a long tuple a part at a time: the plain form of all would take several times its room."""
    if not isinstance(value, tuple) or len(value) <= _ITEMS:
        yield _json(to_plain(value))
        return
    for start in range(0, len(value), _ITEMS):
        yield ("," if start else "[") + _json(to_plain(value[start : start + _ITEMS]))[1:-1]
    yield "]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def load_saved(path: Path) -> Comparison:
    """Read a comparison that was saved.

    Parameters
    ----------
    path : Path
        A file that `save` wrote.

    Raises
    ------
    DocumentError
        If it is no such file, is damaged, or was written in a form that this version does not know.
    """
    name = printable(str(path))
    try:
        if path.stat().st_size > _PACKED:
            raise DocumentError(f"{name}: too large for a saved comparison; give the file that was saved")
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{name}: cannot be read ({error.strerror}); give a file that was saved") from None
    return unpack(data, name)


def unpack(data: bytes, name: str) -> Comparison:
    """A comparison from bytes.

    Parameters
    ----------
    data : bytes
        As `pack` makes them.
    name : str
        Of the file, for errors.

    Raises
    ------
    DocumentError
        If they hold no comparison, or one in a form that this version does not know.
    """
    try:
        unpacker = zlib.decompressobj(31)
        text = unpacker.decompress(data, _UNPACKED)
        if unpacker.unconsumed_tail or not unpacker.eof or unpacker.unused_data:
            raise ValueError("cut short")
        content = json.loads(text)
        schema = str(content["schema"])
    except (zlib.error, ValueError, KeyError, TypeError, RecursionError):
        raise DocumentError(f"{name}: no saved comparison, or a damaged one; save it once more") from None
    if schema != SCHEMA:
        raise DocumentError(
            f"{name}: saved in a form that this version does not know ({printable(schema)[:60]}); compare anew, or use "
            "the version that saved it"
        )
    try:
        made: Comparison = from_plain(Comparison, content["comparison"])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise DocumentError(f"{name}: a damaged saved comparison; save it once more") from None
    return made


def to_plain(value: Any) -> Any:
    """A value of ours as JSON has it: a dataclass as an object, a tuple as a list, a number that is none as null.

    Parameters
    ----------
    value : object
        A dataclass, or what its fields may hold.
    """
    if type(value) in (str, int, bool, type(None)):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    # NumPy's numbers would not be written.
    return value.item() if hasattr(value, "item") else value


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def from_plain(kind: Any, value: Any) -> Any:
    """A value of a type, of what JSON has: the way back from `to_plain`.

    Parameters
    ----------
    kind : type
        A dataclass, or the type of one of its fields.
    value : object
        As JSON gives it.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is another value than the type allows.
    """
    if kind is Any:
        return value
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        fields = {field.name for field in dataclasses.fields(kind)}
        if not isinstance(value, dict) or not set(value) <= fields:
            raise TypeError(f"{kind} from {type(value)}")
        hints = _hints(kind)
        return kind(**{name: from_plain(hints[name], item) for name, item in value.items()})
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        (only,) = (part for part in inner if part is not type(None))
        return from_plain(only, value)
    if origin is tuple:
        if not isinstance(value, list) or (inner[-1] is not ... and len(value) != len(inner)):
            raise TypeError(f"{kind} from {type(value)}")
        kinds = [inner[0]] * len(value) if inner[-1] is ... else inner
        return tuple(from_plain(part, item) for part, item in zip(kinds, value, strict=True))
    if origin is dict:
        if not isinstance(value, dict):
            raise TypeError(f"{kind} from {type(value)}")
        return {key: from_plain(inner[1], item) for key, item in value.items()}
    if kind is float:
        if value is None:
            return math.nan
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    elif isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise TypeError(f"{kind} from {type(value)}")
