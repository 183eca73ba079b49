"""The progress of a sweep as a bar: a widget in a notebook, a line of text elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm.auto import tqdm

from results.number_text import value_text
from sweeps.progress import OnProgress, SweepProgress


@contextmanager
def progress_bar() -> Iterator[OnProgress]:
    """Give the function that shows the progress of a sweep, and close its bar at the end.

    A sweep that is refused shows no bar.
    """
    bars: list[Any] = []

    def show(progress: SweepProgress) -> None:
        if not bars:
            bars.append(tqdm(total=progress.expected, initial=progress.done, unit="trial"))
        (bar,) = bars
        bar.total, bar.n = progress.expected, progress.done
        if progress.best_value is not None:
            best = value_text(progress.metric, progress.best_value)
            bar.set_postfix_str(f"best {best}", refresh=False)
        bar.refresh()

    try:
        yield show
    finally:
        for bar in bars:
            bar.close()
