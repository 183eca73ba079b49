"""Where the validation rows of a data set come from: their places in the file, and their cells.

A report shows the rows that a network predicts worst, so that a reader can look them up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nncore.datasets.dataset import DataSet
from nncore.datasets.formats.table import Cells, Table
from nncore.datasets.splitting import Rows, divided_anew, ordinary_split, unlabeled_rows
from nncore.datasets.user_file import read_rows


@dataclass(frozen=True)
class Origin:
    """Where the validation rows of a data set come from, and their cells.

    Parameters
    ----------
    unit
        What a place counts: "line" of a table, or "row" of arrays; both count from 1.
    place
        Returns the place of a validation row, as text.
    cells
        The columns of a table as they are read, numbers or text, by name; none for arrays.
    """

    unit: str
    place: Callable[[int], str]
    cells: Mapping[str, Cells]


def validation_origin(dataset: DataSet) -> Origin:
    """Return where the validation rows of a data set for regression come from.

    A user's file is read again. Raises `InputError` if it is missing or has changed.
    """
    source = dataset.source
    if not source.is_file:
        return _origin_in_arrays(_validation_rows(dataset))
    examples, _, (_, rows, _) = read_rows(source)
    if not isinstance(examples.x, Table):
        return _origin_in_arrays(rows)
    table = examples.x.only(rows)
    unit = table.place_of(0).split()[0]
    return Origin(unit, lambda row: table.place_of(row).split()[1], table.columns)


def _origin_in_arrays(rows: Rows) -> Origin:
    return Origin("row", lambda row: str(rows[row] + 1), {})


def _validation_rows(dataset: DataSet) -> Rows:
    """Return the validation rows of a data set of the catalogue, which are split at random."""
    source = dataset.source
    count = len(dataset.train) + len(dataset.validation) + len(dataset.test)
    train, validation, _ = ordinary_split(unlabeled_rows(count, source.name), source.split)
    if source.part is None:
        return validation
    both = np.concatenate([train, validation])  # a part divides them in this order
    own, held = np.split(np.arange(len(both)), [len(train)])
    rows = unlabeled_rows(len(both), source.name)
    return both[divided_anew(rows, own, held, source.part)[1]]
