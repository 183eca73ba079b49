"""Stochastic gradient descent, fused: the hot path, in place in buffers that are allocated once.

It computes what `backprop.sgd_step` computes, in as few calls as the mathematics allows; tests hold
them together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import get_blas_funcs

from nncore.activations import ACTIVATIONS, Activation, Array
from nncore.costs import COSTS
from nncore.datasets.base import Split
from nncore.network import Network
from nncore.regularizers import REGULARIZERS

BLOCK_ROWS = 1000
"""About how many shuffled rows are gathered at once: enough to hide the call, few enough for the
cache."""

MiniBatch = tuple[Array, Array]
Step = Callable[[Array, Array], None]


class Sgd:
    """Mini-batch descent on the arrays of `network` itself, an epoch per call.

    `lmbda` is λ of the `regularizer` named; `training_size` is both the n that divides it and the
    number of examples in an epoch.
    """

    def __init__(
        self,
        network: Network,
        *,
        mini_batch_size: int,
        lmbda: float,
        regularizer: str,
        training_size: int,
    ) -> None:
        arrays = (*network.weights, *network.biases)
        # BLAS writes into these arrays; one of another form it would copy, and train the copy.
        if not all(a.flags.f_contiguous and a.dtype == arrays[0].dtype for a in arrays):
            raise ValueError("weights must be Fortran-ordered and of one dtype with the biases")
        self._cancels = COSTS[network.cost].cancels
        self._blas = get_blas_funcs(("gemm", "gemv"), network.weights)
        self._lmbda_over_n = lmbda / training_size
        self._shrink = REGULARIZERS[regularizer].shrink
        self._block = _Block(network, mini_batch_size)
        sizes = {mini_batch_size, training_size % mini_batch_size} - {0}
        self._layers = {size: _layers(network, size) for size in sizes}

    def epoch(self, split: Split, order: NDArray[np.int64], learning_rate: float) -> None:
        """Train once through the rows `order` of `split`; a short last mini-batch is a step too."""
        steps = {size: self._step(size, learning_rate) for size in self._layers}
        for x, y in self._block.mini_batches(split, order):
            steps[len(x)](x, y)

    def _step(self, size: int, learning_rate: float) -> Step:
        """Return the step `(x, y) -> None` for mini-batches of `size` examples.

        BLAS reads columns first, so it is handed the transpose of each array but `w`, which is
        stored that way.
        """
        layers = self._layers[size]
        output = layers[-1]
        backward = [(layers[k], layers[k - 1]) for k in range(len(layers) - 1, 0, -1)]
        copyto, subtract, (gemm, gemv) = np.copyto, np.subtract, self._blas
        cancels, shrink = self._cancels, self._shrink
        rate = -learning_rate / size
        shrinkage = learning_rate * self._lmbda_over_n
        ones = np.ones(size, output.a.dtype)

        def update(layer: _Layer, a_t: Array) -> None:
            w, delta_t = layer.w, layer.delta_t
            decay = shrink(w, shrinkage, layer.w_scratch) if shrinkage else 1.0
            gemm(rate, a_t, delta_t, decay, w, 0, 1, 1)  # w = decay * w - η/m * a.T @ delta
            gemv(rate, delta_t, ones, 1, layer.b, 0, 1, 0, 1, 0, 1)  # b -= η/m * delta.sum(0)

        def step(x: Array, y: Array) -> None:
            a_t = x_t = x.T
            for layer in layers:
                a, gain = layer.a, layer.gain
                copyto(a, layer.b)
                gemm(gain, layer.w, a_t, gain, layer.a_t, 1, 0, 1)  # a = gain * (a_below @ w + b)
                layer.apply(a)  # a = f(z)
                a_t = layer.a_t
            subtract(output.a, y, output.delta)  # delta = a - y
            if not cancels:
                output.backpropagate(output.a, output.delta, output.scratch)  # delta *= f'(z)
            for layer, below in backward:
                # below.delta = (delta @ w.T) * f'(z)
                gemm(1, layer.w, layer.delta_t, 0, below.delta_t, 0, 0, 1)
                below.backpropagate(below.a, below.delta, below.scratch)
                update(layer, below.a_t)
            update(layers[0], x_t)

        return step


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer of the network with its working memory for mini-batches of m rows."""

    w: Array  # (n_in, n_out), the network's own, like b
    b: Array  # (n_out,)
    gain: float
    apply: Callable[[Array], None]
    backpropagate: Callable[[Array, Array, Array], None]
    a: Array  # (m, n_out): z first, then f(z)
    a_t: Array  # the same memory, transposed
    delta: Array  # (m, n_out)
    delta_t: Array
    scratch: Array  # (m, n_out)
    w_scratch: Array  # (n_in, n_out)


def _layers(network: Network, size: int) -> list[_Layer]:
    return [_layer(w, b, ACTIVATIONS[name], size) for w, b, name in network.layers]


def _layer(w: Array, b: Array, activation: Activation, size: int) -> _Layer:
    a, delta, scratch = (np.empty((size, len(b)), w.dtype) for _ in range(3))
    return _Layer(
        w=w,
        b=b,
        gain=activation.gain,
        apply=activation.apply,
        backpropagate=activation.backpropagate,
        a=a,
        a_t=a.T,
        delta=delta,
        delta_t=delta.T,
        scratch=scratch,
        w_scratch=np.empty_like(w),
    )


class _Block:
    """A block of gathered rows and the views of its mini-batches, filled again and again."""

    def __init__(self, network: Network, mini_batch_size: int) -> None:
        dtype, n_in, n_out = network.weights[0].dtype, network.sizes[0], network.sizes[-1]
        self._size = mini_batch_size
        self._rows = mini_batch_size * max(1, BLOCK_ROWS // mini_batch_size)
        self._x, self._y = np.empty((self._rows, n_in), dtype), np.empty((self._rows, n_out), dtype)
        # Data sets are float32: float64 training gathers them as they are, then widens exactly.
        widen = dtype != np.float32
        self._source_x = np.empty_like(self._x, np.float32) if widen else self._x
        self._source_y = np.empty_like(self._y, np.float32) if widen else self._y
        self._views = self._split(self._rows)

    def _split(self, rows: int) -> list[MiniBatch]:
        starts = range(0, rows, self._size)
        ends = (min(start + self._size, rows) for start in starts)
        return [(self._x[i:j], self._y[i:j]) for i, j in zip(starts, ends, strict=True)]

    def mini_batches(self, split: Split, order: NDArray[np.int64]) -> Iterator[MiniBatch]:
        """Yield each mini-batch of `split` in `order`, as views that the next block overwrites."""
        for start in range(0, len(order), self._rows):
            chosen = order[start : start + self._rows]
            count = len(chosen)
            split.x.take(chosen, 0, self._source_x[:count], "clip")
            split.y.take(chosen, 0, self._source_y[:count], "clip")
            if self._source_x is not self._x:
                np.copyto(self._x[:count], self._source_x[:count])
                np.copyto(self._y[:count], self._source_y[:count])
            yield from self._views if count == self._rows else self._split(count)
