"""Reads arrays from an untrusted `.npz` file; nothing in it is executed or unpickled.

The size that a header declares is checked against the file size before memory is allocated.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.formats.npy import (
    HEADER_BYTES,
    UNREADABLE,
    Header,
    array_of,
    read_header,
    reason,
)
from nncore.errors import InputError, named

CHUNK = 1 << 20  # bytes unpacked at a time
MOST_PACKED = 1032  # the most bytes that one byte of DEFLATE unpacks to

_UNREADABLE = (*UNREADABLE, zipfile.BadZipFile, zlib.error)


def stored_names(path: Path) -> list[str]:
    """Return the names of the arrays at `path`; `InputError` if it is no readable `.npz` file."""
    with _opened(path) as archive:
        return _stored_names(archive)


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
        raise InputError(f"`{path}` must be a complete .npz file, got: {reason(error)}") from error


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
    header = read_header(start, info.file_size, _title(name, path))
    size = header.size
    if size > MOST_PACKED * path.stat().st_size:
        raise InputError(f"`{name}` in `{path}` must have {size:,} bytes, got a smaller file")
    return header, start.tell()


def _read(archive: zipfile.ZipFile, name: str, path: Path) -> NDArray[Any]:
    header, begin = _read_header(archive, name, path)
    size = header.size
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
    return array_of(data, header, _title(name, path))


def _title(name: str, path: Path) -> str:
    return f"`{name}` in `{path}`"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{named(name, 40)}`" for name in names)
