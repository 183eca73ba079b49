"""The lock of a run folder: one process at a time writes there, and others can ask whether it does.

The system releases the lock when that process ends, however it ends.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nncore.errors import InputError
from sweeps.records.file_names import LOCK

ATTEMPTS = 10


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock the run folder `path`, which is created if there is none, against other writers.

    Raises
    ------
    InputError
        If the folder cannot be written, or another process has locked it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise InputError(f"run folder {path} must be writable: {error.strerror}") from error
    try:
        _lock(lock)
    except OSError as error:
        os.close(lock)
        raise InputError(f"run folder {path} must not be in use by another run") from error
    try:
        yield
    finally:
        os.close(lock)


def _lock(lock: int) -> None:
    """Lock an open file; `OSError` if another process holds the lock for more than an instant."""
    for _ in range(ATTEMPTS):
        with suppress(BlockingIOError):  # `is_in_use` may hold it
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.01)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_in_use(path: Path) -> bool:
    """Return whether a process has locked the run folder `path`, for example to run its sweep."""
    try:
        lock = os.open(path / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(lock)
    return False
