"""Runs that predict numbers, made by hand: their trials, and a network with given predictions."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from nncore.datasets.scaling import Scaling
from results.analysis.best_network import Scored
from results.analysis.findings import Findings
from results.frames import read_run

TOML = """
[sweep]
name = "prices"
trials = 3
seed = 1
metric = "rmse"

[data]
name = "diabetes"

[training]
epochs = 2

[space]
learning_rate = { low = 0.001, high = 0.1, log = true }
hidden_units = { low = 10, high = 100, step = 10 }
"""
TRIALS_HEADER = "number,state,value,best_epoch,epochs,stop_reason,learning_rate,hidden_units"
TRIALS = (
    "0,complete,48620.0,2,2,max_epochs,0.01,30",
    "1,complete,inf,,1,diverged,0.1,100",
    "2,complete,51040.0,1,2,max_epochs,0.02,50",
)
EPOCHS_HEADER = "trial,replicate,epoch,learning_rate,train_cost,validation_cost,validation_rmse"
EPOCHS = (
    "0,0,1,0.01,0.2,0.25,90210.0",
    "0,0,2,0.01,0.1,0.12,48620.0",
    "1,0,1,0.1,nan,inf,inf",
    "2,0,1,0.02,0.11,0.13,51040.0",
    "2,0,2,0.02,0.1,0.14,53000.0",
)


def predicted_run(write_run: Any, *, metric: str = "rmse", epochs: Any = EPOCHS) -> Path:
    """Write a run of three trials, of which the second diverged, and return its folder."""
    toml = TOML.replace('"rmse"', f'"{metric}"')
    folder: Path = write_run(toml, TRIALS, (), TRIALS_HEADER)
    header = EPOCHS_HEADER.replace("rmse", metric)
    (folder / "epochs.csv").write_text("".join(f"{line}\n" for line in (header, *epochs)))
    return folder


def scored_numbers(
    true: Any,
    predicted: Any,
    *,
    names: tuple[str, ...] = ("price",),
    training: Any = None,
    scale: Any = 1.0,
    **dataset: Any,
) -> Scored:
    """Return a network with these predictions of these targets, `(m,)` or `(m, k)`."""
    true, predicted = (np.array(v, float).reshape(-1, len(names)) for v in (true, predicted))
    training = true if training is None else np.array(training, float).reshape(-1, len(names))
    given = {"classes": (), "image_shape": None, "identifiers": (), **dataset}
    model = given.pop("model", None)
    made = SimpleNamespace(
        train=SimpleNamespace(labels=training),
        validation=SimpleNamespace(labels=true, x=given.pop("x", np.zeros((len(true), 1)))),
        test=SimpleNamespace(labels=true),
        targets=Scaling(0.0, np.broadcast_to(scale, len(names)).astype(float), names),
        **given,
    )
    return Scored(made, model, predicted)  # type: ignore[arg-type]


def predicted_findings(folder: Path, scored: Scored) -> Findings:
    """Return the findings of a run whose network is `scored`."""
    findings = Findings(read_run(folder))
    findings.__dict__["scored"] = scored
    return findings
