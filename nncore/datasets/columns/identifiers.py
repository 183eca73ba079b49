"""Finds the columns that number the rows of a table; from such an input a network learns the file.

If the rows are sorted by class, the row number alone predicts the class, and only in this file.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.formats.table import FEWEST

FIRST = 1000  # rows that are checked before all rows, since most columns already repeat there
SHOWN, LONGEST = 3, 40  # names and characters of each in a warning


def identifiers(x: NDArray[Any], names: Sequence[str]) -> tuple[str, ...]:
    """Return the `names` of the columns of `x`, `(n, n_in)`, that look like identifiers of rows.

    Such a column has a different whole number in each of at least 20 rows. Measurements with
    decimals may all differ.
    """
    if len(x) < FEWEST:
        return ()
    columns = zip(names, x.T, strict=True)
    return tuple(name for name, c in columns if _numbers_rows(c[:FIRST]) and _numbers_rows(c))


def _numbers_rows(column: NDArray[Any]) -> bool:
    return bool((column == np.floor(column)).all()) and len(np.unique(column)) == len(column)


def identifier_warning(names: Sequence[str]) -> str:
    """Return the sentence, without its full stop, that warns of the columns `names`."""
    shown = ", ".join(
        repr(name if len(name) <= LONGEST else f"{name[:LONGEST]}…") for name in names[:SHOWN]
    )
    if len(names) > SHOWN:
        shown += f" and {len(names) - SHOWN} more"
    one = len(names) == 1
    return (
        f"{'column' if one else 'columns'} {shown} {'has' if one else 'have'} a different whole "
        f"number in each row: if {'it numbers' if one else 'they number'} the rows, accuracies on "
        "this file do not hold for other rows"
    )
