"""How arrays lie in memory, so that the matrix products of small networks run at BLAS's best speed.

It decides time only: what is computed, and in which order of examples, stays the same.
"""

from functools import cache
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nncore.arrays.blas import blas_libraries

Array = NDArray[Any]

CACHE_LINE = 64
"""Bytes. A product of arrays that start between two lines takes up to twice as long."""

SMALL_PRODUCT, SMALL_RESULT = 10**6, 1200
"""Up to these numbers of multiplications and of results OpenBLAS multiplies small matrices where
they lie; beyond, it copies both into blocks first, for such shapes up to half of the time."""

SMALL_KERNELS = {"Cooperlake", "SapphireRapids", "SkylakeX"}
"""The kernels of OpenBLAS that do so: those for AVX-512. For any other, parts would cost time."""

MOST_ROWS = 3
"""Times the square of a part's rows: beyond so many rows in all, the copies, made once for all of
them, cost less than many small parts do (measured from 100 to 800 units, see `docs/log.md`)."""


def aligned_zeros(shape: tuple[int, ...], dtype: DTypeLike, order: str = "C") -> Array:
    """Return an array like `np.zeros`'s whose first element starts a cache line."""
    wanted = np.dtype(dtype)
    size = prod(shape) * wanted.itemsize
    memory = np.zeros(size + CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    elements = memory[start : start + size].view(wanted)
    return elements.reshape(shape, order="F" if order == "F" else "C")


def aligned(array: Array, dtype: DTypeLike | None = None) -> Array:
    """Return a Fortran-ordered copy of `array` that starts a cache line, in `dtype` if given."""
    copy = aligned_zeros(array.shape, dtype or array.dtype, "F")
    copy[...] = array
    return copy


def row_parts(rows: int, n_in: int, n_out: int) -> list[slice]:
    """Return the slices of `rows` examples that go through a layer `(n_in, n_out)` together.

    They are as few as fit into small products, and equal but for the last; where BLAS knows no
    small products, or the parts would be too small for so many rows, all are one.
    """
    most = min(SMALL_RESULT // n_out, SMALL_PRODUCT // (n_in * n_out))
    if rows * n_in * n_out <= SMALL_PRODUCT or rows > MOST_ROWS * most**2 or not _small_kernels():
        return [slice(0, rows)]
    size = ceil(rows / ceil(rows / most))
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


def transposed_parts(array: Array, rows: list[slice]) -> list[Array]:
    """Return the views `array[rows].T`."""
    return [array[part].T for part in rows]


@cache
def _small_kernels() -> bool:
    """Return whether the BLAS in use multiplies small matrices where they lie."""
    return {library["kernel"] for library in blas_libraries()} <= SMALL_KERNELS
