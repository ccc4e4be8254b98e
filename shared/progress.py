"""What a person at a terminal sees of the first load. Nothing is shown where standard error is no terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def shown_progress(what: str, *, enabled: bool) -> Iterator[Callable[[int], None]]:
    """Give a function to call with the entries read so far, now and then; the display goes when the block ends."""
    if not (enabled and sys.stderr.isatty()):
        yield _show_nothing
        return
    from rich.console import Console  # noqa: PLC0415  # services start without it: they have no terminal
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description} {task.fields[read]}"), TimeElapsedColumn())
    began = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None, read="")

        def show(count: int) -> None:
            pace = count / max(time.monotonic() - began, 0.001)
            progress.update(task, completed=count, read=f"{count:,} entries, {pace:,.0f}/s")

        yield show


def _show_nothing(count: int) -> None:
    """Show nothing."""
