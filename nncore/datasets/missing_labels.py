"""Finds the classes of a user's file that look like missing labels, such as NA.

Such a class is valid; commands only warn of it.
"""

from collections.abc import Iterator

import numpy as np

from nncore.datasets.dataset import DataSet
from nncore.errors import named

MISSING = ("na", "n/a", "#n/a", "<na>", "nan", "null", "none", "nil", "missing", "?")
"""The texts, in lower case, that other programs write for a missing value."""


def _remedy(dataset: DataSet, name: str) -> str:
    if dataset.source.is_table:
        return f'data.ignore_labels = ["{name}"] leaves these rows out'
    return "delete these rows"


def missing_label_warnings(dataset: DataSet) -> Iterator[str]:
    """Yield a sentence, without its full stop, on each class that looks like a missing label."""
    splits = (dataset.train, dataset.validation, dataset.test)
    for number, name in enumerate(dataset.classes):
        if dataset.source.is_file and name.strip().lower() in MISSING:
            count = sum(np.count_nonzero(split.labels == number) for split in splits)
            yield (
                f"{count} examples in {named(dataset.name)} have the class '{name}', which often "
                f"means a missing label; if it does, {_remedy(dataset, name)}"
            )
