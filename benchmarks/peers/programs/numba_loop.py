"""Numba: the whole epoch compiled, with `np.dot` into buffers that are allocated once.

Its `np.dot` calls SciPy's BLAS; fused loops with fastmath do everything else.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit

from benchmarks.peers.catalogue import Peer
from benchmarks.support.task import BenchmarkTask, Layers, orders
from nncore.arrays.layout import Array
from nncore.datasets.dataset import Split

Arrays = tuple[Array, ...]


def prepare(split: Split, task: BenchmarkTask) -> Peer:
    """Return the compiled loop, float32."""
    sizes, size = task.sizes(split), task.mini_batch_size
    start = task.start(split)
    w = tuple(np.ascontiguousarray(weights, np.float32) for weights, _ in start)
    b = tuple(biases.astype(np.float32) for _, biases in start)
    a = tuple(np.empty((size, n), np.float32) for n in sizes)
    delta = tuple(np.empty((size, n), np.float32) for n in sizes)
    gradient = tuple(np.empty(pair, np.float32) for pair in pairwise(sizes))
    y = np.empty((size, sizes[-1]), np.float32)
    x_all, y_all = np.array(split.x), np.array(split.y)
    decay = np.float32(1 - task.learning_rate * task.lmbda / len(split))
    rate = np.float32(task.learning_rate)
    fast_epoch: Any = njit(fastmath=True)(_epoch)
    order = orders(split)

    def epoch() -> None:
        fast_epoch(w, b, x_all, y_all, next(order), decay, rate, a, y, delta, gradient)

    def layers() -> Layers:
        return [(weights.copy(), biases.copy()) for weights, biases in zip(w, b, strict=True)]

    return Peer(epoch, layers)


def _epoch(  # noqa: C901  one function, so that the compiler sees the whole loop
    w: Arrays,
    b: Arrays,
    x_all: Array,
    y_all: Array,
    order: Array,
    decay: Any,
    rate: Any,
    a_all: Arrays,
    y: Array,
    delta_all: Arrays,
    gradient: Arrays,
) -> None:
    """Train once through the rows `order`, in place; the last five are working memory."""
    one, last = np.float32(1), len(w)
    for start in range(0, len(order), len(y)):
        m = min(len(y), len(order) - start)
        for i in range(m):
            a_all[0][i] = x_all[order[start + i]]
            y[i] = y_all[order[start + i]]
        for k in range(last):
            a, biases = a_all[k + 1][:m], b[k]
            np.dot(a_all[k][:m], w[k], a)
            for i in range(m):
                for j in range(a.shape[1]):
                    a[i, j] = one / (one + np.exp(-(a[i, j] + biases[j])))
        delta, a = delta_all[last][:m], a_all[last][:m]
        for i in range(m):
            for j in range(a.shape[1]):
                delta[i, j] = a[i, j] - y[i, j]
        step = rate / np.float32(m)
        for k in range(last - 1, -1, -1):
            delta, a, weights, biases = delta_all[k + 1][:m], a_all[k][:m], w[k], b[k]
            if k > 0:
                below = delta_all[k][:m]
                np.dot(delta, weights.T, below)
                for i in range(m):
                    for j in range(a.shape[1]):
                        below[i, j] *= a[i, j] * (one - a[i, j])
            slope = gradient[k]
            np.dot(a.T, delta, slope)
            for i in range(weights.shape[0]):
                for j in range(weights.shape[1]):
                    weights[i, j] = decay * weights[i, j] - step * slope[i, j]
            for i in range(m):
                for j in range(len(biases)):
                    biases[j] -= step * delta[i, j]
