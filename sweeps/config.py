"""The sweep's TOML file: read, checked to the last key, and written back as it was understood.

Whatever passes here is trusted everywhere below; whatever does not is told in one line.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictInt,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from nncore.config import HYPERPARAMETERS, JOINED, TrialConfig, trial_config
from nncore.datasets.data_source import SCALE, SPLIT, DataSource, is_file_name
from nncore.errors import InputError, require, unknown
from sweeps.space import Choices, Params, Range, Space, dimension_kind

CONTINUOUS = tuple(field.name for field in fields(TrialConfig) if isinstance(field.default, float))

_strict = ConfigDict(frozen=True, extra="forbid")

AnyDimension = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Choices, Tag("choices")],
    Discriminator(dimension_kind),
]


class SweepSection(BaseModel):
    """`[sweep]`: what identifies the sweep. `trials` alone may grow on a later run.

    `generation` trials are proposed together; `replicates` is the number of seeds per trial.
    """

    model_config = _strict

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)
    trials: StrictInt = Field(default=40, ge=1)
    seed: StrictInt = Field(default=0, ge=0)
    sampler: Literal["tpe"] = "tpe"
    generation: StrictInt = Field(default=8, ge=1)
    replicates: StrictInt = Field(default=1, ge=1)


class DataSection(BaseModel):
    """`[data]`: a data set of the catalogue, or a user's file and how to read it."""

    model_config = _strict

    name: str = "mnist-5k"
    label: str | None = None
    split: tuple[float, ...] | None = None
    scale: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _spell_out(cls, table: Any) -> Any:
        """Give a file the settings that it did not get, so that the run folder tells them."""
        name = table.get("name") if isinstance(table, Mapping) else None
        if isinstance(name, str) and is_file_name(name):
            return {"split": SPLIT, "scale": SCALE, **table}
        return table

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ = self.source
        return self

    @property
    def source(self) -> DataSource:
        """The data set that these settings mean."""
        return DataSource(**self.model_dump(exclude_none=True))


class SweepConfig(BaseModel):
    """A whole sweep: what stays fixed in `training`, what is searched in `space`."""

    model_config = _strict

    sweep: SweepSection
    data: DataSection = DataSection()
    training: dict[str, Any] = {}
    space: dict[str, AnyDimension] = Field(min_length=1)

    @field_validator("space")
    @classmethod
    def _continuous(cls, space: Space) -> Space:
        """Read `{ low = 1, high = 10 }` as all numbers between where the value is no count."""
        return {
            name: dimension.in_floats() if name in CONTINUOUS else dimension
            for name, dimension in space.items()
        }

    @model_validator(mode="after")
    def _check(self) -> Self:
        for key in (*self.training, *self.space):
            if key not in HYPERPARAMETERS:
                raise unknown("hyperparameter", key, HYPERPARAMETERS)
        for key in self.space:
            if key in self.training:
                raise InputError(f"`{key}` must stand in [training] or in [space], got both")
        for params in self._corners():
            config = self.trial_config(params)
        # Spelled out, so that a file says all, and leaving a default out is no other config.
        spelled_out = {**asdict(config), "hidden_units": list(config.hidden_units)}
        training = {key: value for key, value in spelled_out.items() if key not in self.space}
        return self.model_copy(update={"training": training})

    def _corners(self) -> Iterator[Params]:
        """Yield points that together touch every bound, and all ends of what must fit together."""
        first = {name: dimension.ends[0] for name, dimension in self.space.items()}
        for name, dimension in self.space.items():
            yield from ({**first, name: end} for end in dimension.ends)
        joined = [name for name in JOINED if name in self.space]
        for values in product(*(self.space[name].ends for name in joined)):
            yield {**first, **dict(zip(joined, values, strict=True))}

    def trial_config(self, params: Params) -> TrialConfig:
        """Return the config of the trial at the point `params` of the space."""
        return trial_config({**self.training, **params})


