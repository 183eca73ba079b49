"""Loads what the report needs while the last trials of a sweep still train in other processes.

Otherwise the user would wait for it after the last trial, most of all for matplotlib.
"""

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeps.progress import OnProgress, SweepProgress


def report_loaded_ahead(
    on_progress: "OnProgress", generation: int, load: Callable[[], None] | None = None
) -> "OnProgress":
    """Return `on_progress`, which also loads the report when at most a generation is left."""
    threads: list[Thread] = []

    def update(progress: "SweepProgress") -> None:
        on_progress(progress)
        if not threads and progress.expected - progress.done <= generation:
            threads.append(Thread(target=load or _load))
            threads[0].start()

    return update


def _load() -> None:
    with suppress(Exception):  # the report imports the same module, and meets the same error
        import_module("results.report.html")
