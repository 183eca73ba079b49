"""Update rules: plain descent, momentum, Nesterov's momentum, and a step of fixed length.

Each entry holds a rule twice: in readable form, and fused with the matrix products of the step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from nncore.arrays.layout import Array, aligned_zeros
from nncore.arrays.operations import Operations, Parts, add_product, add_scaled, add_sum, run
from nncore.components.regularizers import Regularizer


@dataclass(frozen=True, slots=True)
class LayerArrays:
    """The arrays of one layer that a fused update changes; none is ever reallocated.

    `w` `(n_in, n_out)` and `b` `(n_out,)` are the arrays of the network. The velocities are 0 at
    first; the gradients and `w_scratch` are working memory. Each has the shape of its parameter.
    `w_unit` and `b_unit` are the factors that turn products over a mini-batch into gradients (see
    `sgd.gradient_units`).
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


def layer_arrays(w: Array, b: Array, w_unit: float, b_unit: float) -> LayerArrays:
    """Return `w` and `b` with their velocities and working memory."""
    # Zeros take memory only once they are written to, so arrays that a rule does not use are free.
    return LayerArrays(
        w,
        b,
        w_unit,
        b_unit,
        *(aligned_zeros(array.shape, w.dtype, "F") for array in (w, b, w, b, w)),
    )


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The numbers of one step: η (or ε), μ, λ/n, and the size m of the mini-batch."""

    learning_rate: float
    momentum: float
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


FusedUpdate = Callable[[Rates, Regularizer, LayerArrays, Products], Operations]


def _nothing(rates: Rates, layers: Sequence[LayerArrays]) -> Operations:
    return []


@dataclass(frozen=True)
class Update:
    """An update rule, in two forms that compute the same step.

    Parameters
    ----------
    name
        The name in `UPDATES`.
    readable
        `readable(parameters, velocities, gradients, learning_rate, momentum)` changes the first two
        in place; the gradients include that of the regularizer.
    fused
        `fused(rates, regularizer, layer, products)` returns the operations for one layer. The fused
        step calls it for the last layer first.
    finish
        `finish(rates, layers)` returns the operations after all layers, for a rule that needs the
        gradients of all layers at once.
    """

    name: str
    readable: Callable[[list[Array], list[Array], list[Array], float, float], None]
    fused: FusedUpdate
    finish: Callable[[Rates, Sequence[LayerArrays]], Operations] = _nothing


def _gradient(
    parameters: list[Array],
    velocities: list[Array],
    gradients: list[Array],
    learning_rate: float,
    momentum: float,
) -> None:
    """Do v → v − η∇C; Nielsen ch. 1, eq. 20 and 21."""
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter -= learning_rate * gradient


def _fused_gradient(
    rates: Rates, regularizer: Regularizer, layer: LayerArrays, products: Products
) -> Operations:
    rate, shrinkage = -rates.learning_rate / rates.size, rates.learning_rate * rates.lmbda_over_n
    # One call of gemm, C ← βC + αAB, does decay, gradient and step: β = decay and α = −η/m.
    shrink, decay = regularizer.shrink(layer.w, shrinkage, layer.w_scratch)
    x, delta = products.x_parts, products.delta_parts
    return [
        *(shrink if shrinkage else []),
        # w = decay * w - η/m * x.T @ delta
        *add_product(rate * layer.w_unit, x, delta, decay, layer.w),
        *add_sum(rate * layer.b_unit, products.delta, 1, layer.b),  # b -= η/m * delta.sum(0)
    ]


def _momentum(
    parameters: list[Array],
    velocities: list[Array],
    gradients: list[Array],
    learning_rate: float,
    momentum: float,
) -> None:
    """Do v → μv − η∇C and w → w + v; Nielsen ch. 3, eq. 107 and 108."""
    for parameter, velocity, gradient in zip(parameters, velocities, gradients, strict=True):
        velocity *= momentum
        velocity -= learning_rate * gradient
        parameter += velocity


def _fused_momentum(
    rates: Rates, regularizer: Regularizer, layer: LayerArrays, products: Products
) -> Operations:
    rate, shrinkage = -rates.learning_rate / rates.size, rates.learning_rate * rates.lmbda_over_n
    mu, v, v_b = rates.momentum, layer.w_velocity, layer.b_velocity
    x, delta = products.x_parts, products.delta_parts
    shrink = regularizer.add_gradient(layer.w, -shrinkage, v, layer.w_scratch)
    return [
        *add_product(rate * layer.w_unit, x, delta, mu, v),  # v = μ * v - η/m * x.T @ delta
        *add_sum(rate * layer.b_unit, products.delta, mu, v_b),  # the same for b
        *(shrink if shrinkage else []),  # v -= ηλ/n * R'(w)
        *add_scaled(1.0, v, layer.w),  # w += v
        (np.add, (layer.b, v_b, layer.b)),
    ]


def _nesterov(
    parameters: list[Array],
    velocities: list[Array],
    gradients: list[Array],
    learning_rate: float,
    momentum: float,
) -> None:
    """Do v → μv − η∇C and w → w + μv − η∇C, with the gradient taken at w.

    Nesterov's method takes the gradient at a point ahead, u + μv. Here w stands for that point, so
    the gradient is taken at w: Sutskever et al. 2013, sec. 2; Bengio et al. 2013, eq. 6 and 7.
    """
    for parameter, velocity, gradient in zip(parameters, velocities, gradients, strict=True):
        velocity *= momentum
        velocity -= learning_rate * gradient
        parameter += momentum * velocity - learning_rate * gradient


def _fused_nesterov(
    rates: Rates, regularizer: Regularizer, layer: LayerArrays, products: Products
) -> Operations:
    rate, shrinkage = -rates.learning_rate / rates.size, rates.learning_rate * rates.lmbda_over_n
    mu, step, step_b = rates.momentum, layer.w_gradient, layer.b_gradient
    x, delta = products.x_parts, products.delta_parts
    shrink = regularizer.add_gradient(layer.w, -shrinkage, step, layer.w_scratch)
    operations = [
        *add_product(rate * layer.w_unit, x, delta, 0, step),  # step = - η/m * x.T @ delta
        *add_sum(rate * layer.b_unit, products.delta, 0, step_b),  # the same for b
        *(shrink if shrinkage else []),  # step -= ηλ/n * R'(w)
    ]
    for parameter, velocity, move in (
        (layer.w, layer.w_velocity, step),
        (layer.b, layer.b_velocity, step_b),
    ):
        operations += [
            (np.multiply, (velocity, mu, velocity)),
            *add_scaled(1.0, move, velocity),  # v = μ * v + step
            *add_scaled(mu, velocity, parameter),
            *add_scaled(1.0, move, parameter),  # w += μ * v + step
        ]
    return operations


def _fixed_length(
    parameters: list[Array],
    velocities: list[Array],
    gradients: list[Array],
    learning_rate: float,
    momentum: float,
) -> None:
    """Do v → v − ε∇C/‖∇C‖ over all weights and biases at once; Nielsen ch. 1, after eq. 15."""
    length = sqrt(sum(float((gradient * gradient).sum()) for gradient in gradients))
    if length > 0:
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= learning_rate / length * gradient


def _fused_fixed_length(
    rates: Rates, regularizer: Regularizer, layer: LayerArrays, products: Products
) -> Operations:
    # The length needs the gradients of all layers: this stores them, and `finish` takes the step.
    mean, lmbda_over_n, gradient = 1 / rates.size, rates.lmbda_over_n, layer.w_gradient
    x, delta = products.x_parts, products.delta_parts
    regularized = regularizer.add_gradient(layer.w, lmbda_over_n, gradient, layer.w_scratch)
    return [
        *add_product(mean * layer.w_unit, x, delta, 0, gradient),  # x.T @ delta / m
        *add_sum(mean * layer.b_unit, products.delta, 0, layer.b_gradient),  # delta.sum(0) / m
        *(regularized if lmbda_over_n else []),  # + λ/n * R'(w)
    ]


def _finish_fixed_length(rates: Rates, layers: Sequence[LayerArrays]) -> Operations:
    pairs = [(layer.w, layer.w_gradient) for layer in layers]
    pairs += [(layer.b, layer.b_gradient) for layer in layers]
    flat = [gradient.ravel("K") for _, gradient in pairs]

    def finish() -> None:
        length = sqrt(sum(float(np.dot(gradient, gradient)) for gradient in flat))
        if length > 0:
            for parameter, gradient in pairs:
                run(add_scaled(-rates.learning_rate / length, gradient, parameter))

    return [(finish, ())]


UPDATES = {
    entry.name: entry
    for entry in (
        Update("fixed-length", _fixed_length, _fused_fixed_length, _finish_fixed_length),
        Update("gradient", _gradient, _fused_gradient),
        Update("momentum", _momentum, _fused_momentum),
        Update("nesterov", _nesterov, _fused_nesterov),
    )
}
"""Every rule by its name; `TrialConfig.update` is the name of the rule that a config selects."""
