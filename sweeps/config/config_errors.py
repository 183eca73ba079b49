"""Turns the faults that pydantic finds in a sweep file into one line for the user.

`sweep_config` and `sections` hold the models; this module states their errors in the terms of the
file.
"""

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from nncore.config import HYPERPARAMETERS
from nncore.errors import InputError, named, shown, unknown
from nncore.words_of_others import unknown_key
from sweeps.space.dimensions import Choices, Range
from sweeps.space.faults import cause_of, first_of, place_of, worded


def first_fault(error: ValidationError, root: type[BaseModel]) -> InputError:
    """Return the first fault of a sweep file: the key, the rule and the invalid value.

    `root` is the model of the whole file.
    """
    fault = first_of(error)
    cause = cause_of(fault)
    if isinstance(cause, InputError):
        return cause
    loc = fault["loc"]
    if fault["type"] == "extra_forbidden" and loc[0] == "space" and loc[-1] in Range.model_fields:
        rule = f"must have either choices or low and high, got choices and {loc[-1]}"
        return InputError(f"`{named(_key(loc[:-1]))}` {rule}")
    if fault["type"] == "extra_forbidden":
        if loc[-1] in HYPERPARAMETERS and (len(loc) == 1 or loc[0] in ("sweep", "data")):
            return unknown("key", _key(loc), (), meant=f"training.{loc[-1]}")
        return unknown_key("key", _key(loc), _siblings(loc, root))
    if fault["type"] == "model_type":
        table = "{ low, high } or { choices }" if len(loc) == 3 else "a table"
        return InputError(f"`{named(_key(loc))}` must be {table}, got {shown(fault['input'])}")
    return worded(fault, _key(place_of(fault)))


def _siblings(loc: tuple[Any, ...], root: type[BaseModel]) -> list[str]:
    """Return the keys that are valid in the place of `loc`, in the same form."""
    if len(loc) == 1:
        return list(root.model_fields)
    if loc[0] == "space":
        names = [*Range.model_fields, *Choices.model_fields]
    else:
        section: Any = root.model_fields[loc[0]].annotation
        (model,) = get_args(section) or (section,)  # of a list of tables, a single table
        names = list(model.model_fields)
    return [".".join((*_path(loc[:-1]), name)) for name in names]


def _key(loc: tuple[Any, ...]) -> str:
    return ".".join(_path(loc))


def _path(loc: tuple[Any, ...]) -> list[str]:
    """Return `loc` as the user wrote it, without the kind of dimension that pydantic inserts."""
    return [str(part) for place, part in enumerate(loc) if (loc[0], place) != ("space", 2)]
