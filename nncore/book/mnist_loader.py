"""The book's `mnist_loader`: MNIST in the lists and column vectors that `network2` takes.

The digits come from `load_dataset("mnist")`, checked and cached, instead of a pickle file.
"""

import numpy as np
from numpy.typing import NDArray

from nncore.arrays.layout import Array
from nncore.datasets import Split, load_dataset
from nncore.datasets.dataset import one_hot

__all__ = ["load_data", "load_data_wrapper", "vectorized_result"]

N_CLASSES = 10

Images = tuple[NDArray[np.float32], NDArray[np.int64]]
Labeled = list[tuple[Array, int]]


def load_data() -> tuple[Images, Images, Images]:
    """Return training, validation and test data, each `(x, labels)`: 50,000, 10,000, 10,000 images.

    `x` is `(n, 784)` float32, pixel/256 in `[0, 255/256]`; `labels` is `(n,)` int64, the digits.
    The arrays are copies and may be changed. Nielsen ch. 1, "Implementing our network to classify
    digits".

    Raises
    ------
    InputError
        If a file is bad or cannot be found or downloaded.
    """
    mnist = load_dataset("mnist")
    return _images(mnist.train), _images(mnist.validation), _images(mnist.test)


def load_data_wrapper() -> tuple[list[tuple[Array, Array]], Labeled, Labeled]:
    """Return training, validation and test data as lists of pairs, for `Network.SGD`.

    Training pairs are x `(784, 1)` float32 and the unit vector y `(10, 1)` float64; the other pairs
    are x and the digit, an int. The lists, as under Python 2, can be sliced, counted and
    read twice, unlike the `zip` objects of the book's program under Python 3.

    Raises
    ------
    InputError
        As `load_data`.
    """
    (x, labels), validation, test = load_data()
    y = one_hot(labels, N_CLASSES).astype(np.float64).reshape(-1, N_CLASSES, 1)
    return list(zip(_columns(x), y, strict=True)), _labeled(validation), _labeled(test)


def vectorized_result(j: int) -> NDArray[np.float64]:
    """Return the unit vector `(10, 1)` with a 1 at index `j`."""
    e = np.zeros((N_CLASSES, 1))
    e[j] = 1.0
    return e


def _images(split: Split) -> Images:
    return np.array(split.x), np.array(split.labels)


def _columns(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return x.reshape(len(x), -1, 1)


def _labeled(images: Images) -> Labeled:
    x, labels = images
    return list(zip(_columns(x), labels.tolist(), strict=True))
