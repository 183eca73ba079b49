"""Dropout: hidden units that are left out at random while training, and none afterwards.

The kept ones are scaled up at once (inverted dropout), so that a trained network is used as it is.
"""

import numpy as np
from numpy.random import Generator

from nncore.layout import Array


def dropout_mask(noise: Generator, like: Array, rate: float) -> Array:
    """Return a mask of the shape and dtype of `like`: 0 with probability `rate`, else 1/(1 − rate).

    Each example drops units of its own, as in Srivastava et al. 2014; the book (ch. 3, "Dropout")
    drops the same ones for a whole mini-batch and halves the weights at the end instead.
    """
    draws = noise.random(like.shape, like.dtype)
    return np.where(draws < rate, 0.0, 1.0 / (1.0 - rate)).astype(like.dtype)


def fill_dropout_mask(noise: Generator, mask: Array, rate: float) -> None:
    """Fill `mask` with what `dropout_mask` would return, in place."""
    noise.random(out=mask, dtype=mask.dtype)
    np.greater_equal(mask, rate, out=mask)  # 1.0 where the unit is kept
    np.multiply(mask, 1.0 / (1.0 - rate), mask)
