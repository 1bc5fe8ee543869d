"""Work that goes on beside other work of a run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

_threads: list[threading.Thread] = []


def at_work() -> bool:
    """Whether a call goes on that nobody waits for any more: Python cannot end in good order before it does."""
    return any(thread.is_alive() for thread in _threads)


class Beside(Generic[Answer]):
    """A call in a thread of its own; libraries of numbers let others work meanwhile.

    Parameters
    ----------
    call : callable
        Without arguments.

    Examples
    --------
    >>> Beside(lambda: 6 * 7).result()
    42
    """

    def __init__(self, call: Callable[[], Answer]) -> None:
        self._call = call
        self._made: list[Answer] = []
        self._error: BaseException | None = None
        # A run that is interrupted does not wait for it.
        self._thread = threading.Thread(target=self._run, daemon=True)
        _threads[:] = [thread for thread in _threads if thread.is_alive()] + [self._thread]
        self._thread.start()

    def _run(self) -> None:
        try:
            self._made.append(self._call())
        except BaseException as error:
            self._error = error

    def result(self) -> Answer:
        """What the call gives, once it does; an error that it raised is raised here."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._made[0]
