"""The lines of `nnsweep train`: one per epoch, the result, and the same as JSON.

A training of several seeds or folds prints the epochs of the first.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from results.number_text import value_text

if TYPE_CHECKING:
    from nncore.components.metrics import Metric
    from nncore.training import EpochRecord
    from sweeps.trial import TrialOutcome

JSON_FIELDS = (
    "epoch",
    "train_seconds",
    "evaluation_seconds",
    "train_cost",
    "train_accuracy",
    "validation_cost",
    "validation_accuracy",
)


def print_epoch(record: "EpochRecord") -> None:
    """Print the line of an epoch, before the first one also the head of the table."""
    if record.epoch == 1:
        typer.echo(
            "epoch  train cost  train accuracy  validation cost  validation accuracy  seconds"
        )
    typer.echo(
        f"{record.epoch:5d}  {_measure(record.train_cost, '.4f'):>10}  "
        f"{_measure(record.train_accuracy, '.2%'):>14}  {record.validation_cost:15.4f}  "
        f"{record.validation_accuracy:19.2%}  {record.train_seconds:7.2f}"
    )


def print_result(
    outcome: "TrialOutcome", metric: "Metric", test_accuracy: float | None, save: Path | None
) -> None:
    """Print how the training ended, its best value and the file of its network."""
    from sweeps.trial import StopReason

    if outcome.stop_reason == StopReason.DIVERGED:
        typer.echo(f"diverged in epoch {outcome.epochs}: a weight or the cost is not finite")
    if outcome.best_epoch and outcome.value is not None:
        mean = f", the mean of {len(outcome.curves)}" if len(outcome.curves) > 1 else ""
        best = f"{value_text(metric, outcome.value)}{mean} (epoch {outcome.best_epoch})"
        typer.echo(f"best validation {metric.title} {best}")
    if test_accuracy is not None:
        typer.echo(f"test accuracy of this epoch's network {test_accuracy:.2%}")
    if save and outcome.model:
        typer.echo(f"wrote {save}")


def as_json(outcome: "TrialOutcome", test_accuracy: float | None) -> dict[str, Any]:
    """Return the training as plain data for JSON."""
    epochs = [
        {name: _finite(getattr(record, name)) for name in JSON_FIELDS}
        for record in outcome.curves[0]
    ]
    result: dict[str, Any] = {"epochs": epochs, "best_epoch": outcome.best_epoch}
    return result if test_accuracy is None else {**result, "test_accuracy": test_accuracy}


def _measure(value: float | None, form: str) -> str:
    """Return a measure as text, "–" if it was not monitored."""
    return "–" if value is None else format(value, form)


def _finite(value: float | None) -> float | None:
    """Return `value`, or None if it is infinite or NaN, which JSON cannot express."""
    return value if value is not None and math.isfinite(value) else None
