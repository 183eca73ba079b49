"""Splits data that are published without a split into training, validation and test rows.

The split is the same on every machine: NumPy froze the stream of its legacy `RandomState`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

SPLIT_SEED = 1  # for every data set that is split here


def split_sizes(count: int, shares: Sequence[float]) -> tuple[int, int, int]:
    """Return the numbers of training, validation and test rows for `count` rows of a class.

    Validation and test get their `shares`, rounded, and training gets the rest.
    """
    _, validation, test = (round(share * count) for share in shares)
    return count - validation - test, validation, test


def stratified_split(
    labels: NDArray[Any], shares: Sequence[float], seed: int = SPLIT_SEED
) -> tuple[Rows, Rows, Rows]:
    """Return the row numbers for training, validation and test, each in shuffled order.

    Each class is split by `split_sizes`.
    """
    random = np.random.RandomState(seed)
    train: list[Rows] = []
    validation: list[Rows] = []
    test: list[Rows] = []
    by_class = np.argsort(labels, kind="stable")
    _, counts = np.unique(labels, return_counts=True)
    for members in np.split(by_class, np.cumsum(counts)[:-1]):
        rows = random.permutation(members)
        _, held, tested = split_sizes(len(rows), shares)
        validation.append(rows[:held])
        test.append(rows[held : held + tested])
        train.append(rows[held + tested :])
    return (
        random.permutation(np.concatenate(train)),
        random.permutation(np.concatenate(validation)),
        random.permutation(np.concatenate(test)),
    )
