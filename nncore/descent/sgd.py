"""Stochastic gradient descent, fused: the hot path, in place in arrays that are allocated once.

It computes the same step as `backprop.sgd_step`, in as few calls as the mathematics allows; tests
compare the two.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from nncore.arrays.layout import Array, aligned_zeros, row_parts, transposed_parts
from nncore.arrays.operations import Operation, Operations, Parts, affine, times_transposed
from nncore.arrays.replay import Rows, replay
from nncore.components.activations import ACTIVATIONS, Activation
from nncore.components.costs import COSTS
from nncore.components.dropout import draw_kept
from nncore.components.max_norm import limited_norms
from nncore.components.regularizers import REGULARIZERS
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split
from nncore.descent.clipping import clipped
from nncore.descent.mini_batches import Block, MiniBatch
from nncore.descent.update_rule import LayerArrays, Products, Rates, Update, new_memory
from nncore.descent.updates import UPDATES
from nncore.network import Network

WarpRows = Callable[[Array], Array]


class Sgd:
    """Mini-batch descent that changes the arrays of a network in place, an epoch per call.

    Parameters
    ----------
    network
        The network to train; its weights are Fortran-ordered.
    config
        The hyperparameters.
    training_size
        The number of examples in an epoch; it is also the n that divides λ.
    noise
        Draws the dropout masks; needed only for `dropout` and `input_dropout`.
    warp
        Returns warped copies of the images of a mini-batch; None turns expansion off.
    example_weights
        The weight of each example in the cost, `(training_size,)`; None if all are 1.
    """

    def __init__(
        self,
        network: Network,
        config: TrialConfig,
        training_size: int,
        noise: Generator | None = None,
        warp: WarpRows | None = None,
        example_weights: NDArray[Any] | None = None,
    ) -> None:
        arrays = (*network.weights, *network.biases)
        # BLAS writes into these arrays. It copies an array of another form, and trains the copy.
        if not all(a.flags.f_contiguous and a.dtype == arrays[0].dtype for a in arrays):
            raise ValueError("weights must be Fortran-ordered and have the dtype of the biases")
        if (config.dropout or config.input_dropout) and noise is None:
            raise ValueError("dropout must have a generator to draw from")
        self._config, self._training_size = config, training_size
        self._noise, self._warp = noise, warp
        self._cancels = COSTS[network.cost].cancels
        self._activations = [ACTIVATIONS[name] for _, _, name in network.layers]
        self._dropout_gain = 1 / (1 - config.dropout)
        self._input_gain = 1 / (1 - config.input_dropout)
        units = gradient_units(
            self._activations, self._cancels, self._dropout_gain, self._input_gain
        )
        self._memory = new_memory(network.weights, network.biases, units)
        self._block = Block(network, config.mini_batch_size, example_weights)
        mask_shape = config.mini_batch_size, network.sizes[0]
        self._input_mask = aligned_zeros(mask_shape, arrays[0].dtype)
        self._layers: dict[int, list[_Layer]] = {}
        self._learning_rate = 0.0
        self._split: Split | None = None
        self._programs: dict[int, Callable[[Rows], None]] = {}

    def epoch(self, split: Split, order: NDArray[np.int64], learning_rate: float) -> None:
        """Train once on the rows `order` of `split`; a shorter last mini-batch is a step too."""
        if learning_rate != self._learning_rate or split is not self._split:
            self._learning_rate, self._split = learning_rate, split
            self._programs.clear()
        order = np.ascontiguousarray(order, np.int64)
        whole = len(order) - len(order) % self._block.rows
        for rows, part in ((self._block.rows, order[:whole]), (len(order) - whole, order[whole:])):
            if len(part):
                self._program(split, rows)(part)

    def _program(self, split: Split, rows: int) -> Callable[[Rows], None]:
        """Return what gathers blocks of `rows` rows of `split`, and trains on each."""
        if rows not in self._programs:
            operations = [*self._block.gather(split, rows), *self._steps(rows)]
            self._programs[rows] = replay(operations, self._block.chosen(rows))
        return self._programs[rows]

    def _steps(self, rows: int) -> list[Operation]:
        """Return the operations that train on a block of `rows`, all its mini-batches in turn."""
        batches = self._block.mini_batches(rows)
        return [operation for batch in batches for operation in self._step(batch)]

    def _step(self, batch: MiniBatch) -> list[Operation]:
        """Return the operations of one step; comments give the same in plain NumPy.

        The arrays hold outputs divided by the `unit` of their activation (see `Activation`) and by
        the factor of dropout, and errors divided by the numbers that follow from these
        (`gradient_units`). The products multiply by the missing factors; the comments omit them.
        """
        config, layers = self._config, self._working_memory(len(batch.x))
        first, hidden, output = layers[0], layers[:-1], layers[-1]
        update, regularizer = UPDATES[config.rule], REGULARIZERS[config.regularizer]
        # The length of the gradient is known only when the gradients of all layers are stored.
        merged = None if config.clip_norm else update.merged
        layer_update = merged or update.store
        rates = Rates(
            learning_rate=self._learning_rate,
            momentum=config.momentum,
            beta1=config.beta1,
            beta2=config.beta2,
            epsilon=config.epsilon,
            lmbda_over_n=config.lmbda / self._training_size,
            size=len(batch.x),
        )
        first.x_parts = batch.x_parts
        step = self._disturb(batch.x)
        for layer in hidden:
            step += _forward(layer)  # a = f(x @ w + b)
            step += _add_offset(layer)
            if config.dropout:
                # kept = a * mask
                step += self._drop(config.dropout, layer.a, layer.mask, layer.kept)
        step += _forward(output)  # a = f(x @ w + b)
        step += [(np.subtract, (output.a, batch.y, output.delta))]  # delta = a - y
        if batch.weights is not None:
            # All that follows is linear in the error, so this weights the whole gradient.
            step += [(np.multiply, (output.delta, batch.weights, output.delta))]  # delta *= weights
        if not self._cancels:
            step += [*_add_offset(output), *_pull_back(output)]  # delta *= f'(z)
        # The error passes down through the weights of a layer before the step changes them.
        for below, layer in reversed(list(pairwise(layers))):
            # below.delta = delta @ w.T
            step += times_transposed(layer.delta_parts, layer.w, layer.below_parts)
            if config.dropout:
                step += [(np.multiply, (below.delta, below.mask, below.delta))]  # delta *= mask
            step += _pull_back(below)  # delta *= f'(z)
            step += layer_update(rates, regularizer, layer.arrays, layer.products)
        step += layer_update(rates, regularizer, first.arrays, first.products)
        if merged is None:
            step += self._finish(update, rates)
        if config.max_norm:
            for layer in hidden:
                step += limited_norms(layer.w, config.max_norm)  # w *= c / maximum(norms, c)
        return step

    def _finish(self, update: Update, rates: Rates) -> Operations:
        """Take the step of `update` from the stored gradients, which are clipped first."""
        memory, bound = self._memory, self._config.clip_norm
        clip = clipped(memory.gradients, bound) if bound else []
        return [*clip, *update.finish(rates, memory)]

    def _disturb(self, x: Array) -> list[Operation]:
        """Warp the images of a mini-batch and drop inputs, in place."""
        operations: list[Operation] = []
        if self._warp:
            operations += [(_warp_rows, (self._warp, x))]  # x = warp(x)
        if self._config.input_dropout:
            mask = self._input_mask[: len(x)]
            operations += self._drop(self._config.input_dropout, x, mask, x)  # x = x * mask
        return operations

    def _drop(self, rate: float, a: Array, mask: Array, kept: Array) -> Operations:
        """Do `kept = a * mask` with a new `mask`; the products multiply by 1/(1 − `rate`)."""
        assert self._noise is not None
        return [*draw_kept(self._noise, mask, rate), (np.multiply, (a, mask, kept))]

    def _working_memory(self, size: int) -> list["_Layer"]:
        """Return the layers, first to last, with memory for mini-batches of `size` rows."""
        if size not in self._layers:
            below = None
            self._layers[size] = []
            for arrays, activation in zip(self._memory.layers, self._activations, strict=True):
                below = _layer(
                    arrays, activation, size, below, self._dropout_gain, self._input_gain
                )
                self._layers[size].append(below)
        return self._layers[size]


@dataclass(slots=True)
class _Layer:
    """One layer of the network with its working memory for mini-batches of m rows.

    All arrays of this class itself are `(m, n_out)`.
    """

    arrays: LayerArrays
    activation: Activation
    w_gain: float  # the factor of `x @ w`: this layer's gain, and the missing factor of `x`
    a: Array  # z first, then f(z)
    mask: Array  # of dropout
    kept: Array  # the inputs of the next layer; `a` itself without dropout
    delta: Array
    scratch: Array
    offsets: Array  # filled with the activation's offset
    top: Array  # filled with 1/unit
    x_parts: Parts  # `kept` of the layer below; for the first layer, the mini-batch
    a_parts: Parts
    delta_parts: Parts
    below_parts: Parts  # `delta` of the layer below

    @property
    def w(self) -> Array:
        return self.arrays.w

    @property
    def products(self) -> Products:
        return Products(self.x_parts, self.delta_parts, self.delta)


def _layer(
    arrays: LayerArrays,
    activation: Activation,
    size: int,
    below: _Layer | None,
    dropout_gain: float,
    input_gain: float,
) -> _Layer:
    n_in, n_out = arrays.w.shape
    a, mask, kept, delta, scratch, offsets, top = (
        aligned_zeros((size, n_out), arrays.w.dtype) for _ in range(7)
    )
    offsets[...], top[...] = activation.offset, 1 / activation.unit
    rows = row_parts(size, n_in, n_out)
    return _Layer(
        arrays=arrays,
        activation=activation,
        w_gain=activation.gain * (below.activation.unit * dropout_gain if below else input_gain),
        a=a,
        mask=mask,
        kept=kept if dropout_gain > 1 else a,
        delta=delta,
        scratch=scratch,
        offsets=offsets,
        top=top,
        x_parts=transposed_parts(below.kept, rows) if below else (),
        a_parts=transposed_parts(a, rows),
        delta_parts=transposed_parts(delta, rows),
        below_parts=transposed_parts(below.delta, rows) if below else (),
    )


def _forward(layer: _Layer) -> Operations:
    gain = layer.activation.gain
    return [
        (layer.a.__setitem__, (..., layer.arrays.b)),  # a[...] = b, which `copyto` does slower
        *affine(layer.x_parts, layer.w, layer.w_gain, layer.a_parts, gain),  # a += x @ w
        *layer.activation.apply(layer.a),
    ]


def _add_offset(layer: _Layer) -> Operations:
    if layer.activation.offset == 0:
        return []
    return [(np.add, (layer.a, layer.offsets, layer.a))]


def _pull_back(layer: _Layer) -> Operations:
    return layer.activation.backpropagate(layer.a, layer.delta, layer.scratch, layer.top)


def _warp_rows(warp: WarpRows, x: Array) -> None:
    np.copyto(x, warp(x))


def gradient_units(
    activations: Sequence[Activation],
    cancels: bool,
    dropout_gain: float,
    input_gain: float = 1.0,
) -> list[tuple[float, float]]:
    """Return, for each layer, the factors that turn its products into gradients.

    The first factor of a layer is for its weights, the second for its biases. They are needed
    because the arrays hold a/u for outputs a, with u the `unit` of the activation:

    - the output error is stored as (a − y)/u;
    - each derivative that an error passes through is stored divided by u², and by `dropout_gain`,
      the factor 1/(1 − p) of dropout;
    - the inputs of a layer, which multiply its error, are stored divided by the u of the layer
      below and by `dropout_gain`. Those of the first layer are stored divided by `input_gain`, the
      factor of input dropout, which is 1 without it.

    For example, with sigmoid in both layers (u = 1/2), cross-entropy and no dropout: the output
    error is stored as 2(a − y), so the biases of the last layer have the factor 1/2. Its inputs are
    stored as 2a, so its weights have the factor 1/2 · 1/2 = 1/4. The error of the first layer is
    stored as 2 · 4 times the error, so its weights and its biases have the factor 1/8.
    """
    error = activations[-1].unit * (1.0 if cancels else activations[-1].unit ** 2)
    units = []
    for below in reversed(activations[:-1]):
        units.append((error * below.unit * dropout_gain, error))
        error *= below.unit**2 * dropout_gain
    return [(error * input_gain, error), *units[::-1]]
