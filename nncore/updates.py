"""What a step does with the gradient: plain descent, momentum, Nesterov, or a step of fixed length.

Each entry holds the rule to read and the same rule folded into the products of the fused step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.linalg import get_blas_funcs

from nncore.activations import Array
from nncore.regularizers import Regularizer, add_scaled


@dataclass(frozen=True, slots=True)
class Trained:
    """One layer's arrays as a fused update sees them; all keep their memory for ever.

    `w` `(n_in, n_out)` and `b` `(n_out,)` are the network's own. The velocities are zeros at first,
    the gradients and `w_scratch` working memory, each of the shape of its parameter.
    """

    w: Array
    b: Array
    w_velocity: Array
    b_velocity: Array
    w_gradient: Array
    b_gradient: Array
    w_scratch: Array


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The numbers of one step: η (or ε), μ, λ/n, and the size m of the mini-batch."""

    learning_rate: float
    momentum: float
    lmbda_over_n: float
    size: int


TakeIn = Callable[[Trained, Array, Array], None]
"""Take in one layer's gradient: `(layer, a_t, delta_t)`, its inputs and its error transposed."""

Finish = Callable[[], None]
"""Do what has to wait until the gradient of every layer is known."""


@dataclass(frozen=True)
class Update:
    """A rule, twice.

    `readable(parameters, velocities, gradients, learning_rate, momentum)` changes the first two in
    place; the gradients include the regulariser's. `fused(rates, regularizer, layers)` returns what
    the fused step calls for each layer, last to first, and what it calls at its end, if anything.
    """

    name: str
    readable: Callable[[list[Array], list[Array], list[Array], float, float], None]
    fused: Callable[[Rates, Regularizer, Sequence[Trained]], tuple[TakeIn, Finish | None]]


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
    rates: Rates, regularizer: Regularizer, layers: Sequence[Trained]
) -> tuple[TakeIn, Finish | None]:
    gemm, gemv, ones = _tools(rates, layers)
    rate, shrinkage = -rates.learning_rate / rates.size, rates.learning_rate * rates.lmbda_over_n
    shrink = regularizer.shrink

    def take_in(layer: Trained, a_t: Array, delta_t: Array) -> None:
        w = layer.w
        decay = shrink(w, shrinkage, layer.w_scratch) if shrinkage else 1.0
        gemm(rate, a_t, delta_t, decay, w, 0, 1, 1)  # w = decay * w - η/m * a.T @ delta
        gemv(rate, delta_t, ones, 1, layer.b, 0, 1, 0, 1, 0, 1)  # b -= η/m * delta.sum(0)

    return take_in, None


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
    rates: Rates, regularizer: Regularizer, layers: Sequence[Trained]
) -> tuple[TakeIn, Finish | None]:
    gemm, gemv, ones = _tools(rates, layers)
    rate, shrinkage = -rates.learning_rate / rates.size, rates.learning_rate * rates.lmbda_over_n
    mu, add_gradient = rates.momentum, regularizer.add_gradient

    def take_in(layer: Trained, a_t: Array, delta_t: Array) -> None:
        w, b, v, v_b = layer.w, layer.b, layer.w_velocity, layer.b_velocity
        gemm(rate, a_t, delta_t, mu, v, 0, 1, 1)  # v = μ * v - η/m * a.T @ delta
        gemv(rate, delta_t, ones, mu, v_b, 0, 1, 0, 1, 0, 1)  # the same for b
        if shrinkage:
            add_gradient(w, -shrinkage, v, layer.w_scratch)  # v -= ηλ/n * R'(w)
        add_scaled(1.0, v, w)  # w += v
        np.add(b, v_b, b)

    return take_in, None


def _nesterov(
    parameters: list[Array],
    velocities: list[Array],
    gradients: list[Array],
    learning_rate: float,
    momentum: float,
) -> None:
    """Do v → μv − η∇C and w → w + μv − η∇C, the gradient being taken at w.

    It is Nesterov's method written for the point where the gradient is taken, w + μv in the usual
    letters: Sutskever et al. 2013, sec. 2; Bengio et al. 2013, eq. 6 and 7.
    """
    for parameter, velocity, gradient in zip(parameters, velocities, gradients, strict=True):
        velocity *= momentum
        velocity -= learning_rate * gradient
        parameter += momentum * velocity - learning_rate * gradient


def _fused_nesterov(
    rates: Rates, regularizer: Regularizer, layers: Sequence[Trained]
) -> tuple[TakeIn, Finish | None]:
    gemm, gemv, ones = _tools(rates, layers)
    rate, shrinkage = -rates.learning_rate / rates.size, rates.learning_rate * rates.lmbda_over_n
    mu, add_gradient = rates.momentum, regularizer.add_gradient

    def take_in(layer: Trained, a_t: Array, delta_t: Array) -> None:
        w, b, v, v_b = layer.w, layer.b, layer.w_velocity, layer.b_velocity
        step, step_b = layer.w_gradient, layer.b_gradient
        gemm(rate, a_t, delta_t, 0, step, 0, 1, 1)  # step = - η/m * a.T @ delta
        gemv(rate, delta_t, ones, 0, step_b, 0, 1, 0, 1, 0, 1)  # the same for b
        if shrinkage:
            add_gradient(w, -shrinkage, step, layer.w_scratch)  # step -= ηλ/n * R'(w)
        for parameter, velocity, move in ((w, v, step), (b, v_b, step_b)):
            np.multiply(velocity, mu, velocity)
            add_scaled(1.0, move, velocity)  # v = μ * v + step
            add_scaled(mu, velocity, parameter)
            add_scaled(1.0, move, parameter)  # w += μ * v + step

    return take_in, None


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
    rates: Rates, regularizer: Regularizer, layers: Sequence[Trained]
) -> tuple[TakeIn, Finish | None]:
    gemm, gemv, ones = _tools(rates, layers)
    mean, lmbda_over_n = 1 / rates.size, rates.lmbda_over_n
    pairs = [(layer.w, layer.w_gradient) for layer in layers]
    pairs += [(layer.b, layer.b_gradient) for layer in layers]
    flat = [gradient.ravel("K") for _, gradient in pairs]

    def take_in(layer: Trained, a_t: Array, delta_t: Array) -> None:
        gemm(mean, a_t, delta_t, 0, layer.w_gradient, 0, 1, 1)  # a.T @ delta / m
        gemv(mean, delta_t, ones, 0, layer.b_gradient, 0, 1, 0, 1, 0, 1)  # delta.sum(0) / m
        if lmbda_over_n:
            regularizer.add_gradient(layer.w, lmbda_over_n, layer.w_gradient, layer.w_scratch)

    def finish() -> None:
        length = sqrt(sum(float(np.dot(gradient, gradient)) for gradient in flat))
        if length > 0:
            for parameter, gradient in pairs:
                add_scaled(-rates.learning_rate / length, gradient, parameter)

    return take_in, finish


UPDATES = {
    entry.name: entry
    for entry in (
        Update("fixed-length", _fixed_length, _fused_fixed_length),
        Update("gradient", _gradient, _fused_gradient),
        Update("momentum", _momentum, _fused_momentum),
        Update("nesterov", _nesterov, _fused_nesterov),
    )
}
"""Every rule by its name; `TrialConfig.update` says which one a config means."""


Blas = Callable[..., Array]


def _tools(rates: Rates, layers: Sequence[Trained]) -> tuple[Blas, Blas, Array]:
    w = layers[0].w
    gemm, gemv = get_blas_funcs(("gemm", "gemv"), (w,))
    return gemm, gemv, np.ones(rates.size, w.dtype)
