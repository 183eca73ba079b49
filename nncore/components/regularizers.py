"""Regularizers: the penalty on large weights, its gradient, and its part in the fused step.

λ is divided by n, the size of the training set, so a value of λ suits 1,000 images as well as
50,000.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nncore.arrays.layout import Array
from nncore.arrays.operations import Operations, add_scaled


@dataclass(frozen=True)
class Regularizer:
    """A penalty R(w) on one weight matrix, per unit of λ/n.

    Parameters
    ----------
    name
        The name in a config.
    penalty, gradient
        `penalty(w)` returns R(w), and `gradient(w)` returns R'(w).
    shrink
        `shrink(w, step, scratch)` splits `w -= step * R'(w)` in two: it returns operations, and a
        factor that the next matrix product multiplies into `w` at no cost. For L2, where R'(w) = w,
        that factor 1 − step does everything. For L1 the operations do everything.
    add_gradient
        `add_gradient(w, factor, out, scratch)` returns the operations of `out += factor * R'(w)`.
    """

    name: str
    penalty: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    shrink: Callable[[Array, float, Array], tuple[Operations, float]]
    add_gradient: Callable[[Array, float, Array, Array], Operations]


def _l1_penalty(w: Array) -> float:
    return float(np.abs(w).sum(dtype=np.float64))


def _l1_shrink(w: Array, step: float, scratch: Array) -> tuple[Operations, float]:
    return _l1_add_gradient(w, -step, w, scratch), 1.0


def _l1_add_gradient(w: Array, factor: float, out: Array, scratch: Array) -> Operations:
    return [(np.sign, (w, scratch)), *add_scaled(factor, scratch, out)]


def _l2_penalty(w: Array) -> float:
    return 0.5 * float(np.square(w, dtype=np.float64).sum())


def _l2_gradient(w: Array) -> Array:
    return w


def _l2_shrink(w: Array, step: float, scratch: Array) -> tuple[Operations, float]:
    return [], 1.0 - step


def _l2_add_gradient(w: Array, factor: float, out: Array, scratch: Array) -> Operations:
    return add_scaled(factor, w, out)


REGULARIZERS = {
    entry.name: entry
    for entry in (
        Regularizer("l1", _l1_penalty, np.sign, _l1_shrink, _l1_add_gradient),
        Regularizer("l2", _l2_penalty, _l2_gradient, _l2_shrink, _l2_add_gradient),
    )
}
"""Every regularizer by its name: L1 Σ|w| and L2 Σw²/2 (Nielsen ch. 3, eq. 95 and 85)."""
