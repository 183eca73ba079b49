"""`nnsweep train`: train one network and print one line per epoch, or JSON.

It runs the same code as a trial of a sweep. With `--from` it trains a trial of a run again.
"""

import os
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.completion import data_sets, names_of, run_folders
from experiments.cli.json_output import print_json
from experiments.cli.messages import data_notes
from experiments.cli.options import (
    OWN_FILE,
    DataSettings,
    Group,
    Ignore,
    Image,
    Json,
    Label,
    Scale,
    Split,
    Target,
    data_source,
)
from experiments.cli.running.training_lines import as_json as plain_result
from experiments.cli.running.training_lines import print_epoch, print_result
from experiments.cli.running.trial_of_run import TrialOfRun, trial_of_run
from experiments.cli.sweep_file import sweep_name, write_new

if TYPE_CHECKING:
    from nncore.datasets import DataSet
    from sweeps.retraining import Training

EXAMPLES = """\b
Examples:
  nnsweep train --hidden 100 --epochs 10
  nnsweep train --data flowers.csv --label species --save net.npz
  nnsweep train --from runs/mnist-first --trial 7 --save net.npz"""

OPTIONS = {"hidden_units": "hidden"}
"""The option of a hyperparameter, if its name is another."""

OF_DATA = ("data", "label", "target", "ignore", "group", "split", "scale", "image", "data_settings")
"""The options that name the data and how to read them."""


