"""The terminal: its width and colours, its pager, and progress on standard error."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from compare.errors import OptionError

NARROWEST, WIDEST = 60, 400
# Work that is done sooner shows no progress: a line that flashes up says nothing.
_PATIENCE = 0.5


def columns_of(width: int | None) -> int:
    """Columns of the report: those asked for, else those of the terminal, 80 in a pipe.

    Raises
    ------
    OptionError
        If fewer or more are asked for than a report can have.
    """
    if width is None:
        return min(WIDEST, max(NARROWEST, shutil.get_terminal_size((80, 24)).columns))
    if not NARROWEST <= width <= WIDEST:
        raise OptionError(f"--width {width}: between {NARROWEST} and {WIDEST}")
    return width


def console_of(columns: int) -> Console:
    """Standard output as a console of so many columns."""
    # A height must be given, or a dumb terminal is taken to be 80 columns wide whatever the width.
    return Console(
        width=columns, height=max(25, shutil.get_terminal_size().lines), highlight=False, legacy_windows=False
    )


def _is_shown() -> bool:
    """Whether progress can be shown: only where standard error is a terminal that can take it back."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


@contextlib.contextmanager
def status() -> Iterator[Callable[[str], None] | None]:
    """A line of what is being done, on standard error, gone when it is done."""
    if not _is_shown():
        yield None
        return
    with Console(stderr=True).status("") as shown:
        yield lambda line: shown.update(Text(line))


@contextlib.contextmanager
def transfers() -> Iterator[Callable[[str, str, int, int | None], None] | None]:
    """A line for the document that is being fetched, on standard error, gone when the work is done."""
    if not _is_shown():
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.table import Column

    console = Console(stderr=True)
    # Bar, bytes, speed and time left take 48 columns; what is long gives way to them.
    name = Column(no_wrap=True, overflow="ellipsis", max_width=max(12, console.width - 48))
    columns = (
        TextColumn("{task.description}", markup=False, table_column=name),
        BarColumn(bar_width=12),
        DownloadColumn(table_column=Column(no_wrap=True)),
        TransferSpeedColumn(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, Any] = {}

        def say(name: str, step: str, done: int, total: int | None) -> None:
            line = f"{name}: {step}"
            if line not in tasks or done < progress.tasks[0].completed:
                for task in tasks.values():
                    progress.remove_task(task)
                tasks.clear()
                # The speed is that of this answer: what was there before came at no speed.
                tasks[line] = progress.add_task(line, total=total, completed=done)
            progress.update(tasks[line], completed=done)

        yield say


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A line of progress on standard error: the step, how much of it, how fast and how long; gone when all is done.

    Yields
    ------
    callable or None
        To be called with the step, what is done and what is to do; None where progress cannot be shown.
    """
    if not _is_shown():
        yield None
        return
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn

    class Pace(ProgressColumn):
        """Passages a second, and the time left."""

        def render(self, task: Task) -> Text:
            if not task.speed or not task.total or task.total <= 1:
                return Text("")
            left = task.time_remaining or 0
            rate = f"{task.speed:.0f} passages/s, " if task.description == "encoding" else ""
            return Text(f"{rate}{left:.0f} s left", style="dim")

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:.0f}/{task.total:.0f}", markup=False),
        Pace(),
    )
    shown = Progress(*columns, console=Console(stderr=True), transient=True)
    # A thread starts it, for the first step may be one long call.
    timer = threading.Timer(_PATIENCE, shown.start)
    timer.daemon = True
    timer.start()
    current: dict[str, Any] = {}

    def say(step: str, done: int, total: int) -> None:
        if step not in current or done < shown.tasks[-1].completed or total != shown.tasks[-1].total:
            for task in current.values():
                shown.remove_task(task)
            current.clear()
            current[step] = shown.add_task(step, total=total)
        shown.update(current[step], completed=done)

    try:
        yield say
    finally:
        timer.cancel()
        timer.join()
        shown.stop()


def pager_command(environment: Mapping[str, str]) -> str | None:
    """The pager that a user wants, chosen as git does; None for no pager.

    Parameters
    ----------
    environment : mapping of str to str
        ``POLICY_COMPARE_PAGER`` goes before ``PAGER``; "cat" and an empty value are no pager; less by default.

    Examples
    --------
    >>> pager_command({"TERM": "xterm", "PAGER": "more"})
    'more'
    >>> pager_command({"TERM": "xterm", "PAGER": "more", "POLICY_COMPARE_PAGER": ""}) is None
    True
    """
    if environment.get("TERM", "") in {"", "dumb"}:
        return None
    for name in ("POLICY_COMPARE_PAGER", "PAGER"):
        if name in environment:
            command = environment[name].strip()
            return command if command not in {"", "cat"} else None
    return "less" if shutil.which("less") else None


def show(text: str, paged: bool) -> None:
    """Text on standard output, through a pager where it is a terminal and one is wanted.

    Parameters
    ----------
    text : str
        What is shown, with the escapes that the terminal takes.
    paged : bool
        Whether a pager may be used.
    """
    command = pager_command(os.environ) if paged and sys.stdout.isatty() else None
    if command is None:
        sys.stdout.write(text)
        return
    # As git sets them: quit where all fits on one screen, show colours, leave the screen as it is.
    environment = {"LESS": "FRX", "LV": "-c", **os.environ}
    process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, env=environment)
    encoding = sys.stdout.encoding or "utf-8"
    # A reader who has seen enough closes the pipe; an interrupt is the pager's to answer while it runs.
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        process.communicate(text.encode(encoding, "policy-compare-plain"))
    while process.poll() is None:
        with contextlib.suppress(KeyboardInterrupt):
            process.wait()
    if process.returncode == 127:
        # The shell has no such command.
        sys.stdout.write(text)


_PLAIN = {
    "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-", "…": "~", "·": "-", "•": "-", "●": "*",
    "│": "|", "─": "-", "█": "#", "▓": "=", "├": "+", "┤": "+", "▸": ">", "◂": "<", "\u00a0": " ",
}  # fmt: skip


def plainly(error: UnicodeError) -> tuple[str, int]:
    """What a terminal that is not UTF-8 gets for a character it lacks: one character, so that columns stay."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(c, "?") for c in lost), error.end
