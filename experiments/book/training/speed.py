"""One epoch whose gradients are computed and timed twice: for whole mini-batches, and by example.

Both forms are the same plain NumPy code in the book's notation, where columns are examples. The
fast step of `nncore.descent` is not involved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from os import getpid
from time import perf_counter

import numpy as np

from experiments.book.arm_runs import ArmOutcome
from nncore.arrays.blas import one_blas_thread
from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from nncore.config import TrialConfig
from nncore.datasets import DataSet
from nncore.network import Network, new_network
from nncore.scoring import score
from sweeps.trial import Seed, StopReason

LOOP_SECONDS, MATRIX_SECONDS = "loop_seconds", "matrix_seconds"
GRADIENT_DIFFERENCE = "gradient_difference"
"""The curves of a timed epoch, each with one value."""

Sums = list[tuple[Array, Array]]
"""The sums over examples of ∂C/∂w `(n_out, n_in)` and ∂C/∂b `(n_out, 1)`, for each layer."""


def gradient_sums(network: Network, x: Array, y: Array) -> Sums:
    """Return the sums over the m columns of `x` `(n_in, m)`, with targets `y` `(n_out, m)`.

    The layers are sigmoid and the cost is quadratic (Nielsen ch. 2, BP1 to BP4).
    """
    sigmoid = ACTIVATIONS["sigmoid"]
    activations = [x]
    for w, b in zip(network.weights, network.biases, strict=True):
        activations.append(sigmoid(w.T @ activations[-1] + b[:, None]))
    a = activations[-1]
    delta = (a - y) * a * (1 - a)  # BP1
    sums = []
    for layer in reversed(range(len(network.weights))):
        a = activations[layer]
        sums.append((delta @ a.T, delta.sum(axis=1, keepdims=True)))  # BP4, BP3
        if layer:
            delta = (network.weights[layer] @ delta) * a * (1 - a)  # BP2
    return sums[::-1]


def sums_by_example(network: Network, x: Array, y: Array) -> Sums:
    """Return the same sums as `gradient_sums`, one column at a time, as chapters 1 and 2 do."""
    total = gradient_sums(network, x[:, :1], y[:, :1])
    for k in range(1, x.shape[1]):
        one = gradient_sums(network, x[:, k : k + 1], y[:, k : k + 1])
        total = [(dw + w, db + b) for (dw, db), (w, b) in zip(total, one, strict=True)]
    return total


FORMS: tuple[Callable[[Network, Array, Array], Sums], ...] = (sums_by_example, gradient_sums)


@dataclass
class Stopwatch:
    """Seconds spent in the two `FORMS` and in the steps, and the largest difference of the sums."""

    loop: float = 0.0
    matrix: float = 0.0
    step: float = 0.0
    difference: float = 0.0


def timed_epoch(config: TrialConfig, dataset: DataSet, seed: Seed) -> ArmOutcome:
    """Return the outcome of one epoch of plain gradient descent on the training set.

    Its curves are the validation accuracy, the seconds that the epoch takes with each form, both
    including the steps, and the largest difference between the gradients of the two. The forms take
    turns in going first, so that neither finds warmer caches.
    """
    started, clock = datetime.now(UTC), perf_counter()
    weights, order = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(2))
    network = new_network(config, dataset.train.x.shape[1], len(dataset.classes), weights)
    watch = Stopwatch()
    with one_blas_thread():
        rows = order.permutation(len(dataset.train))
        for number, start in enumerate(range(0, len(rows), config.mini_batch_size)):
            batch = rows[start : start + config.mini_batch_size]
            x = dataset.train.x[batch].astype(np.float64).T
            y = dataset.train.y[batch].astype(np.float64).T
            _timed_step(network, x, y, config.learning_rate, watch, loop_first=number % 2 == 0)
        accuracy = score(network, dataset.validation).accuracy
    return ArmOutcome(
        value=accuracy,
        best_step=1,
        stop_reason=StopReason.MAX_EPOCHS,
        steps=(1,),
        curves={
            "validation_accuracy": (accuracy,),
            LOOP_SECONDS: (watch.loop + watch.step,),
            MATRIX_SECONDS: (watch.matrix + watch.step,),
            GRADIENT_DIFFERENCE: (watch.difference,),
        },
        started=started.isoformat(timespec="milliseconds"),
        seconds=perf_counter() - clock,
        worker=getpid(),
    )


def _timed_step(
    network: Network, x: Array, y: Array, rate: float, watch: Stopwatch, *, loop_first: bool
) -> None:
    seconds, sums = [0.0, 0.0], [Sums(), Sums()]
    for form in (0, 1) if loop_first else (1, 0):
        clock = perf_counter()
        sums[form] = FORMS[form](network, x, y)
        seconds[form] = perf_counter() - clock
    clock = perf_counter()
    for w, b, (dw, db) in zip(network.weights, network.biases, sums[1], strict=True):
        w -= rate / x.shape[1] * dw.T
        b -= rate / x.shape[1] * db[:, 0]
    watch.step += perf_counter() - clock
    watch.loop += seconds[0]
    watch.matrix += seconds[1]
    for by_example, whole in zip(*sums, strict=True):
        for one, other in zip(by_example, whole, strict=True):
            watch.difference = max(watch.difference, float(np.abs(one - other).max()))
