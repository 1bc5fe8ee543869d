"""A calibration as a table for the terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from compare.calibration import PLANTED, Calibration, Rate
from compare.inference import Interval
from compare.report import text as shared

SCHEMA = "policy-compare-calibration/1"
# What a test at 5 % may come to in a limited number of halvings.
_LOW, _HIGH = 0.02, 0.07


def parts(calibrations: Sequence[Calibration]) -> Iterator[RenderableType]:
    """The report, part by part.

    Parameters
    ----------
    calibrations : sequence of Calibration
        One a document.
    """
    for number, found in enumerate(calibrations):
        if number:
            yield Text("")
        head = Text(found.label, style="bold")
        head.append(
            f"  {found.passages:,} passages in {found.sections:,} sections, halved {found.splits:,} times", style="dim"
        )
        yield head
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        table.add_column("", overflow="fold")
        for name in ("p <= 0.05, %", "called, %", "cases"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_row(Text("No difference there", style="italic"))
        for rate in found.false:
            _row(table, rate)
        table.add_row(Text("  a finding at the head of the report"), "", Text(shared.share(found.told)), "")
        table.add_row(Text(f"Ten points planted in a theme of {100 * 0.02:.0f} to 20 %", style="italic"))
        for rate in found.found:
            _row(table, rate)
        yield table
        yield Text(reading(found))


def _row(table: Table, rate: Rate) -> None:
    cells = (f"  {rate.label}", shared.share(rate.plain), shared.share(rate.called), f"{rate.cases:,}")
    table.add_row(*(Text(cell) for cell in cells))


def reading(found: Calibration) -> str:
    """What the rates mean, in two sentences.

    Parameters
    ----------
    found : Calibration
        Of one document.
    """
    worst = max(found.false, key=lambda rate: rate.plain.value)
    if worst.plain.value > _HIGH:
        first = (
            f"Be careful: where there is no difference, p is at most 0.05 in {_per_cent(worst.plain)} of "
            f"{worst.label}, more often than it should be"
        )
    elif min(rate.plain.value for rate in found.false) < _LOW:
        first = "The test errs on the side of silence: p is at most 0.05 less often than it might be"
    else:
        first = "The test keeps its level: p is at most 0.05 about as often as it should be where nothing differs"
    called = max(rate.called.value for rate in found.false)
    first += f", and {_share(called)} of such differences would be called."
    low, high = sorted(rate.plain.value for rate in found.found)
    return (
        f"{first} A real difference of {100 * PLANTED:.0f} points between halves like these is seen (p at most 0.05) "
        f"in {100 * low:.0f} to {100 * high:.0f} % of cases, more often the more evenly it is spread over sections: "
        "a difference that is not called may well be there."
    )


def _per_cent(interval: Interval) -> str:
    return f"{100 * interval.value:.1f} %"


def _share(value: float) -> str:
    return "none" if value == 0 else f"{100 * value:.1f} %"


def to_json(calibrations: Sequence[Calibration], options: dict[str, Any]) -> str:
    """JSON with a line break at its end.

    Parameters
    ----------
    calibrations : sequence of Calibration
        One a document.
    options : dict
        What is needed to run it again.
    """

    def interval(found: Interval) -> dict[str, float]:
        return {name: round(getattr(found, name), 4) for name in ("value", "low", "high")}

    def rates(listed: Sequence[Rate]) -> list[dict[str, Any]]:
        return [
            {"kind": r.kind, "cases": r.cases, "plain": interval(r.plain), "called": interval(r.called)} for r in listed
        ]

    made = {
        "schema": SCHEMA,
        "documents": [
            {
                "id": found.document,
                "label": found.label,
                "sections": found.sections,
                "passages": found.passages,
                "splits": found.splits,
                "false": rates(found.false),
                "told": interval(found.told),
                "planted": {"points": 100 * PLANTED, "found": rates(found.found)},
                "reading": reading(found),
            }
            for found in calibrations
        ],
        "options": options,
    }
    return json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
