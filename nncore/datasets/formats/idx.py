"""Reads the IDX format, in which MNIST and data sets like it are published, plain or as `.gz`.

The header is checked against the number of bytes behind it, so a false header costs no memory.
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.formats.npy import LARGEST, reason
from nncore.errors import InputError

UNSIGNED_BYTE = 0x08
MOST_PACKED = 1032  # the most bytes that one byte of DEFLATE unpacks to


def read_idx_file(path: Path, ndim: int) -> NDArray[np.uint8]:
    """Return the `ndim`-dimensional array in a user's file; it is unpacked if it ends in `.gz`.

    Raises
    ------
    InputError
        If the file is unreadable or no complete `.gz` file, declares more than 1 GiB or more than
        the file can hold, or `read_idx` refuses it.
    """
    packed = path.suffix.lower() == ".gz"
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            start = file.read(4 + 4 * ndim)
            size = math.prod(_shape_in(start, ndim, str(path)))
            room = min(LARGEST, path.stat().st_size * (MOST_PACKED if packed else 1))
            if size > room:
                rule = f"must declare at most {room:,} bytes, as its size allows"
                raise InputError(f"`{path}` {rule}, got {size:,}")
            # One byte more is asked for: it shows data behind the end, and has the sum checked.
            return read_idx(start + file.read(size + 1), ndim, str(path))
    except (OSError, EOFError, zlib.error) as error:
        kind = "a complete .gz file" if packed else "readable"
        raise InputError(f"`{path}` must be {kind}, got: {reason(error)}") from error


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
    start = 4 + 4 * ndim
    shape = _shape_in(data[:start], ndim, name)
    if math.prod(shape) != len(data) - start:
        raise InputError(
            f"`{name}` must hold the {math.prod(shape)} values its header declares, "
            f"got {len(data) - start}"
        )
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


def _shape_in(start: bytes, ndim: int, name: str) -> tuple[int, ...]:
    """Return the sizes in the header `start`; raises as `read_idx` does for a false header."""
    magic = bytes([0, 0, UNSIGNED_BYTE, ndim])
    if start[:4] != magic:
        raise InputError(f"`{name}` must begin with {magic.hex()}, got {start[:4].hex()!r}")
    if len(start) < 4 + 4 * ndim:
        rule = f"must have a header of {4 + 4 * ndim} bytes"
        raise InputError(f"`{name}` {rule}, got {len(start)} bytes")
    shape = tuple(int.from_bytes(start[i : i + 4], "big") for i in range(4, 4 + 4 * ndim, 4))
    if 0 in shape:
        raise InputError(f"`{name}` must declare sizes of at least 1, got {shape}")
    return shape
