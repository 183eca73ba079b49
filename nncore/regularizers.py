"""The price of large weights: its value, its gradient, and its part in the fused step.

λ is divided by n, the size of the training set, so that it means the same for 1,000 images as for
50,000.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg.blas import daxpy, saxpy

from nncore.activations import Array


@dataclass(frozen=True)
class Regularizer:
    """A penalty on one weight matrix, per unit of λ/n.

    `penalty(w)` is the value and `gradient(w)` its derivative R'(w). Folded into a fused step:
    `shrink(w, step, scratch)` does what it must of `w -= step * R'(w)` in place and returns the
    factor that is still to be multiplied into `w`, which a matrix product does on its way;
    `add_gradient(w, factor, out, scratch)` does `out += factor * R'(w)` in place.
    """

    name: str
    penalty: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    shrink: Callable[[Array, float, Array], float]
    add_gradient: Callable[[Array, float, Array, Array], None]


def add_scaled(factor: float, x: Array, out: Array) -> None:
    """Add `factor * x` to `out` in place; both contiguous, of one shape, order and dtype."""
    axpy = saxpy if out.dtype == np.float32 else daxpy
    axpy(x.ravel("K"), out.ravel("K"), a=factor)


def _l1_penalty(w: Array) -> float:
    return float(np.abs(w).sum(dtype=np.float64))


def _l1_shrink(w: Array, step: float, scratch: Array) -> float:
    _l1_add_gradient(w, -step, w, scratch)
    return 1.0


def _l1_add_gradient(w: Array, factor: float, out: Array, scratch: Array) -> None:
    np.sign(w, scratch)
    np.multiply(scratch, factor, scratch)
    np.add(out, scratch, out)


def _l2_penalty(w: Array) -> float:
    return 0.5 * float(np.square(w, dtype=np.float64).sum())


def _l2_gradient(w: Array) -> Array:
    return w


def _l2_shrink(w: Array, step: float, scratch: Array) -> float:
    return 1.0 - step


def _l2_add_gradient(w: Array, factor: float, out: Array, scratch: Array) -> None:
    add_scaled(factor, w, out)


REGULARIZERS = {
    entry.name: entry
    for entry in (
        Regularizer("l1", _l1_penalty, np.sign, _l1_shrink, _l1_add_gradient),
        Regularizer("l2", _l2_penalty, _l2_gradient, _l2_shrink, _l2_add_gradient),
    )
}
"""Every regulariser by its name: L1 Σ|w| and L2 Σw²/2 (Nielsen ch. 3, eq. 95 and 85)."""
