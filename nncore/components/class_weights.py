"""Class weights: how much each training example counts in the cost that training minimizes.

The weights are computed once per training run, from the labels of its training rows.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _none(labels: NDArray[np.int64]) -> None:
    return None


def _balanced(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """n/(K n_c) for an example of class c, with n_c examples, n in all, in K classes.

    K counts the classes that have examples, so the mean of the weights is 1. The same as
    `class_weight="balanced"` of scikit-learn; King & Zeng 2001.
    """
    counts = np.bincount(labels)
    weights: NDArray[np.float64] = len(labels) / (np.count_nonzero(counts) * counts[labels])
    return weights


CLASS_WEIGHTS: dict[str, Callable[[NDArray[np.int64]], NDArray[Any] | None]] = {
    "balanced": _balanced,
    "none": _none,
}
"""By the name in a config: the weight of each example from the labels `(n,)`; None if all are 1."""
