"""Reads an array from an untrusted `.npy` file, alone or as a member of an `.npz` file.

The size that a header declares is checked against the bytes behind it before memory is allocated.
"""

import io
import math
import struct
import sys
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from nncore.errors import InputError

HEADER_BYTES = 10_000  # NumPy's own limit for a header that it parses
LARGEST = 1 << 30  # bytes of an array: larger data are not meant for this package

READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}

# The exceptions of NumPy's parser of headers on bytes of another format.
UNREADABLE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,  # RecursionError too: a header of a thousand brackets
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    tokenize.TokenError,
)


class Header(NamedTuple):
    """The header of an array, checked against the size of the data behind it."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """The number of bytes of the data."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_npy_header(path: Path) -> Header:
    """Return the header of the array in the file at `path`; raises as `read_npy` does."""
    with _readable(path):
        return _header_and_start(path)[0]


def read_npy(path: Path) -> NDArray[Any]:
    """Return the array in the `.npy` file at `path`, read-only and without objects.

    Raises
    ------
    InputError
        If the file is unreadable or not a `.npy` file, or the array holds objects or invalid text,
        is larger than 1 GiB, or has another size than its header declares.
    """
    with _readable(path):
        header, start = _header_and_start(path)
        data = np.fromfile(path, np.uint8, count=header.size, offset=start)
        if len(data) != header.size:  # the file was cut in the meantime
            raise ValueError(f"{len(data):,} bytes of data")
        return array_of(data, header, f"`{path}`")


def read_header(start: io.BytesIO, file_size: int, title: str) -> Header:
    """Return the header at the beginning of a `.npy` file of `file_size` bytes.

    `start` holds at least the header, and is left behind it. Errors call the array `title`. Raises
    `InputError` if the array holds objects or has another size than declared, and one of
    `UNREADABLE` if the bytes are no header.
    """
    header = Header(*_parse_header(start))
    dtype, size = header.dtype, header.size
    if dtype.hasobject:
        raise InputError(f"{title} must hold numbers or text, got Python objects")
    if dtype.itemsize == 0:  # any number of such values takes no bytes in the file
        raise InputError(f"{title} must hold numbers or text, got {dtype}")
    behind = file_size - start.tell()
    if size != behind or size > LARGEST or min(header.shape, default=1) < 0:
        raise InputError(
            f"{title} must have the {size:,} bytes that its header declares, "
            f"and at most {LARGEST:,}, got {behind:,}"
        )
    return header


def array_of(data: NDArray[np.uint8], header: Header, title: str) -> NDArray[Any]:
    """Return the array of the bytes `data`, read-only; `InputError` if it holds invalid text."""
    dtype = header.dtype
    if header.size == 0:
        return np.empty(header.shape, dtype)
    if dtype.kind == "U" and _codes(data, dtype).max() > sys.maxunicode:
        raise InputError(f"{title} must hold text, got an invalid character code")
    data.flags.writeable = False
    return np.frombuffer(data, dtype).reshape(header.shape, order="F" if header.fortran else "C")


def reason(error: BaseException) -> str:
    """Return the message of `error`, shortened and on one line."""
    message = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(message.split())[:160]


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except UNREADABLE as error:
        raise InputError(f"`{path}` must be a complete .npy file, got: {reason(error)}") from error


def _header_and_start(path: Path) -> tuple[Header, int]:
    """Return the header of a file, and the place where its data begin."""
    with path.open("rb") as file:
        start = io.BytesIO(file.read(HEADER_BYTES))
    return read_header(start, path.stat().st_size, f"`{path}`"), start.tell()


def _codes(data: NDArray[np.uint8], dtype: np.dtype[Any]) -> NDArray[np.uint32]:
    # Viewed as numbers, because NumPy's own errors on invalid text differ from case to case.
    return np.frombuffer(data, np.dtype(np.uint32).newbyteorder(dtype.byteorder))


def _parse_header(start: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(start)
    if version not in READERS:
        raise ValueError(f"an array of version {version}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy warns of headers written by Python 2
        try:
            return READERS[version](start, max_header_size=HEADER_BYTES)
        except MemoryError as error:  # raised by the parser for too many brackets
            raise ValueError("a header that cannot be parsed") from error
