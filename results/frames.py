"""Reads a run folder, finished or still running, into three tidy frames of known types.

The rest of `results` trusts these frames, so every fault in the files raises its error here.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nncore.arguments import as_path
from nncore.components.metrics import Metric
from nncore.errors import InputError, named, shown
from sweeps.config import SweepConfig, load_config
from sweeps.records.atomic_files import read_bytes
from sweeps.records.epoch_rows import measured_columns
from sweeps.records.file_names import CONFIG, EPOCHS, TIMINGS, TRIALS
from sweeps.records.is_run import check_run
from sweeps.run_status import RunStatus, is_complete, run_status
from sweeps.space.dimensions import Choices, Dimension, Params, Space, column
from sweeps.trial import Result, TrialState

Parse = Callable[[str], Any]
STATES = {state.value: state.value for state in TrialState}


@dataclass(frozen=True, eq=False)
class Run:
    """A run folder in memory, as `read_run` returns it.

    Accuracies are fractions. A measure that was not monitored is NaN, and so is a hyperparameter
    that was not active in a trial. The column `score` of a frame is the sweep's metric with the
    sign that makes greater better: the functions of `results` rank trials by it.

    Parameters
    ----------
    config
        The sweep file of the run, with every default.
    trials
        A row per recorded trial, by number: `number, state, value, best_epoch, epochs,
        stop_reason`, then a column per hyperparameter, then `score`.
    epochs
        A row per recorded epoch of these trials, by trial, replicate and epoch: the learning rate,
        the costs, the accuracies, the metric if it is another one, and `score`.
    timings
        A row per recorded training of these trials, by number: `number, started, seconds, worker`.
    folder
        The run folder.

    Examples
    --------
    >>> from results import read_run
    >>> run = read_run("runs/first")
    >>> run.name, len(run.trials), len(run.epochs)
    ('first', 4, 12)
    >>> sorted(run.space)
    ['learning_rate', 'mini_batch_size']
    """

    config: SweepConfig
    trials: pd.DataFrame
    epochs: pd.DataFrame
    timings: pd.DataFrame
    folder: Path

    @property
    def name(self) -> str:
        """The name of the run: that of its folder."""
        return self.folder.resolve().name

    @property
    def metric(self) -> Metric:
        """The metric by which the sweep judges its trials."""
        return self.config.metric

    @property
    def space(self) -> Space:
        """The range or the choices of each hyperparameter, by its column in `trials`."""
        return _columns(self.config)

    @property
    def budget_spent(self) -> bool:
        """Whether the budget is spent: all trials are recorded, or `epoch_budget` is reached."""
        return is_complete(self.config, self.results)

    @cached_property
    def status(self) -> RunStatus:
        """Whether the run is under way, and all of its finished trials, as the folder shows now."""
        return run_status(self.folder, self.config, self.results)

    @cached_property
    def results(self) -> list[Result]:
        """The results of the recorded trials, by number."""
        states, epochs = self.trials["state"], self.trials["epochs"].fillna(0)
        return [
            Result(TrialState(state), None if isnan(value) else float(value), int(count))
            for state, value, count in zip(states, self.trials["value"], epochs, strict=True)
        ]


def read_run(folder: str | Path) -> Run:
    """Return the run in `folder`, finished or still running.

    A missing CSV file gives a frame without rows, and an incomplete last line is left out. A CSV
    file that a spreadsheet program saved again (byte order mark, line endings, 30.0 for 30) is
    valid.

    Parameters
    ----------
    folder
        A run folder, as `sweeps.run_sweep` leaves it.

    Returns
    -------
    Run
        The settings and the recorded trials, epochs and timings.

    Raises
    ------
    InputError
        If `folder` is not a run folder, or one of its files is invalid.

    Examples
    --------
    >>> from results import read_run
    >>> read_run("runs/first").trials["number"].tolist()
    [0, 1, 2, 3]
    """
    folder = as_path(folder, "folder")
    check_run(folder)
    config = load_config(folder / CONFIG)
    # trials.csv is read first, because the sweep writes a trial's row there last
    trials = _read_trials(folder / TRIALS, _columns(config))
    epochs = _read_epochs(folder / EPOCHS, config.metric)
    timings = _read_timings(folder / TIMINGS)
    recorded = trials["number"]
    epochs = epochs[epochs["trial"].isin(recorded)].reset_index(drop=True)
    timings = timings[timings["number"].isin(recorded)].reset_index(drop=True)
    return Run(
        config,
        trials.assign(score=_scores(trials["value"], config.metric)),
        epochs.assign(score=config.metric.score(epochs[config.metric.column])),
        timings,
        folder,
    )


def _scores(values: "pd.Series[float]", metric: Metric) -> "pd.Series[float]":
    """Return the score of each value; an infinite one becomes the worst finite score, or 0.

    Such a trial of a regression diverged in its first epoch, so its value was never measured.
    """
    scores = metric.score(values)
    finite = scores[np.isfinite(scores)]
    return scores.replace(-np.inf, float(finite.min()) if len(finite) else 0.0)


def params_of(row: "pd.Series[Any]", space: Space) -> Params:
    """Return the hyperparameters that a trial had, as they were proposed."""
    return {
        name: _proposed(row[column(name)], dimension)
        for name, dimension in space.items()
        if not pd.isna(row[column(name)])
    }


def _proposed(value: Any, dimension: Dimension) -> Any:
    if isinstance(dimension, Choices):  # of equals, the one that the space names: 30 and not 30.0
        return next((choice for choice in dimension.choices if choice == value), value)
    return int(value) if dimension.whole else float(value)


def _columns(config: SweepConfig) -> Space:
    """Return the space by the names of the columns, which conditions name too."""
    return {column(name): _by_column(dimension) for name, dimension in config.space.items()}


def _by_column(dimension: Dimension) -> Dimension:
    if not dimension.when:
        return dimension
    when = {column(name): values for name, values in dimension.when.items()}
    return dimension.model_copy(update={"when": when})


def _read_trials(path: Path, space: Space) -> pd.DataFrame:
    fixed = {
        "number": _column(_integer, "an integer", "int64"),
        "state": _column(STATES.__getitem__, f"one of {list(STATES)}", "str"),
        "value": _column(_number, "a number", "float64"),
        "best_epoch": _column(_count, "a count", "Int64"),
        "epochs": _column(_count, "a count", "Int64"),
        "stop_reason": _column(str, "text", "str"),
    }
    parameters = {name: _parameter(dimension) for name, dimension in space.items()}
    return _once(path, _read_frame(path, fixed | parameters, ["number"]), ["number"])


def _read_epochs(path: Path, metric: Metric) -> pd.DataFrame:
    counted = ("trial", "replicate", "epoch")
    measured = measured_columns(metric)[1:]
    columns = {name: _column(_integer, "an integer", "int64") for name in counted}
    columns |= {name: _column(_number, "a number", "float64") for name in measured}
    further = _column(_number, "a number", "float64")  # test_cost and test_accuracy, if scored
    return _once(path, _read_frame(path, columns, list(counted), further), list(counted))


def _read_timings(path: Path) -> pd.DataFrame:
    columns = {
        "number": _column(_integer, "an integer", "int64"),
        "started": _column(pd.Timestamp, "an ISO time", None),
        "seconds": _column(_number, "a number", "float64"),
        "worker": _column(str, "text", "str"),
    }
    return _read_frame(path, columns, ["number"])


@dataclass(frozen=True)
class _Column:
    """How a column is read: the parser of its cells, the rule as text, and the type."""

    parse: Parse
    rule: str
    dtype: str | None


def _column(parse: Parse, rule: str, dtype: str | None) -> _Column:
    return _Column(parse, rule, dtype)


def _parameter(dimension: Dimension) -> _Column:
    """Return how a hyperparameter is read; its cell is empty if its condition does not hold."""
    always = _given_parameter(dimension)
    if not dimension.when:
        return always
    nullable = {"int64": "Int64", "bool": "boolean"}
    dtype = nullable.get(str(always.dtype), always.dtype)
    return _Column(lambda cell: always.parse(cell) if cell else None, always.rule, dtype)


def _given_parameter(dimension: Dimension) -> _Column:
    if isinstance(dimension, Choices):
        choices = dimension.choices
        known = {str(choice): choice for choice in choices}
        known |= {str(choice).lower(): choice for choice in choices if isinstance(choice, bool)}
        known |= {str(choice).upper(): choice for choice in choices if isinstance(choice, bool)}
        known |= {f"{choice}.0": choice for choice in choices if type(choice) is int}
        return _Column(known.__getitem__, f"one of {shown(choices)}", _choice_dtype(choices))
    low, high, whole = dimension.low, dimension.high, dimension.whole

    def parse(cell: str) -> Any:
        return dimension.member(_integer(cell) if whole else float(cell))

    kind = "an integer" if whole else "a number"
    steps = f" in steps of {dimension.step}" if dimension.step else ""
    return _Column(parse, f"{kind} from {low} to {high}{steps}", "int64" if whole else "float64")


def _choice_dtype(choices: list[Any]) -> str:
    kinds = {type(choice) for choice in choices}
    names = {bool: "bool", int: "int64", float: "float64", str: "str"}
    return names.get(kinds.pop(), "object") if len(kinds) == 1 else "object"


def _number(cell: str) -> float:
    return float(cell) if cell else float("nan")


def _integer(cell: str) -> int:
    """Return the integer of a cell such as 30 or 30.0."""
    return int(cell.removesuffix(".0"))


_IN_C: dict[Parse, Parse] = {_number: float, _integer: int}
"""Python's own parsers, which read most cells in less than half of the time."""


