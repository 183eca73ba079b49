"""The sweep's TOML file: read, checked to the last key, and written back as it was understood.

Whatever passes here is trusted everywhere below; whatever does not is told in one line.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
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
from sweeps.pruners.settings import pruner_settings
from sweeps.space.conditions import corners, resolve
from sweeps.space.dimensions import Choices, Number, Params, Range, Space, dimension_kind
from sweeps.space.grid_cells import check_grid
from sweeps.space.hidden_layers import (
    LAYERS,
    WIDTHS,
    as_settings,
    is_width_of_layer,
    lists_as_text,
    spread,
    subject,
)
from sweeps.space.start_points import start_points
from sweeps.toml import apply_setting, dump_tables, put

CONTINUOUS = tuple(field.name for field in fields(TrialConfig) if isinstance(field.default, float))

_strict = ConfigDict(frozen=True, extra="forbid")

AnyDimension = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Choices, Tag("choices")],
    Discriminator(dimension_kind),
]


class SweepSection(BaseModel):
    """`[sweep]`: what identifies the sweep, but for `trials`, which may grow on a later run.

    Attributes
    ----------
    name
        The run folder is `runs/<name>`. Letters, digits, `.`, `_` and `-`.
    trials
        The exact total, also after a resume.
    seed
        The same seed and config give the same bytes.
    sampler
        The sampler, which proposes the trials.
    pruner
        The pruner, which stops trials early.
    patience
        If n is above 0, a trial is pruned only after n + 1 epochs in a row below its best; without
        a pruner, patience alone ends it. 0 is no patience.
    generation
        Trials proposed together; at least 4 for each job keep all jobs busy.
    replicates
        Seeds per trial. The value of a trial is the best of their mean curve.
    epoch_budget
        End the sweep, between two generations, once its trials have trained this many epochs.
    trial_timeout
        End a trial at the first end of an epoch after this many seconds.
    """

    model_config = _strict

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)
    trials: StrictInt = Field(default=40, ge=1)
    seed: StrictInt = Field(default=0, ge=0)
    sampler: Literal["tpe", "random", "grid", "qmc", "cmaes", "gp", "coordinate"] = "tpe"
    pruner: Literal["none", "median", "halving", "hyperband", "threshold"] = "none"
    patience: StrictInt = Field(default=0, ge=0)
    generation: StrictInt = Field(default=8, ge=1)
    replicates: StrictInt = Field(default=1, ge=1)
    epoch_budget: StrictInt | None = Field(default=None, ge=1)
    trial_timeout: Number | None = Field(default=None, gt=0)


class DataSection(BaseModel):
    """`[data]`: a data set of the catalogue, or a user's file and how to read it.

    Attributes
    ----------
    name
        The name of a data set, or the path of an `.npz` or `.csv` file.
    label
        The column of classes in a `.csv` file.
    split
        For a file, the shares of training, validation and test rows, of each class;
        `[0.7, 0.15, 0.15]` by default.
    scale
        For a file, how inputs are scaled: "unit" (from 0 to 1, the default), "standard" (mean 0,
        standard deviation 1) or "none".
    """

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
    """A whole sweep: what stays fixed in `training`, what is searched in `space`.

    `start` are points of the space to try first. `training` also holds what a hyperparameter is
    where its dimension does not exist.
    """

    model_config = _strict

    sweep: SweepSection
    pruner: dict[str, Any] = {}
    data: DataSection = DataSection()
    training: dict[str, Any] = {}
    space: dict[str, AnyDimension] = Field(min_length=1)
    start: list[dict[str, Any]] = []

    @field_validator("space", mode="before")
    @classmethod
    def _texts(cls, space: Any) -> Any:
        """Read choices that are lists of widths as texts."""
        if not isinstance(space, Mapping) or WIDTHS not in space:
            return space
        return {**space, WIDTHS: lists_as_text(space[WIDTHS])}

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
        for key in self.training:
            if key not in HYPERPARAMETERS:
                raise unknown("hyperparameter", key, HYPERPARAMETERS)
        for key in self.space:
            if key not in (*HYPERPARAMETERS, LAYERS) and not is_width_of_layer(key):
                raise unknown("hyperparameter", key, (*HYPERPARAMETERS, LAYERS))
        # Spelled out, so that a file says all, and leaving a default out is no other config.
        defaults = {**asdict(TrialConfig()), WIDTHS: list(TrialConfig.hidden_units)}
        fixed = {**defaults, **self.training}
        space = resolve(spread(self.space), fixed)
        require(len(space) > 0, "space", "have a dimension whose `when` can hold", space)
        always = {subject(name) for name, d in space.items() if not d.when}
        for key in always & self.training.keys():
            raise InputError(f"`{key}` must stand in [training] or in [space], got both")
        training = {key: value for key, value in fixed.items() if key not in always}
        if isinstance(training.get(WIDTHS), int):
            training[WIDTHS] = [training[WIDTHS]]
        config = self.model_copy(update={"training": training, "space": space})
        for params in config.corners():
            config.trial_config(params)
        if self.sweep.sampler == "grid":
            check_grid(space, self.sweep.trials)
        if self.sweep.sampler == "cmaes":
            ranges = [name for name, d in space.items() if isinstance(d, Range) and not d.when]
            rule = "have a range without `when` where `sampler` is 'cmaes'"
            require(len(ranges) > 0, "space", rule, list(space))
        pruner = pruner_settings(self.sweep.pruner, self.pruner, config.most_epochs)
        return config.model_copy(
            update={"pruner": pruner, "start": start_points(space, self.start)}
        )

    @property
    def most_epochs(self) -> int:
        """How many epochs a trial may train at most."""
        searched = self.space.get("epochs")
        return int(max([*(searched.ends if searched else ()), self.training.get("epochs", 1)]))

    def corners(self) -> Iterator[Params]:
        """Yield points that together touch every bound, and all ends of what must fit together."""
        return corners(self.space, JOINED)

    def trial_config(self, params: Params) -> TrialConfig:
        """Return the config of the trial at the point `params` of the space."""
        return trial_config({**self.training, **as_settings(params)})


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
        apply_setting(tables, text)
    for key, value in overrides.items():
        if value is not None:
            put(tables, key, value)
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
    return dump_tables({name: table for name, table in tables.items() if table})


NOT_IDENTITY = {"sweep.trials", "sweep.epoch_budget"}
"""The keys that a later run may change: they say how far a sweep goes, not where."""


def differing_keys(one: SweepConfig, other: SweepConfig) -> list[str]:
    """Return the keys, as "section.key", whose values differ, but for those of no identity.

    The order of [space] counts: it is that of the columns.
    """
    first, second = _flat(one), _flat(other)
    keys = [key for key in dict.fromkeys((*first, *second)) if key not in NOT_IDENTITY]
    differing = [key for key in keys if first.get(key) != second.get(key)]
    reordered = list(one.space) != list(other.space)
    return differing or (["order of [space]"] if reordered else [])


def _flat(config: SweepConfig) -> dict[str, Any]:
    sections = {name: table for name, table in config if name != "start"}
    flat = {
        f"{name}.{key}": v for name, table in sections.items() for key, v in dict(table).items()
    }
    return {**flat, "start": config.start}


def _one_line(error: ValidationError) -> InputError:
    faults = error.errors()
    # A misspelt key is told before the missing one that it was meant to be.
    fault = next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return cause
    loc, of_union = fault["loc"], fault["type"] in ("int_type", "float_type")
    if of_union and loc[-1] in ("int", "float"):  # pydantic adds the kind that it tried
        return InputError(f"`{'.'.join(_path(loc[:-1]))}` must be a number, got {fault['input']!r}")
    if fault["type"] == "extra_forbidden" and loc[0] == "space" and loc[-1] in Range.model_fields:
        rule = f"must have either choices or low and high, got choices and {loc[-1]}"
        return InputError(f"`{'.'.join(_path(loc[:-1]))}` {rule}")
    key = ".".join(_path(loc))
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
