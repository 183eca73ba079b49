"""The task of all programs: a network shape, its initial weights and the order of the data.

Sigmoid layers, cross-entropy, L2 and plain mini-batch descent, as in the book's chapter 3.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from nncore.components.initializers import INITIALIZERS
from nncore.datasets.dataset import Split

Layers = list[tuple[Array, Array]]
"""Weights `(n_in, n_out)` and biases `(n_out,)` of each layer, first to last."""

INIT, START_SEED, ORDER_SEED = "scaled", 1, 2


@dataclass(frozen=True)
class BenchmarkTask:
    """A network to train: widths of the hidden layers, mini-batch size, η and λ."""

    hidden_units: tuple[int, ...] = (30,)
    mini_batch_size: int = 10
    learning_rate: float = 0.5
    lmbda: float = 5.0

    def sizes(self, split: Split) -> tuple[int, ...]:
        """Return the widths of all layers for the inputs and classes of `split`."""
        return (split.x.shape[1], *self.hidden_units, split.y.shape[1])

    def start(self, split: Split) -> Layers:
        """Return the initial weights, float64, the same for all programs."""
        drawn = INITIALIZERS[INIT].draw(self.sizes(split), np.random.default_rng(START_SEED))
        return list(zip(*drawn, strict=True))


def orders(split: Split) -> Iterator[NDArray[np.int64]]:
    """Yield the order of the rows of `split` for each epoch, the same for all programs.

    One array is shuffled repeatedly, as in `nncore.training`.
    """
    rng, rows = np.random.default_rng(ORDER_SEED), np.arange(len(split))
    while True:
        rng.shuffle(rows)
        yield rows


def flops(sizes: Sequence[int], examples: int) -> int:
    """Return the floating-point operations of an epoch's matrix products.

    A product with a weight matrix is 2·n_in·n_out per example. Each layer has two, z = a W and
    the gradient aᵀδ; all but the first have a third, δ Wᵀ. Element-wise operations are not
    counted.
    """
    weights = [n_in * n_out for n_in, n_out in pairwise(sizes)]
    return 2 * examples * (2 * sum(weights) + sum(weights[1:]))


def accuracy(layers: Layers, split: Split) -> float:
    """Return the fraction of `split` that a network of sigmoid layers classifies correctly.

    The class is the largest output, which softmax in the last layer would not change.
    """
    sigmoid, a = ACTIVATIONS["sigmoid"], split.x
    for w, b in layers:
        a = sigmoid(a @ w.astype(np.float32) + b.astype(np.float32))
    return float((a.argmax(axis=1) == split.labels).mean())