def train(
    context: typer.Context,
    run: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="RUN",
            autocompletion=run_folders,
            help="Train a trial of this run folder again, with its data and seeds, to the same "
            "bits. Other options that are given replace its settings.",
        ),
    ] = None,
    trial: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            show_default="the certified trial of the run, else its best",
            help="Number of the trial of --from.",
        ),
    ] = None,
    data: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            autocompletion=data_sets,
            help=f"A data set that `nnsweep data list` shows, or {OWN_FILE}.",
        ),
    ] = "mnist-5k",
    label: Label = None,
    target: Target = None,
    ignore: Ignore = None,
    group: Group = None,
    split: Split = None,
    scale: Scale = None,
    image: Image = None,
    data_settings: DataSettings = None,
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
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("cost"),
            help="Cost: quadratic, cross-entropy or log-likelihood.",
        ),
    ] = "cross-entropy",
    class_weight: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("class_weight"),
            help="Weights of the classes: none, or balanced, with which all classes count the same "
            "in training, however many examples they have.",
        ),
    ] = "none",
    activation: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("activation"),
            help="Activation of hidden layers: sigmoid, tanh, relu or linear.",
        ),
    ] = "sigmoid",
    output: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("output"),
            help="Activation of the output layer: sigmoid, softmax, tanh, relu or linear.",
        ),
    ] = "sigmoid",
    init: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("init"),
            help="Weight initialization: large, scaled, glorot or he.",
        ),
    ] = "scaled",
    regularizer: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("regularizer"),
            help="Penalty on the weights: l1 or l2.",
        ),
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
    update: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("update"),
            help="How the gradient becomes a step: sgd, adam or adamw. The last two need a small "
            "learning rate, for example 0.001.",
        ),
    ] = "sgd",
    momentum: Annotated[
        float, typer.Option(metavar="X", help="Momentum μ, at least 0, below 1; only for sgd.")
    ] = 0.0,
    nesterov: Annotated[
        bool, typer.Option("--nesterov", help="Use Nesterov's form of momentum.")
    ] = False,
    step: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("step"),
            help="Length of a step: gradient, or fixed-length, with which the learning rate is the "
            "length of each step (the book's ε).",
        ),
    ] = "gradient",
    beta1: Annotated[
        float,
        typer.Option(
            metavar="X", help="Adam's β₁, the decay of its mean of gradients; at least 0, below 1."
        ),
    ] = 0.9,
    beta2: Annotated[
        float,
        typer.Option(
            metavar="X",
            help="Adam's β₂, the decay of its mean of squared gradients; at least 0, below 1.",
        ),
    ] = 0.999,
    epsilon: Annotated[
        float,
        typer.Option(
            metavar="X", help="Adam's ϵ, added to the root of that mean before dividing by it."
        ),
    ] = 1e-8,
    clip_norm: Annotated[
        float,
        typer.Option(
            metavar="X",
            help="Largest L2 norm of the gradient over all weights and biases; 0 for no bound.",
        ),
    ] = 0.0,
    schedule: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("schedule"),
            help="How the learning rate changes over the epochs: constant, exponential, cosine or "
            "halve-on-plateau.",
        ),
    ] = "constant",
    warmup: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Epochs in which the learning rate rises in equal steps; the schedule begins "
            "after them.",
        ),
    ] = 0,
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
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=names_of("dtype"),
            help="Floating-point precision: float32 or float64.",
        ),
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
    write_config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            help="Write the settings as a new sweep file of one trial, for `nnsweep run`.",
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Train one network and print the results of each epoch.

    The best epoch is the one with the highest validation accuracy. Training images are distorted at
    random in every mini-batch if --shift, --rotation, --scaling, --shear or --elastic is above 0.

    For regression, the output is linear, the cost quadratic and the learning rate 0.02 by default,
    and the best epoch is that of the lowest error: RMSE, or R² of several targets.

    With --from, all settings are those of a trial of a run, and the best epoch is judged by the
    metric of the run. The epochs are compared with those that the run recorded.
    """
    from nncore.config import trial_config
    from nncore.datasets import load_dataset
    from nncore.errors import InputError, require
    from sweeps.records.atomic_files import replace_with

    require(seed >= 0, "--seed", "be a whole number >= 0", seed)
    require(run is not None or trial is None, "--trial", "be given with --from", trial)
    if run and test:
        reason = "`nnsweep confirm` opens the test set of a run, once"
        raise InputError(f"`--test` must be left out with --from: {reason}")
    settings = {
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
        "update": update,
        "momentum": momentum,
        "nesterov": nesterov,
        "step": step,
        "beta1": beta1,
        "beta2": beta2,
        "epsilon": epsilon,
        "clip_norm": clip_norm,
        "schedule": schedule,
        "warmup": warmup,
        "schedule_decay": schedule_decay,
        "schedule_patience": schedule_patience,
        "shift": shift,
        "rotation": rotation,
        "scaling": scaling,
        "shear": shear,
        "elastic": elastic,
        "dtype": dtype,
    }
    of_run: TrialOfRun | None = None
    if save:
        _check_writable(save)
    typed = _typed(context)
    if run is None:
        trial_config(settings)  # refuses wrong settings before data are fetched
        dataset = load_dataset(
            data_source(data, label, target, ignore, group, split, scale, image, data_settings)
        )
        training = _training(dataset, settings, typed, seed)
        notes = data_notes(dataset)
    else:
        settings |= {"seed": seed}
        of_run = trial_of_run(
            run,
            trial,
            {key: value for key, value in settings.items() if OPTIONS.get(key, key) in typed},
            {key: context.params[key] for key in OF_DATA if key in typed},
        )
        training, notes = of_run.training, of_run.notes()
    if write_config:
        _write_sweep(write_config, training, of_run.searched if of_run else {"learning_rate"})
        notes.append(f"wrote {write_config}")
    for note in notes:
        typer.echo(note, err=True)
    outcome = training.run(None if as_json else partial(print_epoch, metric=training.metric))
    test_value = None
    if test and outcome.model:
        outputs = outcome.model.outputs(dataset.test.x, dataset.scaling)
        test_value = training.metric.compute(outputs, dataset.test.labels)
    if save and outcome.model:
        replace_with(save, outcome.model.save)
    if as_json:
        print_json(plain_result(outcome, training.metric, test_value))
    else:
        print_result(outcome, training.metric, test_value, save)
    return of_run.compare(outcome) if of_run else 0


def _training(
    dataset: "DataSet", settings: Mapping[str, Any], typed: Collection[str], seed: int
) -> "Training":
    """Return the training with `settings`; what was not typed is as the task has it by default."""
    from nncore.config import trial_config
    from nncore.task import DEFAULTS, default_metric
    from sweeps.retraining import Training

    regression = dataset.targets is not None
    usual = DEFAULTS if regression else {}
    usual = {key: value for key, value in usual.items() if OPTIONS.get(key, key) not in typed}
    metric = default_metric(regression=regression, targets=dataset.n_out)
    return Training(trial_config({**settings, **usual}), dataset.source, ((seed, 0),), metric)


def _typed(context: typer.Context) -> set[str]:
    """Return the names of the options that were typed."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name for name, source in sources.items() if source and source.name == "COMMANDLINE"}


def _write_sweep(path: Path, training: "Training", searched: Collection[str]) -> None:
    """Write the sweep file of one trial; `searched` are the hyperparameters in its [space]."""
    from sweeps.config import dump_config
    from sweeps.retraining import one_trial_sweep

    write_new(path, dump_config(one_trial_sweep(sweep_name(path), training, searched)))


def _widths(text: str) -> list[int]:
    from nncore.errors import InputError, shown

    if text.strip() == "none":
        return []
    try:
        return [int(width) for width in text.split(",")]
    except ValueError as error:
        rule = "`--hidden` must be widths, for example 100,30, or none"
        raise InputError(f"{rule}, got {shown(text)}") from error


def _check_writable(path: Path) -> None:
    """Raise `InputError` before the training rather than after it if `path` is not writable."""
    from nncore.errors import require

    rule = "be a new or existing file in a writable folder"
    folder = path.absolute().parent
    fit = bool(path.name) and not path.is_dir() and os.access(folder, os.W_OK)
    require(fit and folder.is_dir(), "--save", rule, str(path))
