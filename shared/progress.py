"""What a person at a terminal sees of the first load. Nothing is shown where standard error is no terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text


@contextmanager
def shown_progress(what: str, *, enabled: bool) -> Iterator[Callable[[int], None]]:
    """Give a function to call with the entries read so far, now and then; the display goes when the block ends."""
    if not (enabled and sys.stderr.isatty()):
        yield _show_nothing
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), _Entries(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count: progress.update(task, completed=count)


class _Entries(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text(f"{int(task.completed):,} entries, {int(task.speed or 0):,}/s")


def _show_nothing(count: int) -> None:
    """Show nothing."""
