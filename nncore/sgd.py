"""Stochastic gradient descent, fused: the hot path, in place in buffers that are allocated once.

It computes what `backprop.sgd_step` computes, in as few calls as the mathematics allows; tests hold
them together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.linalg import get_blas_funcs

from nncore.activations import ACTIVATIONS, Activation, Array
from nncore.config import TrialConfig
from nncore.costs import COSTS
from nncore.datasets.base import Split
from nncore.dropout import fill_dropout_mask
from nncore.mini_batches import MiniBatches
from nncore.network import Network
from nncore.regularizers import REGULARIZERS
from nncore.updates import UPDATES, Rates, Trained

Step = Callable[[Array, Array], None]


class Sgd:
    """Mini-batch descent on the arrays of `network` itself, an epoch per call.

    `training_size` is both the n that divides λ and the number of examples in an epoch. `noise`
    draws the dropout masks and the warps of expansion; without either it may be None.
    """

    def __init__(
        self,
        network: Network,
        config: TrialConfig,
        training_size: int,
        noise: Generator | None = None,
        warp: Callable[[Array], Array] | None = None,
    ) -> None:
        arrays = (*network.weights, *network.biases)
        # BLAS writes into these arrays; one of another form it would copy, and train the copy.
        if not all(a.flags.f_contiguous and a.dtype == arrays[0].dtype for a in arrays):
            raise ValueError("weights must be Fortran-ordered and of one dtype with the biases")
        if config.dropout and noise is None:
            raise ValueError("dropout must have a generator to draw from")
        self._config, self._warp = config, warp
        self._noise = noise or np.random.default_rng(0)  # without dropout never drawn from
        self._cancels = COSTS[network.cost].cancels
        self._gemm = get_blas_funcs("gemm", network.weights)
        self._regularizer = REGULARIZERS[config.regularizer]
        self._lmbda_over_n = config.lmbda / training_size
        self._mini_batches = MiniBatches(network, config.mini_batch_size)
        trained = [_trained(w, b) for w, b, _ in network.layers]
        sizes = {config.mini_batch_size, training_size % config.mini_batch_size} - {0}
        entries = [ACTIVATIONS[name] for _, _, name in network.layers]
        dropout = config.dropout > 0
        self._layers = {
            size: [_layer(t, e, size, dropout) for t, e in zip(trained, entries, strict=True)]
            for size in sizes
        }
        self._trained = trained

    def epoch(self, split: Split, order: NDArray[np.int64], learning_rate: float) -> None:
        """Train once through the rows `order` of `split`; a short last mini-batch is a step too."""
        steps = {size: self._step(size, learning_rate) for size in self._layers}
        warp = self._warp
        for x, y in self._mini_batches.of(split, order):
            steps[len(x)](warp(x) if warp else x, y)

    def _step(self, size: int, learning_rate: float) -> Step:
        """Return the step `(x, y) -> None` for mini-batches of `size` examples.

        BLAS reads columns first, so it is handed the transpose of each array but `w`, which is
        stored that way.
        """
        layers, dropout, noise = self._layers[size], self._config.dropout, self._noise
        output, hidden = layers[-1], layers[:-1]
        backward = [(layers[k], layers[k - 1]) for k in range(len(layers) - 1, 0, -1)]
        copyto, subtract, multiply, gemm = np.copyto, np.subtract, np.multiply, self._gemm
        cancels = self._cancels
        rates = Rates(
            learning_rate=learning_rate,
            momentum=self._config.momentum,
            lmbda_over_n=self._lmbda_over_n,
            size=size,
        )
        update = UPDATES[self._config.update]
        take_in, finish = update.fused(rates, self._regularizer, self._trained)

        def forward(layer: _Layer, a_t: Array) -> None:
            a, gain = layer.a, layer.gain
            copyto(a, layer.b)
            gemm(gain, layer.w, a_t, gain, layer.a_t, 1, 0, 1)  # a = gain * (a_below @ w + b)
            layer.apply(a)  # a = f(z)

        def step(x: Array, y: Array) -> None:
            a_t = x_t = x.T
            for layer in hidden:
                forward(layer, a_t)
                a_t = layer.a_t
                if dropout:
                    fill_dropout_mask(noise, layer.mask, dropout)
                    multiply(layer.a, layer.mask, layer.kept)  # kept = a * mask
                    a_t = layer.kept_t
            forward(output, a_t)
            subtract(output.a, y, output.delta)  # delta = a - y
            if not cancels:
                output.backpropagate(output.a, output.delta, output.scratch)  # delta *= f'(z)
            for layer, below in backward:
                # below.delta = (delta @ w.T) * mask * f'(z)
                gemm(1, layer.w, layer.delta_t, 0, below.delta_t, 0, 0, 1)
                if dropout:
                    multiply(below.delta, below.mask, below.delta)
                below.backpropagate(below.a, below.delta, below.scratch)
                take_in(layer.trained, below.kept_t, layer.delta_t)
            take_in(layers[0].trained, x_t, layers[0].delta_t)
            if finish:
                finish()

        return step


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer of the network with its working memory for mini-batches of m rows."""

    trained: Trained
    w: Array  # (n_in, n_out), the network's own, like b
    b: Array  # (n_out,)
    gain: float
    apply: Callable[[Array], None]
    backpropagate: Callable[[Array, Array, Array], None]
    a: Array  # (m, n_out): z first, then f(z)
    a_t: Array  # the same memory, transposed
    mask: Array  # (m, n_out), of dropout
    kept: Array  # (m, n_out): what the next layer sees, `a` itself without dropout
    kept_t: Array
    delta: Array  # (m, n_out)
    delta_t: Array
    scratch: Array  # (m, n_out)


def _layer(trained: Trained, activation: Activation, size: int, dropout: bool) -> _Layer:
    w, b = trained.w, trained.b
    a, delta, scratch, mask, kept = (np.empty((size, len(b)), w.dtype) for _ in range(5))
    if not dropout:
        kept = a
    return _Layer(
        trained=trained,
        w=w,
        b=b,
        gain=activation.gain,
        apply=activation.apply,
        backpropagate=activation.backpropagate,
        a=a,
        a_t=a.T,
        mask=mask,
        kept=kept,
        kept_t=kept.T,
        delta=delta,
        delta_t=delta.T,
        scratch=scratch,
    )


def _trained(w: Array, b: Array) -> Trained:
    # np.zeros and np.empty take memory only when it is written to: what a rule leaves is free.
    return Trained(
        w=w,
        b=b,
        w_velocity=np.zeros_like(w),
        b_velocity=np.zeros_like(b),
        w_gradient=np.empty_like(w),
        b_gradient=np.empty_like(b),
        w_scratch=np.empty_like(w),
    )
