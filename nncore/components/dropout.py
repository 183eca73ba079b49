"""Dropout: hidden units that are left out at random while training, and none afterwards.

The kept ones are scaled up at once (inverted dropout), so that a trained network is used as it is.
"""

from functools import partial

import numpy as np
from numpy.random import Generator

from nncore.arrays.layout import Array
from nncore.arrays.operations import Operations


def dropout_mask(noise: Generator, like: Array, rate: float) -> Array:
    """Return a mask of the shape and dtype of `like`: 0 with probability `rate`, else 1/(1 − rate).

    Each example drops units of its own, as in Srivastava et al. 2014; the book (ch. 3, "Dropout")
    drops the same ones for a whole mini-batch and halves the weights at the end instead.
    """
    draws = noise.random(like.shape, like.dtype)
    return np.where(draws < rate, 0.0, 1.0 / (1.0 - rate)).astype(like.dtype)


def draw_kept(noise: Generator, kept: Array, rate: float) -> Operations:
    """Fill `kept` with 1 where `dropout_mask` would keep a unit and 0 where it would drop it.

    The factor 1/(1 − rate) is left to the matrix products.
    """
    rates = np.full_like(kept, rate)
    return [
        (partial(noise.random, dtype=kept.dtype, out=kept), ()),
        (np.greater_equal, (kept, rates, kept)),
    ]
