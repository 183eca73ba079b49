"""Adam and AdamW: steps scaled, for each parameter, by the size of its recent gradients.

Both have the same step; they differ in the regularizer, which AdamW keeps out of the gradient.
"""

from math import sqrt

import numpy as np

from nncore.arrays.blas import blas_function
from nncore.arrays.layout import Array
from nncore.arrays.operations import Operations
from nncore.config import TrialConfig
from nncore.descent.update_rule import Memory, Rates, State


def adam(
    parameters: list[Array], state: State, gradients: list[Array], config: TrialConfig
) -> None:
    """Do w → w − η m̂/(√v̂ + ϵ), with running means m and v of the gradient and of its square.

    m → β₁m + (1 − β₁)∇C and v → β₂v + (1 − β₂)(∇C)² begin at 0. After t steps their weights have
    the sums 1 − β₁ᵗ and 1 − β₂ᵗ, by which m̂ and v̂ are divided. Kingma & Ba 2015, algorithm 1.
    """
    state.steps += 1
    beta1, beta2, t = config.beta1, config.beta2, state.steps
    for w, m, v, gradient in zip(
        parameters, state.velocities, state.squares, gradients, strict=True
    ):
        m *= beta1
        m += (1 - beta1) * gradient
        v *= beta2
        v += (1 - beta2) * gradient**2
        mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
        w -= config.learning_rate * mean / (np.sqrt(square) + config.epsilon)


def finish_adam(rates: Rates, memory: Memory) -> Operations:
    """Return the operations of `adam`, from the stored gradients of all layers.

    They keep M = m/(1 − β₁) and V = v/(1 − β₂). With g = √((1 − β₂ᵗ)/(1 − β₂)), √v̂ = √V/g, so the
    step is −η (1 − β₁)/(1 − β₁ᵗ) g M/(√V + gϵ), in which all but M and √V are numbers.
    """
    m, v = memory.velocities, memory.squares
    gradients, scratch = memory.gradients, memory.scratch
    beta1, beta2 = rates.beta1, rates.beta2
    axpy = blas_function("axpy", m)
    pairs = [
        (scratch[part], parameter)
        for part, parameter in zip(memory.parts, memory.parameters, strict=True)
    ]

    def step() -> None:
        memory.steps += 1
        gain = sqrt((1 - beta2**memory.steps) / (1 - beta2))
        np.add(scratch, gain * rates.epsilon, scratch)
        np.divide(m, scratch, scratch)
        factor = -rates.learning_rate * (1 - beta1) / (1 - beta1**memory.steps) * gain
        for move, parameter in pairs:
            axpy(move, parameter, parameter.size, factor)

    return [
        (np.multiply, (m, beta1, m)),
        (np.add, (m, gradients, m)),  # M = β₁ M + gradient
        (np.multiply, (gradients, gradients, gradients)),
        (np.multiply, (v, beta2, v)),
        (np.add, (v, gradients, v)),  # V = β₂ V + gradient²
        (np.sqrt, (v, scratch)),
        (step, ()),  # w -= η m̂ / (√v̂ + ϵ)
    ]
