"""The progress of a running sweep: a bar on a terminal, plain lines elsewhere.

Everything is written to standard error; standard output is for results.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

import typer

from experiments.cli.running.status_lines import training_text
from results.number_text import duration, value_text
from results.progress_text import counted, settings_text

if TYPE_CHECKING:
    from nncore.components.metrics import Metric
    from sweeps.progress import OnProgress, SweepProgress, TrialDone

PLAIN_LINES = 20
"""About how many plain lines a whole sweep prints, if it is short."""
LONGEST_SILENCE = 30.0
"""Seconds after which a line is printed even if no trial has finished."""


@contextmanager
def progress_display(
    *, verbose: bool, head: str = "", folder: Path | None = None
) -> Iterator["OnProgress"]:
    """Yield the callback that a sweep reports to; `verbose` adds a line for each trial.

    Outside a terminal, the line `head` comes first, and at least one line each half minute says
    which trials train, as the workers report it in the run `folder`. A warning of the sweep, for
    example that a worker died, is printed as a line too.
    """
    if sys.stderr.isatty():
        with _bar(verbose=verbose) as on_progress:
            yield on_progress
    else:
        lines = PlainLines(_say, monotonic, partial(_training_in, folder), head, verbose=verbose)
        with _warnings_shown(_say), _ticking(lines.tick):
            yield lines.update


def _training_in(folder: Path | None) -> str:
    """Return which trials train now, as far as their workers report it."""
    from sweeps.under_way import read_reports

    report = read_reports(folder) if folder else None
    return training_text(report.trials) if report else ""


@contextmanager
def _ticking(tick: Callable[[], None]) -> Iterator[None]:
    """Call `tick` every second in another thread."""
    ended = Event()

    def run() -> None:
        while not ended.wait(1.0):
            tick()

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


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


class PlainLines:
    """Lines on a sweep: its head, one for each twentieth of it, and one at least each half minute.

    `training` tells which trials train now. The methods may be called from two threads.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        clock: Callable[[], float],
        training: Callable[[], str] = lambda: "",
        head: str = "",
        *,
        verbose: bool,
    ) -> None:
        self._say, self._clock, self._training, self._head = say, clock, training, head
        self._verbose = verbose
        self._remaining = Remaining(clock)
        self._progress: SweepProgress | None = None
        self._shown = 0
        self._last = clock()
        self._lock = Lock()

    def update(self, progress: "SweepProgress") -> None:
        """Print a line if another twentieth of the sweep is finished."""
        with self._lock:
            if self._progress is None:
                self._begin(progress)
            self._remaining.after(progress)
            self._progress = progress
            if progress.latest is None or progress.rung:
                return
            if self._verbose:
                self._print(trial_line(progress.latest, progress.metric))
            due = self._shown + max(progress.expected // PLAIN_LINES, 1)
            if self._shown < progress.done >= min(due, progress.expected):
                self._shown = progress.done
                self._print(self._line(progress, ""))

    def tick(self) -> None:
        """Print a line if there was none for half a minute."""
        with self._lock:
            if self._progress is not None and self._clock() - self._last >= LONGEST_SILENCE:
                self._print(self._line(self._progress, self._training()))

    def _begin(self, progress: "SweepProgress") -> None:
        self._shown = progress.done
        if self._head:
            self._print(self._head)
        if 0 < progress.done < progress.trials:
            done = f"{progress.done} of {progress.trials} trials are already finished"
            self._print(f"resuming: {done}")

    def _line(self, progress: "SweepProgress", training: str) -> str:
        done = f"{progress.done}/{progress.trials} trials"
        counts = ", ".join([done, *counted(progress), *spent(progress)])
        facts = [counts, incumbent_text(progress)]
        if training:
            facts.append(f"training {training}")
        if progress.done < progress.expected:
            facts.append(f"{self._remaining.after(progress)} left")
        return "; ".join(facts)

    def _print(self, line: str) -> None:
        self._last = self._clock()
        self._say(line)


class Remaining:
    """The time a sweep still needs, estimated from the trials finished since this run began."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._started = clock()
        self._before: int | None = None

    def after(self, progress: "SweepProgress") -> str:
        """Return the time left as text, "?" before the first trial of this run."""
        from sweeps.progress import seconds_left

        if self._before is None:
            self._before = progress.done
        left = seconds_left(progress, self._before, self._clock() - self._started)
        return "?" if left is None else duration(left)


def trial_line(done: "TrialDone", metric: "Metric") -> str:
    """Return the line on a trial that has just finished, with its hyperparameters."""
    outcome = done.outcome
    best = (
        "failed" if outcome.value is None else best_text(outcome.value, outcome.best_epoch, metric)
    )
    epochs = "1 epoch" if outcome.epochs == 1 else f"{outcome.epochs} epochs"
    seconds = duration(outcome.seconds)
    settings = f"; {settings_text(done.params)}" if done.params else ""
    return f"trial {done.number}: {best}, {epochs} in {seconds} ({outcome.stop_reason}){settings}"


def best_text(value: float, best_epoch: int, metric: "Metric") -> str:
    """Return the best value of a training; it has none if it diverged in its first epoch."""
    return value_text(metric, value) if best_epoch else "nothing learned"


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
