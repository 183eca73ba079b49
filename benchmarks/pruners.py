"""How many epochs each pruner saves in a sweep of 60 trials, and whether it keeps the best trial.

`python -m benchmarks.pruners` prints a table from the recorded curves. With `--train` it runs
sweeps of 60 random points instead, the same points for every pruner.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.support.recorded import read_recorded, recorded_config, replay
from nncore.datasets import load_dataset
from sweeps.config import SweepConfig
from sweeps.records.run_folder import open_folder
from sweeps.sweep import run_sweep
from sweeps.trial import Result, TrialState
from sweeps.workers.local import LocalWorkers, available_cores

TRIALS, GENERATION = 60, 8

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
"""Every pruner with Optuna's defaults, except halving, whose default first rung is epoch 1."""


def pruner_config(name: str, **changes: Any) -> SweepConfig:
    """Return the recorded sweep's config with the pruner `name`, 60 trials, generations of 8."""
    size = {"sweep__trials": TRIALS, "sweep__generation": GENERATION}
    return recorded_config(**size, **SETTINGS[name], **changes)


def replayed(name: str) -> list[Result]:
    """Return the results of the recorded trials under the pruner `name`."""
    curves = [trial.curve for trial in read_recorded()[:TRIALS]]
    return replay(pruner_config(name), curves)


def trained(name: str) -> list[Result]:
    """Return the results of 60 random trials, trained under the pruner `name`."""
    config = pruner_config(name, sweep__sampler="random")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        run_sweep(
            config,
            load_dataset(config.data.source),
            folder,
            workers=LocalWorkers(available_cores()),
        )
        with open_folder(folder, config) as run:
            return [result for _, result in run.recorded(config.space)]


def best_of(results: Sequence[Result]) -> int:
    """Return the number of the best trial."""
    return max(range(len(results)), key=lambda number: results[number].value or 0.0)


def main() -> None:
    """Print the table that the command line asks for."""
    parser = argparse.ArgumentParser(description="Epochs that each pruner saves.")
    parser.add_argument("--train", action="store_true")
    results_of = trained if parser.parse_args().train else replayed
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
