"""One BLAS thread while the network computes, whoever calls it.

With two threads the last bits of a product differ, and on matrices this small a second thread only
costs time.
"""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import numpy as np  # noqa: F401  both libraries carry a BLAS of their own, which must be loaded to be limited
import scipy.linalg.blas  # noqa: F401
from threadpoolctl import ThreadpoolController


@cache
def _controller() -> Any:
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """Return a context in which NumPy's and SciPy's BLAS use one thread."""
    context: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return context


def blas_libraries() -> list[dict[str, str]]:
    """Return name, version and kernel of each loaded BLAS: they decide the last bits."""
    found = {
        (info["internal_api"], str(info["version"]), str(info.get("architecture", "")))
        for info in _controller().select(user_api="blas").info()
    }
    return [
        {"name": name, "version": version, "kernel": kernel}
        for name, version, kernel in sorted(found)
    ]
