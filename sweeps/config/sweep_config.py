"""The sweep file: read from TOML, validated to the last key, and written back with its defaults.

A config is validated once, here; later code does not check it again.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from nncore.arguments import as_path, require_type
from nncore.components.metrics import METRICS, PROBABILITIES, Metric
from nncore.config import HYPERPARAMETERS, JOINED, TrialConfig, trial_config
from nncore.errors import InputError, require
from nncore.task import check_metric_of_task, check_task, default_config, default_metric
from nncore.words_of_others import unknown_key
from sweeps.config.config_errors import first_fault
from sweeps.config.known import KnownResult, checked_results
from sweeps.config.sections import AnyDimension, DataSection, SweepSection
from sweeps.config.toml import apply_setting, dump_tables, parse_toml, put
from sweeps.config.whole_generations import whole_generations
from sweeps.pruners.catalogue import PRUNERS
from sweeps.pruners.check_settings import pruner_settings
from sweeps.pruners.promotion import Bracket
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.space.conditions import corners, resolve
from sweeps.space.dimensions import Params, Space
from sweeps.space.hidden_layers import (
    LAYERS,
    WIDTHS,
    as_settings,
    expand_layers,
    is_width_of_layer,
    lists_as_text,
    subject,
)
from sweeps.space.plain_values import PlainModel, for_programs_only
from sweeps.space.start_points import start_points

CONTINUOUS = tuple(field.name for field in fields(TrialConfig) if isinstance(field.default, float))

MOST_CORNERS = 30_000
"""The number of points of a space that are checked in advance, in about a second."""


class SweepConfig(PlainModel):
    """A sweep file: the whole configuration of a sweep.

    `load_config` and `parse_config` make it: they check it and complete it with all defaults.

    Attributes
    ----------
    sweep
        `[sweep]`: the sampler, the pruner, and how far the sweep goes.
    pruner
        `[pruner]`: the settings of the pruner.
    data
        `[data]`: the data set.
    training
        `[training]`: the fixed hyperparameters, and the values of searched ones in trials
        where their dimension does not exist.
    space
        `[space]`: a range or choices for each hyperparameter that is searched.
    start
        `[[start]]`: points of the space to try first.
    known
        `[[known]]`: results of other runs, from which the sampler learns before the first trial.

    Examples
    --------
    >>> from sweeps import parse_config
    >>> space = {"activation": {"choices": ["sigmoid", "relu"]}}
    >>> config = parse_config({"sweep": {"name": "first"}, "space": space})
    >>> config.trial_config({"activation": "relu"}).activation
    'relu'
    """

    sweep: SweepSection
    pruner: dict[str, Any] = Field(default={})
    data: DataSection = DataSection()
    training: dict[str, Any] = Field(default={})
    space: dict[str, AnyDimension] = Field(min_length=1)
    start: list[dict[str, Any]] = Field(default=[])
    known: list[KnownResult] = Field(default=[])

    @for_programs_only
    def __init__(self, **tables: Any) -> None:
        raise InputError("a SweepConfig must be made by parse_config(tables) or load_config(path)")

    @field_validator("space", mode="before")
    @classmethod
    def _known(cls, space: Any) -> Any:
        """Check the names first: a misspelled name has no valid dimension."""
        known = (*HYPERPARAMETERS, LAYERS)
        for key in space if isinstance(space, Mapping) else ():
            if isinstance(key, str) and key not in known and not is_width_of_layer(key):
                raise unknown_key("hyperparameter", key, known)
        return space

    @field_validator("space", mode="before")
    @classmethod
    def _texts(cls, space: Any) -> Any:
        """Turn choices that are lists of widths into texts."""
        if not isinstance(space, Mapping) or WIDTHS not in space:
            return space
        return {**space, WIDTHS: lists_as_text(space[WIDTHS])}

    @field_validator("space")
    @classmethod
    def _continuous(cls, space: Space) -> Space:
        """Read whole bounds of a continuous hyperparameter as a range of all numbers between."""
        return {
            name: dimension.in_floats() if name in CONTINUOUS else dimension
            for name, dimension in space.items()
        }

    @model_validator(mode="after")
    def _check(self) -> Self:
        for key in self.training:
            if key not in HYPERPARAMETERS:
                raise unknown_key("hyperparameter", key, HYPERPARAMETERS)
        # With every default, so that the file is complete and an omitted default changes nothing.
        usual = default_config(regression=self.data.regression)
        defaults = {**asdict(usual), WIDTHS: list(usual.hidden_units)}
        fixed = {**defaults, **self.training}
        space = resolve(expand_layers(self.space), fixed)
        require(len(space) > 0, "space", "have a dimension that can exist in a trial", space)
        always = {subject(name) for name, d in space.items() if not d.when}
        for key in always & self.training.keys():
            raise InputError(f"`{key}` must be either in [training] or in [space], got both")
        training = {key: value for key, value in fixed.items() if key not in always}
        if isinstance(training.get(WIDTHS), int):
            training[WIDTHS] = [training[WIDTHS]]
        sweep = self._judged_by_metric_of_task()
        config = self.model_copy(update={"sweep": sweep, "training": training, "space": space})
        for number, params in enumerate(config.corners()):
            if number == MOST_CORNERS:
                rule = f"must have at most {MOST_CORNERS} combinations of values to check, got more"
                raise InputError(f"`space` {rule}; use ranges instead of long lists of choices")
            check_task({**training, **params}, regression=config.metric.regression)
            _check_outputs(config.metric, config.trial_config(params))
        pruner = pruner_settings(self.sweep.pruner, self.pruner, config.most_epochs, config.metric)
        config = config.model_copy(
            update={
                "sweep": config._one_replicate_per_fold(),
                "pruner": pruner,
                "start": start_points(space, self.start),
            }
        )
        config = config.model_copy(update={"sweep": whole_generations(config)})
        SAMPLERS[config.sweep.sampler].check(space, config.sweep.trials)
        return config.model_copy(update={"known": checked_results(self.known, config)})

    def _judged_by_metric_of_task(self) -> SweepSection:
        """Return `[sweep]` with the metric that its task has by default, or a fitting one."""
        regression = self.data.regression
        if "metric" in self.sweep.model_fields_set:
            check_metric_of_task(self.sweep.metric, regression=regression)
            return self.sweep
        metric = default_metric(regression=regression, targets=len(self.data.target or " "))
        return self.sweep.model_copy(update={"metric": metric.name})

    def _one_replicate_per_fold(self) -> SweepSection:
        """Return `[sweep]` with one replicate for each fold; `InputError` if it has another."""
        folds = self.data.folds
        if folds is None or self.sweep.replicates == folds:
            return self.sweep
        given = "replicates" in self.sweep.model_fields_set
        rule = f"be {folds}, the number of `data.folds`, or be left out"
        require(not given, "sweep.replicates", rule, self.sweep.replicates)
        return self.sweep.model_copy(update={"replicates": folds})

    @property
    def metric(self) -> Metric:
        """The metric that judges the trials, `sweep.metric`."""
        return METRICS[self.sweep.metric]

    @property
    def most_epochs(self) -> int:
        """The largest number of epochs that a trial can train."""
        searched = self.space.get("epochs")
        return int(max([*(searched.ends if searched else ()), self.training.get("epochs", 1)]))

    @property
    def brackets(self) -> tuple[Bracket, ...]:
        """The brackets in which the trials of the generations compete, in turn; often none."""
        new_brackets = PRUNERS[self.sweep.pruner].new_brackets
        return new_brackets(self.pruner, self.most_epochs, self.sweep.generation)

    @property
    def generation_sizes(self) -> tuple[int, ...]:
        """The sizes of the generations, in turn."""
        sizes = tuple(bracket.size for bracket in self.brackets)
        return sizes or (self.sweep.generation,)

    def corners(self) -> Iterator[Params]:
        """Yield points that together have every bound; see `sweeps.space.conditions.corners`."""
        return corners(self.space, JOINED)

    def trial_config(self, params: Params) -> TrialConfig:
        """Return the config of the trial at the point `params` of the space."""
        return trial_config({**self.training, **as_settings(params)})


def _check_outputs(metric: Metric, config: TrialConfig) -> None:
    """Raise `InputError` if the metric needs probabilities that the output layer does not give."""
    if metric.needs_probabilities:
        rule = f"be {' or '.join(PROBABILITIES)} if `sweep.metric` is {metric.name}"
        require(config.output in PROBABILITIES, "output", rule, config.output)


def load_config(path: str | Path, settings: Sequence[str] = (), **overrides: Any) -> SweepConfig:
    """Return the config in the sweep file `path`.

    Parameters
    ----------
    path
        A TOML file.
    settings
        Changes to the file, each a text "section.key=value" with a TOML value.
    **overrides
        Further changes: values by "section.key". None changes nothing.

    Returns
    -------
    SweepConfig
        The config, with every default.

    Raises
    ------
    InputError
        If the file cannot be read, is not TOML, or breaks a rule.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sweeps import load_config
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "sweep.toml")
    ...     _ = path.write_text("sweep.name = 'a'", "utf-8")
    ...     config = load_config(path, ["space.lmbda={low=0, high=5}", "sweep.trials=12"])
    >>> config.sweep.trials
    12
    """
    return parse_config(read_tables(path, settings, **overrides))


def read_tables(path: str | Path, settings: Sequence[str] = (), **overrides: Any) -> dict[str, Any]:
    """Return the sections of the sweep file `path`, changed as by `load_config` but not checked.

    Raises `InputError` if the file cannot be read or is not TOML.
    """
    path = as_path(path, "path")
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors on Windows begin a file with a BOM
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"sweep file {path} must be readable: {reason}") from error
    try:
        tables = parse_toml(text)
    except (InputError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"sweep file {path} must be TOML: {error}") from error
    for setting in settings:
        apply_setting(tables, setting)
    for key, value in overrides.items():
        if value is not None:
            put(tables, key, value)
    return tables


def parse_config(tables: Mapping[str, Any]) -> SweepConfig:
    """Return the config in `tables`, the content of a sweep file.

    Parameters
    ----------
    tables
        The sections by name, as `tomllib` reads them.

    Returns
    -------
    SweepConfig
        The config, with every default.

    Raises
    ------
    InputError
        On the first fault: the key, the rule and the invalid value.

    Examples
    --------
    >>> from sweeps import parse_config
    >>> space = {"learning_rate": {"low": 0.1, "high": 1.0, "log": True}}
    >>> config = parse_config({"sweep": {"name": "first"}, "space": space})
    >>> config.sweep.sampler
    'tpe'
    """
    require_type(tables, Mapping, "tables", "a dict of the sections of a sweep file")
    try:
        return SweepConfig.model_validate(tables)
    except ValidationError as error:
        raise first_fault(error, SweepConfig) from None


def dump_config(config: SweepConfig) -> str:
    """Return `config` as the text of a sweep file, with every default.

    Parameters
    ----------
    config
        The config.

    Returns
    -------
    str
        TOML, which `load_config` reads back as an equal config.

    Examples
    --------
    >>> from sweeps import dump_config, parse_config
    >>> space = {"lmbda": {"low": 0.0, "high": 5.0}}
    >>> text = dump_config(parse_config({"sweep": {"name": "first"}, "space": space}))
    >>> text.splitlines()[:2]
    ['[sweep]', 'name = "first"']
    """
    require_config(config)
    tables = config.model_dump(exclude_none=True)
    return dump_tables({name: table for name, table in tables.items() if table})


def require_config(config: SweepConfig) -> None:
    """Raise `InputError` unless a program passed a config, for example its tables instead."""
    require_type(config, SweepConfig, "config", "a SweepConfig, which parse_config makes of tables")


LISTS = ("start", "known")
"""The sections that are lists of tables."""

NOT_IDENTITY = {"sweep.trials", "sweep.epoch_budget"}
"""The keys that a resume may change: they change how far a sweep goes, not its trials."""


def differing_keys(one: SweepConfig, other: SweepConfig) -> list[str]:
    """Return the keys, as "section.key", whose values differ, ignoring those a resume may change.

    The order of [space] counts, because it is the order of the columns.
    """
    first, second = _flat(one), _flat(other)
    keys = [key for key in dict.fromkeys((*first, *second)) if key not in NOT_IDENTITY]
    differing = [key for key in keys if first.get(key) != second.get(key)]
    reordered = list(one.space) != list(other.space)
    return differing or (["order of [space]"] if reordered else [])


def _flat(config: SweepConfig) -> dict[str, Any]:
    sections = {name: table for name, table in config if name not in LISTS}
    flat = {
        f"{name}.{key}": v for name, table in sections.items() for key, v in dict(table).items()
    }
    return {**flat, **{name: getattr(config, name) for name in LISTS}}
