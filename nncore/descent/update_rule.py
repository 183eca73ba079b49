"""What an update rule is: its two forms, and the arrays that each of them changes.

`updates` lists the rules, and says what they do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nncore.arrays.layout import Array, aligned_zeros, places
from nncore.arrays.operations import Operations, Parts, add_product, add_scaled, add_sum
from nncore.components.regularizers import Regularizer
from nncore.config import TrialConfig


@dataclass
class State:
    """What the readable form of a rule keeps from step to step.

    Parameters
    ----------
    velocities
        For each parameter an array of its shape: the velocity of momentum, or Adam's running mean
        of gradients.
    squares
        The same for Adam's running mean of squared gradients.
    steps
        The number of steps that Adam has taken.
    """

    velocities: list[Array]
    squares: list[Array]
    steps: int = 0


def new_state(parameters: Sequence[Array]) -> State:
    """Return the state before the first step, in which all arrays are 0."""
    velocities, squares = ([np.zeros_like(array) for array in parameters] for _ in range(2))
    return State(velocities, squares)


@dataclass(frozen=True, slots=True)
class LayerArrays:
    """The arrays of one layer that a fused update changes; none is ever reallocated.

    `w` `(n_in, n_out)` and `b` `(n_out,)` are the arrays of the network. Each of the others is a
    part of an array in `Memory` and has the shape of its parameter. `w_unit` and `b_unit` are the
    factors that turn products over a mini-batch into gradients (see `sgd.gradient_units`).
    """

    w: Array
    b: Array
    w_unit: float
    b_unit: float
    w_velocity: Array
    b_velocity: Array
    w_gradient: Array
    b_gradient: Array
    w_scratch: Array


@dataclass
class Memory:
    """The arrays that a fused update changes, each in one piece for all layers.

    So a rule that treats all parameters the same needs one call, not one for each layer.

    Parameters
    ----------
    layers
        The arrays by layer, first to last.
    parameters
        The arrays of the network, flat: all weights, then all biases.
    parts
        The part of each parameter in the arrays below. Elements between parts stay 0.
    velocities, squares, steps
        As in `State`.
    gradients, scratch
        The gradients of a step, and working memory.
    """

    layers: list[LayerArrays]
    parameters: list[Array]
    parts: list[slice]
    velocities: Array
    squares: Array
    gradients: Array
    scratch: Array
    steps: int = 0

    def add(self, factor: float, flat: Array) -> Operations:
        """Return the operations of `parameter += factor * part` for all parts of `flat`."""
        pairs = zip(self.parts, self.parameters, strict=True)
        return [call for part, array in pairs for call in add_scaled(factor, flat[part], array)]


def new_memory(
    weights: Sequence[Array], biases: Sequence[Array], units: Sequence[tuple[float, float]]
) -> Memory:
    """Return the memory before the first step, in which all is 0 except the network.

    The weights are Fortran-ordered; `units` are `w_unit` and `b_unit` of each layer.
    """
    count, parameters = len(weights), [*weights, *biases]
    dtype = parameters[0].dtype
    parts = places([array.size for array in parameters], dtype)
    # Zeros take memory only once they are written to, so arrays that a rule does not use are free.
    velocities, squares, gradients, scratch = (
        aligned_zeros((parts[-1].stop,), dtype) for _ in range(4)
    )

    def views(flat: Array) -> list[Array]:
        pairs = zip(parts, parameters, strict=True)
        return [flat[part].reshape(array.shape, order="F") for part, array in pairs]

    v, g, s = views(velocities), views(gradients), views(scratch)
    layers = [
        LayerArrays(w, b, *units[k], v[k], v[count + k], g[k], g[count + k], s[k])
        for k, (w, b) in enumerate(zip(weights, biases, strict=True))
    ]
    flat_parameters = [array.ravel("K") for array in parameters]
    return Memory(layers, flat_parameters, parts, velocities, squares, gradients, scratch)


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The numbers of one step: η (or ε), μ, β₁, β₂, ϵ, λ/n, and the size m of the mini-batch."""

    learning_rate: float
    momentum: float
    beta1: float
    beta2: float
    epsilon: float
    lmbda_over_n: float
    size: int


@dataclass(frozen=True, slots=True)
class Products:
    """The factors of the gradients of one layer: its inputs and its errors, with rows in parts.

    `delta` holds the errors of all m rows, `(m, n_out)`.
    """

    x_parts: Parts
    delta_parts: Parts
    delta: Array


LayerUpdate = Callable[[Rates, Regularizer, LayerArrays, Products], Operations]


def store_gradient(
    rates: Rates, regularizer: Regularizer, layer: LayerArrays, products: Products
) -> Operations:
    """Return the operations that store the gradient of one layer, with that of the regularizer."""
    lmbda_over_n = rates.lmbda_over_n
    shrink = regularizer.add_gradient(layer.w, lmbda_over_n, layer.w_gradient, layer.w_scratch)
    return [
        *_store_cost_gradient(rates, layer, products),
        *(shrink if lmbda_over_n else []),  # + λ/n * R'(w)
    ]


def shrink_and_store_gradient(
    rates: Rates, regularizer: Regularizer, layer: LayerArrays, products: Products
) -> Operations:
    """Return the operations that shrink w, and store the gradient without the regularizer."""
    shrinkage, w = rates.learning_rate * rates.lmbda_over_n, layer.w
    shrink, decay = regularizer.shrink(w, shrinkage, layer.w_scratch)
    return [
        *(shrink if shrinkage else []),  # w -= ηλ/n * R'(w), by these two
        *([(np.multiply, (w, decay, w))] if decay != 1 else []),
        *_store_cost_gradient(rates, layer, products),
    ]


def _store_cost_gradient(rates: Rates, layer: LayerArrays, products: Products) -> Operations:
    mean, x, delta = 1 / rates.size, products.x_parts, products.delta_parts
    return [
        *add_product(mean * layer.w_unit, x, delta, 0, layer.w_gradient),  # x.T @ delta / m
        *add_sum(mean * layer.b_unit, products.delta, 0, layer.b_gradient),  # delta.sum(0) / m
    ]


@dataclass(frozen=True)
class Update:
    """An update rule, in two forms that compute the same step.

    Parameters
    ----------
    name
        The name in `UPDATES`.
    readable
        `readable(parameters, state, gradients, config)` changes the first two in place by a step at
        η = `config.learning_rate`. The gradients include that of the regularizer, except for
        a `decoupled` rule.
    finish
        `finish(rates, memory)` returns the operations of the step from the stored gradients.
    merged
        `merged(rates, regularizer, layer, products)` returns the operations for the gradient and
        the step of one layer, in fewer passes than by storing the gradient. None if the rule has no
        such form. The fused step calls it for the last layer first.
    decoupled
        Whether the regularizer shrinks the weights directly, outside the gradient.
    """

    name: str
    readable: Callable[[list[Array], State, list[Array], TrialConfig], None]
    finish: Callable[[Rates, Memory], Operations]
    merged: LayerUpdate | None = None
    decoupled: bool = False

    @property
    def store(self) -> LayerUpdate:
        """What the fused step calls for each layer, last layer first, before `finish`."""
        return shrink_and_store_gradient if self.decoupled else store_gradient
