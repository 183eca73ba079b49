"""Update rules: plain descent, momentum, Nesterov's momentum, and a step of fixed length.

Each entry holds a rule twice: in readable form, and in fused form, as operations on fixed arrays.
`adam` adds Adam and AdamW.
"""

from math import sqrt

import numpy as np

from nncore.arrays.layout import Array
from nncore.arrays.operations import Operations, add_product, add_scaled, add_sum, run
from nncore.components.regularizers import Regularizer
from nncore.config import TrialConfig
from nncore.descent.adam import adam, finish_adam
from nncore.descent.update_rule import LayerArrays, Memory, Products, Rates, State, Update


def _gradient(
    parameters: list[Array], state: State, gradients: list[Array], config: TrialConfig
) -> None:
    """Do v → v − η∇C; Nielsen ch. 1, eq. 20 and 21."""
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter -= config.learning_rate * gradient


def _merged_gradient(
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


def _finish_gradient(rates: Rates, memory: Memory) -> Operations:
    return memory.add(-rates.learning_rate, memory.gradients)  # w -= η * gradient


def _momentum(
    parameters: list[Array], state: State, gradients: list[Array], config: TrialConfig
) -> None:
    """Do v → μv − η∇C and w → w + v; Nielsen ch. 3, eq. 107 and 108."""
    for parameter, velocity, gradient in zip(parameters, state.velocities, gradients, strict=True):
        velocity *= config.momentum
        velocity -= config.learning_rate * gradient
        parameter += velocity


def _merged_momentum(
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


def _finish_momentum(rates: Rates, memory: Memory) -> Operations:
    v = memory.velocities
    return [
        (np.multiply, (v, rates.momentum, v)),
        *add_scaled(-rates.learning_rate, memory.gradients, v),  # v = μ * v - η * gradient
        *memory.add(1.0, v),  # w += v
    ]


def _nesterov(
    parameters: list[Array], state: State, gradients: list[Array], config: TrialConfig
) -> None:
    """Do v → μv − η∇C and w → w + μv − η∇C, with the gradient taken at w.

    Nesterov's method takes the gradient at a point ahead, u + μv. Here w stands for that point, so
    the gradient is taken at w: Sutskever et al. 2013, sec. 2; Bengio et al. 2013, eq. 6 and 7.
    """
    for parameter, velocity, gradient in zip(parameters, state.velocities, gradients, strict=True):
        velocity *= config.momentum
        velocity -= config.learning_rate * gradient
        parameter += config.momentum * velocity - config.learning_rate * gradient


def _merged_nesterov(
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


def _finish_nesterov(rates: Rates, memory: Memory) -> Operations:
    v, eta, mu = memory.velocities, rates.learning_rate, rates.momentum
    return [
        (np.multiply, (v, mu, v)),
        *add_scaled(-eta, memory.gradients, v),  # v = μ * v - η * gradient
        *memory.add(mu, v),
        *memory.add(-eta, memory.gradients),  # w += μ * v - η * gradient
    ]


def _fixed_length(
    parameters: list[Array], state: State, gradients: list[Array], config: TrialConfig
) -> None:
    """Do v → v − ε∇C/‖∇C‖ over all weights and biases at once; Nielsen ch. 1, after eq. 15."""
    length = sqrt(sum(float((gradient * gradient).sum()) for gradient in gradients))
    if length > 0:
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= config.learning_rate / length * gradient


def _finish_fixed_length(rates: Rates, memory: Memory) -> Operations:
    gradients = [memory.gradients[part] for part in memory.parts]

    def finish() -> None:
        length = sqrt(sum(float(np.dot(gradient, gradient)) for gradient in gradients))
        if length > 0:
            run(memory.add(-rates.learning_rate / length, memory.gradients))

    return [(finish, ())]


UPDATES = {
    entry.name: entry
    for entry in (
        Update("adam", adam, finish_adam),
        Update("adamw", adam, finish_adam, decoupled=True),
        Update("fixed-length", _fixed_length, _finish_fixed_length),
        Update("gradient", _gradient, _finish_gradient, _merged_gradient),
        Update("momentum", _momentum, _finish_momentum, _merged_momentum),
        Update("nesterov", _nesterov, _finish_nesterov, _merged_nesterov),
    )
}
"""Every rule by its name; `TrialConfig.rule` is the name of the rule that a config selects."""
