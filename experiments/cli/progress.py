"""How a running sweep shows itself: a bar on a terminal, a plain line per trial elsewhere.

Everything goes to standard error, so that standard output stays for results.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sweeps.sweep import OnProgress, SweepProgress


@contextmanager
def progress_display() -> Iterator["OnProgress"]:
    """Give the callback that a sweep reports to."""
    if sys.stderr.isatty():
        with _bar() as on_progress:
            yield on_progress
    else:
        yield _plain_line


def _plain_line(progress: "SweepProgress") -> None:
    latest = progress.latest
    if latest is None:
        if 0 < progress.done < progress.trials:
            typer.echo(f"{progress.done} of {progress.trials} trials done before", err=True)
        return
    outcome = latest.outcome
    value = "failed" if outcome.value is None else f"{outcome.value:.2%}"
    typer.echo(
        f"{progress.done}/{progress.trials}  trial {latest.number}: {value}, "
        f"{outcome.epochs} epochs in {outcome.seconds:.1f} s ({outcome.stop_reason}); "
        f"{_best(progress)}",
        err=True,
    )


def _best(progress: "SweepProgress") -> str:
    if progress.best_value is None:
        return "no best yet"
    return f"best {progress.best_value:.2%} (trial {progress.best_number})"


@contextmanager
def _bar() -> Iterator[Callable[["SweepProgress"], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("trials"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[best]}"),
        TextColumn("{task.fields[failed]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("trials", total=None, best="", failed="")

        def update(progress: "SweepProgress") -> None:
            failed = f"{progress.failed} failed" if progress.failed else ""
            bar.update(
                task,
                total=progress.trials,
                completed=progress.done,
                best=_best(progress),
                failed=failed,
            )

        yield update
