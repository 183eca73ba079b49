"""Writes files in ways that are safe against a kill at any instant, and reads them.

A file is replaced as a whole, or complete lines are appended; an incomplete last line is removed
first. Processes may replace the same file at the same time: the last one wins. A file that cannot
be read, or is not JSON, gives an error of one line.
"""

import fcntl
import json
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from nncore.errors import InputError


def replace_file(path: Path, content: bytes) -> None:
    """Make `content` the file at `path`; a reader sees the old file or the new one, whole."""
    replace_with(path, lambda temporary: temporary.write_bytes(content))


def replace_with(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file under a temporary name, then give it the name `path`."""
    with _named(path), _temporary(path) as temporary:
        write(temporary)
        temporary.replace(path)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """Yield a name beside `path` under which no other process is writing.

    It is the first of `path`.tmp, `path`.1.tmp, ... that is free. A writer locks its file, so a
    file without a lock was left by a kill: the first is written over, later ones are deleted.
    """
    names = (path.with_name(f"{path.name}.{n}.tmp" if n else f"{path.name}.tmp") for n in count())
    temporary, lock = next((name, lock) for name in names if (lock := _lock(name)) is not None)
    try:
        for left in takewhile(Path.exists, names):
            if (other := _lock(left)) is not None:
                left.unlink()
                os.close(other)
        yield temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(lock)


def _lock(name: Path) -> int | None:
    """Return a locked descriptor of the file `name`, made if missing; None if it is locked."""
    while True:
        lock = os.open(name, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        except OSError:  # a file system without locks: writers are not kept apart
            return lock
        with suppress(FileNotFoundError):
            if os.path.samestat(name.stat(), os.fstat(lock)):
                return lock
        os.close(lock)  # another writer renamed or deleted the file before it was locked


def write_json(
    path: Path, content: Any, *, indent: int | None = 2, allow_nan: bool = False
) -> None:
    """Write `content` as JSON to the file at `path`, whole or not at all."""
    replace_file(path, json_bytes(content, indent=indent, allow_nan=allow_nan))


def plain_number(number: float) -> float | str:
    """Return a number as JSON can hold it: an infinite one as the text "inf" or "-inf"."""
    return str(number) if math.isinf(number) else number


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
