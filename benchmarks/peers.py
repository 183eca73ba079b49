"""How long one training epoch takes here, in PyTorch, and in the book's own loop.

All train the same network on the same 50,000 MNIST images on one core, in turns, and must reach
about the same accuracy; `python -m benchmarks.peers` prints the medians and their ratios.
"""

import argparse
import json
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks import book_loop
from nncore.blas import one_blas_thread
from nncore.config import TrialConfig
from nncore.datasets import DataSet, load_dataset
from nncore.network import new_network
from nncore.sgd import Sgd

LEARNING_RATE, LMBDA = 0.5, 5.0


@dataclass(frozen=True)
class Peer:
    """A program under test: `epoch()` trains once through the data, `accuracy()` scores it."""

    epoch: Callable[[], None]
    accuracy: Callable[[], float]


def ours(data: DataSet, hidden: int, size: int) -> Peer:
    """Prepare this project: the fused step, float32."""
    config = TrialConfig(
        learning_rate=LEARNING_RATE, lmbda=LMBDA, hidden_units=(hidden,), mini_batch_size=size
    )
    rng = np.random.default_rng(1)
    network = new_network(config, 784, 10, rng)
    order = np.arange(len(data.train))
    descent = Sgd(network, config, len(data.train))

    def epoch() -> None:
        rng.shuffle(order)
        descent.epoch(data.train, order, LEARNING_RATE)

    def accuracy() -> float:
        outputs = network.feedforward(data.validation.x)[1][-1]
        return float((outputs.argmax(axis=1) == data.validation.labels).mean())

    return Peer(epoch, accuracy)


def pytorch(data: DataSet, hidden: int, size: int) -> Peer:
    """Prepare PyTorch in eager mode: modules, autograd, its SGD with weight decay, float32."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
    x, y = torch.tensor(data.train.x), torch.tensor(data.train.y)
    layers = [torch.nn.Linear(784, hidden), torch.nn.Linear(hidden, 10)]
    for layer in layers:
        torch.nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
        torch.nn.init.normal_(layer.bias)
    model = torch.nn.Sequential(layers[0], torch.nn.Sigmoid(), layers[1])
    cost = torch.nn.BCEWithLogitsLoss(reduction="sum")
    groups: list[dict[str, Any]] = [
        {"params": [layer.weight for layer in layers], "weight_decay": LMBDA / len(x)},
        {"params": [layer.bias for layer in layers]},
    ]
    optimizer = torch.optim.SGD(groups, lr=LEARNING_RATE)

    def epoch() -> None:
        for rows in torch.split(torch.randperm(len(x)), size):
            optimizer.zero_grad()
            (cost(model(x[rows]), y[rows]) / len(rows)).backward()
            optimizer.step()

    def accuracy() -> float:
        with torch.no_grad():
            guesses = model(torch.tensor(data.validation.x)).argmax(dim=1).numpy()
        return float((guesses == data.validation.labels).mean())

    return Peer(epoch, accuracy)


def book(data: DataSet, hidden: int, size: int) -> Peer:
    """Prepare the book's algorithm: one example at a time, float64 column vectors."""
    rng = np.random.default_rng(1)
    examples = [
        (x[:, None], y[:, None])
        for x, y in zip(
            data.train.x.astype(np.float64), data.train.y.astype(np.float64), strict=True
        )
    ]
    network = book_loop.network((784, hidden, 10), rng)

    def epoch() -> None:
        book_loop.epoch(network, examples, size, LEARNING_RATE, LMBDA, rng)

    def accuracy() -> float:
        guesses = [book_loop.guess(network, x[:, None]) for x in data.validation.x]
        return float((np.array(guesses) == data.validation.labels).mean())

    return Peer(epoch, accuracy)


PEERS = {"ours": ours, "pytorch": pytorch, "book": book}


def measure(hidden: int, size: int, rounds: int) -> dict[str, Any]:
    """Return median seconds per epoch of each peer, `rounds` in turn, and its accuracy."""
    data = load_dataset("mnist")
    peers, missing = {}, []
    for name, prepare in PEERS.items():
        try:
            peers[name] = prepare(data, hidden, size)
        except ModuleNotFoundError as error:
            missing.append(f"{name} ({error.name} is not installed)")
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    with one_blas_thread():
        for _ in range(rounds):
            for name, peer in peers.items():
                started = perf_counter()
                peer.epoch()
                seconds[name].append(perf_counter() - started)
        accuracies = {name: peer.accuracy() for name, peer in peers.items()}
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {
        "network": [784, hidden, 10],
        "mini_batch_size": size,
        "rounds": rounds,
        "seconds": medians,
        "ratio_to_ours": {name: median / medians["ours"] for name, median in medians.items()},
        "validation_accuracy": accuracies,
        "missing": missing,
    }


def main() -> None:
    """Measure one shape and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", type=int, default=30)
    parser.add_argument("--mini-batch-size", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    result = measure(arguments.hidden, arguments.mini_batch_size, arguments.rounds)
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{result['network']}, mini-batch {result['mini_batch_size']}, 50,000 images, one core")
    print(f"{'':10} {'s/epoch':>9} {'to ours':>9} {'accuracy':>9}")
    for name, seconds in result["seconds"].items():
        ratio, accuracy = result["ratio_to_ours"][name], result["validation_accuracy"][name]
        print(f"{name:10} {seconds:9.3f} {ratio:9.1f} {accuracy:9.2%}")
    for name in result["missing"]:
        print(f"missing: {name}")
    spread = max(result["validation_accuracy"].values()) - min(
        result["validation_accuracy"].values()
    )
    if spread > 0.015:
        raise SystemExit(f"the programs disagree: their accuracies differ by {spread:.2%}")


if __name__ == "__main__":
    main()
