"""Warnings about a user's file that is valid, but probably not as the user meant it.

Commands print them on standard error; nothing is refused.
"""

from collections.abc import Iterator

import numpy as np

from nncore.datasets.dataset import DataSet

MISSING = ("na", "n/a", "#n/a", "<na>", "nan", "null", "none", "nil", "missing", "?")
"""The texts, in lower case, that other programs write for a missing value."""


def data_warnings(dataset: DataSet) -> Iterator[str]:
    """Yield one line for each doubt about the data set: a class that looks like a missing label."""
    splits = (dataset.train, dataset.validation, dataset.test)
    for number, name in enumerate(dataset.classes):
        if dataset.source.is_file and name.strip().lower() in MISSING:
            count = sum(np.count_nonzero(split.labels == number) for split in splits)
            yield (
                f"warning: {count} examples in {dataset.name} have the class '{name}', which often "
                "means a missing label; if it does, delete these rows"
            )
