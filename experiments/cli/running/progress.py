"""The progress of a running sweep: a bar on a terminal, plain lines elsewhere.

Everything is written to standard error; standard output is for results.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

import typer

from results.number_text import duration, value_text

if TYPE_CHECKING:
    from nncore.components.metrics import Metric
    from sweeps.progress import OnProgress, SweepProgress, TrialDone

PLAIN_LINES = 20
"""About how many plain lines a whole sweep prints."""


@contextmanager
def progress_display(*, verbose: bool) -> Iterator["OnProgress"]:
    """Yield the callback that a sweep reports to; `verbose` adds a line for each trial.

    A warning of the sweep, for example that a worker died, is printed as a line too.
    """
    if sys.stderr.isatty():
        with _bar(verbose=verbose) as on_progress:
            yield on_progress
    else:
        with _warnings_shown(_say):
            yield plain_lines(_say, verbose=verbose)


class _Warnings(logging.Handler):
    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Print a warning on one line."""
        from nncore.errors import one_line

        self._say(one_line(self.format(record)))


@contextmanager
def _warnings_shown(say: Callable[[str], None]) -> Iterator[None]:
    """Print warnings of the sweep through the display: printed past it, they would tear the bar."""
    logger, handler = logging.getLogger("sweeps"), _Warnings(say)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def plain_lines(
    say: Callable[[str], None], clock: Callable[[], float] = monotonic, *, verbose: bool
) -> "OnProgress":
    """Return a callback that prints a line each time another twentieth of a sweep is finished."""
    remaining, shown = Remaining(clock), 0

    def update(progress: "SweepProgress") -> None:
        nonlocal shown
        left = remaining.after(progress)
        if progress.rung:
            return
        if progress.latest is None:
            shown = progress.done
            if 0 < progress.done < progress.trials:
                say(f"resuming: {progress.done} of {progress.trials} trials are already finished")
            return
        if verbose:
            say(trial_line(progress.latest, progress.metric))
        due = shown + max(progress.expected // PLAIN_LINES, 1)
        if shown < progress.done >= min(due, progress.expected):
            shown = progress.done
            done = f"{progress.done}/{progress.trials} trials"
            counts = ", ".join([done, *counted(progress), *spent(progress)])
            end = f"; {left} left" if progress.done < progress.expected else ""
            say(f"{counts}; {incumbent_text(progress)}{end}")

    return update


class Remaining:
    """The time a sweep still needs, estimated from the trials finished since this run began."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._started = clock()
        self._before: int | None = None

    def after(self, progress: "SweepProgress") -> str:
        """Return the time left as text, "?" before the first trial of this run."""
        if self._before is None:
            self._before = progress.done
        done = progress.done - self._before
        if done == 0:
            return "?"
        each, to_come = (self._clock() - self._started) / done, progress.expected - progress.done
        return duration(each * to_come)


def trial_line(done: "TrialDone", metric: "Metric") -> str:
    """Return the line on a trial that has just finished."""
    outcome = done.outcome
    best = (
        "failed" if outcome.value is None else best_text(outcome.value, outcome.best_epoch, metric)
    )
    epochs = "1 epoch" if outcome.epochs == 1 else f"{outcome.epochs} epochs"
    seconds = duration(outcome.seconds)
    return f"trial {done.number}: {best}, {epochs} in {seconds} ({outcome.stop_reason})"


def no_best_text(done: int, failed: int) -> str:
    """Return why none of `done` trials is the best; so many `failed`. "" if there are none."""
    if not done:
        return ""
    return "no trial completed" if done == failed else "no trial learned"


def best_text(value: float, best_epoch: int, metric: "Metric") -> str:
    """Return the best value of a training; it has none if it diverged in its first epoch."""
    return value_text(metric, value) if best_epoch else "nothing learned"


def counted(progress: "SweepProgress") -> list[str]:
    """Return how many trials were pruned, failed and repeated, leaving out counts of 0."""
    counts = {
        "pruned": progress.pruned,
        "failed": progress.failed,
        "repeated": progress.repeated,
    }
    return [f"{count} {kind}" for kind, count in counts.items() if count]


def counted_points(points: int) -> str:
    """Return the number of distinct points of a search space as text."""
    return "1 distinct point" if points == 1 else f"{points:,} distinct points"


def spent(progress: "SweepProgress") -> list[str]:
    """Return how much of the epoch budget is spent, if there is one."""
    if progress.epoch_budget is None:
        return []
    return [f"{progress.epochs:,} of {progress.epoch_budget:,} epochs"]


def on_rung(progress: "SweepProgress") -> list[str]:
    """Return how many of the trials that compete have reached their rung, if they do."""
    if progress.rung is None:
        return []
    rung = progress.rung
    where = "their last epoch" if rung.epoch is None else f"epoch {rung.epoch}"
    return [f"{rung.reached} of {rung.trials} at {where}"]


def incumbent_text(progress: "SweepProgress") -> str:
    """Return the best value so far and its trial."""
    if progress.best_value is None:
        return "no trial learned yet" if progress.done > progress.failed else "no value yet"
    best = value_text(progress.metric, progress.best_value)
    return f"best {best} (trial {progress.best_number})"


@contextmanager
def _bar(*, verbose: bool) -> Iterator["OnProgress"]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("trials"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}"),
        TextColumn("{task.fields[best]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]} left"),
    )
    console = Console(stderr=True, highlight=False)
    say = partial(console.print, markup=False)
    bar = Progress(*columns, console=console)
    with _warnings_shown(say):
        task = bar.add_task("trials", total=None, counts="", best="", left="?")
        remaining = Remaining(monotonic)

        def update(progress: "SweepProgress") -> None:
            bar.start()  # only now: a sweep that is refused shows no bar
            if verbose and progress.latest:
                say(trial_line(progress.latest, progress.metric))
            bar.update(
                task,
                total=progress.trials,
                completed=progress.done,
                counts=", ".join([*counted(progress), *spent(progress), *on_rung(progress)]),
                best=incumbent_text(progress),
                left=remaining.after(progress),
            )

        try:
            yield update
        finally:
            if bar.live.is_started:
                bar.stop()
