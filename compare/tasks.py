"""Work in parts that do not hang on each other: done one after another here, or elsewhere by an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


class Run(Protocol):
    """Calls a function for each of several arguments; the answers come in their order, as they are made."""

    def __call__(self, call: Callable[[Given], Made], arguments: Iterable[Given], /) -> Iterable[Made]:
        """Call the function."""


def in_turn(call: Callable[[Given], Made], arguments: Iterable[Given]) -> Iterable[Made]:
    """One after another, in this process.

    Examples
    --------
    >>> list(in_turn(abs, [-1, 2]))
    [1, 2]
    """
    return map(call, arguments)


def counted(
    run: Run, call: Callable[[Any], Made], arguments: Sequence[Any], progress: Callable[[int, int], None] | None
) -> list[Made]:
    """The answers, and a word after each.

    Parameters
    ----------
    run : callable
        As `Run`.
    call : callable
        Of one argument.
    arguments : sequence
        What it is called with.
    progress : callable, optional
        Called with what is done and what is to do.
    """
    made: list[Made] = []
    for answer in run(call, arguments):
        made.append(answer)
        if progress is not None:
            progress(len(made), len(arguments))
    return made
