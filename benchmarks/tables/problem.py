"""One split of one table: the rows that may be learned from, and those that judge.

The split is nnsweep's own, so all programs learn from and are judged by the same rows.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, r2_score

from benchmarks.tables.catalogue import Table
from nncore.datasets import load_dataset
from sweeps import parse_config

SCALE = "standard"
ANY: dict[str, Any] = {
    "sweep": {"name": "any"},
    "space": {"learning_rate": {"low": 0.1, "high": 1.0}},
}
"""The sections that a sweep must have, for reading `[data]` alone."""
SPLIT = (0.64, 0.16, 0.2)
Rows = NDArray[np.int64]


def data_section(table: Table, path: Path) -> dict[str, Any]:
    """Return the section `[data]` of a sweep on the table at `path`."""
    meaning = "label" if table.task == "classification" else "target"
    return {"name": str(path), meaning: table.column, "scale": SCALE, **table.settings}


@dataclass(frozen=True)
class Problem:
    """A table whose rows were shuffled, at `path`, and the row numbers of its three splits."""

    table: Table
    path: Path
    seed: int

    @property
    def data(self) -> dict[str, Any]:
        """The section `[data]` of a sweep; rows without a label are not in the file."""
        section = data_section(self.table, self.path)
        section.pop("ignore_labels", None)
        return {**section, "split": list(SPLIT)}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The cells as pandas reads them; classes are text."""
        kinds = {self.table.column: str} if self.table.task == "classification" else None
        return pd.read_csv(self.path, na_values=["?"], dtype=kinds)

    @cached_property
    def rows(self) -> tuple[Rows, Rows, Rows]:
        """The row numbers of training, validation and test rows.

        A table of labels and row numbers is split by nnsweep as any table with these labels.
        """
        numbers = self.path.with_suffix(".rows.csv")
        frame = self.frame[[self.table.column]].assign(row=range(len(self.frame)))
        frame.to_csv(numbers, index=False)
        section = data_section(replace(self.table, settings={}), numbers)
        config = parse_config({"data": {**section, "split": list(SPLIT), "scale": "none"}, **ANY})
        data = load_dataset(config.data.source)
        parts = (data.train, data.validation, data.test)
        train, validation, test = (np.rint(part.x[:, 0]).astype(np.int64) for part in parts)
        return train, validation, test

    @property
    def target(self) -> NDArray[Any]:
        """The column that is predicted."""
        return self.frame[self.table.column].to_numpy()

    @property
    def inputs(self) -> pd.DataFrame:
        """The other columns."""
        return self.frame.drop(columns=self.table.column)

    def score(self, predicted: NDArray[Any]) -> float:
        """Return the accuracy or R² of predictions for the test rows."""
        true = self.target[self.rows[2]]
        if self.table.task == "regression":
            return float(r2_score(true, predicted))
        return float(accuracy_score(true.astype(str), np.asarray(predicted).astype(str)))
