"""The functions of BLAS, and its limit to one thread while a network computes.

With two threads the last bits of a product differ, and on matrices this small a second thread only
costs time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController


def blas_function(name: str, array: NDArray[Any]) -> Any:
    """Return the function `name` of SciPy's BLAS, such as "gemm", for the type of `array`."""
    from scipy.linalg import get_blas_funcs  # slow to import: not all programs compute

    return get_blas_funcs(name, (array,))


@cache
def _controller() -> Any:
    # NumPy and SciPy each have a BLAS, which must be loaded to be limited: NumPy's is by now.
    import scipy.linalg.blas  # noqa: F401

    return ThreadpoolController()


class _Limit:
    """The limit of the whole process: the first thread to enter sets it, the last removes it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.entered = 0
        self.limiter: Any = None


_LIMIT = _Limit()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit NumPy's and SciPy's BLAS to one thread while any thread of the process is inside."""
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
    # Newer versions of threadpoolctl let only the thread that set an OpenBLAS limit change it, and
    # ignore all others; here the last thread to leave may not be the first that entered.
    for library in _controller().select(user_api="blas").lib_controllers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)


def blas_threads() -> set[int]:
    """Return the numbers of threads that the loaded BLAS libraries use at present."""
    return {info["num_threads"] for info in _controller().select(user_api="blas").info()}


def blas_libraries() -> list[dict[str, str]]:
    """Return the name, version and kernel of each loaded BLAS; they decide the last bits."""
    libraries = {
        (info["internal_api"], str(info["version"]), str(info.get("architecture", "")))
        for info in _controller().select(user_api="blas").info()
    }
    return [
        {"name": name, "version": version, "kernel": kernel}
        for name, version, kernel in sorted(libraries)
    ]
