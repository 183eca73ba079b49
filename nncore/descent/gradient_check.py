"""Backpropagation against finite differences: the oracle of the oracle.

The check differentiates the whole objective, data cost and regulariser, one weight at a time.
"""

from dataclasses import dataclass

import numpy as np

from nncore.arrays.layout import Array
from nncore.components.costs import COSTS
from nncore.components.regularizers import REGULARIZERS
from nncore.descent.backprop import backprop
from nncore.network import Network


@dataclass(frozen=True)
class GradientCheck:
    """Relative errors ‖g − g'‖/(‖g‖ + ‖g'‖) of each layer's gradients.

    g comes from backpropagation, g' from central differences.
    """

    weights: tuple[float, ...]
    biases: tuple[float, ...]

    @property
    def largest(self) -> float:
        """The largest of all relative errors; NaN if one of them is."""
        return float(np.max([*self.weights, *self.biases]))


def gradient_check(
    network: Network,
    x: Array,
    y: Array,
    *,
    regularizer: str = "l2",
    lmbda: float = 0.0,
    step: float = 1e-5,
) -> GradientCheck:
    """Return how far the gradient of C + λ/m R(w) on a mini-batch is from central differences.

    `network` must be float64 and is left as it was; `x` is `(m, n_in)`, `y` one-hot `(m, n_out)`.
    It costs two forward passes per weight, so it is for small networks.
    """
    penalty = REGULARIZERS[regularizer]

    def objective() -> float:
        zs, activations = network.feedforward(x)
        data_cost = COSTS[network.cost].value(zs[-1], activations[-1], y).mean()
        return float(data_cost) + lmbda / len(x) * sum(map(penalty.penalty, network.weights))

    weight_gradients, bias_gradients = backprop(network, x, y)
    for gradient, w in zip(weight_gradients, network.weights, strict=True):
        gradient += lmbda / len(x) * penalty.gradient(w)

    def differences(array: Array) -> Array:
        gradient = np.empty_like(array)
        for index in np.ndindex(array.shape):
            value = array[index]
            array[index] = value + step
            above = objective()
            array[index] = value - step
            below = objective()
            array[index] = value
            gradient[index] = (above - below) / (2 * step)
        return gradient

    def error(gradient: Array, array: Array) -> float:
        expected = differences(array)
        scale = np.linalg.norm(gradient) + np.linalg.norm(expected)
        return float(np.linalg.norm(gradient - expected) / scale) if scale else 0.0

    return GradientCheck(
        tuple(map(error, weight_gradients, network.weights)),
        tuple(map(error, bias_gradients, network.biases)),
    )
