"""The frames of a comparison as CSV files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compare.comparison import Comparison
from compare.report.method import citation, reproduction

if TYPE_CHECKING:
    import pandas as pd

FRAMES = (
    "documents",
    "passages",
    "themes",
    "tone",
    "tone_by_theme",
    "tone_validity",
    "actors",
    "words",
    "meanings",
    "counterparts",
    "differences",
)
# Of documents that stand in groups.
COLLECTION = ("members", "trends", "years")
# What makes a spreadsheet take a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render_tables(comparison: Comparison) -> dict[str, str]:
    """The frames as CSV (RFC 4180, UTF-8), by file name, with ``method.csv``, which says how they were made.

    Text that a spreadsheet would take for a formula has an apostrophe before it.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    """
    import pandas as pd

    made = {}
    collection = comparison.collection
    for name in (*FRAMES, *(COLLECTION if collection is not None else ())):
        frame: pd.DataFrame = getattr(comparison, name)
        made[f"{name}.csv"] = _csv(frame.reset_index() if frame.index.name else frame)
    for found in collection.distances if collection is not None else ():
        square = comparison.distances(found.kind, found.of).reset_index()
        made[f"distances_{found.of}_{found.kind}.csv"] = _csv(square)
    told = [("Cite as", citation(comparison)), *reproduction(comparison)]
    told += [("Note", notice) for notice in comparison.notices]
    told += [(f"Set aside: {item.name}", item.reason) for item in (collection.set_aside if collection else ())]
    made["method.csv"] = _csv(pd.DataFrame(told, columns=["name", "value"]))
    return made


def _csv(frame: pd.DataFrame) -> str:
    safe = frame.copy()
    safe.columns = [_text(name) for name in safe.columns]
    for name in safe.columns:
        if safe[name].dtype == object or str(safe[name].dtype).startswith("str"):
            safe[name] = safe[name].map(_text)
    made: str = safe.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return made


def _text(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
