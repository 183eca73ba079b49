"""Runs a list of calls for one block of rows after another: compiled where it can be, else here.

The compiled form, `replay.c`, makes the same calls without the interpreter, so both forms give the
same bits; it is missing where nnsweep was installed without a compiler.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nncore.arrays.operations import Operations, run

try:
    from nncore.arrays import _replay
except ImportError as error:
    _replay = None  # type: ignore[assignment]
    _missing = str(error)

PURE = "NNSWEEP_PURE"
"""The environment variable that, set to 1, keeps to the interpreter."""

Rows = NDArray[np.int64]


def form() -> Literal["compiled", "python"]:
    """Return which form runs the lists; it changes the speed of training, and no bit."""
    return "python" if why_interpreted() else "compiled"


def why_interpreted() -> str:
    """Return why the compiled form does not run, "" if it does."""
    if _replay is None:
        return f"{_missing}; install again where there is a C compiler"
    return f"{PURE}=1 is set" if os.environ.get(PURE) == "1" else ""


@contextmanager
def interpreted() -> Iterator[None]:
    """Keep to the interpreter inside, in the whole process."""
    before = os.environ.get(PURE)
    os.environ[PURE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[PURE]
        else:
            os.environ[PURE] = before


def replay(operations: Operations, rows: Rows) -> Callable[[Rows], None]:
    """Return a function that runs `operations` on one block of rows after another.

    The function takes the numbers of all rows, whole blocks of them, contiguous. For each block it
    copies the next numbers into `rows`, from which `operations` read them, and runs the list. An
    interrupt is answered after each block.
    """
    if form() == "compiled":
        return _replay.Program(operations, rows)

    def program(order: Rows) -> None:
        for start in range(0, len(order), len(rows)):
            rows[...] = order[start : start + len(rows)]
            run(operations)

    return program
