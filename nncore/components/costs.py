"""Costs: the distance of outputs from targets, and the output activations each cost is defined for.

For all three costs the output error starts as a − y. The quadratic cost multiplies it by the
derivative of the output activation. For the other two that derivative cancels, which is why they
learn fast (Nielsen ch. 3, eq. 66 and 84).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS, Activation
from nncore.errors import InputError


@dataclass(frozen=True)
class Cost:
    """A cost C(a, y).

    Parameters
    ----------
    name
        The name in a config.
    value
        `value(z, a, y)` returns the cost of each example, `(m,)`, from the weighted inputs z, the
        outputs a and the one-hot targets y, all `(m, n_out)`. It computes logarithms from z,
        because the logarithm of a saturated output a can be infinite.
    outputs
        The output activations that the cost is defined for.
    cancels
        Whether the derivative of the output activation cancels in the output error.
    """

    name: str
    value: Callable[[Array, Array, Array], Array]
    outputs: tuple[str, ...]
    cancels: bool

    def output_error(self, output: Activation, a: Array, y: Array) -> Array:
        """Return δ = ∂C/∂z of the output layer, `(m, n_out)`, per example (BP1, Nielsen ch. 2)."""
        delta: Array = a - y
        return delta if self.cancels else output.pull_back(a, delta)


def _quadratic(z: Array, a: Array, y: Array) -> Array:
    """½ Σ (a − y)², Nielsen ch. 1, eq. 6."""
    difference: Array = a - y
    total: Array = 0.5 * np.einsum("ij,ij->i", difference, difference)
    return total


def _cross_entropy(z: Array, a: Array, y: Array) -> Array:
    """−Σ [y ln a + (1 − y) ln(1 − a)] with a = σ(z), or Σ [ln(1 + e^z) − y z].

    Nielsen ch. 3, eq. 63.

    """
    softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    total: Array = (softplus - y * z).sum(axis=1)
    return total


def _log_likelihood(z: Array, a: Array, y: Array) -> Array:
    """−ln a_y with a = softmax(z), written as ln Σ e^z − z_y; Nielsen ch. 3, eq. 80."""
    shifted = z - z.max(axis=1, keepdims=True)
    total: Array = np.log(np.exp(shifted).sum(axis=1)) - (y * shifted).sum(axis=1)
    return total


COSTS = {
    entry.name: entry
    for entry in (
        Cost("cross-entropy", _cross_entropy, ("sigmoid",), cancels=True),
        Cost("log-likelihood", _log_likelihood, ("softmax",), cancels=True),
        Cost("quadratic", _quadratic, tuple(ACTIVATIONS), cancels=False),
    )
}
"""Every cost by its name in a config."""


def check_pair(cost: str, output: str) -> None:
    """Raise `InputError` if `cost` is not defined for the output activation `output`."""
    legal = COSTS[cost].outputs
    if output not in legal:
        raise InputError(
            f"`cost` {cost!r} must be paired with `output` {' or '.join(map(repr, legal))}, "
            f"got {output!r}"
        )
