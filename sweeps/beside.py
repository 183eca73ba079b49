"""One computation on another core, while this process goes on with its own work.

A report has the importance computed so; the trials of a sweep go through `parallel`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import ParamSpec, TypeVar

from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import BrokenProcessPool

from sweeps.parallel import available_cores, interrupts_held

Given = ParamSpec("Given")
Found = TypeVar("Found")


@contextmanager
def beside(
    function: Callable[Given, Found], *arguments: Given.args, **settings: Given.kwargs
) -> Iterator[Callable[[], Found]]:
    """Begin to compute `function` of what follows in another process; give one that awaits it.

    Where there is but one core, or the other process dies, it is computed here when asked for.
    """
    here = partial(function, *arguments, **settings)
    if available_cores() == 1:
        yield here
        return
    other = ProcessPoolExecutor(max_workers=1)
    try:
        with interrupts_held():
            answer = other.submit(here)

        def awaited() -> Found:
            try:
                found: Found = answer.result()
            except BrokenProcessPool:
                return here()
            return found

        yield awaited
    finally:
        other.shutdown(wait=True, kill_workers=True)
