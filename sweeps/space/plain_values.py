"""Plain values: what a sweep file can hold, read from whatever a program passes instead.

A program may pass NumPy's scalars and arrays. They are read as Python's numbers, so a config holds
the same values before it is written to TOML and after it is read back.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from nncore.errors import InputError, shown
from sweeps.space.faults import fault_of_model

Constructor = TypeVar("Constructor", bound=Callable[..., None])

DEEPEST = 20
"""How deep values may be nested; no key of a sweep file needs so much."""


def plain(value: Any, depth: int = 0) -> Any:
    """Return `value` with scalars as exact `bool`, `int`, `float` or `str`, sequences as lists.

    Other values are returned as they are.

    Raises
    ------
    InputError
        If `value` is nested too deep, or a text cannot be written in a UTF-8 file.
    """
    if depth > DEEPEST:
        raise InputError(f"arrays and tables must be nested at most {DEEPEST} deep, got more")
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {plain(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, str):
        return _unicode(str.__str__(value))
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


def _unicode(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:  # a command line in another encoding
        raise InputError(f"texts must be Unicode, got {shown(text)}") from error
    return text


class PlainModel(BaseModel):
    """The base of the parts of a config: frozen, with known keys only, and with plain values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, table: Any) -> Any:
        return plain(table)

    def _set(self, **values: Any) -> None:
        """Set the values of a model that a program makes; `InputError` on the first fault."""
        try:
            BaseModel.__init__(self, **values)
        except ValidationError as error:
            raise fault_of_model(error, type(self).__name__) from None


def for_programs_only(constructor: Constructor) -> Constructor:
    """Mark a constructor that pydantic does not call when it reads a sweep file.

    Else the error of a value would not know the key of the file that leads to it.
    """
    constructor.__pydantic_base_init__ = True  # type: ignore[attr-defined]
    return constructor
