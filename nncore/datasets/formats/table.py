"""The table that readers of tables return: columns of numbers or text by name, from a file.

It says where a cell is, so a fault is named with its place and column; long names are cut.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from nncore.errors import InputError, named

MOST = float(np.finfo(np.float32).max)
FEWEST = 20  # rows: in fewer, a count or a size can differ in every row by chance
EMPTY = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "?"})
"""The texts, in lower case, that programs write for an empty cell."""

Cells = NDArray[Any]
"""A column: float64 with NaN for an empty cell, or objects of type str with "" for one."""


@dataclass(frozen=True)
class Table:
    """The columns of a file by name, in its order; `place_of` a row is such as "line 7"."""

    path: Path
    columns: dict[str, Cells]
    place_of: Callable[[int], str]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def only(self, rows: NDArray[np.int64]) -> "Table":
        """Return the table of these `rows`, whose errors name the lines in the file."""
        columns = {name: cells[rows] for name, cells in self.columns.items()}
        return Table(self.path, columns, lambda row: self.place_of(int(rows[row])))

    def refuse(self, row: int, column: str, rule: str, got: str, hint: str = "") -> NoReturn:
        """Raise the `InputError` for a cell: it names the place in the file and the column."""
        refuse_cell(self.path, self.place_of(row), column, rule, got, hint)


def refuse_cell(
    path: Path, place: str, column: str, rule: str, got: str, hint: str = ""
) -> NoReturn:
    """Raise the `InputError` for a cell: it must be as the `rule` says, but is `got`."""
    cell = f"`{named(path)}` {place}, column {short(column)}"
    raise InputError(f"{cell} must {rule}, got {short(got)}{hint}")


def listed(names: Sequence[str]) -> str:
    """Return the names of columns as a message shows them: the first eight and the last."""
    few = [*names[:8], "…", names[-1]] if len(names) > 10 else names
    return ", ".join(_cut(name) if name.isprintable() else short(name) for name in few)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def short(text: str) -> str:
    """Return `text` in quotes, cut after 40 characters."""
    return repr(_cut(text))
