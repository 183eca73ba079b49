"""Finds the kind of each column of a table, and so how it becomes inputs.

A kind is read off all rows of the file; what depends on their values is fitted on training rows by
`inputs`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.columns.dates import date_orders
from nncore.datasets.columns.identifiers import identifiers
from nncore.datasets.columns.inputs import BOOLEANS, Column, Kind, Missing, fit_column
from nncore.datasets.formats.table import FEWEST, Cells, Table, short
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
        return fit_column(self.name, self.kind, cells, missing=missing, rare=rare, **self.settings)

    @property
    def has_gaps(self) -> bool:
        """Whether a cell is empty."""
        return bool(self._empty().any())

    def _empty(self) -> NDArray[np.bool_]:
        number = self.cells.dtype.kind == "f"
        return np.isnan(self.cells) if number else np.asarray(self.cells == "")

    def info(self, column: Column) -> ColumnInfo:
        """Return what `nnsweep data info` shows of the column, which was fitted as `column`."""
        empty = self._empty()
        there = self.cells[~empty]
        different = len(np.unique(there) if there.dtype.kind == "f" else set(there.tolist()))
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


def find_pixels(table: Table) -> list[FoundColumn]:
    """Return each column of a table of images: a number, also if all pixels there are equal.

    Raises `InputError` if a column is text.
    """
    for name, cells in table.columns.items():
        if cells.dtype.kind != "f":
            rule = "must hold numbers, the pixels of images"
            got = f"text, such as {short(next(filter(None, cells.tolist()), ''))}"
            raise InputError(f"`{table.path}`, column {short(name)} {rule}, got {got}")
    return [FoundColumn(n, cells, "number", "number", {}) for n, cells in table.columns.items()]


def _find(table: Table, name: str, cells: Cells, category: bool) -> FoundColumn:
    if cells.dtype.kind == "f":
        return FoundColumn(name, cells, *_kinds_of_numbers(name, cells), {})
    there = cells[cells != ""]
    different = set(there.tolist())
    full = len(there) == len(cells)
    words = tuple(sorted(word.lower() for word in different))
    orders = [] if category else _date_orders(table, name, different)
    shown: tuple[str, Kind] = ("category", "category")
    settings: dict[str, Any] = {}
    if category:
        pass
    elif not different or (len(different) == 1 and full):
        shown = ("constant", "unused")
    elif orders:
        shown, settings = ("date", "date"), {"order": orders[0]}
    elif words in BOOLEANS and full:
        shown, settings = ("boolean", "boolean"), {"words": words}
    elif len(different) == len(there) >= FEWEST:
        shown = ("identifier", "unused")
    return FoundColumn(name, cells, *shown, settings)


def _kinds_of_numbers(name: str, cells: Cells) -> tuple[str, Kind]:
    there = cells[~np.isnan(cells)]
    full = len(there) == len(cells)
    if not len(there):
        return "constant", "unused"
    if full and identifiers(cells[:, None], [name]):
        return "identifier", "number"
    return "constant" if full and (there == there[0]).all() else "number", "number"


def _date_orders(table: Table, name: str, different: Collection[str]) -> list[str]:
    orders = date_orders(different)
    if len(orders) < 2:
        return orders
    rule = "show whether the day or the month comes first in its dates"
    example, hint = short(min(different)), f"`ignore` {short(name)} leaves it out"
    raise InputError(
        f"`{table.path}`, column {short(name)} must {rule}, got {example}; {hint}",
        argument="ignore",
    )
