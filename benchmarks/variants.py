"""`python -m benchmarks.variants`: the cost of each option of a network relative to a plain epoch.

Every variant trains the same shape; ratios are medians of interleaved rounds on one core.
"""

import argparse
import json
import statistics
import sys
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.support.machine import describe, machine
from benchmarks.support.options import count, widths
from benchmarks.support.rounds import interleaved, pin_to_one_core
from nncore.config import TrialConfig, trial_config
from nncore.datasets import load_dataset
from nncore.datasets.dataset import DataSet
from nncore.network import new_network
from nncore.training import Training, train

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "float64": {"dtype": "float64"},
    "dropout": {"dropout": 0.5},
    "input-dropout": {"input_dropout": 0.2},
    "max-norm": {"max_norm": 2.0},
    "momentum": {"momentum": 0.9, "learning_rate": 0.05},
    "tanh": {"activation": "tanh"},
    "relu": {"activation": "relu", "learning_rate": 0.1},
    "softmax": {"output": "softmax", "cost": "log-likelihood"},
    "l1": {"regularizer": "l1"},
    "nesterov": {"momentum": 0.9, "nesterov": True, "learning_rate": 0.05},
    "adam": {"update": "adam", "learning_rate": 0.001},
    "adamw": {"update": "adamw", "learning_rate": 0.001},
    "clip-norm": {"clip_norm": 1.0},
    "fixed-length": {"step": "fixed-length", "learning_rate": 0.01},
}


def training_of(config: TrialConfig, data: DataSet) -> Training:
    """Return the training of a new network on `data`, unscored, for any number of epochs."""
    weights, order, noise = (np.random.default_rng(seed) for seed in (1, 2, 3))
    endless = replace(config, epochs=1_000_000, monitor_training=False)
    network = new_network(endless, data.train.x.shape[1], len(data.classes), weights)
    return train(network, endless, order, training=data.train, noise=noise)


def epoch_seconds(training: Training) -> float:
    """Train the next epoch and return the seconds of its training part.

    Raises
    ------
    ValueError
        If the network diverged: the time of an epoch on NaN means nothing.
    """
    record = next(training)
    if record.diverged:
        raise ValueError(f"the network must stay finite, got divergence in epoch {record.epoch}")
    return record.train_seconds


def main() -> int:
    """Time all variants and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.variants", description=__doc__)
    parser.add_argument("--hidden", type=widths, default=(30,), help="widths, as in 100,100")
    parser.add_argument("--mini-batch-size", type=count, default=10)
    parser.add_argument("--rounds", type=count, default=5)
    parser.add_argument("--data", default="mnist", help="name of a data set of images")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    pin_to_one_core()
    data = load_dataset(arguments.data)
    shape = {"hidden_units": arguments.hidden, "mini_batch_size": arguments.mini_batch_size}
    runs = {}
    for name, settings in VARIANTS.items():
        config = trial_config({"learning_rate": 0.5, "lmbda": 5.0, **shape, **settings})
        runs[name] = partial(epoch_seconds, training_of(config, data))
    interleaved(runs, rounds=1)  # warms caches and buffers
    medians = {n: statistics.median(s) for n, s in interleaved(runs, arguments.rounds).items()}
    result = {
        "network": [data.train.x.shape[1], *arguments.hidden, len(data.classes)],
        "mini_batch_size": arguments.mini_batch_size,
        "examples": len(data.train),
        "rounds": arguments.rounds,
        "variants": {
            name: {"seconds": median, "ratio_to_plain": median / medians["plain"]}
            for name, median in medians.items()
        },
    }
    facts = machine(data)
    if arguments.json:
        print(json.dumps({"machine": facts, **result}))
    else:
        print(f"{describe(facts)}\n\n{table(result)}")
    return 0


def table(result: dict[str, Any]) -> str:
    """Return the figures as text."""
    lines = [
        f"{result['network']}, mini-batch {result['mini_batch_size']}, {result['examples']:,} "
        f"images, one core, median of {result['rounds']} interleaved rounds",
        f"{'':14} {'s/epoch':>8} {'to plain':>9}",
    ]
    for name, row in result["variants"].items():
        lines.append(f"{name:14} {row['seconds']:8.3f} {row['ratio_to_plain']:9.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
