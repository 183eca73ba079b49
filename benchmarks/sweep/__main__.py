"""`python -m benchmarks.sweep`: one sweep through this project and through Optuna with its peers.

The wall time includes everything that a user waits for: starting processes, loading libraries,
recording trials.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks.support.machine import describe, installed, machine
from benchmarks.support.options import count
from benchmarks.support.rounds import one_thread_each, seconds_of
from benchmarks.sweep.programs import WORKERS, Params, Swept, ours, sweep_config, through_optuna
from nncore.datasets import load_dataset
from sweeps.config import SweepConfig

PACKAGES = {"scikit-learn": "scikit-learn", "pytorch": "torch"}


def main() -> int:
    """Run the sweeps in turn and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.sweep", description=__doc__)
    parser.add_argument("--configurations", type=count, default=24)
    parser.add_argument("--epochs", type=count, default=10)
    parser.add_argument("--rounds", type=count, default=1)
    parser.add_argument("--data", default="mnist", help="name of a data set of images")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    one_thread_each()
    dataset = load_dataset(arguments.data)
    facts = machine(dataset)
    config = sweep_config(arguments.data, arguments.configurations, arguments.epochs)
    seconds: dict[str, list[float]] = {}
    swept: dict[str, Swept] = {}
    for _ in range(arguments.rounds):
        _one_round(config, seconds, swept)
    result = summary(seconds, swept, arguments.epochs, len(dataset.train))
    result["missing"] = {
        f"optuna + {name}": f"{package} is not installed"
        for name, package in PACKAGES.items()
        if installed(package) is None
    }
    if arguments.json:
        print(json.dumps({"machine": facts, **result}))
    else:
        print(f"{describe(facts)}\n\n{table(result)}")
    return 0


def _one_round(
    config: SweepConfig, seconds: dict[str, list[float]], swept: dict[str, Swept]
) -> None:
    """Run each program once, and add to `seconds` and `swept` by its name."""

    def timed(name: str, run: Callable[[], Swept]) -> None:
        taken = seconds_of(lambda: swept.update({name: run()}))
        seconds.setdefault(name, []).append(taken)

    with tempfile.TemporaryDirectory() as folder:
        timed("ours", lambda: ours(config, Path(folder, "run")))
        points = swept["ours"].points
        for name, package in PACKAGES.items():
            if installed(package):
                journal = Path(folder, f"{name}.log")
                run = partial(through_optuna, name, config, points, journal)
                timed(f"optuna + {name}", run)


def updates(points: Sequence[Params], epochs: int, examples: int) -> int:
    """Return how many steps of descent the trials `points` take together."""
    return sum(epochs * ceil(examples / point["mini_batch_size"]) for point in points)


def summary(
    seconds: dict[str, list[float]], swept: dict[str, Swept], epochs: int, examples: int
) -> dict[str, Any]:
    """Return the figures as plain data for JSON.

    Raises
    ------
    ValueError
        If a program did not train the points that the others trained, each once.
    """
    wanted = swept["ours"].points
    for name, other in swept.items():
        if _sorted(other.points) != _sorted(wanted):
            raise ValueError(f"{name} must train the same {len(wanted)} points as ours")
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    return {
        "configurations": len(wanted),
        "epochs": epochs,
        "workers": WORKERS,
        "updates": updates(wanted, epochs, examples),
        "programs": {
            name: {
                "seconds": median,
                "all_seconds": seconds[name],
                "ratio_to_ours": median / medians["ours"],
                "best_validation_accuracy": swept[name].best,
            }
            for name, median in medians.items()
        },
    }


def table(result: dict[str, Any]) -> str:
    """Return the figures as text."""
    lines = [
        f"{result['configurations']} configurations of {result['epochs']} epochs, "
        f"{result['updates']:,} updates by each program, {result['workers']} workers",
        f"{'':22} {'seconds':>8} {'to ours':>8} {'best accuracy':>14}",
    ]
    for name, row in result["programs"].items():
        lines.append(
            f"{name:22} {row['seconds']:8.1f} {row['ratio_to_ours']:8.2f} "
            f"{row['best_validation_accuracy']:14.2%}"
        )
    lines += [f"missing: {name} ({reason})" for name, reason in result["missing"].items()]
    return "\n".join(lines)


def _sorted(points: Sequence[Params]) -> list[Params]:
    return sorted(points, key=lambda point: sorted(point.items()))


if __name__ == "__main__":
    sys.exit(main())
