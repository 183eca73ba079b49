"""`nnsweep train`: one network, trained once, an epoch per line or as JSON.

It is a trial of its own, through the same code as every trial of a sweep.
"""

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
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


def train(
    data: Annotated[
        str, typer.Option(help="Data set (see `nnsweep data list`), or an .npz or .csv file.")
    ] = "mnist-5k",
    label: Annotated[str | None, typer.Option(help="Column of classes in a .csv file.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Shares of a file's rows, as in 0.7,0.15,0.15.")
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help="Of a file's inputs: unit, standard or none.")
    ] = None,
    hidden: Annotated[
        str, typer.Option(help="Widths of the hidden layers, as in 100,30; or none.")
    ] = "30",
    learning_rate: Annotated[float, typer.Option(help="η > 0")] = 0.5,
    lmbda: Annotated[float, typer.Option(help="λ >= 0 of the regularizer")] = 0.0,
    mini_batch_size: Annotated[int, typer.Option(help="Examples per step.")] = 10,
    epochs: Annotated[int, typer.Option(help="How often to go through the training set.")] = 30,
    early_stopping: Annotated[
        int, typer.Option(help="Stop after so many epochs without improvement; 0 = never.")
    ] = 0,
    cost: Annotated[
        str, typer.Option(help="quadratic, cross-entropy or log-likelihood")
    ] = "cross-entropy",
    activation: Annotated[
        str, typer.Option(help="Hidden layers: sigmoid, tanh, relu or linear.")
    ] = "sigmoid",
    output: Annotated[
        str, typer.Option(help="Last layer: sigmoid, softmax, tanh, relu or linear.")
    ] = "sigmoid",
    init: Annotated[str, typer.Option(help="large, scaled, glorot or he")] = "scaled",
    regularizer: Annotated[str, typer.Option(help="l1 or l2")] = "l2",
    dropout: Annotated[float, typer.Option(help="Share of hidden units left out.")] = 0.0,
    momentum: Annotated[float, typer.Option(help="μ, 0 to below 1.")] = 0.0,
    nesterov: Annotated[bool, typer.Option("--nesterov", help="Momentum as Nesterov's.")] = False,
    step: Annotated[
        str, typer.Option(help="gradient, or fixed-length: η is then the length of a step.")
    ] = "gradient",
    schedule: Annotated[
        str, typer.Option(help="Of η: constant, exponential, cosine or halve-on-plateau.")
    ] = "constant",
    schedule_decay: Annotated[float, typer.Option(help="Of exponential, per epoch.")] = 0.9,
    schedule_patience: Annotated[int, typer.Option(help="Of halve-on-plateau, in epochs.")] = 10,
    shift: Annotated[float, typer.Option(help="Expansion: pixels, at most.")] = 0.0,
    rotation: Annotated[float, typer.Option(help="Expansion: degrees, at most.")] = 0.0,
    scaling: Annotated[float, typer.Option(help="Expansion: fraction, at most.")] = 0.0,
    shear: Annotated[float, typer.Option(help="Expansion: fraction, at most.")] = 0.0,
    elastic: Annotated[float, typer.Option(help="Expansion: strength in pixels.")] = 0.0,
    dtype: Annotated[str, typer.Option(help="float32 or float64")] = "float32",
    seed: Annotated[int, typer.Option(help="Decides weights and order of the data; >= 0.")] = 0,
    test: Annotated[
        bool, typer.Option("--test", help="At the end, score the best epoch on the test set.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="Write the best epoch's network (.npz).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train one network and print each epoch."""
    from experiments.cli.commands.data import data_source
    from nncore.config import trial_config
    from nncore.datasets import load_dataset
    from nncore.errors import require
    from nncore.scoring import score
    from sweeps.records.atomic_files import replace_with
    from sweeps.trial import evaluate

    require(seed >= 0, "--seed", "be a whole number >= 0", seed)
    config = trial_config(
        {
            "hidden_units": _widths(hidden),
            "learning_rate": learning_rate,
            "lmbda": lmbda,
            "mini_batch_size": mini_batch_size,
            "epochs": epochs,
            "early_stopping": early_stopping,
            "cost": cost,
            "activation": activation,
            "output": output,
            "init": init,
            "regularizer": regularizer,
            "dropout": dropout,
            "momentum": momentum,
            "nesterov": nesterov,
            "step": step,
            "schedule": schedule,
            "schedule_decay": schedule_decay,
            "schedule_patience": schedule_patience,
            "shift": shift,
            "rotation": rotation,
            "scaling": scaling,
            "shear": shear,
            "elastic": elastic,
            "dtype": dtype,
        }
    )
    if save:
        _check_writable(save)
    dataset = load_dataset(data_source(data, label, split, scale))
    outcome = evaluate(config, dataset.source, [(seed, 0)], None if as_json else _print_epoch)
    test_accuracy = None
    if test and outcome.model:
        test_accuracy = score(outcome.model.network, dataset.test).accuracy
    if save and outcome.model:
        replace_with(save, outcome.model.save)
    if as_json:
        typer.echo(json.dumps(_as_json(outcome, test_accuracy), allow_nan=False))
    else:
        _print_end(outcome, test_accuracy, save)


def _widths(text: str) -> list[int]:
    from nncore.errors import InputError

    if text.strip() == "none":
        return []
    try:
        return [int(width) for width in text.split(",")]
    except ValueError as error:
        raise InputError(f"`--hidden` must be widths like 100,30, or none, got {text!r}") from error


def _print_epoch(record: "EpochRecord") -> None:
    if record.epoch == 1:
        typer.echo("epoch  train cost  train acc  validation cost  validation acc  seconds")
    typer.echo(
        f"{record.epoch:5d}  {record.train_cost:10.4f}  {record.train_accuracy:9.2%}  "
        f"{record.validation_cost:15.4f}  {record.validation_accuracy:14.2%}  "
        f"{record.train_seconds:7.2f}"
    )


def _print_end(outcome: "TrialOutcome", test_accuracy: float | None, save: Path | None) -> None:
    from sweeps.trial import StopReason

    if outcome.stop_reason == StopReason.DIVERGED:
        typer.echo(f"diverged in epoch {outcome.epochs}: weights or cost are no longer finite")
    if outcome.best_epoch:
        typer.echo(f"best: {outcome.value:.2%} on validation data, epoch {outcome.best_epoch}")
    if test_accuracy is not None:
        typer.echo(f"that epoch's network on test data: {test_accuracy:.2%}")
    if save and outcome.model:
        typer.echo(f"saved to {save}")


def _check_writable(path: Path) -> None:
    """Raise before an hour of training rather than after it."""
    from nncore.errors import require

    rule = "be a new or existing file in a folder that can be written"
    folder = path.absolute().parent
    fit = bool(path.name) and not path.is_dir() and os.access(folder, os.W_OK)
    require(fit and folder.is_dir(), "--save", rule, str(path))


def _as_json(outcome: "TrialOutcome", test_accuracy: float | None) -> dict[str, Any]:
    epochs = [
        {name: _finite(getattr(record, name)) for name in JSON_FIELDS}
        for record in outcome.curves[0]
    ]
    result: dict[str, Any] = {"epochs": epochs, "best_epoch": outcome.best_epoch}
    return result if test_accuracy is None else {**result, "test_accuracy": test_accuracy}


def _finite(value: float) -> float | None:
    """Return `value`, or None where JSON has no word for it."""
    return value if math.isfinite(value) else None
