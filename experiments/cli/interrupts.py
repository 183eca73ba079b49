"""What Ctrl-C and SIGTERM do to a running sweep: the first is a request, the second an order.

Either way what had finished is kept, and the command that goes on is named.
"""

import re
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

# As SQLAlchemy reads a URL: a user's password ends at the @ alone, a driver's may have any name.
_PASSWORD = re.compile(
    r"(?<=://)([^:/]*):[^@]*(?=@)|(?<=[?&])[^=&]*password[^=&]*=[^&]*&?", re.IGNORECASE
)


class Stop:
    """Whether Ctrl-C was pressed."""

    def __init__(self) -> None:
        self._asked = False

    def is_set(self) -> bool:
        """Return whether no further trial should start."""
        return self._asked

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Take note of a Ctrl-C; on a second one raise `KeyboardInterrupt`."""
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        typer.echo("\nfinishing the trials that run; Ctrl-C again to stop at once", err=True)


@contextmanager
def interruptible() -> Iterator[Stop]:
    """Let the first Ctrl-C or SIGTERM finish what runs, and the second end it at once."""
    from sweeps.workers.local import STOP_SIGNALS

    stop = Stop()
    former = [signal.signal(number, stop.on_signal) for number in STOP_SIGNALS]
    try:
        yield stop
    finally:
        for number, handler in zip(STOP_SIGNALS, former, strict=True):
            signal.signal(number, handler)


def say_how_to_resume() -> None:
    """Print the command that was typed: the same goes on."""
    typer.echo(f"\nNext: {shlex.join(['nnsweep', *typed_words()])}  # goes on from there", err=True)


def typed_words() -> list[str]:
    """Return what was typed after `nnsweep`, without the password of a database."""
    return [_PASSWORD.sub(r"\1", word) for word in sys.argv[1:]]
