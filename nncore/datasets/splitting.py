"""How a set without a split of its own is cut into training, validation and test rows.

The cut is the same on every machine: NumPy froze the stream of its legacy `RandomState`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def stratified_split(labels: NDArray[Any], held_out: float, seed: int) -> tuple[Rows, Rows, Rows]:
    """Return the row numbers for training, validation and test, each in shuffled order.

    Of a class with `c` rows, `round(held_out · c)` go to validation, as many to test and the rest
    to training.
    """
    random = np.random.RandomState(seed)
    train: list[Rows] = []
    validation: list[Rows] = []
    test: list[Rows] = []
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        k = round(held_out * len(rows))
        validation.append(rows[:k])
        test.append(rows[k : 2 * k])
        train.append(rows[2 * k :])
    return (
        random.permutation(np.concatenate(train)),
        random.permutation(np.concatenate(validation)),
        random.permutation(np.concatenate(test)),
    )
