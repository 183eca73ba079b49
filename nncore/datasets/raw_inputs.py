"""Takes raw inputs in the forms in which users have them: arrays, data frames, tables of a file.

A network wants rows of numbers; the scaling of the network says which columns they come from.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.columns.inputs import TEXT_KINDS, Column, encode, text_cells
from nncore.datasets.formats.table import EMPTY, Cells, Table, listed, short
from nncore.datasets.scaling import Scaling, as_rows
from nncore.errors import InputError, require


class DataFrame(Protocol):
    """A data frame, such as that of pandas: columns by name."""

    columns: Any

    def __getitem__(self, name: Any, /) -> Any: ...


RawInputs = NDArray[Any] | Table | DataFrame
"""Raw inputs: rows of an array, or columns by name."""

WIDE = 16.0  # the least range of raw inputs that cannot all lie between -1 and 1 by chance


def raw_rows(x: RawInputs, scaling: Scaling, n_in: int) -> NDArray[Any]:
    """Return the raw inputs of each row, `(m, n_in)`, as `scaling` takes them.

    Raises
    ------
    InputError
        If a row has another number of inputs, a column is missing, a cell does not fit its column,
        or the inputs look scaled already.
    """
    names, encoding = scaling.inputs, scaling.encoding
    if isinstance(x, Table) and encoding:
        return encode(encoding, x)
    by_name: Any = x.columns if isinstance(x, Table) else x
    if names is not None and (isinstance(x, Table) or hasattr(x, "columns")):
        _require_columns(list(x.columns), names)
        given = [by_name[name] for name in names]
    elif encoding:
        rows = np.asarray(x, object)
        fits = rows.ndim == 2 and rows.shape[1] == len(names or ())
        require(fits, "x", f"have the columns {listed(names or ())} in each row", rows.shape)
        given = list(rows.T)
    else:
        return _checked(as_rows(np.asarray(by_name)), scaling, n_in)
    columns = encoding or tuple(Column(name, "number") for name in names or ())
    cells = {c.name: _cells(c, v) for c, v in zip(_used(columns), given, strict=True)}
    if encoding:
        return encode(encoding, cells)
    return _checked(np.column_stack(list(cells.values())), scaling, n_in)


def _used(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.inputs]


def _require_columns(there: Sequence[Any], wanted: Sequence[str]) -> None:
    missing = next((name for name in wanted if name not in there), None)
    if missing is not None:
        rule = f"must have the column {short(missing)} that the network was trained on"
        raise InputError(f"`x` {rule}, got {listed([str(name) for name in there])}")


def _cells(column: Column, values: Any) -> Cells:
    """Return the values of a column as numbers with NaN, or as text with "", for empty ones."""
    if column.kind in TEXT_KINDS:
        return text_cells(np.asarray(values, object).tolist())
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError):
        numbers = [_number(column, cell) for cell in np.asarray(values, object).tolist()]
        return np.array(numbers, np.float64)


def _number(column: Column, cell: Any) -> float:
    if cell is None or str(cell).strip().lower() in EMPTY:
        return float("nan")
    try:
        return float(cell)
    except (TypeError, ValueError) as error:
        rule = f"column {short(column.name)} of `x` must hold numbers"
        raise InputError(f"{rule}, got {short(str(cell))}") from error


def _checked(rows: NDArray[Any], scaling: Scaling, n_in: int) -> NDArray[Any]:
    """Return `rows` if each has `n_in` inputs, and they do not look scaled already.

    They do if none is beyond -1 and 1, some are not whole, and each input of the training rows had
    a range, or a standard deviation, of at least 16.
    """
    require(rows.shape[1] == n_in, "x", f"have {n_in} inputs in each row", rows.shape[1])
    if rows.size and rows.dtype.kind == "f" and np.min(scaling.scale) >= WIDE:
        low, high = float(rows.min()), float(rows.max())
        if -1 <= low <= high <= 1 and (rows != np.floor(rows)).any():
            rule = "must hold raw inputs, because the network scales them itself"
            raise InputError(f"`x` {rule}; these look scaled, got values from {low:g} to {high:g}")
    return rows
