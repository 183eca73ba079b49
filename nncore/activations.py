"""What a layer does to its weighted input z, and how an error passes back through it.

Each entry holds the function and its derivative together, both in place, so that the two cannot
drift apart and the training loop allocates nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Activation:
    """An activation a = f(z), with its derivative expressed through the stored output a.

    `apply(u)` turns u = `gain`·z into a, in place: the factor costs nothing inside the matrix
    product that makes z. `backpropagate(a, delta, scratch)` multiplies `delta` by the Jacobian
    ∂a/∂z, in place, with `scratch` as working memory; all arrays are `(m, n_out)`. `hidden` tells
    whether it may stand in a hidden layer.
    """

    name: str
    apply: Callable[[Array], None]
    backpropagate: Callable[[Array, Array, Array], None]
    gain: float = 1.0
    hidden: bool = True

    def __call__(self, z: Array) -> Array:
        """Return f(z) as a new array."""
        a = self.gain * z
        self.apply(a)
        return a


def _sigmoid(half_z: Array) -> None:
    # σ(z) = (1 + tanh(z/2))/2: tanh is several times faster than exp and a division, and never
    # overflows.
    np.tanh(half_z, half_z)
    np.multiply(half_z, 0.5, half_z)
    np.add(half_z, 0.5, half_z)


def _sigmoid_backpropagate(a: Array, delta: Array, scratch: Array) -> None:
    np.subtract(1.0, a, scratch)  # σ' = σ(1 − σ)
    np.multiply(scratch, a, scratch)
    np.multiply(delta, scratch, delta)


def _tanh(z: Array) -> None:
    np.tanh(z, z)


def _tanh_backpropagate(a: Array, delta: Array, scratch: Array) -> None:
    np.multiply(a, a, scratch)  # tanh' = 1 − tanh²
    np.subtract(1.0, scratch, scratch)
    np.multiply(delta, scratch, delta)


def _relu(z: Array) -> None:
    np.maximum(z, 0.0, out=z)


def _relu_backpropagate(a: Array, delta: Array, scratch: Array) -> None:
    np.sign(a, scratch)  # a is never negative, so its sign is the derivative: 1 where a > 0, else 0
    np.multiply(delta, scratch, delta)


def _softmax(z: Array) -> None:
    np.subtract(
        z, z.max(axis=1, keepdims=True), z
    )  # the shift changes nothing and keeps exp finite
    np.exp(z, z)
    np.divide(z, z.sum(axis=1, keepdims=True), z)


def _softmax_backpropagate(a: Array, delta: Array, scratch: Array) -> None:
    np.multiply(delta, a, scratch)  # ∂a_k/∂z_j = a_k(1{j=k} − a_j), so δ_j ← a_j(δ_j − Σ_k δ_k a_k)
    np.subtract(delta, scratch.sum(axis=1, keepdims=True), delta)
    np.multiply(delta, a, delta)


def _linear(z: Array) -> None:
    """Leave z as it is."""


def _linear_backpropagate(a: Array, delta: Array, scratch: Array) -> None:
    """Leave the error as it is: the derivative is 1."""


ACTIVATIONS = {
    entry.name: entry
    for entry in (
        Activation("linear", _linear, _linear_backpropagate),
        Activation("relu", _relu, _relu_backpropagate),
        Activation("sigmoid", _sigmoid, _sigmoid_backpropagate, gain=0.5),
        Activation("softmax", _softmax, _softmax_backpropagate, hidden=False),
        Activation("tanh", _tanh, _tanh_backpropagate),
    )
}
"""Every activation by its name in a config.

Nielsen ch. 1, eq. 3, and ch. 3, eq. 78 and "Other models of artificial neuron".
"""
