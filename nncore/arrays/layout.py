"""The layout of arrays in memory, which lets BLAS multiply small matrices at its best speed.

It affects time only: results and the order of examples do not depend on it.
"""

from collections.abc import Sequence
from functools import cache
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nncore.arrays.blas import blas_libraries

Array = NDArray[Any]

CACHE_LINE = 64
"""In bytes. Products of arrays that do not start at a cache line take up to twice as long."""

SMALL_PRODUCT, SMALL_RESULT = 10**6, 1200
"""The most multiplications and the most results for which OpenBLAS multiplies without copying.

It copies larger matrices into blocks first, which takes up to half of the time for these shapes.
"""

SMALL_KERNELS = {"Cooperlake", "SapphireRapids", "SkylakeX"}
"""The kernels of OpenBLAS that can do so: those for AVX-512. With others, parts only cost time."""

MOST_ROWS = 3
"""The largest worthwhile number of rows, in units of the square of the rows of a part.

With more rows, the copies, which are made once for all rows, cost less than many small parts
(measured from 100 to 800 units, see `docs/log.md`).
"""


def aligned_zeros(shape: tuple[int, ...], dtype: DTypeLike, order: str = "C") -> Array:
    """Return zeros, as `np.zeros` does, in memory that starts at a cache line."""
    wanted = np.dtype(dtype)
    size = prod(shape) * wanted.itemsize
    memory = np.zeros(size + CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    elements = memory[start : start + size].view(wanted)
    return elements.reshape(shape, order="F" if order == "F" else "C")


def places(sizes: Sequence[int], dtype: DTypeLike) -> list[slice]:
    """Return where pieces of `sizes` elements lie in one array; each starts at a cache line."""
    line, slices, start = CACHE_LINE // np.dtype(dtype).itemsize, list[slice](), 0
    for size in sizes:
        slices.append(slice(start, start + size))
        start += ceil(size / line) * line
    return slices


def aligned(array: Array, dtype: DTypeLike | None = None) -> Array:
    """Return a Fortran-ordered copy of `array` that starts at a cache line, in `dtype` if given."""
    copy = aligned_zeros(array.shape, dtype or array.dtype, "F")
    copy[...] = array
    return copy


def row_parts(rows: int, n_in: int, n_out: int) -> list[slice]:
    """Return the slices of `rows` examples that go through a layer `(n_in, n_out)` together.

    These are the fewest slices that are small products, of equal size except the last. If BLAS has
    no small products, or there are too many rows for parts this small, one slice has all rows.

    For example, 100 rows through a layer (784, 30) are 100 · 23,520 multiplications, more than
    10⁶. A part may have 1,200/30 = 40 rows by its results and 10⁶/23,520 = 42 by its
    multiplications, so 40. That makes 3 parts: of 34, 34 and 32 rows.
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
    """Return whether the BLAS in use multiplies small matrices without copying them."""
    return {library["kernel"] for library in blas_libraries()} <= SMALL_KERNELS
