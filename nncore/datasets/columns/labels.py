"""Guesses which column of a table holds its classes, if that is clear.

A guess is a suggestion for the user to read, as in a new sweep file; nothing relies on it.
"""

from collections.abc import Iterator

import numpy as np

from nncore.datasets.formats.table import Cells, Table

NAMES = ("label", "class", "target", "species", "y")
"""The names, in lower case, by which people call a column of classes."""

MOST = 20  # classes that a guess accepts
FEWEST_ROWS = 10  # in each class, on average


def guess_label(table: Table) -> str | None:
    """Return the column of `table` that holds the classes, None if that is not clear.

    It is the only column with one of the `NAMES`, or, if none has one, the last column. It has from
    2 to 20 different values, words or whole numbers, at least 10 rows for each on average, and no
    empty cell.
    """
    named = [name for name in table.columns if name.strip().lower() in NAMES]
    candidates = named or list(table.columns)[-1:]
    if len(candidates) != 1 or len(table.columns) < 2:
        return None
    cells = table.columns[candidates[0]]
    return candidates[0] if _are_classes(cells) else None


def few_whole_numbers(table: Table) -> Iterator[str]:
    """Yield the columns of `table` that may be codes: numbers with 3 to 20 whole values."""
    for name, cells in table.columns.items():
        if cells.dtype.kind == "f" and 3 <= len(_values(cells)) <= MOST and _are_whole(cells):
            yield name


def row_numbers(table: Table) -> Iterator[str]:
    """Yield the columns of `table` that number its rows: each number is 1 above the last."""
    for name, cells in table.columns.items():
        if cells.dtype.kind == "f" and len(cells) > 1 and (np.diff(cells) == 1).all():
            yield name


def _are_classes(cells: Cells) -> bool:
    different = _values(cells)
    full = not any(cell == "" or cell != cell for cell in different)
    whole = cells.dtype.kind != "f" or _are_whole(cells)
    return full and whole and 2 <= len(different) <= min(MOST, len(cells) // FEWEST_ROWS)


def _are_whole(cells: Cells) -> bool:
    return bool((np.isnan(cells) | (cells == np.floor(cells))).all())


def _values(cells: Cells) -> set[object]:
    """Return the different values in `cells`; a NaN counts once."""
    return set((np.unique(cells) if cells.dtype.kind == "f" else cells).tolist())
