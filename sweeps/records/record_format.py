"""JSON records with a format number, by which later versions can recognize them.

A record is written from a pydantic model and read back into it, so its fields are checked once.
"""

import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    ValidationError,
)

from nncore.errors import InputError, named, shown
from sweeps.records.atomic_files import parse_json, read_bytes, write_json

FORMAT: Literal[1] = 1


FiniteOrNaN = Annotated[
    float,
    BeforeValidator(lambda number: math.nan if number is None else number),
    AfterValidator(lambda number: number if math.isfinite(number) else math.nan),
    PlainSerializer(lambda number: number if math.isfinite(number) else None),
]
"""A number of a network that may have diverged in its first epoch: then NaN, null in the file."""


class Part(BaseModel):
    """A part of a record."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(Part):
    """A record of a run. `format` is the number of its format, which changes with its fields."""

    format: Literal[1] = FORMAT

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the record in the JSON file `path`.

        Raises
        ------
        InputError
            If the file cannot be read, is not a JSON object, has another format or a fault.
        """
        content = read_bytes(path)
        stored = parse_json(path, content).get("format", "no format")
        if stored != FORMAT:
            raise InputError(f"`{path}` must have format {FORMAT}, got {named(stored)}")
        try:
            return cls.model_validate_json(content, strict=True)
        except ValidationError as error:
            raise InputError(f"`{path}` must be {_fault(error)}") from error

    def plain(self) -> dict[str, Any]:
        """Return the record as plain data for JSON, the format first."""
        return {"format": self.format, **self.model_dump(exclude={"format"})}

    def write(self, path: Path) -> None:
        """Write the record to the JSON file `path`, whole or not at all."""
        write_json(path, self.plain())


AnyRecord = TypeVar("AnyRecord", bound=Record)


def read_if_there(record: type[AnyRecord], path: Path) -> AnyRecord | None:
    """Return the record in the file `path`, or None if there is no such file."""
    return record.read(path) if path.exists() else None


def _fault(error: ValidationError) -> str:
    """Return the first fault: the key, the rule and the invalid value."""
    fault: dict[str, Any] = dict(error.errors()[0])
    key = named(".".join(map(str, fault["loc"])))
    cause = fault.get("ctx", {}).get("error")
    if cause is not None:
        return f"a valid record: {cause}"
    if fault["type"] == "missing":
        return f"a record with `{key}`, got none"
    if fault["type"] == "extra_forbidden":
        return f"a record without `{key}`"
    rule = fault["msg"].replace("Input should", "must")
    return f"a valid record: `{key}` {rule}, got {shown(fault['input'])}"
