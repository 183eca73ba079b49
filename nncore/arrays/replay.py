"""Runs a list of calls for one block of rows after another: compiled where it can be, else here.

The compiled form, `replay.c`, makes the same calls without the interpreter, so both forms give the
same bits; it is missing where nnsweep was installed without a compiler.
"""

import os
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nncore.arrays.operations import Operations, run

try:
    from nncore.arrays import _replay
except ImportError:
    _replay = None  # type: ignore[assignment]

PURE = "NNSWEEP_PURE"
"""The environment variable that, set to 1, keeps to the interpreter."""

Rows = NDArray[np.int64]


def form() -> Literal["compiled", "python"]:
    """Return which form runs the lists; it changes the speed of training, and no bit."""
    return "python" if _replay is None or os.environ.get(PURE) == "1" else "compiled"


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
