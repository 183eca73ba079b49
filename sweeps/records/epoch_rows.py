"""The rows of `epochs.csv`: one for each epoch of each replicate of a trial.

A sweep appends them, and a trial that is trained again compares its own with those on disk.
"""

from pathlib import Path
from typing import Any

from nncore.components.metrics import Metric
from nncore.training import EpochRecord
from sweeps.trial import TrialOutcome

CURVE_COLUMNS = (
    "epoch",
    "learning_rate",
    "train_cost",
    "train_accuracy",
    "validation_cost",
    "validation_accuracy",
)


def measured_columns(metric: Metric) -> tuple[str, ...]:
    """Return what `epochs.csv` has of an epoch; a metric other than accuracy has its own column.

    Regression has no accuracies.
    """
    kept = [name for name in CURVE_COLUMNS if not (metric.regression and "accuracy" in name)]
    return (*kept, *(() if metric.column in kept else (metric.column,)))


def epoch_columns(metric: Metric) -> tuple[str, ...]:
    """Return the columns of `epochs.csv`."""
    return ("trial", "replicate", *measured_columns(metric))


def epoch_rows(number: int, outcome: TrialOutcome, metric: Metric) -> list[tuple[Any, ...]]:
    """Return the rows of trial `number`, by replicate and epoch."""
    names = epoch_columns(metric)[2:]
    return [
        (number, replicate, *(_cell(record, name) for name in names))
        for replicate, curve in enumerate(outcome.curves)
        for record in curve
    ]


def lines_of_trial(table: Path, number: int) -> list[bytes]:
    """Return the lines of trial `number` in the file `table`, without their ends."""
    lines = table.read_bytes().splitlines() if table.exists() else []
    return [line for line in lines if line.split(b",", 1)[0] == str(number).encode()]


def _cell(record: EpochRecord, column: str) -> float | None:
    """Return what `epochs.csv` holds of an epoch in `column`."""
    value: float | None = getattr(record, column, record.validation_metric)
    return value
