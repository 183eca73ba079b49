"""One computation in another process, while this process does something else.

The report uses it: it computes the importance of the hyperparameters and draws figures meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import ParamSpec, TypeVar

from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import BrokenProcessPool

from sweeps.workers.local import available_cores, interrupts_held, own_modules_hidden

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@contextmanager
def beside(
    function: Callable[Arguments, Answer], *arguments: Arguments.args, **settings: Arguments.kwargs
) -> Iterator[Callable[[], Answer]]:
    """Start to compute `function(*arguments, **settings)` in another process.

    Give a function that waits for the answer and returns it. If this machine has only one core or
    the other process dies, that function computes the answer in this process.
    """
    compute = partial(function, *arguments, **settings)
    here = cache(compute)
    if available_cores() == 1:
        yield here
        return
    other = ProcessPoolExecutor(max_workers=1)
    try:
        with own_modules_hidden(), interrupts_held():
            future = other.submit(compute)

        def answer() -> Answer:
            try:
                result: Answer = future.result()
            except BrokenProcessPool:
                return here()
            return result

        yield answer
    finally:
        other.shutdown(wait=True, kill_workers=True)
