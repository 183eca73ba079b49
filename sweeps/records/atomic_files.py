"""Writes files in ways that are safe against a kill at any instant, and reads them.

A file is replaced as a whole, or complete lines are appended; an incomplete last line is removed
first. A file that cannot be read, or is not JSON, gives an error of one line.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nncore.errors import InputError


def replace_file(path: Path, content: bytes) -> None:
    """Make `content` the file at `path`; a reader sees the old file or the new one, whole."""
    replace_with(path, lambda temporary: temporary.write_bytes(content))


def replace_with(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file under a temporary name, then give it the name `path`."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with _named(path):
            write(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(
    path: Path, content: Any, *, indent: int | None = 2, allow_nan: bool = False
) -> None:
    """Write `content` as JSON to the file at `path`, whole or not at all."""
    replace_file(path, json_bytes(content, indent=indent, allow_nan=allow_nan))


def json_bytes(content: Any, *, indent: int | None = 2, allow_nan: bool = False) -> bytes:
    """Return `content` as the bytes of a JSON file."""
    text = json.dumps(content, indent=indent, allow_nan=allow_nan, ensure_ascii=False)
    return f"{text}\n".encode()


def append(path: Path, content: bytes) -> None:
    """Append `content`, whole lines, to the file at `path`: all of them or none."""
    with _named(path), path.open("ab", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            written = 0
            while written < len(content):  # a disk that fills up writes a part without an error
                written += file.write(content[written:])
        except BaseException:
            os.truncate(path, size)
            raise


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Add the name of the file to the error of a failed write: the system does not."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def cut_torn_line(path: Path) -> None:
    """Cut the file at `path`, if it exists, back to the end of its last whole line."""
    if path.exists():
        whole = path.read_bytes().rfind(b"\n") + 1
        if whole < path.stat().st_size:
            os.truncate(path, whole)


def read_json(path: Path, *, missing_ok: bool = False) -> dict[str, Any]:
    """Return the JSON object in the file at `path`; empty if `missing_ok` and there is no file.

    Raises
    ------
    InputError
        If the file cannot be read, or is not a JSON object.
    """
    if missing_ok and not path.exists():
        return {}
    return parse_json(path, read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Return the content of the file at `path`; `InputError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"`{path}` must be readable, got: {error.strerror}") from error


def parse_json(path: Path, content: bytes) -> dict[str, Any]:
    """Return the JSON object in the `content` of the file at `path`; `InputError` if it is not."""
    try:
        value = json.loads(content)
    except (RecursionError, ValueError) as error:
        raise InputError(f"`{path}` must be JSON, got: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"`{path}` must be a JSON object, got {type(value).__name__}")
    return value
