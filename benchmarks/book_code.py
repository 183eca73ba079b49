"""How much faster a notebook of the book runs with `nncore.book` than with the book's programs.

`python -m benchmarks.book_code` times single calls and whole calls of `SGD`, including the
conversion of the lists, in turns with the same computations of the book's programs, on one core.
It fails if one of our single calls takes more than 1.1 times as long.
"""

import argparse
import statistics
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from time import process_time
from timeit import timeit
from typing import Any

import numpy as np

from benchmarks.support import book_program
from benchmarks.support.rounds import interleaved, pin_to_one_core
from nncore.arrays.blas import one_blas_thread
from nncore.book import network, network2

SIZES, MINI_BATCH_SIZE, ETA, LMBDA = (784, 30, 10), 10, 0.5, 5.0

MOST = 1.1
"""The largest ratio of the times of a single call, ours to the book's."""


@dataclass(frozen=True)
class Call:
    """The same computation by us and by the plain functions; both return what can be compared."""

    name: str
    ours: Callable[[], Any]
    book: Callable[[], Any]


def main() -> None:
    """Measure, print a table, and exit with 1 if a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=2000, help="calls per round")
    parser.add_argument("--examples", type=int, default=5000, help="examples of an epoch of SGD")
    parser.add_argument("--epochs", type=int, default=30, help="epochs per call of SGD")
    arguments = parser.parse_args()
    pin_to_one_core()
    with one_blas_thread():
        kept = [measure(call, arguments.rounds, arguments.calls) <= MOST for call in calls()]
        measure_sgd(arguments.rounds, arguments.examples, arguments.epochs)
    sys.exit(0 if all(kept) else 1)


def measure(call: Call, rounds: int, number: int) -> float:
    """Print the median times of a call; return their ratio, ours to the book's."""
    check(call)
    programs = {"ours": call.ours, "book": call.book}
    runs = {
        name: lambda work=work: cpu_seconds(work, number) / number * 1e6
        for name, work in programs.items()
    }
    times = interleaved(runs, rounds)
    ours, book = statistics.median(times["ours"]), statistics.median(times["book"])
    print_line(call.name, ours, book, "µs")
    return ours / book


def measure_sgd(rounds: int, examples: int, epochs: int) -> None:
    """Print the median times of an epoch and their ratio, the book's loop to `SGD`."""
    data, rng = example_pairs(examples), np.random.default_rng(1)

    def ours() -> float:
        net = network2.Network(list(SIZES))
        with redirect_stdout(StringIO()):
            return cpu_seconds(lambda: net.SGD(data, epochs, MINI_BATCH_SIZE, ETA, LMBDA))

    def book() -> float:
        layers, size = book_program.new_layers(SIZES, rng), MINI_BATCH_SIZE
        return cpu_seconds(lambda: book_program.epoch(layers, data, size, ETA, LMBDA))

    times = interleaved({"ours": ours, "book": book}, rounds)
    mine, theirs = statistics.median(times["ours"]) / epochs, statistics.median(times["book"])
    print_line("network2.Network.SGD, an epoch", mine * 1e3, theirs * 1e3, "ms")


def cpu_seconds(work: Callable[[], object], number: int = 1) -> float:
    """Return the processor time of `number` calls of `work`; other programs hardly change it."""
    return timeit(work, number=number, timer=process_time)


def print_line(name: str, ours: float, book: float, unit: str) -> None:
    """Print both times, and how many times as long the book's takes."""
    times = f"{ours:7.1f} {unit}, the book's {book:7.1f} {unit}"
    print(f"{name:42}{times}: {book / ours:.2f} times as long")


def check(call: Call) -> None:
    """Raise `AssertionError` unless both sides of a call return the same numbers."""
    for got, wanted in zip(_arrays(call.ours()), _arrays(call.book()), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12)


def calls() -> list[Call]:
    """Return every single call, on one example or a mini-batch of ten."""
    one, two = network.Network(list(SIZES)), network2.Network(list(SIZES))
    layers_one = list(zip(one.weights, one.biases, strict=True))
    layers = list(zip(two.weights, two.biases, strict=True))
    batch = example_pairs(10)
    x, y = batch[0]
    labeled = [(x, int(y.argmax()))]
    decay = 1 - ETA * (LMBDA / 50_000)

    def step() -> Any:
        before = two.weights, two.biases
        two.update_mini_batch(batch, ETA, LMBDA, 50_000)
        after = list(zip(two.weights, two.biases, strict=True))
        two.weights, two.biases = before
        return after

    return [
        Call(
            "network.Network.feedforward",
            lambda: one.feedforward(x),
            lambda: book_program.feedforward(layers_one, x),
        ),
        Call(
            "network.Network.backprop",
            lambda: _by_layer(one.backprop(x, y)),
            lambda: book_program.backprop(layers_one, x, y, book_program.quadratic_error),
        ),
        Call(
            "network.Network.evaluate, one example",
            lambda: one.evaluate(labeled),
            lambda: book_program.accuracy(layers_one, labeled),
        ),
        Call(
            "network2.Network.feedforward",
            lambda: two.feedforward(x),
            lambda: book_program.feedforward(layers, x),
        ),
        Call(
            "network2.Network.backprop",
            lambda: _by_layer(two.backprop(x, y)),
            lambda: book_program.backprop(layers, x, y, book_program.cross_entropy_error),
        ),
        Call(
            "network2.Network.accuracy, one example",
            lambda: two.accuracy(labeled),
            lambda: book_program.accuracy(layers, labeled),
        ),
        Call(
            "network2.Network.total_cost, one example",
            lambda: two.total_cost(batch[:1], LMBDA),
            lambda: book_program.total_cost(layers, batch[:1], LMBDA),
        ),
        Call(
            "network2.Network.update_mini_batch, ten",
            step,
            lambda: book_program.step(layers, batch, ETA, decay),
        ),
    ]


def example_pairs(n: int) -> list[tuple[Any, Any]]:
    """Return random float32 columns, as images are, and unit vectors."""
    rng = np.random.default_rng(0)
    x = rng.random((n, SIZES[0], 1), np.float32)
    y = np.eye(SIZES[-1])[rng.integers(SIZES[-1], size=n)].reshape(n, -1, 1)
    return list(zip(x, y, strict=True))


def _by_layer(gradient: tuple[list[Any], list[Any]]) -> list[tuple[Any, Any]]:
    nabla_b, nabla_w = gradient
    return list(zip(nabla_w, nabla_b, strict=True))


def _arrays(result: Any) -> list[Any]:
    if isinstance(result, list | tuple):
        return [array for part in result for array in _arrays(part)]
    return [result]


if __name__ == "__main__":
    main()