def load_config(path: Path, settings: Sequence[str] = (), **overrides: Any) -> SweepConfig:
    """Return the config in the TOML file `path`.

    `settings` are "section.key=value" texts with TOML values; `overrides` are "section.key" keys
    with values, where None means not given.

    Raises
    ------
    InputError
        If the file cannot be read, is no TOML, or breaks any rule.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"config file {path} must be readable: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"config file {path} must be TOML: {error}") from error
    for text in settings:
        key, _, value = text.partition("=")
        require("." in key and value != "", "--set", "be SECTION.KEY=VALUE", text)
        _put(tables, key.strip(), _toml_value(value.strip()))
    for key, value in overrides.items():
        if value is not None:
            _put(tables, key, value)
    return parse_config(tables)


def parse_config(tables: Mapping[str, Any]) -> SweepConfig:
    """Return the config that TOML `tables` mean; raise `InputError` on the first fault."""
    try:
        return SweepConfig.model_validate(tables)
    except ValidationError as error:
        raise _one_line(error) from error


def dump_config(config: SweepConfig) -> str:
    """Return `config` as TOML, every default spelled out; `load_config` reads it back equal."""
    tables = config.model_dump(exclude_none=True)
    lines = []
    for section, table in tables.items():
        lines += [f"[{section}]", *(f"{key} = {_toml(value)}" for key, value in table.items()), ""]
    return "\n".join(lines)


def differing_keys(one: SweepConfig, other: SweepConfig) -> list[str]:
    """Return the keys, as "section.key", whose values differ; `sweep.trials` is no difference."""
    first, second = _flat(one), _flat(other)
    keys = dict.fromkeys((*first, *second))
    return [k for k in keys if k != "sweep.trials" and first.get(k) != second.get(k)]


def _flat(config: SweepConfig) -> dict[str, Any]:
    return {f"{name}.{key}": value for name, table in config for key, value in dict(table).items()}


def _put(tables: dict[str, Any], key: str, value: Any) -> None:
    section, _, name = key.partition(".")
    table = tables.setdefault(section, {})
    if not isinstance(table, dict):
        raise InputError(f"`{section}` must be a table, got {table!r}")
    table[name] = value
    # What is searched is not fixed, and the other way round: a setting moves its key.
    other = {"training": "space", "space": "training"}.get(section)
    if other and isinstance(tables.get(other), dict):
        tables[other].pop(name, None)


def _toml_value(text: str) -> Any:
    try:
        tables = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text  # a bare word means itself: no one wants to quote quotes for the shell
    return tables["value"] if set(tables) == {"value"} else text


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        escaped = "".join(_toml_character(c) for c in value)
        return f'"{escaped}"'
    return repr(value)


def _toml_character(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return c if c.isprintable() else f"\\U{ord(c):08X}"


def _one_line(error: ValidationError) -> InputError:
    faults = error.errors()
    # A misspelt key is told before the missing one that it was meant to be.
    fault = next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return cause
    key = ".".join(_path(fault["loc"]))
    if fault["type"] == "extra_forbidden":
        return unknown("key", key, _siblings(fault["loc"]))
    if fault["type"] == "missing":
        return InputError(f"`{key}` must be given")
    if cause is not None:
        return InputError(f"`{key}` {cause}")
    if fault["type"] == "model_type":
        table = "{ low, high } or { choices }" if len(fault["loc"]) == 3 else "a table"
        return InputError(f"`{key}` must be {table}, got {fault['input']!r}")
    if fault["type"] == "string_pattern_mismatch":
        return InputError(
            f"`{key}` must be letters, digits, `.`, `_` and `-`, got {fault['input']!r}"
        )
    rule = fault["msg"].replace("Input should", "must").replace("String should", "must")
    return InputError(f"`{key}` {rule}, got {fault['input']!r}")


def _siblings(loc: tuple[Any, ...]) -> list[str]:
    """Return the keys that could have stood where `loc` points, written the same way."""
    models: dict[str, type[BaseModel]] = {"sweep": SweepSection, "data": DataSection}
    if len(loc) == 1:
        return list(SweepConfig.model_fields)
    if loc[0] == "space":
        model: type[BaseModel] = Choices if loc[2] == "choices" else Range
    else:
        model = models[loc[0]]
    return [".".join((*_path(loc[:-1]), name)) for name in model.model_fields]


def _path(loc: tuple[Any, ...]) -> list[str]:
    """Return `loc` as the user wrote it: pydantic puts the kind of a dimension in third place."""
    return [str(part) for place, part in enumerate(loc) if (loc[0], place) != ("space", 2)]
