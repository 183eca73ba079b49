"""Reads arrays from an untrusted `.npz` file; nothing in it is executed or unpickled.

The size that a header declares is checked against the file size before memory is allocated.
"""

import io
import math
import struct
import sys
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from nncore.errors import InputError, named

HEADER_BYTES = 10_000  # NumPy's own limit for a header that it parses
LARGEST = 1 << 30  # bytes of an array: larger data are not meant for this package
CHUNK = 1 << 20  # bytes unpacked at a time
MOST_PACKED = 1032  # the most bytes that one byte of DEFLATE unpacks to

READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}

# The exceptions of zipfile and of NumPy's parser of headers on bytes of another format.
_UNREADABLE = (
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
    zipfile.BadZipFile,
    zlib.error,
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


def read_headers(path: Path, names: Sequence[str]) -> dict[str, Header]:
    """Return the headers of the arrays `names` in the file at `path`, without unpacking data.

    Raises `InputError` as `read_npz` does.
    """
    with _opened(path) as archive:
        _check_names(names, _stored_names(archive), path)
        return {name: _read_header(archive, name, path)[0] for name in names}


def read_npz(path: Path, names: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
    """Return the arrays `names`, or all, of the file at `path`, read-only and without objects.

    Raises
    ------
    InputError
        If the file is unreadable or not an `.npz` file, lacks one of the arrays, or an array holds
        objects or invalid text, is larger than 1 GiB, or has another size than its header declares.
    """
    with _opened(path) as archive:
        there = _stored_names(archive)
        names = there if names is None else names
        _check_names(names, there, path)
        for name in names:  # every header is checked before any data is unpacked
            _read_header(archive, name, path)
        return {name: _read(archive, name, path) for name in names}


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except InputError:
        raise
    except _UNREADABLE as error:
        raise InputError(f"`{path}` must be a complete .npz file, got: {_reason(error)}") from error


def _stored_names(archive: zipfile.ZipFile) -> list[str]:
    return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def _check_names(names: Sequence[str], there: Sequence[str], path: Path) -> None:
    if not set(names) <= set(there):
        wanted, got = _listed(names), _listed(sorted(there)[:8]) or "none"
        raise InputError(f"`{path}` must hold the arrays {wanted}, got {got}")


def _read_header(archive: zipfile.ZipFile, name: str, path: Path) -> tuple[Header, int]:
    """Return the header of an array, and the place in its member where the data begin."""
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("a compression that NumPy does not write")
    with archive.open(info) as member:
        start = io.BytesIO(member.read(HEADER_BYTES))
    header = Header(*_parse_header(start))
    dtype, size = header.dtype, header.size
    if dtype.hasobject:
        raise InputError(f"`{name}` in `{path}` must hold numbers or text, got Python objects")
    if dtype.itemsize == 0:  # any number of such values takes no bytes in the file
        raise InputError(f"`{name}` in `{path}` must hold numbers or text, got {dtype}")
    behind = info.file_size - start.tell()
    if size != behind or size > LARGEST or min(header.shape, default=1) < 0:
        raise InputError(
            f"`{name}` in `{path}` must have the {size:,} bytes that its header declares, "
            f"and at most {LARGEST:,}, got {behind:,}"
        )
    if size > MOST_PACKED * path.stat().st_size:
        raise InputError(f"`{name}` in `{path}` must have {size:,} bytes, got a smaller file")
    return header, start.tell()


def _read(archive: zipfile.ZipFile, name: str, path: Path) -> NDArray[Any]:
    header, begin = _read_header(archive, name, path)
    dtype, size = header.dtype, header.size
    data = np.empty(size, np.uint8)
    filled = 0
    with archive.open(f"{name}.npy") as member:
        member.read(begin)
        # Read beyond the end: only there does zipfile compare the checksum.
        while chunk := member.read(CHUNK):
            data[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
            filled += len(chunk)
    if filled != size:
        raise InputError(f"`{name}` in `{path}` must have {size:,} bytes, got {filled:,}")
    if size == 0:
        return np.empty(header.shape, dtype)
    if dtype.kind == "U" and _codes(data, dtype).max() > sys.maxunicode:
        raise InputError(f"`{name}` in `{path}` must hold text, got an invalid character code")
    data.flags.writeable = False
    return np.frombuffer(data, dtype).reshape(header.shape, order="F" if header.fortran else "C")


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


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{named(name, 40)}`" for name in names)


def _reason(error: BaseException) -> str:
    """Return the message of `error`, shortened and on one line."""
    message = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(message.split())[:160]
