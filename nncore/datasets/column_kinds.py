"""Finds the kind of each column of a table, and so how it becomes inputs.

A kind is read off all rows of the file; what depends on their values is fitted on training rows by
`columns`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from nncore.datasets.columns import BOOLEANS, Column, Kind, Missing, fit_column
from nncore.datasets.dates import date_orders
from nncore.datasets.formats.csv_table import Cells, Table, short
from nncore.datasets.identifiers import FEWEST, identifiers
from nncore.errors import InputError


@dataclass(frozen=True)
class ColumnInfo:
    """What a column of a table is, as `nnsweep data info` shows it.

    `kind` is "number", "category", "boolean", "date", "identifier" or "constant". `values` counts
    its different values, `empty` its empty cells, `inputs` the inputs that it became: 0 if it was
    left out.
    """

    name: str
    kind: str
    values: int
    empty: int
    inputs: int


@dataclass(frozen=True)
class FoundColumn:
    """A column with its kind, and how it becomes inputs."""

    name: str
    cells: Cells
    shown: str
    kind: Kind
    settings: dict[str, Any]  # of `fit_column`

    def fit(self, rows: Any, missing: Missing, rare: float) -> Column:
        """Return the column fitted on `rows`, the numbers of the training rows."""
        cells = self.cells[rows]
        return fit_column(
            self.name, self.kind, cells, missing=missing, rare=rare, **self.settings
        )

    def info(self, column: Column) -> ColumnInfo:
        """Return what `nnsweep data info` shows of the column, which was fitted as `column`."""
        number = self.cells.dtype.kind == "f"
        empty = np.isnan(self.cells) if number else self.cells == ""
        different = len(set(self.cells[~empty].tolist()))
        return ColumnInfo(self.name, self.shown, different, int(empty.sum()), len(column.inputs))


def find_columns(table: Table, categories: Collection[str]) -> list[FoundColumn]:
    """Return each column of `table` with its kind.

    A column of numbers is "number", "identifier" (all different whole numbers) or "constant". One
    of text is "constant", "identifier" (all different, in at least 20 rows), "boolean" (such as yes
    and no, no cell empty), "date", or else "category"; those in `categories` are that. Identifiers
    and constants of text, and columns without any value, are left out.

    Raises `InputError` if a column of dates does not show whether the day or the month comes first.
    """
    return [_find(table, name, cells, name in categories) for name, cells in table.columns.items()]


def _find(table: Table, name: str, cells: Cells, category: bool) -> FoundColumn:
    def found(shown: str, kind: Kind, **settings: Any) -> FoundColumn:
        return FoundColumn(name, cells, shown, kind, settings)

    if cells.dtype.kind == "f":
        there = cells[~np.isnan(cells)]
        if not len(there):
            return found("constant", "unused")
        if len(there) == len(cells) and identifiers(cells[:, None], [name]):
            return found("identifier", "number")
        constant = len(there) == len(cells) and (there == there[0]).all()
        return found("constant" if constant else "number", "number")
    there = cells[cells != ""]
    different = set(there.tolist())
    if category:
        return found("category", "category")
    if not different or (len(different) == 1 and len(there) == len(cells)):
        return found("constant", "unused")
    orders = date_orders(different)
    if len(orders) > 1:
        rule = "show whether the day or the month comes first in its dates"
        hint = f"`ignore` {short(name)} leaves it out"
        example = short(min(different))
        raise InputError(
            f"`{table.path}`, column {short(name)} must {rule}, got {example}; {hint}",
            argument="ignore",
        )
    if orders:
        return found("date", "date", order=orders[0])
    words = tuple(sorted(word.lower() for word in different))
    if words in BOOLEANS and len(there) == len(cells):
        return found("boolean", "boolean", words=words)
    if len(different) == len(there) >= FEWEST:
        return found("identifier", "unused")
    return found("category", "category")
