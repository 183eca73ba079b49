"""Clipping: a gradient that is longer than a bound is scaled down to it, before the step.

The length is that over all parameters at once, so the direction of the gradient stays the same.
"""

from math import sqrt

import numpy as np

from nncore.arrays.blas import blas_function
from nncore.arrays.layout import Array
from nncore.arrays.operations import Operations


def clip_gradients(gradients: list[Array], bound: float) -> None:
    """Scale `gradients` in place, so that their L2 norm, taken over all, is at most `bound`.

    Pascanu et al. 2013, algorithm 1.
    """
    length = sqrt(sum(float((gradient * gradient).sum()) for gradient in gradients))
    if length > bound:
        for gradient in gradients:
            gradient *= bound / length


def clipped(gradients: Array, bound: float) -> Operations:
    """Return the operations of `clip_gradients` on all gradients in one flat array."""
    norm = blas_function("nrm2", gradients)  # unlike a sum of squares, it does not overflow

    def clip() -> None:
        length = float(norm(gradients))
        if length > bound:
            np.multiply(gradients, bound / length, gradients)

    return [(clip, ())]
