"""`nnsweep show --watch`: the status of a run, refreshed until the run ends.

On a terminal the lines are drawn in place; elsewhere they are printed when a trial has finished.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import typer

from experiments.cli.running.status_lines import beat_line, head_line, status_lines

if TYPE_CHECKING:
    from sweeps.config import SweepConfig
    from sweeps.run_status import RunStatus
    from sweeps.space.dimensions import Params

REFRESH = 1.0  # seconds
LONGEST_SILENCE = 30.0  # seconds, outside a terminal

Show = Callable[["RunStatus", "Params", datetime], None]
"""Shows a status and the hyperparameters of the best trial, as they are at some time."""


def watch(run: Path, config: "SweepConfig") -> None:
    """Show the status of a run until the run ends, or until Ctrl-C."""
    from experiments.cli.tables import is_terminal
    from sweeps.run_status import read_run_status

    display = _in_place if is_terminal() else _line_by_line
    try:
        with display(config) as show:
            follow(lambda: read_run_status(run, config), show, lambda: sleep(REFRESH))
    except KeyboardInterrupt:
        typer.echo("")


def follow(
    read: Callable[[], tuple["RunStatus", "Params"]],
    show: Show,
    wait: Callable[[], None],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Show what `read` returns, again after each `wait`, until the run is not under way."""
    while True:
        status, best = read()
        if not status.is_running:  # it may have ended after its tables were read
            status, best = read()
        show(status, best, clock())
        if not status.is_running:
            return
        wait()


@contextmanager
def _in_place(config: "SweepConfig") -> Iterator[Show]:
    """Give a function that draws the lines over the former ones."""
    from rich.live import Live
    from rich.text import Text

    with Live(auto_refresh=False, transient=False, vertical_overflow="crop") as live:

        def show(status: "RunStatus", best: "Params", now: datetime) -> None:
            lines = status_lines(status, config, best, now)
            live.update(Text("\n".join(lines)), refresh=True)

        yield show


@contextmanager
def _line_by_line(config: "SweepConfig") -> Iterator[Show]:
    """Give a function that prints a line when trials have finished, or each half minute."""
    yield Lines(config, typer.echo)


class Lines:
    """Prints a line when the counts have changed, or after half a minute; at the end all lines."""

    def __init__(self, config: "SweepConfig", say: Callable[[str], None]) -> None:
        self._config, self._say = config, say
        self._head = ""
        self._last: datetime | None = None

    def __call__(self, status: "RunStatus", best: "Params", now: datetime) -> None:
        """Print what is due at the time `now`."""
        if not status.is_running:
            for line in status_lines(status, self._config, best, now):
                self._say(line)
            return
        head = head_line(status, self._config)
        silent = (now - self._last).total_seconds() if self._last else LONGEST_SILENCE
        if head != self._head or silent >= LONGEST_SILENCE:
            self._head, self._last = head, now
            self._say(beat_line(status, self._config, now))
