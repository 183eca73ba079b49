"""Checks what a program passes to a public function, so that a wrong type is told in one line.

A command passes what it has parsed, but a notebook may pass anything.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nncore.errors import InputError, shown


def as_path(path: str | Path, argument: str) -> Path:
    """Return a path that is given as text or as a path; `InputError` if it is neither."""
    require_type(path, (str, Path), argument, "a path")
    return Path(path)


def require_type(value: object, kind: type | tuple[type, ...], argument: str, what: str) -> None:
    """Raise `InputError` unless `value` is of this kind, which the message calls `what`."""
    if not isinstance(value, kind):
        raise InputError(f"`{argument}` must be {what}, got {shown(value)}")


def require_function(value: Callable[..., Any], argument: str) -> None:
    """Raise `InputError` unless `value` can be called."""
    if not callable(value):
        raise InputError(f"`{argument}` must be a function, got {shown(value)}")
