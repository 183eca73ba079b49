"""The lines of `nnsweep train`: one per epoch, the result, and the same as JSON.

A training of several seeds or folds prints the epochs of the first.
"""

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


def print_epoch(record: "EpochRecord", metric: "Metric") -> None:
    """Print the line of an epoch, before the first one also the head of the table."""
    if metric.regression:
        _print_epoch_of_regression(record, metric)
        return
    if record.epoch == 1:
        typer.echo(
            "epoch  train cost  train accuracy  validation cost  validation accuracy  seconds"
        )
    typer.echo(
        f"{record.epoch:5d}  {_measure(record.train_cost, '.4f'):>10}  "
        f"{_measure(record.train_accuracy, '.2%'):>14}  {record.validation_cost:15.4f}  "
        f"{record.validation_accuracy:19.2%}  {record.train_seconds:7.2f}"
    )


def _print_epoch_of_regression(record: "EpochRecord", metric: "Metric") -> None:
    title, value = f"validation {metric.title}", record.validation_metric
    assert value is not None
    if record.epoch == 1:
        typer.echo(f"epoch  train cost  validation cost  {title}  seconds")
    typer.echo(
        f"{record.epoch:5d}  {_measure(record.train_cost, '.4f'):>10}  "
        f"{record.validation_cost:15.4f}  {value_text(metric, value):>{len(title)}}  "
        f"{record.train_seconds:7.2f}"
    )


def print_result(
    outcome: "TrialOutcome", metric: "Metric", test_value: float | None, save: Path | None
) -> None:
    """Print how the training ended, its best value and the file of its network."""
    from sweeps.trial import StopReason

    if outcome.stop_reason == StopReason.DIVERGED:
        typer.echo(f"diverged in epoch {outcome.epochs}: a weight or the cost is not finite")
    if outcome.best_epoch and outcome.value is not None:
        mean = f", the mean of {len(outcome.curves)}" if len(outcome.curves) > 1 else ""
        best = f"{value_text(metric, outcome.value)}{mean} (epoch {outcome.best_epoch})"
        typer.echo(f"best validation {metric.title} {best}")
    if test_value is not None:
        typer.echo(f"test {metric.title} of this epoch's network {value_text(metric, test_value)}")
    if save and outcome.model:
        typer.echo(f"wrote {save}")


def as_json(outcome: "TrialOutcome", metric: "Metric", test_value: float | None) -> dict[str, Any]:
    """Return the training as data for JSON; regression has its metric, not accuracies."""
    epochs = [_plain_epoch(record, metric) for record in outcome.curves[0]]
    result: dict[str, Any] = {"epochs": epochs, "best_epoch": outcome.best_epoch}
    return result if test_value is None else {**result, f"test_{metric.name}": test_value}


def _plain_epoch(record: "EpochRecord", metric: "Metric") -> dict[str, Any]:
    plain = {name: getattr(record, name) for name in JSON_FIELDS}
    if metric.regression:
        plain = {name: value for name, value in plain.items() if "accuracy" not in name}
        plain[metric.column] = record.validation_metric
    return plain


def _measure(value: float | None, form: str) -> str:
    """Return a measure as text, "–" if it was not monitored."""
    return "–" if value is None else format(value, form)
