"""Turns the faults that pydantic finds in a sweep file into one line for the user.

`sweep_config` and `sections` hold the models; this module states their errors in the terms of the
file.
"""

from typing import Any

from pydantic import BaseModel, ValidationError

from nncore.errors import InputError, unknown
from sweeps.space.dimensions import Choices, Range


def first_fault(error: ValidationError, root: type[BaseModel]) -> InputError:
    """Return the first fault of a sweep file: the key, the rule and the invalid value.

    `root` is the model of the whole file.
    """
    faults = error.errors()
    # A misspelled key is reported rather than the missing key that the user meant.
    fault = next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return cause
    loc, of_union = fault["loc"], fault["type"] in ("int_type", "float_type")
    if of_union and loc[-1] in ("int", "float"):  # pydantic appends the type that it tried
        return InputError(f"`{'.'.join(_path(loc[:-1]))}` must be a number, got {fault['input']!r}")
    if fault["type"] == "extra_forbidden" and loc[0] == "space" and loc[-1] in Range.model_fields:
        rule = f"must have either choices or low and high, got choices and {loc[-1]}"
        return InputError(f"`{'.'.join(_path(loc[:-1]))}` {rule}")
    key = ".".join(_path(loc))
    if fault["type"] == "extra_forbidden":
        return unknown("key", key, _siblings(fault["loc"], root))
    if fault["type"] == "missing":
        return InputError(f"`{key}` must be given")
    if cause is not None:
        return InputError(f"`{key}` {cause}")
    if fault["type"] == "model_type":
        table = "{ low, high } or { choices }" if len(fault["loc"]) == 3 else "a table"
        return InputError(f"`{key}` must be {table}, got {fault['input']!r}")
    if fault["type"] == "string_pattern_mismatch":
        return InputError(
            f"`{key}` must consist of letters, digits, `.`, `_` and `-`, got {fault['input']!r}"
        )
    rule = fault["msg"].replace("Input should", "must").replace("String should", "must")
    return InputError(f"`{key}` {rule}, got {fault['input']!r}")


def _siblings(loc: tuple[Any, ...], root: type[BaseModel]) -> list[str]:
    """Return the keys that are valid in the place of `loc`, in the same form."""
    if len(loc) == 1:
        return list(root.model_fields)
    model: Any = root.model_fields[loc[0]].annotation
    if loc[0] == "space":
        model = Choices if loc[2] == "choices" else Range
    return [".".join((*_path(loc[:-1]), name)) for name in model.model_fields]


def _path(loc: tuple[Any, ...]) -> list[str]:
    """Return `loc` as the user wrote it, without the kind of dimension that pydantic inserts."""
    return [str(part) for place, part in enumerate(loc) if (loc[0], place) != ("space", 2)]
