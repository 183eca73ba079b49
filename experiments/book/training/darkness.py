"""The guess of a digit by how dark its image is, the book's baseline of about 22%.

Nielsen ch. 1, "Implementing our network to classify digits".
"""

import numpy as np
from numpy.typing import NDArray

from experiments.book.training.classifiers import Predictor
from nncore.arrays.layout import Array
from nncore.datasets import Split


def mean_darkness(train: Split) -> NDArray[np.float64]:
    """Return the mean darkness of the images of each class, `(classes,)`; NaN if it has none."""
    sums = np.bincount(train.labels, darkness(train.x), minlength=train.y.shape[1])
    counts = np.bincount(train.labels, minlength=train.y.shape[1])
    with np.errstate(invalid="ignore"):
        means: NDArray[np.float64] = sums / counts
    return means


def darkness(x: Array) -> NDArray[np.float64]:
    """Return the sum of the pixels of each image, `(m,)`."""
    total: NDArray[np.float64] = x.sum(axis=1, dtype=np.float64)
    return total


def fit_darkness(train: Split) -> Predictor:
    """Return the classifier that guesses the class whose mean darkness is nearest."""
    means = mean_darkness(train)

    def predict(x: Array) -> NDArray[np.int64]:
        nearest: NDArray[np.int64] = np.nanargmin(np.abs(darkness(x)[:, None] - means), axis=1)
        return nearest

    return predict
