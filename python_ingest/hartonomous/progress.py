"""Progress on stderr: bars for long steps, and messages. Silent when asked to be."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bars


class Progress:
    """Bars and messages of one command.

    Bars are drawn on a terminal only, and leave when they are full; a message is one line on
    stderr. With ``quiet`` neither is written. stdout is never touched.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self._console = Console(file=sys.stderr, quiet=quiet, highlight=False, soft_wrap=True)

    @contextmanager
    def bar(
        self, description: str, total: int | None, unit: str = "items"
    ) -> Iterator[Callable[[int], None]]:
        """A bar while the block runs.

        Args:
            description: what is being done.
            total: how much there is of it; None where that is not known.
            unit: 'bytes' (shown with speed) or anything else, which is counted.

        Yields:
            A function to be called with how much was done since its last call, from any thread.
        """
        amounts = (
            (DownloadColumn(), TransferSpeedColumn())
            if unit == "bytes"
            else (MofNCompleteColumn(),)
        )
        bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            *amounts,
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=self.quiet or not self._console.is_terminal,
        )
        with bars:
            task = bars.add_task(description, total=total)
            yield lambda amount=1: bars.advance(task, amount)

    @contextmanager
    def stages(self) -> Iterator[Callable[[str, int, int | None], None]]:
        """A bar a stage, for work that reports (stage, done, total) as it goes."""
        bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=self.quiet or not self._console.is_terminal,
        )
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        with bars:
            yield report

    def say(self, message: str) -> None:
        """One line about what was done."""
        self._console.print(message, markup=False)

    def warn(self, message: str) -> None:
        """One line about something that a person should know."""
        self._console.print(f"warning: {message}", markup=False, style="yellow")


QUIET = Progress(quiet=True)
"""Progress for callers who want none."""
