"""`python -m benchmarks.replay`: the compiled form of the step beside the interpreted one.

Both train the same networks in turns; the processor time of an epoch and its ratio are medians over
the rounds. `--options` times each option of a network instead. `--epochs 100000` trains a tiny
network so long in the compiled form, and prints the memory of the process on the way.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from time import process_time

from benchmarks.support.machine import describe, machine
from benchmarks.support.memory import MEGABYTE, memory_of
from benchmarks.support.options import count
from benchmarks.support.rounds import interleaved, pin_to_one_core
from benchmarks.variants import VARIANTS, training_of
from nncore.arrays.replay import form, interpreted
from nncore.config import TrialConfig
from nncore.datasets import load_dataset
from nncore.datasets.dataset import DataSet
from nncore.training import Training

SHAPES = (((30,), 10), ((100,), 10), ((100,), 100), ((100, 100), 20))
"""Hidden units and the size of the mini-batches."""


def epoch_seconds(training: Training, *, python: bool) -> float:
    """Train the next epoch and return the processor time that it took."""
    started = process_time()
    with interpreted() if python else nullcontext():
        next(training)
    return process_time() - started


def shapes() -> dict[str, TrialConfig]:
    """Return the plain networks."""
    return {
        f"{hidden}, {size}": TrialConfig(hidden_units=hidden, mini_batch_size=size, lmbda=5.0)
        for hidden, size in SHAPES
    }


def options() -> dict[str, TrialConfig]:
    """Return a network of 30 hidden units for each option."""
    return {name: TrialConfig(**{"lmbda": 5.0, **settings}) for name, settings in VARIANTS.items()}


def ratios(configs: Mapping[str, TrialConfig], data: DataSet, rounds: int) -> list[str]:
    """Return a line for each config."""
    lines = [f"{'':16} {'python':>8} {'compiled':>8} {'ratio':>6}"]
    for label, config in configs.items():
        runs = {
            name: partial(epoch_seconds, training_of(config, data), python=name == "python")
            for name in ("python", "compiled")
        }
        interleaved(runs, rounds=1)  # the list is made, and the caches are warm
        seconds = interleaved(runs, rounds)
        python, compiled = (statistics.median(seconds[name]) for name in runs)
        pairs = zip(seconds["python"], seconds["compiled"], strict=True)
        ratio = statistics.median(slow / fast for slow, fast in pairs)
        lines.append(f"{label:16} {python:8.4f} {compiled:8.4f} {ratio:6.2f}")
    return lines


def train_long(epochs: int, tell: Callable[[str], object]) -> None:
    """Train a tiny network on a few examples, and tell the memory of the process ten times."""
    data = load_dataset("digits")
    config = TrialConfig(hidden_units=(2,), mini_batch_size=len(data.train))
    training = training_of(config, data)
    for epoch in range(1, epochs + 1):
        next(training)
        if epoch % max(1, epochs // 10) == 0:
            tell(f"{epoch:9,} epochs: {memory_of(os.getpid()).private / MEGABYTE:.2f} MB")


def main() -> int:
    """Print the table, or the memory over many epochs."""
    parser = argparse.ArgumentParser(prog="benchmarks.replay", description=__doc__)
    parser.add_argument("--rounds", type=count, default=7)
    parser.add_argument("--data", default="mnist", help="name of a data set")
    parser.add_argument("--options", action="store_true", help="time each option of a network")
    parser.add_argument("--epochs", type=count, help="train a tiny network so long instead")
    arguments = parser.parse_args()
    if form() != "compiled":
        print("the compiled form was not built, or NNSWEEP_PURE=1 is set", file=sys.stderr)
        return 1
    pin_to_one_core()
    if arguments.epochs:
        train_long(arguments.epochs, partial(print, flush=True))
        return 0
    data = load_dataset(arguments.data)
    print(describe(machine(data)), end="\n\n")
    configs = options() if arguments.options else shapes()
    print("\n".join(ratios(configs, data, arguments.rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
