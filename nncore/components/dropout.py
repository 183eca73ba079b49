"""Dropout: leaves out hidden units at random during training, and none afterwards.

The remaining units are scaled up during training (inverted dropout), so a trained network needs no
correction.
"""

from functools import partial

import numpy as np
from numpy.random import Generator

from nncore.arrays.layout import Array
from nncore.arrays.operations import Operations


def dropout_mask(noise: Generator, like: Array, rate: float) -> Array:
    """Return a mask of the shape and dtype of `like`: 0 with probability `rate`, else 1/(1 − rate).

    Each example drops different units, as in Srivastava et al. 2014. The book (ch. 3, "Dropout")
    drops the same units for a whole mini-batch and halves the weights after training instead.
    """
    draws = noise.random(like.shape, like.dtype)
    return np.where(draws < rate, 0.0, 1.0 / (1.0 - rate)).astype(like.dtype)


def draw_kept(noise: Generator, kept: Array, rate: float) -> Operations:
    """Fill `kept` with 1 where `dropout_mask` keeps a unit and 0 where it drops a unit.

    The factor 1/(1 − rate) joins the matrix products (see `descent.sgd`).
    """
    rates = np.full_like(kept, rate)
    return [
        (partial(noise.random, dtype=kept.dtype, out=kept), ()),
        (np.greater_equal, (kept, rates, kept)),
    ]
