"""The price of large weights: its value, its gradient, and its part in the fused step.

λ is divided by n, the size of the training set, so that it means the same for 1,000 images as for
50,000.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nncore.activations import Array


@dataclass(frozen=True)
class Regularizer:
    """A penalty on one weight matrix, per unit of λ/n.

    `penalty(w)` is the value and `gradient(w)` its derivative. `shrink(w, step, scratch)` does what
    it must of `w ← w − step·gradient(w)` in place and returns the factor that is still to be
    multiplied into `w`, which the matrix product of the fused step does on its way.
    """

    name: str
    penalty: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    shrink: Callable[[Array, float, Array], float]


def _l1_shrink(w: Array, step: float, scratch: Array) -> float:
    np.sign(w, scratch)
    np.multiply(scratch, step, scratch)
    np.subtract(w, scratch, w)
    return 1.0


def _l2_shrink(w: Array, step: float, scratch: Array) -> float:
    return 1.0 - step


REGULARIZERS = {
    entry.name: entry
    for entry in (
        Regularizer("l1", lambda w: float(np.abs(w).sum(dtype=np.float64)), np.sign, _l1_shrink),
        Regularizer(
            "l2",
            lambda w: 0.5 * float(np.square(w, dtype=np.float64).sum()),
            lambda w: w,
            _l2_shrink,
        ),
    )
}
"""Every regulariser by its name in a config: L2 Σw²/2 (Nielsen ch. 3, eq. 85) and L1 Σ|w| (eq.
95)."""
