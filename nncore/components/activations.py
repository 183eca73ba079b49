"""Activations: the function of a layer's weighted input z, and its derivative.

Each entry holds both as operations in place, so the two cannot drift apart and the training loop
allocates nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from nncore.arrays.layout import Array
from nncore.arrays.operations import Operations, run


@dataclass(frozen=True)
class Activation:
    """An activation a = f(z), with its derivative computed from the output.

    Training does not keep the output a itself but s = a/`unit`, which takes fewer operations:

    1. The product that computes z multiplies by `gain` on its way: u = `gain`·z.
    2. `apply(u)` turns u into s − `offset`, in place.
    3. Adding `offset` gives s. The output layer can skip this: `offset` is subtracted from its
       targets instead, once per mini-batch (see `descent.mini_batches`).
    4. `backpropagate(s, delta, scratch, top)` multiplies `delta` by ∂a/∂z divided by `unit`².

    The missing factors `unit` and `unit`² join the factor of the next matrix product. `gain`,
    `unit` and `offset` are powers of two, or 0 for `offset`, so multiplying by them rounds nothing.

    Parameters
    ----------
    name
        The name in a config.
    apply
        Returns the operations of step 2 on an array `(m, n_out)`.
    backpropagate
        Returns the operations of step 4; `scratch` is working memory, and `top` is filled with
        1/`unit`, the value of s where a = 1. All arrays are `(m, n_out)`.
    gain, unit, offset
        The three numbers above.
    hidden
        Whether a hidden layer may have this activation.

    Examples
    --------
    Sigmoid has `gain` 1/2, `unit` 1/2 and `offset` 1, because σ(z) = (1 + tanh(z/2))/2. At
    z = ln 9, where σ(z) = 9/10 and σ'(z) = 9/10 · 1/10 = 0.09:

    1. u = z/2 = ln 3.
    2. tanh(ln 3) = (9 − 1)/(9 + 1) = 0.8, which is s − 1.
    3. s = 1.8, and a = s/2 = 0.9.
    4. s(2 − s) = 1.8 · 0.2 = 0.36, which is σ'(z)/(1/2)² = 0.09 · 4.
    """

    name: str
    apply: Callable[[Array], Operations]
    backpropagate: Callable[[Array, Array, Array, Array], Operations]
    gain: float = 1.0
    unit: float = 1.0
    offset: float = 0.0
    hidden: bool = True

    def __call__(self, z: Array) -> Array:
        """Return f(z) as a new array."""
        a = self.gain * z
        run(self.apply(a))
        if self.offset:
            np.add(a, self.offset, a)
        return np.multiply(a, self.unit, a) if self.unit != 1 else a

    def pull_back(self, a: Array, delta: Array) -> Array:
        """Return `delta`·∂a/∂z, `(m, n_out)`, where the layer's outputs are `a`."""
        pulled: Array = self.unit**2 * delta
        top = np.full_like(a, 1 / self.unit)
        run(self.backpropagate(a / self.unit, pulled, np.empty_like(a), top))
        return pulled


def _tanh(u: Array) -> Operations:
    return [(np.tanh, (u, u))]


def _tanh_backpropagate(s: Array, delta: Array, scratch: Array, top: Array) -> Operations:
    return [  # tanh' = 1 − tanh²
        (np.multiply, (s, s, scratch)),
        (np.subtract, (top, scratch, scratch)),
        (np.multiply, (delta, scratch, delta)),
    ]


def _sigmoid_backpropagate(s: Array, delta: Array, scratch: Array, top: Array) -> Operations:
    return [  # σ' = σ(1 − σ) = s(2 − s)/4
        (np.subtract, (top, s, scratch)),
        (np.multiply, (scratch, s, scratch)),
        (np.multiply, (delta, scratch, delta)),
    ]


def _relu(u: Array) -> Operations:
    return [(partial(np.maximum, out=u), (u, np.zeros_like(u)))]


def _relu_backpropagate(s: Array, delta: Array, scratch: Array, top: Array) -> Operations:
    return [  # s is never negative, so its sign is the derivative: 1 where s > 0, else 0
        (np.sign, (s, scratch)),
        (np.multiply, (delta, scratch, delta)),
    ]


def _softmax(u: Array) -> Operations:
    def apply() -> None:
        np.subtract(u, u.max(axis=1, keepdims=True), u)  # changes nothing and keeps exp finite
        np.exp(u, u)
        np.divide(u, u.sum(axis=1, keepdims=True), u)

    return [(apply, ())]


def _softmax_backpropagate(s: Array, delta: Array, scratch: Array, top: Array) -> Operations:
    def backpropagate() -> None:  # ∂s_k/∂z_j = s_k(1{j=k} − s_j), so δ_j ← s_j(δ_j − Σ_k δ_k s_k)
        np.multiply(delta, s, scratch)
        np.subtract(delta, scratch.sum(axis=1, keepdims=True), delta)
        np.multiply(delta, s, delta)

    return [(backpropagate, ())]


def _linear(u: Array) -> Operations:
    return []


def _linear_backpropagate(s: Array, delta: Array, scratch: Array, top: Array) -> Operations:
    return []


# σ(z) = (1 + tanh(z/2))/2: tanh is several times faster than exp and a division, and never
# overflows. Training keeps s = 2σ(z) = 1 + tanh(z/2), which saves the multiplication by 1/2.
_SIGMOID = Activation("sigmoid", _tanh, _sigmoid_backpropagate, gain=0.5, unit=0.5, offset=1.0)

ACTIVATIONS = {
    entry.name: entry
    for entry in (
        Activation("linear", _linear, _linear_backpropagate),
        Activation("relu", _relu, _relu_backpropagate),
        _SIGMOID,
        Activation("softmax", _softmax, _softmax_backpropagate, hidden=False),
        Activation("tanh", _tanh, _tanh_backpropagate),
    )
}
"""Every activation by its name in a config.

Nielsen ch. 1, eq. 3, and ch. 3, eq. 78 and "Other models of artificial neuron".
"""
