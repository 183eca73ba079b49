"""Recognises a table of images by its columns, as in Kaggle's `train.csv` of MNIST.

Its columns are `label`, then `pixel0` to `pixel783`; some files count from 1.
"""

import math
from collections.abc import Sequence

LABEL = "label"
FEWEST = 4  # pixels: a single one is no image


def image_in_columns(inputs: Sequence[str]) -> tuple[int, int] | None:
    """Return the height and width of the images in the columns `inputs`, None if there are none.

    The columns are all pixels of a square, in order, with names that count from 0 or 1.
    """
    side = math.isqrt(len(inputs))
    if len(inputs) < FEWEST or side * side != len(inputs):
        return None
    counts = ([f"pixel{start + k}" for k in range(len(inputs))] for start in (0, 1))
    return (side, side) if list(inputs) in counts else None


def label_of_images(columns: Sequence[str]) -> str | None:
    """Return the column of classes in a table of images, `label`; None in any other table."""
    pixels = [name for name in columns if name != LABEL]
    both = len(pixels) < len(columns)
    return LABEL if both and image_in_columns(pixels) else None
