"""A whole search as one run of an arm: a sweep with a sampler, told by its best value so far.

So searches are compared like networks: in parallel, resumed, kept, and each seed beside the others.
"""

import tempfile
from datetime import UTC, datetime
from itertools import accumulate
from math import log2
from os import getpid
from pathlib import Path
from time import perf_counter
from typing import Any

from experiments.chapter3.arms import Arm
from nncore.datasets import DataSet
from nncore.training import EpochRecord
from sweeps.config import SweepConfig, parse_config
from sweeps.records.run_folder import TRIAL_COLUMNS
from sweeps.sweep import run_sweep
from sweeps.trial import Seed, StopReason, TrialOutcome, TrialState

GENERATION = 4
RANGES: dict[str, dict[str, Any]] = {
    "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
    "lmbda": {"low": 0.01, "high": 100.0, "log": True},
    "mini_batch_size": {"low": 4, "high": 128, "log": True},
    "hidden_units": {"low": 10, "high": 100},
}
CELLS = {"learning_rate": 3, "lmbda": 3, "mini_batch_size": 2, "hidden_units": 2}
"""How many values of each a grid of 36 cells has: the middles of so many equal parts."""


def search(arm: Arm, dataset: DataSet, seed: Seed) -> TrialOutcome:
    """Return the outcome of a sweep of `arm.trials` trials with the sampler `arm.sampler`.

    Its curve has a record for each trial, not for each epoch; the validation accuracy in it is the
    best until then. Every trial trains `arm.config.epochs`, so that the budgets are equal.
    """
    started, clock = datetime.now(UTC), perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run_sweep(sweep_config(arm, seed), dataset, Path(folder, "run"))
        values = _values(Path(folder, "run", "trials.csv"))
    curve = tuple(_record(k, best) for k, best in enumerate(accumulate(values, max), start=1))
    return TrialOutcome(
        state=TrialState.COMPLETE,
        value=max(values),
        best_epoch=1 + values.index(max(values)),
        epochs=len(values),
        stop_reason=StopReason.MAX_EPOCHS,
        curves=(curve,),
        model=None,
        error="",
        started=started.isoformat(timespec="milliseconds"),
        seconds=perf_counter() - clock,
        worker=getpid(),
    )


def sweep_config(arm: Arm, seed: Seed) -> SweepConfig:
    """Return the sweep of `arm` with the luck of `seed`; a grid has choices instead of ranges."""
    grid = arm.sampler == "grid"
    return parse_config(
        {
            "sweep": {
                "name": f"{arm.sampler}-{seed[1]}",
                "trials": arm.trials,
                "seed": 1_000 * seed[0] + seed[1],
                "sampler": arm.sampler,
                "generation": GENERATION,
            },
            "data": {"name": arm.data},
            "training": {"epochs": arm.config.epochs, "monitor_training": False},
            "space": {name: cells(name) for name in RANGES} if grid else RANGES,
        }
    )


def cells(name: str) -> dict[str, Any]:
    """Return the choices of a grid along one dimension."""
    dimension, count = RANGES[name], CELLS[name]
    low, high = dimension["low"], dimension["high"]
    shares = [(place + 0.5) / count for place in range(count)]
    if dimension.get("log"):
        values = [low * 2 ** (share * log2(high / low)) for share in shares]
    else:
        values = [low + share * (high - low) for share in shares]
    whole = isinstance(low, int)
    return {"choices": [round(value) if whole else value for value in values]}


def _values(table: Path) -> list[float]:
    lines = table.read_text("utf-8").splitlines()[1:]
    place = TRIAL_COLUMNS.index("value")
    return [float(line.split(",")[place] or 0.0) for line in lines]


def _record(trial: int, best: float) -> EpochRecord:
    return EpochRecord(
        epoch=trial,
        learning_rate=0.0,
        train_cost=None,
        train_accuracy=None,
        validation_cost=None,
        validation_accuracy=best,
        test_cost=None,
        test_accuracy=None,
        penalty=0.0,
        diverged=False,
        train_seconds=0.0,
        evaluation_seconds=0.0,
    )
