"""A whole hyperparameter search as one run of an arm: its best value so far, and its winner's.

The winner is trained again on fresh seeds, since the best value of a search is biased upward. As
runs of arms, searches run in parallel, are resumed, stored and paired by seed, like networks.
"""

import tempfile
from datetime import UTC, datetime
from itertools import accumulate
from math import log2
from os import getpid
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any

from experiments.book.arm_runs import ArmOutcome
from experiments.book.arms import SearchArm
from nncore.datasets import DataSet
from sweeps.config import SweepConfig, parse_config
from sweeps.confirmation import fresh_seed
from sweeps.records.run_folder import open_folder
from sweeps.space.dimensions import Params
from sweeps.sweep import run_sweep
from sweeps.trial import Seed, StopReason, evaluate

GENERATION = 4
WINNER_ACCURACY = "winner_accuracy"
"""The curve of a search that has a single value: its winner's accuracy on fresh seeds."""

RANGES: dict[str, dict[str, Any]] = {
    "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
    "lmbda": {"low": 0.01, "high": 100.0, "log": True},
    "mini_batch_size": {"low": 4, "high": 128, "log": True},
    "hidden_units": {"low": 10, "high": 100},
}
GRID_COUNTS = {"learning_rate": 3, "lmbda": 3, "mini_batch_size": 2, "hidden_units": 2}
"""How many values of each hyperparameter a grid of 36 cells has."""


def run_search(arm: SearchArm, dataset: DataSet, seed: Seed) -> ArmOutcome:
    """Return the outcome of a sweep of `arm.trials` trials with the sampler `arm.sampler`.

    Its steps are trials. Its curves are the best validation accuracy so far, and at the last step
    the `WINNER_ACCURACY`. Every trial trains `arm.epochs` epochs, so all searches have the same
    budget.
    """
    started, clock = datetime.now(UTC), perf_counter()
    config = sweep_config(arm, seed)
    with tempfile.TemporaryDirectory() as folder:
        run_sweep(config, dataset, Path(folder, "run"))
        with open_folder(Path(folder, "run"), config) as run:
            trials = run.recorded(config.space)
    values = [result.value or 0.0 for _, result in trials]
    best_so_far: tuple[float, ...] = tuple(accumulate(values, max))
    best = values.index(best_so_far[-1])
    winner = winner_accuracy(config, trials[best][0], dataset, arm.fresh_seeds)
    return ArmOutcome(
        value=values[best],
        best_step=1 + best if values[best] > 0 else 0,
        stop_reason=StopReason.MAX_EPOCHS,
        steps=tuple(range(1, len(values) + 1)),
        curves={
            "validation_accuracy": best_so_far,
            WINNER_ACCURACY: (*(None,) * (len(values) - 1), winner),
        },
        started=started.isoformat(timespec="milliseconds"),
        seconds=perf_counter() - clock,
        worker=getpid(),
    )


def winner_accuracy(config: SweepConfig, params: Params, dataset: DataSet, seeds: int) -> float:
    """Return the mean best validation accuracy of the point `params`, trained on fresh seeds."""
    trial = config.trial_config(params)
    return fmean(
        evaluate(trial, dataset, [fresh_seed(config, number)]).value or 0.0
        for number in range(seeds)
    )


def sweep_config(arm: SearchArm, seed: Seed) -> SweepConfig:
    """Return the sweep of `arm` for `seed`; a grid has choices in the place of ranges."""
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
            "training": {"epochs": arm.epochs, "monitor_training": False},
            "space": {name: grid_choices(name) for name in RANGES} if grid else RANGES,
        }
    )


def grid_choices(name: str) -> dict[str, Any]:
    """Return the choices of a grid for one hyperparameter: the centers of equal parts of its range.

    Parts are equal on a log scale where the range has one.
    """
    dimension, count = RANGES[name], GRID_COUNTS[name]
    low, high = dimension["low"], dimension["high"]
    centers = [(part + 0.5) / count for part in range(count)]
    if dimension.get("log"):
        values = [low * 2 ** (center * log2(high / low)) for center in centers]
    else:
        values = [low + center * (high - low) for center in centers]
    whole = isinstance(low, int)
    return {"choices": [round(value) if whole else value for value in values]}
