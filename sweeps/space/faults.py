"""Turns a fault that pydantic finds in a value into one line: the key, the rule and the value.

Models that a program makes itself and sections of a sweep file word their faults here.
"""

from typing import Any

from pydantic import ValidationError

from nncore.errors import InputError, named, shown

NUMBER_TYPES = ("int", "float")
"""What pydantic appends to the place of a number that is of neither type."""


def first_of(error: ValidationError) -> Any:
    """Return the fault to report: a misspelled key rather than the missing one that was meant."""
    faults = error.errors()
    return next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])


def cause_of(fault: Any) -> Exception | None:
    """Return the error that a validator of ours has raised, if it was one."""
    cause: Exception | None = fault.get("ctx", {}).get("error")
    return cause


def place_of(fault: Any) -> tuple[Any, ...]:
    """Return the keys that lead to the value."""
    loc: tuple[Any, ...] = fault["loc"]
    of_number = fault["type"] in ("int_type", "float_type") and loc and loc[-1] in NUMBER_TYPES
    return loc[:-1] if of_number else loc


def worded(fault: Any, key: str) -> InputError:
    """Return the error on the value at `key`."""
    got, kind, cause = shown(fault["input"]), fault["type"], cause_of(fault)
    if place_of(fault) != fault["loc"]:
        return InputError(f"`{named(key)}` must be a number, got {got}")
    if kind == "missing":
        return InputError(f"`{named(key)}` must be given")
    if cause is not None:
        return InputError(f"`{named(key)}` {cause}")
    if kind == "string_pattern_mismatch":
        rule = "must consist of letters, digits, `.`, `_` and `-`"
        return InputError(f"`{named(key)}` {rule}, got {got}")
    rule = fault["msg"].replace("Input should", "must").replace("String should", "must")
    return InputError(f"`{named(key)}` {rule}, got {got}")


def fault_of_model(error: ValidationError, model: str) -> InputError:
    """Return the first fault of a model that a program made with wrong arguments."""
    fault = first_of(error)
    cause = cause_of(fault)
    if isinstance(cause, InputError):
        return cause
    return worded(fault, ".".join(map(str, place_of(fault))) or model)