def _count(cell: str) -> int | None:
    return _integer(cell) if cell else None


def _read_frame(
    path: Path, columns: dict[str, _Column], order: list[str], further: _Column | None = None
) -> pd.DataFrame:
    """Return a CSV file sorted by `order`; other columns are read as `further`, or as text."""
    header, rows = _read_table(path)
    header = header or list(columns)
    for name in columns:
        if header.count(name) != 1:
            raise InputError(
                f"`{path}` must have one column `{name}`, got {named(','.join(header), 240)}"
            )
    cells = {name: [row[i] for row in rows] for i, name in enumerate(header)}
    other = further or _column(str, "text", "str")
    parsed = {
        name: _parse_cells(path, name, texts, columns.get(name, other))
        for name, texts in cells.items()
    }
    return pd.DataFrame(parsed).sort_values(order, kind="stable", ignore_index=True)


def _once(path: Path, frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return `frame`, or raise if two of its rows have the same key."""
    twice = frame[frame.duplicated(key)]
    if len(twice):
        got = twice[key].iloc[0].to_dict()
        raise InputError(f"`{path}` must have one row for each {', '.join(key)}, got two of {got}")
    return frame


def _parse_cells(path: Path, name: str, cells: list[str], column: _Column) -> "pd.Series[Any]":
    def parse(row: int, cell: str) -> Any:
        try:
            return column.parse(cell)
        except (KeyError, ValueError):
            where = f"`{path}` row {row}: `{name}`"
            raise InputError(f"{where} must be {column.rule}, got {shown(cell)}") from None

    try:
        values = list(map(_IN_C.get(column.parse, column.parse), cells))
    except (KeyError, ValueError):  # parse again, cell by cell, also to find the row
        values = [parse(row, cell) for row, cell in enumerate(cells, start=1)]
    if column.dtype is None:
        return pd.Series(pd.to_datetime(values, utc=True), name=name)
    return pd.Series(values, dtype=column.dtype, name=name)


def _read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a CSV file as text, without an incomplete last line."""
    raw = read_bytes(path) if path.exists() else b""
    try:
        text = raw[: raw.rfind(b"\n") + 1].decode("utf-8-sig")
        header, *rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row] or [[]]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"`{path}` must be CSV in UTF-8, got: {error}") from error
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise InputError(f"`{path}` row {number} must have {len(header)} cells, got {len(row)}")
    return header, rows
