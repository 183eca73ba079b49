"""How much faster a notebook of the book runs with `nncore.book.network2` than with its own loop.

`python -m benchmarks.book_code` times whole calls of `SGD`, including the conversion of the lists,
in turns with epochs of the book's algorithm, on one core.
"""

import argparse
import os
import random
import statistics
from time import perf_counter

import numpy as np

from benchmarks.support import book_loop
from nncore.book import mnist_loader, network2

SIZES, MINI_BATCH_SIZE, ETA, LMBDA = (784, 30, 10), 10, 0.5, 5.0


def main() -> None:
    """Measure and print seconds per epoch and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=30, help="epochs per call, as in the book")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    random.seed(12345678)
    training_data = mnist_loader.load_data_wrapper()[0]
    examples = [(np.array(x, np.float64), np.array(y, np.float64)) for x, y in training_data]
    rng = np.random.default_rng(1)
    ours, book = [], []
    for _ in range(arguments.rounds):
        net = network2.Network(list(SIZES), cost=network2.CrossEntropyCost)
        started = perf_counter()
        net.SGD(training_data, arguments.epochs, MINI_BATCH_SIZE, ETA, lmbda=LMBDA)
        ours.append((perf_counter() - started) / arguments.epochs)
        layers = book_loop.network(SIZES, rng)
        started = perf_counter()
        book_loop.epoch(
            layers, examples, MINI_BATCH_SIZE, ETA, LMBDA, rng.permutation(len(examples))
        )
        book.append(perf_counter() - started)
    mine, theirs = statistics.median(ours), statistics.median(book)
    print(f"{list(SIZES)}, mini-batch {MINI_BATCH_SIZE}, 50,000 images, float64, one core")
    print(f"network2.SGD, {arguments.epochs} epochs a call: {mine:.3f} s per epoch")
    print(f"the book's loop:  {theirs:.3f} s per epoch, {theirs / mine:.1f} times as long")


if __name__ == "__main__":
    main()
