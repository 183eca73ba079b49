"""One BLAS thread while the network computes, whoever calls it.

With two threads the last bits of a product differ, and on matrices this small a second thread only
costs time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import numpy as np  # noqa: F401  both libraries carry a BLAS of their own, limited once loaded
import scipy.linalg.blas  # noqa: F401
from threadpoolctl import ThreadpoolController


@cache
def _controller() -> Any:
    return ThreadpoolController()


class _Limit:
    """The limit of the whole process: the first to enter sets it, the last to leave lifts it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.entered = 0
        self.limiter: Any = None


_LIMIT = _Limit()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Use one thread in NumPy's and SciPy's BLAS while any thread of this process is in here."""
    with _LIMIT.lock:
        if _LIMIT.entered == 0:
            _LIMIT.limiter = _controller().limit(limits=1, user_api="blas")
        _LIMIT.entered += 1
    try:
        yield
    finally:
        with _LIMIT.lock:
            _LIMIT.entered -= 1
            if _LIMIT.entered == 0:
                _take_control()
                _LIMIT.limiter.restore_original_limits()


def _take_control() -> None:
    # Newer threadpoolctl lets only the thread that set an OpenBLAS limit change it, and ignores
    # all others; here the last to leave may be another one than the first to enter.
    for library in _controller().select(user_api="blas").lib_controllers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)


def blas_threads() -> set[int]:
    """Return the numbers of threads that the loaded BLAS libraries would use now."""
    return {info["num_threads"] for info in _controller().select(user_api="blas").info()}


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
