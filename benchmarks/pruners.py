"""How many epochs each pruner saves in a sweep of 60 trials, and whether it keeps the best trial.

`python -m benchmarks.pruners` prints a table from the recorded curves. With `--train` it runs
sweeps of 60 random points instead, the same points for every pruner. With `--warmup` it compares
values of `n_warmup_steps` for the median pruner, over 200 orders of the random trials that were
recorded on two data sets.
"""

import argparse
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.support.recorded import read_recorded, recorded_config, replay, trained
from benchmarks.support.surfaces import RECORDED, recorded_curves
from sweeps.config import SweepConfig, parse_config
from sweeps.trial import Result, TrialState

TRIALS, GENERATION = 60, 8
ORDERS, WARMUPS = 200, (0, 1, 2, 3, 4, 5, 7, 10, 15)

SETTINGS: dict[str, dict[str, Any]] = {
    "none": {},
    "median": {"sweep__pruner": "median"},
    "halving": {"sweep__pruner": "halving", "pruner__min_resource": 3},
    "hyperband": {"sweep__pruner": "hyperband"},
    "threshold": {
        "sweep__pruner": "threshold",
        "pruner__lower": 0.8,
        "pruner__n_warmup_steps": 3,
    },
    "patience": {"sweep__patience": 5},
}
"""Every pruner with its defaults, except halving, whose default first rung is epoch 1."""


def pruner_config(name: str, **changes: Any) -> SweepConfig:
    """Return the recorded sweep's config with the pruner `name`, 60 trials, generations of 8."""
    size = {"sweep__trials": TRIALS, "sweep__generation": GENERATION}
    return recorded_config(**size, **SETTINGS[name], **changes)


def replayed(name: str) -> list[Result]:
    """Return the results of the recorded trials under the pruner `name`."""
    curves = [trial.curve for trial in read_recorded()[:TRIALS]]
    return replay(pruner_config(name), curves)


def retrained(name: str) -> list[Result]:
    """Return the results of 60 random trials, trained under the pruner `name`."""
    return [result for _, result in trained(pruner_config(name, sweep__sampler="random"))[0]]


def best_of(results: Sequence[Result]) -> int:
    """Return the number of the best trial."""
    return max(range(len(results)), key=lambda number: results[number].value or 0.0)


def warmup(curves: Sequence[Sequence[float]], steps: int) -> tuple[float, float, float, float]:
    """Return what the median pruner does with a warm-up of `steps`, over `ORDERS` sweeps.

    That is the share of epochs saved, the share of the trials that end after one epoch, the share
    of the sweeps that keep their best trial, and how much lower the best value is on average.
    """
    config = parse_config(
        {
            "sweep": {
                "name": "warmup",
                "trials": TRIALS,
                "pruner": "median",
                "generation": GENERATION,
            },
            "pruner": {"n_warmup_steps": steps},
            "training": {"epochs": max(map(len, curves))},
            "space": {"learning_rate": {"low": 0.1, "high": 1.0}},
        }
    )
    saved, single, kept, lost = [], [], [], []
    for seed in range(ORDERS):
        rng = np.random.default_rng(seed)
        chosen = [curves[at] for at in rng.choice(len(curves), TRIALS, replace=False)]
        results = replay(config, chosen)
        value = max(max(curve) for curve in chosen)
        found = max(result.value or 0.0 for result in results)
        saved.append(1 - sum(r.epochs for r in results) / sum(map(len, chosen)))
        single.append(sum(r.state == TrialState.PRUNED and r.epochs == 1 for r in results) / TRIALS)
        kept.append(found == value)
        lost.append(value - found)
    return fmean(saved), fmean(single), fmean(kept), fmean(lost)


def print_warmups() -> None:
    """Print a table of `warmup`, one row per data set and number of steps."""
    print("data set  n_warmup_steps  saved  ended after one epoch  best kept  lost on average")
    for name in RECORDED:
        curves = recorded_curves(name)
        for steps in WARMUPS:
            saved, single, kept, lost = warmup(curves, steps)
            print(
                f"{name:<9} {steps:14} {saved:6.1%} {single:22.1%} {kept:10.1%} {lost:16.4%}",
                flush=True,
            )


def main() -> None:
    """Print the table that the command line asks for."""
    parser = argparse.ArgumentParser(description="Epochs that each pruner saves.")
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--warmup", action="store_true")
    options = parser.parse_args()
    if options.warmup:
        print_warmups()
        return
    results_of = retrained if options.train else replayed
    print("pruner      epochs  saved  pruned  best trial  its accuracy")
    whole = 0
    for name in SETTINGS:
        results = results_of(name)
        epochs = sum(result.epochs for result in results)
        whole = whole or epochs
        pruned = sum(result.state == TrialState.PRUNED for result in results)
        best = best_of(results)
        print(
            f"{name:<10} {epochs:7} {1 - epochs / whole:6.1%} {pruned:7} {best:11}"
            f"  {results[best].value:12.2%}"
        )


if __name__ == "__main__":
    main()
