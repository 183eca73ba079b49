"""Compares backpropagation with finite differences, which need no derivation at all.

It differentiates the whole objective, data cost and regularizer, one parameter at a time.
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
    """The relative errors ‖g − g'‖/(‖g‖ + ‖g'‖) of the gradients of each layer.

    g comes from backpropagation, g' from central differences.

    Parameters
    ----------
    weights, biases
        One relative error per layer, first to last.

    Examples
    --------
    >>> from nncore import GradientCheck
    >>> GradientCheck(weights=(1e-9, 3e-8), biases=(2e-9, 1e-9)).largest
    3e-08
    """

    weights: tuple[float, ...]
    biases: tuple[float, ...]

    @property
    def largest(self) -> float:
        """The largest of all relative errors; NaN if any of them is NaN."""
        return float(np.max([*self.weights, *self.biases]))


def gradient_check(
    network: Network,
    x: Array,
    y: Array,
    *,
    example_weights: Array | None = None,
    regularizer: str = "l2",
    lmbda: float = 0.0,
    step: float = 1e-5,
) -> GradientCheck:
    """Return the relative errors of the gradient of C + λ/m R(w) on a mini-batch.

    It takes two forward passes per parameter, so it suits small networks only.

    Parameters
    ----------
    network
        The network, in float64; it is left unchanged.
    x
        Inputs, `(m, n_in)`.
    y
        One-hot targets, `(m, n_out)`.
    example_weights
        The weight of each example in the mean cost C, `(m,)`; the default is 1 for all.
    regularizer
        A name in `REGULARIZERS`.
    lmbda
        λ >= 0.
    step
        The change h of a parameter in (C(w + h) − C(w − h))/2h.

    Returns
    -------
    GradientCheck
        The relative errors; about 1e-8 for a correct gradient.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import TrialConfig, gradient_check, new_network
    >>> rng = np.random.default_rng(1)
    >>> config = TrialConfig(hidden_units=(4,), dtype="float64")
    >>> network = new_network(config, 3, 2, rng)
    >>> x, y = rng.random((5, 3)), np.eye(2)[[0, 1, 1, 0, 1]]
    >>> gradient_check(network, x, y, lmbda=0.1).largest < 1e-7
    True
    """
    penalty = REGULARIZERS[regularizer]

    def objective() -> float:
        zs, activations = network.feedforward(x)
        costs = COSTS[network.cost].value(zs[-1], activations[-1], y)
        weighted = costs if example_weights is None else example_weights * costs
        return float(weighted.mean()) + lmbda / len(x) * sum(map(penalty.penalty, network.weights))

    weight_gradients, bias_gradients = backprop(network, x, y, example_weights=example_weights)
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
