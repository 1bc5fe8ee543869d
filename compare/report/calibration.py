"""A calibration as a table for the terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from compare.calibration import Calibration, PairPower, Rate
from compare.inference import Interval
from compare.report import text as shared

SCHEMA = "policy-compare-calibration/1"
# What a test at 5 % may come to in a limited number of halvings.
_LOW, _HIGH = 0.02, 0.07


def parts(calibrations: Sequence[Calibration], pairs: Sequence[PairPower] = ()) -> Iterator[RenderableType]:
    """The report, part by part.

    Parameters
    ----------
    calibrations : sequence of Calibration
        One a document.
    pairs : sequence of PairPower
        One for each two documents.
    """
    for number, found in enumerate(calibrations):
        if number:
            yield Text("")
        head = Text(found.label, style="bold")
        head.append(
            f"  {found.passages:,} passages in {found.sections:,} sections, halved {found.splits:,} times", style="dim"
        )
        yield head
        table = _table()
        table.add_row(Text("No difference there", style="italic"))
        for rate in found.false:
            _row(table, rate)
        table.add_row(Text("  a finding at the head of the report"), "", Text(shared.share(found.told)), "")
        _add_planted(table, found.found)
        yield table
        yield Text(reading(found))
    for pair in pairs:
        yield Text("")
        yield Text(pair.label, style="bold")
        table = _table()
        _add_planted(table, pair.found)
        yield table
        yield Text(reading_of_pair(pair))


def _table() -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("", overflow="fold")
    for name in ("p <= 0.05, %", "called, %", "cases"):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _add_planted(table: Table, found: Sequence[Rate]) -> None:
    table.add_row(Text("More planted in one of a theme of 2 to 20 %", style="italic"))
    for rate in found:
        _row(table, rate)


def _row(table: Table, rate: Rate) -> None:
    label = rate.label if rate.points is None else f"{100 * rate.points:.0f} points, {rate.label}"
    cells = (f"  {label}", shared.share(rate.plain), shared.share(rate.called), f"{rate.cases:,}")
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
    return f"{first} {_seen(found.found, 'halves like these')}"


def reading_of_pair(found: PairPower) -> str:
    """What the rates mean, in a sentence.

    Parameters
    ----------
    found : PairPower
        Of two documents.
    """
    return _seen(found.found, "these two")


def _seen(found: Sequence[Rate], between: str) -> str:
    sizes = sorted({rate.points for rate in found if rate.points is not None})

    def seen(points: float) -> str:
        rates = [rate.plain.value for rate in found if rate.points == points]
        return f"{100 * min(rates):.0f} to {100 * max(rates):.0f} %"

    return (
        f"A real difference of {100 * sizes[0]:.0f} points in a theme between {between} is seen (p at most 0.05) in "
        f"{seen(sizes[0])} of cases and one of {100 * sizes[-1]:.0f} points in {seen(sizes[-1])}, more often the more "
        "evenly it is spread over sections: a difference that is not called may well be there."
    )


def _per_cent(interval: Interval) -> str:
    return f"{100 * interval.value:.1f} %"


def _share(value: float) -> str:
    return "none" if value == 0 else f"{100 * value:.1f} %"


def to_json(calibrations: Sequence[Calibration], options: dict[str, Any], pairs: Sequence[PairPower] = ()) -> str:
    """JSON with a line break at its end.

    Parameters
    ----------
    calibrations : sequence of Calibration
        One a document.
    pairs : sequence of PairPower
        One for each two documents.
    options : dict
        What is needed to run it again.
    """

    def interval(found: Interval) -> dict[str, float]:
        return {name: round(getattr(found, name), 4) for name in ("value", "low", "high")}

    def rates(listed: Sequence[Rate]) -> list[dict[str, Any]]:
        return [
            {"kind": r.kind, "cases": r.cases, "plain": interval(r.plain), "called": interval(r.called)} for r in listed
        ]

    def planted(listed: Sequence[Rate]) -> list[dict[str, Any]]:
        return [
            {"points": round(100 * r.points, 1), **made}
            for r, made in zip(listed, rates(listed), strict=True)
            if r.points is not None
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
                "planted": planted(found.found),
                "reading": reading(found),
            }
            for found in calibrations
        ],
        "pairs": [
            {
                "first": pair.first,
                "second": pair.second,
                "planted": planted(pair.found),
                "reading": reading_of_pair(pair),
            }
            for pair in pairs
        ],
        "options": options,
    }
    return json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
