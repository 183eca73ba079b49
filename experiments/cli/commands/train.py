"""`nnsweep train`: train one network and print one line per epoch, or JSON.

It runs the same code as a trial of a sweep.
"""

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.messages import data_notes
from experiments.cli.options import (
    OWN_FILE,
    DataSettings,
    Group,
    Ignore,
    Json,
    Label,
    Scale,
    Split,
    data_source,
)

if TYPE_CHECKING:
    from nncore.training import EpochRecord
    from sweeps.trial import TrialOutcome

EXAMPLES = """\b
Examples:
  nnsweep train --hidden 100 --epochs 10
  nnsweep train --data flowers.csv --label species --save net.npz"""

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
        str,
        typer.Option(
            metavar="NAME|FILE",
            help=f"A data set that `nnsweep data list` shows, or {OWN_FILE}.",
        ),
    ] = "mnist-5k",
    label: Label = None,
    ignore: Ignore = None,
    group: Group = None,
    split: Split = None,
    scale: Scale = None,
    settings: DataSettings = None,
    hidden: Annotated[
        str,
        typer.Option(
            metavar="WIDTHS",
            help="Units of each hidden layer, for example 30 or 100,30; none for no hidden layer.",
        ),
    ] = "30",
    learning_rate: Annotated[
        float, typer.Option(metavar="X", help="Learning rate η, above 0.")
    ] = 0.5,
    lmbda: Annotated[
        float, typer.Option(metavar="X", help="Regularization strength λ; 0 for none.")
    ] = 0.0,
    mini_batch_size: Annotated[
        int, typer.Option(metavar="N", help="Examples per gradient step.")
    ] = 10,
    epochs: Annotated[
        int, typer.Option(metavar="N", help="Number of passes through the training set.")
    ] = 30,
    early_stopping: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Stop after N epochs without a better validation accuracy; 0 for never.",
        ),
    ] = 0,
    cost: Annotated[
        str,
        typer.Option(metavar="NAME", help="quadratic, cross-entropy or log-likelihood."),
    ] = "cross-entropy",
    class_weight: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="none, or balanced: in training, all classes count the same, however many "
            "examples they have.",
        ),
    ] = "none",
    activation: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Activation of hidden layers: sigmoid, tanh, relu or linear."
        ),
    ] = "sigmoid",
    output: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Activation of the output layer: sigmoid, softmax, tanh, relu or linear.",
        ),
    ] = "sigmoid",
    init: Annotated[
        str,
        typer.Option(metavar="NAME", help="Weight initialization: large, scaled, glorot or he."),
    ] = "scaled",
    regularizer: Annotated[
        str, typer.Option(metavar="NAME", help="Penalty on the weights: l1 or l2.")
    ] = "l2",
    dropout: Annotated[
        float,
        typer.Option(
            metavar="X", help="Probability of dropping a hidden unit; at least 0, below 1."
        ),
    ] = 0.0,
    input_dropout: Annotated[
        float,
        typer.Option(metavar="X", help="Probability of dropping an input; at least 0, below 1."),
    ] = 0.0,
    max_norm: Annotated[
        float,
        typer.Option(
            metavar="X",
            help="Largest L2 norm of the incoming weights of a hidden unit; 0 for no bound.",
        ),
    ] = 0.0,
    momentum: Annotated[
        float, typer.Option(metavar="X", help="Momentum μ, at least 0, below 1.")
    ] = 0.0,
    nesterov: Annotated[
        bool, typer.Option("--nesterov", help="Use Nesterov's form of momentum.")
    ] = False,
    step: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="gradient, or fixed-length: the learning rate is the length of each step (the "
            "book's ε).",
        ),
    ] = "gradient",
    schedule: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How the learning rate changes over the epochs: constant, exponential, cosine or "
            "halve-on-plateau.",
        ),
    ] = "constant",
    schedule_decay: Annotated[
        float,
        typer.Option(
            metavar="X", help="Factor per epoch of the exponential schedule; above 0, at most 1."
        ),
    ] = 0.9,
    schedule_patience: Annotated[
        int,
        typer.Option(
            metavar="N", help="Epochs without improvement before halve-on-plateau halves η."
        ),
    ] = 10,
    shift: Annotated[
        float, typer.Option(metavar="PIXELS", help="Largest random shift of training images.")
    ] = 0.0,
    rotation: Annotated[
        float,
        typer.Option(metavar="DEGREES", help="Largest random rotation of training images."),
    ] = 0.0,
    scaling: Annotated[
        float,
        typer.Option(
            metavar="X",
            help="Largest random change of the size of training images, as a fraction below 1.",
        ),
    ] = 0.0,
    shear: Annotated[
        float,
        typer.Option(metavar="X", help="Largest random shear of training images, as a fraction."),
    ] = 0.0,
    elastic: Annotated[
        float,
        typer.Option(
            metavar="PIXELS",
            help="Strength of random elastic distortion: pixels are displaced by at most this "
            "much, then the displacements are smoothed.",
        ),
    ] = 0.0,
    dtype: Annotated[
        str, typer.Option(metavar="NAME", help="Floating-point precision: float32 or float64.")
    ] = "float32",
    seed: Annotated[
        int,
        typer.Option(
            metavar="N", help="Random seed of the initial weights and the order of the examples."
        ),
    ] = 0,
    test: Annotated[
        bool,
        typer.Option("--test", help="After training, score the best epoch's network on test data."),
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.npz", help="Save the network of the best epoch, for `nnsweep predict`."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train one network and print the results of each epoch.

    The best epoch is the one with the highest validation accuracy. Training images are distorted at
    random in every mini-batch if --shift, --rotation, --scaling, --shear or --elastic is above 0.
    """
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
            "class_weight": class_weight,
            "activation": activation,
            "output": output,
            "init": init,
            "regularizer": regularizer,
            "dropout": dropout,
            "input_dropout": input_dropout,
            "max_norm": max_norm,
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
    dataset = load_dataset(data_source(data, label, ignore, group, split, scale, settings))
    for note in data_notes(dataset):
        typer.echo(note, err=True)
    outcome = evaluate(config, dataset.source, [(seed, 0)], None if as_json else _print_epoch)
    test_accuracy = None
    if test and outcome.model:
        test_accuracy = score(outcome.model.network, dataset.test).accuracy
    if save and outcome.model:
        replace_with(save, outcome.model.save)
    if as_json:
        typer.echo(json.dumps(_as_json(outcome, test_accuracy), allow_nan=False))
    else:
        _print_result(outcome, test_accuracy, save)


def _widths(text: str) -> list[int]:
    from nncore.errors import InputError, shown

    if text.strip() == "none":
        return []
    try:
        return [int(width) for width in text.split(",")]
    except ValueError as error:
        rule = "`--hidden` must be widths, for example 100,30, or none"
        raise InputError(f"{rule}, got {shown(text)}") from error


def _print_epoch(record: "EpochRecord") -> None:
    if record.epoch == 1:
        typer.echo(
            "epoch  train cost  train accuracy  validation cost  validation accuracy  seconds"
        )
    typer.echo(
        f"{record.epoch:5d}  {record.train_cost:10.4f}  {record.train_accuracy:14.2%}  "
        f"{record.validation_cost:15.4f}  {record.validation_accuracy:19.2%}  "
        f"{record.train_seconds:7.2f}"
    )


def _print_result(outcome: "TrialOutcome", test_accuracy: float | None, save: Path | None) -> None:
    from sweeps.trial import StopReason

    if outcome.stop_reason == StopReason.DIVERGED:
        typer.echo(f"diverged in epoch {outcome.epochs}: a weight or the cost is not finite")
    if outcome.best_epoch:
        typer.echo(f"best validation accuracy {outcome.value:.2%} (epoch {outcome.best_epoch})")
    if test_accuracy is not None:
        typer.echo(f"test accuracy of this epoch's network {test_accuracy:.2%}")
    if save and outcome.model:
        typer.echo(f"wrote {save}")


def _check_writable(path: Path) -> None:
    """Raise `InputError` before the training rather than after it if `path` is not writable."""
    from nncore.errors import require

    rule = "be a new or existing file in a writable folder"
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
    """Return `value`, or None if it is infinite or NaN, which JSON cannot express."""
    return value if math.isfinite(value) else None
