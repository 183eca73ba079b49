"""Python's collector of unreachable cycles, paused while much is imported, read or drawn.

Then it would run all the time and find little: it took a seventh of the time of a report.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector; as decorator, for each call. It goes on if it was on before."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
