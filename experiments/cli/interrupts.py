"""What happens if Ctrl-C, SIGTERM, a full disk or a lost cluster interrupts a long command.

Finished work is kept in every case, and the command to type next is printed.
"""

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import typer

from experiments.cli import exit_codes
from experiments.cli.messages import os_error_line, typed_words


class Stop:
    """Whether the user asked the command to stop."""

    def __init__(self) -> None:
        self._requested = False

    def is_set(self) -> bool:
        """Return whether no further work should start."""
        return self._requested

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Record the first Ctrl-C or SIGTERM; raise `KeyboardInterrupt` on the second."""
        if self._requested:
            raise KeyboardInterrupt
        self._requested = True
        typer.echo("\nfinishing the running work; press Ctrl-C again to stop at once", err=True)


@contextmanager
def resumable(folder: Path) -> Iterator[Stop]:
    """Run work that the same command resumes, and end the command if the work is cut short.

    Every command whose finished work is kept does its long work inside this context. The first
    Ctrl-C or SIGTERM sets the yielded `Stop`: pass `stop.is_set` to the work as `stop_requested`,
    and when it returns early, return `say_resumable(...)`. A second Ctrl-C, or an error from
    outside the work, is reported here.

    Parameters
    ----------
    folder
        The folder in which finished work is kept; the messages name it.

    Raises
    ------
    typer.Exit
        With 130 after a second Ctrl-C; with 1 if the disk, the storage, the data or the cluster is
        gone. The reason and the command that resumes are already printed.
    """
    from sweeps.errors import OutageError

    try:
        with _signals_handled() as stop:
            yield stop
    except KeyboardInterrupt as error:
        code = say_resumable(f"stopped; finished work is kept in {folder}", interrupted=True)
        raise typer.Exit(code) from error
    except (OutageError, OSError) as error:
        reason = os_error_line(error, folder) if isinstance(error, OSError) else str(error)
        line = f"nnsweep: {reason}; finished work is kept in {folder}"
        raise typer.Exit(say_resumable(line, interrupted=False)) from error


def say_resumable(line: str, *, interrupted: bool) -> int:
    """Print `line` and the command that resumes; return the exit code, 130 if `interrupted`."""
    from nncore.errors import one_line

    line, command = one_line(line), shlex.join(["nnsweep", *typed_words()])
    typer.echo(f"\n{line}" if interrupted else line, err=True)
    typer.echo(f"\nNext: {command}  # resumes", err=True)
    return exit_codes.INTERRUPTED if interrupted else exit_codes.FAILED


@contextmanager
def _signals_handled() -> Iterator[Stop]:
    from sweeps.workers.local import STOP_SIGNALS

    stop = Stop()
    former = [signal.signal(number, stop.on_signal) for number in STOP_SIGNALS]
    try:
        yield stop
    finally:
        for number, handler in zip(STOP_SIGNALS, former, strict=True):
            signal.signal(number, handler)
