"""Reads the IDX format, in which MNIST is published; users' files are never in this format.

The header is checked against the number of bytes behind it, so a false header costs no memory.
"""

import math

import numpy as np
from numpy.typing import NDArray

from nncore.errors import InputError

UNSIGNED_BYTE = 0x08


def read_idx(data: bytes, ndim: int, name: str = "IDX data") -> NDArray[np.uint8]:
    """Return the `ndim`-dimensional array of bytes stored in `data`, as a read-only view of it.

    The format is two zero bytes, the type (8 for unsigned bytes), `ndim`, then `ndim` big-endian
    32-bit sizes and the values in C order. Errors call the data `name`.

    Raises
    ------
    InputError
        If the magic number differs, a size is zero, or the number of values is not the number that
        the sizes declare.

    Source: Y. LeCun, "The MNIST database of handwritten digits".
    """
    magic = bytes([0, 0, UNSIGNED_BYTE, ndim])
    if data[:4] != magic:
        raise InputError(f"`{name}` must begin with {magic.hex()}, got {data[:4].hex()!r}")
    start = 4 + 4 * ndim
    if len(data) < start:
        raise InputError(f"`{name}` must have a header of {start} bytes, got {len(data)} bytes")
    shape = tuple(int.from_bytes(data[i : i + 4], "big") for i in range(4, start, 4))
    if 0 in shape:
        raise InputError(f"`{name}` must declare sizes of at least 1, got {shape}")
    if math.prod(shape) != len(data) - start:
        raise InputError(
            f"`{name}` must hold the {math.prod(shape)} values its header declares, "
            f"got {len(data) - start}"
        )
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)
