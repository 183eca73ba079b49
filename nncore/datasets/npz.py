"""Reads arrays from an `.npz` file that anyone may have made: nothing in it is believed or run.

What a header declares is compared with what is there before memory is taken for it, and no object
is ever unpickled.
"""

import io
import math
import struct
import sys
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from nncore.errors import InputError

HEADER_BYTES = 10_000  # NumPy's own limit for a header that it parses
LARGEST = 1 << 32  # bytes of an array: what this is made for fits in memory

READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}

# What zipfile and NumPy's parser of headers raise on bytes that are not theirs.
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


def read_npz(path: Path, names: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
    """Return the arrays `names`, or all, of the file at `path`, read-only and without objects.

    Raises
    ------
    InputError
        If the file is unreadable or no `.npz`, lacks one of the arrays, or an array holds objects
        or text that is none, is larger than 4 GiB or than the bytes behind its header.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            there = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
            names = there if names is None else names
            _check_names(names, there, path)
            return {name: _read(archive, name, path) for name in names}
    except InputError:
        raise
    except _UNREADABLE as error:
        raise InputError(f"`{path}` must be a whole .npz file, got: {_reason(error)}") from error


def _check_names(names: Sequence[str], there: Sequence[str], path: Path) -> None:
    if not set(names) <= set(there):
        wanted, got = _listed(names), _listed(sorted(there)[:8]) or "none"
        raise InputError(f"`{path}` must hold the arrays {wanted}, got {got}")


def _read(archive: zipfile.ZipFile, name: str, path: Path) -> NDArray[Any]:
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("a compression that NumPy does not write")
    with archive.open(info) as member:
        start = io.BytesIO(member.read(HEADER_BYTES))
        shape, fortran, dtype = _header(start)
        if dtype.hasobject:
            raise InputError(f"`{name}` in `{path}` must hold numbers or text, got Python objects")
        if dtype.itemsize == 0:  # any number of such values would take no bytes in the file
            raise InputError(f"`{name}` in `{path}` must hold numbers or text, got {dtype}")
        size = math.prod(shape) * dtype.itemsize
        behind = info.file_size - start.tell()
        if size != behind or size > LARGEST or min(shape, default=1) < 0:
            raise InputError(
                f"`{name}` in `{path}` must have the {size:,} bytes its header declares, "
                f"{LARGEST:,} at most, got {behind:,}"
            )
        # Read one byte beyond: only at the end of a member does zipfile compare the checksum.
        data = start.read() + member.read(size + 1)
    if len(data) != size:
        raise InputError(f"`{name}` in `{path}` must have {size:,} bytes, got {len(data):,}")
    if size == 0:
        return np.empty(shape, dtype)
    if dtype.kind == "U" and _codes(data, dtype).max() > sys.maxunicode:
        raise InputError(f"`{name}` in `{path}` must hold text, got a number beyond Unicode")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def _codes(data: bytes, dtype: np.dtype[Any]) -> NDArray[np.uint32]:
    # Looked at as numbers: NumPy gives up on such text in ways of its own.
    return np.frombuffer(data, np.dtype(np.uint32).newbyteorder(dtype.byteorder))


def _header(start: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(start)
    if version not in READERS:
        raise ValueError(f"an array of version {version}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of headers written by Python 2
        try:
            return READERS[version](start, max_header_size=HEADER_BYTES)
        except MemoryError as error:  # the parser's own word for too many brackets
            raise ValueError("a header that cannot be parsed") from error


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _reason(error: BaseException) -> str:
    """Return what `error` says, short and on one line."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(said.split())[:160]
