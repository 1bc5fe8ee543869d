"""Passages of very many documents, in Parquet files of some documents each, on a disk that all workers see.

A file is written under another name and then renamed, so that it is whole or not there: what a run that was broken off
has made is what the next one finds. Its name tells all that it was made of.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from compare.errors import DocumentError, OptionError
from compare.shown import printable


def check_parquet() -> None:
    """See that Parquet files can be read and written.

    Raises
    ------
    OptionError
        If the package that does is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise OptionError(
            'so many documents are kept in Parquet files; run: pip install "policy-compare[ray]"'
        ) from None


class Shards:
    """Files of a folder, by the key of what they were made of.

    Parameters
    ----------
    folder : Path
        Is made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: bytes, kind: str) -> Path:
        """Where a file is, whether it is there or not."""
        return self.folder / kind / f"{key.hex()[:40]}.parquet"

    def there(self, key: bytes, *kinds: str) -> bool:
        """Whether all files of a key are there."""
        return all(self.path(key, kind).is_file() for kind in kinds)

    def write(self, key: bytes, kind: str, columns: Mapping[str, Any], about: Mapping[str, Any] | None = None) -> None:
        """Write a file, whole or not at all.

        Parameters
        ----------
        key : bytes
            Of what it was made of.
        kind : str
            Of the file.
        columns : mapping of str to sequence or ndarray
            An array of two dimensions is a column of lists of one size.
        about : mapping, optional
            What is kept beside them, as JSON.

        Raises
        ------
        OptionError
            If it cannot be written.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrays = {name: _column(values) for name, values in columns.items()}
        table = pa.table(arrays)
        table = table.replace_schema_metadata({"policy-compare": json.dumps(dict(about or {}))})
        path = self.path(key, kind)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
            os.close(handle)
            try:
                # Vectors do not get smaller by packing; texts do.
                packing = {
                    column: "none" if values.dtype.kind == "f" and values.ndim == 2 else "zstd"
                    for column, values in columns.items()
                    if isinstance(values, np.ndarray)
                }
                pq.write_table(
                    table,
                    name,
                    compression={column: packing.get(column, "zstd") for column in columns},
                    use_dictionary=False,
                    row_group_size=1 << 20,
                )
                os.replace(name, path)
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(name)
        except OSError as error:
            raise OptionError(
                f"{printable(str(path.parent))}: cannot be written ({error.strerror}); make room, or name another "
                "folder in POLICY_COMPARE_HOME"
            ) from None

    def read(self, key: bytes, kind: str, columns: Sequence[str] | None = None) -> dict[str, Any]:
        """Columns of a file: an ndarray of numbers, of one or two dimensions, or a list of all else.

        Raises
        ------
        DocumentError
            If it is not there or broken.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path(key, kind)
        try:
            table = pq.read_table(path, columns=None if columns is None else list(columns), use_threads=False)
        except (OSError, pa.ArrowException) as error:
            with contextlib.suppress(OSError):
                path.unlink()
            reason = printable(str(error).splitlines()[0][:120]) if str(error) else type(error).__name__
            raise DocumentError(
                f"{path.name}: not a whole file of passages ({reason}); run the command again"
            ) from None
        return {name: _values(table.column(name)) for name in table.column_names}

    def about(self, key: bytes, kind: str) -> dict[str, Any]:
        """What is kept beside the columns of a file."""
        import pyarrow.parquet as pq

        told: dict[str, Any] = json.loads(pq.read_schema(self.path(key, kind)).metadata[b"policy-compare"])
        return told


def _column(values: Any) -> Any:
    import pyarrow as pa

    if isinstance(values, np.ndarray) and values.ndim == 2:
        flat = np.ascontiguousarray(values).ravel()
        return pa.FixedSizeListArray.from_arrays(pa.array(flat), values.shape[1])
    return pa.array(values)


def _values(column: Any) -> Any:
    import pyarrow as pa

    made = column.combine_chunks()
    kind = made.type
    if pa.types.is_fixed_size_list(kind):
        return made.flatten().to_numpy(zero_copy_only=False).reshape(len(made), kind.list_size)
    if (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and not made.null_count:
        return made.to_numpy(zero_copy_only=False)
    return made.to_pylist()
